"""The answer: who came, what followed, what it cost, and the people behind every number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.engine.matching.steps import NEVER
from workbench.journeys.gatherings import chart as drawing
from workbench.journeys.gatherings import wording
from workbench.journeys.gatherings.counting import ENGAGED, Counted
from workbench.journeys.gatherings.question import OUTCOMES, Question
from workbench.journeys.in_person import HELD_A_PLACE
from workbench.journeys.scoping import instants, shares
from workbench.messages import message
from workbench.results.base import Block, Result, Scope
from workbench.results.intervals import wilson
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.gatherings.follow_up import FollowUp

COLUMNS = {
    "event_id": "Key of the in-person event",
    "event": "Its name, or the key where none is known",
    "place": "Where it was held",
    "start_at": "When it began (UTC)",
    "state": "held, upcoming, or undated",
    "listed": "People on its list with any status",
    "registered": "People with a place: final status registered, attended or no_show",
    "attended": "People that came",
    "no_show": "People recorded as not having come",
    "share_attended": "attended / registered, 0…1",
    "share_attended_low": "Lower end of its 95 % Wilson interval",
    "share_attended_high": "Upper end of its 95 % Wilson interval",
    "accounts": "Accounts of those that came",
    "engaged_accounts": "Of accounts: those engaged within the limit after the day of the event",
    "share_engaged": "engaged_accounts / accounts, 0…1",
    "share_engaged_low": "Lower end of its 95 % Wilson interval",
    "share_engaged_high": "Upper end of its 95 % Wilson interval",
    "mql_accounts": "Of accounts: those with an MQL within the horizon after",
    "sql_accounts": "Of accounts: those with an SQL within the horizon after",
    "opportunity_accounts": "Of accounts: those with a new opportunity within the horizon after",
    "won_accounts": "Of accounts: those with a won deal within the horizon after",
    "share_opportunity": "opportunity_accounts / accounts, 0…1",
    "share_opportunity_low": "Lower end of its 95 % Wilson interval",
    "share_opportunity_high": "Upper end of its 95 % Wilson interval",
    "horizon_over": "Whether the horizon has passed; what followed is incomplete where not",
    "open_opportunities": "Opportunities of accounts that were open when the event began",
    "new_opportunities": "Opportunities of accounts created within the horizon after",
    "influenced_opportunities": "open_opportunities + new_opportunities",
    "open_pipeline": "Amount of open_opportunities, in currency",
    "new_pipeline": "Amount of new_opportunities, in currency",
    "cost": "Cost of the campaign of the event, in currency; empty where not known",
    "currency": "Currency of all amounts of the line",
    "cost_per_attendee": "cost / attended, in currency",
    "cost_per_account": "cost / accounts, in currency",
    "cost_per_influenced": "cost / influenced_opportunities, in currency",
}


class Gatherings(Result):
    """In-person events side by side: attendance, what followed, cost.

    Attributes
    ----------
    question : Question
    found : Counted
        Everything that the numbers are made of.
    scope : Scope
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "gatherings"

    def __init__(self, question: Question, found: Counted, scope: Scope) -> None:
        self.question = question
        self.found = found
        self.scope = replace(scope, notes=(*scope.notes, *found.notes))
        self.definition = question.plain()

    @property
    def refusal(self) -> str:
        """Why there is nothing to show; empty where there is."""
        return self.found.refusal

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line an in-person event, in order of its start."""
        events = self.found.events
        keys = pd.Index(events["event_id"], dtype="object")
        frame = pd.DataFrame(
            {
                "event_id": events["event_id"].astype("str"),
                "event": events["name"].astype("str"),
                "place": events["place"].astype("object"),
                "start_at": instants(events["start"].fillna(NEVER).to_numpy(np.int64)),
            }
        )
        start = events["start"].astype("float64").to_numpy()
        frame["state"] = np.select(
            [np.isnan(start), start > self.question.until], ["undated", "upcoming"], "held"
        )
        self._add_people(frame, keys)
        self._add_accounts(frame, keys)
        horizon = self.question.horizon.microseconds
        frame["horizon_over"] = ~np.isnan(start) & (start + horizon <= self.question.until)
        self._add_worth(frame, keys)
        return frame[list(COLUMNS)]

    def _add_people(self, frame: pd.DataFrame, keys: pd.Index) -> None:
        people = self.found.people

        def counted(statuses: Sequence[str] | None) -> np.ndarray:
            chosen = people if statuses is None else people[people["status"].isin(statuses)]
            return chosen.groupby("event_id").size().reindex(keys).fillna(0).to_numpy(np.int64)

        frame["listed"] = counted(None)
        frame["registered"] = counted(HELD_A_PLACE)
        frame["attended"] = counted(["attended"])
        frame["no_show"] = counted(["no_show"])
        _add_share(frame, "share_attended", "attended", "registered")

    def _add_accounts(self, frame: pd.DataFrame, keys: pd.Index) -> None:
        visits = self.found.visits
        grouped = visits.groupby("event_id")
        frame["accounts"] = grouped.size().reindex(keys).fillna(0).to_numpy(np.int64)
        for name in (ENGAGED, *OUTCOMES):
            known = self.question.engaged if name == ENGAGED else self.question.outcomes.get(name)
            reached = visits[visits[name] != NEVER].groupby("event_id").size()
            number = reached.reindex(keys).fillna(0).astype("Int64").to_numpy(dtype=object)
            column = f"{name}_accounts"
            frame[column] = pd.array(number if known else [pd.NA] * len(keys), dtype="Int64")
        _add_share(frame, "share_engaged", "engaged_accounts", "accounts")
        _add_share(frame, "share_opportunity", "opportunity_accounts", "accounts")

    def _add_worth(self, frame: pd.DataFrame, keys: pd.Index) -> None:
        worth = self.found.worth
        for relation in ("open", "new"):
            chosen = worth.influenced[worth.influenced["relation"] == relation]
            grouped = chosen.groupby("event_id")["amount"]
            count = grouped.size().reindex(keys).fillna(0).astype("Int64").to_numpy(dtype=object)
            frame[f"{relation}_opportunities"] = pd.array(
                count if worth.known else [pd.NA] * len(keys), dtype="Int64"
            )
            amount = grouped.sum(min_count=1).reindex(keys).to_numpy(float)
            none = frame[f"{relation}_opportunities"].eq(0).fillna(False).to_numpy(bool)
            frame[f"{relation}_pipeline"] = np.where(none, 0.0, amount)
        frame["influenced_opportunities"] = frame["open_opportunities"] + frame["new_opportunities"]
        frame["cost"] = worth.cost.reindex(keys).to_numpy(float)
        frame["currency"] = worth.currency
        for name, per in (
            ("attendee", "attended"),
            ("account", "accounts"),
            ("influenced", "influenced_opportunities"),
        ):
            number = frame[per].astype("Float64").to_numpy(float, na_value=np.nan)
            with np.errstate(divide="ignore", invalid="ignore"):
                frame[f"cost_per_{name}"] = np.where(number > 0, frame["cost"] / number, np.nan)

    @cached_property
    def total(self) -> dict[str, Any]:
        """Sums over the events: places held and kept, accounts each once, and what followed."""
        frame, visits = self.frame, self.found.visits
        over = set(frame.loc[frame["horizon_over"], "event_id"])
        ripe = visits[visits["event_id"].isin(over)]
        followed = ripe[ripe["opportunity"] != NEVER]
        priced = frame[frame["cost"].notna()]
        influenced = priced["influenced_opportunities"].fillna(0).sum()
        cost = float(priced["cost"].sum())
        return {
            "events": int((frame["state"] == "held").sum()),
            "registered": int(frame.loc[frame["state"] == "held", "registered"].sum()),
            "attended": int(frame.loc[frame["state"] == "held", "attended"].sum()),
            "accounts": int(visits["account_id"].nunique()),
            "ripe_accounts": int(ripe["account_id"].nunique()),
            "opportunity_accounts": int(followed["account_id"].nunique()),
            "priced_events": len(priced),
            "cost": cost if len(priced) else float("nan"),
            "influenced": int(influenced),
            "cost_per_influenced": cost / influenced if influenced and len(priced) else np.nan,
        }

    def headline(self) -> str:
        """How many came of those who held a place, and what followed."""
        return wording.headline(self)

    def reading(self) -> str:
        """What the bars are, and that following is not causing."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """The question in sentences."""
        return wording.definitions(self)

    @property
    def drawn(self) -> int:
        """Events in the picture."""
        return min(len(self.frame), drawing.MOST_EVENTS)

    def chart(self) -> alt.TopLevelMixin:
        """People, accounts and cost of every event, side by side."""
        return drawing.draw_gatherings(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        money = self.found.worth.currency
        return (
            Column("event", message("Event")),
            Column("start_at", message("Begins"), "date"),
            Column("registered", message("Registered"), "count"),
            Column("attended", message("Came"), "count"),
            Column("share_attended", message("Came, of those registered"), "share"),
            Column("accounts", message("Accounts"), "count"),
            Column("engaged_accounts", message("Of these engaged after"), "count"),
            Column("mql_accounts", message("With an MQL after"), "count"),
            Column("sql_accounts", message("With an SQL after"), "count"),
            Column("opportunity_accounts", message("With a new opportunity after"), "count"),
            Column("won_accounts", message("With a won deal after"), "count"),
            Column("influenced_opportunities", message("Opportunities influenced"), "count"),
            Column("open_pipeline", message("Open pipeline touched"), "money", money),
            Column("cost", message("Cost"), "money", money),
            Column("cost_per_attendee", message("Cost per person that came"), "money", money),
            Column("cost_per_account", message("Cost per account"), "money", money),
            Column("cost_per_influenced", message("Cost per influenced opp."), "money", money),
        )

    def shares(self) -> pd.DataFrame:
        """Label, count and total of attendance, for `compare`."""
        names = ["event", "attended", "registered"]
        return self.frame[names].set_axis(["label", "count", "total"], axis=1)

    def key_figures(self) -> Block:
        """Three to five numbers for the head of a page."""
        return wording.figures(self)

    def members(self, event: str | None = None, what: str = "attended") -> pd.DataFrame:
        """The people, accounts or opportunities behind a number.

        Parameters
        ----------
        event : str, optional
            Key or name of an event; all of them when left out.
        what : str
            People: ``listed``, ``registered``, ``attended``, ``no_show``. Accounts: ``accounts``,
            ``engaged``, ``mql``, ``sql``, ``opportunity``, ``won``. Opportunities: ``open``,
            ``new``, ``influenced``.

        Returns
        -------
        pandas.DataFrame
            As `workbench.journeys.gatherings.members.COLUMNS`.
        """
        from workbench.journeys.gatherings.members import members

        return members(self, event, what)

    def followed_up(
        self,
        within: Any = "14d",
        *,
        by: Sequence[Any] | None = None,
        container: str = "account",
    ) -> FollowUp:
        """Who came and was not followed up; see `workbench.journeys.gatherings.follow_up`."""
        from workbench.journeys.gatherings.follow_up import followed_up

        return followed_up(self, within, by, container)


def _add_share(frame: pd.DataFrame, name: str, count: str, total: str) -> None:
    """A share with its interval; not a number where either is not known."""
    counts, totals = (
        frame[column].astype("Float64").to_numpy(float, na_value=np.nan)
        for column in (count, total)
    )
    totals = np.where(np.isnan(counts), 0, totals)
    counts = np.nan_to_num(counts)
    frame[name] = shares(counts, totals)
    frame[f"{name}_low"], frame[f"{name}_high"] = wilson(counts, totals)
