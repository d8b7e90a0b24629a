"""Numbers as a reader sees them: three significant figures, units, and an en dash for nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pandas import isna
from pandas.api.types import is_scalar

from workbench.messages import message

NOTHING = "–"


def absent(value: Any) -> bool:
    """Whether there is no value: None, not a number, or pandas' missing marks."""
    return bool(is_scalar(value) and isna(value))


def count(value: Any) -> str:
    """A whole number with thousands separators."""
    if absent(value):
        return NOTHING
    return _infinite(value) or f"{round(value):,}"


def significant(value: Any, figures: int = 3) -> str:
    """A number with three significant figures and no exponent."""
    if absent(value):
        return NOTHING
    if not value or math.isinf(value):
        return _infinite(value) or "0"
    decimals = max(0, figures - 1 - math.floor(math.log10(abs(value))))
    text = f"{round(value, decimals):,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _infinite(value: Any) -> str:
    return "" if math.isfinite(value) else "∞" if value > 0 else "−∞"


def share(value: Any) -> str:
    """A share of 0…1 as a percentage: ``58 %``; below 10 and above 99 with one decimal.

    Only nothing is ``0 %`` and only everything is ``100 %``.
    """
    if absent(value):
        return NOTHING
    percent = float(value) * 100
    if 0 < percent < 0.05:
        return "< 0.1 %"
    if 99.95 <= percent < 100:
        return "> 99.9 %"
    decimals = 1 if percent < 10 or percent > 99 else 0
    return f"{percent:.{decimals}f} %".replace(".0 %", " %")


def points(value: Any) -> str:
    """A difference of two shares in percentage points, with its sign."""
    if absent(value):
        return NOTHING
    text = f"{value * 100:+.1f}"
    return message("{n} points", n="0.0" if text[1:] == "0.0" else text.replace("-", "−"))


def between(low: Any, high: Any) -> str:
    """An interval of shares: ``54–61 %``."""
    if absent(low) or absent(high):
        return ""
    decimals = 1 if high < 0.1 else 0
    return f"{low * 100:.{decimals}f}–{high * 100:.{decimals}f} %"


def days(value: Any) -> str:
    """A number of days in the largest sensible unit."""
    from workbench.vocabulary.durations import days_in_words

    return NOTHING if absent(value) else days_in_words(float(value))


def day(value: Any, zone: str = "UTC") -> str:
    """An instant or date as an ISO date of the reporting zone."""
    if absent(value):
        return NOTHING
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(ZoneInfo(zone))
    return value.strftime("%Y-%m-%d") if isinstance(value, date) else str(value)


def money(value: Any, currency: str = "") -> str:
    """An amount with its currency, in three significant figures."""
    if absent(value):
        return NOTHING
    for size, unit in ((1e9, " bn"), (1e6, " m"), (1e3, " k")):
        # Half a unit of the third figure below, a smaller unit would round up to 1,000.
        if abs(value) >= size * 0.9995:
            return f"{currency} {significant(value / size)}{unit}".strip()
    return f"{currency} {significant(value)}".strip()


def chance(value: Any) -> str:
    """A p-value: two significant figures, with a floor."""
    if absent(value):
        return NOTHING
    return "< 0.001" if value < 0.001 else f"{value:.2g}"


def shortened(text: str, length: int = 34) -> str:
    """Cut a long name in the middle, so that both ends stay readable."""
    if len(text) <= length:
        return text
    keep = length - 1
    return f"{text[: keep - keep // 2]}…{text[-(keep // 2) :]}"


def shortened_apart(texts: Sequence[str], length: int = 34) -> list[str]:
    """As `shortened`, and names that would look the same get a number."""
    out: dict[str, str] = {}
    taken: set[str] = set()
    for text in texts:
        if text in out:
            continue
        short, number = shortened(text, length), 1
        while short in taken:
            number += 1
            mark = f" ({number})"
            short = shortened(text, length - len(mark)) + mark
        out[text] = short
        taken.add(short)
    return [out[text] for text in texts]
