"""When a schedule is due: every rule of section 4.2, by the local clock, beside a slow oracle."""

from __future__ import annotations

import calendar
import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.collaboration.schedules.rules import NTH, WEEKDAYS, Rule
from workbench.errors import ArgumentError

TODAY = date(2026, 1, 1)
FROM, TO = datetime(2025, 12, 1, tzinfo=UTC), datetime(2028, 6, 1, tzinfo=UTC)


def rule(**given):
    return Rule.of(given, today=TODAY)


def days(made):
    zone = ZoneInfo(made.zone)
    return [due.astimezone(zone).date() for due in made.times(FROM, TO)]


def shown(made):
    zone = ZoneInfo(made.zone)
    return [due.astimezone(zone).strftime("%m-%d %H:%M %Z") for due in made.times(FROM, TO)]


def test_day_31_in_february_is_its_last_day():
    """The worked test of collaboration.md, 4.2."""
    assert days(rule(unit="monthly", day=31))[:4] == [
        date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30),
    ]  # fmt: skip
    leap = rule(unit="monthly", day=31, start="2028-02-01", end="2028-03-01")
    assert days(leap) == [date(2028, 2, 29)]


def by_hand(made, day):
    """Whether a rule is due on a day, as a reader of it would tell."""
    start = date.fromisoformat(made.start)
    if not start <= day <= date.fromisoformat(made.end):
        return False
    last = calendar.monthrange(day.year, day.month)[1]
    if made.unit == "daily" and not made.weekdays:
        return (day - start).days % made.every == 0
    if made.weekdays:
        weeks = (day - timedelta(day.weekday()) - (start - timedelta(start.weekday()))).days // 7
        return WEEKDAYS[day.weekday()] in made.weekdays and weeks % made.every == 0
    if made.unit == "yearly" and day.month != made.month:
        return False
    months = (day.year - start.year) * 12 + day.month - start.month
    if made.unit == "monthly" and months % made.every:
        return False
    if made.day:
        return day.day == min(made.day, last)
    nth = (day.day - 1) // 7 + 1 if made.nth != "last" else -1
    is_last = day.day + 7 > last
    return WEEKDAYS[day.weekday()] == made.weekday and (
        is_last if nth == -1 else nth == NTH[made.nth]
    )


WEEKLY = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4, unique=True)
BY_DAY = st.one_of(
    st.fixed_dictionaries({"day": st.integers(1, 31)}),
    st.fixed_dictionaries(
        {"nth": st.sampled_from(list(NTH)), "weekday": st.sampled_from(WEEKDAYS)}
    ),
)
RULES = st.one_of(
    st.fixed_dictionaries({"unit": st.just("daily"), "every": st.integers(1, 31)}),
    st.just({"unit": "daily", "weekdays": ["weekdays"]}),
    st.fixed_dictionaries(
        {"unit": st.just("weekly"), "every": st.integers(1, 12), "weekdays": WEEKLY}
    ),
    st.builds(lambda n, d: {"unit": "monthly", "every": n, **d}, st.integers(1, 12), BY_DAY),
    st.builds(lambda m, d: {"unit": "yearly", "month": m, **d}, st.integers(1, 12), BY_DAY),
)
STARTS = st.dates(date(2026, 1, 1), date(2027, 5, 1))
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata",
                         "Australia/Lord_Howe", "Asia/Tokyo"])  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(RULES, STARTS, ZONES, st.times())
def test_every_rule_is_due_on_the_days_that_a_reader_would_tell(given, start, zone, at):
    made = rule(**given, start=start.isoformat(), zone=zone, at=at.strftime("%H:%M"))
    span = (date.fromisoformat(made.end) - start).days
    wanted = [day for n in range(span + 1) if by_hand(made, day := start + timedelta(n))]
    assert days(made) == wanted
    for due in made.times(FROM, TO):
        local = due.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        late = local - datetime.combine(local.date(), time.fromisoformat(made.at))
        assert timedelta(0) <= late <= timedelta(hours=1)  # an hour that the clock skips


