# %% [markdown]
# # Exercises 08: graphs that fit together
#
# *For lecture [08](../lectures/08-modularity.ipynb), about 40 minutes.*
#
# Each exercise has a cell for you to fill in, and a check below it. Write your answer, run its cell, run the check. The
# check tries your answer on numbers that are new every time and says one line: ✓ and you are done; ✗ with a case
# that you can follow on paper, and a hint. The lines with ✓ that stand here already are what you should see at the
# end; hide them first (*Edit → Clear Outputs of All Cells*). The cell after a check is for your teacher; you need not
# look.
#
# Cut a graph in two: what is used above the line is **exposed**, and the gradients of the exposed nodes are all that
# the lower part needs from above. The first two exercises are about that line, the next two about the block that
# nearly every large network is made of, and the last two about ops of your own.

# %% [markdown]
# ## 1. Where the line is crossed
#
# `edges` is a list of arrows, each a pair (parent, child), and `below` is a list of the nodes below the line. All other
# nodes are above it. Return the names of the exposed nodes, each once; the order does not matter. For example,
#
# ```python
# edges = [("x", "h"), ("w", "h"), ("h", "s"), ("v", "s"), ("s", "L")]
# exposed(edges, below=["x", "w", "h"])  # ["h"]
# ```


# %% backprop_viz={"item": "ex08.1", "role": "solution"}
def exposed(edges, below):
    """The names of the nodes below the line that are used above it."""
    # BEGIN SOLUTION
    return {parent for parent, child in edges if parent in below and child not in below}
    # END SOLUTION


# %% backprop_viz={"item": "ex08.1", "role": "check"}
from backprop_viz.classroom import check

check("ex08.1")

# %% backprop_viz={"item": "ex08.1", "role": "results"}
from backprop_viz.classroom import results

results("ex08.1")

# %% [markdown]
# ## 2. A note from above
#
# You are the lower graph. `w` is your parameter; `h1` and `h2` are tensors of this package, computed from `w` (`h2` is
# sometimes `w` itself), and both are exposed. The upper graph is on another machine, and has sent a note of two
# numbers: `g1` is $\partial\mathcal L/\partial h_1$, and `g2` is $\partial\mathcal L/\partial h_2$. Finish the backward
# pass, and return $\partial\mathcal L/\partial w$.
#
# Two things to know. `below` is a text such as `"h1 = 1.5 * w, h2 = h1 * w"`: it is there so that you can follow a case
# on paper, your code has no use for it. And `w.grad` may still hold a number of an earlier pass, with which
# the present one has nothing to do.
#
# The tools are those of the lecture: `h.backward(gradient)`, or `bp.grad([…], w, […])`, which gives a tuple.

# %%
import backprop_viz as bp


# %% backprop_viz={"item": "ex08.2", "role": "solution"}
def finish(below, w, h1, h2, g1, g2):
    """∂ℒ/∂w, from the exposed tensors h1 and h2 and the numbers that the upper graph sends for them."""
    # BEGIN SOLUTION
    w.grad = None
    h1.backward(g1)
    h2.backward(g2)
    return w.grad
    # END SOLUTION


# %% backprop_viz={"item": "ex08.2", "role": "check"}
from backprop_viz.classroom import check

check("ex08.2")

# %% backprop_viz={"item": "ex08.2", "role": "results"}
from backprop_viz.classroom import results

results("ex08.2")

# %% [markdown]
# If this check fails, `check("ex08.2").show()` in a cell of your own opens the player on that case, at the first arrow
# that brings another number than yours. It works for exercise 6 too.

# %% [markdown]
# ## 3. Past it, and through it
#
# A residual block: $y = x + F(x)$, here with $F(x) = w\,x^2$. The forward pass is done. Which red number will stand
# under $x$? Pencil and paper; type the number in place of the dots.

# %% backprop_viz={"item": "ex08.3", "role": "question"}
from backprop_viz.classroom import question

question("ex08.3")

# %% backprop_viz={"item": "ex08.3", "role": "solution"}
gradient_of_x = ...  # ex08.3: the red number that belongs under x
# BEGIN SOLUTION
gradient_of_x = -3 * 1 + -3 * 1.5 * 2 * 2.5  # past F: c · 1; through F: c · w · 2x
# END SOLUTION

# %% backprop_viz={"item": "ex08.3", "role": "check"}
from backprop_viz.classroom import check

check("ex08.3")

# %% backprop_viz={"item": "ex08.3", "role": "results"}
from backprop_viz.classroom import results

results("ex08.3")

# %% [markdown]
# ## 4. Three right lines, one wrong result
#
# A block of vectors now: $y = x + W\,\mathrm{relu}(x)$. Its backward pass gets `g`, which is
# $\partial\mathcal L/\partial y$, from above, and returns $\partial\mathcal L/\partial x$ and
# $\partial\mathcal L/\partial W$. The formulas in the comments are right, and each line seems to be what its comment
# says. Compare it with the engine:

# %%
import numpy as np

import backprop_viz as bp


