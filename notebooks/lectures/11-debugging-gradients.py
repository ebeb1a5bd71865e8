# %% [markdown]
# # Debugging gradients
#
# *Lecture 11, about 25 minutes. You need lectures 04 to 07: the backward pass on scalars and on matrices.*
#
# A wrong gradient seldom crashes. The program runs, the loss even falls, only more slowly than it should, and at half
# past two in the morning you conclude that the learning rate is at fault, or the data, or you. A network with a wrong
# gradient is *a worse network*, and there are many reasons for a worse network. So a gradient must be tested by itself,
# before anything is trained with it.
#
# The test is old and simple: nudge, and measure. This lecture is about doing it well, about what it can and cannot tell
# you, and about recognizing the culprit by its traces. We shall plant more than a dozen bugs and catch them.
#
# When you have finished, you can
#
# - measure a slope by a central difference, and say why it is so much better than the one-sided one;
# - choose the step $h$, from the U-shaped curve of the error;
# - judge a relative error, and know where it misleads: at kinks, at zeros, in single precision;
# - let `bp.gradcheck` find the wrong *edge* of a graph, and see it lit;
# - tell from a wrong gradient which mistake was made.

# %% [markdown]
# ## 1. Two ways to nudge
#
# | we write | it is |
# |:--|:--|
# | $h$ | the nudge: a small step |
# | $f'$ | the slope that we want to test, here of a function of one number |
# | $\varepsilon$ | the rounding of a float, relative to its size: about $10^{-16}$ |
# | analytic | the gradient that the program claims |
# | numeric | the one that was measured |
#
# Take $f(x) = \sin x$ at $x = 1$, whose slope is $\cos 1$. The definition of the derivative suggests to go a step to
# the right, and divide. A fairer way is to go a step to either side:
#
# $$
# \frac{f(x+h) - f(x)}{h} \approx f'(x) + \frac{h}{2} f''(x),
# \qquad\qquad
# \frac{f(x+h) - f(x-h)}{2h} \approx f'(x) + \frac{h^2}{6} f'''(x)
# $$
#
# Both come from Taylor's series. In the second, what $f''$ does on the right it also does on the left, and the
# difference cancels it.
#
# **Predict.** With $h = 0.001$, how large is each error, roughly? And if $h$ is made ten times smaller?

# %%
import math

import numpy as np

import backprop_viz as bp


def one_sided(f, x, h):
    return (f(x + h) - f(x)) / h


def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


print("    h    error, one-sided   error, central")
for h in 1e-1, 1e-2, 1e-3, 1e-4:
    left, right = (abs(way(math.sin, 1.0, h) - math.cos(1)) for way in (one_sided, central))
    print(f"{h:.0e}        {left:.1e}            {right:.1e}")
    assert math.isclose(left, h / 2 * math.sin(1), rel_tol=0.05)  # f'' is −sin
    assert math.isclose(right, h**2 / 6 * math.cos(1), rel_tol=0.05)  # f''' is −cos

# %% [markdown]
# Each line makes the left error ten times smaller, the right one a hundred times. The central difference costs one more
# evaluation and is worth it: always use it.

# %% [markdown]
# ## 2. How small is small? The U-curve
#
# Then why not $h = 10^{-12}$?
#
# **Predict.** The table above, continued downwards: $h = 10^{-6}, 10^{-8}, 10^{-10}, 10^{-12}$. Where will the central
# error be at the end: below $10^{-20}$, near $10^{-16}$, or worse than what we had at $10^{-3}$?
#
# First we need a yardstick. An error of 0.001 is nothing in a gradient of a thousand, and all in one of 0.001. So we
# divide by the larger of the two:
#
# $$
# \text{relative error} \;=\;
# \frac{|\,\text{analytic} - \text{numeric}\,|}{\max(|\,\text{analytic}\,|,\, |\,\text{numeric}\,|)}
# $$


# %%
def relative_error(analytic, numeric):
    largest = max(abs(analytic), abs(numeric))
    return abs(analytic - numeric) / largest if largest else 0.0


