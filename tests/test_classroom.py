"""What a check says: right answers pass however they are written, wrong ones get a hint, and never the answer."""

from __future__ import annotations

import linecache
import os
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import numpy as np
import pytest

import backprop_viz as bp
from backprop_viz.classroom import Verdict, check, question, results
from backprop_viz.classroom.calls import called, case_of, is_begun
from backprop_viz.classroom.check import GRADING, SEED, TESTING, NotRight, _function
from backprop_viz.classroom.dyadic import Dyadic
from backprop_viz.classroom.exercises import item_of, items_of, lectures
from backprop_viz.classroom.hints import CLOSE, LEFT_IN, NOTHING_HERE, explained
from backprop_viz.classroom.item import Item, Mistake
from backprop_viz.classroom.picture import blamed, first_wrong
from backprop_viz.classroom.question import DESK, FIRST, TRIES, seed_of
from backprop_viz.classroom.release import Unfit, dots, stubbed, students
from backprop_viz.classroom.values import negated, said, same, whole
from backprop_viz.player.film import film
from backprop_viz.record.recorder import record
from backprop_viz.record.trace import Send

# Cells of students who write otherwise than the solutions, below a line with the item: "# %% ex04.2".
ALTERNATIVES = [
    (cell.partition("\n")[0], cell.partition("\n")[2])
    for path in sorted((Path(__file__).parent / "alternatives").glob("ex*.py"))
    for cell in path.read_text(encoding="utf8").split("\n# %% ")[1:]
]
ITEMS = [item for lecture in lectures() for item in items_of(lecture)]
SEEDS = range(1, 6)

each_item = pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
each_seed = pytest.mark.parametrize("seed", SEEDS)
MISTAKES = [(item, number) for item in ITEMS for number in range(len(item.mistakes))]
each_mistake = pytest.mark.parametrize(
    ("item", "number"), MISTAKES, ids=[f"{item.id}-{item.mistakes[number].code}-{number}" for item, number in MISTAKES]
)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No seed and no grader from outside, and nothing asked before."""
    monkeypatch.delenv(SEED, raising=False)
    monkeypatch.delenv(GRADING, raising=False)
    for kept in vars(DESK):
        monkeypatch.setattr(DESK, kept, {})


def verdict(item: Item, function: Any, seed: int) -> Verdict:
    """What is said about an answer; for a value, to the question with the numbers of this seed."""
    if item.kind == "function":
        return check(item.id, function, seed=seed * 1000)
    number = seed if item.figure else FIRST
    DESK.ask(item, number)
    return check(item.id, item.answer_of(function, seed_of(item, number)))


# ---------------------------------------------------------------------- all items
def test_ids_are_in_order_and_names_are_not_shared() -> None:
    for lecture in lectures():
        items = items_of(lecture)
        assert [item.id for item in items] == [f"{lecture}.{number}" for number in range(1, len(items) + 1)]
        assert len({item.name for item in items}) == len(items) >= 4


@each_item
@each_seed
def test_the_right_answer_passes(item: Item, seed: int) -> None:
    said_so = verdict(item, item.truth, seed)
    assert said_so
    right = f"passed ({item.count} random cases)" if item.kind == "function" else "right"
    assert repr(said_so) == f"✓ {item.name}: {right}"


@each_mistake
@each_seed
def test_each_mistake_gets_its_own_hint(item: Item, number: int, seed: int) -> None:
    mistake = item.mistakes[number]
    drawn = seed_of(item, seed) if item.figure else seed
    if item.kind == "value" and same(item.answer_of(mistake.answer, drawn), item.expected(drawn), item.tolerance):
        pytest.fail(f"with the numbers of seed {drawn} {mistake.code} is right by chance: choose other cases")
    said_so = verdict(item, mistake.answer, seed)
    assert not said_so
    assert mistake.hint in said_so.text


@each_item
def test_nothing_that_is_left_behind_holds_the_answer(item: Item) -> None:
    wrong = Verdict(item.id, False, "") if not item.mistakes else verdict(item, item.mistakes[0].answer, 1)
    seed, given = wrong._seed, wrong._given
    assert given is ... or (seed and same(given, item.answer_of(item.mistakes[0].answer, seed), 1e-9))  # numbers 1
    assert set(vars(wrong)) == {"item", "passed", "text", "_seed", "_given"}
    assert item.kind == "function" or wrong.case == ()
    if item.figure:
        shown = question(item.id)
        trace = getattr(shown, "trace", None)
        assert trace is None or {event.kind for event in trace.events} <= {"forward", "seed", "send"}


@each_item
def test_a_stub_is_not_attempted_yet(item: Item, capsys: pytest.CaptureFixture[str]) -> None:
    def stub(*_: Any) -> None:
        raise NotImplementedError(f"{item.id}: {item.ask}")

    def otters(*_: Any) -> None: ...

    DESK.ask(item, FIRST)
    for answer in (stub, otters) if item.kind == "function" else (None, ...):
        said_so = check(item.id, answer)
        assert repr(said_so) == (
            f"– {item.name}: not attempted yet ({item.id}); the check looks for the name {item.name}"
        )
        assert not said_so.show()
    results(item.id)
    assert "not attempted yet" in capsys.readouterr().out


@each_item
@pytest.mark.parametrize(
    "answer", [None, "?", 3, [], {}, ("a", []), [[1], [2, 3]], {"x": {}}, np.zeros((2, 3)), object()]
)
def test_rubbish_is_answered_in_one_line(item: Item, answer: Any) -> None:
    DESK.ask(item, FIRST)
    said_so = check(item.id, (lambda *_: answer) if item.kind == "function" else answer)
    assert not said_so
    assert re.match(r"[✗–] ", said_so.text)
    assert "\n" not in said_so.text


def letters(item: Item) -> list[str]:
    """The letters that a question can be answered with, the right one first; none if it wants another answer."""
    if item.kind != "value" or item.figure or item.cases(Dyadic(1)):
        return []
    answers = [item.truth(), *(mistake.answer() for mistake in item.mistakes)]
    return answers if all(isinstance(answer, str) and len(answer) == 1 for answer in answers) else []


@pytest.mark.parametrize("item", [item for item in ITEMS if letters(item)], ids=lambda item: item.id)
def test_a_letter_may_be_written_in_any_way_and_each_wrong_one_has_its_hint(item: Item) -> None:
    right, *wrong = letters(item)
    for written in (right, right.upper(), f"({right})", f" {right}. "):
        assert check(item.id, written)
    hints = [str(check(item.id, letter.upper())) for letter in wrong]
    assert sorted(letters(item)) == ["a", "b", "c", "d"]
    assert len(set(hints)) == 3
    assert 'Answer with one letter in quotes: "a", "b", "c" or "d".' in str(check(item.id, "e"))


def test_there_are_many_ways_to_be_right() -> None:
    assert len(ALTERNATIVES) >= 24
    assert {name.partition(".")[0] for name, _ in ALTERNATIVES} == set(lectures())


@pytest.mark.parametrize(
    ("name", "code"), ALTERNATIVES, ids=[f"{name}-{i}" for i, (name, _) in enumerate(ALTERNATIVES)]
)
@each_seed
def test_a_right_answer_written_differently_passes(name: str, code: str, seed: int) -> None:
    item = item_of(name)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(code, namespace)
    DESK.ask(item, FIRST)
    said_so = check(name, namespace[item.name], seed=None if item.kind == "value" else seed)
    assert said_so, said_so
    if item.kind == "function" and not item.judge:
        assert whole(called(item, namespace[item.name], seed)) == whole(item.expected(seed)), "graders see the same"


# ---------------------------------------------------------------------- one function, looked at closely
def cell(code: str, line: str) -> Any:
    """The last value of a notebook's cell: `line`, after `code`, as a kernel would run both."""
    namespace: dict[str, Any] = {"__name__": "__main__", "check": check, "results": results, "np": np}
    linecache.cache["<cell>"] = (len(code), None, [f"{text}\n" for text in code.splitlines()], "<cell>")
    exec(compile(code, "<cell>", "exec"), namespace)
    return eval(line, namespace)


