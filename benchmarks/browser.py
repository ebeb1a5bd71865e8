"""A real browser and a real JupyterLab, and what is timed inside their pages: no time of the drivers is in it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = "BACKPROP_VIZ_CHROMIUM"  # the path of a Chromium, if the one on PATH will not do
QUIET = "gpu quic background-networking component-update sync"
MINUTE = 60_000  # milliseconds
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight stay in the page
}
TOOLS = """
window.bench = {
  /** Resolves once the next frame is painted: a message is handled after the frame in whose callback it was sent. */
  frame: () => new Promise((done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(0);
  })),
  rest: (ms) => new Promise((done) => setTimeout(done, ms)),
  /** What `find` finds at last, one look a frame; it is painted then. */
  async until(find) {
    for (const end = performance.now() + 60000; performance.now() < end; ) {
      await bench.frame();
      const found = find();
      if (found) return found;
    }
    throw new Error(`waited a minute for ${find}`);
  },
  old(place, what) {
    for (const element of place.querySelectorAll(what)) element.dataset.old = "";
    return () => place.querySelector(`${what}:not([data-old])`);
  },
  press(element, key) {
    element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  },
  slide(slider, value) {
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  },
  /** Presses the key for a step so often, from one end to the other and back; `after` each of them. */
  async walk(player, count, after) {
    const slider = player.querySelector("input[type=range]");
    let key = "ArrowRight";
    for (let i = 0; i < count; i++) {
      if (slider.value === slider.max) key = "ArrowLeft";
      if (slider.value === slider.min) key = "ArrowRight";
      await after(() => bench.press(player, key), i);
    }
  },
  /** Times of so many steps, in stretches all along the film: of the work with the new layout, and until painted. */
  async steps({ place, count }) {
    const player = document.querySelector(place);
    const slider = player.querySelector("input[type=range]");
    const stretch = 10;
    const times = [];
    player.scrollIntoView();
    for (let i = 0; i < count; i += stretch) {
      bench.slide(slider, Math.round((slider.max * i) / count));
      await bench.walk(player, stretch, async (press, j) => {
        await bench.rest((7 * j) % 17); // a reader's key comes at any moment of a frame
        const start = performance.now();
        press();
        player.getBoundingClientRect();
        const worked = performance.now();
        await bench.frame();
        times.push([worked - start, performance.now() - start]);
      });
    }
    return times;
  },
  /** Steps as fast as they can be taken, a frame now and then. */
  async hurry({ place, count }) {
    await bench.walk(document.querySelector(place), count, async (press, i) => {
      press();
      if (i % 50 === 0) await bench.frame();
    });
  },
  /** So many players, each made, stepped through and taken away again. */
  async recreate({ source, film, count }) {
    bench.module ??= await import(source);
    for (let i = 0; i < count; i++) {
      const player = bench.module.mount(document.body, film);
      await bench.walk(document.querySelector(".bp-player"), 5, (press) => press());
      player.dispose();
      if (i % 20 === 0) await bench.frame();
    }
  },
  /** The time from asking for a cell to be run until what it shows is painted. */
  async run({ index, shows }) {
    const notebook = jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = index;
    const cell = notebook.activeCell.node;
    cell.scrollIntoView();
    const find = bench.old(cell, shows);
    await bench.rest(300);
    const start = performance.now();
    const done = jupyterapp.commands.execute("notebook:run-cell");
    if (shows) await bench.until(find);
    const time = performance.now() - start;
    await done;
    await bench.rest(300);
    return time;
  },
  /** The times of so many steps of a slider whose kernel draws a picture for each. */
  async redraw({ count }) {
    const handle = document.querySelector(".noUi-handle");
    const output = handle.closest(".jp-OutputArea");
    const times = [];
    handle.scrollIntoView();
    for (let i = 0; i < count; i++) {
      const find = bench.old(output, ".jp-RenderedSVG img");
      await bench.rest(200 + ((7 * i) % 17));
      const start = performance.now();
      bench.press(handle, "ArrowRight");
      await bench.until(() => find()?.complete);
      times.push(performance.now() - start);
    }
    return times;
  },
  /** How many pictures a second follow a leaf's slider that is moved every few milliseconds, at the last step. */
  async drag({ place, part, moves }) {
    const player = document.querySelector(place);
    player.scrollIntoView();
    bench.press(player, "End");
    player.querySelector(`[data-part="${part}"]`).dispatchEvent(new MouseEvent("click", { bubbles: true }));
    const slider = player.querySelector(".bp-edit input[type=range]");
    const [low, high] = [Number(slider.min), Number(slider.max)];
    const picture = player.querySelector(".bp-stage");
    let [shown, pictures, moving] = [picture.textContent, 0, true];
    const look = () => {
      if (picture.textContent !== shown) pictures += 1;
      shown = picture.textContent;
      if (moving) requestAnimationFrame(look);
    };
    look();
    const start = performance.now();
    for (let i = 1; i <= moves; i++) {
      bench.slide(slider, low + ((high - low) * i) / (moves + 1));
      await bench.rest(8);
    }
    moving = false;
    return (1e3 * pictures) / (performance.now() - start);
  },
};
"""


def missing() -> str:
    """Why no browser can be driven, empty if one can."""
    if not find_spec("playwright"):
        return "playwright is not installed: pip install playwright"
    path = found()
    return "" if Path(path).is_file() else f"there is no Chromium, neither on PATH nor at {path!r}: set {CHROMIUM}"


def found() -> str:
    """The Chromium that the environment names, else the one on PATH, else playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    if path := os.environ.get(CHROMIUM) or next(filter(None, map(shutil.which, names)), None):
        return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    path, switches = found(), ["--no-sandbox", "--no-first-run", *(f"--disable-{what}" for what in QUIET.split())]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=switches)
        yield browser
        browser.close()


