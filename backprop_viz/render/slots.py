"""What every slot of the picture holds at every step: the only author of its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ..record.trace import Event, Forward, Node, Seed, Send, Trace, Update, Value
from . import heat
from .text import DIGITS, is_large, shown

MORE = " + … {}/{}"  # behind a sum that is not yet complete: how many of its terms there are


@dataclass(frozen=True)
class Change:
    """The picture after one event, as the difference from the one before.

    phase:   "start", "forward", "backward" or "update"
    texts:   slot -> text, of the slots that change: n3.value, n3.grad, e2.contribution, and where the factors are
             small enough to be written out e2.upstream and e2.local
    maps:    slot -> the cells of a heat map (render/heat.py), of the slots that hold an array too large to write out
    reached: parts that come to life at this step and stay: n3, n3.back, e2.forward, e2.back
    active:  parts that this step is about
    fresh:   whether another iteration begins here: slots that it does not fill are blank again, and parts asleep
    """

    phase: str
    texts: dict[str, str] = field(default_factory=dict)
    maps: dict[str, str] = field(default_factory=dict)
    reached: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    fresh: bool = False


@dataclass(frozen=True)
class Scales:
    """The magnitudes that get the deepest colours of the heat maps; None where there are no such maps."""

    values: float | None
    gradients: float | None


def is_map(value: Value) -> bool:
    """Whether a value is drawn as a heat map: an array that is too large to be written out."""
    return isinstance(value, np.ndarray) and is_large(value.shape)


def maps_of(nodes: Iterable[Node], events: Iterable[Event]) -> tuple[list[Value], list[Value]]:
    """What these nodes and events hold that is drawn as heat maps: values, and gradients."""
    values = [node.value for node in nodes]
    gradients: list[Value] = []
    for event in events:
        match event:
            case Forward():
                values.append(event.value)
            case Seed():
                gradients.append(event.gradient)
            case Send():
                gradients += [event.contribution, event.total]
            case Update():
                values.append(event.new)
    return list(filter(is_map, values)), list(filter(is_map, gradients))


def due(trace: Trace) -> Counter[int]:
    """How many contributions each node receives in the backward pass, in the whole graph where this is a part."""
    sent = Counter(trace.edges[event.edge].parent for event in trace.events if isinstance(event, Send))
    return sent + Counter({node: trace.nodes[node].elsewhere for node in sent})


class Slots:
    """Goes through a trace iteration by iteration and says what changes in the picture."""

    def __init__(self, trace: Trace, digits: int = DIGITS) -> None:
        self.trace = trace
        self.digits = digits

    def changes(self, shows: Callable[[Event], bool] = lambda event: True) -> list[Change]:
        """One for the start, and one for each event; of events that the picture does not show, their parts alone."""
        leaves = {node.index: node.value for node in self.trace.nodes if node.kind != "compute"}
        found = [self.start(leaves)]
        for number, part in enumerate(self.trace.iterations):
            one = Iteration(self, part)
            changes = [(one.change if shows(event) else one.unseen)(event) for event in part.events]
            if number:
                changes[0] = _begun(self.start(leaves), changes[0])
            found += changes
            leaves = {leaf: part.nodes[leaf].value for leaf in leaves}
            leaves |= {event.parameter: event.new for event in part.events if isinstance(event, Update)}
        return found

    @cached_property
    def scales(self) -> Scales:
        """The largest magnitudes in all heat maps of values, and in all those of gradients."""
        values, gradients = maps_of(self.trace.nodes, self.trace.events)
        return Scales(_reach(values), _reach(gradients))

    def start(self, leaves: Mapping[int, Value]) -> Change:
        """Leaves hold their values, and nothing is computed."""
        held = Contents(self)
        for leaf, value in leaves.items():
            held.value(f"n{leaf}.value", value)
        return Change("start", held.texts, held.maps, tuple(f"n{leaf}" for leaf in leaves))

    @cached_property
    def incoming(self) -> dict[int, list[int]]:
        """The edges into each node."""
        edges: dict[int, list[int]] = {}
        for edge in self.trace.edges:
            edges.setdefault(edge.child, []).append(edge.index)
        return edges


def _begun(start: Change, first: Change) -> Change:
    """The first change of another iteration, on a picture where nothing is computed yet."""
    texts, maps = start.texts | first.texts, start.maps | first.maps
    reached = tuple(dict.fromkeys(start.reached + first.reached))
    return replace(first, texts=texts, maps=maps, reached=reached, fresh=True)


class Iteration:
    """Goes through one iteration event by event; `trace` is that of it alone."""

    def __init__(self, slots: Slots, trace: Trace) -> None:
        self.slots = slots
        self.trace = trace
        self.due = due(trace)
        self.received: Counter[int] = Counter()

    def change(self, event: Event) -> Change:
        """What this event changes; events come in their order."""
        match event:
            case Forward():
                return self.forward(event)
            case Seed():
                return self.seed(event)
            case Send():
                return self.send(event)
            case Update():
                return self.update(event)

    def unseen(self, event: Event) -> Change:
        """What comes to life by an event in a closed group."""
        match event:
            case Forward():
                return Change("forward", reached=self.computed(event.node))
            case Send():
                parent = self.trace.edges[event.edge].parent
                self.received[parent] += 1
                return Change("backward", reached=(f"e{event.edge}.back", f"n{parent}.back"))
            case Seed():
                return Change("backward", reached=(f"n{event.node}.back",))
        return Change("update")

    def forward(self, event: Forward) -> Change:
        """A node has its value, and arrows lead to it."""
        held = Contents(self.slots)
        held.value(f"n{event.node}.value", self.trace.nodes[event.node].value)
        parts = self.computed(event.node)
        return Change("forward", held.texts, held.maps, parts, parts)

    def computed(self, node: int) -> tuple[str, ...]:
        """The parts that come to life when a node is computed: itself, and the arrows to it."""
        return (f"n{node}", *(f"e{edge}.forward" for edge in self.slots.incoming.get(node, ())))

    def seed(self, event: Seed) -> Change:
        """The pass begins."""
        node = f"n{event.node}"
        held = Contents(self.slots)
        held.gradient(f"{node}.grad", event.gradient)
        return Change("backward", held.texts, held.maps, (f"{node}.back",), (node, f"{node}.back"))

    def send(self, event: Send) -> Change:
        """A contribution travels along an edge and is added."""
        parent = self.trace.edges[event.edge].parent
        self.received[parent] += 1
        count = self.received[parent]
        node, side = f"n{parent}", f"e{event.edge}"
        held = Contents(self.slots)
        if event.local is not None and not is_map(event.upstream) and not is_map(event.local):
            held.texts[f"{side}.upstream"] = shown(event.upstream, self.slots.digits)
            held.texts[f"{side}.local"] = shown(event.local, self.slots.digits)
        held.gradient(f"{side}.contribution", event.contribution)
        more = MORE.format(count, self.due[parent]) if count < self.due[parent] else ""
        held.gradient(f"{node}.grad", event.total, more)
        lit = (f"{side}.back", f"{node}.back")
        return Change("backward", held.texts, held.maps, lit, (lit[0], node, lit[1]))

    def update(self, event: Update) -> Change:
        """A parameter has moved: the value that the passes used stays beside the new one."""
        held = Contents(self.slots)
        slot = f"n{event.parameter}.value"
        held.value(slot, event.new)
        if slot in held.texts:
            held.texts[slot] = f"{shown(event.old, self.slots.digits)} → {held.texts[slot]}"
        return Change("update", held.texts, held.maps, (), (f"n{event.parameter}",))


class Contents:
    """The texts and the heat maps of one change."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.texts: dict[str, str] = {}
        self.maps: dict[str, str] = {}

    def value(self, slot: str, value: Value) -> None:
        """A value of the forward pass."""
        if is_map(value):
            self.maps[slot] = heat.cells(value, self.slots.scales.values or 0.0)
        else:
            self.texts[slot] = shown(value, self.slots.digits)

    def gradient(self, slot: str, value: Value, more: str = "") -> None:
        """A backpropagated gradient or a contribution; `more` stands behind an incomplete sum."""
        if is_map(value):
            self.maps[slot] = heat.cells(value, self.slots.scales.gradients or 0.0)
        else:
            self.texts[slot] = shown(value, self.slots.digits) + more


def _reach(maps: list[Value]) -> float | None:
    return heat.reach_of(maps) if maps else None


def present(changes: Sequence[Change]) -> Sequence[Change]:
    """Those of the changes that the last iteration has brought: what is to be seen."""
    begun = (place for place in range(len(changes) - 1, 0, -1) if changes[place].fresh)
    return changes[next(begun, 0) :]


def final(changes: Sequence[Change]) -> tuple[dict[str, str], dict[str, str]]:
    """Every slot's text, and every heat map, after these changes."""
    texts: dict[str, str] = {}
    maps: dict[str, str] = {}
    for change in present(changes):
        texts |= change.texts
        maps |= change.maps
    return texts, maps
