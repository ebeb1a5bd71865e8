"""What a picture shows of a trace: every node is visible, in one closed group, or said to be hidden."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from graphs import chain, fan_out, neuron, neurons
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pictures import arrows, parts

import backprop_viz as bp
from backprop_viz.render.copies import FAR, with_copies
from backprop_viz.render.toggle import toggled
from backprop_viz.render.view import Selection, View, ancestors, between, descendants, view_of

Spec = list[tuple[int, int, int]]  # of each op: its two arguments, and what happens to the groups before it

many = settings(max_examples=150, deadline=None)
few = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


# ---------------------------------------------------------------------- random graphs with random groups
specs = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 5)), min_size=1, max_size=30)


def built(spec: Spec) -> bp.Trace:
    """A graph of sums and products, in nested groups that begin (1, 2) and end (3, 4) on the way."""
    made = [bp.parameter(0.5, name="a"), bp.parameter(-0.3, name="b"), bp.tensor(0.7, name="c")]
    opened: list[bp.group] = []
    for number, (left, right, move) in enumerate(spec):
        if move in (1, 2) and len(opened) < 3:
            opened.append(bp.group(f"g{number % 4}"))
            opened[-1].__enter__()
        elif move in (3, 4) and opened:
            opened.pop().__exit__(None, None, None)
        x, y = made[-1 - left % len(made)], made[right % len(made)]  # mostly of the last, and of the leaves
        made.append(x + y if number % 2 else x * y)
    while opened:
        opened.pop().__exit__(None, None, None)
    return bp.trace(made[-1])


limits = st.sampled_from([1, 2, 3, 5, 8, 13, 150])
some_groups = st.frozensets(st.lists(st.sampled_from(["g0", "g1", "g2", "g3"]), min_size=1, max_size=3).map(tuple))
by_hand = st.builds(Selection, limit=limits, opened=some_groups, shut=some_groups, apart=some_groups)
selections = st.builds(Selection, limit=limits) | by_hand


def standing_for(view: View) -> dict[int, list[str]]:
    """Of every node of the trace, the keys of the places where it is seen, itself or in a closed group."""
    found: dict[int, list[str]] = {node.index: [] for node in view.trace.nodes}
    for place in view.places:
        for node in place.members if place.node is None else (place.node,):
            if not place.copy:
                found[node].append(place.key)
    return found


def views(trace: bp.Trace, selection: Selection) -> Iterator[View]:
    view = view_of(trace, selection)
    yield view
    yield with_copies(view)


@many
@given(specs, selections)
def test_every_node_is_seen_once_or_said_to_be_hidden(spec: Spec, selection: Selection) -> None:
    for view in views(built(spec), selection):
        for node, places in standing_for(view).items():
            assert len(places) == (0 if view.hidden.get(f"n{node}") == "" else 1)
            if not places:
                assert any(note.startswith("Shown: the ") for note in view.notes)
            elif places[0].startswith("g"):
                assert view.hidden[f"n{node}"] == view.hidden[f"n{node}.back"] == places[0]
                assert any("closed group" in note for note in view.notes)
            else:
                assert f"n{node}" not in view.hidden


@many
@given(specs, selections)
def test_the_links_are_the_edges_between_different_places(spec: Spec, selection: Selection) -> None:
    for view in views(built(spec), selection):
        place = {node: places[0] for node, places in standing_for(view).items() if places}
        place_of = {p.key: p.part for p in view.places}
        between_places = {
            e.index: (place[e.parent], place[e.child])
            for e in view.trace.edges
            if e.parent in place and e.child in place and place[e.parent] != place[e.child]
        }
        drawn = {edge: (place_of[link.tail], place_of[link.head]) for link in view.links for edge in link.edges}
        assert drawn == between_places
        assert sum(len(link.edges) for link in view.links) == len(drawn)
        for link in view.links:
            assert link.backpropagates == any(view.trace.edges[e].backpropagates for e in link.edges)
            assert link.single == (link.tail[0] == link.head[0] == "n")


@many
@given(specs, selections)
def test_what_is_drawn_has_no_cycle(spec: Spec, selection: Selection) -> None:
    """The order of the places is one of the computation: every link runs onward in it."""
    for view in views(built(spec), selection):
        into = {place.key: {link.tail for link in view.links if link.head == place.key} for place in view.places}
        while ready := [key for key, tails in into.items() if not tails & into.keys()]:
            for key in ready:
                del into[key]
        assert not into


@many
@given(specs, selections)
def test_no_more_places_than_the_limit(spec: Spec, selection: Selection) -> None:
    view = view_of(built(spec), selection)
    assert 1 <= len(view.places) <= selection.limit


@many
@given(specs, selections)
def test_groups_are_open_or_closed_but_not_both_and_hold_more_than_one_node(spec: Spec, selection: Selection) -> None:
    view = view_of(built(spec), selection)
    closed = [place.group for place in view.places if place.group]
    assert len(set(closed)) == len(closed)
    for path in closed:
        assert not any(open_[: len(path)] == path for open_ in view.groups)
    assert all(len(place.members) > 1 for place in view.places if place.group)


@few
@given(specs, selections)
def test_the_parts_that_steps_name_are_in_the_picture(spec: Spec, selection: Selection) -> None:
    figure = bp.draw(built(spec), limit=selection.limit)
    figure = replace(figure, selection=selection)
    drawn = parts(figure).keys() | arrows(figure).keys()
    for frame in figure.frames:
        assert {part for part in (*frame.reached, *frame.active) if part not in drawn} == set()
        assert all(f'data-slot="{slot}"' in figure.svg for slot in frame.texts)
    assert {part for frame in figure.frames for part in frame.reached} == drawn


# ---------------------------------------------------------------------- kin
@many
@given(specs, st.integers(0, 40), st.integers(0, 40))
def test_ancestors_and_descendants_mirror_each_other(spec: Spec, a: int, b: int) -> None:
    trace = built(spec)
    a, b = a % len(trace.nodes), b % len(trace.nodes)
    assert (a in ancestors(trace, b)) == (b in descendants(trace, a))
    reached = {a}
    for node in trace.nodes:
        if reached & set(node.parents):
            reached.add(node.index)
    assert descendants(trace, a) == reached
    assert between(trace, a, b) == reached & ancestors(trace, b)
    assert bool(between(trace, a, b)) == (b in reached)


@pytest.mark.parametrize(
    ("selection", "note"),
    [
        (Selection(ancestors_of=4), "Shown: the ancestors of u, 4 of 7 nodes."),
        (Selection(descendants_of=4), "Shown: the descendants of u, 3 of 7 nodes."),
        (Selection(5, 3), "Shown: the ancestors of yhat that are descendants of w1, 3 of 7 nodes."),
        (Selection(limit=3), "Shown: the 3 of 7 nodes that are nearest to L; arrows to the others are left out."),
        (
            Selection(limit=3, around=2),
            "Shown: the 3 of 7 nodes that are nearest to w0; arrows to the others are left out.",
        ),
        (Selection(limit=1), "Shown: the one nearest to L; arrows to the others are left out."),
    ],
)
def test_what_is_left_out_is_said(selection: Selection, note: str) -> None:
    assert view_of(bp.trace(neuron()), selection).notes == (note,)


def test_the_whole_needs_no_words() -> None:
    view = view_of(bp.trace(neuron()), Selection())
    assert (view.notes, view.hidden, len(view.places), len(view.links)) == ((), {}, 7, 6)


def test_the_nearest_nodes_are_those_fewest_links_away_and_not_through_a_shared_leaf() -> None:
    w = bp.parameter(2.0, name="w")
    near, far = bp.tanh(w * 1.0), bp.tanh(w * 3.0)
    near.name, far.name = "near", "far"
    for _ in range(5):
        far = far * 1.5
    trace = bp.trace(near + far)
    index = next(node.index for node in trace.nodes if node.name == "near")
    names = {trace.nodes[node].name for node in view_of(trace, Selection(limit=4, around=index)).nodes}
    assert {"near", "w"} < names
    assert "far" not in names


# ---------------------------------------------------------------------- groups
def test_groups_close_from_the_inside_until_what_is_left_fits() -> None:
    trace = bp.trace(neurons())
    depths = {limit: max(map(len, view_of(trace, Selection(limit=limit)).groups), default=0) for limit in (150, 20, 4)}
    assert depths == {150: 3, 20: 2, 4: 0}


def test_zoom_opens_one_group_and_closes_what_is_beside_it() -> None:
    view = view_of(bp.trace(neurons()), Selection(zoom="neuron 2"))
    assert view.groups[-1] == ("ScalarMLP", "layer 1", "neuron 2")
    assert {place.group[-1] for place in view.places if place.group} == {"neuron 1", "neuron 3", "layer 2"}
    assert view.notes == ("3 closed groups hide 26 nodes.",)


def test_a_closed_group_says_how_many_nodes_it_hides_and_a_bundle_how_many_edges() -> None:
    figure = bp.draw(bp.trace(neurons()), limit=4)
    (box,) = (place for place in figure.view.places if place.group)
    assert f">{len(box.members)} nodes</text>" in figure.svg
    several = [link for link in figure.view.links if len(link.edges) > 1]
    assert several
    assert all(f">{len(link.edges)} edges</text>" in figure.svg for link in several)


# ---------------------------------------------------------------------- groups opened and closed by hand
def groups_of(view: View) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    """The open groups, and the closed ones."""
    return set(view.groups), {place.group for place in view.places if place.group}


@many
@given(specs, selections, st.integers(0, 50))
def test_a_click_opens_a_closed_group_and_closes_an_open_one_and_another_takes_it_back(
    spec: Spec, selection: Selection, choice: int
) -> None:
    trace, selection = built(spec), replace(selection, limit=150)
    view = view_of(trace, selection)
    open_, closed = groups_of(view)
    if not open_ | closed:
        return
    path = sorted(open_ | closed)[choice % len(open_ | closed)]
    clicked = toggled(selection, path, view)
    after = view_of(trace, clicked)
    now_open, now_closed = groups_of(after)
    assert path in (now_closed if path in open_ else now_open)
    assert {p for p in now_open ^ open_ if p[: len(path)] != path} == set()
    assert {p for p in now_closed ^ closed if p[: len(path)] != path} == set()
    back = view_of(trace, toggled(clicked, path, after))
    assert (back.places, back.links) == (view.places, view.links)


def test_what_is_in_a_group_that_is_opened_is_closed_until_it_is_opened_too() -> None:
    net = bp.nn.ScalarMLP([8, 20, 10, 1])
    trace, selection = bp.trace(net([0.1 * n for n in range(8)])), Selection()
    layer, neuron = ("ScalarMLP", "layer 2"), ("ScalarMLP", "layer 2", "neuron 3")
    neurons_of_it = {(*layer, f"neuron {n}") for n in range(1, 11)}
    before = view_of(trace, selection)
    assert layer in groups_of(before)[1]
    selection = toggled(selection, layer, before)
    assert groups_of(view_of(trace, selection))[1] == groups_of(before)[1] - {layer} | neurons_of_it
    selection = toggled(selection, neuron, view_of(trace, selection))
    assert groups_of(view_of(trace, selection))[1] >= neurons_of_it - {neuron}
    inside = view_of(trace, Selection(opened=frozenset({neuron})))
    assert groups_of(inside) == groups_of(before)


def wide(neurons_in_it: int = 16) -> bp.Trace:
    net = bp.nn.ScalarMLP([2, neurons_in_it, 1])
    return bp.trace(net([0.1, 0.2]))


def test_groups_that_are_drawn_as_one_are_drawn_each_after_a_click_and_stay_so() -> None:
    trace, selection = wide(), Selection(zoom="layer 1.neuron 3")
    layer = ("ScalarMLP", "layer 1")
    selection = toggled(selection, (*layer, "neuron 4 – neuron 16"), view_of(trace, selection))
    each = {(*layer, f"neuron {n}") for n in range(4, 17)}
    assert groups_of(view_of(trace, selection))[1] >= each
    selection = toggled(selection, (*layer, "neuron 7"), view_of(trace, selection))
    open_, closed = groups_of(view_of(trace, selection))
    assert (*layer, "neuron 7") in open_
    assert closed >= each - {(*layer, "neuron 7")}


def test_a_group_that_was_closed_by_hand_is_not_joined_with_others() -> None:
    trace, selection = wide(), Selection(zoom="layer 1.neuron 3")
    neuron = ("ScalarMLP", "layer 1", "neuron 3")
    selection = toggled(selection, neuron, view_of(trace, selection))
    names = {path[-1] for path in groups_of(view_of(trace, selection))[1]}
    assert {"neuron 3", "neuron 4 – neuron 16"} < names


def test_a_group_beside_the_zoomed_one_opens_too() -> None:
    trace, selection = bp.trace(neurons()), Selection(zoom="neuron 2")
    selection = toggled(selection, ("ScalarMLP", "layer 1", "neuron 1"), view_of(trace, selection))
    assert {path[-1] for path in view_of(trace, selection).groups} >= {"neuron 1", "neuron 2"}


def test_of_an_opened_group_that_is_too_large_the_nearest_nodes_are_shown_and_it_is_said() -> None:
    trace, selection = wide(), Selection(limit=30)
    for path in (("ScalarMLP", "layer 1"), *(("ScalarMLP", "layer 1", f"neuron {n}") for n in range(1, 5))):
        view = view_of(trace, selection)
        if path not in view.groups:
            selection = toggled(selection, path, view)
    view = view_of(trace, selection)
    assert len(view.places) == 30
    clicked = [node.index for node in trace.nodes if node.group == ("ScalarMLP", "layer 1", "neuron 4")]
    assert set(clicked) <= set(view.nodes)
    assert view.notes[0].startswith("Shown: the 30 of ")


# ---------------------------------------------------------------------- copies
def test_a_leaf_is_drawn_again_near_distant_uses_and_marked_as_a_copy() -> None:
    figure = bp.draw(bp.trace(chain()))
    copies = [place for place in figure.view.places if place.copy]
    assert copies
    assert {figure.trace.nodes[place.node].name for place in copies if place.node is not None} == {"w"}
    assert len(re.findall(r'stroke-dasharray="5 3"', figure.svg)) == len(copies)
    assert any(note.startswith("A dashed outline marks a leaf") for note in figure.view.notes)
    badges = re.findall(r'class="bp-badge" data-part="n0\.back"', figure.svg)
    assert len(badges) == 1


@many
@given(specs)
def test_copies_are_of_leaves_alone_and_near_each_use(spec: Spec) -> None:
    view = view_of(built(spec), Selection())
    copied = with_copies(view)
    assert [place.key for place in copied.places if not place.copy] == [place.key for place in view.places]
    rank = {place.key: 0 for place in view.places}
    for place in view.places:
        rank[place.key] = 1 + max((rank[link.tail] for link in view.links if link.head == place.key), default=-1)
    for place in copied.places:
        uses = [rank[link.head] for link in copied.links if link.tail == place.key]
        if place.copy:
            assert place.node is not None
            assert view.trace.nodes[place.node].kind != "compute"
            assert uses
        if uses and place.key not in {link.head for link in copied.links}:
            assert max(uses) - min(uses) <= FAR


def test_a_small_graph_has_no_copies() -> None:
    assert not any(place.copy for place in bp.draw(bp.trace(fan_out())).view.places)


# ---------------------------------------------------------------------- size
def long_chain(length: int) -> bp.Tensor:
    h = bp.parameter(0.5, name="h")
    for _ in range(length):
        h = h * 1.001
    return h


def test_3000_nodes_are_drawn_in_seconds_and_what_is_hidden_is_said() -> None:
    start = time.process_time()
    figure = bp.draw(bp.trace(long_chain(3000)))
    assert "Shown: the 150 of 3001 nodes that are nearest to" in figure.svg
    assert time.process_time() - start < 20


def test_a_large_network_is_drawn_as_its_groups() -> None:
    net = bp.nn.ScalarMLP([8, 20, 10, 1])
    trace = bp.trace(net([0.1 * n for n in range(8)]))
    figure = bp.draw(trace)
    assert len(trace.nodes) > 1000
    assert len(figure.view.places) <= 150
    assert sum(len(place.members) for place in figure.view.places) + len(figure.view.nodes) == len(trace.nodes)
    assert "nodes</text>" in figure.svg
