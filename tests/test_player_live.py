"""A live player in a browser, as a person uses it: what is dragged and typed reaches the loss, and is shown."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from test_lab import close

import backprop_viz as bp
from backprop_viz.player.film import stage
from backprop_viz.player.inlined import script
from backprop_viz.player.session import Session

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.needs("browser")
HERE = Path(bp.__file__).parent / "player"
MOUNT = """async ({ source, film, live }) => {
  const { mount } = await import(source);
  const send = (message) => kernel(message).then((film) => film && player.update(film));
  const can = live.edit ? { live, send } : {};
  window.player = mount(document.querySelector("main"), film, { step: Infinity, ...can });
}"""
SHOWN = """[...document.querySelectorAll("[data-slot='n0.value']")].map((text) => text.textContent)[0]"""
NO_RATE = "No step is taken: the learning rate is to be a number, such as 0.1."

# How JupyterLab's keys find what they are for: from where the focus is outwards, but not beyond this attribute.
LIKE_JUPYTERLAB = """() => {
  window.heard = [];
  document.addEventListener("keydown", ({ key, target, ctrlKey, metaKey, altKey }) => {
    for (let e = target; e && !e.hasAttribute("data-lm-suppress-shortcuts"); e = e.parentElement) {
      if (e !== document.body) continue;
      const held = [[ctrlKey, "Control+"], [metaKey, "Meta+"], [altKey, "Alt+"]].filter(([on]) => on);
      if (!["Control", "Meta", "Alt", "Shift"].includes(key)) heard.push(held.map(([, name]) => name).join("") + key);
    }
  }, true);
}"""

# The player and a picture in a box as that of ipywidgets.
BOX = """(room) => {
  const box = Object.assign(document.createElement("div"), { className: "widget-hbox" });
  const place = document.createElement("div");
  const surface = Object.assign(new Image(), { className: "bp-surface" });
  box.style = `display: flex; width: ${room}px`;
  surface.style = "width: 460px; max-width: min(100%, 460px); align-self: flex-start; height: 370px; margin: 2px";
  place.append(document.querySelector(".bp-player"));
  box.append(place, surface);
  document.querySelector("main").append(box);
}"""


class Live:
    """A page with a player of a loss, the session that answers it, and the messages that were sent."""

    def __init__(self, view: Page, loss: bp.Tensor | bp.Trace, edited: bool = True) -> None:
        self.view, self.session = view, Session(loss)
        self.sent: list[dict[str, Any]] = []
        view.expose_function("kernel", self.answer)
        view.set_content(f"<style>{(HERE / 'player.css').read_text(encoding='utf8')}</style><main></main>")
        self.mount(self.session.live if edited else {})

    def mount(self, live: dict[str, Any]) -> None:
        source = base64.b64encode(script("player").encode()).decode()
        settings = {"source": f"data:text/javascript;base64,{source}", "film": self.film, "live": live}
        self.view.evaluate(MOUNT, settings)

    @property
    def film(self) -> dict[str, Any]:
        return stage(self.session.figure) | self.session.reel

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        self.sent.append(message)
        if not self.session.do(message):
            self.session.follow()
        return self.film

    def part(self, name: str) -> Locator:
        return self.view.locator(f"[data-part='{name}']").first

    def drag(self, name: str, pixels: int, *keys: str) -> None:
        """Drag what is drawn of a node to the side, pixel by pixel, after a first jerk that begins it."""
        self.part(name).scroll_into_view_if_needed()
        box = self.part(name).bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for key in keys:
            self.view.keyboard.down(key)
        self.view.mouse.move(x, y)
        self.view.mouse.down()
        self.view.mouse.move(x + 5, y)
        self.view.mouse.move(x + 5 + pixels, y + 3, steps=7)
        self.view.mouse.up()
        for key in keys:
            self.view.keyboard.up(key)
        self.view.wait_for_timeout(100)

    def value(self, index: int) -> Any:
        return np.asarray(self.session.experiment.values[index])


@pytest.fixture
def play(chromium: Browser) -> Iterator[Callable[..., Live]]:
    contexts, complaints = [], []

    def open_page(loss: bp.Tensor | bp.Trace, edited: bool = True, **settings: Any) -> Live:
        contexts.append(chromium.new_context(**settings))
        view = contexts[-1].new_page()
        view.set_default_timeout(10_000)
        view.on("pageerror", lambda error: complaints.append(str(error)))
        return Live(view, loss, edited)

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def squares() -> bp.Tensor:
    w, x = bp.parameter(1.5, name="w"), bp.tensor(-20.0, name="x")
    return bp.square(w * x)


# ---------------------------------------------------------------------- dragged
@pytest.mark.parametrize(("keys", "wanted"), [((), 1.5 + 0.4), (("Shift",), 1.5 + 0.04)])
def test_a_leafs_number_is_dragged_sideways_and_finely_with_shift(
    play: Callable[..., Live], keys: tuple[str, ...], wanted: float
) -> None:
    live = play(squares(), viewport={"width": 900, "height": 500})
    live.part("n2").click()
    live.drag("n0", 40, *keys)
    assert np.isclose(live.value(0), wanted)
    assert close(str(live.view.evaluate(SHOWN)), wanted)
    assert live.value(1) == -20
    # it neither selects, nor scrolls, nor marks text; a click still selects
    selected = "[...document.querySelectorAll('.bp-selected')].map(e => e.dataset.part)[0]"
    assert live.view.evaluate(selected) == "n2"
    assert live.view.evaluate("[scrollX, scrollY, String(getSelection())]") == [0, 0, ""]
    live.part("n0").click()
    assert live.view.evaluate(selected) == "n0"


def test_a_larger_number_is_dragged_in_larger_steps_and_back_again(play: Callable[..., Live]) -> None:
    live = play(squares())
    live.drag("n1", 30)
    assert np.isclose(live.value(1), -17)
    live.drag("n1", -30)
    assert np.isclose(live.value(1), -20)


@pytest.mark.parametrize(("value", "wanted"), [(2e-5, 2.4e-5), (1e6, 1.4e6), (-3e-200, -2.6e-200)])
def test_a_number_that_is_shown_as_a_power_of_ten_is_dragged_and_typed(
    play: Callable[..., Live], value: float, wanted: float
) -> None:
    live = play(bp.parameter(value, name="w") * 1)
    live.drag("n0", 40)
    assert np.isclose(live.value(0), wanted, atol=0)
    live.part("n0").click()
    field = live.view.locator(".bp-edit input[type=number]")
    assert np.isclose(float(field.input_value()), wanted, atol=0)
    field.fill("7e-5")
    live.view.wait_for_timeout(100)
    assert live.value(0) == 7e-5


@pytest.mark.parametrize("away", [np.inf, -np.inf, np.nan])
def test_a_value_that_has_run_away_is_typed_anew(play: Callable[..., Live], away: float) -> None:
    live = play(squares())
    live.session.experiment.values[0] = np.float64(away)
    live.session.follow()
    live.view.evaluate("film => player.update(film)", live.film)
    live.drag("n0", 40)
    assert live.sent == []
    live.part("n0").click()
    assert live.view.locator(".bp-edit").inner_text() == ""
    live.view.get_by_label("Value of w").fill("0.5")
    live.view.wait_for_timeout(100)
    assert live.value(0) == 0.5
    assert close(str(live.view.evaluate(SHOWN)), 0.5)
    live.drag("n0", 40)
    assert np.isclose(live.value(0), 0.54)


def test_a_finger_drags_a_number_and_the_page_stays(play: Callable[..., Live]) -> None:
    wide = bp.tanh(bp.tanh(bp.tanh(bp.tanh(bp.tanh(bp.tanh(squares()))))))
    live = play(wide, viewport={"width": 360, "height": 500}, has_touch=True)
    live.view.locator(".bp-player").press("Home")
    live.view.locator(".bp-stage").evaluate("e => e.scrollTo(20, 0)")
    touch = live.view.context.new_cdp_session(live.view)
    box = live.part("n0").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def finger(kind: str, *places: float) -> None:
        points = [{"x": place, "y": y} for place in places]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before = live.view.evaluate("[document.querySelector('.bp-stage').scrollLeft, scrollY]")
    assert before[0] == 20
    finger("touchStart", x)
    for pixels in range(5, 46, 5):
        finger("touchMove", x + pixels)
    finger("touchEnd")
    live.view.wait_for_timeout(200)
    assert live.value(0) > 1.6
    assert live.view.evaluate("[document.querySelector('.bp-stage').scrollLeft, scrollY]") == before


def test_what_can_be_dragged_shows_it_and_nothing_else_is(play: Callable[..., Live]) -> None:
    live, still = play(squares()), play(squares(), edited=False)
    cursor = "e => getComputedStyle(e).cursor"
    assert [live.part(name).evaluate(cursor) for name in ("n0", "n1", "n2")] == ["ew-resize", "ew-resize", "pointer"]
    assert "underline" in live.part("n0").locator("[data-slot]").evaluate("e => getComputedStyle(e).textDecoration")
    live.drag("n2", 40)
    assert live.sent == []
    assert still.part("n0").evaluate(cursor) == "pointer"
    still.drag("n0", 40)
    assert still.sent == []


def test_a_whole_number_stays_one_whether_it_is_dragged_or_moved_by_keys(play: Callable[..., Live]) -> None:
    live = play(bp.square(bp.parameter(1.5, name="w") * bp.tensor(3, name="x")))
    live.drag("n1", 20)
    assert live.value(1) == 5
    live.part("n1").click()
    for kind, key, wanted in (("number", "ArrowUp", 6), ("range", "ArrowRight", 7)):
        live.view.locator(f".bp-edit input[type={kind}]").press(key)
        for _ in range(200):
            live.view.wait_for_timeout(25)
            if live.value(1) == wanted:
                break
        assert live.value(1) == wanted
    assert {value for message in live.sent for value in message["values"].values()} <= set(range(8))


@pytest.mark.parametrize("value", [12345.678, np.float32(0.1)])
def test_an_edit_begins_with_all_digits_of_a_number_and_not_with_those_that_are_shown(
    play: Callable[..., Live], value: Any
) -> None:
    live = play(bp.square(bp.parameter(value, name="w")))
    live.part("n0").click()
    field = live.view.locator(".bp-edit input[type=number]")
    assert field.input_value() == str(value)
    for key in ("ArrowUp", "ArrowDown"):
        field.press(key)
        live.view.wait_for_timeout(100)
    assert live.value(0) == value
    assert len(live.sent) == 2


def test_where_nothing_is_selected_it_is_said_what_has_come_of_a_step(play: Callable[..., Live]) -> None:
    live = play(squares())
    live.view.keyboard.press("Tab")
    live.view.locator(".bp-player").press("Home")
    status = live.view.locator(".bp-status")
    for button, value in (("SGD step", "5.617·10⁶"), ("Reset values", "900")):
        live.view.get_by_role("button", name=button).press("Enter")
        status.get_by_text(f"Computed anew: loss = {value}.").wait_for()
        assert status.get_attribute("role") == "status"
    live.view.locator(".bp-player").press("ArrowRight")
    assert "Select a node" in status.inner_text()


def test_what_has_come_of_a_step_is_said_once_and_of_that_step(play: Callable[..., Live]) -> None:
    live = play(squares())
    status = live.view.locator(".bp-status")
    live.part("n0").click()
    live.view.get_by_role("button", name="SGD step").click()
    live.view.get_by_text("-118.5").or_(live.view.get_by_text("−118.5")).first.wait_for()
    assert "Selected: w" in status.inner_text()
    live.view.locator(".bp-stage").press("Escape")
    live.drag("n1", 20)
    assert live.value(1) != -20
    assert "Computed anew" not in status.inner_text()


def test_the_fields_of_a_truth_value_offer_its_two_numbers(play: Callable[..., Live]) -> None:
    w = bp.parameter(2.0, name="w")
    live = play(bp.where(bp.tensor(True, name="is_on"), w, 0.5 * w))
    index = next(node.index for node in live.session.figure.trace.nodes if node.name == "is_on")
    live.part(f"n{index}").click()
    slider = live.view.locator(".bp-edit input[type=range]")
    assert [slider.get_attribute(name) for name in ("min", "max", "step", "value")] == ["0", "1", "1", "1"]


def test_it_is_said_that_values_do_not_move_conditions(play: Callable[..., Live]) -> None:
    x = bp.parameter([1.0, -2.0, 3.0], name="x")
    leaky = bp.where(x > 0, x, 0.1 * x)
    leaky.name = "leaky"
    live = play(bp.sum(leaky))
    assert live.view.get_by_text(
        "Conditions stay as they were when the cell ran, whatever the other nodes hold: in leaky."
    ).is_visible()
    assert "fixed" in play(squares()).session.live
    assert play(squares()).view.get_by_text("Conditions stay").count() == 0


def test_by_keyboard_the_field_of_a_value_moves_it(play: Callable[..., Live]) -> None:
    live = play(squares())
    live.view.locator(".bp-stage").focus()
    for key in ("ArrowDown", "Enter", "ArrowUp", "ArrowUp"):
        live.view.keyboard.press(key)
    live.view.wait_for_timeout(100)
    assert np.isclose(live.value(0), 1.7)
    assert "drag the number in the picture" in live.view.locator(".bp-edit").inner_text()


def test_the_field_of_a_selected_value_follows_what_is_dragged_in_the_picture(play: Callable[..., Live]) -> None:
    live = play(squares(), viewport={"width": 900, "height": 500})
    live.part("n0").click()
    live.drag("n0", 40)
    assert np.isclose(live.value(0), 1.9)
    for field in live.view.locator(".bp-edit input").all():
        assert abs(float(field.input_value()) - 1.9) < 0.02  # a slider stands on its own steps


@pytest.mark.parametrize("unfolded", [False, True])
def test_while_a_value_is_dragged_its_story_is_told_with_the_new_numbers(
    play: Callable[..., Live], unfolded: bool
) -> None:
    live = play(squares())
    live.view.locator(".bp-stage").focus()
    live.view.keyboard.press("End")
    live.part("n0").click()
    if unfolded:
        live.view.locator(".bp-chain summary").click()
    story = live.view.locator(".bp-told")
    before = story.locator(".bp-facts, .bp-events").all_inner_texts()
    live.view.locator(".bp-edit input[type=range]").evaluate(
        "e => { e.focus(); for (const x of [1, 2, 3]) { e.value = x; e.dispatchEvent(new Event('input')); } }"
    )
    live.view.wait_for_timeout(300)
    during = [*story.locator(".bp-facts, .bp-events").all_inner_texts(), *story.locator("math").all_text_contents()]
    live.view.keyboard.press("Escape")  # out of the field, back to the picture
    assert live.view.locator(".bp-stage").evaluate("e => e === document.activeElement")
    assert story.locator(".bp-facts").count() == 0
    live.part("n0").click()  # told anew
    if unfolded:
        live.view.locator(".bp-chain summary").click()
        live.view.wait_for_timeout(100)
    after = [*story.locator(".bp-facts, .bp-events").all_inner_texts(), *story.locator("math").all_text_contents()]
    assert during == after
    assert not set(before) & set(after)
    assert "value: 3" in after[0]
    live.view.locator(".bp-edit input[type=range]").evaluate(
        "e => { e.value = 1; e.dispatchEvent(new Event('input')); }"
    )
    live.view.wait_for_timeout(300)
    if not unfolded:
        live.view.locator(".bp-chain summary").click()
    live.view.wait_for_timeout(100)
    assert "1" in "".join(story.locator(".bp-chain math").all_text_contents())


def test_the_kernel_hears_whose_words_are_seen_while_a_value_moves(play: Callable[..., Live]) -> None:
    live = play(squares())

    def asked(value: float) -> Any:
        """The steps whose words are asked for when the value's slider is moved."""
        before = len(live.sent)
        slider = live.view.locator(".bp-edit input[type=range]")
        slider.evaluate("(e, x) => { e.value = x; e.dispatchEvent(new Event('input')); }", value)
        for _ in range(200):
            if len(live.sent) > before:
                return live.sent[-1].get("told")
            live.view.wait_for_timeout(50)
        raise AssertionError("nothing was sent")

    live.drag("n0", 20)
    assert live.sent[-1]["told"] == [5]
    live.part("n0").click()
    assert set(asked(1.0)) == {5}
    live.view.locator(".bp-chain summary").click()
    assert set(asked(2.0)) == {3, 4, 5}
    live.view.get_by_role("button", name="Play backwards").click()
    assert asked(1.0) is None  # it plays: any step may come next


