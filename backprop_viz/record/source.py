"""The reader's own line behind a tensor."""

from __future__ import annotations

from ..autograd.reader import line_of
from ..autograd.tensor import Tensor
from .trace import Source


def source_of(tensor: Tensor) -> Source | None:
    """Where `tensor` was made; None where no source text can be found (typed at a plain prompt)."""
    line = line_of(tensor.code.co_filename, tensor.code, tensor.lasti)
    return None if line is None else Source(*line)
