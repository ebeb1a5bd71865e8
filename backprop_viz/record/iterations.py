"""The iterations of a training in one trace: of each the events, and the values that its nodes hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from .events import Event, Forward, Update

if TYPE_CHECKING:
    from .trace import Trace


def starts(events: Sequence[Event]) -> list[int]:
    """Where the iterations begin: with a value that is given or computed after a backward pass or an update."""
    return [0, *(i for i in range(1, len(events)) if begins(events, i))]


def begins(events: Sequence[Event], i: int) -> bool:
    """Whether another iteration begins with event i."""
    return i > 0 and isinstance(events[i], Forward) and not isinstance(events[i - 1], Forward)


def backwards(events: Sequence[Event]) -> Iterator[Event]:
    """The events of the last iteration, the last one first."""
    for i in range(len(events) - 1, -1, -1):
        yield events[i]
        if begins(events, i):
            return


def parted(trace: Trace) -> tuple[Trace, ...]:
    """Each iteration as a trace of its own, whose nodes hold the values of that iteration's forward pass."""
    ends = [*starts(trace.events), len(trace.events)]
    if len(ends) == 2 and all(event.value is None for event in trace.events if isinstance(event, Forward)):
        return (trace,)
    values = [node.value for node in trace.nodes]
    parts = []
    for first, end in pairwise(ends):
        events = trace.events[first:end]
        for event in events:
            if isinstance(event, Forward):
                values[event.node] = trace.nodes[event.node].value if event.value is None else event.value
        nodes = tuple(replace(node, value=value) for node, value in zip(trace.nodes, values, strict=True))
        parts.append(replace(trace, nodes=nodes, events=events))
        for event in events:
            if isinstance(event, Update):
                values[event.parameter] = event.new
    return tuple(parts)


def at_step(trace: Trace, step: int) -> Trace:
    """The iteration to which a step belongs: step k shows what event k - 1 has done."""
    begun = sum(first < step for first in starts(trace.events))
    return trace.iterations[max(begun - 1, 0)]
