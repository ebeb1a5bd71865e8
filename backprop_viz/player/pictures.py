"""Plots that are drawn anew while values move: the loss surface of a player, and plots below sliders."""

from __future__ import annotations

import base64
import inspect
import io
from collections.abc import Callable
from typing import Any

import ipywidgets

from ..autograd.values import short
from .landscape import DOTS, WIDTH, Landscape
from .soon import Soon

QUIET = 0.15  # seconds after which another landscape is drawn
SOON = 0.05  # seconds in which moves of sliders are answered together


class Surface(ipywidgets.Image):  # type: ignore[misc]
    """The loss over two numbers, and the way that they take: drawn again as they move."""

    def __init__(self, landscape: Landscape) -> None:
        self._landscape = landscape
        self._later = Soon(self._draw, QUIET, patient=True)
        layout = {"width": f"{WIDTH}px", "max_width": f"min(100%, {WIDTH}px)", "align_self": "flex-start"}
        super().__init__(value=landscape.png(), format="png", layout=layout)
        self.add_class("bp-surface")

    def follow(self) -> None:
        """Go to where the numbers stand now."""
        self._landscape.move()
        if self._landscape.stale:  # another landscape takes a moment to draw: not for each of many edits
            self._later()
        else:
            self._draw()

    def _draw(self) -> None:
        self.value = self._landscape.png()

    def __repr__(self) -> str:
        return f"Surface({' × '.join(self._landscape.names)})"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        data = super()._repr_mimebundle_(**kwargs) or {}
        return data | {"text/plain": repr(self), "image/png": base64.b64encode(self.value).decode()}


class Explorer(ipywidgets.VBox):  # type: ignore[misc]
    """A plot below sliders, drawn again when one of them moves."""

    def __init__(self, draw: Callable[..., Any], sliders: dict[str, Any]) -> None:
        self._plot, self._sliders = draw, sliders
        self._later = Soon(self._again, SOON)
        self._image = ipywidgets.Image(value=self._png(), format="png", layout={"max_width": "100%"})
        self._said = ipywidgets.Label()
        for name, slider in sliders.items():
            slider.description = name
            slider.observe(lambda _: self._later(), "value")
        super().__init__([*sliders.values(), self._image, self._said])

    @property
    def values(self) -> dict[str, Any]:
        """What is chosen, by name."""
        return {name: slider.value for name, slider in self._sliders.items()}

    def _again(self) -> None:
        try:
            self._image.value = self._png()
            self._said.value = ""
        except Exception as error:  # nobody would see it in the kernel's log
            self._said.value = f"{type(error).__name__}: {error}"

    def _png(self) -> bytes:
        """The figure that the reader's function makes, which nothing else shows."""
        from matplotlib import pyplot

        before = set(pyplot.get_fignums())
        try:
            self._plot(**self.values)
            made = [number for number in pyplot.get_fignums() if number not in before]
            if not made:
                raise ValueError(
                    f"explore shows the figure that {_named(self._plot)} makes with matplotlib, and it left none: make "
                    "one with plt.subplots(), and leave out plt.show()"
                )
            file = io.BytesIO()
            pyplot.figure(made[-1]).savefig(file, format="png", dpi=DOTS, metadata={"Software": None})
            return file.getvalue()
        finally:
            for number in set(pyplot.get_fignums()) - before:
                pyplot.close(number)

    def __repr__(self) -> str:
        return f"Explorer({', '.join(f'{name}={value!r}' for name, value in self.values.items())})"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        data = super()._repr_mimebundle_(**kwargs) or {}
        return data | {"text/plain": repr(self), "image/png": base64.b64encode(self._image.value).decode()}


def explore(draw: Callable[..., Any], **sliders: Any) -> Explorer:
    """A plot with a slider for each argument of the function that draws it.

    draw:    makes a figure with matplotlib from the values of the sliders, and does not show it
    sliders: for each argument (least, most), (least, most, step), a list of choices, or a widget; they begin at the
             function's defaults
    Where nothing moves, as on GitHub, stands the plot of the beginning.
    """
    if not callable(draw) or not sliders:
        raise TypeError("explore takes a function that draws, and a slider for each argument: explore(f, a=(0, 1))")
    defaults = {name: given.default for name, given in inspect.signature(draw).parameters.items()}
    if unknown := [name for name in sliders if name not in defaults]:
        raise TypeError(f"{_named(draw)} has no argument {unknown[0]!r}; it has {', '.join(defaults) or 'none'}")
    return Explorer(draw, {name: _slider(name, given, defaults[name]) for name, given in sliders.items()})


def _slider(name: str, given: Any, start: Any) -> Any:
    """The widget for an argument, at the function's default where it has one."""
    try:
        made = ipywidgets.interactive.widget_from_abbrev(given, start)
    except ValueError as error:  # such as a range whose end is its beginning
        raise ValueError(f"{name}: {error}") from None
    if made is None or not hasattr(made, "value"):
        raise TypeError(
            f"{name} is given as (least, most), (least, most, step), a list of choices or a widget; got {short(given)}"
        )
    return made


def _named(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", "the function")
