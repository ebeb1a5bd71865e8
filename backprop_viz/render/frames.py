"""What is told at every step, beside the picture: a sentence and equations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..record.trace import PLAIN_STEP, Edge, Event, Forward, Seed, Send, Trace, Update
from .captions import Captions, factor
from .expression import MathTree, atom, equation, number, written
from .slots import Change, Slots, due
from .text import DIGITS

# What an optimizer keeps, in words: its letters could be the names of the reader's own nodes.
STATE = {"b": atom("buffer", "mtext"), "m": atom("mean", "mtext"), "v": atom("variance", "mtext")}
START = "Before the forward pass: inputs and parameters hold their values, and nothing is computed yet."
BEGUN = " begins with the values that the parameters have now."
NONFINITE = " This is the first step that makes nan or inf out of finite numbers."
Told = tuple[str, tuple[MathTree, ...]]  # the sentence and the equations of one step


@dataclass(frozen=True)
class Frame(Change):
    """The picture after one event, and what is said of it: a sentence, and the equations in symbols and numbers."""

    sentence: str = ""
    equations: tuple[MathTree, ...] = ()


def frames(trace: Trace, digits: int = DIGITS) -> list[Frame]:
    """One frame for the start, and one after each event."""
    changes = Slots(trace, digits).changes()
    told = zip(changes, _told(trace, digits), strict=True)
    return [Frame(**vars(change), sentence=sentence, equations=equations) for change, (sentence, equations) in told]


def _told(trace: Trace, digits: int) -> Iterator[Told]:
    """What is told of the start and of each event; of several iterations also which one it belongs to."""
    nonfinite = trace.first_nonfinite
    parts = trace.iterations
    for count, part in enumerate(parts, start=1):
        which = f"Iteration {count} of {len(parts)}" if len(parts) > 1 else ""
        teller = _Teller(part, digits)
        if count == 1:
            yield f"{which}. {START}" if which else START, ()
        for place, event in enumerate(part.events):
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
        told = f"Forward: compute {name.text} = {expression.text} = {value}."
        return told, (equation(*symbols), equation(*numbers))

    def seed(self, event: Seed) -> Told:
        name, gradient = self.captions.names[event.node], self.captions.shown(event.gradient)
        symbol = self.captions.gradient(event.node)
        sentence = f"Backward starts at the loss: {symbol.text} = {gradient}."
        if self.captions.loss is not self.captions.names[event.node]:
            sentence = f"Backward starts at {name.text} with the gradient that was given: {symbol.text} = {gradient}."
        return sentence, (equation(symbol.coloured("bp-red"), "=", number(gradient).coloured("bp-red")),)

    def send(self, event: Send) -> Told:
        edge = self.trace.edges[event.edge]
        received = self.received.setdefault(edge.parent, [])
        received.append(event.contribution)
        due = self.due[edge.parent]
        told = self._send_sentence(event, edge, len(received), due)
        return told, self._send_equations(event, edge, received, due)

    def _send_sentence(self, event: Send, edge: Edge, count: int, due: int) -> str:
        child, parent = self.captions.names[edge.child].text, self.captions.names[edge.parent].text
        upstream, gradient = self.captions.gradient(edge.child).text, self.captions.gradient(edge.parent).text
        shown = self.captions.shown
        contribution, total = shown(event.contribution), shown(event.total)
        if event.local is None:
            product = self.captions.rule(edge).text
        else:
            product = f"{upstream} × {self.captions.local(edge).text}"
            numbers = f"{_bracketed(shown(event.upstream))} × {_bracketed(shown(event.local))}"
            product = f"Σ {product}" if self.captions.sums(edge) else f"{product} = {numbers}"
        sent = f"Backward: {child} sends {parent} the contribution {product} = {contribution}"
        if self.captions.sums(edge):
            sent += f" (the sum over the axes along which {parent} was repeated)"
        if due == 1:
            return f"{sent}, and so {gradient} = {total}."
        if count < due:
            return f"{sent}. {parent} has received {count} of {due} contributions; the sum so far is {total}."
        return f"{sent}. {parent} has received all {due} contributions: {gradient} = {total}."

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
            sentence = f"Update: {name.text} moves by the optimizer's rule, from {shown(event.old)} to {new}."
            return sentence, (step,)
        numbers = equation(
            "=", number(shown(event.old)), "−", number(rate), "·", factor(number(gradient)).coloured("bp-red"), "=",
            number(new),
        )  # fmt: skip
        sentence = (
            f"Update: {name.text} moves against its gradient, from {shown(event.old)} to "
            f"{shown(event.old)} − {rate} × {_bracketed(gradient)} = {new}."
        )
        return sentence, (step, numbers)


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("−") else text
