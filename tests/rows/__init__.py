"""What the tests know about each row of the op table: cases, the names in its formulas, PyTorch's function.

A family of rows has a module here with
CASES:  row -> [(arguments, options)], an argument being a shape (values are then drawn from the row's domain) or, where
        no gradient flows, the value itself; elementwise rows without options have cases of their own
NAMES:  what the names in notations and formulas mean
TORCH:  row -> the function of PyTorch's (or of torch.nn.functional) with the same meaning, called as
        (*tensors, **options); without an entry it is `torch.<row>`, called without options
names:  (optional) (values, out, g, options) -> further names for the formulas of one case
without_formula: (optional) (row's name, shapes, options) -> whether a formula for single matrices leaves the case out
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import activations, arithmetic, choices, images, losses, norms, products, reductions, shapes

Arguments = tuple[Any, ...]
FAMILIES: tuple[Any, ...] = (arithmetic, activations, choices, reductions, shapes, products, losses, norms, images)

CASES: dict[str, list[tuple[Arguments, dict[str, Any]]]] = {}
NAMES: dict[str, Any] = {}
TORCH: dict[str, Callable[..., Any]] = {}
for family in FAMILIES:
    CASES |= family.CASES
    NAMES |= family.NAMES
    TORCH |= family.TORCH


def names_of(op: str, values: Any, out: Any, g: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Further names in the formulas of one case, beside NAMES and the arguments."""
    home = next((family for family in FAMILIES if op in family.CASES and hasattr(family, "names")), None)
    return {} if home is None else home.names(values, out, g, options)


def has_formula(op: str, shapes: Any, options: dict[str, Any]) -> bool:
    """Whether the row's formulas, written for single matrices and without options, cover the case."""
    home = next((family for family in FAMILIES if op in family.CASES and hasattr(family, "without_formula")), None)
    return home is None or not home.without_formula(op, shapes, options)
