"""The chain rule written out for one gradient, as text, LaTeX and MathML."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from graphs import GRAPHS, fan_out, hostile, matrices, neuron
from test_ops import Case, every_case, result_of, values_for

import backprop_viz as bp
from backprop_viz.autograd.tensor import apply
from backprop_viz.render.derivation import DARK
from backprop_viz.render.text import shown

NEURON = """\
∂ℒ/∂ℒ  = 1                 line 20: L = bp.bce(yhat, y)

∂ℒ/∂ŷ  = ∂ℒ/∂ℒ · ∂ℒ/∂ŷ     line 19: yhat = bp.sigmoid(u)
       = ∂ℒ/∂ℒ · (ŷ − y)/(ŷ·(1 − ŷ))
       = 1 · (0.4134 − 1)/(0.4134·(1 − 0.4134))
       = 1 · (−2.419)
       = −2.419

∂ℒ/∂u  = ∂ℒ/∂ŷ · ∂ŷ/∂u     line 18: u = bp.addcmul(w0, w1, x)
       = ∂ℒ/∂ŷ · σ(u)·(1 − σ(u))
       = (−2.419) · σ(−0.35)·(1 − σ(−0.35))
       = (−2.419) · 0.2425
       = −0.5866

∂ℒ/∂w₀ = ∂ℒ/∂u · ∂u/∂w₀    line 17: w0, w1 = bp.parameter(0.1), bp.paramete…
       = ∂ℒ/∂u · 1
       = (−0.5866) · 1
       = −0.5866"""
LAST_STEP = r"""\frac{\partial\mathcal{L}}{\partial w_{0}}
  &= \frac{\partial\mathcal{L}}{\partial u} \cdot \frac{\partial u}{\partial w_{0}} && """
NAMES = [
    "\\",
    "$x$",
    "100%",
    "a&b",
    "a_b",
    "{",
    "}}",
    "\\end{align*}",
    "\\\\[1ex]",
    "x^2~#1",
    "<script>alert(1)</script>",
    "</math>",
    "😀",
    "שלום",
    "n" * 10_000,
    "\\" * 10_000,
    "α₂",
    "|",
    "",
    "%\n",
]
COMMANDS = re.compile(
    r"""\\(textcolor|frac|sqrt|hat|bar|tilde|dot|text|texttt|mathrm|mathcal|mathbf|ensuremath|partial|cdot|odot|top|sum|prod
    |times|le|infty|dots|surd|quad|left|right|lvert|rvert|cos|exp|log|max|min|sin|tanh|textbackslash|textasciitilde
    |textasciicircum|textless|textgreater|textbar|textvisiblespace|sigma|pi|alpha|Sigma)""",
    re.VERBOSE,
)
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
TEXT = ("\\text", "\\texttt")


# ---------------------------------------------------------------------- a small, strict reader of LaTeX
def read_latex(source: str) -> str:
    """The body of the one align* environment; fails where LaTeX would, or where it would read a name as a command."""
    lines = [line for line in source.splitlines() if not line.startswith("%")]
    assert (lines[0], lines[-1]) == (r"\begin{align*}", r"\end{align*}")
    body = "\n".join(lines[1:-1])
    modes, sized, previous = ["math"], [0], ""
    pending = ""  # the mode of the next group, where a command before it says one
    for token in TOKEN.findall(body):
        mode = modes[-1]
        if token == "{":
            modes.append(pending or mode)
            sized.append(0)
        elif token == "}":
            assert sized.pop() == 0, "a \\left without its \\right"
            modes.pop()
            assert modes, "a brace too many"
        elif token in ("\\\\", "&"):
            assert len(modes) == 1, f"{token} inside a group"
        elif token in ("$", "#", "%", "~"):
            pytest.fail(f"a bare {token}")
        elif token in ("^", "_"):
            assert mode == "math", f"{token} in text"
        elif re.fullmatch(r"\\[A-Za-z]+", token):
            assert COMMANDS.fullmatch(token), token
            sized[-1] += {"\\left": 1, "\\right": -1}.get(token, 0)
        elif token[0] == "\\":
            assert token[1] in ("{}$&#_%" if mode == "text" else ","), token
        elif mode == "math":
            assert token.isascii(), f"{token!r} outside text"
        if previous in ("^", "_"):
            assert token == "{", f"{token} after {previous}"
        if token != "{":
            pending = "text" if token in TEXT else "math" if token == "\\ensuremath" else ""
        elif pending:
            pending = ""
        previous = token
    assert modes == ["math"], "a brace too few"
    assert sized == [0]
    return body


class Tags(HTMLParser):
    """The tags that a browser sees."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)


