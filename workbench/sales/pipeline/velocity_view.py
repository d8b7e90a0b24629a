"""The question: how much money a day does the pipeline bring at its present pace?

Source: sales-pipeline.md, section 2 (velocity).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results import numbers, theme
from workbench.results.base import Result
from workbench.results.tables import Column
from workbench.sales.catalogue import WON
from workbench.sales.pipeline.chart import WIDTH, value_axis
from workbench.sales.pipeline.cycle import closed_in, cycle_days, summary
from workbench.sales.pipeline.groups import everyone
from workbench.sales.pipeline.members import chosen_group, listed
from workbench.sales.pipeline.question import Question, ask
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace

if TYPE_CHECKING:
    import altair as alt

MOST_GROUPS = 20
COLUMNS = {
    "group": "'All opportunities' first, then each value of by",
    "open_deals": "Open at as_of, whatever their expected close",
    "won": "Won in the period",
    "closed": "Won or lost in the period",
    "win_rate": "won / closed, 0…1",
    "priced": "Of won, those with a usable amount",
    "mean_won_amount": "Mean of their amounts",
    "median_cycle_days": "Median days from creation to closing of those won in the period",
    "velocity_per_day": "open_deals × win_rate × mean_won_amount / median_cycle_days; missing "
    "where one of them is unknown or the cycle is 0",
}


def velocity(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    where: Any = None,
    by: str | None = None,
    as_of: Any = None,
    quality: Any = None,
    calendar: Any = None,
) -> Velocity:
    """Open deals × win rate × mean won amount / median cycle, in money a day.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Days of closing on which win rate, mean amount and cycle rest; everything when left out.
    where, by, as_of, quality, calendar
        As in `workbench.pipeline`.

    Returns
    -------
    Velocity

    Notes
    -----
    Source: sales-pipeline.md, section 2: 20 × 0.4 × 12,000 / 60 = 1,600 a day.
    """
    return Velocity(
        ask("velocity", workspace, period=period, where=where, by=by, as_of=as_of, quality=quality,
            calendar=calendar)
    )  # fmt: skip


class Velocity(Result):
    """Money a day, with its four factors.

    Attributes
    ----------
    question : Question
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "velocity"

    def __init__(self, question: Question) -> None:
        self.question = question
        self.definition = question.plain()
        self.scope = question.scope(question.money_note())

    @property
    def currency(self) -> str:
        """Currency of the amounts; empty where none is known."""
        return self.question.currency

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All deals in the first line, then a line a group; groups do not add up."""
        question, standing = self.question, self.question.standing
        won, closed = closed_in(question, "won"), closed_in(question, "closed")
        cycles = summary(question, cycle_days(question), won)
        open_deals = question.taking_part & standing.open
        priced = won & ~np.isnan(standing.amount)
        groups = question.groups
        parts = []
        for codes, size in ((np.zeros(len(question.deals), np.int64), 1),
                            (groups.codes, len(groups.names) if question.by else 0)):  # fmt: skip
            if not size:
                continue
            money = np.bincount(codes[priced], standing.amount[priced], minlength=size)
            parts.append(
                np.array(
                    [
                        *(np.bincount(codes[m], minlength=size) for m in
                          (open_deals, won, closed, priced)),
                        money,
                    ]
                )
            )  # fmt: skip
        counts = np.concatenate(parts, axis=1)
        out = cycles[["group"]].copy()
        for name, values in zip(("open_deals", "won", "closed", "priced"), counts, strict=False):
            out[name] = values.astype(np.int64)
        out["win_rate"] = (out["won"] / out["closed"].where(out["closed"] > 0)).to_numpy()
        out["mean_won_amount"] = counts[4] / np.where(counts[3] > 0, counts[3], np.nan)
        out["median_cycle_days"] = cycles["median_days"]
        cycle = cycles["median_days"].where(cycles["median_days"] > 0)
        out["velocity_per_day"] = (
            out["open_deals"] * out["win_rate"] * out["mean_won_amount"] / cycle
        )
        return out[list(COLUMNS)]

    def headline(self) -> str:
        """Money a day and its factors."""
        line = self.frame.iloc[0]
        if not line["closed"]:
            return message("0 opportunities were closed in this period, so there is no velocity")
        values = {
            "open": numbers.count(line["open_deals"]),
            "rate": numbers.share(line["win_rate"]),
            "won": numbers.count(line["won"]),
            "closed": numbers.count(line["closed"]),
            "mean": numbers.money(line["mean_won_amount"], self.currency),
            "cycle": numbers.days(line["median_cycle_days"]),
            "velocity": numbers.money(line["velocity_per_day"], self.currency),
        }
        if line["velocity_per_day"] != line["velocity_per_day"]:
            return message(
                "No velocity: {open} open, {won} of {closed} won, mean amount {mean}, median cycle "
                "{cycle}",
                **values,
            )
        return message(
            "{velocity} a day: {open} open × {rate} ({won} of {closed} won) × {mean} / {cycle}",
            **values,
        )

    def reading(self) -> str:
        """What the figure is, and what it is not."""
        return message(
            "Open opportunities × win rate × mean won amount / median cycle. It says what today's "
            "pipeline brings a day if it goes as it went; groups do not add up to the whole."
        )

    def definitions(self) -> list[str]:
        """The rules in sentences."""
        return [
            message(
                "Velocity: open at {day}; win rate, mean amount and median cycle of those closed "
                "in {period}.",
                day=numbers.day(self.question.as_of, self.question.zone),
                period=self.question.range.in_words() or message("all time"),
            ),
            *self.question.sentences(),
        ]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("group", message("Group")),
            Column("open_deals", message("Open"), "count"),
            Column("won", message("Won"), "count"),
            Column("closed", message("Closed"), "count"),
            Column("win_rate", message("Won / closed"), "share"),
            Column("mean_won_amount", message("Mean won amount"), "money", self.currency),
            Column("median_cycle_days", message("Median cycle"), "duration"),
            Column("velocity_per_day", message("Amount a day"), "money", self.currency),
        )

    def chart(self) -> alt.TopLevelMixin:
        """Money a day of each group; the four factors where there are none."""
        lines = self.frame.iloc[1:].dropna(subset="velocity_per_day")
        lines = lines[lines["open_deals"] > 0]
        if self.question.by is not None and len(lines):
            return _bars(self, lines)
        if not self.frame["closed"].iloc[0]:
            return theme.empty_chart(self.headline())
        return _factors(self)

    def members(self, part: str = "open", *, group: str | None = None) -> pd.DataFrame:
        """The deals behind a factor, as a list that can be exported.

        Parameters
        ----------
        part : {"open", "won", "closed"}
        group : str, optional
        """
        parts = ("open", "won", "closed")
        if part not in parts:
            raise ArgumentError.of("part", part, parts)
        question = self.question
        mask = (
            question.taking_part & question.standing.open
            if part == "open"
            else closed_in(question, part)
        )
        if part == "won":
            mask = mask & (question.standing.outcome == WON)
        if group != everyone():
            mask = mask & chosen_group(question, group)
        return listed(question, mask)


def _bars(result: Velocity, lines: pd.DataFrame) -> Any:
    import altair as alt

    data = lines.sort_values(["velocity_per_day", "group"], ascending=[False, True])
    data = data.head(MOST_GROUPS).copy()
    data["row"] = numbers.shortened_apart(list(data["group"]))
    data["words"] = [
        message(
            "{a} · {n} open, {r} won", a=numbers.money(v), n=numbers.count(n), r=numbers.share(r)
        )
        for v, n, r in zip(
            data["velocity_per_day"], data["open_deals"], data["win_rate"], strict=True
        )
    ]
    title = message("Amount a day ({currency})", currency=result.currency)
    title = title if result.currency else message("Amount a day")
    limit = float(data["velocity_per_day"].max()) * 1.5 or 1.0
    x = alt.X("velocity_per_day:Q", axis=value_axis(title, "money"),
              scale=alt.Scale(domain=[0, limit]))  # fmt: skip
    y = alt.Y("row:N", sort=list(data["row"]), title=None,
              axis=alt.Axis(ticks=False, domain=False))  # fmt: skip
    base = alt.Chart(data)
    return alt.layer(
        base.mark_bar(color=theme.ACCENT, height=18).encode(
            x=x, y=y,
            tooltip=[alt.Tooltip("group:N", title=message("Group")),
                     alt.Tooltip("words:N", title=title)],
        ),
        base.mark_text(align="left", dx=5, fontSize=12).encode(x=x, y=y, text="words:N"),
    ).properties(width=WIDTH, height=alt.Step(28))  # fmt: skip


def _factors(result: Velocity) -> Any:
    """The calculation itself, since a single bar would say nothing."""
    import altair as alt

    line = result.frame.iloc[0]
    parts = [
        (numbers.count(line["open_deals"]), message("open")),
        (numbers.share(line["win_rate"]), message("won of closed")),
        (numbers.money(line["mean_won_amount"], result.currency), message("mean won amount")),
        (numbers.days(line["median_cycle_days"]), message("median cycle")),
        (numbers.money(line["velocity_per_day"], result.currency), message("a day")),
    ]
    signs = ["", "×", "×", "/", "="]
    data = pd.DataFrame(
        {"row": range(len(parts)), "sign": signs, "big": [p[0] for p in parts],
         "small": [p[1] for p in parts]}
    )  # fmt: skip
    data["colour"] = [theme.TEXT] * (len(parts) - 1) + [theme.ACCENT]
    base = alt.Chart(data).encode(
        y=alt.Y("row:O", axis=None), color=alt.Color("colour:N", scale=None)
    )

    def text(column: str, at: int, align: Literal["left", "right"], size: int) -> Any:
        return base.mark_text(fontSize=size, align=align).encode(
            x=alt.value(at), text=f"{column}:N"
        )

    return alt.layer(
        text("sign", 10, "left", 15), text("big", 140, "right", 16), text("small", 152, "left", 12)
    ).properties(width=300, height=alt.Step(26))  # fmt: skip
