# %% [markdown] tags=["seed:gradient-descent"]
# # Loss surfaces and gradient descent
#
# *Lecture 01, about 25 minutes. You need partial derivatives, and a little NumPy.*
#
# To learn from examples is to walk downhill, in a landscape that nobody has ever seen as a whole. Each example makes a
# landscape of its own, and what we walk on is the average of them all.
# In this lecture the landscape has only two dimensions, so that we *can* see it. We shall look at how it trembles when
# the examples change, which way is down, how long a step may be before the walker flies off, and why, when the
# dimensions are millions, just asking for the way down becomes the main problem.
#
# When you have finished, you can
#
# - write down the loss of a network on $N$ examples, and say what it is an estimate of;
# - say how the loss surface depends on the sample, and how fast it settles as $N$ grows;
# - take a step of gradient descent, and show that it goes the steepest way;
# - show that the gradient of a mean is the mean of the gradients;
# - tell in advance which learning rate is too large: the border is $2/\lambda_{\max}$;
# - say why derivatives by trial do not scale, and what is needed instead.

# %% [markdown]
# | we write | in the code | it is |
# |:--|:--|:--|
# | $\mathbf x_i$ | `x[i], y[i]` | the $i$-th **example**: an input and the answer that belongs to it |
# | $\mathcal X,\ N$ | `x, y`, `N` | the **sample** (the data set), and how many examples it has |
# | $\mathbf w$ | `w`, `b` | all **parameters** together; here two, so $d = 2$ |
# | $\mathcal L(\mathbf x_i, \mathbf w)$ | `one_loss(i, w, b)` | the **loss** on one example |
# | $\mathcal L(\mathcal X, \mathbf w)$ | `L` | the **empirical loss**: the mean over the sample |
# | $\nabla_{\mathbf w}\mathcal L$ | `w.grad`, `b.grad` | the **gradient**: the vector of all partial derivatives |
# | $\epsilon$ | `epsilon` | the **learning rate**; many write $\eta$, and so do other lectures |

# %% [markdown]
# ## 1. One example, one valley
#
# A cheap sensor shows $x$, a good one beside it shows $y$. We want to translate the one into the other, and try
# $\hat y = w x + b$. That is the smallest of networks: one neuron with nothing behind it. Its error on one example is
# $(\hat y - y)^2$.

# %%
import backprop_viz as bp

x1, y1 = bp.tensor(0.5), bp.tensor(0.5)
w, b = bp.parameter(0.0), bp.parameter(0.0)

L1 = (w * x1 + b - y1) ** 2

# %% [markdown]
# Imagine the plane of all pairs $(w, b)$, and over each point the loss as a height. That is the **loss surface** of
# this one example: a surface in $\mathbb R^2\times\mathbb R$, or $\mathbb R^d\times\mathbb R$ with $d$ parameters.
# Where we stand at present is one point of it, $(w, b, \mathcal L)$.
#
# **Predict.** At how many points of the plane is the loss of this example zero? None, one, two, infinitely many? What
# do they look like together?

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt
import numpy as np

# %%
bp.plots.loss_surface(L1, w, b, xlim=(-1, 4), ylim=(-3, 2))
plt.show()

# %% [markdown]
# A valley, straight and without end. Read the lines as on a hiking map: each joins points of equal height. The bottom
# of the valley is a whole line, $0.5\,w + b = 0.5$, and on all of it this example is satisfied. That is no wonder: one
# example is one equation, and there are two unknowns.

# %%
on_the_line = [(0.0, 0.5), (1.0, 0.0), (3.0, -1.0)]
for w_, b_ in on_the_line:
    assert (w_ * 0.5 + b_ - 0.5) ** 2 == 0

# %% [markdown] tags=["seed:samples", "seed:empirical-loss"]
# ## 2. Several examples: the mean of valleys
#
# Three examples make three valleys, each in its own direction. No point of the plane lies in all of them: whoever
# wants to please all has to compromise. The usual compromise is the mean. This is the **empirical loss**
#
# $$
# \mathcal L(\mathcal X, \mathbf w) \;=\; \frac1N \sum_{i=1}^{N} \mathcal L(\mathbf x_i, \mathbf w),
# $$
#
# and on it everything in this course is built. In code it may be a loop over examples, or one line on arrays:

# %%
x = np.array([-0.5, 0.5, 1.5])
y = np.array([-1.5, 0.5, 1.5])


def one_loss(i, w, b):
    """The loss on example i."""
    return (w * x[i] + b - y[i]) ** 2


L = ((w * bp.tensor(x) + b - bp.tensor(y)) ** 2).mean()

assert np.isclose(L.data, sum(one_loss(i, 0.0, 0.0) for i in range(3)) / 3)

# %% [markdown]
# **Predict.** On the left there will be three valleys. What does their mean look like: a valley, a bowl, a ridge? Will
# its lowest point be at height 0?

