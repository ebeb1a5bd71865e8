# %% [markdown]
# # Exercises 09: cost, measured
#
# *For lecture [09](../lectures/09-cost.ipynb), about 40 minutes.*
#
# Each exercise has a cell for you to fill in, and a check below it. Write your answer, run its cell, run the check: ✓
# and you are done; ✗ with a case that you can follow on paper, and a hint. The lines with ✓ that stand here already are
# what you should see at the end; hide them first (*Edit → Clear Outputs of All Cells*). The cell after a check is for
# your teacher; you need not look.
#
# Nothing here is timed. Seconds belong to a computer, counts belong to an algorithm, and it is counts that you can be
# certain of.

# %%
import numpy as np

# %% [markdown]
# ## 1. The slope of a growth law
#
# Somebody has measured. `sizes` and `times` are arrays of equal length: `times[i]` seconds were needed for `sizes[i]`.
# Return the slope $b$ of the straight line that fits the points best, by least squares, on log–log axes.
# (`np.polyfit(X, Y, 1)` returns two numbers, the slope and the intercept of the line through the points with
# horizontal positions `X` and heights `Y`.) For `sizes = [10, 100, 1000]` and `times = [3, 300, 30000]` the slope is 2.


# %% backprop_viz={"item": "ex09.1", "role": "solution"}
def slope(sizes, times):
    """The exponent b of times ∝ sizes ** b."""
    # BEGIN SOLUTION
    return np.polyfit(np.log(sizes), np.log(times), 1)[0]
    # END SOLUTION


# %% backprop_viz={"item": "ex09.1", "role": "check"}
from backprop_viz.classroom import check

check("ex09.1")

# %% backprop_viz={"item": "ex09.1", "role": "results"}
from backprop_viz.classroom import results

results("ex09.1")

# %% [markdown]
# ## 2. Two ways to a gradient, counted
#
# The figure shows the forward pass of a small network on one example. Inputs ($x$ and the target $t$, green) are data:
# nobody asks for their gradient, so no message is sent to them. You want the gradient with respect to every parameter
# $w_1, w_2, \dots$ Count, for this graph:
#
# - the *messages* of one backward pass, each a red number times a blue one;
# - the *operations computed* by central differences (two forward passes for each parameter, in which every operation
#   of the graph is computed once).
#
# Type them as a tuple, messages first; `(5, 6)` would be five messages and six operations.

# %% backprop_viz={"item": "ex09.2", "role": "question"}
from backprop_viz.classroom import question

question("ex09.2")

# %% backprop_viz={"item": "ex09.2", "role": "solution"}
two_costs = ...  # ex09.2: a tuple: messages of backpropagation, operations of finite differences
# BEGIN SOLUTION
two_costs = (12, 28)  # 14 edges, two of them from data; 2 · 2 passes of 7 operations
# END SOLUTION

# %% backprop_viz={"item": "ex09.2", "role": "check"}
from backprop_viz.classroom import check

check("ex09.2")

# %% backprop_viz={"item": "ex09.2", "role": "results"}
from backprop_viz.classroom import results

results("ex09.2")

# %% [markdown]
# Already here backpropagation wins, even with its own forward pass added, and it has a fixed price for *all*
# parameters. Finite differences pay for each of them, and each time for the whole network.

# %% [markdown]
# ## 3. The products of a whole network
#
# A batch of `B` examples goes through fully connected layers without biases. `widths` is a list: `[3, 5, 2]` means
# three inputs, a layer of five, and a layer of two. Each layer multiplies what comes in, $X$, by its weights, $W$
# (lecture 09, section 8). Return a tuple: how many multiplications of numbers the matrix products of the forward pass
# take, and how many those of the backward pass. The backward pass computes the gradient of every $W$, and whatever it
# needs for that, and nothing else. Activations are left out.
#
# Example, with a single layer: `multiplications(4, [5, 3])` is `(60, 60)`.


# %% backprop_viz={"item": "ex09.3", "role": "solution"}
def multiplications(B, widths):
    """The multiplications of the matrix products: forward, backward."""
    # BEGIN SOLUTION
    forward = backward = 0
    for layer in range(1, len(widths)):
        product = B * widths[layer - 1] * widths[layer]
        forward += product
        backward += product  # Xᵀ G, for the weights
        if layer > 1:
            backward += product  # G Wᵀ, for the layer below
    return forward, backward
    # END SOLUTION


# %% backprop_viz={"item": "ex09.3", "role": "check"}
from backprop_viz.classroom import check

check("ex09.3")

# %% backprop_viz={"item": "ex09.3", "role": "results"}
from backprop_viz.classroom import results

results("ex09.3")

# %% [markdown]
# ## 4. Right, and far too slow
#
# The function below computes the gradient of every node correctly. Its bug is the bill. `nodes` are names in
# topological order, the loss last; `edges` are triples (parent, child, local gradient) in *no* particular order; an op
# that uses one node in two slots has two equal triples. Every product is made with `times(a, b)`, which counts. Here is
# a ladder of ten rungs, 30 edges:


