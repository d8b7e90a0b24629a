"""Buckets of a calendar against pandas, over zones, week starts and fiscal years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.data.settings import FiscalYear
from workbench.errors import ArgumentError
from workbench.vocabulary.calendars import Calendar
from workbench.vocabulary.periods import GRANULARITIES, bucket

ZONES = ("UTC", "America/Sao_Paulo", "America/Havana", "Australia/Lord_Howe", "Asia/Tokyo")
instants = st.datetimes(datetime(2015, 1, 1), datetime(2019, 12, 31))


def microseconds(moment):
    return int(moment.replace(tzinfo=UTC).timestamp() * 1_000_000)


@given(
    st.sampled_from(ZONES),
    st.sampled_from(["mon", "sun"]),
    st.sampled_from(GRANULARITIES),
    instants,
    st.integers(0, 400),
)
def test_every_instant_lies_in_the_bucket_that_pandas_gives(zone, week, granularity, start, days):
    low, high = microseconds(start), microseconds(start + timedelta(days=days, minutes=1))
    buckets = Calendar(granularity, zone, week).buckets(low, high)
    inside = np.linspace(low, high - 1, 50).astype(np.int64)
    number = np.searchsorted(buckets.edges, inside, side="right") - 1
    expected = bucket(inside, granularity, zone, week).dt.date.tolist()
    assert [buckets.days[n] for n in number] == expected
    assert number[0] == 0
    assert number[-1] == len(buckets) - 1


@given(st.integers(1, 12), st.dates(date(2000, 1, 1), date(2040, 1, 1)))
def test_fiscal_quarters_and_years_agree_with_the_settings(month, day):
    for named_by in ("start", "end"):
        fiscal = FiscalYear(start_month=month, named_by=named_by)
        year, quarter = fiscal.quarter_of(day)
        later = named_by == "end" and month > 1
        of_quarter = Calendar("quarter", first_month=month, named_by_end=later)
        of_year = Calendar("year", first_month=month, named_by_end=later)
        names = of_quarter.name(of_quarter.first_day(day)), of_year.name(of_year.first_day(day))
        plain = (f"{year}-Q{quarter}", f"{year}")
        assert names == (plain if month == 1 else (f"FY{year} Q{quarter}", f"FY{year}"))


def test_a_bucket_knows_its_dates():
    low, high = microseconds(datetime(2026, 1, 31)), microseconds(datetime(2026, 2, 1, 1))
    buckets = Calendar("month").buckets(low, high, before=1)
    assert buckets.names == ["2025-12", "2026-01", "2026-02"]
    assert [buckets.dates(n) for n in (0, 2)] == [
        "2025-12-01..2025-12-31", "2026-02-01..2026-02-28",
    ]  # fmt: skip


@pytest.mark.parametrize("years", [(1, 9000), (9999, 9999)])
def test_too_many_buckets_or_none_at_all_is_a_sentence(years):
    low = datetime(years[0], 12, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    high = datetime(years[1], 12, 31, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    with pytest.raises(ArgumentError, match="at most 3,000 buckets"):
        Calendar("month").buckets(*(t // timedelta(microseconds=1) for t in (low, high)))
