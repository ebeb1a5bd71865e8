"""Ops of the reader's own: recorded, drawn, stepped through and checked like those of the table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import backprop_viz as bp
from backprop_viz.autograd.custom import Operation
from backprop_viz.autograd.formula import KNOWN
from backprop_viz.autograd.op import Op
from backprop_viz.autograd.ops import OPS, ROWS
from backprop_viz.render.expression import atom, written


@bp.op(x="1 - out**2")
def mytanh(x: Any) -> Any:
    """The hyperbolic tangent, once more."""
    return np.tanh(x)


@bp.op(symbol="⊕", a=("b", lambda out, a, b: b), b=("a", lambda out, a, b: a))
def product(a: Any, b: Any) -> Any:
    return a * b


@bp.op(elementwise=False, x=("reverse(g)", lambda g, out, x: g[::-1]))
def reverse(x: Any) -> Any:
    return x[::-1]


@bp.op(formula="x * iverson(x > 0) + slope * x * iverson(-x > 0)", x="iverson(x > 0) + slope * iverson(-x > 0)")
def leaky(x: Any, *, slope: float = 0.1) -> Any:
    return np.where(x > 0, x, slope * x)


@bp.op(elementwise=False, linear="a b", a="g @ b.T", b="a.T @ g")
def times(a: Any, b: Any) -> Any:
    return a @ b


@bp.op(x="1 - out**2")
def slow_tanh(x: float) -> float:
    return math.tanh(x)


MADE: dict[str, Callable[[], bp.Tensor]] = {
    "mytanh": lambda: mytanh(bp.parameter([[0.3, -1.0]])),
    "mytanh of a number": lambda: mytanh(bp.parameter(0.3)),
    "product": lambda: product(bp.parameter([[1.0], [2.0]]), bp.parameter([3.0, 4.0, 5.0])),
    "product with a number": lambda: product(bp.parameter([1.0, 2.0]), 3),
    "reverse": lambda: reverse(bp.parameter([1.0, 2.0, 3.0])),
    "leaky": lambda: leaky(bp.parameter([1.0, -2.0, 3.0])),
    "leaky with an option": lambda: leaky(bp.parameter(-2.0), slope=0.3),
    "times": lambda: times(bp.parameter([[1.0, 2.0]]), bp.parameter([[3.0], [4.0]])),
    "slow_tanh": lambda: slow_tanh(bp.parameter(0.4)),
}
each = pytest.mark.parametrize("name", MADE)


@each
def test_its_gradient_is_checked_like_any_other(name: str) -> None:
    report = bp.gradcheck(MADE[name]())
    assert report.edges
    assert not report.kinks


@each
def test_it_is_recorded_as_one_node_and_drawn_and_played(name: str) -> None:
    out = MADE[name]()
    loss = out.sum() if out.shape else out * 2
    trace = bp.trace(loss)
    (node,) = [node for node in trace.nodes if node.op == name.split()[0]]
    assert bp.Trace.from_json(trace.to_json()).to_json() == trace.to_json()
    assert node.source is not None
    assert node.source.file == "test_custom.py"
    assert f"{node.op}(" in node.source.text
    assert bp.draw(loss).svg.startswith("<")
    assert bp.play(loss)


@each
def test_forward_mode_agrees_with_reverse_mode(name: str) -> None:
    out = MADE[name]()
    assert out.op is not None
    parents = [x for x in out.arguments if isinstance(x, bp.Tensor)]
    values = tuple(parent.data for parent in parents)
    constants = [x for x in out.arguments if not isinstance(x, bp.Tensor)]

    def f(*inputs: Any) -> bp.Tensor:
        from backprop_viz.autograd.tensor import apply

        assert out.op is not None
        return apply(out.op, *inputs, *constants, **out.options)

    reverse_mode = bp.jacobian(f, values, strategy="reverse-mode")
    forward_mode = bp.jacobian(f, values, strategy="forward-mode")
    assert all(np.allclose(a, b) for a, b in zip(reverse_mode, forward_mode, strict=True))


def test_it_looks_and_reads_like_the_function_it_was() -> None:
    assert isinstance(mytanh, Operation)
    assert mytanh.__name__ == "mytanh"
    assert (mytanh.__doc__ or "").startswith("The hyperbolic tangent, once more.\n")
    assert repr(leaky) == "<op leaky(x, slope)>"
    assert (mytanh.op.symbol, product.op.symbol) == ("mytanh", "⊕")
    assert "mytanh" not in OPS


def test_it_takes_tensors_arrays_numbers_and_keywords() -> None:
    w = bp.parameter(2.0)
    assert product(a=w, b=3).data == product(3.0, w).data == 6.0
    assert not product(2, np.ones(3)).requires_grad
    assert mytanh(np.zeros(2)).shape == (2,)
    assert mytanh(bp.parameter(np.zeros(2, np.float32))).dtype == np.float32
    assert leaky(w, slope=bp.tensor(0.5)).options == {"slope": 0.5}


def test_an_option_that_is_not_given_is_recorded_with_its_default() -> None:
    x = bp.parameter(-2.0)
    y = leaky(x)
    y.backward()
    assert (y.options, x.grad) == ({"slope": 0.1}, 0.1)
    leaky(x, slope=0.4).backward()
    assert x.grad == pytest.approx(0.5)
    assert "0.1" in [str(argument.constant) for argument in bp.trace(y).nodes[-1].arguments]


def test_a_formula_alone_tells_which_values_it_reads() -> None:
    assert mytanh.op.reads(0) == {"out"}
    assert times.op.reads(0) == {"b"}
    assert product.op.reads(0) == {"b"}


def test_no_gradient_flows_by_an_argument_that_says_so() -> None:
    @bp.op(x="mask", mask=None)
    def masked(x: Any, mask: Any) -> Any:
        return x * mask

    x = bp.parameter([1.0, 2.0])
    masked(x, np.array([0.0, 1.0])).sum().backward()
    assert x.grad.tolist() == [0.0, 1.0]
    with pytest.raises(TypeError, match="no gradient flows by its argument 'mask'"):
        masked(1.0, x)


def test_a_second_definition_is_a_row_of_its_own() -> None:
    def define(factor: float) -> Any:
        @bp.op(x=(str(factor), lambda out, x: factor + 0 * x))
        def scaled(x: Any) -> Any:
            return factor * x

        return scaled

    first, second = define(2.0), define(5.0)
    x = bp.parameter(1.0)
    assert first(x).op is not second(x).op
    assert bp.grad(first(x) + second(x), x) == (7.0,)


def test_whole_numbers_that_come_of_floats_are_floats() -> None:
    @bp.op(x="0")
    def step(x: Any) -> Any:
        return np.asarray(x) > 0

    y = step(bp.parameter([1.0, -1.0]))
    assert y.data.tolist() == [1.0, 0.0]
    assert y.dtype == np.float64
    y.sum().backward()


# ---------------------------------------------------------------------- formulas
@pytest.mark.parametrize("name", KNOWN)
def test_every_function_that_a_formula_may_call_can_be_set(name: str) -> None:
    arguments = "x, x" if name in ("outer", "maximum", "minimum") else "x"
    assert written(f"{name}({arguments})", {"x": atom("x")}).text


@pytest.mark.parametrize("formula", ["x.T @ g", "-x**2 / (x + 1)", "x[0] * 2 - exp(x)", "iverson(x > 0)", "x.shape"])
def test_every_formula_that_is_let_through_can_be_set(formula: str) -> None:
    bp.op(elementwise=False, x=formula)(named("f"))
    assert written(formula, {"x": atom("x")}).text


def named(name: str) -> Callable[..., Any]:
    def f(x: Any) -> Any:
        return x

    f.__name__ = name
    return f


def of_as_many(row: Op) -> Any:
    """An op of the reader's that has the name of this row and as many arguments."""
    functions: list[Callable[..., Any]] = [lambda a: a, lambda a, b: a + b, lambda a, b, c: a + b + c]
    functions.append(lambda a, b, c, d: a + b + c + d)
    function = functions[len(row.arguments) - 1]
    function.__name__ = row.name
    rules: dict[str, Any] = dict.fromkeys("abcd"[: len(row.arguments)], "1")
    return bp.op(**rules)(function)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ROWS if len(row.arguments) <= 4])
