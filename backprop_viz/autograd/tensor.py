"""Tensor: a number or an array that remembers how it was made, and the running of one op on tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from sys import _getframe
from types import CodeType, FrameType
from typing import Any

import numpy as np

from . import ops
from .mode import edit_clock, recording, tick
from .op import ARITHMETIC_ERRORS, Op
from .values import Data, argument_of, flat, plain_key, reduction, refuse_shapes, short, stored, untracked

_new = object.__new__
_package = __package__.partition(".")[0] + "."


# ---------------------------------------------------------------------- running an op
def apply(op: Op, *arguments: Any, **options: Any) -> Tensor:
    """The tensor that `op` computes from tensors, arrays and plain numbers."""
    checked = [x if x.__class__ is Tensor else argument_of(op, x) for x in arguments]
    # A copy of an array: later edits of it must not change the record.
    checked = [Tensor(stored(x.copy())) if isinstance(x, np.ndarray) else x for x in checked]
    values = [untracked(x) for x in checked]
    try:
        data = stored(compute(op, values, options))
    except ValueError as error:
        refuse_shapes(op, values, error)
    out = Tensor(data)
    if recording.get():
        out.op, out.a = op, checked[0]
        if len(checked) > 1:
            out.b = checked[1] if len(checked) == 2 else tuple(checked[1:])
        out.requires_grad = any(x.__class__ is Tensor and x.requires_grad for x in checked)
        if options:
            out.options = options
    return out


def compute(op: Op, values: list[Any], options: dict[str, Any]) -> Data:
    """The result of `op`: on plain floats by its scalar function, otherwise by NumPy's."""
    if op.scalar is None or not all(value.__class__ is float or value.__class__ is int for value in values):
        return op.forward(*values, **options)
    try:
        return op.scalar(*values)
    except ARITHMETIC_ERRORS:  # where Python raises, as in 1/0, NumPy gives inf or nan (and warns)
        return float(op.forward(*map(np.float64, values)))


def prefix(op: Op) -> Callable[[Any], Tensor]:
    """The function that runs `op` on one argument."""
    scalar = op.scalar

    def run(x: Any) -> Tensor:
        if x.__class__ is not Tensor or x.data.__class__ is not float or not recording.get():
            return apply(op, x)
        try:
            data = scalar(x.data)  # type: ignore[misc]
        except ARITHMETIC_ERRORS:
            return apply(op, x)
        out: Tensor = _new(Tensor)  # not through __init__: nodes are made by the million
        out.data = data
        out.op = op
        out.a = x
        out.b = None
        out.requires_grad = x.requires_grad
        out.birth = tick()
        frame = _getframe(1)
        out.code = frame.f_code
        out.lasti = frame.f_lasti
        return out

    run.__name__, run.__doc__ = op.name, f"`{op.notation}`, recorded as one node."
    return run


def infix(op: Op, reflected: bool = False) -> Callable[[Tensor, Any], Tensor]:
    """The method that runs `op` with this tensor on its left, or, reflected, on its right (`2 - x`)."""
    scalar = op.scalar

    def run(this: Tensor, other: Any) -> Tensor:
        a, b = (other, this) if reflected else (this, other)
        if other.__class__ is Tensor:
            x, y = a.data, b.data
            requires_grad = this.requires_grad or other.requires_grad
            plain = x.__class__ is float and y.__class__ is float
        else:
            x, y = (other, this.data) if reflected else (this.data, other)
            requires_grad = this.requires_grad
            plain = this.data.__class__ is float and (other.__class__ is float or other.__class__ is int)
        if not plain or not recording.get():
            return apply(op, a, b)
        try:
            data = scalar(x, y)  # type: ignore[misc]
        except ARITHMETIC_ERRORS:
            return apply(op, a, b)
        out: Tensor = _new(Tensor)
        out.data = data
        out.op = op
        out.a = a
        out.b = b
        out.requires_grad = requires_grad
        out.birth = tick()
        frame = _getframe(1)
        out.code = frame.f_code
        out.lasti = frame.f_lasti
        return out

    run.__name__, run.__doc__ = op.name, f"`{op.notation}`, recorded as one node."
    return run


def comparison(function: np.ufunc) -> Callable[[Any, Any], Any]:
    """A comparison of values: plain booleans, nothing recorded."""
    return lambda a, b: function(untracked(a), untracked(b))


def reader_frame() -> FrameType:
    """The frame of the reader's program that is being run: the innermost one outside this package."""
    frame = _getframe(1)
    while frame.f_globals.get("__name__", "").startswith(_package) and frame.f_back is not None:
        frame = frame.f_back
    return frame


# ---------------------------------------------------------------------- the tensor
_UNSET: dict[str, Any] = {"grad": None, "name": None, "edited": 0, "options": None}


