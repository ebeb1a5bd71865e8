"""Neurons written in scalars, one node for every number, after micrograd (Karpathy, 2020)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..functions.constructors import generator_or_default, parameter
from ..functions.elementwise import tanh
from ..reader import is_ours, reader_frame
from ..tensor import Tensor
from .containers import ModuleList, Sequential
from .init import positive
from .module import Module

Activation = Callable[[Any], Tensor] | None


class Neuron(Module):
    """activation(w0·x0 + w1·x1 + … + b), every weight a scalar; weights uniform in [-1, 1), b = 0.

    activation: a function such as bp.tanh; None leaves the weighted sum as it is
    """

    def __init__(
        self, inputs: int, activation: Activation = tanh, *, generator: np.random.Generator | None = None
    ) -> None:
        draw = generator_or_default(generator)
        self.w = [parameter(draw.uniform(-1, 1)) for _ in range(positive("inputs", inputs))]
        self.b = parameter(0.0)
        self.activation = activation

    def forward(self, x: Iterable[Any]) -> Tensor:
        """The neuron's output for one example, a sequence of numbers or scalar tensors."""
        x = list(x)
        if len(x) != len(self.w):
            raise ValueError(f"this neuron has {len(self.w)} weights, one for each input; got {len(x)} inputs")
        z, reader = self.b, reader_frame(2)
        code, lasti = reader.f_code, reader.f_lasti
        for w, value in zip(self.w, x, strict=True):
            product = w * value
            z = z + product
            product.code = z.code = code  # as `for_reader` does it, at a fifth of its cost
            product.lasti = z.lasti = lasti
        out = z if self.activation is None else self.activation(z)
        if isinstance(out, Tensor) and is_ours(out.code.co_filename):  # not made by a function of the reader's own
            out.code, out.lasti = code, lasti
        return out

    def extra_repr(self) -> str:
        """The number of inputs, and the activation."""
        activation = self.activation
        said = "linear" if activation is None else getattr(activation, "__name__", repr(activation))
        return f"{len(self.w)}, {said}"


class Layer(ModuleList):
    """Neurons side by side, all on the same inputs."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        activation: Activation = tanh,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        neurons = range(positive("outputs", outputs))
        super().__init__(Neuron(inputs, activation, generator=generator) for _ in neurons)

    def forward(self, x: Iterable[Any]) -> list[Tensor]:
        """The list of the neurons' outputs."""
        x = list(x)
        return [neuron(x) for neuron in self]


class ScalarMLP(Sequential):
    """Layers of scalar neurons of these sizes, an activation in each but the last: `ScalarMLP([2, 4, 1])`.

    Its result is a list; of one output, that output itself. Parameters are called layer.neuron.weight, as in "0.3.w1",
    and drawn as w031.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Activation = tanh,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        if len(sizes) < 2:
            raise ValueError(f"an MLP has at least two sizes, as in [2, 4, 1]: inputs, hidden, outputs; got {sizes!r}")
        last = len(sizes) - 2
        super().__init__(
            *(
                Layer(inputs, outputs, None if i == last else activation, generator=generator)
                for i, (inputs, outputs) in enumerate(pairwise(sizes))
            )
        )

    def forward(self, x: Iterable[Any]) -> Any:
        """The outputs for one example."""
        outputs = super().forward(x)
        return outputs[0] if len(outputs) == 1 else outputs
