# %% [markdown]
# # Cost, measured
#
# *Lecture 09, about 25 minutes. You need lectures 02 and 04: the forward pass, and local times backpropagated.*
#
# A network with a million weights has a gradient with a million entries. To find out what *one* weight does to the
# loss, you could nudge it and run the network again. To find out what *all* of them do, backpropagation runs the
# network once forward and once back, and that is all. If it were otherwise, you would not have heard of deep learning.
#
# That is a claim about time and memory, and such a claim can be put to the test on the computer in front of you. In
# this lecture we do what an experimenter does: say what exactly is claimed, find out what could spoil the measurement,
# measure, fit a line, and say how far we trust it. Then we race the algorithm against three others that compute the
# very same numbers.
#
# When you have finished, you can
#
# - count the steps of a forward and a backward pass without a clock, and say why it is the *edges* that count;
# - design a timing experiment, and name four things that would have spoiled it;
# - read a growth law off a log–log plot, fit its slope, and give an interval for it;
# - say what finite differences, forward mode and the sum over paths cost for the same gradient;
# - trade memory for time: checkpointing, with about $2\sqrt n$ stored values in place of $n$.

# %% [markdown]
# ## Words and signs
#
# | we write | it is |
# |:--|:--|
# | $V$ | the number of nodes of a graph: now all of them, inputs, parameters, and results of operations |
# | $E$ | the number of edges: one for each argument of each operation |
# | $n$ | the number of rungs of our ladder, or of layers |
# | $P$ | the number of parameters |
# | $\mathcal O(s)$ | "grows at most in proportion to $s$", once $s$ is large |
# | $b$ | the slope of a line on log–log axes: $t \propto s^{\,b}$ |

# %% [markdown]
# ## 1. Count before you measure
#
# Our test object shall be a ladder. Each rung takes the value $a$ and makes $a + w\,a$ of it, with a weight of its own:
# a network of one number per layer, with a shortcut around every layer. It is deep, every $a$ in it is used twice, and
# we can make it as long as we like.

# %%
import numpy as np

import backprop_viz as bp


def ladder(x, *weights):
    """One rung for each weight: a becomes a + w·a."""
    a = x
    for w in weights:
        a = a + w * a
    return a


def leaves(n):
    """The start x and n weights, small enough that the values stay near 1; the same in every run."""
    values = (np.random.default_rng(0).uniform(-1, 1, n) / np.sqrt(n)).tolist()
    return [bp.parameter(1.0, name="x"), *(bp.parameter(w, name=f"w{i}") for i, w in enumerate(values, start=1))]


L = ladder(*leaves(3))
L.backward()
bp.draw(L, show="numbers", edges="none", title="A ladder of three rungs")

# %% [markdown]
# **Predict.** Count in the figure, for three rungs: nodes $V$, and edges $E$ (an operation has one edge for each of its
# arguments). What does one more rung add to each? So what are $V$ and $E$ for $n$ rungs?
#
# Now the passes. The forward pass computes every result once. The backward pass puts a 1 at the loss, and then sends
# one message along every edge: one product (red times blue) and one addition. The record holds every one of these
# events, so we need no clock to count them.


# %%
def counted(loss):
    """V, E, and the events of both passes: results computed, messages sent."""
    t = bp.trace(loss)
    forward = sum(isinstance(event, bp.Forward) and t.nodes[event.node].op != "" for event in t.events)
    sent = sum(isinstance(event, bp.Send) for event in t.events)
    return len(t.nodes), len(t.edges), forward, sent


print("  n      V      E   computed   sent")
for n in 1, 2, 3, 10, 100, 1000:
    nodes, edges, computed, sent = counted(ladder(*leaves(n)))
    print(f"{n:4d}  {nodes:5d}  {edges:5d}      {computed:5d}  {sent:5d}")
    assert nodes == 3 * n + 1
    assert edges == 4 * n

# %% [markdown] tags=["seed:complexity"]
# ## 2. What is claimed, and where the bottleneck is
#
# Two columns of the table are equal: as many messages as edges. It cannot be otherwise. Each computed node $u$ is
# visited once on the way back, and sends one message to each of its parents, so
#
# $$
# \underbrace{\;\sum_{u}\;\text{parents of } u\;}_{\text{messages}} \;=\; E
# $$
#
# (if an input asks for no gradient, its messages are saved, and $E$ is an upper bound). Provided that one message costs
# a constant amount of work, the backward pass costs in proportion to $E$, plus something for visiting each node.

# %%
g = bp.graph(L)
assert sum(len(u.parents) for u in g.compute) == 4 * 3

for n in 10, 100, 1000:
    nodes, edges, computed, sent = counted(ladder(*leaves(n)))
    assert sent == edges
    assert computed + sent <= nodes + edges

# %% [markdown] tags=["seed:backward-cost"]
# So both passes together take
#
# $$
# \text{results computed} + \text{messages sent} \;\le\; V + E \quad\Longrightarrow\quad \mathcal O(V + E)
# $$
#
# steps, and that is the claim: **linear in the size of the graph**. The same holds for memory, if every node keeps its
# value and its gradient: two numbers for each of $V$ nodes.
#
# The steps are of two kinds: those that belong to weights, a red number times a blue one, and those that belong to
# activations. A layer with $m$ neurons below and $m$ above has $m$ activations and $m^2$ products, so nearly all of the
# work is in the products; written for a whole layer at once, they are products of matrices. There is the bottleneck:
# fast matrix products (what makes them fast is said in section 8), and next to them local derivatives that are cheap to
# get. In a small network:

