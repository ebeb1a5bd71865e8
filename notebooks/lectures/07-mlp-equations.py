# %% [markdown]
# # Whole layers at once: the equations of an MLP
#
# *Lecture 07, about 25 minutes. You need [lecture 06](06-one-neuron.ipynb), and to know how two matrices are
# multiplied.*
#
# In every deep learning library the backward pass of a linear layer comes down to three lines. They serve a layer of
# six weights and one of a hundred million. This lecture derives them from what you know
# about single arrows. It also shows how they go wrong: most of the classic slips run without a complaint, and a
# network trained with them may even learn, only badly.
#
# When you have finished, you can
#
# - write the backward pass of a layer element by element, and say which index each sum runs over, and why;
# - say when an activation's Jacobian is diagonal and when it is full, and multiply by it without building it;
# - derive $\mathrm dX = G\,W^{\mathsf T}$, $\mathrm dW = X^{\mathsf T}G$ and $\mathrm db = \sum_i G_i$, and find them
#   again from shapes alone, knowing when shapes do not suffice;
# - say why gradients of a batch add up in the weights, and where the factor $1/N$ comes from;
# - write the backward pass of a two-layer network in seven lines of NumPy.

# %% [markdown] tags=["seed:mlp"]
# ## Words and signs
#
# An **MLP** (multilayer perceptron, also called a dense or fully connected network) is a stack of layers. Each layer
# takes all the numbers of the layer below, forms weighted sums of them, and bends each sum by an *activation*.
#
# | we write | it is |
# |:--|:--|
# | $[t]$ above a letter | the number of the layer; layer 0 is the input |
# | $a_l^{[t]}$ | the **activation** of unit $l$ in layer $t$: what it passes on |
# | $z_k^{[t]}$ | the weighted sum of unit $k$, *before* the activation |
# | $w_{kl}^{[t]}$ | the weight of the arrow **to** unit $k$ of layer $t$ **from** unit $l$ of the layer below |
# | $b_k^{[t]}$ | the bias of unit $k$ |
# | $\phi^{[t]}$ | the activation function of layer $t$: ReLU, softmax, … |
# | $G$ | short for $\textcolor{#E62020}{\partial\mathcal L/\partial Z}$, what reaches a layer from above |
# | $\mathrm dX$ | short for $\textcolor{#E62020}{\partial\mathcal L/\partial X}$, an array shaped like $X$ |
#
# Mind the order of the indices in $w_{kl}$: *to* before *from*.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

import backprop_viz as bp
from backprop_viz.record.scalars import scalars

# %% [markdown] tags=["seed:layer"]
# ## 1. One layer, forward
#
# Each unit of layer $t$ computes
#
# $$
# z_k^{[t]} = \sum_l w_{kl}^{[t]}\,a_l^{[t-1]} + b_k^{[t]},
# \qquad
# a_k^{[t]} = \phi^{[t]}\bigl(z_k^{[t]}\bigr).
# $$
#
# A word on the second formula, because you may meet it as $a_k = \phi(z_j)$, with two different letters. For an
# activation that works on each number by itself, such as ReLU, that is a slip of the pen: unit $k$ uses its own
# $z_k$ and no other. But the slip has a reason. Softmax turns *all* the sums of its layer into probabilities,
# $a_k = \phi_k(z_1, \dots, z_n) = e^{z_k} / \sum_j e^{z_j}$, and there every $a_k$ does depend on every $z_j$. We
# shall see both kinds, and the difference is visible at a glance in section 3.
#
# Our network has four inputs, a hidden layer of two units with ReLU, and three outputs with softmax. The numbers are
# chosen so that a pencil is enough for the forward pass.
#
# **Predict.** Compute the two hidden sums $z_1^{[1]}, z_2^{[1]}$ and their activations. What are the three
# $z_k^{[2]}$? Two classes will come out equally probable; which?

# %%
x = bp.tensor([1.0, 2.0, -1.0, 0.5])
W1 = bp.parameter([[0.5, 0.25, 0.5, 1.0], [-0.5, 0.5, 1.0, -1.0]])
b1 = bp.parameter([0.0, 0.25])
W2 = bp.parameter([[1.0, -1.0], [0.5, 0.5], [-1.0, 2.0]])
b2 = bp.parameter([0.0, 0.5, 0.0])
y = 0  # the right class

z1 = W1 @ x + b1
a1 = bp.relu(z1)
z2 = W2 @ a1 + b2
a2 = bp.softmax(z2, 0)
L = bp.nll(bp.log(a2), y)  # minus the logarithm of the probability given to the right class

for name, node in {"z1": z1, "a1": a1, "z2": z2, "a2": a2}.items():
    print(name, node.data.round(4))

# %% [markdown]
# The same with loops, straight from the formula. We shall need these lists again.

# %%
a0, w1, w2 = x.data.tolist(), W1.data.tolist(), W2.data.tolist()

