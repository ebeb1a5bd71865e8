"""Moving elements and naming indices: picking, joining, splitting, reshaping and einsum, against NumPy and PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import rows
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from test_ops import faults_in_derivatives, faults_in_formulas

import backprop_viz as bp
from backprop_viz.autograd.op import Op
from backprop_viz.autograd.ops import OPS
from backprop_viz.autograd.ops.products import einsum_of
from backprop_viz.autograd.ops.shapes import concatenate_of, stack_of
from backprop_viz.autograd.tensor import apply

MATRIX = np.arange(12.0).reshape(4, 3)


# ---------------------------------------------------------------------- picking
@st.composite
def arrays_and_keys(draw: st.DrawFn) -> tuple[np.ndarray[Any, Any], Any]:
    """An array, and a key for it: numbers, slices, "...", None; arrays of numbers; masks; some of each."""
    shape = draw(arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4))
    x = np.random.default_rng(0).uniform(-1, 1, shape)
    kinds: list[Any] = [arrays.basic_indices(shape, allow_newaxis=True), arrays.arrays(bool, shape)]
    if 0 not in shape:
        kinds.append(arrays.integer_array_indices(shape, result_shape=arrays.array_shapes(max_dims=2, min_side=0)))
        some = st.lists(st.integers(-shape[0], shape[0] - 1), max_size=5)
        kinds += [some.map(lambda key: np.array(key, int)), st.tuples(some, st.just(Ellipsis), st.none())]
    return x, draw(st.one_of(*kinds))


def gradient_of_picking(x: np.ndarray[Any, Any], key: Any, g: Any) -> Any:
    """The gradient by x of x[key], element by element."""
    expected = np.zeros(x.size)
    for position, piece in zip(np.ravel(np.arange(x.size).reshape(x.shape)[key]), np.ravel(g), strict=True):
        expected[position] += piece
    return expected.reshape(x.shape)


@given(arrays_and_keys())
def test_any_key_picks_as_in_numpy_and_its_gradient_goes_back_to_what_was_picked(case: tuple[Any, Any]) -> None:
    values, key = case
    x = bp.parameter(values)
    y: Any = x[key]
    assert np.array_equal(y.data, values[key])
    g = np.random.default_rng(1).uniform(0.5, 1.5, y.shape)
    y.backward(g)
    assert np.allclose(x.grad, gradient_of_picking(values, key, g), rtol=1e-15)


@given(arrays_and_keys(), st.booleans())
def test_an_edit_at_any_key_leaves_the_rest_its_gradient(case: tuple[Any, Any], one_number: bool) -> None:
    values, key = case
    picked = np.arange(values.size).reshape(values.shape)[key]
    if np.unique(picked).size < picked.size:
        return  # which of two writes to one element is the last is nowhere said
    x, y = bp.parameter(values), bp.parameter(2.0 if one_number else np.ones(picked.shape))
    z = x * 1.0
    z[key] = y
    expected = values.copy()
    expected[key] = y.data
    assert np.array_equal(z.data, expected)
    g = np.random.default_rng(1).uniform(0.5, 1.5, z.shape)
    z.backward(g)
    assert np.array_equal(x.grad, np.where(np.isin(np.arange(g.size).reshape(g.shape), picked), 0.0, g))
    assert np.allclose(y.grad, g[key].sum() if one_number else g[key])


@pytest.mark.parametrize(
    "key",
    [
        bp.tensor(1), bp.tensor([0, 2, 2]), bp.tensor([[True, False, True]] * 4), bp.tensor([True, False, False, True]),
        (bp.tensor([0, 1]), bp.tensor([2, 2])), (slice(None), bp.tensor([True, False, True])), MATRIX > 20, [], [[]],
        (Ellipsis, bp.tensor(2)), [True, True, False, False],
    ],
)  # fmt: skip
def test_a_tensor_a_mask_and_nothing_are_keys(key: Any) -> None:
    plain = tuple(
        part.data if isinstance(part, bp.Tensor) else part for part in (key if type(key) is tuple else (key,))
    )
    x = bp.parameter(MATRIX)
    y: Any = x[key]
    assert np.array_equal(y.data, MATRIX[plain])
    y.sum().backward()
    assert np.array_equal(x.grad, gradient_of_picking(MATRIX, plain, np.ones(y.shape)))


# ---------------------------------------------------------------------- views
@pytest.mark.parametrize(
    ("show", "shared"),
    [
        (lambda x: x[1:, 0], True),
        (lambda x: x[..., None], True),
        (lambda x: x[::-2], True),
        (lambda x: x[2], True),
        (lambda x: x.flatten(), True),
        (lambda x: x.view(3, -1), True),
        (lambda x: x.unsqueeze(-1).squeeze(), True),
        (lambda x: x.expand(2, -1, -1), True),
        (lambda x: x.mT, True),
        (lambda x: x.split(3)[1], True),
        (lambda x: x.T.flatten(), False),
        (lambda x: x[[1, 2]], False),
        (lambda x: x[x > 3], False),
        (lambda x: bp.cat([x]), False),
        (lambda x: bp.stack([x]), False),
        (lambda x: bp.einsum("ij->ji", x), False),
    ],
)
def test_a_view_shows_the_edits_of_what_it_is_taken_from(show: Callable[[Any], bp.Tensor], shared: bool) -> None:
    x = bp.tensor(MATRIX)
    y = show(x)
    before = np.array(y.data)
    x += 100.0
    assert np.array_equal(y.data, before + 100 if shared else before)
    assert np.shares_memory(x.data, y.data) == shared


# ---------------------------------------------------------------------- rows of as many arguments as there are
ANY_COUNT: list[tuple[Op, tuple[Any, ...], dict[str, Any]]] = [
    (concatenate_of(1), ((2, 3),), {}),
    (concatenate_of(3), ((2, 3), (0, 3), (1, 3)), {}),
    (concatenate_of(3), ((2, 1), (2, 3), (2, 2)), {"axis": -1}),
    (stack_of(1), ((2, 3),), {"axis": 1}),
    (stack_of(3), ((), (), ()), {}),
    (stack_of(3), ((2, 3), (2, 3), (2, 3)), {"axis": -1}),
    *((einsum_of(1), ((3, 3),), {"subscripts": text}) for text in ["ii", "ii->i", "ij->", "ji", "ij->j", "...i->i..."]),
    (einsum_of(3), ((2, 3), (3, 4), (4, 2)), {"subscripts": "ij,jk,kl->il"}),
    (einsum_of(3), ((2, 3), (3,), (2,)), {"subscripts": "ij,j,k->i"}),
    (einsum_of(4), ((2,), (3,), (2, 4), (3, 4)), {"subscripts": "i,j,ik,jk"}),
]


@pytest.mark.parametrize("case", ANY_COUNT, ids=lambda case: f"{case[0].notation} {case[2]}")
def test_a_row_for_any_number_of_arguments_is_as_right_as_that_for_two(case: Any) -> None:
    op, shapes, _ = case
    assert faults_in_derivatives(case) == []
    assert faults_in_formulas(case) == []
    assert [op.reads(slot) for slot in range(len(shapes))] == [
        {f"x{i}" for i in range(len(shapes)) if i != slot} if op.name == "einsum" else set()
        for slot in range(len(shapes))
    ]


@pytest.mark.needs("torch")
@pytest.mark.parametrize("case", ANY_COUNT, ids=lambda case: f"{case[0].notation} {case[2]}")
def test_a_row_for_any_number_of_arguments_is_that_of_pytorch(case: Any) -> None:
    op, shapes, options = case
    values = [np.random.default_rng(i).uniform(-1, 1, shape) for i, shape in enumerate(shapes)]
    agree(lambda *xs: apply(op, *xs, **options), lambda *xs: rows.TORCH[op.name](*xs, **options), values)


def agree(ours: Callable[..., Any], theirs: Callable[..., Any], values: list[Any]) -> None:
    """Value and gradients of the one function are those of the other, which is PyTorch's."""
    import torch

    xs = [bp.parameter(value) for value in values]
    ts = [torch.tensor(value, requires_grad=True) for value in values]
    out, expected = ours(*xs), theirs(*ts)
    assert out.shape == tuple(expected.shape)
    assert np.allclose(out.data, expected.detach().numpy(), rtol=1e-12, atol=1e-13)
    g = np.random.default_rng(2).uniform(0.5, 1.5, out.shape)
    out.backward(g)
    expected.backward(torch.tensor(g))
    for x, t in zip(xs, ts, strict=True):
        grad = np.zeros(x.shape) if t.grad is None else t.grad.numpy()
        assert np.shape(x.grad) == x.shape
        assert np.allclose(x.grad, grad, rtol=1e-12, atol=1e-13)


