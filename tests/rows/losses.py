"""The rows of losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

CASES: dict[str, Any] = {}
NAMES: dict[str, Any] = {"bce": lambda p, y: -(y * np.log(p) + (1 - y) * np.log(1 - p))}


def _bce(p: Any, y: Any) -> Any:
    import torch

    return torch.nn.functional.binary_cross_entropy(p + 0 * y, y + 0 * p, reduction="none")


TORCH: dict[str, Callable[..., Any]] = {"bce": _bce}
