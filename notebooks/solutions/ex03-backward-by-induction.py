# %% [markdown]
# # Exercises 03: backward by induction
#
# *For lecture [03](../lectures/03-backward-by-induction.ipynb), about 40 minutes.*
#
# Each exercise has a cell for you to fill in, and a check below it. Write your answer, run its cell, run the check.
# Where you write a function, the check tries it on numbers that are new every time, and says one line: ✓ and you are
# done; ✗ with a case that you can follow on paper, and a hint. The lines with ✓ that stand here already are what you
# should see at the end; hide them first (*Edit → Clear Outputs of All Cells*). The cell after a check is for your
# teacher; you need not look.
#
# **Red** is the backpropagated gradient of a node, $\partial\mathcal L/\partial w$. **Blue** is the local gradient of
# an arrow, $\partial u/\partial w$, from a parent $w$ to its child $u$. In code a picture's $\mathcal L$ is called
# `"L"`.

# %% [markdown]
# ## 1. A chain of four, by hand
#
# A square bed has sides of $x$ metres, and its area is $a$. There is seed for so many square metres; $b$ is how many
# remain, or, if negative, are missing. Each is worth some coins, $c$ in all, and the loss is the square of that.
#
# The forward pass is done. Now walk back with a pencil, and write down the four red numbers in the order in which you
# find them: at $c$, at $b$, at $a$, at $x$. The tuple has the form `(1.5, -2, 0.25, 10)`.

# %% backprop_viz={"item": "ex03.1", "role": "question"}
from backprop_viz.classroom import question

question("ex03.1")

# %% backprop_viz={"item": "ex03.1", "role": "solution"}
red_numbers = ...  # ex03.1: (at c, at b, at a, at x), the red numbers in the order in which they are found
# BEGIN SOLUTION
red_numbers = (6, 18, -18, -108)  # 1 · 2c = 6, then 6 · 3, then 18 · (-1), then -18 · 2x
# END SOLUTION

# %% backprop_viz={"item": "ex03.1", "role": "check"}
from backprop_viz.classroom import check

check("ex03.1")

# %% backprop_viz={"item": "ex03.1", "role": "results"}
from backprop_viz.classroom import results

results("ex03.1")

# %% [markdown]
# If your answer is wrong, `check("ex03.1").show()` in a cell of your own opens the player at the first arrow that
# brings another number than yours. That picture has the answer in it, so you then go on with the question's next
# numbers, as you do after three wrong answers: change its cell to `question("ex03.1", 2)`, and run it.

# %% [markdown]
# ## 2. What one node does
#
# The inductive step, from the sender's side. A node `child` is done, and it is its turn to send. `parents` is the list
# of its parents' names, and `blue` the list of the local gradients of its arrows, in the same order; a parent that
# fills two places stands there twice. `red` is a dict from the name of a node to the red number that has come together
# there so far; whoever has heard nothing yet is not in it.
#
# Change `red` so that it holds what is there after this node has sent all its messages. Nothing needs to be returned.
# For example, after
#
# ```python
# red = {"u": 3.0, "y": -4.0}
# send("u", ["y", "x"], [4.0, 0.5], red)
# ```
#
# `red` is `{"u": 3.0, "y": 8.0, "x": 1.5}`.


# %% backprop_viz={"item": "ex03.2", "role": "solution"}
def send(child, parents, blue, red):
    """Add to red what this child sends to each of its parents."""
    # BEGIN SOLUTION
    for parent, local in zip(parents, blue, strict=True):
        red[parent] = red.get(parent, 0) + red[child] * local
    # END SOLUTION


# %% backprop_viz={"item": "ex03.2", "role": "check"}
from backprop_viz.classroom import check

check("ex03.2")

# %% backprop_viz={"item": "ex03.2", "role": "results"}
from backprop_viz.classroom import results

results("ex03.2")

# %% [markdown]
# ## 3. Who is next?
#
# Somebody stops a backward pass halfway. Which nodes can be dealt with next, because nothing that is still to come
# could change their red number?
#
# `parents` is a graph: a dict from each node to the list of its parents, leaves with an empty list, in no order at all.
# `done` is the list of the nodes that have been dealt with: their red number is complete, and they have sent their
# messages. Leaves send nothing, but they too have to be dealt with. Return a list of the names that can be next, each
# once, in any order. Also think of the very beginning, when `done` is empty.
#
# For example, in `{"x": [], "y": ["x"], "u": ["y"], "v": ["y", "x"], "L": ["u", "v"]}` with `["L", "u"]` done, only
# `["v"]` can be next: $y$ and $x$ wait for it.


# %% backprop_viz={"item": "ex03.3", "role": "solution"}
def ready_nodes(parents, done):
    """The nodes that can be dealt with next in a backward pass."""
    # BEGIN SOLUTION
    found = []
    for node in parents:
        children = [child for child in parents if node in parents[child]]
        if node not in done and all(child in done for child in children):
            found.append(node)
    return found
    # END SOLUTION


# %% backprop_viz={"item": "ex03.3", "role": "check"}
from backprop_viz.classroom import check

check("ex03.3")

# %% backprop_viz={"item": "ex03.3", "role": "results"}
from backprop_viz.classroom import results

results("ex03.3")

