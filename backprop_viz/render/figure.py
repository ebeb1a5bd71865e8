"""The static figure: what a notebook displays, and what is saved as SVG, PNG or DOT."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..autograd.graph import Graph
from ..autograd.tensor import Tensor
from ..record.recorder import record
from ..record.trace import Trace
from .captions import Captions
from .dot import Plan, dot
from .files import write_whole
from .frames import Frame, final_texts, frames
from .layout import layout
from .raster import png
from .sizes import node_size, tile_size, widest
from .svg import Scene

if TYPE_CHECKING:
    import graphviz

LARGEST = 600  # nodes in one picture: beyond it nobody can read it, and Graphviz takes minutes


@dataclass(frozen=True)
class Figure:
    """The picture of a trace after one of its events. In a notebook it shows itself; `save` writes it to a file.

    step: how many events have happened, 0 (nothing computed) … all of them (None)
    """

    trace: Trace
    step: int | None = None

    @cached_property
    def frames(self) -> list[Frame]:
        """What the picture says, step by step."""
        return frames(self.trace)

    @cached_property
    def plan(self) -> Plan:
        """What is to be laid out, with room for the widest text of every step."""
        if len(self.trace.nodes) > LARGEST:
            raise ValueError(
                f"this graph has {len(self.trace.nodes)} nodes; a picture holds at most {LARGEST}. Draw a part of it "
                f"(bp.draw of an intermediate tensor), or use tensors in place of scalars. bp.trace has no limit."
            )
        captions, widths = Captions(self.trace), widest(self.frames)
        return Plan(
            captions,
            [node_size(captions, node.index, widths) for node in self.trace.nodes],
            {e.index: tile_size(captions, e.index, widths) for e in self.trace.edges if e.backpropagates},
        )

    @cached_property
    def scene(self) -> Scene:
        """The laid-out picture; the layout is the same for every step."""
        return Scene(self.plan, layout(self.dot))

    @property
    def label(self) -> str:
        """What a screen reader says for the picture."""
        return f"Computational graph of {self.plan.captions.names[-1].text}: {self.count}{self._moment}"

    @property
    def _moment(self) -> str:
        """Which step the picture shows, in words, where it is not the last."""
        return "" if self.step is None else f", step {self.step} of {len(self.trace.events)}"

    @property
    def count(self) -> str:
        """How large the graph is, in words."""
        nodes, edges = len(self.trace.nodes), len(self.trace.edges)
        return f"{nodes} node{'s' * (nodes != 1)}, {edges} edge{'s' * (edges != 1)}"

    @cached_property
    def dot(self) -> str:
        """The DOT text: what is laid out, with labels for those who go on by hand."""
        return dot(self.plan, final_texts(self.frames))

    @property
    def digraph(self) -> graphviz.Digraph:
        """The same as an object of the package `graphviz`, for those who go on by hand."""
        import graphviz

        return graphviz.Digraph("backprop", body=[f"{line}\n" for line in self.dot.splitlines()[1:-1]])

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text."""
        return self._drawn(fluid=False)

    @cached_property
    def shown(self) -> str:
        """The same for a notebook: it shrinks where its place is narrow."""
        return self._drawn(fluid=True)

    def _drawn(self, fluid: bool) -> str:
        so_far = self.frames if self.step is None else self.frames[: self.step + 1]
        reached = {part for frame in so_far for part in frame.reached}
        return self.scene.svg(final_texts(so_far), reached, self.label, fluid)

    @cached_property
    def stage(self) -> str:
        """The picture with empty slots, for a player to fill."""
        return self.scene.svg({}, None, self.label)

    def png(self, scale: float = 2.0) -> bytes:
        """The picture as PNG, `scale` pixels for each of the SVG's; the same bytes on every machine."""
        return png(self.svg, scale)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file whose ending says the format: .svg, .png or .dot; gives its path."""
        target = Path(path)
        writers: dict[str, Any] = {
            ".svg": lambda: self.svg.encode(),
            ".png": self.png,
            ".dot": lambda: self.dot.encode(),
        }
        if target.suffix.lower() not in writers:
            raise ValueError(f"cannot save as {target.suffix or target.name!r} (must be one of {', '.join(writers)})")
        write_whole(target, writers[target.suffix.lower()]())
        return target

    def __repr__(self) -> str:
        return f"Figure({self.plan.captions.names[-1].text}: {self.count}{self._moment})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "image/svg+xml": self.shown}


def draw(x: Tensor | Trace | Graph, *, step: int | None = None) -> Figure:
    """The figure of a loss's computational graph.

    x:    a tensor: its values, and its gradients if `backward()` has reached it (else they are blank). They are those
          of one pass: what leaves have accumulated over several is in their `grad`. A Graph: the same of its loss.
          A trace: everything that it holds.
    step: draw the picture as it is after so many events, 0 (nothing computed) to all; of a tensor, the backward pass is
          then recorded whether or not `backward()` was called. All steps have one layout.
    """
    x = x.loss if isinstance(x, Graph) else x
    if isinstance(x, Tensor):
        x = record(x, x.grad, backward=x.grad is not None or step is not None)
    if not isinstance(x, Trace):
        raise TypeError(f"draw takes a tensor, a trace or a graph; got {type(x).__name__} {x!r:.60}")
    if not x.nodes:
        raise ValueError("this trace holds no nodes: there is nothing to draw")
    if step is not None and not (isinstance(step, int) and 0 <= step <= len(x.events)):
        raise ValueError(f"there is no step {step!r}: this trace has the steps 0 to {len(x.events)}")
    return Figure(x, step)
