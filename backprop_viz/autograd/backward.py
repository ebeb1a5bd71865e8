"""The backward pass: from a tensor to the gradients of everything it was computed from."""

from __future__ import annotations

from operator import attrgetter
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from .clock import last
from .op import ARITHMETIC_ERRORS, ONE, OTHER, arithmetic
from .plain import Plain
from .stale import refuse_stale
from .values import refuse_no_float, refuse_old, stored, untracked

if TYPE_CHECKING:
    from .tensor import Tensor

_birth = attrgetter("birth")
# A pass marks what it has found; two threads must not mark the same leaves.
_one_pass_at_a_time = RLock()


class Pending:
    """What stands in `grad` of a tensor that a pass has found and not yet reached."""


def is_tensor(value: Any) -> TypeGuard[Tensor]:
    """Whether this argument is a tensor, without importing the class, which imports this file."""
    return isinstance(value, Plain)


def ancestors(root: Tensor) -> list[Tensor]:
    """Every tensor that `root` was computed from, and `root`, in the order they were made: a topological order."""
    found = {root}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if last.recorded:
            rewire(node)
        for parent in node.parents:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return sorted(found, key=_birth)


def rewire(node: Tensor) -> None:
    """Let the node stand on what its arguments were when it was computed, not on what an edit has made of them."""

    def at_birth(argument: Any) -> Any:
        while is_tensor(argument) and argument.birth > node.birth:
            argument = argument.extras.before
        return argument

    node.a = at_birth(node.a)
    node.b = tuple(map(at_birth, node.b)) if node.b.__class__ is tuple else at_birth(node.b)


def starting_gradient(root: Tensor, gradient: Any) -> Any:
    """The gradient a backward pass starts with at `root`, shaped and typed like it."""
    refuse_old("the tensor that the pass starts from", root)
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
    with _one_pass_at_a_time:
        run_pass(root, gradient)


def run_pass(root: Tensor, gradient: Any) -> None:
    """The pass itself: whole, or not at all where it fails or is interrupted."""
    pending = Pending()
    held: list[tuple[Tensor, Any]] = []  # what leaves held before
    result: list[tuple[Tensor, Any]] | None = None
    try:
        nodes = find(root, pending, held)
        nodes.sort(key=_birth)
        refuse_stale(nodes)
        root.grad = gradient
        send_all(nodes, pending)
        result = [(leaf, added(leaf, old, pending)) for leaf, old in held]
    finally:
        # Twice where the first time was interrupted: leaves then hold what they held, or all their new sums.
        try:
            settle(root, held, result)
        except BaseException:
            settle(root, held, result)
            raise


def settle(root: Tensor, held: list[tuple[Tensor, Any]], result: list[tuple[Tensor, Any]] | None) -> None:
    """Write the leaves' new sums; without a result, take back what the pass has begun."""
    if result is None:
        for node in ancestors(root):
            if node.op is not None:
                node.grad = None
    for leaf, total in held if result is None else result:
        leaf.grad = total


def find(root: Tensor, pending: Pending, held: list[tuple[Tensor, Any]]) -> list[Tensor]:
    """Everything that the pass from `root` will reach, marked; what the leaves among it hold is put into `held`."""
    tensor = root.__class__
    edits_are_recorded = last.recorded
    hold(root, held)
    root.grad = pending
    found: list[Tensor] = []
    waiting = [root]
    put, push, pop = found.append, waiting.append, waiting.pop
    while waiting:
        node = pop()
        put(node)
        if edits_are_recorded:
            rewire(node)
        a, b = node.a, node.b
        if a.__class__ is tensor and a.grad is not pending and a.requires_grad:
            if a.op is None or (a.more is not None and a.more.retains):
                hold(a, held)
            a.grad = pending
            push(a)
        if b.__class__ is tensor:
            if b.grad is not pending and b.requires_grad:
                if b.op is None or (b.more is not None and b.more.retains):
                    hold(b, held)
                b.grad = pending
                push(b)
        elif b.__class__ is tuple:
            for each in b:
                if each.__class__ is tensor and each.grad is not pending and each.requires_grad:
                    hold(each, held)
                    each.grad = pending
                    push(each)
    return found


