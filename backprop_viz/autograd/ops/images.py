"""The rows of images: a small kernel, or a window, that slides over the last two axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..op import Op, mixing

Size = int | tuple[int, int]  # one number for both axes, or one for each


def _pair(size: Size) -> tuple[int, int]:
    return size if isinstance(size, tuple) else (size, size)


def _padded(x: Any, padding: Size, value: float = 0) -> Any:
    """The image with a border of this width."""
    rows, columns = _pair(padding)
    widths = [(0, 0)] * (x.ndim - 2) + [(rows, rows), (columns, columns)]
    if not rows and not columns:
        return x
    return np.pad(x.astype(np.result_type(x, value)), widths, constant_values=value)


def _windows(x: Any, size: tuple[int, int], stride: Size) -> Any:
    """What a window of this size sees at each place: (…, H, W) becomes (…, rows, columns, *size), without a copy."""
    down, right = _pair(stride)
    windows = sliding_window_view(x, size, axis=(-2, -1), writeable=True)
    return windows[..., ::down, ::right, :, :]


def _added_back(pieces: Any, x: Any, stride: Size, padding: Size) -> Any:
    """An image like `x` in which every window's piece is added where the window saw it: `_windows` backwards."""
    image = _padded(np.zeros(x.shape, pieces.dtype), padding)
    windows = _windows(image, pieces.shape[-2:], stride)
    for i, j in np.ndindex(*pieces.shape[-2:]):  # one place in all windows at a time: these never overlap
        windows[..., i, j] += pieces[..., i, j]
    rows, columns = _pair(padding)
    return image[..., rows : rows + x.shape[-2], columns : columns + x.shape[-1]]


# ------------------------------------------------------------------ convolution
def _conv2d(x: Any, w: Any, b: Any = None, stride: Size = 1, padding: Size = 0) -> Any:
    windows = _windows(_padded(x, padding), w.shape[-2:], stride)
    out = np.moveaxis(np.tensordot(windows, w, axes=((-5, -2, -1), (1, 2, 3))), -1, -3)
    return out if b is None else out + b[:, None, None]


def _conv2d_vjp_x(g: Any, out: Any, x: Any, w: Any, b: Any = None, stride: Size = 1, padding: Size = 0) -> Any:
    pieces = np.tensordot(g, w, axes=(-3, 0))  # (…, rows, columns, channels, *kernel)
    return _added_back(np.moveaxis(pieces, -3, -5), x, stride, padding)


def _conv2d_vjp_w(g: Any, out: Any, x: Any, w: Any, b: Any = None, stride: Size = 1, padding: Size = 0) -> Any:
    windows = _windows(_padded(x, padding), w.shape[-2:], stride)
    batch = tuple(range(x.ndim - 3))
    return np.tensordot(g, windows, axes=((*batch, -2, -1), (*batch, -4, -3)))


def _conv2d_vjp_b(g: Any, out: Any, x: Any, w: Any, b: Any, stride: Size = 1, padding: Size = 0) -> Any:
    return g.sum(axis=(*range(g.ndim - 3), -2, -1))


def _conv2d_of(name: str, notation: str, linear: str = "", **bias: Any) -> Op:
    return mixing(
        name, "conv2d", notation, _conv2d, linear=linear,
        x=("conv_transpose2d(g, w, stride, padding)", _conv2d_vjp_x, "w"),
        w=("correlate(x, g)", _conv2d_vjp_w, "x"),
        **bias,
    )  # fmt: skip


# ------------------------------------------------------------------ pooling
def _max_pool2d(x: Any, kernel_size: Size, stride: Size, padding: Size = 0) -> Any:
    return _windows(_padded(x, padding, -np.inf), _pair(kernel_size), stride).max(axis=(-2, -1))


def _max_pool2d_vjp(g: Any, out: Any, x: Any, kernel_size: Size, stride: Size, padding: Size = 0) -> Any:
    windows = _windows(_padded(x, padding, -np.inf), _pair(kernel_size), stride)
    places = windows.reshape(*windows.shape[:-2], -1)
    first = places.argmax(axis=-1)[..., None] == np.arange(places.shape[-1])
    return _added_back(g[..., None, None] * first.reshape(windows.shape), x, stride, padding)


def _avg_pool2d(x: Any, kernel_size: Size, stride: Size, padding: Size = 0) -> Any:
    return _windows(_padded(x, padding), _pair(kernel_size), stride).mean(axis=(-2, -1))


def _avg_pool2d_vjp(g: Any, out: Any, x: Any, kernel_size: Size, stride: Size, padding: Size = 0) -> Any:
    rows, columns = _pair(kernel_size)
    pieces = np.broadcast_to(g[..., None, None] / (rows * columns), (*g.shape, rows, columns))
    return _added_back(pieces, x, stride, padding)


# fmt: off
ROWS: tuple[Op, ...] = (
    _conv2d_of("conv2d", "conv2d(x, w, stride, padding)", linear="x w"),
    _conv2d_of("conv2d_bias", "conv2d(x, w, b, stride, padding)", b=("sum_over_positions(g)", _conv2d_vjp_b, "")),
    # Of equal maxima the first receives the gradient, as in PyTorch.
    mixing("max_pool2d", "max_pool2d", "max_pool2d(x, kernel_size, stride, padding)", _max_pool2d,
           x=("to_maxima(g, x)", _max_pool2d_vjp, "x")),
    mixing("avg_pool2d", "avg_pool2d", "avg_pool2d(x, kernel_size, stride, padding)", _avg_pool2d, linear="x",
           x=("to_windows(g / n)", _avg_pool2d_vjp, "")),
)
# fmt: on
