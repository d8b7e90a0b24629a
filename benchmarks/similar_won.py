"""Similar won deals of ten thousand open deals among fifty thousand won ones, aligned by age."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from benchmarks.lines import MILLION, Line, Plan
from benchmarks.measure import apart

SECONDS, MOST_GB = 20.0, 3.0
OPEN, WON, LOST, PER_DEAL = 10_000, 50_000, 10_000, 10
CHECKED = 40
# A third of the deals lack one field or another, as exports do.
TABLES = {
    "accounts": """
        SELECT 'A' || i AS account_id, 'A' || i AS name,
               CASE WHEN hash(i, 1) % 10 > 0 THEN 'I' || hash(i, 2) % 20 END AS industry,
               CASE WHEN hash(i, 3) % 10 > 0
                    THEN exp(2 + 8 * (hash(i, 4) % 1000) / 1000)::BIGINT END AS employees,
               'C' || hash(i, 5) % 30 AS country FROM range({deals} // 2) t(i)""",
    "people": """
        SELECT 'P' || i AS person_id, 'A' || (i // 2) AS account_id FROM range({deals}) t(i)""",
    "opportunities": """
        SELECT 'O' || i AS opportunity_id, 'O' || i AS name, 'A' || (i // 2) AS account_id,
               'U' || (i % 200) AS owner_id, i >= {open} AS is_closed,
               i >= {open} AND i < {open} + {won} AS is_won,
               exp(6 + 8 * (hash(i, 6) % 10000) / 10000) AS amount, 'EUR' AS currency,
               'T' || hash(i, 7) % 3 AS type, 'S' || hash(i, 8) % 8 AS lead_source,
               'L' || hash(i, 9) % 2 AS pipeline,
               CASE WHEN hash(i, 10) % 5 > 0
                    THEN 'p' || hash(i, 11) % 40 || ';p' || hash(i, 12) % 40 END AS product,
               TIMESTAMPTZ '2025-06-01 00:00:00+00' + to_days((hash(i, 13) % 200)::INT)
                   AS created_at,
               CASE WHEN i >= {open} THEN created_at + to_days((3 + hash(i, 14) % 180)::INT) END
                   AS closed_at FROM range({deals}) t(i)""",
    "opportunity_people": """
        SELECT 'O' || i AS opportunity_id, 'P' || i AS person_id, 'customer' AS side,
               'user' AS role FROM range({deals}) t(i)""",
    "activities": """
        SELECT 'M' || i AS activity_id,
               CASE WHEN hash(i, 15) % 10 < 7 THEN 'email' ELSE 'meeting' END AS type,
               CASE hash(i, 16) % 2 WHEN 1 THEN 'out' ELSE 'in' END AS direction,
               'done' AS status,
               TIMESTAMPTZ '2025-06-01 00:00:00+00' + to_seconds((hash(i, 17) % 33000000)::BIGINT)
                   AS start_at,
               CASE WHEN hash(i, 15) % 10 >= 7 THEN 30 END AS duration_min,
               'T' || i % {deals} AS thread_id, 'O' || i % {deals} AS opportunity_id,
               'U' || (i % {deals} % 200) AS owner_id, 'P' || i % {deals} AS person_id
        FROM range({deals} * {per_deal}) t(i)""",
}


def similar_won(plan: Plan) -> Iterator[Line]:
    """Nearest won deals and comparison of all open deals, asked first in a fresh process."""
    share = min(1.0, plan.rows / MILLION)
    folder = _written(plan.folder, share)
    found = apart("first_similar_won", folder=str(folder))
    sizes = f"{round(OPEN * share):,} open against {round(WON * share):,} won"
    seconds, peak = found["seconds"], found["peak_gb"]
    yield Line(
        f"Similar won deals, {sizes}, with every comparison at the same age, asked first",
        f"{seconds:.2f} s", "", "", f"under {SECONDS:g} s", seconds < SECONDS,
    )  # fmt: skip
    yield Line(f"Similar won deals, {sizes}: peak memory", f"{peak:.2f} GB", "", "",
               f"under {MOST_GB:g} GB", peak < MOST_GB)  # fmt: skip


def _written(folder: Path, share: float) -> Path:
    sizes = {"open": round(OPEN * share), "won": round(WON * share), "per_deal": PER_DEAL}
    sizes["deals"] = sizes["open"] + sizes["won"] + round(LOST * share)
    target = folder / f"similar-won-{sizes['deals']}"
    target.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, query in TABLES.items():
            path = target / f"{name}.parquet"
            connection.execute(f"COPY ({query.format(**sizes)}) TO '{path}'")
    return target


def checked(asked: Any) -> None:
    """Some deals again, each against all won ones one field after another.

    Raises
    ------
    SystemExit
        When a distance differs.
    """
    found = asked.found
    for place in range(0, found.deals.size, max(1, found.deals.size // CHECKED)):
        own, won = found.deals[place], found.won
        total, known = np.zeros(won.size), np.zeros(won.size)
        for field in found.fields:
            if field.reason:
                continue
            a, b = field.values[own], field.values[won]
            if field.kind == "number":
                both = ~np.isnan(a) & ~np.isnan(b)
                apart_by = np.abs(b - a) / np.ptp(b[~np.isnan(b)])
            else:
                both, apart_by = (a >= 0) & (b >= 0), (a != b).astype(float)
            if field.kind == "set" and a >= 0:
                held = [set(items) for items in field.items]
                apart_by = np.array(
                    [1 - len(held[a] & held[n]) / len(held[a] | held[n]) if n >= 0 else 1
                     for n in b]
                )  # fmt: skip
            total += np.where(both, np.minimum(apart_by, 1), 0)
            known += both
        every = np.sort(np.where(known >= 3, total / np.maximum(known, 1), 2))[:10]
        offsets, near = found.near.offsets, found.near.distance
        mine = near[offsets[place] : offsets[place + 1]]
        if not np.allclose(mine, every[every <= found.options.furthest], atol=1e-9):
            raise SystemExit("The distances differ, so their time says nothing.")
