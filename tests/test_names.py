"""Names and source lines: the reader's own variables and lines, the same whatever else was run."""

from __future__ import annotations

import linecache
import threading
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

import backprop_viz as bp
from backprop_viz.player.film import film

START = "import backprop_viz as bp\nimport numpy as np\n"
CELL = "a cell of the notebook"


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


INSIDE = """from backprop_viz import nn
F, draw = nn.functional, np.random.default_rng(0)
X, p, c = bp.parameter(draw.random((2, 3))), bp.parameter(draw.random((2, 3))), np.array([0, 2])
W, b, image = bp.parameter(draw.random((4, 3))), bp.parameter(np.ones(4)), bp.parameter(np.ones((1, 1, 4, 4)))
x = list(X[0])
"""
MODULES = {
    "AvgPool2d": "(2)(image)", "BCELoss": "()(p, 1.0)", "BCEWithLogitsLoss": "()(X, 1.0)", "BatchNorm1d": "(3)(X)",
    "BatchNorm2d": "(1)(image)", "Conv2d": "(1, 2, 2)(image)", "CrossEntropyLoss": "()(X, c)", "Dropout": "(0.4)(X)",
    "Embedding": "(3, 2)(c)", "Flatten": "()(image)", "GELU": "()(X)", "Layer": "(3, 2)(x)[1]",
    "LayerNorm": "(3)(X)", "LeakyReLU": "()(X)", "Linear": "(3, 4)(X)", "MLP": "([3, 4, 4, 1], nn.Sigmoid)(X)",
    "MSELoss": "()(X, p)", "MaxPool2d": "(2)(image)", "NLLLoss": "()(X, c)", "Neuron": "(3)(x)", "ReLU": "()(X)",
    "ScalarMLP": "([3, 4, 2], bp.relu)(x)[0]", "Sequential": "(nn.Linear(3, 2, bias=False), nn.Tanh())(X)",
    "SiLU": "()(X)", "Sigmoid": "()(X)", "Softmax": "(1)(X)", "Tanh": "()(X)",
}  # fmt: skip
FUNCTIONS = {
    "avg_pool2d": "(image, 2)", "batch_norm": "(X, None, None, training=True)", "binary_cross_entropy": "(p, 1.0)",
    "binary_cross_entropy_with_logits": "(X, 1.0)", "conv2d": "(image, image)", "cross_entropy": "(X, c)",
    "dropout": "(X, 0.4)", "embedding": "(c, W)", "flatten": "(X)", "layer_norm": "(X, (3,))", "linear": "(X, W, b)",
    "log_softmax": "(X, 1)", "max_pool2d": "(image, 2)", "mse_loss": "(X, p)", "nll_loss": "(X, c)",
    "softmax": "(X, 1)",
}  # fmt: skip


@pytest.mark.parametrize(
    "call",
    [
        *(f"nn.{name}{call}" for name, call in MODULES.items()),
        *(f"F.{name}{FUNCTIONS.get(name, '(X)')}" for name in bp.nn.functional.__all__),
        *("nn.Neuron(3, None)(x)", "nn.Neuron(3)(np.ones((3, 2)))", "nn.Tanh().forward(X)", "nn.Neuron(3).forward(x)"),
        *(
            "F.linear(np.ones((2, 3)), W)",
            "np.einsum('ij,kj->ik', X, W)",
            "np.dot(X, W.T)",
            "bp.std(X)",
            "bp.outer(b, b)",
        ),
    ],
)
def test_what_the_package_computes_is_made_by_the_readers_line(call: str) -> None:
    trace = run(f"{INSIDE}y = {call}\nt = bp.trace(y.sum())")
    made = {node.source and node.source.text for node in trace.nodes[:-1] if node.op}
    assert made - set(INSIDE.splitlines()) == {f"y = {call}"}


def test_no_module_is_left_out_of_the_test_above() -> None:
    modules = {name for name, made in vars(bp.nn).items() if isinstance(made, type) and issubclass(made, bp.nn.Module)}
    assert set(MODULES) == modules - {"Module", "ModuleList"}


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("/home/reader/lesson.py", "lesson.py"),
        ("lesson.py", "lesson.py"),
        ("/tmp/ipykernel_4711/3925108543.py", CELL),
        ("<ipython-input-3-0a1b2c>", CELL),
        ("<stdin>", CELL),
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


OWN = """from backprop_viz import nn
class Twice(nn.Linear):
    def forward(self, x):
        return super().forward(x) * 2
class Net(nn.Module):
    def __init__(self):
        self.inner = nn.Sequential(Twice(2, 2), nn.ReLU())
    def forward(self, x):
        h = self.inner(x)
        return h + 1
y = Net()(bp.tensor([1.0, 2.0]))
t = bp.trace(y.sum())
"""


