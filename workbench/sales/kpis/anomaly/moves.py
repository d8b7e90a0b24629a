"""How long deals stand in their stage, what is usual there, and how often they were put off."""

from __future__ import annotations

import numpy as np

from workbench.messages import message, message_of_count
from workbench.sales.catalogue import WON
from workbench.sales.deals import NO_DAY
from workbench.sales.history import DAY, history_of
from workbench.sales.kpis.facts import Facts
from workbench.sales.kpis.measured import lacking
from workbench.sales.stays import stays_of


def days_in_stage(facts: Facts) -> tuple[np.ndarray, tuple[str, ...]]:
    """Whole days since each open deal entered its stage; not a number where nobody knows.

    The history decides; without one the source system's own ``last_stage_change_at``.
    """
    workspace, deals = facts.workspace, facts.deals
    out = np.full(len(deals), np.nan)
    columns = workspace.columns_of("opportunities")
    if "last_stage_change_at" in columns:
        read = workspace.sql(
            "SELECT opportunity_id::VARCHAR AS key, max(epoch_us(last_stage_change_at)) AS at "
            "FROM opportunities WHERE last_stage_change_at IS NOT NULL GROUP BY 1"
        )
        known = dict(zip(read["key"], read["at"], strict=True))
        at = np.array([known.get(key, np.nan) for key in deals.text("opportunity_id")], float)
        out = (facts.now - at) // DAY
    if workspace.has("opportunity_history", "opportunity_id", "changed_at", "stage"):
        stays = stays_of(history_of(workspace))
        running = stays.running
        out[stays.deal[running]] = stays.days[running] // 1
    elif "last_stage_change_at" not in columns:
        raise lacking(message("the history of opportunities, or last_stage_change_at"))
    out = np.where(facts.open & (out >= 0), out, np.nan)
    unknown = int((facts.open & np.isnan(out)).sum())
    if not unknown:
        return out, ()
    return out, (
        message_of_count(
            "{count} open deal has no day on which it entered its stage.",
            "{count} open deals have no day on which they entered their stage.",
            unknown,
        ),
    )


def longest_stays(
    facts: Facts, max_days: float | None, percentile: float, least_deals: int
) -> np.ndarray:
    """Days up to which a stay in each stage is usual; not a number where nobody can tell.

    What the catalogue of stages says; else the percentile of the latest stays of won deals, where
    there are enough of them; else `max_days`.

    Notes
    -----
    Source: sales-pipeline.md, section 1 (max_days).
    """
    deals, workspace = facts.deals, facts.workspace
    usual = deals.catalogue.frame["max_days"].to_numpy(float).copy()
    if workspace.has("opportunity_history", "opportunity_id", "changed_at", "stage"):
        visits = stays_of(history_of(workspace)).visits
        won = deals.outcome[visits.deal] == WON
        for code in np.flatnonzero(np.isnan(usual)):
            days = visits.latest_days[won & (visits.stage == code)]
            if days.size >= least_deals:
                usual[code] = np.percentile(days, percentile)
    return np.where(np.isnan(usual), np.nan if max_days is None else max_days, usual)


def pushes(facts: Facts, by: str) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """How often the expected close of each deal moved later, and for which deals that is known.

    Parameters
    ----------
    by : {"day", "month"}
        Whether a move within the same calendar month counts.

    Notes
    -----
    Source: sales-pipeline.md, section 2 (push).
    """
    workspace, deals = facts.workspace, facts.deals
    if workspace.has(
        "opportunity_history", "opportunity_id", "changed_at", "expected_close_on"
    ):  # fmt: skip
        history = history_of(workspace)
        places = np.flatnonzero(history.expected_on != NO_DAY)
        day, deal = history.expected_on[places].astype(np.int64), history.deal[places]
        if by == "month":
            day = day.astype("M8[D]").astype("M8[M]").astype(np.int64)
        later = (day[1:] > day[:-1]) & (deal[1:] == deal[:-1])
        count = np.bincount(deal[1:][later], minlength=len(deals))
        known = np.bincount(deal, minlength=len(deals)) > 0
        return count, known, ()
    if "push_count" in workspace.columns_of("opportunities"):
        read = workspace.sql(
            "SELECT opportunity_id::VARCHAR AS key, max(push_count) AS n FROM opportunities "
            "WHERE push_count IS NOT NULL GROUP BY 1"
        )
        of_deal = dict(zip(read["key"], read["n"], strict=True))
        keys = deals.text("opportunity_id")
        note = message("How often a deal was put off is the count of the source system.")
        known = np.array([key in of_deal for key in keys], bool)
        return np.array([of_deal.get(key, 0) for key in keys], float), known, (note,)
    raise lacking(message("a history with expected_close_on, or the column push_count"))
