"""Exercises to warm up: a first function, a picture read, the player's steps counted, a bug mended, an error read."""

from __future__ import annotations

from functools import reduce

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.tensor import Tensor
from ...record.recorder import record
from ..dyadic import Dyadic
from ..item import Item, Mistake
from ..picture import asked
from .letters import choice


def _machine(x: float, w: float, b: float) -> Tensor:
    """The machine with two knobs, its nodes named as in the lecture."""
    x_, w_, b_ = tensor(x, name="x"), parameter(w, name="w"), parameter(b, name="b")
    a = w_ * x_
    s = a + b_
    L = s**2
    a.name, s.name, L.name = "a", "s", "L"
    return L


def _settings(draw: Dyadic) -> tuple[float, float, float]:
    """An x and two knobs, with which no two things that can be mixed up are the same number by chance.

    Halves, so that a picture shows all their products to the last digit.
    """
    while True:
        x, w, b = (draw.integer(low, 6) / 2 for low in (3, -6, -6))
        a, s = w * x, w * x + b
        if 0 not in (w, b, s, 2 * s - 1, a - 2 * s, x - 2 * s, w - 2 * s * x, x - w, x + w) and abs(w) != 1:
            return x, w, b


# ---------------------------------------------------------------------- 1: a first function
MACHINE = Item(
    id="ex00.1",
    name="machine",
    ask="return the loss, a number",
    truth=lambda x, w, b: (w * x + b) ** 2,
    cases=_settings,
    hint="First the product, then the sum, then the square of what has come out.",
    mistakes=(
        Mistake("square", lambda x, w, b: w * x + b, "That is s, before it is squared."),
        Mistake("square", lambda x, w, b: w * x + b**2, "Python squares b alone, and adds afterwards; set brackets."),
        Mistake("bracket", lambda x, w, b: (w * (x + b)) ** 2, "The product comes first, b is added to it."),
        Mistake("bracket", lambda x, w, b: w * x**2 + b, "Python squares x alone; what is to be squared is the sum."),
        Mistake("double", lambda x, w, b: 2 * (w * x + b), "Twice the sum is not its square; in Python that is **."),
        Mistake(
            "order", lambda x, w, b: (x * b + w) ** 2, "The knobs are swapped: w is a factor of x, and b is added."
        ),
    ),
)

# ---------------------------------------------------------------------- 2: a picture read
READING = Item(
    id="ex00.2",
    name="reading",
    ask="the value of a, its red number, the blue number on the arrow from w to a",
    kind="value",
    truth=lambda x, w, b: (w * x, 2 * (w * x + b), x),
    cases=_settings,
    hint="Three numbers in brackets: inside the ellipse of a; in the frame below a; the right factor on the tile at w.",
    figure=lambda x, w, b: asked(_machine(x, w, b), 8),
    mistakes=(
        Mistake(
            "M3",
            lambda x, w, b: (w * x, x, 2 * (w * x + b)),
            "Red and blue are swapped: the red number belongs to the node, the blue one to the arrow.",
        ),
        Mistake(
            "M2",
            lambda x, w, b: (w * x, 1.0, x),
            "The second is the blue number of the arrow from a to s. The red one stands in the frame below a.",
        ),
        Mistake(
            "value",
            lambda x, w, b: (2 * (w * x + b), w * x, x),
            "The first two are swapped: a value stands in its node, a red number in the frame below.",
        ),
        Mistake(
            "product",
            lambda x, w, b: (w * x, 2 * (w * x + b), 2 * (w * x + b) * x),
            "The third is what the arrow brings to w. The blue number is only one of its two factors.",
        ),
        Mistake(
            "neighbour",
            lambda x, w, b: (w * x, 2 * (w * x + b) * x, x),
            "The second is the red number of w, the node before a.",
        ),
        Mistake(
            "neighbour",
            lambda x, w, b: (w * x + b, 2 * (w * x + b), x),
            "The first is the value of s, the node behind a.",
        ),
        Mistake(
            "M3",
            lambda x, w, b: (w * x, 2 * (w * x + b), w),
            "The third is the value of w itself. The blue number says how a answers to w.",
        ),
    ),
)


# ---------------------------------------------------------------------- 3: how many steps
def _terms(knobs: int, bias: bool, scaled: bool) -> Tensor:
    """A larger machine: one input for each knob, perhaps a knob that is added, perhaps a factor that is given."""
    parts = [parameter(4.0 - i, name=f"w{i}") * tensor(float(i), name=f"x{i}") for i in range(1, knobs + 1)]
    total = reduce(Tensor.__add__, parts)
    if bias:
        total = total + parameter(1.0, name="b")
    if scaled:
        total = tensor(0.5, name="c") * total
    L = total**2
    L.name = "L"
    return L


