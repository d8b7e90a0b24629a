"""Conditions on an event: plain values with one form in Python, YAML and widget.

The plain form is a mapping. Different names are joined by AND, several values of one name by OR::

    {"event": "content_viewed", "content_type": ["whitepaper", "webinar"]}
    {"event": "opportunity_created", "amount": {">=": 10000}}
    {"any": [{"event": "mql_qualified"}, {"channel": {"starts_with": "event"}}]}
    {"period": "2026-01..2026-03", "not": {"channel": {"exists": True}}}

Operators: ``=`` ``!=`` ``<`` ``<=`` ``>`` ``>=`` ``contains`` (any of several) ``contains_all``
``starts_with`` ``ends_with`` ``matches`` (``*`` stands for anything, a backslash takes it
literally) ``exists``, and ``not_`` before each of the text operators. Text is compared
case-sensitively (journeys-attribution-and-segments.md, B1).

``basis`` beside an operator says which rows carry a value (B1, dimension value basis): every row
on which it stands (``instance``, the default), also rows on which it still holds because none has
followed (``repeating``), or only rows on which it changes (``non_repeating``); ``per`` names the
container inside which it holds::

    {"channel": {"=": "Webinar", "basis": "repeating", "per": "person"}}

What speaks of a whole container (``each``, ``times``, ``distinct``, ``total``) stands in
`workbench.vocabulary.wholes`. A column that is called ``all``, ``any``, ``each``, ``not``,
``segment`` or ``period`` is written with its operator: ``{"segment": {"=": "Enterprise"}}``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import marked, message
from workbench.vocabulary.containers import container_named

WORD_OPERATORS = ("contains", "not_contains", "contains_all", "not_contains_all")
TEXT_OPERATORS = (
    *WORD_OPERATORS,
    "starts_with",
    "not_starts_with",
    "ends_with",
    "not_ends_with",
    "matches",
    "not_matches",
)
NUMBER_OPERATORS = ("<", "<=", ">", ">=")
OPERATORS = ("=", "!=", *NUMBER_OPERATORS, *TEXT_OPERATORS, "exists")
LOGIC = ("all", "any", "not")
RESERVED = (*LOGIC, "each", "segment", "period")
BASES = ("instance", "repeating", "non_repeating")
PERSISTING = ("account", "person", "session", "opportunity", "global_account")
MODIFIERS = ("basis", "per")
WHOLES = ("times", "distinct", "total")
MOST_VALUES = 500
MOST_WORDS = 100


@dataclass(frozen=True)
class Term:
    """One name compared with one or several values; several values are alternatives.

    Attributes
    ----------
    field, operator : str
    values : tuple
    basis : {"", "repeating", "non_repeating"}
        Which rows carry a value; empty for every row on which it stands.
    per : str
        Container inside which a value holds or repeats; only with a basis.
    """

    field: str
    operator: str
    values: tuple[Any, ...]
    basis: str = ""
    per: str = ""

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this term."""
        one = self.values[0] if len(self.values) == 1 else list(self.values)
        if self.basis:
            return {self.field: {self.operator: one, "basis": self.basis, "per": self.per}}
        short = self.operator == "=" and self.field not in RESERVED
        return {self.field: one if short else {self.operator: one}}

    def __str__(self) -> str:
        if not self.basis:
            return self._compared()
        who = container_named(self.per).singular
        return message(_BASIS_WORDS[self.basis], term=self._compared(), container=who)

    def _compared(self) -> str:
        every = self.operator.endswith("contains_all")
        shown = (message(" and ") if every else message(" or ")).join(map(str, self.values))
        if self.operator == "=" and self.field == "event":
            return shown
        if self.operator == "exists":
            if self.values[0]:
                return message("{field} exists", field=self.field)
            return message("{field} is missing", field=self.field)
        return message(_WORDS[self.operator], field=self.field, values=shown)


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
            if len(joined) == sum(map(len, plain)) and not set(joined) & set(LOGIC):
                return joined
        return {self.kind: plain}

    def __str__(self) -> str:
        if self.kind == "not":
            return message("not ({condition})", condition=self.parts[0])
        word = message(" and ") if self.kind == "all" else message(" or ")
        return word.join(f"({p})" if isinstance(p, Logic) else str(p) for p in self.parts)


