"""What one row of the op table holds, and how a gradient is pulled back through it."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import FunctionType
from typing import Any

import numpy as np

Function = Callable[..., Any]
# What Python floats raise where NumPy gives inf or nan.
ARITHMETIC_ERRORS = (ZeroDivisionError, OverflowError, ValueError)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument slot: how the result changes with it, once for people and once for the machine.

    `formula` is a Python expression in the op's argument names, `out` (the result) and, for ops that mix
    elements, `g` (the upstream gradient); the tests evaluate it against the code.
    `reads` names the values that a vjp depends on, as in "a out"; "" where it needs their shapes alone.
    """

    name: str
    formula: str
    derivative: Function | None = None  # elementwise: (out, *arguments) -> local derivative
    vjp: Function | None = None  # mixing: (g, out, *arguments, **options) -> contribution
    formula_for: Callable[..., str] | None = None  # (*shapes, **options) -> formula, where the rule depends on them
    reads: str | None = None  # of a vjp; not said = all

    @property
    def differentiable(self) -> bool:
        """Whether a gradient flows by this argument: none does by a condition, or by the index of a class."""
        return self.derivative is not None or self.vjp is not None

    def formula_at(self, *shapes: tuple[int, ...], **options: Any) -> str:
        """The formula for arguments of these shapes, and these options of the op."""
        return self.formula_for(*shapes, **options) if self.formula_for else self.formula


