"""check: one line for a student's answer, with a hint where a known misconception explains it; never the answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .calls import Crash, called, case_of, does_nothing, is_begun
from .dyadic import Dyadic
from .exercises import item_of
from .hints import CLOSE, LEFT_IN, explained, right
from .item import Item
from .question import DESK, FIRST, TRIES, seed_of
from .values import LONGER, LONGEST, is_cut, quoted, said, whole

SEED = "BACKPROP_VIZ_SEED"  # of the random cases, where they shall be the same every time
GRADING = "NBGRADER_EXECUTION"  # set by nbgrader, for which only a cell that fails is wrong
TESTING = "PYTEST_CURRENT_TEST"  # set by pytest, and inherited by the kernels that nbval starts
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
    _seed: int | None = field(default=None, compare=False)  # of the case that the line names; a question's numbers
    _given: Any = field(default=..., compare=False)  # the wrong answer to it, if there is one to be shown

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return self.text

    @property
    def case(self) -> tuple[Any, ...]:
        """The arguments of the case that the line names, made anew each time; none where it names no case."""
        item = item_of(self.item)
        return () if self._seed is None or item.kind != "function" else item.cases(Dyadic(self._seed))

    def show(self) -> Any:
        """The player at the first wrong edge of the case that the line names, your numbers beside the right ones.

        The line is printed; without a wrong gradient that is all. To look at the picture of a question uses its numbers
        up: the answer is in it.
        """
        from .picture import first_wrong_edge  # draws, which a check need not wait for

        item = item_of(self.item)
        print(self.text)
        if self._seed is None or self._given is ...:
            print("There is no wrong gradient to show." if item.graph else "This exercise has no picture.")
            return None
        if item.kind == "value" and not DESK.used_up(item, self._seed):
            DESK.count_wrong(item, self._seed, TRIES)
            print(f"The picture shows the answer, so these numbers are used up. Go on with {DESK.next_call(item)}.")
        seed = seed_of(item, self._seed) if item.kind == "value" else self._seed
        return first_wrong_edge(item, seed, self._given)


class NotRight(Exception):
    """What a grader sees of an answer that is not right: the line and nothing else."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def check(name: str, answer: Any = ..., *, seed: int | None = None) -> Verdict:
    """One line about an answer: right, wrong with a hint, or not attempted yet.

    name:   "ex04.1"
    answer: the function or the value; without one, what the notebook calls by the item's name
    seed:   of the random cases; without it they are new each time, and stay while an answer is wrong for them
    """
    item = item_of(name)
    if answer is ...:
        answer = sys._getframe(1).f_globals.get(item.name, ...)
    verdict = _function(item, answer, seed) if item.kind == "function" else _value(item, answer)
    if not verdict and _graded():
        raise NotRight(verdict.text)
    return verdict


def results(name: str) -> None:
    """Print what an answer gives for fixed cases, a line each: what a grader compares outside the student's kernel."""
    item = item_of(name)
    answer = sys._getframe(1).f_globals.get(item.name, ...)
    if answer is ... or (item.kind == "function" and (not callable(answer) or does_nothing(answer))):
        print(f"{item.id}: {NOTHING_YET}")
        return
    if item.kind != "function":
        number = DESK.asked(item) or FIRST
        print(f"{item.id}{f' (numbers {number})' if number > FIRST else ''}: {whole(answer)}")
        return
    for seed in SEEDED:
        try:
            print(f"{item.id}, case {seed}: {whole(called(item, answer, seed))}")
        except Crash as crash:
            print(f"{item.id}, case {seed}: {NOTHING_YET if crash.missing else crash}")


def _graded() -> bool:
    """Whether only a cell that fails counts as wrong: for nbgrader, and in a kernel that a test has started.

    nbval compares with what the copy itself holds, and a wrong answer gives the same line each time.
    """
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return bool(os.environ.get(GRADING) or (os.environ.get(TESTING) and getattr(shell, "kernel", None)))