# %%
W, B = np.meshgrid(np.linspace(-1, 4, 81), np.linspace(-3, 2, 81))
levels = np.array([0.05, 0.3, 1, 2, 4, 8, 16, 32])

fig, axes = plt.subplots(1, 4, figsize=(10, 2.9), sharey=True, layout="constrained")
heights = [one_loss(i, W, B) for i in range(3)]
titles = [f"example {i + 1}" for i in range(3)] + ["mean of the three"]
for ax, height, title in zip(axes, [*heights, sum(heights) / 3], titles, strict=True):
    ax.contourf(W, B, height, levels=[0, *levels], cmap="YlGn", norm="symlog", extend="max")
    ax.contour(W, B, height, levels=levels, colors="#404040", linewidths=0.6)
    ax.set(title=title, xlabel="w", aspect="equal")
axes[0].set_ylabel("b")
plt.show()

# %% [markdown]
# Pale is low. Three valleys, and their mean is a bowl. Its bottom is not at zero:

# %%
lowest = (sum(heights) / 3).min()
print(f"the lowest height on the grid: {lowest:.3f}")
assert lowest > 0.05

# %% [markdown]
# ## 3. The surface depends on the sample
#
# Where do examples come from? In theory from a *distribution*: nature draws a pair $(x, y)$, again and again,
# independently. What we should like to have small is the *expected* loss over everything nature might draw. We cannot
# compute that, since we do not know the distribution. So we take the mean over the examples we have, and hope that it
# is not far off.
#
# How far off is it? Here we can find out, because here *we* are nature. We decide that $x$ lies anywhere between −1 and
# 2 with equal chance, and $y = 1.5\,x - 0.5$ plus noise of standard deviation 0.5. Then the expected loss can be worked
# out on paper. With $\mathbb E[x] = \tfrac12$ and $\mathbb E[x^2] = 1$ it is
#
# $$
# \mathbb E\,\mathcal L \;=\; (w - 1.5)^2 + (w - 1.5)(b + 0.5) + (b + 0.5)^2 + 0.25 .
# $$


# %%
def nature(N, seed):
    """N examples from our distribution."""
    draw = np.random.default_rng(seed)
    x = draw.uniform(-1, 2, size=N)
    return x, 1.5 * x - 0.5 + draw.normal(0, 0.5, size=N)


def empirical(x, y, w, b):
    """The empirical loss, at as many points (w, b) as you like."""
    # The square multiplied out: five means over the sample, and no loop over the points.
    return (
        w * w * np.mean(x * x) + b * b + np.mean(y * y) + 2 * (w * b * np.mean(x) - w * np.mean(x * y) - b * np.mean(y))
    )


def expected(w, b):
    return (w - 1.5) ** 2 + (w - 1.5) * (b + 0.5) + (b + 0.5) ** 2 + 0.25


many = nature(1_000_000, seed=0)
for w_, b_ in [(0.0, 0.0), (1.5, -0.5), (3.0, 1.0)]:
    assert np.isclose(empirical(*many, w_, b_), expected(w_, b_), rtol=0.01)

# %% [markdown]
# A million examples give the formula to within one percent. Now draw smaller samples: three different ones of 3
# examples each, three of 30, and three of 1000.
#
# **Predict.** In which row will the three pictures differ most? Can a surface made of 3 examples have its lowest point
# far from the true one, which is at $w = 1.5$, $b = -0.5$?

# %%
fig, axes = plt.subplots(3, 3, figsize=(7.5, 7.5), sharex=True, sharey=True, layout="constrained")
for row, N in zip(axes, (3, 30, 1000), strict=True):
    for ax, seed in zip(row, (5, 2, 9), strict=True):
        x, y = nature(N, seed)
        height = empirical(x, y, W, B)
        lowest = np.polyfit(x, y, 1)  # the w and b of the lowest point
        ax.contourf(W, B, height, levels=[0, *levels], cmap="YlGn", norm="symlog", extend="max")
        ax.contour(W, B, height, levels=levels, colors="#404040", linewidths=0.6)
        ax.plot(1.5, -0.5, "+", color="black", markersize=12, markeredgewidth=1.5)
        ax.plot(*lowest, "o", color="black", markerfacecolor="white", markersize=6)
        ax.set(xlim=(-1, 4), ylim=(-3, 2), aspect="equal", title=f"N = {N}")
for ax in axes[:, 0]:
    ax.set_ylabel("b")
for ax in axes[-1]:
    ax.set_xlabel("w")
plt.show()

# %% [markdown]
# The cross is the lowest point of the expected loss, the ring that of the sample. In the top row the landscape is a
# different one each time: narrow or wide, turned this way or that, with the ring well off the cross. In the bottom row
# you would have to measure to tell the three apart. The surface varies with the sample, but it settles.
#
# How fast? For each $N$ we draw 200 samples, and take the typical distance between ring and cross.

# %%
sizes = np.array([10, 30, 100, 300, 1000, 3000])
distance = []
for N in sizes:
    rings = np.array([np.polyfit(*nature(N, seed), 1) for seed in range(200)])
    distance.append(np.sqrt(np.mean(np.sum((rings - [1.5, -0.5]) ** 2, axis=1))))

