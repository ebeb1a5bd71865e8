"""Build the notebooks from the scripts beside them: convert, run, and take out what differs from run to run.

The picture of the cell tagged "thumbnail" also goes into thumbnails/, for the index. Of each notebook in solutions/ the
students' copy goes into exercises/.

    python notebooks/build.py                     all of them
    python notebooks/build.py 06-one-neuron       those whose name has this in it
    python notebooks/build.py --check             write nothing; say which notebook is not what its script would give

The scripts are the source; a notebook is never read back into its script. Needs jupytext: pip install -e ".[dev]"
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import re
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from PIL import Image

from backprop_viz.classroom.release import Unfit, dressed, students, text_of
from backprop_viz.render.files import write_whole
from backprop_viz.render.raster import png

HERE = Path(__file__).resolve().parent
SOLUTIONS, EXERCISES = HERE / "solutions", HERE / "exercises"
THUMBNAILS = HERE / "thumbnails"
SMALL = 480, 300  # pixels of a thumbnail
LARGEST = 300_000  # bytes in one output: more is a burden on the repository and on the reader's browser
VARIES = "nbval-ignore-output"  # the tag of cells whose output is another one each time
VIEW = "application/vnd.jupyter.widget-view+json"
TEXT, SVG, PNG = "text/plain", "image/svg+xml", "image/png"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py", "pygments_lexer": "ipython3"},
}


class Fault(Exception):
    """What is wrong with a notebook, in words for the one who wrote it."""


def main(args: list[str]) -> int:
    """Build or check what the arguments name; the exit code is 0 only if all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="name", help="part of a script's path; all scripts without one")
    parser.add_argument("--check", action="store_true", help="write nothing, say what is out of step")
    options = parser.parse_args(args)
    found = scripts(options.names)
    faults = [] if found else [f"no script in {HERE} has {' or '.join(options.names)} in its path"]
    for script in found:
        try:
            print(check(script) if options.check else build(script), flush=True)
        except Fault as fault:
            faults.append(f"{script.relative_to(HERE).as_posix()}: {fault}")
    if options.check and not options.names:
        faults += [f"{orphan.relative_to(HERE).as_posix()}: it has no script beside it" for orphan in orphans()]
    print(*faults, sep="\n", end="\n" * bool(faults), file=sys.stderr)
    return bool(faults)


def scripts(names: list[str]) -> list[Path]:
    """The scripts of notebooks, those alone whose path has one of these names in it."""
    found = [path for path in HERE.rglob("*.py") if path.name != Path(__file__).name and visible(path)]
    return sorted(x for x in found if not names or any(name in x.relative_to(HERE).as_posix() for name in names))


def orphans() -> list[Path]:
    """Notebooks without a script; those of students come from the solutions' scripts."""
    found = [path for path in HERE.rglob("*.ipynb") if visible(path)]
    return sorted(path for path in found if not source_of(path).exists())


def source_of(notebook: Path) -> Path:
    """The script that a notebook comes from."""
    return (SOLUTIONS / notebook.name if notebook.parent == EXERCISES else notebook).with_suffix(".py")


def visible(path: Path) -> bool:
    """Whether no part of the path is hidden, as .ipynb_checkpoints are."""
    return not any(part.startswith(".") for part in path.relative_to(HERE).parts)


def converted(script: Path) -> NotebookNode:
    """The script as a notebook that has not been run."""
    notebook: NotebookNode = jupytext.read(script, fmt="py:percent")
    notebook.metadata = METADATA
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    taken: set[str] = set()
    for cell in notebook.cells:
        # An id from what the cell says, so that it stays when cells are put in before it.
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()
        cell.id = next(x for x in (digest[i : i + 8] for i in range(56)) if x not in taken)
        taken.add(cell.id)
    return dressed(notebook) if script.parent == SOLUTIONS else notebook


def build(script: Path) -> str:
    """Write the notebook of this script, run and stripped; gives a line to print."""
    notebook = converted(script)
    folder = {"metadata": {"path": str(script.parent)}}
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources=folder,
        store_widget_state=False, record_timing=False, coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
    )  # fmt: skip
    try:
        client.execute()
    except CellExecutionError as error:
        raise Fault(f"a cell failed\n{error}") from None
    notebook.metadata = METADATA
    settle(notebook)
    changed = write(script.with_suffix(".ipynb"), text_of(notebook).encode())
    if picture := thumbnail(notebook):
        write(thumbnail_of(script), picture)
    if script.parent == SOLUTIONS:
        write(EXERCISES / f"{script.stem}.ipynb", students_text(notebook).encode())
    return f"{'built' if changed else 'same '}  {script.with_suffix('.ipynb').relative_to(HERE).as_posix()}"


