# %% [markdown]
# # Exercises 12: training, watched
#
# *For lecture [12](../lectures/12-training-watched.ipynb), about 45 minutes.*
#
# Every gradient in these exercises is right. Yet some networks do not learn, one is said to be bad and is perfect, and
# one has to learn on a budget. You write the instruments, read them, and at the end you train.
#
# Write your answer, run its cell, run the check below it: ✓ and you are done; ✗ with a case and a hint. The lines with
# ✓ that stand here already are what you should see at the end; hide them first (*Edit → Clear Outputs of All Cells*).
# The cell after a check is for your teacher.

# %%
import numpy as np

import backprop_viz as bp

# %% [markdown]
# ## 1. One number for each layer
#
# The lecture drew a line for each layer. What is behind it? `gradients` is a dict from the names of parameters to their
# gradients, arrays of any shape. A name is the layer, a dot, and which parameter of it: `"0.weight"`, `"0.bias"`,
# `"2.weight"`, … They come in no particular order. Return a dict from the layer to the norm of *all* numbers in its
# gradients: the root of the sum of their squares. For example,
#
# ```python
# layer_norms({"0.weight": np.array([[2.0, 2.0]]), "2.bias": np.array([5.0]), "0.bias": np.array([1.0])})
# ```
#
# is `{"0": 3.0, "2": 5.0}`. A hint: `"0.weight".split(".")[0]` is `"0"`.


# %% backprop_viz={"item": "ex12.1", "role": "solution"}
def layer_norms(gradients):
    """The norm of the gradients of each layer."""
    # BEGIN SOLUTION
    squares = {}
    for name, gradient in gradients.items():
        layer = name.split(".")[0]
        squares[layer] = squares.get(layer, 0) + (gradient**2).sum()
    return {layer: np.sqrt(total) for layer, total in squares.items()}
    # END SOLUTION


# %% backprop_viz={"item": "ex12.1", "role": "check"}
from backprop_viz.classroom import check

check("ex12.1")

# %% backprop_viz={"item": "ex12.1", "role": "results"}
from backprop_viz.classroom import results

results("ex12.1")

# %% [markdown]
# ## 2. The toll of a layer
#
# In a deep network with sigmoids every layer takes its toll of the gradient. How much is it? `norms` is a list of the
# norms of all layers, *first layer first*, as in `[0.02, 0.1, 0.8]`. On its way back, from the last layer to the first,
# the gradient is multiplied by one factor after another; here by ⅛ and then by ⅕. Return the one factor that, taken in
# every layer alike, would lead from the last norm to the first. In the example it is $\sqrt{1/40} \approx 0.158$, for
# $0.8 \cdot 0.158 \cdot 0.158 = 0.02$.


# %% backprop_viz={"item": "ex12.2", "role": "solution"}
def factor_per_layer(norms):
    """The factor by which a gradient is multiplied in each layer on its way back, if it is the same in all."""
    # BEGIN SOLUTION
    steps = len(norms) - 1
    return (norms[0] / norms[-1]) ** (1 / steps)
    # END SOLUTION


# %% backprop_viz={"item": "ex12.2", "role": "check"}
from backprop_viz.classroom import check

check("ex12.2")

# %% backprop_viz={"item": "ex12.2", "role": "results"}
from backprop_viz.classroom import results

results("ex12.2")

# %% [markdown]
# Six layers, before any training. Run the cell, and then `factor_per_layer(norms)` in a cell of your own. What does it
# say if the sigmoids are replaced by `bp.nn.Tanh`?

# %%
bp.manual_seed(0)
deep = bp.nn.MLP([2, 12, 12, 12, 12, 12, 1], bp.nn.Sigmoid)
deep(np.ones((5, 2))).mean().backward()
norms = [np.linalg.norm(p.grad) for name, p in deep.named_parameters() if "weight" in name]
print([f"{norm:.0e}" for norm in norms])

# %% [markdown]
# ## 3. Count the dead
#
# A layer of ReLUs, $H = \operatorname{ReLU}(Z)$ with $Z = X W^\top + b$. `X` has a row for each example; `W` has a row
# for each **unit**, as in `bp.nn.Linear`; `b` has one number for each unit. A unit is dead if its ReLU has the slope 0
# for every example, so that no gradient gets through to it. Return an array (or a list) of `True` and `False`, one for
# each unit: `True` if it is dead. The slope of a ReLU at 0 counts as 0.
#
# For example, with two examples, one input and two units, `X = [[1.0], [-1.0]]`, `W = [[1.0], [2.0]]`,
# `b = [0.0, -3.0]`: the first unit has $z = 1$ and $-1$, the second $-1$ and $-5$. The answer is `[False, True]`.


# %% backprop_viz={"item": "ex12.3", "role": "solution"}
def dead_units(X, W, b):
    """For each unit, whether it is off for every example."""
    # BEGIN SOLUTION
    Z = X @ W.T + b  # a row for each example, a column for each unit
    return (Z <= 0).all(axis=0)
    # END SOLUTION


# %% backprop_viz={"item": "ex12.3", "role": "check"}
from backprop_viz.classroom import check

check("ex12.3")

# %% backprop_viz={"item": "ex12.3", "role": "results"}
from backprop_viz.classroom import results

results("ex12.3")

