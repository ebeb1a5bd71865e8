"""Exercises on the forward pass: an order of the nodes, stale values, the work, and what forgetting costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..dyadic import Dyadic
from ..item import Item, Mistake
from ..picture import asked
from .dags import (
    LEAVES,
    Parents,
    computed,
    connected,
    depth,
    drawn,
    early,
    loss_of,
    misfit,
    named,
    names_in,
    needed,
    peeled,
    questions,
    work,
)
from .letters import choice

Program = list[tuple[str, str, list[str]]]

# ---------------------------------------------------------------------- 1: an order by hand
BACKWARDS = "You went against the arrows: this is the order of a way back, where children come before their parents."
LATER = "The urgent node could be computed earlier: not all of the nodes before it are needed for it."


def _urgent(draw: Dyadic) -> tuple[Parents, str]:
    """A graph, and a node for which some nodes further left need not be computed."""

    def choices(parents: Parents) -> list[str]:
        order = computed(parents)
        return [
            node
            for node in order[2:-1]
            if 2 <= len(needed(parents, node) - set(LEAVES)) <= order.index(node)
            and depth(parents, node) < depth(parents, "L")
        ]

    def fits(parents: Parents) -> bool:
        simple = all(len({*own}) == len(own) for own in parents.values())
        return simple and connected(parents) and bool(choices(parents))

    parents = drawn(draw, 6, fits)
    return parents, draw.one_of(choices(parents))


def _early_order(parents: Parents, urgent: str) -> list[str]:
    return sorted(computed(parents), key=lambda node: node not in needed(parents, urgent))


def _late_order(parents: Parents, urgent: str) -> list[str]:
    return sorted(computed(parents), key=lambda node: urgent in needed(parents, node))


def _judge_urgent(answer: Any, parents: Parents, urgent: str) -> str | None:
    order = names_in(answer, parents, ordered=True)
    if order is None:
        return 'The answer is a list of names, such as ["a", "b"].'
    if {*order} & {*LEAVES}:
        return "Leaves are given, not computed: only the ellipses are to be put in order."
    if fault := misfit(order, computed(parents)):
        return fault
    if early(order[::-1], parents) is None:
        return BACKWARDS
    if late := early(order, parents):
        return f"{late[0]} cannot be computed yet: an arrow leads to it from {late[1]}, which stands behind it."
    if order.index(urgent) >= len(needed(parents, urgent) - set(LEAVES)):
        return LATER
    return None


ORDER = Item(
    id="ex02.1",
    name="my_order",
    ask="the names of the computed nodes in a right order, the urgent one as early as can be",
    kind="value",
    truth=_early_order,
    cases=_urgent,
    judge=_judge_urgent,
    hint="A node can be computed once all the nodes with an arrow to it have been.",
    figure=lambda parents, urgent: asked(
        loss_of(parents), show="symbols", expressions=False, title=f"Urgent: {urgent}"
    ),
    mistakes=(
        Mistake("M4", lambda parents, urgent: _early_order(parents, urgent)[::-1], BACKWARDS),
        Mistake("late", _late_order, LATER),
    ),
)


# ---------------------------------------------------------------------- 2: an order of any graph
AS_GIVEN = "A node stands before one of its parents. The order in which the dict names them promises nothing."
NO_LEAVES = "All nodes belong in the order, the leaves too: they come before what is computed from them."
NO_ORDER = "Some nodes wait for each other in a circle here, so no order is right. What was to be returned then?"
NO_CYCLE = "There is no cycle here, and you returned None. Does every node become ready, also one with a parent twice?"
ENDLESS = "Some nodes wait for each other in a circle here, and your function goes round in it for ever."
TWICE = "A parent stands twice in a list: two edges. Count them in the same way when you wait and when you cross off."


def _any_graph(draw: Dyadic) -> tuple[Parents]:
    """A graph in no order, now and then with a cycle."""
    parents = drawn(draw, draw.integer(2, 4), connected)
    if draw.integer(0, 2) == 0:
        node = draw.one_of([name for name in computed(parents) if name != "L"])
        above = [name for name in parents if name != node and node in needed(parents, name)]
        parents[node][draw.integer(0, 1)] = draw.one_of(above)
    return ({name: parents[name] for name in draw.shuffled(list(parents))},)


def _topological(parents: Parents, crosses: Callable[[list[str], str], int] = list.count) -> list[str] | None:
    order = peeled(parents, crosses)
    return order if len(order) == len(parents) else None


def _judge_topological(answer: Any, parents: Parents) -> str | None:
    right = _topological(parents)
    if answer is None:
        return None if right is None else NO_CYCLE
    order = names_in(answer, parents, ordered=True)
    if order is None:
        return "The answer is a list of names, or None."
    if right is None:
        return NO_ORDER
    if computed(parents) and sorted(order) == sorted(computed(parents)):
        return NO_LEAVES
    return misfit(order, list(parents)) or (AS_GIVEN if early(order, parents) else None)


TOPOLOGICAL = Item(
    id="ex02.2",
    name="topological_order",
    ask="return all nodes in a topological order, None where there is a cycle",
    truth=_topological,
    cases=_any_graph,
    observe=named,
    judge=_judge_topological,
    hint="Take a node when all of its parents have been taken.",
    count=40,
    mistakes=(
        Mistake("M4", lambda parents: list(parents), AS_GIVEN),
        Mistake("leaves", lambda parents: [v for v in _topological(parents) or () if parents[v]] or None, NO_LEAVES),
        Mistake("cycle", peeled, NO_ORDER),
        Mistake("M11", lambda parents: _topological(parents, lambda own, parent: int(parent in own)), TWICE),
        Mistake("endless", lambda parents: _topological(parents) or [needed(parents, v) for v in parents], ENDLESS),
    ),
)


# ---------------------------------------------------------------------- 3: a planted bug
def _old_and_new(draw: Dyadic) -> tuple[Program, dict[str, float]]:
    """Three lines, numbers in the leaves, and mostly old ones in some of the rest."""
    names = draw.shuffled("abcdpqxy")[:5]
    program: Program = []
    for i in range(2, 5):
        other = draw.one_of(names[: i - 1])
        program.append((names[i], draw.one_of("+-*-"), draw.shuffled([names[i - 1], other])))
    return program, {name: draw.number() for name in names[: draw.integer(2, 5)]}


def _pass(program: Program, values: Mapping[str, float], keeps: bool, sorts: bool) -> dict[str, float]:
    """The forward pass, with the bugs that it is asked to have."""
    values = dict(values)
    for name, op, own in program:
        if not (keeps and name in values):
            a, b = (values[parent] for parent in (sorted(own) if sorts else own))
            values[name] = {"+": a + b, "-": a - b, "*": a * b}[op]
    return values


MENDED = Item(
    id="ex02.3",
    name="mended_forward",
    ask="write forward without its two bugs; return all values",
    truth=lambda program, values: _pass(program, values, keeps=False, sorts=False),
    cases=_old_and_new,
    hint="Work out the first line of the program with pencil, then the second, and compare.",
    count=30,
    mistakes=(
        Mistake(
            "M7",
            lambda program, values: _pass(program, values, keeps=True, sorts=False),
            "You kept numbers from the pass before; in this one the leaves hold others.",
        ),
        Mistake(
            "order",
            lambda program, values: _pass(program, values, keeps=False, sorts=True),
            "Look at the differences: which of the two parents is it that something is taken from?",
        ),
        Mistake(
            "unmended",
            lambda program, values: _pass(program, values, keeps=True, sorts=True),
            "That is what it gave before: both bugs are still there. Run it on a program of one line, twice.",
        ),
    ),
)


# ---------------------------------------------------------------------- 4: the work
def _to_count(draw: Dyadic) -> tuple[Parents, str]:
    """A graph with operations of one, two and three arguments, and nodes that L does not need."""
    parents = drawn(draw, draw.integer(3, 4), lambda parents: True)
    for own in parents.values():
        own[1:] = [*own[1:], *own[:1]][: draw.integer(0, 2)]
        if sum(map(len, parents.values())) > 9:  # the case shall fit on a line
            del own[1:]
    return {name: parents[name] for name in draw.shuffled(list(parents))}, "L"


def _every_way(parents: Parents, node: str) -> tuple[int, int]:
    own = parents[node]
    asked_for = [_every_way(parents, parent) for parent in own]
    return bool(own) + sum(V for V, _ in asked_for), len(own) + sum(E for _, E in asked_for)


WORK = Item(
    id="ex02.4",
    name="count_work",
    ask="return V and E of what has to be computed for the loss",
    truth=work,
    cases=_to_count,
    hint="First find the nodes that are needed; then each computed one counts 1, and each of its edges 1.",
    count=40,
    mistakes=(
        Mistake(
            "unneeded",
            lambda parents, loss: (len(computed(parents)), sum(len(own) for own in parents.values())),
            "Not all that stands in the dict is needed for the loss. Start from it, and go against the arrows.",
        ),
        Mistake(
            "leaves",
            lambda parents, loss: (len(needed(parents, loss)), work(parents, loss)[1]),
            "V counts what is computed. Leaves are there from the start.",
        ),
        Mistake(
            "M11",
            lambda parents, loss: (work(parents, loss)[0], sum(len({*parents[v]}) for v in needed(parents, loss))),
            "A parent that stands in both places of an operation has two edges to it, as in x * x.",
        ),
        Mistake(
            "parameters",
            lambda parents, loss: (work(parents, loss)[0], sum(not parents[node] for node in needed(parents, loss))),
            "E counts arrows, not leaves: a leaf may be used in many places, and computed nodes have arrows too.",
        ),
        Mistake("swapped", lambda parents, loss: work(parents, loss)[::-1], "V comes first, then E."),
        Mistake("naive", _every_way, "A node with two children is counted for each of them; computed it is once."),
    ),
)


# ---------------------------------------------------------------------- 5: what forgetting costs
def _asked_singly(parents: Parents, node: str = "L") -> int:
    return 1 + sum(_asked_singly(parents, parent) for parent in set(parents[node]))


NAIVE: tuple[Mistake, ...] = (
    Mistake("once", len, "So many suffice for somebody who remembers. Here nobody does."),
    Mistake("V", lambda parents: len(computed(parents)), "So many nodes are computed if each is computed once."),
    Mistake(
        "V + E",
        lambda parents: sum(work(parents, "L")),
        "That is the work of a pass that remembers, V + E. Here questions are counted, and each is asked again.",
    ),
    Mistake("self", lambda parents: questions(parents) - 1, "The first question, the one for the loss, counts too."),
    Mistake("leaves", lambda parents: _every_way(parents, "L")[0], "Leaves are asked too, whenever a node needs them."),
    Mistake(
        "inner",
        lambda parents: questions(parents) - _every_way(parents, "L")[0],
        "You counted the questions that end at leaves. Those on the way there count too.",
    ),
    Mistake("M11", _asked_singly, "Two arrows from one node to another are two questions."),
)


def _forgetful(draw: Dyadic) -> tuple[Parents]:
    """A graph with a double arrow, where every mistake gives a number of its own."""

    def fits(parents: Parents) -> bool:
        numbers = {mistake.answer(parents) for mistake in NAIVE} | {questions(parents)}
        return connected(parents) and 13 <= questions(parents) <= 29 and len(numbers) == len(NAIVE) + 1

    return (drawn(draw, 4, fits),)


FORGETFUL = Item(
    id="ex02.5",
    name="questions_for_loss",
    ask="how many questions are asked in all, where nobody remembers an answer",
    kind="value",
    truth=questions,
    cases=_forgetful,
    hint="Go from left to right and write at each node how many questions one for it leads to, itself included.",
    figure=lambda parents: asked(loss_of(parents), show="symbols", expressions=False),
    mistakes=NAIVE,
)


# ---------------------------------------------------------------------- 6: an error message
ERROR = choice(
    "ex02.6",
    "reason",
    "c",
    Mistake("order", lambda: "a", "Move the line in your mind, and run the program again. What does s need?"),
    Mistake("M7", lambda: "b", "The error would be gone. But which s would q use, and which one would L?"),
    Mistake("used up", lambda: "d", "Nothing takes a value out of the dict again; and the error names s, not y."),
    ask="the letter of the true sentence, in quotes",
)

ITEMS = (ORDER, TOPOLOGICAL, MENDED, WORK, FORGETFUL, ERROR)