def check(script: Path) -> str:
    """Compare the notebook with what its script and `settle` would give, without running it; gives a line to print."""
    path = script.with_suffix(".ipynb")
    if not path.exists():
        raise Fault("its notebook is missing; build it")
    text = path.read_text(encoding="utf-8")
    notebook: NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    fresh = converted(script)
    said = [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]
    if said != [(cell.cell_type, cell.source, cell.metadata) for cell in fresh.cells]:
        raise Fault("its notebook says something else; build it")
    runs = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    if runs != list(range(1, len(runs) + 1)):
        raise Fault("its notebook was not run once from top to bottom; build it")
    for old, new in zip(notebook.cells, fresh.cells, strict=True):
        new.update({key: old[key] for key in ("outputs", "execution_count") if key in old})
    settle(fresh)
    if text_of(fresh) != text:
        raise Fault("its notebook holds what a build would strip; build it")
    picture, small = thumbnail(fresh), thumbnail_of(script)
    if picture and not (small.exists() and pixels(small.read_bytes()) == pixels(picture)):
        raise Fault("its thumbnail is missing or another one; build it")
    copied = EXERCISES / path.name
    if script.parent == SOLUTIONS and not (copied.exists() and copied.read_text("utf-8") == students_text(fresh)):
        raise Fault("its students' copy is missing or another one; build it")
    return f"right  {path.relative_to(HERE).as_posix()}"


def settle(notebook: NotebookNode) -> None:
    """Take from the outputs what differs from run to run, show figures everywhere, refuse what nobody should commit."""
    for number, cell in enumerate(notebook.cells, start=1):
        cell.metadata.pop("execution", None)
        if VARIES in cell.metadata.get("tags", ()) and "outputs" in cell:  # progress bars
            cell.outputs = [x for x in cell.outputs if not (x.output_type == "stream" and x.name == "stderr")]
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if data.pop(VIEW, None) is not None and not (TEXT in data and data.keys() & {SVG, PNG}):
                raise Fault(f"cell {number} shows a widget that has no {TEXT} and no picture to stand for it")
            if SVG in data and PNG not in data:
                data[PNG], output.metadata = raster(data[SVG])
            if fault := fault_in(output):
                raise Fault(f"cell {number} {fault}")


def fault_in(output: NotebookNode) -> str:
    """What nobody should commit of this output, empty if it is fine."""
    text = "".join([output.get("text", ""), *(output.get("data", {}).get(kind, "") for kind in (TEXT, "text/html"))])
    if output.output_type == "stream" and output.name == "stderr":
        return f"warns: {text.strip()}"
    if re.search(r"\bat 0x[0-9a-f]{6,}", text):
        return f"shows a memory address: {text.strip()}"
    size = len(json.dumps(output))
    return f"has an output of {size:,} bytes; at most {LARGEST:,} are allowed" if size > LARGEST else ""


def raster(svg: str) -> tuple[str, dict[str, dict[str, int]]]:
    """An SVG as PNG in base64, and the width to show it at: JupyterLab shows no SVG until it trusts the notebook."""
    image, small = Image.open(io.BytesIO(png(svg))), io.BytesIO()
    paper = Image.new("RGBA", image.size, "white")
    Image.alpha_composite(paper, image.convert("RGBA")).convert("RGB").quantize(
        64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    ).save(small, "PNG", optimize=True)
    return base64.b64encode(small.getvalue()).decode() + "\n", {PNG: {"width": image.width // 2}}


def students_text(notebook: NotebookNode) -> str:
    """The students' copy of an instructor's notebook, as the text of its file."""
    try:
        return text_of(students(notebook))
    except Unfit as error:
        raise Fault(str(error)) from None


def thumbnail(notebook: NotebookNode) -> bytes:
    """The last picture of the cell tagged "thumbnail", small, on white, as PNG; empty if no cell is."""
    tagged = [cell for cell in notebook.cells if "thumbnail" in cell.metadata.get("tags", ())]
    found = [output.data[PNG] for cell in tagged for output in cell.get("outputs", []) if PNG in output.get("data", {})]
    if not tagged:
        return b""
    if len(tagged) > 1 or not found:
        raise Fault(f"one cell with a picture is tagged thumbnail, not {len(tagged)} with {len(found)} pictures")
    picture = Image.open(io.BytesIO(base64.b64decode(found[-1]))).convert("RGBA")
    picture.thumbnail(SMALL, Image.Resampling.LANCZOS)
    paper = Image.new("RGBA", SMALL, "white")
    paper.alpha_composite(picture, ((SMALL[0] - picture.width) // 2, (SMALL[1] - picture.height) // 2))
    small = io.BytesIO()
    paper.convert("RGB").quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        small, "PNG", optimize=True
    )
    return small.getvalue()


def thumbnail_of(script: Path) -> Path:
    """Where the thumbnail of a script's notebook is."""
    return THUMBNAILS / f"{script.stem}.png"


def pixels(png_file: bytes) -> bytes:
    """What a picture shows, however it was compressed."""
    return Image.open(io.BytesIO(png_file)).convert("RGB").tobytes()


def write(path: Path, content: bytes) -> bool:
    """Write the file so that it is whole at any moment; say whether it changed."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(exist_ok=True)
    write_whole(path, content)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
