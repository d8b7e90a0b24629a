"""Which axis of a chart holds time, and which days each of its places stands for.

A place is a day, the first day of a bucket (week, month, quarter, year), an instant of a
continuous axis, or the name of a bucket such as ``2026-03``, ``2026-Q1`` or ``2026-W07``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_NAMED = (
    (re.compile(r"(\d{4})-(\d{2})\Z"), "month"),
    (re.compile(r"(\d{4})[- ]?Q([1-4])\Z"), "quarter"),
    (re.compile(r"(\d{4})-W(\d{2})\Z"), "week"),
    (re.compile(r"(\d{4})\Z"), "year"),
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_LEAST_READ = 0.6


@dataclass(frozen=True)
class Place:
    """One value of an axis and the days it stands for, both ends included."""

    value: Any
    first: date
    last: date


@dataclass(frozen=True)
class TimeAxis:
    """An axis of a view that holds time.

    Attributes
    ----------
    channel : {"x", "y"}
    encoding : mapping
        As the chart encodes it.
    places : tuple of Place
        In the order of time.
    continuous : bool
        Whether a mark may stand between two places.
    discrete : bool
        Whether each place has a band of its own.
    order : tuple
        All values of a discrete axis as they stand, also those that are no time.
    """

    channel: str
    encoding: Mapping[str, Any]
    places: tuple[Place, ...]
    continuous: bool = False
    discrete: bool = False
    order: tuple[Any, ...] = ()

    @property
    def first(self) -> date:
        """The first day of the axis."""
        return self.places[0].first

    @property
    def last(self) -> date:
        """The last day of the axis."""
        return max(place.last for place in self.places)

    def touched(self, first: date, last: date) -> list[Place]:
        """Places whose days overlap a range, both ends included."""
        return [place for place in self.places if place.first <= last and place.last >= first]


# Names of periods that only a workspace can read, such as FY2026 Q1: first day and first after.
Calendar = Callable[[str], tuple[date, date] | None]


def time_axis(
    view: Mapping[str, Any], datasets: Mapping[str, Any], data: Any, granularity: str = "",
    calendar: Calendar | None = None,
) -> TimeAxis | None:  # fmt: skip
    """Return the time axis of a single view or of layers; None where it has none.

    Parameters
    ----------
    view : mapping
        A view with ``mark`` or ``layer``.
    datasets : mapping
        Rows by name.
    data : mapping or None
        The data that the view inherits.
    granularity : str
        What the answer says of its buckets; found in the values when empty.
    calendar : callable, optional
        Reads names of fiscal periods.
    """
    found: dict[str, tuple[Mapping[str, Any], list[Any]]] = {}
    for channel, encoding, rows in _encodings(view, datasets, data, {}):
        values = [row.get(encoding["field"]) for row in rows]
        known = found.setdefault(channel, (encoding, []))
        if known[0].get("field") == encoding.get("field"):
            known[1].extend(values)
    for channel in ("x", "y"):
        if channel in found:
            axis = _read(channel, *found[channel], granularity, calendar)
            if axis is not None:
                return axis
    return None


def _encodings(
    view: Mapping[str, Any], datasets: Mapping[str, Any], data: Any, above: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any], Sequence[Mapping[str, Any]]]]:
    data = view.get("data", data)
    encoding = {**above, **(view.get("encoding") or {})}
    if "layer" in view:
        for part in view["layer"]:
            yield from _encodings(part, datasets, data, encoding)
        return
    rows = rows_of(data, datasets)
    for channel in ("x", "y"):
        one = encoding.get(channel)
        if isinstance(one, Mapping) and isinstance(one.get("field"), str) and rows:
            yield channel, one, rows


def rows_of(data: Any, datasets: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the rows of a view's data; none where they are not in the chart."""
    if not isinstance(data, Mapping):
        return []
    values = data.get("values", datasets.get(str(data.get("name", "")), []))
    return [row for row in values if isinstance(row, Mapping)] if isinstance(values, list) else []


def _read(
    channel: str, encoding: Mapping[str, Any], values: list[Any], granularity: str,
    calendar: Calendar | None,
) -> TimeAxis | None:  # fmt: skip
    kept = list(dict.fromkeys(value for value in values if value is not None))
    if not kept or "timeUnit" in encoding or "bin" in encoding or "aggregate" in encoding:
        return None
    if encoding.get("type") == "temporal":
        return _temporal(channel, encoding, kept, granularity)
    if encoding.get("type") in ("ordinal", "nominal"):
        return _discrete(channel, encoding, kept, granularity, calendar)
    return None


