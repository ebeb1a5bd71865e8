"""Whether operations are recorded right now, and the clock that numbers tensors and edits."""

from __future__ import annotations

import itertools
from contextlib import ContextDecorator
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType

recording: ContextVar[bool] = ContextVar("recording", default=True)

# One clock for births and edits: a tensor made after another has the larger number, and a value edited after a
# node was computed has a larger number than the node.
tick = itertools.count(1).__next__


class EditClock:
    """When any value was last edited in place: a pass over younger nodes need not look for stale values."""

    last = 0

    def strike(self) -> int:
        """The time of an edit that happens now."""
        self.last = tick()
        return self.last


edit_clock = EditClock()


@dataclass(slots=True)
class Times:
    """When a stored value was computed, and last edited in place (0 = never); one for tensors that share an array."""

    computed: int
    edited: int = 0


class _Mode(ContextDecorator):
    """Switches recording on or off, as a context manager or as a decorator; safe across threads and tasks."""

    enabled: bool

    def __init__(self) -> None:
        self._before: list[bool] = []  # a stack: one object may be entered again inside itself

    def __enter__(self) -> None:
        self._before.append(recording.get())
        recording.set(self.enabled)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        recording.set(self._before.pop())

    def _recreate_cm(self) -> _Mode:
        return type(self)()  # a decorated function may run in several threads at once: each call has its own stack


class no_grad(_Mode):
    """Compute without recording: results have `requires_grad=False`, and parameters may be edited in place."""

    enabled = False


class enable_grad(_Mode):
    """Record again inside a `no_grad` block."""

    enabled = True
