"""Contact with customers: what came from them lately and before, and when both sides last spoke."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.engine import around
from workbench.engine.match import ranges
from workbench.engine.matching.steps import NEVER
from workbench.engine.store import EventStore, Stream
from workbench.journeys.growth.question import WEEK, Question
from workbench.journeys.growth.usage import FALLING, NEW, RISING, STEADY
from workbench.journeys.records import acts
from workbench.journeys.scoping import instants

QUIET = "quiet"
_CERTAIN = 0.1
_LEAST_WEEKS = 4
BEFORE = 3


def knows_direction(store: EventStore) -> bool:
    """Whether events say what came in."""
    if not len(store):
        return False
    return bool(
        "direction" in store.columns or "email_received" in store.dictionary("event").to_pylist()
    )


def contact_of(question: Question, customers: pd.DataFrame) -> pd.DataFrame:
    """Contact of each customer.

    Returns
    -------
    pandas.DataFrame
        ``inbound_recent`` (e-mails, calls and meetings from the customer in the recent weeks),
        ``inbound_before`` (in up to three times as many weeks before), ``weeks_before`` (observed),
        ``inbound_ratio`` (recent ÷ before, both by week), ``inbound_p`` (one-sided binomial, that
        so few come by chance), ``inbound`` (rising, steady, falling, quiet where none came in
        either time, too new; empty where events say no direction), ``people_engaged``,
        ``last_two_way_at``.
    """
    store, size = question.workspace.events, len(customers)
    out = pd.DataFrame(index=range(size))
    stream = store.stream("account") if len(store) else None
    if stream is None or not size:
        empty = np.full(size, np.nan)
        names = ("inbound_recent", "inbound_before", "weeks_before", "inbound_ratio", "inbound_p")
        return out.assign(
            **dict.fromkeys(names, empty), inbound=pd.Series([""] * size, dtype="str"),
            people_engaged=0, last_two_way_at=instants(np.full(size, NEVER)),
        )  # fmt: skip
    number = pd.Index(store.container_names(stream)).get_indexer(
        pd.Index(customers["key"].to_numpy(object))
    )
    start = question.recent - BEFORE * question.weeks * WEEK
    owner, rows = _rows(store, stream, number, start, question.end)
    done = acts(store, rows)
    late = store.times[rows] >= question.recent
    recent = np.bincount(owner[done.inbound & late], minlength=size)
    before = np.bincount(owner[done.inbound & ~late], minlength=size)
    weeks_before = _weeks_before(question, customers, store, stream, number)
    out = _compared(question, recent, before, weeks_before)
    if not knows_direction(store):
        out["inbound"] = pd.Series([""] * size, dtype="str")
    out["people_engaged"] = _engaged(store, owner, rows, done.theirs & late, size)
    out["last_two_way_at"] = _last_talk(question, store, stream, number)
    return out


def _rows(
    store: EventStore, stream: Stream, number: np.ndarray, start: int, end: int
) -> tuple[np.ndarray, np.ndarray]:
    """Which customer and which row, for all rows of the chosen accounts in a span."""
    low, high = (part[number] for part in ranges(store, stream, start, end))
    lengths = np.where(number >= 0, high - low, 0)
    owner = np.repeat(np.arange(number.size), lengths)
    first = np.cumsum(lengths) - lengths
    places = np.arange(owner.size) - np.repeat(first, lengths) + np.repeat(low, lengths)
    return owner, stream.row_at(places)


def _weeks_before(
    question: Question, customers: pd.DataFrame, store: EventStore, stream: Stream,
    number: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Weeks before the recent ones in which the customer could have been heard of."""
    begun = np.full(number.size, question.recent, np.int64)
    known = number >= 0
    begun[known] = store.times[stream.row_at(np.asarray(stream.offsets)[:-1][number[known]])]
    since = customers["customer_since"]
    other = since.dt.as_unit("us").astype("int64").to_numpy()
    begun = np.where(since.isna(), begun, np.minimum(begun, other))
    observed = (question.recent - begun) / WEEK
    return np.clip(observed, 0, BEFORE * question.weeks)


def _compared(
    question: Question, recent: np.ndarray, before: np.ndarray, weeks_before: np.ndarray
) -> pd.DataFrame:
    from scipy.stats import binom

    total = recent + before
    share = question.weeks / np.maximum(question.weeks + weeks_before, 1e-9)
    low = binom.cdf(recent, total, share)
    high = binom.sf(recent - 1, total, share)
    expected = np.full(recent.size, np.nan)
    np.divide(before * question.weeks, weeks_before, out=expected, where=weeks_before > 0)
    ratio = np.full(recent.size, np.nan)
    np.divide(recent, expected, out=ratio, where=expected > 0)
    young = weeks_before < _LEAST_WEEKS
    state = np.select(
        [young, total == 0, (ratio <= 0.5) & (low < _CERTAIN), (ratio >= 2) & (high < _CERTAIN)],
        [NEW, QUIET, FALLING, RISING],
        STEADY,
    )
    return pd.DataFrame(
        {
            "inbound_recent": recent.astype(float),
            "inbound_before": before.astype(float),
            "weeks_before": weeks_before,
            "inbound_ratio": ratio,
            "inbound_p": np.where(young | (total == 0), np.nan, low),
            "inbound": pd.Series(state, dtype="str"),
        }
    )


def _engaged(
    store: EventStore, owner: np.ndarray, rows: np.ndarray, marks: np.ndarray, size: int
) -> np.ndarray:
    """Different people of each customer who did something."""
    if "person" not in store.containers():
        return np.zeros(size, np.int64)
    missing = store.columns["person_id"]["values"]
    person = store.column("person_id")[rows].astype(np.int64)
    known = marks & (person != missing)
    pairs = np.unique(owner[known] * (missing + 1) + person[known])
    return np.bincount(pairs // (missing + 1), minlength=size)


def _last_talk(
    question: Question, store: EventStore, stream: Stream, number: np.ndarray
) -> pd.Series:
    """When both sides last spoke: a meeting, a call, or an e-mail that came in."""
    start = question.workspace.bounds(question.period)[0]
    low, high = (
        np.where(number >= 0, part[number], 0)
        for part in ranges(store, stream, start, question.end)
    )
    done = acts(store)
    place = around.last_marked(done.talk | done.inbound, stream, low, high)
    out = np.full(number.size, NEVER)
    out[place >= 0] = store.times[stream.row_at(place[place >= 0])]
    return instants(out)
