"""Derivatives as values: gradients, vector-Jacobian and Jacobian-vector products, Jacobians; `grad` is left alone.

Names and meanings are those of `torch.autograd.grad` and `torch.autograd.functional`. First derivatives only: what is
returned are plain numbers and arrays, which no further gradient flows through.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from .backward import ancestors, contribution_of, starting_gradient
from .functions.constructors import parameter
from .mode import enable_grad
from .op import Op
from .stale import refuse_stale
from .tensor import Tensor
from .values import stored, untracked

Function = Callable[..., Any]
STRATEGIES = ("reverse-mode", "forward-mode")


# ---------------------------------------------------------------------- what readers call
def grad(outputs: Any, inputs: Any, gradient: Any = None, *, allow_unused: bool = False) -> tuple[Any, ...]:
    """The gradients of `outputs` by `inputs`, a tuple with one for each input, shaped like it (torch.autograd.grad).

    outputs:  a tensor, or several in a list: the gradient is that of their sum
    inputs:   a tensor, or several in a list: leaves or computed ones
    gradient: what each output starts with, shaped like it (`grad_outputs`); may be left out for a scalar (it is 1)
    allow_unused: give None for an input that the outputs do not depend on; otherwise that is an error
    """
    several = isinstance(outputs, tuple | list)
    outputs, inputs = _several(outputs, "outputs"), _several(inputs, "inputs")
    given = gradient if several and isinstance(gradient, tuple | list) else [gradient]
    given = [None] * len(outputs) if gradient is None else _one_each(given, outputs, "gradients", "outputs")
    for place, tensor in enumerate(inputs):
        if not tensor.requires_grad:
            raise RuntimeError(
                f"input {place}{_called(tensor)} has requires_grad=False: no gradient flows to it. Make it with "
                f"bp.parameter(value)."
            )
    seeds = [(out, starting_gradient(out, g)) for out, g in zip(outputs, given, strict=True)]
    gradients = pulled_back(all_ancestors(outputs), seeds, inputs)
    for place, tensor in enumerate(inputs):
        if tensor not in gradients and not allow_unused:
            raise RuntimeError(
                f"the outputs do not depend on input {place}{_called(tensor)}, so it has no gradient. Leave it out, or "
                f"pass allow_unused=True to get None for it."
            )
    return tuple(_own(gradients[tensor]) if tensor in gradients else None for tensor in inputs)


def vjp(f: Function, inputs: Any, v: Any = None) -> tuple[Any, Any]:
    """The values of f, and v times its Jacobian by each input: reverse mode (torch.autograd.functional.vjp).

    f:      takes one tensor for each input, gives a tensor or a tuple of them
    inputs: a tensor, array or number, or a tuple of them; the products are shaped, and tupled, like them
    v:      shaped, and tupled, like what f gives; may be left out where that is one number (it is 1)
    """
    leaves, outputs, nodes = _recorded(f, inputs)
    vectors = _vectors(v, outputs, "v has one entry for each element that the function gives")
    gradients = pulled_back(nodes, zip(outputs.tensors, vectors, strict=True), leaves.tensors)
    return outputs.joined(outputs.values), leaves.joined([_own(_or_zero(gradients, x)) for x in leaves.tensors])


def jvp(f: Function, inputs: Any, v: Any = None) -> tuple[Any, Any]:
    """The values of f, and its Jacobian times v: forward mode, one sweep along with the values.

    f, inputs: as for `vjp`
    v:      shaped, and tupled, like the inputs; may be left out where that is one number (it is 1)
    """
    leaves, outputs, nodes = _recorded(f, inputs)
    vectors = _vectors(v, leaves, "v has one entry for each element of the inputs")
    tangents = pushed_forward(nodes, dict(zip(leaves.tensors, vectors, strict=True)))
    return outputs.joined(outputs.values), outputs.joined([_own(_or_zero(tangents, y)) for y in outputs.tensors])


def jacobian(f: Function, inputs: Any, *, strategy: str | None = None) -> Any:
    """Every derivative of what f gives by every input: arrays of shape (shape of the output) + (shape of the input).

    Tupled as in torch.autograd.functional.jacobian: a tuple over the outputs of tuples over the inputs, each only where
    f gives, or takes, a tuple.
    strategy: "reverse-mode" makes a row with each sweep, "forward-mode" a column; None takes what needs fewer sweeps
    """
    if strategy not in (None, *STRATEGIES):
        raise ValueError(f"strategy is one of {STRATEGIES}, or None for the shorter one; got {strategy!r}")
    leaves, outputs, nodes = _recorded(f, inputs)
    forward = leaves.size < outputs.size if strategy is None else strategy == "forward-mode"
    blocks: list[list[Any]] = [
        [np.zeros((*y.shape, *x.shape), y.dtype) for x in leaves.tensors] for y in outputs.tensors
    ]
    for i, y in enumerate([] if forward else outputs.tensors):
        for index, basis in unit_vectors(y.data):
            gradients = pulled_back(nodes, [(y, basis)], leaves.tensors)
            for j, x in enumerate(leaves.tensors):
                blocks[i][j][index] = _or_zero(gradients, x)
    for j, x in enumerate(leaves.tensors if forward else []):
        for index, basis in unit_vectors(x.data):
            tangents = pushed_forward(nodes, {x: basis})
            for i, y in enumerate(outputs.tensors):
                blocks[i][j][(Ellipsis, *index)] = _or_zero(tangents, y)
    return outputs.joined([leaves.joined([stored(block) for block in row]) for row in blocks])


# ---------------------------------------------------------------------- sweeps over a recorded graph
def sends(
    nodes: list[Tensor], gradients: dict[Tensor, Any], receivers: Collection[Tensor]
) -> Iterator[tuple[Tensor, int, Any, Any]]:
    """The steps of a backward pass: (child, slot, contribution, the parent's total so far).

    nodes:     in topological order
    gradients: what the pass starts with; filled as it goes, in place of the tensors' own `grad`
    receivers: the tensors that a gradient flows to
    """
    for child in reversed(nodes):
        if child not in gradients:
            continue
        for slot, parent in enumerate(child.arguments):
            if isinstance(parent, Tensor) and parent in receivers:
                contribution = contribution_of(child, slot, gradients[child])
                gradients[parent] = gradients[parent] + contribution if parent in gradients else contribution
                yield child, slot, contribution, gradients[parent]


def pulled_back(
    nodes: list[Tensor], seeds: Iterable[tuple[Tensor, Any]], inputs: Collection[Tensor]
) -> dict[Tensor, Any]:
    """The gradient of everything between the seeds and the inputs: reverse mode, from the last node to the first."""
    receivers = dependants(nodes, inputs)
    gradients: dict[Tensor, Any] = {}
    for root, gradient in seeds:
        if root in receivers:
            gradients[root] = gradients[root] + gradient if root in gradients else gradient
    for _ in sends(nodes, gradients, receivers):
        pass
    return gradients


def pushed_forward(nodes: list[Tensor], tangents: Mapping[Tensor, Any]) -> dict[Tensor, Any]:
    """The tangent of everything that depends on the given ones: forward mode, from the first node to the last."""
    dependants(nodes, tangents)
    tangents = dict(tangents)
    for node in nodes:
        parts = [
            tangent_by(node, slot, tangents[parent])
            for slot, parent in enumerate(node.arguments)
            if isinstance(parent, Tensor) and parent in tangents
        ]
        if parts:
            tangents[node] = stored(np.broadcast_to(sum(parts), node.shape).astype(node.dtype))
    return tangents


def tangent_by(node: Tensor, slot: int, tangent: Any) -> Any:
    """The part of the node's tangent that comes by one argument: the local Jacobian times the argument's tangent."""
    op = node.op
    assert op is not None
    values, options = tuple(map(untracked, node.arguments)), node.options
    if op.elementwise:
        return op.local(slot, node.data, values, options) * tangent
    if op.arguments[slot].name in op.linear.split():  # a linear function is its own derivative
        return op.forward(*values[:slot], tangent, *values[slot + 1 :], **options)
    rows = op_jacobian(op, slot, node.data, values, options)
    return np.tensordot(rows, tangent, axes=np.ndim(tangent))


def op_jacobian(op: Op, slot: int, out: Any, values: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """The local Jacobian of one op by argument `slot`, of shape (shape of the result) + (shape of the argument).

    Its rows are the unit vectors of the result, pulled back: right for every row of the op table, meant for few
    elements.
    """
    rows = np.zeros((*np.shape(out), *np.shape(values[slot])), np.asarray(out).dtype)
    for index, basis in unit_vectors(out):
        rows[index] = op.pull(slot, basis, out, values, options)
    return rows


def unit_vectors(value: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """For each index of the value, something shaped and typed like it that is 1 there and 0 elsewhere."""
    for index in np.ndindex(np.shape(value)):
        basis = np.zeros(np.shape(value), np.asarray(value).dtype)
        basis[index] = 1
        yield index, stored(basis)


def dependants(nodes: list[Tensor], inputs: Collection[Tensor]) -> set[Tensor]:
    """The inputs, and every node (of these, in topological order) that depends on them; an error where one is stale."""
    found = set(inputs)
    users = []
    for node in nodes:
        if node.requires_grad and any(parent in found for parent in node.parents):
            found.add(node)
            users.append(node)
    refuse_stale(users)
    return found


def all_ancestors(roots: Iterable[Tensor]) -> list[Tensor]:
    """Every tensor that any of the roots was computed from, in topological order."""
    return sorted({node for root in roots for node in ancestors(root)}, key=lambda node: node.birth)


# ---------------------------------------------------------------------- what goes in and comes out
class Structure:
    """Tensors, and whether they were given as a tuple: results are given back in the same way."""

    def __init__(self, given: Any, tensors: list[Tensor]) -> None:
        self.is_tuple = isinstance(given, tuple)
        self.tensors = tensors

    @property
    def values(self) -> list[Any]:
        """The tensors' values, copied."""
        return [_own(tensor.data) for tensor in self.tensors]

    @property
    def size(self) -> int:
        """The number of all elements."""
        return sum(tensor.size for tensor in self.tensors)

    def joined(self, values: list[Any]) -> Any:
        """One value for each tensor: in a tuple, or alone."""
        return tuple(values) if self.is_tuple else values[0]


def _recorded(f: Function, inputs: Any) -> tuple[Structure, Structure, list[Tensor]]:
    """New leaves with the values of the inputs, what f makes of them, and the graph between."""
    given = inputs if isinstance(inputs, tuple) else (inputs,)
    for each in given:
        if isinstance(each, list) and any(isinstance(x, Tensor) for x in each):
            raise TypeError("several inputs are given as a tuple, (x, y); a list of tensors is not one input")
    leaves = [parameter(untracked(each), name=getattr(each, "name", None)) for each in given]
    with enable_grad():
        out = f(*leaves)
    outputs = list(out) if isinstance(out, tuple) else [out]
    if not outputs or not all(isinstance(y, Tensor) for y in outputs):
        wrong = next((y for y in outputs if not isinstance(y, Tensor)), out)
        raise TypeError(
            f"the function gives a tensor or a tuple of tensors; this one gave {type(wrong).__name__} {wrong!r:.60}. "
            f"Compute with the tensors it is given, by bp's functions or operators."
        )
    return Structure(inputs, leaves), Structure(out, outputs), all_ancestors(outputs)


def _vectors(v: Any, like: Structure, meaning: str) -> list[Any]:
    """One vector for each tensor, shaped and typed like it."""
    if v is None:
        if like.size != 1 or len(like.tensors) != 1:
            raise RuntimeError(f"{meaning}; it may be left out only where that is a single number. Give v.")
        v = np.ones(like.tensors[0].shape)
        return [stored(v.astype(like.tensors[0].dtype))]
    given = list(v) if like.is_tuple and isinstance(v, tuple | list) else [v]
    _one_each(given, like.tensors, "vectors", "tensors")
    for place, (each, tensor) in enumerate(zip(given, like.tensors, strict=True)):
        if np.shape(untracked(each)) != tensor.shape:
            raise ValueError(f"{meaning}: v {place} has shape {np.shape(untracked(each))}, not {tensor.shape}")
    return [stored(np.asarray(untracked(e)).astype(t.dtype)) for e, t in zip(given, like.tensors, strict=True)]


def _several(given: Any, what: str) -> list[Tensor]:
    several = list(given) if isinstance(given, tuple | list) else [given]
    wrong = next((x for x in several if not isinstance(x, Tensor)), None)
    if not several or wrong is not None:
        shown = "none" if not several else f"{type(wrong).__name__} {wrong!r:.60}"
        raise TypeError(f"the {what} of a gradient are tensors, one or a list of them; got {shown}")
    return several


def _one_each(given: Any, tensors: list[Tensor], what: str, whose: str) -> Any:
    if len(given) != len(tensors):
        raise ValueError(f"there are {len(tensors)} {whose}, but {len(given)} {what}: give one for each")
    return given


def _called(tensor: Tensor) -> str:
    return "" if tensor.name is None else f" ({tensor.name!r})"


def _or_zero(found: Mapping[Tensor, Any], tensor: Tensor) -> Any:
    """What a sweep has found for the tensor: 0 where it never came."""
    return found[tensor] if tensor in found else stored(np.zeros(tensor.shape, tensor.dtype))


def _own(value: Any) -> Any:
    """A value that shares no memory with the graph."""
    return stored(np.array(value))
