"""Losses: how far predictions are from targets."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..op import Op
from ..ops import OPS
from ..tensor import Tensor, apply
from ..values import untracked


def reduced(reduction: str, op: Op, *arguments: Any, **options: Any) -> Tensor:
    """The losses that `op` computes, as they are ("none"), their "mean", or their "sum"."""
    _check_reduction(reduction)
    losses = apply(op, *arguments, **options)
    if reduction == "none" or losses.ndim == 0:
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()


# ------------------------------------------------------------------ one loss per element
def mse_loss(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Squared error (ŷ − y)², of predictions and targets of one shape.

    reduction: "mean" over all elements (PyTorch's default), "sum", or "none" for one loss per element. Two different
    shapes are broadcast with a warning, as in PyTorch: (N, 1) against (N,) gives N·N errors.
    """
    shapes = np.shape(untracked(prediction)), np.shape(untracked(target))
    if shapes[0] != shapes[1] and () not in shapes:
        warnings.warn(
            f"mse_loss: the prediction has shape {shapes[0]}, the target {shapes[1]}, and every pairing of their "
            f"elements will count. Reshape one of them if one error per prediction is meant.",
            stacklevel=2,
        )
    return reduced(reduction, OPS["squared_error"], prediction, target)


def bce(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Binary cross-entropy −y log ŷ − (1 − y) log(1 − ŷ) of probabilities ŷ in [0, 1] against targets y in [0, 1].

    reduction: "mean" over all elements (PyTorch's default), "sum", or "none" for one loss per element. As in PyTorch,
    each logarithm is held at −100 or above.
    """
    _check_same_shape("bce", prediction, target)
    return reduced(reduction, OPS["bce"], prediction, target)


def bce_with_logits(logits: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Binary cross-entropy of the probabilities σ(z) against targets y in [0, 1]: `bce(sigmoid(z), y)` in one node.

    It is computed as (1 − y) z − min(z, 0) + log(1 + e^−|z|), which stays exact where σ(z) would round to 0 or 1.
    reduction: "mean" over all elements (PyTorch's default), "sum", or "none" for one loss per element.
    """
    _check_same_shape("bce_with_logits", logits, target)
    return reduced(reduction, OPS["bce_with_logits"], logits, target)


# ------------------------------------------------------------------ one loss per sample
def nll_loss(log_probabilities: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Negative log-likelihood: minus the log-probability of each sample's class.

    log_probabilities: (N, C), or (C,) for one sample
    target:            the index of the class, whole numbers from 0 to C − 1 of shape (N,), or one such number
    reduction:         "mean" over the N samples (PyTorch's default), "sum", or "none" for a loss of shape (N,)
    """
    _check_classes("nll_loss", log_probabilities, target)
    return _by_sample(reduction, OPS["nll_loss"], log_probabilities, target)


def cross_entropy(logits: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Cross-entropy of the probabilities softmax(z) against the classes: minus the logarithm of the right one's.

    logits:    (N, C), or (C,) for one sample
    target:    the index of the class, whole numbers from 0 to C − 1 of shape (N,), or one such number; or, as floats
               of the logits' shape, a probability for each class
    reduction: "mean" over the N samples (PyTorch's default), "sum", or "none" for a loss of shape (N,)
    """
    given = np.asarray(untracked(target))
    if given.dtype.kind == "f" and given.ndim > 0 and given.shape == np.shape(untracked(logits)):
        _check_scores("cross_entropy", given.shape)
        return _by_sample(reduction, OPS["soft_cross_entropy"], logits, target)
    _check_classes("cross_entropy", logits, target)
    return _by_sample(reduction, OPS["cross_entropy"], logits, target)


def _by_sample(reduction: str, op: Op, scores: Any, target: Any) -> Tensor:
    _check_reduction(reduction)
    return apply(op, scores, target, **({} if reduction == "mean" else {"reduction": reduction}))


# PyTorch's other names, and the short ones.
mse = mse_loss
nll = nll_loss
binary_cross_entropy = bce
binary_cross_entropy_with_logits = bce_with_logits


# ------------------------------------------------------------------ what is refused
def _check_reduction(reduction: str) -> None:
    if not isinstance(reduction, str) or reduction not in ("mean", "sum", "none"):
        raise ValueError(f"unknown reduction: {reduction!r} (must be one of 'mean', 'sum', 'none')")


def _check_same_shape(name: str, prediction: Any, target: Any) -> None:
    """One shape, or one number for all."""
    shapes = np.shape(untracked(prediction)), np.shape(untracked(target))
    if shapes[0] != shapes[1] and () not in shapes:
        raise ValueError(
            f"{name}: the prediction has shape {shapes[0]}, the target {shapes[1]}; give one target per prediction, "
            f"or one number for all"
        )


def _check_scores(name: str, shape: tuple[int, ...]) -> None:
    if len(shape) not in (1, 2):
        raise ValueError(
            f"{name}: the scores of N samples for C classes have shape (N, C), those of one sample (C,); got {shape}. "
            f"Move the classes to the last axis and reshape to (N, C)."
        )


def _check_classes(name: str, scores: Any, target: Any) -> None:
    """Whole numbers, one per sample, each the index of a class."""
    shape, classes = np.shape(untracked(scores)), np.asarray(untracked(target))
    _check_scores(name, shape)
    if classes.dtype.kind not in "iu":
        also = "" if name == "nll_loss" else f", or a probability for each class as floats of shape {shape}"
        raise TypeError(
            f"{name}: a target is the index of a class, a whole number{also}; got {classes.dtype} of shape "
            f"{classes.shape}"
        )
    if classes.shape != shape[:-1]:
        raise ValueError(
            f"{name}: scores of shape {shape} need a target of shape {shape[:-1]}, one class per sample; "
            f"got shape {classes.shape}"
        )
    if classes.size and not (classes.min() >= 0 and classes.max() < shape[-1]):
        wrong = classes[(classes < 0) | (classes >= shape[-1])].flat[0]
        raise IndexError(
            f"{name}: there is no class {wrong}; the {shape[-1]} scores are for classes 0 to {shape[-1] - 1}"
        )
