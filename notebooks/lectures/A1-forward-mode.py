# %% [markdown]
# # Forward mode and Jacobians
#
# *Lecture A1, about 20 minutes. You need lectures 03 and 04; section 5 is nicer after lecture 09.*
#
# Backpropagation walks against the arrows. Why? Nothing forces us to. Along a path the chain rule is a product of blue
# numbers, and a product may be multiplied from either end. If we start at the *input* and walk along the arrows, we get
# derivatives too, all of them right, with less memory, and without storing a graph at all. And yet hardly anybody
# trains a network that way.
#
# This lecture walks one and the same record in both directions, and finds out when each of them wins.
#
# When you have finished, you can
#
# - carry a derivative along with a value, by hand and with a dozen lines of Python;
# - say what a Jacobian is, which of its numbers a sweep forward gives you, and which a sweep backward;
# - choose the mode by the shape of the Jacobian, and count the sweeps;
# - name a problem from machine learning in which forward mode is the right choice.

# %% [markdown]
# ## Words and signs
#
# | we write | in the code | it is |
# |:--|:--|:--|
# | $\dot x$ | `v` | a **direction**: how fast each input moves, chosen by us |
# | $\dot u$ | a **tangent** | how fast the node $u$ moves when the inputs move like that |
# | $\textcolor{#2F6BFF}{\partial u/\partial w}$ | `blue` | the local gradient on the arrow from $w$ to $u$, as always |
# | $\textcolor{#E62020}{\partial\mathcal L/\partial u}$ | `u.grad` | the backpropagated gradient, as always |
# | $J$ | `J` | the **Jacobian** of a function: row $i$, column $j$ holds $\partial y_i/\partial x_j$ |
#
# Red numbers belong to one *output*: how does $\mathcal L$ answer to this node? Tangents belong to one *direction* of
# the inputs: how does this node answer to it? Both live in the nodes; both are made of the same blue numbers.

# %% [markdown]
# ## 1. Left to right
#
# A small function with a fan-out, $\mathcal L = x_1 x_2 + \sin x_1$:

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

import backprop_viz as bp

x1, x2 = bp.parameter(1.5), bp.parameter(2.0)
a = x1 * x2
b = bp.sin(x1)
L = a + b

L.backward()
bp.draw(L, edges="local")

# %% [markdown]
# On each arrow stands its blue number only. Let $x_1$ move with speed 1 while $x_2$ rests: $\dot x_1 = 1$,
# $\dot x_2 = 0$. Each node passes on what it gets from its *parents*:
#
# $$
# \dot u \;=\; \sum_{\text{parents } w \text{ of } u} \textcolor{#2F6BFF}{\frac{\partial u}{\partial w}}\;\dot w
# \qquad\text{where backpropagation has}\qquad
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial w}} \;=\; \sum_{\text{children } u \text{ of } w}
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}}\,\textcolor{#2F6BFF}{\frac{\partial u}{\partial w}}
# $$
#
# **Predict.** With the blue numbers of the figure: what are $\dot a$, $\dot b$ and $\dot{\mathcal L}$? And which red
# number of the figure must $\dot{\mathcal L}$ be equal to?

# %%
a_dot = x2.data * 1 + x1.data * 0
b_dot = math.cos(x1.data) * 1
L_dot = 1 * a_dot + 1 * b_dot

print(f"a {a_dot:.4f}   b {b_dot:.4f}   L {L_dot:.4f}")
assert math.isclose(L_dot, x1.grad)  # ∂ℒ/∂x₁, found from the other end
assert math.isclose(x1.grad, L.grad * (a.grad * x2.data) + b.grad * math.cos(x1.data))

# %% [markdown]
# The same number. But look at what else the two walks have found on their way. The walk to the right now knows how $a$
# and $b$ answer to $x_1$; it knows nothing of $x_2$, for which it must set out again. The walk to the left knows how
# $\mathcal L$ answers to $a$, $b$, $x_1$ *and* $x_2$.
#
# **Predict.** Give both inputs a speed, $\dot x_1 = 1$ and $\dot x_2 = -1$. What is $\dot{\mathcal L}$ now? One sweep
# will do; or none, if you use the red numbers.
#
# $$
# \dot{\mathcal L} \;=\; \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial x_1}}\,\dot x_1 +
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial x_2}}\,\dot x_2
# $$


