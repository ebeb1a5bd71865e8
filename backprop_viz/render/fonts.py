"""The fonts of the pictures and the widths of text in them; the files ship with matplotlib on every platform."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

# Family lists for browsers: fonts with the same widths that other systems have stand in for the first.
SERIF = "STIXGeneral, 'STIX Two Text', 'Times New Roman', Times, serif"
SANS = "'DejaVu Sans', Verdana, Arial, sans-serif"

ITALIC, UPRIGHT, NUMBERS = "STIXGeneralItalic.ttf", "STIXGeneral.ttf", "DejaVuSans.ttf"


@cache
def files() -> tuple[str, ...]:
    """The paths of the font files that the pictures are measured and rasterised with."""
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise ImportError("matplotlib is not installed; it ships the fonts of the pictures: pip install matplotlib")
    folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    return tuple(str(folder / name) for name in (UPRIGHT, ITALIC, NUMBERS, "DejaVuSans-Bold.ttf"))


def width(text: str, font: str, size: float) -> float:
    """The width of a line of text in pixels at this font size."""
    return sum(_advance(character, font) for character in text) * size


@cache
def _advance(character: str, font: str) -> float:
    """One character's width in ems: from this font, else from DejaVu Sans, else a square; 0 for what is invisible."""
    if unicodedata.category(character) == "Cf":
        return 0.0
    for name in (font, NUMBERS):
        widths = _widths(name)
        if ord(character) in widths:
            return widths[ord(character)]
    return 1.0


@cache
def _widths(font: str) -> dict[int, float]:
    from fontTools.ttLib import TTFont  # slow to import, and only pictures need it

    path = next(path for path in files() if path.endswith(font))
    with TTFont(path, lazy=True) as face:
        advances, em = face["hmtx"].metrics, face["head"].unitsPerEm
        return {code: advances[glyph][0] / em for code, glyph in face.getBestCmap().items()}
