# Right answers to the exercises of lecture 12, written in other ways than the solutions.

# %% ex12.1
from math import hypot

def layer_norms(gradients):
    layers = sorted({name.partition(".")[0] for name in gradients})
    return {
        layer: hypot(*(number for name in gradients if name.startswith(layer + ".") for number in gradients[name].flat))
        for layer in layers
    }

# %% ex12.2
from statistics import geometric_mean

def factor_per_layer(norms):
    return geometric_mean([below / above for below, above in zip(norms, norms[1:])])

# %% ex12.3
def dead_units(X, W, b):
    dead = []
    for weights, bias in zip(W.tolist(), b):
        dead.append(max(sum(x * w for x, w in zip(row, weights)) for row in X) <= -bias)
    return dead

# %% ex12.5
import math

def mended_accuracy(logits, labels):
    right = 0
    for (z,), label in zip(logits, labels):
        right += round(1 / (1 + math.exp(-z))) == label
    return right / len(labels)

# %% ex12.6
import backprop_viz as bp

def train(network, X, y):
    speed = {}
    for step in range(110):
        network.zero_grad()
        bp.bce_with_logits(network(X), y).backward()
        with bp.no_grad():
            for name, weights in network.named_parameters():
                speed[name] = 0.9 * speed.get(name, 0) + weights.grad
                weights -= speed[name]
