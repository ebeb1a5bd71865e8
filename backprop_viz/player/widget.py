"""The player in a notebook: with pictures.py the only file that imports anywidget and ipywidgets."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isfinite, log
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import traitlets

from ..autograd.tensor import Tensor
from ..autograd.values import short
from ..plots.surface import Range
from ..record.trace import Trace
from ..render.figure import Figure
from .film import as_json
from .film import stage as stage_of
from .inlined import script
from .landscape import Landscape
from .page import save_page, still
from .pictures import Surface
from .session import RATE, Session
from .soon import Soon

HERE = Path(__file__).parent
SOON = 0.004  # seconds in which edits are answered together
SLIDERS = ipywidgets.FloatSlider, ipywidgets.FloatLogSlider, ipywidgets.IntSlider  # they stand on their steps alone
REST = 0.15  # seconds without an edit, after which something is said of every step again


def play(loss: Tensor | Trace | Figure, step: int = 0) -> Player:
    """A player that steps through the forward and the backward pass of `loss`, of a trace, or of a figure's trace.

    loss: a figure is played as `draw` was told to draw it: bp.play(bp.draw(trace, zoom="layer 1", title="…"))
    step: where it stands at first, by default the figure's step or 0; a picture where nothing moves, as in a notebook
          opened again, is that of this step too, or of the last one for 0
    Of a loss the inputs and parameters can be edited in the player; the tensors themselves stay as they are.
    """
    if not isinstance(loss, Tensor | Trace | Figure):
        raise TypeError(f"play takes a tensor, a trace or a figure; got {type(loss).__name__} {loss!r:.60}")
    return Player(loss, step)


def _json(reel: dict[str, Any], _: Any) -> str:
    """A reel as it is sent: JSON within JSON, for ipywidgets would look through all of it twice."""
    return as_json(reel)


class Player(anywidget.AnyWidget):
    """A loss, a trace or a figure, shown step by step.

    step: where the playhead stands, 0 (nothing computed) … steps; may be set. The reader's own steps are taken in the
          browser, and arrive here when they rest on one.
    """

    _esm = script("widget")
    _css = HERE / "player.css"

    stage = traitlets.Dict().tag(sync=True)
    reel = traitlets.Dict().tag(sync=True, to_json=_json)
    live = traitlets.Dict().tag(sync=True)
    step = traitlets.Int().tag(sync=True)

    def __init__(self, loss: Tensor | Trace | Figure, step: int = 0) -> None:
        self._session = session = Session(loss)
        self._followers: list[Callable[[], None]] = []
        self._sliders: dict[int, tuple[Any, Callable[[Any], None]]] = {}
        self._following = False
        self._followed: dict[int, float] = {}  # what the leaves held when their sliders were moved there
        self._soon = Soon(self._answer, SOON)
        self._rest = Soon(self._tell, REST, patient=True)
        step = step or (loss.step or 0 if isinstance(loss, Figure) else 0)
        super().__init__(stage=stage_of(session.figure), reel=session.reel, live=session.live, step=step)
        self.on_msg(self._heard)

    @property
    def trace(self) -> Trace:
        """The record of the loss, with the values that it has now."""
        return self._session.whole.trace

    @property
    def figure(self) -> Figure:
        """The picture of all steps."""
        return self._session.figure

    @property
    def steps(self) -> int:
        """The number of the last step: one for each event."""
        return len(self.figure.trace.events)

    def save(self, path: str | os.PathLike[str], *others: Player, title: str = "") -> Path:
        """Write an HTML file that plays this from here on, without a kernel or network; gives its path.

        others: players below this one;  title: the page's name
        The file's address may name another step: page.html#step=17; of several players, in order: page.html#step=17,4.
        """
        return save_page(path, self, *others, title=title)

    # ------------------------------------------------------------------ values that move
    @property
    def values(self) -> dict[str, Any]:
        """What each input and parameter holds in the player, by its name."""
        lab = self._session.experiment
        return {lab.name(i): value.copy() if hasattr(value, "copy") else value for i, value in lab.values.items()}

    def edit(self, **values: Any) -> None:
        """Give inputs and parameters other values in the player, by their names; the tensors stay as they are."""
        self._session.experiment.edit(values)
        self._compute()

    def learn(self, rate: float = RATE) -> None:
        """Take one step of gradient descent with all parameters."""
        self._session.experiment.learn(rate)
        self._compute()

    def reset(self) -> None:
        """Go back to the values of the beginning."""
        self._session.experiment.reset()
        self._compute()

    def bind(self, **sliders: Any) -> Player:
        """Link inputs and parameters, by their names, to widgets whose value is a number; gives the player.

        Either moves the other: `bp.play(L).bind(w=ipywidgets.FloatSlider(min=-2, max=2))`. A widget of whole numbers
        moves leaves of whole numbers only. One that cannot show a value, as a choice among others, stays where it is.
        """
        lab = self._session.experiment
        leaves = {name: lab.leaf(name) for name in sliders}
        for name, slider in sliders.items():
            if shape := lab.leaves[leaves[name]].shape:
                raise ValueError(f"{name} has shape {shape}: a widget of one number cannot move it")
            if not isinstance(slider, ipywidgets.Widget) or not _is_number(getattr(slider, "value", None)):
                raise TypeError(
                    f"{name} is linked to a widget whose value is a number, such as ipywidgets.FloatSlider(); got "
                    f"{type(slider).__name__} {short(slider)}"
                )
            dtype = lab.leaves[leaves[name]].dtype
            choosing = hasattr(slider, "options")  # of numbers that may stand there as whole ones and others
            if isinstance(slider.value, int) and dtype.kind == "f" and not choosing:
                raise TypeError(
                    f"{name} holds numbers of type {dtype}, and {type(slider).__name__} whole ones alone: it could not "
                    f"show where {name} stands. Use a widget of such numbers, as ipywidgets.FloatSlider(step=1)"
                )
        before = {name: slider.value for name, slider in sliders.items()}
        for name, slider in sliders.items():
            leaf = leaves[name]
            if not self._follows(leaf, slider) and not lab.takes(leaf, slider.value):
                for other, value in before.items():
                    sliders[other].value = value
                raise ValueError(
                    f"{name} is {lab.values[leaf]}, which {type(slider).__name__} cannot show, and it cannot be "
                    f"{slider.value}: give the widget numbers of type {lab.leaves[leaf].dtype}"
                )
        for name, slider in sliders.items():
            self._link(leaves[name], slider)
        return self

    def surface(self, x: str, y: str, *, xlim: Range | None = None, ylim: Range | None = None) -> Surface:
        """The loss over two numbers, "w0" or an element "W[0, 1]", with the way that they take in this player.

        xlim, ylim: the ranges; left out, one to each side of where they stand
        """
        surface = Surface(Landscape(self._session.experiment, x, y, xlim, ylim))
        self._followers.append(surface.follow)
        return surface

    def _link(self, leaf: int, slider: Any) -> None:
        def moved(change: Any) -> None:
            if not self._following and not self._settles(leaf, slider, change["new"]):
                with self._said():
                    self._session.experiment.edit({leaf: change["new"]})
                    self._soon()

        if leaf in self._sliders:
            old, listener = self._sliders[leaf]
            old.unobserve(listener, "value")
        self._sliders[leaf] = slider, moved
        slider.observe(moved, "value")

    def _settles(self, leaf: int, slider: Any, value: float) -> bool:
        """Whether a slider that was moved to where its leaf stands comes to rest on its own nearest step: no edit.

        It does so in the browser, afterwards; a reader moves it to another step.
        """
        stands: float = np.asarray(self._session.experiment.values[leaf]).item()
        if stands != self._followed.get(leaf) or not isinstance(slider, SLIDERS) or slider.step is None:
            return False
        half: float = slider.step / 2 * (1 + 1e-9)
        if isinstance(slider, ipywidgets.FloatLogSlider):
            return value > 0 and stands > 0 and abs(log(value / stands, slider.base)) <= half
        return abs(value - stands) <= half

    def _follows(self, leaf: int, slider: Any) -> bool:
        """Move a slider to where its leaf's value stands, or to its end if it ends before; False if it cannot go there.

        One that cannot, as a choice among other numbers, stays where it is.
        """
        value = np.asarray(self._session.experiment.values[leaf]).item()
        self._following = True
        try:
            if isfinite(value):
                slider.value = value
                self._followed[leaf] = value
        except traitlets.TraitError:
            return False
        finally:
            self._following = False
        return True

    # ------------------------------------------------------------------ what the browser asks for
    def _heard(self, _: Any, content: Any, buffers: Any = None) -> None:
        """Do what a message asks for: nothing in it may end as an error of the kernel."""
        with self._said():
            if self._session.do(content):
                self._show()
            else:
                self._soon()

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Say in the player what goes wrong."""
        try:
            yield
        except Exception as error:
            self.send({"type": "error", "text": str(error) or type(error).__name__})

    def _answer(self) -> None:
        with self._said():
            self._compute(self._session.told)

    def _compute(self, told: frozenset[int] | None = None) -> None:
        """Compute with the present values and show it in the same layout; for now in the words of these steps alone."""
        self._soon.cancel()
        self._session.follow()
        self._session.told = None if told is None else told | {self.step}  # where other views of this player stand
        self.reel = self._session.reel
        if told is not None:
            self._rest()
        for leaf, (slider, _) in self._sliders.items():
            self._follows(leaf, slider)
        for follow in self._followers:
            follow()

    def _tell(self) -> None:
        """Say something of every step, of which for now only some were told."""
        if self._soon.due:  # the answer to a later message comes first
            self._rest()
        else:
            self._session.told = None
            self.reel = self._session.reel

    def _show(self) -> None:
        """Show another picture, at the same step where it has that many."""
        with self.hold_sync():
            self.stage = stage_of(self.figure)
            self.reel, self.live = self._session.reel, self._session.live
            self.step = min(self.step, self.steps)

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
        return data | {"text/plain": repr(self), "image/svg+xml": still(self).shown}, metadata


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
