"""The player's Python side: the film it shows, the step it stands at, what it says of itself where nothing moves."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any
from xml.etree import ElementTree

import pytest
import traitlets

import backprop_viz as bp
from backprop_viz.player.compact import FIRST, LAST
from backprop_viz.player.film import SCHEMA, film, reel, stage
from backprop_viz.player.widget import Player, play
from backprop_viz.render.draw import draw

HOSTILE = '<script>alert(1)</script>&"\n'
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def neuron() -> bp.Trace:
    x, y = bp.tensor(1.5), bp.tensor(1.0)
    w0, w1 = bp.parameter(0.1), bp.parameter(-0.3)
    yhat = bp.sigmoid(w0 + w1 * x)
    L = bp.bce(yhat, y)
    return bp.trace(L)


def hostile() -> bp.Trace:
    x = bp.parameter(2.0, name=HOSTILE)
    return bp.trace((x * x).tanh())


def strings(value: Any) -> list[str]:
    """All strings in plain data."""
    if isinstance(value, dict):
        value = list(value.values())
    return (
        [value]
        if isinstance(value, str)
        else [s for item in value for s in strings(item)]
        if value and isinstance(value, list)
        else []
    )


def picture(shown: dict[str, Any]) -> str:
    """The picture of a film, its repetitions put in again."""
    svg: str = shown["svg"]
    while any(FIRST <= ord(character) <= LAST for character in svg):
        svg = "".join(shown["words"][ord(c) - FIRST] if FIRST <= ord(c) <= LAST else c for c in svg)
    return svg


def parts(svg: str, kind: str) -> set[str]:
    """The names of all the parts, or slots, of a picture."""
    return {name for element in ElementTree.fromstring(svg).iter() if (name := element.get(f"data-{kind}"))}


# ---------------------------------------------------------------------- the film
@pytest.mark.parametrize("trace", [neuron(), hostile()], ids=["neuron", "hostile"])
def test_a_film_is_what_its_json_gives_back(trace: bp.Trace) -> None:
    shown = film(draw(trace))
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown
    assert shown["schema"] == SCHEMA
    assert len(shown["frames"]) == len(trace.events) + 1


@pytest.mark.parametrize("trace", [neuron(), hostile()], ids=["neuron", "hostile"])
def test_every_part_and_slot_of_the_frames_is_in_the_picture(trace: bp.Trace) -> None:
    shown = film(draw(trace))
    frames = shown["frames"]
    svg = picture(shown)
    assert {slot for frame in frames for slot in frame.get("texts", ())} <= parts(svg, "slot")
    assert {part for frame in frames for part in frame.get("active", ())} <= parts(svg, "part")
    assert {part for frame in frames for part in frame.get("reached", ())} == parts(svg, "part")


def test_the_picture_of_a_film_holds_no_value_and_no_id() -> None:
    svg = ElementTree.fromstring(picture(film(draw(neuron()))))
    assert [
        element.text for element in svg.iter() if element.get("data-slot") and (element.text or "").strip("–")
    ] == []
    assert [element.get("id") for element in svg.iter() if element.get("id")] == []


def test_equations_use_the_mathml_that_the_player_lets_through() -> None:
    script = Player._esm if isinstance(Player._esm, str) else str(Player._esm)
    (allowed,) = re.findall(r'MATHML_TAGS = new Set\(\s*"([a-z ]+)"', script)

    for trace in (neuron(), hostile()):
        assert {branch[0] for branch in film(draw(trace))["math"]} <= set(allowed.split())


def test_a_hostile_name_is_text_in_the_picture() -> None:
    svg = picture(film(draw(hostile())))
    assert "<script" not in svg
    assert {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()} <= {
        "svg", "g", "rect", "ellipse", "polygon", "path", "text", "tspan",
    }  # fmt: skip


def test_the_same_code_gives_the_same_film_in_another_process() -> None:
    code = "import json, test_widget as t; print(json.dumps(t.film(t.draw(t.neuron()))))"
    again = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        cwd=__file__.rpartition("test_widget")[0],
        capture_output=True,
        check=True,
    )
    assert json.loads(again.stdout) == film(draw(neuron()))


# ---------------------------------------------------------------------- the widget
def test_a_loss_is_played_under_the_names_of_its_variables() -> None:
    a = bp.parameter(3.0)
    loss = a * a
    player = play(loss)
    assert [node.name for node in player.trace.nodes] == ["a", "loss"]
    assert a.grad is None  # playing leaves the reader's tensors as they are


def test_a_trace_is_played_as_it_is() -> None:
    trace = neuron()
    assert play(trace).trace is trace


def test_only_a_tensor_or_a_trace_is_played() -> None:
    with pytest.raises(TypeError, match=r"play takes a tensor, a trace or a figure; got float 1\.5"):
        play(1.5)  # type: ignore[arg-type]


def test_a_figure_is_played_as_it_is_drawn_from_its_step_on() -> None:
    player = play(bp.draw(neuron(), step=4, title="One neuron", show="numbers"))
    assert player.step == 4
    assert play(bp.draw(neuron(), step=4), 6).step == 6
    assert "One neuron" in player.stage["svg"]
    assert player.figure.options.show == "numbers"
    assert player.steps == play(neuron()).steps
    with pytest.raises(ValueError, match="play the loss itself"):
        player.edit(w0=1.0)


def test_a_figure_that_was_drawn_before_backward_is_played_with_both_passes() -> None:
    w, x = bp.parameter(1.5, name="w"), bp.tensor(2.0, name="x")
    L = bp.square(w * x)
    drawn = bp.draw(L, theme="dark", highlight=["w"])
    player = bp.play(drawn)
    assert player.steps == bp.play(L).steps == 5
    assert (player.figure.options.theme.name, player.figure.lit) == ("dark", drawn.lit)
    assert player.trace.gradient(0) == 12
    assert w.grad is None
    assert len(drawn.trace.events) == 2  # the picture is as it was
    v = w * bp.tensor([1.0, 2.0])
    assert bp.play(bp.draw(v)).steps == 1  # no loss: where its pass would begin, nobody has said
    with bp.no_grad():
        x += 1
    assert bp.play(drawn).steps == 2  # edited since: what was drawn is all that is known


def test_a_player_shows_its_widget_a_picture_and_a_fixed_text() -> None:
    player = play(neuron())
    data, _ = player._repr_mimebundle_()
    assert set(data) == {WIDGET_VIEW, "image/svg+xml", "text/plain"}
    assert data[WIDGET_VIEW]["model_id"] == player.model_id
    assert data["image/svg+xml"] == player.figure.shown
    assert play(neuron(), step=4)._repr_mimebundle_()[0]["image/svg+xml"] == bp.draw(neuron(), step=4).shown
    assert data["text/plain"] == repr(player) == "Player(L: 10 steps)"


def test_the_text_of_a_player_is_one_line_without_an_address() -> None:
    x = bp.parameter(2.0, name="x")
    loss = bp.tanh(x)
    assert repr(play(x)) == "Player(x: 1 step)"
    assert repr(play(loss)) == "Player(loss: 3 steps)"
    loss.name = "one\n<b>two"
    assert repr(play(loss)) == "Player(one <b>two: 3 steps)"


def test_a_step_may_be_set() -> None:
    player = Player(neuron(), step=3)
    assert player.step == 3
    player.step = 10
    assert player.step == 10
    player.step = 0
    assert player.step == 0


@pytest.mark.parametrize("step", [-1, 11, 10**9])
def test_a_step_that_does_not_exist_is_refused(step: int) -> None:
    message = rf"there is no step {step}: Player\(L: 10 steps\) has the steps 0 to 10"
    player = Player(neuron(), step=4)
    with pytest.raises(traitlets.TraitError, match=message):
        player.step = step
    assert player.step == 4
    with pytest.raises(traitlets.TraitError, match=message):
        Player(neuron(), step=step)


@pytest.mark.parametrize("step", [2.5, "3", None])
def test_a_step_is_a_whole_number(step: Any) -> None:
    player = Player(neuron())
    with pytest.raises(traitlets.TraitError, match="expected an int"):
        player.step = step
    assert player.step == 0


def test_the_browser_gets_the_film_the_step_the_script_and_the_style() -> None:
    player = Player(neuron(), step=2)
    state = player.get_state()
    assert state["stage"] == stage(draw(neuron()))
    assert json.loads(state["reel"]) == reel(draw(neuron())) | {"serial": 0}
    assert state["live"] == {"edit": False, "rate": 0.1, "zoom": True, "within": "", "fixed": []}
    assert state["step"] == 2
    assert "export default { render }" in state["_esm"]
    assert ".bp-player" in state["_css"]


def test_players_do_not_share_their_film() -> None:
    first, second = Player(neuron()), Player(hostile())
    assert strings(first.stage) != strings(second.stage)
    assert strings(first.reel) != strings(second.reel)


def test_a_player_may_start_at_any_step() -> None:
    x = bp.parameter(2.0, name="x")
    assert bp.play(x * 3, step=2).step == 2
