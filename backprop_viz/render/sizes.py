"""How much room every node and every edge's tile takes: for the widest text that each slot will ever show."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..record.trace import Edge, Node
from . import heat
from .captions import Captions
from .expression import Piece
from .fonts import NUMBERS, width
from .options import Options
from .runs import line_width
from .slots import Change
from .text import by, is_large
from .typeset import typeset

# Font sizes in pixels.
NAME, LONG_NAME, VALUE, EXPRESSION, FRACTION = 23.0, 14.0, 13.0, 14.0, 13.5
SMALL = 12.0  # the numbers of gradients
TINY = 11.0  # shapes of arrays

SHAPE_HEIGHT = 60.0  # of an ellipse, a box or a hexagon, at least
ARROW_ROOM = 12.0  # along its side, for each of many arrows
EXPRESSION_HEIGHT = 24.0  # above the shape
BADGE_HEIGHT, BADGE_GAP = 34.0, 3.0  # the gradient, below the shape
FRACTION_HEIGHT = 31.0  # two lines and the bar
LINE_HEIGHT = 16.0  # of the numbers in a tile
PADDING = 7.0
BOLD = 1.12  # how much wider bold digits are
HEXAGON_INSET = 15.0
SIGN = 16.0  # the multiplication sign in a tile
EQUALS = ("mo", "", "=")
MAP_GAP = 4.0  # above and below a heat map
A_NUMBER = re.compile(r"(?<!… )[^\s,+…→\[\]/]+(?!\S*/)")  # in a slot's text: [0.5, −1.2], 0.3 + … 1/2, 0.1 → 0.2


@dataclass(frozen=True, slots=True)
class Row:
    """One line of what stands in a shape or a tile: what it is, its top from the top of the whole, its height."""

    what: str
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class NodeSize:
    """A node's shape, `width` by `tall`, with room for its expression and its badge on two opposite sides of it.

    above:  free over and under the shape, `beside`: left and right of it (where the passes run up or down)
    rows:   the lines in the shape, from the top of the block that they make in its middle
    badge:  width and height of the gradient's badge, 0 without one
    """

    width: float
    tall: float
    above: float
    beside: float
    rows: tuple[Row, ...]
    badge: tuple[float, float]

    @property
    def whole(self) -> tuple[float, float]:
        """Width and height of all; the shape is in the middle."""
        return self.width + 2 * self.beside, self.tall + 2 * self.above


@dataclass(frozen=True, slots=True)
class TileSize:
    """An edge's tile: its lines, and the middles of its columns and of the signs between them.

    columns: "upstream" and "local", the "dot" between their fractions, and the "cross" between their numbers
    """

    width: float
    height: float
    rows: tuple[Row, ...]
    columns: dict[str, float] = field(default_factory=dict)


def widest(changes: Iterable[Change], room: str = "") -> dict[str, float]:
    """Of every slot, the width in pixels of the widest text that it shows, at a font size of 1.

    room: a number that may come to stand for any of those in the texts
    """
    widths: dict[str, float] = {}
    seen: dict[str, float] = {}
    for change in changes:
        for slot, text in change.texts.items():
            if text not in seen:
                longer = [A_NUMBER.sub(room, text)] if room else []
                seen[text] = max(width(each, NUMBERS, 1.0) for each in (text, *longer))
            widths[slot] = max(widths.get(slot, 0.0), seen[text])
    return widths


def stacked(rows: Iterable[tuple[str, float]], top: float = 0.0) -> tuple[Row, ...]:
    """Rows of these heights, one under the other."""
    placed = []
    for what, height in rows:
        placed.append(Row(what, top, height))
        top += height
    return tuple(placed)


def height_of(rows: tuple[Row, ...]) -> float:
    """The height of all rows together."""
    return rows[-1].top + rows[-1].height if rows else 0.0


# ---------------------------------------------------------------------- nodes
def name_size(name: Piece) -> float:
    """The font size of a node's name: large for symbols, small for words."""
    return NAME if len(name.text) <= 4 else LONG_NAME


