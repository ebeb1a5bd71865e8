"""The committed notebooks: in step with their scripts, shown everywhere, and built the same each time."""

from __future__ import annotations

import importlib.util
import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import conftest

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
ALL = sorted(x for x in NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in x.parts)
NEURON = NOTEBOOKS / "lectures" / "06-one-neuron.ipynb"
LARGEST = 300_000

each_notebook = pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def build() -> ModuleType:
    """notebooks/build.py as a module."""
    if not importlib.util.find_spec("jupytext"):
        missing = 'jupytext is not installed: pip install -e ".[dev]"'
        if conftest.required():  # where nothing may be missing, this may not either
            pytest.fail(missing)
        pytest.skip(missing)
    return build_in(NOTEBOOKS)


def build_in(folder: Path) -> ModuleType:
    """The build.py of this folder as a module."""
    spec = importlib.util.spec_from_file_location("build", folder / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cells(path: Path, kind: str) -> list[dict[str, Any]]:
    """The cells of this kind, as plain JSON."""
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def outputs(path: Path) -> list[dict[str, Any]]:
    return [output for cell in cells(path, "code") for output in cell["outputs"]]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS / "index.ipynb" in ALL
    assert NEURON in ALL


def test_each_notebook_is_in_step_with_its_script(build: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["--check"]) == 0, capsys.readouterr().err


# ---------------------------------------------------------------------- what is committed
@each_notebook
def test_nothing_committed_waits_for_a_kernel(path: Path) -> None:
    assert "widget" not in json.loads(path.read_text(encoding="utf-8"))["metadata"]
    kinds = {kind for output in outputs(path) for kind in output.get("data", {})}
    assert not {kind for kind in kinds if "widget" in kind or "javascript" in kind}


@each_notebook
def test_each_figure_is_shown_wherever_the_notebook_is_opened(path: Path) -> None:
    figures = [x["data"] for x in outputs(path) if re.match(r"(Figure|Player)\(", "".join(said(x)))]
    assert figures or path.parent.name in ("solutions", "exercises")  # where a table may be all there is to see
    for data in figures:
        assert "".join(data["image/svg+xml"]).startswith("<svg ")  # GitHub, nbviewer, a trusted notebook
        assert "image/png" in data  # JupyterLab shows no SVG of a notebook that it does not trust


def said(output: dict[str, Any]) -> list[str]:
    text: list[str] = output.get("data", {}).get("text/plain", [])
    return text


@each_notebook
def test_no_output_is_a_burden(path: Path) -> None:
    assert max(len(json.dumps(output)) for output in outputs(path)) <= LARGEST


@each_notebook
def test_each_link_leads_somewhere(path: Path) -> None:
    for cell in cells(path, "markdown"):
        for target in re.findall(r"\]\(([^)]+)\)", source(cell)):
            if not target.startswith("https://"):
                file, _, anchor = target.partition("#")
                assert (path.parent / file).is_file(), target
                assert not anchor or anchor in headings(path.parent / file), target


def headings(path: Path) -> list[str]:
    """What the headings of a notebook are called in a link: their text with hyphens for spaces, as Jupyter has it."""
    text = "\n".join(source(cell) for cell in cells(path, "markdown"))
    return [heading.replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]


def test_the_index_leads_to_every_lecture() -> None:
    text = "".join(source(cell) for cell in cells(NOTEBOOKS / "index.ipynb", "markdown"))
    assert [x.name for x in (NOTEBOOKS / "lectures").glob("*.ipynb") if f"(lectures/{x.name})" not in text] == []


LECTURES = [path for path in ALL if path.parent.name == "lectures"]
each_lecture = pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)


@each_lecture
def test_each_displayed_identity_is_checked_by_code_beside_it(path: Path) -> None:
    """In the code cell before or the two after; a cell that only defines is tagged so."""
    every = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for number, cell in enumerate(every):
        if cell["cell_type"] == "markdown" and "$$" in source(cell) and "definition" not in tags(cell):
            before = [source(x) for x in every[:number] if x["cell_type"] == "code"][-1:]
            after = [source(x) for x in every[number:] if x["cell_type"] == "code"][:2]
            assert any("assert" in code for code in before + after), source(cell)


