"""The question: of what was due in a period, how much was still open at its end?

Source: sales-pipeline.md, section 2 (slippage).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results import numbers, theme
from workbench.results.base import Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.sales.catalogue import LOST, OPEN, WON
from workbench.sales.deals import NO_DAY
from workbench.sales.pipeline.dots import dots, share_title
from workbench.sales.pipeline.groups import everyone
from workbench.sales.pipeline.members import chosen_group, listed
from workbench.sales.pipeline.push import needs_history
from workbench.sales.pipeline.question import Question, ask
from workbench.sales.pipeline.standing import Standing, standing_at
from workbench.sales.ranges import Range, as_date, day_number, midnight
from workbench.vocabulary.calendars import Calendar
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace

if TYPE_CHECKING:
    import altair as alt

GRANULARITIES = ("month", "quarter", "year")
MOST_BUCKETS = 60
# A day of which only the date is known ends a second before the next one.
SECOND = 1_000_000
COLUMNS = {
    "period": "Name of the month, quarter or year; quarters and years are fiscal ones",
    "first_on": "Its first day",
    "last_on": "Its last day",
    "running": "Whether it ends after as_of: what is open may still close in time",
    "group": "'All opportunities', then each value of by",
    "due": "Open at its start, with an expected close, as known then, in it",
    "slipped": "Of due, those still open at its end (at as_of while it runs)",
    "share": "slipped / due, 0…1",
    "low": "Lower end of its 95 % interval (Wilson)",
    "high": "Upper end of its 95 % interval (Wilson)",
    "won": "Of due, those won by then",
    "lost": "Of due, those lost by then",
    "due_amount": "Sum of the amounts of due as they stood at its start",
    "slipped_amount": "Sum of the same amounts of slipped",
    "without_amount": "Of due, those without a usable amount",
}


def slippage(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    where: Any = None,
    by: str | None = None,
    as_of: Any = None,
    granularity: str = "quarter",
    quality: Any = None,
    calendar: Any = None,
) -> Slippage:
    """Of the deals due in each month or quarter as it began, those still open when it ended.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Months or quarters that begin in it; the last four that begin by as_of when left out.
    granularity : {"month", "quarter", "year"}
        Quarters and years are fiscal ones.
    where, by, as_of, quality, calendar
        As in `workbench.pipeline`.

    Raises
    ------
    AbsentError
        Without a history that names the expected close.

    Notes
    -----
    Source: sales-pipeline.md, section 2.
    """
    if granularity not in GRANULARITIES:
        raise ArgumentError.of("granularity", granularity, GRANULARITIES)
    needs_history(workspace)
    question = ask(
        "slippage", workspace, period=period, where=where, by=by, as_of=as_of, quality=quality,
        calendar=calendar, more={"granularity": granularity},
    )  # fmt: skip
    return Slippage(question, granularity, _buckets(question, granularity))


def _buckets(question: Question, granularity: str) -> tuple[Range, ...]:
    """The months or quarters that begin in the period, and by as_of."""
    own = [p for p in question.calendar if p.kind == granularity]
    if own:
        ranges = [Range(day_number(p.first), day_number(p.last) + 1, p.name) for p in own]
    else:
        rule = Calendar.of(question.workspace.settings, granularity)
        low = question.range.first
        if low is None:
            begun = question.deals.created_on
            known = begun[begun != NO_DAY]
            low = int(known.min()) if known.size else question.day
        day = rule.first_day(as_date(low))
        ranges = []
        while day_number(day) <= question.day:
            after = rule.following(day)
            ranges.append(Range(day_number(day), day_number(after), rule.name(day)))
            day = after
    asked = question.range
    chosen = [
        r
        for r in ranges
        if r.first is not None
        and r.first <= question.day
        and (asked.first is None or r.first >= asked.first)
        and (asked.after is None or r.first < asked.after)
    ]
    if not asked:
        chosen = chosen[-4:]
    if len(chosen) > MOST_BUCKETS:
        raise ArgumentError.of(
            "period", asked.text, message("at most {n} buckets", n=MOST_BUCKETS),
            message("Ask for a shorter period or for longer buckets."),
        )  # fmt: skip
    return tuple(chosen)


class Slippage(Result):
    """Deals due in a period that were still open at its end.

    Attributes
    ----------
    question : Question
    granularity : str
    buckets : tuple of Range
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "slippage"

    def __init__(self, question: Question, granularity: str, buckets: tuple[Range, ...]) -> None:
        self.question = question
        self.granularity = granularity
        self.buckets = buckets
        self.definition = question.plain()
        self.scope = question.scope(question.quality_note(), question.money_note())

    @property
    def currency(self) -> str:
        """Currency of the amounts; empty where none is known."""
        return self.question.currency

    @cached_property
    def _states(self) -> tuple[tuple[Standing, Standing, np.ndarray], ...]:
        """For each bucket the deals at its start, at its end, and those that were due."""
        question, out = self.question, []
        for bucket in self.buckets:
            low, high = bucket.instants(question.zone)
            start = standing_at(question.deals, low - 1)
            end = standing_at(question.deals, min(high - 1, question.instant))
            due = question.chosen & start.open & bucket.holds(start.expected_on)
            out.append((start, end, due))
        return tuple(out)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line for each bucket and group; in each bucket groups add up to the first line."""
        parts = []
        for bucket, (start, end, due) in zip(self.buckets, self._states, strict=True):
            groups = self.question.groups
            named = [(np.zeros(groups.codes.size, np.int64), [everyone()])]
            if self.question.by is not None:
                named.append((groups.codes, groups.names))
            for codes, names in named:
                parts.append(self._lines(bucket, start, end, due, codes, names))
        if not parts:
            return pd.DataFrame(columns=list(COLUMNS))
        out = pd.concat(parts, ignore_index=True)
        out["share"] = (out["slipped"] / out["due"].where(out["due"] > 0)).astype(float)
        out["low"], out["high"] = wilson(out["slipped"], out["due"])
        return out[list(COLUMNS)]

    def _lines(
        self, bucket: Range, start: Standing, end: Standing, due: np.ndarray, codes: np.ndarray,
        names: list[str],
    ) -> pd.DataFrame:  # fmt: skip
        size, known = len(names), ~np.isnan(start.amount)
        first, after = bucket.first or 0, bucket.after or 0

        def counted(mask: np.ndarray) -> np.ndarray:
            return np.bincount(codes[mask], minlength=size)

        def summed(mask: np.ndarray) -> np.ndarray:
            chosen = mask & known
            return np.bincount(codes[chosen], start.amount[chosen], minlength=size)

        slipped = due & (end.outcome == OPEN)
        return pd.DataFrame(
            {
                "period": bucket.name,
                "first_on": pd.Timestamp(as_date(first)).as_unit("s"),
                "last_on": pd.Timestamp(as_date(after - 1)).as_unit("s"),
                "running": midnight(after, self.question.zone) - self.question.instant > SECOND,
                "group": np.array(names, object),
                "due": counted(due),
                "slipped": counted(slipped),
                "won": counted(due & (end.outcome == WON)),
                "lost": counted(due & (end.outcome == LOST)),
                "due_amount": summed(due),
                "slipped_amount": summed(slipped),
                "without_amount": counted(due & ~known),
            }
        )

    @cached_property
    def _whole(self) -> pd.DataFrame:
        return self.frame[self.frame["group"] == everyone()].drop_duplicates("period")

    def headline(self) -> str:
        """The last whole bucket in which anything was due."""
        done = self._whole[(self._whole["due"] > 0) & ~self._whole["running"].astype(bool)]
        if done.empty:
            return message("0 opportunities were due in a period that has ended")
        line = done.iloc[-1]
        return message(
            "{slipped} of {due} opportunities that were due in {period}, {share}, were still open "
            "at its end",
            slipped=numbers.count(line["slipped"]),
            due=numbers.count(line["due"]),
            share=numbers.share(line["share"]),
            period=line["period"],
        )

    def reading(self) -> str:
        """What a dot is."""
        out = [
            message(
                "Each dot: of what was due when the period began, the share still open when it "
                "ended, with its 95 % interval."
            )
        ]
        if self._whole["running"].any():
            out.append(message("The lighter one still runs: it can only fall."))
        return " ".join(out)

    def definitions(self) -> list[str]:
        """The rules in sentences."""
        return [
            message(
                "Due: open at the start of the period with an expected close in it, as it was known"
                " then. Slipped: still open at its end."
            ),
            *self.question.sentences(),
        ]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        group = (Column("group", message("Group")),) if self.question.by else ()
        return (
            Column("period", message("Period")),
            *group,
            Column("due", message("Due"), "count"),
            Column("slipped", message("Still open at the end"), "count"),
            Column("share", message("Still open / due"), "share"),
            Column("low", message("From (95 %)"), "share"),
            Column("high", message("To (95 %)"), "share"),
            Column("won", message("Won"), "count"),
            Column("lost", message("Lost"), "count"),
            Column("due_amount", message("Due amount"), "money", self.currency),
            Column("slipped_amount", message("Amount still open"), "money", self.currency),
        )

    def chart(self) -> alt.TopLevelMixin:
        """A dot a period; those of groups in the last whole period where groups were asked for."""
        lines, label = self._whole, "period"
        if self.question.by is not None:
            done = self._whole[(self._whole["due"] > 0) & ~self._whole["running"].astype(bool)]
            last = done["period"].iloc[-1] if len(done) else ""
            own = self.frame[(self.frame["period"] == last) & (self.frame["due"] > 0)].iloc[1:]
            lines, label = own.sort_values(["share", "group"], ascending=[False, True]), "group"
        lines = lines[lines["due"] > 0].head(MOST_BUCKETS)
        if lines.empty:
            return theme.empty_chart(self.headline())
        return dots(
            lines, label=label, numerator="slipped", denominator="due",
            title=share_title(message("Still open at the end / due")), faint="running",
        )  # fmt: skip

    def members(
        self, period: str | None = None, *, part: str = "slipped", group: str | None = None
    ) -> pd.DataFrame:
        """The deals behind a dot, as they stand at as_of, as a list that can be exported.

        Parameters
        ----------
        period : str, optional
            Name of a bucket; the last one when left out.
        part : {"due", "slipped", "won", "lost"}
        group : str, optional
        """
        names = [bucket.name for bucket in self.buckets]
        if not names:
            return listed(self.question, np.zeros(len(self.question.deals), bool))
        wanted = names[-1] if period is None else period
        if wanted not in names:
            raise ArgumentError.of("period", period, names)
        outcomes = {"slipped": OPEN, "won": WON, "lost": LOST}
        if part not in ("due", *outcomes):
            raise ArgumentError.of("part", part, ("due", *outcomes))
        _, end, mask = self._states[names.index(wanted)]
        if part != "due":
            mask = mask & (end.outcome == outcomes[part])
        if group != everyone():
            mask = mask & chosen_group(self.question, group)
        return listed(self.question, mask)
