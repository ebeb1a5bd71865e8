"""One step of learning, carried out and recorded."""

from __future__ import annotations

from typing import Any

from ..autograd.backward import ancestors
from ..autograd.optim import Optimizer
from .recorder import kept, record
from .trace import Trace, Update


def training_step(loss: Any, optimizer: Optimizer) -> Trace:
    """Backward from `loss` and one step of `optimizer`, carried out; the record of it with an `Update` per parameter.

    Gradients are set to None first, so that the step goes by this loss alone. Parameters that the loss does not depend
    on have no gradient, and stay where they are.
    """
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"a training step takes an optimizer, such as bp.optim.SGD([w, b], lr=0.1); got {type(optimizer).__name__}"
        )
    trace = record(loss)
    if not loss.requires_grad:
        raise RuntimeError("the loss needs no gradient: nothing it was computed from can learn. Use bp.parameter(...)")
    index = {tensor: i for i, tensor in enumerate(ancestors(loss))}
    optimizer.zero_grad()
    loss.backward()
    moving = [
        (parameter, kept(parameter.data), group["lr"])
        for group in optimizer.param_groups
        for parameter in group["params"]
        if parameter in index and parameter.grad is not None
    ]
    optimizer.step()
    updates = tuple(
        Update(index[parameter], old, kept(parameter.grad), float(rate), kept(parameter.data), optimizer.rule)
        for parameter, old, rate in moving
    )
    return Trace(trace.nodes, trace.edges, trace.events + updates, trace.code)
