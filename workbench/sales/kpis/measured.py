"""What a measure gives: one line a unit, from which every figure, group and list is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, either
from workbench.messages import message

FLOW, PAST, NOW = "flow", "past", "now"
COUNT, SUM, SHARE, MEAN = "count", "sum", "share", "mean"
UNITS = {
    "key": "What is counted once in every group",
    "entity": "opportunity, account, activity, person or row",
    "record_id": "Key of the record behind the unit",
    "account_id": "Account of it",
    "owner_id": "Member of staff whose it is",
    "counted": "What it adds to the numerator",
    "of": "What it adds to the denominator",
    "to_do": "Whether somebody should act on it",
    "apart": "Why it is listed and not counted; empty for all others",
    "detail": "Why it is in the list, in words",
    "on": "Day, since 1970",
}


@dataclass(frozen=True)
class Window:
    """One period of a KPI, as far as it can be seen.

    Attributes
    ----------
    name : str
        What the period is called.
    first, after : date
        First day and the day after the last one.
    last : date
        Last day that is looked at: that of the period, or today's.
    """

    name: str
    first: date
    after: date
    last: date

    @property
    def complete(self) -> bool:
        """Whether the whole period can be seen."""
        return (self.after - self.last).days <= 1

    @property
    def days(self) -> tuple[int, int]:
        """First day and the first one that is not looked at, since 1970."""
        return day_number(self.first), day_number(self.last) + 1


@dataclass(frozen=True)
class Goal:
    """What is aimed at in a period.

    Attributes
    ----------
    direction : {"up", "down"}
    target : float, optional
    listed : bool
        Whether somebody will look at the records: only then are reasons and lists made.
    """

    direction: str = "up"
    target: float | None = None
    listed: bool = True


@dataclass(frozen=True)
class Measured:
    """The units of one KPI in one period.

    Attributes
    ----------
    units : pandas.DataFrame
        Columns `UNITS`; a unit that belongs to several groups stands once for each.
    kind : {"count", "sum", "share", "mean"}
        How numerator and denominator become a value.
    to_do : str
        What the list to act on holds, in words.
    currency : str
        Of sums of money.
    notes : tuple of str
        What was set aside.
    begins : int, optional
        First day that the data know of, since 1970: there is no figure before it.
    """

    units: pd.DataFrame
    kind: str
    to_do: str = ""
    currency: str = ""
    notes: tuple[str, ...] = ()
    begins: int | None = None


def lacking(what: str) -> AbsentError:
    """The refusal of a measure whose data are not there."""
    return AbsentError(message("Not in these data: {what}.", what=what))


def no_column(name: str, table: str, known: Iterable[str]) -> AbsentError:
    """The refusal of a column that a table does not have, with the closest ones it has."""
    names = [n.removeprefix("x_") for n in known]
    close = get_close_matches(name, names, n=2, cutoff=0.7)
    hint = message(" Did you mean {names}?", names=either(map(repr, close))) if close else ""
    refusal = lacking(message("the column {name} of {table}", name=repr(name), table=table))
    return AbsentError(f"{refusal}{hint}")


def units_of(columns: Mapping[str, Any]) -> pd.DataFrame:
    """A frame of units; what is not given is empty."""
    nothing = {"counted": 0.0, "of": 0.0, "to_do": False, "apart": "", "detail": "", "on": 0}
    length = len(columns["key"])
    frame = pd.DataFrame(
        {
            name: np.asarray(columns[name], object)
            if name in columns and name in ("key", "record_id", "account_id", "owner_id")
            else columns.get(name, nothing.get(name))
            for name in UNITS
        },
        index=range(length),
    )
    return frame.astype({"counted": float, "of": float, "to_do": bool, "on": "int64"})


def joined(*parts: pd.DataFrame) -> pd.DataFrame:
    """Units of several kinds below each other."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else parts[0]


def day_number(day: date) -> int:
    """A day as its number since 1970."""
    return (day - date(1970, 1, 1)).days


def day_of(number: int) -> date:
    """The day of a number since 1970."""
    return date.fromordinal(date(1970, 1, 1).toordinal() + int(number))


def months_before(day: date, months: int) -> date:
    """The same day some calendar months earlier; the last of the month where it has fewer days.

    Notes
    -----
    Source: sales-pipeline.md, section 3 (unvisited, clamp month end).
    """
    total = day.year * 12 + day.month - 1 - months
    year, month = divmod(total, 12)
    longest = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - date(year, month + 1, 1)).days
    return date(year, month + 1, min(day.day, longest))