def _steps(knobs: int, bias: bool, scaled: bool) -> int:
    return len(record(_terms(knobs, bias, scaled)).events)


def _hexagons(knobs: int, bias: bool, scaled: bool) -> int:
    return knobs + scaled


def _leaves(knobs: int, bias: bool, scaled: bool) -> int:
    return 2 * knobs + bias + scaled


STEPS = Item(
    id="ex00.3",
    name="steps",
    ask="how many steps the player of this graph has, a whole number",
    kind="value",
    truth=_steps,
    cases=lambda draw: (draw.integer(2, 3), draw.one_of([True, False]), draw.one_of([True, False])),
    hint="Forward, one step for each ellipse. Then the red 1. Then one step for each arrow that brings a message back.",
    figure=lambda *machine: asked(_terms(*machine)),
    mistakes=(
        Mistake(
            "hexagon",
            lambda *machine: _steps(*machine) + _hexagons(*machine),
            "No message goes back to a hexagon: it is given, and nobody has asked for its gradient.",
        ),
        Mistake("seed", lambda *machine: _steps(*machine) - 1, "One step is missing: how does the way back begin?"),
        Mistake(
            "seed",
            lambda *machine: _steps(*machine) - 1 + _hexagons(*machine),
            "The way back begins with a step of its own, the red 1; and no message goes back to a hexagon.",
        ),
        Mistake(
            "leaf",
            lambda *machine: _steps(*machine) + _leaves(*machine),
            "Inputs and parameters are there from the beginning: forward, only ellipses take a step.",
        ),
        Mistake(
            "leaf",
            lambda *machine: _steps(*machine) + _leaves(*machine) + _hexagons(*machine),
            "Hexagons and boxes take no step on the way forward, and no message goes back to a hexagon.",
        ),
        Mistake(
            "forward",
            lambda knobs, bias, scaled: 2 * knobs + bias + scaled,
            "Those are the ellipses, and so the way forward. The player goes back as well.",
        ),
    ),
)


# ---------------------------------------------------------------------- 4: a bug to mend
def _reds(x: float, w: float, b: float) -> tuple[float, float]:
    red_s = 2 * (w * x + b)
    return red_s * x, red_s


RED = Item(
    id="ex00.4",
    name="red_numbers",
    ask="return the red numbers of w and of b",
    graph=_machine,
    nodes=("w", "b"),
    truth=_reds,
    cases=_settings,
    hint="On each arrow, red times blue is what the parent gets. Compare each line of the program with its arrow.",
    mistakes=(
        Mistake(
            "M3",
            lambda x, w, b: (2 * (w * x + b) * w, 2 * (w * x + b)),
            "The bug is still there. Blue on the arrow from w to a: turn w up by 0.01; by how much does a go up?",
        ),
        Mistake(
            "M2",
            lambda x, w, b: (x, 1.0),
            "Those are the blue numbers; each is multiplied by the red number of the child.",
        ),
        Mistake(
            "M2",
            lambda x, w, b: (2 * (w * x + b), 2 * (w * x + b)),
            "The red number of a reaches w unchanged in yours; on the arrow from w to a there is a blue number too.",
        ),
        Mistake("order", lambda *machine: _reds(*machine)[::-1], "The red number of w is to be the first of the two."),
        Mistake(
            "M12",
            lambda x, w, b: (-2 * (w * x + b) * x, -2 * (w * x + b)),
            "The gradient points up the slope. The minus belongs to the step that is taken, not to the gradient.",
        ),
        Mistake(
            "power",
            lambda x, w, b: ((w * x + b) * x, w * x + b),
            "The first line was right: how does a square answer to what is squared?",
        ),
        Mistake(
            "value",
            lambda x, w, b: (2 * (w * x + b) * w * x, 2 * (w * x + b)),
            "The red number of a was multiplied by the value of a. The blue number says how a answers to w alone.",
        ),
    ),
)

# ---------------------------------------------------------------------- 5: an error read
CAUSE = choice(
    "ex00.5",
    "cause",
    "c",
    Mistake("value", lambda: "a", "A number that is 0 is a number, and has its name. Which name did Python miss?"),
    Mistake("gradient", lambda: "b", "The forward pass needs no gradients; they come afterwards, on the way back."),
    Mistake("package", lambda: "d", "The package is not in this line; Python did not get as far as multiplying."),
    ask="the letter of the cause, in quotes",
)

ITEMS = (MACHINE, READING, STEPS, RED, CAUSE)
