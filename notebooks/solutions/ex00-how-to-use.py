# %% [markdown]
# # Exercises 00: a warm-up
#
# *For lecture [00](../lectures/00-how-to-use.ipynb), about 20 minutes.*
#
# All exercises of the course work like these five, and these five are easy. Each has a cell for you to fill in, and a
# **check** below it. Write your answer, run its cell with **Shift + Enter**, run the check. It says one line:
#
# | the line begins with | it means |
# |:--|:--|
# | **✓** | you are done: your answer was right on numbers that were drawn a moment ago |
# | **✗** | not yet. What follows is a case that you can work out on paper, what your function returned, and a hint |
# | **–** | nothing to judge: the cell is not filled in, or has not been run |
#
# You may run a check as often as you like, and nobody counts. The lines with ✓ that stand here already are what you
# should see at the end; hide them first (*Edit → Clear Outputs of All Cells*). The cell after a check is for your
# teacher; you need not look.
#
# The machine is that of the lecture: $a = w x$, $s = a + b$, $\mathcal L = s^2$, with the knobs $w$ and $b$.

# %% [markdown]
# ## 1. A first function
#
# Return the loss $\mathcal L$ for these three numbers. For $x = 2$, $w = 3$, $b = -4$ it is 4, as you know.
#
# Before you write anything, run the cell as it is, and then the check. Which of the three signs will it be? Then
# replace the line that begins with `raise` by your own, which begins with `return`, and run both cells again.


# %% backprop_viz={"item": "ex00.1", "role": "solution"}
def machine(x, w, b):
    """The loss of the machine with two knobs."""
    # BEGIN SOLUTION
    return (w * x + b) ** 2
    # END SOLUTION


# %% backprop_viz={"item": "ex00.1", "role": "check"}
from backprop_viz.classroom import check

check("ex00.1")

# %% backprop_viz={"item": "ex00.1", "role": "results"}
from backprop_viz.classroom import results

results("ex00.1")

# %% [markdown]
# That was too easy to go wrong? Then spoil it: take the `** 2` away, run the cell and the check, and read what it says.
# Mend it again before you go on.

# %% [markdown]
# ## 2. Black, red, blue
#
# The picture shows the same machine with other numbers, after its last step. Nothing has to be computed. Read off three
# numbers, in this order, and type them in place of the dots, with brackets around them and commas between, as in
# `(1.5, -2, 0.5)`:
#
# - the **value** of the node $a$;
# - the **red** number of the node $a$, its backpropagated gradient;
# - the **blue** number on the arrow from $w$ to $a$, the local gradient.

# %% backprop_viz={"item": "ex00.2", "role": "question"}
from backprop_viz.classroom import question

question("ex00.2")

# %% backprop_viz={"item": "ex00.2", "role": "solution"}
reading = ...  # ex00.2: the value of a, its red number, the blue number on the arrow from w to a
# BEGIN SOLUTION
reading = (5, 9, 2)  # in the ellipse, in the frame below it, and the right factor on the tile beside w
# END SOLUTION

# %% backprop_viz={"item": "ex00.2", "role": "check"}
from backprop_viz.classroom import check

check("ex00.2")

# %% backprop_viz={"item": "ex00.2", "role": "results"}
from backprop_viz.classroom import results

results("ex00.2")

# %% [markdown]
# A question with a picture keeps its numbers when you run it again. Only after three wrong answers does the check ask
# you to change the picture's cell, to `question("ex00.2", 2)`, and to run it: those are the second numbers. What stands
# in that cell when you hand in is what your answer is judged by.

# %% [markdown]
# ## 3. How many steps?
#
# A larger machine. Its forward pass is done, the red frames are empty. If you gave it to the player, how many steps
# would the player have, from the first value to the last message? (The lecture's machine had 8.)

# %% backprop_viz={"item": "ex00.3", "role": "question"}
from backprop_viz.classroom import question

question("ex00.3")

