"""Exercises on training: norms by layer, vanishing and dead units, a score with two bugs, a loss within a budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from ...autograd.functions.losses import bce_with_logits
from ...autograd.nn import MLP, Tanh
from ...autograd.optim import SGD, Adam
from ...autograd.tensor import Tensor
from ..dyadic import Array, Dyadic
from ..item import Item, Mistake

Gradients = dict[str, Array]


# ---------------------------------------------------------------------- 1: a norm for each layer
def _named(draw: Dyadic) -> tuple[Gradients]:
    sizes = [draw.integer(1, 3) for _ in range(draw.integer(3, 4))]
    arrays: Gradients = {}
    for i, (inputs, outputs) in enumerate(pairwise(sizes)):
        arrays[f"{2 * i}.weight"] = draw.array(outputs, inputs)
        arrays[f"{2 * i}.bias"] = draw.array(outputs)
    return ({name: arrays[name] for name in draw.shuffled(list(arrays))},)


def _by_layer(size: Callable[[Array], Any]) -> Callable[[Gradients], dict[str, Any]]:
    """For each layer the size of all its numbers in one row."""

    def sizes(gradients: Gradients) -> dict[str, Any]:
        rows: dict[str, list[Array]] = {}
        for name, gradient in gradients.items():
            rows.setdefault(name.split(".")[0], []).append(gradient.ravel())
        return {layer: size(np.concatenate(parts)) for layer, parts in rows.items()}

    return sizes


def _added(gradients: Gradients) -> dict[str, Any]:
    norms = {name: np.linalg.norm(gradient) for name, gradient in gradients.items()}
    return {name[0]: norms[f"{name[0]}.weight"] + norms[f"{name[0]}.bias"] for name in norms}


def _last(gradients: Gradients) -> dict[str, Any]:
    return {name[0]: np.linalg.norm(gradient) for name, gradient in gradients.items()}


NORMS = Item(
    id="ex12.1",
    name="layer_norms",
    ask="return a dict from each layer to the norm of all its gradients",
    truth=lambda gradients: _by_layer(np.linalg.norm)(gradients),
    cases=_named,
    tolerance=1e-9,
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
    ),
)


# ---------------------------------------------------------------------- 2: how fast it vanishes
def _vanishing(draw: Dyadic) -> tuple[list[float]]:
    norms = [draw.number(1, 4)]
    for _ in range(draw.integer(3, 7)):
        norms.append(norms[-1] * draw.one_of([0.125, 0.25, 0.375, 0.5, 0.75]))
    return (norms[::-1],)


FACTOR = Item(
    id="ex12.2",
    name="factor_per_layer",
    ask="return the factor that would do the same in every layer",
    truth=lambda norms: (norms[0] / norms[-1]) ** (1 / (len(norms) - 1)),
    cases=_vanishing,
    tolerance=1e-9,
    hint="Which number, multiplied once for each step from the last layer to the first, gives the whole ratio?",
    mistakes=(
        Mistake("mean", lambda n: np.mean([a / b for a, b in pairwise(n)]), "The factors are multiplied on the way."),
        Mistake(
            "direction", lambda n: (n[-1] / n[0]) ** (1 / (len(n) - 1)), "On its way back, does the gradient grow?"
        ),
        Mistake("posts", lambda norms: (norms[0] / norms[-1]) ** (1 / len(norms)), "Count the steps, not the layers."),
        Mistake("whole", lambda norms: norms[0] / norms[-1], "That is the factor of the whole way."),
        Mistake("division", lambda norms: norms[0] / norms[-1] / (len(norms) - 1), "Divided evenly is not multiplied."),
    ),
)


# ---------------------------------------------------------------------- 3: dead units
def _units(draw: Dyadic) -> tuple[Array, Array, Array]:
    """A layer with a unit that is dead, one that is so by a hair, and one that only one example keeps alive."""
    rows, inputs, units = draw.one_of([(4, 3, 3), (4, 2, 4), (5, 2, 3), (3, 2, 3)])
    X, W = draw.array(rows, inputs), draw.array(units, inputs)
    margins = draw.shuffled([-0.5, 0.0, 0.25, draw.number(1, 3)][:units])
    return X, W, np.array(margins) - (X @ W.T).max(axis=0)


def _off(X: Array, W: Array, b: Array) -> Any:
    return X @ W.T + b <= 0


DEAD = Item(
    id="ex12.3",
    name="dead_units",
    ask="return for each unit whether it is dead",
    truth=lambda X, W, b: _off(X, W, b).all(axis=0),
    cases=_units,
    hint="Compute z for all examples and all units, and ask of each unit: is it off for every example?",
    mistakes=(
        Mistake("M9", lambda X, W, b: (X @ W.T + b < 0).all(axis=0), "What slope has a ReLU whose z is 0 at best?"),
        Mistake("any", lambda X, W, b: _off(X, W, b).any(axis=0), "Off for some examples is not dead; off for all is."),
        Mistake("axis", lambda X, W, b: _off(X, W, b).all(axis=1), "You asked each example; asked is each unit."),
        Mistake("turned", lambda X, W, b: ~_off(X, W, b).all(axis=0), "True is for the dead; you marked the living."),
        Mistake("bias", lambda X, W, b: _off(X, W, 0 * b).all(axis=0), "The bias is part of z."),
    ),
)


# ---------------------------------------------------------------------- 4: where it broke
class Table(str):
    """A text that a notebook shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _table(weights: list[float], biases: list[float]) -> Table:
    lines = ["layer   norm of ∂L/∂W   norm of ∂L/∂b"]
    for number, (weight, bias) in enumerate(zip(weights, biases, strict=True), start=1):
        lines.append(f"{number:5d}   {weight:13g}   {bias:13g}")
    return Table("\n".join(lines))


