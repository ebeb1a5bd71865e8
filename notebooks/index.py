# %% [markdown]
# # Backprop Viz
#
# *See every value, every gradient, and every step between them, in the graph behind a piece of ordinary Python.*
#
# Thirteen lectures and two appendices, from the loss surface to a network that you watch while it learns. Each takes 15
# to 25 minutes, runs in your own notebook, asks you to predict before it shows, and checks what it claims by code.
#
# **Start here: [How to use these notes](lectures/00-how-to-use.ipynb).** Then take the lectures in their order, or one
# of the ways below.
#
# | if you … | read |
# |:--|:--|
# | have an hour and a half | [00](lectures/00-how-to-use.ipynb), [03](lectures/03-backward-by-induction.ipynb), [04](lectures/04-two-gradients.ipynb), [06](lectures/06-one-neuron.ipynb) |
# | use PyTorch, and want to know what `backward()` does | [02](lectures/02-forward-pass.ipynb), [04](lectures/04-two-gradients.ipynb), [05](lectures/05-the-algorithm.ipynb), [10](lectures/10-pytorch.ipynb) |
# | have to derive gradients by hand | [04](lectures/04-two-gradients.ipynb), [06](lectures/06-one-neuron.ipynb), [07](lectures/07-mlp-equations.ipynb), [11](lectures/11-debugging-gradients.ipynb) |
# | want to know why it is fast | [02](lectures/02-forward-pass.ipynb), [04](lectures/04-two-gradients.ipynb), [09](lectures/09-cost.ipynb), [A1](lectures/A1-forward-mode.ipynb) |
# | have a network that does not learn | [11](lectures/11-debugging-gradients.ipynb), [12](lectures/12-training-watched.ipynb) |

