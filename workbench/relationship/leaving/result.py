"""The answer: which records decline before they end, how early that is seen, and how often wrongly.

Every week each record is looked at as it was then. Two signals can be asked for: the customer
begins fewer mails, calls and meetings in eight weeks than in the 26 before by more than chance
(one-sided binomial test), or the trend of the health declines.

Source: relationship-analytics.md, sections 3 and 5; ours: a warning is worth what it foretold, so
records that stayed are counted the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.relationship import wording
from workbench.relationship.frames import instants, user_names
from workbench.relationship.leaving.endings import ended_of
from workbench.relationship.leaving.weekly import (
    BEFORE_WEEKS,
    RECENT_WEEKS,
    SIGNALS,
    WEEK_US,
    Weekly,
    weekly_of,
)
from workbench.relationship.measuring import Measured
from workbench.relationship.records import NEVER
from workbench.relationship.rules import DAY_US
from workbench.relationship.scope import definition_of
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

GROUPS = ("now", "warned", "missed", "false")
COLUMNS = {
    "key": "Key of the record",
    "name": "Its name; the key where none is known",
    "owner": "Who owns it",
    "ended_at": "When it ended, UTC; missing while it is there",
    "flagged": "At as_of, or within the weeks before it ended",
    "first_flag_at": "First week of these in which it was flagged, UTC",
    "lead_days": "Days from then until it ended",
    "recent": "Begun by the customer in the eight weeks before as_of, or before it ended",
    "before": "Begun by the customer in the 26 weeks before those",
    "count": "Weeks in which it was flagged, of all before as_of or its end",
    "total": "Weeks in which enough was known to tell",
    "share": "count / total, 0…1",
}


class RelationshipWarnings(Result):
    """Warnings, and what they were worth.

    Attributes
    ----------
    measured : Measured
    signal : {"customer", "trend"}
    weeks : int
        So many weeks before the end a flag counts as a warning.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "relationship_warnings"

    def __init__(
        self, measured: Measured, *, signal: str = "customer", weeks: int = 8,
        ended: str | None = None, chance: float = 0.05,
    ) -> None:  # fmt: skip
        if signal not in SIGNALS:
            raise ArgumentError.of("signal", signal, SIGNALS)
        if not isinstance(weeks, int) or isinstance(weeks, bool) or not 1 <= weeks <= 52:
            raise ArgumentError.of("weeks", weeks, message("a whole number from 1 to 52"))
        if not isinstance(chance, int | float) or isinstance(chance, bool) or not 0 < chance < 0.5:
            raise ArgumentError.of("chance", chance, message("a number between 0 and 0.5"))
        self.measured, self.signal, self.weeks = measured, signal, weeks
        self.chance, self.ended = float(chance), ended
        self._ended_at = ended_of(measured, ended)
        self.definition = {
            **definition_of(measured), "view": "warnings", "signal": signal, "weeks": weeks,
            "ended": ended, "chance": self.chance,
        }  # fmt: skip
        self.scope = measured.scope

    @cached_property
    def weekly(self) -> Weekly:
        """Every record in every week: known, and flagged."""
        return weekly_of(self.measured, self.signal, self.chance)

    @property
    def taken(self) -> np.ndarray:
        """Places of the records that are looked at, ended ones among them."""
        records, instant = self.measured.records, self.measured.asked.instant
        return np.flatnonzero(records.chosen & records.there_at(instant))

    @cached_property
    def _spans(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each record: whether it ended, the last week before that, and the first that warns.

        Weeks are counted back from as_of; a higher number is earlier.
        """
        now = self.measured.asked.instant
        ended = self._ended_at[self.taken]
        gone = (ended != NEVER) & (ended <= now)
        last = np.where(gone, (now - np.where(gone, ended, now)) // WEEK_US + 1, 0)
        return gone, last, np.where(gone, last + self.weeks - 1, 0)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line a record, in the order of their keys."""
        measured, taken, weekly = self.measured, self.taken, self.weekly
        gone, last, first = self._spans
        week = np.arange(weekly.known.shape[1])[None, :]
        alive = week >= last[:, None]
        inside = alive & (week <= first[:, None])
        flags, known = weekly.flagged[taken], weekly.known[taken]
        hit = flags & inside
        earliest = np.where(hit, week, -1).max(axis=1, initial=-1)
        at = measured.asked.instant - earliest * WEEK_US
        moment = np.where(earliest >= 0, at, NEVER)
        ended = np.where(gone, self._ended_at[taken], NEVER)
        lead = np.where(gone & (earliest >= 0), (ended - at) / DAY_US, np.nan)
        count, total = (flags & alive).sum(axis=1), (known & alive).sum(axis=1)
        recent, before = weekly.begun(taken, last)
        return pd.DataFrame(
            {
                "key": measured.records.keys[taken], "name": measured.records.names[taken],
                "owner": user_names(measured.asked.workspace, measured.records.owner[taken]),
                "ended_at": instants(ended), "flagged": hit.any(axis=1),
                "first_flag_at": instants(moment), "lead_days": lead, "recent": recent,
                "before": before, "count": count, "total": total,
                "share": np.divide(count, total, out=np.full(total.size, np.nan), where=total > 0),
            }
        )[list(COLUMNS)]  # fmt: skip

    @cached_property
    def worth(self) -> pd.DataFrame:
        """What the signal was worth.

        Columns ``group, count, total, share, low, high, judged, all``: ``ended`` counts records
        that were flagged in the weeks before they ended, of those of which enough was known;
        ``stayed`` counts spans of as many weeks with a flag, of all records that are still there,
        one span after the other back from as_of. Intervals are Wilson's.
        """
        gone, last, first = self._spans
        flags, known = self.weekly.flagged[self.taken], self.weekly.known[self.taken]
        week = np.arange(flags.shape[1])[None, :]
        inside = (week >= last[:, None]) & (week <= first[:, None])
        told = (known & inside).any(axis=1)[gone]
        caught = (flags & inside).any(axis=1)[gone]
        spans = flags.shape[1] // self.weeks
        shape = (int((~gone).sum()), spans, self.weeks)
        cut = spans * self.weeks
        others = flags[~gone, :cut].reshape(shape).any(axis=2)
        asked = known[~gone, :cut].reshape(shape).any(axis=2)
        count = np.array([caught.sum(), others.sum()])
        total = np.array([told.sum(), asked.sum()])
        low, high = wilson(count, total)
        return pd.DataFrame(
            {
                "group": ["ended", "stayed"], "count": count, "total": total,
                "share": np.divide(count, total, out=np.full(2, np.nan), where=total > 0),
                "low": low, "high": high, "all": [int(gone.sum()), others.size],
            }
        )  # fmt: skip

    @cached_property
    def approach(self) -> pd.DataFrame:
        """The share of flagged records by weeks before the end, beside that of all other weeks.

        Columns ``weeks_before, count, total, share, low, high``; line 0 is any week of records
        that stayed.
        """
        gone, last, _ = self._spans
        flags, known = self.weekly.flagged[self.taken], self.weekly.known[self.taken]
        lines = [(0, int(flags[~gone].sum()), int(known[~gone].sum()))]
        rows = np.flatnonzero(gone)
        for k in range(1, max(self.weeks, 12) + 1):
            at = last[rows] + k - 1
            there = at < flags.shape[1]
            own = rows[there], at[there]
            lines.append((k, int(flags[own].sum()), int(known[own].sum())))
        out = pd.DataFrame(lines, columns=["weeks_before", "count", "total"])
        out["share"] = out["count"] / out["total"].where(out["total"] > 0)
        out["low"], out["high"] = wilson(out["count"].to_numpy(), out["total"].to_numpy())
        return out

    def headline(self) -> str:
        """How many were flagged before they ended, how early, and how often others were."""
        frame, of = self.frame, self.measured.asked.of
        if not len(frame):
            return wording.nobody(of)
        ended, stayed = self.worth.to_dict("records")
        if not ended["all"]:
            now = int(frame["flagged"].sum())
            return message(
                "{n} of {total} are flagged; none has ended, so nobody knows what a flag is worth",
                n=numbers.count(now), total=wording.of_count(of, len(frame)),
            )  # fmt: skip
        lead = frame["lead_days"].median()
        return message(
            "{n} of {total} that ended were flagged in the {weeks} weeks before ({share}), half of "
            "them {lead} ahead or more; of spans as long of those that stayed {false}",
            n=numbers.count(ended["count"]), total=wording.of_count(of, ended["total"]),
            weeks=self.weeks, share=numbers.share(ended["share"]), lead=numbers.days(lead),
            false=numbers.share(stayed["share"]),
        )  # fmt: skip

    def chart(self) -> alt.TopLevelMixin:
        """Shares of flagged records by weeks before the end, beside the usual share."""
        from workbench.relationship.leaving.chart import draw

        return draw(self)

    def reading(self) -> str:
        """What is flagged, and of how many nothing could be told."""
        ended, stayed = self.worth.to_dict("records")
        rule = {
            "customer": message(
                "Flagged: the customer began fewer mails, calls and meetings in {recent} weeks "
                "than in the {before} before, with a chance of {chance} or less.",
                recent=RECENT_WEEKS, before=BEFORE_WEEKS, chance=numbers.share(self.chance),
            ),
            "trend": message("Flagged: the trend of the health declines."),
        }[self.signal]  # fmt: skip
        known = message(
            "Enough was known of {told} of {all} that ended and of {asked} of {spans} spans of "
            "those that stayed ({false} flagged).",
            told=numbers.count(ended["total"]), all=numbers.count(ended["all"]),
            asked=numbers.count(stayed["total"]), spans=numbers.count(stayed["all"]),
            false=numbers.count(stayed["count"]),
        )  # fmt: skip
        return f"{rule} {known}"

    def shown(self) -> tuple[Column, ...]:
        """The columns of the table."""
        return (
            Column("name", message("Name")),
            Column("owner", message("Owner")),
            Column("ended_at", message("Ended"), "date"),
            Column("said", message("Warning")),
            Column("recent", message("Begun by the customer in 8 weeks"), "count"),
            Column("before", message("In the 26 weeks before"), "count"),
            Column("first_flag_at", message("First flag"), "date"),
            Column("lead_days", message("Ahead of the end"), "duration"),
            Column("count", message("Weeks flagged"), "count"),
            Column("total", message("Of weeks known"), "count"),
        )

    def table_frame(self) -> pd.DataFrame:
        """Those that are flagged now first, then those that ended."""
        words = {
            (False, True): message("Flagged now"), (True, True): message("Flagged before it ended"),
            (True, False): message("Ended without a flag"), (False, False): message("None"),
        }  # fmt: skip
        frame, gone = self.frame, self.frame["ended_at"].notna()
        kinds = list(zip(gone, frame["flagged"], strict=True))
        order = [list(words).index((bool(a), bool(b))) for a, b in kinds]
        said = [words[bool(a), bool(b)] for a, b in kinds]
        frame = frame.assign(said=said, order=order)
        frame = frame.sort_values(["order", "before", "key"], ascending=[True, False, True])
        return frame[frame["order"] < 3]

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return wording.definitions(self.measured.asked)

    def members(self, group: str = "now") -> pd.DataFrame:
        """The records behind a number, as lines of the frame.

        Parameters
        ----------
        group : {"now", "warned", "missed", "false"}
            Flagged at as_of and still there; flagged in the weeks before they ended; ended without
            a flag though enough was known or not; flagged in any week and still there.
        """
        if group not in GROUPS:
            raise ArgumentError.of("group", group, GROUPS)
        frame, gone = self.frame, self.frame["ended_at"].notna()
        masks = {
            "now": ~gone & frame["flagged"], "warned": gone & frame["flagged"],
            "missed": gone & ~frame["flagged"], "false": ~gone & (frame["count"] > 0),
        }  # fmt: skip
        return frame[masks[group]].reset_index(drop=True)
