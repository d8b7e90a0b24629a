"""Who to act on: customers with reasons to grow, customers at risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.messages import message
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import action_table, key_figures
from workbench.results.tables import Column

if TYPE_CHECKING:
    from workbench.journeys.growth.health import Health
    from workbench.journeys.growth.result import Growth


def to_act_on(result: Growth, *, with_open: bool = True, most: int = 200) -> Block:
    """Candidates with owner and reasons, those with most reasons first.

    Parameters
    ----------
    result : Growth
    with_open : bool
        Whether customers that already have an open opportunity are listed.
    most : int
        Rows shown.
    """
    frame = result.frame[result.frame["signals"] > 0]
    busy = int((frame["open_opportunities"] > 0).sum())
    frame = frame if with_open else frame[frame["open_opportunities"] == 0]
    heading = message(
        "{n} of {total} customers could buy more",
        n=numbers.count(len(frame)),
        total=numbers.count(len(result.frame)),
    )
    reading = message(
        "Most reasons first. {n} of the candidates already have an open opportunity.",
        n=numbers.count(busy),
    )
    columns = (
        Column("name", message("Customer")),
        Column("owner", message("Owner")),
        Column("candidate", message("Candidate for")),
        Column("reasons", message("Reasons")),
        Column("people_engaged", message("People engaged"), "count"),
        Column("open_opportunities", message("Open opportunities"), "count"),
        Column("open_amount", message("Open amount"), "money", result.currency),
        Column("key", message("Key")),
    )
    return action_table(
        heading, reading, frame.head(most), columns, anchor="customers-to-grow",
        zone=result.question.workspace.settings.report_tz,
    )  # fmt: skip


def health_to_act_on(result: Health, *, watch: bool = False, most: int = 200) -> Block:
    """Customers at risk with owner and what is wrong, the worst first.

    Parameters
    ----------
    result : Health
    watch : bool
        Whether those to be watched are listed too.
    most : int
        Rows shown.
    """
    states = ["at risk", "watch"] if watch else ["at risk"]
    frame = result.frame[result.frame["state"].isin(states)]
    heading = message(
        "{n} of {total} customers need a hand",
        n=numbers.count(len(frame)),
        total=numbers.count(len(result.frame)),
    )
    columns = (
        Column("name", message("Customer")),
        Column("owner", message("Owner")),
        Column("state", message("State")),
        Column("points", message("Points"), "count"),
        Column("possible", message("Of possible"), "count"),
        Column("reasons", message("What is wrong")),
        Column("contract_ends_at", message("Contract ends"), "date"),
        Column("open_opportunities", message("Open opportunities"), "count"),
        Column("key", message("Key")),
    )
    return action_table(
        heading, result.reading(), frame.head(most), columns, anchor="customers-at-risk",
        zone=result.of.question.workspace.settings.report_tz,
    )  # fmt: skip


def figures(result: Growth) -> Block:
    """Customers, candidates by reason, customers at risk."""
    summary = result.summary
    first = summary[summary["group"] == summary["group"].iloc[0]] if len(summary) else summary
    customers = result.found.customers
    by = customers["customer_by"].value_counts()
    out: list[dict[str, Any]] = [
        {
            "label": message("Customers"),
            **measured.count(len(customers)),
            "detail": message("{n} by contract", n=numbers.count(by.get("contract", 0))),
        }
    ]
    for line in first.itertuples():
        if line.total and line.measure in ("any", "rising use", "seats near the limit"):
            out.append(_figure(line.label, line))
    risk = result.health().counts
    risk = risk[(risk["state"] == "at risk") & (risk["total"] > 0)]
    if len(risk):
        out.append(_figure(message("At risk"), risk.iloc[0]))
    return key_figures(out)


def _figure(label: str, line: Any) -> dict[str, Any]:
    count = line["count"] if hasattr(line, "keys") else line.count
    return {
        "label": label,
        **measured.share(count, line.total),
        "detail": f"{numbers.count(count)} / {numbers.count(line.total)}",
        "interval": numbers.between(line.low, line.high),
    }
