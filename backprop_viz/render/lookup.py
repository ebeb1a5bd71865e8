"""A trace's node by its name or its index, and what to say where there is none."""

from __future__ import annotations

from operator import index
from typing import SupportsIndex

from ..record.trace import Trace
from .symbols import printable

NAMES_LISTED = 20


def index_of(trace: Trace, node: SupportsIndex | str) -> int:
    """The index of the node with this name; or the index itself, checked."""
    return _named(trace, node) if isinstance(node, str) else _numbered(trace, node)


def listed(names: list[str]) -> str:
    """Names for an error: the first of them, and how many more there are."""
    more = f" and {len(names) - NAMES_LISTED} more" if len(names) > NAMES_LISTED else ""
    return ", ".join(repr(printable(name)) for name in names[:NAMES_LISTED]) + more


def _named(trace: Trace, name: str) -> int:
    found = [node.index for node in trace.nodes if node.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(
            f"{len(found)} nodes have the name {printable(name)!r}; say which by its index: one of "
            f"{', '.join(map(str, found[:NAMES_LISTED]))}."
        )
    names = listed([node.name for node in trace.nodes])
    raise ValueError(f"no node has the name {printable(name)!r}; the names are {names}.")


def _numbered(trace: Trace, number: SupportsIndex) -> int:
    try:
        chosen = index(number)
    except TypeError:
        raise TypeError(
            f"a node is given by its name or its index; got {type(number).__name__} {number!r:.60}"
        ) from None
    if not 0 <= chosen < len(trace.nodes):
        raise ValueError(f"there is no node {chosen}: the indices of this trace are 0 to {len(trace.nodes) - 1}.")
    return chosen
