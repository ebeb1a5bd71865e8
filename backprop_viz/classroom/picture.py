"""Pictures that ask, and pictures that show where an answer goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, combinations, islice
from typing import Any

import numpy as np

from ..autograd.tensor import Tensor
from ..player.widget import Player, play
from ..record.recorder import record
from ..record.trace import Seed, Send, Trace
from ..render.compare import Difference
from ..render.draw import draw
from ..render.figure import Figure
from .dyadic import Dyadic
from .item import Item
from .values import said, same, several

MOST_SETS = 1000  # of arrows that are tried as the cause of a wrong number


def asked(loss: Tensor, step: int | None = None, **settings: Any) -> Figure:
    """The picture of a loss before the answer: its forward pass, or its first `step` events.

    What comes after is not in the picture's trace either, so that nobody who looks into it finds the answer.
    """
    whole = record(loss)
    events = [event for event in whole.events if not isinstance(event, Seed | Send)] if step is None else whole.events
    return draw(replace(whole, events=tuple(events[:step])), **settings)


def first_wrong_edge(item: Item, seed: int, answer: Any) -> Player:
    """The player of a case at the first edge that brings a node another gradient than the answer has for it.

    The pass is the right one, and goes on from there; the answer's numbers stand in the picture beside it.
    """
    if item.graph is None:
        raise ValueError(f"{item.id} has no graph to be shown")
    trace = record(item.graph(*item.cases(Dyadic(seed))))
    given = gradients(item, answer)
    texts = {
        f"n{node.index}.grad.change": f"yours: {said(given[node.name]).replace('-', '−')}"
        for node in trace.nodes
        if node.name in given
    }
    note = "Below a gradient stands what you answered for it."
    figure = replace(draw(trace), difference=Difference(texts, frozenset(), note))
    return play(figure, first_wrong(trace, given, item.tolerance))


def gradients(item: Item, answer: Any) -> dict[str, Any]:
    """An answer as the gradient of each node that it is about."""
    if isinstance(answer, Mapping):
        return {name: answer.get(name) for name in item.nodes}
    parts = (answer,) if len(item.nodes) == 1 else tuple(answer) if several(answer) else ()
    return dict(zip(item.nodes, parts, strict=False))


def first_wrong(trace: Trace, given: Mapping[str, Any], tolerance: float) -> int:
    """The step at which the right pass brings the first wrong node something that the number given for it lacks.

    Where no arrow explains that number, the step at which the node hears of the loss for the first time.
    """
    sent: dict[int, list[tuple[int, Any]]] = {}  # of each node the steps that bring it something, and what
    for step, event in enumerate(trace.events, start=1):
        if isinstance(event, Send):
            sent.setdefault(trace.edges[event.edge].parent, []).append((step, event.contribution))
    for index, arrows in sorted(sent.items(), key=lambda heard: heard[1][-1][0]):  # a node is heard out, then it sends
        node, right = trace.nodes[index], trace.gradient(index)
        if node.name in given and not same(given[node.name], right, tolerance):
            return blamed(arrows, given[node.name], right, tolerance)
    return len(trace.events)


def blamed(arrows: list[tuple[int, Any]], given: Any, right: Any, tolerance: float) -> int:
    """The first of the fewest steps whose contributions, left out, turned in sign or taken twice, give this number."""
    sets = chain.from_iterable(combinations(arrows, size) for size in range(1, len(arrows) + 1))
    for some in islice(sets, MOST_SETS):
        part = sum(np.asarray(contribution) for _, contribution in some)
        if any(same(given, right + times * part, tolerance) for times in (-1, -2, 1)):
            return some[0][0]
    return arrows[0][0]
