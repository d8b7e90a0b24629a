"""The answer: one record in depth, ten questions in order, and the way into its other pictures.

Source: relationship-analytics.md, sections 1, 3 and 10; the guard at its head.
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
from workbench.relationship.one_record.questions import answers_of
from workbench.relationship.one_record.summary import similar_of, summary_of
from workbench.relationship.rules import DAY_US
from workbench.relationship.scope import definition_of
from workbench.results.base import Block, Result
from workbench.results.blocks import action_table
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.one_record.recent import RecentActivity
    from workbench.relationship.people.network import RelationshipNetwork
    from workbench.relationship.result import Relationships

DAYS = 90
COLUMNS = {
    "position": "1 to 10, in the order of the questions",
    "name": "Short name of the question",
    "question": "As a reader asks it",
    "answer": "As a sentence",
    "value": "The number in it: points, hours, days, a share or a place; missing where none is",
    "count": "Numerator, where the answer is a share",
    "total": "Denominator, where the answer is a share",
    "similar_won": "What is typical of similar won deals; missing without them",
    "opens": "Name for `Relationships.members` that lists the activities behind it",
}


class RelationshipRecord(Result):
    """Ten questions about one record.

    Attributes
    ----------
    asked : Relationships
    key : str
    people : bool
        Whether members of staff are named on its other pictures.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "relationship_record"

    def __init__(self, asked: Relationships, key: str | None, *, people: bool = False) -> None:
        if not isinstance(people, bool):
            raise ArgumentError.of("people", people, [True, False])
        self.asked, self.people, self.measured = asked, people, asked.measured
        if key is None:
            order = asked.listed().frame["key"]
            if not len(order):
                raise AbsentError.of("key", key, [], wording.nobody(self.measured.asked.of))
            key = str(order.iloc[0])
        self.place, self.key = self.measured.place_of(key), key
        self.definition = {
            **definition_of(self.measured), "view": "record", "key": key, "people": people,
        }  # fmt: skip
        self.scope = self.measured.scope

    @property
    def name(self) -> str:
        """Name of the record."""
        return str(self.measured.records.names[self.place])

    @cached_property
    def line(self) -> pd.Series:
        """Its line of `Relationships.frame`."""
        return self.asked.frame[self.asked.frame["key"] == self.key].iloc[0]

    @cached_property
    def similar(self) -> pd.DataFrame | None:
        """Its measures beside similar won deals; None where there are none."""
        return similar_of(self.asked, self.key)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line a question, in order."""
        listed = self.asked.listed().frame
        place = int(np.flatnonzero(listed["key"] == self.key)[0])
        rank = (place + 1, len(listed), str(listed["why"].iloc[place]))
        lines = answers_of(
            self.line, judged=self.measured.judged, similar=self.similar, rank=rank,
            of=self.measured.asked.of, zone=self.measured.asked.zone,
        )  # fmt: skip
        out = pd.DataFrame(lines).assign(position=range(1, len(lines) + 1))
        for name in ("count", "total"):
            out[name] = out[name].astype("Int64")
        out["value"] = out["value"].astype(float)
        return out[list(COLUMNS)]

    def summary(self) -> list[str]:
        """At most three sentences on what stands out; none under five activities."""
        return summary_of(self.line, self.similar)

    def headline(self) -> str:
        """Its health, or how much was done with it, and what stands out most."""
        first = self.frame.iloc[0]
        sentences = self.summary()
        parts = [f"{self.name}: {first['answer']}" if self.measured.judged else self.name]
        return ". ".join(part.rstrip(".") for part in [*parts, *sentences[:1]])

    @cached_property
    def daily(self) -> pd.DataFrame:
        """Its score at the end of each of the last 90 days.

        Columns ``day`` and ``score``, missing where too little was known.
        """
        until = int(self.measured.instants[self.place])
        back = np.arange(DAYS)[::-1]
        scores = self.measured.daily_scores(DAYS)[:, self.place]
        days = pd.to_datetime(until - back * DAY_US, unit="us", utc=True)
        local = days.tz_convert(self.measured.asked.zone).tz_localize(None).normalize()
        return pd.DataFrame({"day": local, "score": scores})

    def chart(self) -> alt.TopLevelMixin:
        """Its health over the last 90 days."""
        from workbench.relationship.one_record.chart import draw

        return draw(self)

    def reading(self) -> str:
        """What stands out, and what the line is."""
        said = [*self.summary(), message(
            "The line is the score at the end of each of the last {days} days.", days=DAYS,
        )]  # fmt: skip
        if self.similar is not None:
            said.append(message("Similar won deals are looked at as they were at the same age."))
        return " ".join(said)

    def shown(self) -> tuple[Column, ...]:
        """The columns of the table."""
        return (
            Column("question", message("Question")),
            Column("answer", message("Answer")),
            Column("similar_won", message("Similar won deals")),
        )

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return [*wording.definitions(self.measured.asked), wording.notice(self.people)]

    def members(self, name: str) -> pd.DataFrame:
        """The activities behind an answer.

        Parameters
        ----------
        name : str
            Of the question.
        """
        known = dict(zip(self.frame["name"], self.frame["opens"], strict=True))
        if name not in known:
            raise ArgumentError.of("name", name, list(known))
        return self.asked.members(known[name], key=self.key)

    def recent(self, *, days: int = 60, tasks: bool = False) -> RecentActivity:
        """What was done on each of the last days."""
        return self.asked.recent(self.key, days=days, tasks=tasks)

    def network(self, *, with_calls: bool = True) -> RelationshipNetwork:
        """Who of ours knows whom of its people."""
        return self.asked.network(self.key, people=self.people, with_calls=with_calls)

    def similar_won(self) -> Any:
        """It beside similar won deals, measure by measure.

        Raises
        ------
        AbsentError
            For other records than open opportunities.
        """
        return self.asked.similar_won().one(self.key)

    def contacted(self, *, latest: bool = False) -> Block:
        """Most contacted people of the customer and, on request, those of ours who contact most.

        Parameters
        ----------
        latest : bool
            The latest first, instead of those with most interactions.
        """
        found = self.asked.contacted(self.key, latest=latest)
        words = {"customer": message("Customer"), "team": message("Ours")}
        if not self.people:
            found = found[found["side"] == "customer"]
        frame = found.assign(side=found["side"].map(words))
        return action_table(
            message("Who is in contact about {name}", name=self.name),
            wording.notice(self.people),
            frame,
            (
                Column("side", message("Side")),
                Column("name", message("Name")),
                Column("interactions", message("Interactions"), "count"),
                Column("last_at", message("Last"), "date"),
            ),
            anchor="most-contacted",
            zone=self.measured.asked.zone,
        )

    def contributions(self) -> Block:
        """The activities that carry its score, and what one more would change.

        Of an account: its open opportunities or people, whose mean its score is.
        """
        from workbench.relationship.one_record.contributions import contributions_of

        return contributions_of(self)
