"""The answer: records that went from one colleague to another, and the silence around it.

Where the history of opportunities says who owned them, a hand-over is a change of owner. Else it
is read from the contacts: somebody who did most of them so far has none any more, and somebody
else does at least three.

Source: relationship-analytics.md, section 3; the guard at its head.
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
from workbench.relationship.frames import instants
from workbench.relationship.measuring import Measured
from workbench.relationship.opening import listed
from workbench.relationship.people.changes import from_contacts, from_history
from workbench.relationship.people.customers import colleagues
from workbench.relationship.records import NEVER
from workbench.relationship.rules import DAY_US
from workbench.relationship.scope import definition_of
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

COLUMNS = {
    "key": "Key of the record",
    "name": "Its name; the key where none is known",
    "source": "history (of owners) or contacts",
    "handed_at": "Change of owner, else the last contact of the one before, UTC",
    "from_key": "Team, or on request member of staff, before; missing where unknown",
    "from_name": "Its name",
    "to_key": "The same, after",
    "to_name": "Its name",
    "before": "Contacts of the one before, until then",
    "last_before_at": "End of the last contact of anybody until then, UTC",
    "first_after_at": "End of the first contact of anybody after it, UTC; missing without one",
    "gap_days": "Days between the two; until as_of without a contact after",
    "count": "Contacts of the new one after it",
    "total": "Contacts of anybody after it",
    "share": "count / total, 0…1",
}


class HandOvers(Result):
    """Changes of hands and what became of the contact.

    Attributes
    ----------
    measured : Measured
    people : bool
        Whether members of staff are named; else their teams stand for them.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "hand_overs"

    def __init__(self, measured: Measured, *, people: bool = False) -> None:
        if not isinstance(people, bool):
            raise ArgumentError.of("people", people, [True, False])
        self.measured, self.people = measured, people
        self.definition = {**definition_of(measured), "view": "handovers", "people": people}
        self.scope = measured.scope

    @cached_property
    def _found(self) -> tuple[str, pd.DataFrame]:
        told = from_history(self.measured)
        if told is not None:
            return "history", told
        return "contacts", from_contacts(self.measured)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line a change, by record and time."""
        measured, (source, found) = self.measured, self._found
        keys, names = (
            np.array([*part, None], object) for part in colleagues(measured, self.people)
        )
        now = measured.asked.instant
        first, last = found["first_after"].to_numpy(np.int64), found["last_before"].to_numpy()
        until = np.where(first == NEVER, now, first)
        gap = np.where(last == NEVER, np.nan, (until - last) / DAY_US)
        count, total = found["count"].to_numpy(int), found["total"].to_numpy(int)
        out = pd.DataFrame(
            {
                "record": found["record"], "source": source,
                "handed_at": instants(found["at"].to_numpy(np.int64)),
                "from_key": keys[found["before_who"]], "to_key": keys[found["after_who"]],
                "from_name": _said(names[found["before_who"]]),
                "to_name": _said(names[found["after_who"]]),
                "before": found["before"], "last_before_at": instants(last),
                "first_after_at": instants(first), "gap_days": gap, "count": count, "total": total,
                "share": np.divide(count, total, out=np.full(count.size, np.nan), where=total > 0),
            }
        )  # fmt: skip
        record = out["record"].to_numpy(int)
        out["key"], out["name"] = measured.records.keys[record], measured.records.names[record]
        return out[list(COLUMNS)].reset_index(drop=True)

    def headline(self) -> str:
        """How many went to other hands, and how often nobody spoke for long."""
        frame, of = self.frame, self.measured.asked.of
        if not len(self.measured.chosen):
            return wording.nobody(of)
        records = frame["key"].nunique()
        if not records:
            return message(
                "0 of {total} went to other hands",
                total=wording.of_count(of, len(self.measured.chosen)),
            )
        limit = 2 * self.measured.asked.rules.every_days
        return message(
            "{n} of {total} went to other hands; {late} of {all} times nobody spoke with the "
            "customer for more than {days} days",
            n=numbers.count(records), total=wording.of_count(of, len(self.measured.chosen)),
            late=numbers.count((frame["gap_days"] > limit).sum()), all=numbers.count(len(frame)),
            days=limit,
        )  # fmt: skip

    def chart(self) -> alt.TopLevelMixin:
        """Days without contact around each change."""
        from workbench.relationship.people.handovers_chart import draw_handovers

        return draw_handovers(self)

    def reading(self) -> str:
        """Where a change is read from."""
        if self._found[0] == "history":
            return message("A change of hands is a change of owner in the history.")
        return message(
            "No history of owners is known, so a change is read from the contacts: somebody who "
            "did at least half of them so far does none any more, and another one does three or "
            "more."
        )

    def shown(self) -> tuple[Column, ...]:
        """The columns of the table."""
        return (
            Column("name", message("Name")),
            Column("handed_at", message("Change"), "date"),
            Column("from_name", message("Before")),
            Column("to_name", message("After")),
            Column("before", message("Contacts of the one before"), "count"),
            Column("last_before_at", message("Last contact before"), "date"),
            Column("first_after_at", message("First contact after"), "date"),
            Column("gap_days", message("Time between"), "duration"),
            Column("count", message("Contacts of the new one"), "count"),
            Column("total", message("Of all after"), "count"),
            Column("share", message("Of the new one / of all"), "share"),
        )

    def table_frame(self) -> pd.DataFrame:
        """The longest silence first."""
        return self.frame.sort_values(["gap_days", "key", "handed_at"],
                                      ascending=[False, True, True])  # fmt: skip

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return [*wording.definitions(self.measured.asked), wording.notice(self.people)]

    def members(self, key: str) -> pd.DataFrame:
        """The contacts of a record, and whether they were done before or after its last change.

        Returns
        -------
        pandas.DataFrame
            As of `Relationships.members`, and ``after``.
        """
        measured = self.measured
        place = measured.place_of(key)
        found = self._found[1]
        own = found.loc[found["record"] == place, "at"]
        link = np.flatnonzero(measured.past & (measured.links.record == place))
        ended = measured.activities.ended[measured.links.activity[link]]
        after = ended > own.max() if len(own) else np.zeros(link.size, bool)
        return listed(measured, link).assign(after=after)


def _said(names: np.ndarray) -> np.ndarray:
    other = message("Team not known")
    return np.array([name if isinstance(name, str) else other for name in names], object)
