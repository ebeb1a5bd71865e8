"""A laid-out trace as SVG: shapes, parallel arrows, stacked fractions, and a text slot for every number."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from ..record.trace import Edge
from . import sizes, strokes
from .dot import BLUE, FILLS, RANK_GAP, RED, Plan
from .expression import Piece
from .fonts import SANS
from .layout import Layout
from .runs import line

MARGIN = 12.0
INK, OUTLINE, TILE_LINE = "#000000", "#00000055", "#B8B8B8"
NARROW = 640.0  # pixels: a picture no wider fits everywhere
FAINT = "0.3"  # opacity of what has not been reached


@dataclass(frozen=True)
class Scene:
    """Everything that stays the same from step to step: what is drawn, how large, and where."""

    plan: Plan
    layout: Layout

    def svg(
        self, texts: Mapping[str, str], reached: Collection[str] | None = None, label: str = "", fluid: bool = False
    ) -> str:
        """The picture in which the slots hold these texts; parts not reached are faint (None: all are reached).

        fluid: let a wide picture shrink with its place, as an <img> of an SVG with a height of its own would not
        """
        width, height = self.layout.width + 2 * MARGIN, self.layout.height + 2 * MARGIN
        curves = self._curves()
        body = [_edge_arrows(self, edge, curves[edge.index], reached) for edge in self.plan.captions.trace.edges]
        body += [_tile(self, index, texts, reached) for index in self.plan.tiles]
        body += [_node(self, node.index, texts, reached) for node in self.plan.captions.trace.nodes]
        size = f'width="{width:.0f}" height="{height:.0f}" style="max-width:100%;height:auto"'
        if fluid and width > NARROW:
            size = f'width="100%" style="max-width:{width:.0f}px"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="bp-graph" {size} '
            f'viewBox="{-MARGIN:g} {-MARGIN:g} {width:.0f} {height:.0f}" role="img" aria-label={quoteattr(label)}>'
            f'<rect class="bp-paper" x="{-MARGIN:g}" y="{-MARGIN:g}" width="{width:.0f}" height="{height:.0f}" rx="8" '
            f'fill="#FFFFFF"/>{"".join(body)}</svg>'
        )

    def _curves(self) -> dict[int, strokes.Curve]:
        """Every edge's curve from outline to outline, the ends at one shape spread so that arrowheads stay apart."""
        edges = self.plan.captions.trace.edges
        pieces = {edge.index: self._pieces(edge.index) for edge in edges}
        for node in self.plan.captions.trace.nodes:
            outgoing = [edge for edge in edges if edge.parent == node.index]
            incoming = [edge for edge in edges if edge.child == node.index]
            for index, point in self._spread(node.index, outgoing, {i: p[0] for i, p in pieces.items()}, side=1):
                pieces[index][0] = strokes.ending_at(pieces[index][0][::-1], point)[::-1]
            for index, point in self._spread(node.index, incoming, {i: p[-1] for i, p in pieces.items()}, side=-1):
                pieces[index][-1] = strokes.ending_at(pieces[index][-1], point)
        return {index: strokes.joined(curves) for index, curves in pieces.items()}

    def _pieces(self, index: int) -> list[strokes.Curve]:
        """An edge's curves: to its tile and from it, or one alone."""
        names = [f"e{index}a", f"e{index}b"] if index in self.plan.tiles else [f"e{index}"]
        return [strokes.swung(self.layout.splines[name], 2 * RANK_GAP) for name in names]

    def _spread(
        self, node: int, edges: list[Edge], curves: Mapping[int, strokes.Curve], side: int
    ) -> list[tuple[int, complex]]:
        """A point on the node's outline for each edge, from top to bottom as the edges come."""

        def height_of_approach(edge: Edge) -> tuple[float, int]:
            curve = curves[edge.index]
            return (curve[3] if side > 0 else curve[-4]).imag, edge.index

        step = min(17.0, (self.plan.nodes[node].tall - 14) / max(1, len(edges)))
        points = []
        for place, edge in enumerate(sorted(edges, key=height_of_approach)):
            dy = (place - (len(edges) - 1) / 2) * step
            offset = complex(side * self._half_width(node, dy), dy)
            points.append((edge.index, self.layout.centres[f"n{node}"] + offset))
        return points

    def _half_width(self, node: int, dy: float) -> float:
        """From the middle of a node's shape to its outline, at this height."""
        half = self.plan.nodes[node].width / 2
        part = abs(dy) / (self.plan.nodes[node].tall / 2)
        kind = self.plan.captions.trace.nodes[node].kind
        if kind == "compute":
            return half * float((1 - part * part) ** 0.5)
        return half - (sizes.HEXAGON_INSET * part if kind == "input" else 0.0)


