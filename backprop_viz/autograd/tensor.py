"""Tensor: a number or an array that remembers how it was made, and the running of one op on tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from sys import _getframe
from types import BuiltinFunctionType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from .backward import backward
from .clock import Storage, last, tick
from .inplace import Editable
from .mode import recording
from .node import Node
from .op import ARITHMETIC_ERRORS, Op
from .ops import OPS
from .reader import reader_frame
from .values import (
    Data,
    argument_of,
    as_wide,
    plain_key,
    refuse_gradient,
    refuse_old_view,
    refuse_values,
    stored,
)  # fmt: skip

ndarray = np.ndarray
_recording = recording.get
_F = TypeVar("_F", bound=Callable[..., Any])


# ---------------------------------------------------------------------- running an op
def apply(op: Op, *arguments: Any, **options: Any) -> Tensor:
    """The tensor that `op` computes from tensors, arrays and plain numbers."""
    checked = list(arguments)
    values = []
    requires_grad = False
    for slot, x in enumerate(arguments):
        if x.__class__ is not Tensor:
            x = argument_of(op, x)
            if isinstance(x, ndarray):  # a copy of it: later edits of the array must not change the record
                x = leaf(stored(x.copy()))
            checked[slot] = x
        if x.__class__ is Tensor:
            requires_grad = requires_grad or x.requires_grad
        values.append(x.data if x.__class__ is Tensor else x)
    try:
        data = compute(op, values, options)
    except ValueError as error:
        refuse_values(op, values, error)
    out = leaf(data)
    if op.view and isinstance(values[0], ndarray):
        share_storage(checked[0], out)
    if _recording() is not False:
        if op.blocked:
            refuse_gradient(op, checked)
        if last.recorded:
            refuse_old_view(op, checked)
        out.op, out.a, out.requires_grad = op, checked[0], requires_grad
        if len(checked) > 1:
            out.b = checked[1] if len(checked) == 2 and alike(op, data, values) else tuple(checked[1:])
        if options:
            out.extras.options = options
    return out


def compute(op: Op, values: list[Any], options: dict[str, Any]) -> Data:
    """The result of `op`: on plain floats by its scalar function, otherwise by NumPy's.

    It shares memory with the first value if the op is a view, and with none otherwise.
    """
    if op.scalar is not None and not options and all(value.__class__ in (float, int) for value in values):
        try:
            return op.scalar(*values)
        except ARITHMETIC_ERRORS:  # where Python raises, as in 1/0, NumPy gives inf or nan (and warns)
            return float(op.forward(*map(np.float64, values)))
    if op.elementwise and len(values) > 1:
        values = as_wide(op, values)
    data = op.forward(*values, **options)
    if data.__class__ is not ndarray or data.ndim == 0:
        return stored(data)
    shared = not op.view and (not data.flags.owndata or data is values[0] or any(data is value for value in values))
    return data.copy() if shared else data


def alike(op: Op, out: Data, values: list[Any]) -> bool:
    """Whether a result of two arguments and they have one shape and type: gradients then fit as they come.

    A plain number fits beside a scalar alone: beside an array it may be a tensor, whose gradient is a sum.
    """
    if op.slopes[0] is None or out.__class__ is not ndarray:
        return op.slopes[0] is None or all(value.__class__ is out.__class__ for value in values)
    return all(value.__class__ is ndarray and value.shape == out.shape and value.dtype is out.dtype for value in values)


def leaf(data: Data, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """A tensor with this value, made by the line of the reader's program that is being run."""
    tensor = Tensor()
    tensor.data = data
    tensor.grad = tensor.op = tensor.a = tensor.b = None
    tensor.more = _recording() or None
    tensor.requires_grad = requires_grad
    tensor.birth = tick()
    frame = reader_frame(2)
    tensor.code = frame.f_code
    tensor.lasti = frame.f_lasti
    if name is not None:
        tensor.name = name
    if requires_grad and data.__class__ is not float:
        tensor.requires_grad_()
    return tensor


def share_storage(base: Tensor, view: Tensor) -> None:
    """Let an edit in place of one tensor count as an edit of the other: they hold the same memory."""
    if not isinstance(view.data, ndarray):
        view.extras.element = True
    elif np.may_share_memory(base.data, view.data):
        storage = base.extras.storage = base.extras.storage or Storage()
        view.extras.storage = storage


# The operators. Nodes of plain numbers are filled in line, field by field: they are made by the million, and a call for
# each would cost a tenth of the whole pass.
def prefix(op: Op) -> Callable[[Any], Tensor]:
    """The function that runs `op` on one argument."""
    on_numbers, on_arrays = op.scalar, op.forward

    def run(x: Any) -> Tensor:
        if x.__class__ is not Tensor or (group := _recording()) is False:
            return apply(op, x)
        value = x.data
        try:
            if value.__class__ is float:
                data = on_numbers(value)  # type: ignore[misc]
            elif value.__class__ is ndarray and not last.recorded:
                data = on_arrays(value)
            else:
                return apply(op, x)
        except ARITHMETIC_ERRORS:
            return apply(op, x)
        node = Tensor()
        node.data = data
        node.op = op
        node.a = x
        node.requires_grad = x.requires_grad
        node.b = node.grad = None
        node.more = group
        node.birth = tick()
        frame = _getframe(1)
        node.code = frame.f_code
        node.lasti = frame.f_lasti
        return node

    run.__name__ = run.__qualname__ = op.name
    run.__doc__ = f"`{op.notation}`, recorded as one node."
    return run


