# %% [markdown]
# # How to use these notes
#
# *Lecture 00, about 15 minutes. You need a little Python, and you should know what a derivative is.*
#
# Here is a machine with two knobs, $w$ and $b$. It takes a number $x$, computes $w x + b$, and squares the result. We
# should like what comes out, $\mathcal L = (w x + b)^2$, to be as small as possible. At the moment $x = 2$, $w = 3$
# and $b = -4$, and out comes $(3\cdot 2 - 4)^2 = 4$.
#
# Which way would you turn each knob? Which of the two has more effect? Two knobs are easy. Networks that people use
# every day have many billions of them, and the question is answered for all of them at once, in not much more time
# than it takes to compute $\mathcal L$ itself. How that is possible is what these lectures are about, and in the end
# you will be able to do it by hand, to program it, and to say what it costs.
#
# This lecture prepares the tools, on the machine with two knobs. When you have finished, you can
#
# - run a notebook, and tell a claim that was checked from one that was only written;
# - read the shapes, colours and numbers of every picture in the course;
# - step through a computation with the player, forwards and backwards, and ask a node for its story;
# - say what the course promises, and where each part of the promise is kept.

# %% [markdown]
# ## 1. Cells
#
# A notebook is made of text, like this, and of cells of Python. Click on a cell and press **Shift + Enter**: it runs,
# and you are taken to the next. Run them from top to bottom, since each uses what those above have made.

# %%
import backprop_viz as bp

x = bp.tensor(2.0)
w, b = bp.parameter(3.0), bp.parameter(-4.0)

a = w * x
s = a + b
L = s**2

print(L.data)

# %% [markdown]
# `bp` is the package that goes with these lectures. `bp.tensor` and `bp.parameter` make numbers that remember what is
# done with them; apart from that, the three lines in the middle are ordinary Python. The result `L` is a number with a
# memory too, and its number is `L.data`.
#
# In the next cell Python is asked to check three claims.

# %%
assert a.data == 6
assert s.data == 2
assert L.data == 4

# %% [markdown]
# Nothing happens, and that is the good news. An `assert` that holds is silent, one that fails stops with an error. So
# wherever these lectures say that two things are equal, look below the sentence: there is a cell that would complain if
# they were not. Try it. Change the 6 to a 7 and run the cell again, then change it back.
#
# You are invited to spoil things. Every number here may be changed. If you get lost, choose *Kernel → Restart Kernel
# and Run All Cells*, and everything is as it was.
#
# One piece of advice before you go on. A notebook is stored with its results, so that it can be read on a telephone or
# on a web page. But a result that one has already seen cannot be guessed any more. If you have a computer in front of
# you, choose *Edit → Clear Outputs of All Cells* now, and let each result appear when you run its cell.

# %% [markdown]
# ## 2. Predict
#
# Now and then the text says **Predict**, and asks a question. Answer it before you run the next cell: on paper, or
# aloud, but so that you cannot change your mind afterwards. Studies of learning with animations suggest that it is the
# prediction that helps, more than the moving picture. A wrong guess does you as much good as a right one.
#
# **Predict.** The memory of `L` is a graph: one node for each number, one arrow from each number to whatever was
# computed from it. How many nodes are there? How many arrows?

# %%
bp.draw(L, phase="forward")

# %% [markdown]
# Six nodes and five arrows. The exponent 2 has no node; it is part of the operation, like the plus sign.
#
# | in the picture | it is | here |
# |:--|:--|:--|
# | green hexagon | an **input**: a number that is given | $x$ |
# | orange box with rounded corners | a **parameter**: a number that may be changed, a knob | $w$, $b$ |
# | coral ellipse | a **compute node**: the result of an operation, which is written above it | $a$, $s$, $\mathcal L$ |
# | plain arrow | a value on its way, from **parent** to **child** | $w \to a$ |
# | the last node on the right | the **loss**, the number that is to become small | $\mathcal L$ |
#
# A *parent* is what something was computed from, a *child* is what was computed from it: $a$ has the parents $w$ and
# $x$ and the child $s$. Inputs and parameters have no parents. They are the *leaves*; everything begins with them.
#
# Each shape has a colour of its own, so you need not rely on colours: hexagon, box, ellipse.
#
# The code sees the same graph, in the same words:

# %%
g = bp.graph(L)

assert g.inputs == [x]
assert g.params == [w, b]
assert g.compute == [a, s, L]

# %% [markdown]
# ## 3. Red and blue
#
# Back to the knobs. How does $\mathcal L$ answer when one of the numbers in this graph changes a little? There are two
# ways to ask, and mixing them up is the most common accident in the whole subject. So each has a colour, the same in
# all pictures and formulas of the course.
#
# - **Blue: the local gradient.** How does a node answer to one of its own parents, all others held? It belongs to an
#   arrow. For $a = w x$ it is $\textcolor{#2F6BFF}{\partial a/\partial w} = x = 2$: turn $w$ up by 0.01, and $a$ goes
#   up by 0.02.
# - **Red: the backpropagated gradient.** How does the *loss* answer to this node, by whatever way its influence takes?
#   It belongs to a node. $\textcolor{#E62020}{\partial\mathcal L/\partial w}$ is what we want to know about the knob
#   $w$. (Elsewhere it is called the *global* or *upstream* gradient.)
#
# The backward pass begins at the loss with a red 1, since $\mathcal L$ answers to itself one to one, and goes against
# the arrows. On each arrow, red times blue is what the parent gets:
#
# $$
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial w}} \;=\;
# \textcolor{#E62020}{\frac{\partial\mathcal L}{\partial a}} \cdot
# \textcolor{#2F6BFF}{\frac{\partial a}{\partial w}}
# $$
#
# Why that is so, and what happens where a node has several children, is the business of lectures
# [03](03-backward-by-induction.ipynb) and [04](04-two-gradients.ipynb). For now we only want to read the pictures.
#
# Here the machine has been stopped in the middle of the way back. The loss has sent its message to $s$, and $s$ has
# answered to nobody yet.

# %%
bp.draw(L, step=5)

# %% [markdown]
# Read the tile on the arrow between $s$ and $\mathcal L$. Its upper line says what is multiplied, in symbols: red times
# blue. The lines below give the numbers, $\textcolor{#E62020}{1}\times\textcolor{#2F6BFF}{4} =
# \textcolor{#E62020}{4}$. The blue arrow beside the plain one has carried the 4 back, into the frame below $s$, where
# the red number of that node is kept. Other frames are empty. Empty means *not computed yet*, which is not the same
# as 0.
#
# **Predict.** Three frames are still empty. Work out their numbers, in the order in which they can be worked out. All
# of them are small and whole, and you need no more than what is in the picture and the formula above. And why has $x$
# no frame?

# %% tags=["thumbnail"]
g.backward()
assert w.grad == a.grad * x.data  # the formula above
bp.draw(L)

# %% [markdown]
# First $a$ and $b$, in either order, and then $w$. Nobody may turn $x$, which is given, so nobody has asked for its
# gradient.

# %%
assert s.grad == 4
assert a.grad == s.grad * 1
assert b.grad == s.grad * 1
assert w.grad == a.grad * x.data == 8
assert x.grad is None  # nobody asked; it is not 0

# %% [markdown]
# So the knob $w$ has twice the effect of $b$. Both red numbers are positive, which means that turning either knob *up*
# makes the loss *larger*. To make it smaller, turn both down, and $w$ by twice as much.
#
# You need not believe this either. Turn $w$ up by a thousandth, and see whether the loss goes up by eight thousandths:


# %%
def machine(w, b):
    """The loss for x = 2, in plain Python."""
    return (w * 2 + b) ** 2


print(f"{machine(3.001, -4) - machine(3, -4):.6f}")
assert abs(machine(3.001, -4) - machine(3, -4) - 0.008) < 1e-5

