"""Tensor: a number or an array that remembers how it was made, and the running of one op on tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from sys import _getframe
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from . import inplace
from .backward import backward
from .clock import Storage, last, tick
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
    untracked,
)  # fmt: skip

ndarray = np.ndarray
_is_recording = recording.get
_F = TypeVar("_F", bound=Callable[..., Any])


# ---------------------------------------------------------------------- running an op
def apply(op: Op, *arguments: Any, **options: Any) -> Tensor:
    """The tensor that `op` computes from tensors, arrays and plain numbers."""
    checked = [x if x.__class__ is Tensor else argument_of(op, x) for x in arguments]
    # A copy of an array: later edits of it must not change the record.
    checked = [leaf(stored(x.copy())) if isinstance(x, ndarray) else x for x in checked]
    values = [untracked(x) for x in checked]
    try:
        data = compute(op, values, options)
    except ValueError as error:
        refuse_values(op, values, error)
    out = leaf(data)
    if op.view and isinstance(data, ndarray):
        share_storage(checked[0], out)
    if recording.get():
        refuse_gradient(op, checked)
        refuse_old_view(op, checked)
        out.op, out.a = op, checked[0]
        if len(checked) > 1:
            out.b = checked[1] if len(checked) == 2 else tuple(checked[1:])
        if options:
            out.extras.options = options
        out.requires_grad = any(x.__class__ is Tensor and x.requires_grad for x in checked)
    return out


def compute(op: Op, values: list[Any], options: dict[str, Any]) -> Data:
    """The result of `op`: on plain floats by its scalar function, otherwise by NumPy's.

    It shares memory with the first value if the op is a view, and with none otherwise.
    """
    scalar = op.scalar is not None and all(value.__class__ is float or value.__class__ is int for value in values)
    if op.scalar is None or not scalar or options:
        data = stored(op.forward(*as_wide(op, values), **options))
        if isinstance(data, ndarray) and not op.view:
            shared = not data.flags.owndata or any(data is value for value in values)
            return data.copy() if shared else data
        return data
    try:
        return op.scalar(*values)
    except ARITHMETIC_ERRORS:  # where Python raises, as in 1/0, NumPy gives inf or nan (and warns)
        return float(op.forward(*map(np.float64, values)))


def leaf(data: Data, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """A tensor with this value, made by the line of the reader's program that is being run."""
    tensor = Tensor()
    tensor.data = data
    tensor.grad = tensor.op = tensor.a = tensor.b = tensor.more = None
    tensor.requires_grad = requires_grad
    tensor.birth = tick()
    frame = reader_frame()
    tensor.code = frame.f_code
    tensor.lasti = frame.f_lasti
    if name is not None:
        tensor.name = name
    if requires_grad and data.__class__ is not float:
        tensor.requires_grad_()
    return tensor


def share_storage(base: Tensor, view: Tensor) -> None:
    """Let an edit in place of one tensor count as an edit of the other: they hold the same memory."""
    if np.may_share_memory(base.data, view.data):
        storage = base.extras.storage = base.extras.storage or Storage()
        view.extras.storage = storage


# The operators of plain numbers and arrays, made for each row. All three fill a node field by field, in line: nodes are
# made by the million, and a call for each would cost a tenth of the whole pass.
def prefix(op: Op) -> Callable[[Any], Tensor]:
    """The function that runs `op` on one argument."""
    on_numbers, on_arrays = op.scalar, op.forward

    def run(x: Any) -> Tensor:
        if x.__class__ is not Tensor or not _is_recording():
            return apply(op, x)
        value = x.data
        try:
            if value.__class__ is float:
                data = on_numbers(value)  # type: ignore[misc]
            elif value.__class__ is ndarray:
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
        node.b = node.grad = node.more = None
        node.birth = tick()
        frame = _getframe(1)
        node.code = frame.f_code
        node.lasti = frame.f_lasti
        return node

    run.__name__, run.__doc__ = op.name, f"`{op.notation}`, recorded as one node."
    return run


