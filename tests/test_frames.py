"""What the picture says, step by step."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from graphs import GRAPHS, fan_out, matrices, neuron

import backprop_viz as bp
from backprop_viz.record.trace import Forward, Seed, Send, Trace, Update
from backprop_viz.render import heat
from backprop_viz.render.captions import Captions
from backprop_viz.render.frames import frames
from backprop_viz.render.slots import Slots, final, is_map
from backprop_viz.render.text import shown


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
def test_there_is_one_frame_for_the_start_and_one_after_each_event(build) -> None:  # type: ignore[no-untyped-def]
    trace = bp.trace(build())
    told = frames(trace)
    assert len(told) == len(trace.events) + 1
    assert [frame.phase for frame in told] == ["start"] + [
        "forward" if isinstance(event, Forward) else "backward" for event in trace.events
    ]
    assert all(frame.sentence.endswith(".") for frame in told)


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
def test_every_number_shown_is_the_traces_number_and_nothing_is_shown_before_it_is_computed(build) -> None:  # type: ignore[no-untyped-def]
    trace = bp.trace(build())
    scales = Slots(trace).scales
    told = frames(trace)
    leaves = {f"n{node.index}.value": node.value for node in trace.nodes if node.kind != "compute"}
    for frame, event in zip(told, [None, *trace.events], strict=True):
        match event:
            case None:
                shows, reach = leaves, scales.values
            case Forward(node=node):
                shows, reach = {f"n{node}.value": trace.nodes[node].value}, scales.values
            case Seed(node=node, gradient=gradient):
                shows, reach = {f"n{node}.grad": gradient}, scales.gradients
            case Send(edge=edge):
                node = trace.edges[edge].parent
                shows, reach = (
                    {f"e{edge}.contribution": event.contribution, f"n{node}.grad": event.total},
                    scales.gradients,
                )
                if f"e{edge}.local" in frame.texts:
                    shows |= {f"e{edge}.upstream": event.upstream, f"e{edge}.local": event.local}
            case _:
                raise AssertionError(event)
        assert frame.texts.keys() | frame.maps.keys() == shows.keys()
        for slot, value in shows.items():
            if is_map(value):
                assert frame.maps[slot] == heat.cells(value, reach or 0.0)
            else:
                assert frame.texts[slot].partition(" + …")[0] == shown(value)


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
def test_the_last_picture_shows_the_engines_gradients(build) -> None:  # type: ignore[no-untyped-def]
    loss = build()
    loss.backward()
    trace = bp.trace(loss)
    slots = Slots(trace)
    texts, maps = final(slots.changes())
    for index, tensor in enumerate(bp.graph(loss).nodes):
        if is_map(tensor.grad):
            assert maps[f"n{index}.grad"] == heat.cells(tensor.grad, slots.scales.gradients or 0.0)
        else:
            assert texts.get(f"n{index}.grad", "") == shown(tensor.grad)


def test_an_input_never_has_a_gradient_slot() -> None:
    trace = bp.trace(neuron())
    inputs = [node.index for node in trace.nodes if node.kind == "input"]
    assert inputs
    assert not any(f"n{i}.grad" in frame.texts for frame in frames(trace) for i in inputs)


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
@pytest.mark.parametrize("asked", [{0}, {3, 5}, {7}])
def test_of_some_steps_the_same_is_told_as_of_all(build, asked: set[int]) -> None:  # type: ignore[no-untyped-def]
    trace = bp.trace(build())
    for k, (some, every) in enumerate(zip(frames(trace, steps=asked), frames(trace), strict=True)):
        untold = k > 0 and k not in asked
        assert some == (replace(every, sentence="", equations=()) if untold else every)


def test_the_sentences_tell_the_chain_rule_of_the_neuron() -> None:
    sentences = [frame.sentence for frame in frames(bp.trace(neuron()))]
    assert sentences[1] == "Forward: compute u = w₀ + w₁·x = −0.35."
    assert sentences[4] == "Backward starts at the loss: ∂ℒ/∂ℒ = 1."
    assert sentences[6] == (
        "Backward: ŷ sends u the contribution ∂ℒ/∂ŷ × ∂ŷ/∂u = (−2.419) × 0.2425 = −0.5866, and so ∂ℒ/∂u = −0.5866."
    )


def test_a_fan_in_says_how_many_contributions_have_come_and_marks_the_unfinished_sum() -> None:
    trace = bp.trace(fan_out())
    told = frames(trace)
    y = next(node.index for node in trace.nodes if node.name == "y")
    counts = [frame for frame in told if f"n{y}.grad" in frame.texts]
    assert len(counts) == 3  # y * y uses y twice, and tanh once
    assert "1 of 3" in counts[0].sentence
    assert counts[0].texts[f"n{y}.grad"].endswith(" + … 1/3")
    assert "2 of 3" in counts[1].sentence
    assert counts[1].texts[f"n{y}.grad"].endswith(" + … 2/3")
    assert "all 3 contributions" in counts[2].sentence
    assert "…" not in counts[2].texts[f"n{y}.grad"]


def test_two_edges_of_x_times_x_name_the_slot_they_stand_for() -> None:
    x = bp.parameter(3.0, name="x")
    z = x * x
    z.name = "z"
    sentences = [frame.sentence for frame in frames(bp.trace(z))]
    assert "∂z/∂x⁽¹⁾ = 1 × 3 = 3. x has received 1 of 2" in sentences[-2]
    assert "∂z/∂x⁽²⁾ = 1 × 3 = 3. x has received all 2 contributions: ∂z/∂x = 6." in sentences[-1]


def test_a_matrix_product_shows_its_rule_in_place_of_numbers() -> None:
    trace = bp.trace(matrices())
    texts, maps = final(frames(trace))
    edge = next(e for e in trace.edges if trace.nodes[e.parent].name == "W")
    assert Captions(trace).tile_rule(edge).text == "Xᵀ G"
    assert f"e{edge.index}.local" not in texts
    assert f"e{edge.index}.contribution" in maps


def test_an_elementwise_op_on_large_arrays_shows_its_rule_too() -> None:
    h = bp.tanh(bp.parameter(np.ones((2, 3)), name="z"))
    h.name = "h"
    trace = bp.trace(h.sum())
    assert Captions(trace).tile_rule(trace.edges[0]).text == "G ⊙ (1 − tanh(z)²)"


def test_a_vector_starts_with_the_gradient_that_was_given() -> None:
    x = bp.parameter([1.0, 2.0], name="x")
    y = x * 3
    y.name = "y"
    told = frames(bp.trace(y, [1.0, -1.0]))
    assert told[2].sentence == "Backward starts at y with the gradient that was given: ∂ℒ/∂y = [1, −1]."


def test_an_update_is_told_with_its_numbers() -> None:
    trace = bp.trace(neuron())
    w0 = next(node for node in trace.nodes if node.name == "w0")
    update = Update(w0.index, 0.1, trace.gradient(w0.index), 0.5, 0.1 + 0.5 * 0.58661757891733)
    frame = frames(Trace(trace.nodes, trace.edges, (*trace.events, update)))[-1]
    assert frame.phase == "update"
    assert frame.texts == {f"n{w0.index}.value": "0.1 → 0.3933"}
    assert "from 0.1 to 0.1 − 0.5 × (−0.5866) = 0.3933" in frame.sentence


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
def test_equations_are_plain_trees_of_mathml(build) -> None:  # type: ignore[no-untyped-def]
    def check(tree: object) -> None:
        assert isinstance(tree, list)
        assert tree[0] in {
            "mrow",
            "mi",
            "mn",
            "mo",
            "mfrac",
            "msub",
            "msup",
            "mover",
            "mtext",
            "msqrt",
        }
        assert tree[1] in {"", "bp-red", "bp-blue"}
        for child in tree[2:]:
            if not isinstance(child, str):
                check(child)

    for frame in frames(bp.trace(build())):
        for tree in json.loads(json.dumps(frame.equations)):
            check(tree)


def test_a_tensor_inside_a_larger_graph_shows_the_gradient_that_it_holds() -> None:
    x = bp.parameter(2.0, name="x")
    u = x * 3
    u.name = "u"
    (u * u).backward()
    figure = bp.draw(u)
    assert figure.frames[2].sentence == "Backward starts at u with the gradient that was given: ∂ℒ/∂u = 12."
    assert final(figure.frames)[0]["n0.grad"] == shown(x.grad)


def test_a_broadcast_argument_is_told_as_the_sum_that_it_receives() -> None:
    A, b = bp.parameter([[1.0, 2.0]], name="A"), bp.parameter(3.0, name="b")
    told = frames(bp.trace((A * b).sum()))
    to_b = next(frame for frame in told if "sends b" in frame.sentence)
    assert "Σ ∂v₂/∂v₁ ⊙ ∂v₁/∂b = 3 (the sum over the axes along which b was repeated)" in to_b.sentence


def test_of_large_arrays_the_sentence_says_how_far_their_numbers_go() -> None:
    A = bp.parameter([[-1.0, 2.0, 3.0], [0.5, 1.0, 0.0]], name="A")
    told = " ".join(frame.sentence for frame in frames(bp.trace((A * A).mean())))
    for said in (
        "compute v₁ = A⊙A, a 2×3 array from 0 to 9.",
        "compute v₂ = mean(v₁) = 2.542.",
        "v₂ sends v₁ the contribution ∂v₂/∂v₂ × ∂v₂/∂v₁, a 2×3 array of 0.1667, and that is ∂v₂/∂v₁.",
        "v₁ sends A the contribution ∂v₂/∂v₁ ⊙ ∂v₁/∂A⁽¹⁾, a 2×3 array from −0.1667 to 0.5.",
        "A has received 1 of 2 contributions; the sum so far is a 2×3 array from −0.1667 to 0.5.",
        "A has received all 2 contributions: ∂v₂/∂A, a 2×3 array from −0.3333 to 1.",
    ):
        assert said in told


@pytest.mark.parametrize(
    ("numbers", "said"),
    [([1.0, 1.00001, 1, 1, 1], "from 1 to 1"), ([2.0] * 5, "of 2"), ([np.nan, 1, 2, 3, 4], "with NaN in it"),
     ([-np.inf, 1, 2, 3, 4], "from −∞ to 4")],
)  # fmt: skip
def test_a_large_array_is_told_truly(numbers: list[float], said: str) -> None:
    with np.errstate(all="ignore"):
        told = frames(bp.trace((bp.parameter(numbers, name="A") * 1.0).sum()))
    assert f", a 5 array {said}." in told[1].sentence


def test_arrays_are_multiplied_element_by_element_and_scalars_with_a_dot() -> None:
    a, b = bp.parameter([1.0, 2.0], name="a"), bp.parameter([3.0, 4.0], name="b")
    assert "a⊙b" in frames(bp.trace((a * b).sum()))[1].sentence
    assert "2·a" in frames(bp.trace((2 * a).sum()))[1].sentence


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda x: x**2, "ℒ = x² ="),
        (lambda x: x**0.5, "0.5·x^(−0.5)"),
        (lambda x: x / 1e7, "x/(1·10⁷)"),
    ],
)
def test_powers_and_numbers_in_scientific_notation_are_bracketed(build, said) -> None:  # type: ignore[no-untyped-def]
    x = bp.parameter(3e7, name="x")
    L = build(x)
    L.name = "L"
    trace = bp.trace(L)
    texts = [frame.sentence for frame in frames(trace)] + [Captions(trace).rule(trace.edges[0]).text]
    assert any(said in text for text in texts), texts
    assert Captions(trace).definition(trace.root, values=True).text != "3·10⁷²"
