"""The benchmarks run and say what they measured; no time is asserted."""

from __future__ import annotations

import gc
import importlib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a module of the benchmarks is imported by."""
    monkeypatch.syspath_prepend(ROOT)
    return lambda name: importlib.import_module(f"benchmarks.{name}")


def test_every_part_gives_its_rows(benchmarks: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "benchmarks.svg"
    benchmarks("run").main(["all", "--tiny", "--plot", str(picture)])
    lines = capsys.readouterr().out.splitlines()
    assert "target" in lines[0]
    assert len(lines) == 2 + 13
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


def test_the_same_rows_are_drawn_as_the_same_picture(benchmarks: Any, tmp_path: Path) -> None:
    table = benchmarks("table")
    row = table.Row("work", "scalar", "1 ms", {"torch": table.Spread(0.5, 0.4, 0.6)}, targets={"torch": 0.4})
    pictures = []
    for name in ("one", "two"):
        benchmarks("plot").plot([row], tmp_path / f"{name}.svg")
        pictures.append((tmp_path / f"{name}.svg").read_bytes())
    assert pictures[0] == pictures[1]


def test_a_slow_engine_runs_in_fewer_rounds(benchmarks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table = benchmarks("table")
    calls = {table.OURS: 0, "slow": 0}

    def step(name: str) -> None:
        calls[name] += 1

    monkeypatch.setattr(table, "seconds", lambda run, repeat: run() or (2.0 if calls["slow"] else 0.5))
    table.side_by_side({name: lambda name=name: step(name) for name in calls}, rounds=5)
    assert calls == {table.OURS: 5, "slow": 3}
