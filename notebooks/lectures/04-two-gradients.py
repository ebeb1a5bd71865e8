# %% [markdown]
# # Two gradients, and fan-out
#
# *Lecture 04, about 25 minutes. You need [lecture 03](03-backward-by-induction.ipynb): the base step and the inductive
# step.*
#
# Somewhere in every program that learns, deep inside, there is a line with a `+=`. Take the plus sign away and the
# program still runs. It raises no error. On a chain it even gives the right gradients, and on other graphs the loss
# may well go down, only not as it should. In this lecture we take the plus sign away.
#
# When you have finished, you can
#
# - tell a local gradient from a backpropagated one on any arrow, and say what each depends on;
# - say why contributions are *added* where a value was used more than once, and write the sum as a matrix product;
# - recognize what a `=` in place of `+=` does to the numbers;
# - count `x * x` rightly;
# - say what backpropagation saves, and by which law of arithmetic.

# %% [markdown] tags=["seed:local-and-backpropagated"]
# ## 1. Two kinds of gradient
#
# | | $\textcolor{#2F6BFF}{\text{local gradient}}$ | $\textcolor{#E62020}{\text{backpropagated gradient}}$ |
# |:--|:--|:--|
# | sign | $\textcolor{#2F6BFF}{\partial u/\partial w}$ | $\textcolor{#E62020}{\partial\mathcal L/\partial w}$ |
# | the question | nudge a parent: how does its *child* answer? | nudge a node: how does the *loss* answer? |
# | belongs to | an arrow | a node |
# | depends on | one operation and its arguments | everything between the node and the loss |
# | kept | no, made when needed | yes, in the node |
# | also called | | *global*, *upstream* or *incoming* gradient |
#
# What travels along an arrow is the product of the two: red of the child times blue of the arrow. We call it the
# **contribution** of that arrow.
#
# The graph of this lecture is the one that you played at the end of the last one, where $y$ is used twice.

# %%
import math

import backprop_viz as bp

x = bp.parameter(1.0)
y = 2 * x
u, v = y**2, 5 - y
L = u * v

# %% [markdown]
# First without any numbers.
#
# **Predict.** On each of the five backward arrows there will be a red fraction and a blue one. Write down the pair for
# the arrow from $v$ to $y$. Then: on two of the five arrows the *red* fraction is $\partial\mathcal L/\partial\mathcal
# L$, so that the blue number arrives unchanged. Which two?

# %% tags=["seed:figure-1", "thumbnail"]
L.backward()
bp.draw(L, show="symbols", expressions=False, title="Loss: ℒ(u(y(x)), v(y(x)))")

# %% [markdown]
# Every arrow has a tile with its two factors, every node the place where its red number is kept. Go through the tiles:
# the red fraction always has $\mathcal L$ on top, and what stands *below* its line stands *on top* in the blue one, as
# if the two cancelled. It is the node that the message comes from.
#
# Now the same with numbers. The values are $y = 2$, $u = 4$, $v = 3$, $\mathcal L = 12$.

# %%
bp.draw(L)


# %%
def messages(t):
    """Of every backward arrow in a trace: where from, where to, the red and the blue factor, their product."""
    for event in t.events:
        if event.kind == "send":
            edge = t.edges[event.edge]
            names = t.nodes[edge.child].name, t.nodes[edge.parent].name
            yield *names, event.upstream, event.local, event.contribution


print("from   to    red  blue   contribution")
for child, parent, red, blue, contribution in messages(bp.trace(L)):
    print(f"{child:5}  {parent:3} {red:5.0f} {blue:5.0f}   {contribution:12.0f}")
    assert contribution == red * blue

# %% [markdown]
# Now only the last operation changes: the sum of $u$ and $v$ in place of their product. Everything to the left stays.
#
# **Predict.** Of the numbers on the arrows $u \to y$ and $v \to y$, which change, the red or the blue?

# %%
S = u + v

for child, parent, red, blue, contribution in messages(bp.trace(S)):
    print(f"{child:5}  {parent:3} {red:5.0f} {blue:5.0f}   {contribution:12.0f}")

local = [{(m[0], m[1]): m[3] for m in messages(t)} for t in (bp.trace(L), bp.trace(S))]
assert local[0]["u", "y"] == local[1]["u", "y"] == 4
assert local[0]["v", "y"] == local[1]["v", "y"] == -1

