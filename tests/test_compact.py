"""What makes a film small gives back exactly what was put in."""

from __future__ import annotations

from typing import Any

import pytest
from graphs import GRAPHS
from hypothesis import given
from hypothesis import strategies as st

import backprop_viz as bp
from backprop_viz.player.compact import FIRST, LAST, Library, words


def expanded(text: str, known: list[str]) -> str:
    """As player.js reads it."""
    return "".join(expanded(known[ord(c) - FIRST], known) if FIRST <= ord(c) <= LAST else c for c in text)


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
def test_a_picture_comes_back_and_is_much_smaller(build) -> None:  # type: ignore[no-untyped-def]
    svg = bp.draw(bp.trace(build())).stage
    text, known = words(svg)
    assert expanded(text, known) == svg
    assert len(text.encode()) + sum(len(word.encode()) for word in known) < 0.6 * len(svg.encode())


markup = st.lists(st.sampled_from(['<g class="a">', "</g>", '<text x="1" y="2" fill="#000">', "ŷ = 1", "</text>", ">"]))


@given(markup)
def test_any_text_comes_back(pieces: list[str]) -> None:
    text = "".join(pieces) * 3
    assert expanded(*words(text)) == text


trees = st.recursive(
    st.tuples(st.just("mi"), st.sampled_from(["", "bp-red"]), st.text(max_size=3)),
    lambda inside: st.tuples(st.just("mrow"), st.just(""), inside, inside),
)


@given(st.lists(trees, min_size=1))
def test_every_branch_is_there_once_and_leads_back_to_its_tree(given_trees: list[Any]) -> None:
    library = Library()
    numbers = [library.number(tree) for tree in given_trees]

    def tree_of(number: int) -> Any:
        tag, css, *children = library.branches[number]
        return (tag, css, *(child if isinstance(child, str) else tree_of(child) for child in children))

    assert [tree_of(number) for number in numbers] == given_trees
    assert len({repr(branch) for branch in library.branches}) == len(library.branches)
