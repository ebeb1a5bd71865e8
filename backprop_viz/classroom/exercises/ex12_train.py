"""The exercise in which a network is trained on a budget: what is judged is what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...autograd.custom import op
from ...autograd.functions.losses import bce_with_logits
from ...autograd.nn import MLP, Tanh
from ...autograd.optim import SGD, Adam
from ...autograd.tensor import Tensor
from ..dyadic import Array, Dyadic
from ..item import Item, Mistake

BUDGET, GOAL = 200, 0.1  # plain SGD gets stuck on the plateau, Adam and momentum have steps to spare
UNCLEARED = "The gradients of all steps have piled up: what has to happen before each backward pass?"
UNMOVED = (
    "No weight has moved. Is step() called, with the network's own parameters, while their gradients are there? "
    "(By hand: inside of `with bp.no_grad():`, p -= … changes p, and p = p - … does not.)"
)
SLOW = (
    "The loss has fallen, but not far enough. There is a plateau: which optimizers gather speed on it, if they are "
    "made once, before the loop? And at the end, does your loss still fall, or jump?"
)
UPWARDS = "The loss went up. In which direction does a gradient point? And are the steps too large?"


class Network(MLP):
    """A small network that counts how often it is computed, also by a recorded graph, and with which weights."""

    def __init__(self, generator: np.random.Generator) -> None:
        super().__init__([2, 8, 1], Tanh, generator=generator)
        self.seen: list[dict[str, Any]] = []

        @op(logits="1")
        def counted(logits: Any) -> Any:
            self._count()
            return logits

        self._counted = counted

    def __repr__(self) -> str:
        return "MLP([2, 8, 1], Tanh)"

    def forward(self, x: Any) -> Any:
        """The logits; an error if the budget is used up."""
        return self._counted(super().forward(x))

    def _count(self) -> None:
        if len(self.seen) >= BUDGET:
            raise RuntimeError(f"the budget of {BUDGET} calls of network(…) is used up; g.forward() counts as one")
        self.seen.append(self.state_dict())


def _two_moons(draw: Dyadic) -> tuple[Network, Array, Array]:
    random, n = np.random.default_rng(draw.integer(0, 2**31)), 60
    angle = np.linspace(0, np.pi, n // 2)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X = np.concatenate([upper, [1.0, 0.5] - upper]) + 0.1 * random.standard_normal((n, 2))
    return Network(random), X, np.repeat([0.0, 1.0], n // 2)[:, None]


def _loss(network: Network, X: Array, y: Array) -> Tensor:
    return bce_with_logits(MLP.forward(network, X), y)  # such a call is not counted


def _trained(_: Any, network: Network, X: Array, y: Array) -> dict[str, Any]:
    """What became of the network: its loss, its calls, and whether its last gradients are those of one step."""
    loss = _loss(network, X, y).data
    return {
        "loss": round(float(loss), 3),
        "calls": len(network.seen),
        "gradients cleared": not _piled_up(network, X, y),
    }


def _piled_up(network: Network, X: Array, y: Array) -> bool:
    """Whether the gradients that are left are those of all steps together, and not of the last one."""
    left = [parameter.grad for parameter in network.parameters()]
    total: list[Any] = [0.0] * len(left)
    for weights in reversed(network.seen):
        network.load_state_dict(weights)
        network.zero_grad()
        _loss(network, X, y).backward()
        total = [so_far + parameter.grad for so_far, parameter in zip(total, network.parameters(), strict=True)]
        if weights is network.seen[-1] and _alike(left, total):
            return False
    return _alike(left, total)


def _alike(left: list[Any], total: list[Any]) -> bool:
    return all(mine is not None and np.allclose(mine, other) for mine, other in zip(left, total, strict=True))


def _missed(answer: Any, network: Network, X: Array, y: Array) -> str | None:
    if not isinstance(answer, Mapping) or not answer.get("calls"):
        return "The network that you are given was never called: a step needs its loss, and the loss needs network(X)."
    loss, first = answer["loss"], round(float(_loss(network, X, y).data), 3)
    if not answer["gradients cleared"]:
        return UNCLEARED
    if loss < GOAL:
        return None
    if loss == first:
        return UNMOVED
    if loss < first:
        return SLOW
    return UPWARDS


def _trains(make: Callable[[list[Tensor]], Any], *, clear: bool = True, turned: bool = False) -> Callable[..., None]:
    """A training loop with this optimizer that uses the whole budget."""

    def train(network: Network, X: Array, y: Array) -> None:
        optimizer = make(list(network.parameters()))
        for _ in range(BUDGET):
            loss = bce_with_logits(network(X), y)
            if clear:
                optimizer.zero_grad()
            (-loss if turned else loss).backward()
            optimizer.step()

    return train


TRAIN = Item(
    id="ex12.6",
    name="train",
    ask="train the network in at most 200 calls",
    truth=lambda network, X, y: _trains(lambda parameters: Adam(parameters, lr=0.2))(network, X, y),
    cases=_two_moons,
    count=3,
    observe=_trained,
    judge=_missed,
    hint="Bring the loss below 0.1.",
    mistakes=(
        Mistake("M8", _trains(lambda parameters: SGD(parameters, lr=0.5), clear=False), UNCLEARED),
        Mistake("M12", _trains(lambda parameters: SGD(parameters, lr=0.5), turned=True), UPWARDS),
    ),
)
