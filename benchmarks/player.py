"""The player's rows: steps in a JupyterLab and in a saved page, what is kept, the size of a page, a movie's making."""

from __future__ import annotations

import base64
import gzip
import math
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

import backprop_viz as bp
from backprop_viz.player.film import film
from backprop_viz.player.inlined import script
from backprop_viz.player.movie import movie
from backprop_viz.player.page import page as page_of
from backprop_viz.player.page import save_page
from backprop_viz.render.raster import size
from backprop_viz.render.sizes import SMALL

from . import browser, workloads
from .drawers import LIMIT, recorded
from .table import Row, Spread
from .workloads import Scale

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@dataclass(frozen=True)
class Show:
    """What is played: layers of networks, and how often each measurement is taken."""

    small: tuple[int, ...] = (2, 4, 1)  # about 50 nodes
    large: tuple[int, ...] = (2, 11, 11, 1)  # about 500
    edited: tuple[int, ...] = (2, 4, 4, 1)  # about 100
    filmed: int = 22  # a tree of 30 nodes and 64 steps
    images: int = 60
    rounds: int = 5
    steps: int = 100  # in a round
    walked: int = 1_000
    created: int = 200


FULL = Show()
TINY = Show((1, 1, 1), (2, 1, 1), (1, 2, 1), filmed=4, images=3, rounds=1, steps=10, walked=20, created=2)


@dataclass(frozen=True)
class Played:
    """A figure and the step where it begins: what a page is made of."""

    figure: Any
    step: int = 0


def player(scale: Scale) -> list[Row]:
    """The player as a reader meets it; without a browser, what needs none."""
    show = TINY if scale is workloads.TINY else FULL
    rows = [*page_size(show), *gif(show)]
    if reason := browser.missing():
        print(f"the browser is left out: {reason}", file=sys.stderr)
        return rows
    with browser.chromium() as chromium, tempfile.TemporaryDirectory() as folder:
        return [*in_lab(show, chromium), *kept(show, chromium, Path(folder)), *rows]


def played(layers: tuple[int, ...]) -> Played:
    """A network with all its nodes drawn."""
    return Played(bp.draw(recorded(*workloads.perceptron(layers)), limit=LIMIT))


def row(name: str, value: float, target: float | tuple[float, float], unit: str, digits: int = 3) -> Row:
    """A number with its unit, and the limit to it in that unit."""
    return Row(f"{name}, in {unit}", "player", f"{value:.{digits}g} {unit}", value=value, targets={"": target})


# ---------------------------------------------------------------------- files
def page_size(show: Show) -> list[Row]:
    """A page as it lies on a disk, and as it goes through a network."""
    shown = played(show.small)
    page = page_of(shown).encode()
    name = f"page of {len(shown.figure.trace.nodes)} nodes"
    return [
        row(name, len(page) / 1e3, 120.0, "KB"),
        row(f"{name}, gzipped", len(gzip.compress(page, 9, mtime=0)) / 1e3, 15.0, "KB"),
    ]


def gif(show: Show) -> list[Row]:
    """A movie, how long its making takes, and the size of the smallest numbers in it."""
    trace = recorded(*workloads.tree(show.filmed))
    times = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "steps.gif"
        for _ in range(min(show.rounds, 3)):
            start = time.perf_counter()
            movie(trace, path, steps=slice(show.images), progress=False)
            times.append(time.perf_counter() - start)
        space = path.stat().st_size
        with Image.open(path) as image:
            scale = image.width / size(bp.draw(trace).svg)[0]
    name = f"GIF of {show.images} steps, {len(trace.nodes)} nodes"
    return [
        row(name, min(times), 6.0, "s"),
        row(f"{name}: size", space / 1e3, 300.0, "KB"),
        row(f"{name}: smallest numbers", SMALL * scale, (8.9, math.inf), "pixels"),
    ]


# ---------------------------------------------------------------------- a notebook
SETUP = """from functools import partial
from IPython.display import SVG
from ipywidgets import IntSlider, interact
import backprop_viz as bp
from backprop_viz.player import widget
from backprop_viz.render.layout import run_dot
from benchmarks import workloads

def loss(layers):
    build, start = workloads.perceptron(layers)
    return build(bp.tensor, bp.relu, [bp.parameter(v) for v in start])

small, large, edited = {layers}
everything = partial(bp.draw, limit={limit})
text = everything(bp.trace(large)).dot"""
KERNEL = 'interact(lambda k: SVG(run_dot(text, "svg")), k=IntSlider(0, 0, 1000)); None'
CELLS = {
    "small": "bp.play(small)",
    "large": "bp.play(large)",
    "edited": "bp.play(edited)",
    "whole": "widget.draw = everything; bp.play(large)",
    "kernel": KERNEL,
}
PLACES = {name: i for i, name in enumerate(CELLS, start=1)}


