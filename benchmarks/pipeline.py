"""Pipeline numbers of a million opportunities with ten million saves, beside DuckDB's SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb

from benchmarks import deals
from benchmarks.lines import Line, Plan, size, times
from benchmarks.measure import in_turn

SECONDS = 3.0
FASTER = 1 / 2
PERIOD, FIRST, AFTER = "2025", "2025-01-01", "2026-01-01"
COHORTS = f"""
    SELECT 'closed' AS cohort, owner_id, count(*) FILTER (is_won) AS won, count(*) AS total
    FROM opportunities WHERE is_closed AND closed_at >= '{FIRST}' AND closed_at < '{AFTER}'
    GROUP BY ALL
    UNION ALL
    SELECT 'created', owner_id, count(*) FILTER (is_won), count(*)
    FROM opportunities WHERE created_at >= '{FIRST}' AND created_at < '{AFTER}' GROUP BY ALL
    UNION ALL
    SELECT 'resolved', owner_id, count(*) FILTER (is_won), count(*)
    FROM opportunities WHERE is_closed AND created_at >= '{FIRST}' AND created_at < '{AFTER}'
    GROUP BY ALL
"""
# First entry of each deal into each stage; going on within 180 days to any later one or to won.
ENTERED = """
    WITH placed AS (
        SELECT h.opportunity_id, o.pipeline, s.sort, s.kind, h.changed_at
        FROM opportunity_history h JOIN opportunities o USING (opportunity_id)
        JOIN stages s ON s.pipeline = o.pipeline AND s.stage = h.stage
    ), final AS (
        SELECT opportunity_id, max(changed_at) FILTER (kind = 'open') AS last_open FROM placed
        GROUP BY ALL
    ), kept AS (
        SELECT p.* FROM placed p JOIN final f USING (opportunity_id)
        WHERE kind = 'open' OR (kind = 'won' AND changed_at > coalesce(last_open, '1970-01-01'))
    ), entered AS (
        SELECT opportunity_id, pipeline, sort, min(changed_at) AS begun FROM kept
        WHERE kind = 'open' GROUP BY ALL
    ), went AS (
        SELECT e.opportunity_id, e.pipeline, e.sort, e.begun,
               bool_or(k.sort > e.sort AND k.changed_at > e.begun
                       AND k.changed_at <= e.begun + INTERVAL 180 DAY) AS reached
        FROM entered e JOIN kept k USING (opportunity_id) GROUP BY ALL
    )
    SELECT pipeline, sort, count(*) AS matured, count(*) FILTER (reached) AS reached
    FROM went WHERE begun + INTERVAL 180 DAY <= TIMESTAMPTZ '{now}' GROUP BY ALL ORDER BY ALL
"""


def pipeline(plan: Plan) -> Iterator[Line]:
    """Warm win rates and stage conversion of each owner; every count must be equal."""
    import workbench as wb

    count = deals.count(plan)
    tables = deals.write(plan.folder, count)
    opened = deals.opened(plan.folder, count)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, path in tables.items():
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM '{path}'")
    entered = ENTERED.format(now=opened.as_of.isoformat())

    def rates() -> set[tuple[str, str, int, int]]:
        frame = wb.win_rates(opened, period=PERIOD, by="owner_id").frame
        lines = frame[(frame["measure"] == "deals") & (frame["total"] > 0)].iloc[3:]
        named = lines["group"].str.replace("Person ", "U-")
        return {
            (cohort, owner, int(won), int(total))
            for cohort, owner, won, total in zip(
                lines["cohort"], named, lines["won"], lines["total"], strict=True
            )
        }

    def conversion() -> list[tuple[int, int]]:
        frame = wb.stage_conversion(opened).frame
        lines = frame[frame["kind"] == "onward"]
        return [(int(a), int(b)) for a, b in zip(lines["matured"], lines["reached"], strict=True)]

    rated = set(connection.execute(COHORTS).fetchall())
    went = [(int(a), int(b)) for *_, a, b in connection.execute(entered).fetchall()]
    if rates() != rated or sorted(conversion()) != sorted(went):
        raise SystemExit("The counts differ, so their times say nothing.")
    for what, ours, query in (
        ("win rates of each owner, three cohorts, amounts too", rates, COHORTS),
        ("stage conversion of each pair of stages", conversion, entered),
    ):
        asks = {"ours": ours, "sql": lambda query=query: connection.execute(query).fetchall()}
        taken = in_turn(asks, plan.slow_runs)
        label = f"Warm {what}, {size(count)} opportunities, beside DuckDB counting deals alone"
        line = times(label, taken["ours"], taken["sql"], FASTER)
        if query == COHORTS:
            bound = f"under {SECONDS:g} s"
            line = replace(line, bound=bound, holds=taken["ours"] < SECONDS)
        yield line
