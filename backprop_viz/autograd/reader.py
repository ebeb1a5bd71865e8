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
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from .node import Node

CELL = "a cell of the notebook"  # whose file has another name in every kernel
_N = TypeVar("_N", bound="Node")
_folder = str(Path(__file__).parent.parent) + os.sep


def reader_frame(above: int = 1) -> FrameType:
    """The frame of the reader's program that is being run: the innermost one outside this package.

    above: so many calls up it is looked for; those below are known to be the package's own
    """
    frame = _getframe(above)
    while frame.f_code.co_filename.startswith(_folder) and (caller := frame.f_back):
        frame = caller
    return frame


def for_reader(*made: _N) -> _N:
    """The last of these tensors; all that the calling function made, it made for the reader's line being run.

    An operator takes the line that calls it for the reader's: to look would cost it a third of its time. What a
    function of this package has computed by operators passes through here.
    """
    reader = reader_frame(3)
    code, lasti = reader.f_code, reader.f_lasti
    for tensor in made:
        tensor.code, tensor.lasti = code, lasti
    return made[-1]


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
    """The file's name without its folder."""
    if re.search(r"ipykernel_\d+|^<ipython-input|^<stdin>|^<string>", path):
        return CELL
    return PurePath(path).name
