"""A folder of notebooks as a web site: everything is made first, and only then written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any
from unicodedata import category, normalize
from urllib.parse import quote

import nbformat
from nbformat import NotebookNode

from ..player.inlined import script
from ..player.page import script_json
from ..render.files import write_whole
from .exporter import Exporter
from .fault import Fault
from .kernel import kernels
from .links import Links, relative
from .prose import Prose, Section

HERE = Path(__file__).parent
PLAYER = HERE.parent / "player"
HOME = PurePosixPath("index.ipynb")
ALPHABETS = re.compile("[\u2100-\u214f\U0001d400-\U0001d7ff]+")  # of mathematics: ℒ, 𝒪, 𝑥
WRITTEN = "assets/written.json"  # what was written, so that the next time nothing else is overwritten or removed
# Styles may stand in the page, since outputs of notebooks bring some along; scripts may not, and nothing is fetched.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'"
)
STILL = "This is a notebook that has been run."
MOVING = f"{STILL} Its players work: click on one and press →."
Tell = Callable[[str], None]


@dataclass
class Page:
    """One notebook on its way to a page. `path` is relative to the folder of the notebooks."""

    path: PurePosixPath
    source: bytes
    notebook: NotebookNode
    prose: Prose
    body: str = ""

    @cached_property
    def sections(self) -> list[Section]:
        """The sections with a heading of their own."""
        return [section for section in self.prose.sections if section.anchor]

    @cached_property
    def title(self) -> str:
        """The first heading of the first level, or the file's name."""
        return next((section.title for section in self.sections if section.level == 1), self.path.stem)

    @property
    def url(self) -> str:
        """The page's place on the site."""
        return str(self.path.with_suffix(".html"))

    def link_to(self, other: Page) -> dict[str, Any]:
        """A link from here to another page."""
        return {"url": relative(self.path, other.url), "title": other.title, "here": self is other}


@dataclass
class Site:
    """All pages, and the files of the site by their places."""

    pages: list[Page]
    links: Links
    files: dict[str, bytes] = field(default_factory=dict)


def site(
    notebooks: Path,
    output: Path,
    *,
    leave_out: Sequence[str] = (),
    execute: bool = True,
    cache: Path | None = None,
    tell: Tell = lambda name: None,
) -> Path:
    """Write the site of a folder of notebooks into a folder; gives its first page.

    leave_out: patterns of notebooks that become no pages, such as "solutions/*"; where one is linked to, it comes along
    execute:   whether the notebooks are run; without it their players are pictures that do not move
    cache:     a folder where the results of a run are kept, for as long as neither notebook nor package change
    tell:      is called with the name of each notebook before it is run
    The same notebooks give the same bytes. A fault in one of them leaves what was written before as it was.
    """
    made = _read(notebooks, output, leave_out)
    if execute:
        _run(made, cache, output, tell)
    exporter = Exporter()
    for page in made.pages:
        with _named(page.path):
            page.body = exporter.body(page.notebook, page.prose)
    made.links.check({page.path: page.prose.anchors for page in made.pages})
    for page in made.pages:
        made.files[page.url] = exporter.frame(**_frame(page, made.pages)).encode()
        made.files[str(page.path)] = page.source
    made.files |= made.links.files | _assets() | {"assets/index.js": _index(made.pages).encode(), ".nojekyll": b""}
    _write(made.files, output)
    return output / "index.html"


# ---------------------------------------------------------------------- from notebooks to pages
@contextmanager
def _named(path: PurePosixPath) -> Iterator[None]:
    """Put the notebook's name in front of what is wrong with it."""
    try:
        yield
    except Fault as fault:
        raise Fault(f"{path}: {fault}") from None


def _read(folder: Path, output: Path, leave_out: Sequence[str]) -> Site:
    """The notebooks of a folder, without those that are hidden or on a site that is in the folder."""
    if not folder.is_dir():
        raise Fault(f"there is no folder {folder}: give one that holds notebooks")
    own = [path for path in folder.rglob("*.ipynb") if not path.resolve().is_relative_to(output.resolve())]
    found = [PurePosixPath(path.relative_to(folder).as_posix()) for path in own]
    hidden = [path for path in found if any(part.startswith(".") for part in path.parts)]
    seen = sorted(path for path in found if path not in hidden and not any(map(path.match, leave_out)))
    if not seen:
        left = f" but those that {', '.join(leave_out)} leaves out" if leave_out else ""
        raise Fault(f"there is no notebook (.ipynb) in {folder}{left}: give a folder that holds some")
    links = Links(folder, frozenset({*seen, HOME}))
    pages = []
    for path in seen:
        with _named(path):
            source = (folder / path).read_bytes()
            pages.append(Page(path, source, _parsed(source), Prose(path, links)))
    if HOME not in seen:
        pages.append(_list(seen, links))
    return Site(_ordered(pages), links)