@dataclass(frozen=True)
class InSegment:
    """Rows that belong to a segment, used as a condition.

    Inside the `where` and the steps of another segment it is a nested container.
    """

    segment: Any

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this condition."""
        return {"segment": self.segment.plain()}

    def __str__(self) -> str:
        return message("in segment {name}", name=self.segment.name)


@dataclass(frozen=True)
class InPeriod:
    """Rows inside a range of dates of the reporting zone, used as a condition."""

    text: str

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this condition."""
        return {"period": self.text}

    def __str__(self) -> str:
        return message("during {period}", period=self.text)


_WORDS = {
    "=": marked("{field} = {values}"),
    "!=": marked("{field} is not {values}"),
    "<": marked("{field} < {values}"),
    "<=": marked("{field} ≤ {values}"),
    ">": marked("{field} > {values}"),
    ">=": marked("{field} ≥ {values}"),
    "contains": marked("{field} contains {values}"),
    "not_contains": marked("{field} does not contain {values}"),
    "contains_all": marked("{field} contains all of {values}"),
    "not_contains_all": marked("{field} does not contain all of {values}"),
    "starts_with": marked("{field} starts with {values}"),
    "not_starts_with": marked("{field} does not start with {values}"),
    "ends_with": marked("{field} ends with {values}"),
    "not_ends_with": marked("{field} does not end with {values}"),
    "matches": marked("{field} matches {values}"),
    "not_matches": marked("{field} does not match {values}"),
}
_BASIS_WORDS = {
    "repeating": marked("{term} (the latest value of the {container})"),
    "non_repeating": marked("{term} (where it changes in the {container})"),
}


class OfContainer(ABC):
    """A condition on a whole container, which no single row can meet."""

    @abstractmethod
    def plain(self) -> dict[str, Any]:
        """The mapping that makes this condition."""

    @abstractmethod
    def fields(self) -> set[str]:
        """Every name that it compares."""


Condition = Term | Logic | InSegment | InPeriod | OfContainer


def condition_from(value: Any, argument: str = "condition") -> Condition:
    """Read the plain form of a condition.

    Raises
    ------
    ArgumentError
        When the mapping is empty or an operator is unknown.
    """
    if isinstance(value, Term | Logic | InSegment | InPeriod | OfContainer):
        return value
    if isinstance(value, str):
        return Term("event", "=", (value,))
    if not isinstance(value, Mapping) or not value:
        raise ArgumentError.of(
            argument, value, message("an event name or a mapping such as {'event': 'meeting'}")
        )
    return joined("all", [_part(str(k), v, argument) for k, v in value.items()])


def _part(name: str, value: Any, argument: str) -> Condition:
    compared = isinstance(value, Mapping) and bool(set(value) & set(OPERATORS))
    column = name == "segment" and isinstance(value, str | list | tuple)
    if name in RESERVED and not compared and not column:
        return _reserved(name, value, argument)
    if name in WHOLES and isinstance(value, Mapping) and "of" in value:
        return _whole(name, value, argument)
    if not isinstance(value, Mapping):
        return _term(name, "=", value, argument)
    if not value:
        raise ArgumentError.of(f"{argument}.{name}", value, OPERATORS)
    basis, per = _basis(name, value, argument)
    terms = [(str(op), v) for op, v in value.items() if op not in MODIFIERS]
    return joined("all", [_term(name, op, v, argument, basis, per) for op, v in terms])


def _basis(name: str, value: Mapping[str, Any], argument: str) -> tuple[str, str]:
    """Which rows carry a value, and the container inside which it holds."""
    basis, per = value.get("basis", "instance"), value.get("per", "")
    if basis not in BASES:
        raise ArgumentError.of(f"{argument}.{name}.basis", basis, BASES)
    if set(value) <= set(MODIFIERS):
        raise ArgumentError.of(f"{argument}.{name}", dict(value), OPERATORS)
    if basis == "instance":
        if per:
            todo = message("It says where a value holds, so it needs a basis.")
            raise ArgumentError.of(f"{argument}.{name}.per", per, BASES[1:], todo)
        return "", ""
    if (per or "account") not in PERSISTING:
        raise ArgumentError.of(f"{argument}.{name}.per", per, PERSISTING)
    return str(basis), str(per or "account")


