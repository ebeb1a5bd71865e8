"""Numbers at the edges: very large and very small, ties and zeros, nothing at all, inf and nan; as in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import backprop_viz as bp

INF, NAN = np.inf, np.nan
Write = Callable[[Any], Any]


def both(name: str, values: Any, **options: Any) -> tuple[Any, Any, Any, Any]:
    """Our value and gradient, and PyTorch's, of the function with this name in both."""
    import torch

    home: Any = torch if hasattr(torch, name) else torch.nn.functional
    x, y = bp.parameter(values), torch.tensor(values, dtype=torch.float64, requires_grad=True)
    out, expected = getattr(bp, name)(x, **options), getattr(home, name)(y, **options)
    out.backward(np.ones(out.shape))
    expected.backward(torch.ones_like(expected))
    assert y.grad is not None
    return out.data, x.grad, expected.detach().numpy(), y.grad.numpy()


def assert_as_in_torch(name: str, values: Any, rtol: float = 1e-14, **options: Any) -> None:
    value, grad, torch_value, torch_grad = both(name, values, **options)
    np.testing.assert_allclose(value, torch_value, rtol=rtol, atol=1e-300)
    np.testing.assert_allclose(grad, torch_grad, rtol=rtol, atol=1e-300)


# ---------------------------------------------------------------------- element by element
ONE_ARGUMENT = [
    "abs", "sin", "cos", "square", "reciprocal", "exp", "log", "sqrt", "tanh", "sigmoid", "relu", "leaky_relu", "elu",
    "softplus", "gelu", "silu",
]  # fmt: skip


@pytest.mark.needs("torch")
@pytest.mark.parametrize("shape", [(), (1,)])
@pytest.mark.parametrize("at", [0.0, -0.0, 1.0, 800.0, -800.0, INF, -INF, NAN])
@pytest.mark.parametrize("name", ONE_ARGUMENT)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_function_of_one_argument_goes_to_its_limits_as_in_pytorch(
    name: str, at: float, shape: tuple[int, ...]
) -> None:
    assert_as_in_torch(name, at if shape == () else [at])


@pytest.mark.parametrize("shape", [(), (1,)])
@pytest.mark.parametrize("at", [0.0, -0.0, 800.0, -800.0, 1e4, -1e4, NAN])
@pytest.mark.parametrize(
    "name", ["abs", "sin", "cos", "relu", "leaky_relu", "elu", "sigmoid", "softplus", "gelu", "silu"]
)
def test_activations_reach_their_limits_without_a_warning(name: str, at: float, shape: tuple[int, ...]) -> None:
    x = bp.parameter(at if shape == () else np.full(shape, at))
    out = getattr(bp, name)(x)
    out.sum().backward()
    assert np.isnan(out.data).all() == np.isnan(at)
    assert x.grad.__class__ is float or x.grad.dtype == np.float64


@pytest.mark.parametrize(
    ("write", "at"),
    [(bp.sin, INF), (bp.cos, -INF), (bp.reciprocal, 0.0), (bp.gelu, [-INF]), (bp.silu, [-INF]), (bp.square, [1e200])],
)
def test_where_a_number_is_lost_numpy_warns(write: Write, at: Any) -> None:
    with pytest.warns(RuntimeWarning):
        write(bp.parameter(at))


@pytest.mark.parametrize("at", [-30.0, -9.0, -5.0])
def test_a_small_value_of_gelu_keeps_its_digits(at: float) -> None:
    import math

    for x in (bp.parameter(at), bp.parameter([at])):
        y = bp.gelu(x)
        y.sum().backward()
        tail = math.erfc(-at / math.sqrt(2)) / 2
        assert y.item() == pytest.approx(at * tail, rel=1e-13)
        assert float(x.grad if isinstance(x.grad, float) else x.grad[0]) == pytest.approx(
            tail + at * math.exp(-at * at / 2) / math.sqrt(2 * math.pi), rel=1e-10
        )


@pytest.mark.needs("torch")
def test_the_logarithm_of_zero_times_zero_is_nan_as_in_pytorch() -> None:
    import torch

    p, q = bp.parameter([0.0, 1.0]), torch.tensor([0.0, 1.0], requires_grad=True)
    with pytest.warns(RuntimeWarning):
        ours = p * bp.log(p)
    theirs = q * torch.log(q)
    assert np.array_equal(ours.data, theirs.detach().numpy(), equal_nan=True)
    # what to write instead: the choice is made before the logarithm
    safe = p * bp.log(bp.where(p > 0, p, 1.0))
    assert safe.data.tolist() == [0.0, 0.0]
    safe.sum().backward()
    assert p.grad.tolist() == [0.0, 1.0]


