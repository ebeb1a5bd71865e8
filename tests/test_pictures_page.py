"""The page about pictures is true, and the committed pictures are those that the package draws."""

from __future__ import annotations

import importlib.util
import io
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

import backprop_viz as bp

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "pictures.md").read_text(encoding="utf8")


@pytest.fixture(scope="module")
def figures() -> ModuleType:
    """img/figures.py as a module."""
    spec = importlib.util.spec_from_file_location("figures", ROOT / "img" / "figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_code_runs_and_every_call_in_its_text_draws_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(block, names)
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".dot", ".pdf", ".png", ".svg"]
    names |= {"x": names["L"], "after": names["t"], "before": names["t"], "edge": 0}
    calls = re.findall(r"`((?:bp|t)\.[a-z_.]+\([^`]*\))`", PAGE)
    assert len(calls) > 5
    for call in calls:
        assert eval(call, names), call


def test_every_setting_in_its_text_is_one_of_draw() -> None:
    settings = re.findall(r"`([a-z_]+=(?:\"[^`\"]*\"|\d+|\[[^`]*\]|\([^`]*\)|True|False))`", PAGE)
    assert len(settings) > 8
    x, w0, w1 = bp.tensor(1.5, name="x"), bp.parameter(0.1, name="w0"), bp.parameter(-0.3, name="w1")
    with bp.group("layer 1"), bp.group("neuron 3"):
        u = w0 + w1 * x
        u.name = "u"
        yhat = bp.sigmoid(u)
        yhat.name = "yhat"
    trace = bp.trace(bp.bce(yhat, bp.tensor(1.0)))
    last = bp.Trace((*trace.nodes[:-1], renamed(trace.nodes[-1], "L")), trace.edges, trace.events)
    for setting in settings:
        assert eval(f"bp.draw(last, {setting}).svg", {"bp": bp, "last": last}), setting


def renamed(node: bp.Node, name: str) -> bp.Node:
    """The same node under another name."""
    return bp.Node(**{field: getattr(node, field) for field in node.__slots__} | {"name": name})


def test_every_picture_and_page_that_it_names_is_there() -> None:
    named = re.findall(r"\]\(([^)#:]+)\)", PAGE)
    assert len(named) > 10
    assert [name for name in named if not (ROOT / "docs" / name).exists()] == []


def test_the_committed_pictures_are_those_that_the_package_draws(
    figures: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert figures.main(["--check"]) == 0, capsys.readouterr().out


def test_another_picture_is_found(figures: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "backprop-compgraph2.png"
    picture = (ROOT / "img" / name).read_bytes()
    monkeypatch.setattr(figures, "HERE", tmp_path)
    assert figures.differs(name, picture)  # there is none
    (tmp_path / name).write_bytes(picture)
    assert not figures.differs(name, picture)
    assert figures.differs(name, with_box(picture, 120))
    assert not figures.differs(name, with_box(picture, 4))  # a few pixels at the rim of a shape


def with_box(picture: bytes, side: int) -> bytes:
    """The picture with a black square in its middle."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).copy()
    y, x = (length // 2 for length in pixels.shape[:2])
    pixels[y - side : y + side, x - side : x + side] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()
