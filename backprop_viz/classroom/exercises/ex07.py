"""Exercises on whole layers: softmax, cross-entropy, a linear layer, un-broadcasting, and slips that keep the shape."""

from __future__ import annotations

import numpy as np

from ...autograd.functions.constructors import parameter, tensor
from ...autograd.functions.losses import cross_entropy
from ...autograd.functions.products import matmul
from ...autograd.functions.reductions import softmax
from ...autograd.tensor import Tensor
from ..dyadic import Array, Dyadic
from ..item import Item, Mistake
from ..picture import asked
from .ex07_hidden import PLANTED, answering
from .letters import choice
from .slips import flipped

Three = tuple[Array, Array, Array]


# ---------------------------------------------------------------------- 1: through a softmax, on paper
def _vote(z: Array, v: Array) -> Tensor:
    """A loss that weighs the probabilities of some classes."""
    z_ = parameter(z, name="z")
    a = softmax(z_, 0)
    a.name = "a"
    L = matmul(tensor(v, name="v"), a)
    L.name = "L"
    return L


def _equal_scores(draw: Dyadic) -> tuple[Array, Array]:
    """Four equal scores, and four different whole numbers whose mean is one as well, and not 0."""
    mean = draw.one_of([1, 2, 3])
    steps = draw.one_of([[-3, -1, 0, 4], [-4, -1, 2, 3], [-3, -2, 1, 4], [-4, 0, 1, 3]])
    return np.full(4, draw.number(-2, 2)), mean + np.array(draw.shuffled(steps), dtype=np.float64)


