"""What makes a film small gives back exactly what was put in."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from graphs import GRAPHS
from hypothesis import given
from hypothesis import strategies as st

import backprop_viz as bp
from backprop_viz.player.compact import FIRST, LAST, PRIVATE, Library, stencils, words
from backprop_viz.player.film import as_json, film, packed
from backprop_viz.player.inlined import script
from backprop_viz.player.settled import settled


def expanded(text: str, known: list[str], taken: int = 0) -> str:
    """As the player reads it."""
    first = FIRST + taken
    return "".join(expanded(known[ord(c) - first], known, taken) if first <= ord(c) <= LAST else c for c in text)


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
def test_a_picture_comes_back_and_is_much_smaller(build) -> None:  # type: ignore[no-untyped-def]
    svg = bp.draw(bp.trace(build())).stage
    text, known = words(svg)
    assert expanded(text, known) == svg
    assert len(text.encode()) + sum(len(word.encode()) for word in known) < 0.6 * len(svg.encode())


markup = st.lists(st.sampled_from(['<g class="a">', "</g>", '<text x="1" y="2" fill="#000">', "ŷ = 1", "</text>", ">"]))


@given(markup, st.sampled_from([0, 2, PRIVATE - 2, PRIVATE]))
def test_any_text_comes_back(pieces: list[str], taken: int) -> None:
    others = "".join(chr(FIRST + i) for i in range(min(taken, 2)))  # which stand for something else
    text = others.join(pieces) * 3
    short, known = words(text, taken)
    assert expanded(short, known, taken) == text
    assert len(known) <= PRIVATE - taken


trees = st.recursive(
    st.tuples(st.sampled_from(["mi", "mo"]), st.sampled_from(["", "bp-red"]), st.text(min_size=1, max_size=3)),
    lambda inside: st.tuples(st.just("mrow"), st.just(""), inside, inside),
)


@given(st.lists(trees, min_size=1))
def test_every_branch_is_there_once_and_leads_back_to_its_trees(given_trees: list[Any]) -> None:
    library = Library()
    equations = [library.equation(tree) for tree in given_trees]

    def tree_of(branch: int, texts: Iterator[str]) -> Any:
        tag, css, *children = library.branches[branch]
        whole = (tree_of(child, texts) if isinstance(child, int) else child or next(texts, child) for child in children)
        return (tag, css, *whole)

    assert [tree_of(branch, iter(texts)) for branch, *texts in equations] == given_trees
    assert len({repr(branch) for branch in library.branches}) == len(library.branches)


def test_equations_that_differ_in_names_and_numbers_alone_share_their_branches() -> None:
    def product(*factors: str) -> Any:
        return ("mrow", "", ("mi", "", factors[0]), ("mo", "", "·"), ("mn", "bp-red", factors[1]))

    library = Library()
    assert library.equation(product("a", "2")) == [3, "a", "2"]
    assert library.equation(product("b", "−0.5")) == [3, "b", "−0.5"]
    assert library.branches == [["mi", "", None], ["mo", "", "·"], ["mn", "bp-red", None], ["mrow", "", 0, 1, 2]]


# ---------------------------------------------------------------------- stencils
def printed(packed: dict[str, Any]) -> list[str]:
    """As the player reads them."""
    columns = [[column.split(" ") for column in columns] for _, *columns in packed["stencils"]]
    rows = [count() for _ in columns]

    def text_of(stencil: int) -> str:
        row = next(rows[stencil])
        text = packed["stencils"][stencil][0]
        return "".join(columns[stencil][ord(c) - FIRST][row] if FIRST <= ord(c) <= LAST else c for c in text)

    return [text_of(stencil) for stencil in packed["order"]]


alike = st.builds(
    "{0}: {1}·v₁₂ = {2}{3}".format, st.sampled_from("ab"), st.integers(), st.floats(), st.text(max_size=2)
)


@given(st.lists(alike | st.text(st.sampled_from("1 ₂−-.x\0\ue000\uf8ff"))))
def test_any_texts_come_back_from_their_stencils(texts: list[str]) -> None:
    assert printed(stencils(texts)) == texts


def test_a_stencil_keeps_what_is_the_same_and_takes_equal_columns_once() -> None:
    packed = stencils(["v1 = 2·v1 + 8", "end", "v3 = 2·v3 + −0.5"])
    assert packed == {
        "stencils": [["v\ue000 = 2·v\ue000 + \ue001", "1 3", "8 −0.5"], ["end"]],
        "order": [0, 1, 0],
    }


def test_texts_with_more_numbers_than_there_are_private_characters_come_back() -> None:
    texts = [" ".join(str(i * k) for i in range(PRIVATE + 1)) for k in (1, 2)]
    assert printed(stencils(texts)) == texts


def gzipped(data: Any) -> int:
    return len(gzip.compress(as_json(data).encode(), mtime=0))


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
def test_a_packed_film_is_the_film_and_smaller(build) -> None:  # type: ignore[no-untyped-def]
    figure = bp.draw(bp.trace(build()))
    whole, small = film(figure), packed(figure)
    for name in ("nodes", "edges", "frames"):
        assert [json.loads(text) for text in printed(small[name])] == whole[name]
    drawn, taken = small["svg"], max(len(columns) for _, *columns in small["svg"]["stencils"])
    whole_again = [[expanded(text, small["words"], taken), *columns] for text, *columns in drawn["stencils"]]
    assert "".join(printed(drawn | {"stencils": whole_again})) == settled(figure.stage)
    lists = {"nodes", "edges", "frames", "svg", "words"}
    assert {name: small[name] for name in small.keys() - lists} == {name: whole[name] for name in whole.keys() - lists}
    assert gzipped(small) < gzipped(whole)


@pytest.mark.needs("node")
def test_the_player_unpacks_what_python_packs() -> None:
    figure = bp.draw(bp.trace(GRAPHS["hostile"]()))
    program = "let text = ''; process.stdin.on('data', (more) => (text += more)).on('end', async () => {"
    program += f'const player = await import("data:text/javascript,{quote(script("player"))}");'
    program += "console.log(JSON.stringify(player.unpacked(JSON.parse(text)))); });"
    told = as_json(packed(figure))
    run = subprocess.run(["node", "-e", program], input=told, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == film(figure) | {"svg": settled(figure.stage), "words": []}
