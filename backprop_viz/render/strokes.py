"""The two parallel strokes of an edge, forward and backward, along the splines that Graphviz found."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

Curve = list[complex]  # cubic splines, 3n + 1 points

APART = 3.6  # half the distance between the two strokes
HEAD, HEAD_HALF = 10.0, 4.2  # length and half width of an arrowhead
LAST_STRETCH = 60.0  # of a route, drawn anew where it meets a shape
GAP = 2.5  # between an arrow and the shape it points to


@dataclass(frozen=True, slots=True)
class Arrow:
    """An SVG path and the points of the arrowhead at its end."""

    path: str
    head: str


def arrow(curve: Curve) -> Arrow:
    """An arrow along this curve, which begins and ends at the shapes' outlines."""
    curve = shortened(curve[::-1], GAP)[::-1]
    curve = shortened(curve, GAP)
    tip, back = curve[-1], _unit(curve[-1] - curve[-4] if curve[-1] == curve[-2] else curve[-1] - curve[-2])
    base = tip - HEAD * back
    corners = (tip, base + HEAD_HALF * 1j * back, base - HEAD_HALF * 1j * back)
    return Arrow(path(shortened(curve, HEAD - 1)), " ".join(map(_point, corners)))


def parallel(curve: Curve, distance: float) -> Curve:
    """The curve moved sideways: to its left in the picture (for a curve to the right: up) if `distance` is positive."""
    moved: Curve = []
    for start in range(0, len(curve) - 1, 3):
        a, b, c, d = curve[start : start + 4]
        first = _unit((b - a) or (c - a) or (d - a)) * -1j * distance
        last = _unit((d - c) or (d - b) or (d - a)) * -1j * distance
        moved += [*([] if moved else [a + first]), b + first, c + last, d + last]
    return moved


def shortened(curve: Curve, length: float) -> Curve:
    """The curve without its last `length` pixels."""
    curve = list(curve)
    while len(curve) > 4 and abs(curve[-1] - curve[-4]) <= length:
        length -= abs(curve[-1] - curve[-4])
        del curve[-3:]
    a, b, c, d = curve[-4:]
    whole = sum(abs(q - p) for p, q in ((a, b), (b, c), (c, d)))
    if whole <= length:
        return curve
    t = 1 - length / whole
    ab, bc, cd = a + t * (b - a), b + t * (c - b), c + t * (d - c)
    abc, bcd = ab + t * (bc - ab), bc + t * (cd - bc)
    return [*curve[:-3], ab, abc, abc + t * (bcd - abc)]


def swung(curve: Curve, longest: float) -> Curve:
    """The curve, or between neighbouring ranks (no wider apart than `longest`) one smooth swing in its place.

    Nothing stands between neighbours, and Graphviz bends sharply there to arrive level.
    """
    a, d = curve[0], curve[-1]
    if not 0 < (d - a).real <= longest:
        return curve
    level = 0.62 * (d - a).real  # more than half: it arrives level, as its arrowhead does
    return [a, a + level, d - level, d]


def joined(curves: Iterable[Curve]) -> Curve:
    """Curves one after another, straight across the gaps between them."""
    whole: Curve = []
    for curve in curves:
        if whole and abs(curve[0] - whole[-1]) > 0.01:
            a, d = whole[-1], curve[0]
            whole += [a + (d - a) / 3, a + 2 * (d - a) / 3, d]
        whole += curve[1:] if whole else curve
    return whole


def ending_at(curve: Curve, end: complex) -> Curve:
    """The curve with its end moved to this point, where it arrives level.

    A single swing is bent; of a longer route the last stretch is drawn anew, in the direction it has there.
    """
    if len(curve) == 4:
        return [*curve[:2], curve[2] + end - curve[3], end]
    length = sum(abs(q - p) for p, q in pairwise(curve))
    kept = shortened(curve, min(LAST_STRETCH, length / 2))
    start, onward = kept[-1], _unit(kept[-1] - kept[-2])
    reach = abs(end - start) * 0.45
    level = math.copysign(1.0, (end - start).real)
    return [*kept, start + reach * onward, end - reach * level, end]


def path(curve: Curve) -> str:
    """The SVG path data of a curve, straight pieces as lines."""
    data = [f"M{_point(curve[0])}"]
    for start in range(0, len(curve) - 1, 3):
        a, b, c, d = curve[start : start + 4]
        if _off_line(b, a, d) < 0.05 and _off_line(c, a, d) < 0.05:
            data.append(f"L{_point(d)}")
        else:
            data.append(f"C{_point(b)} {_point(c)} {_point(d)}")
    return "".join(data)


def _off_line(point: complex, a: complex, d: complex) -> float:
    """How far a point is from the line through a and d."""
    if abs(d - a) < 1e-9:
        return abs(point - a)
    return abs(((point - a) / _unit(d - a)).imag)


def _unit(direction: complex) -> complex:
    return direction / abs(direction) if abs(direction) > 1e-9 else 1 + 0j


def _point(z: complex) -> str:
    return f"{_coordinate(z.real)},{_coordinate(z.imag)}"


def _coordinate(value: float) -> str:
    rounded = math.floor(value * 10 + 0.5) / 10
    return f"{rounded:g}"