# %% [markdown]
# ## The lectures
#
# | | lecture | when you have finished, you can | exercises |
# |:--|:--|:--|:--|
# | [![00: a picture of it](thumbnails/00-how-to-use.png)](lectures/00-how-to-use.ipynb) | **00 [How to use these notes](lectures/00-how-to-use.ipynb)** | read the pictures, use the player, predict and check | [00](exercises/ex00-how-to-use.ipynb) |
# | [![01: a picture of it](thumbnails/01-loss-surfaces.png)](lectures/01-loss-surfaces.ipynb) | **01 [Loss surfaces and gradient descent](lectures/01-loss-surfaces.ipynb)** | say what is minimized, and how far a step may go | [01](exercises/ex01-loss-surfaces.ipynb) |
# | [![02: a picture of it](thumbnails/02-forward-pass.png)](lectures/02-forward-pass.ipynb) | **02 [Networks as graphs: the forward pass](lectures/02-forward-pass.ipynb)** | order a graph, compute each node once, count the work | [02](exercises/ex02-forward-pass.ipynb) |
# | [![03: a picture of it](thumbnails/03-backward-by-induction.png)](lectures/03-backward-by-induction.ipynb) | **03 [Backward by induction](lectures/03-backward-by-induction.ipynb)** | carry out a backward pass, and say why it is right | [03](exercises/ex03-backward-by-induction.ipynb) |
# | [![04: a picture of it](thumbnails/04-two-gradients.png)](lectures/04-two-gradients.ipynb) | **04 [Two gradients, and fan-out](lectures/04-two-gradients.ipynb)** | tell local from backpropagated, and sum where a node is used twice | [04](exercises/ex04-two-gradients.ipynb) |
# | [![05: a picture of it](thumbnails/05-the-algorithm.png)](lectures/05-the-algorithm.ipynb) | **05 [The algorithm](lectures/05-the-algorithm.ipynb)** | write it, and say what breaks without each line | [05](exercises/ex05-the-algorithm.ipynb) |
# | [![06: a picture of it](thumbnails/06-one-neuron.png)](lectures/06-one-neuron.ipynb) | **06 [One neuron: sigmoid and cross-entropy](lectures/06-one-neuron.ipynb)** | derive every number of it, and $\hat y - y$ | [06](exercises/ex06-one-neuron.ipynb) |
# | [![07: a picture of it](thumbnails/07-mlp-equations.png)](lectures/07-mlp-equations.ipynb) | **07 [Whole layers at once: the equations of an MLP](lectures/07-mlp-equations.ipynb)** | go from single weights to matrices, and get the transposes right | [07](exercises/ex07-mlp-equations.ipynb) |
# | [![08: a picture of it](thumbnails/08-modularity.png)](lectures/08-modularity.ipynb) | **08 [Modularity: graphs that fit together](lectures/08-modularity.ipynb)** | join graphs, and write an op of your own | [08](exercises/ex08-modularity.ipynb) |
# | [![09: a picture of it](thumbnails/09-cost.png)](lectures/09-cost.ipynb) | **09 [Cost, measured](lectures/09-cost.ipynb)** | measure that a pass is linear, and what the other ways cost | [09](exercises/ex09-cost.ipynb) |
# | [![10: a picture of it](thumbnails/10-pytorch.png)](lectures/10-pytorch.ipynb) | **10 [PyTorch's autograd, looked into](lectures/10-pytorch.ipynb)** | read its errors, and use `backward(v)`, `no_grad`, `detach` knowingly | [10](exercises/ex10-pytorch.ipynb) |
# | [![11: a picture of it](thumbnails/11-debugging-gradients.png)](lectures/11-debugging-gradients.ipynb) | **11 [Debugging gradients](lectures/11-debugging-gradients.ipynb)** | find the wrong edge | [11](exercises/ex11-debugging-gradients.ipynb) |
# | [![12: a picture of it](thumbnails/12-training-watched.png)](lectures/12-training-watched.ipynb) | **12 [Training, watched](lectures/12-training-watched.ipynb)** | train a network, and see in its gradients why it stalls | [12](exercises/ex12-training-watched.ipynb) |
# | [![A1: a picture of it](thumbnails/A1-forward-mode.png)](lectures/A1-forward-mode.ipynb) | **A1 [Forward mode and Jacobians](lectures/A1-forward-mode.ipynb)** | choose a direction by the shape of the Jacobian | |
# | [![A2: a picture of it](thumbnails/A2-notes-on-the-source.png)](lectures/A2-notes-on-the-source.ipynb) | **A2 [Notes on the source text](lectures/A2-notes-on-the-source.ipynb)** | read the text these lectures grew from, with its slips mended | |

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
# | sign | code | meaning | in the figure |
# |:--|:--|:--|:--|
# | green hexagon | `bp.tensor(2.0)` | **input**: a number that is given | $x$ |
# | orange box with rounded corners | `bp.parameter(1.5)` | **parameter**: a number to be learned | $w$ |
# | coral ellipse | `w * x` | **compute node**: the result of an operation | $a$, $\mathcal L$ |
# | plain arrow | | a value travels from **parent** to **child** | $w \to a$ |
# | blue arrow | | a gradient travels from child to parent | $a \to w$ |
# | $\textcolor{#E62020}{\partial\mathcal L/\partial a}$, red | `a.grad` | **backpropagated gradient**: in a node | below $a$: 6 |
# | $\textcolor{#2F6BFF}{\partial a/\partial w}$, blue | | **local gradient**: on an arrow | between $w$ and $a$: 2 |
# | red · blue | | **contribution**: what the arrow brings | $6 \cdot 2 = 12$ |
# | $\mathcal L$ | `L` | the **loss**: one number, the smaller the better | on the right |
# | $\eta$ or $\epsilon$ | `lr` | the **learning rate**: how long a step is | |
# | $N$ | `len(x)` | how many **examples** the loss is the mean of | 1 |
# | $V$, $E$ | `bp.trace(L).nodes`, `.edges` | how many nodes and edges there are | 4 and 3 |
# | $z$, $\phi(z)$ | `z`, `bp.tanh(z)` | the weighted sum of a neuron, and its **activation** | |
#
# *Parents* are the nodes that something was computed from; it is their *child*. Whatever is faint or blank has not been
# computed yet, which is not the same as 0.

# %%
assert a.grad == 2 * a.data == 6
assert w.grad == a.grad * x.data == 12
assert x.grad is None  # an input: nobody asked
assert (len(bp.trace(L).nodes), len(bp.trace(L).edges)) == (4, 3)

# %% [markdown]
# `bp.play(L)` shows the same graph one step at a time: click on it, then **→** and **←**. If nothing moves, run the cell:
# what is saved in a notebook is one picture of it, here the last.

# %%
bp.play(L)

# %% [markdown]
# Ready? Go on to [How to use these notes](lectures/00-how-to-use.ipynb).
