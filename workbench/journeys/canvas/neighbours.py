"""What happened directly after, before or between nodes: what could be drawn next.

The anchor is the row of the earliest passage: the first row that reached a node, or for an arrow
the latest row before the earliest row reached through it. A neighbour is the row directly after
or before it in the order of the store; each container has one.

Source: journeys-canvas.md, sections 1 (show top nodes) and 6 (after fallout).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.canvas import edits
from workbench.journeys.canvas import lists as drawing
from workbench.journeys.canvas.items import Picked, by_item
from workbench.journeys.canvas.points import Point, points_from
from workbench.journeys.scoping import MISSING, OTHER, readable
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.canvas.counting import Group
    from workbench.journeys.canvas.result import Canvas

NOTHING = {
    "after": "(no further event)",
    "after_fallout": "(no further event)",
    "before": "(no earlier event)",
    "between": "(nothing in between)",
    "anywhere": "",
}


class Neighbours(Result):
    """Values of a dimension directly after, before or between nodes."""

    kind: ClassVar[str] = "canvas_neighbours"
    columns: ClassVar[Mapping[str, str]] = {
        "item": "Value of the dimension; '(other)' for the rest, and a line for no such event",
        "containers": "Containers whose neighbour has this value; each has one neighbour",
        "total": "Containers at the node or arrow, the denominator of share",
        "share": "containers / total, 0…1",
        "value": "Primary metric over these neighbours",
        "value_total": "Primary metric over all neighbours",
        "ratio": "value / value_total; may exceed 1 together with the others",
    }

    def __init__(
        self,
        canvas: Canvas,
        frame: pd.DataFrame,
        where: str,
        point: Point | None,
        dimension: str,
        tied: int,
    ) -> None:
        self.canvas = canvas
        self._frame = frame
        self.where = where
        self.point = point
        self.dimension = dimension
        self.tied = tied
        self.scope = canvas.scope
        named = None if point is None else point.plain(canvas.question.graph)
        self.definition = {
            **canvas.definition,
            "view": "neighbours",
            "where": where,
            "at": named,
            "dimension": dimension,
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One line an item, the largest first."""
        return self._frame

    @property
    def _items(self) -> pd.DataFrame:
        nothing = NOTHING[self.where]
        return self._frame[~self._frame["item"].isin([OTHER, *([nothing] if nothing else [])])]

    def headline(self) -> str:
        """The commonest neighbour with its numerator and denominator."""
        question = self.canvas.question
        who = question.container.plural
        if self._items.empty:
            return message("There is no such event for any of the {containers}.", containers=who)
        line = self._items.iloc[0]
        values = {
            "n": numbers.count(line["containers"]),
            "total": numbers.count(line["total"]),
            "containers": who,
            "item": line["item"],
            "share": numbers.share(line["share"]),
            "point": "" if self.point is None else self.point.label(question.graph),
        }
        if self.where == "after":
            return message(
                "After “{point}”, {n} of {total} {containers} did “{item}” next ({share})", **values
            )
        if self.where == "after_fallout":
            return message(
                "“{item}” came next for {n} of {total} {containers} that went {point} ({share})",
                **values,
            )
        if self.where == "before":
            return message(
                "Directly before “{point}”, {n} of {total} {containers} did “{item}” ({share})",
                **values,
            )
        if self.where == "between":
            return message(
                "On the way “{point}”, {n} of {total} {containers} did “{item}” first ({share})",
                **values,
            )
        return message("{n} of {total} {containers} did “{item}” ({share})", **values)

    def reading(self) -> str:
        """Which rows are neighbours, and how many have the time of their anchor."""
        if self.where == "anywhere":
            return message("All events in scope; one container may be in several items.")
        text = message(
            "Each of the {containers} is counted once, at the event directly beside the first "
            "passage.",
            containers=self.canvas.question.container.plural,
        )
        if self.tied:
            text += " " + message(
                "{n} of these events have the same time as the passage; their order is that of "
                "their sequence number, then of their id.",
                n=numbers.count(self.tied),
            )
        return text

    def chart(self) -> alt.TopLevelMixin:
        """A bar an item."""
        return drawing.draw_items(self._frame, self.canvas.question.container.plural)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        question = self.canvas.question
        metric = (
            ()
            if question.primary.kind == "containers"
            else (Column("value", question.primary.label, "number"),)
        )
        return (
            Column("item", self.dimension),
            Column("containers", question.container.plural.capitalize(), "count"),
            Column("share", message("Of all there"), "share"),
            *metric,
        )

    def graph(self, items: int = 3, *, joined: bool = False) -> dict[str, Any]:
        """The graph with nodes for the top items drawn where they were found.

        Parameters
        ----------
        joined : bool
            One node that holds all of the items, instead of one for each.

        Returns
        -------
        dict
            Plain arguments of `wb.canvas`; fewer nodes where fewer items have data.
        """
        drawn = dict(self.canvas.graph)
        found = [item for item in self._items["item"] if item != MISSING][:items]
        names = []
        for group in [found] if joined and found else [[item] for item in found]:
            values = [self._value(item) for item in group]
            label = message(" or ").join(group)
            step = {"label": label, "where": {self.dimension: {"=": values}}}
            drawn, name = edits.with_node(drawn, label, step)
            names.append(name)
        if self.point is None or not names:
            return drawn
        own = self.point.plain(self.canvas.question.graph)
        for name in names:
            if self.where == "before":
                drawn = edits.add_arrow(drawn, (name, own))
            elif self.where == "between":
                drawn = edits.add_arrow(edits.add_arrow(drawn, (own[0], name)), (name, own[1]))
            else:
                drawn = edits.add_arrow(drawn, (own, name))
        return edits.delete_arrow(drawn, own) if self.where == "between" else drawn

    def _value(self, item: str) -> Any:
        """The value behind the readable form of an item."""
        _, values = self.canvas.question.workspace.marker().lookup(self.dimension)
        return next((v for v in values if readable(v) == item), item)


