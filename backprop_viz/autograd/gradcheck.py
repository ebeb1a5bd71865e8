"""Gradients held against finite differences: op by op, and in sum; what is wrong is named by op, argument and line."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from .backward import ancestors, is_tensor
from .differences import Differences
from .functions.constructors import parameter
from .mode import enable_grad
from .reader import line_of
from .report import Entry, Fault, GradcheckError, GradcheckReport
from .suspects import Pass, explained, wrong_shape
from .tensor import Tensor
from .transforms import sends
from .values import stored, untracked

KINKS = ("ignore", "fail")


# ---------------------------------------------------------------------- what readers call
def gradcheck(
    f: Any,
    inputs: Any = (),
    *,
    eps: float = 1e-6,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    kinks: str = "ignore",
    gradients: Any = None,
    raise_exception: bool = True,
) -> GradcheckReport:
    """Check gradients against central differences (f(x + h) − f(x − h)) / 2h, after torch.autograd.gradcheck.

    f, inputs: a function of tensors with its inputs (one, or a tuple), read as float64; or a loss already computed,
          whose graph is then checked as it was recorded, by all its parameters. A result that is no scalar is weighted.
    eps:  the step h, times |x| where that is above 1;  |analytic − numeric| ≤ atol + rtol · |numeric| passes
    kinks: "ignore" or "fail": what to make of points such as ReLU at 0, where the differences from left and right
          differ and the gradient lies between them
    gradients: claims to check in place of the engine's own, for a scalar loss: a list in the order of the inputs (of
          bp.graph(loss).params), or a dict by tensor or by name, which may hold computed tensors too
    Raises GradcheckError, unless raise_exception is False. Two evaluations for each element: meant for small arrays.
    """
    if kinks not in KINKS:
        raise ValueError(f"kinks is one of {KINKS}; got {kinks!r}")
    if not eps > 0:
        raise ValueError(f"the step eps is above 0; got {eps!r}")
    check = _Check(f, inputs, eps, rtol, atol)
    faults = list(check.stale()) or list(check.formulas())
    if all(fault.kind == "kink" for fault in faults):  # a sum of wrong parts says nothing more
        faults += check.totals(check.claims(gradients))
    found = tuple(fault for fault in faults if fault.kind == "kink")
    wrong = tuple(fault for fault in faults if fault.kind != "kink" or kinks == "fail")
    report = GradcheckReport(wrong, () if kinks == "fail" else found, check.edges, check.entries)
    if wrong and raise_exception:
        raise GradcheckError(report)
    return report


class _Check:
    """One check: the graph of `root`, what is derived by, and how near is near enough."""

    def __init__(self, f: Any, inputs: Any, eps: float, rtol: float, atol: float) -> None:
        self.function = None if isinstance(f, Tensor) else f
        several = isinstance(inputs, tuple) or (isinstance(inputs, list) and any(map(is_tensor, inputs)))
        self.given = tuple(inputs) if several else (inputs,)
        self.leaves: list[Tensor] = []
        self.root = f if isinstance(f, Tensor) else self._call(list(map(untracked, self.given)), parameter)
        self.nodes = ancestors(self.root)
        if isinstance(f, Tensor):
            self.leaves = [node for node in self.nodes if node.op is None and node.requires_grad]
        if not self.root.requires_grad:
            raise RuntimeError("nothing to check: the result depends on no parameter (requires_grad=True)")
        single = any(node.dtype in (np.float32, np.float16) for node in self.nodes)
        self.differences = Differences(eps, max(rtol, 1e-3 * single), max(atol, 1e-4 * single))
        random = np.random.default_rng(0)
        self.weights: Any = random.uniform(0.5, 1.5, self.root.shape) if self.root.shape else np.ones(())
        self.receivers = {node for node in self.nodes if node.requires_grad}
        self.edges = self.entries = 0

    def _call(self, values: list[Any], make: Callable[[Any], Tensor]) -> Tensor:
        """What the function gives for these values, with the leaves it was given where they are parameters."""
        if not callable(self.function):
            kind = type(self.function).__name__
            raise TypeError(f"gradcheck takes a function of tensors with its inputs, or a computed loss; got {kind}")
        if not self.given:
            raise TypeError("gradcheck needs the inputs of the function: bp.gradcheck(f, (x, y))")
        leaves = [make(np.asarray(value, dtype=np.float64)) for value in values]
        for leaf, given, name in zip(leaves, self.given, _parameter_names(self.function, len(leaves)), strict=True):
            leaf.name = getattr(given, "name", None) or name
        self.leaves = self.leaves or leaves
        with enable_grad():
            out = self.function(*leaves)
        if not isinstance(out, Tensor):
            raise TypeError(f"the function to check gives one tensor; this one gave {type(out).__name__} {out!r:.60}")
        return out

    # ------------------------------------------------------------------ the claims
    def claims(self, gradients: Any) -> dict[Tensor, Any]:
        """The gradients to check, by tensor: those given, or the engine's own."""
        if gradients is None:
            own: dict[Tensor, Any] = {self.root: stored(self.weights.astype(self.root.dtype))}
            for _ in sends(self.nodes, own, self.receivers):
                pass
            return {leaf: own.get(leaf, np.zeros(leaf.shape)) for leaf in self.leaves}
        if self.root.size != 1:
            raise ValueError(f"gradients are checked of a scalar loss; this one has shape {self.root.shape}")
        if isinstance(gradients, Mapping):
            return {self._meant(key): _numbers(value) for key, value in gradients.items()}
        listed = list(gradients) if isinstance(gradients, tuple | list) else [gradients]
        if len(listed) != len(self.leaves):
            raise ValueError(f"there are {len(self.leaves)} inputs to check, but {len(listed)} gradients")
        return dict(zip(self.leaves, map(_numbers, listed), strict=True))

    def _meant(self, key: Any) -> Tensor:
        """The tensor of the graph that a key of the gradients names."""
        if is_tensor(key):
            pairs = [(given, leaf) for given, leaf in zip(self.given, self.leaves, strict=False)]
            pairs += [(node, node) for node in self.nodes]
            meant = next((node for given, node in pairs if given is key), None)
        else:
            meant = next((node for node in self.nodes if node.name == key), None)
        if meant is None:
            known = ", ".join(sorted(repr(node.name) for node in self.nodes if node.name)) or "none"
            raise ValueError(f"{key!r} is no tensor of this graph; by name it knows: {known}")
        return meant

    # ------------------------------------------------------------------ the three checks
    def stale(self) -> Iterator[Fault]:
        """Every node whose value is no longer what its op makes of its arguments."""
        near = self.differences
        for node in self.nodes:
            if node.op is not None:
                again = _forward(node, list(map(untracked, node.arguments)))
                if not np.allclose(again, node.data, rtol=max(1e-9, near.rtol / 10), atol=near.atol, equal_nan=True):
                    yield Fault(
                        "stale",
                        f"{node.op.name} holds a value that it no longer makes of its arguments: one was edited since. "
                        f"Run the forward pass again",
                        child=node, source=_source(node),
                    )  # fmt: skip

    def formulas(self) -> Iterator[Fault]:
        """Every edge, from the loss back, whose contribution is not what differences of its op's forward give."""
        for child in reversed(self.nodes):
            for slot, parent in enumerate(child.arguments):
                if is_tensor(parent) and parent in self.receivers:
                    self.edges += 1
                    yield from self._edge(child, slot)

    def _edge(self, child: Tensor, slot: int) -> Iterator[Fault]:
        assert child.op is not None
        values = [_wide(untracked(argument)) for argument in child.arguments]
        out = _wide(_forward(child, values))
        g = np.random.default_rng(1).uniform(0.5, 1.5, np.shape(out))
        edge = f"{child.op.name}, argument {slot} ({child.op.arguments[slot].name!r})"
        try:
            contribution = child.op.pull(slot, stored(g), out, tuple(values), child.options)
        except Exception as error:
            text = f"{edge}: the derivative cannot be computed: {type(error).__name__}: {error}"
            yield Fault("formula", text, child, slot, child.arguments[slot], _source(child))
            return
        if np.shape(contribution) != np.shape(values[slot]):
            text = f"{edge}: the derivative has shape {np.shape(contribution)}, the argument {np.shape(values[slot])}"
            yield Fault("shape", text, child, slot, child.arguments[slot], _source(child))
            return

        def weighted(value: Any) -> Any:
            return g * _forward(child, [*values[:slot], value, *values[slot + 1 :]])

        for kind, entries in self.differences.compared(contribution, values[slot], weighted).items():
            said = {"wrong": "the derivative is not that of the forward function", "kink": _KINK}[kind]
            name = "formula" if kind == "wrong" else "kink"
            yield Fault(name, f"{edge}: {said}", child, slot, child.arguments[slot], _source(child), entries)

    def totals(self, claimed: dict[Tensor, Any]) -> Iterator[Fault]:
        """Every claimed gradient that is not that of the whole function, with what would explain them."""
        run = Pass(self.nodes, {self.root: stored(self.weights.astype(self.root.dtype))}, self.receivers)
        right = run.run()
        again = self._whole(self.leaves[0], self.leaves[0].data) if self.function is not None else None
        if again is not None and not np.array_equal(again, self.weights * self.root.data, equal_nan=True):
            yield Fault("graph", _RANDOM, source=_source(self.root))
            return
        wrong: dict[Tensor, tuple[Entry, ...]] = {}
        for tensor in sorted(claimed, key=lambda node: -node.birth):
            value = claimed[tensor]
            if np.shape(value) != tensor.shape:
                text = wrong_shape(value, right.get(tensor, np.zeros(tensor.shape)))
                yield Fault("shape", f"{_name(tensor)}: {text}", tensor=tensor, source=_source(tensor))
                continue
            self.entries += tensor.size
            # A kink was told by its edge.
            found = self.differences.compared(value, _wide(tensor.data), partial(self._whole, tensor))
            if "kink" in found and np.isnan(self.root.data).all():
                yield Fault("nan", f"{_name(tensor)}: {_NAN}", tensor=tensor, source=_source(self.root))
            if "wrong" in found:
                wrong[tensor] = found["wrong"]
        if not wrong:
            return
        first, entries = next(iter(wrong.items()))
        fitting = {tensor: value for tensor, value in claimed.items() if np.shape(value) == tensor.shape}
        if self.function is not None and all(_agree(fitting[x], right.get(x, 0.0)) for x in fitting):
            yield Fault("graph", f"{_name(first)}: {_LEFT}", tensor=first, source=_source(self.root), entries=entries)
            return
        text, child, slot = explained(run, fitting, _name)
        source = _source(first if child is None else child)
        yield Fault("sum", f"{_name(first)}: {text}", child, slot, first, source, entries)

    def _whole(self, tensor: Tensor, value: Any) -> Any:
        """The weighted result of the whole function, where this tensor has another value."""
        if self.function is not None and any(leaf is tensor for leaf in self.leaves):
            values = [value if leaf is tensor else leaf.data for leaf in self.leaves]
            return self.weights * untracked(self._call(values, parameter))
        new: dict[Tensor, Any] = {tensor: value}
        for node in self.nodes:
            if node not in new and any(parent in new for parent in node.parents):
                arguments = [new.get(x, x.data) if is_tensor(x) else x for x in node.arguments]
                new[node] = _forward(node, list(map(_wide, arguments)))
        return self.weights * new.get(self.root, self.root.data)


