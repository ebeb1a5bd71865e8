"""The equations of a forward and a backward pass on one sheet, set as in a textbook: figure 3 of the notes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..autograd.graph import Graph
from ..autograd.tensor import Tensor
from ..record.recorder import record
from ..record.trace import Edge, Node, Seed, Send, Trace
from .captions import Captions, factor, joined
from .expression import POWER, PRODUCT, SIGN, MathTree, Piece, number, row
from .figure import save
from .options import Options, options_of
from .pdf import pdf
from .raster import png
from .sheet import Equation, Side, drawn, harmless

MOST = 200  # equations on one sheet: more nobody reads
WORDS = ("log", "exp", "sin", "cos", "tanh")


@dataclass(frozen=True)
class Equations:
    """The equations of a trace. In a notebook they show themselves; `save` writes them to a file."""

    trace: Trace
    options: Options

    @cached_property
    def forward(self) -> tuple[Equation, ...]:
        """The numbered equations of the forward pass."""
        return tuple(_forward(Captions(self.trace, self.options.digits), self.options))

    @cached_property
    def backward(self) -> tuple[Equation, ...]:
        """Those of the backward pass in the order in which gradients are complete, with the numbers of the senders."""
        return tuple(_backward(Captions(self.trace, self.options.digits), self.options))

    @property
    def sections(self) -> Iterator[tuple[str, tuple[Equation, ...]]]:
        """The headings, and what stands under each."""
        yield "Forward pass", self.forward
        if self.backward:
            yield "Backward pass", self.backward

    @property
    def text(self) -> str:
        """The equations as plain text, one a line."""
        title = harmless(self.options.title)
        lines = [title] if title else []
        for heading, equations in self.sections:
            lines += [f"{heading}:", *(equation.text for equation in equations)]
        return "\n".join(lines)

    @cached_property
    def svg(self) -> str:
        """The sheet as SVG text."""
        return drawn(harmless(self.options.title), list(self.sections), self.text, self.options.theme)

    def png(self, scale: float | None = None) -> bytes:
        """The sheet as PNG, `scale` pixels for each of the SVG's; the same bytes on every machine."""
        return png(self.svg, scale)

    def pdf(self) -> bytes:
        """The sheet as PDF: one page of its size, in vectors, with its fonts."""
        return pdf(self.svg, title=harmless(self.options.title) or repr(self))

    def save(self, path: str | os.PathLike[str], scale: float | None = None) -> Path:
        """Write the sheet to a file whose ending says the format: .svg, .png or .pdf; gives its path.

        scale: of a PNG, how many pixels stand for each of the SVG's
        """
        return save(path, {".svg": self.svg.encode, ".png": lambda: self.png(scale), ".pdf": self.pdf})

    def __repr__(self) -> str:
        loss = Captions(self.trace).names[-1].text
        return f"Equations({loss}: {len(self.forward)} forward, {len(self.backward)} backward)"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "image/svg+xml": self.svg}


def equations(
    x: Tensor | Trace | Graph, *, show: str = "symbols", title: str = "", theme: str = "notes", digits: int = 4
) -> Equations:
    """The equations of both passes through a computational graph, as a lecture writes them.

    x:      a tensor, recorded with its backward pass; a Graph: the same of its loss; a trace: what it holds, of the
            last backward pass (of another iteration: `trace.iterations[0]`)
    show:   "symbols", "numbers" (the trace's values in place of the symbols), or "both"
    theme:  "notes", "contrast", "dark" or "print";  digits: of each number, the significant ones
    Backpropagated gradients are red and local gradients blue. At most 200 equations.
    """
    options = options_of(show=show, title=title, theme=theme, digits=digits)
    x = x.loss if isinstance(x, Graph) else x
    trace = record(x, x.grad) if isinstance(x, Tensor) else x
    if not isinstance(trace, Trace):
        raise TypeError(f"equations takes a tensor, a trace or a graph; got {type(x).__name__} {x!r:.60}")
    trace = trace.iterations[-1]
    made = Equations(trace, options)
    _check(trace)
    return made


