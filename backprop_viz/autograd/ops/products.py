"""The rows of products of vectors and matrices."""

from __future__ import annotations

from functools import cache
from string import ascii_letters
from typing import Any

import numpy as np

from ..op import NO_GRADIENT, Op, mixing, unbroadcast

SMALL = 65_536  # numbers: up to here a call of multiply costs less than the reading of einsum's subscripts


def _product(left: Any, right: Any) -> Any:
    """`left @ right` of matrices.

    A column times a row, as in a.T @ g of a single sample, is no work for BLAS: for 784×256 it takes 0.22 ms there, by
    multiply 0.045 ms in float32 and 0.09 ms in float64, by einsum 0.038 and 0.07 ms.
    """
    if not left.shape[-1] == right.shape[-2] == 1:
        return left @ right
    if left.ndim == right.ndim == 2 and left.size * right.size > SMALL:
        return np.einsum("i,j->ij", left[:, 0], right[0])
    return np.multiply(left, right)


def _matmul_sides(g: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
    """`g`, `a` and `b` as stacks of matrices: NumPy treats a vector as one row on the left, one column on the right."""
    if np.ndim(b) == 1:
        b, g = b[:, None], np.expand_dims(g, -1)
    if np.ndim(a) == 1:
        a, g = a[None, :], np.expand_dims(g, -2)
    return g, a, b


def _matmul_vjp_a(g: Any, out: Any, a: Any, b: Any) -> Any:
    if a.ndim == b.ndim == 2:
        return _product(g, b.T)
    g, left, right = _matmul_sides(g, a, b)
    gradient = _product(g, np.swapaxes(right, -1, -2))
    return unbroadcast(gradient, left.shape).reshape(np.shape(a))


def _matmul_vjp_b(g: Any, out: Any, a: Any, b: Any) -> Any:
    if a.ndim == b.ndim == 2:
        return _product(a.T, g)
    g, left, right = _matmul_sides(g, a, b)
    gradient = _product(np.swapaxes(left, -1, -2), g)
    return unbroadcast(gradient, right.shape).reshape(np.shape(b))


# What people read, by the shapes of the arguments (and the op's options).
def _matmul_formula_a(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    if len(b) == 1:
        return "g * b" if len(a) == 1 else _in_stack("outer(g, b)", a, b, own=a)
    return _in_stack("g @ b.T", a, b, own=a)


def _matmul_formula_b(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    if len(a) == 1:
        return "g * a" if len(b) == 1 else _in_stack("outer(a, g)", a, b, own=b)
    return _in_stack("a.T @ g", a, b, own=b)


def _in_stack(rule: str, a: tuple[int, ...], b: tuple[int, ...], own: tuple[int, ...]) -> str:
    """The rule for one matrix, in a product of stacks: for each, or summed where one matrix serves the whole stack."""
    stack = np.broadcast_shapes(a[:-2], b[:-2])
    return rule if not stack else f"each_matrix({rule})" if own[:-2] == stack else f"sum_over_stack({rule})"


# ---------------------------------------------------------------------- sums over named indices
Shapes = tuple[tuple[int, ...], ...]


def _indices(subscripts: str, shapes: Shapes) -> tuple[list[str], str]:
    """The indices of each operand and of the result, one letter each: "..." and a result left out are filled in."""
    said, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = said.split(",")
    named = said.replace("...", "").replace(",", "")
    unnamed = [len(shape) - len(term.replace("...", "")) for term, shape in zip(terms, shapes, strict=True)]
    most = max(0, *(count for term, count in zip(terms, unnamed, strict=True) if "..." in term), 0)
    letters = "".join(letter for letter in ascii_letters if letter not in subscripts)[:most]
    if not arrow:
        result = "..." + "".join(letter for letter in sorted(set(named)) if named.count(letter) == 1)
    filled = [term.replace("...", letters[most - count :]) for term, count in zip(terms, unnamed, strict=True)]
    return filled, result.replace("...", letters)


def _einsum(*xs: Any, subscripts: str) -> Any:
    terms, result = _indices(subscripts, tuple(map(np.shape, xs)))
    return np.einsum(f"{','.join(terms)}->{result}", *xs, optimize=len(xs) > 1)


def _einsum_back(slot: int, subscripts: str, shapes: Shapes) -> tuple[str, bool, dict[str, int]]:
    """How the gradient by one operand is an einsum of the upstream gradient and the other operands.

    Gives its subscripts; whether ones, shaped like the operand, are one more operand, since nothing else has the size
    of an index that was summed in this operand alone; and the size of each index of the operand.
    """
    terms, result = _indices(subscripts, shapes)
    own, others = terms[slot], [*terms[:slot], *terms[slot + 1 :]]
    sizes = dict(zip(own, shapes[slot], strict=True))
    elsewhere = _sizes(others, (*shapes[:slot], *shapes[slot + 1 :]))
    whole = _sizes(terms, shapes)
    elsewhere |= {index: whole[index] for index in result}
    kept = [index for index in sizes if sizes[index] == whole[index]]  # over a size that was stretched it is summed
    ones = any(elsewhere.get(index) != sizes[index] for index in kept)
    return f"{','.join([result, *others, *[own] * ones])}->{''.join(kept)}", ones, sizes


def _sizes(terms: list[str], shapes: Shapes) -> dict[str, int]:
    """The size of each index: 1 only where it is 1 in all operands, since such an axis stretches."""
    sizes: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        for index, size in zip(term, shape, strict=True):
            sizes[index] = sizes.get(index, 1) if size == 1 else size
    return sizes


def _einsum_slot(slot: int, count: int) -> tuple[Any, ...]:
    """Formula, vjp and what it reads, for one operand of an einsum."""
    others = [f"x{at}" for at in range(count) if at != slot]

    def formula(*shapes: tuple[int, ...], subscripts: str = "") -> str:
        if not subscripts:  # no rule without options
            return f"einsum({', '.join(['g', *others])})"
        back, ones, sizes = _einsum_back(slot, subscripts, shapes)
        text = f"einsum('{back}', {', '.join(['g', *others, *[f'ones_like(x{slot})'] * ones])})"
        if len(sizes) < len(shapes[slot]):
            return f"on_diagonal({text})"
        return text if back.endswith("->" + "".join(sizes)) else f"reshape({text}, x{slot}.shape)"

    def vjp(g: Any, out: Any, *xs: Any, subscripts: str) -> Any:
        back, ones, sizes = _einsum_back(slot, subscripts, tuple(map(np.shape, xs)))
        operands = [g, *xs[:slot], *xs[slot + 1 :]]
        x = np.asarray(xs[slot])
        if ones:
            operands.append(np.broadcast_to(np.ones((), x.dtype), x.shape))
        part = np.einsum(back, *operands, optimize=len(operands) > 1).reshape(tuple(sizes.values()))
        if len(sizes) == x.ndim:
            return part
        gradient = np.zeros(x.shape, x.dtype)
        own = _indices(subscripts, tuple(map(np.shape, xs)))[0][slot]
        np.einsum(f"{own}->{''.join(sizes)}", gradient)[...] = part  # a view of the diagonal
        return gradient

    return formula, vjp, " ".join(others)


@cache
def einsum_of(count: int) -> Op:
    """The row of the sum over named indices of a product of `count` arrays."""
    names = [f"x{at}" for at in range(count)]
    return mixing(
        "einsum", "einsum", f"einsum(subscripts, {', '.join(names)})", _einsum, numpy=(np.einsum,),
        linear=" ".join(names), **{name: _einsum_slot(at, count) for at, name in enumerate(names)},
    )  # fmt: skip


# ---------------------------------------------------------------------- rows of a matrix, by number
def _embedding(indices: Any, weight: Any) -> Any:
    return weight[np.asarray(indices, np.intp)]


def _embedding_vjp(g: Any, out: Any, indices: Any, weight: Any) -> Any:
    gradient = np.zeros_like(weight)
    np.add.at(gradient, np.asarray(indices, np.intp), g)  # a row looked up twice receives twice
    return gradient


# fmt: off
ROWS: tuple[Op, ...] = (
    mixing("matmul", "@", "a @ b", np.matmul, numpy=(np.matmul,), linear="a b",
           a=(_matmul_formula_a, _matmul_vjp_a, "b"),
           b=(_matmul_formula_b, _matmul_vjp_b, "a")),
    mixing("dot", "·", "dot(a, b)", np.dot, numpy=(np.dot,), linear="a b",
           a=("g * b", lambda g, out, a, b: g * b, "b"),
           b=("g * a", lambda g, out, a, b: g * a, "a")),
    mixing("outer", "outer", "outer(a, b)", np.outer, numpy=(np.outer,), linear="a b",
           a=("g @ b", lambda g, out, a, b: g @ b, "b"),
           b=("g.T @ a", lambda g, out, a, b: g.T @ a, "a")),
    einsum_of(2),
    mixing("embedding", "embedding", "embedding(indices, weight)", _embedding, formula="weight[indices]",
           linear="weight",
           indices=NO_GRADIENT,
           weight=("scatter(g, indices)", _embedding_vjp, "indices")),
)
# fmt: on
