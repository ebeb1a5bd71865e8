"""The rows of reductions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_SUMS = [
    ((shape,), {"axis": axis, "keepdims": keepdims})
    for shape in [(), (3,), (2, 3), (4, 2, 3)]
    for axis in [None, 0, -1, (0, -1)]
    for keepdims in [False, True]
    if (axis is None or len(shape) >= (2 if isinstance(axis, tuple) else 1))
]
CASES: dict[str, Any] = dict.fromkeys(("sum", "mean"), _SUMS)
NAMES: dict[str, Any] = {
    "ones_like": np.ones_like, "sum": lambda x, axis: np.sum(x, axis), "mean": lambda x, axis: np.mean(x, axis),
    "axis": None,
}  # fmt: skip


def names(values: Any, out: Any, g: Any, options: dict[str, Any]) -> dict[str, Any]:
    """How many elements make one; and `g` as people read it, past the axis that the reduction dropped."""
    kept = options.get("axis") is None or options.get("keepdims")
    return {
        "n": np.size(values[0]) // max(np.size(out), 1),
        "g": g if kept else np.expand_dims(g, options["axis"]),
    }


def without_formula(op: str, shapes: Any, options: dict[str, Any]) -> bool:
    """Formulas are written without `keepdims`."""
    return bool(options.get("keepdims"))


def _reduction(name: str) -> Callable[..., Any]:
    def run(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        import torch

        return getattr(torch, name)(x, dim=axis, keepdim=keepdims)

    return run


TORCH: dict[str, Callable[..., Any]] = {name: _reduction(name) for name in ("sum", "mean")}
