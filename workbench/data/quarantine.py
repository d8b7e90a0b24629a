"""Rows set aside: collected in one table, counted per file, written as a defused CSV."""

from __future__ import annotations

from pathlib import Path

import duckdb

from workbench.data import sql
from workbench.data.sources import Part
from workbench.data.staging import Staged, rejected
from workbench.messages import message

LINE_FEED = "chr(10)"


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that collect what is set aside."""
    connection.execute(
        "CREATE TEMP TABLE quarantine (place BIGINT, file VARCHAR, tab VARCHAR, id BIGINT, "
        '"row" BIGINT, "column" VARCHAR, "value" VARCHAR, reason VARCHAR)'
    )
    connection.execute(
        "CREATE TEMP TABLE aside (tab VARCHAR, id BIGINT, part BIGINT, why VARCHAR)"
    )


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


def collect_rejected(connection: duckdb.DuckDBPyConnection, staged: Staged, place: int) -> None:
    """Put the broken records of one file into the quarantine table."""
    part = staged.plans[place].part
    found = rejected(connection, part)
    if not found:
        return
    known = reasons()
    why = ["; ".join(known.get(one, one) for one in kind.split(",")) for _, _, kind in found]
    connection.execute(
        "INSERT INTO quarantine "
        "SELECT ?, ?, ?, NULL, unnest(?::BIGINT[]), NULL, unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
        [
            place,
            part.label,
            staged.table.name,
            [line for line, _, _ in found],
            [text for _, text, _ in found],
            why,
        ],
    )


def locate(connection: duckdb.DuckDBPyConnection, staged: Staged, place: int) -> None:
    """Fill in the line of the file for every quarantined row of one part."""
    part = staged.plans[place].part
    base = staged.bases[place]
    where = "tab = ? AND place = ? AND id IS NOT NULL"
    values = [staged.table.name, place]
    if part.text is None:
        shift = part.row_base - base
        query = f'UPDATE quarantine SET "row" = id + {shift} WHERE {where}'
        connection.execute(query, values)
        return
    lines = lines_of(connection, part)
    connection.execute(
        f'UPDATE quarantine SET "row" = found.line FROM {lines} AS found '
        f"WHERE found.position = id - {base} AND {where}",
        values,
    )
    connection.execute(f"DROP TABLE {lines}")


def lines_of(connection: duckdb.DuckDBPyConnection, part: Part) -> str:
    """Make a table of record position to line number for a text file, and return its name.

    A record may span lines, and broken records lie between the good ones; both shift the lines.
    """
    assert part.text is not None
    cells = ", ".join(sql.name(column) for column in part.text.header)
    joined = f"concat_ws('', {cells})"
    height = f"1 + length({joined}) - length(replace({joined}, {LINE_FEED}, ''))"
    name = f"lines_{part.text.number}"
    connection.execute(
        f"CREATE TEMP TABLE {name}_good AS SELECT {height} AS height "
        f"FROM {part.text.relation(rejects=False)}"
    )
    connection.execute(
        f"CREATE TEMP TABLE {name} AS "
        "SELECT position, 2 + coalesce(sum(height) OVER (ORDER BY position "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::BIGINT AS line "
        f"FROM (SELECT rowid AS position, height FROM {name}_good)"
    )
    _shift_by_rejected(connection, part, name)
    connection.execute(f"DROP TABLE {name}_good")
    return name


def _shift_by_rejected(connection: duckdb.DuckDBPyConnection, part: Part, name: str) -> None:
    """Move lines down by the broken records above them.

    A broken record at line L with H broken lines above stands at L - H among the good lines.
    """
    offsets, shifts, above = [], [], 0
    for line, text, _ in rejected(connection, part):
        offsets.append(line - above)
        above += text.count("\n") + (0 if text.endswith("\n") else 1)
        shifts.append(above)
    if offsets:
        connection.execute(
            f"UPDATE {name} SET line = {name}.line + moved.shift FROM ("
            f"SELECT good.position, gap.shift FROM {name} AS good ASOF JOIN "
            "(SELECT at_line, max(shift) AS shift FROM (SELECT unnest(?) AS at_line, "
            "unnest(?) AS shift) GROUP BY at_line) AS gap ON good.line >= gap.at_line"
            f") AS moved WHERE moved.position = {name}.position",
            [offsets, shifts],
        )


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
            f"reason FROM quarantine ORDER BY file, \"row\", \"column\")) TO {sql.text(str(path))} "
            "(FORMAT csv, HEADER)"
        )
    return count


def _defused(column: str) -> str:
    name = sql.name(column)
    risky = f"regexp_matches({name}, '^[=+\\-@\\t\\r]')"
    return f"CASE WHEN {risky} THEN '''' || {name} ELSE {name} END"
