"""Checks within one table: unusable values, missing keys, duplicate keys, negative amounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import duckdb

from workbench.data import quarantine, sql
from workbench.data.duplicates import check_duplicates
from workbench.data.findings import Finding, shortened, word_for_nothing
from workbench.data.footers import set_footer_aside
from workbench.data.mapping import DATE_ONLY, Plan
from workbench.data.staging import PROBLEMS, Staged, rejected
from workbench.data.tables import Column
from workbench.data.text_rows import Broken, TextFile, lost_lines
from workbench.messages import message

FORMATS = (
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d.%m.%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d %b %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%B %d, %Y",
)


def check_rows(connection: duckdb.DuckDBPyConnection, staged: Staged) -> Iterator[Finding]:
    """Set unusable rows of a staged table aside, and say what was found in it."""
    for place in range(len(staged.plans)):
        yield from set_footer_aside(connection, staged, place)
    yield from _broken(connection, staged)
    yield from _values(connection, staged)
    yield from check_duplicates(connection, staged)
    _drop_set_aside(connection, staged)
    yield from _shares(connection, staged)
    yield from _nothing_kept(staged)
    label = staged.plans[0].part.label if len(staged.plans) == 1 else None
    yield from negatives(connection, staged.table.name, staged.columns, label)
    _drop_helpers(connection, staged)


def _broken(connection: duckdb.DuckDBPyConnection, staged: Staged) -> Iterator[Finding]:
    for place, plan in enumerate(staged.plans):
        quarantine.collect_rejected(connection, staged, place)
        by_kind: dict[str, list[Broken]] = {}
        footer = staged.footers.get(place)
        for broken in rejected(connection, plan.part):
            if footer is not None and broken.line >= footer:
                continue
            by_kind.setdefault(broken.kind, []).append(broken)
        for kind, found in by_kind.items():
            known = quarantine.reasons()
            why = "; ".join(known.get(one, one) for one in kind.split(","))
            yield Finding(
                "warning",
                message("Broken lines: {why}.", why=why),
                message("They are in the quarantine file; mend them in the export."),
                file=plan.part.label,
                table=staged.table.name,
                row=found[0].line,
                value=shortened(found[0].text.strip()),
                count=len(found),
            )
        if plan.part.text is not None:
            yield from _unread(connection, staged, place, plan.part.text)


def _unread(
    connection: duckdb.DuckDBPyConnection, staged: Staged, place: int, text: TextFile
) -> Iterator[Finding]:
    lost = lost_lines(connection, text, staged.read[place])
    if lost:
        yield Finding(
            "error",
            message("Lines of the file are in no row."),
            message("Check delimiter, quotation marks and line ends, or save the file again."),
            file=text.label,
            table=staged.table.name,
            count=lost,
        )
    elif staged.read[place] == 0:
        yield Finding(
            "warning",
            message("The file has a header and no rows."),
            file=text.label,
            table=staged.table.name,
        )


def _values(connection: duckdb.DuckDBPyConnection, staged: Staged) -> Iterator[Finding]:
    problems = f"problems_{staged.table.name}"
    connection.execute(
        f"CREATE TEMP TABLE {sql.name(problems)} AS SELECT id, p.c AS col, p.v AS val, p.k AS kind "
        f"FROM (SELECT rowid AS id, unnest({PROBLEMS}) AS p FROM {staged.relation} "
        f"WHERE {PROBLEMS} IS NOT NULL "
        f"AND rowid NOT IN (SELECT id FROM aside WHERE tab = {sql.text(staged.table.name)}))"
    )
    known = quarantine.reasons()
    for place, (first, last) in enumerate(staged.ranges()):
        shown = _as_in_file(staged.plans[place])
        for kind, why in known.items():
            connection.execute(
                f"INSERT INTO quarantine SELECT ?, ?, ?, id, NULL, {shown}, val, ? "
                f"FROM {sql.name(problems)} WHERE kind = ? AND id >= ? AND id < ?",
                [place, staged.plans[place].part.label, staged.table.name, why, kind, first, last],
            )
    fatal = [column.name for column in staged.columns if column.required]
    connection.execute(
        f"INSERT INTO aside SELECT DISTINCT ?, id, NULL, 'quarantined' FROM {sql.name(problems)} "
        "WHERE kind <> 'word' AND (kind IN ('scientific', 'missing') OR list_contains(?, col))",
        [staged.table.name, fatal],
    )
    for place, (first, last) in enumerate(staged.ranges()):
        if _any(connection, problems, first, last):
            quarantine.locate(connection, staged, place)
        yield from _value_findings(connection, staged, place, problems, first, last)


def _as_in_file(plan: Plan) -> str:
    """SQL of the column's name as the file writes it, for whoever mends the file."""
    cases = " ".join(
        f"WHEN {sql.text(one.column.name)} THEN {sql.text(one.source)}"
        for one in plan.fields
        if one.source != one.column.name and one.source != "derive"
    )
    return f"CASE col {cases} ELSE col END" if cases else "col"


