"""Every piece of the text that the lectures grew from (seed.toml) is taught in the lecture that says so."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
LECTURES = HERE.parent / "notebooks" / "lectures"
PIECES: list[dict[str, str]] = tomllib.loads((HERE / "seed.toml").read_text(encoding="utf-8"))["piece"]
TEXT = HERE.parents[1] / "shared" / "seed" / "backpropagation-in-dags.md"  # beside the repository, where it is there

PART = {  # what a reader of the text sees as one piece of it
    "heading": r"^#+ .+$|^\*\*[^*]+\*\*\s*$|^\*\*[^*]+\.\*\*|^\* \*\*[^*]+\.\*\*",
    "formula": r"\$\$.+?\$\$",
    "figure": r"```\{figure\}.+?```",
    "code": r"```python.+?```|^In \[\d+\]:.+?(?=^tensor)",
}


def bare(text: str) -> str:
    """A text without its spaces and line breaks."""
    return re.sub(r"\s+", "", text)


def cells(lecture: str) -> list[dict[str, Any]]:
    path = LECTURES / f"{lecture}.ipynb"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def test_each_piece_has_a_name_of_its_own() -> None:
    names = [piece["id"] for piece in PIECES]
    assert sorted(set(names)) == sorted(names)
    assert {piece["kind"] for piece in PIECES} == FITS.keys()


@pytest.mark.skipif(not TEXT.is_file(), reason=f"the text is not there: {TEXT.name}")
@pytest.mark.parametrize("kind", PART)
def test_the_list_leaves_nothing_of_the_text_out(kind: str) -> None:
    text = TEXT.read_text(encoding="utf-8")
    if kind == "heading":  # a comment in code is none
        text = re.sub(PART["code"], "", text, flags=re.MULTILINE | re.DOTALL)
    parts = [
        bare(part)
        for part in re.findall(PART[kind], text, re.MULTILINE if kind == "heading" else re.MULTILINE | re.DOTALL)
    ]
    assert parts
    listed = [bare(piece["text"]) for piece in PIECES if piece["kind"] == kind]
    assert [part for part in parts if not any(piece in part for piece in listed)] == []


@pytest.mark.skipif(not TEXT.is_file(), reason=f"the text is not there: {TEXT.name}")
@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece["id"])
def test_what_is_listed_stands_in_the_text(piece: dict[str, str]) -> None:
    assert bare(piece["text"]) in bare(TEXT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece["id"])
def test_a_lecture_teaches_it(piece: dict[str, str]) -> None:
    found = tagged(piece)
    assert found, f"no cell of {piece['lecture']} is tagged seed:{piece['id']}"
    assert any(teaches(cell, piece) for cell in found), f"the tagged cells hold no {piece['kind']} {piece['taught']}"


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece["id"])
def test_a_cell_that_says_something_else_does_not_teach_it(piece: dict[str, str]) -> None:
    for cell in tagged(piece):
        assert not teaches({**cell, "source": "# **x** $1$"}, piece)
        if piece["kind"] == "formula":  # the same letters, but no longer typeset
            assert not teaches({**cell, "source": "".join(cell["source"]).replace("$", "")}, piece)


def tagged(piece: dict[str, str]) -> list[dict[str, Any]]:
    """The cells of the piece's lecture that claim to teach it."""
    return [cell for cell in cells(piece["lecture"]) if f"seed:{piece['id']}" in cell["metadata"].get("tags", ())]


def teaches(cell: dict[str, Any], piece: dict[str, str]) -> bool:
    """Whether a cell is of the piece's kind and says what the list wants it to say."""
    source = "".join(cell["source"])
    parts = re.findall(r"\$\$.+?\$\$|\$.+?\$", source, re.DOTALL) if piece["kind"] == "formula" else [source]
    return FITS[piece["kind"]](cell) and any(bare(piece["taught"]) in bare(part) for part in parts)


def has_heading(cell: dict[str, Any]) -> bool:
    """Whether a cell of text has a heading or a bold lead-in."""
    return is_text(cell) and bool(re.search(r"^#+ |\*\*.+\*\*", "".join(cell["source"]), re.MULTILINE))


def is_text(cell: dict[str, Any]) -> bool:
    return bool(cell["cell_type"] == "markdown")


def has_figure(cell: dict[str, Any]) -> bool:
    """Whether a cell shows a picture that the package has drawn."""
    said = [output.get("data", {}) for output in cell.get("outputs", ())]
    return any("image/svg+xml" in data for data in said)


def is_code(cell: dict[str, Any]) -> bool:
    return bool(cell["cell_type"] == "code")


FITS = {"heading": has_heading, "formula": is_text, "figure": has_figure, "code": is_code, "remark": is_text}


def test_no_cell_claims_a_piece_that_is_not_there() -> None:
    claimed = {
        (path.stem, tag.removeprefix("seed:"))
        for path in LECTURES.glob("*.ipynb")
        for cell in cells(path.stem)
        for tag in cell["metadata"].get("tags", ())
        if tag.startswith("seed:")
    }
    assert claimed - {(piece["lecture"], piece["id"]) for piece in PIECES} == set()
