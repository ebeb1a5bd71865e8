"""The static figure: what it holds, and what it is saved as."""

from __future__ import annotations

import itertools
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from graphs import GRAPHS, HOSTILE, fan_out, hostile, neuron
from pictures import SVG, arrows, numbers, parts, slots

import backprop_viz as bp
from backprop_viz.render.layout import run_dot

every_graph = pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
Build = Callable[[], bp.Tensor]


def drawn(build: Build) -> bp.Figure:
    return bp.draw(bp.trace(build()))


# ---------------------------------------------------------------------- what it holds
@every_graph
def test_the_figure_holds_every_text_of_the_last_frame(build: Build) -> None:
    figure = drawn(build)
    said = {slot: text for frame in figure.frames for slot, text in frame.texts.items()}
    assert {slot: text for slot, text in slots(figure).items() if text} == {s: t for s, t in said.items() if t}


def test_figure_2_has_the_nodes_and_the_arrows_of_the_notes() -> None:
    figure = drawn(neuron)
    names = [node.name for node in figure.trace.nodes]
    arrows = {(names[e.parent], names[e.child]) for e in figure.trace.edges}
    assert sorted(names) == ["L", "u", "w0", "w1", "x", "y", "yhat"]
    assert arrows == {("x", "u"), ("w0", "u"), ("w1", "u"), ("u", "yhat"), ("yhat", "L"), ("y", "L")}
    back = {(names[e.parent], names[e.child]) for e in figure.trace.edges if f"e{e.index}.back" in parts(figure)}
    assert back == {("w0", "u"), ("w1", "u"), ("u", "yhat"), ("yhat", "L")}  # none to the inputs x and y


def test_kinds_differ_in_shape_and_colour() -> None:
    figure = drawn(neuron)
    kinds = {}
    for node in figure.trace.nodes:
        shape = next(e for e in parts(figure)[f"n{node.index}"] if e.attrib["class"] == "bp-shape")
        kinds[node.kind] = (shape.tag.removeprefix(SVG), shape.attrib["fill"])
    assert kinds == {
        "compute": ("ellipse", "#DF7162"), "parameter": ("rect", "#E38E48"), "input": ("polygon", "#B2E684"),
    }  # fmt: skip


def test_backpropagated_gradients_are_red_and_local_ones_blue() -> None:
    for element in ElementTree.fromstring(drawn(neuron).svg).iter():
        slot = element.attrib.get("data-slot", "")
        if slot.endswith((".grad", ".upstream")):
            assert element.attrib["fill"] == "#D40000"
        if slot.endswith(".local"):
            assert element.attrib["fill"] == "#0000FF"


def test_before_backward_the_gradients_are_blank_and_the_backward_arrows_hidden() -> None:
    loss = fan_out()
    figure = bp.draw(loss)
    assert all(text == "" for slot, text in slots(figure).items() if not slot.endswith(".value"))
    hidden = [part for name, part in [*arrows(figure).items(), *parts(figure).items()] if re.match(r"e\d+.back", name)]
    assert hidden
    assert all(part.attrib["visibility"] == "hidden" for part in hidden)
    loss.backward()
    assert all(slots(bp.draw(loss)).values())


def test_the_layout_is_the_same_before_and_after_backward() -> None:
    loss = fan_out()
    stage = drawn(lambda: loss).stage
    plain = re.sub(r"(<text[^>]*data-slot[^>]*>|<tspan[^>]*data-slot[^>]*>)[^<]*", r"\1", drawn(lambda: loss).svg)
    assert plain == stage


def test_drawing_leaves_the_tensors_as_they_are() -> None:
    loss = fan_out()
    bp.draw(loss), bp.trace(loss)
    assert all(node.grad is None for node in bp.graph(loss).nodes)


def test_hostile_text_is_drawn_literally() -> None:
    figure = drawn(hostile)
    root = ElementTree.fromstring(figure.svg)
    drawing = {"svg", "g", "rect", "path", "polygon", "ellipse", "text", "tspan"}
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= drawing
    assert not [name for e in root.iter() for name in e.attrib if name.startswith("on") or name.endswith("href")]
    texts = {"".join(e.itertext()) for e in root.iter(f"{SVG}text")}
    assert HOSTILE in texts
    assert "back\\slash␊new &amp; ␀ � rtl" in texts
    labels = run_dot(figure.dot, "svg")
    assert "<script" not in labels
    assert "".join(ElementTree.fromstring(labels.split("?>", 1)[1].split("]>")[-1]).itertext()).count(HOSTILE)


# ---------------------------------------------------------------------- saved and shown
def test_a_figure_shows_itself_in_a_notebook_as_svg_and_as_a_stable_line_of_text() -> None:
    bundle = drawn(neuron)._repr_mimebundle_()
    assert bundle["text/plain"] == "Figure(ℒ: 7 nodes, 6 edges)"
    assert bundle["image/svg+xml"].startswith("<svg ")


def test_a_wide_picture_shrinks_in_a_notebook_and_a_small_one_keeps_its_size() -> None:
    wide, small = (ElementTree.fromstring(f._repr_mimebundle_()["image/svg+xml"]) for f in (drawn(neuron), one_node()))
    assert wide.attrib["width"] == "100%"
    assert "height" not in wide.attrib
    assert wide.attrib["style"] == f"max-width:{ElementTree.fromstring(drawn(neuron).svg).attrib['width']}px"
    assert small.attrib["width"].isdigit()


def one_node() -> bp.Figure:
    return bp.draw(bp.parameter(1.0, name="w"))


