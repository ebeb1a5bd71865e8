"""The arrows of a picture, and the tiles on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..record.trace import Edge
from . import sizes, strokes
from .fonts import NUMBERS, width
from .heat import extent
from .ink import FAINT, Ink
from .layout import Layout
from .plan import Plan
from .routes import Lanes
from .sizes import Row, TileSize
from .text import by, is_large
from .typeset import typeset
from .view import Link


@dataclass(frozen=True)
class Links:
    """Draws the links of a laid-out plan at one moment; `lit`: the edges that are highlighted."""

    plan: Plan
    layout: Layout
    ink: Ink
    lit: Collection[int] = ()

    def arrows(self, link: Link, lanes: Lanes) -> str:
        """The forward arrow, and parallel to it the backward one."""
        phase, theme = self.plan.options.phase, self.ink.theme
        both = link.backpropagates and phase != "forward"
        light = ""
        if any(edge in self.lit for edge in link.edges):
            wide = 'stroke-width="11" stroke-linecap="round"'
            light = f'<path class="bp-lit" d="{strokes.path(lanes.middle)}" fill="none" stroke="{theme.lit}" {wide}/>'
        forward = strokes.arrow(lanes.forward if both else lanes.middle)
        faint = float(FAINT) if phase == "backward" else 1.0
        drawn = self.ink.part(f"{link.key}.forward", "bp-edge", light + _arrow(forward, "bp-ink", theme.ink), faint)
        if both:
            back = strokes.arrow(lanes.back)
            dashes = f' stroke-dasharray="{theme.dashes}"' if theme.dashes else ""
            drawn += self.ink.part(f"{link.key}.back", "bp-edge", _arrow(back, "bp-blue", theme.blue, dashes))
        return drawn

    def tile(self, link: Link) -> str:
        """What stands on the arrows: gradients, or a label."""
        size = self.plan.tiles[link.key]
        centre = self.layout.centres[f"t{link.key}"]
        left, top = centre.real - size.width / 2, centre.imag - size.height / 2
        box = f'x="{left:.1f}" y="{top:.1f}" width="{size.width:g}" height="{size.height:g}" rx="5"'
        if not self.plan.has_tile(link):
            paper = f'<rect class="bp-paper" {box} fill="{self.ink.theme.paper}"/>'
            label = self.ink.text(self.plan.label(link), centre.real, top + 13, "bp-ink", sizes.TINY)
            return self.ink.part(f"{link.key}.forward", "bp-label", paper + label)
        if self.plan.options.phase == "forward":
            return ""
        edge = self.plan.captions.trace.edges[link.edges[0]]
        frame = f'<rect class="bp-box" {box} fill="{self.ink.theme.box}" stroke="{self.ink.theme.line}"/>'
        rows = (self._row(row, size, edge, left, top + row.top, centre.real) for row in size.rows)
        return self.ink.part(f"{link.key}.back", "bp-tile", frame + "".join(rows))

    def _row(self, row: Row, size: TileSize, edge: Edge, left: float, y: float, middle: float) -> str:
        captions, ink, slot = self.plan.captions, self.ink, f"e{edge.index}"
        shape = captions.trace.nodes[edge.parent].shape
        sign = "Σ = " if captions.sums(edge) else "= "
        match row.what:
            case "fractions":
                return self._fractions(size, edge, left, y + sizes.FRACTION_HEIGHT / 2)
            case "factors":
                return self._factors(size, edge, left, y + 12)
            case "rule":
                box = typeset(captions.tile_rule(edge).coloured("bp-blue").math, sizes.FRACTION)
                return box.svg(middle - box.width / 2, y + 2 + box.ascent, ink.theme)
            case "contribution":
                return ink.result(f"{slot}.contribution", sign, middle, y + 12)
            case "map" if is_large(shape):
                wide, down = extent(shape)
                before = width(sign, NUMBERS, sizes.SMALL * sizes.BOLD)
                start = middle - (wide + before) / 2
                bold = ' font-weight="bold"'
                equals = ink.text(sign.strip(), start, y + row.height / 2 + 4, "bp-red", anchor="start", extra=bold)
                grid = ink.map(f"{slot}.contribution", shape, start + before, y + (row.height - down) / 2, "gradients")
                return equals + grid
        return ink.text(by(shape), middle, y + 10, "bp-ink", sizes.TINY)

    def _fractions(self, size: TileSize, edge: Edge, left: float, bar: float) -> str:
        captions, columns = self.plan.captions, size.columns
        drawn = self.ink.fraction(captions.local(edge), left + columns["local"], bar, "bp-blue")
        if "upstream" in columns:
            drawn += self.ink.fraction(captions.gradient(edge.child), left + columns["upstream"], bar, "bp-red")
            drawn += self.ink.text("·", left + columns["dot"], bar + 4.5, "bp-ink", 15)
        return drawn

    def _factors(self, size: TileSize, edge: Edge, left: float, y: float) -> str:
        columns, slot = size.columns, f"e{edge.index}"
        drawn = self.ink.slot(f"{slot}.local", left + columns["local"], y, "bp-blue")
        if "upstream" in columns:
            drawn += self.ink.slot(f"{slot}.upstream", left + columns["upstream"], y, "bp-red")
            drawn += self.ink.text("×", left + columns["cross"], y, "bp-ink")
        return drawn


def _arrow(arrow: strokes.Arrow, css: str, colour: str, dashes: str = "") -> str:
    return (
        f'<path class="{css}-line" d="{arrow.path}" fill="none" stroke="{colour}" stroke-width="1.8"{dashes}/>'
        f'<polygon class="{css}-head" points="{arrow.head}" fill="{colour}"/>'
    )
