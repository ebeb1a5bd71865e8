"""Names and source lines: the reader's own variables and lines, the same whatever else was run."""

from __future__ import annotations

import linecache
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

import backprop_viz as bp

START = "import backprop_viz as bp\nimport numpy as np\n"


def run(code: str, file: str = "/home/reader/lesson.py", **variables: Any) -> bp.Trace:
    """The trace that this program leaves in `t`, run as a file of that name."""
    program = START + code
    linecache.cache[file] = (len(program), None, program.splitlines(keepends=True), file)
    compiled: CodeType = compile(program, file, "exec")
    variables["__name__"] = "__main__"
    exec(compiled, variables)
    trace = variables["t"]
    assert isinstance(trace, bp.Trace)
    return trace


def names(code: str, **variables: Any) -> list[str]:
    return [node.name for node in run(code, **variables).nodes]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x, w = bp.tensor(1.5), bp.parameter(2.0)\nL = x * w\nt = bp.trace(L)", ["x", "w", "L"]),
        ("w = bp.parameter(2.0, name='weight')\nL = w * w\nt = bp.trace(L)", ["weight", "L"]),
        ("w = bp.parameter(2.0)\nt = bp.trace((w * w + 1).tanh())", ["w", "v1", "v2", "v3"]),
        ("t = bp.trace(bp.parameter(2.0) * 2)", ["v1", "v2"]),
        # underscores are the notebook's own, and so is what hides in containers
        ("_ = _7 = __x = bp.parameter(2.0)\nL = _ * 2\nt = bp.trace(L)", ["v1", "L"]),
        ("ws = [bp.parameter(2.0), bp.parameter(3.0)]\nL = ws[0] * ws[1]\nt = bp.trace(L)", ["v1", "v2", "L"]),
        # aliases: the name in the line that made it, then the shortest, then the alphabet
        ("loss = bp.parameter(2.0) * 2\nL = loss\nt = bp.trace(L)", ["v1", "loss"]),
        ("b = a = bp.parameter(2.0)\nL = a * 2\nt = bp.trace(L)", ["a", "L"]),
        ("long = bp.parameter(2.0)\nbb = ab = long\ndel long\nL = ab * 2\nt = bp.trace(L)", ["ab", "L"]),
        # generated names never meet a reader's
        ("v1 = bp.parameter(2.0)\nL = (v1 * 2) * 3\nt = bp.trace(L)", ["v1", "t1", "L"]),
        ("a = bp.parameter(2.0, name='v2')\nL = (a * 2) * 3\nt = bp.trace(L)", ["v2", "t1", "L"]),
        (
            "v1, t1, h1, q1 = (bp.parameter(float(i)) for i in range(4))\nL = v1 * t1 * h1 * q1\nt = bp.trace(L)",
            ["v1", "t1", "h1", "q1", "node_1", "node_2", "L"],
        ),
        (
            "a = bp.parameter(2.0, name='v1')\nL = (a * 2) * bp.parameter(1.0, name='v1')\nt = bp.trace(L)",
            ["v1", "t1", "v1", "L"],
        ),
        # locals are seen, and hide globals
        ("w = bp.parameter(2.0)\ndef f():\n    u = w * 2\n    return bp.trace(u)\nt = f()", ["w", "u"]),
        ("w = g = bp.parameter(2.0)\ndef f(a):\n    return bp.trace(a * 2)\nt = f(w)", ["a", "v1"]),
        ("ŷ = bp.parameter(2.0)\nt = bp.trace(ŷ * 1)", ["ŷ", "v1"]),
        # a variable that holds another tensor by now names that one
        ("w = bp.parameter(2.0)\nz = w * 2\nz = z + 1\nt = bp.trace(z)", ["w", "v1", "z"]),
    ],
)  # fmt: skip
def test_tensors_are_named_by_the_variables_that_hold_them(code: str, expected: list[str]) -> None:
    assert names(code) == expected


def test_unrelated_variables_and_their_order_change_nothing() -> None:
    code = "b = a = bp.parameter(2.0)\nL = (a * 2).tanh() + 1\nt = bp.trace(L)"
    plain = run(code).to_json()
    assert run(code, other=3, v1=bp.tensor(1.0), zz=bp.parameter(1.0) * 2).to_json() == plain
    assert run(code, L=None, b=None, a=None).to_json() == plain


