"""The colours of the pictures, and what stands in for them where they cannot be told apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours for a whole picture, each as #RRGGBB.

    red, blue: of backpropagated and of local gradients;  ink: of forward arrows and text;  muted: of notes
    fills:     of the shapes, by the kind of node
    values, gradients: of heat maps: the largest negative number, zero, the largest positive one
    dashes:    of backward arrows, as SVG's stroke-dasharray; "" where their colour is enough
    """

    name: str
    paper: str
    ink: str
    red: str
    blue: str
    muted: str
    box: str
    line: str
    lit: str
    fills: dict[str, str]
    on_shape: str
    outline: str
    values: tuple[str, str, str]
    gradients: tuple[str, str, str]
    dashes: str = ""

    def colour(self, css: str) -> str:
        """The colour of a class of text or lines: "bp-red", "bp-blue", "bp-ink", "bp-muted" or "bp-on-shape"."""
        colour: str = getattr(self, FIELDS[css])
        return colour


FIELDS = {"bp-red": "red", "bp-blue": "blue", "bp-ink": "ink", "bp-muted": "muted", "bp-on-shape": "on_shape"}
THEMES = {
    theme.name: theme
    for theme in (
        Theme(
            "notes", paper="#FFFFFF", ink="#000000", red="#D40000", blue="#0000FF", muted="#5A5A5A", box="#FFFFFF",
            line="#B8B8B8", lit="#FFB300", on_shape="#000000", outline="#00000055",
            fills={"compute": "#DF7162", "parameter": "#E38E48", "input": "#B2E684", "group": "#E4E4EC"},
            values=("#5E3C99", "#FFFFFF", "#C75000"), gradients=("#404040", "#FFFFFF", "#D40000"),
        ),
        Theme(
            "contrast", paper="#FFFFFF", ink="#000000", red="#A30000", blue="#0000C8", muted="#303030", box="#FFFFFF",
            line="#000000", lit="#D17A00", on_shape="#000000", outline="#000000",
            fills={"compute": "#FFB3A7", "parameter": "#FFD08A", "input": "#D8FFB0", "group": "#F2F2F2"},
            values=("#3B0F70", "#FFFFFF", "#8A3A00"), gradients=("#000000", "#FFFFFF", "#A30000"),
            dashes="7 3",
        ),
        Theme(
            "dark", paper="#1E1E1E", ink="#E8E8E8", red="#FF7B72", blue="#79A8FF", muted="#B8B8B8", box="#2A2A2A",
            line="#777777", lit="#FFD54F", on_shape="#000000", outline="#FFFFFF55",
            fills={"compute": "#DF7162", "parameter": "#E38E48", "input": "#B2E684", "group": "#B9BCCB"},
            values=("#B79BFF", "#2A2A2A", "#FFA04D"), gradients=("#C8C8C8", "#2A2A2A", "#FF6A60"),
        ),
        Theme(
            "print", paper="#FFFFFF", ink="#000000", red="#000000", blue="#555555", muted="#444444", box="#FFFFFF",
            line="#888888", lit="#A8A8A8", on_shape="#000000", outline="#000000",
            fills={"compute": "#D0D0D0", "parameter": "#E6E6E6", "input": "#FFFFFF", "group": "#F4F4F4"},
            values=("#222222", "#FFFFFF", "#8A8A8A"), gradients=("#222222", "#FFFFFF", "#8A8A8A"),
            dashes="7 3",
        ),
    )
}  # fmt: skip

NOTES = THEMES["notes"]


def theme_called(name: str) -> Theme:
    """The theme of this name."""
    if name not in THEMES:
        raise ValueError(f"there is no theme {name!r} (must be one of {', '.join(map(repr, THEMES))})")
    return THEMES[name]