slope = np.polyfit(np.log(sizes), np.log(distance), 1)[0]

fig, ax = plt.subplots(figsize=(5.5, 3.4), layout="constrained")
ax.loglog(sizes, distance, "ko-", label="measured")
ax.loglog(sizes, distance[0] * np.sqrt(sizes[0] / sizes), "--", color="gray", label=r"proportional to $1/\sqrt{N}$")
ax.set(xlabel="N, examples in the sample", ylabel="distance of the lowest points")
ax.legend()
plt.show()

# %%
print(f"slope on the logarithmic axes: {slope:.2f}")
assert -0.6 < slope < -0.4

# %% [markdown]
# The slope is about −½: for half the distance you need *four* times the examples. That is an expensive way to improve,
# and the reason why data sets are large. On the other hand it says that beyond some $N$ a walker need not care very
# much which sample made the ground. From here on we keep one sample of 30.

# %%
x, y = nature(30, seed=2)
X, Y = bp.tensor(x), bp.tensor(y)

w, b = bp.parameter(0.0), bp.parameter(0.0)
L = ((w * X + b - Y) ** 2).mean()
g = bp.graph(L)

# %% [markdown]
# ## 4. Which way is down?
#
# We stand at $w = 0$, $b = 0$, and it is dark: we know the ground under our feet and nothing else. Let us feel about
# with one foot, in 72 directions, and note each time how much the ground rises or falls over a distance of 0.01.
#
# The gradient should have told us before. To first order the loss changes by
#
# $$
# \mathcal L(\mathbf w + \delta\,\mathbf d) - \mathcal L(\mathbf w) \;\approx\;
# \delta\;\nabla_{\mathbf w}\mathcal L\cdot\mathbf d
# $$
#
# in the direction $\mathbf d$. If $\mathbf d$ has length 1, the product $\nabla\mathcal L\cdot\mathbf d$ is
# $\lVert\nabla\mathcal L\rVert\cos\theta$, where $\theta$ is the angle between the two.
#
# **Predict.** Plot the change against the direction, from 0° to 360°. Which curve will it be? In how many directions is
# it level?

# %%
g.backward()
gradient = np.array([w.grad, b.grad])

angles = np.deg2rad(np.arange(0, 360, 5))
directions = np.column_stack([np.cos(angles), np.sin(angles)])
change = np.array([empirical(x, y, *(0.01 * d)) for d in directions]) - L.data

assert np.allclose(change, 0.01 * directions @ gradient, atol=3e-4)

# %%
downhill = np.rad2deg(np.arctan2(-gradient[1], -gradient[0])) % 360

fig, ax = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
ax.axhline(0, color="gray", linewidth=0.8)
ax.plot(np.rad2deg(angles), change, "k.", label="felt with the foot")
ax.plot(
    np.rad2deg(angles), 0.01 * directions @ gradient, color="gray", label=r"$0.01\,\nabla\mathcal{L}\cdot\mathbf{d}$"
)
ax.axvline(downhill, color="#D40000", linestyle="--", label=r"the direction of $-\nabla\mathcal{L}$")
ax.set(xlabel="direction of the step, in degrees", ylabel="change of the loss", xticks=range(0, 361, 45))
ax.legend(fontsize=8)
plt.show()

# %% [markdown]
# A cosine. There is exactly one direction of steepest descent, and it is that of $-\nabla\mathcal L$ (the dashed line
# goes through the lowest dot). At right angles to it the ground is level, twice. So two numbers, $\partial\mathcal
# L/\partial w$ and $\partial\mathcal L/\partial b$, hold what 72 trials have found out.

# %%
found = np.rad2deg(angles[np.argmin(change)])
assert abs(found - downhill) <= 5
assert np.sum(np.diff(np.sign(change)) != 0) == 2  # level twice

# %% [markdown] tags=["seed:update-rule"]
# ## 5. The update rule
#
# So take a step in that direction, and then another. In symbols, the rule of **gradient descent** is
#
# $$
# \mathbf w \;\leftarrow\; \mathbf w - \epsilon\,\nabla_{\mathbf w}\mathcal L .
# $$
#
# Two things about it are easily overlooked. The sign: the gradient points *up*, and it is the rule that turns it
# round; the gradient itself stays as it is. And the length: a step is $\epsilon$ times the gradient, so on steep ground
# the walker strides, and near the bottom, where the gradient vanishes, the steps get short by themselves.

# %%
epsilon = 0.2
before = np.array([w.data, b.data])

g.backward()
g.sgd(epsilon)  # w.data -= epsilon * w.grad, and the same for b

assert np.allclose([w.data, b.data], before - epsilon * gradient)
assert g.forward() < empirical(x, y, *before)

# %% [markdown]
# **Predict.** Twelve steps of this rule, from $(0, 0)$. Will the walker go straight to the bottom? It always leaves in
# the steepest direction, and that is at right angles to the line of equal height it stands on.


