# %% [markdown]
# # Exercises 04: two gradients, and fan-out
#
# *For lecture [04](../lectures/04-two-gradients.ipynb), about 30 minutes.*
#
# Each exercise has a cell for you to fill in, and a check below it. Write your answer, run its cell, run the check. The
# check tries your answer on numbers that are new every time and says one line: ✓ and you are done; ✗ with a case
# that you can follow on paper, and a hint. The lines with ✓ that stand here already are what you should see at the
# end; hide them first (*Edit → Clear Outputs of All Cells*). The cell after a check is for your teacher; you need not
# look.
#
# The signs are those of the lecture: a **local gradient** (blue) belongs to an arrow and says how the child answers to
# this parent; a **backpropagated gradient** (red) belongs to a node and says how the loss answers to it. The code calls
# $\partial\mathcal L/\partial u$ `gu`, and $\partial u/\partial y$ `du_dy`.

# %% [markdown]
# ## 1. Blue: local gradients
#
# An op computes a result from `a` and `b`. Return its two local gradients as a tuple: with respect to `a`, then with
# respect to `b`. `op` is one of the texts `"a + b"`, `"a - b"`, `"a * b"`, `"a ** 2 * b"`, written just like this, with
# the spaces (the last is $a^2 b$); `a` and `b` are numbers.


# %% backprop_viz={"item": "ex04.1", "role": "solution"}
def local_gradients(op, a, b):
    """∂op/∂a and ∂op/∂b at these numbers."""
    # BEGIN SOLUTION
    if op == "a + b":
        return 1, 1
    if op == "a - b":
        return 1, -1
    if op == "a * b":
        return b, a
    return 2 * a * b, a**2
    # END SOLUTION


# %% backprop_viz={"item": "ex04.1", "role": "check"}
from backprop_viz.classroom import check

check("ex04.1")

# %% backprop_viz={"item": "ex04.1", "role": "results"}
from backprop_viz.classroom import results

results("ex04.1")

# %% [markdown]
# ## 2. Red: a node with two children
#
# `y` feeds two nodes, `u` and `v`. Both know already how the loss answers to them (`gu`, `gv`), and the arrows have the
# local gradients `du_dy` and `dv_dy`. What is the backpropagated gradient of `y`?


# %% backprop_viz={"item": "ex04.2", "role": "solution"}
def fan_out(gu, gv, du_dy, dv_dy):
    """∂ℒ/∂y from what its two children know."""
    # BEGIN SOLUTION
    return gu * du_dy + gv * dv_dy
    # END SOLUTION


# %% backprop_viz={"item": "ex04.2", "role": "check"}
from backprop_viz.classroom import check

check("ex04.2")

# %% backprop_viz={"item": "ex04.2", "role": "results"}
from backprop_viz.classroom import results

results("ex04.2")

# %% [markdown]
# If this check fails, `check("ex04.2").show()` in a cell of your own opens the player on such a case, at the first
# arrow that brings another number than yours; 3 and 5 have such a picture too. (Where the question itself has a
# picture, as in 3, this one shows the answer: go on with the question's next numbers then, `question("ex04.3", 2)`.)

# %% [markdown]
# ## 3. A number to predict
#
# The forward pass is done. Which red number will stand under $w$ after the backward pass? No code: pencil, paper, and
# the chain rule. Type the number in place of the dots.

# %% backprop_viz={"item": "ex04.3", "role": "question"}
from backprop_viz.classroom import question

question("ex04.3")

# %% backprop_viz={"item": "ex04.3", "role": "solution"}
gradient_of_w = ...  # ex04.3: the red number that belongs under w
# BEGIN SOLUTION
gradient_of_w = -1.75 * 3 + 3.75 * 1  # through u: v · x, through v: u · 1
# END SOLUTION

# %% backprop_viz={"item": "ex04.3", "role": "check"}
from backprop_viz.classroom import check

check("ex04.3")

# %% backprop_viz={"item": "ex04.3", "role": "results"}
from backprop_viz.classroom import results

results("ex04.3")

# %% [markdown]
# ## 4. One parent in two slots
#
# In `p = x * x` both slots are filled by `x`, so two arrows lead from `x` to `p`. The loss answers to `p` with `g`.
# Return what the first arrow brings to `x`, and what the second brings, as a tuple of two.


# %% backprop_viz={"item": "ex04.4", "role": "solution"}
def send_through_square(x, g):
    """The contributions of the two arrows from x to x * x."""
    # BEGIN SOLUTION
    return g * x, g * x
    # END SOLUTION


# %% backprop_viz={"item": "ex04.4", "role": "check"}
from backprop_viz.classroom import check

check("ex04.4")

# %% backprop_viz={"item": "ex04.4", "role": "results"}
from backprop_viz.classroom import results

results("ex04.4")

# %% [markdown]
# ## 5. The sum over all paths
#
# Backpropagation never lists a path, yet what it computes is a sum over all of them: $\partial\mathcal L/\partial x$ is
# the sum, over every path from $x$ to $\mathcal L$, of the product of the blue numbers along it. Compute it the slow
# way. `edges` is a dict from (parent, child) to the local gradient; `start` and `end` are names of nodes. For example,
# from `"x"` to `"L"` with `{("x", "a"): 2.0, ("a", "L"): 0.5, ("x", "L"): 3.0}` it is $2\cdot 0.5 + 3 = 4$.
#
# Two hints: a function may call itself, and from `end` to `end` there is exactly one path, the one without an arrow.
# Its product is 1.


# %% backprop_viz={"item": "ex04.5", "role": "solution"}
def path_sum(edges, start, end):
    """The sum over all paths from start to end of the product of the local gradients along the path."""
    # BEGIN SOLUTION
    if start == end:
        return 1.0
    return sum(local * path_sum(edges, child, end) for (parent, child), local in edges.items() if parent == start)
    # END SOLUTION


# %% backprop_viz={"item": "ex04.5", "role": "check"}
from backprop_viz.classroom import check

check("ex04.5")

# %% backprop_viz={"item": "ex04.5", "role": "results"}
from backprop_viz.classroom import results

results("ex04.5")

# %% [markdown]
# ## Done
#
# You can tell the two gradients apart, add where a node has several children, and you know what the sum that
# backpropagation computes so cheaply really is. Go on with [lecture 05](../lectures/05-the-algorithm.ipynb).
