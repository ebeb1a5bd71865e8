"""Every row of the op table, held against finite differences, against its own formulas, and against PyTorch."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import rows

import backprop_viz as bp
from backprop_viz.autograd.op import Argument, Op
from backprop_viz.autograd.ops import OPS, ROWS
from backprop_viz.autograd.tensor import apply, compute
from backprop_viz.autograd.values import stored

ELEMENTWISE = [row for row in ROWS if row.elementwise]
# Shapes for the arguments in turn: scalars, arrays, and every way in which two shapes broadcast.
SHAPES = [
    ((),),
    ((3,),),
    ((2, 3),),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((), (2, 3)),
    ((4, 1, 3), (2, 1)),
    ((0, 3), (3,)),
]

Case = tuple[Op, rows.Arguments, dict[str, Any]]  # an argument is a shape, or a value where no gradient flows


def cases() -> Iterator[Case]:
    for op in ROWS:
        if op.name in rows.CASES:
            for arguments, options in rows.CASES[op.name]:
                yield op, arguments, options
        else:
            for shapes in SHAPES:
                if len(shapes) <= len(op.arguments):
                    yield op, (shapes * 3)[: len(op.arguments)], {}


def label(case: Case) -> str:
    op, arguments, options = case
    return f"{op.name} {' '.join(map(str, arguments))} {' '.join(map(str, options.values()))}".replace("\n", "")


def sample(op: Op) -> Case:
    """A case that shows whether the row is right: the first, or 20 elements where any shape will do."""
    return (op, *rows.CASES[op.name][0]) if op.name in rows.CASES else (op, ((20,),) * len(op.arguments), {})


def slots(op: Op) -> Iterator[tuple[int, Argument]]:
    """The arguments by which a gradient flows."""
    return ((slot, argument) for slot, argument in enumerate(op.arguments) if argument.differentiable)


every_case = pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in cases()])
every_row = pytest.mark.parametrize("op", [pytest.param(row, id=row.name) for row in ROWS])


def values_for(case: Case) -> tuple[Any, ...]:
    """Values in the row's domain, the same in every run."""
    op, arguments, _ = case
    random = np.random.default_rng(zlib.crc32(label(case).encode()))
    low, high = op.domain
    return tuple(stored(random.uniform(low, high, x)) if isinstance(x, tuple) else x for x in arguments)


def result_of(case: Case, values: tuple[Any, ...]) -> Any:
    return stored(case[0].forward(*values, **case[2]))


# ---------------------------------------------------------------------- the checkers, which are tested themselves below
def faults_in_derivatives(case: Case) -> list[str]:
    """The arguments whose contribution is not what finite differences of the forward function give."""
    op, _, options = case
    values = values_for(case)
    out = result_of(case, values)
    g = np.random.default_rng(1).uniform(0.5, 1.5, np.shape(out))
    faults = []
    for slot, argument in slots(op):
        contribution = op.pull(slot, stored(g), out, values, options)
        expected = np.zeros(np.shape(values[slot]))
        for index in np.ndindex(expected.shape):
            above, below = (moved(values, slot, index, step) for step in (1e-6, -1e-6))
            change = np.asarray(op.forward(*above, **options)) - np.asarray(op.forward(*below, **options))
            expected[index] = (g * change).sum() / 2e-6
        if np.shape(contribution) != expected.shape or not np.allclose(contribution, expected, rtol=1e-6, atol=1e-7):
            faults.append(argument.name)
    return faults


def moved(values: tuple[Any, ...], slot: int, index: tuple[int, ...], step: float) -> list[Any]:
    changed = [np.array(value) for value in values]
    changed[slot][index] += step
    return changed


def faults_in_formulas(case: Case) -> list[str]:
    """The arguments whose formula, evaluated, is not what the machine computes; "formula" for the definition."""
    op, _, options = case
    values = values_for(case)
    shapes = tuple(map(np.shape, values))
    out = result_of(case, values)
    g = np.random.default_rng(1).uniform(0.5, 1.5, np.shape(out))
    names = dict(zip((a.name for a in op.arguments), map(np.asarray, values), strict=True)) | options
    names |= {"out": out, "g": g}
    names = rows.NAMES | names | rows.names_of(op.name, values, out, g, options)
    faults = []
    for text in filter(None, [op.notation, op.formula]):
        if not np.allclose(eval(text, names), out, rtol=1e-12, atol=0):
            faults.append("formula")
    for slot, argument in slots(op):
        said = eval(argument.formula_at(*shapes, **options), names)
        if argument.derivative is not None:
            meant = argument.derivative(out, *values, **options)
        else:
            meant = op.pull(slot, stored(g), out, values, options)
            said = np.broadcast_to(said, np.shape(meant)) if np.size(said) < np.size(meant) else said
        if not np.allclose(said, meant, rtol=1e-12, atol=1e-300):
            faults.append(argument.name)
    return faults


