# %% [markdown]
# # Networks as graphs: the forward pass
#
# *Lecture 02, about 25 minutes. You need a little Python, and lecture 00 for the shapes and colours.*
#
# To compute a formula from its inputs to its result: there seems to be nothing to learn about that. But the next line,
#
# ```python
# a, b = a - b, a * b
# ```
#
# written sixty times below itself, is computed in a few microseconds by whoever goes about it in the right way. In the
# wrong way, which is the way the formula suggests, it takes thousands of years. The difference between the two is the
# idea on which backpropagation rests, and here, on the way forward, it is easiest to see.
#
# When you have finished, you can
#
# - read a network as a directed acyclic graph, and count its nodes and edges;
# - put the nodes into an order in which each can be computed, and say what happens in a wrong order;
# - run the forward pass yourself, and count its work: $V + E$;
# - say why $E$ counts edges and not parameters;
# - say why every value is stored, and what it would cost not to.

# %% [markdown]
# | we write | in the code | it is |
# |:--|:--|:--|
# | $v$ | `v` | a **node** of the graph: a number, or later an array |
# | parents of $v$ | `v.parents` | the nodes that $v$ was computed from, one for each **edge** into $v$ |
# | $V$ | `len(g.compute)` | how many **compute nodes** there are |
# | $E$ | | how many **edges** there are |
# | $\mathcal O(V+E)$ | | "grows at most in proportion to $V + E$" |

# %% [markdown] tags=["seed:dags"]
# ## 1. A network is a directed acyclic graph
#
# Here is a small computation. It is not a network that does anything useful; it is small, and it has everything that
# matters.

# %%
import itertools
import math
from functools import cache

import backprop_viz as bp

x, y = bp.tensor(2.0), bp.tensor(3.0)

p = x * y
q = p + x
r = p - 1
L = q * r

bp.draw(L)

# %% [markdown]
# Numbers are *nodes*. An arrow, or *edge*, leads from each number to whatever was computed from it, so the graph is
# **directed**. And it is **acyclic**: whoever follows the arrows never comes back to the start, since nothing can be
# computed from itself. The three words are commonly shortened to **DAG**.
#
# Every neural network is such a graph, only larger: weights and inputs are its leaves, multiplications, sums and
# activation functions its compute nodes. Put the computation of the loss at its end, and for each training example the
# graph leads all the way to the one number that is to become small.
#
# **Predict.** Count the edges in the picture. And what about $x \cdot x$, one edge or two?

# %%
edges = sum(len(node.parents) for node in (p, q, r, L))
assert edges == 7

square = x * x
assert square.parents == (x, x)  # two: one for each place where x stands

# %% [markdown]
# The 1 in $p - 1$ has no node. It is a constant of the operation, like the exponent in $s^2$.
#
# ### What about loops?
#
# Recurrent networks use their own output again, and a `for` loop in Python does the same with a variable. Is that not a
# cycle?
#
# **Predict.** How many nodes will there be, `w` and `h0` included, and where does the arrow back to the beginning go?

# %%
w = bp.tensor(0.8)
h = bp.tensor(0.5, name="h0")
for _ in range(3):
    h = bp.tanh(w * h)

bp.draw(h, phase="forward")

# %% [markdown]
# There is no way back. Each turn computes a *new* number, and the name `h` is pasted on it; the old numbers stay where
# they are. The loop has been *unrolled* into a chain, in which one and the same $w$ is used at three places. Keep this
# picture in mind: **one leaf, three edges**. It will matter in section 4.

# %%
nodes = bp.trace(h).nodes
assert len(nodes) == 8
assert [node.kind for node in nodes].count("input") == 2  # w and h0
assert len(bp.trace(h).edges) == 9

# %% [markdown] tags=["seed:forward-pass"]
# ## 2. The forward pass
#
# To compute a graph is to give each node its value, when the values of its parents are known. Let us forget the package
# for a moment and write it down as plainly as possible: a program is a list of nodes, each with its operation and the
# names of its parents.