# ---------------------------------------------------------------------- edges
def _edge_arrows(scene: Scene, edge: Edge, curve: strokes.Curve, reached: Collection[str] | None) -> str:
    part = f"e{edge.index}"
    has_tile = edge.index in scene.plan.tiles
    forward = strokes.arrow(strokes.parallel(curve, -strokes.APART) if has_tile else curve)
    drawn = _group(f"{part}.forward", "bp-edge", reached, _arrow(forward, "bp-ink", INK))
    if has_tile:
        back = strokes.arrow(strokes.parallel(curve[::-1], -strokes.APART))
        drawn += _group(f"{part}.back", "bp-edge", reached, _arrow(back, "bp-blue", BLUE))
    return drawn


def _arrow(arrow: strokes.Arrow, css: str, colour: str) -> str:
    return (
        f'<path class="{css}-line" d="{arrow.path}" fill="none" stroke="{colour}" stroke-width="1.8"/>'
        f'<polygon class="{css}-head" points="{arrow.head}" fill="{colour}"/>'
    )


def _tile(scene: Scene, index: int, texts: Mapping[str, str], reached: Collection[str] | None) -> str:
    size, captions = scene.plan.tiles[index], scene.plan.captions
    centre = scene.layout.centres[f"t{index}"]
    left, top = centre.real - size.width / 2, centre.imag - size.height / 2
    edge = captions.trace.edges[index]
    bar = top + 3 + sizes.FRACTION_HEIGHT / 2
    numbers = top + sizes.FRACTION_HEIGHT + 4 + sizes.LINE_HEIGHT - 5
    slot = f"e{index}"
    upstream, local = captions.gradient(edge.child), captions.local(edge)
    between = (size.upstream + sizes.fraction_width(upstream) / 2 + size.local - sizes.fraction_width(local) / 2) / 2
    box = f'x="{left:.1f}" y="{top:.1f}" width="{size.width:g}" height="{size.height:g}" rx="5"'
    inside = [
        f'<rect class="bp-box" {box} fill="#FFFFFF" stroke="{TILE_LINE}"/>',
        _fraction(upstream, left + size.upstream, bar, "bp-red", RED),
        _fraction(local, left + size.local, bar, "bp-blue", BLUE),
        _plain("·", left + between, bar + 4.5, 15, "bp-ink", INK),
        _equal_slot(
            f"{slot}.contribution",
            texts,
            centre.real,
            numbers + sizes.LINE_HEIGHT,
            "Σ = " if captions.sums(edge) else "= ",
        ),
    ]
    if captions.has_number(edge):
        inside += [
            _slot(f"{slot}.upstream", texts, left + size.upstream, numbers, "bp-red", RED),
            _plain("×", left + size.sign, numbers, sizes.SMALL, "bp-ink", INK),
            _slot(f"{slot}.local", texts, left + size.local, numbers, "bp-blue", BLUE),
        ]
    else:
        inside.append(_slot(f"{slot}.rule", texts, centre.real, numbers, "bp-blue", BLUE))
    return _group(f"{slot}.back", "bp-tile", reached, "".join(inside))


# ---------------------------------------------------------------------- nodes
def _node(scene: Scene, index: int, texts: Mapping[str, str], reached: Collection[str] | None) -> str:
    captions, size = scene.plan.captions, scene.plan.nodes[index]
    node, name = captions.trace.nodes[index], captions.names[index]
    centre = scene.layout.centres[f"n{index}"]
    inside = [_shape(node.kind, centre, size)]
    font = sizes.name_size(name)
    inside.append(line(name.math, centre.real, centre.imag - 1, font, css="bp-on-shape", fill=INK))
    inside.append(_slot(f"n{index}.value", texts, centre.real, centre.imag + 18, "bp-on-shape", INK, sizes.VALUE))
    if node.kind == "compute":
        above = centre.imag - size.tall / 2 - 7
        expression = captions.heading(node)
        inside.append(line(expression.math, centre.real, above, sizes.EXPRESSION, css="bp-ink", fill=INK))
    drawn = _group(f"n{index}", f"bp-node bp-{node.kind}", reached, "".join(inside))
    if size.badge:
        badge = _badge(scene, index, centre, texts)
        drawn += _group(f"n{index}.back", "bp-badge", reached, badge)
    return drawn


