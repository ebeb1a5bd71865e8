"""The groups of recorded tensors, as paths of names."""

from __future__ import annotations

from itertools import chain, count

from ..autograd.clock import Group
from ..autograd.tensor import Tensor

Path = tuple[str, ...]


def paths(tensors: list[Tensor]) -> list[Path]:
    """The path of the group each tensor was made in, outermost first; () for none.

    A group that was entered again is another group, since one box around both could close a cycle: of several with one
    name in one place, the second by its first tensor is called "name (2)". Other traces' groups do not count.
    """
    found: dict[Group | None, Path] = {None: ()}
    for tensor in tensors:
        new = []
        group = tensor.group
        while group not in found and group is not None:
            new.append(group)
            group = group.parent
        found.update((group, ()) for group in reversed(new))
    given = {(group.parent, group.label) for group in found if group is not None}
    taken: set[Path] = set()
    for group in found:
        if group is not None:
            again = (f"{group.label} ({n})" for n in count(2))
            names = chain([group.label], (name for name in again if (group.parent, name) not in given))
            found[group] = next(path for name in names if (path := (*found[group.parent], name)) not in taken)
            taken.add(found[group])
    return [found[tensor.group] for tensor in tensors]
