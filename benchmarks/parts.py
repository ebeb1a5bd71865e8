"""The parts of the benchmark: each compares the gradients of all engines, then measures, and gives rows."""

from __future__ import annotations

import gc
import math
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import backprop_viz as bp

from . import drawers, peers, workloads
from .peers import OURS
from .table import Row, compared, milliseconds, seconds, side_by_side
from .workloads import Scale

Targets = dict[str, float | tuple[float, float]]


def scalar(scale: Scale) -> list[Row]:
    """Graphs of scalars, built, run forward and backward from scratch."""
    network, start = workloads.network(scale.points)
    collected = gc.isenabled()
    limits: Targets = {"micrograd": 0.1, "torch": 0.2} if collected else {"micrograd": 0.25, "torch": 0.05}
    engines = peers.scalar_engines()
    rows = []
    for name, build, values, targets, repeat in (
        (f"network 2-16-16-1, {scale.points} points", network, start, limits, 1),
        ("README of micrograd", workloads.readme, [-4.0, 2.0], {"micrograd": 0.3}, 200 * scale.steps),
    ):
        steps = {engine: partial(run, build, values) for engine, run in engines.items()}
        compared(name, {engine: step() for engine, step in steps.items()})
        ours, ratios = side_by_side(steps, scale.rounds, repeat)
        rows.append(Row(name, "scalar", milliseconds(ours), ratios, targets=targets))
    return rows


def replay(scale: Scale) -> list[Row]:
    """The network of scalars again with new inputs: recorded once and replayed, where micrograd builds it anew."""
    build, start = workloads.network(scale.points)
    leaves = [bp.parameter(v) for v in start]
    graph = bp.graph(build(bp.tensor, bp.relu, leaves))
    replayed = graph.replay()
    moved = [v + 0.1 for v in start]

    def anew() -> tuple[float, Any]:
        return replayed.loss_and_gradients(dict(zip(leaves, moved, strict=True)))

    def written_back() -> tuple[float, Any]:
        for leaf, value in zip(leaves, moved, strict=True):
            leaf.data = value
        loss = graph.forward()
        graph.backward()
        return loss, [leaf.grad for leaf in leaves]

    others = {name: partial(run, build, moved) for name, run in peers.scalar_engines().items() if name != OURS}
    rows = []
    for name, step in (("replay", anew), ("replay into all nodes", written_back)):
        steps = {OURS: step, **others}
        compared(name, {engine: run() for engine, run in steps.items()})
        step()  # the second time the graph has prepared its replay
        ours, ratios = side_by_side(steps, scale.rounds)
        targets: Targets = {"micrograd": 0.05} if step is anew else {}
        rows.append(Row(f"network 2-16-16-1, {name}", "replay", milliseconds(ours), ratios, targets=targets))
    return rows


def tensor(scale: Scale) -> list[Row]:
    """Steps of a classifier, forward, backward and SGD, and a long chain of small vectors."""
    rows = []
    settings: list[tuple[Any, int, Targets]] = [
        (np.float32, scale.batch, {"NumPy": 1.06, "torch": 1.0}),
        (np.float64, scale.batch, {"NumPy": 1.06}),
        (np.float32, 1, {"NumPy": 0.7, "torch": 1.0}),
        (np.float64, 1, {"NumPy": 0.85, "torch": 1.0}),
    ]
    for dtype, batch, targets in settings:
        name = f"classifier {'-'.join(map(str, scale.layers))}, batch {batch}, {np.dtype(dtype).name}"
        made = peers.classifiers(workloads.classifier(scale.layers, batch, dtype))
        compared(name, {peer: each.gradients() for peer, each in made.items()}, 1e-9 if dtype is np.float64 else 1e-4)
        ours, ratios = side_by_side({peer: each.step for peer, each in made.items()}, scale.rounds, scale.steps)
        rows.append(Row(name, "tensor", milliseconds(ours), ratios, targets=targets))
    return [*rows, chain(scale)]


def chain(scale: Scale) -> Row:
    """Operations so small that what is measured is the time around NumPy's own."""
    leaves = workloads.vectors()
    engines: dict[str, Callable[..., Any]] = {OURS: peers.chain_in_ours, "NumPy": peers.chain_in_numpy}
    if "torch" in peers.scalar_engines():
        engines["torch"] = peers.chain_in_torch
    name = f"chain of {scale.chain:,} operations on 10 elements"
    steps = {peer: partial(run, leaves, scale.chain) for peer, run in engines.items()}
    compared(name, {peer: step() for peer, step in steps.items()})
    ours, ratios = side_by_side(steps, scale.rounds, scale.steps)
    return Row(name, "tensor", milliseconds(ours), ratios, targets={"NumPy": 1.8})


