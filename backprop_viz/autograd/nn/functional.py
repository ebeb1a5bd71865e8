"""Functions under PyTorch's names: what the modules compute, without their parameters."""

from __future__ import annotations

from typing import Any

from ..functions.elementwise import elu, gelu, leaky_relu, relu, sigmoid, silu, softplus, tanh
from ..functions.images import avg_pool2d, conv2d, max_pool2d
from ..functions.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
    nll_loss,
)
from ..functions.norms import batch_norm, dropout, layer_norm
from ..functions.products import embedding
from ..functions.reductions import log_softmax, softmax
from ..functions.shapes import flatten
from ..reader import for_reader
from ..tensor import Tensor

__all__ = [
    "avg_pool2d", "batch_norm", "binary_cross_entropy", "binary_cross_entropy_with_logits", "conv2d", "cross_entropy",
    "dropout", "elu", "embedding", "flatten", "gelu", "layer_norm", "leaky_relu", "linear", "log_softmax", "max_pool2d",
    "mse_loss", "nll_loss", "relu", "sigmoid", "silu", "softmax", "softplus", "tanh",
]  # fmt: skip


def linear(x: Any, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x @ weight.T + bias: the operations of that expression, each a node."""
    sums: Tensor = x @ weight.T
    made: Tensor = for_reader(sums) if bias is None else for_reader(sums, sums + bias)
    return made
