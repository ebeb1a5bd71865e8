# %% [markdown]
# # One neuron: sigmoid and cross-entropy
#
# *Lecture 06, about 25 minutes. You need the chain rule for functions of one variable, and a little Python.*
#
# A single neuron is the smallest network that can learn, and it is small enough to hide nothing: seven numbers, six
# arrows forward, four messages back. We shall look at every one of them, with its value, and check each formula by
# running it.
#
# When you have finished, you can
#
# - compute the forward and the backward pass of this neuron by hand, and say of every factor where it comes from;
# - derive $\partial\mathcal L/\partial u = \hat y - y$, and from it the gradients of both parameters;
# - test a gradient by nudging the parameter and measuring;
# - say why the squared error hardly corrects a neuron that is sure and wrong, while cross-entropy does;
# - say why libraries like to compute this loss from $u$ and not from $\hat y$;
# - take a step of gradient descent and predict how far the loss will fall.
#
# Run each cell with **Shift + Enter**. Where it says **Predict**, stop and answer before you run the next cell, on
# paper if there is some within reach. A wrong guess is worth as much as a right one, provided you made it first. The
# notebook comes with its results, so that it can be read anywhere; so as not to see the answers too early, hide them
# now: *Edit → Clear Outputs of All Cells*.

# %% [markdown]
# ## Words and signs
#
# | we write | in the code | it is |
# |:--|:--|:--|
# | $x$ | `x` | the **input**, a number that is given |
# | $y$ | `y` | the **target**: 1 for yes, 0 for no |
# | $w_0,\ w_1$ | `w0`, `w1` | the **parameters** (bias and weight), the numbers that are learned |
# | $u$ | `u` | what the neuron adds up before deciding; its *logit* |
# | $\hat y$ | `yhat` | the **prediction**: how probable the neuron thinks a yes is |
# | $\mathcal L$ | `L` | the **loss**: how much the prediction costs us |
# | $\sigma(u)$ | `bp.sigmoid(u)` | the sigmoid $1 / (1 + e^{-u})$ |
# | $\textcolor{#E62020}{\partial\mathcal L/\partial u}$ | `u.grad` | the **backpropagated gradient** of $u$ |
# | $\textcolor{#2F6BFF}{\partial\hat y/\partial u}$ | | the **local gradient** between $\hat y$ and $u$ |
#
# A node's *parents* are the nodes it was computed from, and it is their *child*. Values travel from parent to child,
# gradients from child to parent.
#
# A backpropagated gradient, always red, says how the loss answers to a small change of one node. It is stored in that
# node. (Elsewhere it is called the *global* or *upstream* gradient.) A local gradient, always blue, says how a node
# answers to a small change of one of its parents. It belongs to the arrow between the two, is computed when it is
# needed, and is stored nowhere.

# %% [markdown]
# ## 1. The neuron, drawn
#
# Let $x$ be the hours somebody practised for a driving test, and $y = 1$ if they passed. Our neuron shall guess the
# one from the other. It has learned nothing yet; its parameters are two arbitrary numbers.

# %%
import math

import backprop_viz as bp

x, y = bp.tensor(1.5), bp.tensor(1.0)  # inputs: one and a half hours, passed
w0, w1 = bp.parameter(0.1), bp.parameter(-0.3)  # parameters

# %% [markdown]
# Three lines make the neuron and its loss. (`bp.addcmul(a, b, c)` is $a + b\,c$ in one piece; PyTorch has it under
# the same name.)

# %%
u = bp.addcmul(w0, w1, x)
yhat = bp.sigmoid(u)
L = bp.bce(yhat, y)

# %% [markdown]
# That is ordinary Python, and the numbers are already computed. But `u`, `yhat` and `L` also remember how they were
# made, and that memory is a graph, which we draw next.
#
# **Predict.** Work out $u$ in your head. Without a calculator: is $\hat y$ above or below ½? Is the neuron leaning
# towards the right answer?

# %%
bp.draw(L)

# %% [markdown]
# Green hexagons are inputs, orange boxes parameters, coral ellipses the results of a computation, with the computation
# written above. Black arrows carry values to the right. $u$ is negative, so $\hat y$ is below ½: the neuron gives a
# chance of 41 % to what in fact happened.
#
# Below each node that leads from a parameter to the loss there is a frame, a place for its gradient. The
# frames are empty, which is not the same as zero. Nobody has asked for gradients, and the code says so
# too:

# %%
assert w0.grad is None
assert w1.grad is None

# %% [markdown]
# ## 2. The forward pass
#
# What the three lines of code have computed, in formulas:
#
# $$
# \begin{aligned}
# &(1) & u &= w_0 + w_1 x \\
# &(2) & \hat y &= \sigma(u) \\
# &(3) & \mathcal L &= -\,y \log \hat y \;-\; (1 - y)\log(1 - \hat y) \;=\; \mathrm{BCE}(\hat y, y)
# \end{aligned}
# $$
#
# And in Python, each equation checked against the node that claims to have computed it:

# %%
assert math.isclose(u.data, w0.data + w1.data * x.data)  # (1)
assert math.isclose(yhat.data, 1 / (1 + math.exp(-u.data)))  # (2)
assert math.isclose(L.data, -y.data * math.log(yhat.data) - (1 - y.data) * math.log(1 - yhat.data))  # (3)

# %% [markdown]
# Equation (3) looks longer than it is. The target is 0 or 1, so one of the two terms always vanishes, and what
# remains is minus the logarithm of the probability that was given to the truth. A truth that was thought certain
# costs $-\log 1 = 0$; one thought impossible would cost infinitely much.

# %%
assert math.isclose(L.data, -math.log(yhat.data))  # since y is 1

# %% [markdown]
# ## 3. The backward pass
#
# Now the question that learning turns on: if I nudge $w_0$ or $w_1$ a little, how does $\mathcal L$ answer? We begin
# where the answer is trivial, at the loss itself, $\partial\mathcal L/\partial\mathcal L = 1$, and then walk against
# the arrows. At every arrow the same small thing happens. The child knows its red number, how the loss answers to it.
# The arrow has a blue number, how the child answers to this parent. Their product is what the parent is sent:
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial\,\text{parent}}} \;=\;
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial\,\text{child}}} \cdot
# \textcolor{#2F6BFF}{\frac{\partial\,\text{child}}{\partial\,\text{parent}}}
# $$
#
# **Predict**, before you touch the player:
#
# 1. The person passed. To lower the loss, should $\hat y$ rise or fall? So which sign has
#    $\textcolor{#E62020}{\partial\mathcal L/\partial\hat y}$?
# 2. Which signs have $\textcolor{#E62020}{\partial\mathcal L/\partial w_0}$ and
#    $\textcolor{#E62020}{\partial\mathcal L/\partial w_1}$?
# 3. One of these two is larger in size than the other. Which, and by what factor?

# %%
bp.play(L, step=3)

# %% [markdown]
# The player stands at step 3, where the values are known. Click on it, then use **→** and **←** to step, **Home** and
# **End** to jump, the **space bar** to play. (A picture that does not move means that the cell has not been run yet:
# Shift + Enter.)
#
# | step | what happens | what to look at |
# |--:|:--|:--|
# | 0 | nothing is computed | four leaves hold values, the three ellipses are blank |
# | 1–3 | $u$, $\hat y$, $\mathcal L$ are computed | each needs only its parents, and each is computed once |
# | 4 | the way back begins | the first red number is a 1, whatever the loss is |
# | 5 | $\mathcal L$ sends to $\hat y$ | your first prediction; nothing is sent to $y$, which is an input |
# | 6 | $\hat y$ sends to $u$ | the blue factor is at most ¼: the sigmoid always weakens the message |
# | 7 | $u$ sends to $w_0$ | blue is 1: the message arrives unchanged |
# | 8 | $u$ sends to $w_1$ | blue is $x$: your third prediction |
#
# Now step back with **←** from the end to step 4, and say at each arrow what the next red number will be before you
# let it appear again.

# %% [markdown]
# ### The same in formulas
#
# The player has only shown what the backward pass does. Let us run it, so that the nodes hold their gradients.
# `bp.graph(L)` puts the nodes in order; its `backward()` is the walk that you have just seen.

# %% tags=["seed:figure-2", "thumbnail"]
g = bp.graph(L)
g.backward()
bp.draw(L)

