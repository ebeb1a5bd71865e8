"""The two passes over a graph: order, accumulation, the lecture's algorithm, and values that went stale."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_viz as bp
from backprop_viz.autograd.stale import refuse_edited


def micrograd_readme(relu: Callable[[Any], Any], a: Any, b: Any) -> Any:
    c = a + b
    d = a * b + b**3
    c = c + (c + 1)
    c = c + (1 + c + (-a))
    d = d + (d * 2 + relu(b + a))
    d = d + (3 * d + relu(b - a))
    e = c - d
    f = e**2
    g = f / 2.0
    return g + 10.0 / f


def neuron() -> tuple[bp.Tensor, bp.Tensor, bp.Tensor]:
    """The lecture's neuron: its loss and its two parameters."""
    x, y = bp.tensor(1.5, name="x"), bp.tensor(1.0, name="y")
    w0, w1 = bp.parameter(0.1, name="w0"), bp.parameter(-0.3, name="w1")
    return bp.bce(bp.sigmoid(w0 + w1 * x), y), w0, w1


def neuron_loss(w0: float, w1: float) -> float:
    return -math.log(1 / (1 + math.exp(-(w0 + w1 * 1.5))))


# ---------------------------------------------------------------------- the backward pass
def test_the_expression_of_the_readme_of_micrograd() -> None:
    a, b = bp.parameter(-4.0), bp.parameter(2.0)
    g = micrograd_readme(bp.relu, a, b)
    g.backward()
    assert (round(g.item(), 4), round(a.grad, 4), round(b.grad, 4)) == (24.7041, 138.8338, 645.5773)


def test_a_second_pass_adds_to_the_leaves_and_sets_the_rest_anew() -> None:
    for start in (3.0, [3.0]):
        x = bp.parameter(start)
        y = x * x
        z = (y * 6).sum()
        z.backward()
        assert (x.grad, y.grad, z.grad) == (36.0, 6.0, 1.0)
        z.backward()
        assert (x.grad, y.grad, z.grad) == (72.0, 6.0, 1.0)


def test_gradients_start_as_none_and_stay_none_where_none_is_needed() -> None:
    x, w, unused = bp.tensor(2.0), bp.parameter(3.0), bp.parameter(4.0)
    out = w * x
    assert (w.grad, out.grad) == (None, None)
    out.backward()
    assert (x.grad, w.grad, unused.grad) == (None, 2.0, None)


def test_a_backward_pass_can_start_from_a_leaf_and_from_given_gradients() -> None:
    w = bp.parameter([1.0, 2.0])
    w.backward([3.0, 4.0])
    assert w.grad.tolist() == [3.0, 4.0]
    (w * 2).backward(bp.tensor([1.0, 0.0]))
    assert w.grad.tolist() == [5.0, 4.0]
    (w[:1] * 2).backward()
    assert w.grad.tolist() == [7.0, 4.0]


def test_leaves_own_their_gradients() -> None:
    v, w, g = bp.parameter([1.0, 2.0]), bp.parameter([1.0, 2.0]), np.ones(2)
    (v + w).backward(g)
    v.grad[0] = 99
    assert w.grad.tolist() == [1.0, 1.0]
    assert g.tolist() == [1.0, 1.0]


@pytest.mark.needs("torch")
@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.floats(-5, 5), st.floats(-5, 5))
def test_a_scalar_program_has_the_gradients_of_pytorch(p: float, q: float) -> None:
    import torch

    ours = [bp.parameter(p), bp.parameter(q)]
    theirs: list[Any] = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (p, q)]
    with np.errstate(all="ignore"):
        loss = micrograd_readme(bp.relu, *ours)
        loss.backward()
    expected = micrograd_readme(torch.relu, *theirs)
    expected.backward()
    assert np.allclose(loss.data, expected.item(), rtol=1e-12, equal_nan=True)
    for a, b in zip(ours, theirs, strict=True):
        assert np.allclose(a.grad, b.grad.item(), rtol=1e-12, atol=1e-12, equal_nan=True)


def test_a_chain_of_100_000_nodes_runs_both_ways_and_is_recorded() -> None:
    x = start = bp.parameter(1.0)
    for _ in range(50_000):
        x = x * 0.9999 + 0.0001
    graph = bp.Graph(x)
    assert len(graph.compute) == 100_000
    assert graph.forward() == x.data
    x.backward()
    assert start.grad == pytest.approx(0.9999**50_000, rel=1e-9)
    trace = bp.trace(x)
    assert trace.gradient(0) == start.grad
    assert len(trace.events) == 100_000 + 1 + 100_000
    del x, graph  # a deep graph is freed without recursion
    gc.collect()


