"""Parameters as PyTorch starts them."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from ..functions.constructors import generator_or_default, parameter
from ..tensor import Tensor


def uniform(
    shape: tuple[int, ...], inputs: int, *, dtype: Any = None, generator: np.random.Generator | None = None
) -> Tensor:
    """A parameter uniform in [-1/√inputs, 1/√inputs): a weighted sum of `inputs` numbers keeps their size.

    LeCun, Bottou, Orr and Müller, "Efficient BackProp" (1998), section 4.6, with PyTorch's constant.
    """
    bound = inputs**-0.5
    return parameter(generator_or_default(generator).uniform(-bound, bound, shape), dtype=dtype)


def positive(name: str, value: Any) -> int:
    """The value, a whole number above 0; an error if it is none."""
    if not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name} is a whole number, 1 or more; got {value!r:.60}")
    return int(value)
