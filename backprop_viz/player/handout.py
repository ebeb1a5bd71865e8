"""The handout: the steps of both passes on paper, each with its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..render.figure import Figure
from ..render.pdf import pages
from ..render.raster import size
from ..render.sizes import SMALL
from ..render.svg import wrapped
from .footage import LINE, SVG, heading, line_of_text, spotlit, view_box

A_PAGE, MOST_A_PAGE = 4, 12
READABLE = 6.0  # pixels, 4.5 points: the smallest numbers that most people can read on paper
SHORT, LONG = 793.7, 1122.5  # pixels: the sides of A4
MARGIN, GAP, FONT = 42.0, 16.0, 11.0  # pixels


def handout(figure: Figure, steps: Sequence[int], a_page: int | None = None) -> bytes:
    """A PDF of these steps, so many on each page of A4, upright or across as the pictures come out larger.

    a_page: without it 4, or fewer where the numbers in the pictures could not be read
    """
    if a_page is None:
        sheets = (_largest(figure, steps, count) for count in range(A_PAGE, 0, -1))
        sheet = next((sheet for sheet in sheets if sheet.scale * SMALL >= READABLE), None) or _largest(figure, steps, 1)
    elif not isinstance(a_page, int) or isinstance(a_page, bool) or not 1 <= a_page <= MOST_A_PAGE:
        raise ValueError(f"a_page is how many steps stand on a page, 1 to {MOST_A_PAGE}; got {a_page!r}")
    else:
        sheet = _largest(figure, steps, a_page)
    return pages(sheet.pages(), title=figure.label)


def _largest(figure: Figure, steps: Sequence[int], a_page: int) -> Sheet:
    """The way to put so many steps on a page in which the pictures come out largest."""
    sheets = [Sheet(figure, steps, a_page, columns, across) for across in (False, True) for columns in (1, 2, 3)]
    return max(sheets, key=lambda sheet: sheet.scale)


@dataclass(frozen=True)
class Sheet:
    """One way to put steps on pages: in so many columns, the page upright or across."""

    figure: Figure
    steps: Sequence[int]
    a_page: int
    columns: int
    across: bool

    @property
    def page(self) -> tuple[float, float]:
        """Width and height of a page in pixels."""
        return (LONG, SHORT) if self.across else (SHORT, LONG)

    @property
    def cell(self) -> tuple[float, float]:
        """Width and height that a step has."""
        wide, tall = (side - 2 * MARGIN + GAP for side in self.page)
        return wide / self.columns - GAP, tall / -(-self.a_page // self.columns) - GAP

    @cached_property
    def sentences(self) -> dict[int, list[str]]:
        """The sentence of each step in lines."""
        return {step: wrapped(self.figure.frames[step].sentence, self.cell[0], FONT) for step in self.steps}

    @property
    def scale(self) -> float:
        """How large a picture comes out, 1 at its natural size; below 0 if there is no room for it at all."""
        lines = 2 + max(map(len, self.sentences.values()))
        wide, tall = size(self.figure.svg)
        return min(self.cell[0] / wide, (self.cell[1] - FONT * LINE * lines) / tall, 1.0)

    def pages(self) -> list[str]:
        """The pages as SVG texts."""
        parts = [self.steps[first : first + self.a_page] for first in range(0, len(self.steps), self.a_page)]
        return [self._page(part, f"{number} / {len(parts)}") for number, part in enumerate(parts, start=1)]

    def _page(self, steps: Sequence[int], foot: str) -> str:
        wide, tall = self.page
        theme = self.figure.options.theme
        drawn = [f'<rect width="{wide}" height="{tall}" fill="{theme.paper}"/>']
        for place, step in enumerate(steps):
            row, column = divmod(place, self.columns)
            x, y = MARGIN + column * (self.cell[0] + GAP), MARGIN + row * (self.cell[1] + GAP)
            drawn.append(self._step(step, x, y))
        drawn.append(line_of_text(foot, wide - MARGIN - 40, tall - MARGIN / 2, FONT, theme))
        return f'<svg{SVG} width="{wide}" height="{tall}" viewBox="0 0 {wide} {tall}">{"".join(drawn)}</svg>'

    def _step(self, step: int, x: float, y: float) -> str:
        """A step: its phase and number, its picture, and its sentence."""
        figure, theme = self.figure, self.figure.options.theme
        wide, tall = (length * self.scale for length in size(figure.svg))
        box = f'x="{x + (self.cell[0] - wide) / 2:.1f}" y="{y + 1.5 * FONT:.1f}" width="{wide:.1f}" height="{tall:.1f}"'
        picture = f'<svg {box} viewBox="{view_box(figure.svg)}">{"".join(spotlit(figure, step))}</svg>'
        drawn = [line_of_text(heading(figure, step), x, y + FONT, FONT, theme, ' font-weight="bold"'), picture]
        for number, line in enumerate(self.sentences[step], start=2):
            drawn.append(line_of_text(line, x, y + tall + FONT * LINE * number, FONT, theme))
        return "".join(drawn)
