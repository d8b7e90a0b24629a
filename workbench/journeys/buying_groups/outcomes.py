"""Were the groups of won opportunities more complete at closing than those of lost ones?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.buying_groups import chart as drawing
from workbench.journeys.buying_groups.membership import members_of, standing
from workbench.journeys.lines import at_keys
from workbench.journeys.scoping import shares
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import SMALL_GROUP, difference, holm, wilson
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.buying_groups.result import BuyingGroups

OUTCOMES = ("won", "lost")
_ROLE = "role "


class WonAndLost(Result):
    """Roles filled at closing, of won and of lost opportunities side by side.

    Attributes
    ----------
    opportunities : pandas.DataFrame
        One line an opportunity: opportunity_id, key (of its group), outcome, closed_at, members
        and share_complete at closing.
    means : pandas.DataFrame
        ``outcome, opportunities, mean_complete, low, high``: mean completeness with its 95 %
        interval (t).
    mean_difference : tuple of float
        Won minus lost with its 95 % interval (Welch) and p-value; not a number below two each.
    """

    columns: ClassVar[Mapping[str, str]] = {
        "measure": "All roles filled, or one role filled",
        "won_count": "Won opportunities whose group met it at closing",
        "won_total": "Won opportunities whose group had members at closing",
        "share_won": "won_count / won_total, 0…1",
        "share_won_low": "Lower end of its 95 % Wilson interval",
        "share_won_high": "Upper end of its 95 % Wilson interval",
        "lost_count": "Lost opportunities whose group met it at closing",
        "lost_total": "Lost opportunities whose group had members at closing",
        "share_lost": "lost_count / lost_total, 0…1",
        "share_lost_low": "Lower end of its 95 % Wilson interval",
        "share_lost_high": "Upper end of its 95 % Wilson interval",
        "difference": "share_won − share_lost",
        "difference_low": "Lower end of its 95 % interval (Newcombe)",
        "difference_high": "Upper end of its 95 % interval (Newcombe)",
        "p_value": "Two-sided, adjusted for the number of lines (Holm)",
    }
    kind: ClassVar[str] = "buying_groups_won_and_lost"

    def __init__(self, of: BuyingGroups, opportunities: pd.DataFrame, later: int) -> None:
        self.of = of
        self.scope = of.scope
        self.later = later
        self.opportunities = opportunities
        self.definition = {**of.definition, "view": "won_and_lost"}
        self._frame = _frame(of, opportunities)
        self.means = _means(opportunities)
        self.mean_difference = _mean_difference(opportunities)

    @property
    def frame(self) -> pd.DataFrame:
        """One line a measure."""
        return self._frame

    def headline(self) -> str:
        """Mean completeness of both, and whether chance alone explains the difference."""
        means = self.means.set_index("outcome")
        if means["opportunities"].min() < 2:
            return message(
                "Too few closed opportunities to compare: {won} won and {lost} lost ones have a "
                "group with members at closing and roles that it needs.",
                won=numbers.count(means.loc["won", "opportunities"]),
                lost=numbers.count(means.loc["lost", "opportunities"]),
            )
        found, low, high, p_value = self.mean_difference
        text = message(
            "At closing, groups of {n} won opportunities had {won} of their roles filled on "
            "average, those of {m} lost ones {lost}: {points} (95 %: {low} to {high})",
            n=numbers.count(means.loc["won", "opportunities"]),
            won=numbers.share(means.loc["won", "mean_complete"]),
            m=numbers.count(means.loc["lost", "opportunities"]),
            lost=numbers.share(means.loc["lost", "mean_complete"]),
            points=numbers.points(found),
            low=numbers.points(low),
            high=numbers.points(high),
        )
        if numbers.absent(p_value) or p_value >= 0.05:
            text += message("; chance alone would explain it")
        return text

    def reading(self) -> str:
        """Denominators, and why this is no cause."""
        parts = [
            message(
                "Shares of opportunities whose group had the roles filled when it closed, with "
                "95 % intervals. It is an association: a deal that goes well may also draw people "
                "in."
            )
        ]
        if self.later:
            parts.append(
                message(
                    "Left out: {n} closed opportunities whose group had no member yet at closing.",
                    n=numbers.count(self.later),
                )
            )
        if self.of.found.members["added_at"].isna().all():
            parts.append(message("Nothing says when people joined, so members are those of today."))
        if 0 < self.means["opportunities"].min() < SMALL_GROUP:
            parts.append(message("Fewer than {n} on one side.", n=SMALL_GROUP))
        return " ".join(parts)

    def definitions(self) -> list[str]:
        """As the groups say it, and which group counts."""
        return [
            *self.of.definitions(),
            message("An opportunity with several groups counts once, with the most complete."),
        ]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("measure", message("At closing")),
            Column("won_count", message("Won"), "count"),
            Column("won_total", message("Of won"), "count"),
            Column("share_won", message("Share of won"), "share"),
            Column("lost_count", message("Lost"), "count"),
            Column("lost_total", message("Of lost"), "count"),
            Column("share_lost", message("Share of lost"), "share"),
            Column("difference", message("Difference"), "points"),
            Column("difference_low", message("95 % from"), "points"),
            Column("difference_high", message("95 % to"), "points"),
        )

    def chart(self) -> alt.TopLevelMixin:
        """Shares of both with their intervals, a line a measure."""
        return drawing.draw_outcomes(self._frame)

    def members(self, outcome: str | None = None) -> pd.DataFrame:
        """The opportunities behind the shares: key, name, outcome, group, completeness."""
        if outcome is not None and outcome not in OUTCOMES:
            raise ArgumentError.of("outcome", outcome, OUTCOMES)
        frame = self.opportunities
        frame = frame if outcome is None else frame[frame["outcome"] == outcome]
        names = self.of.found.deals.frame.set_index("opportunity_id")["name"]
        called = at_keys(names, frame["opportunity_id"])
        out = pd.DataFrame(
            {
                "key": frame["opportunity_id"],
                "name": called.where(called.notna(), frame["opportunity_id"]),
                "outcome": frame["outcome"],
                "buying_group_id": frame["key"],
                "closed_at": frame["closed_at"],
                "members": frame["members"],
                "share_complete": frame["share_complete"],
            }
        )
        return out.sort_values(["share_complete", "key"], ignore_index=True)


def won_and_lost(of: BuyingGroups) -> WonAndLost:
    """Completeness at closing of won and lost opportunities.

    Members are those of the instant of closing. An opportunity whose group had none then is left
    out and counted: the group was written down later, which says nothing about the deal.
    """
    start, end = (pd.Timestamp(b, unit="us", tz="UTC") if abs(b) < 2**61 else None
                  for b in of.question.bounds)  # fmt: skip
    deals = of.found.deals.frame
    closed = deals[deals["outcome"].isin(OUTCOMES) & deals["closed_at"].notna()]
    closed = closed[(closed["closed_at"] >= start) if start is not None else slice(None)]
    closed = closed[(closed["closed_at"] < end) if end is not None else slice(None)]
    pairs = of.found.links.merge(
        closed[["opportunity_id", "outcome", "closed_at"]], on="opportunity_id"
    )
    grid = _filled(of, pairs)
    sizes = ["opportunity_id", "key", "outcome", "closed_at", "members"]
    each = grid.groupby(sizes, as_index=False).agg(share_complete=("filled", "mean"))
    later = closed.loc[
        closed["opportunity_id"].isin(pairs["opportunity_id"])
        & ~closed["opportunity_id"].isin(each["opportunity_id"]),
        "opportunity_id",
    ].nunique()
    best = each.sort_values(
        ["share_complete", "members", "key"], ascending=[False, False, True]
    ).drop_duplicates("opportunity_id")
    if len(grid):
        by_role = {"index": ["opportunity_id", "key"], "columns": "role", "values": "filled"}
        wide = grid.pivot_table(**by_role, aggfunc="first").add_prefix(_ROLE)
        best = best.merge(wide.reset_index(), on=["opportunity_id", "key"], how="left")
    needed = of.found.groups["roles_required"].max() if len(of.found.groups) else 0
    return WonAndLost(of, best.reset_index(drop=True), int(later) if needed else 0)


def _filled(of: BuyingGroups, pairs: pd.DataFrame) -> pd.DataFrame:
    """How far each needed role was filled when each opportunity closed."""
    ever, _ = members_of(of.question)
    here = pairs.merge(ever, on="key")
    here = here[standing(here, here["closed_at"])]
    here = here.drop_duplicates(["opportunity_id", "key", "role", "person_id"])
    people = here.drop_duplicates(["opportunity_id", "key", "person_id"])
    members = people.groupby(["opportunity_id", "key"]).size().rename("members")
    had = here.groupby(["opportunity_id", "key", "role"]).size().rename("assigned")
    wanted = of.found.wanted
    needed = wanted[wanted["counts"].astype(bool) & (wanted["required"].astype(float) > 0)]
    grid = pairs.merge(members.reset_index(), on=["opportunity_id", "key"])
    grid = grid.merge(of.found.groups[["key", "template"]], on="key")
    grid = grid.merge(needed[["template", "role", "required"]], on="template")
    grid = grid.merge(had.reset_index(), on=["opportunity_id", "key", "role"], how="left")
    filled = grid["assigned"].fillna(0) / grid["required"].astype(float)
    return grid.assign(filled=np.minimum(1.0, filled))


def _frame(of: BuyingGroups, each: pd.DataFrame) -> pd.DataFrame:
    roles = [role for role in dict.fromkeys(of.found.wanted["role"]) if _ROLE + role in each]
    measures = {message("All roles filled"): each["share_complete"]} if len(each) else {}
    measures |= {message("{role} filled", role=role): each[_ROLE + role] for role in roles}
    lines = []
    for name, filled in measures.items():
        met = filled > 1 - 1e-9
        line: dict[str, object] = {"measure": name}
        counts = []
        for outcome in OUTCOMES:
            of_outcome = (each["outcome"] == outcome) & filled.notna()
            counts += [int((met & of_outcome).sum()), int(of_outcome.sum())]
            line[f"{outcome}_count"], line[f"{outcome}_total"] = counts[-2:]
        found = difference(*counts)
        line |= {
            "difference": found.difference,
            "difference_low": found.low,
            "difference_high": found.high,
            "p_value": found.p_value,
        }
        lines.append(line)
    out = pd.DataFrame(lines, columns=list(WonAndLost.columns))
    for outcome in OUTCOMES:
        above, below = (out[f"{outcome}_{n}"].to_numpy(float) for n in ("count", "total"))
        out[f"share_{outcome}"] = shares(above, below)
        out[f"share_{outcome}_low"], out[f"share_{outcome}_high"] = wilson(above, below)
    out["p_value"] = holm(out["p_value"].to_numpy(float))
    return out


def _means(each: pd.DataFrame) -> pd.DataFrame:
    from scipy.stats import t

    lines = []
    for outcome in OUTCOMES:
        values = each.loc[each["outcome"] == outcome, "share_complete"].to_numpy(float)
        mean = float(values.mean()) if values.size else np.nan
        half = np.nan
        if values.size > 1:
            half = float(t.ppf(0.975, values.size - 1) * values.std(ddof=1) / np.sqrt(values.size))
        lines.append((outcome, values.size, mean, mean - half, mean + half))
    return pd.DataFrame(lines, columns=["outcome", "opportunities", "mean_complete", "low", "high"])


def _mean_difference(each: pd.DataFrame) -> tuple[float, float, float, float]:
    """Won minus lost, its Welch interval and p-value."""
    from scipy.stats import ttest_ind

    won, lost = (
        each.loc[each["outcome"] == outcome, "share_complete"].to_numpy(float)
        for outcome in OUTCOMES
    )
    if min(won.size, lost.size) < 2:
        return (np.nan,) * 4
    found = float(won.mean() - lost.mean())
    if won.std() == 0 and lost.std() == 0:
        return found, np.nan, np.nan, np.nan
    test = ttest_ind(won, lost, equal_var=False)
    low, high = test.confidence_interval()
    return found, float(low), float(high), float(test.pvalue)
