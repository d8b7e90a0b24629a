"""Fiscal periods that no rule of months describes, such as 4-4-5: a list that is checked.

Source: b2b-data-model.md, section 1 (fiscal calendar) and section 4, rule 10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.workspace import Workspace

TABLE = "fiscal_periods"
KINDS = ("month", "quarter", "year")
_KEYS = ("name", "start_on", "end_on", "kind")


@dataclass(frozen=True)
class FiscalPeriod:
    """One period with its first and last day.

    Attributes
    ----------
    name : str
    first, last : date
    kind : {"month", "quarter", "year"}
    """

    name: str
    first: date
    last: date
    kind: str = "quarter"

    def plain(self) -> dict[str, str]:
        """The mapping that names the same period."""
        return {
            "name": self.name,
            "start_on": self.first.isoformat(),
            "end_on": self.last.isoformat(),
            "kind": self.kind,
        }


def fiscal_periods(workspace: Workspace, calendar: Any = None) -> tuple[FiscalPeriod, ...]:
    """The fiscal periods of a list, or of the workspace's table ``fiscal_periods``.

    Parameters
    ----------
    calendar : sequence of mapping, optional
        ``{"name": "FY26 P1", "start_on": "2026-01-01", "end_on": "2026-01-28", "kind": "month"}``;
        the kind is a quarter when left out.

    Returns
    -------
    tuple of FiscalPeriod
        In order of time; empty where neither is there.

    Raises
    ------
    ArgumentError
        For periods of one kind that overlap, one that ends before it begins, or two of one name;
        all of them at once.
    """
    if calendar is None:
        if not workspace.has(TABLE, *_KEYS[:3]):
            return ()
        kind = "kind" if "kind" in workspace.columns_of(TABLE) else "'quarter'"
        read = workspace.sql(
            f"SELECT name::VARCHAR AS name, start_on::DATE::VARCHAR AS start_on, "
            f"end_on::DATE::VARCHAR AS end_on, coalesce(lower({kind}), 'quarter') AS kind "
            f"FROM {TABLE}"
        )
        calendar = read.to_dict("records")
    if isinstance(calendar, str | Mapping) or not isinstance(calendar, Iterable):
        raise ArgumentError.of("calendar", calendar, _form())
    found = [_read(line) for line in calendar]
    found.sort(key=lambda p: (p.first, p.last, p.name))
    problems = _problems(found)
    if problems:
        raise ArgumentError.of(
            "calendar", "; ".join(problems[:5]), message("periods of one kind that do not overlap")
        )
    return tuple(found)


def _form() -> str:
    return message("mappings with name, start_on, end_on and, if not a quarter, kind")


def _read(line: Any) -> FiscalPeriod:
    if isinstance(line, FiscalPeriod):
        return line
    if not isinstance(line, Mapping):
        raise ArgumentError.of("calendar", line, _form())
    unknown = [key for key in line if key not in _KEYS]
    if unknown:
        raise ArgumentError.of("calendar", unknown[0], _KEYS)
    kind = str(line.get("kind") or "quarter").lower()
    if kind not in KINDS:
        raise ArgumentError.of("calendar.kind", kind, KINDS)
    try:
        first, last = (date.fromisoformat(str(line[key])[:10]) for key in ("start_on", "end_on"))
        return FiscalPeriod(str(line["name"]), first, last, kind)
    except (KeyError, ValueError):
        raise ArgumentError.of("calendar", dict(line), _form()) from None


def _problems(found: list[FiscalPeriod]) -> list[str]:
    out = [
        message("{name} ends on {last}, before it begins", name=p.name, last=p.last)
        for p in found
        if p.last < p.first
    ]
    names = pd.Series([p.name for p in found], dtype="str")
    out += [message("{name} stands twice", name=n) for n in names[names.duplicated()].unique()]
    for kind in KINDS:
        open_until: FiscalPeriod | None = None
        for period in (p for p in found if p.kind == kind):
            if open_until and period.first <= open_until.last:
                days = (min(period.last, open_until.last) - period.first).days + 1
                out.append(
                    message(
                        "{one} and {other} overlap by {days} days from {first} on",
                        one=open_until.name,
                        other=period.name,
                        days=days,
                        first=period.first,
                    )
                )
            if open_until is None or period.last > open_until.last:
                open_until = period
    return out


def relative(
    periods: tuple[FiscalPeriod, ...], kind: str, shift: int, today: date, asked: str
) -> FiscalPeriod:
    """The period of a kind that holds a day, or one before or after it.

    Raises
    ------
    AbsentError
        When the calendar has none of the kind, or none there.
    """
    own = [p for p in periods if p.kind == kind]
    here = [n for n, p in enumerate(own) if p.first <= today <= p.last]
    if here and 0 <= here[0] + shift < len(own):
        return own[here[0] + shift]
    raise AbsentError.of(
        "period",
        asked,
        [p.name for p in own],
        message(
            "The fiscal calendar has no such {kind} around {day}: it has gaps or ends there.",
            kind=kind,
            day=today,
        ),
    )


def next_day(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)
