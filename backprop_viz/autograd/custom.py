"""Ops of the reader's own: a NumPy function, and a formula for each argument, become a row like those of the table."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from inspect import Parameter
from typing import Any

import numpy as np

from .formula import check, compiled
from .op import ARITHMETIC_ERRORS, NO_GRADIENT, Function, Op, elementwise, mixing, parameters_used
from .tensor import Tensor, apply
from .values import plain_key, short, stored, untracked

_SETTINGS = ("function", "symbol", "formula", "elementwise", "linear", "out", "g")  # no names for arguments


def op(
    function: Function | None = None,
    *,
    symbol: str = "",
    formula: str = "",
    elementwise: bool = True,
    linear: str = "",
    **rules: Any,
) -> Callable[[Function], Operation]:
    """Make a NumPy function an op: recorded as one node, drawn, stepped through and checked like a built-in one.

    rules: for each argument of the function, under its name: the formula of the local gradient, or a pair of it and a
        derivative called as (out, *arguments, **options). A formula is a Python expression in the arguments, options,
        `out` (the result) and functions such as exp; alone it is the derivative as well. None: no gradient flows.
    elementwise: False where elements are mixed or moved: the formula then says the contribution, in terms of `g` (the
        upstream gradient), and its function is called as (g, out, *arguments, **options)
    symbol, formula: the sign in the node (by default the function's name), and the op's definition
    linear: the arguments in which a mixing op is linear, as "a b": forward mode then uses the function itself

    Options are the function's keyword-only parameters. A formula and a derivative given with it are compared at the
    first call, where values are known; gradcheck compares them with the function.
    """
    if function is not None:
        raise TypeError(
            "bp.op is called with a rule for each argument before it decorates: @bp.op(x='1 - out**2') above "
            "def mytanh(x): ..."
        )
    row = {"symbol": symbol, "formula": formula, "elementwise": elementwise, "linear": linear}
    return lambda decorated: Operation(decorated, rules, **row)


class Operation:
    """A function that records one node; `op` is its row."""

    op: Op
    __name__: str

    def __init__(self, function: Function, rules: dict[str, Any], **row: Any) -> None:
        if not callable(function):
            raise TypeError(f"bp.op decorates a function; got {type(function).__name__} {short(function)}")
        functools.update_wrapper(self, function)
        self._function = function
        self._arguments, self._options = _parameters(function, rules)
        self._elementwise: bool = row.pop("elementwise")
        self._unchecked: dict[int, Function] = {}  # by slot: formulas that stand beside a derivative of its own
        self.op = self._row(rules, **row)
        kind = "local gradient by" if self._elementwise else "contribution to"
        said = [f"{kind} {a.name}: {a.formula}" for a in self.op.arguments if a.differentiable]
        words = inspect.getdoc(function)
        self.__doc__ = "\n".join([*([words, ""] if words else []), *said])

    def __call__(self, *arguments: Any, **options: Any) -> Tensor:
        """One node of the graph: from tensors, arrays and numbers."""
        try:
            given = inspect.signature(self._function).bind(*arguments, **options)
        except TypeError as error:
            raise TypeError(f"{self.op.notation}: {error}") from None
        given.apply_defaults()
        settings = {key: plain_key(value) for key, value in given.kwargs.items()}
        out = apply(self.op, *given.args, **settings)
        if self._unchecked:
            self._compare(tuple(map(untracked, given.args)), out.data, settings)
        return out

    def __repr__(self) -> str:
        return f"<op {self.op.notation}>"

    # ------------------------------------------------------------------ the row
    def _row(self, rules: dict[str, Any], *, symbol: str, formula: str, linear: str) -> Op:
        name = self.__name__
        notation = f"{name}({', '.join([*self._arguments, *self._options])})"
        if formula:
            check(name, "formula", formula, (*self._arguments, *self._options))
        for argument in linear.split():
            if argument not in self._arguments or self._elementwise:
                raise ValueError(f"{name}: linear={linear!r} names the arguments of an op with elementwise=False")
        settings: dict[str, Any] = {"formula": formula} if self._elementwise else {"formula": formula, "linear": linear}
        arguments = {key: self._rule(slot, key, rules[key]) for slot, key in enumerate(self._arguments)}
        row = (elementwise if self._elementwise else mixing)(
            name, symbol or name, notation, self._forward, **settings, **arguments
        )
        if self._options:  # the fast path of plain numbers knows no options
            object.__setattr__(row, "slopes", (None, None))
        return row

    def _rule(self, slot: int, key: str, said: Any) -> Any:
        """What the row holds for one argument."""
        if said is NO_GRADIENT:
            return NO_GRADIENT
        text, given = said if isinstance(said, tuple) and len(said) == 2 else (said, None)
        if not isinstance(text, str) or not (given is None or callable(given)):
            raise TypeError(
                f"{self.__name__}: the rule for {key!r} is a formula such as '1 - out**2', a pair (formula, "
                f"derivative), or None; got {short(said)}"
            )
        as_written = self._compiled(key, text)
        if given is not None:
            self._refuse_signature(key, given)
            self._unchecked[slot] = as_written
        rule = self._alone(given or as_written)
        if self._elementwise:
            return text, rule
        names = ("", "out", *self._arguments)
        used = parameters_used(rule)
        read = None if used is None else " ".join(names[i] for i in sorted(used) if 0 < i < len(names))
        return text, self._shaped(slot, key, rule), read

    @property
    def _first(self) -> tuple[str, ...]:
        """What a derivative is called with before the op's arguments."""
        return ("out",) if self._elementwise else ("g", "out")

    def _compiled(self, key: str, text: str) -> Function:
        """The formula as a function with the signature of a derivative."""
        first = [*self._first, *self._arguments]
        check(self.__name__, key, text, (*self._arguments, *self._options, *self._first))
        return compiled(text, first, self._options, {self.__name__: self._function})

    def _refuse_signature(self, key: str, given: Function) -> None:
        """An error where a derivative cannot be called as it will be."""
        called = [*self._first, *self._arguments]
        try:
            signature = inspect.signature(given)
        except ValueError:  # built in: nothing can be told
            return
        try:
            signature.bind(*called, **dict.fromkeys(self._options))
        except TypeError as error:
            how = ", ".join([*called, *(f"{option}=..." for option in self._options)])
            raise TypeError(f"{self.__name__}: the derivative by {key!r} is called as ({how}): {error}") from None

    # ------------------------------------------------------------------ running it
    def _called(self, function: Function, values: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """What a function of the reader's gives; it may look at the arrays of the graph, and not edit them."""
        try:
            return function(*map(_closed, values), **options)
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            raise TypeError(
                f"{self.__name__} edits its argument in place, which is the reader's tensor. Compute a new array: "
                f"x = x * 2 in place of x *= 2."
            ) from None

    def _alone(self, rule: Function) -> Function:
        """The rule, its result a value of its own: the graph keeps it, and closes it to edits where it is recorded."""

        @functools.wraps(rule)
        def run(*values: Any, **options: Any) -> Any:
            result = self._called(rule, values, options)
            return result.copy() if isinstance(result, np.ndarray) else result

        return run

    def _forward(self, *values: Any, **options: Any) -> Any:
        """What the function gives, as numbers in an array; an error where it is something else."""
        result = self._called(self._function, values, options)
        if isinstance(result, Tensor):
            raise TypeError(
                f"{self.__name__} gave a tensor: inside an op compute with NumPy, np.tanh in place of bp.tanh"
            )
        array = np.asarray(result)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"{self.__name__}: an op gives numbers; got {type(result).__name__} {short(result)}")
        expected = np.broadcast_shapes(*map(np.shape, values)) if self._elementwise else array.shape
        if array.shape != expected:
            raise TypeError(
                f"{self.__name__} works element by element, so its result has shape {expected}; it gave "
                f"{array.shape}. Write @bp.op(elementwise=False, ...) for an op that mixes elements."
            )
        dtypes = [x.dtype for x in map(np.asarray, values) if x.dtype.kind == "f"]
        return array.astype(np.result_type(*dtypes)) if dtypes and array.dtype.kind != "f" else array[()]

    def _shaped(self, slot: int, key: str, rule: Function) -> Function:
        """The rule of a mixing op, with an error where what it gives is not shaped like the argument."""

        def checked(g: Any, out: Any, *values: Any, **options: Any) -> Any:
            contribution = rule(g, out, *values, **options)
            if np.shape(contribution) != np.shape(values[slot]):
                raise ValueError(
                    f"{self.__name__}: a contribution is shaped like the argument {key!r}, {np.shape(values[slot])}; "
                    f"its rule gave {np.shape(contribution)}"
                )
            return contribution

        return checked

    def _compare(self, values: tuple[Any, ...], out: Any, options: dict[str, Any]) -> None:
        """Compare each formula with the derivative beside it, here and at moved values; once."""
        if not np.size(out):
            return
        self._agree(values, out, options)
        try:  # values that are equal, 0 or 1 would let much agree by chance
            moved = tuple(
                value * (1.1 + slot / 10) + 0.01 * (slot + 1) if argument.differentiable else value
                for slot, (argument, value) in enumerate(zip(self.op.arguments, values, strict=True))
            )
            out = stored(self._forward(*moved, **options))
        except ARITHMETIC_ERRORS:  # outside the domain
            pass
        else:
            self._agree(moved, out, options)
        self._unchecked = {}

    def _agree(self, values: tuple[Any, ...], out: Any, options: dict[str, Any]) -> None:
        g = stored(np.random.default_rng(0).uniform(0.5, 1.5, np.shape(out)))
        first = (out,) if self._elementwise else (g, out)
        for slot, formula in self._unchecked.items():
            argument = self.op.arguments[slot]
            with np.errstate(all="ignore"):
                said = formula(*first, *values, **options)
                derivative = argument.derivative or argument.vjp
                assert derivative is not None
                meant = derivative(*first, *values, **options)
            if not np.allclose(said, meant, rtol=1e-6, atol=1e-9, equal_nan=True):
                raise ValueError(
                    f"{self.__name__}: the formula {argument.formula!r} by {argument.name!r} gives {short(said)}, the "
                    f"derivative {short(meant)}, at {', '.join(map(short, values))}. Mend one of them."
                )


def _parameters(function: Function, rules: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of a function's arguments and options, or an error that says what does not fit."""
    name = getattr(function, "__name__", "")
    if not name.isidentifier():
        raise ValueError("an op is drawn by its function's name: write it with def, not as a lambda")
    parameters = inspect.signature(function).parameters.values()
    arguments = tuple(
        p.name for p in parameters if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    )
    options = tuple(p.name for p in parameters if p.kind is Parameter.KEYWORD_ONLY)
    for p in parameters:
        if p.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
            raise TypeError(f"{name}: each argument of an op has a name of its own; {p} has none")
        if p.name in arguments and p.default is not Parameter.empty:
            raise TypeError(f"{name}: an argument has no default; make {p.name!r} an option: write * before it")
        if p.name in _SETTINGS:
            raise TypeError(f"{name}: {p.name!r} has a meaning for bp.op; give the argument another name")
    if not arguments:
        raise TypeError(f"{name}: an op has at least one argument")
    for missing in (key for key in arguments if key not in rules):
        raise TypeError(
            f"{name}: no rule for its argument {missing!r}. Give {missing}='formula of the local gradient', or "
            f"{missing}=None if no gradient flows by it."
        )
    for unknown in (key for key in rules if key not in arguments):
        raise TypeError(f"{name} has no argument {unknown!r}; its arguments are {', '.join(arguments)}")
    return arguments, options


def _closed(value: Any) -> Any:
    """The value, closed to edits."""
    if not isinstance(value, np.ndarray):
        return value
    view = value.view()
    view.flags.writeable = False
    return view
