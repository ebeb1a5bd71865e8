"""Values edited in the player: what a browser would send, what it gets, and that the reader's tensors stay."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import Callable
from typing import Any

import ipywidgets
import numpy as np
import pytest
from graphs import GRAPHS, MORE, matrices, mlp, named, neuron
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from test_widget import parts, picture

import backprop_viz as bp
from backprop_viz.autograd.backward import ancestors
from backprop_viz.player.film import reel, stage
from backprop_viz.player.soon import Soon
from backprop_viz.player.widget import Player
from backprop_viz.record.rerun import rerun
from backprop_viz.render.fonts import NUMBERS, width

EVERY = {**GRAPHS, **MORE}
numbers = st.floats(-1e300, 1e300) | st.floats(-5, 5) | st.integers(-9, 9)


class Client:
    """A browser's side of a player: sends messages, collects what comes back."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.serial = 0
        self.errors: list[str] = []
        player.send = self.hear

    def hear(self, content: Any, buffers: Any = None) -> None:
        assert content["type"] == "error"
        self.errors.append(content["text"])

    def ask(self, content: Any) -> None:
        if isinstance(content, dict):
            self.serial += 1
            content = json.loads(json.dumps(content)) | {"serial": self.serial}
        self.player._handle_custom_msg(content, [])  # as ipywidgets calls it

    def edit(self, **values: Any) -> None:
        index = {node.name: str(node.index) for node in self.player.trace.nodes}
        self.ask({"type": "edit", "values": {index[name]: value for name, value in values.items()}})


def client(loss: bp.Tensor | bp.Trace) -> Client:
    return Client(Player(loss))


def hundred() -> bp.Tensor:
    """105 nodes, all of them numbers."""
    net = bp.nn.ScalarMLP([2, 5, 3, 1], generator=np.random.default_rng(0))
    x1, x2 = bp.tensor(1.0), bp.tensor(-2.0)
    return named((net([x1, x2]) - 1.0) ** 2, x1=x1, x2=x2, L=net([x1, x2]))


def texts(shown: dict[str, Any]) -> set[tuple[str, str]]:
    """Every slot with every text that it shows."""
    return {item for frame in shown["frames"] for item in frame.get("texts", {}).items()}


# ---------------------------------------------------------------------- edits
@settings(max_examples=20, deadline=None)
@given(x=numbers, w0=numbers)
def test_an_edited_player_shows_a_fresh_run_with_these_values(x: float, w0: float) -> None:
    browser = client(neuron())
    before = browser.player.stage
    browser.edit(x=x, w0=w0)
    assert browser.errors == []
    assert browser.player.stage is before
    loss = neuron()
    with np.errstate(all="ignore"):
        fresh = Player(rerun(loss, {t: {"x": x, "w0": w0}[t.name] for t in ancestors(loss) if t.name in ("x", "w0")}))
    assert browser.player.reel == fresh.reel | {"serial": 1}
    assert browser.player.trace.to_json() == fresh.trace.to_json()


@pytest.mark.parametrize("build", EVERY.values(), ids=EVERY)
def test_every_leaf_of_every_graph_can_be_edited(build: Callable[[], bp.Tensor]) -> None:
    loss = build()
    before = bp.trace(loss).to_json()
    browser = client(loss)
    lab = browser.player._session.experiment
    svg = picture(browser.player.stage)
    for index, leaf in lab.leaves.items():
        value: Any = {"at": [0] * len(leaf.shape), "value": -0.25} if leaf.shape else -0.25
        browser.ask({"type": "edit", "values": {str(index): value}})
        assert browser.errors == []
        assert np.ravel(lab.values[index])[0] == -0.25
        assert browser.player.reel["serial"] == browser.serial
        assert {slot for slot, _ in texts(browser.player.reel)} <= parts(svg, "slot")
    assert bp.trace(loss).to_json() == before
    figure = browser.player.figure
    assert stage(figure)["nodes"] == browser.player.stage["nodes"]
    json.dumps(browser.player.get_state(["stage", "reel", "live"]), allow_nan=False)


