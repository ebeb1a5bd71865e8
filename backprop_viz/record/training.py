"""Steps of learning, carried out and recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import index
from typing import Any, SupportsIndex

import numpy as np

from ..autograd.backward import ancestors
from ..autograd.graph import Graph
from ..autograd.optim import Optimizer
from ..autograd.tensor import Tensor
from .recorder import kept, record
from .trace import Forward, Node, Trace, Update, Value


def training_step(loss: Any, optimizer: Optimizer) -> Trace:
    """Backward from `loss` and one step of `optimizer`, carried out; the record of it with an `Update` per parameter.

    Gradients are set to None first, so that the step goes by this loss alone. Parameters that the loss does not depend
    on have no gradient, and stay where they are.
    """
    _refuse_no_optimizer(optimizer)
    return _stepped(record(loss), loss, optimizer)


def training(loss: Tensor | Callable[[], Tensor], optimizer: Optimizer, steps: SupportsIndex = 3) -> Trace:
    """Several steps of learning, carried out one after the other; the record of all of them in one trace.

    loss:  a tensor, whose graph is computed again before each step (as by `bp.graph(loss).forward()`), or a function
           without arguments that computes the loss anew, perhaps of other data: always by the same graph
    steps: how many, 1 or more
    The first pass stands in the trace's nodes. Of later ones each event `Forward` brings its value, that of an input
    or a parameter too where it is not what it was. Gradients are set to None before each step.
    """
    _refuse_no_optimizer(optimizer)
    if not isinstance(steps, SupportsIndex) or isinstance(steps, bool) or index(steps) < 1:
        raise ValueError(f"steps is how many steps of learning to take, 1 or more; got {steps!r:.60}")
    root = _computed(loss)
    first = before = _stepped(record(root), root, optimizer)
    events = first.events
    for step in range(2, index(steps) + 1):
        root = _computed(loss)
        trace = record(root)
        _refuse_other_graph(first, trace, step)
        trace = _stepped(trace, root, optimizer)
        events += (*_forward(trace, before), *(event for event in trace.events if not isinstance(event, Forward)))
        before = trace
    return replace(first, events=events)


def _stepped(trace: Trace, loss: Any, optimizer: Optimizer) -> Trace:
    """The record of the passes, and of the step that is now carried out."""
    return replace(trace, events=trace.events + _moved(loss, optimizer))


def _refuse_no_optimizer(optimizer: Any) -> None:
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"a training step takes an optimizer, such as bp.optim.SGD([w, b], lr=0.1); got {type(optimizer).__name__}"
        )


def _moved(loss: Tensor, optimizer: Optimizer) -> tuple[Update, ...]:
    """The backward pass and the optimizer's step, carried out; what they did to each parameter."""
    if not loss.requires_grad:
        raise RuntimeError("the loss needs no gradient: nothing it was computed from can learn. Use bp.parameter(...)")
    at = {tensor: i for i, tensor in enumerate(ancestors(loss))}
    optimizer.zero_grad()
    loss.backward()
    moving = [
        (parameter, kept(parameter.data), group["lr"])
        for group in optimizer.param_groups
        for parameter in group["params"]
        if parameter in at and parameter.grad is not None
    ]
    optimizer.step()
    return tuple(
        Update(at[parameter], old, kept(parameter.grad), float(rate), kept(parameter.data), optimizer.rule)
        for parameter, old, rate in moving
    )


# ---------------------------------------------------------------------- from pass to pass
def _computed(loss: Any) -> Any:
    """The loss with the present values."""
    if isinstance(loss, Tensor):
        Graph(loss).forward()
        return loss
    if not callable(loss):
        raise TypeError(
            f"training takes a loss, or a function without arguments that computes one; got {type(loss).__name__} "
            f"{loss!r:.60}"
        )
    return loss()


def _forward(trace: Trace, before: Trace) -> Iterator[Forward]:
    """A later forward pass: the leaves that have another value than after the step before, then what is computed."""
    moved = {event.parameter: event.new for event in before.events if isinstance(event, Update)}
    held = [moved.get(node.index, node.value) for node in before.nodes]
    leaves = [node for node in trace.nodes if node.kind != "compute"]
    given = [leaf for leaf in leaves if not _same(leaf.value, held[leaf.index])]
    computed = [node for node in trace.nodes if node.kind == "compute"]
    # Where a loss is a leaf itself, nothing is computed: its iteration begins with the value that it has.
    return (Forward(node.index, node.value) for node in (given + computed) or leaves)


def _same(one: Value, other: Value) -> bool:
    """Whether two values are the same to the last bit: 0 and −0 differ, and nan is nan."""
    return np.asarray(one).tobytes() == np.asarray(other).tobytes()


def _refuse_other_graph(first: Trace, trace: Trace, step: int) -> None:
    """An error where a step computes its loss by another graph than the first, with the first difference."""
    for node, other in zip(first.nodes, trace.nodes, strict=False):
        was, now = _made(node), _made(other)
        if was != now:
            raise _other_graph(step, f"node {node.index}, {node.name!r:.40}, was {was} in step 1 and is {now} now")
    counts = len(first.nodes), len(trace.nodes)
    if counts[0] != counts[1]:
        raise _other_graph(step, f"it has {counts[1]} nodes, and in step 1 it had {counts[0]}")


def _made(node: Node) -> str:
    """How a node is made, in words: what has to be alike from step to step."""
    what = f"{node.kind} of shape {node.shape} and type {node.dtype}"
    if node.kind != "compute":
        return f"{'an' if node.kind == 'input' else 'a'} {what}"
    arguments = ", ".join(
        f"{each.name}={each.constant!r}" if each.node is None else f"{each.name}=node {each.node}"
        for each in node.arguments
    )
    return f"{node.op}({arguments}), {node.formula or node.notation}, of shape {node.shape} and type {node.dtype}"


def _other_graph(step: int, difference: str) -> ValueError:
    return ValueError(
        f"training records one graph, and step {step} computed another: {difference}. Keep the shapes and the code the "
        f"same, and make numbers that change an input: bp.tensor(...). The steps before have been carried out."
    )
