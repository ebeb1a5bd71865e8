"""Which nodes and edges of a trace a picture shows, and at which places."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..record.trace import Event, Forward, Seed, Send, Trace, Update
from .groups import THICKET, ByHand, Path, closed_groups, common, group_named, paths_of
from .symbols import printable

LIMIT = 150  # visible nodes: more cannot be read
MOST_LINKS, TANGLE = 5000, 600  # arrows, and arrows where everything is joined with everything


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is drawn: a node, a marked copy of a leaf, or a closed group.

    key:  the place's id in the DOT text: n3, n3_1 (a copy), g0
    part: what is there, as frames call it: n3 or g0; copies of a node light up with it
    path: the open groups around it, outermost first
    """

    key: str
    part: str
    path: Path = ()
    node: int | None = None
    copy: bool = False
    group: Path = ()
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """What runs from one place to another: an edge, or all edges between two places where one is a closed group."""

    key: str
    tail: str
    head: str
    edges: tuple[int, ...]
    backpropagates: bool
    single: bool  # an edge between two nodes, which can carry a tile


@dataclass(frozen=True)
class View:
    """The visible places and links of a trace, in the order of the computation; and what is not visible, in words."""

    trace: Trace
    places: tuple[Place, ...]
    links: tuple[Link, ...]
    notes: tuple[str, ...] = ()
    hidden: dict[str, str] = field(default_factory=dict)  # part of the trace -> the visible part that stands for it

    @cached_property
    def at(self) -> dict[str, Place]:
        """The places by their keys."""
        return {place.key: place for place in self.places}

    @cached_property
    def nodes(self) -> list[int]:
        """The indices of the nodes that are seen themselves."""
        return [place.node for place in self.places if place.node is not None and not place.copy]

    @cached_property
    def groups(self) -> list[Path]:
        """The open groups, each after the one around it."""
        found = {place.path[:depth]: None for place in self.places for depth in range(1, len(place.path) + 1)}
        return sorted(found, key=len)

    def has(self, slot: str) -> bool:
        """Whether a slot of the trace is in the picture."""
        part = slot.partition(".")[0]
        return f"{part}.back" not in self.hidden if part[0] == "e" else part not in self.hidden

    def shows(self, event: Event) -> bool:
        """Whether what an event changes has a slot in the picture."""
        match event:
            case Send(edge=edge):
                return f"e{edge}.back" not in self.hidden or f"n{self.trace.edges[edge].parent}" not in self.hidden
            case Forward(node=node) | Seed(node=node) | Update(parameter=node):
                return f"n{node}" not in self.hidden

    def path_of(self, link: Link) -> Path:
        """The innermost open group around both ends of a link."""
        return common(self.at[link.tail].path, self.at[link.head].path)

    def seen(self, parts: Iterable[str]) -> tuple[str, ...]:
        """The visible parts that stand for these parts of the trace, each once."""
        if not self.hidden:
            return tuple(parts)
        visible = (self.hidden.get(part, part) for part in parts)
        return tuple(dict.fromkeys(part for part in visible if part))


@dataclass(frozen=True)
class Selection(ByHand):
    """What a reader wants to see of a trace.

    ancestors_of, descendants_of: only the nodes that this one was computed from, or that are computed from it
    limit: the most nodes;  around: the node to keep near when there are more;  zoom: the group to open
    """

    ancestors_of: int | None = None
    descendants_of: int | None = None
    around: int | None = None
    limit: int = LIMIT
    zoom: str | None = None


def view_of(trace: Trace, selection: Selection) -> View:
    """The visible places of a trace."""
    chosen = related(trace, selection)
    if selection.around is not None and selection.around not in chosen:
        raise ValueError(f"{printable(trace.nodes[selection.around].name)!r} is not among the nodes to draw around it")
    notes = [] if len(chosen) == len(trace.nodes) else [_kin(trace, selection, len(chosen))]
    paths = paths_of(trace, chosen)
    zoom = None if selection.zoom is None else group_named(paths, selection.zoom)
    closed = closed_groups(trace, paths, selection.limit, zoom, selection)
    whole = _placed(trace, chosen, paths, closed)
    view = _fitting(whole, selection)
    if view is not whole:
        notes.append(_part(whole, view, selection))
    if groups := [place for place in view.places if place.group]:
        hide = "hide" if len(groups) > 1 else "hides"
        inside = sum(len(place.members) for place in groups)
        notes.append(f"{_count(len(groups), 'closed group')} {hide} {_count(inside, 'node')}.")
    return replace(view, notes=tuple(notes))


# ---------------------------------------------------------------------- ancestors, descendants
def related(trace: Trace, selection: Selection) -> frozenset[int]:
    """The nodes that the selection asks for, before any limit."""
    chosen = frozenset(range(len(trace.nodes)))
    if selection.ancestors_of is not None:
        chosen &= ancestors(trace, selection.ancestors_of)
    if selection.descendants_of is not None:
        chosen &= descendants(trace, selection.descendants_of)
    if not chosen:
        raise ValueError(
            "no node is both an ancestor of the one and a descendant of the other: nothing is left to draw"
        )
    return chosen


def ancestors(trace: Trace, node: int) -> frozenset[int]:
    """A node and all that it was computed from."""
    found = {node}
    for edge in reversed(trace.edges):  # in the order of their children
        if edge.child in found:
            found.add(edge.parent)
    return frozenset(found)


def descendants(trace: Trace, node: int) -> frozenset[int]:
    """A node and all that was computed from it."""
    found = {node}
    for edge in trace.edges:
        if edge.parent in found:
            found.add(edge.child)
    return frozenset(found)