def test_a_name_holds_when_the_record_is_made_elsewhere() -> None:
    trace = run("def deep(loss):\n    return bp.trace(loss)\nw = bp.parameter(2.0)\nL = w * 2\nt = deep(L)")
    assert [node.name for node in trace.nodes] == ["w", "loss"]


# ---------------------------------------------------------------------- source lines
def lines(code: str, file: str = "/home/reader/lesson.py") -> list[tuple[int, str] | None]:
    """Line and text of each node's source, lines counted from the first of `code`."""
    sources = [node.source for node in run(code, file).nodes]
    return [(source.line - START.count("\n"), source.text) if source else None for source in sources]


def test_each_node_knows_the_line_that_made_it() -> None:
    code = "w = bp.parameter(2.0)\ny = np.tanh(w * 2)\nz = bp.sigmoid(y)\nL = z.sum()\nt = bp.trace(L)"
    assert lines(code) == [
        (1, "w = bp.parameter(2.0)"),
        (2, "y = np.tanh(w * 2)"),
        (2, "y = np.tanh(w * 2)"),
        (3, "z = bp.sigmoid(y)"),
        (4, "L = z.sum()"),
    ]


def test_a_long_expression_gives_each_node_its_own_line() -> None:
    code = (
        "w = bp.parameter(2.0)\nL = (\n    (w * 3)\n    + w.tanh()\n    - np.exp(\n        w\n    )\n)\nt = bp.trace(L)"
    )
    assert [line for line, _ in filter(None, lines(code))] == [1, 3, 4, 3, 5, 3]


def test_the_line_inside_a_function_is_the_one_that_computes() -> None:
    code = "def f(w):\n    z = 2 * w\n    return bp.bce(bp.sigmoid(z), 1.0)\nL = f(bp.parameter(2.0))\nt = bp.trace(L)"
    assert [line for line, _ in filter(None, lines(code))] == [4, 2, 3, 3]


def test_a_reduction_inside_the_package_is_the_readers_line() -> None:
    code = "p = bp.parameter([0.2, 0.3])\nL = bp.bce(p, np.array([0, 1]))\nt = bp.trace(L)"
    assert [line for line, _ in filter(None, lines(code))] == [1, 2, 2, 2]


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("/home/reader/lesson.py", "lesson.py"),
        ("lesson.py", "lesson.py"),
        ("/tmp/ipykernel_4711/3925108543.py", "this cell"),
        ("<ipython-input-3-0a1b2c>", "this cell"),
        ("<stdin>", "this cell"),
    ],
)
def test_a_file_is_shown_without_what_changes_from_run_to_run(file: str, shown: str) -> None:
    trace = run("w = bp.parameter(2.0)\nt = bp.trace(w * 2)", file)
    assert {node.source.file for node in trace.nodes if node.source} == {shown}


def test_without_source_text_there_is_no_source() -> None:
    variables: dict[str, Any] = {"bp": bp, "__name__": "__main__"}
    exec(compile("w = bp.parameter(2.0)\nt = bp.trace(w * 2)", "<nowhere>", "exec"), variables)
    assert [node.source for node in variables["t"].nodes] == [None, None]


def test_this_file_is_found_on_disk() -> None:
    trace = bp.trace(bp.parameter(2.0) * 2)
    source = trace.root.source
    assert source is not None
    assert source.file == Path(__file__).name
    assert source.text == "trace = bp.trace(bp.parameter(2.0) * 2)"
    assert Path(__file__).read_text(encoding="utf-8").splitlines()[source.line - 1].strip() == source.text


def test_a_name_that_another_cell_gives_changes_nothing() -> None:
    cells: dict[str, Any] = {}
    exec(
        compile(
            "import backprop_viz as bp\nps = [bp.parameter(1.0), bp.parameter(2.0)]\nL = ps[0] * ps[1]", "a", "exec"
        ),
        cells,
    )
    show = compile("t = bp.trace(L).to_json()", "b", "exec")
    exec(show, cells)
    before = cells["t"]
    exec(compile("for p in ps:\n    p.grad\nalias = L", "c", "exec"), cells)
    exec(show, cells)
    assert cells["t"] == before