# %% [markdown]
# The red ones. The operation that was exchanged has blue numbers of its own, 1 and 1 in place of 3 and 4, but below it
# every blue number stays: a square does not know what its result is used for. The red ones change, all the way down to
# $x$. This is why an operation can be written once and used in any network: it brings its blue numbers along, and gets
# its red number from above.
#
# If you ever mix the two up, ask which question a number answers. "How does $u$ answer to $y$?" names two neighbours:
# blue. "How does the *loss* answer?" is red. On the arrows that end at the loss the two agree, which is why a mistake
# made there is not noticed until one goes a step further back.

# %% [markdown] tags=["seed:chain-rule"]
# ## 2. Why the contributions are added
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial w}} \;=\;
# \sum_{u\ \text{child of}\ w}
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial u}}\,
# \textcolor{#2F6BFF}{\frac{\partial u}{\partial w}}
# $$
#
# In our graph $y$ is the node with two children. It has **fan-out** 2, and
# $\textcolor{#E62020}{\partial\mathcal L/\partial y} = \textcolor{#E62020}{3}\cdot\textcolor{#2F6BFF}{4} +
# \textcolor{#E62020}{4}\cdot\textcolor{#2F6BFF}{(-1)} = 8$.
#
# Here is an experiment that the real graph does not allow. We nudge $y$, but let only one child hear of it: $u$ gets
# the new value, $v$ is kept at 3. Then the other way round. Then both.

# %%
assert y.grad == u.grad * 2 * y.data + v.grad * (-1) == 3 * 4 + 4 * (-1) == 8


def only_u(h):
    return (2 + h) ** 2 * 3


def only_v(h):
    return 4 * (5 - (2 + h))


def both(h):
    return (2 + h) ** 2 * (5 - (2 + h))


def slope(f, h=1e-5):
    return (f(h) - f(-h)) / (2 * h)


# %% [markdown]
# **Predict.** Which slope has each of the three curves at $h = 0$? And one of the three is a straight line: which?

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt
import numpy as np

# %%
h = np.linspace(-0.8, 0.8, 161)
fig, ax = plt.subplots(figsize=(7, 3.8), facecolor="white")
ax.plot(h, only_u(h), color="#0072B2", linewidth=2, linestyle="--", label="only u hears")
ax.plot(h, only_v(h), color="#0072B2", linewidth=2, linestyle=":", label="only v hears")
ax.plot(h, both(h), color="black", linewidth=2, label="both hear")
near = np.array([-0.3, 0.3])
for number in (12, -4, 8):
    ax.plot(near, 12 + number * near, color="#D40000", linewidth=4, alpha=0.45)
ax.plot([0], [12], "o", color="black")
ax.set_xlabel("$h$, the nudge of $y$")
ax.set_ylabel(r"loss $\mathcal{L}$")
ax.set_title("The red slopes: 12 from u, −4 from v, 8 together")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# All three curves pass through the loss of 12 at $h = 0$. The dashed one climbs with slope 12, the dotted one falls
# with slope −4 (in a straight line, since $5 - y$ is one), and the black one, the true loss, climbs with
# $12 - 4 = 8$. Neither the larger wins nor is there an average: the loss feels both children, so their effects add.

# %%
assert math.isclose(slope(only_u), 12, rel_tol=1e-6)
assert math.isclose(slope(only_v), -4, rel_tol=1e-6)
assert math.isclose(slope(both), 12 - 4, rel_tol=1e-6)

# %% [markdown]
# But look again, at the right edge. The dashed curve has gained 11.5 there and the dotted one has lost 3.2; together
# that makes 8.3, and the black curve has gained 5.2 only. The loss is the product of $u$ and $v$, and when both have
# moved there is also a bit that comes from moving together. Is the sum only roughly right, then?
#
# **Predict.** Make $h$ ten times smaller. How much smaller does that extra bit get?

# %%
for nudge in (0.1, 0.01, 0.001):
    together = both(nudge) - 12
    summed = (only_u(nudge) - 12) + (only_v(nudge) - 12)
    print(f"h = {nudge:5.3f}   both: {together:9.6f}   sum: {summed:9.6f}   extra: {together - summed:9.6f}")
    assert math.isclose((together - summed) / nudge**2, -4, rel_tol=0.03)