SOFTMAX = Item(
    id="ex07.1",
    name="gradient_of_z",
    ask="the four red numbers that belong under z, as a list",
    kind="value",
    truth=lambda z, v: (v - v.mean()) / 4,
    cases=_equal_scores,
    hint="The scores are equal, so each probability is 1/4. Which red numbers reach a, and how does softmax mix them?",
    figure=lambda z, v: asked(_vote(z, v)),
    mistakes=(
        Mistake("M10", lambda z, v: v * 3 / 16,
                "That is the diagonal of the Jacobian alone. A probability depends on all scores, not just its own."),
        Mistake("M10", lambda z, v: 0.25 - v,
                "Prediction minus truth belongs to cross-entropy. This loss is another one, and v is not a truth."),
        Mistake("M2", lambda z, v: np.full(4, 3 / 16),
                "Those are local gradients, of each probability by its own score. Where are the red numbers of a?"),
        Mistake("M2", lambda z, v: v, "Those red numbers belong under a. They have still to go through softmax."),
        Mistake("no sum", lambda z, v: v / 4,
                "Red times probability is half of the rule: what do the probabilities, which add up to 1, take back?"),
        Mistake("M12", lambda z, v: (v.mean() - v) / 4,
                "The size is right. If z grows where v is large, does the loss grow or shrink?"),
        Mistake("factor", lambda z, v: v - v.mean(),
                "One factor is left out: how much a score moves its own probability depends on that probability too."),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 2: cross-entropy, some samples unlabelled
def _labelled(draw: Dyadic) -> tuple[Array, Array]:
    """Rows of eighths that add up to 1, and a class for each row; -1 where there is none."""
    known, unknown = draw.one_of([(2, 1), (2, 1), (2, 0), (1, 1), (1, 2)])
    rows = []
    for _ in range(known + unknown):
        first = draw.integer(1, 5)
        second = draw.integer(1, 7 - first)
        rows.append(draw.shuffled([first, second, 8 - first - second]))
    classes = [draw.integer(0, 2) for _ in range(known)] + [-1] * unknown
    return np.array(rows) / 8, np.array(draw.shuffled(classes))


def _truths(P: Array, classes: Array) -> Array:
    """A row for each sample, 1 in the right class; zeros where there is none."""
    truths: Array = (np.arange(P.shape[1]) == np.asarray(classes)[:, None]).astype(np.float64)
    return truths


def _cross_entropy(P: Array, classes: Array) -> Array:
    known = np.asarray(classes) >= 0
    G: Array = (P - _truths(P, classes)) * known[:, None] / known.sum()
    return G


def _last_class(P: Array, classes: Array) -> Array:
    """What indexing with -1 does: it takes the last class."""
    return np.asarray(P - np.eye(P.shape[1])[classes])


def _known(classes: Array) -> int:
    return int((np.asarray(classes) >= 0).sum())


def _labelled_loss(P: Array, classes: Array) -> Tensor:
    """The mean cross-entropy of the rows that have a class."""
    Z, known = parameter(np.log(P), name="Z"), np.flatnonzero(classes >= 0)
    labelled = Z[known]
    L = cross_entropy(labelled, tensor(classes[known], name="classes"))
    labelled.name, L.name = "labelled", "L"
    return L


LAST = "Look at a sample of class -1. To NumPy the index -1 is the last class; here it means none."
CROSS_ENTROPY = Item(
    id="ex07.2",
    name="cross_entropy_backward",
    ask="return the gradient of the loss with respect to Z, an array like P",
    truth=_cross_entropy,
    cases=_labelled,
    count=20,
    hint="Take one row by itself: how does its own loss, if it has one, answer to its scores? Then think of the mean.",
    graph=_labelled_loss,
    nodes=("Z",),
    mistakes=(
        Mistake("M14", lambda P, classes: _cross_entropy(P, classes) * _known(classes),
                "That is the gradient of the sum of the losses; the loss is their mean."),
        Mistake("M14", lambda P, classes: _cross_entropy(P, classes) * _known(classes) / len(P),
                "A mean over what? The samples without a class have no loss, so they do not count."),
        Mistake("M14", lambda P, classes: _cross_entropy(P, classes) / P.shape[1],
                "You divided by the number of classes too. A sample has one loss, however many classes there are."),
        Mistake("last class", lambda P, classes: _last_class(P, classes) / len(P), LAST),
        Mistake("last class", lambda P, classes: _last_class(P, classes) / _known(classes), LAST),
        Mistake("unlabelled", lambda P, classes: (P - _truths(P, classes)) / _known(classes),
                "A sample without a class has no part in the loss. How does the loss answer to its scores?"),
        Mistake("M12", lambda P, classes: -_cross_entropy(P, classes),
                "The sign: if the right class's score grows, does the loss grow or shrink?"),
        Mistake("M10", lambda P, classes: _cross_entropy(P, classes) * _truths(P, classes),
                "The wrong classes have gradients too: their scores should go down."),
        Mistake("M2", lambda P, classes: -_truths(P, classes) / P / _known(classes),
                "That is how the loss answers to P. Asked is Z, on the other side of softmax."),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 3: a linear layer, samples in columns
def _linear(X: Array, W: Array, G: Array) -> Three:
    return W.T @ G, G @ X.T, G.sum(axis=1)


def _columns(draw: Dyadic) -> Three:
    into, out, samples = draw.one_of([(2, 3, 2), (3, 2, 2), (2, 2, 3), (2, 2, 2), (2, 2, 2), (3, 2, 4)])
    return draw.array(into, samples), draw.array(out, into), draw.array(out, samples)


def _layer(X: Array, W: Array, G: Array) -> Tensor:
    """A loss that answers to the layer's Z with G."""
    b = parameter(np.zeros(len(W)), name="b")
    Z = parameter(W, name="W") @ parameter(X, name="X") + b[:, None]
    return answering(Z, "Z", G, "G")


def _untransposed(X: Array, W: Array, G: Array) -> Three:
    """W as it is, where the shapes let it pass."""
    dX, dW, db = _linear(X, W, G)
    return (W @ G if W.shape[0] == W.shape[1] else dX), dW, db


LINEAR = Item(
    id="ex07.3",
    name="linear_backward",
    ask="return dX, dW, db",
    graph=_layer,
    nodes=("X", "W", "b"),
    truth=_linear,
    cases=_columns,
    count=20,
    hint="Element by element: into which numbers of Z does an entry go? Its gradient is the sum over just these.",
    mistakes=(
        Mistake("M5", _untransposed,
                "Where W is square, dX is wrong in spite of its shape: over which index of W is the sum?"),
        Mistake("M5", lambda X, W, G: (G.T @ W, G @ X.T, G.sum(axis=1)),
                "dX lies on its side: it is shaped like X, and has a column for each sample."),
        Mistake("M5", lambda X, W, G: (W.T @ G, X @ G.T, G.sum(axis=1)),
                "dW lies on its side: it is shaped like W, with a row for each unit that is led to."),
        Mistake("M6", lambda X, W, G: (W.T @ G, G @ X.T, G),
                "db: the bias was repeated for each sample. It has one number for each unit, and so has its gradient."),
        Mistake("M6", lambda X, W, G: (W.T @ G, G @ X.T, G.sum(axis=0)),
                "db: you summed over the units. A unit's bias is shared by the samples, and here these are columns."),
        Mistake("M6", lambda X, W, G: (W.T @ G, G @ X.T, G.sum(axis=1, keepdims=True)),
                "db: the numbers are right, the shape is not. b is (units,), and its gradient is shaped like it."),
        Mistake("M14", lambda X, W, G: (W.T @ G, G @ X.T / X.shape[1], G.mean(axis=1)),
                "You divided by the number of samples. If the loss is a mean, G has that factor in it already."),
        Mistake("M14", lambda X, W, G: (W.T @ G, G @ X.T, G.mean(axis=1)),
                "db: contributions of the samples are added. If the loss is a mean, G has that factor in it already."),
        Mistake("M12", flipped(_linear), "All signs are turned. With W = 1 and X = 1, does Z grow or shrink with X?"),
        Mistake("M2", lambda X, W, G: _linear(X, W, np.ones_like(G)),
                "Those are sums of local gradients. What comes from above, G, is left out."),
        Mistake("M1", lambda X, W, G: (W.T @ G, np.outer(G[:, -1], X[:, -1]), G[:, -1]),
                "dW and db hear from the last sample alone: what the others send must not be overwritten."),
        Mistake("order", lambda X, W, G: (G @ X.T, W.T @ G, G.sum(axis=1)),
                "dX and dW have changed places: each is shaped like the array it belongs to, and dX comes first."),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 4: what was repeated is summed
def _scaled(X: Array, c: Array, s: Array, G: Array) -> Three:
    return G * c * s, (G * X * s).sum(axis=1, keepdims=True), (G * c * X).sum(axis=0)


def _scales(draw: Dyadic) -> tuple[Array, Array, Array, Array]:
    samples, features = draw.one_of([(2, 3), (3, 2), (2, 2), (3, 3)])
    return draw.array(samples, features), draw.array(samples, 1), draw.array(features), draw.array(samples, features)


def _scaling(X: Array, c: Array, s: Array, G: Array) -> Tensor:
    """A loss that answers to the scaled samples with G."""
    return answering(parameter(c, name="c") * parameter(X, name="X") * parameter(s, name="s"), "Z", G, "G")


ACROSS = "The sums run across: c_i is shared by the features of sample i, s_j by the samples."
UNBROADCAST = Item(
    id="ex07.4",
    name="scaled_backward",
    ask="return dX, dc, ds",
    graph=_scaling,
    nodes=("X", "c", "s"),
    truth=_scaled,
    cases=_scales,
    hint="Write one entry of Z with its indices: z_ij = c_i · x_ij · s_j. In which entries of Z is c_i, in which s_j?",
    mistakes=(
        Mistake("M6", lambda X, c, s, G: (G * c * s, G * X * s, G * c * X),
                "dc and ds are as large as Z. c and s were repeated to fit; what comes back to one number is summed."),
        Mistake("M6", lambda X, c, s, G: (G * c * s, (G * X * s).sum(axis=1), (G * c * X).sum(axis=0)),
                "dc: the numbers are right, the shape is not. c is a column, (samples, 1), and so is its gradient."),
        Mistake("M6", lambda X, c, s, G: (*_scaled(X, c, s, G)[:2], (G * c * X).sum(axis=0, keepdims=True)),
                "ds: the numbers are right, the shape is not. s is (features,), and so is its gradient."),
        Mistake("M6", lambda X, c, s, G: (G * c * s, (G * X * s).sum(axis=0), (G * c * X).sum(axis=1)), ACROSS),
        Mistake("M6", lambda X, c, s, G: (G * c * s, (G * X * s).sum(axis=0)[None], (G * c * X).sum(axis=1)), ACROSS),
        Mistake("M14",
                lambda X, c, s, G: (G * c * s, (G * X * s).mean(axis=1, keepdims=True), (G * c * X).mean(axis=0)),
                "Contributions are added, not averaged."),
        Mistake("M12", flipped(_scaled), "All signs are turned. If all numbers were 1, would Z grow or shrink with c?"),
        Mistake("M1", lambda X, c, s, G: (G * c * s, (G * X * s)[:, -1:], (G * c * X)[-1]),
                "dc and ds: the last contribution has overwritten those before it. They are added."),
        Mistake("M2", lambda X, c, s, G: (c * s + 0 * X, (X * s).sum(axis=1, keepdims=True), (c * X).sum(axis=0)),
                "Those are sums of local gradients. What comes from above, G, is left out."),
        Mistake("M3", lambda X, c, s, G: (G * c * s, (G * X * c).sum(axis=1, keepdims=True), (G * s * X).sum(axis=0)),
                "The blue number of c in c · x · s has no c in it; and that of s has no s."),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 6: a far error (5 is in ex07_hidden.py)
MESSAGE = choice(
    "ex07.6",
    "line_to_mend",
    "c",
    Mistake("product", lambda: "a",
            "X @ W went well: its result is the (4,3) of the message. Which other array of that line is (5,3)?"),
    Mistake("batch", lambda: "b",
            "A batch may have any size, no layer depends on it. Which array remembers the size 5, and why?"),
    Mistake("in place", lambda: "d",
            "With -= the program stops earlier, which is kind of it. But the gradient is as wrong as before."),
)  # fmt: skip

ITEMS = (SOFTMAX, CROSS_ENTROPY, LINEAR, UNBROADCAST, PLANTED, MESSAGE)
