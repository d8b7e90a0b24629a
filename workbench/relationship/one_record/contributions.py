"""What the score of one record is made of, and what would change it.

Source: relationship-analytics.md, section 5 (explain pane).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.messages import message
from workbench.relationship import wording
from workbench.relationship.rolling import made_of
from workbench.results import numbers
from workbench.results.base import Block
from workbench.results.blocks import action_table
from workbench.results.tables import Column

if TYPE_CHECKING:
    from workbench.relationship.one_record.page import RelationshipRecord


def contributions_of(page: RelationshipRecord) -> Block:
    """A table of what carries the score of a record."""
    heading = message("What the score of {name} is made of", name=page.name)
    zone = page.measured.asked.zone
    health = page.asked.health()
    line = health.frame[health.frame["key"] == page.key].iloc[0]
    reason = None if numbers.absent(line["reason"]) else str(line["reason"])
    if page.measured.asked.of == "account":
        found = made_of(page.measured, page.place)
        kinds = {"opportunity": message("Opportunity"), "person": message("Person")}
        columns: tuple[Column, ...] = (
            Column("name", message("Name")),
            Column("kind", message("What it is")),
            Column("score", message("Health, 0–100"), "count"),
            Column("weight", message("Part of the mean"), "share"),
        )
        reading = message("The mean of its open opportunities by amount, else of its people.")
        frame = found.assign(kind=found["kind"].map(kinds))
        return action_table(
            heading, " ".join(t for t in (reason, reading) if t), frame, columns,
            anchor="contributions", zone=zone,
        )  # fmt: skip
    more = message(
        "One meeting by us today: {meeting}; one call: {call}; one mail by the customer: "
        "{mail} points.",
        meeting=_signed(line["with_meeting"]), call=_signed(line["with_call"]),
        mail=_signed(line["with_mail_in"]),
    )  # fmt: skip
    frame = health.members(page.key)
    frame = frame.assign(
        type=frame["type"].map(wording.kind_words()),
        direction=frame["direction"].map(wording.way_words()),
    )
    columns = (
        Column("ended_at", message("When"), "date"),
        Column("type", message("Type")),
        Column("direction", message("Begun by")),
        Column("subject", message("Subject")),
        Column("weighs", message("Weight now"), "number"),
    )
    return action_table(
        heading, " ".join(t for t in (reason, more) if t), frame, columns,
        anchor="contributions", zone=zone,
    )  # fmt: skip


def _signed(points: float) -> str:
    if numbers.absent(points):
        return numbers.NOTHING
    return f"{points:+.0f}".replace("-", "−")