def test_a_player_can_be_edited_from_python() -> None:
    player = bp.play(matrices())
    player.edit(W=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], bias=np.zeros(3))
    assert player.values["W"].tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    assert player.trace.nodes[0].value.tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    player.values["W"][:] = 0
    assert player.values["W"][0, 0] == 1.0
    with pytest.raises(ValueError, match="no node has the name 'V'; the names are 'W'"):
        player.edit(V=1.0)
    with pytest.raises(ValueError, match="bias holds finite numbers; got"):
        player.edit(bias=[np.nan, 0, 0])


def test_every_number_has_room_for_a_usual_one_and_the_film_says_how_much() -> None:
    browser = client(neuron())
    widths, room = browser.player.figure.plan.widths, browser.player.stage["room"]
    for value in (-0.1234, 12.34, -1.5, 0.0, 4321.0):
        browser.edit(x=value, w1=-0.25)
        for slot, text in texts(browser.player.reel):
            if slot in ("n0.value", "n2.value"):
                assert width(text, NUMBERS, 1.0) <= widths[slot] + 1e-9
    assert room.keys() == widths.keys()
    assert all(pixels >= 12 * widths[slot] - 0.1 for slot, pixels in room.items())
    assert browser.errors == []


def test_the_legend_of_heat_maps_follows_the_values() -> None:
    browser = client(matrices())
    ends = {"legend.values.least": "−6", "legend.values.most": "+6"}
    assert ends.items() <= dict(texts({"frames": browser.player.reel["frames"][:1]})).items()
    stage_before = browser.player.stage
    browser.edit(X={"at": [2, 1], "value": 60})
    shown = dict(texts({"frames": browser.player.reel["frames"][:1]}))
    assert (shown["legend.values.least"], shown["legend.values.most"]) == ("−60", "+60")
    assert set(shown) <= parts(picture(browser.player.stage), "slot")
    assert browser.player.stage is stage_before
    assert "−60" in browser.player.figure.svg


def test_a_trace_cannot_be_edited() -> None:
    browser = client(bp.trace(neuron()))
    assert browser.player.live["edit"] is False
    assert client(neuron()).player.live["edit"] is True
    for message in ({"type": "edit", "values": {"0": 1.0}}, {"type": "learn"}, {"type": "reset"}):
        browser.ask(message)
    assert set(browser.errors) == {
        "a trace is a record, and its values stand: play the loss itself, not its trace, to edit"
    }
    assert len(browser.errors) == 3
    with pytest.raises(ValueError, match="play the loss itself"):
        _ = browser.player.values


def test_a_player_begins_with_what_the_loss_holds_and_follows_no_later_edit() -> None:
    draws = np.random.default_rng(0)

    @bp.op(x="1")
    def noisy(x: Any) -> Any:
        return x + draws.normal()

    w = bp.parameter(1.0, name="w")
    loss = noisy(w) * 2
    browser = client(loss)
    assert browser.player.trace.root.value == loss.data
    with bp.no_grad():
        w.fill_(50.0)
    browser.ask({"type": "reset"})
    assert (browser.errors, browser.player.values) == ([], {"w": 1.0})


