"""Who came and was not followed up: by event, and as a list to act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.gatherings import chart as drawing
from workbench.journeys.gatherings.visits import (
    STATES,
    USUAL,
    by_event,
    usual_follow_ups,
    visits,
)
from workbench.journeys.in_person import event_named
from workbench.journeys.scoping import lasting, standing_alone
from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.base import Block, Result
from workbench.results.blocks import action_table
from workbench.results.tables import Column
from workbench.vocabulary.containers import Container, container_named
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.steps import Step

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.gatherings.result import Gatherings

CONTAINERS = ("account", "person")


class FollowUp(Result):
    """Accounts or people that came to an event, by whether somebody followed up.

    Attributes
    ----------
    gatherings : Gatherings
    within : Duration
        How long after the event a follow-up is in time.
    container : Container
        Whether accounts or people are counted.
    by : tuple of Step
        What a follow-up is.
    ours : bool
        Whether what came from the customer is left out by its direction.
    """

    kind: ClassVar[str] = "gatherings_follow_up"
    columns: ClassVar[Mapping[str, str]] = {
        "event_id": "Key of the in-person event",
        "event": "Its name, or the key where none is known",
        "start_at": "When it began (UTC)",
        "attended": "Accounts (or people) that came",
        "in_time": "Of attended: followed up within the limit",
        "late": "Of attended: followed up after it",
        "open": "Of attended: nothing yet and the limit is not over",
        "never": "Of attended: not followed up, and the limit is over",
        "ripe": "attended − open, the denominator of the shares",
        "share_in_time": "in_time / ripe, 0…1",
        "share_in_time_low": "Lower end of its 95 % Wilson interval",
        "share_in_time_high": "Upper end of its 95 % Wilson interval",
        "share_never": "never / ripe, 0…1",
        "median_days": "Median days to the follow-up of those that had one",
    }

    def __init__(
        self,
        gatherings: Gatherings,
        within: Duration,
        container: Container,
        by: tuple[Step, ...],
        lines: pd.DataFrame,
        refusal: str,
        *,
        ours: bool = False,
    ) -> None:
        self.ours = ours
        self.gatherings = gatherings
        self.within = within
        self.container = container
        self.by = by
        self.refusal = refusal
        self._lines = lines
        self.scope = gatherings.scope
        self.definition: Mapping[str, Any] = {
            **gatherings.definition,
            "view": "followed_up",
            "within": str(within),
            "container": container.name,
            "by": [item.plain() for item in by],
        }
        self._frame = by_event(gatherings, lines)

    @property
    def frame(self) -> pd.DataFrame:
        """One line an event that was held, in order of its start."""
        return self._frame

    def headline(self) -> str:
        """How many that came were not followed up."""
        if self.refusal:
            return self.refusal
        frame, who = self._frame, self.container.plural
        never, ripe = int(frame["never"].sum()), int(frame["ripe"].sum())
        if not frame["attended"].sum():
            return message("Nobody that could be followed up is recorded as having come.")
        if not ripe:
            return message(
                "{n} visits by {containers} wait for a follow-up, and there is still time.",
                n=numbers.count(frame["open"].sum()),
                containers=who,
            )
        values = {
            "ripe": numbers.count(ripe),
            "containers": who,
            "within": self.within.in_words(),
            "late": numbers.count(frame["late"].sum()),
            "never": numbers.count(never),
        }
        missed = never + int(frame["late"].sum())
        if not missed:
            return message(
                "All {ripe} visits by {containers} were followed up within {within}", **values
            )
        return message(
            "{missed} of {ripe} visits by {containers} were not followed up within {within} "
            "({share}): {late} later, {never} not at all",
            missed=numbers.count(missed),
            share=numbers.share(missed / ripe),
            **values,
        )

    def reading(self) -> str:
        """What a follow-up is, and what is still open."""
        if self.refusal:
            return ""
        text = message(
            "A visit is an account or person at one event. Follow-up: {events}, after the day of "
            "the event.",
            events=", ".join(item.label for item in self.by),
        )
        if self.ours:
            text += " " + message("What came from the customer is none.")
        waiting = int(self._frame["open"].sum())
        if waiting:
            text += " " + message_of_count(
                "{count} visit has still time and is no denominator.",
                "{count} visits have still time and are in no denominator.",
                waiting,
            )
        return text

    def definitions(self) -> list[str]:
        """The question in sentences."""
        return [self.reading()] if self.reading() else []

    def chart(self) -> alt.TopLevelMixin:
        """A stacked bar an event."""
        zone = self.gatherings.question.workspace.settings.report_tz
        return drawing.draw_follow_up(self._frame, self.headline(), zone, self.container.plural)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("event", message("Event")),
            Column("start_at", message("Began"), "date"),
            Column("attended", message("Came"), "count"),
            Column("in_time", message("Followed up in time"), "count"),
            Column("late", message("Late"), "count"),
            Column("never", message("Not at all"), "count"),
            Column("open", message("Still time"), "count"),
            Column("share_in_time", message("In time, of those whose time is over"), "share"),
            Column("median_days", message("Median time to it"), "duration", "days"),
        )

    def shares(self) -> pd.DataFrame:
        """Label, count and total of follow-ups in time, for `compare`."""
        names = ["event", "in_time", "ripe"]
        return self._frame[names].set_axis(["label", "count", "total"], axis=1)

    def members(self, state: str | None = None, *, event: str | None = None) -> pd.DataFrame:
        """Visits in one state, or all of them: the largest open amount first, then the oldest.

        Parameters
        ----------
        state : {"never", "open", "late", "in_time"}, optional
        event : str, optional
            Key or name of an event.

        Returns
        -------
        pandas.DataFrame
            The columns of `workbench.journeys.gatherings.visits.COLUMNS`.
        """
        if state is not None and state not in STATES:
            raise ArgumentError.of("state", state, STATES)
        lines = self._lines if state is None else self._lines[self._lines["state"] == state]
        if event is not None:
            events = self.gatherings.found.events
            found = event_named(events, event)
            if not found:
                raise AbsentError.of("event", event, [*events["event_id"], *events["name"]])
            lines = lines[lines["event_id"].isin(found)]
        return lines.reset_index(drop=True)

    def to_act_on(self, *, most: int = 200) -> Block:
        """The list to act on: who came and heard nothing, with owner and days since.

        Parameters
        ----------
        most : int
            Rows shown.
        """
        workspace = self.gatherings.question.workspace
        waiting = self._lines[self._lines["state"].isin(["never", "open"])]
        heading = message(
            "{n} of {total} visits by {containers} wait for a follow-up",
            n=numbers.count(len(waiting)),
            total=numbers.count(len(self._lines)),
            containers=self.container.plural,
        )
        reading = self.refusal or message(
            "Largest open amount first, then the longest wait. Overdue: more than {within} since "
            "the event.",
            within=self.within.in_words(),
        )
        words = {"never": message("overdue"), "open": message("due")}
        shown = waiting.head(most).assign(
            state=[words[state] for state in waiting.head(most)["state"]]
        )
        account = (
            () if self.container.name == "account" else (Column("account", message("Account")),)
        )
        people = (Column("people", message("Who came")),) if not account else ()
        columns = (
            Column("name", self.container.singular.capitalize()),
            *account,
            Column("owner", message("Owner")),
            *people,
            Column("event", message("Event")),
            Column("days_since_event", message("Since the event"), "duration", "days"),
            Column("state", message("State")),
            Column(
                "open_amount", message("Open amount"), "money",
                self.gatherings.found.worth.currency,
            ),
            Column("key", message("Key")),
        )  # fmt: skip
        return action_table(
            heading, reading, shown, columns,
            anchor="events-to-follow-up", zone=workspace.settings.report_tz,
        )  # fmt: skip


def followed_up(
    result: Gatherings, within: Any, by: Sequence[Any] | None, container: str
) -> FollowUp:
    """Find the first follow-up of everyone that came.

    Parameters
    ----------
    within : str
        How long after the day of the event a follow-up is in time, such as ``"14d"``.
    by : list of event names, mappings or steps, optional
        What a follow-up is; an e-mail sent, a call or a meeting when left out, and none of them
        that came from the customer, where a direction is recorded.
    container : {"account", "person"}
        Whether anybody of the account, or the very person, must have been followed up.
    """
    limit = lasting(within, "within")
    if container not in CONTAINERS:
        raise ArgumentError.of("container", container, CONTAINERS)
    kind = container_named(container)
    steps = usual_follow_ups(result) if by is None else standing_alone(by, "by")
    if steps:
        result.question.workspace.marker().bits(steps)  # refuses events that never occur
    refusal = result.refusal
    if not refusal and not steps:
        refusal = message(
            "No event of these data is a follow-up ({usual}); name some with by=.",
            usual=", ".join(USUAL),
        )
    store = result.question.workspace.events
    if not refusal and kind.name not in store.containers():
        refusal = message(
            "The events of these data name no {containers}, so no follow-up of theirs is known.",
            containers=kind.plural,
        )
    lines = visits(result, kind, steps, limit, told=not refusal)
    ours = by is None and any(item.label != str(item.condition) for item in steps)
    return FollowUp(result, limit, kind, steps, lines, refusal, ours=ours)
