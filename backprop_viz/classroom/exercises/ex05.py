"""Exercises on the algorithm: the walk back, the step, a right order, what a wrong one spoils, four planted faults."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial
from itertools import combinations
from typing import Any

from ..dyadic import Dyadic
from ..item import Item, Mistake
from ..picture import asked
from ..values import Line
from .dags import names_in
from .ex05_nodes import INPUTS, NAMES, PARAMS, PROGRAMS, Given, Graph, Node, Parameter, graph_of, tensor_of
from .ex05_parsons import PARSONS

Nodes = list[Node]


# ---------------------------------------------------------------------- 1: the walk back
def _each(node: Node) -> Iterable[tuple[Node, float]]:
    return zip(node.parents, node.local_gradients(), strict=True)


def _crossed(node: Node) -> Iterable[tuple[Node, float]]:
    return zip(node.parents, node.local_gradients()[::-1], strict=True)


def _once(node: Node) -> Iterable[tuple[Node, float]]:
    return dict(_each(node)).items()


def _backward(
    loss: Node, inputs: Nodes, params: Nodes, compute: Nodes, *,
    clear: str = "inputs params compute", start: Any = 1.0, back: bool = True, add: bool = True,
    arrows: Callable[[Node], Iterable[tuple[Node, float]]] = _each,
    message: Callable[[Node, float], float] = lambda node, blue: node.grad * blue,
) -> None:  # fmt: skip
    """The right walk; each keyword spoils one thing."""
    for name, nodes in {"inputs": inputs, "params": params, "compute": compute}.items():
        for node in nodes if name in clear else ():
            node.grad = 0.0
    loss.grad = loss.value if start == "value" else start
    for node in compute[::-1] if back else compute:
        for parent, local in arrows(node):
            sent = message(node, local)
            parent.grad = parent.grad + sent if add else sent


def _red(_: Any, loss: Node, *lists: Given) -> Any:
    """The gradients of parameters and computed nodes; a text where a list is not as it was."""
    return CHANGED if any(nodes.changed for nodes in lists) else {v.name: v.grad for v in (*lists[1], *lists[2])}


CHANGED = Line("a list with other nodes, or another order")
BEFORE = "Something that an earlier pass has left is still in it; += needs a 0 to begin with"
WALK = Item(
    id="ex05.1",
    name="backward",
    ask="clear, seed and walk: each node's grad",
    truth=lambda loss, inputs, params, compute: _backward(loss, inputs, params, compute),
    cases=lambda draw: graph_of(draw.one_of(PROGRAMS), draw),
    observe=_red,
    graph=tensor_of,
    nodes=NAMES,
    count=12,
    hint="Three parts: zeros everywhere, a 1 at the loss, then node after node sends to each of its parents.",
    mistakes=(
        Mistake("M1", partial(_backward, add=False), "A node with several children keeps only what came last."),
        Mistake("M4", partial(_backward, back=False),
                "Nodes send before they have received: where does the walk begin?"),
        Mistake("M8", partial(_backward, clear=""), f"{BEFORE}."),
        Mistake("M8", partial(_backward, clear="compute"), f"{BEFORE}, in the parameters too."),
        Mistake("M8", partial(_backward, clear="params inputs"), f"{BEFORE}, in the computed nodes too."),
        Mistake("M2", partial(_backward, message=lambda node, blue: blue), "Only the blue number was sent."),
        Mistake("M2", partial(_backward, message=lambda node, _: node.grad), "Only the red number was sent, as it is."),
        Mistake("value", partial(_backward, message=lambda node, blue: node.value * blue),
                "What a node sends on is made of its red number, not of its value."),
        Mistake("M11", partial(_backward, arrows=_once), "A parent that fills both slots of a node hears from both."),
        Mistake("M3", partial(_backward, arrows=_crossed), "The blue numbers stand in the order of the parents."),
        Mistake("M12", partial(_backward, start=-1.0),
                "The size is right and the sign is not: with what does it begin?"),
        Mistake("base", partial(_backward, start=0.0), "Nobody sends anything: is there still a 1 at the loss?"),
        Mistake("base", partial(_backward, start="value"),
                "The loss starts with how it answers to itself, not its value."),
        Mistake("silent", partial(_backward, message=lambda node, blue: 0.0),
                "The loss has its 1, and sends nothing on. Has each computed node its turn, whatever its class?"),
        Mistake("silent", lambda loss, inputs, params, nodes: _backward(loss, inputs, params + nodes[:1], nodes[1:]),
                "One computed node had no turn, so its parents heard nothing from it: look at both ends of the loop."),
        Mistake("changed", lambda loss, inputs, params, compute: compute.reverse(),
                "Your function changed the list that it was given, and whoever calls it still needs that. Leave the "
                "list itself as it is, and walk over a reversed copy."),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 2: the step
def _params(draw: Dyadic) -> tuple[Nodes, float, int]:
    params: Nodes = [Parameter(name, draw.number()) for name in "wkb"[: draw.integer(2, 3)]]
    for node in params:
        node.grad = draw.number()
    return params, *draw.one_of([(0.125, 2), (0.125, 4), (0.5, 4), (0.5, 8), (0.25, 8)])  # ηn² is 1 for none


def _sgd(params: Nodes, eta: float, n: int, move: Callable[[Node, float, int], None] = lambda w, eta, n: None) -> None:
    for w in params:
        move(w, eta, n)


def _move(rate: Callable[[float, int], float], keep: float = 1.0, gradient: Callable[..., float] | None = None) -> Any:
    """An sgd whose step is -rate · gradient from keep · value, and that leaves this gradient behind."""

    def move(w: Node, eta: float, n: int) -> None:
        w.value = keep * w.value - rate(eta, n) * w.grad
        w.grad = gradient(w.grad, eta, n) if gradient else w.grad

    return partial(_sgd, move=move)


def _first_alone(params: Nodes, eta: float, n: int) -> None:
    params[0].value -= eta * params[0].grad / n


FOLDED = "The values have moved rightly, but the gradients are others than before. The step reads them, no more."
STEP = Item(
    id="ex05.2",
    name="sgd",
    ask="move each parameter against the mean gradient",
    truth=_move(lambda eta, n: eta / n),
    cases=_params,
    observe=lambda _, params, eta, n: {
        key: part for w in params for key, part in ((w.name, w.value), (f"{w.name}.grad", w.grad))
    },
    hint="New value: the old one minus the learning rate times the mean gradient. The gradients stay as they are.",
    mistakes=(
        Mistake("M12", _move(lambda eta, n: -eta / n),
                "This step leads uphill: the gradient points where the loss grows."),
        Mistake("M14", _move(lambda eta, n: eta), "That is the step for the sum of the losses. Asked is the mean's."),
        Mistake("M14", _move(lambda eta, n: eta * n), "A mean is smaller than a sum; your step is longer."),
        Mistake("M12", _move(lambda eta, n: 1 / n),
                "The step is as long as the gradient: the learning rate is left out."),
        Mistake("unmoved", _move(lambda eta, n: 0.0), "No value has changed: what you compute has to go into w.value."),
        Mistake("M12", _move(lambda eta, n: eta / n, 1.0, lambda grad, eta, n: eta * grad / n), FOLDED),
        Mistake("M14", _move(lambda eta, n: eta / n, 1.0, lambda grad, eta, n: grad / n), FOLDED),
        Mistake("M12", _move(lambda eta, n: eta / n, 1.0, lambda grad, eta, n: eta * grad), FOLDED),
        Mistake("M8", _move(lambda eta, n: eta / n, 1.0, lambda grad, eta, n: 0.0),
                "Clearing the gradients is right before the next pass; but here it is not the step's work."),
        Mistake("assigned", _move(lambda eta, n: eta / n, 0.0), "That is the step alone; a parameter moves by it."),
        Mistake("one", _first_alone, "Only the first parameter has moved."),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- 3 and 4: orders
def _detour(draw: Dyadic) -> tuple[list[str], Graph]:
    """The names of five nodes, and a graph in which the second has a short way to L and a longer one."""
    a, b, c, d, e = names = draw.shuffled("pqrst")
    program = f"{a} = w * x, {b} = {a} + k, {c} = {b} * {b}, {d} = {b} + {c}, {e} = v * y, L = {d} * {e}"
    return names, graph_of(program, draw, 0.25, 2.0)


LEAVES = [*INPUTS, *PARAMS]
FORMS = 'Write names of nodes as text, for instance "L p".'
FORWARD = (
    "That is an order for the way forward: each node after its parents. On the way back it is its children that count."
)
LEVELS = "To count the arrows to the loss is not enough: one node here has a short way to it and a longer one."


def _order_judged(answer: Any, names: list[str], graph: Graph) -> str | None:
    """What is wrong with an order for the way back."""
    order, nodes = names_in(answer, [*names, "L", *LEAVES], ordered=True), graph[3]
    if not order:
        return FORMS
    for name in order:
        if name not in [*names, "L"]:
            return f"{name} takes no turn: only computed nodes send." if name in LEAVES else FORMS
        if order.count(name) > 1:
            return f"{name} has more than one turn."
    if missing := sorted({*names} - {*order}):
        return f"{missing[0]} has no turn."
    if "L" not in order:
        return "L has no turn, and it is the one that can begin."
    early = [(parent, node) for node in nodes for parent in node.parents if parent.op]
    early = [(one, other) for one, other in early if order.index(one.name) < order.index(other.name)]
    if not early:
        return None
    if all(order.index(one.name) < order.index(other.name) for other in nodes for one in other.parents if one.op):
        return FORWARD
    levels = [{"L": 0, names[3]: 1, names[4]: 1, names[0]: 3}.get(name, 2) for name in order]
    parent, child = early[0]
    if levels == sorted(levels):
        return LEVELS
    return f"{parent.name} has its turn before {child.name}, its child: what {child.name} sends comes too late."


def _by_levels(names: list[str], graph: Graph) -> list[str]:
    a, b, c, d, e = names
    return ["L", d, e, b, c, a]


ORDER = Item(
    id="ex05.3",
    name="turns",
    ask="the computed nodes in the order of their turns",
    kind="value",
    truth=lambda names, graph: ["L", *names[::-1]],
    cases=_detour,
    figure=lambda names, graph: asked(tensor_of(*graph), show="symbols"),
    judge=_order_judged,
    hint="Each computed node once, after all its children.",
    mistakes=(
        Mistake("M4", lambda names, graph: [*names, "L"], FORWARD),
        Mistake("M4", _by_levels, LEVELS),
    ),
)

EARLY = "It did speak too early; but when the walk is over, has it not received everything?"
ASIDE = "One of those that you name never hears from the node that spoke too early, nor from anyone below it."
FEW = "There are others: whoever was told too little tells its own parents too little."


def _spoiled_judged(answer: Any, names: list[str], graph: Graph) -> str | None:
    """What is wrong with the names of those whose gradient is wrong after the walk by levels."""
    given = names_in(answer, known := {*names, "L", *LEAVES})
    a, b = names[:2]
    if not given or not {*given} <= known:
        return FORMS
    found = {*given} - {"x"}  # the text's custom sends to inputs too
    if b in found and not found - {a, b, "w", "k"}:
        return EARLY
    if found - {a, "w", "k"}:
        return ASIDE
    return None if found == {a, "w", "k"} else FEW


SPOILED = Item(
    id="ex05.4",
    name="spoiled",
    ask="the nodes with a wrong gradient",
    kind="value",
    truth=lambda names, graph: [names[0], "w", "k"],
    cases=_detour,
    figure=lambda names, graph: asked(
        tensor_of(*graph), show="symbols", title=f"They take their turns so: {' '.join(_by_levels(names, graph))}"
    ),
    judge=_spoiled_judged,
    hint="Find who speaks before one of its children; what it says then is less than it should be.",
    mistakes=(
        Mistake("M4", lambda names, graph: [names[1]], EARLY),
        Mistake("M4", lambda names, graph: [names[1], names[0], "w", "k"], EARLY),
        Mistake("M4", lambda names, graph: [*names[:3], "w", "k"], ASIDE),
        Mistake("M4", lambda names, graph: [*names, "w", "k", "v"], ASIDE),
        Mistake("M4", lambda names, graph: ["w", "k"], FEW),
        Mistake("M4", lambda names, graph: [names[0]], FEW),
    ),
)


# ---------------------------------------------------------------------- 6: four planted faults
ALL = "inputs params compute"


def _train(
    loss: Node, inputs: Nodes, params: Nodes, compute: Nodes, eta: float, steps: int, faults: Collection[str] = (),
    first: str = ALL, later: str = ALL,
) -> None:  # fmt: skip
    """The right training; `first` and `later` name the nodes that are cleared in the first step and in the others."""
    for step in range(steps):
        for node in compute if step == 0 or "M7" not in faults else ():
            node.forward()
        clear = first if step == 0 else "" if "M8" in faults else later
        if "changed" in faults:
            compute.reverse()
        back = not {"M4", "changed"} & {*faults}
        _backward(loss, inputs, params, compute, clear=clear, back=back, add="M1" not in faults)
        for w in params:
            w.value -= (-eta if "M12" in faults else eta) * w.grad


def _training(draw: Dyadic) -> tuple[Any, ...]:
    return *graph_of(draw.one_of(PROGRAMS), draw, -1.5, 1.5), draw.one_of([1 / 64, 1 / 32]), draw.integer(2, 3)


PLANTED = {  # a fault that hides others comes first
    "M4": "Too little reaches the parameters, or nothing: at which end does the walk begin?",
    "M1": "What a second child sends still replaces what the first has sent.",
    "M8": "From the second step on, the gradients still hold what the step before has left.",
    "M12": "The parameters still climb: their gradients point where the loss grows.",
}
HALF = "In each step some gradients are cleared and others not: whose still hold old contributions?"
LEFT = [left for number in range(1, 5) for left in combinations(PLANTED, number)]
MENDED = Item(
    id="ex05.6",
    name="train",
    ask="the training without its four faults",
    truth=lambda loss, inputs, params, compute, eta, steps: _train(loss, inputs, params, compute, eta, steps),
    cases=_training,
    observe=lambda _, loss, inputs, params, *others: {node.name: node.value for node in params},
    count=12,
    hint="Say of each line what it is there for, once for each step; the lecture's sections 3 to 6 have a fault each.",
    mistakes=(
        *(Mistake(left[0], partial(_train, faults=left), PLANTED[left[0]]) for left in LEFT),
        Mistake("M7", partial(_train, faults=("M7",)),
                "After a step the values are stale: each step needs a Forward of its own."),
        Mistake("changed", partial(_train, faults=("changed",)),
                "From the second step on, compute stands in another order: something turns the list itself round."),
        Mistake("M8", partial(_train, first="compute", later="compute"), HALF),
        Mistake("M8", partial(_train, later="compute"), HALF),
        Mistake("M8", partial(_train, first="params", later="params"), HALF),
        Mistake("M8", partial(_train, later="params"), HALF),
        Mistake("M8", partial(_train, first=""), "The first step still moves by what some other run has left."),
        Mistake("once", lambda loss, inputs, params, compute, eta, steps: _train(loss, inputs, params, compute, eta, 1),
                "One step was made, whatever the number of steps."),
    ),
)  # fmt: skip

ITEMS = (WALK, STEP, ORDER, SPOILED, PARSONS, MENDED)
