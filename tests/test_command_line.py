"""The command line: any script that leaves a loss in a variable becomes a page, a picture or a movie."""

from __future__ import annotations

import argparse
import inspect
import os
import re
import subprocess
import sys
import webbrowser
from pathlib import Path
from typing import Any

import pytest

import backprop_viz as bp
from backprop_viz.__main__ import main, parser, split
from backprop_viz.player.movie import movie

START = "import backprop_viz as bp\n"
NEURON = """x, y = bp.tensor(1.5), bp.tensor(1.0)
w0, w1 = bp.parameter(0.1), bp.parameter(-0.3)
u = w0 + w1 * x
yhat = bp.sigmoid(u)
loss = bp.bce(yhat, y)
loss.backward()
"""
TRAINING = """w, b = bp.parameter(0.5), bp.parameter(0.0)
optimizer = bp.optim.SGD([w, b], lr=0.1)
for x, y in [(1.0, 2.0), (2.0, 3.0)]:
    optimizer.zero_grad()
    loss = bp.square(w * x + b - y)
    loss.backward()
    optimizer.step()
"""
COMMANDS = ["play", "draw", "movie"]
FILES = {"play": "out.html", "draw": "out.svg", "movie": "out.gif"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, and what a script's run changes put back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    return tmp_path


def script(code: str, name: str = "lecture.py") -> str:
    """A script with this code, to be named on the command line."""
    Path(name).write_text(START + code, encoding="utf8")
    return name


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line in which the command line says what is wrong."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("python -m backprop_viz")
    return line


# ---------------------------------------------------------------------- what is made
def test_draw_gives_the_picture_that_the_script_itself_would_draw(capsys: pytest.CaptureFixture[str]) -> None:
    itself = "bp.draw(loss, show='symbols', theme='dark', highlight=['u', 'w0']).save('itself.svg')"
    target = script(f"{NEURON}{itself}")
    options = ["--show", "symbols", "--theme", "dark", "--highlight", "u", "--highlight", "w0"]
    assert main(["draw", *options, f"{target}:loss", "-o", "out.svg"]) == 0
    assert Path("out.svg").read_bytes() == Path("itself.svg").read_bytes()
    assert capsys.readouterr().out == f"Wrote {Path('out.svg').absolute()}\n"


def test_play_gives_the_page_that_the_script_itself_would_save() -> None:
    target = script(f"{NEURON}bp.play(loss, step=3).save('itself.html', title='One neuron')")
    assert main(["play", f"{target}:loss", "-o", "out.html", "--step", "3", "--title", "One neuron"]) == 0
    assert Path("out.html").read_bytes() == Path("itself.html").read_bytes()


def test_movie_gives_the_movie_that_the_script_itself_would_make() -> None:
    target = script("w = bp.parameter(2.0)\nloss = w * w\nbp.movie(loss, 'itself.gif', width=640, show='numbers')")
    settings = ["--width", "640", "--show", "numbers", "--seconds", "1.0", "--hold", "2.5"]
    code = Path(target).read_text(encoding="utf8").replace("bp.movie", "movie.movie")
    Path(target).write_text(f"from backprop_viz.player import movie\n{code}", encoding="utf8")
    assert main(["movie", target, "-o", "out.gif", *settings]) == 0
    assert Path("out.gif").read_bytes() == Path("itself.gif").read_bytes()


@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "dot"])
def test_the_ending_of_a_drawing_says_its_format(ending: str) -> None:
    assert main(["draw", script(NEURON), "-o", f"out.{ending}"]) == 0
    start = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph"}[ending]
    assert Path(f"out.{ending}").read_bytes().startswith(start)


def test_variables_of_the_script_name_the_nodes_also_where_the_loss_is_a_trace_or_a_graph() -> None:
    target = script(f"{NEURON}t, g = bp.trace(loss), bp.graph(loss)")
    assert main(["draw", f"{target}:t", "-o", "t.dot"]) == main(["draw", f"{target}:g", "-o", "g.dot"]) == 0
    assert Path("t.dot").read_text(encoding="utf8") == Path("g.dot").read_text(encoding="utf8")
    assert main(["play", f"{target}:g", "-o", "g.html"]) == 0
    assert "<title>loss: backpropagation" in Path("g.html").read_text(encoding="utf8")


