"""The rows of normalisation and dropout: what keeps the values of a layer in a good range."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..op import NO_GRADIENT, Op, elementwise, mixing

Axes = tuple[int, ...]


def _normalized(x: Any, axes: Axes, eps: float) -> tuple[Any, Any]:
    """`x` with mean 0 and variance 1 along these axes, and the standard deviation it was divided by."""
    centred = x - x.mean(axis=axes, keepdims=True)
    deviation = np.sqrt(np.square(centred).mean(axis=axes, keepdims=True) + eps)
    return centred / deviation, deviation


def _normalized_vjp(g: Any, x: Any, axes: Axes, eps: float) -> Any:
    """Back through `_normalized`: `x` acts directly, through the mean, and through the variance."""
    normalized, deviation = _normalized(x, axes, eps)
    through_mean = g.mean(axis=axes, keepdims=True)
    through_variance = normalized * (g * normalized).mean(axis=axes, keepdims=True)
    return (g - through_mean - through_variance) / deviation


def _along(axes: Axes, numbers: Any, x: Any) -> Any:
    """Numbers that belong to these axes of `x`, shaped to meet it; one number for all as it is."""
    if np.ndim(numbers) == 0:
        return numbers
    return np.reshape(numbers, [size if axis in axes else 1 for axis, size in enumerate(x.shape)])


def _summed_to(axes: Axes, x: Any) -> Any:
    """The sum over all other axes."""
    return x.sum(axis=tuple(axis for axis in range(x.ndim) if axis not in axes))


def _last_axes(x: Any, normalized_shape: tuple[int, ...]) -> Axes:
    return tuple(range(x.ndim - len(normalized_shape), x.ndim))


def _all_but_channels(x: Any) -> Axes:
    return (0, *range(2, x.ndim))


def _channels(x: Any) -> Axes:
    return (1,)


def _norm(name: str, symbol: str, call: str, over: Callable[..., Axes], own: Callable[..., Axes]) -> tuple[Op, Op]:
    """The rows of a norm over some axes, without and with a weight and bias that belong to its `own` axes."""

    def forward(x: Any, w: Any = 1.0, b: Any = 0.0, *, eps: float, **shape: Any) -> Any:
        to_meet_x = own(x, **shape)
        return _normalized(x, over(x, **shape), eps)[0] * _along(to_meet_x, w, x) + _along(to_meet_x, b, x)

    def vjp_x(g: Any, out: Any, x: Any, w: Any = 1.0, b: Any = 0.0, *, eps: float, **shape: Any) -> Any:
        return _normalized_vjp(g * _along(own(x, **shape), w, x), x, over(x, **shape), eps)

    def vjp_w(g: Any, out: Any, x: Any, w: Any, b: Any, *, eps: float, **shape: Any) -> Any:
        return _summed_to(own(x, **shape), g * _normalized(x, over(x, **shape), eps)[0])

    def vjp_b(g: Any, out: Any, x: Any, w: Any, b: Any, *, eps: float, **shape: Any) -> Any:
        return _summed_to(own(x, **shape), g)

    # Not var(x): the op of that name divides by n - 1.
    deviation = "sqrt(mean((x - mean(x))**2) + eps)"
    back = f"({{0}} - mean({{0}}) - normalized(x) * mean({{0}} * normalized(x))) / {deviation}"
    return (
        mixing(name, symbol, f"{call})", forward, formula=f"(x - mean(x)) / {deviation}",
               x=(back.format("g"), vjp_x, "x")),
        mixing(f"{name}_affine", symbol, f"{call}, w, b)", forward,
               formula=f"(x - mean(x)) / {deviation} * w + b",
               x=(back.format("(g * w)"), vjp_x, "x w"),
               w=("sum_over_batch(g * normalized(x))", vjp_w, "x"),
               b=("sum_over_batch(g)", vjp_b, "")),
    )  # fmt: skip


# ------------------------------------------------------------------ batch norm by statistics that were kept
def _statistic(numbers: Any, x: Any) -> Any:
    """One number per channel, in the precision of `x`."""
    return _along((1,), np.asarray(numbers, np.result_type(x.dtype, 0.0)), x)


def _kept(x: Any, mean: Any, var: Any, eps: float) -> tuple[Any, Any]:
    """`x` normalised by a mean and variance per channel, and the standard deviation it was divided by."""
    deviation = np.sqrt(_statistic(var, x) + eps)
    return (x - _statistic(mean, x)) / deviation, deviation


def _batch_norm_eval(x: Any, mean: Any, var: Any, w: Any = 1.0, b: Any = 0.0, *, eps: float) -> Any:
    return _kept(x, mean, var, eps)[0] * _along((1,), w, x) + _along((1,), b, x)


def _batch_norm_eval_vjp_x(
    g: Any, out: Any, x: Any, mean: Any, var: Any, w: Any = 1.0, b: Any = 0.0, *, eps: float
) -> Any:
    return g * _along((1,), w, x) / np.sqrt(_statistic(var, x) + eps)


def _batch_norm_eval_vjp_w(g: Any, out: Any, x: Any, mean: Any, var: Any, w: Any, b: Any, *, eps: float) -> Any:
    return _summed_to((1,), g * _kept(x, mean, var, eps)[0])


def _batch_norm_eval_vjp_b(g: Any, out: Any, x: Any, mean: Any, var: Any, w: Any, b: Any, *, eps: float) -> Any:
    return _summed_to((1,), g)


# fmt: off
ROWS: tuple[Op, ...] = (
    *_norm("layer_norm", "LayerNorm", "layer_norm(x, normalized_shape", _last_axes, _last_axes),
    *_norm("batch_norm", "BatchNorm", "batch_norm(x", _all_but_channels, _channels),
    mixing("batch_norm_eval", "BatchNorm", "batch_norm_eval(x, running_mean, running_var)", _batch_norm_eval,
           formula="(x - running_mean) / sqrt(running_var + eps)",
           x=("g / sqrt(running_var + eps)", _batch_norm_eval_vjp_x, "running_var"),
           running_mean=NO_GRADIENT, running_var=NO_GRADIENT),
    mixing("batch_norm_eval_affine", "BatchNorm", "batch_norm_eval(x, running_mean, running_var, w, b)",
           _batch_norm_eval,
           formula="(x - running_mean) / sqrt(running_var + eps) * w + b",
           x=("g * w / sqrt(running_var + eps)", _batch_norm_eval_vjp_x, "running_var w"),
           running_mean=NO_GRADIENT, running_var=NO_GRADIENT,
           w=("sum_over_batch(g * (x - running_mean) / sqrt(running_var + eps))", _batch_norm_eval_vjp_w,
              "x running_mean running_var"),
           b=("sum_over_batch(g)", _batch_norm_eval_vjp_b, "")),
    # The mask holds 0 where an element is dropped and 1/(1 - p) where it is kept.
    elementwise("dropout", "dropout", "dropout(x, mask)", lambda x, mask: x * mask, formula="x * mask",
                x=("mask", lambda out, x, *, mask: mask)),
)
# fmt: on
