"""The loss over two of its parameters, and the way down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.graph import Graph
from ..autograd.ops import OPS
from ..autograd.reader import reader_frame
from ..autograd.replay import obstacle
from ..autograd.tensor import Tensor, compute
from ..autograd.values import short, stored, untracked
from ..record.names import choose
from ..record.trace import Trace, Update
from .canvas import RED, canvas, legend, limits, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = ("contour", "surface")
POINTS, FEWEST = 61, 9  # along each axis
SECONDS = 1.0  # about what the grid may take, where `points` is left out
ARROWS = 24
LARGEST = 1e200  # matplotlib takes all above 1e250 for no height
Range = tuple[float, float]


def loss_surface(
    loss: Tensor,
    x: Tensor,
    y: Tensor,
    *,
    xlim: Range | None = None,
    ylim: Range | None = None,
    points: int | None = None,
    path: Iterable[Any] | None = None,
    kind: str = "contour",
    ax: Axes | None = None,
) -> Axes:
    """Draw the loss over two scalar leaves of its graph, the others as they are, and the present point.

    xlim, ylim: the ranges; left out, they hold the present point and the path
    points: along each axis; 61, or fewer where the graph is so large that it would take long
    path: a descent, drawn with arrows: pairs (x, y), or the traces of bp.training_step or bp.training, which name them
    kind: "contour" for lines of equal loss, or "surface" for three dimensions (the path with dots, not arrows)
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {KINDS}; got {kind!r}")
    graph = Graph(loss)
    refuse_leaves(graph, x, y)
    if points is not None and (not isinstance(points, int) or points < 2):
        raise ValueError(f"points is a whole number above 1; got {points!r}")
    names = choose([x, y], reader_frame())
    steps = None if path is None else descent(path, names)
    here = np.array([[float(x.data), float(y.data)]])
    seen = here if steps is None else np.concatenate([here, steps])
    ranges = limits(xlim, seen[:, 0], "xlim", 0.3), limits(ylim, seen[:, 1], "ylim", 0.3)
    xs, ys = np.meshgrid(*(np.linspace(*each, points or affordable(graph)) for each in ranges))
    losses = finite(evaluated(graph, {x: xs, y: ys}), ranges)
    space = kind == "surface"
    with canvas(ax, space=space) as axes:
        (_surface if space else _contour)(axes, xs, ys, losses)
        heights = [(evaluated(graph, {x: p[:, 0], y: p[:, 1]}),) if space else () for p in (here, seen[1:])]
        _marks(axes, here, steps, heights)
        first, second = map(plain, names)
        axes.set(xlabel=first, ylabel=second, title=f"Loss over {first} and {second}")
        return axes  # type: ignore[no-any-return]


# ---------------------------------------------------------------------- numbers
def refuse_leaves(graph: Graph, x: Any, y: Any) -> None:
    """An error where the loss cannot be drawn over these two."""
    leaves = [*graph.params, *graph.inputs]
    for leaf in (x, y):
        if not any(leaf is each for each in leaves):
            known = ", ".join(each.name or short(each.data) for each in leaves[:10])
            raise ValueError(f"the loss is drawn over leaves of its graph ({known}); got {short(leaf)}")
        if leaf.shape:
            raise ValueError(f"the loss is drawn over scalars; {leaf.name or 'this leaf'} has shape {leaf.shape}")
    if x is y:
        raise ValueError("the loss is drawn over two different leaves; got the same one twice")
    if graph.loss.size != 1:
        raise ValueError(f"a loss is one number; got shape {graph.loss.shape}. Reduce it with .sum() or .mean()")


def replayable(graph: Graph) -> bool:
    """Whether many points can be evaluated at once; an op of the reader's own may be written for single numbers."""
    return not obstacle(graph.nodes) and all(OPS.get(node.op.name) is node.op for node in graph.compute if node.op)


def affordable(graph: Graph) -> int:
    """Points along each axis that are evaluated in about a second; by count, not by clock: the same everywhere."""
    if not replayable(graph):
        cost = sum(4e-6 + 4e-9 * sum(np.size(untracked(a)) for a in node.arguments) for node in graph.compute)
    else:
        cost = 1e-8 * len(graph.nodes)
    return int(np.clip((SECONDS / max(cost, 1e-12)) ** 0.5, FEWEST, POINTS))


def evaluated(graph: Graph, values: dict[Tensor, Any]) -> Any:
    """The loss at many points: by replay where that can be, otherwise point by point."""
    with np.errstate(all="ignore"):
        if replayable(graph):
            return graph.replay().loss(values)
        shape = np.shape(next(iter(values.values())))
        losses = np.empty(shape)
        for index in np.ndindex(shape):
            found: dict[Tensor, Any] = {leaf: stored(leaf.dtype.type(array[index])) for leaf, array in values.items()}
            for node in graph.compute:
                assert node.op is not None
                given = [found.get(a, a.data) if isinstance(a, Tensor) else a for a in node.arguments]
                found[node] = compute(node.op, given, node.options)
            losses[index] = np.asarray(found[graph.loss]).item()
        return losses


def finite(losses: Any, ranges: tuple[Range, Range]) -> Any:
    """The losses, nan where they are not finite or too large to draw."""
    losses = np.where(np.abs(losses) < LARGEST, losses, np.nan)
    if np.isnan(losses).all():
        raise ValueError(f"the loss is finite nowhere in {ranges[0]} × {ranges[1]}; give other xlim and ylim")
    return losses


