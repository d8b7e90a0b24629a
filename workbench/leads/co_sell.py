"""Accepted leads by the stage of a co-sell deal, weighted by the share that each stage stands for.

Source: partner-leads.md, section 3 (optional co-sell stages with percentages).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.leads.funnel_counts import values
from workbench.leads.question import Question
from workbench.leads.spoken import CO_SELL_SHARES

COLUMNS = {
    "stage": "accepted, qualified, develop, proposed, negotiate, won; what else a file names, last",
    "share": "What the stage stands for, 0.1 to 1; missing for a stage without one",
    "count": "Leads of the stage: ever accepted, not lost",
    "value": "Their value, in one currency",
    "weighted_value": "value times share",
    "value_unknown": "Of count, those without a value or a rate",
}


def co_sell(question: Question, mask: np.ndarray) -> pd.DataFrame:
    """Leads that were accepted and not lost, by the stage that their row or a decision names.

    A lead that names no stage stands in the first one, a won lead in the last.

    Parameters
    ----------
    mask : numpy.ndarray of bool
        The leads that are asked for.

    Returns
    -------
    pandas.DataFrame
        With `COLUMNS`.
    """
    records, states = question.records, question.states
    part = mask & records.actionable & states.accepted & (states.stage != "lost")
    named = np.where(pd.isna(records["sales_stage"]), "accepted", records["sales_stage"])
    # Only the life cycle says that a lead is won.
    named = np.where((named == "won") & (states.stage != "won"), "negotiate", named)
    named = np.where(states.stage == "won", "won", named)[part]
    amounts = values(question)[0][part]
    known = ~np.isnan(amounts)
    others = sorted(set(named.tolist()) - set(CO_SELL_SHARES))
    rows = []
    for stage in (*CO_SELL_SHARES, *others):
        own = named == stage
        share = CO_SELL_SHARES.get(stage, np.nan)
        value = float(amounts[own & known].sum())
        rows.append((stage, share, int(own.sum()), value, value * share, int((own & ~known).sum())))
    return pd.DataFrame(rows, columns=list(COLUMNS))
