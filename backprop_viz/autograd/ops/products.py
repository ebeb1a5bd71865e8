"""The rows of products of vectors and matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import Op, mixing, unbroadcast


def _matmul_sides(g: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
    """`g`, `a` and `b` as stacks of matrices: NumPy treats a vector as one row on the left, one column on the right."""
    if np.ndim(b) == 1:
        b, g = b[:, None], np.expand_dims(g, -1)
    if np.ndim(a) == 1:
        a, g = a[None, :], np.expand_dims(g, -2)
    return g, a, b


def _matmul_vjp_a(g: Any, out: Any, a: Any, b: Any) -> Any:
    g, left, right = _matmul_sides(g, a, b)
    gradient = g @ np.swapaxes(right, -1, -2)
    return unbroadcast(gradient, left.shape).reshape(np.shape(a))


def _matmul_vjp_b(g: Any, out: Any, a: Any, b: Any) -> Any:
    g, left, right = _matmul_sides(g, a, b)
    gradient = np.swapaxes(left, -1, -2) @ g
    return unbroadcast(gradient, right.shape).reshape(np.shape(b))


# What people read, by the shapes of the arguments (and the op's options).
def _matmul_formula_a(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    if len(b) == 1:
        return "g * b" if len(a) == 1 else _in_stack("outer(g, b)", a, b, own=a)
    return _in_stack("g @ b.T", a, b, own=a)


def _matmul_formula_b(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    if len(a) == 1:
        return "g * a" if len(b) == 1 else _in_stack("outer(a, g)", a, b, own=b)
    return _in_stack("a.T @ g", a, b, own=b)


def _in_stack(rule: str, a: tuple[int, ...], b: tuple[int, ...], own: tuple[int, ...]) -> str:
    """The rule for one matrix, in a product of stacks: for each, or summed where one matrix serves the whole stack."""
    stack = np.broadcast_shapes(a[:-2], b[:-2])
    return rule if not stack else f"each_matrix({rule})" if own[:-2] == stack else f"sum_over_stack({rule})"


# fmt: off
ROWS: tuple[Op, ...] = (
    mixing("matmul", "@", "a @ b", np.matmul, numpy=(np.matmul,), linear="a b",
           a=(_matmul_formula_a, _matmul_vjp_a, "b"),
           b=(_matmul_formula_b, _matmul_vjp_b, "a")),
)
# fmt: on
