"""The table as a picture: a dot for each ratio, its spread, and a mark where the target is."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from .table import PEERS, Row

HUES = ("#D40000", "#7A3E9D", "#E38E48", "#0000FF", "#3C7A2A", "#00838F", "#8D6E63", "#607D8B")
COLOURS = dict(zip(PEERS, HUES, strict=True))


def plot(rows: list[Row], target: Path) -> None:
    """Draw the rows that hold ratios; the same rows give the same file, byte by byte."""
    rows = [row for row in rows if row.ratios]
    with mpl.rc_context({"svg.hashsalt": "benchmarks", "font.size": 9, "svg.fonttype": "path"}):
        figure = Figure(figsize=(9, 1.2 + 0.42 * len(rows)), layout="constrained")
        axes = figure.subplots()
        for peer in PEERS:
            here = [(i, row.ratios[peer]) for i, row in enumerate(rows) if peer in row.ratios]
            if not here:
                continue
            places, middles = [i for i, _ in here], [ratio.middle for _, ratio in here]
            spread = [[r.middle - r.low for _, r in here], [r.high - r.middle for _, r in here]]
            axes.errorbar(middles, places, xerr=spread, fmt="o", color=COLOURS[peer], label=peer, markersize=5)
            limits = [
                (row.targets[peer], i) for i, row in enumerate(rows) if peer in row.targets and peer in row.ratios
            ]
            axes.plot(*zip(*limits, strict=True), "|", color=COLOURS[peer], markersize=16) if limits else None
        axes.axvline(1.0, color="black", linewidth=0.8)
        axes.set_xscale("log")
        axes.set_yticks(range(len(rows)), [row.name for row in rows])
        axes.invert_yaxis()
        axes.set_xlabel(
            "time of Backprop Viz, as a multiple of each peer's (left of 1 is faster); a bar | is the target"
        )
        axes.grid(axis="x", color="#DDDDDD", linewidth=0.5)
        axes.set_axisbelow(True)
        axes.legend(loc="upper center", bbox_to_anchor=(0.4, 1.12), ncols=len(PEERS), frameon=False)
        figure.savefig(
            target, metadata={"Date": None, "Creator": None} if target.suffix == ".svg" else {"Software": None}
        )
