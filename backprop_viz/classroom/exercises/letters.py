"""Questions that are answered with one letter, each wrong one with a hint of its own."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..item import Item, Mistake

ASK = "the letter of the right answer, in quotes"


def choice(id: str, name: str, right: str, *mistakes: Mistake, ask: str = ASK) -> Item:
    """An item that is answered with one letter: the right one, or one that a mistake leads to."""
    why_not = {mistake.answer(): mistake.hint for mistake in mistakes}
    *others, last = (f'"{letter}"' for letter in sorted({right, *why_not}))
    form = f"Answer with one letter in quotes: {', '.join(others)} or {last}."
    return Item(
        id=id,
        name=name,
        ask=ask,
        kind="value",
        truth=lambda: right,
        cases=lambda draw: (),
        judge=partial(_judged, right, why_not, form),
        hint=form,
        mistakes=mistakes,
    )


def _judged(right: str, why_not: dict[str, str], form: str, answer: Any) -> str | None:
    """What is wrong with an answer such as "b", "B" or "(b)."."""
    letter = answer.strip(" ().").lower() if isinstance(answer, str) else ""
    return None if letter == right else why_not.get(letter, form)
