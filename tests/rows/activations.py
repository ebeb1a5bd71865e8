"""The rows of activations."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

SHAPES: list[Any] = [(20,), (), (2, 3), (0, 3)]  # the first shows every branch
CASES: dict[str, Any] = {
    "leaky_relu": [((shape,), {"negative_slope": slope}) for slope in (0.01, 0.3) for shape in SHAPES],
    "elu": [((shape,), {"alpha": alpha}) for alpha in (1.0, 0.7) for shape in SHAPES],
}
NAMES: dict[str, Any] = {
    "tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "relu": lambda x: (x + abs(x)) / 2,
    "leaky_relu": lambda x, negative_slope: np.maximum(x, 0) + negative_slope * np.minimum(x, 0),
    "elu": lambda x, alpha: np.maximum(x, 0) + np.minimum(alpha * (np.exp(x) - 1), 0),
    "softplus": lambda x: np.log1p(np.exp(x)), "silu": lambda x: x / (1 + np.exp(-x)),
    "gelu": lambda x: x * (1 + np.vectorize(math.erf, "d")(x * math.sqrt(0.5))) / 2,
    "erf": np.vectorize(math.erf, "d"), "pi": math.pi,
}  # fmt: skip


def _functional(name: str) -> Callable[..., Any]:
    def run(x: Any, **options: Any) -> Any:
        import torch

        return getattr(torch.nn.functional, name)(x, **options)

    return run


TORCH: dict[str, Callable[..., Any]] = {
    name: _functional(name) for name in ("leaky_relu", "elu", "softplus", "gelu", "silu")
}
