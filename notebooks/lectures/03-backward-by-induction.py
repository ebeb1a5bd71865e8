# %% [markdown]
# # Backward by induction
#
# *Lecture 03, about 20 minutes. You need [lecture 02](02-forward-pass.ipynb) (nodes in order, each computed once) and
# the chain rule for functions of one variable.*
#
# A loss has been computed, step by step, out of a hundred or a hundred million numbers. How does it answer to each of
# them? The whole of backpropagation is two sentences. One says what to do at the loss, and it is so easy that it
# looks like a joke. The other says how to go from a node that is done to one that is not. Two such sentences are
# enough for every graph there is, and this lecture shows why.
#
# When you have finished, you can
#
# - say what $\partial\mathcal L/\partial w$ means for a node in the middle of a graph, and measure it;
# - state the base step and the inductive step, and say why together they reach every node;
# - walk a chain backward by hand, and a graph that branches;
# - say what is stored during the two passes, what is not, and why;
# - say why the gradients of the weights come almost for free.

# %% [markdown]
# ## Words and signs
#
# | we write | it is |
# |:--|:--|
# | $w$ | any node of the graph, a computed one or a leaf; not only a weight |
# | $u$ | a **child** of $w$: a node that was computed from $w$ directly |
# | $\textcolor{#E62020}{\partial\mathcal L/\partial w}$ | the **backpropagated gradient** of $w$; in code `w.grad` |
# | $\textcolor{#2F6BFF}{\partial u/\partial w}$ | the **local gradient** between a child and its parent |
#
# Red is always about the loss. Blue is always about one arrow.

# %% [markdown]
# ## 1. Four steps in a row
#
# A cyclist rides at $s = 10$ metres per second, brakes, and would like to stop after 8 metres, where the puddle begins.
# The braking distance is $d = s^2/10$ (these are good brakes: 5 m/s²). How bad it is to miss the mark, we measure by
# the square of the miss $e$.

# %%
import math

import backprop_viz as bp

s = bp.parameter(10.0)  # speed, in metres per second
q = s**2
d = q / 10  # braking distance, in metres
e = d - 8  # how far beyond the mark
L = e**2

bp.draw(L, phase="forward")

# %% [markdown]
# Four operations, each with one argument: a **chain**. The forward pass has gone from left to right and left its
# numbers in the nodes. The cyclist stops two metres too far, in the puddle, and the loss is 4.

# %%
assert [node.data for node in (s, q, d, e, L)] == [10, 100, 10, 2, 4]

# %% [markdown] tags=["seed:backward-pass"]
# ## 2. What the backward pass has to find
#
# We want to know how $\mathcal L$ answers to a small change of $s$, since $s$ is what the cyclist can change. But it
# pays to ask for more: how does $\mathcal L$ answer to a small change of *each* node?
#
# For a node in the middle this needs a word of explanation, because nobody can change $d$ alone: it is computed from
# $s$. We pretend. Put another number into $d$ by hand, a slippery road perhaps, forget how it came about, and compute
# only what comes *after* $d$. The slope of the loss in that experiment is
# $\textcolor{#E62020}{\partial\mathcal L/\partial d}$.

# %%
nodes = [s, q, d, e, L]
steps = [lambda s: s**2, lambda q: q / 10, lambda d: d - 8, lambda e: e**2]


def rest(k, value):
    """The loss, when node k of the chain holds this value: only what comes after it is computed again."""
    for step in steps[k:]:
        value = step(value)
    return value


def measure(k, h=1e-4):
    """How the loss answers to node k: its value is nudged down and up by h."""
    value = nodes[k].data
    return (rest(k, value + h) - rest(k, value - h)) / (2 * h)


assert rest(0, 10.0) == rest(2, 10.0) == 4  # from s, and from d: the loss we know

# %% [markdown]
# So every red number can be measured. It is a definition one can touch, and a poor method: in a graph of a million
# nodes it means a million experiments. The backward pass finds all the red numbers in one walk, and it starts where
# there is nothing to find.

# %% [markdown]
# ## 3. The base step
#
# **Predict.** The loss is 4. How does it answer to a small change of itself: what is
# $\textcolor{#E62020}{\partial\mathcal L/\partial\mathcal L}$? 4, or 0, or 1? And what would it be if the loss were
# 1000?
#
# The player below has done the forward pass, four steps, and stands right before the answer. (What is saved in the
# notebook is the picture of this moment. To go on from it, run the cell.) Decide, then press **→** once.

