# %% [markdown]
# # PyTorch's autograd, looked into
#
# *Lecture 10, about 25 minutes. You need [lecture 05](05-the-algorithm.ipynb) and the three lines of
# [lecture 07](07-mlp-equations.ipynb). PyTorch itself is welcome, and not needed.*
#
# PyTorch is the same algorithm with an engine of great speed around it, and you will read it as fluently as these
# notes: the names are the same. What costs people evenings is not the chain rule. It is the handful of rules about
# *what is recorded, what is kept, and who shares memory with whom*. One of them, broken, gives an error message that
# is hard to read. Another, broken, gives a wrong gradient and no message at all.
#
# When you have finished, you can
#
# - say what `y.backward(v)` computes when $\mathbf y$ is a vector, and why that is exactly what a node needs;
# - build a Jacobian row by row, and say what `retain_graph` is for;
# - predict `requires_grad` and `grad` of any tensor, with `no_grad` and `detach` about;
# - say what the version check notices, and which edit it does not notice;
# - read four of PyTorch's error messages, and mend what they complain of.

# %% [markdown] tags=["seed:pytorch"]
# ## One program, two engines
#
# An **autograd** engine builds the graph *while your code runs*: each operation leaves a note of what it was and of
# what it was applied to. There is no compiler and no special language, so loops and conditions need no
# support: they decide what runs, and what runs is recorded. This is how the package behind these lectures works, and
# how PyTorch does. The names and the rules were taken over, so that a program written for one is a program for the
# other, but for the line that imports it: `import torch` there, `import backprop_viz as torch` here. In this lecture
# each program is therefore written once, as a function of the engine, and run on both.

# %%
import textwrap
import warnings
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

import backprop_viz as bp

pytorch = None
try:
    import torch as pytorch  # the real one
except (ImportError, OSError) as error:  # OSError: it is here, but a library that it needs is not
    absent = isinstance(error, ModuleNotFoundError) and error.name == "torch"
    missing, reason = f"torch {'is not installed' if absent else 'does not load'}", str(error)

# %% tags=["nbval-ignore-output"]
if pytorch:
    pytorch.set_warn_always(True)  # each time, and not only the first
    print("PyTorch", pytorch.__version__, "is here: everything below is run on both engines.")
else:
    print(f"{missing} ({reason}). Everything runs on the package alone; each cell says what it leaves out.")

# %% [markdown]
# (To get it: `pip install torch`, then restart the kernel. You miss nothing of the matter without it: what PyTorch
# answers is said in the text, too.)
#
# Two small helpers. `compare` shows what a program gives on both engines, side by side, and stops if they disagree.
# `refused` does the same with a program that ends in an error. Skip them if you like.


# %%
def compare(program, *names, differ=()):
    """What a program gives on the package, shown beside what PyTorch gives; those in `differ`, no others, differ."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results = [program(engine) for engine in (bp, pytorch) if engine]
    columns = [[result] if len(names) == 1 else result for result in results]
    line = f"{{:{max(map(len, names)) + 3}}}{{:30}}{{}}".format
    print(line("", "backprop_viz", "torch" if pytorch else f"{missing}: this column is left out"))
    for name, *row in zip(names, *columns, strict=True):
        row = [plain(result) for result in row]
        said = [np.array2string(each, precision=3).strip("'") for each in row]
        print(line(name, said[0], "".join(said[1:])).rstrip())
        assert len(row) == 1 or agree(*row) != (name in differ), f"{name}: not as this lecture has it"
    for warning in caught:
        print(textwrap.fill("torch warns: " + str(warning.message).partition(". ")[0] + ".", 78))
    return results[0]


def plain(value):
    """A result as a NumPy array, whichever engine it comes from."""
    return np.asarray(value.tolist() if hasattr(value, "tolist") else value)


def agree(a, b):
    """Whether two results agree: numbers to the precision of PyTorch's usual floats, anything else exactly."""
    numbers = all(x.dtype.kind in "bif" for x in (a, b))
    return a.shape == b.shape and (np.allclose(a, b, rtol=1e-5) if numbers else np.array_equal(a, b))