def test_whole_numbers_joined_to_float32_are_float32() -> None:
    single, whole = bp.tensor([1.0, 2.0], dtype=np.float32), bp.tensor([3, 4])
    assert bp.cat([single, whole]).dtype == bp.stack([whole, single]).dtype == np.float32
    assert bp.cat([whole, whole]).dtype == np.int64
    assert bp.cat([single, bp.tensor([1.0])]).dtype == np.float64


def test_one_row_serves_all_lists_of_one_length() -> None:
    x = bp.parameter(MATRIX)
    assert bp.cat([x, x]).op is OPS["concatenate"]
    assert bp.cat([x] * 5).op is bp.cat([x] * 5).op
    assert bp.cat([x] * 5).parents == (x,) * 5


def test_a_list_of_tensors_is_recorded_argument_by_argument() -> None:
    a, b, c = (bp.parameter(float(i)) for i in range(3))
    loss = (bp.stack([a, b, c]) * np.array([1.0, 2.0, 3.0])).sum()
    trace = bp.trace(loss)
    (stacked,) = (node for node in trace.nodes if node.op == "stack")
    assert stacked.notation == "stack(x0, x1, x2, axis)"
    assert [edge.formula for edge in trace.edges if edge.child == stacked.index] == [
        f"unbind(g, axis)[{slot}]" for slot in range(3)
    ]
    loss.backward()
    assert [x.grad for x in (a, b, c)] == [1.0, 2.0, 3.0]


