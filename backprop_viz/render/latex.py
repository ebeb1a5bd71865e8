"""Pieces of mathematics as LaTeX: standard commands and those of amsmath, and whatever a name holds stays text."""

from __future__ import annotations

import re
import unicodedata

from .expression import MathTree
from .symbols import END, GREEK, ISOLATE

COLOURS = {"bp-red": "red", "bp-blue": "blue"}
ACCENTS = {"^": r"\hat", "¯": r"\bar", "~": r"\tilde", "˙": r"\dot"}
CAPITALS = {
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω",
}  # fmt: skip
LETTERS = {letter: f"\\{name}" for name, letter in (GREEK | CAPITALS).items()}
SIGNS = LETTERS | {
    "ℒ": r"\mathcal{L}", "∂": r"\partial", "⊤": r"\top", "𝟏": r"\mathbf{1}", "−": "-", "·": r"\cdot", "⊙": r"\odot",
    "×": r"\times", "≤": r"\le", "∞": r"\infty", "…": r"\dots", "√": r"\surd",
}  # fmt: skip
OPERATORS = SIGNS | {"Σ": r"\sum", "Π": r"\prod", "\u2062": r"\,", "|": r"\vert"}
FUNCTIONS = ("cos", "exp", "log", "max", "min", "sin", "tanh")
SPACED = ("+", "-", "=", "<", ">", r"\cdot", r"\odot", r"\le", r"\times")
PLAIN = "+=,()[]<>"  # operators that are themselves
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾", "0123456789-()", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
ESCAPES = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", "␣": r"\textvisiblespace{}", ISOLATE: "", END: "",
} | {character: f"\\{character}" for character in "{}$%&#_"}  # fmt: skip


def latex(tree: MathTree, colours: bool = True) -> str:
    """A tree of MathML as LaTeX, for use in math mode."""
    tag, css, *children = tree
    if css and colours:
        return f"\\textcolor{{{COLOURS[css]}}}{{{latex((tag, '', *children))}}}"
    if isinstance(children[0], str):
        return LEAVES[tag](children[0])
    parts = [latex(child, colours) for child in children]
    match tag:
        case "mfrac":
            return f"\\frac{{{parts[0]}}}{{{parts[1]}}}"
        case "msqrt":
            return f"\\sqrt{{{parts[0]}}}"
        case "mover":
            return f"{ACCENTS[children[1][2]]}{{{parts[0]}}}"
        case "msub":
            return f"{_base(parts[0])}_{{{parts[1]}}}"
        case "msup":
            return f"{_base(parts[0])}^{{{parts[1]}}}"
    return _row(parts)


def text(characters: str) -> str:
    r"""Plain text for use inside \text: no character of it is a command.

    Letters of any script stay (beyond Latin they need a document that is set up for them); other characters that
    LaTeX does not know are written by their numbers.
    """
    return "".join(map(_character, characters))


def _character(character: str) -> str:
    if character in ESCAPES:
        return ESCAPES[character]
    if character.isascii():
        return character
    if character in RAISED:
        return f"\\ensuremath{{{{}}^{{{RAISED[character]}}}}}"
    if character in LOWERED:
        return f"\\ensuremath{{{{}}_{{{LOWERED[character]}}}}}"
    if character in SIGNS:
        return f"\\ensuremath{{{SIGNS[character]}}}"
    return character if unicodedata.category(character)[0] == "L" else f"U+{ord(character):04X}"


def _identifier(name: str) -> str:
    if name in OPERATORS:
        return OPERATORS[name]
    if not (name.isascii() and name.isalpha()):
        return _text(name)
    if name in FUNCTIONS:
        return f"\\{name}"
    return name if len(name) == 1 else f"\\mathrm{{{name}}}"


def _number(digits: str) -> str:
    """A number as it is shown: 0.5, 1.2·10⁻⁷, [1, −2], 3×4 array."""
    raised = "".join(RAISED)
    parts = re.findall(rf"[{raised}]+|[A-Za-z ]*[A-Za-z][A-Za-z ]*|.", digits)
    return "".join(map(_part, parts))


def _part(part: str) -> str:
    if part[0] in RAISED:
        return f"^{{{''.join(map(RAISED.__getitem__, part))}}}"
    if part.strip().isalpha():
        return f"\\text{{{part}}}"
    sign = SIGNS.get(part, part)
    return f" {sign} " if sign in (r"\cdot", r"\times") else sign


def _operator(sign: str) -> str:
    return OPERATORS.get(sign, sign if sign in PLAIN else _text(sign))


def _text(characters: str) -> str:
    return f"\\text{{{text(characters)}}}"


LEAVES = {"mi": _identifier, "mn": _number, "mo": _operator, "mtext": _text}


def _base(part: str) -> str:
    """What an index or a power stands at: in braces, unless it is one symbol."""
    return part if re.fullmatch(r"\w|\\[A-Za-z]+(\{\w\})?", part) else f"{{{part}}}"


def _row(parts: list[str]) -> str:
    """Parts side by side; brackets grow with the fractions that they hold."""
    tall = any(r"\frac" in part for part in parts)
    opening = True
    row = ""
    for i, part in enumerate(parts):
        if part == r"\vert":
            part, opening = (r"\lvert" if opening else r"\rvert"), not opening
        if part in ("(", "[", r"\lvert") and tall:
            part = rf"\left{part}"
        elif part in (")", "]", r"\rvert") and tall:
            part = rf"\right{part}"
        if part in SPACED and i:
            row += f" {part} "
        elif part == ",":
            row += ", "
        else:
            row += " " * bool(re.search(r"\\[A-Za-z]+$", row) and part[:1].isalnum()) + part
    return row
