"""A fallout over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.engine.matching.steps import NEVER, UNLIMITED
from workbench.errors import ArgumentError
from workbench.journeys.fallout import chart as drawing
from workbench.journeys.fallout.counting import Group, limits
from workbench.messages import marked, message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.vocabulary.periods import GRANULARITIES, bucket

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.fallout.result import Fallout

DATES = ("entry", "reach", "active")
_BUCKETS = {
    "day": marked("day"),
    "week": marked("week"),
    "month": marked("month"),
    "quarter": marked("quarter"),
    "year": marked("year"),
}
_NEXT = {
    "day": pd.DateOffset(days=1),
    "week": pd.DateOffset(weeks=1),
    "month": pd.DateOffset(months=1),
    "quarter": pd.DateOffset(months=3),
    "year": pd.DateOffset(years=1),
}


class Trend(Result):
    """Containers that reached each step, a line a bucket of time."""

    kind: ClassVar[str] = "fallout_trend"
    columns: ClassVar[Mapping[str, str]] = {
        "group": "Name of the group",
        "bucket": "First day of the bucket, in the reporting zone",
        "position": "Number of the step",
        "step": "Label of the step",
        "reached": "Containers of the bucket that reached the step",
        "entered": "Containers that entered in the bucket; empty unless dated by entry",
        "share_of_entered": "reached / entered, 0…1",
        "low": "Lower end of its 95 % Wilson interval",
        "high": "Upper end of its 95 % Wilson interval",
        "partial": "Whether the bucket, or the limits after it, had not run out",
    }

    def __init__(self, fallout: Fallout, frame: pd.DataFrame, granularity: str, date: str) -> None:
        self.fallout = fallout
        self._frame = frame
        self.granularity = granularity
        self.date = date
        self.scope = fallout.scope
        self.definition = {
            **fallout.definition,
            "view": "trend",
            "granularity": granularity,
            "date": date,
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One line a group, bucket and step."""
        return self._frame

    def headline(self) -> str:
        """The last whole bucket against the mean of those before it, for the last step."""
        who = self.fallout.question.container.plural
        last = self._frame[
            (self._frame["position"] == len(self.fallout.labels))
            & (self._frame["group"] == self.fallout.groups[0].name)
            & ~self._frame["partial"]
        ]
        if last.empty:
            return message("No bucket of time is whole yet, so no trend can be told.")
        step, newest = self.fallout.labels[-1], last.iloc[-1]
        begins = f"{newest['bucket']:%Y-%m-%d}"
        if self.date != "entry":
            return message(
                "{n} {containers} at “{step}” in the {granularity} from {day}",
                n=numbers.count(newest["reached"]),
                containers=who,
                step=step,
                granularity=message(_BUCKETS[self.granularity]),
                day=begins,
            )
        before = last.iloc[:-1]
        base = (
            before["reached"].sum() / before["entered"].sum() if before["entered"].sum() else None
        )
        return message(
            "Of {entered} {containers} that entered in the {granularity} from {day}, {reached} "
            "reached “{step}” ({share}; all earlier ones {base})",
            entered=numbers.count(newest["entered"]),
            containers=who,
            granularity=message(_BUCKETS[self.granularity]),
            day=begins,
            reached=numbers.count(newest["reached"]),
            step=step,
            share=numbers.share(newest["share_of_entered"]),
            base=numbers.share(base),
        )

    def reading(self) -> str:
        """Which date a container is drawn at."""
        dates = {
            "entry": message(
                "Share of those who entered; each is drawn once, at the entry of its match, so "
                "numerators and denominators add up to the whole. Dashed and lighter: too young, "
                "the limits (or, without limits, the time that nine of ten needed) have not run "
                "out."
            ),
            "reach": message("Each container is drawn when it reached the step."),
            "active": message(
                "A container that reached the step is drawn in every bucket in which it has an "
                "event, so buckets do not add up."
            ),
        }
        return dates[self.date]

    def chart(self) -> alt.TopLevelMixin:
        """A panel a step."""
        frame = self._frame
        if self.date == "entry":
            frame = frame[frame["position"] > 1] if len(self.fallout.labels) > 1 else frame
        who = self.fallout.question.container.plural
        return drawing.draw_trend(frame, self.date == "entry", who)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        grouped = (Column("group", message("Group")),) if len(self.fallout.groups) > 1 else ()
        shares = (
            (
                Column("entered", message("Entered"), "count"),
                Column("share_of_entered", message("Of entered"), "share"),
            )
            if self.date == "entry"
            else ()
        )
        return (
            Column("bucket", message("Begins"), "date"),
            *grouped,
            Column("step", message("Step")),
            Column("reached", message("Reached"), "count"),
            *shares,
        )


