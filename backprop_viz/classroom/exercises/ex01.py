"""Exercises on the loss surface: the empirical loss, its gradient, a step, a walk, the learning rate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.tensor import Tensor
from ..dyadic import Array, Dyadic
from ..item import Item, Mistake
from ..picture import asked
from .ex01_rate import RATE

Parts = dict[str, Any]
SHAPES = ((2, 2), (4, 2), (2, 2), (2, 3), (2, 2), (4, 1))  # examples and inputs; square half of the time


def _wholes(draw: Dyadic, *shape: int) -> Array:
    """Whole numbers from −3 to 3 without 0, which are easy on paper."""
    return np.array([draw.one_of((-3.0, -2.0, -1.0, 1.0, 2.0, 3.0)) for _ in range(int(np.prod(shape)))]).reshape(shape)


def _sample(draw: Dyadic) -> tuple[Array, Array, Array]:
    """Examples, their answers, and the parameters; as many examples as a float can divide by exactly."""
    examples, inputs = draw.one_of(SHAPES)
    return _wholes(draw, examples, inputs), _wholes(draw, examples), _wholes(draw, inputs) / 2


# ---------------------------------------------------------------------- 1: the empirical loss
LOSS = Item(
    id="ex01.1",
    name="empirical_loss",
    ask="return the mean over the examples of the squared error",
    truth=lambda X, y, w: np.mean((X @ w - y) ** 2),
    cases=_sample,
    count=20,
    hint="Example by example: the prediction, its error, the square. The mean of the squares comes last.",
    mistakes=(
        Mistake("M14", lambda X, y, w: np.sum((X @ w - y) ** 2) / w.size, "How many squares have you added up?"),
        Mistake("M14", lambda X, y, w: np.sum((X @ w - y) ** 2), "That is the sum over the examples."),
        Mistake(
            "order",
            lambda X, y, w: np.mean(X @ w - y) ** 2,
            "You squared the mean. Errors of opposite signs must not cancel: square first.",
        ),
        Mistake("square", lambda X, y, w: np.mean(X @ w - y), "The errors are not squared yet."),
        Mistake("square", lambda X, y, w: np.mean(np.abs(X @ w - y)), "That is the mean distance; errors are squared."),
        Mistake("half", lambda X, y, w: np.mean((X @ w - y) ** 2) / 2, "Some write a ½ in front; this loss has none."),
        Mistake("root", lambda X, y, w: np.sqrt(np.mean((X @ w - y) ** 2)), "There is no root in this loss."),
        Mistake("y", lambda X, y, w: np.mean((X @ w) ** 2), "Where is y? An error is a distance from the answer."),
        Mistake("X", lambda X, y, w: np.mean((X * w - y) ** 2), "One row times w, added up, is one prediction."),
    ),
)


# ---------------------------------------------------------------------- 2: the mean of the votes
def _mean_loss(X: Array, y: Array, w: Array) -> Tensor:
    prediction = tensor(X, name="X") @ parameter(w, name="w")
    L = ((prediction - tensor(y, name="y")) ** 2).mean()
    prediction.name, L.name = "ŷ", "L"
    return L


def _gradient(X: Array, y: Array, w: Array) -> Array:
    return 2 * (X @ w - y) @ X / len(y)


def _untransposed(X: Array, y: Array, w: Array) -> Array:
    return 2 * X @ (X @ w - y) / len(y) if X.shape[0] == X.shape[1] else _gradient(X, y, w)


MEAN = Item(
    id="ex01.2",
    name="mean_gradient",
    ask="return the gradient of the empirical loss, a number for each parameter",
    graph=_mean_loss,
    nodes=("w",),
    truth=_gradient,
    cases=_sample,
    count=20,
    hint="First the vote of one example: how does the square answer to ŷ, and how does ŷ answer to w[j]?",
    mistakes=(
        Mistake("M14", lambda X, y, w: 2 * (X @ w - y) @ X / w.size, "Not the parameters vote, the examples do."),
        Mistake("M14", lambda X, y, w: 2 * (X @ w - y) @ X, "That is the sum of the votes."),
        Mistake("M12", lambda X, y, w: -_gradient(X, y, w), "That points downhill; the gradient points up."),
        Mistake("power", lambda X, y, w: _gradient(X, y, w) / 2, "How does a square answer to what is squared?"),
        Mistake(
            "M5",
            _untransposed,
            "For a square X yours runs, and is wrong: the errors belong to the rows of X, so the sum is over rows.",
        ),
        Mistake(
            "M2",
            lambda X, y, w: np.mean(X, axis=0),
            "That is how the mean prediction answers to w. And how does the loss answer to each prediction?",
        ),
        Mistake(
            "M2",
            lambda X, y, w: 2 * np.mean(X @ w - y),
            "That is how the loss answers if all predictions grow. What has w[j] to do with prediction i?",
        ),
        Mistake(
            "product",
            lambda X, y, w: 2 * np.mean(X @ w - y) * np.mean(X, axis=0),
            "A mean of products is not the product of the means: multiply in each example, then take the mean.",
        ),
        Mistake(
            "M1",
            lambda X, y, w: 2 * (X @ w - y)[-1] * X[-1] / len(y),
            "Only the last example has a vote in yours. Later votes must not replace earlier ones.",
        ),
    ),
)


# ---------------------------------------------------------------------- 3: a step to predict
def _two_examples(w: float, x1: float, y1: float, x2: float, y2: float) -> Tensor:
    """The empirical loss of two examples, x and y written into the ops."""
    w_ = parameter(w, name="w")
    parts = []
    for i, x, y in ((1, x1, y1), (2, x2, y2)):
        prediction = w_ * x
        error = prediction - y
        square = error**2
        prediction.name, error.name, square.name = f"p{i}", f"e{i}", f"q{i}"
        parts.append(square)
    total = parts[0] + parts[1]
    L = total / 2
    total.name, L.name = "t", "L"
    return L


def _stepped(factor: float, *, start: float = 1, first: float = 1, second: float = 1) -> Callable[..., float]:
    """Where w is after a step by −0.25 · factor times the mean of the votes; the other numbers leave parts out."""
    part = 0.25 * factor
    return lambda w, x1, y1, x2, y2: start * w - part * (first * (w * x1 - y1) * x1 + second * (w * x2 - y2) * x2)


ONE_VOTE = "Only one of the two examples has moved w in yours. Two arrows lead back to it."
AFTER_MISTAKES = (
    Mistake("M14", _stepped(2), "Your step is too long. The loss is a mean: both votes are halved."),
    Mistake("M12", _stepped(-1), "That goes uphill."),
    Mistake("M12", _stepped(4), "You went by the whole gradient; the step is a part of it."),
    Mistake("power", _stepped(0.5), "Your step is too short. How does a square answer to what is squared?"),
    Mistake("M1", _stepped(1, second=0), ONE_VOTE),
    Mistake("M1", _stepped(1, first=0), ONE_VOTE),
    Mistake("gradient", _stepped(-4, start=0), "That is the red number of w. Asked is where w is after the step."),
    Mistake("change", _stepped(1, start=0), "That is the step. Asked is where w is after it."),
    Mistake(
        "M2",
        lambda w, x1, y1, x2, y2: w - 0.25 * ((w * x1 - y1) + (w * x2 - y2)),
        "The errors alone do not say how the loss answers to w: what are the blue numbers on the first two arrows?",
    ),
)


def _two(draw: Dyadic) -> tuple[float, ...]:
    """w and two examples for which every mistake gives a number of its own."""
    while True:
        case = draw.integer(-2, 3) / 1.0, *(float(number) for number in _wholes(draw, 4))
        if len({mistake.answer(*case) for mistake in AFTER_MISTAKES} | {_stepped(1)(*case)}) == len(AFTER_MISTAKES) + 1:
            return case


AFTER = Item(
    id="ex01.3",
    name="w_after",
    ask="the value of w after one step with ε = 0.25",
    kind="value",
    truth=_stepped(1),
    cases=_two,
    hint="Work out the red number of w, the sum of what two arrows bring. Then a step of a quarter of it, downhill.",
    figure=lambda *case: asked(_two_examples(*case)),
    mistakes=AFTER_MISTAKES,
)


# ---------------------------------------------------------------------- 4: a step
def _parts(draw: Dyadic) -> tuple[Parts, Parts, float]:
    """Parameters by their names, and gradients; often one for which nobody has asked."""
    size = draw.integer(1, 3)
    parameters: Parts = {"w": draw.array(size), "b": draw.number(), "c": draw.number()}
    gradients: Parts = {"w": draw.array(size), "b": draw.number(), "c": draw.number()}
    unasked = draw.one_of(("b", "c", ""))
    return parameters, gradients | ({unasked: None} if unasked else {}), draw.one_of((0.125, 0.25, 0.5))


def _each(rule: Callable[[Any, Any, float], Any]) -> Callable[[Parts, Parts, float], Parts]:
    """A step that makes this of each parameter, its gradient and ε; without a gradient it stays."""
    return lambda parameters, gradients, epsilon: {
        name: p if gradients[name] is None else rule(p, gradients[name], epsilon) for name, p in parameters.items()
    }


def _dropped(parameters: Parts, gradients: Parts, epsilon: float) -> Parts:
    new = STEP.truth(parameters, gradients, epsilon)
    return {name: p for name, p in new.items() if gradients[name] is not None}


STEP = Item(
    id="ex01.4",
    name="gd_step",
    ask="return the dict of the new parameters",
    truth=_each(lambda p, g, epsilon: p - epsilon * g),
    cases=_parts,
    hint="Name by name: the old number, and then epsilon times the gradient of the same name, against it.",
    mistakes=(
        Mistake("M12", _each(lambda p, g, epsilon: p + epsilon * g), "That goes uphill."),
        Mistake("M12", _each(lambda p, g, epsilon: p - g), "Your step is the whole gradient: where is epsilon?"),
        Mistake("change", _each(lambda p, g, epsilon: -epsilon * g), "That is the step. Where does it start from?"),
        Mistake("M3", _each(lambda p, g, epsilon: g - epsilon * p), "Parameters and gradients are swapped."),
        Mistake("None", _dropped, "A parameter without a gradient stays as it is, and it stays in the dict."),
    ),
)


# ---------------------------------------------------------------------- 5: a bug to mend (6 is in ex01_rate.py)
def _slopes(x: Array, y: Array, w: float, b: float) -> tuple[float, float]:
    error = w * x + b - y
    return 2 * float(np.mean(error * x)), 2 * float(np.mean(error))


def _walk(
    x: Array, y: Array, w: float, b: float, epsilon: float, steps: int, slopes: Callable[..., Any] = _slopes
) -> tuple[float, float]:
    for _ in range(steps):
        dw, db = slopes(x, y, w, b)
        w, b = w - epsilon * dw, b - epsilon * db
    return w, b


def _errors_alone(x: Array, y: Array, w: float, b: float) -> tuple[float, float]:
    return (_slopes(x, y, w, b)[1],) * 2


def _altered(change: Callable[[float, int, int], tuple[float, int]]) -> Callable[..., tuple[float, float]]:
    """A walk with another ε and another number of steps, which follow from ε, N and the number of steps."""
    return lambda x, y, w, b, epsilon, steps: _walk(x, y, w, b, *change(epsilon, len(x), steps))


def _limping(first: int, second: int) -> Callable[..., tuple[float, float]]:
    """A walk that moves one parameter, and asks for the other's gradient only then."""

    def walk(x: Array, y: Array, w: float, b: float, epsilon: float, steps: int) -> tuple[float, float]:
        at = [w, b]
        for leg in (first, second) * steps:
            at[leg] -= epsilon * _slopes(x, y, at[0], at[1])[leg]
        return at[0], at[1]

    return walk