def top_nodes(
    canvas: Canvas,
    group: Group,
    *,
    after: Any,
    before: Any,
    between: Any,
    dimension: str,
    items: int | None,
) -> Neighbours:
    """What is directly after an end, before a start, between two nodes, or anywhere.

    Notes
    -----
    Source: journeys-canvas.md, section 1.
    """
    graph = canvas.question.graph
    named = {"after": after, "before": before, "between": between}
    given = [name for name, value in named.items() if value is not None]
    if len(given) > 1:
        raise ArgumentError.of("top_nodes", given, message("one of after, before and between"))
    where = given[0] if given else "anywhere"
    if where == "anywhere":
        found = group.found
        chosen = np.flatnonzero(group.counted)
        lengths = (found.high - found.low)[chosen]
        starts = np.repeat(found.low[chosen] - np.cumsum(lengths) + lengths, lengths)
        picked = Picked(np.repeat(chosen, lengths), starts + np.arange(starts.size))
        return _neighbours(canvas, group, picked, where, None, dimension, items)
    if where == "between":
        (point,) = points_from(graph, 0, arrow=between)
    else:
        (point,) = points_from(graph, 0, node=named[where])
        free = graph.children if where == "after" else graph.parents
        if free[point.node]:
            allowed = [graph.nodes[n].name for n, others in enumerate(free) if not others]
            raise ArgumentError.of(where, named[where], allowed, _no_free_side(where))
    return around(canvas, group, point, where, dimension, items)


def _no_free_side(where: str) -> str:
    if where == "after":
        return message("An arrow leaves this node already; ask between=(…) for what lies on it.")
    return message("An arrow leads to this node already; ask between=(…) for what lies on it.")


def around(
    canvas: Canvas, group: Group, point: Point, where: str, dimension: str, items: int | None
) -> Neighbours:
    """The neighbours of one point."""
    found = group.found
    chosen = np.flatnonzero(point.containers(group))
    if where == "between":
        anchors = found.left_at[chosen, point.arrow]
        beside, limit = anchors + 1, found.came_at[chosen, point.arrow]
        there = beside < limit
    else:
        anchors = found.place_of[chosen, point.node]
        beside = anchors - 1 if where == "before" else anchors + 1
        there = (beside >= found.low[chosen]) & (beside < found.high[chosen])
    places = np.where(there, beside, -1)
    tied = (found.times(places) == found.times(anchors)) & there
    picked = Picked(chosen, places, NOTHING[where])
    return _neighbours(
        canvas, group, picked, where, point, dimension, items, int(np.count_nonzero(tied))
    )


def _neighbours(
    canvas: Canvas,
    group: Group,
    picked: Picked,
    where: str,
    point: Point | None,
    dimension: str,
    items: int | None,
    tied: int = 0,
) -> Neighbours:
    if items is not None and items < 1:
        raise ArgumentError.of("items", items, message("1 or more, or None for all"))
    frame = by_item(canvas.question, group, picked, dimension, items)
    return Neighbours(canvas, frame[list(Neighbours.columns)], where, point, dimension, tied)
