"""The functions that make fewer elements of many."""

from __future__ import annotations

from typing import Any

from ..ops import OPS
from ..tensor import Tensor, apply, method
from ..values import reduction

Axis = int | tuple[int, ...] | None


@method
def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum over `axis` (all elements by default)."""
    return apply(OPS["sum"], x, **reduction(axis, keepdims))


@method
def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean over `axis` (all elements by default)."""
    return apply(OPS["mean"], x, **reduction(axis, keepdims))
