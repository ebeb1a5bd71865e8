"""A step of learning, recorded: the passes, and what the optimizer does to each parameter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backprop_viz as bp
from backprop_viz.render.frames import frames


def neuron() -> tuple[Any, Any, Any]:
    w, b = bp.parameter(0.5, name="w"), bp.parameter([0.0, 1.0], name="b")
    return w, b, ((w * 3.0 + b) ** 2).sum()


def test_a_step_is_carried_out_and_recorded() -> None:
    w, b, loss = neuron()
    trace = bp.training_step(loss, bp.optim.SGD([w, b], lr=0.1))
    updates = [event for event in trace.events if isinstance(event, bp.Update)]
    assert [trace.nodes[update.parameter].name for update in updates] == ["w", "b"]
    first, second = updates
    assert (first.old, first.gradient, first.learning_rate) == (0.5, w.grad, 0.1)
    assert first.new == w.data == 0.5 - 0.1 * w.grad
    assert np.array_equal(second.new, b.data)
    assert second.old.tolist() == [0.0, 1.0]
    assert trace.gradient(0) == w.grad
    assert bp.Trace.from_json(trace.to_json()) == trace
    b.data[0] = 100.0
    assert second.new[0] != 100.0


def test_gradients_of_earlier_passes_do_not_count() -> None:
    w, _, loss = neuron()
    loss.backward()
    once = w.grad
    bp.training_step(loss, bp.optim.SGD([w], lr=0.1))
    assert w.grad == once


def test_a_parameter_beside_the_loss_does_not_move() -> None:
    w, b, loss = neuron()
    lonely = bp.parameter(7.0)
    trace = bp.training_step(loss, bp.optim.SGD([w, lonely], lr=0.1))
    assert [event.kind for event in trace.events].count("update") == 1
    assert (lonely.data, lonely.grad, b.tolist()) == (7.0, None, [0.0, 1.0])


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        (lambda p: bp.optim.SGD(p, lr=0.5), "moves against its gradient, from 0.5 to 0.5 − 0.5 × 24 = −11.5"),
        (lambda p: bp.optim.SGD(p, lr=0.5, momentum=0.9), "moves by the optimizer's rule, from 0.5 to −11.5"),
        (lambda p: bp.optim.Adam(p, lr=0.25), "moves by the optimizer's rule, from 0.5 to 0.25"),
        (lambda p: bp.optim.AdamW(p, lr=0.5), "moves by the optimizer's rule, from 0.5 to −0.0025"),
    ],
)
def test_every_optimizer_says_its_rule(optimizer: Any, words: str) -> None:
    w, _, loss = neuron()
    told = frames(bp.training_step(loss, optimizer([w])))[-1]
    assert told.phase == "update"
    assert words in told.sentence
    assert told.equations


def test_a_step_says_what_it_takes() -> None:
    w, _, loss = neuron()
    with pytest.raises(TypeError, match=r"takes an optimizer.*; got float"):
        bp.training_step(loss, 0.1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="only a tensor has a graph"):
        bp.training_step(3.0, bp.optim.SGD([w], lr=0.1))
    with pytest.raises(RuntimeError, match="nothing it was computed from can learn"):
        bp.training_step(bp.tensor(1.0) * 2, bp.optim.SGD([w], lr=0.1))