# %%
mlp = bp.nn.ScalarMLP([4, 16, 16, 1])  # every number a node of its own
nodes, edges, computed, sent = counted(mlp([0.1, 0.2, 0.3, 0.4]))
print(f"V = {nodes}, E = {edges}: {computed} results computed, of which 32 are activations, and {sent} messages sent")
assert computed + sent <= nodes + edges
assert computed - 32 == 2 * (4 * 16 + 16 * 16 + 16)  # the others: a product and a sum for every weight

# %% [markdown]
# ### Edges, not parameters
#
# The text that these lectures grew from lets $E$ be the number of *parameters*. For one example in a fully connected
# network that is fair: every weight is used exactly once, so weights and products match. In general it is not.
#
# **Predict.** Here is a ladder again, but now all its thousand rungs share a single weight, as the steps of a recurrent
# network do. It has two parameters, $x$ and $w$. Will its backward pass be five hundred times cheaper than that of the
# ladder with a thousand weights?

# %%
x, w = bp.parameter(1.0), bp.parameter(0.001)
shared = ladder(x, *[w] * 1000)
nodes, edges, computed, sent = counted(shared)

print(f"parameters {len(bp.graph(shared).params)}   V = {nodes}   E = {edges}   messages {sent}")
assert sent == edges == 4 * 1000  # the same as with 1000 different weights

# %% [markdown]
# Two parameters, four thousand edges, four thousand messages. The single $w$ receives a thousand of them and adds them
# up. Sharing saves memory for weights, and no work. A batch is the same story: $N$ examples use each weight $N$ times.

# %%
xs = [[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1], [0.0, 0.5, 0.0, 0.5]]
one = counted(mlp(xs[0]))
three = counted(mlp(xs[0]) + mlp(xs[1]) + mlp(xs[2]))
assert three[1] == 3 * one[1] + 4  # three times the edges, and four of the two additions
assert len(list(mlp.parameters())) == 16 * 5 + 16 * 17 + 17  # however many examples there are

# %% [markdown]
# ## 3. What could spoil the measurement
#
# Counting told us how many steps there are. It did not tell us that each takes constant *time*: that depends on the
# program, on Python, on the processor. So now the clock. An experiment is worth what its design is worth; ours:
#
# | what could spoil it | what we do |
# |:--|:--|
# | another program is busy just now | `time.process_time` counts only the seconds that the processor works for *us* |
# | a bad moment all the same (caches, interrupts) | two rounds through the sizes; the *shorter* time counts |
# | the clock is coarse | small jobs are repeated until a twentieth of a second is full |
# | fixed costs hide the growth in small graphs | begin at 1,000 nodes; then $\sqrt{10}$ times as many, up to $10^6$ |
# | the first run is slow (imports, cold caches) | one run before, which is thrown away |
# | Python's garbage collector runs when it likes | off while we measure; then a measurement *with* it |
# | we time something else than we say | leaves exist before; timed are: building the graph, forward, backward |
#
# Why the shorter time, and not the mean? Whatever else the computer does can make a run slower, never faster: the
# disturbances only add. (Strictly, we also time how Python clears the graph away when it is no longer needed.)

# %%
import gc
import time

rungs = [333, 1_000, 3_333, 10_000, 33_333, 100_000, 333_333]  # V from a thousand to a million
sizes = [7 * n + 1 for n in rungs]  # V + E = (3n + 1) + 4n


def backpropagation(*start):
    """One forward and one backward pass."""
    ladder(*start).backward()


def seconds(method, n, collector=False):
    """The processor's seconds for one call of the method on the leaves of n rungs."""
    if not collector:
        gc.disable()
    try:
        start, calls = leaves(n), 0
        before = now = time.process_time()
        while now < before + 0.05:
            method(*start)
            calls += 1
            now = time.process_time()
        return (now - before) / calls
    finally:
        gc.enable()


# %% [markdown]
# **Predict.** Take the two ends. From a thousand nodes to a million is a factor of 1000 in $V + E$. If the claim is
# true, what is the factor in time? If time grew with the *square* of the size, what would it be? And on axes where both
# scales are logarithmic: which slope has the line in either case?
#
# (The largest graph is measured in the first round only. It is a chain of 666,666 operations, by the way, and a
# backward pass written as a recursive function would have ended at about a thousand, where Python's stack does.)

# %% tags=["nbval-ignore-output"]
from tqdm import tqdm

seconds(backpropagation, 1_000)  # thrown away
times = {n: [] for n in rungs}
for turn in tqdm(range(2), desc="rounds"):
    for n in rungs if turn == 0 else rungs[:-1]:
        times[n].append(seconds(backpropagation, n))

shortest = [min(times[n]) for n in rungs]
print("        V      V + E    seconds   µs for each node")
for n, size, t in zip(rungs, sizes, shortest, strict=True):
    print(f"{3 * n + 1:9,}  {size:9,}  {t:9.4f}   {1e6 * t / (3 * n + 1):6.2f}")

