"""How it is measured, and one row of the table for each measurement."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .peers import OURS

PEERS = ("micrograd", "autograd", "torch", "NumPy", "own pass", "torchviz", "torchlens", "Graphviz")
SLOW = 1.0  # seconds: an engine that takes longer runs in three rounds only
HEAD = ("", OURS, *PEERS, "target", "met")


@dataclass(frozen=True)
class Spread:
    """The median of the rounds, and the smallest and largest of them."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        digits = 2 if self.middle >= 0.1 else 3 if self.middle >= 0.01 else 4
        return f"{self.middle:.{digits}f} ({self.low:.{digits}f}–{self.high:.{digits}f})"


@dataclass(frozen=True)
class Row:
    """One measurement of ours, as a ratio to that of each peer, or as a number that has a target of its own.

    targets: the peer (or "" for our number itself) -> the largest ratio (or the range) that is good enough
    """

    name: str
    part: str
    said: str  # our own measurement, with its unit
    ratios: dict[str, Spread] = field(default_factory=dict)
    value: float | None = None
    targets: dict[str, float | tuple[float, float]] = field(default_factory=dict)

    def verdicts(self) -> dict[str, bool]:
        """Whether each target whose peer was measured is met."""
        met = {}
        for peer, target in self.targets.items():
            measured = self.ratios[peer].middle if peer in self.ratios else None if peer else self.value
            if measured is not None:
                low, high = target if isinstance(target, tuple) else (0.0, target)
                met[peer] = low <= measured <= high
        return met

    def cells(self) -> list[str]:
        """The row as text."""
        targets = [limit(target) + (f" of {peer}" if peer else "") for peer, target in self.targets.items()]
        verdicts = ["yes" if met else "NO" for met in self.verdicts().values()]
        ratios = [str(self.ratios[peer]) if peer in self.ratios else "" for peer in PEERS]
        return [self.name, self.said, *ratios, ", ".join(targets), ", ".join(verdicts)]


def limit(target: float | tuple[float, float]) -> str:
    """What a target asks for."""
    if not isinstance(target, tuple):
        return f"≤ {target:g}"
    low, high = target
    return f"≥ {low:g}" if high == math.inf else f"{low:g}–{high:g}"


def text(rows: list[Row]) -> str:
    """The table in Markdown; columns that no row fills are left out."""
    lines = [list(HEAD), *(row.cells() for row in rows)]
    kept = [i for i in range(len(HEAD)) if i < 2 or any(line[i] for line in lines[1:])]
    widths = {i: max(len(line[i]) for line in lines) for i in kept}
    lines.insert(1, ["-" * widths.get(i, 0) for i in range(len(HEAD))])
    return "\n".join("| " + " | ".join(line[i].ljust(widths[i]) for i in kept) + " |" for line in lines)


# ---------------------------------------------------------------------- measuring
def compared(name: str, results: dict[str, tuple[Any, Any]], rtol: float = 1e-9) -> None:
    """An error unless all engines have the same loss and gradients."""
    (first, (loss, gradients)), *others = results.items()
    for other, (its_loss, its_gradients) in others:
        same = np.allclose(its_loss, loss, rtol=rtol)
        for a, b in zip(its_gradients, gradients, strict=True):
            same = same and np.allclose(a, b, rtol=rtol, atol=rtol * max(1e-3, np.abs(b).max()))
        if not same:
            raise SystemExit(f"{name}: {first} and {other} differ in the loss or its gradients: nothing is timed")


def seconds(step: Callable[[], Any], repeat: int) -> float:
    """The time of one step: the median of so many."""
    gc.collect()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def side_by_side(steps: dict[str, Callable[[], Any]], rounds: int, repeat: int = 1) -> tuple[float, dict[str, Spread]]:
    """The time of our step, and its ratio to that of each peer, taken round by round.

    A busy machine slows all that run in one round: it blurs the ratios, and does not shift them.
    """
    times: list[dict[str, float]] = []
    for i in range(rounds):
        order = [name for name in steps if name == OURS or i < 3 or times[0][name] < SLOW]
        times.append({name: seconds(steps[name], repeat) for name in (order if i % 2 else order[::-1])})
    ratios = {
        name: Spread.of([each[OURS] / each[name] for each in times if name in each]) for name in steps if name != OURS
    }
    return statistics.median(each[OURS] for each in times), ratios


def milliseconds(time_taken: float) -> str:
    """A time for the table."""
    return f"{time_taken * 1e3:.3g} ms" if time_taken < 1 else f"{time_taken * 1e3:,.0f} ms"
