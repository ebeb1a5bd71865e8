"""DOT text to geometry: the only file that runs a process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

SETTING = "BACKPROP_VIZ_DOT"  # the path of another Graphviz `dot` to draw with
SECONDS = 10.0  # a layout that takes longer is given up


@dataclass(frozen=True)
class Layout:
    """Where everything is, in pixels from the top left: centres of nodes and tiles, cubic splines of edges.

    Points are complex numbers, x + y·1j; a spline holds 3n + 1 of them. Edges are called by their id, or by their ends
    ("n0->n1"). Of clusters the upper left and the lower right corner.
    """

    width: float
    height: float
    centres: dict[str, complex]
    splines: dict[str, list[complex]]
    clusters: dict[str, tuple[complex, complex]] = field(default_factory=dict)


class LayoutError(RuntimeError):
    """Graphviz is missing, failed, or took too long."""


class LostEdge(LayoutError):
    """Graphviz found no way for an edge."""


def layout(dot_text: str) -> Layout:
    """The geometry that Graphviz gives this graph."""
    try:
        drawn = json.loads(run_dot(dot_text, "json0"))
    except LostEdge:  # rare; a straight way is always found
        drawn = json.loads(run_dot(dot_text.replace("graph [", "graph [splines=line, ", 1), "json0"))
    _, _, width, height = map(float, drawn["bb"].split(","))

    def point(text: str) -> complex:
        x, y = map(float, text.split(","))
        return complex(x, height - y)  # Graphviz counts from the bottom

    objects = drawn.get("objects", ())
    centres = {item["name"]: point(item["pos"]) for item in objects if "pos" in item}
    clusters = {}
    for item in objects:
        if "bb" in item:
            left, bottom, right, top = map(float, item["bb"].split(","))
            clusters[item["name"]] = complex(left, height - top), complex(right, height - bottom)
    names = {item["_gvid"]: item["name"] for item in objects}
    splines = {}
    for edge in drawn.get("edges", ()):
        name = edge.get("id") or f"{names[edge['tail']]}->{names[edge['head']]}"
        splines[name] = _spline(edge["pos"], height)
    return Layout(width, height, centres, splines, clusters)


def _spline(text: str, height: float) -> list[complex]:
    """The points of "e,x,y x,y x,y …"; where there is an end, with a straight piece to it."""
    ends = text.startswith("e,")
    numbers = list(map(float, text.removeprefix("e,").replace(",", " ").split()))
    points = [complex(x, height - y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    return points[1:] + 3 * points[:1] if ends else points


def run_dot(dot_text: str, output: str) -> str:
    """What Graphviz prints for this DOT text in one of its output formats."""
    if not dot_text.strip():
        raise LayoutError("there is nothing to lay out: the DOT text is empty")
    executable = find_dot()
    try:
        done = subprocess.run(
            [executable, "-Kdot", f"-T{output}"],
            input=dot_text.encode("utf-8", "replace"),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LayoutError(
            f"Graphviz needed more than {SECONDS:g} seconds for this graph and was stopped. What takes so long is "
            f"mostly a leaf used all along the graph. Draw a smaller part: an intermediate tensor, or one layer."
        ) from None
    except OSError as error:
        raise LayoutError(f"Graphviz at {executable!r} cannot be run: {error}. {_remedy()}") from None
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode or not text:
        said = done.stderr.decode("utf-8", "replace").strip() or "nothing"
        kind = LostEdge if "lost " in said else LayoutError
        raise kind(f"Graphviz ({executable}) failed with exit code {done.returncode}; it said: {said[:500]}")
    return text


def find_dot() -> str:
    """The Graphviz to use: the one the setting BACKPROP_VIZ_DOT names, else graphviz-pure's, else a `dot` on PATH."""
    chosen = os.environ.get(SETTING)
    if chosen:
        if not shutil.which(chosen):
            raise LayoutError(f"{SETTING} is set to {chosen!r}, which is no program. Correct it, or unset it.")
        return chosen
    found = _packaged() or shutil.which("dot")
    if not found:
        raise LayoutError(f"Graphviz is not installed. {_remedy()}")
    return found


@cache
def _packaged() -> str | None:
    """The binary that the package graphviz-pure installed, wherever this environment keeps it.

    Not through PATH: a kernel's environment is often not activated.
    """
    name = "graphviz-pure.exe" if sys.platform == "win32" else "graphviz-pure"
    try:
        files = distribution("graphviz-pure").files or []
    except PackageNotFoundError:
        return None
    candidates = [Path(str(file.locate())) for file in files if file.name == name]
    candidates.append(Path(sysconfig.get_path("scripts")) / name)
    return next((str(path.resolve()) for path in candidates if path.is_file()), None)


def _remedy() -> str:
    return (
        "Install it with: pip install graphviz-pure. Or install your system's graphviz package, or set "
        f"{SETTING} to the path of a `dot`."
    )
