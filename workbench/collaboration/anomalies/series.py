"""A number from period to period, and the rules by which it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import marked, message

GRANULARITIES = {"day": marked("day"), "week": marked("week"), "month": marked("month")}
# The settings of the sales pitch of every alert: wider bands, fewer alerts.
CONFIDENCES = (0.90, 0.95, 0.99, 0.9975, 0.999)
DEFAULT_CONFIDENCE = 0.999
METHODS = ("auto", "weekday")
TRAINING_DAYS, TRAINING_PERIODS = 35, 15
# Periods that make a year: the same weekday, and the same month.
YEAR = {"day": 364, "week": 52, "month": 12}


@dataclass(frozen=True)
class Series:
    """One number, period after period without a gap in the calendar.

    Attributes
    ----------
    name : str
    granularity : {"day", "week", "month"}
    starts : numpy.ndarray of datetime64[D]
        First day of each period, in the reporting zone.
    values : numpy.ndarray of float
        Not a number where nothing is known: that is not zero.
    open_from : int
        Place of the first period that was not over; the number of periods where all are.
    unit : str
        How a value is shown: count, number, share, money.
    currency : str
    """

    name: str
    granularity: str
    starts: np.ndarray
    values: np.ndarray
    open_from: int = -1
    unit: str = "number"
    currency: str = ""

    def __post_init__(self) -> None:
        if self.open_from < 0:
            object.__setattr__(self, "open_from", len(self.values))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def counts(self) -> bool:
        """Whether the values are counts of things."""
        known = self.values[np.isfinite(self.values)]
        whole = bool(known.size and (known >= 0).all() and (known == np.round(known)).all())
        return whole and self.unit in ("count", "number")

    def until(self, place: int) -> Series:
        """The series as it was known when a period was over, that period included."""
        return replace(
            self, starts=self.starts[: place + 1], values=self.values[: place + 1],
            open_from=min(self.open_from, place + 1),
        )  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """How it is judged whether a value is a surprise.

    Attributes
    ----------
    confidence : float
        One of `CONFIDENCES`: higher means a wider band and fewer anomalies.
    method : {"auto", "weekday"}
        The best model, or the same weekday of the last five weeks, which can be done by hand.
    holidays : pandas.DataFrame
        As `workbench.collaboration.anomalies.holiday_table.holiday_table` gives it.
    weekend : frozenset of int
    threads : int
    """

    confidence: float = DEFAULT_CONFIDENCE
    method: str = "auto"
    holidays: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"day": [], "name": []}))
    weekend: frozenset[int] = frozenset({5, 6})
    threads: int = 1


def checked_confidence(value: Any, argument: str = "confidence") -> float:
    """One of the five levels, written 0.99, 99 or ``"99 %"``.

    Raises
    ------
    ArgumentError
    """
    allowed = [f"{100 * level:g} %" for level in CONFIDENCES]
    try:
        text = str(value).replace("%", "").strip()
        number = float(text) / (100 if float(text) > 1 else 1)
    except ValueError:
        raise ArgumentError.of(argument, value, allowed) from None
    for level in CONFIDENCES:
        if abs(level - number) < 1e-9 and not isinstance(value, bool):
            return level
    raise ArgumentError.of(argument, value, allowed)


def regular(
    starts: pd.Series | np.ndarray, values: Any, granularity: str, *, empty: float = np.nan,
    **given: Any,
) -> Series:  # fmt: skip
    """A series of values at some periods, with the periods between them.

    Parameters
    ----------
    starts, values
        First day of each period, and its value; a period may stand once only.
    granularity : {"day", "week", "month"}
    empty : float
        What a period without a row is: 0 for counts of rows, not a number where nothing is known.
    **given
        Other attributes of `Series`.
    """
    days = pd.to_datetime(pd.Series(np.asarray(starts))).dt.tz_localize(None)
    days = days.to_numpy().astype("datetime64[D]")
    numbers = np.asarray(values, float)
    if not days.size:
        return Series(granularity=granularity, starts=days, values=numbers, **given)
    if np.unique(days).size != days.size:
        raise ArgumentError.of(
            "series", message("two values for one period"),
            message("one value for each period: choose one group or split by it"),
        )  # fmt: skip
    if granularity == "month":
        months = days.astype("datetime64[M]")
        whole = np.arange(months.min(), months.max() + 1)
        place, line = (months - whole[0]).astype(int), whole.astype("datetime64[D]")
    else:
        step = 7 if granularity == "week" else 1
        place, odd = np.divmod((days - days.min()).astype(int), step)
        if odd.any():
            raise ArgumentError.of(
                "granularity", granularity, message("the distance between the periods")
            )
        line = days.min() + step * np.arange(place.max() + 1)
    out = np.full(line.size, empty)
    out[place] = numbers
    return Series(granularity=granularity, starts=line, values=out, **given)


def check_granularity(value: Any, allowed: Mapping[str, Any] = GRANULARITIES) -> str:
    """Refuse a granularity for which there is no rule."""
    if value not in allowed:
        raise ArgumentError.of("granularity", value, allowed)
    return str(value)
