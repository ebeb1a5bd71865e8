"""Replay of recorded graphs of scalars, held against the passes node by node."""

from __future__ import annotations

import dataclasses
import math
import random
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_viz as bp
from backprop_viz.autograd import graph as graphs
from backprop_viz.autograd.op import Op
from backprop_viz.autograd.ops import OPS, ROWS
from backprop_viz.autograd.tensor import apply

Leaf = bp.Tensor


def takes_scalars(op: Op) -> bool:
    """Whether the row runs on plain numbers alone, each of which may need a gradient."""
    try:
        return op.elementwise and apply(op, *[0.75] * len(op.arguments)).data.__class__ is float
    except (TypeError, ValueError):
        return False


SCALAR_ROWS = [op for op in ROWS if takes_scalars(op)]


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replay graphs of any size."""
    monkeypatch.setattr(graphs, "FEWEST", 0)
    monkeypatch.setattr(graphs, "WIDTH", 0)


def program(seed: int, count: int = 60) -> tuple[list[Leaf], list[Leaf], Leaf]:
    """Inputs, parameters and the loss of a random graph: fan-out, repeated arguments, plain numbers, unused gradients.

    Values are brought back between 0 and 1 before each op, into the domain of every row.
    """
    choose = random.Random(seed)
    inputs = [bp.tensor(choose.uniform(0.2, 0.8)) for _ in range(3)]
    params = [bp.parameter(choose.uniform(0.2, 0.8)) for _ in range(4)]
    made: list[Leaf] = [*inputs, *params]
    for _ in range(count):
        op = choose.choice(SCALAR_ROWS)
        slots: list[Any] = []
        for argument in op.arguments:
            source = choose.choice(made if argument.differentiable else inputs)
            slots.append(
                choose.choice(
                    [source, source, source, choose.uniform(0.2, 0.8), 2 if op.name in ("add", "mul", "pow") else 2.0]
                )
            )
        if not any(isinstance(x, bp.Tensor) for x in slots):
            slots[0] = made[-1] if op.arguments[0].differentiable else inputs[0]
        if choose.random() < 0.2 and all(x.differentiable for x in op.arguments) and isinstance(slots[0], bp.Tensor):
            slots = [slots[0]] * len(slots)
        made.append(bp.sigmoid(apply(op, *slots)) * 0.6 + 0.2)
    total = params[0] * 0
    for node in made[-20:]:
        total = total + node
    return inputs, params, total


def close(a: Any, b: Any) -> None:
    assert np.allclose(np.asarray(a, dtype=float), np.asarray(b, dtype=float), rtol=1e-12, atol=1e-12, equal_nan=True)


def network(points: int = 30) -> tuple[Leaf, list[Leaf], Leaf]:
    """An input, two parameters, and a loss of some hundred nodes, wide enough to be replayed."""
    x, w0, w1 = bp.tensor(0.5), bp.parameter(0.1), bp.parameter(-0.3)
    losses = [bp.bce(bp.sigmoid(w0 + w1 * (x * (i / 10))), i % 2) for i in range(points)]
    while len(losses) > 1:
        losses = [a + b for a, b in zip(losses[::2], losses[1::2], strict=False)] + losses[len(losses) // 2 * 2 :]
    return x, [w0, w1], losses[0] * (1 / points)


def state(graph: bp.Graph) -> list[tuple[Any, Any]]:
    return [(node.data, node.grad) for node in graph.nodes]


# ---------------------------------------------------------------------- the same numbers
@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in SCALAR_ROWS])
def test_every_row_is_replayed(op: Op) -> None:
    low, high = op.domain
    draw = np.random.default_rng(len(op.name)).uniform(low, high, (2, len(op.arguments))).tolist()
    leaves = [bp.parameter(x) if a.differentiable else bp.tensor(x) for a, x in zip(op.arguments, draw[0], strict=True)]
    graph = bp.graph(apply(op, *leaves))
    again = bp.graph(apply(op, *leaves))
    replay = graph.replay()
    loss, gradients = replay.loss_and_gradients(dict(zip(leaves, draw[1], strict=True)))
    for leaf, x in zip(leaves, draw[1], strict=True):
        leaf.data = x
    for each in (graph, graph, again):
        each.forward()
        each.backward()
        close(each.loss.data, loss)
        close([w.grad for w in each.params], gradients)


@pytest.mark.usefixtures("eager")
@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_random_graph_replayed_is_the_graph_computed_anew(seed: int) -> None:
    inputs, _, loss = program(seed)
    graph = bp.graph(loss)
    slow = bp.graph(program(seed)[2])
    for step in range(4):  # the first pass runs node by node, the others are replayed
        for each in (graph, slow):
            for i, leaf in enumerate(each.inputs + each.params):
                leaf.data = 0.2 + (0.37 * step + 0.11 * i) % 0.6
        slow._runs = 0
        close(graph.forward(), slow.forward())
        assert all(c.grad is None for c in graph.compute)
        close(graph.replay().loss(), loss.data)
        close(graph.replay().gradients(), [gradients_of(slow)[w] for w in slow.params])
        graph.backward()
        for one, other in zip(graph.nodes, slow.nodes, strict=True):
            assert (one.grad is None) == (other.grad is None)
            close(one.data, other.data)
            if one.grad is not None:
                assert step == 0 or one.data.__class__ is one.grad.__class__ is float
                close(one.grad / (1 + abs(one.grad)), other.grad / (1 + abs(one.grad)))
    assert inputs[0].grad is None
    assert graph._fast is not None


def gradients_of(graph: bp.Graph) -> dict[Leaf, Any]:
    graph.backward()
    return {w: w.grad for w in graph.params}


def test_training_by_replay_is_training_node_by_node(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = []
    for fewest in (10**9, 0):
        monkeypatch.setattr(graphs, "FEWEST", fewest)
        _, params, loss = network()
        graph = bp.graph(loss)
        for _ in range(20):
            graph.forward()
            graph.backward()
            graph.sgd(0.5)
        assert (graph._fast is None) == (fewest > 0)
        weights.append([w.data for w in params])
    close(*weights)


def test_a_small_or_a_narrow_graph_runs_node_by_node() -> None:
    _, _, small = network(4)
    chain = bp.parameter(0.5)
    for _ in range(300):
        chain = chain * 0.99
    for loss, replayed in ((small, False), (chain, False), (network(60)[2], True)):
        graph = bp.graph(loss)
        graph.forward()
        graph.forward()
        assert (graph._fast is not None) == replayed


@pytest.mark.usefixtures("eager")
def test_an_op_of_the_readers_own_runs_node_by_node_unless_a_replay_is_asked_for() -> None:
    square = dataclasses.replace(OPS["tanh"], name="square", forward=lambda x: x * x, scalar=lambda x: x * x)
    w = bp.parameter(3.0)
    graph = bp.graph(apply(square, w) + 1)
    graph.forward()
    graph.forward()
    assert graph._fast is None
    assert graph.replay().loss({w: 4.0}) == 17.0


@pytest.mark.usefixtures("eager")
def test_a_pass_can_start_from_a_given_gradient() -> None:
    graph = bp.graph(network()[2])
    graph.forward()
    graph.backward(3.0)
    expected = [w.grad for w in graph.params]
    graph.forward()
    graph.backward(3.0)
    close([w.grad for w in graph.params], expected)
    assert graph.loss.grad == 3.0


# ---------------------------------------------------------------------- the same bookkeeping
@pytest.mark.usefixtures("eager")
def test_a_replayed_graph_refuses_stale_values() -> None:
    _, params, loss = network()
    graph = bp.graph(loss)
    graph.forward()
    graph.forward()
    graph.backward()
    before = [w.grad for w in params]
    with bp.no_grad():
        params[0] += 1
        next(c for c in graph.compute if c.op and c.op.name == "sigmoid").mul_(2)
    for run in (graph.backward, loss.backward):
        with pytest.raises(RuntimeError, match="stale"):
            run()
    assert [w.grad for w in params] == before
    graph.forward()
    graph.backward()
    loss.backward()
    assert params[0].grad != before[0]


@pytest.mark.usefixtures("eager")
def test_an_edit_that_no_derivative_reads_is_let_through_by_a_replayed_graph() -> None:
    a, b = bp.parameter(3.0), bp.parameter(2.0)
    y = a + b
    graph = bp.graph(y * y)
    graph.forward()
    graph.forward()
    with bp.no_grad():
        a += 1
    graph.backward()
    assert (a.grad, b.grad) == (10.0, 10.0)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("node", [0, 1])
def test_values_set_by_hand_are_the_ones_that_derivatives_read(node: int) -> None:
    w, v = bp.parameter(3.0), bp.parameter(2.0)
    graph = bp.graph((w * v) * (w * v))
    graph.forward()
    graph.forward()
    if node:
        v.data = 5.0
        graph.backward()
        assert w.grad == 2 * 6.0 * 5.0
    v.data = 2.0
    graph.backward()
    assert w.grad == 2 * 6.0 * 2.0


@pytest.mark.usefixtures("eager")
def test_a_graph_that_has_changed_runs_node_by_node() -> None:
    x, w = bp.tensor(2.0), bp.parameter(3.0)
    y = x * w
    graph = bp.graph(y * 1.0)
    graph.forward()
    graph.forward()
    x.requires_grad_()
    graph.forward()
    graph.backward()
    assert w.grad == 2.0
    x.requires_grad_(False)
    w.data = np.array([1.0, 2.0])
    assert graph.forward().tolist() == [2.0, 4.0]
    graph.backward([1.0, 1.0])
    assert w.grad.tolist() == [2.0, 2.0]
    w.data = 3.0
    graph.forward()
    y.data = np.float32(6.0)
    graph.backward()
    assert w.grad == 2.0
    y += w  # recorded: the graph behind y is another now
    assert not graph._fast or not graph._fast.forward()


class Interrupting(bp.Tensor):
    """Stops the run when a value is written into the slot `at`, once, after so many writes."""

    __slots__ = ()
    at, writes_left = "", 0

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == Interrupting.at:
            Interrupting.writes_left -= 1
            if Interrupting.writes_left == 0:
                raise KeyboardInterrupt


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("writes", [1, 2, 20])
def test_an_interrupted_backward_pass_leaves_whole_gradients(monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
    _, params, loss = network(8)
    graph = bp.graph(loss)
    for _ in range(2):
        graph.forward()
        graph.backward()
    expected = [(node, node.grad) for node in graph.nodes]
    for node in graph.nodes:
        node.grad = None if node.op else 7.0
        node.__class__ = Interrupting
    monkeypatch.setattr(Interrupting, "at", "grad")
    monkeypatch.setattr(Interrupting, "writes_left", writes)
    with pytest.raises(KeyboardInterrupt):
        graph.backward()
    assert [(node, node.grad) for node in graph.nodes] == expected
    assert params[0].grad is not None


@pytest.mark.usefixtures("eager")
def test_after_an_interrupted_forward_pass_no_gradient_is_computed_from_a_mixture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, params, loss = network(8)
    graph = bp.graph(loss)
    graph.forward()
    graph.forward()
    for node in graph.compute:
        node.__class__ = Interrupting
    with bp.no_grad():
        params[0] += 1
    monkeypatch.setattr(Interrupting, "at", "data")
    monkeypatch.setattr(Interrupting, "writes_left", 30)
    with pytest.raises(KeyboardInterrupt):
        graph.forward()
    with pytest.raises(RuntimeError, match="stale"):
        graph.backward()
    graph.forward()
    graph.backward()


# ---------------------------------------------------------------------- the loss as a function of its leaves
def test_a_replay_gives_loss_and_gradients_and_touches_no_tensor() -> None:
    x, (w0, w1), loss = network()
    graph = bp.graph(loss)
    replay = graph.replay()
    before = state(graph)
    got, gradients = replay.loss_and_gradients({w0: 0.3, w1: -1.2, x: 2})
    assert state(graph) == before
    assert isinstance(got, float)
    assert replay.loss() == pytest.approx(loss.data, rel=1e-12)
    for leaf, value in ((w0, 0.3), (w1, -1.2), (x, 2.0)):
        leaf.data = value
    graph.forward()
    graph.backward()
    close(got, loss.data)
    close(gradients, [w0.grad, w1.grad])
    close(replay.gradients(), gradients)  # a leaf left out has its present value


@pytest.mark.parametrize("at_once", [1, 2**22])
def test_a_loss_surface_is_a_double_loop(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr("backprop_viz.autograd.replay.AT_ONCE", at_once)
    _, (w0, w1), loss = network(8)
    replay = bp.graph(loss).replay()
    across, down = np.linspace(-2, 2, 5), np.linspace(-1, 1, 4)[:, None]
    surface, slopes = replay.loss_and_gradients({w0: across, w1: down})
    assert (surface.shape, slopes.shape) == ((4, 5), (2, 4, 5))
    close(replay.loss({w0: across, w1: down}), surface)
    for i, b in enumerate(down[:, 0]):
        for j, a in enumerate(across):
            one, slope = replay.loss_and_gradients({w0: a, w1: bp.tensor(b)})
            close(surface[i, j], one)
            close(slopes[:, i, j], slope)


def test_no_points_give_no_losses() -> None:
    _, (w0, _), loss = network(3)
    assert bp.graph(loss).replay().loss({w0: np.empty((0, 3))}).shape == (0, 3)


def test_a_leaf_alone_can_be_replayed() -> None:
    w, x = bp.parameter(2.0), bp.tensor(1.0)
    assert bp.graph(w).replay().loss_and_gradients({w: 3.0}) == (3.0, np.array([1.0]))
    loss, gradients = bp.graph(x * 2).replay().loss_and_gradients()
    assert (loss, gradients.size) == (2.0, 0)


def test_a_node_computed_from_plain_numbers_alone_is_replayed() -> None:
    w = bp.parameter(2.0)
    close(bp.graph(w * bp.exp(1.0)).replay().gradients(), [math.e])


def test_exponents_and_numbers_in_the_expression_are_kept() -> None:
    w = bp.parameter(-3.0)
    replay = bp.graph(w**2 + 2**w + 3 / w - (1 - w) ** 3).replay()
    loss, (slope,) = replay.loss_and_gradients({w: -2.0})
    close(loss, 4 + 0.25 - 1.5 - 27)
    close(slope, -4 + 0.25 * math.log(2) - 0.75 + 27)


WILD: list[tuple[str, Callable[[Any], Any], float]] = [
    ("a division by zero", lambda w: 1 / w, 0.0),
    ("an overflow", lambda w: w.exp(), 1000.0),
    ("a logarithm of zero", lambda w: w.log(), 0.0),
    ("a root of a negative number", lambda w: w.sqrt(), -1.0),
    ("an infinity", lambda w: w * 2 - w, math.inf),
    ("nan", lambda w: w.relu() + w, math.nan),
]


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(("write", "value"), [pytest.param(write, value, id=name) for name, write, value in WILD])
def test_infinities_come_out_as_they_do_node_by_node(write: Callable[[Any], Any], value: float) -> None:
    w = bp.parameter(0.5)
    graph = bp.graph(write(w) * 1.0)
    w.data = value
    with np.errstate(all="ignore"):
        graph.forward()
        graph.backward()
        expected = state(graph)
        graph.forward()
        graph.backward()
        assert graph._fast is not None
        assert repr(state(graph)) == repr(expected)


@pytest.mark.usefixtures("eager")
def test_a_replay_warns_where_the_loop_does() -> None:
    w = bp.parameter(0.5)
    graph = bp.graph(1 / w)
    w.data = 0.0
    for _ in range(3):
        with pytest.warns(RuntimeWarning, match="divide by zero"):
            graph.forward()


@pytest.mark.usefixtures("eager")
def test_no_derivative_is_computed_that_no_one_needs() -> None:
    x, w = bp.tensor(-2.0), bp.parameter(2.0)
    graph = bp.graph(w * x**3.0)  # by the exponent it would be a logarithm of -2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            graph.forward()
            graph.backward()
    assert w.grad == -8.0


def errors() -> Iterator[Any]:
    w, matrix = bp.parameter(1.0), bp.parameter(np.eye(2))
    changed = bp.parameter(1.0)
    was_scalar = bp.graph(changed * 2).replay()
    changed.data = np.ones(3)
    replay = bp.graph(w * 2 + bp.tensor(1.0, name="b")).replay()
    leaves = r"leaves of this graph \(b, one of value 1\.0\)"
    yield lambda: bp.graph(matrix.sum()).replay(), TypeError, r"a leaf of shape \(2, 2\) and type float64"
    yield lambda: bp.graph(bp.tensor(1.0, dtype=np.float32) * 1.0).replay(), TypeError, "type float32"
    yield lambda: bp.graph(w.sum()).replay(), TypeError, "sum, which is not elementwise"
    yield was_scalar.loss, TypeError, r"a leaf of shape \(3,\)"
    sloped = apply(OPS["leaky_relu"], w, negative_slope=0.2)
    yield lambda: bp.graph(sloped).replay(), TypeError, "holds leaky_relu with options"
    yield lambda: replay.loss({bp.parameter(1.0): 2.0}), ValueError, leaves
    yield lambda: replay.loss({"w": 2.0}), ValueError, leaves + "; got 'w'"  # type: ignore[dict-item]
    yield lambda: replay.loss({w: "much"}), TypeError, "a number or an array of numbers; got 'much'"


@pytest.mark.parametrize(("do", "kind", "message"), [*errors()])
def test_an_error_of_a_replay_says_what_to_do(do: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        do()


def test_leaves_may_get_values_of_another_shape() -> None:
    x, w = bp.tensor(np.ones(3)), bp.parameter(np.ones(3))
    graph = bp.graph((x * w).sum())
    x.data = np.ones((4, 3))
    assert graph.forward() == 12.0
    graph.backward()
    assert w.grad.tolist() == [4.0, 4.0, 4.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_graph_of_arrays_computed_again_is_the_graph_computed_anew(dtype: Any) -> None:
    draw = np.random.default_rng(0)
    w, b = bp.parameter(draw.normal(size=(3, 3)).astype(dtype)), bp.parameter(np.zeros(3, dtype))
    h = ((w @ w + b).tanh() * w).exp() + w * 2
    graph = bp.graph(h.sum())
    with bp.no_grad():
        w += 1
    for _ in range(2):
        graph.forward()
        again = ((w @ w + b).tanh() * w).exp() + w * 2
        assert h.dtype == dtype
        assert np.array_equal(h.data, again.data)
    graph.backward()
    expected = w.grad
    w.grad = None
    again.sum().backward()
    assert np.array_equal(w.grad, expected)
