"""What a reader can point at: a node, an arrow, or those who fell out at a node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import ArgumentError
from workbench.messages import message

if TYPE_CHECKING:
    from workbench.journeys.canvas.counting import Group
    from workbench.journeys.canvas.graph import Graph

KINDS = ("node", "arrow", "fallout")


@dataclass(frozen=True)
class Point:
    """A node, an arrow, or those who fell out at a node.

    Attributes
    ----------
    kind : {"node", "arrow", "fallout"}
    node : int
        Number of the node; the one that an arrow leads to.
    arrow : int
        Number of the arrow; -1 for none.
    """

    kind: str
    node: int
    arrow: int = -1

    def containers(self, group: Group) -> np.ndarray:
        """Counted containers at this point, one mark each."""
        if self.kind == "arrow":
            return group.along(self.arrow)
        return group.at(self.node) if self.kind == "node" else group.fallen_out(self.node)

    def places(self, group: Group, containers: np.ndarray) -> np.ndarray:
        """Place of the row at which each of some containers came to this point; -1 for none."""
        if self.kind == "arrow":
            return group.found.came_at[containers, self.arrow]
        return group.found.place_of[containers, self.node]

    def label(self, graph: Graph) -> str:
        """What the reader sees."""
        if self.kind == "arrow":
            arrow = graph.arrows[self.arrow]
            number = graph.number
            return message(
                "{before} → {after}",
                before=graph.nodes[number[arrow.source]].label,
                after=graph.nodes[number[arrow.target]].label,
            )
        label = graph.nodes[self.node].label
        return label if self.kind == "node" else message("no further than {node}", node=label)

    def plain(self, graph: Graph) -> Any:
        """The value of the argument that names this point."""
        if self.kind == "arrow":
            return [graph.arrows[self.arrow].source, graph.arrows[self.arrow].target]
        return graph.nodes[self.node].name


def points_from(
    graph: Graph, default: int, node: Any = None, arrow: Any = None, fallout: Any = None
) -> tuple[Point, ...]:
    """Read what was pointed at; each argument may hold one or several.

    Parameters
    ----------
    default : int
        Number of the node that is meant when nothing is named.
    node, fallout : str or list of str, optional
        Ids of nodes.
    arrow : pair of str or list of pairs, optional
    """
    found = [Point("node", _node(graph, name, "node")) for name in _several(node)]
    for pair in _pairs(arrow):
        number = _arrow(graph, pair)
        found.append(Point("arrow", graph.links[number].target, number))
    for name in _several(fallout):
        number = _node(graph, name, "fallout")
        if not graph.children[number]:
            allowed = [graph.nodes[n].name for n, after in enumerate(graph.children) if after]
            todo = message("Nobody falls out at an end.")
            raise ArgumentError.of("fallout", name, allowed, todo)
        found.append(Point("fallout", number))
    return tuple(dict.fromkeys(found)) or (Point("node", default),)


def one_point(points: tuple[Point, ...]) -> Point:
    """The only point, or a refusal."""
    if len(points) > 1:
        raise ArgumentError.of(
            "node, arrow, fallout", message("{n} points", n=len(points)), message("one of them")
        )
    return points[0]


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _pairs(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, list | tuple) and value and not isinstance(value[0], str):
        return list(value)
    return [value]


def _node(graph: Graph, name: Any, argument: str) -> int:
    if str(name) not in graph.number:
        raise ArgumentError.of(argument, name, graph.number)
    return graph.number[str(name)]


def _arrow(graph: Graph, pair: Any) -> int:
    known = [f"{a.source} → {a.target}" for a in graph.arrows]
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise ArgumentError.of("arrow", pair, message("a pair (from, to)"))
    key = str(pair[0]), str(pair[1])
    if key not in graph.arrow_number:
        raise ArgumentError.of("arrow", " → ".join(key), known)
    return graph.arrow_number[key]
