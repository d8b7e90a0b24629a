"""Readers of JSON lines and Excel workbooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from workbench.data import sql
from workbench.data.findings import Finding
from workbench.data.sources import Part, Reading, SourceError, unreadable
from workbench.data.survey import survey
from workbench.data.text_files import transcode, unique_names
from workbench.data.text_rows import LONGEST_LINE
from workbench.data.workspace_file import TableFile
from workbench.messages import message

NO_MARK = "\x01"


def read_jsonl(reading: Reading, entry: TableFile, path: Path) -> Part:
    """A file of JSON objects, one a line; a line that is none is set aside."""
    surveyed = survey(path, entry.encoding)
    if surveyed.size == 0:
        raise SourceError(Finding("error", message("The file is empty."), file=path.name))
    number = reading.next_number()
    ready = path
    if surveyed.encoding != "utf-8":
        ready = transcode(path, surveyed.encoding, reading.scratch / f"{number}.jsonl")
    lines = _lines(reading, ready, f"lines_{number}")
    keys = sql.rows(
        reading.connection,
        "SELECT key, min(position) FROM (SELECT unnest(json_keys(record)) AS key, "
        "line * 10000 + generate_subscripts(json_keys(record), 1) AS position "
        f"FROM {lines} WHERE fine) GROUP BY key ORDER BY 2",
    )
    names, _ = unique_names(key for key, _ in keys)
    picked = ", ".join(
        f"json_extract_string(record, {sql.text(_pointer(key))}) AS {sql.name(column)}"
        for (key, _), column in zip(keys, names, strict=True)
    )
    return Part(
        label=path.name,
        kind="loaded",
        columns=dict.fromkeys(names, "VARCHAR"),
        relation=f"(SELECT {picked or 'NULL'} FROM {lines} WHERE fine ORDER BY line)",
        inputs=(path,),
        extra={
            "broken": f"SELECT line, record FROM {lines} WHERE NOT fine ORDER BY line",
            "lines": f"SELECT line FROM {lines} WHERE fine ORDER BY line",
        },
    )


def _lines(reading: Reading, path: Path, name: str) -> str:
    """The lines of a text file in a table, each with its number and whether it is an object."""
    text = (
        f"read_csv({sql.text(str(path))}, auto_detect=false, header=false, "
        f"delim={sql.text(NO_MARK)}, "
        f"quote='', escape='', columns={{'record': 'VARCHAR'}}, max_line_size={LONGEST_LINE}, "
        "null_padding=true, strict_mode=false)"
    )
    reading.connection.execute(f"CREATE TEMP TABLE {name}_raw AS SELECT record FROM {text}")
    valid = "json_valid(record)"
    fine = f"CASE WHEN {valid} THEN json_type(record) = 'OBJECT' ELSE false END"
    reading.connection.execute(
        f"CREATE TEMP TABLE {name} AS SELECT rowid + 1 AS line, record, {fine} AS fine "
        f"FROM {name}_raw WHERE trim(record) <> ''"
    )
    reading.connection.execute(f"DROP TABLE {name}_raw")
    return name


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def read_excel(reading: Reading, entry: TableFile, path: Path) -> Part:
    """A sheet of a workbook; its first row holds the column names."""
    try:
        import python_calamine
    except ImportError as error:
        raise SourceError(
            Finding(
                "error",
                message("Reading Excel files needs python-calamine."),
                message("Install it with pip install 'b2b-journey-workbench[excel]'."),
                file=path.name,
            )
        ) from error
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheet = _sheet(book, entry, path)
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError) as error:
        raise SourceError(unreadable(path, "Excel", error)) from error
    filled = [index for index, row in enumerate(rows) if any(cell != "" for cell in row)]
    if not filled:
        raise SourceError(
            Finding("error", message("The sheet {sheet} is empty.", sheet=sheet), file=path.name)
        )
    first = filled[0]
    header, repeated = unique_names(as_text(cell) or "" for cell in rows[first])
    body = [rows[index] for index in filled[1:]]
    found = [_repeated(path, name) for name in dict.fromkeys(repeated)]
    part = loaded(
        reading, path.name, header, body, inputs=(path,), row_base=first + 2, findings=found
    )
    return replace(part, extra={"days": "counted"})


def _sheet(book: Any, entry: TableFile, path: Path) -> str:
    names: list[str] = book.sheet_names
    if entry.sheet is None:
        return names[0]
    if entry.sheet not in names:
        raise SourceError(
            Finding(
                "error",
                message("There is no sheet {sheet!r}.", sheet=entry.sheet),
                message("The sheets are: {names}.", names=", ".join(names)),
                file=path.name,
            )
        )
    return entry.sheet


def _repeated(path: Path, name: str) -> Finding:
    return Finding(
        "warning",
        message("The column {name} stands more than once.", name=name),
        message("The later one is called {name}_2 here.", name=name),
        file=path.name,
        column=name,
        row=1,
    )


def loaded(
    reading: Reading,
    label: str,
    header: Sequence[str],
    body: Iterable[Sequence[Any]],
    *,
    inputs: tuple[Path, ...] = (),
    row_base: int = 2,
    findings: Sequence[Finding] = (),
) -> Part:
    """Rows held by Python as a part: every cell as text, the way a CSV export would write it."""
    name = f"loaded_{reading.next_number()}"
    cells = [[as_text(cell) for cell in row] for row in body]
    columns = {
        column: pa.array(
            [row[position] if position < len(row) else None for row in cells], pa.string()
        )
        for position, column in enumerate(header)
    }
    reading.connection.register(f"{name}_frame", pa.table(columns))
    reading.connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {name}_frame")
    reading.connection.unregister(f"{name}_frame")
    return Part(
        label=label,
        kind="loaded",
        columns=dict.fromkeys(header, "VARCHAR"),
        relation=name,
        inputs=inputs,
        findings=tuple(findings),
        row_base=row_base,
    )


def as_text(value: Any) -> str | None:
    """A cell as text: whole numbers without a point, times in ISO form, bytes in hexadecimal."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