# %% [markdown]
# A hundred times. The extra bit shrinks like $h^2$, the effects themselves like $h$; in a slope, which is what one
# gets for $h \to 0$, nothing of it is left. The sum is exact, because a gradient speaks of small nudges only.

# %% [markdown]
# ## 3. The same sum as a matrix product
#
# The text these lectures grew from remarks that the sum at $y$ "can be implemented using matrix multiplication of the
# gradient vectors". Let us say precisely which vectors. Put the red numbers of the children side by side, as a row,
# and the blue numbers of their arrows to $y$ below each other, as a column:
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial y}} =
# \begin{pmatrix}
# \textcolor{#E62020}{\dfrac{\partial\mathcal L}{\partial u}} &
# \textcolor{#E62020}{\dfrac{\partial\mathcal L}{\partial v}}
# \end{pmatrix}
# \begin{pmatrix}
# \textcolor{#2F6BFF}{\dfrac{\partial u}{\partial y}} \\[2mm] \textcolor{#2F6BFF}{\dfrac{\partial v}{\partial y}}
# \end{pmatrix}
# = \begin{pmatrix} 3 & 4 \end{pmatrix}\begin{pmatrix} 4 \\ -1 \end{pmatrix} = 8
# $$
#
# So it is not two gradients of the same kind that are multiplied, but a red row with a blue column.

# %%
red = np.array([[u.grad, v.grad]])  # 1 × 2
blue = np.array([[2 * y.data], [-1.0]])  # 2 × 1
assert (red @ blue).item() == y.grad == 8

# %% [markdown]
# It becomes useful where several nodes send to several others. Here two nodes $y_1, y_2$ feed three nodes $z_1, z_2,
# z_3$, and what follows after those need not concern us:

# %%
y1, y2 = bp.parameter(2.0), bp.parameter(3.0)
z1, z2, z3 = y1 * y2, y1**2, 5 - y2
loss = z1 * z3 + z2
loss.backward()
bp.draw(loss, phase="forward")

# %% [markdown]
# The blue numbers between the two layers form a table with one row for each child and one column for each parent. It
# is called the **Jacobian** $\textcolor{#2F6BFF}{J}$. Where there is no arrow, there is a 0.
#
# **Predict.** Write down the 3 × 2 table: four arrows, two zeros, $y_1 = 2$, $y_2 = 3$. The red numbers of the three
# $z$ are 2, 1 and 6. What do $y_1$ and $y_2$ get?
#
# $$
# \textcolor{#E62020}{\begin{pmatrix}
# \dfrac{\partial\mathcal L}{\partial y_1} & \dfrac{\partial\mathcal L}{\partial y_2}
# \end{pmatrix}} =
# \textcolor{#E62020}{\begin{pmatrix}
# \dfrac{\partial\mathcal L}{\partial z_1} &
# \dfrac{\partial\mathcal L}{\partial z_2} &
# \dfrac{\partial\mathcal L}{\partial z_3}
# \end{pmatrix}}\,
# \textcolor{#2F6BFF}{J}
# $$
#
# (In the code, `bp.stack` makes one array of the three $z$, and `bp.jacobian` finds the table of a function.)

# %%
J = bp.jacobian(lambda y: bp.stack([y[0] * y[1], y[0] ** 2, 5 - y[1]]), bp.tensor([2.0, 3.0]))
red = np.array([[z1.grad, z2.grad, z3.grad]])
print(J)

assert red.tolist() == [[2, 1, 6]]
assert (red @ J).tolist() == [[y1.grad, y2.grad]] == [[10, -2]]

# %% [markdown]
# Row times column *is* the sum over children, done for all parents at once. The shapes guard the order: red is 1 × 3
# and stands on the left of $J$, which is 3 × 2; the other way round does not fit. (With a square $J$ it would fit, and
# be wrong: so test with shapes that are not square. [Lecture 07](07-mlp-equations.ipynb) is about such products.) The
# row of red numbers times a Jacobian has a name that you will meet everywhere, **vector–Jacobian product**, and in
# practice $J$ itself is hardly ever written down: all those zeros.

# %% [markdown]
# ## 4. One character
#
# Here is a backward pass in a few lines. It reads the arrows and their blue numbers from the record `t` and computes
# the red numbers itself. The last lines decide whether what arrives is added or takes the place of what was there.


