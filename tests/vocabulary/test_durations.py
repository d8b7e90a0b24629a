"""Lengths of time: what is read, what is refused, and what is printed back."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ArgumentError
from workbench.vocabulary.durations import Duration, days_in_words

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90d", 90 * 86_400),
        ("1h 30min", 5_400),
        ("1.5h", 5_400),
        (" 2 w ", 14 * 86_400),
        ("0s", 0),
        ("0.1s", 0.1),
        ("1d2h3min4.000005s", 93_784.000005),
        (timedelta(hours=25), 90_000),
        (pd.Timedelta(minutes=2), 120),
        (Duration(7), 0.000007),
    ],
)
def test_what_is_read(text, seconds):
    assert Duration.parse(text).microseconds == round(seconds * SECOND)


@pytest.mark.parametrize(
    "value",
    [90, 90.0, True, None, "", " ", "90", "90 days", "d", "-90d", "1d,2h", "1.2.3d", "1e3s"],
)
def test_what_is_refused_says_what_is_meant(value):
    with pytest.raises(ArgumentError) as refused:
        Duration.parse(value, "within")
    assert str(refused.value) == (
        f"within={value!r} cannot be used. Allowed: a number with its unit (s, min, h, d, w), "
        "such as '90d' or '1h 30min'."
    )


@pytest.mark.parametrize("value", [timedelta(seconds=-1), "99999999999d", timedelta.max])
def test_lengths_that_cannot_be_added_to_an_instant_are_refused(value):
    with pytest.raises(ArgumentError, match="zero or more, and below 50 million days"):
        Duration.parse(value)


@given(st.integers(0, 2**62 - 1))
def test_what_is_printed_is_read_back_to_the_same_length(microseconds):
    length = Duration(microseconds)
    assert Duration.parse(str(length)) == length


def test_none_stays_none_where_a_limit_is_optional():
    assert Duration.parse_optional(None) is None
    assert Duration.parse_optional("2d") == Duration(2 * 86_400 * SECOND)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1d", "1 day"),
        ("90d", "90 days"),
        ("2w", "14 days"),
        ("25h", "25 hours"),
        ("1min", "1 minute"),
        ("90s", "1min 30s"),
        ("0s", "0s"),
    ],
)
def test_the_length_for_a_reader(text, words):
    assert Duration.parse(text).in_words() == words


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (1234.4, "1,234 days"),
        (9.96, "10 days"),
        (9.94, "9.9 days"),
        (1, "1.0 days"),
        (0.5, "12.0 hours"),
        (2 / 1440, "2 minutes"),
        (20 / 86_400, "20 seconds"),
        (0, "0 minutes"),
        (float("nan"), "–"),
    ],
)
def test_a_measured_length_in_the_largest_sensible_unit(days, words):
    assert days_in_words(days) == words