def _reserved(name: str, value: Any, argument: str) -> Condition:
    """What stands under a name that is no column."""
    from workbench.vocabulary.periods import Period
    from workbench.vocabulary.segments import segment_from

    if name in ("all", "any", "each"):
        if not isinstance(value, list | tuple) or not value:
            raise ArgumentError.of(f"{argument}.{name}", value, message("a list of conditions"))
        parts = [condition_from(item, argument) for item in value]
        return _whole(name, parts, argument) if name == "each" else joined(name, parts)
    if name == "not":
        return Logic("not", (condition_from(value, f"{argument}.not"),))
    if name == "segment":
        return InSegment(segment_from(value, f"{argument}.segment"))
    if not Period.parse(value, as_of=datetime(2026, 1, 1, tzinfo=UTC), argument=argument):
        raise ArgumentError.of(
            f"{argument}.period", value, message("a range of dates such as '2026-03'")
        )
    return InPeriod(str(value))


def _whole(name: str, value: Any, argument: str) -> Condition:
    """A condition on a whole container."""
    from workbench.vocabulary.wholes import whole_from

    return whole_from(name, value, argument)


def _term(
    name: str, operator: str, value: Any, argument: str, basis: str = "", per: str = ""
) -> Condition:
    if operator not in OPERATORS:
        raise ArgumentError.of(f"{argument}.{name}", operator, OPERATORS)
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    several = value if isinstance(value, list | tuple) else (value,)
    values = tuple(dict.fromkeys(_scalar(item, name, argument) for item in several))
    if not values:
        raise ArgumentError.of(f"{argument}.{name}", value, message("at least one value"))
    most = MOST_WORDS if operator in WORD_OPERATORS else MOST_VALUES
    if len(values) > most:
        raise ArgumentError.of(
            f"{argument}.{name}",
            message("{n} values", n=f"{len(values):,}"),
            message("at most {n} values with {operator!r}", n=most, operator=operator),
        )
    if operator == "exists" and (len(values) > 1 or not isinstance(values[0], bool)):
        raise ArgumentError.of(f"{argument}.{name}.exists", value, message("true or false"))
    return Term(name, operator, values, basis, per)


def _scalar(value: Any, name: str, argument: str) -> Any:
    """One value as text, number or truth; dates as ISO text, as the event columns hold them."""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    if isinstance(value, date):
        return str(value)
    if isinstance(value, str | int) or (isinstance(value, float) and value == value):
        return value
    raise ArgumentError.of(
        f"{argument}.{name}",
        value,
        message("text, a number, true or false, or a list of them"),
        message("For a missing value write {'exists': false}.") if value is None else "",
    )


def joined(kind: str, parts: list[Condition]) -> Condition:
    """Join conditions, at least one; a single one stays as it is."""
    if not parts:
        raise ArgumentError.of("condition", parts, message("at least one condition"))
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
        alternatives.setdefault(_dimension_of(part) or f"\0{number}", []).append(part)
    return joined("all", [joined("any", group) for group in alternatives.values()])


def _dimension_of(part: Condition) -> str:
    """The one name that a part speaks of: an event with conditions of its own stays an event."""
    names = fields_of(part)
    if "event" in names:
        return "event"
    return names.pop() if len(names) == 1 and only_terms(part) else ""


def only_terms(condition: Condition) -> bool:
    """Whether a condition compares columns and nothing else: no segment, no range of dates."""
    if isinstance(condition, Logic):
        return all(only_terms(part) for part in condition.parts)
    return isinstance(condition, Term)


def fields_of(condition: Condition) -> set[str]:
    """Every name that a condition compares."""
    if isinstance(condition, Term):
        return {condition.field}
    if isinstance(condition, OfContainer):
        return condition.fields()
    if isinstance(condition, Logic):
        return set().union(*(fields_of(part) for part in condition.parts))
    return set()


def leaves_of(condition: Condition) -> list[Condition]:
    """The parts of a condition that are joined by nothing."""
    if isinstance(condition, Logic):
        return [leaf for part in condition.parts for leaf in leaves_of(part)]
    return [condition]
