"""What stands in the picture from the first step to the last: names, expressions, and the symbols of gradients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..record.trace import Argument, Edge, Node, Seed, Send, Trace, Value
from .expression import ATOM, PRODUCT, SUM, Piece, atom, derivative, equation, number, written
from .symbols import printable, symbol
from .text import DIGITS, is_large, shown

UPSTREAM = "g"  # what the formulas of mixing ops call the child's gradient
BARE_OPTIONS = ("key", "shape", "subscripts")  # options that the notation explains; of others the name is written
LONGEST_HEADING = 28  # characters above a node


@dataclass(frozen=True)
class Captions:
    """The standing text of one trace's picture, its numbers to so many significant digits."""

    trace: Trace
    digits: int = DIGITS

    def shown(self, value: Value) -> str:
        """A value in the picture."""
        return shown(value, self.digits)

    @cached_property
    def names(self) -> list[Piece]:
        """Each node's name as a symbol."""
        root = self.trace.root
        symbols = (symbol(node.name, loss=node is root) for node in self.trace.nodes)
        return [replace(s, array=node.shape != ()) for s, node in zip(symbols, self.trace.nodes, strict=True)]

    @cached_property
    def loss(self) -> Piece:
        """What all gradients are gradients of: the root, or some ℒ beyond it where the pass began with a given one."""
        seeds = [event.gradient for event in self.trace.events if isinstance(event, Seed)]
        given = bool(seeds) and (np.ndim(seeds[0]) > 0 or seeds[0] != 1)
        return atom("ℒ") if given else self.names[-1]

    @cached_property
    def receivers(self) -> frozenset[int]:
        """The nodes that get a backpropagated gradient."""
        edges = [edge for edge in self.trace.edges if edge.backpropagates]
        root = {len(self.trace.nodes) - 1} if edges or any(isinstance(e, Seed) for e in self.trace.events) else set()
        return frozenset(edge.parent for edge in edges) | root

    @cached_property
    def slots(self) -> dict[tuple[int, int], list[int]]:
        """The slots of a child that a parent fills, by (parent, child)."""
        slots: dict[tuple[int, int], list[int]] = {}
        for edge in self.trace.edges:
            slots.setdefault((edge.parent, edge.child), []).append(edge.slot)
        return slots

    def gradient(self, node: int) -> Piece:
        """∂ℒ/∂u."""
        return self._gradients[node]

    @cached_property
    def _gradients(self) -> list[Piece]:
        return [derivative(self.loss, name, name.array) for name in self.names]

    def local(self, edge: Edge) -> Piece:
        """∂u/∂w; where w fills several slots of u, which of them is meant: ∂u/∂w⁽²⁾."""
        return self._locals[edge.index]

    @cached_property
    def _locals(self) -> list[Piece]:
        return [self._local(edge) for edge in self.trace.edges]

    def _local(self, edge: Edge) -> Piece:
        parent = self.names[edge.parent]
        repeated = self.slots[edge.parent, edge.child]
        if len(repeated) > 1:
            place = repeated.index(edge.slot) + 1
            mark = f"({place})"
            raised = mark.translate(str.maketrans("()0123456789", "⁽⁾⁰¹²³⁴⁵⁶⁷⁸⁹"))
            parent = Piece(parent.text + raised, ("msup", "", parent.math, ("mtext", "", mark)))
        return derivative(self.names[edge.child], parent, self.names[edge.child].array)

    def arguments(self, node: Node, values: bool = False) -> dict[str, Piece]:
        """The op's arguments by name, as symbols or as the numbers they hold; options in calls by `name=` as well."""
        pieces: dict[str, Piece] = {}
        for argument in node.arguments:
            if argument.node is None:
                pieces |= self._constant(argument)
            elif values:
                pieces[argument.name] = self.value(argument.node)
            else:
                pieces[argument.name] = self.names[argument.node]
        return pieces

    def _constant(self, argument: Argument) -> dict[str, Piece]:
        """A plain number or an option; an array is called by its name."""
        name, constant = argument.name, argument.constant
        if not isinstance(constant, str):
            plain = isinstance(constant, int | float) and not isinstance(constant, bool)
            return {name: number(self.shown(constant)) if plain else atom(str(constant), "mtext")}
        if name in BARE_OPTIONS:
            return {name: atom(printable(constant), "mtext")}
        called = atom(printable(f"{name}={constant}"), "mtext")
        try:
            return {name: number(self.shown(float(constant))), f"{name}=": called}
        except ValueError:
            bare = name if constant.startswith(("array", "[")) else printable(constant)
            return {name: atom(bare, "mtext"), f"{name}=": called}

    def value(self, node: int) -> Piece:
        """The number that a node holds, or the name of an array that is too large to write out."""
        text = self.shown(self.trace.nodes[node].value)
        return self.names[node] if text.endswith("array") else replace(number(text), array=self.names[node].array)

    def expression(self, node: Node) -> Piece:
        """How the node was computed: `w₀ + w₁·x`, `σ(u)`."""
        return written(node.notation, self.arguments(node))

    def heading(self, node: Node) -> Piece:
        """What stands above a node: its expression, or the op's sign alone where that is too long."""
        expression = self.expression(node)
        return expression if len(expression.text) <= LONGEST_HEADING else atom(node.symbol, "mtext")

    def definition(self, node: Node, values: bool = False) -> Piece:
        """The op's formula written out, in symbols or numbers."""
        return written(node.formula or node.notation, self.arguments(node, values))

    def rule(self, edge: Edge, upstream: Piece | None = None, values: bool = False) -> Piece:
        """The edge's formula: the local gradient, or for ops that mix elements the contribution it makes."""
        child = self.trace.nodes[edge.child]
        out = self.value(edge.child) if values else self.names[edge.child]
        pieces = self.arguments(child, values) | {"out": out}
        # As a factor the fraction is bracketed: ∂ℒ/∂uxᵀ would read as ∂ℒ/∂(uxᵀ).
        pieces[UPSTREAM] = upstream or replace(self.gradient(edge.child).coloured("bp-red"), level=SUM)
        return written(edge.formula, pieces)

    def tile_rule(self, edge: Edge) -> Piece:
        """The rule on an edge whose factors are not written out, the upstream gradient as G: `Xᵀ G`, `G ⊙ X`."""
        upstream = replace(atom("G").coloured("bp-red"), array=True)
        if not edge.elementwise:
            return self.rule(edge, upstream)
        rule = self.rule(edge)
        if rule.text == "1":
            return joined("Σ", upstream) if self.sums(edge) else upstream
        return self.applied(edge, upstream, rule)

    def sums(self, edge: Edge) -> bool:
        """Whether the contribution is summed: over the axes along which the parent was repeated to fit the child."""
        nodes = self.trace.nodes
        return edge.elementwise and nodes[edge.parent].shape != nodes[edge.child].shape

    def has_number(self, edge: Edge) -> bool:
        """Whether both factors are written out in the picture, and not only their rule."""
        parent, child = self.trace.nodes[edge.parent].shape, self.trace.nodes[edge.child].shape
        return not is_large(child) if edge.elementwise else child == () and not is_large(parent)

    def red(self, value: Value) -> Piece:
        """The number of a backpropagated gradient or a contribution."""
        return replace(number(self.shown(value)).coloured("bp-red"), array=np.ndim(value) > 0)

    def chain(self, edge: Edge) -> Piece:
        """The contribution by the chain rule: ∂ℒ/∂u · ∂u/∂w."""
        return joined(self.gradient(edge.child).coloured("bp-red"), "·", self.local(edge).coloured("bp-blue"))

    def applied(self, edge: Edge, upstream: Piece, rule: Piece) -> Piece:
        """An elementwise op's contribution: the upstream gradient times the local one, summed where it has to be."""
        return self._product(edge, upstream, factor(rule), self.names[edge.child].array)

    def factors(self, event: Send) -> Piece:
        """The two numbers whose product the contribution is."""
        up, local = (factor(number(self.shown(value))) for value in (event.upstream, event.local))
        both = np.ndim(event.upstream) > 0 and np.ndim(event.local) > 0
        return self._product(self.trace.edges[event.edge], up.coloured("bp-red"), local, both)

    def _product(self, edge: Edge, upstream: Piece, local: Piece, arrays: bool) -> Piece:
        product = joined(upstream, "⊙" if arrays else "·", local.coloured("bp-blue"))
        return replace(joined("Σ", product), level=SUM) if self.sums(edge) else product


def factor(piece: Piece) -> Piece:
    """A piece as a factor of a product: negative numbers and sums in brackets, of their own colour."""
    least = ATOM if piece.text.startswith("−") else PRODUCT
    tag, css, *inside = piece.math
    return replace(piece, math=(tag, "", *inside)).bracketed(least).coloured(css) if css else piece.bracketed(least)


def joined(*parts: Piece | str) -> Piece:
    """Pieces and operators side by side, as one product."""
    text = " ".join(part if isinstance(part, str) else part.text for part in parts)
    return Piece(text, equation(*parts), PRODUCT)