def test_an_op_that_bears_a_name_of_the_table_can_be_drawn(row: Op) -> None:
    x = bp.parameter([1.0, 2.0])
    assert bp.draw(of_as_many(row)(*[x] * len(row.arguments))).svg


def test_a_formula_that_does_not_agree_with_its_derivative_is_an_error_with_both_numbers() -> None:
    @bp.op(x=("2 * x", lambda out, x: 3 * x))
    def square(x: Any) -> Any:
        return x * x

    with pytest.raises(ValueError, match=r"square: the formula '2 \* x' by 'x' gives 1.0, the derivative 1.5, at 0.5"):
        square(bp.parameter(0.5))


def test_a_formula_that_agrees_by_chance_at_the_first_values_is_found() -> None:
    @bp.op(a=("b", lambda out, a, b: a), b=("a", lambda out, a, b: a))
    def multiply(a: Any, b: Any) -> Any:
        return a * b

    with pytest.raises(ValueError, match="multiply: the formula 'b' by 'a'"):
        multiply(2.0, 2.0)


def test_a_wrong_contribution_formula_is_found_and_an_empty_call_decides_nothing() -> None:
    @bp.op(elementwise=False, x=("g", lambda g, out, x: g[::-1]))
    def turned(x: Any) -> Any:
        return x[::-1]

    turned(np.zeros(0))
    with pytest.raises(ValueError, match="turned: the formula 'g' by 'x'"):
        turned(np.arange(3.0))