# %% [markdown]
# ## 4. The slope, and how sure we are of it
#
# If $t = c\,s^{\,b}$ then
#
# $$
# \log t = \log c + b \log s,
# $$
#
# a straight line on log–log axes with the exponent as its slope. We fit it by least squares. For the slope to mean
# something it needs an interval. With residuals $r_i$ of $m$ points around the line and $X_i = \log s_i$,
#
# $$
# b \;\pm\; t_{m-2}\,\sqrt{\frac{\sum_i r_i^2}{(m-2)\,\sum_i (X_i - \bar X)^2}}
# $$
#
# is the textbook's 95 % interval, where $t_{m-2}$ is Student's $t$; for seven points it is 2.571.


# %%
def fitted(sizes, times, student=2.571):
    """The slope through the logarithms, and half of its 95 % interval; 2.571 is for seven points."""
    X, Y = np.log(sizes), np.log(times)
    b, c = np.polyfit(X, Y, 1)
    r = Y - (c + b * X)
    return b, student * np.sqrt((r @ r) / (len(X) - 2) / np.sum((X - X.mean()) ** 2))


# Try it where the answer is known: times that grow exactly with the square, and the same with a little disorder.
exact = [3e-7 * s**2 for s in sizes]
b, half = fitted(sizes, exact)
assert np.isclose(b, 2)
assert half < 1e-9
b, half = fitted(sizes, exact * np.random.default_rng(1).uniform(0.8, 1.25, 7))
assert b - half < 2 < b + half
assert 0.01 < half < 0.2
assert np.allclose(np.log(exact), np.log(3e-7) + 2 * np.log(sizes))  # a straight line

# %% [markdown]
# It finds what we put in. Now the real thing. The plot draws the same fit, with its interval in the legend.

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt

b, half = fitted(sizes, shortest)
print(f"slope {b:.2f}, from {b - half:.2f} to {b + half:.2f}")

fig, ax = plt.subplots(figsize=(6.2, 4), facecolor="white", layout="constrained")
bp.plots.growth(sizes, shortest, label="forward and backward", ax=ax)
ends = np.array([sizes[0], sizes[-1]])
ax.plot(ends, shortest[0] * (ends / ends[0]) ** 2, ":", color="#707070", label="what slope 2 would be")
ax.set_ylim(top=100)
ax.set_title("One forward and one backward pass, up to a million nodes")
ax.legend(fontsize=8)
plt.show()

# %%
assert 0.7 < b < 1.5  # generous, for busy machines; the square would be 2
print("time grows linearly with V + E: ✓")

# %% [markdown]
# Look at three things. The points lie on a line over three powers of ten: nothing new happens on the way from a
# thousand nodes to a million. The line is about parallel to the direction "ten times the size, ten times the time", and
# nowhere near the dotted one. And the slope need not be 1.00: it comes out a little above or below, perhaps with an
# interval that excludes 1. Does that refute the claim?
#
# No, for two reasons. The interval takes the residuals for independent accidents, and they are not: a graph that has
# outgrown the processor's cache is slower in *every* run. So the interval is narrower than our ignorance. And the claim
# is about steps; the time of a step may change a little with the size of the graph, since memory that is far away is
# slow. If the points bend, look at the last column of the table above, the time for each node.

# %% [markdown]
# ### A trap: the collector
#
# **Predict.** Python's garbage collector looks, every so often, through the objects that exist to see which of them
# nobody needs. While we build a large graph, all of them are needed. With the collector on, will the slope rise, fall,
# or stay?

# %% tags=["nbval-ignore-output"]
with_collector = [seconds(backpropagation, n, collector=True) for n in rungs[:-1]]

fig, ax = plt.subplots(figsize=(6.2, 3.6), facecolor="white", layout="constrained")
bp.plots.growth(sizes[:-1], shortest[:-1], label="collector off", ax=ax)
bp.plots.growth(sizes[:-1], with_collector, label="collector on", ax=ax)
ax.set_title("The same passes, measured carelessly")
plt.show()

# %% [markdown]
# On most versions of Python the second line lies higher, and more so for large graphs: the larger the graph already is,
# the more there is to look through, again and again, and in vain. It does so in bursts, which is why the points stray,
# and the interval of the slope is wide. How often it looked and what it found can be counted:


# %%
def of_the_collector(what):
    """How often Python's collector has run, or how many objects it has freed, since the program began."""
    return sum(generation[what] for generation in gc.get_stats())


start = leaves(33_333)
gc.collect()
looks, freed = of_the_collector("collections"), of_the_collector("collected")
backpropagation(*start)
looks, freed = of_the_collector("collections") - looks, of_the_collector("collected") - freed

assert looks > 10
assert freed < 1000  # of 100,000 nodes; what it found was made by others
print("it looked more than ten times, and freed none of our nodes: ✓")

# %% [markdown]
# It is a cost, and users pay it; but it is Python's, not the algorithm's. Had we left the collector on without
# thinking, we should have published an exponent of both together, and nobody could tell from it how much is whose.

# %% [markdown]
# ## 5. Memory
#
# The forward pass leaves a value in every node, because the backward pass will need it for the blue factors; the
# backward pass leaves a gradient. Python keeps count of the pieces of memory that it has handed out
# (`sys.getallocatedblocks`). Pieces, unlike seconds, do not depend on who else is at work, so one run of each size will
# do. **Predict** the slope.

# %% tags=["nbval-ignore-output"]
import sys
import tracemalloc


def held(n, count):
    """How much more `count` counts when n rungs exist, after both passes."""
    gc.disable()
    try:
        before = count()
        loss = ladder(*leaves(n))
        loss.backward()
        return count() - before
    finally:
        gc.enable()