def hold(node: Tensor, held: list[tuple[Tensor, Any]]) -> None:
    """Note what the node holds, if its gradients add up over passes."""
    data = node.data
    if node.op is None and data.__class__ is not float and (data.__class__ is not np.ndarray or data.dtype.kind != "f"):
        refuse_no_float(data)
    if node.op is None or node.retains_grad:
        held.append((node, node.grad))


def added(leaf: Tensor, old: Any, pending: Pending) -> Any:
    """What a leaf holds after a pass: what it held and what has reached it, a value that no other tensor shares."""
    new = leaf.grad
    if new is pending:
        return old
    if old is not None:
        return old + new
    if new.__class__ is float:
        return new
    return new if new.__class__ is np.ndarray and new.flags.owndata else stored(np.array(new))


def send_all(nodes: list[Tensor], pending: Pending) -> None:
    """The inductive step, node by node from the loss back: each sends its gradient to its parents.

    In line for elementwise ops whose result and arguments are alike: the same arithmetic as `send`, without its calls.
    """
    tensor = nodes[-1].__class__
    for node in reversed(nodes):
        op = node.op
        if op is None:
            continue
        a, b, g = node.a, node.b, node.grad
        to_a, to_b = op.slopes
        if to_a is None or b.__class__ is tuple:
            send(node, pending)
            continue
        if a.__class__ is tensor and a.requires_grad:
            if to_a is ONE:  # a leaf's gradient is its own
                contribution = g if g.__class__ is float or a.op is not None else g.copy()
            elif to_a is OTHER:
                contribution = g * (b.data if b.__class__ is tensor else b)
            else:
                contribution = g * (to_a if to_a.__class__ is float else local(node, to_a))
            a.grad = contribution if a.grad is pending else a.grad + contribution
        if b.__class__ is tensor and b.requires_grad:
            if to_b is ONE:
                contribution = g if g.__class__ is float or b.op is not None else g.copy()
            elif to_b is OTHER:
                contribution = g * (a.data if a.__class__ is tensor else a)
            else:
                contribution = g * (to_b if to_b.__class__ is float else local(node, to_b))
            b.grad = contribution if b.grad is pending else b.grad + contribution


def local(node: Tensor, derivative: Any) -> Any:
    """What the row's derivative gives at this node."""
    out, a, b = node.data, node.a, node.b
    x = a.data if a.__class__ is node.__class__ else a
    y = b.data if b.__class__ is node.__class__ else b
    try:
        found = derivative(out, x) if y is None else derivative(out, x, y)
    except ARITHMETIC_ERRORS:
        found = arithmetic(derivative, out, *map(untracked, node.arguments))
    return float(found) if out.__class__ is float and found.__class__ is not float else found


def send(node: Tensor, pending: Pending) -> None:
    """Send `node`'s gradient to its parents, slot by slot."""
    op, out, g, arguments, options = node.op, node.data, node.grad, node.arguments, node.options
    assert op is not None
    tensor = node.__class__
    values = tuple([x.data if x.__class__ is tensor else x for x in arguments])
    for slot, parent in enumerate(arguments):
        if parent.__class__ is tensor and parent.requires_grad:
            contribution = stored(op.pull(slot, g, out, values, options))
            if parent.grad is not pending:
                parent.grad = parent.grad + contribution
            elif contribution is g and parent.op is None and g.__class__ is np.ndarray:
                parent.grad = g.copy()
            else:
                parent.grad = contribution


def contribution_of(node: Tensor, slot: int, g: Any) -> Any:
    """What `node`, holding the gradient `g`, sends to the argument in `slot`."""
    assert node.op is not None
    values = tuple(map(untracked, node.arguments))
    return stored(node.op.pull(slot, g, node.data, values, node.options))