def test_words_that_are_to_be_seen_and_were_not_told_are_asked_for(play: Callable[..., Live]) -> None:
    live = play(squares())
    live.drag("n0", 20)
    asked = len(live.sent)
    assert all(message["type"] == "edit" for message in live.sent)
    live.view.locator(".bp-stage").press("ArrowLeft")
    live.view.locator(".bp-sentence .bp-seen", has_text="Backward: ").wait_for()
    assert [message["type"] for message in live.sent[asked:]] == ["tell"]
    live.view.locator(".bp-stage").press("End")
    live.drag("n0", 20)
    live.part("n2").click()  # its story holds steps that were not told
    live.view.locator(".bp-events li", has_text="Forward: compute v₁").wait_for()
    assert live.sent[-1]["type"] == "tell"


# ---------------------------------------------------------------------- keys
def test_a_notebook_gets_the_keys_with_modifiers_and_no_others(play: Callable[..., Live]) -> None:
    live = play(squares())
    live.part("n0").click()
    live.view.evaluate(LIKE_JUPYTERLAB)
    places = (".bp-player", ".bp-stage", ".bp-button", ".bp-word", ".bp-listing", ".bp-edit input", "select", "summary")
    for place in places:
        live.view.locator(place).first.focus()
        assert live.view.locator(place).first.evaluate("e => e === document.activeElement"), place
        for key in ("d", "Shift+D", "Control+s", "d", "Meta+s", "Alt+x", "ArrowLeft"):
            live.view.keyboard.press(key)
    assert live.view.evaluate("heard") == ["Control+s", "Meta+s", "Alt+x"] * len(places)
    live.view.evaluate("player.dispose(); document.body.tabIndex = 0; document.body.focus()")
    live.view.keyboard.press("d")
    assert live.view.evaluate("heard.at(-1)") == "d"


