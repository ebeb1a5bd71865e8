# Right answers to the exercises of lecture 09, written in other ways than the solutions.

# %% ex09.1
import math

def slope(sizes, times):
    X, Y = [math.log2(s) for s in sizes], [math.log2(t) for t in times]
    x, y = sum(X) / len(X), sum(Y) / len(Y)
    return sum((a - x) * (b - y) for a, b in zip(X, Y)) / sum((a - x) ** 2 for a in X)

# %% ex09.3
import numpy as np

def multiplications(B, widths):
    each = B * np.multiply(widths[1:], widths[:-1])
    return [each.sum(), each.sum() + each[1:].sum()]

# %% ex09.4
import functools

def each_edge_once(nodes, edges, times):
    @functools.cache
    def answer(node):
        if node == nodes[-1]:
            return 1
        return sum(times(local, answer(child)) for parent, child, local in edges if parent == node)

    return {node: answer(node) for node in nodes}

# %% ex09.5
def checkpoint_plan(n):
    best = None
    for segments in range(1, n + 1):
        k, rest = divmod(n, segments)
        plan = (k, segments + k, n + (segments - 1) * k)
        if not rest and (best is None or plan[1] < best[1]):
            best = plan
    return list(best)