assert math.isclose(relative_error(1.00, 1.01), 0.01 / 1.01)
assert math.isclose(relative_error(1000.0, 1010.0), relative_error(1e-9, 1.01e-9))  # the scale does not matter
assert relative_error(0.5, -0.5) == 2  # a wrong sign

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(6.4, 4.2), facecolor="white", layout="constrained")
bp.plots.gradcheck_error(bp.sin, 1.0, ax=ax)
plt.show()

# %% [markdown]
# Read it from the left, where $h$ is tiny. (If you guessed "worse than at $10^{-3}$": yes.) On the right-hand branch
# the error follows $h^2$: the curve of $f$ bends, and a smaller step sees less of the bend. On the left-hand branch it
# *grows* as $h$ gets smaller, and jitters: $f(x+h)$ and $f(x-h)$ agree in nearly all of their digits, the difference
# consists of what rounding has left, and we divide this rubble by a tiny number. The two together:
#
# $$
# \text{error}(h) \;\approx\; \underbrace{\frac{h^2}{6}\,|f'''|}_{\text{bend}}
# \;+\; \underbrace{\frac{\varepsilon\,|f|}{h}}_{\text{rounding}},
# \qquad\text{smallest near}\qquad
# h^* = \sqrt[3]{\frac{3\,\varepsilon\,|f|}{|f'''|}}
# $$

# %%
epsilon = 1.1e-16
best = (3 * epsilon * math.sin(1) / math.cos(1)) ** (1 / 3)
print(f"best step, by the formula: {best:.0e}")


def typical_error(h):
    """The median error over many places near 1, since rounding jitters."""
    return np.median([abs(central(math.sin, x, h) - math.cos(x)) for x in np.linspace(0.9, 1.1, 101)])


def formula(h):
    return h**2 / 6 * math.cos(1) + epsilon * math.sin(1) / h


for h in 1e-2, 1e-4, 1e-8, 1e-10, 1e-12:
    assert 0.1 < typical_error(h) / formula(h) < 3
assert all(formula(best) <= formula(best * factor) for factor in (0.5, 0.9, 1.1, 2))
assert typical_error(1e-12) > typical_error(1e-3)

# %% [markdown]
# So take $h$ between $10^{-6}$ and $10^{-5}$ in double precision, and expect about ten correct digits, not sixteen.
# What does a relative error tell you, then? A rule of thumb, for double precision and a smooth function:
#
# | relative error | what to think |
# |:--|:--|
# | below $10^{-7}$ | right |
# | between $10^{-7}$ and $10^{-5}$ | probably right, if the function is deep or strongly bent |
# | above $10^{-5}$ | suspicious; from $10^{-2}$ on, almost surely wrong |
# | ½, 1, 2 | wrong, and the number speaks: a factor of two, something missing, a sign |
#
# And in single precision? There $\varepsilon$ is $6\cdot10^{-8}$, and the U stands much higher.
#
# **Predict.** With $h = 10^{-6}$ and `float32`, how many digits of the slope are right?

# %% tags=["nbval-ignore-output"]
f32 = np.float32
print("    h    relative error in float32")
errors = {}
for h in 1e-1, 1e-2, 1e-3, 1e-5, 1e-6, 1e-7:
    x, step = f32(1), f32(h)
    slope = (np.sin(x + step) - np.sin(x - step)) / (f32(2) * step)
    errors[h] = relative_error(math.cos(1), float(slope))
    print(f"{h:.0e}        {errors[h]:.0e}")

assert errors[1e-2] < 1e-4
assert errors[1e-6] > 1e-3

# %% [markdown]
# Two at best. Gradients are tested in double precision, and `bp.gradcheck` converts its inputs. If a check
# fails in a library, look at the type of your numbers first.

