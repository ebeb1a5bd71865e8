"""The reader's own line behind a tensor."""

from __future__ import annotations

import linecache
import re
from functools import lru_cache
from itertools import islice
from pathlib import PurePath
from types import CodeType

from ..autograd.tensor import Tensor
from .trace import Source


def source_of(tensor: Tensor) -> Source | None:
    """Where `tensor` was made; None where no source text can be found (typed at a plain prompt)."""
    return _source(tensor.code.co_filename, tensor.code, tensor.lasti)


@lru_cache(maxsize=10_000)
def _source(
    path: str, code: CodeType, lasti: int
) -> Source | None:  # the same code in two files is equal: hence `path`
    line = next(islice(code.co_positions(), lasti // 2, None))[0]
    text = linecache.getline(path, line or 0).strip()
    if line is None or not text:
        return None
    return Source(_file(path), line, text)


def _file(path: str) -> str:
    """The file's name without its folder; a notebook's cell has a file name that changes with every kernel."""
    if re.search(r"ipykernel_\d+|^<ipython-input|^<stdin>|^<string>", path):
        return "this cell"
    return PurePath(path).name