# %%
def red_numbers(t, add=True):
    """The gradients of all nodes of a trace, by name; without `add`, the last message wins."""
    grad = {t.nodes[-1].name: 1.0}  # the base step
    for child, parent, _, blue, _ in messages(t):
        contribution = grad[child] * blue
        if add:
            grad[parent] = grad.get(parent, 0.0) + contribution  # +=
        else:
            grad[parent] = contribution  # =
    return grad


t = bp.trace(L)
assert red_numbers(t) == {"L": 1, "u": 3, "v": 4, "y": 8, "x": 16}

# %% [markdown]
# **Predict.** With `=`, which red numbers are wrong? In this run $v$ sends to $y$ before $u$ does. What will stand in
# $y$, and in $x$?

# %%
broken = red_numbers(t, add=False)
print(broken)

# %% [markdown]
# $y$ has forgotten what $v$ said. The fault is born at $y$, and everything below inherits it. To see it in the graph,
# we write the broken numbers into a copy of the record and let the drawing compare it with the sound one.

# %%
assert broken == {"L": 1, "u": 3, "v": 4, "y": 12, "x": 24}

from dataclasses import replace


def with_overwriting(t):
    """The trace as it would be if every message took the place of the one before."""
    grad, events = {}, []
    for event in t.events:
        if event.kind == "seed":
            grad[event.node] = event.gradient
        elif event.kind == "send":
            edge = t.edges[event.edge]
            new = grad[edge.child] * event.local
            event = replace(event, upstream=grad[edge.child], contribution=new, total=new)
            grad[edge.parent] = new
        events.append(event)
    return replace(t, events=tuple(events))


bp.draw(with_overwriting(t), compare=t, title="= in place of +=, compared with the right gradients")

# %% [markdown]
# Two nodes are lit, with what they have too much: $y$ by 4, and $x$ by $2\cdot4 = 8$. Nothing else has moved, and
# nothing has crashed. How would you find out in real life? As always: measure.


# %%
def plain_loss(x):
    y = 2 * x
    return y**2 * (5 - y)


measured = (plain_loss(1 + 1e-5) - plain_loss(1 - 1e-5)) / 2e-5
print(f"measured {measured:.4f}   with += {x.grad:.4f}   with = {broken['x']:.4f}")
assert math.isclose(measured, x.grad, rel_tol=1e-6)
assert not math.isclose(measured, broken["x"], rel_tol=0.3)

# %% [markdown]
# The package can do the measuring for you, and will say what it suspects:

# %%
y.name = "y"  # so that the report can call it by its name
report = bp.gradcheck(L, gradients={y: broken["y"], x: broken["x"]}, raise_exception=False)
print(report.faults[0].text)

assert not report
assert "add (+=), not set (=)" in report.faults[0].text

# %% [markdown]
# (`sub` is the subtraction $5 - y$. Its argument 1, counted from 0, is $y$: it is the message from $v$ that was lost.)
#
# Now the nastiest part. Below, the two lines that make $u$ and $v$ change places, which ought to change nothing at
# all.
#
# **Predict.** What does the `+=` version give for $x$, and what the `=` version?

# %%
x = bp.parameter(1.0)
y = 2 * x
v = 5 - y
u = y**2
L = u * v

t = bp.trace(L)
print("+=  ", red_numbers(t)["x"])
print("=   ", red_numbers(t, add=False)["x"])

# %% [markdown]
# The sum does not care who speaks first. With `=` the last one wins, and now that is $v$: the gradient has the wrong
# sign, and descent would climb. In the first version the sign happened to be right; the loss would have gone down, a
# little clumsily, and nobody might ever have looked. On a *chain* each node gets one message, so a test on a chain
# finds nothing at all. Test where there is fan-out.

# %%
assert red_numbers(t)["x"] == 16
assert red_numbers(t, add=False)["x"] == -8

a = bp.parameter(2.0)
b = a**2
chain = bp.exp(-b)
t = bp.trace(chain)
assert red_numbers(t) == red_numbers(t, add=False)  # no fan-out, no difference

# %% [markdown]
# ## 5. `x * x` has two arrows
#
# Fan-out need not look like fan-out. In $a = x \cdot x$ there is one child only.
#
# **Predict.** $x = 3$. How many arrows will there be between $x$ and $a$? What is the blue number of a product
# towards one of its factors? What stands below $x$, if you count one arrow, and what if you count all?
#
# Then run the cell, count, and step with **→**.