def descent(path: Iterable[Any], names: Sequence[str]) -> Any:
    """The points of a path, one a row."""
    given = list(path)
    if given and all(isinstance(step, Trace) for step in given):
        steps = [part for trace in given for part in trace.iterations]
        return np.array([point for i, step in enumerate(steps) for point in _moves(step, names, first=i == 0)])
    try:
        points = np.array([[float(untracked(number)) for number in step] for step in given])
    except (TypeError, ValueError):
        points = np.empty(0)
    if points.ndim != 2 or points.shape[1] != 2:
        raise TypeError(f"path is a list of pairs (x, y), or of traces of bp.training_step; got {short(given)}")
    return points


def _moves(trace: Trace, names: Sequence[str], first: bool) -> list[list[float]]:
    """Where x and y stand before a step (of the first one), and after it."""
    places = []
    for name in names:
        found = [node for node in trace.nodes if node.name == name and node.op == ""]
        if len(found) != 1:
            known = ", ".join(node.name for node in trace.nodes if node.kind == "parameter")
            raise ValueError(
                f"the path's trace has {len(found)} leaves called {name!r}; its parameters are {known}. Give the "
                f"tensors names of their own: bp.parameter(0.1, name={name!r})"
            )
        places.append(found[0])
    new = {event.parameter: event.new for event in trace.events if isinstance(event, Update)}
    before = [[float(node.value) for node in places]] if first else []
    return [*before, [float(np.asarray(new.get(node.index, node.value))) for node in places]]


# ---------------------------------------------------------------------- strokes
def _levels(losses: Any) -> Any:
    """Levels that lie closer together where the loss is low: a square bowl gets rings of equal distance."""
    finite = losses[np.isfinite(losses)]
    low, high = float(finite.min()), float(np.quantile(finite, 0.98))
    high = high if high > low else low + max(1.0, abs(low))
    return low + (high - low) * np.linspace(0, 1, 13) ** 2


def _shades(levels: Any) -> dict[str, Any]:
    from matplotlib import colormaps
    from matplotlib.colors import BoundaryNorm, ListedColormap

    # Light, so that lines, numbers and the red path stand out; darker is higher, in grey too.
    light = ListedColormap(colormaps["YlGn"](np.linspace(0.0, 0.62, 256)))
    return {"cmap": light, "norm": BoundaryNorm(levels, 256)}


def _contour(axes: Any, xs: Any, ys: Any, losses: Any) -> None:
    levels, shown = _levels(losses), np.ma.masked_invalid(losses)
    axes.contourf(xs, ys, shown, levels=levels, extend="max", **_shades(levels))
    lines = axes.contour(xs, ys, shown, levels=levels[1:], colors="#404040", linewidths=0.6)
    axes.clabel(lines, lines.levels[1::3], fmt="%.3g", fontsize=7)


def _surface(axes: Any, xs: Any, ys: Any, losses: Any) -> None:
    levels = _levels(losses)
    shown = np.where(np.isfinite(losses), np.minimum(losses, levels[-1]), np.nan)
    axes.plot_surface(xs, ys, shown, rcount=40, ccount=40, edgecolor="#404040", linewidth=0.2, **_shades(levels))
    axes.set_zlabel("loss")
    axes.view_init(elev=42, azim=-60)
    axes.set_box_aspect(None, zoom=0.85)  # or the label of the third axis is cut
    axes.computed_zorder = False  # the path lies on the surface, and is not to sink into it


def milestones(steps: Any) -> Any:
    """The numbers of the steps that arrows join: all of a short path, of a long one some at equal distances."""
    known = np.flatnonzero(np.isfinite(steps).all(axis=1))
    if len(known) <= ARROWS + 1:
        return known
    places = steps[known]
    scaled = places / np.where(np.ptp(places, axis=0) > 0, np.ptp(places, axis=0), 1.0)
    gone = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(scaled, axis=0).T))])
    return known[np.unique(np.searchsorted(gone, np.linspace(0, gone[-1], ARROWS + 1)))]


def _marks(axes: Any, here: Any, steps: Any, heights: list[Any]) -> None:
    """The path with its arrows, and the present point."""
    on_top = {"zorder": 10}
    if steps is not None:
        at = (*steps.T, *heights[1])
        axes.plot(*at, color="white", linewidth=3.5, solid_joinstyle="round", zorder=8)
        axes.plot(*at, color=RED, linewidth=1.2, label=f"descent, {len(steps) - 1} steps", **on_top)
        some = milestones(steps)
        begin, along = [part[some[:-1]] for part in at], [np.diff(part[some]) for part in at]
        if len(at) == 2 and len(some) > 1:
            arrows = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.0045, "headwidth": 5}
            axes.quiver(*begin, *along, color=RED, **arrows, **on_top)
        elif len(some) > 1:  # arrowheads in space are as wrong as its axes are unequal
            axes.plot(*(part[some[1:]] for part in at), ".", color=RED, **on_top)
        axes.plot(*(part[:1] for part in at), "o", color=RED, markerfacecolor="white", label="start", **on_top)
    at = (*here.T, *heights[0])
    axes.plot(*at, "*", color="black", markerfacecolor="white", markersize=12, label="present point", zorder=11)
    legend(axes, loc="upper right" if len(at) == 3 else "best")