# %%
def f(x1, x2):
    return x1 * x2 + bp.sin(x1)


value, tangent = bp.jvp(f, (1.5, 2.0), (1.0, -1.0))
print(f"value {value:.4f}   tangent {tangent:.4f}")

assert math.isclose(tangent, x1.grad * 1 + x2.grad * -1)
h = 1e-6  # measured: a small step in this direction, and one back
measured = (f(1.5 + h, 2.0 - h) - f(1.5 - h, 2.0 + h)).data / (2 * h)
assert math.isclose(tangent, measured, rel_tol=1e-8)

# %% [markdown]
# `bp.jvp` is the package's forward mode. The name stands for *Jacobian–vector product*, which we shall come to.

# %% [markdown]
# ## 2. One record, two walks
#
# The record of a pass holds the blue number of every arrow. We write both walks over it, so that you can lay them side
# by side.

# %%
t = bp.trace(L)
sends = [event for event in t.events if isinstance(event, bp.Send)]
arrows = sorted((t.edges[s.edge].child, t.edges[s.edge].parent, s.local) for s in sends)

tangents = np.zeros(len(t.nodes))
tangents[0] = 1.0  # x1 moves
for child, parent, blue in arrows:
    tangents[child] += blue * tangents[parent]

gradients = np.zeros(len(t.nodes))
gradients[-1] = 1.0  # at the loss
for child, parent, blue in reversed(arrows):
    gradients[parent] += gradients[child] * blue

print("node    value   tangent   gradient")
for node in t.nodes:
    print(f"{node.name:4s}   {node.value:6.3f}    {tangents[node.index]:6.3f}     {gradients[node.index]:6.3f}")

# %% [markdown]
# The two loops differ in two things: `reversed`, and who adds to whom. Nodes are numbered in topological order, so
# whoever goes up has seen all parents of a node before the node, and whoever goes down, all children.
#
# In the player you have so far only seen the second loop. Here it is again, stopped before the first message. Step
# on, and say at each message at which turn the *first* loop uses the same blue number.

# %%
bp.play(L, step=4)

# %%
turns = [1 + arrows.index((t.edges[s.edge].child, t.edges[s.edge].parent, s.local)) for s in sends]
print("turns of the first loop, message by message:", *turns)

assert turns == [4, 5, 3, 1, 2]  # nearly backwards: two arrows into the same node may come in any order
assert np.allclose(gradients, [node.grad for node in (x1, x2, a, b, L)])
assert math.isclose(tangents[-1], gradients[0])

# %% [markdown]
# ### A number that does not change
#
# Something pretty hides in the table. Cut the graph in two, anywhere, so that the inputs are on the left, $\mathcal L$
# is on the right, and no arrow runs back. For each arrow that the cut goes through, multiply three numbers: the tangent
# where it begins, its blue number, the red number where it ends. Add up.
#
# **Predict.** Cut right behind the inputs, or right before $\mathcal L$: what do you get in either case?
#
# $$
# \sum_{\text{arrows } w \to u \text{ through the cut}}
# \dot w \;\textcolor{#2F6BFF}{\frac{\partial u}{\partial w}}\;
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}}
# \;=\; \dot{\mathcal L} \qquad\text{for every cut}
# $$

# %%
for k in range(1, len(t.nodes) - 1):  # left of the cut: nodes 0 … k
    through = [tangents[p] * blue * gradients[c] for c, p, blue in arrows if p <= k < c]
    print(f"cut behind {t.nodes[k].name:2s}: {len(through)} arrows, sum {sum(through):.4f}")
    assert math.isclose(sum(through), tangents[-1])

# %% [markdown]
# It is the same everywhere. Tangents tell what has happened on the left of the cut, gradients what will happen on the
# right of it; put together at any place they tell the whole story. Forward mode pushes the cut to the far right,
# backward mode to the far left.

# %% [markdown]
# ## 3. Forward mode without a graph
#
# Backpropagation has to wait: it can start only when the forward pass is over, and needs the values that this has left
# behind. Tangents are ready together with their values, so nothing need be kept. Carry *pairs* of numbers, teach them
# the product rule, and forward mode is done. They are called **dual numbers**.


