"""The question: what do the rows of some related objects add up to, group by group?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from workbench import money
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.reporting.compiling import Statement
from workbench.sales.reporting.groups import GroupOf, group_of
from workbench.sales.reporting.joins import Joined
from workbench.sales.reporting.layout import COLUMN_DEPTH, DEPTH
from workbench.sales.reporting.measures import measures_of
from workbench.sales.reporting.model import Bucket, Group, Join, Measure, TableFile, Trend
from workbench.sales.reporting.result import Block, TableReport
from workbench.sales.reporting.trend import trend_relation, trend_table
from workbench.sales.views.checking import Findings, keys_of, unknown_name, validated
from workbench.sales.views.filters import condition
from workbench.sales.views.model import Filter, Sort
from workbench.sales.views.owners import Person, owned, person_of, refuse_private
from workbench.sales.views.schema import Bound, NotKnown, Thing
from workbench.sales.views.shelf import read_definition
from workbench.vocabulary.periods import microseconds_of
from workbench.workspace import Workspace

KEYS = keys_of(TableFile, Join, Bucket, Group, Measure, Trend, Filter, Sort)


def table_report(
    workspace: Workspace,
    definition: str | Path | Mapping[str, Any],
    *,
    user: str | None = None,
    as_of: str | date | None = None,
    where: Sequence[Any] = (),
) -> TableReport:
    """Groups, subtotals and figures over joined objects, by a saved report.

    Parameters
    ----------
    workspace : Workspace
    definition : str, pathlib.Path or mapping
        A name (``parameters/tables/NAME.yaml``), a path, or a mapping with the keys of
        `TableFile`: ``object``, ``join``, ``filters``, ``rows``, ``columns``, ``values``,
        ``buckets``, ``trend``, ``blocks``, …
    user : str, optional
        Key, name or mail address of the user for ``scope: mine`` and ``team``.
    as_of : str or date, optional
        Look from an earlier day: relative dates count from it, rows created later are left out.
        All other values are those of the table now; a trend looks at the history.
    where : list, optional
        Further filters that all have to hold, each ``[field, operator, value]``.

    Returns
    -------
    TableReport

    Raises
    ------
    ArgumentError
        With everything that is wrong with the definition, before any row is shown; also for
        amounts in several currencies without a policy.
    AbsentError
        When all that stands in the way is missing from these data.

    Notes
    -----
    Source: sales-pipeline.md, section 5. Every level of groups is worked out from the rows, never
    from the level below. A row of an object that repeats through a join counts once.
    """
    name, content = read_definition(definition, "table")
    findings = Findings()
    what = message("The table report {name!r}", name=name or message("without a title"))
    asked = validated(TableFile, content, findings, KEYS)
    if asked is None:
        findings.stop(what)
    workspace = workspace.seen_at(as_of)
    person = person_of(workspace, user)
    refuse_private(asked, person, name)
    further = _further(where, findings)
    parts = asked.blocks or (asked,)
    blocks = []
    for number, part in enumerate(parts, 1):
        place = f"blocks.{number}." if asked.blocks else ""
        block = _block(workspace, part, asked, person, further, findings, place)
        blocks += [block] if block else []
    findings.stop(what)
    return TableReport(workspace=workspace, asked=asked, name=name, blocks=tuple(blocks),
                       user=user or "", where=further,
                       looked_back=workspace.looks_back)  # fmt: skip


def _further(where: Sequence[Any], findings: Findings) -> tuple[Filter, ...]:
    out = []
    if isinstance(where, str | Mapping) or not isinstance(where, Sequence):
        findings.add("where", message("a list of [field, operator, value] is needed"))
        return ()
    for number, item in enumerate(where, 1):
        inner = Findings()
        found = item if isinstance(item, Filter) else validated(Filter, item, inner, KEYS)
        for line in inner.wrong:
            findings.add(f"where.{number}", line)
        out += [found] if found is not None else []
    return tuple(out)


def _block(
    workspace: Workspace, part: TableFile, whole: TableFile, person: Person | None,
    further: tuple[Filter, ...], findings: Findings, place: str,
) -> Block | None:  # fmt: skip
    """One object with its joins, groups and measures."""
    objects = Joined(
        workspace, Bound(), money.as_of_day(workspace).astype(date),
        microseconds_of(workspace.as_of),
        formulas={**whole.formulas, **part.formulas}, ignore_case=part.ignore_case,
    )  # fmt: skip
    before = len(findings.wrong) + len(findings.absent)
    notes = _base(part, objects, findings, place)
    if not objects.things:
        return None
    for number, join in enumerate(part.join, 1):
        objects.join(join, f"{place}join.{number}", findings)
    which = condition(
        part.filters, part.logic, objects, findings, place=place,
        null_is_false=part.null_is_false, ignore_case=part.ignore_case,
    )  # fmt: skip
    inner = Findings()
    more = condition(further, "", objects, inner, place="where.", ignore_case=part.ignore_case)
    findings.wrong += inner.wrong
    findings.absent += inner.absent
    whose = owned(part, person, objects, findings)
    text = " AND ".join([whose, which, more, *objects.anti])
    if len(findings.wrong) + len(findings.absent) > before:
        _look_further(part, whole, objects, findings, place)
        return None
    return _whole(part, whole, objects, text, findings, place, notes)


def _look_further(
    part: TableFile, whole: TableFile, objects: Joined, findings: Findings, place: str
) -> None:  # fmt: skip
    """Note what else is wrong, where the rows themselves cannot be asked."""
    _whole(part, whole, objects, "false", findings, place, [])


def _whole(
    part: TableFile, whole: TableFile, objects: Joined, text: str, findings: Findings, place: str,
    notes: list[str],
) -> Block | None:  # fmt: skip
    rows = part.rows or whole.rows
    flat = part.kind == "table"
    made = _groups(rows, part, objects, text, findings, f"{place}rows")
    across = () if flat else _groups(part.columns, part, objects, text, findings,
                                     f"{place}columns")  # fmt: skip
    money_columns = {**whole.money, **part.money}
    measures = measures_of(part.values, objects, text, money_columns, findings, place)
    fields, left_out = [], []
    for number, column in enumerate(part.columns if flat else (), 1):
        try:
            fields.append(objects.find(column.field))
        except NotKnown as problem:
            if problem.absent:
                left_out.append(column.field)
            else:
                findings.add(f"{place}columns.{number}", problem.said)
    taken = {group.name for group in (*made, *across)} | {DEPTH, COLUMN_DEPTH}
    for number, measure in enumerate(measures, 1):
        if measure.name in taken:
            said = message("{name!r} is also the name of a group; say 'as'", name=measure.name)
            findings.add(f"{place}values.{number}", said)
    _check_sort(part, rows, objects, findings, place)
    if len(made) < len(rows) or len(measures) < len(part.values):
        return None
    statement = Statement(objects, text, made, across, tuple(measures))
    return Block(part, statement, tuple(fields), tuple(left_out), tuple(notes))


def _groups(
    asked: Sequence[Group], part: TableFile, objects: Joined, where: str, findings: Findings,
    place: str,
) -> tuple[GroupOf, ...]:  # fmt: skip
    out = []
    for number, group in enumerate(asked, 1):
        spot = f"{place}.{number}"
        try:
            out.append(group_of(group, part.buckets, objects, where, dict(part.money), spot))
        except NotKnown as problem:
            (findings.lacks if problem.absent else findings.add)(spot, problem.said)
        except (ValueError, ArgumentError) as problem:
            findings.add(spot, str(problem))
    names = [group.name for group in out]
    if len(set(names)) < len(names):
        findings.add(place, message("two groups are called the same; give one a name"))
    return tuple(out)


def _check_sort(
    part: TableFile, rows: Sequence[Group], objects: Joined, findings: Findings, place: str
) -> None:  # fmt: skip
    names = [*(m.name for m in part.values), *(g.label for g in rows)]
    for number, item in enumerate(part.sort, 1):
        try:
            if part.kind == "table":
                objects.find(item.by)
            elif item.by not in names:
                raise NotKnown(unknown_name(item.by, names), False)
        except NotKnown as problem:
            if not problem.absent:
                findings.add(f"{place}sort.{number}", problem.said)


def _base(part: TableFile, objects: Joined, findings: Findings, place: str) -> list[str]:
    """Add the base; with a trend its rows are deals on days."""
    try:
        if part.trend is None:
            thing = objects.add(part.object)
        else:
            return _trend(part.trend.period, objects)
    except NotKnown as problem:
        (findings.lacks if problem.absent else findings.add)(f"{place}object", problem.said)
        return []
    except ArgumentError as problem:
        absent = isinstance(problem, AbsentError)
        (findings.lacks if absent else findings.add)(f"{place}trend", str(problem))
        return []
    for name, currency in part.money.items():
        for column in (name, currency):
            if column not in thing.columns:
                said = message("{table} has no column {column}", table=thing.table, column=column)
                findings.add(f"{place}money.{name}", said)
    return []


def _trend(period: str, objects: Joined) -> list[str]:
    workspace = objects.workspace
    if not workspace.has("opportunities", "opportunity_id"):
        objects.add("opportunities")
    table, said = trend_table(workspace, period)
    name = f"␟trend {period} {workspace.as_of.isoformat()}"
    workspace.lay_beside(name, table)
    sql, columns = trend_relation(workspace, name)
    thing = Thing("opportunities", "opportunities", "o0", columns)
    objects.things.append(thing)
    objects.relations[thing.sql] = sql
    objects.rated.add(thing.sql)
    assert quoted(name) in sql
    return [said]
