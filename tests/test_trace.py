"""Trace: what happened, in order, as plain data that survives edits, JSON and another process."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_viz as bp

HOSTILE = '<script>alert(1)</script>&"'


def neuron() -> bp.Tensor:
    x, y = bp.tensor(1.5, name="x"), bp.tensor(1.0, name="y")
    w0, w1 = bp.parameter(0.1, name="w0"), bp.parameter(-0.3, name="w1")
    return bp.bce(bp.sigmoid(w0 + w1 * x), y)


def layer() -> bp.Tensor:
    W, x = bp.parameter([[1.0, 2.0], [3.0, 4.0]], name="W"), bp.tensor([1.0, -1.0], name="x")
    h: Any = np.tanh(W @ x)
    loss: bp.Tensor = (h[:1] * 2.0).sum(axis=0)
    return loss


def squares() -> bp.Tensor:
    a = bp.parameter(3.0, name="a")
    return a * a + 2 * a


EXAMPLES = [neuron, layer, squares]
each_example = pytest.mark.parametrize("make", EXAMPLES)


# ---------------------------------------------------------------------- what is recorded
def test_the_trace_of_a_neuron_says_all_that_happened() -> None:
    trace = bp.trace(neuron())
    assert [(n.name, n.kind, n.op) for n in trace.nodes[:4]] == [
        ("x", "input", ""),
        ("y", "input", ""),
        ("w0", "parameter", ""),
        ("w1", "parameter", ""),
    ]
    assert [(n.kind, n.op, n.symbol, n.notation) for n in trace.nodes[4:]] == [
        ("compute", "mul", "×", "a * b"),
        ("compute", "add", "+", "a + b"),
        ("compute", "sigmoid", "σ", "sigmoid(x)"),
        ("compute", "bce", "BCE", "bce(p, y)"),
    ]
    assert [(e.parent, e.child, e.formula, e.backpropagates) for e in trace.edges] == [
        (3, 4, "b", True),
        (0, 4, "a", False),
        (2, 5, "1", True),
        (4, 5, "1", True),
        (5, 6, "sigmoid(x) * (1 - sigmoid(x))", True),
        (6, 7, "(p - y) / (p * (1 - p))", True),
        (1, 7, "log(1 - p) - log(p)", False),
    ]
    assert [event.kind for event in trace.events] == ["forward"] * 4 + ["seed"] + ["send"] * 5
    assert [e.node for e in trace.events if isinstance(e, bp.Forward)] == [4, 5, 6, 7]
    assert [e.edge for e in trace.events if isinstance(e, bp.Send)] == [5, 4, 2, 3, 0]
    assert trace.root is trace.nodes[7]
    assert [n.index for n in trace.nodes] == list(range(8))
    assert [e.index for e in trace.edges] == list(range(7))


def test_every_send_is_upstream_times_local_and_totals_add_up() -> None:
    trace = bp.trace(neuron())
    totals: dict[int, float] = {}
    for event in trace.events:
        if isinstance(event, bp.Send):
            edge = trace.edges[event.edge]
            assert event.upstream == trace.gradient(edge.child)
            assert event.local is not None
            assert event.contribution == event.upstream * event.local
            totals[edge.parent] = totals.get(edge.parent, 0.0) + event.contribution
            assert event.total == totals[edge.parent]
    sigma = 1 / (1 + math.exp(-(0.1 - 0.3 * 1.5)))
    assert trace.gradient(2) == pytest.approx(sigma - 1, rel=1e-12)
    assert trace.gradient(3) == pytest.approx((sigma - 1) * 1.5, rel=1e-12)
    assert trace.gradient(0) is None


def test_x_times_x_sends_along_two_edges() -> None:
    trace = bp.trace(squares())
    assert [(e.parent, e.child, e.slot) for e in trace.edges] == [(0, 1, 0), (0, 1, 1), (0, 2, 1), (1, 3, 0), (2, 3, 1)]
    sends = list(trace.contributions(0))
    assert [(s.contribution, s.total) for s in sends] == [(2.0, 2.0), (3.0, 5.0), (3.0, 8.0)]
    assert trace.nodes[1].parents == (0, 0)


def test_plain_numbers_and_options_are_constants() -> None:
    trace = bp.trace(layer())
    said = [[(a.name, a.node, a.constant) for a in node.arguments] for node in trace.nodes]
    assert said[4] == [("x", 3, None), ("key", None, ":1")]
    assert said[5] == [("a", 4, None), ("b", None, 2.0)]
    assert said[6] == [("x", 5, None), ("axis", None, "0")]
    index = bp.parameter([[1.0, 2.0]])
    for key, text in [
        ((slice(None), 0), ":, 0"),
        ((..., None), "…, None"),
        (np.array([0]), "[0]"),
        (slice(0, 1, 2), "0:1:2"),
    ]:
        assert bp.trace(index[key].sum()).nodes[1].arguments[1].constant == text


def test_a_node_says_its_shape_and_type() -> None:
    x = bp.parameter([[1, 2]], dtype=np.float32)
    trace = bp.trace((x * np.arange(2)).sum())
    assert [(n.shape, n.dtype) for n in trace.nodes] == [
        ((1, 2), "float32"),
        ((2,), "int64"),
        ((1, 2), "float32"),
        ((), "float32"),
    ]


def test_a_trace_of_what_needs_no_gradient_is_its_forward_pass() -> None:
    trace = bp.trace(bp.tensor(2.0) * 3)
    assert [event.kind for event in trace.events] == ["forward"]
    assert bp.trace(bp.tensor(2.0)).events == ()


@each_example
def test_tracing_leaves_every_gradient_as_it_was(make: Callable[[], bp.Tensor]) -> None:
    loss = make()
    bp.trace(loss)
    assert [node.grad for node in bp.Graph(loss).nodes] == [None] * len(bp.Graph(loss).nodes)


def test_a_trace_can_start_from_a_given_gradient() -> None:
    x = bp.parameter([1.0, 2.0])
    assert np.array_equal(bp.trace(x * x, [1.0, 10.0]).gradient(0), [2.0, 40.0])


# ---------------------------------------------------------------------- plain data of its own
def test_later_edits_cannot_change_a_trace() -> None:
    x = bp.parameter([1.0, 2.0], name="x")
    seed = np.array([1.0, 1.0])
    y = x * x
    trace = bp.trace(y, seed)
    text = trace.to_json()
    seed[:] = 99
    y.data[:] = 99
    x.name = "other"
    with bp.no_grad():
        x *= 99
    assert trace.to_json() == text


def test_a_trace_cannot_be_edited() -> None:
    trace = bp.trace(layer())
    for record in (trace, *trace.nodes, *trace.edges, *trace.events):
        name = dataclasses.fields(record)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, name, None)
    for value in (trace.nodes[0].value, trace.events[-1].contribution, trace.gradient(0)):  # type: ignore[union-attr]
        with pytest.raises(ValueError, match="read-only"):
            value[...] = 0
    again = bp.Trace.from_json(trace.to_json())
    with pytest.raises(ValueError, match="read-only"):
        again.nodes[0].value[...] = 0


# ---------------------------------------------------------------------- JSON
def same(a: Any, b: Any) -> bool:
    """Whether two values are the same to the last bit, with the same type and sign of zero; nan is nan."""
    if isinstance(a, np.ndarray):
        kind = (a.dtype, a.shape, (np.copysign(1, a) * ~np.isnan(a)).tolist())
        return kind == (b.dtype, b.shape, (np.copysign(1, b) * ~np.isnan(b)).tolist()) and np.array_equal(
            a, b, equal_nan=True
        )
    return type(a) is type(b) and (repr(a) == repr(b))


@each_example
def test_json_gives_the_same_trace_again(make: Callable[[], bp.Tensor]) -> None:
    trace = bp.trace(make())
    again = bp.Trace.from_json(trace.to_json())
    assert again == trace
    assert hash(again) == hash(trace)
    assert again.to_json() == trace.to_json()
    for a, b in zip(
        (*trace.nodes, *trace.edges, *trace.events), (*again.nodes, *again.edges, *again.events), strict=True
    ):
        assert type(a) is type(b)
        assert all(same(getattr(a, field.name), getattr(b, field.name)) for field in dataclasses.fields(a))
    assert again != bp.trace(make() * 2)
    assert again != 3


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.floats(), min_size=1, max_size=5), st.sampled_from([np.float64, np.float32]))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_json_keeps_every_float_exactly(numbers: list[float], dtype: Any) -> None:
    with np.errstate(all="ignore"):
        values = np.array(numbers).astype(dtype)
        x = bp.parameter(values, name="x")
        for root in (x * numbers[0], x[0] * numbers[0]):
            trace = bp.trace(root, np.ones(root.shape))
            again = bp.Trace.from_json(trace.to_json())
            assert same(trace.nodes[0].value, again.nodes[0].value)
            assert same(trace.nodes[-1].value, again.nodes[-1].value)
            assert same(trace.nodes[-1].arguments[1].constant, again.nodes[-1].arguments[1].constant)
            assert same(trace.gradient(0), again.gradient(0))


@pytest.mark.parametrize(
    "value", [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, 3, -7, True, False, [1, 2], [True], [], [[]]]
)
def test_json_keeps_every_kind_of_value(value: Any) -> None:
    trace = bp.trace(bp.tensor(value))
    again = bp.Trace.from_json(trace.to_json())
    assert same(trace.root.value, again.root.value)
    assert (trace.root.shape, trace.root.dtype) == (again.root.shape, again.root.dtype)
    assert np.array_equal(trace.root.value, value, equal_nan=True)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(st.characters()) | st.sampled_from([HOSTILE, "\ud800", "\x00\x1f\x7f", "\u2028", "", "ŷ", "a" * 10_000]))
def test_json_keeps_any_name_and_can_be_written_anywhere(name: str) -> None:
    trace = bp.trace(bp.tensor(1.0, name=name))
    assert trace.root.name == name
    text = trace.to_json()
    assert bp.Trace.from_json(text).root.name == name
    text.encode("ascii")


@each_example
def test_an_update_survives_json(make: Callable[[], bp.Tensor]) -> None:
    trace = bp.trace(make())
    step = bp.Update(2, 0.5, math.inf, 0.1, np.float64(0.25).item())
    longer = dataclasses.replace(trace, events=(*trace.events, step))
    event = bp.Trace.from_json(longer.to_json()).events[-1]
    assert isinstance(event, bp.Update)
    assert dataclasses.astuple(event) == (2, 0.5, math.inf, 0.1, 0.25, "w - lr * g")


def test_the_schema_is_the_documented_one() -> None:
    documented = (Path(__file__).parent.parent / "docs" / "trace.md").read_text(encoding="utf-8")
    plain = json.loads(bp.trace(layer()).to_json())
    assert f"schema {plain['schema']}" in documented
    records = [bp.Node, bp.Edge, bp.Argument, bp.Source, bp.Forward, bp.Seed, bp.Send, bp.Update]
    for name in {*plain, *(field.name for record in records for field in dataclasses.fields(record))}:
        assert f"`{name}`" in documented
    example = documented.split("```json")[1].split("```")[0]
    assert bp.Trace.from_json(example).root.value == 6.0


ERRORS: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    (lambda: bp.trace(3.0), TypeError, ["only a tensor", "float 3.0"]),  # type: ignore[arg-type]
    (lambda: bp.trace(bp.parameter([1.0, 2.0]) * 2), RuntimeError, ["scalar loss", "(2,)", ".sum()"]),
    (lambda: bp.trace(bp.parameter([1.0, 2.0]), [1.0]), ValueError, ["(1,)", "(2,)"]),
    (lambda: bp.trace(bp.parameter(1.0), "up"), TypeError, ["a gradient holds numbers", "'up'"]),
    (lambda: bp.Trace.from_json("no"), ValueError, ["not JSON", "Trace.to_json()"]),
    (lambda: bp.Trace.from_json("[]"), ValueError, ["not a trace", "'schema'", "Trace.to_json()"]),
    (lambda: bp.Trace.from_json("{}"), ValueError, ["not a trace", "'schema'"]),
    (lambda: bp.Trace.from_json('{"schema":99}'), ValueError, ["schema 99", "reads schema 1", "newer backprop_viz"]),
    (lambda: bp.Trace.from_json('{"schema":1}'), ValueError, ["schema 1", "'nodes'", "docs/trace.md"]),
    (
        lambda: bp.Trace.from_json('{"schema":1,"nodes":[],"edges":[{"to":1}],"events":[]}'),
        ValueError,
        ["'to'", "docs/trace.md"],
    ),
    (
        lambda: bp.Trace.from_json('{"schema":1,"nodes":[],"edges":[],"events":[{"kind":"sleep"}]}'),
        ValueError,
        ["unknown event: 'sleep'", "'forward', 'seed', 'send', 'update'"],
    ),
]


@pytest.mark.parametrize(("do", "kind", "words"), ERRORS)
def test_an_error_says_what_was_given_and_what_to_do(
    do: Callable[[], Any], kind: type[Exception], words: list[str]
) -> None:
    with pytest.raises(kind) as caught:
        do()
    for word in words:
        assert word in str(caught.value)


# ---------------------------------------------------------------------- the same in any process
PROGRAM = """
import numpy as np, sys
import backprop_viz as bp
{before}
x, y = bp.tensor(1.5), bp.parameter([1.0, 2.0])
alias = other_name = hidden = np.tanh(x * y)
z = alias @ y + (y * y).sum() - 3
sys.stdout.write(bp.trace(z).to_json())
"""


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    earlier = [
        "pass",
        "junk = [bp.tensor(i) * 2 for i in range(100)]; unrelated = bp.parameter(3.0)",
        "del_me = object()",
    ]
    texts = set()
    for seed, before in zip(("0", "1", "4242"), earlier, strict=True):
        script.write_text(PROGRAM.format(before=before), encoding="utf-8")
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent.parent)}
        run = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True)
        texts.add(run.stdout)
    (text,) = texts
    assert [node["name"] for node in json.loads(text)["nodes"]] == [
        "x",
        "y",
        "v1",
        "alias",
        "v2",
        "v3",
        "v4",
        "v5",
        "z",
    ]


@each_example
def test_the_same_cell_run_twice_gives_the_same_bytes(make: Callable[[], bp.Tensor]) -> None:
    assert bp.trace(make()).to_json() == bp.trace(make()).to_json()


def test_a_graph_whose_values_were_edited_is_not_recorded_as_if_they_had_not() -> None:
    x, w = bp.tensor(2.0), bp.parameter(1.0, name="w")
    L = w * x
    L.backward()
    with bp.no_grad():
        w -= 0.1 * w.grad
    for look in (bp.trace, bp.draw, bp.play):
        with pytest.raises(
            RuntimeError, match=r"edited after mul had used it .*'w'.*Compute the loss again.*training_step"
        ):
            look(L)
    bp.graph(L).forward()
    assert bp.trace(L).root.value == L.item()
