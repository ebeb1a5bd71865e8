"""Make the pictures of the README: `python img/make.py` (the player's needs playwright and a Chromium)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from figures import trace_of_neuron

import backprop_viz as bp
from backprop_viz.player.page import page

HERE = Path(__file__).parent
STEP = 6  # the sigmoid sends its gradient on: red × blue, in the middle of the picture


def photograph(html: str, target: Path) -> None:
    """The picture that a browser makes of this page, at two pixels for each of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = os.environ.get("BACKPROP_VIZ_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        view = browser.new_page(viewport={"width": 1040, "height": 700}, device_scale_factor=2)
        view.set_content(html)
        view.wait_for_timeout(700)  # what lights up has lit up
        view.locator(".bp-player").screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    player = bp.play(trace_of_neuron())
    bp.movie(player.trace, HERE / "neuron.gif", width=900, progress=False)
    player.step = STEP
    photograph(page(player), HERE / "player.png")
