"""SVG to PDF: vectors with their fonts in the file, for slides and papers; the same bytes on every machine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from typing import cast

from .fonts import files, shipped
from .raster import size

POINTS = 0.75  # points in one pixel of the SVG
LONGEST = 14_400.0  # points: PDF readers and TeX take no longer page
# All that comes from outside is an input of this text and never a part of it, so that none of it is read as markup.
SOURCE = b"""
#set document(title: sys.inputs.title, date: none)
#set page(width: auto, height: auto, margin: 0pt, fill: none)
#for i in range(int(sys.inputs.count)) {
  let wide = float(sys.inputs.at("width" + str(i))) * 1pt
  page(image(bytes(sys.inputs.at("svg" + str(i))), format: "svg", width: wide, alt: sys.inputs.title))
}
"""


def pdf(svg: str, *, title: str = "") -> bytes:
    """The picture on one page of its own size; a page longer than 200 inches is made smaller as a whole."""
    return pages([svg], title=title)


def pages(svgs: Sequence[str], *, title: str = "") -> bytes:
    """The pictures in one file, each on a page of its own size."""
    if not svgs:
        raise ValueError("a PDF needs one picture or more; got none")
    try:
        import typst  # only who needs a PDF waits for it
    except ImportError:
        raise ImportError("typst is not installed; it writes the PDF files: pip install typst") from None
    inputs = {"title": title, "count": str(len(svgs))}
    for i, svg in enumerate(svgs):
        inputs |= {f"svg{i}": shipped(svg), f"width{i}": repr(_page_width(svg))}
    with tempfile.TemporaryDirectory() as folder:  # typst reads whole folders, and matplotlib's holds other fonts too
        for file in files():
            shutil.copy(file, folder)
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
        # The root is a folder that exists and holds nothing of the user's; the current one may be gone.
        return cast("bytes", typst.Compiler(SOURCE, root=folder, font_paths=fonts, sys_inputs=inputs).compile())


def _page_width(svg: str) -> float:
    width, height = size(svg)
    return width * min(POINTS, LONGEST / max(width, height))
