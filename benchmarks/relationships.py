"""Relationships of a hundred thousand opportunities with a million activities, beside SQL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from benchmarks.lines import MILLION, Line, Plan, size, times
from benchmarks.measure import apart, in_turn

SECONDS, MOST_GB = 5.0, 3.0
FASTER = 1.5
# Two people and two opportunities an account; every second activity names its opportunity.
TABLES = {
    "accounts": "SELECT 'A' || i AS account_id, 'A' || i AS name FROM range({n} // 2) t(i)",
    "people": "SELECT 'P' || i AS person_id, 'A' || (i // 2) AS account_id FROM range({n}) t(i)",
    "opportunities": """
        SELECT 'O' || i AS opportunity_id, 'O' || i AS name, 'A' || (i // 2) AS account_id,
               'U' || (i % 200) AS owner_id, false AS is_closed, false AS is_won,
               TIMESTAMPTZ '2024-01-01 00:00:00+00' AS created_at FROM range({n}) t(i)""",
    "opportunity_people": """
        SELECT 'O' || (i // 2) AS opportunity_id, 'P' || (i // 4 * 2 + i % 2) AS person_id,
               'customer' AS side, 'user' AS role FROM range({n} * 2) t(i)""",
    "drawn": """
        SELECT i, hash(i, 1) % {n} AS deal, hash(i, 2) % 10 AS kind, hash(i, 3) % 2 AS way,
               hash(i, 4) % 31536000 AS second, hash(i, 5) % 3 AS thread, hash(i, 6) % 2 AS person
        FROM range({rows}) t(i)""",
    "activities": """
        SELECT 'M' || i AS activity_id,
               CASE WHEN kind < 7 THEN 'email' WHEN kind < 9 THEN 'call' ELSE 'meeting' END AS type,
               CASE way WHEN 1 THEN 'out' ELSE 'in' END AS direction, 'done' AS status,
               TIMESTAMPTZ '2025-01-01 00:00:00+00' + to_seconds(second) AS start_at,
               CASE WHEN kind >= 7 THEN 30 END AS duration_min,
               CASE WHEN kind < 7 THEN 'T' || deal || '-' || thread END AS thread_id,
               CASE WHEN i % 2 = 0 THEN 'O' || deal END AS opportunity_id FROM drawn""",
    "activity_participants": """
        SELECT 'M' || i AS activity_id, 'P' || (deal // 2 * 2 + person) AS person_id,
               NULL AS user_id, 'customer' AS side, 'to' AS part FROM drawn
        UNION ALL SELECT 'M' || i, NULL, 'U' || (deal % 200), 'team', 'from' FROM drawn""",
}
COUNTED = """
    WITH linked AS (
        SELECT opportunity_id, activity_id FROM activities WHERE opportunity_id IS NOT NULL
        UNION
        SELECT c.opportunity_id, p.activity_id FROM activity_participants p
        JOIN opportunity_people c ON c.person_id = p.person_id AND c.side = 'customer'
        JOIN opportunities o ON o.opportunity_id = c.opportunity_id
        JOIN activity_participants t ON t.activity_id = p.activity_id AND t.user_id = o.owner_id
        WHERE p.side = 'customer' AND t.side = 'team' AND p.part <> 'bcc' AND t.part <> 'bcc'
    ), joined AS (
        SELECT l.opportunity_id, a.* EXCLUDE (opportunity_id) FROM linked l
        JOIN activities a USING (activity_id)
    ), sides AS (
        SELECT *, lag(direction) OVER w IS DISTINCT FROM direction AS begins FROM joined
        WHERE type = 'email'
        WINDOW w AS (PARTITION BY opportunity_id, thread_id ORDER BY start_at, activity_id)
    ), turns AS (
        SELECT opportunity_id, direction, lead(start_at) OVER w - start_at AS took FROM sides
        WHERE begins
        WINDOW w AS (PARTITION BY opportunity_id, thread_id ORDER BY start_at, activity_id)
    ), answered AS (
        SELECT opportunity_id, count(took) FILTER (direction = 'in') AS by_us,
               count(took) FILTER (direction = 'out') AS by_them FROM turns GROUP BY ALL
    ), counts AS (
        SELECT opportunity_id, count(*) AS activities,
               count(*) FILTER (type = 'email' AND direction = 'out') AS sent,
               count(*) FILTER (type = 'call' AND direction = 'in') AS calls,
               sum(CASE WHEN type <> 'email' THEN duration_min END) AS face FROM joined
        GROUP BY ALL
    )
    SELECT count(*), sum(activities), sum(sent), sum(calls), sum(face), sum(by_us), sum(by_them)
    FROM counts LEFT JOIN answered USING (opportunity_id)
"""


def relationships(plan: Plan) -> Iterator[Line]:
    """All key figures and health, at first and again; every sum must be equal."""
    import workbench as wb

    rows = min(plan.rows, MILLION)
    connection = _written(plan.folder, rows)
    opened = wb.from_frames(
        **{
            name: plan.folder / f"relationships-{rows}" / f"{name}.parquet"
            for name in TABLES
            if name != "drawn"
        }
    )

    def ours() -> tuple[int, ...]:
        asked = wb.relationships(opened)
        frame = asked.frame
        assert len(asked.health().frame) == len(frame)
        touched = frame[frame["activities"] > 0]
        names = ("activities", "emails_sent", "calls_received", "face_minutes", "answered_by_us",
                 "answered_by_them")  # fmt: skip
        return (len(touched), *(int(touched[name].sum()) for name in names))

    def peer() -> tuple[int, ...]:
        found = connection.execute(COUNTED).fetchone()
        return tuple(int(n) for n in found or ())

    begun = time.perf_counter()
    first = ours()
    took = time.perf_counter() - begun
    what = f"Key figures and health of {size(rows)} activities"
    yield Line(f"{what}, asked first", f"{took:.2f} s", "", "", "under 5 s", took < SECONDS)
    if first != peer():
        raise SystemExit(f"The sums differ, so their times say nothing: {first}, {peer()}")
    taken = in_turn({"ours": ours, "peer": peer}, plan.slow_runs)
    label = f"{what}, asked again, against DuckDB's counts and turns alone"
    yield times(label, taken["ours"], taken["peer"], FASTER)
    peak = apart("first_relationships", folder=str(plan.folder / f"relationships-{rows}"))
    yield Line(f"{what}: peak memory", f"{peak['peak_gb']:.2f} GB", "", "",
               f"under {MOST_GB:g} GB", peak["peak_gb"] < MOST_GB)  # fmt: skip


def _written(folder: Path, rows: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    target = folder / f"relationships-{rows}"
    target.mkdir(parents=True, exist_ok=True)
    for name, query in TABLES.items():
        connection.execute(f"CREATE TABLE {name} AS {query.format(n=rows // 10, rows=rows)}")
        connection.execute(f"COPY {name} TO '{target / name}.parquet'")
    return connection
