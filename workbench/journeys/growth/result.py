"""The answer: one line a customer, with every reason in words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.growth import chart as drawing
from workbench.journeys.growth import wording
from workbench.journeys.growth.gathering import Gathered
from workbench.journeys.growth.question import Question
from workbench.journeys.growth.signals import KIND, SIGNALS, reasons, signals_of
from workbench.journeys.growth.summary import summary
from workbench.journeys.scoping import scope_of
from workbench.messages import message
from workbench.results.base import Block, Result
from workbench.results.tables import Column
from workbench.vocabulary.containers import container_named

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.growth.health import Health
    from workbench.journeys.growth.leaving import BeforeLeaving

COLUMNS = {
    "group": "Value of by; 'All customers' without one",
    "key": "Key of the account",
    "name": "Its name",
    "owner": "Its owner",
    "customer_by": "Why it is a customer: contract, won opportunity, or mark of the source system",
    "customer_since": "First contract or won opportunity (UTC)",
    "plan": "Plan of the contract that lasts longest",
    "candidate": "upsell, cross-sell, both, or empty",
    "signals": "Number of reasons",
    "reasons": "The first four of them in words",
    "items": "Items it owns: used lately or bought",
    "items_owned": "Their names",
    "uses_recent": "Uses in the recent weeks",
    "uses_before": "Uses in as many weeks before",
    "uses_change": "uses_recent / uses_before − 1",
    "usage": "rising, steady, falling, too new or not used; empty where no use is known",
    "usage_p": "Two-sided p-value of the ranks of the weeks (Mann–Whitney)",
    "active_users": "People who use it, the median of the recent rows",
    "seats": "Seats as last told",
    "share_of_seats": "active_users / seats, at most 1",
    "people_engaged": "Different people who did something in the recent weeks",
    "open_opportunities": "Open opportunities of it",
    "open_amount": "Sum of their amounts",
}
MEMBERS = ("key", "name", "owner", "group", "candidate", "reasons", "customer_since", "plan")


class Growth(Result):
    """Customers that could buy more, and why.

    Attributes
    ----------
    question : Question
    found : Gathered
        Customers with use, seats, contact, items and opportunities side by side.
    scope : Scope
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "growth"

    def __init__(self, *, question: Question, found: Gathered) -> None:
        self.question = question
        self.found = found
        self.definition = question.plain()
        workspace = question.workspace
        base = scope_of(
            workspace,
            workspace.marker(question.period),
            container_named("account"),
            question.period,
            dropped_null_key=0,
        )
        self.scope = type(base)(
            **{**base.__dict__, "notes": (*base.notes, *found.notes, *wording.notes(self))}
        )

    @cached_property
    def _signals(self) -> pd.DataFrame:
        return signals_of(self.question, self.found)

    @cached_property
    def signals(self) -> pd.DataFrame:
        """One line a customer and reason, with the columns of `...growth.signals.COLUMNS`."""
        return self._signals.drop(columns="number")

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a customer: those with most reasons first, then the fullest seats."""
        customers = self.found.customers
        out = pd.concat([customers, reasons(self._signals, len(customers))], axis=1)
        out = out.sort_values("key", kind="stable")
        out = out.sort_values("share_of_seats", ascending=False, kind="stable")
        out = out.sort_values("signals", ascending=False, kind="stable")
        out = out[list(COLUMNS)].reset_index(drop=True)
        out["customer_since"] = out["customer_since"].astype("datetime64[us, UTC]")
        return out

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Shares of customers with each reason: group, measure, label, count, total, share, low,
        high (95 % Wilson).
        """
        return summary(self)

    @property
    def currency(self) -> str:
        """Currency of the amounts; empty where none is known."""
        return self.found.deals.currency

    def headline(self) -> str:
        """How many customers show a reason, by reason."""
        return wording.headline(self)

    def reading(self) -> str:
        """What the cells say, and how many would show a rise by chance."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """The question in sentences."""
        return wording.definitions(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        grouped = (Column("group", message("Group")),) if self.question.by else ()
        return (
            Column("name", message("Customer")),
            *grouped,
            Column("owner", message("Owner")),
            Column("candidate", message("Candidate for")),
            Column("reasons", message("Reasons")),
            Column("plan", message("Plan")),
            Column("items_owned", message("Owns")),
            Column("uses_recent", message("Uses lately"), "count"),
            Column("uses_before", message("Uses before"), "count"),
            Column("active_users", message("People on seats"), "number"),
            Column("seats", message("Seats"), "count"),
            Column("people_engaged", message("People engaged"), "count"),
            Column("open_opportunities", message("Open opportunities"), "count"),
            Column("open_amount", message("Open amount"), "money", self.currency),
            Column("key", message("Key")),
        )

    def chart(self) -> alt.TopLevelMixin:
        """Candidates by reasons, the reasons as text."""
        return drawing.draw(self)

    def members(
        self, signal: str | None = None, *, kind: str | None = None, item: str | None = None,
        group: str | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """The customers behind a number, as a list that can be exported.

        Parameters
        ----------
        signal : {"rising use", "seats near the limit", "comparable customers"}, optional
        kind : {"upsell", "cross-sell"}, optional
        item : str, optional
            Those to whom this item could be sold.
        group : str, optional
            A value of `by`.

        Returns
        -------
        pandas.DataFrame
            ``key, name, owner, group, candidate, reasons, customer_since, plan``.
        """
        for name, value, known in (
            ("signal", signal, list(SIGNALS)),
            ("kind", kind, sorted(set(KIND.values()))),
            ("item", item, sorted(set(self.found.suggestions["item"]))),
            ("group", group, sorted(set(self.frame["group"]))),
        ):
            if value is not None and value not in known:
                raise ArgumentError.of(name, value, known)
        chosen = self.signals
        for name, value in (("signal", signal), ("kind", kind), ("item", item)):
            chosen = chosen if value is None else chosen[chosen[name] == value]
        asked = signal is not None or kind is not None or item is not None
        frame = self.frame[self.frame["key"].isin(chosen["key"])] if asked else self.frame
        frame = frame if group is None else frame[frame["group"] == group]
        return frame[list(MEMBERS)].reset_index(drop=True)

    def health(self) -> Health:
        """Who is in danger and why; see `workbench.journeys.growth.health.health`."""
        from workbench.journeys.growth.health import health

        return health(self)

    def before_leaving(self, *, of: str | None = None, event: str | None = None) -> BeforeLeaving:
        """Contact or use in the weeks before customers left; see `...growth.leaving`."""
        from workbench.journeys.growth.leaving import before_leaving

        return before_leaving(self, of=of, event=event)

    def key_figures(self) -> Block:
        """Three to five numbers for the head of a page."""
        from workbench.journeys.growth.action import figures

        return figures(self)

    def to_act_on(self, **options: Any) -> Block:
        """The list to act on; see `workbench.journeys.growth.action.to_act_on`."""
        from workbench.journeys.growth.action import to_act_on

        return to_act_on(self, **options)
