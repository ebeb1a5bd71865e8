"""Who computes it: the engines that a reader would pick instead, hand-written NumPy, and Backprop Viz.

Engines of scalars are functions (build, values) -> the loss and its gradients by the leaves, computed from scratch.
Classifiers have `gradients()`, one forward and backward pass, and `step()`, which also descends. What is not installed
is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

import backprop_viz as bp

from .workloads import Array, Build, Classifier

OURS = "Backprop Viz"
Engine = Callable[[Build, list[float]], tuple[float, list[float]]]


# ---------------------------------------------------------------------- engines of scalars
def ours(build: Build, values: list[float]) -> tuple[float, list[float]]:
    leaves = [bp.parameter(v) for v in values]
    loss = build(bp.tensor, bp.relu, leaves)
    loss.backward()
    return loss.data, [x.grad for x in leaves]


def micrograd(build: Build, values: list[float]) -> tuple[float, list[float]]:
    from micrograd.engine import Value

    leaves = [Value(v) for v in values]
    loss = build(Value, Value.relu, leaves)
    loss.backward()
    return loss.data, [x.grad for x in leaves]


def torch_scalars(build: Build, values: list[float]) -> tuple[float, list[float]]:
    import torch

    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]
    loss = build(lambda v: torch.tensor(v, dtype=torch.float64), torch.relu, leaves)
    loss.backward()
    return loss.item(), [x.grad.item() for x in leaves]


def autograd(build: Build, values: list[float]) -> tuple[float, list[float]]:
    import autograd as hips
    import autograd.numpy as anp

    loss, slopes = hips.value_and_grad(lambda leaves: build(float, lambda x: anp.maximum(x, 0.0), leaves))(values)
    return float(loss), [float(slope) for slope in slopes]


def scalar_engines() -> dict[str, Engine]:
    """The engines that are installed, by name."""
    found: dict[str, Engine] = {OURS: ours}
    for name, engine in (("micrograd", micrograd), ("torch", torch_scalars), ("autograd", autograd)):
        if find_spec(name):
            found[name] = engine
    if "torch" in found:
        one_thread()
    return found


def one_thread() -> None:
    """Let torch compute on one thread, as NumPy does here."""
    import torch

    torch.set_num_threads(1)


# ---------------------------------------------------------------------- classifiers
class NumpyByHand:
    """The classifier as an expert writes it in NumPy: each buffer is allocated once, and results go into it."""

    def __init__(self, work: Classifier) -> None:
        self.weights, self.biases = [w.copy() for w in work.weights], [b.copy() for b in work.biases]
        self.x, self.classes, self.rows = work.x, work.classes, np.arange(len(work.x))
        self.layers = [np.empty((len(work.x), w.shape[1]), w.dtype) for w in work.weights]
        self.back = [np.empty_like(h) for h in self.layers[:-1]]
        self.positive = [np.empty(h.shape, bool) for h in self.layers[:-1]]
        self.by_weights, self.by_biases = (
            [np.empty_like(w) for w in work.weights],
            [np.empty_like(b) for b in work.biases],
        )
        self.rate, self.share = work.x.dtype.type(work.rate), work.x.dtype.type(1 / len(work.x))

    def forward(self) -> float:
        h, last = self.x, len(self.layers) - 1
        for i, (w, b, out) in enumerate(zip(self.weights, self.biases, self.layers, strict=True)):
            np.matmul(h, w, out=out)
            np.add(out, b, out=out)
            if i < last:
                np.maximum(out, 0, out=out)
            h = out
        h -= h.max(1, keepdims=True)
        right = h[self.rows, self.classes]
        np.exp(h, out=h)
        sums = h.sum(1, keepdims=True)
        loss = (np.log(sums).sum() - right.sum()) * self.share
        h /= sums  # the probabilities
        return float(loss)

    def backward(self) -> None:
        g = self.layers[-1]
        g[self.rows, self.classes] -= 1
        g *= self.share
        for i in range(len(self.layers) - 1, -1, -1):
            below = self.layers[i - 1] if i else self.x
            np.matmul(below.T, g, out=self.by_weights[i])
            np.add.reduce(g, 0, out=self.by_biases[i])
            if i:
                np.matmul(g, self.weights[i].T, out=self.back[i - 1])
                np.greater(below, 0, out=self.positive[i - 1])
                g = np.multiply(self.back[i - 1], self.positive[i - 1], out=self.back[i - 1])

    def gradients(self) -> tuple[float, list[Array]]:
        loss = self.forward()
        self.backward()
        return loss, [*self.by_weights, *self.by_biases]

    def step(self) -> float:
        loss = self.forward()
        self.backward()
        for p, g in zip(self.weights + self.biases, self.by_weights + self.by_biases, strict=True):
            g *= self.rate
            p -= g
        return loss


class Torch:
    """The same in torch, on one thread."""

    def __init__(self, work: Classifier) -> None:
        import torch

        one_thread()
        self.weights = [torch.tensor(w, requires_grad=True) for w in work.weights]
        self.biases = [torch.tensor(b, requires_grad=True) for b in work.biases]
        self.x, self.classes = torch.tensor(work.x), torch.tensor(work.classes)
        self.optimizer = torch.optim.SGD(self.weights + self.biases, lr=work.rate)

    def gradients(self) -> tuple[float, list[Any]]:
        import torch

        self.optimizer.zero_grad()
        h = self.x
        for i, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = torch.addmm(b, torch.relu(h) if i else h, w)
        loss = torch.nn.functional.cross_entropy(h, self.classes)
        loss.backward()
        return loss.item(), [p.grad.numpy() for p in self.weights + self.biases]

    def step(self) -> float:
        loss, _ = self.gradients()
        self.optimizer.step()
        return loss


class Ours:
    """The same in Backprop Viz."""

    def __init__(self, work: Classifier) -> None:
        self.weights, self.biases = [bp.parameter(w) for w in work.weights], [bp.parameter(b) for b in work.biases]
        self.x, self.classes = bp.tensor(work.x), work.classes
        self.optimizer = bp.optim.SGD(self.weights + self.biases, lr=work.rate)

    def loss(self) -> bp.Tensor:
        h = self.x
        for i, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = (bp.relu(h) if i else h) @ w + b
        return bp.cross_entropy(h, self.classes)

    def gradients(self) -> tuple[float, list[Array]]:
        self.optimizer.zero_grad()
        loss = self.loss()
        loss.backward()
        return loss.item(), [p.grad for p in self.weights + self.biases]

    def step(self) -> float:
        loss, _ = self.gradients()
        self.optimizer.step()
        return loss


def classifiers(work: Classifier) -> dict[str, Any]:
    """The classifiers that can be made, by name."""
    made: dict[str, Any] = {OURS: Ours(work), "NumPy": NumpyByHand(work)}
    if find_spec("torch"):
        made["torch"] = Torch(work)
    return made


# ---------------------------------------------------------------------- a chain of vectors
def chain_in_numpy(leaves: list[Array], length: int) -> tuple[Any, list[Array]]:
    """The chain x ← x * a + b and the gradients of the sum of its end, with nothing but NumPy's operations."""
    x, a, b = leaves
    before = []
    for _ in range(length // 2):
        before.append(x)
        x = x * a + b
    g = np.ones(x.shape)
    by_a, by_b = np.zeros(x.shape), np.zeros(x.shape)
    for y in reversed(before):
        by_b = by_b + g
        by_a = by_a + g * y
        g = g * a
    return x.sum(), [g, by_a, by_b]


def chain_in_ours(leaves: list[Array], length: int) -> tuple[Any, list[Array]]:
    """The same in Backprop Viz."""
    x, a, b = parameters = [bp.parameter(leaf) for leaf in leaves]
    for _ in range(length // 2):
        x = x * a + b
    loss = x.sum()
    loss.backward()
    return loss.item(), [p.grad for p in parameters]


def chain_in_torch(leaves: list[Array], length: int) -> tuple[Any, list[Any]]:
    """The same in torch."""
    import torch

    one_thread()
    x, a, b = parameters = [torch.tensor(leaf, requires_grad=True) for leaf in leaves]
    for _ in range(length // 2):
        x = x * a + b
    loss = x.sum()
    loss.backward()
    return loss.item(), [p.grad.numpy() for p in parameters]