def _heaping(x: Array, y: Array, w: float, b: float, epsilon: float, steps: int) -> tuple[float, float]:
    heap = np.zeros(2)
    for _ in range(steps):
        heap += _slopes(x, y, w, b)
        w, b = w - epsilon * heap[0], b - epsilon * heap[1]
    return w, b


def _walks(draw: Dyadic) -> tuple[Array, Array, float, float, float, int]:
    examples = draw.one_of((2, 4))
    x, y = _wholes(draw, examples), _wholes(draw, examples)
    return x, y, draw.number(-1, 1), draw.number(-1, 1), draw.one_of((0.125, 0.25)), draw.integer(1, 3)


WALK = Item(
    id="ex01.5",
    name="descend",
    ask="return w and b after so many steps",
    truth=_walk,
    cases=_walks,
    hint="In each step both gradients belong to the place where the walker stands before the step.",
    mistakes=(
        Mistake("M7", _limping(0, 1), "The bug is still there. At which w does the second line ask for the slope?"),
        Mistake("M7", _limping(1, 0), "Now the other leg limps: at which b does w ask for its slope?"),
        Mistake("M7", _altered(lambda epsilon, N, steps: (epsilon * steps, 1)), "Each step needs the slope anew."),
        Mistake("M2", partial(_walk, slopes=_errors_alone), "w moves as b does: how does a prediction answer to w?"),
        Mistake("M8", _heaping, "Gradients of earlier steps are still in your sum; each step has its own."),
        Mistake("M14", _altered(lambda epsilon, N, steps: (epsilon * N, steps)), "Steps too long: the loss is a mean."),
        Mistake("M12", _altered(lambda epsilon, N, steps: (-epsilon, steps)), "That goes uphill."),
        Mistake("power", _altered(lambda epsilon, N, steps: (epsilon / 2, steps)), "Steps too short: the 2 was right."),
        Mistake("order", lambda *walk: _walk(*walk)[::-1], "The right two numbers, in another order: w comes first."),
        Mistake("steps", _altered(lambda epsilon, N, steps: (epsilon, 1)), "That is one step; how many are asked?"),
    ),
)


ITEMS = (LOSS, MEAN, AFTER, STEP, WALK, RATE)
