"""A call that many requests share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Soon:
    """Calls a function once for all requests that come within some seconds; at once where no event loop runs.

    patient: wait until no request has come for that long
    """

    def __init__(self, function: Callable[[], None], seconds: float, *, patient: bool = False) -> None:
        self.function = function
        self.seconds = seconds
        self.patient = patient
        self._waiting: asyncio.TimerHandle | None = None

    def __call__(self) -> None:
        """Ask for a call."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.now()
            return
        if self.patient:
            self.cancel()
        if self._waiting is None:
            self._waiting = loop.call_later(self.seconds, self.now)

    @property
    def due(self) -> bool:
        """Whether a call has been asked for and is still to come."""
        return self._waiting is not None

    def now(self) -> None:
        """Call it, and wait no longer."""
        self.cancel()
        self.function()

    def cancel(self) -> None:
        """Forget the requests."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