@pytest.mark.needs("torch")
@pytest.mark.parametrize("name", ["maximum", "minimum"])
@pytest.mark.parametrize("array", [False, True])
@pytest.mark.parametrize(
    ("a", "b"), [(1.0, 2.0), (2.0, 1.0), (1.0, 1.0), (0.0, -0.0), (INF, INF), (NAN, 1.0), (1.0, NAN), (-INF, INF)]
)
def test_a_tie_gives_half_to_each_and_nan_flows_to_both(name: str, array: bool, a: float, b: float) -> None:
    import torch

    ours = [bp.parameter([x] if array else x) for x in (a, b)]
    theirs: list[Any] = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b)]
    out, expected = getattr(bp, name)(*ours), getattr(torch, name)(*theirs)
    out.sum().backward()
    expected.backward()
    assert np.array_equal(out.item(), expected.item(), equal_nan=True)
    assert [float(np.sum(x.grad)) for x in ours] == [x.grad.item() for x in theirs]


@pytest.mark.needs("torch")
@pytest.mark.parametrize("bounds", [{"min": 0}, {"max": 1}, {"min": 0, "max": 1}, {"min": 2.0, "max": 1.0}])
@pytest.mark.parametrize("at", [-1.0, 0.0, -0.0, 0.5, 1.0, 2.0, NAN, INF, -INF])
@pytest.mark.parametrize("name", ["clip", "clamp"])
def test_the_gradient_passes_on_the_bounds_of_clip(name: str, at: float, bounds: dict[str, float]) -> None:
    assert_as_in_torch(name, at, **bounds)
    assert_as_in_torch(name, [at, 3.0], **bounds)


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64])
def test_clip_keeps_the_type(dtype: Any) -> None:
    for bounds in ({"min": 0}, {"max": 1}, {"min": 0, "max": 1}):
        x = bp.tensor([-2, 0, 3], dtype=dtype)
        assert x.clip(**bounds).dtype == dtype
        assert x[0].clip(**bounds).dtype == dtype
        assert x.clip(**bounds).data is not x.data


def test_a_condition_is_a_value_and_gets_no_gradient() -> None:
    a, b = bp.parameter([1.0, 2.0]), bp.parameter(5.0)
    for condition in (np.array([True, False]), bp.tensor([True, False]), a < 2):
        out = bp.where(condition, a, b)
        assert out.data.tolist() == [1.0, 5.0]
        a.grad = b.grad = None
        out.sum().backward()
        assert (a.grad.tolist(), b.grad) == ([1.0, 0.0], 1.0)
    assert bp.where(b > 0, b, 0.0).data == 5.0
    assert bp.where(False, a, b).data.tolist() == [5.0, 5.0]
    with pytest.raises(TypeError, match="where: no gradient flows by its argument 'condition'"):
        bp.where(a, a, b)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_a_narrow_type_stays_as_it_is(name: str, dtype: Any) -> None:
    for values in (0.75, [0.5, 0.75]):
        x = bp.parameter(values, dtype=dtype)
        out = getattr(bp, name)(x)
        out.backward(np.ones(out.shape))
        assert (out.dtype, x.grad.dtype) == (dtype, dtype)


@pytest.mark.parametrize("name", [*ONE_ARGUMENT, "maximum", "minimum"])
def test_the_gradient_of_a_computed_scalar_is_a_plain_float(name: str) -> None:
    h = bp.parameter(0.75) * 1.0
    arguments = (h, 0.5) if name in ("maximum", "minimum") else (h,)
    getattr(bp, name)(*arguments).backward()
    assert h.grad.__class__ is float


# ---------------------------------------------------------------------- softmax and its relatives
ROWS = [
    [1e4, -1e4, 0.0], [-1e4, -1e4], [1e4, 1e4], [-INF, 0.0, 1.0], [-INF, -INF], [INF, 0.0], [INF, -INF], [NAN, 0.0],
    [0.0], [-INF], [1e308, -1e308], [-0.0, 0.0],
]  # fmt: skip


@pytest.mark.needs("torch")
@pytest.mark.parametrize("values", ROWS, ids=str)
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_softmax_and_its_relatives_are_those_of_pytorch_without_a_warning(name: str, values: list[float]) -> None:
    assert_as_in_torch(name, values, dim=0)
    assert_as_in_torch(name, [values, values], dim=1)
    assert_as_in_torch(name, [values, values], dim=0)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3), (3, 1)])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp", "sum", "prod"])