# ---------------------------------------------------------------------- messages that make no sense
@pytest.mark.parametrize(
    ("message", "said"),
    [
        (None, "a message says what it asks for; got None"),
        ([1], "a message says what it asks for; got [1]"),
        ({}, "a player can be asked for edit, learn, reset, tell, toggle, scalars, back; got None"),
        ({"type": "explode"}, "got 'explode'"),
        ({"type": ["edit"]}, "got ['edit']"),
        ({"type": "edit"}, "values are given by their leaves"),
        ({"type": "edit", "values": [1, 2]}, "values are given by their leaves, as {'w0': 0.7}; got [1, 2]"),
        ({"type": "edit", "values": {"99": 1}}, "there is no node 99"),
        ({"type": "edit", "values": {"-1": 1}}, "no node has the name '-1'"),
        ({"type": "edit", "values": {"w7": 1}}, "no node has the name 'w7'"),
        ({"type": "edit", "values": {"9" * 5000: 1}}, "integer string conversion"),
        ({"type": "edit", "values": {"4": 1}}, "u is computed, and follows from the leaves; what can be set are"),
        ({"type": "edit", "values": {"0": "much"}}, "x is a number; got str 'much'"),
        ({"type": "edit", "values": {"0": None}}, "x is a number; got NoneType None"),
        ({"type": "edit", "values": {"0": True}}, "x is a number; got bool True"),
        ({"type": "edit", "values": {"0": [1.0]}}, "x is a number; got list [1.0]"),
        ({"type": "edit", "values": {"0": float("nan")}}, "x is a finite number; got nan"),
        ({"type": "edit", "values": {"0": float("-inf")}}, "x is a finite number; got -inf"),
        ({"type": "edit", "values": {"0": 10**400}}, "x is a finite number; got 1000"),
        ({"type": "edit", "values": {"0": {"at": [0], "value": 1}}}, "x has shape (): there is no element at [0]"),
        ({"type": "learn", "rate": "fast"}, "the learning rate is a number; got str 'fast'"),
        ({"type": "learn", "rate": float("inf")}, "the learning rate is a finite number; got inf"),
        ({"type": "toggle"}, "a group is given by its path, a list of names; got None"),
        ({"type": "toggle", "group": [1]}, "a group is given by its path, a list of names; got [1]"),
        ({"type": "toggle", "group": ["layer 1"]}, "this picture has no group 'layer 1' to open or close: it has none"),
        ({"type": "scalars", "node": "u"}, "a node is given by its index; got 'u'"),
        ({"type": "scalars", "node": 4}, "u"),
    ],
)
def test_a_message_that_makes_no_sense_is_answered_in_words(message: Any, said: str) -> None:
    browser = client(neuron())
    before = browser.player.get_state()
    browser.ask(message)
    (error,) = browser.errors
    assert said in error
    assert browser.player.get_state() == before
    assert browser.player.values == {"x": 1.5, "y": 1.0, "w0": 0.1, "w1": -0.3}


@pytest.mark.parametrize("at", [[0], [0, 3], [2, 0], [-1, 0], [0.0, 1], "01", None, [True, 0], [0, 0, 0]])
def test_only_an_element_that_is_there_can_be_edited(at: Any) -> None:
    browser = client(matrices())
    browser.edit(W={"at": at, "value": 1.0})
    assert len(browser.errors) == 1
    assert "W has shape (2, 3): there is no element at" in browser.errors[0]
    browser.edit(W={"at": [0, 0], "value": "a"})
    assert browser.errors[1:] == ["W is a number; got str 'a'"]


def test_one_wrong_value_among_others_changes_nothing() -> None:
    browser = client(neuron())
    browser.edit(x=7.0, w0="no")
    assert len(browser.errors) == 1
    assert browser.player.values["x"] == 1.5


def test_values_that_an_op_refuses_are_taken_back() -> None:
    table, row = bp.parameter(np.eye(3), name="table"), bp.tensor([1, 2], name="row")
    browser = client(named(bp.embedding(row, table).sum(), row=row))
    browser.edit(row={"at": [0], "value": 99})
    assert len(browser.errors) == 1
    assert browser.player.values["row"].tolist() == [1, 2]
    browser.edit(row={"at": [0], "value": 0})
    assert len(browser.errors) == 1
    assert browser.player.values["row"].tolist() == [0, 2]


# ---------------------------------------------------------------------- learning
@pytest.mark.parametrize("build", [neuron, mlp, matrices, hundred])
def test_learning_is_gradient_descent_on_the_loss(build: Callable[[], bp.Tensor]) -> None:
    browser, own = client(build()), build()
    graph = bp.graph(own)
    losses = []
    for _ in range(5):
        browser.ask({"type": "learn", "rate": 0.05})
        graph.backward()
        graph.sgd(0.05)
        graph.forward()
        losses.append(float(np.asarray(browser.player.trace.root.value)))
        np.testing.assert_allclose(losses[-1], own.data, rtol=1e-12)
    assert browser.errors == []
    if build is not matrices:
        assert losses == sorted(losses, reverse=True)


