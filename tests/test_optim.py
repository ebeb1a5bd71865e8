"""Optimizers and schedules: PyTorch's numbers, edits in place that are counted, and clear refusals."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import backprop_viz as bp
from backprop_viz.autograd.optim.optimizer import BLOCK, blocks

OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.2}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True}),
    ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": (0.7, 0.9), "eps": 1e-3, "weight_decay": 0.2}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.3}),
]
SCHEDULES: list[tuple[str, dict[str, Any]]] = [
    ("StepLR", {"step_size": 3, "gamma": 0.5}),
    ("ExponentialLR", {"gamma": 0.9}),
    ("CosineAnnealingLR", {"T_max": 8, "eta_min": 0.01}),
    ("LambdaLR", {"lr_lambda": lambda epoch: 1 / (1 + epoch)}),
    ("LambdaLR", {"lr_lambda": [lambda epoch: 0.5**epoch, lambda epoch: 1.0]}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 0.1, "end_factor": 0.5, "total_iters": 4}),
]
STARTS = [0.5, [0.3, -0.7], [[1.0, -2.0, 0.5], [0.1, 0.2, -0.3]]]


def optimizer(kind: str, params: Any, **settings: Any) -> bp.optim.Optimizer:
    made = getattr(bp.optim, kind)(params, **settings)
    assert isinstance(made, bp.optim.Optimizer)
    return made


def schedule(kind: str, of: bp.optim.Optimizer, **settings: Any) -> bp.optim.LRScheduler:
    made = getattr(bp.optim, kind)(of, **settings)
    assert isinstance(made, bp.optim.LRScheduler)
    return made


def parameters() -> list[bp.Tensor]:
    return [bp.parameter(start) for start in STARTS]


def loss_of(params: list[Any]) -> Any:
    """Something with gradients of every size, in either library."""
    return sum(((w * w - 1) ** 2 + 0.1 * w).sum() for w in params)


def loss_of_ours(params: list[bp.Tensor]) -> bp.Tensor:
    loss = loss_of(params)
    assert isinstance(loss, bp.Tensor)
    return loss


def train(made: bp.optim.Optimizer, params: list[bp.Tensor], steps: int) -> None:
    for _ in range(steps):
        made.zero_grad()
        loss_of_ours(params).backward()
        made.step()


def near(ours: Any, theirs: Any) -> bool:
    return np.allclose(ours, theirs, rtol=1e-12, atol=1e-12)


# ---------------------------------------------------------------------- PyTorch's numbers
@pytest.mark.needs("torch")
@pytest.mark.parametrize(("kind", "settings"), OPTIMIZERS)
def test_twenty_steps_are_those_of_pytorch(kind: str, settings: dict[str, Any]) -> None:
    import torch

    ours = parameters()
    theirs = [torch.tensor(start, dtype=torch.float64, requires_grad=True) for start in STARTS]
    mine, other = optimizer(kind, ours, **settings), getattr(torch.optim, kind)(theirs, **settings)
    for _ in range(20):
        train(mine, ours, 1)
        other.zero_grad()
        loss_of(theirs).backward()
        other.step()
        assert all(near(w.data, u.detach()) for w, u in zip(ours, theirs, strict=True))


@pytest.mark.needs("torch")
@pytest.mark.parametrize(("kind", "settings"), SCHEDULES)
def test_learning_rates_are_those_of_pytorch(kind: str, settings: dict[str, Any]) -> None:
    import torch

    def two_groups(make: Callable[[float], Any]) -> list[dict[str, Any]]:
        return [{"params": [make(1.0)], "lr": 0.3}, {"params": [make(2.0)]}]

    mine = bp.optim.SGD(two_groups(bp.parameter), lr=0.1)
    other = torch.optim.SGD(two_groups(lambda value: torch.tensor(value, requires_grad=True)), lr=0.1)
    ours, theirs = schedule(kind, mine, **settings), getattr(torch.optim.lr_scheduler, kind)(other, **settings)
    for _ in range(20):
        assert near(ours.get_last_lr(), theirs.get_last_lr())
        assert [group["lr"] for group in mine.param_groups] == ours.get_last_lr()
        other.step()
        ours.step()
        theirs.step()


# ---------------------------------------------------------------------- the rule in words
@pytest.mark.parametrize(("kind", "settings"), OPTIMIZERS)
def test_the_rule_that_is_shown_is_the_one_that_runs(kind: str, settings: dict[str, Any]) -> None:
    w = bp.parameter(0.5)
    made = optimizer(kind, [w], **settings)
    for t in range(1, 4):
        made.zero_grad()
        loss_of_ours([w]).backward()
        known = {"w": w.data, "g": w.grad, "t": t, "sqrt": math.sqrt, **made.param_groups[0]}
        made.step()
        known["beta1"], known["beta2"] = known.get("betas", (0, 0))
        shown = {"b": "momentum_buffer", "m": "exp_avg", "v": "exp_avg_sq"}
        known |= {letter: made.state[w].get(key) for letter, key in shown.items()}
        assert near(w.data, eval(made.rule, known))


def test_plain_gradient_descent_is_shown_as_the_lecture_writes_it() -> None:
    assert bp.optim.SGD([bp.parameter(1.0)], lr=0.1).rule == "w - lr * g"


# ---------------------------------------------------------------------- what a step does
@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW"])
def test_a_parameter_without_a_gradient_is_left_as_it_is(kind: str) -> None:
    w, unused = bp.parameter(1.0), bp.parameter([1.0, 2.0])
    made = optimizer(kind, [w, unused], lr=0.1)
    (w * w).backward()
    made.step()
    assert w.data != 1.0
    assert (unused.data.tolist(), unused.version) == ([1.0, 2.0], 0)
    assert unused not in made.state


@pytest.mark.parametrize("start", [2.0, [2.0, 3.0]])
def test_a_step_is_an_edit_in_place_that_an_old_graph_refuses_to_run_over(start: Any) -> None:
    w = bp.parameter(start)
    data, loss = w.data, (w * w).sum()
    loss.backward()
    bp.optim.SGD([w], lr=0.1).step()
    assert w.version == 1
    assert w.is_leaf
    assert not isinstance(data, np.ndarray) or w.data is data
    with pytest.raises(RuntimeError, match="edited after mul had used it"):
        loss.backward()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("start", [2.0, [2.0, 3.0]])
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_a_step_keeps_shape_and_type(kind: str, start: Any, dtype: Any) -> None:
    w = bp.parameter(start, dtype=dtype)
    (w * w).sum().backward()
    optimizer(kind, [w], lr=0.1).step()
    assert (w.dtype, w.shape) == (dtype, np.shape(start))


@pytest.mark.parametrize(("kind", "settings"), OPTIMIZERS)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(70_000,), (1, 70_000), (300, 301), (3, 70, 80)])
def test_a_large_array_moves_block_by_block_as_it_would_at_once(
    kind: str, settings: dict[str, Any], order: Any, shape: tuple[int, ...]
) -> None:
    draw = np.random.default_rng(0)
    numbers, gradients = draw.normal(size=shape), draw.normal(size=(3, *shape))
    large, small = bp.parameter(numbers), [bp.parameter(x) for x in numbers.flat[:5]]
    mine, other = optimizer(kind, [large], **settings), optimizer(kind, small, **settings)
    for gradient in gradients:
        large.grad = np.asarray(gradient, order=order)
        for w, g in zip(small, gradient.flat, strict=False):
            w.grad = float(g)
        mine.step()
        other.step()
    assert near(large.data.flat[:5], [w.data for w in small])
    assert large.version == 3


def test_blocks_are_all_rows_once_and_of_a_size_that_stays_near() -> None:
    for shape in [(0,), (5,), (100_000,), (784, 256), (3, 100_000)]:
        array = np.arange(math.prod(shape), dtype=float).reshape(shape)
        pieces = [array[rows] for rows in blocks(array)]
        assert array.size == 0 or np.array_equal(np.concatenate(pieces), array)
        assert all(piece.nbytes <= BLOCK or len(piece) == 1 for piece in pieces)


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW"])
@pytest.mark.parametrize("start", [1.0, [1.0, 2.0]])
def test_nan_in_a_gradient_is_not_hidden(kind: str, start: Any) -> None:
    w = bp.parameter(start)
    w.grad = np.full(np.shape(start), np.nan)[()]
    optimizer(kind, [w], lr=0.1).step()
    assert np.isnan(w.data).all()


def test_a_division_by_zero_gives_nan_as_in_pytorch() -> None:
    w = bp.parameter(1.0)
    w.grad = 0.0
    with np.errstate(invalid="ignore"):
        bp.optim.Adam([w], eps=0.0).step()
    assert math.isnan(w.data)


def test_a_closure_computes_the_loss_again() -> None:
    w = bp.parameter(3.0)
    made = bp.optim.SGD([w], lr=0.1)

    def closure() -> bp.Tensor:
        made.zero_grad()
        loss = w * w
        loss.backward()
        return loss

    assert made.step(closure).item() == 9.0
    assert w.data == pytest.approx(2.4)


def test_every_parameter_goes_through_update() -> None:
    seen: list[Any] = []

    class Watched(bp.optim.SGD):
        def update(self, parameter: bp.Tensor, gradient: Any, group: Any, state: Any) -> None:
            old = parameter.data
            super().update(parameter, gradient, group, state)
            seen.append((old, gradient, group["lr"], parameter.data))

    w = bp.parameter(1.0)
    (w * w).backward()
    Watched([w], lr=0.25).step()
    assert seen == [(1.0, 2.0, 0.25, 0.5)]


# ---------------------------------------------------------------------- groups
def test_each_group_has_settings_of_its_own() -> None:
    w, b, late = bp.parameter(1.0), bp.parameter(1.0), bp.parameter(1.0)
    made = bp.optim.SGD([{"params": [w], "lr": 0.1}, {"params": b}], lr=0.01)
    made.add_param_group({"params": [late], "lr": 0.2})
    for p in (w, b, late):
        p.grad = 1.0
    made.step()
    assert (w.data, b.data, late.data) == (0.9, 0.99, 0.8)
    made.zero_grad()
    assert (w.grad, b.grad, late.grad) == (None, None, None)


def test_a_learning_rate_set_between_steps_holds() -> None:
    w = bp.parameter(1.0)
    made = bp.optim.SGD([w], lr=0.1)
    made.param_groups[0]["lr"], w.grad = 0.5, 1.0
    made.step()
    assert w.data == 0.5


def test_an_optimizer_shows_its_groups() -> None:
    assert repr(bp.optim.Adam([bp.parameter(1.0)])) == (
        "Adam (\nParameter Group 0\n    betas: (0.9, 0.999)\n    eps: 1e-08\n    lr: 0.001\n    weight_decay: 0.0\n)"
    )


# ---------------------------------------------------------------------- saving and loading
@pytest.mark.parametrize(("kind", "settings"), OPTIMIZERS)
def test_training_goes_on_from_a_saved_state_as_if_never_stopped(kind: str, settings: dict[str, Any]) -> None:
    ours = parameters()
    whole = optimizer(kind, ours, **settings)
    train(whole, ours, 3)
    saved, values = whole.state_dict(), [np.array(w.data) for w in ours]
    train(whole, ours, 3)
    again = [bp.parameter(value) for value in values]
    resumed = optimizer(kind, again)
    resumed.load_state_dict(saved)
    train(resumed, again, 3)
    assert all(np.array_equal(w.data, u.data) for w, u in zip(ours, again, strict=True))
    assert saved["param_groups"][0]["params"] == [0, 1, 2]


def test_a_schedule_goes_on_from_a_saved_state() -> None:
    def made() -> bp.optim.LRScheduler:
        return bp.optim.ExponentialLR(bp.optim.SGD([bp.parameter(1.0)], lr=1.0), gamma=0.5)

    first, second = made(), made()
    first.step()
    first.step()
    second.load_state_dict(first.state_dict())
    assert (second.get_last_lr(), second.last_epoch) == ([0.25], 2)


# ---------------------------------------------------------------------- what is refused
def one() -> bp.Tensor:
    return bp.parameter(1.0)


@pytest.mark.parametrize(
    ("write", "kind", "message"),
    [
        (lambda: bp.optim.SGD(one(), lr=0.1), TypeError, "takes a list of parameters, or of groups; got Tensor"),
        (lambda: bp.optim.SGD(3, lr=0.1), TypeError, "got int 3"),
        (lambda: bp.optim.SGD([], lr=0.1), ValueError, "needs parameters; got none"),
        (lambda: bp.optim.SGD([2.0], lr=0.1), TypeError, "changes tensors; got float 2.0 among its parameters"),
        (lambda: bp.optim.SGD([bp.tensor(1.0)], lr=0.1), ValueError, "got a tensor with requires_grad=False"),
        (lambda: bp.optim.SGD([one() * 2], lr=0.1), ValueError, "got the result of mul"),
        (lambda: bp.optim.SGD([one()] * 2, lr=0.1), ValueError, "given twice"),
        (lambda: bp.optim.SGD([{"params": [w]} for w in [one()] * 2], lr=0.1), ValueError, "given twice"),
        (lambda: bp.optim.SGD([{"lr": 0.1}]), ValueError, "has 'params' and may have lr, momentum"),
        (lambda: bp.optim.SGD([{}]), ValueError, "got an empty group"),
        (lambda: bp.optim.SGD([{"params": [one()], "eps": 1}]), ValueError, "got 'params', 'eps'"),
        (lambda: bp.optim.SGD([one()], lr=-1), ValueError, "lr is a number 0 or more; got -1"),
        (lambda: bp.optim.SGD([one()], lr=math.nan), ValueError, "lr is a number 0 or more; got nan"),
        (lambda: bp.optim.SGD([one()], lr="fast"), ValueError, "lr is a number 0 or more; got 'fast'"),  # type: ignore[arg-type]
        (lambda: bp.optim.SGD([one()], momentum=-1), ValueError, "momentum is a number 0 or more"),
        (lambda: bp.optim.SGD([one()], weight_decay=-1), ValueError, "weight_decay is a number 0 or more"),
        (lambda: bp.optim.SGD([one()], nesterov=True), ValueError, "nesterov=True needs a momentum and no dampening"),
        (lambda: bp.optim.Adam([one()], eps=-1), ValueError, "eps is a number 0 or more"),
        (lambda: bp.optim.Adam([one()], betas=(0.9, 1)), ValueError, "beta2 is a number from 0 to below 1; got 1"),
        (lambda: bp.optim.ExponentialLR(3, gamma=1), TypeError, "a schedule is of an optimizer; got int 3"),  # type: ignore[arg-type]
        (lambda: bp.optim.StepLR(bp.optim.SGD([one()]), 0), ValueError, "step_size is a number 1 or more; got 0"),
        (lambda: bp.optim.CosineAnnealingLR(bp.optim.SGD([one()]), 0), ValueError, "T_max is a number 1 or more"),
        (lambda: bp.optim.LinearLR(bp.optim.SGD([one()]), -1), ValueError, "start_factor is a number 0 or more"),
        (lambda: bp.optim.LambdaLR(bp.optim.SGD([one()]), []), ValueError, "one for each of 1; got 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(write: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        write()


def test_a_gradient_of_another_shape_is_refused() -> None:
    w = bp.parameter([1.0, 2.0])
    w.grad = 1.0
    with pytest.raises(ValueError, match=re.escape("has the shape of its parameter, (2,); got shape ()")):
        bp.optim.SGD([w]).step()
    assert (w.data.tolist(), w.version) == ([1.0, 2.0], 0)


def test_the_state_of_other_parameters_is_refused() -> None:
    saved = bp.optim.SGD([one(), one()]).state_dict()
    with pytest.raises(ValueError, match=re.escape("groups of [2] parameters where the optimizer has [1]")):
        bp.optim.SGD([one()]).load_state_dict(saved)
