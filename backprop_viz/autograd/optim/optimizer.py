"""Optimizer: parameters in groups, and the step that moves each by a rule."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from math import inf
from numbers import Real
from typing import Any

import numpy as np

from ..inplace import overwrite, strike
from ..op import ARITHMETIC_ERRORS
from ..tensor import Tensor
from ..values import short

Group = dict[str, Any]
State = dict[str, Any]
BLOCK = 1 << 19  # bytes: small enough for a core's fast memory, so that no intermediate result leaves it


class Optimizer(ABC):
    """Parameters in groups, each group with settings of its own.

    params: tensors (as from `net.parameters()`), or a list of groups: `[{"params": [w], "lr": 0.1}, {"params": [b]}]`
    param_groups: the groups, whose settings may be changed between steps
    state: what is remembered of each parameter, such as running averages of its gradients
    A step leaves out parameters whose `grad` is None. A gradient of nan makes the parameter nan, for all to see.
    """

    def __init__(self, params: Any, **defaults: Any) -> None:
        self.defaults = defaults
        self.param_groups: list[Group] = []
        self.state: dict[Tensor, State] = {}
        if isinstance(params, Tensor) or not isinstance(params, Iterable):
            raise TypeError(
                f"an optimizer takes a list of parameters, or of groups; got {type(params).__name__} {short(params)}. "
                f"Give net.parameters(), or [w, b]."
            )
        listed = list(params)
        if not listed:
            raise ValueError("an optimizer needs parameters; got none. (A generator gives them only once.)")
        groups = listed if isinstance(listed[0], dict) else [{"params": listed}]
        for group in groups:
            self.add_param_group(group)

    @property
    @abstractmethod
    def rule(self) -> str:
        """The update as a formula: the new w, from the old w, its gradient g, and the settings.

        What is remembered (b, m, v) is meant with this step's gradient already in it; t counts the steps from 1.
        """

    @abstractmethod
    def moved(self, w: Any, g: Any, group: Group, state: State) -> tuple[Any, State]:
        """The new w, and the new values of what is remembered: on numbers, or on arrays element by element."""

    @abstractmethod
    def check(self, group: Group) -> None:
        """An error where a setting of the group cannot be meant."""

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient.

        closure: a function that computes the loss again and its gradients; gives what it gives
        """
        loss = None if closure is None else closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self.update(parameter, parameter.grad, group, self.state.setdefault(parameter, {}))
        return loss

    def update(self, parameter: Tensor, gradient: Any, group: Group, state: State) -> None:
        """Move one parameter in place, and its state."""
        w = parameter.data
        scalars = w.__class__ is float and gradient.__class__ is float  # looked at first: np.shape(float) takes long
        if not scalars and np.shape(gradient) != np.shape(w):
            raise ValueError(
                f"a gradient has the shape of its parameter, {np.shape(w)}; got shape {np.shape(gradient)}. "
                f"Set w.grad to None or to one number per element."
            )
        state["step"] = state.get("step", 0) + 1
        if isinstance(w, np.ndarray):
            self._move_blocks(w, gradient, group, state)
            strike(parameter)
            return
        try:
            new, kept = self.moved(w, gradient, group, state)
        except ARITHMETIC_ERRORS:  # NumPy's inf or nan where a Python float would raise
            new, kept = self.moved(np.float64(w), np.float64(gradient), group, state)
        state.update(kept)
        overwrite(parameter, new)

    def _move_blocks(self, w: Any, g: Any, group: Group, state: State) -> None:
        """Move an array block by block, so that no temporary is as large as the array."""
        fresh: State = {}
        arrays = {key: value for key, value in state.items() if isinstance(value, np.ndarray)}
        numbers = {key: value for key, value in state.items() if key not in arrays}
        for rows in blocks(w):
            piece = numbers | {key: value[rows] for key, value in arrays.items()}
            w[rows], kept = self.moved(w[rows], g[rows], group, piece)
            for key, value in kept.items():
                if key not in arrays and key not in fresh:
                    fresh[key] = np.empty_like(w)
                (arrays if key in arrays else fresh)[key][rows] = value
        state.update(fresh)

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter: the next pass starts from None."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Learn these parameters too: `{"params": [w, b], "lr": 0.1}`; settings left out are the optimizer's own."""
        unknown = set(group) - set(self.defaults) - {"params"}
        if unknown or "params" not in group:
            raise ValueError(
                f"a group of {type(self).__name__} has 'params' and may have {', '.join(self.defaults)}; got "
                f"{', '.join(map(repr, group)) or 'an empty group'}"
            )
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        known = {parameter for each in self.param_groups for parameter in each["params"]}
        for parameter in params:
            refuse_parameter(parameter, parameter in known if isinstance(parameter, Tensor) else False)
            known.add(parameter)
        full = {"params": params, **self.defaults, **{key: group[key] for key in group if key != "params"}}
        refuse_settings(full, lr=(0.0, inf), weight_decay=(0.0, inf))
        self.check(full)
        self.param_groups.append(full)

    # ------------------------------------------------------------------ saving and loading
    def state_dict(self) -> dict[str, Any]:
        """Copies of all settings and of all that is remembered; parameters are numbered in the order of the groups."""
        number = {parameter: i for i, parameter in enumerate(self._parameters())}
        groups = [group | {"params": [number[p] for p in group["params"]]} for group in self.param_groups]
        return {
            "state": {number[parameter]: deepcopy(state) for parameter, state in self.state.items()},
            "param_groups": deepcopy(groups),
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the settings and what is remembered from an optimizer of the same kind on as many parameters."""
        given = [len(group["params"]) for group in state_dict["param_groups"]]
        own = [len(group["params"]) for group in self.param_groups]
        if given != own:
            raise ValueError(
                f"this state_dict has groups of {given} parameters where the optimizer has {own}. Load it into an "
                f"optimizer of a module of the same architecture."
            )
        parameters = list(self._parameters())
        self.state = {parameters[i]: deepcopy(state) for i, state in state_dict["state"].items()}
        for group, new in zip(self.param_groups, state_dict["param_groups"], strict=True):
            group.update({key: deepcopy(value) for key, value in new.items() if key != "params"})

    def _parameters(self) -> Iterator[Tensor]:
        return (parameter for group in self.param_groups for parameter in group["params"])

    def __repr__(self) -> str:
        lines = [type(self).__name__ + " ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {key}: {group[key]}" for key in sorted(self.defaults)]
        return "\n".join([*lines, ")"])


def blocks(array: np.ndarray[Any, Any]) -> Iterator[slice]:
    """Runs of rows of about BLOCK bytes, together the whole array."""
    rows = len(array)
    many = max(1, BLOCK * rows // max(1, array.nbytes))
    return (slice(start, start + many) for start in range(0, rows, many))


def refuse_parameter(parameter: Any, known: bool) -> None:
    """An error when this cannot be learned, or is learned already."""
    if not isinstance(parameter, Tensor):
        raise TypeError(
            f"an optimizer changes tensors; got {type(parameter).__name__} {short(parameter)} among its parameters. "
            f"Make it one with bp.parameter(...)."
        )
    if parameter.op is not None or not parameter.requires_grad:
        what = f"the result of {parameter.op.name}" if parameter.op else "a tensor with requires_grad=False"
        raise ValueError(f"an optimizer changes parameters, made with bp.parameter(...); got {what}: {parameter!r:.60}")
    if known:
        raise ValueError(f"a parameter is given twice, and would be moved twice in a step: {parameter!r:.60}")


def refuse_settings(group: Group, **bounds: tuple[float, float]) -> None:
    """An error when a setting is no number from its least value up to, but not, its bound."""
    for name, (least, bound) in bounds.items():
        value = group.get(name, least)
        if not (isinstance(value, Real) and least <= float(value) < bound):
            below = f"{least:g} or more" if bound == inf else f"from {least:g} to below {bound:g}"
            raise ValueError(f"{name} is a number {below}; got {value!r:.60}")
