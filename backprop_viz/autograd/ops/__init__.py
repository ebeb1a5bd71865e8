"""The op table: every differentiable operation, one row each.

A row gives the op's name and symbol, how it is written, its forward function, and for each argument the formula that
people read beside the derivative that the machine runs. The tests, NumPy dispatch, the drawing and the documentation
follow from the row: to add an op, add a row.
"""

from __future__ import annotations

from typing import Any

from ..op import Op
from . import activations, arithmetic, choices, images, losses, norms, products, reductions, shapes

FAMILIES = (arithmetic, activations, choices, reductions, shapes, products, losses, norms, images)
ROWS: tuple[Op, ...] = tuple(row for family in FAMILIES for row in family.ROWS)

OPS: dict[str, Op] = {row.name: row for row in ROWS}
BY_NUMPY: dict[Any, Op] = {function: row for row in ROWS for function in row.numpy}
