"""Pictures for print: PDF with text and fonts in it, PNG at any scale, and a glyph for every character."""

from __future__ import annotations

import itertools
import os
import re
import struct
import subprocess
import sys
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont
from graphs import GRAPHS, hostile, neuron

import backprop_viz as bp
from backprop_viz.autograd.op import Op
from backprop_viz.autograd.ops import ROWS
from backprop_viz.render import raster
from backprop_viz.render.expression import Piece, atom, written
from backprop_viz.render.fonts import SANS, SERIF, files, shipped
from backprop_viz.render.pdf import pages, pdf
from backprop_viz.render.raster import png, size
from backprop_viz.render.runs import runs
from backprop_viz.render.symbols import ACCENTS, GREEK, symbol

Build = Callable[[], bp.Tensor]
every_graph = pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
SHIPPED = {"STIXGeneral-Regular", "STIXGeneral-Italic", "DejaVuSans", "DejaVuSans-Bold"}
NO_GLYPH = str.maketrans("␀␊", "��")


def drawn(build: Build) -> str:
    return bp.draw(bp.trace(build())).svg


def picture(width: float, height: float, inside: str = "") -> str:
    box = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}><rect width="9" height="9"/>{inside}</svg>'


def page_sizes(file: bytes) -> list[tuple[float, ...]]:
    return [tuple(map(float, box.split()))[2:] for box in re.findall(rb"/MediaBox ?\[([^]]*)\]", file)]


def fonts_of(file: bytes) -> set[str]:
    """The fonts of the pages, without the tag of six letters that marks a part of a font."""
    return {name.decode()[7:] for name in re.findall(rb"/BaseFont ?/([\w+-]+)", file)}


def characters(file: bytes) -> str:
    """What the glyphs of the file say that they stand for."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", file, re.DOTALL):
        text = zlib.decompressobj().decompress(stream) if stream[:1] in b"\x78\x68\x48\x58" else stream
        for block in re.findall(rb"beginbfchar(.*?)endbfchar", text, re.DOTALL):
            found += [bytes.fromhex(code.decode()).decode("utf-16-be") for code in re.findall(rb"> *<(\w+)>", block)]
    return "".join(found)


def title_of(file: bytes) -> str:
    """The title in the file's metadata, which are XML."""
    (found,) = re.findall(rb"<dc:title>(.*?)</dc:title>", file) or [b"<x/>"]
    found = re.sub(rb"</?\w+:\w+[^>]*>", b"", found)
    return "".join(ElementTree.fromstring(b"<x>" + found + b"</x>").itertext())


# ---------------------------------------------------------------------- PDF
@every_graph
def test_the_page_is_as_large_as_the_picture(build: Build) -> None:
    svg = drawn(build)
    width, height = size(svg)
    assert page_sizes(pdf(svg)) == [(width * 0.75, height * 0.75)]


@every_graph
def test_all_is_vectors_with_no_font_but_the_shipped_ones_embedded(build: Build) -> None:
    file = pdf(drawn(build))
    assert fonts_of(file)
    assert fonts_of(file) <= SHIPPED
    assert file.count(b"/FontFile2") == len(fonts_of(file))
    assert not re.search(rb"/Subtype ?/Image|/Type3", file)


@every_graph
def test_every_character_of_the_picture_can_be_read_from_the_file(build: Build) -> None:
    svg = drawn(build)
    texts = {"".join(e.itertext()) for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("}text")}
    wanted = {c for c in "".join(texts).translate(NO_GLYPH) if not c.isspace() and unicodedata.category(c) != "Cf"}
    assert wanted
    assert wanted <= set(characters(pdf(svg)))


def test_a_character_that_no_shipped_font_has_is_not_fetched_from_elsewhere() -> None:
    text = "".join(f'<text x="9" y="20" font-family="{family}">字 x</text>' for family in (SERIF, SANS, "Libertinus"))
    assert fonts_of(pdf(picture(90, 40, text))) <= SHIPPED


