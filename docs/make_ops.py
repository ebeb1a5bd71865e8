"""Write docs/ops.md from the op table: `python docs/make_ops.py`; with `--check`, say whether it is up to date."""

from __future__ import annotations

import ast
import inspect
import sys
from pathlib import Path
from typing import Any

import backprop_viz as bp
from backprop_viz.autograd.op import Argument, Op
from backprop_viz.autograd.ops import FAMILIES, ROWS
from backprop_viz.render.expression import atom, written

PAGE = Path(__file__).parent / "ops.md"
COMMAND = "python docs/make_ops.py"

# Rows that are written in other ways than an operator or the function of the row's own name.
CALLS: dict[str, list[str]] = {
    "clip": ["bp.clamp"],
    "concatenate": ["bp.cat"],
    "reshape": ["x.view"],
    "broadcast_to": ["x.expand"],
    "transpose": ["bp.permute", "bp.movedim", "x.T", "x.mT"],
    "put": ["x[key] = y"],
    "squared_error": ["bp.mse_loss", "bp.mse"],
    "bce": ["bp.binary_cross_entropy"],
    "bce_with_logits": ["bp.binary_cross_entropy_with_logits"],
    "nll_loss": ["bp.nll"],
    "soft_cross_entropy": ["bp.cross_entropy"],
    "conv2d_bias": ["bp.conv2d"],
    "layer_norm_affine": ["bp.layer_norm"],
    "batch_norm_affine": ["bp.batch_norm"],
    "batch_norm_eval": ["bp.batch_norm"],
    "batch_norm_eval_affine": ["bp.batch_norm"],
}
IN_PLACE = {"add": ["x += y"], "sub": ["x -= y"], "mul": ["x *= y"], "div": ["x /= y"], "pow": ["x **= y"]}

# Where the rule depends on the arguments' shapes or on options: those it is shown for.
Shapes = tuple[tuple[int, ...], ...]
SHOWN: dict[str, tuple[Shapes, dict[str, Any], str]] = {
    "matmul": (((2, 3), (3, 4)), {}, "of matrices"),
    "broadcast_to": (((3,),), {"shape": (2, 3)}, ""),
    "transpose": (((2, 3, 4),), {"axes": (1, 2, 0)}, ""),
    "put": (((3,), ()), {"key": slice(0, 2)}, ""),
    "einsum": (((2, 3), (3, 4)), {"subscripts": "ij,jk->ik"}, "for 'ij,jk->ik'"),
    "nll_loss": (((2, 3), (2,)), {}, "of the mean of n samples"),
    "cross_entropy": (((2, 3), (2,)), {}, "of the mean of n samples"),
    "soft_cross_entropy": (((2, 3), (2, 3)), {}, "of the mean of n samples"),
}

TOP = f"""# The ops

Every operation that a graph can hold, one row each, written by `{COMMAND}` from the op table in
`backprop_viz/autograd/ops/`.

In the gradients, u is the result of the op and g is the gradient of the loss by u, which comes from upstream. For an
op that works element by element, the local derivative ∂u/∂x is given: x receives g·∂u/∂x, summed over the copies where
x was broadcast. For an op that mixes or moves elements, what x receives is given whole, after an arrow. A dot
multiplies element by element; matrices side by side are a matrix product; [x > 0] is 1 where the condition holds and 0
elsewhere.

**linear in x**: linear while the other arguments are held. **view**: shows the elements of its first argument and
shares their memory, so that an edit in place of one is an edit of the other.
"""


def page() -> str:
    """The whole of docs/ops.md."""
    return "\n".join([TOP, *map(section, FAMILIES)])


