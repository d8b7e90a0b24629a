"""A node of a flow over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.flow.counting import ENTRY, EXIT
from workbench.journeys.flow.members import chosen, place_of
from workbench.journeys.flow.wording import anchor_name, counted_word
from workbench.journeys.scoping import shares
from workbench.messages import marked, message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.vocabulary.periods import GRANULARITIES, bucket

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.flow.result import Flow

DATES = ("anchor", "node")
_WORDS = {
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
    """Path views of one node, a line a bucket of time."""

    kind: ClassVar[str] = "flow_trend"
    columns: ClassVar[Mapping[str, str]] = {
        "bucket": "First day of the bucket, in the reporting zone",
        "path_views": "Path views of the node in the bucket",
        "containers": "Distinct containers with such a path view",
        "value": "path_views or containers, as `count` of the flow says",
        "start": "The same of all anchors of the bucket, the denominator; empty unless dated by "
        "anchor",
        "share_of_start": "value / start, 0…1",
        "low": "Lower end of its 95 % Wilson interval, over containers",
        "high": "Upper end of its 95 % Wilson interval, over containers",
        "partial": "Whether the bucket, or the time that nine of ten needed, had not run out",
    }

    def __init__(
        self, flow: Flow, frame: pd.DataFrame, node: tuple[int, str], granularity: str, date: str
    ) -> None:
        self.flow = flow
        self._frame = frame
        self.node = node
        self.granularity = granularity
        self.date = date
        self.scope = flow.scope
        self.definition = {
            **flow.definition,
            "view": "trend",
            "column": node[0],
            "item": node[1],
            "granularity": granularity,
            "date": date,
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One line a bucket."""
        return self._frame

    def headline(self) -> str:
        """The last whole bucket against those before it."""
        whole = self._frame[~self._frame["partial"]]
        if whole.empty:
            return message("No bucket of time is whole yet, so no trend can be told.")
        newest, before = whole.iloc[-1], whole.iloc[:-1]
        values = {
            "item": self.node[1],
            "granularity": message(_WORDS[self.granularity]),
            "day": f"{newest['bucket']:%Y-%m-%d}",
            "n": numbers.count(newest["value"]),
            "counted": counted_word(self.flow),
        }
        if self.date == "node":
            return message("{n} {counted} at “{item}” in the {granularity} from {day}", **values)
        starts = before["start"].sum()
        return message(
            "In the {granularity} from {day}, {n} of {start} {counted} of “{anchor}” have “{item}” "
            "({share}; all earlier ones {base})",
            **values,
            start=numbers.count(newest["start"]),
            anchor=anchor_name(self.flow),
            share=numbers.share(newest["share_of_start"]),
            base=numbers.share(before["value"].sum() / starts if starts else None),
        )

    def reading(self) -> str:
        """Which date a path view is drawn at."""
        if self.date == "node":
            return message(
                "Each path view is drawn when it reaches the node; an end at its last row."
            )
        return message(
            "Each path view is drawn at its anchor, so that shares of buckets add up to the whole. "
            "Dashed and lighter: too young, the time that nine of ten needed has not run out."
        )

    def chart(self) -> alt.TopLevelMixin:
        """A line over time, with its interval where it is a share."""
        from workbench.journeys.flow.views_chart import draw_trend

        return draw_trend(self._frame, self.date == "anchor", counted_word(self.flow))

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        who = self.flow.question.container.plural.capitalize()
        shares = (
            (
                Column(
                    "start", message("Of all “{anchor}”", anchor=anchor_name(self.flow)), "count"
                ),
                Column("share_of_start", message("Share"), "share"),
            )
            if self.date == "anchor"
            else ()
        )
        return (
            Column("bucket", message("Begins"), "date"),
            Column("path_views", message("Path views"), "count"),
            Column("containers", who, "count"),
            *shares,
        )


