"""Three to five numbers of a flow for the head of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.journeys.flow.wording import anchor_name, counted_word, finding
from workbench.messages import message
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures

if TYPE_CHECKING:
    from workbench.journeys.flow.result import Flow


def figures(flow: Flow) -> Block:
    """Path views and containers of the anchor, its commonest neighbour, what ends beside it."""
    question, tables = flow.question, flow.tables
    out = [
        {
            "label": message("Path views of “{anchor}”", anchor=anchor_name(flow)),
            **measured.count(tables.starts),
            "detail": message(
                "in {n} {containers}",
                n=numbers.count(tables.anchored),
                containers=question.container.plural,
            ),
        }
    ]
    found = finding(flow)
    if found is not None:
        column, source, target = found
        links = flow.links
        link = links[
            (links["column"] == column) & (links["source"] == source) & (links["target"] == target)
        ].iloc[0]
        after = column >= 0
        total = link["source_value"] if after else link["target_value"]
        label = (
            message("“{item}” comes next", item=target)
            if after
            else message("“{item}” comes last before it", item=source)
        )
        detail = message(
            "{n} of {total} {counted}",
            n=numbers.count(link["value"]),
            total=numbers.count(total),
            counted=counted_word(flow),
        )
        out.append({"label": label, **measured.share(link["value"], total), "detail": detail})
        out.append(
            {
                "label": message("Median time between the two"),
                **measured.days(link["median_days"]),
                "detail": message("from row to row"),
            }
        )
    out += _ends(flow)
    return key_figures(out)


def _ends(flow: Flow) -> list[dict[str, str]]:
    """What ends directly beside the anchor."""
    words = {1: message("Nothing comes after it"), -1: message("Nothing comes before it")}
    out = []
    for column, label in words.items():
        if column not in flow.question.numbers or not flow.tables.start:
            continue
        nodes = flow.nodes[flow.nodes["column"] == column]
        ended = int(nodes.loc[nodes["kind"].isin(["exit", "entry"]), "value"].sum())
        out.append(
            {
                "label": label,
                **measured.share(ended, flow.tables.start),
                "detail": message(
                    "{n} of {total} {counted}",
                    n=numbers.count(ended),
                    total=numbers.count(flow.tables.start),
                    counted=counted_word(flow),
                ),
            }
        )
    return out
