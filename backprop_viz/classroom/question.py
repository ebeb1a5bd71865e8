"""Questions with numbers of their own: what a student is asked now, and new numbers after three wrong answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .dyadic import Dyadic
from .exercises import item_of
from .item import Item

FIRST = 1  # the seed of the numbers that everybody is asked first
TRIES = 3  # wrong answers to the same numbers; after them guessing is cheaper than thinking


@dataclass
class Asked:
    """One question as it stands: the seed of its numbers, the wrong answers to them, whether new ones are due."""

    seed: int = FIRST
    wrong: int = 0

    @property
    def used_up(self) -> bool:
        """Whether the numbers have been guessed at often enough."""
        return self.wrong >= TRIES


class Desk:
    """What has been asked since Python started."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}

    def ask(self, item: Item) -> Asked:
        """Ask this item; with new numbers if those before are used up."""
        before = self._asked.get(item.id, Asked())
        self._asked[item.id] = Asked(before.seed + 1) if before.used_up else before
        return self._asked[item.id]

    def asked(self, item: Item) -> Asked | None:
        """How this item was asked last, None if it was not; what has no picture is asked by the text itself."""
        return self._asked.get(item.id) if item.figure else self._asked.setdefault(item.id, Asked())


DESK = Desk()


def question(name: str) -> Any:
    """What a question shows: a picture, or lines to be put in order, with the answer left blank.

    name: "ex04.2". The numbers stay until three answers to them were wrong; then this cell, run again, has others.
    """
    item = item_of(name)
    if item.figure is None:
        raise ValueError(f"{item.id} shows nothing: the text above it says all. Go on to the cell with {item.name}.")
    return item.figure(*item.cases(Dyadic(DESK.ask(item).seed)))
