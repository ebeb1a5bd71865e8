"""Module: parameters and smaller modules under one name, and the one way to reach them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np

from ..group import enter, leave
from ..inplace import overwrite
from ..mode import current
from ..tensor import Tensor
from ..values import numeric

_T = TypeVar("_T")


class Keys(NamedTuple):
    """What `load_state_dict(strict=False)` left as it was, and what it had no place for."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module:
    """A part of a network: assign parameters and other modules to its attributes, and write `forward`.

    A leaf that requires a gradient is a parameter as soon as it is assigned. Lists and tuples count too:
    `self.w = [...]` of parameters holds w0, w1, …, and `self.layers = [...]` of modules holds layers.0, layers.1, ….
    A parameter without a name is drawn by its path, the numbers last: 0.weight as weight0, and 2.1.w0 as w210. Only
    parameters are named, once, as they are assigned, so that no operation and no pass takes longer.
    """

    training: bool  # whether modules that behave differently while they learn (dropout) should learn
    _parameters: set[str]  # what was ever a parameter: freezing one does not end that
    _buffers: set[str]
    _labels: dict[Module, str]  # what the groups are called in which the modules within it run, as far as asked for

    def __new__(cls, *arguments: Any, **settings: Any) -> Self:
        """A module that may be assigned to: a class with an __init__ of its own need not call this one's."""
        module = super().__new__(cls)
        vars(module).update(training=True, _parameters=set(), _buffers=set(), _labels={})
        return module

    def __setattr__(self, name: str, value: Any) -> None:
        self._parameters.difference_update({path for path, _ in _held(name, vars(self).get(name))})
        self._buffers.discard(name)
        super().__setattr__(name, value)
        for path, held in _held(name, value):
            if isinstance(held, Module):
                self._labels.clear()
                for below, tensor in held.named_parameters():
                    if tensor.name in (None, drawn(below)):  # not one that the reader has given
                        tensor.name = drawn(f"{path}.{below}")
            elif held.op is None and held.requires_grad:
                self._parameters.add(path)
                held.name = held.name or drawn(path)

    def forward(self, *arguments: Any, **settings: Any) -> Any:
        """The result of this module: what calling it computes."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward(): write `def forward(self, x):` in the class, which gives the "
            f"module's result."
        )

    def __call__(self, *arguments: Any, **settings: Any) -> Any:
        """What `forward` gives, computed in a group that is called by the module's place, or else by its class."""
        enter(self, self._label())
        try:
            return self.forward(*arguments, **settings)
        finally:
            leave(self)

    def _label(self) -> str:
        """Its place in the module that calls it, or in one that called that."""
        group = current()
        while group is not None:
            holder = group.by
            if isinstance(holder, Module):
                if self not in holder._labels:
                    holder._labels.update((module, _place(path, module)) for path, module in holder.named_modules())
                if self in holder._labels:
                    return holder._labels[self]
            group = group.parent
        return type(self).__name__

    # ------------------------------------------------------------------ what it holds
    def register_buffer(self, name: str, value: Tensor) -> None:
        """Hold a tensor that is saved with the module but not learned, such as a running mean."""
        if not isinstance(value, Tensor) or value.requires_grad:
            raise TypeError(
                f"a buffer is a tensor that needs no gradient; got {name}={value!r:.60}. Make it with bp.tensor(...), "
                f"or assign it as a parameter."
            )
        setattr(self, name, value)
        self._buffers.add(name)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules held directly, each once, by name."""
        held = ((path, each) for name, value in vars(self).items() for path, each in _held(name, value))
        return _each_once((path, each) for path, each in held if isinstance(each, Module))

    def children(self) -> Iterator[Module]:
        """The modules held directly, each once, in the order they were assigned."""
        return (module for _, module in self.named_children())

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all within it, each once, by path: "", "0", "0.attention", …"""
        seen: set[Module] = set()
        waiting: list[tuple[str, Module]] = [(prefix, self)]
        while waiting:
            path, module = waiting.pop()
            if module not in seen:
                seen.add(module)
                yield path, module
                waiting += reversed([(_join(path, name), child) for name, child in module.named_children()])

    def modules(self) -> Iterator[Module]:
        """This module and all within it, each once."""
        return (module for _, module in self.named_modules())

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """The parameters of this module and of all within it, each once, by path: "0.weight"."""
        return _each_once(self._tensors(Module._is_parameter))

    def parameters(self) -> Iterator[Tensor]:
        """The parameters of this module and of all within it, each once: what an optimizer takes."""
        return (tensor for _, tensor in self.named_parameters())

    def named_buffers(self) -> Iterator[tuple[str, Tensor]]:
        """The buffers of this module and of all within it, each once, by path."""
        return _each_once(self._tensors(Module._is_buffer))

    def buffers(self) -> Iterator[Tensor]:
        """The buffers of this module and of all within it, each once."""
        return (tensor for _, tensor in self.named_buffers())

    def _is_parameter(self, path: str, tensor: Tensor) -> bool:
        if tensor.op is None and tensor.requires_grad:
            self._parameters.add(path)  # it may have come by append(), after the list was assigned
        return path in self._parameters

    def _is_buffer(self, path: str, tensor: Tensor) -> bool:
        return path in self._buffers

    def _tensors(self, *kinds: Callable[[Module, str, Tensor], bool]) -> Iterator[tuple[str, Tensor]]:
        """The tensors of these kinds by path; one that two modules share is there twice."""
        for prefix, module in self.named_modules():
            for name, value in vars(module).items():
                for path, held in _held(name, value):
                    if isinstance(held, Tensor) and any(kind(module, path, held) for kind in kinds):
                        yield _join(prefix, path), held

    # ------------------------------------------------------------------ what it does to all it holds
    def train(self, mode: bool = True) -> Self:
        """Let this module and all within it behave as while they learn."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Let this module and all within it behave as in use: no dropout, running statistics instead of a batch's."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter: the next pass starts from None."""
        for tensor in self.parameters():
            tensor.grad = None

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Let every parameter be learned, or freeze them all."""
        for tensor in self.parameters():
            tensor.requires_grad_(requires_grad)
        return self

    # ------------------------------------------------------------------ saving and loading
    def state_dict(self) -> dict[str, Any]:
        """Copies of all parameters and buffers, as arrays, by path."""
        return {path: np.array(tensor.data) for path, tensor in self._state().items()}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> Keys:
        """Set all parameters and buffers to these values, in place; all of them, or none where something is wrong.

        strict: whether every path must be given, and no other; shapes must be equal in any case
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"a state_dict maps paths to arrays; got {type(state_dict).__name__} {state_dict!r:.60}")
        own = self._state()
        values = {path: numeric(value) for path, value in state_dict.items() if path in own}
        keys = Keys([path for path in own if path not in values], [path for path in state_dict if path not in own])
        wrong = [
            f"{path} has shape {value.shape} where the module's has {own[path].shape}"
            for path, value in values.items()
            if value.shape != own[path].shape
        ]
        if strict and keys.missing_keys:
            wrong.insert(0, f"missing: {', '.join(keys.missing_keys)}")
        if strict and keys.unexpected_keys:
            wrong.append(f"unexpected: {', '.join(map(str, keys.unexpected_keys))}")
        if wrong:
            raise RuntimeError(
                f"this state_dict does not fit {type(self).__name__}: {'; '.join(wrong)}. Load it into a module of the "
                f"same architecture" + (", or pass strict=False to load what fits by name." if strict else ".")
            )
        for path, value in values.items():
            overwrite(own[path], value)
        return keys

    def _state(self) -> dict[str, Tensor]:
        return dict(self._tensors(Module._is_parameter, Module._is_buffer))

    # ------------------------------------------------------------------ its text
    def extra_repr(self) -> str:
        """The settings to show between the parentheses."""
        return ""

    def __repr__(self) -> str:
        name, said = type(self).__name__, self.extra_repr()
        lines = [f"({path}): {child!r}" for path, child in self.named_children()]
        if not lines:
            return f"{name}({said})"
        inner = "\n".join([said, *lines] if said else lines).replace("\n", "\n  ")
        return f"{name}(\n  {inner}\n)"


