"""The place in the reader's program that is being run."""

from __future__ import annotations

from sys import _getframe
from types import CodeType, FrameType

_package = __package__.partition(".")[0] + "."
_inside: dict[CodeType, bool] = {}  # whether a piece of code is part of this package


def reader_frame() -> FrameType:
    """The frame of the reader's program that is being run: the innermost one outside this package."""
    frame = _getframe(1)
    while frame.f_back is not None:
        inside = _inside.get(frame.f_code)
        if inside is None:
            inside = frame.f_globals.get("__name__", "").startswith(_package)
            if inside:  # the reader's own code is not remembered, or it would never be freed
                _inside[frame.f_code] = inside
        if not inside:
            break
        frame = frame.f_back
    return frame
