"""The answer: one line a KPI and group, its trend, and the records behind it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench.results import numbers
from workbench.results.base import Block, Result, Scope
from workbench.results.tables import Column
from workbench.sales.kpis import frames, wording
from workbench.sales.kpis.counting import Counted
from workbench.sales.kpis.question import Question

if TYPE_CHECKING:
    import altair as alt


class Kpis(Result):
    """KPIs against their targets.

    Attributes
    ----------
    frame : pandas.DataFrame
        One line for each KPI and group, for its last period; columns as in `columns`.
    trend : pandas.DataFrame
        The same for every period that is shown; columns as in `trend_columns`.
    offers : pandas.DataFrame
        What can be done next: for each KPI and member of staff the number of records that wait.
    """

    kind: ClassVar[str] = "kpis"
    columns: ClassVar[Mapping[str, str]] = frames.COLUMNS
    trend_columns: ClassVar[Mapping[str, str]] = frames.TREND

    def __init__(self, *, question: Question, found: Counted) -> None:
        self.question = question
        self.found = found
        self.definition = dict(question.asked)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line for each KPI and group."""
        return frames.frame(self.question, self.found)

    @cached_property
    def trend(self) -> pd.DataFrame:
        """One line for each KPI, group and period."""
        return frames.trend(self.question, self.found)

    @cached_property
    def offers(self) -> pd.DataFrame:
        """Records that wait, by KPI and member of staff, most first."""
        return frames.offers(self.question, self.found)

    @cached_property
    def scope(self) -> Scope:  # type: ignore[override]
        """What was looked at, and what the data do not hold."""
        facts = self.question.facts
        zone = facts.workspace.settings.report_tz
        opportunities = facts.workspace.tables.get("opportunities")
        return Scope(
            "opportunity",
            str(self.question.period),
            numbers.day(facts.workspace.as_of, zone),
            opportunities.rows if opportunities else 0,
            notes=tuple(wording.notes(self)),
        )

    def headline(self) -> str:
        """How many KPIs are on target, and which one is farthest from it."""
        return wording.headline(self)

    def reading(self) -> str:
        """How the picture is to be read."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """Each KPI in a sentence: its blanks, its source, its target."""
        return wording.definitions(self)

    def chart(self) -> alt.TopLevelMixin:
        """A card for each KPI: value and target, attainment, trend, what to do next."""
        from workbench.sales.kpis.chart import draw

        return draw(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns of the table that a reader sees."""
        return wording.shown(self)

    def table_frame(self) -> pd.DataFrame:
        """Rows of that table: figures as they are read."""
        return wording.table(self)

    def members(
        self, kpi_id: str, *, group: str | None = None, what: str = "to_do"
    ) -> pd.DataFrame:  # fmt: skip
        """The records behind a figure of the last period.

        Parameters
        ----------
        kpi_id : str
        group : str, optional
            Key or name of one group.
        what : {"to_do", "counted", "of", "apart"}
            Those to act on; those in the numerator; those in the denominator; those listed beside
            the figure, such as accounts that were never visited.

        Returns
        -------
        pandas.DataFrame
            Columns of `workbench.sales.kpis.members.COLUMNS`.
        """
        from workbench.sales.kpis.members import members

        return members(self, kpi_id, group, what)

    def to_act_on(self, kpi_id: str, *, most: int = 200) -> Block:
        """The list of one KPI as a part of a page: record, owner, why."""
        from workbench.sales.kpis.action import to_act_on

        return to_act_on(self, kpi_id, most)

    def key_figures(self, *, most: int = 5) -> Block:
        """The KPIs farthest from their target as key figures."""
        from workbench.sales.kpis.action import key_figures

        return key_figures(self, most)
