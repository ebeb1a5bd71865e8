# Right answers to the exercises of lecture 08, written in other ways than the solutions.

# %% ex08.1
def exposed(edges, below):
    crossing = [edge for edge in edges if edge[0] in below and edge[1] not in below]
    return list(dict.fromkeys(parent for parent, _ in reversed(crossing)))

# %% ex08.2
def finish(below, w, h1, h2, g1, g2):
    earlier = w.grad
    (g2 * h2 + g1 * h1).backward()
    return w.grad - earlier

# %% ex08.5
import numpy as np

def tanh_op(x):
    e = np.exp(2 * x)
    def backward(g):
        return [4 * gi * ei / (ei + 1) ** 2 for gi, ei in zip(g, e)]
    return [(ei - 1) / (ei + 1) for ei in e], backward

# %% ex08.6
import backprop_viz as bp

def fused_gradients(x, w, b, y):
    leaves = [bp.parameter(number) for number in (x, w, b, y)]
    x, w, b, y = leaves
    return bp.grad((bp.relu(w * x + b) - y) ** 2, leaves)

# %% ex08.1
def exposed(edges, below):
    return dict.fromkeys(parent for parent, child in edges if parent in below and child not in below)