# %%
class Dual:
    """A value, and how fast it moves."""

    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def __add__(self, other):
        return Dual(self.value + other.value, self.tangent + other.tangent)

    def __mul__(self, other):
        return Dual(self.value * other.value, self.tangent * other.value + self.value * other.tangent)

    def sin(self):
        return Dual(math.sin(self.value), math.cos(self.value) * self.tangent)


x, y = Dual(1.5, 1.0), Dual(2.0, -1.0)
result = x * y + x.sin()

assert math.isclose(result.value, value)
assert math.isclose(result.tangent, tangent)

# %% [markdown]
# An automatic differentiator in a dozen lines, for sums, products and sines; each further op takes two lines. It
# remembers nothing: no parents, no order, no values of the past. A chain of a million operations needs the memory of
# two pairs. (`bp.jvp` walks over a record, as in section 2. In this package that is the shorter way, and it forgoes the
# saving.)

# %%
x = Dual(1.0, 1.0)
growth = Dual(1.000001)
for _ in range(1_000_000):
    x = x * growth

assert math.isclose(x.value, 1.000001**1_000_000, rel_tol=1e-6)
assert math.isclose(x.tangent, x.value, rel_tol=1e-9)  # d/dx of c·x is c; here x was 1

# %% [markdown]
# ## 4. The Jacobian: rows and columns
#
# Now let there be several outputs. Then derivatives form a table, the **Jacobian**: a row for every output, a column
# for every input.
#
# $$
# y_1 = x_1 x_2,\quad y_2 = \sin x_3 + x_1
# \qquad\Longrightarrow\qquad
# J = \begin{pmatrix} x_2 & x_1 & 0 \\ 1 & 0 & \cos x_3 \end{pmatrix}
# $$


# %%
def g(x):
    return bp.stack([x[0] * x[1], bp.sin(x[2]) + x[0]])


at = np.array([1.5, 2.0, 0.5])
J = bp.jacobian(g, at)
assert J.shape == (2, 3)
assert np.allclose(J, [[2.0, 1.5, 0.0], [1.0, 0.0, math.cos(0.5)]])

# %% [markdown]
# **Predict.** One sweep forward, with the direction $\dot x = (1, 0, 0)$, gives tangents of both outputs: two numbers.
# Which two numbers of $J$ are they? And one sweep backward, started with $(1, 0)$ at the outputs?
#
# $$
# \underbrace{J\,v}_{\text{jvp: one sweep forward}}
# \qquad\qquad
# \underbrace{v^{\mathsf T} J}_{\text{vjp: one sweep backward}}
# $$

# %%
_, column = bp.jvp(g, at, np.array([1.0, 0.0, 0.0]))
_, row = bp.vjp(g, at, np.array([1.0, 0.0]))

print("forward  (1, 0, 0):", column.round(4))
print("backward (1, 0):   ", row.round(4))
assert np.allclose(column, J @ [1, 0, 0])
assert np.allclose(row, [1, 0] @ J)

# %% [markdown]
# **A sweep forward gives a column, a sweep backward a row.** With another vector they give a mixture of columns, or of
# rows: $Jv$ and $v^{\mathsf T}J$. And the gradient of a loss? A loss is *one* number, so its Jacobian has one row, and
# one sweep backward is all of it.
#
# Here is a Jacobian that is worth looking at: a layer with a ReLU, $\mathbb R^8 \to \mathbb R^5$.

# %% tags=["thumbnail"]
random = np.random.default_rng(2)
W, c = random.uniform(-1, 1, (5, 8)), random.uniform(-0.5, 0.5, 5)


def layer(x):
    return bp.relu(bp.tensor(W) @ x + c)


point = random.uniform(-1, 1, 8)
fig, ax = plt.subplots(figsize=(6, 3.4), facecolor="white", layout="constrained")
bp.plots.jacobian(layer, point, ax=ax)
plt.show()

# %% [markdown]
# Read a row: how one neuron answers to each of the eight inputs; it is the neuron's row of weights. The row of zeros
# is a neuron that is switched off at this point. Read a column: how all five neurons answer to one input.