# %% [markdown]
# ## 4. The player
#
# A picture shows one moment. The **player** shows all of them, one at a time, as often as you like and in both
# directions. It has recorded everything before you take the first step, so going back costs nothing.
#
# **Predict.** The machine computes three numbers on the way forward. On the way back it starts with the red 1 and then
# sends one message along each blue arrow. How many steps will the player have?

# %%
player = bp.play(L)
player

# %% [markdown]
# (A picture that does not move means that the cell has not been run yet. Of a player a notebook stores one picture:
# that of the last step, or of the step at which the text has stopped it.)
#
# Click on the player once, so that it hears the keys.
#
# | keys | what they do |
# |:--|:--|
# | **→** and **←** | one step forward, one step back |
# | **Shift →** and **Shift ←** | one node forward or back, with all that it does in its turn |
# | **Page Down** and **Page Up** | one phase: to where the backward pass begins, for instance |
# | **Home** and **End** | the first step, the last step |
# | **G**, a number, **Enter** | to the step of this number |
# | **space bar** | play and pause; with **Shift**, backwards |
# | **↓** and **↑**, or a click in the picture | select a node or an arrow |
# | **.** and **,** | to the next or the previous step that tells of what is selected |
# | **Escape** | select nothing |
#
# Most of them have a button as well, and the keys are listed at the bottom of every player.

# %%
assert player.steps == 3 + 1 + 4  # values, the red 1, messages: to s, a, b and w

# %% [markdown]
# Now take the tour. Each of these takes half a minute.
#
# 1. Press **Home**. The three ellipses are blank: nothing has been computed. Press **→** three times and watch the
#    values arrive. No node is computed before its parents.
# 2. Press **→** once more. The first red number appears, and it is a 1. Below the picture a sentence says what has
#    happened, and under it stands the equation, in symbols and in numbers.
# 3. Go on to the end, but before each step say which number will appear. You have worked them out already.
# 4. Look at the two panels. *The algorithm* is the program that is being carried out, all twelve lines of it, with the
#    present line marked; lecture [05](05-the-algorithm.ipynb) is about these lines. *The code* is your own: the line
#    that made the node.
# 5. Click on the node $a$. *The story of what you select* tells all that ever happened to it, and the chain rule for
#    its gradient. With **.** and **,** you visit these moments one after the other.
# 6. Click on $w$. Its story has a field, because $w$ is a leaf and you may change it: type another number and press
#    Enter. All values and all gradients follow. Your own `w` stays as it is; only the player's has changed. (For this
#    the notebook must be running; on a web page nothing can be changed.)
#
# **Predict.** In the field of $w$, which number makes all gradients but the first 0, and why all of them at once? Try
# it in the player before you read on.
#
# When $w = 2$ the sum $s = w x + b$ is 0, so the blue number on the arrow from $s$ to $\mathcal L$, which is $2s$, is
# 0 too. Every message to the left of it has that factor. Below, the same in code: `edit` does what you did with the
# field.

# %%
player.edit(w=2.0)
assert player.trace.nodes[-1].value == 0  # the loss
assert {event.contribution for event in player.trace.events if isinstance(event, bp.Send)} == {0}
assert w.data == 3  # your own w is untouched
player.reset()

# %% [markdown]
# 7. Press the button **SGD step** in the player (of a running notebook, as above). Both knobs turn against their
#    gradients, by a tenth of them: $w$ by $-0.1\cdot 8$, $b$ by $-0.1\cdot 4$.
#
# **Predict.** What will the loss be after that one step?

# %%
g.sgd(0.1)
after = g.forward()

print(f"w = {w.data:.1f},  b = {b.data:.1f},  L = {after:.4f}")
assert after < 1e-20

# %% [markdown]
# Zero, up to rounding, in a single step. That was luck, or rather choice: the tenth has been picked for this machine.
# With 0.2 instead, the loss comes out as large as it was before, and with 0.3 it grows:

# %%
assert abs(machine(3 - 0.2 * 8, -4 - 0.2 * 4) - 4) < 1e-12
assert machine(3 - 0.3 * 8, -4 - 0.3 * 4) > 15

# %% [markdown]
# Why there is such a border, and where it lies, is a matter of lecture [01](01-loss-surfaces.ipynb). Here is the
# picture with the new numbers, after one more backward pass.

# %%
g.backward()
bp.draw(L, digits=2, show="numbers", title="After one step")

# %% [markdown]
# Everything red is 0, or differs from it by no more than rounding (except the 1 that every backward pass begins with):
# at the bottom no knob wants to be turned. Do not mind numbers such as $-9\cdot10^{-16}$, should you meet them. A
# Python float keeps about sixteen digits, and $0.1$ is not among the numbers that it can hold exactly.

# %% [markdown] tags=["seed:introduction"]
# ## 5. What the course promises
#
# A network is a graph like ours, only larger. Training means repeating one step many times: run it **forward** to get
# the loss, run it **backward** to get a red number for every parameter, turn all the knobs a little. The main result
# of these lectures is about the price of that step:
#
# > **One training step, forward and backward together, costs time and memory that grow in proportion to the size of
# > the network**: to the number of its nodes and arrows.
#
# Twice the network, twice the price. This may sound modest. It is not. To turn each knob a little and look at the loss,
# as we did with $w$, takes a run of the whole network *for every parameter*. To multiply out the chain rule along every
# way from a parameter to the loss takes, in a network of many layers, an astronomical number of multiplications. You
# will see both fail.
#
# Let us test the claim here, in the crudest way, by counting. The player of our machine needs 8 steps. Below are
# networks of three layers: two of 4, 16 or 64 neurons each, and a single neuron at the end. Every multiplication and
# every sum is a node of its own. The counted steps are those that a player would show.
#
# **Predict.** From the first line to the second the number of parameters grows about ninefold, and from the second to
# the third thirteenfold. By what factors will the steps grow?

# %%
import numpy as np

print("parameters    nodes   arrows    steps   steps / (nodes + arrows)")
ratios = []
for width in 4, 16, 64:
    net = bp.nn.ScalarMLP([2, width, width, 1], generator=np.random.default_rng(0))
    loss = (net([1.0, -2.0]) - 1.0) ** 2
    t = bp.trace(loss)
    size = len(t.nodes) + len(t.edges)
    ratios.append(len(t.events) / size)
    counts = len(list(net.parameters())), len(t.nodes), len(t.edges), len(t.events)
    print("{:10,} {:8,} {:8,} {:8,}".format(*counts), f"   {ratios[-1]:.2f}")

assert max(ratios) < 1  # never more steps than nodes and arrows together
assert max(ratios) - min(ratios) < 0.03  # and always about the same part of them

# %% [markdown]
# Tenfold and fourteenfold: as the network does. Counting steps is not yet measuring
# seconds; lecture [09](09-cost.ipynb) does that, for graphs of up to a million nodes.

# %% [markdown]
# ## 6. Where everything is
#
# | lecture | what it answers |
# |:--|:--|
# | 00 How to use these notes | you are here |
# | [01 Loss surfaces](01-loss-surfaces.ipynb) | what is a loss, why is it a landscape, and how does one walk down? |
# | [02 The forward pass](02-forward-pass.ipynb) | in which order is a graph computed, at what cost, and what is kept? |
# | [03 Backward by induction](03-backward-by-induction.ipynb) | how do gradients get from the loss to every node? |
# | [04 Two gradients](04-two-gradients.ipynb) | red and blue, and why a node adds up what its children send |
# | [05 The algorithm](05-the-algorithm.ipynb) | Forward, Backward, SGD: twelve lines, and what breaks without each |
# | [06 One neuron](06-one-neuron.ipynb) | sigmoid and cross-entropy, every number by hand |
# | [07 Layers as matrices](07-mlp-equations.ipynb) | the same for whole layers and many examples |
# | [08 Modularity](08-modularity.ipynb) | why networks can be put together from pieces |
# | [09 The cost](09-cost.ipynb) | the promise above, measured |
# | [10 PyTorch](10-pytorch.ipynb) | how the library that you will use does it |
# | [11 Debugging gradients](11-debugging-gradients.ipynb) | how to find out that a gradient is wrong, and where |
# | [12 Training, watched](12-training-watched.ipynb) | a network that learns, with its gradients in sight |
# | [A1 Forward mode](A1-forward-mode.ipynb) | the same chain rule, walked the other way |
# | [A2 Notes on the source text](A2-notes-on-the-source.ipynb) | corrections to the text these lectures grew from |
#
# They are meant to be read in this order, but if you are impatient, 06 stands on its own.

