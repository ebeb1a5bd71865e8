"""Random programs over the whole op table: drawn from a seed, plain data, printed as Python, made smaller."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import numpy as np

from backprop_viz.autograd.op import Op
from backprop_viz.autograd.ops import OPS
from backprop_viz.autograd.ops.products import einsum_of
from backprop_viz.autograd.ops.shapes import concatenate_of, stack_of

Shape = tuple[int, ...]
LARGEST = 8.0  # values stay within this, so that gradients stay within a few powers of ten
MOST = 72  # elements of one value
NEAR = 1e-3  # closer to a kink or a tie than this only numbers come that both libraries compute exactly
SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/"}  # of edits in place: x += y


# ---------------------------------------------------------------------- a program
class Name(int):
    """A variable of a program, by its number."""

    def __repr__(self) -> str:
        return f"x{int(self)}"


@dataclass(frozen=True, slots=True)
class Step:
    """One line: `target` becomes what a row makes of variables, plain numbers and plain arrays.

    edit: the target is the first argument, changed in place
    """

    target: Name
    row: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    edit: bool = False

    def __str__(self) -> str:
        if self.edit:
            key = f"[{written(self.options['key'])}]" if self.options else ""
            return f"{self.target!r}{key} {SIGNS.get(self.row, '')}= {written(self.arguments[1])}"
        said = [written(argument) for argument in self.arguments]
        said += [f"{name}={written(value)}" for name, value in self.options.items()]
        return f"{self.target!r} = run({self.row!r}, {', '.join(said)})"


@dataclass(frozen=True, slots=True)
class Program:
    """Leaves, each with its value and whether it needs a gradient, and the steps that compute with them."""

    leaves: Mapping[Name, tuple[Any, bool]]
    steps: tuple[Step, ...]

    @property
    def outputs(self) -> list[Name]:
        """What the loss is made of: the first leaf, so that there is a gradient, and all that nothing else uses."""
        used = {name for step in self.steps for name in names_in(step.arguments) if name != step.target}
        return [min(self.leaves), *dict.fromkeys(step.target for step in self.steps if step.target not in used)]

    def __str__(self) -> str:
        lines = ["from test_programs import bp, inf, loss_of, np, run"]
        for name, (value, needs) in self.leaves.items():
            lines.append(f"{name!r} = bp.{'parameter' if needs else 'tensor'}({value.tolist()})")
        return "\n".join([*lines, *map(str, self.steps), f"loss = loss_of({self.outputs})"])


def written(value: Any) -> str:
    """A value as Python text that gives it again."""
    if isinstance(value, np.ndarray):
        kind = "" if value.size else f", {value.dtype.name!r}"
        return f"np.array({value.tolist()}{kind})"
    if isinstance(value, tuple):
        return f"({''.join(f'{written(each)}, ' for each in value)})"
    return repr(value)


def names_in(arguments: Sequence[Any]) -> list[Name]:
    """The variables among the arguments: a plain 2 is not x2."""
    return [argument for argument in arguments if isinstance(argument, Name)]


def row_of(name: str, count: int) -> Op:
    """The row for this many arguments."""
    joined = {"concatenate": concatenate_of, "stack": stack_of, "einsum": einsum_of}
    return joined[name](count) if name in joined else OPS[name]


def smaller(program: Program, values: Mapping[Name, Any]) -> Iterator[Program]:
    """The programs with one step less: left out, or with its value as a leaf."""
    for at in reversed(range(len(program.steps))):
        step = program.steps[at]
        rest = program.steps[:at] + program.steps[at + 1 :]
        if step.edit or not any(step.target in names_in(other.arguments) for other in rest):
            yield _without_unused(replace(program, steps=rest))
        elif step.target in values and not any(other.edit and other.target == step.target for other in rest):
            leaves = dict(program.leaves) | {step.target: (values[step.target], True)}
            yield _without_unused(Program(dict(sorted(leaves.items())), rest))


def _without_unused(program: Program) -> Program:
    used = {name for step in program.steps for name in names_in(step.arguments)}
    leaves = {name: leaf for name, leaf in program.leaves.items() if name in used} or program.leaves
    first = min(leaves)
    return replace(program, leaves={**leaves, first: (leaves[first][0], True)})


# ---------------------------------------------------------------------- drawing one
class UnsuitableError(Exception):
    """The step drawn would leave a row's domain, come near a kink or grow too large."""


