# %% [markdown]
# # Exercises 07: whole layers at once
#
# *For lecture [07](../lectures/07-mlp-equations.ipynb), about 40 minutes.*
#
# Each exercise has a cell for you to fill in, and a check below it. Write your answer, run its cell, run the check. The
# check tries your answer on numbers that are new every time and says one line: ✓ and you are done; ✗ with a case
# that you can follow on paper, and a hint. The lines with ✓ that stand here already are what you should see at the
# end; hide them first (*Edit → Clear Outputs of All Cells*). The cell after a check is for your teacher; you need not
# look.
#
# $G$ is what reaches a layer from above, $\partial\mathcal L/\partial Z$, and `dX` in the code is
# $\partial\mathcal L/\partial X$, an array **shaped like** `X`. All arrays are NumPy's. Wherever an answer is several
# arrays, return them as a tuple, in the order of the text.

# %% [markdown]
# ## 1. Through a softmax, with a pencil
#
# Four classes have the same score, so softmax gives each the probability 1/4. The loss is not cross-entropy this time:
# it pays a price $v_k$ for each class, in proportion to its probability, $\mathcal L = \sum_k v_k\,a_k$. Which four red
# numbers will stand under $z$ after the backward pass? Type them in place of the dots as a list, such as
# `[1.0, -0.25, 0.5, 0.0]`. (The 4 under a name, or on an arrow, is a shape: four numbers.)

# %% backprop_viz={"item": "ex07.1", "role": "question"}
from backprop_viz.classroom import question

question("ex07.1")

# %% backprop_viz={"item": "ex07.1", "role": "solution"}
gradient_of_z = ...  # ex07.1: the four red numbers that belong under z, as a list
# BEGIN SOLUTION
gradient_of_z = [0.25, -0.75, -0.5, 1.0]  # a · (v − Σ v a): a quarter of how far each price is above the mean price, 2
# END SOLUTION

# %% backprop_viz={"item": "ex07.1", "role": "check"}
from backprop_viz.classroom import check

check("ex07.1")

# %% backprop_viz={"item": "ex07.1", "role": "results"}
from backprop_viz.classroom import results

results("ex07.1")

# %% [markdown]
# <details>
# <summary>After the check has said ✓</summary>
#
# A class that costs more than the average is pushed down, a cheaper one up. If every price rose by 10, no red number
# under $z$ would change: softmax hears comparisons only.
#
# </details>

# %% [markdown]
# ## 2. Cross-entropy, with gaps in the labels
#
# Labels are expensive, and in many a batch some are missing. `P` has a row of probabilities for each sample, the
# softmax of its scores `Z`. `classes` is an array with the right class of each sample: 0, 1, …, and **−1 where nobody
# knows it**. Such a sample has no loss. The loss of the batch is the *mean* of the cross-entropies of all samples that
# have one (there is always at least one). A batch of three, the second of them without a label:

# %%
import numpy as np

P = np.array([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125], [0.25, 0.25, 0.5]])
classes = np.array([2, -1, 0])
loss = (-np.log(P[0, 2]) - np.log(P[2, 0])) / 2
print(f"{loss:.4f}")

# %% [markdown]
# Return $\partial\mathcal L/\partial Z$, an array of the shape of `P`.


# %% backprop_viz={"item": "ex07.2", "role": "solution"}
def cross_entropy_backward(P, classes):
    """∂ℒ/∂Z from P = softmax(Z), row by row; ℒ is the mean over the samples whose class is not −1."""
    # BEGIN SOLUTION
    known = classes >= 0
    G = P.copy()
    G[known, classes[known]] -= 1
    G[~known] = 0
    return G / known.sum()
    # END SOLUTION


# %% backprop_viz={"item": "ex07.2", "role": "check"}
from backprop_viz.classroom import check

check("ex07.2")

# %% backprop_viz={"item": "ex07.2", "role": "results"}
from backprop_viz.classroom import results

results("ex07.2")

# %% [markdown]
# ## 3. A linear layer, samples in columns
#
# The lecture had a sample in each row. Many books put a sample in each **column** instead, as if section 4's
# $z = W a + b$ had been written side by side:
#
# ```python
# Z = W @ X + b[:, None]  # the bias is added to every column
# ```
#
# | array | shape |
# |:--|:--|
# | `X` | (inputs, samples) |
# | `W` | (units, inputs) |
# | `b` | (units,) |
# | `Z`, and `G` with $G_{ki} = \partial\mathcal L/\partial z_{ki}$ | (units, samples) |
#
# Return `dX`, `dW` and `db`. `b` itself is not needed for it. Some of the layers in the check are square, so that a
# look at shapes is no proof. And if the check answers with an error of NumPy about sizes, be glad: a layer that is not
# square has found a slip for you.


# %% backprop_viz={"item": "ex07.3", "role": "solution"}
def linear_backward(X, W, G):
    """dX, dW and db of the layer Z = W @ X + b[:, None], from G = ∂ℒ/∂Z."""
    # BEGIN SOLUTION
    dX = W.T @ G
    dW = G @ X.T
    db = G.sum(axis=1)
    return dX, dW, db
    # END SOLUTION


# %% backprop_viz={"item": "ex07.3", "role": "check"}
from backprop_viz.classroom import check

check("ex07.3")

# %% backprop_viz={"item": "ex07.3", "role": "results"}
from backprop_viz.classroom import results

results("ex07.3")

# %% [markdown]
# If this check fails, `check("ex07.3").show()` in a cell of your own opens the player on that case, at the first arrow
# that brings another array than yours. It works for exercises 2, 4 and 5 too.