MATHML = {"math", "mtable", "mtr", "mtd", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msup", "msub", "mover", "msqrt"}


def check(trace: bp.Trace, node: int) -> None:
    """Every form can be read, and every number that the trace has for the gradient is in the text."""
    derivation = trace.derivation(node)
    read_latex(derivation.latex)
    assert "textcolor" not in read_latex(derivation.latex_plain)
    ElementTree.fromstring(derivation.mathml)
    bundle = derivation._repr_mimebundle_()
    assert bundle["text/plain"] == str(derivation)
    tags = Tags()
    assert bundle["text/html"].startswith(DARK)
    tags.feed(bundle["text/html"].removeprefix(DARK))
    assert tags.seen <= MATHML | {"div"}
    blocks = derivation.text.split("\n\n")
    last = blocks[-1].splitlines()
    assert last[-1].split(" = ", 1)[1].split("    ")[0] == shown(trace.gradient(node))
    for send in trace.contributions(node):
        if len(list(trace.contributions(node))) == 1 and send.local is not None and "array" not in shown(send.local):
            assert shown(send.local) in blocks[-1]
            assert shown(send.upstream) in blocks[-1]


# ---------------------------------------------------------------------- what it says
def test_the_neurons_gradient_is_derived_word_for_word() -> None:
    assert str(bp.trace(neuron()).derivation("w0")) == NEURON


def test_the_latex_of_the_neuron_is_the_chain_rule() -> None:
    derivation = bp.trace(neuron()).derivation("w0")
    assert LAST_STEP in derivation.latex_plain
    assert r"&= \textcolor{red}{(-0.5866)} \cdot \textcolor{blue}{1} \\" in derivation.latex
    assert r"\textcolor{blue}{\frac{\hat{y} - y}{\hat{y} \cdot (1 - \hat{y})}}" in derivation.latex
    assert derivation.latex.startswith("% In the preamble: \\usepackage{amsmath, xcolor}\n% Red: ")


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
def test_every_gradient_of_the_sample_graphs_is_derived(build: Any) -> None:
    trace = bp.trace(build())
    derived = [node.index for node in trace.nodes if trace.gradient(node.index) is not None]
    assert derived
    for node in derived:
        check(trace, node)


@every_case
def test_every_row_of_the_op_table_is_derived(case: Case) -> None:
    op, arguments, options = case
    values = values_for(case)
    tensors = [
        bp.parameter(value, name=f"x{slot}") if isinstance(arguments[slot], tuple) else value
        for slot, value in enumerate(values)
    ]
    out = apply(op, *tensors, **options)
    trace = bp.trace(out, np.ones(np.shape(result_of(case, values))))
    for node in trace.nodes:
        if trace.gradient(node.index) is not None:
            check(trace, node.index)


def test_each_gradient_on_the_way_is_derived_once_and_the_loss_comes_first() -> None:
    steps = bp.trace(fan_out()).derivation("x").steps
    assert [step.gradient.text for step in steps] == ["∂ℒ/∂ℒ", "∂ℒ/∂v", "∂ℒ/∂u", "∂ℒ/∂y", "∂ℒ/∂x"]


def test_what_the_gradient_does_not_depend_on_is_left_out() -> None:
    steps = bp.trace(fan_out()).derivation("u").steps
    assert [step.gradient.text for step in steps] == ["∂ℒ/∂ℒ", "∂ℒ/∂u"]


def test_a_node_that_several_nodes_use_has_a_sum_with_a_term_for_each_use() -> None:
    step = bp.trace(fan_out()).derivation("y").steps[-1]
    assert [piece.text for _, piece in step.lines] == [
        "∂ℒ/∂v · ∂v/∂y + ∂ℒ/∂u · ∂u/∂y⁽¹⁾ + ∂ℒ/∂u · ∂u/∂y⁽²⁾",
        "∂ℒ/∂v · (1 − tanh(y)²) + ∂ℒ/∂u · y + ∂ℒ/∂u · y",
        "1 · (1 − tanh(6)²) + 1 · 6 + 1 · 6",
        "1 · 2.458·10⁻⁵ + 1 · 6 + 1 · 6",
        "2.458·10⁻⁵ + 6 + 6",
        "12",
    ]


def test_a_long_sum_goes_on_in_further_lines() -> None:
    x = bp.parameter(2.0, name="x")
    y = x * 1 + x * 2 + x * 3 + x * 4 + x * 5
    lines = bp.trace(y).derivation("x").steps[-1].lines
    assert [sign for sign, _ in lines] == ["=", "+"] * (len(lines) // 2) + ["="]
    assert [piece.text for _, piece in lines[-3:]] == ["5 + 4 + 3 + 2", "1", "15"]


def test_a_product_of_matrices_has_its_rule_and_its_shapes() -> None:
    step = bp.trace(matrices()).derivation("W").steps[-1]
    assert [piece.text for _, piece in step.lines] == ["Xᵀ (∂v₈/∂v₁)", "(3×2)ᵀ (3×3)", "2×3 array"]
    assert step.place.startswith("shape 2×3, line ")


def test_small_matrices_are_written_out() -> None:
    A, x = bp.parameter([[1.0, 2.0]], name="A"), bp.tensor([[3.0], [4.0]], name="x")
    step = bp.trace((A @ x).sum()).derivation("A").steps[-1]
    assert [piece.text for _, piece in step.lines] == ["(∂v₂/∂v₁) xᵀ", "[[1]] [[3], [4]]ᵀ", "[[3, 4]]"]


def test_a_repeated_argument_gets_the_sum_over_its_copies() -> None:
    A, b = bp.parameter([[1.0, 2.0]], name="A"), bp.parameter(3.0, name="b")
    step = bp.trace((A * b).sum()).derivation("b").steps[-1]
    assert [piece.text for _, piece in step.lines] == [
        "∂v₂/∂v₁ · ∂v₁/∂b", "Σ ∂v₂/∂v₁ ⊙ A", "Σ [[1, 1]] ⊙ [[1, 2]]", "3",
    ]  # fmt: skip


def test_a_gradient_that_was_given_is_where_the_derivation_begins() -> None:
    x = bp.parameter([1.0, 2.0], name="x")
    y = x * 3
    y.name = "y"
    steps = bp.trace(y, [1.0, -1.0]).derivation("x").steps
    assert (steps[0].gradient.text, steps[0].lines[0][1].text) == ("∂ℒ/∂y", "[1, −1]")
    assert steps[1].lines[-1][1].text == "[3, −3]"


def test_a_node_can_be_given_by_its_index() -> None:
    trace = bp.trace(neuron())
    w0 = next(node.index for node in trace.nodes if node.name == "w0")
    assert trace.derivation(w0).text == trace.derivation("w0").text
    assert trace.derivation(np.int64(w0)).text == trace.derivation("w0").text


def test_a_trace_read_from_json_is_derived_alike() -> None:
    trace = bp.trace(neuron())
    assert bp.Trace.from_json(trace.to_json()).derivation("w0").latex == trace.derivation("w0").latex


def test_the_record_of_a_training_step_is_derived() -> None:
    loss = neuron()
    w0 = next(tensor for tensor in bp.graph(loss).nodes if tensor.name == "w0")
    assert bp.training_step(loss, bp.optim.SGD([w0], lr=0.1)).derivation("w0").text == NEURON


def test_a_long_chain_is_derived_without_recursion() -> None:
    x = bp.parameter(1.0, name="x")
    y = x
    for _ in range(3000):
        y = -y
    assert len(bp.trace(y).derivation("x").steps) == 3001


def test_lines_of_several_files_are_told_apart() -> None:
    y = neuron() * 2
    place = bp.trace(y).derivation("w0").steps[0].place
    assert re.fullmatch(r"test_derivation\.py, line \d+: ", place)


def test_its_repr_is_one_line() -> None:
    assert repr(bp.trace(neuron()).derivation("w0")) == "Derivation(∂ℒ/∂w₀ = −0.5866)"


# ---------------------------------------------------------------------- names
@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_any_name_stays_text(name: str) -> None:
    x, y = bp.parameter(3.0, name=name), bp.parameter([1.0, 2.0], name=name + "2")
    loss = (x * x * y).sum() / abs(x)
    loss.name = name[:5000] + "!"
    trace = bp.trace(loss)
    for node in trace.nodes:
        check(trace, node.index)
        assert max(map(len, str(trace.derivation(node.index)).splitlines())) < 1000


def test_the_characters_of_a_name_are_escaped() -> None:
    trace = bp.trace(hostile())
    derivation = trace.derivation(trace.root.index)
    assert r"\text{\textbackslash{}N \{a\textbar{}b\}}" in derivation.latex
    x = next(node for node in trace.nodes if node.name.startswith("<script>"))
    assert "<mtext>&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;</mtext>" in trace.derivation(x.index).mathml


@pytest.mark.parametrize(
    "wrong",
    [r"\input{x}", r"\text{a_b}", "{", "}", "a & {b & c}", "x^2", r"\left( x", "$", "é", r"\text{#}"],
)
def test_wrong_latex_is_found(wrong: str) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        read_latex(f"\\begin{{align*}}\n{wrong}\n\\end{{align*}}\n")


# ---------------------------------------------------------------------- what has no derivation
def test_an_unknown_name_is_an_error_that_lists_the_names() -> None:
    with pytest.raises(ValueError, match="no node has the name 'w9'; the names are 'x', 'y', 'w0', 'w1', 'u', 'yhat'"):
        bp.trace(neuron()).derivation("w9")


def test_of_many_names_the_first_are_listed() -> None:
    x = bp.parameter(1.0, name="x")
    y = x
    for _ in range(30):
        y = -y
    with pytest.raises(ValueError, match="'v19' and 11 more"):
        bp.trace(y).derivation("z")


def test_a_name_that_several_nodes_have_is_an_error_that_gives_their_indices() -> None:
    with pytest.raises(ValueError, match="2 nodes have the name 'a'; say which by its index: one of 0, 1"):
        bp.trace(bp.parameter(1.0, name="a") * bp.parameter(2.0, name="a")).derivation("a")


@pytest.mark.parametrize("index", [-1, 7])
def test_an_index_that_no_node_has_is_an_error(index: int) -> None:
    with pytest.raises(ValueError, match="indices of this trace are 0 to 6"):
        bp.trace(neuron()).derivation(index)


def test_only_a_name_or_an_index_says_which_node() -> None:
    wrong: Any = 1.5
    with pytest.raises(TypeError, match=r"given by its name or its index; got float 1\.5"):
        bp.trace(neuron()).derivation(wrong)


def test_an_input_has_no_gradient_to_derive() -> None:
    with pytest.raises(ValueError, match=r"'x' is an input, and inputs receive no gradient. Make it with bp.parameter"):
        bp.trace(neuron()).derivation("x")


def test_what_is_computed_from_inputs_alone_has_no_gradient_to_derive() -> None:
    x, w = bp.tensor(2.0, name="x"), bp.parameter(3.0, name="w")
    c = x * x
    with pytest.raises(ValueError, match="'c' receives no gradient: nothing that it was computed from is a parameter"):
        bp.trace(c * w).derivation("c")


def test_a_trace_without_a_backward_pass_has_no_gradients_to_derive() -> None:
    x = bp.tensor(2.0, name="x")
    with pytest.raises(ValueError, match="this trace holds no backward pass"):
        bp.trace(x * x).derivation("x")
