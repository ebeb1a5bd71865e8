"""The rows of arithmetic: the operators, powers, exponentials, logarithms, sine and cosine."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..op import Op, elementwise


def _power(a: Any, b: Any) -> Any:
    return math.pow(a, b) if a.__class__ is float and b.__class__ is not np.ndarray else np.power(a, b)


def _log(x: Any) -> Any:
    return math.log(x) if x.__class__ is float else np.log(x)


def _sin(x: Any) -> Any:
    return math.sin(x) if x.__class__ is float else np.sin(x)


def _cos(x: Any) -> Any:
    return math.cos(x) if x.__class__ is float else np.cos(x)


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
    elementwise("clone", "=", "clone(x)", np.array, scalar=lambda x: x, numpy=(np.copy,),
                x=("1", lambda out, x: 1.0)),
    elementwise("exp", "exp", "exp(x)", np.exp, scalar=math.exp,
                x=("exp(x)", lambda out, x: out)),
    elementwise("log", "log", "log(x)", np.log, scalar=math.log, domain=(0.5, 2.0),
                x=("1 / x", lambda out, x: 1.0 / x)),
    elementwise("sqrt", "√", "sqrt(x)", np.sqrt, scalar=math.sqrt, domain=(0.5, 2.0),
                x=("1 / (2 * sqrt(x))", lambda out, x: 0.5 / out)),
    elementwise("square", "( )²", "square(x)", np.square, scalar=lambda x: x * x, formula="x**2",
                x=("2 * x", lambda out, x: 2.0 * x)),
    elementwise("reciprocal", "1 ÷", "reciprocal(x)", lambda x: np.divide(1.0, x), scalar=lambda x: 1.0 / x,
                formula="1 / x", domain=(0.5, 2.0), numpy=(np.reciprocal,),
                x=("-1 / x**2", lambda out, x: -out * out)),
    elementwise("sin", "sin", "sin(x)", np.sin, scalar=math.sin,
                x=("cos(x)", lambda out, x: _cos(x))),
    elementwise("cos", "cos", "cos(x)", np.cos, scalar=math.cos,
                x=("-sin(x)", lambda out, x: -_sin(x))),
    elementwise("addcmul", "+ ×", "a + b * c", lambda a, b, c: a + b * c,
                a=("1", lambda out, a, b, c: 1.0),
                b=("c", lambda out, a, b, c: c),
                c=("b", lambda out, a, b, c: b)),
)
# fmt: on
