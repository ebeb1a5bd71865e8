"""The functions that move elements and change none."""

from __future__ import annotations

from typing import Any

from ..ops import OPS
from ..tensor import Tensor, apply, method
from ..values import flat


@method
def reshape(x: Any, *shape: Any) -> Tensor:
    """The same elements in another shape, given as numbers or as one tuple; one size may be -1."""
    return apply(OPS["reshape"], x, shape=flat(shape))


@method
def permute(x: Any, *axes: Any) -> Tensor:
    """The axes in the order given (NumPy's `transpose`)."""
    return apply(OPS["transpose"], x, axes=flat(axes))


@method
def transpose(x: Any, axis0: int, axis1: int) -> Tensor:
    """Two axes swapped (PyTorch's `transpose`)."""
    axes = list(range(x.ndim))
    axes[axis0], axes[axis1] = axes[axis1], axes[axis0]
    return permute(x, axes)
