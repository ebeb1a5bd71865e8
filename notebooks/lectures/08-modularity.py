# %% [markdown]
# # Modularity: graphs that fit together
#
# *Lecture 08, about 20 minutes. You need [lecture 06](06-one-neuron.ipynb); the matrices of
# [lecture 07](07-mlp-equations.ipynb) appear, and the first section of it is enough.*
#
# A network for speech and a network for text, trained by different people with different programs, can be joined and
# learn together. Neither has to be rewritten, and neither side learns anything of what goes on inside the other. That
# is possible because of a modesty in the chain rule that is easily overlooked: to do its work, a node needs one
# thing from above, and it does not matter who says it.
#
# When you have finished, you can
#
# - cut a computation in two, run the backward pass of each half by itself, and join them by handing over one array;
# - say which nodes must be handed over, and what goes wrong if one is forgotten;
# - read a large network as a few closed boxes, and open the one you care about;
# - say why a residual block lets gradients through;
# - write an operation with its derivative, have it checked, and fuse several operations into one.

# %% [markdown] tags=["seed:modularity"]
# ## 1. The seam
#
# Look at the inductive step once more. To compute the gradient of a node, or of a weight, what is used from above?
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial w}}
# = \sum_u \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}}\,
#   \textcolor{#2F6BFF}{\frac{\partial u}{\partial w}}
# $$
#
# The red numbers of its children $u$. Nothing of the children's children, nothing of the loss, not even which
# loss it is. So draw a line through the graph: below it some layers, above it everything else. (*Above* means nearer to
# the loss. Our pictures lie on their side, so there it is to the right.) The nodes below that are used above are
# **exposed**. The layers below can do their whole backward pass if somebody tells them the gradients of the exposed
# nodes. Everything else above the line is none of their business.
#
# We try it on a small network, drawn in two groups: below, *features* computes two numbers $\mathbf h$; above, the
# *head* makes a prediction of them and scores it.

# %%
import math
from functools import partial

import matplotlib.pyplot as plt
import numpy as np

import backprop_viz as bp

x, y = bp.tensor([1.0, 2.0]), bp.tensor(1.0)
W = bp.parameter([[0.5, -0.1], [-0.4, 0.5]])
v = bp.parameter([1.0, -2.0])

with bp.group("features"):
    h = bp.tanh(W @ x)
with bp.group("head"):
    s = v @ h
    L = bp.bce(bp.sigmoid(s), y)

L.backward()
joined = W.grad.copy()

red, blue = h.grad, 1 - h.data**2  # what has arrived at h, and the local gradient of tanh
assert np.allclose(joined, np.outer(red * blue, x.data))  # to W x, and on to W
bp.draw(L, edges="none")

# %% [markdown]
# `bp.group` does nothing to the computation. It only says what belongs together, so that the picture can close it.
# With both groups closed, all that is left to see between them is the seam: one plain arrow up, one blue arrow back.

# %% tags=["thumbnail"]
bp.draw(L, limit=4)

# %% [markdown]
# Now we tear it apart in earnest. The features are computed in a graph of their own. Their *value* is put into a
# new leaf, `exposed`, and the head is built on that leaf. It has no idea where the numbers come from.

# %%
W.grad = None  # forget the pass above

h = bp.tanh(W @ x)  # the lower graph
exposed = bp.parameter(h.data)  # its value, and no past
L = bp.bce(bp.sigmoid(v @ exposed), y)  # the upper graph

L.backward()
bp.draw(L)

# %% [markdown]
# The upper pass is over, and it has stopped at the seam: `exposed` has a gradient, $W$ has none.
#
# **Predict.** What must be given to the lower graph so that it can finish? How many numbers is that?

# %%
assert W.grad is None
print("handed over:", exposed.grad.round(4))

h.backward(exposed.grad)
assert np.allclose(W.grad, joined)

# %% [markdown]
# Two numbers. `h.backward(gradient)` starts a pass at $\mathbf h$ with these in the place of the usual 1, and the
# result is that of the joined graph. The blue numbers inside the features were never in doubt: they are *local*.
#
# Here is the lower pass in the player, started with what was handed over. Step through it: you are watching the
# left half of the first picture.

# %%
bp.play(bp.trace(h, exposed.grad), step=3)

# %% [markdown]
# ### Anybody may be above
#
# If only the red numbers count, then whoever produces them need not be a graph at all. Here the head is plain NumPy,
# with the gradient that lecture 06 derived on paper:


# %%
def head_by_hand(h):
    """The loss, and its gradient by h."""
    yhat = 1 / (1 + np.exp(-(v.data @ h)))
    return -np.log(yhat), (yhat - 1) * v.data  # y is 1


