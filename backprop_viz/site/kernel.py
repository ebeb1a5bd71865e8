"""Notebooks that are run, each in a kernel of its own and in a copy of its folder, so that nothing is written there."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from ..render.files import write_whole
from .fault import Fault

PACKAGE = Path(__file__).parents[1]
HOOK = "from backprop_viz.site.inside import give_films; give_films(); del give_films"
LONGEST = 300  # seconds that a cell may take
VARIES = "nbval-ignore-output"  # the tag of cells whose output is another one each time
DRAWN_WITH = ("numpy", "matplotlib", "graphviz-pure")  # another version may draw or print something else


class Kernels:
    """Runs notebooks of a folder; the results may be kept in another folder, the cache."""

    def __init__(self, folder: Path, cache: Path | None) -> None:
        self.folder, self.cache = folder, cache

    def run(self, path: PurePosixPath, notebook: NotebookNode) -> NotebookNode:
        """The notebook at this place in the copied folder with what its cells show now."""
        if not any(cell.cell_type == "code" for cell in notebook.cells):
            return notebook
        kept = self.cache / f"{_digest(notebook)}.ipynb" if self.cache else None
        if kept and kept.exists():
            return _parsed(kept.read_text(encoding="utf8"))
        done: NotebookNode = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
        try:
            _execute(done, self.folder / path.parent)
        except CellExecutionError as error:
            raise Fault(
                f"a cell fails with {error.ename}: {error.evalue}. Mend the notebook, or do not run it"
            ) from None
        except (CellTimeoutError, DeadKernelError) as error:
            raise Fault(f"its kernel did not end: {error}") from None
        _settle(notebook, done)
        text = nbformat.writes(done)  # type: ignore[no-untyped-call]
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_whole(kept, text.encode())
        return _parsed(text)  # as it comes from the cache, in the order of keys too


@contextmanager
def kernels(folder: Path, cache: Path | None, leave_out: Path) -> Iterator[Kernels]:
    """Kernels that work in a copy of the folder, without what is hidden and without the site in it."""

    def unwanted(where: str, names: list[str]) -> list[str]:
        return [name for name in names if name[0] == "." or Path(where, name).resolve() == leave_out.resolve()]

    with TemporaryDirectory() as temporary:
        copy = Path(temporary, folder.resolve().name or "notebooks")
        shutil.copytree(folder, copy, ignore=unwanted)
        yield Kernels(copy, cache)


def _execute(notebook: NotebookNode, folder: Path) -> None:
    client = NotebookClient(
        notebook, timeout=LONGEST, kernel_name="python3", resources={"metadata": {"path": str(folder)}},
        store_widget_state=False, record_timing=False, coalesce_streams=True, extra_arguments=["--log-level=ERROR"],
    )  # fmt: skip

    async def hook(**_: object) -> None:
        # A request of its own, not a cell: the cells keep their numbers.
        asked = client.kc.execute(HOOK, silent=True, store_history=False)  # type: ignore[union-attr]
        reply = await client.async_wait_for_reply(asked)
        if not reply or reply["content"]["status"] != "ok":
            raise Fault(f"its kernel has no backprop_viz that fits: {reply and reply['content'].get('evalue')}")

    client.on_notebook_start = hook
    paths = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    client.execute(env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)})


def _settle(before: NotebookNode, after: NotebookNode) -> None:
    """Put back what differs from run to run: what was saved in the notebook has been looked at."""
    for old, new in zip(before.cells, after.cells, strict=True):
        if VARIES in new.metadata.get("tags", ()):
            new.outputs = old.outputs or [x for x in new.outputs if x.get("name") != "stderr"]


def _digest(notebook: NotebookNode) -> str:
    """A name for the results: of everything that they follow from, except other files that a notebook reads."""
    versions = [platform.python_version(), *(f"{name} {metadata.version(name)}" for name in DRAWN_WITH)]
    sources = [path.read_bytes() for path in sorted(PACKAGE.rglob("*.py"))]
    pieces = [nbformat.writes(notebook).encode(), *sources, *(each.encode() for each in versions)]  # type: ignore[no-untyped-call]
    return hashlib.sha256(b"".join(hashlib.sha256(piece).digest() for piece in pieces)).hexdigest()[:32]


def _parsed(text: str) -> NotebookNode:
    found: NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    return found
