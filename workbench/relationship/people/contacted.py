"""Who is in contact with a record: persons of the customer, and those of ours who know them.

For improving the work for a customer, asked for one record at a time; never a ranking of people.

Source: relationship-analytics.md, section 3 (most contacted, who knows whom).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.relationship.activities import CALL, EMAIL, MEETING
from workbench.relationship.frames import instants, user_names
from workbench.relationship.measuring import Measured
from workbench.relationship.participants import CUSTOMER, TEAM
from workbench.relationship.rules import DAY_US

FADES_DAYS = 90


def in_contact(measured: Measured, place: int, side: int, kinds: tuple[int, ...]) -> pd.DataFrame:
    """Persons or users of one side in the done activities of a record.

    Parameters
    ----------
    measured : Measured
    place : int
        Of the record.
    side : {1, 2}
        `TEAM` or `CUSTOMER`.
    kinds : tuple of int
        Types that count.

    Returns
    -------
    pandas.DataFrame
        ``key, name, interactions, last_at, strength``: `strength` adds one for each activity,
        halved with every 90 days of its age.
    """
    acts, links, people = measured.activities, measured.links, measured.activities.people
    own = (links.record == place) & measured.past & np.isin(acts.kind[links.activity], kinds)
    activity = links.activity[own]
    present = acts.present
    mine = np.zeros(len(acts), bool)
    mine[activity] = True
    codes = present.user if side == TEAM else present.person
    lines = np.flatnonzero(present.of_side(side) & (codes >= 0) & mine[present.activity])
    pairs = np.unique(np.stack([codes[lines], present.activity[lines]]), axis=1)
    who, places = np.unique(pairs[0], return_inverse=True)
    ended = acts.ended[pairs[1]]
    age = (measured.asked.instant - ended) / DAY_US
    last = np.full(who.size, np.iinfo(np.int64).min)
    np.maximum.at(last, places, ended)
    keys = np.array((people.users if side == TEAM else people.persons).to_pylist(), object)[who]
    return pd.DataFrame(
        {
            "key": keys,
            "name": _names(measured, keys, side),
            "interactions": np.bincount(places, minlength=who.size),
            "last_at": instants(last),
            "strength": np.bincount(places, 0.5 ** (age / FADES_DAYS), minlength=who.size),
        }
    )


def most_contacted(
    measured: Measured, place: int, *, latest: bool = False, most: int = 3
) -> pd.DataFrame:
    """Both sides of a record, those with most interactions first, or the latest.

    Returns
    -------
    pandas.DataFrame
        ``side, key, name, interactions, last_at``; ties: the later one, then the name.
    """
    by = ["last_at", "interactions"] if latest else ["interactions", "last_at"]
    parts = []
    for side, said in ((CUSTOMER, "customer"), (TEAM, "team")):
        found = in_contact(measured, place, side, (EMAIL, CALL, MEETING))
        found = found.sort_values([*by, "name", "key"], ascending=[False, False, True, True])
        parts.append(found.head(most).assign(side=said))
    out = pd.concat(parts, ignore_index=True)
    return out[["side", "key", "name", "interactions", "last_at"]]


def who_knows(
    measured: Measured, place: int, *, with_calls: bool = False, most: int = 5
) -> pd.DataFrame:
    """Those of ours who know a record best, by how often and how lately they were in contact.

    Returns
    -------
    pandas.DataFrame
        ``key, name, strength, interactions, last_at``
    """
    kinds = (EMAIL, MEETING, CALL) if with_calls else (EMAIL, MEETING)
    found = in_contact(measured, place, TEAM, kinds)
    found = found.sort_values(
        ["strength", "last_at", "name", "key"], ascending=[False, False, True, True]
    )
    out = found.head(most).reset_index(drop=True)
    return out[["key", "name", "strength", "interactions", "last_at"]]


def _names(measured: Measured, keys: np.ndarray, side: int) -> np.ndarray:
    workspace = measured.asked.workspace
    if side == CUSTOMER:
        return workspace.display_names("person", keys)
    return user_names(workspace, keys)
