"""Conditions on an event: plain values with one form in Python, YAML and widget.

The plain form is a mapping. Different names are joined by AND, several values of one name by OR::

    {"event": "content_viewed", "content_type": ["whitepaper", "webinar"]}
    {"event": "opportunity_created", "amount": {">=": 10000}}
    {"any": [{"event": "mql_qualified"}, {"channel": {"starts_with": "event"}}]}

Operators: ``=`` ``!=`` ``<`` ``<=`` ``>`` ``>=`` ``contains`` ``not_contains`` ``starts_with``
``ends_with`` ``matches`` (``*`` stands for anything, a backslash takes it literally) ``exists``.
Text is compared case-sensitively (journeys-attribution-and-segments.md, B1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import ArgumentError

TEXT_OPERATORS = ("contains", "not_contains", "starts_with", "ends_with", "matches")
NUMBER_OPERATORS = ("<", "<=", ">", ">=")
OPERATORS = ("=", "!=", *NUMBER_OPERATORS, *TEXT_OPERATORS, "exists")
LOGIC = ("all", "any", "not")


@dataclass(frozen=True)
class Term:
    """One name compared with one or several values; several values are alternatives."""

    field: str
    operator: str
    values: tuple[Any, ...]

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this term."""
        one = self.values[0] if len(self.values) == 1 else list(self.values)
        return {self.field: one if self.operator == "=" else {self.operator: one}}

    def __str__(self) -> str:
        shown = " or ".join(map(str, self.values))
        if self.operator == "=":
            return shown if self.field == "event" else f"{self.field} = {shown}"
        if self.operator == "exists":
            return f"{self.field} exists" if self.values[0] else f"{self.field} is missing"
        return f"{self.field} {self.operator.replace('_', ' ')} {shown}"


@dataclass(frozen=True)
class Logic:
    """Parts joined by ``all`` (AND), ``any`` (OR), or one part under ``not``."""

    kind: str
    parts: tuple[Condition, ...]

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this condition."""
        if self.kind == "not":
            return {"not": self.parts[0].plain()}
        plain = [part.plain() for part in self.parts]
        if self.kind == "all":
            joined = {key: value for part in plain for key, value in part.items()}
            if len(joined) == sum(map(len, plain)) and not set(joined) & {"any", "all", "not"}:
                return joined
        return {self.kind: plain}

    def __str__(self) -> str:
        if self.kind == "not":
            return f"not ({self.parts[0]})"
        word = " and " if self.kind == "all" else " or "
        return word.join(f"({p})" if isinstance(p, Logic) else str(p) for p in self.parts)


@dataclass(frozen=True)
class InSegment:
    """Rows that belong to a segment, used as a condition."""

    segment: Any

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this condition."""
        return {"segment": self.segment.plain()}

    def __str__(self) -> str:
        return f"in segment {self.segment.name}"


@dataclass(frozen=True)
class InPeriod:
    """Rows inside a range of dates of the reporting zone, used as a condition."""

    text: str

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this condition."""
        return {"period": self.text}

    def __str__(self) -> str:
        return f"during {self.text}"


Condition = Term | Logic | InSegment | InPeriod


def condition_from(value: Any, argument: str = "condition") -> Condition:
    """Read the plain form of a condition.

    Raises
    ------
    ArgumentError
        When the mapping is empty or an operator is unknown.
    """
    if isinstance(value, Term | Logic | InSegment | InPeriod):
        return value
    if isinstance(value, str):
        return Term("event", "=", (value,))
    if not isinstance(value, Mapping) or not value:
        raise ArgumentError.of(
            argument, value, "an event name or a mapping such as {'event': 'meeting'}"
        )
    return joined("all", [_part(str(k), v, argument) for k, v in value.items()])


def _part(name: str, value: Any, argument: str) -> Condition:
    from workbench.vocabulary.segments import segment_from

    if name in ("all", "any"):
        if not isinstance(value, list | tuple) or not value:
            raise ArgumentError.of(f"{argument}.{name}", value, "a list of conditions")
        return joined(name, [condition_from(item, argument) for item in value])
    if name == "not":
        return Logic("not", (condition_from(value, argument),))
    if name == "segment":
        return InSegment(segment_from(value))
    if name == "period":
        return InPeriod(str(value))
    if isinstance(value, Mapping):
        terms = [_term(name, str(op), v, argument) for op, v in value.items()]
        return joined("all", terms)
    return _term(name, "=", value, argument)


def _term(name: str, operator: str, value: Any, argument: str) -> Condition:
    if operator not in OPERATORS:
        raise ArgumentError.of(f"{argument}.{name}", operator, OPERATORS)
    values = tuple(value) if isinstance(value, list | tuple | set) else (value,)
    if not values:
        raise ArgumentError.of(f"{argument}.{name}", value, "at least one value")
    if operator == "exists" and not isinstance(values[0], bool):
        raise ArgumentError.of(f"{argument}.{name}.exists", value, "true or false")
    return Term(name, operator, values)


def joined(kind: str, parts: list[Condition]) -> Condition:
    """Join conditions; a single one stays as it is."""
    return parts[0] if len(parts) == 1 else Logic(kind, tuple(parts))


def combined(parts: list[Condition], logic: str | None = None) -> Condition:
    """Join what was dropped onto one touchpoint, by the combination table.

    Same name: OR. Event with event (metrics): OR. Different names: AND. A segment or a range of
    dates with anything: AND. An explicit `logic` of ``"and"`` or ``"or"`` wins.

    Notes
    -----
    Source: journeys-fallout.md, section 1, combination logic.
    """
    if logic is not None:
        if logic not in ("and", "or"):
            raise ArgumentError.of("logic", logic, ("and", "or"))
        return joined("all" if logic == "and" else "any", parts)
    alternatives: dict[str, list[Condition]] = {}
    for number, part in enumerate(parts):
        name = part.field if isinstance(part, Term) else f"part {number}"
        alternatives.setdefault(name, []).append(part)
    return joined("all", [joined("any", group) for group in alternatives.values()])


def fields_of(condition: Condition) -> set[str]:
    """Every name that a condition compares."""
    if isinstance(condition, Term):
        return {condition.field}
    if isinstance(condition, Logic):
        return set().union(*(fields_of(part) for part in condition.parts))
    return set()
