"""A trace as DOT text: fixed sizes for the layout, and labels for those who go on by hand."""

from __future__ import annotations

from dataclasses import dataclass

from .captions import Captions
from .sizes import NodeSize, TileSize

SHAPES = {"compute": "ellipse", "parameter": "box", "input": "hexagon"}
FILLS = {"compute": "#DF7162", "parameter": "#E38E48", "input": "#B2E684"}
RANK_GAP = 50.0  # pixels between a node and the tile beside it
RED, BLUE = "#D40000", "#0000FF"


@dataclass(frozen=True)
class Plan:
    """What is laid out: the captions, and the size of every node and of the tile of every backpropagating edge."""

    captions: Captions
    nodes: list[NodeSize]
    tiles: dict[int, TileSize]


def dot(plan: Plan, texts: dict[str, str]) -> str:
    """The DOT text of the picture in which the slots hold these texts."""
    lines = [
        "digraph backprop {",
        f"  graph [rankdir=LR, nodesep=0.25, ranksep={RANK_GAP / 72:.4f}]",
        '  node [fixedsize=true, fontname="DejaVu Sans", fontsize=11, style=filled]',
        "  edge [arrowsize=0.7]",
        *(_node(plan, node.index, texts) for node in plan.captions.trace.nodes),
    ]
    for edge in plan.captions.trace.edges:
        ends = f"n{edge.parent}:e", f"n{edge.child}:w"
        if edge.index in plan.tiles:
            tile = f"t{edge.index}"
            lines.append(_tile(plan, edge.index, texts))
            lines.append(f"  {ends[0]} -> {tile}:w [id=e{edge.index}a, arrowhead=none]")
            lines.append(f"  {tile}:e -> {ends[1]} [id=e{edge.index}b]")
        else:  # as long as an edge with a tile, so that leaves stand in one column
            lines.append(f"  {ends[0]} -> {ends[1]} [id=e{edge.index}, minlen=2]")
    return "\n".join([*lines, "}"]) + "\n"


def _node(plan: Plan, index: int, texts: dict[str, str]) -> str:
    size, kind = plan.nodes[index], plan.captions.trace.nodes[index].kind
    label = [plan.captions.names[index].text, texts.get(f"n{index}.value", "")]
    if gradient := texts.get(f"n{index}.grad"):
        label.append(f"{plan.captions.gradient(index).text} = {gradient}")
    attributes = f'shape={SHAPES[kind]}, fillcolor="{FILLS[kind]}", label={quoted(label)}'
    return f"  n{index} [{_box(size.width, size.height)}, {attributes}]"


def _tile(plan: Plan, index: int, texts: dict[str, str]) -> str:
    edge, size = plan.captions.trace.edges[index], plan.tiles[index]
    label = [f"{plan.captions.gradient(edge.child).text} · {plan.captions.local(edge).text}"]
    if contribution := texts.get(f"e{index}.contribution"):
        rule = texts.get(f"e{index}.rule") or f"{texts[f'e{index}.upstream']} · {texts[f'e{index}.local']}"
        label += [rule, f"= {contribution}"]
    attributes = f'shape=box, fillcolor=white, fontcolor="{BLUE}", label={quoted(label)}'
    return f"  t{index} [{_box(size.width, size.height)}, {attributes}]"


def _box(width: float, height: float) -> str:
    return f"width={width / 72:.4f}, height={height / 72:.4f}"  # inches, at 72 pixels


def quoted(lines: list[str]) -> str:
    """Lines of text as one DOT string in which nothing has a meaning: no escapes, no HTML, no entities.

    Not through graphviz.quoting: joined lines that begin with < and end with > would be HTML to it.
    """
    text = "\n".join(lines).replace("&", "&amp;")  # Graphviz would read entities in any label
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