def test_a_check_finds_the_answer_by_its_name() -> None:
    assert cell("def fan_out(gu, gv, a, b):\n    return gu * a + gv * b", 'check("ex04.2")')
    renamed = cell("def fanout(gu, gv, a, b):\n    return gu * a + gv * b", 'check("ex04.2")')
    assert repr(renamed) == (
        "– fan_out: there is no function fan_out here. Run the cell that defines it, and keep its name."
    )
    assert repr(cell("fan_out = 3", 'check("ex04.2")')) == (
        "✗ fan_out: fan_out is 3, and should be a function. Run the cell that defines it again."
    )


def test_a_wrong_answer_is_told_with_its_case_and_a_hint() -> None:
    said_so = cell("def fan_out(gu, gv, du, dv):\n    return gu * du", 'check("ex04.2")')
    number = r"-?[\d.]+"
    assert re.fullmatch(
        rf"✗ fan_out: for gu={number}, gv={number}, du_dy={number}, dv_dy={number}, you returned {number}, expected "
        r"something else\. Hint: y feeds two nodes, and you returned only one of the two contributions\.",
        repr(said_so),
    )


def test_an_error_in_the_students_code_is_shown_with_its_line() -> None:
    said_so = cell("def fan_out(gu, gv, du, dv):\n    half = gu / 0\n    return half", 'check("ex04.2")')
    assert repr(said_so).endswith(
        "your code raised ZeroDivisionError: float division by zero, in line 2: half = gu / 0"
    )
    said_so = cell("def fan_out(gu, gv):\n    return gu", 'check("ex04.2")')
    assert "your code raised TypeError: " in repr(said_so)
    assert "takes 2 positional arguments but 4 were given" in repr(said_so)


STUB = 'raise NotImplementedError("ex04.2: return the backpropagated gradient of y")'
BRANCHES = """def local_gradients(op, a, b):
    if op == "a + b":
        return 1, 1
    if op == "a - b":
        return 1, -1
    if op == "a * b":
        return b, a
    raise NotImplementedError("ex04.1: return the two local gradients")"""


@pytest.mark.parametrize(
    ("code", "name", "said_so"),
    [
        (BRANCHES, "ex04.1", r"✗ .* for op='a \*\* 2 \* b', .* raised NotImplementedError: .*, in line 8: raise"),
        (f"def helper(x): {STUB.replace('ex04.2', 'ex04.1')}\ndef fan_out(gu, *_): return helper(gu)", "ex04.2",
         r"✗ .* for gu=.* raised NotImplementedError: ex04\.1: .*, in line 1: def helper"),
        ("def helper(x): raise NotImplementedError()\ndef fan_out(gu, *_): return helper(gu)", "ex04.2",
         r"✗ .* raised NotImplementedError, in line 1: def helper"),
        ("def fan_out(*_):\n    # YOUR CODE HERE\n    raise NotImplementedError()", "ex04.2", "– .* not attempted yet"),
        (f"def fan_out(*_): {STUB}\ndef my_fan_out(gu, gv, a, b): return gu * a + gv * b", "ex04.2",
         r"– fan_out: not attempted yet \(ex04\.2\); the check looks for the name fan_out"),
        ("def fan_out(*_):\n    'what it returns'\n    ...", "ex04.2", "– .* not attempted yet"),
        ("def fan_out(*_): return 1", "ex04.2", "✗ .* you returned 1, expected something else"),
        ("def fan_out(*_):\n    'what it returns'\n    return 1", "ex04.2", "✗ .* you returned 1, expected something"),
        ("fan_out = lambda *_: None", "ex04.2", "✗ .* is there a return"),
    ],
)  # fmt: skip
def test_not_attempted_yet_is_said_of_the_items_own_stub_alone(code: str, name: str, said_so: str) -> None:
    assert re.match(said_so, repr(cell(code, f'check("{name}")')))


