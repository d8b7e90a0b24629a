"""The question: how many days from creation to closing?

Source: sales-pipeline.md, section 2 (sales cycle); b2b-data-model.md, section 4, rule 3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.sales.catalogue import LOST, WON
from workbench.sales.deals import NEVER
from workbench.sales.history import DAY
from workbench.sales.pipeline.cycle_result import SalesCycle
from workbench.sales.pipeline.groups import everyone
from workbench.sales.pipeline.question import Question, ask
from workbench.vocabulary.periods import Period, microseconds_of
from workbench.workspace import Workspace

OUTCOMES = {"won": (WON,), "lost": (LOST,), "closed": (WON, LOST)}


def sales_cycle(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    where: Any = None,
    by: str | None = None,
    as_of: Any = None,
    outcome: str = "won",
    quality: Any = None,
    calendar: Any = None,
) -> SalesCycle:
    """Days from creation to closing: median, quartiles, mean, and what cannot be right.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Days of closing; everything when left out.
    outcome : {"won", "lost", "closed"}
        Which closed deals are measured.
    where, by, as_of, quality, calendar
        As in `workbench.pipeline`.

    Returns
    -------
    SalesCycle
        With open deals kept apart, deals that closed before they began in `errors`, and in
        `survival` a median that takes open deals as unfinished.

    Raises
    ------
    ArgumentError
        For a value that is not allowed, before any deal is counted.

    Notes
    -----
    Source: sales-pipeline.md, section 2. Where only the day of creation or closing is known, whole
    days of the reporting zone are counted: closed on the day of creation took 0 days.
    """
    if outcome not in OUTCOMES:
        raise ArgumentError.of("outcome", outcome, OUTCOMES)
    question = ask(
        "sales_cycle", workspace, period=period, where=where, by=by, as_of=as_of, quality=quality,
        calendar=calendar, more={} if outcome == "won" else {"outcome": outcome},
    )  # fmt: skip
    days = cycle_days(question)
    chosen = closed_in(question, outcome)
    return SalesCycle(question=question, outcome=outcome, days=days, chosen=chosen)


def closed_in(question: Question, outcome: str = "won") -> np.ndarray:
    """A mark for every deal of an outcome that was closed in the period."""
    standing = question.standing
    chosen = np.isin(standing.outcome, OUTCOMES[outcome]) & question.taking_part
    return np.asarray(chosen & question.range.holds(standing.closed_on))


def cycle_days(question: Question) -> np.ndarray:
    """Days from creation to closing of every deal; NaN while open and without a date."""
    deals, standing = question.deals, question.standing
    known = (standing.closed_at != NEVER) & (deals.created_at != NEVER)
    out = np.full(len(deals), np.nan)
    out[known] = (standing.closed_at[known] - deals.created_at[known]) / DAY
    of_day = known & by_day(question)
    out[of_day] = standing.closed_on[of_day].astype(float) - deals.created_on[of_day]
    return out


def by_day(question: Question) -> np.ndarray:
    """Whether only the day of creation or of closing of a deal is known."""
    deals = question.deals
    closing = deals.closed_date_only.astype(bool) & (question.standing.closed_at == deals.closed_at)
    return np.asarray(closing | created_by_day(question))


def created_by_day(question: Question) -> np.ndarray:
    """Whether only the day of creation of a deal is known."""
    workspace, flag = question.workspace, "created_at_date_only"
    if flag not in workspace.columns_of("opportunities"):
        return np.zeros(len(question.deals), bool)
    read = workspace.arrow(
        f"SELECT bool_or(coalesce({flag}, false)) AS of_day FROM opportunities "
        "WHERE opportunity_id IS NOT NULL AND coalesce(epoch_us(created_at) <= ?, true) "
        "GROUP BY opportunity_id ORDER BY opportunity_id",
        [microseconds_of(workspace.as_of)],
    )
    return np.asarray(read.column("of_day").to_numpy(zero_copy_only=False).astype(bool))


def summary(question: Question, days: np.ndarray, chosen: np.ndarray) -> pd.DataFrame:
    """The line of all deals, then a line for each group."""
    groups = question.groups
    parts = [_lines(question, days, chosen, np.zeros(days.size, np.int64), [everyone()])]
    if question.by is not None:
        parts.append(_lines(question, days, chosen, groups.codes, groups.names))
    return pd.concat(parts, ignore_index=True)


def _lines(
    question: Question, days: np.ndarray, chosen: np.ndarray, codes: np.ndarray, names: list[str]
) -> pd.DataFrame:
    size = len(names)
    used = chosen & (days >= 0)
    open_deals = question.taking_part & question.standing.open
    age = (question.instant - question.deals.created_at) / DAY
    dated = open_deals & (question.deals.created_at != NEVER)
    ages = _by_group(age, dated, codes, size)
    values = _by_group(days, used, codes, size)
    quartiles = [_quantiles(v) for v in values]
    return pd.DataFrame(
        {
            "group": np.array(names, object),
            "deals": [v.size for v in values],
            "median_days": [q[1] for q in quartiles],
            "low": [_median_end(v, 0.025) for v in values],
            "high": [_median_end(v, 0.975) for v in values],
            "p25_days": [q[0] for q in quartiles],
            "p75_days": [q[2] for q in quartiles],
            "mean_days": [v.mean() if v.size else np.nan for v in values],
            "negative": np.bincount(codes[chosen & (days < 0)], minlength=size),
            "without_date": np.bincount(codes[chosen & np.isnan(days)], minlength=size),
            "open_deals": np.bincount(codes[open_deals], minlength=size),
            "open_median_days": [np.median(v) if v.size else np.nan for v in ages],
        }
    )


def _by_group(
    values: np.ndarray, chosen: np.ndarray, codes: np.ndarray, size: int
) -> list[np.ndarray]:
    """Sorted values of each group."""
    own, kept = codes[chosen], values[chosen]
    order = np.lexsort((kept, own))
    ends = np.searchsorted(own[order], np.arange(size + 1))
    return [kept[order[ends[n] : ends[n + 1]]] for n in range(size)]


def _quantiles(values: np.ndarray) -> np.ndarray:
    return np.quantile(values, [0.25, 0.5, 0.75]) if values.size else np.full(3, np.nan)


def _median_end(values: np.ndarray, level: float) -> float:
    """One end of the 95 % interval of a median, by the ranks of sorted values (binomial)."""
    from scipy.stats import binom

    if values.size < 6:
        return float("nan")
    place = int(binom.ppf(level, values.size, 0.5))
    place = max(place - 1, 0) if level < 0.5 else min(place, values.size - 1)
    return float(values[place])