W.grad = None
h = bp.tanh(W @ x)
loss, gradient = head_by_hand(h.data)
h.backward(gradient)

assert math.isclose(loss, L.data)
assert np.allclose(W.grad, joined)

# %% [markdown]
# It could as well be PyTorch, a program on another machine, or a person who looks at $\mathbf h$ and says *more of the
# first, less of the second*. Large models are trained like this every day: their layers lie on different machines,
# and what travels between two machines is $\mathbf h$ on the way up and
# $\textcolor{#E62020}{\partial\mathcal L/\partial\mathbf h}$ on the way down. And if the lower half shall not learn,
# nothing has to be handed over: whoever uses a pretrained network with *frozen* layers stops at the seam and saves the
# lower pass altogether.

# %% [markdown]
# ### All exposed nodes, not only the obvious one
#
# Let the loss also contain a small penalty on the weights, $0.1\sum_{ij} W_{ij}^2$, as losses often do.
#
# **Predict.** We cut as before, and hand over $\partial\mathcal L/\partial\mathbf h$. Is the gradient of $W$ right
# then? If not, what is missing?

# %%
W.grad = None
h = bp.tanh(W @ x)
penalized = bp.bce(bp.sigmoid(v @ h), y) + 0.1 * (W**2).sum()
penalized.backward()
whole = W.grad.copy()

W.grad = None
h = bp.tanh(W @ x)
exposed, W_above = bp.parameter(h.data), bp.parameter(W.data)  # two arrows cross the line
L = bp.bce(bp.sigmoid(v @ exposed), y) + 0.1 * (W_above**2).sum()
L.backward()
h.backward(exposed.grad)
bp.draw(L, edges="none")

# %%
assert not np.allclose(W.grad, whole)
assert np.allclose(W.grad + W_above.grad, whole)
assert np.allclose(W_above.grad, 0.2 * W.data)

# %% [markdown]
# It is incomplete. $W$ itself is used above the line, in the penalty, so it is exposed as well: **two** arrows
# cross, and along each something must come back. What is missing is $0.2\,W$, the gradient of `W_above` in the picture.
# In $W$ the two are added, as in every node with two children. What is exposed is not what the architecture's diagram
# shows; it is whatever has an arrow across the line.
#
# If two exposed nodes share a part of the lower graph, two passes, one from each, do give the right sums in the
# leaves, but they walk the shared part twice. One pass from both waits until all messages have come in:

# %%
a = bp.parameter(2.0)
shared = a**2
left, right = 3 * shared, bp.sin(shared)

left.backward(1.5)
right.backward(-2.0)
twice = a.grad

(once,) = bp.grad([left, right], a, [1.5, -2.0])
assert math.isclose(once, twice)

# %% [markdown]
# ## 2. Boxes in boxes
#
# Because only the seams matter, a part that works can be closed and forgotten. A *module* is such a part: some
# parameters, and a `forward` that uses them. Here is one that adds what its inner module computes to what came in. It
# accepts *any* inner module, known or unknown, as long as the shapes fit.


# %%
class Residual(bp.nn.Module):
    def __init__(self, inner):
        self.inner = inner

    def forward(self, x):
        return x + self.inner(x)


bp.manual_seed(1)
net = bp.nn.Sequential(
    Residual(bp.nn.Sequential(bp.nn.Linear(2, 2), bp.nn.Tanh())),
    Residual(bp.nn.Sequential(bp.nn.Linear(2, 2), bp.nn.Tanh())),
    bp.nn.Linear(2, 1),
)
x, y = bp.tensor([[1.0, -0.5]]), bp.tensor([[1.0]])
L = bp.mse(net(x), y)
L.backward()

print(len(bp.graph(L).nodes), "nodes")
print(sum(p.size for p in net.parameters()), "parameters")

# %% [markdown]
# **Predict.** Twenty-odd nodes are still readable, but barely. If the picture may show no more than ten things, where
# would *you* draw the boxes?

# %%
bp.play(bp.draw(L, limit=10))

# %% [markdown]
# Every call of a module is a group, named by its place. On the arrow from $x$ to the first box stands *2 edges*: one
# goes into its inner module, one past it. In the player of a running notebook a click on a box opens it; in a figure,
# `zoom` opens one and leaves the others shut. Below, the second block is open, with the linear layer inside it still
# shut: one way leads through, one past, and a sum joins them. The numbers are those of the same two passes, however
# much of them you choose to see.

# %%
bp.draw(L, zoom="Sequential.residual 2", limit=10, digits=3, edges="none")

