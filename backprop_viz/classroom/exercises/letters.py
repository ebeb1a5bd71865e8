"""Questions that are answered with one letter, each wrong one with a hint of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..item import Mistake


def letter_judge(right: str, why_not: Mapping[str, str]) -> Callable[[Any], str | None]:
    """What is wrong with an answer such as "b" or "(B)"."""
    letters = sorted({right, *why_not})
    form = f'Answer with one letter, as text: "{letters[0]}" to "{letters[-1]}".'

    def judge(answer: Any) -> str | None:
        letter = answer.strip(" ().").lower() if isinstance(answer, str) else ""
        return None if letter == right else why_not.get(letter, form)

    return judge


def wrong_letters(why_not: Mapping[str, str]) -> tuple[Mistake, ...]:
    """A mistake for each wrong letter."""
    return tuple(Mistake("reading", lambda letter=letter: letter, hint) for letter, hint in why_not.items())
