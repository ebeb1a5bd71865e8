"""A plan as DOT text: fixed sizes for the layout, and labels for those who go on by hand."""

from __future__ import annotations

from collections.abc import Mapping

from .groups import THICKET, Path
from .plan import Plan
from .symbols import printable
from .view import Link, Place

SHAPES = {"compute": "ellipse", "parameter": "box", "input": "hexagon", "group": "box"}
RANK_GAP = 50.0  # pixels between a node and the tile beside it
STRAIGHT = 3  # how much more a line between computed nodes wants to be straight than one from a leaf
# For a graph of which no drawing can be read: straight arrows, and no search for the best places, take seconds less.
HASTE = ", splines=line, nslimit=0.5, nslimit1=0.5, mclimit=0.1"
AIR = 10.0  # pixels between a tile and the arrows that pass it, on both sides together
PORTS = {"LR": ("e", "w"), "RL": ("w", "e"), "TB": ("s", "n"), "BT": ("n", "s")}


def dot(plan: Plan, texts: Mapping[str, str] | None = None) -> str:
    """The DOT text of a plan; with the slots' texts it has labels and colours, which the layout does not need."""
    # Graphviz ranks each cluster by itself if it is not told otherwise, and then arrows run back.
    together = ", newrank=true" if plan.view.groups else ""
    looks = 'label=""' if texts is None else 'fontname="DejaVu Sans", fontsize=11, style=filled'
    straight = HASTE if len(plan.view.links) > THICKET * len(plan.view.places) else ""
    lines = [
        "digraph backprop {",
        f"  graph [rankdir={plan.options.orientation}, nodesep=0.25, ranksep={RANK_GAP / 72:.4f}{together}{straight}]",
        f"  node [shape=box, fixedsize=true, {looks}]",
        f"  edge [{'dir=none' if texts is None else 'arrowsize=0.7'}]",
    ]
    for place in plan.view.places:
        label = "" if texts is None else f", {_labelled(plan, place, texts)}"
        lines.append(f"  {place.key} [{_box(*plan.sizes[place.key].whole)}{label}]")
    for link in plan.view.links:
        lines += _link(plan, link, texts)
    return "\n".join([*lines, *_clusters(plan), "}"]) + "\n"


def _labelled(plan: Plan, place: Place, texts: Mapping[str, str]) -> str:
    """The looks of a node, for those who go on by hand."""
    if place.node is None:
        kind, label = "group", [plan.group_name(place), plan.group_count(place)]
    else:
        kind = plan.captions.trace.nodes[place.node].kind
        label = [plan.captions.names[place.node].text, *filter(None, [texts.get(f"n{place.node}.value")])]
        if gradient := texts.get(f"n{place.node}.grad"):
            label.append(f"{plan.captions.gradient(place.node).text} = {gradient}")
    style = ', style="filled,dashed"' if place.copy else ""
    return f'shape={SHAPES[kind]}, fillcolor="{plan.options.theme.fills[kind]}", label={quoted(label)}{style}'


def _link(plan: Plan, link: Link, texts: Mapping[str, str] | None) -> list[str]:
    start, end = PORTS[plan.options.orientation]
    tail, head = f"{link.tail}:{start}", f"{link.head}:{end}"
    straight = "" if plan.is_leaf(link.tail) else f"weight={STRAIGHT}"
    if link.key not in plan.tiles:  # as long as a link with a tile, so that leaves stand in one column
        return [f"  {tail} -> {head} [id={link.key}, minlen=2{straight and ', '}{straight}]"]
    size, tile, upright = plan.tiles[link.key], f"t{link.key}", plan.options.vertical
    label = "" if texts is None else f", {_tile(plan, link, texts)}"
    headless = "" if texts is None else "arrowhead=none"
    return [
        f"  {tile} [{_box(size.width + AIR * (not upright), size.height + AIR * upright)}{label}]",
        f"  {tail} -> {tile}:{end} [{', '.join(filter(None, [headless, straight]))}]",
        f"  {tile}:{start} -> {head} [{straight}]",
    ]


def parts_of(plan: Plan, link: Link) -> list[str]:
    """How the layout calls the one or two pieces of a link."""
    tile = f"t{link.key}"
    return [f"{link.tail}->{tile}", f"{tile}->{link.head}"] if link.key in plan.tiles else [link.key]


def _tile(plan: Plan, link: Link, texts: Mapping[str, str]) -> str:
    theme = plan.options.theme
    label = [plan.label(link)]
    if plan.has_tile(link):
        edge = plan.captions.trace.edges[link.edges[0]]
        slot = f"e{edge.index}"
        label = [f"{plan.captions.gradient(edge.child).text} · {plan.captions.local(edge).text}"]
        if f"{slot}.local" in texts:
            label.append(f"{texts[f'{slot}.upstream']} · {texts[f'{slot}.local']}")
        elif not plan.captions.has_number(edge):
            label.append(plan.captions.tile_rule(edge).text)
        if contribution := texts.get(f"{slot}.contribution"):
            label.append(f"= {contribution}")
    return f'fillcolor="{theme.box}", fontcolor="{theme.blue}", label={quoted(label)}'


def _clusters(plan: Plan) -> list[str]:
    """Open groups as clusters, each in the one around it; a tile belongs where both ends of its link are."""
    inside: dict[Path, list[str]] = {path: [] for path in plan.view.groups}
    for place in plan.view.places:
        if place.path:
            inside[place.path].append(place.key)
    for link in plan.view.links:
        path = plan.view.path_of(link)
        if link.key in plan.tiles and path:
            inside[path].append(f"t{link.key}")
    numbers = {path: number for number, path in enumerate(plan.view.groups)}

    def cluster(path: Path, indent: str) -> list[str]:
        within = [line for below in inside if below[:-1] == path for line in cluster(below, indent + "  ")]
        return [
            f"{indent}subgraph cluster_{numbers[path]} {{",
            f"{indent}  label={quoted([printable(path[-1])])}; labeljust=l; fontname=\"DejaVu Sans\"; fontsize=12",
            *within,
            *([f"{indent}  {'; '.join(inside[path])}"] if inside[path] else []),
            f"{indent}}}",
        ]  # fmt: skip

    return [line for path in inside if len(path) == 1 for line in cluster(path, "  ")]


def _box(width: float, height: float) -> str:
    return f"width={width / 72:.4f}, height={height / 72:.4f}"  # inches, at 72 pixels


def quoted(lines: list[str]) -> str:
    """Lines of text as one DOT string in which nothing has a meaning: no escapes, no HTML, no entities.

    Not through graphviz.quoting: joined lines that begin with < and end with > would be HTML to it.
    """
    text = "\n".join(lines).replace("&", "&amp;")  # Graphviz would read entities in any label
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