def node_size(captions: Captions, options: Options, index: int, widths: Mapping[str, float], arrows: int) -> NodeSize:
    """The room that a node takes; `arrows` is the number of those at the side where most are."""
    node = captions.trace.nodes[index]
    name = captions.names[index]
    rows = [("name", 26.0 if name_size(name) == NAME else 20.0)]
    wide = {"name": line_width(name.math, name_size(name))}
    if node.shape:
        rows.append(("shape", 14.0))
        wide["shape"] = width(by(node.shape), NUMBERS, TINY)
    if options.numbers and is_large(node.shape):
        across, down = heat.extent(node.shape)
        rows.append(("map", down + MAP_GAP))
        wide["map"] = across
    elif options.numbers:
        rows.append(("value", 17.0))
        wide["value"] = widths.get(f"n{index}.value", 0.0) * VALUE
    if f"n{index}.change" in widths:
        rows.append(("change", 16.0))
        wide["change"] = widths[f"n{index}.change"] * TINY
    placed = stacked(rows)
    content = height_of(placed)
    room = side_for(arrows)
    tall = max(SHAPE_HEIGHT, 0.0 if options.vertical else room, content + (17 if len(rows) < 3 else 0.35 * content))
    shape = max(_width_for(node.kind, wide[row.what], row, content, tall) for row in placed)
    shape = max(shape, room) if options.vertical else shape
    return _with_margins(captions, options, node, shape, tall, placed, widths)


def side_for(arrows: int) -> float:
    """How long a side of a shape must be for so many arrows to end there."""
    return 14 + ARROW_ROOM * arrows


def _width_for(kind: str, wide: float, row: Row, content: float, tall: float) -> float:
    """How wide a shape must be for a row of this width to stay inside."""
    top, bottom = row.top - content / 2 + 0.2 * row.height, row.top + 0.8 * row.height - content / 2
    part = min(max(abs(top), abs(bottom)) / (tall / 2), 0.95)  # from the middle to the upper or lower end
    inside = wide + 2 * PADDING
    if kind == "compute":
        return inside / math.sqrt(1 - part * part)
    return inside + (2 * HEXAGON_INSET * part if kind == "input" else 0.0)


def _with_margins(
    captions: Captions, options: Options, node: Node, shape: float, tall: float, rows: tuple[Row, ...],
    widths: Mapping[str, float],
) -> NodeSize:  # fmt: skip
    expression = 0.0
    if options.expressions and node.kind == "compute":
        expression = line_width(captions.heading(node).math, EXPRESSION)
    badge = badge_size(captions, options, node.index, widths) if node.index in captions.receivers else (0.0, 0.0)
    if options.vertical:
        beside = math.ceil(max(expression, badge[0]) + 2 * BADGE_GAP + 2) if expression or badge[0] else 0.0
        return NodeSize(math.ceil(max(shape, 64.0)), max(tall, badge[1]), 0.0, beside, rows, badge)
    above = max(EXPRESSION_HEIGHT if expression else 0.0, badge[1] + BADGE_GAP if badge[1] else 0.0)
    return NodeSize(math.ceil(max(shape, expression, badge[0], 64.0)), tall, above, 0.0, rows, badge)


def badge_size(captions: Captions, options: Options, index: int, widths: Mapping[str, float]) -> tuple[float, float]:
    """Width and height of the gradient's badge."""
    wide, tall = 2 * PADDING, BADGE_HEIGHT if options.symbols else 24.0
    wide += fraction_width(captions.gradient(index)) if options.symbols else width("grad", NUMBERS, SMALL)
    if options.numbers:
        wide += line_width(EQUALS, SMALL)
        node = captions.trace.nodes[index]
        if is_large(node.shape):
            across, down = heat.extent(node.shape)
            wide, tall = wide + across, max(tall, down + 2 * MAP_GAP)
        else:
            wide += widths.get(f"n{index}.grad", 0.0) * SMALL
    if f"n{index}.grad.change" in widths:
        wide, tall = max(wide, widths[f"n{index}.grad.change"] * TINY + 2 * PADDING), tall + 15
    return math.ceil(wide), tall


def group_size(name: str, count: str, arrows: int = 0, vertical: bool = False) -> NodeSize:
    """The room that a closed group takes: its name, how many nodes it hides, and the arrows at its fuller side."""
    wide = max(width(name, NUMBERS, LONG_NAME) * BOLD, width(count, NUMBERS, TINY)) + 4 * PADDING
    room = side_for(arrows)
    wide, tall = (max(wide, room), SHAPE_HEIGHT) if vertical else (wide, max(SHAPE_HEIGHT, room))
    return NodeSize(math.ceil(wide), tall, 0.0, 0.0, (), (0.0, 0.0))


