"""Products of vectors and matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import Op
from ..ops import OPS
from ..ops.products import einsum_of
from ..tensor import Tensor, apply, method
from ..values import short, untracked


@method
def matmul(a: Any, b: Any) -> Tensor:
    """The matrix product `a @ b`, vectors and stacks of matrices as in NumPy."""
    return apply(OPS["matmul"], a, b)


@method
def dot(a: Any, b: Any) -> Tensor:
    """The dot product of two vectors."""
    return of_vectors(OPS["dot"], a, b, "For matrices write a @ b.")


@method
def outer(a: Any, b: Any) -> Tensor:
    """The outer product of two vectors: the matrix of all products of their elements."""
    return of_vectors(OPS["outer"], a, b, "Flatten them first: a.flatten().")


def of_vectors(op: Op, a: Any, b: Any, advice: str) -> Tensor:
    """The product, or an error where one argument is no vector (that shapes do not match is NumPy's to say)."""
    shapes = [np.shape(untracked(x)) for x in (a, b)]
    if any(len(shape) != 1 for shape in shapes):
        raise ValueError(
            f"{op.name} takes two vectors (one axis each); got shapes {shapes[0]} and {shapes[1]}. {advice}"
        )
    return apply(op, a, b)


def einsum(subscripts: str, *operands: Any) -> Tensor:
    """The sum, over the indices that the result has not, of the product of the operands: "ij,jk->ik" is a @ b.

    subscripts: one letter for each axis of each operand, "..." for any others, and after "->" the axes of the result;
    without "->" these are the letters that occur once, in the order of the alphabet. A letter that an operand has
    twice takes its diagonal.
    """
    if not isinstance(subscripts, str) or not operands:
        raise TypeError(
            f"einsum takes subscripts and then the operands, as in bp.einsum('ij,jk->ik', a, b); "
            f"got {type(subscripts).__name__} {short(subscripts)} and {len(operands)} operands"
        )
    terms = subscripts.partition("->")[0].count(",") + 1
    if terms != len(operands):
        raise ValueError(
            f"einsum: the subscripts {subscripts!r} name {terms} operands, and {len(operands)} are given. Write one "
            f"group of letters for each operand, with commas between."
        )
    return apply(einsum_of(len(operands)), *operands, subscripts=subscripts)


def embedding(indices: Any, weight: Any) -> Tensor:
    """The rows of `weight` at these whole numbers: one vector for each index, in the shape (*indices.shape, columns).

    The order of the arguments is that of torch.nn.functional.embedding.
    """
    numbers, shape = np.asarray(untracked(indices)), np.shape(untracked(weight))
    if len(shape) != 2:
        raise ValueError(f"embedding: weight is a matrix, a row for each index; got shape {shape}. Indices come first.")
    if numbers.size and numbers.dtype.kind not in "iu":
        raise TypeError(f"embedding: indices are whole numbers; got {numbers.dtype}. Convert them with dtype=int.")
    outside = numbers[(numbers < 0) | (numbers >= shape[0])]
    if outside.size:
        raise IndexError(
            f"embedding: index {outside[0]} is out of range. The weight has {shape[0]} rows, numbered from 0 on."
        )
    return apply(OPS["embedding"], indices if isinstance(indices, Tensor) else numbers, weight)
