"""Formulas of a reader's own op: expressions that a picture can set, and that can be evaluated."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from .op import Function
from .ops import OPS

# What a formula may call, besides the function that it belongs to.
KNOWN: dict[str, Any] = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh,
    "cosh": np.cosh, "arctan": np.arctan, "abs": np.abs, "sign": np.sign, "maximum": np.maximum,
    "minimum": np.minimum, "ones_like": np.ones_like, "outer": np.outer, "iverson": lambda x: x * 1.0,
    **{name: OPS[name].forward for name in ("tanh", "sigmoid", "relu")},
}  # fmt: skip
# What a picture can set (render/expression.py).
_SETTABLE = (
    ast.Expression, ast.Constant, ast.Name, ast.Load, ast.Call, ast.UnaryOp, ast.USub, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.Div, ast.Pow, ast.MatMult, ast.Compare, ast.Gt, ast.Attribute, ast.Subscript,
)  # fmt: skip


def check(owner: str, key: str, text: str, own: Sequence[str]) -> None:
    """An error where the formula for `key` of the op `owner` holds what cannot be set, or a name that is not known.

    own: the names that it may use beside KNOWN and the op itself
    """
    where = f"{owner}: the formula {text!r} for {key!r}"
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"{where} is no Python expression: {error.msg}") from None
    for node in ast.walk(tree):
        plain = not isinstance(node, ast.Call) or (isinstance(node.func, ast.Name) and not node.keywords)
        number = not isinstance(node, ast.Constant) or type(node.value) in (int, float)
        attribute = not isinstance(node, ast.Attribute) or node.attr in ("T", "shape", "size")
        single = not isinstance(node, ast.Compare) or len(node.ops) == 1
        if not (isinstance(node, _SETTABLE) and plain and number and attribute and single):
            raise ValueError(
                f"{where} holds {ast.unparse(node) or type(node).__name__!r}, which a picture cannot set. Use "
                f"numbers, names, + - * / ** @, >, x.T, x[i] and calls; give a function beside it for the rest: "
                f"{key}=(formula, function)"
            )
    unknown = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - {*own, *KNOWN, owner}
    if unknown:
        raise ValueError(
            f"{where} uses {', '.join(sorted(unknown))}; known are {', '.join(own)}, the function itself, and "
            f"{', '.join(KNOWN)}"
        )


def compiled(text: str, arguments: Sequence[str], options: Sequence[str], functions: dict[str, Any]) -> Function:
    """The formula as a function of these arguments, and of these keyword-only options."""
    names = ", ".join([*arguments, *(["*", *options] if options else [])])
    function: Function = eval(f"lambda {names}: ({text.strip()})", KNOWN | functions | {"__builtins__": {}})
    return function
