"""Derivatives as values, held against PyTorch's, and forward mode against reverse mode over the whole op table."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import rows
from test_ops import Case, cases, in_torch, label, sample, slots, values_for

import backprop_viz as bp
from backprop_viz.autograd.op import Op
from backprop_viz.autograd.ops import ROWS
from backprop_viz.autograd.tensor import apply
from backprop_viz.autograd.transforms import op_jacobian, unit_vectors

every_case = pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in cases()])
every_row = pytest.mark.parametrize("op", [pytest.param(row, id=row.name) for row in ROWS])


def small(op: Op) -> Case:
    """A case of the row with few elements."""
    return sample(op) if op.name in rows.CASES else (op, ((2, 3),) * len(op.arguments), {})


def function_of(case: Case, run: Callable[..., Any] = apply) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The op as a function of the arguments by which a gradient flows, and their values."""
    op, _, options = case
    values = values_for(case)
    by = [slot for slot, _ in slots(op)]

    def f(*inputs: Any) -> Any:
        arguments = list(values)
        for slot, value in zip(by, inputs, strict=True):
            arguments[slot] = value
        return run(op, *arguments, **options)

    return f, tuple(values[slot] for slot in by)


def vector_like(value: Any, seed: int) -> Any:
    return np.random.default_rng(seed).uniform(-1.0, 1.0, np.shape(value))


# ---------------------------------------------------------------------- every row
@every_case
def test_forward_mode_and_reverse_mode_are_transposes_of_each_other(case: Case) -> None:
    f, inputs = function_of(case)
    w = tuple(vector_like(x, i) for i, x in enumerate(inputs))
    out, tangent = bp.jvp(f, inputs, w)
    v = vector_like(out, 9)
    again, gradients = bp.vjp(f, inputs, v)
    assert np.array_equal(out, again)
    assert np.shape(tangent) == np.shape(out)
    assert [np.shape(g) for g in gradients] == [np.shape(x) for x in inputs]
    forward = np.sum(v * tangent)
    assert forward == pytest.approx(sum(np.sum(g * x) for g, x in zip(gradients, w, strict=True)), rel=1e-10, abs=1e-12)


@pytest.mark.needs("torch")
@every_case
def test_products_with_the_jacobian_are_those_of_pytorch(case: Case) -> None:
    import torch

    functional: Any = torch.autograd.functional

    def run(op: Op, *arguments: Any, **options: Any) -> Any:
        return in_torch(op, [x if isinstance(x, torch.Tensor) else torch.tensor(x) for x in arguments], options)

    f, inputs = function_of(case)
    theirs, _ = function_of(case, run)
    w = tuple(vector_like(x, i) for i, x in enumerate(inputs))
    tensors = tuple(torch.tensor(x, dtype=torch.float64) for x in inputs)
    out, tangent = bp.jvp(f, inputs, w)
    if np.size(out):  # PyTorch's forward mode stumbles over some empty results
        _, expected = functional.jvp(theirs, tensors, tuple(map(torch.tensor, w)))
        assert np.allclose(tangent, expected.numpy(), rtol=1e-9, atol=1e-12)
    v = vector_like(out, 9)
    _, gradients = functional.vjp(theirs, tensors, torch.tensor(v))
    for ours, their in zip(bp.vjp(f, inputs, v)[1], gradients, strict=True):
        assert np.allclose(ours, their.numpy(), rtol=1e-10, atol=1e-12)


@every_row
def test_both_modes_and_the_helper_for_one_op_give_the_same_jacobian(op: Op) -> None:
    case = small(op)
    f, inputs = function_of(case)
    reverse = bp.jacobian(f, inputs, strategy="reverse-mode")
    forward = bp.jacobian(f, inputs, strategy="forward-mode")
    values = tuple(x if isinstance(x, float) else np.asarray(x) for x in values_for(case))
    out = bp.vjp(f, inputs, 0 * np.asarray(op.forward(*values, **case[2])))[0]
    for place, (slot, _) in enumerate(slots(op)):
        alone = op_jacobian(op, slot, out, values, case[2])
        assert np.shape(alone) == np.shape(out) + np.shape(values[slot])
        assert np.allclose(reverse[place], alone, rtol=1e-12, atol=1e-14)
        assert np.allclose(forward[place], alone, rtol=1e-10, atol=1e-12)


# ---------------------------------------------------------------------- whole functions
def net(W: Any, b: Any) -> Any:
    h = bp.tanh(np.linspace(-1, 1, 6).reshape(2, 3) @ W + b)
    return (h * h - h[0]).sum(axis=0)


WEIGHTS = (np.linspace(-1.0, 1.0, 6).reshape(3, 2), np.array([0.1, -0.2]))