# %%
def descend(epsilon, steps, x=X, y=Y, start=(0.0, 0.0)):
    """The points of a descent, and the losses there."""
    w, b = bp.parameter(start[0]), bp.parameter(start[1])
    g = bp.graph(((w * x + b - y) ** 2).mean())
    path, losses = [start], [g.forward()]
    for _ in range(steps):
        g.backward()
        g.sgd(epsilon)
        losses.append(g.forward())
        path.append((w.data, b.data))
    return np.array(path), losses


path, losses = descend(0.2, 12)
assert losses == sorted(losses, reverse=True)  # downhill at every step

# %% tags=["thumbnail"]
w, b = bp.parameter(path[-1][0]), bp.parameter(path[-1][1])
L = ((w * X + b - Y) ** 2).mean()
bp.plots.loss_surface(L, w, b, path=path, xlim=(-1, 4), ylim=(-3, 2)).set_aspect("equal")
plt.show()

# %% [markdown]
# Not straight. The first step crosses the lines of equal height at a right angle, and does not point at the bottom; the
# walker then turns and follows the floor of the bowl. "Steepest" is a statement about the ground under one's feet. It
# says nothing about where the bottom is.
#
# The same walk in three dimensions:

# %%
bp.plots.loss_surface(L, w, b, path=path, xlim=(-1, 4), ylim=(-3, 2), kind="surface")
plt.show()

# %% [markdown] tags=["seed:mean-gradient"]
# ## 6. The gradient of the mean is the mean of the gradients
#
# The surface is a mean of $N$ surfaces, one for each example. What about its slope? Differentiation is linear, so
#
# $$
# \nabla_{\mathbf w}\,\frac1N\sum_{i=1}^{N}\mathcal L(\mathbf x_i, \mathbf w) \;=\;
# \frac1N\sum_{i=1}^{N}\nabla_{\mathbf w}\,\mathcal L(\mathbf x_i, \mathbf w) .
# $$
#
# Each example votes for a direction, and the gradient is the mean vote. We collect the votes one at a time, by 30
# separate backward passes, and compare with one pass for all.


# %%
def vote(i, at):
    """The gradient of the loss on example i alone."""
    w, b = bp.parameter(at[0]), bp.parameter(at[1])
    ((w * x[i] + b - y[i]) ** 2).backward()
    return np.array([w.grad, b.grad])


start, end = (0.0, 0.0), tuple(path[-1])
votes = {at: np.array([vote(i, at) for i in range(30)]) for at in (start, end)}

assert np.allclose(votes[start].mean(axis=0), gradient)

# %% [markdown]
# **Predict.** Do all 30 examples agree, more or less, where to go? At the start of the walk? At its end?

# %%
fig, axes = plt.subplots(1, 2, figsize=(8, 3.9), layout="constrained")
for ax, (at, title) in zip(axes, ((start, "at the start"), (end, "after 12 steps")), strict=True):
    ends = -votes[at]
    mean = ends.mean(axis=0)
    ax.axhline(0, color="lightgray", linewidth=0.8)
    ax.axvline(0, color="lightgray", linewidth=0.8)
    ax.quiver(
        0 * ends[:, 0], 0 * ends[:, 0], *ends.T, angles="xy", scale_units="xy", scale=1, width=0.004, color="#E88080"
    )
    ax.plot(*ends.T, ".", color="#D40000", markersize=4)
    ax.plot(*mean, "o", color="black", markerfacecolor="white", markersize=9, label="the mean")
    ax.set(title=title, xlabel=r"$-\partial\mathcal{L}_i/\partial w$", ylabel=r"$-\partial\mathcal{L}_i/\partial b$")
    ax.set(xlim=(-5, 13), ylim=(-7, 7))
    ax.legend(loc="upper right")
plt.show()

# %% [markdown]
# Each red arrow is what one example wants (against its own gradient, hence the minus). At the start they disagree about
# $b$, but nearly all want $w$ to grow, and the mean is a clear order. After twelve steps they pull in all directions
# with some force, and the mean is nearly nothing. The bottom of the bowl is not a place where every example is content.
# It is a place where they cancel.

# %%
size_of_votes = np.linalg.norm(votes[end], axis=1).mean()
size_of_mean = np.linalg.norm(votes[end].mean(axis=0))
print(f"at the end: a vote is {size_of_votes:.2f} long on average, the mean vote {size_of_mean:.3f}")
assert size_of_mean < 0.2 * size_of_votes

