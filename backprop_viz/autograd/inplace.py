"""Edits in place: `x += y`, `x[key] = y`, `x.mul_(y)`, recorded as PyTorch records them, or refused."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .clock import Extras, Storage, last, tick
from .mode import recording
from .node import Node
from .op import Op
from .ops import OPS
from .reader import reader_frame
from .values import argument_of, broadcast, plain_key, refuse_gradient, refuse_old_view, stored, untracked

if TYPE_CHECKING:
    from .tensor import Tensor


def in_place(op: Op, sign: str) -> Callable[[Tensor, Any], Tensor]:
    """The method that runs `op` in place: `x.add_(y)`, the result cast to the type of x."""

    def run(this: Tensor, other: Any) -> Tensor:
        edit(this, op, f"x {sign}= y", other, {})
        return this

    run.__name__, run.__doc__ = f"{op.name}_", f"`x {sign}= y`: the value changes in place."
    return run


def augmented(edited: Callable[[Tensor, Any], Tensor], anew: Callable[[Any, Any], Any]) -> Callable[[Tensor, Any], Any]:
    """The method behind `x += y`. In `x[0] += y` the number is computed anew, and Python then writes it into x."""

    def run(this: Tensor, other: Any) -> Any:
        return anew(this, other) if this.more is not None and this.more.element else edited(this, other)

    return run


def put(this: Any, key: Any, value: Any) -> None:
    """`x[key] = y`: some elements change in place."""
    edit(this, OPS["put"], "x[key] = y", value, {"key": key})


def edit(this: Tensor, op: Op, written: str, other: Any, options: dict[str, Any]) -> None:
    """Change `this` in place to what `op` makes of it and `other`.

    While recording, a computed tensor becomes a new node that stands on the node it was, as in PyTorch.
    """
    if this.more is not None and this.more.element:
        raise RuntimeError(
            f"{written} on one number out of an array: the number is a copy here, and the array would not change. "
            f"Write x[index] = value, or x[index] += value."
        )
    if not hasattr(other, "requires_grad"):
        other = argument_of(op, other)
        if isinstance(other, np.ndarray):
            from .tensor import leaf  # which imports this file

            other = leaf(stored(other.copy()))
    refuse_gradient(op, [this, other])
    recorded = recording.get() is not False and _is_operation(this, other, written)
    if recorded:
        _refuse_own_memory(this, other, written)
        refuse_old_view(op, [this, other])
    old = np.array(this.data)[()] if recorded and isinstance(this.data, np.ndarray) else this.data
    _write(this, op, written, untracked(other), options)
    strike(this)
    if recorded:
        _stand_on(_before(this, stored(old)), this, op, other, options)


def overwrite(this: Tensor, value: Any) -> None:
    """Replace the value in place, unrecorded: a backward pass through what was computed from it refuses to run."""
    if isinstance(this.data, np.ndarray):
        this.data[...] = value
    else:
        this.data = stored(np.asarray(value, dtype=this.dtype))
    strike(this)


def strike(this: Tensor) -> None:
    """Note that the value was edited now."""
    storage = this.extras.storage = this.extras.storage or Storage()
    storage.strike()


def _is_operation(this: Tensor, other: Any, written: str) -> bool:
    """Whether the edit is an operation of the graph; an error where no one could tell its gradient."""
    traced = getattr(other, "requires_grad", False)
    base = this
    while base.op is not None and base.op.view and base.storage is not None and base.a.storage is base.storage:
        base = base.a
    if base.op is None and base.requires_grad:
        what = "a leaf that requires a gradient" if base is this else "a view of a leaf that requires a gradient"
        raise RuntimeError(
            f"{written} would overwrite {what}, whose value the backward pass needs. To update a parameter, put the "
            f"edit inside `with bp.no_grad():`; to compute with the result, write it without `=`, as a new tensor."
        )
    if base is not this and (traced or base.op is not None):
        raise RuntimeError(
            f"{written} on a view is not recorded: the tensor it shows would have to become a new node as well. "
            f"Edit that tensor itself: base[key] = base[key] + y."
        )
    return traced or base.op is not None


def _refuse_own_memory(this: Tensor, other: Any, written: str) -> None:
    """An error when the edit reads memory that it writes: what it read would be gone when its gradient is computed."""
    if other is not this and np.may_share_memory(np.asarray(this.data), np.asarray(untracked(other))):
        raise RuntimeError(
            f"{written}: y shows memory of x, which the edit overwrites, and the backward pass needs what it was. "
            f"Pass y.clone()."
        )


def _write(this: Tensor, op: Op, written: str, other: Any, options: dict[str, Any]) -> None:
    """The edit of the value itself; nothing is changed where it cannot be done."""
    part = np.asarray(this.data)[options["key"]] if options else this.data
    shape = np.shape(part)
    if not broadcast([part, other]) or np.broadcast_shapes(shape, np.shape(other)) != shape:
        raise ValueError(
            f"an edit in place keeps the shape {shape}; {written} with y of shape {np.shape(other)} does not fit"
        )
    if this.dtype.kind != "f" and WIDTH[_result_kind(op, part, other, options)] > WIDTH[this.dtype.kind]:
        raise TypeError(
            f"{written}: a tensor of {this.dtype} cannot hold the result, which is of a wider type. Make it with "
            f"dtype=float, or write x = x {op.symbol} y."
        )
    if isinstance(this.data, np.ndarray) and not this.data.flags.writeable:
        raise ValueError(f"{written}: the elements of x share memory with one another. Edit a copy: x.clone().")
    if options and isinstance(this.data, np.ndarray):
        this.data[options["key"]] = other
    elif isinstance(this.data, np.ndarray):
        op.forward(this.data, other, out=this.data, casting="unsafe")
    else:
        this.data = stored(np.asarray(op.forward(this.data, other, **options), dtype=this.dtype))


WIDTH = {"b": 0, "u": 1, "i": 1, "f": 2}  # of the kinds of numbers: each holds those before it


def _result_kind(op: Op, part: Any, other: Any, options: dict[str, Any]) -> str:
    """The kind of number that the edit writes."""
    result = other if options else op.forward(part, other)
    return np.asarray(result).dtype.kind


def _before(this: Tensor, old: Any) -> Tensor:
    """The node that `this` was, with a copy of its old value."""
    before = type(this)()
    for slot in Node.__slots__:
        setattr(before, slot, getattr(this, slot))
    before.data = old
    extras = before.more = Extras()
    for slot in Extras.__slots__:
        setattr(extras, slot, getattr(this.extras, slot))
    extras.name, extras.snapshot = None, True
    return before


def _stand_on(before: Tensor, this: Tensor, op: Op, other: Any, options: dict[str, Any]) -> None:
    """Make `this` the node that computed the edit from what it was before."""
    old = this.extras
    assert old.storage is not None
    new = this.more = Extras(recording.get() or None)
    new.name, new.storage, new.before, new.retains = old.name, old.storage, before, old.retains
    before.extras.retains = False
    new.options = options or None
    other = before if other is this else other  # y += y reads what y was
    this.op, this.a, this.grad = op, before, None
    value = untracked(other)  # a plain `b` is like the result
    this.b = other if np.shape(value) == this.shape and np.asarray(value).dtype == this.dtype else (other,)
    this.requires_grad = before.requires_grad or getattr(other, "requires_grad", False)
    frame = reader_frame()
    this.code, this.lasti = frame.f_code, frame.f_lasti
    this.birth = old.storage.recorded = last.recorded = tick()


class Editable:
    """The edits in place of a tensor; those with an underscore at the end have PyTorch's names."""

    __slots__ = ()

    def __setitem__(self, key: Any, value: Any) -> None:
        put(self, plain_key(key), value)

    add_, sub_ = in_place(OPS["add"], "+"), in_place(OPS["sub"], "-")
    mul_, div_ = in_place(OPS["mul"], "*"), in_place(OPS["div"], "/")
    pow_ = in_place(OPS["pow"], "**")
    __iadd__, __isub__ = augmented(add_, operator.add), augmented(sub_, operator.sub)
    __imul__, __itruediv__ = augmented(mul_, operator.mul), augmented(div_, operator.truediv)
    __ipow__ = augmented(pow_, operator.pow)

    def zero_(self) -> Self:
        """Every element set to 0, in place."""
        self[...] = 0
        return self

    def fill_(self, value: Any) -> Self:
        """Every element set to this number, in place."""
        self[...] = value
        return self

    copy_ = fill_
