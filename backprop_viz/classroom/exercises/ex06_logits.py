"""The loss of lecture 06 from logits: an item whose wrong answers come from rounding, overflow, and a factor N."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dyadic import Array, Dyadic
from ..item import Item, Mistake
from .slips import flipped


def _logits(draw: Dyadic) -> tuple[Array, Array]:
    """Logits of which some are beyond what exp can take, sure and right, and sure and wrong."""
    far, sure = draw.number(40, 90), draw.number(800, 1000)
    pairs = [(far, 0.0), (-far, 1.0), (sure, 1.0), (-sure, 1.0), (sure, 0.0)][: draw.integer(3, 5)]
    pairs += [(draw.number(), draw.one_of([0.0, 1.0])) for _ in range(draw.integer(1, 3))]
    mixed = np.array(draw.shuffled(pairs))
    return mixed[:, 0], mixed[:, 1]


def _squashed(u: Array) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-u)))


def _each(u: Array, y: Array) -> Array:
    return np.asarray(np.logaddexp(0, u) - u * y)


def _fused(u: Array, y: Array, losses: Any = None, gradient: Any = None) -> tuple[float, Array]:
    """The right answer; with other losses or gradients of the examples, a wrong one."""
    mine = _each(u, y) if losses is None else losses(u, y)
    return float(np.mean(mine)), (_squashed(u) - y if gradient is None else gradient(u, y)) / len(u)


def _by_probability(u: Array, y: Array, least: float = 0.0, lowest: float = -np.inf) -> Array:
    """The losses by way of ŷ, which is kept this far from 0 and 1, and its logarithm above `lowest`."""
    yhat = np.clip(_squashed(u), least, 1 - least)
    return np.asarray(-y * np.maximum(np.log(yhat), lowest) - (1 - y) * np.maximum(np.log(1 - yhat), lowest))


def _slope(u: Array) -> Array:
    return _squashed(u) * (1 - _squashed(u))


def _divided(u: Array, y: Array) -> Array:
    """The gradient by way of ŷ, without the cancelling."""
    yhat = _squashed(u)
    return np.asarray((yhat - y) / (yhat * (1 - yhat)) * (yhat * (1 - yhat)))


ROUNDED = (
    "ŷ has been rounded to 0 or 1 before its logarithm was taken. Do the cancelling on paper, and leave ŷ out of it."
)
HIDDEN = "The large logits are held at some largest loss: a bandage. The loss has a form in u that needs none."
FUSED = Item(
    id="ex06.5",
    name="bce_with_logits",
    ask="return the mean loss and its gradient, from the logits",
    truth=lambda u, y: _fused(u, y),
    cases=_logits,
    hint="Write the loss in terms of u alone, so that no exponential grows; the derivative is what is left on paper.",
    mistakes=(
        Mistake("rounded", lambda u, y: _fused(u, y, _by_probability), ROUNDED),
        Mistake("rounded", lambda u, y: _fused(u, y, _by_probability, _divided), ROUNDED),
        Mistake("held", lambda u, y: _fused(u, y, lambda u, y: _by_probability(u, y, lowest=-100.0)), HIDDEN),
        *(
            Mistake("held", lambda u, y, e=e: _fused(u, y, lambda u, y: _by_probability(u, y, e)), HIDDEN)
            for e in (1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)
        ),
        Mistake(
            "overflow",
            lambda u, y: _fused(u, y, lambda u, y: np.log(1 + np.exp(u)) - u * y),
            "The formula is right on paper; but how large does the exponential get for a large u?",
        ),
        Mistake(
            "overflow",
            lambda u, y: _fused(u, y, None, lambda u, y: np.exp(u) / (1 + np.exp(u)) - y),
            "The loss is right. In the gradient an exponential overflows: write the sigmoid so that it cannot.",
        ),
        Mistake(
            "rounded",
            lambda u, y: _fused(u, y, None, _divided),
            "The loss is right. The gradient still divides by ŷ(1 − ŷ).",
        ),
        Mistake(
            "M14", lambda u, y: (np.sum(_each(u, y)), _squashed(u) - y), "Both are those of the sum; asked is the mean."
        ),
        Mistake(
            "M14",
            lambda u, y: (np.mean(_each(u, y)), _squashed(u) - y),
            "The loss is the mean's; the gradient is the sum's.",
        ),
        Mistake(
            "M14",
            lambda u, y: (np.sum(_each(u, y)), _fused(u, y)[1]),
            "The gradient is the mean's; the loss is the sum.",
        ),
        Mistake("M14", lambda u, y: (_each(u, y), _fused(u, y)[1]), "One number is asked for as the loss, the mean."),
        Mistake(
            "M14",
            lambda u, y: (_fused(u, y)[0], np.mean(_squashed(u) - y)),
            "The loss is right. Each logit has a gradient of its own: an array as long as u.",
        ),
        Mistake(
            "M12", lambda u, y: _fused(u, y, None, lambda u, y: y - _squashed(u)), "Look at the sign of the gradient."
        ),
        Mistake(
            "M12", lambda u, y: _fused(u, y, lambda u, y: -_each(u, y)), "Look at the sign of the loss: is it ≥ 0?"
        ),
        Mistake(
            "M12", flipped(_fused), "Both signs are turned. Is a loss ever negative? And where ŷ > y, does it grow?"
        ),
        Mistake(
            "M10",
            lambda u, y: _fused(u, y, None, lambda u, y: (_squashed(u) - y) * _slope(u)),
            "The loss is right. The sigmoid's factor is in the gradient; with cross-entropy something cancels it.",
        ),
        Mistake(
            "M2",
            lambda u, y: _fused(u, y, None, lambda u, y: _slope(u)),
            "The loss is right. Your gradient says how ŷ answers to u; how does the loss answer to ŷ?",
        ),
        Mistake("target", lambda u, y: _fused(u, y, lambda u, y: np.logaddexp(0, u)), "Your loss never looks at y."),
        Mistake(
            "target", lambda u, y: _fused(u, y, None, lambda u, y: _squashed(u)), "Your gradient never looks at y."
        ),
    ),
)