def between(trace: Trace, start: int, end: int) -> frozenset[int]:
    """The nodes on all paths from one node to another."""
    return descendants(trace, start) & ancestors(trace, end)


def _kin(trace: Trace, selection: Selection, count: int) -> str:
    kin = [
        f"{relation} of {printable(trace.nodes[node].name)}"
        for relation, node in (("ancestors", selection.ancestors_of), ("descendants", selection.descendants_of))
        if node is not None
    ]
    return f"Shown: the {' that are '.join(kin)}, {count} of {_count(len(trace.nodes), 'node')}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


# ---------------------------------------------------------------------- places
def _placed(trace: Trace, chosen: Collection[int], paths: dict[int, Path], closed: dict[int, Path]) -> View:
    members: dict[Path, list[int]] = {}
    for index in sorted(closed):
        members.setdefault(closed[index], []).append(index)
    key_of = {index: f"n{index}" for index in chosen}
    last = {}  # a group stands where the last of its nodes was computed
    for number, (path, inside) in enumerate(members.items()):
        key_of |= dict.fromkeys(inside, f"g{number}")
        last[inside[-1]] = Place(f"g{number}", f"g{number}", path[:-1], group=path, members=tuple(inside))
    places = []
    for index in sorted(chosen):
        if index in last:
            places.append(last[index])
        elif index not in closed:
            places.append(Place(f"n{index}", f"n{index}", paths[index], index))
    links, hidden = _links(trace, key_of)
    hidden |= {f"n{i}{end}": key_of[i] for i in closed for end in ("", ".back")}
    hidden |= {f"n{i}{end}": "" for i in range(len(trace.nodes)) if i not in key_of for end in ("", ".back")}
    return View(trace, tuple(places), tuple(links), hidden=hidden)


def _links(trace: Trace, key_of: dict[int, str]) -> tuple[list[Link], dict[str, str]]:
    """The links between these places, and the visible parts that stand for edges that are not drawn themselves."""
    bundles: dict[tuple[str, str, int | None], list[int]] = {}
    hidden: dict[str, str] = {}
    for edge in trace.edges:
        tail, head = key_of.get(edge.parent), key_of.get(edge.child)
        if tail is None or head is None:
            hidden |= {f"e{edge.index}{way}": "" for way in (".forward", ".back")}
        elif tail == head:
            hidden |= {f"e{edge.index}{way}": tail for way in (".forward", ".back")}
        else:
            single = edge.index if tail[0] == head[0] == "n" else None
            bundles.setdefault((tail, head, single), []).append(edge.index)
    links: list[Link] = []
    for (tail, head, single), edges in bundles.items():
        back = any(trace.edges[edge].backpropagates for edge in edges)
        key = f"e{single}" if single is not None else f"b{len(links)}"
        links.append(Link(key, tail, head, tuple(edges), back, single is not None))
        if single is None:
            hidden |= {f"e{edge}{way}": f"{key}{way}" for edge in edges for way in (".forward", ".back")}
    return links, hidden


# ---------------------------------------------------------------------- what fits
def _fitting(whole: View, selection: Selection) -> View:
    """The view, or so much of it as can be drawn."""
    view, fits = whole, selection.limit
    while len(view.places) > fits or _is_tangled(view):
        if len(view.places) <= fits:
            fits = len(view.places) // 2
        view = _nearest(whole, selection, fits)
    return view


def _is_tangled(view: View) -> bool:
    """Whether there are more arrows than Graphviz can lay out in seconds."""
    return len(view.links) > (TANGLE if len(view.links) > THICKET * len(view.places) else MOST_LINKS)


def _nearest(view: View, selection: Selection, fits: int) -> View:
    """The view with only so many places: those fewest links away from the chosen node."""
    around = len(view.trace.nodes) - 1 if selection.around is None else selection.around
    start = view.hidden.get(f"n{around}", f"n{around}")
    kept = _reached_first(view, start if start in view.at else view.places[-1].key, fits)
    places = tuple(place for place in view.places if place.key in kept)
    links = tuple(link for link in view.links if link.tail in kept and link.head in kept)
    gone = {place.part for place in view.places if place.key not in kept}
    gone |= {link.key for link in view.links} - {link.key for link in links}
    hidden = {part: "" if shown.split(".")[0] in gone else shown for part, shown in view.hidden.items()}
    hidden |= {f"{part}{end}": "" for part in gone for end in ("", ".forward", ".back")}
    return replace(view, places=places, links=links, hidden=hidden)


def _reached_first(view: View, start: str, fits: int) -> dict[str, None]:
    """The places that are reached first along the links, in both directions, from one of them."""
    neighbours: dict[str, list[str]] = {place.key: [] for place in view.places}
    for link in view.links:
        neighbours[link.head].append(link.tail)
        neighbours[link.tail].append(link.head)
    leaves = set(neighbours) - {link.head for link in view.links}
    kept, queue = {start: None}, [start]
    for key in queue:
        if key in leaves and key != start:
            continue  # what else uses the same leaf is not near for that
        fresh = list(dict.fromkeys(o for o in neighbours[key] if o not in kept))[: fits - len(kept)]
        kept |= dict.fromkeys(fresh)
        queue += fresh
    return kept


def _part(whole: View, view: View, selection: Selection) -> str:
    """What is said of a view of a part."""
    name = printable(whole.trace.root.name if selection.around is None else whole.trace.nodes[selection.around].name)
    what = "nodes" if all(place.node is not None for place in whole.places) else "nodes and closed groups"
    count = f"the {len(view.places)} of {len(whole.places)} {what} that are" if len(view.places) > 1 else "the one"
    return f"Shown: {count} nearest to {name}; arrows to the others are left out."
