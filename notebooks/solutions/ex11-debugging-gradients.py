# %% [markdown]
# # Exercises 11: debugging gradients
#
# *For lecture [11](../lectures/11-debugging-gradients.ipynb), about 45 minutes.*
#
# Today you are the one who finds the mistake. First you build the tools, a numeric gradient and a yardstick; then you
# learn when not to believe them; and at the end two backward passes wait that somebody else has written, at half past
# two in the morning.
#
# Write your answer, run its cell, run the check below it: ✓ and you are done; ✗ with a case and a hint. The lines with
# ✓ that stand here already are what you should see at the end; hide them first (*Edit → Clear Outputs of All Cells*).
# The cell after a check is for your teacher.

# %%
import numpy as np

import backprop_viz as bp

# %% [markdown]
# ## 1. Nudge, and measure
#
# The lecture measured the slope of a function of one number. A loss has many. Write the gradient by central
# differences: `f` is a function that takes an array like `x` and gives one number; `x` is an array of floats of any
# shape; `h` is the step. Return an array of the shape of `x`. Each element has a difference of its own, measured while
# all the others stay where they are:
#
# $$
# \frac{f(\ldots, x_i + h, \ldots) - f(\ldots, x_i - h, \ldots)}{2h}
# $$
#
# For example, with `f = lambda x: x[0] * x[1]` and `x = np.array([3.0, 5.0])` the answer is `[5.0, 3.0]`, for any `h`.
# A hint for arrays of any shape: `np.ndindex(x.shape)` gives the place of every element, such as `(1, 2)`, and
# `x[1, 2]` is `x[(1, 2)]`.


# %% backprop_viz={"item": "ex11.1", "role": "solution"}
def numeric_gradient(f, x, h):
    """The gradient of f at x, measured by central differences."""
    # BEGIN SOLUTION
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[place] = h
        gradient[place] = (f(x + nudge) - f(x - nudge)) / (2 * h)
    return gradient
    # END SOLUTION


# %% backprop_viz={"item": "ex11.1", "role": "check"}
from backprop_viz.classroom import check

check("ex11.1")

# %% backprop_viz={"item": "ex11.1", "role": "results"}
from backprop_viz.classroom import results

results("ex11.1")

# %% [markdown]
# ## 2. A fair yardstick
#
# Two arrays of the same shape: what the program claims (`analytic`), and what was measured (`numeric`). Return an array
# of the relative errors, element by element:
#
# $$
# \frac{|\,a - n\,|}{\max(|a|,\, |n|)}, \qquad\text{and } 0 \text{ where } a \text{ and } n \text{ are both } 0.
# $$
#
# For example, `analytic = [2.0, 0.0, 1.0]` and `numeric = [4.0, 0.0, -1.0]` give `[0.5, 0.0, 2.0]`.


# %% backprop_viz={"item": "ex11.2", "role": "solution"}
def relative_errors(analytic, numeric):
    """|a − n| / max(|a|, |n|) for each element, 0 where both are 0."""
    # BEGIN SOLUTION
    distance = np.abs(analytic - numeric)
    larger = np.maximum(np.abs(analytic), np.abs(numeric))
    larger[larger == 0] = 1  # the distance is 0 there, and so is the quotient
    return distance / larger
    # END SOLUTION


# %% backprop_viz={"item": "ex11.2", "role": "check"}
from backprop_viz.classroom import check

check("ex11.2")

# %% backprop_viz={"item": "ex11.2", "role": "results"}
from backprop_viz.classroom import results

results("ex11.2")

# %% [markdown]
# ## 3. A step that is too large
#
# The loss below is $\operatorname{ReLU}(x w + c)$. Somebody measures its slope by a central difference in $w$, with a
# step of $h = 0.5$, and the ReLU's corner is not far. Which number will they get? Pencil and paper: the loss at
# $w + h$, the loss at $w - h$, and so on. Type the number in place of the dots.

# %% backprop_viz={"item": "ex11.3", "role": "question"}
from backprop_viz.classroom import question

question("ex11.3")

# %% backprop_viz={"item": "ex11.3", "role": "solution"}
measured_slope = ...  # ex11.3: the central difference by w with h = 0.5
# BEGIN SOLUTION
measured_slope = (2.75 - 0) / 1.0  # w + h = -0.5: ReLU(2.75); w − h = -1.5: ReLU(-1.25); and 2h = 1
# END SOLUTION

# %% backprop_viz={"item": "ex11.3", "role": "check"}
from backprop_viz.classroom import check

check("ex11.3")

# %% backprop_viz={"item": "ex11.3", "role": "results"}
from backprop_viz.classroom import results

results("ex11.3")

# %% [markdown]
# Backpropagation answers $x$ here, and it is right: $z$ is above 0. A comparison of the two would accuse an innocent
# program.

# %% [markdown]
# ## 4. A report to read
#
# Each score $z$ is to be multiplied by a weight that is the score itself, and negative ones are to be left out. Here is
# the code, and what the checker says about it. (We print its findings line by line.)

# %%
X = np.array([[1.0, 2.0], [3.0, -1.0], [-0.5, 4.0], [2.0, 4.0]])


def cost(w):
    z = X @ w
    weight = z.detach()
    return (weight * bp.relu(z)).sum()


report = bp.gradcheck(cost, bp.parameter([0.5, -0.25]), raise_exception=False)
for finding in report.faults + report.kinks:
    print(f"{finding.kind}: {finding.text}")
    for entry in finding.entries:
        error = f"relative error {entry.relative_error:.2f}"
        print(f"    analytic {entry.analytic:6.2f}   numeric {entry.numeric:6.2f}   {error}")