def trend(
    flow: Flow,
    column: int = 0,
    item: str | None = None,
    *,
    granularity: str = "month",
    date: str = "anchor",
) -> Trend:
    """Path views of a node over time.

    Parameters
    ----------
    flow : Flow
    column : int
    item : str, optional
        An item of the column, ``(other)``, ``(exit)`` or ``(entry)``; all of it when left out.
    granularity : {"day", "week", "month", "quarter", "year"}
        In the reporting zone and with the week start of the workspace.
    date : {"anchor", "node"}
        Time of the anchor, so that numerators and denominators add up to those of the node; or
        of the row that stands at the node.

    Notes
    -----
    Source: journeys-flow.md, section 1 (trend in the context menu).
    """
    if granularity not in GRANULARITIES:
        raise ArgumentError.of("granularity", granularity, GRANULARITIES)
    if date not in DATES:
        raise ArgumentError.of("date", date, DATES)
    question = flow.question
    place = place_of(question, column)
    near = place if item not in (EXIT, ENTRY) or not column else place + (-1 if column > 0 else 1)
    found = _table(flow, chosen(flow, {column: item}), near)
    counted = found.copy()
    counted["bucket"] = _buckets(
        flow, counted["anchor" if date == "anchor" else "node"], granularity
    )
    starts = None
    if date == "anchor":
        starts = (
            found
            if column == 0 and item is None
            else _table(flow, chosen(flow, {0: None}), question.left)
        )
        starts = starts.assign(bucket=_buckets(flow, starts["anchor"], granularity))
    frame = _counted(flow, counted, starts)
    wait = np.abs(found["node"] - found["anchor"]) if column > 0 else pd.Series([], dtype=float)
    span = int(np.quantile(wait, 0.9)) if len(wait) and date == "anchor" else 0
    frame["partial"] = _partial(flow, frame["bucket"], granularity, span)
    label = item if item is not None else anchor_name(flow) if not column else message("any item")
    return Trend(flow, frame[list(Trend.columns)], (column, label), granularity, date)


def _table(flow: Flow, paths: object, near: int) -> pd.DataFrame:
    """Container, path views, and times of anchor and node of each path."""
    survey = flow.survey
    traced = paths.traced(survey, [flow.question.left, near])  # type: ignore[attr-defined]
    times = survey.marker.store.times
    anchor, node = (
        np.asarray(times[survey.stream.row_at(traced.places[:, n])], np.int64) for n in (0, 1)
    )
    return pd.DataFrame(
        {"container": traced.container, "views": traced.views, "anchor": anchor, "node": node}
    )


def _buckets(flow: Flow, microseconds: pd.Series, granularity: str) -> np.ndarray:
    settings = flow.question.workspace.settings
    return bucket(
        microseconds.to_numpy(), granularity, settings.report_tz, settings.week_start
    ).to_numpy()


def _counted(flow: Flow, counted: pd.DataFrame, starts: pd.DataFrame | None) -> pd.DataFrame:
    """Path views and containers of each bucket, with their denominators."""
    by_container = flow.question.count == "containers"
    grouped = counted.groupby("bucket").agg(
        path_views=("views", "sum"), containers=("container", "nunique")
    )
    who: pd.Series | None = None
    if starts is not None:
        every = starts.groupby("bucket").agg(start=("views", "sum"), who=("container", "nunique"))
        grouped = grouped.reindex(every.index, fill_value=0)
        who = every["who"]
        grouped["start"] = who if by_container else every["start"]
    frame = grouped.reset_index()
    frame["bucket"] = frame["bucket"].astype("datetime64[us]")
    frame["value"] = frame["containers" if by_container else "path_views"]
    if who is None:
        frame["start"] = pd.array([None] * len(frame), dtype="Int64")
        frame[["share_of_start", "low", "high"]] = np.nan
        return frame
    share = shares(frame["value"].to_numpy(float), frame["start"].to_numpy(float))
    if flow.survey.multiplies and not by_container:
        share = np.full(share.size, np.nan)
    # path views of one container resemble each other: the interval counts containers
    worth = np.minimum(who.to_numpy(float), frame["start"].to_numpy(float))
    frame["start"] = pd.array(frame["start"], dtype="Int64")
    frame["share_of_start"] = share
    frame["low"], frame["high"] = wilson(share * worth, np.where(np.isnan(share), 0, worth))
    return frame


def _partial(flow: Flow, buckets: pd.Series, granularity: str, span: int) -> np.ndarray:
    """Whether a bucket ends, or its paths went on, after what was looked at."""
    zone = flow.question.workspace.settings.report_tz
    ends = (buckets + _NEXT[granularity]).dt.tz_localize(zone, ambiguous=True)
    finished = ends.dt.as_unit("us").astype("int64").to_numpy()
    return finished + span > flow.question.until + 1