def _any(connection: duckdb.DuckDBPyConnection, problems: str, first: int, last: int) -> bool:
    query = f"SELECT count(*) FROM {sql.name(problems)} WHERE id >= ? AND id < ?"
    return bool(sql.one(connection, query, [first, last]))


def _value_findings(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    place: int,
    problems: str,
    first: int,
    last: int,
) -> Iterator[Finding]:
    table, label = staged.table.name, staged.plans[place].part.label
    found = sql.rows(
        connection,
        f"SELECT col, kind, count(*), arg_min(val, id), min(id) FROM {sql.name(problems)} "
        "WHERE id >= ? AND id < ? GROUP BY ALL ORDER BY min(id), col",
        [first, last],
    )
    for column, kind, count, value, row in found:
        spec = next(one for one in staged.columns if one.name == column)
        line = sql.one(
            connection,
            'SELECT min("row") FROM quarantine WHERE tab = ? AND id = ?',
            [table, row],
        )
        level, problem, remedy = _said(kind, spec)
        if kind == "unreadable" and spec.type in ("date", "instant"):
            several, hint = _date_hint(connection, problems, column, first, last, staged)
            level = "error" if several else level
            problem = message("Dates in several formats.") if several else problem
            remedy = hint or remedy
        yield Finding(
            level,  # type: ignore[arg-type]
            problem,
            remedy,
            file=label,
            table=table,
            column=column,
            row=line,
            value=None if value is None else shortened(value),
            count=count,
        )


def no_zone() -> str:
    """The sentence for times that cannot be placed, which stops the work."""
    return message("Times carry no zone, and no source zone is set.")


def _said(kind: str, column: Column) -> tuple[str, str, str]:
    aside = message("Those rows are in the quarantine file.")
    if kind == "missing":
        return "warning", message("A needed value is missing."), aside
    if kind == "word":
        return "note", word_for_nothing(), ""
    if kind == "scientific":
        return (
            "error",
            message("Identifiers in scientific notation have lost their digits."),
            message("Export the column as text; do not save it from a spreadsheet.") + " " + aside,
        )
    if kind == "zone":
        return (
            "error",
            no_zone(),
            message("In which zone were they written? Say so with source_tz: Asia/Tokyo, or UTC."),
        )
    problem = message("Values cannot be read as {type}.", type=column.type)
    if column.required:
        return "warning", problem, aside
    return "warning", problem, message("They were left empty; the quarantine file lists them.")