def test_a_diamond_of_depth_60_takes_no_longer_than_its_size() -> None:
    x = start = bp.parameter(1.0)
    for _ in range(60):
        x = x + x  # 2**60 paths
    x.backward()
    assert start.grad == 2.0**60


# ---------------------------------------------------------------------- the lecture's algorithm
def test_the_graph_tells_inputs_parameters_and_computed_nodes_apart() -> None:
    loss, w0, w1 = neuron()
    graph = bp.graph(loss)
    assert [x.name for x in graph.inputs] == ["x", "y"]
    assert graph.params == [w0, w1]
    assert [c.op and c.op.name for c in graph.compute] == ["mul", "add", "sigmoid", "bce"]
    assert graph.compute[-1] is loss is graph.loss
    assert [n.birth for n in graph.nodes] == sorted(n.birth for n in graph.nodes)


def test_the_algorithm_of_the_lecture_descends_the_loss() -> None:
    loss, w0, w1 = neuron()
    graph = bp.Graph(loss)
    eta, a, b = 0.5, 0.1, -0.3
    for _ in range(20):
        assert graph.forward() == pytest.approx(neuron_loss(a, b), rel=1e-12)
        graph.backward()
        slope_a = (neuron_loss(a + 1e-6, b) - neuron_loss(a - 1e-6, b)) / 2e-6
        slope_b = (neuron_loss(a, b + 1e-6) - neuron_loss(a, b - 1e-6)) / 2e-6
        assert (w0.grad, w1.grad) == pytest.approx((slope_a, slope_b), abs=1e-8)
        graph.sgd(eta)
        a, b = a - eta * w0.grad, b - eta * w1.grad
        assert (w0.data, w1.data) == (a, b)
    assert graph.forward() < 0.2


def test_the_graph_sets_every_gradient_anew() -> None:
    loss, w0, _ = neuron()
    graph = bp.Graph(loss)
    graph.backward()
    once = w0.grad
    graph.backward()
    assert w0.grad == once
    assert graph.inputs[0].grad is None


def test_forward_computes_arrays_and_shared_nodes_again() -> None:
    w = bp.parameter([1.0, 2.0])
    y = w * w
    loss = (y + y[0]).sum()
    with bp.no_grad():
        w += 1
    assert bp.Graph(loss).forward() == 4 + 9 + 4 + 4
    loss.backward()
    assert w.grad.tolist() == [12.0, 6.0]


def test_a_stale_value_is_refused_until_forward_has_run() -> None:
    loss, w0, w1 = neuron()
    graph = bp.Graph(loss)
    graph.backward()
    before = w0.grad, w1.grad
    a, b = bp.parameter(3.0, name="a"), bp.parameter(2.0)
    product = bp.Graph(a * b)
    product.backward()
    product.sgd(0.1)
    for run in (product.backward, product.loss.backward, lambda: bp.trace(product.loss)):
        with pytest.raises(RuntimeError, match=r"edited after mul had used it \(argument 0, 'a'\)"):
            run()
        assert (a.grad, b.grad) == (2.0, 3.0)
    product.forward()
    product.backward()
    assert (a.grad, b.grad) == (2.0 - 0.1 * 3.0, 3.0 - 0.1 * 2.0)
    assert (w0.grad, w1.grad) == before


def test_an_edit_that_no_derivative_reads_is_let_through() -> None:
    a, b = bp.parameter(3.0), bp.parameter(2.0)
    loss = a + b
    with bp.no_grad():
        a += 1
    loss.backward()
    assert (a.grad, b.grad) == (1.0, 1.0)
    x, w = bp.tensor(3.0), bp.parameter(2.0)
    product = x * w
    with bp.no_grad():
        w += 1  # x needs no gradient, so nothing reads w
    product.backward()
    assert w.grad == 3.0


# What the derivative reads, edited (x: the argument, out: the result): each must be refused, all else let through.
READS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda x: x.tanh(), "out"),
    (lambda x: x.exp(), "out"),
    (lambda x: x.sqrt(), "out"),
    (lambda x: x.sigmoid(), "out"),
    (lambda x: x.relu(), "x"),
    (lambda x: x.log(), "x"),
    (lambda x: 2.0 / x, "x out"),
    (lambda x: x / 2.0, ""),
    (lambda x: 2.0**x, "x out"),
    (lambda x: x**2.0, "x"),
    (lambda x: x * x, "x"),
    (lambda x: -x, ""),
    (lambda x: x.sum(), ""),
    (lambda x: x.mean(), ""),
    (lambda x: x.reshape(1), ""),
    (lambda x: x.T, ""),
    (lambda x: x[...], ""),
    (lambda x: bp.bce(x, 1.0), "x"),
    (lambda x: x.reshape(1) @ np.ones(1), ""),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("start", [0.5, [0.5]])