def refused(program, words, here=True):
    """Show how the engines refuse a program, PyTorch in these words among others; `here`: whether the package does."""
    mine = complaint(program, bp)
    assert bool(mine) == here
    print(textwrap.fill(f"backprop_viz: {mine or 'runs'}", 78))
    if pytorch:
        theirs = complaint(program, pytorch)
        assert words in theirs
        print(textwrap.fill(f"torch: {theirs}", 78))
    else:
        print(f"{missing}: what it says is left out")


def complaint(program, engine):
    """The text of the error that a program ends in on this engine, empty if it runs."""
    try:
        program(engine)
    except RuntimeError as error:
        return str(error)
    return ""


# %% [markdown] tags=["seed:scalars", "seed:square"]
# ## 1. Backward from a scalar
#
# Let
#
# $$
# y = \mathbf x^{\mathsf T}\mathbf x = \sum_i x_i^2 .
# $$
#
# **Predict.** $\mathbf x = (0, 1, 2, 3)$. What is $y$, and what will stand in `x.grad` after `y.backward()`?


# %% tags=["seed:scalar-cell", "nbval-ignore-output"]
def scalar(torch):
    x = torch.arange(4, dtype=torch.float, requires_grad=True)
    y = x.T @ x

    y.backward()
    return x, y, x.grad, (x.grad == 2 * x).all()


x, y, gradient, equal = compare(scalar, "x", "y", "x.grad", "(x.grad == 2*x).all()")

# %%
assert y.data == np.sum(x.data**2) == 14
assert list(gradient) == [0, 2, 4, 6]
assert equal

# %% [markdown]
# The lines in the function are those of the text these lectures grew from, to the letter; it ends with the comparison
# that you see in the last row. (Ask PyTorch for it in a cell of its own and it prints `tensor(True)`.) PyTorch gives
# the same numbers and adds a warning; we come to that. First look at what was recorded. The player waits where the
# way back begins.
#
# **Predict.** How many messages will arrive at $\mathbf x$, and which?

# %%
bp.play(bp.trace(y), step=3)

# %% [markdown]
# Step to the end, or look at all of it at once:

# %%
bp.draw(y)

# %% [markdown]
# Two things to see. First, **there are two ways from $y$ to $\mathbf x$**, and along each a message
# $1\cdot\mathbf x$ arrives. Their sum is $2\mathbf x$. An engine that counted each *tensor* once, and not each *use* of
# it, would say $\mathbf x$. (For the same reason the derivative of $x\cdot x$ is not $x$.)
#
# Second, the `.T` is a node that does nothing. To transpose is to reverse the order of the axes, and $\mathbf x$ has
# one axis only: there are no rows and columns to swap. PyTorch has come to regard this as a mistake, and that is what
# the warning is about: `x.T` on a tensor of other than two dimensions is **deprecated** and is going to be an error.
# In the text's cell it does no harm, and the numbers are right. Write `x @ x`, and nobody has to wonder.


# %% tags=["nbval-ignore-output"]
def square(torch):
    x = torch.arange(4, dtype=torch.float, requires_grad=True)
    y = x @ x
    y.backward()
    return y, x.grad


y, gradient = compare(square, "y", "x.grad")
assert y.data == 14
assert list(gradient) == [0, 2, 4, 6]

# %% [markdown]
# ### What is kept, and where
#
# **Predict.** Between $\mathbf x$ and the end lies $\mathbf h = 3\mathbf x$. After `backward()`, what does `h.grad`
# hold: in this package, and in PyTorch?


# %% tags=["nbval-ignore-output"]
def in_between(torch, retain):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    h = 3 * x
    if retain:
        h.retain_grad()
    (h * h).sum().backward()
    return h.grad, x.grad


h_grad, x_grad = compare(partial(in_between, retain=False), "h.grad", "x.grad", differ=["h.grad"])
assert list(h_grad) == [6, 12]  # of 3x, squared: 2h
assert list(x_grad) == [18, 36]

# %% [markdown]
# The gradient of $\mathbf h$ *was* computed, in both; without it nothing could have reached $\mathbf x$. But PyTorch
# drops it as soon as it has been passed on. Only **leaves**, tensors that you made and did not compute, keep theirs.
# In the others `.grad` is `None`, and looking at it earns you a warning. That saves much memory in a large network,
# and confuses everybody once. This package keeps all of them, since to look at them is what it is for. (Lecture 05's
# algorithm keeps them too.) In PyTorch the remedy is to ask beforehand, `h.retain_grad()`:

