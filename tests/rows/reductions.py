"""The rows of reductions, and of softmax."""

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
_EXTREMES = [*_SUMS, (((5, 1),), {"axis": 1}), (((0, 3),), {"axis": 1})]
_SPREADS: list[Any] = [(shapes, options | {"correction": 1}) for shapes, options in _SUMS if shapes != ((),)]
_SPREADS += [(((4, 3),), {"axis": 0, "correction": correction}) for correction in (0, 2, 0.5)]
_SHARES = [(((3,),), {"axis": 0}), *((((4, 2, 3),), {"axis": axis}) for axis in (0, 1, -1)), (((),), {"axis": -1})]
CASES: dict[str, Any] = {
    **dict.fromkeys(("sum", "mean", "prod", "logsumexp"), _SUMS),
    **dict.fromkeys(("max", "min"), _EXTREMES),
    **dict.fromkeys(("var", "std"), _SPREADS),
    **dict.fromkeys(("softmax", "log_softmax"), _SHARES),
}


def _product_of_others(x: Any, axis: Any = None) -> Any:
    others = np.ones(np.shape(x))
    where = range(np.ndim(x)) if axis is None else [i % np.ndim(x) for i in np.atleast_1d(axis)]
    for at in np.ndindex(others.shape):
        same_row = [i for i in np.ndindex(others.shape) if all(a in where or i[a] == at[a] for a in range(len(at)))]
        others[at] = np.prod([x[i] for i in same_row if i != at])
    return others


def _softmax(x: Any, axis: Any) -> Any:
    return np.exp(x) / np.sum(np.exp(x), axis, keepdims=True)


NAMES: dict[str, Any] = {
    "ones_like": np.ones_like, "sum": lambda x, axis: np.sum(x, axis), "mean": lambda x, axis: np.mean(x, axis),
    "axis": None,
    "prod": lambda x, axis: np.prod(x, axis),
    "max": lambda x, axis: np.max(x, axis), "min": lambda x, axis: np.min(x, axis), "softmax": _softmax,
    "logsumexp": lambda x, axis: np.log(np.sum(np.exp(x), axis)), "product_of_others": _product_of_others,
    "log_softmax": lambda x, axis: np.log(_softmax(x, axis)),
}  # fmt: skip


def names(values: Any, out: Any, g: Any, options: dict[str, Any]) -> dict[str, Any]:
    """How many elements make one; and what is one for each row as people read it, past the axis that is reduced."""
    (x,), axis = values, options.get("axis")
    found: dict[str, Any] = {"n": np.size(x) // max(np.size(out), 1)}
    if "correction" in options:
        variance = np.var(x, axis, ddof=options["correction"])
        found |= {"var": lambda x, axis: variance, "std": lambda x, axis: np.sqrt(variance)}
        found["mean"] = lambda x, axis: np.mean(x, axis, keepdims=True)
    if np.shape(out) == np.shape(x) and axis is not None:  # softmax
        return found | {"sum": lambda x, axis: np.sum(x, axis, keepdims=True)}
    if axis is not None and not options.get("keepdims"):
        g, out = np.expand_dims(g, axis), np.expand_dims(out, axis)
    return found | {"g": g, "out": out, "ties": np.sum(np.equal(x, out), axis, keepdims=True)}


def without_formula(op: str, shapes: Any, options: dict[str, Any]) -> bool:
    """Formulas are written without `keepdims`; and the logarithm of 1 is 0, which x - log(exp(x)) is nearly."""
    return bool(options.get("keepdims")) or (op == "log_softmax" and shapes == ((),))


def _reduction(name: str) -> Callable[..., Any]:
    def run(x: Any, axis: Any = None, keepdims: bool = False, **options: Any) -> Any:
        import torch

        every = tuple(range(x.ndim)) if axis is None else axis
        return getattr(torch, name)(x, dim=every, keepdim=keepdims, **options)

    return run


def _prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """PyTorch takes the product along one axis at a time."""
    axes = range(x.ndim) if axis is None else [i % x.ndim for i in np.atleast_1d(axis).tolist()]
    for each in axes:
        x = x.prod(dim=each, keepdim=True)
    return x if keepdims else x.squeeze(tuple(axes))


TORCH: dict[str, Callable[..., Any]] = {
    **{name: _reduction(name) for name in ("sum", "mean", "var", "std", "logsumexp")},
    "max": _reduction("amax"), "min": _reduction("amin"), "prod": _prod,
    "softmax": lambda x, axis: x.softmax(axis), "log_softmax": lambda x, axis: x.log_softmax(axis),
}  # fmt: skip
