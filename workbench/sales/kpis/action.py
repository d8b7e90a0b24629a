"""What a screen of KPIs offers next: lists to act on, and the figures that need it most."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Block
from workbench.results.blocks import action_table
from workbench.results.blocks import key_figures as block_of_figures
from workbench.results.tables import Column
from workbench.sales.kpis import wording
from workbench.sales.kpis.counting import ALL
from workbench.sales.kpis.judging import GREEN, GREY, state_word

if TYPE_CHECKING:
    from workbench.sales.kpis.result import Kpis


def offer(result: Kpis, kpi_id: str) -> str:
    """The next action of a KPI in a phrase: how many records, and whose most of them are."""
    lines = result.offers[result.offers["kpi_id"] == kpi_id]
    if lines.empty:
        return ""
    first = lines.iloc[0]
    what = first["what"] or message("Records")
    said = message("{what}: {n}", n=numbers.count(first["total"]), what=what)
    staff = lines[lines["owner_id"] != ""]
    if staff.empty or staff["records"].max() == 1:
        return said
    first = staff.iloc[0]
    return message(
        "{said}; most with {owner} ({n})", said=said, n=numbers.count(first["records"]),
        owner=first["owner"],
    )  # fmt: skip


def to_act_on(result: Kpis, kpi_id: str, most: int = 200) -> Block:
    """The list of one KPI with owner and reason."""
    frame = result.members(kpi_id, what="to_do")
    names = result.frame.drop_duplicates("kpi_id").set_index("kpi_id")
    heading = message(
        "{name}: {offer}",
        name=names.at[kpi_id, "name"],
        offer=offer(result, kpi_id) or message("nothing to act on"),
    )
    columns = [
        Column("owner", message("Owner")),
        Column("name", message("Name")),
        Column("account", message("Account")),
        Column("detail", message("Why")),
    ]
    if frame["stage"].notna().any():
        currency = result.question.facts.deals.currency
        columns += [
            Column("stage", message("Stage")),
            Column("amount", message("Amount"), "money", currency),
            Column("expected_close_on", message("Expected close"), "date"),
        ]
    columns.append(Column("record_id", message("Key")))
    reading = names.at[kpi_id, "next_action"]
    return action_table(
        heading, reading, frame.head(most), columns, anchor=f"kpi-{_plain(kpi_id)}",
        zone=result.question.workspace.settings.report_tz,
    )  # fmt: skip


def _plain(key: str) -> str:
    """A key as part of an anchor and of the name of a file."""
    return re.sub(r"\W+", "-", key).strip("-")[:60] or "list"


def key_figures(result: Kpis, most: int = 5) -> Block:
    """The KPIs farthest from their target first."""
    whole = result.frame[(result.frame["group"] == ALL) & (result.frame["kind"] != "")]
    rank = whole["status"].map({"red": 0, "amber": 1, GREEN: 2, GREY: 3})
    order = whole.assign(_rank=rank).sort_values(
        ["_rank", "attainment", "kpi_id"], kind="stable"
    )  # fmt: skip
    figures = []
    for line in order.head(most).to_dict("records"):
        currency = wording.currency_of(result, line["kpi_id"])
        target = wording.amount(line["target_to_date"], line["kind"], currency)
        figures.append(
            {
                "label": line["name"],
                "value": wording.amount(line["value"], line["kind"], currency),
                "raw": wording.raw(line, currency),
                "detail": message(
                    "{figure} · target {target} · {state}",
                    figure=wording.figure(line, currency),
                    target=target,
                    state=state_word(line["status"]),
                ),
                **(
                    {"interval": numbers.between(line["low"], line["high"])}
                    if not numbers.absent(line["low"])
                    else {}
                ),
            }
        )
    return block_of_figures(figures)
