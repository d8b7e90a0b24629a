"""How each event column is stored, and the one query that encodes and sorts them all."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from workbench.engine.layout import CODED, KEYS, NO_SEQUENCE, SEPARATOR, SEQUENCE, TIME, code_type
from workbench.errors import StoreError
from workbench.messages import message
from workbench.quoting import quoted

NEEDED = ("account_id", TIME, "event")
NOT_STORED = ("event_id", "source_id")
_NUMERIC = re.compile(
    r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|REAL|DOUBLE|BIGNUM|DECIMAL\(.*\)"
)
_LIST = re.compile(r".*\[\d*\]", re.DOTALL)
_DUCK_TYPES = {
    "uint8": "UTINYINT",
    "uint16": "USMALLINT",
    "uint32": "UINTEGER",
    "uint64": "UBIGINT",
}


@dataclass(frozen=True)
class StoredColumn:
    """One event column: its place in the store, its kind, and the SQL of its values.

    `whole` says that every row is known to have a value.
    """

    name: str
    kind: str
    sql: str
    number: int = 0
    values: int = 0
    whole: bool = False

    @property
    def dtype(self) -> np.dtype:
        """Type of the column file."""
        if self.kind == "measure":
            return np.dtype(np.float64)
        if self.kind in ("time", "sequence"):
            return np.dtype(np.int64)
        return code_type(self.values)

    @property
    def coded(self) -> bool:
        """Whether the file holds codes of a dictionary."""
        return self.kind in CODED

    @property
    def dictionary_table(self) -> str:
        """Name of the temporary table of its distinct values."""
        return quoted(f"dictionary of column {self.number}")

    @property
    def constant(self) -> bool:
        """Whether every row has the same code."""
        return self.coded and (self.values == 0 or (self.values == 1 and self.whole))

    def with_values(self, values: int, *, whole: bool = False) -> StoredColumn:
        """The same column, knowing how many distinct values it has."""
        return replace(self, values=values, whole=whole)


def is_number(kind: str) -> bool:
    """Whether a DuckDB type holds numbers."""
    return _NUMERIC.fullmatch(kind) is not None


def stored_columns(types: dict[str, str]) -> list[StoredColumn]:
    """The columns of the store, for event columns of these DuckDB types."""
    missing = [name for name in NEEDED if name not in types]
    if missing:
        raise StoreError(
            message(
                "Events need the columns account_id, occurred_at and event; missing: "
                "{missing}. Found: {found}. Map them in the workspace file under "
                "columns.",
                missing=", ".join(missing),
                found=", ".join(types),
            )
        )
    keys = [name for name in (*KEYS, "event") if name in types]
    rest = [n for n in types if n not in (*keys, TIME, SEQUENCE, *NOT_STORED)]
    columns = [_classified(name, types[name]) for name in [*keys, *rest]]
    columns.insert(1, StoredColumn(TIME, "time", f"epoch_us({_instant(types)})"))
    if SEQUENCE in types:
        sql = f"coalesce(s.{quoted(SEQUENCE)}::BIGINT, {NO_SEQUENCE + 1}::BIGINT - 1)"
        columns.insert(2, StoredColumn(SEQUENCE, "sequence", sql))
    return [replace(column, number=number) for number, column in enumerate(columns)]


def _instant(types: dict[str, str]) -> str:
    """The time of a row; one without zone counts as UTC, whatever zone the session has."""
    column, kind = f"s.{quoted(TIME)}", types[TIME]
    if kind == "DATE" or (kind.startswith("TIMESTAMP") and "TIME ZONE" not in kind):
        return f"{column}::TIMESTAMP"
    return f"{column}::TIMESTAMPTZ"


def _classified(name: str, kind: str) -> StoredColumn:
    """Keys and texts are encoded, lists as sorted combinations, numbers kept as they are."""
    column = f"s.{quoted(name)}"
    if _LIST.fullmatch(kind):
        # The sign that parts the values of a list cannot stand inside one of them.
        clean = f"lambda x: replace(x, chr({ord(SEPARATOR)}), '␟')"
        items = f"list_filter({column}::VARCHAR[], lambda x: x IS NOT NULL AND x <> '')"
        items = f"list_sort(list_distinct(list_transform({items}, {clean})))"
        joined = f"array_to_string({items}, chr({ord(SEPARATOR)}))"
        return StoredColumn(name, "list", _filled(joined))
    if name not in (*KEYS, "event") and is_number(kind):
        return StoredColumn(name, "measure", f"{column}::DOUBLE")
    if kind == "BOOLEAN":
        return StoredColumn(name, "boolean", f"{column}::VARCHAR")
    if kind == "TIMESTAMP WITH TIME ZONE":
        return StoredColumn(name, "text", f"({column} AT TIME ZONE 'UTC')::VARCHAR")
    return StoredColumn(name, "text", _filled(f"{column}::VARCHAR"))


def _filled(text: str) -> str:
    """A text, null when it is empty; DuckDB cannot bind nullif over rows that it knows are none."""
    return f"CASE WHEN {text} <> '' THEN {text} END"


def usable(types: dict[str, str]) -> str:
    """The condition on a row ``s`` that can stand in the store: an account, a time, a name."""
    instant = _instant(types)
    account, event = (f"s.{quoted(name)}::VARCHAR <> ''" for name in ("account_id", "event"))
    return f"{account} AND {instant} IS NOT NULL AND isfinite({instant}) AND {event}"


def sorted_query(columns: list[StoredColumn], kept: str, types: dict[str, str]) -> str:
    """One pass: codes by hash join, then one sort by account, time, sequence and a row hash.

    The hash makes the order of a file irrelevant: the same rows give the same store. It leaves
    out what rows beside each other have in common anyway.

    Parameters
    ----------
    columns : list of StoredColumn
    kept : str
        What stands after FROM, with the rows as ``s`` and a WHERE.
    types : dict
        Name of each event column to its DuckDB type.
    """
    selected, joins = [], []
    for column in columns:
        name = f"c{column.number}"
        if column.constant:
            selected.append(f"0::{_DUCK_TYPES[column.dtype.name]} AS {name}")
        elif column.coded:
            alias = f"d{column.number}"
            joins.append(f"LEFT JOIN {column.dictionary_table} {alias} ON {column.sql} = {alias}.v")
            code = f"coalesce({alias}.code, {column.values})::{_DUCK_TYPES[column.dtype.name]}"
            selected.append(f"{code} AS {name}")
        else:
            selected.append(f"{column.sql} AS {name}")
    same = {"account_id", TIME, SEQUENCE, "event_id", *(c.name for c in columns if c.constant)}
    hashed = ", ".join(f"s.{quoted(name)}" for name in types if name not in same) or "0"
    event_id = ", s.event_id AS row_id" if "event_id" in types else ""
    order = [f"c{c.number}" for c in columns if c.name in ("account_id", TIME, SEQUENCE)]
    order += ["row_id"] if event_id else []
    return (
        f"SELECT {', '.join(f'c{c.number}' for c in columns)} "
        f"FROM (SELECT {', '.join(selected)}, hash({hashed}) AS row_hash{event_id} "
        f"FROM (SELECT * FROM {kept}) s {' '.join(joins)}) ORDER BY {', '.join(order)}, row_hash"
    )
