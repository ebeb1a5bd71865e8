"""What a page leaves out of the script and the style changes nothing that they do."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import backprop_viz as bp
from backprop_viz.player import inlined, lean

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PLAYER = Path(bp.__file__).parent / "player"
SCRIPTS, STYLES = sorted(inlined.MODULES.glob("*.mjs")), sorted(PLAYER.glob("*.css"))
STRING = re.compile(r'"[^"\n]*"')


def name_of(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_our_scripts_are_such_as_the_rules_suit(path: Path) -> None:
    for line in path.read_text(encoding="utf8").splitlines():
        assert line.count("`") % 2 == 0, f"a template goes on over the end of its line: {line}"
        assert "/*" not in line or re.match(r" */\*\*", line), f"a comment in blocks begins its line: {line}"
        assert not line.endswith("\\"), f"a string goes on over the end of its line: {line}"


@pytest.mark.parametrize("path", STYLES, ids=name_of)
def test_our_styles_are_such_as_the_rules_suit(path: Path) -> None:
    without_remarks = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf8"), flags=re.DOTALL)
    for string in STRING.findall(without_remarks):
        assert not re.search(r"[:,;{}] | \{|/\*|\*/", string), string


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_no_module_gives_a_name_that_another_one_gives(path: Path) -> None:
    names = re.compile(r"^(?:export )?(?:const|let|function) (\w+)", re.MULTILINE)
    others = {name for other in SCRIPTS if other != path for name in names.findall(other.read_text(encoding="utf8"))}
    assert set(names.findall(path.read_text(encoding="utf8"))) & others == set()


@pytest.mark.parametrize(
    ("last", "left_out"),
    [
        ("player", {"page.mjs", "reopened.mjs", "widget.mjs"}),
        ("widget", {"page.mjs"}),
        ("page", {"reopened.mjs", "widget.mjs"}),
    ],
)
def test_a_browser_gets_one_module_in_which_each_stands_before_those_that_import_from_it(
    last: str, left_out: set[str]
) -> None:
    joined = inlined.script(last)
    assert "import " not in re.sub(r"/\*.*?\*/|//[^\n]*", "", joined, flags=re.DOTALL)
    heads = {path.name: path.read_text(encoding="utf8").splitlines()[0] for path in SCRIPTS}
    assert {name for name, head in heads.items() if joined.count(head) != 1} == left_out


@pytest.mark.needs("node")
def test_the_script_passes_its_tests_without_its_comments(tmp_path: Path) -> None:
    tests = Path(__file__).parent / "js" / "player.test.mjs"
    script = tmp_path / "player.mjs"
    script.write_text(lean.script(inlined.script("widget")), encoding="utf8")
    environment = os.environ | {"BACKPROP_VIZ_PLAYER": str(script)}
    done = subprocess.run(["node", "--test", str(tests)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.needs("browser")
@pytest.mark.parametrize("path", STYLES, ids=name_of)
def test_a_browser_reads_the_same_rules_without_comments_and_spaces(chromium: Browser, path: Path) -> None:
    rules_of = (
        "const sheet = new CSSStyleSheet(); sheet.replaceSync(css); return [...sheet.cssRules].map(r => r.cssText)"
    )
    read = f"css => {{ {rules_of} }}"
    view = chromium.new_page()
    style = path.read_text(encoding="utf8")
    rules = view.evaluate(read, style)
    assert rules
    assert view.evaluate(read, lean.style(style)) == rules
    view.close()


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("// all of it", ""),
        ("/** Two\n * lines. */\nf();", "f();"),
        ("  // alone, with 'quotes'\n  f();", "f();"),
        ("f(); // behind", "f();"),
        ('const a = "http://x";', 'const a = "http://x";'),
        ('const a = "1 // 2";', 'const a = "1 // 2";'),
        ("const a = 4 / 2;\n\n  g(a);", "const a = 4 / 2;\ng(a);"),
    ],
)
def test_comments_and_indents_of_a_script_go_and_strings_stay(source: str, kept: str) -> None:
    assert lean.script(source) == kept


def test_comments_and_spaces_of_a_style_go() -> None:
    style = '/* all */\n.a,\n.b > c {\n  margin: 0 auto; /* wide */\n  font: 12px "A B", serif;\n}\n'
    assert lean.style(style) == '.a,.b > c{margin:0 auto;font:12px "A B", serif;}'
