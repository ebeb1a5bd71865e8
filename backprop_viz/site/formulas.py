"""Formulas of a notebook as MathML, which browsers set by themselves."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup, Tag

from .fault import Fault

if TYPE_CHECKING:
    from math_core import LatexToMathML

# MathJax's way to name a colour, which LaTeX does not know. The brace after it is that of the coloured part.
HEX = re.compile(r"\\textcolor\s*\{#([0-9A-Fa-f]{6})\}\s*\{")
# The space below a row of a matrix or of aligned equations, which math-core would print.
SPACE = re.compile(r"\\\\\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\]")
# The two colours that mean something, in any of their shades, follow the page's theme: on dark paper they are lighter.
MEANING = {"#E62020": "red", "#D40000": "red", "#FF0000": "red", "#2F6BFF": "blue", "#0000FF": "blue"}
BREAKS, LONG = frozenset("=≈≤≥<>→←∈+−"), 20  # where a line may be broken; characters of a formula that is long
COLOURED = re.compile(r'style="color:(#[0-9A-Fa-f]{6});"')


def mathml(latex: str, *, display: bool) -> str:
    """A formula as one <math> element, on a line of its own or within the text."""
    plain = SPACE.sub(r"\\\\ ", HEX.sub(r"{\\color[HTML]{\1} ", latex.strip()))
    converter, error = _converter()
    try:
        found: str = converter.convert_with_local_state(plain, displaystyle=display)
    except error as reason:
        said = " ".join(latex.split())
        raise Fault(
            f"the formula {said} cannot be set: {reason} Mend it, or write it with what math-core knows"
        ) from None
    found = COLOURED.sub(_themed, found)
    return f'<span class="formula">{found}</span>' if display else _breakable(found)


def _breakable(math: str) -> str:
    """A long formula within the text as several, so that lines can be broken where TeX would break them."""
    row = BeautifulSoup(math, "html.parser").find("math")
    if not isinstance(row, Tag) or len(row.get_text()) < LONG:
        return math
    pieces: list[list[Tag]] = [[]]
    for child in row.find_all(recursive=False):
        after = pieces[-1][-1] if pieces[-1] else None
        operand = after and (after.name != "mo" or after.get_text() in ")]}")
        if child.name == "mo" and child.get_text() in BREAKS and operand:
            child["form"] = "infix"  # or it would count as a sign, since it is the first of its row
            pieces.append([])
        pieces[-1].append(child)
    return "<wbr>".join(f"<math>{''.join(map(str, piece))}</math>" for piece in pieces)


def _themed(match: re.Match[str]) -> str:
    name = MEANING.get(match[1].upper())
    return f'class="{name}"' if name else match[0]


@cache
def _converter() -> tuple[LatexToMathML, type[Exception]]:
    try:
        from math_core import LatexError, LatexToMathML
    except ImportError:
        raise ImportError(
            "formulas are set by math-core, which is not installed: pip install 'backprop-viz[site]'"
        ) from None
    return LatexToMathML(fancy_error=False), LatexError
