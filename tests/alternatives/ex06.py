# Right answers to the exercises of lecture 06, written in other ways than the solutions.

# %% ex06.2
import backprop_viz as bp

def neuron_backward(x, y, yhat):
    p = bp.parameter(yhat)
    bp.bce(p, y).backward()
    error = yhat - y
    return [p.grad, error, error, x * error]

# %% ex06.5
import math
import numpy as np

def bce_with_logits(u, y):
    total, gradient = 0.0, []
    for logit, target in zip(u.tolist(), y.tolist()):
        small = math.exp(-abs(logit))
        total += max(logit, 0) + math.log1p(small) - logit * target
        gradient.append(((1 if logit >= 0 else small) / (1 + small) - target) / len(u))
    return total / len(u), gradient

# %% ex06.5
import backprop_viz as bp

def bce_with_logits(u, y):
    u = bp.parameter(u)
    loss = bp.bce_with_logits(u, y)
    loss.backward()
    return loss, u.grad
