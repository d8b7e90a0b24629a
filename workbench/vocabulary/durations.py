"""Lengths of time written with their unit, as in ``"90d"`` or ``"1h 30min"``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from workbench.errors import ArgumentError
from workbench.messages import marked, message, message_of_count

MICROSECONDS = {
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d|w)\s*")
_LONGEST = 2**62  # instants and limits are added in 64 bits
_FORM = marked("a number with its unit (s, min, h, d, w), such as '90d' or '1h 30min'")


@dataclass(frozen=True, order=True)
class Duration:
    """A fixed length of time; a day is 24 hours, a week seven days."""

    microseconds: int

    @classmethod
    def parse(cls, value: str | timedelta | Duration, argument: str = "duration") -> Duration:
        """Read ``"90d"``, a ``timedelta`` or a `Duration`; a bare number is refused."""
        if isinstance(value, Duration):
            return value
        if isinstance(value, timedelta):
            microseconds = value // timedelta(microseconds=1)
        else:
            text = value.strip() if isinstance(value, str) else ""
            if not text or _PART.sub("", text):
                raise ArgumentError.of(argument, value, message(_FORM))
            microseconds = round(
                sum(Decimal(n) * MICROSECONDS[unit] for n, unit in _PART.findall(text))
            )
        if not 0 <= microseconds < _LONGEST:
            raise ArgumentError.of(
                argument, str(value), message("zero or more, and below 50 million days")
            )
        return cls(microseconds)

    @classmethod
    def parse_optional(
        cls, value: str | timedelta | Duration | None, argument: str = "duration"
    ) -> Duration | None:
        """As `parse`, and None stays None."""
        return None if value is None else cls.parse(value, argument)

    def __str__(self) -> str:
        """The shortest text that `parse` reads back to the same length."""
        parts, rest = [], self.microseconds
        for unit in ("d", "h", "min"):
            count, rest = divmod(rest, MICROSECONDS[unit])
            if count:
                parts.append(f"{count}{unit}")
        if rest or not parts:
            seconds, fraction = divmod(rest, MICROSECONDS["s"])
            parts.append(f"{seconds}" + (f".{fraction:06d}".rstrip("0") if fraction else "") + "s")
        return " ".join(parts)

    def in_words(self) -> str:
        """The length for a reader: ``90 days``, ``24 hours``, or the compact form."""
        count, rest = divmod(self.microseconds, MICROSECONDS["d"])
        if count and not rest:
            return message_of_count("{count} day", "{count} days", count)
        count, rest = divmod(self.microseconds, MICROSECONDS["h"])
        if count and not rest:
            return message_of_count("{count} hour", "{count} hours", count)
        count, rest = divmod(self.microseconds, MICROSECONDS["min"])
        if count and not rest:
            return message_of_count("{count} minute", "{count} minutes", count)
        return str(self)


def days_in_words(days: float) -> str:
    """A measured length in the largest sensible unit: ``12 days``, ``5.0 hours``, ``3 minutes``.

    Parameters
    ----------
    days : float
        Length in days; not a number gives an en dash.
    """
    if days != days:
        return "–"
    if days >= 9.95:
        return message("{n} days", n=f"{days:,.0f}")
    if days >= 1:
        return message("{n} days", n=f"{days:.1f}")
    if days * 24 >= 1:
        return message("{n} hours", n=f"{days * 24:.1f}")
    if days * 1440 >= 1 or not days:
        return message("{n} minutes", n=f"{days * 1440:.0f}")
    return message("{n} seconds", n=f"{days * 86_400:.0f}")
