"""Trace: the record of one computation, every value and every gradient in the order they happen, as plain data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from math import isfinite
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from .events import EVENTS, PLAIN_STEP, Event, Forward, Seed, Send, Update, Value
from .iterations import backwards, parted
from .valid import fault

SCHEMA = 1  # raised when the JSON changes its shape; older traces stay readable

__all__ = [
    "PLAIN_STEP", "Argument", "Code", "Edge", "Event", "Forward", "Node", "Seed", "Send", "Source", "Trace", "Update",
    "Value", "finite", "read_only",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Argument:
    """What fills one argument slot of an op: a node (its index), or a plain constant as the reader wrote it."""

    name: str
    node: int | None = None
    constant: float | int | str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The reader's line that made a node: file name without its folder, line number from 1, the text of the line."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A part of the reader's program: file name without its folder, number of the first line, and the lines."""

    file: str
    first: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One tensor of the graph.

    kind:     "input", "parameter" or "compute"
    notation: how the op is written, in its arguments' names (`a * b`); formula: its definition, where it has one
    value:    what the forward pass stored
    group:    the path of groups it was made in, outermost first
    elsewhere: how many contributions besides it receives in the whole graph of which this is a part: one from each edge
    """

    index: int
    name: str
    kind: str
    shape: tuple[int, ...]
    dtype: str
    value: Value
    op: str = ""
    symbol: str = ""
    notation: str = ""
    formula: str = ""
    arguments: tuple[Argument, ...] = ()
    group: tuple[str, ...] = ()
    source: Source | None = None
    elsewhere: int = 0

    @property
    def parents(self) -> tuple[int, ...]:
        """The indices of the nodes it was computed from, one for each slot they fill."""
        return tuple(argument.node for argument in self.arguments if argument.node is not None)


@dataclass(frozen=True, slots=True)
class Edge:
    """One argument slot of one op, filled by a node.

    formula:      the local gradient (elementwise ops), or the contribution in terms of `g` (ops that mix elements)
    elementwise:  which of the two it is
    backpropagates: whether the parent receives a gradient along this edge
    """

    index: int
    parent: int
    child: int
    slot: int
    argument: str
    formula: str
    elementwise: bool
    backpropagates: bool


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Nodes in topological order, edges in the order of their child and slot, events in the order they happened.

    code: the text around the nodes' source lines, a part for each cell or file
    Independent of the tensors it was recorded from: later edits cannot change it. In training the nodes hold the
    values of the first forward pass, and the events of later ones bring theirs.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    events: tuple[Event, ...]
    code: tuple[Code, ...] = ()

    @property
    def root(self) -> Node:
        """The node that was traced: the loss."""
        return self.nodes[-1]

    @property
    def iterations(self) -> tuple[Trace, ...]:
        """The iterations of training, each a trace whose nodes hold the values of its own forward pass.

        Without training that is one: the trace itself. What is drawn or derived of a whole trace is the last one.
        """
        return parted(self)

    def gradient(self, node: int) -> Value:
        """The backpropagated gradient that node holds after the last event; None where none was computed."""
        for event in backwards(self.events):
            if isinstance(event, Send) and self.edges[event.edge].parent == node:
                return event.total
            if isinstance(event, Seed) and event.node == node:
                return event.gradient
        return None

    @property
    def first_nonfinite(self) -> Event | None:
        """The first event that made nan or inf out of finite numbers; None where there is none.

        A nan or inf that a leaf holds from the start is nobody's making, and what only passes it on is not meant.
        """
        for part in self.iterations:
            for event in part.events:
                of, made = _went(event, part)
                if all(map(finite, of)) and not all(map(finite, made)):
                    return event
        return None

    def contributions(self, node: int) -> Iterator[Send]:
        """What reached this node in the (last) backward pass, in order."""
        found = [e for e in backwards(self.events) if isinstance(e, Send) and self.edges[e.edge].parent == node]
        return reversed(found)

    if TYPE_CHECKING:  # render/derivation.py adds it: the record may not import what is made of it

        def derivation(self, node: SupportsIndex | str) -> Any:
            """The derivation of one node's gradient by the chain rule: a `Derivation`."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trace) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def to_json(self) -> str:
        """The whole trace as JSON text, exactly: `from_json` gives an equal trace. Schema: docs/trace.md."""
        plain = {
            "schema": SCHEMA,
            "nodes": [_plain_node(node) for node in self.nodes],
            "edges": [_plain(edge) for edge in self.edges],
            "events": [_plain_event(event) for event in self.events],
            "code": [_plain(code) for code in self.code],
        }
        return json.dumps(plain, separators=(",", ":"), allow_nan=False)  # ASCII, so that any name can be written

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """The trace that `to_json` wrote."""
        try:
            plain = json.loads(text)
        except ValueError as error:
            raise ValueError(f"this text is not JSON: {error}. Give what Trace.to_json() wrote.") from None
        if not isinstance(plain, dict) or "schema" not in plain:
            raise ValueError("this JSON is not a trace: it has no 'schema' number. Give what Trace.to_json() wrote.")
        if plain["schema"] != SCHEMA:
            raise ValueError(
                f"this trace has schema {plain['schema']!r}, and this version reads schema {SCHEMA}. "
                f"Open it with a newer backprop_viz, or record it again."
            )
        try:
            trace = cls(
                tuple(_node(fields_of) for fields_of in plain["nodes"]),
                tuple(Edge(**fields_of) for fields_of in plain["edges"]),
                tuple(_event(fields_of) for fields_of in plain["events"]),
                tuple(Code(**fields_of | {"lines": tuple(fields_of["lines"])}) for fields_of in plain.get("code", ())),
            )
            if wrong := fault(trace):
                raise ValueError(f"this is not a trace that to_json wrote: {wrong}. Record it again.")
            return trace
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"this trace of schema {SCHEMA} lacks a field, or has one too many: {error}. See docs/trace.md."
            ) from None


