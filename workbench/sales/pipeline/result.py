"""The answer: open, weighted, covered, for all deals and for each group."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.base import Block, Result
from workbench.results.tables import Column
from workbench.sales.deals import NO_DAY
from workbench.sales.pipeline import chart as drawing
from workbench.sales.pipeline import wording
from workbench.sales.pipeline.counting import PARTS, Counts
from workbench.sales.pipeline.groups import everyone
from workbench.sales.pipeline.members import chosen_group, listed
from workbench.sales.pipeline.question import Question
from workbench.sales.targets import Targets

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.pipeline.forecast import Forecast
    from workbench.sales.pipeline.trend import Trend

COLUMNS = {
    "group": "'All opportunities' first, then each value of by",
    "open_deals": "Open at as_of with an expected close in the period",
    "open_amount": "Sum of their known amounts",
    "without_amount": "Of open_deals, those without amount: 0 in every sum",
    "without_rate": "Of open_deals, those whose currency has no rate: 0 in every sum",
    "weighted_deals": "Of open_deals, those with amount and probability that are not omitted",
    "weighted_amount": "Sum of their amounts times probabilities",
    "without_probability": "Of open_deals, those with amount and without probability",
    "omitted_deals": "Of open_deals, those of the forecast category Omitted: not weighted",
    "omitted_amount": "Sum of their amounts",
    "past_due_deals": "Of open_deals, those whose expected close has passed",
    "past_due_amount": "Sum of their amounts",
    "without_close_date": "Open deals without expected close; inside only without a period",
    "rest_deals": "Of open_deals, those that are to close in the rest of the period",
    "rest_amount": "Sum of their amounts: the numerator of coverage",
    "won_deals": "Closed as won in the period, up to as_of",
    "won_amount": "Sum of their known amounts",
    "won_without_amount": "Of won_deals, those without a usable amount",
    "lost_deals": "Closed as lost in the period, up to as_of",
    "lost_amount": "Sum of their known amounts",
    "target": "To be won in the period; missing where there is none",
    "to_win": "target − won_amount: the denominator of coverage; 0 once met",
    "coverage": "rest_amount / to_win; missing once met and without target",
    "target_state": "open, met, or none",
}


class Pipeline(Result):
    """Open pipeline, its weight, and how it covers the target.

    Attributes
    ----------
    question : Question
    counts : Counts
    targets : Targets
    probability : str
        Where the chances come from.
    scope : Scope
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "pipeline"

    def __init__(
        self, *, question: Question, counts: Counts, targets: Targets, probability: str
    ) -> None:
        self.question = question
        self.counts = counts
        self.targets = targets
        self.probability = probability
        self.definition = question.plain()
        self.scope = question.scope(*wording.notes(self))

    @property
    def currency(self) -> str:
        """Currency of the amounts; empty where none is known."""
        return self.question.currency

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All deals in the first line, then a line a group; groups add up to the first line."""
        out = self.counts.frame()
        target = np.array(
            [self.targets.whole, *(self.targets.of_group.get(g, np.nan) for g in out["group"][1:])]
        )
        to_win = np.maximum(target - out["won_amount"].to_numpy(float), 0)
        out["target"], out["to_win"] = target, to_win
        out["coverage"] = np.divide(
            out["rest_amount"].to_numpy(float), to_win,
            out=np.full(len(out), np.nan), where=to_win > 0,
        )  # fmt: skip
        out["target_state"] = np.select(
            [np.isnan(target), to_win == 0], ["none", "met"], "open"
        ).astype(object)
        return out[list(COLUMNS)]

    @cached_property
    def total(self) -> pd.Series:
        """The line of all deals."""
        return self.frame.iloc[0]

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Open deals by stage and month of expected close: ``group, pipeline, stage, place, month,
        open_deals, open_amount, without_amount``; month is its first day, missing without a date.
        """
        standing, catalogue = self.question.standing, self.question.deals.catalogue
        places = np.flatnonzero(self.counts.masks["open"])
        stage = standing.stage[places]
        named = pd.concat(
            [
                catalogue.frame[["pipeline", "stage"]],
                pd.DataFrame([["", message("(no stage)")]], columns=["pipeline", "stage"]),
            ],
            ignore_index=True,
        ).iloc[np.where(stage < 0, len(catalogue), stage)]
        days = standing.expected_on[places]
        dated = np.where(days == NO_DAY, 0, days).astype("M8[D]").astype("M8[M]")
        month = np.where(days == NO_DAY, np.datetime64("NaT"), dated.astype("M8[s]"))
        lines = pd.DataFrame(
            {
                "group": np.array(self.question.groups.names, object)[
                    self.question.groups.codes[places]
                ],
                "pipeline": named["pipeline"].to_numpy(),
                "stage": named["stage"].to_numpy(),
                "place": np.append(catalogue.place, -1)[stage],
                "month": month,
                "amount": standing.amount[places],
            }
        )
        keys = ["group", "pipeline", "place", "stage", "month"]
        out = lines.groupby(keys, dropna=False, sort=True)["amount"].agg(
            open_deals="size", open_amount="sum", known="count"
        )
        out = out.reset_index()
        out["without_amount"] = out["open_deals"] - out.pop("known")
        order = ["group", "pipeline", "stage", "place", "month", "open_deals", "open_amount"]
        return out[[*order, "without_amount"]]

    @cached_property
    def missing_rates(self) -> pd.DataFrame:
        """Currencies without a rate: ``currency, deals, own_amount``; nothing of them is added."""
        mask = self.question.standing.without_rate & (
            self.counts.masks["open"] | self.counts.masks["won"] | self.counts.masks["lost"]
        )
        lines = pd.DataFrame(
            {
                "currency": self.question.deals.text("currency")[mask],
                "own_amount": self.question.standing.own_amount[mask],
            }
        )
        out = lines.groupby("currency", sort=True)["own_amount"].agg(["size", "sum"]).reset_index()
        return out.rename(columns={"size": "deals", "sum": "own_amount"})

    def headline(self) -> str:
        """What is open, what it weighs, and how it covers the target."""
        return wording.headline(self)

    def reading(self) -> str:
        """What the bars are, and what is not in them."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """The rules in sentences."""
        return wording.definitions(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        money = self.currency
        held = self.frame["target"].notna().any()
        targets = (
            Column("target", message("Target"), "money", money),
            Column("to_win", message("Still to win"), "money", money),
            Column("rest_amount", message("Open for the rest of the period"), "money", money),
            Column("coverage", message("Coverage: open for the rest / still to win"), "number"),
            Column("target_state", message("Target is")),
        )
        return (
            Column("group", message("Group")),
            Column("open_deals", message("Open"), "count"),
            Column("open_amount", message("Open amount"), "money", money),
            Column("weighted_amount", message("Weighted amount"), "money", money),
            Column("without_amount", message("Open without amount"), "count"),
            Column("past_due_deals", message("Expected close has passed"), "count"),
            Column("won_deals", message("Won"), "count"),
            Column("won_amount", message("Won amount"), "money", money),
            Column("lost_deals", message("Lost"), "count"),
            *(targets if held else ()),
        )

    def chart(self) -> alt.TopLevelMixin:
        """Open amounts by stage and expected month; by group where groups were asked for."""
        return drawing.draw(self)

    def members(
        self, part: str = "open", *, group: str | None = None, stage: str | None = None,
        month: str | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """The deals behind a number, as a list that can be exported.

        Parameters
        ----------
        part : str
            One of `PARTS`: ``open``, ``weighted``, ``omitted``, ``past_due``, ``rest``, ``won``,
            ``lost``, ``without_amount``, ``without_rate``, ``without_probability``,
            ``without_close_date``.
        group : str, optional
            A value of `by`.
        stage : str, optional
        month : str, optional
            Month of expected close, such as ``"2026-10"``.

        Returns
        -------
        pandas.DataFrame
            With the columns of `workbench.sales.pipeline.members.MEMBERS`.
        """
        if part not in PARTS:
            raise ArgumentError.of("part", part, PARTS)
        mask = self.counts.masks[part]
        if group != everyone():
            mask = mask & chosen_group(self.question, group)
        if stage is not None:
            names = self.question.deals.catalogue.frame["stage"].to_numpy(object)
            if stage not in set(names):
                raise ArgumentError.of("stage", stage, sorted(set(names)))
            codes = np.flatnonzero(names == stage)
            mask = mask & np.isin(self.question.standing.stage, codes)
        if month is not None:
            from workbench.sales.ranges import read_range

            wanted = read_range(
                self.question.workspace, month, as_of=self.question.as_of, argument="month"
            )
            mask = mask & wanted.holds(self.question.standing.expected_on)
        return listed(self.question, mask)

    def forecast(self) -> Forecast:
        """Sums by forecast category, single and cumulative; see `...pipeline.forecast`."""
        from workbench.sales.pipeline.forecast import Forecast

        return Forecast(self)

    def trend(self, *, buckets: int = 12, granularity: str = "month") -> Trend:
        """The pipeline as it stood at the start of each month; see `...pipeline.trend`."""
        from workbench.sales.pipeline.trend import trend

        return trend(self, buckets=buckets, granularity=granularity)

    def key_figures(self) -> Block:
        """Three to five numbers for the head of a page."""
        return wording.figures(self)
