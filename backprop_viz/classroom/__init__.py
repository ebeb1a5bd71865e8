"""Exercises: what a student's cells call, and how the notebooks of a class are made."""

from .check import Verdict, check, results
from .question import question

__all__ = ["Verdict", "check", "question", "results"]
