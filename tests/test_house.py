"""The house rules of the source: imports run one way, and no file or function outgrows one idea."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import conftest

HOUSE = Path(__file__).parent.parent / "backprop_viz"
MAY_IMPORT: dict[str, set[str]] = {  # part -> other parts
    "autograd": set(),
    "record": {"autograd"},
    "render": {"autograd", "record"},
    "plots": {"autograd", "record", "render"},
    "player": {"autograd", "record", "render", "plots"},
    "classroom": {"autograd", "record", "render", "player"},
    "site": {"render", "player"},
}
ONLY_IN = {  # package -> the files that import it
    "torch": ("record/pytorch.py",),
    "anywidget": ("player/widget.py",),
    "ipywidgets": ("player/widget.py", "player/pictures.py"),
    "subprocess": ("render/layout.py",),
}
MOST_LINES = {"file": 320, "function": 40}


def test_imports_run_one_way() -> None:
    assert list(HOUSE.rglob("*.py"))
    assert wrong_imports(HOUSE) == []


def test_no_file_or_function_is_two_ideas() -> None:
    assert too_long(HOUSE) == []


def wrong_imports(house: Path) -> list[str]:
    """Every import that a rule forbids, as "file:line: what is wrong"."""
    return [
        f"{file.relative_to(house).as_posix()}:{line}: {fault}"
        for file in sorted(house.rglob("*.py"))
        for line, name in imports(file, house)
        if (fault := fault_of(file.relative_to(house), name.split("."), house.name))
    ]


def imports(file: Path, house: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of all that a file imports, also in functions and under TYPE_CHECKING."""
    package = [house.name, *file.relative_to(house).parent.parts]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = [*above, *filter(None, [node.module])]
            yield from ((node.lineno, ".".join([*source, alias.name])) for alias in node.names)


def fault_of(file: Path, name: list[str], house: str) -> str:
    """What is wrong with a file's import of a dotted name, empty if nothing is."""
    top, part = name[0], file.parts[0]
    if top in ONLY_IN and file.as_posix() not in ONLY_IN[top]:
        return f"only {' and '.join(ONLY_IN[top])} imports {top}"
    if len(file.parts) == 1:  # the modules at the top join the parts together
        return ""
    if part not in MAY_IMPORT:
        return f"{part} has no place in the order of the parts: give it one in MAY_IMPORT"
    if top != house:
        known = part != "autograd" or top == "numpy" or top in sys.stdlib_module_names
        return "" if known else f"autograd imports nothing but numpy and the standard library, not {top}"
    below = [*name, ""][1]
    if below not in MAY_IMPORT:
        return f"{part} imports {'.'.join(name)} from the top, which imports all parts"
    return "" if below in MAY_IMPORT[part] | {part} else f"{part} may not import {below}"


def too_long(house: Path) -> list[str]:
    """Every file, and every function without its docstring, that is too long for one idea: "file:line: how long"."""
    found = []
    for file in sorted(house.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        pieces = [("file", 1, text.count("\n"))]
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                text_lines = len((ast.get_docstring(node, clean=False) or "").splitlines())
                pieces.append(("function", node.lineno, (node.end_lineno or 0) - node.lineno + 1 - text_lines))
        for what, line, lines in pieces:
            if lines > MOST_LINES[what]:
                found.append(f"{file.relative_to(house).as_posix()}:{line}: a {what} of {lines} lines")
    return found


@pytest.mark.parametrize(
    ("file", "line", "fault"),
    [
        ("autograd/ops.py", "from ..record import trace", "may not import record"),
        ("autograd/ops.py", "from .. import render", "may not import render"),
        ("autograd/ops.py", "import scipy.special", "not scipy"),
        ("autograd/deep/er.py", "from ...player.page import page", "may not import player"),
        ("record/trace.py", "import backprop_viz.render.dot as dot", "may not import render"),
        ("record/trace.py", "import numpy, backprop_viz.player", "may not import player"),
        ("record/trace.py", "import backprop_viz as bp", "from the top"),
        ("record/trace.py", "from backprop_viz import draw", "from the top"),
        ("record/trace.py", "from .. import __main__", "from the top"),
        ("record/trace.py", "def f():\n    from backprop_viz.player import play", "may not import player"),
        ("render/dot.py", "if TYPE_CHECKING:\n    from ..player.widget import Player", "may not import player"),
        ("render/dot.py", "try:\n    import torch.nn\nexcept ImportError:\n    pass", "only record/pytorch.py"),
        ("render/svg.py", "from subprocess import run", "only render/layout.py"),
        ("player/page.py", "import anywidget", "only player/widget.py"),
        ("player/__init__.py", "from ..classroom import check", "may not import classroom"),
        ("classroom/grade.py", "from ..site.build import build", "may not import site"),
        ("games/dice.py", "import random", "no place in the order"),
        ("__main__.py", "import ipywidgets", "only player/widget.py"),
    ],
)
def test_a_wrong_import_is_found(tmp_path: Path, file: str, line: str, fault: str) -> None:
    number = next(n for n, text in enumerate(line.splitlines(), start=1) if "import" in text)
    (found,) = wrong_imports(house_with(tmp_path, file, line))
    assert found.startswith(f"{file}:{number}: ")
    assert fault in found


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("__init__.py", "from .player import play\nfrom . import classroom"),
        ("autograd/ops.py", "from __future__ import annotations\nimport math, numpy.typing\nfrom . import tensor"),
        ("autograd/deep/er.py", "from ..tensor import Tensor\nfrom . import other"),
        ("record/pytorch.py", "import torch\nfrom ..autograd.tensor import Tensor"),
        ("render/layout.py", "import subprocess, graphviz\nfrom ..record import Trace"),
        ("player/widget.py", "import anywidget, ipywidgets\nfrom .. import render\nfrom .page import page"),
        ("classroom/check.py", "from ..player.page import page"),
    ],
)
def test_a_right_import_is_let_through(tmp_path: Path, file: str, line: str) -> None:
    assert wrong_imports(house_with(tmp_path, file, line)) == []


def test_a_long_file_and_a_long_function_are_found(tmp_path: Path) -> None:
    text = "def f():\n" + "    pass\n" * 40 + "\n" * 280
    assert too_long(house_with(tmp_path, "autograd/ops.py", text)) == [
        "autograd/ops.py:1: a file of 322 lines",
        "autograd/ops.py:1: a function of 41 lines",
    ]


@pytest.mark.parametrize(("required", "outcome"), [("", pytest.skip.Exception), ("node toast", pytest.fail.Exception)])
def test_a_missing_need_is_skipped_unless_it_is_required(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, required: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setitem(conftest.MISSING, "toast", lambda: "the toaster is out")
    monkeypatch.setenv(conftest.REQUIRE, required)
    request.node.add_marker(pytest.mark.needs("toast"))
    with pytest.raises(outcome, match="the toaster is out"):
        conftest.pytest_runtest_setup(request.node)


def house_with(tmp_path: Path, file: str, text: str) -> Path:
    """A house in which one file has this text."""
    path = tmp_path / "backprop_viz" / file
    path.parent.mkdir(parents=True)
    path.write_text(text + "\n", encoding="utf-8")
    return tmp_path / "backprop_viz"