# %%
program = [
    ("p", lambda a, b: a * b, ["x", "y"]),
    ("q", lambda a, b: a + b, ["p", "x"]),
    ("r", lambda a: a - 1, ["p"]),
    ("L", lambda a, b: a * b, ["q", "r"]),
]


def forward(program, values):
    """Compute the nodes one after the other; each value is stored under its name."""
    for name, operation, parents in program:
        values[name] = operation(*(values[parent] for parent in parents))
    return values


print(forward(program, {"x": 2.0, "y": 3.0}))
assert forward(program, {"x": 2.0, "y": 3.0})["L"] == L.data

# %% [markdown]
# Two lines, and that is the **forward pass**: for each node in turn, compute its value *and store it*. The rest of this
# lecture is about the three things that these two lines take for granted: the order ("one after the other"), the cost
# ("each once"), and the storing.
#
# First step through it in the player. Nothing here is a parameter, so there is no way back, only the four values.
# Before each **→**, say which node is next, and which number it will get.

# %%
bp.play(L)

# %% [markdown]
# ## 3. In which order?
#
# We could not have begun with $q$. It needs $p$, and $p$ was not there yet. An order in which every node comes after
# all of its parents is called a **topological order**.
#
# **Predict.** Four nodes can be put into $4! = 24$ orders. How many of them are topological? Look at the picture.

# %%
operations = {name: (operation, parents) for name, operation, parents in program}


def is_topological(order):
    """Whether each node comes after its parents. (Leaves are there from the start.)"""
    return all(
        parent not in order or order.index(parent) < i for i, name in enumerate(order) for parent in operations[name][1]
    )


good = [order for order in itertools.permutations("pqrL") if is_topological(order)]
print(good)
assert len(good) == 2

# %% [markdown]
# Two of 24: $p$ must be first and $\mathcal L$ last, and $q$ and $r$ may be swapped, since neither needs the other.
# (They could even be computed at the same time. A computer with many processors lives on such pairs.)
#
# What happens in one of the other 22 orders? If you are lucky, an error:

# %%
wrong = [(name, *operations[name]) for name in "Lrqp"]
try:
    forward(wrong, {"x": 2.0, "y": 3.0})
except KeyError as missing:
    print("not there yet:", missing)

# %% [markdown]
# Luck, because in training the pass is run again and again, with new values in the leaves and the *old* values still in
# all the other nodes. Nothing is missing then.
#
# **Predict.** All values are there from the first pass, with $x = 2$: $p = 6$, $q = 8$, $r = 5$, $\mathcal L = 40$. Now
# $x$ becomes 5, and the pass is run in the order $\mathcal L, r, q, p$. What does it give for $\mathcal L$? What would
# be right?

# %%
values = forward(program, {"x": 2.0, "y": 3.0})
values["x"] = 5.0
stale = forward(wrong, dict(values))["L"]
right = forward(program, dict(values))["L"]

print(f"in the wrong order {stale:.0f}, in the right order {right:.0f}")
assert stale == 40
assert right == 280

# %% [markdown]
# Forty, the answer to the question before. No error, no warning, just a number from yesterday. The same happens to
# whoever changes a leaf and forgets to run the pass at all:

# %%
g = bp.graph(L)

x.data = 5.0
assert L.data == 40  # stale
assert g.forward() == 280  # computed anew, each node once
assert L.data == 280

# %% [markdown]
# ### Where the order comes from
#
# When you write a program, you get a topological order for nothing. A line of Python can only use what the lines above
# it have made, so the order *of writing* is one. The package simply remembers what was made after what. (PyTorch
# numbers its nodes in the order of making too, and on the way back it counts edges, as `peel` does below.)

# %%
assert g.compute == [p, q, r, L]

# %% [markdown]
# And if somebody hands you a graph without telling you in which order it was written? Then *peel* it: whenever all
# parents of a node have been taken, the node may be taken. Each time a node is taken, go to its children and cross
# off one edge. A node with all its edges crossed off is ready.


