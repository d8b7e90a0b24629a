"""What the list of anomalies says in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.messages import message, message_of_count
from workbench.money import rule_in_words
from workbench.results import numbers
from workbench.results.base import Block
from workbench.results.blocks import action_table
from workbench.results.tables import Column
from workbench.sales.kpis.anomaly.options import label_of

if TYPE_CHECKING:
    from workbench.sales.kpis.anomaly.result import Anomalies


def headline(result: Anomalies) -> str:
    """How many deals show an anomaly, and which one is seen most."""
    whole = result.frame[result.frame["group"] == ""]
    known = whole[whole["missing"] == ""]
    looked = int(result.chosen.sum())
    if not looked:
        return message("There are no deals to look at.")
    if known.empty:
        return message("Not one of the checks can be made with these data.")
    odd = len(result.deals)
    said = message(
        "{n} of {total} deals show something to look at",
        n=numbers.count(odd),
        total=numbers.count(looked),
    )
    if not odd:
        return message("{said}.", said=said)
    first = known.sort_values(["count", "check"], ascending=[False, True], kind="stable").iloc[0]
    return message(
        "{said}; most often: {label}, {n} of {total} {among}.",
        said=said,
        label=first["label"],
        n=numbers.count(first["count"]),
        total=numbers.count(first["total"]),
        among=first["among"],
    )


def reading(result: Anomalies) -> str:
    """Denominators, and that a deal may stand in several lines."""
    if not result.chosen.any():
        return ""
    said = message(
        "Each bar is the share of the deals that the check looks at. A deal may show several "
        "anomalies, so the lines do not add up."
    )
    if not result.currency:
        return said
    rule = rule_in_words(result.question.workspace)
    return said + " " + message("Amounts in {currency}, {rule}.", currency=result.currency,
                                rule=rule)  # fmt: skip


def definitions(result: Anomalies) -> list[str]:
    """Each check with its options."""
    return [
        message("{label} (check {name}).", label=label_of(name, options), name=name)
        for name, options in result.checks.items()
    ]


def notes(result: Anomalies) -> list[str]:
    """What is missing, and what the checks set aside."""
    out = []
    if result.question.facts.workspace.as_of < result.question.workspace.as_of:
        out.append(
            message("Seen from an earlier day; fields that carry no time are as they stand now.")
        )
    for name, found in result.found.items():
        label = label_of(name, result.checks[name])
        if isinstance(found, str):
            out.append(message("{label}: {what}", label=label, what=found))
        else:
            out += [message("{label}: {what}", label=label, what=note) for note in found.notes]
    whole = result.frame.loc[result.frame["group"] == "", "without_amount"]
    unpriced = int(whole.max()) if len(whole) else 0
    if unpriced:
        out.append(
            message_of_count(
                "Amounts leave out up to {count} deal without an amount or a rate.",
                "Amounts leave out up to {count} deals without an amount or a rate.",
                unpriced,
            )
        )
    return out


def shown(result: Anomalies) -> tuple[Column, ...]:
    """Columns of the table that a reader sees."""
    split = (Column("group_label", message("Whose")),) if result.question.by else ()
    return (
        Column("label", message("Anomaly")),
        *split,
        Column("count", message("Deals"), "count"),
        Column("total", message("Looked at"), "count"),
        Column("share", message("Share"), "share"),
        Column("amount", message("Amount"), "money", result.currency),
        Column("owner", message("Most with")),
        Column("owner_deals", message("Deals of this owner"), "count"),
        Column("missing", message("What is missing")),
        Column("check", message("Check")),
    )


def to_act_on(result: Anomalies, check: str | None, most: int) -> Block:
    """The deals with owner and reasons."""
    frame = result.members(check)
    what = label_of(check, result.checks[check]) if check else message("Deals to look at")
    heading = message("{what}: {n}", what=what, n=numbers.count(len(frame)))
    columns = (
        Column("owner", message("Owner")),
        Column("name", message("Deal")),
        Column("account", message("Account")),
        Column("detail", message("Why")),
        Column("stage", message("Stage")),
        Column("amount", message("Amount"), "money", result.currency),
        Column("expected_close_on", message("Expected close"), "date"),
        Column("anomalies", message("Anomalies"), "count"),
        Column("opportunity_id", message("Key")),
    )
    reading = message("Those with most anomalies first, then those with the largest amount.")
    return action_table(
        heading, reading, frame.head(most), columns, anchor=f"anomalies-{check or 'all'}",
        zone=result.question.workspace.settings.report_tz,
    )  # fmt: skip
