"""The rows of products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

CASES: dict[str, Any] = {
    "matmul": [
        (shapes, {})
        for shapes in [
            ((2, 3), (3, 4)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)),
            ((5, 2, 3), (5, 3, 4)), ((5, 1, 2, 3), (6, 3, 4)), ((3,), (5, 3, 2)), ((5, 2, 3), (3,)), ((1, 1), (1, 1)),
            ((2, 0), (0, 3)), ((1, 3), (3, 4)), ((3, 1), (1, 4)),
        ]
    ],
    "dot": [(((n,), (n,)), {}) for n in (3, 1, 0)],
    "outer": [(((n,), (m,)), {}) for n, m in [(3, 4), (3, 3), (1, 2), (0, 2)]],
    "einsum": [
        (shapes, {"subscripts": subscripts})
        for subscripts, *shapes in [
            ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("i,i->", (3,), (3,)), ("i,j->ij", (3,), (4,)),
            ("ij,ij->ij", (2, 3), (2, 3)), ("ij,j->", (2, 3), (3,)), ("ij,k->k", (2, 3), (2,)), (",i->i", (), (3,)),
            ("ii,i->i", (3, 3), (3,)), ("iij,k->jk", (3, 3, 2), (2,)), ("ij, jk -> ki", (0, 3), (3, 2)),
            ("bij,bjk->bik", (2, 3, 4), (2, 4, 3)),
            ("...j,jk->...k", (2, 4, 3), (3, 2)), ("...i,...i->...", (2, 1, 3), (4, 3)), ("...i,...i", (3,), (2, 3)),
            ("ij,ij->j", (1, 3), (2, 3)), ("ij,ij->", (2, 1), (1, 3)), ("ab,cb->ca", (1, 1), (2, 1)),
        ]
    ],
    "embedding": [
        ((np.array(indices, int), (4, 3)), {}) for indices in [[0, 2, 2], [[1, 3], [3, 0]], 1, [], [[0]]]
    ],
}  # fmt: skip
NAMES: dict[str, Any] = {"outer": np.outer, "dot": np.dot, "embedding": lambda indices, weight: weight[indices]}


def names(values: Any, out: Any, g: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Scattering into the rows of the last argument, and into the diagonal of the one that has an index twice."""

    def scatter(g: Any, indices: Any) -> Any:
        into = np.zeros(np.shape(values[-1]))
        for row, piece in zip(np.ravel(indices), np.reshape(g, (-1, into.shape[-1])), strict=True):
            into[row] += piece
        return into

    def on_diagonal(part: Any) -> Any:
        terms = options["subscripts"].partition("->")[0].split(",")
        term, value = next((t, v) for t, v in zip(terms, values, strict=True) if len(set(t)) < len(t))
        into = np.zeros(np.shape(value))
        for index in np.ndindex(into.shape):
            place = dict(zip(term, index, strict=True))
            if tuple(place[letter] for letter in term) == index:
                into[index] = part[tuple(place.values())]
        return into

    return {"scatter": scatter, "on_diagonal": on_diagonal, "einsum": np.einsum}


def without_formula(op: str, shapes: Any, options: dict[str, Any]) -> bool:
    """Formulas are written for single matrices."""
    return op == "matmul" and max(map(len, shapes)) > 2


def _einsum(*xs: Any, subscripts: str) -> Any:
    import torch

    return torch.einsum(subscripts, *xs)


def _embedding(indices: Any, weight: Any) -> Any:
    import torch

    return torch.nn.functional.embedding(indices, weight)


TORCH: dict[str, Callable[..., Any]] = {"einsum": _einsum, "embedding": _embedding}
