"""The names of recorded tensors: given ones, the reader's variables, or v₁, v₂, … for what has none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import FrameType
from typing import Any

from ..autograd.tensor import Tensor
from .source import source_of


def choose(tensors: list[Tensor], reader: FrameType | None) -> list[str]:
    """A name for each tensor: its own, else that of the reader's variable that holds it, else the next free v1, v2, …

    The same program gives the same names, whatever else was run before: of several variables that hold a tensor, one
    that stands in the line that made it wins, then the shortest, then the first in the alphabet.
    """
    variables = _variables(tensors, reader)
    names: list[str | None] = []
    for tensor in tensors:
        candidates = variables.get(id(tensor), [])
        names.append(tensor.name if tensor.name is not None else _best(candidates, tensor))
    taken = [name for name in names if name is not None]
    free = (x for x in ("v", "t", "h", "q") if not any(re.fullmatch(rf"{x}_?\d+", name) for name in taken))
    letter = next(free, "node_")
    counter = 0
    for i, name in enumerate(names):
        if name is None:
            counter += 1
            names[i] = f"{letter}{counter}"
    return [name for name in names if name is not None]


def _variables(tensors: list[Tensor], reader: FrameType | None) -> dict[int, list[str]]:
    wanted = {id(tensor) for tensor in tensors}
    found: dict[int, list[str]] = {}
    if reader is None:
        return found
    scopes: list[Mapping[str, Any]] = [reader.f_locals]
    if reader.f_globals is not reader.f_locals:
        scopes.append(reader.f_globals)
    for scope in scopes:
        held: dict[int, list[str]] = {}
        for name, value in scope.items():
            if id(value) in wanted and name.isidentifier() and not name.startswith("_"):  # _12 is the notebook's own
                held.setdefault(id(value), []).append(name)
        for key, names in held.items():
            found.setdefault(key, names)  # a local variable hides a global one
    return found


def _best(candidates: list[str], tensor: Tensor) -> str | None:
    if not candidates:
        return None
    source = source_of(tensor)
    line = source.text if source else ""
    return min(candidates, key=lambda name: (not re.search(rf"\b{re.escape(name)}\b\s*[,=]", line), len(name), name))
