"""The command line: plays, draws or films a script's loss; makes a site of notebooks, and students' copies of them."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, NoReturn

from traitlets import TraitError

import backprop_viz as bp

from .autograd.backward import ancestors
from .autograd.stale import refuse_edited
from .classroom.copies import READERS
from .render.options import CHOICES
from .render.theme import THEMES

PROGRAM = "python -m backprop_viz"
USUAL = ("loss", "L")  # what a loss is called, where the reader does not say
LISTED = 12  # variables that an error names
USERS = ImportError, LookupError, OSError, RuntimeError, TraitError, TypeError, ValueError  # whose messages say it all
COMPUTED_ANEW = (
    "parameters or inputs were edited after the loss was computed; shown is the computation with their present values"
)
Drawable = bp.Tensor | bp.Trace


class Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:  # noqa: D102
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")


# ---------------------------------------------------------------------- the commands
def play(x: Drawable, output: Path, *, step: int = 0, title: str = "", opened: bool = False) -> Path:
    """Write the page that plays x, and open it if that is wished."""
    written = bp.play(x, step).save(output, title=title)
    if opened:
        webbrowser.open(written.as_uri())
    return written


def draw(x: Drawable, output: Path, *, scale: float = 2.0, **settings: Any) -> Path:
    """Write the picture of x."""
    return bp.draw(x, **settings).save(output, scale)


def movie(x: Drawable, output: Path, **settings: Any) -> Path:
    """Write the movie of x."""
    from .player.movie import movie

    movie(x, output, **settings)
    return output


def site(notebooks: Path, output: Path, *, leave_out: Sequence[str] = ("solutions/*",), **settings: Any) -> Path:
    """Write the site of a folder of notebooks."""
    from .site.build import site

    def tell(name: str) -> None:
        print(f"Running {name}", file=sys.stderr)

    return site(notebooks, output, leave_out=leave_out, tell=tell, **settings)


def release(notebooks: list[Path], output: Path, **settings: Any) -> Path:
    """Write the students' copies of instructors' notebooks."""
    from .classroom.copies import release

    return release(notebooks, output, **settings)


# ---------------------------------------------------------------------- what they are told
def parser() -> Parser:
    """The parser of the command line. What is not given is not there: the functions know their own defaults."""
    top = Parser(prog=PROGRAM, description=f"{__doc__} One command's options: {PROGRAM} draw --help")
    top.add_argument("--version", action="version", version=f"backprop-viz {_version()}")
    commands = top.add_subparsers(metavar="command")

    player = _command(commands, "play", play, "write a page that plays it, in one HTML file", "page.html --open")
    player.add_argument("--step", type=int, help="where it starts (0: nothing is computed)")
    player.add_argument("--title", help="the page's name")
    player.add_argument("--open", dest="opened", action="store_true", help="open the page in the browser")

    figure = _command(commands, "draw", draw, "draw it, as .svg, .png, .pdf or .dot", "figure.svg --show symbols")
    _looks(figure)
    figure.add_argument("--step", type=int, help="the picture after so many events, 0 (nothing computed) to all")
    figure.add_argument("--scale", type=float, help="of a PNG: how many pixels stand for each of the SVG's")

    film = _command(commands, "movie", movie, "film it; the ending says the format", "movie.gif --seconds 1.5")
    _looks(film)
    film.add_argument("--width", type=int, help="of the movie, in pixels")
    film.add_argument("--seconds", type=float, help="how long a step is shown, in seconds")
    film.add_argument("--hold", type=float, help="how many seconds more the last step is shown")
    film.add_argument("--steps", type=_steps, help="which: 7, or a slice as 0:20, ::5 or --steps=-5:")
    film.add_argument("--a-page", type=int, metavar="STEPS", help="so many on each page of a handout (.pdf)")
    film.add_argument("--once", dest="loop", action="store_false", help="stop at the end instead of starting again")

    _site(commands)
    _release(commands)
    return top


def _site(commands: Any) -> None:
    """The command that takes a folder of notebooks."""
    what = "write a web site of a folder of notebooks, with players that move"
    about = f"{what[0].upper()}{what[1:]}. Each notebook is run, and nothing is written beside it."
    made = _parser(commands, "site", site, what, about, "notebooks -o site")
    made.add_argument("notebooks", nargs="?", type=_absolute, default="notebooks", help="the folder (notebooks)")
    _output(made, "FOLDER", "where the site is written")
    made.add_argument(
        "--no-run", dest="execute", action="store_false", help="take the outputs that are saved; nothing moves"
    )
    made.add_argument(
        "--cache", type=_absolute, metavar="FOLDER", help="keep the results of the runs here until next time"
    )
    made.add_argument(
        "--leave-out", action="append", metavar="PATTERN", help='no pages of these; may be repeated ("solutions/*")'
    )


def _release(commands: Any) -> None:
    """The command that takes instructors' notebooks."""
    what = "write the students' copies of exercise notebooks"
    about = f"{what[0].upper()}{what[1:]}: a stub for each solution, and what a right answer's check says."
    made = _parser(commands, "release", release, what, about, "notebooks/solutions/*.ipynb -o notebooks/exercises")
    made.add_argument("notebooks", nargs="+", type=_absolute, metavar="notebook.ipynb", help="with the solutions")
    _output(made, "FOLDER", "where the copies are written")
    made.add_argument(
        "--for", dest="reader", choices=READERS, help="students, or a tool that makes their copies itself (students)"
    )


