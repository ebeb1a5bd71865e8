"""Groups: which box a node is made in, whatever runs around it; their names in a trace; those of modules."""

from __future__ import annotations

import asyncio
import contextvars
import copy
import re
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import backprop_viz as bp
from backprop_viz import nn

Path = tuple[str, ...]
Run = tuple[tuple[str, int], ...]  # the groups that a node is in, by name and by the number of the move that began it
ROW = np.array([[1.0, 2.0]])


def one() -> bp.Tensor:
    return bp.parameter(1.0, name="w")


def group_of(tensor: Any) -> Path:
    """The group of a node, as its trace says."""
    return bp.trace(tensor, np.ones(tensor.shape)).nodes[-1].group


def groups(*tensors: Any) -> list[Path]:
    """The groups of tensors made in this order, as the trace of their sum says; all of them are computed nodes."""
    total = tensors[0]
    for tensor in tensors[1:]:
        total = total + tensor
    return [node.group for node in bp.trace(total).nodes if node.op not in ("", "add")]


# ---------------------------------------------------------------------- which group a node is in
def test_what_is_made_inside_is_in_the_group_and_nothing_else_is() -> None:
    w = one()
    before = w * 2
    with bp.group("layer 1"):
        x = bp.tensor(3.0, name="x")
        inside = w * x
    nodes = bp.trace(before - inside * 4).nodes
    assert {(node.name, node.op): node.group for node in nodes} == {
        ("w", ""): (),
        ("before", "mul"): (),
        ("x", ""): ("layer 1",),
        ("inside", "mul"): ("layer 1",),
        ("v1", "mul"): (),
        ("v2", "sub"): (),
    }


@pytest.mark.parametrize(
    "make",
    [
        lambda w: w * 2.0,
        lambda w: 2.0 * w,
        lambda w: bp.tanh(w),
        lambda w: w * bp.tensor([1.0, 2.0]),
        lambda w: bp.stack([w, w]) * bp.tensor([1.0, 2.0]),
        lambda w: bp.stack([w, w])[:1],
        lambda w: bp.where(w > 0, w, 0.0),
        lambda w: bp.ones(2),
        lambda w: w.detach(),
        lambda w: bp.parameter(2.0, name="b"),
    ],
)
def test_every_way_to_make_a_tensor_puts_it_into_the_group(make: Callable[[bp.Tensor], bp.Tensor]) -> None:
    w = one()
    assert group_of(make(w)) == ()
    with bp.group("a"), bp.group("b"):
        inside = make(w)
    assert group_of(inside) == ("a", "b")
    assert group_of(make(w)) == ()


def test_nested_groups_give_a_path() -> None:
    w = one()
    with bp.group("outer"):
        first = w * 2
        with bp.group("inner"):
            second = w * 3
        third = w * 4
    assert groups(first, second, third, w * 5) == [("outer",), ("outer", "inner"), ("outer",), ()]


def test_an_exception_ends_the_group() -> None:
    w = one()
    with bp.group("a"):
        with pytest.raises(ZeroDivisionError), bp.group("b"):
            1 / 0  # noqa: B018
        y = w * 2
    assert groups(y, w * 3) == [("a",), ()]


def test_a_decorated_function_runs_in_a_group_of_its_own_each_time() -> None:
    @bp.group("f")
    def f(x: bp.Tensor, deeper: int = 0) -> bp.Tensor:
        return f(x, deeper - 1) * 2 if deeper else x * 2

    w = one()
    assert f.__name__ == "f"
    assert groups(f(w), f(w, deeper=1)) == [("f",), ("f (2)", "f"), ("f (2)",)]


def test_one_object_may_be_entered_again_also_inside_itself() -> None:
    w, again = one(), bp.group("a")
    with again:
        first = w * 2
        with again:
            second = w * 3
        third = w * 4
    with again:
        fourth = w * 5
    assert groups(first, second, third, fourth) == [("a",), ("a", "a"), ("a",), ("a (2)",)]


