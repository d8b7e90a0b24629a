"""Conditions on a whole container: several rows that each meet something, and totals over rows.

Plain forms::

    {"each": ["pricing", "demo"]}                                  both occur, on any rows
    {"times": {"of": "pricing", ">=": 3}}                          at least 3 such events
    {"distinct": {"of": "person_id", "where": "demo", ">=": 3}}    of at least 3 persons
    {"total": {"of": "amount", "where": "won", ">": 10000}}        a measure added up

They stand in the ``where`` of a segment. ``each`` is also a step of a segment (a logic group: any
order, after the step before and before the next one), and what must not lie between two steps
(not all of them).

Source: journeys-attribution-and-segments.md, B1 (numeric, distinct count, logic group) and B2.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import marked, message
from workbench.vocabulary.conditions import (
    NUMBER_OPERATORS,
    Condition,
    OfContainer,
    condition_from,
    fields_of,
    leaves_of,
)

COMPARISONS = ("=", "!=", *NUMBER_OPERATORS)
MOST_IN_A_GROUP = 5
_OPTIONS = ("of", "where", *COMPARISONS)


@dataclass(frozen=True)
class Each(OfContainer):
    """Every one of several conditions is met by some row; one row may meet several of them."""

    parts: tuple[Condition, ...]

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this condition."""
        return {"each": [part.plain() for part in self.parts]}

    def fields(self) -> set[str]:
        """Every name that it compares."""
        return set().union(*(fields_of(part) for part in self.parts))

    def __str__(self) -> str:
        return message(
            "each of {conditions}", conditions=", ".join(f"({part})" for part in self.parts)
        )


@dataclass(frozen=True)
class Total(OfContainer):
    """A number over the rows of a container, compared with bounds that must all hold.

    Attributes
    ----------
    kind : {"times", "distinct", "total"}
        Rows, distinct values of a dimension, or the sum of a measure.
    of : str
        The dimension or measure; empty for rows.
    where : Condition or None
        Rows that are looked at; all of them when it is None.
    bounds : tuple of (str, float)
        Operators of `COMPARISONS` with their numbers.
    """

    kind: str
    of: str
    where: Condition | None
    bounds: tuple[tuple[str, float], ...]

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this condition."""
        out: dict[str, Any] = {"of": self.of}
        if self.kind == "times":
            out["of"] = None if self.where is None else self.where.plain()
        elif self.where is not None:
            out["where"] = self.where.plain()
        return {self.kind: {**out, **{sign: _short(n) for sign, n in self.bounds}}}

    def fields(self) -> set[str]:
        """Every name that it compares."""
        return ({self.of} if self.of else set()) | (fields_of(self.where) if self.where else set())

    def holds(self, number: Any) -> Any:
        """Whether a number, or each of an array of numbers, meets all bounds."""
        return reduce(operator.and_, (_COMPARE[sign](number, n) for sign, n in self.bounds))

    def __str__(self) -> str:
        compared = message(" and ").join(
            message(_WORDS[sign], n=f"{number:,.12g}") for sign, number in self.bounds
        )
        what = message(_KINDS[self.kind], number=compared, name=self.of)
        if self.where is None:
            return what
        return message("{number} with {condition}", number=what, condition=self.where)


_COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_KINDS = {
    "times": marked("{number} events"),
    "distinct": marked("{number} distinct values of {name}"),
    "total": marked("{name} adding up to {number}"),
}
_WORDS = {
    "=": marked("exactly {n}"),
    "!=": marked("any number but {n}"),
    "<": marked("fewer than {n}"),
    "<=": marked("at most {n}"),
    ">": marked("more than {n}"),
    ">=": marked("at least {n}"),
}


def whole_from(name: str, value: Any, argument: str) -> OfContainer:
    """Read what stands under ``each``, ``times``, ``distinct`` or ``total``."""
    return _each(value, argument) if name == "each" else _total(name, value, argument)


def _each(parts: Sequence[Condition], argument: str) -> Each:
    for part in parts:
        for leaf in leaves_of(part):
            if isinstance(leaf, OfContainer):
                raise ArgumentError.of(
                    f"{argument}.each",
                    str(leaf),
                    message("conditions on single rows, and segments"),
                    message("Join them with all or any instead."),
                )
    return Each(tuple(dict.fromkeys(parts)))


def _total(kind: str, value: Mapping[str, Any], argument: str) -> Total:
    place = f"{argument}.{kind}"
    unknown = [str(key) for key in value if key not in _OPTIONS]
    if unknown:
        raise ArgumentError.of(place, unknown[0], _OPTIONS)
    of, where = value["of"], value.get("where")
    if kind == "times":
        if where is not None:
            raise ArgumentError.of(
                f"{place}.where", where, message("nothing; the rows stand in of")
            )
        of, where = "", of
    elif not isinstance(of, str) or not of:
        raise ArgumentError.of(f"{place}.of", of, message("the name of a dimension or measure"))
    condition = None if where is None else condition_from(where, place)
    if condition is not None and any(
        isinstance(leaf, OfContainer) for leaf in leaves_of(condition)
    ):
        raise ArgumentError.of(place, str(condition), message("a condition on single rows"))
    bounds = tuple((op, _number(value[op], place)) for op in COMPARISONS if op in value)
    if not bounds:
        raise ArgumentError.of(
            place,
            dict(value),
            message("a number under one of {operators}", operators=", ".join(COMPARISONS)),
        )
    found = Total(kind, of, condition, bounds)
    if kind != "total" and not _possible(found):
        raise ArgumentError.of(
            place,
            str(found),
            message("a number that a count can be"),
            message("No count could ever meet it."),
        )
    return found


def _number(value: Any, argument: str) -> float:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    if not known or not math.isfinite(value):
        raise ArgumentError.of(argument, value, message("a number"))
    return float(value)


def _possible(total: Total) -> bool:
    """Whether some whole number from zero on meets all bounds."""
    near = {0.0}
    for _, bound in total.bounds:
        near |= {math.floor(bound) + shift for shift in (-1.0, 0.0, 1.0, 2.0)}
    return any(total.holds(number) for number in near if number >= 0)


def _short(number: float) -> int | float:
    return int(number) if number == int(number) else number
