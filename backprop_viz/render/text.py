"""Values as text: four significant digits, the same everywhere."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

DIGITS = 4
FEW = 4  # elements of an array that are written out


def shown(value: Any) -> str:
    """A value in a picture: a number, the elements of a small array, the shape of a larger one; None is blank."""
    if value is None:
        return ""
    if np.ndim(value) == 0:
        return shown_number(np.asarray(value).item())
    array = np.asarray(value)
    if 0 < array.size <= FEW:
        return _elements(array.tolist())
    return "×".join(map(str, array.shape)) + " array"


def shown_number(value: float | int | bool) -> str:
    """A number to four significant digits: 0.4134, −0.35, 12346, 1.235·10⁻⁷."""
    if isinstance(value, int):
        text = str(value + 0)
        return text.replace("-", "−") if len(text) <= 12 else shown_number(float(value))
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 1e6:
        decimals = max(0, DIGITS - 1 - math.floor(math.log10(abs(value))))
        text = f"{value:.{decimals}f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
    mantissa, exponent = f"{value:.{DIGITS - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".").replace("-", "−")
    return f"{mantissa}·10{str(int(exponent)).translate(str.maketrans('0123456789-', '⁰¹²³⁴⁵⁶⁷⁸⁹⁻'))}"


def _elements(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_elements, value))}]"
    return shown_number(value)
