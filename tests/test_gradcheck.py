"""The checker of gradients finds every planted bug, names it, and lets what is right through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from test_ops import Case, cases, label, leaves_for, slots, with_argument

import backprop_viz as bp
from backprop_viz.autograd import gradcheck as module
from backprop_viz.autograd.backward import contribution_of
from backprop_viz.autograd.gradcheck import gradcheck
from backprop_viz.autograd.op import Op, elementwise, mixing
from backprop_viz.autograd.ops import OPS
from backprop_viz.autograd.report import Entry, GradcheckError, GradcheckReport
from backprop_viz.autograd.suspects import Pass
from backprop_viz.autograd.tensor import apply

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7], [0.2, 0.9, 1.1], [-0.4, 0.8, 0.6]])
W = np.array([[0.1, 0.2], [-0.3, 0.4], [0.5, -0.6]])


def failing(*arguments: Any, **settings: Any) -> GradcheckReport:
    """The report of a check that must fail."""
    report = gradcheck(*arguments, raise_exception=False, **settings)
    assert not report, report
    return report


# ---------------------------------------------------------------------- what is right passes
@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in cases()])
def test_every_row_of_the_op_table_passes(case: Case) -> None:
    op, _, options = case
    report = gradcheck(apply(op, *leaves_for(case), **options))
    assert report.edges == len(list(slots(op)))
    assert report.faults == report.kinks == ()


def layer(w: Any, b: Any) -> Any:
    h = bp.tanh(X @ w + b)
    return (h * h).mean() + h[0].sum() * b[1]


def test_a_function_and_its_loss_pass_and_no_grad_is_touched() -> None:
    w, b = bp.parameter(W, name="w"), bp.parameter([0.1, -0.2], name="b")
    loss = layer(w, b)
    w.grad = 5.0
    assert gradcheck(loss)
    assert gradcheck(layer, (w, b))
    assert gradcheck(loss, gradients=bp.grad(loss, [w, b]))
    assert (w.grad, b.grad, loss.grad) == (5.0, None, None)
    report = gradcheck(layer, (W, [0.1, -0.2]))
    assert report.entries == 8
    assert str(report) == repr(report) == f"gradcheck passed: {report.edges} edges and 8 derivatives checked"


def test_a_result_that_is_no_scalar_is_checked_in_all_its_elements() -> None:
    assert gradcheck(lambda w: bp.tanh(X @ w).T, W)


def test_large_and_small_values_pass() -> None:
    assert gradcheck(lambda x: (x * x).sum() * 1e6, np.array([1e6, 3.0, 1e-9, 0.0]))
    assert gradcheck(lambda x: 1e-6 / x, 1e-3)


def test_a_graph_of_float32_is_checked_as_exactly_as_it_can_be() -> None:
    w = bp.parameter(W, dtype=np.float32)
    loss = (bp.tanh(X.astype(np.float32) @ w) ** 2).sum()
    assert loss.dtype == np.float32
    assert gradcheck(loss)
    failing(loss, gradients=[bp.grad(loss, w)[0] * 1.01])


def test_recorded_edits_in_place_pass() -> None:
    def f(x: Any) -> Any:
        y = x * 2
        y[0] = y[1] * x[0]
        y += x
        return (y * y).sum()

    assert gradcheck(f, [2.0, 3.0])
    assert gradcheck(f(bp.parameter([2.0, 3.0])))


# ---------------------------------------------------------------------- wrong rows: the first wrong edge is named
def planted(right: Op, slot: int, wrong: Callable[..., Any]) -> Op:
    """The row with this derivative in one slot."""
    return with_argument(right, slot, **{"derivative" if right.elementwise else "vjp": wrong})


def mean_as_sum(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.ones_like(x) * g


def unsummed_bias() -> Op:
    return mixing(
        "add_bias", "+", "x + b", np.add,
        x=("g", lambda g, out, x, b: g),
        b=("g", lambda g, out, x, b: g),
    )  # fmt: skip


SQUARE = np.array([[0.3, -0.5], [0.7, 0.2]])
ROWS_WITH_A_BUG: dict[str, tuple[Op, int, tuple[Any, ...], str]] = {
    "a sign is wrong": (planted(OPS["sub"], 1, lambda out, a, b: 1.0), 1, (X, X + 1), "formula"),
    "out is taken for x": (planted(OPS["exp"], 0, lambda out, x: x), 0, (X,), "formula"),
    "a square matrix is not transposed": (
        planted(OPS["matmul"], 0, lambda g, out, a, b: g @ b), 0, (SQUARE, SQUARE + 1), "formula"
    ),
    "an oblong matrix is not transposed": (
        planted(OPS["matmul"], 0, lambda g, out, a, b: g @ b), 0, (X, W), "cannot be computed: ValueError"
    ),
    "the factors stand in the wrong order": (
        planted(OPS["matmul"], 1, lambda g, out, a, b: (g.T @ a)), 1, (X, W), "shape"
    ),
    "the bias is not summed over the batch": (unsummed_bias(), 1, (X, X[0]), "shape"),
    "a mean is taken for a sum": (planted(OPS["mean"], 0, mean_as_sum), 0, (X,), "formula"),
    "softmax has a diagonal Jacobian": (
        mixing(
            "wrong_softmax", "softmax", "wrong_softmax(x)", lambda x: np.exp(x) / np.exp(x).sum(),
            x=("g * out * (1 - out)", lambda g, out, x: g * out * (1 - out)),
        ), 0, (X[0],), "formula",
    ),
    "ReLU lets nothing through": (planted(OPS["relu"], 0, lambda out, x: 0.0 * x), 0, (X,), "formula"),
    "the upstream gradient is left out": (
        planted(OPS["sum"], 0, lambda g, out, x: np.ones_like(x)), 0, (X,), "formula"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS_WITH_A_BUG)
def test_a_wrong_row_is_named_by_op_argument_and_line(name: str) -> None:
    op, slot, values, said = ROWS_WITH_A_BUG[name]
    leaves = [bp.parameter(value) for value in values]
    out = apply(op, *leaves)
    report = failing((bp.tanh(out) * 3).sum())
    (fault,) = report.faults
    assert fault.child is out
    assert fault.slot == slot
    assert fault.tensor is leaves[slot]
    assert f"{op.name}, argument {slot} ('{op.arguments[slot].name}')" in fault.text
    assert said in str(fault)
    assert fault.source is not None
    assert fault.source[0] == "test_gradcheck.py"
    assert fault.source[2] == "out = apply(op, *leaves)"


def test_of_several_wrong_edges_the_one_next_to_the_loss_comes_first() -> None:
    wrong = planted(OPS["exp"], 0, lambda out, x: -out)
    x = bp.parameter(0.5)
    y = apply(wrong, x)
    z = apply(wrong, y * 2)
    report = failing(z + y)
    assert [fault.child is node for fault, node in zip(report.faults, (z, y), strict=True)] == [True, True]


def test_a_wrong_edge_that_carries_no_gradient_here_is_found_all_the_same() -> None:
    wrong = planted(OPS["exp"], 0, lambda out, x: -out)
    assert failing(apply(wrong, bp.parameter(0.5)) * 0.0).faults[0].kind == "formula"


def test_the_report_lists_entries_with_their_relative_errors() -> None:
    op = planted(OPS["tanh"], 0, lambda out, x: (1.0 - out * out) * np.where(x > 0, 1.0, 1.5))
    report = failing(apply(op, bp.parameter(X)))
    entries = report.faults[0].entries
    assert [entry.index for entry in entries] == [(0, 1), (1, 2), (3, 0)]
    assert all(entry.relative_error == pytest.approx(1 / 3, rel=1e-6) for entry in entries)
    assert "[0, 1]  analytic" in str(report)
    assert "relative error 0.33" in str(report)
    assert Entry((), 0.0, 0.0).relative_error == 0.0


def test_a_long_list_of_entries_is_cut() -> None:
    op = planted(OPS["tanh"], 0, lambda out, x: 7.0)
    assert "and 7 more" in str(failing(apply(op, bp.parameter(X))))


def test_the_error_holds_the_report() -> None:
    loss = apply(planted(OPS["tanh"], 0, lambda out, x: 7.0), bp.parameter(0.5))
    with pytest.raises(GradcheckError, match=r"tanh, argument 0 \('x'\): the derivative is not") as caught:
        gradcheck(loss)
    assert not caught.value.report
    assert caught.value.report.faults[0].child is loss


# ---------------------------------------------------------------------- kinks
def absolute() -> Op:
    return elementwise("absolute", "abs", "absolute(x)", np.abs, x=("sign(x)", lambda out, x: np.sign(x)))


def largest(slope: Callable[..., Any]) -> Op:
    return mixing("largest", "max", "largest(x)", np.max, x=("g * (x == out)", slope))


KINKED: dict[str, Callable[[], bp.Tensor]] = {
    "ReLU at 0": lambda: bp.relu(bp.parameter([0.0, 1.0])),
    "abs at 0": lambda: apply(absolute(), bp.parameter([0.0, 1.0])),
    "ReLU next to 0": lambda: bp.relu(bp.parameter([3e-7, 1.0])),
    "a tie, all to the first": lambda: apply(
        largest(lambda g, out, x: g * np.eye(x.size)[np.argmax(x)]), bp.parameter([2.0, 2.0, 1.0])
    ),
    "a tie, shared": lambda: apply(
        largest(lambda g, out, x: g * (x == out) / (x == out).sum()), bp.parameter([2.0, 1.0, 2.0])
    ),
    "the edge of the domain": lambda: bp.parameter([1e-9, 1.0]) ** 0.5,
}


@pytest.mark.parametrize("name", KINKED)
def test_a_kink_is_told_from_a_wrong_formula(name: str) -> None:
    loss = KINKED[name]().sum()
    report = gradcheck(loss)
    assert report
    assert {fault.kind for fault in report.kinks} == {"kink"}
    assert "on a kink" in str(report)
    strict = failing(loss, kinks="fail")
    assert [str(fault) for fault in strict.faults] == [str(fault) for fault in report.kinks]
    assert strict.kinks == ()


@pytest.mark.parametrize("slope", [-1.0, 1.5, float("nan")])
def test_at_a_kink_a_gradient_outside_both_slopes_is_wrong(slope: float) -> None:
    op = planted(OPS["relu"], 0, lambda out, x: slope + 0 * x)
    assert failing(apply(op, bp.parameter([0.0]))).faults[0].kind == "formula"


def test_where_one_entry_is_undefined_the_others_are_checked_and_a_result_of_nan_fails() -> None:
    x = bp.parameter([-1.0, 1.0])
    with np.errstate(invalid="ignore"):
        report = gradcheck(bp.sqrt(x))
        assert gradcheck(bp.sqrt, [-1.0, 1.0])
        total = bp.sqrt(x).sum()
    assert [entry.index for entry in report.kinks[0].entries] == [(0,)]
    assert "at the edge of the domain" in str(report)
    undefined = gradcheck(total, gradients=[[7.0, 7.0]], raise_exception=False)
    assert not undefined
    assert "the result is nan: no derivative of it can be checked" in str(undefined)


def test_a_wrong_entry_is_found_beside_one_that_is_not_defined() -> None:
    op = planted(OPS["sqrt"], 0, lambda out, x: 0.7 / out)
    with np.errstate(invalid="ignore"):
        out = apply(op, bp.parameter([-1.0, 1.0]))
    assert [entry.index for entry in failing(out).faults[0].entries] == [(1,)]


def test_a_smooth_function_has_no_kink_however_wrong_its_gradient() -> None:
    square = elementwise("square", "²", "x**2", lambda x: x * x, x=("2 * x", lambda out, x: -2 * x + 1e-3))
    for x in (0.0, 1e-7, 1e-3, 1.0, 1e3):
        assert failing(apply(square, bp.parameter(x))).faults[0].kind == "formula"


# ---------------------------------------------------------------------- stale values
def edit_recorded(w: bp.Tensor) -> None:
    with bp.no_grad():
        w *= 2


def edit_through_data(w: bp.Tensor) -> None:
    w.data[0] = 9.0


@pytest.mark.parametrize("edit", [edit_recorded, edit_through_data])
def test_a_stale_value_is_told_from_a_wrong_formula(edit: Callable[[bp.Tensor], None]) -> None:
    w = bp.parameter([0.5, 2.0])
    y = bp.exp(w)
    loss = (y * 2).sum()
    edit(w)
    report = failing(loss)
    (fault,) = report.faults
    assert fault.kind == "stale"
    assert fault.child is y
    assert "exp holds a value that it no longer makes of its arguments" in fault.text
    assert fault.source is not None
    assert fault.source[2] == "y = bp.exp(w)"


# ---------------------------------------------------------------------- all edges right, the sum wrong
def diamond() -> tuple[bp.Tensor, bp.Tensor, bp.Tensor]:
    a = bp.parameter(0.7, name="a")
    y = a * 3
    return a, y, bp.exp(y) * 0.1 + bp.tanh(y)


def parts() -> tuple[float, float]:
    """What reaches y in the diamond: by exp, and by tanh."""
    y = 0.7 * 3
    return 0.1 * np.exp(y), 1 - np.tanh(y) ** 2


EXP, TANH = parts()


@pytest.mark.parametrize(
    ("gradient", "said", "op"),
    [
        (3 * TANH, "of the contributions to the result of mul, that of exp by its argument 0 was lost: add", "exp"),
        (3 * EXP, "that of tanh by its argument 0 was lost", "tanh"),
        (3 * (2 * EXP + TANH), "that of exp by its argument 0 was added twice", "exp"),
        (2.0, "the upstream gradients are not multiplied by the local gradients", None),
        (EXP + TANH, "0.333333 times the right one; a mean over 3 taken for a sum", None),
        (3.0, "the local gradients are not multiplied by the upstream gradient", None),
        (-3 * (EXP + TANH), "its sign is turned", None),
        (6 * (EXP + TANH), "twice the right one; were the gradients of an earlier pass not set to zero", None),
        (0.03 * (EXP + TANH), "0.01 times the right one; a mean over 100 taken for a sum", None),
        (0.0, "it is 0", None),
    ],
)
def test_a_wrong_sum_says_what_would_explain_it(gradient: float, said: str, op: str | None) -> None:
    _, _, loss = diamond()
    (fault,) = failing(loss, gradients=[gradient]).faults
    assert fault.kind == "sum"
    assert "'a': every edge is right, the sum is not" in fault.text
    assert re.search(said, fault.text)
    assert (fault.child.op.name if fault.child and fault.child.op else None) == op


def test_a_wrong_gradient_of_a_computed_tensor_is_found_where_it_arises() -> None:
    a, y, loss = diamond()
    (fault,) = failing(loss, gradients={a: 3 * TANH, y: TANH}).faults
    assert fault.tensor is y
    assert "that of exp" in fault.text
    assert gradcheck(loss, gradients={"a": 3 * (EXP + TANH), y: EXP + TANH})


def test_a_tensor_used_twice_in_one_op_and_counted_once_is_found() -> None:
    x = bp.parameter(3.0, name="x")
    loss = x * x
    (fault,) = failing(loss, gradients=[3.0]).faults
    assert fault.child is loss
    assert "that of mul by its argument 0 was lost: mul uses it 2 times" in fault.text


def ladder(a: Any) -> Any:
    for _ in range(4):
        a = bp.tanh(a) * 2 + a
    return a


def test_slips_that_run_through_the_whole_pass_are_recognised() -> None:
    a = bp.parameter(0.3, name="a")
    loss = ladder(a)
    run = Pass(bp.graph(loss).nodes, {loss: 1.0}, {n for n in bp.graph(loss).nodes if n.requires_grad})
    for wrong, said in [
        (run.run(keep="last", onward="last"), "each contribution overwrote the one before"),
        (run.run(keep="first", onward="first"), "only the first contribution to a node was kept"),
        (run.walk(), "before all of its children had sent theirs.*once each"),
    ]:
        with pytest.raises(GradcheckError, match=said):
            gradcheck(loss, gradients=[wrong[a]])
    early = run.run(onward="first")
    with pytest.raises(GradcheckError, match="sent its gradient on before all of its children"):
        gradcheck(loss, gradients=dict(early.items()))


def test_a_walk_along_every_path_gives_up_where_they_are_too_many() -> None:
    a = bp.parameter(0.3)
    loss = a
    for _ in range(40):
        loss = loss * 0.5 + bp.tanh(loss)
    nodes = bp.graph(loss).nodes
    assert Pass(nodes, {loss: 1.0}, {node for node in nodes if node.requires_grad}).walk() == {}
    assert "every edge is right, the sum is not" in str(failing(loss, gradients=[12.3]))


def softmax() -> Op:
    def back(g: Any, out: Any, x: Any) -> Any:
        return out * (g - (g * out).sum())

    return mixing("softly", "softmax", "softly(x)", lambda x: np.exp(x) / np.exp(x).sum(), x=("...", back))


def test_a_diagonal_taken_for_the_jacobian_of_softmax_is_recognised() -> None:
    x = bp.parameter([0.1, 0.5, -0.3], name="x")
    loss = (apply(softmax(), x) * np.array([1.0, 2.0, 3.0])).sum()
    out = np.exp(x.data) / np.exp(x.data).sum()
    with pytest.raises(GradcheckError, match="the diagonal of its Jacobian alone"):
        gradcheck(loss, gradients=[np.array([1.0, 2.0, 3.0]) * out * (1 - out)])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda dw, db: (dw.T, db), r"'w': the gradient has shape \(2, 3\), the tensor \(3, 2\): it is transposed"),
        (lambda dw, db: (dw, np.tile(db / 4, (4, 1))), "'b': .*sum it over the axes along which the tensor was rep"),
        (lambda dw, db: (dw[:1], db), "a gradient has one number for each element"),
        (lambda dw, db: (0.37 * dw, 0.37 * db), "0.37 times the right one; a learning rate"),
        (lambda dw, db: (4 * dw, 4 * db), "4 times the right one; a mean over 4"),
    ],
)
def test_matrices_of_the_wrong_shape_or_size_are_explained(change: Callable[..., Any], said: str) -> None:
    w, b = bp.parameter(W, name="w"), bp.parameter([0.1, -0.2], name="b")
    loss = bp.tanh(X @ w + b).mean()
    with pytest.raises(GradcheckError, match=said):
        gradcheck(loss, gradients=list(change(*bp.grad(loss, [w, b]))))


def test_a_square_gradient_that_is_transposed_is_recognised() -> None:
    w = bp.parameter(SQUARE, name="w")
    loss = bp.tanh(X[:, :2] @ w).sum()
    with pytest.raises(GradcheckError, match="a matrix is transposed"):
        gradcheck(loss, gradients=[bp.grad(loss, w)[0].T])


def test_a_sweep_of_the_engine_that_overwrites_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def overwriting(nodes: Any, gradients: Any, receivers: Any) -> Iterator[None]:
        for child in reversed(nodes):
            for slot, parent in enumerate(child.arguments):
                if isinstance(parent, bp.Tensor) and parent in receivers:
                    gradients[parent] = contribution_of(child, slot, gradients[child])
                    yield

    monkeypatch.setattr(module, "sends", overwriting)
    a, _, loss = diamond()
    with pytest.raises(GradcheckError, match="every edge is right, the sum is not: of the contributions to the result"):
        gradcheck(loss)
    assert a.grad is None


# ---------------------------------------------------------------------- what the graph does not hold
@pytest.mark.parametrize("f", [lambda x: x.detach() * x, lambda x: x * float(x), lambda x: x * x.data])
def test_a_function_that_leaves_the_graph_is_found(f: Callable[..., Any]) -> None:
    (fault,) = failing(f, 3.0).faults
    assert fault.kind == "graph"
    assert "the recorded graph is not the whole function" in fault.text


def test_a_function_that_is_random_is_told_from_one_with_a_wrong_gradient() -> None:
    (fault,) = failing(lambda x: x * np.random.default_rng().normal(), 3.0).faults
    assert fault.kind == "graph"
    assert "gives another value each time" in fault.text


def test_inputs_take_the_names_of_the_functions_parameters() -> None:
    assert "'speed'" in str(failing(lambda speed: speed.detach() * speed, 3.0))


# ---------------------------------------------------------------------- misuse
def loss_of_two() -> bp.Tensor:
    return bp.parameter(1.0, name="w") * bp.parameter([1.0, 2.0], name="b")


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: gradcheck(bp.exp, 1.0, kinks="perhaps"), ValueError, "one of .'ignore', 'fail'.; got 'perhaps'"),
        (lambda: gradcheck(bp.exp, 1.0, eps=0.0), ValueError, "the step eps is above 0"),
        (lambda: gradcheck(3.0, 1.0), TypeError, "or a computed loss; got float"),
        (lambda: gradcheck(bp.exp, ()), TypeError, "needs the inputs of the function"),
        (lambda: gradcheck(lambda x: 3.0, 1.0), TypeError, "gives one tensor; this one gave float 3.0"),
        (lambda: gradcheck(bp.tensor(1.0) * 2), RuntimeError, "nothing to check"),
        (lambda: gradcheck(loss_of_two(), gradients=[1.0, 1.0]), ValueError, r"a scalar loss; this one has shape \(2,"),
        (lambda: gradcheck(loss_of_two().sum(), gradients=[1.0]), ValueError, "2 inputs to check, but 1 gradients"),
        (lambda: gradcheck(loss_of_two().sum(), gradients={"v": 1.0}), ValueError, "'v' is no tensor.*'b', 'w'"),
        (lambda: gradcheck(bp.exp, 1.0, gradients=[None]), TypeError, "got None: run the backward pass first"),
    ],
)
def test_a_misuse_says_what_to_do(call: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_gradients_of_a_function_may_be_given_by_the_tensors_it_was_given() -> None:
    x = bp.parameter(2.0)
    assert gradcheck(lambda x: x * x, x, gradients={x: 4.0})
    assert gradcheck(lambda x: x * x, x, gradients=4.0)


def test_a_result_of_nan_is_not_passed() -> None:
    with np.errstate(all="ignore"):
        report = bp.gradcheck(bp.log, bp.parameter(-1.0), raise_exception=False)
    assert not report
    assert report.faults[0].kind == "nan"


def test_inputs_may_come_in_a_list() -> None:
    assert bp.gradcheck(lambda x, y: x * y, [bp.parameter(1.0), bp.parameter(2.0)])
