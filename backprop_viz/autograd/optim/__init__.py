"""Optimizers, which change parameters by their gradients, and schedules of the learning rate, after PyTorch's."""

from .adam import Adam, AdamW
from .optimizer import Optimizer
from .schedules import CosineAnnealingLR, ExponentialLR, LambdaLR, LinearLR, LRScheduler, StepLR
from .sgd import SGD

__all__ = [
    "SGD", "Adam", "AdamW", "CosineAnnealingLR", "ExponentialLR", "LRScheduler", "LambdaLR", "LinearLR", "Optimizer",
    "StepLR",
]  # fmt: skip
