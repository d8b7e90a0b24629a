"""Targets of a period from the table of targets, each part of it once.

Source: b2b-data-model.md, section 2 (targets); sales-pipeline.md, section 2 (coverage).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.results import numbers
from workbench.sales.deals import Deals
from workbench.sales.ranges import Range, as_date
from workbench.workspace import Workspace

OF_WON_VALUE = ("won_value", "won_amount", "closed_won_amount", "bookings")
_LEVELS = ("team", "owner_id", "segment")


class Asked(Protocol):
    """What a target is looked up for."""

    @property
    def workspace(self) -> Workspace:
        """The workspace."""

    @property
    def range(self) -> Range:
        """Days of the period."""

    @property
    def where(self) -> Any:
        """Condition on the deals; None for all of them."""

    @property
    def by(self) -> str | None:
        """What deals are grouped by."""

    @property
    def groups(self) -> Any:
        """Names of the groups, and the group of each deal."""

    @property
    def deals(self) -> Deals:
        """The deals."""


@dataclass(frozen=True)
class Targets:
    """What is to be won in the period.

    Attributes
    ----------
    whole : float
        Of all deals; NaN where there is none.
    of_group : dict of str to float
    notes : tuple of str
    """

    whole: float = float("nan")
    of_group: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def targets_of(question: Asked, asked: Any) -> Targets:
    """The targets that a question speaks of.

    Parameters
    ----------
    asked : number, mapping, str, bool or None
        A number for all deals; a mapping of groups to numbers; a ``kpi_id`` of the table of
        targets; False for none; the table's target of won amounts when left out.

    Raises
    ------
    ArgumentError
        For anything else, or a group that is not there.
    AbsentError
        For a ``kpi_id`` that the table does not have.
    """
    if asked is False:
        return Targets()
    if isinstance(asked, Mapping):
        return _of_mapping(question, asked)
    if isinstance(asked, int | float) and not isinstance(asked, bool):
        if not 0 <= asked < float("inf"):
            raise ArgumentError.of("target", asked, message("an amount of zero or more"))
        return Targets(float(asked))
    if asked is not None and not isinstance(asked, str):
        raise ArgumentError.of(
            "target", asked, message("an amount, a mapping of groups to amounts, or a kpi_id")
        )
    return _of_table(question, asked)


def _of_mapping(question: Asked, asked: Mapping[Any, Any]) -> Targets:
    names = question.groups.names
    for group, value in asked.items():
        if group not in names:
            raise ArgumentError.of("target", group, names)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value < float("inf"):
            raise ArgumentError.of(f"target.{group}", value, message("an amount of zero or more"))
    found = {str(group): float(value) for group, value in asked.items()}
    whole = sum(found.values()) if set(found) == set(names) else float("nan")
    return Targets(whole, found)


def _of_table(question: Asked, kpi: str | None) -> Targets:
    workspace, asked = question.workspace, question.range
    columns = ("kpi_id", "period_start_on", "period_end_on", "target")
    if not workspace.has("targets", *columns):
        if kpi is None:
            return Targets()
        raise AbsentError.of("target", kpi, message("a table of targets"))
    known = workspace.columns_of("targets")
    levels = ", ".join(n if n in known else f"NULL::VARCHAR AS {n}" for n in _LEVELS)
    read = workspace.sql(
        f"SELECT kpi_id, {levels}, epoch(period_start_on)::BIGINT // 86400 AS first, "
        "epoch(period_end_on)::BIGINT // 86400 + 1 AS after, target::DOUBLE AS target "
        "FROM targets ORDER BY ALL"
    )
    kpis = sorted(set(read["kpi_id"]))
    name = kpi or next((k for k in OF_WON_VALUE if k in kpis), None)
    if name is None:
        return Targets()
    if name not in kpis:
        raise AbsentError.of("target", name, kpis)
    read = read[(read["kpi_id"] == name) & read["target"].notna() & read["after"].notna()]
    if asked.first is None or asked.after is None:
        return Targets(notes=(message("Without a whole period there is no target to hold it to."),))
    if question.where is not None:
        return Targets(
            notes=(message("The targets are those of all opportunities, so none is held here."),)
        )
    inside = read[(read["first"] >= asked.first) & (read["after"] <= asked.after)]
    return _summed(question, inside)


def _summed(question: Asked, inside: pd.DataFrame) -> Targets:
    """Targets of one level only, so that nothing counts twice."""
    keys = inside[list(_LEVELS)]
    none = keys.isna().all(axis=1)
    level = next((n for n in _LEVELS if keys[n].notna().any()), None)
    of_level = {
        name: _once(inside[keys[name].notna() & keys.drop(columns=name).isna().all(axis=1)], name)
        for name in _LEVELS
    }
    whole = _once(inside[none].assign(all=""), "all")
    if whole.empty and level:
        whole = of_level[level]
    wanted = {"team": "team", "owner": "owner_id", "owner_id": "owner_id"}.get(
        question.by or "", "segment"
    )
    chosen = of_level[wanted] if question.by else inside.iloc[:0]
    of_group = chosen.groupby(wanted)["target"].sum().to_dict() if len(chosen) else {}
    if wanted == "owner_id" and of_group:
        of_group = _by_name(question, of_group)
    if whole.empty:
        return Targets(of_group=of_group)
    return Targets(float(whole["target"].sum()), of_group, _gap(question, whole))


def _once(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    """The longest targets of each key that do not overlap: a quarter stands for its months."""
    kept = []
    for _, own in rows.groupby(key, sort=True):
        taken: list[Any] = []
        order = own.assign(length=own["after"] - own["first"])
        for line in order.sort_values(["length", "first"], ascending=[False, True]).itertuples():
            if all(line.after <= t.first or line.first >= t.after for t in taken):
                taken.append(line)
        kept += [line.Index for line in taken]
    return rows.loc[kept]


def _by_name(question: Asked, of_key: dict[Any, float]) -> dict[str, float]:
    deals = question.deals
    named = dict(zip(deals.text("owner_id"), question.groups.codes, strict=True))
    return {question.groups.names[named[k]]: v for k, v in of_key.items() if k in named}


def _gap(question: Asked, whole: pd.DataFrame) -> tuple[str, ...]:
    """A sentence where the targets do not reach over the whole period."""
    asked = question.range
    days = {d for line in whole.itertuples() for d in range(int(line.first), int(line.after))}
    if asked.first is None or asked.after is None or len(days) == asked.after - asked.first:
        return ()
    return (
        message(
            "The targets reach over {days} of the {total} days of the period, from {first} to "
            "{last}.",
            days=numbers.count(len(days)),
            total=numbers.count(asked.after - asked.first),
            first=as_date(min(days)),
            last=as_date(max(days)),
        ),
    )
