# %% [markdown]
# # The algorithm
#
# *Lecture 05, about 25 minutes. You need lectures [03](03-backward-by-induction.ipynb) and
# [04](04-two-gradients.ipynb), and Python classes, a little.*
#
# What trains a network with a hundred thousand million parameters is a dozen lines long. You will write them, on nodes
# of your own making, and they will give the package's numbers to the last bit. Then we shall spoil the lines one after
# the other and see what each was good for. Hardly any of these faults is loud. The program runs, the numbers look like
# numbers, and something does not learn.
#
# When you have finished, you can
#
# - write Forward, Backward and SGD from memory, and the nodes that they work on;
# - say in which orders the nodes may take their turn, and what happens in the others;
# - say why gradients are set to 0, and what adds up if they are not;
# - tell stale values from fresh ones, and say what a gradient is worth that was made from both;
# - recognize these faults by their symptoms.

# %% [markdown] tags=["seed:backpropagation-algorithm"]
# ## 1. Three functions
#
# Forward gives every node its value. Backward gives every node its gradient. SGD moves the parameters a little against
# theirs (the name is short for *stochastic gradient descent*). Here they are as the text these lectures grew from
# writes them. They know three lists: `inputs`, `params` and `compute`, the last one in the order of computation.

# %% tags=["seed:algorithm"]
inputs, params, compute = [], [], []  # still empty


def Forward():
    for c in compute:
        c.forward()


def Backward(loss):
    for c in compute:
        c.grad = 0
    for c in params:
        c.grad = 0
    for c in inputs:
        c.grad = 0
    loss.grad = 1

    for c in compute[::-1]:
        c.backward()


def SGD(eta):
    for w in params:
        w.value -= eta * w.grad


# %% [markdown]
# Read `Backward` once more with lecture 03 in mind. `loss.grad = 1` is the base step. The last loop is the induction,
# through the nodes in reverse. And `c.backward()` is the inductive step of *one* node, seen from the child: at its turn
# the node **sends** to each of its parents its own red number times the blue number of the arrow. It receives nothing
# in its own turn; all that it had to receive has come before.
#
# (A name to be careful with. This `c.backward()` is one node's turn. In PyTorch, and in this package, `L.backward()` is
# the whole pass.)
#
# Something to run it on: an input $x$, a target $y$, and two parameters $w$ and $k$.

# %%
import backprop_viz as bp

x, y = bp.tensor(2.0), bp.tensor(4.0)
w, k = bp.parameter(0.5), bp.parameter(2.0)

h = w * x
a = h * h
m = k * h
z = a + m
e = z - y
L = e * e

bp.draw(L, phase="forward")

# %% [markdown]
# Small, but not harmless: $h$ has three arrows to its right (two to $a$, one to $m$), and $e$ enters the loss twice.
#
# **Predict**, with pencil, before you go on: all the red numbers, from right to left. The values are in the figure. You
# should end with the gradients of $w$ and $k$. (If your result for $w$ is −6, you have walked each double arrow only
# once.)
#
# Then check in the player. It stands where the values are known, and **→** makes the base step. It also shows the three
# functions, and marks the line that is being carried out.

# %%
bp.play(bp.trace(L), step=6)

# %% [markdown]
# In the package the three lists and the three functions belong to a **graph**:
#
# | in the text | in the package |
# |:--|:--|
# | `inputs`, `params`, `compute` | `g.inputs`, `g.params`, `g.compute`, where `g = bp.graph(L)` |
# | `Forward()` | `g.forward()` |
# | `Backward(loss)` | `g.backward()` |
# | `SGD(eta)` | `g.sgd(eta)` |
# | `c.value` | `c.data`, PyTorch's name |

# %%
g = bp.graph(L)

loss_before = g.forward()
g.backward()
gradients = [node.grad for node in (L, e, z, m, a, h, k, w)]
g.sgd(0.001)
loss_after = g.forward()