def test_the_picture_has_a_name_for_screen_readers() -> None:
    root = ElementTree.fromstring(drawn(neuron).svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "Computational graph of ℒ: 7 nodes, 6 edges"


def test_it_is_saved_as_svg_png_and_dot_and_no_other_file_is_left(tmp_path: Path) -> None:
    figure = drawn(neuron)
    for ending in ("svg", "png", "dot"):
        assert figure.save(tmp_path / f"figure.{ending}") == tmp_path / f"figure.{ending}"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["figure.dot", "figure.png", "figure.svg"]
    assert (tmp_path / "figure.svg").read_text(encoding="utf8") == figure.svg
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert "digraph" in (tmp_path / "figure.dot").read_text(encoding="utf8")


def test_an_unknown_ending_says_which_are_possible(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cannot save as '\.gif' \(must be one of \.svg, \.png, \.pdf, \.dot\)"):
        drawn(neuron).save(tmp_path / "figure.gif")
    assert not list(tmp_path.iterdir())


def test_an_interrupted_save_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "figure.svg"
    target.write_text("old", encoding="utf8")

    def interrupted(self: Path, content: bytes) -> None:
        with self.open("wb") as file:
            file.write(content[:10])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        drawn(neuron).save(target)
    assert target.read_text(encoding="utf8") == "old"
    assert [f.name for f in tmp_path.iterdir()] == ["figure.svg"]


def test_the_dot_text_holds_names_values_and_gradients_for_those_who_go_on_by_hand() -> None:
    figure = drawn(neuron)
    assert 'label="ŷ\\n0.4134\\n∂ℒ/∂ŷ = −2.419"' in figure.dot


def test_the_digraph_object_is_the_same_graph_and_can_be_gone_on_with() -> None:
    figure = drawn(neuron)
    graph = figure.digraph
    assert graph.source == figure.dot
    graph.edge("n0", "n6", color="gray")
    assert "n0 -> n6 [color=gray]" in graph.source
    assert "n0 -> n6" not in figure.dot


def test_the_same_code_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import graphs, hashlib, backprop_viz as bp\n"
        "for build in graphs.GRAPHS.values():\n"
        "    f = bp.draw(bp.trace(build())); print(hashlib.sha256((f.svg + f.dot).encode() + f.png(1)).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code, str(Path(__file__).parent)], capture_output=True, text=True, check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(runs) == 1
    assert len(runs.pop().split()) == len(GRAPHS)


def test_drawing_what_is_no_tensor_says_what_it_takes() -> None:
    with pytest.raises(TypeError, match=r"draw takes a tensor, a trace or a graph; got float 1\.5"):
        bp.draw(1.5)  # type: ignore[arg-type]


def test_an_empty_trace_has_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="no nodes"):
        bp.draw(bp.Trace((), (), ()))


def test_a_leaf_alone_is_a_figure_too() -> None:
    assert repr(one_node()) == "Figure(w: 1 node, 0 edges)"


def test_a_lone_leaf_that_is_traced_has_a_place_for_its_gradient() -> None:
    assert slots(bp.draw(bp.trace(bp.parameter(2.0, name="w"))))["n0.grad"] == "1"


def test_arrowheads_at_a_wide_fan_out_stay_apart() -> None:
    x = bp.parameter(1.0, name="x")
    total = x * 1.0
    for factor in range(2, 12):
        total = total + x * factor
    figure = bp.draw(bp.trace(total))
    back = [arrows(figure)[f"e{edge.index}.back"] for edge in figure.trace.edges if edge.parent == 0]
    heads = [next(arrow.iter(f"{SVG}polygon")) for arrow in back]
    tips = [complex(*numbers(head.attrib["points"])[:2]) for head in heads]
    assert len(tips) == 11
    assert all(abs(a - b) > 9 for a, b in itertools.combinations(tips, 2))


def test_a_figure_can_be_pickled_also_before_backward() -> None:
    L = bp.square(bp.parameter(3.0, name="w"))
    figure = bp.draw(L)
    again = pickle.loads(pickle.dumps(figure))
    assert again == figure
    assert again.svg == figure.svg


def test_saving_where_there_is_no_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"cannot write x\.svg: there is no folder .*none. Make it first"):
        one_node().save(tmp_path / "none" / "x.svg")


# ---------------------------------------------------------------------- a moment of the passes
def test_a_figure_of_a_step_shows_what_has_happened_so_far_in_the_layout_of_all() -> None:
    x, w = bp.tensor(2.0, name="x"), bp.parameter(3.0, name="w")
    L = (w * x).tanh()
    whole, trace = bp.draw(bp.trace(L)), bp.trace(L)
    last = len(trace.events)
    for step in range(last + 1):
        figure = bp.draw(trace, step=step)
        assert (figure.scene.layout.width, figure.dot) == (whole.scene.layout.width, whole.dot)
        slots = (e for e in ElementTree.fromstring(figure.svg).iter() if "data-slot" in e.attrib)
        filled = {e.attrib["data-slot"] for e in slots if "".join(e.itertext())}
        assert filled == {slot for frame in figure.frames[: step + 1] for slot in frame.texts}
    assert bp.draw(trace, step=last).svg.replace(f", step {last} of {last}", "") == whole.svg
    assert repr(bp.draw(L, step=1)) == f"Figure(ℒ: 4 nodes, 3 edges, step 1 of {last})"
    assert f"step {last} of" in repr(bp.draw(bp.Graph(L), step=last))


@pytest.mark.parametrize("step", [-1, 7, 1.5, "2"])
def test_a_step_that_is_not_there_is_refused(step: Any) -> None:
    L = (bp.parameter(3.0) * 2.0).tanh()
    with pytest.raises(ValueError, match=r"there is no step .*: this trace has the steps 0 to 5"):
        bp.draw(L, step=step)
