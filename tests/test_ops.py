"""Every row of the op table, held against finite differences, against its own formulas, and against PyTorch."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backprop_viz as bp
from backprop_viz.autograd.op import Op
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
# For the rows that mix elements: shapes and options.
MIXING: dict[str, list[tuple[tuple[tuple[int, ...], ...], dict[str, Any]]]] = {
    "matmul": [
        (shapes, {})
        for shapes in [
            ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)),
            ((5, 2, 3), (5, 3, 4)), ((5, 1, 2, 3), (6, 3, 4)), ((3,), (5, 3, 2)), ((5, 2, 3), (3,)), ((1, 1), (1, 1)),
            ((2, 0), (0, 3)),
        ]
    ],
    **{
        name: [
            ((shape,), options)
            for shape in [(), (3,), (2, 3), (4, 2, 3)]
            for axis in [None, 0, -1, (0, -1)]
            for keepdims in [False, True]
            if (axis is None or len(shape) >= (2 if isinstance(axis, tuple) else 1))
            and (options := {"axis": axis, "keepdims": keepdims}) is not None
        ]
        for name in ("sum", "mean")
    },
    "reshape": [(((2, 3),), {"shape": shape}) for shape in [(6,), (3, 2), (-1,), (1, 3, 1, 2)]]
    + [(((),), {"shape": (1, 1)}), (((1, 1),), {"shape": ()})],
    "transpose": [((shape,), {}) for shape in [(), (3,), (2, 3), (4, 2, 3)]]
    + [(((4, 2, 3),), {"axes": axes}) for axes in [(1, 2, 0), (2, 0, 1), (0, 2, 1)]],
    "getitem": [
        (((4, 3),), {"key": key})
        for key in [
            1, -1, (1, 2), slice(1, 3), (slice(None), 0), slice(None, None, 2), (Ellipsis, None, 1), Ellipsis, (),
            (None, slice(None, 2)), np.array([0, 2, 2]), (np.array([0, 0, 3]), np.array([1, 1, 2])),
            (slice(None), [2, 2]), np.array([True, False, False, True]), np.array([False] * 4),
        ]
    ] + [(((),), {"key": key}) for key in [(), ..., None]],
}  # fmt: skip

Case = tuple[Op, tuple[tuple[int, ...], ...], dict[str, Any]]


def cases() -> Iterator[Case]:
    for op in ELEMENTWISE:
        for shapes in SHAPES:
            if len(shapes) <= len(op.arguments):
                yield op, (shapes * 3)[: len(op.arguments)], {}
    for name, given_cases in MIXING.items():
        for shapes, options in given_cases:
            yield OPS[name], shapes, options


def label(case: Case) -> str:
    op, shapes, options = case
    return f"{op.name} {' '.join(map(str, shapes))} {' '.join(map(str, options.values()))}".replace("\n", "")


every_case = pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in cases()])
every_row = pytest.mark.parametrize("op", [pytest.param(row, id=row.name) for row in ROWS])


def values_for(case: Case) -> tuple[Any, ...]:
    """Values in the row's domain, the same in every run."""
    op, shapes, _ = case
    random = np.random.default_rng(zlib.crc32(label(case).encode()))
    low, high = op.domain
    return tuple(stored(random.uniform(low, high, shape)) for shape in shapes)


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
    for slot, argument in enumerate(op.arguments):
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
    op, shapes, options = case
    values = values_for(case)
    out = result_of(case, values)
    g = np.random.default_rng(1).uniform(0.5, 1.5, np.shape(out))
    names = NAMESPACE | dict(zip((a.name for a in op.arguments), map(np.asarray, values), strict=True)) | options
    names |= {"out": out, "g": g, "n": np.size(values[0]) // max(np.size(out), 1)}
    if op.name in ("sum", "mean") and options["axis"] is not None and not options["keepdims"]:
        names["g"] = np.expand_dims(g, options["axis"])  # people read past the axis that the reduction dropped
    faults = []
    for text in filter(None, [op.notation, op.formula]):
        if not np.allclose(eval(text, names), out, rtol=1e-12, atol=0):
            faults.append("formula")
    for slot, argument in enumerate(op.arguments):
        said = eval(argument.formula_at(*shapes, **options), names)
        if argument.derivative is not None:
            meant = argument.derivative(out, *values)
        else:
            meant = op.pull(slot, stored(g), out, values, options)
            said = np.broadcast_to(said, np.shape(meant)) if op.name != "matmul" else said
        if not np.allclose(said, meant, rtol=1e-12, atol=1e-300):
            faults.append(argument.name)
    return faults


def scatter_like(x: Any) -> Callable[[Any, Any], Any]:
    def scatter(g: Any, key: Any) -> Any:
        out = np.zeros(np.shape(x))
        picked = np.arange(out.size).reshape(out.shape)[key]
        for position, piece in zip(np.ravel(picked), np.ravel(g), strict=True):
            out.flat[position] += piece
        return out

    return scatter


NAMESPACE: dict[str, Any] = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "tanh": np.tanh, "maximum": np.maximum, "outer": np.outer,
    "ones_like": np.ones_like, "reshape": np.reshape, "transpose": lambda x, axes=None: np.transpose(x, axes),
    "sum": lambda x, axis: np.sum(x, axis), "mean": lambda x, axis: np.mean(x, axis), "axis": None, "axes": None,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "relu": lambda x: (x + abs(x)) / 2, "iverson": lambda x: x * 1.0,
    "bce": lambda p, y: -(y * np.log(p) + (1 - y) * np.log(1 - p)),
    "scatter": scatter_like(np.zeros((4, 3))), "permute_back": lambda g, axes: np.transpose(g, np.argsort(axes)),
}  # fmt: skip


