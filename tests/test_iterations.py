"""A training of several steps in pictures, films and equations: each step shows its own iteration."""

from __future__ import annotations

import json
import re
import string
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backprop_viz as bp
from backprop_viz.player.algorithm import LINES
from backprop_viz.player.film import film
from backprop_viz.player.inlined import script
from backprop_viz.player.session import Session
from backprop_viz.record.scalars import scalars
from backprop_viz.render.captions import Captions
from backprop_viz.render.frames import Frame, frames
from backprop_viz.render.says import SAYS
from backprop_viz.render.slots import Slots, final, present

SCRIPT = script("widget")
STEPS = 3


def scalar_training() -> bp.Trace:
    """A neuron with another input in every step."""
    w, b, xs = bp.parameter(0.5, name="w"), bp.parameter(0.0, name="b"), iter([1.0, -2.0, 0.5])

    def loss() -> bp.Tensor:
        x = bp.tensor(next(xs), name="x")
        L = (bp.tanh(w * x + b) - 0.25) ** 2
        L.name = "L"
        return L

    return bp.training(loss, bp.optim.SGD([w, b], lr=0.5), STEPS)


def array_training() -> bp.Trace:
    """A layer on minibatches, with heat maps."""
    rng = np.random.default_rng(0)
    W, b = bp.parameter(rng.normal(size=(2, 3)), name="W"), bp.parameter(np.zeros(3), name="b")

    def loss() -> bp.Tensor:
        X = bp.tensor(rng.normal(size=(4, 2)), name="X")
        with bp.group("layer"):
            h = bp.tanh(X @ W + b)
        return (h**2).mean()

    return bp.training(loss, bp.optim.Adam([W, b], lr=0.1), STEPS)


def fan_in_training() -> bp.Trace:
    """A parameter with several contributions."""
    w = bp.parameter(2.0, name="w")
    return bp.training(w * w + w.tanh(), bp.optim.SGD([w], lr=0.1), STEPS)


TRAININGS = [scalar_training, array_training, fan_in_training]
each_training = pytest.mark.parametrize("build", TRAININGS)


def begins(told: list[Frame]) -> list[int]:
    """The steps with which iterations begin, and the number behind the last step."""
    return [0, *(k for k, frame in enumerate(told) if frame.fresh), len(told)]


@each_training
def test_a_training_survives_json_with_all_its_iterations(build: Any) -> None:
    trace = build()
    again = bp.Trace.from_json(trace.to_json())
    assert again == trace
    assert again.iterations == trace.iterations
    assert film(bp.draw(again)) == film(bp.draw(trace))


# ---------------------------------------------------------------------- what is shown
@each_training
def test_an_iteration_shows_what_the_trace_of_it_alone_would(build: Any) -> None:
    trace = build()
    told = frames(trace)
    assert len(begins(told)) == STEPS + 1
    shown = Slots(trace)
    for part, end in zip(trace.iterations, begins(told)[1:], strict=True):
        alone = Slots(replace(part, events=tuple(replaced(part))))
        vars(alone)["scales"] = shown.scales  # heat maps have one scale in all iterations
        assert final(told[:end]) == final(alone.changes())
        reached = {name for frame in present(told[:end]) for name in frame.reached}
        assert reached == {name for change in alone.changes() for name in change.reached}


def replaced(part: bp.Trace) -> list[bp.Event]:
    """The events of an iteration as the first one has them: its values in the nodes."""
    passes = [e for e in part.events if not isinstance(e, bp.Forward) or part.nodes[e.node].kind == "compute"]
    return [bp.Forward(e.node) if isinstance(e, bp.Forward) else e for e in passes]


@each_training
def test_where_an_iteration_begins_only_leaves_are_lit_and_hold_their_present_values(build: Any) -> None:
    trace = build()
    told = frames(trace)
    for number, k in enumerate(begins(told)[1:-1], start=1):
        texts, maps = final(told[: k + 1])
        event = trace.events[k - 1]
        leaves = {node.index for node in trace.nodes if node.kind != "compute"} | {event.node}
        assert {int(slot[1:].split(".")[0]) for slot in texts | maps} == leaves
        assert {slot.split(".")[1] for slot in texts | maps} == {"value"}
        assert not any("→" in text for text in texts.values())
        for update in trace.iterations[number - 1].events:
            if isinstance(update, bp.Update) and np.size(update.new) < 5:
                assert texts[f"n{update.parameter}.value"] == Captions(trace).shown(update.new)


