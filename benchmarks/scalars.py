"""Times scalar graphs, forward and backward, beside the engines a reader would pick instead.

    python benchmarks/scalars.py [rounds]

Rounds are interleaved and each is compared with micrograd's (else our own) round: a busy machine blurs the ratio but
does not shift it. Every engine's gradients are compared before anything is timed.
"""

from __future__ import annotations

import gc
import itertools
import math
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

sys.setrecursionlimit(200_000)  # micrograd's backward pass is recursive

Unary = Callable[[Any], Any]
Engine = tuple[Unary, Unary]  # a leaf that needs a gradient, and relu
SIZES = (2, 16, 16, 1)


# ---------------------------------------------------------------------- what is computed
def readme(leaf: Unary, relu: Unary, leaves: list[Any]) -> Any:
    """The expression of micrograd's README."""
    a, b = leaves
    c = a + b
    d = a * b + b**3
    c = c + (c + 1)
    c = c + (1 + c + (-a))
    d = d + (d * 2 + relu(b + a))
    d = d + (3 * d + relu(b - a))
    f = (c - d) ** 2
    return f / 2.0 + 10.0 / f


def chain(leaf: Unary, relu: Unary, leaves: list[Any]) -> Any:
    """10,000 nodes in a row."""
    x, a, b = leaves
    for _ in range(5_000):
        x = x * a + b
    return x


def network(leaf: Unary, relu: Unary, leaves: list[Any]) -> Any:
    """A 2-16-16-1 network on 100 points with the max-margin loss, scalar by scalar: 65,000 nodes."""
    losses = []
    for i in range(100):
        side = 1.0 if i % 2 else -1.0
        layer = [leaf(math.cos(i * 0.06) * side), leaf(math.sin(i * 0.06) * side)]
        weights = iter(leaves)
        for depth, width in enumerate(SIZES[1:]):
            sums = []
            for _ in range(width):
                total = next(weights)
                for value in layer:
                    total = total + next(weights) * value
                sums.append(total if depth == 2 else relu(total))
            layer = sums
        losses.append(relu(layer[0] * side + 1.0))
    mean = losses[0]
    for loss in losses[1:]:
        mean = mean + loss
    return mean * 0.01


COUNT = sum((before + 1) * after for before, after in itertools.pairwise(SIZES))
WORK: dict[str, tuple[Callable[[Unary, Unary, list[Any]], Any], list[float], int]] = {  # how many runs make a round
    "README of micrograd": (readme, [-4.0, 2.0], 200),
    "chain of 10,000": (chain, [1.0, 0.9999, 0.0001], 3),
    "network 2-16-16-1": (network, [random.Random(i).uniform(-1, 1) for i in range(COUNT)], 1),
}


# ---------------------------------------------------------------------- who computes it
def engines() -> dict[str, Engine]:
    """The engines that are installed; the first is what the others are compared with."""
    found: dict[str, Engine] = {}
    try:
        from micrograd.engine import Value

        found["micrograd"] = (Value, Value.relu)
    except ImportError:
        pass
    import backprop_viz as bp

    found["backprop_viz"] = (bp.parameter, bp.relu)
    try:
        import torch

        torch.set_num_threads(1)
        found["torch"] = (lambda v: torch.tensor(v, dtype=torch.float64, requires_grad=True), torch.relu)
    except ImportError:
        pass
    return found


def step(work: str, engine: Engine) -> list[float]:
    """The loss's gradients by the leaves, after one forward and one backward pass."""
    build, values, _ = WORK[work]
    leaves = [engine[0](value) for value in values]
    build(*engine, leaves).backward()
    return [float(x.grad) for x in leaves]


def seconds(work: str, engine: Engine) -> float:
    """The time of one step, the mean over a round."""
    runs = WORK[work][2]
    gc.collect()
    start = time.perf_counter()
    for _ in range(runs):
        step(work, engine)
    return (time.perf_counter() - start) / runs


def main(rounds: int) -> None:
    """Print a table for each work."""
    found = engines()
    first = next(iter(found))
    for work in WORK:
        expected = step(work, found[first])
        for name, engine in found.items():
            if not all(map(lambda a, b: math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12), step(work, engine), expected)):
                raise SystemExit(f"{work}: {name} and {first} differ in their gradients")
        times = [{name: seconds(work, engine) for name, engine in found.items()} for _ in range(rounds)]
        print(f"\n{work} (ratio to {first}, median of {rounds} rounds)")
        for name in found:
            ratios = sorted(round_[name] / round_[first] for round_ in times)
            milliseconds = statistics.median(round_[name] for round_ in times) * 1e3
            middle = statistics.median(ratios)
            print(f"  {name:14}{milliseconds:10.3f} ms {middle:8.2f}   [{ratios[0]:.2f} … {ratios[-1]:.2f}]")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
