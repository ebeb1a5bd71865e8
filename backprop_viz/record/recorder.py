"""A tensor's graph, recorded as a Trace."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ..autograd.backward import ancestors, starting_gradient
from ..autograd.reader import reader_frame
from ..autograd.stale import refuse_edited, refuse_stale
from ..autograd.tensor import Tensor
from ..autograd.transforms import sends
from ..autograd.values import untracked
from . import groups, names
from .source import sources_of
from .trace import Argument, Edge, Event, Forward, Node, Seed, Send, Source, Trace, Value, read_only


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
    inside = groups.paths(tensors)
    sources, code = sources_of(tensors)
    nodes = tuple(_node(i, tensor, chosen[i], inside[i], sources[i], index) for i, tensor in enumerate(tensors))
    edges = tuple(_edges(tensors, index))
    events: list[Event] = [Forward(node.index) for node in nodes if node.kind == "compute"]
    if backward and root.requires_grad:
        if gradient is None and root.size != 1:
            raise RuntimeError(
                f"the backward pass starts from a scalar loss; {chosen[-1]} has shape {root.shape}. Reduce it with "
                f".sum() or .mean(), or give the gradient to start with: bp.trace(y, v), v of shape {root.shape}."
            )
        refuse_stale([tensor for tensor in tensors if tensor.requires_grad])
        events += _backward(tensors, nodes, edges, starting_gradient(root, gradient))
    return Trace(nodes, edges, tuple(events), code)


def _backward(tensors: list[Tensor], nodes: tuple[Node, ...], edges: tuple[Edge, ...], gradient: Any) -> list[Event]:
    """The events of one backward pass, with gradients of its own: the tensors' `grad` is left alone."""
    events: list[Event] = [Seed(len(tensors) - 1, sealed(gradient))]
    gradients = {tensors[-1]: gradient}
    receivers = {tensor for tensor in tensors if tensor.requires_grad}
    index = {(tensors[edge.child], edge.slot): edge.index for edge in edges}
    value_of = {tensor: node.value for tensor, node in zip(tensors, nodes, strict=True)}
    for child, slot, contribution, total in sends(tensors, gradients, receivers):
        assert child.op is not None
        # Of the record's own values, which no edit reaches: the local gradient of a product is one of them.
        values = tuple(value_of[x] if isinstance(x, Tensor) else x for x in child.arguments)
        local = child.op.local(slot, value_of[child], values, child.options)
        numbers = map(sealed, (gradients[child], local, contribution, total))
        events.append(Send(index[child, slot], *numbers))
    return events


def kept(value: Any) -> Value:
    """A value for the record: a plain number, or a read-only copy of an array."""
    return sealed(value.copy() if isinstance(value, np.ndarray) else value)


def sealed(value: Any) -> Value:
    """A value that only the record holds: a plain number, or the array itself, closed to edits."""
    if value is None or value.__class__ is float:
        return value
    return read_only(value) if isinstance(value, np.ndarray) and value.ndim else np.asarray(value).item()


def _node(
    index: int, tensor: Tensor, name: str, group: groups.Path, source: Source | None, index_of: dict[int, int]
) -> Node:
    op, data = tensor.op, tensor.data
    kind = "compute" if op is not None else "parameter" if tensor.requires_grad else "input"
    standing = (index, name, kind, np.shape(data), _dtype_name(tensor.dtype), kept(data))
    if op is None:
        return Node(*standing, group=group, source=source)
    arguments = [
        Argument(slot.name, index_of[id(argument)])
        if argument.__class__ is Tensor
        else Argument(slot.name, constant=argument)
        for slot, argument in zip(op.arguments, tensor.arguments, strict=True)
    ]
    arguments += [Argument(name, constant=option_text(name, option)) for name, option in tensor.options.items()]
    return Node(*standing, op.name, op.symbol, op.notation, op.formula, tuple(arguments), group, source)


@cache
def _dtype_name(dtype: np.dtype[Any]) -> str:
    return str(dtype)


def _edges(tensors: list[Tensor], index: dict[int, int]) -> list[Edge]:
    edges: list[Edge] = []
    for child, tensor in enumerate(tensors):
        op = tensor.op
        if op is None:
            continue
        for slot, parent in enumerate(tensor.arguments):
            if parent.__class__ is Tensor:
                row = op.arguments[slot]
                formula = row.formula
                if row.formula_for is not None:
                    formula = row.formula_at(*(np.shape(untracked(x)) for x in tensor.arguments), **tensor.options)
                edges.append(
                    Edge(len(edges), index[id(parent)], child, slot, row.name, formula, op.elementwise,
                         parent.requires_grad)
                )  # fmt: skip
    return edges


def option_text(name: str, option: Any) -> str:
    """An op's option as the reader wrote it: `:2, None` for the key of x[:2, None], `0` for axis=0."""
    if name == "key":
        return ", ".join(map(_index_text, option)) if isinstance(option, tuple) else _index_text(option)
    if isinstance(option, np.ndarray):
        return _array_text(option)
    return repr(option) if isinstance(option, str | tuple | list) else str(option)


def _index_text(index: Any) -> str:
    if isinstance(index, slice):
        parts = ["" if part is None else str(part) for part in (index.start, index.stop, index.step)]
        return ":".join(parts if parts[2] else parts[:2])
    if isinstance(index, np.ndarray):
        return _array_text(index)
    return "…" if index is Ellipsis else str(index)


def _array_text(array: Any) -> str:
    """An array on one line, or its shape where it is long."""
    return str(array.tolist()) if array.size <= 6 else f"array {array.shape}"
