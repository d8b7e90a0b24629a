"""Building the event store: sort once, encode narrowly, write columns that a memory map can open.

DuckDB reads, encodes and sorts (out of core); the sorted batches are copied straight into
memory-mapped column files. The store appears under its name only when it is whole.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from workbench.errors import StoreError

FORMAT = 1
TIME = "occurred_at"
SEQUENCE = "sequence_no"
KEYS = (
    "account_id",
    "person_id",
    "session_id",
    "opportunity_id",
    "buying_group_id",
    "global_account_id",
)
NOT_STORED = ("event_id", "source_id")
NO_SEQUENCE = np.iinfo(np.int64).min
SEPARATOR = "\x1f"
_NUMERIC = ("INT", "DECIMAL", "DOUBLE", "FLOAT", "REAL", "BIGINT", "HUGEINT")


@dataclass(frozen=True)
class _Column:
    name: str
    kind: str
    sql: str
    values: int = 0

    @property
    def dtype(self) -> np.dtype:
        if self.kind == "measure":
            return np.dtype(np.float64)
        if self.kind in ("time", "sequence"):
            return np.dtype(np.int64)
        return code_type(self.values)

    @property
    def coded(self) -> bool:
        return self.kind in ("text", "boolean", "list")


def code_type(values: int) -> np.dtype:
    """The narrowest unsigned integer that holds `values` codes and one more for "missing"."""
    for candidate in (np.uint8, np.uint16, np.uint32):
        if values <= np.iinfo(candidate).max:
            return np.dtype(candidate)
    return np.dtype(np.uint64)


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


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
        Target; left alone when another process finished it first.
    title : str
        What the store is for, kept in its description.

    Raises
    ------
    StoreError
        When a needed column is missing or the disk refuses the write; nothing is left behind.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        workplace = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    except OSError as problem:
        raise StoreError(
            f"The event store cannot be written to {directory.parent}: {problem.strerror}. "
            "Choose a folder that can be written with WORKBENCH_CACHE=FOLDER."
        ) from None
    try:
        connection.execute("SET preserve_insertion_order=false")
        _fill(connection, relation, workplace, title)
        workplace.replace(directory)
    except OSError as problem:
        if not (directory / "store.json").exists():
            reason = problem.strerror or problem
            raise StoreError(
                f"The event store could not be written to {directory}: {reason}. "
                "Free some room or choose another folder with WORKBENCH_CACHE=FOLDER."
            ) from None
    except duckdb.Error as problem:
        raise StoreError(
            f"The event store could not be built: {str(problem).splitlines()[0]}. "
            "Free some disk or memory and open the workspace again."
        ) from None
    finally:
        connection.execute("RESET preserve_insertion_order")
        shutil.rmtree(workplace, ignore_errors=True)


def _fill(
    connection: duckdb.DuckDBPyConnection, relation: str, workplace: Path, title: str
) -> None:
    cursor = connection
    described = cursor.execute(f"DESCRIBE {quoted(relation)}").fetchall()
    types = {name: str(kind) for name, kind, *_ in described}
    columns = _columns(types)
    read = _number(cursor, f"SELECT count(*) FROM {quoted(relation)}")
    columns = [_with_dictionary(cursor, relation, c, workplace) for c in columns]
    query = _sorted_query(columns, relation, types)
    total = _number(cursor, f"SELECT count(*) FROM {quoted(relation)} WHERE {_usable()}")
    _write_columns(cursor, query, columns, total, workplace)
    _write_offsets(workplace, columns[0].values, total)
    for column in columns:
        if column.coded:
            cursor.execute(f"DROP TABLE IF EXISTS {_dictionary_table(column.name)}")
    _write_description(workplace, columns, total, read - total, title)


def _number(cursor: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(cursor.execute(query).fetchall()[0][0])


def _columns(types: dict[str, str]) -> list[_Column]:
    missing = [name for name in ("account_id", TIME, "event") if name not in types]
    if missing:
        raise StoreError(
            f"Events need the columns account_id, occurred_at and event; missing: "
            f"{', '.join(missing)}. Found: {', '.join(types)}. Map them in the workspace file "
            "under columns."
        )
    first = [name for name in (*KEYS, "event") if name in types]
    rest = [n for n in types if n not in (*first, TIME, SEQUENCE, *NOT_STORED)]
    columns = [_classified(name, types[name]) for name in [*first, *rest]]
    columns.insert(1, _Column(TIME, "time", f"epoch_us({quoted(TIME)}::TIMESTAMPTZ)"))
    if SEQUENCE in types:
        sql = f"coalesce({quoted(SEQUENCE)}::BIGINT, {NO_SEQUENCE + 1}::BIGINT - 1)"
        columns.insert(2, _Column(SEQUENCE, "sequence", sql))
    return columns


def _classified(name: str, kind: str) -> _Column:
    """Keys and texts are encoded, lists as sorted combinations, numbers kept as they are."""
    column = f"s.{quoted(name)}"
    if kind.endswith("[]"):
        joined = f"array_to_string(list_sort(list_distinct({column}::VARCHAR[])), chr(31))"
        return _Column(name, "list", f"CASE WHEN len({column}) > 0 THEN {joined} END")
    if name not in (*KEYS, "event") and any(kind.startswith(n) for n in _NUMERIC):
        return _Column(name, "measure", f"{column}::DOUBLE")
    if kind == "BOOLEAN":
        return _Column(name, "boolean", f"{column}::VARCHAR")
    return _Column(name, "text", f"nullif({column}::VARCHAR, '')")


def _usable() -> str:
    return (
        f"nullif({quoted('account_id')}::VARCHAR, '') IS NOT NULL AND {quoted(TIME)} IS NOT NULL"
        f" AND nullif({quoted('event')}::VARCHAR, '') IS NOT NULL"
    )


def _dictionary_table(name: str) -> str:
    return quoted(f"dictionary of {name}")


def _with_dictionary(
    cursor: duckdb.DuckDBPyConnection, relation: str, column: _Column, workplace: Path
) -> _Column:
    if not column.coded:
        return column
    table = _dictionary_table(column.name)
    where = f"WHERE {_usable()}"
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS "
        "SELECT v, (row_number() OVER (ORDER BY v) - 1)::UBIGINT AS code FROM "
        f"(SELECT DISTINCT {column.sql} AS v FROM {quoted(relation)} s {where}) WHERE v IS NOT NULL"
    )
    values = cursor.sql(f"SELECT v FROM {table} ORDER BY code").to_arrow_table()
    path = str(workplace / f"{column.name}.dictionary.arrow")
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, values.schema) as writer:
        writer.write_table(values)
    return _Column(column.name, column.kind, column.sql, values.num_rows)


_DUCK_TYPES = {
    "uint8": "UTINYINT",
    "uint16": "USMALLINT",
    "uint32": "UINTEGER",
    "uint64": "UBIGINT",
}


def _sorted_query(columns: list[_Column], relation: str, types: dict[str, str]) -> str:
    """One pass: codes by hash join, then one sort by account, time, sequence and a row hash.

    The hash makes the order of a file irrelevant: the same rows give the same store.
    """
    selected, joins = [], []
    for number, column in enumerate(columns):
        if column.coded:
            alias = f"d{number}"
            joins.append(
                f"LEFT JOIN {_dictionary_table(column.name)} {alias} ON {column.sql} = {alias}.v"
            )
            code = f"coalesce({alias}.code, {column.values})::{_DUCK_TYPES[column.dtype.name]}"
            selected.append(f"{code} AS c{number}")
        else:
            selected.append(f"{column.sql} AS c{number}")
    hashed = ", ".join(f"s.{quoted(name)}" for name in types)
    names = ", ".join(f"c{number}" for number in range(len(columns)))
    sequence = next((f"c{n}" for n, c in enumerate(columns) if c.kind == "sequence"), None)
    order = ["c0", "c1", *([sequence] if sequence else []), *_identity(types), "h"]
    return (
        f"SELECT {names} FROM (SELECT {', '.join(selected)}, hash({hashed}) AS h"
        f"{', s.event_id AS row_id' if 'event_id' in types else ''} "
        f"FROM (SELECT * FROM {quoted(relation)} WHERE {_usable()}) s {' '.join(joins)}) "
        f"ORDER BY {', '.join(order)}"
    )


def _identity(types: dict[str, str]) -> list[str]:
    return ["row_id"] if "event_id" in types else []


def _write_columns(
    cursor: duckdb.DuckDBPyConnection,
    query: str,
    columns: list[_Column],
    total: int,
    workplace: Path,
) -> None:
    """Copy the sorted batches into one file a column, in bounded memory."""
    targets = [_column_file(workplace / f"{c.name}.npy", c.dtype, total) for c in columns]
    filled = 0
    for batch in cursor.sql(query).to_arrow_reader(500_000):
        for column, target, values in zip(columns, targets, batch.columns, strict=True):
            if column.kind == "measure" and values.null_count:
                values = values.fill_null(float("nan"))
            target[filled : filled + batch.num_rows] = values.to_numpy(zero_copy_only=False)
        filled += batch.num_rows
    if filled != total:
        raise StoreError(
            f"The events changed while they were read ({total:,} counted, {filled:,} read). "
            "Open the workspace again when nothing writes to its files."
        )


def _column_file(path: Path, dtype: np.dtype, rows: int) -> Any:
    if rows:
        return np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=(rows,))
    empty = np.empty(0, dtype)
    np.save(path, empty)
    return empty


def _write_offsets(workplace: Path, accounts: int, total: int) -> None:
    codes = np.load(workplace / "account_id.npy", mmap_mode="r") if total else np.empty(0, int)
    offsets = np.searchsorted(codes, np.arange(accounts + 1, dtype=codes.dtype), side="left")
    np.save(workplace / "account.offsets.npy", offsets.astype(np.int64))


def _write_description(
    workplace: Path, columns: list[_Column], total: int, dropped: int, title: str
) -> None:
    times = np.load(workplace / f"{TIME}.npy", mmap_mode="r") if total else np.zeros(0, np.int64)
    description = {
        "format": FORMAT,
        "title": title,
        "rows": total,
        "dropped": dropped,
        "first": int(times.min()) if total else None,
        "newest": int(times.max()) if total else None,
        "columns": {c.name: {"kind": c.kind, "values": c.values} for c in columns},
    }
    (workplace / "store.json").write_text(json.dumps(description, ensure_ascii=False, indent=1))
