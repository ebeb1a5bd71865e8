# %% [markdown]
# # Training, watched
#
# *Lecture 12, about 25 minutes. You need lectures 05 to 07: the algorithm, one neuron, layers as matrices.*
#
# So far we have looked at single gradients. Now thousands of them follow one another, and something remarkable happens:
# a pile of random numbers bends a line around two interlocking crescents, or tells a 3 from an 8. Most people watch
# training through one number, the loss. That is like watching a football match on the scoreboard. You are told *that*
# nothing happens, but never why.
#
# We shall watch the gradients: layer by layer, unit by unit, and step by step in the player. And we shall see two ways
# in which a network with perfectly right gradients refuses to learn.
#
# When you have finished, you can
#
# - write a training loop, and check its first loss against what chance predicts;
# - read a decision boundary and a plot of gradient norms while a network learns;
# - stop at any training step and go through it in the player, updates included;
# - explain why gradients vanish in a deep sigmoid network, predict by how much, and find it in the norms;
# - find dead ReLUs, from rows of zeros;
# - train a small image classifier, and say what its accuracy means and what it does not.

# %% [markdown]
# ## 1. Two moons
#
# A classic, made with a few lines of NumPy: points on two half circles, one upside down, with some noise. No straight
# line separates them.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np
from tqdm import tqdm

import backprop_viz as bp