def net_in_torch(W: Any, b: Any) -> Any:
    import torch

    h = torch.tanh(torch.linspace(-1, 1, 6, dtype=torch.float64).reshape(2, 3) @ W + b)
    return (h * h - h[0]).sum(dim=0)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("strategy", [None, "reverse-mode", "forward-mode"])
def test_a_jacobian_is_that_of_pytorch(strategy: str | None) -> None:
    import torch

    functional: Any = torch.autograd.functional
    expected = functional.jacobian(net_in_torch, tuple(map(torch.tensor, WEIGHTS)))
    found = bp.jacobian(net, WEIGHTS, strategy=strategy)
    assert [block.shape for block in found] == [(2, 3, 2), (2, 2)]
    for ours, theirs in zip(found, expected, strict=True):
        assert np.allclose(ours, theirs.numpy(), rtol=1e-12)


def test_a_jacobian_is_tupled_like_what_goes_in_and_comes_out() -> None:
    x, y = np.arange(3.0), np.ones(3)
    assert bp.jacobian(lambda x: x * x, x).tolist() == np.diag(2 * x).tolist()
    (single,) = bp.jacobian(lambda x: (x.sum(),), x)
    assert single.tolist() == [1, 1, 1]
    (a, b), (c, d) = bp.jacobian(lambda x, y: (x @ y, 2 * y), (x, y))
    assert [a.shape, b.shape, c.shape, d.shape] == [(3,), (3,), (3, 3), (3, 3)]
    assert not c.any()
    assert bp.jacobian(lambda x: x * x, 3.0) == 6.0


def test_the_mode_is_chosen_by_what_needs_fewer_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    from backprop_viz.autograd import transforms

    used = []
    for name in ("pulled_back", "pushed_forward"):
        right = getattr(transforms, name)
        monkeypatch.setattr(transforms, name, lambda *a, f=right, n=name: used.append(n) or f(*a))  # type: ignore[func-returns-value]
    bp.jacobian(lambda x: x.sum(), np.ones(5))
    bp.jacobian(lambda x: x * np.ones(5), 1.0)
    assert used == ["pulled_back", "pushed_forward"]


def test_forward_mode_adds_up_all_ways_through_a_graph() -> None:
    def f(x: Any) -> Any:
        y = x * x
        return y * x + bp.tanh(y) * y

    assert bp.jvp(f, 1.3, 2.0)[1] == pytest.approx(2 * bp.vjp(f, 1.3)[1])


def test_a_function_may_give_back_an_input_or_ignore_it() -> None:
    assert bp.vjp(lambda x, y: x, (1.0, 2.0)) == (1.0, (1.0, 0.0))
    assert bp.jvp(lambda x, y: (y, y * y), (1.0, 3.0), (1.0, 0.0)) == ((3.0, 9.0), (0.0, 0.0))
    assert bp.jvp(lambda x: bp.tensor(2.0), 1.0) == (2.0, 0.0)
    assert bp.vjp(lambda x: (x, x), 1.0, (1.0, 10.0))[1] == 11.0


def test_float32_stays_float32_in_both_modes() -> None:
    x = np.ones(3, np.float32)
    for out, product in (bp.vjp(bp.tanh, x, x), bp.jvp(bp.tanh, x, x)):
        assert out.dtype == product.dtype == np.float32
    assert bp.jacobian(bp.tanh, x).dtype == np.float32


def test_it_works_inside_no_grad_and_after_a_recorded_edit_in_place() -> None:
    def f(x: Any) -> Any:
        y = x * 2
        y[0] = y[1] * x[0]
        return y.sum()

    with bp.no_grad():
        value, gradient = bp.vjp(f, np.array([2.0, 3.0]))
    assert value == 18.0
    assert gradient.tolist() == [6.0, 6.0]
    assert bp.jvp(f, np.array([2.0, 3.0]), np.array([1.0, 0.0]))[1] == 6.0


# ---------------------------------------------------------------------- grad
def test_grad_gives_the_gradients_of_leaves_and_computed_tensors_and_touches_no_grad() -> None:
    w, x = bp.parameter(3.0), bp.tensor(2.0)
    y = w * x
    loss = y * y + w
    w.grad = 7.0
    assert bp.grad(loss, [w, y]) == (25.0, 12.0)
    assert bp.grad(loss, y) == (12.0,)
    assert bp.grad(loss, loss) == (1.0,)
    assert w.grad == 7.0
    assert y.grad is None


