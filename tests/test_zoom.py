"""Zoom: clicks on groups, and matrix products opened into scalars, as figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graphs import matrices, neurons

import backprop_viz as bp
from backprop_viz.player.film import film
from backprop_viz.player.zoom import opened, scalar_figure

LAYER = ["ScalarMLP", "layer 1"]


def closed(figure: bp.Figure) -> set[str]:
    return {".".join(place.group) for place in figure.view.places if place.group}


def test_a_click_closes_an_open_group_and_opens_a_closed_one() -> None:
    figure = bp.draw(bp.trace(neurons()), title="A network", digits=3)
    shut = opened(figure, LAYER)
    assert closed(shut) == {"ScalarMLP.layer 1"}
    again = opened(shut, LAYER)
    assert again.svg == figure.svg
    assert (again.trace, again.options, again.step) == (figure.trace, figure.options, figure.step)


def test_what_is_in_a_group_that_was_opened_opens_by_another_click() -> None:
    figure = bp.draw(bp.trace(neurons()), limit=4)
    assert closed(figure) == {"ScalarMLP"}
    wide = bp.draw(bp.trace(neurons()), zoom="ScalarMLP")
    one = opened(wide, LAYER)
    assert closed(one) == {"ScalarMLP.layer 1"}
    layers = opened(bp.draw(bp.trace(neurons()), limit=10), LAYER)
    assert closed(opened(layers, LAYER)) > {f"ScalarMLP.layer 1.neuron {n}" for n in (1, 2)}


def test_a_film_of_a_clicked_figure_says_which_groups_are_open() -> None:
    shown = film(opened(bp.draw(bp.trace(neurons())), LAYER))
    assert list(shown["groups"].values()) == [LAYER]
    assert LAYER not in shown["open"]


@pytest.mark.parametrize("group", [["layer 7"], "layer 7", ("layer 7",), [7], [["ScalarMLP"]], None, 3, {}])
def test_a_group_that_is_not_there_is_refused(group: Any) -> None:
    with pytest.raises(ValueError, match=r"no group .* to open or close: its groups are 'ScalarMLP', 'Scalar"):
        opened(bp.draw(bp.trace(neurons())), group)


def test_a_picture_without_groups_says_so() -> None:
    with pytest.raises(ValueError, match="no group '' to open or close: it has none"):
        opened(bp.draw(bp.trace(bp.parameter(1.0) * 2.0)), [])


@pytest.mark.parametrize("theme", ["notes", "dark"])
def test_a_matrix_product_opens_into_its_scalars_in_the_same_looks(theme: str) -> None:
    trace = bp.trace(matrices())
    node = next(node.index for node in trace.nodes if node.op == "matmul")
    figure = scalar_figure(bp.draw(trace, theme=theme, digits=3), node)
    assert figure.options.title.endswith("= X W, number by number")
    assert (figure.options.theme.name, figure.options.digits) == (theme, 3)
    np.testing.assert_allclose(figure.trace.root.value, trace.nodes[node].value, rtol=1e-12)
    assert len(film(figure)["frames"]) == len(figure.trace.events) + 1
    assert closed(opened(figure, ["row 1 · column 2"])) == {"row 1 · column 2"}


def test_of_many_scalars_one_element_is_seen_in_full_and_the_others_by_a_click() -> None:
    A, B = (bp.parameter(np.ones(shape), name=name) for shape, name in (((4, 3), "A"), ((3, 5), "B")))
    figure = scalar_figure(bp.draw(bp.trace(A @ B, np.ones((4, 5)))), 2)
    assert figure.view.groups == [("row 1 · column 1",)]
    assert len(closed(figure)) == 19
    assert ("row 2 · column 4",) in opened(figure, ["row 2 · column 4"]).view.groups


@pytest.mark.parametrize(
    ("node", "error", "words"),
    [
        (0, ValueError, "only a product of matrices or vectors opens into scalars"),
        ("bias", ValueError, "'bias' is a leaf: only a product"),
        (99, ValueError, "there is no node 99"),
        (None, TypeError, "a node is given by its name or its index; got NoneType"),
    ],
)
def test_only_a_product_opens_into_scalars(node: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        scalar_figure(bp.draw(bp.trace(matrices())), node)
