"""What differs between two traces of the same graph, and by how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..record.trace import Trace, Value
from .symbols import printable
from .text import shown


@dataclass(frozen=True)
class Difference:
    """Of every node the change of its value and of its gradient, as text, and which nodes changed."""

    texts: dict[str, str]
    changed: frozenset[int]
    note: str


def difference(trace: Trace, before: Trace, digits: int) -> Difference:
    """What changed from one trace to another of the same graph: the node's numbers less those it had before."""
    _refuse_other_graph(trace, before)
    trace, before = trace.iterations[-1], before.iterations[-1]
    texts: dict[str, str] = {}
    changed: set[int] = set()
    counts = {"value": [0, 0], "gradient": [0, 0]}  # changed, compared
    for node, old in zip(trace.nodes, before.nodes, strict=True):
        gradients = trace.gradient(node.index), before.gradient(node.index)
        for what, slot, (new_value, old_value) in (
            ("value", f"n{node.index}.change", (node.value, old.value)),
            ("gradient", f"n{node.index}.grad.change", gradients),
        ):
            if new_value is None or old_value is None:
                continue
            same = bool(np.array_equal(np.asarray(new_value), np.asarray(old_value), equal_nan=True))
            texts[slot] = "no change" if same else _by_how_much(new_value, old_value, digits)
            counts[what][0] += not same
            counts[what][1] += 1
            if not same:
                changed.add(node.index)
    said = [f"{count} of {all_} {what}s" for what, (count, all_) in counts.items() if all_]
    note = f"Compared with an earlier trace: {' and '.join(said)} changed."
    return Difference(texts, frozenset(changed), note)


def _by_how_much(new: Value, old: Value, digits: int) -> str:
    """Δ +0.25; of an array the largest magnitude."""
    with np.errstate(all="ignore"):
        delta = np.subtract(new, old, dtype=np.float64)
    if delta.ndim:
        return f"max |Δ| = {shown(float(np.max(np.abs(delta))), digits)}"
    text = shown(float(delta), digits)
    return f"Δ {text}" if text.startswith("−") or delta != delta else f"Δ +{text}"


def _refuse_other_graph(trace: Trace, before: Trace) -> None:
    if len(trace.nodes) != len(before.nodes):
        raise ValueError(
            f"only traces of the same graph can be compared: this one has {len(trace.nodes)} nodes, the other "
            f"{len(before.nodes)}. Record the same code twice."
        )
    for new, old in zip(trace.nodes, before.nodes, strict=True):
        if (new.op, new.shape, new.parents) != (old.op, old.shape, old.parents):
            raise ValueError(
                f"only traces of the same graph can be compared: node {new.index}, {printable(new.name)!r}, is "
                f"{new.op or 'a leaf'} of shape {new.shape} from nodes {new.parents} here, and {old.op or 'a leaf'} of "
                f"shape {old.shape} from nodes {old.parents} there. Record the same code twice."
            )
