"""Worlds of many short histories, built once and asked many questions."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pandas as pd

import workbench as wb

# Zone, first day, days covered, first day of the week and month of the fiscal year.
PLACES = {
    "spring in New York": ("America/New_York", date(2025, 1, 30), 120, "sun", 2),
    "no midnight in São Paulo": ("America/Sao_Paulo", date(2018, 9, 1), 100, "mon", 4),
    "half an hour on Lord Howe": ("Australia/Lord_Howe", date(2025, 3, 1), 90, "mon", 7),
    "years in Tokyo": ("Asia/Tokyo", date(2023, 12, 30), 800, "mon", 4),
    "a week in UTC": ("UTC", date(2026, 2, 26), 8, "mon", 1),
}
EVENTS = ("visit", "order", "call")
CHANNELS = ("web", "mail", None)


@dataclass(frozen=True)
class World:
    """A workspace, the same one of shuffled rows, and the rows as the oracle reads them."""

    zone: str
    week_start: str
    first_month: int
    as_of: date
    begin: date
    days: int
    rows: list
    workspace: wb.Workspace
    shuffled: wb.Workspace

    def _repr_pretty_(self, printer, cycle) -> None:
        """A failing example names the world; its rows would fill pages."""
        printer.text(f"World({self.zone})")


def world(name: str) -> World:
    zone, begin, days, week_start, month = PLACES[name]
    start = datetime(begin.year, begin.month, begin.day, tzinfo=UTC)
    draw = random.Random(name)
    rows = []
    for account in range(14):
        for _ in range(draw.choice([1, 3, 6, 9])):
            # Midnights, the hour before, and the same instant again: where borders go wrong.
            hours = draw.choice([0, 1, 3, 4, 5, 10, 13, 14, 23, draw.random() * 24])
            time = start + timedelta(days=draw.randrange(days), hours=hours)
            if rows and draw.random() < 0.2:
                time = rows[-1]["time"]
            rows.append(
                {
                    "account_id": f"A{account}",
                    "person_id": draw.choice([f"P{account}", f"P{account % 3}", None]),
                    "buying_group_id": draw.choice([["u"], ["v", "u"], ["w"], None]),
                    "time": time,
                    "event": draw.choice(EVENTS),
                    "channel": draw.choice(CHANNELS),
                    "amount": draw.choice([0.0, 1.0, 2.5, -1.0, None]),
                }
            )
    as_of = (start + timedelta(days=days - draw.choice([0, 3]))).date()
    settings = {
        "report_tz": zone,
        "week_start": week_start,
        "fiscal_year": {"start_month": month},
    }
    frames = [_frame(rows), _frame(draw.sample(rows, len(rows)))]
    opened = [wb.from_frames(events=f, settings=settings, as_of=as_of) for f in frames]
    return World(zone, week_start, month, as_of, begin, days, rows, *opened)


def _frame(rows: list) -> pd.DataFrame:
    return pd.DataFrame(rows).rename(columns={"time": "occurred_at"})