# %%
def peel(parents):
    """A topological order of a graph, given as {node: list of its parents}; leaves have no parents."""
    children = {node: [] for node in parents}
    for node, its_parents in parents.items():
        for parent in its_parents:
            children[parent].append(node)
    missing = {node: len(its_parents) for node, its_parents in parents.items()}
    ready = [node for node in parents if missing[node] == 0]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for child in children[node]:
            missing[child] -= 1
            if missing[child] == 0:
                ready.append(child)
    return order


found = peel({"L": ["q", "r"], "r": ["p"], "q": ["p", "x"], "p": ["x", "y"], "x": [], "y": []})
print(found)
assert is_topological([name for name in found if name in "pqrL"])

# %% [markdown]
# This works exactly if there is no cycle. In a cycle every node waits for another one, none ever becomes ready, and the
# order comes out too short. So "acyclic" is no decoration: it is what makes the forward pass possible.

# %%
assert peel({"x": [], "hen": ["egg", "x"], "egg": ["hen"]}) == ["x"]

# %% [markdown] tags=["seed:forward-cost"]
# ## 4. What it costs
#
# We count. In one forward pass every compute node is computed once, which is $V$ operations; and to compute it, the
# value of each of its parents is fetched, which is one fetch for each edge. If an operation and a fetch each take
# constant time, the whole pass takes
#
# $$
# \sum_{v}\bigl(1 + \text{number of parents of } v\bigr) \;=\; V + E,
# \qquad\text{that is}\quad \mathcal O(V + E),
# $$
#
# where the sum goes over the compute nodes. To be sure that this is what happens and not only what ought to happen, we
# put a counter into the loop. It works on any graph of the package, by way of the nodes' own operations.


# %%
def counted_forward(loss):
    """The value of the loss, computed from the leaves alone, and the number of operations and of fetches."""
    g = bp.graph(loss)
    values = {leaf: leaf.data for leaf in g.inputs + g.params}
    operations = fetches = 0
    for node in g.compute:
        arguments = []
        for argument in node.arguments:  # parents, and constants such as the 1 in p - 1
            if isinstance(argument, bp.Tensor):
                fetches += 1
                argument = values[argument]
            arguments.append(argument)
        operations += 1
        values[node] = node.op.forward(*arguments)
    return values[loss], operations, fetches


value, V, E = counted_forward(L)
print(f"V + E = {V} + {E} = {V + E}")
assert value == L.data
assert (V, E) == (4, 7)

# %% [markdown]
# ### Edges, not parameters
#
# One sometimes reads that $E$ is the number of *parameters*, since in a layer of a network each weight sits on one
# connection. For the picture that people draw of a layer, circles joined by lines, this is nearly right. As a count of
# the work it is wrong, and the loop of section 1 shows why: one parameter may be used at many places.
#
# **Predict.** Below are five graphs. In which of them has the number of parameters nothing to do with the work?

# %%
import numpy as np


def loop(turns):
    """The recurrent loop: one parameter, as many turns as you like."""
    w, h = bp.parameter(0.8), bp.tensor(0.5)
    for _ in range(turns):
        h = bp.tanh(w * h)
    return h


def network(examples):
    """A network with two hidden neurons, and its mean loss on this many examples."""
    net = bp.nn.ScalarMLP([1, 2, 1], generator=np.random.default_rng(0))
    losses = [(net([i / examples]) - 1.0) ** 2 for i in range(examples)]
    return sum(losses[1:], losses[0]) / examples


graphs = {
    "loop, 10 turns": loop(10),
    "loop, 1000 turns": loop(1000),
    "network, 1 example": network(1),
    "network, 100 examples": network(100),
    "section 1": L,
}
counts = {}
print("graph                    parameters       V       E   V + E")
for name, loss in graphs.items():
    value, V, E = counted_forward(loss)
    assert math.isclose(value, loss.data)
    assert len(bp.trace(loss).edges) == E
    counts[name] = len(bp.graph(loss).params), V, E
    print(f"{name:24} {counts[name][0]:10} {V:7,} {E:7,} {V + E:7,}")

# %% [markdown]
# The loop has one parameter and does as much work as it has turns. The network has seven parameters, whether it is
# shown one example or a hundred; the work grows a hundredfold. And the graph of section 1 has no parameter at all.
# What the work follows in every line is $V + E$, with the *edges* as they stand in the graph.

