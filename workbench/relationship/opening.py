"""The activities behind a number of a relationship.

Source: relationship-analytics.md, section 3.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.relationship.activities import CALL, EMAIL, IN, MEETING, TYPES
from workbench.relationship.counting import KINDS
from workbench.relationship.frames import WAYS, instants
from workbench.relationship.measuring import Measured

NUMBERS = (*KINDS, "unknown_direction", "without_duration", "answered_by_us", "asked_of_us",
           "answered_by_them", "asked_of_them", "started_by_customer", "directed", "overdue",
           "shared", "all")  # fmt: skip


def opened(measured: Measured, name: str, wanted: np.ndarray) -> pd.DataFrame:
    """The activities that a number counts.

    Parameters
    ----------
    measured : Measured
    name : str
        One of `NUMBERS`.
    wanted : numpy.ndarray of bool
        A mark for each record.

    Returns
    -------
    pandas.DataFrame
        As `listed`.
    """
    if name not in NUMBERS:
        raise ArgumentError.of("name", name, NUMBERS)
    links = measured.links
    return listed(measured, np.flatnonzero(_marked(measured, name) & wanted[links.record]))


def listed(measured: Measured, chosen: np.ndarray) -> pd.DataFrame:
    """Some links as a table.

    Parameters
    ----------
    measured : Measured
    chosen : numpy.ndarray of int64
        Places of the links.

    Returns
    -------
    pandas.DataFrame
        ``key, activity_id, type, direction, begun_at, ended_at, minutes, subject, regarding,
        shared``; instants in UTC, `regarding` whether the activity names the record.
    """
    links, acts = measured.links, measured.activities
    activity = links.activity[chosen]
    return pd.DataFrame(
        {
            "key": measured.records.keys[links.record[chosen]],
            "activity_id": acts.text_of("activity_id", activity),
            "type": np.array(TYPES, object)[acts.kind[activity]],
            "direction": WAYS[acts.direction[activity]],
            "begun_at": instants(acts.at[activity]),
            "ended_at": instants(acts.ended[activity]),
            "minutes": acts.minutes[activity],
            "subject": acts.text_of("subject", activity),
            "regarding": links.regarding[chosen],
            "shared": links.shared[chosen],
        }
    )


def _marked(measured: Measured, name: str) -> np.ndarray:
    counted, links = measured.counted, measured.links
    acts, activity = counted.activities, links.activity
    if name in KINDS:
        return counted.mark(name)
    if name == "all":
        return np.ones(activity.size, bool)
    if name == "shared":
        return counted.inside & links.shared
    if name == "overdue":
        return counted.late
    talk = np.isin(acts.kind[activity], (EMAIL, CALL, MEETING))
    if name in ("started_by_customer", "directed"):
        begun = counted.directed & (acts.direction[activity] == IN)
        return begun if name == "started_by_customer" else counted.directed
    if name == "unknown_direction":
        return counted.inside & talk & ~counted.directed
    if name == "without_duration":
        timed = talk & (acts.kind[activity] != EMAIL)
        return counted.inside & timed & np.isnan(acts.minutes[activity])
    turns = counted.turns
    own = turns.by_customer == name.endswith("us")
    own &= (turns.answer >= 0) if name.startswith("answered") else turns.matured
    size = max(len(acts), 1)
    return np.isin(links.record * size + activity, turns.record[own] * size + turns.activity[own])
