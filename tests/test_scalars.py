"""The scalar graph inside a matrix product: the same values and gradients, number by number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_viz as bp
from backprop_viz.record.recorder import record
from backprop_viz.record.scalars import MOST, element, scalars
from backprop_viz.record.trace import Seed, Send, Trace
from backprop_viz.render.captions import Captions
from backprop_viz.render.frames import frames
from backprop_viz.render.symbols import symbol

SHAPES = {
    "matrix times matrix": ((2, 3), (3, 2)),
    "matrix times vector": ((2, 3), (3,)),
    "vector times matrix": ((3,), (3, 2)),
    "vector times vector": ((3,), (3,)),
    "column times row": ((3, 1), (1, 2)),
    "row times column": ((1, 3), (3, 1)),
    "one number": ((1, 1), (1, 1)),
}


def numbers(shape: tuple[int, ...], dtype: Any = float) -> Any:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(dtype)


def product(left: tuple[int, ...], right: tuple[int, ...], dtype: Any = float) -> bp.Trace:
    """A loss of A @ B, with another use of both arguments."""
    A, B = bp.parameter(numbers(left, dtype), name="A"), bp.parameter(numbers(right, dtype), name="B")
    C = A @ B
    C.name = "C"
    return bp.trace(bp.tanh(C).sum() + A.sum() * B.sum())


def opened(trace: bp.Trace, op: str = "matmul") -> tuple[int, bp.Trace]:
    node = next(node.index for node in trace.nodes if node.op == op)
    return node, scalars(trace, node)


def received(graph: bp.Trace, name: str, shape: tuple[int, ...]) -> Any:
    """The gradients of the leaves of one argument, as an array."""
    index = {node.name: node.index for node in graph.nodes}
    places = np.ndindex(shape)
    return np.reshape([graph.gradient(index[element(name, place)]) for place in places], shape)


def sent(trace: bp.Trace, node: int) -> list[Any]:
    """What the product sent its arguments, slot by slot."""
    edges = {e.index: e.slot for e in trace.edges if e.child == node}
    sends = [e for e in trace.events if isinstance(e, Send) and e.edge in edges]
    return [event.contribution for event in sorted(sends, key=lambda event: edges[event.edge])]


# ---------------------------------------------------------------------- agreement
@pytest.mark.parametrize("reread", [False, True], ids=["recorded", "read from JSON"])
@pytest.mark.parametrize(("left", "right"), SHAPES.values(), ids=SHAPES)
def test_values_and_gradients_are_those_of_the_matrix_product(
    left: tuple[int, ...], right: tuple[int, ...], reread: bool
) -> None:
    trace = product(left, right)
    node, graph = opened(bp.Trace.from_json(trace.to_json()) if reread else trace)
    np.testing.assert_allclose(graph.root.value, trace.nodes[node].value, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(graph.gradient(graph.root.index), trace.gradient(node))
    by_a, by_b = sent(trace, node)
    np.testing.assert_allclose(received(graph, "A", left), by_a, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(received(graph, "B", right), by_b, rtol=1e-12, atol=1e-15)
    assert graph.root.name == "C"
    assert bp.Trace.from_json(graph.to_json()) == graph


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.data())
def test_whole_numbers_agree_to_the_last_bit(m: int, n: int, p: int, data: st.DataObject) -> None:
    """Sums of small whole numbers are exact in any order."""
    draw = np.random.default_rng(data.draw(st.integers(0, 1000)))
    A, B = (bp.parameter(draw.integers(-9, 9, shape).astype(float)) for shape in ((m, n), (n, p)))
    A.name, B.name = "A", "B"
    trace = bp.trace(A @ B, draw.integers(-9, 9, (m, p)))
    node, graph = opened(trace)
    np.testing.assert_array_equal(graph.root.value, trace.root.value)
    by_a, by_b = sent(trace, node)
    np.testing.assert_array_equal(received(graph, "A", (m, n)), by_a)
    np.testing.assert_array_equal(received(graph, "B", (n, p)), by_b)
    assert sum(node.op == "mul" for node in graph.nodes) == m * n * p
    assert sum(node.op == "add" for node in graph.nodes) == m * (n - 1) * p


def test_the_dot_product_of_a_vector_with_itself_sends_each_element_both_contributions() -> None:
    v = bp.parameter([1.0, -2.0, 3.0], name="v")
    trace = bp.trace(bp.dot(v, v) * 5.0)
    node, graph = opened(trace, "dot")
    np.testing.assert_array_equal(received(graph, "v", (3,)), sum(sent(trace, node)))
    assert graph.gradient(graph.root.index) == 5.0
    assert [n.name for n in graph.nodes if n.kind == "parameter"] == ["v_1", "v_2", "v_3"]
    assert {node.group for node in graph.nodes} == {()}


def test_numbers_keep_their_type() -> None:
    _, graph = opened(product((2, 2), (2, 2), np.float32))
    assert {node.dtype for node in graph.nodes} == {"float32"}


def test_without_a_gradient_there_is_the_forward_pass_alone() -> None:
    A = bp.tensor([[1.0, 2.0]], name="A")
    C = A @ bp.tensor([[3.0], [4.0]], name="B")
    backless = record(C.sum(), backward=False)
    B = bp.parameter([[3.0], [4.0]], name="B")
    learnt = record((A @ B).sum(), backward=False)
    for trace in (backless, learnt):
        _, graph = opened(trace)
        assert {event.kind for event in graph.events} == {"forward"}
        assert graph.root.value.tolist() == [[11.0]]


def test_inputs_stay_inputs_and_receive_nothing() -> None:
    X, W = bp.tensor([[1.0, 2.0]], name="X"), bp.parameter([[3.0], [4.0]], name="W")
    _, graph = opened(bp.trace((X @ W).sum()))
    assert {n.name: n.kind for n in graph.nodes if not n.op} == {
        "X_11": "input", "X_12": "input", "W_11": "parameter", "W_21": "parameter"
    }  # fmt: skip
    assert graph.gradient(0) is None


def test_the_graph_is_the_same_wherever_it_is_opened() -> None:
    trace = product((2, 2), (2, 2))
    _, expected = opened(trace)
    with bp.no_grad(), bp.group("elsewhere"):
        assert opened(trace)[1] == expected


# ---------------------------------------------------------------------- what a reader sees
def test_every_element_is_a_group_and_all_come_together_in_the_product() -> None:
    _, graph = opened(product((2, 3), (3, 2)))
    groups = [f"row {row} · column {column}" for row in (1, 2) for column in (1, 2)]
    assert list(dict.fromkeys(name for node in graph.nodes for name in node.group)) == groups
    assert Captions(graph).expression(graph.root).text == "matrix(C₁₁, C₁₂, C₂₁, C₂₂)"
    last = graph.edges[-1]
    assert Captions(graph).rule(last).text == "element(∂ℒ/∂C, 2, 2)"
    assert [event.gradient.shape for event in graph.events if isinstance(event, Seed)] == [(2, 2)]


def test_the_picture_shows_all_of_it() -> None:
    _, graph = opened(product((2, 3), (3,)))
    view = bp.draw(graph).view
    assert len(view.nodes) == len(graph.nodes)
    assert view.groups == [("row 1",), ("row 2",)]


def test_lines_of_the_program_are_those_of_the_product_and_its_arguments() -> None:
    A = bp.parameter([[1.0, 2.0]], name="A")
    B = bp.parameter([[3.0], [4.0]], name="B")
    C = A @ B
    trace = bp.trace(C.sum())
    _, graph = opened(trace)
    texts = {node.name: node.source.text for node in graph.nodes if node.source}
    assert texts["A_12"] == 'A = bp.parameter([[1.0, 2.0]], name="A")'
    assert texts["B_21"] == 'B = bp.parameter([[3.0], [4.0]], name="B")'
    assert texts["C_11"] == texts["v1"] == "C = A @ B"
    assert graph.code == trace.code


@pytest.mark.parametrize(
    ("name", "place", "printed"),
    [
        ("W", (0, 1), "W₁₂"),
        ("W", (0, 11), "W₁,₁₂"),
        ("x", (11,), "x₁₂"),
        ("yhat", (0,), "ŷ₁"),
        ("theta", (1, 1), "θ₂₂"),
        ("W1", (0, 1), "W⁽¹⁾₁₂"),
        ("W_12", (0,), "W⁽¹²⁾₁"),
        ("W_hidden", (0, 1), "W_hidden₁₂"),
        ("", (0,), "₁"),
    ],
)
def test_an_element_is_printed_with_its_place(name: str, place: tuple[int, ...], printed: str) -> None:
    assert symbol(element(name, place)).text == printed


def test_elements_of_a_transpose_are_called_as_in_the_matrix_itself() -> None:
    X, W = bp.tensor([[1.0, 2.0]], name="X"), bp.parameter([[3.0, 4.0], [5.0, 6.0]], name="W")
    trace = bp.trace((X @ W.T).sum())
    node, graph = opened(trace)
    leaves = {n.name: n.value for n in graph.nodes if not n.op}
    assert leaves == {"X_11": 1.0, "X_12": 2.0, "W_11": 3.0, "W_12": 4.0, "W_21": 5.0, "W_22": 6.0}
    np.testing.assert_array_equal(received(graph, "W", (2, 2)), sent(trace, node)[0].T)


def test_no_name_stands_for_two_leaves_where_a_matrix_meets_its_transpose() -> None:
    W = bp.parameter([[3.0, 4.0], [5.0, 6.0]], name="W")
    _, graph = opened(bp.trace((W @ W.T).sum()))
    leaves = [node.name for node in graph.nodes if not node.op]
    assert len(set(leaves)) == len(leaves) == 8


# ---------------------------------------------------------------------- what receives more
def test_of_a_matrix_that_is_used_twice_the_scalar_graph_says_that_it_has_one_contribution_of_two() -> None:
    W, h = bp.parameter([[0.5, 0.25], [0.1, 0.2]], name="W"), bp.tensor([1.0, 2.0], name="h")
    for _ in range(2):
        h = bp.tanh(W @ h)
    trace = bp.trace(bp.sum(h))
    products = [node.index for node in trace.nodes if node.op == "matmul"]
    graphs = [scalars(trace, product) for product in products]
    for graph in graphs:
        assert {node.name: node.elsewhere for node in graph.nodes if node.elsewhere} == {
            f"W_{p}": 1 for p in (11, 12, 21, 22)
        }
        told = " ".join(frame.sentence for frame in frames(graph))
        assert "W₁₁ has received 1 of 2 contributions; the sum so far is" in told
        assert "∂ℒ/∂W₁₁ =" not in told
        assert Trace.from_json(graph.to_json()) == graph
    both = sum(received(graph, "W", (2, 2)) for graph in graphs)
    np.testing.assert_allclose(both, np.asarray(trace.gradient(0)))


def test_of_a_transpose_what_the_matrix_itself_receives_elsewhere_is_counted() -> None:
    W, x = bp.parameter([[3.0, 4.0], [5.0, 6.0]], name="W"), bp.tensor([1.0, 2.0], name="x")
    trace = bp.trace(bp.sum(x @ W.T) + bp.sum(W * W))
    _, graph = opened(trace)
    assert {node.name: node.elsewhere for node in graph.nodes if node.elsewhere} == {
        f"W_{p}": 2 for p in (11, 12, 21, 22)
    }


# ---------------------------------------------------------------------- what has none
def refused(trace: bp.Trace, node: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        scalars(trace, node)


def test_only_products_open_into_scalars() -> None:
    trace = product((2, 2), (2, 2))
    refused(trace, 0, r"'A' is a leaf: only a product .* This trace has 'C' \(node 2\)\.")
    refused(trace, 3, "is made by tanh: only a product of matrices or vectors opens into scalars")
    refused(bp.trace(bp.parameter(1.0) * 2.0), 1, "This trace has none")


@pytest.mark.parametrize("node", [-1, 9])
def test_a_node_that_is_not_there_is_refused(node: int) -> None:
    refused(product((2, 2), (2, 2)), node, f"there is no node {node}: the indices of this trace are 0 to 8")


@pytest.mark.parametrize(("shapes", "count"), [(((20, 10), (10,)), 200), (((MOST + 1,), (MOST + 1,)), 61)])
def test_a_large_product_is_refused(shapes: tuple[tuple[int, ...], tuple[int, ...]], count: int) -> None:
    trace = product(*shapes)
    refused(trace, 2, f"'C' is a product of shapes .*, which multiplies {count} pairs of numbers; .* 1 to 60.*slice")


def test_the_largest_product_is_opened() -> None:
    _, graph = opened(product((5, 3), (3, 4)))
    assert sum(node.op == "mul" for node in graph.nodes) == MOST


def test_a_product_of_nothing_is_refused() -> None:
    refused(product((2, 0), (0, 2)), 2, "multiplies 0 pairs of numbers")


def test_a_stack_of_matrices_is_refused() -> None:
    refused(product((2, 2, 2), (2, 2)), 2, r"shapes \(2, 2, 2\) and \(2, 2\), a stack of matrices.*A\[0\] @ B\[0\]")