pieces = [held(n, sys.getallocatedblocks) for n in tqdm(rungs, desc="sizes")]
b, half = fitted(sizes, pieces)

fig, ax = plt.subplots(figsize=(6.2, 3.6), facecolor="white", layout="constrained")
bp.plots.growth(sizes, pieces, label="after both passes", ylabel="pieces of memory", ax=ax)
ax.set_title("What the same graphs hold")
plt.show()

# %%
assert 0.9 < b < 1.1
print("memory grows linearly with V + E: ✓")

# %% [markdown]
# Linear, and straighter than any clock could show it. And in bytes? `tracemalloc` counts them, but makes Python several
# times slower, so here is one size only:

# %% tags=["nbval-ignore-output"]
tracemalloc.start()
in_bytes = held(3_333, lambda: tracemalloc.get_traced_memory()[0])
tracemalloc.stop()
print(f"10,000 nodes hold {in_bytes / 1e6:.1f} MB: {in_bytes / 10_000:.0f} bytes each")

# %%
assert 2 * 8 < in_bytes / 10_000 < 1000  # a value and a gradient are 8 bytes each

# %% [markdown]
# A node takes some 200 bytes, of which its value and its gradient need 16: the rest is Python's price for an object,
# and our engine's for remembering parents and the line of code it came from. A library that puts a whole layer into one
# node pays that price once per layer.

# %% [markdown]
# ## 6. Three other ways to the same numbers
#
# A linear cost impresses only beside the alternatives. Three of them give the same gradient:
#
# 1. **The sum over paths.** Multiply the local gradients along every path from $\mathcal L$ to a leaf, and add up over
#    the paths. That is what the chain rule literally says, with nothing stored in the nodes (lecture 04).
# 2. **Finite differences.** For every leaf, nudge it up and down, run the forward pass, and divide.
# 3. **Forward mode.** For every leaf, carry the derivative by that one leaf along with the values, in one sweep from
#    left to right ([lecture A1](A1-forward-mode.ipynb)).
#
# We write all three down.

# %%
from collections import defaultdict


def by_paths(x, *weights):
    """The gradient as a sum over paths, and the number of products that took."""
    t = bp.trace(ladder(x, *weights))
    arrows = defaultdict(list)
    for event in t.events:
        if isinstance(event, bp.Send):
            edge = t.edges[event.edge]
            arrows[edge.child].append((edge.parent, event.local))

    total, products = defaultdict(float), 0
    stack = [(len(t.nodes) - 1, 1.0)]  # at the loss, with an empty product
    while stack:
        node, product = stack.pop()
        if node not in arrows:
            total[node] += product  # a path has reached a leaf
        for parent, local in arrows.get(node, []):
            stack.append((parent, product * local))
            products += 1
    return [total[node.index] for node in t.nodes if node.kind == "parameter"], products


# %%
def by_differences(*start, h=1e-5):
    """Two forward passes for every leaf."""
    values, slopes = [leaf.data for leaf in start], []
    with bp.no_grad():  # only values are needed
        for i, value in enumerate(values):
            moved = [[*values[:i], value + step, *values[i + 1 :]] for step in (h, -h)]
            above, below = (ladder(*map(bp.tensor, each)).data for each in moved)
            slopes.append((above - below) / (2 * h))
    return slopes


def by_forward_mode(*start):
    """One sweep for every leaf, with a 1 at this leaf and a 0 at the others."""
    values = tuple(leaf.data for leaf in start)
    directions = np.eye(len(values))
    return [bp.jvp(ladder, values, tuple(direction))[1] for direction in directions]


# %% [markdown]
# First of all: are they right? Nothing is timed before all four agree.

# %%
start = leaves(8)
ladder(*start).backward()
ours = [leaf.grad for leaf in start]

assert np.allclose(by_paths(*start)[0], ours)
assert np.allclose(by_forward_mode(*start), ours)
assert np.allclose(by_differences(*start), ours, rtol=1e-6)

# %% [markdown]
# **Predict.** Before the clock, the count. Between one value $a$ and the next there are two ways: straight, or through
# the product with $w$. How many paths lead from $\mathcal L$ to $x$ in a ladder of $n$ rungs? For $n = 20$, is that
# nearer to 80, to 400, or to a million?
#
# The engine can count them for us. If all weights are 1, so are all blue numbers between $\mathcal L$ and $x$; every
# path then contributes 1, and the gradient of $x$ is the number of paths.

# %%
x, *ones = [bp.parameter(1.0) for _ in range(1 + 20)]
ladder(x, *ones).backward()
print(f"{x.grad:,.0f} paths")
assert x.grad == 2**20

# %% [markdown]
# Two ways at each rung, $2^n$ paths, a million for twenty rungs; and the engine counted them in 80 messages. How many
# products does each method take? In the sum over paths, each of the $2^{n-k}$ visits to the value $a_k$ above rung $k$
# multiplies four times, once on each edge of that rung:
#
# $$
# \text{products:}\qquad
# \underbrace{4n}_{\text{backpropagation}}
# \qquad
# \underbrace{4n\,(n+1)}_{\text{forward mode}}
# \qquad
# \underbrace{\sum_{k=1}^{n} 4\cdot 2^{\,n-k} = 4\,(2^n - 1)}_{\text{sum over paths}}
# $$
#
# Forward mode multiplies once per edge too, but needs $n + 1$ sweeps, one for each leaf. Finite differences use no
# local gradients; they evaluate the $2n$ operations $2(n+1)$ times, and this number stands in the table.