# %% [markdown]
# ## 3. Kinks
#
# A slope is measured over a distance of $2h$. If the function has a corner within that distance, the measurement mixes
# what is on the left of it with what is on the right.
#
# **Predict.** ReLU is 0 on the left of 0, and $x$ on the right. What does a central difference give at $x = 0$ exactly?
# What does the engine say? And what is the truth?

# %%
x = bp.parameter(0.0)
bp.relu(x).backward()
print(f"engine: {x.grad:.1f}   measured: {central(lambda v: bp.relu(v).data, 0.0, 1e-6):.1f}")

assert x.grad == 0
assert central(lambda v: bp.relu(v).data, 0.0, 1e-6) == 0.5

# %% [markdown]
# The truth is that there is no derivative at 0. Libraries choose 0; the difference quotient finds the mean of both
# sides, ½; the relative error is 1, and nobody has made a mistake. It is worse than one point, since $h$ blurs the
# corner:

# %% tags=["nbval-ignore-output"]
xs = np.linspace(-0.3, 0.3, 241)
h = 0.1
measured = central(lambda v: np.maximum(v, 0), xs, h)

fig, ax = plt.subplots(figsize=(6.2, 3.2), facecolor="white", layout="constrained")
ax.axvspan(-h, h, color="#EEEEEE")
ax.plot(xs, np.where(xs > 0, 1.0, 0.0), color="#D40000", linewidth=2, label="backpropagated")
ax.plot(xs, measured, color="black", linestyle="--", linewidth=1.8, label="central difference, h = 0.1")
ax.set(xlabel="x", ylabel="slope of ReLU at x", title="A corner, seen with a blunt instrument")
ax.legend(loc="upper left", fontsize=8)
plt.show()

# %%
outside = np.abs(xs) > h + 1e-9
assert np.allclose(measured[outside], np.where(xs > 0, 1.0, 0.0)[outside])
assert np.allclose(measured[~outside], ((xs + h) / (2 * h))[~outside])  # a ramp from 0 to 1

# %% [markdown]
# Within the grey strip, of width $2h$, the measurement is wrong and the gradient right. That is another reason for
# a small $h$. In a network with ten thousand ReLUs some unit is always near its corner, so a check that fails at one
# entry in a thousand, and passes at another random point, speaks for *a kink*, and not against your code.
# `bp.gradcheck` looks to the left and to the right separately, and says when it finds one:

# %%
report = bp.gradcheck(lambda x: bp.relu(x), bp.parameter(0.0))
print("passed" if report else "failed")
for kink in report.kinks:
    print(kink.text)

assert report
assert len(report.kinks) == 1

# %% [markdown]
# It passes, with a remark. (`kinks="fail"` is stricter.) The same happens where two arguments of a maximum are equal.
#
# And a relative error misleads in one more place: where the gradient is 0. Then rubble is compared with rubble, and the
# quotient may be 1 though both numbers are about $10^{-17}$. So real checkers pass what is absolutely small, too:
#
# $$
# |\,\text{analytic} - \text{numeric}\,| \;\le\; \text{atol} + \text{rtol}\cdot|\,\text{numeric}\,|
# $$

# %%
analytic, numeric = 0.0, central(math.cos, 0.0, 1e-6) + 1e-12  # the slope of the cosine at 0 is 0; a little rubble
assert relative_error(analytic, numeric) == 1
assert abs(analytic - numeric) <= 1e-7 + 1e-5 * abs(numeric)
assert bp.gradcheck(bp.cos, bp.parameter(0.0))

# %% [markdown]
# ## 4. The wrong edge lights up
#
# Nudging tells you *that* a gradient is wrong. In a graph of a thousand edges you want to know *where*. Suppose you
# write an op of your own, the hyperbolic tangent, and misremember its derivative: $1 - \text{out}$ where it should be
# $1 - \text{out}^2$.


# %%
@bp.op(x="1 - out")  # wrong; right is 1 - out**2
def my_tanh(x):
    return np.tanh(x)