# %%
x = bp.parameter(3.0)
a = x * x
bp.play(a, step=2)

# %%
a.backward()
bp.draw(a)

# %% [markdown]
# A product has two arguments. That both are the same node is an accident of which the product knows nothing; for each
# of its **slots**, marked (1) and (2), it sends "the other factor", 3 and 3. The sum is 6, which is $2x$. Count the
# arrow once, and you get 3.
#
# So in the formula of section 2 the sum goes over *arrows*, to be quite exact: one for each use of $w$. Compare with
# `x ** 2`, where the square is an operation with one slot and a blue number of its own:

# %%
assert x.grad == 3 + 3 == 2 * x.data

one_slot = bp.parameter(3.0)
(one_slot**2).backward()
assert one_slot.grad == 6  # one arrow, blue number 2x

arrows = [len(bp.trace(made).edges) for made in (x * x, x**2, x + x, 2 * x)]
assert arrows == [2, 1, 2, 1]

# %% [markdown]
# The same happens on a grand scale in real networks: one weight that is used in many places (for every word of a
# sentence, for every patch of an image, for every example of a batch) gets a message from every use, and they are all
# added.

# %% [markdown]
# ## 6. All paths
#
# There is another way to read a gradient off a graph, without any inductive step. Go from $x$ to the loss along the
# arrows, in every possible way. Multiply the blue numbers on each way, and add the products:
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial x}} \;=\;
# \sum_{\text{paths from } x \text{ to } \mathcal L}\;\;
# \prod_{\text{arrows of the path}} \textcolor{#2F6BFF}{\text{local gradient}}
# $$
#
# It is what one gets by putting the formula of section 2 into itself until only the 1 at the loss is left. In the
# graph with $u$ and $v$ there are two paths: over $u$ we get $2\cdot4\cdot3 = 24$, over $v$
# $2\cdot(-1)\cdot4 = -8$. Together 16, as it should be.


# %%
def ways(t, start, end):
    """Every way along the arrows from one node to another, as a list of its edges."""
    if start == end:
        return [[]]
    return [[edge, *way] for edge in t.edges if edge.parent == start for way in ways(t, edge.child, end)]


def products(t):
    """The product of the blue numbers along each way from the first node to the last."""
    blue = {event.edge: event.local for event in t.events if event.kind == "send"}
    return [math.prod(blue[edge.index] for edge in way) for way in ways(t, 0, len(t.nodes) - 1)]


t = bp.trace(L)
assert sorted(products(t)) == [-8, 24]
assert sum(products(t)) == t.gradient(0) == 16

# %% [markdown]
# Two paths, two products: that is no worse than backpropagation. So let the graph be a **ladder**: a value is used
# twice, the two results are joined, the joined value is used twice, and so on.


# %%
def ladder(x, rungs):
    """A value that is used twice and joined again, so many times."""
    y = x
    for _ in range(rungs):
        y = bp.sin(y) + bp.cos(y)
    return y


x = bp.parameter(0.3)
end = ladder(x, 3)
end.backward()
bp.draw(end, edges="none", show="numbers")

# %% [markdown]
# **Predict.** How many paths lead from $x$ to the end of this ladder with three rungs? With ten? With $n$? And how
# many arrows are there with $n$ rungs?

# %%
t = bp.trace(end)
print(f"3 rungs: {len(products(t))} paths, {len(t.edges)} arrows")
assert math.isclose(sum(products(t)), x.grad)

for n in range(1, 11):
    x = bp.parameter(0.3)
    end = ladder(x, n)
    end.backward()
    t = bp.trace(end)
    assert len(products(t)) == 2**n
    assert len(t.edges) == 4 * n
    assert math.isclose(sum(products(t)), x.grad)  # always the same gradient

# %% [markdown]
# At every rung a path may go up or down, so the paths double: $2^n$. Each of them has $2n$ arrows, so $2n - 1$
# multiplications. Backpropagation multiplies once for each arrow.
#
# $$
# \text{by paths: } (2n - 1)\cdot 2^n
# \qquad\qquad
# \text{by backpropagation: } 4n
# $$
#
# **Predict.** A computer does a thousand million multiplications a second. How long does it take for fifty rungs by
# paths: a minute, a day, a year? And by backpropagation?

