"""Every way from a start to an end, with the containers that walked exactly it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.engine.graph.reach import MOST_NODES, Link
from workbench.errors import ArgumentError
from workbench.journeys.canvas import lists as drawing
from workbench.journeys.scoping import shares
from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.canvas.counting import Group
    from workbench.journeys.canvas.graph import Graph
    from workbench.journeys.canvas.result import Canvas

MOST_PATHS = 2_000
ARROW = " → "


class Paths(Result):
    """Containers that walked each way from a start to an end."""

    kind: ClassVar[str] = "canvas_paths"
    columns: ClassVar[Mapping[str, str]] = {
        "group": "Name of the group",
        "path": "Ids of the nodes on the way, joined by arrows",
        "labels": "Their labels",
        "start_node": "Id of its start",
        "end_node": "Id of its end",
        "nodes": "Nodes on the way",
        "containers": "Containers that walked all of it; a container may walk several ways",
        "start": "Containers at its start",
        "share_of_start": "containers / start, 0…1",
        "low": "Lower end of its 95 % Wilson interval",
        "high": "Upper end of its 95 % Wilson interval",
        "end": "Containers at its end, by whatever way",
        "share_of_end": "containers / end, 0…1",
    }

    def __init__(self, canvas: Canvas, frame: pd.DataFrame) -> None:
        self.canvas = canvas
        self._frame = frame
        self.scope = canvas.scope
        self.definition = {**canvas.definition, "view": "paths"}

    @property
    def frame(self) -> pd.DataFrame:
        """One line a group and way, the most walked first."""
        return self._frame

    @property
    def _first(self) -> pd.DataFrame:
        return self._frame[self._frame["group"] == self.canvas.groups[0].name]

    def headline(self) -> str:
        """The most walked way with its numerator and denominator."""
        line, who = self._first.iloc[0], self.canvas.question.container.plural
        if not line["containers"]:
            return message("No {containers} walk any way to its end.", containers=who)
        return message(
            "The most walked of {ways} is {path}: {n} of {start} {containers} ({share})",
            ways=message_of_count("{count} way", "{count} ways", len(self._first)),
            path=line["labels"],
            n=numbers.count(line["containers"]),
            start=numbers.count(line["start"]),
            containers=who,
            share=numbers.share(line["share_of_start"]),
        )

    def reading(self) -> str:
        """That ways are not exclusive."""
        return message(
            "Each line is one way from a start to an end, walked in this order; shares are of the "
            "{containers} at its start. A container that walks several ways is in each of them.",
            containers=self.canvas.question.container.plural,
        )

    def chart(self) -> alt.TopLevelMixin:
        """A bar a way."""
        return drawing.draw_paths(self._first, self.canvas.question.container.plural)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        grouped = (Column("group", message("Group")),) if len(self.canvas.groups) > 1 else ()
        return (
            *grouped,
            Column("labels", message("Way")),
            Column("containers", message("Walked it"), "count"),
            Column("share_of_start", message("Of its start"), "share"),
            Column("low", message("95 % from"), "share"),
            Column("high", message("95 % to"), "share"),
            Column("share_of_end", message("Of its end"), "share"),
        )


def path_table(canvas: Canvas) -> Paths:
    """Every way from a start to an end, with its own counts.

    Raises
    ------
    ArgumentError
        Where there are more than `MOST_PATHS` ways.

    Notes
    -----
    Source: journeys-canvas.md, section 5 (merged journeys with a shared tail).
    """
    graph = canvas.question.graph
    ways = sum(graph.ways_to[end] for end in graph.ends)
    if ways > MOST_PATHS:
        raise ArgumentError.of(
            "arrows",
            message("{n} ways from start to end", n=f"{ways:,}"),
            message("at most {n} for a table of ways", n=f"{MOST_PATHS:,}"),
            message("Delete arrows, or look at the arrows one by one."),
        )
    paths = [path for end in graph.ends for path in graph.paths_to(end)]
    parts = [_lines(graph, group, paths) for group in canvas.groups]
    return Paths(canvas, pd.concat(parts, ignore_index=True)[list(Paths.columns)])


def _lines(graph: Graph, group: Group, paths: Sequence[tuple[int, ...]]) -> pd.DataFrame:
    walked = [count for chunk in _chunks(paths) for count in _walked(graph, group, chunk)]
    at = [int(np.count_nonzero(group.at(n))) for n in range(len(graph.nodes))]
    frame = pd.DataFrame(
        {
            "group": group.name,
            "path": [ARROW.join(graph.nodes[n].name for n in path) for path in paths],
            "labels": [ARROW.join(graph.nodes[n].label for n in path) for path in paths],
            "start_node": [graph.nodes[path[0]].name for path in paths],
            "end_node": [graph.nodes[path[-1]].name for path in paths],
            "nodes": [len(path) for path in paths],
            "containers": walked,
            "start": [at[path[0]] for path in paths],
            "end": [at[path[-1]] for path in paths],
        }
    )
    counts, starts = frame["containers"].to_numpy(), frame["start"].to_numpy()
    low, high = wilson(counts, starts)
    frame = frame.assign(
        share_of_start=shares(counts, starts),
        low=low,
        high=high,
        share_of_end=shares(counts, frame["end"].to_numpy()),
    )
    return frame.sort_values(["containers", "path"], ascending=[False, True], ignore_index=True)


def _chunks(paths: Sequence[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
    """Paths whose beginnings together are at most as many as one walk can tell apart."""
    chunk: list[tuple[int, ...]] = []
    beginnings: set[tuple[int, ...]] = set()
    for path in paths:
        own = {path[: n + 1] for n in range(len(path))}
        if chunk and len(beginnings | own) > MOST_NODES:
            yield chunk
            chunk, beginnings = [], set()
        chunk.append(path)
        beginnings |= own
    if chunk:
        yield chunk


def _walked(graph: Graph, group: Group, paths: list[tuple[int, ...]]) -> list[int]:
    """Containers that walked each of some paths: each beginning of a path is a node of its own."""
    beginnings = sorted({path[: n + 1] for path in paths for n in range(len(path))}, key=len)
    number = {beginning: n for n, beginning in enumerate(beginnings)}
    limits = {(link.source, link.target): link for link in graph.links}
    links = [
        Link(
            number[path[:-1]],
            number[path],
            limits[path[-2], path[-1]].within,
            limits[path[-2], path[-1]].after,
        )
        for path in beginnings
        if len(path) > 1
    ]
    found = group.found.redrawn([path[-1] for path in beginnings], links)
    return [int(np.count_nonzero(group.counted & found.at(number[path]))) for path in paths]