def test_a_formula_is_compared_inside_the_domain_alone() -> None:
    @bp.op(x=("-1 / sqrt(1 - x**2)", lambda out, x: -1 / math.sqrt(1 - x * x)))
    def arccos(x: float) -> float:
        return math.acos(x)

    assert arccos(bp.parameter(0.95)).data == math.acos(0.95)


def test_a_wrong_formula_alone_is_found_by_gradcheck() -> None:
    @bp.op(x="1 + out**2")
    def wrong(x: Any) -> Any:
        return np.tanh(x)

    with pytest.raises(RuntimeError, match=r"wrong, argument 0 \('x'\): the derivative is not that"):
        bp.gradcheck(wrong(bp.parameter([0.5])))


# ---------------------------------------------------------------------- misuse
def no_arguments() -> Any:
    return 0


def two(a: Any, b: Any) -> Any:
    return a


def starred(*values: Any) -> Any:
    return values


def with_default(x: Any, k: Any = 2) -> Any:
    return x


def with_g(g: Any) -> Any:
    return g


def one(x: Any) -> Any:
    return x


@pytest.mark.parametrize(
    ("define", "error", "words"),
    [
        (lambda: bp.op(one), TypeError, "called with a rule for each argument before it decorates"),
        (lambda: bp.op(x="1")(3), TypeError, "decorates a function; got int 3"),  # type: ignore[arg-type]
        (lambda: bp.op(x="1")(lambda x: x), ValueError, "write it with def"),
        (lambda: bp.op()(no_arguments), TypeError, "at least one argument"),
        (lambda: bp.op()(starred), TypeError, r"\*values.* has none"),
        (lambda: bp.op(x="1")(with_default), TypeError, r"make 'k' an option: write \* before it"),
        (lambda: bp.op()(with_g), TypeError, "'g' has a meaning for bp.op"),
        (lambda: bp.op(a="1")(two), TypeError, "two: no rule for its argument 'b'.*b=None"),
        (lambda: bp.op(x="1", y="2")(one), TypeError, "one has no argument 'y'; its arguments are x"),
        (lambda: bp.op(x=1.0)(one), TypeError, "is a formula such as.*got 1.0"),
        (lambda: bp.op(x=("1", 2))(one), TypeError, "a pair .formula, derivative., or None"),
        (lambda: bp.op(x="1 +")(one), ValueError, "no Python expression"),
        (lambda: bp.op(x="y * 2")(one), ValueError, "uses y; known are x, out, the function itself, and exp"),
        (lambda: bp.op(x="g")(one), ValueError, "uses g; known are x, out"),
        (lambda: bp.op(x="1", formula="out")(one), ValueError, "uses out"),
        (lambda: bp.op(x="__import__('os')")(one), ValueError, "a picture cannot set"),
        (lambda: bp.op(x="x.__class__")(one), ValueError, "'x.__class__', which a picture cannot set"),
        (lambda: bp.op(x="x[::-1]")(one), ValueError, "'::-1', which a picture cannot set"),
        (lambda: bp.op(x="0 < x < 1")(one), ValueError, "a picture cannot set"),
        (lambda: bp.op(x="exp(x, out=x)")(one), ValueError, "a picture cannot set"),
        (lambda: bp.op(x=("1", lambda x: 1.0))(one), TypeError, r"by 'x' is called as \(out, x\)"),
        (lambda: bp.op(x="1", linear="x")(one), ValueError, "linear='x' names the arguments of an op with elementwise"),
        (lambda: bp.op(x="g", elementwise=False, linear="y")(one), ValueError, "linear='y'"),
    ],
)
def test_a_definition_that_cannot_work_says_why(define: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        define()


def returning(result: Any, **settings: Any) -> Any:
    def made(x: Any) -> Any:
        return result

    return bp.op(x="1", **settings)(made)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: product(1.0), TypeError, r"product\(a, b\): missing a required argument: 'b'"),
        (lambda: mytanh("x"), TypeError, "mytanh: its arguments are tensors"),
        (lambda: returning(bp.tensor(1.0))(1.0), TypeError, "made gave a tensor: inside an op compute with NumPy"),
        (lambda: returning("text")(1.0), TypeError, "an op gives numbers; got str 'text'"),
        (lambda: returning(2.0)(np.ones(3)), TypeError, r"has shape \(3,\); it gave \(\).*elementwise=False"),
        (
            lambda: returning(2.0, elementwise=False)(bp.parameter([1.0, 2.0])).backward(),
            ValueError,
            r"like the argument 'x', \(2,\); its rule gave \(\)",
        ),
    ],
)
def test_a_call_that_cannot_work_says_why(call: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_a_ufunc_serves_as_a_derivative() -> None:
    twice = bp.op(x=("maximum(out, x)", np.maximum))(one)
    x = bp.parameter(3.0)
    assert bp.grad(twice(x), x) == (3.0,)


def test_its_help_tells_the_gradients_below_the_reader_s_words() -> None:
    @bp.op(x="1 - out**2")
    def my_tanh(x: Any) -> Any:
        """A tanh of my own."""
        return np.tanh(x)

    @bp.op(elementwise=False, x=("reverse(g)", lambda g, out, x: g[::-1]))
    def reverse(x: Any) -> Any:
        return x[::-1]

    assert my_tanh.__doc__ == "A tanh of my own.\n\nlocal gradient by x: 1 - out**2"
    assert reverse.__doc__ == "contribution to x: reverse(g)"


def test_it_may_not_edit_what_it_is_given() -> None:
    @bp.op(x="2.0")
    def double(x: Any) -> Any:
        x *= 2
        return x

    w = bp.parameter([1.0, 2.0])
    with pytest.raises(TypeError, match=r"double edits its argument in place.*x = x \* 2"):
        double(w)
    assert w.tolist() == [1.0, 2.0]


def test_what_its_rules_give_stays_the_reader_s_own() -> None:
    twos = np.full(2, 2.0)

    @bp.op(x=("2.0 + 0 * x", lambda out, x: twos))
    def twice(x: Any) -> Any:
        return 2.0 * x

    @bp.op(elementwise=False, x=("g * 2.0 * ones_like(x)", lambda g, out, x: g * twos if g != 1 else twos))
    def doubled(x: Any) -> Any:
        return 2.0 * x.sum()

    w = bp.parameter([1.0, 3.0])
    for loss in (twice(w).sum(), doubled(w)):
        bp.trace(loss)
        w.grad = None
        loss.backward()
        assert w.grad is not twos
        w.grad *= 0
    assert twos.flags.writeable
    assert twos.tolist() == [2.0, 2.0]


def test_its_rules_may_not_edit_what_they_are_given() -> None:
    def wrong(g: Any, out: Any, x: Any) -> Any:
        g *= 2
        return g

    @bp.op(elementwise=False, x=("g * 2", wrong))
    def double(x: Any) -> Any:
        return x * 2

    with pytest.raises(TypeError, match="double edits its argument in place"):
        double(bp.parameter([1.0, 2.0]))