def test_reset_goes_back_to_the_beginning() -> None:
    browser = client(neuron())
    before = browser.player.reel
    browser.edit(x=3.0)
    browser.ask({"type": "learn", "rate": 0.5})
    assert browser.player.reel["frames"] != before["frames"]
    browser.ask({"type": "reset"})
    assert browser.player.reel == before | {"serial": 3}
    assert browser.player.values == {"x": 1.5, "y": 1.0, "w0": 0.1, "w1": -0.3}


def test_without_parameters_there_is_nothing_to_learn() -> None:
    browser = client(bp.tensor(2.0, name="a") * 3)
    browser.ask({"type": "learn", "rate": 0.1})
    assert browser.errors == ["nothing here can learn: the loss depends on no parameter. Make one: bp.parameter(0.1)"]


def test_values_may_run_away_and_come_back() -> None:
    w, slider = bp.parameter(2.0, name="w"), ipywidgets.FloatText()
    browser = client(w * w * w)
    browser.player.bind(w=slider)
    for _ in range(4):
        browser.ask({"type": "learn", "rate": 1e200})
    assert not np.isfinite(browser.player.values["w"])
    json.dumps(browser.player.reel, allow_nan=False)
    browser.ask({"type": "reset"})
    assert (browser.errors, slider.value, browser.player.values["w"]) == ([], 2.0, 2.0)


# ---------------------------------------------------------------------- many edits at once
def test_of_edits_that_come_together_the_last_is_answered() -> None:
    async def drag() -> list[int]:
        browser = client(neuron())
        answers: list[int] = []
        browser.player.observe(lambda change: answers.append(change["new"]["serial"]), "reel")
        for step in range(20):
            browser.edit(x=step / 10)
        await asyncio.sleep(0.05)
        browser.edit(x=5.0)
        await asyncio.sleep(0.05)
        assert browser.player.trace.nodes[0].value == browser.player.values["x"] == 5.0
        return answers

    assert asyncio.run(drag()) == [20, 21]


def told(shown: dict[str, Any]) -> set[int]:
    """The steps of which something is said."""
    return {k for k, frame in enumerate(shown["frames"]) if frame["sentence"]}


def test_while_values_move_those_steps_are_told_that_are_seen_and_afterwards_all() -> None:
    async def drag() -> list[dict[str, Any]]:
        browser = client(neuron())
        reels: list[dict[str, Any]] = []
        browser.player.observe(lambda change: reels.append(change["new"]), "reel")
        browser.ask({"type": "edit", "values": {"0": 0.5}, "told": [3, 7]})
        for _ in range(500):
            await asyncio.sleep(0.02)
            if len(reels) == 2:
                break
        return reels

    some, every = asyncio.run(drag())
    words = {"sentence", "equations"}
    assert told(some) == {0, 3, 7}
    assert told(every) == set(range(len(every["frames"])))
    assert some["serial"] == every["serial"] == 1
    for k, (one, other) in enumerate(zip(some["frames"], every["frames"], strict=True)):
        assert {key: one[key] for key in one.keys() - words} == {key: other[key] for key in other.keys() - words}
        assert k not in (0, 3, 7) or one["sentence"] == other["sentence"]


def test_an_answer_is_never_given_with_the_numbers_of_the_message_before() -> None:
    async def drag() -> list[tuple[int, float]]:
        browser = client(neuron())
        shown: list[tuple[int, float]] = []
        player = browser.player
        player.observe(lambda change: shown.append((change["new"]["serial"], player.trace.nodes[0].value)), "reel")
        for value in (0.5, 0.75):
            browser.ask({"type": "edit", "values": {"0": value}, "told": [3]})
            player._tell()  # the rest after the message before is over just now
            await asyncio.sleep(0.05)
        return shown

    assert set(asyncio.run(drag())) == {(1, 0.5), (2, 0.75)}


