"""Leaves drawn again near distant uses: one node of the trace at several places."""

from __future__ import annotations

from dataclasses import replace

from .groups import Path, common
from .view import Link, Place, View

FAR = 8  # steps of the computation: a leaf whose uses lie further apart is drawn again near them
NEAR = 1  # steps that the uses of one such copy may lie apart
NOTE = "A dashed outline marks a leaf that is drawn again, near a use of it."


def with_copies(view: View) -> View:
    """The view in which a leaf that is used far apart is drawn near each of its uses.

    Graphviz would need minutes for a leaf that is used all along a graph, and nobody could follow its arrows.
    """
    rank = _ranks(view)
    computed = {link.head for link in view.links}
    uses: dict[str, list[Link]] = {}
    for link in view.links:
        if link.tail not in computed:
            uses.setdefault(link.tail, []).append(link)
    places: list[Place] = []
    moved: dict[str, str] = {}  # the link's key -> the copy that it starts at
    for place in view.places:
        bunches = _bunches(uses.get(place.key, []), rank) if place.node is not None else []
        if len(bunches) < 2 or rank[bunches[-1][-1].head] - rank[bunches[0][0].head] <= FAR:
            places.append(place)
            continue
        places.append(replace(place, path=_around(view, bunches[0])))
        for number, bunch in enumerate(bunches[1:], 1):
            copy = replace(place, key=f"{place.key}_{number}", path=_around(view, bunch), copy=True)
            places.append(copy)
            moved |= dict.fromkeys((link.key for link in bunch), copy.key)
    if not moved:
        return view
    links = tuple(replace(link, tail=moved.get(link.key, link.tail)) for link in view.links)
    return replace(view, places=tuple(places), links=links, notes=(*view.notes, NOTE))


def _ranks(view: View) -> dict[str, int]:
    """How many steps before the end of the computation each place is at the latest, as a negative number.

    Graphviz too draws what is needed late as late as it can.
    """
    rank: dict[str, int] = {}
    out: dict[str, list[str]] = {}
    for link in view.links:
        out.setdefault(link.tail, []).append(link.head)
    for place in reversed(view.places):
        rank[place.key] = min((rank.get(head, 0) for head in out.get(place.key, ())), default=1) - 1
    return rank


def _bunches(uses: list[Link], rank: dict[str, int]) -> list[list[Link]]:
    """Uses that lie near each other, from the first to the last."""
    bunches: list[list[Link]] = []
    for link in sorted(uses, key=lambda link: rank[link.head]):
        if bunches and rank[link.head] - rank[bunches[-1][0].head] <= NEAR:
            bunches[-1].append(link)
        else:
            bunches.append([link])
    return bunches


def _around(view: View, bunch: list[Link]) -> Path:
    """The innermost open group around the uses of a copy."""
    paths = [view.at[link.head].path for link in bunch]
    path = paths[0]
    for other in paths[1:]:
        path = common(path, other)
    return path