# ---------------------------------------------------------------------- a function
def _function(item: Item, answer: Any, seed: int | None) -> Verdict:
    if answer is ...:
        why = f"there is no function {item.name} here. Run the cell that defines it, and keep its name."
        return _missing(item, why)
    if not callable(answer):
        why = f"{item.name} is {said(answer)}, and should be a function. Run the cell that defines it again."
        return _wrong(item, why)
    if does_nothing(answer):
        return _missing(item)
    if seed is None and (given := os.environ.get(SEED, "")).isdecimal():
        seed = int(given)
    if seed is not None:
        return _tried(item, answer, seed)
    kept = DESK.kept(item)
    if kept is not None and not (verdict := _tried(item, answer, kept)):
        return verdict
    fresh = int.from_bytes(os.urandom(6))
    verdict = _tried(item, answer, fresh)
    DESK.keep(item, None if verdict else fresh)
    return verdict


def _tried(item: Item, function: Callable[..., Any], first: int) -> Verdict:
    """What is said of a function after so many cases as the item has, from this seed on."""
    wrong = [(case, given) for case in range(first, first + item.count)
             if not right(item, given := _answer(item, function, case), case)]  # fmt: skip
    if not wrong:
        return Verdict(item.id, True, f"✓ {item.name}: passed ({item.count} random cases)")
    if len(wrong) == item.count and all(isinstance(given, Crash) and given.missing for _, given in wrong):
        return _missing(item, LEFT_IN if is_begun(function) else "")
    (seed, given), hint = explained(item, wrong)
    case = case_of(item, seed)
    case = f'{case} (the whole case: check("{item.id}").case)' if is_cut(case) else case
    if isinstance(given, Crash):
        did = f"your code raised {given}{hint and f'. Hint: {hint}'}"
        return _wrong(item, f"for {case}, {did}", seed)
    did = "your answer is" if item.observe else "you returned"
    shown = said(given, LONGER if hint == CLOSE else LONGEST)
    text = f"for {case}, {did} {shown}, expected something else. Hint: {hint}"
    return _wrong(item, text, seed, given)


def _answer(item: Item, function: Callable[..., Any], seed: int) -> Any:
    """What the function answers to this case; a Crash for an error."""
    try:
        return called(item, function, seed)
    except Crash as crash:
        return crash


# ---------------------------------------------------------------------- a value
def _value(item: Item, answer: Any) -> Verdict:
    number = DESK.asked(item)
    if number is None:
        return _missing(item, f'the question was not asked: run the cell with question("{item.id}") first.')
    if answer is ... or answer is None:
        return _missing(item)
    if DESK.used_up(item, number):
        why = f"these numbers are used up. Change the question's cell to {DESK.next_call(item)}, and run it."
        return _missing(item, why, number, answer)
    if callable(answer):
        return _wrong(item, f"{item.name} is a function, and should be your answer itself.")
    seed = seed_of(item, number)
    if right(item, answer, seed):
        return Verdict(item.id, True, f"✓ {item.name}: right")
    if quoted(answer, item.expected(seed)):
        return _missing(item, f"{said(answer)} is a text, because of its quotes. Write numbers without them.")
    _, hint = explained(item, [(seed, answer)])
    DESK.count_wrong(item, number)
    again = f" Now change the question's cell to {DESK.next_call(item)}, and run it: it has other numbers."
    text = f"{said(answer)} is not right. Hint: {hint}{again if DESK.used_up(item, number) else ''}"
    return _wrong(item, text, number, answer)


def _missing(item: Item, why: str = "", seed: int | None = None, given: Any = ...) -> Verdict:
    why = why or f"{NOTHING_YET} ({item.id}); the check looks for the name {item.name}"
    return Verdict(item.id, False, f"– {item.name}: {why}", seed, given if item.graph else ...)


def _wrong(item: Item, text: str, seed: int | None = None, given: Any = ...) -> Verdict:
    return Verdict(item.id, False, f"✗ {item.name}: {text}", seed, given if item.graph else ...)
