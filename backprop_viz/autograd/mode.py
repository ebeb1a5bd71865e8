"""Whether operations are recorded right now, and in which group."""

from __future__ import annotations

from contextlib import ContextDecorator
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Literal

from .clock import Group

# What a node made now begins its `more` with: None, or the group it is in; False while nothing is recorded.
recording: ContextVar[Group | Literal[False] | None] = ContextVar("recording", default=None)

# The group to be in when recording is on again; kept while it is off.
paused: ContextVar[Group | None] = ContextVar("paused", default=None)


def current() -> Group | None:
    """The innermost group being run in this thread or task, whether or not recording is on."""
    group = recording.get()
    return paused.get() if group is False else group


def move(group: Group | None) -> None:
    """Be in this group from now on."""
    (paused if recording.get() is False else recording).set(group)


def switch(enabled: bool) -> None:
    """Switch recording on or off."""
    group = current()
    paused.set(group)
    recording.set(group if enabled else False)


class _Mode(ContextDecorator):
    """Switches recording on or off, as a context manager or as a decorator; safe across threads and tasks."""

    enabled: bool

    def __new__(cls, function: Any = None) -> Any:
        """The mode; or, as a decorator written without brackets, the function that runs in it."""
        mode = super().__new__(cls)
        if function is None:
            return mode
        mode.__init__()  # type: ignore[misc]
        return mode(function)

    def __init__(self) -> None:
        self._before: list[bool] = []  # a stack: one object may be entered again inside itself

    def __enter__(self) -> None:
        self._before.append(recording.get() is not False)
        switch(self.enabled)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        switch(self._before.pop())

    def _recreate_cm(self) -> _Mode:
        return type(self)()  # a decorated function may run in several threads at once: each call has its own stack


class no_grad(_Mode):
    """Compute without recording: results have `requires_grad=False`, and parameters may be edited in place."""

    enabled = False


class enable_grad(_Mode):
    """Record again inside a `no_grad` block."""

    enabled = True
