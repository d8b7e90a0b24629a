"""Building the event store: sort once, encode narrowly, write columns that a memory map can open.

DuckDB reads, encodes and sorts (out of core); the sorted batches are appended to one file a
column. The store appears under its name only when it is whole.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from workbench.engine.columns import StoredColumn, sorted_query, stored_columns, usable
from workbench.engine.layout import (
    DESCRIPTION,
    FORMAT,
    NO_SEQUENCE,
    column_file,
    dictionary_file,
    is_store,
)
from workbench.errors import StoreError
from workbench.messages import message
from workbench.quoting import literal, quoted

BATCH = 500_000
# Enough for a quick sort; 100 million events are built below 4 GB, the rest spills to disk.
SORT_MEMORY = "2GiB"
_ABANDONED_AFTER = 24 * 3600


def build_store(
    connection: duckdb.DuckDBPyConnection, relation: str, directory: Path, title: str = ""
) -> None:
    """Write the sorted event store of `relation` to `directory`.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Where `relation` (a table or view with the event columns) can be queried.
    relation : str
        Name of the table or view.
    directory : pathlib.Path
        Target; left alone when another process finished it first, replaced when what lies there
        cannot be opened.
    title : str
        What the store is for, kept in its description.

    Raises
    ------
    StoreError
        When a needed column is missing or the disk refuses the write; nothing is left behind.
    """
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(directory)
        workplace = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    except OSError as problem:
        raise StoreError(
            message(
                "The event store cannot be written to {directory}: {reason}. Choose a "
                "folder that can be written with WORKBENCH_CACHE=FOLDER.",
                directory=directory.parent,
                reason=problem.strerror,
            )
        ) from None
    try:
        with _sorting(connection, directory.parent / "spill"):
            _fill(connection, relation, workplace, title)
        _publish(workplace, directory)
    except (OSError, pa.ArrowException, duckdb.Error, RuntimeError) as problem:
        raise _told(problem, directory) from None
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


def _told(problem: Exception, directory: Path) -> BaseException:
    """The refusal for a reader; Ctrl-C during a query, which DuckDB calls an error, stays one."""
    if "interrupt" in str(problem).lower():
        return KeyboardInterrupt()
    if isinstance(problem, duckdb.Error):
        return StoreError(
            message(
                "The event store could not be built: {why}. Free some disk or memory "
                "and open the workspace again.",
                why=_first_line(problem),
            )
        )
    if isinstance(problem, OSError | pa.ArrowException):
        reason = getattr(problem, "strerror", None) or _first_line(problem)
        return StoreError(
            message(
                "The event store could not be written to {directory}: {reason}. Free "
                "some room or choose another folder with WORKBENCH_CACHE=FOLDER.",
                directory=directory,
                reason=reason,
            )
        )
    return problem


def _first_line(problem: Exception) -> str:
    return next(iter(str(problem).splitlines()), type(problem).__name__).rstrip(".")


def _clear_abandoned(directory: Path) -> None:
    """Remove what builds left that were killed more than a day ago."""
    for left in directory.parent.glob(f".{directory.name}-*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED_AFTER:
                shutil.rmtree(left, ignore_errors=True)


def _publish(workplace: Path, directory: Path) -> None:
    """Give the finished store its name, unless another process was quicker."""
    try:
        workplace.replace(directory)
    except OSError:
        if is_store(directory):
            return
        aside = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
        try:
            directory.rename(aside / "unusable")
            workplace.replace(directory)
        except OSError:
            if not is_store(directory):
                raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def _sorting(connection: duckdb.DuckDBPyConnection, spill: Path) -> Iterator[None]:
    """Settings for a large sort, and the former ones afterwards."""
    order, folder, memory = connection.execute(
        "SELECT current_setting('preserve_insertion_order'), current_setting('temp_directory'), "
        "current_setting('memory_limit')"
    ).fetchall()[0]
    # An in-memory database would spill into the current folder.
    moved = folder in ("", ".tmp") and _set(connection, "temp_directory", str(spill))
    _set(connection, "preserve_insertion_order", "false")
    _set(connection, "memory_limit", SORT_MEMORY)
    try:
        yield
    finally:
        _set(connection, "memory_limit", memory)
        _set(connection, "preserve_insertion_order", str(order).lower())
        if moved:
            _set(connection, "temp_directory", folder)


def _set(connection: duckdb.DuckDBPyConnection, name: str, value: str) -> bool:
    """Change a setting; DuckDB keeps the folder for spilling once it was used."""
    try:
        connection.execute(f"SET {name} = {literal(value)}")
    except duckdb.Error:
        return False
    return True


def _fill(
    connection: duckdb.DuckDBPyConnection, relation: str, workplace: Path, title: str
) -> None:
    described = connection.execute(f"DESCRIBE {quoted(relation)}").fetchall()
    types = {name: str(kind) for name, kind, *_ in described}
    columns = stored_columns(types)
    read = _number(connection, f"SELECT count(*) FROM {quoted(relation)}")
    kept = f"{quoted(relation)} s WHERE {usable(types)}"
    total = _number(connection, f"SELECT count(*) FROM {kept}")
    if total == read:
        kept = f"{quoted(relation)} s"
    try:
        columns = [_with_dictionary(connection, kept, column, workplace) for column in columns]
        span = _write_columns(connection, sorted_query(columns, kept, types), columns, workplace)
    finally:
        for column in columns:
            if column.coded:
                connection.execute(f"DROP TABLE IF EXISTS {column.dictionary_table}")
    if span["rows"] != total:
        raise StoreError(
            message(
                "The events changed while they were read ({total:,} counted, {read:,} "
                "read). Open the workspace again when nothing writes to its files.",
                total=total,
                read=span["rows"],
            )
        )
    _write_offsets(workplace, columns[0])
    description = {
        "format": FORMAT,
        "title": title,
        **span,
        "dropped": read - total,
        "columns": {
            c.name: {"kind": c.kind, "values": c.values, "number": c.number} for c in columns
        },
    }
    text = json.dumps(description, ensure_ascii=False, indent=1)
    (workplace / DESCRIPTION).write_text(text, encoding="utf-8")


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])


def _with_dictionary(
    connection: duckdb.DuckDBPyConnection, kept: str, column: StoredColumn, workplace: Path
) -> StoredColumn:
    if not column.coded:
        return column
    table = column.dictionary_table
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS "
        "SELECT v, (row_number() OVER (ORDER BY v) - 1)::UBIGINT AS code "
        f"FROM (SELECT DISTINCT {column.sql} AS v FROM {kept}) WHERE v IS NOT NULL"
    )
    values = connection.sql(f"SELECT v FROM {table} ORDER BY code").to_arrow_table()
    with (
        pa.OSFile(str(dictionary_file(workplace, column.number)), "wb") as sink,
        pa.ipc.new_file(sink, values.schema) as writer,
    ):
        writer.write_table(values)
    if values.num_rows != 1:
        return column.with_values(values.num_rows)
    missing = _number(connection, f"SELECT count(*) FILTER ({column.sql} IS NULL) FROM {kept}")
    return column.with_values(1, whole=missing == 0)


def _write_columns(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    columns: list[StoredColumn],
    workplace: Path,
) -> dict[str, Any]:
    """Append the sorted batches to one file a column, in bounded memory.

    Plain writes, for a full disk must answer with an error: a memory map would end the process.
    """
    for column in columns:
        _write_header(column_file(workplace, column.number), column.dtype, 0)
    rows, first, newest, numbered = 0, None, None, False
    for batch in connection.sql(query).to_arrow_reader(BATCH):
        for column, values in zip(columns, batch.columns, strict=True):
            if column.kind == "measure" and values.null_count:
                values = values.fill_null(float("nan"))
            plain = values.to_numpy(zero_copy_only=False).astype(column.dtype, copy=False)
            if column.kind == "time" and plain.size:
                low, high = int(plain.min()), int(plain.max())
                first = low if first is None else min(first, low)
                newest = high if newest is None else max(newest, high)
            if column.kind == "sequence":
                numbered = numbered or bool((plain != NO_SEQUENCE).any())
            with column_file(workplace, column.number).open("ab") as target:
                target.write(np.ascontiguousarray(plain).data)
        rows += batch.num_rows
    for column in columns:
        _write_header(column_file(workplace, column.number), column.dtype, rows)
    return {"rows": rows, "first": first, "newest": newest, "numbered": numbered}


def _write_header(path: Path, dtype: np.dtype, rows: int) -> None:
    """Begin a column file, or say at its beginning how many rows it got in the end.

    NumPy leaves room for a longer shape, so the header keeps its length.
    """
    shape = {"descr": dtype.str, "fortran_order": False, "shape": (rows,)}
    with path.open("r+b" if rows else "wb") as target:
        np.lib.format.write_array_header_1_0(target, shape)


def _write_offsets(workplace: Path, accounts: StoredColumn) -> None:
    path = column_file(workplace, accounts.number)
    codes = np.load(path, mmap_mode="r" if accounts.values else None)
    wanted = np.arange(accounts.values + 1, dtype=codes.dtype)
    offsets = np.searchsorted(codes, wanted, side="left")
    np.save(workplace / "account.offsets.npy", offsets.astype(np.int64))