x, y = bp.tensor(1.5), bp.tensor(0.5)
w0, w1 = bp.parameter(0.1), bp.parameter(0.4)
z = w0 + w1 * x
a = my_tanh(z)
L = bp.square(a - y)

L.backward()
bp.draw(L, phase="forward", edges="none")

# %% [markdown]
# **Predict.** Every red number left of $a$ is wrong now: those of $z$, of $w_0$, of the product, of $w_1$. If we nudge
# $w_0$ and $w_1$, both will fail. Can you think of a test that fails on one edge only?
#
# The chain rule is a product of local things, so test the local things. For each edge, nudge one *argument of one
# operation*, compute only that operation again, and compare with its blue number. A wrong edge then cannot drag
# the others into suspicion. The player stands where $a$ is about to send. Judge the next blue number by hand:
# $a = 0.6044$, so what should it be?

# %%
bp.play(L, step=8)

# %% [markdown]
# Step on: the tile says $1 - 0.6044 = 0.3956$, and it should be $1 - 0.6044^2 = 0.6347$. Now the machine:

# %%
report = bp.gradcheck(L, raise_exception=False)
fault = report.faults[0]
entry = fault.entries[0]

print(f"{len(report.faults)} fault, in {report.edges} edges")
print(fault.text)
print(f"analytic {entry.analytic:.6f}   numeric {entry.numeric:.6f}   relative error {entry.relative_error:.2f}")
print(f"your line:  {fault.source[2]}")

assert not report
assert len(report.faults) == 1
assert fault.child is a
assert np.allclose([1 - a.data, 1 - a.data**2], [0.3956, 0.6347], atol=1e-4)

# %% tags=["thumbnail"]
bp.draw(L, ancestors_of="a", show="numbers", highlight=["z", "a"], title="The derivative on this edge is wrong")

# %% [markdown]
# Of the six edges that were checked one lights up (the picture shows the part up to $a$), and with it comes your line
# of code. The fault's `child` and `slot` say which edge it is. (The numbers 0.4003 and 0.6422 are the two derivatives
# times one random weight, which makes sure that nothing agrees by accident; their ratio is that of 0.3956 and 0.6347.)
#
# Mended, the same graph passes, and the gradient of the whole is checked on top of the edges:


# %%
@bp.op(x="1 - out**2")
def mended_tanh(x):
    return np.tanh(x)


report = bp.gradcheck(bp.square(mended_tanh(w0 + w1 * x) - y))
print(report)
assert report
assert math.isclose(entry.analytic / entry.numeric, (1 - a.data) / (1 - a.data**2), rel_tol=1e-6)

# %% [markdown]
# ## 5. A zoo of bugs
#
# The derivatives of the engine's own ops have been tested. Not so the code that you write by hand: in an exercise, in a
# paper's supplement, in a fused op. There, mistakes come in species, and each leaves its own traces. The collection
# below is from practice, and certainly not complete. Its numbers, M1 to M14, are those that the checks of the exercises
# use; we take them by where they live, not in order.
#
# We put the bugs into backward passes written by hand and let `bp.gradcheck` compare. It takes claims by the name of a
# node, and it does not stop at "wrong": it runs the backward pass again with each of the common slips until one gives
# exactly your numbers.

# %%
names = ["w", "x", "a", "u", "v", "L"]
w, x = bp.parameter(0.8), bp.tensor(1.5)
a = w * x
u = a * a  # two edges from a
v = bp.tanh(a)  # and a third
L = u * v
for node, name in zip([w, x, a, u, v, L], names, strict=True):
    node.name = name


def ask(loss, **claims):
    """What the checker makes of these gradients, by the names of their nodes."""
    report = bp.gradcheck(loss, gradients=claims, raise_exception=False)
    return report.faults[0].text if report.faults else "passed"


L.backward()
bp.draw(L)

# %% [markdown]
# The right pass, by hand, in the shorthand that everybody uses: `du` for $\partial\mathcal L/\partial u$. Follow it in
# the figure.

# %%
X, A, U, V = x.data, a.data, u.data, v.data