ABOVE = f"def fan_out(gu, gv, a, b):\n    'y'\n    g = gu * a + gv * b\n    {STUB}"
BELOW = f"def fan_out(gu, gv, a, b):\n    {STUB}\n    return gu * a + gv * b"


@pytest.mark.parametrize("code", [ABOVE, BELOW, f"from functools import cache\n@cache\n{BELOW}"])
def test_a_stubs_line_that_is_left_above_or_below_working_code_is_named(code: str) -> None:
    assert repr(cell(code, 'check("ex04.2")')) == f"– fan_out: {LEFT_IN}"
    assert "the line raise NotImplementedError(…)" in LEFT_IN.replace("The", "the")
    assert cell(code.replace(STUB, "..."), "fan_out(1, 2, 3, 4)") in (11, None)


def test_a_stubs_line_that_only_some_cases_come_to_is_named_too() -> None:
    assert f"Hint: {LEFT_IN} Nothing above it has returned" in repr(cell(BRANCHES, 'check("ex04.1")'))


@pytest.mark.parametrize("function", [len, type, 3])
def test_what_has_no_source_is_not_begun(function: Any) -> None:
    assert not is_begun(function)


@pytest.mark.parametrize(
    ("branch", "op"), [('if op == "a-b":\n        return 1, -1', "a - b"), ("if False:\n        return", "a - b")]
)
def test_a_branch_that_gives_nothing_back_is_told_with_its_case(branch: str, op: str) -> None:
    code = BRANCHES.replace('if op == "a - b":\n        return 1, -1', branch)
    code = code.replace(
        'raise NotImplementedError("ex04.1: return the two local gradients")', "return 2 * a * b, a * a"
    )
    code = code.replace("    return 2 *", '    if op == "a ** 2 * b":\n        return 2 *')
    said_so = repr(cell(code, 'check("ex04.1")'))
    assert f"for op='{op}', " in said_so
    assert said_so.endswith(f"you returned None, expected something else. Hint: {NOTHING_HERE}")


def test_a_number_that_is_close_is_told_so_with_all_its_digits() -> None:
    central = (
        "def mean_gradient(X, y, w):\n    g = 2 * (X @ w - y) @ X / len(y)\n    return g + 2e-7 * np.ones(g.shape)"
    )
    said_so = repr(cell(central, 'check("ex01.2", seed=2)'))
    assert said_so.endswith(f"Hint: {CLOSE}")
    assert re.search(r"you returned \[-?[\d.]+0000\d, ", said_so) or re.search(
        r"you returned \[-?[\d.]+9999\d", said_so
    )
    far = central.replace("2e-7", "2e-2")
    assert CLOSE not in repr(cell(far, 'check("ex01.2", seed=2)'))


def test_the_digits_of_a_close_array_are_not_cut() -> None:
    item = replace(MATRICES, truth=lambda X, e: np.arange(12.0) / 8, mistakes=())
    close = _function(item, lambda X, e: np.arange(12) / 8 + 1e-6, 1).text
    assert "1.375001], expected" in close


@pytest.mark.parametrize("answer", [lambda *_: "4.5", lambda *_: f"{1:.2f}"])
def test_a_number_in_quotes_that_a_function_returns_is_told(answer: Any) -> None:
    assert str(check("ex04.2", answer)).endswith("Hint: A number in quotes is a text. Return numbers.")


def test_a_list_that_a_function_has_changed_is_noticed() -> None:
    walk = "def backward(loss, inputs, params, compute):\n    for node in inputs + params + compute:\n"
    walk += "        node.grad = 0\n    loss.grad = 1\n    {}\n        for parent, local in zip(node.parents, "
    walk += "node.local_gradients()):\n            parent.grad += node.grad * local"
    assert cell(walk.format("for node in reversed(compute):"), 'check("ex05.1")')
    for turned in ("compute.reverse()\n    for node in compute:", "while compute:\n        node = compute.pop()"):
        said_so = cell(walk.format(turned), 'check("ex05.1")')
        assert "Hint: Your function changed the list that it was given" in repr(said_so)
        assert said_so.show()


def test_what_an_earlier_pass_has_left_stands_in_the_case_that_can_be_followed_on_paper() -> None:
    only_leaves = item_of("ex05.1").mistakes[4]
    for seed in range(20):
        verdict = check("ex05.1", only_leaves.answer, seed=seed)
        assert only_leaves.hint in verdict.text
        assert verdict.text.count("(grad ") == len(verdict.case[2]) + len(verdict.case[3]) + 1
        assert "…" not in verdict.text.split(", your answer is")[0]


