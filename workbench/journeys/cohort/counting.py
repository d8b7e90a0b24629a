"""From the question to the grid: buckets, rows, columns, and what is counted in each cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from workbench.engine.masks import Marker
from workbench.engine.store import Stream
from workbench.engine.tallies.buckets import MODES, NO_PAIRS, Tallies, tallies
from workbench.engine.tallies.items import Dimension, inclusions_of_items
from workbench.engine.tallies.shapes import Found, Pairs, Sums, Table
from workbench.journeys.cohort.question import Question
from workbench.journeys.scoping import OTHER, readable, scope_of, taking_part
from workbench.messages import message
from workbench.results.base import Scope
from workbench.vocabulary.calendars import Buckets, Calendar
from workbench.vocabulary.periods import Period

NONE = "(none)"
MOST_COLUMNS = 36
SECOND = 1_000_000


@dataclass(frozen=True)
class Panel:
    """The range that is looked at, cut into buckets.

    Attributes
    ----------
    buckets : Buckets
    skipped : int
        Buckets that are only looked back at.
    start, end : int
        Half-open range of microseconds of the rows that exist.
    partial : numpy.ndarray of bool, shape (buckets,)
        Buckets that the range cuts, or that were still running.
    period : Period
        The same range as a period, without what is only looked back at.
    """

    buckets: Buckets
    skipped: int
    start: int
    end: int
    partial: np.ndarray
    period: Period

    @property
    def rows(self) -> int:
        """Buckets that a container can be included in."""
        return len(self.buckets) - self.skipped

    @property
    def last_whole(self) -> int:
        """Number of the last bucket that was over; -1 when none was."""
        whole = np.flatnonzero(self.buckets.edges[1:] <= self.end + SECOND)
        return int(whole[-1]) if whole.size else -1


def panel_of(question: Question) -> Panel | None:
    """The range and its buckets; None when it holds no instant.

    Notes
    -----
    Source: journeys-cohort.md, section 3.
    """
    workspace, store = question.workspace, question.workspace.events
    start, end = workspace.bounds(question.period)
    first = store.description["first"]
    if first is None:
        return None
    low = first if question.period.start is None else start
    if low >= end:
        return None
    calendar = Calendar.of(workspace.settings, question.granularity)
    buckets = calendar.buckets(low, end, question.lookback)
    unknown = int(np.searchsorted(buckets.edges[1:], first, side="right"))
    skipped = max(0, question.lookback - min(unknown, question.lookback))
    cut = question.lookback - skipped
    buckets = replace(buckets, days=buckets.days[cut:], edges=buckets.edges[cut:])
    edges = buckets.edges
    inner = start if question.period.start is not None else int(edges[skipped])
    if question.snap or question.lookback:
        inner = int(edges[skipped])
        end = min(int(edges[-1]), workspace.bounds(Period())[1])
    outer = int(edges[0]) if question.lookback else inner
    partial = (edges[:-1] < outer) | (edges[1:] > end + SECOND)
    return Panel(buckets, skipped, outer, end, partial, Period(_moment(inner), _moment(end)))


def _moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


@dataclass(frozen=True)
class Grid:
    """Rows and columns of the table, and what was counted.

    Attributes
    ----------
    labels : list of str
        Name of each row.
    begins : list of date or None
        First day of the inclusion bucket of each row.
    offsets : numpy.ndarray of int64
        The columns that are shown.
    exists, partial : numpy.ndarray of bool, shape (rows, columns)
        Cells inside the range, and those of them that may still change.
    sums : Sums
        Of all columns from -back to ahead.
    further : int
        Values of the dimension that have no row of their own.
    """

    labels: list[str]
    begins: list[date | None]
    offsets: np.ndarray
    exists: np.ndarray
    partial: np.ndarray
    sums: Sums
    table: Table
    pairs: Pairs
    panel: Panel | None
    tallies: Tallies | None
    stream: Stream
    scope: Scope
    further: int = 0

    @property
    def places(self) -> np.ndarray:
        """Column of `sums` of each shown offset."""
        return self.offsets + self.table.back

    @property
    def origins(self) -> np.ndarray:
        """Number of the inclusion bucket of each row; items share the first one."""
        skipped = 0 if self.panel is None else self.panel.skipped
        given = self.pairs.offsets.size > 0
        return skipped + np.arange(len(self.labels)) * (not given)

    def find(self, rows: np.ndarray, cells: np.ndarray, churned: bool) -> Found:
        """Containers of some rows and of some shown cells."""
        assert self.tallies is not None
        wide = np.zeros((len(self.labels), self.table.back + 1 + self.table.ahead), bool)
        wide[:, self.places] = cells
        return self.tallies.find(self.table, rows, wide, churned=churned, pairs=self.pairs)


def counted(question: Question) -> Grid:
    """Count every cell of the table.

    Notes
    -----
    Source: journeys-cohort.md, sections 2, 3 and 6.
    """
    workspace, store = question.workspace, question.workspace.events
    stream = store.stream(question.container)
    panel = panel_of(question)
    marker = workspace.marker(question.period if panel is None else panel.period)
    if panel is None:
        return _nothing(question, marker, stream)
    keep, members = taking_part(
        workspace, marker, stream, panel.period, question.segment, question.filter_scope
    )
    found = tallies(
        marker,
        stream,
        question.inclusion,
        question.returning,
        edges=panel.buckets.edges,
        start=panel.start,
        end=panel.end,
        value=question.value,
        keep=keep,
        counted=members,
    )
    labels, pairs, further = panel.buckets.names[panel.skipped :], NO_PAIRS, 0
    begins: list[date | None] = list(panel.buckets.days[panel.skipped : -1])
    if question.dimension is not None:
        labels, pairs, further = _items(question, marker, panel, found)
        begins = [None if question.pooled else panel.buckets.days[0]] * len(labels)
    table = _table(question, panel, len(labels))
    scope = _scope(question, marker, stream, panel, table)
    offsets = _offsets(question, table)
    exists, partial = _shape(question, panel, table, offsets)
    return Grid(
        labels, begins, offsets, exists, partial, found.sums(table, pairs),
        table, pairs, panel, found, stream, scope, further,
    )  # fmt: skip


def _table(question: Question, panel: Panel, rows: int) -> Table:
    span = panel.rows - 1
    age = 0 if question.age is None else question.age.microseconds
    if age:
        span = (panel.end - 1 - int(panel.buckets.edges[panel.skipped])) // age
    most = question.offsets or MOST_COLUMNS
    return Table(
        skipped=panel.skipped,
        rows=rows,
        back=min(most, panel.rows - 1 + panel.skipped) if question.latency else 0,
        ahead=max(1, min(most, int(span))),
        first=0 if question.zero_column else 1,
        last=panel.last_whole if question.pooled else len(panel.buckets) - 1,
        mode=MODES.index(question.mode),
        first_time=question.first_time,
        age=age,
        until=panel.end - 1,
    )


def _offsets(question: Question, table: Table) -> np.ndarray:
    behind = np.arange(-table.back, 0)
    return np.append(behind, np.arange(table.first, table.ahead + 1))


def _shape(
    question: Question, panel: Panel, table: Table, offsets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which cells lie inside the range, and which of them may still change."""
    rows = np.zeros(table.rows, np.int64)
    if question.dimension is None:
        rows = np.arange(table.rows)
    origin = rows[:, None] + panel.skipped
    if table.age:
        edges = panel.buckets.edges
        exists = edges[origin] + offsets * table.age <= table.until
        if question.pooled:
            return exists, np.zeros_like(exists)
        youngest = np.minimum(edges[origin + 1], panel.end)
        young = youngest + offsets * table.age > panel.end + SECOND
        return exists, exists & (young | panel.partial[origin])
    seen = origin + offsets
    exists = (seen >= 0) & (seen <= table.last)
    if question.pooled:
        return exists, np.zeros_like(exists)
    there = np.clip(seen, 0, len(panel.buckets) - 1)
    return exists, exists & (panel.partial[there] | panel.partial[origin])


