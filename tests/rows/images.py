"""The rows of images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_SLIDES: list[dict[str, Any]] = [
    {}, {"stride": 2}, {"padding": 1}, {"stride": (2, 1), "padding": (0, 1)}, {"stride": 3, "padding": 2},
]  # fmt: skip
_KERNELS = [((2, 2, 5, 4), (3, 2, 2, 3)), ((2, 4, 4), (1, 2, 1, 2))]
_POOLS: list[dict[str, Any]] = [
    {"kernel_size": 2, "stride": 2}, {"kernel_size": 3, "stride": 1}, {"kernel_size": (2, 3), "stride": (3, 1)},
    {"kernel_size": 3, "stride": 2, "padding": 1}, {"kernel_size": (3, 2), "stride": 2, "padding": (0, 1)},
]  # fmt: skip
_POOLED = [((shape,), options) for shape in [(2, 2, 5, 4), (1, 4, 4)] for options in _POOLS]
CASES: dict[str, Any] = {
    "conv2d": [(shapes, options) for shapes in _KERNELS for options in _SLIDES],
    "conv2d_bias": [((*shapes, shapes[1][:1]), options) for shapes in _KERNELS for options in _SLIDES],
    "max_pool2d": _POOLED,
    "avg_pool2d": _POOLED,
}


def pair(size: Any) -> tuple[int, int]:
    return size if isinstance(size, tuple) else (size, size)


def seen(x: Any, size: Any, stride: Any = 1, padding: Any = 0) -> Any:
    """Each place of a sliding window with each pixel of `x` that it sees: (row, column, i, j, image row and column)."""
    (height, width), (down, right), (above, left) = pair(size), pair(stride), pair(padding)
    rows, columns = x.shape[-2:]
    for a, top in enumerate(range(-above, rows + above - height + 1, down)):
        for b, side in enumerate(range(-left, columns + left - width + 1, right)):
            for i, j in np.ndindex(height, width):
                if 0 <= top + i < rows and 0 <= side + j < columns:
                    yield a, b, i, j, top + i, side + j


def names(values: Any, out: Any, g: Any, options: dict[str, Any]) -> dict[str, Any]:
    """The definitions, pixel by pixel, for the shapes of this case."""
    x = values[0]
    size = options["kernel_size"] if len(values) == 1 else values[1].shape[-2:]
    stride, padding = options.get("stride", 1), options.get("padding", 0)
    places = list(seen(x, size, stride, padding))

    def conv2d(x: Any, w: Any, *rest: Any) -> Any:
        result = np.zeros(np.shape(out)) + (rest[0][:, None, None] if len(rest) == 3 else 0)
        for a, b, i, j, row, column in places:
            result[..., a, b] += (w[:, :, i, j] * x[..., None, :, row, column]).sum(axis=-1)
        return result

    def conv_transpose2d(g: Any, w: Any, stride: Any, padding: Any) -> Any:
        into = np.zeros(x.shape)
        for a, b, i, j, row, column in places:
            into[..., row, column] += (w[:, :, i, j] * g[..., :, None, a, b]).sum(axis=-2)
        return into

    def correlate(x: Any, g: Any) -> Any:
        into = np.zeros(values[1].shape)
        for a, b, i, j, row, column in places:
            products = g[..., :, None, a, b] * x[..., None, :, row, column]
            into[:, :, i, j] += products.reshape(-1, *into.shape[:2]).sum(axis=0)
        return into

    def max_pool2d(x: Any, *rest: Any) -> Any:
        result = np.full(out.shape, -np.inf)
        for a, b, _, _, row, column in places:
            result[..., a, b] = np.maximum(result[..., a, b], x[..., row, column])
        return result

    def to_maxima(g: Any, x: Any) -> Any:
        into, highest, taken = np.zeros(x.shape), max_pool2d(x), np.zeros(out.shape, bool)
        for a, b, _, _, row, column in places:
            here = (x[..., row, column] == highest[..., a, b]) & ~taken[..., a, b]
            taken[..., a, b] |= here
            into[..., row, column] += here * g[..., a, b]
        return into

    def to_windows(g: Any) -> Any:
        into = np.zeros(x.shape)
        for a, b, _, _, row, column in places:
            into[..., row, column] += g[..., a, b]
        return into

    def avg_pool2d(x: Any, *rest: Any) -> Any:
        result = np.zeros(out.shape)
        for a, b, _, _, row, column in places:
            result[..., a, b] += x[..., row, column] / np.prod(pair(size))
        return result

    return {
        "conv2d": conv2d, "conv_transpose2d": conv_transpose2d, "correlate": correlate, "max_pool2d": max_pool2d,
        "avg_pool2d": avg_pool2d, "to_maxima": to_maxima, "to_windows": to_windows, "n": np.prod(pair(size)),
        "stride": stride, "padding": padding,
        "sum_over_positions": lambda g: g.sum(axis=(-2, -1)).reshape(-1, g.shape[-3]).sum(axis=0),
    }  # fmt: skip


NAMES: dict[str, Any] = {}


def _in_torch(name: str) -> Callable[..., Any]:
    def run(*tensors: Any, **options: Any) -> Any:
        import torch

        return getattr(torch.nn.functional, name)(*tensors, **options)

    return run


TORCH: dict[str, Callable[..., Any]] = {
    "conv2d": _in_torch("conv2d"), "conv2d_bias": _in_torch("conv2d"),
    "max_pool2d": _in_torch("max_pool2d"), "avg_pool2d": _in_torch("avg_pool2d"),
}  # fmt: skip