# %% [markdown]
# What should be done?
#
# - **a**: Mend the derivative of `relu`. Its relative error is 1, twice the other's.
# - **b**: Use `z` as the weight, without `.detach()`; or leave it, if the weight was meant to count as a constant.
# - **c**: Clear the gradients before the pass. A factor of two comes from a pass that was run twice.
# - **d**: Check again with a smaller step. An `h` of a millionth is too coarse for a product.
#
# Type the letter in quotes, in place of the dots.

# %% backprop_viz={"item": "ex11.4", "role": "solution"}
reading = ...  # ex11.4: the letter of the right answer, in quotes
# BEGIN SOLUTION
reading = "b"  # every edge is right, and the function moves more than its graph: half of the product is not in it
# END SOLUTION

# %% backprop_viz={"item": "ex11.4", "role": "check"}
from backprop_viz.classroom import check

check("ex11.4")

# %% backprop_viz={"item": "ex11.4", "role": "results"}
from backprop_viz.classroom import results

results("ex11.4")

# %% [markdown]
# ## 5. The first patient
#
# A small graph, and a backward pass that somebody wrote for it by hand. `dv` is short for
# $\partial\mathcal L/\partial v$, and so on. Each line looks sensible. The checker disagrees.


# %%
def bad_pass(x, w, b):
    """∂ℒ/∂v, ∂ℒ/∂u, … of ℒ = u · v."""
    a = w * x
    u = a * b
    v = a + u
    # and back
    dv = u
    du = v
    da = du * b
    db = du * a
    du = du + dv
    da = da + dv
    dw = da * x
    return {"v": dv, "u": du, "a": da, "b": db, "w": dw}


x, w, b = bp.tensor(2.0, name="x"), bp.parameter(0.5, name="w"), bp.parameter(3.0, name="b")
a = w * x
u = a * b
v = a + u
L = u * v
for node, name in (a, "a"), (u, "u"), (v, "v"), (L, "L"):
    node.name = name

print(bp.gradcheck(L, gradients=bad_pass(2.0, 0.5, 3.0), raise_exception=False).faults[0].text)
bp.draw(L, phase="forward")

# %% [markdown]
# Find the bug and write the mended pass, under its new name. It takes and returns what `bad_pass` does: three numbers,
# and a dict of five gradients with the keys `"v"`, `"u"`, `"a"`, `"b"`, `"w"`.


# %% backprop_viz={"item": "ex11.5", "role": "solution"}
def mended_pass(x, w, b):
    """∂ℒ/∂v, ∂ℒ/∂u, … of ℒ = u · v."""
    # BEGIN SOLUTION
    a = w * x
    u = a * b
    v = a + u
    # and back
    dv = u
    du = v + dv  # both messages, before u sends
    da = dv + du * b
    db = du * a
    dw = da * x
    return {"v": dv, "u": du, "a": da, "b": db, "w": dw}
    # END SOLUTION


# %% backprop_viz={"item": "ex11.5", "role": "check"}
from backprop_viz.classroom import check

check("ex11.5")

# %% backprop_viz={"item": "ex11.5", "role": "results"}
from backprop_viz.classroom import results

results("ex11.5")

# %% [markdown]
# If the check fails, `check("ex11.5").show()` in a cell of your own opens the player on that case, at the first arrow
# into a node for which you have another number. It works for the next exercise as well.

# %% [markdown]
# ## 6. The second patient
#
# A layer of ReLUs, $H = \operatorname{ReLU}(XW + b)$, for a batch: `X` has a row for each example, `W` has the shape
# (inputs, outputs), `b` one number for each output. `G` is $\partial\mathcal L/\partial H$, as it comes from above. The
# backward pass returns the gradients of `X`, `W` and `b`, as a tuple in this order. Two of its lines are wrong, and
# with this square `W` nothing crashes.


# %%
def bad_layer(X, W, b, G):
    """∂ℒ/∂X, ∂ℒ/∂W, ∂ℒ/∂b of a ReLU layer, from G = ∂ℒ/∂H."""
    Z = X @ W + b
    H = np.maximum(Z, 0)
    dZ = G * (H >= 0)
    dW = dZ.T @ X
    dX = dZ @ W.T
    db = dZ.sum(axis=0)
    return dX, dW, db


X = np.array([[1.0, -2.0], [0.5, 1.0], [-1.0, 0.25]])
W, b = np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([0.0, 1.5])
for gradient in bad_layer(X, W, b, np.ones((3, 2))):
    print(gradient.shape)

# %% [markdown]
# Write the mended pass under its new name. `W` will not always be square. For the first row of `X` above, the first
# output is exactly at the corner ($z = 0$): the slope of a ReLU counts as 0 there.


# %% backprop_viz={"item": "ex11.6", "role": "solution"}
def mended_layer(X, W, b, G):
    """∂ℒ/∂X, ∂ℒ/∂W, ∂ℒ/∂b of a ReLU layer, from G = ∂ℒ/∂H."""
    # BEGIN SOLUTION
    Z = X @ W + b
    dZ = G * (Z > 0)  # H >= 0 is true everywhere
    dW = X.T @ dZ  # of the shape of W
    dX = dZ @ W.T
    db = dZ.sum(axis=0)
    return dX, dW, db
    # END SOLUTION


# %% backprop_viz={"item": "ex11.6", "role": "check"}
from backprop_viz.classroom import check

check("ex11.6")

# %% backprop_viz={"item": "ex11.6", "role": "results"}
from backprop_viz.classroom import results

results("ex11.6")

# %% [markdown]
# ## Done
#
# You can measure a gradient, judge it with the right yardstick, see when the measurement is at fault, and find a bug by
# the traces it leaves. In [lecture 12](../lectures/12-training-watched.ipynb) all gradients are right, and yet some
# networks will not learn.
