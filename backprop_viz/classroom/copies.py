"""Copies of instructors' notebooks for those who read them: students, or a grading tool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from nbformat import NotebookNode

from ..render.files import write_whole
from .otter import otter
from .release import Unfit, read, students, text_of

MAKERS: dict[str, Callable[[NotebookNode], NotebookNode]] = {"students": students, "otter": otter}
READERS = tuple(MAKERS)


def release(notebooks: Sequence[Path], output: Path, reader: str = "students") -> Path:
    """Write a copy of each notebook to a folder, under the same name; gives the folder.

    reader: "students", or "otter" for `otter assign` (nbgrader takes the instructors' notebooks as they are)
    All are made before the first is written; a notebook that is not fit for it is an error that says where.
    """
    if reader not in MAKERS:
        raise ValueError(f"there is no copy for {reader!r} (must be one of {', '.join(READERS)})")
    made: dict[Path, str] = {}
    for source in notebooks:
        target = output / source.name
        if target in made:
            raise Unfit(f"two notebooks are called {source.name}: release them into two folders")
        if target.resolve() in {other.resolve() for other in notebooks}:
            raise Unfit(f"{target} has the solutions, and would be lost: give another folder")
        try:
            made[target] = text_of(MAKERS[reader](read(source)))
        except ValueError as error:
            raise Unfit(f"{source.name}: {error}") from None
    output.mkdir(parents=True, exist_ok=True)
    for target, text in made.items():
        write_whole(target, text.encode())
    return output
