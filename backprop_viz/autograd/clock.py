"""The clock that orders births and edits, and what few tensors remember beside their value."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .tensor import Tensor

# One clock for births and edits: a tensor made after another has the larger number, and a value edited after a
# node was computed has a larger number than the node.
tick = itertools.count(1).__next__


class LastEdits:
    """When any value was last edited in place (`edited`), and when such an edit was last recorded (`recorded`).

    A pass over younger nodes need not look for values that changed under them.
    """

    edited = 0
    recorded = 0

    def strike(self) -> int:
        """The time of an edit that happens now."""
        self.edited = tick()
        return self.edited


last = LastEdits()


class Storage:
    """The memory that tensors share: a base and its views, a tensor and its detached copies.

    version: how many edits in place there were (PyTorch's `_version`);  edited: when the last one was, 0 = never
    recorded: when the last one was that is an operation of the graph
    """

    __slots__ = ("edited", "recorded", "version")

    def __init__(self) -> None:
        self.version = self.edited = self.recorded = 0

    def strike(self) -> None:
        """Note an edit that happens now."""
        self.edited = last.strike()
        self.version += 1


class Group:
    """One run of a `with bp.group(label):`, and the group around it. Every node made in it has it for its `more`.

    It reads as the Extras of a tensor that has nothing but a group, and cannot be written to: `Node.extras` makes a
    tensor its own before anything is noted there, since this one belongs to all the others as well.
    """

    __slots__ = ("by", "label", "parent")

    name: None = None
    options: None = None
    storage: None = None
    computed = 0
    before: None = None
    snapshot = element = retains = False

    def __init__(self, label: str, parent: Group | None, by: object) -> None:
        self.label = label
        self.parent = parent
        self.by = by  # what entered it; None when it has ended

    def __deepcopy__(self, memo: Any) -> Group:
        return self  # a copied tensor was made in the same group

    @property
    def group(self) -> Group:
        """The group of a node that has no Extras of its own."""
        return self


class Extras:
    """What only few tensors need: kept apart, because a slot in every tensor would cost memory by the million.

    group:    the group it was made in
    name:     the name to draw it with
    options:  the op's options
    storage:  the memory shared with other tensors, and when it was edited; None = never shared nor edited
    computed: when Graph.forward last computed the value again; 0 = not since birth
    before:   the node that this tensor was until it was edited in place by a recorded operation
    snapshot: whether this is such a node, whose value is a copy that no edit reaches
    element:  whether it is one number out of an array, which it cannot share as a view does
    retains:  whether the gradient adds up over passes, as a leaf's does (`retain_grad`)
    """

    __slots__ = ("before", "computed", "element", "group", "name", "options", "retains", "snapshot", "storage")

    def __init__(self, group: Group | None = None) -> None:
        self.group = group
        self.name: str | None = None
        self.options: dict[str, Any] | None = None
        self.storage: Storage | None = None
        self.computed = 0
        self.before: Tensor | None = None
        self.element = self.snapshot = self.retains = False
