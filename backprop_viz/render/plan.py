"""What is to be laid out: every visible place and tile with its size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from .captions import Captions
from .options import Options
from .sizes import NodeSize, TileSize, group_size, label_size, node_size, tile_size
from .symbols import printable
from .text import by
from .view import Link, Place, View


@dataclass(frozen=True)
class Plan:
    """A view, how it is to be drawn, and the room that everything in it takes.

    sizes: of the places, by key;  tiles: of the links that carry one, by key;  widths: of the slots' widest texts
    """

    view: View
    captions: Captions
    options: Options
    widths: Mapping[str, float]

    @cached_property
    def sizes(self) -> dict[str, NodeSize]:
        """The room that each place takes."""
        arrows: dict[tuple[str, bool], int] = {}
        for link in self.view.links:
            for end in ((link.tail, True), (link.head, False)):
                arrows[end] = arrows.get(end, 0) + 1
        found: dict[str, NodeSize] = {}
        for place in self.view.places:
            most = max(arrows.get((place.key, True), 0), arrows.get((place.key, False), 0))
            if place.node is None:
                said = self.group_name(place), self.group_count(place)
                found[place.key] = group_size(*said, most, self.options.vertical)
            else:
                found[place.key] = node_size(self.captions, self.options, place.node, self.widths, most)
        return found

    @cached_property
    def tiles(self) -> dict[str, TileSize]:
        """The room that each tile takes, by its link."""
        found = {}
        for link in self.view.links:
            if self.has_tile(link):
                edge = self.captions.trace.edges[link.edges[0]]
                found[link.key] = tile_size(self.captions, self.options, edge, self.widths)
            elif label := self.label(link):
                found[link.key] = label_size(label)
        return found

    def is_leaf(self, key: str) -> bool:
        """Whether an input or a parameter is at this place."""
        node = self.view.at[key].node
        return node is not None and self.captions.trace.nodes[node].kind != "compute"

    def has_tile(self, link: Link) -> bool:
        """Whether a link carries gradients that are shown, and not only a label."""
        return link.single and link.backpropagates and self.options.edges != "none"

    def label(self, link: Link) -> str:
        """What stands on an arrow without gradients: the shape of the array, or how many edges run there."""
        if not link.single:
            return f"{len(link.edges)} edges" if len(link.edges) > 1 else ""
        return by(self.captions.trace.nodes[self.captions.trace.edges[link.edges[0]].parent].shape)

    def group_name(self, place: Place) -> str:
        """The name in a closed group's box."""
        return printable(place.group[-1])

    def group_count(self, place: Place) -> str:
        """What a closed group hides."""
        return f"{len(place.members)} nodes"
