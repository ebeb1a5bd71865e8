"""The player's script as a browser gets it: its modules one after the other, as one that imports nothing."""

from __future__ import annotations

import re
from pathlib import Path

MODULES = Path(__file__).parent / "script"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.mjs";\n', re.MULTILINE)


def script(last: str) -> str:
    """A module and those that it needs, each before the ones that import from it.

    last: "widget", "page", or "player" for who mounts the player
    No name is given twice in all of them, as in one module none may be: a test sees to it.
    """
    return "\n".join(_IMPORT.sub("", _text(name)).rstrip("\n") + "\n" for name in _needed(last))


def _needed(name: str, found: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The names of the modules, after those that are found already."""
    for _, other in _IMPORT.findall(_text(name)):
        found = _needed(other, found)
    return found if name in found else (*found, name)


def _text(name: str) -> str:
    return (MODULES / f"{name}.mjs").read_text(encoding="utf8")
