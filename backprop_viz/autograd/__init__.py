"""The autograd engine: tensors that remember how they were made; NumPy and nothing else."""

from .transforms import grad

__all__ = ["grad"]  # under PyTorch's name: bp.autograd.grad
