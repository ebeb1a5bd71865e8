"""The film: all that a player shows of a trace, as plain data ready for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..render.figure import Figure

SCHEMA = 1  # raised when the film changes its shape; player.js shows this one


def film(figure: Figure) -> dict[str, Any]:
    """The film of a figure's trace: the picture, laid out once, and a frame for the start and for each event.

    schema: 1
    label:  the picture's name for those who do not see it
    svg:    the picture with nothing computed: a `data-slot` for every text and a `data-part` for all that can light up
    frames: for each step its phase, sentence, equations, and what differs from the step before (render/frames.py)
    """
    return {
        "schema": SCHEMA,
        "label": figure.label,
        "svg": figure.stage,
        "frames": [_plain(asdict(frame)) for frame in figure.frames],
    }


def _plain(value: Any) -> Any:
    """The value as JSON would give it back: tuples are lists."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