def trend(fallout: Fallout, *, granularity: str = "month", date: str = "entry") -> Trend:
    """Reached containers over time.

    Parameters
    ----------
    fallout : Fallout
    granularity : {"day", "week", "month", "quarter", "year"}
        In the reporting zone and with the week start of the workspace.
    date : {"entry", "reach", "active"}
        Entry of the match, so that sums over buckets equal the whole; the day on which each step
        is reached; or every bucket with any event of the container.

    Notes
    -----
    Source: journeys-fallout.md, section 3, trend.
    """
    if granularity not in GRANULARITIES:
        raise ArgumentError.of("granularity", granularity, GRANULARITIES)
    if date not in DATES:
        raise ArgumentError.of("date", date, DATES)
    counted = {"entry": _by_entry, "reach": _by_reach, "active": _by_activity}[date]
    parts = [counted(fallout, group, granularity) for group in fallout.groups]
    frame = pd.concat(parts, ignore_index=True)
    low, high = wilson(
        frame["reached"].to_numpy(float), frame["entered"].to_numpy(float, na_value=np.nan)
    )
    frame["share_of_entered"] = frame["reached"] / frame["entered"].astype("Float64")
    frame["share_of_entered"] = frame["share_of_entered"].astype(float)
    frame["low"], frame["high"] = low, high
    frame["partial"] = _partial(fallout, frame, granularity, date)
    frame = frame.sort_values(["group", "bucket", "position"], ignore_index=True)
    return Trend(fallout, frame[list(Trend.columns)], granularity, date)


def _buckets(fallout: Fallout, microseconds: np.ndarray, granularity: str) -> pd.Series:
    settings = fallout.question.workspace.settings
    return bucket(microseconds, granularity, settings.report_tz, settings.week_start)


def _lines(
    fallout: Fallout, group: Group, position: int, buckets: pd.Series, entered: pd.Series | None
) -> pd.DataFrame:
    counts = buckets.value_counts().sort_index()
    if entered is not None:
        counts = counts.reindex(entered.index, fill_value=0)
    return pd.DataFrame(
        {
            "group": group.name,
            "bucket": counts.index.astype("datetime64[us]"),
            "position": position,
            "step": fallout.labels[position - 1],
            "reached": counts.to_numpy(np.int64),
            "entered": pd.array(
                entered.to_numpy() if entered is not None else [None] * len(counts), dtype="Int64"
            ),
        }
    )


def _by_entry(fallout: Fallout, group: Group, granularity: str) -> pd.DataFrame:
    depths = group.depths()
    times = group.walked.witness_times[group.counted, 0]
    inside = depths > 0
    buckets = _buckets(fallout, times[inside], granularity)
    entered = buckets.value_counts().sort_index()
    depths = depths[inside]
    return pd.concat(
        _lines(fallout, group, k, buckets[depths >= k], entered)
        for k in range(1, len(fallout.labels) + 1)
    )


def _by_reach(fallout: Fallout, group: Group, granularity: str) -> pd.DataFrame:
    times = group.walked.witness_times[group.counted]
    parts = []
    for k in range(1, len(fallout.labels) + 1):
        reached = times[:, k - 1][times[:, k - 1] != NEVER]
        parts.append(_lines(fallout, group, k, _buckets(fallout, reached, granularity), None))
    return pd.concat(parts)


def _by_activity(fallout: Fallout, group: Group, granularity: str) -> pd.DataFrame:
    store, stream = fallout.question.workspace.events, fallout.stream
    start, end = fallout.question.workspace.bounds(fallout.question.period)
    container = stream.container_of_places()
    rows = stream.row_at(np.arange(container.size))
    times = store.times[rows]
    inside = (times >= start) & (times < end) & group.counted[container]
    container = container[inside]
    buckets = _buckets(fallout, times[inside], granularity)
    depth = group.walked.depth[container]
    active = pd.DataFrame({"container": container, "bucket": buckets.to_numpy(), "depth": depth})
    active = active.drop_duplicates(["container", "bucket"])
    return pd.concat(
        _lines(fallout, group, k, active.loc[active["depth"] >= k, "bucket"], None)
        for k in range(1, len(fallout.labels) + 1)
    )


def _partial(fallout: Fallout, frame: pd.DataFrame, granularity: str, date: str) -> pd.Series:
    """Whether a bucket ends after what was looked at, or its limits run out later."""
    question = fallout.question
    zone = question.workspace.settings.report_tz
    ends = (frame["bucket"] + _NEXT[granularity]).dt.tz_localize(zone, ambiguous=True)
    finished = ends.astype("int64") // 1_000 if ends.dt.unit == "ns" else ends.astype("int64")
    if date == "entry":
        longest = limits(question.steps, question.total_within)
        usual = np.array([_nine_of_ten(fallout, k) for k in range(len(longest))])
        spans = np.where(longest == UNLIMITED, usual, longest)[frame["position"].to_numpy() - 1]
        finished = finished + spans
    return finished > question.until + 1


def _nine_of_ten(fallout: Fallout, step: int) -> int:
    """Microseconds from entry within which nine of ten of those who reached a step did.

    Where no limit is set, a younger bucket is not finished: its slow ones are still on their way.
    """
    waits = []
    for group in fallout.groups:
        instants = group.walked.witness_times[group.counted]
        reached = instants[:, step] != NEVER
        waits.append(instants[reached, step] - instants[reached, 0])
    joined = np.concatenate(waits)
    return int(np.quantile(joined, 0.9)) if joined.size else 0