def has_formula_of_matrices(case: Case) -> bool:
    """Whether the formula, written for single matrices and without options, covers the case."""
    op, shapes, options = case
    if op.name == "matmul":
        return max(map(len, shapes)) <= 2
    return not options.get("keepdims") and (op.name, shapes) != ("getitem", ((),))


# ---------------------------------------------------------------------- the rows
def test_every_row_has_cases() -> None:
    assert {op.name for op, *_ in cases()} == set(OPS)


@every_case
def test_the_derivative_is_the_one_of_finite_differences(case: Case) -> None:
    assert faults_in_derivatives(case) == []


@pytest.mark.parametrize("case", [pytest.param(c, id=label(c)) for c in cases() if has_formula_of_matrices(c)])
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
    for slot in range(len(op.arguments)):
        assert op.reads(slot) == set().union(*(values_read(case, slot) for case in of_row))


def test_a_derivative_that_cannot_be_looked_into_reads_everything() -> None:
    for wrong in (np.positive, lambda *values: 1.0):
        assert with_argument(OPS["mul"], 0, derivative=wrong).reads(0) == {"out", "a", "b"}
    assert with_argument(OPS["sum"], 0, reads=None).reads(0) == {"out", "x"}


@every_row
def test_a_row_is_complete(op: Op) -> None:
    assert op.name
    assert op.symbol
    for argument in op.arguments:
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
    case: Case = (op, ((2, 3),) * len(op.arguments), {})
    values = values_for(case)
    out = result_of(case, values)
    g = np.full((2, 3), 3.0)
    for slot in range(len(op.arguments)):
        local = op.local(slot, out, values, {})
        assert local.shape == (2, 3)
        assert np.array_equal(g * local, op.pull(slot, g, out, values, {}))


@every_case
def test_float32_stays_float32(case: Case) -> None:
    op, _, options = case
    leaves = [bp.parameter(np.float32(value)) for value in values_for(case)]
    out = apply(op, *leaves, **options)
    assert out.dtype == np.float32
    out.backward(np.ones(out.shape))
    for leaf in leaves:
        assert leaf.grad.dtype == np.float32
        assert leaf.grad.shape == leaf.shape


# ---------------------------------------------------------------------- the checkers find what is wrong
def with_argument(op: Op, slot: int, **changes: Any) -> Op:
    arguments = list(op.arguments)
    arguments[slot] = dataclasses.replace(arguments[slot], **changes)
    return dataclasses.replace(op, arguments=tuple(arguments))


@pytest.mark.parametrize("op", [pytest.param(row, id=row.name) for row in ELEMENTWISE])
def test_a_wrong_derivative_is_found(op: Op) -> None:
    for slot, argument in enumerate(op.arguments):
        right = argument.derivative
        assert right is not None
        for wrong in (lambda *v, f=right: f(*v) + 1e-3, lambda *v, f=right: -f(*v), lambda *v: 0.0):
            case: Case = (with_argument(op, slot, derivative=wrong), ((3,),) * len(op.arguments), {})
            if argument.formula == "iverson(x > 0)":
                case = (case[0], ((20,),), {})
            assert faults_in_derivatives(case) == [argument.name]
            assert argument.name in faults_in_formulas(case)


@pytest.mark.parametrize("name", sorted(MIXING))
def test_a_wrong_vector_jacobian_product_is_found(name: str) -> None:
    op, (shapes, options) = OPS[name], MIXING[name][2]
    for slot, argument in enumerate(op.arguments):
        right = argument.vjp
        assert right is not None
        wrong = with_argument(op, slot, vjp=lambda *v, f=right, **o: 2 * f(*v, **o))
        assert faults_in_derivatives((wrong, shapes, options)) == [argument.name]


@every_row
def test_a_wrong_formula_is_found(op: Op) -> None:
    shapes, options = MIXING[op.name][2] if op.name in MIXING else (((3,),) * len(op.arguments), {})
    for slot, argument in enumerate(op.arguments):
        formula = f"({argument.formula_at(*shapes, **options)}) * 1.001"
        wrong = with_argument(op, slot, formula=formula, formula_for=None)
        if argument.formula == "iverson(x > 0)":
            shapes = ((20,),)
        assert faults_in_formulas((wrong, shapes, options)) == [argument.name]
    if op.formula:
        assert "formula" in faults_in_formulas((dataclasses.replace(op, formula="0"), shapes, options))


