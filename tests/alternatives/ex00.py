# Right answers to the exercises of lecture 00, written in other ways than the solutions.

# %% ex00.1
import numpy as np

def machine(x, w, b):
    return np.square(np.dot([w, 1], [x, b]))

# %% ex00.4
import backprop_viz as bp

def red_numbers(x, w, b):
    w, b = bp.parameter(w), bp.parameter(b)
    ((x * w + b) ** 2).backward()
    return [w.grad, b.grad]
