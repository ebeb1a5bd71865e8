"""What is wrong with a trace that was not recorded but read: a file may have been edited."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from .events import Event, Forward

if TYPE_CHECKING:
    from .trace import Edge, Node, Trace

KINDS = ("input", "parameter", "compute")
LARGEST = 2**63  # of whole numbers: what an array holds


def fault(trace: Trace) -> str:
    """The first thing that no recorded trace would have, in words; "" where there is none."""
    return next(_faults(trace), "")


def _faults(trace: Trace) -> Iterator[str]:
    for i, node in enumerate(trace.nodes):
        yield from (f"node {i}: {wrong}" for wrong in _of_node(node, i))
    for i, edge in enumerate(trace.edges):
        yield from (f"edge {i}: {wrong}" for wrong in _of_edge(edge, i, trace))
    expected = [(a.node, node.index) for node in trace.nodes for a in node.arguments if a.node is not None]
    if [(edge.parent, edge.child) for edge in trace.edges] != expected:
        yield "the edges are not those of the nodes' arguments"
    for i, event in enumerate(trace.events):
        yield from (f"event {i}: {wrong}" for wrong in _of_event(event, trace))


def _of_node(node: Node, place: int) -> Iterator[str]:
    if node.index != place:
        yield f"its index is {node.index!r}"
    if node.kind not in KINDS or (node.kind == "compute") != bool(node.op):
        yield f"its kind is {node.kind!r} and its op {node.op!r}"
    if not isinstance(node.name, str) or not all(isinstance(name, str) for name in node.group):
        yield f"its name or its group is no text: {node.name!r}, {node.group!r}"
    for argument in node.arguments:
        if argument.node is not None and not _within(argument.node, place):
            yield f"it is computed from node {argument.node!r}, which does not come before it"
    if _too_large(node.value):
        yield "its value is a whole number that no array holds"
    for what in ("notation", "formula"):
        if wrong := _unreadable(getattr(node, what)):
            yield f"its {what} {wrong}"


def _of_edge(edge: Edge, place: int, trace: Trace) -> Iterator[str]:
    if edge.index != place:
        yield f"its index is {edge.index!r}"
    if not _within(edge.child, len(trace.nodes)) or not _within(edge.parent, edge.child):
        yield f"it leads from node {edge.parent!r} to node {edge.child!r}"
    elif wrong := _unreadable(edge.formula):
        yield f"its formula {wrong}"


def _of_event(event: Event, trace: Trace) -> Iterator[str]:
    for what, count in (("node", len(trace.nodes)), ("parameter", len(trace.nodes)), ("edge", len(trace.edges))):
        of = getattr(event, what, 0)
        if hasattr(event, what) and not _within(of, count):
            yield f"there is no {what} {of!r}"
    if isinstance(event, Forward) and event.value is not None:
        given, shape = np.shape(event.value), trace.nodes[event.node].shape
        if given != shape:
            yield f"its value has shape {given}, and node {event.node} has shape {shape}"
    if any(_too_large(getattr(event, name)) for name in event.__slots__):
        yield "it holds a whole number that no array holds"


def _within(index: Any, count: int) -> bool:
    return isinstance(index, int) and 0 <= index < count


def _too_large(value: Any) -> bool:
    return isinstance(value, int) and abs(value) >= LARGEST


def _unreadable(expression: Any) -> str:
    try:
        if expression:
            ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError, TypeError, RecursionError):
        return f"is no expression: {expression!r:.60}"
    return ""