def _ordered(pages: list[Page]) -> list[Page]:
    """The first page, then folder by folder as it names them, within a folder by name."""
    (home,) = (page for page in pages if page.path == HOME)
    said = "\n".join(cell.source for cell in home.notebook.cells)

    def place(page: Page) -> tuple[bool, int, PurePosixPath]:
        found = said.find(f"{page.path.parent}/")
        return page is not home, found if found >= 0 else len(said), page.path

    return sorted(pages, key=place)


def _parsed(source: bytes) -> NotebookNode:
    try:
        found: NotebookNode = nbformat.reads(source.decode(), as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(found)
    except (ValueError, AttributeError, nbformat.ValidationError) as error:
        raise Fault(f"it is no notebook: {error}. Open it in JupyterLab and save it") from None
    return found


def _list(paths: list[PurePosixPath], links: Links) -> Page:
    """A first page where there is none."""
    said = "\n".join(["# Contents", "", *(f"- [{path.stem}](<{path}>)" for path in paths)])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(said, id="contents")])  # type: ignore[no-untyped-call]
    return Page(HOME, nbformat.writes(notebook).encode(), notebook, Prose(HOME, links))  # type: ignore[no-untyped-call]


def _run(made: Site, cache: Path | None, output: Path, tell: Tell) -> None:
    with kernels(made.links.folder, cache, leave_out=output) as running:
        for page in made.pages:
            tell(f"{page.path}")
            with _named(page.path):
                page.notebook = running.run(page.path, page.notebook)


# ---------------------------------------------------------------------- what is on a page
def _frame(page: Page, pages: list[Page]) -> dict[str, Any]:
    """What the frame of a page says."""
    here, players = pages.index(page), '<div class="player"' in page.body
    return {
        "policy": POLICY,
        "root": "../" * (len(page.path.parts) - 1),
        "name": pages[0].title,
        "title": page.title,
        "body": page.body,
        "about": MOVING if players else STILL,
        "players": players,
        "ours": players or "bp-player" in page.body,
        "sections": [section for section in page.sections if section.level == 2],
        "groups": [
            {"name": _folder(folder), "entries": [page.link_to(each) for each in group]}
            for folder, group in groupby(pages, key=lambda each: each.path.parent)
        ],
        "before": page.link_to(pages[here - 1]) if here else None,
        "after": page.link_to(pages[here + 1]) if here + 1 < len(pages) else None,
        "notebook": relative(page.path, str(page.path)),
    }


def _folder(path: PurePosixPath) -> str:
    """What a folder of notebooks is called."""
    return path.name.replace("-", " ").replace("_", " ").capitalize()


def _index(pages: list[Page]) -> str:
    """The script that holds what the search looks through: page, heading, address and text of every section."""
    rows = [
        [
            _searchable(page.title),
            _searchable(section.title or page.title),
            quote(page.url) + (f"#{quote(section.anchor)}" if section.anchor else ""),
            _searchable(section.text),
        ]
        for page in pages
        for section in page.prose.sections
        if section.anchor or section.text
    ]
    return f"window.searchIndex = {script_json(rows)};\n"


def _searchable(text: str) -> str:
    """The text as one types it: 𝒪 is an O; marks that are no part of a letter would shift what the search marks."""
    typed = ALPHABETS.sub(lambda letters: normalize("NFKC", letters[0]), text)
    return "".join(character for character in typed if category(character) != "Mn")


def _assets() -> dict[str, bytes]:
    """Styles and scripts, the same for all pages. The player's module becomes a plain script: modules need a server."""
    player = script("player") + (HERE / "films.js").read_text(encoding="utf8")
    plain = re.sub(r"^export ", "", player, flags=re.MULTILINE)
    texts = {
        name: (HERE / name).read_text(encoding="utf8") for name in ("site.css", "site.js", "slides.js", "theme.js")
    }
    texts["player.css"] = (PLAYER / "player.css").read_text(encoding="utf8")
    texts["player.js"] = f'"use strict";\n{{\n{plain}}}\n'
    return {f"assets/{name}": text.encode() for name, text in texts.items()}


# ---------------------------------------------------------------------- into the folder
def _write(files: dict[str, bytes], output: Path) -> None:
    """Write all files, remove those of the last time that are no longer there, touch no others."""
    before = _written(output)
    if foreign := sorted(place for place in files.keys() - before if (output / place).exists()):
        some = ", ".join(foreign[:3]) + ", …" * (len(foreign) > 3)
        raise Fault(
            f"{output} holds files that are not of a site written before: {some}. Give an empty or a new folder"
        )
    record = json.dumps(sorted([*files, WRITTEN]), indent=0) + "\n"
    for place, content in sorted((files | {WRITTEN: record.encode()}).items()):
        target = output / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_file() or target.read_bytes() != content:
            write_whole(target, content)
    for place in before - files.keys() - {WRITTEN}:
        if (output / place).resolve().is_relative_to(output.resolve()):
            (output / place).unlink(missing_ok=True)


def _written(output: Path) -> set[str]:
    """The files that were written the last time."""
    record = output / WRITTEN
    try:
        return set(json.loads(record.read_text(encoding="utf8"))) if record.exists() else set()
    except (ValueError, TypeError):
        raise Fault(f"{record} is damaged: give an empty or a new folder") from None
