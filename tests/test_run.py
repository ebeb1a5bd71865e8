"""run.py as a person meets it: what it says, what it installs and when, and what it leaves alone."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

RUN = Path(__file__).parent.parent / "run.py"


def load(folder: Path) -> ModuleType:
    """A folder's run.py as a module."""
    spec = importlib.util.spec_from_file_location("run", folder / "run.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Project:
    """A folder with run.py in which environments, pip and the started program are make-believe.

    `did` says what would have happened. Set `pip` to its exit code, or to an exception that stops it half-way."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch = folder, monkeypatch
        self.did: list[str] = []
        self.pip: int | BaseException = 0
        self.has_pip = True
        folder.mkdir()
        shutil.copy(RUN, folder)
        (folder / "requirements.txt").write_text("numpy\n")
        (folder / "pyproject.toml").write_text("[project]\n")

    @property
    def environment(self) -> Path:
        return self.folder / ".venv"

    def load(self) -> ModuleType:
        """This folder's run.py, harmless."""
        module = load(self.folder)
        self.patch.setattr(module, "version", self.version)
        self.patch.setattr(module, "start", self.start)
        self.patch.setattr(venv, "create", self.create)
        self.patch.setattr(subprocess, "call", self.call)
        self.patch.setattr(subprocess, "run", self.ensurepip)
        return module

    def run(self, *args: str) -> int:
        """The exit code of `python run.py *args`."""
        module = self.load()
        self.did.clear()
        self.patch.chdir(self.folder)
        self.patch.setattr(sys, "argv", ["run.py", *args])
        self.patch.setenv("PYTHONHOME", "elsewhere")
        self.patch.setenv("PYTHONPATH", "elsewhere")
        try:
            return int(module.main(list(args)))
        except SystemExit as stop:
            print(stop.code, file=sys.stderr)
            return 1

    def make_environment(self, version: str = "3.12.1") -> None:
        """What a person or an editor does with `python -m venv .venv`."""
        self.environment.mkdir()
        (self.environment / "version").write_text(version)

    def version(self) -> tuple[int, ...]:
        file = self.environment / "version"
        return tuple(map(int, file.read_text().split("."))) if file.exists() else ()

    def create(self, folder: str, clear: bool, symlinks: bool) -> None:
        self.did.append("create")
        if clear:
            shutil.rmtree(folder, ignore_errors=True)
        self.make_environment()

    def call(self, command: list[str], **options: Any) -> int:
        if command[1:] == ["-c", "import pip"]:
            return not self.has_pip
        self.did.append("install")
        if isinstance(self.pip, BaseException):
            raise self.pip
        return self.pip

    def ensurepip(self, command: list[str], **options: Any) -> SimpleNamespace:
        assert command[1:] == ["-m", "ensurepip"]
        self.did.append("ensurepip")
        return SimpleNamespace(returncode=self.pip, stdout=b"ensurepip's own words")

    def start(self, command: list[str]) -> int:
        assert not {"PYTHONHOME", "PYTHONPATH"} & os.environ.keys()
        self.did.append(" ".join(command[1:]))
        return 7


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path / "project", monkeypatch)


# ---------------------------------------------------------------------- what it says
@pytest.mark.parametrize("args", [[], ["-h"], ["--help"]])
def test_without_a_command_it_says_what_there_is(project: Project, args: list[str], capsys: Any) -> None:
    assert project.run(*args) == 0
    out = capsys.readouterr().out
    assert "run.py lab" in out
    assert "run.py test" in out
    assert project.did == []


def test_an_unknown_command_is_named_beside_the_known_ones(project: Project, capsys: Any) -> None:
    assert project.run("tset") == 2
    error = capsys.readouterr().err
    assert "'tset'" in error
    assert "run.py test" in error
    assert project.did == []


def test_an_old_python_is_told_so(project: Project, capsys: Any) -> None:
    project.patch.setattr(sys, "version_info", (3, 9, 18))
    assert project.run("lab") == 1
    assert "needs Python 3.11 or newer" in capsys.readouterr().err
    assert project.did == []


