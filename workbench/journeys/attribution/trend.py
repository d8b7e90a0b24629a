"""Credit over time, by the day of the conversion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.attribution import pictures as drawing
from workbench.journeys.attribution.lines import ITEM_LINE
from workbench.journeys.attribution.sharing import credited, times_of
from workbench.journeys.scoping import shares
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column
from workbench.vocabulary.periods import GRANULARITIES, bucket

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.attribution.result import Attribution

_NEXT = {
    "day": pd.DateOffset(days=1),
    "week": pd.DateOffset(weeks=1),
    "month": pd.DateOffset(months=1),
    "quarter": pd.DateOffset(months=3),
    "year": pd.DateOffset(years=1),
}


class Trend(Result):
    """Credit of each line in each bucket of time."""

    kind: ClassVar[str] = "attribution_trend"
    columns: ClassVar[Mapping[str, str]] = {
        "bucket": "First day of the bucket of the conversions, in the reporting zone",
        "item": "Value of the dimension; '(other)' for the folded, '(none)' without any touch",
        "line": "item, other or none",
        "conversions": "Conversions of the bucket credited to the line",
        "total_conversions": "All conversions of the bucket, each once",
        "share": "conversions / total_conversions, 0…1",
        "value": "Value credited; empty where no value was asked for",
        "total_value": "Value of all conversions of the bucket",
        "partial": "Whether the bucket reaches beyond what was looked at",
    }

    def __init__(self, result: Attribution, frame: pd.DataFrame, granularity: str) -> None:
        self.result = result
        self._frame = frame
        self.granularity = granularity
        self.scope = result.scope
        self.definition = {**result.definition, "view": "trend", "granularity": granularity}

    @property
    def frame(self) -> pd.DataFrame:
        """One line a bucket and line."""
        return self._frame

    def headline(self) -> str:
        """The first line in the last whole bucket against all whole ones before it."""
        whole = self._frame[~self._frame["partial"] & (self._frame["line"] == ITEM_LINE)]
        if whole.empty:
            return message("No bucket of time is whole yet, so no trend can be told.")
        item = whole.iloc[0]["item"]
        own = whole[whole["item"] == item]
        newest, before = own.iloc[-1], own.iloc[:-1]
        base = before["total_conversions"].sum()
        return message(
            "“{item}” gets {n} of {total} conversions from {day} on ({share}; all earlier ones "
            "{base})",
            item=item,
            n=numbers.significant(newest["conversions"]),
            total=numbers.count(newest["total_conversions"]),
            day=f"{newest['bucket']:%Y-%m-%d}",
            share=numbers.share(newest["share"]),
            base=numbers.share(before["conversions"].sum() / base if base else None),
        )

    def reading(self) -> str:
        """Which date a conversion is drawn at."""
        return message(
            "Credit is drawn at the day of the conversion, so buckets add up to the whole; "
            "lighter: the bucket is not over, or was cut by the period."
        )

    def chart(self) -> alt.TopLevelMixin:
        """A small panel a line."""
        question = self.result.question
        return drawing.draw_trend(self._frame, question.by_value, self.result.currency)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        valued = (Column("value", message("Value credited"), "money", self.result.currency),)
        return (
            Column("bucket", message("Begins"), "date"),
            Column("item", self.result.question.dimension),
            Column("conversions", message("Conversions credited"), "number"),
            Column("total_conversions", message("All conversions"), "count"),
            Column("share", message("Of all conversions"), "share"),
            *(valued if self.result.question.by_value else ()),
        )


def trend(result: Attribution, *, granularity: str = "month") -> Trend:
    """Credit over time, by the day of the conversion in the reporting zone.

    Parameters
    ----------
    granularity : {"day", "week", "month", "quarter", "year"}
    """
    if granularity not in GRANULARITIES:
        raise ArgumentError.of("granularity", granularity, GRANULARITIES)
    study, lines, model = result.study, result.lines, result.question.model
    conversions, settings = study.conversions, result.question.workspace.settings
    rows = np.append(conversions.row, conversions.keyless)
    begun = bucket(times_of(study, rows), granularity, settings.report_tz, settings.week_start)
    days = _every(begun, granularity)
    of_row = np.searchsorted(days, begun.to_numpy().astype("M8[us]"))
    mass = np.append(conversions.ends.mass, np.ones(conversions.keyless.size))
    value = np.append(conversions.ends.value, conversions.keyless_value)
    size = lines.none + 1
    credit, worth = np.zeros((2, days.size * size))
    bare = np.ones(rows.size, bool)
    for pairs in study.pairs(model):
        found = credited(study, model, lines, pairs)
        bare[found.end] = False
        cell = of_row[found.end] * size + found.line
        credit += np.bincount(cell, found.credit * mass[found.end], credit.size)
        worth += np.bincount(cell, found.credit * value[found.end], credit.size)
    cell = of_row[bare] * size + lines.none
    credit += np.bincount(cell, mass[bare], credit.size)
    worth += np.bincount(cell, value[bare], credit.size)
    totals = [np.bincount(of_row, part, days.size) for part in (mass, value)]
    frame = _framed(result, days, credit.reshape(-1, size), worth.reshape(-1, size), totals)
    frame["partial"] = _partial(result, days, granularity)[frame.pop("number")]
    return Trend(result, frame, granularity)


def _every(begun: pd.Series, granularity: str) -> np.ndarray:
    """First days of all buckets from the first to the last, empty ones too."""
    if begun.empty:
        return np.empty(0, "M8[us]")
    days = pd.date_range(begun.min(), begun.max(), freq=_NEXT[granularity])
    return days.to_numpy().astype("M8[us]")


def _framed(
    result: Attribution,
    days: np.ndarray,
    credit: np.ndarray,
    worth: np.ndarray,
    totals: list[np.ndarray],
) -> pd.DataFrame:
    shown, lines = result.frame[["item", "line"]], result.lines
    special = {"other": lines.other, "none": lines.none}
    at = [special.get(kind, k) for k, kind in enumerate(shown["line"])]
    number = np.repeat(np.arange(days.size), len(at))
    total = totals[0][number]
    conversions = credit[:, at].ravel()
    valued = result.question.by_value
    return pd.DataFrame(
        {
            "bucket": pd.Series(days[number]),
            "item": pd.Series(list(shown["item"]) * days.size, dtype="str"),
            "line": pd.Series(list(shown["line"]) * days.size, dtype="str"),
            "conversions": conversions,
            "total_conversions": total.round().astype(np.int64),
            "share": np.clip(shares(conversions, total), 0, 1),
            "value": worth[:, at].ravel() if valued else np.full(number.size, np.nan),
            "total_value": totals[1][number] if valued else np.full(number.size, np.nan),
            "number": number,
        }
    )


def _partial(result: Attribution, days: np.ndarray, granularity: str) -> np.ndarray:
    """Whether a bucket ends after what was looked at, or begins before the period."""
    question = result.question
    zone = question.workspace.settings.report_tz
    begins = pd.Series(pd.DatetimeIndex(days))
    ends = (begins + _NEXT[granularity]).dt.tz_localize(
        zone, ambiguous=True, nonexistent="shift_forward"
    )
    starts = begins.dt.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    until = pd.Timestamp(question.until + 1, unit="us", tz="UTC")
    start = question.workspace.bounds(question.period)[0]
    early = np.zeros(days.size, bool)
    if start > -(2**62):
        early = (starts < pd.Timestamp(start, unit="us", tz="UTC")).to_numpy()
    return (ends > until).to_numpy() | early