# %%
assert counts["loop, 10 turns"] == (1, 20, 30)
assert counts["loop, 1000 turns"] == (1, 2000, 3000)
assert counts["network, 1 example"][0] == counts["network, 100 examples"][0] == 7
assert counts["network, 100 examples"][2] > 99 * counts["network, 1 example"][2]
assert counts["section 1"][0] == 0

# %% [markdown]
# Where then does the other count come from? Take a dense layer, one example, every weight used once. Then each weight
# gives one product, each product goes into one sum, and $E$ is a few times the number of weights: in proportion to it.
# For that case the two statements agree. Say "edges", and you are right in all cases.
#
# ### Constant time?
#
# We have assumed that each operation takes the same time. For numbers that is fair. For arrays it is not: `A @ B` is a
# *single* node, whatever the size of the matrices, but a product of $n\times k$ and $k\times m$ takes $nkm$
# multiplications. The bound is about the graph of single numbers that such a node stands for. (In a running
# notebook, double-click on a matrix product in the player, and it shows you that graph.)

# %%
multiplications = 0


class Counting(float):
    """A number that counts how often it is multiplied."""

    def __mul__(self, other):
        global multiplications
        multiplications += 1
        return Counting(float(self) * float(other))

    def __add__(self, other):
        return Counting(float(self) + float(other))


n, k, m = 3, 4, 5
A = np.array([[Counting(1)] * k for _ in range(n)], dtype=object)
B = np.array([[Counting(2)] * m for _ in range(k)], dtype=object)
A @ B

assert multiplications == n * k * m == 60
assert len(bp.graph(bp.ones(n, k) @ bp.ones(k, m)).compute) == 1

# %% [markdown]
# ## 5. The ladder
#
# Now to the sixty lines. Two rails, $a$ and $b$, and on each rung both are computed from both:


# %%
def ladder(rungs):
    a, b = bp.tensor(0.5, name="a0"), bp.tensor(0.25, name="b0")
    for k in range(1, rungs + 1):
        a, b = a - b, a * b
        a.name, b.name = f"a{k}", f"b{k}"
    return a


# %% tags=["thumbnail"]
bp.draw(ladder(4), phase="forward", digits=3)

# %% [markdown]
# It looks innocent, and for the two lines of `forward` it is: each rung has two nodes, so $n$ rungs cost about $2n$
# operations.
#
# But that is not how a *formula* is computed by somebody who only looks at the formula. Ask for $a_4$. It is $a_3 -
# b_3$, so ask for $a_3$, and ask for $b_3$. Each of these asks for $a_2$ and for $b_2$. Nobody remembers that they have
# been asked for already.
#
# **Predict.** Each rung doubles the number of questions. How many in all are asked for $a_4$? For $a_{20}$?

# %%
questions = 0


def a_at(k):
    global questions
    questions += 1
    return 0.5 if k == 0 else a_at(k - 1) - b_at(k - 1)


def b_at(k):
    global questions
    questions += 1
    return 0.25 if k == 0 else a_at(k - 1) * b_at(k - 1)


asked = {}
for n in range(1, 17):
    questions = 0
    assert a_at(n) == ladder(n).data  # the same number
    asked[n] = questions

print(f"4 rungs: {asked[4]} questions;  16 rungs: {asked[16]:,}")

# %% [markdown]
# One question for $a_n$, two for the rung below, four for the next, and so on:
#
# $$
# 1 + 2 + 4 + \dots + 2^n \;=\; 2^{n+1} - 1
# $$

# %%
assert all(asked[n] == 2 ** (n + 1) - 1 for n in asked)

once = {n: counted_forward(ladder(n))[1] for n in asked}
assert all(once[n] == 2 * n - 1 for n in asked)  # the last b is not needed

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt

# %%
fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.semilogy(list(asked), list(asked.values()), "o-", color="black", label="as the formula says")
ax.semilogy(list(once), list(once.values()), "s--", color="#7A3E9D", label="each node once, and stored")
ax.set(xlabel="rungs", ylabel="evaluations of a node", xticks=range(0, 17, 2))
ax.legend()
plt.show()

