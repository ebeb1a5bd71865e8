"""Tensor: a number or an array that remembers how it was made, and the running of one op on tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from sys import _getframe
from types import CodeType
from typing import Any

import numpy as np

from . import ops
from .backward import backward
from .mode import Times, edit_clock, recording, tick
from .op import ARITHMETIC_ERRORS, Op
from .plain import Plain
from .reader import reader_frame
from .values import Data, argument_of, flat, plain_key, reduction, refuse_values, stored, untracked

_new = object.__new__
_is_recording = recording.get


# ---------------------------------------------------------------------- running an op
def apply(op: Op, *arguments: Any, **options: Any) -> Tensor:
    """The tensor that `op` computes from tensors, arrays and plain numbers."""
    checked = [x if x.__class__ is Tensor else argument_of(op, x) for x in arguments]
    # A copy of an array: later edits of it must not change the record.
    checked = [Tensor(stored(x.copy())) if isinstance(x, np.ndarray) else x for x in checked]
    values = [untracked(x) for x in checked]
    try:
        data = compute(op, values, options)
    except ValueError as error:
        refuse_values(op, values, error)
    out = Tensor(data)
    if recording.get():
        out.op, out.a, out.options = op, checked[0], options
        if len(checked) > 1:
            out.b = checked[1] if len(checked) == 2 else tuple(checked[1:])
        out.requires_grad = any(x.__class__ is Tensor and x.requires_grad for x in checked)
    return out


def compute(op: Op, values: list[Any], options: dict[str, Any]) -> Data:
    """The result of `op`, a value of its own: on plain floats by its scalar function, otherwise by NumPy's."""
    if op.scalar is None or not all(value.__class__ is float or value.__class__ is int for value in values):
        data = stored(op.forward(*values, **options))
        # x[:2] or x.T would change unseen when x is edited in place
        shared = isinstance(data, np.ndarray) and (not data.flags.owndata or any(data is value for value in values))
        return data.copy() if shared else data
    try:
        return op.scalar(*values)
    except ARITHMETIC_ERRORS:  # where Python raises, as in 1/0, NumPy gives inf or nan (and warns)
        return float(op.forward(*map(np.float64, values)))


def prefix(op: Op) -> Callable[[Any], Tensor]:
    """The function that runs `op` on one argument."""
    scalar = op.scalar

    def run(x: Any) -> Tensor:
        if x.__class__ is not Tensor or x.data.__class__ is not float or not _is_recording():
            return apply(op, x)
        try:
            data = scalar(x.data)  # type: ignore[misc]
        except ARITHMETIC_ERRORS:
            return apply(op, x)
        return _node(data, op, x, None, x.requires_grad)

    run.__name__, run.__doc__ = op.name, f"`{op.notation}`, recorded as one node."
    return run


def infix(op: Op) -> Callable[[Tensor, Any], Tensor]:
    """The method that runs `op` with this tensor on its left: `x - y`, `x - 2`."""
    scalar = op.scalar

    def run(this: Tensor, other: Any) -> Tensor:
        x = this.data
        if other.__class__ is Tensor:
            y = other.data
            requires_grad = this.requires_grad or other.requires_grad
        else:
            y = other
            requires_grad = this.requires_grad
        if x.__class__ is not float or (y.__class__ is not float and y.__class__ is not int) or not _is_recording():
            return apply(op, this, other)
        try:
            data = scalar(x, y)  # type: ignore[misc]
        except ARITHMETIC_ERRORS:
            return apply(op, this, other)
        return _node(data, op, this, other, requires_grad)

    return run


def reflected(op: Op) -> Callable[[Tensor, Any], Tensor]:
    """The method that runs `op` with this tensor on its right: `2 - x`."""
    scalar = op.scalar

    def run(this: Tensor, other: Any) -> Tensor:
        y = this.data
        x = other
        if y.__class__ is not float or (x.__class__ is not float and x.__class__ is not int) or not _is_recording():
            return apply(op, other, this)
        try:
            data = scalar(x, y)  # type: ignore[misc]
        except ARITHMETIC_ERRORS:
            return apply(op, other, this)
        return _node(data, op, other, this, this.requires_grad)

    return run