def section(family: Any) -> str:
    """One family of ops: a heading and a table."""
    name = family.__name__.rpartition(".")[2].capitalize()
    about = family.__doc__.partition("\n")[0].removeprefix("The rows of ").replace("and of ", "and ")
    about = about.partition(": ")[2] or about
    lines = [f"## {name}", "", f"{about[0].upper()}{about[1:]}", ""]
    lines += ["| op | how it is called | u = | gradient | kind |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *map(line, family.ROWS), ""])


def line(op: Op) -> str:
    """One row of a table."""
    calls = "<br>".join(f"`{call}`" for call in calls_of(op))
    note = SHOWN.get(op.name, ("", "", ""))[2]
    gradients = [gradient(op, argument) for argument in op.arguments]
    cells = [op.name, calls, definition(op), "<br>".join([*gradients, *filter(None, [note])]), ", ".join(kinds(op))]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def calls_of(op: Op) -> list[str]:
    """How a reader writes the op: its operator, functions of ours, methods, NumPy's functions."""
    named = [op.name] if hasattr(bp, op.name) else []
    calls = [op.notation] if is_operator(op.notation) else []
    calls += [call(f"bp.{name}") for name in named] + [call(each) for each in CALLS.get(op.name, [])]
    if op.name in bp.Tensor.__dict__:
        calls.append(f"{op.arguments[0].name}.{op.name}")
    return [*calls, *IN_PLACE.get(op.name, []), *(f"np.{function.__name__}" for function in op.numpy)]


def is_operator(notation: str) -> bool:
    """Whether the notation is Python that makes the op, as `a + b`, `-x` and `x[key]` are."""
    match ast.parse(notation, mode="eval").body:
        case ast.BinOp(left=ast.Name(), right=ast.Name()) | ast.UnaryOp() | ast.Subscript(value=ast.Name()):
            return True
    return False


def call(name: str) -> str:
    """A function of ours with its parameters; anything else as it is."""
    if not name.startswith("bp."):
        return name
    parameters = inspect.signature(getattr(bp, name.removeprefix("bp."))).parameters.values()
    given = [each for each in parameters if each.kind is not inspect.Parameter.KEYWORD_ONLY]
    stars = ["*" if each.kind is inspect.Parameter.VAR_POSITIONAL else "" for each in given]
    return f"{name}({', '.join(star + each.name for star, each in zip(stars, given, strict=True))})"


def definition(op: Op) -> str:
    """The op as it is written, and what that means where the notation only names it."""
    texts = [text(each, op) for each in (op.notation, op.formula) if each]
    return " = ".join(dict.fromkeys(texts))


def gradient(op: Op, argument: Argument) -> str:
    """What one argument receives."""
    if not argument.differentiable:
        return f"{argument.name}: none"
    shapes, options, _ = SHOWN.get(op.name, ((), {}, ""))
    said = text(argument.formula_at(*shapes, **options) if shapes else argument.formula, op)
    return f"∂u/∂{argument.name} = {said}" if op.elementwise else f"{argument.name} ← {said}"


def text(formula: str, op: Op) -> str:
    """A formula of the table as people read it, with the options in it by name."""
    tree = ast.parse(formula, mode="eval")
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - called - {"pi"}
    own = {argument.name for argument in op.arguments}
    names |= called & own  # an argument may have a function's name
    return written(formula, {name: atom("u" if name == "out" and name not in own else name) for name in names}).text


def kinds(op: Op) -> list[str]:
    """What else the row says."""
    linear = op.linear.split()
    return [
        *["elementwise"] * op.elementwise,
        *["view"] * op.view,
        *[f"linear in {' and in '.join(linear)}" if len(linear) > 1 else "linear"] * bool(linear),
    ]


def main(*arguments: str) -> int:
    """Write the page, or with --check compare; the exit code is 1 where it is out of date."""
    if arguments not in ((), ("--check",)):
        print(f"unknown: {' '.join(arguments)}. Possible: {COMMAND}, to write docs/ops.md, and {COMMAND} --check")
        return 2
    if not arguments:
        PAGE.write_text(page(), encoding="utf-8", newline="\n")
        print(f"docs/ops.md: {len(ROWS)} ops")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        print(f"docs/ops.md is not what the op table says now: run {COMMAND}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
