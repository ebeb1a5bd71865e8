"""Adam, and Adam with decoupled weight decay."""

from __future__ import annotations

from math import inf
from typing import Any

from .optimizer import Group, Optimizer, State, refuse_settings


class Adam(Optimizer):
    """Steps of about lr for every element, whatever the size of its gradient.

    Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1. With β₁, β₂ = betas, in step t:
    m ← β₁·m + (1 − β₁)·g and v ← β₂·v + (1 − β₂)·g², both 0 at first, then
    w ← w − lr · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + eps).
    weight_decay: g + weight_decay · w takes the place of g from the start
    """

    rule = "w - lr * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)"

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def check(self, group: Group) -> None:
        """An error where a setting of the group cannot be meant."""
        refuse_settings(group, eps=(0.0, inf))
        for i, beta in enumerate(group["betas"], start=1):
            refuse_settings({f"beta{i}": beta}, **{f"beta{i}": (0.0, 1.0)})

    def moved(self, w: Any, g: Any, group: Group, state: State) -> tuple[Any, State]:
        """The new w, and the new averages."""
        w, g = self.decayed(w, g, group)
        (beta1, beta2), t = group["betas"], state["step"]
        m = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * g
        v = beta2 * state.get("exp_avg_sq", 0.0) + (1 - beta2) * (g * g)
        root = (v / (1 - beta2**t)) ** 0.5
        return w - group["lr"] / (1 - beta1**t) * m / (root + group["eps"]), {"exp_avg": m, "exp_avg_sq": v}

    def decayed(self, w: Any, g: Any, group: Group) -> tuple[Any, Any]:
        """The parameter and the gradient, weight decay being part of the gradient."""
        return w, g + group["weight_decay"] * w if group["weight_decay"] else g


class AdamW(Adam):
    """Adam whose weight decay is no part of the gradient, and so not divided by its size.

    Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2, with PyTorch's factor lr: before
    the step of Adam, w ← w − lr · weight_decay · w.
    """

    rule = "w * (1 - lr * weight_decay) - lr * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)"

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def decayed(self, w: Any, g: Any, group: Group) -> tuple[Any, Any]:
        """The parameter and the gradient, weight decay shrinking the parameter itself."""
        return w * (1 - group["lr"] * group["weight_decay"]), g