# %% [markdown]
# Two consequences. A few examples, drawn at random, already give a rough idea of the mean vote, and are cheaper to
# ask than all; training in practice uses such **mini-batches**, and is then called *stochastic* gradient descent. And
# it matters whether you take the *mean* or the *sum*: the sum is $N$ times as large, the steps are $N$ times as long,
# and a learning rate that was good for the one is useless for the other.
#
# Here is the graph of two examples, $(x, y) = (1, 2)$ and $(-1, 1)$, small enough to look at. Both branches use the
# *same* $w$ and $b$: the knobs are shared, and that is where the votes are added up. (`bp.addcmul(b, w, x)` is
# $b + w\cdot x$ in a single node, which keeps the picture small.) The player has been stopped in the middle of the way
# back. The lower branch, the second example, has sent its votes (halved, because of the mean),
# and the frame below $w$ holds a 1.
#
# **Predict.** What will be in that frame after the last three steps: the vote of the first example, or the sum? Work
# out both, then press **→**.

# %%
w, b = bp.parameter(0.0), bp.parameter(0.0)
e1 = bp.addcmul(b, w, 1.0) - 2.0  # w x + b - y, with x = 1 and y = 2
e2 = bp.addcmul(b, w, -1.0) - 1.0  # the same with x = -1 and y = 1
L = (e1**2 + e2**2) / 2

bp.play(bp.draw(L, show="numbers", step=17))

# %% [markdown]
# The sum: the first example sends $-2$, and $1 - 2 = -1$. A second message does not replace the first. So the engine,
# which knows nothing about means of gradients, has computed one, by adding up at the shared parameter.

# %%
L.backward()
assert w.grad == ((-4) + 2) / 2  # the votes of the two examples, and their mean
assert b.grad == ((-4) + (-2)) / 2

# %% [markdown]
# ## 7. How long a step?
#
# Everything now depends on $\epsilon$. We begin in one dimension, where it can be worked out completely. Let
# $\mathcal L(w) = \tfrac\lambda2\,w^2$, a parabola with the curvature $\lambda$ and its bottom at 0. The gradient is
# $\lambda w$, so one step makes of $w$
#
# $$
# w - \epsilon\lambda w \;=\; (1 - \epsilon\lambda)\,w ,
# $$
#
# and $t$ steps multiply it by $(1 - \epsilon\lambda)^t$. This goes to zero if $1 - \epsilon\lambda$ lies between −1 and
# 1, that is for $0 < \epsilon < 2/\lambda$.
#
# **Predict.** Let $\lambda = 3$. What does the walker do for $\epsilon = 0.03$, for $1/3$, for $0.6$, for $2/3$, for
# $0.7$? One of these arrives in a single step.

# %%
lam = 3.0
print("epsilon   1 - epsilon·λ        w after 0, 1, 2, 3 steps       after 50")
for epsilon in 0.03, 1 / 3, 0.6, 2 / 3, 0.7:
    w = bp.parameter(1.0)
    g = bp.graph(lam / 2 * w**2)
    seen = [w.data]
    for _ in range(50):
        g.forward()
        g.backward()
        g.sgd(epsilon)
        seen.append(w.data)
    first = "  ".join(f"{round(value, 6) + 0.0:6.2f}" for value in seen[:4])
    print(
        f"{epsilon:7.3f}   {round(1 - epsilon * lam, 9) + 0.0:8.2f}        {first}   {round(seen[-1], 6) + 0.0:12.5f}"
    )
    assert np.allclose(seen, (1 - epsilon * lam) ** np.arange(51), atol=1e-9)

# %% [markdown]
# All five characters appear. A small $\epsilon$ creeps. $\epsilon = 1/\lambda$ arrives at once. Between $1/\lambda$ and
# $2/\lambda$ the walker jumps over the bottom each time, and still gets nearer. At exactly $2/\lambda$ it jumps to and
# fro for ever, and beyond that every jump is larger than the last: it *diverges*.
#
# ### Two dimensions
#
# Our bowl is not equally steep in all directions. Its curvatures are the eigenvalues of the matrix of second
# derivatives, the *Hessian*. For the squared error the Hessian is the same everywhere, and holds nothing but means over
# the inputs:
#
# $$
# H \;=\; 2\begin{pmatrix} \overline{x^2} & \overline{x} \\ \overline{x} & 1 \end{pmatrix}
# $$
#
# Along each of its eigenvectors the walker behaves just as on the parabola, with $\lambda$ the eigenvalue. One
# $\epsilon$ must serve all of them, so the steepest direction sets the limit, $\epsilon < 2/\lambda_{\max}$, and the
# flattest one is left to creep.

# %%
H = 2 * np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1.0]])
for column, step in zip(H.T, ((1.0, 0.0), (0.0, 1.0)), strict=True):
    there = np.mean([vote(i, step) for i in range(30)], axis=0)
    assert np.allclose(there - gradient, column)  # what a step of 1 along an axis does to the gradient

flattest, steepest = np.linalg.eigvalsh(H)
border = 2 / steepest
print(f"curvatures {flattest:.3f} and {steepest:.3f}; the border is at epsilon = {border:.3f}")

# %% [markdown]
# **Predict.** Three walks of 15 steps: $\epsilon = 0.03$, $0.4$, and one a little above the border. Sketch the three
# paths before you run the cell.

# %%
rates = 0.03, 0.4, round(border + 0.02, 2)
walks = {epsilon: descend(epsilon, 15) for epsilon in rates}

