"""The player in one self-contained HTML file: no kernel, no network, nothing beside it."""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any, Protocol

from ..render.figure import Figure
from ..render.files import write_whole
from ..render.symbols import printable
from . import inlined, lean
from .film import as_json, packed

HERE = Path(__file__).parent
LARGEST = 24_000  # characters of a picture for those without scripts: a large one would be most of the page
HANDLES = re.compile(r' (?:class|data-[a-z]+)="[^"<>]*"(?=[^<>]*>)')  # of a picture: what scripts and styles hold it by
FONT = re.compile(r' font-family="[^"<>]*"(?=[^<>]*>)')
# What a script element cannot hold as it is; within JSON's strings an escape means the same.
ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<\u2028\u2029"}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{places}
</main>
<script type="module">{script}</script>
</body>
</html>
"""
PLACE = """<section data-step="{step}">
<script type="application/json">{film}</script>
<noscript>{instead}</noscript>
</section>"""


class Played(Protocol):
    """A figure to be played, and the step where that starts."""

    @property
    def figure(self) -> Figure: ...  # noqa: D102
    @property
    def step(self) -> int: ...  # noqa: D102


def save_page(path: str | os.PathLike[str], *players: Played, title: str = "") -> Path:
    """Write a page of these players to a file that ends in .html; gives its path."""
    target = Path(path)
    if target.suffix.lower() != ".html":
        raise ValueError(f"a player is saved as a page: {target.name!r} must end in .html")
    write_whole(target, page(*players, title=title).encode())
    return target


def page(*players: Played, title: str = "") -> str:
    """An HTML page that plays these players, one below the other, each from its step on.

    title: the page's name; without one it is made of the losses' names
    The address may say other steps, in the order of the players: page.html#step=17, page.html#step=17,4. It follows
    the reader. Without scripts the page shows the pictures of these steps (for 0 of the last), or for large graphs a
    sentence. Its policy lets in these scripts and styles alone, by their hashes, and nothing from anywhere else.
    """
    if not players:
        raise ValueError("a page needs a player, such as bp.play(loss)")
    for player in players:
        if not hasattr(player, "figure") or not hasattr(player, "step"):
            raise TypeError(f"a page holds players, such as bp.play(loss); got {type(player).__name__} {player!r:.60}")
    names = ", ".join(printable(player.figure.trace.root.name) for player in players)
    title = " ".join((title or f"{names}: backpropagation, step by step").split())
    script = lean.script(inlined.script("page"))
    style = lean.style(_text("player.css") + _text("page.css"))
    return PAGE.format(
        policy=_policy(script, style),
        title=html.escape(printable(title, None)),
        style=style,
        places="\n".join(map(_place, players)),
        script=script,
    )


def still(player: Played) -> Figure:
    """The picture where nothing moves: of the step at which a player stands, or of the last one at the start."""
    return player.figure.at(player.step or None)


def _place(player: Played) -> str:
    """The place of one player, with what is there for those without scripts."""
    picture = _plain(still(player).shown)
    sentence = f"<p>{html.escape(player.figure.label)}. Scripts are turned off: this page needs them to play it.</p>"
    instead = picture if len(picture) <= LARGEST else sentence
    return PLACE.format(step=player.step, film=script_json(packed(player.figure)), instead=instead)


def _plain(svg: str) -> str:
    """The same picture with fewer characters, for nothing to hold on to: of its fonts it says one at the beginning."""
    bare = HANDLES.sub("", svg)
    fonts = Counter(FONT.findall(bare))  # every text has one
    commonest = max(fonts, key=lambda font: fonts[font] * len(font), default="")
    return FONT.sub(lambda font: "" if font[0] == commonest else font[0], bare).replace("<svg", f"<svg{commonest}", 1)


def script_json(data: Any) -> str:
    """Plain data for a script element."""
    return as_json(data).translate(ESCAPES)


def _policy(script: str, style: str) -> str:
    """The content security policy of a page with this script and this style.

    Style attributes stay allowed: the picture and the player use them for sizes.
    """
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; style-src-attr 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf8")
