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


def by_day(measured: Measured, wanted: np.ndarray, days: int, tasks: bool = False) -> pd.DataFrame:
    """Done activities of some records in the last days, each activity once.

    Parameters
    ----------
    measured : Measured
    wanted : numpy.ndarray of bool
        A mark for each record.
    days : int
        Dates up to and with that of as_of, in the reporting zone.
    tasks : bool
        Whether `activities` holds tasks and others too.

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
    return _counted(measured, wanted, "day", every, tasks)


def by_record_and_day(
    measured: Measured, wanted: np.ndarray, days: int, scores: bool = False
) -> pd.DataFrame:
    """A line for each record and day, as an export for other tools.

    Parameters
    ----------
    measured : Measured
    wanted : numpy.ndarray of bool
        A mark for each record.
    days : int
        Dates up to and with that of as_of, in the reporting zone.
    scores : bool
        Whether every day of every record has a line, with the score at the end of the day; else
        only days on which something was done.

    Returns
    -------
    pandas.DataFrame
        ``key, name, day``, the series of `by_day`, ``activities`` and ``score``, which is missing
        unless asked for or where too little was known.
    """
    asked, records, links = measured.asked, measured.records, measured.links
    last = bucket(np.array([asked.instant]), "day", asked.zone).to_numpy().astype("M8[D]")[0]
    every = last - np.arange(days)[::-1]
    acts, link = measured.activities, np.flatnonzero(_marks(measured, wanted))
    activity = links.activity[link]
    local = bucket(acts.at[activity], "day", asked.zone).to_numpy().astype("M8[D]")
    place = np.searchsorted(every, local)
    inside = (local >= every[0]) & (local <= every[-1])
    cell = links.record[link] * days + place
    chosen = np.flatnonzero(wanted)
    cells = (chosen[:, None] * days + np.arange(days)).ravel() if scores else np.unique(
        cell[inside])  # fmt: skip
    at = np.searchsorted(cells, cell[inside])
    activity = activity[inside]
    record, day = cells // days, cells % days
    out: dict[str, np.ndarray] = {
        "key": records.keys[record], "name": records.names[record],
        "day": every[day].astype("M8[s]"),
    }  # fmt: skip
    for series, (kind, way) in SERIES.items():
        own = (acts.kind[activity] == kind) & (acts.direction[activity] == way)
        out[series] = np.bincount(at[own], minlength=cells.size)
    out["activities"] = np.bincount(at, minlength=cells.size)
    out["score"] = np.full(cells.size, np.nan)
    if scores:
        out["score"] = measured.daily_scores(days)[:, chosen].T.ravel()
    return pd.DataFrame(out)


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
    begin, end = gap_of(counts)
    return end - begin


def gap_of(counts: np.ndarray) -> tuple[int, int]:
    """Places at which the longest run without any activity begins, and after which it ends."""
    busy = np.flatnonzero(np.concatenate([[True], np.asarray(counts) > 0, [True]]))
    widest = int(np.argmax(np.diff(busy)))
    return int(busy[widest]), int(busy[widest + 1]) - 1


def links_by_day(
    measured: Measured, wanted: np.ndarray, every: np.ndarray, tasks: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Links that are counted on some days, each activity once, and the place of their day.

    Parameters
    ----------
    measured : Measured
    wanted : numpy.ndarray of bool
        A mark for each record.
    every : numpy.ndarray of datetime64[D]
        Days of the reporting zone, in order.
    tasks : bool
    """
    link = np.flatnonzero(_marks(measured, wanted, tasks))
    _, first = np.unique(measured.links.activity[link], return_index=True)
    link = link[first]
    when = measured.activities.at[measured.links.activity[link]]
    local = bucket(when, "day", measured.asked.zone).to_numpy().astype("M8[D]")
    place = np.searchsorted(every, local)
    known = place < every.size
    known[known] &= every[place[known]] == local[known]
    return link[known], place[known]


def _marks(measured: Measured, wanted: np.ndarray, tasks: bool = False) -> np.ndarray:
    acts, links = measured.activities, measured.links
    talk = np.isin(acts.kind[links.activity], (EMAIL, CALL, MEETING)) | tasks
    return measured.past & wanted[links.record] & talk & (acts.at[links.activity] != NEVER)


def _counted(
    measured: Measured, wanted: np.ndarray, name: str, every: np.ndarray, tasks: bool = False
) -> pd.DataFrame:
    acts = measured.activities
    activity = np.unique(measured.links.activity[_marks(measured, wanted, tasks)])
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