@each_lecture
def test_a_lecture_says_what_for_and_what_was_learned_and_asks_before_it_tells(path: Path) -> None:
    texts = [source(cell) for cell in cells(path, "markdown")]
    assert re.match(rf"# .+\n\n\*Lecture {path.stem.partition('-')[0]}, about \d+ minutes\. ", texts[0])
    assert "When you have finished, you can" in texts[0]
    assert "**Predict" in "".join(texts)
    assert texts[-1].startswith("## What you have learned")
    assert "**Next:**" in texts[-1]


@each_lecture
def test_a_lecture_has_one_thumbnail(path: Path) -> None:
    assert len([cell for cell in cells(path, "code") if "thumbnail" in tags(cell)]) == 1
    assert (NOTEBOOKS / "thumbnails" / f"{path.stem}.png").is_file()


def tags(cell: dict[str, Any]) -> list[str]:
    found: list[str] = cell["metadata"].get("tags", [])
    return found


@each_notebook
def test_each_display_closes_a_cell_that_nbval_can_compare(path: Path) -> None:
    for cell in cells(path, "code"):
        assert not source(cell).rstrip().endswith(";"), "nbval shows the suppressed line"
        if "plt." in source(cell) and "bp.explore(" not in source(cell):  # which shows the plot itself
            assert source(cell).rstrip().endswith("plt.show()")


# ---------------------------------------------------------------------- lecture 06
def test_the_neuron_is_drawn_with_the_seven_nodes_of_the_source() -> None:
    first = next(x for x in outputs(NEURON) if "".join(said(x)).startswith("Figure("))
    assert said(first) == ["Figure(ℒ: 7 nodes, 6 edges)"]
    drawn = set(re.findall(r">([^<>]+)<", "".join(first["data"]["image/svg+xml"])))
    assert drawn >= {"x", "y", "w", "0", "1", "u", "ŷ", "ℒ"}


ANSWERS = {
    "my_w0_grad = None": ("my_w0_grad = 0.413", "my_w0_grad = -0.587"),
    "my_w1_grad = None": ("my_w1_grad = 0.620", "my_w1_grad = 0.413"),
    "my_x_grad = None": ("my_x_grad = 0.176", "my_x_grad = -0.587"),
    "return ...": (
        "return max(u, 0) + math.log1p(math.exp(-abs(u))) - u * y",
        "return max(u, 0) + math.log1p(math.exp(-abs(u)))",
    ),
}


@pytest.mark.parametrize("question", ANSWERS)
def test_an_exercise_takes_the_right_answer_and_refuses_a_wrong_one(question: str) -> None:
    code = [source(cell) for cell in cells(NEURON, "code")]
    exercise = next(text for text in code if question in text)
    names: dict[str, Any] = {}
    for text in code:
        if text.startswith("import") or "def from_logit" in text:
            exec(text.partition("print(")[0], names)
    right, wrong = ANSWERS[question]
    exec(exercise, names)
    exec(exercise.replace(question, right), names)
    with pytest.raises(AssertionError, match=r"What is|not yet"):
        exec(exercise.replace(question, wrong), names)


def test_the_answers_are_those_that_are_folded_away() -> None:
    text = "".join(source(cell) for cell in cells(NEURON, "markdown") if source(cell).startswith("<details>"))
    assert text.count("</details>") == 3
    for right, _ in ANSWERS.values():
        assert right.split(" = ")[-1].strip().rstrip("0") in text


# ---------------------------------------------------------------------- the build
@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, build: ModuleType) -> Path:
    """A folder with build.py and one small script, built."""
    folder = tmp_path_factory.mktemp("notebooks")
    shutil.copy(NOTEBOOKS / "build.py", folder)
    (folder / "one.py").write_text(SMALL, encoding="utf-8")
    assert run_build(folder) == (0, "built  one.ipynb\n")
    return folder


@pytest.fixture
def small(built: Path, tmp_path: Path) -> ModuleType:
    """The build.py of such a folder, to play with."""
    return build_in(shutil.copytree(built, tmp_path / "notebooks"))