# ---------------------------------------------------------------------- typed
def test_the_elements_of_an_array_are_typed_in_their_table(play: Callable[..., Live]) -> None:
    start = np.arange(8.0).reshape(2, 2, 2) / 3
    live = play((bp.parameter(start, name="W") * 2).sum())
    live.part("n0").click()
    live.view.locator(".bp-told summary", has_text="numbers of its value").click()
    field = live.view.get_by_label("W[1, 0, 1]")
    field.fill("−0.75")  # with the sign that is shown
    field.press("Enter")
    live.view.wait_for_timeout(100)
    assert live.sent[-1]["values"] == {"0": {"at": [1, 0, 1], "value": -0.75}}
    start[1, 0, 1] = -0.75
    assert np.array_equal(live.value(0), start)  # the others exactly, and not as they are shown
    assert field.input_value() == "−0.75"
    assert field.evaluate("e => e === document.activeElement")
    field.fill("x")
    field.press("Enter")
    assert field.input_value() == "−0.75"
    assert len(live.sent) == 1


def test_what_is_being_typed_is_still_meant_when_the_table_is_made_anew(play: Callable[..., Live]) -> None:
    live = play((bp.parameter(np.arange(4.0).reshape(2, 2) / 3, name="W") * 2).sum())
    live.part("n0").click()
    live.view.locator(".bp-told summary", has_text="numbers of its value").click()
    field = live.view.get_by_label("W[0, 1]")
    field.fill("0.5")
    live.view.evaluate("film => player.update(film)", live.film)  # as after a rest
    assert field.input_value() == "0.5"
    field.press("Enter")
    live.view.wait_for_timeout(100)
    assert live.sent[-1]["values"] == {"0": {"at": [0, 1], "value": 0.5}}
    assert len(live.sent) == 1


