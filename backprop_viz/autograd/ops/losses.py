"""The rows of losses: how far predictions are from targets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import Op, elementwise


def _bce(p: Any, y: Any) -> Any:
    # As PyTorch does: log is held at -100 or above, so that a certain and wrong prediction costs 100 and not infinity.
    with np.errstate(divide="ignore"):
        return -y * np.maximum(np.log(p), -100.0) - (1 - y) * np.maximum(np.log(1 - p), -100.0)


def _bce_scalar(p: float, y: float) -> float:
    return -y * max(math.log(p), -100.0) - (1 - y) * max(math.log(1 - p), -100.0)


# fmt: off
ROWS: tuple[Op, ...] = (
    elementwise("bce", "BCE", "bce(p, y)", _bce, scalar=_bce_scalar, domain=(0.1, 0.9),
                formula="-y * log(p) - (1 - y) * log(1 - p)",
                p=("(p - y) / (p * (1 - p))", lambda out, p, y: (p - y) / np.maximum(p * (1 - p), 1e-12)),
                y=("log(1 - p) - log(p)", lambda out, p, y: np.log(1 - p) - np.log(p))),
)
# fmt: on
