"""The pipeline as it stood at the start of each month.

Source: sales-pipeline.md, section 5 (a trend holds every deal on the first day of each month,
untouched ones too) and section 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message, message_of_count
from workbench.results import numbers, theme
from workbench.results.base import Result
from workbench.results.tables import Column
from workbench.sales.pipeline.chart import value_axis
from workbench.sales.pipeline.counting import Counts, chances
from workbench.sales.pipeline.groups import everyone
from workbench.sales.pipeline.members import chosen_group, listed
from workbench.sales.pipeline.question import Question
from workbench.sales.ranges import as_date, midnight, months_before

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.pipeline.result import Pipeline

GRANULARITIES = ("week", "month", "quarter", "year")
MOST_BUCKETS = 60
COLUMNS = {
    "at": "Day at whose start the pipeline is looked at; the last line is as_of",
    "now": "Whether the line is that of as_of",
    "group": "'All opportunities', then each value of by",
    "open_deals": "Open then with an expected close, as known then, in the period",
    "open_amount": "Sum of their amounts as they stood then",
    "without_amount": "Of open_deals, those without a usable amount",
    "weighted_amount": "Their amounts times probabilities as they stood then",
    "stand_in": "Of open_deals, those of which nothing was saved by then",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Trend(Result):
    """Open and weighted pipeline at the start of each month.

    Attributes
    ----------
    pipeline : Pipeline
    granularity : str
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "pipeline_trend"

    def __init__(self, pipeline: Pipeline, moments: tuple[Question, ...], granularity: str) -> None:
        self.pipeline = pipeline
        self.granularity = granularity
        self.moments = moments
        self.question = pipeline.question
        self.definition = {
            **pipeline.definition,
            "view": "trend",
            "granularity": granularity,
            "buckets": len(moments) - 1,
        }
        note = self.question.quality_note()
        if not len(self.question.history):
            note = message(
                "There is no history: amounts and stages of the past are those of today."
            )
        self.scope = self.question.scope(self.question.money_note(), note)

    @property
    def currency(self) -> str:
        """Currency of the amounts; empty where none is known."""
        return self.pipeline.currency

    @cached_property
    def counts(self) -> tuple[Counts, ...]:
        """Marks of deals at each moment."""
        return tuple(
            Counts(moment, _chances(moment, self.pipeline.probability)) for moment in self.moments
        )

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line for each moment and group; at each moment the groups add up to the first line."""
        parts = []
        for n, (moment, counts) in enumerate(zip(self.moments, self.counts, strict=True)):
            found = counts.frame()
            stand_in = counts.masks["open"] & moment.standing.stand_in
            codes = moment.groups.codes[stand_in]
            of_group = np.bincount(codes, minlength=len(moment.groups.names))
            lines = [stand_in.sum(), *(of_group if self.question.by is not None else ())]
            found["stand_in"] = lines
            found["at"] = pd.Timestamp(as_date(moment.day)).as_unit("s")
            found["now"] = n == len(self.moments) - 1
            found["without_amount"] += found["without_rate"]
            parts.append(found[list(COLUMNS)])
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def _whole(self) -> pd.DataFrame:
        return self.frame[self.frame["group"] == everyone()].drop_duplicates("at", keep="last")

    def headline(self) -> str:
        """First and last figure."""
        lines = self._whole
        first, last = lines.iloc[0], lines.iloc[-1]
        if not lines["open_deals"].any():
            return message("0 opportunities were open at any of {n} days", n=len(lines))
        values = {
            "a": numbers.money(first["open_amount"], self.currency),
            "b": numbers.money(last["open_amount"], self.currency),
            "n": numbers.count(first["open_deals"]),
            "m": message_of_count(
                "{count} open opportunity", "{count} open opportunities", int(last["open_deals"])
            ),
            "day": numbers.day(first["at"]),
        }
        if not priced(lines):
            return message("{m} now, after {n} on {day}", **values)
        return message("{b} in {m} now, after {a} in {n} on {day}", **values)

    def reading(self) -> str:
        """What a point is."""
        return message(
            "Each point is the whole open pipeline as it stood when that day began, by what had "
            "been saved until then; the last point is {day}.",
            day=numbers.day(self.question.as_of, self.question.zone),
        )

    def definitions(self) -> list[str]:
        """The rules in sentences."""
        return self.pipeline.definitions()

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        group = (Column("group", message("Group")),) if self.question.by else ()
        return (
            Column("at", message("On"), "date"),
            *group,
            Column("open_deals", message("Open"), "count"),
            Column("open_amount", message("Open amount"), "money", self.currency),
            Column("weighted_amount", message("Weighted amount"), "money", self.currency),
            Column("without_amount", message("Without amount"), "count"),
            Column("stand_in", message("Values of today"), "count"),
        )

    def chart(self) -> alt.TopLevelMixin:
        """A line of the open and of the weighted amount."""
        return _draw(self)

    def members(
        self, at: Any = None, *, part: str = "open", group: str | None = None
    ) -> pd.DataFrame:
        """The deals behind a point, as a list that can be exported.

        Parameters
        ----------
        at : date or str
            A day of the frame; the last one when left out.
        part : str
            As in `Pipeline.members`.
        group : str, optional
        """
        days = [str(as_date(moment.day)) for moment in self.moments]
        wanted = days[-1] if at is None else str(at)[:10]
        if wanted not in days:
            raise ArgumentError.of("at", at, days)
        place = len(days) - 1 - days[::-1].index(wanted)
        counts = self.counts[place]
        if part not in counts.masks:
            raise ArgumentError.of("part", part, counts.masks)
        mask = counts.masks[part]
        if group != everyone():
            mask = mask & chosen_group(counts.question, group)
        return listed(counts.question, mask)


def trend(pipeline: Pipeline, *, buckets: int, granularity: str) -> Trend:
    """The pipeline at the start of the last months.

    Parameters
    ----------
    buckets : int
        Number of starts; the last one is that of the month in which as_of lies.
    granularity : {"week", "month", "quarter", "year"}
        Quarters and years are fiscal ones.
    """
    if granularity not in GRANULARITIES:
        raise ArgumentError.of("granularity", granularity, GRANULARITIES)
    if not isinstance(buckets, int) or isinstance(buckets, bool) or not 0 < buckets <= MOST_BUCKETS:
        raise ArgumentError.of(
            "buckets", buckets, message("a whole number from 1 to {most}", most=MOST_BUCKETS)
        )
    question = pipeline.question
    days = months_before(question.day, buckets, granularity, question.workspace)
    moments = [
        replace(question, as_of=_EPOCH + timedelta(microseconds=midnight(day, question.zone)))
        for day in days
    ]
    return Trend(pipeline, (*moments, question), granularity)


def priced(lines: pd.DataFrame) -> bool:
    """Whether amounts can be compared: wherever deals were open, some of them had one."""
    begun = lines[lines["open_deals"] > 0]
    return bool(len(begun) and (begun["without_amount"] < begun["open_deals"]).all())


def _chances(moment: Question, rule: str) -> np.ndarray:
    try:
        return np.asarray(chances(moment, rule), float)
    except AbsentError:
        return np.full(len(moment.deals), np.nan)


def _draw(result: Trend) -> Any:
    import altair as alt

    lines = result._whole
    if not lines["open_deals"].any():
        return theme.empty_chart(result.headline())
    kind = "money" if priced(lines) else "count"
    names = {
        "open_amount" if kind == "money" else "open_deals": message("Open"),
        **({"weighted_amount": message("Weighted")} if kind == "money" else {}),
    }
    title = message("Open opportunities")
    if kind == "money":
        title = message("Amount ({currency})", currency=result.currency) if result.currency else (
            message("Amount"))  # fmt: skip
    data = lines.assign(deals=lines["open_deals"]).melt(
        ["at", "deals"], list(names), "series", "value"
    )
    data["name"] = data["series"].map(names)
    if not (data["series"].eq("weighted_amount") & (data["value"] > 0)).any():
        data = data[data["series"] != "weighted_amount"]
    data["words"] = [
        numbers.count(v) if kind == "count" else numbers.money(v, result.currency)
        for v in data["value"]
    ]
    last = data.groupby("name", as_index=False).tail(1)
    last = last.assign(words=[f"{n} {w}" for n, w in zip(last["name"], last["words"], strict=True)])
    x = alt.X("at:T", title=None, axis=alt.Axis(format="%Y-%m-%d", labelOverlap="greedy",
                                                 tickCount=6, labelFlush=False))  # fmt: skip
    y = alt.Y("value:Q", axis=value_axis(title, kind), scale=alt.Scale(zero=True))
    colour = alt.Color(
        "name:N", legend=None,
        scale=alt.Scale(domain=list(names.values()), range=[theme.OPEN, theme.ACCENT]),
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("at:T", title=message("On"), format="%Y-%m-%d"),
        alt.Tooltip("name:N", title=message("Pipeline")),
        alt.Tooltip("words:N", title=title),
        alt.Tooltip("deals:Q", title=message("Open opportunities")),
    ]
    base = alt.Chart(data)
    return alt.layer(
        base.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour),
        base.mark_point(filled=True, size=45, opacity=1).encode(
            x=x, y=y, color=colour, tooltip=tooltip
        ),
        alt.Chart(last)
        .mark_text(align="left", dx=8, fontSize=12, color=theme.TEXT)
        .encode(x=x, y=y, text="words:N"),
    ).properties(width=520, height=240)
