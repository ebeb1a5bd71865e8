"""The rows that move elements and change none: shapes, axes, indices."""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..op import Op, mixing, unbroadcast


def _flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    shape = np.shape(x) or (1,)  # a scalar becomes a vector of one element
    first, last = normalize_axis_tuple((start_dim, end_dim), len(shape), allow_duplicate=True)
    if first > last:
        raise ValueError(f"start_dim={start_dim} comes after end_dim={end_dim}; give the first axis first")
    return np.reshape(x, (*shape[:first], prod(shape[first : last + 1]), *shape[last + 1 :]))


def _squeeze(x: Any, axis: Any = None) -> Any:
    shape = np.shape(x)
    axes = range(len(shape)) if axis is None else normalize_axis_tuple(axis, max(len(shape), 1))
    return np.reshape(x, [size for i, size in enumerate(shape) if size != 1 or i not in axes])


def _broadcast_to_formula(x: tuple[int, ...], shape: Any = None) -> str:
    return "g" if shape == x else "sum_over_copies(g)"


def _transpose_formula(x: tuple[int, ...], axes: Any = None) -> str:
    return "g.T" if axes is None or tuple(axes) == tuple(range(len(x)))[::-1] else "permute_back(g, axes)"


def _transpose_vjp(g: Any, out: Any, x: Any, axes: Any = None) -> Any:
    return np.transpose(g, None if axes is None else np.argsort(axes))


def _getitem_vjp(g: Any, out: Any, x: Any, key: Any) -> Any:
    gradient = np.zeros(np.shape(x), np.asarray(x).dtype)
    if all(map(_picks_once, key if isinstance(key, tuple) else (key,))):
        gradient[key] = g
    else:
        np.add.at(gradient, key, g)  # an element picked twice receives twice
    return gradient


def _picks_once(part: Any) -> bool:
    """Whether no element can be picked twice by this part of an index: not by numbers, slices and masks."""
    if part is None or part is Ellipsis or isinstance(part, slice | int | np.integer | np.bool_):
        return True
    return isinstance(part, np.ndarray) and part.dtype.kind == "b"


def _put(x: Any, y: Any, key: Any) -> Any:
    out = np.array(x)
    out[key] = y
    return out


def _put_vjp_x(g: Any, out: Any, x: Any, y: Any, key: Any) -> Any:
    return _put(g, 0, key)


def _put_vjp_y(g: Any, out: Any, x: Any, y: Any, key: Any) -> Any:
    return unbroadcast(np.asarray(g)[key], np.shape(y))


def _put_formula_y(x: tuple[int, ...], y: tuple[int, ...], key: Any = ...) -> str:
    picked = np.broadcast_to(0, x)[key].shape
    return "g[key]" if picked == y else "sum_over_copies(g[key])"


def _part(x: Any, axis: int, start: int, size: int) -> tuple[slice, ...]:
    """The index of `size` elements along one axis, from `start`."""
    return (*[slice(None)] * (axis % np.ndim(x)), slice(start, start + size))


# ---------------------------------------------------------------------- one tensor in pieces, pieces as one tensor
def _piece(x: Any, sizes: Any, piece: int, axis: int = 0) -> tuple[slice, ...]:
    """The index of one piece of a split: pieces of one size, the last as long as it gets, or each of its own."""
    if isinstance(sizes, int):
        return _part(x, axis, piece * sizes, sizes)
    return _part(x, axis, sum(sizes[:piece]), sizes[piece])


def _split(x: Any, sizes: Any, piece: int, axis: int = 0) -> Any:
    return np.asarray(x)[_piece(x, sizes, piece, axis)]


def _split_vjp(g: Any, out: Any, x: Any, sizes: Any, piece: int, axis: int = 0) -> Any:
    gradient = np.zeros(np.shape(x), np.asarray(x).dtype)
    gradient[_piece(x, sizes, piece, axis)] = g
    return gradient


def _float_among(xs: tuple[Any, ...]) -> Any:
    """The type that floats keep when whole numbers join them: float32 stays float32, as in PyTorch."""
    floats = [x for x in map(np.asarray, xs) if x.dtype.kind == "f"]
    return np.result_type(*floats) if floats else None


