"""The answer: from arrival to answer to win, how fast and how well, by offer or source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.leads import terms
from workbench.leads.co_sell import co_sell
from workbench.leads.duplicates import duplicates
from workbench.leads.funnel_counts import COLUMNS, codes, counted, values
from workbench.leads.lines import LINES, lines
from workbench.leads.question import Question
from workbench.leads.terms import NEVER
from workbench.leads.trend import trend
from workbench.messages import message, message_of_count
from workbench.results import measured, numbers, theme
from workbench.results.base import Block, Result
from workbench.results.blocks import key_figures
from workbench.results.intervals import SMALL_GROUP
from workbench.results.tables import Column
from workbench.vocabulary.periods import Period

if TYPE_CHECKING:
    import altair as alt

GROUPS = (
    "call_to_action", "country", "lead_class", "lead_type", "offer", "qualification", "quality",
    "source",
)  # fmt: skip
COUNTED = ("leads", "people")
OUTCOMES = ("received", "accepted", "declined", "expired", "resolved", "open", "won", "lost")


def everyone() -> str:
    """Name of the first line."""
    return message("All leads")


class LeadFunnel(Result):
    """How leads that ask for an answer went on.

    Attributes
    ----------
    question : Question
    period : Period
        When they arrived.
    by : str or None
    count : {"leads", "people"}
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "lead_funnel"

    def __init__(
        self, *, question: Question, period: Period, by: str | None, count: str = "leads"
    ) -> None:
        self.question = question
        self.count = count
        self.period = period
        self.by = by
        start, end = period.bounds()
        created = question.records["created_at"]
        self.mask = question.chosen & (created >= start) & (created < end)
        if count == "people":
            self.mask &= (duplicates(question.records)["role"] != "repeat").to_numpy(bool)
        self.definition = question.plain()
        part = self.mask & question.records.actionable
        self.scope = question.scope(part, *self._notes(part), period=str(period))

    def _notes(self, part: np.ndarray) -> tuple[str, ...]:
        silent = int((self.mask & ~part).sum())
        out = []
        if silent:
            out.append(
                message_of_count(
                    "{count} lead asks for no answer and stands in no rate of answers.",
                    "{count} leads ask for no answer and stand in no rate of answers.",
                    silent,
                )
            )
        if 0 < part.sum() < SMALL_GROUP:
            out.append(
                message(
                    "Fewer than {n} leads: the shares are uncertain, see their intervals.",
                    n=SMALL_GROUP,
                )
            )
        return tuple(out)

    @cached_property
    def groups(self) -> tuple[np.ndarray, list[str]]:
        """Group of each lead and the name of each group."""
        by = self.by or GROUPS[0]
        numbers_of, found = codes(self.question, by)
        readable = terms.class_names() if by == "lead_class" else {}
        absent = message("(none)")
        names = [absent if v is None else readable.get(v, v) for v in found]
        if names.count(absent) > 1:
            names[-1] = message("(nothing written)")
        return numbers_of, names

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All leads in the first line, then a line a group."""
        zero = np.zeros(len(self.question.records), np.int64)
        parts = [counted(self.question, self.mask, zero, [everyone()])]
        if self.by is not None:
            found = counted(self.question, self.mask, *self.groups)
            known = (found["received"] > 0) | (found["offer_leads"] > 0)
            parts.append(found[known])
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """Reasons of declined and lost leads: ``outcome, reason, count, total, share``; share is
        count / total of the outcome. Leads without a reason stand in a line of their own.
        """
        records, states = self.question.records, self.question.states
        part = self.mask & records.actionable
        rows = []
        for outcome, column in (("declined", "decline_reason"), ("lost", "status_reason")):
            told = pd.Series(records[column][part & (states.stage == outcome)], dtype=object)
            found = told.fillna(message("no reason")).value_counts()
            ordered = sorted(found.items(), key=lambda item: (-item[1], str(item[0])))
            rows += [(outcome, str(name), int(n), len(told)) for name, n in ordered]
        out = pd.DataFrame(rows, columns=["outcome", "reason", "count", "total"])
        return out.assign(share=out["count"] / out["total"])

    @cached_property
    def past(self) -> pd.DataFrame:
        """What was done in the period with leads of before: ``step, in_period, from_the_past``.

        ``in_period`` counts leads that arrived in the period too. Steps are accepted and won.
        """
        records, states = self.question.records, self.question.states
        start, end = self.period.bounds()
        part = self.question.chosen & records.actionable
        before = records["created_at"] < start
        rows = []
        for step, at in (
            ("accepted", states.accepted_at),
            ("won", np.where(states.stage == "won", states.closed_at, NEVER)),
        ):
            acted = part & (at != NEVER) & (at >= start) & (at < end)
            rows.append((step, int((acted & ~before).sum()), int((acted & before).sum())))
        return pd.DataFrame(rows, columns=["step", "in_period", "from_the_past"])

    @cached_property
    def co_sell(self) -> pd.DataFrame:
        """Accepted leads by the stage of a co-sell deal, with values weighted by its share: the
        columns of `workbench.leads.co_sell.COLUMNS`.
        """
        return co_sell(self.question, self.mask)

    def trend(self, *, months: int = 3) -> pd.DataFrame:
        """The last full month beside the first of a range, whatever period was asked for.

        Parameters
        ----------
        months : int
            Full months of the range, the last one before the instant that is looked from.

        Returns
        -------
        pandas.DataFrame
            With the columns of `workbench.leads.trend.COLUMNS`.
        """
        return trend(self.question, months)

    def headline(self) -> str:
        """The rate of answers with its numbers, and how long an answer takes."""
        line = self.frame.iloc[0]
        if not line["received"]:
            return message("0 leads that ask for an answer arrived")
        if not line["resolved"]:
            return message(
                "0 of {n} answered or expired so far",
                n=message_of_count("{count} lead", "{count} leads", int(line["received"])),
            )
        if self.by is not None and line["won"]:
            return self._where_won(line)
        text = message(
            "{n} of {total} resolved leads, {share}, got an answer",
            n=numbers.count(line["accepted"] + line["declined"]),
            total=numbers.count(line["resolved"]),
            share=numbers.share(line["share_responded"]),
        )
        if line["timed"]:
            text += message(
                "; half of the answers came within {time}",
                time=numbers.days(line["median_hours"] / 24),
            )
        return text

    def _where_won(self, line: pd.Series) -> str:
        """Which named group brought most wins; groups without a name are told apart."""
        groups = self.frame.iloc[1:]
        absent = groups["group"].isin([message("(none)"), message("(nothing written)")])
        text = message(
            "{won} of {closed} leads that were won or lost were won",
            won=numbers.count(line["won"]),
            closed=numbers.count(line["won"] + line["lost"]),
        )
        known = groups[~absent & (groups["won"] > 0)]
        most = known[known["won"] == known["won"].max()]
        if len(most) == 1:
            best = most.iloc[0]
            text += message(
                "; {group} brought more than any other: {n}, of {closed} won or lost there",
                group=best["group"],
                n=numbers.count(best["won"]),
                closed=numbers.count(best["won"] + best["lost"]),
            )
        elif len(most):
            text += message(
                "; {count} groups brought the most, {n} each",
                count=len(most),
                n=numbers.count(most["won"].iloc[0]),
            )
        silent = int(groups.loc[absent, "won"].sum())
        if silent:
            text += message_of_count("; {count} win names none", "; {count} wins name none", silent)
        return text

    def reading(self) -> str:
        """What the bars are, and what the shares are of."""
        return message(
            "Each bar holds the leads that arrived, by what became of them. Beside it: the share "
            "answered of resolved leads (accepted, declined or expired), and the median time to "
            "an answer. Open ones may still change every share."
        )

    def definitions(self) -> list[str]:
        """The KPIs in sentences."""
        return [
            message(
                "Resolved: ever accepted, declined or expired. Answered: accepted or declined / "
                "resolved. Won: won / (won + lost); declined and expired leads are never in it."
            ),
            message(
                "Time to an answer: from the arrival to the acceptance or refusal; leads without "
                "an answer, or without its instant, are left out."
            ),
            *self._people(),
            *self.question.sentences(),
        ]

    def _people(self) -> list[str]:
        if self.count == "leads":
            return []
        return [
            message(
                "Each customer counts once within 180 days: leads with the same mail address, else "
                "telephone, else company and country, by the earliest that asks for an answer."
            )
        ]

    @property
    def currency(self) -> str:
        """Currency of the values; empty where none is known."""
        return values(self.question)[1]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        currency = self.currency
        return (
            Column("group", message("Group")),
            Column("received", message("Received"), "count"),
            Column("open", message("Open"), "count"),
            Column("accepted", message("Accepted"), "count"),
            Column("declined", message("Declined"), "count"),
            Column("expired", message("Expired"), "count"),
            Column("share_responded", message("Answered / resolved"), "share"),
            Column("low", message("From (95 %)"), "share"),
            Column("high", message("To (95 %)"), "share"),
            Column("share_accepted", message("Accepted / resolved"), "share"),
            Column("median_hours", message("Median hours to an answer"), "number"),
            Column("p90_hours", message("90 % within hours"), "number"),
            Column("share_within", message("Within 72 hours / timed answers"), "share"),
            Column(
                "share_within_matured", message("Within 72 hours / leads older than that"), "share"
            ),
            Column("won", message("Won"), "count"),
            Column("lost", message("Lost"), "count"),
            Column("share_won", message("Won / (won + lost)"), "share"),
            Column("share_lead_to_win", message("Won / received"), "share"),
            Column("value_won", message("Value won"), "money", currency),
            Column("value_accepted", message("Value still open"), "money", currency),
            Column("share_valid", message("Valid contact / offer leads"), "share"),
            Column("share_spam", message("Spam / offer leads"), "share"),
        )

    def chart(self) -> alt.TopLevelMixin:
        """What became of the leads of each group."""
        if not self.frame["received"].iloc[0]:
            return theme.empty_chart(self.headline())
        from workbench.leads.funnel_chart import draw

        return draw(self.frame)

    def shares(self) -> pd.DataFrame:
        """Shares answered as label, count, total: what `workbench.compare` puts side by side."""
        out = pd.DataFrame({"label": self.frame["group"]})
        out["count"] = self.frame["accepted"] + self.frame["declined"]
        return out.assign(total=self.frame["resolved"])

    def members(self, outcome: str = "received", *, group: str | None = None) -> pd.DataFrame:
        """The leads behind a number, the newest first.

        Parameters
        ----------
        outcome : {"received", "accepted", "declined", "expired", "resolved", "open", "won", "lost"}
        group : str, optional
            A group of the frame; all leads when left out.
        """
        if outcome not in OUTCOMES:
            raise ArgumentError.of("outcome", outcome, OUTCOMES)
        states = self.question.states
        resolved = states.accepted | np.isin(states.stage.astype(str), ("declined", "expired"))
        masks = {
            "received": np.ones(resolved.size, bool), "accepted": states.accepted,
            "resolved": resolved, "open": ~resolved,
        }  # fmt: skip
        mask = self.mask & self.question.records.actionable
        mask = mask & (masks.get(outcome, states.stage == outcome))
        if group is not None and group != everyone():
            if self.by is None or group not in self.groups[1]:
                allowed = [everyone(), *(self.groups[1] if self.by else [])]
                raise ArgumentError.of("group", group, allowed)
            mask = mask & (self.groups[0] == self.groups[1].index(group))
        places = np.flatnonzero(mask)
        newest = np.lexsort((places, -self.question.records["created_at"][places]))
        return lines(self.question, places[newest])[list(LINES)]

    def key_figures(self) -> Block:
        """Four numbers for the head of a page."""
        line = self.frame.iloc[0]
        answered = line["accepted"] + line["declined"]
        figures = [
            (message("Answered"), measured.share(answered, line["resolved"]),
             message("{n} of {total} resolved leads", n=numbers.count(answered),
                     total=numbers.count(line["resolved"]))),
            (message("Median time to an answer"), measured.days(line["median_hours"] / 24),
             message("of {n} answers", n=numbers.count(line["timed"]))),
            (message("Within 72 hours"), measured.share(line["within"], line["timed"]),
             message("{n} of {total} answers", n=numbers.count(line["within"]),
                     total=numbers.count(line["timed"]))),
            (message("Won"), measured.share(line["won"], line["won"] + line["lost"]),
             message("{n} of {total} won or lost", n=numbers.count(line["won"]),
                     total=numbers.count(line["won"] + line["lost"]))),
        ]  # fmt: skip
        return key_figures(
            [{"label": label, **said, "detail": detail} for label, said, detail in figures]
        )
