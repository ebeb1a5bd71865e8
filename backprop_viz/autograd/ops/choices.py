"""The rows of choices: each element of the result is one of several values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import NO_GRADIENT, Op, elementwise


def _larger(a: float, b: float) -> float:
    return float(a if a >= b or a != a else b)


def _smaller(a: float, b: float) -> float:
    return float(a if a <= b or a != a else b)


def _clip(x: Any, min: float, max: float) -> Any:
    # A bound that is not there is no bound, rather than an infinite one: whole numbers then stay whole.
    x = x if min == -math.inf else np.maximum(x, min)
    return np.array(x if max == math.inf else np.minimum(x, max))


def _narrow(slope: Any) -> Any:
    """A slope of 0, ½, 1 or −1 in a narrow type: a gradient times it keeps its own, such as float32.

    One number is a plain float: float16 times a plain float, the gradient of a scalar, would be float16.
    """
    return slope.astype(np.float16) if isinstance(slope, np.ndarray) else float(slope)


def _share(loses: Any, ties: Any) -> Any:
    """The slope by one of two, as in PyTorch: 0 where it loses, half at a tie, 1 elsewhere, even by nan."""
    return _narrow(1.0 - loses - 0.5 * ties)


# fmt: off
ROWS: tuple[Op, ...] = (
    elementwise("abs", "| |", "abs(x)", np.abs, scalar=abs,
                x=("iverson(x > 0) - iverson(x < 0)", lambda out, x: _narrow(1.0 * (x > 0) - (x < 0)))),
    elementwise("maximum", "max", "maximum(a, b)", np.maximum, scalar=_larger,
                a=("iverson(a > b) + iverson(a == b) / 2", lambda out, a, b: _share(a < b, a == b)),
                b=("iverson(b > a) + iverson(a == b) / 2", lambda out, a, b: _share(b < a, a == b))),
    elementwise("minimum", "min", "minimum(a, b)", np.minimum, scalar=_smaller,
                a=("iverson(a < b) + iverson(a == b) / 2", lambda out, a, b: _share(a > b, a == b)),
                b=("iverson(b < a) + iverson(a == b) / 2", lambda out, a, b: _share(b > a, a == b))),
    elementwise("clip", "clip", "clip(x, min, max)", _clip, numpy=(np.clip,),
                x=("iverson(between(min, x, max))", lambda out, x, *, min, max: (x >= min) & (x <= max))),
    elementwise("where", "where", "where(condition, a, b)", np.where, numpy=(np.where,),
                condition=NO_GRADIENT,
                a=("iverson(condition)", lambda out, condition, a, b: np.not_equal(condition, 0)),
                b=("1 - iverson(condition)", lambda out, condition, a, b: np.equal(condition, 0))),
)
# fmt: on
