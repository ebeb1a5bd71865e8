"""draw: the figure of a computation, with all that a reader may choose about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsIndex

from ..autograd.graph import Graph
from ..autograd.tensor import Tensor
from ..record.recorder import record
from ..record.trace import Seed, Trace
from .compare import difference
from .figure import Figure
from .lookup import index_of
from .options import options_of, whole_number
from .text import DIGITS
from .theme import NOTES
from .view import LIMIT, Selection, between

Name = SupportsIndex | str  # a node by its index or its name


def draw(
    x: Tensor | Trace | Graph, *, step: int | None = None, show: str = "both", phase: str = "all", edges: str = "both",
    orientation: str = "LR", digits: int = DIGITS, expressions: bool = True, title: str = "", caption: str = "",
    theme: str = NOTES.name, highlight: Iterable[Name] = (), path: tuple[Name, Name] | None = None,
    ancestors_of: Name | None = None, descendants_of: Name | None = None, zoom: str | None = None, limit: int = LIMIT,
    around: Name | None = None, compare: Tensor | Trace | Graph | None = None,
) -> Figure:  # fmt: skip
    """The figure of a loss's computational graph.

    x:     a tensor: its values, and its gradients if `backward()` has reached it (else they are blank). They are those
           of one pass: what leaves have accumulated over several is in their `grad`. A Graph: the same of its loss.
           A trace: everything that it holds; of a training, without a step, the last iteration.
    step:  draw the picture as it is after so many events, 0 (nothing computed) to all; of a tensor, the backward pass
           is then recorded whether or not `backward()` was called. All steps have one layout, and all phases too.

    What it says:
    show:  "symbols" (∂ℒ/∂u as in a textbook), "numbers", or "both"
    phase: "forward" (values and forward arrows), "backward" (gradients and backward arrows) or "all"
    edges: what they carry: the "local" gradient, the "contribution", "both" or "none"
    digits: significant digits of every number;  expressions: what stands above the computed nodes
    title, caption: text above and below, taken literally
    compare: an earlier trace of the same graph: what changed since, by how much

    Which nodes, each by its name or its index:
    highlight: nodes to light up, with the edges between them;  path: light up all ways from the first to the second
    ancestors_of, descendants_of: only what this node was computed from, or what was computed from it
    limit: most visible nodes. Beyond it groups are closed, from the outside in; without groups the nodes nearest to
           `around` (the loss) are drawn. The picture says what it hides.
    zoom:  open this group and what is around it, "layer 1.neuron 3", and close the others

    How it looks:
    orientation: "LR" (the loss on the right), "TB" (at the bottom), "RL" or "BT"
    theme: "notes" (the colours of the lecture), "contrast", "dark" or "print" (greys)
    """
    trace = _recorded(x, step is not None)
    options = options_of(
        theme, show=show, phase=phase, edges=edges, orientation=orientation, digits=digits, expressions=expressions,
        title=title, caption=caption,
    )  # fmt: skip
    if step is not None:
        step = whole_number(step, 0, "there is no step {}: this trace has the steps 0 to {most}", len(trace.events))
    limit = whole_number(limit, 1, "limit is the most nodes that are visible, 1 or more; got {}")
    if zoom is not None and not isinstance(zoom, str):
        raise TypeError(f'zoom is a group\'s name, such as "layer 1.neuron 3"; got {type(zoom).__name__} {zoom!r:.60}')
    above, below, near = (None if n is None else index_of(trace, n) for n in (ancestors_of, descendants_of, around))
    selection = Selection(above, below, near, limit, zoom)
    lit = frozenset(index_of(trace, node) for node in _several(highlight))
    if path is not None:
        lit |= _path(trace, path)
    changed = None
    if compare is not None:
        if step is not None:
            raise ValueError("two traces are compared as a whole: leave out either step or compare")
        changed = difference(trace, _recorded(compare), digits)
        lit |= changed.changed
    figure = Figure(trace, step, options, selection, lit, changed, _before_backward(x, trace))
    _ = figure.view  # what cannot be shown is said here, and not when the picture is drawn
    return figure


def _recorded(x: Tensor | Trace | Graph, backward: bool = False) -> Trace:
    """The trace of what a reader gives to be drawn."""
    x = x.loss if isinstance(x, Graph) else x
    if isinstance(x, Tensor):
        x = record(x, x.grad, backward=x.grad is not None or backward)
    if not isinstance(x, Trace):
        raise TypeError(f"draw takes a tensor, a trace or a graph; got {type(x).__name__} {x!r:.60}")
    if not x.nodes:
        raise ValueError("this trace holds no nodes: there is nothing to draw")
    return x


def _before_backward(x: Tensor | Trace | Graph, trace: Trace) -> Tensor | None:
    """The loss whose backward pass is not in its trace and could be: nothing of it is drawn."""
    loss = x.loss if isinstance(x, Graph) else x
    passed = any(isinstance(event, Seed) for event in trace.events)
    return loss if isinstance(loss, Tensor) and loss.requires_grad and loss.size == 1 and not passed else None


def _several(nodes: Iterable[Name]) -> list[Name]:
    if isinstance(nodes, str) or not isinstance(nodes, Iterable):
        raise TypeError(f"highlight is a list of nodes, by name or index, such as ['w0', 'u']; got {nodes!r:.60}")
    return list(nodes)


def _path(trace: Trace, path: tuple[Name, Name]) -> frozenset[int]:
    """The nodes on all ways from one node to another."""
    if not isinstance(path, tuple | list) or len(path) != 2:
        raise ValueError(f"path is the pair of nodes where it starts and ends, such as ('w0', 'L'); got {path!r:.60}")
    start, end = (index_of(trace, node) for node in path)
    found = between(trace, start, end)
    if not found:
        names = [trace.nodes[node].name for node in (start, end)]
        raise ValueError(
            f"no path leads from {names[0]!r:.60} to {names[1]!r:.60}: the second was not computed from the first"
        )
    return found
