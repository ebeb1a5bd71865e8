"""Random programs over the whole op table: here and in PyTorch, and each pass of ours against the others.

`python tests/test_programs.py 100000` runs that many; `python tests/test_programs.py 100000 5000` starts at seed 5000.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import operator
import sys
from collections.abc import Callable, Iterator
from math import inf
from typing import Any

import numpy as np
import programs
import pytest
import rows
from programs import Draft, Name, Program, Step, row_of

import backprop_viz as bp
from backprop_viz.autograd.op import Op
from backprop_viz.autograd.ops import OPS
from backprop_viz.autograd.tensor import apply

__all__ = ["bp", "inf", "loss_of", "np", "run"]  # what the text of a program names

COUNT = 2000
# Two numbers agree if they differ by no more than this times the largest value, or gradient, of anything in the
# program (at least 1): where large numbers cancel, a small one has no more digits than they had.
TOLERANCE = {"float64": 1e-10, "float32": 1e-4}

OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv, "pow": operator.pow,
    "neg": operator.neg, "abs": abs, "matmul": operator.matmul,
}  # fmt: skip
EDITS: dict[str, Callable[..., Any]] = {
    "add": operator.iadd, "sub": operator.isub, "mul": operator.imul, "div": operator.itruediv,
}  # fmt: skip


# ---------------------------------------------------------------------- a program, run
def program_of(seed: int) -> Program:
    return Draft(seed).program


def run(row: str, *arguments: Any, **options: Any) -> Any:
    """The row on our tensors, as a reader writes it where that is an operator."""
    if row in OPERATORS:
        return OPERATORS[row](*arguments)
    if row == "getitem":
        return arguments[0][options["key"]]
    return apply(row_of(row, len(arguments)), *arguments, **options)


def run_in_torch(row: str, *arguments: Any, **options: Any) -> Any:
    """The same by PyTorch."""
    import torch

    function = rows.TORCH[row] if row in rows.TORCH else getattr(torch, row)
    if not row.startswith("batch_norm"):
        return function(*arguments, **options)
    # PyTorch 2.13 takes the wrong elements of a weight that is a strided view, and mixes up the channels of a gradient
    # that lies in memory in another order than x.
    out = function(*(x.contiguous() for x in arguments), **options)
    if out.requires_grad:
        out.register_hook(lambda g: g.contiguous())
    return out


def steps_of(
    program: Program, tensors: dict[Name, Any], run: Callable[..., Any], argument: Callable[[Any], Any], dtype: Any
) -> Iterator[Step]:
    """Run the steps one by one; `tensors` holds the leaves, and is filled. `argument` makes one of a plain value."""
    for step in program.steps:
        x, *rest = (tensors[each] if isinstance(each, Name) else argument(each) for each in step.arguments)
        options = {key: plain(value, dtype) for key, value in step.options.items()}
        if not step.edit:
            tensors[step.target] = run(step.row, x, *rest, **options)
        elif step.row == "put":
            x[options["key"]] = rest[0]
        else:
            EDITS[step.row](x, rest[0])
        yield step


def ours_of(
    program: Program, dtype: Any = np.float64, leaves: dict[Name, Any] | None = None, run: Callable[..., Any] = run
) -> tuple[dict[Name, Any], list[tuple[Name, Any]]]:
    """Every tensor by this package, at the end, and the values after each step; `leaves` in place of the program's."""
    tensors = our_leaves(program, dtype) if leaves is None else leaves
    steps = steps_of(program, tensors, run, lambda x: plain(x, dtype), dtype)
    return tensors, [(step.target, np.array(tensors[step.target].data)) for step in steps]


def plain(x: Any, dtype: Any) -> Any:
    """A plain array in a precision; plain numbers, conditions and indices as they are."""
    return x.astype(dtype) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x


def loss_of(outputs: list[Any]) -> Any:
    """One number that every element takes part in, each with a weight of its own; of either library's tensors."""
    total: Any = 0.0
    for output in outputs:
        weights = np.cos(np.arange(np.prod(output.shape, dtype=int))).reshape(tuple(output.shape)) + 0.5
        total = total + (output * like(weights, output)).sum()
    return total


def like(value: Any, tensor: Any) -> Any:
    """A plain array as the library of `tensor` takes it, in its precision."""
    if isinstance(tensor, bp.Tensor):
        return value.astype(tensor.dtype)
    import torch

    return torch.tensor(value, dtype=tensor.dtype)