# %% [markdown]
# We follow the figure from right to left, so the numbers of the equations run backwards too.
#
# **(3) From $\mathcal L$ to $\hat y$.** The derivative of $-y\log\hat y$ is $-y/\hat y$, that of
# $-(1-y)\log(1-\hat y)$ is $(1-y)/(1-\hat y)$. Over a common denominator:
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial\hat y}} =
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial\mathcal L}}\,
# \textcolor{#2F6BFF}{\frac{\partial\mathcal L}{\partial\hat y}} =
# \textcolor{#E62020}{1}\cdot\textcolor{#2F6BFF}{\frac{\hat y - y}{\hat y\,(1 - \hat y)}}
# $$
#
# The same symbol stands there in red and in blue, and both are right: $\mathcal L$ is the child here *and* the thing
# we differentiate, so on this one arrow the local and the backpropagated gradient agree. On the others they do not.

# %%
local = (yhat.data - y.data) / (yhat.data * (1 - yhat.data))

assert L.grad == 1
assert math.isclose(local, -y.data / yhat.data + (1 - y.data) / (1 - yhat.data))
assert math.isclose(yhat.grad, L.grad * local)

# %% [markdown]
# It is negative: more $\hat y$, less loss. That was question 1.
#
# **(2) From $\hat y$ to $u$.** The sigmoid has a derivative that is made of its own value,
# $\sigma'(u) = \sigma(u)\,(1 - \sigma(u))$. The forward pass left that value in the node $\hat y$, so no exponential
# has to be computed a second time. This is one reason why forward values are kept.
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}} =
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial\hat y}}\,
# \textcolor{#2F6BFF}{\frac{\partial\hat y}{\partial u}} =
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial\hat y}}\cdot
# \textcolor{#2F6BFF}{\sigma(u)\,(1 - \sigma(u))} =
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial\hat y}}\cdot\textcolor{#2F6BFF}{\hat y\,(1 - \hat y)}
# $$

# %%
local = yhat.data * (1 - yhat.data)

assert local <= 0.25  # it is largest where ŷ = 0.5
assert math.isclose(u.grad, yhat.grad * local)

# %% [markdown]
# **A small miracle.** Put (3) into (2). The denominator of the one is the whole of the other:
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}} =
# \frac{\hat y - y}{\hat y\,(1 - \hat y)}\cdot\hat y\,(1 - \hat y) = \hat y - y
# $$
#
# The gradient at $u$ is simply the error: what was predicted minus what was true. The sigmoid weakens the message by
# $\hat y(1-\hat y)$, and cross-entropy had strengthened it by exactly as much beforehand. The two were made for each
# other; section 6 shows what happens to a loss that was not.

# %%
assert math.isclose(u.grad, yhat.data - y.data)
print(f"∂ℒ/∂u = {u.grad:.4f}")

