"""The question: what stands open, what is it worth, and does it cover the target?"""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.sales.pipeline.counting import Counts, chances
from workbench.sales.pipeline.question import ask
from workbench.sales.pipeline.result import Pipeline
from workbench.sales.targets import targets_of
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace


def pipeline(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    where: Any = None,
    by: str | None = None,
    as_of: Any = None,
    probability: str = "record",
    target: Any = None,
    quality: Any = None,
    calendar: Any = None,
) -> Pipeline:
    """Open and weighted pipeline, coverage of the target, and the forecast by category.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Days of expected closing (open deals) and of closing (won and lost ones), such as
        ``"this fiscal quarter"``, ``"FY2026 Q2"``, ``"2026-10..2026-12"``, ``"next 90 days"``.
        Everything, deals without expected close too, when left out.
    where : mapping, optional
        Only deals that meet it, such as ``{"owner_id": "U-001", "amount": {">=": 10_000}}``.
    by : str, optional
        Splits the deals: ``owner``, ``team``, ``stage``, ``product``, ``customer`` (new or
        existing when the deal was created), a column of the opportunities or of their accounts.
    as_of : str, date or datetime, optional
        Look from an earlier day: deals as they stood then, by what was saved.
    probability : {"record", "stage", "score"}
        The chance that an amount is weighted with: the deal's own, that of its stage, or its
        newest score / 100.
    target : number, mapping, str or False, optional
        To be won in the period: an amount, amounts of groups, or a ``kpi_id`` of the table of
        targets; its won amounts when left out.
    quality : str or list of str, optional
        Only deals whose history is of this quality: full, partial, truncated, none, absent.
    calendar : list of mapping, optional
        Fiscal periods (``name, start_on, end_on, kind``) in place of the rule of months.

    Returns
    -------
    Pipeline
        Its `frame` has the columns of `Pipeline.columns`.

    Raises
    ------
    ArgumentError
        For a value that is not allowed, before any deal is counted.
    AbsentError
        For a table or column that the workspace does not have.

    Notes
    -----
    Source: sales-pipeline.md, section 2; b2b-data-model.md, section 4, rules 9 and 10.
    """
    more: dict[str, Any] = {}
    if probability != "record":
        more["probability"] = probability
    if target is not None:
        more["target"] = dict(target) if hasattr(target, "keys") else target
    question = ask(
        "pipeline", workspace, period=period, where=where, by=by, as_of=as_of, quality=quality,
        calendar=calendar, more=more,
    )  # fmt: skip
    targets = targets_of(question, target)
    found = Counts(question, np.asarray(chances(question, probability), float))
    return Pipeline(question=question, counts=found, targets=targets, probability=probability)
