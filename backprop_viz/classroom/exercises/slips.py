"""Slips that many exercises have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..values import negated


def flipped(truth: Callable[..., Any]) -> Callable[..., Any]:
    """What somebody answers who has turned all signs (M12), and has the rest right."""
    return lambda *case: negated(truth(*case))
