"""Gradient descent."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from ..inplace import strike
from ..tensor import Tensor
from .optimizer import BLOCK, Group, Optimizer, State, blocks, refuse_settings


class SGD(Optimizer):
    """Stochastic gradient descent: w ← w − lr · g.

    momentum:     b ← momentum · b + (1 − dampening) · g (b = g at first), and b takes the place of g: Polyak, "Some
                  methods of speeding up the convergence of iteration methods" (1964)
    nesterov:     g + momentum · b takes the place of g: Sutskever, Martens, Dahl and Hinton, "On the importance of
                  initialization and momentum in deep learning" (2013)
    weight_decay: g + weight_decay · w takes the place of g from the start
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(
            params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov
        )

    @property
    def rule(self) -> str:
        """The update as a formula; b with this step's gradient already in it."""
        gradient = "g + weight_decay * w" if self.defaults["weight_decay"] else "g"
        if self.defaults["nesterov"]:
            return f"w - lr * ({gradient} + momentum * b)"
        if self.defaults["momentum"]:
            return "w - lr * b"
        return f"w - lr * ({gradient})" if " " in gradient else "w - lr * g"

    def check(self, group: Group) -> None:
        """An error where a setting of the group cannot be meant."""
        refuse_settings(group, momentum=(0.0, inf))
        if group["nesterov"] and (group["momentum"] == 0 or group["dampening"] != 0):
            raise ValueError(
                f"nesterov=True needs a momentum and no dampening; got momentum={group['momentum']}, "
                f"dampening={group['dampening']}"
            )

    def update(self, parameter: Tensor, gradient: Any, group: Group, state: State) -> None:
        """Move one parameter in place; plain steps on arrays, the most common, without what they do not need."""
        w = parameter.data
        plain = not group["momentum"] and not group["weight_decay"]
        if not plain or w.__class__ is not np.ndarray or np.shape(gradient) != w.shape:
            super().update(parameter, gradient, group, state)
            return
        state["step"] = state.get("step", 0) + 1
        rate = group["lr"]
        if w.nbytes <= BLOCK:
            w -= rate * gradient
        else:
            for rows in blocks(w):
                block = w[rows]
                block -= rate * gradient[rows]
        strike(parameter)

    def moved(self, w: Any, g: Any, group: Group, state: State) -> tuple[Any, State]:
        """The new w, and the new averages."""
        momentum = group["momentum"]
        if group["weight_decay"]:
            g = g + group["weight_decay"] * w
        if not momentum:
            return w - group["lr"] * g, {}
        b = state.get("momentum_buffer")
        b = g if b is None else momentum * b + (1 - group["dampening"]) * g
        return w - group["lr"] * (g + momentum * b if group["nesterov"] else b), {"momentum_buffer": b}
