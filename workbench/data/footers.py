"""The footer that some reports write below their rows: set aside, never listed as damage."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from workbench.data import quarantine, sql
from workbench.data.findings import Finding
from workbench.data.staging import PROBLEMS, Staged, rejected
from workbench.data.text_rows import lines_of
from workbench.messages import message


def set_footer_aside(
    connection: duckdb.DuckDBPyConnection, staged: Staged, place: int
) -> Iterator[Finding]:
    """Set the footer of one part aside, where the workspace file says that there is one.

    It begins below the last row before the first whose key is empty, or below the last row of
    all: lines there that are no row, for they have too few cells, belong to it as well
    (b2b-data-model, section 5).
    """
    part = staged.plans[place].part
    if "footer" not in part.extra or not staged.has(*staged.table.key):
        return
    first, last = staged.ranges()[place]
    start = _first_without_key(connection, staged, first, last)
    broken = rejected(connection, part)
    if broken:
        footer = _line_before(connection, staged, place, last if start is None else start) + 1
        staged.footers[place] = footer
        broken = [one for one in broken if one.line >= footer]
    count = len(broken)
    if start is not None:
        count += _set_aside(connection, staged, place, start, last)
    if count:
        problem = message("The footer of the report was left out.")
        yield Finding("note", problem, file=part.label, table=staged.table.name, count=count)


def _first_without_key(
    connection: duckdb.DuckDBPyConnection, staged: Staged, first: int, last: int
) -> int | None:
    """The first row whose key is empty; a word for nothing in its place is another matter."""
    key = staged.table.key[0]
    word = f"lambda x: x.c = {sql.text(key)} AND x.v IS NOT NULL"
    query = (
        f"SELECT min(rowid) FROM {staged.relation} WHERE {sql.name(key)} IS NULL "
        f"AND coalesce(len(list_filter({PROBLEMS}, {word})), 0) = 0 AND rowid >= ? AND rowid < ?"
    )
    found = sql.one(connection, query, [first, last])
    return None if found is None else int(found)


def _line_before(
    connection: duckdb.DuckDBPyConnection, staged: Staged, place: int, row: int
) -> int:
    """The line of the last row above a row id; the header where there is none."""
    text = staged.plans[place].part.text
    if text is None:
        return 1
    lines = lines_of(connection, text)
    position = row - staged.bases[place]
    found = sql.one(connection, f"SELECT max(line) FROM {lines} WHERE position < ?", [position])
    connection.execute(f"DROP TABLE {lines}")
    return int(found or 1)


def _set_aside(
    connection: duckdb.DuckDBPyConnection, staged: Staged, place: int, start: int, last: int
) -> int:
    name, label = staged.table.name, staged.plans[place].part.label
    key = sql.name(staged.table.key[0])
    bounds = [start, last]
    connection.execute(
        f"INSERT INTO quarantine SELECT {place}, ?, ?, rowid, NULL, NULL, {key}, ? "
        f"FROM {staged.relation} WHERE rowid >= ? AND rowid < ?",
        [label, name, quarantine.footer(), *bounds],
    )
    connection.execute(
        f"INSERT INTO aside SELECT ?, rowid, NULL, 'quarantined' FROM {staged.relation} "
        "WHERE rowid >= ? AND rowid < ?",
        [name, *bounds],
    )
    quarantine.locate(connection, staged, place)
    query = f"SELECT count(*) FROM {staged.relation} WHERE rowid >= ? AND rowid < ?"
    return int(sql.one(connection, query, bounds))
