"""SVG to PNG: the same bytes on every machine, with fonts that ship with a dependency."""

from __future__ import annotations

from pathlib import Path

from .fonts import NUMBERS, SANS, SERIF, files


def png(svg: str, scale: float = 2.0) -> bytes:
    """The picture at `scale` pixels for each of the SVG's."""
    import resvg_py  # only who needs a PNG waits for it

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg.replace(SERIF, "STIXGeneral").replace(SANS, "DejaVu Sans"),
            zoom=scale,
            dpi=96,
            skip_system_fonts=True,
            font_files=list(files()),
            font_family=Path(NUMBERS).stem,
        )
    )