# %%
bp.play(L, step=4)

# %% [markdown] tags=["seed:base-step"]
# Change the loss by a little, and the loss changes by as much. The slope of a number in itself is 1, whatever the
# number is.
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial\mathcal L}} = 1
# $$
#
# In the experiment of section 2 nothing at all is left to compute after $\mathcal L$, so it gives back the nudge it
# was given. This 1 is the **base step**. It is stored in the node $\mathcal L$, as its gradient.

# %%
assert rest(4, 1000.0) == 1000.0  # no step is left
assert math.isclose(measure(4), 1)

g = bp.graph(L)
g.backward()
assert L.grad == 1

# %% [markdown]
# ## 4. One arrow back
#
# Now suppose that a node $u$ is done: its red number is known. Take the parent $w$ that it was computed from. If $w$
# changes by a small $h$, then $u$ changes by about $\textcolor{#2F6BFF}{\partial u/\partial w}\cdot h$; that is what
# the blue number means. And whenever $u$ changes by something, the loss changes by
# $\textcolor{#E62020}{\partial\mathcal L/\partial u}$ times that something; that is what the red number means. One
# after the other:
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial w}} =
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}}\cdot
# \textcolor{#2F6BFF}{\frac{\partial u}{\partial w}}
# \qquad\text{(where } u \text{ is the only child of } w\text{)}
# $$
#
# **Predict.** Fill in this table from the bottom up, with pencil. The blue column asks only for derivatives you know;
# the red column is one multiplication a line.
#
# | from | to | the step | local (blue) | its number here | what arrives (red) |
# |:--|:--|:--|:--|--:|--:|
# | $q$ | $s$ | $q = s^2$ | $2s$ | ? | $\partial\mathcal L/\partial s =$ ? |
# | $d$ | $q$ | $d = q/10$ | ? | ? | $\partial\mathcal L/\partial q =$ ? |
# | $e$ | $d$ | $e = d - 8$ | ? | ? | $\partial\mathcal L/\partial d =$ ? |
# | $\mathcal L$ | $e$ | $\mathcal L = e^2$ | $2e$ | 4 | $\partial\mathcal L/\partial e = 1\cdot 4 =$ ? |
#
# Then go on in the player, and see whether it agrees.

# %%
bp.draw(L)

# %%
assert e.grad == L.grad * 2 * e.data == 4
assert d.grad == e.grad * 1 == 4
assert q.grad == d.grad / 10 == 0.4
assert s.grad == q.grad * 2 * s.data == 8

for k in range(5):
    assert math.isclose(nodes[k].grad, measure(k))  # walked back, and measured: the same

# %% [markdown]
# Read a few of them aloud. $\partial\mathcal L/\partial d = 4$: one centimetre more of braking distance costs about
# 0.04. $\partial\mathcal L/\partial s = 8$: a speed that is 0.01 m/s higher costs about 0.08. And if you wrote 20 for
# $s$: that is how $q$ answers to $s$, the blue number. You have stopped one factor too early, and you are in good
# company. Of all slips in backpropagation this is perhaps the most natural one: to report the local gradient and
# forget what comes from above.

# %%
faster = rest(0, 10.01) - 4
print(f"0.01 m/s faster: the loss grows by {faster:.4f}")
assert math.isclose(faster, 0.01 * s.grad, rel_tol=0.01)
assert 2 * s.data == 20 != s.grad  # local is not backpropagated

# %% [markdown] tags=["seed:induction"]
# ## 5. Why this reaches every node: induction
#
# You know this kind of argument from dominoes. If the first one falls, and if each one that falls knocks over the
# next, then all fall; nobody has to check the thousandth. Here the row falls from right to left.
#
# - **Claim** about a node: the red number stored in it is its true gradient.
# - **Base step.** The claim holds for $\mathcal L$: the number is 1.
# - **Inductive step.** If the claim holds for *all children* of a node, it holds for the node, once we have combined
#   what they send.
# - **So** it holds for every node that $\mathcal L$ was computed from. The walk ends at the nodes that were computed
#   from nothing, the leaves: they have no parents to send to.
#
# In what order? A node can be dealt with as soon as all its children are. In the forward pass a node's turn comes
# before those of its children; read that order from its end, and children come before parents. It is a valid order
# for the way back, for every graph without cycles. (One often hears "layer by layer". That is the same thing where
# there are layers and no arrow skips one. What counts is the children.)

