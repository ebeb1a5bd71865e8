"""The place in the reader's program that is being run, and the line of it behind a tensor."""

from __future__ import annotations

import linecache
import os
import re
from functools import lru_cache
from itertools import islice
from pathlib import Path, PurePath
from sys import _getframe
from types import CodeType, FrameType

_folder = str(Path(__file__).parent.parent) + os.sep


def reader_frame() -> FrameType:
    """The frame of the reader's program that is being run: the innermost one outside this package."""
    frame = _getframe(1)
    while frame.f_code.co_filename.startswith(_folder) and frame.f_back is not None:
        frame = frame.f_back
    return frame


def is_ours(path: str) -> bool:
    """Whether a file is one of this package, and not the reader's."""
    return path.startswith(_folder)


@lru_cache(maxsize=10_000)
def line_of(
    path: str, code: CodeType, lasti: int
) -> tuple[str, int, str] | None:  # the same code in two files is equal: hence `path`
    """File (without its folder), line number and text of a place in the program; None where no text can be found."""
    line = next(islice(code.co_positions(), lasti // 2, None))[0]
    text = linecache.getline(path, line or 0).strip()
    if line is None or not text:
        return None
    return _file(path), line, text


def _file(path: str) -> str:
    """The file's name; a notebook's cell has a file name that changes with every kernel."""
    if re.search(r"ipykernel_\d+|^<ipython-input|^<stdin>|^<string>", path):
        return "this cell"
    return PurePath(path).name
