"""Groups of nodes, as a picture shows them in one box: `with bp.group("layer 1"):`."""

from __future__ import annotations

from contextlib import ContextDecorator
from types import TracebackType

from .clock import Group
from .mode import current, move
from .values import short


class group(ContextDecorator):
    """Put every tensor made inside into a group of this name, itself in the groups it is written or called in.

    As a context manager or a decorator. Each time it is entered makes a group of its own. What is computed under
    `no_grad` is not recorded, and is in no group.
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(
                f'a group\'s name is a string, as in bp.group("layer 1"); got {type(name).__name__} {short(name)}'
            )
        if not name.strip() or "." in name:
            wrong = "has a point in it, which separates a group from the one inside it" if "." in name else "is empty"
            raise ValueError(f'the group\'s name {name!r} {wrong}. Write one such as "layer 1"; groups may be nested.')
        self.name = name

    def __enter__(self) -> None:
        enter(self, self.name)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        leave(self)


def enter(by: object, label: str) -> None:
    """Begin a group, in the one that is being run in this thread or task."""
    move(Group(label, current(), by))


def leave(by: object) -> None:
    """End the innermost group that `by` entered: not always the last, as a generator may end at any time."""
    now = ending = current()
    while ending is not None and ending.by is not by:
        ending = ending.parent
    if ending is not None:
        ending.by = None
    while now is not None and now.by is None:
        now = now.parent
    move(now)
