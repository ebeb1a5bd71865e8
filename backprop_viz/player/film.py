"""The film: all that a player shows of a trace, as plain data ready for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..render import heat
from ..render.figure import Figure

SCHEMA = 2  # raised when the film changes its shape; player.js shows this one


def film(figure: Figure) -> dict[str, Any]:
    """The film of a figure's trace: the picture, laid out once, and a frame for the start and for each event.

    schema: 2
    label:  the picture's name for those who do not see it
    svg:    the picture with nothing computed: a `data-slot` for every text, a `data-map` for every heat map and a
            `data-part` for all that can light up
    colours: of the cells of heat maps: scale -> letter -> colour
    round:  how round a cell is, by its letter, of half its side; those not named are squares
    frames: for each step its phase, sentence, equations, and what differs from the step before (render/frames.py)
    """
    theme = figure.options.theme
    return {
        "schema": SCHEMA,
        "label": figure.label,
        "svg": figure.stage,
        "colours": {scale: heat.palette(theme, scale) for scale in ("values", "gradients")},
        "round": heat.CORNERS,
        "frames": [_plain(asdict(frame)) for frame in figure.frames],
    }


def _plain(value: Any) -> Any:
    """The value as JSON would give it back: tuples are lists."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
