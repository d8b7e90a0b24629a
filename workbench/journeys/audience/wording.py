"""What an audience says: its headline, how to read its picture, who is in and who is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.intervals import SMALL_GROUP

if TYPE_CHECKING:
    from workbench.journeys.audience.result import Audience


def headline(result: Audience) -> str:
    """How many are in the segment, or the first part that nobody meets."""
    frame, question = result.frame, result.question
    last, who = frame.iloc[-1], question.container.plural
    if not last["total"]:
        return message(
            "No {containers} are in scope, so nobody can be in a segment.", containers=who
        )
    if last["passed"]:
        return message(
            "{n} of {total} {containers} are in “{name}” ({share})",
            n=numbers.count(last["passed"]),
            total=numbers.count(last["total"]),
            containers=who,
            name=question.segment.name,
            share=numbers.share(last["share"]),
        )
    text = message(
        "0 of {total} {containers} are in “{name}”",
        total=numbers.count(last["total"]),
        containers=who,
        name=question.segment.name,
    )
    empty = frame[(frame["kind"] != "excluded") & (frame["passed"] == 0)].iloc[0]
    if empty["kind"] in ("all", "segment"):
        return text
    if not empty["met"]:
        return text + message(": nobody meets “{part}”", part=empty["part"])
    return text + message(
        ": none of the {n} that get so far meets “{part}”",
        n=numbers.count(frame.loc[frame["position"] == empty["position"] - 1, "passed"].iloc[0]),
        part=empty["part"],
    )


def reading(result: Audience) -> str:
    """What a bar is, of what the shares are, and which events stay."""
    question, who = result.question, result.question.container.plural
    parts = [
        message(
            "Shares are of all {containers} with an event in the period; a thin line is the 95 % "
            "interval.",
            containers=who,
        )
    ]
    kinds = set(result.frame["kind"])
    if kinds & {"where", "step", "after", "stacked"}:
        parts.insert(
            0,
            message(
                "A bar is the number of {containers} that meet a part and all parts above it.",
                containers=who,
            ),
        )
    if "excluded" in kinds:
        parts.append(message("Grey bars are what is left out; the segment is the rest."))
    kept = result.frame.iloc[-1]
    parts.append(
        message(
            "The segment keeps {n} of {total} events.",
            n=numbers.count(kept["events_kept"]),
            total=numbers.count(kept["events_total"]),
        )
    )
    if question.segment.exclude and question.segment.scope != "event":
        parts.append(message("Events without a key of what is left out stay."))
    if 0 < kept["total"] < SMALL_GROUP:
        parts.append(
            message("Only {n} in scope: shares are uncertain.", n=numbers.count(kept["total"]))
        )
    return " ".join(parts)


def definitions(result: Audience) -> list[str]:
    """The segment as a sentence, and the rules behind it."""
    question = result.question
    out = [
        message("{name}: {words}.", name=item.name, words=item.in_words())
        for item in question.segment.stack or (question.segment,)
    ]
    if question.segment.stack:
        out.append(message("An event is kept when it belongs to all of them."))
    elif question.segment.scope != question.container.name:
        out.append(
            message(
                "Counted are {containers} with at least one event in the segment.",
                containers=question.container.plural,
            )
        )
    if question.period:
        out.append(message("Period: {period}.", period=str(question.period)))
    if question.segment.steps:
        out.append(
            message(
                "A sequence is walked when any choice of events meets all its conditions; one "
                "event never serves two steps."
            )
        )
    return out


def sample_sentences(samples: pd.DataFrame, zone: str) -> list[str]:
    """Some that are in and some that are not, each with its reason."""
    out = []
    for row in samples.itertuples():
        events = message_of_count("{count} event", "{count} events", int(row.events))
        values = {
            "name": row.name,
            "key": row.key,
            "events": events,
            "first": numbers.day(row.first_event_at, zone),
            "last": numbers.day(row.last_event_at, zone),
        }
        if row.in_segment:
            out.append(message("In: {name} ({key}), {events} from {first} to {last}.", **values))
        else:
            out.append(
                message(
                    "Out: {name} ({key}), {events} from {first} to {last}: {why}.",
                    why=row.why_not,
                    **values,
                )
            )
    return out
