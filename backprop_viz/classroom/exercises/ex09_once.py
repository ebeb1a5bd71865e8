"""The exercise with a pass that repeats itself: the same gradients, with one product for each edge."""

from __future__ import annotations

from collections.abc import Callable

from ..dyadic import Dyadic
from ..item import Item, Mistake

Edge = tuple[str, str, float]


class Edges(list[Edge]):
    """Edges that a check shows in few words: "n0→u0 0.5"."""

    def __repr__(self) -> str:
        return f"[{', '.join(f'{parent}→{child} {local:g}' for parent, child, local in self)}]"


class CountingProduct:
    """`times` of this exercise: multiplies, and counts how often."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, a: float, b: float) -> float:
        """a · b."""
        self.count += 1
        return a * b

    def __repr__(self) -> str:
        return "a·b"


Times = Callable[[float, float], float]


def _ladder(draw: Dyadic) -> tuple[list[str], list[Edge], CountingProduct]:
    rungs, whole = draw.integer(1, 2), (-3.0, -2.0, 2.0, 3.0)  # few and short, to be followed on paper
    nodes, edges = ["n0"], []
    for i in range(rungs):
        nodes += [f"u{i}", f"n{i + 1}"]
        arrows = (f"n{i}", f"u{i}"), (f"u{i}", f"n{i + 1}"), (f"n{i}", f"n{i + 1}")
        edges += [(parent, child, draw.one_of(whole)) for parent, child in arrows]
    nodes.append("L")
    edges += [(f"n{rungs}", "L", slot := draw.one_of(whole)), (f"n{rungs}", "L", slot)]  # L = slot · n, n in two slots
    return nodes, Edges(draw.shuffled(edges)), CountingProduct()


def _once(nodes: list[str], edges: list[Edge], times: Times) -> dict[str, float]:
    gradients = dict.fromkeys(nodes, 0.0) | {nodes[-1]: 1.0}
    for node in reversed(nodes):
        for parent, child, local in edges:
            if child == node:
                gradients[parent] += times(gradients[node], local)
    return gradients


def _by_paths(nodes: list[str], edges: list[Edge], times: Times) -> dict[str, float]:
    def answer(node: str) -> float:
        if node == nodes[-1]:
            return 1.0
        return sum(times(answer(child), local) for parent, child, local in edges if parent == node)

    return {node: answer(node) for node in nodes}


def _overwritten(nodes: list[str], edges: list[Edge], times: Times) -> dict[str, float]:
    gradients = dict.fromkeys(nodes, 0.0) | {nodes[-1]: 1.0}
    for node in reversed(nodes):
        for parent, child, local in edges:
            if child == node:
                gradients[parent] = times(gradients[node], local)
    return gradients


def _in_given_order(nodes: list[str], edges: list[Edge], times: Times) -> dict[str, float]:
    gradients = dict.fromkeys(nodes, 0.0) | {nodes[-1]: 1.0}
    for parent, child, local in edges:
        gradients[parent] += times(gradients[child], local)
    return gradients


UNORDERED = "The edges come in no order. A node may send only when it has heard from all its children."
NOTHING = "Your function gives nothing back: is there a return?"

ONCE = Item(
    id="ex09.4",
    name="each_edge_once",
    ask="the same gradients, with one product for each edge",
    truth=_once,
    cases=_ladder,
    hint="Begin with 1 at the loss and 0 elsewhere; go through the nodes from the loss back, and send along each edge.",
    observe=lambda result, nodes, edges, times: {"products": times.count, "gradients": result},
    mistakes=(
        Mistake("paths", _by_paths, "The gradients are right, but they are worked out again on every path."),
        Mistake(
            "times",
            lambda nodes, edges, times: _once(nodes, edges, lambda a, b: a * b),
            "The gradients are right, but no product was counted: multiply with times(a, b).",
        ),
        Mistake("M1", _overwritten, "Where several edges lead back to one node, what they bring is added."),
        Mistake(
            "M2",
            lambda nodes, edges, times: _once(nodes, edges, lambda a, b: times(1.0, b)),
            "The local gradients were sent alone: each is multiplied by what its child has.",
        ),
        Mistake(
            "M12",
            lambda nodes, edges, times: _once(nodes, edges, lambda a, b: -times(a, b)),
            "Look at the sign: what an edge brings is added, not taken off.",
        ),
        Mistake("M4", _in_given_order, UNORDERED),
        Mistake("M4", lambda nodes, edges, times: _in_given_order(nodes, edges[::-1], times), UNORDERED),
        Mistake(
            "M11",
            lambda nodes, edges, times: _once(nodes, list(dict.fromkeys(edges)), times),
            "The same line may stand in edges twice: one node in two slots of an op. Both count.",
        ),
        Mistake(
            "M2",
            lambda nodes, edges, times: _once(nodes, [(p, "" if c != nodes[-1] else c, w) for p, c, w in edges], times),
            "Only the edges at the loss have sent something: the pass goes on from there.",
        ),
        Mistake(
            "loss",
            lambda nodes, edges, times: _once(nodes, edges, lambda a, b: b if a == 1 else times(a, b)),
            "The gradients are right. An edge at the loss has a product as well, with the 1 that the pass begins with.",
        ),
        Mistake(
            "loss",
            lambda nodes, edges, times: {n: g for n, g in _once(nodes, edges, times).items() if n != nodes[-1]},
            "The loss is a node, too, and has a gradient: it is missing in your dict.",
        ),
        Mistake("return", lambda nodes, edges, times: _once(nodes, edges, lambda a, b: a * b) and None, NOTHING),
        Mistake("return", lambda nodes, edges, times: _once(nodes, edges, times) and None, NOTHING),
    ),
)
