"""The rows of normalisation and dropout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

EPS = {"eps": 1e-5}
_MEAN, _VAR = np.array([0.5, -1.0, 0.25], np.float32), np.array([0.5, 2.0, 1.0], np.float32)
_BATCHES = [(4, 3), (2, 3, 2, 2)]  # each with 3 channels
_LAYERS = [((4, 3), (3,)), ((2, 3, 4), (3, 4)), ((5,), (5,)), ((2, 3, 4), (4,))]
CASES: dict[str, Any] = {
    "layer_norm": [((shape,), {"normalized_shape": last} | EPS) for shape, last in _LAYERS],
    "layer_norm_affine": [((shape, last, last), {"normalized_shape": last} | EPS) for shape, last in _LAYERS],
    "batch_norm": [((shape,), EPS) for shape in _BATCHES],
    "batch_norm_affine": [((shape, (3,), (3,)), EPS) for shape in _BATCHES],
    "batch_norm_eval": [((shape, _MEAN, _VAR), EPS) for shape in _BATCHES],
    "batch_norm_eval_affine": [((shape, _MEAN, _VAR, (3,), (3,)), EPS) for shape in _BATCHES],
    "dropout": [
        (((2, 3),), {"mask": np.array([[0, 2, 2], [2, 0, 0]], np.float32)}),
        (((),), {"mask": 2.0}),
        (((20,),), {"mask": np.repeat(np.array([0, 4], np.float32), 10)}),
    ],
}
NAMES: dict[str, Any] = {"dropout": lambda x, mask: np.where(mask > 0, x * mask, 0.0)}


def names(values: Any, out: Any, g: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Means and variances over the axes of this case; weights and statistics as people read them, one per channel."""
    x, *own = values
    layer = options.get("normalized_shape")
    axes = tuple(range(-len(layer), 0)) if layer else tuple(axis for axis in range(np.ndim(x)) if axis != 1)
    shape = layer or (-1, *(1,) * (np.ndim(x) - 2))

    def mean(x: Any) -> Any:
        return x.mean(axis=axes, keepdims=True)

    def var(x: Any) -> Any:
        return mean((x - mean(x)) ** 2)

    def normalized(x: Any) -> Any:
        return (x - mean(x)) / np.sqrt(var(x) + options["eps"])

    def sum_over_batch(pieces: Any) -> Any:
        if layer:
            return pieces.reshape(-1, *layer).sum(axis=0)
        return np.array([pieces[:, channel].sum() for channel in range(x.shape[1])])

    def batch_norm_eval(x: Any, mean: Any, var: Any, w: Any = 1, b: Any = 0) -> Any:
        return (x - mean) / (var + options["eps"]) ** 0.5 * w + b

    shaped = [np.reshape(each, shape).astype(float) for each in own]
    return {
        "mean": mean, "var": var, "normalized": normalized, "sum_over_batch": sum_over_batch,
        "layer_norm": lambda x, shape, w=1, b=0: normalized(x) * w + b,
        "batch_norm": lambda x, w=1, b=0: normalized(x) * w + b,
        "batch_norm_eval": batch_norm_eval,
    } | (
        {"running_mean": shaped[0], "running_var": shaped[1], "w": shaped[-2], "b": shaped[-1]} if own else {}
    )  # fmt: skip


def _functional(name: str) -> Any:
    import torch

    return getattr(torch.nn.functional, name)


def _layer_norm(x: Any, *scaling: Any, normalized_shape: Any, eps: float) -> Any:
    return _functional("layer_norm")(x, normalized_shape, *scaling, eps=eps)


def _batch_norm(x: Any, *scaling: Any, eps: float) -> Any:
    return _functional("batch_norm")(x, None, None, *scaling, training=True, eps=eps)


def _batch_norm_eval(x: Any, mean: Any, var: Any, *scaling: Any, eps: float) -> Any:
    return _functional("batch_norm")(x, mean.to(x.dtype), var.to(x.dtype), *scaling, eps=eps)


def _dropout(x: Any, mask: Any) -> Any:
    import torch

    return x * torch.tensor(mask)


TORCH: dict[str, Callable[..., Any]] = {
    "layer_norm": _layer_norm, "layer_norm_affine": _layer_norm, "batch_norm": _batch_norm,
    "batch_norm_affine": _batch_norm, "batch_norm_eval": _batch_norm_eval, "batch_norm_eval_affine": _batch_norm_eval,
    "dropout": _dropout,
}  # fmt: skip
