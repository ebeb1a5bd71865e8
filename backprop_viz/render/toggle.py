"""A click on a group of a picture: a closed group opens, an open one closes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .groups import Path, paths_of
from .lookup import listed
from .view import Place, Selection, View, related


def toggled(selection: Selection, group: Any, view: View) -> Selection:
    """What a reader wants to see after a click on a group of this view, which shows the selection.

    group: its path, a list of names, outermost first, as a message brings it
    Groups that were drawn as one are then drawn each. Where more is to be seen than fits, what is nearest to the
    clicked group is kept.
    """
    path: Path = tuple(group) if isinstance(group, list | tuple) else (group,)
    inside = [place for place in view.places if not place.copy and place.path[: len(path)] == path]
    closed = [place for place in view.places if place.group == path]
    if not path or not (inside or closed):
        shown = [".".join(each) for each in (*view.groups, *_closed(view))]
        has = f"its groups are {listed(shown)}" if shown else "it has none"
        raise ValueError(f"this picture has no group {'.'.join(map(str, path))!r:.60} to open or close: {has}.")
    around = max(map(_last, closed or inside))
    if not closed:
        return replace(selection, opened=selection.opened - {path}, shut=selection.shut | {path}, around=around)
    paths = paths_of(view.trace, related(view.trace, selection))
    groups = {paths[node][: len(path)] for node in closed[0].members}
    if groups != {path}:
        return replace(selection, apart=selection.apart | groups, around=around)
    return replace(selection, opened=selection.opened | {path}, shut=selection.shut - {path}, around=around)


def _closed(view: View) -> list[Path]:
    return [place.group for place in view.places if place.group]


def _last(place: Place) -> int:
    """The last node at a place."""
    return place.members[-1] if place.node is None else place.node
