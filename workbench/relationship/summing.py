"""What the activities of each record come to, in one compiled pass.

Source: relationship-analytics.md, section 3.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.relationship.activities import CALL, EMAIL, IN, MEETING, OUT, TASK

COUNTS = (
    "activities", "emails", "emails_sent", "emails_received", "calls", "calls_made",
    "calls_received", "meetings", "meetings_sent", "meetings_received", "tasks",
    "unknown_direction", "started_by_customer", "directed", "without_duration", "shared",
    "followed", "opened", "clicked", "attachments_opened",
)  # fmt: skip
MINUTES = ("team_minutes", "customer_minutes", "face_minutes")


_KIND, _WAY = 7, 24
_SENT, _TIMELESS, _FOLLOWED, _OPENED, _CLICKED, _ATTACHED = (1 << n for n in range(5, 11))


@njit(cache=True, nogil=True)
def packed(kind, direction, sent, minutes, followed, opened, clicked, attachment):
    """What is counted of each activity as one number: links lie far apart, this lies together."""
    out = np.empty(kind.size, np.int16)
    for n in range(kind.size):
        code = kind[n] | ((direction[n] + 1) << 3)
        code |= _SENT * sent[n] | _TIMELESS * np.isnan(minutes[n]) | _FOLLOWED * followed[n]
        code |= _OPENED * opened[n] | _CLICKED * clicked[n] | _ATTACHED * attachment[n]
        out[n] = code
    return out


@njit(cache=True, nogil=True)
def summed_up(size, record, activity, inside, shared, code, spent):
    """Counts and minutes of each record.

    Parameters
    ----------
    size : int
        Number of records.
    record, activity, inside, shared : numpy.ndarray
        Links, whether each is in the window, and whether it is shared.
    code : numpy.ndarray of int16
        Of each activity, from `packed`.
    spent : numpy.ndarray of float
        A line an activity, columns as `MINUTES`.

    Returns
    -------
    tuple of numpy.ndarray
        A column a record: whole numbers in the order of `COUNTS`, floats in that of `MINUTES`.
    """
    counts = np.zeros((size, 20), np.int64)
    sums = np.zeros((size, 3))
    for n in range(record.size):
        if not inside[n]:
            continue
        out, total, at = counts[record[n]], sums[record[n]], activity[n]
        marks = code[at]
        what, way = marks & _KIND, ((marks & _WAY) >> 3) - 1
        out[0] += 1
        out[15] += shared[n]
        for m in range(3):
            total[m] += spent[at, m]
        if what == TASK:
            out[10] += 1
        if what != EMAIL and what != CALL and what != MEETING:
            continue
        first = 1 if what == EMAIL else 4 if what == CALL else 7
        out[first] += 1
        if way == OUT:
            out[first + 1] += what != EMAIL or (marks & _SENT) > 0
        elif way == IN:
            out[first + 2] += 1
            out[12] += 1
        out[13 if way >= 0 else 11] += 1
        if what != EMAIL:
            out[14] += (marks & _TIMELESS) > 0
        elif way == OUT and marks & _FOLLOWED:
            out[16] += 1
            out[17] += (marks & _OPENED) > 0
            out[18] += (marks & _CLICKED) > 0
            out[19] += (marks & _ATTACHED) > 0
    return counts.T.copy(), sums.T.copy()
