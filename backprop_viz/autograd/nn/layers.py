"""Layers: Linear, Embedding, Flatten, Dropout."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..functions.constructors import generator_or_default, parameter
from ..tensor import Tensor
from . import functional as F
from .init import positive, uniform
from .module import Module

Generator = np.random.Generator | None


class Linear(Module):
    """x @ weight.T + bias: weighted sums of the inputs.

    weight: (out_features, in_features);  bias: (out_features,);  both uniform in [-1/√in, 1/√in), as in PyTorch
    x: (…, in_features);  the result: (…, out_features)
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, *, dtype: Any = None, generator: Generator = None
    ) -> None:
        self.in_features = positive("in_features", in_features)
        self.out_features = positive("out_features", out_features)
        self.weight = uniform((out_features, in_features), in_features, dtype=dtype, generator=generator)
        self.bias = uniform((out_features,), in_features, dtype=dtype, generator=generator) if bias else None

    def forward(self, x: Any) -> Tensor:
        """The weighted sums."""
        shape = np.shape(x.data if isinstance(x, Tensor) else x)
        if shape[-1:] != (self.in_features,):
            raise ValueError(
                f"this Linear takes {self.in_features} features along the last axis; got shape {shape}. Reshape the "
                f"input, or make the layer with in_features={shape[-1] if shape else 1}."
            )
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Embedding(Module):
    """A learned vector for each index: row i of `weight`.

    weight: (num_embeddings, embedding_dim), normal with mean 0 and variance 1, as in PyTorch
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, *, dtype: Any = None, generator: Generator = None
    ) -> None:
        shape = positive("num_embeddings", num_embeddings), positive("embedding_dim", embedding_dim)
        self.weight = parameter(generator_or_default(generator).standard_normal(shape), dtype=dtype)

    def forward(self, indices: Any) -> Tensor:
        """The vectors of these indices, along a new last axis."""
        return F.embedding(indices, self.weight)

    def extra_repr(self) -> str:
        """The sizes."""
        return ", ".join(map(str, self.weight.shape))


class Flatten(Module):
    """The axes from `start_dim` to `end_dim` as one: by default all but the batch's."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Tensor:
        """The same elements, these axes in a row."""
        return F.flatten(x, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """The axes."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Dropout(Module):
    """Each element set to 0 with probability p, the others divided by 1 − p; in use (`eval()`) nothing changes.

    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout" (2014).
    """

    def __init__(self, p: float = 0.5, *, generator: Generator = None) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"p is a probability, from 0 to 1; got {p!r}")
        self.p, self.generator = p, generator

    def forward(self, x: Any) -> Tensor:
        """x with holes while learning, x itself in use."""
        return F.dropout(x, self.p, self.training, generator=self.generator)

    def extra_repr(self) -> str:
        """The probability."""
        return f"p={self.p}"
