"""The largest stable learning rate: the last item of lecture 01."""

from __future__ import annotations

import numpy as np

from ..dyadic import Array, Dyadic
from ..item import Item, Mistake


def _bowl(draw: Dyadic) -> tuple[Array]:
    """A symmetric matrix whose diagonal outweighs the rest, so that all its eigenvalues are positive."""
    size = draw.integer(1, 3)
    upper = np.triu(draw.array(size, size, low=-1, high=1), 1)
    return (upper + upper.T + np.diag(draw.array(size, low=2.25, high=5)),)


RATE = Item(
    id="ex01.6",
    name="largest_rate",
    ask="return the border below which every learning rate is stable",
    truth=lambda H: 2 / np.linalg.eigvalsh(H)[-1],
    cases=_bowl,
    hint="Along each eigenvector the walker is on a parabola; which of the curvatures gives way first?",
    mistakes=(
        Mistake(
            "arrives",
            lambda H: 1 / np.linalg.eigvalsh(H)[-1],
            "With that one the steepest direction arrives in a single step. It may be longer and still converge.",
        ),
        Mistake(
            "flattest",
            lambda H: 2 / np.linalg.eigvalsh(H)[0],
            "That is the border of the flattest direction; the others would be beyond theirs.",
        ),
        Mistake(
            "diagonal",
            lambda H: 2 / np.max(np.diag(H)),
            "You read the curvature off the diagonal. The steepest direction need not be one of the axes.",
        ),
        Mistake("inverted", lambda H: np.linalg.eigvalsh(H)[-1] / 2, "The steeper the bowl, the shorter the step."),
        Mistake("λ", lambda H: np.linalg.eigvalsh(H)[-1], "That is the largest curvature. Which border does it set?"),
    ),
)