# Code that says l is easily misread as 1: where the formula has l, the loops have j.
loop_z1 = [sum(w1[k][j] * a0[j] for j in range(4)) + float(b1.data[k]) for k in range(2)]
loop_a1 = [max(0.0, z) for z in loop_z1]
loop_z2 = [sum(w2[k][j] * loop_a1[j] for j in range(2)) + float(b2.data[k]) for k in range(3)]
total = sum(math.exp(z) for z in loop_z2)
loop_a2 = [math.exp(z) / total for z in loop_z2]

assert loop_z1 == z1.data.tolist() == [1.0, -0.75]
assert loop_a1 == a1.data.tolist() == [1.0, 0.0]
assert loop_z2 == z2.data.tolist() == [1.0, 1.0, -1.0]
assert np.allclose(loop_a2, a2.data)
assert math.isclose(L.data, -math.log(loop_a2[y]))

# %% [markdown]
# ## 2. One layer, backward
#
# The chain rule has not changed since the single neuron: a node adds up what its children send, red times blue. What
# is new is only that a layer has many nodes, so we need to know **who is a child of whom**. Here is the output layer
# once more, with the arrays opened: the product $W^{[2]}a^{[1]}$, number by number. Only the forward arrows are drawn.
#
# (In the player of a running notebook you get this by a double click on a matrix product. The drawing calls the
# products $t_1, t_2, \dots$, and $w_{12}^{[2]}$ is $W^{(2)}_{12}$ in it. It is an excerpt: what comes in from elsewhere
# stands there as a leaf.)

# %%
L.backward()
trace = bp.trace(L)
product = next(node.index for node in trace.nodes if node.op == "matmul" and node.shape == (3,))
inside = scalars(trace, product)
bp.draw(inside, phase="forward", show="numbers")

# %% [markdown]
# **Predict.** Count arrows. How many children has $a_1$, an activation of the layer below? How many has a weight,
# say $w_{12}$? So which of them will have a *sum* in its gradient, and over how many terms?
#
# <details>
# <summary>After you have counted</summary>
#
# An activation $a_j$ goes into every unit of the next layer, here 3. A weight is used once. So the gradient of an
# activation is a sum over the units $k$ *above* it, and the gradient of a weight is a single product.
#
# </details>
#
# Now with the messages going back:

# %%
bp.draw(inside, show="numbers", edges="contribution")

# %% [markdown] tags=["seed:activation-gradient"]
# **Activations: a sum over the layer above.** $a_j$ is in every $z_k = \dots + w_{kj}\,a_j + \dots$ of the next layer,
# and $\textcolor{#2F6BFF}{\partial z_k/\partial a_j = w_{kj}}$. Hence
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial a_j^{[t]}}}
# = \sum_k \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial z_k^{[t+1]}}}\,
#   \textcolor{#2F6BFF}{\frac{\partial z_k^{[t+1]}}{\partial a_j^{[t]}}}
# = \sum_k \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial z_k^{[t+1]}}}\,
#   \textcolor{#2F6BFF}{w_{kj}^{[t+1]}} .
# $$
#
# Forward, $w_{kj}$ was summed over its **second** index; backward, the same weight is summed over its **first**. That
# is the whole secret of the transpose that will appear in section 4.

# %%
dz2 = z2.grad.tolist()
loop_da1 = [sum(dz2[k] * w2[k][j] for k in range(3)) for j in range(2)]

assert np.allclose(loop_da1, a1.grad)
print("∂ℒ/∂a =", np.round(loop_da1, 4))

# %% [markdown] tags=["seed:preactivation-gradient"]
# **Through the activation.** In general each $z_j$ may influence each $a_k$ of its layer:
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial z_j^{[t]}}}
# = \sum_k \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial a_k^{[t]}}}\,
#   \textcolor{#2F6BFF}{\frac{\partial a_k^{[t]}}{\partial z_j^{[t]}}} .
# $$
#
# For ReLU only $k = j$ is left of the sum, with the factor 1 where the unit is on and 0 where it is off. For softmax
# all three terms stay. Both are the same loop, only with other blue numbers (those of softmax are looked at in section
# 3; until then, take them on trust):

# %%
relu_blue = [[float(k == j and loop_z1[j] > 0) for j in range(2)] for k in range(2)]
softmax_blue = [[loop_a2[k] * ((k == j) - loop_a2[j]) for j in range(3)] for k in range(3)]

loop_dz1 = [sum(a1.grad[k] * relu_blue[k][j] for k in range(2)) for j in range(2)]
loop_dz2 = [sum(a2.grad[k] * softmax_blue[k][j] for k in range(3)) for j in range(3)]

assert np.allclose(loop_dz1, z1.grad)
assert np.allclose(loop_dz2, z2.grad)
print("hidden: ∂ℒ/∂a =", a1.grad.round(4), "  ∂ℒ/∂z =", z1.grad.round(4))

# %% [markdown]
# Look at the second hidden unit. It received the *stronger* message of the two, 0.89, and passes on nothing: it is
# off ($z = -0.75$), so small changes of $z$ do not reach the loss. None of its weights will learn from this sample.
# At $z = 0$ exactly ReLU has a corner and no derivative; the package takes 0 there, as PyTorch does, and so does our
# `> 0`.

