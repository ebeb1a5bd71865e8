"""Exercises on the two gradients: local and backpropagated, fan-out, an argument used twice, sums over paths."""

from __future__ import annotations

import math
from functools import reduce

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.tensor import Tensor
from ..dyadic import Dyadic
from ..item import Item, Mistake
from ..picture import asked

Edges = dict[tuple[str, str], float]


def _apart(draw: Dyadic, count: int) -> list[float]:
    """Numbers of different sizes, easy on paper, with which hardly two mistakes give the same by chance."""
    return [draw.one_of((-1.0, 1.0)) * size for size in draw.shuffled((0.5, 1.5, 2.5, 3.0, 4.0))[:count]]


# ---------------------------------------------------------------------- 1: local gradients
def _locals(op: str, a: float, b: float) -> tuple[float, float]:
    return {"a + b": (1.0, 1.0), "a - b": (1.0, -1.0), "a * b": (b, a), "a ** 2 * b": (2 * a * b, a * a)}[op]


def _swapped(op: str, a: float, b: float) -> tuple[float, float]:
    first, second = _locals(op, a, b)
    return second, first


LOCALS = Item(
    id="ex04.1",
    name="local_gradients",
    ask="return the two local gradients, with respect to a and to b",
    truth=_locals,
    cases=lambda draw: (draw.one_of(["a + b", "a - b", "a * b", "a ** 2 * b"]), *_apart(draw, 2)),
    hint="Hold one argument still and differentiate by the other; what does the op do if b alone grows by a little?",
    count=40,
    mistakes=(
        Mistake("M3", _swapped, "The two are swapped: the first belongs to a, the second to b."),
        Mistake(
            "sign",
            lambda op, a, b: (1.0, 1.0) if op == "a - b" else _locals(op, a, b),
            "In a difference the second argument pulls the other way.",
        ),
        Mistake(
            "power",
            lambda op, a, b: (2 * a, a * a) if op == "a ** 2 * b" else _locals(op, a, b),
            "For a ** 2 * b by a: the b stays as a factor.",
        ),
        Mistake(
            "alone",
            lambda op, a, b: (2 * a, 1.0) if op == "a ** 2 * b" else _locals(op, a, b),
            "For a ** 2 * b: the argument that is held still stays as a factor, in both.",
        ),
        Mistake(
            "value",
            lambda op, a, b: {"a + b": (a, b), "a - b": (a, -b)}.get(op, _locals(op, a, b)),
            "Those are the two terms. If a grows by 0.01, by how much does the result?",
        ),
    ),
)


# ---------------------------------------------------------------------- 2: fan-out
def _diamond(gu: float, gv: float, du_dy: float, dv_dy: float) -> Tensor:
    """A loss in which y feeds u and v, with these numbers on the arrows."""
    y = parameter(1.0, name="y")
    u, v = du_dy * y, dv_dy * y
    p, q = gu * u, gv * v
    L = p + q
    u.name, v.name, p.name, q.name, L.name = "u", "v", "p", "q", "L"
    return L


FAN_OUT = Item(
    id="ex04.2",
    name="fan_out",
    ask="return the backpropagated gradient of y",
    graph=_diamond,
    nodes=("y",),
    truth=lambda gu, gv, du_dy, dv_dy: gu * du_dy + gv * dv_dy,
    cases=lambda draw: tuple(_apart(draw, 4)),
    hint="Each child sends red times blue, and y adds up what it is sent.",
    mistakes=(
        Mistake(
            "M1",
            lambda gu, gv, du_dy, dv_dy: gv * dv_dy,
            "y feeds two nodes, and you returned only one of the two contributions.",
        ),
        Mistake(
            "M1",
            lambda gu, gv, du_dy, dv_dy: gu * du_dy,
            "y feeds two nodes, and you returned only one of the two contributions.",
        ),
        Mistake(
            "M2",
            lambda gu, gv, du_dy, dv_dy: du_dy + dv_dy,
            "You added the local gradients; what the children know of the loss, gu and gv, is left out.",
        ),
        Mistake(
            "M2",
            lambda gu, gv, du_dy, dv_dy: gu + gv,
            "You added what the children hold; on its way to y each is multiplied by a local gradient.",
        ),
        Mistake(
            "M3",
            lambda gu, gv, du_dy, dv_dy: gu * dv_dy + gv * du_dy,
            "The factors are crossed: u's red number travels along u's own edge.",
        ),
        Mistake(
            "product",
            lambda gu, gv, du_dy, dv_dy: gu * du_dy * gv * dv_dy,
            "Along one path factors are multiplied; contributions of different paths are added.",
        ),
        Mistake(
            "sums",
            lambda gu, gv, du_dy, dv_dy: (gu + gv) * (du_dy + dv_dy),
            "You added before you multiplied, so each red number went along both arrows.",
        ),
        Mistake(
            "mean",
            lambda gu, gv, du_dy, dv_dy: (gu * du_dy + gv * dv_dy) / 2,
            "That is the mean of the two contributions. The loss feels both in full.",
        ),
    ),
)


# ---------------------------------------------------------------------- 3: a number to predict
def _small_loss(x: float, w: float, c: float) -> Tensor:
    """w feeds two nodes that meet in the loss."""
    x_, w_ = tensor(x, name="x"), parameter(w, name="w")
    u, v = x_ * w_, w_ + c
    u.name, v.name = "u", "v"
    L = u * v
    L.name = "L"
    return L


