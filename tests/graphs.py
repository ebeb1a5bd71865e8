"""The computations that the pictures' tests draw."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import backprop_viz as bp

HOSTILE = '<script>alert(1)</script>&"'


def neuron() -> bp.Tensor:
    """The lecture's neuron: figure 2 of the notes."""
    x, y = bp.tensor(1.5), bp.tensor(1.0)
    w0, w1 = bp.parameter(0.1), bp.parameter(-0.3)
    u = bp.addcmul(w0, w1, x)
    yhat = bp.sigmoid(u)
    L = bp.bce(yhat, y)
    return named(L, x=x, y=y, w0=w0, w1=w1, u=u, yhat=yhat, L=L)


def fan_out() -> bp.Tensor:
    """Figure 1 of the notes: y feeds u and v, and both feed the loss."""
    x = bp.parameter(2.0)
    y = x * 3
    u, v = y * y, y.tanh()
    L = u + v
    return named(L, x=x, y=y, u=u, v=v, L=L)


def expression() -> bp.Tensor:
    """A longer scalar expression, with edges that skip ranks."""
    a, b = bp.parameter(-4.0, name="a"), bp.parameter(2.0, name="b")
    c = a + b
    d = a * b + b**3
    c = c + (c + 1)
    c = c + (1 + c + (-a))
    e = c - d
    return e**2 / 2.0 + 10.0 / (e - a)


def matrices() -> bp.Tensor:
    """A small layer on arrays."""
    W, bias = bp.parameter(np.arange(6.0).reshape(2, 3) / 10, name="W"), bp.parameter([0.1, 0.2, 0.3], name="bias")
    X = bp.tensor([[1.0, 2], [3, 4], [5, 6]], name="X")
    return bp.tanh(X @ W + bias)[:2].T.sum(axis=0).reshape(1, 2).mean()


def hostile() -> bp.Tensor:
    """Names that would be markup, an escape or an entity if anything read them."""
    x = bp.parameter(3.0, name=HOSTILE)
    y = bp.tensor(2.0, name="back\\slash\nnew &amp; \x00 \u202e rtl")
    z = x * x + y * bp.parameter(1.0, name="") * bp.parameter(1.0, name="n" * 10_000)
    z.name = "\\N {a|b}"
    return z


GRAPHS: dict[str, Callable[[], bp.Tensor]] = {
    build.__name__: build for build in (neuron, fan_out, expression, matrices, hostile)
}


def named(root: bp.Tensor, **tensors: bp.Tensor) -> bp.Tensor:
    """The tensors given their names, for callers that are out of sight of the variables."""
    for name, tensor in tensors.items():
        tensor.name = name
    return root
