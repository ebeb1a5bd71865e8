"""The two passes and the step as the lecture writes them, and the line that an event carries out."""

from __future__ import annotations

import numpy as np

from ..record.trace import PLAIN_STEP, Event, Forward, Seed, Send, Trace, Update

LINES = (
    "def Forward():",
    "    for c in compute:",
    "        c.forward()",
    "def Backward(loss):",
    "    for c in compute + params + inputs:",
    "        c.grad = 0",
    "    loss.grad = 1",
    "    for c in compute[::-1]:",
    "        c.backward()",
    "def SGD(eta):",
    "    for w in params:",
    "        w.value -= eta * w.grad",
)
CARRIED_OUT = {"forward": 2, "seed": 6, "send": 8, "update": 11}  # the line of each kind of event


def line_of(trace: Trace, event: Event) -> int | None:
    """Which line an event carries out; none for what is done otherwise than the algorithm does it."""
    match event:
        case Forward(node=node):
            same = trace.nodes[node].kind == "compute"  # a leaf may be given another value
        case Seed(gradient=gradient):
            same = bool(np.all(np.asarray(gradient) == 1))  # another one may be given
        case Update(rule=rule):
            same = rule == PLAIN_STEP
        case _:
            same = True
    return CARRIED_OUT[event.kind] if same else None


def turn_of(trace: Trace, event: Event) -> int:
    """Whose turn it is: the node that is computed, that sends its gradient, or that is updated."""
    match event:
        case Forward(node=node) | Seed(node=node):
            return node
        case Send(edge=edge):
            return trace.edges[edge].child
        case Update(parameter=parameter):
            return parameter


def about(trace: Trace, event: Event) -> int:
    """The node that an event changes."""
    return trace.edges[event.edge].parent if isinstance(event, Send) else turn_of(trace, event)
