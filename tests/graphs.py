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


# ---------------------------------------------------------------------- for the geometry alone
def mlp() -> bp.Tensor:
    """A network on arrays, its layers as groups."""
    draw = np.random.default_rng(0)
    net = bp.nn.Sequential(bp.nn.Linear(2, 3, generator=draw), bp.nn.Tanh(), bp.nn.Linear(3, 1, generator=draw))
    X, y = bp.tensor(draw.normal(size=(4, 2)), name="X"), bp.tensor(draw.normal(size=(4, 1)), name="y")
    return named(((net(X) - y) ** 2).mean(), X=X, y=y)


def neurons() -> bp.Tensor:
    """The same in scalars, in groups in groups."""
    net = bp.nn.ScalarMLP([2, 3, 1], generator=np.random.default_rng(0))
    x1, x2 = bp.tensor(1.0), bp.tensor(-2.0)
    return named((net([x1, x2]) - 1.0) ** 2, x1=x1, x2=x2)


def chain() -> bp.Tensor:
    """A parameter used all along a chain, so that it is drawn at several places."""
    w, x = bp.parameter(0.9, name="w"), bp.tensor(1.0, name="x")
    h = x
    for _ in range(12):
        h = bp.tanh(w * h)
    return h


def many_children() -> bp.Tensor:
    """A node with twelve children side by side."""
    x = bp.parameter(1.0, name="x")
    return bp.stack([x * float(factor) for factor in range(12)]).sum()


def accumulator() -> bp.Tensor:
    """A sum that grows term by term, all from one leaf."""
    x = bp.parameter(1.0, name="x")
    total = x * 1.0
    for factor in range(2, 13):
        total = total + x * factor
    return total


def many_parents() -> bp.Tensor:
    """An op with nine arguments."""
    return bp.stack([bp.parameter(float(n), name=f"w{n}") for n in range(9)]).sum()


def square() -> bp.Tensor:
    """One node in both slots of an op."""
    x = bp.parameter(3.0, name="x")
    return x * x


def leaf() -> bp.Tensor:
    """No computation at all."""
    return bp.parameter(1.0, name="w")


def maps() -> bp.Tensor:
    """Heat maps of many sizes, one of them with numbers that are not finite."""
    draw = np.random.default_rng(1)
    A, v = bp.parameter(draw.normal(size=(64, 32)), name="A"), bp.parameter(np.arange(5.0) - 2, name="v")
    T = bp.parameter(draw.normal(size=(2, 3, 5)), name="T")
    broken = bp.tensor([[np.nan, 1.0, -np.inf], [0.0, 2.0, np.inf]], name="broken")
    return (T * v).sum() * A.sum() + (broken * 2.0).sum()


MORE: dict[str, Callable[[], bp.Tensor]] = {
    build.__name__: build
    for build in (mlp, neurons, chain, many_children, accumulator, many_parents, square, leaf, maps)
}


def named(root: bp.Tensor, **tensors: bp.Tensor) -> bp.Tensor:
    """The tensors given their names, for callers that are out of sight of the variables."""
    for name, tensor in tensors.items():
        tensor.name = name
    return root
