"""The rows of arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

CASES: dict[str, Any] = {}
NAMES: dict[str, Any] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt, "iverson": lambda x: x * 1.0}
TORCH: dict[str, Callable[..., Any]] = {"addcmul": lambda a, b, c: a + b * c}
