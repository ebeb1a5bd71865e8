"""The player on a saved page, as a person uses it: what is displayed is checked against the trace."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from graphs import fan_out, hostile, matrices, neuron
from test_lab import Shown, number

import backprop_viz as bp
from backprop_viz.player.film import film
from backprop_viz.player.inlined import script
from backprop_viz.player.page import save_page
from conftest import AXE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.needs("browser")
THEMES: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "more contrast": {"contrast": "more"},
    "dark, more contrast": {"color_scheme": "dark", "contrast": "more"},
    "forced colours": {"forced_colors": "active"},
    "dark, forced colours": {"forced_colors": "active", "color_scheme": "dark"},
}
Open = Callable[..., "Page"]

# The contrast of every text that is seen with what lies under its middle, worked out from the colours in use.
CONTRASTS = """() => {
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d",
    { willReadFrequently: true });
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = (c) => c.slice(0, 3).map((v) => linear(v / 255))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const opacity = (e) => e ? Number(getComputedStyle(e).opacity) * opacity(e.parentElement) : 1;
  const svg = (e) => e.namespaceURI.endsWith("svg");
  const ground = (e) => {
    const style = getComputedStyle(e);
    const [r, g, b, a] = rgba(svg(e) ? style.fill === "none" ? "transparent" : style.fill : style.backgroundColor);
    return [r, g, b, a * opacity(e) * (svg(e) ? Number(style.fillOpacity) : 1)];
  };
  const found = [];
  const walker = document.createTreeWalker(document.querySelector(".bp-player"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    const said = walker.currentNode.textContent.trim();
    if (!said || !box.width || getComputedStyle(element).visibility === "hidden" || opacity(element) === 0) continue;
    const disabled = element.closest("[aria-disabled=true]");
    const under = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const shapes = "rect ellipse polygon path circle svg".split(" ");
    const grounds = under.filter((e) => !svg(e) || shapes.includes(e.localName)).map(ground);
    if (disabled || !under.length) continue;
    const colour = rgba(svg(element) ? getComputedStyle(element).fill : getComputedStyle(element).color);
    const paper = grounds.reverse().reduce((below, above) => over(above, below), rgba("Canvas"));
    const text = over([...colour.slice(0, 3), colour[3] * opacity(element)], paper);
    const [low, high] = [light(text), light(paper)].sort((a, b) => a - b);
    found.push([said, (high + 0.05) / (low + 0.05)]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bp.Trace, Path]]:
    """The pages, made once: name -> trace and file."""
    folder = tmp_path_factory.mktemp("pages")
    traces = {build.__name__: bp.trace(build()) for build in (neuron, fan_out, matrices, hostile, three_uses)}
    w = bp.parameter(3.0, name="w")
    traces["training"] = bp.training(w * bp.tensor(1.0, name="x") + w * w, bp.optim.SGD([w], lr=0.1))
    traces |= {f"{theme} theme": traces["neuron"] for theme in ("dark", "contrast", "print")}
    themes: dict[str, Any] = {name: {"theme": name.split()[0]} for name in traces if name.endswith(" theme")}
    figures = {
        name: SimpleNamespace(figure=bp.draw(trace, **themes.get(name, {})), step=0) for name, trace in traces.items()
    }
    return {name: (traces[name], save_page(folder / f"{name}.html", figures[name])) for name in traces}


def three_uses() -> bp.Tensor:
    """A sum of three uses of one parameter."""
    w = bp.parameter(0.5)
    loss = w * 2 + w.tanh() + w * w
    loss.name = "loss"
    return loss


@pytest.fixture
def opened(chromium: Browser, pages: dict[str, tuple[bp.Trace, Path]]) -> Iterator[Open]:
    """Opens one of the pages; nothing may complain in its console."""
    contexts, complaints = [], []

    def open_page(name: str, step: int = 0, clock: bool = False, **media: Any) -> Page:
        contexts.append(chromium.new_context(offline=True, **media))
        view = contexts[-1].new_page()
        view.set_default_timeout(10_000)
        view.on("console", lambda message: complaints.append(message.text))
        view.on("pageerror", lambda error: complaints.append(str(error)))
        if clock:
            view.clock.install()
        view.goto(f"{pages[name][1].as_uri()}#step={step}")
        return view

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def step_of(view: Page) -> int:
    return int(re.findall(r"\d+", Shown(view.locator(".bp-player")).counter)[0])


def status(view: Page) -> str:
    return view.locator("[role=status]").inner_text()


def select_first(view: Page) -> None:
    view.locator(".bp-stage").focus()
    press(view, "ArrowDown")


def press(view: Page, *keys: str) -> None:
    for key in keys:
        view.keyboard.press(key)


# ---------------------------------------------------------------------- by keyboard alone
def test_the_whole_film_is_read_by_keyboard_and_shows_the_traces_numbers(
    opened: Open, pages: dict[str, tuple[bp.Trace, Path]]
) -> None:
    trace = pages["neuron"][0]
    view = opened("neuron")
    shown = Shown(view.locator(".bp-player"))
    press(view, "Tab")
    looks = [shown.everything()]
    for event in trace.events:
        press(view, "ArrowRight")
        looks.append(shown.everything())
        match event:
            case bp.record.trace.Forward(node):
                said = {f"n{node}.value": trace.nodes[node].value}
            case bp.record.trace.Seed(node):
                said = {f"n{node}.grad": 1.0}
            case bp.record.trace.Send():
                said = {f"n{trace.edges[event.edge].parent}.grad": event.total}
        assert {slot: number(shown.slot(slot)) for slot in said} == pytest.approx(said, rel=1e-3)
        assert shown.sentence
        assert re.sub(r"\W", "", text_of(said)) in re.sub(r"\W", "", shown.sentence)
    assert len(set(looks)) == len(looks)
    for look in looks[-2::-1]:
        press(view, "ArrowLeft")
        assert shown.everything() == look


def text_of(said: dict[str, Any]) -> str:
    (value,) = said.values()
    return f"{abs(value):.4g}"


def test_every_control_is_reached_by_tab_and_shows_its_focus(opened: Open) -> None:
    view = opened("neuron", step=4)
    press(view, "Tab", "Tab", "ArrowDown")
    reached = []
    for _ in range(40):
        what = view.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e);"
            "return [e.getAttribute('aria-label') ?? e.textContent, s.outlineStyle, parseFloat(s.outlineWidth)]; }"
        )
        if "bp-player" not in (view.evaluate("document.activeElement.closest('.bp-player')?.className") or ""):
            break
        reached.append(what)
        press(view, "Tab")
    assert all(style != "none" and width >= 2 for _, style, width in reached), reached
    names = " | ".join(name for name, _, _ in reached)
    for name in ("Picture", "First step", "Play again", "Speed", "Step", "Go to step", "Equations", "Close", "Keys"):
        assert name in names, name


