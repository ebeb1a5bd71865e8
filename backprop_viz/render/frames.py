"""What every slot of the picture says at every step, and the sentence: the only author of displayed text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..record.trace import PLAIN_STEP, Edge, Event, Forward, Seed, Send, Trace, Update
from .captions import Captions, factor, red
from .expression import MathTree, atom, equation, number, written
from .text import shown


@dataclass(frozen=True)
class Frame:
    """The picture after one event, as the difference from the one before.

    phase:   "start", "forward", "backward" or "update"
    texts:   slot -> text, of the slots that change:  n3.value, n3.grad, e2.upstream, e2.local, e2.contribution
             (where the local gradient has no number, e2.rule in place of the first two)
    reached: parts that come to life at this step and stay:  n3, n3.back, e2.forward, e2.back
    active:  parts that this step is about
    """

    phase: str
    texts: dict[str, str]
    reached: tuple[str, ...]
    active: tuple[str, ...]
    sentence: str
    equations: tuple[MathTree, ...] = ()


def frames(trace: Trace) -> list[Frame]:
    """One frame for the start, and one after each event."""
    teller = _Teller(trace)
    return [teller.start(), *(teller.tell(event) for event in trace.events)]


def final_texts(frames_so_far: list[Frame]) -> dict[str, str]:
    """Every slot's text after these frames."""
    return {slot: text for frame in frames_so_far for slot, text in frame.texts.items()}


class _Teller:
    """Tells a trace event by event; remembers how many contributions each node has received."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.captions = Captions(trace)
        self.due: dict[int, int] = {}
        for event in trace.events:
            if isinstance(event, Send):
                parent = trace.edges[event.edge].parent
                self.due[parent] = self.due.get(parent, 0) + 1
        self.received: dict[int, list[Any]] = {}
        self.first_nonfinite = trace.first_nonfinite

    def start(self) -> Frame:
        leaves = [node for node in self.trace.nodes if node.kind != "compute"]
        return Frame(
            "start",
            {f"n{leaf.index}.value": shown(leaf.value) for leaf in leaves},
            tuple(f"n{leaf.index}" for leaf in leaves),
            (),
            "Before the forward pass: inputs and parameters hold their values, and nothing is computed yet.",
        )

    def tell(self, event: Event) -> Frame:
        frame = self._told(event)
        if event is not self.first_nonfinite:
            return frame
        note = "This is the first step that makes nan or inf out of finite numbers."
        return replace(frame, sentence=f"{frame.sentence} {note}")

    def _told(self, event: Event) -> Frame:
        match event:
            case Forward():
                return self.forward(event)
            case Seed():
                return self.seed(event)
            case Send():
                return self.send(event)
            case Update():
                return self.update(event)

    def forward(self, event: Forward) -> Frame:
        node = self.trace.nodes[event.node]
        name, value = self.captions.names[event.node], shown(node.value)
        expression = self.captions.expression(node)
        incoming = tuple(f"e{edge.index}.forward" for edge in self.trace.edges if edge.child == event.node)
        symbols = [name, "=", expression]
        if node.formula:
            symbols += ["=", self.captions.definition(node)]
        numbers = [name, "=", self.captions.definition(node, values=True), "=", number(value)]
        return Frame(
            "forward",
            {f"n{event.node}.value": value},
            (f"n{event.node}", *incoming),
            (f"n{event.node}", *incoming),
            f"Forward: compute {name.text} = {expression.text} = {value}.",
            (equation(*symbols), equation(*numbers)),
        )

    def seed(self, event: Seed) -> Frame:
        name, gradient = self.captions.names[event.node], shown(event.gradient)
        symbol = self.captions.gradient(event.node)
        sentence = f"Backward starts at the loss: {symbol.text} = {gradient}."
        if self.captions.loss is not self.captions.names[event.node]:
            sentence = f"Backward starts at {name.text} with the gradient that was given: {symbol.text} = {gradient}."
        node = f"n{event.node}"
        return Frame(
            "backward",
            {f"{node}.grad": gradient},
            (f"{node}.back",),
            (node, f"{node}.back"),
            sentence,
            (equation(symbol.coloured("bp-red"), "=", number(gradient).coloured("bp-red")),),
        )

    def send(self, event: Send) -> Frame:
        edge = self.trace.edges[event.edge]
        received = self.received.setdefault(edge.parent, [])
        received.append(event.contribution)
        due = self.due[edge.parent]
        total = shown(event.total)
        local = shown(event.local)
        node, side = f"n{edge.parent}", f"e{edge.index}"
        factors = {f"{side}.upstream": shown(event.upstream), f"{side}.local": local}
        if event.local is None:
            factors = {f"{side}.rule": self.captions.rule(edge, atom("G")).text}
        return Frame(
            "backward",
            factors
            | {
                f"{side}.contribution": shown(event.contribution),
                f"{node}.grad": total if len(received) == due else f"{total} + …",
            },
            (f"{side}.back", f"{node}.back"),
            (f"{side}.back", node, f"{node}.back"),
            self._send_sentence(event, edge, local, len(received), due),
            self._send_equations(event, edge, received, due),
        )

    def _send_sentence(self, event: Send, edge: Edge, local: str, count: int, due: int) -> str:
        child, parent = self.captions.names[edge.child].text, self.captions.names[edge.parent].text
        upstream, gradient = self.captions.gradient(edge.child).text, self.captions.gradient(edge.parent).text
        contribution, total = shown(event.contribution), shown(event.total)
        if event.local is None:
            product = self.captions.rule(edge).text
        else:
            product = f"{upstream} × {self.captions.local(edge).text}"
            numbers = f"{_bracketed(shown(event.upstream))} × {_bracketed(local)}"
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
        contribution = red(event.contribution)
        numbers: tuple[MathTree, ...] = ()
        if event.local is None:
            symbols = equation(captions.rule(edge), "=", contribution)
        else:
            applied = ("=", captions.applied(edge, upstream, captions.rule(edge))) if edge.elementwise else ()
            symbols = equation(captions.chain(edge), *applied)
            numbers = (equation("=", captions.factors(event), "=", contribution),)
        if due == 1:
            return (equation(gradient, "=", symbols), *numbers)
        terms = [part for value in received for part in ("+", factor(red(value)))][1:]
        rest = ("+", "…") if len(received) < due else ()
        total = ("=", red(event.total)) if len(received) > 1 and not rest else ()
        return (symbols, *numbers, equation(gradient, "=", *terms, *rest, *total))

    def update(self, event: Update) -> Frame:
        name, new = self.captions.names[event.parameter], shown(event.new)
        node = f"n{event.parameter}"
        rate, gradient = shown(event.learning_rate), shown(event.gradient)
        pieces = {"w": name, "g": self.captions.gradient(event.parameter).coloured("bp-red"), "lr": number(rate)}
        step = equation(name, "←", written(event.rule, pieces))
        if event.rule != PLAIN_STEP:
            sentence = f"Update: {name.text} moves by the optimizer's rule, from {shown(event.old)} to {new}."
            return Frame("update", {f"{node}.value": new}, (), (node,), sentence, (step,))
        numbers = equation(
            "=", number(shown(event.old)), "−", number(rate), "·", factor(number(gradient)).coloured("bp-red"), "=",
            number(new),
        )  # fmt: skip
        sentence = (
            f"Update: {name.text} moves against its gradient, from {shown(event.old)} to "
            f"{shown(event.old)} − {rate} × {_bracketed(gradient)} = {new}."
        )
        return Frame("update", {f"{node}.value": new}, (), (node,), sentence, (step, numbers))


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("−") else text
