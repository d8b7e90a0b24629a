"""Limits between two steps of a sequence: in time, and in what else can be counted on the way.

A length of time is a `Duration`; everything else is a `Limit`: calendar months, events, sessions,
or changes of a dimension's value. ``"24h"``, ``"13 months"``, ``"3 events"``, ``"1 session"``,
``"2 values of page"``; a list of them holds all of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count
from workbench.vocabulary.durations import Duration

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_COUNTED = re.compile(r"(\d+)\s*(event|session|month|quarter|year)s?")
_VALUES = re.compile(r"(\d+)\s*values?\s+of\s+(\S.*)", re.DOTALL)
_LENGTH = re.compile(r"\s*(?:\d+(?:\.\d+)?\s*(?:s|min|h|d|w)\s*)+")
_MOST = 1_000_000_000
_MOST_MONTHS = 12_000


@dataclass(frozen=True)
class Limit:
    """A smallest or largest distance to the step before, counted in something.

    Attributes
    ----------
    bound : {"within", "after"}
        Largest or smallest distance; both are inside.
    amount : int
    unit : {"months", "events", "sessions", "values"}
        Calendar months; rows, so that 1 is the directly following one; sessions that begin on the
        way; changes of the value of `dimension` on the way.
    dimension : str
        Only with ``values``.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B1 and B2 (within, after).
    """

    bound: str
    amount: int
    unit: str
    dimension: str = ""

    def __str__(self) -> str:
        """The text that reads back to the same limit."""
        if self.unit == "values":
            return f"{self.amount} values of {self.dimension}"
        if self.unit == "months" and not self.amount % 12:
            return f"{self.amount // 12} years"
        return f"{self.amount} {self.unit}"

    def in_words(self) -> str:
        """The distance for a reader."""
        count = self.amount
        if self.unit == "events":
            return message_of_count("{count} event", "{count} events", count)
        if self.unit == "sessions":
            return message_of_count("{count} session", "{count} sessions", count)
        if self.unit == "values":
            return message_of_count(
                "{count} change of {name}", "{count} changes of {name}", count, name=self.dimension
            )
        if not count % 12:
            return message_of_count("{count} year", "{count} years", count // 12)
        return message_of_count("{count} month", "{count} months", count)


def limit_from(value: Any, bound: str) -> Limit | None:
    """Read a limit that is no fixed length of time; None for anything else."""
    if isinstance(value, Limit):
        return value if value.bound == bound else Limit(bound, *_parts(value))
    text = value.strip() if isinstance(value, str) else ""
    found = _COUNTED.fullmatch(text)
    if found:
        amount, unit = int(found[1]), found[2]
        if unit in _MONTHS:
            return _checked(Limit(bound, amount * _MONTHS[unit], "months"), value)
        return _checked(Limit(bound, amount, f"{unit}s"), value)
    found = _VALUES.fullmatch(text)
    return _checked(Limit(bound, int(found[1]), "values", found[2]), value) if found else None


def _parts(limit: Limit) -> tuple[int, str, str]:
    return limit.amount, limit.unit, limit.dimension


def _checked(limit: Limit, value: Any) -> Limit:
    if limit.unit in ("events", "months") and limit.amount == 0:
        raise ArgumentError.of(
            limit.bound,
            value,
            message("1 or more"),
            message("Two rows are at least one event apart.") if limit.unit == "events" else "",
        )
    if limit.amount > (_MOST_MONTHS if limit.unit == "months" else _MOST):
        raise ArgumentError.of(limit.bound, value, message("at most a thousand years or million"))
    return limit


def span_from(value: Any, argument: str) -> Duration | Limit | None:
    """Read a limit over a whole sequence: a length of time, or calendar months."""
    if value is None:
        return None
    limit = limit_from(value, "within")
    if limit is None:
        return _duration(value, argument, _times())
    if limit.unit != "months":
        raise ArgumentError.of(argument, value, _times())
    return limit


def bounds_from(
    value: str | timedelta | Duration | Limit | Sequence[Any] | None, bound: str
) -> tuple[Duration | None, tuple[Limit, ...]]:
    """Read one bound of a step: one limit or a list of them, at most one of each unit.

    Returns
    -------
    length : Duration or None
    limits : tuple of Limit
    """
    several = value if isinstance(value, list | tuple) else [] if value is None else [value]
    length: Duration | None = None
    limits: dict[tuple[str, str], Limit] = {}
    for item in several:
        limit = limit_from(item, bound)
        read = None if limit is not None else _duration(item, bound, _every())
        if (limit is None and length is not None) or (limit and _unit(limit) in limits):
            raise ArgumentError.of(bound, value, message("one limit of each unit"))
        if limit is None:
            length = read
        else:
            limits[_unit(limit)] = limit
    return length, tuple(limits[unit] for unit in sorted(limits))


def _unit(limit: Limit) -> tuple[str, str]:
    return limit.unit, limit.dimension


def check_window(limits: tuple[Limit, ...]) -> None:
    """Refuse a smallest distance above the largest one of the same unit."""
    largest = {_unit(item): item for item in limits if item.bound == "within"}
    for item in limits:
        above = largest.get(_unit(item))
        if item.bound == "after" and above is not None and item.amount > above.amount:
            raise ArgumentError.of(
                "after",
                str(item),
                message("at most within={limit}", limit=repr(str(above))),
                message("No row could ever meet both limits."),
            )


def plain_bound(length: Duration | None, limits: tuple[Limit, ...], bound: str) -> Any:
    """The plain form of one bound: a text, a list of texts, or None."""
    texts = [] if length is None else [str(length)]
    texts += [str(item) for item in limits if item.bound == bound]
    return None if not texts else texts[0] if len(texts) == 1 else texts


def _duration(value: Any, argument: str, allowed: str) -> Duration:
    if isinstance(value, str) and not _LENGTH.fullmatch(value):
        raise ArgumentError.of(argument, value, allowed)
    if not isinstance(value, str | timedelta | Duration):
        raise ArgumentError.of(argument, value, allowed)
    return Duration.parse(value, argument)


def _times() -> str:
    return message(
        "a number with its unit (s, min, h, d, w), such as '90d' or '1h 30min', or calendar time "
        "such as '13 months' (quarters, years)"
    )


def _every() -> str:
    return message(
        "a number with its unit (s, min, h, d, w), such as '90d' or '1h 30min', or '13 months', "
        "'3 events', '2 sessions', '2 values of channel', or a list of them"
    )
