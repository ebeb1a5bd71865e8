"""The saved page: whole in one file, strict about what it runs, and the same player in a browser without a network."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from test_lab import Shown, number

import backprop_viz as bp
from backprop_viz.player.film import packed
from backprop_viz.player.page import page
from backprop_viz.render.raster import png
from backprop_viz.render.theme import THEMES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

IMAGE = '<img src=x onerror="hacked=1">'
HOSTILE = "</script><script>hacked=1</script><!--<script>]]></title></noscript><img src=x>&\u2028\x00\ud800"


def neuron() -> bp.Trace:
    x, y = bp.tensor(1.5), bp.tensor(1.0)
    w0, w1 = bp.parameter(0.1), bp.parameter(-0.3)
    yhat = bp.sigmoid(w0 + w1 * x)
    L = bp.bce(yhat, y)
    return bp.trace(L)


def square() -> bp.Trace:
    a = bp.parameter(3.0)
    loss = a * a
    return bp.trace(loss)


def hostile() -> bp.Trace:
    x = bp.parameter(2.0, name=HOSTILE)
    y = x * x
    y.name = IMAGE
    loss = y * y
    loss.name = HOSTILE
    return bp.trace(loss)


class Elements(HTMLParser):
    """The elements of a page as (tag, attributes, text in it)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(("", {}, ""))

    def handle_data(self, data: str) -> None:
        if self.found:
            tag, attributes, text = self.found[-1]
            self.found[-1] = (tag, attributes, text + data)

    def every(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attributes, text) for name, attributes, text in self.found if name == tag]


# ---------------------------------------------------------------------- the file
def test_a_player_saves_itself_as_one_whole_file(tmp_path: Path) -> None:
    player = bp.play(neuron(), step=4)
    path = player.save(tmp_path / "neuron.html")
    assert path == tmp_path / "neuron.html"
    assert path.read_bytes() == page(player).encode()
    assert [file.name for file in tmp_path.iterdir()] == ["neuron.html"]


def test_a_page_holds_the_film_of_each_player_and_where_it_starts(tmp_path: Path) -> None:
    players = [bp.play(neuron(), step=4), bp.play(square()), bp.play(hostile(), step=2)]
    found = Elements(players[0].save(tmp_path / "page.HTML", *players[1:]).read_text(encoding="utf8"))
    assert [attributes["data-step"] for attributes, _ in found.every("section")] == ["4", "0", "2"]
    data = [json.loads(text) for attributes, text in found.every("script") if attributes["type"] == "application/json"]
    assert data == [packed(player.figure) for player in players]


def test_a_page_is_a_complete_document_with_a_picture_for_those_without_scripts() -> None:
    player = bp.play(neuron(), step=4)
    text = page(player)
    found = Elements(text)
    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert {"charset": "utf-8"} in [attributes for attributes, _ in found.every("meta")]
    assert "viewport" in [attributes.get("name") for attributes, _ in found.every("meta")]
    assert found.every("title") == [({}, "L: backpropagation, step by step")]
    assert len(found.every("main")) == 1
    assert text.count("<noscript><svg ") == 1


@pytest.mark.parametrize("build", [neuron, hostile])
def test_the_picture_for_those_without_scripts_is_that_of_the_step_without_what_scripts_look_for(build: Any) -> None:
    player = bp.play(build(), step=4)
    (picture,) = re.findall("<noscript>(<svg.*)</noscript>", page(player))
    whole = bp.draw(player.trace, step=4)
    assert "".join(ElementTree.fromstring(picture).itertext()) == "".join(ElementTree.fromstring(whole.svg).itertext())
    assert png(picture) == png(whole.svg)
    assert "data-" not in picture.replace(escape(HOSTILE), "")
    assert len(picture) < 0.75 * len(whole.svg)


def chain(nodes: int) -> bp.Tensor:
    """A tanh network of one neuron after the other; every node has a name of its own."""
    h = bp.tensor(0.7, name="x")
    count = 1
    while count + 5 <= nodes:
        number = count // 5 + 1
        h = bp.tanh(bp.parameter(0.5, name=f"w{number}") * h + bp.parameter(-0.2, name=f"b{number}"))
        h.name = f"h{number}"
        count += 5
    while count < nodes:
        h = bp.square(h)
        count += 1
    return h


@pytest.mark.parametrize("nodes", [7, 10, 14, 30, 51])
def test_a_page_of_up_to_fifty_scalar_nodes_is_small(nodes: int) -> None:
    loss = chain(nodes)
    assert len(bp.trace(loss).nodes) == nodes
    assert len(page(bp.play(loss)).encode()) < 120_000