def test_a_small_array_that_is_shown_as_text_is_typed_too(play: Callable[..., Live]) -> None:
    live = play((bp.tensor([1.0, 2.0, 3.0], name="x") * bp.parameter(2.0, name="w")).sum())
    live.part("n0").click()
    live.view.locator(".bp-told summary", has_text="numbers of its value").click()
    live.view.get_by_label("x[1]").fill("7")
    field = live.view.get_by_label("x[2]")
    field.evaluate("e => { e.focus(); e.value = '8'; }")  # what is left is taken; what is being typed meanwhile stays
    live.view.wait_for_timeout(100)
    assert live.value(0).tolist() == [1, 7, 3]
    assert field.evaluate("e => e === document.activeElement && e.value") == "8"


@pytest.mark.parametrize("typed", ["", "1e400", "-"])
def test_without_a_learning_rate_no_step_is_taken_and_it_is_said_why(play: Callable[..., Live], typed: str) -> None:
    live = play(squares())
    rate, learn = live.view.get_by_label("Learning rate"), live.view.get_by_role("button", name="SGD step")
    rate.fill("")
    rate.press_sequentially(typed)
    learn.click()
    live.view.wait_for_timeout(100)
    assert live.sent == []
    assert live.view.locator("[aria-live]").first.inner_text() == NO_RATE
    assert rate.evaluate("e => e === document.activeElement")
    rate.fill("0.25")
    learn.click()
    live.view.wait_for_timeout(100)
    assert [message["rate"] for message in live.sent] == [0.25]
    assert live.view.locator("[aria-live]").first.inner_text() != NO_RATE