def _went(event: Event, trace: Trace) -> tuple[list[Value], list[Value]]:
    """The values that an event is computed from, and those that it computes."""
    match event:
        case Forward(node=node) if trace.nodes[node].parents:
            return [trace.nodes[parent].value for parent in trace.nodes[node].parents], [trace.nodes[node].value]
        case Send(edge=edge):
            child = trace.nodes[trace.edges[edge].child]
            values = [trace.nodes[parent].value for parent in child.parents]
            return [event.upstream, child.value, *values], [event.local, event.contribution, event.total]
        case Update():
            return [event.old, event.gradient], [event.new]
    return [], []


# ---------------------------------------------------------------------- JSON
def _plain(record: Any) -> dict[str, Any]:
    return {field.name: _encode(getattr(record, field.name)) for field in fields(record)}


def _plain_node(node: Node) -> dict[str, Any]:
    plain = _plain(node)
    if not node.elsewhere:  # as it was written before there were parts
        del plain["elsewhere"]
    return plain


def _plain_event(event: Event) -> dict[str, Any]:
    plain = {"kind": event.kind} | _plain(event)
    if isinstance(event, Forward) and event.value is None:  # as it was written before there were several passes
        del plain["value"]
    return plain


def _encode(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else {"float": repr(float(value))}  # JSON has no nan, inf or -inf
    if isinstance(value, np.ndarray):
        return {"array": [_encode(x) for x in value.ravel().tolist()], "shape": value.shape, "dtype": str(value.dtype)}
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if isinstance(value, Argument | Source):
        return _plain(value)
    return value


def _decode(value: Any) -> Any:
    if isinstance(value, dict) and "float" in value:
        return float(value["float"])
    if isinstance(value, dict) and "array" in value:
        elements = [_decode(item) for item in value["array"]]
        return read_only(np.array(elements, dtype=value["dtype"]).reshape(value["shape"]))
    return value


def finite(value: Value) -> bool:
    """Whether every number of a value is neither nan nor inf; nothing (None) is finite."""
    return value is None or (isfinite(value) if value.__class__ is float else bool(np.isfinite(value).all()))


def read_only(array: Any) -> Any:
    """This array, closed to edits."""
    array.flags.writeable = False
    return array


def _node(plain: dict[str, Any]) -> Node:
    source = plain["source"]
    return Node(**plain | {
        "shape": tuple(plain["shape"]),
        "value": _decode(plain["value"]),
        "arguments": tuple(Argument(**{k: _decode(v) for k, v in x.items()}) for x in plain["arguments"]),
        "group": tuple(plain["group"]) if isinstance(plain["group"], list) else (plain["group"],),
        "source": source and Source(**source),
    })  # fmt: skip


def _event(plain: dict[str, Any]) -> Event:
    kind = plain.pop("kind")
    if kind not in EVENTS:
        raise ValueError(f"unknown event: {kind!r} (must be one of {', '.join(map(repr, EVENTS))})")
    return EVENTS[kind](**{key: _decode(value) for key, value in plain.items()})