print("gradients of L, e, z, m, a, h, k, w:", gradients)
print(f"loss before {loss_before:.4f}, after {loss_after:.4f}")

assert gradients == [1, -2, -2, -2, -2, -8, -2, -16]
assert loss_after < loss_before

# %%
g.backward()
bp.draw(L, edges="contribution", show="numbers", digits=4, title="After one step, all computed anew")

# %% [markdown]
# Compare it with what you wrote down: every computed value has moved a little, $e$ is closer to 0, and every red number
# but the first has come closer to 0 with it.

# %% [markdown]
# ## 2. By your own hand
#
# Now the same without the package. A node has parents, a value and a gradient. A leaf has nothing else.


# %%
class Node:
    def __init__(self, *parents, value=None):
        self.parents, self.value, self.grad = parents, value, None


class Plus(Node):
    def forward(self):
        a, b = self.parents
        self.value = a.value + b.value

    def backward(self):
        a, b = self.parents
        a.grad += self.grad * 1
        b.grad += self.grad * 1


# %% [markdown]
# `forward` reads the parents' values and writes its own. `backward` reads its own gradient and writes the parents':
# red times blue, and `+=`, because others may have sent them something already.
#
# **Predict.** Minus and Times are missing. Which two lines are different in each? Write them down before you look.


# %%
class Minus(Node):
    def forward(self):
        a, b = self.parents
        self.value = a.value - b.value

    def backward(self):
        a, b = self.parents
        a.grad += self.grad * 1
        b.grad += self.grad * -1


class Times(Node):
    def forward(self):
        a, b = self.parents
        self.value = a.value * b.value

    def backward(self):
        a, b = self.parents
        a.grad += self.grad * b.value  # the other factor, as the forward pass has left it
        b.grad += self.grad * a.value


# %% [markdown]
# Look at `Times.backward` when both parents are the same node, as in $h\cdot h$: it adds twice, to the same place.
# Nobody had to think of that case.
#
# The graph again, from these pieces, and the three lists. (Capital letters, so that the package's tensors keep their
# names.)

# %%
X, Y = Node(value=2.0), Node(value=4.0)
W, K = Node(value=0.5), Node(value=2.0)

H = Times(W, X)
A = Times(H, H)
M = Times(K, H)
Z = Plus(A, M)
E = Minus(Z, Y)
LOSS = Times(E, E)

inputs, params, compute = [X, Y], [W, K], [H, A, M, Z, E, LOSS]

Forward()
Backward(LOSS)
print("gradients of L, e, z, m, a, h, k, w:", [node.grad for node in (LOSS, E, Z, M, A, H, K, W)])

assert [node.grad for node in (LOSS, E, Z, M, A, H, K, W)] == gradients  # those of the package

# %% [markdown]
# That is the whole of it: three functions from the text, three classes of yours. The numbers are not close to the
# package's, they *are* the package's. And with a loop around it, it learns:

# %%
SGD(0.001)  # the step that the package took in section 1
for _ in range(30):
    Forward()
    Backward(LOSS)
    SGD(0.001)
    g.forward()
    g.backward()
    g.sgd(0.001)

print(f"w = {W.value:.6f}, k = {K.value:.6f}, loss = {LOSS.value:.6f}")
assert (W.value, K.value) == (w.data, k.data)  # 31 steps, the same to the last bit
assert LOSS.value < 0.001

# %% [markdown]
# One difference between text and package you may have seen. The text sets the gradients of the *inputs* to 0, and then
# something arrives in them. The package computes none, and leaves `None`: training does not move inputs, so nobody
# needs to know. It is a saving, not a correction.

# %%
assert X.grad != 0
assert x.grad is None

# %% [markdown]
# ## 3. The order
#
# The text does not say so in the code, but everything hangs on it: **`compute` is in topological order**, every node
# after its parents. Then `compute[::-1]` has every node after its children, which is what the inductive step asks for.
#
# **Predict.** There are six computed nodes, so $6! = 720$ orders in which they could take their turns on the way back.
#
# 1. In how many of them does every node come after its children?
# 2. In how many does $w$ end up with the right gradient, −16?
# 3. In the others, what will $w$ hold most often?
#
# We try all 720.

