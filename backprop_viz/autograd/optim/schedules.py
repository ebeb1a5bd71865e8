"""Schedules: the learning rate as a function of the epoch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from math import cos, inf, pi
from typing import Any

from .optimizer import Optimizer, refuse_settings


class LRScheduler(ABC):
    """Sets the learning rate of every group: at once for epoch 0, then for the next epoch at every `step()`.

    What `rate` says of the group's first learning rate, and of the epoch, is all there is to it: a learning rate set by
    hand holds until the next step only.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"a schedule is of an optimizer; got {type(optimizer).__name__} {optimizer!r:.60}")
        self.optimizer = optimizer
        self.base_lrs = [group["lr"] for group in optimizer.param_groups]
        self.last_epoch = -1
        self.step()

    @abstractmethod
    def rate(self, base: float, epoch: int, group: int) -> float:
        """The learning rate of group number `group` in this epoch, `base` being its first."""

    def step(self) -> None:
        """Go on to the next epoch; after `optimizer.step()`, as a rule once an epoch."""
        self.last_epoch += 1
        self._set()

    def get_last_lr(self) -> list[float]:
        """The learning rate of every group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """The epoch and the first learning rates."""
        return {"base_lrs": list(self.base_lrs), "last_epoch": self.last_epoch}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from another schedule of the same kind."""
        self.base_lrs, self.last_epoch = list(state_dict["base_lrs"]), state_dict["last_epoch"]
        self._set()

    def _set(self) -> None:
        for i, (group, base) in enumerate(zip(self.optimizer.param_groups, self.base_lrs, strict=False)):
            group["lr"] = self.rate(base, self.last_epoch, i)


class StepLR(LRScheduler):
    """lr · gamma^⌊epoch / step_size⌋: times gamma every `step_size` epochs."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        refuse_settings({"step_size": step_size}, step_size=(1, inf))
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer)

    def rate(self, base: float, epoch: int, group: int) -> float:
        """The learning rate in this epoch."""
        return float(base * self.gamma ** (epoch // self.step_size))


class ExponentialLR(LRScheduler):
    """lr · gamma^epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = gamma
        super().__init__(optimizer)

    def rate(self, base: float, epoch: int, group: int) -> float:
        """The learning rate in this epoch."""
        return float(base * self.gamma**epoch)


class CosineAnnealingLR(LRScheduler):
    """From lr down to eta_min along half a cosine, in T_max epochs (and up again in as many, and so on).

    Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017), equation 5, without restarts.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        refuse_settings({"T_max": T_max}, T_max=(1, inf))
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer)

    def rate(self, base: float, epoch: int, group: int) -> float:
        """The learning rate in this epoch."""
        return self.eta_min + (base - self.eta_min) * (1 + cos(pi * epoch / self.T_max)) / 2


class LambdaLR(LRScheduler):
    """lr · lr_lambda(epoch): any function of the epoch, or a list of one for each group."""

    Factor = Callable[[int], float]

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | Sequence[Factor]) -> None:
        groups = len(optimizer.param_groups)
        self.factors = [lr_lambda] * groups if callable(lr_lambda) else list(lr_lambda)
        if len(self.factors) != groups:
            raise ValueError(f"one function for all groups, or one for each of {groups}; got {len(self.factors)}")
        super().__init__(optimizer)

    def rate(self, base: float, epoch: int, group: int) -> float:
        """The learning rate in this epoch."""
        return float(base * self.factors[group](epoch))


class LinearLR(LRScheduler):
    """From lr · start_factor to lr · end_factor in a straight line of `total_iters` epochs: a warm-up."""

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        given = {"start_factor": start_factor, "end_factor": end_factor, "total_iters": total_iters}
        refuse_settings(given, start_factor=(0, inf), end_factor=(0, inf), total_iters=(1, inf))
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer)

    def rate(self, base: float, epoch: int, group: int) -> float:
        """The learning rate in this epoch."""
        part = min(epoch, self.total_iters) / self.total_iters
        return base * (self.start_factor + (self.end_factor - self.start_factor) * part)
