"""An instructor's notebook with its solutions -> the notebook that students get, and what grading tools ask for."""

from __future__ import annotations

import ast
import copy
import re
import textwrap
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from .exercises import item_of, items_of
from .item import Item

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
KEY = "backprop_viz"  # of our metadata: {"item": "ex04.1", "role": "solution"}
ROLES = ("question", "solution", "check", "results")
REGION = re.compile(rf"^(?P<indent>[ \t]*){BEGIN}[ \t]*\n(?P<body>.*?)^[ \t]*{END}[ \t]*$", re.MULTILINE | re.DOTALL)
NBGRADER = {"schema_version": 3, "task": False}


class Unfit(ValueError):
    """What is wrong with an instructor's notebook, in words for the one who wrote it."""


def read(source: Path) -> NotebookNode:
    """A notebook from its file."""
    try:
        notebook: NotebookNode = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as error:
        raise Unfit(f"{source} is no notebook: {str(error).splitlines()[0]}") from None
    return notebook


def text_of(notebook: NotebookNode) -> str:
    """A notebook as the text of its file."""
    text: str = nbformat.writes(notebook, version=4)  # type: ignore[no-untyped-call]
    return text.rstrip("\n") + "\n"


def students(notebook: NotebookNode) -> NotebookNode:
    """The students' copy: a stub for each solution, no results, and below each check the line that a right answer gets.

    That line is what nbval compares. Cells that have not been run are not compared, so solutions and results are not.
    """
    inspect(notebook)
    copied: NotebookNode = copy.deepcopy(dressed(notebook))
    for cell in copied.cells:
        if role_of(cell) == "solution":
            cell.source = stubbed(cell.source, item_of(cell.metadata[KEY]["item"]))
        if role_of(cell) in ("solution", "results"):
            cell.outputs, cell.execution_count = [], None
        if role_of(cell) in ("question", "check"):  # a copy that was saved half-way shows what was true then
            cell.metadata.setdefault("tags", []).append("nbval-ignore-output")
    return copied


def dressed(notebook: NotebookNode) -> NotebookNode:
    """The notebook with nbgrader's metadata, which follows from ours: solutions are written in, checks are graded."""
    made: NotebookNode = copy.deepcopy(notebook)
    for cell in made.cells:
        role = role_of(cell)
        if role in ("solution", "check"):
            item: str = cell.metadata[KEY]["item"].replace(".", "-")
            graded = {"grade": True, "locked": True, "points": 1, "solution": False, "grade_id": f"{item}-check"}
            filled = {"grade": False, "locked": False, "solution": True, "grade_id": item}
            cell.metadata["nbgrader"] = NBGRADER | (graded if role == "check" else filled)
    return made


def role_of(cell: NotebookNode) -> str:
    """What a cell is for: one of `ROLES`, or "" for prose and the rest."""
    role: str = cell.metadata.get(KEY, {}).get("role", "")
    return role


# ---------------------------------------------------------------------- stubs
def stubbed(source: str, item: Item) -> str:
    """A cell's code without its solutions: inside of a function an error stands for one; a value has its dots already.

    Those stand above the solution, so that the copies of other tools have the name too.
    """

    def stub(region: re.Match[str]) -> str:
        return f'{region["indent"]}raise NotImplementedError("{item.id}: {item.ask}")' if region["indent"] else ""

    return REGION.sub(stub, source).rstrip("\n")


def dots(item: Item) -> str:
    """The line above the solution of a value, all that students get of it."""
    return f"{item.name} = ...  # {item.id}: {item.ask}"


def assigned(code: str) -> list[str]:
    """The names that top-level code gives values to, in their order."""
    found: list[str] = []
    for statement in ast.parse(textwrap.dedent(code)).body:
        targets: list[Any] = statement.targets if isinstance(statement, ast.Assign) else []
        found += [target.id for target in targets if isinstance(target, ast.Name)]
    return list(dict.fromkeys(found))


# ---------------------------------------------------------------------- what must be there
def inspect(notebook: NotebookNode) -> None:
    """Refuse a notebook that would give its solution away, or that no check would answer."""
    seen: dict[str, list[str]] = {}
    for number, cell in enumerate(notebook.cells, start=1):
        try:
            _inspect(cell)
        except (ValueError, SyntaxError) as error:
            raise Unfit(f"cell {number}: {error}") from None
        if role_of(cell):
            seen.setdefault(cell.metadata[KEY]["item"], []).append(role_of(cell))
    if not seen:
        raise Unfit(f'no cell has an exercise: mark them with {KEY}={{"item": "ex04.1", "role": "solution"}}')
    for item, roles in seen.items():
        if [role for role in roles if role != "question"] != ["solution", "check", "results"]:
            raise Unfit(f"{item} has the cells {', '.join(roles)}; needed are solution, check, results, in this order")
    lecture = next(iter(seen)).partition(".")[0]
    if list(seen) != (all_items := [item.id for item in items_of(lecture)]):
        raise Unfit(f"it has the exercises {', '.join(seen)}; the lecture's are {', '.join(all_items)}, in this order")


def _inspect(cell: NotebookNode) -> None:
    role, source = role_of(cell), cell.source
    if KEY in cell.metadata and (role not in ROLES or "item" not in cell.metadata[KEY]):
        raise Unfit(f"{KEY} wants an item and a role, one of {', '.join(ROLES)}; got {dict(cell.metadata[KEY])}")
    marks = len(re.findall(r"(?:BEGIN|END) SOLUTION", source))
    if re.search(r"##+ *(BEGIN|END) SOLUTION", source):
        raise Unfit(f"write {BEGIN} with one #: more of them make other grading tools fail")
    regions = REGION.findall(source)
    if marks != 2 * len(regions):
        raise Unfit(f"each {BEGIN} needs its {END} on a line of its own")
    if bool(regions) != (role == "solution"):
        raise Unfit(f"a cell with {BEGIN} has the role solution, and no other has; this one's is {role or 'not given'}")
    if role:
        item = item_of(cell.metadata[KEY]["item"])
        if not all(region[0] or item.name in assigned(region[1]) for region in regions):
            raise Unfit(f"a solution outside of a function gives a value to the item's name: {item.name} = …")
        if not all(region[0] for region in regions) and not source.startswith(f"{dots(item)}\n{BEGIN}"):
            raise Unfit(f"a solution outside of a function stands below the line that students get: {dots(item)}")
        if role != "solution" and f'{role}("{item.id}")' not in source:
            raise Unfit(f'its role is {role}, and it does not call {role}("{item.id}")')
