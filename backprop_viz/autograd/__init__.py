"""The autograd engine: tensors that remember how they were made; NumPy and nothing else."""
