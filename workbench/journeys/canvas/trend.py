"""A node, an arrow or a fallout over time, with the band in which a bucket was to be expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.engine.graph.reach import UNLIMITED
from workbench.engine.matching.steps import NEVER
from workbench.errors import ArgumentError
from workbench.journeys.canvas import lists as drawing
from workbench.journeys.canvas.points import Point
from workbench.journeys.scoping import shares
from workbench.messages import marked, message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.vocabulary.periods import GRANULARITIES, bucket

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.canvas.counting import Group
    from workbench.journeys.canvas.result import Canvas

DATES = ("reach", "entry", "active")
# A bucket is expected like the median of the eight whole ones before it, three robust standard
# deviations (or those of chance counts, where they are larger) up and down.
_BEFORE, _LEAST, _DEVIATIONS, _ROBUST = 8, 4, 3.0, 1.4826
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
    """Containers at a point of a canvas, a line a bucket of time."""

    kind: ClassVar[str] = "canvas_trend"
    columns: ClassVar[Mapping[str, str]] = {
        "group": "Name of the group",
        "point": "Node, arrow or fallout",
        "bucket": "First day of the bucket, in the reporting zone",
        "containers": "Containers of the bucket at the point",
        "entered": "Containers that entered at a start in the bucket; empty unless dated by entry",
        "share_of_entered": "containers / entered, 0…1",
        "low": "Lower end of its 95 % Wilson interval",
        "high": "Upper end of its 95 % Wilson interval",
        "expected": "Median of the eight whole buckets before; empty with fewer than four",
        "expected_low": "Lower end of the band in which the bucket was to be expected",
        "expected_high": "Upper end of the band",
        "unusual": "Whether a whole bucket lies outside its band",
        "partial": "Whether the bucket had not run out",
    }

    def __init__(
        self, canvas: Canvas, point: Point, frame: pd.DataFrame, granularity: str, date: str
    ) -> None:
        self.canvas = canvas
        self.point = point
        self._frame = frame
        self.granularity = granularity
        self.date = date
        self.scope = canvas.scope
        graph = canvas.question.graph
        self.definition = {
            **canvas.definition,
            "view": "trend",
            point.kind: point.plain(graph),
            "granularity": granularity,
            "date": date,
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One line a group and bucket."""
        return self._frame

    def headline(self) -> str:
        """The last whole bucket against what was to be expected, or against all before it."""
        own = self._frame["group"] == self.canvas.groups[0].name
        whole = self._frame[own & ~self._frame["partial"]]
        if whole.empty:
            return message("No bucket of time is whole yet, so no trend can be told.")
        line = whole.iloc[-1]
        values = {
            "n": numbers.count(line["containers"]),
            "containers": self.canvas.question.container.plural,
            "point": line["point"],
            "granularity": message(_BUCKETS[self.granularity]),
            "day": f"{line['bucket']:%Y-%m-%d}",
            "expected": numbers.significant(line["expected"]),
            "entered": numbers.count(line["entered"]),
            "share": numbers.share(line["share_of_entered"]),
        }
        if self.date == "entry":
            return message(
                "Of {entered} {containers} that entered in the {granularity} from {day}, {n} came "
                "to “{point}” ({share})",
                **values,
            )
        if numbers.absent(line["expected"]):
            return message(
                "{n} {containers} at “{point}” in the {granularity} from {day}", **values
            )
        if line["unusual"]:
            return message(
                "{n} {containers} at “{point}” in the {granularity} from {day} are unusual; about "
                "{expected} were to be expected",
                **values,
            )
        return message(
            "{n} {containers} at “{point}” in the {granularity} from {day}, as was to be expected "
            "(about {expected})",
            **values,
        )

    def reading(self) -> str:
        """Which date a container is drawn at, and what the band is."""
        dates = {
            "reach": message("Each container is drawn on the day on which it first came there."),
            "entry": message(
                "Each container is drawn once, on the day of its first row at a start that leads "
                "there, so numerators and denominators add up to the whole."
            ),
            "active": message(
                "A container is drawn in every bucket in which it has an event, so buckets do not "
                "add up."
            ),
        }
        band = message(
            "Grey: where the bucket was to be expected by the median of the eight before it, three "
            "robust standard deviations up and down. Lighter: not run out yet."
        )
        return f"{dates[self.date]} {band}"

    def chart(self) -> alt.TopLevelMixin:
        """A line a group, over its band."""
        return drawing.draw_trend(self._frame, self.canvas.question.container.plural)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        grouped = (Column("group", message("Group")),) if len(self.canvas.groups) > 1 else ()
        entered = (
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
            Column("containers", message("At “{point}”", point=self._label), "count"),
            *entered,
            Column("expected", message("To be expected"), "number"),
        )

    @property
    def _label(self) -> str:
        return self.point.label(self.canvas.question.graph)


