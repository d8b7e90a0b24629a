"""What grows while a workspace is built."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import duckdb

from workbench.data import sql
from workbench.data.findings import Finding
from workbench.data.settings import Settings
from workbench.data.staging import Staged
from workbench.data.tables import Table
from workbench.data.touchpoints import Model


@dataclass
class Build:
    """What grows while a workspace is built."""

    connection: duckdb.DuckDBPyConnection
    settings: Settings
    findings: list[Finding] = field(default_factory=list)
    balance: list[dict[str, Any]] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)
    staged: dict[str, Staged] = field(default_factory=dict)

    def model(self) -> Model:
        """The tables as they are now."""
        columns = {
            name: sql.columns_of(self.connection, sql.name(name)) for name in self._all_names()
        }
        return Model(self.tables, columns, self.settings)

    def _all_names(self) -> list[str]:
        query = (
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' "
            "AND table_catalog = current_database()"
        )
        return [row[0] for row in sql.rows(self.connection, query) if "touchpoints" not in row[0]]
