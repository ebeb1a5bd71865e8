"""Python expressions of the op table as pieces of mathematics, in text and in MathML at once."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

MathTree = tuple[Any, ...]  # (MathML tag, CSS class, *children), a child being a string or a tree

SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 6)  # how strongly a piece holds together
OPERATORS: dict[type[ast.AST], tuple[str, int]] = {
    ast.Add: ("+", SUM), ast.Sub: ("−", SUM), ast.Mult: ("·", PRODUCT), ast.MatMult: (" ", PRODUCT),
    ast.Gt: (">", SUM), ast.Lt: ("<", SUM), ast.Eq: ("=", SUM),
}  # fmt: skip
FUNCTIONS = {
    "cross_entropy": "CE",
    "nll_loss": "NLL",
    "sum_over_batch": "Σ over the batch ",
    "batch_norm_eval": "batch_norm",
    "to_maxima": "to the maxima ",
    "to_windows": "to the windows ",
    "sum_over_classes": "Σ over the classes ",
    "sum_over_positions": "Σ over the positions ",
    "sigmoid": "σ", "relu": "ReLU", "bce": "BCE", "sum": "Σ", "maximum": "max", "permute_back": "permute⁻¹",
    "transpose": "permute", "minimum": "min", "prod": "Π", "elu": "ELU", "gelu": "GELU", "silu": "SiLU",
    "leaky_relu": "leaky ReLU", "log_softmax": "log softmax", "product_of_others": "product of the others in ",
    "each_matrix": "for each matrix ",
    "sum_over_stack": "Σ over the stack ",
    "sum_over_copies": "Σ over the copies ",
    "on_diagonal": "on the diagonal ",
}  # fmt: skip

SET_BY_SIGNS = ("exp", "sqrt", "iverson", "abs", "between", "where")  # functions that are not written as calls
LETTERS = {"pi": "π"}  # names in formulas that no argument and no option stands for
DEL = ("mi", "", "∂")
INFINITE = {"-inf": "−∞", "inf": "∞"}  # options, such as a bound that is not there


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of mathematics: as plain text, as MathML, how strongly it holds together, whether it is an array."""

    text: str
    math: MathTree
    level: int = ATOM
    array: bool = False

    def coloured(self, css: str) -> Piece:
        """The same in a colour class: "bp-red" or "bp-blue"."""
        return Piece(self.text, ("mrow", css, self.math), self.level, self.array)

    def bracketed(self, least: int) -> Piece:
        """The same, in brackets if it holds together more loosely than `least`."""
        if self.level >= least:
            return self
        return Piece(f"({self.text})", row("(", self.math, ")"), array=self.array)


def atom(text: str, tag: str = "mi") -> Piece:
    """A name."""
    return Piece(text, (tag, "", text))


def number(text: str) -> Piece:
    """A number that is already formatted; a negative one, or 3·10⁷, needs brackets inside a product or a power."""
    return Piece(text, ("mn", "", text), PRODUCT if "·" in text else SIGN if text.startswith("−") else ATOM)


def row(*parts: Any) -> MathTree:
    """Parts side by side; a bare string is an operator."""
    return ("mrow", "", *[("mo", "", part) if part.__class__ is str else part for part in parts])


def equation(*parts: Any) -> MathTree:
    """Pieces and operators on one line."""
    return row(*(part.math if isinstance(part, Piece) else part for part in parts))


def fraction(top: Piece, bottom: Piece) -> Piece:
    """One piece over another."""
    text = f"{top.bracketed(PRODUCT).text}/{_right(bottom, POWER).text}"
    return Piece(text, ("mfrac", "", top.math, bottom.math), PRODUCT, top.array or bottom.array)


def derivative(top: Piece, bottom: Piece, array: bool = False) -> Piece:
    """∂top/∂bottom."""
    math = ("mfrac", "", ("mrow", "", DEL, top.math), ("mrow", "", DEL, bottom.math))
    return Piece(f"∂{top.text}/∂{bottom.text}", math, ATOM, array)


def written(expression: str, pieces: Mapping[str, Piece]) -> Piece:
    """A Python expression with these pieces in place of its names.

    Arguments of a function that have no piece are options that were not given, and are left out. An option of a call
    is written as the piece called "axis=", if there is one.
    """
    return _piece(_parsed(expression), pieces)


@lru_cache(maxsize=1024)
def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


def _piece(node: ast.expr, pieces: Mapping[str, Piece]) -> Piece:
    match node:
        case ast.Constant(value=str(text)):
            return atom(text, "mtext")
        case ast.Constant(value=value):
            return number(str(value))
        case ast.Name(id=name):
            piece = pieces.get(name, atom(LETTERS.get(name, name)))
            return number(INFINITE[piece.text]) if piece.text in INFINITE else piece
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inside = _right(_piece(operand, pieces), PRODUCT)
            return Piece(f"−{inside.text}", row("−", inside.math), SIGN, inside.array)
        case ast.BinOp(op=ast.Div(), left=left, right=right):
            return fraction(_piece(left, pieces), _piece(right, pieces))
        case ast.BinOp(op=ast.Pow(), left=left, right=right):
            return power(_piece(left, pieces), _folded(right, pieces))
        case ast.BinOp(op=operator, left=left, right=right):
            return _binary(*OPERATORS[type(operator)], _piece(left, pieces), _piece(right, pieces))
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return _binary(*OPERATORS[type(operator)], _piece(left, pieces), _piece(right, pieces))
        case ast.Attribute(value=value, attr="T"):
            return power(_piece(value, pieces), atom("⊤"))
        case ast.Attribute(value=value, attr=attribute):
            return atom(f"{attribute} of {_piece(value, pieces).text}", "mtext")
        case ast.Subscript(value=value, slice=key):
            inside, key_piece = _piece(value, pieces).bracketed(ATOM), _piece(key, pieces)
            return Piece(f"{inside.text}[{key_piece.text}]", row(inside.math, "[", key_piece.math, "]"))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            given = [a for a in arguments if not isinstance(a, ast.Name) or a.id in pieces]
            return _call(name, [_argument(name, argument, pieces) for argument in given])
    raise ValueError(f"a formula of the op table holds something that cannot be set: {ast.unparse(node)}")