def _check(trace: Trace) -> None:
    computed = sum(node.kind == "compute" for node in trace.nodes)
    if not computed:
        raise ValueError(
            "nothing was computed here, and so there are no equations. Give the result of a computation, such as a "
            "loss."
        )
    count = computed + len({trace.edges[event.edge].parent for event in trace.events if isinstance(event, Send)})
    if count > MOST:
        raise ValueError(
            f"these are {count} equations; a sheet holds at most {MOST}. Take a part of the computation "
            f"(bp.equations of an intermediate tensor), tensors in place of scalars, or the gradient of one node: "
            f"bp.trace(loss).derivation(name)."
        )


# ---------------------------------------------------------------------- what is said
def _forward(captions: Captions, options: Options) -> Iterator[Equation]:
    computed = (node for node in captions.trace.nodes if node.kind == "compute")
    for place, node in enumerate(computed, start=1):
        rows: list[tuple[Side, ...]] = []
        if options.symbols:
            rows.append((_side(_definition(captions, node)),))
        if options.numbers:
            definition, put_in = captions.definition(node), captions.definition(node, values=True)
            numbers = (_side(put_in), _side(number(captions.shown(node.value))))
            rows.append(numbers[options.symbols and put_in.text == definition.text :])
        yield Equation(f"({place})", captions.names[node.index], tuple(rows))


def _definition(captions: Captions, node: Node) -> Piece:
    """How a node is computed; written out over a brace where its op has a definition."""
    expression = captions.expression(node)
    if not node.formula:
        return replace(expression, math=light(expression.math))
    definition = captions.definition(node)
    math = ("munder", "", light(definition.math), light(expression.math))
    return Piece(f"{definition.text} = {expression.text}", math)


def _backward(captions: Captions, options: Options) -> Iterator[Equation]:
    trace = captions.trace
    seeds = [i for i, event in enumerate(trace.events) if isinstance(event, Seed)]
    passed = trace.events[seeds[-1] :] if seeds else ()
    computed = (node.index for node in trace.nodes if node.kind == "compute")
    labels = {node: place for place, node in enumerate(computed, start=1)}
    sends: dict[int, list[Send]] = {}
    for event in passed:
        if isinstance(event, Seed) and captions.loss is not captions.names[event.node]:
            left = captions.gradient(event.node).coloured("bp-red")
            yield Equation("", left, ((_side(captions.red(event.gradient)),),))
        if isinstance(event, Send):  # a node that comes again moves to the end: there its gradient is complete
            parent = trace.edges[event.edge].parent
            sends[parent] = [*sends.pop(parent, []), event]
    for node, received in sends.items():
        edges = [trace.edges[send.edge] for send in received]
        senders = dict.fromkeys(labels[edge.child] for edge in edges)
        symbols, numbers = _symbols(captions, edges), _numbers(captions, received)
        if options.symbols and len(numbers) > 1 and numbers[0].text == symbols[-1].text:
            numbers = numbers[1:]  # where arrays are too large to be put in, the formula is not said again
        rows = [symbols] * options.symbols + [numbers] * options.numbers
        left = captions.gradient(node).coloured("bp-red")
        yield Equation(f"({', '.join(map(str, senders))})", left, tuple(rows), column=True)


def _symbols(captions: Captions, edges: list[Edge]) -> tuple[Side, ...]:
    """The chain rule, and the formulas of the local gradients put into it."""
    rules = [_contribution(captions, edge) for edge in edges]
    # Where an op mixes elements of an array, its local gradient is a Jacobian, which no factor beside ∂ℒ/∂u stands for.
    factors = [edge.elementwise or captions.trace.nodes[edge.child].shape == () for edge in edges]
    chains = [captions.chain(e) if f else rule for e, f, rule in zip(edges, factors, rules, strict=True)]
    sides = [_side(*(replace(term, math=light(term.math)) for term in terms)) for terms in (chains, rules)]
    return tuple(sides[:1] if sides[0].text == sides[1].text else sides)


