"""How much room every node and every edge tile takes: for the widest text that each slot will ever show."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .captions import Captions
from .expression import Piece
from .fonts import NUMBERS, width
from .frames import Frame
from .runs import line_width

# Font sizes in pixels.
NAME, LONG_NAME, VALUE, EXPRESSION, FRACTION = 23.0, 14.0, 13.0, 14.0, 13.5
SMALL = 12.0  # the numbers of gradients

SHAPE_HEIGHT = 60.0  # of an ellipse, a box or a hexagon, at least
ARROW_ROOM = 12.0  # along its side, for each of many arrows
EXPRESSION_HEIGHT = 24.0  # above the shape
BADGE_HEIGHT, BADGE_GAP = 34.0, 3.0  # the gradient, below the shape
FRACTION_HEIGHT = 31.0  # two lines and the bar
LINE_HEIGHT = 16.0  # of the numbers in a tile
PADDING = 7.0
BOLD = 1.12  # how much wider bold digits are
HEXAGON_INSET = 15.0


@dataclass(frozen=True, slots=True)
class NodeSize:
    """A node's shape, `width` by `tall`, with `above` pixels free over it and as many under it."""

    width: float
    tall: float
    above: float
    badge: float  # width of the gradient's badge, 0 without one

    @property
    def height(self) -> float:
        """Of the whole, in pixels; the shape is in its middle."""
        return self.tall + 2 * self.above


@dataclass(frozen=True, slots=True)
class TileSize:
    """An edge's tile: a column for the upstream gradient, one for the local gradient, and the contribution below."""

    width: float
    height: float
    upstream: float  # centre of each column and of the sign between them, from the tile's left side
    sign: float
    local: float


def widest(frames: list[Frame]) -> dict[str, float]:
    """Of every slot, the width in pixels of the widest text that it shows, at a font size of 1."""
    widths: dict[str, float] = {}
    for frame in frames:
        for slot, text in frame.texts.items():
            widths[slot] = max(widths.get(slot, 0.0), width(text, NUMBERS, 1.0))
    return widths


def name_size(name: Piece) -> float:
    """The font size of a node's name: large for symbols, small for words."""
    return NAME if len(name.text) <= 4 else LONG_NAME


def node_size(captions: Captions, index: int, widths: dict[str, float]) -> NodeSize:
    """The room that a node takes."""
    node = captions.trace.nodes[index]
    name = captions.names[index]
    value = widths.get(f"n{index}.value", 0.0) * VALUE
    # The name stands a little above the middle, the value below it, where an ellipse is narrower.
    inside = max(line_width(name.math, name_size(name)), value) + 2 * PADDING
    shape = {"compute": inside / _chord(0.62), "input": inside + 2 * HEXAGON_INSET * 0.6}.get(node.kind, inside)
    expression = line_width(captions.heading(node).math, EXPRESSION) if node.kind == "compute" else 0.0
    badge = 0.0
    if index in captions.receivers:
        number = widths.get(f"n{index}.grad", 0.0) * SMALL
        badge = fraction_width(captions.gradient(index)) + number + line_width(["mo", "", "="], SMALL) + 2 * PADDING
    above = max(EXPRESSION_HEIGHT if expression else 0.0, BADGE_HEIGHT + BADGE_GAP if badge else 0.0)
    edges = captions.trace.edges
    arrows = max(sum(edge.parent == index for edge in edges), sum(edge.child == index for edge in edges))
    tall = max(SHAPE_HEIGHT, 14 + ARROW_ROOM * arrows)
    return NodeSize(math.ceil(max(shape, expression, badge, 64.0)), tall, above, math.ceil(badge))


def _chord(height: float) -> float:
    """How wide an ellipse is, relative to its full width, at this part of its half height."""
    return math.sqrt(1 - height * height)


def fraction_width(fraction: Piece) -> float:
    """The width of a stacked derivative."""
    _, _, top, bottom = fraction.math
    return max(line_width(top, FRACTION), line_width(bottom, FRACTION)) + 4


def tile_size(captions: Captions, index: int, widths: dict[str, float]) -> TileSize:
    """The room that an edge's tile takes."""
    edge = captions.trace.edges[index]
    columns = [
        max(fraction_width(symbol), widths.get(f"e{index}.{slot}", 0.0) * SMALL)
        for symbol, slot in ((captions.gradient(edge.child), "upstream"), (captions.local(edge), "local"))
    ]
    sign = 16.0  # the multiplication sign between them
    contribution = widths.get(f"e{index}.contribution", 0.0) * SMALL * BOLD + width("Σ = ", NUMBERS, SMALL * BOLD)
    rule = widths.get(f"e{index}.rule", 0.0) * SMALL
    inner = max(columns[0] + sign + columns[1], contribution, rule)
    spare = (inner - columns[0] - sign - columns[1]) / 2
    return TileSize(
        width=math.ceil(inner + 2 * PADDING),
        height=FRACTION_HEIGHT + 2 * LINE_HEIGHT + PADDING,
        upstream=PADDING + spare + columns[0] / 2,
        sign=PADDING + spare + columns[0] + sign / 2,
        local=PADDING + spare + columns[0] + sign + columns[1] / 2,
    )
