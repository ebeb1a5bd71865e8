"""Pictures, equations and lists without their repetitions: what a page of a hundred steps is small by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import partial
from itertools import starmap
from typing import Any

from ..render.expression import MathTree

FIRST, LAST = 0xE000, 0xF8FF  # private characters, which no name shows (render/symbols.py): for words, and for holes
PRIVATE = LAST - FIRST + 1  # how many they are
SHORTEST = 4  # characters of a word that is worth one
END = "\0"  # between pieces of a picture: in XML it stands nowhere
_MARKUP = re.compile(r'</?[a-z]+>?|>| (?!data-|x=|y=|d=|points=)[a-zA-Z:-]+="[^"]*"')
_VARYING = re.compile(f"([-−]?\\d+(?:\\.\\d+)?|[₀-₉]+|[{chr(FIRST)}-{chr(LAST)}])")


def words(text: str, taken: int = 0) -> tuple[str, list[str]]:
    """The text with a private character for what repeats in its markup, and the words that these stand for.

    taken: how many of the private characters, from the first on, stand for something else
    First every tag and attribute is a word, then every sequence of such words: to read it, put in the words until no
    private character that stands for one is left.
    """
    found: list[str] = []
    first = FIRST + taken
    for pattern in (_MARKUP, re.compile(f"[{chr(first)}-{chr(max(first, LAST))}]{{2,}}")):
        counts = Counter(pattern.findall(text))
        repeated = [piece for piece, count in counts.most_common() if count > 1 and len(piece.encode()) >= SHORTEST]
        chosen = repeated[: max(0, PRIVATE - taken - len(found))]
        number = {piece: chr(first + len(found) + i) for i, piece in enumerate(chosen)}
        text = pattern.sub(partial(_put, number), text)
        found += chosen
    return text, found


def _put(number: dict[str, str], match: re.Match[str]) -> str:
    return number.get(match[0], match[0])


class Library:
    """Equations without their names and numbers, every different branch once.

    A branch is [tag, class, *children]. A child is the number of a branch that stands before, a sign as text, or None
    where a text is to be put in.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._known: dict[MathTree, tuple[int, tuple[str, ...]]] = {}  # what most equations hold, many have: ∂ℒ/∂u

    @property
    def branches(self) -> list[list[Any]]:
        """All branches that are known so far, by number."""
        return list(map(list, self._numbers))

    def equation(self, tree: MathTree) -> list[Any]:
        """The number of this tree's branch and the texts to be put in, in their order; new branches are added."""
        number, texts = self._number(tree)
        return [number, *texts]

    def _number(self, tree: MathTree) -> tuple[int, tuple[str, ...]]:
        if found := self._known.get(tree):
            return found
        tag, css, *children = tree
        branch: list[Any] = [tag, css]
        texts: list[str] = []
        for child in children:
            if not isinstance(child, str):
                number, inside = self._number(child)
                branch.append(number)
                texts += inside
            elif tag == "mo":
                branch.append(child)
            else:
                branch.append(None)
                texts.append(child)
        self._known[tree] = found = self._numbers.setdefault(tuple(branch), len(self._numbers)), tuple(texts)
        return found


def drawings(texts: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
    """Pieces of a picture as stencils in which words stand for what repeats, and these words.

    The private characters of the words come after those of the columns.
    """
    packed = stencils(texts)
    taken = max(len(columns) for _, *columns in packed["stencils"])
    text, known = words(END.join(text for text, *_ in packed["stencils"]), taken)
    pressed = [[short, *columns] for short, (_, *columns) in zip(text.split(END), packed["stencils"], strict=True)]
    return packed | {"stencils": pressed}, known


def stencils(texts: Iterable[str]) -> dict[str, Any]:
    """Texts that differ in their numbers alone, as one stencil each and columns of the numbers to be put in.

    stencils: [text, *columns]: in the text private characters, the first of them where the first column's numbers
              belong; a column has a number for each of the stencil's texts, with spaces between them
    order:    the stencil of each text; of its columns it takes the numbers that come next
    """
    rows: dict[tuple[str, ...], list[list[str]]] = {}
    pieces = [_VARYING.split(text) for text in texts]
    split = [each if len(each) < 2 * PRIVATE else ["".join(each)] for each in pieces]
    outlines = [tuple(each[::2]) for each in split]
    for outline, each in zip(outlines, split, strict=True):
        rows.setdefault(outline, []).append(each[1::2])
    number = {outline: i for i, outline in enumerate(rows)}
    return {"stencils": list(starmap(_stencil, rows.items())), "order": [number[outline] for outline in outlines]}


def _stencil(outline: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    """A stencil with its columns: numbers that are the same in all rows stay in it, equal columns are one."""
    columns: dict[tuple[str, ...], str] = {}
    text = outline[0]
    for column, piece in zip(zip(*rows, strict=True), outline[1:], strict=True):
        fixed = len(set(column)) == 1 and not FIRST <= ord(column[0][0]) <= LAST
        text += (column[0] if fixed else columns.setdefault(column, chr(FIRST + len(columns)))) + piece
    return [text, *map(" ".join, columns)]
