"""NumPy's functions whose arguments are not tensors first, options then: each beside ours that does the same."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .functions import products, shapes
from .ops import OPS
from .tensor import Tensor, apply
from .values import untracked


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Tensor:
    """np.concatenate: with axis=None all elements in one row."""
    if axis is None:
        return shapes.concatenate([shapes.flatten(x) for x in arrays])
    return shapes.concatenate(arrays, axis)


def stack(arrays: Sequence[Any], axis: int = 0) -> Tensor:
    """np.stack."""
    return shapes.stack(arrays, axis)


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """np.split: into so many pieces of one size, or before these indices; a list, as NumPy gives it."""
    lengths = [np.shape(part)[axis] for part in np.split(untracked(ary), indices_or_sections, axis)]
    return list(shapes.split(ary, lengths, axis))


def squeeze(a: Any, axis: Any = None) -> Tensor:
    """np.squeeze: an error where an axis named has another size than 1."""
    np.squeeze(np.asarray(untracked(a)), axis)
    return shapes.squeeze(a, axis)


def swapaxes(a: Any, axis1: int, axis2: int) -> Tensor:
    """np.swapaxes."""
    return shapes.transpose(a, axis1, axis2)


def moveaxis(a: Any, source: Any, destination: Any) -> Tensor:
    """np.moveaxis."""
    return shapes.movedim(a, source, destination)


def dot(a: Any, b: Any) -> Tensor:
    """np.dot: of numbers the product, of two vectors the dot product, otherwise that of matrices."""
    left, right = np.ndim(untracked(a)), np.ndim(untracked(b))
    if right > 2 and left > 0:
        raise ValueError(
            f"np.dot of axes {left} and {right}: a stack on the right pairs every matrix with every one on the left. "
            f"Write a @ b for one product for each pair, or np.einsum for any other."
        )
    return apply(OPS["mul" if 0 in (left, right) else "dot" if left == right == 1 else "matmul"], a, b)


CALLS: dict[Any, Callable[..., Any]] = {
    np.concatenate: concatenate, np.stack: stack, np.split: split, np.squeeze: squeeze, np.swapaxes: swapaxes,
    np.moveaxis: moveaxis, np.dot: dot, np.outer: products.outer, np.einsum: products.einsum,
}  # fmt: skip


def call(function: Any, arguments: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """What one of these functions gives when a tensor is among the arguments."""
    ours = CALLS[function]
    signature = inspect.signature(ours)
    try:
        signature.bind(*arguments, **settings)
    except TypeError as error:
        takes = ", ".join(signature.parameters)
        raise TypeError(f"np.{function.__name__} on a tensor takes {takes}: {error}. Leave the rest out.") from None
    return ours(*arguments, **settings)