def test_a_skipped_hour_is_taken_when_the_clock_goes_on_and_a_double_one_once():
    spring = rule(unit="daily", at="02:30", zone="Europe/Berlin", start="2026-03-28",
                  end="2026-03-30")  # fmt: skip
    assert shown(spring) == ["03-28 02:30 CET", "03-29 03:00 CEST", "03-30 02:30 CEST"]
    autumn = rule(unit="daily", at="02:30", zone="Europe/Berlin", start="2026-10-24",
                  end="2026-10-26")  # fmt: skip
    assert shown(autumn) == ["10-24 02:30 CEST", "10-25 02:30 CEST", "10-26 02:30 CET"]


def test_eight_in_the_morning_stays_eight_when_the_clock_changes():
    made = rule(unit="weekly", weekdays=["mon"], at="08:00", zone="America/New_York")
    assert {text[-9:-4] for text in shown(made)} == {"08:00"}
    assert {text[-3:] for text in shown(made)} == {"EST", "EDT"}


def test_hours_pass_as_hours_do():
    made = rule(unit="hourly", every=5, at="01:15", zone="Europe/Berlin", start="2026-03-28",
                end="2026-03-29")  # fmt: skip
    times = list(made.times(FROM, TO))
    assert {b - a for a, b in itertools.pairwise(times)} == {timedelta(hours=5)}
    assert shown(made)[0] == "03-28 01:15 CET"
    assert made.next_after(times[2]) == times[3]


def test_it_ends_with_its_last_day_and_a_year_at_most():
    made = rule(unit="daily", end="2026-01-03")
    assert days(made) == [date(2026, 1, d) for d in (1, 2, 3)]
    assert made.next_after(made.ends_at) is None
    assert rule(unit="daily").end == "2027-01-01"
    with pytest.raises(ArgumentError, match="a year at most"):
        rule(unit="daily", end="2027-01-02")
    with pytest.raises(ArgumentError, match="a year at most"):
        rule(unit="daily", start="2026-05-01", end="2026-04-30")
    assert rule(unit="daily", start="2028-02-29").end == "2029-02-28"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"unit": "minutely"}, "hourly"),
        ({"unit": "daily", "every": 0}, "1 to 31"),
        ({"unit": "hourly", "every": 25}, "1 to 24"),
        ({"unit": "daily", "every": "x"}, "whole number"),
        ({"unit": "daily", "every": True}, "whole number"),
        ({"unit": "daily", "every": 2, "weekdays": ["weekdays"]}, "1 with weekdays"),
        ({"unit": "weekly"}, "monday"),
        ({"unit": "weekly", "weekdays": ["t"]}, "tuesday"),
        ({"unit": "weekly", "weekdays": ["mon"], "day": 3}, "monthly or yearly"),
        ({"unit": "monthly"}, "nth and weekday"),
        ({"unit": "monthly", "day": 32}, "1 to 31"),
        ({"unit": "monthly", "day": 3, "nth": "first", "weekday": "mon"}, "nth and weekday"),
        ({"unit": "monthly", "nth": "fifth", "weekday": "mon"}, "fourth"),
        ({"unit": "monthly", "nth": "first"}, "monday"),
        ({"unit": "yearly", "day": 3}, "1 to 12"),
        ({"unit": "monthly", "day": 3, "month": 5}, "1 to 12"),
        ({"unit": "daily", "at": "25:00"}, "08:30"),
        ({"unit": "daily", "zone": "Europe/Berlim"}, "Europe/Berlin"),
        ({"unit": "daily", "zone": "../etc"}, "Europe/Berlin"),
        ({"unit": "daily", "start": "soon"}, "2026-03-31"),
        ({"unit": "daily", "often": 2}, "every"),
    ],
)
def test_what_can_never_be_due_is_refused_with_what_is_allowed(given, said):
    with pytest.raises(ArgumentError, match=said):
        rule(**given)


def test_a_rule_is_plain_values_and_a_sentence():
    made = rule(unit="monthly", every=2, nth="last", weekday="fri", zone="Europe/Berlin")
    again = Rule.of(made.plain(), today=TODAY)
    assert again == made
    assert str(made) == ("every 2 months on the last Friday at 08:00 "
                         "(Europe/Berlin, 2026-01-01 to 2027-01-01)")  # fmt: skip