# %%
from collections import Counter
from itertools import permutations


def start_again():
    W.value, K.value = 0.5, 2.0
    Forward()


def walk(order):
    """Backward, but the nodes take their turns in this order."""
    for node in compute + params + inputs:
        node.grad = 0
    LOSS.grad = 1
    for node in order:
        node.backward()


def children_first(order):
    turn = {node: i for i, node in enumerate(order)}
    return all(turn[parent] > turn[node] for node in order for parent in node.parents if parent in turn)


start_again()
good, found = [], Counter()
for order in permutations(compute):
    walk(order)
    found[W.grad] += 1
    if children_first(order):
        good.append((W.grad, K.grad))

for number, times in sorted(found.items()):
    print(f"w.grad = {number:4.0f} in {times:3} orders")

# %% [markdown]
# Two orders are right, and they differ only in whether $a$ or $m$ speaks first: neither is the other's child, so it is
# all the same. In 710 orders $w$ gets 0. No error, no strange number, just a parameter that never learns, because $h$
# had its turn before anything had reached it, and what reached it later, if anything did, was never passed on.
#
# The eight orders in between are the instructive ones. One half of the message gets through, the other does not. Here
# $h$ speaks after one of its children, $m$, and before the other:

# %%
assert good == [(-16, -2), (-16, -2)]  # the two orders with children first, and no others
assert found == {-16: 2, -8: 8, 0: 710}

walk([LOSS, E, Z, M, H, A])  # h takes its turn before a
print(f"h: {H.grad:.0f}    w: {W.grad:.0f}    k: {K.grad:.0f}")

assert H.grad == -8  # right, in the end
assert W.grad == -8  # but when h spoke, it held only half of it
assert K.grad == -2  # and k, which hangs on m, noticed nothing

# %% [markdown]
# Inspect $h$ after this pass, and it holds the right number. Inspect $k$, and it is right too. Only $w$ is wrong: it
# was told −4 · 2, when $h$ should have said −8 · 2. A contribution that comes after a node's turn is not wrong, it is
# *lost* for all below.
#
# How does one get a good order? By noting it when the graph is made: a node can only be made from nodes that exist
# already, so the order of birth is topological. This is what the package does.

# %%
births = [node.birth for node in g.compute]
assert births == sorted(births)
assert all(parent.birth < node.birth for node in g.compute for parent in node.parents)

# %% [markdown]
# A wrong order in *Forward* is louder, but only once. A node whose parents have no value yet fails. From the second
# time on there is an old value in its place, and nobody complains.

# %%
loud = Times(Node(value=None), X)
try:
    loud.forward()
except TypeError as error:
    print("TypeError:", error)
else:
    raise AssertionError("it should have failed")

# %% [markdown]
# ## 4. Why the gradients are set to 0
#
# Because of the `+=`. Somebody has to see to it that there is something to add to, and that it is nothing.
#
# **Predict.** We run a correct Backward; $w$ holds −16. Then once more, but without the three loops that write zeros:
# only `loss.grad = 1` and the walk. What does $w$ hold now?

# %%
start_again()
Backward(LOSS)
assert W.grad == -16


def walk_on():
    """Backward without the zeros."""
    LOSS.grad = 1
    for node in compute[::-1]:
        node.backward()


walk_on()
print([node.grad for node in (LOSS, E, Z, M, A, H, K, W)])

# %% [markdown]
# If you said −32, you were in good company: −16 and once more −16. But it is not only in $w$ that the old number still
# stands. $e$ held −2 and is now sent another −2: it holds −4, and *sends* −4 to $z$, which held −2 already and now
# holds −6. Each node sends on again what it had sent the first time, so the further a node is from the loss, the more
# the error has grown:

