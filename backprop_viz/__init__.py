"""Backprop Viz: ordinary Python code, its computational graph, and every step of backpropagation through it."""

from numpy import bool_ as bool
from numpy import float32, float64, int64
from numpy import float32 as float  # what PyTorch's `torch.float` means
from numpy import int64 as long

from .autograd.functions.constructors import (
    arange,
    eye,
    full,
    manual_seed,
    ones,
    ones_like,
    parameter,
    rand,
    randn,
    tensor,
    zeros,
    zeros_like,
)  # fmt: skip
from .autograd.functions.elementwise import addcmul, exp, log, relu, sigmoid, sqrt, tanh
from .autograd.functions.losses import bce
from .autograd.functions.products import matmul
from .autograd.functions.reductions import mean, sum
from .autograd.functions.shapes import permute, reshape, transpose
from .autograd.graph import Graph
from .autograd.graph import Graph as graph
from .autograd.mode import enable_grad, no_grad
from .autograd.tensor import Tensor
from .player.widget import Player, play
from .record.recorder import trace
from .record.trace import Argument, Edge, Event, Forward, Node, Seed, Send, Source, Trace, Update
from .render.figure import Figure, draw

__all__ = [
    "Argument", "Edge", "Event", "Figure", "Forward", "Graph", "Node", "Player", "Seed", "Send", "Source",
    "Tensor", "Trace", "Update", "addcmul", "arange", "bce", "bool", "draw", "enable_grad", "exp", "eye", "float",
    "float32", "float64", "full", "graph", "int64", "log", "long", "manual_seed", "matmul", "mean", "no_grad", "ones",
    "ones_like", "parameter", "permute", "play", "rand", "randn", "relu", "reshape", "sigmoid", "sqrt", "sum", "tanh",
    "tensor", "trace", "transpose", "zeros", "zeros_like",
]  # fmt: skip
