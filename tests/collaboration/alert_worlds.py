"""Small bodies of events with a known number a day, and alerts on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pandas as pd

import workbench as wb
from workbench.collaboration.alerts import evaluating
from workbench.collaboration.alerts.reading import alert_of
from workbench.collaboration.anomalies.series import Series
from workbench.data.settings import Settings
from workbench.errors import ArgumentError


def world(counts, first="2026-01-05", zone="UTC", **given):
    """Event names to a number for each day from `first` on (a Monday).

    The same fifty accounts do all of them.
    """
    parts = []
    for name, numbers in counts.items():
        days = pd.date_range(first, periods=len(numbers), tz=zone)
        at = days.repeat(np.asarray(numbers, int)) + pd.Timedelta(hours=12)
        accounts = [f"A{n % 50}" for n in range(len(at))]
        parts.append(pd.DataFrame({"account_id": accounts, "occurred_at": at, "event": name}))
    settings = {"report_tz": zone, "source_tz": zone}
    return wb.from_frames(events=pd.concat(parts, ignore_index=True), settings=settings, **given)


def definition(*triggers, **keys):
    """An alert of the world above; a trigger is (metric, when) or (metric, when, value)."""
    made = [
        {"metric": t[0], "when": t[1], **({"value": t[2]} if len(t) > 2 else {})} for t in triggers
    ]
    return {"name": "Watch", "workspace": "small", "triggers": made} | keys


def at(text):
    """An instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOWHERE = SimpleNamespace(settings=Settings())


def judged(counts, alert, periods=1, first="2026-01-05"):
    """Outcomes of the last days of series that are given as they are, without any events.

    A value of None is a day of which the data hold nothing.
    """
    given = {
        name: [np.nan if n is None else n for n in numbers] for name, numbers in counts.items()
    }
    size = max(map(len, given.values()))
    starts = np.datetime64(first) + np.arange(size)

    def read(_, metric, granularity, **__):
        values = np.array(given[metric.label], float)
        return Series(metric.label, granularity, starts[: len(values)], values, unit="count")

    now = at(f"{starts[-1] + 1}T09:00") + timedelta(minutes=1)
    with patch.object(evaluating, "read", read):
        (found,) = evaluating.evaluate([alert_of(alert)], NOWHERE, now=now, periods=periods)
    if isinstance(found, ArgumentError):
        raise found
    return found
