"""The answer: a line a bar, the deals behind each, and other views of the same two instants."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench import money
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.base import Block, Result, Scope
from workbench.results.tables import Column
from workbench.sales.change import chart as drawing
from workbench.sales.change import wording
from workbench.sales.change.counting import BARS, PARTS, fates
from workbench.sales.change.question import Question
from workbench.sales.change.sides import Compared
from workbench.sales.change.tables import Tables

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.change.categories import PipelineCategories
    from workbench.sales.change.flow import DealsFlow

MEMBER_COLUMNS = {
    "opportunity_id": "Key of the deal",
    "name": "Its name",
    "account_id": "Key of the account",
    "account": "Name of the account, or its key",
    "owner": "Present owner",
    "amount": "What the deal adds to the bar, in the one currency",
    "amount_before": "Amount at the first instant; empty where it was not there or had none",
    "amount_after": "Amount at the last instant",
    "stage_before": "Stage at the first instant",
    "stage": "Stage at the last instant",
    "expected_close_before": "Expected day of closing at the first instant",
    "expected_close_on": "Expected day of closing at the last instant",
    "days_in_stage": "Days in the last stage at the last instant; empty where no save tells it",
    "history": "Quality of the deal's history",
}


class PipelineChange(Result):
    """The open pipeline at two instants and every deal that makes the difference.

    Attributes
    ----------
    question : Question
    both : Compared
    scope : Scope
    """

    kind: ClassVar[str] = "pipeline_change"
    columns: ClassVar[Mapping[str, str]] = {
        "group": "Name of the group; 'All deals' first",
        "bar": "start, new, moved_in, reopened, increased, decreased, moved_out, won, lost, "
        "deleted, fx or end",
        "label": "The same in words",
        "deals": "Deals in the bar; a deal may be in several: increased and then won",
        "amount": "Their amounts in the one currency; of fx with its sign",
        "effect": "What the bar adds to the open pipeline: negative for what goes away",
        "from_amount": "Where the bar begins on the way from start to end",
        "to_amount": "Where it ends",
        "start_amount": "Open pipeline at the start: denominator of the ratio",
        "ratio_to_start": "effect ÷ start_amount; empty for an empty start",
        "deals_assumed": "Deals of the bar whose state at either instant no save tells: taken as "
        "they stand in the table, or in their first save",
        "amount_assumed": "Their part of the amount",
        "deals_without_amount": "Deals without an amount; they count with 0",
        "deals_without_rate": "Deals with an amount that no rate brings into the one currency; "
        "they count with 0",
    }

    def __init__(self, question: Question, both: Compared) -> None:
        self.question = question
        self.both = both
        self.definition = question.plain()
        self._tables = Tables(both, fates(both))
        self.scope = Scope(
            container=message("deals"),
            period=question.span(),
            as_of=question.day_in_words(question.until_day),
            events=int(both.chosen.sum()),
            notes=tuple(wording.notes(self)),
        )

    @property
    def frame(self) -> pd.DataFrame:
        """One line a group and bar, with the columns of `PipelineChange.columns`."""
        return self._tables.bars

    @property
    def parts(self) -> pd.DataFrame:
        """Bars taken apart: by how far deals moved, how they came, what became of them.

        Columns: group, bar, part, label, deals, amount. The parts of a bar add up to it.
        """
        return self._tables.parts

    @cached_property
    def bars(self) -> pd.DataFrame:
        """The lines of all deals, by bar."""
        frame = self.frame
        return frame[frame["group"] == self._tables.labels[0]].set_index("bar")

    @property
    def groups(self) -> list[str]:
        """All deals first, then the groups asked for."""
        return self._tables.labels

    @property
    def currency(self) -> str:
        """Currency of all amounts; empty where none is known."""
        return self.both.deals.currency

    @property
    def currency_rule(self) -> str:
        """How amounts come into that currency, in words."""
        return money.rule_in_words(self.question.workspace)

    def headline(self) -> str:
        """How the open pipeline changed, and what changed it most."""
        return wording.headline(self)

    def reading(self) -> str:
        """How the waterfall is to be read."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """Rules of every bar."""
        return wording.definitions(self)

    def chart(self) -> alt.TopLevelMixin:
        """A waterfall from start to end; with groups a table of their bars."""
        return drawing.draw(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns of the table that a reader sees."""
        start = self.question.day_in_words(self.question.since_day)
        first = (Column("group", message("Group")),) if len(self.groups) > 1 else ()
        return (
            *first,
            Column("label", message("Bar")),
            Column("deals", message("Deals"), "count"),
            Column("effect", message("Effect on the open pipeline"), "money", self.currency),
            Column("ratio_to_start", message("÷ open pipeline at the start of {day}", day=start),
                   "number"),
            Column("deals_assumed", message("Deals not known from history"), "count"),
            Column("amount_assumed", message("Their amount"), "money", self.currency),
        )  # fmt: skip

    def key_figures(self) -> Block:
        """Open at the start and at the end, what came in, what was won."""
        return wording.figures(self)

    def members(
        self, bar: str, *, part: str | None = None, group: str | None = None
    ) -> pd.DataFrame:
        """The deals behind a bar, largest first; their amounts add up to it.

        Parameters
        ----------
        bar : str
            A value of the column bar.
        part : str, optional
            A part of it, as in `parts`, such as ``"beyond_6_months"``.
        group : str, optional
            A value of the column group.

        Returns
        -------
        pandas.DataFrame
            opportunity_id, name, account_id, account, owner, amount (in the bar), amount_before,
            amount_after, stage_before, stage, expected_close_before, expected_close_on,
            days_in_stage, history.
        """
        if bar not in BARS:
            raise ArgumentError.of("bar", bar, BARS)
        if part is not None and part not in PARTS:
            raise ArgumentError.of("part", part, PARTS)
        if group is not None and group not in self.groups:
            raise ArgumentError.of("group", group, self.groups)
        at = self._tables.chosen(bar, part, group)
        return self._tables.listed(at, self._tables.found.amount(bar)[at])

    def categories(self, *, rollup: str = "cumulative") -> PipelineCategories:
        """Total, closed won, commit, most likely, best case, open and lost at both instants.

        Parameters
        ----------
        rollup : {"cumulative", "single"}
            Whether a category holds those that are more certain too.
        """
        from workbench.sales.change.categories import categories_of

        return categories_of(self, rollup)

    def flow(self, *, top: str | None = None, within: Any = None) -> DealsFlow:
        """Deals pushed out of and pulled into the period or the hands of a person or team.

        Parameters
        ----------
        top : str, optional
            Key of the user at the top of the hierarchy; everybody when left out.
        within : str, optional
            Days of expected closing of the whole forecast; the fiscal years that the period lies
            in when left out.
        """
        from workbench.sales.change.flow import flow_of

        return flow_of(self, top, within)

    @property
    def tables(self) -> Tables:
        """Sums and lists, for the other views."""
        return self._tables
