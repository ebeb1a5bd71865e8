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
    """Scattering into the shape of the first argument."""

    def scatter(g: Any, key: Any) -> Any:
        into = np.zeros(np.shape(values[0]))
        picked = np.arange(into.size).reshape(into.shape)[key]
        for position, piece in zip(np.ravel(picked), np.ravel(g), strict=True):
            into.flat[position] += piece
        return into

    def sum_over_copies(pieces: Any) -> Any:
        missing = np.ndim(pieces) - np.ndim(values[1])
        once = np.sum(pieces, axis=tuple(range(missing)))
        return once.sum(axis=tuple(i for i, n in enumerate(np.shape(values[1])) if n == 1), keepdims=True)

    return {"scatter": scatter, "sum_over_copies": sum_over_copies}


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


NAMES: dict[str, Any] = {
    "reshape": np.reshape, "transpose": lambda x, axes=None: np.transpose(x, axes), "axes": None, "put": put,
    "permute_back": lambda g, axes: np.transpose(g, np.argsort(axes)),
}  # fmt: skip


def _transpose(x: Any, axes: Any = None) -> Any:
    return x.permute(axes or tuple(range(x.ndim))[::-1])


def _put(x: Any, y: Any, key: Any) -> Any:
    changed = x.clone()
    changed[key] = y
    return changed


TORCH: dict[str, Callable[..., Any]] = {
    "reshape": lambda x, shape: x.reshape(shape), "transpose": _transpose, "getitem": lambda x, key: x[key],
    "put": _put,
}  # fmt: skip
