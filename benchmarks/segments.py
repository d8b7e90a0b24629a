"""Segments of each kind beside DuckDB's SQL over the same sorted rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from benchmarks import events
from benchmarks.lines import Line, Plan, size, times
from benchmarks.measure import in_turn

FIRST, LATER = "lead_form", "opportunity"
DAYS, EVENTS = 90, 20
STEPS = {
    "nested": [FIRST, {"event": LATER, "within": f"{DAYS}d"}],
    "counted": [FIRST, {"event": LATER, "within": f"{EVENTS} events"}],
}
ASKED = {
    "a sequence of a person inside an account": {
        "where": {"segment": {"scope": "person", "steps": STEPS["nested"]}}
    },
    f"a sequence within {EVENTS} events": {"steps": STEPS["counted"]},
    "two people or more": {"where": {"distinct": {"of": "person_id", "where": FIRST, ">=": 2}}},
}
# The latest first step at or before each later one is the best one. Rows with equal times may
# stand in either order, so it may be one of them; between two rows lie those of other times.
QUERIES = (
    f"""
    SELECT count(DISTINCT account_id) FROM (
        SELECT account_id, event, occurred_at,
               max(occurred_at) FILTER (event = '{FIRST}') OVER (
                   PARTITION BY account_id, person_id ORDER BY occurred_at
                   RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS begun
        FROM sorted)
    WHERE event = '{LATER}' AND begun >= occurred_at - INTERVAL {DAYS} DAY
    """,
    f"""
    SELECT count(DISTINCT account_id) FROM (
        SELECT account_id, event, place,
               max(upto) FILTER (event = '{FIRST}') OVER (
                   PARTITION BY account_id ORDER BY occurred_at
                   RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS begun
        FROM (SELECT account_id, event, occurred_at,
                     rank() OVER (PARTITION BY account_id ORDER BY occurred_at) AS place,
                     count(*) OVER (PARTITION BY account_id ORDER BY occurred_at
                         RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto
              FROM sorted))
    WHERE event = '{LATER}' AND place - begun <= {EVENTS}
    """,
    f"""
    SELECT count(*) FROM (
        SELECT account_id FROM sorted WHERE event = '{FIRST}'
        GROUP BY account_id HAVING count(DISTINCT person_id) >= 2)
    """,
)
# Counting needs no order, so SQL has nothing to sort and only the group to build.
BOUNDS = (1 / 10, 1 / 10, 1 / 2)


def segments(plan: Plan) -> Iterator[Line]:
    """Warm segments, nested, limited in events and by distinct count; equal containers."""
    import workbench as wb
    from workbench.engine.segments import segment_rows

    parquet = events.write(plan.folder, plan.rows)
    opened = wb.from_frames(events=parquet, cache=plan.folder / "cache")
    connection = duckdb.connect()
    connection.execute(
        f"CREATE TABLE sorted AS SELECT * FROM '{parquet}' ORDER BY account_id, occurred_at"
    )
    for (name, options), query, bound in zip(ASKED.items(), QUERIES, BOUNDS, strict=True):
        asked = wb.segment("S", **options)
        asks = {
            "ours": lambda asked=asked: segment_rows(opened.marker(), asked),
            "sql": lambda query=query: connection.execute(query).fetchall(),
        }
        found: Any = wb.audience(opened, segment=asked).frame["passed"].iloc[-1]
        if found != asks["sql"]()[0][0] or not found:
            raise SystemExit(f"The counts differ, so their times say nothing: {name}, {found}")
        taken = in_turn(asks, plan.runs)
        what = f"Warm segment ({name}), {size(plan.rows)} events, against DuckDB SQL"
        yield times(what, taken["ours"], taken["sql"], bound)
