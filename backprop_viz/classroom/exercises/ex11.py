"""Exercises on debugging gradients: nudging, judging an error, kinks, a report to read, two planted bugs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.functions.elementwise import relu
from ...autograd.tensor import Tensor
from ..dyadic import Array, Dyadic
from ..item import Item, Mistake
from ..picture import asked
from .ex11_layer import MENDED_LAYER
from .ex11_numeric import NUMERIC
from .letters import choice
from .slips import flipped


# ---------------------------------------------------------------------- 2: relative errors
def _claims(draw: Dyadic) -> tuple[Array, Array]:
    """Two gradients: somewhere the signs differ and the numeric one is larger; and mostly there are zeros."""
    shape = draw.one_of([(5,), (2, 3), (3, 2)])
    analytic = draw.array(*shape)
    numeric = analytic + draw.array(*shape, low=-1, high=1, zero=True)
    pairs = [(draw.number(0.25, 1), draw.number(-3, -1.25)), (-1.0, -1.5)]
    if draw.integer(0, 2):
        pairs += [(0.0, 0.0), (0.0, draw.number())]
    for pair, place in zip(pairs, draw.shuffled(range(analytic.size)), strict=False):
        analytic.flat[place], numeric.flat[place] = pair
    return analytic, numeric


def _by(scale: Callable[[Array, Array], Any]) -> Callable[[Array, Array], Any]:
    """The relative error with this yardstick; 0 where that is 0."""

    def errors(analytic: Array, numeric: Array) -> Any:
        yard = np.broadcast_to(scale(analytic, numeric), analytic.shape)
        return np.divide(np.abs(analytic - numeric), yard, out=np.zeros_like(analytic), where=yard != 0)

    return errors


def _larger(a: Array, n: Array) -> Any:
    return np.maximum(np.abs(a), np.abs(n))


ALWAYS = "You divided by the {} one always. Is it the larger?"

RELATIVE = Item(
    id="ex11.2",
    name="relative_errors",
    ask="return an array with the relative error of each element",
    truth=lambda analytic, numeric: _by(_larger)(analytic, numeric),
    cases=_claims,
    hint="The distance of the two numbers, divided by the larger of their magnitudes, element by element.",
    mistakes=(
        Mistake(
            "zero",
            lambda analytic, numeric: np.abs(analytic - numeric) / _larger(analytic, numeric),
            "Where both numbers are 0 there is no error, and nothing to divide by. Treat this case by itself.",
        ),
        Mistake("magnitude", _by(np.maximum), "Which is larger, -3 or 1? Asked is the larger magnitude."),
        Mistake("sign", lambda a, n: _by(_larger)(a, n) * np.sign(a - n), "An error has no sign: take the magnitude."),
        Mistake("yardstick", _by(lambda a, n: np.abs(n)), ALWAYS.format("numeric")),
        Mistake(
            "yardstick", lambda analytic, numeric: np.abs((analytic - numeric) / numeric), ALWAYS.format("numeric")
        ),
        Mistake("yardstick", _by(lambda a, n: np.abs(a)), ALWAYS.format("analytic")),
        Mistake(
            "sum",
            _by(lambda a, n: np.abs(a) + np.abs(n)),
            "You divided by the sum of both magnitudes. With that a wrong sign would get 1; here it gets 2.",
        ),
        Mistake(
            "M14",
            _by(lambda a, n: _larger(a, n).max()),
            "You took one yardstick for the whole array. A small element can be all wrong beside a large one.",
        ),
        Mistake(
            "zero",
            lambda a, n: np.where((a == 0) | (n == 0), 0.0, _by(_larger)(a, n)),
            "The error is 0 only where both numbers are 0. If one of them is not, the formula holds.",
        ),
        Mistake(
            "truth value",
            lambda a, n: np.abs(a - n) / max(np.abs(a), np.abs(n)),
            "max and if want one number. np.maximum and np.where go through arrays of any shape.",
        ),
        Mistake("absolute", lambda a, n: np.abs(a - n), "That is the distance. How much is it for numbers this size?"),
    ),
)


# ---------------------------------------------------------------------- 3: a corner within reach
STEP = 0.5


def _near_corner(draw: Dyadic) -> tuple[float, float, float]:
    """x, w, c such that z = x * w + c is above 0, and below 0 when w is nudged down; and no two answers agree."""
    while True:
        x, w, z = draw.number(2.5, 4), draw.number(-2, 2), draw.number(0.25, 1.75)
        likely = [_measured(x, z), x, x / 2, 2 * _measured(x, z), _measured(1.0, z), 2 * x, z / STEP]
        if z < STEP * x and len(set(likely)) == len(likely):
            return x, w, z - x * w


def _measured(x: float, z: float) -> float:
    return (max(z + STEP * x, 0.0) - max(z - STEP * x, 0.0)) / (2 * STEP)


def _corner(x: float, w: float, c: float) -> Tensor:
    x_, w_ = tensor(x, name="x"), parameter(w, name="w")
    z = x_ * w_ + tensor(c, name="c")
    L = relu(z)
    z.name, L.name = "z", "L"
    return L


MEASURED = Item(
    id="ex11.3",
    name="measured_slope",
    ask="the central difference by w with h = 0.5",
    kind="value",
    truth=lambda x, w, c: _measured(x, x * w + c),
    cases=_near_corner,
    hint="Compute the loss twice, with w + h and with w − h, each time through the ReLU.",
    figure=lambda x, w, c: asked(_corner(x, w, c)),
    mistakes=(
        Mistake("M9", lambda x, w, c: x, "That is the slope at w itself. The step to the left goes past a corner."),
        Mistake("M9", lambda x, w, c: x / 2, "Half of it would be measured at the corner itself; z is not 0 here."),
        Mistake("distance", lambda x, w, c: 2 * _measured(x, x * w + c), "How far apart are your two values of w?"),
        Mistake(
            "one-sided", lambda x, w, c: (x * w + c) / STEP, "You went to one side only. What is the loss at w + h?"
        ),
        Mistake("M12", lambda x, w, c: -_measured(x, x * w + c), "The sign is turned: right minus left."),
        Mistake("chain", lambda x, w, c: _measured(1.0, x * w + c), "If w moves by h, how far does z move?"),
    ),
)


# ---------------------------------------------------------------------- 4: a report to be read
READING = choice(
    "ex11.4",
    "reading",
    "b",
    Mistake("M9", lambda: "a", "At a corner left and right differ, and nobody is wrong: that line is a remark."),
    Mistake("M8", lambda: "c", "What is not cleared makes the analytic number larger. Which is the larger one here?"),
    Mistake("step", lambda: "d", "The error of a large step depends on the bend. Here both ratios are the same."),
)


# ---------------------------------------------------------------------- 5: a bug in a pass (6 is in ex11_layer.py)
def _fanned(x: float, w: float, b: float) -> Tensor:
    x_, w_, b_ = tensor(x, name="x"), parameter(w, name="w"), parameter(b, name="b")
    a = w_ * x_
    u = a * b_
    v = a + u
    L = u * v
    a.name, u.name, v.name, L.name = "a", "u", "v", "L"
    return L


def _passed(slip: str = "") -> Callable[[float, float, float], dict[str, float]]:
    """The backward pass of `_fanned`, right or with a slip."""

    def gradients(x: float, w: float, b: float) -> dict[str, float]:
        a = w * x
        u = a * b
        v = a + u
        dv, early = (v, u) if slip == "crossed" else (u, v)
        du = dv if slip == "overwritten" else early if slip == "lost" else early + dv
        by_a, by_b = (a, b) if slip == "crossed at u" else (b, a)
        to_a = (early if slip in ("early", "early to a") else du) * by_a
        da = {"overwritten": dv, "a lost": dv, "a overwritten": to_a}.get(slip, to_a + dv)
        db = (early if slip in ("early", "early to b") else du) * by_b
        return {"v": dv, "u": du, "a": da, "b": db, "w": da * x}

    return gradients


MENDED_PASS = Item(
    id="ex11.5",
    name="mended_pass",
    ask="return the right gradients of v, u, a, b, w, by their names",
    graph=_fanned,
    nodes=("v", "u", "a", "b", "w"),
    truth=lambda x, w, b: _passed()(x, w, b),
    cases=lambda draw: (draw.number(), draw.number(), draw.number()),
    hint="Go through the nodes from the loss back. For each: which children does it have, and have all of them sent?",
    mistakes=(
        Mistake("M4", _passed("early"), "u is right in the end, a and b are not. What did u know when it sent?"),
        Mistake("M4", _passed("early to b"), "a is right now; b still gets what u sends too early."),
        Mistake("M4", _passed("early to a"), "b is right now; a still gets what u sends too early."),
        Mistake("M1", _passed("lost"), "u is used twice, by v and by L. One of the two messages is missing."),
        Mistake("M1", _passed("overwritten"), "A second message has overwritten the first, in u and in a: add them."),
        Mistake("M1", _passed("a overwritten"), "a is used twice, by u and by v. One of the two messages is missing."),
        Mistake("M1", _passed("a lost"), "a is used twice, by u and by v. One of the two messages is missing."),
        Mistake(
            "M3", _passed("crossed at u"), "u = a · b: if a is nudged by a little, how many times as far does u move?"
        ),
        Mistake("M3", _passed("crossed"), "ℒ = u · v: if v is nudged by a little, how many times as far does ℒ move?"),
        Mistake(
            "M3",
            lambda x, w, b: {**(right := _passed()(x, w, b)), "w": right["a"] * w},
            "a = w · x: if w is nudged by a little, how many times as far does a move?",
        ),
        Mistake("M12", flipped(_passed()), "All signs are turned; bad_pass turned none, and it was right in that."),
        Mistake(
            "M2",
            lambda x, w, b: {"v": w * x * b, "u": w * x * (1 + b) + 1, "a": 1 + b, "b": w * x, "w": x},
            "Those are local gradients. Each is multiplied by what has arrived at the child: dv, du, da.",
        ),
    ),
)


ITEMS = (NUMERIC, RELATIVE, MEASURED, READING, MENDED_PASS, MENDED_LAYER)