def test_leaves_of_the_same_name_are_told_apart(play: Callable[..., Live]) -> None:
    live = play(bp.parameter(1.0, name="w") * bp.parameter(2.0, name="w"))
    live.drag("n1", 20)
    live.part("n1").click()
    live.view.locator(".bp-edit input[type=number]").fill("5")
    live.view.wait_for_timeout(100)
    assert all(list(message["values"]) == ["1"] for message in live.sent)
    assert [float(live.value(i)) for i in (0, 1)] == [1, 5]


# ---------------------------------------------------------------------- in a box of widgets
@pytest.mark.parametrize(("room", "beside"), [(848, True), (1100, True), (760, False), (400, False)])
def test_a_player_and_its_surface_stand_side_by_side_where_there_is_room_for_both(
    play: Callable[..., Live], room: int, beside: bool
) -> None:
    live = play(squares(), viewport={"width": 1280, "height": 900})
    live.view.evaluate(BOX, room)
    player, surface = (live.view.locator(what).bounding_box() for what in (".bp-player", ".bp-surface"))
    assert player
    assert surface
    assert max(box["x"] + box["width"] for box in (player, surface)) <= room + 8
    assert (surface["x"] >= player["x"] + player["width"]) == beside
    assert (surface["y"] >= player["y"] + player["height"]) != beside
    assert player["width"] >= (440 if beside else room - 1)
    outside = f"all => all.filter(e => e.getBoundingClientRect().right > {player['x'] + player['width']}).length"
    assert live.view.locator(".bp-player :is(button, select, input, p, .bp-stage)").evaluate_all(outside) == 0
    assert live.view.locator(".bp-player").evaluate("e => e.scrollWidth <= e.clientWidth")