def test_a_readers_own_module_shows_its_own_lines_the_innermost() -> None:
    made = {node.op: node.source.text for node in run(OWN).nodes if node.op and node.source}
    inside = "return super().forward(x) * 2"
    assert made == {
        "transpose": inside, "matmul": inside, "add": "return h + 1", "mul": inside, "relu": "h = self.inner(x)",
        "sum": "t = bp.trace(y.sum())",
    }  # fmt: skip


def test_what_a_readers_function_computes_inside_a_layer_stays_its_own() -> None:
    code = "def bent(z):\n    return z * z\nw = [bp.parameter(1.0)]\ny = bp.nn.Neuron(1, bent)(v + 1 for v in w)\n"
    made = [line for line, _ in filter(None, lines(f"{code}t = bp.trace(y)"))]
    assert made == [3, 4, 4, 4, 4, 4, 2]


def test_a_step_of_learning_keeps_the_lines_of_the_forward_pass() -> None:
    code = "net = bp.nn.MLP([2, 3, 1])\nL = net(bp.tensor([1.0, 2.0])).sum()\nopt = bp.optim.Adam(net.parameters())\n"
    trace = run(f"{code}t = bp.training(L, opt, steps=2)")
    made, moved = "L = net(bp.tensor([1.0, 2.0])).sum()", "net = bp.nn.MLP([2, 3, 1])"
    assert {node.source and node.source.text for node in trace.nodes if node.op} == {made}
    updates = [event for event in trace.events if isinstance(event, bp.Update)]
    assert {getattr(trace.nodes[event.parameter].source, "text", None) for event in updates} == {moved}


def test_two_threads_and_a_failing_layer_each_have_their_own_line() -> None:
    net, x = bp.nn.MLP([2, 3, 1]), bp.tensor([1.0, 2.0])
    found: dict[str, set[str | None]] = {}
    both = threading.Barrier(2)

    def texts(y: bp.Tensor) -> set[str | None]:
        return {getattr(node.source, "text", None) for node in bp.trace(y.sum()).nodes if node.op not in ("", "sum")}

    def first() -> None:
        for _ in range(20):
            both.wait()
            found["first"] = texts(net(x))

    def second() -> None:
        for _ in range(20):
            both.wait()
            with pytest.raises(ValueError, match="2 features"):
                net(bp.tensor([1.0]))
            found["second"] = texts(net(x * 2))

    threads = [threading.Thread(target=run_one) for run_one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {"first": {'found["first"] = texts(net(x))'}, "second": {'found["second"] = texts(net(x * 2))'}}


def test_a_neurons_activation_may_give_a_plain_number() -> None:
    assert bp.nn.Neuron(2, lambda z: 1 if z.item() > 0 else 0)([0.0, 0.0]) == 0  # type: ignore[arg-type, return-value]


# ---------------------------------------------------------------------- several cells
def test_several_cells_are_told_apart_and_each_lights_its_own_lines() -> None:
    cells = {"/tmp/ipykernel_1/1.py": "a = bp.parameter(2.0)", "<ipython-input-2-0>": "a = a * 3", "c.py": "a = a * 4"}
    scope: dict[str, Any] = {"bp": bp}
    for file, text in [*cells.items(), ("/tmp/ipykernel_1/3.py", "a = a * 5")]:
        linecache.cache[file] = (len(text), None, [text], file)
        exec(compile(text, file, "exec"), scope)
    trace = bp.trace(scope["a"])
    named = [CELL, "another cell of the notebook", "c.py", "a third cell of the notebook"]
    assert [code.file for code in trace.code] == [node.source and node.source.file for node in trace.nodes] == named
    assert [node["source"] for node in film(bp.draw(trace))["nodes"]] == [[0, 0], [1, 0], [2, 0], [3, 0]]
    assert bp.Trace.from_json(trace.to_json()) == trace


def test_many_cells_have_as_many_names() -> None:
    scope: dict[str, Any] = {"bp": bp, "a": bp.parameter(1.0)}
    for number in range(20):
        file = f"/tmp/ipykernel_7/{number}.py"
        linecache.cache[file] = (9, None, ["a = a * 2"], file)
        exec(compile("a = a * 2", file, "exec"), scope)
    files = [code.file for code in bp.trace(scope["a"]).code if "cell" in code.file]
    assert len(files) == len(set(files)) == 20
    assert files[-1] == "a cell of the notebook, number 20 of those shown"
