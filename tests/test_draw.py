"""draw: every choice does what its docstring says, found in the picture; and every wrong one is refused in words."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from graphs import GRAPHS, MORE, expression, fan_out, maps, matrices, neuron, neurons
from pictures import SVG, Picture, arrows, parts, slots

import backprop_viz as bp
from backprop_viz.render.text import shown
from backprop_viz.render.theme import THEMES

every_graph = pytest.mark.parametrize("build", (GRAPHS | MORE).values(), ids=GRAPHS | MORE)
REWRITE = "BACKPROP_VIZ_REWRITE"  # set it to write the golden files anew
Build = Callable[[], bp.Tensor]
LIT = "bp-lit"


def drawn(build: Build, **options: Any) -> bp.Figure:
    return bp.draw(bp.trace(build()), **options)


def texts(figure: bp.Figure) -> list[str]:
    """Every line of text that is seen."""
    return [
        text for text in ("".join(e.itertext()) for e in ElementTree.fromstring(figure.svg).iter(f"{SVG}text")) if text
    ]


def lit(figure: bp.Figure) -> set[str]:
    """The parts that are highlighted."""
    return {name for name, part in (parts(figure) | arrows(figure)).items() if any(e.get("class") == LIT for e in part)}


def named(figure: bp.Figure, part: str) -> str:
    return figure.trace.nodes[int(part.removeprefix("n"))].name


# ---------------------------------------------------------------------- what it draws
def test_a_tensor_a_graph_and_a_trace_are_one_picture() -> None:
    L = neuron()
    L.backward()
    assert bp.draw(L).svg == bp.draw(bp.graph(L)).svg == bp.draw(bp.trace(L)).svg


@every_graph
def test_before_backward_a_gradient_is_blank_and_never_0(build: Build) -> None:
    held = slots(bp.draw(build()))
    assert {slot: text for slot, text in held.items() if not slot.endswith(".value") and text} == {}


@every_graph
def test_before_the_first_step_only_leaves_hold_numbers(build: Build) -> None:
    figure = bp.draw(build(), step=0)
    full = {slot for slot, text in slots(figure).items() if text}
    small = {n.index for n in figure.trace.nodes if n.kind != "compute" and shown(n.value)[-5:] != "array"}
    assert full == {f"n{index}.value" for index in small}
    known = ElementTree.fromstring(figure.svg).iter(f"{SVG}g")
    for map_ in (element for element in known if "data-map" in element.attrib):
        leaf = map_.attrib["data-map"] in {f"n{n.index}.value" for n in figure.trace.nodes if n.kind != "compute"}
        assert any(cell.get("fill") != "none" for cell in list(map_)[1:]) == leaf


@every_graph
@pytest.mark.parametrize("digits", [1, 4, 17])
def test_the_numbers_are_those_of_the_trace_to_so_many_digits(build: Build, digits: int) -> None:
    figure = drawn(build, digits=digits)
    trace, held = figure.trace, slots(figure)
    for slot, text in held.items():
        index, what = int(re.sub(r"\D", "", slot)), slot.partition(".")[2]
        if what == "value":
            assert text == shown(trace.nodes[index].value, digits)
        elif what == "grad":
            assert text == shown(trace.gradient(index), digits)
        else:
            send = next(e for e in trace.events if isinstance(e, bp.Send) and e.edge == index)
            assert text == shown(getattr(send, what), digits)


@pytest.mark.parametrize("name", GRAPHS)
def test_the_dot_text_is_the_one_that_was_looked_at(name: str) -> None:
    """Pictures are looked at in img/; what is laid out changes only when somebody means it to."""
    golden = Path(__file__).parent / "golden" / f"{name}.dot"
    text = drawn(GRAPHS[name]).dot
    if REWRITE in os.environ:
        golden.write_text(text, encoding="utf8", newline="\n")
    assert text == golden.read_text(encoding="utf8"), (
        f"if this is meant: {REWRITE}=1 python -m pytest tests/test_draw.py"
    )


# ---------------------------------------------------------------------- what it says
@every_graph
def test_symbols_alone_show_no_number_of_the_trace(build: Build) -> None:
    figure = drawn(build, show="symbols")
    assert slots(figure) == {}
    assert "data-map" not in figure.svg
    assert not [text for text in texts(figure) if text.startswith(("=", "Σ ="))]
    assert any("∂" in text for text in texts(figure)) == bool(parts(figure).keys() - {"n0"} or figure.trace.events)


@every_graph
def test_numbers_alone_show_no_fraction(build: Build) -> None:
    figure = drawn(build, show="numbers")
    assert not [text for text in texts(figure) if "∂" in text]
    assert slots(figure) == slots(drawn(build, show="both"))


def test_both_are_symbols_and_numbers() -> None:
    both, symbols = set(texts(drawn(fan_out))), set(texts(drawn(fan_out, show="symbols")))
    numbers = set(slots(drawn(fan_out, show="numbers")).values())
    assert symbols | numbers <= both


@pytest.mark.parametrize(
    ("edges", "kept"),
    [
        ("local", {"local"}),
        ("contribution", {"upstream", "contribution"}),
        ("both", {"local", "upstream", "contribution"}),
        ("none", set()),
    ],
)
def test_edges_carry_what_is_asked_for(edges: str, kept: set[str]) -> None:
    figure = drawn(neuron, edges=edges)
    found = {slot.partition(".")[2] for slot in slots(figure) if slot.startswith("e")}
    assert found == kept - ({"upstream"} if edges == "contribution" else set())
    assert [name for name, part in parts(figure).items() if part.get("class") == "bp-tile"] == (
        [f"e{e.index}.back" for e in figure.trace.edges if e.backpropagates] if kept else []
    )
    fractions = {part for part in parts(drawn(neuron, edges=edges, show="symbols")) if part.startswith("e")}
    assert any(part.endswith(".back") for part in fractions)


def test_the_forward_phase_shows_values_and_forward_arrows_alone() -> None:
    figure = drawn(neuron, phase="forward")
    assert {slot.partition(".")[2] for slot in slots(figure)} == {"value"}
    assert {name.partition(".")[2] for name in arrows(figure)} == {"forward"}
    assert not [name for name in parts(figure) if name.endswith(".back")]


def test_the_backward_phase_shows_gradients_and_backward_arrows_and_the_others_faint() -> None:
    figure = drawn(neuron, phase="backward")
    assert not [slot for slot in slots(figure) if slot.endswith(".value")]
    assert [slot for slot in slots(figure) if slot.endswith(".grad")]
    faint = {name.partition(".")[2]: part.get("opacity") for name, part in arrows(figure).items()}
    assert faint == {"forward": "0.3", "back": None}
    assert "σ(u)" not in texts(figure)


def test_expressions_stand_above_computed_nodes_or_not_at_all() -> None:
    assert {"σ(u)", "BCE(ŷ, y)"} <= set(texts(drawn(neuron)))
    assert not {"σ(u)", "BCE(ŷ, y)"} & set(texts(drawn(neuron, expressions=False)))


@pytest.mark.parametrize(("where", "first"), [("title", 0), ("caption", -1)])
def test_title_and_caption_are_taken_literally(where: str, first: int) -> None:
    text = '<b>&amp; $x$ %s {0} \\n "'
    found = [e for e in ElementTree.fromstring(drawn(neuron, **{where: text}).svg) if e.tag == f"{SVG}text"]
    assert ["".join(e.itertext()) for e in found] == [text]
    below = float(found[0].attrib["y"]) > 0
    assert below == (where == "caption")
    assert drawn(neuron, **{where: "a\nb"}).svg.count(">a</text>") == 1


@pytest.mark.parametrize(("orientation", "way"), [("LR", 1), ("RL", -1), ("TB", 1j), ("BT", -1j)])
def test_the_passes_run_as_asked(orientation: str, way: complex) -> None:
    figure = drawn(neuron, orientation=orientation)
    places = {item.part: item.box.middle for item in Picture(figure.svg).places}
    for edge in figure.trace.edges:
        step = places[f"n{edge.child}"] - places[f"n{edge.parent}"]
        assert (step * way.conjugate()).real > 0


# ---------------------------------------------------------------------- which nodes
def test_highlighted_nodes_light_up_with_the_edges_between_them() -> None:
    assert lit(drawn(fan_out)) == set()
    assert lit(drawn(fan_out, highlight=["y", 2])) == {"n1", "n2", "e1.forward", "e2.forward"}


def test_a_path_lights_up_on_all_its_ways() -> None:
    figure = drawn(fan_out, path=("y", "L"))
    assert {named(figure, part) for part in lit(figure) if part.startswith("n")} == {"y", "u", "v", "L"}
    assert {named(drawn(neuron), part) for part in lit(drawn(neuron, path=("w0", "u"))) if part[0] == "n"} == {
        "w0",
        "u",
    }


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"ancestors_of": "u"}, {"x", "w0", "w1", "u"}),
        ({"descendants_of": "u"}, {"u", "yhat", "L"}),
        ({"ancestors_of": "yhat", "descendants_of": "w1"}, {"w1", "u", "yhat"}),
    ],
)
def test_ancestors_and_descendants_alone_are_drawn_and_the_picture_says_so(options: Any, names: set[str]) -> None:
    figure = drawn(neuron, **options)
    assert {named(figure, item.part) for item in Picture(figure.svg).places} == names
    assert any(text.startswith("Shown: the ") and f"{len(names)} of 7 nodes" in text for text in texts(figure))


def test_a_limit_closes_groups_and_without_groups_leaves_the_nearest() -> None:
    closed = drawn(neurons, limit=20)
    assert any(place.group for place in closed.view.places)
    assert any("closed groups hide" in text for text in texts(closed))
    nearest = drawn(expression, limit=5, around="a")
    assert len(nearest.view.places) == 5
    assert "a" in {named(nearest, place.part) for place in nearest.view.places}
    assert "Shown: the 5 of" in " ".join(texts(nearest))
    assert "nearest to a" in " ".join(texts(nearest))


def test_zoom_opens_a_group_and_what_is_around_it() -> None:
    figure = drawn(neurons, zoom="layer 1.neuron 2")
    assert [path[-1] for path in figure.view.groups] == ["ScalarMLP", "layer 1", "neuron 2"]
    assert {"neuron 1", "neuron 3", "layer 2"} <= set(texts(figure))  # the names of closed groups


# ---------------------------------------------------------------------- how it looks
def luminance(colour: str) -> float:
    """The relative luminance of #RRGGBB: WCAG 2.2."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    lighter, darker = sorted((luminance(a), luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def on_what(figure: bp.Figure) -> set[tuple[str, str]]:
    """The colours of the picture's texts, each with that of what it stands on."""
    root = ElementTree.fromstring(figure.svg)
    paper = next(e for e in root if e.get("class") == "bp-paper").attrib["fill"]
    pairs = set()
    for part in root:
        boxes = [e for e in part if e.get("class", "").split()[:1] in (["bp-shape"], ["bp-box"], ["bp-paper"])]
        ground = boxes[-1].attrib["fill"] if boxes else paper
        for text in part.iter(f"{SVG}text"):
            beside = part.get("class", "").startswith("bp-node") and text.get("class") != "bp-on-shape"
            pairs.add((text.attrib["fill"], paper if beside else ground))
    return pairs


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["neuron", "matrices", "closed", "maps", "compared"])
def test_every_text_can_be_read_on_what_it_stands_on(theme: str, name: str) -> None:
    cases: dict[str, tuple[Build, dict[str, Any]]] = {
        "neuron": (neuron, {"title": "T", "caption": "C"}), "matrices": (matrices, {}), "maps": (maps, {}),
        "closed": (neurons, {"limit": 20}), "compared": (neuron, {"compare": neuron()}),
    }  # fmt: skip
    build, options = cases[name]
    pairs = on_what(drawn(build, theme=theme, **options))
    assert len(pairs) > 1
    assert {pair: contrast(*pair) for pair in pairs if contrast(*pair) < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_lines_and_light_can_be_seen_on_the_paper(theme: str) -> None:
    """WCAG 2.2 asks of graphics for 3:1; highlights and frames say nothing by colour alone."""
    colours = THEMES[theme]
    assert all(
        contrast(colour, colours.paper) >= 3 for colour in (colours.ink, colours.red, colours.blue, colours.muted)
    )
    assert contrast(colours.lit, colours.paper) >= (3 if theme == "contrast" else 1.5)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("build", [neuron, maps, neurons], ids=lambda build: build.__name__)
def test_the_theme_for_print_is_grey_and_tells_nothing_by_colour_alone(build: Build) -> None:
    figure = drawn(build, theme="print", highlight=[0])
    colours = set(re.findall(r'"(#[0-9A-Fa-f]{6})"', figure.svg))
    assert len(colours) > 3
    assert {c for c in colours if not c[1:3] == c[3:5] == c[5:]} == set()
    ways = {
        name.partition(".")[2]: "stroke-dasharray" in list(part)[-2].attrib for name, part in arrows(figure).items()
    }
    assert ways == {"forward": False, "back": True}
    kinds = {figure.trace.nodes[place.node].kind for place in figure.view.places if place.node is not None}
    shapes = {
        (item.element.tag, item.element.get("rx", "")[:2])
        for item in Picture(figure.svg).places
        if item.element is not None
    }
    assert len({tag for tag, _ in shapes}) == len(kinds)
    assert lit(figure) == {"n0"}


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_has_its_colours_and_no_others(theme: str) -> None:
    colours = THEMES[theme]
    known = {colours.paper, colours.ink, colours.red, colours.blue, colours.muted, colours.box, colours.line}
    known |= {colours.outline, colours.on_shape, *colours.fills.values()}
    assert set(re.findall(r'"(#[0-9A-Fa-f]+)"', drawn(neuron, theme=theme).svg)) <= known


# ---------------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"show": "all"}, ValueError, "show cannot be 'all' (must be one of 'symbols', 'numbers', 'both')"),
        ({"phase": "both"}, ValueError, "phase cannot be 'both' (must be one of 'forward', 'backward', 'all')"),
        ({"orientation": "lr"}, ValueError, "orientation cannot be 'lr' (must be one of 'LR', 'TB', 'RL', 'BT')"),
        ({"edges": None}, ValueError, "edges cannot be None (must be one of 'local', 'contribution', 'both', 'none')"),
        ({"theme": "light"}, ValueError, "no theme 'light' (must be one of 'notes', 'contrast', 'dark', 'print')"),
        *(
            ({"digits": digits}, ValueError, f"digits is a whole number from 1 to 17; got {digits!r}")
            for digits in (0, 18, 2.5, "4", True)
        ),
        ({"title": 3}, TypeError, "title is a string; got int 3"),
        ({"caption": None}, TypeError, "caption is a string; got NoneType None"),
        *(
            ({"limit": limit}, ValueError, f"limit is the most nodes that are visible, 1 or more; got {limit!r}")
            for limit in (0, -1, 2.5, "5")
        ),
        ({"step": 99}, ValueError, "there is no step 99: this trace has the steps 0 to 8"),
        ({"highlight": "w0"}, TypeError, "is a list of nodes, by name or index, such as ['w0', 'u']; got 'w0'"),
        ({"highlight": 3}, TypeError, "highlight is a list of nodes, by name or index, such as ['w0', 'u']; got 3"),
        ({"highlight": ["z"]}, ValueError, "no node has the name 'z'; the names are 'x', 'y', 'w0', 'w1', 'u', "),
        ({"highlight": [7]}, ValueError, "there is no node 7: the indices of this trace are 0 to 6."),
        ({"highlight": [-1]}, ValueError, "there is no node -1: the indices of this trace are 0 to 6."),
        ({"highlight": [1.5]}, TypeError, "a node is given by its name or its index; got float 1.5"),
        ({"path": "w0"}, ValueError, "the pair of nodes where it starts and ends, such as ('w0', 'L'); got 'w0'"),
        ({"path": ("w0", "u", "L")}, ValueError, "path is the pair of nodes where it starts and ends"),
        ({"path": ("x", "y")}, ValueError, "no path leads from 'x' to 'y': the second was not computed from the first"),
        ({"path": ("L", "w0")}, ValueError, "no path leads from 'L' to 'w0'"),
        ({"ancestors_of": "nobody"}, ValueError, "no node has the name 'nobody'"),
        ({"descendants_of": 10}, ValueError, "there is no node 10"),
        ({"ancestors_of": "x", "descendants_of": "y"}, ValueError, "no node is both an ancestor of the one and"),
        ({"around": "nobody"}, ValueError, "no node has the name 'nobody'"),
        ({"zoom": "layer"}, ValueError, "there is no group 'layer' to zoom into: this trace has no groups"),
        ({"zoom": 3}, TypeError, 'zoom is a group\'s name, such as "layer 1.neuron 3"; got int 3'),
        ({"path": 5}, ValueError, "path is the pair of nodes where it starts and ends, such as ('w0', 'L'); got 5"),
        ({"compare": 3.0}, TypeError, "draw takes a tensor, a trace or a graph; got float 3.0"),
    ],
)  # fmt: skip
def test_a_wrong_choice_is_refused(options: Any, error: type[Exception], says: str) -> None:
    trace = bp.trace(neuron())
    with pytest.raises(error, match=re.escape(says)):
        _ = bp.draw(trace, **options).svg


