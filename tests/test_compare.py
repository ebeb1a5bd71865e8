"""Two traces of one graph: what changed between them, by how much, and what the picture says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from graphs import fan_out, neuron
from hypothesis import given
from hypothesis import strategies as st
from pictures import Picture, arrows, parts, slots

import backprop_viz as bp
from backprop_viz.render.compare import difference

numbers = st.floats(-1e3, 1e3)


def line(w: float, x: float = 2.0) -> bp.Trace:
    """A parameter times an input."""
    L = bp.parameter(w, name="w") * bp.tensor(x, name="x")
    L.name = "L"
    return bp.trace(L)


def row(values: Any) -> bp.Trace:
    return bp.trace(bp.tanh(bp.parameter(values, name="w")).sum())


# ---------------------------------------------------------------------- what changed, by how much
def test_the_change_of_every_value_and_of_every_gradient() -> None:
    changed = difference(line(3.0, 2.5), line(1.0, 2.0), 4)
    assert changed.texts == {
        "n0.change": "Δ +2", "n0.grad.change": "Δ +0.5", "n1.change": "Δ +0.5", "n2.change": "Δ +5.5",
        "n2.grad.change": "no change",
    }  # fmt: skip
    assert changed.changed == {0, 1, 2}
    assert changed.note == "Compared with an earlier trace: 3 of 3 values and 1 of 2 gradients changed."


def test_what_has_become_less_has_a_minus() -> None:
    assert difference(line(1.0), line(1.25), 4).texts["n0.change"] == "Δ −0.25"


def test_the_same_numbers_are_no_change() -> None:
    changed = difference(bp.trace(neuron()), bp.trace(neuron()), 4)
    assert set(changed.texts.values()) == {"no change"}
    assert changed.changed == frozenset()
    assert changed.note == "Compared with an earlier trace: 0 of 7 values and 0 of 5 gradients changed."


def test_without_a_backward_pass_only_values_are_compared() -> None:
    def recorded(w: float) -> bp.Figure:
        return bp.draw(bp.parameter(w, name="w") * 2.0)

    changed = difference(recorded(1.0).trace, recorded(2.0).trace, 4)
    assert set(changed.texts) == {"n0.change", "n1.change"}
    assert changed.note == "Compared with an earlier trace: 2 of 2 values changed."
    assert difference(line(1.0), bp.draw(bp.parameter(1.0) * bp.tensor(2.0)).trace, 4).note.endswith(
        "0 of 3 values changed."
    )


@pytest.mark.parametrize(
    ("new", "old", "text"),
    [
        ([1.0, 2.0], [1.0, 2.0], "no change"),
        ([1.0, 2.0], [1.5, 1.75], "max |Δ| = 0.5"),
        ([1.0, np.nan], [1.0, np.nan], "no change"),
        ([1.0, np.nan], [1.0, 2.0], "max |Δ| = NaN"),
        ([1.0, np.inf], [1.0, 2.0], "max |Δ| = ∞"),
        (np.zeros((3, 4)), np.full((3, 4), -2e-9), "max |Δ| = 2·10⁻⁹"),
        (np.nan, np.nan, "no change"),
        (np.nan, 1.0, "Δ NaN"),
        (np.inf, 1.0, "Δ +∞"),
        (-np.inf, 1.0, "Δ −∞"),
        (1.0 + 2**-52, 1.0, "Δ +2.22·10⁻¹⁶"),
    ],
)
def test_arrays_change_by_their_largest_difference_and_nan_is_nan(new: Any, old: Any, text: str) -> None:
    assert difference(row(new), row(old), 4).texts["n0.change"] == text


@given(numbers, numbers)
def test_a_number_counts_as_changed_just_if_it_differs(new: float, old: float) -> None:
    changed = difference(line(new), line(old), 17)
    assert (0 in changed.changed) == (new != old)
    text = changed.texts["n0.change"]
    assert (text == "no change") == (new == old)
    if new != old:
        assert text.startswith("Δ +" if new > old else "Δ −")


# ---------------------------------------------------------------------- the picture
def test_the_picture_says_it_at_every_node_lights_up_what_changed_and_counts_it() -> None:
    figure = bp.draw(line(3.0), compare=line(1.0))
    held = slots(figure)
    assert {slot: text for slot, text in held.items() if slot.endswith("change")} == {
        "n0.change": "Δ +2", "n0.grad.change": "no change", "n1.change": "no change", "n2.change": "Δ +4",
        "n2.grad.change": "no change",
    }  # fmt: skip
    assert held["n0.value"] == "3"
    light = {n for n, part in (parts(figure) | arrows(figure)).items() if any(e.get("class") == "bp-lit" for e in part)}
    assert light == {"n0", "n2", "e0.forward"}
    said = " ".join(item.part for item in Picture(figure.svg).solid if item.what == "line")
    assert said == "Compared with an earlier trace: 2 of 3 values and 0 of 2 gradients changed."
    assert figure.label.endswith("2 of 3 values and 0 of 2 gradients changed.")


def test_the_digits_of_a_change_are_those_of_the_picture() -> None:
    assert slots(bp.draw(line(1.23456), compare=line(0.0), digits=2))["n0.change"] == "Δ +1.2"


def test_tensors_and_graphs_are_compared_too() -> None:
    assert slots(bp.draw(fan_out(), compare=bp.graph(fan_out())))["n0.change"] == "no change"


def test_what_was_highlighted_stays_so() -> None:
    figure = bp.draw(line(3.0), compare=line(3.0), highlight=["x"])
    assert [name for name, part in parts(figure).items() if any(e.get("class") == "bp-lit" for e in part)] == ["n1"]


# ---------------------------------------------------------------------- what cannot be compared
@pytest.mark.parametrize(
    ("build", "says"),
    [
        (fan_out, r"this one has 3 nodes, the other 5\. Record the same code twice\."),
        (
            lambda: bp.parameter(1.0, name="w") + bp.tensor(2.0, name="x"),
            r"node 2, 'L', is mul of shape \(\) from nodes \(0, 1\) here, and add of shape \(\) from nodes \(0, 1\)",
        ),
        (
            lambda: bp.parameter([1.0, 2.0], name="w") * bp.tensor(2.0, name="x"),
            r"node 0, 'w', is a leaf of shape \(\) from nodes \(\) here, and a leaf of shape \(2,\) from nodes \(\)",
        ),
    ],
)  # fmt: skip
def test_another_graph_is_refused(build: Callable[[], bp.Tensor], says: str) -> None:
    with pytest.raises(ValueError, match=r"only traces of the same graph can be compared: " + says):
        bp.draw(line(3.0), compare=build())