@contextmanager
def view(browser: Browser, address: str) -> Iterator[Page]:
    """A page at this address with the tools that measure in it."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(MINUTE)
    page.add_init_script(TOOLS)
    page.goto(address)
    yield page
    page.close()


def held(page: Page) -> dict[str, float]:
    """What a page holds after its garbage is collected: kilobytes of the heap, listeners, nodes of documents."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return {"KB": metrics["JSHeapUsedSize"] / 1e3, "listeners": metrics["JSEventListeners"], "nodes": metrics["Nodes"]}


# ---------------------------------------------------------------------- JupyterLab
@contextmanager
def lab(browser: Browser, cells: list[str]) -> Iterator[Page]:
    """A notebook of these cells, none of them run, in a JupyterLab with an idle kernel."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        furnish(home, cells)
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        server = started(home, port)
        try:
            address = f"http://127.0.0.1:{port}"
            answered(address, server, home / "log")
            with view(browser, f"{address}/lab/tree/cells.ipynb?reset") as page:
                settle(page)
                yield page
        finally:
            server.terminate()
            server.wait(20)


def furnish(home: Path, cells: list[str]) -> None:
    """Write the notebook and JupyterLab's settings."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    empty: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    made = [{**empty, "id": f"cell-{i}", "source": source} for i, source in enumerate(cells)]
    notebook = {"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (home / "notebooks").mkdir()
    (home / "notebooks" / "cells.ipynb").write_text(json.dumps(notebook), encoding="utf8")
    for name, content in SETTINGS.items():
        file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(content), encoding="utf8")


def started(home: Path, port: int) -> subprocess.Popen[bytes]:
    """A server whose page hands out its application, so that a script can run a cell."""
    folders = {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_DATA_DIR": str(home / "data"),
               "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "PYTHONPATH": str(ROOT)}  # fmt: skip
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--ip=127.0.0.1", "--allow-root",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={home / 'notebooks'}", "--LabApp.news_url=",
        "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with (home / "log").open("wb") as log:
        return subprocess.Popen(command, env=os.environ | folders, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


def answered(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers."""
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{address}/api", timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"JupyterLab did not start:\n{log.read_text(encoding='utf8', errors='replace')[-2000:]}")


def settle(page: Page) -> None:
    """Wait until the kernel has been idle for a while: what is asked of one that still connects can be lost.

    On a cold start JupyterLab's list of kernels comes late, and it asks which one is meant.
    """
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    question = page.locator("dialog.jp-Dialog", has_text="Select kernel for")
    idle = page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    quiet = 0
    for _ in range(MINUTE // 250):
        if question.count():
            question.locator("button.jp-mod-accept").click()
        quiet = quiet + 1 if idle.count() and not question.count() else 0
        if quiet == 8:
            return
        page.wait_for_timeout(250)
    raise SystemExit("the notebook's kernel did not become idle")


def complaints(page: Page) -> list[str]:
    """What cells have written as warnings or errors."""
    kinds = ", ".join(f"[data-mime-type='application/vnd.jupyter.{kind}']" for kind in ("stderr", "error"))
    return page.locator(kinds).all_inner_texts()
