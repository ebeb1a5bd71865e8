"""Mathematics as SVG with stacked fractions, roots, braces and brackets that grow."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from xml.sax.saxutils import escape

from .expression import MathTree
from .fonts import ITALIC, NUMBERS, SANS, SERIF, UPRIGHT, font_of, width, widths_of
from .runs import styled
from .theme import Theme

# In ems: the height of fraction bars and minus signs, how far text reaches, and how thick lines are.
AXIS, ASCENT, DESCENT, THICK = 0.25, 0.69, 0.22, 0.05
SCRIPT, INNER, SMALLEST = 0.7, 0.75, 0.5  # sizes of indices and of fractions in fractions, of the size around; at least
RELATIONS, SUMS, SPACE = set("=<>≤←"), set("+−⊙"), {",": 0.2, "\u2062": 0.16, "Σ": 0.12}
INDICES = {raised: (plain, -0.36) for raised, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾ᵀ", "0123456789−()⊤", strict=True)} | {
    lowered: (plain, 0.22) for lowered, plain in zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)
}  # as the plain character, and by how much of the font size it is lowered
OPENING, CLOSING = set("(["), set(")]")
# Accents as signs of their own, for letters of which there is none with the accent on it.
ACCENTS = {"^": "ˆ", "¯": "¯", "~": "˜", "˙": "˙"}


@dataclass(frozen=True, slots=True)
class Mark:
    """Text around a middle, or the outline of a shape; `stroke` is the thickness of a line, 0 for a filled shape.

    Text is placed by its middle: another font in its place, a little wider or narrower, keeps even distances.
    """

    x: float
    y: float
    content: str
    css: str
    size: float = 0.0  # of text
    font: str = UPRIGHT
    stroke: float = 0.0

    def svg(self, dx: float, dy: float, theme: Theme) -> str:
        """The SVG element, moved by (dx, dy)."""
        x, y, colour = self.x + dx, self.y + dy, theme.colour(self.css)
        if self.size:
            style = {ITALIC: ' font-style="italic"', NUMBERS: f' font-family="{SANS}"'}.get(self.font, "")
            place = f'x="{x:.2f}" y="{y:.2f}" font-size="{self.size:.4g}"{style}'
            return f'<text class="{self.css}" {place} fill="{colour}">{escape(self.content)}</text>'
        line = f'fill="none" stroke="{colour}" stroke-width="{self.stroke:.3g}"'
        paint = f'class="{self.css}-line" {line}' if self.stroke else f'class="{self.css}-head" fill="{colour}"'
        return f'<path {paint} transform="translate({x:.2f} {y:.2f})" d="{self.content}"/>'


@dataclass(frozen=True, slots=True)
class Box:
    """Set mathematics, in pixels: its width, and how far it reaches above and below its baseline."""

    width: float
    ascent: float
    descent: float
    marks: tuple[Mark, ...] = ()

    def moved(self, dx: float, dy: float = 0.0) -> tuple[Mark, ...]:
        """The marks at another place; y grows downwards."""
        return tuple(replace(mark, x=mark.x + dx, y=mark.y + dy) for mark in self.marks)

    def svg(self, x: float, y: float, theme: Theme) -> str:
        """An SVG group with the baseline's left end at (x, y)."""
        inside = "".join(mark.svg(x, y, theme) for mark in self.marks)
        return f'<g font-family="{SERIF}" text-anchor="middle" xml:space="preserve">{inside}</g>'


@dataclass(frozen=True, slots=True)
class _Style:
    size: float
    css: str = "bp-ink"
    least: float = 0.0
    fractions: int = 0  # how many fractions and indices are around

    def smaller(self, factor: float) -> _Style:
        return replace(self, size=max(self.size * factor, self.least), fractions=self.fractions + 1)


@lru_cache(maxsize=4096)
def typeset(tree: MathTree, size: float) -> Box:
    """A tree of mathematics set at this font size."""
    return _box(tree, _Style(size, least=SMALLEST * size))


def beside(boxes: Sequence[Box], gap: float = 0.0) -> Box:
    """Boxes side by side on one baseline."""
    x, marks = 0.0, list[Mark]()
    for box in boxes:
        marks += box.moved(x)
        x += box.width + gap
    ascent, descent = (max((getattr(box, side) for box in boxes), default=0.0) for side in ("ascent", "descent"))
    return Box(max(x - gap, 0.0), ascent, descent, tuple(marks))


def _box(tree: MathTree, style: _Style) -> Box:
    tag, css, *children = tree
    style = replace(style, css=css) if css else style
    match tag:
        case "mi" | "mn" | "mo" | "mtext":
            return _leaf(tree, style)
        case "mover":
            return _accented(tree, style)
        case "msub" | "msup":
            return _script(tag, children, style)
        case "mfrac":
            return _fraction(children, style)
        case "msqrt":
            return _root(_box(children[0], style), style)
        case "munder":
            return _braced(children, style)
    return _row(children, style)


