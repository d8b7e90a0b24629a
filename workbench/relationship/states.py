"""Records that get no score whatever was done with them, and why any record has none.

Source: relationship-analytics.md, sections 4 and 5 (states).
"""

from __future__ import annotations

from datetime import date

import numpy as np

from workbench.messages import message, message_of_count
from workbench.relationship.health import NOTHING_DONE, UNSURE, Parts
from workbench.relationship.records import NEVER, Records
from workbench.relationship.rules import DAY_US, Rules

WRONG, TOO_OLD, SCORED = 6, 7, -1


def barred_of(records: Records, instant: int, rules: Rules) -> np.ndarray:
    """Code of the state of each record that gets no score whatever was done; -1 for all others.

    Parameters
    ----------
    records : Records
    instant : int
        Microseconds since 1970.
    rules : Rules
    """
    out = np.full(len(records), SCORED, np.int8)
    if rules.limit_age:
        known = records.created_at != NEVER
        out[known & (records.created_at < _two_years_before(instant))] = TOO_OLD
    out[records.closed & (records.closed_at == NEVER)] = WRONG
    return out


def reason_of(state: int, number: int, rules: Rules, of: str = "") -> str | None:
    """Why a record has no score, as a sentence; None where it has one.

    Parameters
    ----------
    state : int
        Code of the state.
    number : int
        Done activities in the look-back.
    rules : Rules
    of : str
        Kind of record.
    """
    if state == WRONG:
        return message("It is closed, but on which day is not known.")
    if state == TOO_OLD:
        return message("It was created more than two years ago.")
    if state == NOTHING_DONE:
        return message("Nothing was ever done with it.")
    if state != UNSURE:
        return None
    if of == "account":
        return message("None of its open opportunities and people has a score.")
    done = message_of_count("{count} activity", "{count} activities", number)
    return message(
        "{done} in {days} days; a score needs {least}.",
        done=done, days=rules.look_back_days, least=rules.least,
    )  # fmt: skip


def reasons_of(state: np.ndarray, parts: Parts, rules: Rules, of: str) -> np.ndarray:
    """Why each record has no score; None where it has one."""
    # Many records share few reasons: each sentence is made once.
    width = np.int64(parts.number.max(initial=0)) + 1
    asked, place = np.unique(state.astype(np.int64) * width + parts.number, return_inverse=True)
    pairs = [divmod(int(pair), int(width)) for pair in asked]
    said = [None if code < UNSURE else reason_of(code, n, rules, of) for code, n in pairs]
    return np.array([*said, None], object)[place]


def _two_years_before(instant: int) -> int:
    day = date(1970, 1, 1).toordinal() + instant // DAY_US
    today = date.fromordinal(day)
    leap = today.month == 2 and today.day == 29
    before = today.replace(year=today.year - 2, day=28 if leap else today.day)
    return instant - (day - before.toordinal()) * DAY_US
