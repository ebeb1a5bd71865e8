"""Who draws it: the programs that a reader would pick instead, all through the same Graphviz, and Backprop Viz.

A drawer gives SVG text. What it draws is made beforehand: the graph that the peer itself recorded.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import backprop_viz as bp
from backprop_viz.render.dot import dot
from backprop_viz.render.layout import find_dot, run_dot

from .peers import OURS
from .workloads import Build

Drawer = Callable[[], str]
Parents = Callable[[Any], Any]
LIMIT = 2000  # visible nodes: enough for the largest graph here


@contextmanager
def one_graphviz() -> Iterator[Path]:
    """Let every program find our Graphviz as `dot`; gives a folder to write in."""
    path = os.environ.get("PATH", "")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy2(find_dot(), Path(folder) / ("dot.exe" if sys.platform == "win32" else "dot"))
        os.environ["PATH"] = os.pathsep.join([folder, path])
        try:
            yield Path(folder)
        finally:
            os.environ["PATH"] = path


def recorded(build: Build, values: list[float]) -> bp.Trace:
    """Our record of both passes."""
    return bp.trace(build(bp.tensor, bp.relu, [bp.parameter(v) for v in values]))


def ours(trace: bp.Trace) -> dict[str, Drawer]:
    """The whole way from a trace to SVG text, and what Graphviz takes of it."""
    text = dot(bp.draw(trace, limit=LIMIT).plan)
    return {OURS: lambda: bp.draw(trace, limit=LIMIT).svg, "Graphviz": lambda: run_dot(text, "json0")}


def dot_text(trace: bp.Trace) -> str:
    """All that we do before Graphviz: what is said at every step, and room for the widest of it."""
    return bp.draw(trace, limit=LIMIT).dot


def micrograd(build: Build, values: list[float], folder: Path) -> Drawer:
    """The graph as micrograd's notebook shows it: a box of data and gradient for each value, an oval for each op."""
    from graphviz import Digraph
    from micrograd.engine import Value

    loss = build(Value, Value.relu, [Value(v) for v in values])
    loss.backward()

    def draw() -> str:
        graph = Digraph(graph_attr={"rankdir": "LR"})
        for value in reached(loss, lambda value: value._prev):
            name = str(id(value))
            graph.node(name, f"{{ data {value.data:.4f} | grad {value.grad:.4f} }}", shape="record")
            if value._op:
                graph.node(f"{name} op", value._op)
                graph.edge(f"{name} op", name)
            for parent in value._prev:
                graph.edge(str(id(parent)), f"{name} op")
        return str(graph.pipe("svg", encoding="utf8", quiet=True))

    return draw


def reached(loss: Any, parents: Parents) -> list[Any]:
    """All nodes that lead to a loss."""
    found, waiting = {loss: None}, [loss]
    while waiting:
        new = [parent for parent in parents(waiting.pop()) if parent not in found]
        found.update(dict.fromkeys(new))
        waiting += new
    return list(found)


def torchviz(build: Build, values: list[float], folder: Path) -> Drawer:
    """torchviz's picture of the graph that torch's backward pass walks, the parameters by name."""
    import torch
    from torchviz import make_dot

    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]
    loss = build(lambda v: torch.tensor(v, dtype=torch.float64), torch.relu, leaves)
    names = {f"w{i}": leaf for i, leaf in enumerate(leaves)}
    return lambda: str(make_dot(loss, params=names).pipe("svg", encoding="utf8", quiet=True))


def torchlens(build: Build, values: list[float], folder: Path) -> Drawer:
    """torchlens's picture of the forward pass that it logged."""
    import torch
    import torchlens as lens

    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.leaves = torch.nn.ParameterList([torch.tensor(v, dtype=torch.float64) for v in values])

        def forward(self, one: Any) -> Any:
            return build(lambda v: one * v, torch.relu, list(self.leaves))

    log = lens.trace(Model(), torch.ones((), dtype=torch.float64))
    picture = folder / "torchlens"

    def draw() -> str:
        log.draw(vis_save_only=True, vis_fileformat="svg", vis_outpath=str(picture))
        return picture.with_suffix(".svg").read_text(encoding="utf8")

    return draw


def others(build: Build, values: list[float], folder: Path) -> dict[str, Drawer]:
    """The peers that can be imported, by name; the rest is named on stderr."""
    made = {}
    for prepare in (micrograd, torchviz, torchlens):
        name = prepare.__name__
        try:
            with quiet():
                made[name] = hushed(prepare(build, values, folder))
        except ImportError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    return made


def hushed(draw: Drawer) -> Drawer:
    """The drawer without its warnings about other packages."""

    def quietly() -> str:
        with quiet():
            return draw()

    return quietly


@contextmanager
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
