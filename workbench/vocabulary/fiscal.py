"""Fiscal quarters and years by name, in words that stand wherever a period may.

Source: b2b-data-model.md, section 1 (fiscal calendar) and section 4, rule 10: a date of which only
the day is known lies in the same fiscal period in every zone.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.calendars import Calendar

_SHIFT = {"this": 0, "current": 0, "previous": -1, "last": -1, "next": 1}
_RELATIVE = re.compile(r"(this|current|previous|last|next)[ _]+fiscal[ _]+(quarter|year)", re.I)
_NAMED = re.compile(r"FY ?(\d{4})(?:[ -]?Q([1-4]))?", re.I)


def is_fiscal(text: str) -> bool:
    """Whether a text names a fiscal quarter or year."""
    return bool(_RELATIVE.fullmatch(text.strip()) or _NAMED.fullmatch(text.strip()))


def fiscal_days(text: str, settings: Any, today: date) -> tuple[date, date, str] | None:
    """First day, the day after the last, and name of a fiscal quarter or year.

    Parameters
    ----------
    text : str
        ``"this fiscal quarter"`` (previous, next; year), ``"FY2026"`` or ``"FY2026 Q2"``.
    settings : Settings
        Of a workspace; its fiscal year says in which month one begins and what it is named by.
    today : datetime.date
        The day that relative words are told from.

    Returns
    -------
    tuple, or None
        None where the text is no such name.
    """
    relative, named = _RELATIVE.fullmatch(text.strip()), _NAMED.fullmatch(text.strip())
    if relative:
        rule = Calendar.of(settings, relative[2].lower())
        first = rule.first_day(today)
        for _ in range(abs(_SHIFT[relative[1].lower()])):
            back = _SHIFT[relative[1].lower()] < 0
            first = rule.first_day(first - timedelta(days=1)) if back else rule.following(first)
        return first, rule.following(first), rule.name(first)
    if not named:
        return None
    year, quarter = int(named[1]), int(named[2] or 0)
    rule = Calendar.of(settings, "quarter" if quarter else "year")
    months = (year - rule.named_by_end) * 12 + rule.first_month - 1 + 3 * max(quarter - 1, 0)
    try:
        first = date(months // 12, months % 12 + 1, 1)
        return first, rule.following(first), f"FY{year} Q{quarter}" if quarter else f"FY{year}"
    except ValueError:
        raise ArgumentError.of("period", text, message("a year from 2 to 9998")) from None
