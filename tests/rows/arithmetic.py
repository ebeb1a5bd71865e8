"""The rows of arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

CASES: dict[str, Any] = {}
NAMES: dict[str, Any] = {
    "exp": np.exp, "clone": np.positive, "log": np.log, "sqrt": np.sqrt, "iverson": lambda x: x * 1.0,
    "square": lambda x: x * x, "reciprocal": lambda x: x**-1.0, "abs": np.abs, "sin": np.sin, "cos": np.cos,
}  # fmt: skip
TORCH: dict[str, Callable[..., Any]] = {"addcmul": lambda a, b, c: a + b * c}
