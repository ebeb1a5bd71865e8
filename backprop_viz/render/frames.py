"""What is told at every step, beside the picture: a sentence and equations."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..record.trace import PLAIN_STEP, Edge, Event, Forward, Seed, Send, Trace, Update, Value
from .captions import Captions, factor
from .expression import MathTree, atom, equation, number, written
from .slots import Change, Slots, due
from .text import DIGITS, is_large

# What an optimizer keeps, in words: its letters could be the names of the reader's own nodes.
STATE = {"b": atom("buffer", "mtext"), "m": atom("mean", "mtext"), "v": atom("variance", "mtext")}
START = "Before the forward pass: inputs and parameters hold their values, and nothing is computed yet."
BEGUN = " begins with the values that the parameters have now."
NONFINITE = " This is the first step that makes nan or inf out of finite numbers."
Told = tuple[str, tuple[MathTree, ...]]  # the sentence and the equations of one step
UNTOLD: Told = ("", ())


@dataclass(frozen=True)
class Frame(Change):
    """The picture after one event, and what is said of it: a sentence, and the equations in symbols and numbers."""

    sentence: str = ""
    equations: tuple[MathTree, ...] = ()


def frames(trace: Trace, digits: int = DIGITS, steps: Container[int] | None = None) -> list[Frame]:
    """One frame for the start, and one after each event.

    steps: those of which something is said; left out, all
    """
    changes = Slots(trace, digits).changes()
    told = _told(trace, digits, range(len(changes)) if steps is None else steps)
    both = zip(changes, told, strict=True)
    return [Frame(**vars(change), sentence=sentence, equations=equations) for change, (sentence, equations) in both]


def _told(trace: Trace, digits: int, steps: Container[int]) -> Iterator[Told]:
    """What is told of the start and of each event; of several iterations also which one it belongs to."""
    nonfinite = trace.first_nonfinite
    parts = trace.iterations
    step = 0
    for count, part in enumerate(parts, start=1):
        which = f"Iteration {count} of {len(parts)}" if len(parts) > 1 else ""
        teller = _Teller(part, digits)
        if count == 1:
            yield f"{which}. {START}" if which else START, ()
        for place, event in enumerate(part.events):
            step += 1
            if step not in steps:
                teller.pass_over(event)
                yield UNTOLD
                continue
            told, equations = teller.tell(event)
            if which:
                told = f"{which}{BEGUN if count > 1 and not place else '.'} {told}"
            yield told + NONFINITE * (event is nonfinite), equations


class _Teller:
    """Tells one iteration event by event; remembers the contributions that each node has received."""

    def __init__(self, trace: Trace, digits: int) -> None:
        self.trace = trace
        self.captions = Captions(trace, digits)
        self.due = due(trace)
        self.received: dict[int, list[Any]] = {}

    def tell(self, event: Event) -> Told:
        """The sentence and the equations of an event; events come in their order."""
        match event:
            case Forward():
                return self.forward(event)
            case Seed():
                return self.seed(event)
            case Send():
                return self.send(event)
            case Update():
                return self.update(event)

    def pass_over(self, event: Event) -> None:
        """Remember what an event brings, and say nothing of it."""
        if isinstance(event, Send):
            self._receive(event)

    def forward(self, event: Forward) -> Told:
        node = self.trace.nodes[event.node]
        name, value = self.captions.names[event.node], self.captions.shown(node.value)
        if node.kind != "compute":
            given = f"Forward: the {node.kind} {name.text} is given its next value: {value}."
            return given, (equation(name, "=", number(value)),)
        expression = self.captions.expression(node)
        symbols = [name, "=", expression]
        if node.formula:
            symbols += ["=", self.captions.definition(node)]
        numbers = [name, "=", self.captions.definition(node, values=True), "=", number(value)]
        told = f"Forward: compute {name.text} = {expression.text}{self._equals(node.value)}."
        return told, (equation(*symbols), equation(*numbers))

    def seed(self, event: Seed) -> Told:
        name, gradient = self.captions.names[event.node], self.captions.shown(event.gradient)
        symbol = self.captions.gradient(event.node)
        is_that = self._equals(event.gradient)
        sentence = f"Backward starts at the loss: {symbol.text}{is_that}."
        if self.captions.loss is not self.captions.names[event.node]:
            sentence = f"Backward starts at {name.text} with the gradient that was given: {symbol.text}{is_that}."
        return sentence, (equation(symbol.coloured("bp-red"), "=", number(gradient).coloured("bp-red")),)

    def send(self, event: Send) -> Told:
        edge = self.trace.edges[event.edge]
        received = self._receive(event)
        due = self.due[edge.parent]
        told = self._send_sentence(event, edge, len(received), due)
        return told, self._send_equations(event, edge, received, due)

    def _receive(self, event: Send) -> list[Any]:
        """The contributions that a node has received with this one."""
        received = self.received.setdefault(self.trace.edges[event.edge].parent, [])
        received.append(event.contribution)
        return received

    def _send_sentence(self, event: Send, edge: Edge, count: int, due: int) -> str:
        child, parent = self.captions.names[edge.child].text, self.captions.names[edge.parent].text
        upstream, gradient = self.captions.gradient(edge.child).text, self.captions.gradient(edge.parent).text
        sent = f"Backward: {child} sends {parent} the contribution {self._product(event, edge, upstream)}"
        sent += self._equals(event.contribution)
        if self.captions.sums(edge):
            sent += f" (the sum over the axes along which {parent} was repeated)"
        if due == 1:
            that = f"that is {gradient}" if _is_large(event.total) else f"so {gradient} = {self._said(event.total)}"
            return f"{sent}, and {that}."
        if count < due:
            so_far = self._said(event.total)
            return f"{sent}. {parent} has received {count} of {due} contributions; the sum so far is {so_far}."
        return f"{sent}. {parent} has received all {due} contributions: {gradient}{self._equals(event.total)}."

    def _product(self, event: Send, edge: Edge, upstream: str) -> str:
        """What a contribution is the product of, with its numbers where these are few; or its rule."""
        if event.local is None:
            return self.captions.rule(edge).text
        factors = event.upstream, event.local
        times = "⊙" if all(np.ndim(factor) for factor in factors) else "×"
        product = f"{upstream} {times} {self.captions.local(edge).text}"
        if self.captions.sums(edge):
            return f"Σ {product}"
        if any(map(_is_large, factors)):
            return product
        return f"{product} = {f' {times} '.join(_bracketed(self.captions.shown(factor)) for factor in factors)}"

    def _said(self, value: Value) -> str:
        """A value in a sentence: of a large array, which the picture shows by its colours, how far its numbers go."""
        text = self.captions.shown(value)
        if not _is_large(value):
            return text
        least, most = np.min(value), np.max(value)
        if np.isnan(least):
            return f"a {text} with NaN in it"
        low, high = self.captions.shown(least), self.captions.shown(most)
        return f"a {text} of {low}" if least == most else f"a {text} from {low} to {high}"

    def _equals(self, value: Value) -> str:
        """What something is, behind its symbols: a number or, in other words, an array."""
        return f", {self._said(value)}" if _is_large(value) else f" = {self._said(value)}"

    def _send_equations(self, event: Send, edge: Edge, received: list[Any], due: int) -> tuple[MathTree, ...]:
        captions = self.captions
        upstream, gradient = (captions.gradient(node).coloured("bp-red") for node in (edge.child, edge.parent))
        contribution = captions.red(event.contribution)
        numbers: tuple[MathTree, ...] = ()
        if event.local is None:
            symbols = equation(captions.rule(edge), "=", contribution)
        else:
            applied = ("=", captions.applied(edge, upstream, captions.rule(edge))) if edge.elementwise else ()
            symbols = equation(captions.chain(edge), *applied)
            numbers = (equation("=", captions.factors(event), "=", contribution),)
        if due == 1:
            return (equation(gradient, "=", symbols), *numbers)
        terms = [part for value in received for part in ("+", factor(captions.red(value)))][1:]
        rest = ("+", "…") if len(received) < due else ()
        total = ("=", captions.red(event.total)) if len(received) > 1 and not rest else ()
        return (symbols, *numbers, equation(gradient, "=", *terms, *rest, *total))

    def update(self, event: Update) -> Told:
        shown = self.captions.shown
        name, new = self.captions.names[event.parameter], shown(event.new)
        rate, gradient = shown(event.learning_rate), shown(event.gradient)
        pieces = {"w": name, "g": self.captions.gradient(event.parameter).coloured("bp-red"), "lr": number(rate)}
        step = equation(name, "←", written(event.rule, STATE | pieces))
        if event.rule != PLAIN_STEP:
            return self._moved(event, "by the optimizer's rule", f"from {shown(event.old)} to {new}"), (step,)
        numbers = equation(
            "=", number(shown(event.old)), "−", number(rate), "·", factor(number(gradient)).coloured("bp-red"), "=",
            number(new),
        )  # fmt: skip
        way = f"from {shown(event.old)} to {shown(event.old)} − {rate} × {_bracketed(gradient)} = {new}"
        return self._moved(event, "against its gradient", way), (step, numbers)

    def _moved(self, event: Update, how: str, way: str) -> str:
        """How a parameter moves, and from where to where; of a large array, what it is now."""
        moved = f"and is {self._said(event.new)} now" if _is_large(event.new) else way
        return f"Update: {self.captions.names[event.parameter].text} moves {how}, {moved}."


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("−") else text


def _is_large(value: Value) -> bool:
    """Whether a value is an array whose elements are not written out."""
    return value.__class__ is not float and is_large(np.shape(value))