# %%
rungs = range(1, 61)
by_paths = [(2 * n - 1) * 2**n for n in rungs]
by_backprop = [4 * n for n in rungs]

counted = []
for n in range(1, 11):
    t = bp.trace(ladder(bp.parameter(0.3), n))
    counted.append(sum(len(way) - 1 for way in ways(t, 0, len(t.nodes) - 1)))
    assert sum(event.kind == "send" for event in t.events) == by_backprop[n - 1]
assert counted == by_paths[:10]

fig, ax = plt.subplots(figsize=(7, 3.8), facecolor="white")
ax.semilogy(rungs, by_paths, color="black", linestyle="--", label="by paths, from the formula")
ax.semilogy(range(1, 11), counted, "o", color="black", markersize=5, label="by paths, counted")
ax.semilogy(rungs, by_backprop, color="#D40000", linewidth=2, label="by backpropagation")
ax.axhline(1e9, color="gray", linewidth=0.8, linestyle=":")
ax.text(60, 1.6e9, "one second", ha="right", color="dimgray")
ax.set_xlabel("rungs of the ladder")
ax.set_ylabel("multiplications")
ax.set_title("The same gradient, two ways of computing it")
ax.legend(frameon=False, loc="upper left")
plt.show()

# %% [markdown]
# The vertical axis grows by powers of ten, so the straight dashed line is an exponential. It crosses the line of one
# second at 25 rungs. At fifty it takes three and a half years. The red curve lies flat on the ground: 200
# multiplications, less than a millionth of a second. Both compute the same number.

# %%
years = by_paths[49] / 1e9 / (365 * 24 * 3600)
first = next(n for n, work in zip(rungs, by_paths, strict=True) if work > 1e9)
print(f"50 rungs by paths: {years:.1f} years")
assert 3 < years < 4
assert first == 25

x = bp.parameter(0.3)
end = ladder(x, 50)
end.backward()  # no problem

values, y = [], 0.3
for _ in range(50):
    values.append(y)
    y = math.sin(y) + math.cos(y)
assert math.isclose(x.grad, math.prod(math.cos(y) - math.sin(y) for y in values), rel_tol=1e-9)

# %% [markdown]
# Where does the saving come from? From a law you know from school. In the small graph the two paths share the factor 2,
# the arrow from $y$ to $x$, and it may be taken out of the sum:
#
# $$
# 2\cdot4\cdot3 \;+\; 2\cdot(-1)\cdot4 \;=\; 2\cdot\bigl(4\cdot3 + (-1)\cdot4\bigr) = 2\cdot 8
# $$
#
# The bracket is $\textcolor{#E62020}{\partial\mathcal L/\partial y}$. **To add up at a node before going on is the
# distributive law**, and backpropagation is nothing but that, at every node. It is also why waiting for all children
# is worth it: a node that has collected everything speaks once, for all the paths above it. That `+=` holds $2^n$ paths
# in one number.

# %%
assert 2 * 4 * 3 + 2 * (-1) * 4 == 2 * (4 * 3 + (-1) * 4) == 16

# %% [markdown]
# [Lecture 02](02-forward-pass.ipynb) has met the same explosion going forward, and the same cure: compute once, store,
# reuse. The backward pass does it with sums.

# %% [markdown]
# ## What PyTorch calls this
#
# | here | in PyTorch |
# |:--|:--|
# | local gradients of an operation | formulas in its `backward`; as a matrix, `torch.autograd.functional.jacobian` |
# | red number of the child | `grad_output`, what a `grad_fn` is called with |
# | contribution | `grad_input`, what it returns, one for each slot |
# | the sum over children | made by the engine before a node's `grad_fn` is called; you never see it |
# | red row times Jacobian | *vector–Jacobian product*, vjp |
#
# One `+=` you *do* see: each call of `L.backward()` adds to the `.grad` of the leaves. It is the same sum, continued
# over several losses, and a frequent surprise; the [next lecture](05-the-algorithm.ipynb) is about it.

# %% [markdown]
# ## Exercises
#
# Replace each `None` (in the second, the dots) by your answer and run the cell. If it stays silent, you are right; if
# not, the last line of the error is a hint.
#
# **1. Three uses.** $w = 2$ is used three times: $a = 3w$, $b = w^2$ and $c = w - 5$. The loss is
# $\mathcal L = a + b\,c$. Give the three contributions that $w$ gets, and its gradient.

