"""Set up Backprop Viz in .venv beside this file, then open the lectures or run the tests."""

# Only syntax that Python 3.6 can read: an old Python must get far enough to say that it is too old.
import hashlib
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import IO, NoReturn

USAGE = """\
  python run.py lab  [arguments for JupyterLab]   open the lectures
  python run.py test [arguments for pytest]       run every test and every notebook

Either command first makes .venv, once; nothing is installed outside this folder.
For example:  python run.py lab --no-browser --port 9999
              python run.py test -k ops"""
TOO_OLD = """\
Backprop Viz needs Python 3.11 or newer; this is {} ({}).
Install a newer one from https://www.python.org/downloads/ and start run.py with it, for example
  python3.12 run.py lab        (on Windows: py -3.12 run.py lab)"""
NO_VENV = """\
This Python ({}) cannot make virtual environments: it lacks venv or ensurepip.
On Debian or Ubuntu:  sudo apt install python3-venv
Elsewhere install Python from https://www.python.org/downloads/, which has both."""
FAILED = "Installing failed; the reason stands above. Most often it is no network or no space on the disk."

MINIMUM = (3, 11)
HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
STAMP = VENV / "backprop-viz.stamp"  # who made .venv, its Python, and a hash of what it was made from
LOCK = HERE / ".venv.lock"  # locked during a set-up; not empty while one is unfinished
INSTALL = ["-m", "pip", "install", "--disable-pip-version-check", "-r", "requirements.txt", "-e", ".[test]"]
COMMANDS = {
    "lab": ["-m", "jupyterlab", f"--ServerApp.root_dir={HERE}", "--LabApp.default_url=/lab/tree/notebooks/index.ipynb"],
    "test": ["-m", "pytest"],
}


def main(args: "list[str]") -> int:
    """Do what the arguments ask for and return the exit code."""
    if sys.version_info < MINIMUM:
        sys.exit(TOO_OLD.format(sys.version.split()[0], sys.executable))
    if not args or args[0] in ("-h", "--help", "help"):
        print(USAGE)
        return 0
    if args[0] not in COMMANDS:
        print(f"run.py has no command {args[0]!r}. There are:\n\n{USAGE}", file=sys.stderr)
        return 2
    for name in ("PYTHONHOME", "PYTHONPATH"):  # pip would count what lies there as installed
        os.environ.pop(name, None)
    os.chdir(str(HERE))
    try:
        if not ready():
            set_up()
    except KeyboardInterrupt:
        print("\nStopped half-way. The next run of this command repairs the environment.", file=sys.stderr)
        return 130
    except OSError as error:
        fail(f"{error}\nMake space on the disk, or move this folder to where you may write.")
    return start([str(PYTHON), *COMMANDS[args[0]], *args[1:]])


def fail(text: str) -> NoReturn:
    """Stop with what happened, what to do about it, and the command to try again."""
    sys.exit(f"\n{text}\nThen run again:  python {' '.join(sys.argv)}")


def start(command: "list[str]") -> int:
    """Run the command in the place of this process, or nearly so, and return its exit code."""
    if sys.platform != "win32":
        os.execv(command[0], command)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command; this process only waits for it
    return subprocess.call(command)


def ready() -> bool:
    """Whether .venv is complete and made from what is asked for now."""
    return STAMP.exists() and STAMP.read_text().split()[1:] == fingerprint()


def fingerprint() -> "list[str]":
    """The version of the environment's Python and a hash of all that decides what is installed."""
    digest = hashlib.sha256(str(HERE).encode())  # the editable install names this folder, which may be moved
    for name in ("requirements.txt", "pyproject.toml"):
        digest.update((HERE / name).read_bytes())
    return [".".join(map(str, version())), digest.hexdigest()]


def version() -> "tuple[int, ...]":
    """The version of the environment's Python, empty if that does not run."""
    command = [str(PYTHON), "-S", "-c", "import sys; print(*sys.version_info[:3])"]
    try:
        return tuple(map(int, subprocess.check_output(command, stderr=subprocess.DEVNULL).split()))
    except (OSError, subprocess.CalledProcessError):
        return ()


def set_up() -> None:
    """Make .venv what is asked for, whatever state it was left in; wipe none that somebody else made."""
    with LOCK.open("a+") as marker:
        wait_for(marker)
        if ready():  # the run.py that we waited for did the work
            return
        unfinished = marker.read() != ""
        ours = unfinished or not VENV.exists() or (STAMP.exists() and STAMP.read_text().startswith("built"))
        if ours:
            marker.write("unfinished\n")
            marker.flush()
        if STAMP.exists():
            STAMP.unlink()
        if unfinished or version() < MINIMUM:
            if not ours:
                fail(f"{VENV} was not made by run.py, and its Python is too old or does not run. Delete it.")
            create()
        install()
        new = STAMP.with_suffix(".new")
        new.write_text(" ".join(["built" if ours else "adopted", *fingerprint()]))
        new.replace(STAMP)  # in one step: a stamp is whole or not there
        marker.truncate(0)


def wait_for(marker: "IO[str]") -> None:
    """Lock the file, as soon as no other run.py holds it; however this process ends, the system unlocks it."""
    if locked_elsewhere(marker):
        print("Another run.py is setting up .venv; waiting for it to finish.", flush=True)
        while locked_elsewhere(marker):
            time.sleep(0.2)
    os.set_inheritable(marker.fileno(), True)  # install() hands it on to pip


def locked_elsewhere(marker: "IO[str]") -> bool:
    """Whether another process holds the lock; if not, this one does from now on."""
    marker.seek(0)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(marker.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return True
    return False


def create() -> None:
    """Make an environment, still without pip, in the place of what is there."""
    if not (find_spec("venv") and find_spec("ensurepip")):
        fail(NO_VENV.format(sys.executable))
    import venv

    print(f"Making .venv with Python {sys.version.split()[0]}: a minute or two, only this once.", flush=True)
    venv.create(str(VENV), clear=True, symlinks=sys.platform != "win32")


def install() -> None:
    """Install the requirements and this package, with pip's own words on the screen."""
    python = str(PYTHON)
    if subprocess.call([python, "-c", "import pip"], stderr=subprocess.DEVNULL):
        ensurepip = subprocess.run([python, "-m", "ensurepip"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if ensurepip.returncode:
            print(ensurepip.stdout.decode(errors="replace"))
            fail(FAILED)
    if subprocess.call([python, *INSTALL], close_fds=False):  # not closed: pip keeps the lock if it outlives us
        fail(FAILED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
