"""The Parsons problem of lecture 05: lines of a training step to be put in order, judged by running them."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from types import CodeType
from typing import Any

from ..dyadic import Dyadic
from ..item import Item, Mistake
from .dags import names_in
from .ex05_nodes import graph_of, send

RIGHT = (
    "for w in params:",
    "    w.grad = 0",
    "for x.value, y.value in batch:",
    "    for c in compute:",
    "        c.forward()",
    "        c.grad = 0",
    "    loss.grad = 1",
    "    for c in compute[::-1]:",
    "        send(c)",
    "for w in params:",
    "    w.value -= eta * w.grad / len(batch)",
)
PLUS, TOTAL, FORTH = "    w.value += eta * w.grad / len(batch)", "    w.value -= eta * w.grad", "    for c in compute:"
DECOYS = (PLUS, TOTAL, FORTH)
PROGRAM = "h = w * x, a = h * h, m = k * h, z = a + m, e = z - y, L = e * e"  # the lecture's graph
Lines = dict[str, str]  # letter -> line


@dataclass(frozen=True)
class Cut:
    """Lines with their letters, as a question shows them."""

    lines: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return "\n".join(f"{letter} | {line}" for letter, line in self.lines)


def _cut_up(draw: Dyadic) -> tuple[Lines]:
    return (dict(zip(ascii_uppercase, draw.shuffled(RIGHT + DECOYS), strict=False)),)


def _spelled(lines: Lines, program: tuple[str, ...]) -> str:
    """The letters of a program, each at most once."""
    left = list(lines.items())
    letters = ""
    for line in program:
        found = next(pair for pair in left if pair[1] == line)
        left.remove(found)
        letters += found[0]
    return letters


def _with(*changes: tuple[int, str]) -> tuple[str, ...]:
    """The right lines with others in their place; "" leaves one out."""
    made = {**dict(enumerate(RIGHT)), **dict(changes)}
    return tuple(line for line in made.values() if line)


def _moved(line: int, to: int) -> tuple[str, ...]:
    """The right lines with one of them in another place."""
    left = [*RIGHT[:line], *RIGHT[line + 1 :]]
    return (*left[:to], RIGHT[line], *left[to:])


LEFTOVERS = (
    "Something that was there before this step is still in the gradients. += needs a 0 to begin with, everywhere."
)
UNMOVED = "Nothing has moved. Does the walk begin at the loss, with a 1 in it? Is what it found still there later?"
FAULTS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("M12", _with((10, PLUS)), "The parameters climb: their gradients point where the loss grows."),
    ("M14", _with((10, TOTAL)), "That is a step for the sum of the examples' losses, and their mean is wanted."),
    ("M4", _with((7, FORTH)), UNMOVED),
    ("M8", RIGHT[2:], LEFTOVERS),
    ("M8", _with((5, "")), LEFTOVERS),
    ("M8", _moved(5, 8), LEFTOVERS),
    ("M8", (*RIGHT[2:], *RIGHT[:2]), LEFTOVERS),
    ("base", _moved(6, 3), UNMOVED),
    ("M7", _with((4, "")), "The nodes keep old values: each example needs a forward pass of its own."),
    ("M8", (*RIGHT[2:9], *RIGHT[:2], *RIGHT[9:]), UNMOVED),
)


def _reached(code: CodeType) -> list[float]:
    """Where the parameters are after these lines have run twice, on nodes with leftovers in them."""
    loss, inputs, params, compute = graph_of(PROGRAM, Dyadic(5), 0.25, 1.0)
    x, y = inputs
    known: dict[str, Any] = {"loss": loss, "params": params, "compute": compute, "x": x, "y": y, "send": send}
    known |= {"eta": 0.03125, "batch": [(0.5, 1.0), (1.5, -0.5), (1.0, 2.0), (-0.5, 0.75)]}
    for _ in range(2):
        exec(code, known)
    return [node.value for node in params]


def _compiled(program: tuple[str, ...]) -> CodeType:
    return compile("\n".join(program) + "\n", "<lines>", "exec")


def _close(one: list[float], other: list[float]) -> bool:
    return all(abs(a - b) <= 1e-12 * max(1.0, abs(b)) for a, b in zip(one, other, strict=True))


def _judged(answer: Any, lines: Lines) -> str | None:
    """What is wrong with an order of the lines."""
    names = names_in(answer, lines, ordered=True)
    if names is None:
        return 'Write the letters of your lines as one word, such as "AB".'
    letters = [letter for letter in "".join(names).upper() if letter.isalnum()]
    for letter in letters:
        if letter not in lines:
            return f"The lines have the letters A to {max(lines)}; there is no {letter}."
        if letters.count(letter) > 1:
            return f"{letter} stands there more than once; each line can be used once at most."
    return _run(letters, lines) if letters else "There is no line in it yet."


def _run(letters: list[str], lines: Lines) -> str | None:
    """What is wrong with a program, found by running it."""
    program = tuple(lines[letter] for letter in letters)
    try:
        code = _compiled(program)
    except SyntaxError as error:
        letter = letters[min(error.lineno or 1, len(letters)) - 1]
        return f"Python cannot read it: see line {letter}, its indentation, and what stands above it."
    try:
        reached = _reached(code)
    except (NameError, TypeError, OverflowError) as error:
        return f"Python stops with {type(error).__name__}: {error}."
    if _close(reached, _reached(_compiled(RIGHT))):
        return None
    told = (hint for _, fault, hint in FAULTS if _close(reached, _reached(_compiled(fault))))
    if hint := next(told, None):
        return hint
    unmoved = [node.value for node in graph_of(PROGRAM, Dyadic(5), 0.25, 1.0)[2]]
    return UNMOVED if _close(reached, unmoved) else PARSONS.hint


PARSONS = Item(
    id="ex05.5",
    name="line_order",
    ask="the letters of the lines in order, as one word",
    kind="value",
    truth=lambda lines: _spelled(lines, RIGHT),
    cases=_cut_up,
    figure=lambda lines: Cut(tuple(lines.items())),
    judge=_judged,
    hint="Once for the step: clear the parameters, and at the end move them. In between, for each example: "
    "forward, clear, 1, walk.",
    mistakes=tuple(
        Mistake(code, lambda lines, fault=fault: _spelled(lines, fault), hint) for code, fault, hint in FAULTS
    ),
)
