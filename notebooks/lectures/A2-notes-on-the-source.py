# %% [markdown]
# # Notes on the source text
#
# *Lecture A2, about 20 minutes. You need lectures 02 to 05; sections 1 and 6 to 8 also use 07 and 10.*
#
# These lectures grew from a text of a few pages, *Backpropagation in DAGs*. It says in three sections and three figures
# what we have spread over a dozen lectures, and it is a good text: its main result is right, and its algorithm runs.
# In some places a symbol or a word has slipped, as happens to everybody who writes formulas, and in a few others
# the library it describes has moved on since. Here these places are collected, each with a cell that shows the matter.
#
# This is not a list of complaints. A slip in a text that one otherwise understands is a good exercise, since one can
# only find it by asking of each sentence what it would mean if a computer took it at its word.
#
# When you have finished, you can
#
# - say in each case what was meant, and why what is written is not quite that;
# - show the difference by running something.
#
# If you still have the text before you: cover the explanations, and find out what is wrong from the headings alone.

# %% [markdown]
# | section | the text says | better |
# |--:|:--|:--|
# | 1 | $a_k = \phi(z_j)$ | $a_k = \phi(z_k)$, or $\phi_k(\mathbf z)$ for softmax |
# | 2 | the forward pass computes the *parameter* values | the *node* values |
# | 3 | $E$ is the number of parameters | of edges |
# | 4 | go through `compute` backwards | if `compute` is in topological order |
# | 5 | gradients are set to zero inside the pass | in PyTorch outside, and not all of them are kept |
# | 6 | `x.T @ x` for a vector | `x @ x` |
# | 7 | inside `no_grad` no result requires a gradient | no result of an *operation* |
# | 8 | edits of a detached tensor are noticed | yes, but those of `.data` are not |
# | 9 | some small things | |

# %%
import itertools
import math
import textwrap
import warnings

import numpy as np

import backprop_viz as bp

torch = None
try:  # PyTorch is not needed here; where it is installed, it is asked too
    import torch
except (ImportError, OSError) as error:  # OSError: it is here, but a library that it needs is not
    absent = isinstance(error, ModuleNotFoundError) and error.name == "torch"
    missing, reason = f"torch {'is not installed' if absent else 'does not load'}", str(error)

# %% tags=["nbval-ignore-output"]
if torch:
    torch.set_warn_always(True)  # each time, and not only the first
    print("PyTorch", torch.__version__, "is here and is asked too.")
else:
    print(f"{missing} ({reason}). Each cell that would ask it says so; all others run.")

# %% [markdown]
# ## 1. One index too many
#
# For the layers of a network the text writes $a_k = \phi(z_j)$, with two different indices. Taken literally this says
# that each of the outputs $a_1, a_2, \dots$ is the same function of some $z_j$ that nobody has chosen. Two things
# could be meant. Of most activations, ReLU or tanh, each element goes its own way, and of softmax each output depends
# on all inputs:
#
# $$
# a_k = \phi(z_k) \qquad\text{or}\qquad a_k = \phi_k(\mathbf z) = \frac{e^{z_k}}{\sum_j e^{z_j}}
# $$
#
# The formula for the gradient, $\partial\mathcal L/\partial z_j = \sum_k \textcolor{#E62020}{\partial\mathcal
# L/\partial a_k}\,\textcolor{#2F6BFF}{\partial a_k/\partial z_j}$, has both indices rightly: it must ask how *each*
# output answers to $z_j$. In the first case all answers but one are zero.
#
# **Predict.** Which of the two matrices $\partial a_k/\partial z_j$ below will be diagonal? And in the other one,
# what is the sum of each row?

# %%
z = bp.tensor([0.0, 1.0, 2.0])
of_tanh, of_softmax = bp.jacobian(bp.tanh, z), bp.jacobian(bp.softmax, z)

print("tanh:", np.round(of_tanh, 2) + 0.0, "softmax:", np.round(of_softmax, 2) + 0.0, sep="\n")

assert np.allclose(bp.softmax(z).data, np.exp(z.data) / np.exp(z.data).sum())
assert np.allclose(of_tanh, np.diag(1 - np.tanh(z.data) ** 2))
assert np.all(of_softmax != 0)
assert np.allclose(of_softmax.sum(axis=1), 0)  # the outputs add up to 1, whatever one adds to all inputs

# %% [markdown]
# So "the sum typically reduces to a single term" is right for tanh, and the text adds, rightly, that it does not for
# softmax. The two indices are needed in the gradient and only there. More about both in lecture
# [07](07-mlp-equations.ipynb).

