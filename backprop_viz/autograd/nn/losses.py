"""Losses as modules: the functions of `nn.functional`, with their reduction chosen beforehand."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from . import functional as F
from .module import Module


class Loss(Module):
    """A loss. reduction: "mean", "sum", or "none" for one loss per element or sample."""

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"unknown reduction: {reduction!r} (must be one of 'mean', 'sum', 'none')")
        self.reduction = reduction


class MSELoss(Loss):
    """Squared error."""

    def forward(self, prediction: Any, target: Any) -> Tensor:
        """(ŷ − y)², reduced."""
        return F.mse_loss(prediction, target, self.reduction)


class BCELoss(Loss):
    """Binary cross-entropy of probabilities."""

    def forward(self, prediction: Any, target: Any) -> Tensor:
        """−y log ŷ − (1 − y) log(1 − ŷ), reduced."""
        return F.binary_cross_entropy(prediction, target, self.reduction)


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of the sigmoids of logits, exact where these are large."""

    def forward(self, logits: Any, target: Any) -> Tensor:
        """The loss of σ(logits), reduced."""
        return F.binary_cross_entropy_with_logits(logits, target, self.reduction)


class CrossEntropyLoss(Loss):
    """Cross-entropy of the softmax of logits (N, C) against N classes."""

    def forward(self, logits: Any, target: Any) -> Tensor:
        """Minus the logarithm of the right class's probability, reduced."""
        return F.cross_entropy(logits, target, self.reduction)


class NLLLoss(Loss):
    """Negative log-likelihood of log-probabilities (N, C) against N classes."""

    def forward(self, log_probabilities: Any, target: Any) -> Tensor:
        """Minus the right class's log-probability, reduced."""
        return F.nll_loss(log_probabilities, target, self.reduction)
