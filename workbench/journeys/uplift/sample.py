"""Who is compared: containers known before the event, those who took part and those who did not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from workbench.engine import kernels, windows
from workbench.engine.masks import Marker
from workbench.engine.match import ranges
from workbench.engine.segments import segment_rows
from workbench.engine.store import Stream
from workbench.journeys.scoping import with_a_row
from workbench.journeys.uplift.covariates import Before, Fact, known
from workbench.journeys.uplift.design import Design, design_of, stacked
from workbench.journeys.uplift.question import Question
from workbench.journeys.uplift.treatment import Treatment, took_part
from workbench.messages import message
from workbench.vocabulary.periods import Period

ALWAYS = -(2**62)
EVENT = "event"


@dataclass(frozen=True)
class Sample:
    """Containers of one or several events, one line a container and event.

    Attributes
    ----------
    stream : Stream
    container : numpy.ndarray of int64
        Number of the container in the stream.
    event : numpy.ndarray of int64
        Place of the event in the list of treatments.
    treated : numpy.ndarray of bool
        Whether it took part.
    first : numpy.ndarray of int64, shape (lines, outcomes)
        Instant of the first row of each outcome inside the window; `NEVER` for none.
    design : Design
        What was known before.
    stage : numpy.ndarray of str
        Furthest stage before, as far as it is held equal; else empty.
    unknown_before : int
        Those who took part and had no row before, so that nobody is comparable.
    """

    stream: Stream
    container: np.ndarray
    event: np.ndarray
    treated: np.ndarray
    first: np.ndarray
    design: Design
    stage: np.ndarray
    unknown_before: int

    def only(self, kept: np.ndarray) -> Sample:
        """Some of the lines."""
        facts = self.design
        natural = facts.natural[kept]
        varies = np.ptp(natural, axis=0) > 0 if len(natural) else np.zeros(natural.shape[1], bool)
        return Sample(
            self.stream,
            self.container[kept],
            self.event[kept],
            self.treated[kept],
            self.first[kept],
            Design(natural, facts.logged, facts.names, facts.groups)._only(varies),
            self.stage[kept],
            self.unknown_before,
        )


@dataclass(frozen=True)
class _Part:
    container: np.ndarray
    treated: np.ndarray
    first: np.ndarray
    facts: list[Fact]
    unknown_before: int


def sample_of(
    question: Question,
    treatments: tuple[Treatment, ...],
    marker: Marker,
    stream: Stream,
    *,
    earlier: bool = False,
) -> Sample:
    """Gather what was known before each event and what followed.

    Parameters
    ----------
    earlier : bool
        Look one horizon earlier: what was known before then, and the outcomes of the time from
        then up to the event, which it cannot have caused.
    """
    parts = [_part(question, one, marker, stream, earlier) for one in treatments]
    sizes = [part.container.size for part in parts]
    event = np.repeat(np.arange(len(parts)), sizes)
    facts = stacked([part.facts for part in parts])
    if len(parts) > 1:
        labels = np.array([f"{one.label} {one.key}".strip() for one in treatments], object)
        facts.append(Fact(message("event"), EVENT, labels[event], "category"))
    stage = next((fact.values for fact in facts if fact.group == "stage"), None)
    return Sample(
        stream=stream,
        container=np.concatenate([part.container for part in parts]),
        event=event,
        treated=np.concatenate([part.treated for part in parts]),
        first=np.concatenate([part.first for part in parts]),
        design=design_of(facts, int(sum(sizes))),
        stage=np.full(event.size, "", object) if stage is None else stage,
        unknown_before=sum(part.unknown_before for part in parts),
    )


def knowledge_ends(question: Question, start: int) -> int:
    """First microsecond of which nothing may be known.

    Where the workspace puts facts of which only the date is known at the beginning of their day,
    the whole day of the event is unknown: the fact may have come after it.
    """
    settings = question.workspace.settings
    if settings.date_only_at != "start":
        return start
    local = _instant(start).astimezone(settings.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _instant(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def _part(
    question: Question, one: Treatment, marker: Marker, stream: Stream, earlier: bool
) -> _Part:
    store, horizon = marker.store, question.horizon.microseconds
    begins = one.start - horizon if earlier else one.start
    before = knowledge_ends(question, begins)
    low, high = ranges(store, stream, ALWAYS, before)
    left_out = windows.NOTHING if one.own is None else marker.rows(one.own)
    known_before = windows.ends(stream, low, high, left_out)[1] >= 0
    came_low, came_high = ranges(store, stream, one.since, min(one.end, question.until + 1))
    came = kernels.any_in(took_part(marker, one), stream.rows, came_low, came_high)
    member = _in_segment(question, stream, before)
    unknown = int(np.count_nonzero(came & member & ~known_before))
    chosen = np.flatnonzero(known_before & member)
    recent, _ = ranges(store, stream, before - question.known_before.microseconds, before)
    held = Before(
        marker,
        stream,
        question.workspace.events.container_names(stream)[chosen],
        low[chosen],
        high[chosen],
        recent[chosen],
        before,
        left_out,
    )
    ends = one.start if earlier else one.start + horizon + 1
    after, until = ranges(store, stream, begins, min(ends, question.until + 1))
    codes, bits_of, _ = marker.bits(question.outcomes)
    number = len(question.outcomes)
    first = windows.first_times(codes, bits_of, number, store, stream, after[chosen], until[chosen])
    return _Part(chosen, came[chosen], first, known(question, held), unknown)


def _in_segment(question: Question, stream: Stream, before: int) -> np.ndarray:
    """Containers of the segment by what was known; all where none was asked for."""
    if question.segment is None:
        return np.ones(len(stream), bool)
    period = Period(None, _instant(before), "")
    marker = question.workspace.marker(period)
    rows = segment_rows(marker, question.segment)
    return with_a_row(question.workspace, marker, stream, period, rows)
