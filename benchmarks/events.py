"""Event logs of any size with a fixed seed: the same number of rows is the same file."""

from __future__ import annotations

from pathlib import Path

import duckdb

EVENTS = (
    *("page_view",) * 5,
    *("content",) * 2,
    *("product_used",) * 2,
    *("email_sent", "email_opened", "meeting", "call", "lead_form", "lead"),
    *("mql", "sql", "opportunity", "won", "lost"),
)
CHANNELS = ("web", "email", "paid", "social", "event")
STEPS = ("lead_form", "lead", "mql", "sql")
WITHIN_DAYS = 90
DAYS = 730
ROWS_OF_AN_ACCOUNT = 100


def _names(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{name}'" for name in names) + "]"


def _query(rows: int, seed: int) -> str:
    accounts = max(1, rows // ROWS_OF_AN_ACCOUNT)
    return f"""
        SELECT 'A-' || lpad(account::VARCHAR, 8, '0') AS account_id,
               'P-' || (account * 5 + hash('{seed}-2-' || i) % 5)::VARCHAR AS person_id,
               TIMESTAMPTZ '2024-01-01 00:00:00+00'
                   + to_seconds((hash('{seed}-3-' || i) % {DAYS * 86_400})::BIGINT) AS occurred_at,
               {_names(EVENTS)}[1 + (hash('{seed}-4-' || i) % {len(EVENTS)})::INT] AS event,
               {_names(CHANNELS)}[1 + (hash('{seed}-5-' || i) % {len(CHANNELS)})::INT] AS channel
        FROM (SELECT i, hash('{seed}-1-' || i) % {accounts} AS account FROM range({rows}) t(i))
    """


def write(folder: Path, rows: int, ending: str = "parquet", seed: int = 20_260) -> Path:
    """Write `rows` events in no order as Parquet or CSV, unless the file is there already."""
    path = folder / f"events-{rows}.{ending}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        options = "FORMAT parquet" if ending == "parquet" else "FORMAT csv, HEADER"
        with duckdb.connect() as connection:
            connection.execute("SET preserve_insertion_order = false")
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f"COPY ({_query(rows, seed)}) TO '{part}' ({options})")
        part.replace(path)
    return path
