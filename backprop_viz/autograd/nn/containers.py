"""Modules made of modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np

from .activations import ReLU
from .layers import Linear
from .module import Module


class ModuleList(Module):
    """Modules in a list, with the paths 0, 1, …; what to do with them is the reader's to say."""

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self._length = 0
        for module in modules:
            self.append(module)

    def append(self, module: Module) -> Self:
        """Put a module at the end."""
        if not isinstance(module, Module):
            raise TypeError(
                f"a {type(self).__name__} holds modules; got {type(module).__name__} {module!r:.60}. Give an instance, "
                f"as in nn.ReLU(), or write a class with a forward()."
            )
        setattr(self, str(self._length), module)
        self._length += 1
        return self

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Module]:
        return (getattr(self, str(i)) for i in range(self._length))  # a module that is there twice runs twice

    def __getitem__(self, key: int | slice) -> Any:
        found = list(self)[key]
        return found if isinstance(found, Module) else type(self)._of(found)

    @classmethod
    def _of(cls, modules: list[Module]) -> ModuleList:
        return ModuleList(modules)


class Sequential(ModuleList):
    """Modules that run one after another, each on the result of the one before."""

    def __init__(self, *modules: Module) -> None:
        super().__init__(modules)

    def forward(self, x: Any) -> Any:
        """The result of the last module."""
        for module in self:
            x = module(x)
        return x

    @classmethod
    def _of(cls, modules: list[Module]) -> Sequential:
        return Sequential(*modules)


class MLP(Sequential):
    """A multilayer perceptron: linear layers of these sizes, an activation after each but the last.

    `MLP([2, 8, 1], nn.Tanh)` is `Sequential(Linear(2, 8), Tanh(), Linear(8, 1))`.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: type[Module] = ReLU,
        *,
        dtype: Any = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        if len(sizes) < 2:
            raise ValueError(f"an MLP has at least two sizes, as in [2, 8, 1]: inputs, hidden, outputs; got {sizes!r}")
        if not (isinstance(activation, type) and issubclass(activation, Module)):
            raise TypeError(f"activation is a class of modules, such as nn.Tanh; got {activation!r:.60}")
        super().__init__()
        for inputs, outputs in pairwise(sizes):
            if len(self):
                self.append(activation())
            self.append(Linear(inputs, outputs, dtype=dtype, generator=generator))
