"""The reader's own lines behind tensors, and the text around them."""

from __future__ import annotations

import linecache
from collections.abc import Sequence
from dataclasses import replace

from ..autograd.reader import CELL, is_ours, line_of
from ..autograd.tensor import Tensor
from .trace import Code, Source

ORDINALS = ("a", "another", *(f"a {nth}" for nth in ("third", "fourth", "fifth", "sixth", "seventh")), "an eighth")
MOST_LINES = 80  # of one file or cell


def source_of(tensor: Tensor) -> Source | None:
    """Where `tensor` was made; None where no text of the reader's can be found (typed at a plain prompt)."""
    path = tensor.code.co_filename
    line = None if is_ours(path) else line_of(path, tensor.code, tensor.lasti)
    return None if line is None else Source(*line)


def sources_of(tensors: Sequence[Tensor]) -> tuple[list[Source | None], tuple[Code, ...]]:
    """Where each tensor was made; and the cells that made them, of files the text from the first line to the last.

    Cells are told apart by the order in which they are first met, which is the same in every process.
    """
    sources = [source_of(tensor) for tensor in tensors]
    places: dict[str, list[Source]] = {}
    for tensor, source in zip(tensors, sources, strict=True):
        if source is not None:
            places.setdefault(tensor.code.co_filename, []).append(source)
    cells = [path for path, (first, *_) in places.items() if first.file == CELL]
    names = {path: _cell(number) for number, path in enumerate(cells)}
    code = tuple(_around(path, found, names.get(path)) for path, found in places.items())
    named = [
        source and replace(source, file=names.get(tensor.code.co_filename, source.file))
        for tensor, source in zip(tensors, sources, strict=True)
    ]
    return named, code


def _cell(number: int) -> str:
    """What the cell of this number (from 0) is called in one record."""
    if number < len(ORDINALS):
        return ORDINALS[number] + CELL.removeprefix("a")
    return f"{CELL}, number {number + 1} of those shown"


def _around(path: str, sources: list[Source], cell: str | None) -> Code:
    """The text around these lines of one file; all of it where it is a notebook's cell."""
    text = linecache.getlines(path)
    numbers = [source.line for source in sources]
    first, last = (1, len(text)) if cell else (min(numbers), max(numbers))
    last = min(last, first + MOST_LINES - 1)
    return Code(cell or sources[0].file, first, tuple(line.rstrip() for line in text[first - 1 : last]))