fig, axes = plt.subplots(1, 3, figsize=(9.5, 3.5), sharey=True, layout="constrained")
for ax, epsilon, word in zip(axes, rates, ("slow", "good", "diverging"), strict=True):
    path, losses = walks[epsilon]
    height = empirical(x, y, W, B)
    ax.contourf(W, B, height, levels=[0, *levels], cmap="YlGn", norm="symlog", extend="max")
    ax.contour(W, B, height, levels=levels, colors="#404040", linewidths=0.5)
    ax.plot(*path.T, "-o", color="#D40000", markersize=3.5, linewidth=1.2)
    ax.plot(*path[0], "o", color="#D40000", markerfacecolor="white", markersize=8)
    ax.set(xlim=(-1, 4), ylim=(-3, 2), aspect="equal", xlabel="w", title=f"{word}: ε = {epsilon}")
axes[0].set_ylabel("b")
plt.show()

# %%
fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
bottom = empirical(x, y, *np.polyfit(x, y, 1))
for epsilon, style in zip(rates, (":", "-", "--"), strict=True):
    ax.semilogy(np.array(walks[epsilon][1]) - bottom, style, color="black", label=f"ε = {epsilon}")
ax.set(xlabel="step", ylabel="loss above the bottom")
ax.legend()
plt.show()

# %% [markdown]
# On the left the walker is on the right way and will not arrive today. In the middle it is there after a dozen steps.
# On the right it leaps across the bowl, a little further out each time. Look at its curve in the second
# picture, the dashed one: it falls at first and then rises, at last as a straight line on the logarithmic axis, which
# means that it grows exponentially and will not stop. A learning
# rate that is too large does not always show in the first few steps.
#
# The border was computed from the curvature. Let us find it by trial as well: halve the interval again and again,
# asking each time whether a thousand steps lead far away.


# %%
def diverges(epsilon):
    w, b = 0.0, 0.0
    for _ in range(1000):
        error = w * x + b - y
        w, b = w - epsilon * 2 * np.mean(error * x), b - epsilon * 2 * np.mean(error)
        if abs(w) + abs(b) > 1e3:
            return True
    return False


low, high = 0.1, 2.0
while high - low > 1e-3:
    middle = (low + high) / 2
    low, high = (low, middle) if diverges(middle) else (middle, high)

print(f"found by trial {high:.3f}, computed 2/λmax = {border:.3f}")
assert abs(high - border) < 0.01

# %% [markdown]
# All of this section and of the ones before it hangs on three numbers: how many examples there are, which ones, and how
# far a step goes. Here they are, on sliders (run the cell, if they are not there).
#
# **Predict.** With the 12 examples of `seed` 1, at which `epsilon` do the zigzags stop getting shorter and begin to get
# longer? (Look at the last steps of the path.) Does that $\epsilon$ change if you move `seed` and leave `N`? And if you
# move `N` to 300?


# %%
def lab(N=12, epsilon=0.1, seed=1):
    xs, ys = nature(N, seed)
    path, losses = descend(epsilon, 15, bp.tensor(xs), bp.tensor(ys))
    heights = empirical(xs, ys, W, B)
    figure = plt.figure(figsize=(8, 3.6), layout="constrained")
    above = figure.add_subplot(1, 2, 1, xlim=(-1, 4), ylim=(-3, 2), xlabel="w", ylabel="b")
    above.contour(W, B, heights, levels=levels, colors="gray", linewidths=0.8)
    above.plot(*path.T, "o-", color="#D40000", markersize=4)
    above.set_title(f"15 steps: loss {losses[0]:.2f} → {losses[-1]:.3g}")
    space = figure.add_subplot(1, 2, 2, projection="3d", xlabel="w", ylabel="b", zlim=(0, 30))
    space.plot_surface(W, B, np.minimum(heights, 30), cmap="Greens", linewidth=0, rcount=40, ccount=40)
    space.set_title(f"the surface of {N} examples")


bp.explore(lab, N=(3, 300), epsilon=(0.01, 1.0, 0.01), seed=(0, 20))

# %% [markdown]
# <details>
# <summary>What you should have seen</summary>
#
# The limit is $2/\lambda_{\max}$ of this sample, 0.609: below it each zigzag across the valley is a little shorter than
# the one before, above it a little longer. Do not ask the loss too early. At 0.61 it still falls for four steps, since
# the path glides along the valley while it swings across it, and after 15 steps it is not yet back where it began; but
# it rises, and will not stop. The limit depends on the inputs $x_i$ alone. So another `seed` moves it, for few examples
# a lot; with 300 it moves far less, like the surface itself.
#
# </details>


# %%
def limit_of(N, seed):
    """2/λmax of such a sample."""
    xs, _ = nature(N, seed)
    return 2 / np.linalg.eigvalsh(2 * np.array([[np.mean(xs * xs), np.mean(xs)], [np.mean(xs), 1.0]]))[-1]


