"""Where are deals strong, weak, stuck: by owner, by product, by anything; never a ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.base import Block, Result
from workbench.results.tables import Column
from workbench.sales.stages import coaching_chart as drawing
from workbench.sales.stages import coaching_wording as wording
from workbench.sales.stages.coaching_lines import (
    COLUMNS,
    Shown,
    coaching_lines,
    shown_groups,
    units_of,
)
from workbench.sales.stages.common import Answer, scope_of
from workbench.sales.stages.found import Found, found_for
from workbench.sales.stages.grouping import Groups, groups_of
from workbench.sales.stages.members import code_of, listing
from workbench.sales.stages.question import question_of
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace

if TYPE_CHECKING:
    import altair as alt

WHAT = ("deals", "decided", "went_on", "open", "stalled")


class Coaching(Answer, Result):
    """How the deals of each group get on in each stage, beside the deals of all others.

    Groups stand by name, never by what they reach; differences are corrected for the number of
    comparisons; groups of few deals are not shown by themselves.

    Attributes
    ----------
    found : Found
    by : str
        Column that the groups come from.
    min_n : int
        Smallest number of deals of a group, and of decided deals or stays of one line.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "coaching"

    def __init__(self, found: Found, by: str, min_n: int) -> None:
        self.found = found
        self.by = by
        self.min_n = min_n
        self.scope = scope_of(found, self.findings)
        self.definition = found.question.plain(self.kind, by=by, min_n=min_n)

    @cached_property
    def groups(self) -> Groups:
        """Group of each deal."""
        return groups_of(self.found.deals, self.by)

    @cached_property
    def shown_groups(self) -> Shown:
        """Which groups stand for themselves."""
        return shown_groups(self.found, self.groups, self.min_n)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a stage and group: stages in their order, groups by name."""
        frame = coaching_lines(self.found, self.groups, self.shown_groups, self.by, self.min_n)
        texts = ("by", "group", "pipeline", "stage", "standing", "pace")
        return frame.astype(dict.fromkeys(texts, "str"))

    @property
    def drawn(self) -> tuple[int, int]:
        """Groups in the picture, and groups of which anything is compared."""
        frame = self.frame
        known = frame.loc[frame["difference"].notna() | (frame["pace"] != ""), "group"].nunique()
        return min(known, drawing.MOST_GROUPS), known

    @property
    def compared(self) -> int:
        """Comparisons that were made; every p-value is corrected for all of them."""
        return int(self.frame["p_value"].notna().sum() + self.frame["stay_p_value"].notna().sum())

    def headline(self) -> str:
        """In how many of the comparisons a group differs beyond chance."""
        return wording.headline(self)

    def reading(self) -> str:
        """What points and lines are."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """What going on, staying, and beyond chance mean."""
        return wording.definitions(self)

    def chart(self) -> alt.TopLevelMixin:
        """Difference to all others, a panel a stage, a row a group."""
        return drawing.draw_coaching(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        found = [
            Column("group", self.by.replace("_", " ").capitalize()),
            Column("stage", message("Stage")),
            Column("decided", message("Decided deals"), "count"),
            Column("went_on", message("Of these went on or won"), "count"),
            Column("share", message("Went on, of decided"), "share"),
            Column("others_share", message("All others"), "share"),
            Column("difference", message("Difference"), "points"),
            Column("standing", message("Beyond chance")),
            Column("stays", message("Finished stays"), "count"),
            Column("median_days", message("Median stay"), "duration"),
            Column("all_median_days", message("Median of all"), "duration"),
            Column("pace", message("Beyond chance (stay)")),
            Column("open", message("Open now"), "count"),
            Column("stalled", message("Of these stalled"), "count"),
        ]
        if self.frame["pipeline"].replace("", np.nan).nunique() > 1:
            found.insert(1, Column("pipeline", message("Pipeline")))
        return tuple(found)

    def table_frame(self) -> pd.DataFrame:
        """Rows with words in place of codes."""
        words = {
            "strong": message("strong"),
            "weak": message("weak"),
            "stuck": message("stuck"),
            "quick": message("quick"),
            "": "",
        }
        stage = self.frame["stage"].where(self.frame["stage"] != "", message("(whole way)"))
        named = {name: self.frame[name].map(words) for name in ("standing", "pace")}
        return self.frame.assign(stage=stage, **named)

    def key_figures(self) -> Block:
        """Three to five numbers for the head of a page."""
        return wording.figures(self)

    def members(
        self, group: str, stage: str | None = None, what: str = "deals", *, pipeline: Any = None
    ) -> pd.DataFrame:
        """The deals behind a line.

        Parameters
        ----------
        group : str
            As the frame names it.
        stage : str, optional
            The whole way when left out.
        what : str
            ``deals``, ``decided``, ``went_on``, ``open`` or ``stalled``.
        pipeline : str, optional

        Returns
        -------
        pandas.DataFrame
            As `workbench.sales.stages.members.COLUMNS`.
        """
        shown = self.shown_groups
        if group not in shown.labels:
            raise ArgumentError.of("group", group, shown.labels)
        if what not in WHAT:
            raise ArgumentError.of("what", what, WHAT)
        found, wanted = self.found, shown.labels.index(group)
        mine = shown.line_of[self.groups.code] == wanted
        codes = code_of(found, stage, pipeline) if stage else np.array([len(found.catalogue)])
        if what in ("open", "stalled"):
            mark = found.stalled if what == "stalled" else found.standing & (found.moment.kind == 0)
            if stage:
                mark = mark & np.isin(found.moment.stage, codes)
            return listing(found, np.flatnonzero(mark & mine))
        units = units_of(found)
        keep = mine[units.deal] & np.isin(units.stage, codes)
        if what == "decided":
            keep &= units.decided
        elif what == "went_on":
            keep &= units.went_on
        return listing(found, np.unique(units.deal[keep]))


def coaching(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    by: str = "owner",
    where: Any = None,
    pipeline: str | None = None,
    as_of: str | date | None = None,
    quality: str | Sequence[str] | None = None,
    min_n: int = 10,
) -> Coaching:
    """Where are deals strong, weak, or stuck, and is that more than chance?

    For talking about deals, not for judging people: groups stand by name, nothing adds up to a
    score, and small groups are not shown by themselves.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Entries into stages count that fall inside it; for the whole way, closings.
    by : str
        ``owner``, ``product``, or any column of the opportunities or their companies.
    where, pipeline, as_of, quality
        As in `wb.stages`.
    min_n : int
        Groups of fewer deals have no line of their own, and lines with fewer decided deals or
        stays no share or median.

    Returns
    -------
    Coaching
        Its `frame` has the columns of `Coaching.columns`. Without history only the whole way from
        creation to closing is compared.

    Raises
    ------
    AbsentError
        For a column that these data do not have.
    ArgumentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Source: sales-pipeline.md, sections 1 and 9 (no ranking of people by score).
    """
    if not isinstance(by, str) or not by:
        raise ArgumentError.of("by", by, message("the name of a column, such as 'owner'"))
    if isinstance(min_n, bool) or not isinstance(min_n, int) or min_n < 2:
        raise ArgumentError.of("min_n", min_n, message("a whole number of at least 2"))
    question = question_of(
        workspace, period=period, where=where, pipeline=pipeline, as_of=as_of, quality=quality
    )
    out = Coaching(found_for(question), by, min_n)
    out.groups  # noqa: B018 - an unknown column is refused here, not in a view
    return out