dv = U
du = V
da = dv * (1 - V**2) + du * 2 * A
dw = da * X

print(ask(L, v=dv, u=du, a=da, w=dw))
assert ask(L, v=dv, u=du, a=da, w=dw) == "passed"
assert np.allclose([dv, du, da, dw], [v.grad, u.grad, a.grad, w.grad])

# %% [markdown]
# **Predict.** Seven bad versions follow. For each, before you run it, say in a few words what is wrong with it; then
# see whether the checker says the same. (It begins with "every edge is right, the sum is not": all blue numbers of the
# graph pass, and your red number is not what they give. Arguments are counted from 0.)

# %%
zoo = {}

da = dv * (1 - V**2)
da = du * 2 * A
zoo["M1"] = ask(L, v=dv, u=du, a=da, w=da * X)

da = (1 - V**2) + 2 * A
zoo["M2"] = ask(L, v=U, u=V, a=da, w=X)

zoo["M3"] = ask(L, v=1 - V**2, u=2 * A)

early = dv * (1 - V**2)  # a has heard from v only, and sends already
zoo["M4"] = ask(L, v=dv, u=du, a=dv * (1 - V**2) + du * 2 * A, w=early * X)

da = dv * (1 - V**2) + du * A
zoo["M11"] = ask(L, v=dv, u=du, a=da, w=da * X)

zoo["M12"] = ask(L, w=-dw)

L.backward()  # a second time, nothing cleared
zoo["M8"] = ask(L, w=w.grad)

for bug, said in zoo.items():
    print(f"{bug:4s}{said}\n")

# %% [markdown]
# | | the mistake | how it shows |
# |:--|:--|:--|
# | M1 | `=` where `+=` is due: one message overwrites another | wrong at a node with several children, and below |
# | M2 | blue without red: the upstream gradient is forgotten | right for the last operation, wrong below |
# | M3 | a blue number reported as a red one (or the two swapped) | no slip explains it; compare with the tiles |
# | M4 | a node sends before all of its children have sent | its own gradient is right, those below it are not |
# | M11 | `a * a` treated as if `a` were used once | half of the contribution is missing |
# | M12 | the sign turned (or a learning rate folded in) | relative error 2, or one factor for all |
# | M8 | gradients of an earlier pass not cleared | exactly twice, three times, … |
#
# Only M3 left the checker without an explanation; of that one it says merely that the sum is not right. And M1, M4 and
# M11 cannot show on a chain, where every node is used once: test on a graph with fan-out.

# %%
assert "lost" in zoo["M1"]
assert "not multiplied by the upstream" in zoo["M2"]
assert "every edge is right, the sum is not" in zoo["M3"]
assert "before all of its children" in zoo["M4"]
assert "uses it 2 times" in zoo["M11"]
assert "sign is turned" in zoo["M12"]
assert "twice the right one" in zoo["M8"]

# %% [markdown]
# ### Matrices
#
# Now a layer with softmax and cross-entropy, for a batch of four. We choose $W$ **square** on purpose: with a square
# matrix a transposed product has the right shape, and no error message will save you.

# %%
random = np.random.default_rng(0)
X, Y = random.uniform(-1, 1, (4, 3)), np.eye(3)[[0, 2, 1, 2]]
W, b = (bp.parameter(random.uniform(-1, 1, shape), name=name) for shape, name in (((3, 3), "W"), (3, "b")))

Z = X @ W + b
P = bp.softmax(Z, 1)
loss = -(bp.log(P) * Y).sum() / 4
Z.name, P.name = "Z", "P"

G = (P.data - Y) / 4
print(ask(loss, Z=G, W=X.T @ G, b=G.sum(axis=0)))
assert ask(loss, Z=G, W=X.T @ G, b=G.sum(axis=0)) == "passed"

# %% [markdown]
# These were the right ones: $G = (\hat y - y)/4$ at $Z$, then $X^{\mathsf T} G$ and the sum over the rows of $G$
# ([lecture 07](07-mlp-equations.ipynb)).
#
# **Predict.** Five bad versions follow. Which of them would train on in silence, if nobody checked?

