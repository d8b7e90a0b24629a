"""Activities of the last days or of every week, by type and side, zero-filled.

Source: relationship-analytics.md, sections 3 (timeline) and 9.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.relationship.activities import CALL, EMAIL, IN, MEETING, OUT
from workbench.relationship.measuring import Measured
from workbench.relationship.records import NEVER
from workbench.vocabulary.periods import bucket

SERIES = {
    "mails_sent": (EMAIL, OUT), "mails_received": (EMAIL, IN), "meetings_sent": (MEETING, OUT),
    "meetings_received": (MEETING, IN), "calls_made": (CALL, OUT), "calls_received": (CALL, IN),
}  # fmt: skip


def by_day(measured: Measured, wanted: np.ndarray, days: int) -> pd.DataFrame:
    """Done activities of some records in the last days, each activity once.

    Parameters
    ----------
    measured : Measured
    wanted : numpy.ndarray of bool
        A mark for each record.
    days : int
        Dates up to and with that of as_of, in the reporting zone.

    Returns
    -------
    pandas.DataFrame
        ``day, mails_sent, mails_received, meetings_sent, meetings_received, calls_made,
        calls_received, activities``: a line a date; `activities` holds unknown directions too.
    """
    asked = measured.asked
    now = np.array([asked.instant])
    last = bucket(now, "day", asked.zone).to_numpy().astype("M8[D]")[0]
    every = last - np.arange(days)[::-1]
    return _counted(measured, wanted, "day", every)


def by_week(measured: Measured, wanted: np.ndarray) -> pd.DataFrame:
    """As `by_day`, for every ISO week from the first activity on: ``week, …``."""
    asked = measured.asked
    acts, activity = measured.activities, measured.links.activity[_marks(measured, wanted)]
    if not activity.size:
        return _counted(measured, wanted, "week", np.zeros(0, "M8[D]"))
    ends = np.array([acts.at[activity].min(), asked.instant])
    first, last = bucket(ends, "week", asked.zone).to_numpy().astype("M8[D]")
    return _counted(measured, wanted, "week", np.arange(first, last + 1, np.timedelta64(7, "D")))


def longest_gap(counts: np.ndarray) -> int:
    """Longest run of lines without any activity."""
    busy = np.flatnonzero(np.concatenate([[True], np.asarray(counts) > 0, [True]]))
    return int((np.diff(busy) - 1).max())


def _marks(measured: Measured, wanted: np.ndarray) -> np.ndarray:
    acts, links = measured.activities, measured.links
    talk = np.isin(acts.kind[links.activity], (EMAIL, CALL, MEETING))
    return measured.past & wanted[links.record] & talk & (acts.at[links.activity] != NEVER)


def _counted(measured: Measured, wanted: np.ndarray, name: str, every: np.ndarray) -> pd.DataFrame:
    acts = measured.activities
    activity = np.unique(measured.links.activity[_marks(measured, wanted)])
    zone = measured.asked.zone
    local = bucket(acts.at[activity], name, zone).to_numpy().astype("M8[D]")
    place = np.searchsorted(every, local)
    known = place < every.size
    known[known] &= every[place[known]] == local[known]
    activity, place = activity[known], place[known]
    out = {name: every.astype("M8[s]")}
    for series, (kind, way) in SERIES.items():
        own = (acts.kind[activity] == kind) & (acts.direction[activity] == way)
        out[series] = np.bincount(place[own], minlength=every.size)
    out["activities"] = np.bincount(place, minlength=every.size)
    return pd.DataFrame(out)