# %% tags=["nbval-ignore-output"]
h_grad, x_grad = compare(partial(in_between, retain=True), "h.grad", "x.grad")
assert list(h_grad) == [6, 12]

# %% [markdown]
# And leaves *accumulate*: a second `backward()` adds to what they hold. Here and in PyTorch, set `x.grad = None`
# (an optimizer's `zero_grad()`) when you want to start anew.

# %% [markdown] tags=["seed:vectors", "seed:vector-jacobian"]
# ## 2. Backward from a vector
#
# Now let $\mathbf y = g(\mathbf x)$ be a vector. Its derivative is a table, the Jacobian
# $\textcolor{#2F6BFF}{J_{ij} = \partial y_i/\partial x_j}$, and a table does not fit into `x.grad`, which has the
# shape of $\mathbf x$. So PyTorch asks for a vector $\mathbf v$, shaped like $\mathbf y$, and `y.backward(v)` puts
# into `x.grad`
#
# $$
# \bigl(\mathbf v^{\mathsf T} J\bigr)_j
# = \sum_i \textcolor{#E62020}{v_i}\,\textcolor{#2F6BFF}{\frac{\partial y_i}{\partial x_j}} .
# $$
#
# **Predict.** $\mathbf y$ is the first two of four numbers, `y = x[:2]`. Write down $J$, two rows and four columns.
# With $\mathbf v = (3, -1)$, what will stand in `x.grad`?


# %% tags=["nbval-ignore-output"]
def of_a_slice(torch):
    x = torch.tensor([5.0, 6.0, 7.0, 8.0], requires_grad=True)
    y = x[:2]
    y.backward(torch.tensor([3.0, -1.0]))
    return x.grad


assert list(compare(of_a_slice, "x.grad")) == [3, -1, 0, 0]

# %% [markdown]
# And for any other $\mathbf v$? Here is the cell of the text. Its numbers are drawn at random, others in each engine
# and each time; the Jacobian and the formula hold for all of them.


# %% tags=["seed:vector-cell", "nbval-ignore-output"]
def vector(torch):
    x = torch.rand(size=(4,), dtype=torch.float, requires_grad=True)
    v = torch.rand(size=(2,), dtype=torch.float)
    y = x[:2]

    # Computing the Jacobian by hand
    J = torch.tensor([[1, 0, 0, 0], [0, 1, 0, 0]], dtype=torch.float)

    # Confirming the above formula
    y.backward(v)
    return J[0], J[1], (x.grad == v @ J).all()


*_, equal = compare(vector, "J, first row", "J, second row", "(x.grad == v @ J).all()")
assert equal

# %% [markdown]
# The gradient of "take a part" is "put back in place, zeros elsewhere". In a picture, with the given $\mathbf v$ where
# otherwise the 1 of the loss stands ($G$ is what arrives, here $\mathbf v$; to scatter it is to put its numbers back in
# the places `:2`):

# %%
x = bp.parameter([5.0, 6.0, 7.0, 8.0])
y = x[:2]
bp.draw(bp.trace(y, [3.0, -1.0]))

# %% [markdown]
# ### Why this and not the Jacobian?
#
# Because it is the one thing that a node of a graph ever has to do. Suppose that $\mathbf y$ is not the end, but is
# used by a loss: then $\textcolor{#E62020}{v_i = \partial\mathcal L/\partial y_i}$ are the red numbers that have
# arrived at $\mathbf y$, the blue ones are local, and the sum is the chain rule. `y.backward(v)` continues a backward
# pass that somebody else has begun:

# %% tags=["nbval-ignore-output"]
M = [[1.0, 0.5, 0.0, -1.0], [0.0, 1.0, -0.5, 0.5], [-1.0, 0.0, 0.5, 0.0]]
START = [0.5, -1.0, 1.0, 2.0]


def whole(torch):
    x = torch.tensor(START, requires_grad=True)
    y = torch.tanh(torch.tensor(M) @ x)
    loss = (y * y).sum()
    loss.backward()
    return x.grad


def continued(torch):
    x = torch.tensor(START, requires_grad=True)
    y = torch.tanh(torch.tensor(M) @ x)
    v = 2 * y.detach()  # ∂ℒ/∂y, worked out on paper; section 4 says what detach does
    y.backward(v)
    return x.grad


def both_ways(torch):
    return whole(torch), continued(torch)


