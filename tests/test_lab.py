"""The lecture in a real JupyterLab, in a real browser: what a person does, and what is then displayed."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

ROOT = Path(__file__).parents[1]
LECTURE = "lectures/06-one-neuron.ipynb"
FAN_OUT = """import backprop_viz as bp
x = bp.parameter(0.5)
y = x * 3
u, v = y * y, bp.tanh(y)
L = u + v
bp.play(L)"""
LIVE = """import backprop_viz as bp
w, x = bp.parameter(-0.5), bp.tensor(1.5)
with bp.group("layer"):
    u = w * x
    h = bp.tanh(u)
L = bp.square(h - 0.25)
bp.play(L)"""
HOSTILE = """import backprop_viz as bp
evil = bp.parameter(2.0, name='<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>&"')
loss = evil * evil
bp.play(loss)"""
SAVED = """import backprop_viz as bp
import ipywidgets
from IPython.display import display
w = bp.parameter(0.5, name='"><img src=x onerror="window.hacked=1">')
L = w * w
display(bp.play(L, step=2))
ipywidgets.VBox([bp.play(L), ipywidgets.IntSlider(value=42)])"""
END_KERNELS = """async () => {
  const headers = { "X-XSRFToken": /_xsrf=([^;]+)/.exec(document.cookie)?.[1] ?? "" };
  for (const { id } of await (await fetch("/api/sessions")).json()) {
    await fetch(`/api/sessions/${id}`, { method: "DELETE", headers });
  }
}"""
SECONDS = 90_000  # milliseconds to wait for a busy machine

pytestmark = pytest.mark.needs("browser")


# ---------------------------------------------------------------------- a server and a page
def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def notebook(source: str) -> str:
    """A notebook with one code cell."""
    cell: dict[str, object] = {
        "cell_type": "code",
        "id": "one",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module", params=["Light", "Dark"])
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a JupyterLab on a copy of the notebooks, and the theme it is in."""
    home = tmp_path_factory.mktemp("lab")
    # Without the scripts: a reader has no jupytext, but whoever develops has, and it would take a younger script for
    # the notebook, which then has no kernel.
    shutil.copytree(ROOT / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns("*.py"))
    (home / "notebooks" / "fan-out.ipynb").write_text(notebook(FAN_OUT), encoding="utf8")
    (home / "notebooks" / "live.ipynb").write_text(notebook(LIVE), encoding="utf8")
    (home / "notebooks" / "hostile.ipynb").write_text(notebook(HOSTILE), encoding="utf8")
    (home / "notebooks" / "saved.ipynb").write_text(notebook(SAVED), encoding="utf8")
    settings = home / "settings" / "@jupyterlab"
    for name, content in {
        "apputils-extension/themes": {"theme": f"JupyterLab {request.param}"},
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight stay in the page
    }.items():
        file = settings / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content), encoding="utf8")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    folders = {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_DATA_DIR": str(home / "data"),
               "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "PYTHONPATH": str(ROOT)}  # fmt: skip
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--ip=127.0.0.1", "--allow-root",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={home / 'notebooks'}", "--LabApp.news_url=",
        "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(command, env=os.environ | folders, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        answered(address, server, home / "log")
        yield address, request.param
    finally:
        server.terminate()
        server.wait(20)


def answered(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers."""
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{address}/api", timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf8', errors='replace')[-2000:]}")


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of its own for each test: one with unsaved changes would ask whether it may be left."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


def opened(page: Page, address: str, name: str) -> Page:
    """The page with this notebook opened in it, and every cell run."""
    page.goto(f"{address}/lab/tree/{name}?reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=SECONDS)
    for _ in range(5):  # what is asked of a kernel that is still connecting can be lost: a person would ask again
        settle(page)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        if finished(page) and not complaints(page):
            break
    assert not complaints(page)
    page.locator(".bp-player").first.wait_for(timeout=SECONDS)
    return page


def settle(page: Page) -> None:
    """Wait until the kernel has been idle for a while, and answer JupyterLab's question for one.

    It asks when its list of kernels comes late, on a cold start.
    """
    question = page.locator("dialog.jp-Dialog", has_text="Select kernel for")
    idle = page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    quiet = 0
    for _ in range(SECONDS // 250):
        if question.count():
            question.locator("button.jp-mod-accept").click()
        quiet = quiet + 1 if idle.count() and not question.count() else 0
        if quiet == 12:
            return
        page.wait_for_timeout(250)
    pytest.fail("the notebook's kernel did not become idle")


def complaints(page: Page) -> list[str]:
    """What cells have written as warnings or errors."""
    kinds = ", ".join(f"[data-mime-type='application/vnd.jupyter.{kind}']" for kind in ("stderr", "error"))
    return page.locator(kinds).all_inner_texts()


def finished(page: Page) -> bool:
    """Wait until every cell has been run; False if none runs: a wish sent while a kernel connects can be lost."""
    for quiet in range(10):
        while any("*" in prompt for prompt in page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()):
            page.wait_for_timeout(200)
        if page.locator(".bp-player").count():
            return True
        page.wait_for_timeout(100 * quiet)  # between two cells, or while the player's script is loaded
    return False


# ---------------------------------------------------------------------- what is displayed
def number(text: str) -> float:
    """A displayed number as a float."""
    return float(text.replace("−", "-"))


class Shown:
    """What a player in the page displays right now."""

    def __init__(self, player: Locator) -> None:
        self.player = player

    def slot(self, name: str) -> str:
        return self.player.locator(f"[data-slot='{name}']").text_content() or ""

    def every_slot(self) -> dict[str, str]:
        found: dict[str, str] = self.player.evaluate(
            "p => Object.fromEntries([...p.querySelectorAll('[data-slot]')].map(t => [t.dataset.slot, t.textContent]))"
        )
        return found

    @property
    def sentence(self) -> str:
        return self.player.locator(".bp-sentence [aria-live]").inner_text()

    @property
    def counter(self) -> str:
        return self.player.locator(".bp-counter").first.inner_text().strip().splitlines()[0]

    def lit(self) -> set[str]:
        return set(self.player.evaluate("p => [...p.querySelectorAll('.bp-active')].map(e => e.dataset.part)"))

    def everything(self) -> str:
        """The whole of what the reader sees, as markup."""
        return str(self.player.locator("svg.bp-graph").evaluate("s => s.outerHTML")) + self.sentence + self.counter


def slope(f: Callable[[float], float], at: float, h: float = 1e-5) -> float:
    """A central difference: nothing of the package is in it."""
    return (f(at + h) - f(at - h)) / (2 * h)


def close(text: str, value: float) -> bool:
    return math.isclose(number(text), value, rel_tol=1e-3, abs_tol=1e-4)


def sigmoid(u: float) -> float:
    return 1 / (1 + math.exp(-u))


def neuron_loss(w0: float = 0.1, w1: float = -0.3, x: float = 1.5) -> float:
    return -math.log(sigmoid(w0 + w1 * x))


# x, y, w0, w1, u, yhat, L in the order of their making
X, Y, W0, W1, U, YHAT, L = (f"n{i}" for i in range(7))


def test_the_lecture_runs_and_its_player_shows_the_right_numbers_forward_and_back(
    page: Page, lab: tuple[str, str]
) -> None:
    address, theme = lab
    opened(page, address, LECTURE)
    player = page.locator(".bp-player").first
    player.scroll_into_view_if_needed()
    player.focus()
    shown = Shown(player)
    page.keyboard.press("Home")
    first = shown.everything()

    # first: the leaves hold their values, nothing is computed, and that is a blank, never a zero
    assert [number(shown.slot(f"{n}.value")) for n in (X, Y, W0, W1)] == [1.5, 1.0, 0.1, -0.3]
    assert all(text == "" for slot, text in shown.every_slot().items() if slot.split(".")[0] not in (X, Y, W0, W1))

    # mid-forward: u and ŷ are there, the loss is not
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert close(shown.slot(f"{U}.value"), 0.1 - 0.3 * 1.5)
    assert close(shown.slot(f"{YHAT}.value"), sigmoid(-0.35))
    assert shown.slot(f"{L}.value") == ""
    assert YHAT in shown.lit()

    # the seed
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert close(shown.slot(f"{L}.value"), neuron_loss())
    assert shown.slot(f"{L}.grad") == "1"
    assert "∂ℒ/∂ℒ = 1" in shown.sentence
    assert shown.slot(f"{YHAT}.grad") == ""

    # last: every gradient, against finite differences of a program that knows nothing of graphs
    page.keyboard.press("End")
    assert close(shown.slot(f"{W0}.grad"), slope(lambda w: neuron_loss(w0=w), 0.1))
    assert close(shown.slot(f"{W1}.grad"), slope(lambda w: neuron_loss(w1=w), -0.3))
    assert close(shown.slot(f"{U}.grad"), slope(lambda u: -math.log(sigmoid(u)), -0.35))
    assert close(shown.slot(f"{YHAT}.grad"), slope(lambda p: -math.log(p), sigmoid(-0.35)))
    assert close(shown.slot("e3.local"), slope(sigmoid, -0.35))  # ŷ by u
    assert close(shown.slot("e3.contribution"), slope(lambda u: -math.log(sigmoid(u)), -0.35))
    assert not re.search(rf"({X}|{Y})\.grad", " ".join(shown.every_slot()))  # inputs have none
    assert player.locator("math").count() > 0
    page.wait_for_timeout(600)  # what lights up has lit up
    page.screenshot(path=str(pictures() / f"lab-{theme.lower()}.png"))

    # and all the way back, step by step, to the very first picture
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    assert shown.everything() == first


def test_a_fan_in_shows_how_much_has_been_received(page: Page, lab: tuple[str, str]) -> None:
    opened(page, lab[0], "fan-out.ipynb")
    player = page.locator(".bp-player").first
    player.focus()
    shown = Shown(player)
    texts: list[tuple[str, str]] = []
    page.keyboard.press("Home")
    for _ in range(20):
        page.keyboard.press("ArrowRight")
        if not texts or texts[-1][1] != shown.sentence:
            texts.append((shown.slot("n1.grad"), shown.sentence))
    received = [(grad, sentence) for grad, sentence in texts if "sends y" in sentence]
    assert [("1 of 3" in s, "2 of 3" in s, "all 3" in s) for _, s in received] == [
        (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip
    assert received[0][0].endswith("+ … 1/3")
    assert received[1][0].endswith("+ … 2/3")
    assert close(received[2][0], slope(lambda y: y * y + math.tanh(y), 1.5))
    assert close(shown.slot("n0.grad"), slope(lambda x: (3 * x) ** 2 + math.tanh(3 * x), 0.5))
    page.wait_for_timeout(600)  # what lights up has lit up
    page.screenshot(path=str(pictures() / f"fan-out-{lab[1].lower()}.png"))

    # the keys are the player's own: "d, d" would delete a cell of the notebook
    player.get_by_role("button", name="Previous step").focus()
    page.keyboard.press("d")
    page.keyboard.press("d")
    page.keyboard.press("Enter")
    assert shown.counter.startswith("Step 10 of 11")

    # those with Ctrl are the notebook's
    page.keyboard.press("Control+s")
    saved(page, lab[0], "fan-out.ipynb", lambda notebook: notebook["cells"][0]["outputs"])


def test_a_hostile_name_is_shown_and_runs_nothing(page: Page, lab: tuple[str, str]) -> None:
    opened(page, lab[0], "hostile.ipynb")
    player = page.locator(".bp-player").first
    player.focus()
    page.keyboard.press("End")
    assert "<img src=x onerror=" in str(player.locator("svg.bp-graph").text_content())
    assert page.evaluate("window.hacked") is None
    assert player.locator("script, img").count() == 0


def test_a_reader_edits_a_leaf_learns_and_opens_a_group(page: Page, lab: tuple[str, str]) -> None:
    from playwright.sync_api import expect

    opened(page, lab[0], "live.ipynb")
    player = page.locator(".bp-player").first
    shown = Shown(player)
    player.focus()
    page.keyboard.press("End")

    # another value, typed: all numbers follow, in the same step and the same layout
    picture = player.locator("svg.bp-graph").get_attribute("viewBox")
    player.locator("[data-part='n0']").first.click()
    field = player.locator(".bp-edit input[type=number]")
    field.fill("0.5")
    expect(player.locator("[data-slot='n0.value']")).to_have_text("0.5")
    assert close(shown.slot("n0.grad"), slope(lambda w: (math.tanh(w * 1.5) - 0.25) ** 2, 0.5))
    assert player.locator("svg.bp-graph").get_attribute("viewBox") == picture

    # one step of gradient descent by the button
    before = number(shown.slot("n0.value")) - 0.1 * number(shown.slot("n0.grad"))
    player.get_by_role("button", name="SGD step").click()
    expect(player.locator("[data-slot='n0.value']")).not_to_have_text("0.5")
    assert close(shown.slot("n0.value"), before)
    player.get_by_role("button", name="Reset values").click()
    expect(player.locator("[data-slot='n0.value']")).to_have_text("−0.5")

    # another value, dragged in the picture
    box = player.locator("[data-part='n1']").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    expect(player.locator("[data-slot='n1.value']")).not_to_have_text("1.5")
    both = player.evaluate(
        """e => ["n1.value", "n0.grad"].map((slot) => e.querySelector(`[data-slot="${slot}"]`).textContent)"""
    )  # of one moment: the pictures of the drag may still be coming
    dragged = number(both[0])
    assert dragged > 1.5
    assert close(both[1], slope(lambda w: (math.tanh(w * dragged) - 0.25) ** 2, -0.5))
    player.get_by_role("button", name="Reset values").click()
    expect(player.locator("[data-slot='n1.value']")).to_have_text("1.5")

    # a group closes and opens again, and the step stays
    nodes = player.locator(".bp-node").count()
    player.get_by_role("button", name="Close layer").click()
    expect(player.locator(".bp-group")).to_have_count(1)
    assert player.locator(".bp-node").count() < nodes
    player.locator(".bp-group").click()
    expect(player.locator(".bp-node")).to_have_count(nodes)
    assert number(shown.counter.split()[1]) == player.locator("input[type=range]").first.evaluate("s => Number(s.max)")

    # to a step by its number: JupyterLab keeps what Enter does to a field from happening
    player.focus()
    for key in ("g", "2", "Enter"):
        page.keyboard.press(key)
    expect(player.get_by_text("Step 2 of")).to_have_count(1)

    # a kernel that is started anew knows nothing of this player, which says so
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    gone = player.get_by_text("No kernel answers: it was stopped or started anew. Run the cell again.")
    for _ in range(60):
        player.get_by_role("button", name="SGD step").click()
        if gone.count():
            break
        page.wait_for_timeout(500)
    expect(gone).to_have_count(1)
    page.keyboard.press("Home")
    expect(gone).to_have_count(0)


def test_a_saved_notebook_that_is_not_run_again_shows_pictures_and_no_error(
    page: Page, lab: tuple[str, str], chromium: Browser
) -> None:
    address, theme = lab
    opened(page, address, "saved.ipynb")
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Control+s")
    kept = saved(page, address, "saved.ipynb", lambda notebook: "widgets" in notebook["metadata"])
    (state,) = kept["metadata"]["widgets"].values()
    assert not [widget for widget in state["state"].values() if widget["model_module"] == "anywidget"]
    page.evaluate(END_KERNELS)

    later = chromium.new_page(viewport={"width": 1280, "height": 900})
    later.goto(f"{address}/lab/tree/saved.ipynb?reset")
    picture = later.locator(".jp-OutputArea-output img[alt]")
    picture.wait_for(timeout=SECONDS)
    assert str(picture.get_attribute("alt")).startswith("Computational graph")
    assert picture.evaluate("i => i.complete && i.naturalWidth") > 100
    later.get_by_text("run the cell to play it.").wait_for()  # within another widget there is no picture of it
    later.locator(".widget-readout", has_text="42").wait_for()
    assert not later.get_by_text("Error displaying widget").count()
    assert later.evaluate("window.hacked") is None
    later.screenshot(path=str(pictures() / f"saved-{theme.lower()}.png"))
    later.close()


def saved(page: Page, address: str, name: str, done: Callable[[Any], object]) -> Any:
    """A notebook as the server has it, as soon as it is as it should be."""
    for _ in range(SECONDS // 250):
        try:
            with urllib.request.urlopen(f"{address}/api/contents/{name}", timeout=9) as answer:
                notebook = json.load(answer)["content"]
            if done(notebook):
                return notebook
        except urllib.error.HTTPError:  # while it is written
            pass
        page.wait_for_timeout(250)
    pytest.fail(f"{name} was not saved")


def pictures() -> Path:
    """Where screenshots go, to be looked at: a folder that the environment names, else a temporary one."""
    folder = Path(os.environ.get("BACKPROP_VIZ_PICTURES") or ROOT / ".pictures")
    folder.mkdir(exist_ok=True)
    return folder
