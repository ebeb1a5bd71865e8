"""Students' functions called: what they answer, or their error in one line that shows the line of theirs."""

from __future__ import annotations

import ast
import inspect
import io
import linecache
import textwrap
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from types import CodeType, TracebackType
from typing import Any

import numpy as np

from .dyadic import Dyadic
from .item import Item
from .values import LONGER, call_of, cut


class Crash(Exception):
    """The student's own code raised an error of this kind; `missing` if it is the one of the item's stub."""

    def __init__(self, text: str, kind: str, *, missing: bool = False) -> None:
        super().__init__(text)
        self.kind = kind
        self.missing = missing


def called(item: Item, function: Callable[..., Any], seed: int) -> Any:
    """What a function answers to the case of this seed, without what it prints; its error as a Crash."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return item.answer_of(function, seed)
    except (Exception, SystemExit) as error:
        code = _code_of(function)
        missing = isinstance(error, NotImplementedError) and _of_stub(error, item, code)
        raise Crash(_told(error, code), type(error).__name__, missing=missing) from None


def case_of(item: Item, seed: int) -> str:
    """The arguments of a case with their names."""
    return call_of(item.truth, item.cases(Dyadic(seed)))


def does_nothing(function: Any) -> bool:
    """Whether a function is without a body, as otter's stubs are: `...`, perhaps below a docstring."""
    code = _code_of(function)
    if code is None or code.co_name == "<lambda>" or code.co_consts[-1:] != (None,):
        return False  # `return 1` has the same code, and another constant
    return any(code.co_code == empty.__code__.co_code for empty in (_empty, _told_empty))


def is_begun(function: Any) -> bool:
    """Whether there is more in a function than its stub's one line."""
    code = _code_of(function)
    try:
        source = inspect.getsource(code) if code else ""
        written = ast.parse(textwrap.dedent(source)).body
    except (OSError, SyntaxError):  # no source, or a part of a line
        return False
    body = written[0].body if written and isinstance(written[0], ast.FunctionDef) else []
    return sum(not isinstance(line, ast.Expr | ast.Pass) for line in body) > 1  # no docstring


def _empty() -> None: ...


def _told_empty() -> None:
    """Nothing."""


def _code_of(function: Any) -> CodeType | None:
    """The code that the student wrote for a function, below its decorators."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code if isinstance(code, CodeType) else None


def _of_stub(error: NotImplementedError, item: Item, code: CodeType | None) -> bool:
    """Whether the item's own stub raised this; nbgrader's says nothing, so it is asked where it stands."""
    own = _steps(error.__traceback__)[-1].tb_frame.f_code is code
    return str(error).startswith(f"{item.id}: ") or (own and not str(error))


def _told(error: BaseException, code: CodeType | None) -> str:
    """An error in one line, with the last line of the student's code that led to it."""
    kind, message = type(error).__name__, cut(str(error), LONGER)
    told = f"{kind}: {message}" if message else kind
    theirs = [step for step in _steps(error.__traceback__) if _of_student(step, code)]
    if not theirs:
        return told
    number = theirs[-1].tb_lineno
    line = cut(linecache.getline(theirs[-1].tb_frame.f_code.co_filename, number))
    return f"{told}, in line {number}: {line}" if line else f"{told}, in line {number}"


def _steps(traceback: TracebackType | None) -> list[TracebackType]:
    steps = []
    while traceback:
        steps.append(traceback)
        traceback = traceback.tb_next
    return steps


def _of_student(step: TracebackType, code: CodeType | None) -> bool:
    """Whether a step of a traceback is in the notebook, or in the file of the student's function."""
    frame = step.tb_frame
    in_notebook = frame.f_globals.get("__name__") == "__main__"
    return in_notebook or (code is not None and frame.f_code.co_filename == code.co_filename)
