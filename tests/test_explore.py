"""A plot below sliders: what it shows, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import base64
import io
import re
from collections.abc import Iterator
from typing import Any

import ipywidgets
import numpy as np
import pytest
from matplotlib import pyplot
from PIL import Image

import backprop_viz as bp


@pytest.fixture(autouse=True)
def no_figure_is_left_open() -> Iterator[None]:
    before = pyplot.get_fignums()
    yield
    assert pyplot.get_fignums() == before


def bar(height: float = 0.5, colour: str = "red") -> None:
    _, axes = pyplot.subplots(figsize=(2, 2))
    axes.bar([0], [height], color=colour)
    axes.set(ylim=(0, 1))
    axes.set_axis_off()


def share(png: bytes, channel: int) -> float:
    """How much of a picture is of a colour: red, green or blue."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), float)
    others = [c for c in range(3) if c != channel]
    return float(np.mean((pixels[..., channel] > 100) & (pixels[..., others] < 160).all(axis=-1)))


def test_it_shows_the_plot_of_the_functions_defaults_and_follows_the_sliders() -> None:
    shown = bp.explore(bar, height=(0.0, 1.0), colour=["red", "blue"])
    assert repr(shown) == "Explorer(height=0.5, colour='red')"
    low, high = shown.children[:2]
    before = share(shown.children[2].value, 0)
    low.value = 1.0
    assert share(shown.children[2].value, 0) == pytest.approx(2 * before, rel=0.05)
    high.value = "blue"
    assert share(shown.children[2].value, 0) == 0
    assert share(shown.children[2].value, 2) == pytest.approx(2 * before, rel=0.05)
    assert shown.values == {"height": 1.0, "colour": "blue"}


def test_moves_that_come_together_are_drawn_once() -> None:
    calls: list[float] = []

    def counted(height: float = 0.0) -> None:
        calls.append(height)
        bar(height)

    async def moved() -> None:
        shown = bp.explore(counted, height=(0.0, 1.0))
        for height in (0.1, 0.2, 0.3):
            shown.children[0].value = height
        await asyncio.sleep(0.2)

    asyncio.run(moved())
    assert calls == [0.0, 0.3]


def test_where_nothing_moves_it_is_a_picture_with_a_fixed_text() -> None:
    shown = bp.explore(bar, height=ipywidgets.FloatSlider(0.25))
    data = shown._repr_mimebundle_()
    assert data["text/plain"] == repr(shown) == "Explorer(height=0.25)"
    assert base64.b64decode(data["image/png"]) == shown.children[1].value
    assert bp.explore(bar, height=ipywidgets.FloatSlider(0.25)).children[1].value == shown.children[1].value


def test_an_error_of_the_function_is_said_below_the_plot_until_it_draws_again() -> None:
    def reciprocal(x: int = 1) -> None:
        bar(1 / x)

    shown = bp.explore(reciprocal, x=(-1, 1))
    slider, picture, said = shown.children
    before = picture.value
    slider.value = 0
    assert (said.value, picture.value) == ("ZeroDivisionError: division by zero", before)
    slider.value = 1
    assert said.value == ""


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bp.explore(bar), "explore takes a function that draws, and a slider for each argument"),
        (lambda: bp.explore(3, a=(0, 1)), "explore takes a function that draws"),  # type: ignore[arg-type]
        (lambda: bp.explore(bar, width=(0, 1)), "bar has no argument 'width'; it has height, colour"),
        (lambda: bp.explore(bar, height=None), "height is given as (least, most)"),
        (lambda: bp.explore(bar, height=(1.0, 0.0)), "height: "),
        (lambda: bp.explore(lambda a=0: None, a=(0, 1)), "and it left none: make one with plt.subplots()"),
    ],
)
def test_a_wrong_call_says_what_is_possible(call: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        call()