@dataclasses.dataclass
class Results:
    """The values after each step, in order, and the gradients by name."""

    values: list[tuple[Name, Any]]
    gradients: dict[Name, Any]
    loss: Any


def here(program: Program, dtype: Any = np.float64, run: Callable[..., Any] = run) -> Results:
    """The program's values and gradients by this package."""
    tensors, values = ours_of(program, dtype, run=run)
    loss = loss_of([tensors[name] for name in program.outputs])
    loss.backward()
    return Results(values, {name: x.grad for name, x in tensors.items()}, loss.data)


def our_leaves(program: Program, dtype: Any = np.float64) -> dict[Name, Any]:
    return {name: bp.tensor(value, dtype=dtype, requires_grad=needs) for name, (value, needs) in program.leaves.items()}


def in_torch(program: Program, dtype: Any = np.float64) -> Results:
    """The same by PyTorch."""
    import torch

    kind = torch.float64 if dtype == np.float64 else torch.float32

    def argument(x: Any) -> Any:
        whole = isinstance(x, np.ndarray) and x.dtype.kind != "f"  # conditions, and indices
        return torch.tensor(x, dtype=None if whole else kind)

    tensors: dict[Name, Any] = {
        name: torch.tensor(value, dtype=kind, requires_grad=needs) for name, (value, needs) in program.leaves.items()
    }
    values = []
    for step in steps_of(program, tensors, run_in_torch, argument, dtype):
        values.append((step.target, tensors[step.target].detach().numpy().copy()))
        if tensors[step.target].requires_grad and not step.edit:
            tensors[step.target].retain_grad()
    loss = loss_of([tensors[name] for name in program.outputs])
    loss.backward()
    gradients = {name: x.grad for name, x in tensors.items() if x.is_leaf or x.retains_grad}
    return Results(values, {name: None if g is None else g.numpy() for name, g in gradients.items()}, loss.item())


# ---------------------------------------------------------------------- what is compared
def fault_of(program: Program, dtype: Any = np.float64, run: Callable[..., Any] = run) -> str:
    """What differs first between this package and PyTorch; "" where nothing does."""
    try:
        ours = here(program, dtype, run)
    except Exception as error:
        return f"here: {type(error).__name__}: {error}"
    try:
        theirs = in_torch(program, dtype)
    except Exception as error:
        return f"in PyTorch: {type(error).__name__}: {error}"
    tolerance = TOLERANCE[np.dtype(dtype).name]
    largest = max([1.0, *(np.max(np.abs(value)) for _, value in theirs.values)])
    for at, ((name, a), (_, b)) in enumerate(zip(ours.values, theirs.values, strict=True)):
        if a.dtype != b.dtype or a.shape != b.shape or not np.all(np.abs(a - b) <= tolerance * largest):
            return f"value of {name!r} after step {at}: {describe(a, b)}"
    largest = max([1.0, *(np.max(np.abs(g)) for g in theirs.gradients.values() if g is not None)])
    for name, (_, needs) in program.leaves.items():
        a, b = ours.gradients[name], theirs.gradients.get(name)
        if a is None or b is None:
            if not (a is None and b is None):
                return f"gradient of {name!r}: {a} here, {b} in PyTorch"
            continue
        a = np.asarray(a)
        if not needs or a.dtype != b.dtype or a.shape != b.shape or not np.all(np.abs(a - b) <= tolerance * largest):
            return f"gradient of {name!r}: {describe(a, b)}"
    return ""


def describe(a: Any, b: Any) -> str:
    """Two arrays that should agree, in a few lines."""
    return f"{a.dtype} {a.tolist()} here, {b.dtype} {b.tolist()} in PyTorch"


def values_of(program: Program) -> dict[Name, Any]:
    """The value of every step, by whichever library can run the program."""
    for each in (here, in_torch):
        with contextlib.suppress(Exception):
            return dict(each(program).values)
    return {}


def shrunk(program: Program, fails: Callable[[Program], bool]) -> Program:
    """The smallest program found that still fails, one step less at a time."""
    while True:
        values = values_of(program)
        less = next((each for each in programs.smaller(program, values) if fails(each)), None)
        if less is None:
            return program
        program = less


def report_of(seed: int, dtype: Any = np.float64, run: Callable[..., Any] = run) -> str:
    """What is wrong with the program of this seed, and a small program in which it is; "" where nothing is."""
    program = program_of(seed)
    fault = fault_of(program, dtype, run)
    if not fault:
        return ""
    kind = fault.split()[0]  # of a value, of a gradient, or which of the two refuses
    small = shrunk(program, lambda each: fault_of(each, dtype, run).startswith(kind))
    return f"seed {seed}, {np.dtype(dtype).name}: {fault_of(small, dtype, run)}\n{small}"


