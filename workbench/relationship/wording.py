"""Sentences and table columns of relationships."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd

from workbench.messages import marked, message, message_of_count
from workbench.relationship.measuring import LIFETIME, SINCE_STAGE, Asked
from workbench.results import numbers
from workbench.results.tables import Column
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import microseconds_of
from workbench.workspace import Workspace

_LINKED = {
    "strict": marked("Only activities that name an opportunity belong to it."),
    "vendor": marked(
        "To an opportunity belongs what names it, and what its owner or team has with its own "
        "customer people."
    ),
    "loose": marked(
        "To an opportunity belongs what names it, and what its owner or team has with its own "
        "customer people or the primary contact of its account."
    ),
}
_OTHERS = {
    "account": marked("To an account belongs what names it or what any of its people is in."),
    "person": marked("To a person belongs what names or includes the person."),
    "lead": marked("To a lead belongs what names it, and what its owner has with its person."),
}


def now_of(workspace: Workspace) -> int:
    """The newest instant that is looked at."""
    return microseconds_of(workspace.as_of)


def instant_of(microseconds: int) -> datetime:
    """Microseconds since 1970 as an instant."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def of_count(kind: str, count: int) -> str:
    """A number of records in words."""
    if kind == "opportunity":
        return message_of_count("{count} opportunity", "{count} opportunities", count)
    if kind == "account":
        return message_of_count("{count} account", "{count} accounts", count)
    if kind == "person":
        return message_of_count("{count} person", "{count} people", count)
    return message_of_count("{count} lead", "{count} leads", count)


def nobody(kind: str) -> str:
    """The sentence for no record at all."""
    return message("{records} to look at, so there is no relationship", records=of_count(kind, 0))


def window(asked: Duration | str) -> str:
    """The window as part of a sentence."""
    if asked == LIFETIME:
        return message("all time")
    if asked == SINCE_STAGE:
        return message("the time since the present stage began")
    assert isinstance(asked, Duration)
    return message("the last {length}", length=asked.in_words())


def definitions(asked: Asked) -> list[str]:
    """The rules of linking and counting, in sentences."""
    rule = _LINKED[asked.link] if asked.of == "opportunity" else _OTHERS[asked.of]
    out = [
        message(rule),
        message("Blind copies and activities among ourselves link nothing; each counts once."),
        asked.hours.in_words(),
        message(
            "A turn of mails runs until the other side writes; without an answer it counts when "
            "older than {length}.",
            length=asked.maturity.in_words(),
        ),
        _formula(asked),
        message(
            "It is there to care for customers, not to decide on pay, rank or rights of employees."
        ),
    ]
    if asked.auto_complete_past:
        out.append(message("Calls and meetings that are over count as done."))
    if asked.rules.weights:
        shown = ", ".join(f"{name} {weight}" for name, weight in asked.rules.weights.items())
        out.append(message("Weights of health (6 is neutral): {weights}.", weights=shown))
    return out


def _formula(asked: Asked) -> str:
    shares = [numbers.share(part) for part in asked.rules.shares]
    said = message(
        "Health is {activity} activity, {recency} recency, {engagement} engagement, with contact "
        "expected every {n} days.",
        activity=shares[0], recency=shares[1], engagement=shares[2], n=asked.rules.every_days,
    )  # fmt: skip
    if asked.rules.sentiment:
        said += " " + message(
            "The mean mood of the look-back is another {share}; without any it counts half.",
            share=shares[3],
        )
    return said


USUAL_STATES = ("good", "fair", "poor", "not_enough", "none_done")


def state_words() -> dict[str, str]:
    """Each state as a reader sees it, best first."""
    return {
        "good": message("Good"),
        "fair": message("Fair"),
        "poor": message("Poor"),
        "not_enough": message("Not enough known"),
        "none_done": message("Nothing done yet"),
        "failed": message("Something is missing"),
        "too_old": message("Older than two years"),
    }


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with states and trends as a reader sees them."""
    trends = {
        "improving": message("Improving"),
        "steady": message("Steady"),
        "declining": message("Declining"),
        "unknown": message("Not enough known"),
        "failed": message("Something is missing"),
        "ended": message("Closed"),
    }
    states = state_words()
    return frame.assign(
        state=[states.get(code) for code in frame["state"]],
        trend=[trends.get(code) for code in frame["trend"]],
    )


def list_columns(judged: bool) -> tuple[Column, ...]:
    """The columns of the list view."""
    health = (
        Column("score", message("Health, 0–100"), "count"),
        Column("state", message("State")),
        Column("trend", message("Trend")),
    )
    return (
        Column("name", message("Name")),
        Column("owner", message("Owner")),
        *(health if judged else ()),
        Column("last_at", message("Last activity"), "date"),
        Column("last_type", message("Its type")),
        Column("last_direction", message("In or out")),
        Column("days_since_last", message("Time since"), "duration"),
        Column("next_at", message("Next activity"), "date"),
        Column("emails_sent", message("Mails sent"), "count"),
        Column("emails_received", message("Mails received"), "count"),
        Column("meetings", message("Meetings"), "count"),
        Column("calls", message("Calls"), "count"),
        Column("started_by_customer", message("Begun by the customer"), "count"),
        Column("directed", message("Of mails, calls, meetings"), "count"),
        Column("share_by_customer", message("Begun by the customer / of them"), "share"),
        Column("team_minutes", message("Minutes of ours"), "number"),
        Column("customer_minutes", message("Minutes of theirs"), "number"),
        Column("hours_by_us", message("Hours until we answer"), "number"),
        Column("rate_by_us", message("Answered by us / asked of us"), "share"),
        Column("hours_by_them", message("Hours until they answer"), "number"),
        Column("rate_by_them", message("Answered by them / asked of them"), "share"),
        Column("coverage", message("People in any mail / people"), "share"),
        Column("accuracy", message("Sources")),
    )


def health_columns() -> tuple[Column, ...]:
    """The columns of the table of scores."""
    return (
        Column("name", message("Name")),
        Column("score", message("Health, 0–100"), "count"),
        Column("state", message("State")),
        Column("trend", message("Trend")),
        Column("reason", message("Why no score")),
        Column("activity_points", message("Points of activity"), "number"),
        Column("recency_points", message("Points of recency"), "number"),
        Column("engagement_points", message("Points of engagement"), "number"),
        Column("done", message("Done in the look-back"), "count"),
        Column("days_since_last", message("Time since the last"), "duration"),
        Column("with_meeting", message("One meeting by us today"), "number"),
        Column("with_mail_in", message("One mail by the customer today"), "number"),
    )


def notice(people: bool) -> str:
    """The notice of what speaks of members of staff."""
    if people:
        return message(
            "Members of staff are named because it was asked for. What stands here helps to care "
            "for a customer; it must not serve decisions on anybody's pay, rank or rights."
        )
    return message("Teams stand for members of staff, who are named only on request.")


def kind_words() -> dict[str, str]:
    """Each type as a reader sees it."""
    return {
        "email": message("Mail"),
        "call": message("Call"),
        "meeting": message("Meeting"),
        "task": message("Task"),
        "other": message("Other"),
    }


def way_words() -> dict[str, str]:
    """Who began an activity, as a reader sees it."""
    return {
        "in": message("by the customer"),
        "out": message("by us"),
        "none": message("not known by whom"),
    }