# %% [markdown] tags=["seed:weight-gradient"]
# **Weights: no sum.** $w_{kl}$ leads to one place, $z_k$ (in the drawing, by way of a product), and
# $\textcolor{#2F6BFF}{\partial z_k/\partial w_{kl} = a_l}$. The bias is a weight whose input is always 1.
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial w_{kl}^{[t]}}}
# = \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial z_k^{[t]}}}\,
#   \textcolor{#2F6BFF}{\frac{\partial z_k^{[t]}}{\partial w_{kl}^{[t]}}}
# = \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial z_k^{[t]}}}\,\textcolor{#2F6BFF}{a_l^{[t-1]}},
# \qquad
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial b_k^{[t]}}}
# = \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial z_k^{[t]}}}
# $$

# %%
loop_dw2 = [[loop_dz2[k] * loop_a1[j] for j in range(2)] for k in range(3)]
loop_dw1 = [[loop_dz1[k] * a0[j] for j in range(4)] for k in range(2)]

assert np.allclose(loop_dw2, W2.grad)
assert np.allclose(loop_dz2, b2.grad)
assert np.allclose(loop_dw1, W1.grad)
assert np.allclose(loop_dz1, b1.grad)
print(W1.grad.round(3) + 0.0)  # + 0.0 turns −0 into 0

# %% [markdown]
# An arrow's weight learns what its upper end wants, times what its lower end said. Where either is silent, it learns
# nothing: the second row of $\partial\mathcal L/\partial W^{[1]}$ is 0 because that unit is off, and the second
# column of $\partial\mathcal L/\partial W^{[2]}$ is 0 because the same unit said 0.
#
# Note what had to be remembered: from the forward pass all $a$ (and the signs of $z$), and of the red numbers only
# those of the layer above. The blue ones were made when they were needed.

# %% [markdown]
# ## 3. What an activation does to a gradient: two Jacobians
#
# Write the blue numbers of a whole activation into a table, a row for each $a_k$, a column for each $z_j$. That is
# its **Jacobian**. We take a layer of five units, with the sums 1, −0.5, 0.5, 1.5 and −1.
#
# **Predict.** In which cells has ReLU's table numbers other than 0? And softmax's: which sign on the diagonal, which
# sign beside it? What does each column add up to? (Softmax gives probabilities. If one $z$ is nudged, what happens to
# their total?)

# %% tags=["thumbnail"]
five = np.array([1.0, -0.5, 0.5, 1.5, -1.0])

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.9), layout="constrained")
bp.plots.jacobian(bp.relu, five, ax=left)
bp.plots.jacobian(lambda z: bp.softmax(z, 0), five, ax=right)
left.set_title("ReLU: diagonal")
right.set_title("softmax: full")
for ax in left, right:
    ax.set(xlabel="$z_j$", ylabel="$a_k$")
plt.show()

# %% [markdown]
# Left: one number per row and column at most, since $a_k$ listens to $z_k$ alone. A diagonal table needs no table:
# multiply element by element, $\mathrm dz = \mathrm da \odot [z > 0]$.
#
# Right: pushing up $z_j$ raises its own probability (diagonal, positive) and takes it from all the others (beside it,
# negative). The total stays 1, so each column adds up to 0. The formula is
#
# $$
# \textcolor{#2F6BFF}{\frac{\partial a_k}{\partial z_j}} = a_k\,\bigl([k = j] - a_j\bigr),
# $$
#
# where $[k = j]$ is 1 if the two are equal and else 0.

# %%
a = bp.softmax(bp.tensor(five), 0).data
J = np.array([[a[k] * ((k == j) - a[j]) for j in range(5)] for k in range(5)])

assert np.allclose(J, bp.jacobian(lambda z: bp.softmax(z, 0), five))
assert np.allclose(J.sum(axis=0), 0)
assert np.allclose(bp.jacobian(bp.relu, five), np.diag(five > 0))

# %% [markdown]
# With a thousand classes that table has a million cells, for every sample. Nobody builds it. Put the formula into the
# sum of section 2 and take out what does not depend on $k$:
#
# $$
# \textcolor{#E62020}{\mathrm dz_j} = \sum_k \textcolor{#E62020}{\mathrm da_k}\,a_k\,([k = j] - a_j)
# = a_j\,\Bigl(\textcolor{#E62020}{\mathrm da_j} - \sum_k \textcolor{#E62020}{\mathrm da_k}\,a_k\Bigr)
# $$
#
# One dot product, one subtraction, one multiplication: the Jacobian is used, and never exists. A product of a row
# vector with a Jacobian is called a **vector–Jacobian product**, and every op of a library has a rule for it.

# %%
da = np.array([0.3, -1.0, 0.2, 0.7, -0.4])  # any red vector

assert np.allclose(a * (da - da @ a), da @ J)
assert np.allclose(bp.vjp(lambda z: bp.softmax(z, 0), five, da)[1], da @ J)