def test_an_old_python_can_read_it() -> None:
    ast.parse(RUN.read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_that_cannot_make_environments_is_told_what_to_install(
    project: Project, module: str, capsys: Any
) -> None:
    find = importlib.util.find_spec
    project.patch.setattr(importlib.util, "find_spec", lambda name: None if name == module else find(name))
    assert project.run("lab") == 1
    assert "apt install python3-venv" in capsys.readouterr().err
    assert project.did == []


def test_a_folder_that_cannot_be_written_is_named(project: Project, capsys: Any) -> None:
    (project.folder / ".venv.lock").mkdir()
    assert project.run("lab") == 1
    error = capsys.readouterr().err
    assert ".venv.lock" in error
    assert "move this folder" in error


def test_a_failed_install_says_how_to_try_again_and_starts_nothing(project: Project, capsys: Any) -> None:
    project.pip = 1
    assert project.run("test", "-k", "ops") == 1
    error = capsys.readouterr().err
    assert "no network" in error
    assert "python run.py test -k ops" in error
    assert project.did == ["create", "install"]


# ---------------------------------------------------------------------- what it does, and when
def test_the_first_run_makes_the_environment_and_the_second_only_starts(project: Project) -> None:
    assert project.run("test") == 7, "the exit code is that of what was started"
    assert project.did == ["create", "install", "-m pytest"]
    assert project.run("test", "-k", "ops", "-x") == 7
    assert project.did == ["-m pytest -k ops -x"]


def test_the_lab_opens_the_page_that_leads_to_the_lectures(project: Project) -> None:
    project.run("lab", "--no-browser", "--port", "9999")
    started = project.did[-1]
    assert started.startswith(f"-m jupyterlab --ServerApp.root_dir={project.folder.resolve()} ")
    assert "default_url=/lab/tree/notebooks/index.ipynb" in started
    assert started.endswith(" --no-browser --port 9999")


@pytest.mark.parametrize("file", ["requirements.txt", "pyproject.toml"])
def test_a_changed_requirement_file_installs_again(project: Project, file: str) -> None:
    project.run("test")
    (project.folder / file).write_text("other\n")
    project.run("test")
    assert project.did == ["install", "-m pytest"]
    project.run("test")
    assert project.did == ["-m pytest"]


def test_a_moved_folder_installs_again(project: Project) -> None:
    project.run("test")
    project.patch.chdir(project.folder.parent)
    project.folder = project.folder.rename(project.folder.with_name("moved"))
    project.run("test")
    assert project.did == ["install", "-m pytest"]


def test_an_environment_whose_python_is_gone_is_made_anew(project: Project) -> None:
    project.run("test")
    (project.environment / "version").unlink()
    project.run("test")
    assert project.did == ["create", "install", "-m pytest"]


@pytest.mark.parametrize("mishap", [KeyboardInterrupt(), 1], ids=["interrupted", "failed"])
@pytest.mark.parametrize("when", ["at first", "later"])
def test_after_a_half_done_set_up_the_environment_is_made_anew(
    project: Project, mishap: int | BaseException, when: str, capsys: Any
) -> None:
    if when == "later":
        project.run("test")
        (project.folder / "requirements.txt").write_text("other\n")
    project.pip = mishap
    assert project.run("test") == (1 if mishap == 1 else 130)
    assert "run" in capsys.readouterr().err
    assert "-m pytest" not in project.did
    if when == "later":  # the old state would not be whole again, either
        (project.folder / "requirements.txt").write_text("numpy\n")
    project.pip = 0
    project.run("test")
    assert project.did == ["create", "install", "-m pytest"]
    project.run("test")
    assert project.did == ["-m pytest"]


def test_somebody_elses_environment_is_used_and_never_wiped(project: Project) -> None:
    project.make_environment()
    mine = project.environment / "mine"
    mine.touch()
    project.run("test")
    assert project.did == ["install", "-m pytest"]
    (project.folder / "requirements.txt").write_text("other\n")
    project.pip = KeyboardInterrupt()
    project.run("test")
    project.pip = 0
    project.run("test")
    assert project.did == ["install", "-m pytest"]
    assert mine.exists()


def test_somebody_elses_environment_without_pip_gets_it(project: Project) -> None:
    project.make_environment()
    project.has_pip = False
    project.run("test")
    assert project.did == ["ensurepip", "install", "-m pytest"]


@pytest.mark.parametrize("version", ["3.9.18", ""], ids=["old", "broken"])
def test_somebody_elses_useless_environment_is_left_and_named(project: Project, version: str, capsys: Any) -> None:
    project.environment.mkdir()
    if version:
        (project.environment / "version").write_text(version)
    assert project.run("test") == 1
    assert "was not made by run.py" in capsys.readouterr().err
    assert project.did == []
    assert project.environment.exists()


def test_a_second_run_waits_for_the_first_and_uses_its_work(project: Project, capsys: Any) -> None:
    module = project.load()
    with module.LOCK.open("a+") as held:
        assert not module.locked_elsewhere(held)

        def meanwhile(seconds: float) -> None:
            project.make_environment()
            module.STAMP.write_text(" ".join(["built", *module.fingerprint()]))
            held.close()

        project.patch.setattr(time, "sleep", meanwhile)
        project.run("test")
    assert "waiting for it" in capsys.readouterr().out
    assert project.did == ["-m pytest"]


# ---------------------------------------------------------------------- the parts that touch the system
def test_the_version_is_that_of_the_environments_python(project: Project) -> None:
    module = load(project.folder)
    assert module.version() == ()
    project.patch.setattr(module, "PYTHON", Path(sys.executable))
    assert module.version() == sys.version_info[:3]


def test_what_is_started_takes_the_place_of_run_py(project: Project) -> None:
    started: list[list[str]] = []
    project.patch.setattr(sys, "platform", "linux")
    project.patch.setattr(os, "execv", lambda path, command: started.append([path, *command]))
    project.patch.setattr(signal, "signal", lambda *args: None)
    project.patch.setattr(subprocess, "call", lambda command: 0)
    load(project.folder).start(["python", "-m", "pytest"])
    assert started == [["python", "python", "-m", "pytest"]]


def test_on_windows_run_py_waits_deaf_to_ctrl_c_and_passes_the_exit_code_on(project: Project) -> None:
    ignored: list[object] = []
    project.patch.setattr(sys, "platform", "win32")
    project.patch.setattr(signal, "signal", lambda *args: ignored.append(args))
    project.patch.setattr(subprocess, "call", lambda command: 5)
    module = load(project.folder)
    assert module.PYTHON.parts[-3:] == (".venv", "Scripts", "python.exe")
    assert module.start(["python"]) == 5
    assert ignored == [(signal.SIGINT, signal.SIG_IGN)]


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_ctrl_c_ends_a_real_set_up_in_one_line(project: Project) -> None:
    lock = project.folder / ".venv.lock"
    command = [sys.executable, "run.py", "test"]
    with subprocess.Popen(command, cwd=project.folder, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while not (lock.exists() and lock.read_text()) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        error = process.communicate(timeout=30)[1]
    assert process.returncode == 130
    assert error.strip() == "Stopped half-way. The next run of this command repairs the environment."
    assert lock.read_text() == "unfinished\n"
