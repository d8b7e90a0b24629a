"""Anomaly detection in the worlds of the law: of events, of a trend, of a frame, of nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.results.makers.fallout import fallout
from tests.worlds.company import HOSTILE
from workbench.collaboration.anomalies import anomaly_detection


def _of_events(world, **options):
    metric = [{"event": "lead"}, {"event": "lead", "count": "account", "label": HOSTILE[0]}]
    return anomaly_detection(world[1], metric=metric, periods=20, **options)


def _of_trend(world):
    return anomaly_detection(fallout(world).trend(granularity="day"), periods=20)


def _of_frame(world):
    size = 60 if world[0] == "hostile" else 2 if world[0] == "one" else 0
    days = pd.date_range("2026-01-05", periods=size)
    value = 100 + 10.0 * (np.arange(size) % 7)
    if size > 50:
        value[50] = 300
    frame = pd.DataFrame({"day": days, "value": value})
    return anomaly_detection(frame, date="day", value="value", holidays=["JP"], stretch=True)


MAKERS = {
    "anomaly detection": _of_events,
    "anomaly detection of a trend": _of_trend,
    "anomaly detection of a frame": _of_frame,
}
