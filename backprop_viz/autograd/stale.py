"""Values that were edited after they were used: what a pass over them would compute is the gradient of no function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .clock import last

if TYPE_CHECKING:
    from .tensor import Tensor


def refuse_stale(nodes: list[Tensor]) -> None:
    """An error when a value that the pass needs was edited after it was used: the gradient would be of no function."""
    for node, name, value in _edits(nodes):
        assert node.op is not None
        reads = (
            node.op.reads(slot) for slot, parent in enumerate(node.arguments) if getattr(parent, "requires_grad", False)
        )
        if any(name in names for names in reads):
            raise RuntimeError(
                f"a value that the backward pass needs was edited after {_edited_what(node, name, value)}: the stored "
                f"forward values are stale. Run the forward pass again before backward()."
            )


def refuse_edited(tensors: list[Tensor]) -> None:
    """An error when any value of a graph was edited in place since: its numbers no longer belong together."""
    for node, name, value in _edits(tensors):
        if value.more is None or not value.more.snapshot:
            raise RuntimeError(
                f"a value of this graph was edited after {_edited_what(node, name, value)}: the stored values no "
                f"longer belong together. Compute the loss again, or run bp.graph(loss).forward(). To see them as they "
                f"were, record before the edit: bp.trace(loss), or bp.training_step(loss, optimizer) for a step."
            )


def _edits(tensors: list[Tensor]) -> Iterator[tuple[Tensor, str, Tensor]]:
    """Each node, and the argument by name and value (or "out" and the node), that changed after it was computed."""
    first = next((node for node in tensors if node.op is not None), None)
    if first is None or last.edited < first.birth:
        return
    for node in tensors:
        if node.op is None:
            continue
        if node.edited > node.computed:
            yield node, "out", node
        for row, value in zip(node.op.arguments, node.arguments, strict=True):
            # An argument computed again (by Graph.forward, in another graph) has changed as well.
            changed = hasattr(value, "birth") and max(value.edited, value.computed) > node.computed
            # An edit in place reads a copy of what it overwrites: later edits do not reach it.
            if changed and (node.more is None or node.more.before is not value):
                yield node, row.name, value


def _edited_what(node: Tensor, name: str, value: Tensor) -> str:
    """ "mul had used it (argument 0, 'w')"."""
    assert node.op is not None
    called = "" if value.name is None else f", {value.name!r}"
    if value is node:
        return f"{node.op.name} had computed it (its result{called})"
    slot = [row.name for row in node.op.arguments].index(name)
    return f"{node.op.name} had used it (argument {slot}{called})"
