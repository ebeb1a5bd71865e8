"""Two bugs in the backward pass of a ReLU layer: the last item of lecture 11."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.functions.elementwise import relu
from ...autograd.tensor import Tensor
from ..dyadic import Array, Dyadic
from ..item import Item, Mistake
from .slips import flipped


def _layer(draw: Dyadic) -> tuple[Array, Array, Array, Array]:
    rows, inputs, outputs = draw.one_of([(3, 2, 2), (2, 3, 3), (3, 2, 3), (2, 3, 2), (2, 2, 2)])
    X, W = draw.array(rows, inputs), draw.array(inputs, outputs)
    b = draw.array(outputs)
    b[0] = -(X @ W)[0, 0]  # so that a unit stands on the corner exactly
    b[1] = 1 - (X @ W)[0, 1]  # and another is on
    return X, W, b, draw.array(rows, outputs)


def _layer_loss(X: Array, W: Array, b: Array, G: Array) -> Tensor:
    H = relu(parameter(X, name="X") @ parameter(W, name="W") + parameter(b, name="b"))
    L = (H * tensor(G, name="G")).sum()
    H.name, L.name = "H", "L"
    return L


def _backward(
    mask: Callable[[Array, Array], Any] = lambda Z, G: Z > 0, *, aside: bool = False, blue: bool = False
) -> Callable[[Array, Array, Array, Array], tuple[Array, Array, Array]]:
    """The backward pass of a ReLU layer, right or with a slip."""

    def gradients(X: Array, W: Array, b: Array, G: Array) -> tuple[Array, Array, Array]:
        dZ = (1.0 if blue else G) * mask(X @ W + b, G)
        return dZ @ W.T, dZ.T @ X if aside else X.T @ dZ, dZ.sum(axis=0)

    return gradients


def _but(part: int, wrong: Callable[[Array, Array, Array], Any]) -> Callable[[Array, Array, Array, Array], Any]:
    """The right pass, but for one of its three arrays: that is worked out from X, W and dZ."""

    def gradients(X: Array, W: Array, b: Array, G: Array) -> tuple[Any, ...]:
        right = _backward()(X, W, b, G)
        return *right[:part], wrong(X, W, G * (X @ W + b > 0)), *right[part + 1 :]

    return gradients


def _averaged(X: Array, W: Array, b: Array, G: Array) -> tuple[Array, Array, Array]:
    dX, dW, db = _backward()(X, W, b, G)
    return dX, dW / len(X), db / len(X)


DIVIDED = "Nothing is left to be divided: if the loss was a mean, G knows it already."
UNSUMMED = "dX and dW are right. b serves every row: what do its messages from the rows come to?"

MENDED_LAYER = Item(
    id="ex11.6",
    name="mended_layer",
    ask="return the right gradients dX, dW, db",
    graph=_layer_loss,
    nodes=("X", "W", "b"),
    truth=lambda X, W, b, G: _backward()(X, W, b, G),
    cases=_layer,
    hint="Check the shapes, then the values line by line: which units are on, and which factor stands first?",
    mistakes=(
        Mistake(
            "M5",
            _backward(lambda Z, G: np.ones_like(Z), aside=True),
            "Compare the shape of dW with that of W, and look which units the ReLU lets through.",
        ),
        Mistake("M9", _backward(lambda Z, G: np.ones_like(Z)), "Every unit is let through. After a ReLU, what is ≥ 0?"),
        Mistake("M5", _backward(aside=True), "The ReLU is mended. dW is still turned on its side."),
        Mistake(
            "order",
            lambda X, W, b, G: tuple(_backward()(X, W, b, G)[i] for i in (1, 0, 2)),
            "The right arrays, in another order: asked are the gradients of X, of W, of b.",
        ),
        Mistake("M9", _backward(lambda Z, G: Z >= 0), "A unit stands on the corner exactly. Its slope counts as 0."),
        Mistake("M9", _backward(lambda Z, G: G > 0), "The ReLU is on or off by its own argument, not by the gradient."),
        Mistake(
            "M9",
            _backward(lambda Z, G: np.maximum(Z, 0)),
            "The slope of a ReLU is 1 or 0. You multiplied by its value.",
        ),
        Mistake("M5", _but(0, lambda X, W, dZ: dZ @ W), "dW and db are right. dX has the shape of X: turn W for it."),
        Mistake("M6", _but(2, lambda X, W, dZ: dZ), UNSUMMED),
        Mistake("M6", _but(2, lambda X, W, dZ: dZ.sum(axis=1)), UNSUMMED),
        Mistake("M14", _but(2, lambda X, W, dZ: dZ.mean(axis=0)), "db is a sum over the rows, and not their mean."),
        Mistake("M14", _but(1, lambda X, W, dZ: X.T @ dZ / len(X)), DIVIDED),
        Mistake("M14", _averaged, DIVIDED),
        Mistake(
            "M1",
            lambda X, W, b, G: (_backward()(X, W, b, G)[0], *_backward()(X[-1:], W, b, G[-1:])[1:]),
            "dX is right. dW and db hear from the last row alone: earlier contributions must not be overwritten.",
        ),
        Mistake("M12", flipped(_backward()), "All signs are turned; bad_layer turned none, and it was right in that."),
        Mistake("M2", _backward(blue=True), "You have the slopes of the ReLU; what comes from above, G, is left out."),
    ),
)
