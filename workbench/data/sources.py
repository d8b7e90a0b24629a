"""Where rows come from: each file becomes one relation that DuckDB can read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path

import duckdb

from workbench.data import sql
from workbench.data.findings import Finding, shortened
from workbench.data.survey import Survey, survey
from workbench.data.text_files import (
    delimiter_of,
    header_of,
    sample_text,
    transcode,
    unique_names,
)
from workbench.data.text_rows import TextFile
from workbench.data.workspace_file import TableFile, expanded
from workbench.errors import WorkbenchError
from workbench.messages import message

ENDINGS = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".duckdb": "duckdb",
}


class SourceError(WorkbenchError):
    """Files that cannot be read; carries the findings that say why."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


@dataclass(frozen=True)
class Part:
    """One file of a table: its columns with DuckDB types, and SQL that reads it.

    `kind` is ``text`` (delimited text, with line numbers), ``file`` (DuckDB reads it in place,
    so it need not be copied) or ``loaded`` (held by the connection).
    """

    label: str
    kind: str
    columns: dict[str, str]
    relation: str
    text: TextFile | None = None
    inputs: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()
    row_base: int = 1
    extra: dict[str, str] = field(default_factory=dict)

    def reading(self, text: TextFile) -> Part:
        """The part with its text read in another way."""
        return replace(self, text=text, relation=text.relation(rejects=True))


@dataclass
class Reading:
    """What the readers of one build share: connection, root, a place for temporary files."""

    connection: duckdb.DuckDBPyConnection
    root: Path
    scratch: Path
    counter: int = 0

    def next_number(self) -> int:
        """A number that no other source of this build has."""
        self.counter += 1
        return self.counter


Reader = Callable[[Reading, TableFile, Path], Part]


def format_of(entry: TableFile, path: Path | None) -> str:
    """The format given, else the one the ending tells."""
    if entry.format:
        return entry.format
    if entry.database is not None:
        if entry.database.url is not None:
            return "postgres"
        path = Path(entry.database.path or "")
    ending = path.suffix.lower() if path else ""
    if ending not in ENDINGS:
        raise SourceError(
            Finding(
                "error",
                message("The ending {ending!r} does not tell the format.", ending=ending),
                message(
                    "Add format: csv, tsv, parquet, json, jsonl, excel, sqlite, duckdb or postgres."
                ),
                file=str(path),
            )
        )
    return ENDINGS[ending]


def paths_of(entry: TableFile, root: Path) -> list[Path]:
    """The files of a table in a stable order; a name that matches nothing is refused."""
    found: list[Path] = []
    given = [entry.database.path or ""] if entry.database else entry.files
    for pattern in given:
        full = Path(expanded(pattern)).expanduser()
        full = full if full.is_absolute() else root / full
        matches = _globbed(full) if any(mark in full.name for mark in "*?[") else [full]
        if not matches or not all(path.is_file() for path in matches):
            raise SourceError(_not_found(full))
        found.extend(path for path in matches if path not in found)
    return found


def _globbed(full: Path) -> list[Path]:
    return sorted(path for path in full.parent.glob(full.name) if path.is_file())


def _not_found(full: Path) -> Finding:
    if full.is_dir():
        problem = message(
            "{path} is a folder, not a file; {example} reads every file in it.",
            path=full,
            example=f"{full.name}/*.csv",
        )
    elif not full.parent.is_dir():
        problem = message("The folder {folder} does not exist.", folder=full.parent)
    else:
        problem = message(
            "There is no file {name} in {folder}.", name=full.name, folder=full.parent
        )
    there = (
        sorted(path.name for path in full.parent.glob("*") if path.is_file())[:12]
        if (full.parent.is_dir())
        else []
    )
    listed = message(" Files there: {names}.", names=", ".join(there)) if there else ""
    return Finding(
        "error",
        problem + listed,
        message("Correct file: or root: in the workspace file, or give the folder with --data."),
        file=full.name,
    )


