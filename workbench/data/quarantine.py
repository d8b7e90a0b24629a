"""Rows set aside: collected in one table, counted per file, written as a defused CSV."""

from __future__ import annotations

from pathlib import Path

import duckdb

from workbench.data import sql
from workbench.data.staging import Staged, rejected
from workbench.data.text_rows import lines_of
from workbench.messages import message

LONGEST_SHOWN = 4000


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that collect what is set aside."""
    connection.execute(
        "CREATE TEMP TABLE quarantine (place BIGINT, file VARCHAR, tab VARCHAR, id BIGINT, "
        '"row" BIGINT, "column" VARCHAR, "value" VARCHAR, reason VARCHAR)'
    )
    connection.execute("CREATE TEMP TABLE aside (tab VARCHAR, id BIGINT, part BIGINT, why VARCHAR)")


def reasons() -> dict[str, str]:
    """The sentence for each kind of damage to a record or a value."""
    return {
        "missing": message("a needed value is missing"),
        "unreadable": message("the value cannot be read; it was left empty"),
        "scientific": message("an identifier in scientific notation has lost its digits"),
        "zone": message("a time without zone, and no source_tz is set"),
        "MISSING COLUMNS": message("the line has too few cells"),
        "TOO MANY COLUMNS": message("the line has too many cells"),
        "INVALID ENCODING": message("the line is not in the encoding of the file"),
        "UNQUOTED VALUE": message("a quotation mark is not closed or stands inside a value"),
        "LINE SIZE OVER MAXIMUM": message("the line is longer than 64 MB"),
        "not json": message("the line is not a JSON object"),
    }


def footer() -> str:
    """The reason written beside a line below the rows of a report."""
    return message("the line belongs to the footer of the report")


def collect_rejected(connection: duckdb.DuckDBPyConnection, staged: Staged, place: int) -> None:
    """Put the broken records of one file into the quarantine table."""
    part = staged.plans[place].part
    found = rejected(connection, part)
    if not found:
        return
    known = reasons()
    below = staged.footers.get(place)
    why = [
        footer()
        if below is not None and one.line >= below
        else "; ".join(known.get(kind, kind) for kind in one.kind.split(","))
        for one in found
    ]
    connection.execute(
        "INSERT INTO quarantine "
        "SELECT ?, ?, ?, NULL, unnest(?::BIGINT[]), NULL, "
        "unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
        [
            place,
            part.label,
            staged.table.name,
            [one.line for one in found],
            [one.text.strip("\r\n")[:LONGEST_SHOWN] for one in found],
            why,
        ],
    )


def locate(connection: duckdb.DuckDBPyConnection, staged: Staged, place: int) -> None:
    """Fill in the line of the file for every quarantined row of one part."""
    part = staged.plans[place].part
    base = staged.bases[place]
    where = "tab = ? AND place = ? AND id IS NOT NULL"
    values = [staged.table.name, place]
    if part.text is None and "lines" in part.extra:
        connection.execute(
            'UPDATE quarantine SET "row" = found.line FROM (SELECT line, row_number() OVER () - 1 '
            f"AS position FROM ({part.extra['lines']})) AS found "
            f"WHERE found.position = id - {base} AND {where}",
            values,
        )
        return
    if part.text is None:
        shift = part.row_base - base
        query = f'UPDATE quarantine SET "row" = id + {shift} WHERE {where}'
        connection.execute(query, values)
        return
    lines = lines_of(connection, part.text)
    connection.execute(
        f'UPDATE quarantine SET "row" = found.line FROM {lines} AS found '
        f"WHERE found.position = id - {base} AND {where}",
        values,
    )
    connection.execute(f"DROP TABLE {lines}")


def place_of(connection: duckdb.DuckDBPyConnection, staged: Staged, row: int) -> tuple[str, int]:
    """The file that a row id of a table came from, and the line or row in it."""
    place = next(p for p, (first, last) in enumerate(staged.ranges()) if first <= row < last)
    part, position = staged.plans[place].part, row - staged.bases[place]
    if part.text is not None:
        lines = lines_of(connection, part.text)
        line = sql.one(connection, f"SELECT line FROM {lines} WHERE position = ?", [position])
        connection.execute(f"DROP TABLE {lines}")
    elif "lines" in part.extra:
        query = f"SELECT line FROM ({part.extra['lines']}) LIMIT 1 OFFSET {position}"
        line = sql.one(connection, query)
    else:
        line = position + part.row_base
    return part.label, int(line)


def write(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Write the quarantine file; a cell that a spreadsheet would run is defused.

    Returns
    -------
    int
        Number of lines written; no file is written for none.
    """
    count = int(sql.one(connection, "SELECT count(*) FROM quarantine"))
    if count:
        defused = ", ".join(
            f"{_defused(column)} AS {sql.name(column)}"
            for column in ("file", "column", "value", "reason")
        )
        connection.execute(
            f'COPY (SELECT * REPLACE ({defused}) FROM (SELECT file, "row", "column", "value", '
            f'reason FROM quarantine ORDER BY file, "row", "column")) TO {sql.text(str(path))} '
            "(FORMAT csv, HEADER)"
        )
    return count


def _defused(column: str) -> str:
    name = sql.name(column)
    risky = f"regexp_matches({name}, '^[=+\\-@\\t\\r]')"
    return f"CASE WHEN {risky} THEN '''' || {name} ELSE {name} END"