# %%
for n in 1, 2, 5, 10:
    paths, products = by_paths(*leaves(n))
    assert products == sum(4 * 2 ** (n - k) for k in range(1, n + 1)) == 4 * (2**n - 1)
    assert counted(ladder(*leaves(n)))[3] == 4 * n
    assert sum(counted(ladder(*leaves(n)))[1] for leaf in leaves(n)) == 4 * n * (n + 1)

print("    n   backpropagation   forward mode   finite differences   sum over paths")
for n in 5, 10, 20, 50, 100, 1000:
    paths = f"{4 * (2**n - 1):,}" if n <= 20 else f"{4.0 * (2.0**n - 1):.1e}"
    print(f"{n:5d}   {4 * n:15,}   {4 * n * (n + 1):12,}   {2 * (n + 1) * 2 * n:18,}   {paths:>14}")

# %% [markdown]
# Look at the row for 20. Backpropagation needs 80 products, and the path sum four million, for a graph that you could
# draw on one page. At a hundred rungs the path sum has become impossible for ever: at a million products a second it
# would take about $10^{17}$ years. The forward pass and the paths live in the same small picture; only the bookkeeping
# differs. "Add up at every node before you go on" turns $2^n$ into $n$.

# %%
years = 4.0 * 2.0**100 / 1e6 / (3600 * 24 * 365.25)
assert 1e17 < years < 2e17

# %% [markdown]
# Now with the clock, all four on the same axes. The lines of slope $b$ are fits; the path sum gets a curve,
# since no straight line will do.
#
# **Predict.** Which slopes will finite differences and forward mode have?

# %% tags=["nbval-ignore-output", "thumbnail"]
few = [10, 20, 40, 80]
some = [4, 6, 8, 10, 12, 14, 15]
differences = [min(seconds(by_differences, n) for _ in range(2)) for n in few]
sweeps = [min(seconds(by_forward_mode, n) for _ in range(2)) for n in few]
path_sums = [min(seconds(by_paths, n) for _ in range(2)) for n in some]
small = [min(seconds(backpropagation, n) for _ in range(2)) for n in few]
lengths = [7 * n + 1 for n in few]

fig, ax = plt.subplots(figsize=(6.8, 4.6), facecolor="white", layout="constrained")
bp.plots.growth(lengths + sizes, small + shortest, label="backpropagation", ax=ax)
bp.plots.growth(lengths, differences, label="finite differences", ax=ax)
bp.plots.growth(lengths, sweeps, label="forward mode", ax=ax)
ax.plot([7 * n + 1 for n in some], path_sums, "D-", color="#3C7A2A", markersize=5, label="sum over paths, ∝ 2ⁿ")
ax.set_title("The same gradient, four ways")
ax.legend(fontsize=8, loc="lower right")
plt.show()

# %%
assert 1.3 < fitted(lengths, differences)[0] < 2.7
assert 1.3 < fitted(lengths, sweeps)[0] < 2.7
doublings = np.polyfit(some[-4:], np.log2(path_sums[-4:]), 1)[0]  # for each rung; the short ladders show fixed costs
assert 0.5 < doublings < 1.5
print("finite differences and forward mode grow with the square, the sum over paths exponentially: ✓")

# %% [markdown]
# Read the picture from left to right. The path sum begins harmlessly, with four rungs, and at fifteen it stands like a
# wall. Squares and triangles have a slope of about 2: twice the ladder means twice the leaves, *and* each of their
# sweeps is twice as long. The round marks are backpropagation. They start below all the others and go on for three more
# powers of ten after these have given up. (That the triangles lie above the squares says something about our package
# only: its sweep forward is written for arrays of any kind, and takes its time with every scalar.)
#
# What would finite differences cost on our largest ladder, a third of a million weights? Two forward passes for each
# leaf, and a forward pass takes a good part of what both passes took:

# %% tags=["nbval-ignore-output"]
passes = 2 * (rungs[-1] + 1)
days = passes * shortest[-1] / 3 / 86400  # a third of both passes, to be fair to the rival
print(
    f"backpropagation: {shortest[-1]:.1f} seconds; finite differences: {passes:,} forward passes, about {days:.0f} days"
)

# %%
assert passes / 3 > 200_000  # times as long as backpropagation, on any machine

# %% [markdown]
# One thing is easily overlooked. A sweep of forward mode takes as many products as a backward pass, one per edge. It
# answers another question, "how does everything answer to this one leaf?", where backpropagation answers "how does
# this one loss answer to everything?" A network in training has many leaves and one loss. That, and nothing else,
# decides the race; [lecture A1](A1-forward-mode.ipynb) turns it around.

# %% [markdown]
# ## 7. Memory for time: checkpointing
#
# The time cannot get better than linear: each edge must be looked at. Memory can. The forward pass keeps all values
# only so that they are there when the backward pass comes by. What if we keep every $k$th of them, forget the others,
# and compute them *again* when they are needed?
#
# We take a chain of $n$ layers, each a single operation, $a \leftarrow a + w\,a$ on an array. The forward pass runs
# under `no_grad`, which records nothing, and keeps the value before each segment of $k$ layers. The backward pass goes
# from the last segment to the first: cut the kept value off from the past (`detach`), run the segment again, this time
# recorded, send the gradient through it, and pass on what has arrived at its beginning.