@each_training
@pytest.mark.parametrize("options", [{}, {"phase": "forward"}, {"limit": 6}], ids=["all", "forward", "closed groups"])
def test_a_step_is_drawn_the_same_directly_and_in_the_film(build: Any, options: dict[str, Any]) -> None:
    trace = build()
    figure = bp.draw(trace, **options)
    for step in range(0, len(trace.events) + 1, 3):
        assert bp.draw(trace, step=step, **options).dot == figure.dot
        assert inside(bp.draw(trace, step=step, **options).svg) == inside(figure.at(step).svg)
    assert inside(figure.svg) == inside(figure.at(len(trace.events)).svg)


def inside(svg: str) -> str:
    """A picture without its name for screen readers, which says the step."""
    return re.sub(r'aria-label="[^"]*"|<title>.*?</title>', "", svg)


def test_an_update_is_shown_until_the_next_iteration() -> None:
    w = bp.parameter(3.0, name="w")
    trace = bp.training(w * w, bp.optim.SGD([w], lr=0.1), 2)
    told = frames(trace)
    shown = [final(told[: k + 1])[0]["n0.value"] for k in range(len(told))]
    assert list(dict.fromkeys(shown)) == ["3", "3 → 2.4", "2.4", "2.4 → 1.92"]
    assert bp.draw(trace).dot.count("2.4 → 1.92") == 1


def test_the_sentences_say_which_iteration_it_is() -> None:
    trace = scalar_training()
    told = frames(trace)
    ends = begins(told)
    for number, (first, end) in enumerate(pairwise(ends), start=1):
        assert all(frame.sentence.startswith(f"Iteration {number} of 3") for frame in told[first:end])
    begun = told[ends[1]]
    assert begun.sentence == (
        "Iteration 2 of 3 begins with the values that the parameters have now. "
        "Forward: the input x is given its next value: −2."
    )
    assert begun.phase == "forward"
    assert not any("Iteration" in frame.sentence for frame in frames(trace.iterations[0]))


@each_training
def test_every_number_in_a_sentence_and_its_equations_is_that_of_the_iteration(build: Any) -> None:
    trace = build()
    told = frames(trace)
    for part, (first, end) in zip(trace.iterations, pairwise(begins(told)), strict=True):
        alone = frames(replace(part, events=tuple(replaced(part))))[1:]
        computed = [frame for frame in told[max(first, 1) : end] if "is given" not in frame.sentence]
        for ours, theirs in zip(computed, alone, strict=True):
            assert ours.sentence.endswith(theirs.sentence)
            assert ours.equations == theirs.equations


# ---------------------------------------------------------------------- the last iteration stands for all
def test_what_is_said_of_a_whole_training_is_its_last_iteration() -> None:
    trace = array_training()
    last = trace.iterations[-1]
    assert bp.equations(trace, show="both").text == bp.equations(last, show="both").text
    assert bp.equations(trace, show="numbers").text != bp.equations(trace.iterations[0], show="numbers").text
    assert trace.derivation("b").text == last.derivation("b").text != trace.iterations[0].derivation("b").text
    product = next(node.index for node in trace.nodes if node.op == "matmul")
    assert scalars(trace, product) == scalars(last, product)
    compared = bp.draw(trace, compare=trace.iterations[0]).difference
    assert compared is not None
    assert compared.texts[f"n{trace.root.index}.change"] != "no change"


