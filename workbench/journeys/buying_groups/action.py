"""Who to act on: groups in an open opportunity whose deciding role is missing or silent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.messages import message
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import action_table, key_figures
from workbench.results.tables import Column

if TYPE_CHECKING:
    from workbench.journeys.buying_groups.result import BuyingGroups


def to_act_on(result: BuyingGroups, *, most: int = 200) -> Block:
    """Groups that wait for a decision, with owner and next step.

    Parameters
    ----------
    result : BuyingGroups
    most : int
        Rows shown.
    """
    question = result.question
    frame = result.acting.head(most).copy()
    frame["what"] = [what_is_wrong(result, row) for row in frame.itertuples()]
    in_deals = int((result.frame["open_opportunities"] > 0).sum())
    heading = message(
        "{n} of {total} {containers} in an open opportunity: the deciding role is missing or "
        "silent",
        n=numbers.count(len(result.acting)),
        total=numbers.count(in_deals),
        containers=question.container.plural,
    )
    reading = message(
        "Largest open amount first. Silent: nothing from anybody in the role for {span}.",
        span=question.recent.in_words(),
    )
    columns = (
        Column("name", question.container.singular.capitalize()),
        Column("owner", message("Owner")),
        Column("what", message("What is wrong")),
        Column("missing_roles", message("Missing roles")),
        Column("opportunity", message("Opportunity")),
        Column("open_amount", message("Open amount"), "money", result.currency),
        Column("next_close_on", message("Expected close"), "date"),
        Column("next_step", message("Next step")),
        Column("last_touch_at", message("Last contact"), "date"),
        Column("key", message("Key")),
    )
    return action_table(
        heading, reading, frame, columns,
        anchor="buying-groups-to-act-on", zone=question.workspace.settings.report_tz,
    )  # fmt: skip


def what_is_wrong(result: BuyingGroups, row: Any) -> str:
    """The deciding roles and their state."""
    return message(
        "{roles} {state}",
        roles=" / ".join(result.found.decisive),
        state=state_in_words(result, row),
    )


def state_in_words(result: BuyingGroups, row: Any) -> str:
    """The state of the deciding roles of a group."""
    if row.decision == "missing":
        return message("missing")
    if numbers.absent(row.decision_engaged_at):
        return message("never heard of")
    zone = result.question.workspace.settings.report_tz
    return message("silent since {day}", day=numbers.day(row.decision_engaged_at, zone))


def figures(result: BuyingGroups) -> Block:
    """Groups, how many are complete, how many decide, how many people are engaged, open amount."""
    summary = result.summary
    first = summary[summary["group"] == summary["group"].iloc[0]] if len(summary) else summary
    out: list[dict[str, Any]] = [
        {
            "label": result.question.container.plural.capitalize(),
            **measured.count(len(result.frame)),
            "detail": message(
                "{n} in an open opportunity",
                n=numbers.count((result.frame["open_opportunities"] > 0).sum()),
            ),
        }
    ]
    for line in first.itertuples():
        if line.total and line.measure in ("complete", "decision_engaged", "members_engaged"):
            out.append(
                {
                    "label": line.label,
                    **measured.share(line.count, line.total),
                    "detail": f"{numbers.count(line.count)} / {numbers.count(line.total)}",
                    "interval": numbers.between(line.low, line.high),
                }
            )
    amount = result.found.deals.open
    amount = amount[amount["opportunity_id"].isin(result.found.links["opportunity_id"])]["amount"]
    if amount.notna().any():
        out.append(
            {
                "label": message("Open amount"),
                **measured.money(float(amount.sum()), result.currency),
                "detail": message("{n} opportunities, each once", n=numbers.count(len(amount))),
            }
        )
    return key_figures(out)