def run_build(folder: Path) -> tuple[int, str]:
    """Exit code and output of `python build.py`; what a kernel says on stderr when it is stopped differs."""
    run = subprocess.run([sys.executable, "build.py"], cwd=folder, capture_output=True, text=True, check=False)
    return run.returncode, run.stdout


SMALL = """\
# %% [markdown]
# # One

# %%
import backprop_viz as bp

w = bp.parameter(2.0)
L = w * w
bp.play(L)

# %%
print("one")
print("two")
"""


def test_a_build_shows_figures_for_players_and_says_the_same_twice(small: ModuleType) -> None:
    path = small.HERE / "one.ipynb"
    player, text = outputs(path)
    assert player["data"].keys() == {"text/plain", "image/svg+xml", "image/png"}
    assert text["text"] == ["one\n", "two\n"]
    before = path.read_bytes()
    assert run_build(small.HERE) == (0, "same   one.ipynb\n")
    assert path.read_bytes() == before
    assert small.main(["--check"]) == 0
    assert sorted(x.name for x in small.HERE.iterdir() if x.is_file()) == ["build.py", "one.ipynb", "one.py"]


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda text: text.replace("# One", "# Two"), "one.py: its notebook says something else"),
        (lambda text: text.replace('"execution_count": 2', '"execution_count": 7'), "one.py: its notebook was not run"),
        (lambda text: text.replace('"image/png"', '"image/gif"'), "one.py: its notebook holds what a build would"),
        (lambda text: text.replace('"metadata": {\n  "kernelspec"', '"metadata": {\n  "widgets": {},\n  "kernelspec"'),
         "one.py: its notebook holds what a build would"),
        (None, "one.py: its notebook is missing"),
    ],
)  # fmt: skip
def test_check_says_which_pair_is_out_of_step_and_writes_nothing(
    small: ModuleType, capsys: pytest.CaptureFixture[str], spoil: Any, fault: str
) -> None:
    path = small.HERE / "one.ipynb"
    text = path.read_text(encoding="utf-8")
    path.unlink()
    if spoil:
        assert spoil(text) != text
        path.write_text(spoil(text), encoding="utf-8")
    assert small.main(["--check"]) == 1
    assert fault in capsys.readouterr().err
    assert (path.read_text(encoding="utf-8") if path.exists() else None) == (spoil(text) if spoil else None)


def test_a_notebook_without_a_script_and_a_name_without_a_script_are_reported(
    small: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(small.HERE / "one.ipynb", small.HERE / "two.ipynb")
    assert small.main(["--check"]) == 1
    assert capsys.readouterr().err == "two.ipynb: it has no script beside it\n"
    assert small.main(["--check", "three"]) == 1
    assert "three" in capsys.readouterr().err


def test_what_nobody_should_commit_is_refused(build: ModuleType) -> None:
    def fault(kind: str, **content: Any) -> Any:
        return build.fault_in(build.nbformat.from_dict({"output_type": kind, **content}))

    assert fault("stream", name="stdout", text="fine, at 0x5") == ""
    assert fault("stream", name="stderr", text="Beware") == "warns: Beware"
    assert "memory address" in fault("execute_result", data={"text/plain": "<object at 0x7f01a2b3c4d5>"})
    assert "300,0" in fault("display_data", data={"image/png": "x" * (LARGEST + 1)})
    assert build.LARGEST == LARGEST


def test_a_player_without_a_picture_is_refused(build: ModuleType) -> None:
    output = {"output_type": "display_data", "data": {build.VIEW: {}, "text/plain": "Player"}, "metadata": {}}
    cell = {"cell_type": "code", "source": "p", "metadata": {}, "outputs": [output]}
    with pytest.raises(build.Fault, match="cell 1 shows a widget"):
        build.settle(build.nbformat.from_dict({"cells": [cell]}))


def test_a_write_that_fails_leaves_the_old_notebook(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.ipynb"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", lambda *_: 1 / math.inf / 0)
    with pytest.raises(ZeroDivisionError):
        build.write(path, b"new")
    assert [x.name for x in tmp_path.iterdir()] == ["one.ipynb"]
    assert path.read_text(encoding="utf-8") == "old"