# %%
order = [event.kind for event in bp.trace(L).events]
assert order == ["forward"] * 4 + ["seed"] + ["send"] * 4  # four values, the 1, four messages

# %% [markdown] tags=["seed:inductive-step"]
# ## 6. The inductive step in full
#
# In a chain everyone has one child. In general a node may have been used several times, and then it has several
# children, each with a red number and each with an arrow of its own:
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial w}} \;=\;
# \sum_{u}
# \textcolor{#E62020}{\left(\frac{\partial\mathcal L}{\partial u}\right)}
# \textcolor{#2F6BFF}{\left(\frac{\partial u}{\partial w}\right)}
# \qquad\text{summed over all children } u \text{ of } w
# $$
#
# Why a sum? If you nudge $w$, every child moves, each in its own way, and the loss feels all of them together. (The
# next lecture is about this sum: why it is a sum exactly, and what goes wrong without it.)
#
# The smallest graph that needs it: $x$ feeds $y$, then $y$ feeds both $u$ and $v$, and both feed the loss.

# %%
x = bp.parameter(1.0)
y = 2 * x
u, v = y**2, 5 - y
L = u * v

# the two children of y, each red × blue; the values are y = 2, u = 4, v = 3
bp.graph(L).backward()
assert y.grad == u.grad * (2 * y.data) + v.grad * (-1)

# %% [markdown]
# **Predict**, with pencil. The values are $x = 1$, $y = 2$, $u = y^2 = 4$, $v = 5 - y = 3$ and
# $\mathcal L = u\,v = 12$.
#
# 1. What does $\mathcal L$ send to $u$, and what to $v$? (The local gradient of a product, towards one factor, is the
#    other factor.)
# 2. $y$ gets two messages, and in this run the one from $v$ comes first. What stands below $y$ after it? Is it
#    $\partial\mathcal L/\partial y$ already?
# 3. What stands there after the second, and what reaches $x$?
#
# The player stands where the values are known and the way back begins.

# %%
bp.play(L, step=4)

# %% [markdown]
# | step | what happens | below the receiver |
# |--:|:--|:--|
# | 5 | the base step | $\mathcal L$: 1 |
# | 6 | $\mathcal L$ sends $1\cdot v$ | $u$: 3 |
# | 7 | $\mathcal L$ sends $1\cdot u$ | $v$: 4 |
# | 8 | $v$ sends $4\cdot(-1)$ | $y$: −4, and this is **not** $\partial\mathcal L/\partial y$ yet |
# | 9 | $u$ sends $3\cdot 2y = 3\cdot 4$ | $y$: $-4 + 12 = 8$, now it is |
# | 10 | $y$ sends $8\cdot 2$ | $x$: 16 |
#
# Step 8 is the place to stop and think; here it is once more. The frame says that one message of two has come. What it
# holds so far is negative, and the true gradient is positive. Had $y$ sent −4 on to $x$ at that moment, $x$ would have
# got −8, without any error message. That is why the inductive step says *all* children.

# %% tags=["thumbnail"]
bp.draw(L, step=8, title="Step 8: y has heard from v, and not yet from u")

# %%
assert (u.grad, v.grad) == (3, 4)
assert y.grad == 3 * 4 + 4 * (-1) == 8
assert x.grad == 8 * 2 == 16


def plain_loss(x):
    return (2 * x) ** 2 * (5 - 2 * x)


assert math.isclose((plain_loss(1 + 1e-5) - plain_loss(1 - 1e-5)) / 2e-5, x.grad, rel_tol=1e-6)  # measured

# %% [markdown]
# ## 7. What is stored, and what is not
#
# Two kinds of numbers have a home in the nodes, and one has none.
#
# | | stored? | where | because |
# |:--|:--|:--|:--|
# | value | yes, going forward | in its node, `d.data` | children need it, later local gradients too |
# | backpropagated gradient (red) | yes, going backward | in its node, `d.grad` | every parent's message needs it |
# | local gradient (blue) | no | nowhere | it is used once, on its own arrow, and is quickly made |
#
# **Predict.** In the graph that you have just played there are five arrows. How often is each blue number used in the
# whole backward pass? And how often the red number of $\mathcal L$?
#
# `bp.trace` has kept a record of every message, so we can count.

