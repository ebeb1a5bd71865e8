"""A recorded computation run again with other values of its leaves, apart from the reader's tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..autograd.backward import ancestors
from ..autograd.clock import Extras, tick
from ..autograd.node import Node
from ..autograd.reader import reader_frame
from ..autograd.stale import refuse_edited
from ..autograd.tensor import Tensor, compute
from ..autograd.values import numeric, short, stored
from .names import choose


def rerun(loss: Tensor, values: Mapping[Any, Any] | None = None) -> Tensor:
    """The loss of a new graph, made by the same ops, with other values of some leaves.

    values: shaped like the leaves they are for, each under the leaf or its index in the trace; a tensor in place of a
            number stands for the leaf in the new graph, with all that it was computed from
    Names (also those that a record chooses), source lines, groups and types are those of the old graph, so that its
    picture is laid out the same. What was a plain value when the graph was recorded stays what it was: the condition
    of `bp.where(x > 0, a, b)`, the mask of `x[x > 0]` or of dropout.
    """
    tensors = ancestors(loss)
    refuse_edited(tensors)
    names = choose(tensors, reader_frame())
    given = _by_leaf(tensors, names, values or {})
    made: dict[Tensor, Tensor] = {}
    for tensor, name in zip(tensors, names, strict=True):
        value = given.get(tensor)
        made[tensor] = value if isinstance(value, Tensor) else _again(tensor, name, value, made)
    return made[loss]


def _by_leaf(tensors: list[Tensor], names: list[str], values: Mapping[Any, Any]) -> dict[Tensor, Any]:
    """The new values by their leaves, checked."""
    index = {tensor: i for i, tensor in enumerate(tensors)}
    found = {}
    for key, value in values.items():
        at = index.get(key, -1) if isinstance(key, Tensor) else key
        if not isinstance(at, int) or not 0 <= at < len(tensors):
            raise ValueError(f"values are for leaves of this graph, by the leaf or its index; got {short(key)}")
        leaf = tensors[at]
        if leaf.op is not None:
            raise ValueError(f"{names[at]} is computed, by {leaf.op.name}: only inputs and parameters can be set")
        found[leaf] = value if isinstance(value, Tensor) else fitting(value, leaf.shape, leaf.dtype, names[at])
    return found


def fitting(value: Any, shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> Any:
    """The value as a leaf of this shape and type keeps it; an error where that would be another number."""
    array = numeric(value)
    if array.shape != shape:
        raise ValueError(f"{name} has shape {shape}; got a value of shape {array.shape}")
    with np.errstate(all="ignore"):
        cast = array.astype(dtype)
        same = np.isinf(cast) == np.isinf(array.astype(float)) if dtype.kind == "f" else cast == array
    if not np.all(same):
        raise ValueError(f"{name} holds numbers of type {dtype}, and none of them is {short(value)}")
    return stored(cast)


def _again(tensor: Tensor, name: str, value: Any, made: Mapping[Tensor, Tensor]) -> Tensor:
    """A tensor like this one that stands on those made before it; of a leaf, with this value where one is given."""
    new = type(tensor)()
    for slot in Node.__slots__:
        setattr(new, slot, getattr(tensor, slot))
    new.birth, new.grad = tick(), None
    extras = new.more = Extras(tensor.group)
    extras.name, extras.options = name, tensor.options or None
    if tensor.op is None:
        new.data = stored(np.array(tensor.data)) if value is None else value
        return new
    new.a = _made(tensor.a, made)
    new.b = tuple(_made(x, made) for x in tensor.b) if tensor.b.__class__ is tuple else _made(tensor.b, made)
    values = [x.data if isinstance(x, Tensor) else x for x in new.arguments]
    new.data = compute(tensor.op, values, tensor.options)
    before = None if tensor.more is None else tensor.more.before
    if before is not None:  # an edit in place keeps the type of what it edits
        extras.before = made[before]
        new.data = stored(np.asarray(new.data, dtype=before.dtype))
    return new


def _made(argument: Any, made: Mapping[Tensor, Tensor]) -> Any:
    return made[argument] if isinstance(argument, Tensor) else argument