@pytest.mark.parametrize("name", [' y="', ' class="', ' data-a="', ' font-family="', ' d="M 1', 'a" x="'])
def test_a_name_that_looks_like_markup_stays_a_name_in_both_pictures_of_a_page(name: str) -> None:
    player = bp.play(bp.parameter(2.0, name=name) * 2.0)
    assert json.loads(json.dumps(packed(player.figure)))["svg"]
    picture = page(player).partition("<noscript>")[2].partition("</noscript>")[0]
    assert name.split()[0] in "".join(ElementTree.fromstring(picture).itertext())


def test_a_page_says_how_much_room_there_is_where_a_text_is_too_long_for_it() -> None:
    w = bp.parameter(2.0, name="w")
    player = bp.play(w * 3.0)
    room = player.stage["room"]
    assert "room" not in packed(player.figure)
    player.edit(w=-1.2345678e-200)
    tight = packed(player.figure)["room"]
    assert tight
    assert tight.items() < room.items()


def test_a_large_graph_has_a_sentence_for_those_without_scripts() -> None:
    x = bp.parameter(0.5, name=IMAGE)
    for _ in range(20):
        x = x.tanh()
    x.name = IMAGE
    found = Elements(page(bp.play(bp.trace(x))))
    assert len(found.every("svg")) == len(found.every("img")) == 0
    assert IMAGE in found.every("p")[0][1]
    assert "21 nodes, 20 edges. Scripts are turned off" in found.every("p")[0][1]