# %% [markdown]
# ## 2. What the forward pass computes
#
# The text says that we "compute all parameter values" on the way forward. The parameters are what is *given* to the
# forward pass; it reads them and leaves them alone. What it computes are the values of the compute nodes. Only the last
# line of a training step, the update, changes parameters.

# %%
x, w, b = bp.tensor(2.0), bp.parameter(3.0), bp.parameter(-4.0)
s = w * x + b
L = s**2
g = bp.graph(L)

x.data = 1.0
assert g.forward() == 1.0
assert [node.data for node in g.compute] == [3.0, -1.0, 1.0]  # all new
assert [node.data for node in g.params] == [3.0, -4.0]  # as they were

# %% [markdown]
# ## 3. The bound needs edges
#
# The main result of the text, that a training step costs $\mathcal O(V + E)$, is right. But $E$ is said to be "the
# number of parameters". If that were the cost, a graph with one parameter could never be expensive. Here is one that
# uses its only parameter again and again.
#
# **Predict.** Three turns are drawn below. How many parameters has the graph with 1000 turns, and how many edges lead
# away from that parameter?


# %%
def loop(turns):
    w, h = bp.parameter(0.8, name="w"), bp.tensor(0.5, name="h0")
    for _ in range(turns):
        h = bp.tanh(w * h)
    return h


# %%
h = loop(3)
h.backward()
bp.draw(h, show="numbers", edges="contribution", digits=2)

# %%
print("turns   parameters       E   steps of both passes")
for turns in 10, 100, 1000:
    t = bp.trace(loop(turns))
    (w,) = [node for node in t.nodes if node.kind == "parameter"]
    computed = sum(node.kind == "compute" for node in t.nodes)
    print(f"{turns:5}   {1:10} {len(t.edges):7,}   {len(t.events):12,}")
    assert sum(edge.parent == w.index for edge in t.edges) == turns  # away from the only parameter
    assert len(t.events) <= 1 + computed + len(t.edges)  # 1: the seed at the loss
    assert len(t.events) > 0.9 * (computed + len(t.edges))

# %% [markdown]
# One parameter, a thousand messages to it, five thousand steps. With *edges* in place of parameters the bound holds for
# this graph and for every other. In a dense layer that is shown a single example the two counts are in proportion, and
# this is the picture the author had in mind. The same correction is due where the text speaks of memory: what
# has to be kept is one value for each *node*. See lectures [02](02-forward-pass.ipynb) and [09](09-cost.ipynb).

# %% [markdown]
# ## 4. Backwards, but in which order?
#
# The text's algorithm goes through the list `compute` from its end and lets each node send its messages. That is right
# if `compute` is in *topological order*, each node after its parents. The text does not say so. It speaks of an "upper"
# and a "lower" layer instead, and in a graph of neat layers, going down layer by layer is indeed enough.
#
# But not every graph has neat layers. In the next one $x$ is used by $p$ and, past $p$, by $q$ as well. Which is
# the layer above $x$?

# %% tags=["thumbnail"]
x, y = bp.parameter(2.0), bp.parameter(3.0)
p = x * y
q = p + x
r = p - 1
L = q * r
L.backward()
bp.draw(L, show="numbers")

# %% [markdown]
# **Predict.** The four compute nodes can be put into 24 orders. We run the text's `Backward` with each of them. How
# many give the right gradients for $x$ and $y$? In how many does it notice that something is wrong?

# %%
t = bp.trace(L)
names = [node.name for node in t.nodes]
arrows = [
    (names[t.edges[e.edge].child], names[t.edges[e.edge].parent], e.local) for e in t.events if hasattr(e, "local")
]


def backward(compute):
    """The text's algorithm, with `compute` in this order."""
    grad = dict.fromkeys(names, 0.0)
    grad["L"] = 1.0
    for c in reversed(compute):
        for child, parent, local in arrows:
            if child == c:
                grad[parent] += grad[c] * local
    return grad["x"], grad["y"]


results = {order: backward(order) for order in itertools.permutations("pqrL")}
good = [order for order, result in results.items() if result == (x.grad, y.grad)]

print("right:", ["".join(order) for order in good])
print("in the order L r q p:", results[tuple("Lrqp")], " instead of", (x.grad, y.grad))
assert backward("pqrL") == (x.grad, y.grad)
assert len(good) == 2

# %% [markdown]
# Two of 24, the two topological orders, and in none of the others is anything noticed: there are only wrong numbers. A
# node that speaks too early sends a gradient that is not complete yet, and what arrives afterwards is never passed on.
# Lecture [05](05-the-algorithm.ipynb) tries all 720 orders of a larger graph.

