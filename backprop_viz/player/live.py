"""A loss as an experiment: its leaves edited and trained while the reader's own tensors stay what they are."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np

from ..autograd.backward import ancestors
from ..autograd.tensor import Tensor
from ..autograd.values import short, stored
from ..record.recorder import record
from ..record.rerun import fitting, rerun
from ..record.trace import Seed, Send, Trace
from ..render.lookup import index_of, listed


class Experiment:
    """A copy of a loss's graph whose leaves can be given other values, each under its index in the trace.

    values: what the leaves hold now, by index;  start: what they held at first
    What is asked for and cannot be is an error, and leaves everything as it was.
    """

    def __init__(self, loss: Tensor) -> None:
        self.trace = record(loss)
        with np.errstate(all="ignore"):  # the reader has been warned when the loss was computed
            self.loss = rerun(loss)
        tensors = ancestors(self.loss)
        self.leaves = {i: tensor for i, tensor in enumerate(tensors) if tensor.op is None}
        self.start = {i: leaf.data for i, leaf in self.leaves.items()}
        self.values = dict(self.start)
        self._run = dict(self.values)  # the values of this trace

    def name(self, index: int) -> str:
        """What a node is called."""
        return self.trace.nodes[index].name

    def leaf(self, node: Any) -> int:
        """The index of a leaf, by its name or its index; an error where there is none."""
        index = index_of(self.trace, node)
        if index not in self.leaves:
            known = listed([self.name(i) for i in self.leaves])
            raise ValueError(
                f"{self.name(index)} is computed, and follows from the leaves; what can be set are {known}"
            )
        return index

    # ------------------------------------------------------------------ what a reader asks for
    def edit(self, values: Mapping[Any, Any]) -> None:
        """Give leaves new values: a number, an array, or {"at": [0, 1], "value": 0.7} for an element of one."""
        if not isinstance(values, Mapping):
            raise TypeError(f"values are given by their leaves, as {{'w0': 0.7}}; got {short(values)}")
        new = {}
        for node, value in values.items():
            index = self.leaf(node)
            new[index] = self._fitting(index, value)
        self.values |= new

    def takes(self, index: int, value: Any) -> bool:
        """Whether a leaf can be given this value."""
        try:
            self._fitting(index, value)
        except (TypeError, ValueError):
            return False
        return True

    def _fitting(self, index: int, value: Any) -> Any:
        leaf, name = self.leaves[index], self.name(index)
        if isinstance(value, Mapping):
            place = place_in(leaf.shape, value.get("at"), name)
            whole = np.array(self.values[index])
            whole[place] = fitting(number(value.get("value"), name), (), leaf.dtype, name)
            return stored(whole)
        if leaf.shape == ():
            value = number(value, name)
        array = fitting(value, leaf.shape, leaf.dtype, name)
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds finite numbers; got {short(value)}")
        return array

    def learn(self, rate: Any) -> None:
        """One step of gradient descent: every parameter moves by −rate · gradient."""
        eta = number(rate, "the learning rate")
        gradients = gradients_of(self.run())
        moving = [i for i, leaf in self.leaves.items() if leaf.requires_grad and i in gradients]
        if not moving:
            raise ValueError("nothing here can learn: the loss depends on no parameter. Make one: bp.parameter(0.1)")
        for i in moving:
            self.values[i] = stored(self.values[i] - self.leaves[i].dtype.type(eta) * gradients[i])

    def reset(self) -> None:
        """Go back to the values of the beginning."""
        self.values = dict(self.start)

    def run(self) -> Trace:
        """The trace of the computation with the present values; where it fails, they are those before."""
        if any(self.values[i] is not value for i, value in self._run.items()):
            try:
                with np.errstate(all="ignore"):
                    self.trace = record(rerun(self.loss, self.values))
            except BaseException:
                self.values = dict(self._run)
                raise
            self._run = dict(self.values)
        return self.trace


# ---------------------------------------------------------------------- what messages say
def number(value: Any, name: str) -> float | int:
    """A finite number; `name` says whose."""
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and not value.ndim):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is a number; got {type(value).__name__} {short(value)}")
    try:
        finite = isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise ValueError(f"{name} is a finite number; got {short(value)}")
    return value


def place_in(shape: tuple[int, ...], at: Any, name: str) -> tuple[int, ...]:
    """The index of an element of an array of this shape, checked."""
    whole = isinstance(at, list | tuple) and all(isinstance(i, int) and not isinstance(i, bool) for i in at)
    if not whole or len(at) != len(shape) or not all(0 <= i < n for i, n in zip(at, shape, strict=True)):
        raise ValueError(f"{name} has shape {shape}: there is no element at {short(at)}")
    return tuple(at)


def gradients_of(trace: Trace) -> dict[int, Any]:
    """The backpropagated gradients of all nodes that have one."""
    gradients: dict[int, Any] = {}
    for event in trace.events:
        if isinstance(event, Seed):
            gradients[event.node] = event.gradient
        elif isinstance(event, Send):
            gradients[trace.edges[event.edge].parent] = event.total
    return gradients
