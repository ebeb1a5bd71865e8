"""What a check of gradients finds, as data and as text."""

from __future__ import annotations

from dataclasses import dataclass

from .tensor import Tensor


@dataclass(frozen=True, slots=True)
class Entry:
    """One derivative: where it stands, what was claimed, and what central differences give."""

    index: tuple[int, ...]
    analytic: float
    numeric: float

    @property
    def relative_error(self) -> float:
        """|analytic − numeric| / max(|analytic|, |numeric|)."""
        largest = max(abs(self.analytic), abs(self.numeric))
        return abs(self.analytic - self.numeric) / largest if largest else 0.0

    def __str__(self) -> str:
        at = ", ".join(map(str, self.index))
        return (
            f"    [{at}]  analytic {self.analytic:.8g}  numeric {self.numeric:.8g}  "
            f"relative error {self.relative_error:.2g}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """One thing that is wrong, or a kink.

    kind:  "formula" (an edge's derivative), "stale" (a value edited since), "sum" (all edges right, the total wrong),
           "shape", "graph" (a part of the function is not recorded), "nan" (the result is none that could be checked),
           or "kink" (differences from left and right differ)
    child, slot: the edge, where it is one edge's: the node that sends, and the argument slot it sends to
    tensor: whose gradient it is
    source: the reader's line: file, line number, text
    """

    kind: str
    text: str
    child: Tensor | None = None
    slot: int | None = None
    tensor: Tensor | None = None
    source: tuple[str, int, str] | None = None
    entries: tuple[Entry, ...] = ()

    def __str__(self) -> str:
        where = [f"    {self.source[0]}:{self.source[1]}: {self.source[2]}"] if self.source else []
        more = [f"    and {len(self.entries) - 5} more"] if len(self.entries) > 5 else []
        return "\n".join([f"{self.kind}: {self.text}", *where, *map(str, self.entries[:5]), *more])


@dataclass(frozen=True, slots=True, eq=False)
class GradcheckReport:
    """The outcome of a check; true if it passed.

    faults: what is wrong, from the loss back;  kinks: where no single derivative exists
    edges, entries: how many edges, and how many derivatives of the whole function, were checked
    """

    faults: tuple[Fault, ...]
    kinks: tuple[Fault, ...]
    edges: int
    entries: int

    def __bool__(self) -> bool:
        return not self.faults

    def __str__(self) -> str:
        verdict = "passed" if self else "failed"
        head = f"gradcheck {verdict}: {self.edges} edges and {self.entries} derivatives checked"
        return "\n".join([head, *map(str, self.faults), *map(str, self.kinks)])

    __repr__ = __str__


class GradcheckError(RuntimeError):
    """A check that failed; `report` says how."""

    def __init__(self, report: GradcheckReport) -> None:
        super().__init__(str(report))
        self.report = report
