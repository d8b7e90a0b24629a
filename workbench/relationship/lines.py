"""Participants brought into the order of their activities, in one compiled pass.

Source: relationship-analytics.md, section 2.
"""

from __future__ import annotations

import numpy as np
from numba import njit

TEAM, CUSTOMER = 1, 2
STARTS, BLIND, RECEIVED, ORGANIZES, ABSENT, OWN, ADDRESSED = (1 << n for n in range(7))
# Longer lists are sorted as a whole, shorter ones by putting each line in its place.
_SHORT = 24


@njit(cache=True, nogil=True)
def sides_of(said, person, user, flags, internal):
    """Side of each line: as written, else by who it is; 0 where nothing tells."""
    out = np.empty(said.size, np.int8)
    for n in range(said.size):
        if said[n]:
            out[n] = said[n]
        elif user[n] >= 0 or (flags[n] & OWN) or (person[n] >= 0 and internal[person[n]]):
            out[n] = TEAM
        elif person[n] >= 0 or (flags[n] & ADDRESSED):
            out[n] = CUSTOMER
        else:
            out[n] = 0
    return out


@njit(cache=True, nogil=True)
def summed(size, activity, side, flags):
    """Of each activity: lines, receivers, and bits of what its lines say.

    The bits: 1 and 2 a line of our and of the customer's side, 4 and 8 one of them started it,
    16 it has an organizer.
    """
    lines, receivers = np.zeros(size, np.int64), np.zeros(size, np.int64)
    bits = np.zeros(size, np.int8)
    for n in range(activity.size):
        at = activity[n]
        if at < 0:
            continue
        lines[at] += 1
        receivers[at] += (flags[n] & RECEIVED) > 0
        if side[n] == TEAM:
            bits[at] |= 5 if flags[n] & STARTS else 1
        elif side[n] == CUSTOMER:
            bits[at] |= 10 if flags[n] & STARTS else 2
        if flags[n] & ORGANIZES:
            bits[at] |= 16
    return lines, receivers, bits


@njit(cache=True, nogil=True)
def ordered(lines, bits, owner, other, internal, activity, person, user, side, flags):
    """Lines by activity, side, person and user; an activity's own people where a side has none.

    Returns
    -------
    tuple of numpy.ndarray
        Activity, person, user, side, whether the line links, and whether it may have been there.
    """
    size = lines.size
    begins = np.zeros(size + 1, np.int64)
    for n in range(size):
        more = 0
        if not bits[n] & 1 and owner[n] >= 0:
            more += 1
        if not bits[n] & 2 and other[n] >= 0 and not internal[other[n]]:
            more += 1
        begins[n + 1] = begins[n] + lines[n] + more
    total = begins[size]
    out_activity, out_side = np.empty(total, np.int64), np.empty(total, np.int8)
    out_person, out_user = np.empty(total, np.int64), np.empty(total, np.int64)
    links, there = np.empty(total, np.bool_), np.empty(total, np.bool_)
    place = begins[:-1].copy()

    for n in range(activity.size):
        at = activity[n]
        if at < 0:
            continue
        i = place[at]
        place[at] += 1
        out_person[i], out_user[i], out_side[i] = person[n], user[n], side[n]
        links[i], there[i] = not (flags[n] & BLIND), not (flags[n] & ABSENT)
    for n in range(size):
        i = place[n]
        if not bits[n] & 1 and owner[n] >= 0:
            out_person[i], out_user[i], out_side[i] = -1, owner[n], TEAM
            links[i], there[i] = True, True
            i += 1
        if not bits[n] & 2 and other[n] >= 0 and not internal[other[n]]:
            out_person[i], out_user[i], out_side[i] = other[n], -1, CUSTOMER
            links[i], there[i] = True, True
        low, high = begins[n], begins[n + 1]
        out_activity[low:high] = n
        if high - low > _SHORT:
            _sort_many(low, high, out_person, out_user, out_side, links, there)
        else:
            _sort_few(low, high, out_person, out_user, out_side, links, there)
    return out_activity, out_person, out_user, out_side, links, there


@njit(cache=True, nogil=True)
def _sort_few(low, high, person, user, side, links, there):
    for n in range(low + 1, high):
        p, u, s, a, b = person[n], user[n], side[n], links[n], there[n]
        i = n
        while i > low and (
            side[i - 1] > s
            or (
                side[i - 1] == s and (person[i - 1] > p or (person[i - 1] == p and user[i - 1] > u))
            )
        ):
            person[i], user[i], side[i] = person[i - 1], user[i - 1], side[i - 1]
            links[i], there[i] = links[i - 1], there[i - 1]
            i -= 1
        person[i], user[i], side[i], links[i], there[i] = p, u, s, a, b


@njit(cache=True, nogil=True)
def _sort_many(low, high, person, user, side, links, there):
    span = slice(low, high)
    order = np.argsort(user[span], kind="mergesort")
    order = order[np.argsort(person[span][order], kind="mergesort")]
    order = order[np.argsort(side[span][order], kind="mergesort")]
    person[span], user[span] = person[span][order], user[span][order]
    side[span], links[span] = side[span][order], links[span][order]
    there[span] = there[span][order]


@njit(cache=True, nogil=True)
def ours_there(size, activity, person, user, side, links, there):
    """Of each activity: people of ours who were not known to be absent, each once."""
    out = np.zeros(size, np.int64)
    before = -1
    for n in range(activity.size):
        if side[n] != TEAM or not links[n] or not there[n]:
            continue
        same = before >= 0 and activity[before] == activity[n]
        if not (same and user[before] == user[n] and person[before] == person[n]):
            out[activity[n]] += 1
        before = n
    return out


@njit(cache=True, nogil=True)
def lowest_of(size, activity, side, codes, wanted):
    """Of each activity: lowest code among the lines of one side; -1 for none."""
    out = np.full(size, -1, np.int64)
    for n in range(activity.size):
        at, code = activity[n], codes[n]
        if side[n] == wanted and code >= 0 and (out[at] < 0 or code < out[at]):
            out[at] = code
    return out
