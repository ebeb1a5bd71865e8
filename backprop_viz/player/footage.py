"""The pixels of a movie: the picture after each step, what the step is about lit, and what is said of it below."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from PIL import Image

from ..render.figure import Figure
from ..render.fonts import NUMBERS, SANS, width
from ..render.raster import png, size
from ..render.shapes import LIT_WIDTH
from ..render.svg import wrapped
from ..render.theme import Theme

SVG = ' xmlns="http://www.w3.org/2000/svg"'
PHASES = {"start": "Start", "forward": "Forward pass", "backward": "Backward pass", "update": "Update"}
# How a phase's piece of the progress line is dashed, in its heights, so that phases differ without their colours.
DASHES = {"start": "", "forward": "", "backward": "1.2 0.6", "update": "0.4 0.4"}
BLEED = 16  # pixels: how far around a box is drawn too, since lines are bent a little where they are cut off
COARSE = 8  # pixels: how exactly it is found where a part leaves ink
GROUP = re.compile("<g[ >]|</g>")
LINE = 1.45  # from line to line, of the font size

Box = tuple[int, int, int, int]


# ---------------------------------------------------------------------- one picture
def spotlit(figure: Figure, step: int) -> list[str]:
    """The picture after so many events, in pieces; what the last one is about has thick lines and light around it."""
    active = {f'data-part="{part}"' for part in figure.frames[step].active}
    return [
        _lit(piece, figure.options.theme) if active.intersection(piece[: piece.find(">")].split()) else piece
        for piece in _pieces(figure.at(step).svg)
    ]


def _pieces(svg: str) -> list[str]:
    """What is inside a picture, its outermost groups apart."""
    pieces, start, depth = [], svg.index(">") + 1, 0
    for tag in GROUP.finditer(svg):
        opens = tag[0] != "</g>"
        if opens and not depth:
            pieces.append(svg[start : tag.start()])
            start = tag.start()
        depth += 1 if opens else -1
        if not depth:
            pieces.append(svg[start : tag.end()])
            start = tag.end()
    return [piece for piece in (*pieces, svg[start : svg.rindex("<")]) if piece]


def _lit(piece: str, theme: Theme) -> str:
    part = ElementTree.fromstring(piece)
    arrow = part.get("class") == "bp-edge"
    for place, line in reversed([*enumerate(part)]):
        css = (line.get("class") or "").split()
        if arrow and "bp-lit" not in css:
            line.set("stroke-width", "4" if line.tag == "path" else "3")
            line.set("stroke", line.get("stroke") or line.get("fill") or theme.ink)
        elif "bp-shape" in css or "bp-box" in css:
            halo = deepcopy(line)
            halo.attrib |= {"class": "bp-lit", "fill": "none", "stroke": theme.lit, "stroke-width": f"{LIT_WIDTH:g}"}
            halo.attrib.pop("stroke-dasharray", None)
            line.attrib |= {"stroke-width": "3"} if "bp-red-line" in css else {"stroke-width": "3", "stroke": theme.ink}
            part.insert(place, halo)
    return ElementTree.tostring(part, "unicode")


# ---------------------------------------------------------------------- many pictures
@dataclass(frozen=True)
class Footage:
    """The images of some steps of a figure, all of one size.

    width: of the images, in pixels
    """

    figure: Figure
    steps: Sequence[int]
    width: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels; both even, which video asks for."""
        return self.width, self.picture[1] + self.telling.height

    @cached_property
    def picture(self) -> tuple[int, int]:
        """Width and height of the picture alone."""
        wide, tall = size(self.figure.svg)
        return self.width, _even(tall * self.width / wide)

    @cached_property
    def telling(self) -> Telling:
        """What stands below the picture."""
        return Telling(self.figure, self.steps, self.width)

    def __len__(self) -> int:
        return len(self.steps)

    def image(self, step: int) -> Image.Image:
        """One step, drawn as a whole."""
        return next(iter(Footage(self.figure, (step,), self.width)._images(self.telling)))

    def __iter__(self) -> Iterator[Image.Image]:
        return self._images(self.telling)

    def _images(self, telling: Telling) -> Iterator[Image.Image]:
        """Each step from the one before: only what changed is drawn anew, which takes a fifth of the time."""
        wide, tall = self.picture
        canvas = Image.new("RGB", (wide, tall + telling.height), self.figure.options.theme.paper)
        sheet = _Sheet(view_box(self.figure.svg), wide, tall)
        before: list[str] = []
        for step in self.steps:
            pieces = spotlit(self.figure, step)
            for box in sheet.changed(before, pieces) if before else [(0, 0, wide, tall)]:
                patch = sheet.drawn(pieces, box)
                canvas.paste(patch, box[:2], patch)
            canvas.paste(_image(telling.svg(step)), (0, tall))
            before = pieces
            yield canvas.copy()


@dataclass(frozen=True)
class _Sheet:
    """The place of a picture's pieces, seen at so many pixels."""

    view: str
    wide: int
    tall: int

    def changed(self, before: list[str], after: list[str]) -> list[Box]:
        """Where the ink of all pieces is that differ, in boxes that are apart."""
        boxes: list[Box] = []
        for old, new in zip(before, after, strict=True):
            for box in (_ink(self, old), _ink(self, new)) if old != new else ():
                near = [other for other in boxes if box and _touch(box, other)]
                boxes = [other for other in boxes if other not in near] + ([_around([box, *near])] if box else [])
        return [(max(x, 0), max(y, 0), min(right, self.wide), min(low, self.tall)) for x, y, right, low in boxes]

    def drawn(self, pieces: list[str], box: Box) -> Image.Image:
        """What is inside a box, drawn with the pieces that reach into it."""
        left, top, right, bottom = box[0] - BLEED, box[1] - BLEED, box[2] + BLEED, box[3] + BLEED
        touching = pieces
        if box != (0, 0, self.wide, self.tall):
            touching = [piece for piece in pieces if _touch((left, top, right, bottom), _ink(self, piece))]
        x, y, wide, _ = map(float, self.view.split())
        unit = wide / self.wide
        place = (x + left * unit, y + top * unit, (right - left) * unit, (bottom - top) * unit)
        drawn = _image(_svg("".join(touching), right - left, bottom - top, " ".join(map(repr, place))))
        return drawn.crop((BLEED, BLEED, BLEED + box[2] - box[0], BLEED + box[3] - box[1]))


