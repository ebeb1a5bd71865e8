"""The loss over two numbers of an experiment, with the point where they stand and the way they came."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
from PIL import Image

from ..autograd.ops import OPS
from ..autograd.tensor import Tensor, apply, leaf
from ..autograd.values import stored
from ..plots.canvas import RED, STYLE, limits
from ..plots.surface import Range, loss_surface
from ..record.rerun import rerun
from .live import Experiment, place_in

SIZE, DOTS = (4.6, 3.7), 160  # inches, and pixels for each
WIDTH = 460  # of the picture where it is shown, in pixels of the page
LONGEST = 1000  # points of a way
SPOT = re.compile(r"(.+)\[([\d, ]+)\]")  # W[0, 1]


class Landscape:
    """A picture of the loss over two numbers; the landscape is drawn once for all points of a way.

    x, y: scalar leaves by name, or elements of others: "W[0, 1]"
    """

    def __init__(self, experiment: Experiment, x: str, y: str, xlim: Range | None = None, ylim: Range | None = None):
        self.experiment = experiment
        self.names = x, y
        self.spots = self._spot(x), self._spot(y)
        if self.spots[0] == self.spots[1]:
            raise ValueError(f"a loss surface lies over two different numbers; got {x!r} twice")
        here = self.point
        self.ranges = limits(xlim, here[:1], "xlim", 0.3), limits(ylim, here[1:], "ylim", 0.3)
        self.way: list[tuple[float, float]] = [here]
        self._drawn: Any = None  # what the landscape was drawn of

    def _spot(self, name: Any) -> tuple[int, tuple[int, ...]]:
        """The leaf, and the place in it, of one number."""
        lab, place = self.experiment, None
        element = SPOT.fullmatch(name) if isinstance(name, str) else None
        if element and all(node.name != name for node in lab.trace.nodes):
            name, place = element[1], [int(i) for i in element[2].replace(",", " ").split()]
        index = lab.leaf(name)
        held = lab.leaves[index]
        if held.dtype.kind != "f":
            raise ValueError(f"{name} holds whole numbers: no surface can be drawn over them")
        if place is None and held.shape:
            such = f"{name}{[0] * len(held.shape)}"
            raise ValueError(f"{name} has shape {held.shape}: say which element, such as {such!r}")
        return index, place_in(held.shape, place or (), name)

    @property
    def point(self) -> tuple[float, float]:
        """Where the two numbers stand now."""
        x, y = (float(np.asarray(self.experiment.values[index])[place]) for index, place in self.spots)
        return x, y

    def move(self) -> None:
        """Go to where the numbers stand now; where all is as at the beginning, the way begins again."""
        if all(self.experiment.values[index] is value for index, value in self.experiment.start.items()):
            self.way = []
        if not self.way or self.way[-1] != self.point:
            self.way = [*self.way[1 - LONGEST :], self.point]

    # ------------------------------------------------------------------ the picture
    @property
    def stale(self) -> bool:
        """Whether the landscape has to be drawn: at first, when other leaves moved, and when the point has left it."""
        return self._drawn != self._others() or not self._inside()

    def _inside(self) -> bool:
        ranges = zip(self.point, self.ranges, strict=True)
        return all(low <= x <= high or not np.isfinite(x) for x, (low, high) in ranges)

    def _others(self) -> list[bytes]:
        """All that the landscape depends on."""
        values = {index: np.array(value) for index, value in self.experiment.values.items()}
        for index, place in self.spots:
            values[index][place] = 0
        return [value.tobytes() for value in values.values()]

    def png(self) -> bytes:
        """The picture as it is now."""
        if self.stale:
            self._draw()
        canvas = self._canvas
        canvas.restore_region(self._empty)  # type: ignore[no-untyped-call]
        way = np.array(self.way)
        for line in self._lines:
            line.set_data(*(way[-1:] if line is self._lines[-1] else way).T)
            self._axes.draw_artist(line)
        file = io.BytesIO()
        drawn = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
        Image.fromarray(drawn[..., :3]).save(file, "png", compress_level=1)
        return file.getvalue()

    def _draw(self) -> None:
        """Draw the landscape, with room for the point where it is now."""
        from matplotlib import rc_context
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        if not self._inside():
            widened = (limits(None, [*range_, x], "", 0.3) for range_, x in zip(self.ranges, self.point, strict=True))
            self.ranges = next(widened), next(widened)
        loss, x, y = self._over()
        with rc_context(STYLE):
            figure = Figure(figsize=SIZE, dpi=DOTS, layout="constrained")
            canvas = FigureCanvasAgg(figure)
            axes = figure.add_subplot()
            loss_surface(loss, x, y, xlim=self.ranges[0], ylim=self.ranges[1], ax=axes)
            (present,) = axes.lines
            under = axes.plot([], [], color="white", linewidth=3.5, solid_joinstyle="round", zorder=8)
            way = axes.plot([], [], color=RED, linewidth=1.2, marker=".", markersize=4, zorder=9)
            self._lines = [*under, *way, present]
            for line in self._lines:
                line.set_animated(True)  # not part of what stays
            canvas.draw()  # type: ignore[no-untyped-call]
        self._axes, self._canvas = axes, canvas
        self._empty = canvas.copy_from_bbox(figure.bbox)  # type: ignore[no-untyped-call]
        self._drawn = self._others()

    def _over(self) -> tuple[Tensor, Tensor, Tensor]:
        """The loss as it is now, computed from two leaves that are the two numbers; and these."""
        values = dict(self.experiment.values)
        ends = []
        for (index, place), name in zip(self.spots, self.names, strict=True):
            end = leaf(stored(np.asarray(self.experiment.values[index])[place]), name=name)
            whole = values[index] if isinstance(values[index], Tensor) else leaf(values[index])
            values[index] = apply(OPS["put"], whole, end, key=place) if place else end
            ends.append(end)
        return rerun(self.experiment.loss, values), ends[0], ends[1]
