"""A trace that was edited by hand is refused when it is read, with what is wrong, and not when it is drawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import backprop_viz as bp
from backprop_viz.record.valid import fault


def recorded() -> bp.Trace:
    w, x = bp.parameter(3.0, name="w"), bp.tensor(2.0, name="x")
    return bp.trace((w * x).tanh())


Plain = dict[str, Any]
EDITS: dict[str, tuple[Callable[[Plain], object], str]] = {
    "kind": (lambda t: t["nodes"][0].update(kind="foo"), "node 0: its kind is 'foo' and its op ''"),
    "no op": (lambda t: t["nodes"][2].update(op=""), "node 2: its kind is 'compute' and its op ''"),
    "index": (lambda t: t["nodes"][1].update(index=7), "node 1: its index is 7"),
    "name": (lambda t: t["nodes"][0].update(name=3), "its name or its group is no text: 3"),
    "group": (lambda t: t["nodes"][2].update(group=[1]), r"its name or its group is no text: 'v1', \(1,\)"),
    "later parent": (
        lambda t: t["nodes"][2]["arguments"][0].update(node=3),
        "computed from node 3, which does not come",
    ),
    "huge": (lambda t: t["nodes"][0].update(value=10**400), "node 0: its value is a whole number that no array holds"),
    "notation": (lambda t: t["nodes"][2].update(notation="a + ("), r"node 2: its notation is no expression: 'a \+ \('"),
    "formula": (lambda t: t["nodes"][3].update(formula=4), "node 3: its formula is no expression: 4"),
    "edge index": (lambda t: t["edges"][0].update(index=2), "edge 0: its index is 2"),
    "edge end": (lambda t: t["edges"][0].update(parent=999), "edge 0: it leads from node 999 to node 2"),
    "edge formula": (lambda t: t["edges"][0].update(formula=")"), "edge 0: its formula is no expression"),
    "no edges": (lambda t: t.update(edges=[], events=[]), "the edges are not those of the nodes' arguments"),
    "event's node": (lambda t: t["events"][0].update(node=9), "event 0: there is no node 9"),
    "event's edge": (lambda t: t["events"][-1].update(edge=-1), "event 4: there is no edge -1"),
    "event's value": (
        lambda t: t["events"][0].update(value={"array": [1.0, 2.0], "shape": [2], "dtype": "float64"}),
        r"event 0: its value has shape \(2,\), and node 2 has shape \(\)",
    ),
    "event's number": (lambda t: t["events"][-1].update(total=2**70), "event 4: it holds a whole number that no array"),
}


@pytest.mark.parametrize(("edit", "words"), EDITS.values(), ids=EDITS)
def test_an_edited_trace_says_what_is_wrong_with_it(edit: Callable[[Plain], object], words: str) -> None:
    plain = json.loads(recorded().to_json())
    edit(plain)
    with pytest.raises(ValueError, match=f"not a trace that to_json wrote: .*{words}.*Record it again"):
        bp.Trace.from_json(json.dumps(plain))


def test_a_recorded_trace_has_no_fault() -> None:
    assert fault(recorded()) == ""


def test_a_group_that_is_no_list_is_one_name() -> None:
    plain = json.loads(recorded().to_json())
    plain["nodes"][2]["group"] = "abc"
    assert bp.Trace.from_json(json.dumps(plain)).nodes[2].group == ("abc",)
