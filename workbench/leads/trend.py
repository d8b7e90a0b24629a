"""The last full month beside the first one of a range of months.

Source: partner-leads.md, section 9 (trend).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.leads.question import Question
from workbench.messages import message
from workbench.vocabulary.periods import bucket

COLUMNS = {
    "measure": "received, answered, accepted, expired or won",
    "first_month": "First full month of the range",
    "last_month": "Last full month before the instant that is looked from",
    "first": "Leads of the first month",
    "last": "Leads of the last month",
    "change": "(last - first) / first; missing where the first is zero",
}


def trend(question: Question, months: int) -> pd.DataFrame:
    """Leads that arrived in the first and in the last of some full months, and what became of them.

    Parameters
    ----------
    months : int
        Full months of the range, the last one before `as_of`; 2 or more.

    Returns
    -------
    pandas.DataFrame
        With `COLUMNS`.

    Raises
    ------
    ArgumentError
    """
    if not isinstance(months, int) or isinstance(months, bool) or not 2 <= months <= 120:
        raise ArgumentError.of("months", months, message("a whole number from 2 to 120"))
    records, states = question.records, question.states
    arrived = _months(records["created_at"], question.zone)
    last = _months(np.array([states.at]), question.zone)[0] - 1
    first = last - (months - 1)
    part = question.chosen & records.actionable
    declined = states.stage == "declined"
    measures = {
        "received": part,
        "answered": part & (states.accepted | declined),
        "accepted": part & states.accepted,
        "expired": part & (states.stage == "expired"),
        "won": part & (states.stage == "won"),
    }
    rows = []
    for name, mask in measures.items():
        before, after = (int((mask & (arrived == month)).sum()) for month in (first, last))
        change = (after - before) / before if before else np.nan
        rows.append((name, pd.Timestamp(first), pd.Timestamp(last), before, after, change))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _months(microseconds: np.ndarray, zone: str) -> np.ndarray:
    return bucket(microseconds, "month", zone).to_numpy().astype("M8[M]")