# %%
assert W.grad == -96
print("node        first   second   factor")
for name, node, once in zip("Lezmahkw", (LOSS, E, Z, M, A, H, K, W), gradients, strict=True):
    print(f"{name:10} {once:6.0f} {node.grad:8.0f} {node.grad / once:8.0f}")

assert [node.grad / once for node, once in zip((LOSS, E, Z, A, H, W), [1, -2, -2, -2, -8, -16], strict=True)] == [
    1, 2, 3, 4, 5, 6,
]  # fmt: skip

# %% [markdown]
# Factors 1, 2, 3, 4, 5, 6, one more for each arrow back to the loss. It is a pretty pattern and a useless gradient.
#
# So the computed nodes must be cleared before every pass; about that all agree. About the *parameters* there are two
# customs. The text clears them too, inside the pass. PyTorch does not: what arrives in a parameter is added to what is
# there, until you clear it. The package offers both.
#
# **Predict.** Three numbers for $w$ after two passes in a row: with nothing cleared, with all cleared, with all cleared
# but the parameters.

# %%
x, y = bp.tensor(2.0), bp.tensor(4.0)
w, k = bp.parameter(0.5), bp.parameter(2.0)
h = w * x
z = h * h + k * h
e = z - y
L = e * e
g = bp.graph(L)

g.backward()
g.backward()
text = w.grad  # the text's custom: set anew in each pass

w.grad = k.grad = None
L.backward()
L.backward()
pytorch = w.grad  # PyTorch's custom: added up over passes

print(f"nothing cleared {W.grad:.0f}, all cleared {text:.0f}, all but the parameters {pytorch:.0f}")

# %%
assert (W.grad, text, pytorch) == (-96, -16, -32)

# %% [markdown]
# PyTorch's custom is not an oversight. The gradient of a sum of losses is the sum of the gradients, so with two
# examples one can walk back from each loss and find the sum in the parameters, without ever holding both graphs at
# once:

# %%
w.grad = None
first, second = (w * 2.0 - 4.0) ** 2, (w * 3.0 - 1.0) ** 2
(first + second).backward()
of_the_sum = w.grad

w.grad = None
for example, target in [(2.0, 4.0), (3.0, 1.0)]:
    ((w * example - target) ** 2).backward()  # one graph at a time
assert w.grad == of_the_sum

# %% [markdown]
# The price is that you must clear them yourself when a step is over. What if you forget?
#
# **Predict.** Three trainings of the graph of section 2, forty steps each, $\eta = 0.001$. One is right. One never
# clears the parameters. One has a `+=` where SGD has its `-=`. Sketch the three losses over the steps. Does the
# forgetful one learn slower, learn faster, or not at all?


# %%
def train(steps, eta, clear=True):
    """The loss at each step."""
    start_again()
    for parameter in params:
        parameter.grad = 0
    losses = []
    for _ in range(steps):
        Forward()
        losses.append(LOSS.value)
        for node in compute + inputs + (params if clear else []):
            node.grad = 0
        walk_on()
        SGD(eta)
    return losses


right = train(40, 0.001)
forgetful = train(40, 0.001, clear=False)
uphill = train(40, -0.001)  # minus minus is plus

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt

# %% tags=["thumbnail"]
fig, ax = plt.subplots(figsize=(7, 3.8), facecolor="white")
ax.plot(right, color="black", linewidth=2)
ax.plot(forgetful, color="#0072B2", linewidth=2, linestyle="--")
ax.plot(uphill[:10], color="#D55E00", linewidth=2, linestyle=":")
ax.text(21, 0.06, "right")
ax.text(31.5, 1.06, "never cleared", color="#0072B2")
ax.text(4.6, 2.3, "wrong sign", color="#D55E00")
ax.set_ylim(-0.08, 2.6)
ax.set_xlabel("step")
ax.set_ylabel(r"loss $\mathcal{L}$")
ax.set_title("Three trainings, one line apart")
plt.show()

