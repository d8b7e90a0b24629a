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


@njit(cache=True, nogil=True)
def summed_up(
    size, record, activity, inside, shared, kind, direction, sent, minutes, followed, opened,
    clicked, attachment, ours, theirs, once,
):  # fmt: skip
    """Counts and minutes of each record.

    Returns
    -------
    tuple of numpy.ndarray
        A column a record: whole numbers in the order of `COUNTS`, floats in that of `MINUTES`.
    """
    counts = np.zeros((size, 20), np.int64)
    spent = np.zeros((size, 3))
    for n in range(record.size):
        if not inside[n]:
            continue
        out, at = counts[record[n]], activity[n]
        what, way = kind[at], direction[at]
        out[0] += 1
        out[15] += shared[n]
        total = spent[record[n]]
        total[0] += ours[at]
        total[1] += theirs[at]
        total[2] += once[at]
        if what == TASK:
            out[10] += 1
        if what != EMAIL and what != CALL and what != MEETING:
            continue
        first = 1 if what == EMAIL else 4 if what == CALL else 7
        out[first] += 1
        if way == OUT:
            out[first + 1] += what != EMAIL or sent[at]
        elif way == IN:
            out[first + 2] += 1
            out[12] += 1
        out[13 if way >= 0 else 11] += 1
        if what != EMAIL:
            out[14] += np.isnan(minutes[at])
        elif way == OUT and followed[at]:
            out[16] += 1
            out[17] += opened[at]
            out[18] += clicked[at]
            out[19] += attachment[at]
    return counts.T.copy(), spent.T.copy()
