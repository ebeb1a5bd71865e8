"""A laid-out plan as SVG: the graph, with a title above it and what explains it below."""

from __future__ import annotations

import math
import re
from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from xml.sax.saxutils import quoteattr

from ..record.trace import finite
from . import heat, sizes
from .fonts import NUMBERS, width
from .groups import Path
from .ink import Ink
from .layout import Layout
from .links import Links
from .plan import Plan
from .routes import STEP, Routes
from .shapes import Shapes
from .slots import Scales, maps_of
from .symbols import legible, printable
from .text import is_large

NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # characters that no XML may hold
MARGIN = 12.0
NARROW = 640.0  # pixels: a picture no wider fits everywhere
LEAST_LINE = 360.0  # pixels: under a narrow graph the caption may be this wide
TITLE, CAPTION = 17.0, 13.0  # font sizes
LEADING = 1.45  # from line to line, of the font size
GAP = 10.0  # pixels between the graph and what stands above and below it


@dataclass(frozen=True)
class Scene:
    """Everything that stays the same from step to step: what is drawn, how large, and where.

    notes: lines under the caption, about what is not shown
    """

    plan: Plan
    layout: Layout
    scales: Scales
    lit: frozenset[int] = frozenset()
    lit_edges: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()

    def svg(self, ink: Ink, label: str = "", fluid: bool = False) -> str:
        """The picture at one moment.

        fluid: let a wide picture shrink with its place, as an <img> of an SVG with a height of its own would not
        """
        above, below = self._title(ink), self._below(ink)
        wide = max(self.layout.width, *(part[1] for part in (above, below)))
        left = (self.layout.width - wide) / 2 - MARGIN
        top = -MARGIN - above[2]
        wide, tall = wide + 2 * MARGIN, self.layout.height + above[2] + below[2] + 2 * MARGIN
        size = f'width="{wide:.0f}" height="{tall:.0f}" style="max-width:100%;height:auto"'
        if fluid and wide > NARROW:
            size = f'width="100%" style="max-width:{wide:.0f}px"'
        name = quoteattr(NOT_XML.sub("�", label))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="bp-graph" {size} '
            f'viewBox="{left:g} {top:g} {wide:.0f} {tall:.0f}" role="img" aria-label={name}>'
            f'<rect class="bp-paper" x="{left:g}" y="{top:g}" width="{wide:.0f}" height="{tall:.0f}" rx="8" '
            f'fill="{ink.theme.paper}"/>{above[0]}{self._graph(ink)}{below[0]}</svg>'
        )

    @cached_property
    def _routes(self) -> Routes:
        """The way of every link."""
        return Routes(self.plan, self.layout)

    def _graph(self, ink: Ink) -> str:
        view = self.plan.view
        links = Links(self.plan, self.layout, ink, self.lit_edges)
        shapes = Shapes(self.plan, self.layout, ink, self.lit)
        drawn = [self._frame(number, ink) for number in range(len(view.groups))]
        drawn += [links.arrows(link, self._routes.lanes[link.key]) for link in view.links]
        drawn += [self._frame_name(number, path, ink) for number, path in enumerate(view.groups)]
        drawn += [links.tile(link) for link in view.links if link.key in self.plan.tiles]
        drawn += [shapes.place(place) for place in view.places]
        return "".join(drawn)

    def _frame(self, number: int, ink: Ink) -> str:
        """The frame around an open group."""
        upper, lower = self.layout.clusters[f"cluster_{number}"]
        size = lower - upper
        box = f'x="{upper.real:.1f}" y="{upper.imag:.1f}" width="{size.real:.1f}" height="{size.imag:.1f}"'
        return f'<rect class="bp-frame" {box} rx="8" fill="none" stroke="{ink.theme.muted}" stroke-dasharray="2 4"/>'

    def _frame_name(self, number: int, path: Path, ink: Ink) -> str:
        """The name of an open group, in the strip that is free for it; on a plate where arrows cross it still."""
        upper, lower = self.layout.clusters[f"cluster_{number}"]
        name = printable(path[-1])
        level = lower.imag - 8 if self.plan.options.orientation == "BT" else upper.imag + 16
        wide = width(name, NUMBERS, sizes.SMALL)
        x, crossings = self._freest(complex(upper.real + 8, level), lower.real - 8 - wide, wide)
        plate = f'<rect class="bp-paper" x="{x - 2:.1f}" y="{level - 12:.1f}" width="{wide + 4:.1f}" height="16"'
        drawn = f'{plate} fill="{ink.theme.paper}"/>' if crossings else ""
        return drawn + ink.text(name, x, level, "bp-muted", sizes.SMALL, anchor="start")

    def _freest(self, start: complex, last: float, wide: float) -> tuple[float, int]:
        """Where on a line of text the fewest arrows cross it: the first place if it is free; and how many do."""
        low, high = start.imag - 18, start.imag + 10
        if not self._routes.passing(complex(start.real - STEP, low), complex(start.real + wide + STEP, high)):
            return start.real, 0
        crossed = self._routes.passing(complex(start.real - STEP, low), complex(last + wide + STEP, high))
        places = [start.real + STEP * number for number in range(1 + max(0, int((last - start.real) / STEP)))]
        crossings = [bisect(crossed, x + wide + STEP) - bisect(crossed, x - STEP) for x in places]
        fewest = min(crossings)
        return places[crossings.index(fewest)], fewest

    # ------------------------------------------------------------------ above and below the graph
    def _title(self, ink: Ink) -> tuple[str, float, float]:
        """The title, its width and its height."""
        lines = wrapped(self.plan.options.title, max(self.layout.width, LEAST_LINE), TITLE * sizes.BOLD)
        return self._lines(ink, lines, -GAP - TITLE * LEADING * len(lines), TITLE, "bp-ink", ' font-weight="bold"')

    def _below(self, ink: Ink) -> tuple[str, float, float]:
        """The legend of the heat maps, the caption and the notes; their width and height."""
        room, top = max(self.layout.width, LEAST_LINE), self.layout.height + GAP
        drawn, wide, tall = self._legend(ink, top)
        for text, css in ((self.plan.options.caption, "bp-ink"), *((note, "bp-muted") for note in self.notes)):
            lines, across, down = self._lines(ink, wrapped(text, room, CAPTION), top + tall, CAPTION, css)
            drawn, wide, tall = drawn + lines, max(wide, across), tall + down
        return drawn, wide, tall + GAP if tall else 0.0

    def _lines(
        self, ink: Ink, lines: list[str], top: float, size: float, css: str, extra: str = ""
    ) -> tuple[str, float, float]:
        """Lines of text centred on the graph, the first one under `top`; their width and height."""
        middle = self.layout.width / 2
        drawn = (
            ink.text(text, middle, top + size * (1 + LEADING * number), css, size, extra=extra)
            for number, text in enumerate(lines)
        )
        wide = max((width(text, NUMBERS, size) * (sizes.BOLD if extra else 1) for text in lines), default=0.0)
        return "".join(drawn), wide, size * LEADING * len(lines) + (GAP if lines and extra else 0.0)

    def _legend(self, ink: Ink, top: float) -> tuple[str, float, float]:
        options, shapes, reaches = self.plan.options, self._mapped, self._reaches
        if not shapes:
            return "", 0.0, 0.0
        blocks = any(math.prod(heat.size(shape)) < math.prod(shape) for shape in shapes)
        said: dict[str, Any] = {"blocks": blocks, "nonfinite": options.roomy or self._nonfinite, "room": options.room}
        _, wide, _ = heat.legend(*reaches, 0, top, ink.theme, options.digits, **said)
        return heat.legend(*reaches, (self.layout.width - wide) / 2, top, ink.theme, options.digits, **said)

    @property
    def _mapped(self) -> list[tuple[int, ...]]:
        """The shapes of the arrays that are drawn as heat maps."""
        shapes = [self.plan.captions.trace.nodes[node].shape for node in self.plan.view.nodes]
        return [shape for shape in shapes if is_large(shape)] if self.plan.options.numbers else []

    @property
    def _reaches(self) -> tuple[float | None, float | None]:
        """The magnitudes of the deepest colours, of values and of gradients; None where a scale is not drawn."""
        phase, scales = self.plan.options.phase, self.scales
        return scales.values if phase != "backward" else None, scales.gradients if phase != "forward" else None

    @property
    def ends(self) -> dict[str, str]:
        """The numbers in the legend of the heat maps, by their slots."""
        found: dict[str, str] = {}
        for scale, reach in zip(("values", "gradients"), self._reaches, strict=True):
            if reach is not None and self._mapped:
                found |= heat.ends(scale, reach, self.plan.options.digits)
        return found

    @cached_property
    def _nonfinite(self) -> bool:
        """Whether NaN or an infinity is in a heat map at any step: the legend is the same at all."""
        view = self.plan.view
        values, gradients = maps_of(
            (view.trace.nodes[node] for node in view.nodes), filter(view.shows, view.trace.events)
        )
        return not all(map(finite, values + gradients))


def wrapped(text: str, room: float, size: float) -> list[str]:
    """Text in lines that fit the room, broken between words, and within those that are longer than a line."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in filter(None, legible(paragraph).split(" ")):
            for piece in _pieces(word, room, size):
                longer = f"{line} {piece}" if line else piece
                if line and width(longer, NUMBERS, size) > room:
                    lines.append(line)
                    longer = piece
                line = longer
        lines.append(line)
    return lines if text.strip() else []


def _pieces(word: str, room: float, size: float) -> Iterable[str]:
    """A word, cut where it is too long for a line."""
    if width(word, NUMBERS, size) <= room:
        return [word]
    pieces, here, wide = [], "", 0.0
    for character in word:
        across = width(character, NUMBERS, size)
        if here and wide + across > room:
            pieces.append(here)
            here, wide = "", 0.0
        here, wide = here + character, wide + across
    return [*pieces, here]
