"""What a question about relationships asked, as a mapping, and what it set aside."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.messages import message, message_of_count
from workbench.relationship import wording
from workbench.relationship.measuring import Measured
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
    notes = []
    untimed = int((acts.at == np.iinfo(np.int64).min).sum())
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
                most=numbers.count(asked.most_receivers),
            )
        )
    linked = int((np.bincount(measured.links.activity, minlength=1) > 0).sum())
    return Scope(
        container=asked.of,
        period=wording.window(asked.window),
        as_of=numbers.day(wording.instant_of(asked.instant), asked.zone),
        events=linked,
        notes=(
            *notes,
            message(
                "{n} of {total} activities belong to one of the records.",
                n=numbers.count(linked),
                total=numbers.count(len(acts)),
            ),
        ),
    )
