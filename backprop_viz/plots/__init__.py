"""Plots for lectures, drawn with matplotlib: each takes the project's own objects and gives the Axes it drew on."""

from .boundary import decision_boundary
from .derivatives import gradcheck_error, jacobian
from .scaling import growth
from .surface import loss_surface
from .training import gradient_norms

__all__ = ["decision_boundary", "gradcheck_error", "gradient_norms", "growth", "jacobian", "loss_surface"]
