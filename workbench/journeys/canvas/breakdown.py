"""A node, an arrow or a fallout broken down by the values of a dimension."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.canvas import lists as drawing
from workbench.journeys.canvas.items import Picked, by_item
from workbench.journeys.canvas.points import Point
from workbench.journeys.scoping import OTHER
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.canvas.counting import Group
    from workbench.journeys.canvas.result import Canvas


class Breakdown(Result):
    """What the rows at a point of a canvas say of a dimension."""

    kind: ClassVar[str] = "canvas_breakdown"
    columns: ClassVar[Mapping[str, str]] = {
        "point": "Node, arrow or fallout that is broken down",
        "item": "Value of the dimension",
        "containers": "Containers with such a row there; one may be in several items",
        "total": "Containers at the point, the denominator of share",
        "share": "containers / total, 0…1",
        "value": "Primary metric over these rows",
        "value_total": "Primary metric over all rows at the point",
        "ratio": "value / value_total; may exceed 1 together with the others",
    }

    def __init__(
        self, canvas: Canvas, frame: pd.DataFrame, points: Sequence[Point], dimension: str
    ) -> None:
        self.canvas = canvas
        self._frame = frame
        self.dimension = dimension
        self.scope = canvas.scope
        graph = canvas.question.graph
        self.definition = {
            **canvas.definition,
            "view": "breakdown",
            "points": [{point.kind: point.plain(graph)} for point in points],
            "dimension": dimension,
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One line a point and item, the largest first."""
        return self._frame

    def headline(self) -> str:
        """The commonest item of the first point with its numerator and denominator."""
        who = self.canvas.question.container.plural
        if self._frame.empty:
            return message("There are no {containers} to break down.", containers=who)
        first = self._frame[self._frame["point"] == self._frame["point"].iloc[0]]
        known = first[first["item"] != OTHER]
        line = known.loc[known["containers"].idxmax()]
        return message(
            "At “{point}”, {n} of {total} {containers} have “{item}” as {dimension} ({share})",
            point=line["point"],
            n=numbers.count(line["containers"]),
            total=numbers.count(line["total"]),
            containers=who,
            item=line["item"],
            dimension=self.dimension,
            share=numbers.share(line["share"]),
        )

    def reading(self) -> str:
        """Whose rows are looked at."""
        question = self.canvas.question
        rows = (
            message("rows that reached the node in sequence")
            if question.in_sequence
            else message("all rows that match the node")
        )
        return message(
            "Looked at: {rows}, of the {containers} at the point; at an arrow those of the node it "
            "leads to. One of the {containers} may be in several items.",
            rows=rows,
            containers=question.container.plural,
        )

    def chart(self) -> alt.TopLevelMixin:
        """A bar an item; a panel a point where there are several."""
        return drawing.draw_items(self._frame, self.canvas.question.container.plural)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        question = self.canvas.question
        several = self._frame["point"].nunique() > 1
        metric = (
            ()
            if question.primary.kind == "containers"
            else (Column("value", question.primary.label, "number"),)
        )
        return (
            *((Column("point", message("At")),) if several else ()),
            Column("item", self.dimension),
            Column("containers", question.container.plural.capitalize(), "count"),
            Column("share", message("Of all at the point"), "share"),
            *metric,
        )


def breakdown(
    canvas: Canvas, points: Sequence[Point], dimension: str, group: Group, items: int | None
) -> Breakdown:
    """Tell the rows at some points apart by a dimension.

    Parameters
    ----------
    dimension : str
        A column of the events, or of accounts, people or opportunities.
    items : int or None
        Items shown of each point, the rest put together; None for all of them.

    Notes
    -----
    Source: journeys-canvas.md, section 3.
    """
    if items is not None and items < 1:
        raise ArgumentError.of("items", items, message("1 or more, or None for all"))
    parts = []
    for point in points:
        containers, places = group.rows.at(point.node, point.containers(group))
        picked = Picked(containers, places)
        found = by_item(canvas.question, group, picked, dimension, items)
        total = int(np.count_nonzero(point.containers(group)))
        found["total"] = total
        found["share"] = found["containers"] / total if total else np.nan
        parts.append(found.assign(point=point.label(canvas.question.graph)))
    frame = pd.concat(parts, ignore_index=True)[list(Breakdown.columns)]
    return Breakdown(canvas, frame, points, dimension)