def test_each_piece_of_a_split_is_a_node_that_says_which_piece_it_is() -> None:
    x = bp.parameter(MATRIX)
    first, second = x.split([1, 2], dim=1)
    assert [piece.options["piece"] for piece in (first, second)] == [0, 1]
    bp.concatenate([second, first], 1).backward(MATRIX)
    assert np.array_equal(x.grad, MATRIX[:, [2, 0, 1]])


def test_pieces_and_joins_are_computed_again_by_the_graph() -> None:
    x = bp.parameter([1.0, 2.0, 3.0])
    first, second = x.split(2)
    graph = bp.graph((bp.cat([second, first]) * np.array([1.0, 10.0, 100.0])).sum())
    with bp.no_grad():
        x += 1.0
    assert graph.forward() == 4.0 + 20.0 + 300.0
    graph.backward()
    assert x.grad.tolist() == [10.0, 100.0, 1.0]


# ---------------------------------------------------------------------- einsum
@st.composite
def sums(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """Subscripts and operands: indices shared, repeated, summed alone, stretched from size 1; unnamed axes."""
    sizes = {index: draw(st.integers(1, 3)) for index in "ijkl"}
    unnamed = draw(st.lists(st.integers(1, 3), max_size=2))
    dots = bool(unnamed) and draw(st.booleans())
    terms, values = [], []
    for seed in range(draw(st.integers(1, 3))):
        term = draw(st.text("ijkl", max_size=3))
        shape = [sizes[index] for index in term]
        if len(set(term)) == len(term) and draw(st.booleans()):
            shape = [1 if draw(st.booleans()) else size for size in shape]
        if dots and draw(st.booleans()):
            at = draw(st.integers(0, len(term)))
            term, shape = f"{term[:at]}...{term[at:]}", shape[:at] + unnamed[draw(st.integers(0, 1)) :] + shape[at:]
        terms.append(term)
        values.append(np.random.default_rng(seed).uniform(-1, 1, shape))
    named = sorted(set("".join(terms)) - {"."})
    text = ",".join(terms)
    if draw(st.booleans()):
        result = draw(st.permutations(named))[: draw(st.integers(0, len(named)))]
        text += "->" + "..." * ("..." in text) + "".join(result)
    return text, values


@pytest.mark.needs("torch")
@given(sums())
def test_any_einsum_is_that_of_pytorch(case: tuple[str, list[Any]]) -> None:
    import torch

    subscripts, values = case
    agree(lambda *xs: bp.einsum(subscripts, *xs), lambda *ts: torch.einsum(subscripts, *ts), values)


def test_a_diagonal_is_written_as_one() -> None:
    formula = OPS["einsum"].arguments[0].formula_at
    assert formula((2, 2), (2,), subscripts="ii,i->") == "on_diagonal(einsum(',i->i', g, x1))"
    assert formula((2, 3), (3, 4), subscripts="ij,jk") == "einsum('ik,jk->ij', g, x1)"
    assert formula((2, 3), (2,), subscripts="ij,i->i") == "einsum('i,i,ij->ij', g, x1, ones_like(x0))"
    assert formula((1, 3), (2, 3), subscripts="ij,ij->i") == "reshape(einsum('i,ij->j', g, x1), x0.shape)"


# ---------------------------------------------------------------------- NumPy's functions, and PyTorch's methods
@pytest.mark.parametrize(
    ("name", "write", "expected"),
    [
        ("concatenate", lambda x: np.concatenate([x, x]), np.concatenate([MATRIX, MATRIX])),
        ("concatenate", lambda x: np.concatenate((x, MATRIX), axis=-1), np.concatenate([MATRIX, MATRIX], 1)),
        ("concatenate", lambda x: np.concatenate([x, x[0]], axis=None), [*range(12), *range(3)]),
        ("stack", lambda x: np.stack([x, x], axis=1), np.stack([MATRIX, MATRIX], 1)),
        ("split", lambda x: np.split(x, 2)[1], MATRIX[2:]),
        ("split", lambda x: np.split(x, [1, 2], axis=1)[2], MATRIX[:, 2:]),
        ("split", lambda x: x.split(3)[1], MATRIX[3:]),
        ("squeeze", lambda x: np.squeeze(x[None]), MATRIX),
        ("squeeze", lambda x: np.squeeze(x[..., None], axis=-1), MATRIX),
        ("squeeze", lambda x: x.squeeze(1), MATRIX),
        ("unsqueeze", lambda x: np.expand_dims(x, 1), MATRIX[:, None]),
        ("unsqueeze", lambda x: x.unsqueeze(-1), MATRIX[..., None]),
        ("broadcast_to", lambda x: np.broadcast_to(x, (2, 4, 3)), np.stack([MATRIX] * 2)),
        ("broadcast_to", lambda x: x.broadcast_to((2, 4, 3)), np.stack([MATRIX] * 2)),
        ("broadcast_to", lambda x: x[:, None].expand(-1, 2, 3), np.stack([MATRIX] * 2, 1)),
        ("flatten", np.ravel, MATRIX.ravel()),
        ("flatten", lambda x: x[None].flatten(1), MATRIX.reshape(1, 12)),
        ("flatten", lambda x: x[None].flatten(end_dim=1), MATRIX),
        ("reshape", lambda x: x.view(2, 6), MATRIX.reshape(2, 6)),
        ("transpose", lambda x: np.swapaxes(x, 0, -1), MATRIX.T),
        ("transpose", lambda x: x.transpose(-1, -2), MATRIX.T),
        ("transpose", lambda x: np.moveaxis(x[None], 0, -1), MATRIX[..., None]),
        ("transpose", lambda x: bp.movedim(x[None], (0, 1), (1, 0)), MATRIX[:, None]),
        ("transpose", lambda x: x[None].mT, MATRIX.T[None]),
        ("matmul", lambda x: np.dot(x, np.ones(3)), MATRIX.sum(1)),
        ("matmul", lambda x: np.dot(x, x.T), MATRIX @ MATRIX.T),
        ("dot", lambda x: np.dot(x[0], x[1]), 14.0),
        ("dot", lambda x: x[0].dot(x[1]), 14.0),
        ("mul", lambda x: np.dot(x, 2.0), 2 * MATRIX),
        ("outer", lambda x: np.outer(x[0], x[1]), np.outer(MATRIX[0], MATRIX[1])),
        ("einsum", lambda x: np.einsum("ij,kj", x, x), MATRIX @ MATRIX.T),
        ("embedding", lambda x: bp.embedding([[0, 3], [1, 1]], x), MATRIX[[[0, 3], [1, 1]]]),
        ("embedding", lambda x: bp.embedding(bp.tensor([2]), x), MATRIX[[2]]),
        ("embedding", lambda x: bp.embedding(2, x), MATRIX[2]),
    ],
)
def test_elements_are_moved_as_written(name: str, write: Callable[[Any], Any], expected: Any) -> None:
    x = bp.parameter(MATRIX)
    out = write(x)
    assert out.op.name == name
    assert np.array_equal(out.data, expected)
    out.sum().backward()
    assert x.grad.shape == (4, 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 5), (5,), (2, 1, 5)])