def test_whole_numbers_of_numpy_will_do() -> None:
    trace = bp.trace(neuron())
    three = np.int64(3)
    assert bp.draw(trace, step=three, limit=three, digits=three).svg == bp.draw(trace, step=3, limit=3, digits=3).svg  # type: ignore[arg-type]


def test_a_step_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="two traces are compared as a whole: leave out either step or compare"):
        drawn(neuron, step=1, compare=neuron())


def test_a_name_that_several_nodes_have_is_asked_for_by_index() -> None:
    a, b = bp.parameter(1.0, name="w"), bp.parameter(2.0, name="w")
    with pytest.raises(ValueError, match=r"2 nodes have the name 'w'; say which by its index: one of 0, 1\."):
        bp.draw(a * b, highlight=["w"])


def test_a_long_list_of_names_is_cut() -> None:
    with pytest.raises(ValueError, match=r"and 18 more\."):
        drawn(neurons, highlight=["nobody"])


@pytest.mark.parametrize(
    ("zoom", "says"),
    [
        ("layer 9", "there is no group 'layer 9'; the groups are 'ScalarMLP', 'ScalarMLP.layer 1'"),
        ("neuron 1", "several groups are called 'neuron 1'; say which: 'ScalarMLP.layer 1.neuron 1'"),
    ],
)
def test_a_group_that_is_not_there_or_not_alone_is_refused(zoom: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        _ = drawn(neurons, zoom=zoom).svg


@pytest.mark.parametrize("given", [1.5, "loss", None, [1.0], np.ones(2)])
def test_only_a_tensor_a_trace_or_a_graph_is_drawn(given: Any) -> None:
    with pytest.raises(TypeError, match=f"draw takes a tensor, a trace or a graph; got {type(given).__name__} "):
        bp.draw(given)


# ---------------------------------------------------------------------- what is not to be missed
def test_a_highlighted_node_that_is_not_drawn_is_named() -> None:
    figure = bp.draw(bp.trace(neuron()), ancestors_of="u", highlight=["L", "u"])
    assert figure.scene.notes[-1] == "Highlighted, but not shown: ℒ."
    assert not any("Highlighted" in note for note in bp.draw(bp.trace(neuron()), highlight=["L"]).scene.notes)


def trained() -> bp.Trace:
    w = bp.parameter(3.0, name="w")
    return bp.training_step(w * w, bp.optim.SGD([w], lr=0.1))


def test_an_updated_parameter_shows_the_value_that_the_passes_used_beside_the_new_one() -> None:
    assert slots(bp.draw(trained()))["n0.value"] == "3 → 2.4"
    assert slots(bp.draw(trained(), phase="forward"))["n0.value"] == "3"


def test_a_very_large_picture_is_saved_as_png_all_the_same(tmp_path: Path) -> None:
    x = bp.parameter(1.0, name="x")
    for _ in range(140):
        x = x * 1.01
    figure = bp.draw(bp.trace(x))
    path = figure.save(tmp_path / "long.png")
    wide, tall = struct.unpack(">II", path.read_bytes()[16:24])
    assert 50_000_000 < wide * tall <= 100_000_000 or wide >= 2 * figure.scene.layout.width


def test_a_thicket_of_arrows_is_drawn_in_part_and_says_so() -> None:
    hidden = [bp.parameter(0.5, name="h0")]
    for i in range(45):
        with bp.group(f"g{i}"):
            total = hidden[0] * 0.1
            for h in hidden[1:]:
                total = total + h * 0.1
            hidden.append(bp.tanh(total))
    figure = bp.draw(hidden[-1])
    assert len(figure.view.links) <= 600
    assert "arrows to the others are left out" in figure.label
    assert figure.svg.endswith("</svg>")
