"""Text and lines in a theme's colours, with slots that hold what one moment shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from xml.sax.saxutils import escape

from . import heat, sizes
from .expression import MathTree, Piece
from .fonts import SANS
from .runs import line
from .theme import Theme

FAINT = "0.3"  # opacity of what has not been reached
PLACE = 'x="%.1f" y="%.1f"'


@dataclass(frozen=True)
class Ink:
    """One moment of a picture: what its slots hold, and which parts have been reached (None: all of them)."""

    theme: Theme
    texts: Mapping[str, str] = field(default_factory=dict)
    maps: Mapping[str, str] = field(default_factory=dict)
    reached: Collection[str] | None = None

    def text(
        self, text: str, x: float, y: float, css: str, size: float = sizes.SMALL, anchor: str = "middle",
        extra: str = "",
    ) -> str:  # fmt: skip
        """A line of text."""
        return (
            f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" font-family="{SANS}" font-size="{size:g}" '
            f'fill="{self.theme.colour(css)}" text-anchor="{anchor}"{extra}>{escape(text)}</text>'
        )

    def slot(self, slot: str, x: float, y: float, css: str, size: float = sizes.SMALL, anchor: str = "middle") -> str:
        """A text that changes from step to step."""
        return self.text(self.texts.get(slot, ""), x, y, css, size, anchor, f' data-slot="{slot}"')

    def result(self, slot: str, sign: str, x: float, y: float) -> str:
        """A contribution, bold, behind a sign that stays."""
        text = escape(self.texts.get(slot, ""))
        return (
            f'<text class="bp-red" x="{x:.1f}" y="{y:.1f}" font-family="{SANS}" font-size="{sizes.SMALL:g}" '
            f'font-weight="bold" fill="{self.theme.red}" text-anchor="middle">{sign}'
            f'<tspan data-slot="{slot}">{text}</tspan></text>'
        )

    def map(self, slot: str, shape: tuple[int, ...], x: float, y: float, scale: str) -> str:
        """A heat map that changes from step to step, its upper left corner at (x, y)."""
        return heat.drawing(slot, self.maps.get(slot, ""), shape, x, y, scale, self.theme)

    def mathematics(self, tree: MathTree, x: float, y: float, size: float, css: str) -> str:
        """Mathematics on one line, centred at x."""
        return line(tree, x, y, size, css=css, fill=self.theme.colour(css))

    def fraction(self, piece: Piece, x: float, bar: float, css: str) -> str:
        """A stacked fraction centred at x, its bar at this height."""
        half = sizes.fraction_width(piece) / 2 - 1
        drawn = _fraction(piece.math, css, self.theme.colour(css))
        return drawn % (x, bar - 4, x - half, bar, x + half, x, bar + 12)

    def part(self, part: str, css: str, inside: str, opacity: float = 1.0) -> str:
        """A part of the picture, faint or hidden while it has not been reached."""
        look = f' opacity="{opacity:g}"' if opacity != 1 else ""
        if self.reached is not None and part not in self.reached:
            # A tile that says nothing yet would only stand in the way of the forward arrow.
            look = ' visibility="hidden"' if part[0] in "eb" else f' opacity="{FAINT}"'
        return f'<g class="{css}" data-part="{part}"{look}>{inside}</g>'


@lru_cache(maxsize=4096)
def _fraction(math: MathTree, css: str, colour: str) -> str:
    """A fraction as SVG with places for its coordinates: most are drawn again and again."""
    _, _, top, bottom = math
    start, end = (
        line(part, 0, 0, sizes.FRACTION, css=css, fill=colour).replace("%", "%%").replace('x="0.0" y="0.0"', PLACE, 1)
        for part in (top, bottom)
    )
    bar = f'<path class="{css}-line" d="M%.1f,%.1fH%.1f" stroke="{colour}" stroke-width="1"/>'
    return start + bar + end
