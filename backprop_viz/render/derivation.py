"""One gradient derived by the chain rule, in symbols and in numbers: as LaTeX, MathML and plain text.

Importing this module gives traces their method `derivation`, as `tensor.method` gives tensors theirs: the record may
not import what is made of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import Any, SupportsIndex

from ..record.trace import Edge, Node, Seed, Send, Trace
from .captions import UPSTREAM, Captions, factor, joined
from .expression import SUM, MathTree, Piece, atom, equation, written
from .latex import latex, text
from .lookup import index_of
from .symbols import printable
from .text import by, shown
from .theme import NOTES, THEMES

TERMS_A_LINE = 4
# On a light and on a dark page, as in the player; which of the two holds is decided by the page's `color-scheme`.
COLOURS = {css: f"light-dark({NOTES.colour(css)}, {THEMES['dark'].colour(css)})" for css in ("bp-red", "bp-blue")}
DARK = '<style>body[data-jp-theme-light="false"] .bp-derivation { color-scheme: dark }</style>'
PREAMBLE = "% In the preamble: \\usepackage{amsmath, xcolor}\n% Red: backpropagated gradients. Blue: local gradients.\n"


@dataclass(frozen=True, slots=True)
class Step:
    """The derivation of one node's gradient.

    lines: what stands before each right side ("=", or "+" where a long sum goes on), and the right side
    place: where the node was made ("line 3: "), with the shape of an array; source: the reader's line
    """

    gradient: Piece
    lines: tuple[tuple[str, Piece], ...]
    place: str
    source: str


@dataclass(frozen=True)
class Derivation:
    """The chain rule for the gradient of one node, from the loss back to it: made by `trace.derivation("w0")`.

    Each gradient on the way has one step: the chain rule in symbols, the formulas of the local gradients, the trace's
    numbers in them, and the result. In a notebook it shows itself; `print` writes it as plain text.
    """

    trace: Trace
    node: int

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps in backward order: the loss first, the node last."""
        return tuple(_steps(self.trace, self.node))

    @cached_property
    def text(self) -> str:
        """The derivation as plain text, the source line of each node beside its gradient."""
        left = max(_width(step.gradient.text) for step in self.steps)
        right = max(_width(step.lines[0][1].text) for step in self.steps)
        return "\n\n".join(_text_of(step, left, right) for step in self.steps)

    @cached_property
    def latex(self) -> str:
        """An align* environment with gradients in colour; needs the packages amsmath and xcolor."""
        return PREAMBLE + self._aligned(colours=True)

    @cached_property
    def latex_plain(self) -> str:
        """An align* environment in black; needs the package amsmath."""
        return self._aligned(colours=False)

    @cached_property
    def mathml(self) -> str:
        """One <math> element, a table of equations."""
        rows = "".join(row for step in self.steps for row in _rows(step))
        table = f'<mtable displaystyle="true">{rows}</mtable>'
        return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{table}</math>'

    def _aligned(self, colours: bool) -> str:
        blocks = (_latex_of(step, colours) for step in self.steps)
        return "\\begin{align*}\n" + " \\\\[1ex]\n".join(blocks) + "\n\\end{align*}\n"

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        last = self.steps[-1]
        return f"Derivation({last.gradient.text} = {last.lines[-1][1].text})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        # The browser sets MathML by itself; LaTeX is what a notebook exported as PDF takes.
        shown_as_html = f'{DARK}<div class="bp-derivation" style="overflow-x: auto">{self.mathml}</div>'
        return {"text/plain": self.text, "text/html": shown_as_html, "text/latex": self.latex}


