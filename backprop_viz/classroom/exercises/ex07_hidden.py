"""Two bugs that square layers hide: the item of lecture 07 in which slips keep every shape."""

from __future__ import annotations

import numpy as np

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.functions.elementwise import relu
from ...autograd.tensor import Tensor
from ..dyadic import Array, Dyadic
from ..item import Item, Mistake
from .slips import flipped

Three = tuple[Array, Array, Array]


def answering(Z: Tensor, name: str, G: Array, above: str) -> Tensor:
    """A loss that answers to Z with G, and names for the picture."""
    weighed = tensor(G, name=above) * Z
    L = weighed.sum()
    Z.name, weighed.name, L.name = name, "weighed", "L"
    return L


def _hidden(Z1: Array, W2: Array, G2: Array) -> tuple[Array, Array]:
    G1: Array = (G2 @ W2.T) * (Z1 > 0)
    return G1, G1.sum(axis=0)


def _square_layers(draw: Dyadic) -> Three:
    samples, units = draw.one_of([(2, 2), (3, 2), (2, 3)])
    Z1 = draw.array(samples, units)
    Z1[0] = draw.shuffled([0.0, draw.number(0.25, 2), -1.0][:units])
    return Z1, draw.array(units, units), draw.array(samples, units)


def _two_layers(Z1: Array, W2: Array, G2: Array) -> Tensor:
    """A loss that answers with G2 to what the second layer makes of the first one's sums."""
    Z = tensor(Z1, name="XW1") + parameter(np.zeros(len(W2)), name="b1")
    A = relu(Z)
    Z.name, A.name = "Z1", "A1"
    return answering(A @ parameter(W2, name="W2"), "Z2", G2, "G2")


def _with(G1: Array) -> tuple[Array, Array]:
    return G1, G1.sum(axis=0)


ONLY_DB1 = "G1 is right. The line of db1 was right before: the bias is added before the ReLU, to each sample."
PLANTED = Item(
    id="ex07.5",
    name="hidden_backward",
    ask="return G1, db1, with both bugs mended",
    graph=_two_layers,
    nodes=("Z1", "b1"),
    truth=_hidden,
    cases=_square_layers,
    hint="Take each line by itself, write it element by element, and ask what it sums over, or which cells it keeps.",
    mistakes=(
        Mistake("both", lambda Z1, W2, G2: _with((G2 @ W2) * (Z1 >= 0)),
                "Both bugs are still there. One shows where a z is 0, the other would show if W2 were not square."),
        Mistake("M5", lambda Z1, W2, G2: _with((G2 @ W2) * (Z1 > 0)),
                "One bug is left. Would every line run, and give the right shape, if W2 were not square?"),
        Mistake("M9", lambda Z1, W2, G2: _with((G2 @ W2.T) * (Z1 >= 0)),
                "One bug is left. What does ReLU pass on where z is exactly 0?"),
        Mistake("M9", lambda Z1, W2, G2: _with((G2 @ W2.T) * np.maximum(Z1, 0)),
                "ReLU's blue number is its slope, 1 or 0, not its value."),
        Mistake("M9", lambda Z1, W2, G2: _with(np.maximum(G2 @ W2.T, 0)),
                "What decides is the sign of z in the forward pass. A negative gradient passes just as well."),
        Mistake("M9", lambda Z1, W2, G2: _with(G2 @ W2.T), "Nothing is stopped now: which units were off?"),
        Mistake("M12", flipped(_hidden), "All signs are turned. Neither line turns one: where has yours come from?"),
        Mistake("M2", lambda Z1, W2, G2: _with((Z1 > 0) * 1.0),
                "G1 is the ReLU's local gradient alone. What has come back through W2 is left out."),
        Mistake("M2", lambda Z1, W2, G2: _with((Z1 > 0) * W2.sum(axis=1)),
                "G1 is made of local gradients alone. What comes from above, G2, is left out."),
        Mistake("M2", lambda Z1, W2, G2: _with((Z1 > 0) * G2),
                "G2 has met the ReLU and not W2: two local gradients lie between Z2 and Z1."),
        Mistake("M14", lambda Z1, W2, G2: (G1 := _hidden(Z1, W2, G2)[0], G1.mean(axis=0)),
                "db1 is the mean over the samples. What they send is added; if the loss is a mean, G2 knows it."),
        Mistake("M14", lambda Z1, W2, G2: _with(_hidden(Z1, W2, G2)[0] / len(Z1)),
                "You divided by the number of samples. If the loss is a mean, G2 has that factor in it already."),
        Mistake("M1", lambda Z1, W2, G2: (G1 := _hidden(Z1, W2, G2)[0], G1[-1]),
                "db1 hears from the last sample alone: what the others send must not be overwritten."),
        Mistake("M6", lambda Z1, W2, G2: (_hidden(Z1, W2, G2)[0],) * 2, ONLY_DB1),
        Mistake("M6", lambda Z1, W2, G2: (_hidden(Z1, W2, G2)[0], _hidden(Z1, W2, G2)[0].sum(axis=1)), ONLY_DB1),
    ),
)  # fmt: skip
