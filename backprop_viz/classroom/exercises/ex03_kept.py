"""What the backward pass needs of the forward pass: the item of lecture 03 with the values to be kept."""

from __future__ import annotations

from typing import Any

from ...autograd.functions.constructors import parameter
from ..dyadic import Dyadic
from ..item import Item, Mistake
from ..picture import asked
from .dags import Parents, arguments, loss_of, names_in, with_ops


def _kept(parents: Parents, ops: dict[str, str]) -> list[str]:
    return arguments(parents, ops, "*", "** 2")


KEPT_WRONGLY = (
    Mistake("all", lambda parents, ops: list(parents), "Is each of them in a blue number? Write those numbers down."),
    Mistake("leaves", lambda parents, ops: [v for v in _kept(parents, ops) if parents[v]], "Leaves may be factors."),
    Mistake(
        "sums",
        lambda parents, ops: arguments(parents, ops, "*", "+", "** 2", "- 1"),
        "You kept what goes into any operation. Some have the same blue number whatever goes in.",
    ),
    Mistake(
        "results",
        lambda parents, ops: [v for v, op in ops.items() if op in ("*", "** 2")],
        "You kept what products and squares give. Their blue numbers are made of what goes in.",
    ),
    Mistake("squares", lambda parents, ops: arguments(parents, ops, "*"), "What is the blue number of a square?"),
    Mistake("products", lambda parents, ops: arguments(parents, ops, "** 2"), "And the blue numbers of a product?"),
)


def _judge_kept(answer: Any, parents: Parents, ops: dict[str, str]) -> str | None:
    names = names_in(answer, parents)
    if names is None or (strange := {*names} - {*parents}):
        return f"The answer is a list of nodes in the picture{'' if names is None else f'; {min(strange)!r} is none'}."
    if {*names} == {*_kept(parents, ops)}:
        return None
    for mistake in KEPT_WRONGLY:
        if {*names} == {*mistake.answer(parents, ops)}:
            return mistake.hint
    missing = {*_kept(parents, ops)} - {*names}
    return "From what you keep, one blue number cannot be made." if missing else "You keep a value that is in none."


def _told_apart(draw: Dyadic) -> tuple[Parents, dict[str, str]]:
    """A graph in which no misconception is right by chance, nor looks like another."""

    def fits(parents: Parents, ops: dict[str, str]) -> bool:
        sets = {frozenset(model(parents, ops)) for model in (_kept, *(mistake.answer for mistake in KEPT_WRONGLY))}
        return {*ops.values()} >= {"*", "+", "** 2"} and len(sets) == 1 + len(KEPT_WRONGLY)

    return with_ops(draw, fits)


KEPT = Item(
    id="ex03.4",
    name="kept",
    ask="the names of the nodes whose values the way back needs",
    kind="value",
    truth=_kept,
    cases=_told_apart,
    judge=_judge_kept,
    hint="Write the blue number to each arrow, in letters. Which nodes are in it?",
    figure=lambda parents, ops: asked(loss_of(parents, ops, parameter), show="symbols", phase="forward"),
    mistakes=KEPT_WRONGLY,
)