# ---------------------------------------------------------------------- which gradient
def derivation(trace: Trace, node: SupportsIndex | str) -> Derivation:
    """The derivation of one node's gradient by the chain rule; the node by its name or its index.

    Of a training it is that of the last iteration; of another: `trace.iterations[0].derivation("w0")`.
    """
    chosen, trace = index_of(trace, node), trace.iterations[-1]
    if not any(isinstance(event, Seed) for event in trace.events):
        raise ValueError(
            "this trace holds no backward pass, and so no gradients to derive. Record a loss that depends on a "
            "parameter: bp.trace(loss)."
        )
    if trace.gradient(chosen) is None:
        raise ValueError(_without_gradient(trace.nodes[chosen]))
    return Derivation(trace, chosen)


def _without_gradient(node: Node) -> str:
    name = printable(node.name)
    if node.kind == "input":
        return f"{name!r} is an input, and inputs receive no gradient. Make it with bp.parameter(...) to derive one."
    return f"{name!r} receives no gradient: nothing that it was computed from is a parameter."


# ---------------------------------------------------------------------- what is derived
def _steps(trace: Trace, node: int) -> Iterator[Step]:
    captions = Captions(trace)
    start = max(i for i, event in enumerate(trace.events) if isinstance(event, Seed))  # of the last backward pass
    sends: dict[int, list[Send]] = {}
    for event in trace.events[start:]:
        if isinstance(event, Send):
            sends.setdefault(trace.edges[event.edge].parent, []).append(event)
    needed, waiting = {node}, [node]
    while waiting:
        children = {trace.edges[event.edge].child for event in sends.get(waiting.pop(), [])} - needed
        needed |= children
        waiting += children
    files = {source.file for n in needed if (source := trace.nodes[n].source)}
    for n in sorted(needed, reverse=True):
        lines = _lines(captions, sends[n]) if n in sends else (("=", captions.red(trace.gradient(n))),)
        yield Step(captions.gradient(n).coloured("bp-red"), lines, *_place(trace.nodes[n], len(files) > 1))


def _place(node: Node, several_files: bool) -> tuple[str, str]:
    """The shape of an array and the line that made the node, and the text of that line."""
    said = ["shape " + "×".join(map(str, node.shape))] if node.shape else []
    if node.source:
        said += [f"{printable(node.source.file)}, " * several_files + f"line {node.source.line}"]
    return ", ".join(said) + ": " * bool(node.source), printable(node.source.text) if node.source else ""


def _lines(captions: Captions, sends: list[Send]) -> tuple[tuple[str, Piece], ...]:
    """The right sides for one gradient: a sum with one term for each contribution, from the symbols to the number."""
    lines: list[tuple[str, Piece]] = []
    last: list[str] = []
    for stage in (_symbols, _formula, _substituted, _factors, _contribution):
        terms = [stage(captions, captions.trace.edges[send.edge], send) for send in sends]
        if [term.text for term in terms] != last:
            lines += _sum(terms)
        last = [term.text for term in terms]
    return (*lines, ("=", captions.red(sends[-1].total))) if len(sends) > 1 else tuple(lines)


def _sum(terms: list[Piece]) -> Iterator[tuple[str, Piece]]:
    """The terms of a sum in lines; negative ones and sums in brackets."""
    if len(terms) > 1:
        terms = [factor(term) for term in terms]
    for first in range(0, len(terms), TERMS_A_LINE):
        parts = [part for term in terms[first : first + TERMS_A_LINE] for part in ("+", term)][1:]
        yield "+" if first else "=", joined(*parts)


def _symbols(captions: Captions, edge: Edge, send: Send) -> Piece:
    return _formula(captions, edge, send) if send.local is None else captions.chain(edge)


def _formula(captions: Captions, edge: Edge, send: Send) -> Piece:
    rule = captions.rule(edge)
    return captions.applied(edge, captions.gradient(edge.child).coloured("bp-red"), rule) if edge.elementwise else rule


def _substituted(captions: Captions, edge: Edge, send: Send) -> Piece:
    """The formula with numbers in it, and the names of large arrays; of their products with their shapes."""
    upstream = captions.red(send.upstream) if _small(send.upstream) else None
    if edge.elementwise:
        up = factor(upstream) if upstream else captions.gradient(edge.child).coloured("bp-red")
        return captions.applied(edge, up, captions.rule(edge, values=True))
    parents = (captions.trace.nodes[parent].value for parent in captions.trace.nodes[edge.child].parents)
    if "@" in edge.formula and not (upstream and all(map(_small, parents))):
        return _shapes(captions, edge)
    return captions.rule(edge, upstream, values=".shape" not in edge.formula)


