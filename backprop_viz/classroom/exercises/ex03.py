"""Exercises on the backward pass: a chain by hand, one node's messages, who is next, what is kept, where it begins."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from ...autograd.functions.constructors import parameter
from ...autograd.tensor import Tensor
from ..dyadic import Dyadic
from ..item import Item, Mistake
from ..picture import asked
from .dags import Parents, children, connected, drawn, in_any_order
from .ex03_kept import KEPT
from .letters import choice
from .slips import flipped

Numbers = tuple[float, ...]
Red = dict[str, float]
Steps = list[tuple[str, float]]


# ---------------------------------------------------------------------- 1: a chain by hand
def _chain(x: float, k: float, m: float) -> Tensor:
    x_ = parameter(x, name="x")
    a = x_**2
    b = k - a
    c = m * b
    L = c**2
    a.name, b.name, c.name, L.name = "a", "b", "c", "L"
    return L


def _chain_values(x: float, k: float, m: float) -> Numbers:
    return m * (k - x * x), k - x * x, x * x, x


def _chain_red(x: float, k: float, m: float, start: float = 1.0, sign: float = -1.0, power: float = 2.0) -> Numbers:
    at_c = start * power * m * (k - x * x)
    return at_c, at_c * m, at_c * m * sign, at_c * m * sign * power * x


def _other_factor(x: float, k: float, m: float) -> Numbers:
    """With the blue number of m on the arrow of b."""
    at_c, b = _chain_red(x, k, m)[0], k - x * x
    return at_c, at_c * b, -at_c * b, -at_c * b * 2 * x


def _chain_numbers(draw: Dyadic) -> Numbers:
    """Small whole numbers; b is neither 0 nor m, and the loss is not 1."""
    while True:
        x, b, m = draw.integer(2, 4), draw.one_of([-2, -1, 1, 2]), draw.integer(2, 3)
        if b != m:
            return float(x), float(x * x + b), float(m)


CHAIN = Item(
    id="ex03.1",
    name="red_numbers",
    ask="(at c, at b, at a, at x), the red numbers in the order in which they are found",
    kind="value",
    truth=_chain_red,
    cases=_chain_numbers,
    hint="Begin with 1 at the loss. At each arrow: the red number of the child, times the blue one.",
    figure=lambda x, k, m: asked(_chain(x, k, m)),
    graph=_chain,
    nodes=("c", "b", "a", "x"),
    mistakes=(
        Mistake(
            "M2",
            lambda x, k, m: (2 * m * (k - x * x), m, -1.0, 2 * x),
            "Those are the blue numbers. What comes from above is a factor on every arrow, not on the first one alone.",
        ),
        Mistake("M3", _other_factor, "The factors are swapped somewhere: if b grows by 0.01, by how much does m · b?"),
        Mistake("order", lambda x, k, m: _chain_red(x, k, m)[::-1], "Turned round: the walk begins at the loss."),
        Mistake("sign", partial(_chain_red, sign=1.0), "One step takes a away. When a grows, what does b do?"),
        Mistake("M12", partial(_chain_red, start=-1.0), "The sizes are right, no sign is. With what do you begin?"),
        Mistake("power", partial(_chain_red, power=1.0), "How fast does c² grow with c? Not as fast as c."),
        Mistake(
            "base",
            lambda x, k, m: _chain_red(x, k, m, start=(m * (k - x * x)) ** 2),
            "You began with the value of the loss. How does the loss answer to itself?",
        ),
        Mistake(
            "front",
            lambda x, k, m: (-2 * x * m, -2 * x, 2 * x, 1.0),
            "That is how each node answers to x. Asked is how the loss answers to each node.",
        ),
        Mistake("values", _chain_values, "Those are the values of the forward pass. Red is what comes back."),
    ),
)


# ---------------------------------------------------------------------- 2: what one node does
def _to_send(draw: Dyadic) -> tuple[str, list[str], list[float], Red]:
    child, *others = draw.shuffled("uvwxyz")
    parents = [draw.one_of(others[:2]) for _ in range(draw.integer(1, 3))]
    heard = {name: draw.number() for name in others[: draw.integer(0, 3)]}
    return child, parents, [draw.number() for _ in parents], {child: draw.number(), **heard}


def _send(
    child: str, parents: list[str], blue: list[float], red: Red, *,
    add: bool = True, above: float = 0, local: float = 0, sign: float = 1,
) -> None:  # fmt: skip
    for parent, number in zip(parents, blue, strict=True):
        contribution = sign * (above or red[child]) * (local or number)
        red[parent] = add * red.get(parent, 0.0) + contribution


def _one_arrow_each(child: str, parents: list[str], blue: list[float], red: Red) -> None:
    arrows = dict(zip(parents, blue, strict=True))
    _send(child, list(arrows), list(arrows.values()), red)


def _forgets(child: str, parents: list[str], blue: list[float], red: Red) -> None:
    _send(child, parents, blue, red)
    del red[child]


def _unasked(child: str, parents: list[str], blue: list[float], red: Red) -> None:
    for parent, number in zip(parents, blue, strict=True):
        red[parent] += red[child] * number


SEND = Item(
    id="ex03.2",
    name="send",
    ask="add to red what this node sends to each of its parents",
    truth=_send,
    cases=_to_send,
    observe=lambda result, child, parents, blue, red: red,
    hint="For each parent: red of the child times the blue number of this arrow, on top of what is there.",
    count=20,
    mistakes=(
        Mistake("M1", partial(_send, add=False), "What a parent has heard before, on another arrow, is lost."),
        Mistake("M2", partial(_send, above=1.0), "Those are blue numbers alone; what does the child know of the loss?"),
        Mistake("M3", partial(_send, local=1.0), "You handed the red number on as it is. And blue?"),
        Mistake("M12", partial(_send, sign=-1), "A minus has crept in: what a child sends is added, not taken off."),
        Mistake("M11", _one_arrow_each, "A parent may stand in the list twice. Then two arrows lead to it."),
        Mistake(
            "key",
            _unasked,
            "A parent that has heard nothing so far is not in red yet: from which number does it go on?",
        ),
        Mistake("forgets", _forgets, "The sender's own red number has gone; somebody may want to see it."),
        Mistake(
            "new",
            lambda child, parents, blue, red: _send(child, parents, blue, {**red}),
            "red is as it was. Change the dict itself, as in red[parent] = …",
        ),
    ),
)


# ---------------------------------------------------------------------- 3: who is next
def _ready(parents: Parents, done: list[str]) -> list[str]:
    return sorted(v for v in parents if v not in done and all(child in done for child in children(parents, v)))


def _after_one_child(parents: Parents, done: list[str]) -> list[str]:
    return sorted(v for v in parents if v not in done and (v == "L" or {*children(parents, v)} & {*done}))


def _twice(parents: Parents, node: str) -> bool:
    """Whether a node fills both slots of one of its children."""
    return any(own.count(node) > 1 for own in parents.values())


def _half_done(draw: Dyadic) -> tuple[Parents, list[str]]:
    """A graph, often with a double arrow, and the nodes that a pass has dealt with when somebody stops it."""
    double = draw.integer(0, 1)
    parents = drawn(draw, draw.integer(3, 4), lambda p: connected(p) and any(_twice(p, v) for v in p) >= double)
    done: list[str] = []
    for _ in range(draw.integer(0, len(parents) - 2)):
        done.append(draw.one_of(_ready(parents, done)))
    return {name: parents[name] for name in draw.shuffled(list(parents))}, done


READY = Item(
    id="ex03.3",
    name="ready_nodes",
    ask="return the names of the nodes that can be dealt with next",
    truth=_ready,
    cases=_half_done,
    observe=in_any_order,
    hint="Not done itself, and nobody left who could still send it something.",
    count=30,
    mistakes=(
        Mistake(
            "base",
            lambda parents, done: [v for v in _ready(parents, done) if children(parents, v)],
            "When nothing is done yet, one node can begin all the same. Which one waits for nobody?",
        ),
        Mistake(
            "M4",
            _after_one_child,
            "You named a node that waits for another child. If it sent now, it would send a part as if it were all.",
        ),
        Mistake(
            "M11",
            lambda parents, done: [v for v in _ready(parents, done) if not _twice(parents, v)],
            "One is missing. A child with two arrows from the same parent sends along both of them in its one turn.",
        ),
        Mistake(
            "forward",
            lambda parents, done: sorted(v for v in parents if v not in done and {*parents[v]} <= {*done}),
            "That is the rule for the way there, where a node waits for its parents.",
        ),
        Mistake(
            "again",
            lambda parents, done: sorted(v for v in parents if {*children(parents, v)} <= {*done}),
            "Some of these have been dealt with already.",
        ),
        Mistake(
            "leaves",
            lambda parents, done: [v for v in _ready(parents, done) if parents[v]],
            "Leaves have red numbers too, and are dealt with when all their children are.",
        ),
    ),
)


# ---------------------------------------------------------------------- 5: a planted bug (4 is in ex03_kept.py)
def _values(x: Any, steps: Steps) -> list[Any]:
    """The values of a chain that begins with this number or this node."""
    values = [x]
    for op, k in steps:
        values.append(values[-1] + k if op == "+" else values[-1] * k if op == "*" else values[-1] ** 2)
    return values


def _as_graph(x: float, steps: Steps) -> Tensor:
    nodes: list[Tensor] = _values(parameter(x), steps)
    for node, name in zip(nodes, "xabL", strict=True):
        node.name = name
    return nodes[-1]


def _walk(
    x: float, steps: Steps, base: bool = True, argument: bool = True, upstream: bool = True, crossed: bool = False
) -> list[float]:
    """The red numbers of a chain, with bugs where something is not true."""
    values = _values(x, steps)
    red = [1.0 if base else values[-1]]
    for (op, k), value in zip(steps[::-1], values[-2 if argument else -1 :: -1], strict=False):
        blue = 1.0 if op == "+" else value if op == "*" and crossed else k if op == "*" else 2 * value
        red.append(blue * (red[-1] if upstream else 1.0))
    return red[::-1]


def _counted_once(x: float, steps: Steps) -> list[float]:
    """The red numbers where the blue one of a square is its argument, once."""
    halves = [0.5 if op == "**" else 1.0 for op, _ in steps]
    return [red * math.prod(halves[i:]) for i, red in enumerate(_walk(x, steps))]


def _steps(draw: Dyadic) -> tuple[float, Steps]:
    ops = draw.shuffled(["**", draw.one_of(["+", "*"]), draw.one_of(["+", "*", "**"])])
    easy = (-3.0, -2.0, -0.5, 0.5, 1.5, 2.0, 3.0)  # on paper, when squared twice
    return draw.one_of(easy), [(op, 2 if op == "**" else draw.one_of(easy)) for op in ops]


MENDED = Item(
    id="ex03.5",
    name="mended_gradients",
    ask="write chain_gradients without its two bugs",
    graph=_as_graph,
    nodes=("x", "a", "b", "L"),
    truth=_walk,
    cases=_steps,
    hint="Take chains of one step, a sum, a product, a square; work out both red numbers of each with pencil.",
    count=20,
    mistakes=(
        Mistake("base", partial(_walk, base=False), "One bug is left. With which number does a walk begin?"),
        Mistake(
            "M7", partial(_walk, argument=False), "One bug is left: which value is a square's blue number made of?"
        ),
        Mistake(
            "M11", _counted_once, "The base and its argument are right. How often does a square use that argument?"
        ),
        Mistake(
            "M3", partial(_walk, crossed=True), "A product's blue number is what is multiplied by: the other factor."
        ),
        Mistake("M12", flipped(_walk), "All signs are turned: how does the loss answer to itself?"),
        Mistake("unmended", partial(_walk, base=False, argument=False), "Both bugs are still there."),
        Mistake("M2", partial(_walk, upstream=False), "Those are the blue numbers alone."),
        Mistake("order", lambda x, steps: _walk(x, steps)[::-1], "The number of x comes first, that of the loss last."),
        Mistake("short", lambda x, steps: _walk(x, steps)[:-1], "One is missing: the loss has a red number too."),
    ),
)


# ---------------------------------------------------------------------- 6: an error message
ERROR = choice(
    "ex03.6",
    "reason",
    "b",
    Mistake("array", lambda: "a", "Of one loss, errors would have a gradient: three numbers, one for each error."),
    Mistake("values", lambda: "c", "The values are there as soon as the line has been run: print squares."),
    Mistake("kink", lambda: "d", "x² has a slope everywhere, also at 0. And the engine has not come that far."),
    ask="the letter of the true sentence, in quotes",
)

ITEMS = (CHAIN, SEND, READY, KEPT, MENDED, ERROR)
