"""The change of the pipeline over many deals, beside hand-written SQL and beside its bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks import deals
from benchmarks.lines import MILLION, Line, Plan, size, times
from benchmarks.measure import apart, in_turn

SINCE, UNTIL, PERIOD = "2025-07-01", "2025-09-30", "2025-Q3"
MOST_SECONDS, MOST_GB = 3.0, 3.0
BARS = ("start", "new", "moved_in", "reopened", "moved_out", "won", "lost", "end")

# How deals stood at both instants, by their last saves; amounts by the rate of the day of closing,
# expected or actual, as the workspace names it.
_SQL = """
WITH saves AS (
    SELECT opportunity_id AS id, changed_at AS saved, stage, amount, expected_close_on AS due,
           history_id, CASE stage WHEN 'Closed Won' THEN 'won' WHEN 'Closed Lost' THEN 'lost'
           ELSE 'open' END AS kind
    FROM opportunity_history WHERE changed_at < TIMESTAMPTZ '2025-10-01 00:00:00+00'
), runs AS (
    SELECT *, lag(kind) OVER w AS previous FROM saves WINDOW w AS (PARTITION BY id ORDER BY saved)
), sides AS (
    SELECT id,
        arg_max({'kind': kind, 'amount': amount, 'due': due}, saved)
            FILTER (saved < TIMESTAMPTZ '2025-07-01 00:00:00+00') AS a,
        arg_max({'kind': kind, 'amount': amount, 'due': due}, saved) AS b,
        max(saved) FILTER (kind <> 'open' AND coalesce(previous, 'open') = 'open'
                        AND saved < TIMESTAMPTZ '2025-07-01 00:00:00+00') AS closed_a,
        max(saved) FILTER (kind <> 'open' AND coalesce(previous, 'open') = 'open') AS closed_b
    FROM runs GROUP BY id
), days AS (
    SELECT s.*, o.currency, a.due AS due_a, b.due AS due_b,
        coalesce(CASE WHEN a.kind <> 'open' THEN closed_a::DATE END, a.due) AS day_a,
        coalesce(CASE WHEN b.kind <> 'open' THEN closed_b::DATE END, b.due) AS day_b
    FROM sides s JOIN opportunities o ON o.opportunity_id = s.id
), worth AS (
    SELECT d.*,
        round_even(coalesce(a.amount, 0)
                   * CASE d.currency WHEN 'EUR' THEN 1 ELSE 1 / ra.rate END * 100, 0) AS v0,
        round_even(coalesce(b.amount, 0)
                   * CASE d.currency WHEN 'EUR' THEN 1 ELSE 1 / rb.rate END * 100, 0) AS v1
    FROM days d
    ASOF LEFT JOIN fx_rates ra ON ra.currency = d.currency AND d.day_a >= ra.valid_from
    ASOF LEFT JOIN fx_rates rb ON rb.currency = d.currency AND d.day_b >= rb.valid_from
), fates AS (
    SELECT *,
        coalesce(a.kind = 'open' AND due_a >= '2025-07-01' AND due_a < '2025-10-01', false) AS was,
        coalesce(due_b >= '2025-07-01' AND due_b < '2025-10-01', false) AS inside,
        b.kind = 'open' OR a IS NULL OR a.kind = 'open' OR closed_b > closed_a AS seen
    FROM worth
)
SELECT
    coalesce(sum(v0) FILTER (was), 0),
    coalesce(sum(v1) FILTER (NOT was AND inside AND seen AND a IS NULL), 0),
    coalesce(sum(v1) FILTER (NOT was AND inside AND seen AND a.kind = 'open'), 0),
    coalesce(sum(v1) FILTER (NOT was AND inside AND seen AND a.kind <> 'open'), 0),
    coalesce(sum(v0) FILTER (was AND b.kind = 'open' AND NOT inside), 0),
    coalesce(sum(v1) FILTER ((was OR inside AND seen) AND b.kind = 'won'), 0),
    coalesce(sum(v1) FILTER ((was OR inside AND seen) AND b.kind = 'lost'), 0),
    coalesce(sum(v1) FILTER (inside AND b.kind = 'open'), 0)
FROM fates
"""


def change(plan: Plan) -> Iterator[Line]:
    """The waterfall, warm, beside SQL over the same tables; and in a fresh process, with memory."""
    import workbench as wb
    from workbench.sales.history import history_of

    number = deals.count(plan)
    opened = deals.opened(plan.folder, number)
    history = history_of(opened)

    def ours() -> tuple[int, ...]:
        result = wb.pipeline_change(opened, since=SINCE, until=UNTIL, period=PERIOD)
        return tuple(round(result.bars.loc[bar, "amount"] * 100) for bar in BARS)

    def by_sql() -> tuple[int, ...]:
        return tuple(round(v) for v in opened.arrow(_SQL).to_pylist()[0].values())

    def reduction() -> Any:
        known = history.at <= history.at[-1]
        return np.add.reduceat(np.where(known, np.nan_to_num(history.amount), 0),
                               history.offsets[:-1][np.diff(history.offsets) > 0])  # fmt: skip

    found = {"ours": ours(), "SQL": by_sql()}
    if len(set(found.values())) != 1:
        raise SystemExit(f"The bars differ, so their times say nothing: {found}")
    taken = in_turn({"ours": ours, "SQL": by_sql, "sum": reduction}, plan.slow_runs)
    saves = f"{len(history) / MILLION:.3g} million saves"
    what = f"Pipeline change over {size(number)} deals with {saves}"
    yield times(f"{what}, against DuckDB", taken["ours"], taken["SQL"], 1 / 2)
    yield times(f"{what}, against one numpy sum by deal", taken["ours"], taken["sum"], 15.0)
    seconds = taken["ours"]
    yield Line(what, f"{seconds:.2f} s", "", "", f"under {MOST_SECONDS:g} s",
               seconds < MOST_SECONDS)  # fmt: skip
    alone = apart(
        "first_change", folder=str(plan.folder), deals=number, since=SINCE, until=UNTIL,
        period=PERIOD,
    )  # fmt: skip
    first = f"{what}, first time, deals and saves read"
    yield Line(first, f"{alone['seconds']:.2f} s", "", "", "", True)
    peak = alone["peak_gb"]
    yield Line(f"{first}: peak memory", f"{peak:.2f} GB", "", "", f"under {MOST_GB:g} GB",
               peak < MOST_GB)  # fmt: skip
