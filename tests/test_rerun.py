"""A recorded computation run again: the same nodes, edges and events, with the numbers of other leaves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from graphs import GRAPHS, MORE
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_viz as bp
from backprop_viz.autograd.backward import ancestors
from backprop_viz.record.rerun import rerun

numbers = st.floats(-3, 3)
Values = tuple[float, float]


@bp.op(x="2 * x")
def squared(x: Any) -> Any:
    return x * x


# ---------------------------------------------------------------------- programs of two numbers
def scalars(a: float, b: float) -> bp.Tensor:
    """Plain numbers, each used more than once."""
    x, w = bp.tensor(a, name="x"), bp.parameter(b, name="w")
    return bp.sigmoid(w * x + 1) ** 2 + squared(w) / 3.0 - x


def in_place(a: float, b: float) -> bp.Tensor:
    """Edits that are operations of the graph."""
    x, w = bp.tensor([a, 1.0, 2.0], name="x"), bp.parameter([b, b, 0.5], name="w")
    y = x * w
    y += 1.0
    y[0] = w[2] * 2
    y *= x
    return (y * y).sum()


def views(a: float, b: float) -> bp.Tensor:
    """Results that share the memory of what they show."""
    x, w = bp.tensor([[a, 1.0], [2.0, 3.0]], name="x"), bp.parameter([[b, 0.1], [0.2, b]], name="w")
    return (w.T[1:] @ x.reshape(4)[:2]).sum() * w[0, 0]


def masked(a: float, b: float) -> bp.Tensor:
    """Dropout, whose mask is drawn once."""
    x, w = bp.tensor([a, 1.0, 2.0, 3.0], name="x"), bp.parameter([b] * 4, name="w")
    return bp.dropout(x * w, 0.5, generator=np.random.default_rng(0)).mean()


def single(a: float, b: float) -> bp.Tensor:
    """Numbers of 32 bits, written in place into one of the same type."""
    x, w = bp.tensor(a, dtype=bp.float32, name="x"), bp.parameter(b, dtype=bp.float32, name="w")
    y = bp.tensor([0.0, 1.0], dtype=bp.float32, name="y") * w
    y += x
    return (y * 2).sum()


def grouped(a: float, b: float) -> bp.Tensor:
    """Groups in groups."""
    x, w = bp.tensor(a, name="x"), bp.parameter(b, name="w")
    with bp.group("outer"):
        y = x * w
        with bp.group("inner"):
            y = bp.tanh(y)
    return y + w


PROGRAMS: list[Callable[[float, float], bp.Tensor]] = [scalars, in_place, views, masked, single, grouped]


def leaves(loss: bp.Tensor) -> dict[int, Any]:
    """The values of the leaves, by index."""
    return {i: tensor.data for i, tensor in enumerate(ancestors(loss)) if tensor.op is None}


# ---------------------------------------------------------------------- what it gives
@pytest.mark.parametrize("build", [*GRAPHS.values(), *MORE.values()], ids=[*GRAPHS, *MORE])
def test_a_rerun_with_the_same_values_has_the_same_record(build: Callable[[], bp.Tensor]) -> None:
    loss = build()
    assert bp.trace(rerun(loss)).to_json() == bp.trace(loss).to_json()
    assert bp.trace(rerun(rerun(loss))).to_json() == bp.trace(loss).to_json()


@pytest.mark.parametrize("program", PROGRAMS)
@settings(max_examples=30)
@given(start=st.tuples(numbers, numbers), end=st.tuples(numbers, numbers))
def test_a_rerun_is_the_program_run_with_other_values(
    program: Callable[[float, float], bp.Tensor], start: Values, end: Values
) -> None:
    loss, fresh = program(*start), program(*end)
    loss.name = fresh.name = "L"
    again = rerun(loss, leaves(fresh))
    assert bp.trace(again).to_json() == bp.trace(fresh).to_json()
    assert bp.trace(rerun(again, leaves(loss))).to_json() == bp.trace(loss).to_json()


def test_variables_name_the_nodes_of_a_rerun() -> None:
    first, second = bp.tensor(2.0), bp.parameter(3.0)
    product = first * second
    again = rerun(product, {first: 5.0})
    assert [tensor.name for tensor in ancestors(again)] == ["first", "second", "product"]
    assert again.data == 15.0


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_tensors_themselves_stay_as_they_are(program: Callable[[float, float], bp.Tensor]) -> None:
    loss = program(0.5, -1.5)
    loss.backward()
    tensors = ancestors(loss)
    before = [(np.array(t.data), np.array(t.grad), t.name, t.birth, t.version) for t in tensors]
    again = rerun(loss, leaves(program(2.0, 1.0)))
    again.backward()
    after = [(np.array(t.data), np.array(t.grad), t.name, t.birth, t.version) for t in tensors]
    assert repr(before) == repr(after)
    assert not {id(t) for t in tensors} & {id(t) for t in ancestors(again)}


def test_later_edits_of_the_tensors_do_not_reach_a_rerun() -> None:
    w = bp.parameter([1.0, 2.0])
    again = rerun((w * w).sum())
    with bp.no_grad():
        w.zero_()
    assert again.data == rerun(again).data == 5.0


def test_a_rerun_is_recorded_in_no_grad_too() -> None:
    w = bp.parameter(2.0)
    loss = w * w
    with bp.no_grad():
        again = rerun(loss, {w: 3.0})
    again.backward()
    assert ancestors(again)[0].grad == 6.0


def test_conditions_stay_what_they_were() -> None:
    x = bp.parameter([1.0, -1.0])
    loss = bp.where(x > 0, x * 10, x).sum()
    assert rerun(loss, {x: [-1.0, 1.0]}).data == -9.0


def test_a_leaf_can_be_computed_in_the_new_graph() -> None:
    x, t = bp.parameter(2.0), bp.parameter(0.5, name="t")
    loss = x * x
    again = rerun(loss, {x: t * 4})
    again.backward()
    assert (again.data, t.grad, x.grad) == (4.0, 16.0, None)


# ---------------------------------------------------------------------- what it refuses
def some() -> tuple[bp.Tensor, dict[str, bp.Tensor]]:
    tensors = {
        "f": bp.parameter(1.0, name="f"),
        "s": bp.parameter(1.0, name="s", dtype=bp.float32),
        "i": bp.tensor(2, name="i"),
        "v": bp.tensor([1.0, 2.0], name="v"),
    }
    loss = (tensors["f"] * tensors["i"] + tensors["s"] * tensors["v"]).sum()
    return loss, tensors


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("f", [1.0, 2.0], "f has shape (); got a value of shape (2,)"),
        ("v", 1.0, "v has shape (2,); got a value of shape ()"),
        ("f", "much", "a tensor holds real numbers; got str 'much'"),
        ("f", [[1.0], 2.0], "a tensor holds numbers in a regular array"),
        ("s", 1e300, "s holds numbers of type float32, and none of them is 1e+300"),
        ("i", 0.5, "i holds numbers of type int64, and none of them is 0.5"),
        ("i", 1e300, "i holds numbers of type int64, and none of them is 1e+300"),
        ("i", float("nan"), "i holds numbers of type int64, and none of them is nan"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(name: str, value: Any, message: str) -> None:
    loss, tensors = some()
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        rerun(loss, {tensors[name]: value})


def test_whole_numbers_fit_where_they_are_whole() -> None:
    loss, tensors = some()
    again = ancestors(rerun(loss, {tensors["i"]: 5.0, tensors["f"]: 3, tensors["s"]: 0.1}))
    found = {tensor.name: (type(tensor.data), tensor.data) for tensor in again}
    assert found["i"] == (np.int64, 5)
    assert found["f"] == (float, 3.0)
    assert found["s"] == (np.float32, np.float32(0.1))


@pytest.mark.parametrize("key", [-1, 99, "f", 1.5, None])
def test_only_leaves_of_the_graph_have_values(key: Any) -> None:
    with pytest.raises(ValueError, match="values are for leaves of this graph, by the leaf or its index; got"):
        rerun(some()[0], {key: 1.0})
    with pytest.raises(ValueError, match="values are for leaves of this graph"):
        rerun(some()[0], {bp.tensor(1.0): 1.0})


def test_a_computed_node_cannot_be_set() -> None:
    x = bp.parameter(1.0)
    total = x + 1
    with pytest.raises(ValueError, match="total is computed, by add: only inputs and parameters can be set"):
        rerun(total * 2, {total: 1.0})


def test_a_graph_whose_values_were_edited_is_refused() -> None:
    w = bp.parameter(2.0, name="w")
    loss = w * w
    with bp.no_grad():
        w -= 1
    with pytest.raises(RuntimeError, match="a value of this graph was edited"):
        rerun(loss)
