# %% [markdown]
# # Exercises 06: one neuron
#
# *For lecture [06](../lectures/06-one-neuron.ipynb), about 40 minutes.*
#
# Each exercise has a cell for you to fill in, and a check below it. Write your answer, run its cell, run the check. The
# check says one line: ✓ and you are done; ✗ with a case that you can follow on paper, and a hint. The lines with ✓ that
# stand here already are what you should see at the end; hide them first (*Edit → Clear Outputs of All Cells*). The cell
# after a check is for your teacher; you need not look.
#
# The neuron is that of the lecture:
#
# $$
# u = w_0 + w_1 x, \qquad \hat y = \sigma(u) = \frac{1}{1 + e^{-u}}, \qquad
# \mathcal L = -\,y\log\hat y - (1 - y)\log(1 - \hat y).
# $$
#
# The code calls $\hat y$ `yhat`. Use `math` or NumPy as you like.

# %% [markdown]
# ## 1. Forward, with another person each time
#
# The lecture had one person who passed. Write the neuron for anybody: from the numbers `x`, `y`, `w0`, `w1` return the
# tuple of $u$, $\hat y$ and $\mathcal L$, in this order. `y` is 0.0 or 1.0, and $u$ is moderate, between −6 and 6:
# nothing needs to be protected from rounding yet.


# %% backprop_viz={"item": "ex06.1", "role": "solution"}
import math


def neuron(x, y, w0, w1):
    """u, ŷ and the loss."""
    # BEGIN SOLUTION
    u = w0 + w1 * x
    yhat = 1 / (1 + math.exp(-u))
    L = -y * math.log(yhat) - (1 - y) * math.log(1 - yhat)
    return u, yhat, L
    # END SOLUTION


# %% backprop_viz={"item": "ex06.1", "role": "check"}
from backprop_viz.classroom import check

check("ex06.1")

# %% backprop_viz={"item": "ex06.1", "role": "results"}
from backprop_viz.classroom import results

results("ex06.1")

# %% [markdown]
# ## 2. Backward, and the weights are not even needed
#
# The forward pass is over, and the neuron has said `yhat`. Return the four backpropagated gradients as a tuple, in
# the order in which they are found:
#
# $$
# \frac{\partial\mathcal L}{\partial\hat y},\qquad \frac{\partial\mathcal L}{\partial u},\qquad
# \frac{\partial\mathcal L}{\partial w_0},\qquad \frac{\partial\mathcal L}{\partial w_1}.
# $$
#
# You are given `x`, `y` (0.0 or 1.0) and `yhat` (between 0 and 1), and neither $w_0$ nor $w_1$. Is that not strange?


# %% backprop_viz={"item": "ex06.2", "role": "solution"}
def neuron_backward(x, y, yhat):
    """∂ℒ/∂ŷ, ∂ℒ/∂u, ∂ℒ/∂w0, ∂ℒ/∂w1."""
    # BEGIN SOLUTION
    at_yhat = (yhat - y) / (yhat * (1 - yhat))
    at_u = at_yhat * yhat * (1 - yhat)  # ŷ − y
    return at_yhat, at_u, at_u * 1, at_u * x
    # END SOLUTION


# %% backprop_viz={"item": "ex06.2", "role": "check"}
from backprop_viz.classroom import check

check("ex06.2")

# %% backprop_viz={"item": "ex06.2", "role": "results"}
from backprop_viz.classroom import results

results("ex06.2")

# %% [markdown]
# If the check fails, `check("ex06.2").show()` in a cell of your own opens the player on that case, at the first arrow
# that brings another number than yours. (The neuron in it has weights that make it say just this `yhat`.) It works for
# exercise 4 too.
#
# What the weights had to say is in `yhat` already: for the way back the forward pass has left all that is needed.

# %% [markdown]
# ## 3. Two people, one weight
#
# The same neuron looks at two people. The first has passed, the second has not, and the loss is the **sum** of the two
# losses. Which red number will stand under $w_1$? Pencil, paper and one small calculation; three digits are enough.
# Type the number in place of the dots. (The 1 of $w_1$ is not a person; those of $x_1$ and $u_1$ are.)

# %% backprop_viz={"item": "ex06.3", "role": "question"}
from backprop_viz.classroom import question

question("ex06.3")

# %% backprop_viz={"item": "ex06.3", "role": "solution"}
gradient_of_w1 = ...  # ex06.3: the red number that belongs under w1
# BEGIN SOLUTION
gradient_of_w1 = (0.5622 - 1) * 0.5 + (0.9047 - 0) * 2.5  # for each person the error ŷ − y, times x
# END SOLUTION

# %% backprop_viz={"item": "ex06.3", "role": "check"}
from backprop_viz.classroom import check

check("ex06.3")

# %% backprop_viz={"item": "ex06.3", "role": "results"}
from backprop_viz.classroom import results

results("ex06.3")

# %% [markdown]
# ## 4. Where $\hat y - y$ holds, and where it does not
#
# Five networks end in five ways. Return $\partial\mathcal L/\partial u$ for each, from `yhat` and `y`.
#
# | `activation` | `loss` | $\hat y$ | $\mathcal L$ |
# |:--|:--|:--|:--|
# | `"sigmoid"` | `"cross-entropy"` | $\sigma(u)$ | $-\,y\log\hat y - (1 - y)\log(1 - \hat y)$ |
# | `"sigmoid"` | `"squared"` | $\sigma(u)$ | $(\hat y - y)^2$ |
# | `"sigmoid"` | `"half"` | $\sigma(u)$ | $\frac12(\hat y - y)^2$ |
# | `"none"` | `"squared"` | $u$ | $(\hat y - y)^2$ |
# | `"none"` | `"half"` | $u$ | $\frac12(\hat y - y)^2$ |
#
# Guess before you calculate: in how many of the five is it simply $\hat y - y$?


