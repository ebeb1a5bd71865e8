"""SVG to PNG: the same bytes on every machine, with fonts that ship with a dependency."""

from __future__ import annotations

import io
import math
from xml.etree import ElementTree

from .fonts import SHIPPED_SANS, files, shipped

USUAL = 2.0  # pixels for one of the SVG's: sharp on most screens
MOST_PIXELS = 100_000_000  # of one picture: its memory is four bytes each, and few programs open more


def png(svg: str, scale: float | None = None) -> bytes:
    """The picture at `scale` pixels for each of the SVG's: 2, or less where the picture is too large for that."""
    if scale is None:
        width, height = size(svg)
        scale = min(USUAL, math.sqrt(MOST_PIXELS / (width * height)) * 0.99)
    _check(scale, *size(svg))
    import resvg_py  # only who needs a PNG waits for it

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=shipped(svg),
            zoom=float(scale),
            dpi=96,
            skip_system_fonts=True,
            font_files=list(files()),
            font_family=SHIPPED_SANS,
        )
    )


def size(svg: str) -> tuple[float, float]:
    """Width and height of a picture in pixels, as its viewBox says."""
    _, root = next(ElementTree.iterparse(io.StringIO(svg), ["start"]))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    return width, height


def _check(scale: float, width: float, height: float) -> None:
    if not isinstance(scale, int | float) or not (math.isfinite(scale) and scale > 0):
        raise ValueError(f"scale must be a positive number; got {scale!r}")
    wide, tall = round(width * scale), round(height * scale)
    if min(wide, tall) < 1:
        raise ValueError(
            f"at scale {scale:g} this picture of {width:g}×{height:g} would have no pixels; take a larger scale"
        )
    if wide * tall > MOST_PIXELS:
        largest = math.sqrt(MOST_PIXELS / (width * height))
        raise ValueError(
            f"at scale {scale:g} this picture would have {wide}×{tall} pixels, more than {MOST_PIXELS // 10**6} "
            f"million; take a scale up to {math.floor(largest * 100) / 100:g}, or save it as SVG or PDF"
        )
