"""Images: convolution and pooling over the last two axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops import OPS
from ..tensor import Tensor, apply
from ..values import untracked

Size = int | tuple[int, int]  # one number for both axes, or (rows, columns)


def conv2d(x: Any, weight: Any, bias: Any = None, stride: Size = 1, padding: Size = 0) -> Tensor:
    """The weighted sum of what each kernel sees as it slides over the image (mathematics calls it cross-correlation).

    x:      (N, C, H, W), or (C, H, W) for one image
    weight: (O, C, rows, columns), a kernel for each of O output channels;  bias: (O,)
    stride: how far the kernel moves each time;  padding: the width of a border of zeros around the image
    The result is (N, O, H′, W′) with H′ = (H + 2·padding − rows) // stride + 1, and W′ likewise.
    """
    image, kernels = np.shape(untracked(x)), np.shape(untracked(weight))
    _check_image("conv2d", image)
    if len(kernels) != 4 or kernels[1] != image[-3]:
        raise ValueError(
            f"conv2d: a weight has shape (output channels, input channels, rows, columns), and this image has "
            f"{image[-3]} input channels; got a weight of shape {kernels} for an image of shape {image}"
        )
    if bias is not None and np.shape(untracked(bias)) != kernels[:1]:
        raise ValueError(
            f"conv2d: a bias has one number for each output channel, shape {kernels[:1]}; got shape "
            f"{np.shape(untracked(bias))}"
        )
    _check_sizes("conv2d", image, kernels[-2:], stride, padding)
    options = _said(stride=(stride, 1), padding=(padding, 0))
    if bias is None:
        return apply(OPS["conv2d"], x, weight, **options)
    return apply(OPS["conv2d_bias"], x, weight, bias, **options)


def max_pool2d(x: Any, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> Tensor:
    """The maximum of each window; of equal ones the first receives the gradient.

    x: (N, C, H, W) or (C, H, W);  stride: how far the window moves, by default its own size
    padding: the width of a border of −∞ around the image, at most half the window
    """
    return _pooled("max_pool2d", x, kernel_size, stride, padding)


def avg_pool2d(x: Any, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> Tensor:
    """The mean of each window.

    x: (N, C, H, W) or (C, H, W);  stride: how far the window moves, by default its own size
    padding: the width of a border of zeros around the image, at most half the window; they count in the mean
    """
    return _pooled("avg_pool2d", x, kernel_size, stride, padding)


def _pooled(name: str, x: Any, kernel_size: Size, stride: Size | None, padding: Size) -> Tensor:
    stride = kernel_size if stride is None else stride
    _check_image(name, np.shape(untracked(x)))
    size, border = _check_sizes(name, np.shape(untracked(x)), kernel_size, stride, padding)
    if any(2 * width > length for width, length in zip(border, size, strict=True)):
        raise ValueError(f"{name}: the padding is at most half the window; got padding {padding} for a window {size}")
    options = {"kernel_size": _plain(kernel_size), "stride": _plain(stride)}
    return apply(OPS[name], x, **options, **_said(padding=(padding, 0)))


def _plain(size: Size) -> Size:
    """One number, or a tuple: a list could be changed after it was recorded."""
    return (size[0], size[1]) if isinstance(size, tuple | list) else size


def _said(**options: tuple[Size, int]) -> dict[str, Size]:
    """The options that differ from their defaults."""
    return {name: _plain(size) for name, (size, default) in options.items() if size != default}


# ------------------------------------------------------------------ what is refused
def _check_image(name: str, shape: tuple[int, ...]) -> None:
    if len(shape) not in (3, 4):
        raise ValueError(f"{name}: images have shape (N, C, H, W), one image (C, H, W); got {shape}. Reshape it.")


def _check_sizes(
    name: str, image: tuple[int, ...], window: Any, stride: Any, padding: Any
) -> tuple[tuple[int, int], tuple[int, int]]:
    """The window and the border as pairs, whole numbers that leave at least one place for the window."""
    size = _checked_pair(name, "kernel_size", window, least=1)
    _checked_pair(name, "stride", stride, least=1)
    border = _checked_pair(name, "padding", padding, least=0)
    if any(length > room + 2 * width for length, room, width in zip(size, image[-2:], border, strict=True)):
        raise ValueError(
            f"{name}: a window of {size[0]}×{size[1]} does not fit into an image of shape {image} with padding "
            f"{padding}. Take a smaller window, or more padding."
        )
    return size, border


def _checked_pair(name: str, option: str, size: Any, least: int) -> tuple[int, int]:
    pair = tuple(size) if isinstance(size, tuple | list) else (size, size)
    if len(pair) != 2 or not all(isinstance(number, int | np.integer) and number >= least for number in pair):
        raise ValueError(
            f"{name}: {option} is a whole number of at least {least}, or two of them (rows, columns); got {size!r}"
        )
    return pair
