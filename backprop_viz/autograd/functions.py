"""The functions a reader calls: constructors of tensors, and each op by its name."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import ops
from .tensor import Tensor, apply, prefix
from .values import numeric, stored

# One argument each: `bp.tanh(x)` on a tensor, a number or an array.
exp, log, sqrt = prefix(ops.EXP), prefix(ops.LOG), prefix(ops.SQRT)
tanh, sigmoid, relu = prefix(ops.TANH), prefix(ops.SIGMOID), prefix(ops.RELU)


def tensor(data: Any, *, dtype: Any = None, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """A tensor with a copy of this number, list or array.

    dtype: a NumPy dtype; by default what NumPy makes of the data (float64 of plain floats, where PyTorch takes float32)
    name:  the name to draw it with; without one it takes the name of the variable that holds it
    """
    value = data if data.__class__ is float and dtype is None else stored(numeric(data, dtype))
    return Tensor(value, requires_grad, name)


def parameter(data: Any, *, dtype: Any = None, name: str | None = None) -> Tensor:
    """A leaf that is learned: `tensor(data, requires_grad=True)`, whole numbers read as floats."""
    value = numeric(data, dtype)
    if dtype is None and value.dtype.kind in "iu":
        value = value.astype(np.float64)
    return Tensor(stored(value), requires_grad=True, name=name)


def addcmul(a: Any, b: Any, c: Any) -> Tensor:
    """a + b·c, element by element, as one node (PyTorch's name for it)."""
    return apply(ops.ADDCMUL, a, b, c)


def matmul(a: Any, b: Any) -> Tensor:
    """The matrix product `a @ b`, vectors and stacks of matrices as in NumPy."""
    return apply(ops.MATMUL, a, b)


def bce(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Binary cross-entropy −y log ŷ − (1 − y) log(1 − ŷ) of probabilities ŷ in [0, 1] against targets y in [0, 1].

    reduction: "mean" over all elements (PyTorch's default), "sum", or "none" for one loss per element. As in PyTorch,
    each logarithm is held at −100 or above.
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"unknown reduction: {reduction!r} (must be one of 'mean', 'sum', 'none')")
    losses = apply(ops.BCE, prediction, target)
    if reduction == "none" or losses.ndim == 0:
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()
