"""Exercises on PyTorch's rules: vᵀJ row by row, a cut wire, gradients that are kept, shared memory, messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.tensor import Tensor
from ..dyadic import Dyadic
from ..item import Item, Mistake
from ..picture import asked
from .dags import names_in
from .ex10_memory import SHARED

Numbers = np.ndarray[Any, np.dtype[np.float64]]


# ---------------------------------------------------------------------- 1: the Jacobian of a slice
def _of_slice(n: int, start: int, stop: int, step: int) -> Numbers:
    return np.eye(n)[start:stop:step]


def _slice(draw: Dyadic) -> tuple[int, int, int, int]:
    n, start = draw.integer(4, 7), draw.integer(0, 2)
    return n, start, draw.integer(start + 1, n), draw.integer(1, 3)


def _first_columns(n: int, start: int, stop: int, step: int) -> Numbers:
    return np.eye(n)[: len(range(start, stop, step))]


def _marked(n: int, start: int, stop: int, step: int) -> Numbers:
    return np.diag(_of_slice(n, start, stop, step).sum(axis=0))


SLICE = Item(
    id="ex10.1",
    name="slice_jacobian",
    ask="return the Jacobian of x[start:stop:step]",
    truth=_of_slice,
    cases=_slice,
    count=20,
    hint="Take one number of y at a time: which number of x is it? Its row has a 1 there, and 0 everywhere else.",
    mistakes=(
        Mistake("M5", lambda *a: _of_slice(*a).T, "Rows and columns are swapped: each number of y has a row."),
        Mistake(
            "shape",
            _marked,
            "A number of x that is left out has a column, and no row. There are as many rows as y has.",
        ),
        Mistake("first", _first_columns, "Your rows count from the first number of x; where does the slice begin?"),
        Mistake("step", lambda n, start, stop, step: _of_slice(n, start, stop, 1), "The step leaves numbers out."),
        Mistake(
            "stop",
            lambda n, start, stop, step: _of_slice(n, start, stop + 1, step),
            "A slice ends before stop: x[1:3] has two numbers.",
        ),
        Mistake(
            "M2",
            lambda *a: _of_slice(*a).sum(axis=0),
            "That is one row for all of y together, what v = (1, …, 1) would give. Asked is the table.",
        ),
    ),
)


# ---------------------------------------------------------------------- 2: row by row, mended
def _rows(M: Numbers, x: Numbers) -> Numbers:
    """The Jacobian of (M @ x) ** 2."""
    return 2 * (M @ x)[:, None] * M


def _layer(draw: Dyadic) -> tuple[Numbers, Numbers]:
    m, n = draw.one_of([(2, 2), (2, 3), (3, 2), (3, 3)])
    while True:
        M, x = draw.array(m, n), draw.array(n)
        if np.all(M @ x):  # or a row would be 0
            return M, x


def _with_methods(M: Numbers, x: Numbers) -> Numbers:
    raise AttributeError("zero_")


ONE_ROW = "That is one row; every pass gives one, and all are asked for."
GROWING = "Look at the rows: each holds what the passes before it have left. Leaves add up; nothing is cleared for you."

ROW_BY_ROW = Item(
    id="ex10.2",
    name="jacobian",
    ask="the Jacobian of (M @ x) ** 2, row by row",
    truth=_rows,
    cases=_layer,
    hint="Print the rows for a small M. Which of them is right already, and what is different about it?",
    mistakes=(
        Mistake("M8", lambda M, x: np.cumsum(_rows(M, x), axis=0), GROWING),
        Mistake("M8", lambda M, x: np.tile(_rows(M, x).sum(axis=0), (len(M), 1)), GROWING),
        Mistake(
            "M5", lambda M, x: _rows(M, x).T, "Your table lies on its side: row i belongs to the i-th number of y."
        ),
        Mistake("M2", lambda M, x: M, "That is the Jacobian of M @ x alone; the square has a derivative, too."),
        Mistake(
            "M11", lambda M, x: _rows(M, x) / 2, "A factor is missing: the square uses its argument in two places."
        ),
        Mistake("last", lambda M, x: _rows(M, x)[-1], ONE_ROW),
        Mistake("last", lambda M, x: _rows(M, x)[0], ONE_ROW),
        Mistake(
            "at once",
            lambda M, x: _rows(M, x).sum(axis=0),
            "Those are all rows, added up: v = (1, …, 1) asks for them at once. Asked is the table.",
        ),
        Mistake(
            "memory",
            lambda M, x: np.vstack([0 * _rows(M, x)[:-1], _rows(M, x)[-1:]]),
            "A row was cleared after it had been put away: it is the array x.grad itself, and no copy of it.",
        ),
        Mistake("methods", _with_methods, "x.grad is a NumPy array here: it has none of PyTorch's methods, as zero_."),
    ),
)


# ---------------------------------------------------------------------- 3: a wire that is cut
def _cut_loss(x: float, w: float) -> Tensor:
    x_, w_ = tensor(x, name="x"), parameter(w, name="w")
    u = w_ * x_
    d = u.detach()
    e = w_ + d
    L = e * u
    u.name, d.name, e.name, L.name = "u", "d", "e", "L"
    return L


CUT = Item(
    id="ex10.3",
    name="gradient_of_w",
    ask="what stands in w.grad",
    kind="value",
    truth=lambda x, w: w * x + (w + w * x) * x,
    cases=lambda draw: (draw.one_of([2.0, 3.0, 4.0]), draw.one_of([-1.5, 1.75, 2.25, 2.5])),
    hint="Follow the arrows back to w: one through e, one through u. Nothing comes through where no arrow is.",
    figure=lambda x, w: asked(_cut_loss(x, w)),
    mistakes=(
        Mistake(
            "cut",
            lambda x, w: 2 * (w + w * x) * x,
            "That is the gradient without detach: from d, no arrow leads on to u.",
        ),
        Mistake("M1", lambda x, w: w * x, "That is one of the two contributions: w feeds u as well."),
        Mistake("M1", lambda x, w: (w + w * x) * x, "That is one of the two contributions: w feeds e as well."),
        Mistake(
            "forward",
            lambda x, w: w * x + w * x,
            "The forward pass does not notice a detach: d has the number that u has, and so e is w + d.",
        ),
        Mistake(
            "cut",
            lambda x, w: w * x + w * x + (w + w * x) * x,
            "Something was sent to d and went on. d is a given number: no message comes to it.",
        ),
        Mistake("M12", lambda x, w: -w * x - (w + w * x) * x, "The size is right: look at the sign."),
        Mistake("M2", lambda x, w: 1 + x, "Those are the local gradients of the last two arrows, without the red."),
        Mistake("value", lambda x, w: (w + w * x) * w * x, "That is the loss. Asked is how it answers to w."),
    ),
)


# ---------------------------------------------------------------------- 4: which gradients are kept
KEPT = ("w", "b", "h")
NAMES = "x", "w", "b", "c", "h", "s", "d", "loss"
DROPPED = (
    "The gradients of all results were computed, but PyTorch drops those on the way back. Whose does it keep without "
    "being asked, and whom was it asked about?"
)
REACHED = "One of your names requires a gradient, and no message ever comes to it: does the loss use it?"
NO_GRADIENT = "One of your names requires no gradient: it is data, or it was cut off."
LEAVES = "A name is missing: a leaf that requires a gradient and is used by the loss needs nobody to ask for it."
ASKED = "A name is missing: one line of the program asks PyTorch to keep what it would drop."


def _judged_names(answer: Any) -> str | None:
    names = names_in(answer, NAMES)
    if names is None:
        return 'The answer is a list of names in quotes, such as ["x", "loss"].'
    given = set(names)
    if unknown := given - set(NAMES):
        return f"The program has no tensor {min(unknown)!r}; its names are {', '.join(NAMES)}."
    faults = (
        (given & {"x", "d"}, NO_GRADIENT),
        (given & {"s", "loss"}, DROPPED),
        (given & {"c"}, REACHED),
        ({"w", "b"} - given, LEAVES),
        ({"h"} - given, ASKED),
    )
    return next((hint for found, hint in faults if found), None)


def _names(*names: str) -> Callable[[], list[str]]:
    return lambda: list(names)


WHICH = Item(
    id="ex10.4",
    name="kept",
    ask="a list of names",
    kind="value",
    truth=_names(*KEPT),
    cases=lambda _: (),
    hint="Go through the tensors one by one.",
    judge=_judged_names,
    mistakes=(
        Mistake("M13", _names("w", "b", "h", "s", "loss"), DROPPED),
        Mistake("M13", _names("w", "b", "c", "h", "s", "loss"), DROPPED),
        Mistake("unused", _names("w", "b", "c", "h"), REACHED),
        Mistake("asked", _names("w", "b"), ASKED),
        Mistake("data", _names("x", "w", "b", "h"), NO_GRADIENT),
    ),
)


# ---------------------------------------------------------------------- 6: four messages
CAUSES = ["d", "e", "a", "b"]
SAYS = (
    "Message 1 is about the number at which a backward pass begins",
    "Message 2 is about a loss that remembers no past",
    "Message 3 is about a line before any backward pass, and about a tensor that was made, not computed",
    "Message 4 is about a value that an op had kept for the way back",
)
DOES = {
    "a": "program a changes the numbers of a leaf",
    "b": "program b changes the result of an op that needs its result again",
    "c": "program c changes the result of an op that does not need its result again",
    "d": "program d has no sum in its loss",
    "e": "program e cuts a wire",
}


def _judged_causes(answer: Any) -> str | None:
    names = names_in(answer, DOES, ordered=True) or []
    letters = [letter for letter in "".join(names).lower() if letter.isalpha()]
    if len(letters) != len(CAUSES) or not DOES.keys() >= set(letters):
        return 'The answer is a list of four letters from "a" to "e", one for each message.'
    return next((f"{SAYS[i]}; {DOES[x]}." for i, x in enumerate(letters) if x != CAUSES[i]), None)


def _letters(letters: Iterable[str]) -> Mistake:
    answer = list(letters)
    return Mistake("message", lambda: answer, _judged_causes(answer) or "")


MESSAGES = Item(
    id="ex10.6",
    name="causes",
    ask="a list of four letters, one for each message",
    kind="value",
    truth=lambda: CAUSES,
    cases=lambda _: (),
    hint="Ask of each message what PyTorch wanted to do at that moment, and what it missed.",
    judge=_judged_causes,
    mistakes=tuple(_letters(letters) for letters in ("deac", "deba", "edab", "dcab", "daeb", "aeab")),
)

ITEMS = (SLICE, ROW_BY_ROW, CUT, WHICH, SHARED, MESSAGES)