# %%
zoo = {}
zoo["M5"] = ask(loss, W=(X.T @ G).T)
zoo["M6"] = ask(loss, b=G)
dP = -Y / P.data / 4
D = dP * P.data * (1 - P.data)  # as if the softmax worked element by element
zoo["M10"] = ask(loss, P=dP, Z=D, W=X.T @ D)
zoo["M14"] = ask(loss, Z=4 * G, W=4 * X.T @ G)

squared = ((P - Y) ** 2).sum() / 4
zoo["M10, again"] = ask(squared, Z=(P.data - Y) / 4)

for bug, said in zoo.items():
    print(f"{bug}: {said}\n")

# %% [markdown]
# | | the mistake | how it shows |
# |:--|:--|:--|
# | M5 | a transpose too many, or factors in the wrong order | with a square matrix only a check of values sees it |
# | M6 | a bias served the whole batch, and its messages were not summed | a shape; or, after `mean`, a factor $N$ |
# | M10 | the Jacobian of softmax taken for a diagonal one | $P$ right, $Z$ wrong |
# | M14 | mean and sum confused | a factor that is the size of the batch |
# | M10, again | $\hat y - y$ used though the loss is not cross-entropy | wrong at $Z$, with no single factor |
#
# Four of them for certain. Only M6 has a wrong shape, and even that can pass: an update in place, `b -= lr * G`, fails,
# but `b = b - lr * G` gives a $b$ with four rows, which the next forward pass adds to $XW$ without complaint.

# %%
assert "transposed" in zoo["M5"]
assert "sum it over the axes" in zoo["M6"]
assert "diagonal of its Jacobian" in zoo["M10"]
assert "a mean over 4 taken for a sum" in zoo["M14"]
assert zoo["M10, again"].endswith("the sum is not")
assert (X @ W + (b.data - 0.1 * G)).shape == Z.shape  # the bias has become a matrix, and nothing complains

# %% [markdown]
# ### Bugs outside the formulas
#
# The rest of the list is not in any derivative. **M7, stale values:** a value was edited between the forward and the
# backward pass. The backward pass would compute its blue numbers from the new value, and the graph belongs to the old
# one.
#
# **Predict.** $\mathcal L = w^2$ at $w = 3$. We set $w$ to 5 after the forward pass and then call `backward()`. Will we
# get 6, 10, or something else?

# %%
w = bp.parameter(3.0)
L = bp.square(w)
with bp.no_grad():
    w += 2.0

try:
    L.backward()
except RuntimeError as error:
    print(str(error).split(".")[0])
    said = str(error)

assert "edit" in said or "in place" in said or "changed" in said
assert w.grad is None

# %% [markdown]
# Neither: the engine counts the edits of each tensor and refuses, as PyTorch does
# ([lecture 10](10-pytorch.ipynb)). Your own loops have no such guard. Their symptom is a gradient that is right at the
# first step and wrong from the second one on.
#
# **M9, ReLU's zeros.** We met the corner in section 3. There is a nastier case that *every* checker passes:

# %%
w, c = bp.parameter([0.5, -0.3]), bp.parameter(-5.0)
X = random.uniform(-1, 1, (100, 2))


def dead(w, c):
    return bp.relu(X @ w + c).mean()


report = bp.gradcheck(dead, (w, c))
dead(w, c).backward()
print("passed" if report else "failed", w.grad, c.grad)

assert report
assert not w.grad.any()

# %% [markdown]
# The gradient is zero, and it is *right*. With a bias of −5 the unit is off for all hundred examples, nothing it does
# reaches the loss, and no step will ever wake it: a **dead unit**. A gradient check answers "is this the slope?", never
# "is this slope of any use?" Count zeros as well: [lecture 12](12-training-watched.ipynb) does.
#
# **M13, a `None` where you expected a number.** No gradient is kept for inputs; nor, in PyTorch, for anything that was
# computed, unless you call `retain_grad()`. `None` is not 0. Ask these two questions before you suspect the pass:

