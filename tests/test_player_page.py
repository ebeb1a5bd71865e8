"""The page about the player is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import backprop_viz as bp
from backprop_viz.player.inlined import script

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "player.md").read_text(encoding="utf8")
SCRIPT = script("widget")
PRINTED = {
    "←": "ArrowLeft", "→": "ArrowRight", "↑": "ArrowUp", "↓": "ArrowDown", "Space": " ", "Comma": ",", "Point": ".",
}  # fmt: skip


def test_its_code_runs() -> None:
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(block, names)
    assert isinstance(names["player"], bp.Player)


def test_every_key_that_it_names_does_something() -> None:
    rows = re.findall(r"^\| ([^|]+?) \|", PAGE, re.MULTILINE)[1:]
    keys = [key for row in rows for key in row.split(", ")]
    assert len(keys) > 12
    for key in keys:
        shift, last = ("Shift ", key.removeprefix("Shift ")) if key.startswith("Shift ") else ("", key)
        assert f'["{shift}{PRINTED.get(last, last.replace(" ", ""))}", ' in SCRIPT, key


def test_every_method_and_file_that_it_names_is_there() -> None:
    for name in re.findall(r"player\.([a-z_]+)\(", PAGE):
        assert hasattr(bp.Player, name), name
    for name in re.findall(r"\bbp\.([a-z_]+)", PAGE):
        assert hasattr(bp, name), name
    assert all((ROOT / "docs" / name).exists() for name in re.findall(r"\]\(([^)#:]+)\)", PAGE))
