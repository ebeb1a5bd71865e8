"""An op of one's own, of lecture 08: judged by what it sends back after its caller has overwritten both its arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..dyadic import Array
from ..item import Item, Mistake

Op = tuple[Array, Callable[[Array], Array]]
SENT = (2.0, -1.0)  # the red numbers that the check sends back


def _keeping(rule: Callable[[Array, Array], Array]) -> Callable[[Array], Op]:
    """An op for tanh that keeps a copy of its argument; the rule takes g and this copy to what is sent back."""

    def op(x: Array) -> Op:
        kept = x.copy()
        return np.tanh(x), lambda g: rule(g, kept)

    return op


def _overwritten(result: Any, x: Array) -> Any:
    """Both passes of an op, whose caller overwrites its arrays in between; the result itself if it is no op."""
    if not (isinstance(result, tuple | list) and len(result) == 2):
        return result
    if not callable(result[1]):
        return result[0], NO_FUNCTION
    out, backward = result
    forward = np.array(out, dtype=np.float64)
    x += 1
    if isinstance(out, np.ndarray):
        out[...] = 0.5
    return forward, backward(np.array(SENT))


def _reads_out(x: Array) -> Op:
    out = np.tanh(x)
    return out, lambda g: g * (1 - out**2)


NO_FUNCTION = "no function"
TANH = Item(
    id="ex08.5",
    name="tanh_op",
    ask="return tanh(x), and a function that takes the gradient of it to the gradient of x",
    truth=_keeping(lambda g, x: g * (1 - np.tanh(x) ** 2)),
    cases=lambda draw: (draw.array(2, low=-1.5, high=1.5),),
    observe=_overwritten,
    hint="Return two things: the array out, and the function backward, which takes g and returns an array like x.",
    mistakes=(
        Mistake("M7", lambda x: (np.tanh(x), lambda g: g * (1 - np.tanh(x) ** 2)),
                "Right, while nobody touches x. The caller has overwritten it, and backward read the new numbers."),
        Mistake("M7", _reads_out,
                "Right, while nobody touches out. The caller has overwritten it, and backward read the new numbers."),
        Mistake("M2", _keeping(lambda g, x: 1 - np.tanh(x) ** 2),
                "backward returned the local gradients. What it is given, g, is left out."),
        Mistake("M3", _keeping(lambda g, x: g), "backward handed g on as it is. tanh has a local gradient too."),
        Mistake("argument", _keeping(lambda g, x: g * (1 - x**2)),
                "The rule takes the result of tanh where you took its argument."),
        Mistake("power", _keeping(lambda g, x: g * (1 - np.tanh(x))),
                "Look at the derivative of tanh again: something in it is squared."),
        Mistake("M12", _keeping(lambda g, x: g * (np.tanh(x) ** 2 - 1)),
                "tanh grows everywhere. Which sign has its blue number?"),
        Mistake("called", lambda x: (np.tanh(x), 1 - np.tanh(x) ** 2),
                "Return the function backward itself, without calling it: its g is not known yet."),
    ),
)  # fmt: skip