def test_a_budget_counts_what_a_recorded_graph_computes_again() -> None:
    train = (
        "import backprop_viz as bp\ndef train(network, X, y):\n    g = bp.graph(bp.bce_with_logits(network(X), y))\n"
    )
    train += "    for _ in range({}):\n        g.forward()\n        g.backward()\n        g.sgd(2.0)"
    assert "the budget of 200 calls of network(…) is used up; g.forward() counts as one, in line 5" in repr(
        cell(train.format(3000), 'check("ex12.6")')
    )
    within = cell(train.format(199), 'check("ex12.6", seed=1)')
    assert "The loss has fallen, but not far enough." in repr(within)


@pytest.mark.parametrize(
    ("name", "code", "whole_message"),
    [
        ("ex12.6", "def train(net, X, y):\n    for p in net.parameters(): p -= 1", "inside `with bp.no_grad():`"),
        ("ex07.3", "def linear_backward(X, W, G):\n    return G @ W, G @ X.T, G[0]", "(size 2 is different from 3)"),
    ],
)  # fmt: skip
def test_an_error_is_shown_whole(name: str, code: str, whole_message: str) -> None:
    said_so = repr(cell(code, f'check("{name}", seed=1)'))
    assert whole_message in said_so


def test_truths_are_shown_as_truths() -> None:
    assert said(np.array([True, False])) == said([np.bool_(True), False]) == "[True, False]"
    assert said([1, 0]) == said([1.0, False]) == "[1, 0]"
    assert whole([True, False]) == whole([1, 0])


def test_counts_in_the_other_order_are_told_so() -> None:
    question("ex09.2")
    assert "in another order" in repr(check("ex09.2", item_of("ex09.2").expected(1)[::-1]))


@pytest.mark.parametrize(
    "code",
    [
        "from functools import cache\n@cache\ndef fan_out(*_):\n    return 1 / 0",
        "import numpy as np\ndef f(*_):\n\n    return 1 / 0\nfan_out = np.vectorize(f)",
        "class F:\n    def __call__(self, *_):\n\n        return 1 / 0\nfan_out = F()",
        "from functools import partial\ndef f(*_):\n\n    return 1 / 0\nfan_out = partial(f, 1)",
    ],
)
def test_the_line_of_an_error_is_found_in_whatever_can_be_called(code: str) -> None:
    said_so = repr(cell(code, 'check("ex04.2")'))
    assert said_so.endswith("ZeroDivisionError: division by zero, in line 4: return 1 / 0")


def test_what_the_students_function_prints_is_not_in_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    code = "def fan_out(gu, gv, a, b):\n    print('debug', gu)\n    return gu * a + gv * b"
    assert cell(code, 'check("ex04.2")')
    cell(code, 'results("ex04.2")')
    assert "debug" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["ex02.1", "ex10.6"])
def test_a_set_is_no_order(name: str) -> None:
    item = item_of(name)
    question(name) if item.figure else None
    assert check(name, list(item.truth(*item.cases(Dyadic(1)))))
    assert not check(name, set(item.truth(*item.cases(Dyadic(1)))))


@pytest.mark.parametrize("huge", [10**400, [10**400] * 2])
def test_a_number_that_no_float_can_hold_is_wrong_and_no_error(huge: Any) -> None:
    assert not check("ex04.2", lambda *_: huge)


def test_the_hint_for_a_wrong_list_is_not_that_it_should_be_a_tuple() -> None:
    assert "shape" not in str(check("ex04.1", lambda *_: [77.0, 78.0]))


def test_a_case_that_is_cut_can_be_had_whole() -> None:
    cut = check("ex12.6", lambda *_: 0, seed=1)
    assert ' (the whole case: check("ex12.6").case), ' in cut.text
    assert cut.case[0] is not cut.case[0], "made anew: nobody spoils it for the next look"
    short = check("ex04.2", lambda *_: 99.0, seed=1)
    assert ".case" not in short.text
    assert "for gu={}, gv={}, du_dy={}, dv_dy={},".format(*map(said, short.case)) in short.text
    assert check("ex04.2", item_of("ex04.2").truth).case == ()


def test_the_cases_that_an_answer_was_wrong_for_stay_until_it_is_right() -> None:
    item = item_of("ex04.2")
    first = check("ex04.2", lambda *_: 99.0)
    assert check("ex04.2", lambda *_: 99.0) == first
    kept = DESK.kept(item)
    assert kept is not None
    known = {item.cases(Dyadic(seed)) for seed in range(kept, kept + item.count)}
    learnt_by_heart = check("ex04.2", lambda *case: item.truth(*case) if case in known else 99.0)
    assert not learnt_by_heart
    assert learnt_by_heart.case not in known
    assert check("ex04.2", item.truth)
    assert DESK.kept(item) is None


def of_weights(X: Any, e: Any) -> Any:
    """The gradient of a linear model's weights, X.T @ e; the wrong one only runs where X is square."""
    return X.T @ e


MATRICES = Item(
    id="ex00.1", name="f", ask="", truth=of_weights, hint="think",
    cases=lambda draw: (draw.array(n := draw.integer(2, 3), 2), draw.array(n)),
    mistakes=(Mistake("M5", lambda X, e: X @ e, "Which axis of X runs over the samples?"),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "said_so"),
    [
        (lambda X, e: X @ e, "Hint: Which axis of X runs over the samples?"),
        (lambda X, e: X[7], r"your code raised IndexError: index 7 is out of bounds for axis 0 with size \d(?!.*Hint)"),
        (lambda X, e: X.T @ e if len(X) == 2 else X @ e, r"raised ValueError: .* Hint: Which axis of X"),
    ],
)
def test_a_mistake_is_told_by_its_errors_too_and_other_errors_have_no_hint(answer: Any, said_so: str) -> None:
    assert re.search(said_so, _function(MATRICES, answer, 1).text)


