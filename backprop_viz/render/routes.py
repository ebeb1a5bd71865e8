"""The way of every link from outline to outline, along the splines that Graphviz found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from . import sizes, strokes
from .dot import RANK_GAP, parts_of
from .layout import Layout
from .plan import Plan
from .strokes import Curve
from .view import Link, Place

Turn = Callable[[complex], complex]
TURNED: dict[str, Turn] = {
    "LR": lambda point: point,
    "RL": lambda point: complex(-point.real, point.imag),
    "TB": lambda point: complex(point.imag, point.real),
    "BT": lambda point: complex(-point.imag, point.real),
}
TURNED_BACK: dict[str, Turn] = TURNED | {"BT": lambda point: complex(point.imag, -point.real)}
MIRRORED = ("RL", "TB")  # what is to the right of an arrow is to the left of it once it is turned
STEP = 8.0  # pixels: between the points that are looked at along an arrow
FAN = 17.0  # pixels between two arrows at one shape, at most


@dataclass(frozen=True, slots=True)
class Lanes:
    """The curves of a link: its forward and its backward arrow, and the middle between them."""

    middle: Curve
    forward: Curve
    back: Curve


@dataclass(frozen=True)
class Routes:
    """The curves of a laid-out plan.

    They are made as if the passes ran to the right, and then turned.
    """

    plan: Plan
    layout: Layout

    @cached_property
    def lanes(self) -> dict[str, Lanes]:
        """Every link's curves by its key; they end a little before the outlines of the shapes."""
        apart = -strokes.APART if self.plan.options.orientation in MIRRORED else strokes.APART
        back = TURNED_BACK[self.plan.options.orientation]
        found = {}
        for link in self.plan.view.links:
            middle = self._curves[link.key]
            three = (middle, strokes.parallel(middle, -apart), strokes.parallel(middle, apart))
            ending = (list(map(back, self._to_outlines(link, curve))) for curve in three)
            middle, forward, backward = ending
            found[link.key] = Lanes(middle, forward, backward[::-1])
        return found

    def passing(self, upper: complex, lower: complex) -> list[float]:
        """Where arrows pass through a rectangle: how far from the left, in order."""
        return sorted(
            point.real
            for top, bottom, piece in self._heights
            if top < lower.imag and upper.imag < bottom
            for point in strokes.inside(piece, upper, lower, STEP)
        )

    @cached_property
    def _heights(self) -> list[tuple[float, float, Curve]]:
        """The pieces of all curves, each with the highest and the lowest level that it may reach."""
        pieces = [
            lanes.middle[start : start + 4]
            for lanes in self.lanes.values()
            for start in range(0, len(lanes.middle) - 1, 3)
        ]
        return [(min(p.imag for p in piece), max(p.imag for p in piece), piece) for piece in pieces]

    def _to_outlines(self, link: Link, curve: Curve) -> Curve:
        """The curve with its ends moved along the passes, to the outlines of the shapes as they are there."""
        at = self.plan.view.at
        curve = strokes.moved_end(curve, self._outline(at[link.head], curve[-1].imag, -1) - strokes.GAP)
        return strokes.moved_end(curve[::-1], self._outline(at[link.tail], curve[0].imag, 1) + strokes.GAP)[::-1]

    @cached_property
    def _curves(self) -> dict[str, Curve]:
        """Every link's curve by its key, the ends at one shape spread so that arrowheads stay apart."""
        pieces = {link.key: self._pieces(link) for link in self.plan.view.links}
        outgoing: dict[str, list[Link]] = {}
        incoming: dict[str, list[Link]] = {}
        for link in self.plan.view.links:
            outgoing.setdefault(link.tail, []).append(link)
            incoming.setdefault(link.head, []).append(link)
        for place in self.plan.view.places:
            starts = {link.key: pieces[link.key][0][3] for link in outgoing.get(place.key, ())}
            for key, point in self._spread(place, starts, side=1):
                pieces[key][0] = strokes.ending_at(pieces[key][0][::-1], point)[::-1]
            ends = {link.key: pieces[link.key][-1][-4] for link in incoming.get(place.key, ())}
            for key, point in self._spread(place, ends, side=-1):
                pieces[key][-1] = strokes.ending_at(pieces[key][-1], point)
        return {key: strokes.joined(curves) for key, curves in pieces.items()}

    @cached_property
    def turn(self) -> Turn:
        """Takes a point of the picture to where it would be if the passes ran to the right."""
        return TURNED[self.plan.options.orientation]

    def _pieces(self, link: Link) -> list[Curve]:
        """A link's curves: to its tile and from it, or one alone."""
        turned = (list(map(self.turn, self.layout.splines[name])) for name in parts_of(self.plan, link))
        return [strokes.swung(curve, 2 * RANK_GAP) for curve in turned]

    def _spread(self, place: Place, approaches: Mapping[str, complex], side: int) -> list[tuple[str, complex]]:
        """A point on the place's outline for each link, in the order in which they come."""
        size, centre = self.plan.sizes[place.key], self.turn(self.layout.centres[place.key])
        room = size.width if self.plan.options.vertical else size.tall
        step = min(FAN, (room - 14) / max(1, len(approaches)))
        order = sorted(approaches, key=lambda key: approaches[key].imag)
        points = []
        for number, key in enumerate(order):
            across = (number - (len(order) - 1) / 2) * step
            points.append((key, complex(self._outline(place, centre.imag + across, side), centre.imag + across)))
        return points

    def _outline(self, place: Place, level: float, side: int) -> float:
        """Where a place's outline is at this level: after its middle (side 1), or before it (-1)."""
        centre = self.turn(self.layout.centres[place.key])
        return centre.real + side * self._half(place, level - centre.imag)

    def _half(self, place: Place, across: float) -> float:
        """From the middle of a place's shape to its outline along the passes, so far from its axis."""
        size, vertical = self.plan.sizes[place.key], self.plan.options.vertical
        half, room = (size.tall / 2, size.width / 2) if vertical else (size.width / 2, size.tall / 2)
        kind = "group" if place.node is None else self.plan.captions.trace.nodes[place.node].kind
        if kind == "compute":
            return half * float(max(0.0, 1 - (across / room) ** 2) ** 0.5)
        if kind == "input" and vertical:  # the slanted sides are left and right
            return half * min(1.0, (room - abs(across)) / sizes.HEXAGON_INSET)
        return half - (sizes.HEXAGON_INSET * abs(across) / room if kind == "input" else 0.0)
