"""The answer: one line a buying group, and everybody behind it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.buying_groups import chart as drawing
from workbench.journeys.buying_groups import wording
from workbench.journeys.buying_groups.gathering import ENGAGED, Gathered
from workbench.journeys.buying_groups.question import Question
from workbench.journeys.buying_groups.summary import summary
from workbench.journeys.scoping import scope_of
from workbench.messages import message
from workbench.results.base import Block, Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.buying_groups.outcomes import WonAndLost
    from workbench.journeys.buying_groups.roles import Roles

COLUMNS = {
    "group": "Value of by; 'All …' without one",
    "key": "Key of the buying group, or of the account where there are none",
    "name": "Its name, or account and solution",
    "account_id": "Key of its account",
    "account": "Name of its account",
    "owner": "Owner of its largest open opportunity, or of the account",
    "stage": "Its stage, or the stage of its largest open opportunity",
    "roles_filled": "Roles it needs, each as far as it is filled: the sum of min(1, assigned / "
    "needed)",
    "roles_required": "Roles it needs",
    "share_complete": "roles_filled / roles_required, 0…1: completeness",
    "share_complete_weighted": "The same, each role with its weight",
    "missing_roles": "Roles that are not filled, with how many there are of how many",
    "decision": "State of the deciding roles: missing, silent, engaged; empty where none is known",
    "decision_engaged_at": "When a deciding role last did something (UTC)",
    "members": "People in it",
    "members_engaged": "Of them: did something in the recent time",
    "share_engaged": "members_engaged / members, 0…1",
    "events": "What they did in the recent time, in events",
    "inbound": "E-mails, calls and meetings that came from them in the recent time",
    "outbound": "E-mails, calls and meetings that went to them in the recent time",
    "engagement": "Events of each role, capped by person, kind and day, weighted by role",
    "last_touch_at": "Last event with anybody in it, ours included (UTC)",
    "days_since_last_touch": "Days from then to the end of what was looked at",
    "last_engaged_at": "Last time anybody in it did something (UTC)",
    "open_opportunities": "Open opportunities of it",
    "open_amount": "Sum of their amounts, in the currency of the scope's notes",
    "opportunity": "The largest of them",
    "next_step": "Its next step as written",
    "next_close_on": "The first day on which one of them is expected to close",
}
TIMES = ("decision_engaged_at", "last_touch_at", "last_engaged_at")
MEMBERS = {
    "key": "Key of the person",
    "name": "Name of the person",
    "role": "Role in the group",
    "title": "Job title",
    "buying_group_id": "Key of the group",
    "buying_group": "Name of the group",
    "account_id": "Key of the account",
    "account": "Name of the account",
    "engaged": "Whether the person did something in the recent time",
    "events": "What the person did in the recent time, in events",
    "inbound": "E-mails, calls and meetings from the person in the recent time",
    "outbound": "E-mails, calls and meetings to the person in the recent time",
    "last_touch_at": "Last event with the person, ours included (UTC)",
    "last_engaged_at": "Last time the person did something (UTC)",
}


class BuyingGroups(Result):
    """Completeness and engagement of each buying group.

    Attributes
    ----------
    question : Question
    found : Gathered
        Groups, members, roles and opportunities side by side.
    scope : Scope
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "buying_groups"

    def __init__(self, *, question: Question, found: Gathered) -> None:
        self.question = question
        self.found = found
        self.definition = question.plain()
        workspace = question.workspace
        base = scope_of(
            workspace,
            workspace.marker(question.period),
            question.container,
            question.period,
            dropped_null_key=0,
        )
        self.scope = type(base)(
            **{**base.__dict__, "notes": (*base.notes, *found.notes, *wording.notes(self))}
        )

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a group: those in an open opportunity first, the largest amount on top."""
        ordered = self.found.groups.sort_values("key", kind="stable")
        ordered = ordered.sort_values("open_amount", ascending=False, kind="stable")
        ordered = ordered.sort_values(
            "open_opportunities", key=lambda n: n == 0, kind="stable", ignore_index=True
        )
        out = ordered[list(COLUMNS)].copy()
        for name in TIMES:
            out[name] = pd.to_datetime(out[name], utc=True).astype("datetime64[us, UTC]")
        return out

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Shares over groups and over members with their intervals, a line a value and measure.

        Columns: group, measure, label, count, total, share, low, high (95 % Wilson).
        """
        return summary(self.found)

    @property
    def currency(self) -> str:
        """Currency of the amounts; empty where none is known."""
        return self.found.deals.currency

    @cached_property
    def acting(self) -> pd.DataFrame:
        """Groups in an open opportunity whose deciding role is missing or silent."""
        frame = self.frame
        waiting = frame["decision"].isin(["", ENGAGED])
        return frame[(frame["open_opportunities"] > 0) & ~waiting].reset_index(drop=True)

    def headline(self) -> str:
        """How many groups in an open opportunity lack a decision, or how many are complete."""
        return wording.headline(self)

    def reading(self) -> str:
        """Denominators, and who counts as engaged."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """The question in sentences."""
        return wording.definitions(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        grouped = (Column("group", message("Group")),) if self.question.by else ()
        return (
            Column("name", self.question.container.singular.capitalize()),
            *grouped,
            Column("stage", message("Stage")),
            Column("share_complete", message("Complete, of the roles needed"), "share"),
            Column("missing_roles", message("Missing")),
            Column("decision", message("Deciding role")),
            Column("members_engaged", message("Members engaged"), "count"),
            Column("members", message("Members"), "count"),
            Column("share_engaged", message("Engaged, of the members"), "share"),
            Column("inbound", message("From them"), "count"),
            Column("outbound", message("To them"), "count"),
            Column("last_touch_at", message("Last contact"), "date"),
            Column("open_opportunities", message("Open opportunities"), "count"),
            Column("open_amount", message("Open amount"), "money", self.currency),
            Column("owner", message("Owner")),
            Column("key", message("Key")),
        )

    def chart(self) -> alt.TopLevelMixin:
        """How complete by how engaged, and below it the groups to act on."""
        return drawing.draw(self)

    def members(
        self,
        group: str | None = None,
        *,
        role: str | None = None,
        engaged: bool | None = None,
        of: str | None = None,
    ) -> pd.DataFrame:
        """The people behind a number.

        Parameters
        ----------
        group : str, optional
            Key or name of a group; all groups when left out.
        role : str, optional
            People with this role alone.
        engaged : bool, optional
            People who did something in the recent time, or those who did not.
        of : str, optional
            A value of `by`.

        Returns
        -------
        pandas.DataFrame
            Columns as `workbench.journeys.buying_groups.result.MEMBERS`, a line a group, person
            and role; the silent first.
        """
        groups, people = self.found.groups, self.found.members
        if group is not None:
            keys = groups.loc[(groups["key"] == group) | (groups["name"] == group), "key"]
            if keys.empty:
                raise ArgumentError.of("group", group, [*groups["name"], *groups["key"]])
            people = people[people["key"].isin(keys)]
        if of is not None:
            if of not in set(groups["group"]):
                raise ArgumentError.of("of", of, sorted(set(groups["group"])))
            people = people[people["key"].isin(groups.loc[groups["group"] == of, "key"])]
        if role is not None:
            known = sorted({str(r) for r in self.found.members["role"].dropna()})
            if role not in known:
                raise ArgumentError.of("role", role, known)
            people = people[people["role"] == role]
        if engaged is not None:
            people = people[people["engaged"] == bool(engaged)]
        named = groups.set_index("key")[["name", "account_id", "account"]]
        out = people.join(named, on="key").rename(
            columns={"key": "buying_group_id", "name": "buying_group"}
        )
        out = out.rename(columns={"person_id": "key", "person": "name"})
        return out.sort_values(
            ["engaged", "buying_group_id", "role", "key"], ignore_index=True, na_position="last"
        )[list(MEMBERS)]

    def roles(self, across: str | None = None) -> Roles:
        """Each role: filled and engaged; see `workbench.journeys.buying_groups.roles.roles`."""
        from workbench.journeys.buying_groups.roles import roles

        return roles(self, across)

    def won_and_lost(self) -> WonAndLost:
        """Were groups of won opportunities more complete at closing? See `outcomes`."""
        from workbench.journeys.buying_groups.outcomes import won_and_lost

        return won_and_lost(self)

    def key_figures(self) -> Block:
        """Three to five numbers for the head of a page."""
        from workbench.journeys.buying_groups.action import figures

        return figures(self)

    def to_act_on(self, **options: Any) -> Block:
        """The list to act on; see `workbench.journeys.buying_groups.action.to_act_on`."""
        from workbench.journeys.buying_groups.action import to_act_on

        return to_act_on(self, **options)
