"""The op table: every differentiable operation, one row each.

A row gives the op's name and symbol, how it is written, its forward function, and for each argument the formula that
people read beside the derivative that the machine runs. The tests, NumPy dispatch, the drawing and the documentation
follow from the row: to add an op, add a row.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from .op import Op, elementwise, mixing, unbroadcast


# ------------------------------------------------------------------ functions that NumPy does not have
def _sigmoid(x: Any) -> Any:
    z = np.exp(-np.abs(x))  # never overflows, and keeps the small values that 1 - 1/(1 + e^x) would lose
    return np.where(x >= 0, 1.0, z) / (1.0 + z)


def _sigmoid_scalar(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    z = math.exp(x)
    return z / (1.0 + z)


def _power(a: Any, b: Any) -> Any:
    return math.pow(a, b) if a.__class__ is float and b.__class__ is not np.ndarray else np.power(a, b)


def _log(x: Any) -> Any:
    return math.log(x) if x.__class__ is float else np.log(x)


def _bce(p: Any, y: Any) -> Any:
    # As PyTorch does: log is held at -100 or above, so that a certain and wrong prediction costs 100 and not infinity.
    with np.errstate(divide="ignore"):
        return -y * np.maximum(np.log(p), -100.0) - (1 - y) * np.maximum(np.log(1 - p), -100.0)


def _bce_scalar(p: float, y: float) -> float:
    return -y * max(math.log(p), -100.0) - (1 - y) * max(math.log(1 - p), -100.0)


# ------------------------------------------------------------------ vector-Jacobian products of ops that mix elements
def _spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """`g`, the gradient of a reduction, copied back along the axes that were reduced."""
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, np.shape(x))


def _sum_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _spread(g, x, axis, keepdims)


def _mean_vjp(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _spread(g, x, axis, keepdims) * (np.size(out) / max(np.size(x), 1))


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


def _transpose_formula(x: tuple[int, ...], axes: Any = None) -> str:
    return "g.T" if axes is None or tuple(axes) == tuple(range(len(x)))[::-1] else "permute_back(g, axes)"


def _transpose_vjp(g: Any, out: Any, x: Any, axes: Any = None) -> Any:
    return np.transpose(g, None if axes is None else np.argsort(axes))


def _getitem_vjp(g: Any, out: Any, x: Any, key: Any) -> Any:
    gradient = np.zeros(np.shape(x), np.asarray(x).dtype)
    np.add.at(gradient, key, g)  # an element picked twice receives twice
    return gradient


# ------------------------------------------------------------------ the table
# fmt: off
ROWS: tuple[Op, ...] = (
    elementwise("add", "+", "a + b", np.add, scalar=operator.add,
                a=("1", lambda out, a, b: 1.0),
                b=("1", lambda out, a, b: 1.0)),
    elementwise("sub", "−", "a - b", np.subtract, scalar=operator.sub,
                a=("1", lambda out, a, b: 1.0),
                b=("-1", lambda out, a, b: -1.0)),
    elementwise("mul", "×", "a * b", np.multiply, scalar=operator.mul,
                a=("b", lambda out, a, b: b),
                b=("a", lambda out, a, b: a)),
    elementwise("div", "÷", "a / b", np.divide, scalar=operator.truediv, domain=(0.5, 2.0),
                a=("1 / b", lambda out, a, b: 1.0 / b),
                b=("-a / b**2", lambda out, a, b: -out / b)),
    elementwise("pow", "**", "a ** b", np.power, scalar=math.pow, domain=(0.5, 2.0),
                # b = 0 is a constant function: its slope is 0 even at a = 0, where a**(b - 1) is infinite
                a=("b * a**(b - 1)", lambda out, a, b: b * _power(a, b - (b != 0))),
                # and 0**b stays 0 while b > 0
                b=("a**b * log(a)", lambda out, a, b: out * _log(a + (a == 0) * (b >= 0)))),
    elementwise("neg", "−", "-x", np.negative, scalar=operator.neg,
                x=("-1", lambda out, x: -1.0)),
    elementwise("exp", "exp", "exp(x)", np.exp, scalar=math.exp,
                x=("exp(x)", lambda out, x: out)),
    elementwise("log", "log", "log(x)", np.log, scalar=math.log, domain=(0.5, 2.0),
                x=("1 / x", lambda out, x: 1.0 / x)),
    elementwise("sqrt", "√", "sqrt(x)", np.sqrt, scalar=math.sqrt, domain=(0.5, 2.0),
                x=("1 / (2 * sqrt(x))", lambda out, x: 0.5 / out)),
    elementwise("tanh", "tanh", "tanh(x)", np.tanh, scalar=math.tanh,
                x=("1 - tanh(x)**2", lambda out, x: 1.0 - out * out)),
    elementwise("sigmoid", "σ", "sigmoid(x)", _sigmoid, scalar=_sigmoid_scalar, formula="1 / (1 + exp(-x))",
                x=("sigmoid(x) * (1 - sigmoid(x))", lambda out, x: out * (1.0 - out))),
    elementwise("relu", "ReLU", "relu(x)", lambda x: np.maximum(x, 0.0), scalar=lambda x: 0.0 if x <= 0 else x,
                formula="maximum(0, x)",
                # 1 for nan, as in PyTorch
                x=("iverson(x > 0)", lambda out, x: 1.0 - (x <= 0))),
    elementwise("addcmul", "+ ×", "a + b * c", lambda a, b, c: a + b * c,
                a=("1", lambda out, a, b, c: 1.0),
                b=("c", lambda out, a, b, c: c),
                c=("b", lambda out, a, b, c: b)),
    elementwise("bce", "BCE", "bce(p, y)", _bce, scalar=_bce_scalar, domain=(0.1, 0.9),
                formula="-y * log(p) - (1 - y) * log(1 - p)",
                p=("(p - y) / (p * (1 - p))", lambda out, p, y: (p - y) / np.maximum(p * (1 - p), 1e-12)),
                y=("log(1 - p) - log(p)", lambda out, p, y: np.log(1 - p) - np.log(p))),

    mixing("matmul", "@", "a @ b", np.matmul, numpy=(np.matmul,),
           a=(_matmul_formula_a, _matmul_vjp_a, "b"),
           b=(_matmul_formula_b, _matmul_vjp_b, "a")),
    mixing("sum", "Σ", "sum(x, axis)", np.sum, numpy=(np.sum,),
           x=("g * ones_like(x)", _sum_vjp, "")),
    mixing("mean", "mean", "mean(x, axis)", np.mean, numpy=(np.mean,),
           x=("g * ones_like(x) / n", _mean_vjp, "")),
    mixing("reshape", "reshape", "reshape(x, shape)", np.reshape, numpy=(np.reshape,),
           x=("reshape(g, x.shape)", lambda g, out, x, shape: np.reshape(g, np.shape(x)), "")),
    mixing("transpose", "ᵀ", "transpose(x, axes)", np.transpose, numpy=(np.transpose,),
           x=(_transpose_formula, _transpose_vjp, "")),
    mixing("getitem", "[ ]", "x[key]", lambda x, key: np.asarray(x)[key],
           x=("scatter(g, key)", _getitem_vjp, "")),
)
# fmt: on

OPS: dict[str, Op] = {row.name: row for row in ROWS}
BY_NUMPY: dict[Any, Op] = {function: row for row in ROWS for function in row.numpy}

ADD, SUB, MUL, DIV, POW = (OPS[name] for name in ("add", "sub", "mul", "div", "pow"))
NEG, EXP, LOG, SQRT, TANH = (OPS[name] for name in ("neg", "exp", "log", "sqrt", "tanh"))
SIGMOID, RELU, ADDCMUL, BCE = (OPS[name] for name in ("sigmoid", "relu", "addcmul", "bce"))
MATMUL, SUM, MEAN = (OPS[name] for name in ("matmul", "sum", "mean"))
RESHAPE, TRANSPOSE, GETITEM = (OPS[name] for name in ("reshape", "transpose", "getitem"))
