"""Backprop Viz: ordinary Python code, its computational graph, and every step of backpropagation through it."""

from typing import NoReturn

import numpy
from numpy import bool_ as bool
from numpy import float32, float64, int64
from numpy import float32 as float  # what PyTorch's `torch.float` means
from numpy import int64 as long

from . import plots
from .autograd import nn, optim
from .autograd.custom import op
from .autograd.functions.constructors import (
    arange,
    eye,
    full,
    linspace,
    manual_seed,
    ones,
    ones_like,
    parameter,
    rand,
    randint,
    randn,
    randperm,
    tensor,
    zeros,
    zeros_like,
)
from .autograd.functions.elementwise import (
    abs,
    addcmul,
    clamp,
    clip,
    clone,
    cos,
    elu,
    exp,
    gelu,
    leaky_relu,
    log,
    maximum,
    minimum,
    reciprocal,
    relu,
    sigmoid,
    silu,
    sin,
    softplus,
    sqrt,
    square,
    tanh,
    where,
)
from .autograd.functions.images import avg_pool2d, conv2d, max_pool2d
from .autograd.functions.losses import (
    bce,
    bce_with_logits,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse,
    mse_loss,
    nll,
    nll_loss,
)
from .autograd.functions.norms import batch_norm, dropout, layer_norm
from .autograd.functions.products import dot, einsum, embedding, matmul, outer
from .autograd.functions.reductions import (
    log_softmax,
    logsumexp,
    max,
    mean,
    min,
    prod,
    softmax,
    std,
    sum,
    var,
)
from .autograd.functions.shapes import (
    broadcast_to,
    cat,
    concatenate,
    flatten,
    movedim,
    permute,
    reshape,
    split,
    squeeze,
    stack,
    transpose,
    unsqueeze,
)
from .autograd.gradcheck import gradcheck
from .autograd.graph import Graph
from .autograd.graph import Graph as graph
from .autograd.group import group
from .autograd.mode import enable_grad, no_grad
from .autograd.tensor import Tensor
from .autograd.transforms import grad, jacobian, jvp, vjp
from .player.movie import movie
from .player.pictures import explore
from .player.widget import Player, play
from .record.recorder import trace
from .record.trace import Argument, Edge, Event, Forward, Node, Seed, Send, Source, Trace, Update
from .record.training import training, training_step
from .render.derivation import Derivation
from .render.draw import draw
from .render.equations import Equations, equations
from .render.figure import Figure

__all__ = [
    "Argument", "Derivation", "Edge", "Equations", "Event", "Figure", "Forward", "Graph", "Node", "Player", "Seed",
    "Send", "Source", "Tensor", "Trace", "Update", "abs", "addcmul", "arange", "avg_pool2d", "batch_norm", "bce",
    "bce_with_logits", "binary_cross_entropy", "binary_cross_entropy_with_logits", "bool", "broadcast_to", "cat",
    "clamp", "clip", "clone", "concatenate", "conv2d", "cos", "cross_entropy", "dot", "draw", "dropout", "einsum",
    "elu", "embedding", "enable_grad", "equations", "exp", "explore", "eye", "flatten", "float", "float32", "float64",
    "full", "gelu", "grad", "gradcheck", "graph", "group", "int64", "jacobian", "jvp", "layer_norm", "leaky_relu",
    "linspace", "log", "log_softmax", "logsumexp", "long", "manual_seed", "matmul", "max", "max_pool2d", "maximum",
    "mean", "min", "minimum", "movedim", "movie", "mse", "mse_loss", "nll", "nll_loss", "nn", "no_grad", "ones",
    "ones_like", "op", "optim", "outer", "parameter", "permute", "play", "plots", "prod", "rand", "randint", "randn",
    "randperm", "reciprocal", "relu", "reshape", "sigmoid", "silu", "sin", "softmax", "softplus", "split", "sqrt",
    "square", "squeeze", "stack", "std", "sum", "tanh", "tensor", "trace", "training", "training_step", "transpose",
    "unsqueeze", "var", "vjp", "where", "zeros", "zeros_like",
]  # fmt: skip


def __getattr__(name: str) -> NoReturn:
    """Say what to do about a name that PyTorch or NumPy may have and this package has not."""
    more = f" For plain numbers: bp.tensor(np.{name}(...))." if hasattr(numpy, name) else ""
    raise AttributeError(
        f"backprop_viz has no {name!r}. The operations it records are listed in docs/ops.md and by dir(bp); an op of "
        f"your own takes a few lines: help(bp.op).{more}"
    )