def test_a_generator_that_is_closed_late_ends_its_own_group_alone() -> None:
    w = one()

    def steps() -> Generator[None, None, None]:
        with bp.group("generator"):
            yield

    generator = steps()
    next(generator)
    with bp.group("block"):
        generator.close()
        inside = w * 2
    assert groups(inside, w * 3) == [("generator", "block"), ()]


def test_a_generator_that_another_thread_closes_leaves_that_thread_in_its_group() -> None:
    w, made = one(), []

    def steps() -> Generator[None, None, None]:
        with bp.group("generator"):
            yield

    def end(generator: Generator[None, None, None]) -> None:
        with bp.group("thread"):
            generator.close()
            made.append(w * 2)

    generator = steps()
    contextvars.copy_context().run(next, generator)
    thread = threading.Thread(target=end, args=[generator])
    thread.start()
    thread.join()
    assert groups(*made, w * 3) == [("thread",), ()]


def test_threads_have_groups_of_their_own() -> None:
    w, shared, both = one(), bp.group("shared"), threading.Barrier(2, timeout=10)
    made: dict[str, bp.Tensor] = {}

    def work(name: str) -> None:
        with bp.group(name), shared:
            both.wait()
            made[name] = w * 2
            both.wait()

    with bp.group("main"):
        threads = [threading.Thread(target=work, args=[name]) for name in ("a", "b")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        made["main"] = w * 2
    assert {name: group_of(tensor) for name, tensor in made.items()} == {
        "a": ("a", "shared"),
        "b": ("b", "shared"),
        "main": ("main",),
    }


def test_tasks_that_take_turns_have_groups_of_their_own() -> None:
    w = one()

    async def work(name: str) -> list[bp.Tensor]:
        with bp.group(name):
            await asyncio.sleep(0)
            inside = w * 2
            await asyncio.sleep(0)
        return [inside, w * 3]

    async def main() -> tuple[list[bp.Tensor], list[bp.Tensor]]:
        with bp.group("main"):
            return await asyncio.gather(work("a"), work("b"))

    assert [[group_of(tensor) for tensor in made] for made in asyncio.run(main())] == [
        [("main", "a"), ("main",)],
        [("main", "b"), ("main",)],
    ]


# ---------------------------------------------------------------------- modes, edits, copies
def test_what_is_not_recorded_is_in_no_group_and_recording_again_is_in_it_again() -> None:
    w = one()
    with bp.group("a"):
        with bp.no_grad():
            unrecorded = w * 2
            with bp.enable_grad():
                first = w * 3
            with bp.group("b"), bp.enable_grad():
                second = w * 4
        third = w * 5
    assert not unrecorded.requires_grad
    assert [group_of(x) for x in (unrecorded, first, second, third)] == [(), ("a",), ("a", "b"), ("a",)]


def test_a_group_that_begins_under_no_grad_ends_with_it() -> None:
    w = one()
    with bp.no_grad():
        with bp.group("a"):
            with bp.enable_grad():
                inside = w * 2
            assert not (w * 3).requires_grad
        with bp.enable_grad():
            after = w * 4
    assert groups(inside, after, w * 5) == [("a",), (), ()]


def test_what_is_noted_of_one_tensor_is_noted_of_no_other_in_its_group() -> None:
    w = one()
    with bp.group("a"):
        first, second = w * 2, w * 3
    first.name = "first one"
    first.retain_grad()
    assert (second.name, second.retains_grad) == (None, False)
    total = first + second
    total.backward()
    total.backward()
    assert (first.grad, second.grad) == (2.0, 1.0)
    assert groups(first, second) == [("a",), ("a",)]


def test_forward_again_keeps_the_groups() -> None:
    w = one()
    with bp.group("a"):
        y = w * 2
    graph = bp.graph(y + w * 3)
    w.data = 5.0
    assert graph.forward() == 25.0
    assert groups(graph.loss) == [("a",), ()]


def test_an_edit_in_place_is_in_the_group_where_it_is_made() -> None:
    w = one()
    with bp.group("made"):
        y = w * 2
    with bp.group("edited"):
        y *= 3
    loss = y * 4
    assert [node.group for node in bp.trace(loss).nodes] == [(), ("made",), ("edited",), ()]


def test_a_copied_tensor_stays_in_its_group() -> None:
    with bp.group("a"):
        w = one()
        v, u = copy.deepcopy(w), bp.parameter(3.0)
    assert [node.group for node in bp.trace(w * v * u).nodes] == [("a",), ("a",), ("a",), (), ()]


# ---------------------------------------------------------------------- names in a trace
def test_a_group_that_is_entered_again_is_another_one_and_gets_a_number() -> None:
    w, made = one(), []
    for name in ("a", "a (2)", "b", "a", "a", "b"):
        with bp.group(name):
            made.append(w * 2)
    assert groups(*made) == [("a",), ("a (2)",), ("b",), ("a (3)",), ("a (4)",), ("b (2)",)]


def test_equal_names_in_different_places_need_no_number() -> None:
    w, made = one(), []
    for name in ("a", "b", "a"):
        with bp.group(name), bp.group("same"):
            made.append(w * 2)
    assert groups(*made) == [("a", "same"), ("b", "same"), ("a (2)", "same")]


def test_groups_count_from_the_first_of_the_trace_whatever_ran_before() -> None:
    w = one()

    def run() -> str:
        with bp.group("a"):
            y = w * 2
        return bp.trace(y).to_json()

    first = run()
    with bp.group("a"):
        w * 3
    assert run() == first


def test_a_group_in_which_nothing_is_computed_is_nowhere() -> None:
    w = one()
    with bp.group("empty"):
        pass
    with bp.group("around"), bp.group("empty"):
        y = w * 2
    assert group_of(y) == ("around", "empty")
    assert group_of(w * 3) == ()


def test_groups_come_back_from_json() -> None:
    with bp.group("Schicht „1“"), bp.group("<b>&"):
        loss = one() * 2
    text = bp.trace(loss).to_json()
    assert [node.group for node in bp.Trace.from_json(text).nodes] == [("Schicht „1“", "<b>&")] * 2
    assert bp.Trace.from_json(text).to_json() == text


@given(st.lists(st.sampled_from(["a", "b", "a (2)", "leave", "compute"]), max_size=40))
def test_two_nodes_have_one_path_just_if_they_were_made_in_one_run_of_a_group(moves: list[str]) -> None:
    w = one()
    made, runs, stack = [w * 2], [Run()], list[tuple[tuple[str, int], ExitStack]]()
    with ExitStack() as blocks:
        for number, move in enumerate(moves):
            if move == "leave" and stack:
                stack.pop()[1].close()
            elif move == "compute":
                made.append(w * 2)
                runs.append(tuple(entry for entry, _ in stack))
            elif move != "leave":
                block = ExitStack()
                block.enter_context(bp.group(move))
                stack.append(((move, number), blocks.enter_context(block)))
    paths = groups(*made)
    assert len(paths) == len(runs)
    assert len(set(zip(paths, runs, strict=True))) == len(set(paths)) == len(set(runs))
    for path, run in zip(paths, runs, strict=True):
        for name, (label, _) in zip(path, run, strict=True):
            assert re.fullmatch(re.escape(label) + r"( \(\d+\))?", name)


# ---------------------------------------------------------------------- modules
def test_the_modules_of_a_network_are_groups_by_their_places() -> None:
    bp.manual_seed(0)
    trace = bp.trace(nn.ScalarMLP([1, 2, 1])([1.0]))
    assert list(dict.fromkeys(node.group for node in trace.nodes)) == [
        (),
        ("ScalarMLP", "layer 1", "neuron 1"),
        ("ScalarMLP", "layer 1", "neuron 2"),
        ("ScalarMLP", "layer 2", "neuron 1"),
    ]
    assert {node.group for node in trace.nodes if node.kind == "parameter"} == {()}


class Block(nn.Module):
    """A module that holds others in every way there is."""

    def __init__(self) -> None:
        self.hidden = nn.Linear(2, 2)
        self.layers = [nn.Linear(2, 2)]
        self.more = nn.ModuleList([nn.Tanh(), nn.Linear(2, 2)])
        self.inner = nn.Sequential(nn.Tanh())

    def forward(self, x: Any) -> Any:
        x = self.hidden(x)
        for layer in [*self.layers, *self.more]:
            x = layer(x)
        with bp.group("end"):
            return nn.ReLU()(self.inner(x)).sum()


def places(loss: bp.Tensor) -> list[str]:
    """The groups right inside the outermost one, in the order of their first nodes."""
    return list(dict.fromkeys(node.group[1] for node in bp.trace(loss).nodes if len(node.group) > 1))


def test_a_module_is_called_by_its_attribute_or_by_its_class_and_its_number_in_a_list() -> None:
    block = Block()
    trace = bp.trace(block(ROW))
    ends = [node.group for node in trace.nodes if "end" in node.group]
    assert places(block(ROW)) == ["hidden", "linear 1", "tanh 1", "linear 2", "end"]
    assert ends == [("Block", "end", "inner", "tanh 1"), ("Block", "end", "ReLU"), ("Block", "end")]


def test_a_module_that_comes_or_moves_later_is_called_by_its_new_place() -> None:
    block = Block()
    block(ROW)
    block.layers.append(nn.Linear(2, 2))
    block.more.append(nn.Sigmoid())
    block.hidden = nn.Linear(2, 2)
    expected = ["hidden", "linear 1", "linear 2", "tanh 1", "linear 2 (2)", "sigmoid 3", "end"]
    assert places(block(ROW)) == expected


def test_a_part_is_called_by_its_place_in_what_calls_it_and_alone_by_its_class() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    x = ROW
    assert places(net(x).sum()) == ["linear 1", "tanh 2", "linear 3"]
    assert places(net[1:](net[0](x)).sum()) == ["tanh 1", "linear 2"]
    assert places(net(x).sum()) == ["linear 1", "tanh 2", "linear 3"]
    assert group_of(net[0](x)) == ("Linear",)


def test_a_network_that_is_called_twice_is_two_groups() -> None:
    net = nn.Sequential(nn.Linear(2, 1))
    outer = dict.fromkeys(node.group[:1] for node in bp.trace((net(ROW) * net(2 * ROW)).sum()).nodes)
    assert list(outer) == [(), ("Sequential",), ("Sequential (2)",)]


def test_a_forward_that_fails_ends_the_groups_of_all_modules() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(3, 1))
    with pytest.raises(ValueError, match="takes 3 features"):
        net(ROW)
    assert group_of(one() * 2) == ()


def test_a_network_can_be_copied_while_it_runs_and_after() -> None:
    class Copied(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.Linear(1, 1)

        def forward(self, x: Any) -> Any:
            return self.inner(copy.deepcopy(x * 1.0))

    net = Copied()
    x = bp.tensor([[1.0]])
    net(x)
    assert places(copy.deepcopy(net)(x).sum()) == ["inner"]


# ---------------------------------------------------------------------- errors
@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("", ValueError, "the group's name '' is empty. Write one such as \"layer 1\"; groups may be nested."),
        ("  ", ValueError, "the group's name '  ' is empty."),
        ("layer.1", ValueError, "the group's name 'layer.1' has a point in it, which separates a group from the one"),
        (3, TypeError, 'a group\'s name is a string, as in bp.group("layer 1"); got int 3'),
        (one, TypeError, "a group's name is a string"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(name: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=re.escape(says)):
        bp.group(name)