def _command(commands: Any, name: str, run: Callable[..., Path], what: str, example: str) -> Parser:
    """A command that takes a script."""
    about = f"Run a script, take the loss that it leaves in a variable, and {what}."
    made = _parser(commands, name, run, what, about, f"lecture.py:loss -o {example}")
    made.add_argument("target", metavar="script.py:name", help="the variable may be left out if it is loss or L")
    _output(made, "FILE", "the file to be written")
    return made


def _parser(commands: Any, name: str, run: Callable[..., Path], what: str, about: str, example: str) -> Parser:
    """A command's own parser: what is not given is not there."""
    made: Parser = commands.add_parser(
        name, help=what, description=about, epilog=f"example: {PROGRAM} {name} {example}",
        argument_default=argparse.SUPPRESS,
    )  # fmt: skip
    made.set_defaults(run=run)
    return made


def _output(command: Parser, form: str, what: str) -> None:
    """Where the command writes."""
    command.add_argument("-o", "--output", type=_absolute, required=True, metavar=form, help=what)


def _absolute(path: str) -> Path:
    """The file's place, also if the script goes to another folder."""
    return Path(path).absolute()


def _steps(text: str) -> list[int] | slice:
    """The steps that a number means, or a slice as Python writes it."""
    try:
        numbers = [int(part) if part else None for part in text.split(":")]
        if len(numbers) == 1:
            return [int(text)]
        range(1)[slice(*numbers)]  # an error where Python has no such slice
        return slice(*numbers)
    except (TypeError, ValueError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a step nor a slice: write 7, or 0:20 for the first twenty, or ::5 for each fifth"
        ) from None


def _looks(command: Parser) -> None:
    """The settings of `bp.draw` that need no Python."""
    command.add_argument("--show", choices=CHOICES["show"], help="gradients as symbols, as numbers, or both")
    command.add_argument("--phase", choices=CHOICES["phase"], help="which pass")
    command.add_argument("--edges", choices=CHOICES["edges"], help="what stands on the edges")
    command.add_argument("--orientation", choices=CHOICES["orientation"], help="which way the forward pass goes")
    command.add_argument("--theme", choices=list(THEMES), help="which colours")
    command.add_argument("--digits", type=int, help="significant digits of every number")
    command.add_argument("--title", help="text above")
    command.add_argument("--caption", help="text below")
    command.add_argument("--highlight", action="append", metavar="NODE", help="a node to light up; may be repeated")
    command.add_argument("--path", nargs=2, metavar="NODE", help="light up all ways from the first to the second")
    command.add_argument("--zoom", metavar="GROUP", help="open this group and close the others")
    command.add_argument("--limit", type=int, help="most visible nodes")


