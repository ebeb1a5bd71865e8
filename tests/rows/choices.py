"""The rows of choices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

SHAPES: list[Any] = [(20,), (), (2, 3), (0, 3)]  # the first shows every branch
CASES: dict[str, Any] = {
    "clip": [
        ((shape,), {"min": low, "max": high})
        for low, high in [(-0.9, 1.1), (-np.inf, 0.5), (0.1, np.inf), (1.0, -1.0)]
        for shape in SHAPES
    ],
    "where": [
        ((np.array([True, False, True]), (3,), (3,)), {}),
        ((np.array([True, False, True]), (2, 3), (3,)), {}),
        ((np.array([[True], [False]]), (1, 3), ()), {}),
        ((np.array([True, False]), (), ()), {}),
        ((np.zeros((0, 3), bool), (3,), (0, 3)), {}),
    ],
}
NAMES: dict[str, Any] = {
    "maximum": np.maximum, "minimum": np.minimum, "where": np.where, "between": lambda a, x, b: (a <= x) & (x <= b),
    "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
}  # fmt: skip
TORCH: dict[str, Callable[..., Any]] = {"clip": lambda x, min, max: x.clamp(min, max)}