# %% [markdown]
# ### Softmax and cross-entropy: the miracle again
#
# For one neuron the sigmoid's factor cancelled against that of cross-entropy. Softmax and cross-entropy do it too. The
# loss looks at the right class $y$ only, $\mathcal L = -\log a_y$, so $\mathrm da$ is $-1/a_y$ in that place and 0
# elsewhere. Into the formula above: the sum is $-1$, and
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial z_j}} = a_j - [j = y] .
# $$
#
# **Predict** the three numbers for our network, where $a^{[2]} = (0.468,\ 0.468,\ 0.063)$ and class 0 is right.

# %%
one_hot = np.array([1.0, 0.0, 0.0])

assert np.allclose(z2.grad, a2.data - one_hot)
print("from above, ∂ℒ/∂a =", a2.grad.round(4) + 0.0)
print("passed on,  ∂ℒ/∂z =", z2.grad.round(4))

# %% [markdown]
# Prediction minus truth; they add up to 0. Look also at what came in: a message for class 0 *only*. It is the full
# Jacobian that tells the other two to go down. Whoever uses the diagonal alone ("softmax is an activation, so
# multiply element by element") gets a gradient of the right shape, with the right first entry, and never pushes a wrong
# class down:

# %%
diagonal_only = a2.grad * np.diag(np.array(softmax_blue))
print("diagonal alone     =", diagonal_only.round(4) + 0.0)

assert math.isclose(diagonal_only[0], z2.grad[0])
assert not diagonal_only[1:].any()

# %% [markdown]
# And a warning in the other direction. *Prediction minus truth* is no law of output layers. It belongs to the pairs
# sigmoid with binary cross-entropy and softmax with cross-entropy (and to half the squared error with no activation at
# all). With another loss on the same softmax it is wrong:

# %%
z = bp.parameter([1.0, 1.0, -1.0])
bp.mse(bp.softmax(z, 0), bp.tensor(one_hot), reduction="sum").backward()

print("squared error: ", z.grad.round(4))
assert not np.allclose(z.grad, a2.data - one_hot)

# %% [markdown]
# ## 4. One sample in matrices
#
# Loops in Python are slow, and formulas with four indices are no pleasure either. Each sum of section 2 is a matrix
# product in disguise. With $g = \textcolor{#E62020}{\partial\mathcal L/\partial z}$, all vectors being columns:
#
# $$
# z = W a + b, \qquad
# \mathrm da = W^{\mathsf T} g, \qquad
# \mathrm dW = g\,a^{\mathsf T}, \qquad
# \mathrm db = g .
# $$
#
# In the second, $\sum_k g_k w_{kj}$ sums over the *first* index of $w$: that is multiplying by the transpose.
# $W$ carries values from the layer below to the one above; $W^{\mathsf T}$ carries gradients back along the same
# arrows. The third has no sum at all: all products of an entry of $g$ with an entry of $a$, an **outer product**.

# %%
g = z2.grad

assert np.array_equal(W2.data @ a1.data + b2.data, z2.data)
assert np.allclose(W2.data.T @ g, a1.grad)
assert np.allclose(W2.data.T @ g, loop_da1)
assert np.allclose(np.outer(g, a1.data), W2.grad)
assert np.allclose(np.outer(g, a1.data), loop_dw2)
assert np.allclose(g, b2.grad)

# %% [markdown]
# Here is the same layer zoomed out, one node per array. Below each name stands the shape. An array of more than four
# numbers is shown as a small heat map. `bp.cross_entropy` takes the $z$ and does softmax, logarithm and choice in one
# node.
#
# **Predict.** The base step has been made. At each step that follows, say the *shape* of what is sent before you look.
# (In a running notebook a **double click** on the product opens it into the scalars of section 2, and *Back from* $v_1$
# closes it.)

# %%
a, W, b = bp.parameter(a1.data), bp.parameter(W2.data), bp.parameter(b2.data)
L = bp.cross_entropy(W @ a + b, y)
bp.play(bp.trace(L), step=4)

# %% [markdown]
# Nothing has been lost by zooming out: each tile on an arrow of the product says the rule, with $G$ for what comes from
# above.

# %%
L.backward()
bp.draw(L)

# %% [markdown]
# ## 5. A batch: the same weights, many times
#
# Training does not go sample by sample. What changes if $N$ samples run through the same layer? Take the
# smallest case: one weight, one bias, two samples.
#
# **Predict.** How many children has $w$ now? What is $\textcolor{#E62020}{\partial\mathcal L/\partial w}$, if $z_1$
# and $z_2$ hold the red numbers 3 and −2, and the inputs are 1 and 2?

# %%
w, b = bp.parameter(1.0), bp.parameter(-0.5)
x1, x2 = bp.tensor(1.0), bp.tensor(2.0)  # two samples
z1 = w * x1 + b
z2 = w * x2 + b
L = 3 * z1 - 2 * z2  # not a useful loss, but its gradients are easy
L.backward()
bp.draw(L)

