"""An instructor's notebook as `otter assign` wants it: raw cells around each question, its solution and its test."""

from __future__ import annotations

from collections.abc import Callable

import nbformat
from nbformat import NotebookNode

from .release import KEY, inspect, role_of

Cell = Callable[[str], NotebookNode]
RAW: Cell
CODE: Cell
TEXT: Cell
RAW, CODE, TEXT = nbformat.v4.new_raw_cell, nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
CONFIG = "# ASSIGNMENT CONFIG\ninit_cell: false\nexport_cell: false\ncheck_all_cell: false\ntests:\n    files: true"
# Nothing is printed for a right answer, and for another one the line, without the traceback of an assert.
TEST = 'from backprop_viz.classroom import check\n\nverdict = check("{}")\nif not verdict:\n    print(verdict)'


def otter(notebook: NotebookNode) -> NotebookNode:
    """The same cells in otter's form: a question for each item, whose hidden part is the solution."""
    inspect(notebook)
    made: NotebookNode = nbformat.v4.new_notebook(metadata=notebook.metadata)  # type: ignore[no-untyped-call]
    made.cells.append(RAW(CONFIG))
    for cell in notebook.cells:
        item: str = cell.metadata.get(KEY, {}).get("item", "")
        match role_of(cell):
            case "solution":
                opened = [f"# BEGIN QUESTION\nname: {item.replace('.', '_')}\npoints: 1", "# BEGIN SOLUTION"]
                made.cells += [*map(RAW, opened), CODE(cell.source), RAW("# END SOLUTION")]
            case "check":
                made.cells += [RAW("# BEGIN TESTS"), CODE(TEST.format(item)), RAW("# END TESTS"), RAW("# END QUESTION")]
            case "results":
                pass  # otter has its own way to look into a kernel
            case _:
                made.cells.append((CODE if cell.cell_type == "code" else TEXT)(cell.source))
    for number, cell in enumerate(made.cells):
        cell.id = f"cell-{number}"  # nbformat's own are random: the same notebook, the same bytes
    return made