class Tensor:
    """A value with memory: `data`, `grad`, and the `op` and `parents` that made it.

    data:  a plain Python float for a float64 scalar, otherwise a NumPy array (or a NumPy scalar of another dtype)
    grad:  the backpropagated gradient, shaped like `data`; None until a backward pass has reached the tensor
    op:    the row of the op table that computed it; None for a leaf
    name:  the name to draw it with; None lets the record take the caller's variable
    """

    __slots__ = (
        "data", "grad", "requires_grad", "op", "a", "b", "options", "name", "birth", "edited", "code", "lasti",
    )  # fmt: skip

    data: Data
    grad: Data | None
    requires_grad: bool
    op: Op | None
    a: Any  # the op's first argument
    b: Any  # the second, or the tuple of all others: a tuple in every node would cost a third of the speed
    options: dict[str, Any] | None
    name: str | None
    birth: int
    edited: int  # when `data` last changed after it was made; 0 = never
    code: CodeType  # with `lasti`, the place in the reader's program
    lasti: int

    def __init__(self, data: Data, requires_grad: bool = False, name: str | None = None) -> None:
        self.data = data
        self.op = self.a = self.b = None
        self.requires_grad = requires_grad
        if requires_grad and data.__class__ is not float:
            self.requires_grad_()
        if name is not None:
            if not isinstance(name, str):
                raise TypeError(f"a tensor's name is a string; got {type(name).__name__} {short(name)}")
            self.name = name
        self.birth = tick()
        frame = reader_frame()
        self.code, self.lasti = frame.f_code, frame.f_lasti

    def __getattr__(self, name: str) -> Any:
        # Slots that were never set read as their default: filling them for every node would cost time and memory.
        try:
            return _UNSET[name]
        except KeyError:
            raise AttributeError(
                f"a tensor has no attribute {name!r}. Operations it knows: {', '.join(sorted(ops.OPS))}."
            ) from None

    # ------------------------------------------------------------------ what it is
    @property
    def arguments(self) -> tuple[Any, ...]:
        """The op's arguments in order: tensors, and the plain numbers written in the expression."""
        if self.op is None:
            return ()
        if self.b is None:
            return (self.a,)
        return (self.a, *self.b) if self.b.__class__ is tuple else (self.a, self.b)

    @property
    def parents(self) -> tuple[Tensor, ...]:
        """The tensors this one was computed from, one for each argument slot they fill (`x * x` has two)."""
        return tuple(argument for argument in self.arguments if argument.__class__ is Tensor)

    @property
    def is_leaf(self) -> bool:
        """True for what was not computed, or needs no gradient (PyTorch's meaning)."""
        return self.op is None or not self.requires_grad

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.data)

    @property
    def ndim(self) -> int:
        return np.ndim(self.data)

    @property
    def size(self) -> int:
        return int(np.size(self.data))

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.asarray(self.data).dtype

    def item(self) -> float | int:
        """The value of a one-element tensor as a plain Python number."""
        if self.size != 1:
            raise ValueError(f"item() reads a tensor of one element; this one has shape {self.shape}. Use .data.")
        return np.asarray(self.data).item()  # type: ignore[no-any-return]

    def numpy(self) -> Any:
        """The value as a NumPy array that shares memory with this tensor where it can."""
        self._refuse_leaving_the_graph("numpy()")
        return np.asarray(self.data)

    def detach(self) -> Tensor:
        """A leaf with the same storage that no gradient flows through."""
        return Tensor(self.data)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Make this leaf a parameter (or an input again), in place."""
        if requires_grad and self.dtype.kind != "f":
            raise TypeError(
                f"only floating-point tensors can require a gradient; this one holds {self.dtype}. Write its numbers "
                f"with a decimal point, or make it with dtype=float."
            )
        if self.op is not None and not requires_grad:
            raise RuntimeError("only leaves can stop requiring a gradient; use y.detach() for a computed tensor")
        self.requires_grad = requires_grad
        return self

    def backward(self, gradient: Any = None) -> None:
        """Send gradients from this tensor back to every tensor it was computed from.

        gradient: the gradient to start with, shaped like this tensor; may be left out for a scalar (it is 1).
        Gradients of leaves add up over calls, as in PyTorch; those of computed tensors are set anew in each pass.
        """
        from .graph import backward  # the graph is made of tensors, so it imports this file

        backward(self, gradient)

    # ------------------------------------------------------------------ operations
    __add__, __radd__ = infix(ops.ADD), infix(ops.ADD, reflected=True)
    __sub__, __rsub__ = infix(ops.SUB), infix(ops.SUB, reflected=True)
    __mul__, __rmul__ = infix(ops.MUL), infix(ops.MUL, reflected=True)
    __truediv__, __rtruediv__ = infix(ops.DIV), infix(ops.DIV, reflected=True)
    __pow__, __rpow__ = infix(ops.POW), infix(ops.POW, reflected=True)
    __matmul__, __rmatmul__ = infix(ops.MATMUL), infix(ops.MATMUL, reflected=True)
    __neg__ = prefix(ops.NEG)

    exp, log, sqrt = prefix(ops.EXP), prefix(ops.LOG), prefix(ops.SQRT)
    tanh, sigmoid, relu = prefix(ops.TANH), prefix(ops.SIGMOID), prefix(ops.RELU)

    def sum(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor:
        """The sum over `axis` (all elements by default)."""
        return apply(ops.SUM, self, **reduction(axis, keepdims))

    def mean(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor:
        """The mean over `axis` (all elements by default)."""
        return apply(ops.MEAN, self, **reduction(axis, keepdims))

    def reshape(self, *shape: Any) -> Tensor:
        """The same elements in another shape, given as numbers or as one tuple; one size may be -1."""
        return apply(ops.RESHAPE, self, shape=flat(shape))

    def permute(self, *axes: Any) -> Tensor:
        """The axes in the order given (NumPy's `transpose`)."""
        return apply(ops.TRANSPOSE, self, axes=flat(axes))

    def transpose(self, axis0: int, axis1: int) -> Tensor:
        """Two axes swapped (PyTorch's `transpose`)."""
        axes = np.arange(self.ndim)
        axes[[axis0, axis1]] = axes[[axis1, axis0]]
        return self.permute(*axes.tolist())

    @property
    def T(self) -> Tensor:  # noqa: N802 - the matrix's name
        """The axes in reverse order."""
        return apply(ops.TRANSPOSE, self)

    def __getitem__(self, key: Any) -> Tensor:
        return apply(ops.GETITEM, self, key=plain_key(key))

    # ------------------------------------------------------------------ edits in place: only of what is not recorded
    def __iadd__(self, other: Any) -> Tensor:
        return self._edit(np.add, "+", other)

    def __isub__(self, other: Any) -> Tensor:
        return self._edit(np.subtract, "-", other)

    def __imul__(self, other: Any) -> Tensor:
        return self._edit(np.multiply, "*", other)

    def __itruediv__(self, other: Any) -> Tensor:
        return self._edit(np.divide, "/", other)

    def _edit(self, function: np.ufunc, sign: str, other: Any) -> Tensor:
        if recording.get() and (self.requires_grad or getattr(other, "requires_grad", False)):
            raise RuntimeError(
                f"x {sign}= y would overwrite a value that a gradient needs. Write x = x {sign} y to compute a new "
                f"tensor, or put the edit inside `with bp.no_grad():` to update a parameter."
            )
        value = function(self.data, untracked(other))
        if np.shape(value) != self.shape:
            raise ValueError(f"an edit in place keeps the shape {self.shape}; x {sign} y has shape {np.shape(value)}")
        self.overwrite(value)
        return self

    def overwrite(self, value: Data) -> None:
        """Replace the value, and remember when: a backward pass through older results then refuses to run."""
        if isinstance(self.data, np.ndarray):
            self.data[...] = value
        else:
            self.data = stored(np.asarray(value, dtype=self.dtype))
        self.edited = edit_clock.strike()

    # ------------------------------------------------------------------ as plain Python and NumPy
    __eq__, __ne__ = comparison(np.equal), comparison(np.not_equal)
    __lt__, __le__ = comparison(np.less), comparison(np.less_equal)
    __gt__, __ge__ = comparison(np.greater), comparison(np.greater_equal)
    __hash__ = object.__hash__  # identity stays identity, although == compares values

    def __bool__(self) -> bool:
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("a scalar tensor has no len()")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
        from .dispatch import ufunc_on_tensors

        return ufunc_on_tensors(ufunc, method, inputs, settings)

    def __array_function__(self, function: Any, types: Any, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        from .dispatch import function_on_tensors

        return function_on_tensors(function, args, settings)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        self._refuse_leaving_the_graph("np.asarray(x)")
        return np.array(self.data, dtype=dtype, copy=copy)

    def _refuse_leaving_the_graph(self, call: str) -> None:
        if self.requires_grad:
            raise RuntimeError(
                f"{call} would drop this tensor out of the graph without a word. Use x.detach() first if no gradient "
                f"shall flow, or an operation that has a row in the op table."
            )

    def __repr__(self) -> str:
        if self.data.__class__ is float:
            text = f"{self.data:.4f}"
        else:
            text = np.array2string(np.asarray(self.data), precision=4, separator=", ", prefix="tensor(")
        parts = [text] if self.name is None else [text, f"name={self.name!r}"]
        if self.op is not None:
            parts.append(f"op={self.op.name}")
        elif self.requires_grad:
            parts.append("requires_grad=True")
        if self.dtype not in (np.float64, np.int64, np.bool_):
            parts.append(f"dtype={self.dtype}")
        return f"tensor({', '.join(parts)})"
