"""The rows of activations: what a neuron does with its weighted sum."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import Op, elementwise


def _sigmoid(x: Any) -> Any:
    z = np.exp(-np.abs(x))  # never overflows, and keeps the small values that 1 - 1/(1 + e^x) would lose
    return np.where(x >= 0, 1.0, z) / (1.0 + z)


def _sigmoid_scalar(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    z = math.exp(x)
    return z / (1.0 + z)


def _either_sigmoid(x: Any) -> Any:
    return _sigmoid_scalar(x) if x.__class__ is float else _sigmoid(x)


def _softplus(x: Any) -> Any:
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))  # log(1 + e^x), which would overflow


def _softplus_scalar(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _silu_slope(out: Any, x: Any) -> Any:
    s = _either_sigmoid(x)
    return s + x * s * (1.0 - s)


def _elu(x: Any, alpha: float = 1.0) -> Any:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


def _elu_slope(out: Any, x: Any, *, alpha: float = 1.0) -> Any:
    return np.where(x <= 0, alpha * np.exp(np.minimum(x, 0.0)), 1.0)  # 1 for nan, as in PyTorch


def _leaky_relu(x: Any, negative_slope: float = 0.01) -> Any:
    return np.where(x > 0, x, negative_slope * np.minimum(x, 0.0))


_erfc_of_each = np.frompyfunc(math.erfc, 1, 1)


def _erfc(x: Any) -> Any:
    return math.erfc(x) if x.__class__ is float else np.asarray(_erfc_of_each(x), dtype=x.dtype)


def _normal_cdf(x: Any) -> Any:
    """The probability that a normal number is below x; erfc keeps the small ones, which 1 + erf would lose."""
    return 0.5 * _erfc(x * -math.sqrt(0.5))


def _gelu(x: Any) -> Any:
    return x * _normal_cdf(x)


def _gelu_slope(out: Any, x: Any) -> Any:
    exp = math.exp if x.__class__ is float else np.exp
    return _normal_cdf(x) + x * exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


# fmt: off
ROWS: tuple[Op, ...] = (
    elementwise("tanh", "tanh", "tanh(x)", np.tanh, scalar=math.tanh,
                x=("1 - tanh(x)**2", lambda out, x: 1.0 - out * out)),
    elementwise("sigmoid", "σ", "sigmoid(x)", _sigmoid, scalar=_sigmoid_scalar, formula="1 / (1 + exp(-x))",
                x=("sigmoid(x) * (1 - sigmoid(x))", lambda out, x: out * (1.0 - out))),
    elementwise("relu", "ReLU", "relu(x)", lambda x: np.maximum(x, 0.0), scalar=lambda x: 0.0 if x <= 0 else x,
                formula="maximum(0, x)",
                # 1 for nan, as in PyTorch; a mask, which leaves float32 as it is
                x=("iverson(x > 0)", lambda out, x: (x <= 0) ^ True)),
    elementwise("leaky_relu", "leaky ReLU", "leaky_relu(x, negative_slope)", _leaky_relu,
                formula="where(x > 0, x, negative_slope * x)",
                x=("where(x > 0, 1, negative_slope)",
                   lambda out, x, *, negative_slope=0.01: np.where(x > 0, 1.0, negative_slope))),
    elementwise("elu", "ELU", "elu(x, alpha)", _elu,
                formula="where(x > 0, x, alpha * (exp(x) - 1))",
                x=("where(x > 0, 1, alpha * exp(x))", _elu_slope)),
    elementwise("softplus", "softplus", "softplus(x)", _softplus, scalar=_softplus_scalar,
                formula="log(1 + exp(x))",
                x=("sigmoid(x)", lambda out, x: _either_sigmoid(x))),
    elementwise("gelu", "GELU", "gelu(x)", _gelu, scalar=_gelu,
                formula="x * (1 + erf(x / sqrt(2))) / 2",
                x=("(1 + erf(x / sqrt(2))) / 2 + x * exp(-x**2 / 2) / sqrt(2 * pi)", _gelu_slope)),
    elementwise("silu", "SiLU", "silu(x)", lambda x: x * _sigmoid(x),
                scalar=lambda x: x * _sigmoid_scalar(x), formula="x * sigmoid(x)",
                x=("sigmoid(x) + x * sigmoid(x) * (1 - sigmoid(x))", _silu_slope)),
)
# fmt: on
