"""The question: which deals need a look because something about them is odd?"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import AbsentError
from workbench.sales.kpis.anomaly.checks import Found, found
from workbench.sales.kpis.anomaly.options import checks_of
from workbench.sales.kpis.anomaly.result import Anomalies
from workbench.sales.kpis.facts import Facts
from workbench.sales.kpis.question import Question, check_by
from workbench.sales.population import population
from workbench.workspace import Workspace


def anomalies(
    workspace: Workspace,
    *,
    by: str | None = None,
    where: Any = None,
    checks: Any = None,
    as_of: str | date | None = None,
) -> Anomalies:
    """Deals that show one of the built-in list of anomalies, each with the reason in words.

    A check whose data are not there says what is missing; the others are still answered.

    Parameters
    ----------
    workspace : Workspace
    by : str, optional
        ``"owner"``, ``"team"`` or a column of accounts that splits every count.
    where : mapping, optional
        Only these deals, by their own columns and those of their account.
    checks : str, list or mapping, optional
        Names of `CHECKS`, or names with options such as ``{"no_activity": {"days": 14}}``; all
        with their defaults when left out.
    as_of : str or date, optional
        Look at nothing after this day or instant. Fields of deals are those of the table: only
        what carries a time can be looked at in the past.

    Returns
    -------
    Anomalies
        Its `frame` has the columns of `Anomalies.columns`, its `deals` those of `DEALS`.

    Raises
    ------
    ArgumentError
        Before any row is read, for a check or option that is not known.
    AbsentError
        When there are no opportunities at all.

    Notes
    -----
    Source: sales-pipeline.md, section 3 (built-in anomaly list).
    """
    asked = checks_of(checks)
    check_by(workspace, by)
    facts = Facts(workspace.seen_at(as_of))
    chosen = population(facts.deals, where)
    definition = {
        "analysis": "anomalies",
        "by": by,
        "where": where if where is None or isinstance(where, dict) else where.plain(),
        "checks": asked,
        "as_of": facts.workspace.as_of.isoformat() if as_of is not None else None,
    }
    question = Question(workspace, facts, (), workspace.period(None), by=by, asked=definition)
    results: dict[str, Found | str] = {}
    for name, options in asked.items():
        try:
            results[name] = found(facts, name, options)
        except AbsentError as absent:
            results[name] = str(absent)
    return Anomalies(question, asked, chosen, results, _groups(question))


def _groups(question: Question) -> np.ndarray:
    """Group of each deal by its key; empty without a split."""
    deals = question.facts.deals
    if question.by is None:
        return np.full(len(deals), "", object)
    columns = {name: deals.text(name) for name in ("owner_id", "account_id")}
    return question.group_of(pd.DataFrame(columns))
