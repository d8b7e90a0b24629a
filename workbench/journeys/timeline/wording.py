"""What is said about the play-by-play of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.journeys.timeline.milestones import weight_of
from workbench.journeys.timeline.rows import THEY
from workbench.messages import message, message_of_count
from workbench.results import measured, numbers
from workbench.results.blocks import key_figures

if TYPE_CHECKING:
    from workbench.journeys.timeline.result import Timeline
    from workbench.results.base import Block

_DAY = 86_400_000_000


def headline(result: Timeline) -> str:
    """From the first touch to the weightiest milestone, with rows and people."""
    question, rows = result.question, result.rows
    name = numbers.shortened(question.name, 60)
    if rows.empty:
        return message("Nothing is known to have happened at {account}", account=name)
    people = rows["person_id"].nunique()
    values = {
        "events": message_of_count("{count} event", "{count} events", len(rows)),
        "people": message_of_count("{count} person", "{count} people", people),
    }
    length = result.span[1] - result.span[0]
    counts = (
        message("{events} by {people} in {span}", **values, span=numbers.days(length / _DAY))
        if length
        else message("{events} by {people}", **values)
    )
    marks = result.milestones
    marks = marks[marks["event"] != "first touch"]
    if marks.empty:
        return message("{account}: {counts}, no milestone", account=name, counts=counts)
    newest = marks.assign(weight=[weight_of(event) // 4 for event in marks["event"]])
    last = newest.sort_values(["weight", "number"], ascending=[True, False]).iloc[0]
    return message(
        "{account}: {counts}; {milestone} on {day}",
        account=name,
        counts=counts,
        milestone=numbers.shortened(last["label"], 60),
        day=numbers.day(last["at"], question.zone),
    )


def reading(result: Timeline) -> str:
    """What lanes and colours mean."""
    if result.rows.empty:
        return message("Other accounts, or a longer period, may hold more.")
    out = [
        message(
            "From top to bottom: milestones, opportunities from creation to closing, people, all "
            "activity. Blue: what the account did; orange: what went out to it; grey: what the "
            "own systems recorded. A dot stands for all rows of a few days, the larger the more."
        )
    ]
    hidden = len(result.milestones) - labelled(result)
    if hidden > 0:
        out.append(
            message_of_count(
                "{count} milestone has no room for its name and is a mark alone; the list of "
                "milestones has it.",
                "{count} milestones have no room for their names and are marks alone; the list of "
                "milestones has them.",
                hidden,
            )
        )
    return " ".join(out)


def labelled(result: Timeline) -> int:
    """Milestones whose name stands in the picture."""
    from workbench.journeys.timeline.labels import placed

    return int(placed(result)["label"].ne("").sum()) if len(result.milestones) else 0


def definitions(result: Timeline) -> list[str]:
    """The question in sentences."""
    question = result.question
    out = [
        message(
            "Rows of one day ({zone}), person, session, event and opportunity stand together.",
            zone=question.zone,
        )
    ]
    if question.milestones:
        out.append(message("Milestones: {events}.", events=", ".join(question.milestones)))
    else:
        out.append(
            message(
                "Milestones: the first thing the account did, leads, MQL and SQL, opportunities "
                "and their stages, won and lost, attendance, contracts, subscriptions, churn. A "
                "change into a closed stage beside the closing itself is not said twice."
            )
        )
    if question.period:
        out.append(message("Period: {period}.", period=str(question.period)))
    return out


def figures(result: Timeline) -> Block:
    """First touch, people, events, milestones, opportunities."""
    rows, zone = result.rows, result.question.zone
    first = rows[rows["who"] == THEY]["at"].min()
    newest = rows["at"].max()
    found = result.deals.frame
    out: list[dict[str, Any]] = [
        {
            "label": message("First touch"),
            "value": numbers.day(first, zone),
            "detail": message("what the account did first"),
        },
        {
            "label": message("Last event"),
            "value": numbers.day(newest, zone),
            "detail": message("{n} events", n=numbers.count(len(rows))),
        },
        {
            "label": message("People"),
            **measured.count(rows["person_id"].nunique()),
            "detail": message(
                "{n} of them did something",
                n=numbers.count(rows.loc[rows["who"] == THEY, "person_id"].nunique()),
            ),
        },
        {
            "label": message("Opportunities"),
            **measured.count(len(found)),
            "detail": message(
                "{won} won, {lost} lost, {open} open",
                **{
                    name: numbers.count((found["outcome"] == name).sum())
                    for name in ("won", "lost", "open")
                },
            ),
        },
    ]
    return key_figures(out)
