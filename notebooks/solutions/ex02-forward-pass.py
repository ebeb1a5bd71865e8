# %% [markdown]
# # Exercises 02: networks as graphs, the forward pass
#
# *For lecture [02](../lectures/02-forward-pass.ipynb), about 40 minutes.*
#
# Each exercise has a cell for you to fill in, and a check below it. Write your answer, run its cell, run the check.
# Where you write a function, the check tries it on numbers that are new every time, and says one line: ✓ and you are
# done; ✗ with a case that you can follow on paper, and a hint. The lines with ✓ that stand here already are what you
# should see at the end; hide them first (*Edit → Clear Outputs of All Cells*). The cell after a check is for your
# teacher; you need not look.
#
# Two things are the same in all of these exercises. A graph is a dict from each node to the list of its **parents**, in
# which leaves have an empty list: `{"x": [], "y": [], "p": ["x", "y"], "L": ["p", "p"]}` is the graph of $p = x\,y$ and
# $\mathcal L = p\,p$. And a picture's $\mathcal L$ is called `"L"` in code.

# %% [markdown]
# ## 1. Somebody is waiting
#
# The graph below has several right orders. In one of its nodes, named above the picture, somebody is interested at
# once: it is to be computed **as early as any right order allows**. Put *all* computed nodes (the ellipses) in such an
# order, as a list of names like `["a", "b", "L"]`.

# %% backprop_viz={"item": "ex02.1", "role": "question"}
from backprop_viz.classroom import question

question("ex02.1")

# %% backprop_viz={"item": "ex02.1", "role": "solution"}
my_order = ...  # ex02.1: the names of the computed nodes in a right order, the urgent one as early as can be
# BEGIN SOLUTION
my_order = ["k", "g", "a", "e", "b", "L"]  # g needs k and nothing else; a, e, b, L can wait
# END SOLUTION

# %% backprop_viz={"item": "ex02.1", "role": "check"}
from backprop_viz.classroom import check

check("ex02.1")

# %% backprop_viz={"item": "ex02.1", "role": "results"}
from backprop_viz.classroom import results

results("ex02.1")

# %% [markdown]
# ## 2. An order for any graph
#
# Now let a function find one. `parents` is a graph as above, its nodes named in no order at all. Return a list of
# **all** its nodes, leaves too, in which each node stands after all of its parents. Any such order is right. And should
# there be a cycle, so that there is no such order, return `None`.
#
# The lecture has one way of doing it. Yours may be another: taking nodes that are ready, asking for parents first, or
# something slower that you can explain to a friend. Try it on `{"L": ["p", "p"], "p": ["x"], "x": []}`, whose only
# order is `["x", "p", "L"]`, and on `{"x": [], "hen": ["egg", "x"], "egg": ["hen"]}`, which has none. (A check that
# does not come back means that yours never stops: *Kernel → Interrupt Kernel*, and think of the hen.)


# %% backprop_viz={"item": "ex02.2", "role": "solution"}
def topological_order(parents):
    """All nodes, each after its parents; None where there is a cycle."""
    # BEGIN SOLUTION
    order = []
    while len(order) < len(parents):
        ready = [node for node in parents if node not in order and all(parent in order for parent in parents[node])]
        if not ready:
            return None
        order += ready
    return order
    # END SOLUTION


# %% backprop_viz={"item": "ex02.2", "role": "check"}
from backprop_viz.classroom import check

check("ex02.2")

# %% backprop_viz={"item": "ex02.2", "role": "results"}
from backprop_viz.classroom import results

results("ex02.2")

# %% [markdown]
# ## 3. Find two bugs
#
# Somebody has improved the forward pass. A program is a list of lines `(name, op, parents)`, in a right order; `op` is
# `"+"`, `"-"` or `"*"`, and there are two parents, the first one left of the sign: `("p", "-", ["x", "y"])` is $p = x -
# y$. `values` is a dict that holds the values of the leaves, and in training it is used again and again.


# %%
def improved_forward(program, values):
    """Compute the nodes one after the other; each value is stored under its name."""
    for name, op, parents in program:
        if name not in values:  # never compute a value twice
            first, second = sorted(parents)  # x + y and y + x are the same
            a, b = values[first], values[second]
            values[name] = {"+": a + b, "-": a - b, "*": a * b}[op]
    return values


improved_forward([("p", "+", ["x", "y"]), ("L", "-", ["p", "x"])], {"x": 2.0, "y": 3.0})

# %% [markdown]
# It works, and its author is content: 5 − 2 is 3. Find the two lines that make it wrong elsewhere, and write
# `mended_forward`, which returns `values` with the right value of every node.


# %% backprop_viz={"item": "ex02.3", "role": "solution"}
def mended_forward(program, values):
    """Compute the nodes one after the other; each value is stored under its name."""
    # BEGIN SOLUTION
    for name, op, parents in program:  # whatever stands under the name may be from the pass before
        first, second = parents  # x - y and y - x are not the same
        a, b = values[first], values[second]
        values[name] = {"+": a + b, "-": a - b, "*": a * b}[op]
    return values
    # END SOLUTION


