"""The film: all that a player shows of a trace, as plain data ready for JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Container
from typing import Any

import numpy as np

from ..record.trace import Event, Forward, Node, Seed, Send, Update, Value
from ..render import fonts, heat, sizes
from ..render.figure import Figure
from ..render.frames import Frame
from ..render.says import SAYS
from ..render.slots import is_map
from ..render.text import by, shown_number
from ..render.theme import NOTES
from .algorithm import LINES, about, line_of, turn_of
from .compact import Library, drawings, stencils, words
from .settled import settled

SCHEMA = 4  # raised when the film changes its shape; script/player.mjs shows this one
MOST_NUMBERS = 64  # elements of an array whose numbers a reader may ask for


def film(figure: Figure) -> dict[str, Any]:
    """The film of a figure's trace: the stage, which stays, and the reel, which is run over it."""
    return stage(figure) | reel(figure)


def packed(figure: Figure) -> dict[str, Any]:
    """The film as a page holds it, with few characters; `unpacked` of script/packing.mjs makes the film of it again.

    svg: its pieces as stencils (compact.py) and words;  nodes, edges, frames: their JSON as stencils
    room: of the slots alone that have too little of it at some step: here no number changes
    """
    whole = film(figure)
    lists = {name: stencils([as_json(each) for each in whole[name]]) for name in ("nodes", "edges", "frames")}
    svg, known = drawings(re.split("(?<=</g>)", settled(figure.stage)))
    if room := whole.pop("room", None):
        tight = {slot: room[slot] for slot in _tight(figure)}
        whole |= {"room": tight} if tight else {}
    return whole | lists | {"svg": svg, "words": known}


