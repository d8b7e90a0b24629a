"""The health of customers: a few parts of 0 to 2 points each, shown one by one, that add up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.growth import chart_health as drawing
from workbench.journeys.growth.parts import (
    contract_part,
    inbound_part,
    people_part,
    two_way_part,
    usage_part,
)
from workbench.journeys.scoping import shares
from workbench.messages import marked, message
from workbench.results import numbers
from workbench.results.base import Block, Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.growth.result import Growth

STATES = ("at risk", "watch", "healthy", "not known")
PARTS = {
    "usage": marked("Use"),
    "inbound": marked("Contact from them"),
    "two_way": marked("Last talk"),
    "people": marked("People engaged"),
    "contract": marked("Contract"),
}
_WATCH, _HEALTHY = 0.5, 0.75


def part_name(part: str) -> str:
    """What a reader calls a part."""
    return message(PARTS[part])


class Health(Result):
    """How each customer stands, part by part.

    The parts give 2 (good), 1 (to watch) or 0 (bad) points; a part about which nothing is known
    gives none and is not asked for, and so does one of which no customer has anything at all.
    Below half of the possible points a customer is at risk, below three quarters it is to be
    watched.
    """

    columns: ClassVar[Mapping[str, str]] = {
        "group": "Value of by; 'All customers' without one",
        "key": "Key of the account",
        "name": "Its name",
        "owner": "Its owner",
        "state": "at risk, watch, healthy, or not known",
        "points": "Sum of the points of the parts",
        "possible": "Twice the number of parts about which something is known",
        "share_points": "points / possible, 0…1",
        "usage_points": "Use: 2 rising or steady, 1 a fifth less or more, 0 falling or none",
        "inbound_points": "Contact from them: 2 steady or rising, 1 half or less, 0 falling, quiet",
        "two_way_points": "Last talk: 2 within 30 days, 1 within 60, 0 longer ago or never",
        "people_points": "People engaged lately: 2 for three or more, 1 for one or two, 0 for none",
        "contract_points": "End of contract: 2 after twice the time, 1 after it, 0 nearer",
        "usage_words": "Use in words",
        "inbound_words": "Contact from them in words",
        "two_way_words": "Last talk in words",
        "people_words": "People engaged in words",
        "contract_words": "End of contract in words",
        "reasons": "Words of the parts that lost points, the worst first",
        "days_since_two_way": "Days since both sides last spoke",
        "contract_ends_at": "End of the contract (UTC); missing where none is known",
        "open_opportunities": "Open opportunities of it",
    }
    kind: ClassVar[str] = "health"

    def __init__(self, of: Growth, frame: pd.DataFrame) -> None:
        self.of = of
        self.scope = of.scope
        self._frame = frame
        self.definition = {**of.definition, "view": "health"}

    @property
    def frame(self) -> pd.DataFrame:
        """One line a customer, those with the smallest share of points first."""
        return self._frame

    @property
    def counts(self) -> pd.DataFrame:
        """Customers of each state by group: group, state, count, total, share, low, high."""
        parts = [(message("All customers"), self._frame)] if self.of.question.by else []
        parts += list(self._frame.groupby("group"))
        rows = [
            (name, state, int((lines["state"] == state).sum()), len(lines))
            for name, lines in parts
            for state in STATES
        ]
        out = pd.DataFrame(rows, columns=["group", "state", "count", "total"])
        out = out.astype({"count": "int64", "total": "int64"})
        out["share"] = shares(out["count"].to_numpy(), out["total"].to_numpy())
        out["low"], out["high"] = wilson(out["count"].to_numpy(), out["total"].to_numpy())
        return out

    def headline(self) -> str:
        """How many are at risk, and what most of them lack."""
        total = len(self._frame)
        if not total:
            return message("There are no customers, so nobody is at risk.")
        if (self._frame["state"] == STATES[3]).all():
            return message(
                "Too little is known of the {n} customers to tell who is at risk",
                n=numbers.count(total),
            )
        risky = self._frame[self._frame["state"] == STATES[0]]
        if risky.empty:
            return message("0 of {n} customers are at risk", n=numbers.count(total))
        lacking = {part: int((risky[f"{part}_points"] == 0).sum()) for part in PARTS}
        worst = max(lacking, key=lambda part: lacking[part])
        return message(
            "{n} of {total} customers are at risk, {share}; {k} of these for “{part}”",
            n=numbers.count(len(risky)),
            total=numbers.count(total),
            share=numbers.share(len(risky) / total),
            k=numbers.count(lacking[worst]),
            part=message(PARTS[worst]),
        )

    def reading(self) -> str:
        """What the cells and the states mean."""
        return message(
            "Each line is a customer, each cell a part: orange 0, light 1, blue 2 points; white "
            "cells are not known and not asked for. At risk: below half of the possible points; "
            "watch: below three quarters. The worst on top."
        )

    def definitions(self) -> list[str]:
        """The parts in sentences."""
        question = self.of.question
        return [
            *self.of.definitions(),
            message(
                "Contact from them: e-mails, calls and meetings that came in during the last "
                "{weeks} weeks, held against up to {more} weeks before; falling: half or less, and "
                "so few by chance at most 1 time in 10.",
                weeks=question.weeks,
                more=3 * question.weeks,
            ),
            message("Last talk: a meeting, a call, or an e-mail that came in."),
            message(
                "A contract is near its end within {span}.", span=question.ends_within.in_words()
            ),
        ]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        grouped = (Column("group", message("Group")),) if self.of.question.by else ()
        return (
            Column("name", message("Customer")),
            *grouped,
            Column("state", message("State")),
            Column("points", message("Points"), "count"),
            Column("possible", message("Of possible"), "count"),
            *(Column(f"{part}_words", message(label)) for part, label in PARTS.items()),
            Column("owner", message("Owner")),
            Column("key", message("Key")),
        )

    def chart(self) -> alt.TopLevelMixin:
        """How many stand how, and below it the worst part by part."""
        return drawing.draw(self)

    def members(
        self, state: str | None = None, *, part: str | None = None, group: str | None = None
    ) -> pd.DataFrame:
        """The customers behind a number: those of a state, or with no point in a part.

        Returns
        -------
        pandas.DataFrame
            ``key, name, owner, group, state, points, possible, reasons``.
        """
        if state is not None and state not in STATES:
            raise ArgumentError.of("state", state, STATES)
        if part is not None and part not in PARTS:
            raise ArgumentError.of("part", part, PARTS)
        frame = self._frame
        if group is not None and group not in set(frame["group"]):
            raise ArgumentError.of("group", group, sorted(set(frame["group"])))
        frame = frame if state is None else frame[frame["state"] == state]
        frame = frame if part is None else frame[frame[f"{part}_points"] == 0]
        frame = frame if group is None else frame[frame["group"] == group]
        names = ["key", "name", "owner", "group", "state", "points", "possible", "reasons"]
        return frame[names].reset_index(drop=True)

    def to_act_on(self, **options: Any) -> Block:
        """Customers at risk; see `workbench.journeys.growth.action.health_to_act_on`."""
        from workbench.journeys.growth.action import health_to_act_on

        return health_to_act_on(self, **options)


def health(of: Growth) -> Health:
    """The health of every customer, part by part."""
    customers = of.found.customers
    out = customers[["group", "key", "name", "owner", "days_since_two_way", "contract_ends_at",
                     "open_opportunities"]].copy()  # fmt: skip
    for part, (points, words) in {
        "usage": usage_part(of, customers),
        "inbound": inbound_part(of, customers),
        "two_way": two_way_part(of, customers),
        "people": people_part(of, customers),
        "contract": contract_part(of, customers),
    }.items():
        out[f"{part}_points"] = points
        out[f"{part}_words"] = words.astype("str")
    table = out[[f"{part}_points" for part in PARTS]].to_numpy(float)
    known = ~np.isnan(table)
    out["points"] = np.nansum(table, axis=1).astype(np.int64)
    out["possible"] = 2 * known.sum(axis=1).astype(np.int64)
    out["share_points"] = shares(out["points"].to_numpy(), out["possible"].to_numpy())
    share = out["share_points"].to_numpy(float)
    state = np.select(
        [np.isnan(share), share < _WATCH, share < _HEALTHY], [STATES[3], STATES[0], STATES[1]],
        STATES[2],
    )  # fmt: skip
    out["state"] = pd.Series(state, index=out.index, dtype="str")
    out["reasons"] = _reasons(out)
    out["contract_ends_at"] = out["contract_ends_at"].astype("datetime64[us, UTC]")
    out = out.sort_values(["share_points", "points", "key"], na_position="last", ignore_index=True)
    return Health(of, out[list(Health.columns)])


def _reasons(out: pd.DataFrame) -> pd.Series:
    """Words of the parts that lost points, the worst first."""
    said = pd.Series([""] * len(out), index=out.index, dtype="str")
    for points in (0, 1):
        for part in PARTS:
            lost = out[f"{part}_points"] == points
            said = said.where(~lost, said + out[f"{part}_words"] + "; ")
    return said.str.removesuffix("; ")