# Rows whose results are exact where the arguments are small multiples of a power of two: ties may then be on purpose.
EXACT = {
    "add", "sub", "mul", "neg", "clone", "square", "addcmul", "abs", "maximum", "minimum", "clip", "where", "relu",
    "sum", "max", "min", "prod", "matmul", "dot", "outer", "einsum", "embedding", "max_pool2d", "conv2d", "conv2d_bias",
    "squared_error", "dropout", "reshape", "flatten", "squeeze", "unsqueeze", "broadcast_to", "transpose", "getitem",
    "put", "split", "concatenate", "stack",
}  # fmt: skip
# For edits in place: neither library needs the results of the former, or any value of the latter's arguments.
RESULT_UNREAD = {"add", "sub", "mul", "neg", "square", "sin", "cos", "addcmul", "matmul", "put", "concatenate", "stack"}
ARGUMENTS_UNREAD = {"add", "sub", "neg", "sum", "mean", "put", "concatenate", "stack"}


def is_exact(value: Any) -> bool:
    """Whether these are multiples of 1/256, with so few digits that float32 holds them."""
    return bool(np.all(np.asarray(value) * 256 % 1 == 0) and np.all(np.abs(value) < 4096))


def clearance(row: str, values: list[Any], options: Mapping[str, Any]) -> float:
    """How far these values are from where the row has a kink, or two elements tie."""
    x = np.asarray(values[0])
    if row in ("relu", "leaky_relu", "elu", "abs"):
        return float(np.min(np.abs(x)))
    if row in ("maximum", "minimum"):
        return float(np.min(np.abs(np.subtract(*values))))
    if row == "clip":
        return float(min(np.min(np.abs(x - bound)) for bound in options.values()))
    if row in ("max", "min", "max_pool2d"):
        return float(np.min(np.diff(np.sort(x, axis=None)), initial=math.inf))
    return math.inf


def spread(row: str, x: Any, out: Any, options: Mapping[str, Any]) -> float:
    """The smallest standard deviation that the row divides by."""
    if row == "std":
        return float(np.min(out))
    if row.startswith("layer_norm"):
        return float(np.min(np.std(x, axis=tuple(range(-len(options["normalized_shape"]), 0)))))
    if row in ("batch_norm", "batch_norm_affine"):
        return float(np.min(np.std(x, axis=(0, *range(2, np.ndim(x))))))
    return math.inf


