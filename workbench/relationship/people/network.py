"""The answer: who of ours knows whom of a record's people, by seniority.

Source: relationship-analytics.md, section 3 (who knows whom); the guard at its head.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message, message_of_count
from workbench.relationship import wording
from workbench.relationship.activities import CALL, MEETING
from workbench.relationship.frames import instants
from workbench.relationship.measuring import Measured
from workbench.relationship.opening import listed
from workbench.relationship.participants import CUSTOMER, TEAM
from workbench.relationship.people import seniority
from workbench.relationship.people.customers import Together, colleagues, listed_people, together
from workbench.relationship.rules import DAY_US
from workbench.relationship.scope import definition_of
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

FADES_DAYS = 90
COLUMNS = {
    "colleague": "Key of the team, or on request of the member of staff; missing where nobody is",
    "colleague_name": "Its name",
    "person": "Key of the customer's person",
    "person_name": "Their name; the key where none is known",
    "level": "Level or title as written",
    "rank": "0 unknown, 1 staff, 2 manager, 3 director, 4 vice president, 5 executive",
    "count": "Done activities in which both were; each once",
    "total": "Done activities of the record in which the person was",
    "share": "count / total, 0…1",
    "strength": "One for each such activity, halved with every 90 days of its age",
    "last_at": "End of the last one, UTC",
}


class RelationshipNetwork(Result):
    """Ties between our side and the people of one record.

    Attributes
    ----------
    measured : Measured
    key : str
        Of the record.
    people : bool
        Whether members of staff are named; else their teams stand for them.
    with_calls : bool
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "relationship_network"

    def __init__(
        self, measured: Measured, place: int, *, people: bool = False, with_calls: bool = True
    ) -> None:
        for name, value in (("people", people), ("with_calls", with_calls)):
            if not isinstance(value, bool):
                raise ArgumentError.of(name, value, [True, False])
        self.measured, self.place = measured, place
        self.people, self.with_calls = people, with_calls
        self.key = str(measured.records.keys[place])
        self.definition = {
            **definition_of(measured), "view": "network", "key": self.key, "people": people,
            "with_calls": with_calls,
        }  # fmt: skip
        self.scope = measured.scope

    @property
    def name(self) -> str:
        """Name of the record."""
        return str(self.measured.records.names[self.place])

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line a tie, the most senior first; also those of the record whom nobody knows."""
        measured, codes = self.measured, self._ties["person"].to_numpy(int)
        keys = np.array(measured.activities.people.persons.to_pylist(), object)[codes]
        out = self._ties.assign(person=keys)
        out["person_name"] = measured.asked.workspace.display_names("person", keys)
        out["level"], out["rank"] = seniority.levels_of(measured.asked.workspace, keys)
        out["share"] = out["count"] / out["total"].where(out["total"] > 0)
        return out.sort_values(
            ["rank", "strength", "person_name", "person", "colleague_name"],
            ascending=[False, False, True, True, True],
        )[list(COLUMNS)].reset_index(drop=True)

    @cached_property
    def _met(self) -> tuple[Together, Together]:
        """Persons of the customer, and users, in the done activities of the record."""
        measured = self.measured
        acts, links = measured.activities, measured.links
        wanted = (links.record == self.place) & (acts.kind[links.activity] <= MEETING)
        if not self.with_calls:
            wanted &= acts.kind[links.activity] != CALL
        return together(measured, CUSTOMER, wanted), together(measured, TEAM, wanted)

    @cached_property
    def _ties(self) -> pd.DataFrame:
        measured = self.measured
        theirs, ours = self._met
        keys, names = colleagues(measured, self.people)
        team = pd.DataFrame({"link": ours.link, "colleague": keys[ours.who],
                             "colleague_name": names[ours.who]}).drop_duplicates()  # fmt: skip
        each = pd.DataFrame({"link": theirs.link, "person": theirs.who})
        total = each.groupby("person").size()
        both = each.merge(team, on="link")
        ended = measured.activities.ended[measured.links.activity[both["link"]]]
        both["ended"] = ended
        both["strength"] = 0.5 ** ((measured.asked.instant - ended) / DAY_US / FADES_DAYS)
        both["colleague"] = both["colleague"].astype(object)
        out = both.groupby(["colleague", "colleague_name", "person"], dropna=False).agg(
            count=("link", "size"), strength=("strength", "sum"), ended=("ended", "max")
        )
        out = out.reset_index()
        record, person = listed_people(measured)
        everybody = np.unique(np.concatenate([person[record == self.place], theirs.who]))
        alone = np.setdiff1d(everybody, out["person"].to_numpy(int))
        rest = pd.DataFrame({"person": alone, "count": 0, "strength": 0.0})
        out = pd.concat([out, rest], ignore_index=True) if len(out) else rest
        if "colleague" not in out:
            out = out.assign(colleague=None, colleague_name=None, ended=np.nan)
        out["total"] = out["person"].map(total).fillna(0).astype(int)
        lowest = float(np.iinfo(np.int64).min)
        out["last_at"] = instants(out["ended"].astype(float).fillna(lowest).to_numpy(np.int64))
        words = message("Our side")
        named = out["colleague_name"].isna() & (out["count"] > 0)
        out["colleague_name"] = out["colleague_name"].astype(object).where(~named, words)
        for name in ("colleague", "colleague_name"):
            out[name] = out[name].astype(object).where(out[name].notna(), None)
        return out

    def headline(self) -> str:
        """How many of the record's people are known to us, and how many of the senior ones."""
        people = self.frame.drop_duplicates("person")
        if not len(people):
            return message("No person of the customer is known for {record}", record=self.name)
        met = people["total"] > 0
        senior = people["rank"] >= seniority.rank_from("director")
        said = message(
            "We are in contact with {n} of {people}",
            n=numbers.count(met.sum()), people=wording.of_count("person", len(people)),
        )  # fmt: skip
        if not senior.any():
            return said
        return message(
            "{said}, and with {n} of {senior}",
            said=said, n=numbers.count((met & senior).sum()),
            senior=message_of_count(
                "{count} director or above", "{count} directors or above", int(senior.sum())
            ),
        )  # fmt: skip

    def chart(self) -> alt.TopLevelMixin:
        """Our side at the left, their people by seniority at the right; thick lines are strong."""
        from workbench.relationship.people.network_chart import draw

        return draw(self)

    def reading(self) -> str:
        """What the lines mean, and who is not drawn."""
        from workbench.relationship.people.network_chart import drawn_people

        drawn, people = len(drawn_people(self.frame)), self.frame["person"].nunique()
        said = message(
            "A line is thicker the more activities both were in, each halved with every {days} "
            "days of its age. Grey: nobody is in contact.",
            days=FADES_DAYS,
        )
        if drawn < people:
            said += " " + message(
                "{n} of {people} are drawn, the strongest ties first.",
                n=numbers.count(drawn), people=wording.of_count("person", people),
            )  # fmt: skip
        return said

    def shown(self) -> tuple[Column, ...]:
        """The columns of the table."""
        side = message("Colleague") if self.people else message("Team")
        return (
            Column("person_name", message("Person of the customer")),
            Column("level", message("Level")),
            Column("colleague_name", side),
            Column("count", message("Activities of both"), "count"),
            Column("total", message("Of those of the person"), "count"),
            Column("share", message("Of both / of the person"), "share"),
            Column("strength", message("Strength"), "number"),
            Column("last_at", message("Last"), "date"),
        )

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return [*wording.definitions(self.measured.asked), wording.notice(self.people)]

    def members(self, person: str, colleague: str | None = None) -> pd.DataFrame:
        """The activities behind a tie.

        Parameters
        ----------
        person : str
            Key of the customer's person.
        colleague : str, optional
            Key of the team or member of staff; all of the person when left out.

        Returns
        -------
        pandas.DataFrame
            As of `Relationships.members`.
        """
        if person not in set(self.frame["person"]):
            raise AbsentError.of("person", person, list(self.frame["person"].unique()))
        theirs, ours = self._met
        code = self.measured.activities.people.persons.to_pylist().index(person)
        link = theirs.link[theirs.who == code]
        if colleague is not None:
            keys, _ = colleagues(self.measured, self.people)
            if colleague not in set(keys):
                raise AbsentError.of("colleague", colleague, [k for k in keys if k is not None])
            link = np.intersect1d(link, ours.link[keys[ours.who] == colleague])
        return listed(self.measured, link)
