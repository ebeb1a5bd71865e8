"""Time Backprop Viz beside the engines a reader would pick instead: one table, and a plot.

python benchmarks/run.py [scalar|replay|tensor|record|growth|memory|draw|player|all] [--collector on|off]
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def one_thread() -> None:
    """Let NumPy's linear algebra run on one thread, chosen for this very machine; before NumPy is imported."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(name, None)


def main(arguments: list[str]) -> int:
    """Measure, print the table, draw the plot; gives 1 if a target is missed."""
    from benchmarks import parts, player, table, workloads
    from benchmarks.plot import plot

    every = parts.PARTS | {"player": player.player}
    parser = argparse.ArgumentParser(
        description="Time Backprop Viz beside other engines.", epilog="Example: run.py scalar"
    )
    parser.add_argument("what", nargs="?", default="all", choices=[*every, "all"])
    parser.add_argument("--collector", default="on", choices=["on", "off"], help="Python's garbage collector")
    parser.add_argument("--tiny", action="store_true", help="small workloads, to see that the code runs")
    parser.add_argument("--plot", type=Path, help="where to draw the ratios (.svg or .png)")
    given = parser.parse_args(arguments)
    was_on = gc.isenabled()
    (gc.enable if given.collector == "on" else gc.disable)()
    try:
        scale = workloads.TINY if given.tiny else workloads.FULL
        rows = [row for name, part in every.items() if given.what in (name, "all") for row in part(scale)]
    finally:
        (gc.enable if was_on else gc.disable)()
    print(table.text(rows))
    if given.plot is not None:
        plot(rows, given.plot)
    return 0 if all(met for row in rows for met in row.verdicts().values()) else 1


if __name__ == "__main__":
    one_thread()
    sys.setrecursionlimit(200_000)  # micrograd's backward pass is recursive
    sys.path[0] = str(ROOT)
    raise SystemExit(main(sys.argv[1:]))