# %% [markdown]
# **(1) From $u$ to the parameters.** $u = w_0 + w_1 x$ is linear, so its local gradients are read off:
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial w_0}} =
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}}\,
# \textcolor{#2F6BFF}{\frac{\partial u}{\partial w_0}} =
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}}\cdot\textcolor{#2F6BFF}{1} = \hat y - y
# \qquad
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial w_1}} =
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}}\,
# \textcolor{#2F6BFF}{\frac{\partial u}{\partial w_1}} =
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}}\cdot\textcolor{#2F6BFF}{x} = (\hat y - y)\,x
# $$

# %%
assert math.isclose(w0.grad, yhat.data - y.data)
assert math.isclose(w1.grad, (yhat.data - y.data) * x.data)
assert math.isclose(w1.grad / w0.grad, x.data)  # question 3: w1's is larger, by the factor x
print(f"∂ℒ/∂w₀ = {w0.grad:.4f}")
print(f"∂ℒ/∂w₁ = {w1.grad:.4f}")

# %% [markdown]
# Here is the whole of it on one sheet, in symbols and with the numbers of our neuron: above the three equations of the
# forward pass, below what comes back through each of them. Cover the lower half with your hand, and say it line by
# line.

# %% tags=["seed:figure-3"]
bp.equations(L, show="both")

# %% [markdown]
# Both gradients of the parameters are negative (question 2): raising either parameter lowers the loss. And $w_1$ has
# more say than $w_0$ because whatever it does is multiplied by $x = 1.5$.
#
# Two remarks, in case you have seen this neuron elsewhere.
#
# *Adding up.* The node $u$ has three parents, and you may have read that this makes it a place where gradients are
# summed. It is the other way round. With three **parents**, $u$ sends messages in several directions and adds
# nothing. A sum is due in a node with several **children**, since each of them sends it something. In this neuron
# every node has one child, so every red number is a single product.
#
# *Inputs.* Some descriptions of the algorithm set the gradients of inputs to 0. Here they stay `None`. The difference
# matters: 0 would claim that the loss does not answer to $x$ at all, and it does (exercise 2). `None` says that
# nobody asked.

# %%
assert x.grad is None
assert y.grad is None

# %% [markdown]
# ## 4. As you would really write it
#
# You would hardly type `bp.addcmul`. You would type the formula, and the graph follows what you type, operation by
# operation: one product, one sum.
#
# **Predict.** There will be eight nodes instead of seven. Will the gradients of $w_0$ and $w_1$ change?

# %%
z = w0 + w1 * x
p = bp.sigmoid(z)
loss = bp.bce(p, y)

before = w0.grad, w1.grad
bp.graph(loss).backward()
bp.draw(loss)

# %% [markdown]
# The product has no name in the code, so the drawing calls it $v_1$. Between $w_1$ and the sum there are now two
# arrows with the blue numbers $x$ and 1, where there was one arrow with $x$. The product along the way is the same,
# as it must be: how finely you chop a computation into nodes is your choice, and the chain rule does not mind.

# %%
assert (w0.grad, w1.grad) == before
assert (z.data, p.data, loss.data) == (u.data, yhat.data, L.data)

# %% [markdown]
# ## 5. Do not believe it, measure it
#
# A gradient is a claim about what would happen *if*, so it can be put to the test: nudge one parameter up and down by
# a little $h$, leave everything else alone, and see how the loss moves.
#
# $$
# \frac{\partial\mathcal L}{\partial w} \;\approx\; \frac{\mathcal L(w + h) - \mathcal L(w - h)}{2h}
# $$
#
# For a fair test the loss is written again, in plain Python that knows nothing of graphs.


# %%
def plain_loss(w0, w1):
    """The whole neuron in two lines, for x = 1.5 and y = 1."""
    yhat = 1 / (1 + math.exp(-(w0 + w1 * 1.5)))
    return -math.log(yhat)


def nudge(f, w, h=1e-3):
    """The slope of f at w, measured: the central difference."""
    return (f(w + h) - f(w - h)) / (2 * h)


# %%
measured = {
    "w0": nudge(lambda w: plain_loss(w, w1.data), w0.data),
    "w1": nudge(lambda w: plain_loss(w0.data, w), w1.data),
}

print("      backpropagated   measured      relative error")
for name, parameter in {"w0": w0, "w1": w1}.items():
    error = abs(measured[name] - parameter.grad) / abs(parameter.grad)
    print(f"{name}    {parameter.grad:.8f}      {measured[name]:.8f}   {error:.0e}")
    assert error < 1e-6

# %% [markdown]
# They agree to seven digits. Which of the two is at fault for the rest? If it is the measurement, a larger nudge must
# make it worse, and in a known way: the error of a central difference grows with $h^2$. Ten times the nudge, a
# hundred times the error.


# %%
def error_of(h):
    return abs(nudge(lambda w: plain_loss(w, w1.data), w0.data, h) - w0.grad)


assert math.isclose(error_of(1e-2) / error_of(1e-3), 100, rel_tol=0.01)

# %% [markdown]
# So it was the measurement. Why then not measure always? Because each parameter costs two forward passes of its own.
# For our two that is nothing; for a network with a million parameters it is two million passes, where backpropagation
# needs one forward and one backward pass for all of them together. Measuring is for testing, and for that it is
# excellent.

# %% [markdown]
# ## 6. Why not the squared error?
#
# Cross-entropy is not the only way to score a prediction. The squared error $(\hat y - y)^2$ is simpler and looks
# just as reasonable. Its backward pass differs in one arrow only, the one from $\mathcal L$ to $\hat y$:
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}} =
# \textcolor{#2F6BFF}{2\,(\hat y - y)}\cdot\textcolor{#2F6BFF}{\hat y\,(1 - \hat y)}
# \qquad\text{instead of}\qquad
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}} = \hat y - y
# $$
#
# Nothing cancels the factor $\hat y(1-\hat y)$ now.
#
# **Predict.** The truth is $y = 1$, and the neuron is sure of the opposite: $u = -8$, so $\hat y$ is about 0.0003.
# Which of the two losses pushes $u$ up harder, and how much harder, roughly: twice, ten times, a thousand times?
#
# We let the engine find the gradient for 161 values of $u$ at once. (A sum of 161 separate losses is still one loss,
# and each $u$ meets only its own.)

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt
import numpy as np


