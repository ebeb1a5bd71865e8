"""Answers compared, and shown in one line."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..autograd.tensor import Tensor

MOST_SHOWN = 12  # elements of an array that are written out
LONGEST = 80  # characters of one value
NOT_SHOWN = "an array of shape"


def same(given: Any, right: Any, tolerance: float) -> bool:
    """Whether an answer is the right one, in whatever form: floats, lists, arrays, tensors, dicts of them."""
    if isinstance(right, Mapping):
        return (
            isinstance(given, Mapping)
            and given.keys() == right.keys()
            and all(same(given[key], right[key], tolerance) for key in right)
        )
    given = bool(given) if isinstance(given, np.bool_) else given
    if isinstance(right, str | bool | type(None)) or isinstance(given, str | type(None)):
        return type(given) is type(right) and bool(given == right)
    if isinstance(right, tuple | list) and ragged(right):
        return (
            several(given)
            and len(given) == len(right)
            and all(same(mine, other, tolerance) for mine, other in zip(given, right, strict=True))
        )
    mine, other = array_of(given), array_of(right)
    if mine is None or other is None or mine.shape != other.shape:
        return False
    room = tolerance * max(1.0, float(np.max(np.abs(other), initial=0.0, where=np.isfinite(other))))
    with np.errstate(invalid="ignore"):  # ∞ − ∞
        near = np.abs(mine - other) <= room
    return bool(np.all((mine == other) | near | (np.isnan(mine) & np.isnan(other))))


def ragged(answer: tuple[Any, ...] | list[Any]) -> bool:
    """Whether these are several answers, and not one array written as a list."""
    return isinstance(answer, tuple) or array_of(answer) is None


def several(answer: Any) -> bool:
    """Whether an answer has parts that can be looked at one by one."""
    return isinstance(answer, tuple | list) or (isinstance(answer, np.ndarray) and answer.ndim > 0)


def array_of(value: Any) -> np.ndarray[Any, Any] | None:
    """A value as an array of numbers, None if it is none."""
    if isinstance(value, Tensor):
        value = value.data
    if isinstance(value, list):  # a tensor in a list will not become an array by itself
        value = [part.data if isinstance(part, Tensor) else part for part in value]
    try:
        array = np.asarray(value)
        return array.astype(np.float64) if array.dtype.kind in "fiub" else None
    except (TypeError, ValueError, RuntimeError):  # ragged, no numbers, or tensors deep inside
        return None


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of an answer that is one array, None of any other."""
    array = None if isinstance(value, tuple | Mapping) else array_of(value)
    return None if array is None else array.shape


def said(value: Any) -> str:
    """A value in one line that a person reads; long arrays by their shape."""
    return cut(_told(value, MOST_SHOWN))


def whole(value: Any) -> str:
    """A value in one line with every number of it, the same for equal dicts: what a grader compares."""
    return " ".join(_told(value, None).split())


def _told(value: Any, most: int | None) -> str:
    """A value as text; arrays of more than so many elements, where that is given, by their shape."""
    if isinstance(value, Mapping):
        keys = list(value) if most else sorted(value, key=repr)
        return "{" + ", ".join(f"{key}: {_told(value[key], most)}" for key in keys) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(_told(part, most) for part in value) + "," * (len(value) == 1) + ")"
    if isinstance(value, bool | str | type(None)):
        return repr(value)
    array = array_of(value)
    if array is None:
        ours = type(value).__module__.startswith(__package__)  # an exercise's own: it says what it is
        return repr(value) if ours or isinstance(value, list) else f"a {type(value).__name__}"
    if most is not None and array.size > most:
        return f"{NOT_SHOWN} {array.shape}"
    return str(rounded(array.tolist()))


def rounded(number: Any) -> Any:
    """Numbers as a person would write them: without digits that only rounding has left there."""
    if isinstance(number, list):
        return [rounded(part) for part in number]
    short = float(f"{number:.10g}")
    return int(short) if short.is_integer() and abs(short) < 1e6 else short


def cut(text: str) -> str:
    """A text that fits on the line."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def call_of(function: Callable[..., Any], arguments: tuple[Any, ...]) -> str:
    """The arguments of a call with their names: "gu=0.5, gv=2"."""
    names = inspect.signature(function).parameters
    return ", ".join(f"{name}={said(argument)}" for name, argument in zip(names, arguments, strict=False))
