"""Our own scripts and styles without what only those who work on them need: comments, indents, spaces.

These few rules know no grammar. They suit our files, whose strings hold nothing that looks like a comment and end on
the line where they begin: a test holds them to it.
"""

from __future__ import annotations

import re

_BLOCK = re.compile(r"^ */\*.*?\*/$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(
    r"^ *//.*$| // [^\"'`\n]*$", re.MULTILINE
)  # behind code one without quotes: no string goes on in it
_INDENT = re.compile(r"\n\s*")
_REMARK = re.compile(r"\s*/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"(?<=:) | (?=\{)|(?<=[{};,])\n")


def script(text: str) -> str:
    """A script, line by line."""
    return _INDENT.sub("\n", _COMMENT.sub("", _BLOCK.sub("", text))).strip()


def style(text: str) -> str:
    """A style sheet."""
    return _SPACE.sub("", _INDENT.sub("\n", _REMARK.sub("", text))).strip()