@pytest.mark.parametrize("title", ["", "Figure 2: ∂ℒ/∂w₀", '#panic("x") ]) $ $ \\ <a> #import "/etc/passwd"', "#sys"])
def test_nothing_that_is_given_becomes_markup(title: str) -> None:
    text = '<text x="9" y="20">#panic() $x$ = *b* ]</text>'.replace("<text", f'<text font-family="{SERIF}"')
    file = pdf(picture(300, 40, text), title=title)
    assert title_of(file) == title
    assert set("#panic()$x=*b]") <= set(characters(file))


def test_a_hostile_picture_says_what_the_svg_says() -> None:
    file = pdf(drawn(hostile), title="hostile")
    assert set("<script>alert(1)&\\N{a|b}�…") <= set(characters(file))


def test_the_file_is_the_same_in_any_process_and_leaves_none_behind(tmp_path: Path) -> None:
    code = (
        "import sys; from graphs import neuron; import backprop_viz as bp; from backprop_viz.render import pdf, raster;"
        "svg = bp.draw(bp.trace(neuron())).svg;"
        "sys.stdout.buffer.write(pdf.pdf(svg, title='Neuron ℒ') + raster.png(svg, 0.7))"
    )
    svg = drawn(neuron)
    here = pdf(svg, title="Neuron ℒ") + png(svg, 0.7)
    for i, zone in enumerate(("Asia/Tokyo", "America/New_York")):
        places = {name: tmp_path / f"{name}{i}" for name in ("TMPDIR", "HOME", "cwd")}
        for place in places.values():
            place.mkdir()
        setting = {"TZ": zone, "LC_ALL": "C" if i else "tr_TR.UTF-8", "SOURCE_DATE_EPOCH": str(i * 10**9)}
        path = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), str(Path(__file__).parent)])}
        folders = {name: str(place) for name, place in places.items()} | {"TEMP": str(places["TMPDIR"])}
        environment = {**os.environ, **setting, **path, **folders, "PYTHONHASHSEED": str(i), "PYTHONUTF8": "1"}
        done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=places["cwd"], capture_output=True)
        assert done.stdout == here, done.stderr.decode()
        assert [p for place in places.values() for p in place.rglob("*")] == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the current folder")
def test_a_current_folder_that_is_gone_is_no_hindrance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert pdf(picture(10, 10))


def test_several_pictures_make_several_pages_that_share_their_fonts() -> None:
    svgs = [drawn(build) for build in GRAPHS.values()]
    file = pages(svgs)
    assert page_sizes(file) == [(w * 0.75, h * 0.75) for w, h in map(size, svgs)]
    assert file.count(b"/FontFile2") == len(SHIPPED)


def test_no_picture_is_an_error() -> None:
    with pytest.raises(ValueError, match="a PDF needs one picture or more; got none"):
        pages([])


@pytest.mark.parametrize(("width", "height"), [(40_000, 100), (100, 40_000)])
def test_a_picture_longer_than_any_page_is_made_smaller_as_a_whole(width: int, height: int) -> None:
    ((wide, tall),) = page_sizes(pdf(picture(width, height)))
    assert max(wide, tall) == pytest.approx(14_400)
    assert wide / tall == pytest.approx(width / height)


def test_without_typst_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(ImportError, match=r"typst is not installed; it writes the PDF files: pip install typst"):
        pdf(picture(10, 10))


def test_neither_writer_is_imported_before_it_is_needed() -> None:
    code = "import sys, backprop_viz; print({'typst', 'resvg_py'} & set(sys.modules))"
    root = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# ---------------------------------------------------------------------- PNG
@pytest.mark.parametrize("scale", [0.05, 0.5, 1, 1.7, 2, 3.25])
def test_a_png_has_scale_pixels_for_each_of_the_picture(scale: float) -> None:
    svg = picture(103, 41)
    wide, tall = struct.unpack(">II", png(svg, scale)[16:24])
    assert abs(wide - 103 * scale) <= 0.5 + 1e-9
    assert abs(tall - 41 * scale) <= 0.5 + 1e-9


@pytest.mark.parametrize("scale", [0, -1, -0.0, float("nan"), float("inf"), float("-inf")])
def test_a_scale_that_is_not_positive_and_finite_is_an_error(scale: float) -> None:
    with pytest.raises(ValueError, match=f"scale must be a positive number; got {re.escape(repr(scale))}"):
        png(picture(10, 10), scale)


