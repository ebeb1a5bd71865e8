"""A notebook as the HTML of a page: nbconvert with a template of our own."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from traitlets.config import Config

from ..player.page import script_json
from .inside import FILM
from .prose import Prose

HERE = Path(__file__).parent
TYPES = [
    FILM, "image/svg+xml", "text/html", "image/png", "image/jpeg", "image/gif", "text/markdown", "text/latex",
    "text/plain",
]  # fmt: skip
OURS = ("bp-graph", "bp-equations")
WIDTH = re.compile(r'max-width:([\d.]+)px|<svg[^>]* width="([\d.]+)"')
PAPER, RED = re.compile(r'class="bp-paper"[^>]* fill="(#\w+)"'), re.compile(r'class="bp-red"[^>]* fill="(#\w+)"')


class Exporter(TemplateExporter):
    """Turns notebooks into the inner part of pages; `frame` puts a page around it."""

    template_file = "notebook.html.j2"
    output_mimetype = "text/html"

    @property
    def default_config(self) -> Config:  # noqa: D102
        return Config({"NbConvertBase": {"display_data_priority": TYPES}})

    def __init__(self) -> None:
        super().__init__(template_paths=[str(HERE)])  # type: ignore[no-untyped-call]

    def body(self, notebook: NotebookNode, prose: Prose) -> str:
        """The notebook's cells and what they show."""
        self.filters = {
            "prose": lambda cell: prose.markdown(cell.source, cell.get("attachments")),
            "markdown": prose.markdown,
            "harmless": prose.html,
            "remember": prose.code,
            "figure": figure,
            "in_words": in_words,
            "json": script_json,
        }
        text, _ = self.from_notebook_node(notebook)
        return text

    def frame(self, **settings: Any) -> str:
        """A whole page."""
        text: str = self.environment.get_template("page.html.j2").render(settings)
        return text


def in_words(data: dict[str, Any]) -> str:
    """What a picture shows, for those who do not see it: a plot tells it by itself (inside.py)."""
    text: str = data.get("text/plain", "")
    return text if text.startswith("A plot") else "What the code above draws"


def figure(svg: str) -> str:
    """An SVG for a page: one of ours as it is, so that it follows the page's colours; any other as a picture."""
    root = svg[: svg.find(">")]
    if not any(f'class="{name}"' in root for name in OURS):
        encoded = base64.b64encode(svg.encode()).decode()
        return f'<div class="picture scrolls"><img src="data:image/svg+xml;base64,{encoded}" alt="A figure"></div>'
    paper, width = PAPER.search(svg), WIDTH.search(svg)
    # Only the usual colours have others to stand for them on a dark page; a picture in a theme of its own keeps it.
    usual = paper and paper[1] == "#FFFFFF" and set(RED.findall(svg)) <= {"#D40000"}
    kind = "bp-player figure scrolls" if usual else "picture scrolls"
    size = f' style="--bp-width:{width[1] or width[2]}px"' if width else ""
    return f'<div class="{kind}"{size}>{svg}</div>'
