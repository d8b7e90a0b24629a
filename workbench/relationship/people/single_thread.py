"""The answer: records that hang by one person of the customer, or by nobody senior.

Source: relationship-analytics.md, section 3 (who knows whom).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.relationship import wording
from workbench.relationship.activities import MEETING
from workbench.relationship.frames import instants, user_names
from workbench.relationship.measuring import Measured
from workbench.relationship.opening import listed
from workbench.relationship.participants import CUSTOMER
from workbench.relationship.people import seniority
from workbench.relationship.people.customers import Together, listed_people, together
from workbench.relationship.records import NEVER
from workbench.relationship.scope import definition_of
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column
from workbench.vocabulary.durations import Duration

if TYPE_CHECKING:
    import altair as alt

FLAGS = ("nobody", "one_person", "nobody_senior", "several")
COLUMNS = {
    "key": "Key of the record",
    "name": "Its name; the key where none is known",
    "owner": "Who owns it",
    "amount": "Amount in the reporting currency; missing where unknown",
    "flag": "nobody, one_person, nobody_senior or several",
    "in_contact": "Persons of the customer in done mails, calls and meetings of the window",
    "senior": "Of them, those of the senior level or above",
    "listed": "Persons of the customer on the record",
    "person": "Key of the person in most of these activities; missing without any",
    "person_name": "Their name",
    "level": "Their level or title as written",
    "highest": "Highest rank in contact: 0 unknown, 1 staff … 5 executive",
    "count": "Activities with that person",
    "total": "Activities with anybody of the customer",
    "share": "count / total, 0…1",
    "last_at": "End of the last of them, UTC",
}


class SingleThreaded(Result):
    """How many people of the customer carry each record, and how senior they are.

    Attributes
    ----------
    measured : Measured
    recent : Duration
        How far back a contact counts.
    senior : str
        Lowest level that counts as senior.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "single_threaded"

    def __init__(self, measured: Measured, *, recent: Any = "180d", senior: Any = "director"):
        if measured.asked.of == "person":
            raise AbsentError.of("of", "person", ["opportunity", "account", "lead"])
        self.measured = measured
        self.recent = Duration.parse(recent, "recent")
        self.rank, self.senior = seniority.rank_from(senior), str(senior)
        self.definition = {
            **definition_of(measured), "view": "single_threaded", "recent": str(self.recent),
            "senior": self.senior,
        }  # fmt: skip
        self.scope = measured.scope

    @cached_property
    def _met(self) -> Together:
        measured = self.measured
        acts, activity = measured.activities, measured.links.activity
        since = measured.asked.instant - self.recent.microseconds
        talk = (acts.kind[activity] <= MEETING) & (acts.ended[activity] >= since)
        return together(measured, CUSTOMER, talk)

    @cached_property
    def _pairs(self) -> pd.DataFrame:
        """Each record and person in contact: activities, last, rank."""
        met, measured = self._met, self.measured
        ended = measured.activities.ended[met.activity]
        pairs = pd.DataFrame({"record": met.record, "person": met.who, "ended": ended})
        out = pairs.groupby(["record", "person"]).agg(
            count=("ended", "size"), ended=("ended", "max")
        )
        out = out.reset_index()
        keys = np.array(measured.activities.people.persons.to_pylist(), object)
        out["key"] = keys[out["person"].to_numpy(int)]
        out["level"], out["rank"] = seniority.levels_of(
            measured.asked.workspace, out["key"].to_numpy(object)
        )
        return out

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line a record, in the order of their keys."""
        measured, chosen, pairs = self.measured, self.measured.chosen, self._pairs
        size = len(measured.records)
        number = np.bincount(pairs["record"], minlength=size)[chosen]
        at_least = pairs["rank"] >= self.rank
        senior = np.bincount(pairs.loc[at_least, "record"], minlength=size)[chosen]
        top = pairs.sort_values(["count", "ended", "key"], ascending=[False, False, True])
        top = top.drop_duplicates("record").set_index("record").reindex(chosen)
        highest = pairs.groupby("record")["rank"].max().reindex(chosen)
        record, _ = listed_people(measured)
        met = self._met
        total = np.bincount(met.record[_firsts(met.link)], minlength=size)[chosen]
        last = pairs.groupby("record")["ended"].max().reindex(chosen)
        names = measured.asked.workspace.display_names(
            "person", top["key"].dropna().to_numpy(object)
        )
        said = dict(zip(top["key"].dropna(), names, strict=True))
        count = top["count"].fillna(0).to_numpy(int)
        return pd.DataFrame(
            {
                "key": measured.records.keys[chosen], "name": measured.records.names[chosen],
                "owner": user_names(measured.asked.workspace, measured.records.owner[chosen]),
                "amount": measured.amounts[chosen], "flag": _flags(number, senior, pairs),
                "in_contact": number, "senior": senior,
                "listed": np.bincount(record, minlength=size)[chosen],
                "person": top["key"].astype(object).where(top["key"].notna(), None).to_numpy(),
                "person_name": [said.get(key) for key in top["key"]],
                "level": top["level"].astype(object).where(top["level"].notna(), None).to_numpy(),
                "highest": highest.fillna(0).to_numpy(int), "count": count, "total": total,
                "share": np.divide(count, total, out=np.full(count.size, np.nan), where=total > 0),
                "last_at": instants(last.astype("Int64").fillna(int(NEVER)).to_numpy(np.int64)),
            }
        )[list(COLUMNS)]  # fmt: skip

    def headline(self) -> str:
        """How many hang by one person, and how many by nobody senior."""
        frame, of = self.frame, self.measured.asked.of
        if not len(frame):
            return wording.nobody(of)
        counts = frame["flag"].value_counts()
        total = len(frame)
        one = int(counts.get("one_person", 0))
        return message(
            "{n} of {total} hang by one person of the customer ({share}); {others} by several of "
            "whom nobody is senior, {none} by nobody",
            n=numbers.count(one), total=wording.of_count(of, total),
            share=numbers.share(one / total), others=numbers.count(counts.get("nobody_senior", 0)),
            none=numbers.count(counts.get("nobody", 0)),
        )  # fmt: skip

    def chart(self) -> alt.TopLevelMixin:
        """Records by the number of people in contact, darker where none is senior."""
        from workbench.relationship.chart import by_people

        return by_people(self)

    def reading(self) -> str:
        """What counts as contact and as senior."""
        unknown = int(((self.frame["in_contact"] > 0) & (self.frame["highest"] == 0)).sum())
        said = message(
            "Counted are people of the customer in done mails, calls and meetings of the last "
            "{length}; senior means {level} or above.",
            length=self.recent.in_words(), level=seniority.said(self.rank).lower(),
        )  # fmt: skip
        if unknown:
            said += " " + message(
                "For {n} no level is known.",
                n=wording.of_count(self.measured.asked.of, unknown),
            )
        return said

    def shown(self) -> tuple[Column, ...]:
        """The columns of the table."""
        return (
            Column("name", message("Name")),
            Column("owner", message("Owner")),
            Column("said", message("What is seen")),
            Column("in_contact", message("People in contact"), "count"),
            Column("senior", message("Of them senior"), "count"),
            Column("listed", message("People on the record"), "count"),
            Column("person_name", message("Most contacted")),
            Column("level", message("Level")),
            Column("count", message("Activities with them"), "count"),
            Column("total", message("Of all with the customer"), "count"),
            Column("share", message("With them / of all"), "share"),
            Column("last_at", message("Last"), "date"),
        )

    def table_frame(self) -> pd.DataFrame:
        """Those at risk first, the largest amounts on top."""
        words = {
            "nobody": message("Nobody is in contact"),
            "one_person": message("One person only"),
            "nobody_senior": message("Nobody senior"),
            "several": message("Several, one of them senior"),
        }
        rank = {"one_person": 0, "nobody_senior": 1, "nobody": 2, "several": 3}
        frame = self.frame.assign(
            said=self.frame["flag"].map(words), order=self.frame["flag"].map(rank)
        )
        return frame.sort_values(["order", "amount", "key"], ascending=[True, False, True])

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return wording.definitions(self.measured.asked)

    def members(self, key: str | None = None, *, flag: str | None = None) -> pd.DataFrame:
        """The activities behind a record, or the records behind a flag.

        Parameters
        ----------
        key : str, optional
            Of a record: its activities with people of the customer, as of `Relationships.members`.
        flag : {"nobody", "one_person", "nobody_senior", "several"}, optional
            Lines of the frame.
        """
        if flag is not None and flag not in FLAGS:
            raise ArgumentError.of("flag", flag, FLAGS)
        if key is None:
            return self.frame if flag is None else self.frame[self.frame["flag"] == flag]
        place = self.measured.place_of(key)
        links = self._met.link[self._met.record == place]
        return listed(self.measured, np.unique(links))


def _firsts(values: np.ndarray) -> np.ndarray:
    """Place of the first of each value."""
    return np.unique(values, return_index=True)[1]


def _flags(number: np.ndarray, senior: np.ndarray, pairs: pd.DataFrame) -> np.ndarray:
    known = bool((pairs["rank"] > 0).any())
    low = (senior == 0) & known
    kinds = [number == 0, number == 1, low]
    return np.select(kinds, list(FLAGS[:3]), FLAGS[3]).astype(object)