_KINK = "on a kink, or at the edge of the domain: left and right differ, and the gradient lies between them"
_LEFT = (
    "every edge is right, but the recorded graph is not the whole function: a value left it, by .detach(), .data, "
    "float() or bp.no_grad()"
)
_NAN = "the result is nan: no derivative of it can be checked"
_RANDOM = "the function gives another value each time it is called: draw its random numbers once, outside"


def _forward(node: Tensor, values: list[Any]) -> Any:
    """What the node's op makes of these values."""
    assert node.op is not None
    with np.errstate(all="ignore"):
        return node.op.forward(*(np.float64(x) if x.__class__ is float else x for x in values), **node.options)


def _wide(value: Any) -> Any:
    """A value of narrow floats as float64."""
    dtype = np.asarray(value).dtype
    return stored(np.asarray(value, dtype=np.float64)) if dtype.kind == "f" and dtype != np.float64 else value


def _numbers(value: Any) -> Any:
    if value is None:
        raise TypeError("a gradient to check is a number or an array; got None: run the backward pass first")
    return np.asarray(untracked(value), dtype=np.float64)


def _parameter_names(function: Any, count: int) -> list[str | None]:
    """What the function calls its inputs, where that can be told."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    return list(names) if len(names) == count else [None] * count


def _agree(a: Any, b: Any) -> bool:
    return bool(np.allclose(a, b, rtol=1e-4, atol=1e-7))


def _name(tensor: Tensor) -> str:
    """How a report calls a tensor."""
    kind = f"a parameter of shape {tensor.shape}" if tensor.op is None else f"the result of {tensor.op.name}"
    return repr(tensor.name) if tensor.name else kind


def _source(tensor: Tensor) -> tuple[str, int, str] | None:
    return line_of(tensor.code.co_filename, tensor.code, tensor.lasti)
