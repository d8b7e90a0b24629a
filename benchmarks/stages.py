"""Stages of a million opportunities with ten million saves, beside DuckDB's SQL on them."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import deals
from benchmarks.lines import Line, Plan, size
from benchmarks.measure import apart

MOST_SECONDS, MOST_GB = 3.0, 3.0
# Stays of each deal in each open stage; the median of the latest ones that are over.
SQL = """
    WITH changed AS (
        SELECT h.opportunity_id AS id, o.pipeline, h.stage, h.changed_at AS began,
               lag(h.stage) OVER w AS before
        FROM opportunity_history h JOIN opportunities o USING (opportunity_id)
        WINDOW w AS (PARTITION BY h.opportunity_id ORDER BY h.changed_at, h.history_id)
    ), stays AS (
        SELECT id, pipeline, stage, began, lead(began) OVER (PARTITION BY id ORDER BY began) AS next
        FROM changed WHERE before IS DISTINCT FROM stage
    ), visits AS (
        SELECT id, pipeline, stage, count(*) AS visits, bool_or(next IS NULL) AS running,
               max_by(epoch_us(next) - epoch_us(began), began) AS latest,
               sum(epoch_us(next) - epoch_us(began)) AS total
        FROM stays GROUP BY ALL
    )
    SELECT pipeline, stage, count(*) AS entered, sum(visits)::BIGINT AS visits,
           count(*) FILTER (NOT running) AS over,
           quantile_cont(latest, [0.25, 0.5, 0.75]) FILTER (NOT running) AS latest,
           quantile_cont(total, [0.25, 0.5, 0.75]) FILTER (NOT running) AS total
    FROM visits JOIN stages USING (pipeline, stage)
    WHERE kind = 'open' GROUP BY pipeline, stage, sort ORDER BY pipeline, sort
"""


def stages(plan: Plan) -> Iterator[Line]:
    """Stage intervals with all other numbers of a stage, warm and first; moves; peak memory."""
    number = deals.count(plan)
    path = str(deals.workspace_file(plan.folder, number))
    cache = str(plan.folder / "deals-cache")
    apart("ask_stages", path=path, cache=cache, runs=0)
    found = apart("ask_stages", path=path, cache=cache, runs=plan.slow_runs)
    whole = f"{size(number)} opportunities with {found['saves'] / 1e6:.1f} million saves"
    warm, sql = found["warm"], apart("stage_sql", path=path, cache=cache, runs=plan.slow_runs)
    if found["lines"] != sql["lines"]:
        raise SystemExit("The stays differ, so their times say nothing.")
    yield Line(
        f"Warm stage intervals, shares won and stalls, {whole}, against DuckDB's intervals alone",
        f"{warm['stages']:.2f} s",
        f"{sql['seconds']:.2f} s",
        f"{warm['stages'] / sql['seconds']:.2f}",
        f"under {MOST_SECONDS:g} s",
        warm["stages"] < MOST_SECONDS,
    )
    for what, name in (("Warm moves between stages", "moves"), ("Warm coaching by owner", "by")):
        yield Line(f"{what}, {whole}", f"{warm[name]:.2f} s", "", "", "–", True)
    yield Line(
        f"First question about stages, {whole}: all read and sorted",
        f"{found['first']:.1f} s", "", "", "–", True,
    )  # fmt: skip
    peak = found["peak_gb"]
    yield Line(
        f"Peak memory from opening to stage intervals, {whole}",
        f"{peak:.2f} GB", "", "", f"under {MOST_GB:g} GB", peak < MOST_GB,
    )  # fmt: skip
    yield Line(
        f"Peak memory with moves and coaching after that, {whole}",
        f"{found['all_peak_gb']:.2f} GB", "", "", "–", True,
    )  # fmt: skip
