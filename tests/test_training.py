"""Steps of learning, recorded: the passes, and what the optimizer does to each parameter."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_viz as bp
from backprop_viz.record.iterations import at_step
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


def test_of_a_large_parameter_the_update_says_what_it_is_now() -> None:
    w = bp.parameter(np.arange(6.0).reshape(2, 3), name="W")
    told = frames(bp.training_step(w.sum(), bp.optim.SGD([w], lr=0.5)))[-1]
    assert told.sentence == "Update: W moves against its gradient, and is a 2×3 array from −0.5 to 4.5 now."


def test_a_step_says_what_it_takes() -> None:
    w, _, loss = neuron()
    with pytest.raises(TypeError, match=r"takes an optimizer.*; got float"):
        bp.training_step(loss, 0.1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="only a tensor has a graph"):
        bp.training_step(3.0, bp.optim.SGD([w], lr=0.1))
    with pytest.raises(RuntimeError, match="nothing it was computed from can learn"):
        bp.training_step(bp.tensor(1.0) * 2, bp.optim.SGD([w], lr=0.1))


# ---------------------------------------------------------------------- several steps in one trace
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 0.1},
    "SGD, with momentum": {"lr": 0.05, "momentum": 0.9, "nesterov": True},
    "Adam": {"lr": 0.1},
}


def events(trace: bp.Trace, kind: type[Any]) -> list[Any]:
    return [event for event in trace.events if isinstance(event, kind)]


@pytest.mark.needs("torch")
@pytest.mark.parametrize(("name", "rates"), OPTIMIZERS.items(), ids=OPTIMIZERS)
def test_every_iteration_has_pytorchs_values_gradients_and_updates(name: str, rates: dict[str, Any]) -> None:
    torch: Any = pytest.importorskip("torch")
    data = np.random.default_rng(0).normal(size=(3, 4, 2))
    start = [np.array([[0.3, -0.2], [0.5, 0.1]]), np.array([0.1, -0.1])]
    W, b = (bp.parameter(value, name=called) for value, called in zip(start, "Wb", strict=True))
    batches = iter(data)
    trace = bp.training(
        lambda: (bp.tanh(bp.tensor(next(batches), name="X") @ W + b) ** 2).mean(),
        getattr(bp.optim, name.split(",")[0])([W, b], **rates),
    )
    V, c = (torch.tensor(value, requires_grad=True) for value in start)
    other = getattr(torch.optim, name.split(",")[0])([V, c], **rates)
    assert len(trace.iterations) == 3
    for part, batch in zip(trace.iterations, data, strict=True):
        old = [V.detach().clone(), c.detach().clone()]
        loss = (torch.tanh(torch.tensor(batch) @ V + c) ** 2).mean()
        other.zero_grad()
        loss.backward()
        other.step()
        assert part.root.value == pytest.approx(loss.item(), rel=1e-12)
        named = {node.name: node for node in part.nodes}
        np.testing.assert_array_equal(named["X"].value, batch)
        for called, before, after, update in zip("Wb", old, (V, c), events(part, bp.Update), strict=True):
            assert part.nodes[update.parameter].name == called
            for ours, theirs in (
                (named[called].value, before),
                (update.old, before),
                (part.gradient(named[called].index), after.grad),
                (update.gradient, after.grad),
                (update.new, after.detach()),
            ):
                np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-15)


finite = st.floats(-2, 2).map(lambda number: round(number, 3))


@settings(max_examples=40)
@given(w=finite, b=finite, xs=st.lists(finite, min_size=1, max_size=4), rate=st.sampled_from([0.01, 0.3]))
def test_an_iteration_is_the_trace_of_a_fresh_step_with_its_values(
    w: float, b: float, xs: list[float], rate: float
) -> None:
    def run(record: Callable[..., Any], steps: int) -> Any:
        w_, b_ = bp.parameter(w, name="w"), bp.parameter(b, name="b")
        numbers = iter(xs)

        def loss() -> bp.Tensor:
            x = bp.tensor(next(numbers), name="x")
            return bp.sigmoid(w_ * x + b_) ** 2

        return record(loss, bp.optim.SGD([w_, b_], lr=rate), steps)

    def step_by_step(loss: Callable[[], bp.Tensor], optimizer: bp.optim.Optimizer, steps: int) -> list[bp.Trace]:
        return [bp.training_step(loss(), optimizer) for _ in range(steps)]

    trace = run(bp.training, len(xs))
    for part, alone in zip(trace.iterations, run(step_by_step, len(xs)), strict=True):
        passes = [event for event in part.events if getattr(event, "node", None) not in leaves(part)]
        stripped = tuple(bp.Forward(e.node) if isinstance(e, bp.Forward) else e for e in passes)
        assert replace(part, events=stripped, code=()) == replace(alone, code=())
    assert bp.Trace.from_json(trace.to_json()) == trace
    assert bp.Trace.from_json(trace.to_json()).iterations == trace.iterations


def leaves(trace: bp.Trace) -> list[int]:
    return [node.index for node in trace.nodes if node.kind != "compute"]


def test_the_readers_tensors_move_and_a_loss_can_be_trained_on() -> None:
    w, b, loss = neuron()
    optimizer = bp.optim.SGD([w, b], lr=0.01)
    first = bp.training(loss, optimizer, steps=2)
    assert events(first, bp.Update)[-2].new == w.data
    second = bp.training(loss, optimizer, steps=np.int64(1))
    assert second.nodes[0].value == events(first, bp.Update)[-2].new
    assert loss.data == second.root.value < first.iterations[1].root.value < first.root.value
    assert second.iterations == (second,)


def test_what_an_iteration_holds_does_not_change_with_the_tensors() -> None:
    w = bp.parameter([1.0, 2.0], name="w")
    trace = bp.training((w * w).sum(), bp.optim.SGD([w], lr=0.25))
    text = trace.to_json()
    w.data[0] = 100.0
    assert trace.to_json() == text
    assert [part.nodes[0].value.tolist() for part in trace.iterations] == [[1.0, 2.0], [0.5, 1.0], [0.25, 0.5]]


def test_the_first_pass_is_written_as_ever_and_later_ones_bring_their_values() -> None:
    w, _, loss = neuron()
    one, two = (json.loads(bp.training(loss, bp.optim.SGD([w], lr=0.0), steps).to_json())["events"] for steps in (1, 2))
    assert one == two[: len(one)]
    assert all(event.keys() == {"kind", "node"} for event in one if event["kind"] == "forward")
    again = two[len(one) :]
    assert [event["kind"] for event in again] == [event["kind"] for event in one]
    assert all(event.keys() == {"kind", "node", "value"} for event in again if event["kind"] == "forward")


def test_an_input_is_given_its_next_value_only_where_it_has_another() -> None:
    w, x, y = bp.parameter(1.0, name="w"), bp.tensor(0.0, name="x"), bp.tensor(2.0, name="y")
    values = iter([0.0, 0.0, -0.0, float("nan"), float("nan")])

    def loss() -> bp.Tensor:
        x.data = next(values)
        return (w * x - y) ** 2

    trace = bp.training(loss, bp.optim.SGD([w], lr=0.0), steps=4)
    given = [e for e in events(trace, bp.Forward) if e.node in leaves(trace)]
    assert [(trace.nodes[e.node].name, str(e.value)) for e in given] == [("x", "-0.0"), ("x", "nan")]
    assert [str(part.nodes[1].value) for part in trace.iterations] == ["0.0", "0.0", "-0.0", "nan"]


def test_a_parameter_that_moves_beside_the_optimizer_is_given_its_value() -> None:
    w = bp.parameter(1.0, name="w")

    def loss() -> bp.Tensor:
        w.data = min(max(w.data, -0.5), 0.5)
        return w * 3

    trace = bp.training(loss, bp.optim.SGD([w], lr=1.0), steps=2)
    assert [node.value for node in trace.iterations[1].nodes] == [-0.5, -1.5]
    assert [e.node for e in events(trace.iterations[1], bp.Forward)] == [0, 1]
    assert events(trace, bp.Update)[0].new == 0.5 - 3.0


def test_a_loss_that_is_a_parameter_itself_has_its_iterations_too() -> None:
    w = bp.parameter(2.0, name="w")
    trace = bp.training(w, bp.optim.SGD([w], lr=0.5))
    assert [part.root.value for part in trace.iterations] == [2.0, 1.5, 1.0]


def test_a_trace_without_training_is_one_iteration_and_gradients_are_those_of_the_last() -> None:
    w, _, loss = neuron()
    trace = bp.trace(loss)
    assert trace.iterations == (trace,)
    trained = bp.training(loss, bp.optim.SGD([w], lr=0.001), steps=2)
    assert trained.gradient(0) == w.grad != trained.iterations[0].gradient(0) == trace.gradient(0)
    assert [e.total for e in trained.contributions(0)] == [w.grad]
    cut = replace(trained, events=trained.events[: len(trained.events) // 2 + 1])
    assert cut.gradient(0) is None  # the second pass has just begun
    assert list(cut.contributions(0)) == []


def test_a_step_belongs_to_the_iteration_that_it_shows() -> None:
    w, _, loss = neuron()
    trace = bp.training(loss, bp.optim.SGD([w], lr=0.1), steps=3)
    length = len(trace.events) // 3
    shown = [at_step(trace, step).root.value for step in range(len(trace.events) + 1)]
    first, second, third = (part.root.value for part in trace.iterations)
    assert shown == [first] * (length + 1) + [second] * length + [third] * length


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_nan_in_a_later_iteration_is_found() -> None:
    w = bp.parameter(1.0, name="w")
    trace = bp.training(w.log(), bp.optim.SGD([w], lr=2.0), steps=3)
    event = trace.first_nonfinite
    assert event is trace.iterations[1].events[0]
    told = [frame.sentence for frame in frames(trace)]
    assert ["nan or inf" in sentence for sentence in told].index(True) == 1 + trace.events.index(event)
    assert sum("nan or inf" in sentence for sentence in told) == 1


def growing(*losses: Callable[[bp.Tensor], Any]) -> Any:
    """Training in which each step computes another of these losses of a parameter."""
    w, waiting = bp.parameter([1.0, 2.0], name="w"), iter(losses)
    return bp.training(lambda: next(waiting)(w), bp.optim.SGD([w], lr=0.1), steps=len(losses))


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (lambda w: (w * 3).sum(), r"node 1, 'v1', was mul\(a=node 0, b=2\).* and is mul\(a=node 0, b=3\)"),
        (lambda w: (w + 2).sum(), ".* was mul.* and is add"),
        (lambda w: (w * 2).sum(axis=0), r"node 2.* was sum\(.* and is sum\(.*axis='?0"),
        (lambda w: (w * 2).sum() * 1, "it has 4 nodes, and in step 1 it had 3"),
        (lambda w: (w[:1] * 2).sum(), ".* was mul.* and is getitem"),
        (lambda w: (w.detach() * 2 * bp.parameter(1.0)).sum(), r"node 0, 'w', was a parameter .* and is an input"),
    ],
)
def test_another_graph_in_a_later_step_is_refused_with_the_first_difference(second: Any, words: str) -> None:
    with pytest.raises(ValueError, match=f"step 2 computed another: {words}.*make numbers that change an input"):
        growing(lambda w: (w * 2).sum(), second)


def test_training_says_what_it_takes() -> None:
    w, _, loss = neuron()
    sgd = bp.optim.SGD([w], lr=0.1)
    with pytest.raises(TypeError, match=r"takes an optimizer.*; got float"):
        bp.training(loss, 0.1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a loss, or a function without arguments that computes one; got float"):
        bp.training(3.0, sgd)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="only a tensor has a graph to record; got float"):
        bp.training(lambda: 3.0, sgd)  # type: ignore[arg-type,return-value]
    for steps in (0, -1, 2.0, True, "3"):
        with pytest.raises(ValueError, match="how many steps of learning to take, 1 or more; got"):
            bp.training(loss, sgd, steps=steps)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="nothing it was computed from can learn"):
        bp.training(bp.tensor(1.0) * 2, sgd)
