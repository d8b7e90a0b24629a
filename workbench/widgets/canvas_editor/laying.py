"""Where boxes stand on the canvas: by layers at first, then where they were put by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbench.journeys.canvas.drawn import arrow_from
from workbench.journeys.canvas.graph import Graph, Node, ordered
from workbench.journeys.canvas.layout import placed
from workbench.vocabulary.steps import step_from

BOX_WIDTH, BOX_HEIGHT = 184, 104
COLUMN_GAP, ROW_GAP = 136, 26
ARROW_ROOM, THIN = 22.0, 14.0
ALONE_A_ROW = 6

Places = dict[str, tuple[int, int]]


def graph_of(graph: Mapping[str, Any]) -> Graph:
    """Nodes and arrows in walking order, however many there are; loops back are left out.

    Raises
    ------
    ArgumentError
        For a cycle, and for an arrow that leads from or to no node.
    """
    nodes = {str(n): Node(str(n), step_from(part), str(n)) for n, part in graph["nodes"].items()}
    arrows = [arrow_from(arrow, list(nodes)) for arrow in graph["arrows"]]
    return ordered(nodes, tuple(arrow for arrow in arrows if not arrow.repeat))


def laid_out(graph: Mapping[str, Any]) -> Places:
    """Places of all nodes by layers from left to right, nodes without arrows below."""
    walked = graph_of(graph)
    tied = {end for arrow in walked.arrows for end in (arrow.source, arrow.target)}
    names = [node.name for node in walked.nodes if node.name in tied]
    number = {name: n for n, name in enumerate(names)}
    layers = [walked.layers[walked.number[name]] for name in names]
    pairs = [(number[a.source], number[a.target]) for a in walked.arrows]
    where = placed(
        layers,
        pairs,
        [BOX_HEIGHT] * len(names),
        [(ARROW_ROOM, ARROW_ROOM / 2)] * len(pairs),
        THIN,
        ROW_GAP,
    )
    out: Places = {
        name: (layers[n] * (BOX_WIDTH + COLUMN_GAP), round(where.boxes[n] - BOX_HEIGHT / 2))
        for n, name in enumerate(names)
    }
    top = max((y for _, y in out.values()), default=-BOX_HEIGHT - 2 * ROW_GAP)
    top += BOX_HEIGHT + 2 * ROW_GAP
    alone = [node.name for node in walked.nodes if node.name not in tied]
    for n, name in enumerate(alone):
        row, column = divmod(n, ALONE_A_ROW)
        out[name] = column * (BOX_WIDTH + ROW_GAP), top + row * (BOX_HEIGHT + ROW_GAP)
    return out


def settled(graph: Mapping[str, Any]) -> dict[str, Any]:
    """The graph with a place for every node; places that there are stay."""
    names = [str(name) for name in graph["nodes"]]
    known = {str(n): place for n, place in (graph.get("places") or {}).items() if str(n) in names}
    if not known:
        places = laid_out(graph) if names else {}
    else:
        places = {name: (round(x), round(y)) for name, (x, y) in known.items()}
        arrows = [arrow_from(arrow, names) for arrow in graph["arrows"]]
        for name in names:
            if name not in places:
                before = [places[a.source] for a in arrows
                          if a.target == name and a.source in places]  # fmt: skip
                after = [places[a.target] for a in arrows
                         if a.source == name and a.target in places]  # fmt: skip
                places[name] = spot(places.values(), before, after)
    rest = {key: value for key, value in graph.items() if key != "places"}
    return {**rest, "places": {name: list(places[name]) for name in names}} if names else rest


def spot(
    taken: Iterable[tuple[int, int]],
    before: list[tuple[int, int]],
    after: list[tuple[int, int]],
) -> tuple[int, int]:
    """A free place for a box beside its neighbours; below everything without any."""
    taken = list(taken)
    step = BOX_WIDTH + COLUMN_GAP
    if before and after:
        x = (max(x for x, _ in before) + min(x for x, _ in after)) // 2
    elif before:
        x = max(x for x, _ in before) + step
    elif after:
        x = min(x for x, _ in after) - step
    else:
        low = max((y for _, y in taken), default=-BOX_HEIGHT - ROW_GAP)
        return min((x for x, _ in taken), default=0), low + BOX_HEIGHT + ROW_GAP
    near = before + after
    return free(taken, (x, round(sum(y for _, y in near) / len(near))))


def opened(places: Mapping[str, Any], source: str, target: str, name: str) -> dict[str, Any]:
    """Room for a box between two others: what stands right of the gap moves on to the right."""
    (left, top), (right, low) = places[source], places[target]
    out = {other: list(place) for other, place in places.items() if other != name}
    missing = left + 2 * (BOX_WIDTH + COLUMN_GAP) - right
    if right > left and missing > 0:
        for other, (x, _) in places.items():
            if x >= right - BOX_WIDTH // 2 and other not in (source, name):
                out[other][0] = x + missing
        right += missing
    taken = [(x, y) for x, y in out.values()]
    out[name] = list(free(taken, ((left + right) // 2, (top + low) // 2)))
    return out


def free(taken: Iterable[tuple[int, int]], wanted: tuple[int, int]) -> tuple[int, int]:
    """The nearest place above or below that no other box covers."""
    taken = list(taken)
    for n in range(2 * len(taken) + 2):
        step = (n + 1) // 2 * (BOX_HEIGHT + ROW_GAP) // 2 * (1 if n % 2 else -1)
        x, y = wanted[0], wanted[1] + step
        if not any(abs(x - a) < BOX_WIDTH and abs(y - b) < BOX_HEIGHT for a, b in taken):
            return x, y
    return wanted