# ---------------------------------------------------------------------- PyTorch
@pytest.mark.needs("torch")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("start", range(0, COUNT, 200))
def test_programs_compute_what_they_compute_in_pytorch(start: int, dtype: Any) -> None:
    for seed in range(start, start + 200):
        assert report_of(seed, dtype) == ""


def test_the_programs_hold_what_there_is_to_test() -> None:
    found: collections.Counter[str] = collections.Counter()
    for program in map(program_of, range(COUNT)):
        found["leaves without a gradient"] += sum(not needs for _, needs in program.leaves.values())
        for step in program.steps:
            names = programs.names_in(step.arguments)
            found[step.row] += 1
            found[f"{step.row} of {len(step.arguments)}"] += 1
            found["edits"] += step.edit
            found["edits of elements"] += step.edit and step.row == "put"
            found["an argument twice"] += len(set(names)) < len(names)
            found["plain numbers"] += any(
                isinstance(x, int | float) and not isinstance(x, Name) for x in step.arguments
            )
        uses = collections.Counter(name for step in program.steps for name in programs.names_in(step.arguments))
        found["results used more than once"] += sum(count > 1 for count in uses.values())
    assert {name for name in OPS if found[name] < 50} == set()
    for name, least in [("edits", 500), ("edits of elements", 100), ("an argument twice", 500), ("plain numbers", 500),
                        ("leaves without a gradient", 500), ("results used more than once", 2000)]:  # fmt: skip
        assert found[name] >= least, name
    for row in ("concatenate", "stack", "einsum"):
        assert all(found[f"{row} of {count}"] >= 20 for count in (1, 2, 3))


def test_ties_are_among_the_programs() -> None:
    ties: collections.Counter[str] = collections.Counter()
    for draft in map(Draft, range(COUNT)):
        changed = {step.target for step in draft.steps if step.edit}
        for step in draft.steps:
            values = [draft.value(x) for x in step.arguments]
            if not changed & {*programs.names_in(step.arguments), step.target}:
                ties[step.row] += programs.clearance(step.row, values, step.options) == 0
    assert all(ties[row] >= 3 for row in ("relu", "abs", "clip", "maximum", "minimum", "max", "min", "max_pool2d"))


@pytest.mark.needs("torch")
@pytest.mark.parametrize("other", [Name(2), Name(1)], ids=["broadcast", "itself"])
def test_an_edit_in_place_by_something_broadcast_or_by_itself_has_the_gradient_of_pytorch(other: Name) -> None:
    leaves = {Name(0): (np.array([1.0, 2.0]), True), Name(2): (np.array(3.0), True)}
    steps = (Step(Name(1), "neg", (Name(0),), {}), Step(Name(1), "add", (Name(1), other), {}, edit=True))
    assert fault_of(Program(leaves, steps)) == ""


# ---------------------------------------------------------------------- what is wrong is found
@pytest.mark.needs("torch")
@pytest.mark.parametrize("name", ["tanh", "mul", "sum", "matmul", "getitem", "max_pool2d"])
def test_a_wrong_row_is_found_and_shown_in_a_program_of_few_lines(name: str) -> None:
    def run_wrong(row: str, *arguments: Any, **options: Any) -> Any:
        return apply(wrong(OPS[row]), *arguments, **options) if row == name else run(row, *arguments, **options)

    report = next(filter(None, (report_of(seed, run=run_wrong) for seed in range(500))))
    assert "gradient of" in report
    assert 1 <= report.count("= run(") <= 3
    assert f"run({name!r}" in report


def wrong(op: Op) -> Op:
    """The row with a slope, or a contribution, that is off by a millionth."""
    first = op.arguments[0]
    if first.derivative is not None:
        right = first.derivative
        changed = dataclasses.replace(first, derivative=lambda *v, **o: right(*v, **o) * 1.000001, formula="wrong")
    else:
        assert first.vjp is not None
        rule = first.vjp
        changed = dataclasses.replace(first, vjp=lambda *v, **o: rule(*v, **o) * 1.000001)
    return dataclasses.replace(op, arguments=(changed, *op.arguments[1:]))


