"""Mathematics on one line of SVG text: runs of italic, upright, raised and lowered characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from xml.sax.saxutils import escape

from .expression import MathTree
from .fonts import ITALIC, NUMBERS, SANS, SERIF, UPRIGHT, font_of, width
from .symbols import ACCENTS

COMBINING = {spacing: combining for combining, spacing in ACCENTS.values()}


@dataclass(frozen=True, slots=True)
class Run:
    """Characters in one style; `scale` of the line's font size, lowered by `drop` of it."""

    text: str
    italic: bool = False
    scale: float = 1.0
    drop: float = 0.0
    font: str = UPRIGHT

    def width(self, size: float) -> float:
        """The width in pixels on a line of this font size."""
        return width(self.text, self.font, size * self.scale)


@lru_cache(maxsize=4096)
def runs(tree: MathTree | str) -> tuple[Run, ...]:
    """The runs of a piece of mathematics, fractions written with a slash.

    A run is in one font: programs that draw SVG take one for the whole of a text, the first that has all of it.
    """
    return tuple(part for run in styled(tree) for part in _by_font(run))


def _by_font(run: Run) -> Iterator[Run]:
    font = ITALIC if run.italic else UPRIGHT
    for chosen, characters in groupby(run.text, lambda character: font_of(character, font)):
        yield replace(run, text="".join(characters), font=chosen)


def styled(tree: MathTree | str) -> Iterator[Run]:
    """The runs before they are told apart by font."""
    if isinstance(tree, str):
        yield Run(tree)
        return
    tag, _, *children = tree
    match tag:
        case "mi":
            # One letter is a variable, in italics; words, names of functions and capitals like Σ stand upright.
            yield Run(children[0], italic=len(children[0]) == 1 and children[0] not in "ℒΣσ∂")
        case "mo":
            yield Run(_spaced(children[0]))
        case "msub" | "msup":
            yield from styled(children[0])
            drop = 0.25 if tag == "msub" else -0.35
            yield from (replace(run, scale=run.scale * 0.7, drop=drop) for run in styled(children[1]))
        case "mover":
            letter, accent = children[0][2], children[1][2]
            yield Run(unicodedata.normalize("NFC", letter + COMBINING[accent]), italic=len(letter) == 1)
        case "mfrac":
            yield from (*styled(children[0]), Run("/"), *styled(children[1]))
        case "msqrt":
            yield from (Run("√"), *styled(children[0]))
        case _:
            for child in children:
                yield from styled(child)


def _spaced(sign: str) -> str:
    if sign == "\u2062":  # MathML's invisible multiplication
        return "\u2009"
    return f" {sign} " if sign in "+−=>" else f"{sign} " if sign == "," else sign


@lru_cache(maxsize=4096)
def line_width(tree: MathTree, size: float) -> float:
    """The width in pixels of a piece of mathematics on one line."""
    return sum(run.width(size) for run in runs(tree))


def line(tree: MathTree, x: float, y: float, size: float, *, css: str, fill: str, anchor: str = "middle") -> str:
    """An SVG text element with a piece of mathematics on one line."""
    return (
        f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" font-family="{SERIF}" font-size="{size:g}" fill="{fill}" '
        f'text-anchor="{anchor}" xml:space="preserve">{_spans(tree, size)}</text>'
    )


@lru_cache(maxsize=4096)
def _spans(tree: MathTree, size: float) -> str:
    spans, lowered = [], 0.0
    for run in runs(tree):
        style = {ITALIC: ' font-style="italic"', UPRIGHT: "", NUMBERS: f' font-family="{SANS}"'}[run.font]
        scale = f' font-size="{size * run.scale:.4g}"' if run.scale != 1 else ""
        # dy moves the pen for good: each run says only how far it is from the one before
        move = f' dy="{(run.drop - lowered) * size:.4g}"' if run.drop != lowered else ""
        lowered = run.drop
        spans.append(f"<tspan{style}{scale}{move}>{escape(run.text)}</tspan>")
    return "".join(spans)
