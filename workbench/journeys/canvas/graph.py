"""The graph as it is walked: acyclic, its nodes numbered so that every arrow leads upwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from workbench.engine.graph.reach import Link
from workbench.errors import ArgumentError
from workbench.journeys.canvas.drawn import Arrow
from workbench.messages import message
from workbench.vocabulary.steps import Step


@dataclass(frozen=True)
class Node:
    """A node as it is walked.

    Attributes
    ----------
    name : str
        Its id.
    step : Step
    original : str
        Id of the node it was drawn as; another one for copies of a loop.
    """

    name: str
    step: Step
    original: str

    @property
    def label(self) -> str:
        """What the reader sees."""
        return self.step.label


@dataclass(frozen=True)
class Graph:
    """Nodes and arrows in walking order.

    Attributes
    ----------
    nodes : tuple of Node
    arrows : tuple of Arrow
        Ordered by the number of their target, then of their source.
    """

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]

    @cached_property
    def number(self) -> dict[str, int]:
        """Number of each node by id."""
        return {node.name: n for n, node in enumerate(self.nodes)}

    @cached_property
    def arrow_number(self) -> dict[tuple[str, str], int]:
        """Number of each arrow by the ids of its ends."""
        return {(arrow.source, arrow.target): a for a, arrow in enumerate(self.arrows)}

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The arrows as the engine takes them."""
        number = self.number
        return tuple(
            Link(number[a.source], number[a.target], a.within, a.after) for a in self.arrows
        )

    @cached_property
    def parents(self) -> tuple[tuple[int, ...], ...]:
        """For each node the numbers of the nodes before it."""
        return self._neighbours(backwards=True)

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each node the numbers of the nodes after it."""
        return self._neighbours(backwards=False)

    def _neighbours(self, backwards: bool) -> tuple[tuple[int, ...], ...]:
        found: list[list[int]] = [[] for _ in self.nodes]
        for link in self.links:
            here, there = (link.target, link.source) if backwards else (link.source, link.target)
            found[here].append(there)
        return tuple(tuple(sorted(group)) for group in found)

    @property
    def starts(self) -> list[int]:
        """Nodes to which no arrow leads."""
        return [n for n, before in enumerate(self.parents) if not before]

    @property
    def ends(self) -> list[int]:
        """Nodes from which no arrow leads."""
        return [n for n, after in enumerate(self.children) if not after]

    def role(self, node: int) -> str:
        """``start``, ``end``, ``between``, or ``alone`` for a node without any arrow."""
        before, after = bool(self.parents[node]), bool(self.children[node])
        return {
            (False, True): "start",
            (True, False): "end",
            (True, True): "between",
            (False, False): "alone",
        }[before, after]

    @cached_property
    def starts_of(self) -> tuple[tuple[int, ...], ...]:
        """For each node the starts that lead to it; itself for a start."""
        found: list[set[int]] = []
        for n, before in enumerate(self.parents):
            found.append(set().union(*(found[p] for p in before)) if before else {n})
        return tuple(tuple(sorted(group)) for group in found)

    @cached_property
    def layers(self) -> tuple[int, ...]:
        """Arrows on the longest way from a start to each node."""
        found: list[int] = []
        for before in self.parents:
            found.append(1 + max((found[p] for p in before), default=-1))
        return tuple(found)

    def after(self, node: int) -> set[int]:
        """Every node that can be reached from one, itself included."""
        found = {node}
        for n in range(node + 1, len(self.nodes)):
            if found.intersection(self.parents[n]):
                found.add(n)
        return found

    def paths_to(self, node: int) -> Iterator[tuple[int, ...]]:
        """Every way from a start to a node."""
        if not self.parents[node]:
            yield (node,)
        for before in self.parents[node]:
            for path in self.paths_to(before):
                yield (*path, node)

    @cached_property
    def ways_to(self) -> tuple[int, ...]:
        """How many ways lead from a start to each node."""
        found: list[int] = []
        for before in self.parents:
            found.append(sum(found[p] for p in before) if before else 1)
        return tuple(found)

    def only(self, kept: set[int]) -> Graph:
        """The same nodes with the arrows between some of them alone."""
        number = self.number
        arrows = tuple(a for a in self.arrows if {number[a.source], number[a.target]} <= kept)
        return Graph(self.nodes, arrows)


def ordered(nodes: dict[str, Node], arrows: tuple[Arrow, ...]) -> Graph:
    """Number the nodes so that every arrow leads upwards, else in the order given.

    Raises
    ------
    ArgumentError
        Naming the cycle, where there is one.
    """
    waiting = dict.fromkeys(nodes, 0)
    for arrow in arrows:
        waiting[arrow.target] += 1
    order: list[str] = []
    while len(order) < len(nodes):
        ready = next((name for name, before in waiting.items() if before == 0), None)
        if ready is None:
            raise _cyclic(waiting, arrows)
        order.append(ready)
        del waiting[ready]
        for arrow in arrows:
            if arrow.source == ready:
                waiting[arrow.target] -= 1
    place = {name: n for n, name in enumerate(order)}
    sorted_arrows = sorted(arrows, key=lambda a: (place[a.target], place[a.source]))
    return Graph(tuple(nodes[name] for name in order), tuple(sorted_arrows))


def _cyclic(waiting: dict[str, int], arrows: tuple[Arrow, ...]) -> ArgumentError:
    """The refusal of a cycle: from any node that waits, backwards until one comes again."""
    before = {a.target: a.source for a in arrows if a.source in waiting and a.target in waiting}
    walked = [next(iter(before))]
    while before[walked[-1]] not in walked:
        walked.append(before[walked[-1]])
    cycle = [before[walked[-1]], *reversed(walked[walked.index(before[walked[-1]]) :])]
    back = f"{{from: {cycle[-2]}, to: {cycle[-1]}, repeat: 2}}"
    return ArgumentError.of(
        "arrows",
        " → ".join(cycle),
        message("arrows without a cycle"),
        message(
            "Delete one of them, or give the one that leads back how often the way may be walked "
            "again, as in {arrow}.",
            arrow=back,
        ),
    )