# %% [markdown]
# A batch is not a new kind of graph. It is the old graph $N$ times over, **with the parameters shared**. So a
# parameter has a child in every copy, and where there are several children the messages add up:
# $3\cdot 1 + (-2)\cdot 2 = -1$ for the weight, $3 - 2 = 1$ for the bias. Before the loss the samples meet nowhere
# else: nothing is sent from one to the other.

# %%
assert w.grad == 3 * 1.0 - 2 * 2.0 == -1
assert b.grad == 3 - 2 == 1

# %% [markdown]
# ### The three lines
#
# In code a batch is an array $X$ with **one sample in each row**. And the weights are often stored the other way round:
# $W_{lk}$, *from* before *to*, one column for each unit, so that no transpose is needed forward. From here on our
# $W$ is the transpose of the text's $w_{kl}$. (Both ways are in use; exercise 1 is the other one.)
#
# $$
# Z = X W + b
# \qquad\text{that is}\qquad
# z_{ik} = \sum_l x_{il}\,W_{lk} + b_k
# $$
#
# with $i$ for the sample. Now ask of each of the three who its children are.
#
# - $x_{il}$ goes into the units $k$ of *its own sample*: sum over $k$.
# - $W_{lk}$ goes into unit $k$ of *every sample*: sum over $i$.
# - $b_k$ as well: sum over $i$.
#
# With $G_{ik} = \textcolor{#E62020}{\partial\mathcal L/\partial z_{ik}}$, and then read as matrix products:
#
# $$
# \begin{aligned}
# \mathrm dX_{il} &= \sum_k \textcolor{#E62020}{G_{ik}}\,\textcolor{#2F6BFF}{W_{lk}}
#   &&\Longrightarrow\quad \mathrm dX = G\,W^{\mathsf T} \\
# \mathrm dW_{lk} &= \sum_i \textcolor{#2F6BFF}{x_{il}}\,\textcolor{#E62020}{G_{ik}}
#   &&\Longrightarrow\quad \mathrm dW = X^{\mathsf T} G \\
# \mathrm db_k &= \sum_i \textcolor{#E62020}{G_{ik}}
#   &&\Longrightarrow\quad \mathrm db = \textstyle\sum_i G_i
# \end{aligned}
# $$
#
# where $G_i$ is the $i$-th row. Checked against loops and against the package, with five samples:

# %%
N = 5
X = bp.parameter([[1.0, 0.5], [0.5, 1.5], [-0.5, 0.5], [1.5, -1.0], [-1.0, 1.0]])
W = bp.parameter(W2.data.T)  # (2, 3): from before to
b = bp.parameter(b2.data)
targets = np.array([0, 2, 1, 0, 1])  # the right classes

Z = X @ W + b
loss = bp.cross_entropy(Z, targets)  # the mean over the samples
loss.backward()
G = Z.grad

# %%
samples, inputs, units = range(5), range(2), range(3)
loop_dX = [[sum(G[i, k] * W.data[j, k] for k in units) for j in inputs] for i in samples]
loop_dW = [[sum(X.data[i, j] * G[i, k] for i in samples) for k in units] for j in inputs]
loop_db = [sum(G[i, k] for i in samples) for k in units]

loop_Z = [[b.data[k] + sum(X.data[i, j] * W.data[j, k] for j in inputs) for k in units] for i in samples]

assert np.allclose(Z.data, loop_Z)
assert np.allclose(X.grad, G @ W.data.T)
assert np.allclose(X.grad, loop_dX)
assert np.allclose(W.grad, X.data.T @ G)
assert np.allclose(W.grad, loop_dW)
assert np.allclose(b.grad, G.sum(axis=0))
assert np.allclose(b.grad, loop_db)

# %% [markdown]
# There is a sum hidden in $X^{\mathsf T}G$ that deserves a picture: the inner index of this product is the sample. So
# it *is* the sum of the outer products of section 4, one for each sample,
#
# $$
# X^{\mathsf T} G = \sum_{i=1}^N x_i\,g_i^{\mathsf T} .
# $$

# %%
parts = [np.outer(X.data[i], G[i]) for i in range(N)]
assert np.allclose(sum(parts), X.data.T @ G)

reach = max(np.abs(part).max() for part in [*parts, W.grad])
fig, axes = plt.subplots(1, N + 1, figsize=(10, 2), layout="constrained")
titles = [f"sample {i}" if i == 0 else f"+  sample {i}" for i in range(N)] + [r"=  $X^{\mathsf{T}} G$"]
for ax, part, title in zip(axes, [*parts, W.grad], titles, strict=True):
    image = ax.imshow(part, cmap="PuOr_r", vmin=-reach, vmax=reach)
    for (j, k), number in np.ndenumerate(part):
        ax.text(k, j, f"{round(number, 2) + 0.0:.2f}".replace("-", "−"), ha="center", va="center", fontsize=8,
                color="white" if abs(number) > 0.6 * reach else "black")  # fmt: skip
    ax.set(xticks=[], yticks=[], title=title)
