"""The backward pass: from a tensor to the gradients of everything it was computed from."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from .mode import edit_clock
from .op import ARITHMETIC_ERRORS
from .plain import Plain
from .values import stored, untracked

if TYPE_CHECKING:
    from .tensor import Tensor

_birth = attrgetter("birth")


def is_tensor(value: Any) -> TypeGuard[Tensor]:
    """Whether this argument is a tensor, without importing the class, which imports this file."""
    return isinstance(value, Plain)


def ancestors(root: Tensor) -> list[Tensor]:
    """Every tensor that `root` was computed from, and `root`, in the order they were made: a topological order."""
    tensor = root.__class__
    found = {root}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        a, b = node.a, node.b
        if a.__class__ is tensor and a not in found:
            found.add(a)
            waiting.append(a)
        if b.__class__ is tensor and b not in found:
            found.add(b)
            waiting.append(b)
        elif b.__class__ is tuple:
            others = {x for x in b if x.__class__ is tensor} - found
            found |= others
            waiting.extend(others)
    return sorted(found, key=_birth)


def starting_gradient(root: Tensor, gradient: Any) -> Any:
    """The gradient a backward pass starts with at `root`, shaped and typed like it."""
    if not root.requires_grad:
        raise RuntimeError(
            "backward() from a tensor that needs no gradient: nothing it was computed from has requires_grad=True. "
            "Make a parameter with bp.parameter(value), and compute outside bp.no_grad()."
        )
    if gradient is None:
        if root.data.__class__ is float:
            return 1.0
        if root.size != 1:
            raise RuntimeError(
                f"backward() starts from a scalar loss; this tensor has shape {root.shape}. Reduce it with .sum() or "
                f".mean(), or pass the gradient to start with: y.backward(v), v of shape {root.shape}."
            )
        gradient = np.ones(root.shape)
    value = np.asarray(untracked(gradient))
    if value.dtype.kind not in "fiub":
        raise TypeError(f"a gradient holds numbers; got {type(gradient).__name__} {gradient!r:.60}")
    if value.shape != root.shape:
        raise ValueError(
            f"the gradient has shape {value.shape}, but the tensor it is for has shape {root.shape}; "
            f"give one number per element"
        )
    return stored(value.astype(root.dtype))


def backward(root: Tensor, gradient: Any = None) -> None:
    """One backward pass: gradients of computed tensors set anew, those of leaves added to what they hold."""
    gradient = starting_gradient(root, gradient)
    nodes = [node for node in ancestors(root) if node.requires_grad]
    refuse_stale(nodes)
    leaves = [node for node in nodes if node.op is None]
    held = [leaf.grad for leaf in leaves]
    totals = held  # for a pass that is interrupted or fails: leaves hold what they held, nothing is half a sum
    try:
        for node in nodes:
            node.grad = None
        root.grad = gradient
        send_all(nodes)
        totals = [add(old, leaf.grad) for old, leaf in zip(held, leaves, strict=True)]
    finally:
        if totals is held:
            for node in nodes:
                node.grad = None
        for leaf, total in zip(leaves, totals, strict=True):
            leaf.grad = total


def add(old: Any, new: Any) -> Any:
    """What a leaf holds after a pass: a value of its own, which no other tensor shares."""
    if old is not None:
        return old + new
    return new if new.__class__ is float else np.array(new)[()]


def send_all(nodes: list[Tensor]) -> None:
    """The inductive step, node by node from the loss back: each sends its gradient to its parents."""
    tensor = nodes[-1].__class__
    for node in reversed(nodes):
        op = node.op
        if op is None:
            continue
        out = node.data
        if node.options is not None or out.__class__ is not float:
            send(node)
            continue
        # The fast path, for plain floats: the same arithmetic as `send`, without a call per edge.
        a, b, g = node.a, node.b, node.grad
        to_a, to_b = op.slopes
        try:
            if b is None:
                to_a = g * (to_a if to_a.__class__ is float else to_a(out, a.data))
            else:
                x = a.data if a.__class__ is tensor else a
                y = b.data if b.__class__ is tensor else b
                if a is x or not a.requires_grad:
                    to_a = None
                else:
                    to_a = g * (to_a if to_a.__class__ is float else to_a(out, x, y))
                if b is y or not b.requires_grad:
                    to_b = None
                else:
                    to_b = g * (to_b if to_b.__class__ is float else to_b(out, x, y))
        except ARITHMETIC_ERRORS:
            send(node)
            continue
        if to_a is not None:
            a.grad = to_a if a.grad is None else a.grad + to_a
        if to_b is not None:
            b.grad = to_b if b.grad is None else b.grad + to_b


def send(node: Tensor) -> None:
    """Send `node`'s gradient to its parents, slot by slot."""
    for slot, parent in enumerate(node.arguments):
        if is_tensor(parent) and parent.requires_grad:
            contribution = contribution_of(node, slot, node.grad)
            parent.grad = contribution if parent.grad is None else parent.grad + contribution


def contribution_of(node: Tensor, slot: int, g: Any) -> Any:
    """What `node`, holding the gradient `g`, sends to the argument in `slot`."""
    assert node.op is not None
    values = tuple(map(untracked, node.arguments))
    return stored(node.op.pull(slot, g, node.data, values, node.options or {}))


def refuse_stale(nodes: list[Tensor]) -> None:
    """An error when a value that the pass needs was edited after it was used: the gradient would be of no function."""
    for node, name, value in _edits(nodes):
        assert node.op is not None
        reads = (
            node.op.reads(slot)
            for slot, parent in enumerate(node.arguments)
            if is_tensor(parent) and parent.requires_grad
        )
        if any(name in names for names in reads):
            raise RuntimeError(
                f"a value that the backward pass needs was edited after {_edited_what(node, name, value)}: the stored "
                f"forward values are stale. Run the forward pass again before backward()."
            )


def refuse_edited(tensors: list[Tensor]) -> None:
    """An error when any value of a graph was edited in place since: its numbers no longer belong together."""
    for node, name, value in _edits(tensors):
        raise RuntimeError(
            f"a value of this graph was edited after {_edited_what(node, name, value)}: the stored values no longer "
            f"belong together. Compute the loss again, or run bp.graph(loss).forward()."
        )


def edited_since(tensors: list[Tensor]) -> tuple[Tensor, Tensor] | None:
    """The first node, with the argument (or the node itself), edited in place after the node was computed."""
    return next(((node, value) for node, _, value in _edits(tensors)), None)


def _edits(tensors: list[Tensor]) -> Iterator[tuple[Tensor, str, Tensor]]:
    """Each node, and the argument by name and value (or "out" and the node), that changed after it was computed."""
    first = next((node for node in tensors if node.op is not None), None)
    if first is None or edit_clock.last < first.birth:
        return
    for node in tensors:
        if node.op is None:
            continue
        if node.edited > node.computed:
            yield node, "out", node
        for row, value in zip(node.op.arguments, node.arguments, strict=True):
            # An argument computed again (by Graph.forward, in another graph) has changed as well.
            if is_tensor(value) and max(value.edited, value.computed) > node.computed:
                yield node, row.name, value


def _edited_what(node: Tensor, name: str, value: Tensor) -> str:
    """ "mul had used it (argument 0, 'w')"."""
    assert node.op is not None
    called = "" if value.name is None else f", {value.name!r}"
    if value is node:
        return f"{node.op.name} had computed it (its result{called})"
    slot = [row.name for row in node.op.arguments].index(name)
    return f"{node.op.name} had used it (argument {slot}{called})"
