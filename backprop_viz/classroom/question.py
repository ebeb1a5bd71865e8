"""Questions with numbers of their own: which a student is asked now, and which have been guessed at often enough."""

from __future__ import annotations

from typing import Any

from .calls import case_of
from .dyadic import Dyadic
from .exercises import item_of
from .item import Item
from .values import Line

FIRST = 1  # the numbers that everybody is asked first
MOST_SEEDS = 200  # that are looked through for other numbers: an item may have few of them
TRIES = 3  # wrong answers to the same numbers; after them guessing is cheaper than thinking


class Desk:
    """What has been asked since Python started, and how often it was answered wrong."""

    def __init__(self) -> None:
        self._asked: dict[str, int] = {}  # by the item's id
        self._wrong: dict[tuple[str, int], int] = {}
        self._cases: dict[str, int] = {}

    def ask(self, item: Item, number: int) -> None:
        """Ask this item with these numbers."""
        self._asked[item.id] = number

    def asked(self, item: Item) -> int | None:
        """The numbers that are asked now, None if it was not asked; what has no picture is asked by the text itself."""
        return self._asked.get(item.id) if item.figure else FIRST

    def count_wrong(self, item: Item, number: int, times: int = 1) -> None:
        """Count a wrong answer to these numbers; so many of them to use the numbers up at once."""
        self._wrong[item.id, number] = self._wrong.get((item.id, number), 0) + times

    def used_up(self, item: Item, number: int) -> bool:
        """Whether these numbers have been guessed at often enough."""
        return item.figure is not None and self._wrong.get((item.id, number), 0) >= TRIES

    def next_call(self, item: Item) -> str:
        """How to ask the item with numbers that are not used up."""
        number = self._asked.get(item.id, FIRST)
        while self.used_up(item, number):
            number += 1
        return f'question("{item.id}", {number})' if number > FIRST else f'question("{item.id}")'

    def keep(self, item: Item, cases: int | None) -> None:
        """Keep the first seed of the cases that a function was wrong for, until it is right; None for right."""
        if cases is None:
            self._cases.pop(item.id, None)
        else:
            self._cases[item.id] = cases

    def kept(self, item: Item) -> int | None:
        """The cases that were kept, None if there are none."""
        return self._cases.get(item.id)


DESK = Desk()


def question(name: str, number: int = FIRST) -> Any:
    """What a question shows: a picture, or lines to be put in order, with the answer left blank.

    name:   "ex04.2"
    number: which numbers it is asked with, 1, 2, 3, …; the answer is judged by those that were asked last.
    Three wrong answers use the numbers up, until Python is started again.
    """
    item = item_of(name)
    if item.figure is None:
        raise ValueError(f"{item.id} shows nothing: the text above it says all. Go on to the cell with {item.name}.")
    if not isinstance(number, int) or isinstance(number, bool) or number < FIRST:
        raise ValueError(f'a question\'s numbers are counted from 1, as in question("{item.id}", 2); got {number!r}')
    DESK.ask(item, number)
    if DESK.used_up(item, number):
        return Line(f"These numbers are used up: change this cell to {DESK.next_call(item)}, and run it.")
    return item.figure(*item.cases(Dyadic(seed_of(item, number))))


def seed_of(item: Item, number: int) -> int:
    """The seed of an item's first, second, … numbers: each draws others than those before it."""
    seeds: dict[str, int] = {}
    for seed in range(FIRST, MOST_SEEDS):
        seeds.setdefault(case_of(item, seed), seed)
        if len(seeds) == number:
            return seed
    raise ValueError(f"{item.id} can be asked with {len(seeds)} sets of numbers; there is no number {number}")
