# Right answers to the exercises of lecture 10, written in other ways than the solutions.

# %% ex10.1
import numpy as np

def slice_jacobian(n, start, stop, step):
    taken = np.arange(n)[start:stop:step]
    return (np.arange(n)[None, :] == taken[:, None]).astype(int)

# %% ex10.2
import numpy as np

def jacobian(M, x):
    return np.einsum("i,ij->ij", np.einsum("ij,j->i", M, x), M) * 2

# %% ex10.2
import backprop_viz as bp

def jacobian(M, x):
    rows = []
    for m in M:
        leaf = bp.parameter(x)
        ((leaf * m).sum() ** 2).backward()
        rows.append(list(leaf.grad))
    return rows

# %% ex10.4
kept = {"h", "b", "w"}

# %% ex10.6
causes = tuple("deab")

# %% ex10.4
kept = "w, b, h"
