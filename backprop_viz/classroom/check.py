"""check: one line for a student's answer, with a hint where a known misconception explains it; never the answer."""

from __future__ import annotations

import linecache
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

import numpy as np

from .dyadic import Dyadic
from .exercises import item_of
from .item import Item, Mistake
from .question import DESK, TRIES, Asked
from .values import NOT_SHOWN, array_of, call_of, cut, said, same, several, shape_of, whole

SEED = "BACKPROP_VIZ_SEED"  # of the random cases, where they shall be the same every time
GRADING = "NBGRADER_EXECUTION"  # set by nbgrader, for which only a cell that fails is wrong
SEEDED = range(1, 6)  # the cases of the results that are compared outside the kernel
NOTHING_YET = "not attempted yet"


@dataclass(frozen=True, repr=False)
class Verdict:
    """What is said about one answer. True if it is right.

    item: "ex04.1";  passed: whether it is right;  text: the line that is shown
    """

    item: str
    passed: bool
    text: str
    _seen: tuple[int, Any] | None = field(default=None, compare=False)  # the wrong case's seed, and the answer given

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return self.text

    def show(self) -> Any:
        """The player at the first wrong edge of the case that the text names, your numbers beside the right ones."""
        from .picture import first_wrong_edge  # draws, which a check need not wait for

        if self._seen is None:
            why = "there is no wrong gradient to show" if item_of(self.item).graph else "this exercise has no picture"
            raise ValueError(f"{why}: {self.text}")
        return first_wrong_edge(item_of(self.item), *self._seen)


class NotRight(Exception):
    """What a grader sees of an answer that is not right: the line and nothing else."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Crash(Exception):
    """The student's own code raised an error of this kind; `missing` if it is the one of a stub."""

    def __init__(self, text: str, kind: str, *, missing: bool = False) -> None:
        super().__init__(text)
        self.kind = kind
        self.missing = missing


def check(name: str, answer: Any = ..., *, seed: int | None = None) -> Verdict:
    """One line about an answer: right, wrong with a hint, or not attempted yet.

    name:   "ex04.1"
    answer: the function or the value; without one, what the notebook calls by the item's name
    seed:   of the random cases; other ones each time without it
    """
    item = item_of(name)
    if answer is ...:
        answer = sys._getframe(1).f_globals.get(item.name, ...)
    verdict = _function(item, answer, seed) if item.kind == "function" else _value(item, answer)
    if not verdict and os.environ.get(GRADING):
        raise NotRight(verdict.text)
    return verdict


def results(name: str) -> None:
    """Print what an answer gives for fixed cases, a line each: what a grader compares outside the student's kernel."""
    item = item_of(name)
    answer = sys._getframe(1).f_globals.get(item.name, ...)
    if answer is ... or (item.kind == "function" and not callable(answer)):
        print(f"{item.id}: {NOTHING_YET}")
        return
    if item.kind != "function":
        print(f"{item.id}: {whole(answer)}")
        return
    for seed in SEEDED:
        try:
            print(f"{item.id}, case {seed}: {whole(_called(item, answer, seed))}")
        except Crash as crash:
            print(f"{item.id}, case {seed}: {NOTHING_YET if crash.missing else crash}")


# ---------------------------------------------------------------------- a function
def _function(item: Item, answer: Any, seed: int | None) -> Verdict:
    if answer is ...:
        return _missing(
            item, f"there is no function {item.name} here. Run the cell that defines it, and keep its name."
        )
    if not callable(answer):
        return _wrong(
            item, f"{item.name} is {said(answer)}, and should be a function. Run the cell that defines it again."
        )
    first = _first_seed(seed)
    wrong: list[tuple[int, Any]] = []
    for case in range(first, first + item.count):
        try:
            given = _called(item, answer, case)
        except Crash as crash:
            if crash.missing:
                return _missing(item)
            given = crash
        if not _right(item, given, case):
            wrong.append((case, given))
    if not wrong:
        return Verdict(item.id, True, f"✓ {item.name}: passed ({item.count} random cases)")
    (case, given), hint = _explained(item, wrong)
    if isinstance(given, Crash):
        return _wrong(item, f"for {_case(item, case)}, your code raised {given}{hint and f'. Hint: {hint}'}")
    did = "your answer is" if item.observe else "you returned"
    text = f"for {_case(item, case)}, {did} {said(given)}, expected something else. Hint: {hint}"
    return _wrong(item, text, (case, given))


def _first_seed(seed: int | None) -> int:
    if seed is None and (given := os.environ.get(SEED, "")).isdecimal():
        seed = int(given)
    return int.from_bytes(os.urandom(6)) if seed is None else seed