# ---------------------------------------------------------------------- large pictures, closed groups
def test_the_pieces_of_a_large_picture_lie_upon_each_other_and_are_played_as_one(play: Callable[..., Live]) -> None:
    x = bp.parameter(0.5, name="x")
    for _ in range(48):
        x = bp.tanh(x) * bp.parameter(1.25)
    live = play(x)
    pieces = live.view.locator(".bp-canvas > svg")
    assert pieces.count() > 4
    boxes = pieces.evaluate_all("all => all.map(e => JSON.stringify(e.getBoundingClientRect()))")
    assert len(set(boxes)) == 1
    for node in live.session.figure.trace.nodes[::25]:
        name = f"n{node.index}"
        assert close(live.part(name).locator("[data-slot$='.value']").text_content() or "", float(node.value))
        live.part(name).click()
        selected = live.view.locator(f".bp-selected[data-part='{name}']")
        assert selected.count() > 0
    live.drag("n0", 20)
    assert live.value(0) != 0.5


IN_SIGHT = """() => {
  const stage = document.querySelector(".bp-stage").getBoundingClientRect();
  const seen = (e) => {
    const { left, right, top, bottom } = e.getBoundingClientRect();
    return left >= stage.left - 1 && right <= stage.right + 1 && top >= stage.top - 1 && bottom <= stage.bottom + 1;
  };
  return [...document.querySelectorAll(".bp-active")].filter(seen).map((e) => e.dataset.part);
}"""


def recurrent() -> bp.Tensor:
    """Two parameters that are used six times, drawn at each of their uses."""
    w, u, h = bp.parameter(0.5, name="w"), bp.parameter(-0.25, name="u"), bp.tensor(0.0, name="h")
    for _ in range(6):
        h = bp.tanh(w * h + u)
    return h


def test_of_a_leaf_in_several_places_the_one_beside_the_arrow_is_followed(play: Callable[..., Live]) -> None:
    live = play(bp.trace(recurrent()), edited=False, viewport={"width": 1000, "height": 700})
    frames = live.session.figure.frames
    live.view.locator(".bp-player").focus()
    for step in range(len(frames) - 1, 0, -1):
        seen = live.view.evaluate(IN_SIGHT)
        if frames[step].phase == "backward":
            arrow, *_ = (part for part in frames[step].active if part.startswith(("e", "n")))
            assert arrow in seen, step
        else:
            assert frames[step].active[0] in seen, step
        live.view.keyboard.press("ArrowLeft")