@cache
def concatenate_of(count: int) -> Op:
    """The row that joins `count` arrays along an axis they have."""

    def slot(at: int) -> tuple[Any, ...]:
        def vjp(g: Any, out: Any, *xs: Any, axis: int = 0) -> Any:
            sizes = [np.shape(x)[axis] for x in xs]
            return g[_part(g, axis, sum(sizes[:at]), sizes[at])]

        return f"split(g, axis)[{at}]", vjp, ""

    names = [f"x{at}" for at in range(count)]
    return mixing(
        "concatenate", "cat", f"concatenate({', '.join(names)}, axis)",
        lambda *xs, axis=0: np.concatenate(xs, axis, dtype=_float_among(xs)), numpy=(np.concatenate,),
        **{name: slot(at) for at, name in enumerate(names)},
    )  # fmt: skip


@cache
def stack_of(count: int) -> Op:
    """The row that joins `count` arrays of one shape along a new axis."""

    def slot(at: int) -> tuple[Any, ...]:
        def vjp(g: Any, out: Any, *xs: Any, axis: int = 0) -> Any:
            return np.moveaxis(g, axis, 0)[at]

        return f"unbind(g, axis)[{at}]", vjp, ""

    names = [f"x{at}" for at in range(count)]
    return mixing(
        "stack", "stack", f"stack({', '.join(names)}, axis)",
        lambda *xs, axis=0: np.stack(xs, axis, dtype=_float_among(xs)), numpy=(np.stack,),
        **{name: slot(at) for at, name in enumerate(names)},
    )  # fmt: skip


# fmt: off
ROWS: tuple[Op, ...] = (
    mixing("reshape", "reshape", "reshape(x, shape)", np.reshape, numpy=(np.reshape,), linear="x", view=True,
           x=("reshape(g, x.shape)", lambda g, out, x, shape: np.reshape(g, np.shape(x)), "")),
    mixing("flatten", "flatten", "flatten(x, start_dim, end_dim)", _flatten, numpy=(np.ravel,), linear="x", view=True,
           x=("reshape(g, x.shape)", lambda g, out, x, start_dim=0, end_dim=-1: np.reshape(g, np.shape(x)), "")),
    mixing("squeeze", "squeeze", "squeeze(x, axis)", _squeeze, numpy=(np.squeeze,), linear="x", view=True,
           x=("reshape(g, x.shape)", lambda g, out, x, axis=None: np.reshape(g, np.shape(x)), "")),
    mixing("unsqueeze", "unsqueeze", "unsqueeze(x, axis)", np.expand_dims, numpy=(np.expand_dims,), linear="x",
           view=True, x=("squeeze(g, axis)", lambda g, out, x, axis: np.reshape(g, np.shape(x)), "")),
    mixing("broadcast_to", "broadcast", "broadcast_to(x, shape)", np.broadcast_to, numpy=(np.broadcast_to,),
           linear="x", view=True,
           x=(_broadcast_to_formula, lambda g, out, x, shape: unbroadcast(g, np.shape(x)), "")),
    mixing("transpose", "ᵀ", "transpose(x, axes)", np.transpose, linear="x", view=True,
           numpy=(np.transpose, np.swapaxes, np.moveaxis),
           x=(_transpose_formula, _transpose_vjp, "")),
    mixing("getitem", "[ ]", "x[key]", lambda x, key: np.asarray(x)[key], linear="x", view=True,
           x=("scatter(g, key)", _getitem_vjp, "")),
    mixing("put", "[ ] =", "put(x, key, y)", _put,
           x=("put(g, key, 0)", _put_vjp_x, ""),
           y=(_put_formula_y, _put_vjp_y, "")),
    mixing("split", "split", "split(x, sizes, axis)[piece]", _split, numpy=(np.split,), linear="x", view=True,
           x=("scatter(g, piece)", _split_vjp, "")),
    concatenate_of(2),
    stack_of(2),
)
# fmt: on
