"""What a check says: right answers pass however they are written, wrong ones get a hint, and never the answer."""

from __future__ import annotations

import linecache
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

import backprop_viz as bp
from backprop_viz.classroom import Verdict, check, question, results
from backprop_viz.classroom.check import GRADING, SEED, NotRight, _function
from backprop_viz.classroom.dyadic import Dyadic
from backprop_viz.classroom.exercises import item_of, items_of, lectures
from backprop_viz.classroom.item import Item, Mistake
from backprop_viz.classroom.question import DESK, TRIES, Asked
from backprop_viz.classroom.release import Unfit, stubbed, students
from backprop_viz.classroom.values import said, same, whole
from backprop_viz.player.film import film

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
    monkeypatch.setattr(DESK, "_asked", {})


def verdict(item: Item, function: Any, seed: int) -> Verdict:
    """What is said about an answer; for a value, to the question with the numbers of this seed."""
    if item.kind == "function":
        return check(item.id, function, seed=seed * 1000)
    number = seed if item.figure else 1
    DESK._asked[item.id] = Asked(number)
    return check(item.id, item.answer_of(function, number))


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
    if item.kind == "value" and same(item.answer_of(mistake.answer, seed), item.expected(seed), item.tolerance):
        pytest.fail(f"with the numbers of seed {seed} {mistake.code} is right by chance: choose other cases")
    said_so = verdict(item, mistake.answer, seed)
    assert not said_so
    assert mistake.hint in said_so.text


@each_item
def test_nothing_that_is_left_behind_holds_the_answer(item: Item) -> None:
    wrong = Verdict(item.id, False, "") if not item.mistakes else verdict(item, item.mistakes[0].answer, 1)
    assert wrong._seen is None or same(wrong._seen[1], item.answer_of(item.mistakes[0].answer, wrong._seen[0]), 1e-9)
    assert set(vars(wrong)) == {"item", "passed", "text", "_seen"}
    if item.figure:
        shown = question(item.id)
        trace = getattr(shown, "trace", None)
        assert trace is None or {event.kind for event in trace.events} <= {"forward", "seed", "send"}


@each_item
def test_a_stub_is_not_attempted_yet(item: Item, capsys: pytest.CaptureFixture[str]) -> None:
    def stub(*_: Any) -> None:
        raise NotImplementedError(f"{item.id}: {item.ask}")

    DESK._asked[item.id] = Asked()
    said_so = check(item.id, stub if item.kind == "function" else None)
    assert repr(said_so) == f"– {item.name}: not attempted yet ({item.id})"
    results(item.id)
    assert "not attempted yet" in capsys.readouterr().out


@each_item
@pytest.mark.parametrize(
    "answer", [None, "?", 3, [], {}, ("a", []), [[1], [2, 3]], {"x": {}}, np.zeros((2, 3)), object()]
)
def test_rubbish_is_answered_in_one_line(item: Item, answer: Any) -> None:
    DESK._asked[item.id] = Asked()
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
    DESK._asked[name] = Asked()
    said_so = check(name, namespace[item.name], seed=None if item.kind == "value" else seed)
    assert said_so, said_so


# ---------------------------------------------------------------------- one function, looked at closely
def cell(code: str, line: str) -> Any:
    """The last value of a notebook's cell: `line`, after `code`, as a kernel would run both."""
    namespace: dict[str, Any] = {"check": check, "results": results, "np": np}
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
        assert vars(DESK).keys() == {"_asked"}
        assert all(vars(asked).keys() == {"seed", "wrong"} for asked in DESK._asked.values())


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


def test_after_three_wrong_answers_there_are_new_numbers() -> None:
    item = item_of("ex04.3")
    first = question("ex04.3").svg
    assert question("ex04.3").svg == first
    for _ in range(TRIES - 1):
        assert "new numbers" not in repr(check("ex04.3", -99.0))
    assert repr(check("ex04.3", -99.0)).endswith("Run the question's cell again: it asks anew.")
    assert repr(check("ex04.3", item.expected(1))).startswith("– gradient_of_w: 3 answers were wrong. Run question(")
    assert question("ex04.3").svg != first
    assert not check("ex04.3", item.expected(1))
    assert check("ex04.3", item.expected(2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check("fan_out"), "named like 'ex04.1', by its lecture and its number; got 'fan_out'"),
        (lambda: check("ex99.1"), "there are no exercises 'ex99'; possible are ex"),
        (lambda: check("ex04.77"), "there is no exercise 'ex04.77'; ex04 has ex04.1, "),
        (lambda: question("ex04.1"), "ex04.1 shows nothing: the text above it says all"),
        (lambda: check("ex04.1", lambda *_: (7.0, 7.0)).show(), "this exercise has no picture: ✗ local_gradients"),
        (lambda: Verdict("ex04.2", True, "✓ fan_out: passed").show(), "there is no wrong gradient to show: ✓ fan_out"),
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
    ],
)  # fmt: skip
def test_the_same_answer_in_another_form_is_the_same(given: Any, right: Any, expected: bool) -> None:
    assert same(given, right, 0.0) is expected


def test_a_grader_sees_every_number_and_equal_dicts_as_equal_text() -> None:
    assert whole(np.arange(40.0)) == str(list(range(40)))
    assert whole({"b": 1.0, "a": (2.0, None)}) == whole({"a": (2, None), "b": 1}) == "{a: (2, None), b: 1}"
    assert said(np.arange(40.0)) == "an array of shape (40,)"


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
    from backprop_viz.classroom.check import _explained

    assert _explained(item, [(1, 5.0)])[1] == "think"


# ---------------------------------------------------------------------- the picture of the first wrong edge
def test_the_player_opens_at_the_first_edge_that_brings_another_number() -> None:
    """y hears from two children; an answer without one of them is wrong from the first message on."""
    verdict = check("ex04.2", lambda gu, gv, du_dy, dv_dy: gu * du_dy, seed=3)
    player = verdict.show()
    event = player.trace.events[player.step - 1]
    assert event.kind == "send"
    node = player.trace.nodes[player.trace.edges[event.edge].parent]
    assert node.name == "y"
    answered = re.findall(r"you returned (\S+),", verdict.text)[0].replace("-", "−")
    yours = {f"n{node.index}.grad.change": f"yours: {answered}"}
    assert yours.items() <= film(player.figure)["frames"][0]["texts"].items()
    for picture in (player.figure.svg, player._repr_mimebundle_()[0]["image/svg+xml"]):
        assert "Below a gradient stands what you answered for it." in picture
        assert f"yours: {answered}" in picture


# ---------------------------------------------------------------------- students' copies
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
        ([("ex04.2", "solution", "# BEGIN SOLUTION\n7\n# END SOLUTION")], "gives a value to a name, such as fan_out"),
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
    assert stubbed("# BEGIN SOLUTION\na = 1\nb = a\na = 2\n# END SOLUTION", item) == (
        f"a = ...  # ex04.2: {item.ask}\nb = ...  # ex04.2: {item.ask}"
    )
