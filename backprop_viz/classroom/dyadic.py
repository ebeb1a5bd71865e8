"""Random numbers that a float holds exactly, so that right answers agree to the last bit however they are summed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
Array = np.ndarray[Any, np.dtype[np.float64]]


class Dyadic:
    """Draws numbers from a grid of quarters; the same seed gives the same numbers."""

    def __init__(self, seed: int) -> None:
        self._draw = np.random.default_rng(seed)

    def number(self, low: float = -3.0, high: float = 3.0, *, zero: bool = False) -> float:
        """A multiple of 1/4 from low to high, both possible; 0 only if it is asked for."""
        while True:
            found = int(self._draw.integers(round(4 * low), round(4 * high), endpoint=True)) / 4
            if found or zero:
                return found

    def array(self, *shape: int, low: float = -3.0, high: float = 3.0, zero: bool = False) -> Array:
        """An array of such numbers."""
        numbers = [self.number(low, high, zero=zero) for _ in range(int(np.prod(shape)))]
        return np.array(numbers).reshape(shape)

    def integer(self, low: int, high: int) -> int:
        """A whole number from low to high, both possible."""
        return int(self._draw.integers(low, high, endpoint=True))

    def one_of(self, choices: Sequence[T]) -> T:
        """One of these."""
        return choices[self.integer(0, len(choices) - 1)]

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """All of these, in another order."""
        return [things[i] for i in self._draw.permutation(len(things))]
