"""The exercises: a module of each lecture with its ITEMS, and some with a part of it; loaded when asked for."""

from __future__ import annotations

import importlib
import pkgutil
import re

from ..item import Item


def item_of(name: str) -> Item:
    """The item of this id, as "ex04.1"; an error that says which there are."""
    if not isinstance(name, str) or not re.fullmatch(r"ex\d\d\.\d+", name):
        raise ValueError(f"an exercise is named like 'ex04.1', by its lecture and its number; got {name!r}")
    lecture = name.partition(".")[0]
    if lecture not in lectures():
        raise ValueError(f"there are no exercises {lecture!r}; possible are {', '.join(lectures())}")
    found = {item.id: item for item in items_of(lecture)}
    if name not in found:
        raise ValueError(f"there is no exercise {name!r}; {lecture} has {', '.join(found)}")
    return found[name]


def items_of(lecture: str) -> tuple[Item, ...]:
    """The items of "ex04", in their order."""
    items: tuple[Item, ...] = importlib.import_module(f"{__name__}.{lecture}").ITEMS
    return items


def lectures() -> list[str]:
    """What there are exercises for: "ex00", "ex01", …"""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if re.fullmatch(r"ex\d\d", module.name))