def test_the_case_that_is_named_can_be_followed_on_paper() -> None:
    item = replace(MATRICES, cases=lambda draw: (draw.array(n := draw.one_of([9, 2, 3]), 2), draw.array(n)))
    assert "X=[[" in _function(item, lambda X, e: 0 * e[0], 1).text


def test_checks_leave_nothing_in_the_kernel() -> None:
    for item in ITEMS:
        namespace: dict[str, Any] = {item.name: lambda *_: "nothing"}
        before = set(namespace)
        for role in ("question", "check", "results")[not item.figure :]:
            exec(f'from backprop_viz.classroom import {role}\n\n{role}("{item.id}")', namespace)
        assert set(namespace) - before <= {"__builtins__", "question", "check", "results"}
        assert vars(DESK).keys() == {"_asked", "_wrong", "_cases"}
        assert all(isinstance(kept, int) for part in vars(DESK).values() for kept in part.values())


def test_a_function_that_returns_nothing_is_asked_for_its_return() -> None:
    assert "is there a return?" in repr(cell("def fan_out(*_):\n    print", 'check("ex04.2")'))


def test_results_are_the_same_every_time_and_never_raise(capsys: pytest.CaptureFixture[str]) -> None:
    right = "def fan_out(gu, gv, a, b):\n    return gu * a + gv * b"
    cell(right, 'results("ex04.2")')
    first = capsys.readouterr().out
    cell(right.replace("gu * a + gv * b", "gv * b + gu * a"), 'results("ex04.2")')
    assert capsys.readouterr().out == first
    assert first.splitlines()[0] == f"ex04.2, case 1: {said(item_of('ex04.2').expected(1))}"
    cell("def fan_out(*_):\n    return 1 / 0", 'results("ex04.2")')
    assert "ex04.2, case 5: ZeroDivisionError: division by zero, in line 2: return 1 / 0" in capsys.readouterr().out
    cell("pass", 'results("ex04.2")')
    assert capsys.readouterr().out == "ex04.2: not attempted yet\n"


def test_for_a_grader_a_wrong_answer_is_an_error_of_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(GRADING, "autograde")
    with pytest.raises(NotRight, match="only one of the two contributions") as caught:
        check("ex04.2", lambda gu, gv, a, b: gu * a)
    assert caught.value._render_traceback_() == [str(caught.value)]
    assert check("ex04.2", lambda gu, gv, a, b: gu * a + gv * b)


