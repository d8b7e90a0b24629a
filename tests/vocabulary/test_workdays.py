"""Business days: weekends, public holidays of a country, and countries nobody knows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ArgumentError
from workbench.vocabulary.workdays import business_days, check_country


def test_a_week_has_five():
    assert business_days(date(2026, 9, 7), date(2026, 9, 14)) == 5


def test_public_holidays_of_a_country_are_left_out():
    # Respect for the Aged Day, a day between two holidays, and the equinox: 21 to 23 September.
    week = date(2026, 9, 21), date(2026, 9, 28)
    assert business_days(*week) == 5
    assert business_days(*week, "JP") == 2


def test_a_part_of_a_country():
    epiphany = date(2026, 1, 6), date(2026, 1, 7)
    assert business_days(*epiphany, "DE") == 1
    assert business_days(*epiphany, "DE-BY") == 0


def test_an_empty_range_has_none():
    assert business_days(date(2026, 9, 7), date(2026, 9, 7)) == 0
    assert business_days(date(2026, 9, 8), date(2026, 9, 7)) == 0


@pytest.mark.parametrize("country", ["Japan", "jp", "DE-XX", "", 81])
def test_a_country_that_is_not_known_is_refused(country):
    with pytest.raises(ArgumentError, match="holidays="):
        check_country(country)


@given(st.dates(date(2020, 1, 1), date(2028, 1, 1)), st.integers(0, 200))
def test_beside_counting_day_by_day(first, length):
    days = [first + timedelta(days=n) for n in range(length)]
    slow = sum(day.weekday() < 5 for day in days)
    assert business_days(first, first + timedelta(days=length)) == slow