def _called(item: Item, function: Callable[..., Any], seed: int) -> Any:
    """What the student's function answers; its errors as one line that shows the line of theirs."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return item.answer_of(function, seed)
    except NotImplementedError as error:
        raise Crash(str(error), type(error).__name__, missing=True) from None
    except (Exception, SystemExit) as error:
        raise Crash(_error_in(error, getattr(function, "__code__", None)), type(error).__name__) from None


def _error_in(error: BaseException, code: CodeType | None) -> str:
    """An error in one line, with the last line of the student's code that led to it."""
    kind, message = type(error).__name__, cut(str(error))
    told = f"{kind}: {message}" if message else kind
    at, frame = "", error.__traceback__
    while frame:
        file = frame.tb_frame.f_code.co_filename
        if code and file == code.co_filename:
            line = cut(linecache.getline(file, frame.tb_lineno))
            at = f", in line {frame.tb_lineno}: {line}" if line else f", in line {frame.tb_lineno}"
        frame = frame.tb_next
    return told + at


def _case(item: Item, seed: int) -> str:
    """The arguments of a case with their names."""
    return call_of(item.truth, item.cases(Dyadic(seed)))


# ---------------------------------------------------------------------- a value
def _value(item: Item, answer: Any) -> Verdict:
    asked = DESK.asked(item)
    if asked is None:
        return _missing(item, f'the question was not asked: run the cell with question("{item.id}") first.')
    if answer is ... or answer is None:
        return _missing(item)
    if item.figure and asked.used_up:
        return _missing(item, f'{TRIES} answers were wrong. Run question("{item.id}") again: it asks anew.')
    if callable(answer):
        return _wrong(item, f"{item.name} is a function, and should be your answer itself.")
    if _right(item, answer, asked.seed):
        return Verdict(item.id, True, f"✓ {item.name}: right")
    (_, given), hint = _explained(item, [(asked.seed, answer)])
    return _wrong(item, f"{said(given)} is not right. Hint: {hint}{_again(item, asked)}", (asked.seed, given))


def _again(item: Item, asked: Asked) -> str:
    """What to do after so many wrong answers."""
    asked.wrong += 1
    if not (item.figure and asked.used_up):
        return ""
    return " Run the question's cell again: it asks anew."


# ---------------------------------------------------------------------- right, wrong, and why
def _right(item: Item, given: Any, seed: int) -> bool:
    if isinstance(given, Crash):
        return False
    return item.fault(given, seed) is None if item.judge else same(given, item.expected(seed), item.tolerance)


def _explained(item: Item, wrong: list[tuple[int, Any]]) -> tuple[tuple[int, Any], str]:
    """The wrong case to name, and the hint: of the mistake that explains most of the wrong answers."""
    easiest = sorted(wrong, key=lambda case: _effort(_case(item, case[0])))
    crashes = [case for case in easiest if isinstance(case[1], Crash)]
    best, least = (next(iter(crashes or easiest)), ""), (len(wrong) + 1) // 2  # less may be chance
    for mistake in item.mistakes:
        if told := _told(item, mistake, easiest, least):
            best, least = (told[0], mistake.hint), len(told) + 1
    case, hint = best
    return case, hint or _plain_hint(item, *case)


def _told(item: Item, mistake: Mistake, cases: list[tuple[int, Any]], least: int) -> list[tuple[int, Any]]:
    """The cases that a mistake explains, if they are so many: some mistakes train a network to answer one case."""
    told: list[tuple[int, Any]] = []
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
    return crash is None and same(given, would, max(item.tolerance, 1e-12)) and not _right(item, would, seed)


def _effort(case: str) -> tuple[bool, int]:
    """How hard a case is to follow on paper: numbers that are not shown are hardest, then many of them."""
    return NOT_SHOWN in case, len(case)


def _plain_hint(item: Item, seed: int, given: Any) -> str:
    """A hint where no misconception explains the answer; an error says enough."""
    if isinstance(given, Crash):
        return ""
    if item.judge:
        return item.fault(given, seed) or item.hint
    right = item.expected(seed)
    if given is None:
        return "Your function gives nothing back: is there a return?"
    if _form(right) != _form(given) and not (isinstance(right, tuple) and several(given) and len(given) == len(right)):
        return f"The answer is {_form(right)}. {item.hint}"
    mine, other = array_of(given), array_of(right)
    if mine is None or other is None:
        return item.hint
    if shape_of(right) != shape_of(given):
        return f"The shape is not right. {item.hint}"
    return f"Look at the sign. {item.hint}" if same(-mine, other, item.tolerance) else item.hint


def _form(answer: Any) -> str:
    """What kind of thing an answer is."""
    if isinstance(answer, Mapping):
        return f"a dict with the keys {', '.join(map(str, answer))}"
    if isinstance(answer, tuple):
        return f"a tuple of {len(answer)}"
    return "one number or array"


def _missing(item: Item, why: str = "") -> Verdict:
    return Verdict(item.id, False, f"– {item.name}: {why or f'{NOTHING_YET} ({item.id})'}")


def _wrong(item: Item, text: str, seen: tuple[int, Any] | None = None) -> Verdict:
    return Verdict(item.id, False, f"✗ {item.name}: {text}", seen if item.graph else None)
