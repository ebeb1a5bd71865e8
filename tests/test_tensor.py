"""Tensors: ordinary Python and NumPy code records what the reader wrote, and refuses clearly what it cannot record."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import backprop_viz as bp
from backprop_viz.autograd import ops
from backprop_viz.autograd.op import elementwise
from backprop_viz.autograd.tensor import apply, prefix

ARRAY = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


# ---------------------------------------------------------------------- what is recorded
@pytest.mark.parametrize(
    ("name", "write", "value"),
    [
        ("add", lambda x, y: x + y, 5.0),
        ("sub", lambda x, y: x - y, -1.0),
        ("mul", lambda x, y: x * y, 6.0),
        ("div", lambda x, y: x / y, 2 / 3),
        ("pow", lambda x, y: x**y, 8.0),
        ("add", lambda x, y: 1 + x, 3.0),
        ("sub", lambda x, y: 1 - x, -1.0),
        ("mul", lambda x, y: 2 * x, 4.0),
        ("div", lambda x, y: 1 / x, 0.5),
        ("pow", lambda x, y: 3**x, 9.0),
        ("neg", lambda x, y: -x, -2.0),
        ("mul", lambda x, y: np.float64(2) * x, 4.0),
        ("mul", lambda x, y: x * np.int64(2), 4.0),
        ("sub", lambda x, y: np.float64(1) - x, -1.0),
        ("tanh", lambda x, y: x.tanh(), np.tanh(2)),
        ("tanh", lambda x, y: np.tanh(x), np.tanh(2)),
        ("tanh", lambda x, y: bp.tanh(x), np.tanh(2)),
        ("exp", lambda x, y: np.exp(x), np.exp(2)),
        ("log", lambda x, y: np.log(x), np.log(2)),
        ("sqrt", lambda x, y: np.sqrt(x), np.sqrt(2)),
        ("neg", lambda x, y: np.negative(x), -2.0),
        ("mul", lambda x, y: np.multiply(x, y), 6.0),
        ("sigmoid", lambda x, y: bp.sigmoid(x), 1 / (1 + np.exp(-2))),
        ("relu", lambda x, y: bp.relu(x), 2.0),
        ("addcmul", lambda x, y: bp.addcmul(x, y, y), 11.0),
        ("add", lambda x, y: x + True, 3.0),
        ("mul", lambda x, y: x * (y > 1), 2.0),
    ],
)
def test_one_written_operation_is_one_node(name: str, write: Callable[[Any, Any], bp.Tensor], value: float) -> None:
    x, y = bp.parameter(2.0), bp.parameter(3.0)
    out = write(x, y)
    assert out.op is ops.OPS[name]
    assert out.data == pytest.approx(value, rel=1e-15)
    assert out.data.__class__ is float
    assert out.parents[0] is x or out.parents == (x,)


@pytest.mark.parametrize(
    ("name", "write", "expected"),
    [
        ("sum", lambda x: np.sum(x, axis=0), ARRAY.sum(axis=0)),
        ("sum", lambda x: np.sum(x, 1, keepdims=True), ARRAY.sum(axis=1, keepdims=True)),
        ("sum", lambda x: x.sum(axis=(0, 1)), 21.0),
        ("mean", lambda x: np.mean(x, axis=1), ARRAY.mean(axis=1)),
        ("matmul", lambda x: ARRAY.T @ x, ARRAY.T @ ARRAY),
        ("matmul", lambda x: x @ ARRAY.T, ARRAY @ ARRAY.T),
        ("matmul", lambda x: np.matmul(x, [1.0, 2.0, 3.0] * np.ones(3)), ARRAY @ [1, 2, 3]),
        ("matmul", lambda x: bp.matmul(x, np.ones(3)), ARRAY.sum(axis=1)),
        ("transpose", lambda x: x.T, ARRAY.T),
        ("transpose", lambda x: np.transpose(x), ARRAY.T),
        ("transpose", lambda x: x.transpose(0, 1), ARRAY.T),
        ("transpose", lambda x: x.permute(1, 0), ARRAY.T),
        ("transpose", lambda x: np.transpose(x, (1, 0)), ARRAY.T),
        ("reshape", lambda x: x.reshape(3, 2), ARRAY.reshape(3, 2)),
        ("reshape", lambda x: x.reshape((6,)), ARRAY.ravel()),
        ("reshape", lambda x: np.reshape(x, (3, -1)), ARRAY.reshape(3, 2)),
        ("getitem", lambda x: x[0], ARRAY[0]),
        ("getitem", lambda x: x[:, 1:], ARRAY[:, 1:]),
        ("getitem", lambda x: x[..., None], ARRAY[..., None]),
        ("getitem", lambda x: x[x > 2], ARRAY[ARRAY > 2]),
        ("getitem", lambda x: x[bp.tensor([1, 0])], ARRAY[[1, 0]]),
        ("getitem", lambda x: list(x)[1], ARRAY[1]),
        ("mul", lambda x: np.array([1.0, 2.0, 3.0]) * x, ARRAY * [1, 2, 3]),
        ("div", lambda x: np.ones(3) / x, 1 / ARRAY),
        ("sub", lambda x: x - np.array([1, 2, 3]), ARRAY - [1, 2, 3]),
    ],
)
def test_arrays_are_recorded_as_written(name: str, write: Callable[[bp.Tensor], bp.Tensor], expected: Any) -> None:
    x = bp.parameter(ARRAY)
    out = write(x)
    assert out.op is ops.OPS[name]
    assert np.array_equal(out.data, expected)
    out.sum().backward()
    assert x.grad.shape == (2, 3)


def test_plain_numbers_are_no_nodes_and_arrays_are() -> None:
    x = bp.parameter(2.0)
    assert (3 * x).arguments == (3, x)
    assert (3 * x).parents == (x,)
    y: Any = np.ones(2) * x
    assert [parent.shape for parent in y.parents] == [(2,), ()]


def test_an_array_in_an_expression_is_copied() -> None:
    x, array = bp.parameter(2.0), np.ones(2)
    y = x * array
    array[:] = 99
    y.sum().backward()
    assert x.grad == 2.0


@pytest.mark.parametrize("wrap", [lambda i: i, lambda i: (i,), lambda i: (i, Ellipsis), bp.tensor])
@pytest.mark.parametrize("make", [np.array, list])
def test_an_index_is_copied(make: Callable[[Any], Any], wrap: Callable[[Any], Any]) -> None:
    x, index = bp.parameter([1.0, 2.0, 3.0]), make([0, 1])
    y = x[wrap(index)]
    index[0] = 2
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0, 0.0]


def test_an_option_given_as_a_list_is_copied() -> None:
    x, axes = bp.parameter(ARRAY), [1, 0]
    y: Any = np.transpose(x, axes)
    axes.reverse()
    y.backward(ARRAY.T)
    assert x.grad.tolist() == ARRAY.tolist()


def test_a_list_of_tensors_is_an_index() -> None:
    assert bp.tensor([5.0, 6.0, 7.0])[[bp.tensor(2), bp.tensor(0)]].data.tolist() == [7.0, 5.0]


def test_a_constant_that_is_true_is_the_number_one() -> None:
    x = bp.parameter(2.0)
    one, same = ((x > 1) * x).arguments
    assert (one, one.__class__, same is x) == (1, int, True)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("shape", "axis"), [((0,), None), ((0, 3), 0), ((3, 0), 0), ((3, 0), 1)])
def test_the_mean_of_nothing_has_an_empty_gradient(shape: tuple[int, ...], axis: int | None) -> None:
    x = bp.parameter(np.zeros(shape))
    y = x.mean(axis=axis)
    y.backward(np.ones(y.shape))
    assert x.grad.shape == shape


@pytest.mark.parametrize(
    ("do", "words"),
    [
        (lambda: bp.tensor(2) ** -1, "pow.*negative integer powers"),
        (lambda: bp.parameter(ARRAY).sum(axis=5), "sum.*axis 5 is out of bounds"),
        (lambda: bp.parameter(ARRAY).permute(0, 0), "transpose.*repeated axis"),
    ],
)
def test_numpy_speaks_for_itself_where_shapes_are_not_the_trouble(do: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        do()
    assert "Reshape one of them" not in str(caught.value)


def test_whole_numbers_beyond_int64_are_floats() -> None:
    assert bp.parameter(10**20).data == 1e20
    assert bp.tensor([10**20, 1], dtype=np.float32).dtype == np.float32


def test_a_tensor_holds_a_copy_of_its_data() -> None:
    array = np.ones(3)
    x = bp.tensor(array)
    array[0] = 99
    assert x.data[0] == 1.0


def test_x_times_x_has_two_edges() -> None:
    x = bp.parameter(3.0)
    y = x * x
    assert y.parents == (x, x)
    y.backward()
    assert x.grad == 6.0


@pytest.mark.parametrize("data", [2, True, np.int32(2), np.float32(2), [1, 2], 2.0, np.float16(1)])
def test_a_gradient_through_any_kind_of_number_is_a_plain_float(data: Any) -> None:
    w = bp.parameter(3.0)
    loss = (bp.tensor(data) * w).sum()
    assert bp.tensor(data).data.__class__ is not np.float64
    loss.backward()
    assert w.grad.__class__ is float
    assert w.grad == np.sum(data)


def test_comparisons_give_plain_booleans_and_record_nothing() -> None:
    x, y = bp.parameter(2.0), bp.parameter([1.0, 3.0])
    assert (x == 2.0) is np.True_ or (x == 2.0) is True
    assert not isinstance(x < 3, bp.Tensor)
    assert (y >= x).tolist() == [False, True]
    assert (np.less(y, 2) == [True, False]).all()
    assert (y != y).tolist() == [False, False]
    assert {x: 1}[x] == 1
    assert bp.parameter(2.0) not in {x: 1}
    assert x > 1
    assert np.isfinite(y).all()
    assert np.zeros_like(y).tolist() == [0.0, 0.0]


def test_a_tensor_reads_as_python_and_numpy_do() -> None:
    x = bp.tensor([[1.0, 2.0]])
    assert (x.shape, x.ndim, x.size, len(x)) == ((1, 2), 2, 2, 1)
    assert x.dtype == np.float64
    assert float(bp.tensor(2)) == 2.0
    assert bp.tensor(2.5).item() == 2.5
    assert bp.tensor([[7]]).item() == 7
    assert np.asarray(x).tolist() == [[1.0, 2.0]]
    assert x.numpy() is x.data
    assert bool(bp.tensor(0.0)) is False


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: bp.tensor(1.5), "tensor(1.5000)"),
        (lambda: bp.parameter(1, name="w"), "tensor(1.0000, name='w', requires_grad=True)"),
        (lambda: bp.tensor([1, 2]), "tensor([1, 2])"),
        (lambda: bp.parameter(2.0) * 3, "tensor(6.0000, op=mul)"),
        (lambda: bp.tensor(np.array([1, 2], np.float32)), "tensor([1., 2.], dtype=float32)"),
    ],
)
def test_the_text_of_a_tensor_shows_value_name_and_op(make: Callable[[], bp.Tensor], text: str) -> None:
    assert repr(make()) == text


def test_leaves_and_results_are_told_apart_as_in_pytorch() -> None:
    x, w = bp.tensor(1.0), bp.parameter(2)
    assert w.dtype == np.float64
    assert x.is_leaf
    assert w.is_leaf
    assert (x * x).is_leaf
    assert not (x * w).is_leaf
    assert w.grad is None
    assert bp.tensor(1.0, requires_grad=True).requires_grad
    assert not (x * x).requires_grad
    assert x.requires_grad_() is x
    assert x.requires_grad
    assert +w is w
    assert dir(w).count("sinh") == 0
    assert dir(w).count("add") == 0
    assert "tanh" in dir(w)


# ---------------------------------------------------------------------- bce and the numerical edges
@pytest.mark.needs("torch")
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("target", [[0.0, 1.0, 1.0, 0.3], [1.0, 0.0, 0.0, 0.9]])
def test_bce_is_that_of_pytorch_also_at_zero_and_one(reduction: str, target: list[float]) -> None:
    import torch

    ours = bp.parameter([0.0, 1.0, 0.2, 0.7])
    theirs: Any = torch.tensor([0.0, 1.0, 0.2, 0.7], requires_grad=True)
    loss = bp.bce(ours, np.array(target), reduction)
    expected = torch.nn.functional.binary_cross_entropy(theirs, torch.tensor(target), reduction=reduction)
    assert np.allclose(loss.data, expected.detach().numpy(), rtol=1e-6)
    loss.sum().backward()
    expected.sum().backward()  # type: ignore[no-untyped-call]
    assert np.allclose(ours.grad, theirs.grad, rtol=1e-5)


@pytest.mark.parametrize(
    ("p", "y", "loss", "grad"), [(0.0, 1.0, 100.0, -1e12), (1.0, 0.0, 100.0, 1e12), (1.0, 1.0, 0.0, 0.0)]
)
def test_bce_of_scalars_holds_its_logarithms(p: float, y: float, loss: float, grad: float) -> None:
    prediction = bp.parameter(p)
    out = bp.bce(prediction, y)
    assert out.data == loss
    out.backward()
    assert prediction.grad == grad


EDGES: list[tuple[Callable[[Any], Any], float, float, float]] = [
    (lambda x: 1 / x, 0.0, np.inf, -np.inf),
    (lambda x: x / 0, 1.0, np.inf, np.inf),
    (lambda x: x / x, 0.0, np.nan, np.nan),
    (lambda x: bp.log(x), 0.0, -np.inf, np.inf),
    (lambda x: bp.log(x), -1.0, np.nan, -1.0),
    (lambda x: bp.exp(x), 1000.0, np.inf, np.inf),
    (lambda x: bp.sqrt(x), 0.0, 0.0, np.inf),
    (lambda x: bp.sqrt(x), -1.0, np.nan, np.nan),
    (lambda x: x**0.5, -1.0, np.nan, np.nan),
    (lambda x: x**-1, 0.0, np.inf, -np.inf),
    (lambda x: x**400, 1e10, np.inf, np.inf),
    (lambda x: x * 1e308 * 10, 10.0, np.inf, np.inf),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("write", "at", "value", "grad"), EDGES)
@pytest.mark.parametrize("shape", [(), (1,)])
def test_where_python_would_raise_there_is_inf_or_nan(
    write: Callable[[Any], Any], at: float, value: float, grad: float, shape: tuple[int, ...]
) -> None:
    x = bp.parameter(at if shape == () else np.full(shape, at))
    out = write(x)
    out.sum().backward()
    assert np.allclose(out.data, value, equal_nan=True)
    assert np.allclose(x.grad, grad, equal_nan=True)
    assert bp.trace(out.sum()).to_json()


@pytest.mark.parametrize("write", [lambda x: 1 / x, bp.log], ids=["1/x", "log"])
def test_a_division_by_zero_warns_as_numpy_does(write: Callable[[Any], Any]) -> None:
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert np.isinf(write(bp.parameter(0.0)).data)


@pytest.mark.parametrize("shape", [(), (1,)])
@pytest.mark.parametrize(
    ("write", "at", "value", "grad"),
    [
        (lambda x: bp.sigmoid(x), 800.0, 1.0, 0.0),
        (lambda x: bp.sigmoid(x), -800.0, 0.0, 0.0),
        (lambda x: bp.sigmoid(x), -40.0, 4.248354255291589e-18, 4.248354255291589e-18),
        (lambda x: bp.relu(x), 0.0, 0.0, 0.0),
        (lambda x: bp.relu(x), -0.0, 0.0, 0.0),
        (lambda x: bp.relu(x), np.nan, np.nan, 1.0),
        (lambda x: x**0, 0.0, 1.0, 0.0),
        (lambda x: x**2, 0.0, 0.0, 0.0),
        (lambda x: x**1, 0.0, 0.0, 1.0),
        (lambda x: 0**x, 2.0, 0.0, 0.0),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_limits_are_reached_without_a_warning(
    write: Callable[[Any], Any], at: float, value: float, grad: float, shape: tuple[int, ...]
) -> None:
    x = bp.parameter(at if shape == () else np.full(shape, at))
    out = write(x)
    out.sum().backward()
    assert np.allclose(out.data, value, rtol=1e-14, atol=0, equal_nan=True)
    assert np.allclose(x.grad, grad, rtol=1e-14, atol=0)


# ---------------------------------------------------------------------- no_grad, detach, edits in place
def test_no_grad_records_nothing_as_context_and_as_decorator() -> None:
    w = bp.parameter(2.0)

    @bp.no_grad()
    def predict(x: bp.Tensor) -> bp.Tensor:
        return w * x

    with bp.no_grad():
        y = w * 3
        with bp.enable_grad():
            z = w * 3
        inside: Any = np.tanh(w)
    for plain in (y, predict(w), inside):
        assert plain.op is None
        assert not plain.requires_grad
    assert z.requires_grad
    assert (w * 3).requires_grad


def test_no_grad_ends_with_an_error_and_may_be_entered_again() -> None:
    w, off = bp.parameter(2.0), bp.no_grad()
    with pytest.raises(ZeroDivisionError), off, off:
        1 / 0  # noqa: B018
    assert (w * 1).requires_grad


def test_no_grad_in_one_thread_leaves_the_others_recording() -> None:
    w, seen = bp.parameter(2.0), []
    with bp.no_grad():
        thread = threading.Thread(target=lambda: seen.append((w * 3).requires_grad))
        thread.start()
        thread.join()
    assert seen == [True]


def test_detach_shares_the_storage_and_stops_the_gradient() -> None:
    w = bp.parameter([1.0, 2.0])
    d = w.detach()
    assert d.data is w.data
    assert not d.requires_grad
    (w * d).sum().backward()
    assert w.grad.tolist() == [1.0, 2.0]


def test_an_array_is_shared_with_the_detached_tensor_and_so_are_its_edits() -> None:
    for edited in (0, 1, 2):
        w = bp.parameter([2.0, 3.0])
        y = (w * w).sum()
        first = w.detach()
        shared = [w, first, first.detach()]
        z = (shared[2] * w).sum()
        with bp.no_grad():
            shared[edited] += 1
        assert w.data.tolist() == [3.0, 4.0]
        for loss in (y, z):
            with pytest.raises(RuntimeError, match="stale"):
                loss.backward()
        (w * w).sum().backward()
        assert w.grad.tolist() == [6.0, 8.0]


def test_a_scalar_is_copied_by_detach_and_its_edits_are_its_own() -> None:
    w = bp.parameter(2.0)
    y, d = w * w, w.detach()
    d += 1
    assert (w.data, d.data) == (2.0, 3.0)
    y.backward()
    assert w.grad == 4.0


def test_a_parameter_is_edited_in_place_under_no_grad() -> None:
    for start in (2.0, [2.0, 4.0]):
        w = same = bp.parameter(start)
        (w * w).sum().backward()
        with bp.no_grad():
            w -= 0.25 * w.grad
            w *= 2
            w /= 2
            w += 1
        assert w is same
        assert np.array_equal(w.data, np.array(start) / 2 + 1)
        assert w.requires_grad


def test_an_edit_in_place_keeps_the_type() -> None:
    w = bp.parameter(np.array([1, 2], np.float32))
    with bp.no_grad():
        w -= np.float64(0.5)
    assert w.dtype == np.float32


# ---------------------------------------------------------------------- an op that fails or is interrupted
def test_an_interrupted_backward_leaves_the_leaves_as_they_were() -> None:
    def interrupt(out: Any, x: Any) -> Any:
        raise KeyboardInterrupt

    stop = prefix(elementwise("stop", "stop", "stop(x)", np.positive, scalar=float, x=("1 + 0", interrupt)))
    for start in (3.0, [3.0, 4.0]):
        w, v = bp.parameter(start), bp.parameter(start)
        (w * 2.0).sum().backward()
        before = w.grad
        loss = (stop(w) * w * v).sum()
        with pytest.raises(KeyboardInterrupt):
            loss.backward()
        assert w.grad is before
        assert [v.grad, loss.grad] == [None, None]
        (w * v).sum().backward()
        assert np.array_equal(v.grad, np.array(start))


# ---------------------------------------------------------------------- errors: what was given, and what to do
ERRORS: list[tuple[Callable[[Any, Any], Any], type[Exception], list[str]]] = [
    (lambda x, m: np.sinh(x), TypeError, ["np.sinh has no row", "np.tanh", "backprop_viz/autograd/ops/", "x.data"]),
    (lambda x, m: np.add.reduce(m), TypeError, ["np.add.reduce has no row", "np.sum"]),
    (lambda x, m: np.linalg.norm(m), TypeError, ["np.norm has no row"]),
    (lambda x, m: np.add(x, 1, out=np.zeros(())), TypeError, ["np.add on a tensor takes no out:"]),
    (lambda x, m: np.sum(m, where=np.ones(3, bool)), TypeError, ["np.sum on a tensor takes no where:"]),
    (lambda x, m: x.sinh, AttributeError, ["'sinh'", "tanh", "backprop_viz/autograd/ops/"]),
    (lambda x, m: x.add(1), AttributeError, ["no method 'add'", "write `a + b`"]),
    (lambda x, m: x.subtract(1), AttributeError, ["no method 'subtract'", "write `a - b`"]),
    (lambda x, m: x.pow(2), AttributeError, ["no method 'pow'", "write `a ** b`"]),
    (lambda x, m: x.bce(1.0), AttributeError, ["no method 'bce'", "write `bp.bce(p, y)`"]),
    (lambda x, m: x.cumsum(), AttributeError, ["no method 'cumsum'", "no row", "exp, ", "autograd/ops/"]),
    (lambda x, m: m.norm(), AttributeError, ["no method 'norm'", "no row"]),
    (lambda x, m: m.trace(), AttributeError, ["no method 'trace'", "no row"]),
    (lambda x, m: round(x), TypeError, ["round(x) has no row", "backprop_viz/autograd/ops/"]),
    (lambda x, m: x // 2, TypeError, ["x // y has no row"]),
    (lambda x, m: 2 // x, TypeError, ["x // y has no row"]),
    (lambda x, m: x % 2, TypeError, ["x % y has no row"]),
    (lambda x, m: bp.parameter(1.0, dtype=complex), TypeError, ["complex128", "dtype=float"]),
    (lambda x, m: bp.tensor("12", dtype=float), TypeError, ["real numbers", "str", "'12'"]),
    (lambda x, m: bp.tensor(["12"], dtype=float), TypeError, ["real numbers", "list", "['12']"]),
    (lambda x, m: bp.tensor(300, dtype=np.int8), OverflowError, ["300"]),
    (lambda x, m: bp.tensor(10**5000), OverflowError, ["whole number of 16610 bits"]),
    (lambda x, m: x * 10**400, OverflowError, ["mul", "beyond what a float holds"]),
    (lambda x, m: setattr(x, "name", 5), TypeError, ["name is a string", "int 5"]),
    (lambda x, m: x.wrong, AttributeError, ["no attribute 'wrong'"]),
    (lambda x, m: m.backward(), RuntimeError, ["scalar loss", "(2, 3)", ".sum()", "y.backward(v)"]),
    (lambda x, m: m.backward(np.ones(3)), ValueError, ["(3,)", "(2, 3)", "one number per element"]),
    (lambda x, m: x.backward([1.0, 2.0]), ValueError, ["(2,)", "()"]),
    (lambda x, m: x.backward("1"), TypeError, ["a gradient holds numbers", "str", "'1'"]),
    (lambda x, m: x.backward(1j), TypeError, ["a gradient holds numbers", "complex"]),
    (lambda x, m: bp.tensor(1.0).backward(), RuntimeError, ["needs no gradient", "bp.parameter(value)"]),
    (lambda x, m: m + np.ones(2), ValueError, ["add: shapes (2, 3) and (2,)", "equal or one of the two is 1"]),
    (lambda x, m: m @ m, ValueError, ["matmul: shapes (2, 3) and (2, 3)", "do not fit"]),
    (lambda x, m: x @ x, ValueError, ["matmul: shapes () and ()"]),
    (lambda x, m: m.reshape(4), ValueError, ["reshape of shape (2, 3)", "into shape (4,)"]),
    (lambda x, m: m.sum(axis=2), ValueError, ["sum", "axis 2 is out of bounds"]),
    (lambda x, m: m[5], IndexError, ["index 5 is out of bounds"]),
    (lambda x, m: x[0], IndexError, ["too many indices", "0-dimensional"]),
    (lambda x, m: bp.tensor("three"), TypeError, ["real numbers", "str", "'three'"]),
    (lambda x, m: bp.tensor(None), TypeError, ["real numbers", "NoneType"]),
    (lambda x, m: bp.tensor(1j), TypeError, ["real numbers", "complex"]),
    (lambda x, m: bp.parameter({}), TypeError, ["real numbers", "dict"]),
    (lambda x, m: bp.tensor([[1, 2], [3]]), ValueError, ["regular array", "[[1, 2], [3]]"]),
    (lambda x, m: bp.tensor(1.0, name=x.data), TypeError, ["name is a string", "float 2.0"]),
    (lambda x, m: bp.tensor(1, requires_grad=True), TypeError, ["floating-point", "int64", "dtype=float"]),
    (lambda x, m: bp.tensor([1, 2]).requires_grad_(), TypeError, ["floating-point", "int64"]),
    (lambda x, m: (x * 1).requires_grad_(False), RuntimeError, ["only leaves", "detach()"]),
    (lambda x, m: x + "1", TypeError, ["add", "plain numbers", "str '1'", "bp.tensor(...)"]),
    (lambda x, m: x * None, TypeError, ["mul", "NoneType"]),
    (lambda x, m: [1, 2] * m, TypeError, ["mul", "list [1, 2]", "bp.tensor(...)"]),
    (lambda x, m: np.asarray(x), RuntimeError, ["np.asarray(x)", "x.detach()"]),
    (lambda x, m: x.numpy(), RuntimeError, ["numpy()", "x.detach()"]),
    (lambda x, m: bp.bce(x, 1.0, "avg"), ValueError, ["'avg'", "'mean', 'sum', 'none'"]),
    (lambda x, m: x.__iadd__(1), RuntimeError, ["x += y", "without `=`", "bp.no_grad()"]),
    (lambda x, m: bp.tensor([1.0]).__isub__(np.ones(2)), ValueError, ["keeps the shape (1,)", "(2,)"]),
    (lambda x, m: m.item(), ValueError, ["one element", "(2, 3)", ".data"]),
    (lambda x, m: len(x), TypeError, ["no len()"]),
    (lambda x, m: bool(m), ValueError, ["one element"]),
]  # fmt: skip


@pytest.mark.parametrize(("do", "kind", "words"), ERRORS)
def test_an_error_says_what_was_given_and_what_to_do(
    do: Callable[[Any, Any], Any], kind: type[Exception], words: list[str]
) -> None:
    x, m = bp.parameter(2.0), bp.parameter(ARRAY)
    with pytest.raises(kind) as caught:
        do(x, m)
    for word in words:
        assert word in str(caught.value)
    assert x.data == 2.0
    assert x.grad is None
    assert m.grad is None
    assert not re.search(r"0x[0-9a-f]{6}", str(caught.value))


def test_an_op_needs_no_tensor_among_its_arguments() -> None:
    assert bp.tanh(0.5).data == np.tanh(0.5)
    assert bp.relu(np.array([-1.0, 2.0])).data.tolist() == [0.0, 2.0]
    assert apply(ops.OPS["add"], 1, 2).data == 3
