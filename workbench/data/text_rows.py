"""Rows of a delimited text file: the query that reads them, and second attempts when it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from workbench.data import sql
from workbench.data.survey import Survey, survey
from workbench.data.text_files import blank_lines, lines_at, with_one_line_end

USUAL_LINE = 2 << 20
LONGEST_LINE = 64 << 20
TOO_LONG = "LINE SIZE OVER MAXIMUM"


@dataclass(frozen=True)
class TextFile:
    """A delimited text file made ready: UTF-8, with known delimiter and header.

    `surveyed` tells of the file as it lies at `path`, not of the one it was made from.
    """

    path: Path
    label: str
    delimiter: str
    header: tuple[str, ...]
    number: int
    surveyed: Survey
    scratch: Path
    longest: int = USUAL_LINE
    attempt: int = 0

    def relation(self, *, rejects: bool) -> str:
        """SQL of its rows as text; broken rows go to the rejects table or are passed over."""
        columns = ", ".join(f"{sql.text(column)}: 'VARCHAR'" for column in self.header)
        broken = (
            f"store_rejects=true, rejects_table={sql.text(self.rejects)}, "
            f"rejects_scan={sql.text(self.rejects + '_scan')}, rejects_limit=0"
            if rejects
            else "ignore_errors=true"
        )
        return (
            f"read_csv({sql.text(str(self.path))}, auto_detect=false, header=true, "
            f"delim={sql.text(self.delimiter)}, quote='\"', escape='\"', "
            f"columns={{{columns}}}, max_line_size={self.longest}, {broken})"
        )

    @property
    def tidy(self) -> bool:
        """Whether no cell can need trimming."""
        return self.surveyed.tidy(self.delimiter)

    @property
    def trimmed(self) -> bool:
        """Whether at most line ends in quotation marks, or nothing in them, need trimming."""
        return self.surveyed.trimmed(self.delimiter)

    @property
    def rejects(self) -> str:
        """Name of the table that receives its broken rows."""
        return f"rejected_{self.number}_{self.attempt}"


@dataclass(frozen=True)
class Broken:
    """A record that could not be cut into cells: its line, its text, the kinds of damage."""

    line: int
    text: str
    kind: str

    @property
    def height(self) -> int:
        """How many lines of the file it takes."""
        return self.text.count("\n") + 1


def insert_text(
    connection: duckdb.DuckDBPyConnection, text: TextFile, insert: Callable[[TextFile], None]
) -> TextFile:
    """Insert the rows of a text file; read it again when line ends or line lengths ask for it.

    Returns
    -------
    TextFile
        As it was read in the end.
    """
    mended = False
    while True:
        try:
            insert(text)
        except duckdb.InvalidInputException:
            if mended:
                raise
            text, mended = _with_one_line_end(text), True
            continue
        if text.longest < LONGEST_LINE and _count(connection, text, f"error_type = '{TOO_LONG}'"):
            text = replace(text, longest=LONGEST_LINE, attempt=text.attempt + 1)
        elif not mended and _count(connection, text, "suffix(csv_line, chr(13))"):
            text, mended = _with_one_line_end(text), True
        else:
            return text


def _count(connection: duckdb.DuckDBPyConnection, text: TextFile, condition: str) -> int:
    return int(sql.one(connection, f"SELECT count(*) FROM {text.rejects} WHERE {condition}"))


def _with_one_line_end(text: TextFile) -> TextFile:
    """A file whose lines end in more than one way, rewritten so that they end in one."""
    target = text.scratch / f"{text.number}_lines.csv"
    written = with_one_line_end(text.path, target)
    seen = survey(written, text.surveyed.encoding)
    return replace(text, path=written, surveyed=seen, attempt=text.attempt + 1)


def broken_records(connection: duckdb.DuckDBPyConnection, text: TextFile) -> list[Broken]:
    """The records of a text file that were passed over, in the order of the file."""
    found = sql.rows(
        connection,
        "SELECT line_byte_position - 1 AS start, min(csv_line), "
        "string_agg(DISTINCT CAST(error_type AS VARCHAR), ',') "
        f"FROM {text.rejects} GROUP BY start ORDER BY start",
    )
    if not found:
        return []
    # DuckDB counts records; a reader of the file counts lines.
    lines = lines_at(text.path, [int(start) for start, _, _ in found])
    return [
        Broken(line, (shown or "").strip("\r\n"), kinds)
        for line, (_, shown, kinds) in zip(lines, found, strict=True)
    ]


def lines_of(connection: duckdb.DuckDBPyConnection, text: TextFile) -> str:
    """Make a table of record position to line number, and return its name.

    A record may span lines, and broken records and blank lines lie between the good ones; all
    of these shift the lines.
    """
    name = f"lines_{text.number}"
    _heights(connection, text, f"{name}_good")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS "
        "SELECT position, 2 + coalesce(sum(height) OVER (ORDER BY position "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::BIGINT AS line "
        f"FROM (SELECT rowid AS position, height FROM {name}_good)"
    )
    held = int(sql.one(connection, f"SELECT coalesce(sum(height), 0) FROM {name}_good"))
    connection.execute(f"DROP TABLE {name}_good")
    gaps = [(broken.line, broken.height) for broken in broken_records(connection, text)]
    lines, blank = blank_lines(text.path)
    if 1 + held + sum(height for _, height in gaps) + len(blank) == lines:
        gaps = sorted([*gaps, *((line, 1) for line in blank)])
    _shift(connection, name, gaps)
    return name


def _heights(connection: duckdb.DuckDBPyConnection, text: TextFile, name: str) -> None:
    cells = ", ".join(sql.name(column) for column in text.header)
    joined = f"concat_ws('', {cells})"
    height = f"1 + length({joined}) - length(replace({joined}, chr(10), ''))"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {height} AS height "
        f"FROM {text.relation(rejects=False)}"
    )


def _shift(connection: duckdb.DuckDBPyConnection, name: str, gaps: list[tuple[int, int]]) -> None:
    """Move lines down by the gaps above them.

    A gap at line L with H lines of other gaps above stands at L - H among the good lines.
    """
    offsets, shifts, above = [], [], 0
    for line, height in gaps:
        offsets.append(line - above)
        above += height
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


def lost_lines(connection: duckdb.DuckDBPyConnection, text: TextFile, records: int) -> int:
    """Lines of the file that are in no record: a guard against rows lost without a word."""
    if records + 1 >= text.surveyed.lines:
        return 0
    lines, blanks = blank_lines(text.path)
    blank = len(blanks)
    if records + 1 >= lines - blank:
        return 0
    name = f"heights_{text.number}"
    _heights(connection, text, name)
    held = int(sql.one(connection, f"SELECT coalesce(sum(height), 0) FROM {name}"))
    connection.execute(f"DROP TABLE {name}")
    held += sum(broken.height for broken in broken_records(connection, text))
    return max(0, lines - blank - 1 - held)