# %% [markdown]
# ## 4. What was repeated is summed
#
# Not every layer multiplies matrices. Here each sample (a row of `X`) has a weight of its own, and each feature (a
# column) a scale of its own:
#
# ```python
# Z = c * X * s  # element by element: z_ij = c_i · x_ij · s_j
# ```
#
# `X` and `Z` have the shape (samples, features), `c` is the column (samples, 1), `s` is (features,). NumPy repeats `c`
# and `s` to fit. Given `G` $=\partial\mathcal L/\partial Z$, return `dX`, `dc` and `ds`, each shaped like the array it
# belongs to.


# %% backprop_viz={"item": "ex07.4", "role": "solution"}
def scaled_backward(X, c, s, G):
    """dX, dc and ds of Z = c * X * s, from G = ∂ℒ/∂Z."""
    # BEGIN SOLUTION
    dX = G * c * s
    dc = (G * X * s).sum(axis=1, keepdims=True)
    ds = (G * c * X).sum(axis=0)
    return dX, dc, ds
    # END SOLUTION


# %% backprop_viz={"item": "ex07.4", "role": "check"}
from backprop_viz.classroom import check

check("ex07.4")

# %% backprop_viz={"item": "ex07.4", "role": "results"}
from backprop_viz.classroom import results

results("ex07.4")

# %% [markdown]
# ## 5. Two bugs that never complained
#
# This function ran for months in a network whose layers are all equally wide. No error, the right shapes, and a loss
# that went down, if not as fast as hoped. It goes back through the upper layer and the ReLU of
#
# ```python
# Z1 = X @ W1 + b1
# A1 = np.maximum(Z1, 0)
# Z2 = A1 @ W2 + b2
# ```
#
# with a sample in each row. Two of its lines are wrong.


# %%
def hidden_backward_with_bugs(Z1, W2, G2):
    """G1 = ∂ℒ/∂Z1 and db1 = ∂ℒ/∂b1, from G2 = ∂ℒ/∂Z2."""
    dA1 = G2 @ W2
    G1 = dA1 * (Z1 >= 0)
    db1 = G1.sum(axis=0)
    return G1, db1


hidden_backward_with_bugs(
    Z1=np.array([[1.0, 0.0], [-1.0, 2.0]]),
    W2=np.array([[1.0, 2.0], [0.0, -1.0]]),
    G2=np.array([[1.0, 0.0], [0.0, 2.0]]),
)

# %% [markdown]
# Work out the right answer to this small case on paper, or look at the lines one by one, and write the mended function.
# At the corner of ReLU take the slope that the lecture, the package and PyTorch take. `W2` is square in all cases of
# the check, as it was in that network.


# %% backprop_viz={"item": "ex07.5", "role": "solution"}
def hidden_backward(Z1, W2, G2):
    """G1 = ∂ℒ/∂Z1 and db1 = ∂ℒ/∂b1, from G2 = ∂ℒ/∂Z2."""
    # BEGIN SOLUTION
    dA1 = G2 @ W2.T
    G1 = dA1 * (Z1 > 0)
    db1 = G1.sum(axis=0)
    return G1, db1
    # END SOLUTION


# %% backprop_viz={"item": "ex07.5", "role": "check"}
from backprop_viz.classroom import check

check("ex07.5")

# %% backprop_viz={"item": "ex07.5", "role": "results"}
from backprop_viz.classroom import results

results("ex07.5")

# %% [markdown]
# ## 6. An error far from its cause
#
# Nine samples with two features each are trained on in two batches, the first of five samples, the second of four.
# There are three classes, and `b` starts as `np.zeros(3)`.
#
# ```python
# 1  for X, classes in batches:
# 2      Z = X @ W + b
# 3      P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
# 4      G = (P - np.eye(3)[classes]) / len(X)
# 5      dW = X.T @ G
# 6      db = G
# 7      W = W - eta * dW
# 8      b = b - eta * db
# ```
#
# The first batch goes through. In the second one the program stops:
#
# ```text
# line 2, in <module>
#     Z = X @ W + b
#         ~~~~~~^~~
# ValueError: operands could not be broadcast together with shapes (4,3) (5,3)
# ```
#
# Which line is to be mended, so that the training is right?
#
# - **a.** Line 2: `W` has to be transposed.
# - **b.** Line 1: all batches need five samples; the second one must be filled up.
# - **c.** Line 6: the gradient has not the shape of what it belongs to.
# - **d.** Line 8: `b -= eta * db` has to be written, which changes `b` in place.
#
# Answer with the letter, in quotes.

# %% backprop_viz={"item": "ex07.6", "role": "solution"}
line_to_mend = ...  # ex07.6: the letter of the right answer, in quotes
# BEGIN SOLUTION
line_to_mend = "c"  # db must be G.sum(axis=0): line 8 broadcast b to (5, 3), which only the next batch noticed
# END SOLUTION

# %% backprop_viz={"item": "ex07.6", "role": "check"}
from backprop_viz.classroom import check

check("ex07.6")

# %% backprop_viz={"item": "ex07.6", "role": "results"}
from backprop_viz.classroom import results

results("ex07.6")

# %% [markdown]
# ## Done
#
# You have taken gradients through a softmax, a mean with gaps, a layer that lies on its side and a broadcast, and
# you have found slips that shapes do not show. Go on with [lecture 08](../lectures/08-modularity.ipynb): layers
# that know nothing of each other but this one array.
