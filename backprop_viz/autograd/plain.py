"""A tensor as plain Python and NumPy see it: its shape, its numbers, comparisons, conversions, its text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from .ops import BY_NUMPY, OPS
from .values import Data, untracked

if TYPE_CHECKING:
    from .op import Op


def comparison(function: np.ufunc) -> Callable[[Any, Any], Any]:
    """A comparison of values: plain booleans, nothing recorded."""
    return lambda a, b: function(untracked(a), untracked(b))


class NoRow:
    """A method that a reader may expect from NumPy or PyTorch: asking for it says what to write instead."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, tensor: Plain | None, kind: type[Plain]) -> NoReturn:
        row = OPS.get(self.name) or next((op for f, op in BY_NUMPY.items() if f is getattr(np, self.name, None)), None)
        if row is not None:
            written = f"bp.{row.notation}" if row.notation.startswith(row.name) else row.notation
            raise AttributeError(f"a tensor has no method {self.name!r}; write `{written}`")
        of_array = f" For plain numbers: x.data.{self.name}()." if hasattr(np.ndarray, self.name) else ""
        known = ", ".join(sorted(name for name in OPS if hasattr(kind, name)))
        raise AttributeError(
            f"a tensor has no method {self.name!r}: {NO_ROW.format(self.name)}{of_array} Methods it knows: {known}."
        )


NO_ROW = (
    "{} has no row in the op table, so its gradient is not known. To add it, write one row in "
    "backprop_viz/autograd/ops/; to compute without a gradient, use x.data."
)


def no_row(written: str) -> Callable[..., NoReturn]:
    """The operator of Python's that has no row: using it says so."""

    def refuse(*operands: Any) -> NoReturn:
        raise TypeError(NO_ROW.format(written))

    return refuse


class Plain:
    """What depends on a tensor's value alone, and is never recorded."""

    __slots__ = ()

    data: Data
    requires_grad: bool
    op: Op | None
    name: str | None

    @property
    def shape(self) -> tuple[int, ...]:
        """The size along each axis; () for a scalar."""
        return np.shape(self.data)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return np.ndim(self.data)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.size(self.data))

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's type of the elements."""
        return np.asarray(self.data).dtype

    def item(self) -> float | int:
        """The value of a one-element tensor as a plain Python number."""
        if self.size != 1:
            raise ValueError(f"item() reads a tensor of one element; this one has shape {self.shape}. Use .data.")
        return np.asarray(self.data).item()  # type: ignore[no-any-return]

    def tolist(self) -> Any:
        """The value as a plain number, or as nested lists of them."""
        return np.asarray(self.data).tolist()

    def numel(self) -> int:
        """The number of elements (PyTorch's name for `size`)."""
        return self.size

    def dim(self) -> int:
        """The number of axes (PyTorch's name for `ndim`)."""
        return self.ndim

    def argmax(self, dim: int | None = None) -> Any:
        """Where the largest element stands, counted over all of them or along one axis: plain whole numbers."""
        return np.argmax(self.data, axis=dim)

    def argmin(self, dim: int | None = None) -> Any:
        """Where the smallest element stands, counted over all of them or along one axis: plain whole numbers."""
        return np.argmin(self.data, axis=dim)

    def numpy(self) -> Any:
        """The value as a NumPy array that shares memory with this tensor where it can."""
        self._refuse_leaving_the_graph("numpy()")
        return np.asarray(self.data)

    __eq__, __ne__ = comparison(np.equal), comparison(np.not_equal)
    __lt__, __le__ = comparison(np.less), comparison(np.less_equal)
    __gt__, __ge__ = comparison(np.greater), comparison(np.greater_equal)
    __round__ = no_row("round(x)")
    __floordiv__ = __rfloordiv__ = no_row("x // y")
    __mod__ = __rmod__ = no_row("x % y")
    __divmod__ = __rdivmod__ = no_row("divmod(x, y)")
    __hash__ = object.__hash__  # identity stays identity, although == compares values

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not isinstance(_attribute(type(self), name), NoRow)]

    def __bool__(self) -> bool:
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.dtype.kind not in "iub":
            raise TypeError(f"only a whole number can be an index; this tensor holds {self.dtype}")
        return int(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if self.ndim == 0 else format(str(self), spec)

    def __contains__(self, value: Any) -> bool:
        return bool(np.any(self == value))

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("a scalar tensor has no len()")
        return int(self.shape[0])

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
                f"shall flow, or an operation that has a row in the op table; tensors are joined by bp.stack([x, y])."
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


def _attribute(kind: type, name: str) -> Any:
    """What a class or its bases define under this name, unbound."""
    return next((vars(each)[name] for each in kind.__mro__ if name in vars(each)), None)


# Not __getattr__, which would make Python look up every attribute the slow way. Tensor overrides the names it has.
_EXPECTED = (
    "abs", "clip", "cumprod", "cumsum", "dot", "flatten", "max", "min", "norm", "pow", "prod",
    "ravel", "softmax", "squeeze", "std", "trace", "unsqueeze", "var", "view",
)  # fmt: skip
for _name in {*_EXPECTED, *OPS, *(name for name, value in vars(np).items() if isinstance(value, np.ufunc))}:
    setattr(Plain, _name, NoRow(_name))
