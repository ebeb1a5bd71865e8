"""The rows of reductions, where many elements become fewer, and of softmax, where each depends on all."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..op import Op, mixing


def _spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """`g`, the gradient (or the value) of a reduction, copied back along the axes that were reduced."""
    if axis is not None and not keepdims and np.ndim(x):
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, np.shape(x))


def _sum_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _spread(g, x, axis, keepdims)


def _mean_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _spread(g, x, axis, keepdims) * (np.size(out) / max(np.size(x), 1))


# ------------------------------------------------------------------ variance
def _var(x: Any, axis: Any = None, keepdims: bool = False, correction: float = 1) -> Any:
    return np.var(x, axis=axis, keepdims=keepdims, ddof=correction)


def _std(x: Any, axis: Any = None, keepdims: bool = False, correction: float = 1) -> Any:
    return np.std(x, axis=axis, keepdims=keepdims, ddof=correction)


def _deviation(x: Any, out: Any, axis: Any, correction: float) -> Any:
    """(x - mean) / (n - correction), n being how many elements became one; 0/0 is nan, of which NumPy has warned."""
    degrees = max(np.size(x) // max(np.size(out), 1) - correction, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(x - np.mean(x, axis=axis, keepdims=True), degrees) if np.size(x) else x


def _var_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False, correction: float = 1) -> Any:
    return 2.0 * _spread(g, x, axis, keepdims) * _deviation(x, out, axis, correction)


def _std_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False, correction: float = 1) -> Any:
    spread = _spread(out, x, axis, keepdims)
    # Where all elements are equal there is no slope; 0, as in PyTorch.
    slope = _deviation(x, out, axis, correction) / np.where(spread == 0, 1.0, spread)
    return _spread(g, x, axis, keepdims) * np.where(spread == 0, 0.0, slope)


# ------------------------------------------------------------------ products, maxima and minima
def _prod_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    # The product of the other elements, and not out / x: it is right where elements are 0.
    x = np.asarray(x)
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis)
    last = range(-len(axes), 0)
    moved = np.moveaxis(x, axes, last) if x.ndim else x
    kept = moved.shape[: x.ndim - len(axes)]
    rows = moved.reshape(*kept, math.prod(moved.shape[len(kept) :]))
    others = (_products_before(rows) * _products_before(rows[..., ::-1])[..., ::-1]).reshape(moved.shape)
    return _spread(g, x, axis, keepdims) * (np.moveaxis(others, last, axes) if x.ndim else others)


def _products_before(rows: Any) -> Any:
    """For each element the product of those before it in its row."""
    return np.cumprod(np.concatenate([np.ones_like(rows[..., :1]), rows[..., :-1]], axis=-1), axis=-1)


def _extreme(function: Callable[..., Any], word: str) -> Callable[..., Any]:
    """The forward function of max or min, which nothing is the largest or smallest of."""

    def forward(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        try:
            return function(x, axis=axis, keepdims=keepdims)
        except ValueError as error:
            if "zero-size" not in str(error):
                raise
            raise ValueError(
                f"no element is the {word} of none. Reduce along an axis that has elements, or look at x.size first."
            ) from None

    return forward


def _extreme_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    chosen = (x == _spread(out, x, axis, keepdims)) | (x != x)  # where there is nan, that is the result
    ties = np.sum(chosen, axis=axis, keepdims=True)
    return _spread(g, x, axis, keepdims) * chosen / ties


# ------------------------------------------------------------------ softmax and its relatives
def _largest(x: Any, axis: Any) -> Any:
    return np.max(x, axis=axis, keepdims=True, initial=-np.inf)


def _below(x: Any, top: Any) -> Any:
    """How far the elements lie below `top`; the exponential of that does not overflow, and inf - inf is nan."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.subtract(x, top)


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    x = x * 1.0
    largest = _largest(x, axis)
    largest = np.where(np.isinf(largest), 0.0, largest)  # nothing to gain there, and inf - inf is nan
    with np.errstate(divide="ignore"):
        out = np.log(np.sum(np.exp(_below(x, largest)), axis=axis, keepdims=keepdims))
    return out + (largest if keepdims else np.reshape(largest, np.shape(out)))


def _logsumexp_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _spread(g, x, axis, keepdims) * np.exp(_below(x, _spread(out, x, axis, keepdims)))


def _softmax(x: Any, axis: int) -> Any:
    x = x * 1.0
    powers = np.exp(_below(x, _largest(x, axis)))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: int) -> Any:
    x = x * 1.0
    below = _below(x, _largest(x, axis))
    with np.errstate(divide="ignore"):  # nothing has a sum of 0
        return below - np.log(np.sum(np.exp(below), axis=axis, keepdims=True))


def _softmax_vjp(g: Any, out: Any, x: Any, axis: int) -> Any:
    return out * (g - np.sum(g * out, axis=axis, keepdims=True))


def _log_softmax_vjp(g: Any, out: Any, x: Any, axis: int) -> Any:
    return g - np.exp(out) * np.sum(g, axis=axis, keepdims=True)


# fmt: off
ROWS: tuple[Op, ...] = (
    mixing("sum", "Σ", "sum(x, axis)", np.sum, numpy=(np.sum,), linear="x",
           x=("g * ones_like(x)", _sum_vjp, "")),
    mixing("mean", "mean", "mean(x, axis)", np.mean, numpy=(np.mean,), linear="x",
           x=("g * ones_like(x) / n", _mean_vjp, "")),
    mixing("var", "var", "var(x, axis)", _var, numpy=(np.var,),
           formula="sum((x - mean(x, axis))**2, axis) / (n - correction)",
           x=("2 * g * (x - mean(x, axis)) / (n - correction)", _var_vjp, "x")),
    mixing("std", "std", "std(x, axis)", _std, numpy=(np.std,),
           formula="sqrt(sum((x - mean(x, axis))**2, axis) / (n - correction))",
           x=("g * (x - mean(x, axis)) / ((n - correction) * out)", _std_vjp, "x out")),
    mixing("prod", "Π", "prod(x, axis)", np.prod, numpy=(np.prod,),
           x=("g * product_of_others(x, axis)", _prod_vjp, "x")),
    # Equal largest elements share the gradient.
    mixing("max", "max", "max(x, axis)", _extreme(np.max, "largest"), numpy=(np.max, np.amax),
           x=("g * iverson(x == out) / ties", _extreme_vjp, "x out")),
    mixing("min", "min", "min(x, axis)", _extreme(np.min, "smallest"), numpy=(np.min, np.amin),
           x=("g * iverson(x == out) / ties", _extreme_vjp, "x out")),
    mixing("logsumexp", "log Σ exp", "logsumexp(x, axis)", _logsumexp, formula="log(sum(exp(x), axis))",
           x=("g * exp(x - out)", _logsumexp_vjp, "x out")),
    mixing("softmax", "softmax", "softmax(x, axis)", _softmax, formula="exp(x) / sum(exp(x), axis)",
           x=("out * (g - sum(g * out, axis))", _softmax_vjp, "out")),
    mixing("log_softmax", "log softmax", "log_softmax(x, axis)", _log_softmax, formula="x - log(sum(exp(x), axis))",
           x=("g - exp(out) * sum(g, axis)", _log_softmax_vjp, "out")),
)
# fmt: on
