"""The functions that make fewer elements of many, and softmax.

The axis has NumPy's name or PyTorch's: `axis=0, keepdims=True` and `dim=0, keepdim=True` mean the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops import OPS
from ..tensor import Tensor, apply, method
from ..values import reduction, untracked

Axis = int | tuple[int, ...] | None


@method
def sum(x: Any, axis: Axis = None, keepdims: bool = False, *, dim: Axis = None, keepdim: bool = False) -> Tensor:
    """The sum over `axis` (all elements by default)."""
    return apply(OPS["sum"], x, **reduction(axis, keepdims, dim, keepdim))


@method
def mean(x: Any, axis: Axis = None, keepdims: bool = False, *, dim: Axis = None, keepdim: bool = False) -> Tensor:
    """The mean over `axis` (all elements by default)."""
    return apply(OPS["mean"], x, **reduction(axis, keepdims, dim, keepdim))


@method
def var(
    x: Any,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    correction: float = 1,
    dim: Axis = None,
    keepdim: bool = False,
) -> Tensor:
    """The variance over `axis` (all elements by default): squared distances from the mean, over n − correction.

    correction: 1, as in PyTorch, for the variance of what the n elements were drawn from; 0, as in NumPy, for their own
    """
    return apply(OPS["var"], x, **reduction(axis, keepdims, dim, keepdim), correction=correction)


@method
def std(
    x: Any,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    correction: float = 1,
    dim: Axis = None,
    keepdim: bool = False,
) -> Tensor:
    """The standard deviation over `axis` (all elements by default): the square root of `var`.

    Its gradient is 0 where all elements are equal, as in PyTorch.
    """
    return apply(OPS["std"], x, **reduction(axis, keepdims, dim, keepdim), correction=correction)


@method
def prod(x: Any, axis: Axis = None, keepdims: bool = False, *, dim: Axis = None, keepdim: bool = False) -> Tensor:
    """The product over `axis` (all elements by default)."""
    return apply(OPS["prod"], x, **reduction(axis, keepdims, dim, keepdim))


@method
def max(x: Any, axis: Axis = None, keepdims: bool = False, *, dim: Axis = None, keepdim: bool = False) -> Tensor:
    """The largest element over `axis` (all by default): the value alone, as PyTorch's `amax` gives it.

    Equal largest elements share the gradient. For the larger of two tensors write `bp.maximum(a, b)`.
    """
    return apply(OPS["max"], x, **reduction(axis, keepdims, dim, keepdim))


@method
def min(x: Any, axis: Axis = None, keepdims: bool = False, *, dim: Axis = None, keepdim: bool = False) -> Tensor:
    """The smallest element over `axis` (all by default): the value alone, as PyTorch's `amin` gives it.

    Equal smallest elements share the gradient. For the smaller of two tensors write `bp.minimum(a, b)`.
    """
    return apply(OPS["min"], x, **reduction(axis, keepdims, dim, keepdim))


@method
def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False, *, dim: Axis = None, keepdim: bool = False) -> Tensor:
    """The logarithm of the sum of exponentials over `axis` (all elements by default), without overflow."""
    return apply(OPS["logsumexp"], x, **reduction(axis, keepdims, dim, keepdim))


@method
def softmax(x: Any, dim: int | None = None, *, axis: int | None = None) -> Tensor:
    """exp(x) divided by its sum over the axis `dim`: positive numbers that add up to 1, without overflow.

    The axis may be left out for a vector, which has only one.
    """
    return apply(OPS["softmax"], x, **_along("softmax", x, axis, dim))


@method
def log_softmax(x: Any, dim: int | None = None, *, axis: int | None = None) -> Tensor:
    """The logarithm of `softmax`, exact also where softmax itself is too small for a float."""
    return apply(OPS["log_softmax"], x, **_along("log_softmax", x, axis, dim))


def _along(name: str, x: Any, axis: int | None, dim: int | None) -> dict[str, Any]:
    """The one axis of a softmax."""
    option = reduction(axis, False, dim)
    shape = np.shape(untracked(x))
    if not option and len(shape) > 1:
        raise TypeError(f"{name} of shape {shape}: along which axis? Give one: dim=-1 for each row of a matrix.")
    if isinstance(option.get("axis"), tuple):
        raise TypeError(f"{name}: its axis is one whole number; got {option['axis']}")
    return {"axis": -1} | option
