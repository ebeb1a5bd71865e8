"""A tensor's graph, recorded as a Trace."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.backward import ancestors, contribution_of, starting_gradient
from ..autograd.reader import reader_frame
from ..autograd.stale import refuse_edited, refuse_stale
from ..autograd.tensor import Tensor
from ..autograd.values import untracked
from . import names
from .source import source_of
from .trace import Argument, Edge, Event, Forward, Node, Seed, Send, Trace, Value, read_only


def trace(loss: Tensor, gradient: Any = None) -> Trace:
    """The record of `loss`: every forward value, and every gradient of the backward pass from it.

    gradient: what the pass starts with, shaped like `loss`; may be left out for a scalar (it is 1)
    Tensors without a name take those of the caller's variables. Their `grad` is left as it is.
    """
    return record(loss, gradient)


def record(root: Tensor, gradient: Any = None, *, backward: bool = True) -> Trace:
    """The trace of everything `root` was computed from, and of the backward pass from it.

    gradient: what the pass starts with, shaped like `root`; may be left out for a scalar
    backward: False records the forward pass alone; so does a root that needs no gradient
    """
    if not isinstance(root, Tensor):
        raise TypeError(f"only a tensor has a graph to record; got {type(root).__name__} {root!r:.60}")
    tensors = ancestors(root)
    refuse_edited(tensors)
    index = {id(tensor): i for i, tensor in enumerate(tensors)}
    chosen = names.choose(tensors, reader_frame())
    nodes = tuple(_node(i, tensor, chosen[i], index) for i, tensor in enumerate(tensors))
    edges = tuple(_edges(tensors, index))
    events: list[Event] = [Forward(node.index) for node in nodes if node.kind == "compute"]
    if backward and root.requires_grad:
        if gradient is None and root.size != 1:
            raise RuntimeError(
                f"the backward pass starts from a scalar loss; {chosen[-1]} has shape {root.shape}. Reduce it with "
                f".sum() or .mean(), or give the gradient to start with: bp.trace(y, v), v of shape {root.shape}."
            )
        refuse_stale([tensor for tensor in tensors if tensor.requires_grad])
        events += _backward(tensors, edges, starting_gradient(root, gradient))
    return Trace(nodes, edges, tuple(events))


def _backward(tensors: list[Tensor], edges: tuple[Edge, ...], gradient: Any) -> list[Event]:
    """The events of one backward pass, with gradients of its own: the tensors' `grad` is left alone."""
    gradients: dict[int, Any] = {len(tensors) - 1: gradient}
    events: list[Event] = [Seed(len(tensors) - 1, kept(gradient))]
    of_child: dict[int, list[Edge]] = {}
    for edge in edges:
        of_child.setdefault(edge.child, []).append(edge)
    for child in range(len(tensors) - 1, -1, -1):
        if child not in gradients:
            continue
        upstream = gradients[child]
        for edge in of_child.get(child, ()):
            if not edge.backpropagates:
                continue
            contribution = contribution_of(tensors[child], edge.slot, upstream)
            total = gradients[edge.parent] + contribution if edge.parent in gradients else contribution
            gradients[edge.parent] = total
            local = _local(tensors[child], edge.slot)
            events.append(Send(edge.index, kept(upstream), kept(local), kept(contribution), kept(total)))
    return events


def _local(child: Tensor, slot: int) -> Any:
    assert child.op is not None
    values = tuple(untracked(argument) for argument in child.arguments)
    return child.op.local(slot, child.data, values, child.options)


def kept(value: Any) -> Value:
    """A value for the record: a plain number, or a read-only copy of an array."""
    if value is None or value.__class__ is float:
        return value
    if np.ndim(value) == 0:
        return np.asarray(value).item()
    return read_only(np.array(value))


def _node(index: int, tensor: Tensor, name: str, index_of: dict[int, int]) -> Node:
    kind = "compute" if tensor.op is not None else "parameter" if tensor.requires_grad else "input"
    leaf = Node(index, name, kind, tensor.shape, str(tensor.dtype), kept(tensor.data), source=source_of(tensor))
    op = tensor.op
    if op is None:
        return leaf
    arguments = [
        Argument(slot.name, index_of[id(argument)])
        if isinstance(argument, Tensor)
        else Argument(slot.name, constant=argument)
        for slot, argument in zip(op.arguments, tensor.arguments, strict=True)
    ]
    arguments += [Argument(key, constant=option_text(option)) for key, option in tensor.options.items()]
    return Node(
        index, name, kind, leaf.shape, leaf.dtype, leaf.value, op.name, op.symbol, op.notation, op.formula,
        tuple(arguments), source=leaf.source,
    )  # fmt: skip


def _edges(tensors: list[Tensor], index: dict[int, int]) -> list[Edge]:
    edges: list[Edge] = []
    for child, tensor in enumerate(tensors):
        if tensor.op is None:
            continue
        shapes = [np.shape(untracked(argument)) for argument in tensor.arguments]
        for slot, parent in enumerate(tensor.arguments):
            if isinstance(parent, Tensor):
                row = tensor.op.arguments[slot]
                formula = row.formula_at(*shapes, **tensor.options)
                edges.append(
                    Edge(len(edges), index[id(parent)], child, slot, row.name, formula, tensor.op.elementwise,
                         parent.requires_grad)
                )  # fmt: skip
    return edges


def option_text(option: Any) -> str:
    """An op's option as the reader wrote it: `:2, None` for x[:2, None], `0` for axis=0."""
    if isinstance(option, tuple):
        return ", ".join(map(option_text, option))
    if isinstance(option, slice):
        parts = ["" if part is None else str(part) for part in (option.start, option.stop, option.step)]
        return ":".join(parts if parts[2] else parts[:2])
    if option is Ellipsis:
        return "…"
    if isinstance(option, np.ndarray):
        return np.array2string(option, separator=", ", threshold=6)
    return str(option)