class Draft:
    """A program being drawn, with the value of everything in it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.leaves: dict[Name, tuple[Any, bool]] = {}
        self.steps: list[Step] = []
        self.values: dict[Name, Any] = {}
        self.exact: set[Name] = set()
        self.editable: set[Name] = set()
        self.leaf(self.shape())
        self.draw()

    def draw(self) -> None:
        """Draw steps until there are enough."""
        length = self.random.choice([2, 4, 8, 12, 20])
        while len(self.steps) < length:
            row = self.random.choice(list(OPS))
            try:
                self.edit() if self.random.random() < 0.1 else WAYS.get(row, elementwise)(self, row)
            except UnsuitableError:
                continue

    @property
    def program(self) -> Program:
        """What was drawn."""
        return _without_unused(Program(self.leaves, tuple(self.steps)))

    # ------------------------------------------------------------------ variables
    def shape(self, rank: int | None = None) -> Shape:
        rank = self.random.choice([0, 0, 1, 1, 2, 2, 3, 4]) if rank is None else rank
        return tuple(self.random.choice([1, 2, 2, 3, 3, 4][: 6 if rank < 3 else 4]) for _ in range(rank))

    def array(self, shape: Shape) -> Any:
        """Multiples of a half, which tie, or numbers that hardly do."""
        size, coarse = math.prod(shape), self.random.random() < 0.5
        steps = [
            self.random.randint(-4, 4) / 2 if coarse else round(self.random.uniform(-2, 2), 4) for _ in range(size)
        ]
        return np.array(steps).reshape(shape)

    def leaf(self, shape: Shape) -> Name:
        name = Name(len(self.values))
        self.leaves[name] = self.array(shape), not self.leaves or self.random.random() < 0.75
        self.values[name] = self.leaves[name][0]
        if is_exact(self.values[name]):
            self.exact.add(name)
        return name

    def pick(self, fits: Callable[[Shape], bool] = lambda shape: True, otherwise: Shape | None = None) -> Name:
        """A variable of a shape that fits, the last ones more often; a new leaf where there is none, and at times."""
        fitting = [name for name, value in self.values.items() if fits(value.shape)]
        if not fitting or self.random.random() < 0.1:
            return self.leaf(self.shape() if otherwise is None else otherwise)
        return max(self.random.choice(fitting), self.random.choice(fitting))

    def of_rank(self, *ranks: int) -> Name:
        return self.pick(lambda shape: len(shape) in ranks, self.shape(self.random.choice(ranks)))

    def of_shape(self, *shape: int) -> Name:
        return self.pick(lambda own: own == shape, shape)

    def within(self, shape: Shape) -> Name:
        """A variable that broadcasts to the shape."""
        return self.pick(lambda own: broadcast(own, shape) == shape, shape)

    def some(self, numbers: list[Any]) -> Any:
        return self.random.choice(numbers)

    # ------------------------------------------------------------------ steps
    def step(self, row: str, *arguments: Any, **options: Any) -> Name:
        """One more step, on arguments that the row's domain may not hold yet."""
        into = [self.domained(row, slot, argument) for slot, argument in enumerate(arguments)]
        out = self.result(row, into, options)
        name = Name(len(self.values))
        self.steps.append(Step(name, row, tuple(into), options))
        self.settle(name, row, into, out)
        return name

    def settle(self, name: Name, row: str, arguments: list[Any], out: Any) -> None:
        """Note what the step made, and what it may do to later edits."""
        exact = row in EXACT and self.are_exact(arguments) and is_exact(out)
        self.values[name] = out
        (self.exact.add if exact else self.exact.discard)(name)
        self.editable -= set() if row in ARGUMENTS_UNREAD else set(names_in(arguments))
        (self.editable.add if row in RESULT_UNREAD else self.editable.discard)(name)

    def are_exact(self, arguments: list[Any]) -> bool:
        return all(x in self.exact if isinstance(x, Name) else is_exact(x) for x in arguments)

    def value(self, argument: Any) -> Any:
        return self.values[argument] if isinstance(argument, Name) else argument

    def result(self, row: str, arguments: list[Any], options: Mapping[str, Any]) -> Any:
        """What the row makes of them, or the error that it does not suit."""
        values = [self.value(argument) for argument in arguments]
        with np.errstate(all="ignore"):
            out = np.array(row_of(row, len(values)).forward(*values, **options), dtype=float)
        if not out.size or out.size > MOST or not np.all(np.abs(out) <= LARGEST):
            raise UnsuitableError
        if spread(row, values[0], out, options) < 0.1:
            raise UnsuitableError
        if not self.are_exact(arguments) and clearance(row, values, options) < NEAR:
            raise UnsuitableError
        return out

    def domained(self, row: str, slot: int, argument: Any) -> Any:
        """The variable, led by a sigmoid into the row's domain if it lies outside."""
        low, high = OPS[row].domain
        if not isinstance(argument, Name) or (low, high) == (-2.0, 2.0) or (row, slot) == ("div", 0):
            return argument
        if np.all((self.values[argument] >= low) & (self.values[argument] <= high)):
            return argument
        return self.step("add", self.step("mul", self.step("sigmoid", argument), high - low), low)

    def edit(self) -> None:
        """A recorded edit in place of something computed."""
        if not self.editable:
            raise UnsuitableError
        target = self.some(sorted(self.editable))
        row, shape = self.some([*SIGNS, "put"]), self.values[target].shape
        options = {"key": key_for(self, shape, once=True)} if row == "put" else {}
        part = self.values[target][options["key"]].shape if options else shape
        other: Any = self.some([2, 0.5, -1.5])
        if row != "div" and self.random.random() < 0.7:
            other = self.some([target, *[self.within(part)] * 4]) if row in ("add", "sub") else self.within(part)
            if other == target and row not in ("add", "sub"):  # PyTorch refuses y *= y
                raise UnsuitableError
        out = self.result(row, [target, other], options)
        self.steps.append(Step(target, row, (target, other), options, edit=True))
        self.settle(target, row, [target, other], out)


