"""What people or accounts did lately, and when they were last heard of: one look at their rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.engine import around
from workbench.engine.match import ranges
from workbench.engine.matching.steps import NEVER
from workbench.engine.store import EventStore, Stream
from workbench.journeys.buying_groups.question import Question
from workbench.journeys.records import acts
from workbench.journeys.scoping import instants
from workbench.vocabulary.periods import bucket

COUNTS = ("events", "inbound", "outbound", "points")


def contact_of(question: Question, container: str, keys: np.ndarray) -> pd.DataFrame:
    """Contact of some people or accounts.

    Parameters
    ----------
    container : {"person", "account"}
    keys : numpy.ndarray of str
        Those without any row get zeros and no times.

    Returns
    -------
    pandas.DataFrame
        ``key_of_contact``; ``events`` (what they did), ``inbound``, ``outbound`` (e-mails, calls
        and meetings by direction) and ``points`` (events, at most `cap` of one person, kind and
        day) in the recent time; ``last_touch_at`` (any row) and ``last_engaged_at`` (what they
        did) in the period.
    """
    keys = np.asarray(keys, object)
    store = question.workspace.events
    out = pd.DataFrame({"key_of_contact": keys})
    if container not in store.containers() or not len(store) or not keys.size:
        empty = instants(np.full(keys.size, NEVER))
        return out.assign(**dict.fromkeys(COUNTS, 0), last_touch_at=empty, last_engaged_at=empty)
    stream = store.stream(container)
    number = pd.Index(store.container_names(stream)).get_indexer(pd.Index(keys))
    start, end = question.bounds
    found = number >= 0
    for name, counts in _recent(question, store, stream, number[found], end).items():
        out[name] = 0
        out.loc[found, name] = counts
    low, high = (part[number] for part in ranges(store, stream, start, end))
    low, high = np.where(found, low, 0), np.where(found, high, 0)
    last = np.full(keys.size, NEVER)
    some = high > low
    last[some] = store.times[stream.row_at(high[some] - 1)]
    place = around.last_marked(acts(store).theirs, stream, low, high)
    engaged = np.full(keys.size, NEVER)
    engaged[place >= 0] = store.times[stream.row_at(place[place >= 0])]
    return out.assign(last_touch_at=instants(last), last_engaged_at=instants(engaged))


def _recent(
    question: Question, store: EventStore, stream: Stream, number: np.ndarray, end: int
) -> dict[str, np.ndarray]:
    """Counts of each of the chosen containers in the recent time."""
    low, high = (part[number] for part in ranges(store, stream, question.recent_start, end))
    lengths = high - low
    owner = np.repeat(np.arange(number.size), lengths)
    first = np.cumsum(lengths) - lengths
    places = np.arange(owner.size) - np.repeat(first, lengths) + np.repeat(low, lengths)
    rows = stream.row_at(places)
    done = acts(store, rows)

    def of(marks: np.ndarray) -> np.ndarray:
        return np.bincount(owner[marks], minlength=number.size)

    return {
        "events": of(done.theirs),
        "inbound": of(done.inbound),
        "outbound": of(done.outbound),
        "points": _points(question, store, owner[done.theirs], rows[done.theirs], number.size),
    }


def _points(
    question: Question, store: EventStore, owner: np.ndarray, rows: np.ndarray, size: int
) -> np.ndarray:
    """Events of each, of one kind and day no more than the cap (rule 12)."""
    if not rows.size:
        return np.zeros(size, np.int64)
    zone = question.workspace.settings.report_tz
    days = bucket(store.times[rows], "day", zone).to_numpy().astype("M8[D]").astype(np.int64)
    event = store.column("event")[rows].astype(np.int64)
    kinds = int(event.max()) + 1
    span = int(days.max() - days.min()) + 1
    mark = (owner * kinds + event) * span + (days - days.min())
    distinct, counts = np.unique(mark, return_counts=True)
    capped = np.minimum(counts, question.cap)
    return np.bincount(distinct // (kinds * span), weights=capped, minlength=size).astype(np.int64)
