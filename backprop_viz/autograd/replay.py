"""Replay: a recorded graph of scalars run again, many nodes at a time.

The values of all nodes stand in one flat array. Nodes of one depth and one op are computed together, as one NumPy call:
their arguments are gathered, the op's row runs on the arrays, and the results fill one slice. Going back, each group's
gradients are sums of contributions that the groups above it have written. The numbers agree with the node-by-node
passes to rounding, not to the last bit: NumPy's exp is not Python's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .backward import is_tensor
from .op import Function, Op
from .values import short, untracked

if TYPE_CHECKING:
    from .tensor import Tensor

Array = np.ndarray[Any, Any]
Key = tuple[int, Op, tuple[bool, ...]]  # depth, op, and by which arguments a gradient flows on
AT_ONCE = 2**22  # numbers held at a time, where a loss is asked for at many points: 32 MB


@dataclass(slots=True)
class Sums:
    """How gradients are put together: the positions of the contributions, in the order of the nodes they reach."""

    nodes: Any  # a slice or the positions of the nodes
    contributions: Array
    starts: Array | None  # where each node's contributions begin; None where each has one

    def collect(self, gradients: Array) -> None:
        """Fill in the gradients of the nodes."""
        sent = gradients[self.contributions]
        gradients[self.nodes] = sent if self.starts is None else np.add.reduceat(sent, self.starts, axis=0)


@dataclass(slots=True)
class Group:
    """Nodes of one depth and one op, with one place in the array of values.

    arguments: the positions of the arguments' values, a row for each slot
    sends:     the derivatives by the arguments that need a gradient, and the places of their contributions
    """

    op: Op
    nodes: slice
    arguments: Array
    sends: list[tuple[Function, slice]]
    sums: Sums | None = None  # None for the loss, and for nodes that need no gradient


class Schedule:
    """The groups of a graph, from the leaves to the loss.

    Positions number the leaves, then the computed nodes, group by group, then the plain numbers of the expressions.
    """

    def __init__(self, loss: Tensor, leaves: Sequence[Tensor], compute: Sequence[Tensor]) -> None:
        members = grouped(loss, compute)
        ordered = [*leaves, *(node for nodes in members.values() for node in nodes)]
        self.position = {node: i for i, node in enumerate(ordered)}
        self.loss = self.position[loss]
        self.leaves = len(leaves)
        self.numbers: list[float] = []
        self.groups: list[Group] = []
        self.size = self.leaves + len(compute)
        self.places = self.size  # of gradients and contributions
        edges = [self._add(key, nodes) for key, nodes in members.items()]
        self._join([edge for group in edges for edge in group])

    def _add(self, key: Key, nodes: list[Tensor]) -> list[tuple[Array, Array]]:
        """Add a group; gives the edges by which gradients flow on: their targets, and where contributions stand."""
        _, op, needs = key
        first = self.position[nodes[0]]
        arguments = np.array([[self._of(x) for x in node.arguments] for node in nodes]).T.copy()
        group = Group(op, slice(first, first + len(nodes)), arguments, [])
        self.groups.append(group)
        edges = []
        for argument, targets, needed in zip(op.arguments, arguments, needs, strict=True):
            if needed and argument.formula == "1":  # the contribution is the node's own gradient
                edges.append((targets, np.arange(first, first + len(nodes))))
            elif needed:
                assert argument.derivative is not None
                place = slice(self.places, self.places + len(nodes))
                group.sends.append((argument.derivative, place))
                edges.append((targets, np.arange(place.start, place.stop)))
                self.places = place.stop
        return edges

    def _of(self, argument: Any) -> int:
        if is_tensor(argument):
            return self.position[argument]
        self.numbers.append(float(argument))
        return self.size + len(self.numbers) - 1

    def _join(self, edges: list[tuple[Array, Array]]) -> None:
        """Sort the edges by the nodes they reach, and give each group its own."""
        nothing = np.empty(0, dtype=int)
        targets = np.concatenate([nothing, *(to for to, _ in edges)])
        contributions = np.concatenate([nothing, *(at for _, at in edges)])
        order = np.argsort(targets, kind="stable")
        targets, contributions = targets[order], contributions[order]
        nodes, starts = np.unique(targets, return_index=True)
        self.reached = set(nodes.tolist()) | {self.loss}

        def sums(first: int, stop: int) -> Sums | None:
            low, high = np.searchsorted(nodes, [first, stop])
            if low == high:
                return None
            begin, end = starts[low], starts[high] if high < len(nodes) else len(targets)
            alone = end - begin == high - low
            whole = slice(first, stop) if high - low == stop - first else nodes[low:high]
            return Sums(whole, contributions[begin:end], None if alone else starts[low:high] - begin)

        self.leaf_sums = sums(0, self.leaves)
        for group in self.groups:
            group.sums = sums(group.nodes.start, group.nodes.stop)

    def start(self, leaves: Any) -> Array:
        """The array of all values with those of the leaves in it; a second axis holds many points."""
        leaves = np.asarray(leaves, dtype=float)
        values = np.empty((self.size + len(self.numbers), *leaves.shape[1:]))
        values[: self.leaves] = leaves
        values[self.size :].T[...] = self.numbers
        return values

    def forward(self, leaves: Any) -> Array:
        """The values at all positions, from those of the leaves."""
        values = self.start(leaves)
        for group in self.groups:
            values[group.nodes] = group.op.forward(*values[group.arguments])
        return values

    def backward(self, values: Array, start: float = 1.0) -> Array:
        """The gradients at all positions that are reached, from `start` at the loss."""
        gradients = np.empty((self.places, *values.shape[1:]))
        gradients[: self.leaves] = 0.0
        gradients[self.loss] = start
        for group in reversed(self.groups):
            if group.sums is not None:
                group.sums.collect(gradients)
            if group.sends:
                g, out, arguments = gradients[group.nodes], values[group.nodes], values[group.arguments]
                for derivative, place in group.sends:
                    np.multiply(g, derivative(out, *arguments), out=gradients[place])
        if self.leaf_sums is not None:
            self.leaf_sums.collect(gradients)
        return gradients


def grouped(loss: Tensor, compute: Sequence[Tensor]) -> dict[Key, list[Tensor]]:
    """The nodes of each group, from the lowest depth up; a node's depth is 1 + that of its deepest argument."""
    slots = [node.arguments for node in compute]
    needs = [(False,) * len(arguments) for arguments in slots]
    reached = {loss} if loss.requires_grad else set()
    for i in range(len(compute) - 1, -1, -1):
        if compute[i] in reached:
            needs[i] = tuple([is_tensor(x) and x.requires_grad for x in slots[i]])
            reached.update([x for x, need in zip(slots[i], needs[i], strict=True) if need])
    depth: dict[Any, int] = {}
    groups: dict[Key, list[Tensor]] = {}
    for node, arguments, needed in zip(compute, slots, needs, strict=True):
        assert node.op is not None
        depth[node] = level = 1 + max([depth.get(x, 0) for x in arguments if is_tensor(x)], default=0)
        groups.setdefault((level, node.op, needed), []).append(node)
    return dict(sorted(groups.items(), key=lambda item: item[0][0]))


