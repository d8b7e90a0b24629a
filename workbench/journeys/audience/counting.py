"""The parts of a segment and who meets them, and the rows that it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.engine.groupings import Grouping, outermost
from workbench.engine.masks import Marker
from workbench.engine.segments import Requirement, evidence, segment_rows
from workbench.engine.totals import marked_rows_of
from workbench.journeys.audience.question import Question
from workbench.journeys.scoping import everyone_label, shares
from workbench.messages import message
from workbench.results.intervals import wilson
from workbench.vocabulary.segments import Segment
from workbench.vocabulary.spoken import spoken, spoken_step

COLUMNS: Mapping[str, str] = {
    "position": "Number of the line: 0 for all containers, the largest for the segment itself",
    "part": "What is asked, in words",
    "kind": "all, where, step, after, stacked, excluded (a part of what is left out), segment",
    "met": "Containers that meet this part; for a step, those that walk all steps up to it",
    "passed": "Containers that meet this part and all parts above it",
    "failed": "total − passed",
    "total": "Containers with an event in the period, the denominator",
    "share": "passed / total, 0…1",
    "low": "Lower end of its 95 % Wilson interval",
    "high": "Upper end of its 95 % Wilson interval",
    "events_kept": "Events of the containers that passed; on the last line those of the segment",
    "events_total": "Events in the period",
    "share_of_events": "events_kept / events_total, 0…1",
}


@dataclass(frozen=True)
class Part:
    """One thing that a segment asks.

    Attributes
    ----------
    words : str
        What is asked.
    missing : str
        What is said of a container of which it is the first part that is not met.
    kind : str
        As in the column of the frame.
    met, passed : numpy.ndarray of bool
        Containers that meet it, and that meet all parts up to it.
    """

    words: str
    missing: str
    kind: str
    met: np.ndarray
    passed: np.ndarray


@dataclass(frozen=True)
class Counted:
    """Who is in the segment, part by part.

    Attributes
    ----------
    grouping : Grouping
        The counted containers with their rows in the period.
    rows : numpy.ndarray of bool
        Rows of the store that the segment keeps, in the period.
    kept : numpy.ndarray of int64
        Of each container: kept rows.
    passes : numpy.ndarray of bool
        Containers with at least one of them.
    parts : tuple of Part
    events_total : int
        Rows of the store in the period.
    """

    grouping: Grouping
    rows: np.ndarray
    kept: np.ndarray
    passes: np.ndarray
    parts: tuple[Part, ...]
    events_total: int

    @property
    def present(self) -> np.ndarray:
        """Containers with an event in the period."""
        return self.grouping.present


def count(question: Question, marker: Marker) -> Counted:
    """Decide every part of the segment and mark its rows."""
    segment, container = question.segment, question.container.name
    times = marker.store.times
    inside = np.asarray((times >= marker.start) & (times < marker.end))
    grouping = outermost(marker, container)
    parts: tuple[Part, ...] = ()
    rows = segment_rows(marker, segment) & inside
    if segment.stack:
        parts = _stacked(marker, segment, grouping)
    elif container == segment.scope:
        grouping, found = evidence(marker, segment)
        parts = _parts(segment, found, grouping)
    kept = marked_rows_of(rows, grouping)
    return Counted(grouping, rows, kept, kept > 0, parts, int(np.count_nonzero(inside)))


def _stacked(marker: Marker, segment: Segment, grouping: Grouping) -> tuple[Part, ...]:
    """Segments of a stack: rows have to belong to all of them."""
    together = np.ones(len(marker.store), bool)
    out = []
    for item in segment.stack:
        rows = segment_rows(marker, item)
        together &= rows
        missing = message("no event that is in “{name}” as well", name=item.name)
        met, passed = grouping.any_row(rows), grouping.any_row(together)
        out.append(Part(item.in_words(), missing, "stacked", met, passed))
    return tuple(out)


def _parts(segment: Segment, found: list[Requirement], grouping: Grouping) -> tuple[Part, ...]:
    out: list[Part] = []
    passed = grouping.present
    for item in found:
        met = item.met & grouping.present
        passed = passed & met
        words, missing, kind = _words(segment, item)
        out.append(Part(words, missing, "excluded" if segment.exclude else kind, met, passed))
    return tuple(out)


def _words(segment: Segment, item: Requirement) -> tuple[str, str, str]:
    """A part in words, what is said where it is missing, and its kind."""
    if item.condition is not None:
        words = spoken(item.condition)
        return words, message("nothing that meets: {words}", words=words), "where"
    if item.step > len(segment.steps):
        assert segment.without_after is not None
        words = spoken(segment.without_after)
        values = {"words": words}
        return (
            message("without {words} afterwards", **values),
            message("afterwards came: {words}", **values),
            "after",
        )
    step = segment.steps[item.step - 1]
    words = spoken_step(step)
    if step.label not in (str(step.condition), words):
        words = message("{label}: {words}", label=step.label, words=words)
    if item.step == 1:
        return words, message("step 1 is missing: {words}", words=words), "step"
    return (
        message("then {words}", words=words),
        message("step {n} is missing: {words}", n=item.step, words=words),
        "step",
    )


def frame_of(question: Question, counted: Counted) -> pd.DataFrame:
    """One line for all containers, each part, and the segment, with the columns of `COLUMNS`."""
    present, size = counted.present, counted.rows.size
    everyone = everyone_label(question.container.plural)
    lines = [(everyone, "all", present, present)]
    lines += [(part.words, part.kind, part.met, part.passed) for part in counted.parts]
    lines.append((question.segment.name, "segment", counted.passes, counted.passes))
    kept = [
        int(np.count_nonzero(counted.grouping.rows_of(passed, size)))
        for _, _, _, passed in lines[:-1]
    ]
    kept.append(int(np.count_nonzero(counted.rows)))
    total = int(np.count_nonzero(present))
    passed = np.array([np.count_nonzero(line[3]) for line in lines], np.int64)
    low, high = wilson(passed, np.full(passed.size, total))
    return pd.DataFrame(
        {
            "position": np.arange(len(lines)),
            "part": [line[0] for line in lines],
            "kind": [line[1] for line in lines],
            "met": np.array([np.count_nonzero(line[2]) for line in lines], np.int64),
            "passed": passed,
            "failed": total - passed,
            "total": total,
            "share": shares(passed, np.full(passed.size, total)),
            "low": low,
            "high": high,
            "events_kept": np.array(kept, np.int64),
            "events_total": counted.events_total,
            "share_of_events": shares(np.array(kept), np.full(len(kept), counted.events_total)),
        },
        columns=list(COLUMNS),
    )
