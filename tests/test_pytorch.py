"""The same programs here and in PyTorch: what they compute, what they leave behind, and where they refuse."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import backprop_viz as bp

Program = Callable[[Any], Any]
PROGRAMS: list[Program] = []


def program(function: Program) -> Program:
    """A program to run with `torch` standing for either library; it gives what is compared."""
    PROGRAMS.append(function)
    return function


def plain(value: Any) -> Any:
    """Numbers and booleans of either library, in nested lists."""
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if hasattr(value, "requires_grad"):
        value = value.detach()
        return np.asarray(value.numpy()).tolist()
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def outcome(run: Callable[[], Any]) -> Any:
    """What a piece of a program gives, or the kind of error it ends in."""
    try:
        return plain(run())
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        return type(error).__name__


def leaf(torch: Any, data: Any) -> Any:
    return torch.tensor(data, dtype=torch.float64, requires_grad=True)


# ---------------------------------------------------------------------- gradients over several passes
@program
def a_second_pass_adds_to_the_leaves_alone(torch: Any) -> Any:
    x = leaf(torch, 3.0)
    z = x * x * 6
    z.backward(retain_graph=True)
    first = plain(x.grad)
    z.backward()
    return [first, x.grad]


@program
def a_kept_gradient_adds_up_like_that_of_a_leaf(torch: Any) -> Any:
    x = leaf(torch, [1.0, 2.0])
    y = x * x
    y.retain_grad()
    z = (y * 3).sum()
    z.backward(retain_graph=True)
    first = plain(y.grad)
    z.backward()
    return [first, y.grad, y.retains_grad, x.retains_grad, outcome(lambda: torch.tensor(1.0).retain_grad())]


@program
def gradients_start_again_from_none(torch: Any) -> Any:
    x = leaf(torch, [1.0, 2.0])
    (x * x).sum().backward()
    x.grad = None
    (x * 3).sum().backward()
    return x.grad


@program
def a_vector_needs_a_gradient_to_start_with(torch: Any) -> Any:
    x = leaf(torch, [1.0, 2.0])
    y = x * x
    refused = outcome(y.backward)
    y.backward(torch.tensor([1.0, 10.0], dtype=torch.float64))
    return [refused, x.grad, outcome(lambda: torch.tensor(1.0).backward())]


@program
def one_element_of_any_shape_is_a_loss(torch: Any) -> Any:
    x = leaf(torch, [[2.0]])
    (x * x).backward()
    return x.grad


# ---------------------------------------------------------------------- leaves, and what needs no gradient
@program
def leaves_are_told_from_results(torch: Any) -> Any:
    x, w = torch.tensor([1.0, 2.0]), leaf(torch, [1.0, 2.0])
    y = w * 2
    found = [each.is_leaf for each in (x, w, y, x * 2, y.detach())]
    found += [y.requires_grad, (x * x).requires_grad]
    with torch.no_grad():
        z = w * 2
    refused = outcome(lambda: y.requires_grad_(False))
    return [*found, z.is_leaf, z.requires_grad, x.requires_grad_().requires_grad, refused]


@program
def recording_is_switched_by_context_and_by_decorator(torch: Any) -> Any:
    w = leaf(torch, 2.0)

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def quietly() -> Any:
        inside = w * 2
        with torch.enable_grad():
            again = w * 2
        return [inside.requires_grad, again.requires_grad]

    return [*quietly(), (w * 2).requires_grad]


@program
def the_mode_decorates_without_brackets(torch: Any) -> Any:
    w = leaf(torch, 2.0)

    @torch.no_grad  # type: ignore[untyped-decorator]
    def quietly() -> Any:
        return (w * 2).requires_grad

    return [quietly(), quietly.__name__, (w * 2).requires_grad]


@program
def a_leaf_that_starts_to_need_a_gradient_has_none_from_what_was_computed_before(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0])
    y = x * 2
    x.requires_grad_()
    loss = (y * torch.tensor([1.0, 1.0], requires_grad=True)).sum()
    loss.backward(retain_graph=True)
    return [x.grad, outcome(lambda: torch.autograd.grad(loss, x))]


@program
def whole_numbers_have_no_gradient(torch: Any) -> Any:
    n = torch.tensor([1, 2])
    return [
        outcome(lambda: torch.tensor([1, 2], requires_grad=True)) is not None,
        outcome(lambda: n.requires_grad_()) in ("RuntimeError", "TypeError"),
        (n * 2).requires_grad,
        (n * leaf(torch, [0.5, 1.0])).requires_grad,
    ]


@program
def a_detached_branch_is_a_constant(torch: Any) -> Any:
    w = leaf(torch, [2.0, 3.0])
    (w * w.detach()).sum().backward()
    return w.grad


# ---------------------------------------------------------------------- types
@program
def a_float32_stays_one(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], dtype=torch.float32, requires_grad=True)
    n = torch.tensor([3, 4])
    wide = torch.tensor([1.0, 1.0], dtype=torch.float64)
    results = [x * 2, x * 2.5, 1 / x, x**2, x + n, n * x, x.sum(), x.mean(), x.exp(), x / 3, x * wide, n / 2]
    return [str(result.dtype).rpartition(".")[2] for result in results[:-1]]


@program
def the_gradient_has_the_type_of_its_tensor(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], dtype=torch.float32, requires_grad=True)
    w = leaf(torch, [3.0, 4.0])
    (x * w).sum().backward()
    return [str(x.grad.dtype).rpartition(".")[2], str(w.grad.dtype).rpartition(".")[2], x.grad, w.grad]


# ---------------------------------------------------------------------- edits in place
@program
def a_parameter_is_updated_under_no_grad(torch: Any) -> Any:
    w = leaf(torch, [1.0, 2.0])
    (w * w).sum().backward()
    with torch.no_grad():
        w -= 0.25 * w.grad
        w[0] = 7.0
        w.mul_(2).add_(1)
    return [w, w.requires_grad, w.is_leaf, w._version]


@program
def an_edit_of_a_leaf_that_needs_a_gradient_is_refused(torch: Any) -> Any:
    w = leaf(torch, [1.0, 2.0])

    def edit() -> None:
        w.add_(1)

    def assign() -> None:
        w[0] = 1.0

    def through_a_view() -> None:
        w[:1].add_(1)

    return [outcome(edit), outcome(assign), outcome(through_a_view), w]


@program
def a_result_edited_in_place_is_a_new_node(torch: Any) -> Any:
    w, v = leaf(torch, [1.0, 2.0]), leaf(torch, [3.0, 5.0])
    y = w * 2
    y += 1
    y *= v
    y -= 3 * v
    y /= 2
    y.sum().backward()
    return [y, w.grad, v.grad, y.is_leaf]


@program
def what_used_the_value_before_the_edit_keeps_its_graph(torch: Any) -> Any:
    w = leaf(torch, [1.0, 2.0])
    y = w * 2
    before = y + 10
    y.add_(w)
    (before * y).sum().backward()
    return [before, y, w.grad]


@program
def elements_are_assigned_and_their_gradients_go_where_they_came_from(torch: Any) -> Any:
    w, v = leaf(torch, [1.0, 2.0, 3.0]), leaf(torch, 5.0)
    y = w * 2
    y[1:] = v * v
    y[0] = 4.0
    (y * torch.tensor([1.0, 10.0, 100.0], dtype=torch.float64)).sum().backward()
    return [y, w.grad, v.grad]


@program
def a_buffer_joins_the_graph_when_a_traced_value_is_written_into_it(torch: Any) -> Any:
    w = leaf(torch, [1.0, 2.0])
    buffer = torch.zeros(3, dtype=torch.float64)
    buffer[:2] = w * 3
    total = torch.zeros((), dtype=torch.float64)
    for i in range(2):
        total += buffer[i] * (i + 1)
    total.backward()
    return [buffer, buffer.requires_grad, total, w.grad]


@program
def a_value_that_the_pass_needs_must_not_have_changed(torch: Any) -> Any:
    def of(write: Callable[[Any], Any], edit: Callable[[Any, Any], Any]) -> Any:
        w = leaf(torch, [1.0, 2.0])
        y = w * 2
        loss = write(y).sum()
        edit(w, y)
        return outcome(lambda: [loss.backward(), w.grad][1])

    def of_leaf(w: Any, y: Any) -> None:
        with torch.no_grad():
            w.add_(1)

    return [
        of(lambda y: y * y, lambda w, y: y.add_(1)),
        of(lambda y: y * 3, lambda w, y: y.add_(1)),
        of(lambda y: y + y, lambda w, y: y.mul_(2)),
        of(lambda y: y.exp(), lambda w, y: y.add_(1)),
        of(lambda y: y.exp(), lambda w, y: y.detach().add_(1)),
        of(lambda y: y * y, lambda w, y: y.detach().add_(1)),
        of(lambda y: y * y, of_leaf),
        of(lambda y: y[:1] * y[1:], lambda w, y: y.detach()[:1].zero_()),
    ]


@program
def a_result_that_its_own_derivative_reads_must_not_be_edited(torch: Any) -> Any:
    w = leaf(torch, [1.0, 2.0])

    def after(y: Any) -> Any:
        y += 1
        return outcome(lambda: y.sum().backward())

    return [after(w.exp()), after(w * 2), after(w.tanh()), after(w.sigmoid()), after(w.log()), after(w.sum())]


@program
def views_and_detached_tensors_share_memory_and_version(torch: Any) -> Any:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    views = [x[0], x.T, x.reshape(4), x.detach(), x[:, 1]]
    x.add_(1)
    views[0].mul_(10)
    views[2][3] = 0.0
    return [x, *views, [view._version for view in (x, *views)]]


@program
def an_edit_keeps_shape_and_type(torch: Any) -> Any:
    x, n = torch.tensor([1.0, 2.0]), torch.tensor([1, 2])
    errors = [
        outcome(lambda: x.add_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))) in ("RuntimeError", "ValueError"),
        outcome(lambda: n.add_(0.5)) in ("RuntimeError", "TypeError"),
    ]
    x += torch.tensor([1, 1])
    n *= 3
    return [*errors, x, n]


# ---------------------------------------------------------------------- as Python sees it
@program
def a_tensor_reads_as_a_sequence_and_as_a_number(torch: Any) -> Any:
    x = leaf(torch, [[1.0, 2.0], [3.0, 4.0]])
    rows = list(x)
    rows[1][0].backward()
    return [
        len(x), [row.tolist() for row in rows], x[1, 1].item(), float(x[0, 1]), int(x[0, 1]), bool(x[0, 0]), x.grad,
        outcome(lambda: len(x[0, 0])), outcome(lambda: x.item()) in ("RuntimeError", "ValueError"), f"{x[0, 1]:.3f}",
        outcome(lambda: list(x[0, 0])), x.ndim, tuple(x.shape), x.numel(), x.dim(),
        [2.0 in x, 9.0 in x],
    ]  # fmt: skip


@program
def the_place_of_the_largest_is_a_plain_number(torch: Any) -> Any:
    x = leaf(torch, [[1.0, 5.0, 2.0], [7.0, 0.0, 7.5]])
    return [int(x.argmax()), x.argmax(1), x.argmin(dim=0), outcome(lambda: x.argmax(2)) is not None]


@program
def tensors_are_made_of_sizes_and_ranges(torch: Any) -> Any:
    f = torch.float64
    made = [torch.zeros(2, 3), torch.ones((2,)), torch.eye(2), torch.eye(2, 3), torch.full((2, 2), 7.0)]
    made += [torch.arange(4), torch.arange(1, 7, 2), torch.linspace(0, 1, 5, dtype=f), torch.ones_like(torch.zeros(3))]
    drawn = [torch.rand(2, 3), torch.randn((4,)), torch.randint(0, 5, (3, 2)), torch.randperm(6)]
    whole = sorted(plain(drawn[3]))
    return [made, [tuple(each.shape) for each in drawn], whole, bool((drawn[0] < 1).all())]


@program
def a_clone_has_a_memory_of_its_own_and_a_gradient(torch: Any) -> Any:
    x = leaf(torch, [1.0, 2.0])
    y = x.clone()
    y += 1
    (y * y).sum().backward()
    return [x, y, x.grad]


@program
def a_traced_tensor_does_not_become_an_array_unasked(torch: Any) -> Any:
    x = leaf(torch, [1.0])
    return [outcome(lambda: x.numpy()), x.detach().numpy()]


@pytest.mark.needs("torch")
@pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad")
@pytest.mark.parametrize("run", PROGRAMS, ids=lambda run: run.__name__.replace("_", " "))
def test_a_program_does_here_what_it_does_in_pytorch(run: Program) -> None:
    import torch

    assert plain(run(bp)) == plain(run(torch))


# ---------------------------------------------------------------------- the notes that all this starts from
NOTES = """
x = torch.arange(4, dtype=torch.float, requires_grad=True)
y = x.T @ x