def _version() -> str:
    try:
        return metadata.version("backprop-viz")
    except metadata.PackageNotFoundError:
        return "(not installed: run from its folder)"


# ---------------------------------------------------------------------- the script
def split(target: str) -> tuple[Path, str]:
    """The script and the variable, "" if none is named; a colon may also be part of the path."""
    path, _, name = target.rpartition(":")
    return (Path(path), name) if path and name.isidentifier() and not Path(target).is_file() else (Path(target), "")


def run(script: Path) -> dict[str, Any]:
    """The variables that a script leaves, run as `python script.py` would. What it raises comes through."""
    module = ModuleType("__main__")
    module.__file__ = str(script)
    sys.modules["__main__"], sys.argv = module, [str(script)]
    sys.path.insert(0, str(script.parent))
    try:
        exec(compile(script.read_bytes(), str(script), "exec", dont_inherit=True), vars(module))
    except SystemExit as end:
        if end.code:
            raise
    return vars(module)


def chosen(variables: dict[str, Any], name: str) -> Drawable:
    """What the variable of this name holds, or without a name the one that is called as losses are."""
    drawable = [
        variable
        for variable, value in variables.items()
        if isinstance(value, bp.Tensor | bp.Trace | bp.Graph) and not variable.startswith("_")
    ]
    names = [name] if name else [usual for usual in USUAL if usual in drawable]
    values = {id(variables[name]): variables[name] for name in names if name in drawable}
    if len(values) == 1:
        (value,) = values.values()
        return value.loss if isinstance(value, bp.Graph) else value
    if name in variables:
        wrong = f"{name} is no tensor, trace or graph: it is {type(variables[name]).__name__} {variables[name]!r:.60}"
    elif name:
        wrong = f"the script leaves no variable {name} (those of a function are gone)"
    else:
        found = f"both {' and '.join(USUAL)} are there" if names else f"there is neither {' nor '.join(USUAL)}"
        wrong = f"say which variable is meant, as in script.py:name: {found}"
    has = ", ".join(drawable[:LISTED]) + ", …" * (len(drawable) > LISTED) if drawable else "none"
    raise ValueError(f"{wrong}. Its tensors, traces and graphs: {has}.")


def present(x: Drawable) -> Drawable:
    """x, computed anew where a value that it was computed from has been edited since, as by an optimizer's step."""
    if isinstance(x, bp.Tensor):
        try:
            refuse_edited(ancestors(x))
        except RuntimeError:
            bp.graph(x).forward()
            print(f"{PROGRAM}: {COMPUTED_ANEW}", file=sys.stderr)
    return x


def as_reader(script: Path, variables: dict[str, Any], call: Callable[[], Path]) -> Path:
    """What `call` gives when it is called from the script: it is the script's variables that name the nodes."""
    written: Path = eval(compile("_call()", str(script), "eval"), variables, {"_call": call})
    return written


def _below(traceback: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that is the script's."""
    while traceback and traceback.tb_frame.f_code.co_filename == __file__:
        traceback = traceback.tb_next
    return traceback


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; gives the exit code."""
    top = parser()
    given = vars(top.parse_args(arguments))
    if not given:
        top.print_help()
        return 0
    command: Callable[..., Path] = given.pop("run")
    if "target" not in given:
        try:
            print(f"Wrote {command(**given)}")
        except USERS as error:
            top.error(str(error))
        return 0
    path, name = split(given.pop("target"))
    script = path.absolute()
    if script.suffix == ".ipynb":
        top.error(f"{path} is a notebook: make a script of it first, with jupyter nbconvert --to script {path}")
    if not script.is_file():
        top.error(f"there is no file {path}: give a script, and the variable that holds the loss, as in script.py:loss")
    try:
        variables = run(script)
    except Exception as error:
        below = _below(error.__traceback__)
        sys.excepthook(type(error), error.with_traceback(below), below)
        return 1
    try:
        x = present(chosen(variables, name))
        written = as_reader(script, variables, lambda: command(x, **given))
    except USERS as error:
        top.error(str(error))
    print(f"Wrote {written}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
