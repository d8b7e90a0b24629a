"""Small worlds of events for tests, built through the real store."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from workbench.engine.build import build_store
from workbench.engine.store import EventStore

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(day: float) -> datetime:
    """The instant `day` days after the start of the worlds."""
    return START + timedelta(days=day)


def store_of(rows: Iterable[Mapping[str, Any]], folder: Path | None = None) -> EventStore:
    """A store of rows with account_id, occurred_at, event and further columns."""
    table = pd.DataFrame(list(rows))
    folder = folder or Path(tempfile.mkdtemp())
    connection = duckdb.connect()
    connection.register("frame", table)
    casts = {"sequence_no": "BIGINT", "buying_group_id": "VARCHAR[]"}
    columns = ", ".join(
        f'"{c}"::{casts[c]} AS "{c}"'
        if c in casts
        else (f'"{c}"' if c in ("occurred_at", "amount") else f'"{c}"::VARCHAR AS "{c}"')
        for c in table.columns
    )
    connection.execute(f"CREATE VIEW touchpoints AS SELECT {columns} FROM frame")
    build_store(connection, "touchpoints", folder / "events")
    connection.close()
    return EventStore(folder / "events")
