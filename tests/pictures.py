"""What the tests read out of a picture: its parts, its texts, and where they are."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np
from fontTools.ttLib import TTFont

import backprop_viz as bp
from backprop_viz.render.fonts import ITALIC, NUMBERS, UPRIGHT, files, width
from backprop_viz.render.sizes import BOLD

SVG = "{http://www.w3.org/2000/svg}"
Element = ElementTree.Element


def parts(figure: bp.Figure) -> dict[str, Element]:
    """The groups of the picture by their part; of an edge's way back, the tile."""
    return {e.attrib["data-part"]: e for e in ElementTree.fromstring(figure.svg).iter() if "data-part" in e.attrib}


def arrows(figure: bp.Figure) -> dict[str, Element]:
    """The arrows by their part."""
    found = ElementTree.fromstring(figure.svg).iter(f"{SVG}g")
    return {e.attrib["data-part"]: e for e in found if e.attrib.get("class") == "bp-edge"}


def slots(figure: bp.Figure) -> dict[str, str]:
    root = ElementTree.fromstring(figure.svg)
    return {e.attrib["data-slot"]: e.text or "" for e in root.iter() if "data-slot" in e.attrib}


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


# ---------------------------------------------------------------------- where everything is
class Box(NamedTuple):
    """A rectangle on the paper, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: Box, room: float = 0.0) -> bool:
        """Whether they overlap, or come nearer to each other than `room`."""
        across = self.left < other.right + room and other.left < self.right + room
        return across and self.top < other.bottom + room and other.top < self.bottom + room

    def holds(self, other: Box, slack: float = 0.0) -> bool:
        upper = self.left - slack <= other.left and self.top - slack <= other.top
        return upper and other.right <= self.right + slack and other.bottom <= self.bottom + slack

    def around(self, other: Box) -> Box:
        """The smallest box that holds both."""
        return Box(*map(min, self[:2], other[:2]), *map(max, self[2:], other[2:]))

    @property
    def middle(self) -> complex:
        return complex(self.left + self.right, self.top + self.bottom) / 2


@dataclass(frozen=True)
class Item:
    """Something on the paper: what it is ("shape", "badge", "tile", "heading" …), of which part, and where."""

    what: str
    part: str
    box: Box
    element: Element | None = None


@dataclass(frozen=True)
class Line:
    """An arrow: its part, the points along its line, and the corners of its head, the tip first."""

    part: str
    points: Any
    head: list[complex]

    @property
    def start(self) -> complex:
        return complex(self.points[0])


@dataclass
class Picture:
    """A picture as it is on the paper, read from its SVG once.

    places: the shapes of nodes and closed groups, in the order of the view
    solid:  all that nothing else may touch: shapes, badges, tiles, labels, headings, and the lines around the graph
    texts:  every line of text by what it stands in: the number of its item in `solid`
    """

    svg: str
    paper: Box = field(init=False)
    places: list[Item] = field(default_factory=list)
    solid: list[Item] = field(default_factory=list)
    frames: list[Box] = field(default_factory=list)
    frame_labels: list[Item] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    texts: list[tuple[int, str, Box]] = field(default_factory=list)
    maps: list[tuple[int, Box]] = field(default_factory=list)

    def __post_init__(self) -> None:
        root = ElementTree.fromstring(self.svg)
        left, top, wide, tall = map(float, root.attrib["viewBox"].split())
        self.paper = Box(left, top, left + wide, top + tall)
        before = root
        for element in root:
            match element.attrib.get("class", "").split()[0]:
                case "bp-edge":
                    self._arrow(element)
                case "bp-node":
                    self._node(element)
                case "bp-badge" | "bp-tile" | "bp-label" as css:
                    self._box(css.removeprefix("bp-"), element)
                case "bp-frame":
                    self.frames.append(shape_box(element))
                case "bp-legend":
                    self._lone("legend", element)
                case "bp-ink" | "bp-muted" if element.tag == f"{SVG}text":
                    self._line(element, plate=before.attrib.get("class") == "bp-paper")
            before = element

    def _arrow(self, part: Element) -> None:
        path, head = (list(part.iter(f"{SVG}{tag}"))[-1] for tag in ("path", "polygon"))
        values = numbers(head.attrib["points"])
        corners = [complex(x, y) for x, y in zip(values[::2], values[1::2], strict=True)]
        self.lines.append(Line(part.attrib["data-part"], np.array([*points_of(path.attrib["d"])]), corners))

    def _node(self, part: Element) -> None:
        name = part.attrib["data-part"]
        shapes = [element for element in part if element.attrib.get("class") == "bp-shape"]
        box = shape_box(shapes[0])
        for other in shapes[1:]:
            box = box.around(shape_box(other))
        self.places.append(Item("shape", name, box, shapes[-1]))
        self.solid.append(self.places[-1])
        here = len(self.solid) - 1
        for text, where in texts_of(part):
            if box.touches(where):
                self.texts.append((here, text, where))
            else:
                self.solid.append(Item("heading", name, where))
                self.texts.append((len(self.solid) - 1, text, where))
        self._maps(part, here)

    def _box(self, what: str, part: Element) -> None:
        """A badge, a tile or a label; without a box of its own, the room that its texts and lines take."""
        texts = [*texts_of(part)]
        rects = [e for e in part if e.attrib.get("class", "").split()[:1] in (["bp-box"], ["bp-paper"])]
        box = shape_box(rects[0]) if rects else whole([where for _, where in texts])
        self.solid.append(Item(what, part.attrib["data-part"], box))
        here = len(self.solid) - 1
        self.texts += [(here, text, where) for text, where in texts]
        self._maps(part, here)

    def _maps(self, part: Element, here: int) -> None:
        for element in part.iter(f"{SVG}rect"):
            if element.attrib.get("class") == "bp-heat-frame":
                self.maps.append((here, shape_box(element)))

    def _lone(self, what: str, element: Element) -> None:
        texts = [*texts_of(element)]
        rects = [shape_box(rect) for rect in element.iter(f"{SVG}rect")]
        self.solid.append(Item(what, "", whole([*rects, *(where for _, where in texts)])))
        self.texts += [(len(self.solid) - 1, text, where) for text, where in texts]

    def _line(self, element: Element, plate: bool) -> None:
        """A line of the title, the caption or a note; or the name of a frame, on a plate where arrows cross it."""
        ((text, where),) = texts_of(element)
        label = element.attrib.get("text-anchor") == "start"
        item = Item(("plate" if plate else "frame's name") if label else "line", text, where)
        if label:
            self.frame_labels.append(item)
        self.solid.append(item)


def whole(boxes: list[Box]) -> Box:
    """The smallest box that holds all of these."""
    box = boxes[0]
    for other in boxes[1:]:
        box = box.around(other)
    return box


def shape_box(element: Element) -> Box:
    a = element.attrib
    if "points" in a:
        xs, ys = numbers(a["points"])[::2], numbers(a["points"])[1::2]
        return Box(min(xs), min(ys), max(xs), max(ys))
    if "cx" in a:
        x, y, w, h = (float(a[k]) for k in ("cx", "cy", "rx", "ry"))
        return Box(x - w, y - h, x + w, y + h)
    x, y, w, h = (float(a[k]) for k in ("x", "y", "width", "height"))
    return Box(x, y, x + w, y + h)


def outline(element: Element) -> Any:
    """Points along a shape's outline, close together."""
    box = shape_box(element)
    corners = [complex(box.left, box.top), complex(box.right, box.top), complex(box.right, box.bottom)]
    corners.append(complex(box.left, box.bottom))
    if "cx" in element.attrib:
        angles = np.linspace(0, 2 * math.pi, 721)
        wide, tall = (float(element.attrib[k]) for k in ("rx", "ry"))
        return box.middle + wide * np.cos(angles) + 1j * tall * np.sin(angles)
    if "points" in element.attrib:
        values = numbers(element.attrib["points"])
        corners = [complex(x, y) for x, y in zip(values[::2], values[1::2], strict=True)]
    sides = zip(corners, [*corners[1:], corners[0]], strict=True)
    return np.concatenate([a + np.linspace(0, 1, 201) * (b - a) for a, b in sides])


