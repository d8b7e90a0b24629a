"""Sentences that say what stands out about a record: the three largest relative gaps.

Source: relationship-analytics.md, section 3 (summary sentences).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import AbsentError
from workbench.messages import message, message_of_count
from workbench.results import numbers

LEAST, MOST = 5, 3
# What differs by less says nothing: one contact, or a tenth of what is typical.
LEAST_MORE, LEAST_RELATIVE = 2, 0.1
_PAIRS = ("meetings", "calls", "emails")


def summary_of(line: pd.Series, similar: pd.DataFrame | None) -> list[str]:
    """At most three sentences, the largest relative gap first; none under five activities.

    Parameters
    ----------
    line : pandas.Series
        Of the frame of `Relationships`.
    similar : pandas.DataFrame, optional
        Lines ``measure, deal, typical`` beside similar won deals.
    """
    if line["activities"] < LEAST:
        return []
    found = [*_between_sides(line), *(_beside(similar) if similar is not None else [])]
    found.sort(key=lambda gap: -abs(gap[0]))
    return [words for size, words in found if size][:MOST]


def similar_of(asked: Any, key: str) -> pd.DataFrame | None:
    """The comparison of an open opportunity with its similar won deals, where there are any."""
    try:
        found = asked.similar_won().one(key)
    except AbsentError:
        return None
    return found.frame if found.mode == "similar" else None


def _between_sides(line: pd.Series) -> list[tuple[float, str]]:
    """What one side did more of than the other, relative to the mean of both."""
    names = {
        "meetings": ("meetings_sent", "meetings_received"), "calls": ("calls_made",
        "calls_received"), "emails": ("emails_sent", "emails_received"),
    }  # fmt: skip
    out = []
    for kind in _PAIRS:
        ours, theirs = (int(line[name]) for name in names[kind])
        base = (ours + theirs) / 2
        if abs(ours - theirs) >= LEAST_MORE:
            out.append(((ours - theirs) / base, _sides(kind, ours - theirs)))
    return out


def _sides(kind: str, more: int) -> str:
    what = {
        "meetings": message_of_count("{count} more meeting", "{count} more meetings", abs(more)),
        "calls": message_of_count("{count} more call", "{count} more calls", abs(more)),
        "emails": message_of_count("{count} more mail", "{count} more mails", abs(more)),
    }[kind]
    if more > 0:
        return message("We started {what} than the customer.", what=what)
    return message("The customer started {what} than we did.", what=what)


def _beside(similar: pd.DataFrame) -> list[tuple[float, str]]:
    """What differs from similar won deals."""
    out = []
    for line in similar.itertuples():
        gap, typical = float(line.deal) - float(line.typical), float(line.typical)
        if np.isnan(gap) or not typical or abs(gap / typical) < LEAST_RELATIVE:
            continue
        words = _gap(str(line.measure), gap)
        if words:
            out.append((gap / typical, words))
    return out


def _gap(measure: str, gap: float) -> str:
    n = numbers.significant(abs(gap), 2)
    if measure == "hours_by_us" and gap > 0:
        return message("We answer {n} h slower than in similar won deals.", n=n)
    if measure == "hours_by_us":
        return message("We answer {n} h faster than in similar won deals.", n=n)
    if measure == "hours_by_them" and gap > 0:
        return message("The customer answers {n} h slower than in similar won deals.", n=n)
    if measure == "hours_by_them":
        return message("The customer answers {n} h faster than in similar won deals.", n=n)
    more = {
        "activities": message("{n} more activities than similar won deals at this age.", n=n),
        "team_hours": message("{n} h more of our time than in similar won deals.", n=n),
        "customer_hours": message("{n} h more of the customer's time than in similar won deals.",
                                  n=n),
        "started_by_us": message("We began {n} more contacts than in similar won deals.", n=n),
    }  # fmt: skip
    fewer = {
        "activities": message("{n} activities fewer than similar won deals at this age.", n=n),
        "team_hours": message("{n} h less of our time than in similar won deals.", n=n),
        "customer_hours": message("{n} h less of the customer's time than in similar won deals.",
                                  n=n),
        "started_by_us": message("We began {n} contacts fewer than in similar won deals.", n=n),
    }  # fmt: skip
    return (more if gap > 0 else fewer).get(measure, "")
