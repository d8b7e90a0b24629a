"""The question: how do the KPIs stand against their targets, and what is to be done?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.sales.kpis.counting import counted
from workbench.sales.kpis.facts import Facts
from workbench.sales.kpis.question import Question, check_by, check_whole
from workbench.sales.kpis.reading import definitions_of
from workbench.sales.kpis.result import Kpis
from workbench.vocabulary.periods import Period
from workbench.vocabulary.workdays import check_country
from workbench.workspace import Workspace


def kpis(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    by: str | None = None,
    definitions: Any = None,
    only: str | Sequence[str] | None = None,
    trend: int = 6,
    pro_rata: bool = False,
    holidays: str | None = None,
    as_of: str | date | None = None,
) -> Kpis:
    """Figures of the defined KPIs with target, attainment, status, trend and the list to act on.

    A KPI whose data are not there says what is missing; the others are still answered.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Each KPI is shown for the own period (month, quarter, …) in which this range ends; the
        present one when left out. Nothing after its end is looked at.
    by : str, optional
        ``"owner"``, ``"team"`` or a column of accounts that splits every figure.
    definitions : str, Path, mapping or list, optional
        A name (``parameters/kpis/NAME.yaml``), a YAML file, or plain definitions; the shipped set
        when left out.
    only : str or list of str, optional
        Keys of the KPIs that are wanted.
    trend : int
        Periods shown for each KPI, the last one included; each is judged by the definition that
        was in force at its beginning.
    pro_rata : bool
        Whether the target of a running period is that of the business days gone by.
    holidays : str, optional
        Country whose public holidays are no business days, such as ``"JP"`` or ``"DE-BY"``.
    as_of : str or date, optional
        Look at nothing after this day or instant.

    Returns
    -------
    Kpis
        Its `frame` has the columns of `Kpis.columns`, its `trend` those of `Kpis.trend_columns`.

    Raises
    ------
    ArgumentError
        Before any row is read, for definitions and values that cannot be used.

    Notes
    -----
    Source: sales-pipeline.md, section 3.
    """
    chosen = definitions_of(definitions, only)
    check_whole("trend", trend, 1, 60)
    if not isinstance(pro_rata, bool):
        raise ArgumentError.of("pro_rata", pro_rata, message("true or false"))
    check_country(holidays)
    check_by(workspace, by)
    asked = workspace.period(period)
    seen = workspace.seen_at(as_of)
    if asked.end is not None:
        seen = seen.seen_at(asked.end - timedelta(microseconds=1))
    definition = {
        "analysis": "kpis",
        "period": str(asked),
        "by": by,
        "definitions": [kpi.plain() for kpi in chosen],
        "trend": trend,
        "pro_rata": pro_rata,
        "holidays": holidays,
        "as_of": seen.as_of.isoformat() if as_of is not None else None,
    }
    question = Question(
        workspace=workspace,
        facts=Facts(seen),
        kpis=chosen,
        period=asked,
        by=by,
        trend=trend,
        pro_rata=pro_rata,
        holidays=holidays,
        asked=definition,
    )
    return Kpis(question=question, found=counted(question))