def test_the_gradient_of_a_layer_at_batch_size_one_is_the_product_of_a_column_and_a_row(shape: Any, dtype: Any) -> None:
    x = np.random.default_rng(0).uniform(-1, 1, shape).astype(dtype)
    w = bp.parameter(np.ones((5, 3)), dtype=dtype)
    (bp.tensor(x) @ w).sum().backward()
    assert w.grad.dtype == dtype
    assert np.allclose(w.grad, x.reshape(-1, 5).sum(0)[:, None] * np.ones(3), rtol=1e-6)


# ---------------------------------------------------------------------- errors
ERRORS: list[tuple[Callable[[Any], Any], type[Exception], list[str]]] = [
    (lambda x: x[7], IndexError, ["index 7 is out of bounds"]),
    (lambda x: x[1.5], IndexError, ["only integers, slices"]),
    (lambda x: x[bp.tensor([0.0])], IndexError, ["integer (or boolean)"]),
    (lambda x: x[np.ones(3, bool)], IndexError, ["boolean index did not match"]),
    (lambda x: x.flatten(1, 0), ValueError, ["flatten of shape (4, 3)", "start_dim=1 comes after end_dim=0"]),
    (lambda x: x.flatten(2), ValueError, ["flatten of shape (4, 3)", "axis 2 is out of bounds"]),
    (lambda x: x.squeeze(2), ValueError, ["squeeze of shape (4, 3)", "axis 2 is out of bounds"]),
    (lambda x: np.squeeze(x, 0), ValueError, ["size not equal to one"]),
    (lambda x: x.unsqueeze(4), ValueError, ["unsqueeze of shape (4, 3)", "axis 4 is out of bounds"]),
    (lambda x: x.expand(5, 3), ValueError, ["broadcast_to of shape (4, 3)", "(5,3)"]),
    (lambda x: x.transpose(0, 2), ValueError, ["transpose of shape (4, 3)", "axis 2 is out of bounds"]),
    (lambda x: x.movedim(0, 2), ValueError, ["transpose of shape (4, 3)", "axis 2 is out of bounds"]),
    (lambda x: x[0].mT, AttributeError, ["x.mT transposes matrices", "shape (3,)", "x[:, None].mT"]),
    (lambda x: x.split(0), ValueError, ["split: axis 0 of shape (4, 3) has 4 elements", "0 does not", "add up to 4"]),
    (lambda x: x.split([1, 2]), ValueError, ["[1, 2] does not split", "add up to 4"]),
    (lambda x: x.split(2, 5), ValueError, ["split: axis 5 is out of bounds"]),
    (lambda x: np.split(x, 3), ValueError, ["equal division"]),
    (lambda x: bp.cat([]), TypeError, ["concatenate takes a list", "an empty one", "bp.concatenate([x, y])"]),
    (lambda x: bp.stack(x), TypeError, ["stack takes a list", "got Tensor", "bp.stack([x, y])"]),
    (lambda x: bp.cat([x, x[0]]), ValueError, ["concatenate: shapes (4, 3) and (3,)", "do not fit together"]),
    (lambda x: bp.cat([x, [1.0]]), TypeError, ["concatenate", "list [1.0]", "bp.tensor(...)"]),
    (lambda x: bp.stack([x, x[0]]), ValueError, ["stack: shapes (4, 3) and (3,)", "same shape"]),
    (lambda x: np.stack([x], out=MATRIX), TypeError, ["np.stack on a tensor takes arrays, axis", "'out'", "Leave"]),
    (lambda x: bp.dot(x, x), ValueError, ["dot takes two vectors", "(4, 3) and (4, 3)", "a @ b"]),
    (lambda x: bp.dot(x[0], x[:, 0]), ValueError, ["dot: shapes (3,) and (4,) do not fit together"]),
    (lambda x: x.outer(x[0]), ValueError, ["outer takes two vectors", "(4, 3) and (3,)", "a.flatten()"]),
    (lambda x: np.dot(x, x[None]), ValueError, ["np.dot of axes 2 and 3", "a @ b", "np.einsum"]),
    (lambda x: bp.einsum(x, "ij"), TypeError, ["bp.einsum('ij,jk->ik', a, b)", "got Tensor", "1 operands"]),
    (lambda x: bp.einsum("ij"), TypeError, ["got str 'ij' and 0 operands"]),
    (lambda x: bp.einsum("ij,jk", x), ValueError, ["'ij,jk' name 2 operands, and 1 are given"]),
    (lambda x: bp.einsum("ijk->i", x), ValueError, ["einsum of shape (4, 3)", "too many subscripts"]),
    (lambda x: bp.einsum("i->i", x), ValueError, ["einsum of shape (4, 3)", "more dimensions than subscripts"]),
    (lambda x: bp.einsum("ij->ik", x), ValueError, ["einsum of shape (4, 3)", "'k'"]),
    (lambda x: bp.einsum("i!->i", x), ValueError, ["einsum of shape (4, 3)", "'!'"]),
    (lambda x: bp.einsum("ij,ij->i", x, x.T), ValueError, ["einsum: shapes (4, 3) and (3, 4) do not fit together"]),
    (lambda x: bp.embedding([4], x), IndexError, ["index 4 is out of range", "4 rows, numbered from 0"]),
    (lambda x: bp.embedding([0, -1], x), IndexError, ["index -1 is out of range"]),
    (lambda x: bp.embedding([0.5], x), TypeError, ["whole numbers", "float64", "dtype=int"]),
    (lambda x: bp.embedding(x, [1]), ValueError, ["weight is a matrix", "(1,)", "Indices come first"]),
]


@pytest.mark.parametrize(("do", "kind", "words"), ERRORS)
def test_an_error_says_what_was_given_and_what_to_do(
    do: Callable[[Any], Any], kind: type[Exception], words: list[str]
) -> None:
    with pytest.raises(kind) as caught:
        do(bp.parameter(MATRIX))
    for word in words:
        assert word in str(caught.value)