# %%
def gradient_at(values, loss):
    """∂ℒ/∂u for each of these values of u, where loss(ŷ) is the sum of the losses."""
    u = bp.parameter(values)
    loss(bp.sigmoid(u)).backward()
    return u.grad


us = np.linspace(-8, 8, 161)
cross_entropy = gradient_at(us, lambda yhat: bp.bce(yhat, 1.0, reduction="sum"))
squared = gradient_at(us, lambda yhat: ((yhat - 1.0) ** 2).sum())

yhats = 1 / (1 + np.exp(-us))  # the two formulas, with y = 1
assert np.allclose(cross_entropy, yhats - 1)
assert np.allclose(squared, 2 * (yhats - 1) * yhats * (1 - yhats))

# %%
fig, ax = plt.subplots(figsize=(7, 3.5), facecolor="white")
ax.axhline(0, color="gray", linewidth=0.8)
ax.plot(us, cross_entropy, color="#D40000", linewidth=2)
ax.plot(us, squared, color="#D40000", linewidth=2, linestyle="--")
ax.text(-7.8, -0.93, "cross-entropy")
ax.text(-7.8, -0.10, "squared error")
ax.set_xlabel(r"$u$    (sure and wrong on the left, sure and right on the right)")
ax.set_ylabel(r"$\partial\mathcal{L}\,/\,\partial u$")
ax.set_title("How hard the loss pushes when y = 1")
plt.show()

# %% [markdown]
# Read the picture from the right. Where the neuron is sure and right, both curves are near zero, and rightly so:
# nothing needs to change. Going left the prediction gets worse, and cross-entropy pushes harder and harder, up to its
# full strength of −1. The squared error starts in the same way, is strongest near $u = -0.7$, and then *gives up*:
# the further the neuron is in error, the less it is corrected. At the left edge the dashed line cannot be told from
# zero. One says that the neuron is **saturated**.

# %%
left = 0  # the index of u = -8
print(f"cross-entropy: {cross_entropy[left]:.5f}")
print(f"squared error: {squared[left]:.5f}")

assert cross_entropy[left] < -0.999
assert abs(squared[left]) < 0.001
assert cross_entropy[left] / squared[left] > 1000
assert -0.8 < us[np.argmin(squared)] < -0.6

# %% [markdown]
# More than a thousand times. In that state, and with the same small learning rate, a neuron with the squared error
# needs more than a thousand steps for what cross-entropy does in one. Note that nothing is wrong with the squared
# error's *value*: near 1 there, it says plainly that the prediction is bad. It is the gradient that does not get
# through the sigmoid, and it is only the gradient that a parameter hears.

# %% [markdown]
# ## 7. When $\hat y$ is rounded to 1
#
# The cancellation $\hat y(1-\hat y)/\hat y(1-\hat y)$ is exact on paper. In the computer the two factors sit in
# different nodes, each rounded by itself. Let us be sure and wrong the other way round: $y = 0$ and $u = 40$.
#
# On paper $\hat y = 1/(1+e^{-40})$, just below 1, the loss is 40 to more digits than a float can hold, and the
# gradient is 1.
#
# **Predict.** A Python float keeps about sixteen digits. What is $1 - \hat y$ in the computer? What becomes of
# $\log(1 - \hat y)$, and of the factor $\hat y(1-\hat y)$?


