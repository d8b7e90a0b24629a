"""The lists behind a comparison: fields, won deals, and activities."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.relationship.activities import TYPES
from workbench.relationship.alike import fields
from workbench.relationship.alike.comparing import ends_of
from workbench.relationship.alike.found import Found, measures_of
from workbench.relationship.frames import WAYS, instants, user_names


def fields_of(found: Found) -> pd.DataFrame:
    """A line a field: whether it counts, why not, and how many deals have a value.

    Returns
    -------
    pandas.DataFrame
        ``field, label, kind, used, reason, won_known, won, lost_known, lost``
    """
    words = fields.labels()
    return pd.DataFrame(
        {
            "field": [f.name for f in found.fields],
            "label": [words.get(f.name, f.name) for f in found.fields],
            "kind": [f.kind for f in found.fields],
            "used": [not f.reason for f in found.fields],
            "reason": [f.reason for f in found.fields],
            "won_known": [f.known_won for f in found.fields],
            "won": found.won.size,
            "lost_known": [f.known_lost for f in found.fields],
            "lost": int(found.lost.sum()),
        }
    )


def group_of(found: Found, place: int) -> np.ndarray:
    """Places of the won deals of one open deal."""
    offsets, every = found.groups
    return every[offsets[place] : offsets[place + 1]]


def values_of(found: Found, place: int) -> np.ndarray:
    """Measures of the won deals of one open deal, a line each, within its age."""
    group = group_of(found, place)
    begins = found.begins[group]
    ends = ends_of(begins, int(found.ages[place]), found.instant)
    return found.done.within(group, begins, ends)


def deals_of(found: Found, place: int) -> pd.DataFrame:
    """The won deals of one open deal, with their measures and the parts of their distance.

    Returns
    -------
    pandas.DataFrame
        As `SimilarWon.deals`.
    """
    group, records = group_of(found, place), found.measured.records
    space = found.space
    parts = space.distances(int(found.deals[place]), group)
    compared = (~np.isnan(parts)).sum(axis=1)
    amounts, currency = found.money
    out = pd.DataFrame(
        {
            "key": records.keys[group],
            "name": records.names[group],
            "account_id": records.account[group],
            "owner": user_names(found.measured.asked.workspace, records.owner[group]),
            "closed_at": instants(records.closed_at[group]),
            "amount": amounts[group],
            "currency": np.full(group.size, currency or None, object),
            "distance": np.where(compared > 0, np.nansum(parts, axis=1), np.nan),
            "fields": compared,
            **measures_of(values_of(found, place)),
        }
    )
    for n, field in enumerate(space.fields):
        out[f"part_{field.name}"] = parts[:, n]
    return out


def members_of(found: Found, place: int, name: str, of_won: bool) -> pd.DataFrame:
    """The activities behind one measure of an open deal, or of its won deals.

    Returns
    -------
    pandas.DataFrame
        As `SimilarWon.members`.
    """
    done, acts = found.done, found.measured.activities
    deals = group_of(found, place) if of_won else found.deals[place : place + 1]
    begins = found.begins[deals]
    ends = np.full(deals.size, found.instant)
    if of_won:
        ends = ends_of(begins, int(found.ages[place]), found.instant)
    turns = name in ("hours_by_us", "hours_by_them", "answered_by_us", "answered_by_them")
    chosen, whose = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    offsets = done.turn_offsets if turns else done.offsets
    for deal, begin, end in zip(deals, begins, ends, strict=True):
        span = np.arange(offsets[deal], offsets[deal + 1])
        own = _counts(found, name, span, turns) & _inside(found, span, begin, end, turns)
        chosen.append(span[own])
        whose.append(np.full(int(own.sum()), deal))
    at = np.concatenate(chosen)
    activity = done.asked[at] if turns else done.activity[at]
    hours = done.hours if turns else done.theirs if name == "customer_hours" else done.ours
    return pd.DataFrame(
        {
            "key": found.measured.records.keys[np.concatenate(whose)],
            "activity_id": acts.text_of("activity_id", activity),
            "type": np.array(TYPES, object)[acts.kind[activity]],
            "direction": WAYS[acts.direction[activity]],
            "begun_at": instants(acts.at[activity]),
            "ended_at": instants(acts.ended[activity]),
            "subject": acts.text_of("subject", activity),
            "hours": hours[at],
        }
    )


def _inside(found: Found, span: np.ndarray, begin: int, end: int, turns: bool) -> np.ndarray:
    done = found.done
    first, last = (done.asked_at, done.answered_at) if turns else (done.begun, done.done)
    return (first[span] >= begin) & (last[span] <= end)


def _counts(found: Found, name: str, span: np.ndarray, turns: bool) -> np.ndarray:
    done = found.done
    if turns:
        return done.by_customer[span] == name.endswith("us")
    marks = {
        "started_by_us": done.begun_by_us[span],
        "emails_sent": done.sent[span],
        "emails_received": done.received[span],
        "ratio_by_us": done.sent[span] | done.received[span],
        "ratio_by_them": done.sent[span] | done.received[span],
        "team_hours": done.ours[span] > 0,
        "customer_hours": done.theirs[span] > 0,
    }
    return marks.get(name, np.ones(span.size, bool))