# ---------------------------------------------------------------------- text
def _leaf(tree: MathTree, style: _Style) -> Box:
    (run,) = styled(tree) if tree[0] != "mo" else styled(tree[2])
    return _text(run.text, run.italic, style)


def _text(text: str, italic: bool, style: _Style) -> Box:
    """Text, its raised and lowered digits set as indices: the fonts have few of them."""
    boxes = []
    for (font, drop), characters in groupby(_styled(text, italic), lambda styled: styled[:2]):
        part = "".join(character for _, _, character in characters)
        size = style.smaller(SCRIPT).size if drop else style.size
        wide = width(part, font, size)
        if font == ITALIC and (part.isupper() or part in "bdfhkl"):
            wide += (0.12 if part == "f" else 0.05) * size  # tall slanted letters lean out of their own width
        mark = Mark(wide / 2, drop * style.size, part, style.css, size, font)
        boxes.append(Box(wide, ASCENT * size - mark.y, DESCENT * size + mark.y, (mark,)))
    return beside(boxes)


def _styled(text: str, italic: bool) -> Iterator[tuple[str, float, str]]:
    """Each character with the first font that has it, and by how much it is lowered.

    A text in several fonts is drawn in pieces: programs that draw SVG take one font for the whole of it.
    """
    font = ITALIC if italic else UPRIGHT
    for character in text:
        plain, drop = INDICES.get(character, (character, 0.0))
        if unicodedata.category(plain) != "Cf":  # what is invisible stays with its neighbour
            font = font_of(plain, ITALIC if italic else UPRIGHT)
        yield font, drop, plain


def _accented(tree: MathTree, style: _Style) -> Box:
    (run,) = styled(tree)
    if len(run.text) == 1 and ord(run.text) in widths_of(ITALIC):
        return _text(run.text, run.italic, style)
    letter, (_, _, accent) = _box(tree[2], style), tree[3]
    over = _text(ACCENTS[accent], False, style)
    rise = 0.0 if tree[2][2] in "acemnopqrsuvwxz" or tree[2][2] in "αγεηικμνοπρστυχψω" else 0.24 * style.size
    marks = letter.marks + over.moved((letter.width - over.width) / 2 + 0.05 * style.size, -rise)
    return Box(max(letter.width, over.width), letter.ascent + rise, letter.descent, marks)


def _script(tag: str, children: Sequence[MathTree], style: _Style) -> Box:
    base, index = _box(children[0], style), _box(children[1], style.smaller(SCRIPT))
    if tag == "msub":
        dy = max(0.22 * style.size, base.descent - DESCENT * style.size)
    else:
        dy = -max(0.36 * style.size + max(0.0, index.descent - DESCENT * style.size),
                  base.ascent - 0.33 * style.size)  # fmt: skip
    x = base.width + 0.04 * style.size
    reach = max(base.ascent, index.ascent - dy), max(base.descent, index.descent + dy)
    return Box(x + index.width + 0.03 * style.size, *reach, base.marks + index.moved(x, dy))


# ---------------------------------------------------------------------- rows
def _row(children: Sequence[MathTree], style: _Style) -> Box:
    boxes = [_box(child, style) for child in children]
    for first, last in _pairs(children):
        inside = beside(boxes[first + 1 : last])
        for at in (first, last):
            boxes[at] = _bracket(children[at][2], inside, boxes[at], style)
    spaced = []
    for i, (child, box) in enumerate(zip(children, boxes, strict=True)):
        before, after = _space(children, i, style)
        spaced.append(Box(before + box.width + after, box.ascent, box.descent, box.moved(before)))
        if child[0] == "mo" and child[2] == "\u2062":
            spaced[-1] = Box(after, 0, 0)
    return beside(spaced)


def _space(children: Sequence[MathTree], at: int, style: _Style) -> tuple[float, float]:
    """The space before and after a part of a row; a sign with nothing before it stands close to what it belongs to."""
    sign = _sign(children[at])
    em = style.size if style.fractions < 2 else style.size * 0.6
    if sign in SPACE:
        return 0.0, SPACE[sign] * em
    before = _sign(children[at - 1]) if at else "("
    if sign in SUMS and before in {"(", "[", ",", "Σ", *RELATIONS, *SUMS}:
        return 0.0, 0.04 * em
    gap = 0.28 if sign in RELATIONS else 0.22 if sign in SUMS else 0.1 if sign == "·" else 0.0
    return gap * em * (at > 0), gap * em


def _sign(child: MathTree) -> str:
    return str(child[2]) if child[0] == "mo" else ""


def _pairs(children: Sequence[MathTree]) -> Iterator[tuple[int, int]]:
    """Where brackets open and close, the inner ones first."""
    opened: list[int] = []
    for i, sign in enumerate(map(_sign, children)):
        if opened and (sign in CLOSING or sign == _sign(children[opened[-1]]) == "|"):
            yield opened.pop(), i
        elif sign in {*OPENING, "|"}:
            opened.append(i)


