"""A 12-month cohort table beside DuckDB's SQL and a reduction, over the same sorted rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import events
from benchmarks.lines import Line, Plan, size, times
from benchmarks.measure import in_turn

INCLUSION, RETURNING, YEAR, MONTHS = "lead", "won", 2024, 12
Cells = dict[tuple[int, int], tuple[int, int]]


def cohort(plan: Plan) -> Iterator[Line]:
    """Warm cohort table of a year; every cell must be equal."""
    import workbench as wb

    parquet = events.write(plan.folder, plan.rows)
    opened = wb.from_frames(events=parquet, cache=plan.folder / "cache")
    columns = opened.events.column("event"), opened.events.times
    exported, narrow = (_table(parquet, plan.folder, narrow) for narrow in (False, True))

    def ours(**options: Any) -> Cells:
        frame = wb.cohort(
            opened, inclusion=INCLUSION, returning=RETURNING, period=str(YEAR), **options
        ).frame.dropna(subset="base")
        keys = zip(frame["cohort_start"].dt.month, frame["offset"], strict=True)
        counts = zip(frame["included"], frame["returned"], strict=True)
        return {tuple(key): tuple(map(int, pair)) for key, pair in zip(keys, counts, strict=True)}

    asks = {
        "ours": ours,
        "cumulative": lambda: ours(mode="cumulative"),
        "own age": lambda: ours(age="own"),
        "sql": lambda: _cells(exported.execute(_JOINED).fetchall()),
        "joined": lambda: _cells(narrow.execute(_JOINED).fetchall()),
        "packed": lambda: _cells(narrow.execute(_PACKED).fetchall()),
        "read": lambda: [int(column.max()) for column in columns],
    }
    found = [asks[name]() for name in ("ours", "sql", "joined", "packed")]
    if any(cells != found[0] for cells in found):
        raise SystemExit(f"The cells differ, so their times say nothing: {found}")
    taken = in_turn(asks, plan.runs)
    what = f"Warm {MONTHS}-month cohort table, intervals included, {size(plan.rows)} events"
    yield times(f"{what}, against DuckDB SQL", taken["ours"], taken["sql"], 1 / 10)
    tuned = f"{what}, against DuckDB SQL with numbered keys and a bit a month"
    yield times(tuned, taken["ours"], min(taken["joined"], taken["packed"]), 1 / 4)
    yield times(f"{what}, beside reading its columns", taken["ours"], taken["read"], 4.0)
    yield times(f"{what}, cumulative, beside exact", taken["cumulative"], taken["ours"], 1.5)
    yield times(
        f"{what}, by own age, against DuckDB SQL by month", taken["own age"], taken["sql"], 1.0
    )


_MONTH = f"(year(occurred_at) - {YEAR}) * 12 + month(occurred_at)"
_IN_YEAR = f"occurred_at >= DATE '{YEAR}-01-01' AND occurred_at < DATE '{YEAR + 1}-01-01'"
# Two sets of account and month, joined.
_JOINED = f"""
    WITH did AS (
        SELECT DISTINCT account, event, {_MONTH} AS month FROM events
        WHERE event IN ('{INCLUSION}', '{RETURNING}') AND {_IN_YEAR}
    ), i AS (FROM did WHERE event = '{INCLUSION}'), r AS (FROM did WHERE event = '{RETURNING}')
    SELECT i.month, r.month - i.month AS gap, count(*) FROM i JOIN r USING (account)
    WHERE r.month > i.month GROUP BY ALL
    UNION ALL SELECT month, 0, count(*) FROM i GROUP BY ALL
"""
# One row an account with a bit a month, spread over the cells.
_PACKED = f"""
    WITH did AS (
        SELECT account, bit_or(CASE WHEN event = '{INCLUSION}' THEN 1 << {_MONTH} ELSE 0 END) AS i,
               bit_or(CASE WHEN event = '{RETURNING}' THEN 1 << {_MONTH} ELSE 0 END) AS r
        FROM events WHERE event IN ('{INCLUSION}', '{RETURNING}') AND {_IN_YEAR} GROUP BY account
    ), masks AS (SELECT i, r, count(*) AS n FROM did GROUP BY ALL),
    cells AS (SELECT m.range AS month, k.range AS gap FROM range(1, {MONTHS + 1}) m,
              range(0, {MONTHS}) k WHERE m.range + k.range <= {MONTHS})
    SELECT month, gap, sum(n)::BIGINT FROM masks, cells
    WHERE (i >> month) & 1 = 1 AND (gap = 0 OR (r >> (month + gap)) & 1 = 1) GROUP BY ALL
"""


def _table(parquet: Path, folder: Path, narrow: bool) -> duckdb.DuckDBPyConnection:
    """The same rows, sorted the same: with their types, or with narrow ones."""
    path = folder / f"cohort-{'narrow' if narrow else 'exported'}.duckdb"
    path.unlink(missing_ok=True)
    connection = duckdb.connect(str(path))
    connection.execute("SET TimeZone = 'UTC'")
    kinds = ", ".join(f"'{name}'" for name in dict.fromkeys(events.EVENTS))
    connection.execute(f"CREATE TYPE kind AS ENUM ({kinds})")
    chosen = "account_id AS account, occurred_at, event"
    if narrow:
        chosen = (
            "account_id[3:]::UINTEGER AS account, occurred_at::TIMESTAMP AS occurred_at, "
            "event::kind AS event"
        )
    connection.execute(
        f"CREATE TABLE events AS SELECT {chosen} FROM read_parquet('{parquet}') "
        "ORDER BY account, occurred_at"
    )
    return connection


def _cells(rows: list[tuple[int, int, int]]) -> Cells:
    counts = {(month, gap): n for month, gap, n in rows}
    return {
        (month, gap): (counts[month, 0], counts.get((month, gap), 0))
        for month in range(1, MONTHS + 1)
        for gap in range(1, MONTHS - month + 1)
    }
