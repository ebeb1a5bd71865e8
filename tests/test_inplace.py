"""Edits in place, where the engine says more than PyTorch does, or refuses what it cannot record."""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

import backprop_viz as bp

PACKAGE = str(Path(bp.__file__).parent)


@pytest.mark.parametrize(
    ("edit", "kind", "words"),
    [
        (lambda w, y, x: w.add_(1), RuntimeError, ["x += y would overwrite a leaf", "bp.no_grad()", "new tensor"]),
        (lambda w, y, x: w[:1].mul_(2), RuntimeError, ["x *= y would overwrite a view of a leaf", "bp.no_grad()"]),
        (
            lambda w, y, x: y[:1].sub_(2),
            RuntimeError,
            ["x -= y on a view is not recorded", "base[key] = base[key] + y"],
        ),
        (lambda w, y, x: x[:1].add_(w[0]), RuntimeError, ["x += y on a view is not recorded"]),
        (lambda w, y, x: x[0].add_(1), RuntimeError, ["one number out of an array", "x[index] = value"]),
        (lambda w, y, x: x.add_(np.ones(3)), ValueError, ["keeps the shape (2,)", "(3,)", "x += y"]),
        (lambda w, y, x: x.__setitem__(0, np.ones(2)), ValueError, ["keeps the shape ()", "(2,)", "x[key] = y"]),
        (lambda w, y, x: x.add_("1"), TypeError, ["add: its arguments are tensors", "'1'"]),
        (lambda w, y, x: bp.tensor([1, 2]).div_(2.0), TypeError, ["int64 cannot hold the result", "dtype=float"]),
    ],
)
def test_an_edit_that_cannot_be_recorded_says_why(
    edit: Callable[[Any, Any, Any], Any], kind: type[Exception], words: list[str]
) -> None:
    w, x = bp.parameter([1.0, 2.0]), bp.tensor([1.0, 2.0])
    y = w * 2
    with pytest.raises(kind) as caught:
        edit(w, y, x)
    for word in words:
        assert word in str(caught.value)
    assert (w.tolist(), y.tolist(), x.tolist()) == ([1.0, 2.0], [2.0, 4.0], [1.0, 2.0])


def test_a_view_taken_before_a_recorded_edit_is_refused_and_one_taken_after_is_not() -> None:
    w = bp.parameter([1.0, 2.0])
    y = w * 2
    early = y[:1]
    y += w
    with pytest.raises(RuntimeError, match=r"mul: its argument 'a' is a view taken before .* again, after the edit"):
        early * 2
    (y[:1] * 2).backward()
    assert w.grad.tolist() == [6.0, 0.0]


def test_an_edited_result_is_drawn_as_the_steps_that_made_it() -> None:
    w = bp.parameter([1.0, 2.0])
    y = w * 2
    before = y.sum()
    y += 1
    y[0] = 0.0
    trace = bp.trace(before + y.sum())
    assert [node.op for node in trace.nodes] == ["", "mul", "sum", "add", "put", "sum", "add"]
    values = [np.asarray(node.value).tolist() for node in trace.nodes]
    assert values == [[1.0, 2.0], [2.0, 4.0], 6.0, [3.0, 5.0], [0.0, 5.0], 5.0, 11.0]
    assert trace.gradient(0).tolist() == [2.0, 4.0]


def test_scalars_are_edited_like_arrays() -> None:
    w = bp.parameter(3.0)
    y = w * w
    y += w
    y[...] = y * 2
    y.backward()
    assert (y.data, w.grad) == (24.0, 14.0)
    x = bp.tensor(1.0)
    x.fill_(5).copy_(bp.tensor(2)).zero_()
    assert (x.data, x.version) == (0.0, 3)


def test_a_graph_computed_again_follows_recorded_edits() -> None:
    w = bp.parameter([1.0, 2.0])
    y = w * 2
    y *= w
    graph = bp.Graph(y.sum())
    with bp.no_grad():
        w[0] = 3.0
    assert graph.forward() == 18.0 + 8.0
    graph.backward()
    assert w.grad.tolist() == [12.0, 8.0]


# ---------------------------------------------------------------------- an interruption at any point
# Where the interpreter looks whether Ctrl-C was pressed: as a function begins, as a loop goes round, and after a call.
LOOKS = {"RESUME", "JUMP_BACKWARD", "CALL", "CALL_KW", "CALL_FUNCTION_EX"}


