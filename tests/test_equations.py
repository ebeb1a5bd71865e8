"""The equations of both passes on one sheet: what they say, and where it stands."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import graphs
import numpy as np
import pytest
import test_typeset

import backprop_viz as bp
from backprop_viz.record.recorder import record
from backprop_viz.render.captions import Captions
from backprop_viz.render.equations import MOST, Equations, equations, light
from backprop_viz.render.expression import atom, number, row, written
from backprop_viz.render.frames import frames
from backprop_viz.render.runs import runs
from backprop_viz.render.sheet import WIDTH
from backprop_viz.render.symbols import symbol
from backprop_viz.render.text import shown
from backprop_viz.render.theme import THEMES
from backprop_viz.render.typeset import typeset

SHOW = ["symbols", "numbers", "both"]
every_graph = pytest.mark.parametrize("graph", graphs.GRAPHS)


def sheet(graph: str, show: str = "symbols", theme: str = "notes") -> Equations:
    """The equations of one of the tests' graphs."""
    return equations(graphs.GRAPHS[graph](), show=show, theme=theme)


def lines(made: Equations) -> list[str]:
    """The equations as plain text, without the headings."""
    return [equation.text for equation in (*made.forward, *made.backward)]


def test_the_neuron_reads_as_figure_3_of_the_notes() -> None:
    assert sheet("neuron").text.splitlines() == [
        "Forward pass:",
        "(1) u = w₀ + w₁·x",
        "(2) ŷ = 1/(1 + exp(−u)) = σ(u)",
        "(3) ℒ = −y·log(ŷ) − (1 − y)·log(1 − ŷ) = BCE(ŷ, y)",
        "Backward pass:",
        "(3) ∂ℒ/∂ŷ = ∂ℒ/∂ℒ · ∂ℒ/∂ŷ = (ŷ − y)/(ŷ·(1 − ŷ))",
        "(2) ∂ℒ/∂u = ∂ℒ/∂ŷ · ∂ŷ/∂u = ∂ℒ/∂ŷ · σ(u)·(1 − σ(u))",
        "(1) ∂ℒ/∂w₀ = ∂ℒ/∂u · ∂u/∂w₀ = ∂ℒ/∂u",
        "(1) ∂ℒ/∂w₁ = ∂ℒ/∂u · ∂u/∂w₁ = ∂ℒ/∂u · x",
    ]


def test_the_neuron_in_numbers() -> None:
    assert lines(sheet("neuron", "numbers")) == [
        "(1) u = 0.1 + (−0.3)·1.5 = −0.35",
        "(2) ŷ = 1/(1 + exp(−(−0.35))) = 0.4134",
        "(3) ℒ = −1·log(0.4134) − (1 − 1)·log(1 − 0.4134) = 0.8834",
        "(3) ∂ℒ/∂ŷ = 1 · (−2.419) = −2.419",
        "(2) ∂ℒ/∂u = (−2.419) · 0.2425 = −0.5866",
        "(1) ∂ℒ/∂w₀ = (−0.5866) · 1 = −0.5866",
        "(1) ∂ℒ/∂w₁ = (−0.5866) · 1.5 = −0.8799",
    ]


def test_several_contributions_are_one_sum_with_the_numbers_of_all_senders() -> None:
    assert lines(sheet("fan_out"))[6] == (
        "(3, 2) ∂ℒ/∂y = ∂ℒ/∂v · ∂v/∂y + ∂ℒ/∂u · ∂u/∂y⁽¹⁾ + ∂ℒ/∂u · ∂u/∂y⁽²⁾"
        " = ∂ℒ/∂v · (1 − tanh(y)²) + ∂ℒ/∂u · y + ∂ℒ/∂u · y"
    )
    assert lines(sheet("fan_out", "numbers"))[6].endswith("1 · 6 + 1 · 6 = 2.458·10⁻⁵ + 6 + 6 = 12")