# %%
def through_probability(u, y):
    """Loss and ∂ℒ/∂u by way of ŷ, as in the figures above."""
    u = bp.parameter(u)
    loss = bp.bce(bp.sigmoid(u), y)
    loss.backward()
    return loss.data, u.grad


assert bp.sigmoid(40.0).data == 1.0  # exactly 1: the difference is too small for a float
assert through_probability(40.0, y=0.0) == (100.0, 0.0)

# %% [markdown]
# The loss should be 40 and comes out as 100. The logarithm of 0 is $-\infty$, and this package, like PyTorch, holds
# it at −100 so that one bad example does not make everything infinite. That is a bandage; the 40 is lost.
#
# The gradient is worse. It should be 1, the strongest push there is, and comes out as 0: the sigmoid's blue factor
# has been rounded to zero, and zero times anything is zero. The neuron is as wrong as it can be and hears nothing.
#
# The remedy is to do the cancelling on paper, before any rounding. With $\log\sigma(u) = -\log(1 + e^{-u})$ and
# $1 - \sigma(u) = \sigma(-u)$ the loss can be written in terms of $u$ alone:
#
# $$
# \mathcal L \;=\; y\log(1 + e^{-u}) + (1 - y)\log(1 + e^{u}) \;=\; \log(1 + e^{u}) - u\,y,
# $$
#
# where the last step uses $\log(1 + e^{-u}) = \log(1 + e^{u}) - u$. The function $\log(1 + e^u)$ is called
# *softplus*. NumPy computes $\log(e^a + e^b)$ safely as `np.logaddexp(a, b)`, so softplus is `np.logaddexp(0, u)`.
# The derivative is $\sigma(u) - y$: no division left, nothing to cancel.


# %%
def from_logit(u, y):
    """Loss and ∂ℒ/∂u from u itself."""
    return float(np.logaddexp(0, u) - u * y), bp.sigmoid(u).data - y


print("  u     through ŷ: loss, gradient      from u: loss, gradient")
for value in 2.0, 20.0, 30.0, 36.0, 40.0:
    a, b = through_probability(value, y=0.0), from_logit(value, y=0.0)
    print(f"{value:4.0f}      {a[0]:9.4f}   {a[1]:7.4f}             {b[0]:8.4f}   {b[1]:7.4f}")

# %% [markdown]
# Up to $u = 20$ the two agree. At 30 the left loss is still right to four digits, but its gradient has already
# collapsed: to avoid dividing by zero, the package (again like PyTorch) never lets the denominator $\hat y(1-\hat y)$
# fall below $10^{-12}$, and at $u = 30$ it should be smaller. At 40 nothing is left. The right-hand columns are
# correct everywhere, and would be at $u = 1000$.

# %%
assert np.allclose(through_probability(2.0, 0.0), from_logit(2.0, 0.0), rtol=1e-12)
assert from_logit(40.0, y=0.0) == (40.0, 1.0)
assert from_logit(1000.0, y=0.0) == (1000.0, 1.0)
assert math.isclose(from_logit(u.data, y.data)[0], L.data)  # our own neuron: no difference
assert math.isclose(from_logit(u.data, y.data)[1], u.grad)

# %% [markdown]
# So the picture with a node $\hat y$ is the one to think in, and the formula in $u$ is the one to compute with. When
# a library offers a loss "with logits", this is what it means.

# %% [markdown]
# ## 8. One step downhill
#
# Everything so far was for this: each parameter now knows how the loss answers to it, so each takes a small step in
# the opposite direction, $w \leftarrow w - \eta\,\textcolor{#E62020}{\partial\mathcal L/\partial w}$, with a
# *learning rate* $\eta$ that keeps it small.
#
# **Predict.** With $\eta = 0.1$, how far will the loss fall? A parameter that moves by
# $-\eta\,\partial\mathcal L/\partial w$ changes the loss by about $\partial\mathcal L/\partial w$ times that. Add
# this up for both parameters, with the numbers from section 3, and you have an estimate.

# %%
g = bp.graph(L)
before = g.forward()
g.backward()
estimate = 0.1 * (w0.grad**2 + w1.grad**2)
g.sgd(0.1)
after = g.forward()

print(f"loss before  {before:.4f}")
print(f"loss after   {after:.4f}")
print(f"it fell by   {before - after:.4f}")
print(f"estimated    {estimate:.4f}")
assert after < before
assert 0.9 * estimate < before - after < estimate

