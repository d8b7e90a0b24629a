"""Segments from points of a canvas: the way from a start to a point, as a sequence of steps.

Several ways to a point are joined with OR, and so are several points. A segment asks for the
sequence alone: all rows of a container that walked it are in it, and metrics play no part.

Source: journeys-canvas.md, section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import Condition, InSegment, Logic, joined
from workbench.vocabulary.segments import Segment, segment
from workbench.vocabulary.steps import MAXIMUM_STEPS, Step

if TYPE_CHECKING:
    from workbench.journeys.canvas.graph import Graph
    from workbench.journeys.canvas.points import Point
    from workbench.journeys.canvas.question import Question

MOST_WAYS = 100


def steps_along(graph: Graph, path: Sequence[int]) -> list[Step]:
    """The steps of one way, each with the limits of the arrow that leads to it."""
    steps = [graph.nodes[path[0]].step]
    for before, here in pairwise(path):
        pair = graph.nodes[before].name, graph.nodes[here].name
        arrow = graph.arrows[graph.arrow_number[pair]]
        steps.append(replace(graph.nodes[here].step, within=arrow.within, after=arrow.after))
    return steps


def segment_of(question: Question, points: Sequence[Point], name: str | None) -> Segment:
    """The containers at one of some points, as a segment that can be asked for anywhere.

    Raises
    ------
    ArgumentError
        When more than `MOST_WAYS` ways lead there, or one of them is too long for a sequence.
    """
    graph, scope = question.graph, question.container.name
    if question.ties != "any":
        raise ArgumentError.of(
            "ties",
            question.ties,
            message("'any' where a segment is made"),
            message("A segment lets rows with equal times stand in either order."),
        )
    title = name or message(" or ").join(point.label(graph) for point in points)
    reached = [_at(graph, scope, point) for point in points]
    condition = joined("any", reached)
    for excluded in question.exclude:
        ways = _walked(graph, scope, list(graph.paths_to(graph.number[excluded])), excluded)
        condition = joined("all", [condition, Logic("not", (ways,))])
    if isinstance(condition, InSegment):
        return replace(condition.segment, name=title)
    return segment(title, scope=scope, where=condition)


def _at(graph: Graph, scope: str, point: Point) -> Condition:
    label = point.label(graph)
    _check_ways(graph, point.node)
    ways = list(graph.paths_to(point.node))
    if point.kind == "arrow":
        before = graph.links[point.arrow].source
        ways = [way for way in ways if len(way) > 1 and way[-2] == before]
    reached = _walked(graph, scope, ways, label)
    if point.kind != "fallout":
        return reached
    further = [(*way, after) for way in ways for after in graph.children[point.node]]
    moved_on = _walked(graph, scope, further, message("further than {node}", node=label))
    return joined("all", [reached, Logic("not", (moved_on,))])


def _check_ways(graph: Graph, node: int) -> None:
    if graph.ways_to[node] > MOST_WAYS:
        raise ArgumentError.of(
            "node",
            graph.nodes[node].name,
            message("a node to which at most {n} ways lead", n=MOST_WAYS),
            message("{n} ways lead here.", n=f"{graph.ways_to[node]:,}"),
        )


def _walked(graph: Graph, scope: str, ways: list[tuple[int, ...]], name: str) -> Condition:
    """Containers that walked one of some ways."""
    parts: list[Condition] = []
    for way in ways:
        if len(way) > MAXIMUM_STEPS:
            raise ArgumentError.of(
                "node", name, message("ways of at most {n} steps", n=MAXIMUM_STEPS)
            )
        title = " → ".join(graph.nodes[n].label for n in way)
        parts.append(InSegment(segment(title, scope=scope, steps=steps_along(graph, way))))
    return joined("any", parts)


def plain_steps(graph: Graph, names: Any) -> list[dict[str, Any]]:
    """Steps along a list of ids, as `wb.fallout` takes them.

    Raises
    ------
    ArgumentError
        For an unknown node, or where no arrow leads from one to the next.
    """
    if isinstance(names, str) or not isinstance(names, Sequence) or not names:
        raise ArgumentError.of("path", names, message("a list of ids of nodes"))
    path = []
    for name in names:
        if str(name) not in graph.number:
            raise ArgumentError.of("path", name, graph.number)
        path.append(graph.number[str(name)])
    for before, here in pairwise(names):
        if (str(before), str(here)) not in graph.arrow_number:
            known = [f"{a.source} → {a.target}" for a in graph.arrows]
            raise ArgumentError.of("path", f"{before} → {here}", known)
    return [item.plain() for item in steps_along(graph, path)]
