"""Names, groups, titles and captions of every kind: drawn literally, and run by nobody."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from pictures import SVG, Picture
from test_geometry import CHECKS

import backprop_viz as bp
from backprop_viz.render.layout import run_dot
from backprop_viz.render.runs import runs
from backprop_viz.render.svg import wrapped
from backprop_viz.render.symbols import printable, symbol

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

RUN = "window['hacked']=1"  # without a point, which a group's name may not have
SCRIPTS = (
    f"</text><script>{RUN}</script>",
    f"</text></svg><script>{RUN}</script>",
    f"<img src=x onerror=\"{RUN}\">",
    f"\" onload=\"{RUN}\" x=\"",
    f"' onclick='{RUN}' x='",
    f"]]><script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"<a href=\"javascript:{RUN}\">x</a>",
    f"<foreignObject><iframe srcdoc=\"<script>parent{RUN[6:]}</script>\"/></foreignObject>",
    f"<animate onbegin=\"{RUN}\" attributeName=x dur=1s>",
    "javascript:alert(1)",
    "<?xml-stylesheet href=\"http://127.0.0.1:9/x\"?>",
    "url(http://127.0.0.1:9/x)",
    "<style>@import 'http://127.0.0.1:9/x'</style>",
)  # fmt: skip
TEXTS = (
    '"', "'", "<&>", "]]>", "<!--", "&amp;", "&lt;b&gt;", "&#60;", "<b>bold</b>", "<TABLE>", "{a|b}", "a;b}", "$x$",
    "\\", "\\N\\L\\n", '\\\\"', "\n", "a\nb", "\r\n", "\t", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028",
    "\ufffe", "\ud800", "👩‍👩‍👧 🏳️‍🌈", "עברית", "عربى", "\u202e back", "\u200b", "e\u0301\u0323\u0302", "漢字仮名",
    "  ", " a  b ", "W" * 10_000, "n3", "n3.value", "e0.back", "g0", "cluster_0", "te0", "node", "graph", "subgraph",
    "_", "0", "-1", "NaN", "%s", "∂ℒ/∂w", "",
)  # fmt: skip
EVERY = SCRIPTS + TEXTS
PLAIN = {"svg", "g", "rect", "path", "polygon", "ellipse", "text", "tspan"}
ATTRIBUTES = {
    "aria-label", "class", "cx", "cy", "d", "data-map", "data-part", "data-scale", "data-slot", "dy", "fill",
    "fill-opacity", "font-family", "font-size", "font-style", "font-weight", "height", "opacity", "points", "role",
    "rx", "ry", "stroke", "stroke-dasharray", "stroke-linecap", "stroke-width", "style", "text-anchor", "transform",
    "viewBox", "visibility", "width", "x", "y", "{http://www.w3.org/XML/1998/namespace}space",
}  # fmt: skip


def figure_of(text: str) -> bp.Figure:
    """A picture in which every text that a reader may choose is this one."""
    w, x = bp.parameter(2.0, name=text), bp.tensor(3.0, name=text)
    if text.strip() and "." not in text:
        with bp.group(text):
            h = bp.tanh(w * x)
    else:
        h = bp.tanh(w * x)
    L = h * w
    L.name = text
    return bp.draw(bp.trace(L), title=text, caption=text)


def lines(figure: bp.Figure) -> list[str]:
    return ["".join(e.itertext()) for e in ElementTree.fromstring(figure.svg).iter(f"{SVG}text")]


# ---------------------------------------------------------------------- drawn literally and legibly
@pytest.mark.parametrize("text", EVERY, ids=lambda text: ascii(text)[:40])
def test_every_text_is_drawn_as_what_can_be_printed_of_it(text: str) -> None:
    figure = figure_of(text)
    root = ElementTree.fromstring(figure.svg.encode())  # well-formed, or this fails
    said = lines(figure)
    assert said.count("".join(run.text for run in runs(symbol(text).math))) >= 3
    if figure.view.groups:
        assert printable(text) in said
    title = wrapped(text, max(figure.scene.layout.width, 360), 17 * 1.12)
    assert said[: len(title)] == title
    if text.strip():
        assert "".join(title).replace(" ", "") == printable(text, longest=None).replace(" ", "") or "\n" in text
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= PLAIN
    assert {name for element in root.iter() for name in element.attrib} <= ATTRIBUTES
    names = {e.attrib[f"data-{what}"] for what in ("part", "slot") for e in root.iter() if f"data-{what}" in e.attrib}
    assert all(name.replace(".", "").isalnum() and name.isascii() for name in names)


@pytest.mark.parametrize("text", EVERY, ids=lambda text: ascii(text)[:40])
def test_nothing_overlaps_whatever_the_text(text: str) -> None:
    figure = figure_of(text)
    picture = Picture(figure.svg)
    assert {check.__name__: check(figure, picture) for check in CHECKS} == {check.__name__: [] for check in CHECKS}


@pytest.mark.parametrize("text", EVERY, ids=lambda text: ascii(text)[:40])
def test_graphviz_reads_every_text_as_text(text: str) -> None:
    figure = figure_of(text)
    drawn = json.loads(run_dot(figure.dot, "json0"))
    names = {item["name"] for item in drawn["objects"]}
    groups = {f"cluster_{number}" for number in range(len(figure.view.groups))}
    assert names == {place.key for place in figure.view.places} | {f"t{key}" for key in figure.plan.tiles} | groups


def test_the_lines_of_code_are_not_in_the_picture() -> None:
    trace = figure_of("w").trace
    nodes = tuple(replace(node, source=bp.Source(SCRIPTS[0], 1, SCRIPTS[1])) for node in trace.nodes)
    assert bp.draw(replace(trace, nodes=nodes)).svg == bp.draw(trace).svg


def test_the_same_name_for_everything_confuses_nothing() -> None:
    figure = figure_of("n3")
    assert [place.key for place in figure.view.places] == [f"n{index}" for index in range(len(figure.trace.nodes))]


# ---------------------------------------------------------------------- run by nobody
def everything() -> bp.Figure:
    """One picture with all of these texts."""
    total = bp.parameter(1.0, name="start")
    for text in EVERY:
        total = total + bp.parameter(1.0, name=text) * 2.0
        total.name = text
    return bp.draw(bp.trace(total), limit=1000, title="\n".join(EVERY), caption=" ".join(EVERY))


@pytest.fixture(scope="module")
def figure() -> bp.Figure:
    return everything()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    page.set_default_timeout(20_000)
    yield page
    page.close()


def watched(page: Page) -> list[str]:
    """What a page does that a picture must not: requests, errors, dialogs; a list that grows."""
    seen: list[str] = []

    def dismissed(dialog: Dialog) -> None:
        seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("console", lambda message: seen.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: seen.append(f"error: {error}"))
    page.on("dialog", dismissed)
    page.on("request", lambda request: seen.append(f"request: {request.url[:80]}"))
    return seen


def hacked(page: Page) -> bool:
    page.wait_for_timeout(300)
    return bool(page.evaluate("window.hacked !== undefined"))


@pytest.mark.needs("browser")
def test_as_markup_in_a_page_it_runs_nothing_and_asks_for_nothing(page: Page, figure: bp.Figure) -> None:
    page.set_content("<!DOCTYPE html><div></div>")
    seen = watched(page)
    for svg in (figure.svg, figure.stage, figure.shown):
        page.evaluate("svg => { document.querySelector('div').innerHTML = svg }", svg)
        for event in ("click", "load", "begin", "mouseover"):
            page.evaluate("e => document.querySelectorAll('*').forEach(x => x.dispatchEvent(new Event(e)))", event)
        assert page.locator("div > *").count() == 1
        assert page.locator("script, img, a, style, iframe, foreignObject").count() == 0
        assert not hacked(page)
    page.set_content(f"<!DOCTYPE html><div>{figure.svg}</div>")  # parsed with the page, where scripts would run
    assert page.locator("div > svg").count() == 1
    assert page.locator("script").count() == 0
    assert not hacked(page)
    assert seen == []


@pytest.mark.needs("browser")
def test_as_a_file_it_runs_nothing_and_asks_for_nothing_else(page: Page, figure: bp.Figure, tmp_path: Path) -> None:
    path = figure.save(tmp_path / "figure.svg")
    seen = watched(page)
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.tagName") == "svg"  # not the page of an XML error
    assert page.locator("parsererror").count() == 0
    assert not hacked(page)
    assert seen == [f"request: {path.as_uri()[:80]}"]


@pytest.mark.needs("browser")
def test_as_an_image_it_is_drawn_and_runs_nothing(page: Page, figure: bp.Figure) -> None:
    seen = watched(page)
    data = base64.b64encode(figure.svg.encode()).decode()
    page.set_content(f'<!DOCTYPE html><img src="data:image/svg+xml;base64,{data}">')
    assert page.evaluate("document.images[0].decode().then(() => document.images[0].naturalWidth)") > 100
    assert not hacked(page)
    assert [entry for entry in seen if not entry.startswith("request: data:image/svg+xml")] == []


@pytest.mark.needs("browser")
def test_what_a_browser_shows_is_what_was_written(page: Page, figure: bp.Figure) -> None:
    page.set_content(f"<!DOCTYPE html><div>{figure.svg}</div>")
    shown = page.evaluate("[...document.querySelectorAll('text')].map(text => text.textContent)")
    assert shown == lines(figure)


@pytest.mark.needs("browser")
@pytest.mark.parametrize("text", SCRIPTS[:3])
def test_these_texts_would_run_as_markup(page: Page, text: str) -> None:
    """Else the tests above could not fail."""
    page.set_content(f"<!DOCTYPE html><svg><text>{text}</text></svg>")
    assert hacked(page)