# %%
J = bp.jacobian(layer, point)
on = W @ point + c > 0
assert np.allclose(J, on[:, None] * W)
assert 0 < on.sum() < 5

# %% [markdown]
# ## 5. The shape decides
#
# To fill a whole Jacobian of $m$ rows and $n$ columns, you may go forward $n$ times or backward $m$ times. A sweep
# costs about the same in either direction: one product per arrow (lecture 09). So
#
# $$
# \text{sweeps} = \min(n, m): \quad\text{forward if } J \text{ is tall } (n < m),\quad
# \text{backward if it is wide } (m < n)
# $$
#
# **Predict.** Which mode for each?
#
# 1. the loss of a network with a million weights, by all weights;
# 2. a curve: 500 points on the screen, by one slider that moves them;
# 3. the 10 outputs of a classifier by its 784 input pixels;
# 4. a rotation in space, 3 numbers to 3.
#
# We fill the table both ways ourselves, and count the sweeps. A function of $n$ numbers that gives $m$:


# %%
def mixing(n, m):
    """A function from n numbers to m, all of which depend on all."""
    A = np.random.default_rng(0).uniform(-1, 1, (m, n))
    return lambda x: bp.tanh(bp.tensor(A) @ x)


def jacobian_by_columns(f, x):
    """Forward mode: a sweep for every input; gives J and the number of sweeps."""
    sweeps = [bp.jvp(f, x, direction)[1] for direction in np.eye(len(x))]
    return np.stack(sweeps, axis=1), len(sweeps)


def jacobian_by_rows(f, x):
    """Backward mode: a sweep for every output."""
    m = f(bp.tensor(x)).size
    sweeps = [bp.vjp(f, x, start)[1] for start in np.eye(m)]
    return np.stack(sweeps), len(sweeps)


for n, m in (50, 1), (1, 50), (20, 10), (3, 3):
    f, x = mixing(n, m), np.full(n, 0.1)
    (by_columns, forward), (by_rows, backward) = jacobian_by_columns(f, x), jacobian_by_rows(f, x)
    better = "either" if forward == backward else "forward" if forward < backward else "backward"
    print(f"{n:2d} inputs, {m:2d} outputs: {forward:2d} sweeps forward, {backward:2d} backward: {better}")
    assert np.allclose(by_columns, by_rows)
    assert min(forward, backward) == min(n, m)
    assert np.allclose(bp.jacobian(f, x), by_rows)

# %% [markdown]
# (So: 1 backward, 2 forward, 3 backward, 4 either.) `bp.jacobian` chooses by this rule, or as you tell it with
# `strategy="forward-mode"` or `"reverse-mode"`. Does the clock agree? We keep 64 inputs and let the number of outputs
# grow.

# %% tags=["nbval-ignore-output"]
import time


def seconds(f, x, strategy):
    """The processor's seconds for one Jacobian: the shorter of two measurements, each of several calls."""
    found = []
    for _ in range(2):
        calls, before = 0, time.process_time()
        while time.process_time() < before + 0.05:
            bp.jacobian(f, x, strategy=strategy)
            calls += 1
        found.append((time.process_time() - before) / calls)
    return min(found)


n, outputs = 64, [1, 4, 16, 64, 256, 1024]
times = {
    strategy: [seconds(mixing(n, m), np.full(n, 0.1), strategy) for m in outputs]
    for strategy in ("forward-mode", "reverse-mode")
}

fig, ax = plt.subplots(figsize=(6.2, 3.8), facecolor="white", layout="constrained")
ax.plot(
    outputs, times["forward-mode"], "s--", color="black", markerfacecolor="white", label="forward, column by column"
)
ax.plot(outputs, times["reverse-mode"], "o-", color="#D40000", markerfacecolor="white", label="backward, row by row")
ax.axvline(n, color="#707070", linestyle=":", label="as many outputs as inputs")
ax.set(xscale="log", yscale="log", xlabel="outputs m (inputs n = 64)", ylabel="seconds for the whole Jacobian")
ax.set_title("Who is faster depends on the shape")
ax.legend(fontsize=8)
plt.show()

