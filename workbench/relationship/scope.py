"""What a question about relationships asked, as a mapping, and what it set aside."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.messages import message, message_of_count
from workbench.relationship import wording
from workbench.relationship.activities import EMAIL, MEETING, NONE
from workbench.relationship.measuring import Measured
from workbench.relationship.records import NEVER
from workbench.results import numbers
from workbench.results.base import Scope
from workbench.vocabulary.conditions import condition_from


def definition_of(measured: Measured) -> dict[str, Any]:
    """The mapping that asks the same question again."""
    asked = measured.asked
    default: dict[str, Any] = {
        "as_of": None, "window": "lifetime", "closed": False, "opportunity_link": "vendor",
        "auto_complete_past": True, "most_receivers": 20, "maturity": "14d",
        "business_hours": None, "holidays": None, "per_team_recipient": False, "every_days": 7,
        "weights": {}, "roll_up": False, "where": None, "health": {},
    }  # fmt: skip
    looks_back = asked.instant != wording.now_of(asked.workspace)
    given = {
        "where": None if asked.where is None else condition_from(asked.where, "where").plain(),
        "as_of": wording.instant_of(asked.instant).isoformat() if looks_back else None,
        "window": str(asked.window), "closed": asked.closed, "opportunity_link": asked.link,
        "auto_complete_past": asked.auto_complete_past, "most_receivers": asked.most_receivers,
        "maturity": str(asked.maturity), "business_hours": asked.hours.text,
        "holidays": asked.hours.country, "per_team_recipient": asked.per_receiver,
        "every_days": asked.rules.every_days, "weights": dict(asked.rules.weights),
        "roll_up": asked.roll_up, "health": asked.rules.plain(),
    }  # fmt: skip
    said = {name: value for name, value in given.items() if value != default[name]}
    return {"analysis": "relationships", "of": asked.of, **said}


def scope_of(measured: Measured) -> Scope:
    """What the numbers speak of, and what was set aside."""
    asked, acts = measured.asked, measured.activities
    linked = np.bincount(measured.links.activity, minlength=len(acts)) > 0
    return Scope(
        container=asked.of,
        period=wording.window(asked.window),
        as_of=numbers.day(wording.instant_of(asked.instant), asked.zone),
        events=int(linked.sum()),
        notes=(
            *_set_aside(measured),
            *_uncertain(measured, linked),
            *_threads(measured),
            message(
                "{n} of {total} activities belong to one of the records.",
                n=numbers.count(linked.sum()),
                total=numbers.count(len(acts)),
            ),
        ),
    )


def _set_aside(measured: Measured) -> list[str]:
    """What takes no part at all."""
    acts, notes = measured.activities, []
    untimed = int((acts.at == NEVER).sum())
    if untimed:
        notes.append(
            message_of_count(
                "{count} activity has no time and takes no part.",
                "{count} activities have no time and take no part.",
                untimed,
            )
        )
    if measured.links.list_mails:
        notes.append(
            message_of_count(
                "{count} mail went to more than {most} receivers and is left out as list mail.",
                "{count} mails went to more than {most} receivers and are left out as list mail.",
                measured.links.list_mails,
                most=numbers.count(measured.asked.most_receivers),
            )
        )
    return notes


def _uncertain(measured: Measured, linked: np.ndarray) -> list[str]:
    """What is counted though something about it is not known."""
    acts, notes = measured.activities, []
    talk = linked & (acts.kind <= MEETING)
    unknown = int((talk & (acts.direction == NONE)).sum())
    organized = talk & (acts.kind == MEETING) & acts.present.has_organizer
    both = int((organized & (acts.present.starter < 0)).sum())
    unmeasured = int((talk & (acts.kind != EMAIL) & np.isnan(acts.minutes)).sum())
    if unknown:
        notes.append(
            message_of_count(
                "Of {count} mail, call or meeting nobody knows who began it: it counts in totals "
                "only.",
                "Of {count} mails, calls and meetings nobody knows who began them: they count in "
                "totals only.",
                unknown,
            )
        )
    if both:
        notes.append(
            message_of_count(
                "{count} meeting has organizers of both sides or of an unknown one.",
                "{count} meetings have organizers of both sides or of an unknown one.",
                both,
            )
        )
    if unmeasured:
        notes.append(
            message_of_count(
                "{count} call or meeting has no duration and counts 0 minutes.",
                "{count} calls and meetings have no duration and count 0 minutes.",
                unmeasured,
            )
        )
    return notes


def _threads(measured: Measured) -> list[str]:
    """How many mails are put together without a thread."""
    workspace = measured.asked.workspace
    columns = workspace.columns_of("activities")
    if not (measured.activities.kind == EMAIL).any():
        return []
    named = "nullif(trim(thread_id::VARCHAR), '')" if "thread_id" in columns else "NULL"
    found = workspace.arrow(
        f"SELECT count(*) FILTER ({named} IS NULL) AS n FROM activities "
        "WHERE lower(type::VARCHAR) = 'email'"
    )
    count = int(found.column("n").to_pylist()[0])
    if not count:
        return []
    return [
        message_of_count(
            "{count} mail has no thread: its subject and its two people stand in.",
            "{count} mails have no thread: their subject and their two people stand in.",
            count,
        )
    ]
