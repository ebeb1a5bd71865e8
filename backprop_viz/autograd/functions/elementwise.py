"""The functions that work element by element."""

from __future__ import annotations

from typing import Any

from ..ops import OPS
from ..tensor import Tensor, apply, method, prefix

# One argument each: `bp.tanh(x)` on a tensor, a number or an array.
exp, log, sqrt = (method(prefix(OPS[name])) for name in ("exp", "log", "sqrt"))
tanh, sigmoid, relu = (method(prefix(OPS[name])) for name in ("tanh", "sigmoid", "relu"))


@method
def addcmul(a: Any, b: Any, c: Any) -> Tensor:
    """a + b·c, element by element, as one node (PyTorch's name for it)."""
    return apply(OPS["addcmul"], a, b, c)
