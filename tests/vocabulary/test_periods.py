"""Periods are half-open in the reporting zone; buckets are calendar dates of that zone."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from workbench.errors import ArgumentError
from workbench.vocabulary.periods import Period, bucket, microseconds_of

AS_OF = datetime(2026, 3, 31, 16, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "start", "end"),
    [
        ("2026", "UTC", "2026-01-01", "2027-01-01"),
        ("2026-Q4", "UTC", "2026-10-01", "2027-01-01"),
        ("2026-02", "Asia/Tokyo", "2026-01-31T15:00", "2026-02-28T15:00"),
        ("2026-01..2026-06", "Asia/Tokyo", "2025-12-31T15:00", "2026-06-30T15:00"),
        ("2026-03-15", "America/New_York", "2026-03-15T04:00", "2026-03-16T04:00"),
        # The clocks go forward on 29 March 2026 in Berlin: that day has 23 hours.
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00", "2026-03-29T22:00"),
        # In Havana midnight comes twice on 1 November 2026; the first one begins the day.
        ("2026-11-01", "America/Havana", "2026-11-01T04:00", "2026-11-02T05:00"),
        # In São Paulo there was no midnight on 4 November 2018: the day began at 01:00.
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00", "2018-11-05T02:00"),
        (" 2026-01 .. 2026-02 ", "UTC", "2026-01-01", "2026-03-01"),
        ("2026-03..", "UTC", "2026-03-01", None),
        ("..2026-03", "UTC", None, "2026-04-01"),
    ],
)
def test_what_a_period_means(text, zone, start, end):
    found = Period.parse(text, zone)
    assert found.start == (start and utc(start))
    assert found.end == (end and utc(end))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("last 1 day", "2026-04-01..2026-04-01"),
        ("last 90 days", "2026-01-02..2026-04-01"),
        ("Last 2 weeks", "2026-03-19..2026-04-01"),
        ("last 1 month", "2026-03-02..2026-04-01"),
        ("last 1 quarter", "2026-01-02..2026-04-01"),
        ("last 1 year", "2025-04-02..2026-04-01"),
        ("today", "2026-04-01..2026-04-01"),
        ("Yesterday", "2026-03-31..2026-03-31"),
        ("this month", "2026-04-01..2026-04-01"),
        ("previous month", "2026-03-01..2026-03-31"),
        ("this quarter", "2026-04-01..2026-04-01"),
        ("previous quarter", "2026-01-01..2026-03-31"),
        ("this  year", "2026-01-01..2026-04-01"),
        ("previous year", "2025-01-01..2025-12-31"),
    ],
)
def test_rolling_periods_end_with_the_day_of_as_of_in_the_reporting_zone(text, plain):
    found = Period.parse(text, "Asia/Tokyo", AS_OF)  # 1 April there
    assert str(found) == plain
    again = Period.parse(plain, "Asia/Tokyo")
    assert (found.start, found.end) == (again.start, again.end)


@pytest.mark.parametrize("value", [None, "", "..", " .. "])
def test_nothing_asked_is_everything(value):
    found = Period.parse(value)
    assert not found
    assert str(found) == ""
    assert found.bounds() == (-(2**62), 2**62)


def test_bounds_are_half_open():
    low, high = Period.parse("2026-02", "Asia/Tokyo").bounds()
    assert low == microseconds_of(utc("2026-01-31T15:00"))
    assert high - low == 28 * 86_400_000_000


@pytest.mark.parametrize(
    "text",
    ["2026-13", "2026-02-30", "2026-Q5", "26-01", "0000", "9999", "tomorrow", "this week", " ",
     "2026/01/01", "2026-01..2026-02..2026-03", "last 0 days", "last 99999999 years",
     "2026-01-01T00:00"],
)  # fmt: skip
def test_what_is_refused_says_what_is_meant(text):
    with pytest.raises(ArgumentError) as refused:
        Period.parse(text, "Asia/Tokyo", AS_OF)
    assert str(refused.value) == (
        f"period={text!r} cannot be used. Allowed: '2026', '2026-Q1', '2026-03' or '2026-03-15', "
        "two of them joined by '..' (the last one is included as a whole), or 'last 90 days' "
        "(weeks, months, quarters, years), 'today', 'yesterday', 'this month' or 'previous month' "
        "(quarter, year)."
    )


def test_a_range_that_ends_before_it_starts_is_refused():
    with pytest.raises(ArgumentError, match="end lies after its start"):
        Period.parse("2026-06..2026-01")


def _dates(texts, granularity, **options):
    instants = np.array([microseconds_of(utc(text)) for text in texts], np.int64)
    return [f"{day:%Y-%m-%d}" for day in bucket(instants, granularity, **options)]


@pytest.mark.parametrize(
    ("granularity", "zone", "week_start", "expected"),
    [
        ("day", "UTC", "mon", ["2026-03-01", "2026-01-04"]),
        ("day", "Asia/Tokyo", "mon", ["2026-03-02", "2026-01-05"]),
        ("week", "UTC", "mon", ["2026-02-23", "2025-12-29"]),
        ("week", "UTC", "sun", ["2026-03-01", "2026-01-04"]),
        ("week", "Asia/Tokyo", "mon", ["2026-03-02", "2026-01-05"]),
        ("week", "Asia/Tokyo", "sun", ["2026-03-01", "2026-01-04"]),
        ("month", "Asia/Tokyo", "mon", ["2026-03-01", "2026-01-01"]),
        ("quarter", "UTC", "mon", ["2026-01-01", "2026-01-01"]),
        ("year", "UTC", "mon", ["2026-01-01", "2026-01-01"]),
    ],
)
def test_buckets_are_calendar_dates_of_the_reporting_zone(granularity, zone, week_start, expected):
    # Both instants are Sundays in UTC and Mondays in Tokyo.
    texts = ["2026-03-01T20:00", "2026-01-04T15:00"]
    assert _dates(texts, granularity, zone=zone, week_start=week_start) == expected


def test_a_day_of_25_hours_is_one_bucket():
    texts = ["2026-10-24T22:00", "2026-10-25T22:59", "2026-10-25T23:00"]
    expected = ["2026-10-25", "2026-10-25", "2026-10-26"]
    assert _dates(texts, "day", zone="Europe/Berlin") == expected


@pytest.mark.parametrize("granularity", ["day", "week", "month", "quarter", "year"])
def test_buckets_have_one_type_and_may_be_empty(granularity):
    empty = bucket(np.empty(0, np.int64), granularity, "Asia/Tokyo")
    filled = bucket(np.zeros(1, np.int64), granularity, "Asia/Tokyo")
    assert len(empty) == 0
    assert empty.dtype == filled.dtype == bucket(np.zeros(1, np.int64), "day").dtype
    assert isinstance(filled.iloc[0], pd.Timestamp)


def test_unknown_granularity_and_week_start_are_refused():
    with pytest.raises(ArgumentError, match=r"granularity='moth' cannot be used\. Did you mean 'm"):
        bucket(np.empty(0, np.int64), "moth")
    with pytest.raises(ArgumentError, match="week_start='wed'"):
        bucket(np.empty(0, np.int64), "week", week_start="wed")
