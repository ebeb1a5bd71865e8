"""Central differences, and whether a derivative agrees with them: where it does not, a wrong one told from a kink."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .report import Entry
from .values import stored

Function = Callable[[Any], Any]  # of one value, giving an array: what is differentiated is the sum of its elements
Sides = tuple[float, float]  # the differences from the left and from the right
CLOSER = 16  # how much shorter the second step is


@dataclass(frozen=True, slots=True)
class Differences:
    """Central differences with the step eps · max(1, |x|), and how near they are to a claim that they confirm."""

    eps: float
    rtol: float
    atol: float

    def compared(self, analytic: Any, value: Any, f: Function) -> dict[str, tuple[Entry, ...]]:
        """The entries of a gradient that differences do not confirm: the "wrong" ones, and those on a "kink"."""
        found: dict[str, list[Entry]] = {"wrong": [], "kink": []}
        value = np.array(value, dtype=np.float64)
        with np.errstate(all="ignore"):
            here = np.asarray(f(stored(value)))
            for index in np.ndindex(value.shape):
                verdict, entry = self._judged(index, float(np.asarray(analytic)[index]), value, here, f)
                if verdict:
                    found[verdict].append(entry)
        return {verdict: tuple(entries) for verdict, entries in found.items() if entries}

    def _judged(self, index: tuple[int, ...], claim: float, value: Any, here: Any, f: Function) -> tuple[str, Entry]:
        """ "" for a derivative that is confirmed, "wrong", or "kink"."""
        step = self.eps * max(1.0, abs(float(value[index])))
        sides = _sides(f, here, value, index, step)
        entry = Entry(index, claim, sum(sides) / 2)
        undefined = np.isnan(here)
        if undefined.any() and (undefined.all() or np.isnan(claim)):
            return "kink", entry
        # Two nearly equal numbers are subtracted: what they cannot resolve cannot be asked for.
        noise = 8 * float(np.finfo(float).eps) * float(np.max(np.abs(here[np.isfinite(here)]), initial=0.0)) / step
        near = abs(claim - entry.numeric) <= self.atol + self.rtol * abs(entry.numeric) + noise
        near = near or claim == entry.numeric
        if near and abs(sides[1] - sides[0]) <= self.atol + 1e-3 * max(map(abs, sides)) + noise:
            return "", entry
        closer = _sides(f, here, value, index, step / CLOSER)
        if self._kink(claim, sides, closer, CLOSER * noise, near):
            return "kink", entry
        return "" if near else "wrong", entry

    def _kink(self, claim: float, wide: Sides, close: Sides, noise: float, near: bool) -> bool:
        """Whether there is no one derivative here, and the claim is one of those that could be meant."""
        if not np.isfinite(wide).all():  # at the edge of the domain
            return not np.isnan(claim)
        gap, gap_close = abs(wide[1] - wide[0]), abs(close[1] - close[0])
        slack = self.atol + 1e-3 * max(map(abs, close)) + noise
        if gap_close > max(0.5 * gap, slack):  # of a smooth function the gap shrinks with the step
            return min(close) - slack <= claim <= max(close) + slack
        # A kink beside the point, within the step: a shorter one does not reach it.
        return not near and gap > 10 * slack and abs(claim - sum(close) / 2) <= slack


def _sides(f: Function, here: Any, value: Any, index: tuple[int, ...], step: float) -> Sides:
    """The differences from the left and from the right, by one entry; what is nan at the point itself is left out."""
    below, above = value.copy(), value.copy()
    below[index] -= step
    above[index] += step
    defined = ~np.isnan(here)
    left, right = (here - f(stored(below)))[defined], (f(stored(above)) - here)[defined]
    return float(np.sum(left)) / step, float(np.sum(right)) / step
