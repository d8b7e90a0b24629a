"""When something is due: a rule in plain values, and its times by the local clock.

Forms: ``hourly`` every n; ``daily`` every n days, or on ``weekdays``; ``weekly`` every n on some
weekdays; ``monthly`` on a day (a day that a month lacks is its last one) or the nth weekday;
``yearly`` on a date or the nth weekday of a month. A time that the clock skips is taken when it
goes on; one that it shows twice is taken the first time.

Source: collaboration.md, section 4.2.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import rrule as rr

from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count

UNITS = ("hourly", "daily", "weekly", "monthly", "yearly")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
LONGEST_DAYS = 366
MOST_EVERY = {"hourly": 24, "daily": 31, "weekly": 12, "monthly": 12, "yearly": 1}


@dataclass(frozen=True)
class Rule:
    """When something is due.

    Attributes
    ----------
    unit : {"hourly", "daily", "weekly", "monthly", "yearly"}
    every : int
        Every so many hours, days, weeks, months.
    at : str
        ``HH:MM`` of the local clock; of hourly ones the minute of the first.
    weekdays : tuple of str
        Of weekly ones; of daily ones Monday to Friday means every working day.
    day : int
        Of monthly and yearly ones, 1 to 31; 0 with `nth`.
    nth, weekday : str
        Of monthly and yearly ones: ``first`` … ``last``, and a weekday.
    month : int
        Of yearly ones.
    start, end : str
        First and last day; at most a year apart.
    zone : str
        Whose clock.
    """

    unit: str
    every: int = 1
    at: str = "08:00"
    weekdays: tuple[str, ...] = ()
    day: int = 0
    nth: str = ""
    weekday: str = ""
    month: int = 0
    start: str = ""
    end: str = ""
    zone: str = "UTC"

    @classmethod
    def of(cls, given: Mapping[str, Any], *, today: date) -> Rule:
        """Read a rule from plain values and refuse what cannot be.

        Parameters
        ----------
        given : mapping
            Keys as the attributes.
        today : date
            Start of a rule that names none; its end is a year later.

        Raises
        ------
        ArgumentError
        """
        known = [one.name for one in fields(cls)]
        for key in given:
            if key not in known:
                raise ArgumentError.of("rule", key, known)
        values = dict(given)
        values["weekdays"] = tuple(_weekdays(values.get("weekdays", ())))
        for key in ("every", "day", "month"):
            values[key] = _whole(key, values.get(key, 1 if key == "every" else 0))
        start = _day("start", values.get("start") or today.isoformat())
        values["start"] = start.isoformat()
        last = start + timedelta(days=LONGEST_DAYS - 1)
        values["end"] = str(values.get("end") or min(last, _a_year_on(start)).isoformat())
        if values.get("weekday"):
            (values["weekday"],) = _weekdays([values["weekday"]])
        values["nth"] = str(values.get("nth") or "").strip().casefold()
        rule = cls(**values)
        rule.check()
        return rule

    def check(self) -> None:
        """Refuse a rule that can never be due, or not as it says."""
        if self.unit not in UNITS:
            raise ArgumentError.of("unit", self.unit, UNITS)
        most = MOST_EVERY[self.unit]
        if not 1 <= self.every <= most:
            raise ArgumentError.of("every", self.every, message("1 to {most}", most=most))
        _clock(self.at)
        _zone(self.zone)
        first, last = _day("start", self.start), _day("end", self.end)
        if not first <= last <= _a_year_on(first):
            raise ArgumentError.of(
                "end", self.end, message("a day from {first} to {last}, a year at most",
                                         first=self.start, last=_a_year_on(first).isoformat()),
            )  # fmt: skip
        self._check_days()

    def _check_days(self) -> None:
        by_week = self.unit in ("daily", "weekly")
        by_day = self.unit in ("monthly", "yearly")
        if self.weekdays and not by_week:
            raise ArgumentError.of("weekdays", self.weekdays, message("nothing, but with daily or "
                                                                      "weekly"))  # fmt: skip
        if self.unit == "weekly" and not self.weekdays:
            raise ArgumentError.of("weekdays", "", WEEKDAYS)
        if self.unit == "daily" and self.weekdays and self.every != 1:
            raise ArgumentError.of("every", self.every, message("1 with weekdays"))
        if not by_day and (self.day or self.nth or self.weekday):
            raise ArgumentError.of("day", self.day or self.nth or self.weekday,
                                   message("nothing, but with monthly or yearly"))  # fmt: skip
        if by_day and bool(self.day) == bool(self.nth):
            raise ArgumentError.of("day", self.day, message("1 to 31, or nth and weekday"))
        if by_day and self.day and not 1 <= self.day <= 31:
            raise ArgumentError.of("day", self.day, message("1 to 31"))
        if self.nth and self.nth not in NTH:
            raise ArgumentError.of("nth", self.nth, NTH)
        if bool(self.nth) != bool(self.weekday):
            raise ArgumentError.of("weekday", self.weekday, WEEKDAYS)
        if (self.unit == "yearly") != bool(self.month) or not 0 <= self.month <= 12:
            raise ArgumentError.of("month", self.month, message("1 to 12 with yearly, else none"))

    def plain(self) -> dict[str, Any]:
        """The rule as plain values, those left out that say nothing."""
        kept = {key: value for key, value in asdict(self).items() if value not in ("", 0, ())}
        return {**kept, **({"weekdays": list(self.weekdays)} if self.weekdays else {})}

    def rrule(self) -> rr.rrule:
        """The rule for dateutil, in local time without a zone."""
        begin = datetime.combine(date.fromisoformat(self.start), _clock(self.at))
        options: dict[str, Any] = {
            "dtstart": begin, "interval": self.every,
            "until": datetime.combine(date.fromisoformat(self.end), time(23, 59, 59)),
        }  # fmt: skip
        if self.weekdays:
            options["byweekday"] = [WEEKDAYS.index(name) for name in self.weekdays]
        if self.nth:
            options["byweekday"] = rr.weekday(WEEKDAYS.index(self.weekday))(NTH[self.nth])
        if self.day:
            # The last of the days that the month has, of all up to the one that was asked for.
            least = min(self.day, 28)
            options |= {"bymonthday": list(range(least, self.day + 1)), "bysetpos": -1}
        if self.month:
            options["bymonth"] = self.month
        unit = "weekly" if self.unit == "daily" and self.weekdays else self.unit
        # A year goes from month to month as a month does: a date is one day of one month.
        return rr.rrule(getattr(rr, unit.upper()), **options)

    def times(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """Due times as instants in UTC, later than `since` and not later than `until`.

        Parameters
        ----------
        since, until : datetime
            With their zone.
        """
        zone = ZoneInfo(self.zone)
        if self.unit == "hourly":
            yield from self._hours(zone, since, until)
            return
        local = since.astimezone(zone).replace(tzinfo=None) - timedelta(days=1)
        for moment in self.rrule().xafter(local, inc=True):
            instant = as_instant(moment, zone)
            if instant > until:
                return
            if instant > since:
                yield instant

    def _hours(self, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[datetime]:
        """Hours pass as hours do, whatever the clock shows; days begin and end by the clock."""
        first = as_instant(datetime.combine(date.fromisoformat(self.start), _clock(self.at)), zone)
        end = datetime.combine(date.fromisoformat(self.end) + timedelta(days=1), time(0))
        step = timedelta(hours=self.every)
        moment = first + max(0, (since.astimezone(UTC) - first) // step) * step
        while moment <= until and moment < as_instant(end, zone):
            if moment > since:
                yield moment
            moment += step

    def next_after(self, moment: datetime) -> datetime | None:
        """The first due time later than an instant, in UTC; None when the rule has ended."""
        far = moment + timedelta(days=LONGEST_DAYS * 2)
        return next(self.times(moment, far), None)

    @property
    def ends_at(self) -> datetime:
        """The instant at which the last day is over, in UTC."""
        last = date.fromisoformat(self.end) + timedelta(days=1)
        return as_instant(datetime.combine(last, time(0)), ZoneInfo(self.zone))

    def __str__(self) -> str:
        return spoken(self)


def as_instant(moment: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which a local clock shows a time first; one it skips is when it goes on."""
    shown = moment.replace(tzinfo=zone, fold=0)
    instant = shown.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == moment:
        return instant
    before, after = shown.utcoffset(), shown.replace(fold=1).utcoffset()
    if before is None or after is None:
        return instant
    gap = abs(after - before)
    # The clock goes on at the end of the gap: the first minute that it shows again.
    low = instant - gap
    for minutes in range(int(gap.total_seconds() // 60) * 2 + 1):
        there = low + timedelta(minutes=minutes)
        if there.astimezone(zone).replace(tzinfo=None) >= moment:
            return there
    return instant


def spoken(rule: Rule) -> str:
    """A rule as a sentence."""
    at = message("at {time}", time=rule.at)
    day = ""
    if rule.day:
        day = message("on day {n} (the last one in shorter months)", n=rule.day)
    elif rule.nth:
        day = message("on the {nth} {weekday}", nth=rule.nth, weekday=rule.weekday.capitalize())
    n = rule.every
    units = {
        "hourly": message("every {n} h from {time}", n=n, time=rule.at),
        "daily": message_of_count("every day", "every {count} days", n),
        "weekly": message_of_count("every week", "every {count} weeks", n),
        "monthly": message_of_count("every month", "every {count} months", n),
        "yearly": message("every year in {month}", month=calendar.month_name[rule.month or 1]),
    }
    names = ", ".join(name.capitalize() for name in rule.weekdays)
    parts = [units[rule.unit], message("on {days}", days=names) if names else day]
    parts += [at] if rule.unit != "hourly" else []
    parts.append(message("({zone}, {start} to {end})", zone=rule.zone, start=rule.start,
                         end=rule.end))  # fmt: skip
    return " ".join(part for part in parts if part)


def _weekdays(given: Any) -> list[str]:
    names = given.replace(",", " ").split() if isinstance(given, str) else list(given or ())
    if [str(name).casefold() for name in names] == ["weekdays"]:
        return list(WEEKDAYS[:5])
    found = []
    for name in names:
        plain = str(name).strip().casefold()
        whole = [day for day in WEEKDAYS if len(plain) >= 2 and day.startswith(plain)]
        if len(whole) != 1:
            raise ArgumentError.of("weekday", name, WEEKDAYS)
        found += whole
    return sorted(set(found), key=WEEKDAYS.index)


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not str(value).strip().isdecimal():
        raise ArgumentError.of(name, value, message("a whole number"))
    return int(value)


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ArgumentError.of(name, text, message("a day such as 2026-03-31")) from None


def _a_year_on(day: date) -> date:
    last = calendar.monthrange(day.year + 1, day.month)[1]
    return date(day.year + 1, day.month, min(day.day, last))


def _clock(text: str) -> time:
    try:
        moment = datetime.strptime(str(text).strip(), "%H:%M")
    except ValueError:
        raise ArgumentError.of("at", text, message("a time such as 08:30")) from None
    return moment.time()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ArgumentError.of("zone", name, message("a zone such as Europe/Berlin")) from None
