# Right answers to the exercises of lecture 05, written in other ways than the solutions.

# %% ex05.1
def backward(loss, inputs, params, compute):
    reds = {id(loss): 1}  # collected by each node from its children, and written down at the end
    for node in reversed(compute):
        for child in compute:
            for slot, parent in enumerate(child.parents):
                if parent is node:
                    reds[id(node)] = reds.get(id(node), 0) + reds[id(child)] * child.local_gradients()[slot]
    for leaf in params:
        slots = [(c, i) for c in compute for i, parent in enumerate(c.parents) if parent is leaf]
        reds[id(leaf)] = sum(reds[id(c)] * c.local_gradients()[i] for c, i in slots)
    for node in [*params, *compute]:
        node.grad = reds[id(node)]

# %% ex05.5
line_order = list("IAJEGFMCHDB")  # zeros before the forward pass, and the twin lines exchanged

# %% ex05.6
import numpy as np

def train(loss, inputs, params, compute, eta, steps):
    while steps:
        steps -= 1
        for node in [*compute, *params, *inputs]:
            node.grad = np.float64(0)
        [node.forward() for node in compute]
        loss.grad += 1
        stack = list(compute)
        while stack:
            node = stack.pop()
            first, second = node.local_gradients()
            node.parents[1].grad += second * node.grad
            node.parents[0].grad += first * node.grad
        moved = [node.value + -eta * node.grad for node in params]
        for node, value in zip(params, moved):
            node.value = value

# %% ex05.3
turns = ["ℒ", "s", "r", "q", "p", "t"]

# %% ex05.3
turns = "Lsrqpt"
