"""Item: one thing that a student is asked for, with its right answer and the wrong ones that have a known cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .dyadic import Dyadic

Answer = Any


@dataclass(frozen=True)
class Mistake:
    """A misconception at work: what somebody who has it would answer, and what would help them.

    code:   its number in the list of docs/teaching.md ("M1"), or a word for a slip that has none
    answer: takes what the right answer takes, and gives what this person would answer
    hint:   one sentence or two; never the answer
    """

    code: str
    answer: Callable[..., Answer]
    hint: str


@dataclass(frozen=True)
class Item:
    """One graded item.

    id:       "ex04.1";  name: the function or variable that the student defines
    ask:      what is asked for, in a few words; the stub says it
    truth:    the right answer: for a function it takes what the student's takes, and its parameters name what is shown
    cases:    draws the arguments of one case; called again with the same seed, it makes the same anew
    hint:     for wrong answers that no mistake explains
    mistakes: the likelier first, where several explain an answer
    kind:     "function": the student's function is called for `count` random cases. "value": the student's variable is
              compared, for the case that the question shows (question.py), or for the only one
    tolerance: how far off a number may be, as a part of the largest magnitude, or of 1 where that is less; by default
              what rounding can do, so that numbers on the dyadic grid may be computed in any way
    observe:  what is compared after a call, from its result and its arguments; the result itself without one
    judge:    for answers of many right forms, such as an order: gives a hint, or None for a right one
    figure:   what a question shows, from the case's arguments, with the answer left blank
    graph:    the loss that a case's gradients belong to, for the picture of the first wrong edge; the answer is a
              gradient for each of `nodes`, in this order (or a dict by their names, or the one gradient itself)
    """

    id: str
    name: str
    ask: str
    truth: Callable[..., Answer]
    cases: Callable[[Dyadic], tuple[Any, ...]]
    hint: str
    mistakes: tuple[Mistake, ...] = ()
    kind: str = "function"
    count: int = 10
    tolerance: float = 1e-9
    observe: Callable[..., Answer] | None = None
    judge: Callable[..., str | None] | None = None
    figure: Callable[..., Any] | None = None
    graph: Callable[..., Any] | None = None
    nodes: tuple[str, ...] = ()

    def expected(self, seed: int) -> Answer:
        """The right answer to the case of this seed."""
        return self.answer_of(self.truth, seed)

    def answer_of(self, function: Callable[..., Answer], seed: int) -> Answer:
        """What a function answers to the case of this seed."""
        arguments = self.cases(Dyadic(seed))
        result = function(*arguments)
        return self.observe(result, *arguments) if self.observe else result

    def fault(self, answer: Answer, seed: int) -> str | None:
        """What a judge has against an answer to the case of this seed; None where it is right."""
        return self.judge(answer, *self.cases(Dyadic(seed))) if self.judge else None