# %%
t = bp.trace(L)
messages = [event for event in t.events if event.kind == "send"]
senders = [t.nodes[t.edges[message.edge].child].name for message in messages]

assert sorted(message.edge for message in messages) == [0, 1, 2, 3, 4]  # every arrow once
assert senders == ["L", "L", "v", "u", "y"]  # the red number of L is used twice

# %% [markdown]
# Each blue number once, so storing it would only cost memory. Red numbers and values are worth their place: a node
# uses its red number for every parent, and its value may be asked for by several arrows. (The record of this package
# does keep the blue numbers, so that they can be shown to you. The engine that computes does not.)
#
# To make a blue number when it is needed, one needs **values**: $2s$ needs $s$. This is the second reason why the
# forward pass keeps them, and the first thing to fill up the memory when large networks are trained. And it means that
# a gradient belongs to the *state* in which it was computed. Let the cyclist ride a little slower.
#
# **Predict.** At $s = 8$ the braking distance is 6.4 m. Which sign has $\partial\mathcal L/\partial s$ now? Which of
# the four blue numbers have changed, and which cannot?

# %%
s = bp.parameter(8.0)
q = s**2
d = q / 10
e = d - 8
L = e**2
L.backward()
bp.draw(L)

# %% [markdown]
# The cyclist stops short of the mark, so going faster would be an improvement: the gradient is negative. The blue
# numbers of the two squares, $2s$ and $2e$, have changed with the values. Those of $q/10$ and $d - 8$ are $\frac1{10}$
# and 1 in every state; for such steps no value need be kept at all.

# %%
assert math.isclose(s.grad, 1 * (2 * e.data) * 1 * 0.1 * (2 * s.data))
assert math.isclose(s.grad, -5.12)

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt
import numpy as np

# %%
speeds = np.linspace(6.5, 10.9, 200)
fig, ax = plt.subplots(figsize=(7, 3.5), facecolor="white")
ax.plot(speeds, (speeds**2 / 10 - 8) ** 2, color="black", linewidth=1.8)
for at, slope, right in ((10.0, 8.0, 14), (8.0, -5.12, -14)):
    loss = (at**2 / 10 - 8) ** 2
    near = np.array([at - 0.45, at + 0.45])
    ax.plot(near, loss + slope * (near - at), color="#D40000", linewidth=2.5)
    ax.plot([at], [loss], "o", color="black")
    where = {"xytext": (right, -14), "textcoords": "offset points", "ha": "left" if right > 0 else "right"}
    ax.annotate(f"slope {slope:g}".replace("-", "−"), (at, loss), color="#D40000", **where)
ax.axvline(math.sqrt(80), color="gray", linestyle=":", linewidth=1)
ax.set_xlabel("speed $s$ in m/s")
ax.set_ylabel(r"loss $\mathcal{L}$")
ax.set_title("One graph, two states, two gradients")
plt.show()

# %% [markdown]
# The two red lines have the slopes that the two backward passes found, and both touch the curve. The pass says
# nothing about the curve as a whole: it knows the slope where the last forward pass was, and only there. The dotted
# line marks $s = \sqrt{80} \approx 8.94$, where the cyclist would stop exactly at the mark and every red number but
# the first would be 0.

# %%
s = bp.parameter(math.sqrt(80))
e = s**2 / 10 - 8
L = e**2
L.backward()
assert abs(s.grad) < 1e-12
assert L.grad == 1  # the base step does not care

# %% [markdown]
# ## 8. And the weights?
#
# In a network we want the gradients of the weights, and so far we have talked of nodes. Let us give the cyclist two
# more numbers that can be changed: the strength of the brakes, $k$, which was 10, and the mark to stop at, $m$, which
# was 8.

# %%
s, k, m = bp.parameter(10.0), bp.parameter(10.0), bp.parameter(8.0)
q = s**2
d = q / k
e = d - m
L = e**2

