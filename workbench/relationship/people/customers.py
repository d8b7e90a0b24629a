"""Who of the customer and of ours was in the done activities of records, and who should be.

Source: relationship-analytics.md, sections 2, 3 and 12 (coverage).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.relationship.activities import EMAIL
from workbench.relationship.frames import user_names
from workbench.relationship.linking import people_of_records
from workbench.relationship.measuring import Measured
from workbench.relationship.participants import CUSTOMER, TEAM
from workbench.relationship.records import NEVER
from workbench.relationship.sorting import distinct, order_of, places_of, spread


@dataclass(frozen=True)
class Together:
    """Who was in which done activity of which record; each once, by record, who and activity.

    Attributes
    ----------
    link : numpy.ndarray of int64
        Place of the link.
    record, who, activity : numpy.ndarray of int64
        `who` is the code of a person or a user.
    """

    link: np.ndarray
    record: np.ndarray
    who: np.ndarray
    activity: np.ndarray


def together(measured: Measured, side: int, wanted: np.ndarray | None = None) -> Together:
    """Persons or users of one side in the done activities of records.

    Parameters
    ----------
    measured : Measured
    side : {1, 2}
        `TEAM` or `CUSTOMER`.
    wanted : numpy.ndarray of bool, optional
        A mark for each link; all done ones when left out.
    """
    acts, links = measured.activities, measured.links
    chosen = np.flatnonzero(measured.past if wanted is None else measured.past & wanted)
    present = acts.present
    codes = present.user if side == TEAM else present.person
    lines = np.flatnonzero(present.of_side(side) & (codes >= 0))
    begins = places_of(present.activity[lines], len(acts))
    activity = links.activity[chosen]
    at, of = spread(begins[activity], begins[activity + 1])
    link, who = chosen[of], codes[lines][at]
    order = order_of(links.record[link], who, links.activity[link])
    link, who = link[order], who[order]
    fresh = np.ones(link.size, bool)
    fresh[1:] = (link[1:] != link[:-1]) | (who[1:] != who[:-1])
    link, who = link[fresh], who[fresh]
    return Together(link, links.record[link], who, links.activity[link])


def listed_people(measured: Measured) -> tuple[np.ndarray, np.ndarray]:
    """The customer's people of every record, each once: place of the record, code of the person."""
    person, record = people_of_records(measured.activities, measured.records)
    size = max(len(measured.activities.people.persons), 1)
    pairs = distinct(record * size + person)
    return pairs // size, pairs % size


def coverage_of(measured: Measured) -> tuple[np.ndarray, np.ndarray]:
    """People of each record, and those of them in any mail until as_of."""
    acts = measured.activities
    present, size = acts.present, len(acts.people.persons)
    lines = np.flatnonzero(present.of_side(CUSTOMER) & (present.person >= 0))
    activity = present.activity[lines]
    mailed = (acts.kind[activity] == EMAIL) & (acts.at[activity] != NEVER)
    mailed &= acts.at[activity] <= measured.asked.instant
    reached = np.bincount(present.person[lines][mailed], minlength=size) > 0
    record, person = listed_people(measured)
    total = len(measured.records)
    people = np.bincount(record, minlength=total)
    return people, np.bincount(record[reached[person]], minlength=total)


def colleagues(measured: Measured, people: bool) -> tuple[np.ndarray, np.ndarray]:
    """Who stands for each user: themselves on request, else their team.

    Parameters
    ----------
    measured : Measured
    people : bool
        Whether members of staff are named.

    Returns
    -------
    tuple of numpy.ndarray of object
        Key and name for each code of a user; None as the key of those without a team.
    """
    workspace = measured.asked.workspace
    keys = np.array(measured.activities.people.users.to_pylist(), object)
    if people:
        return keys, user_names(workspace, keys)
    if not workspace.has("users", "user_id", "team"):
        nobody = np.full(keys.size, None, object)
        return nobody, nobody
    read = workspace.sql(
        "SELECT user_id::VARCHAR AS key, min(team)::VARCHAR AS team FROM users GROUP BY 1"
    )
    team = {k: t for k, t in zip(read["key"], read["team"], strict=True) if isinstance(t, str)}
    found = np.array([team.get(key) for key in keys], object)
    return found, found