# %%
assert times["reverse-mode"][0] < times["forward-mode"][0]  # one output: backward
assert times["forward-mode"][-1] < times["reverse-mode"][-1]  # a thousand: forward

# %% [markdown]
# On the left, with one output, is where training happens, and backward wins by a wide margin. The black line is nearly
# level: 64 sweeps, whatever comes out (they get longer in the end, since there is more to compute). The red one rises
# with the number of rows. They cross in the neighbourhood of the dotted line, where the matrix is square, and on the
# right it is the other way round.
#
# Memory speaks for forward mode, too: it needs no stored values (section 3), while backward mode needs all of them.

# %% [markdown]
# ## 6. Where forward mode is at home
#
# One number in, many out: what would that be in machine learning? A *hyperparameter*. The learning rate is a single
# number, and the whole history of training depends on it.
#
# **Predict.** We descend on $\mathcal L(w) = w^2$ from $w = 1$, twelve steps, and plot $\mathcal L$ after each step. If
# the learning rate is raised a little from 0.05, will the losses rise or fall? Where along the way will the effect
# be largest: at once, in the middle, or at the end?


# %%
def history(rate):
    """The losses of twelve steps of gradient descent on w², as a function of the learning rate."""
    w, losses = bp.tensor(1.0), []
    for _ in range(12):
        w = w - rate * (2 * w)  # ∂(w²)/∂w is 2w
        losses.append(w * w)
    return bp.stack(losses)


losses, slopes = bp.jvp(history, 0.05, 1.0)  # one sweep: all twelve

steps = np.arange(1, 13)
assert np.allclose(losses, (1 - 2 * 0.05) ** (2 * steps))
assert np.allclose(slopes, -4 * steps * (1 - 2 * 0.05) ** (2 * steps - 1))  # the same, by hand

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), facecolor="white", layout="constrained")
left.plot(steps, losses, "o-", color="black", label="rate 0.05")
left.plot(steps, losses + 0.01 * slopes, "s--", color="#7A3E9D", label="foreseen for 0.06")
left.plot(steps, history(bp.tensor(0.06)).data, "x", color="#B8651B", markersize=8, label="really, at 0.06")
left.set(xlabel="step", ylabel="loss", title="The losses, and what they would be")
left.legend(fontsize=8)
right.plot(steps, slopes, "o-", color="black")
right.set(xlabel="step", ylabel="∂ loss / ∂ rate", title="How each loss answers to the rate")
plt.show()

# %% [markdown]
# All slopes are negative: a larger rate helps here, at every step. The effect is largest around the fifth step. Before
# that it has not yet added up, and later there is hardly any loss left to be saved. One sweep foresees the purple
# squares, and the crosses are not far from them. Backward mode would have needed twelve sweeps.

# %%
assert (slopes < 0).all()
assert np.argmin(slopes) in (3, 4, 5)
assert np.allclose(losses + 0.01 * slopes, history(bp.tensor(0.06)).data, atol=0.03)

# %% [markdown]
# Other homes of forward mode: sensitivities in physics and engineering (few parameters, long simulations), and the
# product of a *second* derivative with a vector, $Hv$, which is forward mode applied to backpropagation.

# %% [markdown]
# ## What PyTorch calls this
#
# | here | in PyTorch |
# |:--|:--|
# | `bp.jvp(f, x, v)` | `torch.func.jvp(f, (x,), (v,))`; dual numbers: `torch.autograd.forward_ad` |
# | `bp.vjp(f, x, v)` | `torch.autograd.functional.vjp(f, x, v)`, or `y.backward(v)` ([lecture 10](10-pytorch.ipynb)) |
# | `bp.jacobian(f, x)` | `torch.autograd.functional.jacobian(f, x)`: row by row unless told otherwise |
# | `strategy="reverse-mode"` / `"forward-mode"` | `torch.func.jacrev(f)(x)` / `torch.func.jacfwd(f)(x)` |
# | not there: gradients of gradients | `torch.func.hessian(f)`, `jacfwd(jacrev(f))` |
#
# A warning about a name: `torch.autograd.functional.jvp` (the older one) goes backward *twice* to get there. The one in
# `torch.func` goes forward.