y.backward()
answers.append((x.grad == 2*x).all())

x = torch.rand(size=(4,), dtype=torch.float, requires_grad=True)
v = torch.rand(size=(2,), dtype=torch.float)
y = x[:2]

# Computing the Jacobian by hand
J = torch.tensor(
    [[1, 0, 0, 0],
    [0, 1, 0, 0]], dtype=torch.float
)

# Confirming the above formula
y.backward(v)
answers.append((x.grad == v @ J).all())
"""


@pytest.mark.filterwarnings("ignore:The use of `x.T`")
@pytest.mark.parametrize("library", ["backprop_viz", pytest.param("torch", marks=pytest.mark.needs("torch"))])
def test_the_cells_of_the_notes_run_with_only_the_import_changed(library: str) -> None:
    answers: list[Any] = []
    exec(f"import {library} as torch\n{NOTES}", {"answers": answers})
    assert [bool(answer) for answer in answers] == [True, True]


def test_no_grad_is_of_one_thread_even_as_a_decorator_entered_by_many() -> None:
    w = bp.parameter(2.0)
    inside, found = threading.Barrier(2), []

    @bp.no_grad()
    def quietly() -> bool:
        inside.wait(5)
        return (w * 2).requires_grad

    def loudly() -> None:
        inside.wait(5)
        found.append((w * 2).requires_grad)

    thread = threading.Thread(target=loudly)
    thread.start()
    assert quietly() is False
    thread.join()
    assert found == [True]