def trend(canvas: Canvas, point: Point, *, granularity: str, date: str) -> Trend:
    """Containers at a point over time.

    Parameters
    ----------
    granularity : {"day", "week", "month", "quarter", "year"}
        In the reporting zone and with the week start of the workspace.
    date : {"reach", "entry", "active"}
        The day on which the point was first reached; that of the first row at a start which leads
        there; or every bucket with any event of the container.

    Notes
    -----
    Source: journeys-canvas.md, section 3.
    """
    if granularity not in GRANULARITIES:
        raise ArgumentError.of("granularity", granularity, GRANULARITIES)
    if date not in DATES:
        raise ArgumentError.of("date", date, DATES)
    parts = [_lines(canvas, point, group, granularity, date) for group in canvas.groups]
    frame = pd.concat(parts, ignore_index=True)
    entered = frame["entered"].to_numpy(float, na_value=np.nan)
    counts = frame["containers"].to_numpy(float)
    frame["share_of_entered"] = shares(counts, entered)
    frame["low"], frame["high"] = wilson(counts, entered)
    frame["point"] = point.label(canvas.question.graph)
    return Trend(canvas, point, frame[list(Trend.columns)], granularity, date)


def _lines(canvas: Canvas, point: Point, group: Group, granularity: str, date: str) -> pd.DataFrame:
    question = canvas.question
    settings = question.workspace.settings

    def days(microseconds: np.ndarray) -> pd.Series:
        return bucket(microseconds, granularity, settings.report_tz, settings.week_start)

    there = point.containers(group)
    entered = None
    if date == "active":
        counts = _active(canvas, group, there, days)
    elif date == "reach":
        numbers_there = np.flatnonzero(there)
        reached = group.found.times(point.places(group, numbers_there))
        counts = days(reached[reached != NEVER]).value_counts()
    else:
        first = np.full(there.size, UNLIMITED, np.int64)
        for start in question.graph.starts_of[point.node]:
            own = group.first_times(start)
            first = np.minimum(first, np.where(own == NEVER, UNLIMITED, own))
        inside = group.counted & (first != UNLIMITED)
        entered = days(first[inside]).value_counts()
        counts = days(first[inside & there]).value_counts()
    index = _every_bucket(counts.index if entered is None else entered.index, granularity)
    frame = pd.DataFrame(
        {
            "group": group.name,
            "bucket": index.astype("datetime64[us]"),
            "containers": counts.reindex(index, fill_value=0).to_numpy(np.int64),
            "entered": pd.array(
                [None] * len(index)
                if entered is None
                else entered.reindex(index, fill_value=0).tolist(),
                dtype="Int64",
            ),
        }
    )
    ends = (frame["bucket"] + _NEXT[granularity]).dt.tz_localize(settings.report_tz, ambiguous=True)
    frame["partial"] = ends.dt.as_unit("us").astype("int64") > question.until + 1
    return _with_band(frame)


def _active(canvas: Canvas, group: Group, there: np.ndarray, days) -> pd.Series:
    found = group.found
    chosen = np.flatnonzero(there)
    lengths = (found.high - found.low)[chosen]
    container = np.repeat(chosen, lengths)
    starts = np.repeat(found.low[chosen] - np.cumsum(lengths) + lengths, lengths)
    places = starts + np.arange(starts.size)
    buckets = days(found.times(places)).to_numpy()
    active = pd.DataFrame({"container": container, "bucket": buckets}).drop_duplicates()
    return active["bucket"].value_counts()


def _every_bucket(index: pd.Index, granularity: str) -> pd.DatetimeIndex:
    """All buckets from the first to the last, empty ones included."""
    if not len(index):
        return pd.DatetimeIndex([], dtype="datetime64[us]")
    return pd.date_range(index.min(), index.max(), freq=_NEXT[granularity], unit="us")


def _with_band(frame: pd.DataFrame) -> pd.DataFrame:
    """What was to be expected of each bucket by the whole ones before it."""
    counts, partial = frame["containers"].to_numpy(float), frame["partial"].to_numpy(bool)
    expected, low, high = (np.full(len(frame), np.nan) for _ in range(3))
    for at in range(len(frame)):
        before = counts[:at][~partial[:at]][-_BEFORE:]
        if before.size < _LEAST:
            continue
        middle = float(np.median(before))
        spread = _ROBUST * float(np.median(np.abs(before - middle)))
        reach = _DEVIATIONS * max(spread, np.sqrt(max(middle, 1.0)))
        expected[at], low[at], high[at] = middle, max(0.0, middle - reach), middle + reach
    outside = (counts < low) | (counts > high)
    return frame.assign(
        expected=expected, expected_low=low, expected_high=high, unusual=outside & ~partial
    )