# %% [markdown]
# ## What PyTorch calls this
#
# The package uses PyTorch's names wherever the two do the same, so that you learn them once.
#
# | here | in PyTorch |
# |:--|:--|
# | `bp.tensor(2.0)` | `torch.tensor(2.0)` |
# | `bp.parameter(3.0)` | `torch.tensor(3.0, requires_grad=True)`, or an `nn.Parameter` |
# | `L.data`, `w.grad` | the same names; the number itself is `L.item()` |
# | `g.backward()` | `L.backward()`, with a difference that lecture 06 shows |
# | `bp.draw`, `bp.play` | nothing; this is what the package is for |

# %% [markdown]
# ## A warm-up
#
# All exercises look like this one. Replace each `None` by your answer and run the cell. Silence means that you are
# right; otherwise the last line of the error is a hint. The answer is folded away below.
#
# Somebody has reset the machine to $x = 3$, $w = 1$, $b = -1$, and has added nothing else. What is the loss now, and
# what are the three gradients? Draw the graph on paper, write the blue numbers on its arrows, and walk back from a red
# 1.

# %%
my_loss = None
my_s_grad = None
my_b_grad = None
my_w_grad = None

x, w, b = bp.tensor(3.0), bp.parameter(1.0), bp.parameter(-1.0)
a = w * x
s = a + b
L = s**2
L.backward()
assert my_loss is None or my_loss == L.data, "What is w x + b now? Then square it."
assert my_s_grad is None or my_s_grad == s.grad, "The red 1, times the derivative of s²."
assert my_b_grad is None or my_b_grad == b.grad, "The message from s arrives unchanged: what is ∂s/∂b?"
assert my_w_grad is None or my_w_grad == w.grad, "What is ∂a/∂w for a = w x? It is neither 1 nor w."

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# $s = 1\cdot 3 - 1 = 2$ and $\mathcal L = 4$, as before. So $\partial\mathcal L/\partial s = 1 \cdot 2s = 4$ and
# $\partial\mathcal L/\partial b = 4 \cdot 1 = 4$, also as before. But
# $\partial\mathcal L/\partial w = 4 \cdot x = 12$: the same knob has more effect, because it is now multiplied by 3.
#
# </details>

# %% [markdown]
# Now let the player check you. It stands after the first product, and **→** brings the rest, number by number.

# %%
bp.play(L, step=1)

# %% [markdown]
# ## What you have learned
#
# - A claim in these notes is followed by an `assert`, and you may change everything to see whether it complains.
# - Hexagon: input. Box: parameter. Ellipse: computed. Black arrows carry values from parents to children; messages
#   about the loss travel the other way.
# - Blue belongs to an arrow and is local. Red belongs to a node and is about the loss. Blank is not 0.
# - The player steps both ways, tells the story of what you select, and lets you change any leaf.
# - The promise: one training step costs time and memory in proportion to the size of the graph.
#
# **Practise:** the [exercises](../exercises/ex00-how-to-use.ipynb) of this lecture, which answer at once.
#
# **Next:** [Loss surfaces and gradient descent](01-loss-surfaces.ipynb). There the two knobs become the axes of a
# landscape, and you will find out how large a step may be before it does harm.
