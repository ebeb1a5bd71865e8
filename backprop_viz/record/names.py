"""The names of recorded tensors: given ones, the reader's variables, or v₁, v₂, … for what has none."""

from __future__ import annotations

import dis
import re
from functools import lru_cache
from types import CodeType, FrameType

from ..autograd.tensor import Tensor
from .source import source_of


def choose(tensors: list[Tensor], reader: FrameType | None) -> list[str]:
    """A name for each tensor: its own, else that of the reader's variable that holds it, else the next free v1, v2, …

    The same program gives the same names, whatever else was run before or after: what was made in a cell (or a module)
    takes only variables that this cell binds, or the one that asks. Of several names a function's own wins, then one
    that stands in the line that made the tensor, then the shortest, then the first in the alphabet.
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
    """The reader's variables that may name each tensor, by the tensor's id."""
    wanted = {id(tensor): tensor for tensor in tensors}
    found: dict[int, list[str]] = {}
    if reader is None:
        return found
    in_function = reader.f_locals is not reader.f_globals
    scopes = [dict(reader.f_locals), reader.f_globals] if in_function else [reader.f_globals]
    for scope in scopes:
        held: dict[int, list[str]] = {}
        for name, value in scope.items():
            tensor = wanted.get(id(value))
            if tensor is None or not name.isidentifier() or name.startswith("_"):  # _12 is the notebook's own
                continue
            made_here = tensor.code.co_name == "<module>" and scope is reader.f_globals
            if made_here and name not in bound_by(tensor.code) | bound_by(reader.f_code):
                continue  # another cell's name for it, which it has only if that cell was run before
            if not (scope is reader.f_globals and in_function and name in scopes[0]):  # a local hides a global
                held.setdefault(id(value), []).append(name)
        for key, names in held.items():
            found.setdefault(key, names)
    return found


@lru_cache(maxsize=1000)
def bound_by(code: CodeType) -> frozenset[str]:
    """The variables that this code gives a value to."""
    return frozenset(step.argval for step in dis.get_instructions(code) if step.opname.startswith("STORE_"))


def _best(candidates: list[str], tensor: Tensor) -> str | None:
    if not candidates:
        return None
    source = source_of(tensor)
    line = source.text if source else ""
    return min(candidates, key=lambda name: (not re.search(rf"\b{re.escape(name)}\b\s*[,=]", line), len(name), name))
