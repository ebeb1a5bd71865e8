"""Exercises on training: norms by layer, vanishing and dead units, a score with two bugs, a loss within a budget."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from ..dyadic import Array, Dyadic
from ..item import Item, Mistake
from ..values import Line
from .ex12_train import TRAIN

Gradients = dict[str, Array]


# ---------------------------------------------------------------------- 1: a norm for each layer
def _named(draw: Dyadic) -> tuple[Gradients]:
    """The gradients of two layers, in whole numbers; of some networks, one layer has a name of two digits."""
    sizes = draw.one_of([(1, 2, 1), (2, 1, 1), (1, 1, 2), (2, 1, 2)])
    whole = (-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0)
    arrays: Gradients = {}
    for layer, (inputs, outputs) in enumerate(pairwise(sizes), start=draw.one_of([0, 4])):
        arrays[f"{2 * layer}.weight"] = np.array([[draw.one_of(whole) for _ in range(inputs)] for _ in range(outputs)])
        arrays[f"{2 * layer}.bias"] = np.array([draw.one_of(whole) for _ in range(outputs)])
    return ({name: arrays[name] for name in draw.shuffled(list(arrays))},)


def _layer(name: str) -> str:
    return name.split(".")[0]


def _by_layer(
    size: Callable[[Array], Any], layer: Callable[[str], Any] = _layer
) -> Callable[[Gradients], dict[Any, Any]]:
    """For each layer the size of all its numbers in one row."""

    def sizes(gradients: Gradients) -> dict[Any, Any]:
        rows: dict[Any, list[Array]] = {}
        for name, gradient in gradients.items():
            rows.setdefault(layer(name), []).append(gradient.ravel())
        return {key: size(np.concatenate(parts)) for key, parts in rows.items()}

    return sizes


def _added(gradients: Gradients) -> dict[str, Any]:
    norms = {name: np.linalg.norm(gradient) for name, gradient in gradients.items()}
    return {layer: norms[f"{layer}.weight"] + norms[f"{layer}.bias"] for layer in map(_layer, norms)}


def _last(gradients: Gradients) -> dict[str, Any]:
    return {_layer(name): np.linalg.norm(gradient) for name, gradient in gradients.items()}


NORMS = Item(
    id="ex12.1",
    name="layer_norms",
    ask="return a dict from each layer to the norm of all its gradients",
    truth=lambda gradients: _by_layer(np.linalg.norm)(gradients),
    cases=_named,
    hint="Add the squares of all numbers that belong to the layer; take the root at the very end.",
    mistakes=(
        Mistake(
            "roots", _added, "You added norms. Two legs of a triangle are not added either: add the squares first."
        ),
        Mistake("M1", _last, "A layer has two arrays, and the second has overwritten the first."),
        Mistake("weight", lambda all_: _last({n: all_[n] for n in all_ if "w" in n}), "The bias is part of its layer."),
        Mistake("M14", _by_layer(lambda g: np.sqrt((g**2).mean())), "A norm is made of a sum, and not of a mean."),
        Mistake("square", _by_layer(lambda g: (g**2).sum()), "That is the square of the norm."),
        Mistake("ones", _by_layer(lambda g: np.abs(g).sum()), "You added the magnitudes; the norm adds squares."),
        Mistake("largest", _by_layer(lambda g: np.abs(g).max()), "That is the largest number of each layer."),
        Mistake(
            "digits",
            _by_layer(np.linalg.norm, lambda name: name[0]),
            'A layer may have a name of two digits, as in "10.weight": all before the dot.',
        ),
        Mistake(
            "keys",
            _by_layer(np.linalg.norm, lambda name: int(_layer(name))),
            'The keys are texts, such as "2", and not numbers.',
        ),
    ),
)


# ---------------------------------------------------------------------- 2: how fast it vanishes
def _vanishing(draw: Dyadic) -> tuple[list[float]]:
    norms = [float(draw.integer(1, 4))]
    for _ in range(draw.integer(3, 5)):
        norms.append(round(norms[-1] * draw.one_of([0.1, 0.2, 0.5]), 9))  # few digits
    return (norms[::-1],)


FACTOR = Item(
    id="ex12.2",
    name="factor_per_layer",
    ask="return the factor that would do the same in every layer",
    truth=lambda norms: (norms[0] / norms[-1]) ** (1 / (len(norms) - 1)),
    cases=_vanishing,
    hint="Which number, multiplied once for each step from the last layer to the first, gives the whole ratio?",
    mistakes=(
        Mistake(
            "mean",
            lambda n: np.mean([a / b for a, b in pairwise(n)]),
            "That is the mean of the factors. But on the way they are multiplied, and not added.",
        ),
        Mistake(
            "direction",
            lambda n: (n[-1] / n[0]) ** (1 / (len(n) - 1)),
            "That leads from the first norm to the last. On its way back, does the gradient grow?",
        ),
        Mistake(
            "posts",
            lambda norms: (norms[0] / norms[-1]) ** (1 / len(norms)),
            "Count the steps from layer to layer: there is one fewer than layers.",
        ),
        Mistake(
            "whole",
            lambda norms: norms[0] / norms[-1],
            "That is the factor of the whole way. Which one, taken in each step, makes it?",
        ),
        Mistake(
            "division",
            lambda norms: norms[0] / norms[-1] / (len(norms) - 1),
            "You divided the whole ratio by the number of steps. Multiply your factor so often: is it the ratio?",
        ),
    ),
)


# ---------------------------------------------------------------------- 3: dead units
def _units(draw: Dyadic) -> tuple[Array, Array, Array]:
    """A layer with a unit that is dead, one that is so by a hair, and one that only one example keeps alive.

    Some unit would be dead without its bias: who leaves biases out answers True for it.
    """
    rows, inputs, units = draw.one_of([(3, 3, 3), (4, 2, 4), (5, 2, 3), (3, 2, 3)])
    X, W = draw.array(rows, inputs), draw.array(units, inputs)
    while (X @ W.T).max(axis=0).min() > 0:
        X, W = draw.array(rows, inputs), draw.array(units, inputs)
    margins = draw.shuffled([-0.5, 0.0, 0.25, draw.number(1, 3)][:units])
    return X, W, np.array(margins) - (X @ W.T).max(axis=0)


def _off(X: Array, W: Array, b: Array) -> Any:
    return X @ W.T + b <= 0


ONLY_ZERO = "You looked for a z of exactly 0. What comes out of a ReLU is 0 for many other z as well."
ASKED = "Asked is one True or False for each unit."

DEAD = Item(
    id="ex12.3",
    name="dead_units",
    ask="return for each unit whether it is dead",
    truth=lambda X, W, b: _off(X, W, b).all(axis=0),
    cases=_units,
    hint="Compute z for all examples and units. Each unit gets a True or a False: is it off for every example?",
    mistakes=(
        Mistake("M9", lambda X, W, b: (X @ W.T + b < 0).all(axis=0), "What slope has a ReLU whose z is 0 at best?"),
        Mistake("any", lambda X, W, b: _off(X, W, b).any(axis=0), "Off for some examples is not dead; off for all is."),
        Mistake("axis", lambda X, W, b: _off(X, W, b).all(axis=1), "You asked each example; asked is each unit."),
        Mistake("turned", lambda X, W, b: ~_off(X, W, b).all(axis=0), "True is for the dead; you marked the living."),
        Mistake("equal", lambda X, W, b: (X @ W.T + b == 0).all(axis=0), ONLY_ZERO),
        Mistake("equal", lambda X, W, b: (X @ W.T + b == 0).any(axis=0), ONLY_ZERO),
        Mistake("bias", lambda X, W, b: _off(X, W, 0 * b).all(axis=0), "The bias is part of z."),
        Mistake(
            "M5",
            lambda X, W, b: _off(X, W.T, b).all(axis=0),
            "W has a row for each unit: it has to be turned before it is multiplied with X.",
        ),
        Mistake(
            "places",
            lambda X, W, b: np.flatnonzero(_off(X, W, b).all(axis=0)),
            "Those are the places of the dead. " + ASKED,
        ),
        Mistake("count", lambda X, W, b: _off(X, W, b).all(axis=0).sum(), "That is how many are dead. " + ASKED),
        Mistake("each", _off, "That says for each example which units are off. " + ASKED),
    ),
)


# ---------------------------------------------------------------------- 4: where it broke
def _table(weights: list[float], biases: list[float]) -> Line:
    lines = ["layer   norm of ∂L/∂W   norm of ∂L/∂b"]
    for number, (weight, bias) in enumerate(zip(weights, biases, strict=True), start=1):
        lines.append(f"{number:5d}   {weight:13g}   {bias:13g}")
    return Line("\n".join(lines))


def _broken(draw: Dyadic) -> tuple[list[float], list[float]]:
    layers, silent = draw.integer(8, 9), draw.integer(2, 5)
    weights, biases = (draw.array(layers, low=0.25, high=2).tolist() for _ in range(2))
    weights[: silent + 1], biases[:silent] = [0.0] * (silent + 1), [0.0] * silent
    return weights, biases


NOT_THE_FIRST = (
    "It gets nothing; but neither does the layer after it. Which was the first to get nothing, on the way back?"
)

SILENT = Item(
    id="ex12.4",
    name="silent_layer",
    ask="the number of the layer whose units are all dead",
    kind="value",
    truth=lambda weights, biases: biases.count(0.0),
    cases=_broken,
    hint="Go up in the table from the last layer. What does ∂L/∂W of a layer need, besides the message from the loss?",
    figure=_table,
    mistakes=(
        Mistake(
            "inputs",
            lambda weights, biases: weights.count(0.0),
            "Its biases get something, so it has units that are on. Why may its weights get nothing all the same?",
        ),
        Mistake("first", lambda *_: 1, NOT_THE_FIRST),
        Mistake("first", lambda _, biases: biases.count(0.0) - 1, NOT_THE_FIRST),
        Mistake("first", lambda _, biases: max(1, biases.count(0.0) - 2), NOT_THE_FIRST),
        Mistake(
            "above", lambda weights, _: weights.count(0.0) + 1, "Here weights and biases have gradients: all is well."
        ),
        Mistake("last", lambda weights, _: len(weights), "Here weights and biases have gradients: all is well."),
    ),
)


# ---------------------------------------------------------------------- 5: a score with two bugs
def _scores(draw: Dyadic) -> tuple[Array, Array]:
    """Logits, some of them between 0 and ½, and labels of which there are not equally many."""
    n = draw.integer(4, 7)
    logits, ones = draw.array(n, 1), draw.integer(1, n - 1)
    logits[0], logits[1] = draw.one_of([0.25, 0.5]), -draw.number(0.25, 3)
    return logits, np.array(draw.shuffled([1.0] * ones + [0.0] * (n - ones)))


def _share(logits: Array, labels: Array, border: float = 0.0) -> Any:
    return ((logits[:, 0] > border) == labels).mean()


ACCURACY = Item(
    id="ex12.5",
    name="mended_accuracy",
    ask="return the share of right answers",
    truth=lambda logits, labels: _share(logits, labels),
    cases=_scores,
    count=20,
    hint="Take three examples, write down for each what the network says, and count by hand.",
    mistakes=(
        Mistake(
            "bad",
            lambda logits, labels: ((logits > 0.5) == labels).mean(),
            "How many comparisons does this line make? And at which logit is the probability one half?",
        ),
        Mistake(
            "shape",
            lambda logits, labels: ((logits > 0) == labels).mean(),
            "The border is right now. A column is still compared with a row: every logit with every label.",
        ),
        Mistake(
            "border",
            lambda x, y: _share(x, y, 0.5),
            "Shapes are right now. At which logit is the probability one half?",
        ),
        Mistake("wrong", lambda logits, labels: 1 - _share(logits, labels), "That is the share of wrong answers."),
        Mistake(
            "M14",
            lambda logits, labels: _share(logits, labels) * len(labels),
            "That is how many are right; asked is their share.",
        ),
        Mistake("percent", lambda logits, labels: 100 * _share(logits, labels), "Asked is a number from 0 to 1."),
    ),
)


ITEMS = (NORMS, FACTOR, DEAD, SILENT, ACCURACY, TRAIN)