# %% [markdown]
# ## 4. Where is it broken?
#
# A network of ReLU layers, $A_k = \operatorname{ReLU}(Z_k)$ with $Z_k = A_{k-1} W_k + b_k$ (the last one without the
# ReLU), and what one backward pass has left in it. Layer 1 is next to the input. Zeros stand for exactly 0. In *one*
# layer all units are dead. In which? Recall from lecture 07 what the two gradients of a layer are made of:
#
# $$
# \frac{\partial\mathcal L}{\partial W_k} = A_{k-1}^\top\,\frac{\partial\mathcal L}{\partial Z_k},
# \qquad
# \frac{\partial\mathcal L}{\partial b_k} = \text{the sum of the rows of } \frac{\partial\mathcal L}{\partial Z_k}
# $$
#
# Type the number of the layer in place of the dots.

# %% backprop_viz={"item": "ex12.4", "role": "question"}
from backprop_viz.classroom import question

question("ex12.4")

# %% backprop_viz={"item": "ex12.4", "role": "solution"}
silent_layer = ...  # ex12.4: the number of the layer whose units are all dead
# BEGIN SOLUTION
silent_layer = 4  # layer 5 hears from above, as its bias shows, but its inputs are 0; layer 4 hears and is off
# END SOLUTION

# %% backprop_viz={"item": "ex12.4", "role": "check"}
from backprop_viz.classroom import check

check("ex12.4")

# %% backprop_viz={"item": "ex12.4", "role": "results"}
from backprop_viz.classroom import results

results("ex12.4")

# %% [markdown]
# ## 5. A bad mark
#
# A network separates two classes. `logits` is what it returns, one number for each example, in a *column*: the shape is
# (examples, 1). Its answer is 1 where the probability $\sigma(z)$ is above ½, and 0 elsewhere. `labels` has the shape
# (examples,), and holds 0.0 and 1.0. Somebody has written a function for the share of right answers. It never crashes,
# and this network has no mistake:


# %%
def bad_accuracy(logits, labels):
    """The share of right answers."""
    return ((logits > 0.5) == labels).mean()


logits, labels = np.array([[2.0], [-1.0], [0.25], [-3.0]]), np.array([1.0, 0.0, 1.0, 0.0])
print(f"{bad_accuracy(logits, labels):.0%} right")

# %% [markdown]
# There are two bugs in that line. Find both, and write the mended function under its new name. It takes what
# `bad_accuracy` takes and returns a number from 0 to 1. (No logit is exactly 0.)


# %% backprop_viz={"item": "ex12.5", "role": "solution"}
def mended_accuracy(logits, labels):
    """The share of right answers."""
    # BEGIN SOLUTION
    answers = logits[:, 0] > 0  # one dimension, as labels has; σ(0) is ½
    return (answers == labels).mean()
    # END SOLUTION


# %% backprop_viz={"item": "ex12.5", "role": "check"}
from backprop_viz.classroom import check

check("ex12.5")

# %% backprop_viz={"item": "ex12.5", "role": "results"}
from backprop_viz.classroom import results

results("ex12.5")

# %% [markdown]
# ## 6. On a budget
#
# The two moons again, sixty points each time. Write a function that trains a network it has never seen:
#
# - `network` is a `bp.nn.MLP([2, 8, 1], bp.nn.Tanh)` with random weights; change them in place;
# - `X` has the shape (60, 2), and `y` the shape (60, 1), of 0.0 and 1.0;
# - the loss is `bp.bce_with_logits(network(X), y)`;
# - you may call `network(…)` **200 times**, on as many points as you like; the 201st call raises an error, and each
#   `g.forward()` of a graph that was recorded from such a call is a call too;
# - nothing needs to be returned.
#
# Afterwards the check computes the loss itself, for three networks with points of their own. Each must be **below
# 0.1**. Every step shall use its own gradient, without what earlier steps have left. To try things out, here are some
# points, and a network that does not count:


# %%
def two_moons(n, seed=0):
    """n points in the plane, and the moon each lies on: 0 or 1."""
    random = np.random.default_rng(seed)
    angle = np.linspace(0, np.pi, n // 2)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = np.concatenate([upper, [1.0, 0.5] - upper]) + 0.1 * random.standard_normal((n, 2))
    return points, np.repeat([0.0, 1.0], n // 2)[:, None]


X, y = two_moons(60)
bp.manual_seed(0)
network = bp.nn.MLP([2, 8, 1], bp.nn.Tanh)
print(f"loss before training: {bp.bce_with_logits(network(X), y).data:.2f}")


# %% backprop_viz={"item": "ex12.6", "role": "solution"}
def train(network, X, y):
    """Bring the loss of the network below 0.1 with at most 200 calls of it."""
    # BEGIN SOLUTION
    optimizer = bp.optim.Adam(network.parameters(), lr=0.2)
    for _ in range(200):
        loss = bp.bce_with_logits(network(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    # END SOLUTION


# %% backprop_viz={"item": "ex12.6", "role": "check"}
from backprop_viz.classroom import check

check("ex12.6")

# %% backprop_viz={"item": "ex12.6", "role": "results"}
from backprop_viz.classroom import results

results("ex12.6")

# %% [markdown]
# ## Done
#
# You can measure how a gradient shrinks, find the units and the layers that are dead, distrust a score that comes too
# easily, and train within a budget. These were the last exercises. What you have learned by hand is what every library
# does; now you know what to look at when it does not work.