limits = {N: [limit_of(N, seed) for seed in range(21)] for N in (12, 300)}
for N in limits:
    print(f"the limits of {N} examples, seeds 0 to 20: {min(limits[N]):.2f} to {max(limits[N]):.2f}")

assert round(limits[12][1], 3) == 0.609
assert np.ptp(limits[300]) < np.ptp(limits[12]) / 3

losses = descend(0.61, 15, *map(bp.tensor, nature(12, seed=1)))[1]
assert min(losses) == losses[4] < losses[-1] < losses[0]

# %% [markdown]
# ## 8. Not every landscape is a bowl
#
# A line through points makes a bowl with one bottom. Put one neuron with a bend in front of another, $\hat y =
# v\tanh(w x)$, and that is over. This is a network of two layers with one parameter each.
#
# **Predict.** If $(w, v)$ is a good pair, which other pair is exactly as good? And what does the gradient say at
# $(0, 0)$?

# %%
w, v = bp.parameter(0.0), bp.parameter(0.0)
L = ((v * bp.tanh(w * bp.tensor([1.0, -1.0, 2.0])) - bp.tensor([1.0, -1.0, 1.2])) ** 2).mean()
L.backward()
assert (w.grad, v.grad) == (0.0, 0.0)

bp.plots.loss_surface(L, w, v, xlim=(-3, 3), ylim=(-3, 3))
plt.show()

# %% [markdown]
# There are two low regions, since $v\tanh(wx) = (-v)\tanh(-wx)$, and between them, where the star is, a saddle. The
# gradient at the saddle is zero, so a walker who starts exactly there never leaves, although it goes down on two sides.
# That is one reason why parameters are not set to 0 at the beginning, but to random numbers. Gradient descent promises
# to go down as long as there is a slope and the step is small. It promises no more.

# %%
path_of = {}
for start in (0.0, 0.0), (0.1, 0.1), (-0.1, -0.1):
    w, v = bp.parameter(start[0]), bp.parameter(start[1])
    g = bp.graph(((v * bp.tanh(w * bp.tensor([1.0, -1.0, 2.0])) - bp.tensor([1.0, -1.0, 1.2])) ** 2).mean())
    for _ in range(300):
        g.forward()
        g.backward()
        g.sgd(0.1)
    path_of[start] = (w.data, v.data)
    print(f"from {start}:  w = {w.data:5.2f}, v = {v.data:5.2f}, loss {g.forward():.4f}")

assert path_of[0.0, 0.0] == (0.0, 0.0)
assert np.allclose(path_of[0.1, 0.1], -np.array(path_of[-0.1, -0.1]))

# %% [markdown] tags=["seed:need"]
# ## 9. Why we need backpropagation
#
# So all that a walker needs is the gradient at the present place. For two parameters we have not even asked
# how to get it. One could always try: nudge each parameter up and down, compute the loss both times, and divide. How
# many parameters does a network have?

# %%
digits = bp.nn.Sequential(bp.nn.Linear(784, 100), bp.nn.Tanh(), bp.nn.Linear(100, 10))
count = sum(p.size for p in digits.parameters())
print(f"{count:,} parameters in a small network that reads handwritten digits")
assert count == 784 * 100 + 100 + 100 * 10 + 10

# %% [markdown]
# **Predict.** To nudge them all, how often must the whole network be run, for *one* step of the walk? And for a network
# of a billion parameters, if one run takes a second, how long does one step take?
#
# We count on a network of 33 parameters, with a counter inside the loss.

# %%
net = bp.nn.ScalarMLP([2, 8, 1], generator=np.random.default_rng(0))
parameters = list(net.parameters())
runs = 0


def loss():
    global runs
    runs += 1
    return (net([1.0, -2.0]) - 1.0) ** 2


by_trial, h = [], 1e-5
for p in parameters:
    here = p.data
    p.data = here + h
    up = loss().data
    p.data = here - h
    down = loss().data
    p.data = here
    by_trial.append((up - down) / (2 * h))

print(f"{len(parameters)} parameters, {runs} runs")
assert runs == 2 * len(parameters)

# %%
loss().backward()  # one run forward, one pass back
assert np.allclose([p.grad for p in parameters], by_trial)

years = 2 * 10**9 / (60 * 60 * 24 * 365)
print(f"a billion parameters, a second for each run: {years:.0f} years for one step")
assert 60 < years < 65

# %% [markdown]
# The two lists of numbers agree. One of them took 66 runs of the network, the other one run and one pass back; and
# for a billion parameters it is two billion runs, against the same one and one. Sixty-three years for one step
# downhill, of the hundred thousands that a training takes: that is why neural networks could not be trained in this
# manner, and why the other way deserves a course.
#
# What does the other way consist of? We need derivatives at the *present* point, so the network has to be run forward
# once, to get the value of every one of its nodes at the present $\mathbf w$ and for the present example. Then comes a
# pass backward, which uses these values, and the chain rule, so cleverly that nothing is ever computed twice. The next
# lecture is about the first half.

