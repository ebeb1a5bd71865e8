"""The graph behind a loss, as the lecture's algorithm sees it: Forward, Backward, SGD as lines that run."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from .backward import ancestors, backward, starting_gradient
from .clock import last
from .inplace import overwrite
from .stale import refuse_stale
from .tensor import Tensor, compute, share_storage
from .values import untracked


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

    @property
    def nodes(self) -> list[Tensor]:
        """All tensors of the graph, in the order they were made."""
        return sorted(self.inputs + self.params + self.compute, key=lambda node: node.birth)

    def forward(self) -> Any:
        """Compute every node again from the leaves' present values, each once; gives the loss's value.

        Computed nodes lose their gradients, which were those of the old values; leaves keep theirs.
        """
        for c in self.compute:
            assert c.op is not None
            c.data = compute(c.op, [untracked(x) for x in c.arguments], c.options)
            c.extras.computed = last.strike()
            c.extras.storage = None
            if c.op.view and isinstance(c.data, np.ndarray):
                share_storage(c.a, c)
            c.grad = None
        return self.loss.data

    def backward(self, gradient: Any = None) -> None:
        """Set every gradient anew: none, then 1 at the loss, then node by node back to the leaves.

        The lecture's algorithm zeroes inside the pass, where PyTorch accumulates over calls (`loss.backward()`).
        Inputs need no gradient and get none: their `grad` stays None, which is not the same as 0.
        """
        starting_gradient(self.loss, gradient)  # refuse before anything is cleared
        refuse_stale([node for node in self.nodes if node.requires_grad])
        for c in self.compute + self.params + self.inputs:
            c.grad = None
        backward(self.loss, gradient)

    def sgd(self, eta: float) -> None:
        """One step of gradient descent: every parameter moves by −eta · gradient."""
        if not isinstance(eta, Real) or not np.isfinite(float(eta)):
            raise ValueError(f"the learning rate is a finite number; got {eta!r}")
        missing = [w.name or f"a parameter of shape {w.shape}" for w in self.params if w.grad is None]
        if missing:
            raise RuntimeError(f"no gradient yet for {', '.join(missing)}: run backward() before sgd()")
        for w in self.params:
            overwrite(w, w.data - float(eta) * w.grad)