# %% [markdown]
# ## 3. The residual block
#
# Hardly any large network of today is built without a box like this one, and the reason can be seen in one line. With
# $y = x + F(x)$,
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial x}}
# = \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial y}}\,
#   \bigl(\textcolor{#2F6BFF}{1} + \textcolor{#2F6BFF}{F'(x)}\bigr) .
# $$
#
# **Predict.** $x = 0.5$ and $F(x) = \tanh(0.3\,x)$. How many messages reach $x$? One of them you know without
# computing anything; which?

# %%
x, w = bp.parameter(0.5), bp.parameter(0.3)
with bp.group("F"):
    f = bp.tanh(w * x)
y = x + f
y.backward()  # nothing above: the message that comes in is 1
bp.draw(y)

# %%
assert math.isclose(x.grad, 1 + 0.3 * (1 - f.data**2))
assert 1 < x.grad < 1.3

# %% [markdown]
# Along the top runs an arrow whose blue number is 1. Whatever $F$ does to its message, the message on the upper way
# arrives unchanged. Now put thirty layers on top of each other, each of sixteen units with random weights, and start at
# the top with a message of length 1. In the plain stack it is multiplied at each layer by $F'$ (a Jacobian, by now),
# which here makes it about half as long; in the residual stack by $1 + F'$ (the 1 being the identity matrix).
#
# **Predict.** How long is the message at the bottom of the plain stack, roughly: a tenth, a thousandth, a thousand
# millionth?


# %%
def lengths(residual, weights, start):
    """The length of the gradient in every layer of the stack, the bottom first."""
    layers = [bp.parameter(start)]
    for W in weights:
        below = layers[-1]
        f = bp.tanh(W @ below)
        layers.append(below + f if residual else f)
    layers[-1].backward(np.full(16, 0.25))  # sixteen times a quarter: its length is 1
    return [float(np.linalg.norm(layer.grad)) for layer in layers]


random = np.random.default_rng(0)
weights, start = random.normal(scale=0.5 / 4, size=(30, 16, 16)), random.normal(size=16)
plain, skip = lengths(False, weights, start), lengths(True, weights, start)

fig, ax = plt.subplots(figsize=(7, 3.6), facecolor="white")
ax.semilogy(skip, color="#D40000", linewidth=2, marker="o", markersize=4)
ax.semilogy(plain, color="#D40000", linewidth=2, linestyle="--", marker="s", markersize=4)
ax.text(12, 20, "residual: a + tanh(W a)")
ax.text(16, 1e-7, "plain: tanh(W a)")
ax.set_ylim(1e-11, 1e3)
ax.set_xlabel("layer    (0 is the bottom; the message starts at 30 and travels to the left)")
ax.set_ylabel(r"length of $\partial\mathcal{L}/\partial a$")
ax.set_title("What is left of the message")
plt.show()

# %%
print(f"at the bottom: plain {plain[0]:.0e}, residual {skip[0]:.2f}")
assert plain[0] < 1e-9
assert 0.4 < plain[0] ** (1 / 30) < 0.6  # the factor for one layer
assert 6 < skip[0] < 7

# %% [markdown]
# Read it from right to left, as the message travels. The dashed line falls almost straight on a logarithmic axis, which
# means by a constant factor per layer, until less than a thousand millionth is left for the lowest layers to learn
# from. The solid line stays of the order of 1. An honest remark: it has even *grown*, to more than six times its
# length, since $1 + F'$ may lengthen what it multiplies. A residual block opens a way; it does not promise that the
# traffic keeps its size.

# %% [markdown]
# ## 4. An operation of your own
#
# The smallest box is an op: a forward function, and for each argument a rule for its blue number. What is inside may be
# anything; that the rule is right is all that the rest of the graph relies on.
#
# `bp.op` makes one. Say the package had no $\tanh$. Its derivative is $1 - \tanh^2$, and in a rule `out` is the
# result of the op:


# %%
@bp.op(x="1 - out**2")
def mytanh(x):
    return np.tanh(x)


x = bp.parameter(0.5)
L = (mytanh(x) - 1) ** 2
L.backward()
bp.draw(L)

# %% [markdown]
# It is drawn, recorded and stepped through like any other, and `bp.equations(L)` writes its rule out among the others.
# Is it right? The rule is a claim, and a claim can be measured.
#
# **Predict.** Somebody writes `x="1 - x**2"` instead. Which of the two rules survives a comparison with measured
# slopes? And at which of these points would the wrong one *not* be found out: $x = 0$, or $x = 1$?


# %%
@bp.op(x="1 - x**2")
def badtanh(x):
    return np.tanh(x)


