"""The exercise notebooks: nbval fails exactly the checks of a copy that is not solved, and nothing of a solved one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import pytest
from nbclient import NotebookClient

from backprop_viz.classroom.check import GRADING, SEED, TESTING
from backprop_viz.classroom.exercises import item_of, items_of, lectures
from backprop_viz.classroom.question import seed_of
from backprop_viz.classroom.release import KEY
from backprop_viz.classroom.values import said

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
EXERCISES = sorted((NOTEBOOKS / "exercises").glob("*.ipynb"))
BORROWED = (SEED, GRADING, TESTING)

each_exercise = pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def role(cell: dict[str, Any]) -> tuple[str, str]:
    """The item and the role of a cell, both empty for the rest."""
    about = cell["metadata"].get(KEY, {})
    return about.get("item", ""), about.get("role", "")


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def solved(path: Path) -> str:
    """The students' copy with the instructor's solutions written in."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    right = {role(cell): cell["source"] for cell in cells(NOTEBOOKS / "solutions" / path.name)}
    for cell in notebook["cells"]:
        if role(cell)[1] == "solution":
            cell["source"] = right[role(cell)]
    return json.dumps(notebook)


def unsolved(path: Path, wrong: bool, shown: bool) -> str:
    """The students' copy untouched or all wrong, with the outputs of a run in a kernel of its own, or with none."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if wrong and role(cell)[1] == "solution":
            cell["source"] = re.sub(r"raise NotImpl.*", "return 0", source(cell)).replace("= ...", "= 5")
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    if not shown:
        return json.dumps(notebook)
    made = nbformat.reads(json.dumps(notebook), as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(made, kernel_name="python3", timeout=300).execute(env=environment())
    return str(nbformat.writes(made))  # type: ignore[no-untyped-call]


def second(path: Path) -> str:
    """The solved copy of a student who was asked ex04.3 with the second numbers."""
    item = item_of("ex04.3")
    notebook = json.loads(solved(path))
    for cell in notebook["cells"]:
        if role(cell) == (item.id, "question"):
            cell["source"] = source(cell).replace(f'"{item.id}"', f'"{item.id}", 2')
            cell["outputs"], cell["execution_count"] = [], None
        if role(cell) == (item.id, "solution"):
            cell["source"] = f"{item.name} = {item.expected(seed_of(item, 2))}"
    return json.dumps(notebook)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    """For "untouched" and "solved": of each notebook the outcome of each cell, from two pytest processes at once."""
    started = {}
    for kind in ("untouched", "solved"):
        folder = tmp_path_factory.mktemp(kind)  # nothing of the repository is near
        for path in EXERCISES:
            text = solved(path) if kind == "solved" else path.read_text(encoding="utf-8")
            (folder / path.name).write_text(text, encoding="utf-8")
        started[folder] = nbval(folder)
    return {folder.name.rstrip("0"): outcomes(folder, process) for folder, process in started.items()}


def nbval(folder: Path) -> subprocess.Popen[str]:
    """A pytest that compares the notebooks of a folder with what they hold."""
    command = ["-m", "pytest", "-q", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "--junitxml=said.xml"]
    return subprocess.Popen(
        [sys.executable, *command, "."], cwd=folder, env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def environment() -> dict[str, str]:
    """What a student's kernel, or a grader's pytest, has around it."""
    kept = {key: value for key, value in os.environ.items() if key not in BORROWED}
    return kept | {"PYTHONPATH": str(NOTEBOOKS.parent)}


def outcomes(folder: Path, process: subprocess.Popen[str]) -> dict[str, list[str]]:
    """Of each notebook what is said about its code cells, in their order: "" for a cell that passed."""
    output, _ = process.communicate(timeout=600)
    assert (folder / "said.xml").is_file(), output
    found: dict[str, list[str]] = {}
    for case in ElementTree.parse(folder / "said.xml").iter("testcase"):
        assert case.find("skipped") is None
        assert case.find("error") is None, output
        name = case.attrib["classname"].removesuffix(".ipynb").rpartition(".")[2]
        failure = case.find("failure")
        found.setdefault(name, []).append("" if failure is None else failure.text or "failed")
    return found


@each_exercise
def test_an_untouched_copy_fails_exactly_its_checks(path: Path, compared: dict[str, dict[str, list[str]]]) -> None:
    code = [cell for cell in cells(path) if cell["cell_type"] == "code"]
    said = compared["untouched"][path.stem]
    assert len(said) == len(code)
    for cell, outcome in zip(code, said, strict=True):
        assert bool(outcome) == (role(cell)[1] == "check"), (source(cell), outcome)
        if outcome:
            assert "not attempted yet" in outcome
            assert role(cell)[0] in outcome


@pytest.mark.parametrize(
    ("wrong", "shown"),
    [(False, True), (False, False), (True, True)],
    ids=["untouched and run", "cleared", "wrong and run"],
)
def test_an_unsolved_copy_fails_exactly_its_checks_whatever_it_shows(tmp_path: Path, wrong: bool, shown: bool) -> None:
    """Also where the line that nbval compares with is the one that the same wrong answer got before."""
    path = next(path for path in EXERCISES if path.stem.startswith("ex04"))
    (tmp_path / path.name).write_text(unsolved(path, wrong, shown), encoding="utf-8")
    code = [cell for cell in cells(path) if cell["cell_type"] == "code"]
    said = outcomes(tmp_path, nbval(tmp_path))[path.stem]
    assert [bool(outcome) for outcome in said] == [role(cell)[1] == "check" for cell in code]
    assert all(("Hint: " if wrong else "not attempted yet") in outcome for outcome in said if outcome)


def test_an_answer_to_the_second_numbers_is_right_where_the_notebook_asks_for_them(tmp_path: Path) -> None:
    path = next(path for path in EXERCISES if path.stem.startswith("ex04"))
    (tmp_path / path.name).write_text(second(path), encoding="utf-8")
    assert not any(outcomes(tmp_path, nbval(tmp_path))[path.stem])


@each_exercise
def test_a_solved_copy_passes(path: Path, compared: dict[str, dict[str, list[str]]]) -> None:
    assert not any(compared["solved"][path.stem])


@each_exercise
def test_a_students_copy_holds_no_solution(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "SOLUTION" not in text
    for cell in cells(path):
        item, what = role(cell)
        if what in ("solution", "results"):
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
        if what == "solution":
            assert len(re.findall(rf"{item}: ", source(cell))) == 1
            assert re.search(r"raise NotImplementedError\(|= \.\.\.", source(cell))
        if what == "question":
            assert "nbgrader" not in cell["metadata"], "students change it when they want other numbers"
        if what == "check":
            assert "".join(cell["outputs"][0]["data"]["text/plain"]).startswith("✓ ")


@each_exercise
def test_a_picture_that_asks_does_not_show_the_answer(path: Path) -> None:
    """Of the numbers that everybody is asked first, in all that is saved of the picture."""
    for cell in cells(path):
        item = next((item for item in items_of(path.stem[:4]) if role(cell) == (item.id, "question")), None)
        pictures = ["".join(out.get("data", {}).get("image/svg+xml", "")) for out in cell.get("outputs", [])]
        if item is None or item.judge or not any(pictures):
            continue
        shown = {text for picture in pictures for text in re.findall(r"[^\s<>=,;()]+", re.sub("<[^>]*>", " ", picture))}
        assert said(item.expected(1)).replace("-", "−") not in shown


def test_each_lecture_has_its_exercises_and_they_are_numbered_like_it() -> None:
    there = {path.stem for path in (NOTEBOOKS / "lectures").glob("[0-9]*.ipynb")}
    assert {path.stem.removeprefix("ex") for path in EXERCISES} == there
    assert [path.stem[:4] for path in EXERCISES] == lectures()
    assert all(len(items_of(lecture)) >= 4 for lecture in lectures())