def _held(path: str, value: Any) -> Iterator[tuple[str, Tensor | Module]]:
    """The tensors and modules in an attribute, by path: itself, or the items of a list or tuple."""
    if isinstance(value, Tensor | Module):
        yield path, value
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            # w0 is what the formula calls it; w1 = [...] holds w1.0, so that no two paths are alike
            glued = isinstance(item, Tensor) and not path[-1].isdigit()
            yield from _held(f"{path}{i}" if glued else f"{path}.{i}", item)


def _place(path: str, module: Module) -> str:
    """What the group of the module with this path is called: "hidden", or "linear 1" for the first in a list."""
    name, kind = path.rpartition(".")[2], type(module).__name__
    return f"{kind.lower()} {int(name) + 1}" if name.isdigit() else name or kind


def _each_once(named: Iterable[tuple[str, _T]]) -> Iterator[tuple[str, _T]]:
    """What several paths lead to, under the first of them."""
    seen = set()
    for path, value in named:
        if value not in seen:
            seen.add(value)
            yield path, value


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def drawn(path: str) -> str:
    """The name in pictures of the parameter with this path: its indices stand at the end, where they are set as such.

    A formula with 0.weight · 2 in it would read as one with numbers.
    """
    parts = path.split(".")
    words = [part for part in parts if not part.isdigit()]
    if not words:
        return path
    word = words[-1].rstrip("0123456789")
    place = parts.index(words[-1])
    numbers = [*filter(str.isdigit, parts[:place]), *filter(None, [words[-1][len(word) :]]), *parts[place + 1 :]]
    apart = "_" if any(len(number) > 1 for number in numbers) else ""
    return ".".join([*words[:-1], word]) + apart.join(numbers)
