"""Conditions turned into marks on rows.

A condition on an encoded column is decided once a distinct value, not once a row. When all steps
speak of one encoded column, no row is touched before the match itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import numpy as np

from workbench.engine import kernels
from workbench.engine.store import EventStore
from workbench.errors import ArgumentError
from workbench.vocabulary.conditions import (
    NUMBER_OPERATORS,
    TEXT_OPERATORS,
    Condition,
    InPeriod,
    InSegment,
    Logic,
    Term,
    fields_of,
)
from workbench.vocabulary.periods import Period
from workbench.vocabulary.steps import Step


@dataclass(frozen=True)
class Attribute:
    """A column of another table, aligned with the dictionary of the key that leads to it.

    Attributes
    ----------
    key : str
        Event column whose codes index `values`.
    values : numpy.ndarray
        One value a code; None or NaN where unknown.
    """

    key: str
    values: np.ndarray


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
    """

    store: EventStore
    attribute: Callable[[str], Attribute | None] = lambda name: None
    attribute_names: Callable[[], list[str]] = list
    zone: str = "UTC"
    as_of: Any = None
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
        columns = self.store.columns
        if name in columns and columns[name]["kind"] in ("text", "boolean", "list"):
            values = self.store.dictionary(name).to_numpy(zero_copy_only=False)
            return self.store.column(name), _with_missing(values.astype(object), None)
        found = self.attribute(name) if name not in columns else None
        if found is None:
            known = sorted({*columns, *self.attribute_names()})
            raise ArgumentError.of("dimension", name, known)
        missing = np.nan if found.values.dtype.kind == "f" else None
        return self.store.column(found.key), _with_missing(found.values, missing)

    def rows(self, condition: Condition) -> np.ndarray:
        """A mark for every row of the store that meets `condition`."""
        if isinstance(condition, Logic):
            marks = [self.rows(part) for part in condition.parts]
            if condition.kind == "not":
                return ~marks[0]
            return (np.logical_and if condition.kind == "all" else np.logical_or).reduce(marks)
        if isinstance(condition, InSegment):
            from workbench.engine.segments import segment_rows

            return segment_rows(self, condition.segment)
        if isinstance(condition, InPeriod):
            start, end = Period.parse(condition.text, self.zone, self.as_of).bounds()
            times = self.store.times
            return (times >= start) & (times < end)
        if self._is_measure(condition.field):
            return _compared(np.asarray(self.store.column(condition.field)), condition)
        codes, _ = self.lookup(condition.field)
        return self.marked_values(condition)[codes]

    def marked_values(self, term: Term) -> np.ndarray:
        """A mark for every code of an encoded name, the last one for "missing"."""
        _, values = self.lookup(term.field)
        kind = self.store.columns.get(term.field, {}).get("kind")
        if values.dtype.kind == "f":
            return _compared(values, term)
        if kind == "list":
            decide = np.all if term.operator in ("!=", "not_contains") else np.any
            single = self.store.members_of_code(term.field)
            found = [bool(decide(_text_marks(np.array(v, dtype=object), term))) for v in single]
            return np.append(found, _text_marks(np.array([None], dtype=object), term)).astype(bool)
        marked = _text_marks(values, term)
        if term.operator == "=" and term.field in self.store.columns:
            self._check_values(term, values)
        return marked

    def _is_measure(self, name: str) -> bool:
        return self.store.columns.get(name, {}).get("kind") == "measure"

    def _check_values(self, term: Term, values: np.ndarray) -> None:
        known = set(values[:-1])
        for value in term.values:
            if _plain(value) in known or not len(self.store):
                continue
            if term.field == "event":
                raise ArgumentError.of("event", value, sorted(known))
            close = get_close_matches(_plain(value), list(map(str, known)), n=3, cutoff=0.5)
            hint = f" Closest: {', '.join(close)}." if close else ""
            note = f"{term.field} = {value} does not occur in the events.{hint}"
            if note not in self.notes:
                self.notes.append(note)

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
            Bit of the rows that must not lie between step k - 1 and k; -1 for none.
        """
        conditions: list[Condition | None] = [item.condition for item in steps]
        blocker = np.full(len(steps), -1, np.int64)
        for number, item in enumerate(steps):
            if number and (item.link == "next" or item.without is not None):
                blocker[number] = len(conditions)
                conditions.append(_barrier(item))
        if len(conditions) > 64:
            raise ArgumentError.of(
                "steps", f"{len(conditions)} conditions", "64 conditions, exclusions included"
            )
        shared = self._shared_column([c for c in conditions if c is not None])
        if shared is not None and keep is None:
            codes, values = self.lookup(shared)
            bits_of = np.zeros(values.size, np.uint64)
            for bit, condition in enumerate(conditions):
                bits_of[self._marks_of_codes(condition, values.size)] |= np.uint64(1 << bit)
            return codes, bits_of, blocker
        return *self._row_bits(conditions, len(steps), keep), blocker

    def _shared_column(self, conditions: list[Condition]) -> str | None:
        names = set().union(*(fields_of(c) for c in conditions))
        simple = all(_only_terms(c) for c in conditions)
        if len(names) != 1 or not simple:
            return None
        name = names.pop()
        return None if self._is_measure(name) else name

    def _marks_of_codes(self, condition: Condition | None, size: int) -> np.ndarray:
        if condition is None:
            return np.ones(size, bool)
        if isinstance(condition, Term):
            return self.marked_values(condition)
        assert isinstance(condition, Logic)
        marks = [self._marks_of_codes(part, size) for part in condition.parts]
        if condition.kind == "not":
            return ~marks[0]
        return (np.logical_and if condition.kind == "all" else np.logical_or).reduce(marks)

    def _row_bits(
        self, conditions: list[Condition | None], steps: int, keep: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Bits a row, renumbered so that only combinations that occur carry a code."""
        width = next(w for w in (8, 16, 32, 64) if w >= len(conditions))
        bits = np.zeros(len(self.store), f"u{width // 8}")
        every_row = np.broadcast_to(np.True_, len(self.store))
        for bit, condition in enumerate(conditions):
            marked = every_row if condition is None else self.rows(condition)
            if keep is not None and bit < steps:
                marked = marked & keep
            kernels.add_bit(bits, marked, bits.dtype.type(1 << bit))
        if width == 8:
            return bits, np.arange(256, dtype=np.uint64)
        occurring, codes = np.unique(bits, return_inverse=True)
        return codes.astype(np.uint32), occurring.astype(np.uint64)

    @cached_property
    def dimensions(self) -> list[str]:
        """Names that can be compared as text."""
        kinds = ("text", "boolean", "list")
        return [name for name, column in self.store.columns.items() if column["kind"] in kinds]