# %% [markdown]
# **Predict.** The four ellipses are computed as before, with the same numbers. Which of their red numbers change?
# And what are $\textcolor{#E62020}{\partial\mathcal L/\partial m}$ and
# $\textcolor{#E62020}{\partial\mathcal L/\partial k}$? (The local gradient of $q/k$ towards $k$ is $-q/k^2$.)

# %%
L.backward()
bp.draw(L)

# %% [markdown]
# None of them changes: a node's red number depends on what lies between it and the loss, not on who else hangs on
# below. And each weight is one arrow away from a computed node that is done already, so its gradient is one more
# product:
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial k}} =
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial d}}\cdot
# \textcolor{#2F6BFF}{\frac{\partial d}{\partial k}}
# = 4\cdot\left(-\frac{q}{k^2}\right) = -4
# \qquad
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial m}} =
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial e}}\cdot
# \textcolor{#2F6BFF}{\frac{\partial e}{\partial m}}
# = 4\cdot(-1) = -4
# $$

# %%
assert (e.grad, d.grad, q.grad, s.grad) == (4, 4, 0.4, 8)  # as in section 4
assert math.isclose(k.grad, d.grad * (-q.data / k.data**2))
assert math.isclose(k.grad, -4)
assert m.grad == e.grad * (-1) == -4

# %% [markdown]
# This is what is meant when one says that **it suffices to find the gradients of the computed nodes**. A weight is a
# leaf; all its children are computed nodes; once those are done, the inductive step gives the weight in one line, and
# nothing goes on from there. It holds for a network with a billion weights as it does for a cyclist with two.

# %%
for weight in (k, m):
    children = [node for node in (q, d, e, L) if any(parent is weight for parent in node.parents)]
    assert len(children) == 1
    assert weight.parents == ()

# %% [markdown]
# ## 9. Why from the back?
#
# In the chain of section 4, $\partial\mathcal L/\partial s$ came out as a product of four blue numbers:
# $4 \cdot 1 \cdot 0.1 \cdot 20$. A product does not mind from which end it is multiplied. Why then insist on starting
# at the loss?
#
# **Predict.** Multiply from both ends, and write down all results on the way. Both ways end in 8. What do the numbers
# on the way mean?

# %%
blue = [20, 0.1, 1, 4]  # ∂q/∂s, ∂d/∂q, ∂e/∂d, ∂ℒ/∂e

from_the_front = [math.prod(blue[:k]) for k in range(5)]
from_the_back = [math.prod(blue[k:]) for k in range(5)]

print("           s      q      d      e      ℒ")
print("front  ", "".join(f"{number:7.1f}" for number in from_the_front))
print("back   ", "".join(f"{number:7.1f}" for number in from_the_back))

assert from_the_back[:4] == [s.grad, q.grad, d.grad, e.grad]
assert from_the_front[-1] == from_the_back[0] == 8

# %% [markdown]
# From the back we collect how *the loss answers to every node*: 8, 0.4, 4, 4, 1, the red numbers. From the front we
# collect how *every node answers to $s$*: 1, 20, 2, 2, 8. Both are of use. But training has one loss and very many
# parameters, so the question is the first one: one walk from the back gives all of it, while from the front each
# parameter needs a walk of its own. (Starting from the front is called *forward mode*;
# [appendix A1](A1-forward-mode.ipynb) is about it.)

# %% [markdown]
# ## What PyTorch calls this
#
# | here | in PyTorch |
# |:--|:--|
# | the base step | what `L.backward()` starts with; `L.backward(torch.tensor(1.0))` says it aloud |
# | the inductive step of a node | its `grad_fn`: called with the gradient from above, returns one message per parent |
# | values kept for local gradients | *saved tensors*; in a function of your own, `ctx.save_for_backward` |
# | red numbers of computed nodes | used and dropped; `d.retain_grad()` before the pass keeps them |
# | red numbers of leaves | `k.grad`, kept until you clear them |
#
# Memory is why PyTorch drops the red numbers in the middle: once a node has sent its messages, nobody needs its
# gradient any more, unless a person wants to look at it. Here persons want to look, so they stay.

# %% [markdown]
# ## Exercises
#
# Replace each `None` (in the second, the dots) by your answer and run the cell. If it stays silent, you are right; if
# not, the last line of the error is a hint.
#
# **1. A chain of four by hand.** $p = 4$, then $a = \sqrt p$, $b = 3a$, $c = b - 5$ and $\mathcal L = c^3$. First the
# values, then backward. (The derivative of $\sqrt p$ is $1/(2\sqrt p)$.)

