"""The player in a notebook: the only file that imports anywidget."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..autograd.tensor import Tensor
from ..record.recorder import trace as record_trace
from ..record.trace import Trace
from ..render.draw import draw
from .film import film as film_of
from .page import save_page

HERE = Path(__file__).parent


def play(loss: Tensor | Trace, step: int = 0) -> Player:
    """A player that steps through the forward and the backward pass of `loss`, or of a trace of it.

    step: where it stands at first
    """
    if isinstance(loss, Tensor):
        loss = record_trace(loss)
    if not isinstance(loss, Trace):
        raise TypeError(f"play takes a tensor or a trace; got {type(loss).__name__} {loss!r:.60}")
    return Player(loss, step)


class Player(anywidget.AnyWidget):
    """A trace, shown step by step.

    step: where the playhead stands, 0 (nothing computed) … steps; may be set. The reader's own steps are taken in the
          browser, and arrive here when they rest on one.
    """

    _esm = HERE / "player.js"
    _css = HERE / "player.css"

    film = traitlets.Dict().tag(sync=True)
    step = traitlets.Int().tag(sync=True)

    def __init__(self, trace: Trace, step: int = 0) -> None:
        self.trace = trace
        self.figure = draw(trace)  # the picture after the last step, for places where nothing moves
        super().__init__(film=film_of(self.figure), step=step)

    @property
    def steps(self) -> int:
        """The number of the last step: one for each event."""
        return len(self.trace.events)

    def save(self, path: str | os.PathLike[str], *others: Player, title: str = "") -> Path:
        """Write an HTML file that plays this from here on, without a kernel or network; gives its path.

        others: players below this one;  title: the page's name
        The file's address may name another step: page.html#step=17; of several players, in order: page.html#step=17,4.
        """
        return save_page(path, self, *others, title=title)

    @traitlets.validate("step")
    def _step_exists(self, proposal: Any) -> int:
        step: int = proposal["value"]
        if not 0 <= step <= self.steps:
            raise traitlets.TraitError(f"there is no step {step}: {self!r} has the steps 0 to {self.steps}")
        return step

    def __repr__(self) -> str:
        name = " ".join(self.trace.root.name.split())
        return f"Player({name}: {self.steps} step{'s' * (self.steps != 1)})"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return data | {"text/plain": repr(self), "image/svg+xml": self.figure.shown}, metadata