def _barrier(item: Step) -> Condition | None:
    """Rows that must not lie between this step and the one before; None for every row."""
    if item.link != "next":
        return item.without
    if item.next_among is None or item.without is None:
        return item.next_among
    return Logic("any", (item.next_among, item.without))


def _with_missing(values: np.ndarray, missing: float | None) -> np.ndarray:
    """Values with one more place at the end, for rows without a value."""
    out = np.empty(values.size + 1, values.dtype)
    out[:-1] = values
    out[-1] = missing
    return out


def _only_terms(condition: Condition) -> bool:
    if isinstance(condition, Logic):
        return all(_only_terms(part) for part in condition.parts)
    return isinstance(condition, Term)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool | np.bool_) else str(value)


def _text_marks(values: np.ndarray, term: Term) -> np.ndarray:
    """Marks of text values (None where missing)."""
    present = np.array([value is not None and value == value for value in values], dtype=bool)
    if term.operator == "exists":
        return present if term.values[0] else ~present
    wanted = [_plain(value) for value in term.values]
    texts = [_plain(value) if here else "" for value, here in zip(values, present, strict=True)]
    if term.operator in NUMBER_OPERATORS:
        raise ArgumentError.of(
            term.field, term.operator, ("=", "!=", *TEXT_OPERATORS, "exists"), "It holds text."
        )
    decide = _TEXT[term.operator]
    found = np.array([decide(text, wanted) for text in texts], dtype=bool)
    return found | ~present if term.operator in ("!=", "not_contains") else found & present


def _wildcard(text: str, patterns: list[str]) -> bool:
    return any(re.fullmatch(_pattern(pattern), text, re.DOTALL) for pattern in patterns)


def _pattern(pattern: str) -> str:
    pieces = re.split(r"(\\.|\*)", pattern)
    return "".join(
        ".*" if p == "*" else re.escape(p[1:] if p.startswith("\\") and len(p) == 2 else p)
        for p in pieces
    )


_TEXT: Mapping[str, Callable[[str, list[str]], bool]] = {
    "=": lambda text, wanted: text in wanted,
    "!=": lambda text, wanted: text not in wanted,
    "contains": lambda text, wanted: any(w in text for w in wanted),
    "not_contains": lambda text, wanted: not any(w in text for w in wanted),
    "starts_with": lambda text, wanted: text.startswith(tuple(wanted)),
    "ends_with": lambda text, wanted: text.endswith(tuple(wanted)),
    "matches": _wildcard,
}


def _compared(values: np.ndarray, term: Term) -> np.ndarray:
    """Marks of numbers; a missing number meets only ``!=`` and ``exists: false``."""
    present = ~np.isnan(values)
    if term.operator == "exists":
        return present if term.values[0] else ~present
    try:
        wanted = [float(value) for value in term.values]
    except (TypeError, ValueError):
        raise ArgumentError.of(term.field, term.values[0], "a number") from None
    if term.operator in TEXT_OPERATORS:
        raise ArgumentError.of(
            term.field, term.operator, ("=", "!=", *NUMBER_OPERATORS, "exists"), "It holds numbers."
        )
    with np.errstate(invalid="ignore"):
        if term.operator == "=":
            return np.isin(values, wanted)
        if term.operator == "!=":
            return ~np.isin(values, wanted)
        compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
        return np.logical_or.reduce([compare[term.operator](values, w) for w in wanted]) & present
