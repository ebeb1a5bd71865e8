"""The rows of losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_REDUCTIONS: list[dict[str, Any]] = [{}, {"reduction": "sum"}, {"reduction": "none"}]
_BY_CLASS = [
    (arguments, options)
    for arguments in [((4, 3), np.array([2, 0, 1, 2])), ((3,), np.array(1)), ((1, 2), np.array([1]))]
    for options in _REDUCTIONS
]
CASES: dict[str, Any] = {
    "nll_loss": _BY_CLASS,
    "cross_entropy": _BY_CLASS,
    "soft_cross_entropy": [(shapes, options) for shapes in [((4, 3),) * 2, ((3,),) * 2] for options in _REDUCTIONS],
}


def _log_likelihood(x: Any, y: Any, reduction: str) -> Any:
    """Sample by sample."""
    losses = [-scores[label] for scores, label in zip(np.atleast_2d(x), np.atleast_1d(y), strict=True)]
    return _reduced(np.reshape(losses, np.shape(y)), reduction)


def _reduced(losses: Any, reduction: str) -> Any:
    return losses if reduction == "none" else getattr(np, reduction)(losses)


def _softmax(z: Any) -> Any:
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def _cross_entropy(z: Any, target: Any, reduction: str) -> Any:
    if np.shape(target) != np.shape(z):
        return _log_likelihood(np.log(_softmax(z)), target, reduction)
    return _reduced(-np.sum(target * np.log(_softmax(z)), axis=-1), reduction)


NAMES: dict[str, Any] = {
    "bce": lambda p, y: -(y * np.log(p) + (1 - y) * np.log(1 - p)),
    "bce_with_logits": lambda z, y: np.log(1 + np.exp(z)) - y * z,
    "nll_loss": _log_likelihood, "cross_entropy": _cross_entropy, "reduction": "mean",
}  # fmt: skip


def names(values: Any, out: Any, g: Any, options: dict[str, Any]) -> dict[str, Any]:
    """How many classes and samples there are; and `g` as people read it, one for each sample."""
    return {
        "softmax": _softmax,
        "onehot": lambda y: np.eye(values[0].shape[-1])[y],
        "sum_over_classes": lambda p: p.sum(axis=-1, keepdims=True),
        "n": len(values[0]),
        "g": g[..., None] if options.get("reduction") == "none" else g,
    }


def _in_torch(name: str) -> Callable[..., Any]:
    def run(x: Any, y: Any, reduction: str = "mean") -> Any:
        import torch

        return getattr(torch.nn.functional, name)(x, y, reduction=reduction)

    return run


def _one_shape(name: str) -> Callable[..., Any]:
    """PyTorch's function on arguments of one shape, element by element."""
    return lambda x, y: _in_torch(name)(x + 0 * y, y + 0 * x, "none")


TORCH: dict[str, Callable[..., Any]] = {
    "squared_error": _one_shape("mse_loss"), "bce": _one_shape("binary_cross_entropy"),
    "bce_with_logits": _one_shape("binary_cross_entropy_with_logits"), "nll_loss": _in_torch("nll_loss"),
    "cross_entropy": _in_torch("cross_entropy"), "soft_cross_entropy": _in_torch("cross_entropy"),
}  # fmt: skip
