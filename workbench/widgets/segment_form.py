"""A segment as the lines of a form, and back: plain values, no widget yet.

A form holds conditions on single rows joined by AND or by OR. What it cannot hold (sequences,
nested containers, limits) is edited as text, so that nothing is lost by opening it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import (
    NUMBER_OPERATORS,
    Condition,
    Logic,
    Term,
    condition_from,
)
from workbench.vocabulary.segments import Segment, segment_from

JOINED = ("all", "any")


@dataclass(frozen=True)
class Line:
    """One condition of a form.

    Attributes
    ----------
    field, operator : str
    values : tuple of str
        As they are shown.
    """

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """What the controls show.

    Attributes
    ----------
    name, scope : str
    exclude : bool
    joined : {"all", "any"}
    lines : tuple of Line
    """

    name: str
    scope: str
    exclude: bool
    joined: str
    lines: tuple[Line, ...]

    def plain(self) -> dict[str, Any]:
        """The mapping of the segment; lines without a value are left out.

        Raises
        ------
        ArgumentError
            When nothing is left to ask for, or a value is no number where one is needed.
        """
        where = condition_of(self.lines, self.joined)
        out: dict[str, Any] = {"name": self.name, "scope": self.scope, "where": where}
        if self.exclude:
            out["exclude"] = True
        return segment_from(out).plain()


def form_of(segment: Segment) -> Form | None:
    """The form of a segment; None where it has parts that a form does not hold."""
    bare = Segment(segment.name, segment.scope, segment.where, exclude=segment.exclude)
    if segment != bare or segment.where is None:
        return None
    read = lines_of(segment.where)
    if read is None:
        return None
    form = Form(segment.name, segment.scope, segment.exclude, *read)
    # A value that would be read back as something else, such as a number written as text, is text.
    return form if segment_from(form.plain()) == segment else None


def lines_of(condition: Condition) -> tuple[str, tuple[Line, ...]] | None:
    """How the lines of a condition are joined, and the lines; None where it is not made of lines.

    A condition whose lines would be read back as another one is not made of lines either.
    """
    kind, parts = _parts(condition)
    terms = [part for part in parts if isinstance(part, Term) and not part.basis]
    if len(terms) < len(parts):
        return None
    lines = tuple(Line(p.field, p.operator, tuple(map(_shown, p.values))) for p in terms)
    try:
        same = condition_from(condition_of(lines, kind)) == condition
    except ArgumentError:
        same = False
    return (kind, lines) if same else None


def condition_of(lines: Sequence[Line], joined: str) -> dict[str, Any]:
    """The plain condition of lines; those without a field or a value are left out.

    Raises
    ------
    ArgumentError
        When nothing is left to ask for, or a value is no number where one is needed.
    """
    terms = [_plain(line) for line in lines if line.field and line.values]
    if not terms:
        raise ArgumentError.of(
            "where", message("no condition"), message("at least one condition with a value")
        )
    return terms[0] if len(terms) == 1 else {joined: terms}


def as_text(plain: Mapping[str, Any]) -> str:
    """The mapping as YAML."""
    return yaml.safe_dump(dict(plain), sort_keys=False, allow_unicode=True, width=88)


def from_text(text: str) -> Segment:
    """The segment of a YAML text.

    Raises
    ------
    ArgumentError
        For a text that is no mapping of a segment.
    """
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as problem:
        reason = str(problem).splitlines()[0]
        raise ArgumentError.of(
            "segment", reason, message("YAML such as: where: {event: mql_qualified}")
        ) from None
    return segment_from(content)


def as_python(plain: Mapping[str, Any]) -> str:
    """The call that makes the segment."""
    if "stack" in plain:
        return repr([*plain["stack"]])
    name, rest = plain.get("name", ""), {k: v for k, v in plain.items() if k != "name"}
    given = ", ".join([repr(name), *(f"{key}={value!r}" for key, value in rest.items())])
    return f"wb.segment({given})"


def _parts(where: Condition) -> tuple[str, Sequence[Condition]]:
    if isinstance(where, Logic) and where.kind in JOINED:
        return where.kind, where.parts
    return "all", (where,)


def _plain(line: Line) -> dict[str, Any]:
    values = [_read(line, value) for value in line.values]
    return Term(line.field, line.operator, tuple(values)).plain()


def _read(line: Line, text: str) -> Any:
    """A value of a line: a truth, a number where the operator or its form asks for one, or text."""
    if line.operator == "exists":
        return text.strip().lower() not in ("false", "no", "0")
    if line.operator in NUMBER_OPERATORS:
        with contextlib.suppress(ValueError):
            number = float(text)
            return int(number) if number.is_integer() else number
    return text


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