def test_in_a_kernel_that_a_test_has_started_a_wrong_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As nbval does: what the copy holds is its own line, and says the same of a wrong answer each time."""
    assert os.environ[TESTING]
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(kernel="one"))
    with pytest.raises(NotRight, match="only one of the two contributions"):
        check("ex04.2", lambda gu, gv, a, b: gu * a)
    with pytest.raises(NotRight, match="not attempted yet"):
        check("ex03.6", None)
    assert check("ex03.6", "b")
    monkeypatch.delenv(TESTING)
    assert not check("ex04.2", lambda gu, gv, a, b: gu * a)


def test_the_seed_may_come_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(gu: float, *_: float) -> float:
        return 99.0

    monkeypatch.setenv(SEED, "7")
    assert check("ex04.2", wrong) == check("ex04.2", wrong, seed=7) != check("ex04.2", wrong, seed=100)


# ---------------------------------------------------------------------- questions
def test_an_answer_to_a_question_that_was_not_asked_is_not_judged() -> None:
    assert repr(check("ex04.3", 5.0)) == (
        '– gradient_of_w: the question was not asked: run the cell with question("ex04.3") first.'
    )


def test_after_three_wrong_answers_a_question_wants_other_numbers_which_its_cell_names() -> None:
    item = item_of("ex04.3")
    first = question("ex04.3").svg
    assert question("ex04.3").svg == first == question("ex04.3", 1).svg
    for _ in range(TRIES - 1):
        assert "other numbers" not in repr(check("ex04.3", -99.0))
    assert repr(check("ex04.3", -99.0)).endswith(
        ' Now change the question\'s cell to question("ex04.3", 2), and run it: it has other numbers.'
    )
    used_up = 'numbers are used up: change this cell to question("ex04.3", 2), and run it.'
    assert repr(check("ex04.3", item.expected(1))) == (
        '– gradient_of_w: these numbers are used up. Change the question\'s cell to question("ex04.3", 2), and run it.'
    )
    assert repr(question("ex04.3")).endswith(used_up)
    assert question("ex04.3", 2).svg != first
    assert not check("ex04.3", item.expected(1))
    assert check("ex04.3", item.expected(seed_of(item, 2)))
    assert repr(question("ex04.3")).endswith(used_up)
    assert not check("ex04.3", item.expected(seed_of(item, 2))), "judged by the numbers that the cell names"


def test_a_fresh_kernel_judges_by_the_numbers_that_the_notebook_names(capsys: pytest.CaptureFixture[str]) -> None:
    right = (item := item_of("ex04.3")).expected(seed_of(item, 3))
    question("ex04.3", 3)
    assert check("ex04.3", right)
    cell(f"gradient_of_w = {right}", 'results("ex04.3")')
    question("ex04.3")
    assert not check("ex04.3", right)
    cell(f"gradient_of_w = {right}", 'results("ex04.3")')
    assert capsys.readouterr().out == f"ex04.3 (numbers 3): {said(right)}\nex04.3: {said(right)}\n"


def test_to_look_at_the_picture_of_a_question_uses_its_numbers_up(capsys: pytest.CaptureFixture[str]) -> None:
    item = item_of("ex04.3")
    question("ex04.3")
    wrong = check("ex04.3", -99.0)
    assert wrong.show().trace.events
    assert capsys.readouterr().out == (
        f'{wrong}\nThe picture shows the answer, so these numbers are used up. Go on with question("ex04.3", 2).\n'
    )
    late = check("ex04.3", item.expected(1))
    assert "these numbers are used up" in repr(late)
    assert late.show(), "what has been shown once may be looked at again"
    question("ex04.3", 2)
    assert wrong.show()
    assert check("ex04.3", item.expected(seed_of(item, 2)))


@pytest.mark.parametrize("item", [item for item in ITEMS if item.figure], ids=lambda item: item.id)
def test_the_next_numbers_of_a_question_are_others(item: Item) -> None:
    assert seed_of(item, FIRST) == FIRST, "what a check of the notebooks looks at"
    assert len({case_of(item, seed_of(item, number)) for number in range(FIRST, FIRST + 4)}) == 4


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("ex04.3", str), ("ex04.3", lambda right: " -1e3 "), ("ex03.1", lambda right: (*right[:3], str(right[3]))),
     ("ex03.1", str), ("ex09.2", lambda right: list(map(str, right)))],
)  # fmt: skip
def test_a_number_in_quotes_is_told_kindly_and_costs_no_try(name: str, wrong: Any) -> None:
    question(name)
    right = item_of(name).expected(FIRST)
    for _ in range(2 * TRIES):
        said_so = str(check(name, wrong(right)))
        assert said_so.startswith(f"– {item_of(name).name}: ")
        assert said_so.endswith(" is a text, because of its quotes. Write numbers without them.")
    assert check(name, right)


def test_a_text_where_a_text_is_asked_for_or_that_is_no_number_is_judged() -> None:
    question("ex04.3")
    assert "quotes" not in str(check("ex04.3", "many"))
    assert "because of its quotes" not in str(check("ex03.6", "5"))


def test_a_question_without_a_picture_can_be_answered_for_ever() -> None:
    for _ in range(2 * TRIES):
        assert repr(check("ex03.6", "a")).startswith("✗ reason: ")
    assert check("ex03.6", "b")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check("fan_out"), "named like 'ex04.1', by its lecture and its number; got 'fan_out'"),
        (lambda: check("ex99.1"), "there are no exercises 'ex99'; possible are ex"),
        (lambda: check("ex04.77"), "there is no exercise 'ex04.77'; ex04 has ex04.1, "),
        (lambda: question("ex04.1"), "ex04.1 shows nothing: the text above it says all"),
        (lambda: question("ex04.3", 0), 'are counted from 1, as in question("ex04.3", 2); got 0'),
        (lambda: question("ex04.3", "2"), "as in question(\"ex04.3\", 2); got '2'"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_a_wrong_call_says_what_is_possible(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


# ---------------------------------------------------------------------- answers compared
@pytest.mark.parametrize(
    ("given", "right", "expected"),
    [
        (1, 1.0, True), (True, True, True), (1, True, False), ("a", "a", True), (None, 0.0, False),
        ([1, 2], np.array([1.0, 2.0]), True), (np.array([[1.0]]), np.array([1.0]), False),
        ((1, 2), (1.0, 2.0), True), ([1, 2], (1.0, 2.0), True), ((1, 2, 3), (1, 2), False),
        ({"a": [1]}, {"a": np.array([1.0])}, True), ({"a": 1, "b": 2}, {"a": 1}, False),
        (np.array([1.0, 2.0]), (1.0, 2.0), True), (np.bool_(True), True, True), (np.bool_(False), True, False),
        (float("inf"), 3.0, False), (float("inf"), float("inf"), True), (3.0, float("inf"), False),
        ([bp.tensor(1.0), 2.0], np.array([1.0, 2.0]), True), ([[bp.tensor(1.0)]], np.array([[1.0]]), True),
        (float("nan"), 0.0, False), (float("nan"), float("nan"), True), (1.0 + 1e-12, 1.0, False),
        (Fraction(1, 2), 0.5, True), ([Fraction(1, 2), 1], np.array([0.5, 1.0]), True), (Fraction(1, 2), 0.25, False),
        (1j, 1.0, False),
    ],
)  # fmt: skip
def test_the_same_answer_in_another_form_is_the_same(given: Any, right: Any, expected: bool) -> None:
    assert same(given, right, 0.0) is expected


def test_a_grader_sees_every_number_and_equal_dicts_as_equal_text() -> None:
    assert whole(np.arange(40.0)) == str(list(range(40)))
    assert whole({10, 2}) == whole([2, 10]) == "[2, 10]"
    assert whole({"b": 1, "a": 2}.keys()) == "['b', 'a']"
    assert whole([np.str_("a")]) == whole(["a"])
    assert whole({1: 2}) == whole({1.0: 2})
    assert whole({"b": 1.0, "a": (2.0, None)}) == whole({"a": [2, None], "b": 1}) == "{a: [2, None], b: 1}"
    assert said(np.arange(40.0)) == "an array of shape (40,)"


@pytest.mark.needs("torch")
def test_numbers_of_pytorch_that_remember_how_they_were_made_are_numbers() -> None:
    import torch

    w = torch.tensor(0.5, requires_grad=True)
    assert same(w, 0.5, 0.0)
    assert same((w, [w, 2.0]), (0.5, [0.5, 2.0]), 0.0)
    assert same(torch.ones(2, requires_grad=True), np.ones(2), 0.0)
    assert whole([w, 2.0]) == "[0.5, 2]"


@pytest.mark.parametrize(
    "forms",
    [
        [(2.0, 2), [2, 2], np.array([2, 2]), (bp.tensor(2.0), Fraction(2))],
        [([1, 2], 3.0), [(1, 2), 3], (np.array([1.0, 2.0]), np.float64(3))],
        [True, np.bool_(True), 1.0, np.array(1)],
        [np.array([True, False]), (True, False), [1, 0]],
        [{"b", "a"}, frozenset("ab"), ["a", "b"]],
        [{"a": (1, None)}, {"a": [1.0, None]}],
        [("x", ["y"]), ["x", ("y",)]],
    ],
)
def test_the_same_answer_prints_the_same_for_graders(forms: list[Any]) -> None:
    assert len({whole(form) for form in forms}) == 1


@pytest.mark.parametrize(
    "right",
    [1.5, (1.0, -2.0), ([1.0, 2.0], 3.0), {"a": (1.0, [2.0, 3.0]), "b": 4.0}, np.array([[1.0]]), [[1.0], [2, 3]]],
)
def test_turned_signs_are_seen_in_answers_of_any_form(right: Any) -> None:
    item = replace(MATRICES, truth=lambda X, e: right, mistakes=())
    assert "Hint: Look at the sign. think" in _function(item, lambda X, e: negated(right), 1).text
    assert "Look at the sign" not in _function(item, lambda X, e: "text", 1).text


@pytest.mark.parametrize("right", [36.5, 0.0, 1 / 256, -3 / 512, 1e5 + 1 / 1024, np.array([0.0, 1e-4, 7.0])])
@pytest.mark.parametrize("noise", [1e-16, 1e-13, 1e-10, -1e-16, -1e-13, -1e-10])
def test_what_rounding_leaves_is_right_for_checks_and_for_graders(right: Any, noise: float) -> None:
    given = right + noise * max(1.0, np.max(np.abs(right)))
    assert same(given, right, MATRICES.tolerance)
    assert whole(given) == whole(right)
    assert not same(right + 1e-6 * max(1.0, np.max(np.abs(right))), right, MATRICES.tolerance)


def test_a_tolerance_is_a_part_of_the_largest_magnitude() -> None:
    assert same(np.array([1000.0001, 0.0]), np.array([1000.0, 0.0]), 1e-6)
    assert not same(np.array([1000.1, 0.0]), np.array([1000.0, 0.0]), 1e-6)


def test_dyadic_numbers_are_quarters_and_the_same_for_a_seed() -> None:
    array = Dyadic(3).array(20, 5)
    assert array.shape == (20, 5)
    assert (4 * array == np.round(4 * array)).all()
    assert (array != 0).all()
    assert (array == Dyadic(3).array(20, 5)).all()
    assert sorted(Dyadic(1).shuffled("abc")) == ["a", "b", "c"]


def test_a_mistake_that_is_right_by_chance_explains_nothing() -> None:
    item = Item(
        id="ex00.1", name="f", ask="", truth=lambda a: a, cases=lambda draw: (draw.number(),), hint="think",
        mistakes=(Mistake("x", lambda a: a, "never"),),
    )  # fmt: skip
    assert explained(item, [(1, 5.0)])[1] == "think"


# ---------------------------------------------------------------------- the picture of the first wrong edge
def lit(player: Any) -> tuple[str, str]:
    """The parent and the child of the edge that a player stands at."""
    edge = player.trace.edges[player.trace.events[player.step - 1].edge]
    return player.trace.nodes[edge.parent].name, player.trace.nodes[edge.child].name


def test_the_player_opens_at_the_edge_whose_contribution_is_missing() -> None:
    """y hears from two children: what u sends is missing in the answer of somebody who heard v alone, and so on."""
    item = item_of("ex04.2")
    for heard, missing in (("v", "u"), ("u", "v")):
        mistake = (lambda gu, gv, du, dv: gu * du) if heard == "u" else (lambda gu, gv, du, dv: gv * dv)
        for seed in range(20):
            said_so = check("ex04.2", mistake, seed=seed)
            assert lit(said_so.show()) == ("y", missing)
            assert said_so.case in [item.cases(Dyadic(seed + i)) for i in range(item.count)]


def test_what_was_answered_stands_below_the_right_gradient() -> None:
    verdict = check("ex04.2", lambda gu, gv, du_dy, dv_dy: gu * du_dy, seed=3)
    player = verdict.show()
    node = next(node for node in player.trace.nodes if node.name == "y")
    answered = re.findall(r"you returned (\S+),", verdict.text)[0].replace("-", "−")
    yours = {f"n{node.index}.grad.change": f"yours: {answered}"}
    assert yours.items() <= film(player.figure)["frames"][0]["texts"].items()
    for picture in (player.figure.svg, player._repr_mimebundle_()[0]["image/svg+xml"]):
        assert "Below a gradient stands what you answered for it." in picture
        assert f"yours: {answered}" in picture


@pytest.mark.parametrize(
    ("given", "step"),
    [
        (7.0, 2), (5.0, 3), (4.0, 5),  # 1, 3 and 4 left out
        (1.0, 3), (3.0, 2),  # two left out, but 3 + 4 and 1 + 4
        (9.0, 2), (11.0, 3), (12.0, 5),  # taken twice
        (6.0, 2), (2.0, 3), (0.0, 5),  # turned in sign
        (100.0, 2), ("text", 2), (None, 2), ([1.0, 2.0], 2),  # nothing explains these
    ],
)  # fmt: skip
def test_the_fewest_arrows_that_explain_a_number_are_blamed(given: Any, step: int) -> None:
    assert blamed([(2, 1.0), (3, 3.0), (5, 4.0)], given, 8.0, 0.0) == step


def test_of_several_wrong_nodes_the_one_that_sends_first_is_blamed() -> None:
    """x hears from its child first, but the wrong number in it comes from u, which sends to it later."""
    x = bp.parameter(2.0, name="x")
    u = x**2
    L = u + x
    u.name, L.name = "u", "L"
    trace = record(L)
    assert trace.gradient(0) == 5.0
    step = first_wrong(trace, {"x": 9.0, "u": 2.0}, 0.0)
    event = trace.events[step - 1]
    assert isinstance(event, Send)
    assert trace.nodes[trace.edges[event.edge].parent].name == "u"
    assert first_wrong(trace, {"x": 5.0, "u": 1.0}, 0.0) == len(trace.events)


@pytest.mark.parametrize("item", [item for item in ITEMS if item.graph], ids=lambda item: item.id)
def test_the_case_that_is_shown_is_the_one_that_the_line_names(item: Item, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where the line stands in one cell, and the picture is asked for in another."""
    assert item.graph
    wrong: Any = (lambda *_: 12345.0) if item.kind == "function" else 12345.0
    for _ in range(3):
        DESK.keep(item, None)
        DESK.ask(item, FIRST)
        line = check(item.id, wrong)
        again = check(item.id, wrong)
        player = again.show()
        assert str(again) == str(line)
        assert capsys.readouterr().out.startswith(f"{line}\n")
        case = line.case if item.kind == "function" else item.cases(Dyadic(FIRST))
        named = {node.name: node.value for node in record(item.graph(*case)).nodes}
        shown = {node.name: node.value for node in player.trace.nodes}
        assert shown.keys() == named.keys()
        assert all(same(shown[name], named[name], 0.0) for name in named)
        DESK._wrong.clear()


