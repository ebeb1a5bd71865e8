"""Exercises on the two gradients: local and backpropagated, fan-out, an argument used twice, sums over paths."""

from __future__ import annotations

import math
from functools import reduce

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.tensor import Tensor
from ..dyadic import Dyadic
from ..item import Item, Mistake
from ..picture import asked
from .slips import flipped

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
            "M11",
            lambda op, a, b: (a * b, a * a) if op == "a ** 2 * b" else _locals(op, a, b),
            "a ** 2 is a * a: how many slots does a fill there, and does each of them count?",
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
        Mistake("M12", flipped(_locals), "All signs are turned: in a + b, does the result grow or shrink with a?"),
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


def _fanned(gu: float, gv: float, du_dy: float, dv_dy: float) -> float:
    return gu * du_dy + gv * dv_dy


FAN_OUT = Item(
    id="ex04.2",
    name="fan_out",
    ask="return the backpropagated gradient of y",
    graph=_diamond,
    nodes=("y",),
    truth=_fanned,
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
            "M14",
            lambda gu, gv, du_dy, dv_dy: (gu * du_dy + gv * dv_dy) / 2,
            "That is the mean of the two contributions. The loss feels both in full.",
        ),
        Mistake("M12", flipped(_fanned), "The size is right; no minus comes in where contributions are added."),
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


def _at_w(x: float, w: float, c: float) -> float:
    return x * (w + c) + x * w


ONE_OF_TWO = "That is one of the two contributions; w feeds another node too."
AT_W = (
    Mistake("M1", lambda x, w, c: x * (w + c), ONE_OF_TWO),
    Mistake("M1", lambda x, w, c: x * w, ONE_OF_TWO),
    Mistake("M2", lambda x, w, c: x + 1.0, "Those are the local gradients of the last two arrows, without the red."),
    Mistake("M2", lambda x, w, c: w + c + x * w, "Those are the red numbers of u and v. Each meets a blue one."),
    Mistake("M3", lambda x, w, c: w + c + x * w * x, "The factors are crossed: u's red number met the blue one of v."),
    Mistake("M12", flipped(_at_w), "The size is right: look at the sign."),
    Mistake("M14", lambda x, w, c: _at_w(x, w, c) / 2, "That is the mean of the contributions. w hears their sum."),
    Mistake("value", lambda x, w, c: x * w * (w + c), "That is the loss. Asked is how it answers to w."),
)


def _telling(draw: Dyadic) -> tuple[float, float, float]:
    """Numbers with which each mistake gives another number."""
    while True:
        x, w, c = draw.number(2, 3), draw.number(1.25, 1.75), draw.number(-3, -2)
        if len({mistake.answer(x, w, c) for mistake in AT_W} | {_at_w(x, w, c)}) == len(AT_W) + 1:
            return x, w, c


PREDICTED = Item(
    id="ex04.3",
    name="gradient_of_w",
    ask="the red number that belongs under w",
    kind="value",
    truth=_at_w,
    cases=_telling,
    hint="Two arrows lead back to w. Work out red times blue on each, and add.",
    figure=lambda x, w, c: asked(_small_loss(x, w, c)),
    graph=_small_loss,
    nodes=("w",),
    mistakes=AT_W,
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
        Mistake("M12", lambda x, g: (-g * x, -g * x), "The sizes are right. Does x * x grow or shrink with a slot?"),
    ),
)


# ---------------------------------------------------------------------- 5: the sum over paths
DIAMOND, SHORT_CUT, NESTED = "xa aL xb bL", "xa ab bL xL", "xa ab bL aL xL"


def _small_graph(draw: Dyadic) -> tuple[Edges, str, str]:
    """Two paths of equal length or not, or three; few enough arrows to follow on paper."""
    arrows = draw.one_of((DIAMOND, SHORT_CUT, NESTED)).split()
    whole = (-3.0, -2.0, 2.0, 3.0)
    numbers = _apart(draw, 4) if len(arrows) == 4 else [draw.one_of(whole) for _ in arrows]
    return {(arrow[0], arrow[1]): local for arrow, local in zip(arrows, numbers, strict=True)}, "x", "L"


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


def _path_sum(edges: Edges, start: str, end: str) -> float:
    return sum(math.prod(path) for path in _paths(edges, start, end))


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
    truth=_path_sum,
    cases=_small_graph,
    hint="From the end to itself leads one path, without an edge. From any other node, go on to each of its children.",
    mistakes=(
        Mistake("M1", lambda *graph: math.prod(_paths(*graph)[0]), ONE_PATH),
        Mistake("M1", lambda *graph: math.prod(_paths(*graph)[-1]), ONE_PATH),
        Mistake(
            "M2",
            lambda edges, start, end: sum(local for (parent, _), local in edges.items() if parent == start),
            "Those are the local gradients of the first arrows alone; each path goes on to the end.",
        ),
        Mistake("M12", flipped(_path_sum), "The size is right: look at the sign."),
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
