"""Numbers, names and formulas as people read them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_viz.autograd.ops import ROWS
from backprop_viz.render.expression import Piece, atom, number, written
from backprop_viz.render.symbols import LONGEST, symbol
from backprop_viz.render.text import shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.41338242, "0.4134"),
        (-0.35, "−0.35"),
        (1.0, "1"),
        (-0.0, "0"),
        (12345.678, "12346"),
        (3, "3"),
        (1.2346e-7, "1.235·10⁻⁷"),
        (-2e9, "−2·10⁹"),
        (999.96, "1000"),
        (0.00012344, "0.0001234"),
        (float("nan"), "NaN"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (None, ""),
        (True, "1"),
        (10**15, "1·10¹⁵"),
        (np.float32(0.1), "0.1"),
        (np.array([1.0, -0.5]), "[1, −0.5]"),
        (np.eye(2), "[[1, 0], [0, 1]]"),
        (np.zeros((3, 4)), "3×4 array"),
        (np.zeros(0), "0 array"),
    ],
)
def test_a_value_is_shown_to_four_significant_digits(value: object, text: str) -> None:
    assert shown(value) == text


@given(st.floats(-1e300, 1e300))
def test_the_number_shown_is_the_value_to_four_digits(value: float) -> None:
    text = shown(value).translate(str.maketrans("−⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "-0123456789-"))
    mantissa, _, exponent = text.partition("·10")
    back = float(f"{mantissa}e{exponent}") if exponent else float(mantissa)
    assert math.isclose(back, value, rel_tol=5.001e-4, abs_tol=0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("w0", "w₀"),
        ("w_12", "w₁₂"),
        ("yhat", "ŷ"),
        ("y_hat", "ŷ"),
        ("yhat2", "ŷ₂"),
        ("theta_1", "θ₁"),
        ("loss", "loss"),
        ("what", "ŵ"),
        ("that", "t̂"),
        ("somewhat", "somewhat"),
        ("x_new", "x_new"),
        ("lambda", "λ"),
        ("L", "L"),
        ("α", "α"),
        ("h2o", "h2o"),
        ("", "␣"),
        ("a b", "a b"),
        ("a\nb", "a␊b"),
        ("\u202ex", "�x"),
    ],
)
def test_a_name_is_set_as_in_a_textbook(name: str, text: str) -> None:
    import unicodedata

    assert symbol(name).text == unicodedata.normalize("NFC", text)


def test_a_right_to_left_name_is_set_apart_from_the_mathematics_around_it() -> None:
    assert symbol("שלום").text == "\u2068שלום\u2069"


def test_only_a_loss_called_L_is_a_script_L() -> None:
    assert symbol("L", loss=True).text == "ℒ"
    assert symbol("loss", loss=True).text == "loss"


def test_a_very_long_name_is_cut() -> None:
    assert symbol("n" * 10_000).text == "n" * (LONGEST - 1) + "…"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("a + b * c", "x + (−2)·3"),
        ("a * b - (a - b)", "x·(−2) − (x − (−2))"),
        ("(a + c) * c", "(x + 3)·3"),
        ("-a / b**2", "−x/(−2)²"),
        ("b * a", "(−2)·x"),
        ("b ** 2", "(−2)²"),
        ("sigmoid(a) * (1 - sigmoid(a))", "σ(x)·(1 − σ(x))"),
        ("g @ a.T", "g xᵀ"),
        ("exp(-a)", "exp(−x)"),
        ("exp(-b)", "exp(−(−2))"),
        ("c * a**(c - 1)", "3·x²"),
        ("a**(g - 1)", "x^(g − 1)"),
        ("iverson(a > 0)", "[x > 0]"),
        ("sum(a, axis)", "Σ(x)"),
        ("a / (b + c)", "x/(−2 + 3)"),
        ("a**(d - 1)", "x"),
        ("sqrt(a + c)", "√(x + 3)"),
    ],
)
def test_a_formula_is_written_with_the_brackets_it_needs_and_no_others(formula: str, text: str) -> None:
    pieces = {"a": atom("x"), "b": number("−2"), "c": number("3"), "d": number("2"), "g": atom("g")}
    assert written(formula, pieces).text == text


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_every_formula_of_the_op_table_can_be_written(op: object) -> None:
    from backprop_viz.autograd.op import Op

    assert isinstance(op, Op)
    pieces = {argument.name: atom(argument.name) for argument in op.arguments} | {"g": atom("G"), "out": atom("u")}
    formulas = [op.notation, op.formula or op.notation, *(argument.formula for argument in op.arguments)]
    formulas += [
        a.formula_at(*shapes) for a in op.arguments for shapes in [((2,), (2,)), ((2,), (2, 2)), ((2, 2), (2,))]
    ]
    for formula in filter(None, formulas):  # an argument by which no gradient flows has none
        piece = written(formula, pieces)
        assert isinstance(piece, Piece)
        assert piece.text
        assert piece.math


def test_a_formula_that_cannot_be_set_is_an_error_that_shows_it() -> None:
    with pytest.raises(ValueError, match="lambda x: x"):
        written("lambda x: x", {})
