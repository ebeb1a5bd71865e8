"""Zoom in a picture: groups opened and closed by a click, and a matrix product opened into its scalar graph."""

from __future__ import annotations

from dataclasses import replace
from typing import SupportsIndex

from ..record.scalars import scalars
from ..render.figure import Figure
from ..render.lookup import index_of
from ..render.toggle import toggled
from ..render.view import Selection

MANY = 50  # scalars: of more, one element of the product is shown in full, and the others as closed groups


def opened(figure: Figure, group: list[str]) -> Figure:
    """The figure after a click on one of its groups, given by its path: a closed one is open, an open one closed."""
    return replace(figure, selection=toggled(figure.selection, group, figure.view))


def scalar_figure(figure: Figure, node: SupportsIndex | str) -> Figure:
    """The figure, with the same options, of the scalar graph of one matrix product; its title says of which.

    node: the product, by its index or its name
    """
    captions = figure.plan.captions
    product = figure.trace.nodes[index_of(figure.trace, node)]
    graph = scalars(figure.trace, product.index)
    title = f"{captions.names[product.index].text} = {captions.expression(product).text}, number by number"
    groups = list(dict.fromkeys(each.group for each in graph.nodes if each.group))
    shut = frozenset(groups[1:] if len(graph.nodes) > MANY else ())
    selection = Selection(limit=figure.selection.limit, shut=shut)
    return Figure(graph, options=replace(figure.options, title=title), selection=selection)
