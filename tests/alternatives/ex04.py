# Right answers to the exercises of lecture 04, written in other ways than the solutions.

# %% ex04.1
def local_gradients(op, a, b):
    table = {
        "a + b": lambda: [1.0, 1.0],
        "a - b": lambda: [1.0, -1.0],
        "a * b": lambda: [b, a],
        "a ** 2 * b": lambda: [b * a + a * b, a**2],
    }
    return tuple(table[op]())

# %% ex04.2
import numpy as np

def fan_out(gu, gv, du_dy, dv_dy):
    return np.dot([gv, gu], [dv_dy, du_dy])

# %% ex04.5
def path_sum(edges, start, end):
    found, todo = 0, [(start, 1)]
    while todo:
        node, product = todo.pop()
        if node == end:
            found += product
        todo += [(child, product * local) for (parent, child), local in edges.items() if parent == node]
    return found

# %% ex04.1
def local_gradients(op, a, b, h=1e-5):
    def f(a, b):
        return eval(op, {"a": a, "b": b})

    return (f(a + h, b) - f(a - h, b)) / (2 * h), (f(a, b + h) - f(a, b - h)) / (2 * h)

# %% ex04.5
import numpy as np

def path_sum(edges, start, end):
    names = sorted({name for edge in edges for name in edge} | {start, end})
    A = np.zeros((len(names), len(names)))
    for (parent, child), local in edges.items():
        A[names.index(parent), names.index(child)] = local
    return np.linalg.inv(np.eye(len(names)) - A)[names.index(start), names.index(end)]