def test_nothing_has_a_sum_and_a_softmax_as_in_pytorch(name: str, shape: tuple[int, ...]) -> None:
    assert_as_in_torch(name, np.ones(shape).tolist() if shape != (0, 3) else [], dim=-1)
    for dim in range(len(shape)):
        ours = getattr(bp, name)(bp.parameter(np.ones(shape)), dim=dim)
        import torch

        assert ours.shape == tuple(getattr(torch, name)(torch.ones(shape), dim=dim).shape)


# ---------------------------------------------------------------------- reductions
@pytest.mark.needs("torch")
@pytest.mark.parametrize(
    "values",
    [[3.0, 1.0, 3.0], [2.0, 2.0], [5.0], [0.0, -0.0], [INF, 1.0, INF], [-INF, -INF], [NAN, 1.0, NAN], [1.0, 3.0]],
    ids=str,
)
@pytest.mark.parametrize("name", ["max", "min"])
def test_equal_elements_share_the_gradient_of_max_and_min(name: str, values: list[float]) -> None:
    assert_as_in_torch(name, values)
    x = bp.parameter([values, values])
    x_max = getattr(x, name)(axis=1)
    x_max.sum().backward()
    one = bp.parameter(values)
    getattr(one, name)().backward()
    assert np.array_equal(x.grad, [one.grad, one.grad])


@pytest.mark.needs("torch")
@pytest.mark.parametrize(
    "values",
    [[2.0, 3.0, 4.0], [0.0, 2.0, 3.0], [0.0, 2.0, 0.0], [0.0], [-0.0, 1.0], [1e200, 1e-200, 3.0], [7.0]],
    ids=str,
)
def test_a_product_has_the_right_gradient_also_with_zeros(values: list[float]) -> None:
    assert_as_in_torch("prod", values)
    assert_as_in_torch("prod", [values, [1.0] * len(values)], dim=1)
    assert_as_in_torch("prod", [values, [2.0] * len(values)], dim=0)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("name", ["var", "std"])
@pytest.mark.parametrize("values", [[2.0, 2.0, 2.0], [1e8, 1e8 + 1, 1e8 + 2], [-0.0, 0.0], [[1.0, 5.0], [2.0, 2.0]]])
def test_the_spread_of_equal_numbers_is_zero_and_so_is_its_gradient(name: str, values: Any) -> None:
    assert_as_in_torch(name, values)
    assert_as_in_torch(name, values, dim=-1, correction=0)


@pytest.mark.needs("torch")
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("name", ["var", "std"])
@pytest.mark.parametrize("values", [[1.0], 1.0, [], [[1.0], [2.0]]])
def test_the_spread_of_one_number_is_nan_and_numpy_warns(name: str, values: Any) -> None:
    with pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        assert_as_in_torch(name, values, **({"dim": 1} if np.ndim(values) == 2 else {}))


@pytest.mark.parametrize(("name", "value"), [("sum", 0.0), ("prod", 1.0), ("logsumexp", -INF)])
def test_a_reduction_of_nothing_is_where_it_starts_from(name: str, value: float) -> None:
    x = bp.parameter(np.zeros((2, 0)))
    out = getattr(bp, name)(x)
    assert out.data == value
    out.backward()
    assert x.grad.shape == (2, 0)
    assert getattr(bp, name)(x, axis=1).data.tolist() == [value, value]


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_the_mean_of_nothing_is_nan_and_numpy_warns() -> None:
    with pytest.warns(RuntimeWarning, match="Mean of empty slice"):
        assert np.isnan(bp.parameter(np.zeros(0)).mean().data)


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "max", "min", "logsumexp"])
def test_a_reduction_of_one_number_is_the_number(name: str) -> None:
    x = bp.parameter(2.0)
    out = getattr(x, name)()
    assert (out.data, out.data.__class__) == (2.0, float)
    out.backward()
    assert x.grad == 1.0
    column = bp.parameter([[2.0], [3.0]])
    row = getattr(column, name)(dim=1, keepdim=True)
    assert row.data.tolist() == [[2.0], [3.0]]
    row.sum().backward()
    assert column.grad.tolist() == [[1.0], [1.0]]


@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "prod", "max", "min", "logsumexp"])
def test_the_axis_has_the_names_of_numpy_and_of_pytorch(name: str) -> None:
    x = bp.parameter(np.arange(24.0).reshape(4, 2, 3) / 10)
    for axis in (0, -1, (0, 2), [0, 1]):
        ours = getattr(x, name)(axis=axis, keepdims=True)
        assert np.array_equal(ours.data, getattr(bp, name)(x, dim=axis, keepdim=True).data)
        assert ours.data.shape == np.sum(x.data, tuple(np.atleast_1d(axis)), keepdims=True).shape
