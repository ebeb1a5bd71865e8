"""The shapes of a picture's places, with what stands in them, above them and below them."""

from __future__ import annotations

from dataclasses import dataclass

from . import sizes
from .fonts import NUMBERS, width
from .heat import extent
from .ink import Ink
from .layout import Layout
from .plan import Plan
from .runs import line_width
from .sizes import NodeSize
from .text import by, is_large
from .view import Place

LIT_WIDTH = 9.0  # pixels: of the light around what is highlighted


@dataclass(frozen=True)
class Shapes:
    """Draws the places of a laid-out plan at one moment; `lit`: the nodes that are highlighted."""

    plan: Plan
    layout: Layout
    ink: Ink
    lit: frozenset[int] = frozenset()

    def place(self, place: Place) -> str:
        """A place, complete."""
        return self._group(place) if place.node is None else self._node(place, place.node)

    def _group(self, place: Place) -> str:
        """A closed group: two boxes, one behind the other, with its name and what it hides."""
        centre, size = self.layout.centres[place.key], self.plan.sizes[place.key]
        lit = not self.lit.isdisjoint(place.members)
        behind = self._outline("group", centre + complex(4, -4), size, "", lit)
        before = self._outline("group", centre, size, "", False)
        bold = ' font-weight="bold"'
        name = self.ink.text(
            self.plan.group_name(place), centre.real, centre.imag - 2, "bp-on-shape", sizes.LONG_NAME, extra=bold
        )
        count = self.ink.text(self.plan.group_count(place), centre.real, centre.imag + 16, "bp-on-shape", sizes.TINY)
        return self.ink.part(place.part, "bp-node bp-group", behind + before + name + count)

    def _node(self, place: Place, index: int) -> str:
        captions, options, size = self.plan.captions, self.plan.options, self.plan.sizes[place.key]
        node, centre = captions.trace.nodes[index], self.layout.centres[place.key]
        dash = ' stroke-dasharray="5 3"' if place.copy else ""
        inside = [self._outline(node.kind, centre, size, dash, index in self.lit), *self._rows(index, centre, size)]
        if node.kind == "compute" and options.expressions and options.phase != "backward":
            inside.append(self._expression(index, centre, size))
        drawn = self.ink.part(place.part, f"bp-node bp-{node.kind}", "".join(inside))
        if size.badge[0] and not place.copy and options.phase != "forward":
            drawn += self.ink.part(f"{place.part}.back", "bp-badge", self._badge(index, centre, size))
        return drawn

    def _rows(self, index: int, centre: complex, size: NodeSize) -> list[str]:
        """The name and what else stands in the shape."""
        captions, ink = self.plan.captions, self.ink
        node, name = captions.trace.nodes[index], captions.names[index]
        top, x = centre.imag - sizes.height_of(size.rows) / 2, centre.real
        drawn = []
        for row in size.rows:
            y = top + row.top
            match row.what:
                case "name":
                    drawn.append(
                        ink.mathematics(name.math, x, y + row.height - 6, sizes.name_size(name), "bp-on-shape")
                    )
                case "shape":
                    drawn.append(ink.text(by(node.shape), x, y + 10, "bp-on-shape", sizes.TINY))
                case "value" if self.plan.options.phase != "backward":
                    drawn.append(ink.slot(f"n{index}.value", x, y + 13, "bp-on-shape", sizes.VALUE))
                case "map" if self.plan.options.phase != "backward":
                    wide, _ = extent(node.shape)
                    drawn.append(ink.map(f"n{index}.value", node.shape, x - wide / 2, y + 2, "values"))
                case "change":
                    drawn.append(ink.slot(f"n{index}.change", x, y + 11, "bp-on-shape", sizes.TINY))
        return drawn

    def _expression(self, index: int, centre: complex, size: NodeSize) -> str:
        heading = self.plan.captions.heading(self.plan.captions.trace.nodes[index])
        x, y = centre.real, centre.imag - size.tall / 2 - 7
        if self.plan.options.vertical:
            wide = line_width(heading.math, sizes.EXPRESSION)
            x, y = centre.real - size.width / 2 - sizes.BADGE_GAP - 2 - wide / 2, centre.imag + 5
        return self.ink.mathematics(heading.math, x, y, sizes.EXPRESSION, "bp-ink")

    def _badge(self, index: int, centre: complex, size: NodeSize) -> str:
        """The node's backpropagated gradient, red-rimmed, under its shape or to the right of it."""
        options, ink = self.plan.options, self.ink
        wide, tall = size.badge
        left, top = centre.real - wide / 2, centre.imag + size.tall / 2 + sizes.BADGE_GAP
        if options.vertical:
            left, top = centre.real + size.width / 2 + sizes.BADGE_GAP + 2, centre.imag - tall / 2
        changed = f"n{index}.grad.change" in self.plan.widths
        middle = top + (tall - (15 if changed else 0)) / 2
        drawn = []
        if options.numbers:
            box = f'x="{left:.1f}" y="{top:.1f}" width="{wide:g}" height="{tall:g}" rx="5"'
            paint = f'fill="{ink.theme.box}" stroke="{ink.theme.red}"'
            drawn.append(f'<rect class="bp-box bp-red-line" {box} {paint}/>')
        x = left + sizes.PADDING
        if options.symbols:
            gradient = self.plan.captions.gradient(index)
            across = sizes.fraction_width(gradient)
            drawn.append(ink.fraction(gradient, x + across / 2, middle, "bp-red"))
        else:
            across = width("grad", NUMBERS, sizes.SMALL)
            drawn.append(ink.text("grad", x + across / 2, middle + 4.5, "bp-red"))
        if options.numbers:
            drawn.append(ink.text("=", x + across + 8, middle + 4.5, "bp-red"))
            drawn.append(self._gradient(index, x + across + 16, middle))
        if changed:
            drawn.append(ink.slot(f"n{index}.grad.change", left + wide / 2, top + tall - 5, "bp-red", sizes.TINY))
        return "".join(drawn)

    def _gradient(self, index: int, x: float, middle: float) -> str:
        shape = self.plan.captions.trace.nodes[index].shape
        if not is_large(shape):
            return self.ink.slot(f"n{index}.grad", x, middle + 4.5, "bp-red", anchor="start")
        _, down = extent(shape)
        return self.ink.map(f"n{index}.grad", shape, x, middle - down / 2, "gradients")

    def _outline(self, kind: str, centre: complex, size: NodeSize, dash: str, lit: bool) -> str:
        theme = self.ink.theme
        paint = f'class="bp-shape" fill="{theme.fills[kind]}" stroke="{theme.outline}"{dash}'
        light = f'class="bp-lit" fill="none" stroke="{theme.lit}" stroke-width="{LIT_WIDTH:g}"'
        return (_shape(kind, centre, size, light) if lit else "") + _shape(kind, centre, size, paint)


def _shape(kind: str, centre: complex, size: NodeSize, paint: str) -> str:
    x, y, wide, height = centre.real, centre.imag, size.width, size.tall
    half, top, bottom = wide / 2, y - height / 2, y + height / 2
    if kind == "compute":
        return f'<ellipse {paint} cx="{x:.1f}" cy="{y:.1f}" rx="{half:g}" ry="{height / 2:g}"/>'
    if kind != "input":
        box = f'x="{x - half:.1f}" y="{top:.1f}" width="{wide:g}" height="{height:g}"'
        return f'<rect {paint} {box} rx="{12 if kind == "parameter" else 3}"/>'
    inner = half - sizes.HEXAGON_INSET
    corners = ((-half, y), (-inner, top), (inner, top), (half, y), (inner, bottom), (-inner, bottom))
    points = " ".join(f"{x + dx:.1f},{py:.1f}" for dx, py in corners)
    return f'<polygon {paint} points="{points}"/>'