# %% [markdown]
# ## What PyTorch calls this
#
# | here | in PyTorch |
# |:--|:--|
# | the empirical loss | `F.mse_loss(prediction, y)`; `reduction="mean"` is what you get if you say nothing |
# | the sum instead of the mean | `F.mse_loss(prediction, y, reduction="sum")`: gradients $N$ times as large |
# | `g.backward()`, `g.sgd(epsilon)` | `optimizer.zero_grad()`, `L.backward()`, `optimizer.step()` |
# | $\epsilon$ | `lr=` in `torch.optim.SGD(parameters, lr=0.2)` |
# | a mini-batch | what one turn of a `DataLoader` gives |

# %% [markdown]
# ## Exercises
#
# Replace each `None` (in the first and the second, the dots) by your answer and run the cell. Silence means that you
# are right.
#
# **1. The loss and its gradient.** For $\hat y = w x + b$ and the squared error, write the empirical loss and its
# gradient by hand, without the package. The gradient is the mean of the examples' gradients; what is the gradient of
# one?


# %%
def my_loss(x, y, w, b):
    return ...


def my_gradient(x, y, w, b):
    """The pair ∂L/∂w, ∂L/∂b."""
    return ...


w, b = bp.parameter(0.7), bp.parameter(-1.1)
L = ((w * X + b - Y) ** 2).mean()
L.backward()
mine, pair = my_loss(x, y, 0.7, -1.1), my_gradient(x, y, 0.7, -1.1)
assert np.shape(mine) == (), "The loss is one number, the mean over the examples."
assert mine is ... or np.isclose(mine, L.data), "The mean of the squares, not the square of the mean."
assert pair is ... or np.shape(pair[0]) == np.shape(pair[1]) == (), "Two numbers: each is a mean over the examples."
assert pair is ... or np.allclose(pair, [w.grad, b.grad]), "Is there a factor 2, and a mean? ∂L/∂w has an x in it."

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# One example has $\partial\mathcal L_i/\partial w = 2\,(w x_i + b - y_i)\,x_i$, and the same without the last $x_i$ for
# $b$.
#
# ```python
# def my_loss(x, y, w, b):
#     return np.mean((w * x + b - y) ** 2)
#
# def my_gradient(x, y, w, b):
#     error = w * x + b - y
#     return 2 * np.mean(error * x), 2 * np.mean(error)
# ```
#
# </details>

# %% [markdown]
# **2. A step.** Parameters and their gradients come as two lists. Return the list of the parameters after one step.


# %%
def my_step(parameters, gradients, epsilon):
    return ...


new = my_step([1.0, -2.0, 0.5], [10.0, -10.0, 0.0], 0.1)
assert new is ... or np.allclose(new, [0.0, -1.0, 0.5]), "Against the gradient: where it is negative, go up."

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# ```python
# def my_step(parameters, gradients, epsilon):
#     return [p - epsilon * g for p, g in zip(parameters, gradients, strict=True)]
# ```
#
# </details>

# %% [markdown]
# **3. The largest stable learning rate.** Let $\mathcal L = 5\,w^2 + \tfrac12\,b^2$. Below which $\epsilon$ does
# gradient descent converge? And with which factor does the distance in the *flat* direction shrink at each step, if
# you choose $\epsilon = 0.18$?

# %%
my_border = None
my_factor = None

assert my_border is None or np.isclose(my_border, 0.2), "5 w² is λ/2 · w². What is λ? Not 5."
assert my_factor is None or np.isclose(my_factor, 0.82), "1 − ελ, with the smaller of the two curvatures."

# %% [markdown]
# <details>
# <summary>Answer to 3</summary>
#
# The curvatures are 10 and 1, so the border is $2/10 = 0.2$. With $\epsilon = 0.18$ the steep direction is multiplied
# by $1 - 1.8 = -0.8$ at each step, the flat one by $1 - 0.18 = 0.82$. The larger the ratio of the curvatures, the
# slower is the best possible $\epsilon$ in the flat direction.
#
# </details>

# %% [markdown]
# ## What you have learned
#
# - Each example makes a landscape; the loss is their mean. It is an estimate of an expected loss, and its error shrinks
#   as $1/\sqrt N$.
# - Against the gradient it goes down most steeply, here and now. The gradient of the mean is the mean of the gradients,
#   and at the bottom the votes cancel.
# - Below $2/\lambda_{\max}$ a walk in a bowl converges, above it diverges; the steepest direction sets the limit, the
#   flattest one the time.
# - To get the gradient by trial takes two runs of the network for every parameter. That is why there is
#   backpropagation.
#
# **Practise:** the [exercises](../exercises/ex01-loss-surfaces.ipynb) of this lecture, which answer at once.
#
# **Next:** [Networks as graphs: the forward pass](02-forward-pass.ipynb). Before gradients can go back, values must go
# forward, each of them once. What is so hard about that? Without care, a computation of sixty lines takes longer than a
# human life.