def read_text(reading: Reading, entry: TableFile, path: Path) -> Part:
    """A CSV or TSV file, whatever its encoding and delimiter."""
    label = path.name
    found: list[Finding] = []
    surveyed = survey(path, entry.encoding)
    if surveyed.size == 0:
        raise SourceError(
            Finding(
                "error",
                message("The file is empty."),
                message("Export it again; a header line is needed at least."),
                file=label,
            )
        )
    number = reading.next_number()
    ready, read = path, surveyed
    if surveyed.encoding != "utf-8":
        ready = transcode(path, surveyed.encoding, reading.scratch / f"{number}.csv")
        read = survey(ready, "utf-8")
        found.append(_note(message("Read as {name}.", name=surveyed.encoding), label))
    sample = sample_text(ready)
    expected = "\t" if format_of(entry, path) == "tsv" else None
    delimiter = entry.delimiter or expected or delimiter_of(sample)
    header, repeated = unique_names(header_of(sample, delimiter))
    found.extend(_header_findings(label, header, repeated, delimiter, sample))
    found.extend(_byte_findings(replace(surveyed, nul_bytes=read.nul_bytes), label))
    text = TextFile(
        path=ready,
        label=label,
        delimiter=delimiter,
        header=tuple(header),
        number=number,
        surveyed=read,
        scratch=reading.scratch,
    )
    return Part(
        label=label,
        kind="text",
        columns=dict.fromkeys(header, "VARCHAR"),
        relation=text.relation(rejects=True),
        text=text,
        inputs=(path,),
        findings=tuple(found),
        extra={"footer": "skip"} if entry.skip_footer else {},
    )


def _note(problem: str, label: str) -> Finding:
    return Finding("note", problem, file=label)


def _byte_findings(surveyed: Survey, label: str) -> list[Finding]:
    found = []
    if surveyed.nul_bytes:
        found.append(
            Finding(
                "warning",
                message("NUL bytes stand in the file; they were taken out of the values."),
                message("Export the file again; it may be damaged."),
                file=label,
                count=surveyed.nul_bytes,
            )
        )
    if surveyed.mixed:
        found.append(
            Finding(
                "error",
                message(
                    "The file mixes encodings: some lines are not {name}.", name=surveyed.encoding
                ),
                message("Those lines are in the quarantine file. Save the file in one encoding."),
                file=label,
            )
        )
    return found


def _header_findings(
    label: str, header: list[str], repeated: list[str], delimiter: str, sample: str
) -> list[Finding]:
    found = [
        Finding(
            "warning",
            message("The column {name} stands more than once.", name=column),
            message("The later one is called {name}_2 here.", name=column),
            file=label,
            column=column,
            row=1,
        )
        for column in dict.fromkeys(repeated)
    ]
    likely = delimiter_of(sample)
    if len(header) == 1 and likely != delimiter and likely in header[0]:
        found.append(
            Finding(
                "error",
                message(
                    "Read with the delimiter {given!r} the header is a single column.",
                    given=delimiter,
                ),
                message(
                    "The file looks delimited by {likely!r}: correct delimiter:.", likely=likely
                ),
                file=label,
                value=shortened(header[0]),
                row=1,
            )
        )
    return found


def read_parquet(reading: Reading, entry: TableFile, path: Path) -> Part:
    """A Parquet file, read in place."""
    relation = f"read_parquet({sql.text(str(path))})"
    try:
        columns = sql.columns_of(reading.connection, relation)
    except duckdb.Error as error:
        raise SourceError(unreadable(path, "Parquet", error)) from error
    return Part(path.name, "file", columns, relation, inputs=(path,), row_base=0)


def unreadable(path: Path, kind: str, error: Exception) -> Finding:
    """The finding for a file that is not what its format says."""
    return Finding(
        "error",
        message("It cannot be read as {kind}: {why}.", kind=kind, why=str(error).splitlines()[0]),
        message("Check format: in the workspace file, or export it again."),
        file=path.name,
    )


def reader_of(kind: str) -> Reader:
    """The reader of a format; modules with other libraries are loaded when used."""
    if kind in ("csv", "tsv"):
        return read_text
    if kind == "parquet":
        return read_parquet
    module = {"jsonl": "records", "excel": "records", "json": "nested"}.get(kind, "databases")
    reader: Reader = getattr(import_module(f"workbench.data.{module}"), f"read_{kind}")
    return reader


def parts_of(reading: Reading, entry: TableFile) -> list[Part]:
    """Every file of a table as a part."""
    if entry.database is not None and entry.database.url is not None:
        return [reader_of("postgres")(reading, entry, Path())]
    parts: list[Part] = []
    refused: list[Finding] = []
    for path in paths_of(entry, reading.root):
        try:
            parts.append(reader_of(format_of(entry, path))(reading, entry, path))
        except SourceError as error:
            refused.extend(error.findings)
        except OSError as error:
            why = message("It cannot be read: {why}.", why=error)
            refused.append(Finding("error", why, file=error.filename))
    if refused:
        raise SourceError(*refused)
    return parts