# %% [markdown]
# ## 5. Who sets the gradients to zero?
#
# In the text, `Backward` begins by setting all gradients to zero: of the compute nodes, of the parameters, of the
# inputs. PyTorch, which the text describes in its last section, does it differently, in three ways.
#
# 1. `L.backward()` does *not* clear the gradients of the parameters. It adds to them. To clear them is up to you.
# 2. Tensors that were computed have no gradient after the pass. It is thrown away as soon as it has been passed on,
#    unless you have called `retain_grad()`.
# 3. Inputs get no zeros, and no gradients. Theirs is `None`.
#
# `bp.graph(L).backward()` does as the text does (but leaves inputs at `None`), and `L.backward()` adds, as PyTorch
# does.
#
# **Predict.** `L.backward()` is called three times in a row, without any clearing. What is `w.grad` then?

# %%
x, w = bp.tensor(3.0), bp.parameter(1.0)
a = w * x
L = a**2

for _ in range(3):
    L.backward()
assert w.grad == 3 * 18  # added each time

for _ in range(3):
    bp.graph(L).backward()
assert w.grad == 18  # set anew each time

assert a.grad == 6  # of a computed tensor: that of the last pass
assert x.grad is None

# %% [markdown]
# The assert about `a.grad` shows a difference: in the package, computed tensors keep the gradient of the last pass,
# since otherwise there would be nothing to draw. And so in PyTorch:

# %% tags=["nbval-ignore-output"]
if torch:
    x, w = torch.tensor(3.0), torch.tensor(1.0, requires_grad=True)
    a = w * x
    L = a**2
    L.backward(retain_graph=True)
    L.backward(retain_graph=True)
    L.backward()
    assert w.grad == 3 * 18
    assert not a.is_leaf
    assert x.grad is None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns whoever asks a computed tensor
        assert a.grad is None
    print("torch: w.grad =", w.grad.item(), "  a.grad = None   x.grad = None")
else:
    print(f"{missing}: it is not asked here")

# %% [markdown]
# Adding has a purpose: a batch that is too large for the memory can be shown in parts, and the gradients add up by
# themselves. The price is that everybody forgets `zero_grad()` once.
#
# The text also says that the gradients of compute nodes are stored "until the weights are updated". That is longer than
# necessary. A node's gradient is needed until the node has sent its messages, and not a moment longer, which is
# why PyTorch can throw it away so early.

# %% [markdown]
# ## 6. The transpose of a vector
#
# For $y = \mathbf x^\top\mathbf x$ the text writes `x.T @ x`. On paper the transpose turns a column into a row. A
# vector in NumPy or PyTorch is neither, it has a single axis, and reversing the order of a single axis changes
# nothing. So `x.T` is `x`, and the product came out right although the `.T` did nothing. PyTorch now warns that it
# will be an error.

# %%
x = bp.arange(4, dtype=bp.float, requires_grad=True)
y = x @ x
y.backward()

assert (x.grad == 2 * x.data).all()
assert x.T.shape == x.shape == (4,)

# %% tags=["nbval-ignore-output"]
if torch:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.arange(4.0).T
    warned = str(caught[0].message).partition(". ")[0]
    print(textwrap.fill(f"torch warns: {warned}.", 78))
    assert "deprecated" in warned
else:
    print(f"{missing}: its warning is left out")

# %% [markdown]
# If you really want a row and a column, say so: `x.reshape(1, 4)` and `x.reshape(4, 1)`. Then their two products, a
# number and a matrix, are what they are on paper.

# %%
row, column = x.reshape(1, 4), x.reshape(4, 1)
assert (row @ column).shape == (1, 1)
assert (column @ row).shape == (4, 4)

# %% [markdown]
# The text then compares with `==`, all elements at once. Here this is safe, since small whole numbers are stored
# exactly. In general two ways of computing the same number differ in the last digits, and one compares with
# `torch.allclose`, `np.allclose` or `math.isclose`.

# %%
assert 0.1 + 0.2 != 0.3
assert math.isclose(0.1 + 0.2, 0.3)

# %% [markdown]
# ## 7. What `no_grad` does not do
#
# Inside `with torch.no_grad():`, says the text, the result of *every computation* has `requires_grad=False`. This is
# right, if one takes the word computation seriously. Making a tensor is not a computation.
#
# **Predict.** Which of the four will be `True`?

