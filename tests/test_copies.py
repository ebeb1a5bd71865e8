"""The command `release`: students' copies of instructors' notebooks, or nothing at all."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from test_exercises import EXERCISES, NOTEBOOKS

from backprop_viz.__main__ import main
from backprop_viz.classroom.copies import release
from backprop_viz.classroom.otter import otter
from backprop_viz.classroom.release import read, text_of

SOLUTIONS = [NOTEBOOKS / "solutions" / path.name for path in EXERCISES]


def test_the_students_copies_are_those_that_the_command_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["release", *map(str, SOLUTIONS), "-o", str(tmp_path / "new" / "folder")]) == 0
    assert capsys.readouterr().out == f"Wrote {tmp_path / 'new' / 'folder'}\n"
    written = {path.name: path.read_bytes() for path in (tmp_path / "new" / "folder").iterdir()}
    assert written == {path.name: path.read_bytes() for path in EXERCISES}


def test_for_otter_a_copy_has_otters_cells(tmp_path: Path) -> None:
    release(SOLUTIONS[:1], tmp_path, "otter")
    assert (tmp_path / SOLUTIONS[0].name).read_text(encoding="utf8") == text_of(otter(read(SOLUTIONS[0])))


def test_what_is_no_exercise_is_said_in_one_line_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lecture = next((NOTEBOOKS / "lectures").glob("00*.ipynb"))
    (tmp_path / "not-json.ipynb").write_text("# a script", encoding="utf8")
    for wrong, message in ((lecture, "no cell has an exercise"), (tmp_path / "not-json.ipynb", "is no notebook")):
        with pytest.raises(SystemExit):
            main(["release", str(SOLUTIONS[0]), str(wrong), "-o", str(tmp_path / "out")])
        said = capsys.readouterr().err
        assert f"{wrong.name}: " in said
        assert message in said
        assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("names", "output", "reader", "message"),
    [
        (["a/ex.ipynb"], "a", "students", "ex.ipynb has the solutions, and would be lost: give another folder"),
        (["a/ex.ipynb", "b/ex.ipynb"], "b", "students", "has the solutions, and would be lost"),
        (["a/ex.ipynb", "b/ex.ipynb"], "out", "students", "two notebooks are called ex.ipynb"),
        (["a/ex.ipynb"], "out", "teachers", "there is no copy for 'teachers' (must be one of students, otter)"),
    ],
)
def test_no_solution_is_overwritten(tmp_path: Path, names: list[str], output: str, reader: str, message: str) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(SOLUTIONS[0], tmp_path / name)
    with pytest.raises(ValueError, match=re.escape(message)):
        release([tmp_path / name for name in names], tmp_path / output, reader)
    assert all((tmp_path / name).read_bytes() == SOLUTIONS[0].read_bytes() for name in names)
    assert not (tmp_path / "out").exists()