# %% backprop_viz={"item": "ex06.4", "role": "solution"}
def gradient_at_u(activation, loss, yhat, y):
    """∂ℒ/∂u of a network that ends in this way."""
    # BEGIN SOLUTION
    if loss == "cross-entropy":
        return yhat - y
    at_yhat = 2 * (yhat - y) if loss == "squared" else yhat - y
    return at_yhat * yhat * (1 - yhat) if activation == "sigmoid" else at_yhat
    # END SOLUTION


# %% backprop_viz={"item": "ex06.4", "role": "check"}
from backprop_viz.classroom import check

check("ex06.4")

# %% backprop_viz={"item": "ex06.4", "role": "results"}
from backprop_viz.classroom import results

results("ex06.4")

# %% [markdown]
# ## 5. Mend it: right on paper, wrong in the computer
#
# This function is what one writes first. `u` and `y` are arrays of the same length, one logit and one target for each
# of the examples, and it returns two things: the **mean** of their losses (one number), and the gradient of this mean
# by each logit (an array as long as `u`). Not one formula in it is wrong.


# %%
import numpy as np


def fragile_bce(u, y):
    yhat = 1 / (1 + np.exp(-u))
    losses = -y * np.log(yhat) - (1 - y) * np.log(1 - yhat)
    slope = yhat * (1 - yhat)
    at_u = (yhat - y) / slope * slope
    return losses.mean(), at_u / len(u)


def show(name, u, y):
    with np.errstate(all="ignore"):
        loss, gradient = fragile_bce(np.array(u), np.array(y))
    print(f"{name}: loss {loss:.4f}, gradient {gradient.round(4)}")


show("moderate", [2.0, -1.0], [1.0, 1.0])
show("40 and 800", [40.0, 800.0], [0.0, 1.0])

# %% [markdown]
# For the logits 40 and 800 the losses are 40 and 0, and the mean should be 20. Write the mended function under the name
# `bce_with_logits`: the same arguments, the same two results, right for all logits from −1000 to 1000. (Warnings
# of NumPy about an overflow that does no harm do not count.)


# %% backprop_viz={"item": "ex06.5", "role": "solution"}
import numpy as np


def bce_with_logits(u, y):
    """The mean of the losses, and its gradient by each logit."""
    # BEGIN SOLUTION
    losses = np.logaddexp(0, u) - u * y  # log(1 + eᵘ) − u·y
    yhat = np.exp(-np.logaddexp(0, -u))  # σ(u) without an exponential that grows
    return losses.mean(), (yhat - y) / len(u)
    # END SOLUTION


# %% backprop_viz={"item": "ex06.5", "role": "check"}
from backprop_viz.classroom import check

check("ex06.5")

# %% backprop_viz={"item": "ex06.5", "role": "results"}
from backprop_viz.classroom import results

results("ex06.5")

# %% [markdown]
# ## 6. An error to be read
#
# Somebody works in plain Python, where such numbers are not passed over in silence:
#
# ```python
# def bce(u, y):
#     yhat = 1 / (1 + math.exp(-u))
#     return -y * math.log(yhat) - (1 - y) * math.log(1 - yhat)
#
# bce(40.0, 1.0)
# ```
#
# ```text
# ----> 3     return -y * math.log(yhat) - (1 - y) * math.log(1 - yhat)
# ValueError: math domain error
# ```
#
# The neuron is sure, and it is *right*: on paper the loss is about $4\cdot10^{-18}$. (Newer Pythons say "expected a
# positive input" instead.) What has happened?
#
# - **a** `math.exp(-40.0)` is too small for a float, becomes 0, and spoils the division.
# - **b** `yhat` has been rounded to exactly 1. So the second logarithm is that of 0, and Python computes it, although
#   its factor is 0.
# - **c** `yhat` has been rounded to a little more than 1. So the second logarithm is that of a negative number.
# - **d** The target is exactly 1, and cross-entropy is only defined for targets between 0 and 1.
#
# Answer with one letter, as text: `"a"`, `"b"`, `"c"` or `"d"`. You may ask Python for the parts first.

# %% backprop_viz={"item": "ex06.6", "role": "solution"}
cause = ...  # ex06.6: the letter of the true explanation, in quotes
# BEGIN SOLUTION
cause = "b"  # 1 + e⁻⁴⁰ is rounded to 1, and 1 − 1 is 0; that its logarithm is multiplied by 0 comes too late
# END SOLUTION

# %% backprop_viz={"item": "ex06.6", "role": "check"}
from backprop_viz.classroom import check

check("ex06.6")

# %% backprop_viz={"item": "ex06.6", "role": "results"}
from backprop_viz.classroom import results

results("ex06.6")

# %% [markdown]
# ## Done
#
# You know every number of this neuron in both directions, you know for which losses the error $\hat y - y$ is what
# comes back, and your own loss can stand logits that would break the formula as it is printed. Go on with
# [lecture 07](../lectures/07-mlp-equations.ipynb): the same with whole layers.
