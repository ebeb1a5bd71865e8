"""The rows that move elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

CASES: dict[str, Any] = {
    "reshape": [
        *((((2, 3),), {"shape": shape}) for shape in [(6,), (3, 2), (-1,), (1, 3, 1, 2)]),
        (((),), {"shape": (1, 1)}),
        (((1, 1),), {"shape": ()}),
    ],
    "flatten": [
        *((((2, 3, 4),), options) for options in [{}, {"start_dim": 1}, {"start_dim": -2}, {"end_dim": 1}]),
        *((((2, 3, 4),), {"start_dim": start, "end_dim": end}) for start, end in [(0, -2), (1, 1), (-3, -1)]),
        *(((shape,), {}) for shape in [(), (3,), (0, 3), (1, 1)]),
    ],
    "squeeze": [
        *((((1, 3, 1),), options) for options in [{}, {"axis": 0}, {"axis": -1}, {"axis": (0, 2)}, {"axis": 1}]),
        *(((shape,), {}) for shape in [(), (3,), (1, 1), (1, 0)]),
        (((),), {"axis": 0}),
    ],
    "unsqueeze": [
        *((((2, 3),), {"axis": axis}) for axis in [0, 1, 2, -1, -3]),
        *(((shape,), {"axis": 0}) for shape in [(), (1,), (0, 3)]),
    ],
    "broadcast_to": [
        *(((shape,), {"shape": (2, 3)}) for shape in [(3,), (2, 3), (2, 1), (1, 1), ()]),
        *(((shape,), {"shape": (4, 0, 3)}) for shape in [(1, 3), (0, 1)]),
        (((3, 1),), {"shape": (2, 3, 1)}),
    ],
    "split": [
        *((((4, 3),), {"sizes": sizes, "piece": at}) for sizes, at in [(2, 0), (3, 1), ((1, 0, 3), 1), ((4,), 0)]),
        *((((4, 3),), {"sizes": (1, 2), "piece": 1, "axis": axis}) for axis in [1, -1]),
        (((0, 3),), {"sizes": 2, "piece": 0}),
    ],
    "concatenate": [
        (((2, 3), (4, 3)), {}),
        *((((2, 3), (2, 1)), {"axis": axis}) for axis in [1, -1]),
        (((3,), (3,)), {}),
        (((0, 3), (1, 3)), {}),
    ],
    "stack": [
        *((((2, 3), (2, 3)), options) for options in [{}, {"axis": 1}, {"axis": 2}, {"axis": -1}, {"axis": -3}]),
        *((shapes, {}) for shapes in [((), ()), ((1,), (1,)), ((0, 3), (0, 3))]),
    ],
    "transpose": [
        *(((shape,), {}) for shape in [(4, 2, 3), (), (3,), (2, 3)]),
        *((((4, 2, 3),), {"axes": axes}) for axes in [(1, 2, 0), (2, 0, 1), (0, 2, 1)]),
    ],
    "getitem": [
        *(
            (((4, 3),), {"key": key})
            for key in [
                (1, 2), 1, -1, slice(1, 3), (slice(None), 0), slice(None, None, 2), (Ellipsis, None, 1), Ellipsis, (),
                (None, slice(None, 2)), np.array([0, 2, 2]), (np.array([0, 0, 3]), np.array([1, 1, 2])),
                (slice(None), [2, 2]), np.array([True, False, False, True]), np.array([False] * 4),
                np.array([[0, 1], [3, 3]]), [], slice(0, 0), np.arange(12).reshape(4, 3) % 2 == 0, [True, False] * 2,
                (np.array([True, False, True, True]), 1), (np.array([True, False, True, False]), np.array([2, 2])),
                (np.int64(2), None, slice(None)), (np.array([0, 2]), None, np.array([1, 1])), np.array(3),
            ]
        ),
        *((((),), {"key": key}) for key in [(), ..., None]),
    ],
    "put": [
        (((4, 3), ()), {"key": (1, 2)}),
        (((4, 3), (3,)), {"key": slice(1, 3)}),
        (((4, 3), (2, 1)), {"key": (np.array([0, 2]), slice(None))}),
        (((4, 3), ()), {"key": Ellipsis}),
        (((), ()), {"key": ()}),
    ],
}  # fmt: skip


def names(values: Any, out: Any, g: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Pieces of the arguments' sizes, scattering into the shape of the first argument, sums in that of the last."""
    axis = options.get("axis")

    def split(x: Any, sizes: Any = None, along: Any = None) -> list[Any]:
        sizes = [np.shape(value)[along or 0] for value in values] if sizes is None else sizes
        if isinstance(sizes, int):
            return [x[at : at + sizes] for at in range(0, max(len(x), 1), sizes)]
        return np.split(x, np.cumsum(sizes)[:-1], along or 0)

    def scatter(g: Any, key: Any) -> Any:
        into = np.zeros(np.shape(values[0]))
        elements = np.arange(into.size).reshape(into.shape)
        picked = split(elements, options["sizes"], axis)[key] if "sizes" in options else elements[key]
        for position, piece in zip(np.ravel(picked), np.ravel(g), strict=True):
            into.flat[position] += piece
        return into

    def sum_over_copies(pieces: Any) -> Any:
        missing = np.ndim(pieces) - np.ndim(values[-1])
        once = np.sum(pieces, axis=tuple(range(missing)))
        return once.sum(axis=tuple(i for i, n in enumerate(np.shape(values[-1])) if n == 1), keepdims=True)

    def split_back(x: Any, *how: Any) -> list[Any]:
        return split(x, options["sizes"], axis) if "sizes" in options else split(x, None, axis)

    return {"scatter": scatter, "sum_over_copies": sum_over_copies, "split": split_back, "axis": axis}


