"""The functions that move elements and change none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..op import Op
from ..ops import OPS
from ..ops.shapes import concatenate_of, stack_of
from ..tensor import Tensor, apply, method
from ..values import flat, short, untracked

Dims = int | tuple[int, ...] | None


# ---------------------------------------------------------------------- another shape
@method
def reshape(x: Any, *shape: Any) -> Tensor:
    """The same elements in another shape, given as numbers or as one tuple; one size may be -1."""
    return apply(OPS["reshape"], x, shape=flat(shape))


@method
def view(x: Any, *shape: Any) -> Tensor:
    """PyTorch's other name for `reshape`; where the elements do not lie in that order, a copy too."""
    return reshape(x, *shape)


@method
def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The axes from `start_dim` to `end_dim` (all by default) as one."""
    dims = {"start_dim": start_dim, "end_dim": end_dim}
    return apply(OPS["flatten"], x, **(dims if end_dim != -1 else {"start_dim": start_dim} if start_dim else {}))


@method
def squeeze(x: Any, dim: Dims = None) -> Tensor:
    """Without the axes of size 1, or only those among `dim`; an axis of another size stays, as in PyTorch."""
    return apply(OPS["squeeze"], x, **({} if dim is None else {"axis": dim}))


@method
def unsqueeze(x: Any, dim: int) -> Tensor:
    """With a new axis of size 1 at `dim`."""
    return apply(OPS["unsqueeze"], x, axis=dim)


@method
def broadcast_to(x: Any, *shape: Any) -> Tensor:
    """The elements repeated to fill a shape, without a copy of them; -1 keeps the size of an axis."""
    own, sizes = np.shape(untracked(x)), flat(shape)
    new = len(sizes) - len(own)
    sizes = tuple(own[at - new] if size == -1 and at >= new else size for at, size in enumerate(sizes))
    return apply(OPS["broadcast_to"], x, shape=sizes)


@method
def expand(x: Any, *shape: Any) -> Tensor:
    """PyTorch's other name for `broadcast_to`."""
    return broadcast_to(x, *shape)


# ---------------------------------------------------------------------- the axes in another order
@method
def permute(x: Any, *dims: Any) -> Tensor:
    """The axes in the order given (NumPy's `transpose`)."""
    return apply(OPS["transpose"], x, axes=flat(dims))


@method
def transpose(x: Any, dim0: int, dim1: int) -> Tensor:
    """Two axes swapped (NumPy's `swapaxes`)."""
    return permute(x, order_after(np.swapaxes, x, dim0, dim1))


@method
def movedim(x: Any, source: Any, destination: Any) -> Tensor:
    """One axis or several moved to other places, the others in the order they had (NumPy's `moveaxis`)."""
    return permute(x, order_after(np.moveaxis, x, source, destination))


def order_after(move: Callable[..., Any], x: Any, *places: Any) -> tuple[int, ...]:
    """The axes of `x` in the order into which NumPy's function brings them: an axis of size i is the i-th."""
    shape = np.shape(untracked(x))
    try:
        return tuple(move(np.empty(tuple(range(len(shape)))), *places).shape)
    except ValueError as error:
        raise ValueError(f"transpose of shape {shape}: {error}") from None


def _matrix_transpose(x: Tensor) -> Tensor:
    """The last two axes swapped: each matrix of a stack transposed."""
    if x.ndim < 2:
        raise AttributeError(f"x.mT transposes matrices; this tensor has shape {x.shape}. Write x[:, None].mT.")
    return transpose(x, -2, -1)


Tensor.mT = property(_matrix_transpose)  # type: ignore[attr-defined]


# ---------------------------------------------------------------------- one tensor in pieces, pieces as one tensor
def concatenate(tensors: Sequence[Any], dim: int = 0) -> Tensor:
    """The tensors one after the other along an axis they have."""
    return joined("concatenate", concatenate_of, tensors, dim)


def cat(tensors: Sequence[Any], dim: int = 0) -> Tensor:
    """PyTorch's other name for `concatenate`."""
    return concatenate(tensors, dim)


def stack(tensors: Sequence[Any], dim: int = 0) -> Tensor:
    """The tensors, all of one shape, side by side along a new axis."""
    return joined("stack", stack_of, tensors, dim)


def joined(name: str, row_of: Callable[[int], Op], tensors: Sequence[Any], dim: int) -> Tensor:
    """The tensor that the row for so many arguments makes of them."""
    if not isinstance(tensors, list | tuple) or not tensors:
        given = "an empty one" if isinstance(tensors, list | tuple) else f"{type(tensors).__name__} {short(tensors)}"
        raise TypeError(f"{name} takes a list of one or more tensors; got {given}. Write bp.{name}([x, y]).")
    return apply(row_of(len(tensors)), *tensors, **({"axis": dim} if dim else {}))


@method
def split(x: Any, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """The pieces along `dim`: all of one size (the last may be smaller), or of the sizes in a list."""
    shape = np.shape(untracked(x))
    length = shape[normalize_axis_index(dim, len(shape), "split")]
    sizes: Any = split_size_or_sections
    if isinstance(sizes, int):
        fits, count = sizes > 0, max(-(-length // max(sizes, 1)), 1)
    else:
        sizes = tuple(map(int, sizes))
        fits, count = sum(sizes) == length and min(sizes, default=0) >= 0, len(sizes)
    if not fits:
        raise ValueError(
            f"split: axis {dim} of shape {shape} has {length} elements, which {split_size_or_sections} does not split. "
            f"Give one size above 0, or a list of sizes that add up to {length}."
        )
    options = {"sizes": sizes} | ({"axis": dim} if dim else {})
    return tuple(apply(OPS["split"], x, piece=piece, **options) for piece in range(count))
