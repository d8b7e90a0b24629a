"""The answer: nodes, links, a picture, a sentence, and the rows behind every number."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench.journeys.flow import wording
from workbench.journeys.flow.counting import LINK_COLUMNS, NODE_COLUMNS, Tables
from workbench.journeys.flow.question import Question
from workbench.journeys.flow.survey import Survey
from workbench.messages import message
from workbench.results.base import Block, Result, Scope
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.flow.breakdown import Breakdown
    from workbench.journeys.flow.difference import Difference
    from workbench.journeys.flow.trend import Trend
    from workbench.vocabulary.segments import Segment


class Flow(Result):
    """Paths of items from, to or around an anchor.

    Attributes
    ----------
    question : Question
    survey : Survey
    """

    columns: ClassVar[Mapping[str, str]] = NODE_COLUMNS
    link_columns: ClassVar[Mapping[str, str]] = LINK_COLUMNS
    kind: ClassVar[str] = "flow"

    def __init__(self, *, question: Question, survey: Survey) -> None:
        self.question = question
        self.survey = survey
        self.definition = question.plain()

    @cached_property
    def tables(self) -> Tables:
        """The sums as frames."""
        return Tables(self.survey)

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """One line a node, with the columns of `Flow.columns`."""
        return self.tables.nodes()

    @property
    def frame(self) -> pd.DataFrame:
        """The nodes."""
        return self.nodes

    @cached_property
    def links(self) -> pd.DataFrame:
        """One line a link between neighbour columns, with the columns of `Flow.link_columns`."""
        return self.tables.links()

    @cached_property
    def balance(self) -> pd.DataFrame:
        """For every node and side: path_views + split = passed_on + hidden."""
        return self.tables.balance()

    @cached_property
    def scope(self) -> Scope:  # type: ignore[override]
        """What was set aside, how far the order of rows is known, what the period cuts."""
        return wording.scope(self)

    def headline(self) -> str:
        """What comes next (or before) most often."""
        if self.question.compare:
            return self.difference().headline()
        return wording.headline(self)

    def reading(self) -> str:
        """What a path view is, and what the picture leaves out."""
        if self.question.compare:
            return self.difference().reading()
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """The question in sentences."""
        return wording.definitions(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        if self.question.compare:
            return self.difference().shown()
        who = self.question.container.plural.capitalize()
        people = (Column("persons", message("People"), "count"),)
        return (
            Column("column", message("Column"), "count"),
            Column("item", message("Item")),
            Column("path_views", message("Path views"), "count"),
            Column("containers", who, "count"),
            *(people if self.survey.knows_people else ()),
            Column("share_of_start", self._of_start(), "share"),
            Column("share_of_start_low", message("95 % from"), "share"),
            Column("share_of_start_high", message("95 % to"), "share"),
            Column("share_of_source", message("Of all that come to the column"), "share"),
        )

    def _of_start(self) -> str:
        if self.question.count == "containers":
            return message(
                "Of {containers} with “{anchor}”",
                containers=self.question.container.plural,
                anchor=wording.anchor_name(self),
            )
        return message("Of path views of “{anchor}”", anchor=wording.anchor_name(self))

    def table_frame(self) -> pd.DataFrame:
        """Rows of the table that a reader sees."""
        return self.difference().frame if self.question.compare else self.nodes

    def chart(self) -> alt.TopLevelMixin:
        """Columns from left to right, ribbons as wide as what runs along them."""
        from workbench.journeys.flow import chart

        if self.question.compare:
            return self.difference().chart()
        return chart.draw(self)

    def key_figures(self) -> Block:
        """Three to five numbers for the head of a page."""
        from workbench.journeys.flow.figures import figures

        return figures(self)

    def members(
        self,
        column: int = 0,
        item: str | None = None,
        target: str | None = None,
        *,
        path: Any = None,
    ) -> pd.DataFrame:
        """The containers behind a node, a link or a path; see `workbench.journeys.flow.members`."""
        from workbench.journeys.flow.members import members

        return members(self, column, item, target, path=path)

    def rows(
        self,
        column: int = 0,
        item: str | None = None,
        target: str | None = None,
        *,
        path: Any = None,
        key: str | None = None,
        most: int = 1_000,
    ) -> pd.DataFrame:
        """The rows behind a node, a link or a path; see `workbench.journeys.flow.members.rows`."""
        from workbench.journeys.flow.members import rows

        return rows(self, column, item, target, path=path, key=key, most=most)

    def trend(
        self,
        column: int = 0,
        item: str | None = None,
        *,
        granularity: str = "month",
        date: str = "anchor",
    ) -> Trend:
        """A node over time; see `workbench.journeys.flow.trend.trend`."""
        from workbench.journeys.flow.trend import trend

        return trend(self, column, item, granularity=granularity, date=date)

    def breakdown(
        self, column: int = 0, item: str | None = None, dimension: str = "event", *, items: int = 10
    ) -> Breakdown:
        """A node by another dimension; see `workbench.journeys.flow.breakdown.breakdown`."""
        from workbench.journeys.flow.breakdown import breakdown

        return breakdown(self, column, item, dimension, items=items)

    def difference(self, a: Any = None, b: Any = None) -> Difference:
        """Two segments side by side; see `workbench.journeys.flow.difference.difference`."""
        from workbench.journeys.flow.difference import difference

        return difference(self, a, b)

    def segment_of(self, path: Any, name: str | None = None) -> Segment:
        """Containers that walk a path; see `workbench.journeys.flow.sequence.segment_of`."""
        from workbench.journeys.flow.sequence import segment_of

        return segment_of(self, path, name)

    def focus(self, column: int, item: str) -> Flow:
        """The same question with one node in the middle of its paths.

        Parameters
        ----------
        column : int
        item : str
            An item of that column.
        """
        from workbench.journeys.flow.sequence import focus

        return focus(self, column, item)

    def again(self, **changes: Any) -> Flow:
        """The same question with other options: ``flow.again(columns=6, items=10)``.

        Parameters
        ----------
        **changes
            Arguments of `wb.flow`; another anchor takes the place of this one.
        """
        from workbench.journeys.flow.sequence import again

        return again(self, changes)

    def shares(self) -> pd.DataFrame:
        """Label, count and total of each node beside the anchor, for `compare`."""
        beside = self.nodes[self.nodes["column"] != 0]
        labels = [
            f"{item} ({column:+d})"
            for column, item in zip(beside["column"], beside["item"], strict=True)
        ]
        return pd.DataFrame(
            {
                "label": labels,
                "count": beside["value"].to_numpy(),
                "total": beside["start"].to_numpy(),
            }
        )
