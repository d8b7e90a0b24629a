"""A node of a flow by another dimension of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.flow.counting import ENTRY, EXIT
from workbench.journeys.flow.members import chosen, place_of
from workbench.journeys.flow.wording import anchor_name, counted_word
from workbench.journeys.scoping import OTHER, readable, shares
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.flow.result import Flow


class Breakdown(Result):
    """Path views of one node by the value that its rows carry in another dimension."""

    kind: ClassVar[str] = "flow_breakdown"
    columns: ClassVar[Mapping[str, str]] = {
        "item": "Value of the dimension; (other) for the rest",
        "path_views": "Path views whose row carries it",
        "containers": "Distinct containers with such a path view",
        "value": "path_views or containers, as `count` of the flow says",
        "total": "The same of the node, the denominator",
        "share": "value / total, 0…1",
        "low": "Lower end of its 95 % Wilson interval, over containers",
        "high": "Upper end of its 95 % Wilson interval, over containers",
    }

    def __init__(
        self, flow: Flow, frame: pd.DataFrame, node: tuple[int, str], dimension: str
    ) -> None:
        self.flow = flow
        self._frame = frame
        self.node = node
        self.dimension = dimension
        self.scope = flow.scope
        self.definition = {
            **flow.definition,
            "view": "breakdown",
            "column": node[0],
            "item": node[1],
            "of": dimension,
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One line a value, the largest first."""
        return self._frame

    def headline(self) -> str:
        """The commonest value with its numerator and denominator."""
        if self._frame.empty:
            return message("No path reaches “{item}”, so there is nothing to break down.",
                           item=self.node[1])  # fmt: skip
        first = self._frame.iloc[0]
        return message(
            "At “{node}”, {dimension} is most often “{item}”: {n} of {total} {counted}, {share}",
            node=self.node[1],
            dimension=self.dimension,
            item=first["item"],
            n=numbers.count(first["value"]),
            total=numbers.count(first["total"]),
            counted=counted_word(self.flow),
            share=numbers.share(first["share"]),
        )

    def reading(self) -> str:
        """Whose rows are looked at."""
        if self.node[1] in (EXIT, ENTRY):
            return message("Values of the last row that each path has before its end.")
        return message("Values of the row that stands at the node.")

    def chart(self) -> alt.TopLevelMixin:
        """A bar a value."""
        from workbench.journeys.flow.views_chart import draw_items

        return draw_items(self._frame, counted_word(self.flow))

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        who = self.flow.question.container.plural.capitalize()
        return (
            Column("item", self.dimension),
            Column("path_views", message("Path views"), "count"),
            Column("containers", who, "count"),
            Column("share", message("Of all at the node"), "share"),
            Column("low", message("95 % from"), "share"),
            Column("high", message("95 % to"), "share"),
        )


def breakdown(
    flow: Flow,
    column: int = 0,
    item: str | None = None,
    dimension: str = "event",
    *,
    items: int = 10,
) -> Breakdown:
    """Break a node down by another dimension of its rows.

    Parameters
    ----------
    flow : Flow
    column : int
    item : str, optional
        An item of the column, ``(other)``, or an end, whose last row is looked at; all of the
        column when left out.
    dimension : str
        Of the events, or of accounts, people or opportunities.
    items : int
        Values shown; the rest is put together.

    Notes
    -----
    Source: journeys-flow.md, section 1 (break down in the context menu).
    """
    if isinstance(items, bool) or not isinstance(items, int) or items < 1:
        raise ArgumentError.of(
            "items", items, message("a whole number of {least} or more", least=1)
        )
    question, survey = flow.question, flow.survey
    codes, values = survey.marker.lookup(dimension)
    place = place_of(question, column)
    near = place if item not in (EXIT, ENTRY) or not column else place + (-1 if column > 0 else 1)
    traced = chosen(flow, {column: item}).traced(survey, [near])
    rows = survey.stream.row_at(traced.places[:, 0])
    names = np.array([readable(value) for value in values], object).astype(str)
    distinct, number = np.unique(names, return_inverse=True)
    of = number[np.asarray(codes[rows], np.int64)]
    ranked = _counts(traced.container, traced.views, of, distinct.size)
    by = 1 if question.count == "containers" else 0
    kept = [n for n in np.argsort(-ranked[by], kind="stable") if ranked[0][n]][:items]
    folded = np.full(distinct.size, len(kept))
    folded[kept] = np.arange(len(kept))
    views, containers = _counts(traced.container, traced.views, folded[of], len(kept) + 1)
    present = views > 0
    totals = int(traced.views.sum()), np.unique(traced.container).size
    value = (views, containers)[by][present]
    total = np.full(value.size, totals[by])
    # path views of one container resemble each other: the interval counts containers
    worth = np.minimum(float(totals[1]), total)
    share = shares(value, total)
    low, high = wilson(share * worth, worth)
    frame = pd.DataFrame(
        {
            "item": np.array([*(str(distinct[n]) for n in kept), OTHER], object)[present],
            "path_views": views[present],
            "containers": containers[present],
            "value": value,
            "total": total,
            "share": share,
            "low": low,
            "high": high,
        }
    )
    label = item if item is not None else anchor_name(flow) if not column else message("any item")
    return Breakdown(flow, frame, (column, label), dimension)


def _counts(
    container: np.ndarray, views: np.ndarray, of: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Path views and distinct containers of each number."""
    pairs = np.unique(container * size + of) % size
    counted = np.bincount(of, weights=views, minlength=size).astype(np.int64)
    return counted, np.bincount(pairs, minlength=size)
