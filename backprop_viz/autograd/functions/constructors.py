"""Tensors made from numbers, under PyTorch's names and keywords."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..tensor import Tensor, leaf
from ..values import flat, numeric, stored, untracked


def tensor(data: Any, *, dtype: Any = None, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """A tensor with a copy of this number, list or array.

    dtype: a NumPy dtype; by default what NumPy makes of the data (float64 of plain floats, where PyTorch takes float32)
    name:  the name to draw it with; without one it takes the name of the variable that holds it
    """
    value = data if data.__class__ is float and dtype is None else stored(numeric(data, dtype))
    return leaf(value, requires_grad, name)


def parameter(data: Any, *, dtype: Any = None, name: str | None = None) -> Tensor:
    """A leaf that is learned: `tensor(data, requires_grad=True)`, whole numbers read as floats."""
    if data.__class__ is float and dtype is None:
        return leaf(data, requires_grad=True, name=name)
    value = numeric(data, dtype)
    if dtype is None and value.dtype.kind in "iu":
        value = value.astype(np.float64)
    return leaf(stored(value), requires_grad=True, name=name)


def arange(
    start: float, end: float | None = None, step: float = 1, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """The numbers from `start` (0 if only one number is given) up to `end`, which is left out."""
    first, after = (0, start) if end is None else (start, end)
    return tensor(np.arange(first, after, step), dtype=dtype, requires_grad=requires_grad)


def linspace(start: float, end: float, steps: int, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """`steps` numbers at equal distances, from `start` to `end`, both among them."""
    return tensor(np.linspace(start, end, steps), dtype=dtype, requires_grad=requires_grad)


def zeros(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros, float64 unless `dtype` says otherwise; the size as numbers or as one tuple."""
    return leaf(stored(np.zeros(flat(size), dtype)), requires_grad)


def ones(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones, float64 unless `dtype` says otherwise; the size as numbers or as one tuple."""
    return leaf(stored(np.ones(flat(size), dtype)), requires_grad)


def full(size: tuple[int, ...], fill_value: float, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """One number everywhere."""
    return leaf(stored(np.full(size, fill_value, dtype)), requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """The identity matrix, n by m (square if m is left out)."""
    return leaf(stored(np.eye(n, m, dtype=dtype or np.float64)), requires_grad)


def zeros_like(x: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros in the shape and type of `x`."""
    return leaf(stored(np.zeros_like(untracked(x), dtype=dtype)), requires_grad)


def ones_like(x: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones in the shape and type of `x`."""
    return leaf(stored(np.ones_like(untracked(x), dtype=dtype)), requires_grad)


# ------------------------------------------------------------------ random numbers
class _Default:
    """The generator used where none is given. Seeded from the start, so that a program gives the same numbers twice."""

    generator = np.random.default_rng(0)


def manual_seed(seed: int) -> np.random.Generator:
    """Start the default generator of random numbers anew; gives it."""
    _Default.generator = np.random.default_rng(seed)
    return _Default.generator


def generator_or_default(generator: np.random.Generator | None) -> np.random.Generator:
    """The generator given, or the default one, which `manual_seed` starts anew."""
    return _Default.generator if generator is None else generator


def rand(
    *shape: Any,
    size: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """Random numbers, uniform in [0, 1); the size as numbers, as one tuple, or as `size=`."""
    return _drawn(generator_or_default(generator).random, shape, size, dtype, requires_grad)


def randn(
    *shape: Any,
    size: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
    generator: np.random.Generator | None = None,
) -> Tensor:
    """Random numbers, normal with mean 0 and variance 1; the size as numbers, as one tuple, or as `size=`."""
    return _drawn(generator_or_default(generator).standard_normal, shape, size, dtype, requires_grad)


def randint(
    low: int, high: int, size: tuple[int, ...], *, dtype: Any = None, generator: np.random.Generator | None = None
) -> Tensor:
    """Random whole numbers from `low` up to `high`, which is left out."""
    return tensor(generator_or_default(generator).integers(low, high, size), dtype=dtype)


def randperm(n: int, *, generator: np.random.Generator | None = None) -> Tensor:
    """The whole numbers from 0 up to `n`, which is left out, in random order."""
    return tensor(generator_or_default(generator).permutation(n))


def _drawn(draw: Callable[[Any], Any], shape: Any, size: Any, dtype: Any, requires_grad: bool) -> Tensor:
    numbers = np.asarray(draw(flat(shape) if size is None else size))
    return leaf(stored(numbers.astype(dtype or np.float64)), requires_grad)
