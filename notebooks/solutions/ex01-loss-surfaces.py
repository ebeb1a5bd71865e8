# %% [markdown]
# # Exercises 01: downhill
#
# *For lecture [01](../lectures/01-loss-surfaces.ipynb), about 45 minutes.*
#
# In the lecture you watched a walker. Here you build one: the ground, the slope, the step, the walk, and the rule that
# tells how long a step may be. In the end you have all that is needed to train a network, but for one thing, and that
# one thing is what the rest of the course is about.
#
# Fill in a cell, run it, run the check below it. ✓ means done; ✗ comes with a case for pencil and paper, and a hint;
# – means that there is nothing to judge yet. Hide the ✓ that stand here already (*Edit → Clear Outputs of All Cells*).
# The cell after a check is for your teacher.

# %%
import numpy as np

import backprop_viz as bp

# %% [markdown]
# ## 1. The ground: the empirical loss
#
# The sensor of the lecture had one input. Let there be $d$ of them, each with its own parameter, and no $b$:
# the prediction for example $i$ is $\hat y_i = w_0 x_{i0} + w_1 x_{i1} + \dots$, and its loss is
# $(\hat y_i - y_i)^2$.
#
# `X` is an array of shape $(N, d)$ with a row for each example, `y` has shape $(N,)$, and `w` has shape $(d,)$. Return
# the empirical loss, one number. A loop is fine, and so is NumPy; `X @ w` is the array of all $N$ predictions.
#
# An example with two examples: for `X = [[1, 2], [3, -1]]`, `y = [1, 1]` and `w = [1, 0.5]` the predictions are 2 and
# 2.5, and the loss is $(1^2 + 1.5^2)/2 = 1.625$.


# %% backprop_viz={"item": "ex01.1", "role": "solution"}
def empirical_loss(X, y, w):
    """The mean over the examples of the squared error."""
    # BEGIN SOLUTION
    return np.mean((X @ w - y) ** 2)
    # END SOLUTION


# %% backprop_viz={"item": "ex01.1", "role": "check"}
from backprop_viz.classroom import check

check("ex01.1")

# %% backprop_viz={"item": "ex01.1", "role": "results"}
from backprop_viz.classroom import results

results("ex01.1")

# %% [markdown]
# ## 2. The slope: the mean of the votes
#
# Each example votes with the gradient of its own loss, and the gradient of the empirical loss is the mean vote. On
# paper: how does $(\hat y_i - y_i)^2$ answer to $w_j$? Then write the function. It gets what the first got, and returns
# an array of shape $(d,)$: $\partial\mathcal L/\partial w_0$, $\partial\mathcal L/\partial w_1$, and so on.
#
# For the two examples above the votes are $(2, 4)$ and $(9, -3)$. The gradient is $(5.5, 0.5)$. (If the check shows a
# ✗, `check("ex01.2").show()` opens the player where your gradient parts from the right one.)


# %% backprop_viz={"item": "ex01.2", "role": "solution"}
def mean_gradient(X, y, w):
    """The gradient of the empirical loss by w."""
    # BEGIN SOLUTION
    votes = [2 * (X[i] @ w - y[i]) * X[i] for i in range(len(y))]
    return np.mean(votes, axis=0)
    # END SOLUTION


# %% backprop_viz={"item": "ex01.2", "role": "check"}
from backprop_viz.classroom import check

check("ex01.2")

# %% backprop_viz={"item": "ex01.2", "role": "results"}
from backprop_viz.classroom import results

results("ex01.2")

# %% [markdown]
# ## 3. One step, by hand
#
# Here are two examples again, with one parameter $w$; the numbers $x_i$ and $y_i$ stand in the ops: $p_i = w x_i$,
# $e_i = p_i - y_i$, $q_i = e_i^2$. The forward pass is done. Now comes the backward pass, and then one step of gradient
# descent with $\epsilon = 0.25$. Where is $w$ afterwards? Pencil and paper; you need the red number of $w$ and no
# other, but on the way to it you will meet more of them.

# %% backprop_viz={"item": "ex01.3", "role": "question"}
from backprop_viz.classroom import question

question("ex01.3")

# %% backprop_viz={"item": "ex01.3", "role": "solution"}
w_after = ...  # ex01.3: the value of w after one step with ε = 0.25
# BEGIN SOLUTION
w_after = -2 - 0.25 * ((2 * -7 * 2 + 2 * 6 * -2) / 2)  # the votes are −28 and −24, their mean −26
# END SOLUTION

# %% backprop_viz={"item": "ex01.3", "role": "check"}
from backprop_viz.classroom import check

check("ex01.3")

# %% backprop_viz={"item": "ex01.3", "role": "results"}
from backprop_viz.classroom import results

results("ex01.3")

