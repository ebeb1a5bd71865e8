# %% [markdown]
# # Exercises 05: the algorithm
#
# *For lecture [05](../lectures/05-the-algorithm.ipynb), about 45 minutes.*
#
# Each exercise has a cell for you to fill in, and a check below it. Write your answer, run its cell, run the check. The
# check says one line: ✓ and you are done; ✗ with a case that you can follow on paper, and a hint. The lines with ✓ that
# stand here already are what you should see at the end; hide them first (*Edit → Clear Outputs of All Cells*). The cell
# after a check is for your teacher; you need not look.
#
# Here are the nodes that we work on. They are almost those of the lecture, with one thing taken away: they cannot send.
# A node knows its `parents`, its `value` and its `grad`. `forward()` computes its value, and `local_gradients()` gives
# its blue numbers, one for each parent, in the order of the parents. The sending is your part. (The checks bring nodes
# of their own, which know these five things and no others.)


# %%
class Node:
    def __init__(self, *parents, value=None):
        self.parents, self.value, self.grad = parents, value, None


class Plus(Node):
    def forward(self):
        a, b = self.parents
        self.value = a.value + b.value

    def local_gradients(self):
        return 1, 1


class Minus(Node):
    def forward(self):
        a, b = self.parents
        self.value = a.value - b.value

    def local_gradients(self):
        return 1, -1


class Times(Node):
    def forward(self):
        a, b = self.parents
        self.value = a.value * b.value

    def local_gradients(self):
        a, b = self.parents
        return b.value, a.value


# %% [markdown]
# And a small graph to try things on, $\mathcal L = (w\,x)^2 - w\,x$. It is yours: change it, print it, break it. The
# checks bring other graphs.

# %%
x, w = Node(value=3.0), Node(value=0.5)
h = Times(w, x)
a = Times(h, h)
L = Minus(a, h)

inputs, params, compute = [x], [w], [h, a, L]
for node in compute:
    node.forward()

print("h, a, L:", h.value, a.value, L.value)
print("h has the parents w and x, and the blue numbers", h.local_gradients())

# %% [markdown]
# ## 1. The walk back
#
# Write `backward(loss, inputs, params, compute)`. `loss` is a node, the others are lists of nodes, `compute` in the
# order of computation with `loss` as its last. The values are computed already. The gradients are not: every node holds
# in `grad` some number that an earlier pass has left there, the inputs too. Afterwards each parameter and each computed
# node shall hold its own, and the three lists shall be what they were, in the same order. Nothing is returned. (What
# the inputs hold in the end is up to you; nobody reads it.)
#
# On the small graph above, `w` should end with 6 and `h` with 2. A message writes that graph as `inputs=[x=3],
# params=[w=0.5 (grad 2)], compute=[h=w*x (grad -1), …]`: in brackets stands what an earlier pass has left there.


# %% backprop_viz={"item": "ex05.1", "role": "solution"}
def backward(loss, inputs, params, compute):
    """Give each node its gradient."""
    # BEGIN SOLUTION
    for node in inputs + params + compute:
        node.grad = 0
    loss.grad = 1
    for node in compute[::-1]:
        for parent, local in zip(node.parents, node.local_gradients(), strict=True):
            parent.grad += node.grad * local
    # END SOLUTION


# %% backprop_viz={"item": "ex05.1", "role": "check"}
from backprop_viz.classroom import check

check("ex05.1")

# %% backprop_viz={"item": "ex05.1", "role": "results"}
from backprop_viz.classroom import results

results("ex05.1")

# %% [markdown]
# To try it by hand: `x.grad = w.grad = h.grad = a.grad = L.grad = 100`, then `backward(L, inputs, params, compute)`,
# then look at `w.grad`. If the check fails, `check("ex05.1").show()` in a cell of your own opens the player on that
# case, at the first arrow that brings another number than yours.

# %% [markdown]
# ## 2. The step, after several passes
#
# Somebody has walked back from the losses of `n` examples, one after the other, and cleared the parameters only before
# the first: PyTorch's custom. So in each parameter the gradients of all `n` have added up. Write
# `sgd(params, eta, n)`: one step with the learning rate `eta` down the **mean** of the `n` losses.
#
# Each parameter in the list `params` has a `value`, which you change, and a `grad`, which you only read: it holds the
# same number afterwards. Nothing is returned.


# %% backprop_viz={"item": "ex05.2", "role": "solution"}
def sgd(params, eta, n):
    """Move the parameters against the mean of n gradients that have been added up."""
    # BEGIN SOLUTION
    for w in params:
        w.value -= eta * w.grad / n
    # END SOLUTION


# %% backprop_viz={"item": "ex05.2", "role": "check"}
from backprop_viz.classroom import check

check("ex05.2")

# %% backprop_viz={"item": "ex05.2", "role": "results"}
from backprop_viz.classroom import results

results("ex05.2")

# %% [markdown]
# ## 3. Who speaks when
#
# The forward pass of this graph is done. In which order may the computed nodes (the red ellipses) take their turns on
# the way back? Write the names as one text, the first to speak first, for instance `"L p q"`; the loss is `L`. Several
# orders are right, and one is enough.

# %% backprop_viz={"item": "ex05.3", "role": "question"}
from backprop_viz.classroom import question

question("ex05.3")

