"""Pictures and equations without their repetitions: what a page of a hundred steps is small by."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import Any

from ..render.expression import MathTree

FIRST, LAST = 0xE000, 0xF8FF  # private characters, which no name shows (render/symbols.py): each stands for a word
SHORTEST = 4  # characters of a word that is worth one
_MARKUP = re.compile(r'</?[a-z]+>?|>| (?!data-|x=|y=|d=|points=)[a-zA-Z:-]+="[^"]*"')
_RUNS = re.compile(f"[{chr(FIRST)}-{chr(LAST)}]{{2,}}")


def words(text: str) -> tuple[str, list[str]]:
    """The text with a private character for what repeats in its markup, and the words that these stand for.

    First every tag and attribute is a word, then every sequence of such words: to read it, put in the words until no
    private character is left.
    """
    found: list[str] = []
    for pattern in (_MARKUP, _RUNS):
        counts = Counter(pattern.findall(text))
        repeated = [piece for piece, count in counts.most_common() if count > 1 and len(piece.encode()) >= SHORTEST]
        chosen = repeated[: LAST - FIRST + 1 - len(found)]
        number = {piece: chr(FIRST + len(found) + i) for i, piece in enumerate(chosen)}
        text = pattern.sub(partial(_put, number), text)
        found += chosen
    return text, found


def _put(number: dict[str, str], match: re.Match[str]) -> str:
    return number.get(match[0], match[0])


class Library:
    """Trees of mathematics, every different branch once: a branch is [tag, class, *children], a child a number or text.

    The children of a branch have smaller numbers than the branch itself.
    """

    def __init__(self) -> None:
        self.branches: list[list[Any]] = []
        self._numbers: dict[MathTree, int] = {}

    def number(self, tree: MathTree) -> int:
        """The number of this tree; it is added if it is new."""
        if tree not in self._numbers:
            tag, css, *children = tree
            branch = [tag, css, *(child if isinstance(child, str) else self.number(child) for child in children)]
            self._numbers[tree] = len(self.branches)
            self.branches.append(branch)
        return self._numbers[tree]
