"""What is wrong with the notebooks of a site, in words for the one who wrote them."""

from __future__ import annotations


class Fault(ValueError):
    """What was found, what is possible, and what to do."""
