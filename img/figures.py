"""The three figures of the notes, in symbols and in numbers, and those of docs/pictures.md, drawn by the package.

`python img/figures.py` writes them beside this file as SVG and PNG; with `--check` it says which of the committed ones
differ.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

import backprop_viz as bp

HERE = Path(__file__).parent
SUFFIXES = {"symbols": "", "numbers": "-numbers"}
SCALE = 3.0  # pixels of a PNG for each of the SVG's: sharp on a projector
TOLERANCE = 2.0  # of 255, the mean difference of two PNGs that are the same picture


def fan_out(show: str) -> bp.Figure:
    """Figure 1: a node y that feeds two others, and receives a contribution from each."""
    x = bp.parameter(0.75)
    y = 2 * x
    u, v = y**2, bp.exp(y)
    L = u / v
    return bp.draw(bp.trace(L), show=show, expressions=show != "symbols", title="Loss: ℒ(u(y(x)), v(y(x)))")


def neuron(show: str) -> bp.Figure:
    """Figure 2: a neuron with sigmoid activation and cross-entropy loss."""
    return bp.draw(trace_of_neuron(), show=show)


def equations(show: str) -> bp.Equations:
    """Figure 3: the equations of figure 2."""
    return bp.equations(trace_of_neuron(), show=show)


def trace_of_neuron() -> bp.Trace:
    """The record of the neuron."""
    x, y = bp.tensor(1.5), bp.tensor(1.0)
    w0, w1 = bp.parameter(0.1), bp.parameter(-0.3)
    u = bp.addcmul(w0, w1, x)
    yhat = bp.sigmoid(u)
    L = bp.bce(yhat, y)
    return bp.trace(L)


def network() -> bp.Trace:
    """The record of a small network on arrays."""
    bp.manual_seed(3)
    net = bp.nn.Sequential(bp.nn.Linear(3, 4), bp.nn.Tanh(), bp.nn.Linear(4, 2))
    X = bp.tensor(np.linspace(-1, 1, 15).reshape(5, 3), name="X")
    y = bp.tensor([0, 1, 1, 0, 1], name="y")
    L = bp.cross_entropy(net(X), y)
    return bp.trace(L)


def scalar_network() -> bp.Trace:
    """The record of a network of 981 scalar nodes."""
    bp.manual_seed(0)
    net = bp.nn.ScalarMLP([2, 16, 16, 1])
    out = net([bp.tensor(0.5, name="x1"), bp.tensor(-1.0, name="x2")])
    L = (out - 1.0) ** 2
    return bp.trace(L)


def two_steps() -> tuple[bp.Trace, bp.Trace]:
    """The neuron before and after one step of gradient descent."""
    x, y = bp.tensor(1.5, name="x"), bp.tensor(1.0, name="y")
    w0, w1 = bp.parameter(0.1, name="w0"), bp.parameter(-0.3, name="w1")
    traces = []
    for _ in range(2):
        u = bp.addcmul(w0, w1, x)
        yhat = bp.sigmoid(u)
        L = bp.bce(yhat, y)
        traces.append(bp.trace(L))
        bp.training_step(L, bp.optim.SGD([w0, w1], lr=0.5))
    return traces[0], traces[1]


def figures() -> Iterator[tuple[str, bp.Figure | bp.Equations]]:
    """Every picture by its name."""
    for show, suffix in SUFFIXES.items():
        yield f"backprop-compgraph{suffix}", fan_out(show)
        yield f"backprop-compgraph2{suffix}", neuron(show)
        yield f"backprop-compgraph3{suffix}", equations(show)
    before, after = two_steps()
    yield "moment", bp.draw(before, step=6, theme="dark")
    yield "upwards", bp.draw(before, orientation="BT", edges="local", theme="contrast", path=("w1", "L"))
    yield "grey", bp.draw(before, show="numbers", theme="print")
    yield "compared", bp.draw(after, compare=before, edges="none")
    yield "arrays", bp.draw(network())
    yield "closed-groups", bp.draw(scalar_network())
    yield "open-group", bp.draw(scalar_network(), zoom="layer 1.neuron 3")


def pictures() -> dict[str, bytes]:
    """Every file's name and content."""
    files = {}
    for name, figure in figures():
        files[f"{name}.svg"] = figure.svg.encode()
        if name.startswith("backprop-compgraph"):
            files[f"{name}.png"] = figure.png(SCALE)
    return files


def differs(name: str, content: bytes) -> bool:
    """Whether the committed file is another picture: of an SVG any byte counts, of a PNG what can be seen."""
    path = HERE / name
    if not path.exists():
        return True
    if name.endswith(".svg"):
        return path.read_bytes() != content
    old, new = (Image.open(io.BytesIO(data)).convert("RGB") for data in (path.read_bytes(), content))
    if old.size != new.size:
        return True
    return float(np.abs(np.asarray(old, float) - np.asarray(new, float)).mean()) > TOLERANCE


def main(arguments: list[str]) -> int:
    """Write the figures, or check those that are there."""
    files = pictures()
    if arguments == ["--check"]:
        different = [name for name, content in files.items() if differs(name, content)]
        print("\n".join(f"img/{name} is another picture. Draw it anew: python img/figures.py" for name in different))
        return 1 if different else 0
    for name, content in files.items():
        (HERE / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
