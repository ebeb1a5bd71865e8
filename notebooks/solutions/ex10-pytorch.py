# %% [markdown]
# # Exercises 10: PyTorch's autograd, looked into
#
# *For lecture [10](../lectures/10-pytorch.ipynb), about 35 minutes. PyTorch itself is not needed.*
#
# Each exercise has a cell for you to fill in, and a check below it. Write your answer, run its cell, run the check: ✓
# and you are done; ✗ with a hint. The lines with ✓ that stand here already are what you should see at the end; hide
# them first (*Edit → Clear Outputs of All Cells*). The cell after a check is for your teacher; you need not look.
#
# The programs are PyTorch's, word for word. Here they run on this package, which goes by the same rules; where one
# differs, the text says so.

# %%
import numpy as np

import backprop_viz as torch  # elsewhere it says `import torch`

# %% [markdown]
# ## 1. The Jacobian of a slice
#
# `x` has `n` numbers, and `y = x[start:stop:step]` (none of the three is negative, and `stop` is at most `n`). Return
# the Jacobian $J_{ij} = \partial y_i/\partial x_j$, as an array or as a list of rows. For `n = 4`, `start = 0`,
# `stop = 2`, `step = 1` it is the one of the lecture, `[[1, 0, 0, 0], [0, 1, 0, 0]]`.


# %% backprop_viz={"item": "ex10.1", "role": "solution"}
def slice_jacobian(n, start, stop, step):
    """∂y/∂x for y = x[start:stop:step], where x has n numbers."""
    # BEGIN SOLUTION
    rows = []
    for taken in range(start, stop, step):
        rows.append([1.0 if j == taken else 0.0 for j in range(n)])
    return rows
    # END SOLUTION


# %% backprop_viz={"item": "ex10.1", "role": "check"}
from backprop_viz.classroom import check

check("ex10.1")

# %% backprop_viz={"item": "ex10.1", "role": "results"}
from backprop_viz.classroom import results

results("ex10.1")

# %% [markdown]
# ## 2. Row by row, with a bug
#
# `y.backward(v)` adds $\mathbf v^{\mathsf T}J$ to `x.grad`. So with a 1 in one place of `v`, a backward pass finds one
# row of $J$. The function below wants to build the Jacobian of $\mathbf y = (M\mathbf x)^2$ (each number squared) in
# this way, where `M` is an array of shape (m, n), and `x` one of n numbers. Its first row is right.


# %%
def with_a_bug(M, x):
    """The Jacobian of (M @ x) ** 2, m rows of n numbers; all rows but the first are wrong."""
    x = torch.tensor(x, requires_grad=True)
    y = (torch.tensor(M) @ x) ** 2
    rows = []
    for i in range(len(M)):
        v = torch.zeros(len(M))
        v[i] = 1.0
        y.backward(v, retain_graph=True)
        rows.append(x.grad)
    return rows


print(np.array(with_a_bug(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([3.0, 2.0]))))

# %% [markdown]
# The right table is `[[6, 0], [0, 4]]`: $y_1$ does not depend on $x_0$. (On PyTorch even the first row comes out wrong,
# as `[6, 4]`. There all rows are one tensor, which goes on changing. Here `x.grad` is a NumPy array, without PyTorch's
# methods such as `clone()`.) Write the mended function; it returns the rows in a list, or an array.


# %% backprop_viz={"item": "ex10.2", "role": "solution"}
def jacobian(M, x):
    """The Jacobian of (M @ x) ** 2: m rows of n numbers."""
    # BEGIN SOLUTION
    x = torch.tensor(x, requires_grad=True)
    y = (torch.tensor(M) @ x) ** 2
    rows = []
    for i in range(len(M)):
        v = torch.zeros(len(M))
        v[i] = 1.0
        x.grad = None  # or this row would be added to those before
        y.backward(v, retain_graph=True)
        rows.append(x.grad)
    return rows
    # END SOLUTION


# %% backprop_viz={"item": "ex10.2", "role": "check"}
from backprop_viz.classroom import check

check("ex10.2")

# %% backprop_viz={"item": "ex10.2", "role": "results"}
from backprop_viz.classroom import results

results("ex10.2")

# %% [markdown]
# ## 3. A wire that is cut
#
# ```python
# u = w * x
# d = u.detach()
# e = w + d
# L = e * u
# L.backward()
# ```
#
# The figure has the numbers; `w` requires a gradient, `x` does not. What stands in `w.grad` at the end? No code: follow
# the arrows.

# %% backprop_viz={"item": "ex10.3", "role": "question"}
from backprop_viz.classroom import question

question("ex10.3")

# %% backprop_viz={"item": "ex10.3", "role": "solution"}
gradient_of_w = ...  # ex10.3: what stands in w.grad
# BEGIN SOLUTION
gradient_of_w = 6.75 * 1 + 9 * 3  # through e: u · 1, through u: e · x; nothing through d
# END SOLUTION

# %% backprop_viz={"item": "ex10.3", "role": "check"}
from backprop_viz.classroom import check