# %% backprop_viz={"item": "ex00.3", "role": "solution"}
steps = ...  # ex00.3: how many steps the player of this graph has, a whole number
# BEGIN SOLUTION
steps = 4 + 1 + 5  # four ellipses, the red 1, messages to the three ellipses before the loss and to the two boxes
# END SOLUTION

# %% backprop_viz={"item": "ex00.3", "role": "check"}
from backprop_viz.classroom import check

check("ex00.3")

# %% backprop_viz={"item": "ex00.3", "role": "results"}
from backprop_viz.classroom import results

results("ex00.3")

# %% [markdown]
# ## 4. A bug to mend
#
# Somebody has written the way back as a program, one line for each number. The names are those of the picture. But the
# lecture has found 8 for $w$ and 4 for $b$, and this is what comes out:


# %%
def broken(x, w, b):
    """The red numbers of w and of b. One line is wrong."""
    s = w * x + b
    red_s = 1 * 2 * s
    red_a = red_s * 1
    red_b = red_s * 1
    red_w = red_a * w
    return red_w, red_b


broken(2, 3, -4)

# %% [markdown]
# Copy its lines, from `s = …` on, into the function below, in place of the line that begins with `raise`, and mend the
# one that is wrong; or write your own. The function takes the three numbers and returns two, the red number of `w` and
# then that of `b`.


# %% backprop_viz={"item": "ex00.4", "role": "solution"}
def red_numbers(x, w, b):
    """The red numbers of w and of b: ∂ℒ/∂w, ∂ℒ/∂b."""
    # BEGIN SOLUTION
    s = w * x + b
    red_s = 1 * 2 * s
    red_a = red_s * 1
    red_b = red_s * 1
    red_w = red_a * x  # a = w x answers to w with x
    return red_w, red_b
    # END SOLUTION


# %% backprop_viz={"item": "ex00.4", "role": "check"}
from backprop_viz.classroom import check

check("ex00.4")

# %% backprop_viz={"item": "ex00.4", "role": "results"}
from backprop_viz.classroom import results

results("ex00.4")

# %% [markdown]
# When a check of gradients fails, there is also a picture: `check("ex00.4").show()`, in a cell of your own, opens the
# player on a wrong case, at the first arrow that brings another number than yours. If you like, break your function
# once more and try it.

# %% [markdown]
# ## 5. An error to read
#
# Yesterday you put the three lines that make `a`, `s` and `L` into three cells, ran them, and all was well. Today you
# open the notebook again, click on the third of these cells, press Shift + Enter, and get this:
#
# ```
# ----> 1 L = s**2
#
# NameError: name 's' is not defined
# ```
#
# Errors are read from the bottom: the last line says what is wrong, and above it an arrow says where. What is the
# cause?
#
# - **a.** The value of `s` is 0 at present, and 0 counts as not computed.
# - **b.** There has been no backward pass yet, so `s` has no red number.
# - **c.** The cell that makes `s` has not been run since Python was started.
# - **d.** The package does not know the operation `**`.
#
# Type the letter, in quotes, in place of the dots.

# %% backprop_viz={"item": "ex00.5", "role": "solution"}
cause = ...  # ex00.5: the letter of the cause, in quotes
# BEGIN SOLUTION
cause = (
    "c"  # names live in Python's memory, and are gone when it stops; what is stored is only the text and the results
)
# END SOLUTION

# %% backprop_viz={"item": "ex00.5", "role": "check"}
from backprop_viz.classroom import check

check("ex00.5")

# %% backprop_viz={"item": "ex00.5", "role": "results"}
from backprop_viz.classroom import results

results("ex00.5")

# %% [markdown]
# ## Done
#
# You can read a picture, count its steps, and make sense of what a check or an error has to say. *Kernel → Restart
# Kernel and Run All Cells* is the way out of most troubles. Go on with
# [lecture 01](../lectures/01-loss-surfaces.ipynb), where the knobs become a landscape.