@dataclass(frozen=True, slots=True, eq=False)
class Op:
    """One differentiable operation.

    notation: the op as the reader writes it, an expression in the argument (and option) names: `a * b`, `sigmoid(x)`
    formula:  its definition where the notation only names it: `1 / (1 + exp(-x))`
    forward:  (*arrays, **options) -> array;  `scalar`: the same on Python floats, where a faster one exists
    numpy:    the NumPy functions that record this op when they meet a tensor
    linear:   the arguments in which the op is linear while the others are held ("a b" for a product of matrices)
    view:     whether the result shows the first argument's own elements, as x[:2] and x.T do
    """

    name: str
    symbol: str
    notation: str
    forward: Function
    arguments: tuple[Argument, ...]
    formula: str = ""
    scalar: Function | None = None
    numpy: tuple[Function, ...] = ()
    elementwise: bool = True
    domain: tuple[float, float] = (-2.0, 2.0)  # where the tests draw their inputs from
    linear: str = ""
    view: bool = False
    slopes: tuple[Any, Any] = field(init=False)  # of an elementwise op of one or two arguments, near at hand
    blocked: bool = field(init=False)  # whether it has an argument by which no gradient flows

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocked", not all(argument.differentiable for argument in self.arguments))
        plain = self.elementwise and len(self.arguments) <= 2 and not option_names(self)
        slopes = [slope_of(self.arguments, slot) for slot in range(len(self.arguments))] if plain else []
        object.__setattr__(self, "slopes", (*slopes, None, None)[:2])

    def reads(self, slot: int) -> frozenset[str]:
        """The arguments, by name, and "out", whose values the machine's derivative by argument `slot` depends on."""
        argument = self.arguments[slot]
        names = ("out", *(each.name for each in self.arguments))
        if argument.vjp is not None:
            return frozenset(names if argument.reads is None else argument.reads.split())
        if argument.derivative is None:
            return frozenset()
        used = parameters_used(argument.derivative)
        return frozenset(names if used is None else (names[position] for position in used))

    def local(self, slot: int, out: Any, values: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
        """The local gradient by argument `slot`, or None where it is a Jacobian too large to write down.

        Elementwise: the derivative, broadcast to the result's shape. Mixing: the one row of the Jacobian of a
        scalar result, shaped like the argument.
        """
        if not self.arguments[slot].differentiable:
            return None
        if self.elementwise:
            local = arithmetic(self.arguments[slot].derivative, out, *values, **options)
            if np.ndim(out) == 0:
                return float(local)
            dtype = out.dtype if out.dtype.kind == "f" else np.dtype(np.float64)
            return everywhere(local, out.shape, dtype) if local.__class__ is float else spread(local, out.shape, dtype)
        if np.ndim(out) == 0:
            return np.asarray(self.pull(slot, 1.0, out, values, options))
        return None

    def pull(self, slot: int, g: Any, out: Any, values: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
        """The contribution to argument `slot`, shaped like it: upstream gradient `g` times the local gradient."""
        argument = self.arguments[slot]
        value = values[slot]
        if argument.derivative is not None:
            local = arithmetic(argument.derivative, out, *values, **options)
            contribution = unbroadcast(g if local.__class__ is float and local == 1.0 else g * local, np.shape(value))
        else:
            assert argument.vjp is not None  # a row has one or the other: checked where the table is built
            contribution = argument.vjp(g, out, *values, **options)
        return shaped_like(value, contribution)


# What fills the slot of an argument by which no gradient flows.
NO_GRADIENT = None


def elementwise(
    name: str, symbol: str, notation: str, forward: Function, *, numpy: tuple[Function, ...] = (), **row: Any
) -> Op:
    """A row whose result depends on its arguments element by element; arguments as `x=(formula, derivative)`.

    forward is called as (*arrays, **options), a derivative as (out, *arrays, **options).
    """
    settings = {key: row.pop(key) for key in ("formula", "scalar", "domain") if key in row}
    arguments = tuple(
        Argument(key, "") if said is NO_GRADIENT else Argument(key, said[0], derivative=said[1])
        for key, said in row.items()
    )
    if isinstance(forward, np.ufunc):
        numpy = (forward, *numpy)
    return Op(name, symbol, notation, forward, arguments, numpy=numpy, **settings)


def mixing(
    name: str, symbol: str, notation: str, forward: Function, *, numpy: tuple[Function, ...] = (), **row: Any
) -> Op:
    """A row that mixes or moves elements; arguments as `x=(formula, vjp, reads)`, or with a formula for each rank.

    forward is called as (*arrays, **options), a vjp as (g, out, *arrays, **options).
    """
    settings = {key: row.pop(key) for key in ("formula", "linear", "view", "domain") if key in row}
    arguments = tuple(
        Argument(key, "") if said is NO_GRADIENT else _mixing_argument(key, *said, count=len(row))
        for key, said in row.items()
    )
    return Op(name, symbol, notation, forward, arguments, numpy=numpy, elementwise=False, **settings)


def _mixing_argument(name: str, formula: Any, vjp: Function, reads: str | None = None, *, count: int) -> Argument:
    if not callable(formula):
        return Argument(name, formula, vjp=vjp, reads=reads)
    return Argument(name, formula(*[()] * count), vjp=vjp, formula_for=formula, reads=reads)


ONE = 1.0  # the slope of a sum
OTHER = "other"  # the slope of a product: the other argument's value


def slope_of(arguments: tuple[Argument, ...], slot: int) -> float | str | Function | None:
    """The local derivative: a plain number where it is the same everywhere, as in a + b; OTHER as in a * b."""
    formula = arguments[slot].formula
    if formula in ("1", "-1"):
        return ONE if formula == "1" else -1.0
    if len(arguments) == 2 and formula == arguments[1 - slot].name:
        return OTHER
    return arguments[slot].derivative


def option_names(op: Op) -> tuple[str, ...]:
    """The names of the options that a row's derivatives understand."""
    rule = next((a.vjp or a.derivative for a in op.arguments if a.differentiable), None)
    if not isinstance(rule, FunctionType):
        return ()
    given = 1 + len(op.arguments) + (not op.elementwise)
    parameters = list(inspect.signature(rule).parameters.values())[given:]
    return tuple(parameter.name for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD)


@cache
def parameters_used(function: Any) -> frozenset[int] | None:
    """The positions of the parameters that the function's code loads; None where that cannot be told."""
    function = inspect.unwrap(function)
    if not isinstance(function, FunctionType) or function.__code__.co_flags & inspect.CO_VARARGS:
        return None
    code = function.__code__
    loaded = set(code.co_cellvars)
    for step in dis.get_instructions(code):
        if step.opname.startswith("LOAD_FAST"):  # newer Pythons load two at once
            loaded.update(step.argval if isinstance(step.argval, tuple) else (step.argval,))
    return frozenset(i for i, name in enumerate(code.co_varnames[: code.co_argcount]) if name in loaded)


def arithmetic(function: Function | None, *values: Any, **options: Any) -> Any:
    """`function` of these values; where Python floats would raise (1/0, exp(1000)), NumPy's inf or nan."""
    assert function is not None
    try:
        return function(*values, **options)
    except ARITHMETIC_ERRORS:
        return function(*(value if isinstance(value, np.ndarray) else np.float64(value) for value in values), **options)


def spread(value: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """A value of this type, repeated to this shape."""
    typed = np.asarray(value, dtype=dtype)
    return typed if typed.shape == shape else np.broadcast_to(typed, shape)


@lru_cache(maxsize=256)
def everywhere(value: float, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """One number at every place, without memory for each: the local gradient of a + b."""
    return np.broadcast_to(np.asarray(value, dtype=dtype), shape)


def shaped_like(value: Any, contribution: Any) -> Any:
    """The contribution in the type of the value it belongs to; itself where it has that type already."""
    if value.__class__ is float:
        return float(contribution)
    if contribution.__class__ is np.ndarray and contribution.ndim and contribution.dtype == value.dtype:
        return contribution
    if np.asarray(value).dtype.kind != "f":  # whole numbers receive nothing; a parameter that became one is refused
        return contribution
    typed = np.asarray(contribution, dtype=value.dtype if isinstance(value, np.ndarray) else np.asarray(value).dtype)
    return typed if typed.ndim else typed[()]


def unbroadcast(gradient: Any, shape: tuple[int, ...]) -> Any:
    """`gradient` summed over the axes along which an argument of this shape was repeated."""
    if np.shape(gradient) == shape:
        return gradient
    gradient = np.asarray(gradient)
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    if gradient.shape == shape:
        return gradient
    repeated = tuple(axis for axis, size in enumerate(shape) if size == 1 and gradient.shape[axis] != 1)
    gradient = gradient.sum(axis=repeated, keepdims=True) if repeated else gradient
    return np.broadcast_to(gradient, shape)
