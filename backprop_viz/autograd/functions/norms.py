"""Normalisation and dropout: what keeps the values of a layer in a good range."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..mode import no_grad
from ..ops import OPS
from ..tensor import Tensor, apply
from ..values import stored, untracked
from .constructors import generator_or_default, tensor


def layer_norm(x: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Tensor:
    """(x − mean) / √(variance + eps) · weight + bias, mean and variance taken over the last axes of each sample.

    normalized_shape: the sizes of those axes, (D,) for x of shape (N, D); the shape of weight and bias as well
    The variance divides by the number of elements (Ba, Kiros and Hinton, 2016, equation 3).
    """
    sizes = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    shape = np.shape(untracked(x))
    if not sizes or shape[len(shape) - len(sizes) :] != sizes:
        raise ValueError(
            f"layer_norm: normalized_shape gives the sizes of the last axes of x, such as {shape[-1:]} for this x of "
            f"shape {shape}; got {normalized_shape!r}"
        )
    scaling = _scaling("layer_norm", sizes, weight, bias)
    return apply(OPS["layer_norm_affine" if scaling else "layer_norm"], x, *scaling, normalized_shape=sizes, eps=eps)


def batch_norm(
    x: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """(x − mean) / √(variance + eps) · weight + bias, with a mean and variance, weight and bias for each channel.

    x: (N, C), or (N, C, H, W), as (N, C, …) with any further axes;  all others: (C,)
    training: take mean and variance of this batch, and move the running ones a step of size `momentum` towards them,
              in place; without it the running ones are used. May be given as None in training.
    As in PyTorch the batch is normalised by the variance that divides by the number n of elements per channel, and
    the running variance moves towards the one that divides by n − 1 (Ioffe and Szegedy, 2015, algorithms 1 and 2).
    """
    shape = np.shape(untracked(x))
    if len(shape) < 2:
        raise ValueError(f"batch_norm: x has shape (N, C) or (N, C, H, W); got {shape}. Add the axis that is missing.")
    running = [running_mean, running_var]
    if any(kept is not None and np.shape(untracked(kept)) != shape[1:2] for kept in running):
        shapes = " and ".join(str(np.shape(untracked(kept))) for kept in running)
        raise ValueError(f"batch_norm: running mean and variance of {shape[1]} channels have shape {shape[1:2]}; "
                         f"got {shapes}")  # fmt: skip
    scaling = _scaling("batch_norm", shape[1:2], weight, bias)
    affine = "_affine" if scaling else ""
    if training:
        out = apply(OPS[f"batch_norm{affine}"], x, *scaling, eps=eps)
        _follow(running_mean, running_var, np.asarray(untracked(x)), momentum)
        return out
    if running_mean is None or running_var is None:
        raise ValueError(
            "batch_norm: without training=True it needs running_mean and running_var; give both, or training=True"
        )
    return apply(OPS[f"batch_norm_eval{affine}"], x, running_mean, running_var, *scaling, eps=eps)


def _follow(running_mean: Any, running_var: Any, x: Any, momentum: float) -> None:
    """Move the running statistics towards those of this batch."""
    batch = (0, *range(2, x.ndim))
    n = x.size // max(x.shape[1], 1)
    if n < 2:
        raise ValueError(
            f"batch_norm: in training each channel needs at least 2 values to have a variance; x has shape {x.shape}"
        )
    with no_grad():
        for running, statistic in ((running_mean, x.mean(axis=batch)), (running_var, x.var(axis=batch, ddof=1))):
            if running is not None:
                running[...] = (1 - momentum) * untracked(running) + momentum * statistic


def _scaling(name: str, shape: tuple[int, ...], weight: Any, bias: Any) -> tuple[Any, ...]:
    """Weight and bias, or neither; of one alone the other is the plain number that changes nothing."""
    for role, given in (("weight", weight), ("bias", bias)):
        if given is not None and np.shape(untracked(given)) != shape:
            raise ValueError(f"{name}: the {role} has shape {shape} here; got {np.shape(untracked(given))}")
    if weight is None and bias is None:
        return ()
    return (1.0 if weight is None else weight, 0.0 if bias is None else bias)


def dropout(x: Any, p: float = 0.5, training: bool = True, generator: np.random.Generator | None = None) -> Tensor:
    """Each element set to 0 with probability `p`, the others divided by 1 − p, so that the mean stays what it was.

    training:  without it, and for p = 0, x itself
    generator: of the random numbers; by default the one that `manual_seed` starts anew
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p is the probability of an element to be dropped, from 0 to 1; got {p!r}")
    whole: Tensor = x if isinstance(x, Tensor) else tensor(x)
    if not training or p == 0:
        return whole
    kept = generator_or_default(generator).random(whole.shape) >= p
    scale = 1 / (1 - p) if p < 1 else 0.0
    return apply(OPS["dropout"], whole, mask=stored(np.asarray(kept * scale, np.result_type(whole.dtype, 0.0))))
