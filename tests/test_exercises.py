"""The exercise notebooks: nbval fails exactly the checks of an untouched copy, and nothing of a solved one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from backprop_viz.classroom.exercises import items_of, lectures
from backprop_viz.classroom.release import KEY
from backprop_viz.classroom.values import said

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
EXERCISES = sorted((NOTEBOOKS / "exercises").glob("*.ipynb"))
BORROWED = ("BACKPROP_VIZ_SEED", "NBGRADER_EXECUTION")

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
    python_path = str(NOTEBOOKS.parent)
    environment = {key: value for key, value in os.environ.items() if key not in BORROWED}
    command = ["-m", "pytest", "-q", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "--junitxml=said.xml"]
    return subprocess.Popen(
        [sys.executable, *command, "."], cwd=folder, env=environment | {"PYTHONPATH": python_path}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


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
            assert f"{item}: " in source(cell)
            assert re.search(r"raise NotImplementedError\(|= \.\.\.", source(cell))
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