def _telling(draw: Dyadic) -> tuple[float, float, float]:
    """Numbers with which each mistake gives another number."""
    while True:
        x, w, c = draw.number(2, 3), draw.number(1.25, 1.75), draw.number(-3, -2)
        if len({x * (w + c), x * w, x + 1, x * w * (w + c), x * (w + c) + x * w}) == 5:
            return x, w, c


PREDICTED = Item(
    id="ex04.3",
    name="gradient_of_w",
    ask="the red number that belongs under w",
    kind="value",
    truth=lambda x, w, c: x * (w + c) + x * w,
    cases=_telling,
    hint="Two arrows lead back to w. Work out red times blue on each, and add.",
    figure=lambda x, w, c: asked(_small_loss(x, w, c)),
    graph=_small_loss,
    nodes=("w",),
    mistakes=(
        Mistake("M1", lambda x, w, c: x * (w + c), "That is one of the two contributions; w feeds another node too."),
        Mistake("M1", lambda x, w, c: x * w, "That is one of the two contributions; w feeds another node too."),
        Mistake(
            "M2", lambda x, w, c: x + 1.0, "Those are the local gradients of the last two arrows, without the red."
        ),
        Mistake("value", lambda x, w, c: x * w * (w + c), "That is the loss. Asked is how it answers to w."),
    ),
)


# ---------------------------------------------------------------------- 4: one argument in two places
SQUARE = Item(
    id="ex04.4",
    name="send_through_square",
    ask="return what each of the two edges brings to x",
    truth=lambda x, g: (g * x, g * x),
    cases=lambda draw: tuple(_apart(draw, 2)),
    hint="x * x is a product with two slots, both filled by x; each slot has its own edge.",
    mistakes=(
        Mistake(
            "M11",
            lambda x, g: (g * x, 0.0),
            "Both slots are filled by x, and both edges carry something: nothing is 0.",
        ),
        Mistake("M11", lambda x, g: (2 * g * x, 2 * g * x), "2 · x is what both edges bring together. Asked is each."),
        Mistake("M2", lambda x, g: (x, x), "Those are the local gradients; each is multiplied by g on its way."),
        Mistake("M3", lambda x, g: (g, g), "That is the red number of p. On each arrow it meets a blue one."),
    ),
)


# ---------------------------------------------------------------------- 5: the sum over paths
JOINTS, SIDES = "xyz", ("ab", "pq", "rs")


def _ladder(draw: Dyadic) -> tuple[Edges, str, str]:
    """One rung, which can be followed on paper, or more of them and a way around."""
    rungs = draw.one_of((1, 1, 2, 3))
    joints = [*JOINTS[:rungs], "L"]
    arrows = [arrow for i in range(rungs) for s in SIDES[i] for arrow in ((joints[i], s), (s, joints[i + 1]))]
    if rungs == 1:
        return dict(zip(arrows, _apart(draw, 4), strict=True)), "x", "L"
    return {arrow: draw.number(-2, 2) for arrow in [*arrows, ("x", "L")]}, "x", "L"


def _loss_along(edges: Edges, start: str, end: str) -> Tensor:
    """A loss with these local gradients: each node adds up its parents, each times the number on its arrow."""
    nodes = {start: parameter(1.0, name=start)}

    def node(name: str) -> Tensor:
        if name not in nodes:
            parts = [local * node(parent) for (parent, child), local in edges.items() if child == name]
            nodes[name] = reduce(Tensor.__add__, parts)
            nodes[name].name = name
        return nodes[name]

    return node(end)


def _paths(edges: Edges, start: str, end: str) -> list[list[float]]:
    """The local gradients along each path."""
    if start == end:
        return [[]]
    return [
        [local, *path]
        for (parent, child), local in edges.items()
        if parent == start
        for path in _paths(edges, child, end)
    ]


def _adding(edges: Edges, start: str, end: str) -> float:
    """path_sum with + in place of *."""
    if start == end:
        return 1.0
    return sum(local + _adding(edges, child, end) for (parent, child), local in edges.items() if parent == start)


ONE_PATH = "You followed one path; there are others, and their products are added."
NOT_ADDED = "Along a path the local gradients are multiplied, not added."

PATHS = Item(
    id="ex04.5",
    name="path_sum",
    ask="return the sum of the products along all paths",
    graph=_loss_along,
    nodes=("x",),
    truth=lambda edges, start, end: sum(math.prod(path) for path in _paths(edges, start, end)),
    cases=_ladder,
    hint="From the end to itself leads one path, without an edge. From any other node, go on to each of its children.",
    mistakes=(
        Mistake("M1", lambda *graph: math.prod(_paths(*graph)[0]), ONE_PATH),
        Mistake("M1", lambda *graph: math.prod(_paths(*graph)[-1]), ONE_PATH),
        Mistake("sum", lambda *graph: sum(sum(path) for path in _paths(*graph)), NOT_ADDED),
        Mistake("sum", _adding, NOT_ADDED),
        Mistake(
            "count",
            lambda *graph: float(len(_paths(*graph))),
            "That is how many paths there are. Each counts with the product of its blue numbers.",
        ),
        Mistake(
            "product",
            lambda *graph: math.prod(math.prod(path) for path in _paths(*graph)),
            "Along a path it is a product, but the paths themselves are added.",
        ),
        Mistake(
            "longest",
            lambda *graph: max(math.prod(path) for path in _paths(*graph)),
            "You kept the largest product. The loss feels all paths together.",
        ),
        Mistake(
            "empty", lambda *_: 0.0, "From the end to itself there is a path without edges; its product is 1, not 0."
        ),
    ),
)

ITEMS = (LOCALS, FAN_OUT, PREDICTED, SQUARE, PATHS)
