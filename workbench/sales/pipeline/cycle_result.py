"""The answer: how long deals take, their spread, and what cannot be right."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import marked, message, message_of_count
from workbench.results import measured, numbers
from workbench.results.base import Block, Result
from workbench.results.blocks import key_figures
from workbench.results.intervals import SMALL_GROUP
from workbench.results.tables import Column
from workbench.sales.deals import NEVER
from workbench.sales.history import DAY
from workbench.sales.pipeline import cycle_chart as drawing
from workbench.sales.pipeline.groups import everyone
from workbench.sales.pipeline.members import chosen_group, listed
from workbench.sales.pipeline.question import Question

if TYPE_CHECKING:
    import altair as alt

COLUMNS = {
    "group": "'All opportunities' first, then each value of by",
    "deals": "Closed in the period with that outcome, both dates known, not negative",
    "median_days": "Median of the days from creation to closing",
    "low": "Lower end of its 95 % interval (ranks); missing below six deals",
    "high": "Upper end of its 95 % interval (ranks); missing below six deals",
    "p25_days": "A quarter took at most so long",
    "p75_days": "Three quarters took at most so long",
    "mean_days": "Mean of the days",
    "negative": "Closed before they were created: an error of the data, left out and in errors",
    "without_date": "Closed without a day of creation or closing, left out",
    "open_deals": "Open at as_of: not in any figure before",
    "open_median_days": "Median of their age so far",
}
PARTS = ("measured", "negative", "without_date", "open")
_SAID = {"won": marked("won"), "lost": marked("lost"), "closed": marked("closed")}


class SalesCycle(Result):
    """Days from creation to closing.

    Attributes
    ----------
    question : Question
    outcome : {"won", "lost", "closed"}
    days : numpy.ndarray of float
        Of every deal; NaN while open.
    chosen : numpy.ndarray of bool
        Deals of that outcome closed in the period.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "sales_cycle"

    def __init__(
        self, *, question: Question, outcome: str, days: np.ndarray, chosen: np.ndarray
    ) -> None:
        self.question = question
        self.outcome = outcome
        self.days = days
        self.chosen = chosen
        self.definition = question.plain()
        self.scope = question.scope(*self._notes())

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All deals in the first line, then a line a group."""
        from workbench.sales.pipeline.cycle import summary

        return summary(self.question, self.days, self.chosen)[list(COLUMNS)]

    @cached_property
    def masks(self) -> dict[str, np.ndarray]:
        """A mark for every deal and each of `PARTS`."""
        return {
            "measured": self.chosen & (self.days >= 0),
            "negative": self.chosen & (self.days < 0),
            "without_date": self.chosen & np.isnan(self.days),
            "open": self.question.taking_part & self.question.standing.open,
        }

    @cached_property
    def errors(self) -> pd.DataFrame:
        """Deals that closed before they were created: a list of errors in the data."""
        return self.members("negative")

    @cached_property
    def survival(self) -> pd.DataFrame:
        """Median days until a deal is decided, open ones taken as unfinished (Kaplan–Meier).

        ``group, deals, closed, open, median_days, low, high``; of the deals created in the period,
        won or lost. The median is missing where fewer than half are decided.
        """
        from statsmodels.duration.survfunc import SurvfuncRight

        question, deals = self.question, self.question.deals
        begun = question.taking_part & (deals.created_at != NEVER)
        begun &= question.range.holds(deals.created_on)
        lasted = np.where(
            np.isnan(self.days), (question.instant - deals.created_at) / DAY, self.days
        )
        begun &= (lasted >= 0) & (question.standing.open | ~np.isnan(self.days))
        rows = []
        names = [everyone(), *(question.groups.names if question.by is not None else ())]
        for n, name in enumerate(names):
            own = begun & ((question.groups.codes == n - 1) if n else True)
            closed = ~np.isnan(self.days[own])
            median, low, high = np.nan, np.nan, np.nan
            if closed.any():
                # A tenth of a day keeps the curve small; the median moves by no more.
                with np.errstate(divide="ignore", invalid="ignore"):
                    found = SurvfuncRight(np.round(lasted[own], 1), closed.astype(int))
                    median = found.quantile(0.5)
                    low, high = found.quantile_ci(0.5)
            ends = [v if np.isfinite(v) else np.nan for v in (median, low, high)]
            rows.append((name, int(own.sum()), int(closed.sum()), int((~closed).sum()), *ends))
        return pd.DataFrame(
            rows, columns=["group", "deals", "closed", "open", "median_days", "low", "high"]
        )

    def _notes(self) -> tuple[str, ...]:
        from workbench.sales.pipeline.cycle import by_day

        line, out = self.frame.iloc[0], []
        if line["negative"]:
            out.append(
                message_of_count(
                    "{count} opportunity closed before it was created: it is left out and listed "
                    "under errors.",
                    "{count} opportunities closed before they were created: they are left out and "
                    "listed under errors.",
                    int(line["negative"]),
                )
            )
        of_day = int((self.masks["measured"] & by_day(self.question)).sum())
        if of_day:
            out.append(
                message_of_count(
                    "Of {count} opportunity only the day of creation or closing is known.",
                    "Of {count} opportunities only the day of creation or closing is known.",
                    of_day,
                )
            )
        if line["without_date"]:
            out.append(
                message_of_count(
                    "{count} closed opportunity has no day of creation or closing.",
                    "{count} closed opportunities have no day of creation or closing.",
                    int(line["without_date"]),
                )
            )
        return tuple(out)

    def headline(self) -> str:
        """The median, its quartiles, and of how many."""
        line = self.frame.iloc[0]
        said = message(_SAID[self.outcome])
        if not line["deals"]:
            return message("0 opportunities were {outcome} in this period, so there is no cycle",
                           outcome=said)  # fmt: skip
        return message(
            "Half of the {n} {outcome} opportunities took up to {median} from creation to closing; "
            "the middle half {low} to {high}, the mean is {mean}",
            n=numbers.count(line["deals"]),
            outcome=said,
            median=numbers.days(line["median_days"]),
            low=numbers.days(line["p25_days"]),
            high=numbers.days(line["p75_days"]),
            mean=numbers.days(line["mean_days"]),
        )

    def reading(self) -> str:
        """What is drawn, and what open deals would change."""
        line = self.frame.iloc[0]
        out = [
            message("Dots are medians, bars the middle half of each group.")
            if self.question.by
            else message("Bars count closed opportunities by their days from creation to closing.")
        ]
        if line["open_deals"]:
            out.append(
                message(
                    "{n} are still open, for {age} in the median, and in none of these figures.",
                    n=message_of_count(
                        "{count} opportunity", "{count} opportunities", int(line["open_deals"])
                    ),
                    age=numbers.days(line["open_median_days"]),
                )
            )
            whole = self.survival.iloc[0]
            if whole["median_days"] == whole["median_days"]:
                out.append(
                    message(
                        "With open ones taken as unfinished, half of {n} begun are decided, won or "
                        "lost, within {days}.",
                        n=numbers.count(whole["deals"]),
                        days=numbers.days(whole["median_days"]),
                    )
                )
        if 0 < line["deals"] < SMALL_GROUP:
            out.append(message("Fewer than {n}: the median jumps with each.", n=SMALL_GROUP))
        return " ".join(out)

    def definitions(self) -> list[str]:
        """The rules in sentences."""
        return [
            message(
                "Sales cycle: closing − creation of opportunities {outcome} in {period}. Where "
                "only the day of creation or closing is known, whole days are counted.",
                outcome=message(_SAID[self.outcome]),
                period=self.question.range.in_words() or message("all time"),
            ),
            *self.question.sentences(),
        ]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("group", message("Group")),
            Column("deals", message("Closed"), "count"),
            Column("median_days", message("Median"), "duration"),
            Column("low", message("From (95 %)"), "duration"),
            Column("high", message("To (95 %)"), "duration"),
            Column("p25_days", message("A quarter within"), "duration"),
            Column("p75_days", message("Three quarters within"), "duration"),
            Column("mean_days", message("Mean"), "duration"),
            Column("negative", message("Closed before creation"), "count"),
            Column("open_deals", message("Still open"), "count"),
            Column("open_median_days", message("Median age of open ones"), "duration"),
        )

    def chart(self) -> alt.TopLevelMixin:
        """The distribution of days; quartiles of each group where there are groups."""
        return drawing.draw(self)

    def members(self, part: str = "measured", *, group: str | None = None) -> pd.DataFrame:
        """The deals behind a figure with their ``cycle_days``, as a list that can be exported.

        Parameters
        ----------
        part : {"measured", "negative", "without_date", "open"}
        group : str, optional
        """
        if part not in PARTS:
            raise ArgumentError.of("part", part, PARTS)
        mask = self.masks[part]
        if group != everyone():
            mask = mask & chosen_group(self.question, group)
        out = listed(self.question, mask)
        keys = self.question.deals.text("opportunity_id")[mask]
        days = dict(zip(keys, self.days[mask], strict=True))
        return out.assign(cycle_days=[days[key] for key in out["opportunity_id"]])

    def key_figures(self) -> Block:
        """Median and mean for the head of a page."""
        line = self.frame.iloc[0]
        deals = message_of_count("{count} opportunity", "{count} opportunities", int(line["deals"]))
        return key_figures(
            [
                {
                    "label": message("Median sales cycle"),
                    **measured.days(line["median_days"]),
                    "detail": deals,
                },
                {
                    "label": message("Mean sales cycle"),
                    **measured.days(line["mean_days"]),
                    "detail": deals,
                },
            ]
        )