assert np.allclose(*compare(both_ways, "x.grad, one pass", "x.grad, continued"))

# %% [markdown]
# [Lecture 08](08-modularity.ipynb) makes a building principle of this. And a scalar needs no $\mathbf v$ because its
# is understood: $\partial\mathcal L/\partial\mathcal L = 1$.
#
# ### The Jacobian after all, row by row
#
# If you do want the table: with $\mathbf v = (0, 1, 0)$ the product $\mathbf v^{\mathsf T}J$ is the row of $J$ that
# belongs to the 1. So one backward pass for each row.


# %% tags=["nbval-ignore-output"]
def row_by_row(torch):
    x = torch.tensor(START, requires_grad=True)
    y = torch.tanh(torch.tensor(M) @ x)
    rows = []
    for i in range(3):
        v = torch.zeros(3)
        v[i] = 1.0
        x.grad = None  # or the rows would add up
        y.backward(v, retain_graph=True)
        rows.append(x.grad)
    return rows


J = np.array(compare(row_by_row, "row 0 of J", "row 1 of J", "row 2 of J"))
assert np.allclose(J, bp.jacobian(lambda x: bp.tanh(bp.tensor(M) @ x), START))
assert np.allclose(np.array([2.0, 0.0, -1.0]) @ J, 2 * J[0] - J[2])

# %% [markdown]
# `retain_graph=True` deserves a word. **Predict** what happens without it, in PyTorch:


# %% tags=["nbval-ignore-output"]
def twice(torch):
    x = torch.tensor(START, requires_grad=True)
    y = torch.tanh(x).sum()
    y.backward()
    y.backward()


refused(twice, "backward through the graph a second time", here=False)

# %% [markdown]
# The blue numbers are computed from stored forward values, and PyTorch throws these away during the pass that uses
# them. A second pass over the same graph then stops with *Trying to backward through the graph a second time*, unless
# the first was told to retain. If you meet this message in a training loop, do not add `retain_graph`: look for a
# tensor that was computed *before* the loop and should be computed in it. (The package keeps the graph as long as you
# hold the result, and takes the argument only for politeness.)

# %%
v = np.array([1.0, -2.0, 0.5])
panels = {"v": v[:, None], "J": J, "product": (v @ J)[None, :]}

fig, axes = plt.subplots(
    2, 2, figsize=(6.5, 4.2), layout="constrained", gridspec_kw={"width_ratios": [1, 4], "height_ratios": [3, 1]}
)
axes[1, 0].axis("off")
for ax, numbers in zip([axes[0, 0], axes[0, 1], axes[1, 1]], panels.values(), strict=True):
    ax.imshow(numbers, cmap="PuOr_r", vmin=-2, vmax=2, aspect="auto")
    for (i, j), number in np.ndenumerate(numbers):
        colour = "white" if abs(number) > 1.2 else "black"
        ax.text(j, i, f"{number + 0.0:.2f}".replace("-", "−"), ha="center", va="center", color=colour)
    ax.set(xticks=[], yticks=[])
axes[0, 0].set_title(r"$\mathbf{v}$: what arrives at $\mathbf{y}$", color="#D40000", fontsize=10)
axes[0, 1].set_title(r"$J$: local, one row for each $y_i$", color="#0000FF", fontsize=10)
axes[1, 1].set_title(r"$\mathbf{v}^{\mathsf{T}} J$: what is sent to $\mathbf{x}$", color="#D40000", fontsize=10)
plt.show()

# %% [markdown]
# Check one cell of the last row with a pencil: its column of $J$, times $\mathbf v$ at the left, added up. The engine
# gets the last row without ever having the table in the middle (lecture 07 says how).

# %% [markdown] tags=["seed:disabling"]
# ## 3. Not recording: `no_grad`
#
# Recording costs memory: all values that the way back may need are kept alive. That is the bargain of lecture
# [09](09-cost.ipynb), and PyTorch makes it too: time and memory in proportion to $V + E$, for all gradients at once.
# Where there is no way back, as when you measure accuracy or use a trained network, switch it off.
#
# **Predict** the four answers.


# %% tags=["seed:no-grad", "nbval-ignore-output"]
def not_recorded(torch):
    w = torch.tensor([1.0, 2.0], requires_grad=True)

    with torch.no_grad():
        y = 2 * w
        z = torch.ones(2, requires_grad=True)

    return w.requires_grad, y.requires_grad, y.is_leaf, z.requires_grad


