"""Deals that flow between people, teams and periods: pushed, pulled, new, removed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column
from workbench.sales.change.flow_chart import draw
from workbench.sales.change.flow_counting import CATEGORIES, Flows, category_label

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.change.result import PipelineChange


class DealsFlow(Result):
    """What came into and left the hands of each person and team between the two instants.

    Attributes
    ----------
    of : PipelineChange
    flows : Flows
    """

    kind: ClassVar[str] = "deals_flow"
    columns: ClassVar[Mapping[str, str]] = {
        "scope": "Key of the person whose deals, or whose team's deals, are looked at; empty for "
        "deals without an owner",
        "name": "Name of that person",
        "level": "person, or team: the person and everybody below",
        "category": "start, new, pulled, pushed, removed, changed, won, lost or end",
        "deals": "Deals of the category",
        "amount": "Their amounts in the one currency; of changed with its sign",
        "effect": "What the category adds to the open pipeline of the scope",
        "start_amount": "Open pipeline of the scope at the start",
    }

    def __init__(self, of: PipelineChange, flows: Flows, given: Mapping[str, Any]) -> None:
        self.of = of
        self.flows = flows
        self.scope = of.scope
        self.definition = {**of.definition, "view": "flow", **given}

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a scope and category, with the columns of `DealsFlow.columns`."""
        lines = []
        for scope, level in self.flows.scopes:
            sums = self.flows.sums(scope, level)
            start = sums["start"][1] / 100
            name = self.flows.name(scope)
            for category, (deals, cents) in sums.items():
                sign = CATEGORIES[category]
                lines.append(
                    (scope or "", name, level, category, deals, cents / 100, sign * cents / 100,
                     start)
                )  # fmt: skip
        frame = pd.DataFrame(lines, columns=list(self.columns))
        kinds = dict.fromkeys(["deals"], int) | dict.fromkeys(
            ["amount", "effect", "start_amount"], float
        )
        return frame.astype(kinds)

    def table_frame(self) -> pd.DataFrame:
        """A line a scope, a column a category."""
        frame = self.frame
        if frame.empty:
            return pd.DataFrame(columns=["name", "level", *CATEGORIES], dtype=object)
        lines = [
            {
                "name": part["name"].iloc[0],
                "level": level,
                **dict(zip(part["category"], part["effect"], strict=True)),
            }
            for (_, level), part in frame.groupby(["scope", "level"], sort=False)
        ]
        return pd.DataFrame(lines)

    def headline(self) -> str:
        """What was pushed out and pulled in, by owner moves and by dates."""
        moved, total = self.flows.owner_moves()
        if not self.flows.scopes:
            return message("No deal was open in this period at either instant.")
        if not self.flows.knows_owners:
            return message(
                "Deals pushed and pulled by their dates only: these data hold no earlier owners."
            )
        return message(
            "{moved} of {total} deals of this period changed hands.",
            moved=numbers.count(moved),
            total=numbers.count(total),
        )

    def reading(self) -> str:
        """Which move counts as what, and for whom."""
        return message(
            "Pushed and pulled: to another owner inside the hierarchy, or to another period inside "
            "the forecast ({within}). Removed: out of the forecast, deleted, or out of the "
            "hierarchy. A move inside a team is pushed for one and pulled for the other, and "
            "nothing for whoever leads both.",
            within=self.flows.within.in_words() or message("any day"),
        )

    def definitions(self) -> list[str]:
        """When, and in which currency."""
        return self.of.definitions()

    def shown(self) -> tuple[Column, ...]:
        """Columns of the table that a reader sees."""
        currency = self.of.currency
        return (
            Column("name", message("Owner")),
            Column("level", message("Level")),
            *(Column(c, category_label(c), "money", currency) for c in CATEGORIES),
        )

    def chart(self) -> alt.TopLevelMixin:
        """A line a scope, a column a category."""
        return draw(self)

    def members(self, scope: str | None, category: str, *, level: str = "person") -> pd.DataFrame:
        """The deals of a scope and category, as in `PipelineChange.members`.

        Parameters
        ----------
        scope : str or None
            Key of the person; None or "" for deals without an owner.
        category : str
            A value of the column category.
        level : {"person", "team"}
        """
        if category not in CATEGORIES:
            raise ArgumentError.of("category", category, CATEGORIES)
        if (scope or None, level) not in self.flows.scopes:
            raise ArgumentError.of("scope", scope, [s or "" for s, _ in self.flows.scopes])
        at, cents = self.flows.members(scope or None, level, category)
        order = np.lexsort((at, -np.abs(cents)))
        return self.of.tables.listed(at[order], cents[order])


def flow_of(of: PipelineChange, top: str | None, within: Any) -> DealsFlow:
    """The flow of the deals of a change.

    Raises
    ------
    AbsentError
        When deals name no owner, or `top` is no user.
    """
    both = of.both
    owners = both.deals.coded("owner_id")[1]
    if not owners.size:
        raise AbsentError.of(
            "workspace", of.question.workspace.name, message("opportunities with a column owner_id")
        )
    flows = Flows.read(of, top, within)
    return DealsFlow(of, flows, {"top": top, "within": flows.within.text})