def as_json(data: Any) -> str:
    """Plain data as JSON of few characters."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def stage(figure: Figure) -> dict[str, Any]:
    """What is the same at every step.

    schema: 4
    label:  the picture's name for those who do not see it
    svg:    the picture with nothing computed, without its repetitions (compact.py): a `data-slot` for every text, a
            `data-map` for every heat map and a `data-part` for all that can light up;  words: what they are
    colours: of the cells of heat maps: scale -> letter -> colour;  round: how round they are, by letter, of half a side
    nodes:  by index: name, kind, op, shape, the place of its source line in `code` (part, line) or null, and the part
            of the picture where it is seen ("" where it is not); `whole` of a leaf that holds whole numbers alone,
            `range`: those that it may hold, where they are few,
            `elsewhere`: how many contributions more it receives in the graph of which this is a part
    edges:  by index: parent, child, and the part of the picture
    groups: part -> path, of the closed groups;  open: the paths of the open ones
    room:   the width of each number's place in pixels, where numbers may change
    theme:  its name, of a figure drawn in another than the usual one, which goes with the system
    code:   the parts of the reader's program: file, number of the first line, lines
    lines:  the algorithm;  says: the sentences of render/says.py
    """
    trace, theme, view = figure.trace, figure.options.theme, figure.view
    svg, known = words(figure.stage)
    more: dict[str, Any] = {"room": _room(figure)} if figure.options.roomy else {}
    if theme.name != NOTES.name:
        more |= {"theme": theme.name}
    return more | {
        "schema": SCHEMA,
        "label": figure.label,
        "svg": svg,
        "words": known,
        "colours": {scale: heat.palette(theme, scale) for scale in ("values", "gradients")},
        "round": heat.CORNERS,
        "nodes": [_node(figure, node) for node in trace.nodes],
        "edges": [[e.parent, e.child, "".join(view.seen([f"e{e.index}.forward"]))] for e in trace.edges],
        "groups": {place.part: list(place.group) for place in view.places if place.group},
        "open": [list(path) for path in view.groups],
        "code": [{"file": code.file, "first": code.first, "lines": list(code.lines)} for code in trace.code],
        "lines": list(LINES),
        "says": SAYS,
    }


def reel(figure: Figure, told: Container[int] | None = None) -> dict[str, Any]:
    """What is said step by step.

    told:   the steps of which something is said, where not of all: that takes a third of the time. Of the others the
            sentence and the equations are empty
    math:   the branches of all equations (compact.Library)
    frames: a frame for the start and one for each event: phase, sentence, equations (each the number of a branch and
            the texts to be put in), what differs from the step before (render/slots.py), `fresh` where another
            iteration of training begins; of an event also the algorithm's `line`, if one carries it out, whose `turn`
            it is, the node it is `about` and, where a gradient is sent, the `edge`; `numbers`: slot -> rows of texts,
            the numbers behind the heat maps that change, of arrays of at most 64 elements
    """
    library = Library()
    trace, frames = figure.trace, figure.frames if told is None else figure.telling(told)
    leaves = {f"n{node.index}.value": node.value for node in trace.nodes if node.kind != "compute"}
    made = [_frame(frames[0], library) | _numbers(figure, frames[0], leaves)]
    for frame, event in zip(frames[1:], trace.events, strict=True):
        values = _values(figure, event)
        leaves |= {slot: value for slot, value in values.items() if slot in leaves}
        numbers = _numbers(figure, frame, leaves | values if frame.fresh else values)
        made.append(_frame(frame, library) | _place(figure, event) | numbers)
    return {"math": library.branches, "frames": made}


def _room(figure: Figure) -> dict[str, float]:
    """How wide the text of each slot may be, in pixels."""
    sizes_of = {"value": sizes.VALUE, "contribution": sizes.SMALL * sizes.BOLD}
    widths = figure.plan.widths.items()
    return {slot: round(wide * sizes_of.get(slot.split(".")[1], sizes.SMALL), 1) for slot, wide in widths}


def _tight(figure: Figure) -> list[str]:
    """The slots that at some step hold a longer text than there is room for, as those of edited values may."""
    widths = figure.plan.widths
    texts = {item for frame in figure.frames for item in frame.texts.items() if item[0] in widths}
    return sorted({slot for slot, text in texts if fonts.width(text, fonts.NUMBERS, 1.0) > widths[slot] + 1e-6})


def _frame(frame: Frame, library: Library) -> dict[str, Any]:
    held = {"texts": frame.texts, "maps": frame.maps, "reached": list(frame.reached), "active": list(frame.active)}
    said = {"phase": frame.phase, "sentence": frame.sentence, "equations": [*map(library.equation, frame.equations)]}
    return said | {name: value for name, value in held.items() if value} | ({"fresh": True} if frame.fresh else {})


def _values(figure: Figure, event: Event) -> dict[str, Value]:
    """What an event puts into the slots of values and gradients."""
    match event:
        case Forward(node, value):
            return {f"n{node}.value": figure.trace.nodes[node].value if value is None else value}
        case Seed():
            return {f"n{event.node}.grad": event.gradient}
        case Send():
            receiver = figure.trace.edges[event.edge].parent
            return {f"e{event.edge}.contribution": event.contribution, f"n{receiver}.grad": event.total}
        case Update():
            return {f"n{event.parameter}.value": event.new}


def _numbers(figure: Figure, frame: Frame, values: dict[str, Value]) -> dict[str, Any]:
    """The numbers behind the heat maps that change, row by row, unless they are many."""
    arrays = {slot: np.asarray(value) for slot, value in values.items() if slot in frame.maps and is_map(value)}
    found = {slot: _rows(array, figure.options.digits) for slot, array in arrays.items() if array.size <= MOST_NUMBERS}
    return {"numbers": found} if found else {}


def _rows(array: np.ndarray[Any, Any], digits: int) -> list[list[str]]:
    """The texts of an array's elements, a row for each index of all axes but the last."""
    rows = array.reshape(-1, array.shape[-1]).tolist()
    return [[shown_number(number, digits) for number in row] for row in rows]


def _place(figure: Figure, event: Event) -> dict[str, Any]:
    """Where in the algorithm and in the graph an event happens."""
    trace = figure.trace
    place = {"turn": turn_of(trace, event), "about": about(trace, event)}
    line = line_of(trace, event)
    more = {"line": line} if line is not None else {}
    return place | more | ({"edge": event.edge} if isinstance(event, Send) else {})


def _node(figure: Figure, node: Node) -> dict[str, Any]:
    part = "".join(figure.view.seen([f"n{node.index}"]))
    more: dict[str, Any] = {"elsewhere": node.elsewhere} if node.elsewhere else {}
    kind = np.dtype(node.dtype).kind
    if node.kind != "compute" and kind in "biu":
        more["whole"] = True
    if node.kind != "compute" and kind == "b":
        more["range"] = [0, 1]
    return more | {
        "name": figure.plan.captions.names[node.index].text,
        "kind": node.kind,
        "op": node.op,
        "shape": by(node.shape),
        "source": _line(figure, node),
        "part": part,
    }


def _line(figure: Figure, node: Node) -> list[int] | None:
    """The part of the code, and the line in it, that made a node."""
    source = node.source
    if source is None:
        return None
    for number, code in enumerate(figure.trace.code):
        line = source.line - code.first
        if code.file == source.file and 0 <= line < len(code.lines) and code.lines[line].strip() == source.text:
            return [number, line]
    return None