def test_a_sum_takes_the_sign_of_a_formula_that_is_negative() -> None:
    a, b = bp.parameter(2.0, name="a"), bp.parameter(3.0, name="b")
    of_b = lines(equations((a - b) + b * b))[-1]
    assert of_b.endswith(" = ∂v₃/∂v₂ · b + ∂v₃/∂v₂ · b − ∂v₃/∂v₁")


def test_arrays_have_the_rules_of_their_ops() -> None:
    text = sheet("matrices").text
    assert "(1) ∂v₈/∂W = Xᵀ ∂v₈/∂v₁" in text
    assert "(2) ∂v₈/∂bias = ∂v₈/∂v₂ · ∂v₂/∂bias = Σ ∂v₈/∂v₂" in text
    assert "(3) ∂v₈/∂v₂ = ∂v₈/∂v₃ · ∂v₃/∂v₂ = ∂v₈/∂v₃ ⊙ (1 − tanh(v₂)²)" in text


@every_graph
@pytest.mark.parametrize("digits", [2, 4, 6])
def test_numbers_are_those_of_the_trace(graph: str, digits: int) -> None:
    trace = bp.trace(graphs.GRAPHS[graph]())
    made = equations(trace, show="numbers", digits=digits)
    computed = [node for node in trace.nodes if node.kind == "compute"]
    for node, equation in zip(computed, made.forward, strict=True):
        assert equation.text.endswith(f" = {shown(node.value, digits)}")
    names = {
        gradient.text: node for node, gradient in enumerate(map(Captions(trace).gradient, range(len(trace.nodes))))
    }
    for equation in made.backward:
        assert equation.text.endswith(f" = {shown(trace.gradient(names[equation.left.text]), digits)}")
    receivers = Captions(trace).receivers - {len(trace.nodes) - 1}
    assert sorted(names[equation.left.text] for equation in made.backward) == sorted(receivers)


@every_graph
def test_a_gradient_stands_below_all_that_it_is_made_of(graph: str) -> None:
    made = sheet(graph)
    places = {equation.left.text: place for place, equation in enumerate(made.backward)}
    trace = bp.trace(graphs.GRAPHS[graph]())
    gradient = Captions(trace).gradient
    for edge in trace.edges:
        if edge.backpropagates and edge.child != trace.root.index:
            assert places[gradient(edge.child).text] < places[gradient(edge.parent).text]


def test_a_formula_into_which_nothing_can_be_put_is_not_said_again() -> None:
    text = sheet("matrices", "both").text
    assert "(1) v₁ = X W = 3×3 array\n" in text
    assert text.endswith("(1) ∂v₈/∂W = Xᵀ ∂v₈/∂v₁ = 2×3 array")
    assert sheet("matrices", "numbers").text.endswith("(1) ∂v₈/∂W = Xᵀ ∂v₈/∂v₁ = 2×3 array")


@pytest.mark.parametrize("graph", ["neuron", "fan_out", "expression"])
def test_both_shows_each_equation_in_symbols_and_below_in_numbers(graph: str) -> None:
    symbols, numbers, both = (sheet(graph, show) for show in SHOW)
    for one, other, together in zip(symbols.backward, numbers.backward, both.backward, strict=True):
        assert together.rows == (*one.rows, *other.rows)


def test_a_pass_that_began_with_a_given_gradient_says_so_first() -> None:
    y = bp.parameter([1.0, 2.0], name="x").sin()
    y.name = "y"
    made = equations(bp.trace(y, np.array([1.0, 0.5])))
    assert [equation.text for equation in made.backward] == [
        "∂ℒ/∂y = [1, 0.5]",
        "(1) ∂ℒ/∂x = ∂ℒ/∂y · ∂y/∂x = ∂ℒ/∂y ⊙ cos(x)",
    ]


def test_a_loss_without_parameters_has_a_forward_pass_alone() -> None:
    made = equations(bp.tensor(2.0, name="x") * 3)
    assert made.backward == ()
    assert "Backward" not in made.svg


