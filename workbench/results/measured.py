"""Key figures as a reader sees them and, beside that, as numbers that can be compared later.

Each function gives the entries ``value`` (text) and ``raw`` of a key figure::

    {"label": message("Won"), **measured.share(62, 540), "detail": "62 / 540"}

``raw`` is a mapping ``{kind, value}`` with ``kind`` one of ``count, number, share, points, money,
days``; a share of counts also holds ``numerator`` and ``denominator``, money its ``unit``, and
what carries an interval its 95 % ends ``low`` and ``high``. Nothing known is ``value: None``.
"""

from __future__ import annotations

from typing import Any

from workbench.results import numbers

KINDS = ("count", "number", "share", "points", "money", "days")


def count(value: Any) -> dict[str, Any]:
    """A whole number of things."""
    return _said(numbers.count(value), "count", value)


def number(value: Any) -> dict[str, Any]:
    """A number without unit, three significant figures of it shown."""
    return _said(numbers.significant(value), "number", value)


def share(numerator: Any, denominator: Any) -> dict[str, Any]:
    """A part of a whole; nothing where the whole is."""
    known = not numbers.absent(numerator) and not numbers.absent(denominator) and denominator
    value = float(numerator) / float(denominator) if known else None
    return _said(
        numbers.share(value), "share", value,
        numerator=_plain(numerator), denominator=_plain(denominator),
    )  # fmt: skip


def rate(value: Any, low: Any = None, high: Any = None) -> dict[str, Any]:
    """A share of 0…1 that is no part of a count: weighted, or estimated."""
    return _said(numbers.share(value), "share", value, low=_plain(low), high=_plain(high))


def points(value: Any, low: Any = None, high: Any = None) -> dict[str, Any]:
    """A difference of two shares."""
    return _said(numbers.points(value), "points", value, low=_plain(low), high=_plain(high))


def money(value: Any, currency: str = "") -> dict[str, Any]:
    """An amount in a currency."""
    return _said(numbers.money(value, currency), "money", value, unit=currency)


def days(value: Any) -> dict[str, Any]:
    """A number of days."""
    return _said(numbers.days(value), "days", value)


def of_kind(value: Any, kind: str, unit: str = "") -> dict[str, Any]:
    """The ``raw`` entry of a value in one of the kinds that columns of tables have."""
    named = {"duration": "days"}.get(kind, kind)
    more = {"unit": unit} if named == "money" else {}
    return {"kind": named if named in KINDS else "number", "value": _plain(value), **more}


def _said(text: str, kind: str, value: Any, **more: Any) -> dict[str, Any]:
    known = {name: one for name, one in more.items() if one is not None}
    return {"value": text, "raw": {"kind": kind, "value": _plain(value), **known}}


def _plain(value: Any) -> int | float | None:
    """A number as JSON knows it; None for nothing and for what is not finite."""
    if value is None or numbers.absent(value):
        return None
    try:
        plain = float(value)
    except (TypeError, ValueError):
        return None
    if plain - plain != 0:
        return None
    return int(plain) if plain.is_integer() and abs(plain) < 2**53 else plain
