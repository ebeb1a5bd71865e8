# Right answers to the exercises of lecture 03, written in other ways than the solutions.

# %% ex03.1
from itertools import accumulate
from operator import mul

red_numbers = list(accumulate([6.0, 3.0, -1.0, 6.0], mul))

# %% ex03.2
from collections import Counter

def send(child, parents, blue, red):
    above = red[child]
    messages = Counter()
    for i in reversed(range(len(parents))):
        messages[parents[i]] += blue[i] * above
    for parent in set(parents):
        red.setdefault(parent, 0)
        red[parent] += messages[parent]

# %% ex03.3
def ready_nodes(parents, done):
    waiting = set()
    for child, its_parents in parents.items():
        if child not in done:
            waiting.update(its_parents)
    return parents.keys() - waiting - set(done)

# %% ex03.4
kept = {"a", "c", "g", "x", "y"}

# %% ex03.5
def mended_gradients(x, steps):
    if not steps:
        return (1.0,)
    (op, k), *rest = steps
    value, blue = {"+": (x + k, 1.0), "*": (x * k, k), "**": (x * x, x + x)}[op]
    after = mended_gradients(value, rest)
    return (blue * after[0], *after)

# %% ex03.3
def ready_nodes(parents, done):
    waiting = {parent for child in parents if child not in done for parent in parents[child]}
    return (node for node in parents if node not in done and node not in waiting)

# %% ex03.4
kept = "acgxy"

# %% ex03.4
kept = "a, c, g, x, y"

# %% ex03.5
def mended_gradients(x, steps, h=1e-5):
    def run(value, steps):
        for op, k in steps:
            value = value + k if op == "+" else value * k if op == "*" else value**2
        return value

    values = [run(x, steps[:i]) for i in range(len(steps) + 1)]
    return [(run(v + h, steps[i:]) - run(v - h, steps[i:])) / (2 * h) for i, v in enumerate(values)]