# %% backprop_viz={"item": "ex02.3", "role": "check"}
from backprop_viz.classroom import check

check("ex02.3")

# %% backprop_viz={"item": "ex02.3", "role": "results"}
from backprop_viz.classroom import results

results("ex02.3")

# %% [markdown]
# ## 4. The work
#
# What does one forward pass cost, if only that is computed which the loss needs? `parents` is a graph without cycles,
# its nodes in any order; operations in it may have one, two or three parents. `loss` is the name of the node that is
# wanted. Return the tuple `(V, E)`: how many nodes have to be computed for it, and how many edges lead into those.
#
# For example, with `{"x": [], "y": [], "p": ["x", "y"], "q": ["y"], "L": ["p", "p"]}` and `"L"` the answer is `(2, 4)`.


# %% backprop_viz={"item": "ex02.4", "role": "solution"}
def count_work(parents, loss):
    """The computed nodes that the loss needs, itself included, and the edges into them."""
    # BEGIN SOLUTION
    needed, todo = {loss}, [loss]
    while todo:
        for parent in parents[todo.pop()]:
            if parent not in needed:
                needed.add(parent)
                todo.append(parent)
    V = sum(1 for node in needed if parents[node])
    E = sum(len(parents[node]) for node in needed)
    return V, E
    # END SOLUTION


# %% backprop_viz={"item": "ex02.4", "role": "check"}
from backprop_viz.classroom import check

check("ex02.4")

# %% backprop_viz={"item": "ex02.4", "role": "results"}
from backprop_viz.classroom import results

results("ex02.4")

# %% [markdown]
# ## 5. A loss of memory
#
# In the graph below nobody remembers anything. Whoever is asked for a value asks along each arrow that leads to it for
# the value it comes from, every time anew, and works out the answer from what it hears. Leaves know their answer;
# asking them is a question too. Somebody asks for $\mathcal L$, which is the first question. How many questions are
# asked in all, that one included?
#
# You need not draw the whole tree. How many questions does one question for the leftmost ellipse lead to, itself
# included? And the next one?

# %% backprop_viz={"item": "ex02.5", "role": "question"}
from backprop_viz.classroom import question

question("ex02.5")

# %% backprop_viz={"item": "ex02.5", "role": "solution"}
questions_for_loss = ...  # ex02.5: how many questions are asked in all, where nobody remembers an answer
# BEGIN SOLUTION
questions_for_loss = 17  # x, y: 1; k: 1 + 1 + 1 = 3; a: 1 + 1 + 3 = 5; h: 1 + 5 + 5 = 11; ℒ: 1 + 5 + 11
# END SOLUTION

# %% backprop_viz={"item": "ex02.5", "role": "check"}
from backprop_viz.classroom import check

check("ex02.5")

# %% backprop_viz={"item": "ex02.5", "role": "results"}
from backprop_viz.classroom import results

results("ex02.5")

# %% [markdown]
# ## 6. An error message
#
# The lines of this program are run from top to bottom with a right forward pass, such as yours of exercise 3, and only
# the leaves have values:
#
# ```python
# program = [
#     ("p", "*", ["x", "y"]),
#     ("q", "+", ["p", "s"]),
#     ("r", "-", ["q", "x"]),
#     ("s", "*", ["r", "y"]),
#     ("L", "+", ["q", "s"]),
# ]
# forward(program, {"x": 2.0, "y": 3.0})
# ```
#
# ```text
# KeyError: 's'
# ```
#
# Which sentence is true?
#
# - **a**: The line of `s` stands too far down. Moved up, right above the line of `q`, it makes the program run.
# - **b**: `s` is a leaf whose value was forgotten. With `"s": 0.0` among the values, all of the program's lines hold.
# - **c**: There is no order of these five lines in which the program runs.
# - **d**: `y` is needed by two lines, and its value is used up after the first of them.
#
# Answer with the letter in quotation marks.

# %% backprop_viz={"item": "ex02.6", "role": "solution"}
reason = ...  # ex02.6: the letter of the true sentence, in quotes
# BEGIN SOLUTION
reason = "c"  # q waits for s, s for r, and r for q: a cycle, of which the error names only where the pass came upon it
# END SOLUTION

# %% backprop_viz={"item": "ex02.6", "role": "check"}
from backprop_viz.classroom import check

check("ex02.6")

# %% backprop_viz={"item": "ex02.6", "role": "results"}
from backprop_viz.classroom import results

results("ex02.6")

# %% [markdown]
# ## Done
#
# You can put a graph in order and know when there is no order; you have seen a pass that trusts numbers from yesterday;
# and you can say what is paid for remembering, and what for forgetting. Go on with [lecture
# 03](../lectures/03-backward-by-induction.ipynb).
