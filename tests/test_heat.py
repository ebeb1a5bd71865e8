"""Heat maps: every number has the letter, the colour and the shape it should, and nothing is hidden in a block."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from backprop_viz.render import heat
from backprop_viz.render.fonts import NUMBERS, width
from backprop_viz.render.theme import NOTES, THEMES, Theme

LETTERS = "abcdefghijklmnopq"
DTYPES = (np.float64, np.float32, np.float16, np.int64, np.int8, np.uint8, np.bool_)
every_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
every_scale = pytest.mark.parametrize("scale", ["values", "gradients"])

limits = st.integers(1, 5)
dtypes = st.sampled_from(DTYPES)
matrices = hnp.arrays(dtypes, hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=13))
arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))


# ---------------------------------------------------------------------- blocks
@given(matrices, limits, limits, st.booleans())
def test_a_block_is_its_entry_of_largest_magnitude(matrix: Any, rows: int, columns: int, turned: bool) -> None:
    matrix = matrix.T[::-1] if turned else matrix
    drawn, (high, wide) = heat.in_blocks(matrix, (rows, columns))
    assert drawn.dtype == matrix.dtype
    assert drawn.shape == heat.size(matrix.shape, (rows, columns))
    assert drawn.shape[0] <= rows
    assert drawn.shape[1] <= columns
    for i, j in np.ndindex(drawn.shape):
        block = [float(entry) for entry in matrix[i * high : (i + 1) * high, j * wide : (j + 1) * wide].ravel()]
        found = float(drawn[i, j])
        if all(map(math.isfinite, block)):
            assert found in block
            assert abs(found) == max(map(abs, block))
            assert found >= 0 or -found not in block
        else:
            assert not math.isfinite(found)


def test_one_limit_holds_for_rows_and_columns() -> None:
    drawn, blocks = heat.in_blocks(np.arange(70.0).reshape(7, 10), 4)
    assert (drawn.shape, blocks) == ((4, 4), (2, 3))


def test_the_last_blocks_are_smaller_and_a_small_matrix_is_itself() -> None:
    matrix = np.array([[1, -9, 2, 3, 4]])
    assert heat.in_blocks(matrix, (1, 3))[0].tolist() == [[-9, 3, 4]]
    assert heat.in_blocks(matrix, 5)[0] is matrix


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        (np.array([-(2**63), 5], np.int64), -(2**63)),
        (np.array([3, 200, 7], np.uint8), 200),
        (np.array([False, True]), True),
        (np.array([-2.0, 2.0]), 2.0),
        (np.array([-math.inf, math.inf]), math.inf),
    ],
)
def test_a_block_is_right_where_a_number_has_no_negative_of_its_type(entries: Any, found: Any) -> None:
    assert heat.in_blocks(entries[None], 1)[0].tolist() == [[found]]


@given(arrays, limits, limits)
def test_the_size_of_a_grid_is_known_without_the_data(array: Any, rows: int, columns: int) -> None:
    drawn = heat.grid(array, (rows, columns))
    assert drawn.shape == heat.size(array.shape, (rows, columns)) == heat.size(drawn.shape, (rows, columns))


@pytest.mark.parametrize(
    ("shape", "grid"),
    [
        ((), (1, 1)), ((5,), (1, 5)), ((12,), (1, 12)), ((13,), (1, 7)), ((2, 3), (2, 3)), ((64, 32), (8, 11)),
        ((2, 3, 4), (6, 4)), ((2, 3, 4, 5), (8, 5)), ((0,), (1, 0)), ((0, 3), (0, 3)), ((3, 0), (3, 0)),
    ],
)  # fmt: skip
def test_any_array_is_rows_and_columns(shape: tuple[int, ...], grid: tuple[int, int]) -> None:
    assert heat.grid(np.zeros(shape)).shape == heat.size(shape) == grid


def test_the_leading_axes_are_folded_with_the_last_of_them_fastest() -> None:
    array = np.arange(24).reshape(2, 3, 4)
    assert heat.grid(array).tolist() == [row for matrix in array.tolist() for row in matrix]


# ---------------------------------------------------------------------- letters
@given(arrays, st.floats(0, 1e300))
def test_a_letter_is_the_eighth_of_the_square_root_of_the_share_of_the_reach(array: Any, reach: float) -> None:
    grid = heat.grid(array)
    rows = heat.cells(array, reach).split("/") if grid.shape[0] else []
    assert [len(row) for row in rows] == [grid.shape[1]] * grid.shape[0]
    for entry, letter in zip(grid.ravel().tolist(), "".join(rows), strict=True):
        assert letter == naive_letter(float(entry), reach)


def naive_letter(number: float, reach: float) -> str:
    if not math.isfinite(number):
        return "x"
    if number == 0:
        return "i"
    magnitude = abs(number) / reach if reach else 1.0
    level = 8 if magnitude >= 1 else max(1, math.ceil(math.sqrt(magnitude) * 8))
    return LETTERS[8 + int(math.copysign(level, number))]


@pytest.mark.parametrize(
    ("numbers", "reach", "letters"),
    [
        ([-8.0, -7.5, -7.0, -1.0, -1e-300, 0.0, -0.0, 5e-324, 1.0, 7.0, 7.5, 8.0], 8.0, "aaafhiijlqqq"),
        ([-9.0, 9.0, math.nan, math.inf, -math.inf], 8.0, "aqxxx"),
        ([-5e-324, 0.0, 1e308], 0.0, "aiq"),
        ([-1e308, 1e308], 5e-324, "aq"),
        ([[1, -1], [0, 2]], 2, "oc/iq"),
        (3.0, 3.0, "q"),
        ([], 1.0, ""),
    ],
)
def test_only_zero_is_drawn_as_zero(numbers: Any, reach: float, letters: str) -> None:
    assert heat.cells(np.array(numbers), reach) == letters


@given(st.lists(arrays, max_size=4))
def test_the_reach_is_the_largest_finite_magnitude(several: list[Any]) -> None:
    numbers = [abs(float(entry)) for array in several for entry in array.ravel()]
    assert heat.reach_of(iter(several)) == max(filter(math.isfinite, numbers), default=0.0)


def test_the_reach_is_of_numbers_too_and_0_without_any() -> None:
    assert heat.reach_of([2, -3.5, np.float32(1), [[1.0]]]) == 3.5
    assert heat.reach_of([math.nan, np.array([-math.inf, -0.25, math.nan])]) == 0.25
    assert heat.reach_of([math.nan]) == heat.reach_of([]) == 0.0


# ---------------------------------------------------------------------- colours
@every_theme
@every_scale
def test_the_colours_run_from_one_end_through_zero_to_the_other(theme: Theme, scale: str) -> None:
    colours = heat.palette(theme, scale)
    ends = theme.values if scale == "values" else theme.gradients
    assert "".join(colours) == LETTERS + "x"
    assert (colours["a"], colours["i"], colours["q"], colours["x"]) == (*ends, theme.ink)
    lightness = [luminance(colours[letter]) for letter in LETTERS]
    away = 1 if lightness[8] < lightness[0] else -1  # a dark theme's numbers shine
    assert all(away * (high - low) > 0 for high, low in pairwise(lightness[:9]))
    assert all(away * (low - high) < 0 for low, high in pairwise(lightness[8:]))


@every_theme
@every_scale
def test_the_smallest_number_is_seen_beside_zero_and_signs_beside_each_other(theme: Theme, scale: str) -> None:
    colours = heat.palette(theme, scale)
    for level in range(1, 9):
        low, high = LETTERS[8 - level], LETTERS[8 + level]
        assert contrast(colours[low], colours["i"]) > 1.2
        assert contrast(colours[high], colours["i"]) > 1.2
        assert math.dist(channels(colours[low]), channels(colours[high])) > 30  # of 255, beside the difference in shape


def test_the_colours_between_are_linear() -> None:
    colours = heat.palette(THEMES["print"], "values")
    steps = [int(colours[letter][1:3], 16) for letter in LETTERS[:8]]
    assert {high - low for low, high in pairwise(steps)} <= {23, 24}


def test_a_scale_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no scale 'grads' of colours \(must be 'values' or 'gradients'\)"):
        heat.palette(NOTES, "grads")


# ---------------------------------------------------------------------- SVG
def parsed(svg: str) -> Any:
    return ET.fromstring(f"<svg>{svg}</svg>")[0]


def boxes(group: Any) -> list[tuple[float, float, float, float]]:
    return [tuple(float(r.get(key)) for key in ("x", "y", "width", "height")) for r in group.iter("rect")]  # type: ignore[misc]


@given(arrays, st.floats(-500, 500), st.floats(-500, 500), st.booleans())
def test_a_map_is_a_frame_and_cells_that_fill_it(array: Any, x: float, y: float, known: bool) -> None:
    letters = heat.cells(array, 1.0) if known else ""
    frame, *inside = boxes(parsed(heat.drawing("n0.value", letters, array.shape, x, y, "values", NOTES)))
    wide, high = heat.extent(array.shape)
    assert frame == pytest.approx((x, y, wide, high), abs=0.06)
    rows, columns = heat.size(array.shape)
    assert len(inside) == rows * columns
    side = wide / columns if columns else 0
    for (i, j), (left, top, across, down) in zip(product(range(rows), range(columns)), inside, strict=True):
        assert across == down == side - 1
        assert (left, top) == pytest.approx((x + j * side + 0.5, y + i * side + 0.5), abs=0.06)


@pytest.mark.parametrize(
    ("shape", "extent"),
    [((2, 3), (36, 24)), ((5,), (60, 12)), ((12,), (96, 8)), ((64, 32), (88, 64)), ((8, 12), (96, 64)), ((), (12, 12))],
)
def test_a_small_array_has_large_cells_and_no_map_is_huge(shape: tuple[int, ...], extent: tuple[int, int]) -> None:
    assert heat.extent(shape) == extent


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_cell_is_from_7_to_12_pixels_wide(rows: int, columns: int) -> None:
    wide, high = heat.extent((rows, columns), 40)
    assert 7 <= wide / columns == high / rows <= 12


def test_the_sign_is_the_shape_of_a_cell() -> None:
    group = parsed(heat.drawing("n0.value", "aiqx", (4,), 0, 0, "gradients", NOTES))
    frame, *inside = group.iter("rect")
    assert [(cell.get("rx"), cell.get("fill")) for cell in inside] == [
        ("5.5", "#404040"), ("0", "#FFFFFF"), ("0", "#D40000"), ("3.3", "#000000"),
    ]  # fmt: skip
    assert (frame.get("fill-opacity"), frame.get("stroke-dasharray")) == ("1", "none")
    assert (group.get("class"), group.get("data-map"), group.get("data-scale")) == ("bp-heat", "n0.value", "gradients")


def test_what_is_not_computed_is_a_dashed_frame_and_nothing_in_it() -> None:
    frame, *inside = parsed(heat.drawing("n0.grad", "", (2, 3), 0, 0, "gradients", NOTES)).iter("rect")
    assert (frame.get("fill-opacity"), frame.get("stroke-dasharray")) == ("0", "2 2")
    assert [(cell.get("rx"), cell.get("fill")) for cell in inside] == [("0", "none")] * 6


def test_from_step_to_step_only_what_a_player_sets_changes() -> None:
    drawn = [heat.drawing("n0", cells, (2, 2), 1.25, 3, "values", NOTES) for cells in ("", "ai/qx")]
    still = [re.sub(r' (?:fill|rx|fill-opacity|stroke-dasharray)="[^"]*"', "", svg) for svg in drawn]
    assert still[0] == still[1]


def test_a_slot_is_escaped() -> None:
    name = """<b> & "c" 'd'"""
    assert parsed(heat.drawing(name, "q", (), 0, 0, "values", NOTES)).get("data-map") == name


def test_numbers_in_attributes_are_short() -> None:
    svg = heat.drawing("n0", "aq/qa", (2, 2), 1 / 3, 200 / 3, "values", NOTES)
    assert re.findall(r'(?:x|y|rx|width|height)="-?[^"]*\d\.(?:\d\d|0")', svg) == []
    assert 'x="0.3" y="66.7"' in svg


# ---------------------------------------------------------------------- legend
def texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in parsed(svg).iter("text")] if svg else []


@pytest.mark.parametrize(
    ("reaches", "said"),
    [
        ((2.0, 0.25), ["values", "−2", "0", "+2", "gradients", "−0.25", "0", "+0.25"]),
        ((None, 1e-7), ["gradients", "−1·10⁻⁷", "0", "+1·10⁻⁷"]),
        ((0.0, None), ["values", "0"]),
    ],
)
def test_the_legend_names_the_scales_that_are_used(reaches: tuple[float | None, float | None], said: list[str]) -> None:
    svg, _, _ = heat.legend(*reaches, 0, 0, NOTES)
    assert texts(svg) == [*said, "square +, disc −, colour by the square root"]


def test_without_maps_there_is_no_legend() -> None:
    assert heat.legend(None, None, 3, 4, NOTES, blocks=True) == ("", 0.0, 0.0)


def test_the_legend_says_what_a_block_and_what_nan_is_when_asked() -> None:
    short, _, low = heat.legend(1.0, None, 0, 0, NOTES)
    long, _, high = heat.legend(1.0, None, 0, 0, NOTES, blocks=True, nonfinite=True)
    assert texts(long)[-2:] == [
        "square +, disc −, rounded NaN or ∞, colour by the square root",
        "large arrays: each cell is the entry of largest magnitude in its block",
    ]
    assert (len(texts(long)) - len(texts(short)), high > low) == (1, True)


def test_the_legend_rounds_as_the_picture_does() -> None:
    assert texts(heat.legend(1 / 3, None, 0, 0, NOTES, 2)[0])[1:4] == ["−0.33", "0", "+0.33"]


@every_theme
@pytest.mark.parametrize("reaches", [(1.0, 2.0), (1.2345e-7, 6.789e-12), (None, 0.0), (12345.6, None)])
def test_the_legend_lies_in_its_box_and_its_texts_apart(
    theme: Theme, reaches: tuple[float | None, float | None]
) -> None:
    svg, wide, high = heat.legend(*reaches, 30, 40, theme, blocks=True)
    for left, top, across, down in boxes(parsed(svg)):
        assert 30 <= left <= left + across <= 30 + wide
        assert 40 <= top <= top + down <= 40 + high
    lines: dict[float, list[tuple[float, float]]] = {}
    for text in parsed(svg).iter("text"):
        room = width(text.text, NUMBERS, heat.TEXT)
        start = float(text.get("x")) - room * {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor")]
        lines.setdefault(float(text.get("y")), []).append((start, start + room))
        assert text.get("fill") == theme.ink
    assert max(lines) < 40 + high
    for places in lines.values():
        assert 29.9 <= min(places)[0] <= max(places)[1] <= 30 + wide + 0.1
        assert all(first[1] + 3 < second[0] for first, second in pairwise(sorted(places)))


# ---------------------------------------------------------------------- measures
def channels(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    linear = [c / 255 / 12.92 if c <= 10.31475 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
