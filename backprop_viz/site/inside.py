"""What happens inside the kernel that runs a notebook: players hand out their films, and plots tell what they show."""

from __future__ import annotations

from typing import Any

from IPython.core.getipython import get_ipython
from matplotlib.figure import Figure

from ..player.film import packed
from ..player.page import still
from ..player.widget import Player

FILM = "application/vnd.backprop-viz.film+json"


def give_films() -> None:
    """Let every player that is shown from now on hand out its film instead of a widget, and every plot a text."""
    shell: Any = get_ipython()
    shell.display_formatter.mimebundle_formatter.for_type(Player, bundle)
    # Not by a formatter: whoever shows plots in notebooks first takes all of them away.
    Figure._repr_pretty_ = lambda plot, printer, _: printer.text(told(plot))  # type: ignore[attr-defined]


def bundle(player: Player, **_: Any) -> dict[str, Any]:
    """What a page shows of a player: the film and where it starts, and a picture for those without scripts."""
    return {
        FILM: {"film": packed(player.figure), "step": player.step},
        "image/svg+xml": still(player).shown,
        "text/plain": repr(player),
    }


def told(plot: Any) -> str:
    """A plot in words: what stands at its axes, with the names of its lines."""
    parts = [part for axes in plot.axes if axes.get_label() != "<colorbar>" and (part := _axes_told(axes))]
    return "A plot: " + "; ".join(parts) if parts else "A plot"


def _axes_told(axes: Any) -> str:
    title, x, y = (" ".join(text.replace("$", "").split()) for text in (
        axes.get_title(), axes.get_xlabel(), axes.get_ylabel(),
    ))  # fmt: skip
    pair = f"{y} over {x}" if x and y else x or y
    lines = ", ".join(text.replace("$", "") for text in axes.get_legend_handles_labels()[1])
    return ", ".join(filter(None, (title, pair))) + (f" ({lines})" if lines else "")
