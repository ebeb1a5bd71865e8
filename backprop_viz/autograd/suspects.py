"""What would explain a wrong gradient: the pass run again with each of the common slips, until one gives the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .backward import contribution_of
from .op import unbroadcast
from .tensor import Tensor
from .transforms import op_jacobian
from .values import untracked

Gradients = Mapping[Tensor, Any]
Rule = Callable[[Tensor, int, Any], Any]
MOST_STEPS = 10_000  # of a pass that walks path by path
ONE_SLIP = "every edge is right, the sum is not"


@dataclass(frozen=True, eq=False)
class Pass:
    """One backward pass, to be run rightly or wrongly: nodes in topological order, its start, who receives."""

    nodes: list[Tensor]
    start: Gradients
    receivers: set[Tensor]

    def run(self, rule: Rule = contribution_of, keep: str = "sum", onward: str = "sum") -> dict[Tensor, Any]:
        """Every gradient, where a node keeps, and sends on, the "sum" of what reached it, or the "first", or "last"."""
        parts: dict[Tensor, list[Any]] = {node: [gradient] for node, gradient in self.start.items()}
        for child in reversed(self.nodes):
            for slot, parent in self.slots(child) if child in parts else ():
                parts.setdefault(parent, []).append(rule(child, slot, _chosen(parts[child], onward)))
        return {node: _chosen(each, keep) for node, each in parts.items()}

    def slots(self, child: Tensor) -> list[tuple[int, Tensor]]:
        """The argument slots that a gradient is sent to."""
        return [(slot, p) for slot, p in enumerate(child.arguments) if isinstance(p, Tensor) and p in self.receivers]

    def walk(self) -> dict[Tensor, Any]:
        """Every gradient, where each node sends its sum so far on whenever something reaches it; {} if that is long."""
        totals = dict(self.start)
        waiting = list(self.start)
        for _ in range(MOST_STEPS):
            if not waiting:
                return totals
            child = waiting.pop()
            for slot, parent in self.slots(child):
                contribution = contribution_of(child, slot, totals[child])
                totals[parent] = totals[parent] + contribution if parent in totals else contribution
                waiting.append(parent)
        return {}

    def effects(self) -> Iterator[tuple[Tensor, int, dict[Tensor, Any]]]:
        """For each edge into a node with several, what its contribution adds to every gradient."""
        right = self.run()
        edges = [(child, *at) for child in reversed(self.nodes) if child in right for at in self.slots(child)]
        arrivals = Counter([parent for *_, parent in edges] + list(self.start))
        for child, slot, parent in edges:
            if arrivals[parent] > 1:
                contribution = contribution_of(child, slot, right[child])
                yield child, slot, Pass(self.nodes, {parent: contribution}, self.receivers).run()


def explained(run: Pass, given: Gradients, name: Callable[[Tensor], str]) -> tuple[str, Tensor | None, int | None]:
    """The slip that gives these gradients in one sentence, and the edge it happened at, where it is one edge's."""
    right = run.run()
    for child, slot, effect in run.effects():
        assert child.op is not None
        parent = child.arguments[slot]
        edge = f"{ONE_SLIP}: of the contributions to {name(parent)}, that of {child.op.name} by its argument {slot}"
        if _same(given, {node: right[node] - effect.get(node, 0.0) for node in right}):
            times = sum(each is parent for each in child.parents)
            why = f"{child.op.name} uses it {times} times" if times > 1 else "add (+=), not set (=)"
            return f"{edge} was lost: {why}", child, slot
        if _same(given, {node: right[node] + effect.get(node, 0.0) for node in right}):
            return f"{edge} was added twice", child, slot
    for sentence, wrong in _slips(run):
        if _same(given, wrong):
            return f"{ONE_SLIP}: {sentence}", None, None
    return f"{ONE_SLIP}{_factor(right, given)}", None, None


