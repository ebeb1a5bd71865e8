"""Graphviz: found, run, bounded, and clear when it is missing or fails."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from backprop_viz.render import layout as module
from backprop_viz.render.layout import SETTING, LayoutError, find_dot, layout, run_dot

CHAIN = "digraph { rankdir=LR; a [width=1, height=0.5, fixedsize=true]; a -> b [id=e0] }"


def program(folder: Path, body: str) -> str:
    """A program that stands in for Graphviz."""
    path = folder / "dot"
    path.write_text(f"#!{sys.executable}\n{body}\n", encoding="utf8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_the_packages_graphviz_is_found_without_any_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(SETTING, raising=False)
    found = layout(CHAIN)
    assert "graphviz-pure" in find_dot()
    assert found.centres["a"].real < found.centres["b"].real
    assert len(found.splines["e0"]) % 3 == 1


def test_the_setting_chooses_another_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(SETTING, program(tmp_path, "print('from the other dot')"))
    assert run_dot(CHAIN, "svg") == "from the other dot\n"


def test_a_setting_that_names_no_program_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "/no/such/dot")
    with pytest.raises(LayoutError, match=f"{SETTING} is set to '/no/such/dot', which is no program"):
        find_dot()


def test_the_systems_dot_is_the_fallback_and_without_any_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    monkeypatch.setattr(module, "_packaged", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LayoutError, match="pip install graphviz-pure"):
        find_dot()
    if os.name == "posix":
        assert find_dot_with(tmp_path) == str(tmp_path / "dot")


def find_dot_with(folder: Path) -> str:
    program(folder, "")
    return find_dot()


@pytest.mark.skipif(os.name != "posix", reason="the stand-in is a script with a #! line")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("import sys; sys.exit('the file is bad')", "failed with exit code 1; it said: the file is bad"),
        ("", "failed with exit code 0; it said: nothing"),
        ("import time; time.sleep(60)", "needed more than 0.5 seconds"),
    ],
)
def test_a_graphviz_that_fails_or_hangs_is_an_error_with_its_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str, message: str
) -> None:
    monkeypatch.setenv(SETTING, program(tmp_path, body))
    monkeypatch.setattr(module, "SECONDS", 0.5 if "sleep" in body else 20.0)
    with pytest.raises(LayoutError, match=message):
        run_dot(CHAIN, "json")


def test_empty_dot_text_is_refused() -> None:
    with pytest.raises(LayoutError, match="nothing to lay out"):
        run_dot(" ", "svg")


@pytest.mark.skipif(os.name != "posix", reason="the stand-in is a script with a #! line")
def test_where_graphviz_loses_an_edge_it_is_asked_for_straight_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    body = (
        "import sys\ntext = sys.stdin.read()\n"
        "if 'splines=line' not in text: sys.exit('Error: lost n6 n7 edge')\n"
        'print(\'{"bb": "0,0,10,20", "objects": [{"_gvid": 0, "name": "n0", "pos": "5,5"}]}\')'
    )
    monkeypatch.setenv(SETTING, program(tmp_path, body))
    assert layout("digraph backprop {\n  graph [rankdir=LR]\n}").centres == {"n0": 5 + 15j}
    with pytest.raises(LayoutError, match="lost n6 n7 edge"):
        layout("digraph {}")