axes[0].set(xlabel="to unit k", ylabel="from input l")
plt.show()

# %% [markdown]
# Each panel says how the loss answers to the six weights through one sample (brown up, violet down). Look at the cell
# at the bottom right: the samples disagree even about the sign, and the last panel is the settlement. They are added
# because it is one and the same weight that they speak of.

# %% [markdown]
# ### Why nobody builds the big Jacobian
#
# $Z$ has 15 numbers and $W$ has 6, so the Jacobian between them has 90 entries. Here they are:

# %%
ax = bp.plots.jacobian(lambda W: X.data @ W + b.data, W.data)
ax.set(xlabel="$W_{lk}$, read row by row", ylabel="$z_{ik}$, read row by row", title="Jacobian of Z by W")
plt.show()

# %% [markdown]
# Read down one column: the weight $W_{lk}$ reaches one unit of each sample, five cells out of fifteen, and what
# stands there is the input $x_{il}$. All else is 0. And the same ten inputs appear three times each: the
# table has 90 cells and only 10 different stories to tell. For a layer of 512 to 512 units and 64 samples it would
# have $64\cdot 512 \cdot 512\cdot 512$, more than eight thousand million. $X^{\mathsf T}G$ gets the same result
# from the ten.

# %%
big = bp.jacobian(lambda W: X.data @ W + b.data, W.data)  # (5, 3, 2, 3)

assert np.count_nonzero(big) == 30 == big.size // 3
assert np.allclose(np.einsum("ik,iklm->lm", G, big), X.data.T @ G)
assert 64 * 512 * 512 * 512 > 8e9

# %% [markdown]
# ### Mean or sum
#
# One factor is easily lost. `bp.cross_entropy` gave the **mean** of five losses, so each sample's red numbers were
# divided by five before they were sent, once and at the very top:
#
# $$
# G_i = \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial z_i}} = \frac{1}{N}\,(a_i - y_i),
# $$
#
# where $a_i$ is the row of probabilities, and $y_i$ has a 1 in the right class and else 0. With a **sum** the factor is
# absent, and every gradient below is $N$ times as large.

# %%
P = bp.softmax(Z, 1).data
Y = np.eye(3)[targets]  # a row for each sample, 1 in the right class

assert np.allclose(G, (P - Y) / N)

summed = bp.cross_entropy(X @ W + b, targets, reduction="sum")
(dW_of_sum,) = bp.grad(summed, W)
assert np.allclose(dW_of_sum, N * W.grad)

# %% [markdown]
# Neither is wrong. But a learning rate that was right for the mean is $N$ times too large for the sum. If your
# gradient and somebody else's differ by a factor of exactly the batch size, you know where to look.

# %% [markdown]
# ## 6. Four classic slips, and who notices
#
# **Shapes are the first check.** A gradient is shaped like the thing it belongs to. With $G$ of shape (5, 3), $W$ of
# (2, 3) and $X$ of (5, 2) there is only one product of $G$ and $W$ that gives (5, 2), and only one of $X$ and $G$ that
# gives (2, 3). Whoever remembers this need not remember the formulas.
#
# **Predict.** In which kind of layer does this rule tell you nothing?

# %%
square = np.array([[1.0, 2.0], [-1.0, 0.5]])
some_G = np.array([[1.0, -1.0], [0.5, 0.0], [0.0, 2.0]])

right, wrong = some_G @ square.T, some_G @ square
assert right.shape == wrong.shape == (3, 2)
assert not np.allclose(right, wrong)

# %% [markdown]
# In a square one, and hidden layers are often square. $G\,W$ has the right shape there and is wrong. So try a formula
# on a layer whose sizes all differ, or measure. `bp.gradcheck` nudges every number up and down; give it a gradient
# that you *claim*, and it says whether the measurement agrees, and if not, which common slip would explain it. Here
# is a square layer with five samples, and four slips to judge.

# %%
H = bp.parameter([[1.0, 0.5, -1.0], [0.5, 1.5, 0.0], [-0.5, 0.5, 2.0], [1.5, -1.0, 0.5], [-1.0, 1.0, 1.0]])
M = bp.parameter([[0.5, -1.0, 0.0], [1.0, 0.5, 0.5], [-0.5, 0.0, 1.5]])
c = bp.parameter([0.1, 0.2, 0.3])
S = H @ M + c
L = bp.cross_entropy(S, targets)
L.backward()
G = S.grad

v = bp.parameter([1.0, 1.0, -1.0])
p = bp.softmax(v, 0)
picked = -bp.log(p[0])
picked.backward()

claims = {
    "product in the wrong order": (L, {M: G.T @ H.data}),
    "bias left unsummed": (L, {c: G}),
    "sum in place of the mean": (L, {H: 5 * H.grad, M: 5 * M.grad, c: 5 * c.grad}),
    "softmax taken as diagonal": (picked, {v: p.grad * p.data * (1 - p.data)}),
}

# %% [markdown]
# **Predict.** One of the four has the wrong *shape*. Which? And which one would a look at the falling loss never
# reveal, if the learning rate is small?

