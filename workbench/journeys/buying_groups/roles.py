"""Roles over all groups: how often each is filled, and how many of its people are engaged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.buying_groups import chart as drawing
from workbench.journeys.lines import at_keys
from workbench.journeys.scoping import MISSING, shares
from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import SMALL_GROUP, wilson
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.buying_groups.result import BuyingGroups

ACROSS = ("group", "stage", "decision")


class Roles(Result):
    """Each role in each column: groups that fill it, people in it, and how many are engaged."""

    columns: ClassVar[Mapping[str, str]] = {
        "role": "Role",
        "across": "Value of the column that the groups are split by; 'All …' without one",
        "needed": "Whether the role counts for completeness",
        "filled": "Groups with all the people that the role needs, or with any where none is said",
        "groups": "Groups of this column",
        "share_filled": "filled / groups, 0…1",
        "share_filled_low": "Lower end of its 95 % Wilson interval",
        "share_filled_high": "Upper end of its 95 % Wilson interval",
        "engaged": "Of people: did something in the recent time",
        "people": "People in the role, once for each group they are in",
        "share_engaged": "engaged / people, 0…1",
        "share_engaged_low": "Lower end of its 95 % Wilson interval",
        "share_engaged_high": "Upper end of its 95 % Wilson interval",
        "inbound": "E-mails, calls and meetings from them",
        "outbound": "E-mails, calls and meetings to them",
    }
    kind: ClassVar[str] = "buying_group_roles"

    def __init__(self, of: BuyingGroups, frame: pd.DataFrame, across: str) -> None:
        self.of = of
        self.scope = of.scope
        self.across = across
        self._frame = frame
        self.definition = {**of.definition, "view": "roles", "across": across}

    @property
    def frame(self) -> pd.DataFrame:
        """One line a role and column."""
        return self._frame

    def headline(self) -> str:
        """The needed role whose people are engaged least."""
        totals = self._frame.groupby("role")[["engaged", "people"]].sum()
        needed = set(self._frame.loc[self._frame["needed"], "role"])
        totals = totals[totals["people"] > 0]
        totals = totals[totals.index.isin(needed)] if needed & set(totals.index) else totals
        if totals.empty:
            return message("Nobody has a role in any group.")
        least = (totals["engaged"] / totals["people"]).idxmin()
        return message(
            "Of all roles, “{role}” is engaged least: {n} of {total} people, {share}",
            role=least,
            n=numbers.count(totals.loc[least, "engaged"]),
            total=numbers.count(totals.loc[least, "people"]),
            share=numbers.share(totals.loc[least, "engaged"] / totals.loc[least, "people"]),
        )

    def reading(self) -> str:
        """What a cell says."""
        text = message(
            "A cell shows the people in the role who did something in the last {span}, of all "
            "people in the role; the darker, the larger the share.",
            span=self.of.question.recent.in_words(),
        )
        if (self._frame["people"].between(1, SMALL_GROUP - 1)).any():
            text += " " + message("Some cells hold fewer than {n} people.", n=SMALL_GROUP)
        left = self._frame["across"].nunique() - drawing.MOST_COLUMNS
        if left > 0:
            text += " " + message_of_count(
                "{count} column with fewer groups stands in the table alone.",
                "{count} columns with fewer groups stand in the table alone.",
                left,
            )
        return text

    def definitions(self) -> list[str]:
        """As the groups say it."""
        return self.of.definitions()

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        split = self._frame["across"].nunique() > 1
        return (
            Column("role", message("Role")),
            *((Column("across", message("Groups")),) if split else ()),
            Column("filled", message("Groups that fill it"), "count"),
            Column("groups", message("Groups"), "count"),
            Column("share_filled", message("Filled, of the groups"), "share"),
            Column("engaged", message("People engaged"), "count"),
            Column("people", message("People"), "count"),
            Column("share_engaged", message("Engaged, of the people"), "share"),
            Column("share_engaged_low", message("95 % from"), "share"),
            Column("share_engaged_high", message("95 % to"), "share"),
        )

    def members(
        self, role: str | None = None, *, across: str | None = None, engaged: bool | None = None
    ) -> pd.DataFrame:
        """The people behind a cell; columns as `BuyingGroups.members`.

        Parameters
        ----------
        role, across : str, optional
            Line and column of the table.
        engaged : bool, optional
            Those who did something in the recent time, or those who did not.
        """
        known = sorted(set(self._frame["across"]))
        if across is not None and across not in known:
            raise ArgumentError.of("across", across, known)
        people = self.of.members(role=role, engaged=engaged)
        if across is None:
            return people
        groups = self.of.found.groups
        column = groups[self.across].astype("object").astype("str").fillna(MISSING)
        keys = groups.loc[column == across, "key"]
        return people[people["buying_group_id"].isin(keys)].reset_index(drop=True)

    def chart(self) -> alt.TopLevelMixin:
        """Roles by columns; the share of engaged people as colour and text."""
        return drawing.draw_roles(self._frame)


def roles(of: BuyingGroups, across: str | None = None) -> Roles:
    """How often each role is filled and how engaged its people are.

    Parameters
    ----------
    of : BuyingGroups
    across : {"group", "stage", "decision"}, optional
        What the columns are; the values of `by` where it was asked for, else the stages.
    """
    if across is None:
        across = "group" if of.question.by or of.frame["stage"].notna().sum() == 0 else "stage"
    if across not in ACROSS:
        raise ArgumentError.of("across", across, ACROSS)
    groups = of.found.groups[["key", "template", across]].rename(columns={across: "across"})
    groups["across"] = groups["across"].astype("object").astype("str").fillna(MISSING)
    people = of.found.members.merge(groups, on="key").drop_duplicates(["key", "role", "person_id"])
    people["role"] = people["role"].astype("str").fillna(MISSING)
    people = people.astype({"across": "str", "template": "str"})
    known = people.groupby(["role", "across"], as_index=False).agg(
        engaged=("engaged", "sum"), people=("person_id", "size"),
        inbound=("inbound", "sum"), outbound=("outbound", "sum"),
    )  # fmt: skip
    needs = of.found.wanted
    needed = needs[needs["counts"].astype(bool) & (needs["required"].astype(float) > 0)]
    names = list(dict.fromkeys([*needed["role"], *sorted(set(people["role"]))]))
    columns = pd.DataFrame({"across": sorted(set(groups["across"]))}, dtype="str")
    out = pd.DataFrame({"role": pd.Series(names, dtype="str")}).merge(columns, how="cross")
    out = out.merge(known, on=["role", "across"], how="left")
    out = out.merge(_filled(groups, people, needed), on=["role", "across"], how="left")
    sizes = groups["across"].value_counts()
    out["groups"] = at_keys(sizes, out["across"])
    whole = ["engaged", "people", "inbound", "outbound", "filled", "groups"]
    out[whole] = out[whole].astype(float).fillna(0).astype(np.int64)
    out["needed"] = out["role"].isin(set(needed["role"]))
    for share, top, bottom in (
        ("share_filled", "filled", "groups"),
        ("share_engaged", "engaged", "people"),
    ):
        above, below = out[top].to_numpy(), out[bottom].to_numpy()
        out[share] = shares(above, below)
        out[f"{share}_low"], out[f"{share}_high"] = wilson(above, below)
    return Roles(of, out[list(Roles.columns)], across)


def _filled(groups: pd.DataFrame, people: pd.DataFrame, needed: pd.DataFrame) -> pd.DataFrame:
    """Groups that have as many people in a role as they need, one where nothing is said."""
    have = people.groupby(["key", "role", "across", "template"], as_index=False, dropna=False).agg(
        have=("person_id", "size")
    )
    have = have.merge(needed[["template", "role", "required"]], on=["template", "role"], how="left")
    enough = have[have["have"] >= have["required"].astype(float).fillna(1)]
    return enough.groupby(["role", "across"], as_index=False).agg(filled=("key", "nunique"))