def without_formula(op: str, shapes: Any, options: dict[str, Any]) -> bool:
    """A scalar has nothing to pick from."""
    return op == "getitem" and shapes == ((),)


def put(x: Any, key: Any, y: Any) -> Any:
    """A copy of x in which the elements at `key` are y, element by element."""
    changed = np.array(x)
    picked = np.arange(changed.size).reshape(changed.shape)[key]
    for position, piece in zip(np.ravel(picked), np.ravel(np.broadcast_to(y, np.shape(picked))), strict=True):
        changed.flat[position] = piece
    return changed


def flatten(x: Any, start_dim: Any = None, end_dim: Any = None) -> Any:
    """The sizes from one axis to another as one."""
    shape = list(np.shape(x)) or [1]
    first, last = (start_dim or 0) % len(shape), (-1 if end_dim is None else end_dim) % len(shape)
    return np.reshape(x, [*shape[:first], int(np.prod(shape[first : last + 1])), *shape[last + 1 :]])


def squeeze(x: Any, axis: Any = None) -> Any:
    """Without the axes named that have size 1."""
    named = range(np.ndim(x)) if axis is None else np.ravel(axis) % max(np.ndim(x), 1)
    return np.reshape(x, [size for at, size in enumerate(np.shape(x)) if size != 1 or at not in named])


NAMES: dict[str, Any] = {
    "reshape": np.reshape, "transpose": lambda x, axes=None: np.transpose(x, axes), "axes": None, "put": put,
    "permute_back": lambda g, axes: np.transpose(g, np.argsort(axes)),
    "flatten": flatten, "start_dim": None, "end_dim": None, "squeeze": squeeze, "unsqueeze": np.expand_dims,
    "broadcast_to": np.broadcast_to,
    "concatenate": lambda *xs: np.concatenate(xs[:-1], xs[-1] or 0),
    "stack": lambda *xs: np.stack(xs[:-1], xs[-1] or 0),
    "unbind": lambda g, axis: np.moveaxis(g, axis or 0, 0),
}  # fmt: skip


def _transpose(x: Any, axes: Any = None) -> Any:
    return x.permute(axes or tuple(range(x.ndim))[::-1])


def _put(x: Any, y: Any, key: Any) -> Any:
    changed = x.clone()
    changed[key] = y
    return changed


def _joined(name: str) -> Callable[..., Any]:
    def join(*xs: Any, axis: int = 0) -> Any:
        import torch

        return getattr(torch, name)(xs, dim=axis)

    return join


TORCH: dict[str, Callable[..., Any]] = {
    "reshape": lambda x, shape: x.reshape(shape), "transpose": _transpose, "getitem": lambda x, key: x[key],
    "put": _put, "flatten": lambda x, **dims: x.flatten(**dims), "broadcast_to": lambda x, shape: x.broadcast_to(shape),
    "squeeze": lambda x, axis=None: x.squeeze() if axis is None else x.squeeze(axis),
    "unsqueeze": lambda x, axis: x.unsqueeze(axis), "concatenate": _joined("cat"), "stack": _joined("stack"),
    "split": lambda x, sizes, piece, axis=0: x.split(sizes, axis)[piece],
}  # fmt: skip
