"""The benchmarks run and say what they measured; no time is asserted."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a module of the benchmarks is imported by."""
    monkeypatch.syspath_prepend(ROOT)
    return lambda name: importlib.import_module(f"benchmarks.{name}")


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKPROP_VIZ_CHROMIUM", "/nowhere/chromium")


@pytest.mark.usefixtures("no_browser")
def test_every_part_gives_its_rows(benchmarks: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "benchmarks.svg"
    benchmarks("run").main(["all", "--tiny", "--plot", str(picture)])
    lines = capsys.readouterr().out.splitlines()
    assert "target" in lines[0]
    assert len(lines) == 2 + 16 + 5
    assert len({line.count("|") for line in lines}) == 1
    assert picture.read_text(encoding="utf8").startswith("<?xml")


@pytest.mark.parametrize("collector", ["on", "off"])
def test_a_part_can_be_run_alone_and_leaves_the_collector_as_it_was(
    benchmarks: Any, collector: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = gc.isenabled()
    assert benchmarks("run").main(["memory", "--tiny", "--collector", collector]) in (0, 1)
    assert gc.isenabled() == before
    (line,) = capsys.readouterr().out.splitlines()[2:]
    assert "bytes" in line
    assert "≤ 200" in line


def test_engines_that_differ_are_not_timed(benchmarks: Any) -> None:
    compared = benchmarks("table").compared
    right = (1.0, [2.0, 3.0])
    compared("work", {"a": right, "b": right})
    for loss, gradients in ((1.1, [2.0, 3.0]), (1.0, [2.0, 3.1])):
        with pytest.raises(SystemExit, match="work: a and b differ in the loss or its gradients"):
            compared("work", {"a": right, "b": (loss, gradients)})


def test_a_target_is_met_within_its_limits(benchmarks: Any) -> None:
    table = benchmarks("table")
    row = table.Row(
        "work", "scalar", "1 ms", {"torch": table.Spread(0.5, 0.4, 0.6)}, targets={"torch": 0.4, "NumPy": 1.0}
    )
    assert row.verdicts() == {"torch": False}  # NumPy was not measured
    assert "NO" in table.text([row])
    growth = table.Row("growth", "growth", "1.2", value=1.2, targets={"": (0.95, 1.05)})
    assert growth.verdicts() == {"": False}
    assert "0.95–1.05" in table.text([growth])
    rate = table.Row("rate", "player", "30 a second", value=30.0, targets={"": (20.0, math.inf)})
    assert rate.verdicts() == {"": True}
    assert "≥ 20 " in table.text([rate])


def test_the_same_rows_are_drawn_as_the_same_picture(benchmarks: Any, tmp_path: Path) -> None:
    table = benchmarks("table")
    row = table.Row("work", "scalar", "1 ms", {"torch": table.Spread(0.5, 0.4, 0.6)}, targets={"torch": 0.4})
    pictures = []
    for name in ("one", "two"):
        benchmarks("plot").plot([row], tmp_path / f"{name}.svg")
        pictures.append((tmp_path / f"{name}.svg").read_bytes())
    assert pictures[0] == pictures[1]


def test_every_program_draws_the_same_network_through_our_graphviz(
    benchmarks: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    drawers = benchmarks("drawers")
    build, start = benchmarks("workloads").perceptron((2, 2, 1))
    trace = drawers.recorded(build, start)
    path = os.environ["PATH"]
    with drawers.one_graphviz() as folder:
        assert Path(shutil.which("dot") or "").parent == folder
        made = {**drawers.ours(trace), **drawers.others(build, start, folder)}
        graphviz_alone = made.pop("Graphviz")()
        pictures = {name: draw() for name, draw in made.items()}
    assert os.environ["PATH"] == path
    assert not folder.exists()
    assert json.loads(graphviz_alone)["bb"]
    for name, picture in pictures.items():
        assert "<svg" in picture, name
    left_out = {line.split()[0] for line in capsys.readouterr().err.splitlines() if "is left out" in line}
    assert left_out | set(pictures) == {drawers.OURS, "micrograd", "torchviz", "torchlens"}


def test_a_drawing_program_that_is_not_installed_is_left_out_visibly(
    benchmarks: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawers = benchmarks("drawers")
    for name in ("micrograd", "micrograd.engine", "torchviz", "torchlens"):
        monkeypatch.setitem(sys.modules, name, None)
    assert drawers.others(*benchmarks("workloads").perceptron((1, 1, 1)), tmp_path) == {}
    said = capsys.readouterr().err
    assert all(f"{name} is left out: " in said for name in ("micrograd", "torchviz", "torchlens"))


@pytest.mark.parametrize("layers", [(1, 1, 1), (2, 4, 1), (2, 16, 16, 1)])
def test_the_network_that_is_drawn_has_a_node_for_every_operation(benchmarks: Any, layers: tuple[int, ...]) -> None:
    build, start = benchmarks("workloads").perceptron(layers)
    trace = benchmarks("drawers").recorded(build, start)
    hidden = sum(layers[1:-1])
    operations = 2 * (len(start) - hidden - layers[-1]) + hidden + 2  # products and sums, ReLU, the squared error
    assert len(trace.nodes) == layers[0] + len(start) + operations


def test_a_slow_engine_runs_in_fewer_rounds(benchmarks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table = benchmarks("table")
    calls = {table.OURS: 0, "slow": 0}

    def step(name: str) -> None:
        calls[name] += 1

    monkeypatch.setattr(table, "seconds", lambda run, repeat: run() or (2.0 if calls["slow"] else 0.5))
    table.side_by_side({name: lambda name=name: step(name) for name in calls}, rounds=5)
    assert calls == {table.OURS: 5, "slow": 3}


# ---------------------------------------------------------------------- the player
@pytest.mark.needs("browser")
def test_the_player_is_measured_in_a_notebook_and_leaves_nothing_behind(
    benchmarks: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {row.name: row for row in benchmarks("player").player(benchmarks("workloads").TINY)}
    assert len(rows) == 6 + 4 + 5
    assert all(math.isfinite(row.value) for row in rows.values())
    (painted,) = [row for row in rows.values() if row.ratios]
    assert painted.ratios["Graphviz"].low > 0
    left = {row.value for name, row in rows.items() if "growth of listeners" in name}
    assert left == {0}
    assert "is left out" not in capsys.readouterr().err


@pytest.mark.usefixtures("no_browser")
def test_without_a_browser_the_player_is_measured_where_it_needs_none(
    benchmarks: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    benchmarks("run").main(["player", "--tiny"])
    said = capsys.readouterr()
    assert [line.split()[1] for line in said.out.splitlines()[2:]] == ["page", "page", "GIF", "GIF", "GIF"]
    if importlib.util.find_spec("playwright"):
        assert "the browser is left out: there is no Chromium, neither on PATH nor at '/nowhere/chromium'" in said.err
    else:
        assert "the browser is left out: playwright is not installed" in said.err


def test_a_server_that_does_not_start_is_named_with_its_log(benchmarks: Any, tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-c", "print('no free port')"], stdout=log)
    server.wait()
    with pytest.raises(SystemExit, match="JupyterLab did not start:\nno free port"):
        benchmarks("browser").answered("http://127.0.0.1:1", server, tmp_path / "log")
