"""Counting the paths of a flow: full counts first, then what is rare is put together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from workbench.engine.masks import Marker
from workbench.engine.paths.followed import Paths
from workbench.engine.paths.items import Dimension, dimension_of
from workbench.engine.paths.plan import Counted, Plan
from workbench.engine.store import Stream
from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.flow.question import Question
from workbench.journeys.scoping import taking_part
from workbench.messages import message
from workbench.vocabulary.periods import Period
from workbench.vocabulary.steps import Step

_MOST_CELLS = 50_000_000
_MOST_LINKS = 2_000_000
PERSON = "person_id"


@dataclass(frozen=True)
class Survey:
    """All paths of a question, and which items of each column are told apart.

    Attributes
    ----------
    question : Question
    marker : Marker
    stream : Stream
    paths : Paths
    hidden : numpy.ndarray of bool, shape (columns, items)
        Items that a filter takes out of a column.
    shown : tuple of numpy.ndarray
        Items of each column that are told apart, the largest first.
    """

    question: Question
    marker: Marker
    stream: Stream
    paths: Paths
    hidden: np.ndarray
    shown: tuple[np.ndarray, ...]

    @property
    def plan(self) -> Plan:
        """How the columns hang together."""
        return self.paths.plan

    @property
    def slots(self) -> int:
        """Slots of a column: items, those put together, and the end of a path."""
        return max(map(len, self.shown)) + 2

    @cached_property
    def counted(self) -> Counted:
        """Nodes and links."""
        slot = np.full(self.hidden.shape, self.slots - 2, np.int32)
        for k, items in enumerate(self.shown):
            slot[k, items] = np.arange(items.size)
        slot[self.hidden] = -1
        return self.paths.count(slot, self.slots, PERSON if self.knows_people else None)

    @cached_property
    def detail(self) -> tuple[np.ndarray, np.ndarray]:
        """Median gaps in microseconds and people, as `Paths.detail` gives them."""
        return self.paths.detail(self.counted, PERSON if self.knows_people else None)

    @property
    def knows_people(self) -> bool:
        """Whether rows name persons at all."""
        return PERSON in self.marker.store.columns

    def dimension_at(self, k: int) -> Dimension | None:
        """Dimension of a column by its place from the left; None for an event."""
        j = self.plan.dim_of[k]
        return self.plan.dimensions[j] if j >= 0 else None

    @property
    def multiplies(self) -> bool:
        """Whether a row with several values can split a path view."""
        return any(d.holds_lists for d in self.plan.dimensions)

    def inside(self, rows: np.ndarray, members: np.ndarray) -> Survey:
        """The same columns and items for a part of the containers.

        Parameters
        ----------
        rows : numpy.ndarray of bool
            Rows of the store that belong to the part.
        members : numpy.ndarray of bool
            Its containers.
        """
        question, plan = self.question, self.plan
        chosen = members & (self.paths.low < self.paths.high)
        if question.filter_scope == "events":
            keep = rows if plan.keep is None else rows & plan.keep
            plan = replace(plan, keep=keep, events=_events(self.marker, question, keep))
        return replace(self, paths=_paths(question, self.marker, self.stream, plan, chosen))


def survey(question: Question) -> Survey:
    """Look at every path once and choose the items of each column.

    Raises
    ------
    ArgumentError
        When no anchor has such an item, or when more is asked for than can be counted.
    """
    workspace, store = question.workspace, question.workspace.events
    marker = workspace.marker(question.period)
    stream = store.stream(question.container)
    events_only = question.filter_scope == "events"
    keep, chosen = taking_part(
        workspace,
        marker,
        stream,
        question.period,
        question.segment,
        "each_step" if events_only else "whole",
    )
    plan = _plan(marker, question, keep)
    hidden = _hidden(marker, question, plan)
    paths = _paths(question, marker, stream, plan, chosen)
    shown = _shown(question, plan, paths, hidden)
    made = Survey(question, marker, stream, paths, hidden, shown)
    if question.columns * made.slots**2 > _MOST_LINKS:
        raise ArgumentError.of(
            "items",
            question.items,
            message("fewer items or columns"),
            message(
                "{n} links between columns are more than can be counted at once.",
                n=f"{question.columns * made.slots**2:,}",
            ),
        )
    return made


def _paths(
    question: Question, marker: Marker, stream: Stream, plan: Plan, chosen: np.ndarray | None
) -> Paths:
    workspace = question.workspace
    start, end = workspace.bounds(question.period)
    until = workspace.bounds(Period())[1]
    return Paths(marker.store, stream, plan, start=start, end=end, until=until, chosen=chosen)


def _plan(marker: Marker, question: Question, keep: np.ndarray | None) -> Plan:
    anchor = question.anchor
    names = [question.dimension_of(column) for column in question.numbers]
    used = list(dict.fromkeys(name for name in [question.dimension, *names] if name is not None))
    dimensions = [dimension_of(marker, name) for name in used]
    if question.exclude_mode == "skip":
        for _, condition in question.exclude:
            _note_absent(marker, dimensions[0], condition)
            dimensions[0] = dimensions[0].without(dimensions[0].marks(condition))
    anchored = np.empty(0, bool)
    if anchor.dimension is not None:
        of = dimensions[used.index(anchor.dimension)]
        anchored = of.marks(anchor.condition)
        _check_anchored(marker, question, of, anchored)
    return Plan(
        dimensions=tuple(dimensions),
        dim_of=tuple(-1 if name is None else used.index(name) for name in names),
        anchor=question.left,
        anchored=anchored,
        events=_events(marker, question, keep),
        repeats=question.repeats,
        same_event=question.same_event,
        limit=question.limit,
        keep=keep,
    )


def _events(
    marker: Marker, question: Question, keep: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray] | None:
    """A code of every row and a mark of every code, where the anchor is an event."""
    anchor = question.anchor
    if anchor.dimension is not None:
        return None
    codes, bits, _ = marker.bits((Step(anchor.label, anchor.condition),), keep)
    return codes, bits > 0


def _check_anchored(
    marker: Marker, question: Question, of: Dimension, anchored: np.ndarray
) -> None:
    """Refuse an anchor that occurs nowhere; say it of single items of a list."""
    anchor = question.anchor
    absent = of.absent(anchor.condition)
    if anchored.any() or not absent or not len(of):
        _note_absent(marker, of, anchor.condition)
        return
    some = [*of.close_to(absent[0]), *of.names(np.arange(min(20, len(of))))]
    raise AbsentError.of(anchor.side, absent[0], list(dict.fromkeys(some)))


def _note_absent(marker: Marker, dimension: Dimension, condition: object) -> None:
    for value in dimension.absent(condition):  # type: ignore[arg-type]
        note = message("{name} = {value} does not occur.", name=dimension.name, value=value)
        close = dimension.close_to(value)
        if close:
            note += " " + message("Closest: {values}.", values=", ".join(close))
        marker.note(note)


def _hidden(marker: Marker, question: Question, plan: Plan) -> np.ndarray:
    """Items that filters take out of each column."""
    cells = question.columns * max(1, plan.most_items)
    if cells > _MOST_CELLS:
        raise ArgumentError.of(
            "columns",
            question.columns,
            message("fewer columns"),
            message(
                "{dimension} has {n} distinct items, and each column counts all of them.",
                dimension=question.dimension,
                n=f"{plan.most_items:,}",
            ),
        )
    hidden = np.zeros((question.columns, max(1, plan.most_items)), bool)

    def hide(column: int, condition: object, meets: bool) -> None:
        k = column + question.left
        dimension = plan.dimensions[plan.dim_of[k]]
        _note_absent(marker, dimension, condition)
        marks = dimension.marks(condition)  # type: ignore[arg-type]
        hidden[k, : marks.size] |= marks == meets

    for number, condition in question.filters:
        hide(number, condition, False)
    if question.exclude_mode == "drop":
        for column, condition in question.exclude:
            beside = [n for n in question.numbers if n]
            same = [n for n in beside if question.dimension_of(n) == question.dimension]
            for number in [column] if column is not None else same:
                hide(number, condition, True)
    return hidden


def _shown(
    question: Question, plan: Plan, paths: Paths, hidden: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Items of each column that are told apart: by count, then by name (section 2)."""
    every = [len(plan.dimensions[j]) if j >= 0 else 1 for j in plan.dim_of]
    if max(every) <= question.items:
        return tuple(np.arange(size) for size in every)
    slot = np.where(hidden, -1, np.arange(hidden.shape[1], dtype=np.int32)).astype(np.int32)
    counts = paths.tally(slot, by_container=question.count == "containers")
    shown = []
    for column in counts:
        order = np.lexsort((np.arange(column.size), -column))
        shown.append(order[: question.items][column[order[: question.items]] > 0])
    return tuple(shown)