def has_formula(case: Case) -> bool:
    """Whether the row's formulas cover the case."""
    op, _, options = case
    return rows.has_formula(op.name, tuple(map(np.shape, values_for(case))), options)


# ---------------------------------------------------------------------- the rows
def test_every_row_has_cases() -> None:
    assert {op.name for op, *_ in cases()} == set(OPS)


@every_case
def test_the_derivative_is_the_one_of_finite_differences(case: Case) -> None:
    assert faults_in_derivatives(case) == []


@pytest.mark.parametrize("case", [pytest.param(c, id=label(c)) for c in cases() if has_formula(c)])
def test_the_formulas_say_what_the_machine_computes(case: Case) -> None:
    assert faults_in_formulas(case) == []


def values_read(case: Case, slot: int) -> set[str]:
    """The values that change what the machine sends to `slot`, when only they are changed."""
    op, _, options = case
    names = ["out", *(argument.name for argument in op.arguments)]
    found = set()
    for values in (values_for(case), tuple(x * 0.0 for x in values_for(case))):  # 0, where 0**b has a rule of its own
        with np.errstate(all="ignore"):
            out = result_of(case, values)
            g = np.random.default_rng(1).uniform(0.5, 1.5, np.shape(out))
            before = op.pull(slot, g, out, values, options)
            for at, name in enumerate(names):
                changed = [out, *values]
                changed[at] = -1.1 * changed[at] - 1.0
                after = op.pull(slot, g, changed[0], tuple(changed[1:]), options)
                if not np.array_equal(before, after, equal_nan=True):
                    found.add(name)
    return found


@every_row
def test_a_row_tells_which_values_its_derivatives_read(op: Op) -> None:
    of_row = [case for case in cases() if case[0] is op]
    for slot, _ in slots(op):
        assert op.reads(slot) == set().union(*(values_read(case, slot) for case in of_row))


def test_a_derivative_that_cannot_be_looked_into_reads_everything() -> None:
    for wrong in (np.positive, lambda *values: 1.0):
        assert with_argument(OPS["mul"], 0, derivative=wrong).reads(0) == {"out", "a", "b"}
    assert with_argument(OPS["sum"], 0, reads=None).reads(0) == {"out", "x"}


@every_row
def test_a_row_is_complete(op: Op) -> None:
    assert op.name
    assert op.symbol
    for _, argument in slots(op):
        assert (argument.derivative is None) != (argument.vjp is None)
        assert (argument.derivative is not None) == op.elementwise
        compile(argument.formula, "formula", "eval")
    compile(op.notation, "notation", "eval")


@pytest.mark.parametrize("op", [pytest.param(row, id=row.name) for row in ROWS if row.scalar])
def test_plain_floats_and_arrays_give_the_same(op: Op) -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        values = random.uniform(*op.domain, len(op.arguments)).tolist()
        scalar = compute(op, values, {})
        array = op.forward(*(np.array([value]) for value in values))
        assert scalar.__class__ is float
        assert scalar == pytest.approx(array[0], rel=1e-14)


@pytest.mark.parametrize("op", [pytest.param(row, id=row.name) for row in ELEMENTWISE])
def test_the_local_gradient_shown_is_the_one_computed(op: Op) -> None:
    case = sample(op)
    values, options = values_for(case), case[2]
    out = result_of(case, values)
    g = np.full(np.shape(out), 3.0)
    for slot, _ in slots(op):
        local = op.local(slot, out, values, options)
        assert local.shape == out.shape
        assert np.array_equal(g * local, op.pull(slot, g, out, values, options))


def leaves_for(case: Case, dtype: Any = np.float64) -> list[Any]:
    """Parameters with the case's values, and plain values where no gradient flows."""
    pairs = zip(case[0].arguments, values_for(case), strict=True)
    return [bp.parameter(value, dtype=dtype) if argument.differentiable else value for argument, value in pairs]