def test_the_step_at_which_other_views_stand_is_told_too() -> None:
    async def edit() -> set[int]:
        browser = client(neuron())
        browser.player.step = 5
        browser.ask({"type": "edit", "values": {"0": 0.5}, "told": [3]})
        browser.player._soon.now()
        return told(browser.player.reel)

    assert asyncio.run(edit()) == {0, 3, 5}


def test_a_view_that_is_not_told_what_it_shows_asks_for_all_words() -> None:
    async def edit() -> dict[str, Any]:
        browser = client(neuron())
        browser.ask({"type": "edit", "values": {"0": 0.5}, "told": [3]})
        browser.player._soon.now()
        assert told(browser.player.reel) == {0, 3}
        browser.ask({"type": "tell"})
        browser.player._soon.now()
        assert browser.errors == []
        return browser.player.reel

    shown = asyncio.run(edit())
    assert told(shown) == set(range(len(shown["frames"])))
    assert shown["serial"] == 2


def test_what_is_edited_from_python_is_told_whole() -> None:
    async def edit() -> dict[str, Any]:
        browser = client(neuron())
        browser.ask({"type": "edit", "values": {"0": 0.5}, "told": [3]})
        browser.player.edit(x=0.75)
        return browser.player.reel

    shown = asyncio.run(edit())
    assert told(shown) == set(range(len(shown["frames"])))


def test_of_many_conditions_the_first_few_are_named() -> None:
    x = bp.parameter(1.0, name="x")
    for _ in range(8):
        x = bp.where(x > 0, 1.5 * x, x)
    fixed = Player(x).live["fixed"]
    assert (len(fixed), fixed[-1]) == (6, "…")


@pytest.mark.parametrize("nonsense", [None, "3", 3, [3, "7"], {"3": 7}])
def test_all_steps_are_told_where_it_is_not_said_which_are_seen(nonsense: Any) -> None:
    async def edit() -> dict[str, Any]:
        browser = client(neuron())
        browser.ask({"type": "edit", "values": {"0": 0.5}, "told": nonsense})
        browser.player._soon.now()
        assert browser.errors == []
        return browser.player.reel

    shown = asyncio.run(edit())
    assert shown["serial"] == 1
    assert told(shown) == set(range(len(shown["frames"])))


def test_a_request_is_carried_out_at_once_where_no_loop_runs() -> None:
    calls: list[int] = []
    soon = Soon(lambda: calls.append(1), 10.0)
    soon()
    soon()
    assert calls == [1, 1]


def test_a_patient_call_waits_until_requests_have_stopped() -> None:
    async def requests(patient: bool, delay: float) -> int:
        calls: list[int] = []
        soon = Soon(lambda: calls.append(1), delay, patient=patient)
        for _ in range(4):
            soon()
            await asyncio.sleep(0.1)
        count = len(calls)
        soon.cancel()
        return count

    assert asyncio.run(requests(patient=True, delay=60.0)) == 0
    assert asyncio.run(requests(patient=False, delay=0.2)) >= 1


# ---------------------------------------------------------------------- sliders
def test_a_slider_and_the_player_move_each_other() -> None:
    w0, w1 = ipywidgets.FloatSlider(min=-2, max=2, step=0.01), ipywidgets.FloatText()
    browser = client(neuron())
    assert browser.player.bind(w0=w0, w1=w1) is browser.player
    assert (w0.value, w1.value) == (0.1, -0.3)
    w0.value = 1.25
    assert browser.player.trace.nodes[2].value == browser.player.values["w0"] == 1.25
    w1.value = 4
    assert browser.player.values["w1"] == 4.0
    browser.edit(w0=-0.5)
    assert w0.value == -0.5
    browser.edit(w0=99.0)  # further than the slider reaches
    assert (w0.value, browser.player.values["w0"]) == (2.0, 99.0)
    browser.ask({"type": "reset"})
    assert (w0.value, browser.errors) == (0.1, [])
    browser.ask({"type": "learn", "rate": 1.0})
    assert w0.value == browser.player.values["w0"] != 0.1


