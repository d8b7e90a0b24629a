"""What in-person events say: headline, how to read the bars, definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.messages import message, message_of_count
from workbench.money import rule_in_words
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures
from workbench.results.intervals import wilson

if TYPE_CHECKING:
    from workbench.journeys.gatherings.result import Gatherings


def headline(result: Gatherings) -> str:
    """How many came of those who held a place, and what followed."""
    if result.refusal:
        return result.refusal
    total = result.total
    if not total["events"]:
        return message_of_count(
            "{count} in-person event is planned and none was held yet.",
            "{count} in-person events are planned and none was held yet.",
            len(result.frame),
        )
    held = message_of_count("{count} in-person event", "{count} in-person events", total["events"])
    if not total["attended"]:
        return message("{held}, and nobody is recorded as having come.", held=held)
    text = message(
        "{attended} of {registered} that were registered came to {held} ({share}), from {accounts}",
        attended=numbers.count(total["attended"]),
        registered=numbers.count(total["registered"]),
        held=held,
        share=numbers.share(total["attended"] / total["registered"]),
        accounts=message_of_count("{count} account", "{count} accounts", total["accounts"]),
    )
    if total["ripe_accounts"] and "opportunity" in result.question.outcomes:
        text += message(
            "; {n} of {ripe} whose horizon is over had a new opportunity within {horizon}",
            n=numbers.count(total["opportunity_accounts"]),
            ripe=numbers.count(total["ripe_accounts"]),
            horizon=result.question.horizon.in_words(),
        )
    return text


def reading(result: Gatherings) -> str:
    """What the bars are, and that following is not causing."""
    if result.refusal:
        return ""
    parts = [
        message(
            "Left: people that were registered (grey) and came (blue), a person once at each "
            "event. Middle: accounts that came (grey) and those of them with a new opportunity "
            "within {horizon} (blue). What follows an event need not come from it: uplift asks "
            "that.",
            horizon=result.question.horizon.in_words(),
        )
    ]
    if result.frame["cost_per_influenced"].notna().any():
        parts.append(message("Right: cost per opportunity influenced."))
    young = int((~result.frame["horizon_over"] & (result.frame["state"] == "held")).sum())
    if young:
        parts.append(
            message_of_count(
                "* marks {count} event whose horizon is not over: more may follow.",
                "* marks {count} events whose horizon is not over: more may follow.",
                young,
            )
        )
    drawn = result.drawn
    if drawn < len(result.frame):
        parts.append(
            message(
                "The latest {n} of {total} events are drawn, the table has all.",
                n=drawn,
                total=len(result.frame),
            )
        )
    return " ".join(parts)


def definitions(result: Gatherings) -> list[str]:
    """The question in sentences."""
    question = result.question
    out = [
        message(
            "A person has one final status at an event: attended before no-show, else the one "
            "reached last. Registered: registered, attended or no-show."
        )
    ]
    if question.engaged:
        out.append(
            message(
                "Engaged account: it came, and within {span} after the day of the event one of "
                "these is recorded: {events}.",
                span=question.engaged_within.in_words(),
                events=", ".join(item.in_words() for item in question.engaged),
            )
        )
    for name, item in question.outcomes.items():
        out.append(
            message(
                "{name} accounts: came, and {words} within {horizon} after the start.",
                name=name.upper() if len(name) == 3 and name != "won" else name.capitalize(),
                words=item.in_words(),
                horizon=question.horizon.in_words(),
            )
        )
    out.append(
        message(
            "Influenced opportunity: of an account that came, open when the event began or created "
            "within {horizon} after. Amounts are those of today, {rule}.",
            horizon=question.horizon.in_words(),
            rule=rule_in_words(question.workspace),
        )
    )
    out.append(message("Cost of an event: actual cost of its campaign."))
    if question.period:
        out.append(message("Events that begin in {period}.", period=str(question.period)))
    if question.segment:
        out.append(message("Only people of {segment}.", segment=question.segment.in_words()))
    return out


def figures(result: Gatherings) -> Block:
    """Events, places taken up, accounts, those with an opportunity, cost per influenced one."""
    total = result.total
    out = [
        {
            "label": message("In-person events held"),
            **measured.count(total["events"]),
            "detail": message("{n} known", n=numbers.count(len(result.frame))),
        }
    ]
    if total["registered"]:
        low, high = wilson(np.array([total["attended"]]), np.array([total["registered"]]))
        out.append(
            {
                "label": message("Came, of those registered"),
                **measured.share(total["attended"], total["registered"]),
                "detail": f"{numbers.count(total['attended'])} / "
                f"{numbers.count(total['registered'])}",
                "interval": numbers.between(low[0], high[0]),
            }
        )
    if total["accounts"]:
        out.append(
            {
                "label": message("Accounts that came"),
                **measured.count(total["accounts"]),
                "detail": message("each once"),
            }
        )
    if total["ripe_accounts"] and "opportunity" in result.question.outcomes:
        out.append(
            {
                "label": message("Had a new opportunity after"),
                **measured.share(total["opportunity_accounts"], total["ripe_accounts"]),
                "detail": f"{numbers.count(total['opportunity_accounts'])} / "
                f"{numbers.count(total['ripe_accounts'])}",
            }
        )
    if not numbers.absent(total["cost_per_influenced"]):
        out.append(
            {
                "label": message("Cost per influenced opportunity"),
                **measured.money(total["cost_per_influenced"], result.found.worth.currency),
                "detail": message(
                    "{n} events with a cost, {k} opportunities",
                    n=numbers.count(total["priced_events"]),
                    k=numbers.count(total["influenced"]),
                ),
            }
        )
    return key_figures(out)
