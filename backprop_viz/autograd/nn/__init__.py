"""Modules: networks put together from layers, after PyTorch's `torch.nn`."""

from ..functions.constructors import parameter as Parameter
from . import functional
from .activations import GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Tanh
from .containers import MLP, ModuleList, Sequential
from .images import AvgPool2d, Conv2d, MaxPool2d
from .layers import Dropout, Embedding, Flatten, Linear
from .losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, MSELoss, NLLLoss
from .module import Module
from .norms import BatchNorm1d, BatchNorm2d, LayerNorm
from .scalars import Layer, Neuron, ScalarMLP

__all__ = [
    "GELU", "MLP", "AvgPool2d", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d", "BatchNorm2d", "Conv2d",
    "CrossEntropyLoss", "Dropout", "Embedding", "Flatten", "Layer", "LayerNorm", "LeakyReLU", "Linear", "MSELoss",
    "MaxPool2d", "Module", "ModuleList", "NLLLoss", "Neuron", "Parameter", "ReLU", "ScalarMLP", "Sequential", "SiLU",
    "Sigmoid", "Softmax", "Tanh", "functional",
]  # fmt: skip