def test_the_gradient_of_several_outputs_is_that_of_their_sum() -> None:
    w = bp.parameter([1.0, 2.0])
    y, z = w * w, w.sum()
    assert bp.grad([y, z], w, [[1.0, 0.0], 5.0])[0].tolist() == [7.0, 5.0]
    assert bp.grad([z, z], w)[0].tolist() == [2.0, 2.0]
    assert bp.grad(y, w, [1.0, 1.0])[0].tolist() == [2.0, 4.0]


def test_what_grad_gives_is_no_view_of_the_graph() -> None:
    w = bp.parameter([1.0, 2.0])
    seed = np.ones(2)
    for gradient in (*bp.grad(w.sum(), w), *bp.grad(w * 1.0, w, seed), *bp.grad(w @ w, w)):
        gradient += 100.0
    assert w.data.tolist() == [1.0, 2.0]
    assert seed.tolist() == [1.0, 1.0]


def test_an_interrupted_pass_leaves_every_grad_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    from backprop_viz.autograd import transforms

    w = bp.parameter(2.0)
    loss = bp.tanh(w * w) * w
    w.grad = 5.0

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(transforms, "contribution_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bp.grad(loss, w)
    assert w.grad == 5.0


def test_threads_take_gradients_of_one_graph_at_once() -> None:
    w = bp.parameter(1.1)
    loss = w
    for _ in range(50):
        loss = bp.tanh(loss) * w + loss
    expected, found = bp.grad(loss, w), []
    threads = [threading.Thread(target=lambda: found.append(bp.grad(loss, w))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def test_a_long_chain_is_no_recursion() -> None:
    def chain(x: Any) -> Any:
        for _ in range(20_000):
            x = x + 1e-3
        return x

    assert bp.vjp(chain, 1.0)[1] == bp.jvp(chain, 1.0)[1] == 1.0


def test_unit_vectors_have_one_1_each() -> None:
    assert [(index, basis.tolist()) for index, basis in unit_vectors(np.zeros(2))] == [((0,), [1, 0]), ((1,), [0, 1])]
    assert list(unit_vectors(5.0)) == [((), 1.0)]


# ---------------------------------------------------------------------- what is refused
def two() -> tuple[bp.Tensor, bp.Tensor]:
    return bp.parameter(1.0, name="w"), bp.parameter([1.0, 2.0], name="b")


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda w, b: bp.grad(w * 2, [w, b]), RuntimeError, r"do not depend on input 1 \('b'\).*allow_unused=True"),
        (lambda w, b: bp.grad(w * 2, bp.tensor(1.0)), RuntimeError, "input 0 has requires_grad=False"),
        (lambda w, b: bp.grad(bp.tensor(2.0), w), RuntimeError, "needs no gradient"),
        (lambda w, b: bp.grad(b * 2, b), RuntimeError, "scalar loss"),
        (lambda w, b: bp.grad([w * 2, w * 3], w, [1.0]), ValueError, "there are 2 outputs, but 1 gradients"),
        (lambda w, b: bp.grad(3.0, w), TypeError, "outputs of a gradient are tensors.*got float 3.0"),
        (lambda w, b: bp.grad(w * 2, []), TypeError, "inputs of a gradient are tensors.*got none"),
        (lambda w, b: bp.vjp(lambda x: x * 2, b), RuntimeError, "each element that the function gives.*Give v"),
        (lambda w, b: bp.jvp(lambda x: x * 2, b), RuntimeError, "each element of the inputs.*Give v"),
        (lambda w, b: bp.jvp(lambda x: x * 2, b, 1.0), ValueError, r"v 0 has shape \(\), not \(2,\)"),
        (lambda w, b: bp.jvp(lambda x, y: x * y, (w, w), (1.0,)), ValueError, "2 tensors, but 1 vectors"),
        (lambda w, b: bp.vjp(lambda x: x.data, w), TypeError, "this one gave float 1.0"),
        (lambda w, b: bp.vjp(lambda x: (), w), TypeError, r"this one gave tuple \(\)"),
        (lambda w, b: bp.vjp(lambda x: x, [w, w]), TypeError, "given as a tuple"),
        (lambda w, b: bp.jacobian(lambda x: x, w, strategy="sideways"), ValueError, "'reverse-mode', 'forward-mode'"),
    ],
)
def test_a_misuse_says_what_to_do(call: Callable[..., Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call(*two())


def test_an_unused_input_has_no_gradient_where_that_is_allowed() -> None:
    w, b = two()
    assert bp.grad(w * 2, [w, b], allow_unused=True) == (2.0, None)


def test_stale_values_are_refused() -> None:
    w = bp.parameter([1.0, 2.0])
    loss = (w * w).sum()
    with bp.no_grad():
        w *= 2
    with pytest.raises(RuntimeError, match="stale"):
        bp.grad(loss, w)