def _node(data: float, op: Op, a: Any, b: Any, requires_grad: bool) -> Tensor:
    """A scalar's node, filled field by field and not through __init__: nodes are made by the million."""
    node: Tensor = _new(Tensor)
    node.data = data
    node.op = op
    node.a = a
    node.b = b
    node.requires_grad = requires_grad
    node.grad = node.options = node.times = node._name = None
    node.birth = tick()
    frame = _getframe(2)
    node.code = frame.f_code
    node.lasti = frame.f_lasti
    return node


# ---------------------------------------------------------------------- the tensor
class Tensor(Plain):
    """A value with memory: `data`, `grad`, and the `op` and `parents` that made it.

    data:  a plain Python float for a float64 scalar, otherwise a NumPy array (or a NumPy scalar of another dtype)
    grad:  the backpropagated gradient, shaped like `data`; None until a backward pass has reached the tensor
    op:    the row of the op table that computed it; None for a leaf
    name:  the name to draw it with; None lets the record take the caller's variable
    """

    __slots__ = (
        "a", "b", "birth", "code", "data", "grad", "lasti", "op", "options", "requires_grad", "times",
    )  # fmt: skip

    data: Data
    grad: Data
    requires_grad: bool
    op: Op | None
    a: Any  # the op's first argument
    b: Any  # the second, or the tuple of all others: a tuple in every node would cost a third of the speed
    options: dict[str, Any] | None
    birth: int  # numbers the tensors: an argument is older than what was computed from it
    times: Times | None  # of `data`, shared with it by a detached tensor; None = computed at birth and never edited
    code: CodeType  # with `lasti`, the place in the reader's program
    lasti: int

    def __init__(self, data: Data, requires_grad: bool = False, name: str | None = None) -> None:
        self.data = data
        self.grad = self.op = self.a = self.b = self.options = self.times = None
        self.name = name
        self.requires_grad = requires_grad
        if requires_grad and data.__class__ is not float:
            self.requires_grad_()
        self.birth = tick()
        frame = reader_frame()
        self.code, self.lasti = frame.f_code, frame.f_lasti

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
    def computed(self) -> int:
        """When `data` was computed: at birth, or by the last Graph.forward."""
        return self.birth if self.times is None else self.times.computed

    @property
    def edited(self) -> int:
        """When `data` was last edited in place; 0 = never."""
        return 0 if self.times is None else self.times.edited

    def detach(self) -> Tensor:
        """A leaf with the same value that no gradient flows through.

        An array is shared, as in PyTorch: an edit in place of one tensor is an edit of both. A scalar is a plain
        number, which cannot be shared: each tensor keeps its own.
        """
        leaf = Tensor(self.data)
        if isinstance(self.data, np.ndarray):
            self.times = leaf.times = self.times or Times(self.birth)
        return leaf

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
        backward(self, gradient)

    # ------------------------------------------------------------------ operations
    __add__, __radd__ = infix(ops.ADD), reflected(ops.ADD)
    __sub__, __rsub__ = infix(ops.SUB), reflected(ops.SUB)
    __mul__, __rmul__ = infix(ops.MUL), reflected(ops.MUL)
    __truediv__, __rtruediv__ = infix(ops.DIV), reflected(ops.DIV)
    __pow__, __rpow__ = infix(ops.POW), reflected(ops.POW)
    __neg__ = prefix(ops.NEG)

    def __pos__(self) -> Tensor:
        return self

    def __matmul__(self, other: Any) -> Tensor:
        return apply(ops.MATMUL, self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return apply(ops.MATMUL, other, self)

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
    def T(self) -> Tensor:
        """The axes in reverse order."""
        return apply(ops.TRANSPOSE, self)

    def __getitem__(self, key: Any) -> Tensor:
        return apply(ops.GETITEM, self, key=plain_key(key))

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

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
        self.times = self.times or Times(self.birth)
        self.times.edited = edit_clock.strike()
