"""Where a classifier decides otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.mode import no_grad
from ..autograd.nn.module import Module
from ..autograd.nn.scalars import Layer, Neuron, ScalarMLP
from ..autograd.values import short, untracked
from .canvas import MARKERS, canvas, legend, limits, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FILLS = ("#F4C98B", "#C9BFE3", "#DDEFC9", "#EFD3DF", "#D9D9D9", "#FFF3B0", "#CFE3E8")
DARKS = ("#8A4B00", "#3F2A78", "#2F6B12", "#8A2B57", "#303030", "#6B5B00", "#1C5966")
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---", "+++")
MOST_POINTS = 1000
Range = tuple[float, float]


def decision_boundary(
    model: Callable[[Any], Any],
    points: Any,
    labels: Any,
    *,
    level: float | None = None,
    xlim: Range | None = None,
    ylim: Range | None = None,
    resolution: int = 100,
    ax: Axes | None = None,
) -> Axes:
    """Draw what a module or function makes of every point of the plane, and the points with a marker for each label.

    model:  takes many points at once, shape (N, 2), and gives a number for each, or a score for each of 3 or more
            classes; modules of scalar neurons are asked in their own way
    labels: one for each point, of at most 7 kinds; the smaller of two is the class below the level
    level:  of one number, where the decision changes; left out: 0.5 where all outputs lie in [0, 1], otherwise 0
    resolution: points along each axis. Of more than 1000 points only some are drawn.
    A module is asked as in use (`eval()`), without recording, and left as it was.
    """
    at, of = samples(points, labels)
    if not isinstance(resolution, int) or resolution < 2:
        raise ValueError(f"resolution is a whole number above 1; got {resolution!r}")
    ranges = limits(xlim, at[:, 0], "xlim", 0.15), limits(ylim, at[:, 1], "ylim", 0.15)
    xs, ys = np.meshgrid(*(np.linspace(*each, resolution) for each in ranges))
    scores = outputs(model, np.stack([xs.ravel(), ys.ravel()], axis=1)).reshape(*xs.shape, -1)
    with canvas(ax) as axes:
        if scores.shape[-1] == 1:
            _one_score(axes, xs, ys, scores[..., 0], level)
        else:
            _regions(axes, xs, ys, scores)
        _points(axes, at, of)
        axes.set(xlim=ranges[0], ylim=ranges[1], xlabel="x₀", ylabel="x₁", title="Decision boundary")
        legend(axes)
        return axes  # type: ignore[no-any-return]


def samples(points: Any, labels: Any) -> tuple[Any, Any]:
    """The points, shape (N, 2), and their labels, shape (N,)."""
    at, of = np.asarray(untracked(points)), np.asarray(untracked(labels))
    if at.ndim != 2 or at.shape[1] != 2 or at.dtype.kind not in "fiub" or not len(at):
        raise ValueError(f"points are numbers of shape (N, 2); got shape {at.shape} and type {at.dtype}")
    of = of[:, 0] if of.ndim == 2 and of.shape[1] == 1 else of
    if of.shape != (len(at),):
        raise ValueError(f"there are {len(at)} points, and the labels have shape {of.shape}: give one for each point")
    if (kinds := len(np.unique(of))) > len(MARKERS):
        raise ValueError(f"at most {len(MARKERS)} kinds of labels can be told apart by markers; got {kinds}")
    return at.astype(float), of


def outputs(model: Any, batch: Any) -> Any:
    """What the model gives for each of the points, shape (N, number of outputs)."""
    if not callable(model):
        raise TypeError(f"model is a module or a function; got {type(model).__name__} {short(model)}")
    modes = [(each, each.training) for each in model.modules()] if isinstance(model, Module) else []
    try:
        if isinstance(model, Module):
            model.eval()
        with no_grad(), np.errstate(all="ignore"):
            of_scalars = isinstance(model, Neuron | Layer | ScalarMLP)
            given = model(list(batch.T) if of_scalars else batch)
    finally:
        for each, training in modes:
            each.training = training
    if isinstance(given, list):
        given = np.stack([np.broadcast_to(untracked(each), len(batch)) for each in given], axis=1)
    scores = np.asarray(untracked(given))
    if scores.dtype.kind not in "fiub" or scores.ndim not in (1, 2) or len(scores) != len(batch):
        raise ValueError(
            f"the model gets {len(batch)} points at once, shape {batch.shape}, and gives a number, or scores, for "
            f"each; this one gave shape {scores.shape} and type {scores.dtype}. Of a function of x and y: "
            f"lambda p: f(p[:, 0], p[:, 1])"
        )
    scores = scores.reshape(len(batch), -1).astype(float)
    if not np.isfinite(scores).any():
        raise ValueError("the model's outputs are finite nowhere in this range; give other xlim and ylim")
    return scores


def _one_score(axes: Any, xs: Any, ys: Any, scores: Any, level: float | None) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    finite = scores[np.isfinite(scores)]
    if level is None:
        level = 0.5 if finite.min() >= 0 and finite.max() <= 1 else 0.0
    reach = float(np.quantile(np.abs(finite - level), 0.98)) or 1.0
    shades = LinearSegmentedColormap.from_list("decision", [FILLS[0], "#FFFFFF", FILLS[1]])
    shown = np.ma.masked_invalid(scores)
    steps = level + reach * np.linspace(-1, 1, 11)
    axes.contourf(xs, ys, shown, levels=steps, cmap=shades, extend="both")
    if finite.min() < level < finite.max():
        above = [level, max(float(finite.max()), level + reach) + reach]
        cover = axes.contourf(xs, ys, shown, levels=above, colors="none", hatches=["//"])
        cover.set(edgecolor="#B0A4D0", linewidth=0.0)  # hatched above the level: grey printers lose the two colours
        axes.contour(xs, ys, shown, levels=[level], colors="black", linewidths=1.6)
        axes.plot([], [], color="black", linewidth=1.6, label=f"output = {level:.3g}")


def _regions(axes: Any, xs: Any, ys: Any, scores: Any) -> None:
    for i in np.unique(np.argmax(scores, axis=-1)):
        others = np.delete(scores, i, axis=-1).max(axis=-1)
        lead = np.ma.masked_invalid(scores[..., i] - others)
        levels = [0.0, max(float(lead.max()), 0.0) + 1.0]
        fill = {"colors": [FILLS[i % len(FILLS)]], "hatches": [HATCHES[i % len(HATCHES)]]}
        axes.contourf(xs, ys, lead, levels=levels, **fill).set(edgecolor="#FFFFFF", linewidth=0.0)
        if lead.min() < 0 < lead.max():
            axes.contour(xs, ys, lead, levels=[0.0], colors="black", linewidths=1.0)


def _points(axes: Any, at: Any, of: Any) -> None:
    every = -(-len(at) // MOST_POINTS)
    for i, kind in enumerate(np.unique(of)):
        mine = at[of == kind]
        some = mine[::every]
        count = "" if every == 1 else f" ({len(some)} of {len(mine)})"
        marks: dict[str, Any] = {"marker": MARKERS[i], "color": DARKS[i], "s": 34 if len(at) <= 200 else 16}
        marks |= {"edgecolors": "white", "linewidths": 0.7, "zorder": 5}
        axes.scatter(
            *some.T,
            label=plain(f"label {kind:g}{count}" if of.dtype.kind in "fiu" else f"label {kind}{count}"),
            **marks,
        )
