"""Opportunities of any number with about ten saves each: the same number is the same files.

`opened` gives a workspace of them, written as Parquet in bounded memory unless they are there:
``deals.opened(plan.folder, deals.count(plan))``. Every value is a draw of its own: created over
two years, 3 to 19 saves (ten in the mean) a few days apart, forward through six open stages with
skips and steps back, won, lost, reopened or left open when the data end; amounts and expected
days of closing that change on the way, three currencies with monthly rates, two pipelines.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from benchmarks.lines import Plan

if TYPE_CHECKING:
    from workbench.workspace import Workspace

SETTINGS = {"report_tz": "UTC", "currency": {"reporting": "EUR", "policy": "close_date"}}
DAY = 86_400
FIRST, END = "2024-01-01", "2026-01-01"
OPEN = ("Prospecting", "Qualification", "Needs Analysis", "Proposal", "Negotiation", "Commitment")
CHANCES = (0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
CATEGORIES = ("Pipeline", "Pipeline", "Pipeline", "BestCase", "MostLikely", "Commit")
PIPELINES = ("New business", "Existing customers")
USERS = 200


def count(plan: Plan) -> int:
    """Number of opportunities of a run: a million beside its twenty million events."""
    return max(1, plan.rows // 20)


def opened(folder: Path, deals: int) -> Workspace:
    """A workspace of that many opportunities, with its currency settings."""
    import workbench as wb

    return wb.from_frames(
        settings=SETTINGS, **{name: str(path) for name, path in write(folder, deals).items()}
    )


def workspace_file(folder: Path, deals: int) -> Path:
    """A workspace file of that many opportunities: opened with a cache, little is in memory."""
    path = folder / f"deals-{deals}.yaml"
    tables = [f"  {name}: {{file: {file.name}}}" for name, file in write(folder, deals).items()]
    path.write_text(
        f"name: deals\ntitle: Benchmark\nroot: {folder}\nreport_tz: UTC\nsource_tz: UTC\n"
        "currency: {reporting: EUR, policy: close_date}\ntables:\n" + "\n".join(tables) + "\n",
        encoding="utf-8",
    )
    return path


def write(folder: Path, deals: int, seed: int = 20_261) -> Mapping[str, Path]:
    """Write the tables as Parquet, unless they are there already; the path of each."""
    paths = {name: folder / f"{name}-{deals}.parquet" for name in _queries(deals)}
    if not all(path.exists() for path in paths.values()):
        folder.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            connection.execute("SET preserve_insertion_order = false")
            connection.execute("SET memory_limit = '1GB'")
            connection.execute("SET TimeZone = 'UTC'")
            for macro in _macros(seed):
                connection.execute(f"CREATE MACRO {macro}")
            for name, query in _queries(deals).items():
                part = paths[name].with_suffix(".part")
                connection.execute(f"COPY ({query}) TO '{part}' (FORMAT parquet)")
                part.replace(paths[name])
    return paths


def _list(values: tuple[object, ...]) -> str:
    return "[" + ", ".join(f"'{v}'" if isinstance(v, str) else str(v) for v in values) + "]"


def _macros(seed: int) -> tuple[str, ...]:
    """Values of a deal `d` (of `_DEALS`) and of its save `k`, counted from 0."""
    return (
        f"draw(what, i, below) AS (hash('{seed}-' || what || '-' || i) % below)::BIGINT",
        "save(what, d, k, below) AS draw(what, d.i * 32 + k, below)",
        f"moment(d, k) AS d.began + k * d.pace * {DAY} "
        f"+ CASE WHEN k = 0 THEN 0 ELSE save('moment', d, k, d.pace * {DAY}) END",
        "place(d, k) AS greatest(1, least(6, 1 + 6 * k // d.saves "
        "+ [-1, 0, 0, 0, 0, 0, 0, 0, 1, 1][1 + save('step', d, k, 10)]))",
        "stage(d, k) AS CASE WHEN k = d.saves - 1 AND d.fate < 40 THEN 'Closed Won' "
        "WHEN k = d.saves - 1 AND d.fate < 85 THEN 'Closed Lost' "
        "WHEN k = d.saves - 3 AND k > 0 AND d.fate < 2 THEN 'Closed Lost' "
        f"ELSE {_list(OPEN)}[place(d, k)] END",
        "chance(d, k) AS CASE stage(d, k) WHEN 'Closed Won' THEN 1.0 WHEN 'Closed Lost' THEN 0.0 "
        f"ELSE {_list(CHANCES)}[place(d, k)] "
        "+ CASE WHEN save('chance', d, k, 10) = 0 THEN 0.05 ELSE 0 END END",
        "category(d, k) AS CASE stage(d, k) WHEN 'Closed Won' THEN 'Closed' "
        f"WHEN 'Closed Lost' THEN 'Omitted' ELSE {_list(CATEGORIES)}[place(d, k)] END",
        "worth(d, k) AS CASE WHEN draw('unknown', d.i, 33) > 0 THEN round(exp(8 + "
        "draw('worth', d.i, 1000) / 300.0) * (0.8 + save('change', d, k // 3, 40) / 100.0), 2) END",
        f"due(d, k) AS DATE '1970-01-01' + (d.began // {DAY} + 20 + draw('due', d.i, 150) "
        "+ (k // 4) * [0, 0, 15, 45][1 + draw('push', d.i, 4)] "
        "+ save('shift', d, k // 4, 5))::INTEGER",
    )


def _deals(deals: int) -> str:
    """One row a deal: `d` with what its saves hang on, and the number `last` of its last one."""
    end = f"epoch(TIMESTAMPTZ '{END} 00:00:00+00')::BIGINT"
    return f"""(
        SELECT {{'i': i, 'began': began, 'saves': saves, 'pace': pace,
                'fate': CASE WHEN last < saves - 1 THEN 99 ELSE draw('fate', i, 100) END}} AS d,
               i, last
        FROM (
            SELECT *, known - CASE WHEN moment(d, known) < {end} THEN 0 ELSE 1 END AS last
            FROM (
                SELECT *, least(saves - 1, ({end} - began) // (pace * {DAY})) AS known,
                       {{'i': i, 'began': began, 'pace': pace}} AS d
                FROM (
                    SELECT i, draw('created', i, {730 * DAY})
                           + epoch(TIMESTAMPTZ '{FIRST} 00:00:00+00')::BIGINT AS began,
                           3 + draw('saves', i, 17) AS saves, 1 + draw('pace', i, 12) AS pace
                    FROM range({deals}) t(i)
                )
            )
        )
    )"""


def _queries(deals: int) -> dict[str, str]:
    accounts = max(1, deals // 10)
    stages = [
        (pipeline, name, sort, kind, chance, category)
        for pipeline in PIPELINES
        for sort, (name, kind, chance, category) in enumerate(
            [
                *zip(OPEN, ("open",) * len(OPEN), CHANCES, CATEGORIES, strict=True),
                ("Closed Won", "won", 1.0, "Closed"),
                ("Closed Lost", "lost", 0.0, "Omitted"),
            ],
            start=1,
        )
    ]
    return {
        "opportunities": f"""
            SELECT 'O-' || lpad(i::VARCHAR, 8, '0') AS opportunity_id,
                   'A-' || draw('account', i, {accounts}) AS account_id, 'Deal ' || i AS name,
                   {_list(PIPELINES)}[1 + (draw('pipeline', i, 5) // 4)] AS pipeline,
                   stage(d, k) AS stage, chance(d, k) IN (0, 1) AS is_closed,
                   chance(d, k) = 1 AS is_won, worth(d, k) AS amount,
                   ['EUR', 'EUR', 'EUR', 'USD', 'JPY'][1 + draw('currency', i, 5)] AS currency,
                   chance(d, k) AS probability, category(d, k) AS forecast_category,
                   due(d, k) AS expected_close_on,
                   CASE WHEN chance(d, k) IN (0, 1) THEN to_timestamp(moment(d, k)) END
                   AS closed_at,
                   to_timestamp(d.began) AS created_at,
                   'U-' || draw('owner', i, {USERS}) AS owner_id,
                   ['web', 'event', 'partner', 'referral'][1 + draw('source', i, 4)] AS lead_source,
                   'Product ' || draw('product', i, 12) AS product
            FROM (SELECT i, d, last AS k FROM {_deals(deals)})
        """,
        "opportunity_history": f"""
            SELECT 'H-' || (i * 32 + k) AS history_id,
                   'O-' || lpad(i::VARCHAR, 8, '0') AS opportunity_id,
                   to_timestamp(moment(d, k)) AS changed_at, stage(d, k) AS stage,
                   worth(d, k) AS amount, due(d, k) AS expected_close_on,
                   chance(d, k) AS probability, category(d, k) AS forecast_category
            FROM (SELECT i, d, unnest(range(0, last + 1)) AS k FROM {_deals(deals)})
        """,
        "stages": "SELECT * FROM (VALUES "
        + ", ".join(f"('{p}', '{n}', {s}, '{k}', {c}, '{f}')" for p, n, s, k, c, f in stages)
        + ") t(pipeline, stage, sort, kind, default_probability, forecast_category)",
        "accounts": "SELECT 'A-' || i AS account_id, 'Account ' || i AS name, "
        "['Machinery', 'Chemistry', 'Retail', 'Services'][1 + draw('industry', i, 4)] AS industry "
        f"FROM range({accounts}) t(i)",
        "users": "SELECT 'U-' || i AS user_id, 'Person ' || i AS name, 'Team ' || i % 12 AS team "
        f"FROM range({USERS}) t(i)",
        "fx_rates": "SELECT currency, "
        f"(DATE '{FIRST}' + to_months(m::INTEGER))::DATE AS valid_from, "
        "round(level * (0.9 + draw('rate-' || currency, m, 200) / 1000.0), 4) AS rate "
        "FROM range(25) t(m), (VALUES ('USD', 1.1), ('JPY', 160.0)) c(currency, level)",
    }