# %% [markdown]
# The wrong sign leaves the picture within a few steps; a fault that shows itself is a kind one. The forgetful training
# is the interesting curve. At first it falls *faster* than the right one: each step repeats the steps before. Near the
# bottom it cannot stop. What it has added up carries it through, up the other side, until the gradients of the
# other sign have cancelled the old ones, and back again, like a marble in a bowl without friction. Forty steps later it
# is as far from learning as in the beginning.
#
# So when a training will not settle, ask whether somebody clears the gradients.

# %%
assert right == sorted(right, reverse=True)
assert right[-1] < 0.001
assert forgetful[3] < right[3]  # faster at first
assert max(forgetful[30:]) > 0.9  # and back near the top again
assert uphill == sorted(uphill)

# %% [markdown]
# ## 5. Stale values
#
# The gradient belongs to the state of the last forward pass. SGD changes the state, and nobody has told the nodes.
#
# **Predict.** We take one step with $\eta = 0.01$, which turns out to be a large one: $w$ goes from 0.5 to 0.66. Then
# Backward at once, without Forward. `Times.backward` for $m = k\,h$ reads the values of $k$ and of $h$. Which of the
# two is new, and which is old?

# %%
start_again()
Backward(LOSS)
SGD(0.01)
Backward(LOSS)  # no Forward before it
stale = W.grad

Forward()
Backward(LOSS)
fresh = W.grad

print(f"stale {stale:.2f}   fresh {fresh:.2f}")
assert stale < 0 < fresh

# %% [markdown]
# $k$ is a leaf, and SGD has just written into it: new. $h$ is computed, and holds what the last Forward left: old. The
# pass has multiplied old numbers with new ones. What came out, −16.08, is not the gradient in the old state, which was
# −16, and not the one in the new state. It says "go on in this direction", and the truth is +7.62: the step was too
# long, go back.
#
# Measured in both states:


# %%
def measured(w, k, nudge=1e-6):
    """How the loss answers to w, measured."""

    def loss(w):
        h = 2.0 * w
        return (h * h + k * h - 4.0) ** 2

    return (loss(w + nudge) - loss(w - nudge)) / (2 * nudge)


before, after = measured(0.5, 2.0), measured(W.value, K.value)
print(f"measured before the step {before:.2f}, after it {after:.2f}")
assert abs(before - (-16)) < 1e-4
assert abs(after - fresh) < 1e-4
assert abs(stale - before) > 0.05
assert abs(stale - after) > 20

# %% [markdown]
# Our own nodes do not notice. The package keeps count of edits, as PyTorch does, and refuses:

# %%
g.forward()
g.backward()
g.sgd(0.01)
try:
    g.backward()
except RuntimeError as error:
    print(error)
else:
    raise AssertionError("it should have refused")

g.forward()
g.backward()
assert abs(w.grad - fresh) < 1e-12

# %% [markdown]
# ## 6. The step
#
# One line is left: `w.value -= eta * w.grad`. Three remarks.
#
# *The sign.* The gradient points to where the loss grows; we want the opposite. The minus stands in the step and
# nowhere else. Somebody who starts the walk with `loss.grad = -1` and then writes `+=` in the step descends as well,
# but everyone who reads `w.grad` is told the wrong thing.
#
# *The learning rate* is not part of the gradient either. Multiply it into `loss.grad`, and the first descent looks the
# same; then change the optimizer, or compare with a measurement, and nothing fits.
#
# *All at once.* All gradients come from one state, so all parameters move after the walk, none during it. If one is
# moved while the walk is under way, those who come later mix old values with new ones, as in section 5.

# %%
start_again()
Backward(LOSS)
right_step = [-0.001 * parameter.grad for parameter in params]

for node in compute + params + inputs:
    node.grad = 0
LOSS.grad = -0.001  # sign and learning rate folded into the start
for node in compute[::-1]:
    node.backward()

