"""The same question asked of ClickHouse and of DuckDB, each over a table sorted as ours is."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import duckdb

from benchmarks.events import EVENTS, STEPS, WITHIN_DAYS

SECONDS = WITHIN_DAYS * 86_400
STEP_NAMES = ", ".join(f"'{step}'" for step in STEPS)
Counts = tuple[int, ...]
Ask = Callable[[], Counts]


def clickhouse(parquet: Path, folder: Path) -> dict[str, Ask]:
    """`windowFunnel` over MergeTree tables: as one would load them, and tuned by hand."""
    from chdb import session

    opened = session.Session(str(folder / "clickhouse"))
    opened.query("CREATE DATABASE IF NOT EXISTS bench ENGINE = Atomic")
    codes = ", ".join(f"'{name}' = {n}" for n, name in enumerate(dict.fromkeys(EVENTS), 1))
    kinds = {
        "plain": ("String", "LowCardinality(String)", "account_id"),
        "tuned": ("UInt32", f"Enum8({codes})", "toUInt32(substring(account_id, 3))"),
    }
    for name, (key, event, expression) in kinds.items():
        opened.query(f"DROP TABLE IF EXISTS bench.{name}")
        opened.query(
            f"CREATE TABLE bench.{name} (account_id {key}, occurred_at DateTime, event {event}) "
            "ENGINE = MergeTree ORDER BY (account_id, occurred_at)"
        )
        opened.query(
            f"INSERT INTO bench.{name} SELECT {expression}, toDateTime(occurred_at), event "
            f"FROM file('{parquet}', Parquet)"
        )
        opened.query(f"OPTIMIZE TABLE bench.{name} FINAL")
    only = f"WHERE event IN ({STEP_NAMES})"
    return {
        "ClickHouse windowFunnel": lambda: _levels(opened, "plain", ""),
        "ClickHouse windowFunnel, only the rows of the steps": lambda: _levels(
            opened, "plain", only
        ),
        "ClickHouse windowFunnel, numeric keys, only the rows of the steps": lambda: _levels(
            opened, "tuned", only
        ),
    }


def _levels(opened, table: str, where: str) -> Counts:
    marks = ", ".join(f"event = '{step}'" for step in STEPS)
    answer = opened.query(
        f"SELECT level, count() FROM (SELECT windowFunnel({SECONDS})(occurred_at, {marks}) "
        f"AS level FROM bench.{table} {where} GROUP BY account_id) GROUP BY level",
        "CSV",
    )
    rows = [line.split(",") for line in str(answer).split()]
    found = {int(level): int(containers) for level, containers in rows}
    exact = [found.get(level, 0) for level in range(len(STEPS), 0, -1)]
    return tuple(accumulate(exact))[::-1]


def duckdb_windows(parquet: Path, folder: Path) -> dict[str, Ask]:
    """Window functions: each row carries the latest start of a chain that reached each step."""
    path = folder / "peer.duckdb"
    path.unlink(missing_ok=True)
    connection = duckdb.connect(str(path))
    kinds = ", ".join(f"'{name}'" for name in dict.fromkeys(EVENTS))
    connection.execute(f"CREATE TYPE kind AS ENUM ({kinds})")
    connection.execute(
        "CREATE TABLE events AS SELECT account_id[3:]::UINTEGER AS account, "
        "epoch(occurred_at)::INTEGER AS at_second, event::kind AS event "
        f"FROM read_parquet('{parquet}') ORDER BY account, at_second"
    )
    query = _window_query()
    return {"DuckDB window functions": lambda: connection.execute(query).fetchall()[0]}


def _window_query() -> str:
    parts = [f"reached_0 AS (SELECT *, at_second AS s0 FROM events WHERE event IN ({STEP_NAMES}))"]
    for number, step in enumerate(STEPS, 1):
        within = "" if number == 1 else f" AND at_second - s{number - 1} <= {SECONDS}"
        parts.append(
            f"reached_{number} AS (SELECT *, max(CASE WHEN event = '{step}'{within} "
            f"THEN s{number - 1} END) OVER (PARTITION BY account ORDER BY at_second "
            f"RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS s{number} "
            f"FROM reached_{number - 1})"
        )
    last = len(STEPS)
    each = ", ".join(f"max(s{n} IS NOT NULL) AS r{n}" for n in range(1, last + 1))
    counted = ", ".join(f"(count(*) FILTER (r{n}))::BIGINT" for n in range(1, last + 1))
    return (
        f"WITH {', '.join(parts)}, walked AS (SELECT account, {each} FROM reached_{last} "
        f"GROUP BY account) SELECT {counted} FROM walked"
    )