def _contribution(captions: Captions, edge: Edge) -> Piece:
    """What an edge contributes, by its formula; factors that are 1 are left out."""
    upstream = captions.gradient(edge.child).coloured("bp-red")
    rule = captions.rule(edge, replace(upstream, level=POWER))
    if not edge.elementwise:
        return rule
    blue = rule.coloured("bp-blue")
    starts = edge.child == len(captions.trace.nodes) - 1 and captions.loss is captions.names[-1]
    if starts and not captions.sums(edge):
        return blue
    if rule.text == "1":
        return joined("Σ", upstream) if captions.sums(edge) else upstream
    if rule.text == "−1" and not captions.sums(edge):
        return Piece(f"−{upstream.text}", row("−", upstream.math), SIGN)
    return captions.applied(edge, upstream, rule)


def _numbers(captions: Captions, received: list[Send]) -> tuple[Side, ...]:
    """The same with the numbers of the trace, and the result."""
    products = _side(*(_product(captions, send) for send in received))
    contributions = _side(*(captions.red(send.contribution) for send in received))
    total = _side(captions.red(received[-1].total))
    sides = {side.text: side for side in (products, contributions, total)}
    return tuple(sides.values())


def _product(captions: Captions, send: Send) -> Piece:
    """The upstream gradient times the local one, where they are small enough to be written out."""
    edge = captions.trace.edges[send.edge]
    upstream, local = (captions.shown(value) for value in (send.upstream, send.local))
    if send.local is not None:
        large = upstream.endswith("array") or local.endswith("array")
        return captions.red(send.contribution) if large else captions.factors(send)
    given = (
        captions.gradient(edge.child).coloured("bp-red") if upstream.endswith("array") else captions.red(send.upstream)
    )
    return captions.rule(edge, replace(given, level=POWER), values=".shape" not in edge.formula)


def _side(*terms: Piece) -> Side:
    """A sum as one side; a term with a sign of its own stands without brackets only at the front."""
    if len(terms) == 1:
        return Side((("=", terms[0]),))
    first = terms[0] if _added(terms[0])[0] == "−" else factor(terms[0])
    return Side((("=", first), *map(_added, terms[1:])))


def _added(term: Piece) -> tuple[str, Piece]:
    """A term and the sign before it: a formula gives its own sign, a number keeps it in brackets."""
    match term.math:
        case ["mrow", "", ["mo", "", "−"], inside] if term.level == SIGN:
            return "−", Piece(term.text.removeprefix("−"), inside, PRODUCT)
    return "+", factor(term)


# ---------------------------------------------------------------------- products without dots
def light(tree: MathTree) -> MathTree:
    """The tree with products of symbols written without a dot: w₁x, but x·3, y·y, and bias·x."""
    tag, css, *children = tree
    if isinstance(children[0], str):
        return tree
    lit: list[MathTree] = [light(child) for child in children]
    for i in range(len(lit) - 2, 0, -1):
        if lit[i] == ("mo", "", "·") and _joinable(lit[i - 1], lit[i + 1]):
            lit[i : i + 1] = [("mo", "", "\u2062")] if _apart(lit[i - 1], lit[i + 1]) else []
    return (tag, css, *lit)


def _joinable(left: MathTree, right: MathTree) -> bool:
    """Whether two factors side by side read as a product."""
    a, b = _outer(left, -1), _outer(right, 0)
    alike = a == b and a[0] != "mfrac"
    mixed = a[0] == "mn" and b[0] == "mfrac"  # 2½ is a sum
    return not alike and not mixed and _short(a, ")") and _short(b, "(")


def _apart(left: MathTree, right: MathTree) -> bool:
    """Whether a space stands between two factors: around words, and behind the bar of a fraction."""
    a, b = _outer(left, -1), _outer(right, 0)
    return b[2] in WORDS or (a[0] == "mfrac") != (b[0] == "mfrac")


def _outer(tree: MathTree, side: int) -> MathTree:
    """The part of a row that its neighbour on this side meets."""
    while tree[0] == "mrow":
        tree = tree[2:][side]
    return tree


def _short(part: MathTree, bracket: str) -> bool:
    while part[0] in ("msub", "msup", "mover"):
        part = part[2]
        part = _outer(part, -1 if bracket == ")" else 0)
    match part:
        case ["mi", _, str(name)]:
            return len(name) == 1 or (bracket == "(" and name in WORDS)
        case ["mn", *_]:
            return bracket == ")"
        case ["mo", _, sign]:
            return bool(sign == bracket)
    return part[0] in ("mfrac", "msqrt")