assert all(abs(parameter.grad - step) < 1e-15 for parameter, step in zip(params, right_step, strict=True))
assert abs(W.grad - measured(0.5, 2.0)) > 15  # the step is right, but this is no gradient

# %% [markdown]
# ## What PyTorch calls this
#
# | here | in PyTorch |
# |:--|:--|
# | `Forward()` | your own code: it runs anew each time, and makes a new graph each time |
# | the zeros for computed nodes | not needed: a new graph has none |
# | the zeros for parameters | `optimizer.zero_grad()`, and **you** call it |
# | `loss.grad = 1` and the walk | `loss.backward()` |
# | `c.backward()` of one node | its `grad_fn` |
# | `compute[::-1]` | the engine counts children, and gives a node its turn when all have sent |
# | `SGD(eta)` | `torch.optim.SGD(params, lr=eta)`, then `optimizer.step()` |
# | stale values | "one of the variables needed for gradient computation has been modified by an inplace operation" |
#
# The loop that everybody types has the same parts, in an order that looks different and is not:
#
# ```python
# for step in range(30):
#     loss = model(x)  # Forward
#     optimizer.zero_grad()  # Backward, the zeros
#     loss.backward()  # Backward, the walk
#     optimizer.step()  # SGD
# ```
#
# It may clear before or after the forward pass, or after the step: anywhere but between `backward()` and `step()`.

# %% [markdown]
# ## Exercises
#
# Replace each `None` (in the second, the dots) by your answer and run the cell. If it stays silent, you are right; if
# not, the last line of the error is a hint.
#
# **1. Put it in order.** One training step, cut into its lines. Put the letters in an order that works, as one word,
# for instance `"ABCDEFGHI"`. The spaces at the beginning of a line belong to it. More than one order is right: the
# cell does not compare letters, it *runs* your lines, twice in a row, on nodes that hold the leftovers of some other
# run.
#
# ```text
# A |     c.backward()
# B | for c in compute + params + inputs:
# C |     w.value -= eta * w.grad
# D | for c in compute:
# E | loss.grad = 1
# F | for w in params:
# G |     c.forward()
# H | for c in compute[::-1]:
# I |     c.grad = 0
# ```

# %%
my_order = None

pieces = {
    "A": "    c.backward()", "B": "for c in compute + params + inputs:", "C": "    w.value -= eta * w.grad",
    "D": "for c in compute:", "E": "loss.grad = 1", "F": "for w in params:", "G": "    c.forward()",
    "H": "for c in compute[::-1]:", "I": "    c.grad = 0",
}  # fmt: skip


def two_steps(order):
    """Where w and k stand after the lines in this order have run twice."""
    W.value, K.value = 0.1, 0.1
    Forward()
    for node in compute + params + inputs:
        node.grad = 100.0  # leftovers
    W.value, K.value = 0.5, 2.0
    lines = "\n".join(pieces[letter] for letter in order)
    try:
        program = compile(lines, "my_order", "exec")
    except SyntaxError:
        raise ValueError("A line that begins with spaces stands under a `for`, and each `for` needs one.") from None
    for _ in range(2):
        exec(program, {"compute": compute, "params": params, "inputs": inputs, "loss": LOSS, "eta": 0.001})
    return W.value, K.value


start_again()
for _ in range(2):
    Forward()
    Backward(LOSS)
    SGD(0.001)
target = W.value, K.value

if my_order is not None:
    assert sorted(my_order) == list("ABCDEFGHI"), "Every letter once, please."
    reached = two_steps(my_order)
    assert reached != (0.5, 2.0), "Nothing has moved: was the 1 at the loss, or what was sent, overwritten with 0?"
    assert reached == target, "w and k have moved, but not as they should. Leftovers? Stale values?"

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# `"DGBIEHAFC"` is the order of the text: forward, zeros, the 1, the walk, the step. `"BIDGEHAFC"` is right too, with
# the zeros first, and so is `"BIEDGHAFC"`. What is fixed: each indented line stands under its `for`; E after BI; HA
# after DG and E; FC last. (If FC comes first, the first step is made with the leftovers.)
#
# </details>

