"""Right or wrong, and why: the mistake that explains most of the wrong answers, or a plain hint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .calls import Crash, case_of
from .item import Item, Mistake
from .values import NOT_SHOWN, array_of, negated, quoted, same, several, shape_of

Wrong = tuple[int, Any]  # the seed of a case, and the wrong answer to it
NEAR = 1e-4  # how far off a number is at most that somebody has worked out in a right way, but not to the last digit
CLOSE = "Close, but not exact. Has an approximation come in, such as a difference quotient or a rounded number?"
LEFT_IN = "The line raise NotImplementedError(…) that the exercise came with is still there: delete it."
NOTHING = "Your function gives nothing back: is there a return?"
NOTHING_HERE = (
    "For this case your function gives nothing back, for others it does. Does one of your conditions hold here, to the "
    "letter and the space, and is there a return below it?"
)


def right(item: Item, given: Any, seed: int) -> bool:
    """Whether this is a right answer to the case of this seed."""
    if isinstance(given, Crash):
        return False
    return item.fault(given, seed) is None if item.judge else same(given, item.expected(seed), item.tolerance)


def explained(item: Item, wrong: list[Wrong]) -> tuple[Wrong, str]:
    """The wrong case to name, and the hint: of the mistake that explains most of the wrong answers."""
    easiest = sorted(wrong, key=lambda case: _effort(case_of(item, case[0])))
    crashes = [case for case in easiest if isinstance(case[1], Crash)]
    best, least = (next(iter(crashes or easiest)), ""), (len(wrong) + 1) // 2  # less may be chance
    everywhere = len(wrong) == item.count and all(given is None for _, given in wrong)
    for mistake in item.mistakes:
        if told := _told(item, mistake, easiest, least):
            best, least = (told[0], mistake.hint), len(told) + 1
    case, hint = best
    return case, hint or _plain_hint(item, *case, everywhere)


def _told(item: Item, mistake: Mistake, cases: list[Wrong], least: int) -> list[Wrong]:
    """The cases that a mistake explains, if they are so many: some mistakes train a network to answer one case."""
    told: list[Wrong] = []
    for left in range(len(cases), 0, -1):
        if len(told) + left < least:
            return []
        case = cases[-left]
        if _explains(item, mistake, *case):
            told.append(case)
    return told


def _explains(item: Item, mistake: Mistake, seed: int, given: Any) -> bool:
    """Whether somebody with this misconception would answer so, and be wrong; or have code that fails like this one."""
    crash = given.kind if isinstance(given, Crash) else None
    try:
        with np.errstate(all="ignore"):
            would = item.answer_of(mistake.answer, seed)
    except Exception as error:
        return type(error).__name__ == crash
    return crash is None and same(given, would, max(item.tolerance, 1e-12)) and not right(item, would, seed)


def _effort(case: str) -> tuple[bool, int]:
    """How hard a case is to follow on paper: numbers that are not shown are hardest, then many of them."""
    return NOT_SHOWN in case, len(case)


def _plain_hint(item: Item, seed: int, given: Any, everywhere: bool) -> str:
    """A hint where no misconception explains the answer, wrong in all cases or in some; an error says enough."""
    if isinstance(given, Crash):
        return f"{LEFT_IN} Nothing above it has returned in this case." if given.missing else ""
    if item.judge:
        return item.fault(given, seed) or item.hint
    expected = item.expected(seed)
    if given is None:
        return NOTHING if everywhere else NOTHING_HERE
    if quoted(given, expected):
        return "A number in quotes is a text. Return numbers."
    if same(given, expected, NEAR):
        return CLOSE
    if same(negated(given), expected, item.tolerance):
        return f"Look at the sign. {item.hint}"
    parts = isinstance(expected, tuple) and several(given) and len(given) == len(expected)
    if _form(expected) != _form(given) and not parts:
        return f"The answer is {_form(expected)}. {item.hint}"
    arrays = not parts and array_of(given) is not None and array_of(expected) is not None
    return f"The shape is not right. {item.hint}" if arrays and shape_of(expected) != shape_of(given) else item.hint


def _form(answer: Any) -> str:
    """What kind of thing an answer is."""
    if isinstance(answer, Mapping):
        return f"a dict with the keys {', '.join(map(str, answer))}"
    if isinstance(answer, tuple):
        return f"a tuple of {len(answer)}"
    return "one number or array"