@pytest.mark.parametrize(
    ("slider", "leaf", "rests", "moved"),
    [
        (ipywidgets.FloatSlider(min=-2, max=2, step=0.01), 0.203, 0.2, 0.21),
        (ipywidgets.FloatSlider(min=-2, max=2, step=0.1), 0.123, 0.1, 0.0),
        (ipywidgets.FloatLogSlider(min=-2, max=2, step=0.1), 1.5, 10**0.2, 10**0.3),
    ],
)
def test_a_slider_that_comes_to_rest_on_its_own_step_edits_nothing(
    slider: Any, leaf: float, rests: float, moved: float
) -> None:
    player = bp.play(bp.square(bp.parameter(1.0, name="w"))).bind(w=slider)
    player.edit(w=leaf)
    assert slider.value == leaf
    slider.set_state({"value": rests})  # as the browser sends it
    assert (player.values["w"], player.trace.nodes[0].value) == (leaf, leaf)
    slider.set_state({"value": moved})
    assert player.values["w"] == moved
    slider.set_state({"value": rests})  # moved there by the reader
    assert player.values["w"] == rests


def test_a_slider_without_steps_rests_where_it_is_moved() -> None:
    slider = ipywidgets.FloatSlider(min=-2, max=2, step=None)
    player = bp.play(bp.square(bp.parameter(1.0, name="w"))).bind(w=slider)
    for value in (1.001, 1.002):
        slider.set_state({"value": value})
        assert player.values["w"] == value


def test_a_slider_of_whole_numbers_moves_a_leaf_of_whole_numbers() -> None:
    count, slider = bp.tensor(3, name="count"), ipywidgets.IntSlider(min=-5, max=5)
    player = bp.play(count * bp.parameter(0.5)).bind(count=slider)
    assert slider.value == 3
    slider.value = -2
    assert player.trace.root.value == -1.0
    player.edit(count=4)
    assert slider.value == 4


@pytest.mark.parametrize("options", [[0.1, 0.2], [0.5, 1], [0.25, 3.0], [0, 0.5, 1]])
def test_a_widget_that_cannot_show_a_value_stays_where_it_is_and_nothing_else_breaks(options: list[float]) -> None:
    choice, text = ipywidgets.SelectionSlider(options=options), ipywidgets.FloatText()
    browser = client(neuron())
    surface = browser.player.surface("w0", "w1")
    browser.player.bind(w0=choice, w1=text)
    assert (choice.value, text.value, browser.player.values["w0"]) == (options[0], -0.3, 0.1)
    choice.value = options[1]
    assert browser.player.values["w0"] == browser.player.trace.nodes[2].value == options[1]
    browser.player.learn(0.5)
    assert choice.value == options[1]
    assert star(surface) == (browser.player.values["w0"], browser.player.values["w1"])
    assert text.value == browser.player.values["w1"] != -0.3
    browser.player.edit(w0=options[0])
    assert choice.value == options[0]
    browser.player.reset()
    assert (choice.value, text.value, browser.errors) == (options[0], -0.3, [])


def test_a_widget_that_is_refused_is_not_linked_nor_are_those_beside_it() -> None:
    player = bp.play(bp.tensor(3, name="count") * bp.parameter(0.5, name="w"))
    slider, choice = ipywidgets.FloatSlider(7.0), ipywidgets.SelectionSlider(options=[0.25, 0.75])
    wrong = "count is 3, which SelectionSlider cannot show, and it cannot be 0.25"
    with pytest.raises(ValueError, match=re.escape(wrong)):
        player.bind(w=slider, count=choice)
    assert (slider.value, choice.value) == (7.0, 0.25)
    slider.value, choice.value = 5.0, 0.75
    assert player.values == {"count": 3, "w": 0.5}
    player.edit(w=2.0)
    assert (slider.value, choice.value, player.trace.root.value) == (5.0, 0.75, 6.0)


def test_a_leaf_follows_the_slider_that_was_linked_last() -> None:
    first, second = ipywidgets.FloatText(), ipywidgets.FloatText()
    player = bp.play(neuron()).bind(w0=first)
    player.bind(w0=second)
    first.value = 7.0
    assert player.values["w0"] == 0.1
    second.value = 8.0
    assert (player.values["w0"], first.value) == (8.0, 7.0)