def test_a_selection_is_announced_told_and_left_by_keyboard(opened: Open) -> None:
    view = opened("neuron", step=7)
    view.locator(".bp-stage").focus()
    press(view, "ArrowUp", "ArrowUp", "ArrowDown")
    assert status(view).startswith("Selected: ℒ, computed by bce; value 0.8834; gradient 1")
    press(view, "Enter")
    assert view.evaluate("document.activeElement.closest('.bp-story') !== null")
    press(view, ",")
    assert step_of(view) == 4  # where its gradient was set to 1
    assert view.evaluate("document.activeElement.closest('.bp-story') !== null")
    press(view, "Escape")
    assert view.evaluate("document.activeElement.className") == "bp-stage"
    assert view.locator(".bp-selected").count() == 0


def test_a_step_is_jumped_to_by_its_number(opened: Open) -> None:
    view = opened("neuron")
    press(view, "Tab", "g", "7", "Enter")
    assert step_of(view) == 7
    press(view, "x", "Enter")
    assert step_of(view) == 7


def test_a_training_is_gone_through_iteration_by_iteration(
    opened: Open, pages: dict[str, tuple[bp.Trace, Path]]
) -> None:
    trace = pages["training"][0]
    length = len(trace.events) // 3
    view = opened("training", step=len(trace.events), reduced_motion="reduce")
    shown = Shown(view.locator(".bp-player"))
    assert view.locator(".bp-track .bp-iteration").count() == 2
    view.locator(".bp-player").focus()
    gradient = f"n{trace.root.index}.grad"
    assert shown.slot("n0.value") == "1.74 → 1.292"
    for iteration, value in ((3, "1.74"), (2, "2.3")):
        press(view, "Shift+PageUp")
        first = length * (iteration - 1) + 1
        assert shown.counter == f"Step {first} of {3 * length} · iteration {iteration} of 3 · forward"
        assert shown.sentence.startswith(f"Iteration {iteration} of 3 begins")
        assert shown.slot("n0.value") == value
        assert shown.slot(gradient) == ""
        assert view.locator("[data-part='e0.back']:not(.bp-pending)").count() == 0
    begun = shown.everything()
    press(view, *["ArrowLeft"] * 3, *["ArrowRight"] * 3)
    assert shown.everything() == begun
    press(view, "Shift+PageDown", "Shift+PageUp")
    assert shown.everything() == begun
    press(view, "End", "Shift+PageUp", "Shift+PageUp", "Shift+PageUp")
    assert step_of(view) == 0


