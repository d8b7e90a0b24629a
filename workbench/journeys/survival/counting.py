"""When each container entered, how it ended, and which group it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.engine.masks import Marker
from workbench.engine.store import Stream
from workbench.engine.tallies.buckets import Tallies, tallies
from workbench.engine.tallies.items import Dimension, entry_rows
from workbench.engine.tallies.shapes import NEVER, Table
from workbench.journeys.scoping import (
    DAY,
    MISSING,
    OTHER,
    everyone_label,
    readable,
    scope_of,
    taking_part,
)
from workbench.journeys.survival.question import COHORT, Question
from workbench.messages import message
from workbench.results.base import Scope
from workbench.vocabulary.calendars import Buckets, Calendar
from workbench.vocabulary.criteria import Criterion

OPEN, WON, LOST = range(3)
# One length of time that no pair of instants exceeds: every return lies in its first window.
_FOREVER = 2**60


@dataclass(frozen=True)
class Followed:
    """One line a container that entered.

    Attributes
    ----------
    container : numpy.ndarray of int64
        Number in the stream.
    entered, ended : numpy.ndarray of int64
        Microseconds; the end is the outcome, or the end of what was looked at.
    outcome : numpy.ndarray of int64
        `OPEN`, `WON` or `LOST`.
    group : numpy.ndarray of int64
    labels : list of str
        Name of each group, in the order of the frame.
    both : int
        Containers that were both won and lost after entering.
    """

    container: np.ndarray
    entered: np.ndarray
    ended: np.ndarray
    outcome: np.ndarray
    group: np.ndarray
    labels: list[str]
    both: int
    stream: Stream
    scope: Scope

    @property
    def days(self) -> np.ndarray:
        """Days from entering to the end."""
        return (self.ended - self.entered) / DAY


def followed(question: Question) -> Followed:
    """Follow every container from its first entry to its first outcome.

    Notes
    -----
    Source: journeys-cohort.md, section 7; a container that is won and lost at one instant is won.
    """
    workspace, store = question.workspace, question.workspace.events
    stream, marker = store.stream(question.container), workspace.marker(question.period)
    start, end = workspace.bounds(question.period)
    first = store.description["first"]
    low = first if question.period.start is None else start
    nobody = np.empty(0, np.int64)
    if first is None or low >= end:
        scope = _scope(question, marker, stream, 0)
        labels = [] if question.by else [everyone_label(question.container.plural)]
        return Followed(nobody, nobody, nobody, nobody, nobody, labels, 0, stream, scope)
    buckets = Calendar.of(workspace.settings, question.granularity).buckets(low, end)
    found, entered, won = _times(question, marker, stream, question.won, buckets, (start, end))
    lost = np.full(won.size, NEVER)
    if question.lost is not None:
        lost = _times(question, marker, stream, question.lost, buckets, (start, end))[2]
    container = np.flatnonzero(entered != NEVER)
    labels, group = _groups(question, marker, found, entered, buckets)
    late = 2**62
    won_at, lost_at = (np.where(t == NEVER, late, t)[container] for t in (won, lost))
    ended = np.minimum(np.minimum(won_at, lost_at), end - 1)
    outcome = np.where(won_at <= lost_at, WON, LOST)
    outcome[np.minimum(won_at, lost_at) == late] = OPEN
    both = int(((won_at < late) & (lost_at < late)).sum())
    scope = _scope(question, marker, stream, both)
    return Followed(
        container, entered[container], ended, outcome, group[container], labels, both, stream, scope
    )


def _times(
    question: Question,
    marker: Marker,
    stream: Stream,
    outcome: Criterion,
    buckets: Buckets,
    span: tuple[int, int],
) -> tuple[Tallies, np.ndarray, np.ndarray]:
    """When each container entered first, and when it first met one outcome after that."""
    keep, members = taking_part(
        question.workspace, marker, stream, question.period, question.segment, question.filter_scope
    )
    found = tallies(
        marker,
        stream,
        question.entered,
        outcome,
        edges=buckets.edges,
        start=span[0],
        end=span[1],
        keep=keep,
        counted=members,
    )
    table = Table(0, len(buckets), 0, 1, 1, 0, 0, True, _FOREVER, 2**62)
    cells = np.zeros((len(buckets), 2), bool)
    cells[:, 1] = True
    times = found.find(table, np.ones(len(buckets), bool), cells)
    return found, times.included_at, times.returned_at


def _groups(
    question: Question, marker: Marker, found: Tallies, entered: np.ndarray, buckets: Buckets
) -> tuple[list[str], np.ndarray]:
    """Names of the groups, and the group of each container; -1 for those that never entered."""
    inside = entered != NEVER
    group = np.full(entered.size, -1, np.int64)
    if question.by is None:
        group[inside] = 0
        return [everyone_label(question.container.plural)], group
    if question.by == COHORT:
        number = np.searchsorted(buckets.edges, entered[inside], side="right") - 1
        occurring, group[inside] = np.unique(number, return_inverse=True)
        return [buckets.names[n] for n in occurring], group
    names, item = _items(question, marker, found, entered, inside)
    sizes = np.bincount(item, minlength=len(names))
    ranked = np.lexsort((np.array(names, object).astype(str), -sizes))
    ranked = ranked[sizes[ranked] > 0]
    kept = ranked[: question.items]
    number = np.full(len(names), kept.size, np.int64)
    number[kept] = np.arange(kept.size)
    group[inside] = number[item]
    labels = [names[n] for n in kept]
    return (labels if ranked.size == kept.size else [*labels, OTHER]), group


def _items(
    question: Question, marker: Marker, found: Tallies, entered: np.ndarray, inside: np.ndarray
) -> tuple[list[str], np.ndarray]:
    """Names of the values of `by`, and that of each container which entered."""
    assert question.by is not None
    workspace, name = question.workspace, question.by
    if name not in marker.store.columns:
        keys = marker.store.container_names(found.stream)[np.flatnonzero(inside)]
        own = workspace.values_of(question.container, name, keys)
        if own is not None:
            names, item = np.unique([readable(v) for v in own], return_inverse=True)
            return [str(n) for n in names], item
    dimension = Dimension.named(marker, name, readable, MISSING)
    items, owners = dimension.items_of(entry_rows(found, entered)[inside])
    order = np.lexsort((items, owners))
    first = np.ones(order.size, bool)
    first[1:] = np.diff(owners[order]) != 0
    return dimension.labels, items[order][first]


def _scope(question: Question, marker: Marker, stream: Stream, both: int) -> Scope:
    from dataclasses import replace

    scope = scope_of(
        question.workspace,
        marker,
        question.container,
        question.period,
        dropped_null_key=stream.dropped_null_key,
    )
    if not both:
        return scope
    note = message(
        "{n} {containers} met both outcomes; the first one counts.",
        n=f"{both:,}",
        containers=question.container.plural,
    )
    return replace(scope, notes=(*scope.notes, note))
