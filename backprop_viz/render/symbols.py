"""Names as a textbook sets them: `yhat` is ŷ, `w0` is w₀, `theta_1` is θ₁; whatever is no such name stays as it is."""

from __future__ import annotations

import re
import unicodedata
from itertools import zip_longest

from .expression import Piece, atom

ACCENTS = {  # the combining character, and the one that stands alone
    "hat": ("\u0302", "^"), "bar": ("\u0304", "¯"), "tilde": ("\u0303", "~"), "dot": ("\u0307", "˙"),
}  # fmt: skip
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_NAME = re.compile(rf"(?P<base>[A-Za-z]+?)_?(?P<accent>{'|'.join(ACCENTS)})?_?(?P<index>\d+)?")
ISOLATE, END = "\u2068", "\u2069"  # invisible: the text between has a direction of its own
_ISOLATED = re.compile(f"({ISOLATE}[^{ISOLATE}{END}]*{END})")
LONGEST = 40  # characters of a name in the picture


def symbol(name: str, *, loss: bool = False) -> Piece:
    """How a node's name is written in pictures and equations; a loss called L is the script ℒ."""
    match = _NAME.fullmatch(name)
    if not match or len(name) > LONGEST:
        return atom(printable(name), "mtext")
    base = match["base"]
    if match["accent"] and len(base) > 1 and base not in GREEK:  # `what` is a word, not ŵ with a t
        return atom(name)
    base = GREEK.get(base, "ℒ" if loss and base == "L" else base)
    letter = _accented(base, match["accent"]) if match["accent"] else atom(base)
    index = match["index"]
    if index is None:
        return letter
    return Piece(letter.text + index.translate(SUBSCRIPTS), ("msub", "", letter.math, ("mn", "", index)))


def _accented(letter: str, accent: str) -> Piece:
    """ŷ: one character as text, a letter under an accent in MathML, which keeps it italic."""
    combining, spacing = ACCENTS[accent]
    whole = unicodedata.normalize("NFC", letter + combining)
    return Piece(whole, ("mover", "", ("mi", "", letter), ("mo", "", spacing)))


def printable(name: str, longest: int | None = LONGEST) -> str:
    """A name that nothing can break: controls shown as symbols, cut where it is longer than so many characters."""
    visible = "".join(map(_visible, name)) or "␣"
    visible = visible if longest is None or len(visible) <= longest else visible[: longest - 1] + "…"
    # A name in Hebrew or Arabic is set apart, or it would turn the mathematics around it.
    turned = any(unicodedata.bidirectional(character) in ("R", "AL") for character in visible)
    return f"{ISOLATE}{visible}{END}" if turned else visible


def legible(text: str) -> str:
    """A text that nothing can break, in which printable names stay as they are."""
    pieces = _ISOLATED.split(text)  # every second one is a name that is set apart
    names = [f"{ISOLATE}{''.join(map(_visible, piece[1:-1]))}{END}" for piece in pieces[1::2]]
    others = [printable(piece, None) if piece else "" for piece in pieces[::2]]
    return "".join(map("".join, zip_longest(others, names, fillvalue="")))


def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # the Unicode pictures of control characters
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return "�"
    return character
