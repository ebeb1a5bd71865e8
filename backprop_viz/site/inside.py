"""What happens inside the kernel that runs a notebook: its players hand out their films."""

from __future__ import annotations

from typing import Any

from IPython.core.getipython import get_ipython

from ..player.film import packed
from ..player.page import still
from ..player.widget import Player

FILM = "application/vnd.backprop-viz.film+json"


def give_films() -> None:
    """Let every player that is shown from now on hand out its film instead of a widget."""
    shell: Any = get_ipython()
    shell.display_formatter.mimebundle_formatter.for_type(Player, bundle)


def bundle(player: Player, **_: Any) -> dict[str, Any]:
    """What a page shows of a player: the film and where it starts, and a picture for those without scripts."""
    return {
        FILM: {"film": packed(player.figure), "step": player.step},
        "image/svg+xml": still(player).shown,
        "text/plain": repr(player),
    }
