"""Mathematics set in SVG: where everything stands, in which colour, and that nothing covers anything else."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_viz.autograd.op import Op
from backprop_viz.autograd.ops import ROWS
from backprop_viz.render.expression import MathTree, Piece, atom, derivative, equation, fraction, number, row, written
from backprop_viz.render.fonts import ITALIC, NUMBERS, UPRIGHT, width
from backprop_viz.render.symbols import symbol
from backprop_viz.render.theme import THEMES, Theme
from backprop_viz.render.typeset import ACCENTS, ASCENT, DESCENT, Box, Mark, beside, typeset

SIZE = 20.0
X, Y, U = atom("x"), atom("y"), atom("u")
Rectangle = tuple[float, float, float, float]  # left, top, right, bottom


def texts(box: Box) -> list[Mark]:
    """The marks of a box that are text."""
    return [mark for mark in box.marks if mark.size]


def text_in(box: Box) -> str:
    """All text of a box in the order in which it is drawn."""
    return "".join(mark.content for mark in texts(box))


def place(box: Box, content: str) -> Mark:
    """The one mark with this text."""
    (found,) = (mark for mark in texts(box) if mark.content == content)
    return found


def rectangles(svg: str) -> Iterator[tuple[str, Rectangle]]:
    """The text elements of an SVG in which groups centre them, and the places that they take."""
    for text in ET.fromstring(svg).findall(".//{*}g/{*}text"):
        size, x, y = (float(text.attrib[name]) for name in ("font-size", "x", "y"))
        font = ITALIC if "font-style" in text.attrib else NUMBERS if "font-family" in text.attrib else UPRIGHT
        half = width(text.text or "", font, size) / 2
        yield text.text or "", (x - half, y - ASCENT * size, x + half, y + DESCENT * size)


def overlaps(svg: str) -> list[tuple[str, str]]:
    """Texts that cover each other by more than half a pixel; an accent stands in its letter's place."""
    found = [(text, place) for text, place in rectangles(svg) if text.strip() and text not in ACCENTS.values()]
    return [
        (one, other)
        for (one, (a, b, c, d)), (other, (e, f, g, h)) in combinations(found, 2)
        if min(c, g) - max(a, e) > 0.5 and min(d, h) - max(b, f) > 0.5
    ]


def drawn(box: Box) -> str:
    """A box as SVG, its baseline's left end at (0, 0)."""
    return f'<svg xmlns="http://www.w3.org/2000/svg">{box.svg(0, 0, THEMES["notes"])}</svg>'


def outside(box: Box) -> list[str]:
    """Texts that stand out of their box."""
    reach = (-0.5, -box.ascent - 0.5, box.width + 0.5, box.descent + 0.5)
    return [
        text for text, (a, b, c, d) in rectangles(drawn(box))
        if a < reach[0] or b < reach[1] or c > reach[2] or d > reach[3]
    ]  # fmt: skip


def formulas(op: Op) -> Iterator[Piece]:
    """All that a row of the op table can say, with a gradient in red."""
    pieces = {argument.name: symbol(argument.name) for argument in op.arguments}
    pieces |= {"g": derivative(atom("ℒ"), U).coloured("bp-red"), "out": U}
    formulas = [op.notation, op.formula, *(argument.formula for argument in op.arguments)]
    formulas += [a.formula_at(*shapes) for a in op.arguments for shapes in [((2,), (2,)), ((2,), (2, 2))]]
    yield from (written(formula, pieces) for formula in filter(None, formulas))


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_every_formula_of_the_op_table_is_set_and_nothing_in_it_overlaps(op: Op) -> None:
    for piece in formulas(op):
        box = typeset(piece.math, SIZE)
        assert box.width > 0
        assert overlaps(drawn(box)) == []
        assert outside(box) == []


TREES = st.recursive(
    st.sampled_from([X.math, number("−2.5").math, symbol("w12").math, symbol("yhat").math, atom("log").math]),
    lambda inside: st.one_of(
        st.tuples(inside, inside).map(lambda two: ("mfrac", "", *two)),
        st.tuples(inside, inside).map(lambda two: ("msup", "", *two)),
        st.tuples(inside, st.sampled_from("+−·=,⊙\u2062"), inside).map(lambda parts: row(*parts)),
        st.tuples(st.sampled_from(["()", "[]", "||"]), inside).map(lambda two: row(two[0][0], two[1], two[0][1])),
        st.tuples(inside, inside).map(lambda two: ("munder", "bp-blue", *two)),
        inside.map(lambda tree: ("msqrt", "bp-red", tree)),
    ),
    max_leaves=8,
)


@given(TREES)
def test_any_mathematics_stays_in_its_box_and_nothing_in_it_overlaps(tree: MathTree) -> None:
    box = typeset(tree, SIZE)
    assert overlaps(drawn(box)) == []
    assert outside(box) == []


def test_a_fraction_is_stacked_and_centred_on_its_bar() -> None:
    box = typeset(fraction(X, written("1 + a", {"a": Y})).math, SIZE)
    (bar,) = (mark for mark in box.marks if mark.stroke)
    top, bottom = place(box, "x"), place(box, "y")
    assert top.y < bar.y < bottom.y
    assert top.x == pytest.approx(box.width / 2, abs=0.5)