def record(scale: Scale) -> list[Row]:
    """The record of both passes with every contribution, where the plain passes keep gradients alone."""
    ours = peers.Ours(workloads.classifier(scale.layers, scale.batch, np.float32))
    index = {id(p): i for i, p in enumerate(ours.weights + ours.biases)}

    def recorded() -> tuple[float, bp.Trace]:
        loss = ours.loss()
        return loss.item(), bp.trace(loss)

    name = f"bp.trace, classifier, batch {scale.batch}, float32"
    loss, plain = ours.gradients()
    nodes = bp.graph(ours.loss()).nodes
    recorded_loss, trace = recorded()
    own = {index[id(node)]: trace.gradient(i) for i, node in enumerate(nodes) if id(node) in index}
    compared(
        name, {"the record": (recorded_loss, [own[i] for i in range(len(plain))]), "the pass": (loss, plain)}, 1e-6
    )
    time_taken, ratios = side_by_side({OURS: recorded, "own pass": ours.gradients}, scale.rounds, scale.steps)
    return [Row(name, "record", milliseconds(time_taken), ratios, targets={"own pass": 1.15})]


def growth(scale: Scale) -> list[Row]:
    """How time and memory grow with nodes and edges: their slope in double logarithms, 1 where proportional."""
    sizes, times, spaces = [], [], []
    for nodes in scale.growth:
        build, start = workloads.tree(nodes)
        step = partial(peers.ours, build, start)
        repeat = max(1, min(50, 300_000 // nodes))
        times.append(min(seconds(step, repeat) for _ in range(min(scale.rounds, 3))))
        space, graph_size = held(build, start)
        spaces.append(space)
        sizes.append(graph_size)
    # A garbage collector looks at old objects again as new ones come: a little more than in proportion.
    targets: Targets = {"": (0.0, 1.1) if gc.isenabled() else (0.95, 1.05)}
    name = f"from {scale.growth[0]:,} to {scale.growth[-1]:,} nodes"
    slopes = {"time": slope(sizes, times), "memory": slope(sizes, spaces)}
    return [
        Row(f"growth of {what} {name}", "growth", f"{value:.3f}", value=value, targets=targets)
        for what, value in slopes.items()
    ]


def slope(sizes: list[int], amounts: list[float]) -> float:
    """The slope of the straight line through the logarithms."""
    return float(np.polyfit([math.log(x) for x in sizes], [math.log(x) for x in amounts], 1)[0])


def held(build: workloads.Build, start: list[float]) -> tuple[float, int]:
    """The bytes that a graph holds after both passes, and its size: nodes and edges."""
    gc.collect()
    tracemalloc.start()
    leaves = [bp.parameter(v) for v in start]
    loss = build(bp.tensor, bp.relu, leaves)
    loss.backward()
    space = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    computed = len(bp.graph(loss).compute)
    return space, len(leaves) + computed + 2 * computed


def memory(scale: Scale) -> list[Row]:
    """What a node of a graph of scalars takes, its value and its gradient included."""
    build, start = workloads.tree(scale.nodes)
    space, _ = held(build, start)
    name = f"memory of a scalar node, {scale.nodes:,} of them"
    each = space / scale.nodes
    return [Row(name, "memory", f"{each:.0f} bytes", value=each, targets={"": 200.0})]


def draw(scale: Scale) -> list[Row]:
    """From a trace to SVG text, Graphviz included: beside other drawings of a small network, and for larger ones."""
    build, start = workloads.perceptron(scale.small)
    compared("the network that is drawn", {name: run(build, start) for name, run in peers.scalar_engines().items()})
    trace = drawers.recorded(build, start)
    with drawers.one_graphviz() as folder:
        steps = drawers.ours(trace) | drawers.others(build, start, folder)
        for step in steps.values():
            step()  # the first time reads fonts and imports what is needed
        ours, ratios = side_by_side(steps, scale.rounds, repeat=3)
    name = f"drawing {len(trace.nodes)} nodes, in ms"
    small = Row(name, "draw", milliseconds(ours), ratios, ours * 1e3, targets={"": 25.0})
    return [small, *larger(scale)]


def larger(scale: Scale) -> list[Row]:
    """The largest picture beside Graphviz's share of it, and how the time before Graphviz grows."""
    traces = [drawers.recorded(*workloads.perceptron(layers)) for layers in scale.drawn]
    sizes = [len(trace.nodes) + len(trace.edges) for trace in traces]
    ours, ratios = side_by_side(drawers.ours(traces[-1]), min(scale.rounds, 5))
    times = [seconds(partial(drawers.dot_text, trace), min(scale.rounds, 5)) for trace in traces]
    few, many = (f"{len(trace.nodes):,}" for trace in (traces[0], traces[-1]))
    slowing = slope(sizes, times)
    return [
        Row(f"drawing {many} nodes", "draw", milliseconds(ours), ratios, targets={"Graphviz": 1.3}),
        Row(
            f"growth of time to DOT text from {few} to {many} nodes", "draw", f"{slowing:.3f}", value=slowing,
            targets={"": (0.0, 1.1)},
        ),
    ]  # fmt: skip


PARTS = {part.__name__: part for part in (scalar, replay, tensor, record, growth, memory, draw)}
