"""The answer: one line a stage, the deals behind every number, and the views on them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench.messages import message
from workbench.results.base import Block, Result
from workbench.results.tables import Column
from workbench.sales.stages import chart as drawing
from workbench.sales.stages import wording
from workbench.sales.stages.common import Answer, scope_of
from workbench.sales.stages.found import Found
from workbench.sales.stages.lines import COLUMNS, lines
from workbench.sales.stages.members import deals_behind, listing

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.stages.compliance import ExitCriteria
    from workbench.sales.stages.moves import StageMoves
    from workbench.sales.stages.stalls import StalledDeals
    from workbench.sales.stages.times import StageTimes


class Stages(Answer, Result):
    """Stages of the pipelines: who stands there, how long deals stay, what becomes of them.

    Attributes
    ----------
    found : Found
        Everything that the numbers are made of.
    scope : Scope
    findings : tuple of Problem
        What is wrong with the catalogue, the deals and their histories.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "stages"

    def __init__(self, found: Found) -> None:
        self.found = found
        self.scope = scope_of(found, self.findings)
        self.definition = found.question.plain(self.kind)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a stage, pipelines by name and stages in their order."""
        return lines(self.found)

    @property
    def open_lines(self) -> pd.DataFrame:
        """The lines of the open stages."""
        return self.frame[self.frame["kind"] == "open"]

    def headline(self) -> str:
        """How many open deals stand where, and how many of them longer than usual."""
        return wording.headline(self)

    def reading(self) -> str:
        """What the panels are."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """The question in sentences."""
        return wording.definitions(self)

    @property
    def drawn(self) -> int:
        """Stages in the picture."""
        return min(len(self.open_lines), drawing.MOST_STAGES)

    def chart(self) -> alt.TopLevelMixin:
        """Deals, days and share won of every open stage."""
        return drawing.draw_stages(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        found = [
            Column("stage", message("Stage")),
            Column("deals", message("Deals"), "count"),
            Column("amount", message("Amount"), "money", self.currency),
            Column("without_amount", message("Without amount"), "count"),
            Column("median_age_days", message("Median age"), "duration"),
            Column("median_days_in_stage", message("Median days in stage"), "duration"),
            Column("stalled", message("Longer than usual"), "count"),
            Column("max_days", message("Longest usual stay"), "duration"),
            Column("latest_days_median", message("Median finished stay"), "duration"),
            Column("entered", message("Deals that entered"), "count"),
            Column("won", message("Of these won"), "count"),
            Column("lost", message("Lost"), "count"),
            Column("still_open", message("Still open"), "count"),
            Column("share_won", message("Won of won and lost"), "share"),
            Column("default_probability", message("Stage's probability"), "share"),
            Column("mean_probability", message("Mean of the deals' own"), "share"),
        ]
        if self.frame["pipeline"].nunique() > 1:
            found.insert(0, Column("pipeline", message("Pipeline")))
        return tuple(found)

    def key_figures(self) -> Block:
        """Three to five numbers for the head of a page."""
        return wording.figures(self)

    def members(
        self,
        stage: str | None = None,
        what: str = "deals",
        *,
        pipeline: str | None = None,
        problem: str | None = None,
    ) -> pd.DataFrame:
        """The deals behind a number, or behind a finding.

        Parameters
        ----------
        stage : str, optional
            All stages when left out.
        what : str
            Column of the frame: ``deals``, ``stalled``, ``dated``, ``without_amount``,
            ``probability_differs``, ``entered``, ``revisited``, ``over``, ``won``, ``lost``,
            ``still_open``, ``moved_out``.
        pipeline : str, optional
        problem : str, optional
            Code of a finding, in place of all others.

        Returns
        -------
        pandas.DataFrame
            As `workbench.sales.stages.members.COLUMNS`.
        """
        if problem is not None:
            return self.deals_of_problem(problem)
        return listing(self.found, deals_behind(self.found, what, stage, pipeline))

    def moves(self) -> StageMoves:
        """How deals move between the stages; see `wb.stage_moves`."""
        from workbench.sales.stages.moves import StageMoves

        return StageMoves(self.found)

    def times(self, measure: str = "latest") -> StageTimes:
        """How long deals stay, won and lost ones apart; see `StageTimes`.

        Parameters
        ----------
        measure : str
            ``latest`` visit of a deal, ``cumulative`` of all its visits, or every ``visit``.
        """
        from workbench.sales.stages.times import StageTimes

        return StageTimes(self.found, measure)

    def stalled(self) -> StalledDeals:
        """Open deals that have stood in their stage longer than usual; see `StalledDeals`."""
        from workbench.sales.stages.stalls import StalledDeals

        return StalledDeals(self.found)

    def compliance(self) -> ExitCriteria:
        """Whether required fields were filled when deals moved on; see `ExitCriteria`."""
        from workbench.sales.stages.compliance import ExitCriteria

        return ExitCriteria(self.found)

    def board(self) -> pd.DataFrame:
        """The board: for each stage its deals, their amount and their median age."""
        names = ["pipeline", "stage", "kind", "deals", "amount", "without_amount",
                 "median_age_days", "median_days_in_stage", "stalled"]  # fmt: skip
        return self.frame[names]