# %% [markdown]
# **2. A new node.** `Exp` computes $e^a$. Write the message that it sends in its turn. You need no exponential for it:
# all that is wanted is stored already, in the node itself.


# %%
import math


class Exp(Node):
    def forward(self):
        (a,) = self.parents
        self.value = math.exp(a.value)

    def backward(self):
        (a,) = self.parents
        message = ...
        if message is not ...:
            a.grad += message


t = Node(value=0.5)
power = Exp(t)
top = Times(power, Node(value=-4.0))
for node in (power, top):
    node.forward()
for node in (t, power, *top.parents):
    node.grad = 0
top.grad = 1
top.backward()
power.backward()

p = bp.parameter(0.5)
(bp.exp(p) * -4.0).backward()  # what the package says
assert t.grad == 0 or not math.isclose(t.grad, power.value), "That is the blue number. Where is the red one?"
assert t.grad == 0 or math.isclose(t.grad, p.grad), f"t got {t.grad:.4f}, and should have got {p.grad:.4f}"

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# ```python
# message = self.grad * self.value
# ```
#
# The derivative of $e^a$ is $e^a$, which Forward has left in the node. And nothing else in the program had to know that
# there is a new operation: not Forward, not Backward, not SGD. That is why the algorithm is a dozen lines long and
# stays so. [Lecture 08](08-modularity.ipynb) makes much of this.
#
# </details>

# %% [markdown]
# **3. From the symptom to the fault.** Somebody's program should give −16 for $w$ and −2 for $k$ in our graph. Which
# fault fits which symptom? Faults: **1** the pass was run twice, and between the two only the computed nodes were
# cleared; **2** the walk began with −1; **3** in every `backward` there was `=` for `+=`; **4** $h$ had its turn before
# $a$. Symptoms: **P** $w$: −8, $k$: −2. **Q** $w$: −32, $k$: −4. **R** $w$: 16, $k$: 2. **S** $w$: −2, $k$: −1.

# %%
my_P = None
my_Q = None
my_R = None
my_S = None

said = {"P": my_P, "Q": my_Q, "R": my_R, "S": my_S}
factor_of_w = {"P": 0.5, "Q": 2, "R": -1, "S": 0.125}
by_factor = {2: 1, -1: 2, 0.125: 3, 0.5: 4}
for letter, fault in said.items():
    assert fault is None or fault == by_factor[factor_of_w[letter]], f"{letter}: look at k too. Is it as wrong as w?"

# %% [markdown]
# <details>
# <summary>Answer to 3</summary>
#
# P is 4: $k$ is right and $w$ is not, so it was $h$ that had its turn too early; we saw these numbers in section 3. Q
# is 1: both doubled. R is 2: both have the wrong sign, and the right size. S is 3: of the two equal messages to $e$
# one is lost, which halves everything; of the three to $h$ only one survives, −1 of the −4 that should have come, which
# leaves a quarter of the half.
#
# </details>

# %% [markdown]
# ## What you have learned
#
# - Forward, Backward and SGD are a dozen lines, and a node needs two methods: one that computes, and one that sends red
#   times blue to each parent, with `+=`.
# - On the way back every node must come after all its children. In our graph 2 orders of 720 are right, and nearly all
#   others leave the parameters with 0.
# - Computed nodes are cleared before each pass. Parameters may add up over several passes, and must be cleared before
#   the next step.
# - After a step the values are stale: Forward first, then Backward.
# - The sign and the learning rate belong to the step.
#
# **Practise:** the [exercises](../exercises/ex05-the-algorithm.ipynb) of this lecture, which answer at once.
#
# **Next:** [One neuron: sigmoid and cross-entropy](06-one-neuron.ipynb). The algorithm meets the smallest network that
# can learn.
