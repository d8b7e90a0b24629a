"""What is said about buying groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.messages import message
from workbench.money import rule_in_words
from workbench.results import numbers
from workbench.results.intervals import SMALL_GROUP

if TYPE_CHECKING:
    from workbench.journeys.buying_groups.result import BuyingGroups


def headline(result: BuyingGroups) -> str:
    """The finding as one sentence."""
    frame, who = result.frame, result.question.container.plural
    if frame.empty:
        return message("There are no {containers}, so there is nothing to count.", containers=who)
    in_deals = frame[frame["open_opportunities"] > 0]
    if len(in_deals) and (in_deals["decision"] != "").any():
        waiting = result.acting
        missing = int((waiting["decision"] == "missing").sum())
        return message(
            "{n} of {total} {containers} in an open opportunity wait for a decision, {share}: "
            "in {missing} a deciding role is missing, in {silent} it is silent",
            n=numbers.count(len(waiting)),
            total=numbers.count(len(in_deals)),
            containers=who,
            share=numbers.share(len(waiting) / len(in_deals)),
            missing=numbers.count(missing),
            silent=numbers.count(len(waiting) - missing),
        )
    everywhere = result.summary[result.summary["group"] == result.summary["group"].iloc[0]]
    known = everywhere.set_index("measure")
    chosen = "complete" if known.loc["complete", "total"] else "any_engaged"
    line = known.loc[chosen]
    if not line["total"]:
        return message("No member of the {n} {containers} is known", n=len(frame), containers=who)
    values = {
        "n": numbers.count(line["count"]),
        "total": numbers.count(line["total"]),
        "containers": who,
        "share": numbers.share(line["share"]),
    }
    if chosen == "complete":
        return message("In {n} of {total} {containers}, {share}, every role is filled", **values)
    return message("In {n} of {total} {containers}, {share}, somebody did something lately",
                   **values)  # fmt: skip


def reading(result: BuyingGroups) -> str:
    """How the picture is to be read."""
    span = result.question.recent.in_words()
    parts = [
        message(
            "A cell counts {containers}: from left to right by the share of the roles they need "
            "that are filled, upwards by the share of their members who did something in the last "
            "{span}.",
            containers=result.question.container.plural,
            span=span,
        )
    ]
    if len(result.acting):
        parts.append(
            message(
                "Below: those in an open opportunity whose deciding role is missing or silent, the "
                "largest open amount on top; an opportunity that belongs to several stands at each."
            )
        )
    if 0 < len(result.frame) < SMALL_GROUP:
        parts.append(message("There are fewer than {n}: shares jump with each one.", n=SMALL_GROUP))
    return " ".join(parts)


def notes(result: BuyingGroups) -> tuple[str, ...]:
    """What a reader must know of the tables."""
    out = []
    if result.question.container.name == "account":
        out.append(message("No buying groups are known, so each account counts as one."))
    if result.currency and result.found.groups["open_amount"].notna().any():
        out.append(
            message(
                "Amounts are in {currency}, {rule}.",
                currency=result.currency,
                rule=rule_in_words(result.question.workspace),
            )
        )
    elif len(result.found.deals.frame) and not result.currency:
        out.append(
            message("Amounts are in several currencies and no reporting currency is set: no sums.")
        )
    return tuple(out)


def definitions(result: BuyingGroups) -> list[str]:
    """The question in sentences."""
    question, found = result.question, result.found
    out = [
        message(
            "Complete: the mean over the roles that a group needs of the smaller of 1 and "
            "people assigned / people needed."
        ),
        message(
            "Engaged: did something in the {span} to {day}; what was sent to the person and what "
            "the own systems recorded does not count.",
            span=question.recent.in_words(),
            day=numbers.day(question.at, question.workspace.settings.report_tz),
        ),
        message(
            "Engagement: events of each role, at most {cap} of one person, kind and day, times the "
            "weight of the role; weights add up to 1 over the roles present.",
            cap=question.cap,
        ),
        message(
            "An opportunity belongs to the group of its account that shares most people with it; "
            "where nobody is shared, to every group of the account."
        ),
    ]
    out.append(
        message("Stages, owners, amounts and next steps of opportunities are those of today.")
    )
    if found.decisive:
        out.append(message("Deciding roles: {roles}.", roles=", ".join(found.decisive)))
    if question.period:
        out.append(message("Period: {period}.", period=str(question.period)))
    if question.segment:
        out.append(message("Only {segment}.", segment=question.segment.in_words()))
    return out
