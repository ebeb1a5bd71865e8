"""The words of a notebook as HTML, and what they say section by section."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from unicodedata import normalize

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from .fault import Fault
from .formulas import mathml
from .links import Links

# What stands above a letter in MathML, and the same as part of the letter.
ACCENTS = str.maketrans({"ˆ": "\u0302", "˜": "\u0303", "¯": "\u0304", "˙": "\u0307", "⃗": "\u20d7"})
ACCENTED = re.compile(r"(?<=\w)[ˆ˜¯˙⃗]")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass
class Section:
    """A heading and the text below it; the text before the first heading has the anchor ""."""

    anchor: str
    title: str
    level: int
    said: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All that it says, on one line."""
        return _line("".join(self.said))


class Renderer(IPythonRenderer):
    """nbconvert's renderer of markdown, with formulas that are set already."""

    def block_math(self, body: str) -> str:  # noqa: D102
        return mathml(body, display=True)

    def inline_math(self, body: str) -> str:  # noqa: D102
        return mathml(body, display=False)

    def latex_environment(self, name: str, body: str) -> str:  # noqa: D102
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)


class Prose:
    """The prose of one notebook, cell by cell from the top; it remembers the sections."""

    def __init__(self, page: PurePosixPath, links: Links) -> None:
        self.page, self.links = page, links
        self.sections = [Section("", "", 1)]

    @property
    def anchors(self) -> set[str]:
        """The places of the page that a link may name."""
        return {section.anchor for section in self.sections if section.anchor}

    def markdown(self, source: str, attachments: dict[str, Any] | None = None) -> str:
        """Markdown as HTML."""
        renderer = Renderer(escape=False, attachments=attachments, exclude_anchor_links=True)
        return self.html(MarkdownWithMath(renderer=renderer).render(source), headings=True)

    def html(self, source: str, *, headings: bool = False) -> str:
        """HTML whose tags are all closed, with links that lead somewhere; headings of prose begin sections."""
        soup = BeautifulSoup(source, "html.parser")
        for tag in soup.find_all("a", href=True):
            tag["href"] = self.links.link(self.page, str(tag["href"]))
        for tag in soup.find_all("img", src=True):
            tag["src"] = self.links.picture(self.page, str(tag["src"]))
            tag.attrs.setdefault("alt", "")
        for table in soup.find_all("table"):
            table.wrap(soup.new_tag("div", attrs={"class": "scrolls"}))
        if headings:
            self._listen(soup)
        return str(soup)

    def code(self, source: str) -> None:
        """Remember what a code cell says."""
        self.sections[-1].said.append(f" {source} ")

    def _listen(self, soup: BeautifulSoup) -> None:
        for node in soup.descendants:
            if isinstance(node, Tag) and node.name in HEADINGS:
                title = _line(node.get_text())
                node["id"] = anchor = self._anchor(title)
                self.sections.append(Section(anchor, title, int(node.name[1])))
            elif type(node) is NavigableString and not node.find_parent([*HEADINGS, "details"]):
                # What is folded is an answer: whoever searches shall not read it by chance.
                self.sections[-1].said.append(str(node))
        self.sections[-1].said.append(" ")

    def _anchor(self, title: str) -> str:
        """The heading's name in an address, made as Jupyter makes it, so that links hold there and here."""
        wanted = title.replace(" ", "-")
        if not wanted:
            raise Fault("it has a heading without words. Give it some, or take it out")
        number, name = 1, wanted
        while name in self.anchors:
            number += 1
            name = f"{wanted}-{number}"
        return name


def _line(text: str) -> str:
    """Text on one line, with accents that are part of their letters, as readers type them."""
    joined = ACCENTED.sub(lambda match: match[0].translate(ACCENTS), " ".join(text.split()))
    return normalize("NFC", joined)