check("ex10.3")

# %% backprop_viz={"item": "ex10.3", "role": "results"}
from backprop_viz.classroom import results

results("ex10.3")

# %% [markdown]
# ## 4. What is kept
#
# ```python
# x = torch.tensor([1.0, 2.0])
# w = torch.tensor([3.0, -1.0], requires_grad=True)
# b = torch.tensor([0.5, 0.5], requires_grad=True)
# c = torch.tensor([2.0, 2.0], requires_grad=True)
#
# h = w * x
# h.retain_grad()
# s = h + b
# d = s.detach()
# loss = (s * d).sum()
# loss.backward()
# ```
#
# In which of these eight tensors is `.grad` something else than `None` afterwards, **in PyTorch**? (This package keeps
# more of them, as lecture 10 says; to run the program here does not settle it.) Answer with a list of names, in any
# order, such as `["x", "d"]`.

# %% backprop_viz={"item": "ex10.4", "role": "solution"}
kept = ...  # ex10.4: a list of names
# BEGIN SOLUTION
kept = ["w", "b", "h"]  # two leaves that the loss uses, and one result that was asked for
# END SOLUTION

# %% backprop_viz={"item": "ex10.4", "role": "check"}
from backprop_viz.classroom import check

check("ex10.4")

# %% backprop_viz={"item": "ex10.4", "role": "results"}
from backprop_viz.classroom import results

results("ex10.4")

# %% [markdown]
# ## 5. One memory, two tensors
#
# ```python
# x = torch.tensor([1.0, 2.0, 3.0])
# a = x.detach()
# b = x.detach().clone()
# a[0] = 10.0
# b[1] = 20.0
# a = a + 100.0
# x[2] = 30.0
# ```
#
# Be the machine: what are the numbers of `x`, of `a` and of `b` at the end, and what is `x._version`? (It begins at 0.)
# Answer with a tuple of three lists and a whole number. Had nothing been edited, it would be
# `([1, 2, 3], [1, 2, 3], [1, 2, 3], 0)`. Predict before you run it.

# %% backprop_viz={"item": "ex10.5", "role": "solution"}
after = ...  # ex10.5: a tuple: the numbers of x, of a, of b, and x._version
# BEGIN SOLUTION
# x and the first a share memory and counter; b is a copy; the second a is a new tensor, made before x[2] is edited.
after = ([10, 2, 30], [110, 102, 103], [1, 20, 3], 2)
# END SOLUTION

# %% backprop_viz={"item": "ex10.5", "role": "check"}
from backprop_viz.classroom import check

check("ex10.5")

# %% backprop_viz={"item": "ex10.5", "role": "results"}
from backprop_viz.classroom import results

results("ex10.5")

# %% [markdown]
# ## 6. Four messages, five programs
#
# Four messages of PyTorch:
#
# 1. *grad can be implicitly created only for scalar outputs*
# 2. *element 0 of tensors does not require grad and does not have a grad_fn*
# 3. *a leaf Variable that requires grad is being used in an in-place operation.*
# 4. *one of the variables needed for gradient computation has been modified by an inplace operation:
#    \[torch.FloatTensor \[3\]\], which is output 0 of Sigmoid, is at version 1; expected version 0 instead.*
#
# Each of them comes from one of these five programs. One program runs.
#
# ```python
# w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)   # all five begin like this
# x = torch.tensor([0.5, -1.0, 2.0])
# ```
#
# **a**
# ```python
# w *= 0.5
# (w * x).sum().backward()
# ```
# **b**
# ```python
# h = torch.sigmoid(w * x)
# h += 1
# h.sum().backward()
# ```
# **c**
# ```python
# h = w * x
# h += 1
# h.sum().backward()
# ```
# **d**
# ```python
# loss = (w * x - 1) ** 2
# loss.backward()
# ```
# **e**
# ```python
# error = (w * x - 1).detach()
# loss = (error ** 2).sum()
# loss.backward()
# ```
#
# Answer with a list of four letters, for message 1 to message 4: `["a", "b", "c", "d"]` would say that message 1 comes
# from program a.

# %% backprop_viz={"item": "ex10.6", "role": "solution"}
causes = ...  # ex10.6: a list of four letters, one for each message
# BEGIN SOLUTION
causes = ["d", "e", "a", "b"]  # c runs: the derivatives of w * x need w and x, not the result
# END SOLUTION

# %% backprop_viz={"item": "ex10.6", "role": "check"}
from backprop_viz.classroom import check

check("ex10.6")

# %% backprop_viz={"item": "ex10.6", "role": "results"}
from backprop_viz.classroom import results

results("ex10.6")

# %% [markdown]
# Now run the programs, and see how this package says the same.

# %% [markdown]
# ## Done
#
# You know what `backward(v)` computes, what is kept and what is dropped, who shares memory with whom, and what four
# messages want to tell you. What if there is no message, and the gradient is wrong all the same? Go on with
# [lecture 11](../lectures/11-debugging-gradients.ipynb).
