"""The rows of products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

CASES: dict[str, Any] = {
    "matmul": [
        (shapes, {})
        for shapes in [
            ((2, 3), (3, 4)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)),
            ((5, 2, 3), (5, 3, 4)), ((5, 1, 2, 3), (6, 3, 4)), ((3,), (5, 3, 2)), ((5, 2, 3), (3,)), ((1, 1), (1, 1)),
            ((2, 0), (0, 3)), ((1, 3), (3, 4)), ((3, 1), (1, 4)),
        ]
    ],
}  # fmt: skip
NAMES: dict[str, Any] = {"outer": np.outer}


def without_formula(op: str, shapes: Any, options: dict[str, Any]) -> bool:
    """Formulas are written for single matrices."""
    return op == "matmul" and max(map(len, shapes)) > 2


TORCH: dict[str, Callable[..., Any]] = {}