# ---------------------------------------------------------------------- PyTorch
def in_torch(op: Op, tensors: list[Any], options: dict[str, Any]) -> Any:
    """The same op by PyTorch's function of the same meaning."""
    import torch

    dims = {"axis": "dim", "keepdims": "keepdim"}
    reduction = {dims[key]: value for key, value in options.items() if key in dims}
    functions: dict[str, Callable[..., Any]] = {
        "neg": torch.neg, "addcmul": lambda a, b, c: a + b * c, "matmul": torch.matmul,
        "bce": lambda p, y: torch.nn.functional.binary_cross_entropy(p + 0 * y, y + 0 * p, reduction="none"),
        "sum": lambda x: torch.sum(x, **reduction), "mean": lambda x: torch.mean(x, **reduction),
        "reshape": lambda x: torch.reshape(x, options["shape"]),
        "transpose": lambda x: x.permute(options.get("axes") or tuple(range(x.ndim))[::-1]),
        "getitem": lambda x: x[options["key"]],
    }  # fmt: skip
    return functions.get(op.name, getattr(torch, op.name, None))(*tensors)  # type: ignore[misc]


@pytest.mark.needs("torch")
@every_case
def test_values_and_gradients_are_those_of_pytorch(case: Case) -> None:
    import torch

    op, _, options = case
    values = values_for(case)
    ours = [bp.parameter(value) for value in values]
    theirs: list[Any] = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]
    out, expected = apply(op, *ours, **options), in_torch(op, theirs, options)
    assert out.shape == tuple(expected.shape)
    assert np.allclose(out.data, expected.detach().numpy(), rtol=1e-12, atol=1e-15)
    g = np.random.default_rng(2).uniform(0.5, 1.5, out.shape)
    out.backward(g)
    expected.backward(torch.tensor(g))
    for a, b in zip(ours, theirs, strict=True):
        assert np.shape(a.grad) == tuple(b.shape)
        assert np.allclose(a.grad, b.grad.numpy(), rtol=1e-12, atol=1e-15)


# A program: leaves of some shapes, then steps (op, which of the earlier values it takes).
PROGRAMS = st.tuples(
    st.lists(st.sampled_from([(), (3,), (2, 3), (2, 1)]), min_size=2, max_size=4),
    st.lists(
        st.tuples(
            st.sampled_from(sorted(set(OPS) - {"matmul", "reshape", "transpose"})),
            st.lists(st.integers(0, 99), min_size=3, max_size=3),
        ),
        min_size=1,
        max_size=12,
    ),
    st.integers(0, 2**32 - 1),
)


def run_program(
    steps: list[tuple[str, list[int]]], leaves: list[Any], run: Callable[[Op, list[Any], dict[str, Any]], Any]
) -> Any:
    """The program's loss, through `run`, which runs one op of some engine."""
    values = list(leaves)
    for name, picks in steps:
        op = OPS[name]
        arguments = [values[pick % len(values)] for pick in picks[: len(op.arguments)]]
        if op.elementwise:  # into the op's domain
            low, high = op.domain
            arguments = [run(OPS["sigmoid"], [x], {}) * (high - low) + low for x in arguments]
        options: dict[str, Any] = {}
        if name in ("sum", "mean"):
            options = {"axis": None, "keepdims": False} if arguments[0].ndim == 0 else {"axis": 0, "keepdims": True}
        if name == "getitem":
            options = {"key": 0 if arguments[0].ndim == 2 else ...}
        values.append(run(op, arguments, options))
    loss = values[-1].sum()
    for value in values[:-1]:
        loss = loss + value.mean() * value.mean()
    return loss


@pytest.mark.needs("torch")
@settings(max_examples=150, deadline=None, derandomize=True)
@given(PROGRAMS)
def test_random_programs_have_the_gradients_of_pytorch(program: Any) -> None:
    import torch

    shapes, steps, seed = program
    random = np.random.default_rng(seed)
    data = [random.uniform(-2, 2, shape) for shape in shapes]
    ours = [bp.parameter(value) for value in data]
    theirs: list[Any] = [torch.tensor(value, requires_grad=True) for value in data]
    loss = run_program(steps, ours, lambda op, arguments, options: apply(op, *arguments, **options))
    expected = run_program(steps, theirs, in_torch)
    assert loss.data == pytest.approx(expected.item(), rel=1e-10)
    loss.backward()
    expected.backward()
    for a, b in zip(ours, theirs, strict=True):
        assert np.allclose(a.grad, b.grad.numpy(), rtol=1e-9, atol=1e-11)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(PROGRAMS)
def test_the_record_and_the_engine_agree_to_the_last_bit(program: Any) -> None:
    shapes, steps, seed = program
    random = np.random.default_rng(seed)
    leaves = [bp.parameter(stored(random.uniform(-2, 2, shape))) for shape in shapes]
    loss = run_program(steps, leaves, lambda op, arguments, options: apply(op, *arguments, **options))
    trace = bp.trace(loss)
    loss.backward()
    nodes = bp.Graph(loss).nodes
    assert len(nodes) == len(trace.nodes)
    for node, tensor in zip(trace.nodes, nodes, strict=True):
        assert np.array_equal(trace.gradient(node.index), tensor.grad)
        assert np.array_equal(node.value, tensor.data)


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