def test_one_slider_may_move_two_players() -> None:
    slider = ipywidgets.FloatSlider(min=-9, max=9)
    first, second = bp.play(neuron()).bind(w0=slider), bp.play(neuron()).bind(w0=slider)
    slider.value = 3.0
    assert first.values["w0"] == second.values["w0"] == 3.0
    first.edit(w0=-3.0)
    assert second.values["w0"] == -3.0


@pytest.mark.parametrize(
    ("build", "sliders", "message"),
    [
        (neuron, {"w9": ipywidgets.FloatSlider()}, "no node has the name 'w9'"),
        (
            neuron,
            {"u": ipywidgets.FloatSlider()},
            "u is computed, and follows from the leaves; what can be set are 'x'",
        ),
        (matrices, {"W": ipywidgets.FloatSlider()}, "W has shape (2, 3): a widget of one number cannot move it"),
        (
            neuron,
            {"w0": 0.5},
            "w0 is linked to a widget whose value is a number, such as ipywidgets.FloatSlider(); got",
        ),
        (neuron, {"w0": ipywidgets.Text()}, "got Text Text"),
        (neuron, {"w0": ipywidgets.Checkbox()}, "got Checkbox Checkbox"),
        (neuron, {"w0": ipywidgets.Button()}, "got Button Button"),
        (neuron, {"w0": ipywidgets.IntSlider()}, "w0 holds numbers of type float64, and IntSlider whole ones alone"),
    ],
)
def test_what_cannot_be_linked_is_refused(build: Any, sliders: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        bp.play(build()).bind(**sliders)


# ---------------------------------------------------------------------- another picture
def test_values_move_in_whatever_picture_is_shown() -> None:
    browser = client(matrices())
    product = next(node for node in browser.player.trace.nodes if node.op == "matmul")
    browser.player.step = browser.player.steps
    browser.ask({"type": "scalars", "node": product.index})
    assert browser.errors == []
    assert (browser.player.live["edit"], bool(browser.player.live["within"])) == (False, True)
    assert browser.player.step <= browser.player.steps
    scalar, laid_out = browser.player.reel, browser.player.stage
    browser.player.edit(W=np.ones((2, 3)))
    assert browser.player.stage is laid_out
    assert browser.player.reel["frames"] != scalar["frames"]
    browser.ask({"type": "scalars", "node": product.index})
    assert browser.errors == ["this is a scalar graph already: go back first"]
    browser.ask({"type": "back"})
    assert browser.player.live == client(matrices()).player.live
    fresh = client(matrices()).player
    fresh.edit(W=np.ones((2, 3)))
    assert browser.player.reel == fresh.reel | {"serial": 3}


def test_a_group_is_opened_and_closed_and_values_stay() -> None:
    browser = client(mlp())
    before = browser.player.stage
    browser.edit(y={"at": [0, 0], "value": 2.5})
    path = before["open"][-1]
    browser.ask({"type": "toggle", "group": path})
    assert browser.errors == []
    assert path in browser.player.stage["groups"].values()
    browser.ask({"type": "toggle", "group": path})
    assert browser.player.stage["open"] == before["open"]
    assert browser.player.values["y"][0, 0] == 2.5


# ---------------------------------------------------------------------- the surface
def star(surface: Any) -> tuple[float, float]:
    """Where the present point is drawn, in the units of the axes."""
    (x,), (y,) = surface._landscape._lines[-1].get_data()
    return float(x), float(y)


def test_the_point_moves_on_the_loss_surface() -> None:
    browser = client(neuron())
    surface = browser.player.surface("w0", "w1")
    size = Image.open(io.BytesIO(surface.value)).size
    assert star(surface) == (0.1, -0.3)
    before, ground = surface.value, surface._landscape._empty
    browser.ask({"type": "learn", "rate": 0.5})
    values = browser.player.values
    assert star(surface) == (values["w0"], values["w1"])
    assert surface._landscape.way == [(0.1, -0.3), star(surface)]
    assert surface.value != before
    assert surface._landscape._empty is ground  # drawn once
    browser.ask({"type": "reset"})
    assert surface._landscape.way == [(0.1, -0.3)]
    assert surface.value == before
    assert Image.open(io.BytesIO(surface.value)).size == size
    assert browser.errors == []


def test_another_landscape_is_drawn_where_other_leaves_move_or_the_point_leaves_it() -> None:
    player = bp.play(neuron())
    surface = player.surface("w0", "w1", xlim=(-2, 2), ylim=(-1, 1))
    first = surface._landscape._empty
    player.edit(x=3.0)
    second = surface._landscape._empty
    player.edit(w0=7.5)
    low, high = surface._landscape.ranges[0]
    assert low <= -2 < 7.5 < high
    assert len({id(first), id(second), id(surface._landscape._empty)}) == 3


def test_a_landscape_waits_while_other_leaves_move() -> None:
    async def drag() -> tuple[bool, bool]:
        player = bp.play(neuron())
        surface = player.surface("w0", "w1")
        before = surface.value
        player.edit(x=3.0)
        at_once = surface.value == before
        await asyncio.sleep(0.5)
        return at_once, surface.value == before

    assert asyncio.run(drag()) == (True, False)


def test_a_surface_lies_over_elements_too() -> None:
    player = bp.play(matrices())
    surface = player.surface("W[0, 1]", "bias[2]")
    assert star(surface) == (0.1, 0.3)
    player.edit(bias=[0.1, 0.2, 0.5])
    assert star(surface) == (0.1, 0.5)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ("w0", "w0", "a loss surface lies over two different numbers; got 'w0' twice"),
        ("w0", "w9", "no node has the name 'w9'"),
        ("w0", "u", "u is computed"),
        ("w0", "w1[0]", "w1 has shape (): there is no element at [0]"),
        ("w0", "y", None),
    ],
)
def test_a_surface_lies_over_two_numbers(x: str, y: str, message: str | None) -> None:
    player = bp.play(neuron())
    if message is None:
        assert repr(player.surface(x, y)) == "Surface(w0 × y)"
        return
    with pytest.raises(ValueError, match=re.escape(message)):
        player.surface(x, y)