# %% [markdown]
# ## 4. The step, for all parameters
#
# A network has many parameters, of different shapes, and each has a name. `parameters` is a dict from names to numbers
# or arrays; `gradients` has the same names, and under each a gradient of the same shape, or `None` if nobody has asked
# for it. You know from lecture 00 that this is not the same as 0. A parameter without a gradient stays as it is.
#
# Return the dict of all parameters after one step with the learning rate `epsilon`:
#
# ```python
# gd_step({"w": np.array([1.0, -2.0]), "c": 4.0}, {"w": np.array([2.0, -2.0]), "c": None}, 0.5)
# # {"w": np.array([0.0, -1.0]), "c": 4.0}
# ```


# %% backprop_viz={"item": "ex01.4", "role": "solution"}
def gd_step(parameters, gradients, epsilon):
    """The parameters after one step of gradient descent."""
    # BEGIN SOLUTION
    new = {}
    for name, value in parameters.items():
        gradient = gradients[name]
        new[name] = value if gradient is None else value - epsilon * gradient
    return new
    # END SOLUTION


# %% backprop_viz={"item": "ex01.4", "role": "check"}
from backprop_viz.classroom import check

check("ex01.4")

# %% backprop_viz={"item": "ex01.4", "role": "results"}
from backprop_viz.classroom import results

results("ex01.4")

# %% [markdown]
# ## 5. A walker that limps
#
# This is the walk of the lecture, $\hat y = w x + b$, in plain NumPy. It goes downhill, it even arrives. But it does
# not follow the gradient, as the comparison with the engine shows. After *one* step, $w$ is right and $b$ is not:


# %%
def limping(x, y, w, b, epsilon, steps):
    """Gradient descent on the empirical loss, with a bug."""
    for _ in range(steps):
        w = w - epsilon * 2 * np.mean((w * x + b - y) * x)
        b = b - epsilon * 2 * np.mean(w * x + b - y)
    return w, b


x, y = np.array([1.0, 2.0]), np.array([2.0, 1.0])
print("limping     w = {:.3f}, b = {:.3f}".format(*limping(x, y, 0.0, 0.0, 0.25, 1)))

w, b = bp.parameter(0.0), bp.parameter(0.0)
g = bp.graph(((w * bp.tensor(x) + b - bp.tensor(y)) ** 2).mean())
g.backward()
g.sgd(0.25)
print(f"the engine  w = {w.data:.3f}, b = {b.data:.3f}")

# %% [markdown]
# Find the bug, and write the walk without it, under its own name. `x` and `y` are arrays of shape $(N,)$; `w` and `b`
# are the numbers to start from. Return `w` and `b` after `steps` steps.


# %% backprop_viz={"item": "ex01.5", "role": "solution"}
def descend(x, y, w, b, epsilon, steps):
    """w and b after so many steps of gradient descent on the empirical loss."""
    # BEGIN SOLUTION
    for _ in range(steps):
        error = w * x + b - y  # at the place before the step, for both
        w = w - epsilon * 2 * np.mean(error * x)
        b = b - epsilon * 2 * np.mean(error)
    return w, b
    # END SOLUTION


# %% backprop_viz={"item": "ex01.5", "role": "check"}
from backprop_viz.classroom import check

check("ex01.5")

# %% backprop_viz={"item": "ex01.5", "role": "results"}
from backprop_viz.classroom import results

results("ex01.5")

# %% [markdown]
# ## 6. How long may a step be?
#
# A bowl in any number of dimensions, $\mathcal L(\mathbf w) = \tfrac12\,\mathbf w^\top H\,\mathbf w$, with its bottom
# at zero. `H` is its Hessian, a symmetric array of shape $(d, d)$, and all its eigenvalues are positive. Return the
# border of the learning rate: with any smaller $\epsilon$ gradient descent converges from wherever it starts, with a
# larger one it diverges from almost everywhere. `np.linalg.eigvalsh(H)` gives the eigenvalues of a symmetric array,
# from the smallest to the largest.
#
# For `H = [[3.0]]`, the parabola of the lecture, the border is $2/3$.


# %% backprop_viz={"item": "ex01.6", "role": "solution"}
def largest_rate(H):
    """The learning rate below which gradient descent on this bowl converges."""
    # BEGIN SOLUTION
    return 2 / np.linalg.eigvalsh(H)[-1]
    # END SOLUTION


# %% backprop_viz={"item": "ex01.6", "role": "check"}
from backprop_viz.classroom import check

check("ex01.6")

# %% backprop_viz={"item": "ex01.6", "role": "results"}
from backprop_viz.classroom import results

results("ex01.6")

# %% [markdown]
# ## Done
#
# You have a walker, and you know when it will fall. The one thing that is missing is the gradient of something larger
# than a line through points, in which working out the votes by hand would take weeks. The way there begins with
# [lecture 02](../lectures/02-forward-pass.ipynb).
