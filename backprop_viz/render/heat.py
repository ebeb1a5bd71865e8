"""Arrays as heat maps: a letter for every cell, its colour and shape, and the SVG of the map and of its legend.

A cell is a square for a positive number, a disc for a negative one, blank for zero, and a rounded square in the colour
of ink for NaN or ∞. From step to step only `fill` and `rx` of a cell's <rect> change, and of the frame, the map's first
<rect>, `fill-opacity` and `stroke-dasharray`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from .fonts import NUMBERS, SANS, width
from .text import DIGITS, shown_number
from .theme import Theme

Most = int | tuple[int, int]

MOST = (8, 12)  # rows and columns of a map
LEVELS = 8  # steps of colour on each side of zero
ZERO, NONFINITE = "i", "x"
FAINTEST = 0.15  # of the way from zero's colour: where the levels start, for the smallest number to be no zero
SMALLEST, LARGEST = 7, 12  # pixels: side of a cell
ROOM = (72, 96)  # pixels: height and width that a map takes while its cells allow it
GAP = 0.5  # pixels: on each side of a cell
GROUND = 0.06  # of the way from zero's colour to ink: behind the cells, so that those of zero can be counted
UNKNOWN = 'fill-opacity="0" stroke-dasharray="2 2"'  # the frame of what is not computed
KNOWN = 'fill-opacity="1" stroke-dasharray="none"'
CORNERS = dict.fromkeys("abcdefgh", 1.0) | {NONFINITE: 0.6}  # of half a cell; all others have sharp ones
TEXT, LINE = 11.0, 15.0  # pixels: font size and line height of the legend


# ---------------------------------------------------------------------- arrays as rows and columns
def in_blocks(matrix: Any, most: Most) -> tuple[Any, tuple[int, int]]:
    """The matrix with at most `most` rows and columns, each block as its entry of largest magnitude, and their size.

    A block that holds NaN or ±∞ stays not finite; of a number and its negative the positive one is taken. The last
    blocks may be smaller. What is small enough is given back as it is, without a copy.
    """
    matrix = np.asarray(matrix)
    rows, columns = _block(matrix.shape, most)
    if rows == columns == 1:
        return matrix, (1, 1)
    starts = np.arange(0, matrix.shape[1], columns)
    drawn = np.empty((-(-matrix.shape[0] // rows), starts.size), matrix.dtype)
    for i in range(len(drawn)):  # by strips, since what is left of the whole after one axis may be large
        strip = matrix[i * rows : (i + 1) * rows]
        high, low = (strip[0], strip[0]) if len(strip) == 1 else (strip.max(axis=0), strip.min(axis=0))
        if columns > 1:
            high, low = np.maximum.reduceat(high, starts), np.minimum.reduceat(low, starts)
        # as floats: unsigned numbers and the smallest integer have no negative
        drawn[i] = np.where(high.astype(float) >= -low.astype(float), high, low)
    return drawn, (rows, columns)


def grid(array: Any, most: Most = MOST) -> Any:
    """Any array as rows and columns, in blocks where it has too many.

    A number is one cell and a vector one row; the leading axes of more than two are folded into rows, the last of them
    running fastest.
    """
    array = np.asarray(array)
    return in_blocks(array.reshape(_folded(array.shape)), most)[0]


def size(shape: Sequence[int], most: Most = MOST) -> tuple[int, int]:
    """The rows and columns of the grid of an array of this shape; those of a grid are its own."""
    folded = _folded(shape)
    rows, columns = _block(folded, most)
    return -(-folded[0] // rows), -(-folded[1] // columns)


def _folded(shape: Sequence[int]) -> tuple[int, int]:
    return math.prod(shape[:-1]), math.prod(shape[-1:])


def _block(sides: Sequence[int], most: Most) -> tuple[int, int]:
    limits = (most, most) if isinstance(most, int) else most
    rows, columns = (max(1, -(-side // limit)) for side, limit in zip(sides, limits, strict=True))
    return rows, columns


# ---------------------------------------------------------------------- numbers as letters
def reach_of(arrays: Iterable[Any]) -> float:
    """The largest finite magnitude in these arrays and numbers, 0.0 if there is none."""
    reach = 0.0
    for array in map(np.asarray, arrays):
        if not array.size:
            continue
        ends = float(array.max()), float(array.min())
        if not all(map(math.isfinite, ends)):
            finite = np.isfinite(array)
            ends = float(array.max(where=finite, initial=0)), float(array.min(where=finite, initial=0))
        reach = max(reach, *map(abs, ends))
    return reach


def cells(array: Any, reach: float, most: Most = MOST) -> str:
    """A letter for each cell of the array's grid, row by row, with "/" between rows: "aqi/imx".

    "a" to "h" are negative, "i" is exactly 0, "j" to "q" positive, by eighths of the square root of their share of
    `reach`, so that small numbers can be told apart beside large ones; "a" and "q" also stand for what lies beyond
    it, "x" for NaN and ±∞.
    """
    drawn = grid(array, most)
    with np.errstate(all="ignore"):  # of a reach of 0, and of magnitudes far beyond it
        steps = np.ceil(np.sqrt(np.abs(drawn.astype(float)) / reach) * LEVELS)
        levels = np.where(drawn < 0, -1, 1) * np.clip(steps, 1, LEVELS)
    levels = np.where(np.isfinite(drawn), np.where(drawn == 0, 0, levels), ord(NONFINITE) - ord(ZERO))
    return b"/".join(row.tobytes() for row in (ord(ZERO) + levels).astype(np.uint8)).decode("ascii")


def palette(theme: Theme, scale: str) -> dict[str, str]:
    """The colour of every letter: on the scale "values" or "gradients", linear in sRGB from that of zero."""
    if scale not in ("values", "gradients"):
        raise ValueError(f"there is no scale {scale!r} of colours (must be 'values' or 'gradients')")
    negative, zero, positive = theme.values if scale == "values" else theme.gradients
    colours = {ZERO: zero, NONFINITE: theme.ink}
    for level in range(1, LEVELS + 1):
        part = FAINTEST + (1 - FAINTEST) * level / LEVELS
        colours[chr(ord(ZERO) - level)] = _between(zero, negative, part)
        colours[chr(ord(ZERO) + level)] = _between(zero, positive, part)
    return dict(sorted(colours.items()))


def _between(start: str, end: str, part: float) -> str:
    pairs = ((int(start[i : i + 2], 16), int(end[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + part * (b - a)):02X}" for a, b in pairs)


# ---------------------------------------------------------------------- SVG
def extent(shape: Sequence[int], most: Most = MOST) -> tuple[int, int]:
    """The width and height of the map of an array of this shape, in pixels."""
    rows, columns = size(shape, most)
    side = _side(rows, columns)
    return columns * side, rows * side


def _side(rows: int, columns: int) -> int:
    room = min(ROOM[0] // max(1, rows), ROOM[1] // max(1, columns))
    return min(max(room, SMALLEST), LARGEST)


def drawing(
    slot: str, cells: str, shape: Sequence[int], x: float, y: float, palette_name: str, theme: Theme, most: Most = MOST
) -> str:
    """The map with its upper left corner at x, y: a frame, and a <rect> for each cell, row by row.

    cells: of an array of this shape, as the function `cells` gives them; "" while they are not computed: then the
           frame is dashed and nothing is filled
    palette_name: the scale, "values" or "gradients"
    """
    rows, columns = size(shape, most)
    return (
        f'<g class="bp-heat" data-map={quoteattr(slot)} data-scale="{palette_name}">'
        f"{_map(cells, rows, columns, _side(rows, columns), x, y, palette(theme, palette_name), theme)}</g>"
    )


def _map(
    cells: str, rows: int, columns: int, side: int, x: float, y: float, colours: dict[str, str], theme: Theme
) -> str:
    ground = _between(colours[ZERO], theme.ink, GROUND)
    frame = (
        f'<rect class="bp-heat-frame" x="{_short(x)}" y="{_short(y)}" width="{columns * side}" height="{rows * side}" '
        f'fill="{ground}" stroke="{theme.line}" stroke-width="0.8" {KNOWN if cells else UNKNOWN}/>'
    )
    drawn = [frame]
    letters, inner = cells.replace("/", ""), side - 2 * GAP
    for index in range(rows * columns):
        letter = letters[index] if cells else ""
        left, top = x + GAP + index % columns * side, y + GAP + index // columns * side
        drawn.append(
            f'<rect x="{_short(left)}" y="{_short(top)}" width="{_short(inner)}" height="{_short(inner)}" '
            f'rx="{_short(CORNERS.get(letter, 0) * inner / 2)}" fill="{colours.get(letter, "none")}"/>'
        )
    return "".join(drawn)


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def legend(
    values_reach: float | None, gradients_reach: float | None, x: float, y: float, theme: Theme, digits: int = DIGITS,
    *, blocks: bool = False, nonfinite: bool = False, room: str = "",
) -> tuple[str, float, float]:  # fmt: skip
    """What the maps' colours and shapes mean, with its upper left corner at x, y; and its width and height.

    values_reach, gradients_reach: the magnitude that the darkest cells stand for; None leaves a scale out
    blocks, nonfinite: say also what a cell of a large array is, and how NaN and ∞ are drawn
    room: the number that the scales' ends have room for, where they will change: then they are slots
    """
    drawn, right = [], x
    for scale, reach in (("values", values_reach), ("gradients", gradients_reach)):
        if reach is not None:
            bar, wide = _bar(scale, reach, right, y, theme, digits, room)
            drawn.append(bar)
            right += wide + 2 * LINE
    if not drawn:
        return "", 0.0, 0.0
    notes = ["square +, disc −, " + ("rounded NaN or ∞, " if nonfinite else "") + "colour by the square root"]
    if blocks:
        notes.append("large arrays: each cell is the entry of largest magnitude in its block")
    bottom = y + 2 * LINE + LARGEST
    for note in notes:
        bottom += LINE
        drawn.append(_text(note, x, bottom - 4, "start", theme))
    wide = max(right - 2 * LINE - x, *(width(note, NUMBERS, TEXT) for note in notes), 0.0)
    return f'<g class="bp-legend">{"".join(drawn)}</g>', math.ceil(wide), bottom - y


def ends(scale: str, reach: float, digits: int = DIGITS) -> dict[str, str]:
    """The numbers at both ends of a scale, by their slots; none where all is zero."""
    least, most = (shown_number(-reach, digits), "+" + shown_number(reach, digits)) if reach else ("", "")
    return {f"legend.{scale}.least": least, f"legend.{scale}.most": most}


def _bar(
    scale: str, reach: float, x: float, y: float, theme: Theme, digits: int, room: str
) -> tuple[str, float]:  # fmt: skip
    """A scale's name, every second of its colours, and the numbers they reach; and the width of these."""
    letters = "acegikmoq" if reach or room else ZERO
    bar = len(letters) * LARGEST
    numbers = ends(scale, reach, digits)
    said = [max(width(text, NUMBERS, TEXT) for text in (number, room)) for number in numbers.values()]
    wide = math.ceil(max(bar, sum(said) + width("0", NUMBERS, TEXT) + 20, width(scale, NUMBERS, TEXT)))
    start = x + (wide - bar) // 2
    level = y + 2 * LINE + LARGEST - 4
    least, most = (
        _text(number, place, level, anchor, theme, f' data-slot="{slot}"' if room else "") if number or room else ""
        for (slot, number), (place, anchor) in zip(numbers.items(), ((x, "start"), (x + wide, "end")), strict=True)
    )
    texts = [least, _text("0", start + bar / 2, level, "middle", theme), most]
    name = _text(scale, x + wide / 2, y + LINE - 4, "middle", theme)
    row = _map(letters, 1, len(letters), LARGEST, start, y + LINE, palette(theme, scale), theme)
    return name + row + "".join(texts), wide


def _text(text: str, x: float, y: float, anchor: str, theme: Theme, extra: str = "") -> str:
    return (
        f'<text class="bp-ink" x="{_short(x)}" y="{_short(y)}" font-family="{SANS}" font-size="{TEXT:g}" '
        f'fill="{theme.ink}" text-anchor="{anchor}"{extra}>{escape(text)}</text>'
    )
