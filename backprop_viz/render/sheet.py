"""Numbered equations on a sheet of paper: equals signs in a column, long sums in several lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from .expression import Piece
from .fonts import SANS, UPRIGHT, width
from .symbols import printable
from .theme import Theme
from .typeset import Box, beside, typeset

SIZE, TITLE, HEADING, BOLD = 20.0, 19.0, 16.0, "DejaVuSans-Bold.ttf"
WIDTH, MARGIN, INDENT, GAP = 760.0, 24.0, 14.0, 20.0  # pixels; a sheet is wider only for what cannot be broken
LINE, BETWEEN, ABOVE, BELOW = 5.0, 13.0, 12.0, 14.0  # pixels between lines, between equations, around headings
SPACE = 0.28 * SIZE  # on both sides of an equals sign
FARTHEST = 190.0  # pixels: a first side that is wider does not decide where the second equals signs stand


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an equation, with the sign before it: a sum that may be broken between its terms."""

    terms: tuple[tuple[str, Piece], ...]  # each with the sign before it, the first with "="

    @property
    def text(self) -> str:
        """The side as plain text."""
        return " ".join(f"{sign} {term.text}" for sign, term in self.terms)


@dataclass(frozen=True, slots=True)
class Equation:
    """One numbered equation: what is computed, and its right sides, in rows.

    column: let its second equals signs stand under those of its neighbours
    """

    label: str
    left: Piece
    rows: tuple[tuple[Side, ...], ...]
    column: bool = False

    @property
    def text(self) -> str:
        """The equation as plain text."""
        sides = (side.text for sides in self.rows for side in sides)
        return " ".join([*filter(None, [self.label]), self.left.text, *sides])


Section = tuple[str, Sequence[Equation]]


def drawn(title: str, sections: Sequence[Section], label: str, theme: Theme) -> str:
    """The sheet as SVG text: sections of equations under their headings; `label` is for those who do not see it."""
    everything = [equation for _, equations in sections for equation in equations]
    first = MARGIN + INDENT + max(_label(equation).width for equation in everything) + GAP
    column = first + max(typeset(equation.left.math, SIZE).width for equation in everything) + SPACE
    y, right, body = MARGIN, 0.0, list[str]()
    headings = [(line, TITLE) for line in _wrapped(title)]
    for heading, equations in sections:
        y += ABOVE * bool(body)
        for line, size in [*headings, (heading, HEADING)]:
            y += size
            body.append(_bold(line, y, size, theme))
            y, right = y + BELOW, max(right, MARGIN + width(line, BOLD, size))
        headings = []
        second = max(map(_second, equations))
        for equation in equations:
            left, label_box = typeset(equation.left.math, SIZE), _label(equation)
            for box in _lines(equation, WIDTH - column, second * equation.column):
                y += max(box.ascent, left.ascent)
                body += [
                    label_box.svg(MARGIN + INDENT, y, theme), left.svg(column - SPACE - left.width, y, theme),
                    box.svg(column, y, theme),
                ]  # fmt: skip
                y, right = y + max(box.descent, left.descent) + LINE, max(right, column + box.width)
                left = label_box = Box(0, 0, 0)
            y += BETWEEN - LINE
    return _paper(right + MARGIN, y - BETWEEN + MARGIN, "".join(body), label, theme)


def _paper(wide: float, high: float, body: str, label: str, theme: Theme) -> str:
    size = f'width="{wide:.0f}" height="{high:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bp-equations" {size} style="max-width:100%;height:auto" '
        f'viewBox="0 0 {wide:.0f} {high:.0f}" role="img" aria-label={quoteattr(label)}>'
        f'<rect class="bp-paper" {size} rx="8" fill="{theme.paper}"/>{body}</svg>'
    )


# ---------------------------------------------------------------------- lines
def _label(equation: Equation) -> Box:
    return typeset(("mn", "", equation.label), SIZE)


def _lines(equation: Equation, room: float, second: float) -> Iterator[Box]:
    """The right sides in lines of this width: each row on one, else each side on its own, else broken at its signs."""
    for row in equation.rows:
        whole = _line([part for side in row for part in side.terms], second)
        for terms in [None] if whole.width <= room else [side.terms for side in row]:
            yield from [whole] if terms is None else _broken(terms, room)


def _broken(terms: Sequence[tuple[str, Piece]], room: float) -> Iterator[Box]:
    waiting: list[tuple[str, Piece]] = []
    for term in terms:
        if waiting and _line([*waiting, term]).width > room:
            yield _line(waiting)
            waiting = []
        waiting.append(term)
    yield _line(waiting)


def _line(terms: Sequence[tuple[str, Piece]], second: float = 0.0) -> Box:
    """Terms behind their signs; a line that begins with a plus sign goes on under the right side before it."""
    boxes = [] if terms[0][0] == "=" else [_gap(width("=", UPRIGHT, SIZE) + SPACE)]
    for place, (sign, term) in enumerate(terms):
        space = SPACE if sign == "=" else 0.22 * SIZE
        box = typeset(term.math, SIZE)
        boxes += [_gap(space * bool(place)), typeset(("mn", "", sign), SIZE), _gap(space), box]
        if place == 0 and [sign for sign, _ in terms] == ["=", "="]:
            boxes.append(_gap(max(0.0, second - box.width)))
    return beside(boxes)


def _second(equation: Equation) -> float:
    """How wide the first of two right sides is, where another equals sign follows it."""
    rows = [row for row in equation.rows if equation.column and len(row) == 2 and len(row[0].terms) == 1]
    firsts = (typeset(row[0].terms[0][1].math, SIZE).width for row in rows)
    return max((wide for wide in firsts if wide <= FARTHEST), default=0.0)


def _gap(wide: float) -> Box:
    return Box(wide, 0, 0)


# ---------------------------------------------------------------------- headings
def _bold(text: str, y: float, size: float, theme: Theme) -> str:
    return (
        f'<text class="bp-ink" x="{MARGIN:g}" y="{y:.1f}" font-family="{SANS}" font-size="{size:g}" font-weight="bold" '
        f'fill="{theme.ink}">{escape(text)}</text>'
    )


def harmless(title: str) -> str:
    """A title on one line, its words as harmless as names are."""
    return " ".join(map(printable, title.split()))


def _wrapped(title: str) -> list[str]:
    """A title in lines that are no wider than a sheet."""
    lines: list[str] = []
    for word in title.split():
        together = f"{lines[-1]} {word}" if lines else word
        if lines and width(together, BOLD, TITLE) <= WIDTH:
            lines[-1] = together
        else:
            lines.append(word)
    return lines
