"""Derivatives as pictures: every entry of a Jacobian, and how far central differences can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd import transforms
from ..autograd.functions.constructors import parameter
from ..autograd.mode import enable_grad, no_grad
from ..autograd.ops import OPS
from ..autograd.tensor import Tensor
from ..autograd.values import short, untracked
from ..record.trace import Edge, Send, Trace
from ..render import heat
from .canvas import BLUE, GREY, canvas, legend, plain, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ENTRIES = 4_000_000
MOST_CELLS = 200  # along each side
MOST_NUMBERS, MOST_SIGNS = 64, 900  # cells
MOST_DIFFERENCES = 50
STEPS = np.logspace(-1, -13, 49)

in_blocks = partial(heat.in_blocks, most=MOST_CELLS)


# ---------------------------------------------------------------------- Jacobians
def jacobian(f: Callable[[Any], Any] | Trace, x: Any, *, ax: Axes | None = None) -> Axes:
    """Draw a Jacobian: a row for each element of the result, a column for each of the input, colours about 0.

    f, x: a function of one tensor with its input; or a trace with one of its edges (or the edge's number), whose local
          gradient is then drawn
    Up to 64 entries stand in the cells; of up to 900 the negative ones have a bar. More than 200 along a side are
    drawn in blocks, each by its entry of largest magnitude.
    """
    matrix, shapes, title = of_edge(f, x) if isinstance(f, Trace) else of_function(f, x)
    cells, blocks = in_blocks(matrix)
    finite = cells[np.isfinite(cells)]
    reach = float(np.abs(finite).max(initial=0.0)) or 1.0
    with canvas(ax) as axes:
        image = axes.imshow(cells, cmap="PuOr_r", vmin=-reach, vmax=reach, aspect="auto", interpolation="nearest")
        said = "∂ result / ∂ input"
        if cells.size <= MOST_NUMBERS:
            for (i, j), value in np.ndenumerate(cells):
                dark = abs(value) > 0.6 * reach
                text = f"{value:.3g}".replace("-", "−")
                axes.text(j, i, text, ha="center", va="center", color="white" if dark else "black", fontsize=7)
        elif cells.size <= MOST_SIGNS:
            i, j = np.nonzero(cells < 0)
            axes.scatter(j, i, s=12, marker="_", color="black", linewidths=0.8)
            said += "  (bar: below 0)"
        axes.figure.colorbar(image, ax=axes, label=said)
        for axis, side in ((axes.yaxis, 0), (axes.xaxis, 1)):
            part = ("result", "input")[side]
            label = f"{part}, shape {shapes[side]}"
            axis.set_label_text(label if blocks[side] == 1 else f"{label}\n(blocks of {blocks[side]})")
            axis.get_major_locator().set_params(integer=True)
            if cells.shape[side] <= 10:
                axis.set_ticks(range(cells.shape[side]))
        axes.set_title(title)
        return axes  # type: ignore[no-any-return]


def of_function(f: Any, x: Any) -> tuple[Any, tuple[Any, Any], str]:
    """The Jacobian of a function as a matrix, the shapes it goes from and to, and what it is called."""
    if not callable(f):
        raise TypeError(f"a Jacobian is that of a function (f, x) or of a trace's edge; got {type(f).__name__}")
    if isinstance(x, tuple):
        raise TypeError(f"the plot shows the Jacobian by one input; got a tuple of {len(x)}. Fix the others in f.")
    with no_grad():
        out = f(parameter(untracked(x)))
    if not isinstance(out, Tensor):
        raise TypeError(f"the function gives one tensor; this one gave {type(out).__name__} {short(out)}")
    size, shapes = np.size(untracked(x)), (out.shape, np.shape(untracked(x)))
    if out.size * size > MOST_ENTRIES:
        raise ValueError(f"a Jacobian of {out.size} × {size} entries is too large to draw (at most {MOST_ENTRIES})")
    name = getattr(f, "__name__", "<lambda>")
    return (
        np.reshape(transforms.jacobian(f, x), (out.size, size)),
        shapes,
        "Jacobian" if name == "<lambda>" else f"Jacobian of {plain(name)}",
    )


def of_edge(trace: Trace, edge: Any) -> tuple[Any, tuple[Any, Any], str]:
    """The same of a trace's edge: its local gradient."""
    index, trace = edge.index if isinstance(edge, Edge) else edge, trace.iterations[-1]
    if not isinstance(index, int) or not 0 <= index < len(trace.edges):
        raise ValueError(f"the trace has edges 0 to {len(trace.edges) - 1}; got {short(edge)}")
    edge = trace.edges[index]
    child, parent = trace.nodes[edge.child], trace.nodes[edge.parent]
    rows, columns = int(np.prod(child.shape)), int(np.prod(parent.shape))
    if rows * columns > MOST_ENTRIES:
        raise ValueError(f"a Jacobian of {rows} × {columns} entries is too large to draw (at most {MOST_ENTRIES})")
    local = next((e.local for e in trace.events if isinstance(e, Send) and e.edge == index), None)
    if edge.elementwise and local is not None:  # each element by those of the parent that were broadcast to it
        reached = np.broadcast_to(np.arange(columns).reshape(parent.shape), child.shape).ravel()
        matrix = np.zeros((rows, columns))
        matrix[np.arange(rows), reached] = np.ravel(local)
    elif local is not None:
        matrix = np.reshape(local, (1, columns))
    else:
        matrix = np.reshape(_by_row(trace, edge), (rows, columns))
    return matrix, (child.shape, parent.shape), f"Jacobian of {plain(child.name)} by {plain(parent.name)}"


def _by_row(trace: Trace, edge: Edge) -> Any:
    """The local Jacobian by the op's own row, from the recorded values."""
    child = trace.nodes[edge.child]
    op = OPS.get(child.op)
    values = tuple(trace.nodes[a.node].value if a.node is not None else a.constant for a in child.arguments)
    if op is None or len(values) != len(op.arguments) or not edge.backpropagates:
        raise ValueError(
            f"the trace does not hold the local gradient of {child.op} by {edge.argument!r}; draw that of the function "
            f"itself: bp.plots.jacobian(f, x)"
        )
    return transforms.op_jacobian(op, edge.slot, child.value, values, {})


# ---------------------------------------------------------------------- central differences
def gradcheck_error(f: Callable[[Any], Any], x: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the error of central differences (f(x + h) − f(x − h)) / 2h against h, from 0.1 to 10⁻¹³.

    f, x: a function of one tensor, and its input, read as float64; a result that is no scalar is summed
    The error is ‖differences − gradient‖ / ‖gradient‖ (without the quotient where the gradient is 0), by at most 50
    entries of the input. Large steps see the curve bend, small ones drown in rounding.
    """
    value, gradient = gradient_of(f, x)
    errors = errors_of(f, value, gradient)
    if not np.isfinite(errors).any():
        raise ValueError("no step gives a finite difference here: f is not defined around x")
    best = int(np.nanargmin(np.where(np.isfinite(errors), errors, np.nan)))
    with canvas(ax) as axes:
        axes.set_xscale("log")
        axes.set_yscale("log", nonpositive="mask")
        series(axes, STEPS, errors, color=BLUE, marker="o", markersize=3.5, linewidth=1.2, label="measured error")
        middle = errors[best] if errors[best] > 0 else np.finfo(float).eps
        for slope, dash, label in ((2, "--", "∝ h² (the curve bends)"), (-1, ":", "∝ 1/h (rounding)")):
            guide = 4 * middle * (STEPS / STEPS[best]) ** slope
            some = (guide >= 4 * middle) & (guide < 10 * max(np.nanmax(errors), middle))
            axes.plot(STEPS[some], guide[some], color=GREY, linestyle=dash, linewidth=1.2, label=label)
        said = f"best: h = {STEPS[best]:.1e}, error {errors[best]:.0e}"
        star = {"marker": "*", "markersize": 14, "markerfacecolor": "white", "color": "black", "linestyle": "none"}
        edge = {} if errors[best] > 0 else {"transform": axes.get_xaxis_transform(), "clip_on": False}
        axes.plot(STEPS[best : best + 1], errors[best : best + 1], label=said, zorder=6, **star, **edge)
        axes.set_xlabel("step h")
        axes.set_ylabel("relative error" if np.any(gradient) else "error (the gradient is 0)")
        axes.set_title("Error of central differences")
        axes.grid(color="#DDDDDD", linewidth=0.5)
        axes.set_ylim(top=1e3 * axes.get_ylim()[1])  # room for the legend above the curve
        legend(axes, loc="upper center")
        return axes  # type: ignore[no-any-return]


def gradient_of(f: Any, x: Any) -> tuple[Any, Any]:
    """The input as float64, and the engine's gradient there."""
    if not callable(f):
        raise TypeError(f"gradcheck_error takes a function and its input; got {type(f).__name__} {short(f)}")
    if isinstance(x, tuple):
        raise TypeError(f"the function is one of one input; got a tuple of {len(x)}. Fix the others in f.")
    leaf = parameter(np.array(untracked(x), dtype=np.float64))
    with enable_grad():
        out = f(leaf)
    if not isinstance(out, Tensor) or not out.requires_grad:
        raise TypeError(f"the function gives a tensor computed from its input; got {type(out).__name__} {short(out)}")
    (gradient,) = transforms.grad(out, leaf, np.ones(out.shape), allow_unused=True)
    value = np.array(leaf.data)
    return value, np.zeros(value.shape) if gradient is None else np.asarray(gradient)


def errors_of(f: Any, value: Any, gradient: Any) -> Any:
    """The error of the differences at every step."""
    entries = list(np.ndindex(value.shape))
    entries = [entries[i] for i in np.unique(np.linspace(0, len(entries) - 1, MOST_DIFFERENCES).astype(int))]
    claim = np.array([gradient[entry] for entry in entries])

    def total(entry: tuple[int, ...], step: float) -> float:
        moved = value.copy()
        moved[entry] += step
        return float(np.sum(untracked(f(parameter(moved)))))

    with no_grad(), np.errstate(all="ignore"):
        found = [[(total(entry, h) - total(entry, -h)) / (2 * h) for entry in entries] for h in STEPS.tolist()]
        return np.linalg.norm(np.array(found) - claim, axis=1) / (np.linalg.norm(claim) or 1.0)