def _argument(function: str, node: ast.expr, pieces: Mapping[str, Piece]) -> Piece:
    """An argument of a function that is written as a call; options by their names, `axis=0`."""
    if isinstance(node, ast.Name) and function not in SET_BY_SIGNS:
        return pieces.get(f"{node.id}=") or _piece(node, pieces)
    return _piece(node, pieces)


def _folded(exponent: ast.expr, pieces: Mapping[str, Piece]) -> Piece:
    """An exponent; `b - 1` with the plain number 3 for b is 2."""
    match exponent:
        case ast.BinOp(left=ast.Name(id=name), op=ast.Sub(), right=ast.Constant(value=int(less))) if name in pieces:
            text = pieces[name].text.replace("−", "-")
            if pieces[name].math[0] == "mn" and re.fullmatch(r"-?\d+(\.\d+)?", text):
                return number(str(Decimal(text) - less).replace("-", "−"))
    return _piece(exponent, pieces)


def _binary(sign: str, level: int, left: Piece, right: Piece) -> Piece:
    a = left.bracketed(ATOM if level == PRODUCT and left.math[0] == "mn" else level)
    b = _right(right, level + 1 if sign in "−·" else level)
    space = " " if level == SUM else ""
    if sign == "·" and a.array and b.array:
        sign = "⊙"  # element by element: a dot between arrays would read as their dot product
    math = row(a.math, sign.strip() or "\u2062", b.math)
    return Piece(f"{a.text}{space}{sign}{space}{b.text}", math, level, a.array or b.array)


def _right(piece: Piece, least: int) -> Piece:
    """A piece behind an operator: one that begins with a sign is bracketed, so that two signs never meet."""
    return piece.bracketed(ATOM if piece.text.startswith("−") else least)


def power(base: Piece, exponent: Piece) -> Piece:
    """One piece to the power of another."""
    base = base.bracketed(ATOM)
    if exponent.text == "1":
        return base
    digits = exponent.text.translate(str.maketrans("0123456789−⊤", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀ"))
    plain = digits if all(c in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀ" for c in digits) else f"^{exponent.bracketed(ATOM).text}"
    return Piece(base.text + plain, ("msup", "", base.math, exponent.math), POWER, base.array)


def _call(name: str, arguments: list[Piece]) -> Piece:
    if name == "exp":
        inside = arguments[0]
        return Piece(f"exp({inside.text})", ("msup", "", ("mi", "", "e"), inside.math), array=inside.array)
    if name == "sqrt":
        inside = arguments[0]
        return Piece(f"√{inside.bracketed(ATOM).text}", ("msqrt", "", inside.math), array=inside.array)
    if name == "iverson":  # [x > 0] is 1 where it holds and 0 where not (Iverson's bracket)
        return Piece(f"[{arguments[0].text}]", row("[", arguments[0].math, "]"))
    if name == "abs":
        return Piece(f"|{arguments[0].text}|", row("|", arguments[0].math, "|"), array=arguments[0].array)
    if name == "between" and len(arguments) == 3:
        return between(*arguments)
    if name == "ones_like":
        return atom("𝟏")
    if name == "transpose" and len(arguments) == 1:
        return power(arguments[0], atom("⊤"))
    if name == "outer":
        return outer_product(arguments)
    head = FUNCTIONS.get(name, name)
    array = any(argument.array for argument in arguments)
    separated = [part for argument in arguments for part in (",", argument.math)][1:]
    return Piece(
        f"{head}({', '.join(a.text for a in arguments)})", row(("mi", "", head), "(", *separated, ")"), array=array
    )


def outer_product(arguments: list[Piece]) -> Piece:
    """The outer product a bᵀ."""
    a, b = arguments[0].bracketed(PRODUCT), power(arguments[1], atom("⊤"))
    return Piece(f"{a.text}{b.text}", row(a.math, "\u2062", b.math), PRODUCT)


def between(low: Piece, x: Piece, high: Piece) -> Piece:
    """0 ≤ x ≤ 1, without a bound that is infinite."""
    parts: list[Any] = [x]
    if low.text != INFINITE["-inf"]:
        parts = [low, "≤", *parts]
    if high.text != INFINITE["inf"]:
        parts = [*parts, "≤", high]
    text = " ".join(part if isinstance(part, str) else part.text for part in parts)
    return Piece(text, equation(*parts), SUM, x.array)