# %% [markdown]
# The vertical axis is logarithmic, so the straight line at the top is an exponential. The lower curve is a straight
# line too, if drawn on an ordinary axis. With 16 rungs it is 131,071 against 31. With 60 it is the following, if a
# question takes a ten-millionth of a second:

# %%
years = (2**61 - 1) * 1e-7 / (60 * 60 * 24 * 365)
print(f"{years:,.0f} years, or {counted_forward(ladder(60))[1]} operations")
assert years > 7000
assert counted_forward(ladder(60))[1] == 119

# %% [markdown]
# The remedy is to remember. Python can do it for us: `cache` stores the answer to each question, and when the same
# question is asked again, it gives the stored answer. The formula stays as it is.

# %%
answers = 0


@cache
def a_kept(k):
    global answers
    answers += 1
    return 0.5 if k == 0 else a_kept(k - 1) - b_kept(k - 1)


@cache
def b_kept(k):
    global answers
    answers += 1
    return 0.25 if k == 0 else a_kept(k - 1) * b_kept(k - 1)


assert a_kept(60) == ladder(60).data
print(f"{answers} answers were worked out")
assert answers == 121  # 119 nodes and the two leaves

# %% [markdown]
# So here is the first half of the secret of backpropagation: **never compute a value twice; store it in its node**. The
# trouble starts wherever a node has more than one child, because then there are several ways through it, and the number
# of ways multiplies from rung to rung. In a tree, where each node has one child, the formula is as good as the graph.
# Networks are not trees: each neuron of a layer feeds all neurons of the next, and the ways through ten layers of a
# hundred neurons number $100^{10}$.
#
# The same trap waits on the way back. The chain rule, if written out, is a sum over all *ways* from a node to the loss.
# They too double from rung to rung, and the same remedy will help (lecture [04](04-two-gradients.ipynb)).

# %% [markdown]
# ## 6. Why everything is kept
#
# In the forward pass a value is needed until its last child has been computed. After that it could be thrown away, and
# whoever only wants the result does so. How much is saved? Here is a pass that throws away as early as possible, and
# notes how many values it has held at most at one time.


# %%
def most_values(loss, keep):
    """The largest number of values that are held at one time in the forward pass."""
    g = bp.graph(loss)
    still_to_come = {}
    for node in g.compute:
        for parent in node.parents:
            still_to_come[parent] = still_to_come.get(parent, 0) + 1
    held = set(g.inputs + g.params)
    most = len(held)
    for node in g.compute:
        held.add(node)
        most = max(most, len(held))
        for parent in node.parents:
            still_to_come[parent] -= 1
            if still_to_come[parent] == 0 and not keep:
                held.discard(parent)
    return most


def chain(length):
    h = bp.tensor(0.5)
    for _ in range(length):
        h = bp.tanh(h)
    return h


# %% [markdown]
# **Predict.** A chain of 1000 nodes, $h \leftarrow \tanh(h)$. How many values must be held at one time, if each is
# thrown away as soon as possible? And for a ladder of 1000 rungs?

# %%
print("                thrown away early   all kept")
for name, loss in {"chain, 1000": chain(1000), "ladder, 1000": ladder(1000)}.items():
    print(f"{name:16} {most_values(loss, keep=False):16} {most_values(loss, keep=True):10,}")

assert most_values(chain(1000), keep=False) == 2
assert most_values(chain(1000), keep=True) == 1001
assert most_values(ladder(1000), keep=False) == 4
assert most_values(ladder(1000), keep=True) == 2001

# %% [markdown]
# Two against a thousand. Nevertheless training keeps everything, and so does the engine behind these notebooks. The
# reason is the way back. The *local gradients*, the blue numbers, are made of forward values:
#
# | node | local gradient | what must have been kept |
# |:--|:--|:--|
# | $u = a\,b$ | $\textcolor{#2F6BFF}{\partial u/\partial a} = b$ | the other factor |
# | $u = a^2$ | $\textcolor{#2F6BFF}{\partial u/\partial a} = 2a$ | the argument |
# | $u = \tanh a$ | $\textcolor{#2F6BFF}{\partial u/\partial a} = 1 - u^2$ | its own value |
# | $u = a + b$ | $\textcolor{#2F6BFF}{\partial u/\partial a} = 1$ | nothing |

