"""Plain values at the edge of the engine: what may enter an operation, and how a result is stored."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from .clock import last
from .op import Op

Data = Any  # a Python float (a float64 scalar), else a NumPy scalar or array


def stored(value: Any) -> Data:
    """A value as a tensor keeps it: a plain float for a float64 scalar, otherwise what NumPy made of it."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    return float(value) if isinstance(value, float) else value


def numeric(data: Any, dtype: Any = None) -> Any:
    """A fresh array of these numbers, or an error that shows what was given."""
    try:
        value = np.array(untracked(data))
        if value.dtype.kind == "O" and all(isinstance(x, int | float) for x in value.flat):
            value = value.astype(np.float64)  # whole numbers beyond int64
        if dtype is not None and value.dtype.kind in "fiub":  # text of digits stays text
            value = np.array(untracked(data), dtype=dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise type(error)(f"a tensor holds numbers in a regular array; got {short(data)}: {error}") from None
    if dtype is not None and np.dtype(dtype).kind not in "fiub":
        raise TypeError(f"a tensor holds real numbers, and {np.dtype(dtype)} is no type of them; give dtype=float")
    if value.dtype.kind not in "fiub":
        raise TypeError(
            f"a tensor holds real numbers; got {type(data).__name__} {short(data)}. Give a number, a list of numbers "
            f"or a NumPy array of them."
        )
    return value


def argument_of(op: Op, value: Any) -> Any:
    """An argument that is not a tensor: a plain number or an array of numbers, or an error."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return value
    if isinstance(value, np.generic) and value.dtype.kind in "fiub":
        value = value.item()
    if isinstance(value, int):
        try:
            float(value)
        except OverflowError:
            raise OverflowError(
                f"{op.name}: a whole number of {value.bit_length()} bits is beyond what a float holds (about 1.8e308)"
            ) from None
    if isinstance(value, float | int):
        return value + 0  # True counts as 1
    raise TypeError(
        f"{op.name}: its arguments are tensors, NumPy arrays of numbers, or plain numbers; got {type(value).__name__} "
        f"{short(value)}. Make a tensor of it with bp.tensor(...)."
    )


def as_wide(op: Op, values: list[Any]) -> list[Any]:
    """The values, whole numbers among floats read as floats of that width: float32 stays float32, as in PyTorch."""
    dtypes = [value.dtype for value in values if isinstance(value, np.ndarray | np.generic)]
    if len({dtype.kind for dtype in dtypes}) < 2:
        return values
    floats = [dtype for dtype in dtypes if dtype.kind == "f"]
    if not floats:
        return values
    return [
        value.astype(np.result_type(*floats))
        if argument.differentiable and isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "iub"
        else value
        for argument, value in zip(op.arguments, values, strict=True)
    ]


def untracked(value: Any) -> Any:
    """A tensor's data; anything else as it is."""
    return value.data if hasattr(value, "requires_grad") else value


def plain_key(key: Any) -> Any:
    """An index (or another option) without tensors in it, and a copy: later edits must not change the record."""
    if isinstance(key, tuple | list):
        return type(key)(map(plain_key, key))
    key = untracked(key)
    return key.copy() if isinstance(key, np.ndarray) else key


def reduction(axis: Any, keepdims: bool, dim: Any = None, keepdim: bool = False) -> dict[str, Any]:
    """The options of a reduction, only those that say something; `dim` and `keepdim` are PyTorch's names for them."""
    if (axis is not None and dim is not None) or (keepdims and keepdim):
        given = f"axis={axis} and dim={dim}" if dim is not None else "keepdims and keepdim"
        raise TypeError(f"{given}: these are NumPy's and PyTorch's names for one thing. Give it once.")
    axis = dim if axis is None else axis
    axis = tuple(axis) if isinstance(axis, list) else axis
    axes = axis if isinstance(axis, tuple) else () if axis is None else (axis,)
    if not all(isinstance(each, int | np.integer) and not isinstance(each, bool) for each in axes):
        raise TypeError(
            f"an axis is a whole number, or a tuple of them; got {type(axis).__name__} {short(axis)}. For the larger "
            f"or smaller of two tensors write bp.maximum(a, b) or bp.minimum(a, b)."
        )
    return ({} if axis is None else {"axis": axis}) | ({"keepdims": True} if keepdims or keepdim else {})


def bound(name: str, value: Any, missing: float) -> float:
    """One bound of `clip`: a plain number; `missing` where none is given."""
    if value is None:
        return missing
    if isinstance(value, float | int | np.integer | np.floating):
        return value  # type: ignore[return-value]
    raise TypeError(
        f"clip: {name} is a plain number; got {type(value).__name__} {short(value)}. With tensors or arrays write "
        f"bp.maximum(x, low) and bp.minimum(x, high)."
    )


def flat(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes given one by one or as one tuple."""
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else sizes


def refuse_values(op: Op, values: list[Any], error: ValueError) -> NoReturn:
    """Say which shapes met and the rule they break; NumPy's own words where shapes are not the trouble."""
    shapes = " and ".join(str(np.shape(value)) for value in values)
    if len(values) == 1 or (op.elementwise and broadcast(values)):
        raise ValueError(f"{op.name} of shape{'s' if len(values) > 1 else ''} {shapes}: {error}") from None
    rule = f"NumPy says: {error}"
    if op.elementwise:
        rule = "Shapes broadcast when, read from the right, each pair of sizes is equal or one of the two is 1"
    raise ValueError(f"{op.name}: shapes {shapes} do not fit together. {rule}. Reshape one of them.") from None


def refuse_gradient(op: Op, arguments: list[Any]) -> None:
    """An error when a gradient is asked for by an argument that has none, such as a condition."""
    for argument, value in zip(op.arguments, arguments, strict=True):
        if not argument.differentiable and getattr(value, "requires_grad", False):
            raise TypeError(
                f"{op.name}: no gradient flows by its argument {argument.name!r}, but the tensor given requires one. "
                f"Pass x.detach() if that is meant."
            )


def refuse_old_view(op: Op, arguments: list[Any]) -> None:
    """An error when a view is used that was taken before a recorded edit: its value is new, its graph is not."""
    for argument, value in zip(op.arguments, arguments, strict=True):
        refuse_old(f"{op.name}: its argument {argument.name!r}", value)


def refuse_old(what: str, value: Any) -> None:
    """The same for one tensor; `what` says what it is used for."""
    if not last.recorded:
        return
    storage = getattr(value, "storage", None)
    if storage is not None and value.op is not None and value.op.view and storage.recorded > value.computed:
        raise RuntimeError(
            f"{what} is a view taken before the tensor it shows was edited in place, and its graph does not know of "
            f"the edit. Take the view again, after the edit."
        )


def refuse_no_float(data: Any) -> None:
    """An error when a leaf that requires a gradient was given another kind of value: `w.data = 2`."""
    dtype = getattr(data, "dtype", None)
    if not isinstance(data, np.ndarray | np.generic | float) or (dtype is not None and dtype.kind != "f"):
        raise TypeError(
            f"a leaf that requires a gradient holds floating-point numbers; this one's data is now "
            f"{type(data).__name__} {short(data)}. Write them with a decimal point, or as an array with dtype=float."
        )


def broadcast(values: list[Any]) -> bool:
    """Whether the shapes of these values fit together, element by element."""
    try:
        np.broadcast_shapes(*map(np.shape, values))
    except ValueError:
        return False
    return True


def short(value: Any) -> str:
    """The repr, cut where it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no whole number of thousands of digits
        text = f"a whole number of {value.bit_length()} bits" if isinstance(value, int) else "..."
    return text if len(text) <= 60 else text[:57] + "..."