@lru_cache(maxsize=4096)
def _ink(sheet: _Sheet, piece: str) -> Box | None:
    """A box around all that a piece paints, found by painting it small; None if it paints nothing."""
    alpha = _image(_svg(piece, -(-sheet.wide // COARSE), -(-sheet.tall // COARSE), sheet.view)).getchannel("A")
    found = alpha.getbbox()
    if found is None:
        return None
    left, top, right, bottom = (edge * COARSE for edge in found)
    return left - COARSE, top - COARSE, right + COARSE, bottom + COARSE


def _around(boxes: list[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _touch(one: Box, other: Box | None) -> bool:
    if other is None:
        return False
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


# ---------------------------------------------------------------------- what stands below
@dataclass(frozen=True)
class Telling:
    """The band under the picture: the phase and the number of the step, its sentence, and a line of progress."""

    figure: Figure
    steps: Sequence[int]
    width: int

    @cached_property
    def font(self) -> float:
        """The size of its text in pixels: it grows with the picture, since wide ones are shown smaller."""
        return max(14.0, self.width / 110)

    @cached_property
    def lines(self) -> dict[int, list[str]]:
        """The sentence of each step in lines."""
        frames = self.figure.frames
        return {step: wrapped(frames[step].sentence, self.width - 2 * self.font, self.font) for step in self.steps}

    @cached_property
    def height(self) -> int:
        """In pixels: room for the longest sentence, so that nothing moves."""
        return _even(self.font * (LINE * (2 + max(map(len, self.lines.values()))) + 1))

    @cached_property
    def last(self) -> int:
        """The number of the last step that there is."""
        return len(self.figure.frames) - 1

    def svg(self, step: int) -> str:
        """The band at one step."""
        theme, font = self.figure.options.theme, self.font
        texts = [self._text(heading(self.figure, step), font, font * 1.2, font, ' font-weight="bold"')]
        for number, line in enumerate(self.lines[step], start=1):
            texts.append(self._text(line, font, font * (1.2 + LINE * number), font))
        paper = f'<rect width="{self.width}" height="{self.height}" fill="{theme.paper}"/>'
        view = f"0 0 {self.width} {self.height}"
        return _svg(paper + "".join(texts) + self._progress(step), self.width, self.height, view)

    def _progress(self, step: int) -> str:
        """A line for each phase in its dashes, as dark as far as the step has come, and its name where it fits."""
        font, theme = self.font, self.figure.options.theme
        thick, small = font * 0.3, font * 0.72
        y, room, drawn = self.height - font * 1.4, self.width - 2 * font, ""
        for phase, first, after in self._pieces:
            start, here, end = (
                font + room * min(k, self.last) / max(self.last, 1)
                for k in (first, min(max(step, first), after), after)
            )
            dashes = " ".join(f"{float(part) * thick * 2:.1f}" for part in DASHES[phase].split())
            line = f'stroke-width="{thick:.1f}" stroke-dasharray="{dashes or "none"}"'
            drawn += f'<path d="M{start:.1f} {y:.1f}H{end - thick:.1f}" stroke="{theme.line}" {line}/>'
            if here - thick > start:
                drawn += f'<path d="M{start:.1f} {y:.1f}H{here - thick:.1f}" stroke="{theme.ink}" {line}/>'
            if width(PHASES[phase], NUMBERS, small) < end - start:
                drawn += self._text(PHASES[phase], start, y + font * 1.1, small)
        return drawn

    @cached_property
    def _pieces(self) -> list[tuple[str, int, int]]:
        """The phases in their order: name, the last step before it, its own last step."""
        phases = [frame.phase for frame in self.figure.frames[1:]]
        pieces, first = [], 0
        for phase, steps in groupby(phases):
            after = first + len(list(steps))
            pieces.append((phase, first, after))
            first = after
        return pieces

    def _text(self, text: str, x: float, y: float, font: float, extra: str = "") -> str:
        return line_of_text(text, x, y, font, self.figure.options.theme, extra)


def heading(figure: Figure, step: int) -> str:
    """The phase and the number of a step."""
    return f"{PHASES[figure.frames[step].phase]} · step {step} of {len(figure.frames) - 1}"


def line_of_text(text: str, x: float, y: float, font: float, theme: Theme, extra: str = "") -> str:
    """A line of legible text as SVG, from x on."""
    paint = f'font-family="{SANS}" font-size="{font:.1f}" fill="{theme.ink}"{extra}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {paint}>{escape(text)}</text>'


def _svg(inside: str, wide: int, tall: int, view: str) -> str:
    return f'<svg{SVG} width="{wide}" height="{tall}" viewBox="{view}">{inside}</svg>'


def _image(svg: str) -> Image.Image:
    return Image.open(io.BytesIO(png(svg, 1.0))).convert("RGBA")


def view_box(svg: str) -> str:
    """The part of the plane that a picture shows."""
    return svg.partition('viewBox="')[2].partition('"')[0]


def _even(length: float) -> int:
    return 2 * max(1, round(length / 2))