@pytest.mark.needs("torch")
def test_a_wrong_value_is_found() -> None:
    def run_wrong(row: str, *arguments: Any, **options: Any) -> Any:
        return run(row, *arguments, **options) * (1.000001 if row == "exp" else 1)

    report = next(filter(None, (report_of(seed, run=run_wrong) for seed in range(500))))
    assert "value of" in report
    assert report.count("= run(") == report.count("run('exp'") == 1


def test_a_program_that_is_printed_runs_again() -> None:
    for program in map(program_of, range(300)):
        names: dict[str, Any] = {}
        exec(str(program), names)
        names["loss"].backward()
        results = here(program)
        assert names["loss"].data == results.loss
        for name in program.leaves:
            assert same(names[repr(name)].grad, results.gradients[name])


# ---------------------------------------------------------------------- our passes against each other
def same(a: Any, b: Any) -> bool:
    """Whether two values agree to the last bit, in one type; or neither is there."""
    if a is None or b is None:
        return a is b
    return np.asarray(a).dtype == np.asarray(b).dtype and np.array_equal(a, b, equal_nan=True)


def recorded(seed: int, dtype: Any) -> Any:
    """The loss of a program."""
    program = program_of(seed)
    tensors, _ = ours_of(program, dtype)
    return loss_of([tensors[name] for name in program.outputs])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_record_holds_the_values_and_gradients_of_the_backward_pass_to_the_last_bit(dtype: Any) -> None:
    for seed in range(300):
        loss = recorded(seed, dtype)
        trace, nodes = bp.trace(loss), bp.graph(loss).nodes
        loss.backward()
        for node, tensor in zip(trace.nodes, nodes, strict=True):
            assert node.dtype == tensor.dtype.name
            for written, computed in ((node.value, tensor.data), (trace.gradient(node.index), tensor.grad)):
                scalar = node.shape == () and computed is not None  # a plain number in the record, whatever its type
                assert same(written, np.asarray(computed).item() if scalar else computed), (seed, node.index)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_graph_computes_the_same_again_to_the_last_bit(dtype: Any) -> None:
    for seed in range(300):
        loss = recorded(seed, dtype)
        graph = bp.graph(loss)
        loss.backward()
        before = [(np.array(node.data), node.grad) for node in graph.nodes]
        graph.forward()
        graph.backward()
        for node, (value, gradient) in zip(graph.nodes, before, strict=True):
            assert same(node.data, value), seed
            assert same(node.grad, gradient), seed


@pytest.mark.parametrize("row", ["abs", "maximum", "minimum"])
def test_the_gradient_of_a_scalar_passes_a_choice_unrounded(row: str) -> None:
    values = (np.float64(1.0), np.float64(1.0))[: len(OPS[row].arguments)]
    share = OPS[row].pull(0, 1 / 3, np.float64(1.0), values, {})
    assert share == 1 / 3 / len(values)


def test_products_with_the_jacobian_and_with_its_transpose_agree() -> None:
    random = np.random.default_rng(0)
    for program in map(program_of, range(300)):
        by = [name for name, (_, needs) in program.leaves.items() if needs]
        inputs = tuple(program.leaves[name][0] for name in by)

        def f(*xs: Any, program: Program = program, by: list[Name] = by) -> tuple[Any, ...]:
            tensors, _ = ours_of(program, leaves=our_leaves(program) | dict(zip(by, xs, strict=True)))
            return tuple(tensors[name] for name in program.outputs)

        w = tuple(random.uniform(-1, 1, x.shape) for x in inputs)
        outputs, tangents = bp.jvp(f, inputs, w)
        v = tuple(random.uniform(-1, 1, np.shape(out)) for out in outputs)
        again, gradients = bp.vjp(f, inputs, v)
        assert all(map(same, outputs, again))
        forward = [np.sum(a * b) for a, b in zip(v, tangents, strict=True)]
        backward = [np.sum(a * b) for a, b in zip(gradients, w, strict=True)]
        assert abs(sum(forward) - sum(backward)) <= 1e-10 * max(1.0, *map(abs, [*forward, *backward]))


def main(count: int = COUNT, start: int = 0) -> bool:
    """Hold this many programs against PyTorch; whether none differs."""
    faults = 0
    for seed in range(start, start + count):
        for report in filter(None, (report_of(seed, dtype) for dtype in (np.float64, np.float32))):
            faults += 1
            print(report, flush=True)
    print(f"{count} programs from seed {start} on, in float64 and float32: {faults} differ from PyTorch")
    return not faults


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
