"""The nodes of lecture 05, made of a few lines of text: what the functions of its exercises walk over."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.tensor import Tensor
from ..dyadic import Dyadic
from ..values import said

OPS = {"+": operator.add, "-": operator.sub, "*": operator.mul}
INPUTS, PARAMS = "xy", "wkv"
PROGRAMS = (  # a node with several children in each, and one that fills both slots of another
    "h = w * x, a = h * h, m = k * h, L = a - m",
    "p = w + x, q = p * k, r = q * q, L = r - p",
    "u = w * w, t = u * x, s = t - k, L = s * t",
    "e = w - y, s = e * e, r = k * w, L = s + r",
)
NAMES = ("w", "k", *dict.fromkeys(line.split()[0] for program in PROGRAMS for line in program.split(", ")))
Graph = tuple["Node", "Given", "Given", "Given"]  # loss, inputs, params, compute


class Node:
    """A leaf, or the sum, difference or product of its two parents."""

    def __init__(self, name: str, value: float = 0.0, op: str = "", parents: tuple[Node, ...] = ()) -> None:
        self.name, self.value, self.op, self.parents = name, value, op, parents
        self.grad: Any = None

    def forward(self) -> None:
        """The value, from the parents' values."""
        if self.op:
            self.value = OPS[self.op](*(parent.value for parent in self.parents))

    def local_gradients(self) -> tuple[float, ...]:
        """The blue numbers, one for each parent."""
        if not self.op:
            return ()
        a, b = self.parents
        return {"+": (1.0, 1.0), "-": (1.0, -1.0), "*": (b.value, a.value)}[self.op]

    def __repr__(self) -> str:
        if not self.op:
            return f"{self.name}={said(self.value)}"
        return f"{self.name}={self.parents[0].name}{self.op}{self.parents[1].name} (grad {said(self.grad)})"


class Parameter(Node):
    """A leaf that shows its gradient beside its value."""

    def __repr__(self) -> str:
        return f"{super().__repr__()} (grad {said(self.grad)})"


class Given(list[Node]):
    """Nodes as a function is given them; `nodes` are still these when it has changed the list."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        super().__init__(nodes)
        self.nodes = tuple(self)

    @property
    def changed(self) -> bool:
        """Whether the list holds others now, or the same in another order."""
        return tuple(self) != self.nodes


def send(node: Node) -> None:
    """Red times blue to each parent."""
    for parent, local in zip(node.parents, node.local_gradients(), strict=True):
        parent.grad += node.grad * local


def graph_of(program: str, draw: Dyadic, low: float = -3.0, high: float = 3.0) -> Graph:
    """The nodes of a program with drawn leaves, all values computed, and leftovers in all gradients."""
    used = {word for word in program.replace(",", "").split() if word.isalpha()}
    kinds = dict.fromkeys(INPUTS, Node) | dict.fromkeys(PARAMS, Parameter)
    made = {name: kind(name, draw.number(low, high)) for name, kind in kinds.items() if name in used}
    leaves = [*made.values()]
    for line in program.split(", "):
        name, _, first, op, second = line.split()
        made[name] = Node(name, 0.0, op, (made[first], made[second]))
        made[name].forward()
    for node in made.values():
        node.grad = draw.number()
    inputs, params = (Given(leaf for leaf in leaves if leaf.name in names) for names in (INPUTS, PARAMS))
    return made["L"], inputs, params, Given(node for node in made.values() if node.op)


def tensor_of(loss: Node, inputs: list[Node], params: list[Node], compute: list[Node]) -> Tensor:
    """The same graph of the package's tensors, for its pictures."""
    made = {node.name: tensor(node.value, name=node.name) for node in inputs}
    made |= {node.name: parameter(node.value, name=node.name) for node in params}
    for node in compute:
        first, second = (made[parent.name] for parent in node.parents)
        made[node.name] = OPS[node.op](first, second)
        made[node.name].name = node.name
    return made[loss.name]