def _broken(draw: Dyadic) -> tuple[list[float], list[float]]:
    layers, silent = draw.integer(8, 9), draw.integer(2, 5)
    weights, biases = (draw.array(layers, low=0.25, high=2).tolist() for _ in range(2))
    weights[: silent + 1], biases[:silent] = [0.0] * (silent + 1), [0.0] * silent
    return weights, biases


SILENT = Item(
    id="ex12.4",
    name="silent_layer",
    ask="the number of the layer whose units are all dead",
    kind="value",
    truth=lambda weights, biases: biases.count(0.0),
    cases=_broken,
    hint="Go up from the last layer. What does a layer's weight gradient need besides the message from above?",
    figure=_table,
    mistakes=(
        Mistake(
            "inputs",
            lambda weights, biases: weights.count(0.0),
            "Its biases get something, so it has units that are on. Why may its weights get nothing all the same?",
        ),
        Mistake(
            "first", lambda *_: 1, "It gets nothing, and neither do others above it. Which was first on the way back?"
        ),
        Mistake(
            "above", lambda weights, _: weights.count(0.0) + 1, "Here weights and biases have gradients: all is well."
        ),
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
    tolerance=1e-9,
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
            "border", lambda x, y: _share(x, y, 0.5), "Shapes are right now. At which logit is the chance one half?"
        ),
        Mistake("wrong", lambda logits, labels: 1 - _share(logits, labels), "That is the share of wrong answers."),
        Mistake("M14", lambda logits, labels: _share(logits, labels) * len(labels), "That is their number."),
    ),
)


# ---------------------------------------------------------------------- 6: a loss within a budget
BUDGET, GOAL = 120, 0.1
UNCLEARED = "The gradients of all steps have piled up: what has to happen before each backward pass?"
UPWARDS = "The loss went up. In which direction does a gradient point? And are the steps too large?"


class Network(MLP):
    """A small network that counts how often it is called, and with which weights."""

    def __init__(self, generator: np.random.Generator) -> None:
        super().__init__([2, 8, 1], Tanh, generator=generator)
        self.seen: list[dict[str, Any]] = []

    def forward(self, x: Any) -> Any:
        """The logits; an error if the budget is used up."""
        if len(self.seen) >= BUDGET:
            raise RuntimeError(f"the budget of {BUDGET} calls of network(…) is used up")
        self.seen.append(self.state_dict())
        return super().forward(x)


def _two_moons(draw: Dyadic) -> tuple[Network, Array, Array]:
    random, n = np.random.default_rng(draw.integer(0, 2**31)), 60
    angle = np.linspace(0, np.pi, n // 2)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X = np.concatenate([upper, [1.0, 0.5] - upper]) + 0.1 * random.standard_normal((n, 2))
    return Network(random), X, np.repeat([0.0, 1.0], n // 2)[:, None]


def _loss(network: Network, X: Array, y: Array) -> Tensor:
    return bce_with_logits(MLP.forward(network, X), y)  # such a call is not counted


def _trained(_: Any, network: Network, X: Array, y: Array) -> dict[str, Any]:
    """What became of the network: its loss, its calls, and whether its last gradients are those of one step."""
    loss, left = _loss(network, X, y).data, [parameter.grad for parameter in network.parameters()]
    piled: list[Any] = [0.0] * len(left)
    for weights in network.seen if len(network.seen) > 1 else []:
        network.load_state_dict(weights)
        network.zero_grad()
        _loss(network, X, y).backward()
        piled = [total + parameter.grad for total, parameter in zip(piled, network.parameters(), strict=True)]
    same = all(mine is not None and np.allclose(mine, total) for mine, total in zip(left, piled, strict=True))
    return {"loss": round(float(loss), 3), "calls": len(network.seen), "gradients cleared": not same}


def _missed(answer: Any, network: Network, X: Array, y: Array) -> str | None:
    if not isinstance(answer, Mapping) or not answer.get("calls"):
        return "The network was never called: a step needs the loss, and the loss needs network(X)."
    loss, first = answer["loss"], round(float(_loss(network, X, y).data), 3)
    if not answer["gradients cleared"]:
        return UNCLEARED
    if loss < GOAL:
        return None
    if loss == first:
        return "No weight has moved: does the optimizer have the network's parameters, and is its step() called?"
    if loss < first:
        return "The steps go downhill, but not far enough. There is a plateau: which optimizers gather speed on it?"
    return UPWARDS


def _trains(make: Callable[[list[Tensor]], Any], *, clear: bool = True, turned: bool = False) -> Callable[..., None]:
    """A training loop with this optimizer that uses the whole budget."""

    def train(network: Network, X: Array, y: Array) -> None:
        optimizer = make(list(network.parameters()))
        for _ in range(BUDGET):
            loss = bce_with_logits(network(X), y)
            if clear:
                optimizer.zero_grad()
            (-loss if turned else loss).backward()
            optimizer.step()

    return train


TRAIN = Item(
    id="ex12.6",
    name="train",
    ask="train the network in at most 120 calls",
    truth=lambda network, X, y: _trains(lambda parameters: Adam(parameters, lr=0.2))(network, X, y),
    cases=_two_moons,
    count=3,
    observe=_trained,
    judge=_missed,
    hint="Bring the loss below 0.1.",
    mistakes=(
        Mistake("M8", _trains(lambda parameters: SGD(parameters, lr=0.5), clear=False), UNCLEARED),
        Mistake("M12", _trains(lambda parameters: SGD(parameters, lr=0.5), turned=True), UPWARDS),
    ),
)

ITEMS = (NORMS, FACTOR, DEAD, SILENT, ACCURACY, TRAIN)
