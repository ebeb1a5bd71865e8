"""The fonts of the pictures and the widths of text in them; the files ship with matplotlib on every platform."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

# Family lists for browsers: fonts with the same widths that other systems have stand in for the first.
SERIF = "STIXGeneral, 'STIX Two Text', 'Times New Roman', Times, serif"
SANS = "'DejaVu Sans', Verdana, Arial, sans-serif"

SHIPPED_SERIF, SHIPPED_SANS = "STIXGeneral", "DejaVu Sans"  # of these lists, the families that `files` holds
ITALIC, UPRIGHT, NUMBERS = "STIXGeneralItalic.ttf", "STIXGeneral.ttf", "DejaVuSans.ttf"


@cache
def files() -> tuple[str, ...]:
    """The paths of the font files that the pictures are measured and rasterised with."""
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise ImportError("matplotlib is not installed; it ships the fonts of the pictures: pip install matplotlib")
    folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    return tuple(str(folder / name) for name in (UPRIGHT, ITALIC, NUMBERS, "DejaVuSans-Bold.ttf"))


def shipped(svg: str) -> str:
    """The SVG for renderers that know the shipped fonts alone: one family for each list, and � for what none has."""
    strange = {ord(c): "\ufffd" for c in set(svg) if not (_drawn_as_nothing(c) or _has_glyph(c))}
    return svg.replace(SERIF, SHIPPED_SERIF).replace(SANS, SHIPPED_SANS).translate(strange)


def _drawn_as_nothing(character: str) -> bool:
    """Whether this is a space, a line's end or an invisible sign."""
    category = unicodedata.category(character)
    return category in ("Cc", "Cf") or category[0] == "Z"


def _has_glyph(character: str) -> bool:
    return any(ord(character) in widths_of(name) for name in (NUMBERS, UPRIGHT, ITALIC))


def width(text: str, font: str, size: float) -> float:
    """The width of a line of text in pixels at this font size."""
    return sum(_advance(character, font) for character in text) * size


@cache
def font_of(character: str, font: str) -> str:
    """The font that a character is drawn in: this one, else the upright one, else DejaVu Sans."""
    return next((name for name in (font, UPRIGHT) if ord(character) in widths_of(name)), NUMBERS)


@cache
def _advance(character: str, font: str) -> float:
    """One character's width in ems: from this font, else from DejaVu Sans, else a square; 0 for what is invisible."""
    if unicodedata.category(character) == "Cf":
        return 0.0
    for name in (font, NUMBERS):
        widths = widths_of(name)
        if ord(character) in widths:
            return widths[ord(character)]
    return 1.0


@cache
def widths_of(font: str) -> dict[int, float]:
    """The widths in ems of all characters that a font has."""
    from fontTools.ttLib import TTFont  # slow to import, and only pictures need it

    path = next(path for path in files() if path.endswith(font))
    with TTFont(path, lazy=True) as face:
        advances, em = face["hmtx"].metrics, face["head"].unitsPerEm
        return {code: advances[glyph][0] / em for code, glyph in face.getBestCmap().items()}