def test_a_product_opens_with_the_numbers_of_the_step_that_is_shown() -> None:
    trace = array_training()
    product = next(node.index for node in trace.nodes if node.op == "matmul")
    for part, step in zip(trace.iterations, range(1, len(trace.events), len(trace.events) // STEPS), strict=False):
        session = Session(trace)
        assert session.do({"type": "scalars", "node": product, "step": step + 3})
        np.testing.assert_allclose(session.figure.trace.root.value, part.nodes[product].value)
        assert session.do({"type": "back"})
        assert session.figure.trace == trace
    session = Session(trace)
    session.do({"type": "scalars", "node": product})
    np.testing.assert_allclose(session.figure.trace.root.value, trace.iterations[-1].nodes[product].value)


def test_plots_of_training_take_each_iteration_as_a_step() -> None:
    pytest.importorskip("matplotlib")
    from backprop_viz.plots.derivatives import of_edge
    from backprop_viz.plots.surface import descent
    from backprop_viz.plots.training import gradient_norms

    trace = scalar_training()
    apart, whole = ([line.get_ydata().tolist() for line in gradient_norms(steps).lines] for steps in  # type: ignore[union-attr]
                    (trace.iterations, [trace]))  # fmt: skip
    assert apart == whole
    assert len(whole[0]) == STEPS
    np.testing.assert_array_equal(descent([trace], ["w", "b"]), descent(trace.iterations, ["w", "b"]))
    assert len(descent([trace], ["w", "b"])) == STEPS + 1
    for edge in trace.edges:
        if edge.backpropagates:
            np.testing.assert_array_equal(of_edge(trace, edge)[0], of_edge(trace.iterations[-1], edge)[0])


def test_a_training_is_filmed_and_handed_out(tmp_path: Path) -> None:
    trace = fan_in_training()
    first = next(k for k, frame in enumerate(frames(trace)) if frame.fresh)
    settings: dict[str, Any] = {"steps": [first - 1, first, len(trace.events)], "progress": False}
    assert bp.movie(trace, tmp_path / "training.pdf", **settings).stat().st_size > 1000
    from PIL import Image

    with Image.open(bp.movie(trace, tmp_path / "training.gif", width=320, **settings)) as images:
        assert images.n_frames == 3  # type: ignore[attr-defined]


# ---------------------------------------------------------------------- the film
@each_training
def test_the_film_holds_at_every_step_what_the_figure_shows(build: Any) -> None:
    trace = build()
    figure = bp.draw(trace)
    made = json.loads(json.dumps(film(figure)))["frames"]
    for k in range(len(made)):
        begun = max(i for i in range(k + 1) if i == 0 or made[i].get("fresh"))
        texts: dict[str, str] = {}
        maps: dict[str, str] = {}
        for frame in made[begun : k + 1]:
            texts |= frame.get("texts", {})
            maps |= frame.get("maps", {})
        assert (texts, maps) == final(figure.frames[: k + 1])
    assert [k for k, frame in enumerate(made) if frame.get("fresh")] == begins(figure.frames)[1:-1]


def test_the_numbers_behind_heat_maps_are_said_anew_in_each_iteration() -> None:
    trace = array_training()
    made = film(bp.draw(trace))["frames"]
    at = {node.name: f"n{node.index}.value" for node in trace.nodes}
    for number, k in enumerate([k for k, frame in enumerate(made) if frame.get("fresh")], start=1):
        part = trace.iterations[number]
        for name in "XW":
            value = next(node.value for node in part.nodes if node.name == name)
            shown = made[k]["numbers"][at[name]]
            assert shown == [[Captions(trace).shown(x) for x in row] for row in np.asarray(value).tolist()]


def test_no_line_of_the_algorithm_gives_a_leaf_its_value() -> None:
    made = film(bp.draw(scalar_training()))["frames"]
    given = [frame for frame in made if "is given" in frame["sentence"]]
    assert len(given) == STEPS - 1
    assert all("line" not in frame for frame in given)


def test_no_line_of_the_algorithm_is_lit_for_what_it_does_not_do() -> None:
    w = bp.parameter([1.0, 2.0], name="w")
    given = film(bp.draw(bp.trace(bp.square(w), np.array([1.0, 3.0]))))["frames"]
    assert next(frame.get("line") for frame in given if frame["sentence"].startswith("Backward")) is None
    ones = film(bp.draw(bp.trace(bp.square(w), np.ones(2))))["frames"]
    assert LINES[next(frame["line"] for frame in ones if frame["phase"] == "backward")].strip() == "loss.grad = 1"
    for optimizer, line in ((bp.optim.SGD([w], lr=0.1), "w.value -= eta * w.grad"), (bp.optim.Adam([w], lr=0.1), None)):
        (step,) = (
            frame
            for frame in film(bp.draw(bp.training_step(bp.sum(w * w), optimizer)))["frames"]
            if frame["phase"] == "update"
        )
        assert (LINES[step["line"]].strip() if "line" in step else None) == line


# ---------------------------------------------------------------------- what the player says
def test_the_player_says_what_the_film_gives_it_to_say() -> None:
    assert film(bp.draw(fan_in_training()))["says"] == SAYS
    named = set(re.findall(r"\bsays\.([a-zA-Z]+)", SCRIPT)) | {"input", "parameter", "compute"}
    facts = set(re.findall(r'fact\("(\w+)"', SCRIPT)) | {"upstream", "local", "contribution"}
    assert named | facts == SAYS.keys()


def test_the_player_has_no_words_of_its_own_for_what_it_shows() -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", SCRIPT, flags=re.DOTALL)
    for sentence in SAYS.values():
        longest = max(re.split(r"\{\w+\}", sentence), key=len).strip(string.punctuation + " ·×")
        if " " in longest:
            assert longest not in code, longest
