"""What tests may need beyond the requirements: skipped visibly where it is missing, failed where it must be there."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REQUIRE = "BACKPROP_VIZ_REQUIRE"  # names what must not be missing, for example "torch browser"
AXE = "BACKPROP_VIZ_AXE"  # the path of axe-core's axe.min.js
CHROMIUM = "BACKPROP_VIZ_CHROMIUM"  # the path of a Chromium, if the one on PATH will not do
QUIET = "gpu quic background-networking component-update sync"


def missing_torch() -> str:
    """Why torch cannot be used, empty if it can."""
    return "" if find_spec("torch") else "torch is not installed: pip install torch"


def missing_site() -> str:
    """Why no site can be made, empty if one can."""
    return "" if find_spec("math_core") else "math-core is not installed: pip install math-core"


def missing_node() -> str:
    """Why Node cannot be used, empty if it can."""
    return "" if shutil.which("node") else "node is not on PATH"


def missing_axe() -> str:
    """Why axe-core cannot be used, empty if it can."""
    path = os.environ.get(AXE, "")
    return "" if Path(path).is_file() else f"there is no axe-core at {path!r}: npm install axe-core, and set {AXE}"


def missing_tool(variable: str, program: str) -> Callable[[], str]:
    """Why a grading tool cannot be used, which has an environment of its own; the variable names its folder bin."""

    def missing() -> str:
        there = (Path(os.environ.get(variable, "")) / program).is_file()
        return "" if there else f"there is no {program} of its own environment: set {variable} to the folder it is in"

    return missing


@functools.cache
def missing_browser() -> str:
    """Why no browser can be driven, empty if one can."""
    if not find_spec("playwright"):
        return "playwright is not installed: pip install playwright"
    path = chromium_path()
    return "" if Path(path).is_file() else f"there is no Chromium, neither on PATH nor at {path!r}: set {CHROMIUM}"


@functools.cache
def chromium_path() -> str:
    """The Chromium that the environment names, else the one on PATH, else playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    if found := os.environ.get(CHROMIUM) or next(filter(None, map(shutil.which, names)), None):
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


MISSING: dict[str, Callable[[], str]] = {
    "torch": missing_torch,
    "site": missing_site,
    "browser": missing_browser,
    "node": missing_node,
    "axe": missing_axe,
    "nbgrader": missing_tool("BACKPROP_VIZ_NBGRADER", "nbgrader"),
    "otter": missing_tool("BACKPROP_VIZ_OTTER", "otter"),
}


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a requirement that no test could ever check."""
    if unknown := required() - MISSING.keys():
        raise pytest.UsageError(f"{REQUIRE} names {sorted(unknown)}; possible are {sorted(MISSING)}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked `needs("...")` whose need is missing, or fail it if that need is required."""
    for what in [what for marker in item.iter_markers("needs") for what in marker.args]:
        if what not in MISSING:
            pytest.fail(f"needs({what!r}) is unknown; possible are {sorted(MISSING)}", pytrace=False)
        if reason := MISSING[what]():
            if what in required():
                pytest.fail(f"{reason} ({REQUIRE} asks for {what})", pytrace=False)
            pytest.skip(reason)


def required() -> set[str]:
    """What the environment says must not be missing."""
    return set(os.environ.get(REQUIRE, "").split())


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium that asks nothing of the network; for tests marked `needs("browser")`."""
    from playwright.sync_api import sync_playwright

    # One for each module, not for the session: until it is closed no other event loop can run in this thread.
    switches = ["--no-sandbox", "--no-first-run", *(f"--disable-{what}" for what in QUIET.split())]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=switches)
        yield browser
        browser.close()
