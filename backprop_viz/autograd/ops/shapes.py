"""The rows that move elements and change none: shapes, axes, indices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import Op, mixing, unbroadcast


def _transpose_formula(x: tuple[int, ...], axes: Any = None) -> str:
    return "g.T" if axes is None or tuple(axes) == tuple(range(len(x)))[::-1] else "permute_back(g, axes)"


def _transpose_vjp(g: Any, out: Any, x: Any, axes: Any = None) -> Any:
    return np.transpose(g, None if axes is None else np.argsort(axes))


def _getitem_vjp(g: Any, out: Any, x: Any, key: Any) -> Any:
    gradient = np.zeros(np.shape(x), np.asarray(x).dtype)
    np.add.at(gradient, key, g)  # an element picked twice receives twice
    return gradient


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


# fmt: off
ROWS: tuple[Op, ...] = (
    mixing("reshape", "reshape", "reshape(x, shape)", np.reshape, numpy=(np.reshape,), linear="x", view=True,
           x=("reshape(g, x.shape)", lambda g, out, x, shape: np.reshape(g, np.shape(x)), "")),
    mixing("transpose", "ᵀ", "transpose(x, axes)", np.transpose, numpy=(np.transpose,), linear="x", view=True,
           x=(_transpose_formula, _transpose_vjp, "")),
    mixing("getitem", "[ ]", "x[key]", lambda x, key: np.asarray(x)[key], linear="x", view=True,
           x=("scatter(g, key)", _getitem_vjp, "")),
    mixing("put", "[ ] =", "put(x, key, y)", _put,
           x=("put(g, key, 0)", _put_vjp_x, ""),
           y=(_put_formula_y, _put_vjp_y, "")),
)
# fmt: on
