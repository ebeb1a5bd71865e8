# Right answers to the exercises of lecture 07, written in other ways than the solutions.

# %% ex07.2
def cross_entropy_backward(P, classes):
    count = sum(1 for y in classes if y != -1)
    def entry(i, k):
        return (P[i][k] - (1 if k == classes[i] else 0)) / count if classes[i] != -1 else 0
    return [[entry(i, k) for k in range(len(P[i]))] for i in range(len(P))]

# %% ex07.3
import numpy as np

def linear_backward(X, W, G):
    dX = np.einsum("ki,kl->li", G, W)
    dW = sum(np.outer(g, x) for g, x in zip(G.T, X.T))
    db = G @ np.ones(G.shape[1])
    return dX, dW, db

# %% ex07.4
import backprop_viz as bp

def scaled_backward(X, c, s, G):
    X, c, s = bp.parameter(X), bp.parameter(c), bp.parameter(s)
    return bp.grad(c * X * s, [X, c, s], G)

# %% ex07.5
import numpy as np

def hidden_backward(Z1, W2, G2):
    G1 = (W2 @ G2.T).T
    G1[Z1 <= 0] = 0
    return [G1, np.ones(len(G1)) @ G1]

# %% ex07.2
import numpy as np

def cross_entropy_backward(P, classes):
    Z = np.log(P)
    G = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    labelled = np.flatnonzero(np.array(classes) >= 0)
    G[labelled, np.array(classes)[labelled]] -= 1
    return G * (np.array(classes) >= 0)[:, None] / len(labelled)