# %%
for slip, (loss, claim) in claims.items():
    report = bp.gradcheck(loss, gradients=claim, raise_exception=False)
    assert not report  # every one of them is found
    print(f"{slip}\n    {report.faults[0].text.split(': ', 1)[1]}\n")

assert bp.gradcheck(L)  # and the engine's own gradients pass

# %% [markdown]
# ("Every edge is right" is said of the engine's own messages, which have been measured as well. What is wrong is the
# sum that was claimed.)
#
# The unsummed bias has the wrong shape. (Do not count on NumPy to notice. `b -= eta * G` stops with an error, but
# `b = b - eta * G` *broadcasts*, and hands you back a bias of shape (5, 3) without a word.) The general rule behind
# $\sum_i$ is: **what was repeated forward is summed backward**. The bias was repeated for each sample, so its
# gradient is summed over the samples.
#
# And the one that a falling loss does not betray is the sum in place of the mean: it points in exactly the right
# direction.

# %% [markdown]
# ## 7. The whole network in seven lines
#
# All together: five samples of four numbers, our two layers, the mean cross-entropy.

# %%
X = bp.tensor([[1, 2, -1, 0.5], [0.5, -1, 1, 0], [-1, 0.5, 1.5, 1], [2, 1, 0, -0.5], [0, -0.5, 1, 2]])
W1, W2 = bp.parameter(W1.data.T), bp.parameter(W2.data.T)  # stored as in section 5: (4, 2) and (2, 3)
b1, b2 = bp.parameter(b1.data), bp.parameter(b2.data)

Z1 = X @ W1 + b1
A1 = bp.relu(Z1)
Z2 = A1 @ W2 + b2
y = bp.tensor(targets)
L = bp.cross_entropy(Z2, y)
L.backward()
bp.draw(L, edges="none")

# %% [markdown]
# Read the picture from right to left. Every red frame is shaped like the node above it, and the shapes stand on the
# arrows. Find the white cells of $A_1$, where a unit was off: $\partial\mathcal L/\partial A_1$ has numbers in those
# places, and $\partial\mathcal L/\partial Z_1$, one arrow further, is white there too. The two red maps below $Z_2$
# and $v_2$ are equal: adding a bias changes nothing for what passes through.
#
# And here is the backward pass in seven lines, from `G2` to `db1`, with nothing but NumPy.

# %%
z1 = X.data @ W1.data + b1.data
a1 = np.maximum(z1, 0)
z2 = a1 @ W2.data + b2.data
a2 = np.exp(z2) / np.exp(z2).sum(axis=1, keepdims=True)

G2 = (a2 - np.eye(3)[targets]) / len(targets)
dW2 = a1.T @ G2
db2 = G2.sum(axis=0)
dA1 = G2 @ W2.data.T
G1 = dA1 * (z1 > 0)
dW1 = X.data.T @ G1
db1 = G1.sum(axis=0)

for mine, tensor in (G2, Z2), (dW2, W2), (db2, b2), (dA1, A1), (G1, Z1), (dW1, W1), (db1, b1):
    assert np.allclose(mine, tensor.grad)

# %% [markdown]
# A network of fifty layers needs no other lines, only the last four in a loop. What has to be kept from the forward
# pass is each layer's input, and where its ReLU was on. Of the red arrays only the current one is needed, and those of
# the parameters until they have been used for a step.

# %% [markdown]
# ## What PyTorch calls this
#
# | here | in PyTorch |
# |:--|:--|
# | a layer, $W$ stored as (to, from) | `nn.Linear(2, 3)`: its `weight` is (3, 2), it computes `x @ weight.T + bias` |
# | the product of a red vector with a Jacobian | `torch.autograd.functional.vjp`, and what every `backward` does |
# | a whole Jacobian | `torch.autograd.functional.jacobian`; for tests and pictures |
# | `bp.cross_entropy(z, classes)` | `F.cross_entropy(z, classes)`: takes the $z$, **not** the softmax of them |
# | mean or sum | `reduction="mean"` (the default) or `"sum"` |
# | repeated forward, summed backward | the same, wherever shapes were broadcast |
#
# `bp.nn.Linear` is PyTorch's, down to the shape of its weight:

# %%
layer = bp.nn.Linear(2, 3)
assert layer.weight.shape == (3, 2)

rows = bp.tensor([[1.0, 2.0]])
assert np.allclose(layer(rows).data, rows.data @ layer.weight.data.T + layer.bias.data)

# %% [markdown]
# ## Exercises
#
# Replace the dots by your answer and run the cell. If it stays silent, you are right; if not, the last line of
# the error is a hint. Answers are folded away below.
#
# **1. The other way to store weights.** A layer computes $Z = X\,W^{\mathsf T} + b$, as `nn.Linear` does, with $W$ of
# shape (to, from). Write its backward pass. Find the two products by shapes, then say in words over what each
# one sums.