# %% [markdown]
# ## Exercises
#
# **1. Tangents by hand.** $\mathcal L = (x_1 + x_2)\,x_2$ at $x_1 = 3$, $x_2 = 2$. Let $s = x_1 + x_2$. For the
# direction $\dot x_1 = 1$, $\dot x_2 = 2$: what are $\dot s$ and $\dot{\mathcal L}$?

# %%
my_s_dot = None
my_L_dot = None

assert my_s_dot is None or my_s_dot == bp.jvp(lambda a, b: a + b, (3.0, 2.0), (1.0, 2.0))[1], "Speeds add up."
assert my_L_dot is None or my_L_dot == bp.jvp(lambda a, b: (a + b) * b, (3.0, 2.0), (1.0, 2.0))[1], "ṡ·x₂ + s·ẋ₂"

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# $\dot s = 1 + 2 = 3$ and $\dot{\mathcal L} = \dot s\,x_2 + s\,\dot x_2 = 3\cdot 2 + 5\cdot 2 = 16$.
#
# </details>

# %% [markdown]
# **2. How many sweeps?** A network maps 784 pixels to 10 scores. For one picture you want (a) the gradient of the loss
# by all pixels, (b) the whole Jacobian of the scores by the pixels, (c) how all ten scores change when the picture gets
# brighter, all pixels at the same rate. How many sweeps does the cheaper mode take for each?

# %%
my_a = None
my_b = None
my_c = None

assert my_a in (None, 1), "The loss is one number."
assert my_b in (None, 10), "min(n, m)"
assert my_c in (None, 1), "One direction: v = (1, 1, …, 1). It is not the whole Jacobian that you need."

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# (a) 1 backward. (b) 10 backward: one for each row. (c) 1 forward: $Jv$ with $v = (1, \dots, 1)$. Not the size of the
# Jacobian matters, but what you want to know of it.
#
# </details>

# %% [markdown]
# **3. Through the eye of a needle.** The function below squeezes 30 numbers through a single one: $s = \sum_j x_j^2$,
# and then 20 outputs, $y_i = \sin(i\,s)$. Its Jacobian is $20 \times 30$, so 20 sweeps backward or 30 forward. Can you
# get it with *one* sweep of each kind? Use `bp.vjp` on `squeeze`, `bp.jvp` on `spread`, and `np.outer`.


# %%
def squeeze(x):
    return (x * x).sum()


def spread(s):
    return bp.sin(np.arange(1.0, 21.0) * s)


def my_jacobian(x):
    return ...


x = np.linspace(-0.2, 0.2, 30)
mine = my_jacobian(x)
assert mine is ... or np.allclose(mine, bp.jacobian(lambda x: spread(squeeze(x)), x)), (
    "column of spread × row of squeeze"
)

# %% [markdown]
# <details>
# <summary>Answer to 3</summary>
#
# By the chain rule $\partial y_i/\partial x_j = (\partial y_i/\partial s)(\partial s/\partial x_j)$: a column times a
# row.
#
# ```python
# def my_jacobian(x):
#     s, row = bp.vjp(squeeze, x)
#     _, column = bp.jvp(spread, s)
#     return np.outer(column, row)
# ```
#
# So neither mode alone is always best: where a graph is narrow in the middle, do both, up to the waist. To find the
# best order of multiplication in *any* graph is a hard problem (NP-complete: Naumann, 2008). For one output, luckily,
# backward is as good as it gets, up to a constant factor.
#
# </details>

# %%
s, row = bp.vjp(squeeze, x)
_, column = bp.jvp(spread, s)
assert np.allclose(np.outer(column, row), bp.jacobian(lambda x: spread(squeeze(x)), x))

# %% [markdown]
# ## What you have learned
#
# - The chain rule can be walked from either end, with the same blue numbers. Tangents go along with the values,
#   gradients come back against them, and at every cut of the graph the two together give one and the same number.
# - A sweep forward gives a column of the Jacobian, a sweep backward a row.
# - Few inputs: forward, and nothing need be stored. Few outputs: backward. A loss is one output.
# - Ask first what you need. $Jv$ or $v^{\mathsf T}J$ often suffices, and that is one sweep.
#
# **Next:** [Notes on the source text](A2-notes-on-the-source.ipynb).
