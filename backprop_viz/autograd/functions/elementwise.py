"""The functions that work element by element."""

from __future__ import annotations

import math
from typing import Any

from ..ops import OPS
from ..tensor import Tensor, apply, method, prefix
from ..values import bound

# One argument each: `bp.tanh(x)` on a tensor, a number or an array.
exp, log, sqrt, clone = (method(prefix(OPS[name])) for name in ("exp", "log", "sqrt", "clone"))
square, reciprocal, abs = (method(prefix(OPS[name])) for name in ("square", "reciprocal", "abs"))
sin, cos = (method(prefix(OPS[name])) for name in ("sin", "cos"))
tanh, sigmoid, relu = (method(prefix(OPS[name])) for name in ("tanh", "sigmoid", "relu"))
softplus, gelu, silu = (prefix(OPS[name]) for name in ("softplus", "gelu", "silu"))  # no methods in PyTorch either


def leaky_relu(x: Any, negative_slope: float = 0.01) -> Tensor:
    """x where it is positive, `negative_slope` times x elsewhere."""
    return apply(OPS["leaky_relu"], x, negative_slope=negative_slope)


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """x where it is positive, alpha·(eˣ − 1) elsewhere: the exponential linear unit."""
    return apply(OPS["elu"], x, alpha=alpha)


@method
def addcmul(a: Any, b: Any, c: Any) -> Tensor:
    """a + b·c, element by element, as one node (PyTorch's name for it)."""
    return apply(OPS["addcmul"], a, b, c)


# ------------------------------------------------------------------ choices
@method
def maximum(a: Any, b: Any) -> Tensor:
    """The larger of two, element by element; where they are equal, each receives half of the gradient."""
    return apply(OPS["maximum"], a, b)


@method
def minimum(a: Any, b: Any) -> Tensor:
    """The smaller of two, element by element; where they are equal, each receives half of the gradient."""
    return apply(OPS["minimum"], a, b)


@method
def clip(x: Any, min: float | None = None, max: float | None = None) -> Tensor:
    """x, raised to `min` where it is less and lowered to `max` where it is more; a bound may be left out.

    The gradient passes where x is within the bounds or on one, and is 0 outside. The bounds are plain numbers; with
    tensors write `bp.maximum` and `bp.minimum`.
    """
    if min is None and max is None:
        raise TypeError("clip: at least one of min and max is a number; got neither")
    return apply(OPS["clip"], x, min=bound("min", min, -math.inf), max=bound("max", max, math.inf))


@method
def clamp(x: Any, min: float | None = None, max: float | None = None) -> Tensor:
    """`clip` by its other name, which PyTorch's readers know it by."""
    return clip(x, min, max)


def where(condition: Any, a: Any, b: Any) -> Tensor:
    """a where the condition holds and b elsewhere, element by element.

    condition: booleans, such as `x > 0` or a tensor of them; no gradient flows by it.
    """
    return apply(OPS["where"], condition, a, b)