def test_a_tensor_a_trace_and_a_graph_give_the_same_equations() -> None:
    loss = graphs.neuron()
    assert equations(loss).svg == equations(record(loss)).svg == equations(bp.graph(loss)).svg


# ---------------------------------------------------------------------- the sheet
@every_graph
@pytest.mark.parametrize("show", SHOW)
def test_nothing_on_the_sheet_overlaps_and_nothing_leaves_the_paper(graph: str, show: str) -> None:
    svg = sheet(graph, show).svg
    assert test_typeset.overlaps(svg) == []
    wide, high = (float(ET.fromstring(svg).attrib[side]) for side in ("width", "height"))
    for text, (left, top, right, bottom) in test_typeset.rectangles(svg):
        assert 10 <= left < right + 0.1 <= wide - 10, text
        assert 10 <= top < bottom <= high - 10, text


@every_graph
def test_the_equals_signs_stand_in_a_column(graph: str) -> None:
    made = sheet(graph)
    signs = [left for text, (left, *_) in test_typeset.rectangles(made.svg) if text == "="]
    assert sum(left == min(signs) for left in signs) >= len(made.forward) + len(made.backward)


def test_second_equals_signs_of_the_backward_pass_stand_in_a_column_too() -> None:
    made = sheet("neuron")
    signs = [left for text, (left, *_) in test_typeset.rectangles(made.svg) if text == "="]
    assert {left for left in signs if left != min(signs)} == {max(signs)}
    assert signs.count(max(signs)) == len(made.backward)


def test_a_long_sum_is_broken_at_its_signs() -> None:
    x = bp.parameter(0.5, name="x")
    loss = x.sin()
    for k in range(12):
        loss = loss + (x * (k + 2.0)).sin()
    made = equations(loss)
    places = [place for _, place in test_typeset.rectangles(made.svg)]
    assert max(right for _, _, right, _ in places) <= WIDTH
    assert test_typeset.overlaps(made.svg) == []
    assert made.backward[-1].text.count(" + ") == 24


@pytest.mark.parametrize("theme", THEMES)
def test_backpropagated_gradients_are_red_and_local_ones_blue(theme: str) -> None:
    svg = ET.fromstring(sheet("neuron", theme=theme).svg)
    colours = THEMES[theme]
    paper = svg.find("{*}rect")
    assert paper is not None
    assert paper.attrib["fill"] == colours.paper
    for text in svg.iterfind(".//{*}text"):
        assert text.attrib["fill"] == colours.colour(text.attrib["class"])
    said = {
        css: "".join(t.text or "" for t in svg.iterfind(f".//{{*}}text[@class='{css}']"))
        for css in ("bp-red", "bp-blue")
    }
    assert said["bp-red"] == "∂ℒ∂ŷ∂ℒ∂ℒ" + "∂ℒ∂u∂ℒ∂ŷ∂ℒ∂ŷ" + "∂ℒ∂w0∂ℒ∂u∂ℒ∂u" + "∂ℒ∂w1∂ℒ∂u∂ℒ∂u"
    assert said["bp-blue"].replace(" ", "") == "∂ℒ∂ŷŷ−yŷ(1−ŷ)∂ŷ∂uσ(u)(1−σ(u))∂u∂w0∂u∂w1x"


def test_a_definition_stands_over_a_brace_with_the_op_below() -> None:
    places = dict(test_typeset.rectangles(sheet("neuron").svg))
    _, _, _, bottom = places["log"]
    _, top, _, _ = places["BCE"]
    assert bottom < top


@pytest.mark.parametrize(
    ("formula", "product"),
    [
        ("w * x", "wx"),
        ("x * 3", "x·3"),
        ("2 * x", "2x"),
        ("x * x", "x·x"),
        ("x * bias", "x·bias"),
        ("bias * x", "bias·x"),
        ("x * log(w)", "x\u2009log(w)"),
        ("x * (1 - w)", "x(1 − w)"),
        ("log(x) * w", "log(x)w"),
        ("x * iverson(w > 0)", "x·[w > 0]"),
        ("2 * (w / x)", "2(w/x)"),
        ("x * hostile", "x·<b>"),
    ],
)
def test_a_product_of_letters_has_no_dot(formula: str, product: str) -> None:
    pieces = {"x": atom("x"), "w": atom("w"), "bias": atom("bias"), "hostile": symbol("<b>")}
    tree = light(written(formula, pieces).math)
    assert "".join(run.text for run in runs(tree)) == product
    assert light(row(number("2").math, "·", number("3").math)) == row(number("2").math, "·", number("3").math)


