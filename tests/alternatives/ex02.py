# Right answers to the exercises of lecture 02, written in other ways than the solutions.

# %% ex02.1
my_order = "kgaebL"

# %% ex02.1
my_order = ("k", "g", "a", "e", "b", "L")

# %% ex02.2
def topological_order(parents):
    order, begun = [], set()

    def visit(node):
        if node in order:
            return True
        if node in begun:
            return False
        begun.add(node)
        if not all(visit(parent) for parent in parents[node]):
            return False
        order.append(node)
        return True

    return order if all(visit(node) for node in parents) else None

# %% ex02.2
import graphlib

def topological_order(parents):
    try:
        return tuple(graphlib.TopologicalSorter(parents).static_order())
    except graphlib.CycleError:
        return None

# %% ex02.3
import operator

def mended_forward(program, values):
    found = {name: value for name, value in values.items() if name not in [line[0] for line in program]}
    apply = {"+": operator.add, "-": operator.sub, "*": operator.mul}
    for name, op, (left, right) in program:
        found[name] = apply[op](found[left], found[right])
    return found

# %% ex02.4
def count_work(parents, loss):
    def above(node):
        return {node}.union(*map(above, parents[node]))

    into = [len(parents[node]) for node in above(loss)]
    return [len([number for number in into if number]), sum(into)]

# %% ex02.1
my_order = "k, g, a, e, b, L"

# %% ex02.1
my_order = dict.fromkeys(["k", "g", "a", "e", "b", "L"]).keys()

# %% ex02.1
import numpy as np

my_order = np.array("k g a e b L".split())

# %% ex02.2
import graphlib

def topological_order(parents):
    order = graphlib.TopologicalSorter(parents)
    try:
        order.prepare()
    except graphlib.CycleError:
        return None
    return graphlib.TopologicalSorter(parents).static_order()  # a generator

# %% ex02.2
def topological_order(parents):
    order = {}
    for _ in parents:
        order |= {node: None for node in parents if parents[node] == [v for v in parents[node] if v in order]}
    return order.keys() if len(order) == len(parents) else None
