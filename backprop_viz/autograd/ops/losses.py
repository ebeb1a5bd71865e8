"""The rows of losses: how far predictions are from targets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import NO_GRADIENT, Function, Op, elementwise, mixing
from .activations import _either_sigmoid
from .reductions import _below, _log_softmax, _softmax


def _in_one_type(x: Any, y: Any) -> Any:
    """`x` in the type of both: a plain number beside float32 must not make float64 of its logarithm."""
    return np.asarray(x, np.result_type(x, y))


def _bce(p: Any, y: Any) -> Any:
    p = _in_one_type(p, y)
    # As PyTorch does: log is held at -100 or above, so that a certain and wrong prediction costs 100 and not infinity.
    with np.errstate(divide="ignore"):
        return -y * np.maximum(np.log(p), -100.0) - (1 - y) * np.maximum(np.log(1 - p), -100.0)


def _bce_scalar(p: float, y: float) -> float:
    return -y * max(math.log(p), -100.0) - (1 - y) * max(math.log(1 - p), -100.0)


def _bce_with_logits(z: Any, y: Any) -> Any:
    # (1 - y) z - log σ(z), in which no exponential overflows
    z = _in_one_type(z, y)
    with np.errstate(invalid="ignore"):  # 0 times infinity is nan, as in PyTorch
        return (1 - y) * z - np.minimum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def _bce_with_logits_scalar(z: float, y: float) -> float:
    return (1 - y) * z - min(z, 0.0) + math.log1p(math.exp(-abs(z)))


# ------------------------------------------------------------------ classes: the last axis holds one score for each
def _right(y: Any, x: Any) -> Any:
    """The index of each sample's score for its class."""
    y = np.asarray(y).astype(np.intp, copy=False)
    return y if x.ndim == 1 else (np.arange(len(y)), y)


def _onehot(y: Any, x: Any) -> Any:
    """True at the class of each sample."""
    return np.arange(x.shape[-1]) == np.asarray(y)[..., None]


def _reduce(losses: Any, reduction: str) -> Any:
    return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.sum() / losses.size


def _per_score(g: Any, x: Any, reduction: str) -> Any:
    """The upstream gradient of each sample's loss, to be multiplied with its scores `x`."""
    if reduction == "none":
        return np.expand_dims(g, -1)
    return g / max(math.prod(x.shape[:-1]), 1) if reduction == "mean" else g


def _nll(x: Any, y: Any, reduction: str = "mean") -> Any:
    return _reduce(-x[_onehot(y, x)].reshape(np.shape(y)), reduction)


def _nll_vjp(g: Any, out: Any, x: Any, y: Any, reduction: str = "mean") -> Any:
    return _onehot(y, x) * -_per_score(g, x, reduction)


def _cross_entropy(z: Any, y: Any, reduction: str = "mean") -> Any:
    z = _below(z, z.max(axis=-1, keepdims=True))
    return _reduce(np.log(np.exp(z).sum(axis=-1)) - z[_right(y, z)], reduction)


def _cross_entropy_vjp(g: Any, out: Any, z: Any, y: Any, reduction: str = "mean") -> Any:
    gradient = np.exp(_below(z, z.max(axis=-1, keepdims=True)))
    gradient /= gradient.sum(axis=-1, keepdims=True)
    gradient[_right(y, z)] -= 1
    gradient *= _per_score(g, z, reduction)
    return gradient


def _soft_cross_entropy(z: Any, p: Any, reduction: str = "mean") -> Any:
    return _reduce(-(p * _log_softmax(z, -1)).sum(axis=-1), reduction)


def _soft_cross_entropy_vjp_z(g: Any, out: Any, z: Any, p: Any, reduction: str = "mean") -> Any:
    return (p.sum(axis=-1, keepdims=True) * _softmax(z, -1) - p) * _per_score(g, z, reduction)


def _soft_cross_entropy_vjp_p(g: Any, out: Any, z: Any, p: Any, reduction: str = "mean") -> Any:
    return -_log_softmax(z, -1) * _per_score(g, z, reduction)


def _times_upstream(rule: str) -> Function:
    """The formula by reduction: `n` is the number of samples in a mean."""

    def formula(x: tuple[int, ...], y: tuple[int, ...], reduction: str = "mean") -> str:
        return f"{rule} * g / n" if reduction == "mean" and len(x) > 1 else f"{rule} * g"

    return formula


# fmt: off
ROWS: tuple[Op, ...] = (
    elementwise("squared_error", "(−)²", "(p - y)**2", lambda p, y: np.square(p - y), scalar=lambda p, y: (p - y)**2,
                p=("2 * (p - y)", lambda out, p, y: 2.0 * (p - y)),
                y=("-2 * (p - y)", lambda out, p, y: -2.0 * (p - y))),
    elementwise("bce", "BCE", "bce(p, y)", _bce, scalar=_bce_scalar, domain=(0.1, 0.9),
                formula="-y * log(p) - (1 - y) * log(1 - p)",
                p=("(p - y) / (p * (1 - p))", lambda out, p, y: (p - y) / np.maximum(p * (1 - p), 1e-12)),
                y=("log(1 - p) - log(p)", lambda out, p, y: np.log(1 - p) - np.log(p))),
    elementwise("bce_with_logits", "BCE ∘ σ", "bce_with_logits(z, y)", _bce_with_logits,
                scalar=_bce_with_logits_scalar, formula="bce(sigmoid(z), y)",
                z=("sigmoid(z) - y", lambda out, z, y: _either_sigmoid(z) - y),
                y=("-z", lambda out, z, y: -z)),
    mixing("nll_loss", "NLL", "nll_loss(x, y, reduction)", _nll, linear="x",
           x=(_times_upstream("-onehot(y)"), _nll_vjp, "y"),
           y=NO_GRADIENT),
    mixing("cross_entropy", "CE", "cross_entropy(z, y, reduction)", _cross_entropy,
           formula="nll_loss(log(softmax(z)), y, reduction)",
           z=(_times_upstream("(softmax(z) - onehot(y))"), _cross_entropy_vjp, "z y"),
           y=NO_GRADIENT),
    # The target holds a probability for each class, not the index of one.
    mixing("soft_cross_entropy", "CE", "cross_entropy(z, p, reduction)", _soft_cross_entropy, linear="p",
           z=(_times_upstream("(sum_over_classes(p) * softmax(z) - p)"), _soft_cross_entropy_vjp_z, "z p"),
           p=(_times_upstream("-log(softmax(z))"), _soft_cross_entropy_vjp_p, "z")),
)
# fmt: on
