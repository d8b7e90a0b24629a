"""Distinct values compared with a term: one mark a value, decided for the whole dictionary at once.

Source: journeys-attribution-and-segments.md, B1 (operators; text is compared case-sensitively).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import NUMBER_OPERATORS, TEXT_OPERATORS, Term

NEGATIVE = {"!=": "=", **{name: name[4:] for name in TEXT_OPERATORS if name[:4] == "not_"}}
_MANY = 20_000
_LIKELY = 2_000


def plain_text(value: Any) -> str:
    """A value of a condition as the columns hold it."""
    return str(value).lower() if isinstance(value, bool | np.bool_) else str(value)


def text_marks(values: pa.Array, term: Term) -> np.ndarray:
    """Marks of texts; a missing one meets only ``!=``, ``not_…`` and ``exists: false``."""
    if term.operator == "exists":
        present = pc.is_valid(values).to_numpy(zero_copy_only=False)
        return present if term.values[0] else ~present
    if term.operator in NUMBER_OPERATORS:
        raise ArgumentError.of(
            term.field,
            term.operator,
            ("=", "!=", *TEXT_OPERATORS, "exists"),
            message("It holds text."),
        )
    wanted = [plain_text(value) for value in term.values]
    find = _TEXT[NEGATIVE.get(term.operator, term.operator)]
    found = pc.fill_null(find(values, wanted), False).to_numpy(zero_copy_only=False)
    return ~found if term.operator in NEGATIVE else found


def _each(
    find: Callable[..., pa.Array], joined: Callable[..., pa.Array] = pc.or_
) -> Callable[[pa.Array, list[str]], pa.Array]:
    def found(values: pa.Array, wanted: list[str]) -> pa.Array:
        marks = find(values, pattern=wanted[0])
        for pattern in wanted[1:]:
            marks = joined(marks, find(values, pattern=pattern))
        return marks

    return found


def _wildcard(values: pa.Array, pattern: str) -> pa.Array:
    pieces = re.split(r"(\\.|\*)", pattern, flags=re.DOTALL)
    text = "".join(
        ".*" if p == "*" else re.escape(p[1:] if p.startswith("\\") and len(p) == 2 else p)
        for p in pieces
    )
    return pc.match_substring_regex(values, pattern=rf"(?s)\A(?:{text})\z")


_TEXT: Mapping[str, Callable[[pa.Array, list[str]], pa.Array]] = {
    "=": lambda values, wanted: pc.is_in(values, value_set=pa.array(wanted, pa.string())),
    "contains": _each(pc.match_substring),
    "contains_all": _each(pc.match_substring, pc.and_),
    "starts_with": _each(pc.starts_with),
    "ends_with": _each(pc.ends_with),
    "matches": _each(_wildcard),
}


def number_marks(values: np.ndarray, term: Term) -> np.ndarray:
    """Marks of numbers; a missing number meets only ``!=`` and ``exists: false``."""
    if term.operator == "exists":
        missing = np.isnan(values)
        return ~missing if term.values[0] else missing
    if term.operator in TEXT_OPERATORS:
        raise ArgumentError.of(
            term.field,
            term.operator,
            ("=", "!=", *NUMBER_OPERATORS, "exists"),
            message("It holds numbers."),
        )
    try:
        wanted = [float(value) for value in term.values]
    except (TypeError, ValueError):
        raise ArgumentError.of(
            term.field, term.values, message("numbers"), message("It holds numbers.")
        ) from None
    if term.operator == "=":
        return np.isin(values, wanted)
    if term.operator == "!=":
        return ~np.isin(values, wanted)
    # Several values are alternatives, so the widest bound decides; NaN meets none.
    bound = max(wanted) if term.operator.startswith("<") else min(wanted)
    compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
    return compare[term.operator](values, bound)


def absent_values(values: pa.Array, term: Term) -> list[str]:
    """Values that a term asks for and that do not occur."""
    wanted = pa.array([plain_text(value) for value in term.values], pa.string())
    return wanted.filter(pc.invert(pc.is_in(wanted, value_set=values))).to_pylist()


def closest(value: str, values: pa.Array, cutoff: float = 0.5) -> list[str]:
    """Up to three values that look like one that does not occur; among many, the likely ones."""
    if len(values) > _MANY:
        likely = pc.or_(
            pc.equal(pc.utf8_lower(values), value.lower()),
            pc.starts_with(values, pattern=value[:3]),
        )
        values = values.filter(likely)[:_LIKELY]
    return get_close_matches(value, values.drop_null().to_pylist(), n=3, cutoff=cutoff)
