"""Conditions turned into marks on rows.

A condition on an encoded column is decided once a distinct value, not once a row. When all steps
speak of one encoded column, no row is touched before the match itself; when they speak of
several, one compiled pass over each numbers the combinations that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from workbench.engine.layout import CODED, NO_SEQUENCE
from workbench.engine.sources import Source, combined_sources, marked_rows
from workbench.engine.store import EventStore
from workbench.engine.values import NEGATIVE, absent_values, closest, number_marks, text_marks
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import (
    Condition,
    InPeriod,
    InSegment,
    Logic,
    OfContainer,
    Term,
)
from workbench.vocabulary.periods import Period
from workbench.vocabulary.steps import OPTIONS, Step

MOST_CONDITIONS = 64


@dataclass(frozen=True)
class Attribute:
    """A column of another table, aligned with the dictionary of the key that leads to it.

    Attributes
    ----------
    key : str
        Event column whose codes index `values`.
    values : numpy.ndarray of float, or pyarrow.Array of string
        One value a code; NaN or null where unknown.
    """

    key: str
    values: Any


@dataclass
class Marker:
    """Marks rows of one store.

    Parameters
    ----------
    store : EventStore
    attribute : callable
        Finds a name that is no event column in the tables beside the events; None when unknown.
    attribute_names : callable
        Names that `attribute` knows, for error messages.
    zone : str
        Reporting zone for ranges of dates.
    start, end : int
        Half-open range of microseconds; what lies outside qualifies no container for a segment.
    """

    store: EventStore
    attribute: Callable[[str], Attribute | None] = lambda name: None
    attribute_names: Callable[[], list[str]] = list
    zone: str = "UTC"
    as_of: Any = None
    start: int = -(2**62)
    end: int = 2**62
    notes: list[str] = field(default_factory=list)

    def lookup(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Codes of every row and the value of each code, for an encoded name.

        Returns
        -------
        codes : numpy.ndarray
            One a row; the last value stands for "missing".
        values : numpy.ndarray of object or float
            One a code, None for the last.
        """
        key, values = self._encoded(name)
        if isinstance(values, np.ndarray):
            return self.store.column(key), np.append(values, np.nan)
        plain = np.empty(len(values) + 1, object)
        plain[:-1] = values.to_numpy(zero_copy_only=False)
        plain[-1] = None
        return self.store.column(key), plain

    def rows(self, condition: Condition) -> np.ndarray:
        """A mark for every row of the store that meets `condition`."""
        codes, (marks,) = self.coded([condition])
        return marked_rows(codes, marks, len(self.store))

    def bits(
        self, steps: tuple[Step, ...], keep: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One bit a step, and one a condition that must not lie between two steps.

        Parameters
        ----------
        steps : tuple of Step
        keep : numpy.ndarray of bool, optional
            Rows that may serve a step at all.

        Returns
        -------
        codes : numpy.ndarray
            One a row.
        bits_of : numpy.ndarray of uint64
            Bits of each code.
        blocker : numpy.ndarray of int64, shape (steps,)
            Bit of the rows that must not lie between step k - 1 and k, before the first step for
            k = 0; -1 for none.
        """
        _refuse_limits(steps)
        conditions: list[Condition | None] = [item.condition for item in steps]
        blocker = np.full(len(steps), -1, np.int64)
        for number, item in enumerate(steps):
            if item.link == "next" or (number and item.without is not None):
                blocker[number] = len(conditions)
                conditions.append(_barrier(item))
        if len(conditions) > MOST_CONDITIONS:
            raise ArgumentError.of(
                "steps",
                message("{count} conditions", count=len(conditions)),
                message("{most} conditions, exclusions included", most=MOST_CONDITIONS),
            )
        extra = [] if keep is None else [Source(keep.view(np.uint8), np.array([[False], [True]]))]
        codes, marks = self.coded(conditions, extra)
        if keep is not None:
            kept = marks.pop()
            marks[: len(steps)] = [mark & kept for mark in marks[: len(steps)]]
        bits_of = np.zeros(marks[0].size, np.uint64)
        for bit, mark in enumerate(marks):
            bits_of[mark] |= np.uint64(1 << bit)
        return codes, bits_of, blocker

    def coded(
        self, conditions: Sequence[Condition | None], extra: list[Source] | None = None
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """A code of every row, and for each condition and extra source a mark of every code."""
        leaves: dict[str, Condition] = {}
        for condition in conditions:
            if condition is not None:
                _collect(condition, leaves)
        of_key: dict[str, list[str]] = {}
        alone: list[tuple[str, Source]] = []
        for name, leaf in leaves.items():
            if isinstance(leaf, Term) and not leaf.basis and not self._is_number(leaf.field):
                of_key.setdefault(self._encoded(leaf.field)[0], []).append(name)
            else:
                row_marks = self._row_marks(leaf).view(np.uint8)
                alone.append((name, Source(row_marks, np.array([[False], [True]]))))
        sources, order = [], []
        for key, names in of_key.items():
            marks = [self.marked_values(leaves[name]) for name in names]  # type: ignore[arg-type]
            sources.append(Source(self.store.column(key), np.stack(marks, axis=1)))
            order += names
        for name, source in alone:
            sources.append(source)
            order.append(name)
        codes, columns = combined_sources([*sources, *(extra or [])], len(self.store))
        known = dict(zip(order, columns, strict=False))
        size = columns[0].size if columns else 1
        marks = [_decided(condition, known, size) for condition in conditions]
        return codes, [*marks, *columns[len(order) :]]

    def marked_values(self, term: Term) -> np.ndarray:
        """A mark for every code of an encoded name, the last one for "missing"."""
        key, values = self._encoded(term.field)
        if isinstance(values, np.ndarray):
            return number_marks(np.append(values, np.nan), term)
        is_list = self.store.columns.get(term.field, {}).get("kind") == "list"
        if not is_list:
            self._check_values(term, values)
            return np.append(text_marks(values, term), text_marks(_NOTHING, term))
        names, places, offsets = self.store.exploded(key)
        singles = pa.array(names, pa.string())
        self._check_values(term, singles)
        if term.operator == "exists":
            return np.append(text_marks(values, term), text_marks(_NOTHING, term))
        positive = Term(term.field, NEGATIVE.get(term.operator, term.operator), term.values)
        reached = np.append(0, np.cumsum(text_marks(singles, positive)[places]))
        found = reached[offsets[1:]] > reached[offsets[:-1]]
        return ~found if term.operator in NEGATIVE else found

    def _encoded(self, name: str) -> tuple[str, Any]:
        """The event column whose codes lead to a name, and the value of each code."""
        columns = self.store.columns
        if name in columns and columns[name]["kind"] in CODED:
            return name, self.store.dictionary(name)
        found = self.attribute(name) if name not in columns else None
        if found is not None:
            return found.key, found.values
        if name in columns:
            todo = (
                message("Ranges of dates are asked for with period.")
                if columns[name]["kind"] == "time"
                else message("It holds numbers, which are compared but do not split.")
            )
            raise ArgumentError.of("dimension", name, message("a column of texts or truths"), todo)
        known = sorted({*columns, *self.attribute_names()} - {"occurred_at"})
        option = closest(name, _OPTIONS, cutoff=0.75)
        todo = message("Options of a step are {names}.", names=", ".join(OPTIONS)) if option else ""
        raise AbsentError.of("dimension", name, known, todo)

    def _is_number(self, name: str) -> bool:
        return self.store.columns.get(name, {}).get("kind") in ("measure", "sequence")

    def _row_marks(self, leaf: Condition) -> np.ndarray:
        """Marks of what is decided row by row: numbers, ranges of dates, segments."""
        if isinstance(leaf, InSegment):
            from workbench.engine.segments import segment_rows

            return segment_rows(self, leaf.segment)
        if isinstance(leaf, InPeriod):
            start, end = Period.parse(leaf.text, self.zone, self.as_of).bounds()
            times = self.store.times
            return np.asarray((times >= start) & (times < end))
        assert isinstance(leaf, Term)
        if leaf.basis:
            from workbench.engine.persisting import basis_marks

            return basis_marks(self, leaf)
        numbers = np.asarray(self.store.column(leaf.field))
        if self.store.columns[leaf.field]["kind"] == "sequence":
            numbers = np.where(numbers == NO_SEQUENCE, np.nan, numbers)
        return number_marks(numbers, leaf)

    def _check_values(self, term: Term, values: pa.Array) -> None:
        """Refuse an event that does not occur; say it of any other value."""
        if term.operator != "=" or not len(self.store):
            return
        for value in absent_values(values, term):
            if term.field == "event":
                raise AbsentError.of("event", value, values.to_pylist())
            note = message("{name} = {value} does not occur.", name=term.field, value=value)
            close = closest(value, values)
            if close:
                note += " " + message("Closest: {values}.", values=", ".join(close))
            self.note(note)

    def note(self, sentence: str) -> None:
        """Keep a sentence for the scope of the result, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)