def block_backward_with_a_bug(x, W, g):
    """∂ℒ/∂x and ∂ℒ/∂W of y = x + W @ relu(x), from g = ∂ℒ/∂y."""
    dx = g  # past F: g
    dx += (x > 0) * (W.T @ g)  # through F: Wᵀ g, where the ReLU is on
    dW = np.outer(g, np.maximum(x, 0))  # g times what W was multiplied by
    return dx, dW


x, W = bp.parameter([1.0, -2.0]), bp.parameter([[0.5, 1.0], [2.0, -1.0]])
y = x + W @ bp.relu(x)
y.backward([1.0, 3.0])

dx, dW = block_backward_with_a_bug(x.data, W.data, np.array([1.0, 3.0]))
print("dx is right:", np.array_equal(dx, x.grad))
print("dW is right:", np.array_equal(dW, W.grad))

# %% [markdown]
# `dx` is right and `dW` is not, though the line of `dW` has no mistake in it. Find out why, and write the mended
# function. The check looks at what you return, and also at `g` after the call: it belongs to the caller, who may have
# other blocks to send it to, and has to be as it was. So what the check calls your answer is `((dx, dW), g)`. Where `x`
# is exactly 0, the ReLU counts as off.


# %% backprop_viz={"item": "ex08.4", "role": "solution"}
def block_backward(x, W, g):
    """∂ℒ/∂x and ∂ℒ/∂W of y = x + W @ relu(x), from g = ∂ℒ/∂y."""
    # BEGIN SOLUTION
    dx = g + (x > 0) * (W.T @ g)  # a new array: dx = g would be a second name for the caller's
    dW = np.outer(g, np.maximum(x, 0))
    return dx, dW
    # END SOLUTION


# %% backprop_viz={"item": "ex08.4", "role": "check"}
from backprop_viz.classroom import check

check("ex08.4")

# %% backprop_viz={"item": "ex08.4", "role": "results"}
from backprop_viz.classroom import results

results("ex08.4")

# %% [markdown]
# ## 5. An op from nothing
#
# What is an op, without any package around it? A forward computation, and a function that sends a gradient back through
# it. Write $\tanh$ in this form: `tanh_op(x)` takes an array and returns two things, the array `out` of the results and
# a function `backward`. That one takes `g`, how the loss answers to `out`, and returns how the loss answers to `x`. For
# comparison, the same for a square:


# %%
def square_op(x):
    """x², and its backward function."""
    kept = x.copy()

    def backward(g):
        return g * 2 * kept

    return x**2, backward


out, backward = square_op(np.array([3.0, -1.0]))
print(out, backward(np.array([2.0, -1.0])))

# %% [markdown]
# There is one difficulty, and it is the one that engines have to deal with every day. Between the two passes time goes
# by, and **the arrays `x` and `out` belong to the caller, who may overwrite both** before `backward` is called. The
# check does so. It then calls `backward` with the red numbers `[2.0, -1.0]`, and what it says about your answer is
# first `out`, as it was when you returned it, then what `backward` gave.


# %% backprop_viz={"item": "ex08.5", "role": "solution"}
def tanh_op(x):
    """tanh(x), and a function that takes the gradient of it to the gradient of x."""
    # BEGIN SOLUTION
    out = np.tanh(x)
    blue = 1 - out**2  # a new array, which nobody else has

    def backward(g):
        return g * blue

    return out, backward
    # END SOLUTION


# %% backprop_viz={"item": "ex08.5", "role": "check"}
from backprop_viz.classroom import check

check("ex08.5")

# %% backprop_viz={"item": "ex08.5", "role": "results"}
from backprop_viz.classroom import results

results("ex08.5")

# %% [markdown]
# ## 6. Four ops made one
#
# A neuron with ReLU and squared error has four ops, and as many blue numbers on the way from $\mathcal L$ to $w$:
#
# $$
# p = w\,x, \qquad u = p + b, \qquad a = \mathrm{relu}(u), \qquad \mathcal L = (a - y)^2 .
# $$
#
# Fuse them: given the four numbers `x`, `w`, `b`, `y`, return the gradients of all four, in this order, as a
# tuple. If you do it without the engine, you will see that little is left to compute. (At the corner of ReLU, take the
# slope that the package and PyTorch take.) The check compares with the unfused graph: fused has to be the same as
# unfused, to the last bit.


# %% backprop_viz={"item": "ex08.6", "role": "solution"}
def fused_gradients(x, w, b, y):
    """∂ℒ/∂x, ∂ℒ/∂w, ∂ℒ/∂b and ∂ℒ/∂y of ℒ = (relu(w · x + b) − y)²."""
    # BEGIN SOLUTION
    u = w * x + b
    dy = -2 * (max(u, 0) - y)
    db = -dy if u > 0 else 0
    return db * w, db * x, db, dy
    # END SOLUTION


# %% backprop_viz={"item": "ex08.6", "role": "check"}
from backprop_viz.classroom import check

check("ex08.6")

# %% backprop_viz={"item": "ex08.6", "role": "results"}
from backprop_viz.classroom import results

results("ex08.6")

# %% [markdown]
# ## Done
#
# You can finish somebody else's backward pass from a note, you know which nodes the note must speak of, and you have
# made an op that keeps its memory to itself and a node out of four. Go on with
# [lecture 09](../lectures/09-cost.ipynb), which counts what all this costs.