def test_play_opens_the_page_if_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    assert main(["play", script(NEURON), "-o", "out.html"]) == 0
    assert opened == []
    assert main(["play", script(NEURON), "-o", "out.html", "--open"]) == 0
    assert opened == [Path("out.html").absolute().as_uri()]


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        (["--steps", "3"], "'itself.gif', steps=[3]"),
        (["--steps", "1:3"], "'itself.gif', steps=slice(1, 3)"),
        (["--steps=-5::4"], "'itself.gif', steps=slice(-5, None, 4)"),
        (["--a-page", "2", "--steps", ":4"], "'itself.pdf', a_page=2, steps=slice(4)"),
    ],
)
def test_movie_takes_a_step_or_a_slice_of_them_and_how_many_stand_on_a_page(options: list[str], settings: str) -> None:
    file = re.sub(r"'itself(\.\w+)'.*", r"out\1", settings)
    itself = f"from backprop_viz.player.movie import movie\nmovie(loss, {settings})"
    assert main(["movie", script(f"{NEURON}{itself}"), "-o", file, *options]) == 0
    assert Path(file).read_bytes() == Path(file.replace("out", "itself")).read_bytes()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_loss_of_a_training_loop_is_computed_anew_with_the_present_parameters(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    again, some = "loss = bp.square(w * x + b - y)", ["--steps", ":2"] if command == "movie" else []
    target = f"{script(f'{TRAINING}g = bp.graph(loss)')}:g"
    assert main([command, target, "-o", f"itself.{FILES[command]}", *some]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("after the loss was computed; shown is the computation with their present values")
    assert main([command, script(f"{TRAINING}{again}"), "-o", FILES[command], *some]) == 0
    assert capsys.readouterr().err == ""
    if command != "play":  # whose page also holds the lines of the script
        assert Path(FILES[command]).read_bytes() == Path(f"itself.{FILES[command]}").read_bytes()


def test_a_trace_that_was_recorded_before_the_step_shows_what_was(capsys: pytest.CaptureFixture[str]) -> None:
    code = TRAINING.replace("    optimizer.step", "    t = bp.trace(loss)\n    optimizer.step")
    assert main(["draw", f"{script(code)}:t", "-o", "out.svg"]) == 0
    assert capsys.readouterr().err == ""


# ---------------------------------------------------------------------- which variable
@pytest.mark.parametrize(
    "code",
    ["L = bp.parameter(2.0) * 2", "loss = bp.parameter(2.0) * 2\nu = loss * 3", "L = loss = bp.parameter(2.0) * 2",
     "L, loss = 3, bp.parameter(2.0) * 2"],
)  # fmt: skip
def test_the_variable_may_be_left_out_where_it_is_plain_which_is_meant(code: str) -> None:
    assert main(["draw", script(code), "-o", "out.svg"]) == 0


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("a = bp.tensor(2.0)\nb = a * 2", "", "there is neither loss nor L. Its tensors, traces and graphs: a, b"),
        ("L = bp.tensor(2.0)\nloss = L * 2", "", "both loss and L are there. Its tensors, traces and graphs: L, loss."),
        ("loss = 3.0\n_x = bp.tensor(1.0)", "", "there is neither loss nor L. Its tensors, traces and graphs: none."),
        ("loss = bp.parameter(2.0)", ":los", "the script leaves no variable los (those of a function are gone). Its"),
        ("def main():\n    J = bp.parameter(2.0)\nmain()", ":J", "leaves no variable J (those of a function are gone)"),
        ("J = 1.5\nloss = bp.parameter(2.0)", ":J", "J is no tensor, trace or graph: it is float 1.5. Its tensors"),
        ("".join(f"a{i} = bp.tensor(1)\n" for i in range(20)), "", " a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, …"),
    ],
)  # fmt: skip
def test_a_variable_that_is_not_there_is_answered_with_those_that_are(
    capsys: pytest.CaptureFixture[str], code: str, name: str, message: str
) -> None:
    assert message in refusal(capsys, "draw", script(code) + name, "-o", "out.svg")
    assert not Path("out.svg").exists()


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("lecture.py:loss", ("lecture.py", "loss")),
        ("lecture.py", ("lecture.py", "")),
        (r"C:\x.py:loss", (r"C:\x.py", "loss")),
        (r"C:\x.py", (r"C:\x.py", "")),
        ("C:/a b/x.py:L", ("C:/a b/x.py", "L")),
        ("lecture.py:", ("lecture.py:", "")),
        ("lecture.py:losses[0]", ("lecture.py:losses[0]", "")),
        ("lecture.py:ℓ", ("lecture.py", "ℓ")),
        (":loss", (":loss", "")),
    ],
)
def test_a_target_is_a_path_and_perhaps_a_name(target: str, expected: tuple[str, str]) -> None:
    assert split(target) == (Path(expected[0]), expected[1])