# %% [markdown]
# Close, and a little less than estimated. The estimate assumes that the slope stays what it was, but the loss curves,
# and on the way down its slope gets gentler.
#
# The three calls are the whole algorithm: compute the values, send the gradients back, step. Do it again and again,
# and the neuron learns.

# %%
losses = []
for step in range(100):
    losses.append(g.forward())
    g.backward()
    g.sgd(0.1)
    if step % 20 == 0:
        print(f"step {step:2d}   loss {losses[-1]:.4f}   ŷ = {yhat.data:.4f}")

assert losses == sorted(losses, reverse=True)  # it fell at every step

# %% [markdown]
# The steps get shorter by themselves. Why? Because the gradient is $\hat y - y$, the error, and the error shrinks.
# Look at the neuron once more, and compare the red numbers with those in section 3.

# %%
g.forward()
g.backward()
bp.draw(L)

# %% [markdown]
# A word of caution: this neuron has seen a single person, who passed, and all it can learn from that is to expect a
# pass. With $N$ examples the loss is the mean of $N$ losses, and its gradient the mean of $N$ gradients, each found
# just as here.

# %% [markdown]
# ## What PyTorch calls this
#
# The names are the same on purpose. In PyTorch our neuron reads
#
# ```python
# import torch
# import torch.nn.functional as F
#
# x, y = torch.tensor(1.5), torch.tensor(1.0)
# w0 = torch.tensor(0.1, requires_grad=True)
# w1 = torch.tensor(-0.3, requires_grad=True)
#
# u = torch.addcmul(w0, w1, x)  # or w0 + w1 * x
# yhat = torch.sigmoid(u)
# L = F.binary_cross_entropy(yhat, y)
# L.backward()
# w0.grad, w1.grad  # tensor(-0.5866), tensor(-0.8799)
# ```
#
# | here | in PyTorch |
# |:--|:--|
# | `bp.parameter(0.1)` | `torch.tensor(0.1, requires_grad=True)`, or an `nn.Parameter` |
# | `bp.bce(yhat, y)` | `F.binary_cross_entropy(yhat, y)` |
# | the loss from $u$, section 7 | `F.binary_cross_entropy_with_logits(u, y)` |
# | `g.sgd(0.1)` | `torch.optim.SGD([w0, w1], lr=0.1)`, then `.step()` |
# | `u.grad` after the pass | not kept, unless you call `u.retain_grad()` before: only leaves keep theirs |
# | `x.grad is None` | the same |
#
# One difference deserves a cell. `g.backward()` sets every gradient anew, as algorithms on paper do. PyTorch's
# `L.backward()` **adds** to what the parameters hold already, and leaves the clearing to you
# (`optimizer.zero_grad()`). Our `L.backward()` does as PyTorch does:

# %%
g.backward()
once = w0.grad

L.backward()
assert w0.grad == 2 * once  # added to what was there

g.backward()
assert w0.grad == once  # set anew

# %% [markdown]
# ## Exercises
#
# Replace each `None` (in the third, the dots) by your answer and run the cell. If it stays silent, you are right; if
# not, the last line of the error is a hint. The answers are folded away below; give yourself a try first.
#
# **1. The same neuron, another truth.** Take the numbers of section 1 again, $x = 1.5$, $w_0 = 0.1$, $w_1 = -0.3$ and
# therefore $\hat y = 0.4134$, but let the person have failed: $y = 0$. What are
# $\textcolor{#E62020}{\partial\mathcal L/\partial w_0}$ and $\textcolor{#E62020}{\partial\mathcal L/\partial w_1}$?
# Three digits are enough, and you need one subtraction and one multiplication.

# %%
my_w0_grad = None
my_w1_grad = None

a, b = bp.parameter(0.1), bp.parameter(-0.3)
bp.bce(bp.sigmoid(a + b * 1.5), 0.0).backward()
assert my_w0_grad is None or math.isclose(my_w0_grad, a.grad, abs_tol=2e-3), "What is ŷ − y now?"
assert my_w1_grad is None or math.isclose(my_w1_grad, b.grad, abs_tol=2e-3), "What is ∂u/∂w₁?"

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# The error is $\hat y - y = 0.413 - 0 = 0.413$. So $\partial\mathcal L/\partial w_0 = 0.413$ and
# $\partial\mathcal L/\partial w_1 = 0.413 \cdot 1.5 = 0.620$. Both are positive: the neuron now says too much, and
# both parameters should go down. Nothing in the graph has changed but one number in one leaf.
#
# </details>

