"""Backprop Viz: ordinary Python code, its computational graph, and every step of backpropagation through it."""

from .autograd.functions import addcmul, bce, exp, log, matmul, parameter, relu, sigmoid, sqrt, tanh, tensor
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
    "Tensor", "Trace", "Update", "addcmul", "bce", "draw", "enable_grad", "exp", "graph", "log", "matmul",
    "no_grad", "parameter", "play", "relu", "sigmoid", "sqrt", "tanh", "tensor", "trace",
]  # fmt: skip