assert bp.gradcheck(mytanh, np.array([0.0, 0.5, 1.0]))

report = bp.gradcheck(badtanh, 1.0, raise_exception=False)
assert not report
print(report.faults[0].text)

assert bp.gradcheck(badtanh, 0.0)  # here it gets away with it

# %% [markdown]
# The wrong rule takes the *argument* where it should take the *result*. At $x = 0$ both are 0, and the check passes. So
# check at several points, none of them special; lecture 11 has more on this art.

# %% [markdown]
# ## 5. Fusing
#
# If a box can be closed in a picture, why not in the computation? Take sigmoid and cross-entropy from lecture 06: two
# nodes, two blue numbers on the way. As one op it needs a single blue number, and the chain rule says which:
#
# $$
# \textcolor{#2F6BFF}{\frac{\partial\mathcal L}{\partial u}}
# = \textcolor{#2F6BFF}{\frac{\partial\mathcal L}{\partial\hat y}}\,
#   \textcolor{#2F6BFF}{\frac{\partial\hat y}{\partial u}}
# = \frac{\hat y - y}{\hat y\,(1 - \hat y)}\cdot\hat y\,(1 - \hat y) = \sigma(u) - y .
# $$
#
# The blue number of a fused op is the product of the blue numbers inside, worked out once on paper. Forward it computes
# $\log(1 + e^u) - u\,y$, which NumPy offers in a safe form as `logaddexp(0, u)`.


# %%
@bp.op(u="1 / (1 + exp(-u)) - y", y="-u")
def logit_loss(u, y):
    return np.logaddexp(0, u) - u * y


u = bp.parameter(-0.35)
yhat = bp.sigmoid(u)
unfused = bp.bce(yhat, 1.0)
unfused.backward()
bp.draw(unfused)

# %% [markdown]
# **Predict** the one tile of the fused picture from the two tiles of this one.

# %%
u = bp.parameter(-0.35)
fused = logit_loss(u, 1.0)
fused.backward()

assert math.isclose(fused.data, unfused.data)
assert math.isclose(u.grad, yhat.data - 1.0)
assert math.isclose(u.grad, yhat.grad * yhat.data * (1 - yhat.data))
bp.draw(fused)

# %% [markdown]
# One product, made in advance. A rule that was derived on paper has to be checked, and to be compared where it matters:
# over a range of $u$, and far out.

# %%
assert bp.gradcheck(logit_loss, (np.array([-3.0, 0.4, 2.0]), np.array([0.0, 1.0, 1.0])))


# %%
def slope(loss, value):
    """∂ℒ/∂u at this value of u, for the target 0."""
    u = bp.parameter(value)
    loss(u).backward()
    return u.grad


two_nodes = partial(slope, lambda u: bp.bce(bp.sigmoid(u), 0.0))
one_node = partial(slope, lambda u: logit_loss(u, 0.0))

for value in np.linspace(-20, 20, 41):
    assert math.isclose(two_nodes(float(value)), one_node(float(value)), rel_tol=1e-6)

print("at u = 40: two nodes", two_nodes(40.0), " one node", one_node(40.0))

# %% [markdown]
# Equal wherever both can compute. What is gained?
#
# - **Digits.** What cancels on paper cancels exactly. At $u = 40$ the two nodes multiply a number that was rounded to
#   0 and report that the neuron has nothing to learn; the fused op says 1.
# - **Memory.** $\hat y$ is not stored, and one red number less is.
# - **Time.** One call in place of two, and on a graphics card one trip through memory in place of two. For operations
#   as small as these the trips are most of the cost, which is why compilers for networks fuse whatever they can.
#
# What is paid? You derived by hand what the engine would have derived for you, and you can be wrong: so check it. And
# what happens inside can no longer be looked at. For a lecture one leaves ops apart; for a training run one fuses them.

# %%
assert len(bp.graph(unfused).nodes) == 3
assert len(bp.graph(fused).nodes) == 2
assert two_nodes(40.0) == 0.0
assert one_node(40.0) == 1.0

# %% [markdown]
# ## What PyTorch calls this
#
# | here | in PyTorch |
# |:--|:--|
# | `h.backward(gradient)` | the same: `h.backward(gradient)` |
# | `exposed = bp.parameter(h.data)` | `exposed = h.detach().requires_grad_()` |
# | `bp.grad([a, b], w, [ga, gb])` | `torch.autograd.grad([a, b], w, [ga, gb])` |
# | `class Residual(bp.nn.Module)` | the same, with `super().__init__()` as the first line of its `__init__` |
# | `with bp.group("head"):` | nothing; profilers have `torch.profiler.record_function("head")` |
# | `@bp.op(x="1 - out**2")` | a subclass of `torch.autograd.Function` with `forward` and `backward` |
# | `bp.gradcheck` | `torch.autograd.gradcheck` |
# | `logit_loss` | `F.binary_cross_entropy_with_logits`; here `bp.bce_with_logits` |
# | fusing by machine | `torch.compile` |
#
# Our own fused op and the package's are the same function:

# %%
u = bp.parameter([-2.0, 0.3, 40.0])
targets = np.array([1.0, 0.0, 0.0])
mine, theirs = logit_loss(u, targets), bp.bce_with_logits(u, targets, reduction="none")
assert np.allclose(mine.data, theirs.data)
assert np.allclose(bp.grad(mine.sum(), u)[0], bp.grad(theirs.sum(), u)[0])

# %% [markdown]
# ## Exercises
#
# Replace each `None` by your answer and run the cell. If it stays silent, you are right.
#
# **1. You are the lower graph.** Yours is one weight, $w = 3$, and you expose two numbers, $h_1 = 2w$ and $h_2 = w^2$.
# From above comes a note that says $\textcolor{#E62020}{\partial\mathcal L/\partial h_1 = 0.5}$ and
# $\textcolor{#E62020}{\partial\mathcal L/\partial h_2 = -1}$. What is
# $\textcolor{#E62020}{\partial\mathcal L/\partial w}$?

# %%
my_w_grad = None

w = bp.parameter(3.0)
(expected,) = bp.grad([2 * w, w**2], w, [0.5, -1.0])
assert my_w_grad is None or math.isclose(my_w_grad, expected), "w has two children: two products, one sum"

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# $0.5\cdot 2 + (-1)\cdot 2w = 1 - 6 = -5$. You know neither the loss nor what network is above you, and have your
# gradient all the same.
#
# </details>

# %% [markdown]
# **2. Write an op.** *SiLU* is $x\,\sigma(x)$. Give the rule for its blue number as a string, in terms of `x`, `out`
# (the result) and `exp`. Derive it with the product rule.

# %%
my_rule = None

if my_rule is not None:

    @bp.op(x=my_rule)
    def mysilu(x):
        return x / (1 + np.exp(-x))

    report = bp.gradcheck(mysilu, np.array([-2.0, 0.3, 1.7]), raise_exception=False)
    assert report, report.faults[0].entries[0]

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# $(x\,\sigma)' = \sigma + x\,\sigma\,(1 - \sigma)$. As a string, for instance
# `"1/(1+exp(-x)) + out * (1 - 1/(1+exp(-x)))"`, since `out` is $x\,\sigma(x)$.
#
# </details>

# %% [markdown]
# **3. Three blocks.** Three residual blocks in a row have, at the present point, $F_1' = 0.5$, $F_2' = -0.5$ and
# $F_3' = 1$. By what number is the message multiplied on its way through all three? And how many different
# ways lead from the top to the bottom?

# %%
my_factor = None
my_ways = None

inner = [0.5, -0.5, 1.0]
a = bp.parameter(1.0)
top = a
for slope_of_F in inner:
    top = top + slope_of_F * top
top.backward()
assert my_factor is None or math.isclose(my_factor, a.grad), "each block multiplies by 1 + F'"
assert my_ways is None or my_ways == 2 ** len(inner), "at each block: through F, or past it"

# %% [markdown]
# <details>
# <summary>Answer to 3</summary>
#
# $1.5\cdot 0.5\cdot 2 = 1.5$. There are $2\cdot 2\cdot 2 = 8$ ways, and if you multiply the bracket out you get one
# term for each: $1 + 0.5 - 0.5 + 1 - 0.25 + 0.5 - 0.5 - 0.25 = 1.5$. Backpropagation needs three multiplications for
# what is a sum of eight paths (lecture 04).
#
# </details>

# %% [markdown]
# ## What you have learned
#
# - A graph can be cut anywhere. Its lower part needs the gradients of the exposed nodes, all of them, and nothing else;
#   `h.backward(gradient)` takes it from there.
# - Whatever hides behind a seam may be exchanged: a closed group in a picture, a module in a network, a machine in a
#   computing centre.
# - A residual block has an arrow with the blue number 1, so a message gets past it however little $F$ lets through.
# - An op is a function with a rule for each blue number. A rule is a claim: check it, at points that are not special.
# - Fusing multiplies blue numbers in advance. It saves time, memory and digits, and costs the view inside.
#
# **Practise:** the [exercises](../exercises/ex08-modularity.ipynb) of this lecture, which answer at once.
#
# **Next:** how much work all this is: [lecture 09, Cost, measured](09-cost.ipynb).