# %%
def linear_backward(X, W, G):
    """The gradients of X (N, from), W (to, from) and b (to,), from G (N, to)."""
    dX = ...
    dW = ...
    db = ...
    return dX, dW, db


for inputs, outputs in (2, 3), (3, 3):  # the second is square: shapes alone will not save you
    random = np.random.default_rng(1)
    X, W, b = (bp.parameter(random.normal(size=size)) for size in [(5, inputs), (outputs, inputs), (outputs,)])
    Z = X @ W.T + b
    (Z**2).sum().backward()
    dX, dW, db = linear_backward(X.data, W.data, Z.grad)
    assert dX is ... or np.allclose(dX, X.grad), "dX sums over the units k: is that the index G and W share?"
    assert dW is ... or np.allclose(dW, W.grad), "dW sums over the samples, and has the shape (to, from)"
    assert db is ... or np.allclose(db, b.grad), "the bias was repeated for each sample"
    assert db is ... or np.shape(db) == b.shape, "the bias has one number for each unit"

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# ```python
# dX = G @ W
# dW = G.T @ X
# db = G.sum(axis=0)
# ```
#
# $\mathrm dX_{il} = \sum_k G_{ik} w_{kl}$ sums over the units above; $\mathrm dW_{kl} = \sum_i G_{ik} x_{il}$ sums over
# the samples, and so does $\mathrm db$. It is section 5 with $W$ replaced by its transpose, and the result
# transposed back.
#
# </details>

# %% [markdown]
# **2. Softmax for a batch.** Section 3 had $\mathrm dz_j = a_j\,(\mathrm da_j - \sum_k \mathrm da_k a_k)$ for one
# vector. Now each row of `a` and `da` is a sample. One line; the sum must stay within its row.


# %%
def softmax_backward(a, da):
    """∂ℒ/∂z, row by row, from a = softmax(z) and from da = ∂ℒ/∂a; both (N, classes)."""
    return ...


scores = np.array([[1.0, 2.0, 0.0], [0.5, -1.0, 0.5]])
red = np.array([[1.0, 0.0, -2.0], [0.0, 3.0, 1.0]])
probabilities, expected = bp.vjp(lambda z: bp.softmax(z, 1), scores, red)
mine = softmax_backward(probabilities, red)
assert mine is ... or np.allclose(mine, expected), "Does the sum run along the classes, and keep its axis?"

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# ```python
# return a * (da - (da * a).sum(axis=1, keepdims=True))
# ```
#
# Without `keepdims=True` the sums have shape (N,), and NumPy would try to lay them along the classes: an error if you
# are lucky, and a wrong result if there are as many samples as classes.
#
# </details>

# %% [markdown]
# **3. Undo a broadcast.** Forward, an array of shape `shape` was repeated to fit a larger one; `g` is the gradient of
# the repeated one. Give the gradient of the original, for any such shapes. NumPy repeats in two ways: it puts new axes
# **in front**, and it stretches axes of length 1.


# %%
def unbroadcast(g, shape):
    """g summed down to this shape: what was repeated forward is summed backward."""
    return ...


for small in (3,), (1, 3), (5, 1), (1, 1), (), (5, 3):
    part = bp.parameter(np.ones(small))
    whole = np.arange(15.0).reshape(5, 3)
    (part * whole).sum().backward()
    mine = unbroadcast(whole, small)
    assert mine is ... or np.shape(mine) == small, f"for shape {small} yours has shape {np.shape(mine)}"
    assert mine is ... or np.allclose(mine, part.grad), f"not yet right for shape {small}"

# %% [markdown]
# <details>
# <summary>Answer to 3</summary>
#
# ```python
# def unbroadcast(g, shape):
#     g = g.sum(axis=tuple(range(g.ndim - len(shape))))  # axes that were put in front
#     stretched = tuple(i for i, n in enumerate(shape) if n == 1)
#     return g.sum(axis=stretched, keepdims=True)
# ```
#
# (A sum over no axes at all, `axis=()`, leaves the array as it is.) With the bias's shape (3,) this is `G.sum(axis=0)`.
#
# </details>

# %% [markdown]
# ## What you have learned
#
# - An activation is used by every unit above it, so its gradient is a sum over those units; a weight is used once per
#   sample, so its gradient is one product, or in a batch a sum over the samples.
# - Elementwise activations have a diagonal Jacobian and pass gradients on element by element. Softmax has a full one.
#   Neither table is ever built.
# - $\mathrm dX = G\,W^{\mathsf T}$, $\mathrm dW = X^{\mathsf T}G$, $\mathrm db = \sum_i G_i$. Shapes give them back to
#   you, except in square layers.
# - What was repeated forward is summed backward. A mean puts its $1/N$ into the first red array, once.
# - Prediction minus truth is a property of a loss and an activation *together*.
#
# **Practise:** the [exercises](../exercises/ex07-mlp-equations.ipynb) of this lecture, which answer at once.
#
# **Next:** each layer asked only one thing of the one above it, its $G$. That modesty is what lets you put networks
# together like bricks: [lecture 08, Modularity](08-modularity.ipynb).
