"""Values as text: to so many significant digits, the same everywhere."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

DIGITS = 4
FEW = 4  # elements of an array that are written out


def shown(value: Any, digits: int = DIGITS) -> str:
    """A value in a picture: a number, the elements of a small array, the shape of a larger one; None is blank."""
    if value is None:
        return ""
    if value.__class__ is float:
        return shown_number(value, digits)
    array = np.asarray(value)
    if array.ndim == 0:
        return shown_number(array.item(), digits)
    if is_large(array.shape) or not array.size:
        return f"{by(array.shape)} array"
    return _elements(array.tolist(), digits)


def is_large(shape: tuple[int, ...]) -> bool:
    """Whether an array of this shape has too many elements for all of them to be written out."""
    return math.prod(shape) > FEW


def by(shape: tuple[int, ...]) -> str:
    """A shape as people say it: 3×2."""
    return "×".join(map(str, shape))


@lru_cache(maxsize=4096, typed=True)  # most numbers are told several times
def shown_number(value: float | int | bool, digits: int = DIGITS) -> str:
    """A number to so many significant digits; to four: 0.4134, −0.35, 12346, 1.235·10⁻⁷."""
    if isinstance(value, int):
        text = str(value + 0)
        return text.replace("-", "−") if len(text) <= 12 else shown_number(float(value), digits)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 1e6:
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        text = f"{value:.{decimals}f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".").replace("-", "−")
    return f"{mantissa}·10{str(int(exponent)).translate(str.maketrans('0123456789-', '⁰¹²³⁴⁵⁶⁷⁸⁹⁻'))}"


def _elements(value: Any, digits: int) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_elements(item, digits) for item in value)}]"
    return shown_number(value, digits)
