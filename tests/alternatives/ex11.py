# Right answers to the exercises of lecture 11, written in other ways than the solutions.

# %% ex11.1
def numeric_gradient(f, x, h):
    def slope(i):
        old, differences = x.flat[i], []
        for step in (h, -h):
            x.flat[i] = old + step
            differences.append(f(x) / step)
        x.flat[i] = old
        return sum(differences) / 2
    import numpy as np
    return np.reshape([slope(i) for i in range(x.size)], x.shape).tolist()

# %% ex11.2
import numpy as np

def relative_errors(analytic, numeric):
    def one(a, n):
        return 0 if a == n else abs(a - n) / max(a, -a, n, -n)
    return np.vectorize(one, otypes=[float])(analytic, numeric)

# %% ex11.5
def mended_pass(x, w, b):
    du = 2 * w * x * b + w * x
    g = {"b": du * w * x, "v": w * x * b, "u": w * x + 2 * w * x * b}
    g["a"] = g["v"] + b * g["u"]
    g["w"] = x * g["a"]
    return g

# %% ex11.6
import numpy as np

def mended_layer(X, W, b, G):
    on = [[float(sum(p * q for p, q in zip(row, column)) + c > 0) for column, c in zip(W.T, b)] for row in X]
    dZ = np.einsum("nj,nj->nj", G, on)
    return [np.einsum("nj,ij->ni", dZ, W), np.einsum("ni,nj->ij", X, dZ), np.ones(len(X)) @ dZ]