def broadcast(*shapes: Shape) -> Shape | None:
    """The shape they broadcast to, None where they do not."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


# ---------------------------------------------------------------------- how a row is given arguments and options
def elementwise(draft: Draft, row: str, **options: Any) -> None:
    """A variable, and beside it variables (or itself), plain numbers and plain arrays that broadcast with it."""
    count = len(OPS[row].arguments)
    first = draft.pick()
    shape, arguments = draft.values[first].shape, [first]
    low, high = OPS[row].domain
    while len(arguments) < count:
        chance = draft.random.random()
        if chance < 0.15:
            arguments.append(draft.some([x for x in [2, 0.5, -1, 1.5, -0.25, 0.75] if low <= x <= high]))
        elif chance < 0.2 and low < 0:
            arguments.append(draft.array(draft.values[first].shape))
        elif chance < 0.4:
            arguments.append(first)
        else:
            arguments.append(draft.pick(fitting(shape), shape))
            shape = np.broadcast_shapes(shape, draft.values[arguments[-1]].shape)
    draft.random.shuffle(arguments)
    draft.step(row, *arguments, **options)


def fitting(shape: Shape) -> Callable[[Shape], bool]:
    """Whether a shape broadcasts with this one."""
    return lambda own: broadcast(own, shape) is not None


def power(draft: Draft, row: str) -> None:
    """Any number to a whole power, or a positive one to another."""
    x = draft.pick()
    if draft.random.random() < 0.4:
        out = draft.result(row, [x, 2], {})
        name = Name(len(draft.values))
        draft.steps.append(Step(name, row, (x, 2), {}))
        draft.settle(name, row, [x, 2], out)
    else:
        elementwise(draft, row)


def where(draft: Draft, row: str) -> None:
    x, y = draft.pick(), draft.some([2, -0.5, None])
    y = draft.within(draft.values[x].shape) if y is None else y
    shape = draft.values[x].shape
    shape = tuple(draft.some([size, size, 1]) for size in shape[draft.some([0, 0, len(shape)]) :])
    condition = np.array([draft.some([True, False]) for _ in range(math.prod(shape))]).reshape(shape)
    draft.step(row, condition, *draft.some([(x, y), (y, x)]))


def with_options(*choices: dict[str, Any]) -> Callable[[Draft, str], None]:
    return lambda draft, row: elementwise(draft, row, **draft.some(list(choices)))


def dropout(draft: Draft, row: str) -> None:
    x = draft.pick()
    mask = np.array([draft.some([0.0, 2.0]) for _ in range(draft.values[x].size)]).reshape(draft.values[x].shape)
    draft.step(row, x, mask=mask if mask.ndim else float(mask))


# ------------------------------------------------------------------ reductions
def axis_for(draft: Draft, rank: int) -> int:
    return draft.random.randrange(-rank, rank)


def reduction(draft: Draft, row: str) -> None:
    x = draft.pick()
    rank = draft.values[x].ndim
    several = tuple(sorted(draft.random.sample(range(rank), draft.random.randint(1, rank)))) if rank else None
    axis = draft.some([None, several, axis_for(draft, rank)]) if rank else None
    options: dict[str, Any] = {} if axis is None else {"axis": axis}
    options |= draft.some([{}, {"keepdims": True}])
    if row in ("var", "std"):
        options["correction"] = draft.some([0, 1, 1])
        kept = np.sum(draft.values[x], axis=axis).size
        if draft.values[x].size // kept <= options["correction"]:
            raise UnsuitableError
    draft.step(row, x, **options)


def softmax(draft: Draft, row: str) -> None:
    x = draft.of_rank(1, 2, 3)
    draft.step(row, x, axis=axis_for(draft, draft.values[x].ndim))


# ------------------------------------------------------------------ shapes
def reshape(draft: Draft, row: str) -> None:
    x = draft.pick()
    shape = draft.values[x].shape
    size = math.prod(shape)
    rows = draft.some([n for n in range(1, size + 1) if size % n == 0])
    choices: list[Shape] = [(-1,), (rows, size // rows), (rows, -1), shape[::-1], (1, *shape), (rows, 1, size // rows)]
    draft.step(row, x, shape=draft.some([*choices, ()] if size == 1 else choices))


def flatten(draft: Draft, row: str) -> None:
    x = draft.pick()
    rank = max(draft.values[x].ndim, 1)
    first, last = sorted([draft.random.randrange(rank), draft.random.randrange(rank)])
    draft.step(row, x, **draft.some([{}, {"start_dim": first}, {"start_dim": first - rank, "end_dim": last}]))


def squeeze(draft: Draft, row: str) -> None:
    x = draft.pick(lambda shape: 1 in shape, (2, 1, 3))
    rank = draft.values[x].ndim
    axes = tuple(draft.random.sample(range(rank), draft.random.randint(1, rank)))
    draft.step(row, x, **draft.some([{}, {"axis": axis_for(draft, rank)}, {"axis": axes}]))


def unsqueeze(draft: Draft, row: str) -> None:
    x = draft.pick(lambda shape: len(shape) < 4, (3,))
    draft.step(row, x, axis=axis_for(draft, draft.values[x].ndim + 1))


def broadcast_to(draft: Draft, row: str) -> None:
    x = draft.pick()
    own = tuple(draft.some([2, 3]) if size == 1 else size for size in draft.values[x].shape)
    draft.step(row, x, shape=draft.some([own, (2, *own), (1, *own), (2, 1, *own)]))


def transpose(draft: Draft, row: str) -> None:
    x = draft.of_rank(0, 1, 2, 3, 4)
    rank = draft.values[x].ndim
    draft.step(row, x, **draft.some([{}, {"axes": tuple(draft.random.sample(range(rank), rank))}]))


def key_for(draft: Draft, shape: Shape, once: bool = False) -> Any:
    """An index that picks something; `once`: nothing twice, and no new axes."""
    if not shape:
        return draft.some([(), Ellipsis])
    kind = draft.random.random()
    if kind < 0.15:
        mask = np.array([draft.some([True, False]) for _ in range(math.prod(shape))]).reshape(shape)
        mask.flat[draft.random.randrange(mask.size)] = True
        return mask
    size = shape[0]
    if kind < 0.35:
        most = draft.random.randint(1, size)
        numbers = draft.random.sample(range(size), most) if once else draft.random.choices(range(-size, size), k=4)
        rest = draft.some([(), tuple(_basic(draft, n) for n in shape[1:])])
        return (np.array(numbers if once else draft.some([numbers, [numbers]])), *rest) if rest else numbers
    if kind < 0.45 and len(shape) > 1 and not once:
        rows, columns = (np.array(draft.random.choices(range(n), k=3)) for n in shape[:2])
        return draft.some([(rows, columns), (rows[:, None], columns), (Ellipsis, rows % shape[-1])])
    parts: list[Any] = [_basic(draft, n) for n in shape[: draft.random.randint(1, len(shape))]]
    if not once and draft.random.random() < 0.3:
        parts.insert(draft.random.randrange(len(parts) + 1), None)
    if draft.random.random() < 0.2:
        parts.append(Ellipsis)
    return parts[0] if len(parts) == 1 else tuple(parts)


def _basic(draft: Draft, size: int) -> Any:
    first = draft.random.randrange(size)
    return draft.some(
        [first, first - size, slice(None), slice(first, None), slice(None, first + 1), slice(None, None, 2)]
    )


def getitem(draft: Draft, row: str) -> None:
    x = draft.pick()
    draft.step(row, x, key=key_for(draft, draft.values[x].shape))


def put(draft: Draft, row: str) -> None:
    x = draft.pick()
    key = key_for(draft, draft.values[x].shape, once=True)
    draft.step(row, x, draft.some([2.0, draft.within(draft.values[x][key].shape)]), key=key)


def split(draft: Draft, row: str) -> None:
    x = draft.of_rank(1, 2, 3)
    axis = axis_for(draft, draft.values[x].ndim)
    size = draft.values[x].shape[axis]
    each, first = draft.random.randint(1, size), draft.random.randint(1, size)
    sizes, count = draft.some([(each, -(-size // each)), ((first, size - first), 1 + (first < size))])
    draft.step(row, x, sizes=sizes, piece=draft.random.randrange(count), axis=axis)


def concatenate(draft: Draft, row: str) -> None:
    x = draft.of_rank(1, 2, 3)
    shape, at = draft.values[x].shape, axis_for(draft, draft.values[x].ndim)
    at %= len(shape)

    def fits(own: Shape) -> bool:
        return len(own) == len(shape) and own[:at] == shape[:at] and own[at + 1 :] == shape[at + 1 :]

    others = [draft.some([x, draft.pick(fits, shape)]) for _ in range(draft.random.randrange(3))]
    draft.step(row, *others, x, axis=draft.some([at, at - len(shape)]))


def stack(draft: Draft, row: str) -> None:
    x = draft.of_rank(0, 1, 2)
    shape = draft.values[x].shape
    others = [draft.some([x, draft.of_shape(*shape)]) for _ in range(draft.random.randrange(3))]
    draft.step(row, *others, x, axis=axis_for(draft, len(shape) + 1))


# ------------------------------------------------------------------ products
def matmul(draft: Draft, row: str) -> None:
    a = draft.of_rank(1, 2, 2, 3, 4)
    shape = draft.values[a].shape
    columns = draft.random.randint(1, 3)

    def fits(own: Shape) -> bool:
        shared = bool(own) and own[-2 if len(own) > 1 else 0] == shape[-1]
        return shared and broadcast(own[:-2], shape[:-2]) is not None

    draft.step(row, a, draft.pick(fits, draft.some([shape[-1:], (shape[-1], columns), (1, shape[-1], columns)])))


def of_vectors(draft: Draft, row: str) -> None:
    a = draft.of_rank(1)
    size = draft.values[a].size
    b = draft.some([a, draft.of_shape(size), draft.leaf((size,))]) if row == "dot" else draft.of_rank(1)
    draft.step(row, a, b)


SUBSCRIPTS = [
    "i->", "ij->ji", "ij->j", "ii->i", "ii", "ij->", "ijk->ki", "iji->j", "...i->...", "ij", "ba",
    "ij,jk->ik", "ij,jk", "i,i->", "i,j->ij", "ij,ij->ij", "ij,j->", "ij,k->k", ",i->i", "ii,i->i", "iij,k->jk",
    "ij, jk -> ki", "bij,bjk->bik", "...j,jk->...k", "...i,...i->...", "...i,...i", "ij,ij->j", "ab,cb->ca", "i,->",
    "ij,jk,kl->il", "i,ij,j->", "i,i,i->i", "ij,ij,jk->k", "i,j,k->kji", ",i,->i", "...i,ij,j->...", "ii,ij,j->i",
]  # fmt: skip


def einsum(draft: Draft, row: str) -> None:
    subscripts = draft.some(SUBSCRIPTS)
    sizes: dict[str, int] = {}
    operands: list[Name] = []
    for term in subscripts.replace(" ", "").partition("->")[0].replace("...", "Z").split(","):

        def fits(own: Shape, term: str = term, sizes: dict[str, int] = sizes) -> bool:
            found = dict(zip(term, own, strict=False))
            same = len(own) == len(term) and own == tuple(found[letter] for letter in term)
            return same and all(sizes.get(letter, size) == size for letter, size in found.items())

        fresh = {letter: sizes.get(letter, draft.random.randint(1, 3)) for letter in term}
        stretched = draft.some([*term, ""]) if draft.random.random() < 0.1 else ""  # an axis of size 1 serves all
        shape = tuple(1 if letter == stretched else fresh[letter] for letter in term)
        operands.append(draft.leaf(shape) if stretched else draft.pick(fits, shape))
        sizes = dict(zip(term, draft.values[operands[-1]].shape, strict=True)) | sizes
    draft.step(row, *operands, subscripts=subscripts)


def embedding(draft: Draft, row: str) -> None:
    weight = draft.of_rank(2)
    shape = draft.some([(), (2,), (4,), (2, 2)])
    indices = draft.random.choices(range(draft.values[weight].shape[0]), k=math.prod(shape))
    draft.step(row, np.array(indices).reshape(shape), weight)


# ------------------------------------------------------------------ losses and norms
def by_class(draft: Draft, row: str) -> None:
    x = draft.of_rank(1, 2)
    *samples, classes = draft.values[x].shape
    target = np.array(draft.random.choices(range(classes), k=math.prod(samples))).reshape(samples)
    draft.step(row, x, target, **_reduced(draft))


def soft_cross_entropy(draft: Draft, row: str) -> None:
    x = draft.of_rank(1, 2)
    draft.step(row, x, draft.some([x, draft.of_shape(*draft.values[x].shape)]), **_reduced(draft))


def _reduced(draft: Draft) -> dict[str, Any]:
    return dict(draft.some([{}, {"reduction": "sum"}, {"reduction": "none"}]))


def layer_norm(draft: Draft, row: str) -> None:
    x = draft.of_rank(1, 2, 3)
    shape = draft.values[x].shape
    last = shape[draft.random.randrange(len(shape)) :]
    scaling = [draft.of_shape(*last), draft.of_shape(*last)] if row.endswith("_affine") else []
    draft.step(row, x, *scaling, normalized_shape=last, eps=1e-5)


def batch_norm(draft: Draft, row: str) -> None:
    x = draft.of_rank(2, 3, 4)
    channels = draft.values[x].shape[1]
    if draft.values[x].size == channels:
        raise UnsuitableError
    kept = [np.array([draft.some([0.5, 1.0, 2.0]) for _ in range(channels)]) for _ in range(2)] if "eval" in row else []
    scaling = [draft.of_shape(channels), draft.of_shape(channels)] if row.endswith("_affine") else []
    draft.step(row, x, *kept, *scaling, eps=1e-5)


# ------------------------------------------------------------------ images
def image(draft: Draft) -> tuple[Name, Shape]:
    """A variable of three or four axes."""
    x = draft.pick(lambda shape: len(shape) in (2, 3, 4), (1, 3, 4))
    while draft.values[x].ndim < 3:
        x = draft.step("unsqueeze", x, axis=0)
    return x, draft.values[x].shape


def conv2d(draft: Draft, row: str) -> None:
    x, shape = image(draft)
    outputs, rows, columns = (draft.random.randint(1, 2) for _ in range(3))
    w = draft.pick(lambda own: len(own) == 4 and own[1] == shape[-3] and own[2] <= shape[-2] and own[3] <= shape[-1],
                   (outputs, shape[-3], min(rows, shape[-2]), min(columns, shape[-1])))  # fmt: skip
    bias = [draft.of_shape(draft.values[w].shape[0])] if row == "conv2d_bias" else []
    options = draft.some([{}, {"stride": 2}, {"padding": 1}, {"stride": (2, 1), "padding": (0, 1)}])
    draft.step(row, x, w, *bias, **options)


def pool(draft: Draft, row: str) -> None:
    x, shape = image(draft)
    size = draft.random.randint(1, min(shape[-2], 3)), draft.random.randint(1, min(shape[-1], 3))
    whole = min(size) if draft.random.random() < 0.5 else size
    padding = draft.some([{}, {"padding": tuple(draft.random.randint(0, n // 2) for n in np.broadcast_to(whole, 2))}])
    draft.step(row, x, kernel_size=whole, stride=draft.some([1, 2, (2, 1), whole]), **padding)


WAYS: dict[str, Callable[[Draft, str], None]] = {
    "pow": power, "where": where, "dropout": dropout,
    "leaky_relu": with_options({"negative_slope": 0.01}, {"negative_slope": 0.3}),
    "elu": with_options({"alpha": 1.0}, {"alpha": 0.7}),
    "clip": with_options({"min": -0.5, "max": 1.0}, {"min": -math.inf, "max": 0.5}, {"min": 1.0, "max": -1.0}),
    **dict.fromkeys(("sum", "mean", "var", "std", "prod", "max", "min", "logsumexp"), reduction),
    **dict.fromkeys(("softmax", "log_softmax"), softmax),
    "reshape": reshape, "flatten": flatten, "squeeze": squeeze, "unsqueeze": unsqueeze, "broadcast_to": broadcast_to,
    "transpose": transpose, "getitem": getitem, "put": put, "split": split, "concatenate": concatenate, "stack": stack,
    "matmul": matmul, "dot": of_vectors, "outer": of_vectors, "einsum": einsum, "embedding": embedding,
    "nll_loss": by_class, "cross_entropy": by_class, "soft_cross_entropy": soft_cross_entropy,
    "layer_norm": layer_norm, "layer_norm_affine": layer_norm,
    **dict.fromkeys(("batch_norm", "batch_norm_affine", "batch_norm_eval", "batch_norm_eval_affine"), batch_norm),
    "conv2d": conv2d, "conv2d_bias": conv2d, "max_pool2d": pool, "avg_pool2d": pool,
}  # fmt: skip