# %%
def layers(a, weights):
    """A chain: one node for each weight."""
    for w in weights:
        a = bp.addcmul(a, w, a)  # a + w·a in one operation
    return a


def checkpointed(x, weights, k):
    """Gradients arrive in the weights; gives the most values stored at any time, and the layers computed."""
    segments = [weights[i : i + k] for i in range(0, len(weights), k)]
    kept, computed = [x], 0
    with bp.no_grad():
        for segment in segments[:-1]:
            kept.append(layers(kept[-1], segment))
            computed += len(segment)

    gradient, most = np.ones(x.shape), 0  # ∂L/∂(last value), where L is the sum of its elements
    for segment in reversed(segments):
        begin = kept[-1].detach().requires_grad_()
        end = layers(begin, segment)  # computed again, and recorded
        computed += len(segment)
        most = max(most, len(kept) + len(bp.graph(end).compute))
        end.backward(gradient)
        gradient = begin.grad
        kept.pop()
        del begin, end  # or this segment is still there while the next one is computed
    return most, computed


# %% [markdown]
# The gradients must not change, not in the last digit: the same operations run on the same numbers.


# %%
def fresh(n, width):
    """A starting array and n weights."""
    random = np.random.default_rng(0)
    return bp.tensor(random.uniform(-1, 1, width)), [bp.parameter(w) for w in random.uniform(-1, 1, n) / n]


x, weights = fresh(100, 1000)
layers(x, weights).backward(np.ones(1000))
plain = [w.grad for w in weights]

for w in weights:
    w.grad = None
most, computed = checkpointed(x, weights, k=10)

assert [w.grad for w in weights] == plain
print(f"stored values: {most} instead of 100; layers computed: {computed} instead of 100")

# %% [markdown]
# **Predict.** A hundred layers in segments of $k$. Kept are the $n/k$ values before the segments, and during the
# backward pass the $k$ values of one segment. For which $k$ is their sum smallest? Try $k = 1, 10, 100$ in your head.

# %%
for k in 1, 2, 5, 10, 20, 50, 100:
    most, computed = checkpointed(x, weights, k)
    print(f"k = {k:3d}   stored {most:3d}   layers computed {computed}")
    assert most == 100 / k + k >= 2 * np.sqrt(100)
    assert computed == 100 - k + 100  # the last segment is not computed twice

# %% [markdown]
# Twenty values where there were a hundred, for the price of less than one additional forward pass. At either end
# nothing is won: with $k = 1$ every value is kept, with $k = 100$ the only segment is the whole chain. In general
#
# $$
# M(k) = \frac nk + k \;\ge\; 2\sqrt n, \qquad\text{with equality at } k = \sqrt n .
# $$
#
# The inequality is that of the two means: $\tfrac nk$ and $k$ have the product $n$ whatever $k$ is, so their sum is
# smallest where they are equal.
#
# Do the bytes agree with the count? We measure the peak, with layers of 5,000 numbers.


# %%
def peak(n, width, k=None):
    """The most bytes that were held during both passes; without k, nothing is forgotten."""
    x, weights = fresh(n, width)
    tracemalloc.start()
    try:
        if k is None:
            layers(x, weights).backward(np.ones(width))
        else:
            checkpointed(x, weights, k)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# %% tags=["nbval-ignore-output"]
n, width = 400, 5_000
every = [1, 2, 4, 8, 14, 20, 40, 100, 200, 400]
measured = np.array([peak(n, width, k) for k in every]) / (8 * width)

lengths = [25, 50, 100, 200, 400, 800]
without = [peak(m, 1_000) for m in lengths]
with_ = [peak(m, 1_000, round(np.sqrt(m / 2))) for m in lengths]

fig, (left, right) = plt.subplots(1, 2, figsize=(9.6, 3.8), facecolor="white", layout="constrained")
curve = np.geomspace(1, n, 100)
left.plot(every, measured, "o", color="black", label="measured peak")
left.plot(curve, n / curve + curve, "--", color="#707070", label="n/k + k: values alone")
left.plot(curve, n / curve + 2 * curve, "-", color="#B8651B", label="n/k + 2k: values and gradients")
left.set(xscale="log", yscale="log", xlabel="layers in a segment, k", ylabel="arrays held at the peak")
left.set_xticks([1, 4, 14, 40, 100, 400], ["1", "4", "14", "40", "100", "400"])
left.set_yticks([50, 100, 200, 400, 800], ["50", "100", "200", "400", "800"])
left.minorticks_off()
left.set_title("400 layers, cut into segments")
left.legend(fontsize=8)
bp.plots.growth(lengths, without, label="everything kept", xlabel="layers n", ylabel="peak memory in bytes", ax=right)
bp.plots.growth(lengths, with_, label="checkpointed", xlabel="layers n", ylabel="peak memory in bytes", ax=right)
right.set_xticks(lengths, [str(m) for m in lengths])
right.minorticks_off()
right.set_title("With and without checkpointing")
plt.show()

# %%
assert 0.9 < fitted(lengths, without)[0] < 1.1
assert 0.35 < fitted(lengths, with_)[0] < 0.65
assert np.argmin(measured) in (3, 4, 5)  # k = 8, 14 or 20
assert np.allclose(measured, n / np.array(every) + 2 * np.array(every), rtol=0.3)  # the solid curve

