"""How time or memory grows with the graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..autograd.graph import Graph
from ..autograd.tensor import Tensor
from ..autograd.values import short, untracked
from ..record.trace import Trace
from .canvas import canvas, legend, look, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Student's t for 95 %, from 1 degree of freedom to 10.
T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
Z = 1.959964
MOST_POINTS = 500


class Fit(NamedTuple):
    """A line through logarithms: log y = slope · log x + offset, and half the slope's 95 % interval."""

    slope: float
    offset: float
    half: float | None


def growth(
    sizes: Iterable[Any],
    times: Iterable[Any],
    *,
    xlabel: str = "nodes + edges",
    ylabel: str = "time in seconds",
    label: str = "measured",
    ax: Axes | None = None,
) -> Axes:
    """Draw measurements against the size of the graph, both axes logarithmic, with the fitted slope in the legend.

    sizes: numbers; or losses, graphs or traces, whose nodes and edges (V + E) are counted
    times: one for each size, or several; the fit is through all, the mark at their median, with a bar over them
    The interval is that of 95 % (Student's t); two measurements give none. Slope 1 is linear growth. Call again with
    the same `ax` to compare.
    """
    x, groups = measured(sizes, times)
    lengths = [len(group) for group in groups]
    fitted = fit(np.log(np.repeat(x, lengths)), np.log(np.concatenate(groups)))
    bounds = "" if fitted.half is None else f" ({fitted.slope - fitted.half:.2f} to {fitted.slope + fitted.half:.2f})"
    middle, low, high = (np.array([of(group) for group in groups]) for of in (np.median, np.min, np.max))
    some = slice(None, None, -(-len(x) // MOST_POINTS))
    ends = np.array([x.min(), x.max()])
    with canvas(ax) as axes:
        style = look(sum(line.get_gid() == "fit" for line in axes.get_lines()))
        dash = {"linestyle": style.pop("linestyle"), "color": style["color"]}
        axes.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel)
        said = label if len(x[some]) == len(x) else f"{label} ({len(x[some])} of {len(x)})"
        axes.plot(x[some], middle[some], linestyle="none", label=plain(said), **style)
        if max(lengths) > 1:
            spread = [(middle - low)[some], (high - middle)[some]]
            axes.errorbar(x[some], middle[some], yerr=spread, fmt="none", ecolor=style["color"], capsize=3)
        line = np.exp(fitted.offset) * ends**fitted.slope
        axes.plot(ends, line, gid="fit", label=f"slope {fitted.slope:.2f}{bounds}", linewidth=1.2, **dash)
        if not axes.get_title():  # another call has set it
            axes.set_title(f"Growth with {xlabel}")
        axes.grid(color="#DDDDDD", linewidth=0.5)
        legend(axes)
        return axes  # type: ignore[no-any-return]


def measured(sizes: Iterable[Any], times: Iterable[Any]) -> tuple[Any, list[Any]]:
    """The sizes as numbers, and the measurements of each."""
    x = np.array([size_of(size) for size in sizes], dtype=float)
    groups = [np.ravel(np.asarray(untracked(time), dtype=float)) for time in times]
    if len(x) != len(groups):
        raise ValueError(f"there are {len(x)} sizes, but times for {len(groups)}: give one, or a list, for each size")
    for what, numbers in (("size", x), *(("time", group) for group in groups)):
        if not numbers.size or not (np.isfinite(numbers) & (numbers > 0)).all():
            raise ValueError(f"a {what} is a finite number above 0, or logarithms have no place for it; got {numbers}")
    if len(np.unique(x)) < 2:
        raise ValueError(f"a slope needs two different sizes at least; got {short(x.tolist())}")
    return x, groups


def size_of(thing: Any) -> float:
    """Nodes and edges of a graph; a number as it is."""
    if isinstance(thing, Trace):
        return len(thing.nodes) + len(thing.edges)
    if isinstance(thing, Tensor) and thing.op is not None:
        thing = Graph(thing)
    if isinstance(thing, Graph):
        return len(thing.nodes) + sum(isinstance(a, Tensor) for node in thing.compute for a in node.arguments)
    try:
        return float(untracked(thing))
    except (TypeError, ValueError):
        kind = type(thing).__name__
        raise TypeError(f"a size is a number, a loss, a graph or a trace; got {kind} {short(thing)}") from None


def fit(x: Any, y: Any) -> Fit:
    """The line of least squares; x and y are logarithms."""
    away = x - x.mean()
    slope = float(away @ y / (away @ away))
    offset = float(y.mean() - slope * x.mean())
    free = len(x) - 2
    if free == 0:
        return Fit(slope, offset, None)
    rest = y - offset - slope * x
    return Fit(slope, offset, student(free) * float(np.sqrt(rest @ rest / free / (away @ away))))


def student(free: int) -> float:
    """The 97.5 % point of Student's t; above 10 degrees of freedom by the expansion of Cornish and Fisher."""
    if free <= len(T):
        return T[free - 1]
    return Z + (Z**3 + Z) / (4 * free) + (5 * Z**5 + 16 * Z**3 + 3 * Z) / (96 * free**2)