answers = compare(not_recorded, "w.requires_grad", "y.requires_grad", "y.is_leaf", "z.requires_grad")
assert answers == (True, False, True, True)

# %% [markdown]
# - `w` is what it was; nobody touched it.
# - `y` was **computed** inside: `requires_grad` is `False` although it was computed from `w`. It has no history, hence
#   it counts as a leaf. You cannot go back from it, and there is nothing to draw:

# %%
with bp.no_grad():
    y = 2 * bp.parameter([1.0, 2.0])
assert bp.graph(y).compute == []

# %% [markdown]
# - `z` is the surprise. The text says that in this mode every result has `requires_grad=False`. Every *computed* one,
#   yes. But `torch.ones` computes nothing from anything, it **makes** a tensor, and if you ask it for a leaf that
#   requires a gradient you get one, inside as well as outside.
#
# The same mode serves as a decorator, for functions that only measure. And inside it a parameter may be edited in
# place, which is how a step of gradient descent is written by hand:


# %% tags=["nbval-ignore-output"]
def by_hand(torch):
    @torch.no_grad()
    def error(w):
        return abs(w - 3.0).sum()

    w = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = ((w - 3.0) ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.25 * w.grad
    return w, error(w).requires_grad, w.requires_grad


stepped, *flags = compare(by_hand, "w", "error(w).requires_grad", "w.requires_grad")
assert list(stepped.data) == [2.0, 2.5]
assert flags == [False, True]

# %% [markdown]
# One confusion is worth a sentence. A network's `eval()` is something else: it tells dropout and batch normalization to
# behave as in use, and **recording goes on**. To evaluate you want both.

# %% [markdown]
# ## 4. Cutting one wire: `detach`
#
# `no_grad` switches off a region of your program. `y.detach()` cuts a single wire of the graph: it gives a tensor
# with the same numbers and no past. The forward pass does not notice. The backward pass ends there.
#
# **Predict.** $w = 3$, $y = w^2$, $\mathcal L = y\cdot y$, so that $\mathcal L = w^4$ and
# $\partial\mathcal L/\partial w = 4 w^3 = 108$. Now let one of the two factors be detached:
# $\mathcal L = y\cdot d$ with `d = y.detach()`. What is $\mathcal L$? What is `w.grad`?


# %% tags=["seed:detach", "nbval-ignore-output"]
def cut(torch):
    w = torch.tensor(3.0, requires_grad=True)
    y = w**2
    d = y.detach()
    L = y * d
    L.backward()
    return L, w.grad, d.requires_grad, d.is_leaf


L, gradient, *flags = compare(cut, "L", "w.grad", "d.requires_grad", "d.is_leaf")
assert (L.data, gradient) == (81, 54)
assert flags == [False, True]

# %% [markdown]
# Half: of the two ways back to $y$ one is closed. To see the cut as a cut, here is an op that does the same without
# hiding it. Forward it hands its argument through; backward it claims that its local gradient is 0. (How an op is
# written is told in lecture 08.)


# %% tags=["thumbnail"]
@bp.op(x="0 * x", symbol="stop")
def stop(x):
    return x


w = bp.parameter(3.0)
y = w**2
d = stop(y)
L = y * d
L.backward()
bp.draw(L, title="the cut, drawn as a local gradient of 0")

# %%
assert w.grad == 54
assert L.data == 81

# %% [markdown]
# Look at the tile between $y$ and $d$: $9 \times 0 = 0$. That blue 0 is a lie, and a deliberate one; measured by
# nudging, $d$ does follow $y$, and a checker of gradients protests:

# %%
report = bp.gradcheck(L, raise_exception=False)
assert not report
print(report.faults[0].text)

# %% [markdown]
# The real `detach` goes further and leaves the wire out, so that nothing has to be sent at all. The node $d$ becomes an
# input, a number that is given:

# %%
w = bp.parameter(3.0)
y = w**2
d = y.detach()
L = y * d
L.backward()
assert (L.data, w.grad) == (81, 54)
bp.draw(L, title="detach: the wire is not there")

# %% [markdown]
# You will want this when a number shall be treated as given although it was computed (a target made by the network
# itself, say), and when you only write a number down: `history.append(loss.detach())`. Appending `loss`
# itself would keep its whole graph alive, step after step, until memory runs out.

# %% [markdown]
# ### One memory, two tensors
#
# `detach` copies no numbers. Both tensors show the **same storage**.
#
# **Predict.** `d = y.detach()`, then `d[0] = 5.0`. What is `y[0]`?


# %% tags=["nbval-ignore-output"]
def shared(torch):
    x = torch.ones(3, requires_grad=True)
    y = torch.exp(x)
    d = y.detach()
    d[0] = 5.0
    return y.detach(), y._version, d._version


values, *versions = compare(shared, "y", "y._version", "d._version")
assert values.data[0] == 5.0
assert versions == [1, 1]

# %% [markdown]
# It is 5 too. And with the memory they share a **counter**, `_version`, that goes up by one with each edit in place, no
# matter through which of the two. That counter is all that stands between you and nonsense. (A scalar of this package
# is a plain number and cannot be shared; use arrays to try this.)

# %% [markdown]
# ## 5. The version check
#
# The backward pass needs forward values. If one of them was edited in the meantime, the blue numbers made from it would
# be wrong. Each op therefore notes the version of what it will need, and compares when the time comes.
#
# **Predict.** $\mathbf y = e^{\mathbf x}$, then the first number of $\mathbf y$ is edited, then backward. The
# derivative of $e^x$ is $e^x$: which value would be used for it?


# %% tags=["nbval-ignore-output"]
def edited(torch):
    x = torch.ones(3, requires_grad=True)
    y = torch.exp(x)
    d = y.detach()
    d[0] = 5.0
    y.sum().backward()


refused(edited, "modified by an inplace operation")

# %% [markdown]
# The derivative is the *result*, $e^x$, which the op had kept, and which is now 5. PyTorch says it like this:
#
# > RuntimeError: one of the variables needed for gradient computation has been modified by an inplace operation:
# > \[torch.FloatTensor \[3\]\], which is output 0 of Exp, is at version 1; expected version 0 instead.
#
# Read it backwards. *Version 1, expected 0*: edited once since it was used. *Output 0 of Exp*: the result of an
# exponential. *FloatTensor \[3\]*: of shape (3,). So look for an exponential whose result of shape (3,) you then change
# with `x[...] =`, `+=`, or a method that ends in an underscore. The cure is to write a new tensor
# (`y = y + 1` in place of `y += 1`), or to edit a copy (`y.detach().clone()`).
#
# Not every edit is refused, only one of a value that is *needed*. **Predict** each of the eight answers: an op on
# $\mathbf h$ gives $\mathbf y$; afterwards either $\mathbf h$ (the argument) or $\mathbf y$ (the result) is edited.
# Which values does each derivative use?


# %% tags=["nbval-ignore-output"]
OPS = {
    "exp(h)": lambda torch, h: torch.exp(h),
    "sin(h)": lambda torch, h: torch.sin(h),
    "tanh(h)": lambda torch, h: torch.tanh(h),
    "3 * h": lambda torch, h: 3 * h,
}


def after(edit, op, torch):
    """What becomes of a backward pass through op(h) if its argument or its result was edited."""
    x = torch.ones(3, requires_grad=True)
    h = 2 * x
    y = op(torch, h)
    {"argument": h, "result": y}[edit].detach()[0] = 5.0
    try:
        y.sum().backward()
    except RuntimeError:
        return "refused"
    return "runs"


def all_eight(torch):
    return [after(edit, op, torch) for op in OPS.values() for edit in ("argument", "result")]


answers = compare(all_eight, *(f"{op}, {edit} edited" for op in OPS for edit in ("argument", "result")))
assert answers == ["runs", "refused", "refused", "runs", "runs", "refused", "runs", "runs"]

# %% [markdown]
# $e^h$ is its own derivative, and that of $\tanh$ is $1 - \tanh^2$: both need their result, and do not mind what
# becomes of the argument. $\sin$ has the derivative $\cos h$ and needs its argument. $3h$ has the constant derivative 3
# and needs neither. "In-place is forbidden" is thus not the rule. The rule is: **do not overwrite what the way back
# will read**.

# %% [markdown]
# ### The hole in the fence
#
# There is an older way to get at the numbers of a tensor, its attribute `.data`. It shares the memory as `detach` does,
# but **not the counter**.
#
# **Predict.** The same edit as before, through `y.data[0] = 5.0`. An error? And if not, what is `x.grad`? (The right
# answer for $\sum_i e^{x_i}$ at $x_i = 1$ is $e = 2.718$ in each place.)


# %% tags=["nbval-ignore-output"]
def silent(torch):
    x = torch.ones(3, requires_grad=True)
    y = torch.exp(x)
    y.data[0] = 5.0
    y.sum().backward()
    return x.grad, y._version


gradient, version = compare(silent, "x.grad", "y._version")
assert version == 0
assert gradient[0] == 5.0 != np.e
assert np.allclose(gradient[1:], np.e)

# %% [markdown]
# No error, and a gradient that belongs to no function whatever. It is not that of $\sum e^{x_i}$, and not that of the
# edited sum either: there the first place no longer depends on $\mathbf x$, and its gradient would be 0. Training goes
# on with this, and nothing ever tells you. Where older code says `.data`, write `.detach()`, or put the edit
# under `no_grad()`; both are counted.

# %% [markdown]
# ## 6. Four error messages, read
#
# You have met one of them, the version check; it comes back as the last. For each, **predict** from PyTorch's words
# alone what the program must have done; then read the program, and then what both engines say about it.
#
# > **(1)** RuntimeError: grad can be implicitly created only for scalar outputs


# %% tags=["nbval-ignore-output"]
def first(torch):
    x = torch.ones(3, requires_grad=True)
    y = 2 * x
    y.backward()


refused(first, "grad can be implicitly created only for scalar outputs")

# %% [markdown]
# *Implicitly created grad* is the 1 that starts the pass. For a vector there is no such 1; PyTorch would have to guess
# a $\mathbf v$, and does not. Usually a `.mean()` or `.sum()` is missing in the loss, or `reduction="none"` was chosen
# and forgotten.
#
# > **(2)** RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn


# %% tags=["nbval-ignore-output"]
def second(torch):
    w = torch.ones(3, requires_grad=True)
    with torch.no_grad():
        loss = (2 * w).sum()
    loss.backward()


refused(second, "does not require grad and does not have a grad_fn")

# %% [markdown]
# `grad_fn` is PyTorch's name for the op that made a tensor. The loss has none: it remembers no past. Either nothing it
# was computed from requires a gradient, or the wire was cut on the way: by `no_grad`, `detach`, or by leaving for
# NumPy and coming back.
#
# > **(3)** RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.


# %% tags=["nbval-ignore-output"]
def third(torch):
    w = torch.ones(3, requires_grad=True)
    w -= 0.1


refused(third, "a leaf Variable that requires grad is being used in an in-place operation")

# %% [markdown]
# A step of gradient descent outside `no_grad()`. Recorded, it would make the parameter the *result* of a computation,
# and no longer a leaf. (*Variable* is an old word for tensor.) Beware of the obvious way out, `w = w - 0.1`: it runs,
# and from then on `w` is a new, computed tensor, which gets no gradient of its own in PyTorch, and is not the one that
# your model holds.
#
# > **(4)** RuntimeError: one of the variables needed for gradient computation has been modified by an inplace operation
#
# Often met in this form: a parameter is updated between the forward and the backward pass.


# %% tags=["nbval-ignore-output"]
def fourth(torch):
    w = torch.tensor([2.0, 3.0], requires_grad=True)
    loss = (w * w).sum()
    with torch.no_grad():
        w -= 0.1
    loss.backward()  # too late


refused(fourth, "modified by an inplace operation")

# %% [markdown]
# This package's message ends with the cure: forward again, so that the values are those of the new $w$. In a training
# loop that means an order: first the forward pass, then the backward pass, then the step, each time.

# %% [markdown]
# ## 7. Watching PyTorch's own graph
#
# Everything you saw drawn here was recorded by the package. PyTorch holds such a graph too: each result has a
# `grad_fn` (`<MulBackward0>`, say), and this has `next_functions`, the ops that it will send its messages to. Here is
# $w\cdot w$, with its two edges; *AccumulateGrad* is the `+=` of a leaf:

# %% tags=["nbval-ignore-output"]
if pytorch:
    w = pytorch.tensor(3.0, requires_grad=True)
    op = (w * w).grad_fn
    ops_below = [type(below).__name__ for below, _ in op.next_functions]
    print(type(op).__name__, "sends to", *ops_below)
    assert type(op).__name__ == "MulBackward0"
    assert ops_below == ["AccumulateGrad", "AccumulateGrad"]
else:
    print(f"{missing}: its graph is left out. There it says: MulBackward0 sends to AccumulateGrad AccumulateGrad")

# %% [markdown]
# That chain is enough to name the ops, but it does not hold all values, and the red numbers between are gone after the
# pass. To let the player step through a graph of PyTorch, each op has to be watched while it runs. The record and the
# player of this package were made with that in mind, since they need only plain data; the bridge itself is not part
# of the package yet. Until it is, do as in this lecture: run the same lines on both, compare the gradients, and look
# at the pictures of the one that can draw.

# %% [markdown]
# ## Exercises
#
# Replace each `None` (in the third, the dots) by your answer and run the cell. If it stays silent, you are right.
#
# **1. Another slice.** $\mathbf x$ has five numbers and `y = x[1:4:2]`. Write the Jacobian as a list of rows.

# %%
my_jacobian = None

for i in range(2):
    a = bp.parameter([1.0, 2.0, 3.0, 4.0, 5.0])
    a[1:4:2].backward(np.eye(2)[i])
    assert my_jacobian is None or np.array_equal(my_jacobian[i], a.grad), f"which of the five is y[{i}]?"

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# The slice takes the numbers at 1 and 3: `[[0, 1, 0, 0, 0], [0, 0, 0, 1, 0]]`.
#
# </details>

# %% [markdown]
# **2. What will it say?** For each line `True` or `False`, without running anything: does it require a gradient?


# %%
def puzzle(torch):
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    a = w.detach() * w
    b = w.detach() * 3.0
    with torch.no_grad():
        c = w * a
        e = torch.zeros(2, requires_grad=True)
    f = c + e
    return [each.requires_grad for each in (a, b, c, e, f)]


my_answers = {"a": None, "b": None, "c": None, "e": None, "f": None}

for (name, mine), right in zip(my_answers.items(), puzzle(bp), strict=True):
    assert mine is None or mine == right, f"{name}: was it computed, when, and from what?"

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# `a`: True, one factor is still `w`. `b`: False, both factors have no past. `c`: False, computed under `no_grad`. `e`:
# True, a factory asked for it. `f`: True, computed outside, and `e` requires a gradient.
#
# </details>

# %% [markdown]
# **3. The swelling history.** This loop adds up its losses to print their mean. It runs, and each step makes it
# slower and larger, because `total` hangs on to the graphs of all steps. Change one line so that `total`
# remembers nothing and has the same value.


# %%
def mean_loss(torch):
    w = torch.tensor(1.0, requires_grad=True)
    total = 0.0
    for target in (1.0, 2.0, 4.0):
        loss = (w - target) ** 2  # noqa: F841
        total = ...  # was: total + loss
    return total


total = mean_loss(bp)
assert total is ... or np.isclose(float(plain(total)), 10.0), "the losses are 0, 1 and 9"
assert total is ... or not getattr(total, "requires_grad", False), "it still remembers how it was computed"

# %% [markdown]
# <details>
# <summary>Answer to 3</summary>
#
# `total = total + loss.detach()`. (In PyTorch `loss.item()` is common, too: the number alone, as a Python float.)
#
# </details>

# %% [markdown]
# ## What you have learned
#
# - `y.backward(v)` is $\mathbf v^{\mathsf T}J$: the chain rule at one node, $\mathbf v$ being what arrived there. The
#   rows of $J$ come with $\mathbf v$ a unit vector, one pass each.
# - PyTorch keeps the gradients of leaves, adds to them, and drops all others unless you call `retain_grad()`. It drops
#   the graph's values too, unless told to retain them.
# - `no_grad` switches recording off for what is computed, not for what is made. `detach` cuts one wire, and shares
#   memory and version counter.
# - The version check refuses a pass that would read an overwritten value. Edits through `.data` are not counted, and
#   make wrong gradients in silence.
# - An error message is read best by asking what PyTorch wanted to do at that moment, and what it missed.
#
# **Practise:** the [exercises](../exercises/ex10-pytorch.ipynb) of this lecture, which answer at once.
#
# **Next:** what if there is no message, and the gradient is wrong all the same?
# [Lecture 11, Debugging gradients](11-debugging-gradients.ipynb).
