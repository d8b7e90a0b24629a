"""Frames, relations and Parquet files as checked data, without a workspace file or a copy."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
from pydantic import ValidationError

from workbench.data import event_frame, quarantine, sql, values
from workbench.data.build import add_table, link_tables
from workbench.data.building import Build
from workbench.data.cache import cache_root, fingerprint
from workbench.data.checked import (
    DESCRIPTION,
    QUARANTINE,
    CheckedData,
    Description,
    balance_frame,
)
from workbench.data.default_rules import default_rules
from workbench.data.describe import describe
from workbench.data.findings import Finding, UnusableDataError
from workbench.data.mapping import plan, table_of
from workbench.data.settings import Settings
from workbench.data.sources import Part, Reading, SourceError, parts_of
from workbench.data.tables import canonical_tables
from workbench.data.touchpoints import create_view, rules_of
from workbench.data.workspace_file import TableFile
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.reasons import UNKNOWN, reasons

EVENTS = "event_rows"
NAME = "frames"


@dataclass(frozen=True)
class Given:
    """One table as it was handed over."""

    argument: str
    value: Any
    path: Path | None


def load_frames(
    *,
    events: Any = None,
    settings: Settings | Mapping[str, Any] | None = None,
    name: str = NAME,
    cache: Path | None = None,
    **tables: Any,
) -> CheckedData:
    """Check tables handed over as frames, relations or paths.

    Parameters
    ----------
    events
        Rows with ``account_id``, ``occurred_at`` and ``event``; they become the event view as
        they are, read where they lie. Without them the built-in rules make the events.
    settings
        How time, money and people are read, as in a workspace file.
    name
        Name shown in reports.
    cache
        Folder for caches, in place of ``WORKBENCH_CACHE`` or the user's cache folder.
    **tables
        Tables of the data model by name: ``accounts=``, ``people=``, ``opportunities=``, … Each
        a pandas, polars or pyarrow table, a DuckDB relation, or a path to a file.

    Returns
    -------
    CheckedData
        The tables, the event view, and everything that was found.
    """
    chosen = _settings(settings)
    given = _given(events, tables)
    connection = sql.connect()
    values.install(connection)
    quarantine.prepare(connection)
    relations = {one.argument: _relation(connection, one) for one in given}
    mark = _fingerprint(connection, given, relations, chosen)
    keepers: list[Any] = [one.value for one in given]
    if all(one.path is not None for one in given):
        directory = cache_root(cache) / f"{name}-{mark}"
        directory.mkdir(parents=True, exist_ok=True)
    else:
        holder = tempfile.TemporaryDirectory(prefix="workbench-", ignore_cleanup_errors=True)
        keepers.append(holder)
        directory = Path(holder.name) / f"{name}-{mark}"
        directory.mkdir()
    connection.execute(f"SET temp_directory = {sql.text(str(directory / 'spill'))}")
    build = Build(connection, chosen)
    _add_tables(build, [one for one in given if one.argument != "events"], relations, directory)
    model = link_tables(build)
    earlier = _earlier(directory) if len(given) == 1 and given[0].path is not None else None
    if events is not None:
        lines = [(line["read"], line["kept"]) for line in earlier.balance] if earlier else [None]
        noted = [one.column for one in earlier.findings if one.level == "note"] if earlier else []
        worded = [column for column in noted if column in event_frame.IDENTIFIERS]
        event_frame.create(build, model, relations["events"], _label(given[0]), lines[0], worded)
    else:
        names = {table: list(columns) for table, columns in model.columns.items()}
        create_view(connection, model, rules_of(model, bool(default_rules(names)), []))
    description = earlier or describe(build, name, name, directory)
    held = directory / QUARANTINE
    return CheckedData(
        name=name,
        title=name,
        settings=chosen,
        connection=connection,
        tables=description.tables,
        findings=description.findings,
        balance=balance_frame(description.balance),
        quarantine=held if held.is_file() else None,
        as_of=description.as_of,
        fingerprint=mark,
        directory=directory,
        keepers=tuple(keepers),
    )


def _earlier(directory: Path) -> Description | None:
    """What an earlier look at the same unchanged events file wrote down."""
    try:
        found = Description.read(directory / DESCRIPTION)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if [line["table"] for line in found.balance] == [event_frame.VIEW] else None


def _settings(given: Settings | Mapping[str, Any] | None) -> Settings:
    if isinstance(given, Settings):
        return given
    try:
        return Settings.model_validate(dict(given or {}))
    except ValidationError as error:
        first = reasons(error.errors())[0]
        if first.kind == UNKNOWN and len(first.place) == 1:
            raise ArgumentError.of("settings", first.path, list(Settings.model_fields)) from error
        if first.choices:
            raise ArgumentError.of(f"settings.{first.path}", first.given, first.choices) from error
        wrong = f"settings.{first.path}"
        raise ArgumentError.of(wrong, first.given, first.needed or first.said) from error


def _given(events: Any, tables: Mapping[str, Any]) -> list[Given]:
    known = canonical_tables()
    for argument in tables:
        if argument not in known:
            raise ArgumentError.of("table", argument, ["events", *known])
    found = {"events": events, **tables}
    given = [
        Given(argument, value, _path(argument, value))
        for argument, value in found.items()
        if value is not None
    ]
    if not given:
        raise ArgumentError(message("Give events= or at least one table, such as opportunities=."))
    return given


def _path(argument: str, value: Any) -> Path | None:
    if not isinstance(value, (str, Path)):
        return None
    path = Path(value).expanduser().absolute()
    if not path.is_file():
        raise ArgumentError(
            message("{argument}: there is no file {path}.", argument=argument, path=path)
        )
    return path


def _relation(connection: duckdb.DuckDBPyConnection, given: Given) -> str:
    """SQL of the rows: the file itself, or the frame registered under a name of its own."""
    if given.path is not None:
        if given.path.suffix.lower() in (".parquet", ".pq"):
            return f"read_parquet({sql.text(str(given.path))})"
        return ""
    value = given.value
    if isinstance(value, duckdb.DuckDBPyRelation):
        value = value.to_arrow_table()
    name = f"given_{given.argument}"
    try:
        _register(connection, name, value)
    except (duckdb.Error, TypeError) as error:
        raise ArgumentError.of(
            given.argument,
            type(given.value).__name__,
            message("a pandas, polars or pyarrow table, a DuckDB relation, or a path"),
        ) from error
    return name


def _register(connection: duckdb.DuckDBPyConnection, name: str, value: Any) -> None:
    try:
        connection.register(name, value)
        sql.columns_of(connection, name)
    except duckdb.Error:
        # DuckDB cannot scan every memory layout of pandas, such as a reversed frame.
        if not isinstance(value, pd.DataFrame):
            raise
        connection.register(name, pa.Table.from_pandas(value, preserve_index=False))


def _label(given: Given) -> str:
    return given.path.name if given.path is not None else given.argument


def _fingerprint(
    connection: duckdb.DuckDBPyConnection,
    given: list[Given],
    relations: Mapping[str, str],
    settings: Settings,
) -> str:
    texts = [settings.model_dump_json()]
    for one in given:
        texts.append(f"{one.argument}:{type(one.value).__name__ if one.path is None else ''}")
        if one.path is None:
            texts.append(_content(connection, relations[one.argument]))
    return fingerprint(texts, [one.path for one in given if one.path is not None])


def _content(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    """A sum over all rows that does not depend on their order."""
    columns = sql.columns_of(connection, relation)
    listed = ", ".join(map(sql.name, columns))
    total = sql.rows(connection, f"SELECT count(*), sum(hash({listed})) FROM {relation}")[0]
    return hashlib.sha256(f"{list(columns.items())}{total}".encode()).hexdigest()


def _add_tables(
    build: Build, given: list[Given], relations: Mapping[str, str], directory: Path
) -> None:
    reading = Reading(build.connection, Path(), directory)
    for one in given:
        entry = TableFile.model_validate({"file": str(one.path or one.argument)})
        table = table_of(one.argument, entry)
        try:
            part = _part(build, one, relations[one.argument], entry, reading)
        except SourceError as error:
            raise UnusableDataError.of(one.argument, error.findings) from error
        ready = plan(build.connection, table, entry, part, build.settings)
        if ready.missing:
            raise ArgumentError(
                message(
                    "{argument}: the column {columns} is missing. It has: {found}.",
                    argument=one.argument,
                    columns=", ".join(ready.missing),
                    found=", ".join(part.columns),
                )
            )
        build.tables[one.argument] = table
        add_table(build, table, [ready])


def _part(build: Build, one: Given, relation: str, entry: TableFile, reading: Reading) -> Part:
    if one.path is not None:
        return parts_of(reading, entry)[0]
    columns = sql.columns_of(build.connection, relation)
    return Part(one.argument, "loaded", columns, relation, row_base=0)


def zone_finding(label: str) -> Finding:
    """The refusal of times without zone in an event frame."""
    return Finding(
        "error",
        message("The times in occurred_at carry no zone."),
        message("In which zone were they written? Pass settings={'source_tz': 'UTC'}, or another."),
        file=label,
        table="events",
        column="occurred_at",
    )