def _shapes(captions: Captions, edge: Edge) -> Piece:
    """A product of matrices by their shapes: (3×2)ᵀ (3×4)."""
    trace = captions.trace
    child = trace.nodes[edge.child]
    shapes = {a.name: _shape(trace.nodes[a.node]) for a in child.arguments if a.node is not None}
    return written(edge.formula, shapes | {UPSTREAM: _shape(child).coloured("bp-red")})


def _shape(node: Node) -> Piece:
    return replace(atom(by(node.shape) or "1", "mn"), level=SUM)


def _factors(captions: Captions, edge: Edge, send: Send) -> Piece:
    if send.local is None or not _small(send.local) or not _small(send.upstream):
        return _contribution(captions, edge, send)
    return captions.factors(send)


def _contribution(captions: Captions, edge: Edge, send: Send) -> Piece:
    return captions.red(send.contribution)


def _small(value: Any) -> bool:
    """Whether the numbers of a value are written out."""
    return not shown(value).endswith("array")


# ---------------------------------------------------------------------- as text, LaTeX and MathML
def _width(characters: str) -> int:
    return sum(not unicodedata.combining(character) for character in characters)


def _text_of(step: Step, left: int, right: int) -> str:
    lines = []
    for i, (sign, piece) in enumerate(step.lines):
        gradient = "" if i else step.gradient.text
        beside = "" if i else " " * (right - _width(piece.text)) + f"    {step.place}{step.source}"
        lines.append(f"{gradient}{' ' * (left - _width(gradient))} {sign} {piece.text}{beside}".rstrip())
    return "\n".join(lines)


def _latex_of(step: Step, colours: bool) -> str:
    code = f"\\texttt{{{text(step.source)}}}" if step.source else ""
    beside = f" && \\text{{{text(step.place)}{code}}}" if step.place else ""
    lines = []
    for i, (sign, piece) in enumerate(step.lines):
        gradient = "" if i else latex(step.gradient.math, colours) + "\n"
        relation = "&=" if sign == "=" else "&\\quad +"
        lines.append(f"{gradient}  {relation} {latex(piece.math, colours)}{'' if i else beside}")
    return " \\\\\n".join(lines)


def _rows(step: Step) -> Iterator[str]:
    for i, (sign, piece) in enumerate(step.lines):
        right_side = mathml(equation(*([sign] if sign == "=" else ["\u2003", sign]), piece))
        if i:
            yield _cells(0.3, "", right_side, "")
        else:
            yield _cells(1, mathml(step.gradient.math), right_side, _note(step))


def _cells(above: float, left: str, right: str, note: str) -> str:
    cells = zip(("right", "left", "left"), (left, right, note), strict=True)
    set_apart = (
        f'<mtd style="text-align: {side}; padding: {above}em 0.3em 0.3em">{cell}</mtd>' for side, cell in cells
    )
    return f"<mtr>{''.join(set_apart)}</mtr>"


def _note(step: Step) -> str:
    code = f'<mtext style="font-family: monospace">{escape(step.source)}</mtext>' if step.source else ""
    return f"<mrow><mtext>{escape(step.place.rstrip())}\u00a0</mtext>{code}</mrow>" if step.place else ""


def mathml(tree: MathTree) -> str:
    """A tree as MathML text, its colours in its own style."""
    tag, css, *children = tree
    style = f' style="color: {COLOURS[css]}"' if css else ""
    inside = "".join(escape(child) if isinstance(child, str) else mathml(child) for child in children)
    return f"<{tag}{style}>{inside}</{tag}>"


setattr(Trace, derivation.__name__, derivation)