def within(element: Element, points: Any) -> Any:
    """How far inside a shape points are: of an ellipse or a polygon, below 0 outside."""
    box = shape_box(element)
    dx, dy = np.real(points) - box.middle.real, np.imag(points) - box.middle.imag
    wide, tall = (box.right - box.left) / 2, (box.bottom - box.top) / 2
    if "cx" in element.attrib:
        return (1 - np.hypot(dx / wide, dy / tall)) * min(wide, tall)
    inside = np.minimum(wide - abs(dx), tall - abs(dy))
    if "points" in element.attrib:
        flat = max(x for x in numbers(element.attrib["points"])[::2] if x < box.right) - box.middle.real
        slanted = (wide - (wide - flat) * abs(dy) / tall) - abs(dx)
        return np.minimum(inside, slanted)
    return inside


def texts_of(part: Element) -> Iterator[tuple[str, Box]]:
    """The lines of text in a part that say something, and the room that their ink takes."""
    groups = [(part, {})] if part.tag != f"{SVG}g" else [(part, dict(part.attrib))]
    for element, outer in groups:
        if element.tag == f"{SVG}text":
            text = "".join(element.itertext())
            if text.strip():
                yield text, text_box(element, outer)
        groups += [(below, outer | below.attrib if below.tag == f"{SVG}g" else outer) for below in element]