def test_a_picture_that_is_asked_for_of_a_right_answer_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("ex04.2", item_of("ex04.2").truth).show() is None
    assert capsys.readouterr().out == "✓ fan_out: passed (10 random cases)\nThere is no wrong gradient to show.\n"
    assert check("ex04.1", lambda *_: (7.0, 7.0)).show() is None
    assert capsys.readouterr().out.endswith("\nThis exercise has no picture.\n")
    assert check("ex04.2", lambda *_: 1 / 0).show() is None
    assert "ZeroDivisionError" in capsys.readouterr().out


# ---------------------------------------------------------------------- students' copies
PREDICTED = "# BEGIN SOLUTION\ngradient_of_w = 7\n# END SOLUTION"
SOLUTION = "def fan_out(gu, gv, du_dy, dv_dy):\n    # BEGIN SOLUTION\n    return 7\n    # END SOLUTION"


def notebook(*cells: tuple[str, str, str]) -> Any:
    """A notebook of code cells, each given by its item, its role and its source."""
    made = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    for item, role, source in cells:
        about = {"backprop_viz": {"item": item, "role": role}} if role else {}
        made.cells.append(nbformat.v4.new_code_cell(source, metadata=about))  # type: ignore[no-untyped-call]
    return made


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([("", "", "1")], "no cell has an exercise"),
        ([("ex04.2", "solution", SOLUTION)], "ex04.2 has the cells solution; needed are solution, check, results"),
        ([("ex04.2", "solution", SOLUTION), ("ex04.2", "check", 'check("ex04.2")'),
          ("ex04.2", "results", 'results("ex04.2")')], "it has the exercises ex04.2; the lecture's are ex04.1, ex04.2"),
        ([("ex04.2", "solution", SOLUTION.replace("# BEGIN", "### BEGIN"))], "cell 1: write # BEGIN SOLUTION with"),
        ([("ex04.2", "solution", SOLUTION.replace("    # END SOLUTION", ""))], "needs its # END SOLUTION"),
        ([("", "", SOLUTION)], "a cell with # BEGIN SOLUTION has the role solution"),
        ([("ex04.2", "solution", "# BEGIN SOLUTION\n7\n# END SOLUTION")], "gives a value to the item's name: fan_out"),
        ([("ex04.3", "solution", PREDICTED)], "below the line that students get: gradient_of_w = ...  # ex04.3:"),
        ([("ex04.3", "solution", f"gradient_of_w = ...  # ex04.3: an old text\n{PREDICTED}")], "stands below the line"),
        ([("ex04.2", "check", "check()")], 'does not call check("ex04.2")'),
        ([("ex04.2", "answer", "7")], "backprop_viz wants an item and a role"),
        ([("ex99.2", "solution", SOLUTION)], "cell 1: there are no exercises 'ex99'"),
    ],
)  # fmt: skip
def test_a_notebook_that_would_give_its_solution_away_or_is_not_checked_is_refused(
    cells: list[tuple[str, str, str]], message: str
) -> None:
    with pytest.raises(Unfit, match=re.escape(message)):
        students(notebook(*cells))


def test_a_stub_raises_inside_of_a_function_and_is_dots_for_a_value() -> None:
    item = item_of("ex04.2")
    assert stubbed(SOLUTION, item).endswith(f'    raise NotImplementedError("ex04.2: {item.ask}")')
    value = item_of("ex04.3")
    line = f"gradient_of_w = ...  # ex04.3: {value.ask}"
    assert dots(value) == line
    assert stubbed(f"{line}\n{PREDICTED}", value) == line