def _shape(kind: str, centre: complex, size: sizes.NodeSize) -> str:
    x, y, width, half, height = centre.real, centre.imag, size.width, size.width / 2, size.tall
    paint = f'class="bp-shape" fill="{FILLS[kind]}" stroke="{OUTLINE}"'
    if kind == "compute":
        return f'<ellipse {paint} cx="{x:.1f}" cy="{y:.1f}" rx="{half:g}" ry="{height / 2:g}"/>'
    if kind == "parameter":
        return (
            f'<rect {paint} x="{x - half:.1f}" y="{y - height / 2:.1f}" width="{width:g}" height="{height:g}" rx="12"/>'
        )
    inner, top, bottom = half - sizes.HEXAGON_INSET, y - height / 2, y + height / 2
    corners = (
        (x - half, y),
        (x - inner, top),
        (x + inner, top),
        (x + half, y),
        (x + inner, bottom),
        (x - inner, bottom),
    )
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
    return f'<polygon {paint} points="{points}"/>'


def _badge(scene: Scene, index: int, centre: complex, texts: Mapping[str, str]) -> str:
    """The node's backpropagated gradient, a red-rimmed label under its shape."""
    size, gradient = scene.plan.nodes[index], scene.plan.captions.gradient(index)
    left = centre.real - size.badge / 2
    top = centre.imag + size.tall / 2 + sizes.BADGE_GAP
    middle = top + sizes.BADGE_HEIGHT / 2
    wide = sizes.fraction_width(gradient)
    return (
        f'<rect class="bp-box bp-red-line" x="{left:.1f}" y="{top:.1f}" width="{size.badge:g}" '
        f'height="{sizes.BADGE_HEIGHT:g}" rx="5" fill="#FFFFFF" stroke="{RED}"/>'
        + _fraction(gradient, left + sizes.PADDING + wide / 2, middle, "bp-red", RED)
        + _plain("=", left + sizes.PADDING + wide + 8, middle + 4.5, sizes.SMALL, "bp-red", RED)
        + _slot(f"n{index}.grad", texts, left + sizes.PADDING + wide + 16, middle + 4.5, "bp-red", RED, anchor="start")
    )


# ---------------------------------------------------------------------- text
def _fraction(piece: Piece, x: float, bar: float, css: str, colour: str) -> str:
    """A stacked fraction centred at x, its bar at this height."""
    _, _, top, bottom = piece.math
    half = sizes.fraction_width(piece) / 2 - 1
    return (
        line(top, x, bar - 4, sizes.FRACTION, css=css, fill=colour)
        + f'<path class="{css}-line" d="M{x - half:.1f},{bar:.1f}H{x + half:.1f}" stroke="{colour}" stroke-width="1"/>'
        + line(bottom, x, bar + 12, sizes.FRACTION, css=css, fill=colour)
    )


def _slot(
    slot: str, texts: Mapping[str, str], x: float, y: float, css: str, colour: str,
    size: float = sizes.SMALL, anchor: str = "middle",
) -> str:  # fmt: skip
    """A text that changes from step to step."""
    return _plain(texts.get(slot, ""), x, y, size, css, colour, anchor, f' data-slot="{slot}"')


def _equal_slot(slot: str, texts: Mapping[str, str], x: float, y: float, sign: str) -> str:
    """A text that changes, after an equals sign that stays."""
    style = f'class="bp-red" x="{x:.1f}" y="{y:.1f}" text-anchor="middle"'
    font = f'font-family="{SANS}" font-size="{sizes.SMALL:g}" font-weight="bold" fill="{RED}"'
    text = escape(texts.get(slot, ""))
    return f'<text {style} {font}>{sign}<tspan data-slot="{slot}">{text}</tspan></text>'


def _plain(
    text: str, x: float, y: float, size: float, css: str, colour: str, anchor: str = "middle", extra: str = ""
) -> str:
    return (
        f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" font-family="{SANS}" font-size="{size:g}" fill="{colour}" '
        f'text-anchor="{anchor}"{extra}>{escape(text)}</text>'
    )


def _group(part: str, css: str, reached: Collection[str] | None, inside: str) -> str:
    faint = ""
    if reached is not None and part not in reached:
        # A tile that says nothing yet would only stand in the way of the forward arrow.
        faint = ' visibility="hidden"' if part.startswith("e") else f' opacity="{FAINT}"'
    return f'<g class="{css}" data-part="{part}"{faint}>{inside}</g>'