def test_a_surface_needs_an_element_of_an_array_and_numbers_that_are_not_whole() -> None:
    player = bp.play(matrices())
    with pytest.raises(ValueError, match=re.escape("W has shape (2, 3): say which element, such as 'W[0, 0]'")):
        player.surface("W", "bias[0]")
    with pytest.raises(ValueError, match=re.escape("W has shape (2, 3): there is no element at [5, 5]")):
        player.surface("W[5, 5]", "bias[0]")
    i, w = bp.tensor(2, name="i"), bp.parameter(1.0, name="w")
    with pytest.raises(ValueError, match="i holds whole numbers: no surface can be drawn over them"):
        bp.play(w * i).surface("w", "i")


def test_a_surface_is_a_picture_where_nothing_moves() -> None:
    surface = bp.play(neuron()).surface("w0", "w1")
    data = surface._repr_mimebundle_()
    assert data["text/plain"] == "Surface(w0 × w1)"
    assert data["image/png"]
    assert surface.value == bp.play(neuron()).surface("w0", "w1").value
    assert "bp-surface" in surface._dom_classes
    assert surface.layout.max_width == "min(100%, 460px)"


# ---------------------------------------------------------------------- the same every time
def test_the_same_edits_give_the_same_answers() -> None:
    def played() -> list[Any]:
        browser = client(mlp())
        browser.ask({"type": "learn", "rate": 0.1})
        browser.edit(X={"at": [1, 1], "value": 0.5})
        return [browser.player.stage, browser.player.reel, browser.player.figure.svg]

    assert played() == played()


def test_the_page_of_an_edited_player_plays_its_values() -> None:
    player = bp.play(neuron())
    player.edit(x=4.25)
    assert ("n0.value", "4.25") in texts(reel(player.figure))
