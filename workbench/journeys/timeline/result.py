"""The answer: what happened at one account, in order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.journeys.records import Deals, deals, instant_of
from workbench.journeys.scoping import scope_of
from workbench.journeys.timeline import chart as drawing
from workbench.journeys.timeline import wording
from workbench.journeys.timeline.grouping import COLUMNS, grouped
from workbench.journeys.timeline.milestones import milestones_of
from workbench.journeys.timeline.question import Question
from workbench.journeys.timeline.rows import THEY, WE
from workbench.messages import message
from workbench.results.base import Block, Result
from workbench.results.tables import Column
from workbench.vocabulary.containers import container_named
from workbench.vocabulary.periods import bucket

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.timeline.around import Around

MEMBERS = {
    "key": "Key of the person; missing for rows that name none",
    "name": "Name of the person",
    "role": "Role in a buying group or opportunity, else the title",
    "rows": "Rows of the person",
    "theirs": "Of them: what the person did",
    "ours": "Of them: what was sent to the person",
    "milestones": "Of them: part of a milestone",
    "first_at": "First row (UTC)",
    "last_at": "Last row (UTC)",
}


class Timeline(Result):
    """What happened at one account: milestones, people, opportunities, activity.

    Attributes
    ----------
    question : Question
    rows : pandas.DataFrame
        Every event of the account that was read, as `workbench.journeys.timeline.rows.rows_of`.
    scope : Scope
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "timeline"

    def __init__(self, *, question: Question, rows: pd.DataFrame) -> None:
        self.question = question
        self.rows = rows
        self.definition = question.plain()
        workspace = question.workspace
        self.scope = scope_of(
            workspace,
            workspace.marker(question.period),
            container_named("account"),
            question.period,
            dropped_null_key=0,
            rows_read=len(rows) if question.period else None,
        )

    @cached_property
    def days(self) -> pd.Series:
        """Day of the reporting zone of each row."""
        return bucket(self.rows["time"].to_numpy(), "day", self.question.zone)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Rows of a day, person, session, event and opportunity together, in order of time."""
        return grouped(self.rows, self.days, self.question.milestones)

    @cached_property
    def milestones(self) -> pd.DataFrame:
        """What mattered, in order; columns as `workbench.journeys.timeline.milestones.COLUMNS`."""
        return milestones_of(self.rows, self.days, self.question.milestones)

    @cached_property
    def deals(self) -> Deals:
        """Opportunities of the account as they stood at the end of what was looked at."""
        question = self.question
        at = instant_of(question.workspace, question.period)
        return deals(question.workspace, at, question.account)

    @property
    def span(self) -> tuple[int, int]:
        """First and last microsecond of the rows; zeros without any."""
        times = self.rows["time"].to_numpy()
        return (int(times.min()), int(times.max())) if times.size else (0, 0)

    def headline(self) -> str:
        """From the first touch to the last milestone, with rows and people."""
        return wording.headline(self)

    def reading(self) -> str:
        """What lanes and colours mean, and what is not labelled."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """The question in sentences."""
        return wording.definitions(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("day", message("Day"), "date"),
            Column("event", message("What happened")),
            Column("detail", message("What it is about")),
            Column("rows", message("Rows"), "count"),
            Column("person", message("Person")),
            Column("role", message("Role")),
            Column("who", message("Who acted")),
            Column("opportunity_id", message("Opportunity")),
            Column("session_id", message("Session")),
        )

    def table_frame(self) -> pd.DataFrame:
        """The newest first."""
        return self.frame.iloc[::-1].reset_index(drop=True)

    def chart(self) -> alt.TopLevelMixin:
        """Milestones, opportunities, people and activity over one axis of time."""
        return drawing.draw(self)

    def members(self) -> pd.DataFrame:
        """The people behind the rows, those with most rows first.

        Returns
        -------
        pandas.DataFrame
            Columns as `workbench.journeys.timeline.result.MEMBERS`.
        """
        rows = self.rows.assign(
            theirs=self.rows["who"] == THEY,
            ours=self.rows["who"] == WE,
            mark=_marks(self),
        )
        out = rows.groupby("person_id", dropna=False, as_index=False).agg(
            name=("person", "first"), role=("role", "first"), rows=("time", "size"),
            theirs=("theirs", "sum"), ours=("ours", "sum"), milestones=("mark", "sum"),
            first_at=("at", "min"), last_at=("at", "max"),
        )  # fmt: skip
        out = out.rename(columns={"person_id": "key"})
        whole = ["rows", "theirs", "ours", "milestones"]
        out[whole] = out[whole].astype(np.int64)
        return out.sort_values(["rows", "key"], ascending=[False, True], ignore_index=True)[
            list(MEMBERS)
        ]

    def around(
        self, milestone: int | str | None = None, *, before: Any = "30d", after: Any = "30d"
    ) -> Around:
        """What came before and after a milestone; see `workbench.journeys.timeline.around`."""
        from workbench.journeys.timeline.around import around

        return around(self, milestone, before=before, after=after)

    def key_figures(self) -> Block:
        """Three to five numbers for the head of a page."""
        return wording.figures(self)


def _marks(result: Timeline) -> np.ndarray:
    from workbench.journeys.timeline.milestones import is_milestone

    return is_milestone(result.rows, result.question.milestones)
