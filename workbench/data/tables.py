"""The canonical tables as data: what each column is, read once from tables.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from workbench.messages import message

TYPES = {
    "text": "VARCHAR",
    "list": "VARCHAR[]",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "instant": "TIMESTAMPTZ",
}


@dataclass(frozen=True)
class Column:
    """One column of a table: what it holds and what is asked of it."""

    name: str
    type: str = "text"
    meaning: str = ""
    unit: str | None = None
    key: bool = False
    required: bool = False
    planned: bool = False
    nonnegative: bool = False
    references: str | None = None


@dataclass(frozen=True)
class Table:
    """A table of the data model, or one that a workspace file adds."""

    name: str
    meaning: str = ""
    key: tuple[str, ...] = ()
    columns: Mapping[str, Column] = field(default_factory=dict)
    canonical: bool = False

    def with_column(self, column: Column) -> Table:
        """Return the table with one column more, or with that column replaced."""
        return replace(self, columns={**self.columns, column.name: column})


@dataclass(frozen=True)
class TableInfo:
    """A checked table: its columns as they are in the database, and how many rows."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    rows: int

    def column(self, name: str) -> Column | None:
        """Return the column of that name, None when the table has none."""
        return next((column for column in self.columns if column.name == name), None)


@cache
def canonical_tables() -> Mapping[str, Table]:
    """Every table of the data model by name."""
    text = (Path(__file__).parent / "tables.yaml").read_text(encoding="utf-8")
    return {name: _table(name, entry) for name, entry in yaml.safe_load(text).items()}


def _table(name: str, entry: Mapping[str, Any]) -> Table:
    key = tuple(entry["key"])
    columns = {
        column: _column(column, [str(part) for part in parts], column in key)
        for column, parts in entry["columns"].items()
    }
    return Table(name, entry["meaning"], key, columns, canonical=True)


def _column(name: str, parts: list[str], key: bool) -> Column:
    kind, *marks, meaning = parts
    if kind not in TYPES:
        raise ValueError(
            message("tables.yaml: column {name} has the unknown type {kind}", name=name, kind=kind)
        )
    after = {mark.split(":", 1)[0]: mark.split(":", 1)[1] for mark in marks if ":" in mark}
    return Column(
        name=name,
        type=kind,
        meaning=meaning,
        unit=after.get("unit"),
        key=key,
        required="required" in marks,
        planned="planned" in marks,
        nonnegative="nonnegative" in marks,
        references=after.get("ref"),
    )