# %%
w, x = bp.parameter(2.0), bp.tensor(3.0)
u = w * x
u.backward()

assert (w.requires_grad, w.is_leaf) == (True, True)  # keeps its gradient, here and in PyTorch
assert (x.requires_grad, x.is_leaf) == (False, True)  # never had one
assert (u.requires_grad, u.is_leaf) == (True, False)  # keeps it here; in PyTorch only on request
assert x.grad is None

# %% [markdown]
# ## 6. What the check cannot see
#
# Two more bugs are worth a cell, since both look like a sound program. A value may *leave the graph*: through
# `.detach()`, `.data`, `float()`, or NumPy behind the engine's back. Every edge that is left is right.


# %%
def leaky(x):
    scale = x.detach() ** 2  # "only a factor"
    return (scale * x).sum()


report = bp.gradcheck(leaky, bp.tensor([1.0, 2.0], name="x"), raise_exception=False)
print(report.faults[0].text)
assert report.faults[0].kind == "graph"

# %% [markdown]
# Given the *function* and not only the finished loss, the checker can call it again with nudged inputs, and finds that
# the whole moves differently from what the graph says. (If that is what you want, as for a constant target, all is
# well; it only has to be what you meant.)
#
# What no check can see is the **right gradient of the wrong function**: a loss with its sign turned, a mean over the
# wrong axis, targets in another order than the inputs. For these there are other tests: can the network learn three
# examples by heart? Does the loss begin at the value that chance predicts, $\log 3$ for three classes?

# %%
flipped = -((P - Y) ** 2).sum()  # a network trained with this would learn to be wrong
assert bp.gradcheck(flipped)  # and its gradient is fine

start = bp.cross_entropy(np.zeros((4, 3)), np.array([0, 2, 1, 2]))
assert math.isclose(start.data, math.log(3))

# %% [markdown]
# ### The order in which to look
#
# 1. Does the loss begin where chance predicts, and can the network learn three examples by heart?
# 2. Check the gradient in double precision, on a tiny network, at a random point, with $h$ near $10^{-6}$.
# 3. Wrong? Check node by node from the loss back; the *first* wrong node from the right is where the bug is.
# 4. Make the shapes unequal, then make a matrix square; give a node two children; use a batch larger than one.
# 5. Look at the number: 2, ½, −1, $N$, or zero. Each has its usual culprits.
# 6. Right, and still not learning? Then look at the sizes of the gradients, layer by layer.

# %% [markdown]
# ## What PyTorch calls this
#
# | here | in PyTorch |
# |:--|:--|
# | `bp.gradcheck(f, inputs)` | `torch.autograd.gradcheck(f, inputs)`: needs `float64`; names no edge |
# | `gradients=` claims, and what explains them | none; compare with `torch.testing.assert_close` |
# | an op of your own, `@bp.op` | a `torch.autograd.Function` with `forward` and `backward` |
# | kinks are told apart | they fail; choose another point |
# | a stale value is refused | the same: "… has been modified by an inplace operation" |
# | `nan` in the pass | `torch.autograd.set_detect_anomaly(True)` names the forward line |

# %% [markdown]
# ## Exercises
#
# **1. The best step in single precision.** In `float32`, $\varepsilon = 6\cdot10^{-8}$. Which power of ten is
# nearest to the best $h$ for the sine at 1? (Use $h^*$ of section 2; give the exponent, such as −6.)

# %%
my_exponent = None

best = (3 * 6e-8 * math.sin(1) / math.cos(1)) ** (1 / 3)
assert my_exponent is None or my_exponent == round(math.log10(best)), "The cube root of about 3e-7."

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# $h^* = \sqrt[3]{3 \cdot 6\cdot10^{-8} \cdot 0.84 / 0.54} \approx \sqrt[3]{2.8\cdot10^{-7}} \approx 6.5\cdot10^{-3}$,
# nearest to $10^{-2}$: the exponent is −2. A thousand times larger than in double precision, and the table of section 2
# agrees.
#
# </details>