@every_graph
def test_every_equation_of_the_player_can_be_set(graph: str) -> None:
    for frame in frames(bp.trace(graphs.GRAPHS[graph]())):
        for tree in frame.equations:
            box = typeset(tree, 18)
            assert test_typeset.overlaps(test_typeset.drawn(box)) == []
            assert test_typeset.outside(box) == []


def test_hostile_names_and_titles_are_text_alone() -> None:
    made = equations(graphs.hostile(), title=f"{graphs.HOSTILE} \x00 \u202e ]]>")
    root = ET.fromstring(made.svg)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "rect", "g", "text", "path"}
    assert graphs.HOSTILE in "".join(root.itertext())
    assert not {"\x00", "\u202e"} & set(made.svg)


def test_a_long_title_goes_on_in_the_next_line() -> None:
    made = equations(graphs.neuron(), title="the chain rule " * 20)
    titles = [t.text or "" for t in ET.fromstring(made.svg).findall("{*}text")][:-2]
    assert len(titles) > 1
    assert " ".join(titles) == ("the chain rule " * 20).strip()


def test_the_sheet_reads_as_text_for_those_who_do_not_see_it() -> None:
    made = equations(graphs.neuron(), title="One neuron")
    root = ET.fromstring(made.svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"].split() == made.text.split()
    assert made.text.startswith("One neuron\nForward pass:\n(1) u = ")


# ---------------------------------------------------------------------- the object
def test_a_notebook_shows_the_sheet_and_a_fixed_text() -> None:
    made = sheet("neuron")
    assert made._repr_mimebundle_() == {
        "text/plain": "Equations(ℒ: 3 forward, 4 backward)",
        "image/svg+xml": made.svg,
    }


def test_the_same_code_gives_the_same_bytes() -> None:
    one, other = sheet("matrices", "both"), sheet("matrices", "both")
    assert one.svg == other.svg
    assert one.png(1) == other.png(1)


@pytest.mark.parametrize(
    ("ending", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("PNG", b"\x89PNG"), ("pdf", b"%PDF")]
)
def test_the_ending_of_a_file_says_the_format(tmp_path: Path, ending: str, start: bytes) -> None:
    path = sheet("neuron").save(tmp_path / f"equations.{ending}")
    assert path.read_bytes().startswith(start)


def test_an_unknown_format_is_an_error_that_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cannot save as '\.gif' \(must be one of \.svg, \.png"):
        sheet("neuron").save(tmp_path / "equations.gif")


def test_what_has_no_equations_is_an_error() -> None:
    with pytest.raises(TypeError, match="equations takes a tensor, a trace or a graph; got int 3"):
        equations(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"nothing was computed here.*Give the result of a computation"):
        equations(bp.parameter(3.0))


@pytest.mark.parametrize("setting", [{"show": "all"}, {"theme": "pink"}, {"digits": 0}])
def test_an_unknown_setting_is_an_error_that_names_it(setting: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        equations(graphs.neuron(), **setting)  # type: ignore[arg-type]


def test_a_sheet_holds_so_many_equations_and_no_more() -> None:
    x = bp.parameter(1.0, name="x")
    for _ in range(MOST // 2):
        x = x.sin()
    made = equations(x)
    assert len(made.forward) + len(made.backward) == MOST
    assert made.svg
    with pytest.raises(
        ValueError, match=rf"these are {MOST + 2} equations; a sheet holds at most {MOST}\..*derivation"
    ):
        equations(x.sin())
