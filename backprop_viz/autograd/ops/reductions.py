"""The rows of reductions: many elements become fewer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import Op, mixing


def _spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """`g`, the gradient of a reduction, copied back along the axes that were reduced."""
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, np.shape(x))


def _sum_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _spread(g, x, axis, keepdims)


def _mean_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _spread(g, x, axis, keepdims) * (np.size(out) / max(np.size(x), 1))


# fmt: off
ROWS: tuple[Op, ...] = (
    mixing("sum", "Σ", "sum(x, axis)", np.sum, numpy=(np.sum,), linear="x",
           x=("g * ones_like(x)", _sum_vjp, "")),
    mixing("mean", "mean", "mean(x, axis)", np.mean, numpy=(np.mean,), linear="x",
           x=("g * ones_like(x) / n", _mean_vjp, "")),
)
# fmt: on
