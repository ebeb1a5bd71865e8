"""A picture whose parts are moved to their places shows what it showed, and repeats itself more."""

from __future__ import annotations

import re
from io import BytesIO
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from graphs import GRAPHS
from PIL import Image

import backprop_viz as bp
from backprop_viz.player.settled import settled
from backprop_viz.render.raster import png

PLACES = ("x", "y", "cx", "cy", "points", "d", "transform")


def numbers(text: str) -> list[float]:
    return list(map(float, re.findall(r"-?[\d.]+", text)))


def drawn(element: ElementTree.Element, x: float = 0.0, y: float = 0.0) -> list[tuple[Any, list[float]]]:
    """Everything in an element, in order: what it is, and all its places in the whole picture."""
    shift = numbers(element.get("transform", "translate(0 0)"))
    x, y = x + shift[0], y + shift[1]
    places: list[float] = []
    for name in PLACES[:4]:
        if name in element.attrib:
            places.append(float(element.attrib[name]) + (y if name.endswith("y") else x))
    places += [number + (x, y)[i % 2] for i, number in enumerate(numbers(element.get("points", "")))]
    places += path(element.get("d", ""), x, y)
    rest = {name: value for name, value in element.attrib.items() if name not in PLACES}
    inside = [each for child in element for each in drawn(child, x, y)]
    return [((element.tag, rest, element.text, element.tail), places), *inside]


def path(data: str, x: float, y: float) -> list[float]:
    """The points of a path, in the whole picture."""
    places: list[float] = []
    here = start = (x, y)
    for command, text in re.findall(r"([MLHClhc])([^A-Za-z]*)", data):
        found = numbers(text)
        if command == "H":
            found.append(here[1] - start[1])
        elif command == "h":
            found.append(0.0)
        base = here if command.islower() else start
        found = [number + base[i % 2] for i, number in enumerate(found)]
        here = (found[-2], found[-1])
        places += found
    return places


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
@pytest.mark.parametrize("orientation", ["LR", "BT"])
def test_everything_stays_where_it_was(build: Any, orientation: Any) -> None:
    svg = bp.draw(bp.trace(build()), orientation=orientation).stage
    before, after = (drawn(ElementTree.fromstring(text)) for text in (svg, settled(svg)))
    assert [what for what, _ in after] == [what for what, _ in before]
    for (_, old), (what, new) in zip(before, after, strict=True):
        assert new == pytest.approx(old, abs=0.011), what
    assert settled(svg) != svg


def test_it_looks_the_same() -> None:
    svg = bp.draw(bp.trace(GRAPHS["matrices"]())).stage
    before, after = (np.asarray(Image.open(BytesIO(png(text))).convert("L"), dtype=int) for text in (svg, settled(svg)))
    assert before.shape == after.shape
    assert abs(after - before).max() <= 40  # of 255: what rounding may do to the edge of a letter


def test_parts_that_look_alike_are_written_alike() -> None:
    x = bp.parameter(0.5)
    for _ in range(6):
        x = x.tanh()
    parts = re.findall(r'<g class="bp-tile".*?</g>', settled(bp.draw(bp.trace(x)).stage))
    unnumbered = [re.sub(r'data-\w+="[^"]*"|translate\([^)]*\)|>\d+<', "", part) for part in parts]
    assert len(parts) == 6
    assert any(one == other for one, other in pairwise(unnumbered))


@pytest.mark.parametrize(
    "untouched",
    [
        '<g><text data-slot="a">v x="5" y="7" d="M1,2"</text></g>',
        '<g transform="translate(1 2)"><rect x="5" y="7"/></g>',
        '<rect x="5" y="7"/>',
    ],
)
def test_words_that_look_like_places_and_what_has_moved_already_stay(untouched: str) -> None:
    assert settled(f"<svg>{untouched}</svg>") == f"<svg>{untouched}</svg>"