def infix(op: Op) -> Callable[[Tensor, Any], Tensor]:
    """The method that runs `op` with this tensor on its left: `x - y`, `x - 2`."""
    on_numbers, on_arrays = op.scalar, op.forward

    def run(this: Tensor, other: Any) -> Tensor:
        x = this.data
        if other.__class__ is Tensor:
            y = other.data
            requires_grad = this.requires_grad or other.requires_grad
        else:
            y = other
            requires_grad = this.requires_grad
        try:
            if not _is_recording():
                return apply(op, this, other)
            if x.__class__ is float and (y.__class__ is float or y.__class__ is int):
                data = on_numbers(x, y)  # type: ignore[misc]
            elif x.__class__ is ndarray and other.__class__ is Tensor and same_kind(x, y):
                data = on_arrays(x, y)
            else:
                return apply(op, this, other)
        except ARITHMETIC_ERRORS:
            return apply(op, this, other)
        node = Tensor()
        node.data = data
        node.op = op
        node.a = this
        node.b = other
        node.requires_grad = requires_grad
        node.grad = node.more = None
        node.birth = tick()
        frame = _getframe(1)
        node.code = frame.f_code
        node.lasti = frame.f_lasti
        return node

    return run


def reflected(op: Op) -> Callable[[Tensor, Any], Tensor]:
    """The method that runs `op` with this tensor on its right: `2 - x`."""
    on_numbers = op.scalar

    def run(this: Tensor, other: Any) -> Tensor:
        y = this.data
        try:
            if y.__class__ is not float or (other.__class__ is not float and other.__class__ is not int):
                return apply(op, other, this)
            if not _is_recording():
                return apply(op, other, this)
            data = on_numbers(other, y)  # type: ignore[misc]
        except ARITHMETIC_ERRORS:
            return apply(op, other, this)
        node = Tensor()
        node.data = data
        node.op = op
        node.a = other
        node.b = this
        node.requires_grad = this.requires_grad
        node.grad = node.more = None
        node.birth = tick()
        frame = _getframe(1)
        node.code = frame.f_code
        node.lasti = frame.f_lasti
        return node

    return run


def same_kind(x: np.ndarray[Any, Any], y: Any) -> bool:
    """Whether two values are arrays of one dtype, and no recorded edit can have made a view of them old."""
    return y.__class__ is ndarray and x.dtype is y.dtype and not last.recorded


def method(function: _F) -> _F:
    """Make a function whose first argument is a tensor a method of tensors as well."""
    setattr(Tensor, function.__name__, function)
    return function


# ---------------------------------------------------------------------- the tensor
class Tensor(Node):
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
    __neg__ = prefix(OPS["neg"])

    def __pos__(self) -> Tensor:
        return self

    def __matmul__(self, other: Any) -> Tensor:
        return apply(OPS["matmul"], self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return apply(OPS["matmul"], other, self)

    def __getitem__(self, key: Any) -> Tensor:
        return apply(OPS["getitem"], self, key=plain_key(key))

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    @property
    def T(self) -> Tensor:
        """The axes in reverse order."""
        return apply(OPS["transpose"], self)

    # ------------------------------------------------------------------ edits in place
    def __setitem__(self, key: Any, value: Any) -> None:
        inplace.put(self, plain_key(key), value)

    __iadd__ = inplace.operator(OPS["add"], "+")
    __isub__ = inplace.operator(OPS["sub"], "-")
    __imul__ = inplace.operator(OPS["mul"], "*")
    __itruediv__ = inplace.operator(OPS["div"], "/")
    __ipow__ = inplace.operator(OPS["pow"], "**")
    add_, sub_, mul_, div_, pow_ = __iadd__, __isub__, __imul__, __itruediv__, __ipow__

    def zero_(self) -> Tensor:
        """Every element set to 0, in place."""
        self[...] = 0
        return self

    def fill_(self, value: Any) -> Tensor:
        """Every element set to this number, in place."""
        self[...] = value
        return self

    copy_ = fill_

    if TYPE_CHECKING:  # the methods that `method` adds

        def __getattr__(self, name: str) -> Callable[..., Tensor]: ...
