"""Activations as modules, for Sequential."""

from __future__ import annotations

from typing import Any

from ..reader import for_reader
from ..tensor import Tensor
from . import functional as F
from .module import Module


class ReLU(Module):
    """The positive part, max(0, x)."""

    def forward(self, x: Any) -> Tensor:
        """x where it is positive, 0 elsewhere."""
        return for_reader(F.relu(x))


class LeakyReLU(Module):
    """x where it is positive, `negative_slope` times x elsewhere."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> Tensor:
        """x, its negative part made small."""
        return F.leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        """The slope."""
        return f"negative_slope={self.negative_slope}"


class Tanh(Module):
    """The hyperbolic tangent, between -1 and 1."""

    def forward(self, x: Any) -> Tensor:
        """tanh x."""
        return for_reader(F.tanh(x))


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ), between 0 and 1."""

    def forward(self, x: Any) -> Tensor:
        """σ(x)."""
        return for_reader(F.sigmoid(x))


class GELU(Module):
    """x times the probability that a standard normal number is below x (Hendrycks and Gimpel, 2016)."""

    def forward(self, x: Any) -> Tensor:
        """x Φ(x)."""
        return for_reader(F.gelu(x))


class SiLU(Module):
    """x times its sigmoid."""

    def forward(self, x: Any) -> Tensor:
        """x σ(x)."""
        return for_reader(F.silu(x))


class Softmax(Module):
    """Probabilities from scores: exponentials divided by their sum along `dim`."""

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Tensor:
        """Numbers above 0 that sum to 1 along the axis."""
        return F.softmax(x, self.dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"