def _date_hint(
    connection: duckdb.DuckDBPyConnection,
    problems: str,
    column: str,
    first: int,
    last: int,
    staged: Staged,
) -> tuple[bool, str]:
    """Whether other formats than the expected one occur, and which format to set."""
    tried = ", ".join(
        f"count(*) FILTER (try_strptime(left(val, 10), {sql.text(given)}) IS NOT NULL "
        f"OR try_strptime(val, {sql.text(given)}) IS NOT NULL)"
        for given in FORMATS
    )
    query = (
        f"SELECT {tried}, count(*) FROM {sql.name(problems)} "
        "WHERE kind = 'unreadable' AND col = ? AND id >= ? AND id < ?"
    )
    counts = sql.rows(connection, query, [column, first, last])[0]
    best = max(range(len(FORMATS)), key=lambda position: counts[position])
    if not counts[best]:
        return False, ""
    readable = sql.one(
        connection,
        f"SELECT count({sql.name(column)}) FROM {staged.relation} WHERE rowid >= ? AND rowid < ?",
        [first, last],
    )
    hint = message(
        "{count} of {all} fit {format}: set date_format: {{{column}: '{format}'}}, "
        "or a list of formats if all are meant.",
        count=f"{counts[best]:,}",
        all=f"{counts[-1]:,}",
        format=FORMATS[best],
        column=column,
    )
    other = FORMATS[best].replace("%d", "%?").replace("%m", "%d").replace("%?", "%m")
    if other in FORMATS and counts[FORMATS.index(other)] == counts[best] != 0 and best < 7:
        hint += " " + message(
            "{other} fits as many: which of the two is meant, only who exported it can say.",
            other=other,
        )
    return bool(readable) or counts[best] < counts[-1], hint


def _drop_set_aside(connection: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    for place, (first, last) in enumerate(staged.ranges()):
        connection.execute(
            "UPDATE aside SET part = ? WHERE tab = ? AND id >= ? AND id < ?",
            [place, staged.table.name, first, last],
        )
    connection.execute(
        f"DELETE FROM {staged.relation} WHERE rowid IN (SELECT id FROM aside WHERE tab = ?)",
        [staged.table.name],
    )
    for first, last in staged.ranges():
        query = f"SELECT count(*) FROM {staged.relation} WHERE rowid >= ? AND rowid < ?"
        staged.kept.append(int(sql.one(connection, query, [first, last])))


def _nothing_kept(staged: Staged) -> Iterator[Finding]:
    for place, plan in enumerate(staged.plans):
        if staged.read[place] and not staged.kept[place]:
            yield Finding(
                "error",
                message("No row of the file can be used."),
                message(
                    "The quarantine file says why, row by row; mend the export or the mapping."
                ),
                file=plan.part.label,
                table=staged.table.name,
                count=staged.read[place],
            )


def _shares(connection: duckdb.DuckDBPyConnection, staged: Staged) -> Iterator[Finding]:
    for column in staged.columns:
        if column.unit != "share":
            continue
        name = sql.name(column.name)
        highest = sql.one(connection, f"SELECT max({name}) FROM {staged.relation}")
        if highest is not None and highest > 1:
            connection.execute(f"UPDATE {staged.relation} SET {name} = {name} / 100")
            yield Finding(
                "note",
                message("Written in per cent; divided by 100."),
                table=staged.table.name,
                column=column.name,
                value=f"{highest:g}",
            )


def negatives(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Iterable[Column], label: str | None
) -> Iterator[Finding]:
    """Say which columns hold negative values that should not."""
    for column in columns:
        if not column.nonnegative:
            continue
        name = sql.name(column.name)
        query = f"SELECT count(*), min({name}) FROM {sql.name(table)} WHERE {name} < 0"
        count, lowest = sql.rows(connection, query)[0]
        if count:
            yield Finding(
                "warning",
                message("Negative values."),
                message("They are kept and counted as they are; correct them if they are wrong."),
                file=label,
                table=table,
                column=column.name,
                value=f"{lowest:g}",
                count=count,
            )


def _drop_helpers(connection: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    connection.execute(f"ALTER TABLE {staged.relation} DROP COLUMN {PROBLEMS}")
    for column in staged.columns:
        if column.type != "instant":
            continue
        flag = sql.name(column.name + DATE_ONLY)
        if not sql.one(connection, f"SELECT bool_or({flag}) FROM {staged.relation}"):
            connection.execute(f"ALTER TABLE {staged.relation} DROP COLUMN {flag}")
