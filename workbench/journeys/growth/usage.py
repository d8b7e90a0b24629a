"""What customers use: weeks held against each other, seats, and which items."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.engine.store import EventStore
from workbench.journeys.growth.question import WEEK, Question

RISING, STEADY, FALLING, NEW, UNUSED = "rising", "steady", "falling", "too new", "not used"
MEASURES = ("uses", "usage_count", "events", "count", "quantity")
_CERTAIN = 0.05
_CHANGE = 0.2


def usage_rows(question: Question, keys: pd.Series) -> pd.DataFrame | None:
    """Rows of use of the customers that matter: number of the customer, time, measures, item.

    Returns
    -------
    pandas.DataFrame or None
        ``number, time, uses, active_users, seats, item``; None where no such event is known.
    """
    store = question.workspace.events
    if not len(store) or question.usage_event not in store.dictionary("event").to_pylist():
        return None
    code = store.dictionary("event").to_pylist().index(question.usage_event)
    before = question.recent - question.weeks * WEEK
    low = min(question.end - question.owned_within.microseconds, before)
    times = store.times
    rows = np.flatnonzero((store.column("event") == code) & (times >= low) & (times < question.end))
    names = store.dictionary("account_id").to_numpy(zero_copy_only=False)
    number_of = pd.Index(keys.to_numpy(object)).get_indexer(pd.Index(names))
    number = number_of[store.column("account_id")[rows]]
    rows, number = rows[number >= 0], number[number >= 0]
    out = pd.DataFrame({"number": number, "time": times[rows]})
    out["uses"] = _measure(store, MEASURES, rows, 1.0)
    out["active_users"] = _measure(store, ("active_users",), rows, np.nan)
    out["seats"] = _measure(store, ("seats",), rows, np.nan)
    item = item_of(question)
    values = store.values_at(item, rows) if item else np.full(rows.size, None, object)
    out["item"] = pd.Series(values, dtype="object").astype("str")
    return out


def item_of(question: Question) -> str | None:
    """The dimension of use that names what is owned: the one asked for, else the first known."""
    store = question.workspace.events
    wanted = (question.item,) if question.item else ("product", "feature")
    for name in wanted:
        known = store.columns.get(name, {})
        if known.get("kind") == "text" and known["values"]:
            return name
    return None


def _measure(
    store: EventStore, names: tuple[str, ...], rows: np.ndarray, default: float
) -> np.ndarray:
    for name in names:
        if name in store.columns and store.columns[name]["kind"] == "measure":
            values = np.asarray(store.column(name)[rows], float)
            return np.where(np.isnan(values), default, values)
    return np.full(rows.size, default)


def trends(question: Question, customers: pd.DataFrame, rows: pd.DataFrame | None) -> pd.DataFrame:
    """Use of each customer in the recent weeks and as many before.

    Returns
    -------
    pandas.DataFrame
        ``uses_recent, uses_before, weeks_used_recent, weeks_used_before, uses_change`` (recent ÷
        before − 1), ``usage_p`` (rank test of the weeks, two-sided) and ``usage``: rising or
        falling by a fifth or more where the ranks of the weeks differ at 5 %; too new where the
        customer is younger than both spans; not used; steady otherwise; empty without any use
        known.

    Notes
    -----
    Ranks of weeks, not sums, decide: one loud week makes no trend.
    """
    weeks, size = question.weeks, len(customers)
    names = ["uses_recent", "uses_before", "weeks_used_recent", "weeks_used_before",
             "uses_change", "usage_p"]  # fmt: skip
    if rows is None or not size:
        unknown = pd.DataFrame({name: np.full(size, np.nan) for name in names})
        return unknown.assign(usage=pd.Series([""] * size, dtype="str"))
    age = (question.end - 1 - rows["time"].to_numpy()) // WEEK
    inside = age < 2 * weeks
    place = rows["number"].to_numpy()[inside] * (2 * weeks) + age[inside]
    table = np.bincount(place, weights=rows["uses"].to_numpy()[inside], minlength=size * 2 * weeks)
    table = table.reshape(size, 2 * weeks)
    recent, before = table[:, :weeks], table[:, weeks:]
    sums, old = recent.sum(1), before.sum(1)
    change = np.full(size, np.nan)
    np.divide(sums, old, out=change, where=old > 0)
    change -= 1
    p_value = _rank_test(recent, before)
    since = customers["customer_since"]
    young = (since > pd.Timestamp(question.end - 2 * weeks * WEEK, unit="us", tz="UTC")).to_numpy()
    grown = (sums > old) & ((old == 0) | (change >= _CHANGE))
    shrunk = (sums < old) & (change <= -_CHANGE)
    state = np.select(
        [(sums == 0) & (old == 0), young, grown & (p_value < _CERTAIN),
         shrunk & (p_value < _CERTAIN)],
        [UNUSED, NEW, RISING, FALLING], STEADY,
    )  # fmt: skip
    return pd.DataFrame(
        {
            "uses_recent": sums,
            "uses_before": old,
            "weeks_used_recent": (recent > 0).sum(1).astype(float),
            "weeks_used_before": (before > 0).sum(1).astype(float),
            "uses_change": change,
            "usage_p": p_value,
            "usage": pd.Series(state, dtype="str"),
        }
    )


def _rank_test(recent: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Two-sided Mann–Whitney p-value of each line; 1 where all weeks are the same."""
    from scipy.stats import mannwhitneyu

    out = np.ones(len(recent))
    varied = np.ptp(np.hstack([recent, before]), axis=1) > 0
    if varied.any():
        found = mannwhitneyu(recent[varied], before[varied], axis=1, method="asymptotic")
        out[varied] = found.pvalue
    return out


def seats_of(question: Question, size: int, rows: pd.DataFrame | None) -> pd.DataFrame:
    """Seats and people who use them in the recent weeks: active_users (median), seats, share.

    Returns
    -------
    pandas.DataFrame
        ``active_users`` (median of the rows that know both), ``seats`` (of the newest such row),
        ``share_of_seats``; missing where nothing is known.
    """
    out = pd.DataFrame(
        {name: np.full(size, np.nan) for name in ("active_users", "seats", "share_of_seats")}
    )
    if rows is None:
        return out
    known = rows[
        (rows["time"] >= question.recent) & (rows["seats"] > 0) & rows["active_users"].notna()
    ]
    known = known.sort_values(["number", "time", "seats"])
    grouped = known.groupby("number")
    median, seats = grouped["active_users"].median(), grouped["seats"].last()
    out.loc[median.index, "active_users"] = median.to_numpy()
    out.loc[seats.index, "seats"] = seats.to_numpy()
    out["share_of_seats"] = np.minimum(out["active_users"] / out["seats"], 1.0)
    return out
