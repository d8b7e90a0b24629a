"""Every figure of every KPI: periods, groups, targets, attainment, status, lists to act on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.results.intervals import wilson
from workbench.sales.kpis.judging import GREY, attainment, status
from workbench.sales.kpis.measured import (
    COUNT,
    FLOW,
    MEAN,
    NOW,
    SHARE,
    SUM,
    UNITS,
    Goal,
    Measured,
    Window,
)
from workbench.sales.kpis.measures.route import measured, time_of
from workbench.sales.kpis.question import Question
from workbench.sales.kpis.record import Kpi
from workbench.sales.kpis.targets import Target, table_of, target_of

ALL = ""


@dataclass(frozen=True)
class Counted:
    """All figures of a question.

    Attributes
    ----------
    lines : pandas.DataFrame
        A line for each KPI, group and period.
    units : dict
        Units of the last period of each KPI.
    measured : dict
        What its source gave; None where the data do not hold it.
    """

    lines: pd.DataFrame
    units: dict[str, pd.DataFrame]
    measured: dict[str, Measured | None]


def counted(question: Question) -> Counted:
    """Count everything that is asked for."""
    targets = table_of(question.facts)
    lines: list[dict[str, Any]] = []
    units: dict[str, pd.DataFrame] = {}
    given: dict[str, Measured | None] = {}
    for kpi in question.kpis:
        of_kpi, found = _of_kpi(question, kpi, targets)
        lines += of_kpi
        given[kpi.kpi_id] = found
        units[kpi.kpi_id] = _grouped(question, found.units if found else _no_units())
    return Counted(pd.DataFrame(lines), units, given)


def _of_kpi(
    question: Question, kpi: Kpi, targets: pd.DataFrame
) -> tuple[list[dict[str, Any]], Measured | None]:
    windows, found = question.windows(kpi.period), None
    counted_windows: list[tuple[dict[str, Any], _Sums | str, bool]] = []
    for window in windows:
        held, since, in_force = kpi.in_force(window.first, window.after)
        whole = Target()
        if in_force:
            whole = target_of(targets, held, _kind_of(held), window, None, None)
        line = {"kpi_id": kpi.kpi_id, "window": window, "held": held, "since": since,
                "whole": whole}  # fmt: skip
        found = None
        if time_of(held.source) == NOW and window is not windows[-1]:
            reason = message("The data hold the present state only: there is no earlier figure.")
            counted_windows.append((line, reason, in_force))
            continue
        try:
            aimed = whole.value * _time_gone(question, held, window)
            goal = Goal(held.direction, None if math.isnan(aimed) else aimed, window is windows[-1])
            found = measured(question.facts, held.source, window, goal)
            early = found.begins is not None and window.days[1] <= found.begins
            said = message("The data begin later.") if early else _sums(question, found)
            counted_windows.append((line, said, in_force))
        except AbsentError as absent:
            counted_windows.append((line, str(absent), in_force))
        except ArgumentError as refused:
            raise ArgumentError(
                message("{kpi}: {reason}", kpi=kpi.kpi_id, reason=refused)
            ) from None
    groups = _groups(question, kpi, targets, [s for _, s, _ in counted_windows])
    lines: list[dict[str, Any]] = []
    for line, sums, in_force in counted_windows:
        if isinstance(sums, str):
            lines.append(_nothing(line, sums))
        else:
            lines += [_figure(question, line, sums, targets, in_force, g) for g in groups]
    return lines, found


@dataclass(frozen=True)
class _Sums:
    """Numerator and denominator of every group in one period."""

    kind: str
    binary: bool
    of_group: dict[str, tuple[float, float]]


def _sums(question: Question, found: Measured) -> _Sums:
    units = found.units
    once = units.drop_duplicates("key")
    of_group = {ALL: (float(once["counted"].sum()), float(once["of"].sum()))}
    # A rep belongs to no account: their mean has no parts by account.
    whole = question.by not in ("owner", "team") and (units["entity"] == "person").any()
    if question.by is not None and not whole:
        grouped = _grouped(question, units).drop_duplicates(["group", "key"])
        summed = grouped.groupby("group", sort=True)[["counted", "of"]].sum()
        of_group |= {str(g): (float(r.counted), float(r.of)) for g, r in summed.iterrows()}
    return _Sums(found.kind, bool(units["counted"].isin([0.0, 1.0]).all()), of_group)


def _groups(question: Question, kpi: Kpi, targets: pd.DataFrame, sums: list[Any]) -> list[str]:
    """Everybody who has a figure in any period, or a target; the whole comes first."""
    if question.by is None:
        return [ALL]
    found = {g for s in sums if isinstance(s, _Sums) for g in s.of_group}
    if len(targets):
        level = {"owner": "owner_id", "team": "team"}.get(question.by, "segment")
        own = targets.loc[targets["kpi_id"] == kpi.kpi_id, level]
        found |= {str(g) for g in own if g is not None}
    return [ALL, *sorted(found - {ALL})]


def _nothing(line: dict[str, Any], reason: str) -> dict[str, Any]:
    """A period without a figure."""
    empty = dict.fromkeys(
        ("value", "numerator", "denominator", "low", "high", "attainment"), math.nan
    )
    target = line["whole"]
    return {**line, "group": ALL, "kind": "", **empty, "target": target.value,
            "target_to_date": target.value, "target_source": target.source, "cases": 0,
            "status": GREY, "flagged": False, "missing": reason}  # fmt: skip


def _figure(
    question: Question,
    line: dict[str, Any],
    sums: _Sums,
    targets: pd.DataFrame,
    in_force: bool,
    group: str,
) -> dict[str, Any]:
    """One figure against its target."""
    held, window, kind = line["held"], line["window"], sums.kind
    numerator, denominator = sums.of_group.get(group, (0.0, 0.0))
    target = Target()
    if in_force:
        of = None if group == ALL else group
        target = target_of(targets, held, kind, window, question.by, of)
    value = _value(kind, numerator, denominator)
    to_date = target.value * _time_gone(question, held, window)
    reached = attainment(value, to_date, held.direction)
    cases = denominator if kind in (SHARE, MEAN) else numerator
    low, high = math.nan, math.nan
    if kind == SHARE and sums.binary and denominator:
        ends = wilson(np.array([numerator]), np.array([denominator]))
        low, high = float(ends[0][0]), float(ends[1][0])
    judged = status(held, value, reached, cases) if in_force else GREY
    return {
        **line,
        "group": group,
        "kind": kind,
        "value": value,
        "numerator": numerator,
        "denominator": denominator if denominator else math.nan,
        "low": low,
        "high": high,
        "target": target.value,
        "target_to_date": to_date,
        "target_source": target.source,
        "attainment": reached,
        "status": judged,
        "flagged": bool(held.flag is not None and judged != GREY and held.flag.holds(value)),
        "cases": cases,
        "missing": "" if in_force else message("The definition was not yet in force."),
    }


def _time_gone(question: Question, held: Kpi, window: Window) -> float:
    """Part of the target that is due by now; all of it without the pro-rata option."""
    accumulates = time_of(held.source) == FLOW and _kind_of(held) in (COUNT, SUM, MEAN)
    if not question.pro_rata or not accumulates:
        return 1.0
    return question.share_of_time(window)


def _kind_of(kpi: Kpi) -> str:
    """How the figure of a definition is made, before it is counted."""
    source: Any = kpi.source
    if hasattr(source, "table"):
        if source.numerator is not None:
            return SHARE
        return MEAN if source.per else SUM if source.sum else COUNT
    return {
        "won_amount": SUM,
        "visits_per_rep": MEAN,
        "new_opportunities_from_customers": COUNT,
        "visits": COUNT,
        "unvisited_accounts": COUNT,
    }.get(source.measure, SHARE)


def _value(kind: str, numerator: float, denominator: float) -> float:
    if kind in (SHARE, MEAN):
        return numerator / denominator if denominator else math.nan
    return numerator


def _grouped(question: Question, units: pd.DataFrame) -> pd.DataFrame:
    group = question.group_of(units) if question.by is not None else ALL
    return units.assign(group=group)


def _no_units() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in UNITS})
