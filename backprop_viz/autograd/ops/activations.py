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


# fmt: off
ROWS: tuple[Op, ...] = (
    elementwise("tanh", "tanh", "tanh(x)", np.tanh, scalar=math.tanh,
                x=("1 - tanh(x)**2", lambda out, x: 1.0 - out * out)),
    elementwise("sigmoid", "σ", "sigmoid(x)", _sigmoid, scalar=_sigmoid_scalar, formula="1 / (1 + exp(-x))",
                x=("sigmoid(x) * (1 - sigmoid(x))", lambda out, x: out * (1.0 - out))),
    elementwise("relu", "ReLU", "relu(x)", lambda x: np.maximum(x, 0.0), scalar=lambda x: 0.0 if x <= 0 else x,
                formula="maximum(0, x)",
                # 1 for nan, as in PyTorch
                x=("iverson(x > 0)", lambda out, x: 1.0 - (x <= 0))),
)
# fmt: on
