"""NumPy's functions on tensors, and options under NumPy's names and PyTorch's: what they mean, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import backprop_viz as bp
from backprop_viz.autograd import ops
from backprop_viz.render.expression import atom, number, written

Write = Callable[[Any], Any]
X = np.array([[1.0, -2.0, 3.0], [0.5, 5.0, -6.0]])
CALLS: list[tuple[str, Write]] = [
    ("abs", lambda x: np.abs(x)), ("abs", abs), ("sin", lambda x: np.sin(x)), ("cos", lambda x: np.cos(x)),
    ("square", lambda x: np.square(x)), ("reciprocal", lambda x: np.reciprocal(x)),
    ("maximum", lambda x: np.maximum(x, 0.25)), ("minimum", lambda x: np.minimum(x, X.T[0, 0])),
    ("clip", lambda x: np.clip(x, 0, 2)), ("clip", lambda x: np.clip(x, None, 2)),
    ("clip", lambda x: np.clip(x, a_min=0, a_max=None)), ("where", lambda x: np.where(X > 0, x, -1.0)),
    ("where", lambda x: np.where(X > 0, 1.0, x)), ("var", lambda x: np.var(x)), ("var", lambda x: np.var(x, 0)),
    ("var", lambda x: np.var(x, axis=1, ddof=1, keepdims=True)), ("std", lambda x: np.std(x, axis=0)),
    ("std", lambda x: np.std(x, ddof=1)), ("prod", lambda x: np.prod(x, axis=(0, 1))), ("max", lambda x: np.max(x)),
    ("max", lambda x: np.amax(x, axis=1)), ("min", lambda x: np.min(x, 0, keepdims=True)),
    ("min", lambda x: np.amin(x)), ("sum", lambda x: np.sum(x, axis=0, keepdims=True)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "write"), CALLS)
def test_numpys_functions_record_the_row_and_mean_what_numpy_means(name: str, write: Write) -> None:
    x = bp.parameter(X)
    out = write(x)
    assert out.op is ops.OPS[name]
    np.testing.assert_allclose(out.data, write(X), rtol=1e-14)
    out.sum().backward()
    assert x.grad.shape == X.shape


def test_ours_are_pytorchs_variance_and_numpys_are_numpys() -> None:
    x = bp.parameter([1.0, 2.0, 4.0])
    assert bp.var(x).data == x.var().data == pytest.approx(7 / 3)
    assert np.var(x).data == pytest.approx(14 / 9)
    assert x.std(correction=0).data == pytest.approx(np.std([1.0, 2.0, 4.0]))


def test_only_methods_that_pytorch_has_are_methods() -> None:
    x = bp.parameter([[1.0, -2.0]])
    for name in ("abs", "sin", "clip", "clamp", "max", "prod", "std", "softmax", "log_softmax", "logsumexp", "square"):
        assert name in dir(x)
    for name in ("gelu", "elu", "leaky_relu", "silu", "softplus"):
        with pytest.raises(AttributeError, match=f"write `bp.{name}\\(x"):
            getattr(x, name)


M = bp.parameter(X)
ERRORS: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    (lambda: M.sum(axis=0, dim=1), TypeError, ["axis=0 and dim=1", "Give it once"]),
    (lambda: M.max(keepdims=True, keepdim=True), TypeError, ["keepdims and keepdim", "Give it once"]),
    (lambda: M.max(M), TypeError, ["an axis is a whole number", "Tensor", "bp.maximum(a, b)"]),
    (lambda: M.var(False), TypeError, ["an axis is a whole number", "bool False"]),
    (lambda: M.sum(axis=1.0), TypeError, ["an axis is a whole number", "float 1.0"]),
    (lambda: bp.max(np.zeros((0, 3))), ValueError, ["max of shape (0, 3)", "largest of none", "x.size"]),
    (lambda: bp.min(np.zeros((3, 0)), axis=1), ValueError, ["min of shape (3, 0)", "smallest of none"]),
    (lambda: M.max(axis=2), ValueError, ["max of shape (2, 3)", "axis 2 is out of bounds"]),
    (lambda: M.softmax(), TypeError, ["softmax of shape (2, 3)", "dim=-1"]),
    (lambda: M.log_softmax((0, 1)), TypeError, ["log_softmax", "one whole number", "(0, 1)"]),
    (lambda: M.softmax(0, axis=1), TypeError, ["axis=1 and dim=0"]),
    (lambda: M.clip(), TypeError, ["at least one of min and max"]),
    (lambda: M.clip(M, 2), TypeError, ["min is a plain number", "Tensor", "bp.maximum(x, low)"]),
    (lambda: np.clip(M, 0, np.ones(3)), TypeError, ["max is a plain number", "ndarray"]),
    (lambda: np.clip(M, 0, 1, out=np.ones((2, 3))), TypeError, ["np.clip on a tensor takes no out:"]),
    (lambda: np.clip(M, 0, 1, dtype=int), TypeError, ["np.clip on a tensor takes no dtype:"]),
    (lambda: np.var(M, dtype=np.float32), TypeError, ["np.var on a tensor takes no dtype:"]),
    (lambda: np.max(M, initial=0), TypeError, ["np.max on a tensor takes no initial:"]),
    (lambda: np.prod(M, where=X > 0), TypeError, ["np.prod on a tensor takes no where:"]),
    (lambda: np.sum(M, out=np.ones(())), TypeError, ["np.sum on a tensor takes no out:"]),
    (lambda: np.maximum(M, 0, where=X > 0), TypeError, ["np.maximum on a tensor takes no where:"]),
    (lambda: np.maximum.reduce(M), TypeError, ["np.maximum.reduce has no row"]),
    (lambda: np.where(bp.tensor([True])), TypeError, ["np.where of one argument has no row"]),
    (lambda: bp.where([True], M, 0), TypeError, ["where", "list [True]", "bp.tensor(...)"]),
]  # fmt: skip


@pytest.mark.parametrize(("do", "kind", "words"), ERRORS)
def test_an_error_says_what_was_given_and_what_to_do(
    do: Callable[[], Any], kind: type[Exception], words: list[str]
) -> None:
    with pytest.raises(kind) as caught:
        do()
    for word in words:
        assert word in str(caught.value)


# ---------------------------------------------------------------------- as people read them
@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("abs(x)", "|x|"),
        ("iverson(x > 0) - iverson(x < 0)", "[x > 0] − [x < 0]"),
        ("iverson(x == u) / 2", "[x = u]/2"),
        ("iverson(between(low, x, high))", "[0 ≤ x ≤ 1]"),
        ("iverson(between(least, x, high))", "[x ≤ 1]"),
        ("iverson(between(low, x, most))", "[0 ≤ x]"),
        ("clip(x, least, high)", "clip(x, −∞, 1)"),
        ("2 * (x - mean(x, axis)) / (n - 1)", "2·(x − mean(x))/(n − 1)"),
        ("prod(x, axis)", "Π(x)"),
        ("exp(x) / sum(exp(x), axis)", "exp(x)/Σ(exp(x))"),
        ("x * exp(-x**2 / 2) / sqrt(2 * pi)", "x·exp(−x²/2)/√(2·π)"),
    ],
)
def test_a_formula_is_set_as_in_a_textbook(formula: str, text: str) -> None:
    pieces = {"x": atom("x"), "u": atom("u"), "low": number("0"), "high": number("1")}
    pieces |= {"least": atom("-inf", "mtext"), "most": atom("inf", "mtext")}
    assert written(formula, pieces).text == text
