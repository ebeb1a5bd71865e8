"""Exercises on modularity: exposed nodes, a note from above, a residual block, an op of one's own, a fused neuron."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.functions.elementwise import relu
from ...autograd.group import group
from ...autograd.tensor import Tensor
from ...autograd.transforms import grad
from ..dyadic import Array, Dyadic
from ..item import Item, Mistake
from ..picture import asked
from .dags import in_any_order
from .ex08_own_op import TANH
from .slips import flipped

Edges = list[tuple[str, str]]
Four = tuple[float, float, float, float]


# ---------------------------------------------------------------------- 1: what is exposed
def _exposed(edges: Edges, below: list[str]) -> list[str]:
    return sorted({parent for parent, child in edges if parent in below and child not in below})


def _cut(draw: Dyadic) -> tuple[Edges, list[str]]:
    """Two leaves and a node below a line, three nodes above it; which leaf has an arrow across is drawn at random."""
    a, b, c, d, e, f = draw.shuffled("abcdef")
    across = draw.one_of([a, b]), draw.one_of([d, e])
    edges = [(a, c), (b, c), (c, d), (c, e), across, (draw.one_of([d, e]), f)]
    return draw.shuffled(edges), sorted([a, b, c])


EXPOSED = Item(
    id="ex08.1",
    name="exposed",
    ask="return the names of the exposed nodes",
    truth=_exposed,
    cases=_cut,
    observe=lambda result, edges, below: in_any_order(result, {name for edge in edges for name in edge}),
    hint="Return the names of those nodes below the line from which an arrow leads to a node above it.",
    mistakes=(
        Mistake("M1", lambda edges, below: [x for x in below if not any(p == x and c in below for p, c in edges)],
                "A node that is used below may be used above as well. Look at each arrow that crosses the line."),
        Mistake("twice", lambda edges, below: [p for p, c in edges if p in below and c not in below],
                "A node is handed over once, however many arrows lead up from it."),
        Mistake("above", lambda edges, below: list({c for p, c in edges if p in below and c not in below}),
                "Those are the upper ends of the arrows. The lower graph knows only the lower ends."),
        Mistake("above", lambda edges, below: [c for p, c in edges if p in below and c not in below],
                "Those are the upper ends of the arrows. The lower graph knows only the lower ends."),
        Mistake("all", lambda edges, below: below, "Not every node below the line is used above it."),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 2: a note from above
Note = tuple[str, Tensor, Tensor, Tensor, float, float]


def _note(draw: Dyadic) -> Note:
    """A weight with the gradient of an earlier pass, two nodes made of it, and what the upper graph says of them."""
    w, x = parameter(draw.number(), name="w"), draw.number()
    w.grad = draw.number()
    kind = draw.integer(0, 3)
    h1 = w + x if kind == 2 else x * w
    h2 = (lambda: w**2, lambda: h1 * w, lambda: h1 * h1, lambda: w)[kind]()
    first = f"h1 = w + {x}" if kind == 2 else f"h1 = {x} * w"
    second = ("w ** 2", "h1 * w", "h1 * h1", "w")[kind]
    return f"{first}, h2 = {second}", w, h1, h2, draw.number(), draw.number()


def _joined(below: str, w: Tensor, h1: Tensor, h2: Tensor, g1: float, g2: float) -> Tensor:
    """A loss that answers to the two nodes as the note says."""
    L = tensor(g1, name="g1") * h1 + tensor(g2, name="g2") * h2
    h1.name, h2.name, L.name = "h1", "w" if h2 is w else "h2", "L"
    return L


def _finish(below: str, w: Tensor, h1: Tensor, h2: Tensor, g1: float, g2: float) -> Any:
    return grad([h1, h2], w, [g1, g2])[0]


FINISH = Item(
    id="ex08.2",
    name="finish",
    ask="return the gradient of w",
    graph=_joined,
    nodes=("w",),
    truth=_finish,
    cases=_note,
    hint="Start the pass at both exposed nodes, each with its own number from the note; w adds up what comes back.",
    mistakes=(
        Mistake("M8", lambda below, w, h1, h2, g1, g2: w.grad + _finish(below, w, h1, h2, g1, g2),
                "w.grad held the number of an earlier pass, and a new pass adds to it. That one is not asked for."),
        Mistake("M1", lambda below, w, h1, h2, g1, g2: grad([h1], w, [g1])[0],
                "Only the first exposed node was heard. From the second one something comes back to w as well."),
        Mistake("M1", lambda below, w, h1, h2, g1, g2: grad([h2], w, [g2])[0],
                "Only the second exposed node was heard. From the first one something comes back to w as well."),
        Mistake("M2", lambda below, w, h1, h2, g1, g2: grad([h1, h2], w, [1.0, 1.0])[0],
                "Both passes were started with 1, as if each node were the loss. What does the note say?"),
        Mistake("M2", lambda below, w, h1, h2, g1, g2: g1 + g2,
                "That is the note itself. On its way to w each number is multiplied by local gradients."),
        Mistake("M3", lambda below, w, h1, h2, g1, g2: g1 * h1.data + g2 * h2.data,
                "Those are red numbers times values. A red number is multiplied by the local gradient of its node."),
        Mistake("M12", flipped(_finish), "The size is right: look at the sign."),
        Mistake("M14", lambda *note: _finish(*note) / 2, "That is the mean of what the two nodes send. It is added."),
        Mistake("swapped", lambda below, w, h1, h2, g1, g2: grad([h1, h2], w, [g2, g1])[0],
                "The two numbers of the note have changed places: g1 belongs to h1."),
        Mistake("form", lambda below, w, h1, h2, g1, g2: (_finish(below, w, h1, h2, g1, g2),),
                "That is a tuple with one gradient in it, as bp.grad gives it. Take the gradient out."),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 3: a residual block, on paper
def _block(x: float, w: float, c: float) -> Tensor:
    x_, w_, c_ = parameter(x, name="x"), tensor(w, name="w"), tensor(c, name="c")
    with group("F"):
        u = x_**2
        f = w_ * u
    u.name, f.name = "u", "f"
    y = x_ + f
    L = c_ * y
    y.name, L.name = "y", "L"
    return L


RESIDUAL = Item(
    id="ex08.3",
    name="gradient_of_x",
    ask="the red number that belongs under x",
    kind="value",
    truth=lambda x, w, c: c * (1 + 2 * w * x),
    cases=lambda draw: (draw.one_of([1.5, 2.5, 3.0]), draw.one_of([2.5, 1.5, -1.5]), draw.one_of([3.0, -2.0, -3.0])),
    hint="Start at the top: what arrives at y? From there two ways lead to x, past F and through F. Add the two.",
    figure=lambda x, w, c: asked(_block(x, w, c)),
    mistakes=(
        Mistake("M1", lambda x, w, c: c * 2 * w * x, "That is what comes through F. Another way leads past it."),
        Mistake("M1", lambda x, w, c: c, "That is what comes past F. Another way leads through it."),
        Mistake("M2", lambda x, w, c: 1 + 2 * w * x,
                "That is the blue number of the whole block. What arrives at y from above is left out."),
        Mistake("M12", lambda x, w, c: -c * (1 + 2 * w * x), "The size is right: look at the sign."),
        Mistake("M3", lambda x, w, c: c + 2 * w * x,
                "Past F it is right. On the way through F the red number of y is left out."),
        Mistake("product", lambda x, w, c: c * c * 2 * w * x,
                "Along one way numbers are multiplied. The messages of two ways are added."),
        Mistake("value", lambda x, w, c: c * (x + w * x * x), "That is the loss. Asked is how it answers to x."),
        Mistake("power", lambda x, w, c: c * (1 + w * x), "Look again at the blue number from x to u, a square."),
        Mistake("power", lambda x, w, c: c * (1 + w * x * x),
                "On the way through F there is a value where a slope belongs."),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 4: a bug in a residual block
Pair = tuple[Array, Array]


def _block_backward(x: Array, W: Array, g: Array) -> Pair:
    return g + (x > 0) * (W.T @ g), np.outer(g, np.maximum(x, 0))


def _small_block(draw: Dyadic) -> tuple[Array, Array, Array]:
    units = draw.integer(2, 3)
    x = np.array(draw.shuffled([0.0, draw.number(0.25, 2), -draw.number(0.25, 2)])[:units])
    return x, draw.array(units, units, low=-2, high=2), draw.array(units, low=-2, high=2)


def _unmended(x: Array, W: Array, g: Array) -> Pair:
    dx = g
    dx += (x > 0) * (W.T @ g)
    return dx, np.outer(g, np.maximum(x, 0))


def _other_order(x: Array, W: Array, g: Array) -> Pair:
    dW = np.outer(g, np.maximum(x, 0))
    return _unmended(x, W, g)[0], dW


PLANTED = Item(
    id="ex08.4",
    name="block_backward",
    ask="return dx, dW, with the bug mended",
    truth=_block_backward,
    cases=_small_block,
    observe=lambda result, x, W, g: (result, g),
    hint="The formulas of the three lines were right. Which arrays does each line read, and which one does it change?",
    mistakes=(
        Mistake("alias", _unmended, "Print g before and after the line with +=. How many arrays are dx and g?"),
        Mistake("alias", _other_order,
                "dx and dW are right. But your function has changed g, which belongs to its caller."),
        Mistake("M1", lambda x, W, g: ((x > 0) * (W.T @ g), _block_backward(x, W, g)[1]),
                "dx: that is the way through F alone. The way past F has to be added."),
        Mistake("M1", lambda x, W, g: (g.copy(), _block_backward(x, W, g)[1]),
                "dx: that is the way past F alone. The way through F has to be added."),
        Mistake("M5", lambda x, W, g: (g + (x > 0) * (W @ g), _block_backward(x, W, g)[1]),
                "dx: the transpose was right. Back, the sum runs over the first index of W."),
        Mistake("M5", lambda x, W, g: (_block_backward(x, W, g)[0], np.outer(np.maximum(x, 0), g)),
                "dW lies on its side: the outer product was in the right order."),
        Mistake("M9", lambda x, W, g: (g + (x >= 0) * (W.T @ g), _block_backward(x, W, g)[1]),
                "dx: one x is exactly 0, the corner of ReLU. Does anything come back through F there?"),
        Mistake("M12", lambda x, W, g: (g - (x > 0) * (W.T @ g), _block_backward(x, W, g)[1]),
                "dx: what comes through F was taken off. Two ways, two contributions: what is done with them?"),
        Mistake("M12", flipped(_block_backward), "All signs are turned; the three lines turned none."),
        Mistake("M2", lambda x, W, g: _block_backward(x, W, np.ones_like(g)),
                "Those are local gradients alone. What comes from above, g, is left out."),
        Mistake("M3", lambda x, W, g: (g + (x > 0) * g, _block_backward(x, W, g)[1]),
                "dx: on the way through F, g has met the ReLU, and W not yet."),
        Mistake("M9", lambda x, W, g: (g + W.T @ g, _block_backward(x, W, g)[1]),
                "dx: where x is negative, ReLU lets nothing through."),
        Mistake("M9", lambda x, W, g: ((x > 0) * (g + W.T @ g), _block_backward(x, W, g)[1]),
                "dx: the ReLU stands on the way through F only; what comes past F does not meet it."),
        Mistake("M9", lambda x, W, g: (_block_backward(x, W, g)[0], np.outer(g, x)),
                "dW: what was W multiplied by? Not by x itself."),
        Mistake("order", lambda x, W, g: _block_backward(x, W, g)[::-1],
                "dx and dW have changed places: dx comes first."),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 6: a fused neuron (5 is in own_op.py)
def _neuron(x: float, w: float, b: float, y: float) -> Tensor:
    """The same, of separate ops."""
    p = parameter(w, name="w") * parameter(x, name="x")
    u = p + parameter(b, name="b")
    a = relu(u)
    L = (a - parameter(y, name="y")) ** 2
    p.name, u.name, a.name, L.name = "p", "u", "a", "L"
    return L


def _corner_or_not(draw: Dyadic) -> Four:
    """A neuron that is on, off, or exactly in between; no two mistakes agree by chance."""
    while True:
        x, w, y = draw.number(-2, 2), draw.number(-2, 2), draw.number()
        u = draw.one_of([0.0, -draw.number(0.25, 3), draw.number(0.25, 3)])
        b = u - w * x
        if len({x, w, b, y}) == 4 and u != 2 * y:
            return x, w, b, y


def _gradients(x: float, w: float, b: float, y: float, *, slope: float | None = None) -> Four:
    """The gradients of x, w, b and y; with this slope of the ReLU in place of its own."""
    u = w * x + b
    top = 2 * (max(u, 0.0) - y)
    through = top * (float(u > 0) if slope is None else slope)
    return through * w, through * x, through, -top


FUSED = Item(
    id="ex08.6",
    name="fused_gradients",
    ask="return dx, dw, db, dy",
    graph=_neuron,
    nodes=("x", "w", "b", "y"),
    truth=lambda x, w, b, y: _gradients(x, w, b, y),
    cases=_corner_or_not,
    count=30,
    hint="Write down the four unfused ops with a blue number on each arrow; for each leaf multiply those on its way.",
    mistakes=(
        Mistake("M9", lambda x, w, b, y: _gradients(x, w, b, y, slope=float(w * x + b >= 0)),
                "Look at the corner: w · x + b is exactly 0 there. Which slope do the lecture and PyTorch take?"),
        Mistake("M9", lambda x, w, b, y: _gradients(x, w, b, y, slope=1.0),
                "Where the neuron is off, nothing comes through the ReLU to x, w and b."),
        Mistake("mask", lambda x, w, b, y: (*_gradients(x, w, b, y)[:3], -_gradients(x, w, b, y)[2]),
                "dy: y does not go through the ReLU, so it hears from the loss even when the neuron is off."),
        Mistake("M3", lambda x, w, b, y: tuple(_gradients(x, w, b, y)[i] for i in (1, 0, 2, 3)),
                "dx and dw have changed places: in a product each factor's blue number is the other factor."),
        Mistake("M12", lambda x, w, b, y: (*_gradients(x, w, b, y)[:3], -_gradients(x, w, b, y)[3]),
                "dy: if y grows, the difference a − y shrinks. Look at the sign."),
        Mistake("value", lambda x, w, b, y: (*_gradients(x, w, b, y)[:3], -2 * (w * x + b - y)),
                "dy: the loss compares y with a, after the ReLU. You took the number from before it."),
        Mistake("power", lambda x, w, b, y: tuple(d / 2 for d in _gradients(x, w, b, y)),
                "All four are too small by the same factor: what is the derivative of a square?"),
        Mistake("M2", lambda x, w, b, y: (w, x, 1.0, -1.0),
                "Those are the blue numbers of the last arrows alone. Multiply along the whole way from the loss."),
        Mistake("M9", lambda x, w, b, y: tuple(2 * (w * x + b - y) * blue for blue in (w, x, 1.0, -1.0)),
                "The ReLU is left out, forward and back: what is a where u is negative?"),
        Mistake("M12", flipped(_gradients),
                "All signs are turned. If a is above y, does the loss grow or shrink with a, and with y?"),
    ),
)  # fmt: skip

ITEMS = (EXPOSED, FINISH, RESIDUAL, PLANTED, TANH, FUSED)
