"""The exercise on tensors that share their memory: what each of them holds after a few edits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..item import Item, Mistake
from ..values import same

After = tuple[list[float], list[float], list[float], int]
AFTER: After = ([10.0, 2.0, 30.0], [110.0, 102.0, 103.0], [1.0, 20.0, 3.0], 2)
PARTS: tuple[tuple[str, tuple[tuple[str, Any, str], ...]], ...] = (
    (
        "x",
        (
            ("copied", [1.0, 2.0, 30.0], "x: detach copies no numbers, so an edit through a is one of x."),
            ("clone", [10.0, 20.0, 30.0], "x: clone copies the numbers; what is done to b stays in b."),
            ("rebound", [110.0, 102.0, 30.0], "x: a = a + 100 makes a new tensor, and gives it the name a."),
        ),
    ),
    (
        "a",
        (
            ("rebound", [110.0, 102.0, 130.0], "a: since the line before the last, a is a tensor with its own memory."),
            ("rebound", [110.0, 102.0, 30.0], "a: since the line before the last, a is a tensor with its own memory."),
            ("copied", [101.0, 102.0, 103.0], "a: the first edit was made through a, before 100 was added."),
        ),
    ),
    (
        "b",
        (
            ("clone", [10.0, 20.0, 3.0], "b: a clone has its own memory, and hears of no edit but its own."),
            ("clone", [10.0, 20.0, 30.0], "b: a clone has its own memory, and hears of no edit but its own."),
        ),
    ),
    (
        "x._version",
        (
            (
                "counter",
                0,
                "x._version: each edit in place of the memory of x counts, through whatever name it is made.",
            ),
            ("counter", 1, "x._version: the counter belongs to the memory, whichever tensor the edit goes through."),
            ("counter", 3, "x._version: of all these edits, one is of other memory, or a line makes a new tensor."),
            ("counter", 4, "x._version: only edits of the memory of x are counted, and a = a + 100 edits nothing."),
        ),
    ),
)


def _judged_after(answer: Any) -> str | None:
    if not isinstance(answer, list | tuple) or len(answer) != len(AFTER):
        return "The answer is a tuple of four: the numbers of x, of a, of b (a list each), and x._version."
    for given, right, (name, models) in zip(answer, AFTER, PARTS, strict=True):
        if not same(given, right, 0.0):
            told = [hint for _, model, hint in models if same(given, model, 0.0)]
            return told[0] if told else f"{name}: draw a box for each memory, and go through the lines once more."
    return None


def _with(part: int, value: Any) -> Callable[[], tuple[Any, ...]]:
    return lambda: (*AFTER[:part], value, *AFTER[part + 1 :])


SHARED = Item(
    id="ex10.5",
    name="after",
    ask="a tuple: the numbers of x, of a, of b, and x._version",
    kind="value",
    truth=lambda: AFTER,
    cases=lambda _: (),
    hint="Draw a box for each memory, and write at each box which names show it.",
    judge=_judged_after,
    mistakes=tuple(
        Mistake(code, _with(part, model), hint)
        for part, (_, models) in enumerate(PARTS)
        for code, model, hint in models
    ),
)