def test_the_story_of_a_training_tells_what_holds_in_the_iteration(
    opened: Open, pages: dict[str, tuple[bp.Trace, Path]]
) -> None:
    length = len(pages["training"][0].events) // 3
    view = opened("training", step=length)
    view.locator("[data-part=n0] text").first.click()
    assert "gradient 7; contributions 3 of 3 received" in status(view)
    assert view.get_by_text("The whole chain rule for it").count() == 1
    press(view, "ArrowRight")
    assert status(view) == "Selected: w, a parameter; value 2.3; gradient not yet."
    assert view.get_by_text("The whole chain rule for it").count() == 0
    assert "gradient: not yet" in view.locator(".bp-facts").inner_text()


# ---------------------------------------------------------------------- by mouse, by touch, by itself
def test_the_scrubber_follows_mouse_and_finger(opened: Open) -> None:
    view = opened("neuron", has_touch=True)
    slider = view.locator(".bp-time input")
    box = slider.bounding_box()
    assert box
    y, last = box["y"] + box["height"] / 2, int(slider.get_attribute("max") or 0)
    view.mouse.move(box["x"] + 9, y)
    view.mouse.down()
    view.mouse.move(box["x"] + box["width"] / 2, y, steps=4)
    assert step_of(view) == last // 2
    view.mouse.move(box["x"] + box["width"] - 2, y, steps=4)
    view.mouse.up()
    assert step_of(view) == last
    touch = view.context.new_cdp_session(view)
    for kind, part in (("touchStart", 0.98), ("touchMove", 0.7), ("touchMove", 0.5)):
        points = [{"x": box["x"] + box["width"] * part, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert step_of(view) == last // 2


def test_phases_are_told_apart_by_pattern_and_lead_to_where_they_begin(opened: Open) -> None:
    view = opened("neuron")
    looks = view.locator(".bp-track > *").evaluate_all("all => all.map(e => getComputedStyle(e).backgroundImage)")
    assert len(set(looks)) == len(looks) == 2
    view.locator(".bp-phases span", has_text="backward").click()
    assert Shown(view.locator(".bp-player")).counter == "Step 4 of 8 · backward"


def test_it_plays_forth_and_back_at_the_chosen_speed_and_again(opened: Open) -> None:
    view = opened("neuron", step=6, clock=True, reduced_motion="reduce")
    view.get_by_label("Speed").select_option("2")
    view.locator(".bp-player").focus()
    press(view, "Space")
    live = view.locator(".bp-sentence [aria-live]")
    assert live.get_attribute("aria-live") == "off"
    view.clock.run_for(800)
    assert step_of(view) == 7
    view.clock.run_for(5000)
    assert step_of(view) == 8
    assert live.get_attribute("aria-live") == "polite"
    view.get_by_label("Play again and again").click()
    view.get_by_label("Play backwards").click()
    view.clock.run_for(900)
    assert step_of(view) == 7
    view.clock.run_for(800 * 8)
    assert step_of(view) == 8  # through the start, and round to the end


def test_a_thin_arrow_is_selected_by_a_click_beside_it(opened: Open) -> None:
    view = opened("neuron")
    x, y = view.locator("[data-part='e0.forward'] path").evaluate(
        "p => { const q = p.getPointAtLength(p.getTotalLength() / 2).matrixTransform(p.getScreenCTM());"
        "return [q.x, q.y]; }"
    )
    view.mouse.click(x, y + 6)
    assert status(view).startswith("Selected: the edge from")


# ---------------------------------------------------------------------- what a step says
def test_a_fan_in_says_how_much_it_has_received(opened: Open, pages: dict[str, tuple[bp.Trace, Path]]) -> None:
    trace = pages["three_uses"][0]
    w = next(node.index for node in trace.nodes if node.kind == "parameter")
    steps = [k for k, e in enumerate(trace.events, 1) if getattr(e, "edge", None) in edges_from(trace, w)]
    view = opened("three_uses")
    view.locator(f"[data-part=n{w}] text").first.click()
    for count, step in enumerate(steps, 1):
        press(view, "g", *str(step), "Enter", "Shift+Tab")
        assert f"contributions {count} of 4 received" in status(view)
        assert "has received" in Shown(view.locator(".bp-player")).sentence
        assert view.locator(".bp-events li").count() == count
        view.locator(".bp-stage").focus()


def edges_from(trace: bp.Trace, node: int) -> set[int]:
    return {edge.index for edge in trace.edges if edge.parent == node}


def test_an_arrays_numbers_are_shown_on_demand(opened: Open, pages: dict[str, tuple[bp.Trace, Path]]) -> None:
    trace = pages["matrices"][0]
    last = len(trace.events)
    view = opened("matrices", step=last)
    W = next(node.index for node in trace.nodes if node.name == "W")
    view.locator(f"[data-part=n{W}] text").first.click()
    assert view.locator(".bp-story table:visible").count() == 0
    for what, wanted in (("value", trace.nodes[W].value), ("gradient", trace.gradient(W))):
        view.get_by_text(f"The numbers of its {what}").click()
        rows = view.get_by_role("table", name=what).locator("tr").all()
        shown = [[number(text) for text in row.locator("td").all_inner_texts()] for row in rows]
        assert np.array(shown) == pytest.approx(np.asarray(wanted), rel=1e-3, abs=1e-6)


def test_the_film_holds_the_numbers_of_arrays_that_are_not_large() -> None:
    a, big = bp.parameter(np.arange(64.0).reshape(2, 4, 8)), bp.parameter(np.zeros(65))
    frames = film(bp.draw(bp.trace(a.sum() + big.sum())))["frames"]
    assert {name for frame in frames for name in frame.get("numbers", {})} == {
        "n0.value", "n0.grad", "e0.contribution",
    }  # fmt: skip
    assert [len(frames[0]["numbers"]["n0.value"]), frames[0]["numbers"]["n0.value"][-1][-1]] == [8, "63"]


def test_a_step_shows_its_line_of_the_algorithm_and_the_readers_own(
    opened: Open, pages: dict[str, tuple[bp.Trace, Path]]
) -> None:
    trace = pages["neuron"][0]
    view = opened("neuron", step=2)
    node = trace.events[1].node  # type: ignore[union-attr]
    current = view.locator(".bp-current code").all_inner_texts()
    assert current[0].split("#")[0].strip() == "c.forward()"
    assert [line.strip() for line in current[1:]] == [getattr(trace.nodes[node].source, "text", None)]
    equations = view.locator(".bp-equations > :not(.bp-unseen)").text_content() or ""
    assert "σ(u)" in equations  # in symbols
    assert "0.4134" in equations  # and with this step's numbers


# ---------------------------------------------------------------------- for everyone
@pytest.mark.parametrize(
    ("name", "step", "least"),
    [
        ("matrices", 99, 60),
        ("neuron", 0, 40),
        ("neuron", 6, 40),
        ("dark theme", 6, 40),
        ("contrast theme", 6, 40),
        ("print theme", 6, 40),
    ],
)
def test_every_text_has_enough_contrast_in_every_theme(opened: Open, name: str, step: int, least: int) -> None:
    view = opened(name, step, viewport={"width": 1300, "height": 2600}, reduced_motion="reduce")
    select_first(view)
    view.locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
    for theme, media in THEMES.items():
        view.emulate_media(**{"color_scheme": "light", "contrast": "no-preference", "forced_colors": "none"} | media)
        found = view.evaluate(CONTRASTS)
        assert len(found) > least
        assert [(text, round(ratio, 2)) for text, ratio in found if ratio < 4.5] == [], theme


@pytest.mark.needs("axe")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_axe_finds_no_serious_violation(opened: Open, theme: str, width: int) -> None:
    view = opened("matrices", 99, viewport={"width": width, "height": 900}, bypass_csp=True, **THEMES[theme])
    select_first(view)
    view.locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
    view.add_script_tag(path=os.environ[AXE])
    found = view.evaluate("axe.run().then(all => all.violations.map(v => [v.impact, v.id, v.nodes[0].html]))")
    assert [each for each in found if each[0] in ("serious", "critical")] == []


@pytest.mark.parametrize(("width", "height", "scale"), [(360, 740, 1), (640, 450, 2)], ids=["360 px", "200 %"])
@pytest.mark.parametrize("name", ["neuron", "matrices", "hostile"])
def test_a_small_window_cuts_nothing_off(opened: Open, name: str, width: int, height: int, scale: int) -> None:
    view = opened(name, 5, viewport={"width": width, "height": height}, device_scale_factor=scale)
    select_first(view)
    assert view.evaluate("document.documentElement.scrollWidth") == width
    outside = "all => all.filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML)"
    assert view.locator("button:visible, select, input, p:visible, h4").evaluate_all(outside) == []


def test_forced_colours_keep_shapes_focus_and_what_is_lit(opened: Open) -> None:
    view = opened("neuron", 6, forced_colors="active")
    style = "(e, name) => getComputedStyle(e)[name]"
    canvas = view.locator(".bp-player").evaluate(style, "backgroundColor")
    lit = view.locator(".bp-active .bp-shape").evaluate(style, "stroke")
    plain = view.locator(".bp-node:not(.bp-active) .bp-shape").first.evaluate(style, "stroke")
    assert len({canvas, lit, plain}) == 3
    assert view.locator(".bp-track > *").first.evaluate(style, "backgroundColor") != canvas
    mark = view.locator(".bp-current code").first.evaluate(style, "borderLeftColor")
    assert mark != view.locator("li:not(.bp-current) code").first.evaluate(style, "borderLeftColor")


def test_nothing_moves_for_those_who_ask_for_that(opened: Open) -> None:
    moving = "all => all.filter(e => getComputedStyle(e).transitionDuration !== '0s').length"
    assert opened("neuron").locator(".bp-player *").evaluate_all(moving) > 0
    assert opened("neuron", reduced_motion="reduce").locator(".bp-player *").evaluate_all(moving) == 0


def test_print_shows_the_whole_step_and_no_buttons(opened: Open) -> None:
    view = opened("matrices", 9, viewport={"width": 700, "height": 500})
    view.emulate_media(media="print")
    cut = "e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1"
    assert not view.locator(".bp-stage").evaluate(cut)
    assert view.locator(".bp-buttons button:visible, select:visible, input[type=text]:visible").count() == 0
    assert Shown(view.locator(".bp-player")).sentence
    assert view.locator(".bp-current:visible").count() == 2


def test_hostile_names_run_nothing_wherever_they_are_told(opened: Open) -> None:
    view = opened("hostile")
    tags = "() => [...new Set([...document.querySelectorAll('.bp-player *')].map(e => e.localName))].sort()"
    view.locator(".bp-stage").focus()
    for _ in range(9):
        press(view, "ArrowDown", "ArrowRight")
        assert not {"script", "img", "a", "iframe", "style"} & set(view.evaluate(tags))
    assert "<script>alert(1)</script>" in view.locator(".bp-player").inner_text()


# ---------------------------------------------------------------------- for long
def test_steps_and_mounts_leave_nothing_behind(chromium: Browser, pages: dict[str, tuple[bp.Trace, Path]]) -> None:
    view = chromium.new_page()
    view.evaluate(
        """async ([source, film]) => {
          const player = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
          window.mounts = (n) => {
            for (let i = 0; i < n; i++) player.mount(document.body, film, { step: i % 9 }).dispose();
          };
          window.walks = (n) => { for (let i = 0; i < n; i++) kept.show(i % 9); };
          window.kept = player.mount(document.body, film);
        }""",
        [script("player"), film(bp.draw(pages["fan_out"][0]))],
    )
    probe = view.context.new_cdp_session(view)

    def used(action: str) -> tuple[dict[str, int], float]:
        view.evaluate(action)
        probe.send("HeapProfiler.collectGarbage")
        counts = probe.send("Memory.getDOMCounters")
        return counts, probe.send("Runtime.getHeapUsage")["usedSize"]

    for warm, action in (("mounts(20)", "mounts(200)"), ("walks(900)", "walks(1800)")):
        (before, heap), (after, later) = used(warm), used(action)
        assert after["jsEventListeners"] <= before["jsEventListeners"]
        assert after["nodes"] <= before["nodes"] + 100
        assert later - heap < 300_000
    view.close()
