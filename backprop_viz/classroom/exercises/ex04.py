"""Exercises on the two gradients: local and backpropagated, fan-out, an argument used twice, sums over paths."""

from __future__ import annotations

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.tensor import Tensor
from ..dyadic import Dyadic
from ..item import Item, Mistake
from ..picture import asked

Edges = dict[tuple[str, str], float]


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
    cases=lambda draw: (draw.one_of(["a + b", "a - b", "a * b", "a ** 2 * b"]), draw.number(), draw.number()),
    hint="Hold one argument still and differentiate by the other; what does the op do if b alone grows by a little?",
    count=20,
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
    ),
)


# ---------------------------------------------------------------------- 2: fan-out
def _diamond(gu: float, gv: float, du_dy: float, dv_dy: float) -> Tensor:
    """A loss in which y feeds u and v, with these numbers on the arrows."""
    y = parameter(1.0, name="y")
    u, v = du_dy * y, dv_dy * y
    u.name, v.name = "u", "v"
    L = tensor(gu, name="a") * u + tensor(gv, name="b") * v
    L.name = "L"
    return L


FAN_OUT = Item(
    id="ex04.2",
    name="fan_out",
    ask="return the backpropagated gradient of y",
    graph=_diamond,
    nodes=("y",),
    truth=lambda gu, gv, du_dy, dv_dy: gu * du_dy + gv * dv_dy,
    cases=lambda draw: (draw.number(), draw.number(), draw.number(), draw.number()),
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


PREDICTED = Item(
    id="ex04.3",
    name="gradient_of_w",
    ask="the red number that belongs under w",
    kind="value",
    truth=lambda x, w, c: x * (w + c) + x * w,
    cases=lambda draw: (draw.number(2, 3), draw.number(1.25, 1.75), draw.number(-3, -2)),
    hint="Two arrows lead back to w. Work out red times blue on each, and add.",
    figure=lambda x, w, c: asked(_small_loss(x, w, c)),
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
    cases=lambda draw: (draw.number(), draw.number()),
    hint="x * x is a product with two slots, both filled by x; each slot has its own edge.",
    mistakes=(
        Mistake(
            "M11",
            lambda x, g: (g * x, 0.0),
            "Both slots are filled by x, and both edges carry something: nothing is 0.",
        ),
        Mistake("M11", lambda x, g: (2 * g * x, 2 * g * x), "2 · x is what both edges bring together. Asked is each."),
        Mistake("M2", lambda x, g: (x, x), "Those are the local gradients; each is multiplied by g on its way."),
    ),
)


# ---------------------------------------------------------------------- 5: the sum over paths
def _ladder(draw: Dyadic) -> tuple[Edges, str, str]:
    rungs = draw.integer(2, 4)
    edges: Edges = {}
    for i in range(rungs):
        for side in "uv":
            edges[(f"n{i}", f"{side}{i}")] = draw.number(-2, 2)
            edges[(f"{side}{i}", f"n{i + 1}")] = draw.number(-2, 2)
    edges[("n0", f"n{rungs}")] = draw.number(-2, 2)  # a way around
    return edges, "n0", f"n{rungs}"


def _path_sum(edges: Edges, start: str, end: str) -> float:
    if start == end:
        return 1.0
    return sum(local * _path_sum(edges, child, end) for (parent, child), local in edges.items() if parent == start)


def _first_path(edges: Edges, start: str, end: str) -> float:
    product = 1.0
    while start != end:
        child, local = next((child, local) for (parent, child), local in edges.items() if parent == start)
        product, start = product * local, child
    return product


def _sum_along(edges: Edges, start: str, end: str) -> float:
    def walk(node: str, so_far: float) -> float:
        if node == end:
            return so_far
        return sum(walk(child, so_far + local) for (parent, child), local in edges.items() if parent == node)

    return walk(start, 0.0)


PATHS = Item(
    id="ex04.5",
    name="path_sum",
    ask="return the sum of the products along all paths",
    truth=_path_sum,
    cases=_ladder,
    hint="From the end to itself leads one path, without an edge. From any other node, go on to each of its children.",
    mistakes=(
        Mistake("M1", _first_path, "You followed one path; there are others, and their products are added."),
        Mistake("sum", _sum_along, "Along a path the local gradients are multiplied, not added."),
        Mistake(
            "empty", lambda *_: 0.0, "From the end to itself there is a path without edges; its product is 1, not 0."
        ),
    ),
)

ITEMS = (LOCALS, FAN_OUT, PREDICTED, SQUARE, PATHS)