def test_the_step_is_still_in_sight_when_the_window_was_turned(play: Callable[..., Live]) -> None:
    live = play(bp.trace(recurrent()), edited=False, viewport={"width": 360, "height": 740})
    for width, height in ((740, 360), (360, 740)):
        live.view.set_viewport_size({"width": width, "height": height})
        live.view.wait_for_function(f"({IN_SIGHT})().length > 0")


def test_what_is_selected_stays_where_it_is_when_its_place_becomes_smaller(play: Callable[..., Live]) -> None:
    live = play(bp.trace(recurrent()), edited=False, viewport={"width": 1000, "height": 700})
    live.view.locator(".bp-stage").evaluate("e => e.scrollTo(0, 0)")
    live.view.locator("[data-part='n2']").first.click()
    before = live.view.locator(".bp-stage").evaluate("e => e.scrollLeft")
    live.view.set_viewport_size({"width": 960, "height": 700})
    live.view.wait_for_timeout(200)
    assert live.view.locator(".bp-stage").evaluate("e => e.scrollLeft") == before


def test_in_a_low_window_the_picture_leaves_room_for_the_words(play: Callable[..., Live]) -> None:
    live = play(bp.draw(squares(), orientation="TB"), edited=False, viewport={"width": 640, "height": 360})
    sentence = live.view.locator(".bp-sentence").bounding_box()
    assert sentence
    assert sentence["y"] + 20 < 360
    live.view.set_viewport_size({"width": 1280, "height": 720})
    assert live.view.locator(".bp-stage").evaluate("e => getComputedStyle(e).maxHeight") == "420px"


def test_a_wide_picture_stands_where_its_step_is_also_if_its_place_comes_into_the_page_later(chromium: Browser) -> None:
    x = bp.tensor(0.5, name="x")
    for _ in range(20):
        x = bp.tanh(x * 1.5)
    view = chromium.new_page(viewport={"width": 600, "height": 500})
    view.set_content(f"<style>{(HERE / 'player.css').read_text(encoding='utf8')}</style><main></main>")
    session = Session(bp.trace(x))
    settings = {
        "source": f"data:text/javascript;base64,{base64.b64encode(script('player').encode()).decode()}",
        "film": stage(session.figure) | session.reel,
    }
    view.evaluate(
        """async ({ source, film }) => {
          const { mount } = await import(source);
          const place = document.createElement("div");
          mount(place, film, { step: 30 });
          await new Promise((done) => setTimeout(done, 50));
          document.querySelector("main").append(place);
          await new Promise((done) => setTimeout(done, 200));
        }""",
        settings,
    )
    lit = view.locator(".bp-active").first.bounding_box()
    assert lit
    assert 0 <= lit["x"] <= 600
    assert view.locator(".bp-stage").evaluate("stage => stage.scrollLeft") > 600
    view.close()


def test_the_scrubber_names_iterations_where_the_phases_are_too_short_for_names(play: Callable[..., Live]) -> None:
    w = bp.parameter(2.0, name="w")
    trace = bp.training(lambda: bp.square(w), bp.optim.SGD([w], lr=0.25), steps=3)
    live = play(trace, False, viewport={"width": 700, "height": 500})
    names = live.view.locator(".bp-phases span")
    assert names.all_text_contents() == ["iteration 1", "iteration 2", "iteration 3"]
    assert live.view.locator(".bp-track span").count() == 3 * 3
    names.nth(1).click()
    assert "iteration 2 of 3 · forward" in live.view.locator(".bp-counter span").first.inner_text()
    boxes = [
        live.view.locator(at).bounding_box() for at in (".bp-track span:nth-child(4)", ".bp-phases span:nth-child(2)")
    ]
    left = [box["x"] for box in boxes if box]
    assert abs(left[0] - left[1]) < 8  # each name stands under its part


def test_a_closed_group_of_a_page_without_a_kernel_says_where_it_opens(play: Callable[..., Live]) -> None:
    w = bp.parameter(1.0)
    with bp.group("layer"):
        loss = bp.tanh(w * 2) * 3
    live = play(loss, edited=False)
    live.view.evaluate("document.querySelector('.bp-player').remove()")
    live.session.do({"type": "toggle", "group": ["layer"]})
    live.mount({})
    live.view.locator(".bp-group").click()
    assert "The group layer is closed" in live.view.locator("[role=status]").inner_text()
    assert "notebook" in live.view.locator("[role=status]").inner_text()