@pytest.mark.skipif(os.name == "nt", reason="no file there has a colon in its name")
def test_a_colon_may_be_part_of_a_files_name() -> None:
    assert split(script(NEURON, "a:loss")) == (Path("a:loss"), "")


# ---------------------------------------------------------------------- how the script runs
def test_a_script_runs_as_python_runs_it(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    (here / "lectures").mkdir()
    (here / "lectures" / "beside.py").write_text("factor = 2\n", encoding="utf8")
    code = """import os, sys, beside
w = bp.parameter(2.0)
if __name__ == "__main__":
    L = w * beside.factor
    print("I am", os.path.basename(__file__), len(sys.argv), sys.modules["__main__"].w is w, os.getcwd())
"""
    assert main(["draw", script(code, "lectures/one.py"), "-o", "out.svg"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"I am one.py 1 True {here}"


def test_a_script_may_go_elsewhere_and_may_end_itself(here: Path) -> None:
    (here / "deep").mkdir()
    assert main(["draw", script(f"{NEURON}import os, sys\nos.chdir('deep')\nsys.exit(0)"), "-o", "out.svg"]) == 0
    assert (here / "out.svg").exists()


def test_the_commands_own_settings_do_not_reach_the_script() -> None:
    with pytest.raises(NameError):  # this file's `from __future__ import annotations` would put it off
        exec(compile("def f(x: NoSuchType): ...", "", "exec", dont_inherit=True), {})
    target = script("try:\n    def f(x: NoSuchType): ...\nexcept NameError:\n    loss = bp.parameter(2.0) * 2")
    assert main(["draw", target, "-o", "out.svg"]) == 0


@pytest.mark.parametrize("ending", ["sys.exit('bad data')", "sys.exit(3)"])
def test_a_script_that_gives_up_is_not_drawn(ending: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["draw", script(f"{NEURON}import sys\n{ending}"), "-o", "out.svg"])
    assert ended.value.code in ("bad data", 3)
    assert not Path("out.svg").exists()


@pytest.mark.parametrize(
    ("code", "last"),
    [
        ("def f():\n    return 1 / 0\nf()", "ZeroDivisionError: division by zero"),
        ("1 +", "SyntaxError: invalid syntax"),
    ],
)
def test_what_a_script_raises_is_shown_without_the_commands_own_lines(
    capsys: pytest.CaptureFixture[str], code: str, last: str
) -> None:
    assert main(["draw", script(code), "-o", "out.svg"]) == 1
    said = capsys.readouterr().err
    assert said.splitlines()[-1] == last
    assert "lecture.py" in said
    assert "__main__.py" not in said
    assert not Path("out.svg").exists()


# ---------------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dance", "lecture.py"], "invalid choice: 'dance'"),
        (["draw"], "the following arguments are required: script.py:name, -o/--output"),
        (["draw", "none.py:loss", "-o", "out.svg"], "there is no file none.py: give a script, and the variable"),
        (["draw", "a.ipynb:loss", "-o", "out.svg"], "a.ipynb is a notebook: make a script of it first, with"),
        (["draw", "lecture.py", "-o", "out.jpg"], "cannot save as '.jpg' (must be one of .svg, .png, .pdf, .dot)"),
        (["draw", "lecture.py", "-o", "none/out.svg"], "there is no folder"),
        (["draw", "lecture.py", "-o", "out.svg", "--step", "99"], "there is no step 99: this trace has the steps 0 to"),
        (["draw", "lecture.py", "-o", "out.svg", "--show", "all"], "invalid choice: 'all'"),
        (["draw", "lecture.py", "-o", "out.svg", "--highlight", "q"], "no node has the name 'q'"),
        (["play", "lecture.py", "-o", "out.svg"], "a player is saved as a page: 'out.svg' must end in .html"),
        (["play", "lecture.py", "-o", "out.html", "--step", "99"], "there is no step 99"),
        (["movie", "lecture.py", "-o", "out.html"], "cannot save as '.html'"),
        (["movie", "lecture.py", "-o", "out.gif", "--steps", "x"], "'x' is neither a step nor a slice: write 7"),
        (["movie", "lecture.py", "-o", "out.gif", "--steps", ""], "'' is neither a step nor a slice"),
        (["movie", "lecture.py", "-o", "out.gif", "--steps", "1:2:3:4"], "'1:2:3:4' is neither a step nor a slice"),
        (["movie", "lecture.py", "-o", "out.gif", "--steps", "99"], "there is no step 99: this trace has"),
        (["movie", "lecture.py", "-o", "out.gif", "--steps", "99:"], "leaves no step to show: this trace"),
        (["movie", "lecture.py", "-o", "out.pdf", "--a-page", "0"], "a_page is how many steps stand on a page, 1 to"),
    ],
)  # fmt: skip
def test_wrong_usage_is_answered_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    script(NEURON)
    assert message in refusal(capsys, *arguments)
    assert [path.name for path in Path().iterdir()] == ["lecture.py"]


def test_a_loss_that_is_no_scalar_is_answered_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    target = script("loss = bp.parameter([1.0, 2.0]) * 2")
    assert "the backward pass starts from a scalar loss" in refusal(capsys, "play", target, "-o", "out.html")


# ---------------------------------------------------------------------- help
@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_shows_an_example_that_runs(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    example = text.partition("example: python -m backprop_viz ")[2].split()
    script(NEURON)
    assert main([word for word in example if word != "--open"]) == 0


def test_alone_it_prints_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert set(COMMANDS) <= set(re.findall(r"^    (\w+) ", capsys.readouterr().out, re.MULTILINE))


@pytest.mark.parametrize(
    ("command", "functions"), [("play", [bp.play, bp.Player.save]), ("draw", [bp.draw]), ("movie", [movie, bp.draw])]
)
def test_every_option_is_a_setting_with_the_functions_own_default(command: str, functions: list[Any]) -> None:
    (commands,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    known = {name for function in functions for name in inspect.signature(function).parameters}
    own = {"help", "target", "output", "opened", "scale"}
    assert {action.dest for action in commands.choices[command]._actions} - own <= known
    assert set(vars(parser().parse_args([command, "a.py", "-o", "b"]))) == {"run", "target", "output"}


@pytest.mark.parametrize("command", ["draw", "play"])
def test_it_runs_as_a_module(here: Path, command: str) -> None:
    script(f"{NEURON}print('and the script has its say')")
    line = [sys.executable, "-m", "backprop_viz", command, "lecture.py:loss", "-o", FILES[command]]
    paths = {"PYTHONPATH": str(Path(bp.__file__).parents[1])}
    done = subprocess.run(line, env=os.environ | paths, capture_output=True, text=True, check=True, encoding="utf8")
    assert done.stdout.splitlines() == ["and the script has its say", f"Wrote {here / FILES[command]}"]
    assert done.stderr == ""
    assert (here / FILES[command]).stat().st_size > 1000


def test_its_version_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert re.fullmatch(r"backprop-viz (\d+\.\d+\S*|\(not installed: .*\))\n", capsys.readouterr().out)