class Interrupter:
    """Raises KeyboardInterrupt at the n-th place inside the package where the interpreter would."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.fired = False

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and not self.fired and dis.opname[frame.f_code.co_code[frame.f_lasti]] in LOOKS:
            self.left -= 1
            if self.left < 0:
                self.fired = True
                raise KeyboardInterrupt
        return self


@pytest.mark.parametrize("start", [2.0, [2.0, 3.0]])
def test_an_interrupted_pass_leaves_all_leaves_with_old_sums_or_all_with_new_ones(start: Any) -> None:
    def prepared() -> tuple[list[Any], Any]:
        leaves = [bp.parameter(start), bp.parameter(start), bp.parameter(start)]
        a, b, c = leaves
        h = (a * b).tanh()
        loss = (h * b + a * c + bp.addcmul(a, b, c)).sum() if isinstance(start, list) else h * b + a * c + a
        (a * 5.0).sum().backward()  # a holds something before
        return leaves, loss

    def grads(leaves: list[Any]) -> list[Any]:
        return [None if leaf.grad is None else np.asarray(leaf.grad).tolist() for leaf in leaves]

    leaves, loss = prepared()
    old = grads(leaves)
    loss.backward()
    new = grads(leaves)
    at, seen_old, seen_new = 0, 0, 0
    while True:
        leaves, loss = prepared()
        interrupter = Interrupter(at)
        sys.settrace(interrupter)
        try:
            loss.backward()
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
        if not interrupter.fired:
            break
        found = grads(leaves)
        assert found in (old, new), f"interrupted at step {at}: {found}"
        seen_old, seen_new = seen_old + (found == old), seen_new + (found == new)
        loss.backward()  # the next pass runs as if nothing had been
        assert grads(leaves) == (new if found == old else [
            [2 * x - (o[i] if o else 0) for i, x in enumerate(n)] if isinstance(n, list) else 2 * n - (o or 0)
            for n, o in zip(new, old, strict=True)
        ])  # fmt: skip
        at += 1
    assert seen_old > 100
    assert seen_new > 0


def test_what_is_written_may_be_smaller_or_the_tensor_itself_or_an_array() -> None:
    w, v = bp.parameter([1.0, 2.0]), bp.parameter(3.0)
    y = w * 1
    y *= v
    y += y
    y += np.array([1.0, 1.0])
    y -= np.float32(1)
    y.sum().backward()
    assert (y.tolist(), w.grad.tolist(), v.grad) == ([6.0, 12.0], [6.0, 6.0], 6.0)
    assert [node.kind for node in bp.trace(y.sum()).nodes].count("input") == 1


# ---------------------------------------------------------------------- what an edit must not read, or hide
@pytest.mark.parametrize("read", [lambda y: y[:2], lambda y: y[0:1], lambda y: y.detach(), lambda y: y.T])
def test_an_edit_that_reads_the_memory_it_writes_is_refused(read: Callable[[Any], Any]) -> None:
    w = bp.parameter([2.0, 3.0])
    y = w * 1.0
    with pytest.raises(RuntimeError, match=r"y shows memory of x.*Pass y\.clone\(\)"):
        y.mul_(read(y))
    y.mul_(read(y).clone())
    assert y.shape == (2,)


def test_an_old_view_is_refused_wherever_it_is_used() -> None:
    w = bp.parameter([1.0, 2.0, 3.0])
    y = w * 1.0
    old = y[:2]
    y.mul_(3.0)
    buffer = bp.zeros(2)
    uses: list[Callable[[], Any]] = [old.exp, old.relu, lambda: -old, lambda: bp.tanh(old), lambda: buffer.add_(old)]
    ones = [1.0, 1.0]
    uses += [lambda: old.backward(ones), lambda: bp.grad(old, w, ones), lambda: bp.trace(old, ones)]
    for use in uses:
        with pytest.raises(RuntimeError, match=r"is a view taken before|was edited after"):
            use()
    assert buffer.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "edit",
    [
        lambda: bp.tensor([1, 3]).div_(2), lambda: bp.tensor(3).div_(2), lambda: bp.tensor([True, False]).add_(1),
        lambda: bp.tensor([1, 2]).__setitem__(0, 0.5),
    ],
)  # fmt: skip
def test_an_edit_whose_result_the_type_cannot_hold_is_refused(edit: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match="cannot hold the result, which is of a wider type"):
        edit()


def test_one_element_is_edited_through_its_index() -> None:
    x, w = bp.tensor([1.0, 2.0, 3.0]), bp.parameter([1.0, 2.0])
    x[0] += 1
    x[-1] *= 2
    assert x.tolist() == [2.0, 2.0, 6.0]
    y = w * 1.0
    y[0] *= w[1]
    y.sum().backward()
    assert (y.tolist(), w.grad.tolist()) == ([2.0, 2.0], [2.0, 2.0])
    with bp.no_grad():
        w[0] += 1
    assert w.tolist() == [2.0, 2.0]
    with pytest.raises(RuntimeError, match="would overwrite a leaf"):
        w[0] += 1


def test_copies_made_by_broadcasting_are_not_edited() -> None:
    with bp.no_grad(), pytest.raises(ValueError, match=r"share memory with one another.*x\.clone"):
        bp.parameter([1.0, 2.0]).broadcast_to((3, 2)).add_(1)


def test_an_edit_keeps_its_type_when_the_graph_is_computed_again() -> None:
    w = bp.parameter(np.ones(2, np.float32))
    y = w * 1
    y += bp.tensor(np.array([0.1, 0.2]))
    graph = bp.Graph(y.sum())
    graph.forward()
    assert str(y.dtype) == str(graph.loss.dtype) == "float32"


def test_a_kept_gradient_stays_kept_over_an_edit() -> None:
    w = bp.parameter([1.0, 2.0])
    y = w * 2
    y.retain_grad()
    y.mul_(3)
    loss = (y * y).sum()
    loss.backward()
    loss.backward()
    assert y.grad.tolist() == [24.0, 48.0]


@pytest.mark.parametrize("data", [2, np.array([1, 2]), [3.0, 4.0], bp.tensor(3.0)])
def test_a_parameter_given_other_data_than_floats_is_refused(data: Any) -> None:
    w = bp.parameter([1.0, 2.0] if np.ndim(data) else 1.5)
    w.data = data
    with pytest.raises(TypeError, match="holds floating-point numbers"):
        (w * 0.5).sum().backward()
