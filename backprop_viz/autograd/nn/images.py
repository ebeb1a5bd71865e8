"""Layers for images of shape (N, channels, height, width)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from . import functional as F
from .init import positive, uniform
from .module import Module

Size = int | tuple[int, int]  # one number for both axes, or (rows, columns)


def pair(size: Size) -> tuple[int, int]:
    """One number for each of the two axes."""
    return (size, size) if isinstance(size, int) else (size[0], size[1])


class Conv2d(Module):
    """Weighted sums of what a kernel sees as it slides over the image, one kernel for each output channel.

    weight: (out_channels, in_channels, rows, columns);  bias: (out_channels,)
    Both are uniform in [-1/√n, 1/√n), n = in_channels · rows · columns, as in PyTorch.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        bias: bool = True,
        *,
        dtype: Any = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.in_channels = positive("in_channels", in_channels)
        self.out_channels = positive("out_channels", out_channels)
        rows, columns = (positive("kernel_size", size) for size in pair(kernel_size))
        self.kernel_size, self.stride, self.padding = (rows, columns), pair(stride), pair(padding)
        seen = in_channels * rows * columns
        shape = (out_channels, in_channels, rows, columns)
        self.weight = uniform(shape, seen, dtype=dtype, generator=generator)
        self.bias = uniform((out_channels,), seen, dtype=dtype, generator=generator) if bias else None

    def forward(self, x: Any) -> Tensor:
        """The image of the sums, a channel for each kernel."""
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding)

    def extra_repr(self) -> str:
        """The sizes, as PyTorch shows them."""
        said = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        padding = "" if self.padding == (0, 0) else f", padding={self.padding}"
        return said + padding + ("" if self.bias is not None else ", bias=False")


class Pool2d(Module):
    """One number for each window. stride: by default the window's size."""

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def extra_repr(self) -> str:
        """The sizes."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxPool2d(Pool2d):
    """The maximum of each window."""

    def forward(self, x: Any) -> Tensor:
        """The image of the maxima."""
        return F.max_pool2d(x, self.kernel_size, self.stride, self.padding)


class AvgPool2d(Pool2d):
    """The mean of each window."""

    def forward(self, x: Any) -> Tensor:
        """The image of the means."""
        return F.avg_pool2d(x, self.kernel_size, self.stride, self.padding)
