"""Which groups of a graph are open in a picture and which are closed to one box, so that it stays readable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from ..record.trace import Trace
from .lookup import listed

Path = tuple[str, ...]
THICKET = 4  # arrows for each place in the picture
RUN = 4  # closed groups in a row that are drawn as one


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """What a reader has done to groups one by one, whatever limit and zoom make of them; unknown paths do nothing.

    opened, shut: these groups;  apart: those that are not drawn as one with others in a row
    """

    opened: frozenset[Path] = frozenset()
    shut: frozenset[Path] = frozenset()
    apart: frozenset[Path] = frozenset()

    def cut(self, path: Path, automatic: int) -> int:
        """The length of the closed group's path that hides a node in this group; 0 where it is seen.

        automatic: the same if the reader had done nothing; what is in a group that was opened is closed until it is
        opened too.
        """
        for depth in range(1, len(path) + 1):
            group = path[:depth]
            if group in self.shut or (0 < automatic <= depth and group not in self.opened):
                return depth
        return 0


def paths_of(trace: Trace, chosen: Collection[int]) -> dict[int, Path]:
    """The group of each chosen node, outermost first, as the picture has it.

    A parameter belongs to the innermost group that holds all its uses, though it was made before. A group of a single
    node is none.
    """
    paths = {index: trace.nodes[index].group for index in chosen}
    uses: dict[int, Path] = {}
    for edge in trace.edges:
        parent = trace.nodes[edge.parent]
        if parent.kind == "parameter" and not parent.group and edge.parent in paths and edge.child in paths:
            path = paths[edge.child]
            uses[edge.parent] = common(uses[edge.parent], path) if edge.parent in uses else path
    paths |= uses
    members = Counter(path[:depth] for path in paths.values() for depth in range(1, len(path) + 1))
    return {index: _without_lone(path, members) for index, path in paths.items()}


def _without_lone(path: Path, members: Counter[Path]) -> Path:
    while path and members[path] == 1:
        path = path[:-1]
    return path


def common(a: Path, b: Path) -> Path:
    """The innermost group that holds both."""
    depth = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[:depth]


def closed_groups(
    trace: Trace, paths: dict[int, Path], limit: int, zoom: Path | None, by_hand: ByHand
) -> dict[int, Path]:
    """The closed group that each hidden node is in.

    All groups are open if the nodes that can then be seen are no more than the limit; otherwise those of one depth and
    deeper are closed: the greatest depth that fits, or 1. What is closed to a thicket of arrows does not fit. With a
    group to zoom into, only those around it and in it are open. What the reader has done by hand is done to that, so
    that a click changes one group and no other.
    """
    deepest = max(map(len, paths.values()), default=0)
    least = 0 if zoom is None else len(zoom)
    for depth in range(deepest, least - 1, -1):
        closed = {index: path[:cut] for index, path in paths.items() if (cut := _cut(path, depth, zoom))}
        places = len(paths) - len(closed) + len(set(closed.values()))
        if places <= limit and (not closed or _arrows(trace, paths, closed) <= THICKET * places):
            break
    lengths = {index: by_hand.cut(path, len(closed.get(index, ()))) for index, path in paths.items()}
    closed = {index: paths[index][:cut] for index, cut in lengths.items() if cut}
    return closed if zoom is None else _in_runs(trace, paths, closed, by_hand.apart | by_hand.shut)


def _in_runs(trace: Trace, paths: dict[int, Path], closed: dict[int, Path], apart: Collection[Path]) -> dict[int, Path]:
    """The closed groups, with many that follow one another in the same group as one: `neuron 4 – neuron 16`.

    Not those that are to stay apart, and only where nothing that is seen was computed between them: one box for all
    could otherwise need its own result.
    """
    runs: list[list[Path]] = [[]]
    for index in sorted(paths):
        if trace.nodes[index].kind != "compute":
            continue
        path = closed.get(index)
        path = None if path in apart else path
        if path is None or (runs[-1] and runs[-1][-1][:-1] != path[:-1]):
            runs.append([])
        if path is not None and path not in runs[-1]:
            runs[-1].append(path)
    joined = {path: (*path[:-1], f"{run[0][-1]} – {run[-1][-1]}") for run in runs if len(run) >= RUN for path in run}
    return {index: joined.get(path, path) for index, path in closed.items()}


def _arrows(trace: Trace, paths: dict[int, Path], closed: dict[int, Path]) -> int:
    """How many arrows are between these places."""
    at = {index: closed.get(index, (index,)) for index in paths}
    pairs = {(at[e.parent], at[e.child]) for e in trace.edges if e.parent in at and e.child in at}
    return sum(tail != head for tail, head in pairs)


def _cut(path: Path, depth: int, zoom: Path | None) -> int:
    """The length of the closed group's path that hides a node in this group; 0 where it is seen."""
    if zoom is None or path[: len(zoom)] == zoom:
        return depth + 1 if len(path) > depth else 0
    around = len(common(path, zoom))
    return around + 1 if len(path) > around else 0


def group_named(paths: dict[int, Path], name: str) -> Path:
    """The group that a reader names by its path, or by the end of it: "layer 1.neuron 3"."""
    groups = sorted({path[:depth] for path in paths.values() for depth in range(1, len(path) + 1)})
    asked = tuple(name.casefold().split("."))
    found = [path for path in groups if tuple(map(str.casefold, path))[-len(asked) :] == asked]
    whole = [path for path in found if len(path) == len(asked)]
    if len(found) == 1 or len(whole) == 1:
        return (whole or found)[0]
    if found:
        raise ValueError(f"several groups are called {name!r}; say which: {listed(['.'.join(p) for p in found])}.")
    if not groups:
        raise ValueError(
            f"there is no group {name!r} to zoom into: this trace has no groups. Make them with "
            f'`with bp.group("layer 1"):` around the code, or compute with bp.nn modules.'
        )
    raise ValueError(f"there is no group {name!r}; the groups are {listed(['.'.join(p) for p in groups])}.")
