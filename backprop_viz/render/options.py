"""What a picture shows of a trace, and how: the settings of `draw`."""

from __future__ import annotations

from dataclasses import dataclass
from operator import index
from typing import SupportsIndex

from .text import DIGITS, shown_number
from .theme import NOTES, Theme, theme_called

CHOICES = {
    "show": ("symbols", "numbers", "both"),
    "phase": ("forward", "backward", "all"),
    "orientation": ("LR", "TB", "RL", "BT"),
    "edges": ("local", "contribution", "both", "none"),
}
MOST_DIGITS = 17  # more say nothing new of a float64
USUAL = -0.12345678901234567  # as long as most numbers are when they are written out


@dataclass(frozen=True, slots=True)
class Options:
    """Settings that hold for a whole picture; `draw` says what each means.

    roomy: whether every number has room for a usual one, for a picture whose numbers will change
    """

    show: str = "both"
    phase: str = "all"
    orientation: str = "LR"
    edges: str = "both"
    digits: int = DIGITS
    expressions: bool = True
    title: str = ""
    caption: str = ""
    theme: Theme = NOTES
    roomy: bool = False

    @property
    def room(self) -> str:
        """The number that every number has room for, empty for none; the player squeezes longer ones."""
        return shown_number(USUAL, self.digits) if self.roomy else ""

    @property
    def symbols(self) -> bool:
        """Whether gradients stand as fractions."""
        return self.show != "numbers"

    @property
    def numbers(self) -> bool:
        """Whether values and gradients stand as numbers."""
        return self.show != "symbols"

    @property
    def vertical(self) -> bool:
        """Whether the passes run up or down."""
        return self.orientation in ("TB", "BT")


def options_of(theme: str = NOTES.name, **given: object) -> Options:
    """Settings as a reader gives them, checked."""
    for name, choices in CHOICES.items():
        if name in given and given[name] not in choices:
            raise ValueError(f"{name} cannot be {given[name]!r} (must be one of {', '.join(map(repr, choices))})")
    wrong = "digits is a whole number from 1 to {most}; got {}"
    digits = whole_number(given.pop("digits", DIGITS), 1, wrong, MOST_DIGITS)
    for name in ("title", "caption"):
        if not isinstance(given.get(name, ""), str):
            raise TypeError(f"{name} is a string; got {type(given[name]).__name__} {given[name]!r:.60}")
    return Options(theme=theme_called(theme), digits=digits, **given)  # type: ignore[arg-type]


def whole_number(value: object, least: int, wrong: str, most: int | None = None) -> int:
    """A whole number, NumPy's too; `wrong` is said of any other, and of one that is out of bounds."""
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        number = index(value)
        if least <= number and (most is None or number <= most):
            return number
    raise ValueError(wrong.format(repr(value), most=most))
