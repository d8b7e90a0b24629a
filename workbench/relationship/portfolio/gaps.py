"""The answer: how long nobody has spoken with each record, beside its usual rhythm.

Source: relationship-analytics.md, sections 3 and 9 (gaps).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.relationship import wording
from workbench.relationship.activities import MEETING
from workbench.relationship.frames import instants, user_names
from workbench.relationship.measuring import Measured
from workbench.relationship.opening import listed
from workbench.relationship.records import NEVER
from workbench.relationship.rules import DAY_US
from workbench.relationship.scope import definition_of
from workbench.relationship.sorting import by_time
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

COLUMNS = {
    "key": "Key of the record",
    "name": "Its name; the key where none is known",
    "owner": "Who owns it",
    "amount": "Amount in the reporting currency; missing where unknown",
    "contacts": "Done mails, calls and meetings at any time",
    "last_at": "End of the last one, UTC",
    "days_since_last": "Days from it to as_of",
    "median_days": "Median of the days between two of them; missing below two",
    "longest_days": "Longest time between two of them in days",
    "longest_from": "End of the contact before it, UTC",
    "longest_until": "End of the contact after it, UTC",
    "times_usual": "days_since_last / median_days",
    "longest_now": "Whether the silence of now is the longest that there was",
}


class RelationshipGaps(Result):
    """The time since the last contact of every record, and the gaps before.

    Attributes
    ----------
    measured : Measured
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "relationship_gaps"

    def __init__(self, measured: Measured) -> None:
        self.measured = measured
        self.definition = {**definition_of(measured), "view": "gaps"}
        self.scope = measured.scope

    @cached_property
    def _touches(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Links of contacts by record and time, their records, and days since the one before."""
        measured = self.measured
        acts, links = measured.activities, measured.links
        talk = measured.past & (acts.kind[links.activity] <= MEETING)
        link = np.flatnonzero(talk)
        link = link[by_time(links.record[link], acts.ended[links.activity[link]])]
        record, when = links.record[link], acts.ended[links.activity[link]]
        days = np.full(link.size, np.nan)
        same = record[1:] == record[:-1]
        days[1:][same] = (when[1:][same] - when[:-1][same]) / DAY_US
        return link, record, days

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line a record, in the order of their keys."""
        measured, chosen = self.measured, self.measured.chosen
        link, record, days = self._touches
        acts, links = measured.activities, measured.links
        when = acts.ended[links.activity[link]]
        touches = pd.DataFrame({"record": record, "when": when, "days": days})
        touches["before"] = touches["when"].shift()
        by = touches.groupby("record")
        widest_first = touches[touches["days"].notna()].sort_values(
            ["record", "days", "when"], ascending=[True, False, False]
        )
        longest = widest_first.drop_duplicates("record").set_index("record").reindex(chosen)
        last = by["when"].max().reindex(chosen)
        median = by["days"].median().reindex(chosen).to_numpy(float)
        since = ((measured.asked.instant - last) / DAY_US).to_numpy(float)
        widest = longest["days"].to_numpy(float)
        usual = np.divide(since, median, out=np.full(since.size, np.nan), where=median > 0)
        return pd.DataFrame(
            {
                "key": measured.records.keys[chosen], "name": measured.records.names[chosen],
                "owner": user_names(measured.asked.workspace, measured.records.owner[chosen]),
                "amount": measured.amounts[chosen],
                "contacts": by.size().reindex(chosen).fillna(0).to_numpy(int),
                "last_at": _moments(last), "days_since_last": since, "median_days": median,
                "longest_days": widest, "longest_from": _moments(longest["before"]),
                "longest_until": _moments(longest["when"]), "times_usual": usual,
                "longest_now": since > widest,
            }
        )[list(COLUMNS)]  # fmt: skip

    def headline(self) -> str:
        """How many are in the longest silence that there was, of those with two contacts."""
        frame, of = self.frame, self.measured.asked.of
        if not len(frame):
            return wording.nobody(of)
        known = int(frame["longest_days"].notna().sum())
        if not known:
            return message(
                "0 of {total} had two contacts or more", total=wording.of_count(of, len(frame))
            )
        longest = int(frame["longest_now"].sum())
        return message(
            "{n} of {total} with two contacts or more are in their longest silence ({share})",
            n=numbers.count(longest), total=wording.of_count(of, known),
            share=numbers.share(longest / known),
        )  # fmt: skip

    def chart(self) -> alt.TopLevelMixin:
        """Days since the last contact, beside the usual and the longest time between two."""
        from workbench.relationship.portfolio.gaps_chart import draw_gaps

        return draw_gaps(self)

    def reading(self) -> str:
        """What the marks mean."""
        never = int((self.frame["contacts"] == 0).sum())
        said = message(
            "Bar: days since the last mail, call or meeting; dark where there was never a longer "
            "silence. Dot: the usual (median) days between two. Stroke: the longest."
        )
        if never:
            said += " " + message(
                "With {n} nobody has ever spoken.",
                n=wording.of_count(self.measured.asked.of, never),
            )
        return said

    def shown(self) -> tuple[Column, ...]:
        """The columns of the table."""
        return (
            Column("name", message("Name")),
            Column("owner", message("Owner")),
            Column("last_at", message("Last contact"), "date"),
            Column("days_since_last", message("Time since"), "duration"),
            Column("median_days", message("Usual time between two"), "duration"),
            Column("times_usual", message("Times the usual"), "number"),
            Column("longest_days", message("Longest time between two"), "duration"),
            Column("longest_from", message("Its begin"), "date"),
            Column("longest_until", message("Its end"), "date"),
            Column("contacts", message("Contacts"), "count"),
        )

    def table_frame(self) -> pd.DataFrame:
        """Those whose silence is longest beside what is usual first."""
        return self.frame.sort_values(
            ["longest_now", "times_usual", "key"], ascending=[False, False, True]
        )

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return wording.definitions(self.measured.asked)

    def members(self, key: str) -> pd.DataFrame:
        """The contacts of a record with the days since the one before.

        Returns
        -------
        pandas.DataFrame
            As of `Relationships.members`, and ``days_since_previous``.
        """
        link, record, days = self._touches
        own = record == self.measured.place_of(key)
        return listed(self.measured, link[own]).assign(days_since_previous=days[own])


def _moments(values: pd.Series) -> pd.Series:
    return instants(values.astype("Int64").fillna(int(NEVER)).to_numpy(np.int64))