def two_moons(n, noise=0.12, seed=0):
    """n points in the plane, and the moon each lies on: 0 or 1."""
    random = np.random.default_rng(seed)
    angle = np.linspace(0, np.pi, n // 2)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    points = np.concatenate([upper, lower]) + noise * random.standard_normal((n, 2))
    return points, np.repeat([0.0, 1.0], n // 2)


X, y = two_moons(200)


def make_network():
    """Two inputs, eight neurons, one logit; the same weights in every run."""
    bp.manual_seed(3)
    return bp.nn.MLP([2, 8, 1], bp.nn.Tanh)


def loss_of(network, points, labels):
    """The mean cross-entropy of the labels, from the logits."""
    return bp.bce_with_logits(network(points), labels[:, None])


# %% [markdown]
# **Predict.** The network has 8 hidden neurons and 33 parameters, all random. It has no idea which moon a point is on,
# so its probabilities are all not far from ½. What will the first loss be, roughly? (The loss of one example is minus
# the logarithm of the probability given to the truth.)

# %%
net = make_network()
first = loss_of(net, X, y)
print(f"first loss {first.data:.2f}, chance {math.log(2):.2f}")

# %% [markdown]
# Near what someone pays who answers "one half" to every question:
#
# $$
# \mathcal L_{\text{chance}} \;=\; -\log\tfrac12 \;=\; \log 2 \;\approx\; 0.693
# $$
#
# Compare the two at every first step: a loss far above chance means that the network begins by being *sure*, and
# wrong.

# %%
assert math.isclose(-math.log(0.5), math.log(2))
assert abs(first.data - math.log(2)) < 0.2
assert sum(parameter.size for parameter in net.parameters()) == 33

# %% [markdown]
# Now the loop. In each step: compute the loss, clear the old gradients, send the new ones back, and let the optimizer
# move every parameter a little. `bp.training_step` does all but the first. (It also gives the *record* of the step,
# which a player can play. A thousand records are too many to look at, so we let them go.) We keep the loss, the size of
# every gradient, and the 33 numbers that each step began with: from these any step can be made again. The bar shows how
# far we are.

# %% tags=["nbval-ignore-output"]
optimizer = bp.optim.SGD(net.parameters(), lr=1.0)
norms, losses, saved = [], [], []
for _ in tqdm(range(1001), desc="training"):
    saved.append(net.state_dict())  # a copy of all parameters
    loss = loss_of(net, X, y)
    losses.append(loss.data)
    bp.training_step(loss, optimizer)
    norms.append({name: np.linalg.norm(p.grad) for name, p in net.named_parameters()})

for step in 0, 20, 100, 300, 1000:
    print(f"step {step:4d}   loss {losses[step]:.3f}")

# %%
assert losses[1000] < 0.1 < losses[0]
right = ((net(X).data[:, 0] > 0) == y).mean()
assert right > 0.97

# %% [markdown]
# **Predict.** What does the boundary between the two answers look like after 20 steps: a straight line, a curve, or
# something wild? And which points will be understood last?

# %% tags=["nbval-ignore-output", "thumbnail"]
fig, axes = plt.subplots(2, 2, figsize=(8, 6.4), facecolor="white", layout="constrained", sharex=True, sharey=True)
for ax, step in zip(axes.flat, (0, 20, 300, 1000), strict=True):
    net.load_state_dict(saved[step])
    bp.plots.decision_boundary(net, X, y, level=0, ax=ax)
    ax.set_title(f"after {step} steps, loss {losses[step]:.2f}")
    ax.get_legend().set_visible(step == 0)
plt.show()

# %% [markdown]
# Each picture shows what the network thinks of every point of the plane; on the black line its logit is 0, and it gives
# either moon a chance of one half. First comes the cheap gain: a nearly straight line that gets most points right.
# Then, for a long time, it seems that nothing happens. And at last the line bends into the gap, and takes in the tips
# that reach into the other moon. Networks like this learn the coarse before the fine.
#
# A loss curve tells the same story, but you would not have guessed the story from the curve. Beside it we draw the norm
# of the gradient, layer by layer:

# %% tags=["nbval-ignore-output"]
fig, (left, right) = plt.subplots(1, 2, figsize=(9.6, 3.6), facecolor="white", layout="constrained")
left.plot(losses, color="black", linewidth=1.5)
left.axhline(math.log(2), color="#707070", linestyle=":", label="chance, log 2")
left.set(xlabel="step", ylabel="loss", ylim=(0, 0.75), title="The loss")
left.legend(fontsize=8)
layer_of = {"0": "first layer", "2": "second layer"}
bp.plots.gradient_norms(norms[:1000], by=lambda name: layer_of[name.split(".")[0]], ax=right)
plt.show()

# %% [markdown]
# Look for the plateau in the left picture, and see on the right that the gradients there are small *but not gone*: the
# descent crosses a flat stretch. After it, the gradients of both layers are of similar size, and sink together as the
# loss does. That is what health looks like. Jagged stretches would mean that the steps are a little large.

# %% [markdown]
# ## 2. Any step, in the player
#
# What happens in one step? All that a step is made of are the weights and the points, and we have kept both. (Plain
# gradient descent remembers nothing else. For Adam, or with momentum, we should have to keep the optimizer's averages
# too.) So any step of the training above can be made again, this time to be looked at:


# %%
def opened(step):
    """The record of this step of the training above, made again with the weights that it began with."""
    net.load_state_dict(saved[step])
    x, t = bp.tensor(X), bp.tensor(y[:, None])
    h = net[1](net[0](x))
    z = net[2](h)
    loss = bp.bce_with_logits(z, t)
    return bp.training_step(loss, bp.optim.SGD(net.parameters(), lr=1.0))


# %% [markdown]
# Is it the same step? It must have the loss and the gradients of the loop, and it must leave behind the weights that
# the *next* step of the loop began with.

# %%
for step in 0, 1, 17, 100, 400, 999:
    record = opened(step)
    updates = [event for event in record.events if isinstance(event, bp.Update)]
    assert np.isclose(record.nodes[-1].value, losses[step])
    assert np.allclose([np.linalg.norm(event.gradient) for event in updates], list(norms[step].values()))
    assert all(np.allclose(event.new, event.old - 1.0 * event.gradient) for event in updates)
    assert all(np.allclose(weights, saved[step + 1][name]) for name, weights in net.state_dict().items())

# %% [markdown]
# Now for something that the plots have not told us. Compare two steps, one on the plateau and the last one:

# %% tags=["nbval-ignore-output"]
print(" step    loss   on the wrong side   norm of ∂L/∂W, second layer")
wrong = {}
for step in 100, 1000:
    net.load_state_dict(saved[step])
    wrong[step] = ((net(X).data[:, 0] > 0) != y).sum()
    print(f"{step:5d}   {losses[step]:.3f}   {wrong[step]:7d} of 200   {norms[step]['2.weight']:22.4f}")

# %% [markdown]
# The gradients have the same size. At step 1000 it is no wonder that they are small, for the work is done. At step 100
# the loss is thirty times larger, and more than twenty points are still on the wrong side. Each of them calls for help.
#
# **Predict.** In the backward pass each logit receives $(\hat y - y)/200$ (lecture 06; 200 because the loss is a mean).
# The points are in order: first the hundred of moon 0, along the moon from the tip in the middle of the plane to the
# outer tip; then the hundred of moon 1, likewise. At step 100, which signs have the two hundreds, and which points
# receive most? And if the calls are that loud, why does so little arrive at the weights?
#
# The player has done the forward pass and stands before the message to the logits $z$. Arrays are heat maps, negative
# cells are discs. Two hundred rows are too many for a picture: each cell stands for 25 points, and shows the largest.

# %%
step = 100  # any step from 0 to 1000; then try 1, 17, 400
bp.play(bp.draw(opened(step), show="numbers", edges="contribution", digits=2), step=11)

# %% [markdown]
# Step on with **→**. The pass goes back to the weights, as always; at its end come the *updates*, one for each
# parameter: old value, minus learning rate times gradient, new value. (The graph is wide; the player keeps in sight
# what happens. Here is its right end, with the answer at $z$:)

# %%
bp.draw(opened(100), descendants_of="z", show="numbers", edges="none", digits=2, title="Step 100")

# %% [markdown]
# Plus for moon 0, whose logits should sink; minus for moon 1, whose logits should rise. The deepest cell of each moon
# is its first, the tip that reaches into the other moon; in the second and third stretch nearly all are content. Now
# the same at the end (the colours mean nearly the same, see the two scales):

# %%
bp.draw(opened(1000), descendants_of="z", show="numbers", edges="none", digits=2, title="Step 1000")

# %% [markdown]
# So at the logits the two steps do not look alike at all. The difference is lost on the way to the weights: a weight's
# gradient is a *sum* over all points (lecture 07: $\mathrm dW = X^{\mathsf T} G$, where the $X$ of the second layer is
# $h$). We take the record of each step apart, and compare what the points send with what is left when it is added up.


# %%
def sent_and_left(step):
    """The sizes of all messages from the points to the second layer's weights, and of their sums, added up."""
    record = opened(step)
    h, z = (next(node for node in record.nodes if node.name == name) for name in "hz")
    sends = [event for event in record.events if isinstance(event, bp.Send)]
    G = next(send.total for send in sends if record.edges[send.edge].parent == z.index)
    messages = G * h.value  # a row for each point, a column for each weight
    assert np.isclose(np.linalg.norm(messages.sum(axis=0)), norms[step]["2.weight"])
    assert ((G > 0).ravel() == (y == 0)).all()  # plus for moon 0, minus for moon 1
    return np.abs(messages).sum(), np.abs(messages.sum(axis=0)).sum()


sent_100, left_100 = sent_and_left(100)
sent_1000, left_1000 = sent_and_left(1000)
assert left_100 < sent_100 / 30
assert sent_1000 < sent_100 / 5
assert 0.5 < left_100 / left_1000 < 2
assert wrong[100] > 20 > wrong[1000] == 0
print("step 100: less than a thirtieth of what is sent is left; step 1000: not even a fifth of that is sent")

# %% [markdown]
# A plateau is not silence, it is a tie. As long as the boundary is a straight line, to turn it so that one tip gets its
# way takes it away from the other tip, and the calls cancel. At step 1000 nobody calls: the error $\hat y - y$ is
# nearly zero, and every gradient is a multiple of it. Two gradients of the same size, for opposite reasons; the norm
# could not tell, the opened step could. The next section shows small gradients of a third kind.

# %% [markdown]
# ## 3. Vanishing gradients
#
# If depth is good, let us have depth: eight hidden layers of twelve neurons each, with the sigmoid that neural networks
# began with.
#
# **Predict.** Between two layers, the gradient is multiplied by the weights and by $\sigma'$. How large is
# $\sigma'(z) = \sigma(z)(1-\sigma(z))$ at most? After eight layers, what is left of a gradient of 1, if the weights are
# about 1?
#
# In a chain of single neurons, $a_k = \sigma(z_k)$ with $z_k = w_k a_{k-1}$, the whole way back is one product:
#
# $$
# \frac{\partial a_n}{\partial a_0} \;=\; \prod_{k=1}^{n} w_k\,\sigma'(z_k)
# \qquad\text{with}\qquad \sigma' \le \tfrac14
# $$

# %%
chain = a = bp.parameter(0.5)
product, weights = 1.0, np.random.default_rng(0).uniform(-1, 1, 8)
for w in weights:
    a = bp.sigmoid(w * a)
    slope = a.data * (1 - a.data)
    assert slope <= 0.25
    product *= w * slope
a.backward()

print(f"∂a₈/∂a₀ = {chain.grad:.1e};   (¼)⁸ = {0.25**8:.1e}")
assert math.isclose(chain.grad, product)
assert abs(chain.grad) < 0.25**8

# %% [markdown]
# One divided by sixty-five thousand, at best. And in the network? We send one gradient back and measure its norm in
# each layer, for three networks of the same shape: with sigmoids; with tanh, whose slope is up to 1; and with ReLUs.
# Layers begin with weights of variance $1/(3\cdot\text{inputs})$, which is rather small. For tanh we scale them up by
# $\sqrt 3$, to the variance $1/\text{inputs}$; for ReLU by $\sqrt 6$, to $2/\text{inputs}$. (That is *He's
# initialization*. A ReLU switches off half of its inputs, and the factor of 2 makes up for it.)


# %%
def deep(activation, factor=1.0, seed=0):
    """Eight hidden layers of twelve, the initial weights scaled by the factor."""
    bp.manual_seed(seed)
    network = bp.nn.MLP([2] + [12] * 8 + [1], activation)
    with bp.no_grad():
        for name, parameter in network.named_parameters():
            if "weight" in name:
                parameter *= factor
    return network


def norms_by_layer(network):
    """The norm of the gradient of each layer's weights, first layer first."""
    network.zero_grad()
    loss_of(network, X, y).backward()
    return [np.linalg.norm(p.grad) for name, p in network.named_parameters() if "weight" in name]


kinds = {
    "sigmoid": (bp.nn.Sigmoid, 1.0),
    "tanh": (bp.nn.Tanh, math.sqrt(3)),
    "ReLU, He": (bp.nn.ReLU, math.sqrt(6)),
}
at_start = {name: norms_by_layer(deep(*kind)) for name, kind in kinds.items()}

fig, ax = plt.subplots(figsize=(6.4, 3.8), facecolor="white", layout="constrained")
for (name, norms), style in zip(at_start.items(), ("o-", "s--", "^-."), strict=True):
    color = {"sigmoid": "#D40000", "tanh": "black", "ReLU, He": "#7A3E9D"}[name]
    ax.plot(range(1, 10), norms, style, color=color, markerfacecolor="white", label=name)
ax.set(yscale="log", xlabel="layer (1 is next to the input, 9 is the output)", ylabel="norm of ∂L/∂W")
ax.set_title("One backward pass, before any training")
ax.legend(fontsize=9)
plt.show()

# %%
assert at_start["sigmoid"][0] < 1e-5 * at_start["sigmoid"][-1]
assert at_start["tanh"][0] > 1e-2 * at_start["tanh"][-1]
assert at_start["ReLU, He"][0] > 1e-2 * at_start["ReLU, He"][-1]

large = norms_by_layer(deep(bp.nn.Sigmoid, math.sqrt(6)))  # sigmoids again, with the weights of the ReLUs
assert large[0] < 1e-3 * large[-1]

# %% [markdown]
# Read from right to left, in the direction in which the gradients go. On a logarithmic axis the red line is almost
# straight: every layer takes its toll of a nearly constant factor. In the first layer a millionth of it arrives. (It is
# not only the smaller weights: with those of the ReLUs, the sigmoids still lose a factor of more than a thousand.) Each
# of these gradients is *right*; a gradient check would pass. The layer is merely asked to move a millionth of what the
# last one moves.
#
# **Predict.** Train all three for 400 steps. Where will the loss of the sigmoid network be?

# %% tags=["nbval-ignore-output"]
curves = {}
for name, kind in tqdm(kinds.items(), desc="networks"):
    network = deep(*kind)
    adjust = bp.optim.SGD(network.parameters(), lr=0.1)
    curves[name] = []
    for _ in range(400):
        loss = loss_of(network, X, y)
        adjust.zero_grad()
        loss.backward()
        adjust.step()
        curves[name].append(loss.data)

fig, ax = plt.subplots(figsize=(6.4, 3.4), facecolor="white", layout="constrained")
for (name, curve), style in zip(curves.items(), ("-", "--", "-."), strict=True):
    ax.plot(curve, style, color={"sigmoid": "#D40000", "tanh": "black", "ReLU, He": "#7A3E9D"}[name], label=name)
ax.axhline(math.log(2), color="#707070", linestyle=":", linewidth=1)
ax.set(xlabel="step", ylabel="loss", title="The same depth, the same steps")
ax.legend(fontsize=9)
plt.show()

# %%
assert curves["sigmoid"][-1] > 0.65
assert curves["tanh"][-1] < 0.35
assert curves["ReLU, He"][-1] < 0.35

# %% [markdown]
# It has not moved: log 2 after four hundred steps, the loss of someone who says "one half" to every question. (The
# spikes of the ReLU curve are steps that were a little too large; it recovers.) From the
# loss alone you might blame the learning rate. The norms say what it is: the layers next to the data get nothing to
# learn from. This kept deep networks from working for many years. The cures are those in the picture (better
# slopes, better first weights), and a structural one: shortcuts, $a + f(a)$, in which a message has one way back whose
# blue factor is 1 ([lecture 08](08-modularity.ipynb)).

# %% [markdown]
# ## 4. Dead units
#
# ReLU has a slope of 1 where it is on, so it does not wear gradients out. It has an illness of its own: where it is off
# its slope is 0, and a unit that is off for *every* example receives nothing. Nothing moves its weights, so in the
# first layer it stays off for ever. (Deeper in, it can wake only by luck: if the layers before it happen to change its
# inputs.)
#
# How would such units come about? A few steps that are too large will do.
#
# **Predict.** We train a hidden layer of 40 ReLUs for ten steps, with learning rates from modest to huge, and look at
# the gradient of its weights afterwards: 40 rows, one for each unit. How do you recognize a dead unit there? And will
# there be any before the first step?


# %%
def relu_network():
    bp.manual_seed(1)
    return bp.nn.MLP([2, 40, 1], bp.nn.ReLU)


def dead_units(network):
    """Which units of the first layer get no gradient from any example: rows that are zero."""
    network.zero_grad()
    loss_of(network, X, y).backward()
    return ~network[0].weight.grad.any(axis=1)


def after_ten_steps(lr):
    network = relu_network()
    for _ in range(10):
        network.zero_grad()
        loss_of(network, X, y).backward()
        bp.optim.SGD(network.parameters(), lr=lr).step()
    return network


# %% tags=["nbval-ignore-output"]
print("learning rate   dead units of 40")
print(f"{'none':>13s}   {dead_units(relu_network()).sum():16d}")
for lr in 0.1, 1.0, 10.0, 30.0:
    print(f"{lr:13.1f}   {dead_units(after_ten_steps(lr)).sum():16d}")

# %%
at_birth = dead_units(relu_network())
hurt = after_ten_steps(10.0)
off = dead_units(hurt)
assert 1 <= at_birth.sum() <= 5
assert np.array_equal(dead_units(after_ten_steps(0.1)), at_birth)
assert off.sum() > 10

# %% [markdown]
# A few were dead at birth: their random line passes all points by on the wrong side. Modest learning rates kill nobody;
# ten steps at 10 kill about half of the layer, and at 30 hardly a unit is left.

# %% [markdown]
# A picture of the gradient shows them at a glance. Each row is a unit; the columns are its two weights and its bias.
# The colours are on a logarithmic scale, so that a small number can be told from none.

# %% tags=["nbval-ignore-output"]
from matplotlib.colors import SymLogNorm

fig, axes = plt.subplots(1, 2, figsize=(7.2, 4.2), facecolor="white", layout="constrained")
scale = SymLogNorm(linthresh=1e-7, vmin=-1, vmax=1)  # logarithmic, in either direction, and white at 0
for ax, network, title in zip(axes, (relu_network(), hurt), ("before", "after ten huge steps"), strict=True):
    network.zero_grad()
    loss_of(network, X, y).backward()
    gradient = np.column_stack([network[0].weight.grad, network[0].bias.grad])
    image = ax.imshow(gradient, cmap="PuOr_r", norm=scale, aspect="auto")
    for unit in np.flatnonzero(~gradient.any(axis=1)):
        ax.text(2.62, unit, "×", ha="left", va="center", fontsize=8, color="#D40000", clip_on=False)
    ax.set_xticks([0, 1, 2], ["w₀", "w₁", "b"])
    ax.set(ylabel="unit", title=title)
fig.colorbar(image, ax=axes, shrink=0.8, label="∂L/∂w", ticks=[-1, -1e-3, -1e-6, 0, 1e-6, 1e-3, 1])
plt.show()

# %% [markdown]
# White rows with a red cross are dead: their weights *and* their bias get exactly 0. Not small: zero. That is how you
# tell this illness from the last one, and it is why a plot of norms should show zeros as such. (On the right some rows
# look white and have no cross. These units are on, but only for points of which the network is already sure, and
# rightly so: what they get is too small to be seen, and it is not zero.)
#
# Is it for good? Train on with a sensible learning rate and see who comes back.

# %%
adjust = bp.optim.SGD(hurt.parameters(), lr=0.1)
frozen = hurt[0].weight.data[off].copy()
for _ in range(200):
    hurt.zero_grad()
    loss_of(hurt, X, y).backward()
    adjust.step()

assert np.array_equal(hurt[0].weight.data[off], frozen)  # not one of them has moved, not in the last digit
print("after 200 more steps: every dead unit is exactly where it was")

# %% [markdown]
# Two hundred steps, and not a digit has changed. The remedies: smaller steps at the start, or an activation whose slope
# is small but not zero on the left, such as `leaky_relu` with 0.01.

# %%
leaky = bp.leaky_relu(bp.tensor([-3.0, 2.0], requires_grad=True))
leaky.sum().backward()
assert np.allclose(leaky.parents[0].grad, [0.01, 1.0])

# %% [markdown]
# ## 5. Digits
#
# Now pictures. Handwritten digits would have to be downloaded; these notes carry everything with them, so we make our
# own. Ten little bitmaps, put at a random place in an 8 × 8 picture, with noise.

# %%
GLYPHS = """
.###. ..#.. .###. .###. ...#. ##### ..##. ##### .###. .###.
#...# .##.. #...# #...# ..##. #.... .#... ....# #...# #...#
#..## ..#.. ....# ....# .#.#. ####. #.... ...#. #...# #...#
#.#.# ..#.. ...#. ..##. #..#. ....# ####. ..#.. .###. .####
##..# ..#.. ..#.. ....# ##### ....# #...# ..#.. #...# ....#
#...# ..#.. .#... #...# ...#. #...# #...# ..#.. #...# ...#.
.###. .###. ##### .###. ...#. .###. .###. ..#.. .###. .##..
"""
rows = [line.split() for line in GLYPHS.split("\n") if line]
glyphs = np.array([[[c == "#" for c in row[digit]] for row in rows] for digit in range(10)], dtype=float)


def digits(n, noise, seed):
    """n pictures, 8 × 8, each a glyph somewhere with noise on it; and which glyph it is."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 10, n)
    pictures = np.zeros((n, 8, 8))
    for picture, label in zip(pictures, labels, strict=True):
        down, right = random.integers(0, 2), random.integers(0, 4)
        picture[down : down + 7, right : right + 5] = glyphs[label]
    return pictures + noise * random.standard_normal(pictures.shape), labels


train_pictures, train_labels = digits(3000, noise=0.3, seed=1)
test_pictures, test_labels = digits(500, noise=0.3, seed=2)

fig, axes = plt.subplots(2, 10, figsize=(9, 2.1), facecolor="white", layout="constrained")
for ax, picture, label in zip(axes.flat, train_pictures, train_labels, strict=False):
    ax.imshow(picture, cmap="gray_r", vmin=-0.5, vmax=1.5)
    ax.set_title(str(label), fontsize=9)
    ax.axis("off")
plt.show()

# %% [markdown]
# **Predict.** Ten classes, random weights: what is the first loss? And what share of the pictures will be right at the
# start?
#
# We learn in *batches* of 50 pictures, shuffled anew for each epoch (one epoch is once through all pictures). Each
# batch gives a noisy gradient for a sixtieth of the work.

# %% tags=["nbval-ignore-output"]
bp.manual_seed(0)
reader = bp.nn.MLP([64, 32, 10])
adam = bp.optim.Adam(reader.parameters(), lr=0.003)
shuffle = np.random.default_rng(0)


def accuracy(pictures, labels):
    with bp.no_grad():
        return (reader(pictures.reshape(-1, 64)).data.argmax(axis=1) == labels).mean()


history, batch_losses = [(accuracy(train_pictures, train_labels), accuracy(test_pictures, test_labels))], []
for _ in tqdm(range(20), desc="epochs"):
    order = shuffle.permutation(len(train_labels))
    for batch in order.reshape(-1, 50):
        loss = bp.cross_entropy(reader(train_pictures[batch].reshape(-1, 64)), train_labels[batch])
        adam.zero_grad()
        loss.backward()
        adam.step()
        batch_losses.append(loss.data)
    history.append((accuracy(train_pictures, train_labels), accuracy(test_pictures, test_labels)))

print(f"first loss {batch_losses[0]:.2f} (chance: log 10 = {math.log(10):.2f})")
print(f"right at the start: {history[0][1]:.0%} of the test pictures")
print(f"right at the end: {history[-1][0]:.0%} of the training pictures, {history[-1][1]:.0%} of the test pictures")

# %%
assert abs(batch_losses[0] - math.log(10)) < 0.3
assert history[0][1] < 0.3
assert history[-1][0] > 0.95
assert history[-1][1] > 0.85

# %% tags=["nbval-ignore-output"]
guesses = reader(test_pictures.reshape(-1, 64)).data.argmax(axis=1)
confusion = np.zeros((10, 10), dtype=int)
np.add.at(confusion, (test_labels, guesses), 1)

fig, (left, right) = plt.subplots(1, 2, figsize=(9.4, 3.8), facecolor="white", layout="constrained")
left.plot([share for share, _ in history], "-", color="black", label="training pictures")
left.plot([share for _, share in history], "--", color="#7A3E9D", label="test pictures")
left.set(xlabel="epoch", ylabel="share that is right", ylim=(0, 1.02), title="Learning to read")
left.legend(fontsize=9)
mistakes = confusion - np.diag(np.diag(confusion))
right.imshow(mistakes, cmap="Oranges")
for (i, j), count in np.ndenumerate(mistakes):
    if count:
        shade = "white" if count > 0.6 * mistakes.max() else "black"
        right.text(j, i, str(count), ha="center", va="center", fontsize=8, color=shade)
right.set(xlabel="what the network said", ylabel="what it was", title="The mistakes on test pictures")
left.set_xticks(range(0, 21, 5))
right.set_xticks(range(10))
right.set_yticks(range(10))
plt.show()

# %% [markdown]
# On the left, the gap between the lines is what the network knows by heart without having understood. (Try
# 1,000 training pictures instead of 3,000: the gap gets more than twice as wide.) On the right, see
# which digits are taken for which: most often 3 and 8, whose glyphs differ in three pixels only.
#
# What does the last number mean? Let us be honest about it. Training and test pictures come from the *same* ten bitmaps
# and the same noise. The test shows that the network can cope with shifts and with noise it has not seen. It says
# nothing about handwriting, nor about a digit drawn one pixel larger. An accuracy is always an accuracy *on something*.
#
# **Predict.** How will it do on the very same test pictures with black and white exchanged, $1 - \text{picture}$, which
# you can read as easily as before?

# %% tags=["nbval-ignore-output"]
inverted = accuracy(1 - test_pictures, test_labels)
clean = accuracy(digits(500, noise=0.0, seed=3)[0], digits(500, noise=0.0, seed=3)[1])
print(f"inverted {inverted:.0%}, without noise {clean:.0%}")

# %%
assert inverted < 0.5 < clean

# %% [markdown]
# ### What a gradient says about a picture
#
# One last thing to watch. A gradient can be asked for at the *input*: which pixels would have to become darker or
# lighter for this picture to be a 3, say? It is the same backward pass, only that we ask $x$ as well.
#
# **Predict.** We show the network an 8 and ask for a 3. Where will the gradient want less ink?

# %% tags=["nbval-ignore-output"]
eight, three = (np.pad(glyphs[digit], ((0, 1), (1, 2))) for digit in (8, 3))
x = bp.parameter(eight.reshape(1, 64))
bp.cross_entropy(reader(x), np.array([3])).backward()
toward_three = -x.grad.reshape(8, 8)
too_much = eight > three  # ink of the 8 that a 3 has not

fig, axes = plt.subplots(1, 2, figsize=(6, 2.8), facecolor="white", layout="constrained")
axes[0].imshow(eight, cmap="gray_r")
axes[0].set_title("an 8")
reach = np.abs(toward_three).max()
image = axes[1].imshow(toward_three, cmap="PuOr_r", vmin=-reach, vmax=reach)
axes[1].set_title("−∂L/∂x for the label 3")
fig.colorbar(image, ax=axes[1])
for ax in axes:
    ax.plot(*np.nonzero(too_much)[::-1], "o", color="white", markeredgecolor="black", markersize=6)
    ax.set(xticks=[], yticks=[])
plt.show()

# %%
assert too_much.sum() == 3
assert toward_three[too_much].mean() < toward_three[~too_much].mean()
assert toward_three[too_much].mean() < 0

# %% [markdown]
# Violet cells ask for less ink, brown ones for more. The dots mark the three pixels that an 8 has and a 3 has not, and
# the violet gathers around them: the network has found what tells the two apart. It is not as clean as you would draw
# it, since nothing has ever required that. A step in this direction changes the picture and not the weights, and if a
# small one is enough to fool the network, it is called an *adversarial example*.

# %% [markdown]
# ## What PyTorch calls this
#
# ```python
# optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
# for step in range(1000):
#     loss = F.binary_cross_entropy_with_logits(net(X), y[:, None])
#     optimizer.zero_grad()
#     loss.backward()
#     optimizer.step()
# ```
#
# | here | in PyTorch |
# |:--|:--|
# | `bp.training_step(loss, optimizer)` | the last three lines; nothing is recorded |
# | `bp.nn.MLP([2, 8, 1], bp.nn.Tanh)` | `nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))` |
# | `deep(bp.nn.ReLU, math.sqrt(6))` | `nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")` |
# | `saved.append(net.state_dict())` | `copy.deepcopy(net.state_dict())`: PyTorch's own dict changes with the network |
# | `np.linalg.norm(p.grad)` | `p.grad.norm()`; all together and with a limit: `nn.utils.clip_grad_norm_` |
# | the plot of norms | TensorBoard's or Weights & Biases' histograms of gradients |
# | slices of shuffled indices | `torch.utils.data.DataLoader(..., batch_size=50, shuffle=True)` |

# %% [markdown]
# ## Exercises
#
# **1. Diagnose.** Three networks do not learn. Their gradient norms, first layer to last, the weights and the biases of
# each taken together, and what else is known:
#
# - (a) `2e-9, 4e-7, 8e-5, 2e-2`; the loss has stayed at log 2 since the start.
# - (b) `0, 0, 0, 3e-2`; exactly zero.
# - (c) `3e-4, 4e-4, 3e-4, 5e-4`; the loss is 0.002.
#
# Answer each with `"vanishing"`, `"dead"` or `"done"`.

# %%
my_a = None
my_b = None
my_c = None

assert str(my_a).lower() in ("none", "vanishing"), "Divide each norm by its neighbour."
assert str(my_b).lower() in ("none", "dead"), "Exactly zero is not small."
assert str(my_c).lower() in ("none", "done"), "Look at the loss."

# %% [markdown]
# <details>
# <summary>Answer to 1</summary>
#
# (a) vanishing: a factor of two hundred from layer to layer. (b) dead: a whole layer of ReLUs is off, so the layers
# below it get exactly nothing; of the last layer only the bias still learns, for its inputs are all 0. (c) done: small
# gradients in all layers alike, and a small loss.
#
# </details>

# %% [markdown]
# **2. How deep is too deep?** In a chain of sigmoid neurons with all $w_k = 1$, each layer multiplies the gradient by
# at most ¼. How many layers does it take until less than a billionth ($10^{-9}$) of it can arrive?

# %%
my_layers = None

assert my_layers is None or 0.25**my_layers < 1e-9, "Not enough: 4 to this power is below a billion."
assert my_layers is None or 0.25 ** (my_layers - 1) >= 1e-9, "One fewer would do."

# %% [markdown]
# <details>
# <summary>Answer to 2</summary>
#
# $4^{15} = 2^{30} \approx 1.07\cdot10^9$, so 15 layers.
#
# </details>

# %% [markdown]
# **3. A budget.** You have 150 steps, the data of section 1, and the network below. Bring the loss under 0.05. You may
# change the line with the optimizer: its kind (`SGD`, `Adam`), the learning rate, `momentum=` of SGD. As it
# stands, it ends above 0.2.

# %%
network = make_network()
optimizer = bp.optim.SGD(network.parameters(), lr=0.5)

for _ in range(150):
    loss = loss_of(network, X, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

final = loss_of(network, X, y).data
print("within the budget!" if final < 0.05 else "not yet below 0.05")

# %% [markdown]
# <details>
# <summary>Answer to 3</summary>
#
# `bp.optim.Adam(network.parameters(), lr=0.1)` does it with room to spare. So does SGD with momentum,
# `bp.optim.SGD(network.parameters(), lr=0.5, momentum=0.9)`: it gathers speed on the plateau. Plain SGD gets there with
# a rate between 4 and 10, which is much for a network; at 15 it is thrown far off. Watch the norms while you try; that
# is what they are for.
#
# </details>

# %%
trials = [  # the line as it stands, and three answers
    lambda parameters: bp.optim.SGD(parameters, lr=0.5),
    lambda parameters: bp.optim.Adam(parameters, lr=0.1),
    lambda parameters: bp.optim.SGD(parameters, lr=0.5, momentum=0.9),
    lambda parameters: bp.optim.SGD(parameters, lr=5.0),
]
ends = []
for make in trials:
    network = make_network()
    optimizer = make(network.parameters())
    for _ in range(150):
        bp.training_step(loss_of(network, X, y), optimizer)
    ends.append(loss_of(network, X, y).data)

assert ends[0] > 0.2
assert max(ends[1:]) < 0.05

# %% [markdown]
# ## What you have learned
#
# - The first loss is known in advance: $\log 2$ for two classes, $\log 10$ for ten. Check it.
# - A network learns the coarse before the fine, with plateaus between. Norms by layer tell a plateau from an illness.
# - Weights and points are all that a step is made of: keep the weights, and any step can be opened later. On a plateau
#   the messages are loud and cancel; at the end there are hardly any.
# - Sigmoids multiply the gradient by ¼ at best, layer after layer: it vanishes geometrically, and the first layers
#   starve. Better slopes, better first weights and shortcuts help.
# - A dead ReLU gets a gradient of exactly zero, and stays where it is.
# - An accuracy is an accuracy on something.
#
# **Practise:** the [exercises](../exercises/ex12-training-watched.ipynb) of this lecture, which answer at once.
#
# **Next:** [Forward mode and Jacobians](A1-forward-mode.ipynb): the same graph, walked the other way.