# %%
w = bp.parameter(1.0)
with bp.no_grad():
    product = w * 2
    zeros = bp.zeros(3)
    asked_for = bp.zeros(3, requires_grad=True)
    from_it = asked_for * 2

answers = [v.requires_grad for v in (product, zeros, asked_for, from_it)]
print(answers)
assert answers == [False, False, True, False]

# %% tags=["nbval-ignore-output"]
if torch:
    w = torch.tensor(1.0, requires_grad=True)
    with torch.no_grad():
        asked_for = torch.zeros(3, requires_grad=True)
        of_torch = [v.requires_grad for v in (w * 2, torch.zeros(3), asked_for, asked_for * 2)]
        assert torch.nn.Parameter(torch.zeros(3)).requires_grad
    print("torch:", of_torch)
    assert of_torch == answers
else:
    print(f"{missing}: its four answers are left out")

# %% [markdown]
# Only the third: whoever makes a tensor and says that it requires a gradient gets what he has asked for. That is
# useful. The parameters of a network can be made and filled inside `no_grad`, and are parameters nevertheless.

# %% [markdown]
# ## 8. Detached, but not alone
#
# `u.detach()` gives a tensor outside the graph that shares its memory with `u`. The text says that edits of either
# will be seen in the other and "may trigger errors in correctness checks". How does the check work? Every tensor has
# a **version**, a counter of its edits in place. An operation notes the version of each value that it keeps for the
# way back, and the backward pass compares. Since `u.detach()` shares not only the memory but the counter too, it
# cannot be used to cheat:

# %%
w = bp.parameter([1.0, 2.0])
u = w * 1.0
v = (u * u).sum()  # its way back needs the values of u
u.detach().mul_(10.0)

assert (u.data == [10.0, 20.0]).all()  # the same memory
try:
    v.backward()
except RuntimeError as error:
    print(str(error).partition(":")[0])
else:
    raise AssertionError("nobody noticed")

# %% [markdown]
# There is an older way to get at the memory, `.data`, and old programs are full of it. It goes around the counter.
#
# **Predict.** The right gradient of $v = \sum_i u_i^2$ by $\mathbf w$, at $\mathbf w = (1, 2)$, is $(2, 4)$. Now $u$ is
# multiplied by ten behind the engine's back. Will there be an error? If not, what will the gradient be?

# %%
w = bp.parameter([1.0, 2.0])
u = w * 1.0
v = (u * u).sum()
u.data *= 10.0
v.backward()

print(w.grad)
assert (w.grad == [20.0, 40.0]).all()  # and the right one is (2, 4)

# %% tags=["nbval-ignore-output"]
if torch:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    u = w * 1.0
    v = (u * u).sum()
    before = u._version
    u.data.mul_(10.0)
    assert u._version == before  # not counted
    v.backward()
    print("torch:", w.grad.tolist(), "  edits counted:", u._version - before)
    assert w.grad.tolist() == [20.0, 40.0]

    u = w * 1.0
    u.detach().mul_(10.0)
    assert u._version == 1  # counted
else:
    print(f"{missing}: its gradient, wrong as well, is left out")

# %% [markdown]
# No error, and a gradient that is wrong by a factor of ten. So the advice is: `detach()` for looking, `no_grad()` for
# updating parameters, and `.data` only where you know why.

# %% [markdown]
# ## 9. Small things
#
# **A node does not send its gradient.** The text says that each node sends $\partial\mathcal L/\partial u$ to its
# parents. What is sent is the product of that with the local gradient of the arrow, and so it is different for each
# parent. In the picture of section 4, $p$ holds 13, and sends $13\cdot 3 = 39$ to $x$ and $13\cdot 2 = 26$ to $y$.

# %%
sent = {
    (names[t.edges[e.edge].child], names[t.edges[e.edge].parent]): e.contribution
    for e in t.events
    if hasattr(e, "local")
}
assert sent["p", "x"] == 13 * 3
assert sent["p", "y"] == 13 * 2

# %% [markdown]
# **Where gradients are added.** Below its third figure the text says that the node $u$, which has a fan-in of more
# than one, performs the sum of the chain rule. Sums are due at a fan-*out* of more than one: where a node has several
# children, each of them sends something, and the node adds it up. With several parents, it sends several messages and
# adds nothing. Below its first figure, the text has it right.
#
# In the graph of section 4, $p$ and $x$ are used twice. In the neuron of lecture [06](06-one-neuron.ipynb), where the
# figure comes from, every node has one child, and nothing is ever added.

# %%
received = {}
for child, parent, _ in arrows:
    received.setdefault(parent, []).append(child)

