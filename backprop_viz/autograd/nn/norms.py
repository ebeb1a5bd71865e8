"""Normalisation: values brought to mean 0 and variance 1, then scaled and shifted by what is learned."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..functions.constructors import ones, tensor, zeros
from ..inplace import overwrite
from ..tensor import Tensor
from . import functional as F
from .init import positive
from .module import Module


class LayerNorm(Module):
    """Each example normalised over its last axes (Ba, Kiros and Hinton, "Layer Normalization", 2016).

    normalized_shape: the sizes of these axes;  weight (ones) and bias (zeros) are shaped like them
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = None,
    ) -> None:
        sizes = normalized_shape if isinstance(normalized_shape, tuple | list) else (normalized_shape,)
        self.normalized_shape, self.eps = tuple(positive("normalized_shape", size) for size in sizes), eps
        shape, affine = self.normalized_shape, elementwise_affine
        self.weight = ones(shape, dtype=dtype, requires_grad=True) if affine else None
        self.bias = zeros(shape, dtype=dtype, requires_grad=True) if affine and bias else None

    def forward(self, x: Any) -> Tensor:
        """x, normalised over its last axes."""
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The settings, as PyTorch shows them."""
        affine, bias = self.weight is not None, self.bias is not None
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}, bias={bias}"


class BatchNorm(Module):
    """Each feature normalised over the batch (Ioffe and Szegedy, "Batch Normalization", 2015).

    While learning it takes mean and variance of the batch, and lets the running ones follow by `momentum`; in use
    (`eval()`) it takes the running ones. momentum=None makes these the plain averages over all batches.
    """

    axes: tuple[int, ...]  # how many axes an input may have
    shapes: str
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        *,
        dtype: Any = None,
    ) -> None:
        n = self.num_features = positive("num_features", num_features)
        self.eps, self.momentum = eps, momentum
        self.weight = ones(n, dtype=dtype, requires_grad=True) if affine else None
        self.bias = zeros(n, dtype=dtype, requires_grad=True) if affine else None
        self.register_buffer("running_mean", zeros(n, dtype=dtype))
        self.register_buffer("running_var", ones(n, dtype=dtype))
        self.register_buffer("num_batches_tracked", tensor(0))

    def forward(self, x: Any) -> Tensor:
        """x, each feature normalised."""
        shape = np.shape(x.data if isinstance(x, Tensor) else x)
        if len(shape) not in self.axes or shape[1] != self.num_features:
            raise ValueError(
                f"this {type(self).__name__} takes inputs of shape {self.shapes} with C = {self.num_features} "
                f"features; got shape {shape}"
            )
        seen = self.num_batches_tracked.item() + 1
        momentum = 1 / seen if self.momentum is None else self.momentum
        out = F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, self.training, momentum, self.eps
        )
        if self.training:
            overwrite(self.num_batches_tracked, seen)
        return out

    def extra_repr(self) -> str:
        """The settings, as PyTorch shows them."""
        affine = self.weight is not None
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={affine}"


class BatchNorm1d(BatchNorm):
    """Each of C features normalised over a batch of shape (N, C) or (N, C, length)."""

    axes, shapes = (2, 3), "(N, C) or (N, C, length)"


class BatchNorm2d(BatchNorm):
    """Each of C channels normalised over a batch of images (N, C, height, width)."""

    axes, shapes = (4,), "(N, C, height, width)"
