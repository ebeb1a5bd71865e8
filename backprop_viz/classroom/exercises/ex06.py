"""Exercises on one neuron: its equations both ways, shared weights, other losses, a loss from logits, an error."""

from __future__ import annotations

import math
from typing import Any

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.functions.elementwise import addcmul, sigmoid
from ...autograd.functions.losses import bce
from ...autograd.tensor import Tensor
from ..item import Item, Mistake
from ..picture import asked
from .ex06_logits import FUSED
from .letters import choice

Four = tuple[float, float, float, float]


def _sigmoid(u: float) -> float:
    return 1 / (1 + math.exp(-u))


# ---------------------------------------------------------------------- 1: the equations forward
def _bce(yhat: float, y: float) -> float:
    return -y * math.log(yhat) - (1 - y) * math.log(1 - yhat)


def _neuron(x: float, y: float, w0: float, w1: float) -> tuple[float, float, float]:
    u = w0 + w1 * x
    return u, _sigmoid(u), _bce(_sigmoid(u), y)


def _with_loss(loss: Any) -> Any:
    """The neuron with another loss of ŷ and y."""

    def neuron(x: float, y: float, w0: float, w1: float) -> tuple[float, float, float]:
        u, yhat, _ = _neuron(x, y, w0, w1)
        return u, yhat, loss(yhat, y)

    return neuron


def _mirrored(x: float, y: float, w0: float, w1: float) -> tuple[float, float, float]:
    u = w0 + w1 * x
    return u, _sigmoid(-u), _bce(_sigmoid(-u), y)


