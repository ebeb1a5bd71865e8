"""Random graphs for exercises, each a dict from a node to the list of its parents, and orders of their nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

from ...autograd.functions.constructors import tensor
from ...autograd.tensor import Tensor
from ..dyadic import Dyadic

Parents = dict[str, list[str]]
Leaf = Callable[[float], Tensor]

LEAVES = ["x", "y"]


def drawn(draw: Dyadic, size: int, fits: Callable[[Parents], bool]) -> Parents:
    """A graph of `size` computed nodes, written in a right order, the leaves first and L last."""
    while True:
        nodes = [*LEAVES, *draw.shuffled("abcdekgh")[: size - 1], "L"]
        parents: Parents = {leaf: [] for leaf in LEAVES}
        for i in range(len(LEAVES), len(nodes)):
            parents[nodes[i]] = [draw.one_of(nodes[:i]), draw.one_of(nodes[:i])]
        if fits(parents):
            return parents


def needed(parents: Parents, node: str) -> set[str]:
    """A node, and all that it is computed from."""
    return {node}.union(*(needed(parents, parent) for parent in parents[node]))


def connected(parents: Parents) -> bool:
    """Whether L is computed from all the others."""
    return len(needed(parents, "L")) == len(parents)


def computed(parents: Parents) -> list[str]:
    """All nodes but the leaves."""
    return [node for node in parents if parents[node]]


def loss_of(parents: Parents, ops: Mapping[str, str] | None = None, leaf: Leaf = tensor) -> Tensor:
    """The graph as a loss; its operations are those of `ops`, or sums and products in turn."""
    nodes: dict[str, Tensor] = {}
    for i, (name, own) in enumerate(parents.items()):
        a, *b = (nodes[parent] for parent in own) if own else (leaf(1.0),)
        op = "" if not own else ops[name] if ops else "*+"[i % 2]
        nodes[name] = a * b[0] if op == "*" else a + b[0] if op == "+" else a**2 if op == "** 2" else a - 1 if op else a
        nodes[name].name = name
    return nodes["L"]


def with_ops(draw: Dyadic, fits: Callable[[Parents, dict[str, str]], bool]) -> tuple[Parents, dict[str, str]]:
    """A graph of sums, products, squares and a constant taken off, and the operation of each computed node."""
    while True:
        parents = drawn(draw, 5, lambda parents: True)
        ops = {node: draw.one_of(["*", "+", "** 2", "- 1"]) for node in computed(parents)}
        for node, op in ops.items():
            del parents[node][1 + (op in "*+") :]
        if connected(parents) and fits(parents, ops):
            return parents, ops


def arguments(parents: Parents, ops: dict[str, str], *wanted: str) -> list[str]:
    """The nodes that go into one of these operations."""
    return [parent for parent in parents if any(op in wanted and parent in parents[v] for v, op in ops.items())]


def children(parents: Parents, node: str) -> list[str]:
    """The nodes that a node goes into, each once."""
    return [child for child in parents if node in parents[child]]


def names_in(answer: Any, known: Collection[str], ordered: bool = False) -> list[str] | None:
    """An answer as a list of names, from a text or any collection of texts; None if it is none.

    ordered: their order counts, and a set has none: it would be another one in each process
    A text may have spaces or commas or none: a word that is not `known`, of letters that all are, is several names.
    """
    answer = answer.tolist() if isinstance(answer, np.ndarray) else answer
    if isinstance(answer, str):
        words = re.findall(r"\w+", answer.replace("ℒ", "L"))
        return [name for word in words for name in (word if word not in known and {*word} <= {*known} else [word])]
    if ordered and isinstance(answer, set | frozenset):
        return None
    if isinstance(answer, Iterator) or not isinstance(answer, Iterable):  # an iterator could be read only once
        return None
    names = list(answer)
    return [name.strip().replace("ℒ", "L") for name in names] if all(isinstance(name, str) for name in names) else None


def named(result: Any, known: Collection[str], *_: Any) -> Any:
    """What a function has returned as a list of names in its order, also if they come one by one; all else as it is."""
    result = _listed(result)
    names = names_in(result, known, ordered=True)
    return result if names is None else names


def in_any_order(result: Any, known: Collection[str], *_: Any) -> Any:
    """The same for names whose order does not count: in alphabetical order."""
    result = _listed(result)
    names = names_in(result, known)
    return result if names is None else sorted(names)


def _listed(result: Any) -> Any:
    return list(islice(result, 1000)) if isinstance(result, Iterator) else result


def misfit(order: list[str], wanted: list[str]) -> str | None:
    """What is wrong with the names alone."""
    if strange := [name for name in order if name not in wanted]:
        return f"{strange[0]!r} is none of the nodes to be put in order."
    if double := [name for name in wanted if order.count(name) > 1]:
        return f"{double[0]} stands there twice; each node is computed once."
    if missing := [name for name in wanted if name not in order]:
        return f"{missing[-1]} is not in your order."
    return None


def early(order: list[str], parents: Parents) -> tuple[str, str] | None:
    """The first node that stands before one of its parents, and that parent; None in a right order."""
    for i, node in enumerate(order):
        for parent in parents[node]:
            if parent in order[i:]:
                return node, parent
    return None


def depth(parents: Parents, node: str) -> int:
    """How many nodes the longest way to this one has."""
    return 1 + max((depth(parents, parent) for parent in parents[node]), default=0)


def peeled(parents: Parents, crosses: Callable[[list[str], str], int] = list.count) -> list[str]:
    """As many nodes as become ready, where each parent taken crosses so many of a node's edges off."""
    missing = {node: len(own) for node, own in parents.items()}
    ready, order = [node for node in parents if missing[node] == 0], []
    while ready:
        order.append(taken := ready.pop(0))
        for node, own in parents.items():
            missing[node] -= (crossed := crosses(own, taken))
            if crossed and missing[node] == 0:
                ready.append(node)
    return order


def work(parents: Parents, loss: str) -> tuple[int, int]:
    """V and E of what has to be computed for a node."""
    nodes = needed(parents, loss)
    return sum(bool(parents[node]) for node in nodes), sum(len(parents[node]) for node in nodes)


def questions(parents: Parents, node: str = "L") -> int:
    """How often a value is asked for if each question is passed on to all parents, and no answer is kept."""
    return 1 + sum(questions(parents, parent) for parent in parents[node])