_NOTHING = pa.array([None], pa.string())
_OPTIONS = pa.array(OPTIONS, pa.string())


def _barrier(item: Step) -> Condition | None:
    """Rows that must not lie between this step and the one before; None for every row."""
    if item.link != "next":
        return item.without
    if item.next_among is None or item.without is None:
        return item.next_among
    return Logic("any", (item.next_among, item.without))


def _collect(condition: Condition, leaves: dict[str, Condition]) -> None:
    if isinstance(condition, Logic):
        for part in condition.parts:
            _collect(part, leaves)
    elif isinstance(condition, OfContainer):
        raise ArgumentError.of(
            "condition",
            str(condition),
            message("a condition on single rows"),
            message("It speaks of a whole container: put it into the where of a segment."),
        )
    else:
        leaves[repr(condition)] = condition


def _refuse_limits(steps: tuple[Step, ...]) -> None:
    """Limits that only the sequences of segments know."""
    for item in steps:
        for limit in item.limits or ():
            raise ArgumentError.of(
                limit.bound,
                str(limit),
                message("a fixed length of time, such as '90d' or '1h 30min'"),
                message("In wb.segment(…, steps=[…]) it can be used."),
            )


def _decided(condition: Condition | None, known: dict[str, np.ndarray], size: int) -> np.ndarray:
    """Marks of a condition, from the marks of its leaves."""
    if condition is None:
        return np.ones(size, bool)
    if not isinstance(condition, Logic):
        return known[repr(condition)]
    marks = [_decided(part, known, size) for part in condition.parts]
    if condition.kind == "not":
        return ~marks[0]
    return (np.logical_and if condition.kind == "all" else np.logical_or).reduce(marks)
