"""The instructors' notebooks in nbgrader and in otter-grader, the real ones, each in an environment of its own."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from test_exercises import EXERCISES, NOTEBOOKS, cells, environment, second, source

from backprop_viz.classroom.copies import release
from backprop_viz.classroom.exercises import items_of
from backprop_viz.classroom.item import Item
from backprop_viz.classroom.otter import otter
from backprop_viz.classroom.release import dots, read, text_of

SOLUTIONS = [NOTEBOOKS / "solutions" / path.name for path in EXERCISES]
CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "course"\nc.ExecutePreprocessor.timeout = 300\n'


def run(tool: str, *arguments: str, cwd: Path) -> str:
    """What a command of the environment that a variable names prints; an error if it fails."""
    folder = Path(os.environ[tool])
    around = environment() | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [folder / arguments[0], *arguments[1:]], cwd=cwd, env=around, text=True, timeout=1200,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.needs("nbgrader")
def test_nbgrader_takes_them_as_they_are_and_grades_both_students_copies(tmp_path: Path) -> None:
    """A solved copy gets all points, with the second numbers too; an untouched one, nbgrader's or ours, none."""
    tool = "BACKPROP_VIZ_NBGRADER"
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    for path in SOLUTIONS:
        shutil.copy(path, folder_of(tmp_path / "source" / "all"))
        shutil.copy(path, folder_of(tmp_path / "submitted" / "solved" / "all"))
        shutil.copy(NOTEBOOKS / "exercises" / path.name, folder_of(tmp_path / "submitted" / "untouched" / "all"))
    run(tool, "nbgrader", "generate_assignment", "all", "--create", cwd=tmp_path)
    released = sorted((tmp_path / "release" / "all").glob("*.ipynb"))
    assert [path.name for path in released] == [path.name for path in SOLUTIONS]
    for path in released:
        assert "SOLUTION" not in path.read_text(encoding="utf-8")
        assert all(dots(item) in lines(path) for item in values(path))
        shutil.copy(path, folder_of(tmp_path / "submitted" / "theirs" / "all"))
        copied = folder_of(tmp_path / "submitted" / "second" / "all") / path.name
        copied.write_text(second(NOTEBOOKS / "exercises" / path.name), encoding="utf-8")
    run(tool, "nbgrader", "autograde", "all", cwd=tmp_path)
    run(tool, "nbgrader", "export", cwd=tmp_path)
    with (tmp_path / "grades.csv").open() as file:
        scores = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    points = sum(len(items_of(path.stem[:4])) for path in SOLUTIONS)
    right, nothing = (points, points), (0, points)
    assert scores == {"solved": right, "second": right, "untouched": nothing, "theirs": nothing}


def values(path: Path) -> list[Item]:
    """The items of a notebook that ask for a value."""
    return [item for item in items_of(path.stem[:4]) if item.kind == "value"]


def lines(path: Path) -> list[str]:
    """All lines of a notebook's code."""
    return [line for cell in cells(path) if cell["cell_type"] == "code" for line in source(cell).splitlines()]


def folder_of(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.mark.needs("otter")
def test_otter_assigns_the_exported_notebooks(tmp_path: Path) -> None:
    """`otter assign` runs the solutions through the tests, and fails if one of them does."""
    release(SOLUTIONS, tmp_path, "otter")

    def assign(path: Path) -> str:
        return run("BACKPROP_VIZ_OTTER", "otter", "assign", path.name, f"dist-{path.stem}", cwd=tmp_path)

    with ThreadPoolExecutor(2) as both:
        list(both.map(assign, SOLUTIONS))
    for path in SOLUTIONS:
        students = tmp_path / f"dist-{path.stem}" / "student"
        assert "SOLUTION" not in (students / path.name).read_text(encoding="utf-8")
        tests = [x.stem for x in (students / "tests").glob("ex*.py")]
        assert sorted(tests) == sorted(item.id.replace(".", "_") for item in items_of(path.stem[:4]))
        assert all(dots(item) in lines(students / path.name) for item in values(path))
    said = checked(tmp_path / "dist-ex04-two-gradients" / "student", "ex04")
    assert said.count("Got:") == said.count("not attempted yet") == len(items_of("ex04"))
    assert "Traceback" not in said


CHECKED = """
import json, sys, otter
grader = otter.Notebook(tests_dir="tests")
for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]:
    code = "".join(cell["source"])
    if cell["cell_type"] == "code" and not code.startswith("grader"):
        exec(code)
for name in sys.argv[2:]:
    print(grader.check(name, global_env=globals()))
"""


def checked(folder: Path, lecture: str) -> str:
    """What otter says of its own students' copy, as it is handed out."""
    (notebook,) = folder.glob("*.ipynb")
    (folder / "checked.py").write_text(CHECKED)
    names = [item.id.replace(".", "_") for item in items_of(lecture)]
    return run("BACKPROP_VIZ_OTTER", "python", "checked.py", notebook.name, *names, cwd=folder)


def test_the_same_notebook_gives_the_same_bytes_for_otter() -> None:
    assert text_of(otter(read(SOLUTIONS[0]))) == text_of(otter(read(SOLUTIONS[0])))