# %% [markdown]
# On the left the measured peaks follow not the dashed curve but the solid one. Our count took only forward values; this
# engine also keeps the gradient of every intermediate node, so that you can look at it, and therefore a segment costs
# $2k$. The minimum moves to $k = \sqrt{n/2} \approx 14$, and nothing else changes. (PyTorch drops those gradients, and
# the values too as it passes.) Had we trusted the formula and not measured, we should not have known.
#
# On the right, slope 1 and slope about ½: four times the depth costs four times the memory, or twice. This is how
# people train networks deeper than their memory. Note what it says about the claim of section 2: *linear memory* is
# what the straightforward algorithm takes, and not what the problem demands.

# %% [markdown]
# ## 8. When a node is a matrix
#
# "A message costs a constant amount of work" is true of scalars. In practice one node is a whole layer, $Z = X W$, and
# its message a matrix product. The claim survives if we count the scalar edges inside. To count the multiplications, we
# let NumPy multiply numbers that keep a tally:


# %%
class Tally(float):
    """A float that counts how often it is multiplied."""

    count = 0

    def __mul__(self, other):
        Tally.count += 1
        return float(self) * float(other)


def multiplications(a, b):
    """How many products of numbers a matrix product takes."""
    Tally.count = 0
    np.vectorize(Tally, otypes=[object])(a) @ np.vectorize(Tally, otypes=[object])(b)
    return Tally.count


B, m, p = 4, 5, 3  # examples, inputs, outputs
X, W, G = np.ones((B, m)), np.ones((m, p)), np.ones((B, p))

# %% [markdown]
# **Predict.** $X$ is $B \times m$ and $W$ is $m \times p$. How many multiplications does $X W$ take? And the two
# products of the backward pass, $G\,W^{\mathsf T}$ for the layer below and $X^{\mathsf T} G$ for the weights?

# %%
forward = multiplications(X, W)
backward = multiplications(G, W.T) + multiplications(X.T, G)
print(f"forward {forward}, backward {backward}")
assert forward == B * m * p
assert backward == 2 * B * m * p

# %% [markdown]
# Each of the $B\,p$ elements of $X W$ is a sum of $m$ products, and so on for the other two:
#
# $$
# \underbrace{B\,m\,p}_{X W}
# \qquad
# \underbrace{B\,p\,m}_{G W^{\mathsf T}} + \underbrace{m\,B\,p}_{X^{\mathsf T} G} = 2\,B\,m\,p
# $$
#
# The way back costs twice the way forward: hence the rule of thumb that a training step is worth three forward passes.
# And the bound counts what it should: the edges of the scalar graph are in proportion to $B\,m\,p$, its parameters are
# $m\,p$. They differ by the factor $B$, the batch.

# %% [markdown]
# ### Many hands: why there is special hardware for this
#
# So nearly all of a training step is matrix products. Can they be made fast? The number of multiplications stays, but
# they need not be done one after the other. Each element of $X W$ needs a row of $X$ and a column of $W$ and *no other
# element*: $B\,p$ sums, none of which waits for another. And within a sum, all products can be formed at once, and then
# be added two and two.
#
# **Predict.** Suppose you had as many arithmetic units as you like, each multiplying or adding two numbers in a round.
# $X$ is $8 \times 64$ and $W$ is $64 \times 16$, which makes 8,192 products. How many rounds does $X W$ take?


# %%
def in_rounds(X, W):
    """The product of two matrices, and the rounds it takes if all that can be done at once is; for a power of two."""
    terms, rounds = X[:, :, None] * W, 1  # all products in the first round
    while terms.shape[1] > 1:
        terms, rounds = terms[:, ::2] + terms[:, 1::2], rounds + 1  # two and two
    return terms[:, 0], rounds


random = np.random.default_rng(0)
X, W = random.standard_normal((8, 64)), random.standard_normal((64, 16))
product, rounds = in_rounds(X, W)
print(f"{8 * 64 * 16:,} products, {rounds} rounds")
assert np.allclose(product, X @ W)
assert rounds == 1 + np.log2(64)

# %% [markdown] tags=["seed:hardware"]
# Seven: one for the products, six for the sums, $1 + \log_2 m$. No machine has a unit for each product, but this is why
# networks are trained on **GPUs**. A processor core is built to hurry through one list of instructions; a GPU has
# thousands of small arithmetic units that do the same thing to different numbers, just what a matrix product asks for,
# and newer ones have circuits that multiply small matrices whole. The two products of the backward pass run on them as
# well as the one of the forward pass.
#
# What no hardware can change is the waiting between the layers: layer 2 needs the result of layer 1, and on the way
# back it is the other way round. Parallel machines make a layer cheap, not a stack of layers short.
#
# There is a second reason to hand over whole matrices. Units that are fast must be fed, and fetching a number from
# memory takes longer than multiplying it. $X W$ reads $B\,m + m\,p$ numbers and makes $B\,m\,p$ products of them.
#
# **Predict.** A layer has $512 \times 512$ weights. How often is each number that is read used, on average, for a batch
# of 256 examples? And if the examples come one at a time?

# %%
batch, m, p = 256, 512, 512
used = batch * m * p / (batch * m + m * p)
alone = 1 * m * p / (1 * m + m * p)
print(f"products for each number read: {used:.0f} for a batch of {batch}, {alone:.1f} for one example")
assert alone < 1 < 170 < used

X, W = random.standard_normal((batch, m)), random.standard_normal((m, p))
assert np.allclose(np.array([x @ W for x in X]), X @ W)  # the same numbers, one example at a time