@pytest.mark.parametrize("trace", [neuron(), hostile()], ids=["neuron", "hostile"])
def test_a_pages_policy_lets_in_its_own_script_and_style_and_nothing_else(trace: bp.Trace) -> None:
    found = Elements(page(bp.play(trace)))
    (policy,) = [
        str(attributes["content"])
        for attributes, _ in found.every("meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    ((_, style),) = found.every("style")
    (script,) = [text for attributes, text in found.every("script") if attributes["type"] == "module"]
    assert rules == {
        "default-src": "'none'",
        "script-src": hashed(script),
        "style-src": hashed(style),
        "style-src-attr": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize("trace", [neuron(), hostile()], ids=["neuron", "hostile"])
def test_a_page_asks_for_nothing_beside_it(trace: bp.Trace) -> None:
    text = page(bp.play(trace))
    addresses = set(re.findall(r"\bhttps?://[^\s\"'`\\<>]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML"}
    script = Elements(text).every("script")[-1][1]
    assert not re.search(r"\bimport\b\s*[({\"'*]|\bfetch\(|@import|url\(", script + Elements(text).every("style")[0][1])


def test_a_page_has_the_elements_it_should_whatever_names_say() -> None:
    tame, wild = (Elements(page(bp.play(trace))) for trace in (square(), hostile()))
    outside = ("script", "title", "noscript", "section", "main", "img", "style", "meta")
    assert [len(wild.every(tag)) for tag in outside] == [len(tame.every(tag)) for tag in outside]
    assert "</script><script>hacked=1</script>" in wild.every("title")[0][1]
    page(bp.play(square()), title=HOSTILE).encode()


def test_a_title_may_be_given() -> None:
    assert Elements(page(bp.play(square()), title="Two\n&  two")).every("title") == [({}, "Two & two")]


def test_the_same_players_give_the_same_page() -> None:
    assert page(bp.play(neuron()), bp.play(square())) == page(bp.play(neuron()), bp.play(square()))


def test_what_is_inlined_cannot_end_its_element() -> None:
    folder = Path(bp.__file__).parent / "player"
    for file in [*folder.glob("*.js"), *folder.glob("*.css")]:
        assert not re.search(r"</(script|style)|<!--|<script", file.read_text(encoding="utf8"), re.IGNORECASE), file


@pytest.mark.parametrize("name", ["page", "page.htm", "page.svg", "page.html.gz"])
def test_a_page_ends_in_html(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=rf"a player is saved as a page: '{re.escape(name)}' must end in \.html"):
        bp.play(square()).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_page_needs_a_folder_and_a_player(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"cannot write page\.html: there is no folder .*Make it first"):
        bp.play(square()).save(tmp_path / "none" / "page.html")
    with pytest.raises(ValueError, match=r"a page needs a player, such as bp\.play\(loss\)"):
        page()


# ---------------------------------------------------------------------- in a browser
needs_browser = pytest.mark.needs("browser")
Open = Callable[..., "Page"]


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a page of these players from a file, without a network; nothing may complain in its console."""
    complaints: list[str] = []
    requests: list[str] = []
    contexts = []

    def open_page(*players: bp.Player, hash: str = "", text: str = "", **context: Any) -> Page:
        contexts.append(chromium.new_context(offline=True, **context))
        view = contexts[-1].new_page()
        view.on("console", lambda message: complaints.append(message.text))
        view.on("pageerror", lambda error: complaints.append(str(error)))
        view.on("request", lambda request: requests.append(request.url))
        path = players[0].save(tmp_path / "page.html", *players[1:])
        if text:
            path = tmp_path / "around.html"
            path.write_text(text, encoding="utf8")
        view.goto(path.as_uri() + hash)
        return view

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in requests if not url.startswith(("file:", "about:"))] == []


def steps_of(view: Page) -> list[int]:
    """Where the players of a page stand."""
    counters = [Shown(player).counter for player in view.locator(".bp-player").all()]
    return [int(re.findall(r"\d+", counter)[0]) for counter in counters]


@needs_browser
def test_a_page_is_played_by_keys_and_shows_the_traces_numbers(opened: Open) -> None:
    trace = neuron()
    view = opened(bp.play(trace))
    shown = Shown(view.locator(".bp-player"))
    assert steps_of(view) == [0]
    view.keyboard.press("Tab")
    view.keyboard.press("ArrowRight")
    assert number(shown.slot("n4.value")) == pytest.approx(trace.nodes[4].value, rel=1e-3)
    assert shown.slot("n6.value") == ""
    view.keyboard.press("End")
    gradients = {e.receiver: e.total for e in sends(trace)}
    assert {2, 3} <= gradients.keys()
    for node, gradient in gradients.items():
        assert number(shown.slot(f"n{node}.grad")) == pytest.approx(gradient, rel=1e-3)
    view.keyboard.press("Home")
    assert shown.slot("n2.grad") == ""


class Received:
    """One contribution that has arrived: at which node, and what it has received by then."""

    def __init__(self, receiver: int, total: float) -> None:
        self.receiver, self.total = receiver, total


def sends(trace: bp.Trace) -> list[Received]:
    return [
        Received(trace.edges[event.edge].parent, float(str(event.total)))
        for event in trace.events
        if isinstance(event, bp.Send)
    ]


@needs_browser
@pytest.mark.parametrize(
    ("hash", "step"),
    [("", 3), ("#step=7", 7), ("#step=999", 10), ("#step=", 3), ("#step=x", 3), ("#step=-1", 3), ("#u", 3)],
)
def test_the_address_says_where_a_page_opens(opened: Open, hash: str, step: int) -> None:
    assert steps_of(opened(bp.play(neuron(), step=3), hash=hash)) == [step]


@needs_browser
def test_the_address_follows_the_reader_and_leads(opened: Open) -> None:
    view = opened(bp.play(neuron(), step=3))
    before = view.evaluate("history.length")
    view.locator(".bp-player").focus()
    view.keyboard.press("ArrowRight")
    view.wait_for_url("**/page.html#step=4")
    assert view.evaluate("history.length") == before
    view.evaluate("location.hash = '#step=9'")
    view.get_by_text("Step 9 of 10", exact=False).first.wait_for()
    assert steps_of(view) == [9]
    view.reload()
    assert steps_of(view) == [9]


@needs_browser
def test_several_players_on_a_page_stand_where_they_are_told_and_move_alone(opened: Open) -> None:
    view = opened(bp.play(neuron()), bp.play(square(), step=1), bp.play(hostile()), hash="#step=5,,2")
    assert steps_of(view) == [5, 1, 2]
    view.locator(".bp-player").nth(1).focus()
    view.keyboard.press("ArrowRight")
    assert steps_of(view) == [5, 2, 2]
    view.wait_for_url("**/page.html#step=5,2,2")
    view.evaluate("location.hash = '#step=6,,,7'")
    view.get_by_text("Step 6 of 10", exact=False).first.wait_for()
    assert steps_of(view) == [6, 2, 2]


@needs_browser
def test_a_page_plays_in_a_sandboxed_frame(opened: Open) -> None:
    frame = '<!doctype html><iframe sandbox="allow-scripts" src="page.html#step=2" width="900" height="600"></iframe>'
    view = opened(bp.play(neuron()), text=frame)
    inside = view.frame_locator("iframe")
    inside.locator(".bp-player").focus()
    view.keyboard.press("ArrowRight")
    inside.get_by_text("Step 3 of 10", exact=False).first.wait_for()
    view.wait_for_timeout(400)  # the address would have followed


@needs_browser
def test_a_page_plays_where_it_has_no_address_at_all(opened: Open) -> None:
    text = page(bp.play(neuron(), step=2)).replace("&", "&amp;").replace('"', "&quot;")
    frame = f'<!doctype html><iframe sandbox="allow-scripts" srcdoc="{text}" width="900" height="600"></iframe>'
    view = opened(bp.play(neuron()), text=frame)
    inside = view.frame_locator("iframe")
    inside.locator(".bp-player").focus()
    view.keyboard.press("ArrowRight")
    inside.get_by_text("Step 3 of 10", exact=False).first.wait_for()
    view.wait_for_timeout(400)  # the address would have followed


@needs_browser
@pytest.mark.parametrize("scripts", [True, False])
def test_a_hostile_name_on_a_page_runs_nothing(opened: Open, scripts: bool) -> None:
    view = opened(bp.play(hostile()), java_script_enabled=scripts)
    picture = view.locator("svg.bp-graph, noscript svg").first
    assert IMAGE in str(picture.text_content())
    assert view.locator("img").count() == 0
    if scripts:
        view.locator(".bp-player").focus()
        for _ in range(4):
            view.keyboard.press("ArrowRight")
        assert view.evaluate("typeof hacked") == "undefined"
        assert view.locator("script").count() == 2


@needs_browser
def test_what_is_added_to_a_page_is_not_run(chromium: Browser, tmp_path: Path) -> None:
    path = bp.play(square()).save(tmp_path / "page.html")
    added = "<script>window.hacked = 1</script><style>body { color: red }</style></body>"
    path.write_text(path.read_text(encoding="utf8").replace("</body>", added), encoding="utf8")
    view = chromium.new_page()
    complaints: list[str] = []
    view.on("console", lambda message: complaints.append(message.text))
    view.goto(path.as_uri())
    view.locator(".bp-player").wait_for()
    assert view.evaluate("window.hacked") is None
    assert len([text for text in complaints if "Content Security Policy" in text]) == 2
    view.close()


@needs_browser
def test_without_scripts_a_page_shows_the_last_step(opened: Open) -> None:
    view = opened(bp.play(neuron()), java_script_enabled=False)
    assert view.locator(".bp-player").count() == 0
    assert view.get_by_role("img", name="Computational graph of").is_visible()


@needs_browser
@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_a_page_has_the_readers_colours_and_prints_in_light_ones(opened: Open, scheme: Any, dark: bool) -> None:
    view = opened(bp.play(neuron(), step=6), color_scheme=scheme)
    colour = "getComputedStyle(document.querySelector('.bp-player')).backgroundColor"
    paper = "getComputedStyle(document.documentElement).colorScheme"
    assert (max(map(int, re.findall(r"\d+", view.evaluate(colour))[:3])) < 80) == dark
    assert view.evaluate(paper) == "light dark"
    view.emulate_media(media="print")
    assert view.evaluate(colour) == "rgb(255, 255, 255)"
    assert view.locator("button:visible, select:visible").count() == 0
    assert Shown(view.locator(".bp-player")).sentence
    assert steps_of(view) == [6]


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", ["dark", "contrast", "print"])
def test_a_figure_is_played_in_its_theme_whatever_the_system_says(opened: Open, theme: str, scheme: Any) -> None:
    wanted = THEMES[theme]
    view = opened(bp.play(bp.draw(neuron(), theme=theme), step=6), color_scheme=scheme)
    shown = {
        "paper": colour(view, ".bp-player", "backgroundColor"),
        "ink": colour(view, ".bp-player", "color"),
        "red": colour(view, ".bp-red-line", "stroke"),
        "blue": colour(view, ".bp-blue-line", "stroke"),
        "muted": colour(view, ".bp-status", "color"),
        "box": colour(view, ".bp-box", "fill"),
    }
    assert shown == {name: rgb(getattr(wanted, name)) for name in shown}
    assert view.evaluate("getComputedStyle(document.documentElement).colorScheme") == ["light", "dark"][theme == "dark"]
    view.emulate_media(media="print")
    assert colour(view, ".bp-player", "backgroundColor") == "rgb(255, 255, 255)"
    assert colour(view, ".bp-player", "color") == "rgb(0, 0, 0)"
    on_paper = THEMES["notes"] if theme == "dark" else wanted
    assert colour(view, ".bp-red-line", "stroke") == rgb(on_paper.red)
    view.emulate_media(media="screen", forced_colors="active")
    assert colour(view, ".bp-red-line", "stroke") == colour(view, "body", "color")  # the system's own


def colour(view: Page, what: str, which: str) -> str:
    """A colour that is in use."""
    return str(view.locator(what).first.evaluate(f"e => getComputedStyle(e).{which}"))


def rgb(colour: str) -> str:
    """#RRGGBB as a browser says it."""
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


@needs_browser
def test_a_wide_picture_is_printed_whole(opened: Open) -> None:
    x = bp.parameter(0.5)
    for _ in range(12):
        x = x.tanh()
    view = opened(bp.play(bp.trace(x)), viewport={"width": 600, "height": 800})
    wider = "(s => s.scrollWidth > s.clientWidth)(document.querySelector('.bp-stage'))"
    assert view.evaluate(wider)
    view.emulate_media(media="print")
    assert not view.evaluate(wider)