# ---------------------------------------------------------------------- tiles
def fraction_width(fraction: Piece) -> float:
    """The width of a stacked derivative."""
    _, _, top, bottom = fraction.math
    return max(line_width(top, FRACTION), line_width(bottom, FRACTION)) + 4


def tile_size(captions: Captions, options: Options, edge: Edge, widths: Mapping[str, float]) -> TileSize:
    """The room that an edge's tile takes."""
    rows = tile_rows(captions, options, edge)
    columns = _columns(captions, options, edge, widths) if {"fractions", "factors"} & dict(rows).keys() else {}
    needs = [sum(map(max, columns.values())) + SIGN * (len(columns) - 1)]
    for what, _ in rows:
        match what:
            case "rule":
                needs.append(typeset(captions.tile_rule(edge).math, FRACTION).width)
            case "contribution":
                needs.append(widths.get(f"e{edge.index}.contribution", 0.0) * SMALL * BOLD + _equals(captions, edge))
            case "map":
                needs.append(heat.extent(_shape(captions, edge.parent))[0] + _equals(captions, edge))
            case "shape":
                needs.append(width(by(_shape(captions, edge.parent)), NUMBERS, TINY))
    inner = max(needs)
    left = PADDING + (inner - needs[0]) / 2
    placed = stacked(rows, 3.0)
    return TileSize(math.ceil(inner + 2 * PADDING), height_of(placed) + 4, placed, _middles(columns, left))


def _middles(columns: Mapping[str, tuple[float, float]], left: float) -> dict[str, float]:
    """The middles of the columns and of the signs between them, the first column beginning at `left`."""
    middles = {}
    for slot, wide in columns.items():
        middles[slot] = left + max(wide) / 2
        left += max(wide) + SIGN
    if "upstream" in columns:
        for line, sign in enumerate(("dot", "cross")):
            right_end = middles["upstream"] + columns["upstream"][line] / 2
            middles[sign] = (right_end + middles["local"] - columns["local"][line] / 2) / 2
    return middles


def _columns(
    captions: Captions, options: Options, edge: Edge, widths: Mapping[str, float]
) -> dict[str, tuple[float, float]]:
    """The widths of the fraction and of the number in each column."""
    symbols = {"upstream": captions.gradient(edge.child), "local": captions.local(edge)}
    return {
        slot: (
            fraction_width(symbol) if options.symbols else 0.0,
            widths.get(f"e{edge.index}.{slot}", 0.0) * SMALL if options.numbers else 0.0,
        )
        for slot, symbol in symbols.items()
        if slot == "local" or options.edges != "local"
    }


def tile_rows(captions: Captions, options: Options, edge: Edge) -> list[tuple[str, float]]:
    """The lines of a tile, with their heights."""
    local, contribution = options.edges != "contribution", options.edges != "local"
    rows = []
    if options.symbols:
        rows.append(("fractions", FRACTION_HEIGHT))
    if not captions.has_number(edge):
        if local:
            rule = typeset(captions.tile_rule(edge).math, FRACTION)
            rows.append(("rule", rule.ascent + rule.descent + 4))
    elif options.numbers and local:
        rows.append(("factors", LINE_HEIGHT))
    if options.numbers and contribution:
        shape = _shape(captions, edge.parent)
        if is_large(shape):
            rows.append(("map", heat.extent(shape)[1] + 2 * MAP_GAP))
        else:
            rows.append(("contribution", LINE_HEIGHT))
    if _shape(captions, edge.parent):
        rows.append(("shape", 14.0))
    return rows


def label_size(text: str) -> TileSize:
    """The room of a lone label on an arrow."""
    return TileSize(math.ceil(width(text, NUMBERS, TINY)) + 8, 17.0, stacked([("label", 15.0)], 1.0))


def _equals(captions: Captions, edge: Edge) -> float:
    return width("Σ = " if captions.sums(edge) else "= ", NUMBERS, SMALL * BOLD)


def _shape(captions: Captions, node: int) -> tuple[int, ...]:
    return captions.trace.nodes[node].shape