print({node: "".join(children) for node, children in sorted(received.items())})
assert [node for node, children in sorted(received.items()) if len(children) > 1] == ["p", "x"]

# %% [markdown]
# **Constant time.** Both bounds assume that one operation takes a constant time. This holds for numbers, not for
# matrices; the graph to be counted is the one of single numbers. Lecture [02](02-forward-pass.ipynb) counts the
# multiplications of a matrix product.
#
# **Jacobians are not needed.** The text writes the Jacobian of a slice as a matrix of zeros and ones and multiplies
# by it. As an explanation this is right. No library does it: the product with a vector is computed directly, and the
# matrix is never made. For a slice, it means to put $\mathbf v$ back into its place.

# %%
x = bp.tensor([0.3, 0.1, 0.4, 0.1], requires_grad=True)
v = np.array([5.0, 7.0])
x[:2].backward(v)

J = np.array([[1, 0, 0, 0], [0, 1, 0, 0]])
assert (x.grad == v @ J).all()
assert (x.grad == [5, 7, 0, 0]).all()

# %% [markdown]
# ## What PyTorch calls this
#
# | here | in PyTorch |
# |:--|:--|
# | the version of a tensor | `u._version` |
# | to clear gradients | `optimizer.zero_grad()`, which sets them to `None` |
# | to keep the gradient of a computed tensor | `u.retain_grad()`, before the backward pass |
# | the gradients without the adding | `torch.autograd.grad(L, [w])` |

# %% [markdown]
# ## Exercises
#
# Replace each `None` by your answer and run the cell. Silence means that you are right.
#
# **1. Which order breaks least?** Take the graph of section 4, and `compute` in the order $q, p, r, \mathcal L$, with
# $p$ and $q$ exchanged. The text's algorithm lets $\mathcal L$ speak first, then $r$, then $p$, then $q$. The
# gradient of which leaf comes out wrong: `"x"`, `"y"`, `"both"` or `"none"`? And what does $y$ get?

# %%
my_leaf = None
my_y_grad = None

assert my_leaf is None or my_leaf == "both", "p speaks before q has told it anything. Who hears of p?"
assert my_y_grad is None or my_y_grad == backward("qprL")[1], "p has heard from r alone: 8. And ∂p/∂y = x = 2."

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# $\mathcal L$ sends 5 to $q$ and 8 to $r$. Then $r$ sends 8 to $p$, and now $p$ speaks, although the 5 that comes by
# way of $q$ is still missing: it sends $8\cdot 2 = 16$ to $y$ instead of $13\cdot 2 = 26$, and $8\cdot 3 = 24$ to $x$
# instead of 39. After that $q$ sends its 5 to $p$, where nobody passes it on, and 5 to $x$. Both leaves are wrong: $x$
# gets 29 instead of 44.
#
# </details>

# %% [markdown]
# **2. How many edges?** A network has a layer of $n$ inputs and one neuron $\sum_i w_i x_i$, with every product and
# every sum of two terms a node. It is shown $N$ examples, and the $N$ results are added up to a single number, again
# two at a time. How many parameters are there, and how many edges? Take $n = 3$ and $N = 10$.

# %%
my_parameters = None
my_edges = None

ws = [bp.parameter(1.0) for _ in range(3)]
outputs = []
for _ in range(10):
    outputs.append(ws[0] * bp.tensor(1.0) + ws[1] * bp.tensor(2.0) + ws[2] * bp.tensor(3.0))
total = sum(outputs[1:], outputs[0])
assert my_parameters is None or my_parameters == len(bp.graph(total).params), "They are shared by all examples."
assert my_edges is None or my_edges == len(bp.trace(total).edges), "Two for each node: count the products and the sums."

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# Three parameters. Each example takes 3 products and 2 sums, 5 nodes with two edges each; the 10 results are joined
# by 9 sums. So $E = 2\,(10\cdot 5 + 9) = 118$. With more examples $E$ grows, and the parameters do not.
#
# </details>

# %% [markdown]
# ## What you have learned
#
# - An index tells who depends on whom: $\phi(z_k)$ and $\phi_k(\mathbf z)$ are different functions with different
#   Jacobians.
# - The forward pass computes nodes; the cost is counted in edges; the order has to be topological.
# - PyTorch adds gradients up, forgets those of computed tensors, and counts edits, except those through `.data`.
# - Even a good text has slips. Those that matter are found by running it.
#
# **Next:** if you came here from the beginning, you have seen everything once. Go back to the [first
# page](../index.ipynb), choose the lecture that gave you most trouble, and do its predictions again.
