"""The place in the reader's program that is being run."""

from __future__ import annotations

from sys import _getframe
from types import FrameType

_package = __package__.partition(".")[0] + "."


def reader_frame() -> FrameType:
    """The frame of the reader's program that is being run: the innermost one outside this package."""
    frame = _getframe(1)
    while frame.f_globals.get("__name__", "").startswith(_package) and frame.f_back is not None:
        frame = frame.f_back
    return frame