def infix(op: Op) -> Callable[[Tensor, Any], Tensor]:
    """The method that runs `op` with this tensor on its left: `x - y`, `x - 2`."""
    on_numbers, on_arrays = op.scalar or op.forward, op.forward
    if isinstance(on_numbers, BuiltinFunctionType) and on_numbers.__module__ == "_operator":
        on_arrays = on_numbers  # x * y is faster than np.multiply(x, y)

    def run(this: Tensor, other: Any) -> Tensor:
        x, y, b = this.data, other, other
        requires_grad = this.requires_grad
        group = _recording()
        if other.__class__ is Tensor:
            y = other.data
            requires_grad = requires_grad or other.requires_grad
        try:
            if x.__class__ is float and (y.__class__ is float or y.__class__ is int) and group is not False:
                data = on_numbers(x, y)
            elif x.__class__ is ndarray and y is not other and group is not False and _ordinary(x, y):
                data = on_arrays(x, y)
                if x.shape != y.shape:
                    b = (other,)
                if data.__class__ is not ndarray:  # a product of two vectors
                    return apply(op, this, other)
            else:
                return apply(op, this, other)
        except ARITHMETIC_ERRORS:
            return apply(op, this, other)
        node = Tensor()
        node.data = data
        node.op = op
        node.a = this
        node.b = b
        node.requires_grad = requires_grad
        node.grad = None
        node.more = group
        node.birth = tick()
        frame = _getframe(1)
        node.code, node.lasti = frame.f_code, frame.f_lasti
        return node

    return run


def _ordinary(x: np.ndarray[Any, Any], y: Any) -> bool:
    """Whether `apply` would find nothing to convert or to refuse in an operation on these two."""
    return y.__class__ is ndarray and x.dtype is y.dtype and not last.recorded


def reflected(op: Op) -> Callable[[Tensor, Any], Tensor]:
    """The method that runs `op` with this tensor on its right: `2 - x`."""
    on_numbers = op.scalar or op.forward

    def run(this: Tensor, other: Any) -> Tensor:
        y = this.data
        if y.__class__ is not float or (other.__class__ is not float and other.__class__ is not int):
            return apply(op, other, this)
        if (group := _recording()) is False:
            return apply(op, other, this)
        try:
            data = on_numbers(other, y)
        except ARITHMETIC_ERRORS:
            return apply(op, other, this)
        node = Tensor()
        node.data = data
        node.op = op
        node.a = other
        node.b = this
        node.requires_grad = this.requires_grad
        node.grad = None
        node.more = group
        node.birth = tick()
        frame = _getframe(1)
        node.code = frame.f_code
        node.lasti = frame.f_lasti
        return node

    return run


def method(function: _F) -> _F:
    """Make a function whose first argument is a tensor a method of tensors as well."""
    setattr(Tensor, function.__name__, function)
    return function


# ---------------------------------------------------------------------- the tensor
class Tensor(Node, Editable):
    """A value with memory: `data`, `grad`, and the `op` and `parents` that made it. Made by `bp.tensor(...)`.

    data:  a plain Python float for a float64 scalar, otherwise a NumPy array (or a NumPy scalar of another dtype)
    grad:  the backpropagated gradient, shaped like `data`; None until a backward pass has reached the tensor
    op:    the row of the op table that computed it; None for a leaf
    name:  the name to draw it with; None lets the record take the caller's variable
    """

    __slots__ = ()

    def detach(self) -> Tensor:
        """A leaf with the same value that no gradient flows through.

        An array is shared, as in PyTorch: an edit in place of one tensor is an edit of both. A scalar is a plain
        number, which cannot be shared: each tensor keeps its own.
        """
        alone = leaf(self.data)
        if isinstance(self.data, ndarray):
            share_storage(self, alone)
        return alone

    def backward(self, gradient: Any = None, retain_graph: bool | None = None) -> None:
        """Send gradients from this tensor back to every tensor it was computed from.

        gradient: the gradient to start with, shaped like this tensor; may be left out for a scalar (it is 1).
        retain_graph: taken as PyTorch takes it, and not needed: a graph is kept as long as someone holds it.
        Gradients of leaves add up over calls, as in PyTorch; those of computed tensors are set anew in each pass.
        """
        backward(self, gradient)

    # ------------------------------------------------------------------ operators
    __add__, __radd__ = infix(OPS["add"]), reflected(OPS["add"])
    __sub__, __rsub__ = infix(OPS["sub"]), reflected(OPS["sub"])
    __mul__, __rmul__ = infix(OPS["mul"]), reflected(OPS["mul"])
    __truediv__, __rtruediv__ = infix(OPS["div"]), reflected(OPS["div"])
    __pow__, __rpow__ = infix(OPS["pow"]), reflected(OPS["pow"])
    __neg__, __abs__ = prefix(OPS["neg"]), prefix(OPS["abs"])

    def __pos__(self) -> Tensor:
        return self

    __matmul__, __rmatmul__ = infix(OPS["matmul"]), reflected(OPS["matmul"])

    def __getitem__(self, key: Any) -> Tensor:
        return apply(OPS["getitem"], self, key=plain_key(key))

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    @property
    def T(self) -> Tensor:
        """The axes in reverse order."""
        return apply(OPS["transpose"], self)

    if TYPE_CHECKING:  # the methods that `method` adds

        def __getattr__(self, name: str) -> Callable[..., Tensor]: ...