# %% [markdown]
# One at a time, each weight is fetched for a single multiplication, and most units stand idle. In a batch it serves 256
# times. That is why we write $X W$ and not loops, and it is one more reason for batches. (We put no clock to it here:
# the gain depends on the machine, and libraries that share the work among several cores make it hard to time fairly.)

# %% [markdown]
# ## What PyTorch calls this
#
# | here | in PyTorch |
# |:--|:--|
# | `checkpointed(x, weights, k)` | `checkpoint_sequential(layers, segments, x)`; it takes the number of segments |
# | one segment, forgotten and computed again | `checkpoint(segment, x, use_reentrant=False)` |
# | `X @ W` | the same; with `X` and `W` moved by `.to("cuda")`, it runs on the GPU |
# | `seconds(...)` | `torch.utils.benchmark.Timer(...)`: a warm-up, many runs, their median |
# | `tracemalloc` | on a GPU, `torch.cuda.max_memory_allocated()` |
# | values stay until the graph goes | what is saved for the backward pass is freed as it passes: `retain_graph=False` |
#
# (The first two live in `torch.utils.checkpoint`.)
#
# One more way to spoil a measurement waits there: a GPU works on its own while Python goes on. Whoever stops the clock
# without `torch.cuda.synchronize()` has timed how long it takes to *ask*.

# %% [markdown]
# ## Exercises
#
# Replace each `None` by your answer and run the cell. If it stays silent, you are right.
#
# **1. A slope with pencil and paper.** An algorithm takes 0.02 seconds for a graph of size 1,000 and 2.5 seconds for
# one of size 25,000. Which slope has the line through these two points on log–log axes? (Two digits; a factor of 5 in
# size is a factor of what in time?) Is it linear?

# %%
my_slope = None

size_ratio, time_ratio = 25_000 / 1_000, 2.5 / 0.02
assert my_slope is None or abs(my_slope - np.log(time_ratio) / np.log(size_ratio)) < 0.02, "125 is 5³, and 25 is 5²"

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# The size grows by $25 = 5^2$, the time by $125 = 5^3$. So $5^3 = (5^2)^b$, and $b = 3/2$. Not linear, not quadratic;
# something like it happens when most steps are cheap and now and then one goes through everything.
#
# </details>

# %% [markdown]
# **2. The first layer is cheaper.** A batch of $B = 64$ goes through two layers, $784 \to 128$ and $128 \to 10$. Count
# the multiplications of the matrix products in the backward pass. The inputs are data; nobody asks for *their*
# gradient.

# %%
my_products = None

assert my_products is None or my_products != 2 * 64 * (784 * 128 + 128 * 10), (
    "Does anyone need G Wᵀ in the first layer?"
)
assert my_products is None or my_products == 64 * 784 * 128 + 2 * 64 * 128 * 10, "One product below, two above."

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# The second layer needs both products, $2 \cdot 64 \cdot 128 \cdot 10 = 163{,}840$. The first needs only
# $X^{\mathsf T} G$, $64 \cdot 784 \cdot 128 = 6{,}422{,}528$. Together 6,586,368. That inputs get `None` and not a
# gradient is no pedantry: it saves nearly half of the work here.
#
# </details>

# %% [markdown]
# **3. A deep chain in little memory.** A chain of $n = 10{,}000$ layers shall be trained with as few stored values as
# checkpointing with equal segments allows (count as in $M(k)$). Which $k$, how many values are stored at most, and how
# many layers are computed in all, forward and again?

# %%
my_k = None
my_stored = None
my_computed = None

assert my_k is None or my_k == np.sqrt(10_000), "Where are n/k and k equal?"
if my_k is not None:
    most, computed = checkpointed(bp.tensor(1.0), [bp.parameter(0.0) for _ in range(10_000)], int(my_k))
    assert my_stored is None or my_stored == most, "n/k + k"
    assert my_computed is None or my_computed == computed, "All but one segment are computed twice."

# %% [markdown]
# <details>
# <summary>Answer to 3</summary>
#
# $k = 100$: 100 values before the segments and 100 in the one that is recomputed, 200 in place of 10,000. Computed are
# $9{,}900$ layers in the forward pass (the last segment is not needed there) and $10{,}000$ again: $19{,}900$. Cut the
# segments into segments and you get further, at the price of another forward pass: with three levels about
# $3\sqrt[3]{n}$ values.
#
# </details>

# %% [markdown]
# ## What you have learned
#
# - The forward pass computes each result once, the backward pass sends one message along each edge:
#   $\mathcal O(V + E)$. Count edges, not parameters; shared weights and batches make the difference.
# - A clock needs a design: rounds, the shortest time, a range of sizes, the collector off, and a word about what the
#   interval does not cover.
# - On log–log axes a power law is a line. Backpropagation has slope 1; finite differences and forward mode have slope 2
#   for a gradient; the sum over paths has no slope at all.
# - Nearly all work is in matrix products, whose elements do not wait for each other: that is what GPUs are made for.
#   The layers do wait for each other.
# - Linear memory is a choice. Keeping every $\sqrt n$th value brings it down to about $2\sqrt n$, for less than one
#   more forward pass.
#
# **Practise:** the [exercises](../exercises/ex09-cost.ipynb) of this lecture, which answer at once.
#
# **Next:** [PyTorch's autograd, looked into](10-pytorch.ipynb), where the same ideas come with other people's names.