FORWARD = Item(
    id="ex06.1",
    name="neuron",
    ask="return u, ŷ and the loss",
    truth=_neuron,
    cases=lambda draw: (draw.number(-2, 2), draw.one_of([0.0, 1.0]), draw.number(-2, 2), draw.number(-2, 2)),
    hint="Three equations, each from the one before: u, then ŷ = σ(u), then the cross-entropy of ŷ and y.",
    count=20,
    mistakes=(
        Mistake("swapped", lambda x, y, w0, w1: _neuron(x, y, w1, w0), "Which of the two weights is multiplied by x?"),
        Mistake("mirrored", _mirrored, "u is right, ŷ is not: it should grow with u, and yours falls."),
        Mistake("M12", _with_loss(lambda yhat, y: -_bce(yhat, y)), "The logarithms are negative; a loss is not."),
        Mistake("term", _with_loss(lambda yhat, y: -y * math.log(yhat)),
                "u and ŷ are right. Where y is 0 your loss is 0, whatever the neuron says."),
        Mistake("term", _with_loss(lambda yhat, y: -math.log(yhat)), "u and ŷ are right. Your loss never looks at y."),
        Mistake("target", _with_loss(lambda yhat, y: _bce(yhat, 1 - y)),
                "u and ŷ are right. Your loss is small where the neuron is wrong: which logarithm goes with y?"),
        Mistake("order", lambda *case: _neuron(*case)[::-1], "Right, but in another order: u, then ŷ, then the loss."),
        Mistake("M10", _with_loss(lambda yhat, y: (yhat - y) ** 2), "That is the squared error, another loss."),
        Mistake("base", _with_loss(lambda yhat, y: _bce(yhat, y) / math.log(10)), "The logarithm is the natural one."),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 2: the equations backward
def _back(x: float, y: float, yhat: float) -> Four:
    at_yhat = (yhat - y) / (yhat * (1 - yhat))
    return at_yhat, yhat - y, yhat - y, (yhat - y) * x


def _chained(at_yhat: float, x: float, yhat: float, slope: float | None = None) -> Four:
    """What follows from the gradient at ŷ, with this local gradient of the sigmoid."""
    at_u = at_yhat * (yhat * (1 - yhat) if slope is None else slope)
    return at_yhat, at_u, at_u, at_u * x


def _one_neuron(x: float, y: float, yhat: float) -> Tensor:
    """A neuron that says this ŷ; its weight is 1."""
    w0, w1 = parameter(math.log(yhat / (1 - yhat)) - x, name="w0"), parameter(1.0, name="w1")
    u = addcmul(w0, w1, tensor(x, name="x"))
    said = sigmoid(u)
    u.name, said.name = "u", "yhat"
    L = bce(said, tensor(y, name="y"))
    L.name = "L"
    return L


def _first_of(x: float, y: float, yhat: float) -> float:
    return _back(x, y, yhat)[0]


def _after(rest: Any) -> Any:
    """The right gradient at ŷ, and then others, made of the error, x and ŷ."""
    return lambda x, y, yhat: (_first_of(x, y, yhat), *rest(yhat - y, x, yhat))


EARLY = "ŷ − y stands already at ŷ; it belongs to u. Differentiate the two logarithms first."
ONE_TERM: tuple[Any, ...] = (
    lambda x, y, yhat: _chained(-1 / yhat, x, yhat),
    lambda x, y, yhat: _chained(-y / yhat, x, yhat),
    lambda x, y, yhat: (-y / yhat, *_back(x, y, yhat)[1:]),
)
BACKWARD = Item(
    id="ex06.2",
    name="neuron_backward",
    ask="return the gradients of ŷ, u, w0 and w1",
    truth=_back,
    cases=lambda draw: (draw.number(1.25, 3) * draw.one_of([1, -1]), draw.one_of([0.0, 1.0]), draw.integer(1, 15) / 16),
    hint="Each is the one before times a local gradient; the last two both start from ∂ℒ/∂u.",
    count=20,
    graph=_one_neuron,
    nodes=("yhat", "u", "w0", "w1"),
    mistakes=(
        Mistake("M2", _after(lambda e, x, yhat: (yhat * (1 - yhat), 1.0, x)),
                "From the second on those are local gradients alone; what has come back from the loss is left out."),
        Mistake("M2", _after(lambda e, x, yhat: (e, 1.0, x)),
                "The last two are local gradients: how u answers to the weights. How does the loss answer?"),
        Mistake("M2", lambda x, y, yhat: _chained(_first_of(x, y, yhat), x, yhat, 1.0),
                "On the way from ŷ to u nothing has happened; the sigmoid has a local gradient too."),
        Mistake("M2", lambda x, y, yhat: (_first_of(x, y, yhat),) * 4,
                "The message goes through all arrows unchanged; each has a local gradient."),
        Mistake("M10", lambda x, y, yhat: _chained(yhat - y, x, yhat), EARLY),
        Mistake("M10", lambda x, y, yhat: (yhat - y, *_back(x, y, yhat)[1:]), EARLY),
        Mistake("M10", _after(lambda e, x, yhat: (e * (k := yhat * (1 - yhat)), e * k, e * k * x)),
                "ŷ − y is at u already: the sigmoid's factor has been in it, and is there a second time now."),
        Mistake("M10", lambda x, y, yhat: _chained(2 * (yhat - y), x, yhat),
                "That is the squared error's way back. This loss is the cross-entropy."),
        Mistake("M12", lambda x, y, yhat: tuple(-part for part in _back(x, y, yhat)),
                "The size is right: look at the sign."),
        Mistake("M12", lambda x, y, yhat: (-_first_of(x, y, yhat), *_back(x, y, yhat)[1:]),
                "All are right but the first, whose sign is not: if ŷ is too large, which way should it go?"),
        *(Mistake("term", wrong, "Right where y is 1. The other term of the loss is left out.") for wrong in ONE_TERM),
        Mistake("M3", _after(lambda e, x, yhat: (e, e * x, e)),
                "The last two are swapped: which of the weights is multiplied by x?"),
        Mistake("M2", _after(lambda e, x, yhat: (e, e, e)), "All are right but the last: how does u answer to w1?"),
        Mistake("order", lambda *case: _back(*case)[::-1], "Right, but from the back: begin with ŷ, end with w1."),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 3: a number to predict
def _two(x1: float, x2: float, w0: float, w1: float) -> Tensor:
    """The losses of two examples, the first with a target of 1, the second of 0, and their sum."""
    w0_, w1_ = parameter(w0, name="w0"), parameter(w1, name="w1")
    losses = []
    for number, x, y in (("1", x1, 1.0), ("2", x2, 0.0)):
        u = addcmul(w0_, w1_, tensor(x, name=f"x{number}"))
        said = sigmoid(u)
        u.name, said.name = f"u{number}", f"yhat{number}"
        losses.append(bce(said, tensor(y, name=f"y{number}")))
        losses[-1].name = f"L{number}"
    L = losses[0] + losses[1]
    L.name = "L"
    return L


def _errors(x1: float, x2: float, w0: float, w1: float) -> tuple[float, float]:
    return _sigmoid(w0 + w1 * x1) - 1, _sigmoid(w0 + w1 * x2)


def _of_errors(what: Any) -> Any:
    """A gradient made of e1, e2, x1, x2."""
    return lambda x1, x2, w0, w1: what(*_errors(x1, x2, w0, w1), x1, x2)


ONE = "That is what one of the two examples says. w1 hears from both."
PREDICTED = Item(
    id="ex06.3",
    name="gradient_of_w1",
    ask="the red number that belongs under w1",
    kind="value",
    truth=_of_errors(lambda e1, e2, x1, x2: e1 * x1 + e2 * x2),
    cases=lambda draw: (draw.number(0.5, 0.75), draw.number(2, 3), draw.number(-0.5, -0.25), draw.number(0.75, 1)),
    hint="Two ways lead back to w1, one for each example; on each, what is at u goes on with the local gradient x.",
    figure=lambda *numbers: asked(_two(*numbers)),
    tolerance=3e-3,
    mistakes=(
        Mistake("M1", _of_errors(lambda e1, e2, x1, x2: e1 * x1), ONE),
        Mistake("M1", _of_errors(lambda e1, e2, x1, x2: e2 * x2), ONE),
        Mistake("M14", _of_errors(lambda e1, e2, x1, x2: (e1 * x1 + e2 * x2) / 2), "This loss is a sum, not a mean."),
        Mistake("M12", _of_errors(lambda e1, e2, x1, x2: -e1 * x1 - e2 * x2), "The size is right: look at the sign."),
        Mistake("M2", _of_errors(lambda e1, e2, x1, x2: e1 + e2), "That belongs under w0. Between u and w1 stands x."),
        Mistake("M3", _of_errors(lambda e1, e2, x1, x2: e1 * x2 + e2 * x1),
                "The factors are crossed: what is at u of one example met the x of the other."),
        Mistake("M2", _of_errors(lambda e1, e2, x1, x2: x1 + x2), "Those are local gradients, without the red."),
        Mistake(
            "target",
            _of_errors(lambda e1, e2, x1, x2: (e1 + 1) * x1 + e2 * x2),
            "What arrives at u is an error: how far each ŷ is from its y, and in which direction.",
        ),
        Mistake(
            "M10",
            _of_errors(lambda e1, e2, x1, x2: -e1 * (1 + e1) * e1 * x1 + e2 * (1 - e2) * e2 * x2),
            "The factor ŷ(1 − ŷ) is in it; with cross-entropy something else cancels it.",
        ),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 4: where ŷ − y holds
KINDS = ("sigmoid", "cross-entropy"), ("sigmoid", "squared"), ("sigmoid", "half"), ("none", "squared"), ("none", "half")


def _at_u(activation: str, loss: str, yhat: float, y: float) -> float:
    slope = yhat * (1 - yhat) if activation == "sigmoid" and loss != "cross-entropy" else 1.0
    return (2.0 if loss == "squared" else 1.0) * (yhat - y) * slope


def _twice_sloped(activation: str, loss: str, yhat: float, y: float) -> float:
    right = _at_u(activation, loss, yhat, y)
    return right * yhat * (1 - yhat) if loss == "cross-entropy" else right


def _always_sloped(activation: str, loss: str, yhat: float, y: float) -> float:
    right = _at_u(activation, loss, yhat, y)
    return right * yhat * (1 - yhat) if activation == "none" else right


def _at_yhat(activation: str, loss: str, yhat: float, y: float) -> float:
    if loss == "cross-entropy":
        return (yhat - y) / (yhat * (1 - yhat))
    return _at_u("none", loss, yhat, y)


def _ending(activation: str, loss: str, yhat: float, y: float) -> Tensor:
    """A network that says this ŷ and ends in this way."""
    u = parameter(math.log(yhat / (1 - yhat)) if activation == "sigmoid" else yhat, name="u")
    said, target = sigmoid(u) if activation == "sigmoid" else u, tensor(y, name="y")
    if said is not u:
        said.name = "yhat"
    square = (said - target) ** 2 if loss != "cross-entropy" else bce(said, target)
    L = 0.5 * square if loss == "half" else square
    L.name = "L"
    return L


OTHERS = Item(
    id="ex06.4",
    name="gradient_at_u",
    ask="return ∂ℒ/∂u for this activation and this loss",
    graph=_ending,
    nodes=("u",),
    truth=_at_u,
    cases=lambda draw: (*draw.one_of(KINDS), draw.integer(1, 15) / 16, draw.one_of([0.0, 1.0])),
    hint="Two arrows: from the loss to ŷ, and from ŷ to u. Write down both local gradients for the kind at hand.",
    count=60,
    mistakes=(
        Mistake("M10", lambda activation, loss, yhat, y: yhat - y,
                "ŷ − y holds for some of these kinds and not for this one: nothing cancels here."),
        Mistake("M10", lambda activation, loss, yhat, y: _at_u("none", loss, yhat, y),
                "The message leaves the sigmoid as it came. Only cross-entropy has made up for its factor beforehand."),
        Mistake("M10", _twice_sloped, "With cross-entropy the sigmoid's factor has a counterpart at the loss."),
        Mistake("M10", _always_sloped, "Where ŷ = u there is no sigmoid, and so no factor of one."),
        Mistake("M3", _at_yhat, "That is the gradient at ŷ. From there one arrow more leads to u."),
        Mistake("M2", lambda activation, loss, yhat, y: yhat * (1 - yhat) if activation == "sigmoid" else 1.0,
                "That is how ŷ answers to u. How does the loss answer to ŷ?"),
        Mistake("factor", lambda activation, loss, yhat, y: _at_u(activation, loss.replace("squared", "half"), yhat, y),
                "Derive the square: something comes down from the exponent."),
        Mistake("factor", lambda activation, loss, yhat, y: _at_u(activation, loss.replace("half", "squared"), yhat, y),
                "The ½ in front of the square is left out."),
        Mistake("factor", lambda activation, loss, yhat, y: _at_u(activation, loss, yhat, y) / (1 + (loss == "half")),
                "The ½ is there; but the square under it has a derivative too, and something comes down in it."),
        Mistake("M12", lambda *case: -_at_u(*case), "The size is right. If ŷ is too large, which sign makes u fall?"),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 6: an error to be read (5 is in logits.py)
CAUSE = choice(
    "ex06.6",
    "cause",
    "b",
    Mistake("small", lambda: "a",
            "e⁻⁴⁰ is small, but a float holds it with all its digits; and a divisor of 1 plus a little is harmless."),
    Mistake("above 1", lambda: "c",
            "Rounding takes the nearest float. Between the true ŷ and anything above 1 lies 1 itself."),
    Mistake("targets", lambda: "d",
            "0 and 1 are just the targets that cross-entropy is made for. One of the two terms then has the factor 0."),
    ask="the letter of the true explanation, in quotes",
)  # fmt: skip

ITEMS = (FORWARD, BACKWARD, PREDICTED, OTHERS, FUSED, CAUSE)