# %%
a, b = bp.parameter(0.5), bp.tensor(3.0)
h = bp.tanh(a)
for u, local in (a * b, b.data), (a**2, 2 * a.data), (h, 1 - h.data**2), (a + b, 1.0):
    a.grad = None
    u.backward()  # u is the end here, so its red number is 1, and red times blue is blue
    assert math.isclose(a.grad, local)

# %% [markdown]
# And the way back begins at the *end* of the graph, so what is needed last is what was computed first. That is why the
# memory of a training step, too, grows as the size of the graph, and why training a network takes so much more memory
# than using it. (One can keep only some of the values and compute the others again when they are needed. Lecture
# [09](09-cost.ipynb) does so.)
#
# Here they are at work. The same small graph, but now we ask for the gradients of $x$ and $y$. On each arrow stands
# only its blue number. Find the forward value that each of them was made of.

# %%
x, y = bp.parameter(2.0), bp.parameter(3.0)
p = x * y
q = p + x
r = p - 1
L = q * r

L.backward()
bp.draw(L, edges="local", show="numbers")

# %% [markdown]
# The arrow from $\mathcal L$ back to $q$ carries 5, the value of $r$; the one to $r$ carries 8, the value of $q$. From
# $p$ to $x$ it is 3, the value of $y$. Each factor of a product stands guard over the other.

# %%
t = bp.trace(L)
sent = {}
for event in t.events:
    if isinstance(event, bp.Send):
        edge = t.edges[event.edge]
        sent[t.nodes[edge.child].name, t.nodes[edge.parent].name] = event.local

assert sent["L", "q"] == r.data == 5
assert sent["L", "r"] == q.data == 8
assert sent["p", "x"] == y.data == 3
assert sent["p", "y"] == x.data == 2

# %% [markdown]
# It also explains a kind of error that PyTorch users meet sooner or later. If a value is overwritten between the two
# passes, the blue numbers that were to be made of it are wrong. The engine notices, and refuses:

# %%
a = bp.parameter(2.0)
u = a * 1.0
v = u * u
u.mul_(10.0)  # u is changed in place, after v was computed from it
try:
    v.backward()
except RuntimeError as error:
    print(str(error).split(":")[0])

# %% [markdown]
# ## What PyTorch calls this
#
# | here | in PyTorch |
# |:--|:--|
# | the graph | the *autograd graph*; it is made anew each time the code runs |
# | `v.op`, `v.parents` | `v.grad_fn`, and `v.grad_fn.next_functions` for its parents |
# | a leaf | `v.is_leaf` is true and `v.grad_fn` is `None` |
# | values kept for the way back | *saved tensors*; each op keeps only what its own derivative needs |
# | a pass that keeps nothing | `with torch.no_grad():` or `torch.inference_mode()` |
# | `g.forward()`, the same graph again | there is none; you run your code again |
#
# One difference: PyTorch records only what leads from a parameter to the result, since it records for the sake of the
# way back. The package records everything, for the sake of the picture.

# %% [markdown]
# ## Exercises
#
# Replace each `None` (in the second, the dots) by your answer and run the cell. Silence means that you are right.
#
# **1. An order.** In the graph below, $a$ and $b$ are leaves. Write the names of the compute nodes in an order in which
# they can be computed, as a string of letters. There is more than one.

# %%
riddle = {"e": ["c", "d"], "d": ["a", "f"], "c": ["f", "b"], "f": ["a", "b"], "h": ["e", "c"]}
my_order = None

assert my_order is None or sorted(my_order) == sorted(riddle), "Each of c, d, e, f, h exactly once, and nothing else."
for i, node in enumerate(my_order or ""):
    early = [parent for parent in riddle[node] if parent in riddle and parent not in my_order[:i]]
    assert not early, f"{node} needs {' and '.join(early)}"

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# Only $f$ can be first, since it alone needs nothing but leaves. Then $c$ and $d$ in either order, then $e$, then $h$:
# `"fcdeh"` or `"fdceh"`.
#
# </details>

