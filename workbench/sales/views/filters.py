"""Filters as SQL: field, operator, value, in three-valued logic, with bound values."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.sales.views.checking import Findings
from workbench.sales.views.dates import date_range
from workbench.sales.views.fields import Objects
from workbench.sales.views.logic import LogicError, parse_logic
from workbench.sales.views.model import Filter
from workbench.sales.views.schema import FieldOf, NotKnown

TEXT_ONLY = ("contains", "not contains", "starts with", "ends with")
_ORDER = ("<", "<=", ">", ">=")
BARE = ("empty", "not empty")
_FORMS = {
    "contains": "contains({0}, {1})",
    "starts with": "starts_with({0}, {1})",
    "ends with": "ends_with({0}, {1})",
}
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda text, part: text == part,
    "contains": lambda text, part: part in text,
    "starts with": str.startswith,
    "ends with": str.endswith,
}


def folded(text: str) -> str:
    """Text without case and width: NFKC, then case folding."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def condition(
    filters: Sequence[Filter],
    logic: str,
    objects: Objects,
    findings: Findings,
    *,
    null_is_false: bool = False,
    ignore_case: bool = False,
    place: str = "",
) -> str:
    """The condition of some filters; ``true`` where there are none.

    Everything wrong with them is noted in `findings`; the text is of use only when nothing was.

    Notes
    -----
    Source: sales-pipeline.md, section 4. A comparison with a missing value is unknown, and stays
    unknown under NOT; a row is kept when the whole is true. ``null_is_false`` makes each single
    comparison false instead.
    """
    atoms = []
    for number, item in enumerate(filters, 1):
        where = f"{place}filters.{number}"
        try:
            atom = one_filter(item, objects.find(item.field), objects, ignore_case)
            atoms.append(f"coalesce({atom}, false)" if null_is_false else f"({atom})")
        except NotKnown as problem:
            (findings.lacks if problem.absent else findings.add)(where, problem.said)
            atoms.append("true")
        except (ValueError, ArgumentError) as problem:
            findings.add(where, str(problem))
            atoms.append("true")
    try:
        node = parse_logic(logic, len(filters))
    except LogicError as problem:
        findings.add(f"{place}logic", str(problem))
        return "true"
    return "true" if node is None else node.sql(atoms)


def one_filter(item: Filter, field: FieldOf, objects: Objects, ignore_case: bool) -> str:
    """One filter as SQL.

    Raises
    ------
    ValueError
        With a sentence, when operator or value do not go with the kind of the field.
    """
    if item.operator in BARE:
        return _empty(item, field)
    values = list(item.value) if isinstance(item.value, list | tuple | set) else [item.value]
    if any(value is None for value in values) or not values:
        raise ValueError(
            message("{operator!r} needs a value; ask for missing ones by 'empty'",
                    operator=item.operator)
        )  # fmt: skip
    if item.operator in TEXT_ONLY and field.kind not in ("text", "list"):
        raise ValueError(
            message("{operator!r} compares text, and {field} holds {kind}",
                    operator=item.operator, field=field.name, kind=field.kind)
        )  # fmt: skip
    if item.operator == "between" and len(values) != 2:
        raise ValueError(message("'between' needs a list of two values"))
    if item.operator in _ORDER and len(values) != 1:
        raise ValueError(message("{operator!r} needs one value", operator=item.operator))
    compile_by = {"date": _dates, "instant": _dates, "text": _texts, "list": _list}
    return compile_by.get(field.kind, _plain)(item.operator, field, values, objects, ignore_case)


def _empty(item: Filter, field: FieldOf) -> str:
    if item.value is not None:
        raise ValueError(message("{operator!r} takes no value", operator=item.operator))
    test = f"{field.sql} IS NULL"
    if field.kind == "text":
        test = f"({test} OR trim({field.sql}::VARCHAR) = '')"
    elif field.kind == "list":
        test = f"({test} OR len({field.sql}) = 0)"
    return test if item.operator == "empty" else f"NOT {test}"


def _any(parts: list[str], negative: bool) -> str:
    text = f"({' OR '.join(parts)})"
    return f"(NOT {text})" if negative else text