# %%
from_a = None
from_b = None
from_c = None
my_w_grad = None

w = bp.parameter(2.0)
a, b, c = 3 * w, w**2, w - 5
L = a + b * c
L.backward()
assert from_a is None or from_a == a.grad * 3, "The loss is a plus something, so a's red number is 1."
assert from_b is None or from_b == b.grad * 2 * w.data, "What is the red number of b? The other factor."
assert from_c is None or from_c == c.grad * 1, "What is the red number of c? The other factor."
assert my_w_grad is None or my_w_grad == w.grad, "Add them up, all three."

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# Forward: $a = 6$, $b = 4$, $c = -3$. The red numbers: $a$ has 1, $b$ has $c = -3$, $c$ has $b = 4$. The contributions:
# $1\cdot3 = 3$, $-3\cdot 2w = -12$ and $4\cdot1 = 4$. The gradient is $3 - 12 + 4 = -5$. With `=` it would have been
# one of 3, −12 and 4, depending on who speaks last.
#
# </details>

# %% [markdown]
# **2. Accumulate.** The arrows of a graph are given in a good order, from the loss back, each as `(child, parent,
# local)`. Write what happens when one of them is walked. `grad` is a dictionary with the red numbers so far;
# `grad.get(name, 0)` is 0 where nothing has arrived yet.


# %%
def arrive(grad, child, parent, local):
    """Enter in grad what this arrow brings to the parent."""
    grad[parent] = ...


diamond = [("L", "u", 3), ("L", "v", 4), ("v", "y", -1), ("u", "y", 4), ("y", "x", 2)]
square = [("L", "a", 1), ("a", "x", 3), ("a", "x", 3)]
for arrows, expected in [(diamond, 16), (square, 6)]:
    mine = {"L": 1}
    for arrow in arrows:
        arrive(mine, *arrow)
    x_got = mine["x"]
    assert x_got is ... or x_got != 24, "x got 24: is one of the messages to y lost?"
    assert x_got is ... or x_got != 3, "x got 3: two arrows may join the same two nodes"
    assert x_got is ... or x_got == expected, f"x got {x_got}, not {expected}. Red of the child times blue?"

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# ```python
# grad[parent] = grad.get(parent, 0) + grad[child] * local
# ```
#
# This one line is the inductive step.
#
# </details>

# %% [markdown]
# **3. The cube.** In $\mathcal L = x\cdot x\cdot x$, written `x * x * x`, how many arrows are there, and how many
# paths from $x$ to the loss? (Python multiplies from the left: first $x\cdot x$, then that times $x$.) With $x = 2$,
# what is the product of the blue numbers along each path?

# %%
my_arrows = None
my_paths = None
my_product = None

x = bp.parameter(2.0)
t = bp.trace(x * x * x)
assert my_arrows is None or my_arrows == len(t.edges), "There are two products, with two slots each."
assert my_paths is None or my_paths == len(products(t)), "Two of them lead through the first product."
assert my_product is None or {my_product} == set(products(t)), "It is the same for each path: x times x."

# %% [markdown]
# <details>
# <summary>Answer to 3</summary>
#
# Four arrows and three paths, one for each $x$ in $x\cdot x\cdot x$. Each path gives $x\cdot x = 4$, the product of the
# *other two*. Together $3x^2 = 12$: the rule for the derivative of a cube is a count of paths.
#
# </details>

# %% [markdown]
# ## What you have learned
#
# - Blue belongs to an arrow and knows one operation. Red belongs to a node and knows all that comes after it. Their
#   product travels.
# - Where a value was used several times, the contributions are added, because the loss feels all the uses. It is a red
#   row times a table of blue numbers, the Jacobian.
# - With `=` for `+=` the last message wins: no error, wrong gradients, even the sign may go. A chain does not show it.
# - Arrows are counted by use: `x * x` has two.
# - A gradient is the sum over all paths, and there may be $2^n$ of them. Adding up at each node before going on is the
#   distributive law, and turns $2^n$ into one multiplication per arrow.
#
# **Practise:** the [exercises](../exercises/ex04-two-gradients.ipynb) of this lecture, which answer at once.
#
# **Next:** [The algorithm](05-the-algorithm.ipynb). All of this in a dozen lines, written by you; then we break each
# line in turn.