# %% [markdown]
# ## 4. What is kept
#
# Memory is short. After the forward pass of the graph below you may keep the **values** of some nodes and must forget
# the others; then the backward pass comes, and it is to find the red numbers of all nodes. What was forgotten is not
# computed again, even where that could be done.
#
# Which values have to be kept, because a blue number is made of them? Take each blue number as the lecture's tables
# have it: for $u = a\,b$ it is $b$ towards $a$ and $a$ towards $b$, for $u = a^2$ it is $2a$. Name these nodes and no
# others, as a list like `["x", "L"]`; leaves count too, and the order does not matter.

# %% backprop_viz={"item": "ex03.4", "role": "question"}
from backprop_viz.classroom import question

question("ex03.4")

# %% backprop_viz={"item": "ex03.4", "role": "solution"}
kept = ...  # ex03.4: the names of the nodes whose values the way back needs
# BEGIN SOLUTION
kept = ["y", "x", "c", "g", "a"]  # y·x needs both, c² needs c, g·a needs both; x + k and g - 1 need nothing
# END SOLUTION

# %% backprop_viz={"item": "ex03.4", "role": "check"}
from backprop_viz.classroom import check

check("ex03.4")

# %% backprop_viz={"item": "ex03.4", "role": "results"}
from backprop_viz.classroom import results

results("ex03.4")

# %% [markdown]
# ## 5. Find two bugs
#
# A chain is given by its first value `x` and a list of steps, each an operation and a number: `("+", 3.0)` adds 3,
# `("*", -2.0)` multiplies by −2, and `("**", 2)` squares (the only power there is). The function below is to return the
# red numbers of all nodes of the chain, from that of `x` to that of the loss, which is the last node.


# %%
def chain_gradients(x, steps):
    """The red numbers of a chain: of x first, of the loss last."""
    values = [x]
    for op, k in steps:
        value = values[-1]
        values.append(value + k if op == "+" else value * k if op == "*" else value**2)
    red = [values[-1]]
    for i in reversed(range(len(steps))):
        (op, k), value = steps[i], values[i + 1]
        blue = 1 if op == "+" else k if op == "*" else 2 * value
        red.append(red[-1] * blue)
    return red[::-1]


chain_gradients(1.0, [("**", 2), ("*", 1.0)])  # x = 1, its square, the same times 1

# %% [markdown]
# For this chain the numbers are right. ($\mathcal L = x^2$ at $x = 1$, and its slope there is 2.) For most others they
# are not: two lines have a bug each. Find out which, and write the function anew as `mended_gradients`. It need not
# look like the one above. (After a ✗, `check("ex03.5").show()` opens the player on a chain of three steps, its nodes
# named $x$, $a$, $b$, $\mathcal L$, where your red numbers first part from the right ones.)


# %% backprop_viz={"item": "ex03.5", "role": "solution"}
def mended_gradients(x, steps):
    """The red numbers of a chain: of x first, of the loss last."""
    # BEGIN SOLUTION
    values = [x]
    for op, k in steps:
        value = values[-1]
        values.append(value + k if op == "+" else value * k if op == "*" else value**2)
    red = [1]  # the base step, whatever the loss is
    for i in reversed(range(len(steps))):
        (op, k), value = steps[i], values[i]  # what went into the step, not what came out
        blue = 1 if op == "+" else k if op == "*" else 2 * value
        red.append(red[-1] * blue)
    return red[::-1]
    # END SOLUTION


# %% backprop_viz={"item": "ex03.5", "role": "check"}
from backprop_viz.classroom import check

check("ex03.5")

# %% backprop_viz={"item": "ex03.5", "role": "results"}
from backprop_viz.classroom import results

results("ex03.5")

# %% [markdown]
# ## 6. An error message
#
# Three errors were measured and squared, and somebody wants to know how to make them small. Run the cell and read what
# the engine says.

# %%
import backprop_viz as bp

errors = bp.parameter([1.0, 0.0, -2.0])
squares = errors**2
try:
    squares.backward()
except RuntimeError as error:
    print(f"RuntimeError: {error}")

# %% [markdown]
# Why does it refuse?
#
# - **a**: An array cannot have a gradient, so `errors` has to be taken apart into three parameters.
# - **b**: The walk begins with how the loss answers to itself, and three numbers are not *one* loss.
# - **c**: The forward pass has not been run yet, so there are no values to make blue numbers of.
# - **d**: The second error is 0, and at 0 a square has no slope.
#
# Answer with the letter in quotation marks.

# %% backprop_viz={"item": "ex03.6", "role": "solution"}
reason = ...  # ex03.6: the letter of the true sentence, in quotes
# BEGIN SOLUTION
reason = "b"  # the base step needs one number; squares.mean() is one, and its gradient has a number for each error
# END SOLUTION

# %% backprop_viz={"item": "ex03.6", "role": "check"}
from backprop_viz.classroom import check

check("ex03.6")

# %% backprop_viz={"item": "ex03.6", "role": "results"}
from backprop_viz.classroom import results

results("ex03.6")

# %% [markdown]
# ## Done
#
# You have walked a chain back by hand, written the inductive step, said who may go next, and know what has to be kept
# for the way, and where it begins. Go on with [lecture 04](../lectures/04-two-gradients.ipynb), where the messages
# meet.