@pytest.mark.parametrize(("write", "reads"), READS)
def test_an_edit_is_refused_exactly_where_the_derivative_reads_the_value(
    write: Callable[[Any], Any], reads: str, start: Any
) -> None:
    expected = None
    for edited in ("nothing", "x", "out"):
        x = bp.parameter(start)
        y = write(x)
        with bp.no_grad():
            if edited == "x":
                x += 1
            elif edited == "out":
                y *= 2
        if edited in reads.split():
            with pytest.raises(RuntimeError, match="stale"):
                y.backward()
            assert x.grad is None
        else:
            y.backward()
            expected = x.grad if expected is None else expected
            assert x.grad == expected


def test_an_edit_of_the_result_does_not_hide_an_edit_of_the_argument() -> None:
    x = bp.parameter(2.0, name="x")
    y = x * x
    with bp.no_grad():
        x += 1
        y += 1
    with pytest.raises(RuntimeError, match=r"edited after mul had used it \(argument 0, 'x'\)"):
        y.backward()


def test_an_edited_result_is_named_in_the_error() -> None:
    y = bp.parameter(0.5).tanh()
    y.name = "h"
    with bp.no_grad():
        y *= 2
    with pytest.raises(RuntimeError, match=r"edited after tanh had computed it \(its result, 'h'\)"):
        y.backward()


def test_an_edited_graph_is_told_from_a_fresh_one_whether_or_not_a_derivative_reads_the_value() -> None:
    for edit in (0, 1):
        w = bp.parameter([1.0, 2.0], name="w")
        y = w.sum()
        graph = bp.Graph(y)
        refuse_edited(graph.nodes)
        with bp.no_grad():
            graph.nodes[edit].mul_(2)
        what = [r"used it \(argument 0, 'w'\)", r"computed it \(its result\)"][edit]
        with pytest.raises(
            RuntimeError, match=f"edited after sum had {what}.*loss again, or run bp.graph.loss..forward"
        ):
            refuse_edited(graph.nodes)
        y.backward()  # reads the shape alone
        graph.forward()
        refuse_edited(graph.nodes)


def test_a_value_computed_again_makes_results_in_other_graphs_stale() -> None:
    x = bp.parameter(2.0)
    y = x * x
    one, other = y + 1, y * y
    with bp.no_grad():
        x += 1
    bp.Graph(one).forward()
    with pytest.raises(RuntimeError, match=r"edited after mul had used it \(argument 0\)"):
        other.backward()
    bp.Graph(other).forward()
    other.backward()
    assert x.grad == 4 * 3.0**3


@pytest.mark.parametrize("write", [lambda x: x[:1], lambda x: x.T, lambda x: x.reshape(2), lambda x: x[...]])
def test_a_view_computed_again_still_shows_its_base(write: Callable[[Any], Any]) -> None:
    x = bp.parameter([1.0, 2.0])
    y = write(x)
    bp.Graph(y).forward()
    with bp.no_grad():
        x += 10
    assert y.data.tolist() == [11.0, 12.0][: y.size]
    assert (y.version, x.version) == (1, 1)


def test_forward_takes_the_gradients_of_old_values_away_and_leaves_those_of_leaves() -> None:
    x = bp.parameter(3.0)
    y = x * x
    loss = y + 1
    loss.backward()
    bp.Graph(loss).forward()
    assert (x.grad, y.grad, loss.grad) == (6.0, None, None)


ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: bp.Graph(3.0), TypeError, r"a graph is made from a tensor; got float 3\.0"),  # type: ignore[arg-type]
    (lambda: bp.Graph(neuron()[0]).sgd(0.1), RuntimeError, r"no gradient yet for w0, w1: run backward\(\) before sgd"),
    (lambda: bp.Graph(neuron()[0]).sgd(math.nan), ValueError, "learning rate is a finite number; got nan"),
    (lambda: bp.Graph(neuron()[0]).sgd("0.1"), ValueError, "learning rate is a finite number; got '0.1'"),  # type: ignore[arg-type]
    (lambda: bp.Graph(bp.tensor(1.0) * 2).backward(), RuntimeError, "needs no gradient"),
    (lambda: bp.Graph(bp.parameter([1.0, 2.0]) * 2).backward(), RuntimeError, r"scalar loss.*\(2,\)"),
]


@pytest.mark.parametrize(("do", "kind", "message"), ERRORS)
def test_an_error_of_the_graph_says_what_to_do(do: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        do()
