"""The exercise with two counts to predict: the steps of backpropagation, and of finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.tensor import Tensor
from ..dyadic import Dyadic
from ..item import Item, Mistake
from ..picture import asked
from ..values import array_of


def _network(rungs: int, shared: bool, x: float, t: float) -> Tensor:
    """A layer, then rungs of a ladder, then a squared error; `shared`: all rungs have one weight."""
    w1, w2 = parameter(0.5, name="w1"), parameter(0.5, name="w2")
    a = w1 * tensor(x, name="x")
    for number in range(rungs):
        a = a + (w2 if shared or number == 0 else parameter(0.5, name=f"w{number + 2}")) * a
    a.name = "a"
    r = a - tensor(t, name="t")
    r.name = "r"
    L = r * r
    L.name = "L"
    return L


def _counts(rungs: int, shared: bool) -> tuple[int, int, int]:
    """Operations, edges and parameters of such a network."""
    operations = 1 + 2 * rungs + 2
    return operations, 2 * operations, 2 if shared else 1 + rungs


def _messages(rungs: int, shared: bool) -> int:
    return _counts(rungs, shared)[1] - 2  # none to x, none to t


def _differences(rungs: int, shared: bool) -> int:
    operations, _, parameters = _counts(rungs, shared)
    return 2 * parameters * operations


Count = Callable[[int, bool], int]
ON_THE_WAY = "First count: messages travel along edges, to results in between as well, not only to parameters."
TURNED = "The right two counts, in another order: messages come first, then operations."
MARKS = (
    "First count: make a mark at each arrow along which something is sent on the way back.",
    "Second count: mark what one forward pass computes, and then ask how many such passes there are.",
)
SENT: tuple[tuple[str, Count, str], ...] = (
    ("edges", lambda n, shared: _counts(n, shared)[1], "First count: inputs are data, and nothing is sent to them."),
    ("M11", lambda n, shared: _messages(n, shared) - 1, "First count: r fills both slots of r * r; that is two edges."),
    ("parameters", lambda n, shared: _counts(n, shared)[2], ON_THE_WAY),
    ("parameters", lambda n, shared: 1 + n, ON_THE_WAY),
)
COMPUTED: tuple[tuple[str, Count, str], ...] = (
    (
        "one side",
        lambda n, shared: _differences(n, shared) // 2,
        "Second count: a central difference looks to both sides, above and below.",
    ),
    (
        "one side",
        lambda n, shared: _differences(n, shared) // 2 + _counts(n, shared)[0],
        "Second count: a central difference looks to both sides, above and below.",
    ),
    (
        "middle",
        lambda n, shared: _differences(n, shared) + _counts(n, shared)[0],
        "Second count: a central difference does not need the loss in the middle.",
    ),
    (
        "passes",
        lambda n, shared: 2 * _counts(n, shared)[2],
        "Second count: those are the forward passes. How many operations does each compute?",
    ),
    (
        "inputs",
        lambda n, shared: 2 * (_counts(n, shared)[2] + 2) * _counts(n, shared)[0],
        "Second count: only parameters are nudged; x and t are data.",
    ),
    (
        "nodes",
        lambda n, shared: 2 * _counts(n, shared)[2] * (_counts(n, shared)[0] + _counts(n, shared)[2] + 2),
        "Second count: parameters and inputs are nodes, yet nothing is computed there.",
    ),
)


def _case(draw: Dyadic) -> tuple[int, bool, float, float]:
    x, t = draw.number(1, 3), draw.number(-2, 2)
    return (*draw.one_of([(1, False), (2, False), (2, True)]), x, t)


def _judged_counts(answer: Any, rungs: int, shared: bool, x: float, t: float) -> str | None:
    given = array_of(answer)
    if given is None or given.shape != (2,):
        return "The answer is a tuple of two whole numbers: messages, then operations."
    if given.tolist() == [_differences(rungs, shared), _messages(rungs, shared)]:
        return TURNED
    right = ((_messages, SENT, MARKS[0]), (_differences, COMPUTED, MARKS[1]))
    for number, (truth, models, plain) in zip(given.tolist(), right, strict=True):
        if number != truth(rungs, shared):
            told = [hint for _, model, hint in models if model(rungs, shared) == number]
            return told[0] if told else plain
    return None


COSTS = Item(
    id="ex09.2",
    name="two_costs",
    ask="a tuple: messages of backpropagation, operations of finite differences",
    kind="value",
    truth=lambda n, shared, x, t: (_messages(n, shared), _differences(n, shared)),
    cases=_case,
    hint="Make a mark in the picture for each.",
    judge=_judged_counts,
    figure=lambda n, shared, x, t: asked(_network(n, shared, x, t)),
    mistakes=(
        *(
            Mistake(code, lambda n, shared, x, t, model=model: (model(n, shared), _differences(n, shared)), hint)
            for code, model, hint in SENT
        ),
        *(
            Mistake(code, lambda n, shared, x, t, model=model: (_messages(n, shared), model(n, shared)), hint)
            for code, model, hint in COMPUTED
        ),
        Mistake("order", lambda n, shared, x, t: (_differences(n, shared), _messages(n, shared)), TURNED),
    ),
)
