"""Losses: how far predictions are from targets."""

from __future__ import annotations

from typing import Any

from ..op import Op
from ..ops import OPS
from ..tensor import Tensor, apply


def reduced(reduction: str, op: Op, *arguments: Any, **options: Any) -> Tensor:
    """The losses that `op` computes, as they are ("none"), their "mean", or their "sum"."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"unknown reduction: {reduction!r} (must be one of 'mean', 'sum', 'none')")
    losses = apply(op, *arguments, **options)
    if reduction == "none" or losses.ndim == 0:
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()


def bce(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Binary cross-entropy −y log ŷ − (1 − y) log(1 − ŷ) of probabilities ŷ in [0, 1] against targets y in [0, 1].

    reduction: "mean" over all elements (PyTorch's default), "sum", or "none" for one loss per element. As in PyTorch,
    each logarithm is held at −100 or above.
    """
    return reduced(reduction, OPS["bce"], prediction, target)