def in_lab(show: Show, chromium: Browser) -> list[Row]:
    """A notebook with players, and with the picture that the kernel draws anew for every step."""
    layers = [show.small, show.large, show.edited]
    counts = {
        name: f"{len(recorded(*workloads.perceptron(sizes)).nodes)} nodes"
        for name, sizes in zip(("small", "large", "edited"), layers, strict=True)
    }
    setup = SETUP.format(layers=", ".join(f"loss({sizes})" for sizes in layers), limit=LIMIT)
    with browser.lab(chromium, [setup, *CELLS.values()]) as page:
        page.evaluate("bench.run({ index: 0 })")
        shown = [
            row(f"cell run to player shown, {counts[name]}", first_shown(show, page, name), target, "s")
            for name, target in (("small", 0.4), ("large", 0.8))
        ]
        updates = row(
            f"pictures while a leaf is dragged, {counts['edited']}", rate(show, page), (20.0, math.inf), "a second"
        )
        for name in ("whole", "kernel"):
            run(page, name)
        rows = [*stepped(show, page, counts), *shown, updates]
        if said := browser.complaints(page):
            raise SystemExit(f"the notebook complains: {said}")
    return rows


def run(page: Page, name: str) -> float:
    """Run a cell; the seconds until what it shows is painted."""
    shows = ".noUi-handle" if name == "kernel" else ".bp-player svg.bp-graph"
    return float(page.evaluate("settings => bench.run(settings)", {"index": PLACES[name], "shows": shows})) / 1e3


def first_shown(show: Show, page: Page, name: str) -> float:
    """The shortest of several runs of a cell; the one that imports what is needed is not among them."""
    run(page, name)
    return min(run(page, name) for _ in range(show.rounds))


def place(name: str) -> str:
    """Where the player of a cell is found in the page."""
    return f'.jp-Cell[data-windowed-list-index="{PLACES[name]}"] .bp-player'


def stepped(show: Show, page: Page, counts: dict[str, str]) -> list[Row]:
    """Steps of two players, those of the larger one beside the kernel's, round by round."""
    rounds = [
        {"small": steps(page, "small", show.steps), "whole": steps(page, "whole", show.steps), "kernel": redrawn(page)}
        for _ in range(show.rounds)
    ]
    best = {name: tuple(min(each[name][i] for each in rounds) for i in (0, 1)) for name in ("small", "whole")}
    ratio = Spread.of([each["whole"][1] / each["kernel"][1] for each in rounds])
    painted = best["whole"][1]
    return [
        row(f"step, {counts['small']}: work", best["small"][0], 1.0, "ms"),
        row(f"step, {counts['large']}: work", best["whole"][0], 2.0, "ms"),
        Row(f"step, {counts['large']}: until painted, in ms", "player", f"{painted:.3g} ms", {"Graphviz": ratio},
            painted, {"": 17.0, "Graphviz": 0.05}),
    ]  # fmt: skip


def steps(page: Page, name: str, count: int) -> tuple[float, float]:
    """Milliseconds of a step's work and until it is painted: medians of so many."""
    times = page.evaluate("settings => bench.steps(settings)", {"place": place(name), "count": count})
    worked, painted = (statistics.median(each) for each in zip(*times, strict=True))
    return worked, painted


def redrawn(page: Page) -> tuple[float, float]:
    """Milliseconds until the picture that the kernel draws is painted; twice, as steps are."""
    time_taken = statistics.median(page.evaluate("bench.redraw({ count: 3 })"))
    return time_taken, time_taken


def rate(show: Show, page: Page) -> float:
    """How many pictures a second follow a leaf's slider while it is dragged."""
    run(page, "edited")
    settings = {"place": place("edited"), "part": "n0", "moves": 30 if show is TINY else 200}
    return max(float(page.evaluate("settings => bench.drag(settings)", settings)) for _ in range(show.rounds))


# ---------------------------------------------------------------------- what is kept
def kept(show: Show, chromium: Browser, folder: Path) -> list[Row]:
    """What steps, and players that are made and taken away, leave behind."""
    shown = played(show.small)
    source = base64.b64encode(script("player").encode()).decode()
    made = {"source": f"data:text/javascript;base64,{source}", "film": film(shown.figure)}
    walked = f"{show.walked:,} steps back and forth"
    created = f"{show.created} players made and taken away"
    with browser.view(chromium, save_page(folder / "page.html", shown).as_uri()) as page:
        rows = grown(page, walked, "hurry", {"place": ".bp-player"}, show.walked)
    with browser.view(chromium, "about:blank") as page:
        return [*rows, *grown(page, created, "recreate", made, show.created)]


def grown(page: Page, name: str, what: str, settings: dict[str, Any], count: int) -> list[Row]:
    """How much more a page holds than after a first run of the same length."""
    run = f"settings => bench.{what}(settings)"
    page.evaluate(run, settings | {"count": count})
    before = browser.held(page)
    page.evaluate(run, settings | {"count": count})
    after = browser.held(page)
    more = {what: max(0.0, after[what] - before[what]) for what in before}
    return [
        row(f"{name}: growth of memory", more["KB"], 100.0, "KB"),
        row(f"{name}: growth of listeners and elements", more["listeners"] + more["nodes"], 0.0, "objects"),
    ]