def _temporal(
    channel: str, encoding: Mapping[str, Any], values: list[Any], granularity: str
) -> TimeAxis | None:
    moments = {value: moment for value in values if (moment := _moment(value)) is not None}
    if len(moments) < len(values):
        return None
    on_days = all(moment.time() == moment.min.time() for moment in moments.values())
    days = sorted({moment.date() for moment in moments.values()})
    bucket = _bucket(days, granularity) if on_days else ""
    ends = _limits(encoding)
    ordered = sorted(moments, key=lambda value: moments[value].replace(tzinfo=None))
    if not bucket or ends:
        low, high = (moments[ordered[0]].date(), moments[ordered[-1]].date())
        if ends:
            low, high = ends
        return TimeAxis(channel, encoding, (Place(None, low, high),), continuous=True)
    places = tuple(
        Place(value, moments[value].date(), _last_day(moments[value].date(), bucket))
        for value in ordered
    )
    return TimeAxis(channel, encoding, places)


def _limits(encoding: Mapping[str, Any]) -> tuple[date, date] | None:
    """Both ends of a scale that the chart has set itself, inner days only."""
    domain = (encoding.get("scale") or {}).get("domain")
    if not isinstance(domain, list) or len(domain) != 2:
        return None
    found = []
    for end in domain:
        if isinstance(end, Mapping) and {"year", "month", "date"} <= set(end):
            month = end["month"]
            if not isinstance(month, int):
                return None
            found.append(date(int(end["year"]), month, int(end["date"])))
        else:
            moment = _moment(end)
            if moment is None:
                return None
            found.append(moment.date())
    return found[0] + timedelta(days=1), found[1]


def _discrete(
    channel: str, encoding: Mapping[str, Any], values: list[Any], granularity: str,
    calendar: Calendar | None,
) -> TimeAxis | None:  # fmt: skip
    texts = [value for value in values if isinstance(value, str)]
    days = sorted(day for text in texts if (day := _named_day(text)) is not None)
    bucket = _bucket(days, granularity) or "day"
    read = [place for text in texts if (place := _place(text, bucket, calendar)) is not None]
    if not read or len(read) < _LEAST_READ * len(values):
        return None
    sort = encoding.get("sort")
    order = (
        sort if isinstance(sort, list) else values if sort is None and "sort" in encoding else []
    )
    return TimeAxis(
        channel, encoding, tuple(sorted(read, key=lambda place: place.first)), discrete=True,
        order=tuple(order or sorted(values, key=str)),
    )  # fmt: skip


def _place(text: str, bucket: str, calendar: Calendar | None) -> Place | None:
    """The days that a bucket's name stands for."""
    day = _named_day(text)
    if day is not None:
        return Place(text, day, _last_day(day, bucket))
    for pattern, kind in _NAMED:
        found = pattern.match(text.strip())
        if found is not None:
            first = _first_day(kind, *(int(part) for part in found.groups()))
            return Place(text, first, _last_day(first, kind)) if first else None
    named = calendar(text) if calendar is not None and text[:1].isalpha() else None
    return Place(text, named[0], named[1] - timedelta(days=1)) if named else None


def _first_day(kind: str, year: int, part: int = 1) -> date | None:
    try:
        if kind == "week":
            return date.fromisocalendar(year, part, 1)
        return date(year, 3 * part - 2 if kind == "quarter" else part, 1)
    except ValueError:
        return None


def _named_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if _DAY.match(text.strip()) else None
    except ValueError:
        return None


def _moment(value: Any) -> datetime | None:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime(1970, 1, 1) + timedelta(milliseconds=value)
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _bucket(days: list[date], granularity: str) -> str:
    """How long a bucket is that begins on each of these days; empty where they follow no rule."""
    known = {"day", "week", *_MONTHS}
    if granularity in known and days:
        return granularity
    gaps = {(later - day).days for day, later in pairwise(days)}
    if not gaps:
        return "day"
    if all(gap % 7 == 0 for gap in gaps) and 7 in gaps:
        return "week"
    if all(day.day == 1 for day in days) and min(gaps) >= 28:
        months = {day.year * 12 + day.month for day in days}
        least = min(b - a for a, b in pairwise(sorted(months)))
        return next((name for name, length in _MONTHS.items() if length >= least), "year")
    return "day" if 1 in gaps else ""


def _last_day(first: date, bucket: str) -> date:
    if bucket == "week":
        return first + timedelta(days=6)
    if bucket in _MONTHS:
        months = first.year * 12 + first.month - 1 + _MONTHS[bucket]
        return date(months // 12, months % 12 + 1, min(first.day, 28)) - timedelta(days=1)
    return first
