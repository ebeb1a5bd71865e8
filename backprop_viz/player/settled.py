"""A picture whose parts are drawn around places of their own: what looks alike is written alike, wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

_PART = re.compile(r"<(/?)g\b[^<>]*>")
_PLACED = re.compile(r' (c?[xy]|d|points)="([^"<>]*)"(?=[^<>]*>)')  # in a tag: brackets in text are escaped
_COMMAND = re.compile("([MLHC])([^A-Z]*)")
_NUMBER = re.compile(r"-?[\d.]+")
ORIGIN = (0.0, 0.0)


def settled(svg: str) -> str:
    """The same picture, its parts and arrowheads moved to their places, and its paths in relative commands."""
    pieces, depth, begun, done = [], 0, 0, 0
    for match in _PART.finditer(svg):
        if match[1]:
            depth -= 1
        else:
            begun = begun if depth else match.start()
            depth += 1
        if not depth:
            pieces += [svg[done:begun], _moved(svg[begun : match.end()])]
            done = match.end()
    return "".join(pieces) + svg[done:]


def _moved(part: str) -> str:
    """A part drawn around the first place in it; an arrow stays, for it has two ends."""
    if " transform=" in part:
        return part
    place = {name[-1]: float(value) for name, value in reversed(_PLACED.findall(part)) if name[-1] in "xy"}
    if not place:
        return _PLACED.sub(partial(_written, ORIGIN), part)
    origin = place["x"], place["y"]
    return _PLACED.sub(partial(_written, origin), part).replace(">", f"{_shift(origin)}>", 1)


def _written(origin: tuple[float, float], match: re.Match[str]) -> str:
    """An attribute as it is written when the origin is there."""
    name, value = match[1], match[2]
    if name == "d":
        return f' d="{_relative(value, origin)}"'
    if name != "points":
        return f' {name}="{_short(float(value) - origin[name[-1] == "y"])}"'
    numbers = list(map(float, _NUMBER.findall(value)))
    start = numbers[:2] if origin == ORIGIN else origin
    shift = _shift(start) if origin == ORIGIN else ""
    return f'{shift} points="{_short(*(number - start[i % 2] for i, number in enumerate(numbers)))}"'


def _shift(place: Sequence[float]) -> str:
    return f' transform="translate({_short(*place)})"'


def _relative(path: str, origin: tuple[float, float]) -> str:
    """The data of a path of lines and curves in relative commands."""
    drawn, here = "", origin
    for command, text in _COMMAND.findall(path):
        numbers = list(map(float, _NUMBER.findall(text)))
        if command == "H":
            numbers.append(here[1])
        steps = [number - here[i % 2] for i, number in enumerate(numbers)]
        here = numbers[-2], numbers[-1]
        level = command in "LH" and not steps[1]
        drawn += f"h{_short(steps[0])}" if level else (command if command == "M" else command.lower()) + _short(*steps)
    return drawn


def _short(*numbers: float) -> str:
    """Numbers to a hundredth of a pixel."""
    return " ".join(f"{round(number, 2) + 0.0:.7g}" for number in numbers)  # + 0.0: no −0