# %%
def slow(nodes, edges, times):
    """The gradient of the loss by each node."""

    def answer(node):
        if node == nodes[-1]:
            return 1.0
        return sum(times(answer(child), local) for parent, child, local in edges if parent == node)

    return {node: answer(node) for node in nodes}


products = 0


def counting(a, b):
    """a · b, counted."""
    global products
    products += 1
    return a * b


nodes, edges = ["n0"], []
for i in range(10):
    nodes += [f"u{i}", f"n{i + 1}"]
    edges += [(f"n{i}", f"u{i}", 1.0), (f"u{i}", f"n{i + 1}", 0.5), (f"n{i}", f"n{i + 1}", 0.5)]

gradients = slow(nodes, edges, counting)
print(f"{len(edges)} edges, {products} products; the gradient of n0 is {gradients['n0']}")

# %% [markdown]
# Mend it: write `each_edge_once`, which takes the same arguments and returns the same dict (a gradient for *every*
# node, the loss among them), with exactly one call of `times` for each edge: `len(edges)` calls in all, those at the
# loss included. The check looks at the gradients, and at the number of products. Where it names a case, `n0→u0 0.5`
# is short for the triple `("n0", "u0", 0.5)`.


# %% backprop_viz={"item": "ex09.4", "role": "solution"}
def each_edge_once(nodes, edges, times):
    """The gradient of the loss by each node, with one product for each edge."""
    # BEGIN SOLUTION
    gradients = dict.fromkeys(nodes, 0.0)
    gradients[nodes[-1]] = 1.0
    for node in reversed(nodes):  # all children of a node come before it
        for parent, child, local in edges:
            if child == node:
                gradients[parent] += times(gradients[node], local)
    return gradients
    # END SOLUTION


# %% backprop_viz={"item": "ex09.4", "role": "check"}
from backprop_viz.classroom import check

check("ex09.4")

# %% backprop_viz={"item": "ex09.4", "role": "results"}
from backprop_viz.classroom import results

results("ex09.4")

# %% [markdown]
# ## 5. A plan for little memory
#
# A chain of `n` layers shall be trained with checkpoints, in segments of `k` layers each; `k` has to divide `n`. As in
# the lecture,
#
# - stored at most are the `n // k` values before the segments, and the `k` values of the segment at work;
# - the forward pass computes all segments but the last; on the way back every segment is computed, the last one too.
#
# Find the `k` that stores the fewest values; if two do, take the one that computes fewer layers. Return the tuple
# `(k, stored, computed)`, where `computed` counts layers, forward and again. For `n = 6` it is `(3, 5, 9)`.


# %% backprop_viz={"item": "ex09.5", "role": "solution"}
def checkpoint_plan(n):
    """The length of a segment, the most values stored, the layers computed."""
    # BEGIN SOLUTION
    plans = [(n // k + k, 2 * n - k, k) for k in range(1, n + 1) if n % k == 0]
    stored, computed, k = min(plans)
    return k, stored, computed
    # END SOLUTION


# %% backprop_viz={"item": "ex09.5", "role": "check"}
from backprop_viz.classroom import check

check("ex09.5")

# %% backprop_viz={"item": "ex09.5", "role": "results"}
from backprop_viz.classroom import results

results("ex09.5")

# %% [markdown]
# (PyTorch's `checkpoint_sequential` asks for the number of segments, `n // k`.)

# %% [markdown]
# ## 6. A message to read
#
# This backward pass goes through a chain of 5,000 layers, $a \leftarrow 0.5\,a$, each with one child only. It was right
# for 500 layers. Now:


# %%
def gradient_of(layer):
    """The gradient of this layer's value: that of the next one, times the local gradient."""
    if layer == last:
        return 1.0
    return gradient_of(layer + 1) * 0.5


last = 5_000
try:
    gradient_of(0)
except RecursionError as error:
    print(f"RecursionError: {str(error)[:32]}")  # what follows depends on the version of Python

# %% [markdown]
# What is the matter?
#
# - **a** The graph has a cycle: a layer waits for its own gradient, so the calls never end.
# - **b** There are too many paths: as in the sum over paths, the work doubles with every layer.
# - **c** The work is linear and small, but each call waits inside the one before it, and Python allows only so
#   many such calls. A loop from the last layer to the first does the same work.
# - **d** Memory has run out: 5,000 layers need 5,000 stored values. Checkpointing would help.
#
# Answer with one letter in quotes, such as `"d"`.

# %% backprop_viz={"item": "ex09.6", "role": "solution"}
why_it_stopped = ...  # ex09.6: the letter of the right answer, in quotes
# BEGIN SOLUTION
why_it_stopped = "c"  # "recursion depth": how many calls wait inside one another
# END SOLUTION

# %% backprop_viz={"item": "ex09.6", "role": "check"}
from backprop_viz.classroom import check

check("ex09.6")

# %% backprop_viz={"item": "ex09.6", "role": "results"}
from backprop_viz.classroom import results

results("ex09.6")

# %% [markdown]
# ## Done
#
# You can read an exponent off measured times, count the work of a pass without a clock, and buy memory with time. Go on
# with [lecture 10](../lectures/10-pytorch.ipynb).
