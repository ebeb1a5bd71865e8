"""How large the gradients are while a network learns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.values import short, untracked
from ..record.trace import Seed, Send, Trace
from .canvas import RED, canvas, legend, look, plain, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_LINES = 8
MOST_STEPS = 1000


def gradient_norms(
    steps: Iterable[Trace | Mapping[str, Any]], *, by: Callable[[str], str] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the norm ‖∂L/∂w‖ of every parameter's gradient over training, on a log axis.

    steps: traces (bp.training_step, bp.training), or dicts {name: norm}, one for each step
    by: the line that a parameter of this name belongs to, such as its layer: `lambda name: name.split(".")[0]`; a
        line is the norm of all its gradients together
    More than 8 lines become one with their spread; of more than 1000 steps every second, third, … is drawn.
    """
    found = [norms(part) for step in steps for part in (step.iterations if isinstance(step, Trace) else [step])]
    if not found:
        raise ValueError("there are no steps to draw: give the traces of bp.training_step, one for each step")
    every = -(-len(found) // MOST_STEPS)
    at = np.arange(0, len(found), every)
    lines = table([found[i] for i in at], by)
    if not lines:
        raise ValueError("none of these steps holds a gradient of a parameter: record with bp.training_step")
    with canvas(ax) as axes:
        axes.set_yscale("log", nonpositive="mask")
        if len(lines) > MOST_LINES:
            _spread(axes, at, np.array(list(lines.values())))
        else:
            for i, (name, line) in enumerate(lines.items()):
                series(axes, at, line, label=plain(name), markersize=4, linewidth=1.2, **look(i))
        axes.set_xlabel("step" if every == 1 else f"step (one in {every} is drawn)")
        axes.set_ylabel("norm of the gradient ‖∂L/∂w‖")
        axes.set_title("Gradient norms over training")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(color="#DDDDDD", linewidth=0.5)
        legend(axes)
        return axes  # type: ignore[no-any-return]


def norms(step: Any) -> dict[str, float]:
    """The norm of each parameter's gradient in one step, by name."""
    if isinstance(step, Mapping):
        found = {str(name): np.asarray(untracked(norm)) for name, norm in step.items()}
        wrong = next((x for x in found.values() if x.ndim or x.dtype.kind not in "fiub" or x < 0), None)
        if wrong is not None:
            raise ValueError(f"a norm is a number, 0 or above; got {short(wrong)}")
        return {name: float(norm) for name, norm in found.items()}
    if not isinstance(step, Trace):
        raise TypeError(f"a step is a trace or a dict {{name: norm}}; got {type(step).__name__} {short(step)}")
    gradients: dict[int, Any] = {}
    for event in step.events:
        if isinstance(event, Send):
            gradients[step.edges[event.edge].parent] = event.total
        elif isinstance(event, Seed):
            gradients[event.node] = event.gradient
    of = [node for node in step.nodes if node.kind == "parameter" and node.index in gradients]
    with np.errstate(over="ignore"):
        return {node.name: float(np.linalg.norm(np.ravel(gradients[node.index]))) for node in of}


def table(found: list[dict[str, float]], by: Callable[[str], str] | None) -> dict[str, Any]:
    """The lines by name, each with a norm for every step: nan where a step has none."""
    squares: dict[str, Any] = {}
    with np.errstate(over="ignore"):
        for i, step in enumerate(found):
            for name, norm in step.items():
                line = squares.setdefault(name if by is None else by(name), np.full(len(found), np.nan))
                line[i] = np.hypot(0.0 if np.isnan(line[i]) else line[i], norm)
    return squares


def _spread(axes: Any, at: Any, lines: Any) -> None:
    """One line and two bands for many lines; a step without any number leaves a gap."""
    shown = np.where(np.isfinite(lines) & (lines > 0), lines, np.nan)
    quantiles = np.full((5, len(at)), np.nan)
    some = np.isfinite(shown).any(axis=0)
    quantiles[:, some] = np.nanquantile(shown[:, some], [0, 0.25, 0.5, 0.75, 1], axis=0)
    low, quarter, middle, upper, high = quantiles
    axes.fill_between(at, low, high, color="#E8E8E8", label=f"smallest to largest of {len(lines)}")
    axes.fill_between(
        at, quarter, upper, facecolor="#F2B8B8", edgecolor=RED, hatch="///", linewidth=0, label="the middle half"
    )
    series(axes, at, middle, label="median", linewidth=1.4, markersize=4, **look(0))
    for count, words in (((lines == 0).sum(), "exactly 0"), ((~np.isfinite(lines)).sum(), "not finite or missing")):
        if count:
            axes.plot([], [], " ", label=f"{count} norms {words}")