def _slips(run: Pass) -> Iterator[tuple[str, dict[Tensor, Any]]]:
    """Each common slip that runs through the whole pass, and the gradients it gives."""
    order = "a node sent its gradient on before all of its children had sent theirs: go through the nodes backwards in "
    yield "each contribution overwrote the one before: add (+=), not set (=)", run.run(keep="last", onward="last")
    yield "only the first contribution to a node was kept: add them all", run.run(keep="first", onward="first")
    yield order + "topological order", run.run(onward="first")
    yield order + "topological order, once each", run.walk()
    yield "the local gradients are not multiplied by the upstream gradient", run.run(_without_upstream)
    yield "the upstream gradients are not multiplied by the local gradients", run.run(_without_local)
    yield "an op that mixes elements was given the diagonal of its Jacobian alone", run.run(_diagonal)


def _without_upstream(child: Tensor, slot: int, g: Any) -> Any:
    return contribution_of(child, slot, np.ones_like(g)[()])


def _without_local(child: Tensor, slot: int, g: Any) -> Any:
    assert child.op is not None
    return (
        unbroadcast(g, np.shape(child.arguments[slot].data))
        if child.op.elementwise
        else contribution_of(child, slot, g)
    )


def _diagonal(child: Tensor, slot: int, g: Any) -> Any:
    op, values = child.op, tuple(map(untracked, child.arguments))
    assert op is not None
    if op.elementwise or np.ndim(g) == 0 or np.shape(values[slot]) != np.shape(g):
        return contribution_of(child, slot, g)
    rows = op_jacobian(op, slot, child.data, values, child.options).reshape(np.size(g), -1)
    return g * np.diag(rows).reshape(np.shape(g))


def _factor(right: Gradients, given: Gradients) -> str:
    """How the given gradients follow from the right ones by a factor, or by turning them."""
    nodes = [node for node in given if node in right]
    if all(_near(given[node], np.transpose(right[node])) for node in nodes):
        return ": a matrix is transposed"
    ours = np.concatenate([np.ravel(right[node]) for node in nodes] or [np.zeros(0)])
    theirs = np.concatenate([np.ravel(given[node]) for node in nodes] or [np.zeros(0)])
    if not ours.any() or not theirs.any():
        return ": it is 0" if ours.any() else ""
    factor = float(theirs @ ours / (ours @ ours))
    if not _near(theirs, factor * ours):
        return ""
    if abs(factor + 1) < 1e-6:
        return ": its sign is turned"
    if abs(factor - 2) < 1e-6:
        return ": it is twice the right one; were the gradients of an earlier pass not set to zero?"
    times = factor if abs(factor) > 1 else 1 / factor
    whole = abs(times - round(times)) < 1e-6
    mean = f"a mean over {round(abs(times))} taken for a sum or the other way round, or " if whole else ""
    return f": it is {factor:.6g} times the right one; {mean}a learning rate?"


def wrong_shape(given: Any, right: Any) -> str:
    """What is wrong with a gradient that is not shaped like its tensor."""
    shapes = f"the gradient has shape {np.shape(given)}, the tensor {np.shape(right)}"
    try:
        summed = unbroadcast(given, np.shape(right))
    except ValueError:
        summed = None
    if summed is not None and _near(summed, right):
        return f"{shapes}: sum it over the axes along which the tensor was repeated (a bias serves the whole batch)"
    if _near(np.transpose(given), right):
        return f"{shapes}: it is transposed"
    return f"{shapes}: a gradient has one number for each element"


def _chosen(parts: list[Any], which: str) -> Any:
    if which == "sum":
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total
    return parts[0 if which == "first" else -1]


def _same(given: Gradients, wrong: Gradients) -> bool:
    """Whether the slip gives exactly the gradients that were given."""
    return all(node in wrong and _near(given[node], wrong[node]) for node in given)


def _near(a: Any, b: Any) -> bool:
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-4, atol=1e-7)
