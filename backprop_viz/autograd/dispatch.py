"""NumPy's own functions on tensors: they record the op whose row names them, or fail loudly."""

from __future__ import annotations

import inspect
from typing import Any, NoReturn

import numpy as np

from . import numpy_calls
from .functions.elementwise import clip
from .op import Op, option_names
from .ops import BY_NUMPY
from .tensor import apply
from .values import plain_key, untracked

# Answers without a gradient: they give plain arrays, as the comparison operators do.
PLAIN = (
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.isnan, np.isinf, np.isfinite, np.sign, np.shape, np.ndim, np.size,
    np.argmax, np.argmin,
    np.array_equal, np.allclose, np.isclose, np.zeros_like, np.ones_like, np.full_like, np.empty_like,
)  # fmt: skip

# An option where NumPy's word for it is not the row's, and what NumPy takes where PyTorch's default is another.
WORDS = {"a_min": "min", "a_max": "max", "ddof": "correction"}
DEFAULTS: dict[Any, dict[str, Any]] = {np.var: {"correction": 0}, np.std: {"correction": 0}}


def ufunc_on_tensors(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """What `np.tanh(x)`, `array @ x`, `np.less(x, 0)` … give when a tensor is among the inputs."""
    if method != "__call__":
        refuse(f"np.{ufunc.__name__}.{method}")
    if settings:
        refuse_settings(f"np.{ufunc.__name__}", settings)
    if ufunc in PLAIN:
        return ufunc(*map(untracked, inputs))
    if ufunc not in BY_NUMPY:
        refuse(f"np.{ufunc.__name__}")
    return apply(BY_NUMPY[ufunc], *inputs)


def function_on_tensors(function: Any, arguments: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """What `np.sum(x, axis=0)`, `np.reshape(x, (2, 3))` … give when a tensor is among the arguments."""
    if function in PLAIN:
        return function(*map(untracked, arguments), **{key: untracked(value) for key, value in settings.items()})
    if function in numpy_calls.CALLS:
        return numpy_calls.call(function, arguments, settings)
    if function not in BY_NUMPY:
        refuse(f"np.{function.__name__}")
    op = BY_NUMPY[function]
    tensors, options = as_in_row(function, op, arguments, settings)
    unknown = {key: value for key, value in options.items() if key not in option_names(op)}
    if unknown:
        refuse_settings(f"np.{function.__name__}", unknown)
    if function is np.clip:  # whose bounds are tensors for NumPy, and are looked at
        return clip(*tensors, **options)
    return apply(op, *tensors, **{key: plain_key(value) for key, value in options.items()})


def as_in_row(
    function: Any, op: Op, arguments: tuple[Any, ...], settings: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The row's arguments, and its options by its own names, in a call of a NumPy function."""
    given = dict(inspect.signature(function).bind(*arguments, **settings).arguments)
    given |= given.pop("kwargs", {})
    if len(given) < len(op.arguments):
        refuse(f"np.{function.__name__} of one argument")
    tensors = [given.pop(name) for name in list(given)[: len(op.arguments)]]
    said = {WORDS.get(key, key): value for key, value in given.items() if value is not None}
    return tensors, DEFAULTS.get(function, {}) | said


def refuse(name: str) -> NoReturn:
    """Say that this NumPy function has no row, and what to do."""
    possible = ", ".join(sorted({f"np.{function.__name__}" for function in BY_NUMPY}))
    raise TypeError(
        f"{name} has no row in the op table, so its gradient is not known. Possible: {possible}, and the methods of a "
        f"tensor. To add it, write one row in backprop_viz/autograd/ops/; to compute without a gradient, pass x.data."
    )


def refuse_settings(name: str, settings: dict[str, Any]) -> NoReturn:
    """Say that the plain operation takes none of these settings."""
    if "out" in settings:
        raise TypeError(
            f"{name} on a tensor takes no out: a result that is recorded cannot be written into an array. Write "
            f"a = {name}(...), or a = a + x in place of a += x."
        )
    given = ", ".join(f"{key}=" for key in settings)
    raise TypeError(f"{name} on a tensor takes no {given[:-1]}: the record holds the plain operation. Leave it out.")