def _bracket(sign: str, inside: Box, plain: Box, style: _Style) -> Box:
    """A bracket as high as what it holds; around a line of text the letter itself."""
    em = style.size
    if inside.ascent <= 0.92 * em and inside.descent <= 0.4 * em:
        return plain
    half = max(inside.ascent - AXIS * em, inside.descent + AXIS * em) + 0.04 * em
    wide, thick = (0.2 if sign == "|" else 0.36) * em, 1.2 * THICK * em
    left, right = (0.1 * em, wide - 0.07 * em) if sign in OPENING else (wide - 0.1 * em, 0.07 * em)
    match sign:
        case "|":
            d, stroke = f"M{wide / 2:.2f},{-half:.2f}V{half:.2f}", thick
        case "[" | "]":
            d, stroke = f"M{right:.2f},{-half:.2f}H{left:.2f}V{half:.2f}H{right:.2f}", thick
        case _:
            bend = 2 * left - right  # of a curve whose middle is `left`
            inner = bend + (2.6 * thick if right > left else -2.6 * thick)
            d, stroke = f"M{right:.2f},{-half:.2f}Q{bend:.2f},0 {right:.2f},{half:.2f}Q{inner:.2f},0 ", 0.0
            d += f"{right:.2f},{-half:.2f}Z"
    mark = Mark(0, -AXIS * em, d, style.css, stroke=stroke)
    return Box(wide, half + AXIS * em, half - AXIS * em, (mark,))


# ---------------------------------------------------------------------- drawn
def _fraction(children: Sequence[MathTree], style: _Style) -> Box:
    inner = style.smaller(INNER) if style.fractions else replace(style, fractions=1)
    top, bottom = (_box(child, inner) for child in children)
    em, side = style.size, 0.1 * style.size
    thick = THICK * em
    bar = max(top.width, bottom.width) + 0.12 * em
    up, down = -AXIS * em - 0.1 * em - top.descent, -AXIS * em + 0.14 * em + bottom.ascent
    line = Mark(side, -AXIS * em, f"M0,0H{bar:.2f}", style.css, stroke=thick)
    marks = (
        *top.moved(side + (bar - top.width) / 2, up), line, *bottom.moved(side + (bar - bottom.width) / 2, down),
    )  # fmt: skip
    return Box(bar + 2 * side, top.ascent - up, bottom.descent + down, marks)


def _root(inside: Box, style: _Style) -> Box:
    em = style.size
    thick, hook, top = THICK * em, 0.6 * em, -inside.ascent - 0.1 * em
    low = max(inside.descent - 0.1 * em, 0.05 * em)
    points = ((0.05 * em, -0.22 * em), (0.17 * em, -0.3 * em), (0.36 * em, low), (hook, top))
    d = "M" + "L".join(f"{x:.2f},{y:.2f}" for x, y in points) + f"H{hook + inside.width + 0.08 * em:.2f}"
    marks = (Mark(0, 0, d, style.css, stroke=thick), *inside.moved(hook + 0.04 * em))
    return Box(hook + inside.width + 0.14 * em, thick - top, max(inside.descent, low), marks)


def _braced(children: Sequence[MathTree], style: _Style) -> Box:
    inside, label = _box(children[0], style), _box(children[1], style.smaller(0.85))
    em, top = style.size, inside.descent + 0.06 * style.size
    wide = max(inside.width, label.width)
    low = top + 0.48 * em + label.ascent
    marks = (
        *inside.marks,
        Mark(0, top, _brace(inside.width, em), style.css),
        *label.moved(max(0.0, inside.width - label.width) / 2, low),
    )
    return Box(wide, inside.ascent, low + label.descent, marks)


def _brace(wide: float, em: float) -> str:
    """The outline of a brace that lies on its side, its point downwards, thin at its ends."""
    deep, thick, middle, bend = 0.14 * em, 0.085 * em, wide / 2, min(0.3 * em, wide / 4)

    def edge(start: float, end: float, y: float, tip: float) -> str:
        turn = bend if start < end else -bend
        x = [f"{at:.2f},{y:.2f}" for at in (start, start + turn, middle - 0.8 * turn, middle)]
        z = [f"{at:.2f},{y:.2f}" for at in (middle, middle + 0.8 * turn, end - turn, end)]
        point = f"{middle:.2f},{tip:.2f}"
        return f"Q{x[0]} {x[1]}L{x[2]}Q{x[3]} {point}Q{z[0]} {z[1]}L{z[2]}Q{z[3]} {end:.2f},0"

    return f"M0,0{edge(0, wide, deep, 2 * deep)}{edge(wide, 0, deep + thick, 2.4 * deep + thick)}Z"