@every_case
def test_float32_stays_float32(case: Case) -> None:
    op, _, options = case
    leaves = leaves_for(case, np.float32)
    out = apply(op, *leaves, **options)
    assert out.dtype == np.float32
    out.backward(np.ones(out.shape))
    for leaf in (leaves[slot] for slot, _ in slots(op)):
        assert leaf.grad.dtype == np.float32
        assert leaf.grad.shape == leaf.shape


# ---------------------------------------------------------------------- the checkers find what is wrong
def with_argument(op: Op, slot: int, **changes: Any) -> Op:
    arguments = list(op.arguments)
    arguments[slot] = dataclasses.replace(arguments[slot], **changes)
    return dataclasses.replace(op, arguments=tuple(arguments))


@pytest.mark.parametrize("op", [pytest.param(row, id=row.name) for row in ELEMENTWISE])
def test_a_wrong_derivative_is_found(op: Op) -> None:
    for slot, argument in slots(op):
        right = argument.derivative
        assert right is not None
        for wrong in (
            lambda *v, f=right, **o: f(*v, **o) + 1e-3,
            lambda *v, f=right, **o: -1.0 * f(*v, **o),
            lambda *v, **o: 0.0,
        ):
            case: Case = (with_argument(op, slot, derivative=wrong), *sample(op)[1:])
            assert faults_in_derivatives(case) == [argument.name]
            assert argument.name in faults_in_formulas(case)


@pytest.mark.parametrize("op", [pytest.param(row, id=row.name) for row in ROWS if not row.elementwise])
def test_a_wrong_vector_jacobian_product_is_found(op: Op) -> None:
    for slot, argument in slots(op):
        right = argument.vjp
        assert right is not None
        wrong = with_argument(op, slot, vjp=lambda *v, f=right, **o: 2 * f(*v, **o))
        assert faults_in_derivatives((wrong, *sample(op)[1:])) == [argument.name]


@every_row
def test_a_wrong_formula_is_found(op: Op) -> None:
    _, arguments, options = sample(op)
    shapes = tuple(map(np.shape, values_for(sample(op))))
    for slot, argument in slots(op):
        formula = f"({argument.formula_at(*shapes, **options)}) * 1.001"
        wrong = with_argument(op, slot, formula=formula, formula_for=None)
        assert faults_in_formulas((wrong, arguments, options)) == [argument.name]
    if op.formula:
        assert "formula" in faults_in_formulas((dataclasses.replace(op, formula="0"), arguments, options))


# ---------------------------------------------------------------------- PyTorch
def in_torch(op: Op, tensors: list[Any], options: dict[str, Any]) -> Any:
    """The same op by PyTorch's function of the same meaning."""
    import torch

    return rows.TORCH[op.name](*tensors, **options) if op.name in rows.TORCH else getattr(torch, op.name)(*tensors)


@pytest.mark.needs("torch")
@every_case
def test_values_and_gradients_are_those_of_pytorch(case: Case) -> None:
    import torch

    op, _, options = case
    ours = leaves_for(case)
    theirs: list[Any] = [
        torch.tensor(x.data, requires_grad=True, dtype=torch.float64) if isinstance(x, bp.Tensor) else torch.tensor(x)
        for x in ours
    ]
    out, expected = apply(op, *ours, **options), in_torch(op, theirs, options)
    assert out.shape == tuple(expected.shape)
    assert np.allclose(out.data, expected.detach().numpy(), rtol=1e-12, atol=1e-15)
    g = np.random.default_rng(2).uniform(0.5, 1.5, out.shape)
    out.backward(g)
    expected.backward(torch.tensor(g))
    for a, b in ((ours[slot], theirs[slot]) for slot, _ in slots(op)):
        assert np.shape(a.grad) == tuple(b.shape)
        assert np.allclose(a.grad, b.grad.numpy(), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("a", "b", "to_a", "to_b"),
    [
        ((2, 3), (3, 4), "g @ b.T", "a.T @ g"),
        ((3,), (3,), "g * b", "g * a"),
        ((5, 2, 3), (5, 3, 4), "each_matrix(g @ b.T)", "each_matrix(a.T @ g)"),
        ((5, 2, 3), (3, 4), "each_matrix(g @ b.T)", "sum_over_stack(a.T @ g)"),
        ((5, 2, 3), (3,), "each_matrix(outer(g, b))", "sum_over_stack(a.T @ g)"),
    ],
)
def test_a_product_of_stacks_says_which_matrix_its_rule_is_for(a: Any, b: Any, to_a: str, to_b: str) -> None:
    assert [argument.formula_at(a, b) for argument in OPS["matmul"].arguments] == [to_a, to_b]
