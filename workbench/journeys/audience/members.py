"""Everybody behind an audience, as a list that can be exported."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.engine.matching.steps import NEVER
from workbench.journeys.audience.counting import Counted
from workbench.journeys.audience.question import Question
from workbench.journeys.scoping import instants, named_containers
from workbench.messages import message

COLUMNS: Mapping[str, str] = {
    "key": "Key of the container",
    "name": "Its name, or the key where none is known",
    "in_segment": "Whether the segment keeps any of its events",
    "first_event_at": "Its first event in the period (UTC)",
    "last_event_at": "Its last event in the period (UTC)",
    "events": "Its events in the period",
    "events_kept": "Of these, the events that the segment keeps",
    "parts_met": "Parts of the segment that are met one after another, from the first one on",
    "why_not": "The first part that is not met; empty for those in the segment",
}


def members(question: Question, counted: Counted, passing: bool | None) -> pd.DataFrame:
    """Containers in the segment, outside it, or all; the one with the latest event first."""
    chosen = counted.present if passing is None else counted.present & (counted.passes == passing)
    frame = described(question, counted, np.flatnonzero(chosen))
    return frame.sort_values(["last_event_at", "key"], ascending=[False, True], ignore_index=True)


def samples(question: Question, counted: Counted, most: int) -> pd.DataFrame:
    """Some containers in the segment and some that came closest to it, those with most events."""
    events = counted.grouping.high - counted.grouping.low
    met = parts_met(counted)
    out = []
    for passing in (True, False):
        numbers = np.flatnonzero(counted.present & (counted.passes == passing))
        order = np.lexsort((numbers, -events[numbers], -met[numbers]))
        out.append(described(question, counted, numbers[order[:most]]))
    return pd.concat(out, ignore_index=True)


def parts_met(counted: Counted) -> np.ndarray:
    """Parts that each container meets one after another."""
    met = np.zeros(len(counted.grouping), np.int64)
    for part in counted.parts:
        met += part.passed
    return met


def described(question: Question, counted: Counted, numbers: np.ndarray) -> pd.DataFrame:
    """Some containers with the columns of `COLUMNS`."""
    store, grouping = question.workspace.events, counted.grouping
    who = named_containers(question.workspace, grouping.stream, numbers)
    low, high = grouping.low[numbers], grouping.high[numbers]
    times = np.full((2, numbers.size), NEVER, np.int64)
    if numbers.size:
        times[0] = store.times[grouping.stream.row_at(np.asarray(low))]
        times[1] = store.times[grouping.stream.row_at(np.asarray(high) - 1)]
    met = parts_met(counted)[numbers]
    passes = counted.passes[numbers]
    return pd.DataFrame(
        {
            "key": who["key"],
            "name": who["name"],
            "in_segment": passes,
            "first_event_at": instants(times[0]),
            "last_event_at": instants(times[1]),
            "events": np.asarray(high - low, np.int64),
            "events_kept": counted.kept[numbers].astype(np.int64),
            "parts_met": met,
            "why_not": _why_not(question, counted, met, passes),
        },
        columns=list(COLUMNS),
    )


def _why_not(
    question: Question, counted: Counted, met: np.ndarray, passes: np.ndarray
) -> np.ndarray:
    """The first part that is not met, for each container outside the segment."""
    reasons = [part.missing for part in counted.parts]
    if question.segment.exclude:
        last = message("meets all that is left out")
        reasons = [last] * (len(counted.parts) + 1)
    else:
        last = message("no event in “{name}”", name=question.segment.name)
        reasons.append(last)
    texts = np.array(reasons, object)[met]
    texts[passes] = ""
    return texts
