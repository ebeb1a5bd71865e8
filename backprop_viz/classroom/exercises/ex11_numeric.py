"""The exercise in which a gradient is measured, element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..dyadic import Array, Dyadic
from ..item import Item, Mistake

Function = Callable[[Array], Any]
FUNCTIONS: dict[str, Function] = {  # in all of them each element answers to the others
    "(x ** 3).sum() + x.sum() ** 2": lambda x: (x**3).sum() + x.sum() ** 2,
    "(x ** 2).sum() * x.sum()": lambda x: (x**2).sum() * x.sum(),
    "(x ** 3).sum() - x.sum() ** 3": lambda x: (x**3).sum() - x.sum() ** 3,
}


class Formula:
    """A function that a check shows by its formula."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __call__(self, x: Array) -> Any:
        """The function's value."""
        return FUNCTIONS[self.text](x)

    def __repr__(self) -> str:
        return self.text


def _nudged(draw: Dyadic) -> tuple[Function, Array, float]:
    named = Formula(draw.one_of(list(FUNCTIONS)))
    shape = draw.one_of([(2,), (3,), (2, 2), (2, 3)])
    return named, draw.array(*shape, low=-2, high=2), draw.one_of([0.25, 0.5])


def _each(slope: Callable[[Function, Array, Array, float], float]) -> Callable[[Function, Array, float], Array]:
    """The gradient whose elements are found with `slope`, from the function, x, and the nudge of one element."""

    def gradient(f: Function, x: Array, h: float) -> Array:
        found = np.zeros_like(x)
        for place in np.ndindex(x.shape):
            nudge = np.zeros_like(x)
            nudge[place] = h
            found[place] = slope(f, x, nudge, h)
        return found

    return gradient


def _piled_up(f: Function, x: Array, h: float) -> Array:
    x, found = x.copy(), np.zeros_like(x)
    for place in np.ndindex(x.shape):
        x[place] += h
        right = f(x)
        x[place] -= 2 * h
        found[place] = (right - f(x)) / (2 * h)
    return found


def _central(f: Function, x: Array, n: Array, h: float) -> Any:
    return (f(x + n) - f(x - n)) / (2 * h)


ONE_SIDED = "You went to one side only. With a step to the other side as well, the bend cancels."
NUMERIC = Item(
    id="ex11.1",
    name="numeric_gradient",
    ask="return an array like x with a central difference for each element",
    truth=lambda f, x, h: _each(_central)(f, x, h),
    cases=_nudged,
    hint="Nudge one element by the given h, up and down; call f both times; then put the element back and go on.",
    mistakes=(
        Mistake("one-sided", _each(lambda f, x, n, h: (f(x + n) - f(x)) / h), ONE_SIDED),
        Mistake("one-sided", _each(lambda f, x, n, h: (f(x) - f(x - n)) / h), ONE_SIDED),
        Mistake("distance", _each(lambda f, x, n, h: 2 * _central(f, x, n, h)), "How far apart are your two points?"),
        Mistake("M12", _each(lambda f, x, n, h: -_central(f, x, n, h)), "The sign is turned: right minus left."),
        Mistake("M7", _piled_up, "An element stays nudged while the next one is measured: put it back."),
        Mistake(
            "all",
            lambda f, x, h: np.full_like(x, _central(f, x, np.full_like(x, h), h)),
            "All elements were nudged at once; that measures what they do together. Nudge one at a time.",
        ),
        Mistake(
            "precedence",
            _each(lambda f, x, n, h: _central(f, x, n, h) * h * h),
            "Divided by 2, and then multiplied by h: a / 2 * h is not a / (2 * h).",
        ),
        Mistake(
            "alias",
            lambda f, x, h: np.zeros_like(x),
            "Both nudges meet in one array: y = x copies nothing, it only gives x another name.",
        ),
        Mistake(
            "half",
            _each(lambda f, x, n, h: (f(x + n / 2) - f(x - n / 2)) / h),
            "Your two points are h apart: go the whole h to either side.",
        ),
    ),
)
