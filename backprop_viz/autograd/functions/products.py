"""Products of vectors and matrices."""

from __future__ import annotations

from typing import Any

from ..ops import OPS
from ..tensor import Tensor, apply, method


@method
def matmul(a: Any, b: Any) -> Tensor:
    """The matrix product `a @ b`, vectors and stacks of matrices as in NumPy."""
    return apply(OPS["matmul"], a, b)