# %% [markdown]
# **2. Read the number.** A check compares the analytic with the numeric gradient of three weights. Which bug of the zoo
# fits best? Choose from M6, M8, M11, M12, M14.
#
# - (a) analytic 0.30, −0.12, 0.06 and numeric 0.15, −0.06, 0.03; the second step gives three times the numeric one.
# - (b) analytic 3.2, −6.4, 1.6 and numeric 0.1, −0.2, 0.05; the batch has 32 examples.
# - (c) analytic −0.4, 0.7, −0.1 and numeric 0.4, −0.7, 0.1.

# %%
my_a = None
my_b = None
my_c = None

assert my_a in (None, "M8"), "Twice, then three times: what grows with every pass?"
assert my_b in (None, "M14"), "What has the value 32?"
assert my_c in (None, "M12"), "Divide one by the other."

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# (a) M8: the gradient of every earlier pass is still in it. (b) M14: a sum over the batch where a mean was meant.
# (c) M12: the sign. All three are *proportional* to the right gradient, so the loss may even fall, with (a) and (b).
#
# </details>

# %% [markdown]
# **3. Find and mend.** This backward pass of a small network with a shortcut has three bugs. The cell asks
# the checker about one node at a time, from the loss back, since no single slip explains three bugs at once. Run it,
# mend the line of the first node that is wrong, and run it again. When every node has passed, set `done = True`.

# %%
random = np.random.default_rng(1)
X, T = random.uniform(-1, 1, (5, 3)), random.uniform(-1, 1, (5, 3))
W, b = (bp.parameter(random.uniform(-1, 1, shape), name=name) for shape, name in (((3, 3), "W"), (3, "b")))
Z = X @ W + b
H = bp.tanh(Z)
out = H + Z * Z
loss = ((out - T) ** 2).mean()
Z.name, H.name, out.name = "Z", "H", "out"


def by_hand(W, b):
    """The gradients of all nodes, by name."""
    z = X @ W + b
    h = np.tanh(z)
    d_out = 2 * (h + z * z - T)
    d_h = d_out
    d_z = d_h * (1 - h**2)
    d_z = d_out * 2 * z
    return {"out": d_out, "H": d_h, "Z": d_z, "W": X.T @ d_z, "b": d_z[0]}


done = False
claims = by_hand(W.data, b.data)
for name, gradient in claims.items():
    print(f"{name:4s}{ask(loss, **{name: gradient})}\n")

assert not done or ask(loss, **claims) == "passed"

# %% [markdown]
# <details>
# <summary>Answer to 3</summary>
#
# The loss is a mean over 15 numbers (M14), $Z$ has two children (M1), and the bias serves five rows (M6):
#
# ```python
#     d_out = 2 * (h + z * z - T) / 15
#     d_z = d_h * (1 - h**2) + d_out * 2 * z
#     return {"out": d_out, "H": d_h, "Z": d_z, "W": X.T @ d_z, "b": d_z.sum(axis=0)}
# ```
#
# </details>

# %% [markdown]
# ## What you have learned
#
# - The central difference has an error of $h^2$; too small a step drowns it in rounding. Near $h = 10^{-6}$, in double
#   precision, ten digits are good.
# - A relative error above $10^{-5}$ wants an explanation. Kinks, zeros and single precision are innocent ones.
# - Check the edges one by one, and a wrong derivative cannot hide behind the others.
# - Bugs have signatures: a factor of two, a sign, a batch size, a lost message at a fan-out, a transposed square.
# - A check says whether a gradient is right. Whether it is useful is another question.
#
# **Practise:** the [exercises](../exercises/ex11-debugging-gradients.ipynb) of this lecture, which answer at once.
#
# **Next:** [Training, watched](12-training-watched.ipynb), where right gradients turn out to be too small.
