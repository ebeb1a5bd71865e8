"""What the plots share: the Axes to draw on, the colours, and words. Only a plot that is drawn imports matplotlib."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RED, BLUE, GREY = "#D40000", "#0000FF", "#707070"  # backpropagated, local, what is said beside them
# Each series has a colour, a dash and a marker of its own: none is told by its colour alone. No blue, which is local.
COLOURS = (RED, "#000000", "#7A3E9D", "#B8651B", "#3C7A2A", "#707070")
DASHES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
STYLE: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.labelsize": 9.0,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.facecolor": "white",
}


@contextmanager
def canvas(ax: Axes | None, *, space: bool = False) -> Iterator[Any]:
    """The Axes to draw on: those given, in their own style, or those of a new figure that pyplot shows.

    space: whether three dimensions are drawn
    """
    if ax is not None:
        yield checked(ax, space)
        return
    from matplotlib import pyplot, rc_context

    with rc_context(STYLE):
        figure = pyplot.figure(figsize=(5.4, 4.0), layout="constrained")
        try:
            yield figure.add_subplot(projection="3d" if space else None)
        except BaseException:
            pyplot.close(figure)
            raise


def checked(ax: Any, space: bool) -> Any:
    """These Axes, or an error where they cannot take the plot."""
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise TypeError(f"ax is a matplotlib Axes, as plt.subplots() gives; got {type(ax).__name__}")
    if space and ax.name != "3d":
        raise TypeError("a surface needs Axes of three dimensions: ax=figure.add_subplot(projection='3d')")
    if not space and ax.name == "3d":
        raise TypeError("this plot is flat, and ax has three dimensions: give ax=figure.add_subplot()")
    return ax


def look(i: int) -> dict[str, Any]:
    """Colour, dash and marker of the i-th series."""
    return {
        "color": COLOURS[i % len(COLOURS)],
        "linestyle": DASHES[i % len(DASHES)],
        "marker": MARKERS[i % len(MARKERS)],
        "markerfacecolor": "white",
    }


def legend(axes: Any, **where: Any) -> None:
    """A small legend: it leaves room for the picture in a narrow column too."""
    axes.legend(fontsize=7.5, framealpha=0.85, handlelength=1.6, labelspacing=0.3, borderpad=0.3, **where)


def plain(name: str) -> str:
    """A name as matplotlib shows it letter by letter: a dollar begins no formula."""
    return name.replace("$", r"\$")


def series(axes: Any, x: Any, y: Any, **style: Any) -> None:
    """A line on a log axis; what cannot stand there is marked at its edge: 0 below, nan and inf above."""
    y = np.asarray(y, dtype=float)
    ok = np.isfinite(y) & (y > 0)
    mark = max(1, -(-len(y) // 12))
    axes.plot(x, np.where(ok, y, np.nan), markevery=mark, **style)
    edge = axes.get_xaxis_transform()
    at_edge = {"linestyle": "none", "color": style.get("color", GREY), "transform": edge, "clip_on": False}
    said = axes.get_legend_handles_labels()[1]
    for where, height, marker, words in ((y == 0, 0.0, "v", "exactly 0"), (np.isinf(y), 1.0, "X", "not finite")):
        if where.any():
            label = words if words not in said else "_"
            axes.plot(np.asarray(x)[where], np.full(where.sum(), height), marker=marker, label=label, **at_edge)


def limits(given: tuple[float, float] | None, values: Any, name: str, room: float) -> tuple[float, float]:
    """The range of one axis: what is given, or the values with room around them, a part of their spread; else 1."""
    if given is not None:
        low, high = given
        if not (np.isfinite([low, high]).all() and low < high):
            raise ValueError(f"{name} is a pair (low, high) of finite numbers, low < high; got {given!r}")
        return float(low), float(high)
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    around = room * (high - low) or 1.0
    return low - around, high + around
