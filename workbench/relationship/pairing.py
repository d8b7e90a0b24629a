"""Pairs of record and activity in two compiled passes: by what is named, and by who took part.

Source: relationship-analytics.md, section 2.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.relationship.lines import CUSTOMER, TEAM


@njit(cache=True, nogil=True)
def paired(
    size, regarding, begins, person, user, side, counts, of_person, places, needs_team, of_team,
    team,
):  # fmt: skip
    """Activities of every record, each once, by record and then by place.

    Parameters
    ----------
    size : int
        Number of records.
    regarding : numpy.ndarray of int64
        Place of the record that each activity names; -1 for none.
    begins, person, user, side, counts : numpy.ndarray
        Lines of participants, where those of each activity begin, and whether they link.
    of_person, places : numpy.ndarray of int64
        Where the records of each person begin, and their places.
    needs_team : bool
        Whether somebody of the record's team must have taken part.
    of_team, team : numpy.ndarray of int64
        Where the users of each record begin, and their codes.

    Returns
    -------
    tuple of numpy.ndarray
        Record, activity, and whether the activity names the record.
    """
    number = np.zeros(size + 1, np.int64)
    last = np.full(size, -1, np.int64)
    nothing = np.empty(0, np.int64), np.empty(0, np.bool_)
    _walk(regarding, begins, person, user, side, counts, of_person, places, needs_team, of_team,
          team, last, number[1:], False, nothing[0], nothing[1])  # fmt: skip
    offsets = np.cumsum(number)
    total = offsets[size]
    record, activity = np.empty(total, np.int64), np.empty(total, np.int64)
    names = np.empty(total, np.bool_)
    for r in range(size):
        record[offsets[r] : offsets[r + 1]] = r
    last[:] = -1
    _walk(regarding, begins, person, user, side, counts, of_person, places, needs_team, of_team,
          team, last, offsets[:-1].copy(), True, activity, names)  # fmt: skip
    return record, activity, names


@njit(cache=True, nogil=True)
def _walk(
    regarding, begins, person, user, side, counts, of_person, places, needs_team, of_team, team,
    last, place, fill, activity, names,
):  # fmt: skip
    for n in range(regarding.size):
        named = regarding[n]
        if named >= 0:
            last[named] = n
            if fill:
                activity[place[named]], names[place[named]] = n, True
            place[named] += 1
        low, high = begins[n], begins[n + 1]
        # Lines of an activity stand by side: those of our side come before the customer's.
        while low < high and side[low] < TEAM:
            low += 1
        ours = low
        while ours < high and side[ours] == TEAM:
            ours += 1
        for i in range(ours, high):
            if side[i] != CUSTOMER or not counts[i] or person[i] < 0:
                continue
            for j in range(of_person[person[i]], of_person[person[i] + 1]):
                r = places[j]
                if last[r] == n:
                    continue
                if needs_team and not _of_team(r, low, ours, user, counts, of_team, team):
                    continue
                last[r] = n
                if fill:
                    activity[place[r]], names[place[r]] = n, False
                place[r] += 1


@njit(cache=True, nogil=True)
def _of_team(record, low, high, user, counts, of_team, team):
    for i in range(low, high):
        if counts[i] and user[i] >= 0:
            for j in range(of_team[record], of_team[record + 1]):
                if team[j] == user[i]:
                    return True
    return False
