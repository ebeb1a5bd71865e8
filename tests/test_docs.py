"""The documentation says what the code says."""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import backprop_viz as bp
from backprop_viz.autograd.ops import ROWS

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture
def make_ops() -> ModuleType:
    """docs/make_ops.py as a module."""
    spec = importlib.util.spec_from_file_location("make_ops", DOCS / "make_ops.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_ops_is_up_to_date(make_ops: ModuleType) -> None:
    assert make_ops.main("--check") == 0, "run python docs/make_ops.py"


def test_a_table_that_is_out_of_date_is_found_and_written_anew(
    make_ops: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make_ops, "PAGE", tmp_path / "ops.md")
    assert make_ops.main("--check") == 1
    assert "run python docs/make_ops.py" in capsys.readouterr().out
    assert make_ops.main() == 0
    assert make_ops.main("--check") == 0
    make_ops.PAGE.write_text(make_ops.page().replace("σ(x)", "σ(y)"), encoding="utf-8")
    assert make_ops.main("--check") == 1


def test_an_unknown_argument_is_refused(make_ops: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert make_ops.main("--chekc") == 2
    assert "unknown: --chekc. Possible: python docs/make_ops.py" in capsys.readouterr().out


def test_the_table_is_the_same_in_every_process() -> None:
    code = "import runpy, sys; sys.stdout.reconfigure(encoding='utf-8'); print(runpy.run_path('make_ops.py')['page']())"
    run = subprocess.run([sys.executable, "-c", code], cwd=DOCS, capture_output=True, encoding="utf-8", check=True)
    assert run.stdout == (DOCS / "ops.md").read_text(encoding="utf-8") + "\n"


def test_every_op_and_every_function_that_records_one_is_in_the_table() -> None:
    page = (DOCS / "ops.md").read_text(encoding="utf-8")
    for op in ROWS:
        assert page.count(f"\n| {op.name} | `") == 1
    for name in bp.__all__:
        function = getattr(bp, name, None)
        home = getattr(function, "__module__", "")
        if inspect.isfunction(function) and ".functions." in home and not home.endswith(".constructors"):
            assert f"`bp.{name}(" in page, name


def test_what_the_table_names_is_there() -> None:
    import numpy as np

    page = (DOCS / "ops.md").read_text(encoding="utf-8")
    for name in re.findall(r"`bp\.(\w+)\(", page):
        assert callable(getattr(bp, name))
    for name in re.findall(r"`np\.(\w+)`", page):
        assert callable(getattr(np, name))
    for name in re.findall(r"`\w\.(\w+)`", page):
        assert hasattr(bp.Tensor, name)
