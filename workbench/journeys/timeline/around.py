"""What came before and after a milestone of an account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.scoping import DAY
from workbench.journeys.timeline import chart_around as drawing
from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import microseconds_of

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.timeline.result import Timeline

_WEEK = 7 * DAY


class Around(Result):
    """Events before and after one milestone, by kind and by who acted.

    Attributes
    ----------
    milestone : pandas.Series or None
        The line of `Timeline.milestones`; None where there is none.
    rows : pandas.DataFrame
        The rows of both sides as `Timeline.frame` groups them, with ``days`` from the milestone.
    days_before, days_after : float
        How much of each side was observed.
    """

    columns: ClassVar[Mapping[str, str]] = {
        "event": "What happened",
        "who": "Who acted: account, own side, or record that neither did",
        "before": "Rows in the time before",
        "people_before": "People of these rows",
        "last_before_at": "The last of them (UTC)",
        "after": "Rows in the time after",
        "people_after": "People of these rows",
        "first_after_at": "The first of them (UTC)",
        "per_week_before": "Rows in a week of the time that was observed before",
        "per_week_after": "Rows in a week of the time that was observed after",
    }
    kind: ClassVar[str] = "timeline_around"

    def __init__(
        self, of: Timeline, milestone: pd.Series | None, before: Duration, after: Duration,
        note: str = "",
    ) -> None:  # fmt: skip
        self.of = of
        self.milestone = milestone
        self.before, self.after = before, after
        self.note = note
        self.scope = of.scope
        self.definition = {
            **of.definition,
            "view": "around",
            "milestone": None if milestone is None else int(milestone["number"]),
            "before": str(before),
            "after": str(after),
        }
        self._compute()

    def _compute(self) -> None:
        rows = self.of.rows
        if self.milestone is None:
            self.anchor, self.days_before, self.days_after = 0, 0.0, 0.0
            sides = np.zeros(len(rows), np.int64)
        else:
            self.anchor = microseconds_of(self.milestone["at"].to_pydatetime())
            times = rows["time"].to_numpy()
            low, high = (
                self.anchor - self.before.microseconds,
                self.anchor + self.after.microseconds,
            )
            sides = np.where((times >= low) & (times < self.anchor), -1, 0)
            sides = np.where((times > self.anchor) & (times <= high), 1, sides)
            first = max(low, self.of.question.workspace.bounds(self.of.question.period)[0])
            self.days_before = (self.anchor - first) / DAY
            self.days_after = (min(high, self.of.question.until) - self.anchor) / DAY
        self._frame = _counted(rows, sides, self.days_before, self.days_after)
        self.rows = _listed(self.of, sides, self.anchor)
        self.people = {side: rows.loc[sides == side, "person_id"].nunique() for side in (-1, 1)}

    @property
    def frame(self) -> pd.DataFrame:
        """One line an event and side that acted, the most frequent first."""
        return self._frame

    def headline(self) -> str:
        """How many events and people before and after."""
        if self.milestone is None:
            return message("There is no milestone to look around.")
        counts = []
        for name, side in (("before", -1), ("after", 1)):
            events = int(self._frame[name].sum())
            counts.append(
                message(
                    "{events} by {people}",
                    events=message_of_count("{count} event", "{count} events", events),
                    people=message_of_count("{count} person", "{count} people", self.people[side]),
                )
            )
        return message(
            "In the {span} before “{milestone}” ({day}) {before}; in the {later} after it {after}",
            span=self.before.in_words(),
            milestone=numbers.shortened(str(self.milestone["label"]), 60),
            day=numbers.day(self.milestone["at"], self.of.question.zone),
            before=counts[0],
            later=self.after.in_words(),
            after=counts[1],
        )

    def reading(self) -> str:
        """What the bars count, and where a side was not observed as a whole."""
        out = [
            message(
                "Rows to the left came before the milestone, rows to the right after it; rows of "
                "the very same instant are on neither side. It says what happened, not what "
                "caused it."
            )
        ]
        late = self.after.microseconds / DAY
        if self.milestone is not None and self.days_after < late - 1e-9:
            out.append(
                message(
                    "Of the time after, {seen} of {all} have passed.",
                    seen=numbers.days(max(self.days_after, 0.0)),
                    all=self.after.in_words(),
                )
            )
        return " ".join([*out, self.note] if self.note else out)

    def definitions(self) -> list[str]:
        """As the timeline says it."""
        return self.of.definitions()

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("event", message("What happened")),
            Column("who", message("Who acted")),
            Column("before", message("Rows before"), "count"),
            Column("people_before", message("People before"), "count"),
            Column("last_before_at", message("Last before"), "date"),
            Column("after", message("Rows after"), "count"),
            Column("people_after", message("People after"), "count"),
            Column("first_after_at", message("First after"), "date"),
        )

    def chart(self) -> alt.TopLevelMixin:
        """Rows before to the left, rows after to the right."""
        return drawing.draw(self)


def around(
    of: Timeline,
    milestone: int | str | None = None,
    *,
    before: str | timedelta | Duration = "30d",
    after: str | timedelta | Duration = "30d",
) -> Around:
    """What came before and after a milestone.

    Parameters
    ----------
    of : Timeline
    milestone : int or str, optional
        Its number, its label or its event; the first of several. The weightiest when left out:
        the last of won and lost, of contracts, of opportunities, and so on.
    before, after : str
        How far to look to each side.
    """
    spans = Duration.parse(before, "before"), Duration.parse(after, "after")
    for name, span in zip(("before", "after"), spans, strict=True):
        if not span.microseconds:
            raise ArgumentError.of(name, str(span), message("longer than nothing, such as '30d'"))
    marks = of.milestones
    if milestone is None:
        return Around(of, _weightiest(marks), *spans)
    if isinstance(milestone, int) and not isinstance(milestone, bool):
        found = marks[marks["number"] == milestone]
        if found.empty:
            raise AbsentError.of("milestone", milestone, message("1 to {count}", count=len(marks)))
        return Around(of, found.iloc[0], *spans)
    found = marks[(marks["label"] == milestone) | (marks["event"] == milestone)]
    if found.empty:
        known = dict.fromkeys([*marks["label"], *marks["event"]])
        raise AbsentError.of("milestone", milestone, known)
    note = ""
    if len(found) > 1:
        note = message(
            "The first of {n} such milestones; the others have the numbers {numbers}.",
            n=len(found),
            numbers=", ".join(str(n) for n in found["number"].iloc[1:6])
            + (" …" if len(found) > 6 else ""),
        )
    return Around(of, found.iloc[0], *spans, note=note)


def _weightiest(marks: pd.DataFrame) -> pd.Series | None:
    from workbench.journeys.timeline.milestones import weight_of

    if marks.empty:
        return None
    ranked = marks.assign(weight=[weight_of(event) // 2 for event in marks["event"]])
    return ranked.sort_values(["weight", "number"], ascending=[True, False]).iloc[0]


def _counted(
    rows: pd.DataFrame, sides: np.ndarray, days_before: float, days_after: float
) -> pd.DataFrame:
    parts = {}
    for side, name, last in ((-1, "before", "max"), (1, "after", "min")):
        part = rows[sides == side].groupby(["event", "who"])
        parts[name] = part.agg(n=("time", "size"), people=("person_id", "nunique"), at=("at", last))
    keys = parts["before"].index.union(parts["after"].index)
    out = pd.DataFrame(index=keys)
    for name, when in (("before", "last_before_at"), ("after", "first_after_at")):
        part = parts[name].reindex(keys)
        out[name] = part["n"].astype(float).fillna(0).astype(np.int64)
        out[f"people_{name}"] = part["people"].astype(float).fillna(0).astype(np.int64)
        out[when] = pd.to_datetime(part["at"], utc=True).astype("datetime64[us, UTC]")
    for name, days in (("before", days_before), ("after", days_after)):
        out[f"per_week_{name}"] = out[name] * 7 / days if days > 0 else np.nan
    out = out.rename_axis(["event", "who"]).reset_index()
    out["_all"] = out["before"] + out["after"]
    out = out.sort_values(["_all", "event", "who"], ascending=[False, True, True])
    return out.reset_index(drop=True)[list(Around.columns)]


def _listed(of: Timeline, sides: np.ndarray, anchor: int) -> pd.DataFrame:
    """Groups of rows of both sides with their days from the milestone."""
    from workbench.journeys.timeline.grouping import grouped

    edge = pd.Timestamp(anchor, unit="us", tz="UTC")
    parts = []
    for side, nearest in ((-1, "to_at"), (1, "from_at")):
        chosen = sides == side
        part = grouped(
            of.rows[chosen].reset_index(drop=True),
            of.days[chosen].reset_index(drop=True),
            of.question.milestones,
        )
        parts.append(part.assign(days=(part[nearest] - edge) / pd.Timedelta(days=1)))
    return pd.concat(parts, ignore_index=True)
