"""The reader's own lines behind tensors, and the text around them."""

from __future__ import annotations

import linecache
from collections.abc import Iterable

from ..autograd.reader import is_ours, line_of
from ..autograd.tensor import Tensor
from .trace import Code, Source

CELL = "this cell"  # what a notebook's cell is called (autograd/reader.py): it is shown whole
MOST_LINES = 80  # of one file or cell


def source_of(tensor: Tensor) -> Source | None:
    """Where `tensor` was made; None where no source text can be found (typed at a plain prompt)."""
    line = line_of(tensor.code.co_filename, tensor.code, tensor.lasti)
    return None if line is None else Source(*line)


def code_around(tensors: Iterable[Tensor]) -> tuple[Code, ...]:
    """The cells that made these tensors, and of files the text from the first of their lines to the last."""
    places: dict[str, list[Source]] = {}
    for tensor in tensors:
        source = source_of(tensor)
        if source is not None and not is_ours(tensor.code.co_filename):
            places.setdefault(tensor.code.co_filename, []).append(source)
    return tuple(_around(path, sources) for path, sources in places.items())


def _around(path: str, sources: list[Source]) -> Code:
    text = linecache.getlines(path)
    numbers = [source.line for source in sources]
    first, last = (1, len(text)) if sources[0].file == CELL else (min(numbers), max(numbers))
    last = min(last, first + MOST_LINES - 1)
    return Code(sources[0].file, first, tuple(line.rstrip() for line in text[first - 1 : last]))
