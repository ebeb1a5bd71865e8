"""The two parallel strokes of an edge, forward and backward, along the splines that Graphviz found."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

Curve = list[complex]  # cubic splines, 3n + 1 points

APART = 3.6  # half the distance between the two strokes
HEAD, HEAD_HALF = 10.0, 4.2  # length and half width of an arrowhead
LAST_STRETCH = 60.0  # of a route, drawn anew where it meets a shape
SEEN = 0.05  # pixels: less cannot be seen
GAP = 2.5  # between an arrow and the shape it points to


@dataclass(frozen=True, slots=True)
class Arrow:
    """An SVG path and the points of the arrowhead at its end."""

    path: str
    head: str


def arrow(curve: Curve) -> Arrow:
    """An arrow along this curve, from its beginning to its end."""
    tip = curve[-1]
    back = _unit(tip - curve[-4] if tip == curve[-2] else tip - curve[-2])
    base, side = tip - HEAD * back, HEAD_HALF * 1j * back
    return Arrow(path(shortened(curve, HEAD - 1)), f"{_point(tip)} {_point(base + side)} {_point(base - side)}")


def parallel(curve: Curve, distance: float) -> Curve:
    """The curve moved sideways: to its left in the picture (for a curve to the right: up) if `distance` is positive."""
    moved: Curve = []
    for start in range(0, len(curve) - 1, 3):
        a, b, c, d = curve[start : start + 4]
        first = _unit((b - a) or (c - a) or (d - a)) * -1j * distance
        last = _unit((d - c) or (d - b) or (d - a)) * -1j * distance
        moved += (b + first, c + last, d + last) if moved else (a + first, b + first, c + last, d + last)
    return moved


def shortened(curve: Curve, length: float) -> Curve:
    """The curve without its last `length` pixels."""
    kept = len(curve)
    while kept > 4 and (piece := abs(curve[kept - 1] - curve[kept - 4])) <= length:
        length -= piece
        kept -= 3
    a, b, c, d = curve[kept - 4 : kept]
    whole = abs(b - a) + abs(c - b) + abs(d - c)
    if whole <= length:
        return curve[:kept]
    t = 1 - length / whole
    ab, bc, cd = a + t * (b - a), b + t * (c - b), c + t * (d - c)
    abc, bcd = ab + t * (bc - ab), bc + t * (cd - bc)
    return [*curve[: kept - 3], ab, abc, abc + t * (bcd - abc)]


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


def moved_end(curve: Curve, along: float) -> Curve:
    """The curve with its end moved sideways to this x, so that it arrives as it did."""
    change = along - curve[-1].real
    return [*curve[:-2], curve[-2] + change, curve[-1] + change]


def ending_at(curve: Curve, end: complex) -> Curve:
    """The curve with its end moved to this point, where it arrives level.

    It is level from where it ended before: what stands above and below a round shape is as wide as the shape. A single
    swing is bent; of a longer route the last stretch is drawn anew, in the direction it has there.
    """
    level = complex(curve[-1].real, end.imag)
    if abs(end - level) < GAP:  # only rounding, or the shape is flat there
        level = end
    if len(curve) == 4:
        return joined([[*curve[:2], curve[2] + level - curve[3], level], [end]])
    length = sum(abs(q - p) for p, q in pairwise(curve))
    kept = shortened(curve, min(LAST_STRETCH, length / 2))
    start, onward = kept[-1], _unit(kept[-1] - kept[-2])
    reach = abs(level - start) * 0.45
    forth = math.copysign(1.0, (level - start).real)
    return joined([[*kept, start + reach * onward, level - reach * forth, level], [end]])


def inside(piece: Curve, upper: complex, lower: complex, apart: float) -> Iterator[complex]:
    """Points of one cubic within a rectangle, at most so many pixels apart."""
    waiting = [piece]
    while waiting:
        a, b, c, d = waiting.pop()
        left, right = min(a.real, b.real, c.real, d.real), max(a.real, b.real, c.real, d.real)
        top, bottom = min(a.imag, b.imag, c.imag, d.imag), max(a.imag, b.imag, c.imag, d.imag)
        if right <= upper.real or lower.real <= left or bottom <= upper.imag or lower.imag <= top:
            continue
        ab, bc, cd = (a + b) / 2, (b + c) / 2, (c + d) / 2
        abc, bcd = (ab + bc) / 2, (bc + cd) / 2
        middle = (abc + bcd) / 2
        if right - left + bottom - top <= apart:
            yield middle
        else:
            waiting += [a, ab, abc, middle], [middle, bcd, cd, d]


def path(curve: Curve) -> str:
    """The SVG path data of a curve, straight pieces as lines."""
    data = [f"M{_point(curve[0])}"]
    for start in range(0, len(curve) - 1, 3):
        a, b, c, d = curve[start : start + 4]
        if _straight(a, b, c, d):
            data.append(f"L{d.real:.1f},{d.imag:.1f}")
        else:
            data.append(f"C{b.real:.1f},{b.imag:.1f} {c.real:.1f},{c.imag:.1f} {d.real:.1f},{d.imag:.1f}")
    return "".join(data)


def _straight(a: complex, b: complex, c: complex, d: complex) -> bool:
    """Whether b and c are on the line through a and d, as far as can be seen."""
    way = d - a
    far = SEEN * abs(way)  # the cross product is the distance from the line times the length of the line
    return abs(((b - a).conjugate() * way).imag) <= far and abs(((c - a).conjugate() * way).imag) <= far


def _unit(direction: complex) -> complex:
    length = abs(direction)
    return direction / length if length > 1e-9 else 1 + 0j


def _point(z: complex) -> str:
    return f"{z.real:.1f},{z.imag:.1f}"