def test_a_png_with_no_pixels_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"at scale 0\.001 this picture of 100×50 would have no pixels"):
        png(picture(100, 50), 0.001)


def test_a_png_of_more_than_100_million_pixels_is_an_error_that_says_the_largest_scale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    svg = picture(1000, 500)
    with pytest.raises(ValueError, match=r"15000×7500 pixels, more than 100 million; take a scale up to 14\.14"):
        png(svg, 15)
    with pytest.raises(ValueError, match="100 million"):
        png(svg, 1e300)
    monkeypatch.setattr(raster, "MOST_PIXELS", 1000 * 500 * 4)
    assert png(svg, 2)
    with pytest.raises(ValueError, match=r"take a scale up to 2,"):
        png(svg, 2.01)


# ---------------------------------------------------------------------- glyphs
@cache
def glyphs() -> frozenset[int]:
    """The code points that at least one of the shipped fonts has."""
    return frozenset(itertools.chain.from_iterable(face.getBestCmap() for face in faces()))


def faces() -> Iterator[TTFont]:
    for file in files():
        with TTFont(file, lazy=True) as face:
            yield face


def missing(text: str) -> set[str]:
    """The characters that would be drawn as an empty box."""
    return {c for c in unicodedata.normalize("NFC", text) if ord(c) not in glyphs() and unicodedata.category(c) != "Cf"}


def said(op: Op) -> Iterator[str]:
    """All that a picture can write about an op."""
    pieces = {argument.name: atom(argument.name) for argument in op.arguments} | {"g": atom("G"), "out": atom("u")}
    formulas = [op.notation, op.formula or op.notation, *(argument.formula for argument in op.arguments)]
    shapes = [((2,), (2,)), ((2,), (2, 2)), ((2, 2), (2,))]
    formulas += [argument.formula_at(*pair) for argument in op.arguments for pair in shapes]
    yield op.name
    for formula in filter(None, formulas):
        yield from everywhere(written(formula, pieces))


def everywhere(piece: Piece) -> Iterator[str]:
    """A piece as plain text and as the mathematics in a picture."""
    yield piece.text
    yield from (run.text for run in runs(piece.math))


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_the_fonts_have_every_character_that_an_op_is_written_with(op: Op) -> None:
    assert {text: missing(text) for text in said(op) if missing(text)} == {}


def test_the_fonts_have_every_character_of_names_and_numbers() -> None:
    letters = [*map(chr, range(97, 123)), *map(chr, range(65, 91)), *GREEK]
    names = [f"{letter}{accent}{n}" for letter in letters for accent in ("", *ACCENTS) for n in ("", "_0123456789")]
    for name in names:
        assert {text: missing(text) for text in everywhere(symbol(name)) if missing(text)} == {}
    assert missing("∂ℒσŷ₀⊙⊤∈∘∇ΣΠ∞−×·⁻⁰¹²³⁴⁵⁶⁷⁸⁹→←⋯…✓Δ√␣�ᵀ") == set()


def test_a_character_that_no_font_has_is_found() -> None:
    assert missing("x字") == {"字"}


@pytest.mark.parametrize("character", ["字", "␊", "\ue000", "\U0001fae0"])
def test_a_character_that_no_font_has_is_drawn_as_one_that_says_so(character: str) -> None:
    given, meant = (picture(90, 40, f'<text y="20" font-family="{SERIF}">x{c}ש</text>') for c in (character, "�"))
    assert png(given) == png(meant)
    assert set("x�ש") <= set(characters(pdf(given)))


@pytest.mark.parametrize("invisible", ["\u2068", "\u2062", "\u2009", "\u3000", "\t"])
def test_what_is_drawn_as_nothing_stays_as_it_is(invisible: str) -> None:
    assert shipped(f"<text>x{invisible}y</text>") == f"<text>x{invisible}y</text>"


def test_both_writers_are_given_one_family_for_each_list() -> None:
    svg = f'<text font-family="{SERIF}">a</text><text font-family="{SANS}">b</text>'
    assert shipped(svg) == '<text font-family="STIXGeneral">a</text><text font-family="DejaVu Sans">b</text>'
    families = {face["name"].getDebugName(1) for face in faces()}
    assert families == {"STIXGeneral", "DejaVu Sans"}