# %% [markdown]
# **2. Forward, by asking.** The function `a_kept` with its `cache` computes each node when it is first asked for. Write
# that for any graph, without `cache`: `my_value(name, graph, values)` gives the value of the node `name` and stores
# it in the dictionary `values`, where the leaves are already. `graph[name]` is a pair: the operation, and the list of
# the parents' names. No list in the right order is needed; why?


# %%
def my_value(name, graph, values):
    return ...


computed = []
graph = {
    "L": (lambda q, r: computed.append("L") or q * r, ["q", "r"]),
    "r": (lambda p: computed.append("r") or p - 1, ["p"]),
    "q": (lambda p, x: computed.append("q") or p + x, ["p", "x"]),
    "p": (lambda x, y: computed.append("p") or x * y, ["x", "y"]),
}
mine = my_value("L", graph, {"x": 2.0, "y": 3.0})
assert mine is ... or mine == 40, "Is the value of each parent asked for by the same function?"
assert mine is ... or computed.count("p") == 1, "p was computed more than once: look in `values` first, and store."

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# ```python
# def my_value(name, graph, values):
#     if name not in values:
#         operation, parents = graph[name]
#         values[name] = operation(*(my_value(parent, graph, values) for parent in parents))
#     return values[name]
# ```
#
# The order in which the nodes are *finished* is a topological order by itself, because a node asks for its parents
# before it computes. (This is a depth-first search. For very long chains Python's recursion limit stops it; `peel`
# has no such limit.)
#
# </details>

# %% [markdown]
# **3. Count.** A network with 3 inputs has one layer of 4 neurons, each of them $\tanh(w_1x_1 + w_2x_2 + w_3x_3 + b)$,
# and is shown one example. Every product, every sum of two numbers and every tanh is a node. How many compute nodes $V$
# and how many edges $E$ has the layer, and how many parameters?

# %%
my_V = None
my_E = None
my_parameters = None

layer = bp.nn.ScalarMLP([3, 4, 1])[0]
outputs = layer([bp.tensor(1.0), bp.tensor(2.0), bp.tensor(3.0)])
seen = {node: None for output in outputs for node in bp.graph(output).compute}
answer = len(seen), sum(len(node.parents) for node in seen), len(list(layer.parameters()))
assert my_V is None or my_V == answer[0], "For each neuron: three products, how many sums, one tanh."
assert my_E is None or my_E == answer[1], "A product and a sum have two edges each, tanh has one."
assert my_parameters is None or my_parameters == answer[2], "For each neuron three weights and a bias."

# %% [markdown]
# <details>
# <summary>Answer to 3</summary>
#
# Each neuron has 3 products, 3 sums (four terms are joined by three sums) and 1 tanh: 7 nodes, and $6 + 6 + 1 = 13$
# edges. So $V = 28$, $E = 52$, and there are $4\cdot(3 + 1) = 16$ parameters. With one example more, $V$ and $E$
# double, and the parameters stay 16.
#
# </details>

# %% [markdown]
# ## What you have learned
#
# - A network with its loss is a directed acyclic graph. A loop in the code is a chain in the graph.
# - The forward pass takes the nodes in a topological order, computes each once, and stores it. In another order it
#   fails, or worse, gives numbers from yesterday.
# - It costs $V + E$, with $E$ the edges. Parameters may be shared, edges are not.
# - Without storing, a shared node is computed once for every way from it to the end: $2^{n+1} - 1$ evaluations on a
#   ladder, where $2n - 1$ are enough.
# - Values are kept after the pass because local gradients are made of them.
#
# **Practise:** the [exercises](../exercises/ex02-forward-pass.ipynb) of this lecture, which answer at once.
#
# **Next:** [Backward by induction](03-backward-by-induction.ipynb). All values are in their nodes. Now the question
# turns round: the last node starts to speak, and every other node learns what it has to do with the loss.
