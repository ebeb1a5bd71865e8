"""Exercises on cost: a slope on log-log axes, steps counted, a pass that repeats itself, checkpoints, a deep chain."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from ..dyadic import Dyadic
from ..item import Item, Mistake
from .ex09_counts import COSTS
from .ex09_once import ONCE
from .letters import choice

Numbers = np.ndarray[Any, np.dtype[np.float64]]


# ---------------------------------------------------------------------- 1: a slope
def _fit(X: Numbers, Y: Numbers) -> float:
    return float(np.polyfit(X, Y, 1)[0])


def _measured(draw: Dyadic) -> tuple[Numbers, Numbers]:
    """Sizes, and times that follow a power law with some disorder."""
    count, exponent = draw.integer(4, 6), draw.one_of([0.5, 1.0, 1.5, 2.0, 3.0])
    sizes = np.array([100.0 * 3.0**i * draw.one_of([1.0, 1.25, 0.75]) for i in range(count)])
    disorder = np.array([draw.one_of([0.8, 0.9, 1.0, 1.15, 1.3]) for _ in range(count - 1)] + [0.7])
    return sizes, np.array([float(f"{t:.3g}") for t in 1e-5 * sizes**exponent * disorder])


SLOPE = Item(
    id="ex09.1",
    name="slope",
    ask="return the slope of the line through the logarithms",
    truth=lambda sizes, times: _fit(np.log(sizes), np.log(times)),
    cases=_measured,
    hint="If times were exactly c · sizes², the answer would be 2. Try that on your function first.",
    mistakes=(
        Mistake(
            "axes",
            lambda sizes, times: _fit(sizes, times),
            "That line was fitted to the numbers themselves. On log–log axes both have become logarithms.",
        ),
        Mistake("axes", lambda sizes, times: _fit(sizes, np.log(times)), "The horizontal axis is logarithmic, too."),
        Mistake("axes", lambda sizes, times: _fit(np.log(sizes), times), "The vertical axis is logarithmic, too."),
        Mistake(
            "base",
            lambda sizes, times: _fit(np.log(sizes), np.log10(times)),
            "Two bases are mixed. Any base will do if both axes have the same.",
        ),
        Mistake(
            "base",
            lambda sizes, times: _fit(np.log10(sizes), np.log(times)),
            "Two bases are mixed. Any base will do if both axes have the same.",
        ),
        Mistake(
            "swapped",
            lambda sizes, times: _fit(np.log(times), np.log(sizes)),
            "The two axes are swapped: time is the height, and size goes to the right.",
        ),
        Mistake(
            "ends",
            lambda sizes, times: float(np.log(times[-1] / times[0]) / np.log(sizes[-1] / sizes[0])),
            "That is the slope between the first point and the last. The line shall fit all points, by least squares.",
        ),
        Mistake(
            "intercept",
            lambda sizes, times: np.polyfit(np.log(sizes), np.log(times), 1),
            "You returned two numbers, the slope and the intercept. Asked is one of them.",
        ),
        Mistake(
            "intercept",
            lambda sizes, times: float(np.polyfit(np.log(sizes), np.log(times), 1)[1]),
            "That is the intercept, the height of the line where log size is 0. The slope stands before it.",
        ),
        Mistake(
            "neighbours",
            lambda sizes, times: float(np.mean(np.diff(np.log(times)) / np.diff(np.log(sizes)))),
            "That is the mean of the slopes from point to point. One line shall fit all points, by least squares.",
        ),
        Mistake(
            "ratio",
            lambda sizes, times: float(np.mean(np.log(times) / np.log(sizes))),
            "log t / log s is no slope: it forgets the constant factor in front of the power.",
        ),
    ),
)


# ---------------------------------------------------------------------- 3: products of a whole network
def _layers(B: int, widths: list[int]) -> list[int]:
    return [B * below * above for below, above in pairwise(widths)]


def _products(B: int, widths: list[int]) -> tuple[int, int]:
    each = _layers(B, widths)
    return sum(each), 2 * sum(each) - each[0]


PRODUCTS = Item(
    id="ex09.3",
    name="multiplications",
    ask="return the multiplications forward, and those backward",
    truth=_products,
    cases=lambda draw: (draw.integer(2, 9), [draw.integer(2, 9) for _ in range(draw.integer(2, 5))]),
    hint="Write down the shapes of X, W and G for one layer. Shapes (r, s) and (s, t) take r · s · t multiplications.",
    mistakes=(
        Mistake(
            "inputs",
            lambda B, widths: (sum(_layers(B, widths)), 2 * sum(_layers(B, widths))),
            "One of your products is computed for nobody: who would use the gradient of the data?",
        ),
        Mistake(
            "parameters",
            lambda B, widths: _products(1, widths),
            "You counted parameters. Every example of the batch uses each of them anew.",
        ),
        Mistake(
            "one product",
            lambda B, widths: (sum(_layers(B, widths)), sum(_layers(B, widths))),
            "On the way back a layer sends to its weights and, in general, to the layer below: not always one product.",
        ),
        Mistake(
            "last layer",
            lambda B, widths: (sum(_layers(B, widths)), 2 * sum(_layers(B, widths)) - _layers(B, widths)[-1]),
            "A product can be spared at one end of the network, but not at the end where the loss is.",
        ),
        Mistake(
            "order",
            lambda B, widths: _products(B, widths)[::-1],
            "The right two numbers, in another order: forward first, then backward.",
        ),
    ),
)


# ---------------------------------------------------------------------- 5: checkpoints
def _plan(n: int, k: int) -> tuple[int, int, int]:
    return k, -(-n // k) + k, 2 * n - k


def _best(n: int, ties: int = -1) -> tuple[int, int, int]:
    """The plan for n layers; of equally good segments the longer, with ties=1 the shorter."""
    return _plan(n, min((k for k in range(1, n + 1) if n % k == 0), key=lambda k: (n // k + k, ties * k)))


PLAN = Item(
    id="ex09.5",
    name="checkpoint_plan",
    ask="return the length k, the values stored, and the layers computed",
    truth=lambda n: _best(n),
    cases=lambda draw: (draw.one_of([12, 13, 16, 18, 20, 24, 36, 40, 48, 60, 72, 90, 100, 144, 200]),),
    hint="Try n = 6 on paper: what is n/k + k for k = 1, 2, 3, 6? And return (k, stored, computed), in this order.",
    mistakes=(
        Mistake(
            "again",
            lambda n: (*_best(n)[:2], 2 * n),
            "One segment is computed once only: when the forward pass comes to it, the backward pass can begin.",
        ),
        Mistake(
            "tie",
            lambda n: _best(n, ties=1),
            "Another k stores as few values, and computes fewer layers.",
        ),
        Mistake(
            "divisor",
            lambda n: _plan(n, round(n**0.5)),
            "√n tells where to look, but k shall divide n: all segments have the same length.",
        ),
        Mistake(
            "divisor",
            lambda n: min(((k, n // k + k, 2 * n - k) for k in range(1, n + 1)), key=lambda plan: plan[1:]),
            "That k does not divide n: all segments shall have the same length.",
        ),
        Mistake(
            "segments",
            lambda n: (n // _best(n)[0], *_best(n)[1:]),
            "Your first number counts the segments. Asked is how many layers each of them has.",
        ),
        Mistake(
            "kept",
            lambda n: (_best(n)[0], n // _best(n)[0], _best(n)[2]),
            "Stored are the values before the segments, and those of the segment that is being computed again.",
        ),
        Mistake(
            "again",
            lambda n: (*_best(n)[:2], n),
            "What was forgotten has to be computed a second time: more than n layers in all.",
        ),
        Mistake(
            "again",
            lambda n: (*_best(n)[:2], n - _best(n)[0]),
            "Those are the layers of the forward pass. On the way back every segment is computed, and recorded.",
        ),
        Mistake("all", lambda n: _plan(n, n), "With one single segment nothing is forgotten, and nothing is saved."),
    ),
)


# ---------------------------------------------------------------------- 6: a message
DEEP = choice(
    "ex09.6",
    "why_it_stopped",
    "c",
    Mistake("circle", lambda: "a", "Each layer calls the one after it, and never one before: the calls would end."),
    Mistake("paths", lambda: "b", "Count the paths from the first layer of a chain to the loss."),
    Mistake("memory", lambda: "d", "5,000 numbers are 40 kilobytes. Running out of memory is a MemoryError."),
)

ITEMS = (SLOPE, COSTS, PRODUCTS, ONCE, PLAN, DEEP)