# %%
my_c_grad = None
my_b_grad = None
my_a_grad = None
my_p_grad = None

p = bp.parameter(4.0)
a = bp.sqrt(p)
b = 3 * a
c = b - 5
L = c**3
L.backward()
assert my_c_grad is None or math.isclose(my_c_grad, c.grad), "1 · 3c². What is c?"
assert my_b_grad is None or math.isclose(my_b_grad, b.grad), "c is b − 5. How does it answer to b?"
assert my_a_grad is None or math.isclose(my_a_grad, a.grad), "3 is the blue number. What comes from above?"
assert my_p_grad is None or math.isclose(my_p_grad, p.grad), "¼ is the blue number. What comes from above?"

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# Forward: $a = 2$, $b = 6$, $c = 1$, $\mathcal L = 1$. Backward: $c$ gets $1\cdot 3c^2 = 3$; $b$ gets $3\cdot 1 = 3$;
# $a$ gets $3\cdot 3 = 9$; $p$ gets $9\cdot\frac14 = 2.25$.
#
# </details>

# %% [markdown]
# **2. One node's part.** Write what a division does in the backward pass. The node holds $a/b$ and its red number is
# `g`; give the two messages that it sends, first the one to $a$, then the one to $b$. Nothing else about the graph is
# known, and nothing else is needed.


# %%
def send(g, a, b):
    """The messages from a node a / b, whose backpropagated gradient is g, to a and to b."""
    to_a = ...
    to_b = ...
    return to_a, to_b


for g_, a_, b_ in [(1.0, 6.0, 2.0), (4.0, 100.0, 10.0), (-0.5, 3.0, -2.0)]:
    top, bottom = bp.parameter(a_), bp.parameter(b_)
    (top / bottom).backward(g_)  # the engine's answer, started with g
    to_a, to_b = send(g_, a_, b_)
    assert to_a is ... or math.isclose(to_a, top.grad), f"to a: with g = {g_} it should be {top.grad}. Red times blue?"
    assert to_b is ... or math.isclose(to_b, bottom.grad), f"to b: with g = {g_} it should be {bottom.grad}"

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# ```python
# to_a = g * (1 / b)
# to_b = g * (-a / b**2)
# ```
#
# With $g = 4$, $a = 100$, $b = 10$ these are the messages that $d$ sent to $q$ and to $k$ in section 8: 0.4 and −4. If
# you forgot `g`, the first test let you pass, since there $g = 1$. It is the test that most people try first.
#
# </details>

# %% [markdown]
# **3. Another beginning.** Suppose somebody starts the walk with a 2 at the loss, and not with a 1. In the graph of
# exercise 1, what will stand in $p$? (And think: which loss, computed from the node $c^3$, would send it a 2 by
# itself?)

# %%
my_p_grad = None

p.grad = None
L.backward(2.0)
assert my_p_grad is None or math.isclose(my_p_grad, p.grad), "Every message is a product with what comes from above."

# %% [markdown]
# <details>
# <summary>Answer to 3</summary>
#
# 4.5. Every red number is the starting number times something, so all of them double. A loss of $2c^3$, computed as
# twice the node $c^3$, would send a 2 to that node. One number at the start scales all gradients at once; training in
# low precision makes use of this, so that small gradients are not rounded away.
#
# </details>

# %% [markdown]
# ## What you have learned
#
# - The backpropagated gradient of a node is the slope of the loss in that node's value, all that follows being
#   computed again.
# - Base step: $\partial\mathcal L/\partial\mathcal L = 1$. Inductive step: red of the child times blue of the arrow,
#   summed over all children. Together they reach every node, in the reverse of a forward order.
# - Values and red numbers are stored. Blue numbers are made from the values when they are needed, each is used once,
#   and none is kept. So a gradient belongs to the state of the last forward pass.
# - Once the computed nodes are done, every weight is one product away.
#
# **Practise:** the [exercises](../exercises/ex03-backward-by-induction.ipynb) of this lecture, which answer at once.
#
# **Next:** [Two gradients, and fan-out](04-two-gradients.ipynb). The sum over children was stated here in one line. It
# is one character in the code, and we shall take that character away.