def test_the_bar_of_a_fraction_is_as_high_as_the_minus_sign_beside_it() -> None:
    box = typeset(equation(X, "−", fraction(X, Y)), SIZE)
    (bar,) = (mark for mark in box.marks if mark.stroke)
    assert bar.y == -0.25 * SIZE  # STIX's minus sign stands 0.22 to 0.29 em above the baseline


def test_a_fraction_in_a_fraction_is_smaller() -> None:
    box = typeset(fraction(fraction(X, Y), U).math, SIZE)
    assert place(box, "x").size < place(box, "u").size == SIZE


def test_text_is_never_smaller_than_half_the_size() -> None:
    tree = X.math
    for _ in range(12):
        tree = ("msup", "", X.math, tree)
    assert min(mark.size for mark in texts(typeset(tree, SIZE))) == SIZE / 2


@pytest.mark.parametrize(("name", "moves"), [("w0", "down"), ("x", "not")])
def test_an_index_is_lowered(name: str, moves: str) -> None:
    *_, last = texts(typeset(symbol(name).math, SIZE))
    assert (last.y > 0) == (moves == "down")


def test_a_raised_digit_in_a_number_is_set_as_an_exponent() -> None:
    box = typeset(number("1.2·10⁻⁷").math, SIZE)
    assert [(mark.content, mark.y < 0) for mark in texts(box)] == [("1.2·10", False), ("−7", True)]


@pytest.mark.parametrize("signs", ["()", "[]", "||"])
def test_brackets_grow_with_what_they_hold(signs: str) -> None:
    small = typeset(row(signs[0], X.math, signs[1]), SIZE)
    large = typeset(row(signs[0], fraction(X, Y).math, signs[1]), SIZE)
    assert text_in(small) == f"{signs[0]}x{signs[1]}"
    assert text_in(large) == "xy"
    assert len(large.marks) == 5  # two letters, a bar and two brackets
    assert large.ascent > typeset(fraction(X, Y).math, SIZE).ascent


def test_a_bracket_that_nothing_closes_is_a_letter() -> None:
    assert text_in(typeset(row("(", fraction(X, Y).math), SIZE)) == "(xy"


def test_a_sign_stands_close_to_its_number_and_apart_between_two() -> None:
    def gap(*parts: object) -> float:
        box = typeset(row(*parts), SIZE)
        return place(box, "y").x - place(box, "−").x

    alone = gap("−", Y.math)
    assert gap(X.math, "=", "−", Y.math) == pytest.approx(alone)
    assert gap(X.math, "−", Y.math) > alone + 0.1 * SIZE


def test_a_brace_lies_under_what_it_holds_and_over_its_name() -> None:
    box = typeset(("munder", "", X.math, Y.math), SIZE)
    (brace,) = (mark for mark in box.marks if not mark.size)
    assert place(box, "x").y < brace.y < place(box, "y").y
    assert box.ascent == typeset(X.math, SIZE).ascent


def test_a_root_covers_what_it_holds() -> None:
    box = typeset(("msqrt", "", fraction(X, Y).math), SIZE)
    assert box.ascent > typeset(fraction(X, Y).math, SIZE).ascent
    assert [mark.stroke > 0 for mark in box.marks if not mark.size] == [True, True]


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_a_colour_class_colours_everything_inside(theme: Theme) -> None:
    tree = equation(U, "=", Piece("", ("msqrt", "", row("(", fraction(X, Y).math, ")"))).coloured("bp-red"))
    box = typeset(tree, SIZE)
    assert {mark.css for mark in box.marks if mark.content not in ("u", "=")} == {"bp-red"}
    painted = [(e.get("class", ""), e.get("stroke", e.get("fill"))) for e in ET.fromstring(box.svg(0, 0, theme))]
    assert {colour for css, colour in painted if css.startswith("bp-red")} == {theme.red}
    assert {css for css, _ in painted} == {"bp-ink", "bp-red", "bp-red-line", "bp-red-head"}


def test_an_inner_colour_holds_against_the_one_around_it() -> None:
    box = typeset(Piece("", equation(X.coloured("bp-blue"), "+", Y)).coloured("bp-red").math, SIZE)
    assert [mark.css for mark in texts(box)] == ["bp-blue", "bp-red", "bp-red"]


@pytest.mark.parametrize("name", ["<b>&\"'", "]]>", "שלום", "x\u0302\u0302", "☃ and 漢字", "that"])
def test_any_name_is_drawn_as_text_alone(name: str) -> None:
    box = typeset(symbol(name).math, SIZE)
    root = ET.fromstring(drawn(box))
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "g", "text"}
    assert "".join(root.itertext()).strip("\u2068\u2069") == ("tˆ" if name == "that" else name)


def test_text_that_one_font_cannot_show_is_set_in_pieces_side_by_side() -> None:
    marks = texts(typeset(atom("ab☃cd", "mtext").math, SIZE))
    assert [mark.font for mark in marks] == [UPRIGHT, NUMBERS, UPRIGHT]
    assert all(one.x < other.x for one, other in pairwise(marks))


def test_boxes_beside_each_other_share_a_baseline() -> None:
    one, other = typeset(X.math, SIZE), typeset(fraction(X, Y).math, SIZE)
    both = beside([one, other], gap=3)
    assert both.width == one.width + 3 + other.width
    assert (both.ascent, both.descent) == (other.ascent, other.descent)
    assert beside([]) == Box(0, 0, 0)
