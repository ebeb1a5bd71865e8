"""What is computed: expressions of scalars, a chain of vectors, and the data of a classifier."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Unary = Callable[[Any], Any]
Build = Callable[[Unary, Unary, list[Any]], Any]  # (constant, relu, leaves) -> loss
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Scale:
    """How large the workloads are, and how often they are repeated."""

    rounds: int = 9
    points: int = 100  # of the network of scalars
    layers: tuple[int, ...] = (784, 256, 128, 10)
    batch: int = 64
    steps: int = 20  # of the classifier, in a round
    chain: int = 1_000
    growth: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    nodes: int = 100_000  # for memory
    small: tuple[int, ...] = (2, 4, 1)  # layers of the network that is drawn beside others': about 50 nodes
    drawn: tuple[tuple[int, ...], ...] = ((2, 4, 1), (2, 6, 6, 1), (2, 11, 11, 1), (2, 16, 16, 1))  # 50 to 1,000 nodes


FULL = Scale()
TINY = Scale(
    rounds=1, points=3, layers=(6, 5, 4, 3), batch=4, steps=1, chain=10, growth=(50, 200), nodes=200,
    small=(1, 1, 1), drawn=((1, 1, 1), (2, 2, 1)),
)  # fmt: skip
NETWORK = (2, 16, 16, 1)


# ---------------------------------------------------------------------- scalars
def readme(constant: Unary, relu: Unary, leaves: list[Any]) -> Any:
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


def moons(count: int) -> list[tuple[float, float, float]]:
    """Points on two half circles, and the side each belongs to: 1 or -1."""
    noise = random.Random(1)
    points = []
    for i in range(count):
        angle, side = math.pi * i / count, 1.0 if i % 2 else -1.0
        x, y = math.cos(angle) * -side + (side > 0), math.sin(angle) * -side + 0.5 * (side > 0)
        points.append((x + noise.gauss(0, 0.1), y + noise.gauss(0, 0.1), side))
    return points


def network(count: int) -> tuple[Build, list[float]]:
    """The max-margin loss of a 2-16-16-1 network on so many points, with weight decay, and its first weights."""
    sizes = list(itertools.pairwise(NETWORK))
    draw = random.Random(2)
    start = [draw.uniform(-1, 1) if i < below else 0.0 for below, above in sizes for _ in range(above)
             for i in range(below + 1)]  # fmt: skip

    def build(constant: Unary, relu: Unary, leaves: list[Any]) -> Any:
        losses = []
        for x, y, side in moons(count):
            layer = [constant(x), constant(y)]
            weights = iter(leaves)
            for below, above in sizes:
                sums = [affine([next(weights) for _ in range(below + 1)], layer) for _ in range(above)]
                layer = sums if above == 1 else [relu(z) for z in sums]
            losses.append(relu(layer[0] * -side + 1.0))
        return total(losses) * (1.0 / count) + total([w * w for w in leaves]) * 1e-4

    return build, start


def perceptron(layers: tuple[int, ...]) -> tuple[Build, list[float]]:
    """The squared error of a network with ReLU between its layers at one point, and its weights."""
    sizes = list(itertools.pairwise(layers))
    draw = random.Random(3)
    start = [draw.uniform(-1, 1) for below, above in sizes for _ in range((below + 1) * above)]

    def build(constant: Unary, relu: Unary, leaves: list[Any]) -> Any:
        weights = iter(leaves)
        layer = [constant(0.5 - i) for i in range(layers[0])]
        for i, (below, above) in enumerate(sizes, start=1):
            sums = [affine([next(weights) for _ in range(below + 1)], layer) for _ in range(above)]
            layer = sums if i == len(sizes) else [relu(z) for z in sums]
        return (layer[0] + -1.0) ** 2

    return build, start


def affine(weights: list[Any], layer: list[Any]) -> Any:
    """The bias, which comes last, and a product for each input, added one by one."""
    *weights, z = weights
    for w, x in zip(weights, layer, strict=True):
        z = z + w * x
    return z


def total(values: list[Any]) -> Any:
    """The values added one by one."""
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result


def tree(nodes: int) -> tuple[Build, list[float]]:
    """A loss of so many nodes: products of a few leaves, added up pair by pair."""

    def build(constant: Unary, relu: Unary, leaves: list[Any]) -> Any:
        first, *rest = leaves
        level = [first * rest[i % len(rest)] for i in range(nodes // 2)]
        while len(level) > 1:
            odd = level[len(level) // 2 * 2 :]
            level = [a + b for a, b in zip(level[::2], level[1::2], strict=False)] + odd
        return level[0]

    return build, [1.5, *(0.01 * i for i in range(1, 9))]


# ---------------------------------------------------------------------- arrays
def vectors() -> list[Array]:
    """The leaves of the chain x ← x * a + b: vectors of ten elements."""
    draw = np.random.default_rng(0)
    return [draw.uniform(0.9, 1.0, 10) for _ in range(3)]


@dataclass(frozen=True)
class Classifier:
    """A network of affine layers with ReLU between them, its inputs and the classes they belong to."""

    weights: list[Array]
    biases: list[Array]
    x: Array
    classes: Array
    rate: float = 0.01


def classifier(layers: tuple[int, ...], batch: int, dtype: Any) -> Classifier:
    """Weights, inputs and classes drawn at random, the same in every run."""
    draw = np.random.default_rng(0)
    sizes = list(itertools.pairwise(layers))
    return Classifier(
        [(draw.standard_normal((i, o)) * np.sqrt(2 / i)).astype(dtype) for i, o in sizes],
        [np.zeros(o, dtype) for _, o in sizes],
        draw.random((batch, layers[0])).astype(dtype),
        draw.integers(0, layers[-1], batch),
    )
