"""The site: every notebook a page whose players move, with nothing from the network; and it says what it cannot do."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbformat import NotebookNode
from test_lab import Shown
from test_page import Elements

from backprop_viz.__main__ import main
from backprop_viz.player.film import SCHEMA
from backprop_viz.site import formulas, kernel
from backprop_viz.site.build import site
from backprop_viz.site.exporter import in_words
from backprop_viz.site.fault import Fault
from backprop_viz.site.formulas import mathml
from backprop_viz.site.inside import told
from conftest import AXE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.needs("site")
ROOT = Path(__file__).parents[1]
HACK = "</script><script>hacked=1</script><img src=x onerror='hacked=1'>"
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
FIRST = """# A small <em>site</em>

See [the player](lectures/01-neuron.ipynb#The-player), [below](#Signs), [notes](../notes.txt) and
[elsewhere](https://example.org/a?b=c). Lions + gnus. ![a dot](../img/dot.png) <img src="../img/dot.png">

| sign | meaning |
|:--|--:|
| $\\textcolor{#E62020}{\\partial L/\\partial u}$ | red, with `a_very_long_name_a_very_long_name_a_very_long_name` |

## Signs

$$
\\begin{aligned} a &= \\textcolor{#2F6BFF}{\\hat y} \\\\[2mm] b &= \\mathcal L \\end{aligned}
$$

<details><summary>Answer</summary>

A secret that nobody searches for, `code` and $x^2$.

</details>"""
WILD = f"""# Hostile

<script>hacked = 1</script><b onclick="hacked=1">bold</b> {HACK.replace("<img src=x", "<i")}</div></main></article>

## Words like <b>&lt;img src=x onerror=hacked=1&gt;</b>

Cobra. Zebra &lt;script&gt;hacked=1&lt;/script&gt; and ŷ, $\\mathcal L \\bar x$, (okapi. <a href="#Hostile">up</a>

A cross–entropy in $\\mathcal O(n)$. Gnus + lions."""
NEURON = """import backprop_viz as bp
x, w = bp.tensor(1.5), bp.parameter(-0.3, name="<script>hacked=1</script>")
L = bp.sigmoid(w * x)"""
VARIES = "import sys, time; print('bar', file=sys.stderr); time.perf_counter()"
WIDGET = "import ipywidgets; open('made.txt', 'w').close(); ipywidgets.FloatSlider(1.5)"


def text(source: str) -> NotebookNode:
    cell: NotebookNode = nbformat.v4.new_markdown_cell(source)  # type: ignore[no-untyped-call]
    return cell


def code(source: str, *outputs: NotebookNode, **metadata: Any) -> NotebookNode:
    cell: NotebookNode = nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata=metadata)  # type: ignore[no-untyped-call]
    return cell


def shown(kind: str, content: str) -> NotebookNode:
    output: NotebookNode = nbformat.v4.new_output("display_data", {kind: content})  # type: ignore[no-untyped-call]
    return output


def save(path: Path, *cells: NotebookNode) -> Path:
    """A notebook of these cells; gives its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)  # type: ignore[no-untyped-call]
    return path.parent


def folder(root: Path) -> Path:
    """A folder of three notebooks, with files beside it."""
    (root / "img").mkdir(parents=True)
    (root / "img" / "dot.png").write_bytes(DOT)
    (root / "notes.txt").write_text("notes", encoding="utf8")
    save(root / "book" / "index.ipynb", text(FIRST))
    outputs = shown("text/html", f"<table><tr><td>{HACK.replace('<img src=x', '<i')}"), shown("image/png", "AAAA")
    save(
        root / "book" / "lectures" / "01-neuron.ipynb",
        text("# One neuron\n\n## The player"), code(NEURON), code("bp.play(L, step=2)"), text("### After\n\nWords."),
        code("bp.draw(L)"), text("**Predict.** Six times seven?"), code("print('the answer is', 6 * 7)"),
        code(VARIES, shown("text/plain", "0.5 s"), tags=["nbval-ignore-output"]), code(WIDGET),
        code(f"print({HACK!r})"), code("1/0", tags=["raises-exception"]),
    )  # fmt: skip
    save(root / "book" / "lectures" / "02-hostile.ipynb", text(WILD), code("", *outputs))
    save(root / "book" / ".ipynb_checkpoints" / "old.ipynb", text("$\\nosuch$"))
    return root / "book"


def all_files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds book/ and the site that was made of it."""
    root = tmp_path_factory.mktemp("site")
    site(folder(root), root / "site", cache=root / "cache")
    return root


def refusal(root: Path, *cells: NotebookNode, **settings: Any) -> str:
    """What is wrong with a folder of this one notebook, in which nothing is run."""
    with pytest.raises(Fault) as caught:
        site(save(root / "book" / "index.ipynb", *cells), root / "site", **{"execute": False} | settings)
    assert not (root / "site").exists()
    return str(caught.value)


# ---------------------------------------------------------------------- what is made
def test_the_same_notebooks_give_the_same_bytes_and_nothing_is_written_beside_them(made: Path, tmp_path: Path) -> None:
    before = all_files(made / "book")
    site(made / "book", tmp_path / "again")
    assert all_files(tmp_path / "again") == all_files(made / "site")
    assert all_files(made / "book") == before
    assert "made.txt" not in str(list(before))


def test_what_has_not_changed_is_not_run_again(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("run again")

    monkeypatch.setattr(kernel, "_execute", fail)
    site(made / "book", tmp_path / "site", cache=made / "cache")
    assert all_files(tmp_path / "site") == all_files(made / "site")
    with pytest.raises(AssertionError, match="run again"):
        site(save(tmp_path / "index.ipynb", code("2")), tmp_path / "site", cache=made / "cache")


def test_every_notebook_is_a_page_and_may_be_downloaded(made: Path) -> None:
    files = all_files(made / "site")
    for name in ("index", "lectures/01-neuron", "lectures/02-hostile"):
        assert files[f"{name}.ipynb"] == (made / "book" / f"{name}.ipynb").read_bytes()
        assert files[f"{name}.html"].startswith(b'<!doctype html>\n<html lang="en"')
    assert not [name for name in files if "old" in name]


def test_links_lead_to_pages_and_what_they_need_comes_along(made: Path) -> None:
    page = Elements((made / "site" / "index.html").read_text(encoding="utf8"))
    links = [str(attributes["href"]) for attributes, _ in page.every("a")]
    assert {"lectures/01-neuron.html#The-player", "#Signs", "https://example.org/a?b=c"} <= set(links)
    pictures = [str(attributes["src"]) for attributes, _ in page.every("img")]
    assert len(pictures) == 2
    (notes,) = [link for link in links if link.startswith("files/notes-")]
    assert (made / "site" / notes).read_text(encoding="utf8") == "notes"
    assert [(made / "site" / place).read_bytes() for place in pictures] == [DOT, DOT]


def test_a_player_brings_its_film_and_a_picture(made: Path) -> None:
    page = Elements((made / "site" / "lectures" / "01-neuron.html").read_text(encoding="utf8"))
    (place,) = [attributes for attributes, _ in page.every("div") if attributes.get("class") == "player"]
    (film,) = [said for attributes, said in page.every("script") if attributes.get("type") == "application/json"]
    assert place["data-step"] == "2"
    assert json.loads(film)["schema"] == SCHEMA
    assert len(page.every("noscript")) == 1
    assert len(page.every("svg")) == 2  # the figure, and the player's picture for those without scripts


def test_outputs_that_differ_from_run_to_run_are_those_that_were_saved(made: Path) -> None:
    page = (made / "site" / "lectures" / "01-neuron.html").read_text(encoding="utf8")
    assert '<pre class="stream">0.5 s</pre>' in page
    assert "bar" not in re.sub(r"<[^>]*>", "", page.partition("perf_counter")[2])


def test_controls_are_named_where_they_cannot_move(made: Path) -> None:
    page = (made / "site" / "lectures" / "01-neuron.html").read_text(encoding="utf8")
    assert "which move when it is run: <code>FloatSlider(value=1.5)</code>" in page


def test_without_a_run_the_saved_outputs_are_shown(made: Path, tmp_path: Path) -> None:
    site(made / "book", tmp_path / "site", execute=False)
    page = (tmp_path / "site" / "lectures" / "01-neuron.html").read_text(encoding="utf8")
    assert "0.5 s" in page
    assert "FloatSlider(value" not in page


def test_a_folder_without_a_first_page_gets_one(tmp_path: Path) -> None:
    save(tmp_path / "book" / "b c" / "x y.ipynb", text("# X"))
    page = site(tmp_path / "book", tmp_path / "site", execute=False).read_text(encoding="utf8")
    assert 'href="b%20c/x%20y.html">x y</a>' in page


def test_a_site_in_the_folder_of_its_notebooks_does_not_become_a_part_of_itself(tmp_path: Path) -> None:
    save(tmp_path / "index.ipynb", text("# One"), code("1 + 1"))
    site(tmp_path, tmp_path / "site")
    before = all_files(tmp_path / "site")
    site(tmp_path, tmp_path / "site")
    assert all_files(tmp_path / "site") == before


def test_folders_follow_as_the_first_page_names_them(tmp_path: Path) -> None:
    for path in ("index", "a/1", "b/2", "b/1", "c/1"):
        source = "[go on](b/2.ipynb), [then](a/1.ipynb)" if path == "index" else ""
        save(tmp_path / "book" / f"{path}.ipynb", text(f"# {path}\n\n{source}"))
    page = site(tmp_path / "book", tmp_path / "site", execute=False).read_text(encoding="utf8")
    contents = page.partition('<nav id="contents"')[2].partition("</nav>")[0]
    assert re.findall(r'href="([^"#]+)"', contents) == [
        "index.html",
        *(f"{x}.html" for x in ("b/1", "b/2", "a/1", "c/1")),
    ]


def test_a_notebook_that_is_left_out_comes_along_where_it_is_linked_to(made: Path, tmp_path: Path) -> None:
    site(made / "book", tmp_path / "site", leave_out=["lectures/01*"], execute=False)
    assert not (tmp_path / "site" / "lectures" / "01-neuron.html").exists()
    assert re.search(r'href="files/01-neuron-\w{8}\.ipynb#The-player"', (tmp_path / "site" / "index.html").read_text())


def test_only_what_the_site_has_written_is_overwritten_or_removed(made: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    target.mkdir()
    (target / "CNAME").write_text("example.org", encoding="utf8")
    site(made / "book", target, execute=False)
    site(save(tmp_path / "book" / "index.ipynb", text("# New")), target)
    assert "lectures/01-neuron.html" not in all_files(target)
    assert (target / "CNAME").read_text(encoding="utf8") == "example.org"
    assert "New" in (target / "index.html").read_text(encoding="utf8")


def test_the_command_line_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = save(tmp_path / "book" / "index.ipynb", text("# One"))
    assert main(["site", str(book), "-o", str(tmp_path / "site"), "--no-run"]) == 0
    assert capsys.readouterr().out == f"Wrote {tmp_path / 'site' / 'index.html'}\n"
    with pytest.raises(SystemExit) as ended:
        main(["site", str(tmp_path / "none"), "-o", str(tmp_path / "site")])
    assert ended.value.code == 2
    assert "there is no folder" in capsys.readouterr().err


def test_its_help_shows_an_example() -> None:
    line = [sys.executable, "-m", "backprop_viz", "site", "--help"]
    done = subprocess.run(line, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "example: python -m backprop_viz site notebooks -o site" in done.stdout


# ---------------------------------------------------------------------- formulas
@pytest.mark.parametrize(
    ("latex", "parts"),
    [
        (r"\textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}}", ['class="red"', "<mfrac>", "ℒ"]),
        (r"\textcolor{#2f6bff}{\hat y}^2 + z", ['class="blue"', "<msup>", "<mi>z</mi></math>"]),
        (r"\textcolor{#123456}{x}", ['style="color:#123456;"']),
        (r"\underbrace{a + b}_{\text{two words}}", ["⏟", "two\u00a0words"]),
        (r"\begin{aligned} a &= 1 \\[2mm] b &= 2 \end{aligned}", ["<mtable", "<mtr><mtd"]),
        (r"\mathbf x^\top \mathbb{R}^{n\times m} \nabla_{\mathbf w}", ["𝐱", "⊤", "ℝ", "∇"]),
        (r"\begin{pmatrix} a & b \end{pmatrix} \begin{cases} 1 & x > 0 \\ 0 \end{cases}", ["(", "{", "&gt;"]),
    ],
)
def test_formulas_become_mathml_in_their_colours(latex: str, parts: list[str]) -> None:
    for display in (False, True):
        found = mathml(latex, display=display)
        assert all(part in found for part in parts), found
        assert ('display="block"' in found) == display
        assert "2mm" not in found


def test_a_long_formula_in_the_text_can_be_broken_before_its_operators() -> None:
    assert mathml("a = b + c", display=False).count("<math>") == 1
    found = mathml(r"(a + b) = -1234567 + \sqrt{x = y} - 1234567 \approx = 0", display=False)
    starts = re.findall(r'<wbr/?><math><mo[^>]* form="infix"[^>]*>(.)</mo>', found)
    assert starts == ["+", "=", "+", "−", "≈"]  # neither below the root, nor a sign, nor twice in a row
    assert mathml("a = " + "b + " * 20 + "c", display=True).count("<math") == 1


@pytest.mark.parametrize(
    ("latex", "reason"), [(r"a \nosuch b", r'Unknown command "\nosuch"'), (r"\frac{a", "end of input"), ("a & b", "&")]
)
def test_a_formula_that_cannot_be_set_is_named_with_its_notebook(tmp_path: Path, latex: str, reason: str) -> None:
    said = refusal(tmp_path, text(f"Before $$ {latex} $$ after"))
    assert said.startswith(f"index.ipynb: the formula {latex} cannot be set: ")
    assert reason in said
    assert "Mend it" in said


def test_without_math_core_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "math_core", None)
    formulas._converter.cache_clear()
    with pytest.raises(ImportError, match=r"pip install 'backprop-viz\[site\]'"):
        mathml("x", display=False)


def test_the_notebooks_of_this_project_leave_nothing_unset(tmp_path: Path) -> None:
    site(ROOT / "notebooks", tmp_path / "site", execute=False)
    for path in (tmp_path / "site").rglob("*.html"):
        page = path.read_text(encoding="utf8").partition("<article>")[2].partition("</article>")[0]
        prose = re.sub(r"<(pre|code|svg|script|math)\b.*?</\1>", "", page, flags=re.DOTALL)
        assert re.findall(r".{0,40}(?:\$|\\[a-zA-Z]+|\]\().{0,40}", re.sub(r"<[^>]*>", "", prose)) == [], path.name


# ---------------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("[a](none.ipynb)", "it links to 'none.ipynb', but there is no file"),
        ("[a](img/none.txt)", "it links to 'img/none.txt', but there is no file"),
        ("[a](/etc/passwd)", "it links to '/etc/passwd': possible are relative links"),
        ("[a](//example.org)", "possible are relative links, and those that begin with http:, https:, mailto:"),
        ('<a href="javascript:hacked=1">a</a>', "it links to 'javascript:hacked=1': possible are relative links"),
        ("[a](../../outside.txt)", "files come along from the notebooks' folder and the one above it, no others"),
        ("# B\n\n[a](#None)", "it links to '#None', but index.ipynb has no place 'None'. It has: B"),
        ("![a](https://example.org/a.png)", "which is elsewhere: save the picture beside the notebook"),
        ('<img src="../secret.txt">', "as a picture: possible are .svg, .png"),
        ("![a](none.png)", "it shows 'none.png', but there is no file"),
        ("# ", "it has a heading without words"),
    ],
)
def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path, source: str, wrong: str) -> None:
    root = tmp_path / "a" / "b"
    for path in (tmp_path / "a" / "outside.txt", root / "secret.txt"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("secret", encoding="utf8")
    said = refusal(root, text(source))
    assert said.startswith("index.ipynb: ")
    assert wrong in said


def test_a_cell_that_fails_is_named(tmp_path: Path) -> None:
    said = refusal(tmp_path, code("x = 1"), code("raise ValueError('no such luck')"), execute=True)
    assert said == "index.ipynb: a cell fails with ValueError: no such luck. Mend the notebook, or do not run it"


def test_a_kernel_that_has_another_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "HOOK", "import backprop_viz.no_such_part")
    said = refusal(tmp_path, code("1"), execute=True)
    assert said.startswith("index.ipynb: its kernel has no backprop_viz that fits: No module named")


def test_a_cell_that_does_not_end_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "LONGEST", 1)
    said = refusal(tmp_path, code("import time\ntime.sleep(60)"), execute=True)
    assert said.startswith("index.ipynb: its kernel did not end: ")


def test_a_file_that_is_no_notebook_is_named(tmp_path: Path) -> None:
    for content in (
        "{",
        "[]",
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "poem"}]}',
    ):
        (tmp_path / "x.ipynb").write_text(content, encoding="utf8")
        with pytest.raises(Fault, match=r"^x\.ipynb: it is no notebook: .*Open it in JupyterLab and save it"):
            site(tmp_path, tmp_path / "site")


def test_a_folder_without_notebooks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"there is no notebook \(\.ipynb\) in .*: give a folder that holds some"):
        site(tmp_path, tmp_path / "site")
    save(tmp_path / "a.ipynb")
    with pytest.raises(Fault, match=r"but those that a\* leaves out"):
        site(tmp_path, tmp_path / "site", leave_out=["a*"])


def test_files_of_others_are_not_overwritten(tmp_path: Path) -> None:
    book = save(tmp_path / "book" / "index.ipynb", text("# One"))
    (tmp_path / "site" / "assets").mkdir(parents=True)
    (tmp_path / "site" / "index.html").write_text("mine", encoding="utf8")
    with pytest.raises(Fault, match=r"not of a site written before: index\.html\. Give an empty or a new folder"):
        site(book, tmp_path / "site")
    assert all_files(tmp_path / "site") == {"index.html": b"mine"}
    (tmp_path / "site" / "assets" / "written.json").write_text("{", encoding="utf8")
    with pytest.raises(Fault, match="is damaged"):
        site(book, tmp_path / "site")
    (tmp_path / "site" / "assets" / "written.json").write_text('["../book/index.ipynb", "index.html"]', encoding="utf8")
    site(book, tmp_path / "site")
    assert (book / "index.ipynb").exists()


def test_a_plot_tells_those_who_do_not_see_it_what_stands_at_its_axes() -> None:
    from matplotlib.figure import Figure

    plot = Figure()
    assert told(plot) == "A plot"
    left, right = plot.subplots(1, 2)
    left.plot([1, 2], label="train")
    left.set(title="The loss", xlabel="step", ylabel=r"$\mathcal{L}$")
    right.set(xlabel="$w_0$")
    plot.colorbar(right.imshow([[1, 2]]))
    assert told(plot) == r"A plot: The loss, \mathcal{L} over step (train); w_0"
    assert in_words({"text/plain": told(plot)}) == told(plot)
    assert in_words({"text/plain": "<Figure size 640x480 with 1 Axes>"}) == in_words({}) == "What the code above draws"


# ---------------------------------------------------------------------- in a browser
Open = Callable[..., "Page"]
LECTURE = "lectures/01-neuron.html"


@pytest.fixture
def opened(chromium: Browser, made: Path) -> Iterator[Open]:
    """Opens a page of the site, from a file if nothing else is said; nothing may be fetched from elsewhere."""
    requests: list[str] = []
    contexts = []

    def open_page(place: str, base: str = "", **context: Any) -> Page:
        contexts.append(chromium.new_context(offline=not base, **context))
        view = contexts[-1].new_page()
        view.on("request", lambda request: requests.append(request.url))
        view.goto((base or f"{(made / 'site').as_uri()}/") + place)
        return view

    yield open_page
    for context in contexts:
        context.close()
    assert [url for url in requests if not url.startswith(("file:", "data:", "http://127.0.0.1:"))] == []


needs_browser = pytest.mark.needs("browser")


@needs_browser
def test_a_player_is_played_by_keys(opened: Open) -> None:
    view = opened(LECTURE)
    player = Shown(view.locator(".bp-player:not(.figure)"))
    assert player.counter.startswith("Step 2 of")
    view.locator(".bp-player:not(.figure)").focus()
    view.keyboard.press("ArrowRight")
    assert player.counter.startswith("Step 3 of")
    view.keyboard.press("Home")
    assert player.counter.startswith("Step 0 of")
    assert view.evaluate("window.hacked") is None


@needs_browser
def test_a_server_serves_it_as_it_is(opened: Open, made: Path) -> None:
    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(made / "site"))) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            view = opened(LECTURE, f"http://127.0.0.1:{server.server_port}/")
            assert Shown(view.locator(".bp-player:not(.figure)")).counter.startswith("Step 2 of")
        finally:
            server.shutdown()


@needs_browser
@pytest.mark.parametrize("place", ["index.html", LECTURE, "lectures/02-hostile.html"])
def test_nothing_of_a_notebook_runs_as_a_script_of_the_page(opened: Open, place: str) -> None:
    view = opened(place)
    view.locator("article b, article i").evaluate_all("all => all.forEach(e => e.click())")
    view.locator("#search").fill("script")
    view.locator("#found li").first.wait_for()
    assert view.evaluate("window.hacked") is None
    assert view.locator("main > article").count() == view.locator("main > footer").count() == 1


@needs_browser
def test_the_search_is_worked_by_keys_and_leads_to_the_section(opened: Open) -> None:
    view = opened(LECTURE)
    view.keyboard.press("/")
    view.keyboard.type("ZEBRA y")  # ŷ is found without its hat
    view.locator("#found mark").first.wait_for()
    assert view.locator("#found p").inner_text() == "1 found"
    assert view.locator("#found b").inner_text() == "Hostile › Words like <img src=x onerror=hacked=1>"
    assert "Zebra <script>hacked=1</script>" in view.locator("#found li span").inner_text()
    assert view.locator("#found mark").all_inner_texts()[:1] == ["Zebra"]
    view.locator("#search").fill("bra")  # the end of a word
    view.get_by_text("Nothing found").wait_for()
    view.locator("#search").fill("(oka")
    assert view.locator("#found mark").all_inner_texts() == ["(oka"]
    view.keyboard.press("ArrowDown")
    assert view.evaluate("document.activeElement.tagName") == "A"
    view.keyboard.press("ArrowUp")
    view.keyboard.press("Escape")
    assert not view.locator("#found").is_visible()
    view.keyboard.press("Control+A")
    view.keyboard.type("zebra")
    view.keyboard.press("Enter")
    view.wait_for_url("**/02-hostile.html#*")
    top = view.locator("h2", has_text="Words like").evaluate("e => e.getBoundingClientRect().top")
    assert 0 <= top < view.evaluate("innerHeight")


@needs_browser
def test_words_with_dashes_and_signs_are_found_as_they_are_typed(opened: Open) -> None:
    view = opened(LECTURE)
    for typed, found in (("cross-entropy", "cross–entropy"), ("O(n)", "O(n)"), ("([{?*+.|^$\\/-", None)):
        view.locator("#search").fill(typed)
        if found:
            view.locator("#found mark").first.wait_for()
            assert view.locator("#found mark").first.inner_text() == found
        else:
            view.get_by_text("Nothing found").wait_for()


@needs_browser
def test_words_that_stand_together_as_typed_come_first_and_needless_hyphens_are_forgiven(opened: Open) -> None:
    view = opened(LECTURE)
    titles = view.locator("#found b")
    for typed, first in (("lions + gnus", "A small"), ("gnus + lions", "Words like")):
        view.locator("#search").fill(typed)
        view.get_by_text("2 found").wait_for()
        assert first in titles.first.inner_text()
    view.locator("#search").fill("zeb-ra")
    view.get_by_text("1 found").wait_for()
    assert view.locator("#found mark").first.inner_text() == "Zebra"


@needs_browser
def test_the_search_says_when_it_finds_nothing_and_keeps_answers_to_itself(opened: Open) -> None:
    view = opened("index.html")
    for words in ("xyzzy", "secret nobody"):
        view.locator("#search").fill(words)
        view.get_by_text("Nothing found").wait_for()
    assert view.locator("#found li").count() == 0
    assert view.locator("details").evaluate("e => e.open") is False
    view.locator("summary").click()
    assert view.get_by_text("A secret").is_visible()


@needs_browser
def test_the_colours_are_remembered_and_the_player_has_them_too(opened: Open) -> None:
    view = opened("index.html", color_scheme="light")
    scheme = "e => getComputedStyle(e).colorScheme"
    for said in ("light", "dark"):
        view.locator(".theme").click()
        assert view.locator(".theme").inner_text() == f"Colours: {said}"
    red = view.locator("math .red").first.evaluate("e => getComputedStyle(e).color")
    assert red == "rgb(255, 123, 114)"
    with view.expect_navigation(wait_until="load"):  # a click alone may return before the page's last script has run
        view.get_by_role("link", name="One neuron", exact=True).click()
    assert view.locator(".theme").inner_text() == "Colours: dark"
    for player in view.locator(".bp-player").all():
        assert player.evaluate(scheme) == "dark"
    view.locator(".theme").click()
    assert view.locator(".bp-player").first.evaluate(scheme) == "light dark"


@needs_browser
def test_slides_show_the_page_bit_by_bit_by_keys_alone(opened: Open) -> None:
    """Every block of the page is on one slide; a question is not beside its answer; a player still moves."""
    view = opened(LECTURE, viewport={"width": 1280, "height": 720})
    said, blocks = view.locator(".slide-bar [role=status]"), "article > .cell, article > .prose > *"
    every = view.locator(blocks).count()
    view.locator(".slides-on").focus()
    view.keyboard.press("Enter")
    count = int(said.inner_text().rpartition(" of ")[2])
    seen: list[list[str]] = []
    for number in range(1, count + 1):
        assert said.inner_text().endswith(f" · {number} of {count}")
        assert view.url.endswith(f"#slide-{number}")
        seen.append([block.inner_text() for block in view.locator(blocks).all() if block.is_visible()])
        assert not view.locator("#contents, header, footer, .about").filter(visible=True).count()
        assert view.evaluate("document.documentElement.scrollWidth") <= 1280
        view.keyboard.press("ArrowRight")
    assert sum(map(len, seen)) == every
    assert count > 3
    (asking,) = (texts for texts in seen if any("Predict." in text for text in texts))
    assert not any("the answer is 42" in text for text in asking)
    view.keyboard.press("ArrowLeft")
    assert said.inner_text().endswith(f" · {count - 1} of {count}")
    view.keyboard.press("Escape")
    assert view.locator("header").is_visible()
    assert view.locator(blocks).filter(visible=True).count() >= every - 1  # what is folded is no block of its own
    assert view.evaluate("document.activeElement.className") == "slides-on"


@needs_browser
def test_what_is_too_much_for_a_slide_is_set_smaller_and_scrolls_before_the_next_one_comes(opened: Open) -> None:
    view = opened(f"{LECTURE}#slide-1", viewport={"width": 1280, "height": 460})
    stage, said = view.locator("main"), view.locator(".slide-bar [role=status]")
    player = view.locator(".bp-player:not(.figure)")
    sizes, screens = set(), 0
    while screens < 60:
        before = said.inner_text(), stage.evaluate("m => m.scrollTop")
        bar = view.locator(".slide-bar").bounding_box()
        room = stage.bounding_box()
        assert bar is not None
        assert room is not None
        assert room["y"] + room["height"] <= bar["y"] + 1  # nothing lies below the bar
        sizes.add(stage.evaluate("m => getComputedStyle(m).fontSize"))
        if player.is_visible():
            assert not player.locator(".bp-panel[open]").count()
        view.keyboard.press("PageDown")
        screens += 1
        if before == (said.inner_text(), stage.evaluate("m => m.scrollTop")):
            break
    count = int(said.inner_text().rpartition(" of ")[2])
    assert said.inner_text().endswith(f" · {count} of {count}")
    assert screens > count  # some were scrolled through
    assert len(sizes) > 1
    view.keyboard.press("PageUp")
    assert said.inner_text().endswith(f" · {count - 1} of {count}")


@needs_browser
def test_a_player_on_a_slide_keeps_its_keys(opened: Open) -> None:
    view = opened(f"{LECTURE}#slide-1")
    player = view.locator(".bp-player:not(.figure)")
    while not player.is_visible():
        view.locator(".slide-bar button").nth(1).click()
    slide = view.locator(".slide-bar [role=status]").inner_text()
    player.focus()
    view.keyboard.press("ArrowRight")
    assert Shown(player).counter.startswith("Step 3 of")
    assert view.locator(".slide-bar [role=status]").inner_text() == slide
    view.evaluate("location.hash = 'After'")  # as a link in the text does
    view.locator("header").wait_for()
    assert view.url.endswith("#After")
    assert view.locator("#After").evaluate("e => e.getBoundingClientRect().top < innerHeight / 2")


@needs_browser
@pytest.mark.parametrize("place", ["index.html", LECTURE, "lectures/02-hostile.html"])
def test_a_small_window_has_no_page_that_scrolls_sideways(opened: Open, place: str) -> None:
    view = opened(place, viewport={"width": 360, "height": 640})
    assert view.evaluate("document.documentElement.scrollWidth") == 360
    contents = view.locator("#contents")
    assert not contents.is_visible()
    view.locator(".menu").click()
    assert contents.is_visible()
    assert view.evaluate("document.documentElement.scrollWidth") == 360
    contents.locator("a").last.click()
    view.wait_for_url("**/02-hostile.html*")


@needs_browser
def test_what_is_wide_scrolls_with_the_keys_and_what_is_not_is_no_stop(opened: Open) -> None:
    for width, stops in ((360, 1), (1400, 0)):
        view = opened("index.html", viewport={"width": width, "height": 640})
        assert view.locator(".prose .scrolls[tabindex='0']").count() == stops


@needs_browser
def test_without_scripts_the_page_can_be_read(opened: Open) -> None:
    view = opened(LECTURE, java_script_enabled=False, viewport={"width": 360, "height": 640})
    assert view.locator("#contents").is_visible()
    assert view.locator(".player svg").is_visible()
    assert not view.locator(".theme").is_visible()


@needs_browser
def test_on_paper_there_is_the_text_alone(opened: Open) -> None:
    view = opened(LECTURE, color_scheme="dark")
    view.emulate_media(media="print")
    for name in ("header", "#contents", "footer"):
        assert not view.locator(name).is_visible()
    assert view.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"


@needs_browser
def test_the_first_stop_skips_to_the_text(opened: Open) -> None:
    view = opened(LECTURE)
    view.keyboard.press("Tab")
    assert view.evaluate("document.activeElement.textContent") == "Skip to the text"
    view.keyboard.press("Enter")
    assert view.evaluate("document.activeElement.id") == "content"


@needs_browser
@pytest.mark.needs("axe")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("place", ["index.html", LECTURE])
def test_axe_finds_no_serious_violation(opened: Open, place: str, width: int, scheme: str) -> None:
    view = opened(place, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    view.locator("#search").fill("neuron")
    view.locator("#found li").first.wait_for()
    view.locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
    view.add_script_tag(path=os.environ[AXE])
    found = view.evaluate("axe.run().then(all => all.violations.map(v => [v.impact, v.id, v.nodes[0].html]))")
    assert [each for each in found if each[0] in ("serious", "critical")] == []
