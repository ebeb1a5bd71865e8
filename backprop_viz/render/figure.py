"""The static figure: what a notebook displays, and what is saved as SVG, PNG, PDF or DOT."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..autograd.tensor import Tensor
from ..record.trace import Trace
from .captions import Captions
from .compare import Difference
from .copies import with_copies
from .dot import dot
from .files import write_whole
from .frames import Frame, frames
from .ink import Ink
from .layout import layout
from .options import Options
from .pdf import pdf
from .plan import Plan
from .raster import png
from .sizes import widest
from .slots import Change, Slots, final, present
from .svg import Scene
from .view import Selection, View, view_of

if TYPE_CHECKING:
    import graphviz


Part = TypeVar("Part", Change, Frame)


@dataclass(frozen=True)
class Figure:
    """The picture of a trace after one of its events. In a notebook it shows itself; `save` writes it to a file.

    step: how many events have happened, 0 (nothing computed) … all of them (None)
    lit:  the nodes that are highlighted, and the edges between which of them are
    loss: what was drawn before `backward()`, for those who want its backward pass all the same
    """

    trace: Trace
    step: int | None = None
    options: Options = field(default_factory=Options)
    selection: Selection = field(default_factory=Selection)
    lit: frozenset[int] = frozenset()
    difference: Difference | None = None
    loss: Tensor | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"loss": None}  # a tensor remembers code, which cannot be pickled

    @cached_property
    def slots(self) -> Slots:
        """What the slots hold."""
        return Slots(self.trace, self.options.digits)

    @cached_property
    def changes(self) -> list[Change]:
        """What changes in the picture, step by step; what differs from the other trace holds from the beginning."""
        return self._compared(self.slots.changes(self.view.shows))

    def _compared(self, parts: Sequence[Part]) -> list[Part]:
        """The same changes or frames; those with which the picture begins also say what differs."""
        texts = self.difference.texts if self.difference else {}
        begins = [i == 0 or part.fresh for i, part in enumerate(parts)]
        return [replace(part, texts=part.texts | texts) if b else part for part, b in zip(parts, begins, strict=True)]

    @cached_property
    def frames(self) -> list[Frame]:
        """The steps of the picture with what is said of them; where numbers may change, the legend's as well."""
        return self.telling()

    def telling(self, told: Container[int] | None = None) -> list[Frame]:
        """The frames, with something said of these steps alone; left out, of all."""
        start, *steps = (self._visible(frame) for frame in frames(self.trace, self.options.digits, told))
        if self.options.roomy:
            start = replace(start, texts=start.texts | self.scene.ends)
        return self._compared([start, *steps])

    def with_trace(self, trace: Trace) -> Figure:
        """The same picture of the same graph with other numbers: nothing is laid out anew."""
        other = replace(self, trace=trace)
        return self._laid_out(other, scene=replace(self.scene, scales=other.slots.scales))

    def _laid_out(self, other: Figure, **changed: Any) -> Figure:
        """The other figure with this one's layout."""
        kept = {"view": self.view, "plan": self.plan, "scene": self.scene}
        vars(other).update(kept | changed)  # where cached properties keep what they gave
        return other

    def _visible(self, frame: Frame) -> Frame:
        """A step without what is hidden; what stands for hidden parts lights up for them."""
        view = self.view
        if not view.hidden:
            return frame
        texts, maps = ({s: x for s, x in held.items() if view.has(s)} for held in (frame.texts, frame.maps))
        reached, active = view.seen(frame.reached), view.seen(frame.active)
        return replace(frame, texts=texts, maps=maps, reached=reached, active=active)

    @cached_property
    def view(self) -> View:
        """Which nodes are drawn, and where."""
        return with_copies(view_of(self.trace, self.selection))

    @cached_property
    def plan(self) -> Plan:
        """What is to be laid out, with room for the widest text of every step."""
        widths = widest(self.changes, self.options.room)
        return Plan(self.view, Captions(self.trace, self.options.digits), self.options, widths)

    @cached_property
    def scene(self) -> Scene:
        """The laid-out picture; the layout is the same for every step."""
        edges = self.trace.edges
        lit_edges = frozenset(e.index for e in edges if e.parent in self.lit and e.child in self.lit)
        return Scene(self.plan, layout(dot(self.plan)), self.slots.scales, self.lit, lit_edges, tuple(self._notes()))

    def _notes(self) -> Iterator[str]:
        """What is said under the picture of what it shows and hides."""
        yield from self.view.notes
        if self.difference:
            yield self.difference.note
        elif lost := [i for i in sorted(self.lit) if not any(self.view.seen([f"n{i}"]))]:
            yield f"Highlighted, but not shown: {', '.join(self.plan.captions.names[i].text for i in lost[:5])}."

    @property
    def label(self) -> str:
        """What a screen reader says for the picture."""
        title = f"{self.options.title}. " if self.options.title else ""
        name = self.plan.captions.names[-1].text
        return " ".join([f"{title}Computational graph of {name}: {self.count}{self._moment}", *self.scene.notes])

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
        """The DOT text: what is laid out, with labels and colours for those who go on by hand."""
        return dot(self.plan, final(self.changes)[0])

    @property
    def digraph(self) -> graphviz.Digraph:
        """The same as an object of the package `graphviz`, for those who go on by hand."""
        import graphviz

        return graphviz.Digraph("backprop", body=[f"{line}\n" for line in self.dot.splitlines()[1:-1]])

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text."""
        return self.scene.svg(self._ink(self.step), self.label)

    @cached_property
    def shown(self) -> str:
        """The same for a notebook: it shrinks where its place is narrow."""
        return self.scene.svg(self._ink(self.step), self.label, fluid=True)

    def at(self, step: int | None) -> Figure:
        """The picture after so many events, all of them for None, in the same layout."""
        return self._laid_out(replace(self, step=step))

    def _ink(self, step: int | None) -> Ink:
        so_far = self.changes if step is None else self.changes[: step + 1]
        if self.options.phase == "forward":
            so_far = [change for change in so_far if change.phase in ("start", "forward")]
        reached = frozenset(self.view.seen(part for change in present(so_far) for part in change.reached))
        return Ink(self.options.theme, *final(so_far), reached)

    @cached_property
    def stage(self) -> str:
        """The picture with empty slots, for a player to fill."""
        return self.scene.svg(Ink(self.options.theme), self.label)

    def png(self, scale: float | None = None) -> bytes:
        """The picture as PNG, `scale` pixels for each of the SVG's (by default 2); the same bytes on every machine."""
        return png(self.svg, scale)

    def pdf(self) -> bytes:
        """The picture as PDF: one page of its size, in vectors, with its fonts."""
        return pdf(self.svg, title=self.label)

    def save(self, path: str | os.PathLike[str], scale: float | None = None) -> Path:
        """Write the picture to a file whose ending says the format: .svg, .png, .pdf or .dot; gives its path.

        scale: of a PNG, how many pixels stand for each of the SVG's: 2, or less where the picture is very large
        """
        return save(path, {
            ".svg": lambda: self.svg.encode(),
            ".png": lambda: self.png(scale),
            ".pdf": self.pdf,
            ".dot": lambda: self.dot.encode(),
        })  # fmt: skip

    def __repr__(self) -> str:
        return f"Figure({self.plan.captions.names[-1].text}: {self.count}{self._moment})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "image/svg+xml": self.shown}


def save(path: str | os.PathLike[str], writers: dict[str, Callable[[], bytes]]) -> Path:
    """Write a file by the writer of its ending, whole or not at all; gives its path."""
    target = Path(path)
    if target.suffix.lower() not in writers:
        raise ValueError(f"cannot save as {target.suffix or target.name!r} (must be one of {', '.join(writers)})")
    write_whole(target, writers[target.suffix.lower()]())
    return target
