"""Answers compared, and shown in one line."""

from __future__ import annotations

import inspect
from ast import literal_eval
from collections.abc import Callable, Iterable, KeysView, Mapping
from numbers import Real
from typing import Any

import numpy as np

from ..autograd.tensor import Tensor

MOST_SHOWN = 12  # elements of an array that are written out
LONGEST = 80  # characters of one value
LONGER = 300  # characters of what is said in full: an error, or digits that differ
DIGITS = 8  # that graders compare: fewer than a check does, so that what passes it is one text
NOT_SHOWN = "an array of shape"


class Line(str):
    """A line that a notebook shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


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
    try:
        array = np.asarray(_bare(value))
        if array.dtype.kind == "O" and not all(isinstance(part, Real) for part in array.flat):  # a Fraction is Real
            return None
        return array.astype(np.float64) if array.dtype.kind in "fiubO" else None
    except (TypeError, ValueError, RuntimeError, OverflowError):  # ragged, no numbers, tensors deep inside, or 10**400
        return None


def _bare(value: Any) -> Any:
    """Tensors, ours or PyTorch's, as NumPy takes them: without their graph. In a list they will not by themselves."""
    if isinstance(value, list | tuple):
        return [_bare(part) for part in value]
    if isinstance(value, Tensor):
        return value.data
    return value.detach() if hasattr(value, "detach") else value


def quoted(given: Any, right: Any) -> bool:
    """Whether a number of an answer is written as a text, as in "10"."""
    if isinstance(given, str):
        return array_of(right) is not None and _reads_as_number(given)
    if isinstance(given, Mapping) and isinstance(right, Mapping):
        return any(quoted(given[key], right[key]) for key in given if key in right)
    return several(given) and several(right) and any(map(quoted, given, right))


def _reads_as_number(text: str) -> bool:
    try:
        return array_of(literal_eval(text.strip())) is not None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False


def negated(value: Any) -> Any:
    """An answer with all its signs turned; what has no sign stays as it is."""
    if isinstance(value, Mapping):
        return {key: negated(part) for key, part in value.items()}
    array = array_of(value)
    if array is None:
        return type(value)(map(negated, value)) if type(value) in (list, tuple) else value
    return tuple(-array) if isinstance(value, tuple) else -array


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of an answer that is one array, None of any other."""
    array = None if isinstance(value, tuple | Mapping) else array_of(value)
    return None if array is None else array.shape


def said(value: Any, longest: int = LONGEST) -> str:
    """A value in one line that a person reads; long arrays by their shape."""
    return cut(_told(value, MOST_SHOWN), longest)


def whole(value: Any) -> str:
    """A value in one line with every number of it, the same for answers that `same` takes as equal: for graders."""
    return " ".join(_told(_plain(value), None).split())


def _plain(value: Any) -> Any:
    """A value in the one form that stands for all that are the same: dicts sorted, lists, plain numbers."""
    if isinstance(value, Mapping):
        return {_plain(key): _plain(value[key]) for key in _sorted(value)}
    if isinstance(value, str):
        return str(value)  # NumPy's are written in another way
    if isinstance(value, set | frozenset):
        return [_plain(part) for part in _sorted(value)]
    array = array_of(value)
    if array is not None:
        return rounded(_settled(array).tolist())
    parts = value.tolist() if isinstance(value, np.ndarray) else value
    return [_plain(part) for part in parts] if several(value) or isinstance(value, KeysView) else value


def _settled(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Numbers without the digits in which right answers may differ, however they were computed.

    The border between two of them is at a third, where no binary fraction is: noise moves nothing across it.
    """
    largest = max(1.0, float(np.max(np.abs(array), initial=0.0, where=np.isfinite(array))))
    grid = 10.0 ** (DIGITS - 1 - np.floor(np.log10(largest)))
    return np.asarray(np.floor(array * grid + 2 / 3) / grid)


def _sorted(parts: Iterable[Any]) -> list[Any]:
    try:
        return sorted(parts)
    except TypeError:  # of different kinds
        return sorted(parts, key=repr)


def _told(value: Any, most: int | None) -> str:
    """A value as text; arrays of more than so many elements, where that is given, by their shape."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_told(value[key], most)}" for key in value) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(_told(part, most) for part in value) + "," * (len(value) == 1) + ")"
    if isinstance(value, bool | str | type(None)):
        return repr(value)
    array = array_of(value)
    if array is None and type(value) is list:  # an exercise's own list says itself what it is
        return "[" + ", ".join(_told(part, most) for part in value) + "]"
    if array is None:
        ours = type(value).__module__.startswith(__package__)  # an exercise's own: it says what it is
        return repr(value) if ours else f"a {type(value).__name__}"
    if most is not None and array.size > most:
        return f"{NOT_SHOWN} {array.shape}"
    bare = np.asarray(_bare(value))
    return str(bare.tolist() if bare.dtype == bool else rounded(array.tolist()))


def rounded(number: Any) -> Any:
    """Numbers as a person would write them: without digits that only rounding has left there."""
    if isinstance(number, list):
        return [rounded(part) for part in number]
    short = float(f"{number:.10g}")
    return int(short) if short.is_integer() and abs(short) < 1e6 else short


def cut(text: str, longest: int = LONGEST) -> str:
    """A text that fits on the line."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def is_cut(text: str) -> bool:
    """Whether not all of a text's values are written out."""
    return "…" in text or NOT_SHOWN in text


def call_of(function: Callable[..., Any], arguments: tuple[Any, ...]) -> str:
    """The arguments of a call with their names: "gu=0.5, gv=2"."""
    names = inspect.signature(function).parameters
    return ", ".join(f"{name}={said(argument)}" for name, argument in zip(names, arguments, strict=False))