# %% backprop_viz={"item": "ex05.3", "role": "solution"}
turns = ...  # ex05.3: the computed nodes in the order of their turns
# BEGIN SOLUTION
turns = "L s r q p t"  # s anywhere after L; p after both of its children, q and r
# END SOLUTION

# %% backprop_viz={"item": "ex05.3", "role": "check"}
from backprop_viz.classroom import check

check("ex05.3")

# %% backprop_viz={"item": "ex05.3", "role": "results"}
from backprop_viz.classroom import results

results("ex05.3")

# %% [markdown]
# ## 4. The wrong order, and who pays for it
#
# Somebody finds an easier rule: *count the arrows to the loss, and let the nearest speak first*. Above the picture
# stands the order that this gives. Everything else is done as it should be: zeros, the 1, `+=`.
#
# When this walk is over, which nodes hold a **wrong** gradient? Think of computed nodes and of parameters; the inputs
# do not count. All values here are positive, so nothing cancels. Write the names as one text, in any order.

# %% backprop_viz={"item": "ex05.4", "role": "question"}
from backprop_viz.classroom import question

question("ex05.4")

# %% backprop_viz={"item": "ex05.4", "role": "solution"}
spoiled = ...  # ex05.4: the nodes with a wrong gradient
# BEGIN SOLUTION
spoiled = "t w k"  # p speaks before q: t and k hear too little, and w hears from t; p itself is right in the end
# END SOLUTION

# %% backprop_viz={"item": "ex05.4", "role": "check"}
from backprop_viz.classroom import check

check("ex05.4")

# %% backprop_viz={"item": "ex05.4", "role": "results"}
from backprop_viz.classroom import results

results("ex05.4")

# %% [markdown]
# ## 5. A step over a batch, cut into lines
#
# One training step over several examples: for each a forward pass and a walk back, and at the end **one** step down the
# mean of their losses. Put the lines in order. The spaces at the beginning of a line belong to it. Some lines are
# needed nowhere, and are there to tempt you. Lines that look the same are the same: take any of them.
#
# `batch` is a list of pairs of numbers, and the line with `batch` puts each pair into the inputs `x` and `y`. `send(c)`
# is the turn of one node: to each parent, with `+=`, its red number times the blue one. At the beginning all nodes hold
# leftovers of some other run in `grad`.
#
# The check does not compare letters, it *runs* your lines, twice in a row.

# %% backprop_viz={"item": "ex05.5", "role": "question"}
from backprop_viz.classroom import question

question("ex05.5")

# %% [markdown]
# Write the letters as one word, such as `"ABC"`.

# %% backprop_viz={"item": "ex05.5", "role": "solution"}
line_order = ...  # ex05.5: the letters of the lines in order, as one word
# BEGIN SOLUTION
line_order = "DAJEFGMCHIB"  # clear the parameters; each example: forward and zeros, the 1, the walk; the step
# END SOLUTION

# %% backprop_viz={"item": "ex05.5", "role": "check"}
from backprop_viz.classroom import check

check("ex05.5")

# %% backprop_viz={"item": "ex05.5", "role": "results"}
from backprop_viz.classroom import results

results("ex05.5")

# %% [markdown]
# ## 6. Four faults
#
# This training runs, complains about nothing, and learns nothing. Four faults are planted in it. None of them is loud.


# %%
def faulty_train(loss, inputs, params, compute, eta, steps):
    for node in inputs + params + compute:
        node.grad = 0
    for _ in range(steps):
        for node in compute:
            node.forward()
        loss.grad = 1
        for node in compute:
            for parent, local in zip(node.parents, node.local_gradients(), strict=True):
                parent.grad = node.grad * local
        for w in params:
            w.value += eta * w.grad


# %% [markdown]
# Find them, and write the mended training under the name `train`, with the same arguments: `steps` steps with the
# learning rate `eta`, each for the loss of that step alone. It changes the values of the parameters and returns
# nothing. All nodes hold leftovers in `grad`, as in exercise 1. Copy the lines, or write your own; you may call your
# `backward` from there. On the small graph, three steps with `eta=0.01` should take `w` from 0.5 to about 0.350.


# %% backprop_viz={"item": "ex05.6", "role": "solution"}
def train(loss, inputs, params, compute, eta, steps):
    """Train for so many steps, without the four faults."""
    # BEGIN SOLUTION
    for _ in range(steps):
        for node in compute:
            node.forward()
        for node in inputs + params + compute:  # in each step, not once for all
            node.grad = 0
        loss.grad = 1
        for node in compute[::-1]:  # children first
            for parent, local in zip(node.parents, node.local_gradients(), strict=True):
                parent.grad += node.grad * local  # added
        for w in params:
            w.value -= eta * w.grad  # downhill
    # END SOLUTION


# %% backprop_viz={"item": "ex05.6", "role": "check"}
from backprop_viz.classroom import check

check("ex05.6")

# %% backprop_viz={"item": "ex05.6", "role": "results"}
from backprop_viz.classroom import results

results("ex05.6")

# %% [markdown]
# ## Done
#
# You have written the whole algorithm, and you know its faults by what they do: the order, the `+=`, the zeros, the
# sign. Go on with [lecture 06](../lectures/06-one-neuron.ipynb), where it meets the smallest network that can learn.