def _items(
    question: Question, marker: Marker, panel: Panel, found: Tallies
) -> tuple[list[str], Pairs, int]:
    """Rows of a dimension: the items with most included containers, and the rest together."""
    assert question.dimension is not None
    dimension = Dimension.named(marker, question.dimension, readable, NONE)
    edges = panel.buckets.edges if question.pooled else panel.buckets.edges[:2]
    included = inclusions_of_items(found, dimension, edges)
    sizes = included.sizes(len(dimension.labels))
    order = np.lexsort((np.array(dimension.labels, object).astype(str), -sizes))
    order = order[sizes[order] > 0]
    kept, rest = order[: question.items], order[question.items :]
    row_of_item = np.full(len(dimension.labels), -1, np.int64)
    row_of_item[kept] = np.arange(kept.size)
    row_of_item[rest] = kept.size
    labels = [dimension.labels[n] for n in kept] + ([OTHER] if rest.size else [])
    return labels, included.pairs(row_of_item, len(found.stream)), int(rest.size)


def _scope(question: Question, marker: Marker, stream: Stream, panel: Panel, table: Table) -> Scope:
    scope = scope_of(
        question.workspace,
        marker,
        question.container,
        question.period,
        dropped_null_key=stream.dropped_null_key,
    )
    notes = list(scope.notes)
    if question.period:
        notes.append(message("What lies outside the period neither includes nor returns."))
    hidden = panel.rows - 1 - table.ahead
    if question.offsets is None and question.age is None and hidden > 0:
        notes.append(
            message(
                "The table ends with column +{n}; offsets= asks for more.", n=f"{table.ahead:,}"
            )
        )
    return replace(scope, notes=tuple(notes))


def _nothing(question: Question, marker: Marker, stream: Stream) -> Grid:
    """The grid of a range without any instant."""
    table = Table(0, 0, 0, 1, 1, 0, 0, False, 0, 0)
    none, wide = np.zeros(0, np.int64), np.zeros((0, 2), np.int64)
    money, once = wide.astype(float), wide.sum(axis=0)
    distinct = np.zeros(2, np.int64)
    sums = Sums(none, none, wide, wide, money, money, money, wide, once, once, distinct)
    scope = scope_of(
        question.workspace,
        marker,
        question.container,
        question.period,
        dropped_null_key=stream.dropped_null_key,
    )
    cells = np.zeros((0, 1), bool)
    return Grid(
        [], [], np.array([1]), cells, cells, sums, table, NO_PAIRS, None, None, stream, scope
    )
