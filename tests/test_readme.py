"""What the first page says is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import backprop_viz as bp

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf8")


def test_the_example_runs_and_gives_the_numbers_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    names: dict[str, Any] = {}
    exec(code, names)
    said = {line.split("  #")[0]: line.split("  # ")[1] for line in code.splitlines() if "  # " in line}
    assert said["yhat = bp.sigmoid(w0 + w1 * x)"] == f"{names['yhat'].item():.4f}"
    assert said["L = bp.bce(yhat, y)"] == f"{names['L'].item():.4f}"
    assert said["w0.grad, w1.grad"] == f"({names['w0'].grad:.4f}, {names['w1'].grad:.4f})"
    assert (tmp_path / "neuron.svg").exists()


def test_the_further_example_runs() -> None:
    names: dict[str, Any] = {"bp": bp}
    exec(re.findall(r"```python\n(.*?)```", README, re.DOTALL)[1], names)
    assert isinstance(names["step"].events[-1], bp.Update)
    assert names["report"]
    assert names["slope"] == 1 - names["value"] ** 2


def test_every_file_and_folder_it_names_is_there() -> None:
    named = re.findall(r"\]\(([^)#:]+)\)", README) + re.findall(r"`([a-z_]+/[a-z_/.]*)`", README)
    assert len(named) > 8
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_public_name_it_uses_exists() -> None:
    assert [name for name in re.findall(r"\bbp\.([a-z_]+)", README) if not hasattr(bp, name)] == []