# %% [markdown]
# **2. If we did ask for $x$.** We did not ask how the loss answers to $x$, and got `None`. With the numbers of
# section 1 and $y = 1$, what is $\textcolor{#E62020}{\partial\mathcal L/\partial x}$? Is it negative like the others?

# %%
my_x_grad = None

a = bp.parameter(1.5)  # x, asked for its gradient
bp.bce(bp.sigmoid(0.1 - 0.3 * a), 1.0).backward()
assert my_x_grad is None or math.isclose(my_x_grad, a.grad, abs_tol=2e-3), "What is ∂u/∂x? It is neither 1 nor x."

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# $\partial u/\partial x = w_1 = -0.3$, so
# $\partial\mathcal L/\partial x = (\hat y - y)\,w_1 = (-0.587)(-0.3) = 0.176$. It is positive. This neuron believes
# that practice does harm ($w_1$ is negative), so for it more practice makes the pass look *less* likely, and the loss
# larger.
#
# </details>

# %% [markdown]
# **3. Softplus without NumPy.** Write the stable loss in plain Python, with nothing but `max`, `abs`, `math.exp` and
# `math.log1p` (`math.log1p(t)` is $\log(1 + t)$, accurate for small $t$). The obvious `math.log(1 + math.exp(u))`
# will not do: at $u = 1000$ the exponential overflows. Hint: in $\log(1 + e^u)$ take the larger of 1 and $e^u$ out of
# the bracket, so that what is left in the exponent is never positive.


# %%
def my_bce(u, y):
    """Cross-entropy of σ(u) against y, from u."""
    return ...


for u_, y_ in [(-0.35, 1.0), (2.0, 0.0), (40.0, 0.0), (-40.0, 1.0), (1000.0, 0.0), (-1000.0, 0.0)]:
    mine = my_bce(u_, y_)
    assert mine is ... or math.isclose(mine, from_logit(u_, y_)[0], abs_tol=1e-12), f"not yet at u = {u_}, y = {y_}"

# %% [markdown]
# <details>
# <summary>Answer to 3</summary>
#
# For positive $u$ the larger is $e^u$, and $\log(1 + e^u) = u + \log(1 + e^{-u})$; for negative $u$ it is 1, and the
# formula stands as it is. Both cases in one line:
#
# ```python
# def my_bce(u, y):
#     return max(u, 0) + math.log1p(math.exp(-abs(u))) - u * y
# ```
#
# </details>

# %% [markdown]
# ## What you have learned
#
# - Backward starts with a 1 at the loss. At every arrow a red number, stored in the child, meets a blue one, computed
#   on the spot, and their product goes to the parent.
# - For a sigmoid with cross-entropy all of it collapses into the error: $\partial\mathcal L/\partial u = \hat y - y$,
#   and the parameters get $\hat y - y$ and $(\hat y - y)\,x$.
# - With another loss it need not collapse. The squared error leaves the sigmoid's factor standing, and a neuron that
#   is sure and wrong learns next to nothing.
# - What cancels on paper can be lost to rounding. Cancel first, then compute: the loss from $u$.
# - A gradient can be tested by nudging, and it tells you in advance roughly how far a step will take you.
#
# **Practise:** the [exercises](../exercises/ex06-one-neuron.ipynb) of this lecture, which answer at once.
#
# **Next:** [Whole layers at once: the equations of an MLP](07-mlp-equations.ipynb). But first go back to section 1,
# change a number (try $w_1 = 3$, a neuron that is sure and right), and choose *Run → Run All Cells*; which red numbers
# become small, and why? Then try $y = 0$. Two sections rest on $y$ being 1 and will say so; find them before Python
# does. Then build a graph of your own, from any formula you like, and give its last tensor to `bp.play`. The
# [first page](../index.ipynb) has the signs and the keys at a glance.
