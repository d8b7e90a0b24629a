"""The question: how much of what is decided, or was begun, was won?

Source: sales-pipeline.md, section 2 (three win rates, always labelled).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.results.intervals import wilson
from workbench.sales.catalogue import LOST, WON
from workbench.sales.pipeline.groups import everyone
from workbench.sales.pipeline.question import Question, ask
from workbench.sales.pipeline.win_result import WinRates
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace

MEASURES = ("deals", "amount")


def win_rates(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    where: Any = None,
    by: str | None = None,
    as_of: Any = None,
    quality: Any = None,
    calendar: Any = None,
) -> WinRates:
    """Win rates of the closed cohort, of the created cohort to date, and of what is resolved.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Days of closing (closed cohort) and of creation (created cohort); everything when left
        out. As in `workbench.pipeline`.
    where, by, as_of, quality, calendar
        As in `workbench.pipeline`.

    Returns
    -------
    WinRates
        Three cohorts by number and by amount for all deals and each group.

    Raises
    ------
    ArgumentError
        For a value that is not allowed, before any deal is counted.

    Notes
    -----
    Source: sales-pipeline.md, section 2. Rates by amount leave out deals without a usable amount
    and count them; they carry no interval, since an amount is no number of trials.
    """
    question = ask(
        "win_rates", workspace, period=period, where=where, by=by, as_of=as_of, quality=quality,
        calendar=calendar,
    )  # fmt: skip
    return WinRates(question=question, masks=cohorts(question), frame=rates(question))


def cohorts(question: Question) -> dict[str, np.ndarray]:
    """A mark for every deal of the closed and of the created cohort."""
    standing, asked = question.standing, question.range
    closed = question.taking_part & (standing.outcome != 0)
    return {
        "closed": closed & asked.holds(standing.closed_on),
        "created": question.taking_part & asked.holds(question.deals.created_on),
    }


def rates(question: Question) -> pd.DataFrame:
    """All lines of the frame: groups × cohorts × measures."""
    groups = question.groups
    parts = [_lines(question, np.zeros(groups.codes.size, np.int64), [everyone()])]
    if question.by is not None:
        parts.append(_lines(question, groups.codes, groups.names))
    out = pd.concat(parts, ignore_index=True)
    by_number = (out["measure"] == "deals").to_numpy()
    low, high = wilson(out["won"].where(by_number, 0), out["total"].where(by_number, 0))
    out["low"], out["high"] = low, high
    return out


def _lines(question: Question, codes: np.ndarray, names: list[str]) -> pd.DataFrame:
    standing, size = question.standing, len(names)
    masks = cohorts(question)
    known = ~np.isnan(standing.amount)
    out = []
    for cohort in ("closed", "created"):
        for measure in MEASURES:
            chosen = masks[cohort] & (known if measure == "amount" else True)
            weights = standing.amount if measure == "amount" else None
            sums = [
                _summed(codes, chosen & (standing.outcome == outcome), weights, size)
                for outcome in (0, WON, LOST)
            ]
            dropped = (
                np.bincount(codes[masks[cohort] & ~known], minlength=size)
                if measure == "amount"
                else np.zeros(size, np.int64)
            )
            named = ("closed",) if cohort == "closed" else ("created", "resolved")
            out += [_table(names, label, measure, sums, dropped) for label in named]
    found = pd.concat(out, ignore_index=True)
    order = {name: n for n, name in enumerate(names)}
    return found.sort_values("group", key=lambda s: s.map(order), kind="stable")


def _summed(
    codes: np.ndarray, chosen: np.ndarray, weights: np.ndarray | None, size: int
) -> np.ndarray:
    return np.bincount(
        codes[chosen], None if weights is None else weights[chosen], minlength=size
    ).astype(float)


def _table(
    names: list[str], cohort: str, measure: str, sums: list[np.ndarray], dropped: np.ndarray
) -> pd.DataFrame:
    still, won, lost = sums
    every = still + won + lost
    total = every if cohort == "created" else won + lost

    def shares(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.divide(a, b, out=np.full(a.shape, np.nan), where=b > 0)

    return pd.DataFrame(
        {
            "group": np.array(names, object),
            "cohort": cohort,
            "measure": measure,
            "won": won,
            "total": total,
            "share": shares(won, total),
            "still_open": 0.0 if cohort == "closed" else still,
            "begun": total if cohort == "closed" else every,
            "share_open": 0.0 if cohort == "closed" else shares(still, every),
            "without_amount": dropped,
        }
    )
