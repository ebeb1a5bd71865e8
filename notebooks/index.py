# %% [markdown]
# # Backprop Viz
#
# *See every value, every gradient, and every step between them, in the graph behind a piece of ordinary Python.*
#
# **Start here: [One neuron: sigmoid and cross-entropy](lectures/06-one-neuron.ipynb).** The smallest network that can
# learn, forward and backward, with every number in sight. About 25 minutes.

# %% [markdown]
# ## How to use these notes
#
# - Click on a cell and press **Shift + Enter** to run it and go on to the next. Run them from top to bottom; each
#   builds on those above.
# - A notebook comes with its results, so that it can be read anywhere. If you work through it, hide them first: *Edit →
#   Clear Outputs of All Cells*.
# - Where it says **Predict**, answer before you run the next cell. Wrong guesses are welcome: what you have
#   first expected and then seen is what you will remember.
# - An `assert` is a claim that Python checks; as long as it stays silent, it holds. If one complains after you have
#   changed a number, ask whether it was a claim about the old number.
# - Change things. When you are lost, choose *Kernel → Restart Kernel and Run All Cells*.

# %% [markdown]
# ## The signs, on one small graph
#
# Two operations, a parameter $w = 1.5$ and an input $x = 2$. `backward()` has been called, so the gradients are there.

# %%
import backprop_viz as bp

x = bp.tensor(2.0)
w = bp.parameter(1.5)
a = w * x
L = a**2

L.backward()
bp.draw(L)

# %% [markdown]
# | sign | meaning | in the figure |
# |:--|:--|:--|
# | green hexagon | **input**: a number that is given | $x$ |
# | orange box with rounded corners | **parameter**: a number to be learned | $w$ |
# | coral ellipse | **compute node**: the result of an operation | $a$, $\mathcal L$ |
# | black arrow | a value travels from parent to child | $w \to a$ |
# | blue arrow | a gradient travels from child to parent | $a \to w$ |
# | $\textcolor{#E62020}{\partial\mathcal L/\partial a}$, red | **backpropagated gradient**: in a node | below $a$: 6 |
# | $\textcolor{#2F6BFF}{\partial a/\partial w}$, blue | **local gradient**: on an arrow | between $w$ and $a$: 2 |
# | red · blue | **contribution**: what the arrow brings | $6 \cdot 2 = 12$ |
#
# *Parents* are the nodes that something was computed from; it is their *child*. Whatever is faint or blank has not been
# computed yet, which is not the same as 0.
#
# Check the figure by hand: $a = w x$ and $\mathcal L = a^2$, so $\partial\mathcal L/\partial a = 2a$ and
# $\partial\mathcal L/\partial w = 2a \cdot x$.

# %%
assert a.grad == 2 * a.data == 6
assert w.grad == a.grad * x.data == 12
assert x.grad is None  # an input: nobody asked

# %% [markdown]
# ## Stepping through it
#
# `bp.play` shows the same graph one step at a time. Click on it first, so that it hears the keys.
#
# | key | what it does |
# |:--|:--|
# | **→** and **←** | one step forward, one step back |
# | **Home** and **End** | the first and the last step |
# | **space bar** | play and pause |

# %%
bp.play(L)

# %% [markdown]
# If nothing moves, run the cell: what is saved in a notebook is only the last picture.
#
# Ready? Go on to [One neuron: sigmoid and cross-entropy](lectures/06-one-neuron.ipynb).
