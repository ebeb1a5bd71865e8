"""The graph behind a loss, as the lecture's algorithm sees it: Forward, Backward, SGD as lines that run."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from .backward import ancestors, backward, starting_gradient
from .clock import Extras, last, tick
from .inplace import overwrite
from .ops import OPS
from .replay import Array, Replay, obstacle
from .stale import refuse_stale
from .tensor import Tensor, alike, compute, share_storage
from .values import stored, untracked

# A replay costs a few NumPy calls for each group of nodes (4 µs forward and backward), the passes node by node cost
# 2 µs for each node: they are even at two nodes in a group. Graphs small enough to look at keep the numbers of the
# loop, to the last bit, and would gain less than a millisecond.
WIDTH = 2
FEWEST = 256


class Graph:
    """The recorded graph of a loss, as the lecture's algorithm sees it.

    inputs:  leaves that need no gradient;  params: leaves that do
    compute: results of operations, in topological order, the loss last
    """

    def __init__(self, loss: Tensor) -> None:
        if not isinstance(loss, Tensor):
            raise TypeError(f"a graph is made from a tensor; got {type(loss).__name__} {loss!r:.60}")
        nodes = ancestors(loss)
        self.loss = loss
        self.inputs = [node for node in nodes if node.op is None and not node.requires_grad]
        self.params = [node for node in nodes if node.op is None and node.requires_grad]
        self.compute = [node for node in nodes if node.op is not None]
        self._fast: Fast | None = None
        self._computed = 0  # when forward() last ran
        self._runs = 0

    @property
    def nodes(self) -> list[Tensor]:
        """All tensors of the graph, in the order they were made."""
        return sorted(self.inputs + self.params + self.compute, key=lambda node: node.birth)

    def forward(self) -> Any:
        """Compute every node again from the leaves' present values, each once; gives the loss's value.

        What was a plain value when the graph was recorded stays what it was: the condition of `bp.where(x > 0, a, b)`,
        the mask of `x[x > 0]`. Compute the loss anew where such a choice may come out otherwise.
        Computed nodes lose their gradients, which were those of the old values; leaves keep theirs.
        A large graph of scalars is replayed from the second time on: the same numbers, but for rounding.
        """
        self._runs += 1
        if self._runs == 2:  # to prepare a replay takes as long as a pass: not for a graph that runs only once
            self._fast = fast_passes(self)
        if self._fast is None or not self._fast.forward():
            now = last.strike()
            for c in self.compute:
                recompute(c, now)
        self._computed = last.edited
        return self.loss.data

    def backward(self, gradient: Any = None) -> None:
        """Set every gradient anew: none, then 1 at the loss, then node by node back to the leaves.

        The lecture's algorithm zeroes inside the pass, where PyTorch accumulates over calls (`loss.backward()`).
        Inputs need no gradient and get none: their `grad` stays None, which is not the same as 0.
        """
        start = starting_gradient(self.loss, gradient)  # refuse before anything is cleared
        fresh = self._computed == last.edited  # nothing was edited anywhere since forward()
        if not fresh:
            refuse_stale([node for node in self.nodes if node.requires_grad])
        if self._fast is None or not self._fast.backward(start, fresh):
            for c in self.compute + self.params + self.inputs:
                c.grad = None
            backward(self.loss, gradient)

    def replay(self) -> Replay:
        """The loss as a function of its leaves, fast, and without touching a tensor; for graphs of float64 scalars.

        `replay.loss({w0: 0.3, w1: -1.2})` is a number; with arrays for w0 and w1 it is a loss surface.
        """
        return Replay(self.loss, self.inputs, self.params, self.compute)

    def sgd(self, eta: float) -> None:
        """One step of gradient descent: every parameter moves by −eta · gradient."""
        if not isinstance(eta, Real) or not np.isfinite(float(eta)):
            raise ValueError(f"the learning rate is a finite number; got {eta!r}")
        missing = [w.name or f"a parameter of shape {w.shape}" for w in self.params if w.grad is None]
        if missing:
            raise RuntimeError(f"no gradient yet for {', '.join(missing)}: run backward() before sgd()")
        for w in self.params:
            overwrite(w, w.data - float(eta) * w.grad)


def recompute(node: Tensor, now: int) -> None:
    """Compute one node again from the present values of its arguments."""
    op, values = node.op, [x.data if x.__class__ is Tensor else untracked(x) for x in node.arguments]
    assert op is not None
    if op.elementwise and op.forward.__class__ is np.ufunc and one_kind(values):
        node.data = op.forward(*values)  # what `compute` comes to, without its questions
    else:
        node.data = compute(op, values, node.options)
        if node.more is not None and node.more.before is not None:  # an edit in place keeps the type of what it edits
            node.data = stored(np.asarray(node.data, dtype=node.more.before.dtype))
        # Leaves may have got values of another shape: the backward pass trusts a plain `b` to be like the result.
        if node.data.__class__ is not float and node.b.__class__ is Tensor and not alike(op, node.data, values):
            node.b = (node.b,)
    extras = node.extras
    extras.computed, extras.storage = now, None
    if op.view and isinstance(node.data, np.ndarray):
        share_storage(node.a, node)
    node.grad = None


def one_kind(values: list[Any]) -> bool:
    """Whether all values are arrays of one shape and type."""
    first = values[0]
    return first.__class__ is np.ndarray and all(
        x.__class__ is np.ndarray and x.dtype is first.dtype and x.shape == first.shape for x in values
    )


def fast_passes(graph: Graph) -> Fast | None:
    """The passes by replay, if the graph can be replayed and gains by it.

    An op of the reader's own may be written for single numbers: only `replay()`, asked for by name, tries arrays on it.
    """
    if len(graph.compute) < FEWEST or obstacle(graph.nodes):
        return None
    if any(OPS.get(op.name) is not op for op in {node.op for node in graph.compute if node.op is not None}):
        return None
    replay = graph.replay()
    return Fast(graph, replay) if len(graph.compute) >= WIDTH * len(replay.schedule.groups) else None


class Fast:
    """The two passes of a graph by its replay, with the values and gradients written back into the nodes.

    Each pass gives False, and does nothing, where the graph is no longer the one that the replay was made from.
    """

    def __init__(self, graph: Graph, replay: Replay) -> None:
        schedule = self.schedule = replay.schedule
        self.leaves, self.params, self.compute = replay.leaves, replay.params, graph.compute
        self.positions = np.array([schedule.position[node] for node in self.compute])
        receive = [node for node in (*self.compute, *self.params) if schedule.position[node] in schedule.reached]
        self.receivers = receive
        self.receiving = np.array([schedule.position[node] for node in receive])
        reached = set(receive)
        self.others = [node for node in (*self.leaves, *self.compute) if node not in reached]
        self.made = tick()
        self.start: list[Any] = []
        self.values: Array = np.empty(0)

    def forward(self) -> bool:
        """Compute all values again."""
        start = [leaf.data for leaf in self.leaves]
        if not self._holds(start):
            return False
        self.values, self.start = self.schedule.forward(start), start
        now = last.strike()
        for node, value in zip(self.compute, self.values[self.positions].tolist(), strict=True):
            node.data = value
            extras = node.more if isinstance(node.more, Extras) else node.extras
            extras.computed, extras.storage = now, None
            node.grad = None
        return True

    def backward(self, start: float, fresh: bool) -> bool:
        """Set all gradients anew; `fresh` says that no value has been edited since the last forward pass."""
        leaves = [leaf.data for leaf in self.leaves]
        if not self._holds(leaves):
            return False
        values = self.values
        if not (fresh and leaves == self.start):
            present = [node.data for node in self.compute]
            if any(value.__class__ is not float for value in present):
                return False
            values = self.schedule.start(leaves)
            values[self.positions] = present
        gradients = self.schedule.backward(values, start)[self.receiving].tolist()
        # Twice where the first time was interrupted: no leaf is left with the gradient of another pass.
        try:
            self._settle(gradients)
        except BaseException:
            self._settle(gradients)
            raise
        return True

    def _settle(self, gradients: list[float]) -> None:
        for node in self.others:
            node.grad = None
        for node, gradient in zip(self.receivers, gradients, strict=True):
            node.grad = gradient

    def _holds(self, start: list[Any]) -> bool:
        """Whether the graph is as it was, but for the numbers in it."""
        needs = [leaf.requires_grad for leaf in self.leaves]
        first = len(needs) - len(self.params)
        return (
            last.recorded < self.made
            and all(needs[first:])
            and not any(needs[:first])
            and all(value.__class__ is float for value in start)
        )