def _plain(
    operator: str, field: FieldOf, values: list[Any], objects: Objects, ignore_case: bool
) -> str:  # fmt: skip
    wanted = bool if field.kind == "boolean" else (int, float)
    for value in values:
        if not isinstance(value, wanted) or (field.kind == "number" and isinstance(value, bool)):
            needed = message("true or false") if field.kind == "boolean" else message("a number")
            raise ValueError(message("{value!r} cannot be compared with {field}, {needed} is "
                                     "needed", value=value, field=field.name,
                                     needed=needed))  # fmt: skip
    if field.kind == "boolean" and operator in (*_ORDER, "between"):
        raise ValueError(message("{operator!r} does not go with true and false",
                                 operator=operator))  # fmt: skip
    cast = "BOOLEAN" if field.kind == "boolean" else "DOUBLE"
    bound = [f"{objects.bound(v)}::{cast}" for v in values]
    if operator == "between":
        return f"{field.sql} BETWEEN {bound[0]} AND {bound[1]}"
    if operator in _ORDER:
        return f"{field.sql} {operator} {bound[0]}"
    return _any([f"{field.sql} = {b}" for b in bound], operator in ("!=", "not in"))


def _dates(
    operator: str, field: FieldOf, values: list[Any], objects: Objects, ignore_case: bool
) -> str:  # fmt: skip
    settings = objects.workspace.settings
    ranges = [date_range(value, objects.today, settings) for value in values]
    day = objects.day(field)
    if operator == "between":
        return _inside(day, ranges[0][0], ranges[1][1], objects)
    if operator in _ORDER:
        first, last = ranges[0]
        edge = first if operator in ("<", ">=") else last
        if edge is None:
            raise ValueError(message("{operator!r} needs a date with an end on that side",
                                     operator=operator))  # fmt: skip
        return f"{day} {operator} {objects.bound(edge)}::DATE"
    parts = [_inside(day, first, last, objects) for first, last in ranges]
    return _any(parts, operator in ("!=", "not in"))


def _inside(day: str, first: date | None, last: date | None, objects: Objects) -> str:
    parts = []
    if first is not None:
        parts.append(f"{day} >= {objects.bound(first)}::DATE")
    if last is not None:
        parts.append(f"{day} <= {objects.bound(last)}::DATE")
    return f"({' AND '.join(parts) or f'{day} IS NOT NULL'})"


def _texts(
    operator: str, field: FieldOf, values: list[Any], objects: Objects, ignore_case: bool
) -> str:  # fmt: skip
    texts = [_as_text(value, field) for value in values]
    own = f"{field.sql}::VARCHAR"
    if operator in _ORDER:
        return f"{own} {operator} {objects.bound(texts[0])}::VARCHAR"
    if operator == "between":
        low, high = (f"{objects.bound(t)}::VARCHAR" for t in texts)
        return f"{own} BETWEEN {low} AND {high}"
    negative = operator in ("!=", "not in", "not contains")
    test = {"!=": "=", "in": "=", "not in": "=", "not contains": "contains"}.get(
        operator, operator)  # fmt: skip
    if ignore_case:
        found = _matching(own, test, [folded(t) for t in texts], objects)
        inside = f"({own} IN (SELECT unnest({objects.bound(found)}::VARCHAR[])))"
        return f"(CASE WHEN {own} IS NULL THEN NULL ELSE {'NOT ' if negative else ''}{inside} END)"
    form = _FORMS.get(test, "{0} = {1}")
    bound = [f"{objects.bound(t)}::VARCHAR" for t in texts]
    return _any([form.format(own, b) for b in bound], negative)


def _matching(sql: str, test: str, wanted: list[str], objects: Objects) -> list[str]:
    """Values of a text field that meet a test without case and width; DuckDB has no NFKC."""
    read = objects.ask(
        f"SELECT DISTINCT {sql} AS v FROM {objects.source()} WHERE {sql} IS NOT NULL"
    )
    check = _TESTS[test]
    return [
        value
        for value in read.column("v").to_pylist()
        if any(check(folded(value), part) for part in wanted)
    ]


def _list(
    operator: str, field: FieldOf, values: list[Any], objects: Objects, ignore_case: bool
) -> str:  # fmt: skip
    if operator not in ("contains", "not contains"):
        raise ValueError(
            message("{field} holds lists; 'contains', 'not contains', 'empty' and 'not empty' go "
                    "with it", field=field.name)
        )  # fmt: skip
    parts = [
        f"list_contains({field.sql}, {objects.bound(_as_text(v, field))}::VARCHAR)" for v in values
    ]
    return _any(parts, operator == "not contains")


def _as_text(value: Any, field: FieldOf) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | date) and not isinstance(value, bool):
        return str(value)
    raise ValueError(message("{value!r} cannot be compared with {field}, text is needed",
                             value=value, field=field.name))  # fmt: skip
