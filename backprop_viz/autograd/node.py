"""A node of the graph: what a tensor remembers of how it was made, and of its gradient."""

from __future__ import annotations

from types import CodeType
from typing import Any, Self

from .clock import Extras, Group, Storage
from .op import Op
from .plain import Plain
from .values import Data, short


class Node(Plain):
    """The slots of a tensor, and what can be read from them."""

    __slots__ = ("a", "b", "birth", "code", "data", "grad", "lasti", "more", "op", "requires_grad")

    data: Data
    grad: Data
    requires_grad: bool
    op: Op | None
    a: Any  # the op's first argument
    b: Any  # the second; the tuple of all others where there are more, or where shapes or types differ
    birth: int  # numbers the tensors: an argument is older than what was computed from it
    more: Extras | Group | None  # to be read; what is written goes into `extras`
    code: CodeType  # with `lasti`, the place in the reader's program
    lasti: int

    @property
    def extras(self) -> Extras:
        """What only few tensors need, made when it is first asked for; a tensor's own, where `more` may be shared."""
        more = self.more
        if not isinstance(more, Extras):
            more = self.more = Extras(more)
        return more

    @property
    def name(self) -> str | None:
        """The name to draw it with; None lets the record take the caller's variable."""
        return None if self.more is None else self.more.name

    @name.setter
    def name(self, name: str | None) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"a tensor's name is a string; got {type(name).__name__} {short(name)}")
        self.extras.name = name

    @property
    def group(self) -> Group | None:
        """The group it was made in."""
        return None if self.more is None else self.more.group

    @property
    def options(self) -> dict[str, Any]:
        """The op's options: `{"axis": 0}`."""
        return (None if self.more is None else self.more.options) or {}

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The op's arguments in order: tensors, and the plain numbers written in the expression."""
        if self.op is None:
            return ()
        if self.b is None:
            return (self.a,)
        return (self.a, *self.b) if self.b.__class__ is tuple else (self.a, self.b)

    @property
    def parents(self) -> tuple[Any, ...]:
        """The tensors this one was computed from, one for each argument slot they fill (`x * x` has two)."""
        return tuple(argument for argument in self.arguments if isinstance(argument, Node))

    @property
    def is_leaf(self) -> bool:
        """True for what was not computed, or needs no gradient (PyTorch's meaning)."""
        return self.op is None or not self.requires_grad

    @property
    def storage(self) -> Storage | None:
        """The memory it shares with other tensors; None = never shared nor edited."""
        return None if self.more is None else self.more.storage

    @property
    def computed(self) -> int:
        """When `data` was computed: at birth, or by the last Graph.forward."""
        return self.birth if self.more is None else self.more.computed or self.birth

    @property
    def edited(self) -> int:
        """When `data` was last edited in place; 0 = never."""
        return 0 if self.storage is None else self.storage.edited

    @property
    def version(self) -> int:
        """How many edits in place `data` has seen, through this tensor or another that shares it."""
        return 0 if self.storage is None else self.storage.version

    _version = version  # PyTorch's name for it

    def requires_grad_(self, requires_grad: bool = True) -> Self:
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

    def retain_grad(self) -> None:
        """Let the gradient of this computed tensor add up over passes, as PyTorch's does after this call.

        It is kept either way; without the call each pass sets it anew.
        """
        if not self.requires_grad:
            raise RuntimeError("retain_grad() on a tensor that needs no gradient: no pass will ever reach it")
        if self.op is not None:
            self.extras.retains = True

    @property
    def retains_grad(self) -> bool:
        """Whether retain_grad() was called on this computed tensor."""
        return self.more is not None and self.more.retains

    def zero_grad(self) -> None:
        """Forget the gradient: the next pass starts from None."""
        self.grad = None
