"""What one player shows of a loss, and what its reader may ask for: edits, learning, groups opened and closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from ..autograd.tensor import Tensor
from ..autograd.values import short
from ..record.iterations import at_step
from ..record.recorder import record
from ..record.scalars import scalars
from ..record.trace import Trace
from ..render.draw import draw
from ..render.figure import Figure
from .film import reel
from .live import Experiment
from .zoom import opened, scalar_figure

RATE = 0.1  # of learning, until the reader gives another
NAMED = 5  # nodes in one sentence


class Session:
    """A loss, a trace or a figure, and the picture that is shown.

    figure: what is shown: the whole graph, or the scalar graph of the node `within`
    whole:  the figure of the whole graph;  serial: the number of the latest message
    told:   the steps whose words the reader has before the eyes, while values move; None where all are wanted
    """

    def __init__(self, loss: Tensor | Trace | Figure) -> None:
        self._experiment = Experiment(loss) if isinstance(loss, Tensor) else None
        figure = (
            _whole(loss) if isinstance(loss, Figure) else draw(self._experiment.trace if self._experiment else loss)
        )
        if self._experiment:  # any number may come to stand anywhere
            figure = replace(figure, options=replace(figure.options, roomy=True))
        self.figure = self.whole = figure
        self.within: int | None = None
        self.serial = 0
        self.told: frozenset[int] | None = None

    @property
    def experiment(self) -> Experiment:
        """The loss as it can be edited; an error where only a trace is played."""
        if self._experiment is None:
            raise ValueError("a trace is a record, and its values stand: play the loss itself, not its trace, to edit")
        return self._experiment

    @property
    def reel(self) -> dict[str, Any]:
        """What is said step by step (for now of the steps in `told`), the message that it answers, what leaves hold."""
        return reel(self.figure, self.told) | {"serial": self.serial} | self._held

    @property
    def _held(self) -> dict[str, dict[int, float]]:
        """What leaves of one number hold, with as many digits as tell it from others of its type: these are edited."""
        if not self.live["edit"]:
            return {}
        values = {i: np.asarray(value)[()] for i, value in self.experiment.values.items()}
        scalars = {i: value for i, value in values.items() if np.ndim(value) == 0 and np.isfinite(value)}
        return {
            "held": {i: int(value) if value.dtype.kind in "biu" else float(str(value)) for i, value in scalars.items()}
        }

    @property
    def live(self) -> dict[str, Any]:
        """What a reader can do: edit leaves, with which rate to learn, open what is closed; what is opened now.

        fixed: the nodes whose conditions follow no other node
        """
        within = "" if self.within is None else self.whole.plan.captions.names[self.within].text
        edit = self._experiment is not None and self.within is None
        fixed = self._decided if edit else []
        return {"edit": edit, "rate": RATE, "zoom": True, "within": within, "fixed": fixed}

    @property
    def _decided(self) -> list[str]:
        """The nodes that follow a condition: it was decided when the loss was computed, of what is not recorded."""
        trace = self.whole.trace
        conditions = {node.index for node in trace.nodes if not node.op and node.dtype == "bool"}
        held = (node for node in trace.nodes if node.op == "where" or conditions.intersection(node.parents))
        names = [self.whole.plan.captions.names[node.index].text for node in held]
        return names if len(names) <= NAMED else [*names[:NAMED], "…"]

    def follow(self) -> None:
        """Compute with the present values; the layout stays."""
        trace, shown = self.experiment.run(), self.figure
        self.figure = self.whole = self.whole.with_trace(trace)
        if self.within is not None:
            with np.errstate(all="ignore"):
                self.figure = shown.with_trace(scalars(trace, self.within))

    def do(self, content: Any) -> bool:
        """Do what a message asks for; whether that is another picture, and not only other numbers, to come."""
        if not isinstance(content, Mapping):
            raise TypeError(f"a message says what it asks for; got {short(content)}")
        serial, kind = content.get("serial"), content.get("type")
        # Several views of one player count on their own: the largest number is news to all of them.
        self.serial = max(self.serial, serial) if isinstance(serial, int) else self.serial
        if not isinstance(kind, str) or kind not in DEEDS:
            raise ValueError(f"a player can be asked for {', '.join(DEEDS)}; got {short(kind)}")
        self.told = None
        figure = DEEDS[kind](self, content)
        if figure is None:
            return False
        self.figure = figure
        if self.within is None:
            self.whole = figure
        return True


def _whole(figure: Figure) -> Figure:
    """The figure with all steps of both passes, also where it was drawn before `backward()`, which shows one alone."""
    if figure.loss is not None and figure.difference is None:
        with suppress(RuntimeError):  # edited since: what was drawn is all that is known
            trace = replace(figure.trace, events=record(figure.loss).events)
            figure = replace(figure, trace=trace, loss=None)
    return figure.at(None)


# ---------------------------------------------------------------------- what can be asked for
Message = Mapping[str, Any]


def _edit(session: Session, content: Message) -> None:
    values: Any = content.get("values")
    if isinstance(values, Mapping):  # from JSON, whose keys are text
        values = {int(key) if str(key).isdecimal() else key: value for key, value in values.items()}
    session.experiment.edit(values)
    told = content.get("told")
    if isinstance(told, list) and all(isinstance(step, int) for step in told):
        session.told = frozenset(told)


def _learn(session: Session, content: Message) -> None:
    session.experiment.learn(content.get("rate", RATE))


def _reset(session: Session, content: Message) -> None:
    session.experiment.reset()


def _tell(session: Session, content: Message) -> None:
    """Nothing but the words of all steps, which every answer brings that is not asked to leave some out."""


def _toggle(session: Session, content: Message) -> Figure:
    group = content.get("group")
    if not isinstance(group, list | tuple) or not all(isinstance(name, str) for name in group):
        raise TypeError(f"a group is given by its path, a list of names; got {short(group)}")
    return opened(session.figure, list(group))


def _scalars(session: Session, content: Message) -> Figure:
    node = content.get("node")
    if session.within is not None:
        raise ValueError("this is a scalar graph already: go back first")
    if not isinstance(node, int) or not 0 <= node < len(session.whole.trace.nodes):
        raise ValueError(f"a node is given by its index; got {short(node)}")
    step = content.get("step")
    step = step if isinstance(step, int) else len(session.whole.trace.events)
    figure = scalar_figure(session.whole.with_trace(at_step(session.whole.trace, step)), node)
    session.within = node
    return figure


def _back(session: Session, content: Message) -> Figure:
    session.within = None
    return session.whole


DEEDS: dict[str, Callable[[Session, Message], Figure | None]] = {
    "edit": _edit,
    "learn": _learn,
    "reset": _reset,
    "tell": _tell,
    "toggle": _toggle,
    "scalars": _scalars,
    "back": _back,
}
