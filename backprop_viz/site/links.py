"""Where links of a notebook lead on the site, and the files that come along with it."""

from __future__ import annotations

import hashlib
import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote

from .fault import Fault

ELSEWHERE = ("http:", "https:", "mailto:")
PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass
class Links:
    """The links of all pages.

    folder: of the notebooks;  pages: paths of the notebooks that become pages, relative to it
    files:  what comes along: path on the site -> content
    inner:  links between pages: (page, page that it leads to, fragment, as written), to be checked when all is known
    """

    folder: Path
    pages: frozenset[PurePosixPath]
    files: dict[str, bytes] = field(default_factory=dict)
    inner: list[tuple[PurePosixPath, PurePosixPath, str, str]] = field(default_factory=list)

    def link(self, page: PurePosixPath, url: str) -> str:
        """What stands on the page for a link of its notebook."""
        if url.startswith(ELSEWHERE):
            return url
        if SCHEME.match(url) or url.startswith(("//", "/")):
            raise Fault(
                f"it links to {url!r}: possible are relative links, and those that begin with {', '.join(ELSEWHERE)}"
            )
        place, _, fragment = url.partition("#")
        if not place:
            self.inner.append((page, page, unquote(fragment), url))
            return url
        target = _joined(page, place)
        if target not in self.pages:
            return self._along(page, place, "links to") + (f"#{fragment}" if fragment else "")
        if fragment:
            self.inner.append((page, target, unquote(fragment), url))
        return relative(page, str(target.with_suffix(".html"))) + (f"#{fragment}" if fragment else "")

    def picture(self, page: PurePosixPath, url: str) -> str:
        """What stands on the page for a picture of its notebook."""
        if url.startswith("data:image/"):
            return url
        if SCHEME.match(url) or url.startswith(("//", "/")):
            raise Fault(
                f"it shows {url!r}, which is elsewhere: save the picture beside the notebook and name that file"
            )
        if PurePosixPath(unquote(url)).suffix.lower() not in PICTURES:
            raise Fault(f"it shows {url!r} as a picture: possible are {', '.join(PICTURES)}")
        return self._along(page, url, "shows")

    def _along(self, page: PurePosixPath, url: str, does: str) -> str:
        """The place of a file that comes along, under a name made of its content."""
        source = (self.folder / page.parent / unquote(url)).resolve()
        if not source.is_relative_to(self.folder.resolve().parent):
            raise Fault(
                f"it {does} {url!r}: files come along from the notebooks' folder and the one above it, no others"
            )
        if not source.is_file():
            raise Fault(f"it {does} {url!r}, but there is no file {source}. Mend the link")
        content = source.read_bytes()
        place = f"files/{source.stem}-{hashlib.sha256(content).hexdigest()[:8]}{source.suffix}"
        self.files[place] = content
        return relative(page, place)

    def check(self, anchors: dict[PurePosixPath, set[str]]) -> None:
        """Refuse a link to a place that its page has not."""
        for page, target, fragment, url in self.inner:
            if fragment and fragment not in anchors[target]:
                has = ", ".join(sorted(anchors[target]))
                raise Fault(f"{page}: it links to {url!r}, but {target} has no place {fragment!r}. It has: {has}")


def _joined(page: PurePosixPath, url: str) -> PurePosixPath:
    return PurePosixPath(posixpath.normpath(page.parent / unquote(url)))


def relative(page: PurePosixPath, place: str) -> str:
    """The link from a page to a place of the site."""
    return quote(posixpath.relpath(place, page.parent))