class Replay:
    """The loss of a recorded graph as a function of its leaves, computed without touching a tensor.

    `values` are given as {leaf: number} or {leaf: array}; a leaf that is left out has its present value. Arrays, which
    broadcast against each other, hold many points at once: a loss surface is one call. What overflows or divides by
    zero is inf or nan, with NumPy's warning.
    """

    def __init__(self, loss: Tensor, inputs: Sequence[Tensor], params: Sequence[Tensor], compute: Sequence[Tensor]):
        refuse_arrays((*inputs, *params, *compute))
        self.leaves = (*inputs, *params)
        self.params = tuple(params)
        self.schedule = Schedule(loss, self.leaves, compute)

    def loss(self, values: Mapping[Tensor, Any] | None = None) -> Any:
        """The loss: a float, or an array shaped like the arrays given."""
        return self._run(values, backward=False)[0]

    def gradients(self, values: Mapping[Tensor, Any] | None = None) -> Array:
        """The gradients by the graph's params, in their order, along the first axis."""
        return self.loss_and_gradients(values)[1]

    def loss_and_gradients(self, values: Mapping[Tensor, Any] | None = None) -> tuple[Any, Array]:
        """Both, from one forward and one backward pass."""
        return self._run(values, backward=True)

    def _run(self, values: Mapping[Tensor, Any] | None, backward: bool) -> tuple[Any, Array]:
        given = {self._leaf(leaf): numbers(x) for leaf, x in (values or {}).items()}
        shape = np.broadcast_shapes(*map(np.shape, given.values()))
        refuse_arrays(self.leaves)
        leaves = np.array([leaf.data for leaf in self.leaves])
        if not shape:
            leaves[list(given)] = list(given.values())
            loss, gradients = self._pass(leaves, backward)
            return float(loss), gradients
        points = {i: np.broadcast_to(x, shape).ravel() for i, x in given.items()}
        size = math.prod(shape)
        losses, gradients = np.empty(size), np.empty((len(self.params) if backward else 0, size))
        block = max(1, AT_ONCE // self.schedule.places)
        for here in (slice(i, min(i + block, size)) for i in range(0, size, block)):
            some = np.repeat(leaves[:, None], here.stop - here.start, axis=1)
            for i, x in points.items():
                some[i] = x[here]
            losses[here], gradients[:, here] = self._pass(some, backward)
        return losses.reshape(shape), gradients.reshape(len(gradients), *shape)

    def _pass(self, leaves: Array, backward: bool) -> tuple[Any, Array]:
        schedule = self.schedule
        values = schedule.forward(leaves)
        if not backward:
            return values[schedule.loss], values[:0]
        first = schedule.leaves - len(self.params)
        return values[schedule.loss], schedule.backward(values)[first : schedule.leaves]

    def _leaf(self, leaf: Any) -> int:
        at = self.schedule.position.get(leaf, self.schedule.leaves) if is_tensor(leaf) else self.schedule.leaves
        if at >= self.schedule.leaves:
            names = ", ".join(leaf.name or f"one of value {leaf.data}" for leaf in self.leaves[:10])
            raise ValueError(f"values are given for leaves of this graph ({names}); got {short(leaf)}")
        return at


def numbers(value: Any) -> Array:
    """Numbers for a leaf, as an array."""
    array = np.asarray(untracked(value))
    if array.dtype.kind not in "fiub":
        raise TypeError(f"a leaf's values are a number or an array of numbers; got {short(value)}")
    return array


def obstacle(nodes: Sequence[Tensor]) -> str:
    """What among these nodes cannot be replayed; empty if nothing."""
    for node in nodes:
        if node.data.__class__ is not float:
            what = "a leaf" if node.op is None else f"the result of {node.op.name}"
            return f"{what} of shape {node.shape} and type {node.dtype}"
        if node.op is not None and not node.op.elementwise:
            return f"{node.op.name}, which is not elementwise"
        if node.op is not None and node.options:
            return f"{node.op.name} with options"
    return ""


def refuse_arrays(nodes: Sequence[Tensor]) -> None:
    """An error where not all of these nodes can be replayed."""
    if trouble := obstacle(nodes):
        raise TypeError(
            f"replay() runs graphs of float64 scalars and elementwise operations; this one holds {trouble}. "
            f"Use forward() and backward() of the graph, which run any."
        )