def text_box(text: Element, outer: dict[str, str] | None = None) -> Box:
    """The room that a line's ink takes; what it does not say itself holds from the groups around it."""
    a = (outer or {}) | text.attrib
    size, font = float(a["font-size"]), font_of(a)
    x, y, high, low = float(a["x"]), float(a["y"]), 0.0, 0.0
    wide, drop = 0.0, 0.0
    for run in [text, *text]:
        own = float(run.attrib.get("font-size", size))
        italic = run.attrib.get("font-style", a.get("font-style")) == "italic"
        face = ITALIC if italic and font != NUMBERS else font
        drop += float(run.attrib.get("dy", 0))
        wide += width(run.text or "", face, own) * (BOLD if a.get("font-weight") == "bold" else 1)
        for character in run.text or "":
            up, down = reach(character, face)
            high, low = min(high, drop - up * own), max(low, drop - down * own)
    left = {"start": x, "middle": x - wide / 2, "end": x - wide}[a.get("text-anchor", "start")]
    return Box(left, y + high, left + wide, y + low)


def font_of(a: dict[str, str]) -> str:
    return NUMBERS if "DejaVu" in a["font-family"] else UPRIGHT


@cache
def reach(character: str, font: str) -> tuple[float, float]:
    """How high and how low a character's ink reaches from the baseline, upwards, in ems."""
    for name in (font, NUMBERS):
        face, glyphs, em = opened(name)
        if ord(character) in face:
            glyph = glyphs[face[ord(character)]]
            return getattr(glyph, "yMax", 0) / em, getattr(glyph, "yMin", 0) / em
    return 0.75, 0.0


@cache
def opened(font: str) -> tuple[Any, Any, float]:
    face = TTFont(next(path for path in files() if path.endswith(font)))
    return face.getBestCmap(), face["glyf"], face["head"].unitsPerEm


def points_of(path: str) -> Iterator[complex]:
    """Points along an SVG path of M, L and C, close together."""
    here = 0j
    for command, data in re.findall(r"([MLC])([^MLC]*)", path):
        values = numbers(data)
        ends = [complex(x, y) for x, y in zip(values[::2], values[1::2], strict=True)]
        for i in range(33):
            t = i / 32
            if command == "L":
                yield here + t * (ends[0] - here)
            elif command == "C":
                b, c, d = ends
                yield (1 - t) ** 3 * here + 3 * t * (1 - t) ** 2 * b + 3 * t * t * (1 - t) * c + t**3 * d
        here = ends[-1]
