"""What loading gives: checked tables behind one connection, and what was found on the way."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from workbench.data import sql
from workbench.data.findings import Finding
from workbench.data.settings import Settings
from workbench.data.tables import Column, TableInfo

BALANCE = ("file", "table", "read", "kept", "quarantined", "merged")
DATABASE = "tables.duckdb"
DESCRIPTION = "findings.json"
QUARANTINE = "quarantine.csv"


@dataclass(frozen=True)
class CheckedData:
    """Checked tables of one workspace.

    Parameters
    ----------
    name, title
        Of the workspace.
    settings
        How time, money and people are read.
    connection
        DuckDB connection in which every table is known by its name, and the view `touchpoints`.
    tables
        Columns, meaning and number of rows of each table.
    findings
        Everything the checks said, errors first.
    balance
        For each file: rows read, kept, quarantined and merged as identical duplicates.
    quarantine
        CSV of what was set aside, None when nothing was.
    as_of
        Newest instant in the data that is not a plan, in UTC.
    fingerprint
        Of inputs, mapping and versions.
    directory
        Folder in which all of this is kept.
    """

    name: str
    title: str
    settings: Settings
    connection: duckdb.DuckDBPyConnection
    tables: dict[str, TableInfo]
    findings: tuple[Finding, ...]
    balance: pd.DataFrame
    quarantine: Path | None
    as_of: datetime
    fingerprint: str
    directory: Path
    keepers: tuple[Any, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class Description:
    """What is kept beside the database, so that opening it again reads nothing else."""

    name: str
    title: str
    settings: Settings
    tables: dict[str, TableInfo]
    findings: tuple[Finding, ...]
    balance: list[dict[str, Any]]
    as_of: datetime

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        content = {
            "name": self.name,
            "title": self.title,
            "settings": self.settings.model_dump(mode="json"),
            "tables": {name: asdict(table) for name, table in self.tables.items()},
            "findings": [finding.as_dict() for finding in self.findings],
            "balance": self.balance,
            "as_of": self.as_of.isoformat(),
        }
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Description:
        """Read back what `write` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            name=content["name"],
            title=content["title"],
            settings=Settings.model_validate(content["settings"]),
            tables={name: _table(entry) for name, entry in content["tables"].items()},
            findings=tuple(Finding.from_dict(entry) for entry in content["findings"]),
            balance=content["balance"],
            as_of=datetime.fromisoformat(content["as_of"]),
        )


def _table(entry: dict[str, Any]) -> TableInfo:
    columns = tuple(Column(**column) for column in entry["columns"])
    return TableInfo(entry["name"], entry["meaning"], columns, entry["rows"])


def balance_frame(lines: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """The balance as a frame with its columns in order, also when there is no line."""
    frame = pd.DataFrame(list(lines), columns=list(BALANCE))
    return frame.astype(dict.fromkeys(BALANCE[2:], "int64"))


def newest(connection: duckdb.DuckDBPyConnection, tables: Iterable[TableInfo]) -> datetime:
    """The newest instant of all tables that is not in a planned column, in UTC.

    Days count with their last second, so that what happened on them is not after `as_of`.
    """
    found: list[int] = []
    for table in tables:
        for column in table.columns:
            if column.planned or column.type not in ("instant", "date"):
                continue
            stamp = f"CAST(max({sql.name(column.name)}) AS TIMESTAMPTZ)"
            extra = " + INTERVAL 86399 SECOND" if column.type == "date" else ""
            found.append(
                sql.one(connection, f"SELECT epoch_us({stamp}{extra}) FROM {sql.name(table.name)}")
            )
    found.append(sql.one(connection, "SELECT epoch_us(max(occurred_at)) FROM touchpoints"))
    known = [stamp for stamp in found if stamp is not None]
    start = datetime(1970, 1, 1, tzinfo=UTC)
    return start + timedelta(microseconds=max(known, default=0))
