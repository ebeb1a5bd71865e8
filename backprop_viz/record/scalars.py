"""The scalar graph inside one matrix product of a trace: its elements, their products and sums, each a node."""

from __future__ import annotations

import re
from contextlib import nullcontext
from contextvars import Context
from dataclasses import replace
from functools import reduce
from math import prod
from operator import add
from typing import Any

import numpy as np

from ..autograd.group import group
from ..autograd.op import mixing
from ..autograd.tensor import Tensor, apply, leaf
from ..autograd.values import stored
from .recorder import record
from .trace import Node, Trace, Value

PRODUCTS = ("matmul", "dot")  # the ops that open into scalars
MOST = 60  # products of two numbers in one graph: more cannot be read

Place = tuple[int, ...]  # of an element in its array, from 0
SUBSCRIPTS, RAISED = (str.maketrans("0123456789", digits) for digits in ("₀₁₂₃₄₅₆₇₈₉", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def scalars(trace: Trace, node: int) -> Trace:
    """The scalar graph of the node's matrix product, computed anew and recorded from the values in the trace alone.

    Its leaves are the elements of both arguments, and its last node is the product itself, put together of its
    elements, with the value it has in the trace. The backward pass starts there with the gradient G that the trace
    holds for it: an element c_ik receives G_ik, and a leaf the element of what the product sent its argument. Without
    a gradient there is the forward pass alone. What belongs to one element of the product is a group. Of a training
    it is the last iteration. A leaf whose argument receives more, from other nodes, says from how many (`elsewhere`).
    """
    trace = trace.iterations[-1]
    product = _checked(trace, node)
    gradient = trace.gradient(node)
    graph = Context().run(_recorded, trace, product, gradient)  # whatever group or no_grad the reader is in
    arguments = [trace.nodes[parent] for parent in dict.fromkeys(product.parents)]
    sources = [argument.source for argument in arguments for _ in range(prod(argument.shape))]  # of the leaves
    sources += [product.source] * (len(graph.nodes) - len(sources))
    more = [_elsewhere(trace, product, argument) for argument in arguments for _ in range(prod(argument.shape))]
    more += [0] * (len(graph.nodes) - len(more))
    said = zip(graph.nodes, sources, more, strict=True)
    nodes = tuple(replace(node, source=source, elsewhere=count) for node, source, count in said)
    return replace(graph, nodes=nodes, code=trace.code)


def _elsewhere(trace: Trace, product: Node, argument: Node) -> int:
    """How many contributions an argument receives from other nodes than the product; for W.T those of W are counted."""
    ways = [(argument.index, product.index)]
    if _is_turned(argument, product):
        ways.append((argument.parents[0], argument.index))
    return sum(
        e.backpropagates and e.parent == parent and e.child != child for parent, child in ways for e in trace.edges
    )


def _is_turned(argument: Node, product: Node) -> bool:
    """Whether an argument is W.T, with elements called as in W; not in W @ W.T, where they would be called twice."""
    transposed = argument.op == "transpose" and len(argument.arguments) == 1
    return transposed and argument.parents[0] not in product.parents


def _recorded(trace: Trace, product: Node, gradient: Value) -> Trace:
    return record(_computed(trace, product), gradient, backward=gradient is not None)


def _computed(trace: Trace, product: Node) -> Tensor:
    """The product, computed number by number."""
    left, right = (trace.nodes[parent] for parent in product.parents)
    a = _leaves(trace, product, left)
    b = a if right is left else _leaves(trace, product, right)
    elements: list[Tensor] = []
    for row in np.ndindex(left.shape[:-1]):
        for column in np.ndindex(right.shape[1:]):
            with _group_of(row, column):
                terms = [a[*row, k] * b[k, *column] for k in range(right.shape[0])]
                elements.append(reduce(add, terms))
            elements[-1].name = element(product.name, (*row, *column)) if product.shape else product.name
    return _together(elements, product) if product.shape else elements[0]


def _group_of(row: Place, column: Place) -> Any:
    """The group of one element; a product that is one number needs none."""
    where = [f"{axis} {at[0] + 1}" for axis, at in (("row", row), ("column", column)) if at]
    return group(" · ".join(where)) if where else nullcontext()


def _leaves(trace: Trace, product: Node, argument: Node) -> dict[Place, Tensor]:
    """The elements of an argument, as leaves that receive a gradient if it does."""
    receives = any(e.backpropagates for e in trace.edges if e.child == product.index and e.parent == argument.index)
    turned = _is_turned(argument, product)
    name = trace.nodes[argument.parents[0]].name if turned else argument.name
    value = np.asarray(argument.value)
    return {
        place: leaf(stored(value[place]), receives, element(name, place[::-1] if turned else place))
        for place in np.ndindex(value.shape)
    }


def _together(elements: list[Tensor], product: Node) -> Tensor:
    """The product as an array of its elements."""
    kind = "vector" if len(product.shape) == 1 else "matrix"

    def vjp(at: Place) -> Any:
        return lambda g, out, *xs: g[at]

    # The gradient of an element is an element of the gradient; its place is counted from 1, as in the names.
    rules: dict[str, Any] = {
        f"x{number}": (f"element(g, {', '.join(str(axis + 1) for axis in at)})", vjp(at), "")
        for number, at in enumerate(np.ndindex(product.shape))
    }
    notation = f"{kind}({', '.join(rules)})"
    whole = apply(mixing(kind, "[ ]", notation, lambda *xs: np.reshape(xs, product.shape), **rules), *elements)
    whole.name = product.name
    return whole


def element(name: str, place: Place) -> str:
    """What an element of an array is called, counted from 1: `W_12` of `W`, printed W₁₂; W⁽¹⁾₁₂ of `W1`."""
    numbers = [str(at + 1) for at in place]
    joint = "," if len(numbers) > 1 and max(map(len, numbers)) > 1 else ""
    if not joint and re.fullmatch("[A-Za-z]+", name):
        return f"{name}_{''.join(numbers)}"
    numbered = re.fullmatch(r"([A-Za-z]+)_?(\d+)", name)
    base = f"{numbered[1]}⁽{numbered[2].translate(RAISED)}⁾" if numbered else name
    return base + joint.join(numbers).translate(SUBSCRIPTS)


# ---------------------------------------------------------------------- what has no scalar graph
def _checked(trace: Trace, index: int) -> Node:
    """The node, if it is a matrix product that is small enough."""
    if not 0 <= index < len(trace.nodes):
        raise ValueError(f"there is no node {index}: the indices of this trace are 0 to {len(trace.nodes) - 1}.")
    node = trace.nodes[index]
    if node.op not in PRODUCTS:
        found = [f"{each.name!r:.40} (node {each.index})" for each in trace.nodes if each.op in PRODUCTS][:10]
        raise ValueError(
            f"{node.name!r:.40} is {f'made by {node.op}' if node.op else 'a leaf'}: only a product of matrices or "
            f"vectors opens into scalars. This trace has {', '.join(found) or 'none'}."
        )
    shapes = [trace.nodes[parent].shape for parent in node.parents]
    said = f"{node.name!r:.40} is a product of shapes {' and '.join(map(str, shapes))}"
    if any(len(shape) > 2 for shape in shapes):
        raise ValueError(f"{said}, a stack of matrices. Take one matrix of it first, as in A[0] @ B[0].")
    count = prod(node.shape) * shapes[0][-1]
    if not 1 <= count <= MOST:
        raise ValueError(
            f"{said}, which multiplies {count} pairs of numbers; a scalar graph shows 1 to {MOST}. "
            f"Compute a part of it, as in A[:2, :3] @ B[:3, :2]: slice first."
        )
    return node
