"""What can happen in a computation: the events of a Trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

Value = Any  # a Python float or int, or a read-only NumPy array

PLAIN_STEP = "w - lr * g"  # the rule of gradient descent


@dataclass(frozen=True, slots=True, eq=False)
class Forward:
    """A node's value was computed; or, in training, a leaf was given its next one.

    value: None for the value that the node itself holds, which is that of the first pass
    """

    node: int
    value: Value = None
    kind: ClassVar[str] = "forward"


@dataclass(frozen=True, slots=True, eq=False)
class Seed:
    """The backward pass begins: the node whose gradient is given, and that gradient (1 for a scalar loss)."""

    node: int
    gradient: Value
    kind: ClassVar[str] = "seed"


@dataclass(frozen=True, slots=True, eq=False)
class Send:
    """One edge's contribution reached the parent.

    upstream: the child's backpropagated gradient;  local: the local gradient, None where it is too large to write down
    contribution: upstream times local, shaped like the parent;  total: what the parent has accumulated so far
    """

    edge: int
    upstream: Value
    local: Value
    contribution: Value
    total: Value
    kind: ClassVar[str] = "send"


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """A parameter took one step.

    rule: the step as a formula in the old value `w`, the gradient `g`, the learning rate `lr` and the optimizer's
    settings; where it is `w - lr * g`, new = old - learning_rate * gradient
    """

    parameter: int
    old: Value
    gradient: Value
    learning_rate: float
    new: Value
    rule: str = PLAIN_STEP
    kind: ClassVar[str] = "update"


Event = Forward | Seed | Send | Update
EVENTS: dict[str, type[Event]] = {event.kind: event for event in (Forward, Seed, Send, Update)}
